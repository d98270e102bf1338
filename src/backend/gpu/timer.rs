//! When the device ran a submission's kernels, by its own clock.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::device::Device;
use super::spans::{Lane, Lanes, Span, Tag};
use super::sync::lock;

/// Launches of a submission at most.
pub(super) const LAUNCHES: usize = 32;
/// Timestamps of a submission at most: its start, and the end of each launch.
const STAMPS: u32 = LAUNCHES as u32 + 1;
/// Bytes of one.
const BYTES: u64 = 8;

/// What one submission in flight needs.
struct Timer {
    set: wgpu::QuerySet,
    /// Where the timestamps are written.
    resolved: wgpu::Buffer,
    /// Where the host reads them.
    read: wgpu::Buffer,
}

/// Timers that are free, and the clock they tell.
pub(crate) struct Timers {
    clock: Mutex<Clock>,
    /// Whether there can be timestamps between launches.
    inside: bool,
    free: Mutex<Vec<Timer>>,
}

/// What a launch took by the device's clock, told to who asked.
pub(super) type Took = Arc<OnceLock<Duration>>;

/// What a timer has to know of a launch.
pub(super) struct Timed<'a> {
    /// Whose it is.
    pub(super) tag: Option<&'a Tag>,
    /// Bytes of the buffers that it was given.
    pub(super) bytes: u64,
    /// Who asks.
    pub(super) took: Option<&'a Took>,
}

/// Launches between two timestamps.
struct Group {
    /// Launches of the submission before it, and before its end.
    from: usize,
    until: usize,
    /// Whose they all are, if they are one task's.
    tag: Option<Tag>,
    /// Bytes of the buffers that they were given.
    bytes: u64,
    /// Who asks what they take.
    took: Vec<Took>,
}

/// A timer in use. Where the submission fails it is dropped with it.
pub(crate) struct Running {
    timer: Timer,
    timers: Arc<Timers>,
    groups: Vec<Group>,
}

impl Timers {
    /// For a device that has timestamps.
    pub(crate) fn of(device: &Device) -> Option<Arc<Self>> {
        let features = device.device.features();
        let clock = Mutex::new(Clock::new(f64::from(device.queue.get_timestamp_period())));
        let inside = features.contains(wgpu::Features::TIMESTAMP_QUERY_INSIDE_PASSES);
        let timers = || Arc::new(Self { clock, inside, free: Mutex::default() });
        features.contains(wgpu::Features::TIMESTAMP_QUERY).then(timers)
    }

    /// Whether it can tell the times of the tasks in one submission.
    #[cfg(test)]
    pub(super) fn tells_tasks_apart(&self) -> bool {
        self.inside
    }

    /// A timer for launches, if the device can make one: for all of them together or, while spans are kept or somebody asks of one of them,
    /// for each task's and each of those.
    pub(super) fn start<'a>(
        self: &Arc<Self>,
        device: &Device,
        launches: impl Iterator<Item = Timed<'a>>,
        asked: bool,
    ) -> Option<Running> {
        let free = lock(&self.free).pop();
        let timer = match free {
            Some(timer) => timer,
            None => device.scoped(|| "make a timer".to_owned(), BYTES * u64::from(STAMPS), Timer::new).ok()?,
        };
        let groups = groups(launches, self.inside && (asked || device.lanes.recording()));
        Some(Running { timer, timers: self.clone(), groups })
    }
}

/// Neighbours of one task form a group, and what somebody asks of one of its own; where there is to be one, or there are more than
/// timestamps, others join.
fn groups<'a>(launches: impl Iterator<Item = Timed<'a>>, apart: bool) -> Vec<Group> {
    let most = if apart { STAMPS as usize - 1 } else { 1 };
    let mut groups: Vec<Group> = Vec::new();
    for (i, Timed { tag, bytes, took }) in launches.enumerate() {
        let until = i + 1;
        let full = groups.len() == most;
        let joins = |group: &Group| group.tag.as_ref() == tag && group.took.is_empty() && took.is_none();
        match groups.last_mut() {
            Some(group) if full || joins(group) => {
                group.tag = group.tag.take().filter(|own| tag == Some(own));
                group.until = until;
                group.bytes += bytes;
                group.took.extend(took.cloned());
            }
            _ => groups.push(Group {
                from: i,
                until,
                tag: tag.cloned(),
                bytes,
                took: took.cloned().into_iter().collect(),
            }),
        }
    }
    groups
}

