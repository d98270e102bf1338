//! [`Timeline`]: what a thread or a link did over time, in a bounded number of buckets whatever the number of tasks.

/// Buckets of a series at most: about the pixels that it is drawn with.
pub(super) const BUCKETS: usize = 512;
/// Nanoseconds of a bucket at first. Where a series gets longer, buckets are merged in pairs.
const FINEST: u64 = 1 << 16;
/// Stages that a bucket tells apart.
pub(super) const TOLD_APART: usize = 3;

/// What can be merged with its neighbour in time.
pub trait Merge: Copy + Default {
    /// Adds what came after it.
    fn merge(&mut self, later: &Self);
}

/// Values over time since a run's start, in at most 512 buckets of equal width.
#[derive(Clone, Debug)]
pub struct Series<B> {
    width: u64,
    buckets: Vec<B>,
}

impl<B> Default for Series<B> {
    fn default() -> Self {
        Self { width: FINEST, buckets: Vec::new() }
    }
}

impl<B: Merge> Series<B> {
    /// Nanoseconds of a bucket.
    #[must_use]
    pub fn width(&self) -> u64 {
        self.width
    }
    /// The buckets so far.
    #[must_use]
    pub fn buckets(&self) -> &[B] {
        &self.buckets
    }
    /// The bucket in which `at` (nanoseconds) lies.
    pub fn bucket(&mut self, at: u64) -> &mut B {
        while at / self.width >= BUCKETS as u64 {
            self.coarsen();
        }
        let i = (at / self.width) as usize;
        if i >= self.buckets.len() {
            self.buckets.resize(i + 1, B::default());
        }
        &mut self.buckets[i]
    }
    fn coarsen(&mut self) {
        self.width *= 2;
        let merged = self.buckets.len().div_ceil(2);
        for i in 0..merged {
            let mut both = self.buckets[2 * i];
            if let Some(later) = self.buckets.get(2 * i + 1) {
                both.merge(later);
            }
            self.buckets[i] = both;
        }
        self.buckets.truncate(merged);
    }
    /// The same in wider buckets, where `width` is wider.
    #[must_use]
    pub fn at_width(mut self, width: u64) -> Self {
        while self.width < width {
            self.coarsen();
        }
        self
    }
}

/// What one thread or link did in a bucket of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Nanoseconds spent on stages: those first met, by their numbers. Unused ones have no time.
    pub stages: [(u32, u64); TOLD_APART],
    /// Nanoseconds spent on others.
    pub other: u64,
    /// Tasks or copies that ended.
    pub tasks: u64,
    /// Bytes that they made or moved.
    pub bytes: u64,
}

impl Bucket {
    /// Nanoseconds in all. Where several threads share a link it can be more than the bucket is wide.
    #[must_use]
    pub fn busy(&self) -> u64 {
        self.stages.iter().map(|(_, time)| time).sum::<u64>() + self.other
    }
    fn add(&mut self, stage: u32, time: u64) {
        for (known, sum) in &mut self.stages {
            if *sum == 0 || *known == stage {
                (*known, *sum) = (stage, *sum + time);
                return;
            }
        }
        self.other += time;
    }
}

impl Merge for Bucket {
    fn merge(&mut self, later: &Self) {
        later.stages.iter().filter(|(_, time)| *time > 0).for_each(|&(stage, time)| self.add(stage, time));
        self.other += later.other;
        self.tasks += later.tasks;
        self.bytes += later.bytes;
    }
}

/// The most bytes held in a bucket of time; nothing where it was not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level(pub Option<[u64; 3]>);

impl Merge for Level {
    fn merge(&mut self, later: &Self) {
        self.0 = match (self.0, later.0) {
            (Some(a), Some(b)) => Some(std::array::from_fn(|i| a[i].max(b[i]))),
            (a, b) => a.or(b),
        };
    }
}

/// A task, or a copy, as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Nanoseconds from the run's start.
    pub start: u64,
    /// When it ended.
    pub end: u64,
    /// Its stage, or [`Span::NO_STAGE`] for copies and for what a device did.
    pub stage: u32,
    /// The number of the chunk that it made.
    pub chunk: u64,
    /// Bytes made or moved.
    pub bytes: u64,
}

impl Span {
    /// Of no stage.
    pub const NO_STAGE: u32 = u32::MAX;
}

