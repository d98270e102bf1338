//! What an adapter tells of its time: [`Span`]s, and whose they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What can go on at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// The host fills staging memory.
    Upload,
    /// The device runs kernels.
    Compute,
    /// The host reads what was fetched.
    Download,
}

/// Whose kernels they are, as the caller tells it: handed back with their spans.
#[derive(Clone, Debug)]
pub struct Tag {
    /// The run.
    pub run: u64,
    /// Its stage.
    pub stage: usize,
    /// The number of the chunk that they make.
    pub chunk: u64,
    /// By stage of the run: what its kernels took is added by [`Span::told`].
    pub times: Arc<[DeviceTime]>,
}

/// The device's time for the kernels of a stage.
#[derive(Debug, Default)]
pub struct DeviceTime {
    launched: AtomicU64,
    timed: AtomicU64,
    nanoseconds: AtomicU64,
}

impl DeviceTime {
    /// The time, if it was told of all kernels that were launched.
    #[must_use]
    pub fn known(&self) -> Option<Duration> {
        let timed = self.timed.load(Ordering::Acquire);
        let [launched, nanoseconds] = [&self.launched, &self.nanoseconds].map(|n| n.load(Ordering::Relaxed));
        (launched == timed && launched > 0).then(|| Duration::from_nanos(nanoseconds))
    }
}

/// Equal for one task.
impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        (self.run, self.stage, self.chunk) == (other.run, other.stage, other.chunk)
    }
}

impl Tag {
    /// Counts a kernel.
    pub fn launched(&self) {
        if let Some(stage) = self.times.get(self.stage) {
            stage.launched.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Something that took time.
#[derive(Clone, Debug)]
pub struct Span {
    /// What kind of thing.
    pub lane: Lane,
    /// When it began. For the device: by its own clock where it has one, or else when it was submitted, or the submission before it
    /// was done.
    pub start: Instant,
    /// When it ended.
    pub end: Instant,
    /// How long it took. For the device: by its own clock where it has one; start and end are that clock's times made the host's, and
    /// may lie closer together.
    pub took: Duration,
    /// Bytes copied, or of the buffers that kernels were given.
    pub bytes: u64,
    /// How many kernels.
    pub kernels: usize,
    /// Of kernels: whose they are, where it is known of each task.
    pub tag: Option<Tag>,
}

impl Span {
    /// Adds it to its stage's time, after everybody was told of it: what the stage is said to have taken was told before.
    pub fn told(&self) {
        if let Some(stage) = self.tag.as_ref().and_then(|tag| tag.times.get(tag.stage)) {
            stage.nanoseconds.fetch_add(self.took.as_nanos() as u64, Ordering::Relaxed);
            // Last, and seen last by [`DeviceTime::known`]: with it the time is complete.
            stage.timed.fetch_add(self.kernels as u64, Ordering::Release);
        }
    }
}
