//! One long line: parts of it are sorted, and merged two by two; threads share both.

use super::items::Item;
use super::jobs::{each_job, shared};

/// Items below which a line is not shared.
const SHARED: usize = 1 << 17;
/// Merged items of a job.
const RUN: usize = 1 << 16;

/// The items in order: in the one memory or the other.
pub(super) fn sort<'a, I: Item>(items: &'a mut Vec<I>, spare: &'a mut Vec<I>) -> &'a [I] {
    let threads = if shared() { rayon::current_num_threads() } else { 1 };
    if threads == 1 || items.len() < SHARED {
        items.sort_unstable();
        return items;
    }
    let mut width = items.len().div_ceil(threads.next_power_of_two());
    each_job(items.chunks_mut(width).collect(), &<[I]>::sort_unstable);
    spare.resize(items.len(), I::default());
    let (mut from, mut to) = (items, spare);
    while width < from.len() {
        let source: &[I] = from;
        let two = |pair: usize| {
            let (start, middle) = (2 * pair * width, (2 * pair + 1) * width);
            let end = (start + 2 * width).min(source.len());
            source[start..end].split_at(middle.min(end) - start)
        };
        let jobs = to
            .chunks_mut(2 * width)
            .enumerate()
            .flat_map(|(pair, out)| out.chunks_mut(RUN).enumerate().map(move |(run, out)| (pair, run * RUN, out)));
        each_job(jobs.collect(), &|(pair, start, out): (usize, usize, &mut [I])| {
            let (left, right) = two(pair);
            let cut = |at| cut(left, right, at);
            let ((a, b), (c, d)) = (cut(start), cut(start + out.len()));
            merge(&left[a..c], &right[b..d], out);
        });
        (from, to) = (to, from);
        width *= 2;
    }
    from
}

/// How many of the first `at` items of two merged lines are of each.
fn cut<I: Item>(left: &[I], right: &[I], at: usize) -> (usize, usize) {
    let (mut least, mut most) = (at.saturating_sub(right.len()), at.min(left.len()));
    while least < most {
        let middle = least + (most - least) / 2;
        // Of equal ones the left is first.
        if right[at - middle - 1] < left[middle] { most = middle } else { least = middle + 1 }
    }
    (least, at - least)
}

fn merge<I: Item>(left: &[I], right: &[I], out: &mut [I]) {
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
    use super::super::items::Narrow;
    use super::*;

    #[test]
    fn parts_are_merged_for_every_number_of_threads() {
        for (threads, len) in [(2, SHARED), (3, SHARED + 1), (5, 3 * SHARED - 7)] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut items: Vec<Narrow> = (0..len as u64).map(|i| Narrow::new(i * 2_654_435_761 % 65_537, 0)).collect();
            let mut expected = items.clone();
            expected.sort();
            let mut spare = Vec::new();
            assert!(pool.install(|| sort(&mut items, &mut spare) == expected), "{threads} {len}");
        }
    }
}
