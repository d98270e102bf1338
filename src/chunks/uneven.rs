//! [`Uneven`]: chunks of one axis that are not all of one size, as a few rules where they follow some, or as a list.
//!
//! A slice starts within a chunk, a step takes every third element of each, a joined array is one grid after another: none of
//! these need a list. A [`Run`] is a rule with a fraction, `end(i) = ⌊(size·(i + 1) − skip) / per⌋`, which slices, steps of
//! either sign and batching turn into another one. So slicing 10⁶ chunks, or 2⁴⁸, costs the same as slicing one.

use std::sync::Arc;

/// Chunks one after another, of nearly the same size: chunk `i` of them ends at `⌊(size·(i + 1) − skip) / per⌋`, and the last
/// one at `len`. What is counted are elements from the run's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Run {
    /// Elements and chunks before it.
    start: u64,
    first: u64,
    /// Its elements and chunks; at least 1.
    len: u64,
    count: u64,
    /// `size / per` elements a chunk, at least 1.
    size: i128,
    per: i128,
    /// What the first chunk lacks, in `1 / per` elements: between `-per` and `size - per`.
    skip: i128,
}

impl Run {
    /// `len` elements in chunks of `size`.
    pub(super) fn regular(len: u64, size: u64) -> Self {
        Self::rule(len, i128::from(size), 1, 0)
    }
    /// `len` elements by a rule. Where that has less than an element a chunk, elements are chunks.
    fn rule(len: u64, size: i128, per: i128, skip: i128) -> Self {
        let (size, per, skip) = if size <= per { (1, 1, 0) } else { (size, per, skip) };
        let divisor = gcd(size, per);
        // ⌊(d·a + b) / (d·c)⌋ = ⌊(a + ⌊b / d⌋) / c⌋.
        let (size, per, skip) = (size / divisor, per / divisor, -(-skip).div_euclid(divisor));
        // Chunks that would end before the first element are none.
        let skip = skip - ((per + skip + size - 1).div_euclid(size) - 1) * size;
        let mut run = Self { start: 0, first: 0, len, count: 1, size, per, skip };
        run.count = u64::MAX;
        run.count = run.find(len.saturating_sub(1)) + 1;
        run
    }
    /// Where chunk `i` would end if the run went on, from its start.
    fn full_end(&self, i: u64) -> i128 {
        (self.size * (i128::from(i) + 1) - self.skip).div_euclid(self.per)
    }
    /// The end of chunk `i`, from the run's start.
    fn end(&self, i: u64) -> u64 {
        u64::try_from(self.full_end(i)).unwrap_or(0).min(self.len)
    }
    /// Start and end of chunk `i`, from the run's start.
    fn range(&self, i: u64) -> (u64, u64) {
        (if i == 0 { 0 } else { self.end(i - 1) }, self.end(i))
    }
    /// The chunk that holds the run's element `at`.
    fn find(&self, at: u64) -> u64 {
        let after = self.per * (i128::from(at) + 1) + self.skip;
        let i = (after + self.size - 1).div_euclid(self.size) - 1;
        u64::try_from(i).unwrap_or(0).min(self.count - 1)
    }
    /// The largest chunk's size.
    fn max_size(&self) -> u64 {
        let last = self.count - 1;
        let ends = self.end(0).max(self.len - self.range(last).0);
        // Those between have the whole part of size / per elements, or one more where the fractions add up to it.
        let (between, whole) = (i128::from(last.saturating_sub(1)), self.size / self.per);
        let more = between > 0 && self.full_end(last - 1) - self.full_end(0) > between * whole;
        let inner = if between > 0 { whole + i128::from(more) } else { 0 };
        ends.max(u64::try_from(inner).unwrap_or(u64::MAX))
    }
    /// The chunks `from..to` of it.
    fn part(&self, from: u64, to: u64) -> Self {
        let start = self.range(from).0;
        let skip = self.skip + self.per * i128::from(start) - self.size * i128::from(from);
        Self { start: 0, first: 0, len: self.end(to - 1) - start, count: to - from, skip, ..*self }
    }
    /// How elements `at`, `at + step`, … (`n` of them, all in the run) are cut.
    fn seen(&self, at: u64, step: i64, n: u64) -> Self {
        let i = i128::from(self.find(at));
        let (step, by, at) = (i128::from(step), i128::from(step.unsigned_abs()), i128::from(at));
        // In the chunk's own numbers: how many of the elements come before its end, or not before its start.
        let skip = if step > 0 {
            self.skip + self.per * (at - (by - 1)) - self.size * i
        } else {
            self.size * (1 + i) - self.per * (at + 1 + by) - self.skip + 1
        };
        Self::rule(n, self.size, self.per * by, skip)
    }
    /// Its chunks by `group`, or in `parts` nearly equal ones each: these keep the borders between chunks.
    fn grouped(&self, group: u64) -> Self {
        Self::rule(self.len, self.size * i128::from(group), self.per, self.skip)
    }
    fn parted(&self, parts: u64) -> Self {
        let parts = i128::from(parts);
        Self::rule(self.len, self.size, self.per * parts, self.skip * parts)
    }
}

fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// Runs, one after another.
#[derive(Default)]
pub(super) struct Builder(Vec<Run>);

impl Builder {
    /// Adds a run after those there are, as part of the last one where it goes on like it.
    pub(super) fn push(&mut self, run: Run) {
        if run.len == 0 {
            return;
        }
        // One or two chunks follow many rules: the one that a list of them would.
        let (one, two) = (run.end(0), run.len - run.end(0));
        let run = match run.count {
            1 => Run::regular(run.len, run.len),
            2 => Run { size: one.max(two).into(), per: 1, skip: (one.max(two) - one).into(), ..run },
            _ => run,
        };
        let Some(last) = self.0.last_mut() else {
            return self.0.push(Run { start: 0, first: 0, ..run });
        };
        let whole = last.full_end(last.count - 1) == i128::from(last.len);
        let same = (last.size, last.per) == (run.size, run.per);
        let goes_on =
            same && run.skip == last.skip + last.per * i128::from(last.len) - last.size * i128::from(last.count);
        let tail = run.count == 1 && i128::from(run.len) <= last.full_end(last.count) - i128::from(last.len);
        let head = last.count == 1 && run.per == 1 && run.skip == 0 && i128::from(last.len) <= run.size;
        let (len, count) = (last.len.saturating_add(run.len), last.count.saturating_add(run.count));
        if whole && (goes_on || tail) {
            *last = Run { len, count, ..*last };
        } else if head {
            *last = Run { len, count, size: run.size, per: 1, skip: run.size - i128::from(last.len), ..*last };
        } else {
            let (start, first) = (last.start.saturating_add(last.len), last.first.saturating_add(last.count));
            self.0.push(Run { start, first, ..run });
        }
    }
    /// The axis: as one size, as rules, or as a list where rules would be no shorter.
    pub(super) fn finish(self) -> Found {
        let runs = self.0;
        match runs.as_slice() {
            [] => return Found::Regular(0, 1),
            [one] if one.count == 1 => return Found::Regular(one.len, one.len),
            [one] if one.per == 1 && one.skip == 0 => {
                return Found::Regular(one.len, u64::try_from(one.size).unwrap_or(one.len));
            }
            // All of one size but the first and the last: a list that says the same is found to be one.
            [one] if one.per == 1 => return Found::Irregular(Uneven::rules(runs).into()),
            _ => {}
        }
        if (runs.len() as u64).saturating_mul(WORTH) > runs.iter().map(|run| run.count).sum() {
            let ends = runs.iter().flat_map(|run| (0..run.count).map(|i| run.start + run.end(i)));
            return Found::Irregular(Uneven::list(ends.collect()).into());
        }
        Found::Irregular(Uneven::rules(runs).into())
    }
}

