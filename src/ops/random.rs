//! The counter-based generator: Philox4x32-10 and what is drawn from it.
//!
//! Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11; the constants and the
//! known-answer vectors are those of Random123. A draw is a function of (seed, stream, element index) alone: the key
//! is the seed, the counter is (block, stream, attempt), where `block = index / per_block` and an element takes its own words
//! of the block. So the same array comes out for every chunking, slice, thread count and device.
//! The twin is `shaders/lib/philox.wgsl`.

use super::philox::{At, below64, threshold, word64};
pub use super::philox::{RandomSpec, philox};
use super::scalar::Real;
use super::simd::simd;
use super::strip::{STRIP, Strip};
use crate::dtype::DType;

/// What is drawn; everything else (`normal`, `exponential`, `integers`, ...) is arithmetic on these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RandomOp {
    /// A uniform word of the dtype, `u32` or `u64`.
    Bits,
    /// A uniform integer in `[0, range)`, `u32` or `u64`: multiply-shift with rejection (Lemire, "Fast random
    /// integer generation in an interval", 2019), so without bias; a rejected draw takes the next attempt's block.
    Below,
    /// A uniform float in [0, 1): 24 bits for `f32`, 53 for `f64`.
    Uniform,
    /// A standard normal float by Box–Muller: two from each pair of uniforms.
    Normal,
    /// Where a random permutation of the numbers below `range` has the element's index, `u32` (for ranges below 2³²) or `u64` (to 2⁶²): see
    /// `ops/permutation.rs`.
    Permutation,
}

impl RandomOp {
    /// Every draw.
    pub const ALL: &'static [Self] = &[Self::Bits, Self::Below, Self::Uniform, Self::Normal, Self::Permutation];

    /// The draw's name in plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bits => "bits",
            Self::Below => "below",
            Self::Uniform => "uniform",
            Self::Normal => "normal",
            Self::Permutation => "permutation",
        }
    }
    /// The dtypes it is defined for.
    #[must_use]
    pub const fn dtypes(self) -> [DType; 2] {
        match self {
            Self::Bits | Self::Below | Self::Permutation => [DType::U32, DType::U64],
            Self::Uniform | Self::Normal => [DType::F32, DType::F64],
        }
    }
}

/// Elements that share one Philox block: four 32-bit ones or two 64-bit ones.
#[must_use]
pub const fn per_block(dtype: DType) -> u64 {
    16 / dtype.size() as u64
}

/// The 53-bit uniform of two words, as an integer below 2⁵³ (in pieces that convert without 64-bit instructions).
#[inline(always)]
fn bits53(hi: u32, lo: u32) -> f64 {
    f64::from((hi >> 5) as i32) * 67_108_864.0 + f64::from((lo >> 6) as i32)
}
const ULP53: f64 = 1.0 / 9_007_199_254_740_992.0;
const ULP24: f32 = 1.0 / 16_777_216.0;

/// `f32` uniform of a word.
#[inline(always)]
fn uniform32(w: u32) -> f32 {
    (w >> 8) as i32 as f32 * ULP24
}

/// Two standard normals of two uniforms, the first in (0, 1].
#[inline(always)]
fn box_muller<T: Real>(u1: T, u2: (T, T)) -> (T, T) {
    let r = T::of(-2.0).mul(u1.ln()).sqrt();
    (r.mul(u2.0), r.mul(u2.1))
}

/// Two of the four `f32` normals of a block, of two of its words.
#[inline(always)]
fn normals32(radius: u32, angle: u32) -> (f32, f32) {
    // A word as f32 is below 2³² + 1; adding one keeps the logarithm finite, and full words reach 6.7σ.
    let u1 = ((radius >> 1) as i32 as f32 * 2.0 + 1.0) * (1.0 / 4_294_967_296.0);
    box_muller(u1, super::math::m32::sincospi2(uniform32(angle)))
}

/// The two `f64` normals of a block.
#[inline(always)]
fn normals64(w: [u32; 4]) -> [f64; 2] {
    let (a, b) =
        box_muller((bits53(w[0], w[1]) + 1.0) * ULP53, super::math::m64::sincospi2(bits53(w[2], w[3]) * ULP53));
    [a, b]
}

/// The four integers below `range` of a block's words, and whether one of them is rejected.
#[inline(always)]
fn below32s(words: [u32; 4], range: u64, limit: u64) -> ([u32; 4], bool) {
    let product = words.map(|w| u64::from(w) * range);
    let [a, b, c, d] = product.map(|p| u32::from((p as u32) < limit as u32));
    (product.map(|p| (p >> 32) as u32), a | b | c | d != 0)
}

