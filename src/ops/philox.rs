//! Philox4x32-10, which array its blocks are of, and integers below a bound: what draws and permutations share. Sources: `random.rs`.

/// Which random array: all that a draw depends on beside the element index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RandomSpec {
    /// The generator's seed: the Philox key.
    pub seed: u64,
    /// The number of the array among those the generator made.
    pub stream: u32,
    /// The exclusive upper bound of [`Below`](super::RandomOp::Below), the numbers of a [`Permutation`](super::RandomOp::Permutation); 1 or more.
    pub range: u64,
}

pub(super) const M0: u32 = 0xD251_1F53;
pub(super) const M1: u32 = 0xCD9E_8D57;
pub(super) const W0: u32 = 0x9E37_79B9;
pub(super) const W1: u32 = 0xBB67_AE85;

/// One block of Philox4x32-10.
#[inline(always)]
#[must_use]
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let ([mut c0, mut c1, mut c2, mut c3], [mut k0, mut k1]) = (counter, key);
    for _ in 0..10 {
        let p0 = u64::from(M0) * u64::from(c0);
        let p1 = u64::from(M1) * u64::from(c2);
        (c0, c1, c2, c3) = ((p1 >> 32) as u32 ^ c1 ^ k0, p1 as u32, (p0 >> 32) as u32 ^ c3 ^ k1, p0 as u32);
        k0 = k0.wrapping_add(W0);
        k1 = k1.wrapping_add(W1);
    }
    [c0, c1, c2, c3]
}

impl RandomSpec {
    /// The four words of a block.
    #[inline(always)]
    pub(crate) fn block(&self, block: u64, attempt: u32) -> [u32; 4] {
        philox([block as u32, (block >> 32) as u32, self.stream, attempt], [self.seed as u32, (self.seed >> 32) as u32])
    }
}

/// `2^bits mod range`: products whose low word is below it are rejected.
pub(super) const fn threshold(range: u64, bits: u32) -> u64 {
    if bits == 32 { ((1 << 32) - range) % range } else { range.wrapping_neg() % range }
}

/// Lemire's integer below `range` for element `lane` of `block`, 64-bit.
pub(super) fn below64(spec: &RandomSpec, block: u64, lane: usize, threshold: u64) -> u64 {
    let mut attempt = 0;
    loop {
        let w = spec.block(block, attempt);
        let product = u128::from(word64(w, lane)) * u128::from(spec.range);
        if product as u64 >= threshold {
            return (product >> 64) as u64;
        }
        attempt += 1;
    }
}

/// The first integer below `range` of a block.
pub(super) fn draw_below(spec: &RandomSpec, block: u64, range: u64) -> u64 {
    below64(&RandomSpec { range, ..*spec }, block, 0, threshold(range, 64))
}

#[inline(always)]
pub(super) fn word64(w: [u32; 4], lane: usize) -> u64 {
    u64::from(w[2 * lane]) << 32 | u64::from(w[2 * lane + 1])
}

/// Where a strip's elements are among all draws.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) spec: &'a RandomSpec,
    pub(super) index: u64,
    pub(super) step: i64,
}

impl At<'_> {
    /// Every element by its block and its lane in it.
    #[inline(always)]
    pub(super) fn each<T>(self, out: &mut [T], value: impl Fn(u64, usize) -> T) {
        let per = 16 / size_of::<T>() as u64;
        for (i, o) in out.iter_mut().enumerate() {
            let at = self.index.wrapping_add((i as i64).wrapping_mul(self.step) as u64);
            *o = value(at / per, (at % per) as usize);
        }
    }
}
