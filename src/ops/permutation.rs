//! Places of a random permutation, each from its index alone: a cipher of the numbers below `range` (Black and Rogaway, "Ciphers with
//! arbitrary finite domains", CT-RSA 2002).
//!
//! A number below `2^k · count`, the first such product with `2^k ≥ count` that is `range` or more, has a low digit of `k` bits and a high one
//! below `count`. In turn each digit is moved on, around, by a word that is made of the other one and a key: a bijection, whatever the
//! words are. A result that is not below `range` is put in again until it is one, which happens to less than two in `√range`. Words are made
//! as Philox makes them, by products of whose halves the exclusive or is taken; keys are a block of the array's stream, and
//! grow by Philox's steps. One lap leaves traces that tests see, and so do two; six are taken.
//! The twin is in `shaders/lib/philox.wgsl`.

use super::philox::{At, M0, M1, RandomSpec, W0, W1, draw_below};
use super::simd::simd;
use super::strip::{STRIP, Strip};
use crate::dtype::DType;

/// Laps over both digits.
const LAPS: u32 = 6;
/// The attempt whose block the keys are; draws begin at 0.
const KEYS: u32 = u32::MAX;

/// How the numbers below a range are moved around.
#[derive(Clone, Copy)]
struct Cipher {
    range: u64,
    /// Bits of the low digit.
    bits: u32,
    /// High digits.
    count: u32,
    keys: [u32; 4],
}

/// A word of a digit.
#[inline(always)]
fn word(x: u32, keys: [u32; 2]) -> u32 {
    let fold = |product: u64| (product >> 32) as u32 ^ product as u32;
    let first = fold(u64::from(M0) * u64::from(x ^ keys[0]));
    fold(u64::from(M1) * u64::from(first ^ keys[1]))
}

/// A word led to below `limit`.
#[inline(always)]
fn scaled(word: u32, limit: u32) -> u32 {
    ((u64::from(word) * u64::from(limit)) >> 32) as u32
}

impl Cipher {
    fn new(spec: &RandomSpec) -> Self {
        let last = spec.range.max(1) - 1;
        let bits = (u64::BITS - last.leading_zeros()).div_ceil(2);
        Self { range: last + 1, bits, count: (last >> bits) as u32 + 1, keys: spec.block(0, KEYS) }
    }
    /// A number, moved once.
    #[inline(always)]
    fn lap(&self, at: u64, laps: u32) -> u64 {
        let size = 1u32 << self.bits;
        let (mut low, mut high) = (at as u32 & (size - 1), (at >> self.bits) as u32);
        let [a, b, c, d] = self.keys;
        for lap in 0..laps {
            let (first, second) = (lap.wrapping_mul(W0), lap.wrapping_mul(W1));
            let key = |one: u32, other: u32| [one.wrapping_add(first), other.wrapping_add(second)];
            low = low.wrapping_add(scaled(word(high, key(a, b)), size)) & (size - 1);
            let moved = high.wrapping_add(scaled(word(low, key(c, d)), self.count));
            high = if moved >= self.count { moved - self.count } else { moved };
        }
        u64::from(high) << self.bits | u64::from(low)
    }
    /// Where the number goes. Those from `range` on are counted around.
    fn place(&self, index: u64, laps: u32) -> u64 {
        let mut at = self.lap(index % self.range, laps);
        while at >= self.range {
            at = self.lap(at, laps);
        }
        at
    }
}

/// Fills a strip with the places of elements.
pub(super) fn run(dtype: DType, at: At<'_>, n: usize, out: &mut Strip) {
    let cipher = Cipher::new(at.spec);
    let (mut index, mut place) = ([0u64; STRIP], [0u64; STRIP]);
    let (index, place) = (&mut index[..n], &mut place[..n]);
    let mask = if dtype == DType::U32 { u64::from(u32::MAX) } else { u64::MAX };
    simd(
        #[inline(always)]
        || {
            for (i, (index, place)) in index.iter_mut().zip(&mut *place).enumerate() {
                *index = at.index.wrapping_add((i as i64).wrapping_mul(at.step) as u64) & mask;
                *place = cipher.lap(*index, LAPS);
            }
        },
    );
    for (&index, place) in index.iter().zip(&mut *place) {
        if index.max(*place) >= cipher.range {
            *place = cipher.place(index, LAPS);
        }
    }
    if dtype == DType::U32 {
        out.get_mut::<u32>(n).iter_mut().zip(place).for_each(|(out, place)| *out = *place as u32);
    } else {
        out.get_mut::<u64>(n).copy_from_slice(place);
    }
}