/// Lemire's integer below `range` for element `lane` of `block`, 32-bit.
fn below32(spec: &RandomSpec, block: u64, lane: usize, threshold: u64) -> u32 {
    let mut attempt = 0;
    loop {
        let product = u64::from(spec.block(block, attempt)[lane]) * spec.range;
        if product & 0xffff_ffff >= threshold {
            return (product >> 32) as u32;
        }
        attempt += 1;
    }
}

/// Fills a strip with the draws of elements `index, index + step, ...`.
pub(crate) fn run(op: RandomOp, dtype: DType, spec: &RandomSpec, index: u64, step: i64, n: usize, out: &mut Strip) {
    let at = At { spec, index, step };
    // Bounds of 2³² itself are Bits; the mask keeps the multiply a 32×32 one.
    let (range, limit) = (spec.range & 0xffff_ffff, threshold(spec.range, 8 * dtype.size() as u32));
    let rejected = match (op, dtype) {
        (RandomOp::Bits, DType::U32) => draw(at, n, out, |w| (w, false)),
        (RandomOp::Bits, _) => draw(at, n, out, |w| ([word64(w, 0), word64(w, 1)], false)),
        (RandomOp::Uniform, DType::F32) => draw(at, n, out, |w| (w.map(uniform32), false)),
        (RandomOp::Uniform, _) => {
            draw(at, n, out, |w| ([bits53(w[0], w[1]) * ULP53, bits53(w[2], w[3]) * ULP53], false))
        }
        (RandomOp::Normal, DType::F32) if step == 1 => draw_normals32(at, n, out),
        (RandomOp::Normal, DType::F32) => draw(at, n, out, |w| {
            let ((a, b), (c, d)) = (normals32(w[0], w[1]), normals32(w[2], w[3]));
            ([a, b, c, d], false)
        }),
        (RandomOp::Normal, _) if step == 1 => draw_in_passes(at, n, out, |w| (normals64(w), false)),
        (RandomOp::Normal, _) => draw(at, n, out, |w| (normals64(w), false)),
        (RandomOp::Below, DType::U32) if step == 1 => draw_in_passes(at, n, out, |w| below32s(w, range, limit)),
        (RandomOp::Below, DType::U32) => draw(at, n, out, |w| below32s(w, range, limit)),
        (RandomOp::Below, _) => draw(at, n, out, |w| {
            let product = [0, 1].map(|lane| u128::from(word64(w, lane)) * u128::from(spec.range));
            (product.map(|p| (p >> 64) as u64), product.iter().any(|p| (*p as u64) < limit))
        }),
        (RandomOp::Permutation, _) => {
            super::permutation::run(dtype, at, n, out);
            false
        }
    };
    if rejected && dtype == DType::U32 {
        at.each(out.get_mut(n), |block, lane| below32(spec, block, lane, limit));
    } else if rejected {
        at.each(out.get_mut(n), |block, lane| below64(spec, block, lane, limit));
    }
}

/// Blocks a strip of four-element blocks touches.
const BLOCKS: usize = STRIP / 4 + 2;

/// Draws a strip of `f32` normals, in loops that are small enough to be vectorised: all words, then each half of the blocks.
fn draw_normals32(at: At<'_>, n: usize, out: &mut Strip) -> bool {
    let out = out.get_mut::<f32>(n);
    let (first, skip) = (at.index / 4, (at.index % 4) as usize);
    let blocks = (skip + n).div_ceil(4);
    let mut words = [[0u32; BLOCKS]; 4];
    let mut normals = [[0f32; BLOCKS]; 4];
    let mut scratch = [[0f32; 4]; BLOCKS];
    let (words, scratch) = (words.each_mut().map(|w| &mut w[..blocks]), &mut scratch[..blocks]);
    simd(
        #[inline(always)]
        || {
            let [w0, w1, w2, w3] = words;
            for i in 0..blocks {
                [w0[i], w1[i], w2[i], w3[i]] = at.spec.block(first + i as u64, 0);
            }
            let [a, b, c, d] = normals.each_mut().map(|x| &mut x[..blocks]);
            for i in 0..blocks {
                (a[i], b[i]) = normals32(w0[i], w1[i]);
            }
            for i in 0..blocks {
                (c[i], d[i]) = normals32(w2[i], w3[i]);
            }
            for i in 0..blocks {
                scratch[i] = [a[i], b[i], c[i], d[i]];
            }
        },
    );
    out.copy_from_slice(&scratch.as_flattened()[skip..skip + n]);
    false
}

