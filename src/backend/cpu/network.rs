//! A network of comparisons (Batcher's merge exchange, Knuth's algorithm 5.2.2M) over lines that lie side by side: each comparison is a
//! loop over lanes, which compilers make vectors of.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::items::Item;
use crate::ops::simd::simd_rows;

/// Lines side by side.
pub(super) const LANES: usize = 64;
/// Lines longer than this are quicker one by one.
const LONGEST: usize = 128;

/// Which item of a line is compared with which behind it.
type Pairs = Arc<[(u8, u8)]>;

/// Whether lines of so many items go through a network: two words have no comparison in vectors.
pub(super) fn is_for<I: Item>(len: usize) -> bool {
    (2..=LONGEST).contains(&len) && size_of::<I>() <= 8
}

/// Sorts `lines` lines of `len` items: item `i` of all of them, then item `i + 1`.
pub(super) fn sort<I: Item>(items: &mut [I], lines: usize, len: usize) {
    let pairs = pairs(len);
    simd_rows(
        items,
        &mut [(); 0],
        #[inline(always)]
        |items: &mut [I], _: &mut [()]| {
            for &(low, high) in pairs.iter() {
                let (before, after) = items.split_at_mut(usize::from(high) * lines);
                let low = &mut before[usize::from(low) * lines..][..lines];
                for (low, high) in low.iter_mut().zip(&mut after[..lines]) {
                    (*low, *high) = ((*low).min(*high), (*low).max(*high));
                }
            }
        },
    );
}

/// The comparisons for lines of so many items.
fn pairs(len: usize) -> Pairs {
    static KNOWN: LazyLock<Mutex<FxHashMap<usize, Pairs>>> = LazyLock::new(Mutex::default);
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).entry(len).or_insert_with(|| exchanges(len).into()).clone()
}

fn exchanges(len: usize) -> Vec<(u8, u8)> {
    let mut pairs = Vec::new();
    let top = len.next_power_of_two() / 2;
    let mut p = top;
    while p > 0 {
        let (mut q, mut r, mut d) = (top, 0, p);
        loop {
            pairs.extend((0..len - d).filter(|i| i & p == r).map(|i| (i as u8, (i + d) as u8)));
            if q == p {
                break;
            }
            (d, q, r) = (q - p, q / 2, p);
        }
        p /= 2;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A network that sorts every line of zeros and ones sorts every line; of those with many, one of each kind of border.
    #[test]
    fn every_length_is_sorted() {
        for len in 2..=LONGEST {
            let pairs = exchanges(len);
            let sorted = |mut line: Vec<u8>| {
                for &(low, high) in &pairs {
                    let (low, high) = (usize::from(low), usize::from(high));
                    if line[low] > line[high] {
                        line.swap(low, high);
                    }
                }
                line.is_sorted()
            };
            if len <= 12 {
                assert!((0..1u32 << len).all(|bits| sorted((0..len).map(|i| (bits >> i & 1) as u8).collect())));
            }
            for step in 1..len {
                assert!(sorted((0..len).map(|i| (i * step % 7) as u8).collect()), "{len} {step}");
                assert!(sorted((0..len).map(|i| u8::from(i < step)).collect()), "{len} {step}");
                assert!(sorted((0..len).map(|i| ((len - i) * step % len) as u8).collect()), "{len} {step}");
            }
        }
    }
}
