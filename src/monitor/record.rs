//! [`RunRecord`]: what is known of a run, while it runs and afterwards.

use std::sync::Arc;
use std::time::Duration;

use super::timeline::{Level, Series, Timeline};
use crate::event::StageInfo;
use crate::schedule::RunReport;

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Under way.
    Running,
    /// Ended well.
    Done,
    /// Ended by this.
    Failed(String),
}

/// What was planned.
#[derive(Clone, Debug, Default)]
pub(super) struct Planned {
    pub(super) stages: Vec<StageInfo>,
    pub(super) tasks: u64,
    pub(super) host_bytes: u64,
    pub(super) device_bytes: u64,
    pub(super) host_limit: u64,
    pub(super) device_limit: u64,
    /// Bytes of kept arrays and other runs on host and device when it began, about.
    pub(super) kept: [u64; 2],
}

/// What the tasks of a stage did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageCount {
    /// Tasks that began.
    pub started: u64,
    /// Tasks that ended well.
    pub done: u64,
    /// Thread time of those, in nanoseconds: on a device, of recording them.
    pub busy: u64,
    /// Bytes of the chunks that they made.
    pub bytes: u64,
}

impl StageCount {
    pub(super) fn add(&mut self, other: &Self) {
        self.started += other.started;
        self.done += other.done;
        self.busy += other.busy;
        self.bytes += other.bytes;
    }
}

/// A thread's part of a run.
#[derive(Clone, Debug)]
pub struct Row {
    /// The thread's name.
    pub name: Arc<str>,
    /// What it did.
    pub timeline: Timeline,
    /// The task it is at: its stage, and its start in nanoseconds from the run's.
    pub current: Option<(u32, u64)>,
}

/// What the device, the links to it and the disk did in a run, and what was held.
#[derive(Clone, Debug, Default)]
pub struct Lanes {
    /// Upload, compute, download, disk.
    pub lanes: [Timeline; 4],
    /// By stage: the device's own time for its kernels in nanoseconds, and bytes of the buffers that they were given; as far as told.
    pub device: Vec<(u64, u64)>,
    /// Bytes held on host, device and disk.
    pub memory: Series<Level>,
    /// The most of each, as told.
    pub peaks: [u64; 3],
    /// Bytes put out of the device's memory and of the host's.
    pub evicted: [u64; 2],
    /// What was remarkable, and when in nanoseconds from the run's start; the first some of them.
    pub notes: Vec<(u64, String)>,
}

impl Lanes {
    /// The names of the lanes, in their order.
    pub const NAMES: [&'static str; 4] = ["upload", "compute", "download", "disk"];
    /// The device's place in them.
    pub(super) const COMPUTE: usize = 1;
}

/// A run, as it is or was.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// Its number.
    pub run: u64,
    /// When it began, from the recording's start.
    pub started: Duration,
    /// How long it took, or takes so far.
    pub wall: Duration,
    /// How far it has come.
    pub state: State,
    pub(super) planned: Arc<Planned>,
    /// By stage.
    pub counts: Vec<StageCount>,
    /// Threads by their names; none for runs of which only sums are kept.
    pub rows: Vec<Row>,
    /// Links, device, disk, memory.
    pub lanes: Lanes,
    /// Whether `rows` and `lanes` are kept.
    pub detailed: bool,
    /// Its report, once it has ended well.
    pub report: Option<RunReport>,
}

impl RunRecord {
    /// Its stages, by their numbers.
    #[must_use]
    pub fn stages(&self) -> &[StageInfo] {
        &self.planned.stages
    }
    /// Tasks of all stages.
    #[must_use]
    pub fn tasks(&self) -> u64 {
        self.planned.tasks
    }
    /// Those that have ended. Chunks that were there already are brought to a device by tasks of their own, which no plan counts.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.planned
            .stages
            .iter()
            .zip(&self.counts)
            .filter(|(info, _)| info.tasks > 0)
            .map(|(_, count)| count.done)
            .sum()
    }
    /// Bytes that a stage has read and written so far: once it is over, what its report says.
    #[must_use]
    pub fn stage_bytes(&self, stage: usize) -> u64 {
        let (info, count) = (&self.planned.stages[stage], self.counts[stage]);
        let share = count.done as f64 / info.tasks.max(1) as f64;
        let read = if count.done == info.tasks { info.reads } else { (info.reads as f64 * share) as u64 };
        read + count.bytes
    }
    /// Spans that were not kept by themselves.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        let rows = self.rows.iter().map(|row| row.timeline.dropped);
        rows.chain(self.lanes.lanes.iter().map(|lane| lane.dropped)).sum()
    }
    /// Keeps sums only.
    pub(super) fn forget_details(&mut self) {
        (self.rows, self.lanes, self.detailed) = (Vec::new(), Lanes::default(), false);
    }
}
