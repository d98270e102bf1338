//! One long line: parts of it are sorted, and merged two by two; threads share both.

use super::jobs::{each_job, shared};
use super::quick::{Wanted, Words};

/// Words below which a line is not shared.
const SHARED: usize = 1 << 17;
/// Merged words of a job: with where they come from, what a core has near.
const RUN: usize = 1 << 14;

/// Brings a line into order: `turn` makes words of what is there, given its place; `back` makes of the words what they stand for. Whether
/// the result is where the line was, and not in the other memory. Where only some places are read, those are right.
pub(super) fn sort<W: Words>(
    words: &mut [W],
    spare: &mut [W],
    wanted: Wanted<'_>,
    turn: &(dyn Fn(usize, &mut [W]) + Sync),
    back: &(dyn Fn(&mut [W]) + Sync),
) -> bool {
    let threads = if shared() { rayon::current_num_threads() } else { 1 };
    let len = words.len();
    let is_one = threads == 1 || len < SHARED || wanted.is_some();
    let mut width = if is_one { len } else { len.div_ceil(threads.next_power_of_two()) };
    if is_one {
        // What is done in passes is shared all the same.
        each_job(words.chunks_mut(RUN).enumerate().collect(), &|(run, words): (usize, &mut [W])| {
            turn(run * RUN, words);
        });
        W::sort(words, spare, wanted);
        each_job(words.chunks_mut(RUN).collect(), back);
        return true;
    }
    let parts = words.chunks_mut(width).zip(spare.chunks_mut(width)).enumerate();
    each_job(parts.collect(), &|(part, (words, spare)): (usize, (&mut [W], &mut [W]))| {
        turn(part * width, words);
        W::sort(words, spare, None);
    });
    let (mut from, mut to, mut is_here) = (words, spare, true);
    while width < len {
        let (source, is_last): (&[W], bool) = (from, 2 * width >= len);
        let jobs = to
            .chunks_mut(2 * width)
            .enumerate()
            .flat_map(|(pair, out)| out.chunks_mut(RUN).enumerate().map(move |(run, out)| (pair, run * RUN, out)));
        each_job(jobs.collect(), &|(pair, start, out): (usize, usize, &mut [W])| {
            let two = &source[2 * pair * width..(2 * (pair + 1) * width).min(len)];
            let (left, right) = two.split_at(width.min(two.len()));
            let ((a, b), (c, d)) = (cut(left, right, start), cut(left, right, start + out.len()));
            merge(&left[a..c], &right[b..d], out);
            if is_last {
                back(out);
            }
        });
        (from, to, is_here) = (to, from, !is_here);
        width *= 2;
    }
    is_here
}

/// Words in order as parts of some size that begin where a word is `apart` from the one before.
pub(super) fn split<'a>(mut words: &'a mut [u64], apart: &dyn Fn(u64, u64) -> bool) -> Vec<&'a mut [u64]> {
    let mut parts = Vec::new();
    while !words.is_empty() {
        let end = (RUN..words.len()).find(|&at| apart(words[at - 1], words[at])).unwrap_or(words.len());
        let (part, rest) = words.split_at_mut(end);
        parts.push(part);
        words = rest;
    }
    parts
}

/// How many of the first `at` words of two merged lines are of each.
fn cut<W: Words>(left: &[W], right: &[W], at: usize) -> (usize, usize) {
    let (mut least, mut most) = (at.saturating_sub(right.len()), at.min(left.len()));
    while least < most {
        let middle = least + (most - least) / 2;
        // Of equal ones the left is first.
        if right[at - middle - 1] < left[middle] { most = middle } else { least = middle + 1 }
    }
    (least, at - least)
}

fn merge<W: Words>(left: &[W], right: &[W], out: &mut [W]) {
    let (mut a, mut b) = (0, 0);
    for at in 0..out.len() {
        if a == left.len() || b == right.len() {
            out[at..at + left.len() - a].copy_from_slice(&left[a..]);
            out[at + left.len() - a..].copy_from_slice(&right[b..]);
            return;
        }
        // Without a branch: which of them is next nobody can foresee.
        let is_right = right[b] < left[a];
        out[at] = if is_right { right[b] } else { left[a] };
        b += usize::from(is_right);
        a += usize::from(!is_right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_merged_for_every_number_of_threads() {
        for (threads, len) in [(1, SHARED), (2, SHARED), (3, SHARED + 1), (5, 3 * SHARED - 7)] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let key = |i: usize| (i as u32).wrapping_mul(2_654_435_761) % 65_537;
            let mut expected: Vec<u32> = (0..len).map(|i| key(i) + 1).collect();
            expected.sort();
            let (mut words, mut spare) = (vec![0; len], vec![0; len]);
            let turn = |start: usize, words: &mut [u32]| (start..).zip(words).for_each(|(i, word)| *word = key(i));
            let back = |words: &mut [u32]| words.iter_mut().for_each(|word| *word += 1);
            let is_here = pool.install(|| sort(&mut words, &mut spare, None, &turn, &back));
            assert!(if is_here { words } else { spare } == expected, "{threads} {len}");
        }
    }

    #[test]
    fn what_belongs_together_is_not_split() {
        let mut words: Vec<u64> = (0..5 * RUN as u64).map(|i| i / 1000).collect();
        words.extend(vec![u64::MAX; 2 * RUN]);
        let all = words.clone();
        let parts = split(&mut words, &|a, b| a != b);
        assert!(parts.len() > 3 && parts.windows(2).all(|two| two[0].last() != two[1].first()));
        assert_eq!(parts.concat(), all);
        assert!(split(&mut [], &|_, _| true).is_empty());
    }
}