/// Draws a strip as [`draw`] does where elements follow each other, in loops that are small enough to be vectorised: all words,
/// what is made of them, and the elements in order.
#[inline(always)]
fn draw_in_passes<T: bytemuck::Pod, const N: usize>(
    at: At<'_>,
    n: usize,
    out: &mut Strip,
    values: impl Fn([u32; 4]) -> ([T; N], bool),
) -> bool {
    /// Blocks a strip of two-element blocks touches.
    const PAIRS: usize = STRIP / 2 + 1;
    let out = out.get_mut::<T>(n);
    let (first, skip) = (at.index / N as u64, (at.index % N as u64) as usize);
    let blocks = (skip + n).div_ceil(N);
    let mut words = [[0u32; PAIRS]; 4];
    let mut lanes = [[T::zeroed(); PAIRS]; N];
    let mut scratch = [[T::zeroed(); N]; PAIRS];
    let (words, scratch) = (words.each_mut().map(|w| &mut w[..blocks]), &mut scratch[..blocks]);
    let rejected = simd(
        #[inline(always)]
        || {
            let [w0, w1, w2, w3] = words;
            for i in 0..blocks {
                [w0[i], w1[i], w2[i], w3[i]] = at.spec.block(first + i as u64, 0);
            }
            let mut lanes = lanes.each_mut().map(|lane| &mut lane[..blocks]);
            let mut rejected = 0;
            for i in 0..blocks {
                let (block, reject) = values([w0[i], w1[i], w2[i], w3[i]]);
                for (lane, value) in lanes.iter_mut().zip(block) {
                    lane[i] = value;
                }
                rejected |= u32::from(reject);
            }
            for (i, slot) in scratch.iter_mut().enumerate() {
                for (value, lane) in slot.iter_mut().zip(&lanes) {
                    *value = lane[i];
                }
            }
            rejected != 0
        },
    );
    out.copy_from_slice(&scratch.as_flattened()[skip..skip + n]);
    rejected
}

/// Draws a strip at the first attempt: whole blocks where elements follow each other, a block an element otherwise. `values`
/// makes a block's elements and says whether one of them is rejected; the result is whether any was.
#[inline(always)]
fn draw<T: bytemuck::Pod, const N: usize>(
    at: At<'_>,
    n: usize,
    out: &mut Strip,
    values: impl Fn([u32; 4]) -> ([T; N], bool),
) -> bool {
    let out = out.get_mut::<T>(n);
    let mut rejected = false;
    if at.step == 1 {
        let first = at.index / N as u64;
        let skip = (at.index % N as u64) as usize;
        // Blocks land here first: the strip may start and end inside one.
        let mut scratch = [[T::zeroed(); N]; STRIP / 2 + 2];
        let scratch = &mut scratch[..(skip + n).div_ceil(N)];
        simd(
            #[inline(always)]
            || {
                for (i, slot) in scratch.iter_mut().enumerate() {
                    let (block, reject) = values(at.spec.block(first + i as u64, 0));
                    *slot = block;
                    rejected |= reject;
                }
            },
        );
        out.copy_from_slice(&scratch.as_flattened()[skip..skip + n]);
    } else {
        simd(
            #[inline(always)]
            || {
                let mut any = false;
                for (i, o) in out.iter_mut().enumerate() {
                    let at_i = at.index.wrapping_add((i as i64).wrapping_mul(at.step) as u64);
                    let (block, reject) = values(at.spec.block(at_i / N as u64, 0));
                    *o = block[(at_i % N as u64) as usize];
                    any |= reject;
                }
                rejected = any;
            },
        );
    }
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random123's `kat_vectors` for philox4x32-10.
    #[test]
    fn philox_gives_the_known_answers() {
        let ff = u32::MAX;
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([ff; 4], [ff; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn strided_draws_are_the_contiguous_ones() {
        let spec = RandomSpec { seed: 7, stream: 3, range: 3_000_000_000 };
        for &op in RandomOp::ALL {
            for dtype in op.dtypes() {
                let (mut all, mut some) = (Strip::default(), Strip::default());
                run(op, dtype, &spec, 5, 1, 300, &mut all);
                run(op, dtype, &spec, 5 + 299, -3, 100, &mut some);
                let size = dtype.size();
                for i in 0..100 {
                    let at = (299 - 3 * i) * size;
                    assert_eq!(
                        some.bytes(dtype, 100)[i * size..][..size],
                        all.bytes(dtype, 300)[at..][..size],
                        "{op:?} {dtype} {i}"
                    );
                }
            }
        }
    }

    #[test]
    fn below_rejects_what_would_be_biased() {
        // Three quarters of 2³²: a quarter of the first attempts is rejected.
        let spec = RandomSpec { seed: 1, stream: 0, range: 3 << 30 };
        let limit = threshold(spec.range, 32);
        let mut counts = [0; 3];
        for i in 0..30_000 {
            counts[(below32(&spec, i, 0, limit) >> 30) as usize] += 1;
        }
        assert!(counts.iter().all(|&c| (9500..10_500).contains(&c)), "{counts:?}");
    }
}