/// How an axis turns out to be cut.
pub(super) enum Found {
    /// Into chunks of one size, the last one shorter: how many elements, and how many a chunk.
    Regular(u64, u64),
    Irregular(Arc<Uneven>),
}

/// The axis of a list of sizes: as rules where it follows some.
pub(super) fn of_ends(ends: Vec<u64>) -> Found {
    let size = |i: usize| ends[i] - if i == 0 { 0 } else { ends[i - 1] };
    let alike = 1 + (1..ends.len()).filter(|&i| size(i) != size(i - 1)).count() as u64;
    if alike > WORTH && alike.saturating_mul(WORTH) > ends.len() as u64 {
        return Found::Irregular(Uneven::list(ends).into());
    }
    let (mut builder, mut from) = (Builder::default(), 0);
    for i in 1..=ends.len() {
        if i == ends.len() || size(i) != size(from) {
            builder.push(Run::regular(size(from) * (i - from) as u64, size(from).max(1)));
            from = i;
        }
    }
    builder.finish()
}

/// Chunks that a rule stands for at least: one takes as much memory as so many entries of a list, and more time.
const WORTH: u64 = 16;

/// Chunks of one axis that are not all of one size.
#[derive(Clone, Debug)]
pub struct Uneven {
    cuts: Cuts,
    /// The largest chunk's size.
    max: u64,
    /// Of the cuts: they are hashed whenever an array is built on another, and nodes with equal hashes are taken for equal.
    hash: (u64, u64),
}

/// Where they are cut.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Cuts {
    Rules(Box<[Run]>),
    /// The chunks' ends.
    List(Box<[u64]>),
}

impl PartialEq for Uneven {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.cuts == other.cuts
    }
}
impl Eq for Uneven {}
impl std::hash::Hash for Uneven {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl Uneven {
    fn new(cuts: Cuts, max: u64) -> Self {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let hash = (hasher.hash_one((0, &cuts)), hasher.hash_one((1, &cuts)));
        Self { cuts, max, hash }
    }
    fn rules(runs: Vec<Run>) -> Self {
        let max = runs.iter().map(Run::max_size).max().unwrap_or(0);
        Self::new(Cuts::Rules(runs.into()), max)
    }
    /// From ascending ends, at least one.
    pub(super) fn list(ends: Vec<u64>) -> Self {
        let sizes = ends.iter().scan(0, |before, &end| Some(end - std::mem::replace(before, end)));
        let max = sizes.max().unwrap_or(0);
        Self::new(Cuts::List(ends.into()), max)
    }
    /// Elements on the axis.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.cuts {
            Cuts::Rules(runs) => runs.last().map_or(0, |run| run.start + run.len),
            Cuts::List(ends) => ends.last().copied().unwrap_or(0),
        }
    }
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Number of chunks.
    #[must_use]
    pub fn count(&self) -> u64 {
        match &self.cuts {
            Cuts::Rules(runs) => runs.last().map_or(0, |run| run.first + run.count),
            Cuts::List(ends) => ends.len() as u64,
        }
    }
    /// Numbers it is stored in, for tests: those of a rule, or of each chunk.
    #[doc(hidden)]
    #[must_use]
    pub fn stored(&self) -> usize {
        match &self.cuts {
            Cuts::Rules(runs) => runs.len(),
            Cuts::List(ends) => ends.len(),
        }
    }
    pub(super) fn max_size(&self) -> u64 {
        self.max
    }
    pub(super) fn range(&self, i: u64) -> (u64, u64) {
        match &self.cuts {
            Cuts::Rules(runs) => {
                let run = &runs[runs.partition_point(|run| run.first <= i).saturating_sub(1)];
                let (start, end) = run.range(i - run.first);
                (run.start + start, run.start + end)
            }
            Cuts::List(ends) => {
                let i = crate::width::in_memory(i);
                (if i == 0 { 0 } else { ends[i - 1] }, ends[i])
            }
        }
    }
    pub(super) fn find(&self, at: u64) -> u64 {
        match &self.cuts {
            Cuts::Rules(runs) => {
                let run = &runs[runs.partition_point(|run| run.start <= at).saturating_sub(1)];
                run.first + run.find(at - run.start)
            }
            Cuts::List(ends) => ends.partition_point(|&end| end <= at) as u64,
        }
    }
    /// Its runs; a list's chunks, one by one.
    pub(super) fn runs(&self) -> Box<dyn DoubleEndedIterator<Item = Run> + '_> {
        match &self.cuts {
            Cuts::Rules(runs) => Box::new(runs.iter().copied()),
            Cuts::List(ends) => Box::new((0..ends.len()).map(|i| {
                let start = if i == 0 { 0 } else { ends[i - 1] };
                let len = ends[i] - start;
                Run { start, first: i as u64, ..Run::regular(len, len.max(1)) }
            })),
        }
    }
}

