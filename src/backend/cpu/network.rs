//! A network of comparisons (Batcher's merge exchange, Knuth's algorithm 5.2.2M) over lines that lie side by side: each comparison is a
//! loop over lanes, which compilers make vectors of.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::quick::{Wanted, Words};
use crate::ops::simd::simd_rows;

/// Lines side by side.
pub(super) const LANES: usize = 64;
/// Lines longer than this are quicker one by one.
const LONGEST: usize = 128;

/// Networks that are remembered: of lines of every length, with some places that are read.
const MOST: usize = 1024;

/// Which word of a line is compared with which behind it.
type Pairs = Arc<[(u8, u8)]>;

/// Whether lines of so many words go through a network.
pub(super) fn is_for(len: usize) -> bool {
    (2..=LONGEST).contains(&len)
}

/// Sorts `lines` lines of `len` words, at the places that are read: word `i` of all of them, then word `i + 1`.
pub(super) fn sort<W: Words>(words: &mut [W], lines: usize, len: usize, wanted: Wanted<'_>) {
    let pairs = pairs(len, wanted);
    simd_rows(
        words,
        &mut [(); 0],
        #[inline(always)]
        |words: &mut [W], _: &mut [()]| {
            for &(low, high) in pairs.iter() {
                let (before, after) = words.split_at_mut(usize::from(high) * lines);
                let low = &mut before[usize::from(low) * lines..][..lines];
                for (low, high) in low.iter_mut().zip(&mut after[..lines]) {
                    (*low, *high) = ((*low).min(*high), (*low).max(*high));
                }
            }
        },
    );
}

/// The comparisons for lines of so many words of which these places are read.
fn pairs(len: usize, wanted: Wanted<'_>) -> Pairs {
    type Known = FxHashMap<(usize, Option<Box<[u64]>>), Pairs>;
    static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() > MOST {
        known.clear();
    }
    known.entry((len, wanted.map(Box::from))).or_insert_with(|| reaching(exchanges(len), wanted).into()).clone()
}

/// Those comparisons that have a say in what the places hold.
fn reaching(mut pairs: Vec<(u8, u8)>, wanted: Wanted<'_>) -> Vec<(u8, u8)> {
    let Some(wanted) = wanted else { return pairs };
    let mut counts = [false; LONGEST];
    wanted.iter().for_each(|&place| counts[place as usize] = true);
    // From the last: both of a comparison count before it, if one of them does behind it.
    pairs.reverse();
    pairs.retain(|&(low, high)| {
        let (low, high) = (usize::from(low), usize::from(high));
        let is_read = counts[low] || counts[high];
        counts[low] |= is_read;
        counts[high] |= is_read;
        is_read
    });
    pairs.reverse();
    pairs
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

    #[test]
    fn places_that_are_read_are_right() {
        for len in [2, 3, 7, 50, 101, LONGEST] {
            let all = exchanges(len);
            for wanted in [vec![0], vec![len / 2], vec![(len - 1) / 2, len / 2, len - 1]] {
                let wanted: Vec<u64> = wanted.into_iter().map(|place| place as u64).collect();
                let pairs = reaching(all.clone(), Some(&wanted));
                assert!(len < 7 || pairs.len() < all.len(), "{len}: {} of {}", pairs.len(), all.len());
                for step in 1..len {
                    let mut line: Vec<usize> = (0..len).map(|i| i * step % len).collect();
                    let mut sorted = line.clone();
                    sorted.sort();
                    for &(low, high) in &pairs {
                        let (low, high) = (usize::from(low), usize::from(high));
                        if line[low] > line[high] {
                            line.swap(low, high);
                        }
                    }
                    assert!(
                        wanted.iter().all(|&at| line[at as usize] == sorted[at as usize]),
                        "{len} {step} {wanted:?}"
                    );
                }
            }
        }
    }
}