/// The numbers below a range in a random order, all of them (Fisher and Yates): each order is equally likely. For short ones, of which
/// the keys of a cipher have not all orders.
pub(crate) fn shuffled(spec: &RandomSpec, range: u64) -> Vec<u64> {
    let mut all: Vec<u64> = (0..range).collect();
    for last in (1..all.len()).rev() {
        all.swap(last, draw_below(spec, last as u64, last as u64 + 1) as usize);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher(seed: u64, range: u64) -> Cipher {
        Cipher::new(&RandomSpec { seed, stream: 1, range })
    }

    #[test]
    fn every_range_is_permuted_whole() {
        for range in (1..700).chain([4096, 4097, 4099, 65_535, 65_536, 65_537, 1_000_003]) {
            let cipher = cipher(range, range);
            assert!(u64::from(cipher.count) << cipher.bits >= range && (range < 2 || cipher.count <= 1 << cipher.bits));
            let mut seen = vec![false; range as usize];
            for index in 0..range {
                assert!(!std::mem::replace(&mut seen[cipher.place(index, LAPS) as usize], true), "{range} {index}");
            }
        }
    }

    /// χ² of counts that should be equal, less its mean and in its deviations.
    fn excess(counts: &[u32]) -> f64 {
        let (cells, n) = (counts.len() as f64, f64::from(counts.iter().sum::<u32>()));
        let squares: f64 = counts.iter().map(|&count| (f64::from(count) - n / cells).powi(2)).sum();
        (squares / (n / cells) - (cells - 1.0)) / (2.0 * (cells - 1.0)).sqrt()
    }

    /// The worst of several tests over seeds: where single indices go, how far neighbours and others at some distance are from each other,
    /// and the order of three; and of pairs of neighbours under one key.
    fn worst(range: u64, laps: u32) -> f64 {
        const SEEDS: u64 = 10_000;
        let cell = |value: u64, cells: u64| (u128::from(value) * u128::from(cells) / u128::from(range)) as usize;
        let mut found = 0f64;
        for apart in [1, 2, 1 << 7, range / 3, 1 << cipher(0, range).bits] {
            let (mut single, mut differences, mut low, mut orders) = ([0; 64], [0; 64], [0; 64], [0; 8]);
            for seed in 0..SEEDS {
                let cipher = cipher(seed, range);
                let index = seed.wrapping_mul(0x9E37_79B9) % (range / 3);
                let [a, b, c] = [0, 1, 2].map(|k| cipher.place((index + k * apart) % range, laps));
                single[cell(a, 64)] += 1;
                differences[cell((b + range - a) % range, 64)] += 1;
                low[((a ^ b) % 64) as usize] += 1;
                orders[[a < b, b < c, a < c].iter().fold(0, |bits, &less| bits << 1 | usize::from(less))] += 1;
            }
            // Three numbers have six orders.
            let orders = [0, 2, 3, 4, 5, 7].map(|order: usize| orders[order]);
            let all = [excess(&single), excess(&differences), excess(&low), excess(&orders)];
            found = all.into_iter().fold(found, f64::max);
        }
        // Along the indices of one key.
        for seed in 0..4 {
            let cipher = cipher(seed, range);
            let (mut pairs, mut bits) = (vec![0; 32 * 32], [0; 64]);
            for index in 0..100_000.min(range - 1) {
                let [a, b] = [index, index + 1].map(|at| cipher.place(at, laps));
                pairs[32 * cell(a, 32) + cell(b, 32)] += 1;
                bits[((b + range - a) % range % 64) as usize] += 1;
            }
            found = found.max(excess(&pairs)).max(excess(&bits));
        }
        found
    }

    #[test]
    fn neighbours_do_not_know_each_other_after_half_of_the_laps() {
        for range in [5000, 1 << 16, 10_000_000, 1 << 30, 3 << 40] {
            let found = [1, 2, 3, LAPS].map(|laps| worst(range, laps));
            println!("{range}: {found:?}");
            assert!(found[0] > 20.0, "the tests see too few rounds: {range} {found:?}");
            assert!(found[2] < 6.0 && found[3] < 6.0, "{range}: {found:?}");
        }
    }

    #[test]
    fn short_ones_have_every_order_equally_often() {
        let mut counts = std::collections::HashMap::<Vec<u64>, u32>::new();
        for seed in 0..24_000 {
            *counts.entry(shuffled(&RandomSpec { seed, stream: 0, range: 1 }, 4)).or_default() += 1;
        }
        let counts: Vec<u32> = counts.into_values().collect();
        assert!(counts.len() == 24 && excess(&counts) < 5.0, "{counts:?}");
    }
}