/// How the elements `start`, `start + step`, … of an axis (`n` of them) are cut: where the axis is. A step that passes chunks by
/// leaves none of them.
pub(super) fn seen(runs: impl DoubleEndedIterator<Item = Run>, start: u64, step: i64, n: u64) -> Found {
    let mut builder = Builder::default();
    let (mut at, mut left) = (start, n);
    let mut visit = |run: Run| {
        let end = run.start + run.len;
        if left == 0 || at < run.start || at >= end {
            return;
        }
        // Elements until the run's border, in the direction of the step.
        let room = if step > 0 { end - 1 - at } else { at - run.start };
        let here = (room / step.unsigned_abs().max(1) + 1).min(left);
        builder.push(run.seen(at - run.start, step, here));
        left -= here;
        at = at.wrapping_add_signed(step.wrapping_mul(here.cast_signed()));
    };
    if step > 0 {
        runs.for_each(&mut visit);
    } else {
        runs.rev().for_each(&mut visit);
    }
    builder.finish()
}

/// Neighbouring chunks as one, `group` at a time; the last ones may be fewer.
pub(super) fn batched(runs: impl Iterator<Item = Run>, group: u64) -> Found {
    let mut builder = Builder::default();
    // Chunks, and their elements, that wait for their group to be full.
    let (mut waiting, mut elements) = (0, 0);
    for run in runs {
        let fill = if waiting == 0 { 0 } else { (group - waiting).min(run.count) };
        if fill > 0 {
            (waiting, elements) = (waiting + fill, elements + run.end(fill - 1));
        }
        if waiting == group {
            builder.push(Run::regular(elements, elements));
            (waiting, elements) = (0, 0);
        }
        let whole = (run.count - fill) / group * group;
        if whole > 0 {
            builder.push(run.part(fill, fill + whole).grouped(group));
        }
        if fill + whole < run.count {
            let rest = run.part(fill + whole, run.count);
            (waiting, elements) = (waiting + rest.count, elements + rest.len);
        }
    }
    if elements > 0 {
        builder.push(Run::regular(elements, elements));
    }
    builder.finish()
}

/// Each chunk of more than `most` elements cut into as few nearly equal parts as have no more.
pub(super) fn split(runs: impl Iterator<Item = Run>, most: u64) -> Found {
    let most = most.max(1);
    let mut builder = Builder::default();
    for run in runs {
        // Few chunks may all be shorter than their rule says.
        if run.count > 4 {
            builder.push(run.parted(run.max_size().div_ceil(most)));
            continue;
        }
        for (start, end) in (0..run.count).map(|i| run.range(i)) {
            let len = end - start;
            builder.push(Run::regular(len, len).parted(len.div_ceil(most)));
        }
    }
    builder.finish()
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "small numbers in tests"
)]
mod tests;