impl Timer {
    fn new(device: &wgpu::Device) -> Self {
        use wgpu::BufferUsages as Usage;
        let set = wgpu::QuerySetDescriptor { label: None, ty: wgpu::QueryType::Timestamp, count: STAMPS };
        let buffer = |usage| {
            let size = BYTES * u64::from(STAMPS);
            device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
        };
        Self {
            set: device.create_query_set(&set),
            resolved: buffer(Usage::QUERY_RESOLVE | Usage::COPY_SRC),
            read: buffer(Usage::MAP_READ | Usage::COPY_DST),
        }
    }

    fn ticks(&self, count: usize) -> Option<Vec<u64>> {
        let view = self.read.slice(..).get_mapped_range().ok()?;
        let word = |at: usize| Some(u64::from_le_bytes(view.get(8 * at..8 * at + 8)?.try_into().ok()?));
        (0..count).map(word).collect()
    }
}

impl Running {
    /// For the pass that it measures.
    pub(crate) fn writes(&self) -> wgpu::ComputePassTimestampWrites<'_> {
        wgpu::ComputePassTimestampWrites {
            query_set: &self.timer.set,
            beginning_of_pass_write_index: Some(0),
            end_of_pass_write_index: Some(self.groups.len() as u32),
        }
    }

    /// Encodes what comes after so many launches: the end of their group, if it is not that of the pass.
    pub(crate) fn after(&self, launches: usize, pass: &mut wgpu::ComputePass<'_>) {
        let ends = &self.groups[..self.groups.len().saturating_sub(1)];
        if let Ok(group) = ends.binary_search_by_key(&launches, |group| group.until) {
            pass.write_timestamp(&self.timer.set, group as u32 + 1);
        }
    }

    /// Encodes the end, after the pass.
    pub(crate) fn resolve(&self, encoder: &mut wgpu::CommandEncoder) {
        let (timer, stamps) = (&self.timer, self.groups.len() as u32 + 1);
        encoder.resolve_query_set(&timer.set, 0..stamps, &timer.resolved, 0);
        encoder.copy_buffer_to_buffer(&timer.resolved, 0, &timer.read, 0, BYTES * u64::from(stamps));
    }

    /// When the submission, which was made at `submitted`, is done: adds the time to the lane, and keeps the spans.
    pub(crate) fn read(self, lanes: &Arc<Lanes>, submitted: Instant) {
        let (read, lanes) = (self.timer.read.clone(), lanes.clone());
        read.map_async(wgpu::MapMode::Read, .., move |mapped| {
            if mapped.is_err() {
                return;
            }
            let seen = Instant::now();
            let ticks = self.timer.ticks(self.groups.len() + 1);
            self.timer.read.unmap();
            let Self { timer, timers, groups } = self;
            tell(&timers.clock, &ticks.unwrap_or_default(), groups, &lanes, (submitted, seen));
            lock(&timers.free).push(timer);
        });
    }
}

fn tell(clock: &Mutex<Clock>, ticks: &[u64], groups: Vec<Group>, lanes: &Lanes, (from, to): (Instant, Instant)) {
    let (times, took) = {
        let mut clock = lock(clock);
        (clock.host(ticks, from, to), clock.took(ticks))
    };
    for ((group, took), times) in groups.into_iter().zip(took).zip(times.windows(2)) {
        lanes.busy(Lane::Compute, took);
        for asked in &group.took {
            let _ = asked.set(took);
        }
        let (start, end, kernels) = (times[0], times[1], group.until - group.from);
        lanes.keep(Span { lane: Lane::Compute, start, end, took, bytes: group.bytes, kernels, tag: group.tag });
    }
}
