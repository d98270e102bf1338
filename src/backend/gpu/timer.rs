//! How long the device takes for a submission's kernels, from its own clock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::buffer::lock;
use super::device::Device;
use super::spans::{Lane, Lanes};

/// Bytes of two timestamps.
const BYTES: u64 = 16;

/// What one submission in flight needs.
struct Timer {
    set: wgpu::QuerySet,
    /// Where the timestamps are written.
    resolved: wgpu::Buffer,
    /// Where the host reads them.
    read: wgpu::Buffer,
}

/// Timers that are free.
pub(crate) struct Timers {
    /// Nanoseconds of a tick.
    period: f64,
    free: Mutex<Vec<Timer>>,
}

/// A timer in use. Where the submission fails it is dropped with it.
pub(crate) struct Running {
    timer: Timer,
    timers: Arc<Timers>,
}

impl Timers {
    /// For a queue whose device has timestamps.
    pub(crate) fn new(queue: &wgpu::Queue) -> Arc<Self> {
        Arc::new(Self { period: f64::from(queue.get_timestamp_period()), free: Mutex::default() })
    }

    /// A timer, if the device can make one.
    pub(crate) fn start(self: &Arc<Self>, device: &Device) -> Option<Running> {
        let free = lock(&self.free).pop();
        let timer = match free {
            Some(timer) => timer,
            None => device.scoped(|| "make a timer".to_owned(), BYTES, Timer::new).ok()?,
        };
        Some(Running { timer, timers: self.clone() })
    }
}

impl Timer {
    fn new(device: &wgpu::Device) -> Self {
        use wgpu::BufferUsages as Usage;
        let set = wgpu::QuerySetDescriptor { label: None, ty: wgpu::QueryType::Timestamp, count: 2 };
        let buffer = |usage| {
            let size = BYTES;
            device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
        };
        Self {
            set: device.create_query_set(&set),
            resolved: buffer(Usage::QUERY_RESOLVE | Usage::COPY_SRC),
            read: buffer(Usage::MAP_READ | Usage::COPY_DST),
        }
    }

    fn ticks(&self) -> Option<u64> {
        let view = self.read.slice(..).get_mapped_range().ok()?;
        let word = |at: usize| Some(u64::from_le_bytes(view.get(at..at + 8)?.try_into().ok()?));
        word(8)?.checked_sub(word(0)?)
    }
}

impl Running {
    /// For the pass that it measures.
    pub(crate) fn writes(&self) -> wgpu::ComputePassTimestampWrites<'_> {
        wgpu::ComputePassTimestampWrites {
            query_set: &self.timer.set,
            beginning_of_pass_write_index: Some(0),
            end_of_pass_write_index: Some(1),
        }
    }

    /// Encodes the end, after the pass.
    pub(crate) fn resolve(&self, encoder: &mut wgpu::CommandEncoder) {
        let timer = &self.timer;
        encoder.resolve_query_set(&timer.set, 0..2, &timer.resolved, 0);
        encoder.copy_buffer_to_buffer(&timer.resolved, 0, &timer.read, 0, BYTES);
    }

    /// Adds the time to the lanes when the submission, which was made, is done.
    pub(crate) fn read(self, lanes: &Arc<Lanes>) {
        let (read, lanes) = (self.timer.read.clone(), lanes.clone());
        read.map_async(wgpu::MapMode::Read, .., move |mapped| {
            if mapped.is_err() {
                return;
            }
            let ticks = self.timer.ticks();
            self.timer.read.unmap();
            let nanoseconds = ticks.map_or(0.0, |ticks| ticks as f64 * self.timers.period);
            lanes.busy(Lane::Compute, Duration::from_nanos(nanoseconds as u64));
            let Self { timer, timers } = self;
            lock(&timers.free).push(timer);
        });
    }
}