/// What one thread or link did in a run.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// By time.
    pub series: Series<Bucket>,
    /// Nanoseconds in all.
    pub busy: u64,
    /// Tasks or copies.
    pub tasks: u64,
    /// Bytes that they made or moved.
    pub bytes: u64,
    /// The first of them, one by one.
    pub spans: Vec<Span>,
    /// Those that came later and are only in the sums.
    pub dropped: u64,
}

impl Timeline {
    /// Adds a span; it is kept by itself if there are fewer than `keep`.
    pub fn add(&mut self, span: Span, keep: usize) {
        self.busy += span.end.saturating_sub(span.start);
        self.tasks += 1;
        self.bytes += span.bytes;
        if self.spans.len() < keep {
            self.spans.push(span);
        } else {
            self.dropped += 1;
        }
        // The bucket of the end comes first: it settles how wide they are.
        let last = self.series.bucket(span.end);
        last.tasks += 1;
        let width = self.series.width();
        let (from, to) = (span.start / width, span.end / width);
        if from >= to {
            let bucket = self.series.bucket(span.end);
            bucket.add(span.stage, span.end.saturating_sub(span.start));
            bucket.bytes += span.bytes;
            return;
        }
        let long = (span.end - span.start) as f64;
        let mut left = span.bytes;
        for i in from..=to {
            let time = ((i + 1) * width).min(span.end) - (i * width).max(span.start);
            let bytes = if i == to { left } else { (span.bytes as f64 * time as f64 / long) as u64 };
            left -= bytes.min(left);
            let bucket = self.series.bucket(i * width);
            if time > 0 {
                bucket.add(span.stage, time);
            }
            bucket.bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u64, end: u64, stage: u32) -> Span {
        Span { start, end, stage, chunk: 0, bytes: 1000 }
    }

    #[test]
    fn a_million_tasks_take_512_buckets_and_lose_nothing() {
        let mut line = Timeline::default();
        let (mut busy, mut at) = (0, 0);
        for i in 0..1_000_000_u64 {
            let long = 1000 + i % 7919;
            line.add(span(at, at + long, (i % 5) as u32), 100);
            busy += long;
            at += long + 300;
        }
        assert!(line.series.buckets().len() <= BUCKETS, "{}", line.series.buckets().len());
        assert_eq!((line.busy, line.tasks, line.bytes), (busy, 1_000_000, 1_000_000_000));
        let sum = |what: fn(&Bucket) -> u64| line.series.buckets().iter().map(what).sum::<u64>();
        assert_eq!((sum(Bucket::busy), sum(|b| b.tasks), sum(|b| b.bytes)), (busy, 1_000_000, 1_000_000_000));
        assert_eq!((line.spans.len(), line.dropped), (100, 999_900));
        // One thread is never busier than time passes.
        assert!(line.series.buckets().iter().all(|b| b.busy() <= line.series.width()));
    }

    #[test]
    fn a_long_span_is_spread_over_its_time() {
        let mut line = Timeline::default();
        line.add(span(FINEST / 2, FINEST * 3, 7), 0);
        let busy: Vec<u64> = line.series.buckets().iter().map(Bucket::busy).collect();
        assert_eq!(busy, [FINEST / 2, FINEST, FINEST, 0]);
        assert_eq!(line.series.buckets()[0].stages[0], (7, FINEST / 2));
        assert_eq!(line.series.buckets().iter().map(|b| b.bytes).sum::<u64>(), 1000);
    }

    #[test]
    fn buckets_tell_some_stages_apart_and_count_the_rest() {
        let mut line = Timeline::default();
        for stage in 0..5 {
            line.add(span(10, 20, stage), 0);
        }
        let bucket = line.series.buckets()[0];
        assert_eq!((bucket.stages, bucket.other), ([(0, 10), (1, 10), (2, 10)], 20));
    }

    #[test]
    fn levels_keep_the_most() {
        let mut levels = Series::<Level>::default();
        for (at, held) in [(0, 5), (FINEST / 2, 9), (FINEST * 600, 1)] {
            levels.bucket(at).merge(&Level(Some([held, 0, 0])));
        }
        let held: Vec<u64> = levels.buckets().iter().filter_map(|l| Some(l.0?[0])).collect();
        assert_eq!(held, [9, 1]);
        assert_eq!(levels.width(), 2 * FINEST);
    }
}
