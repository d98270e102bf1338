//! [`Device`]: the adapter a run may use, or none.

use std::sync::Arc;
use std::time::Duration;

pub(super) use crate::backend::adapter::{Adapter, DeviceBuffer};
use crate::backend::span;
pub(super) use crate::backend::span::{DeviceTime, Tag};
use crate::error::{Error, Result};
use crate::event::{Event, Events, Lane};
use crate::fault::Faults;
use crate::plan::capability::Capabilities;

/// What a device (or several, together) did since it was opened, for all runs together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceStats {
    /// Submissions: what was handed to the device at once, many kernels and copies together.
    pub submissions: u64,
    /// Kernels launched.
    pub dispatches: u64,
    /// Bytes sent to the device.
    pub uploaded_bytes: u64,
    /// Bytes fetched from it.
    pub downloaded_bytes: u64,
    /// Of both, bytes that went by way of the host from one adapter of several to another.
    pub moved_bytes: u64,
    /// Buffers made: the others were there from before.
    pub buffers: u64,
    /// Sets of buffers bound for a kernel that were made: the others were bound so before.
    pub bind_groups: u64,
    /// Kernels compiled: the others were there from before.
    pub pipelines: u64,
    /// How long it ran kernels: by its own clock where it has timestamps and somebody listens ([`Client::observe`](crate::Client::observe)),
    /// otherwise from submitting to done. Without copies. Of several adapters the sum: it may be more than the time that went by.
    pub busy: Duration,
}

impl DeviceStats {
    /// What was done since an `earlier` look at the same device: all there is where it was opened anew in between.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        let less = |now: u64, then: u64| now - then.min(now);
        Self {
            submissions: less(self.submissions, earlier.submissions),
            dispatches: less(self.dispatches, earlier.dispatches),
            uploaded_bytes: less(self.uploaded_bytes, earlier.uploaded_bytes),
            downloaded_bytes: less(self.downloaded_bytes, earlier.downloaded_bytes),
            moved_bytes: less(self.moved_bytes, earlier.moved_bytes),
            buffers: less(self.buffers, earlier.buffers),
            bind_groups: less(self.bind_groups, earlier.bind_groups),
            pipelines: less(self.pipelines, earlier.pipelines),
            busy: self.busy.saturating_sub(earlier.busy),
        }
    }
}

/// Where kernels run beside the host.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Device {
    /// Nowhere: everything runs on the host.
    Cpu,
    /// Nowhere at all: tasks read and make nothing but shapes. This shows the order of tasks and what lives when, without any
    /// numbers.
    Null,
    /// On an adapter.
    Adapter(Arc<dyn Adapter>),
}

impl Device {
    /// The adapter, if there is one.
    #[must_use]
    pub fn adapter(&self) -> Option<&dyn Adapter> {
        match self {
            Self::Cpu | Self::Null => None,
            Self::Adapter(adapter) => Some(&**adapter),
        }
    }
    /// The adapter of a task that has one.
    ///
    /// # Errors
    /// [`Error::Bug`] if there is none.
    pub(super) fn of_task(&self) -> Result<&dyn Adapter> {
        self.adapter().ok_or_else(|| Error::bug("a device task without a device"))
    }
    /// What the adapter can do, if there is one.
    #[must_use]
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.adapter().map(Adapter::capabilities)
    }
    /// What it did so far.
    #[must_use]
    pub fn stats(&self) -> DeviceStats {
        let stats = self.adapter().map(Adapter::stats).unwrap_or_default();
        DeviceStats {
            submissions: stats.submits,
            dispatches: stats.dispatches,
            uploaded_bytes: stats.uploaded_bytes,
            downloaded_bytes: stats.downloaded_bytes,
            moved_bytes: stats.moved_bytes,
            buffers: stats.buffers,
            bind_groups: stats.bind_groups,
            pipelines: stats.pipelines,
            busy: Duration::from_nanos(stats.compute_ns),
        }
    }
    /// How many devices it is.
    #[must_use]
    pub fn count(&self) -> usize {
        self.adapter().map_or(0, |adapter| adapter.members().len().max(1))
    }
    /// Bytes of its memory that chunks may take: of several devices, of each.
    #[must_use]
    pub fn budget(&self) -> u64 {
        self.adapter().map_or(0, Adapter::budget)
    }
    /// Bytes that chunks may take on all its devices.
    pub(super) fn budget_of_all(&self) -> u64 {
        self.budget().saturating_mul(self.count() as u64)
    }
    /// Sets them.
    pub fn set_budget(&self, bytes: u64) {
        if let Some(adapter) = self.adapter() {
            adapter.set_budget(bytes);
        }
    }
    /// Failures made on purpose; those of the device, if there is one.
    #[must_use]
    pub fn faults(&self) -> Arc<Faults> {
        self.adapter().map(Adapter::faults).unwrap_or_default()
    }
    /// Whether to keep what [`Device::tell`] tells.
    pub(super) fn listen(&self, on: bool) {
        if let Some(adapter) = self.adapter() {
            adapter.listen(on);
        }
    }
    /// Hands over what is recorded, and waits until all is done and its times are known.
    ///
    /// # Errors
    /// Those of the device.
    pub fn sync(&self) -> Result<()> {
        self.adapter().map_or(Ok(()), Adapter::sync)
    }
    /// Waits until what was submitted is done and known to have been, or the device is lost.
    pub(super) fn wait_idle(&self) {
        if let Some(adapter) = self.adapter() {
            adapter.wait_idle();
        }
    }
    /// Hands what is recorded to the device.
    pub(super) fn flush(&self) -> Result<()> {
        self.adapter().map_or(Ok(()), Adapter::flush)
    }
    /// Tells when the device and the ways to it were busy since the last call.
    pub(super) fn tell(&self, events: &Events) {
        for span in self.adapter().map(Adapter::take_spans).unwrap_or_default() {
            let span::Span { lane, start, end, took, bytes, .. } = span;
            let task = span.tag.as_ref().map(|tag| (tag.run, tag.stage, tag.chunk));
            events.tell(|| match lane {
                span::Lane::Compute => Event::Device { task, start, end, took, bytes },
                span::Lane::Upload => Event::Moved { run: 0, lane: Lane::Upload, start, end, bytes },
                span::Lane::Download => Event::Moved { run: 0, lane: Lane::Download, start, end, bytes },
            });
            span.told();
        }
    }
    /// Bytes of its buffers in use now, and the most so far of all it holds.
    pub(super) fn device_bytes(&self) -> (u64, u64) {
        let stats = self.adapter().map(Adapter::stats).unwrap_or_default();
        (stats.live_bytes, stats.peak_total_bytes)
    }
    /// Whether two are one device, not only one adapter.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cpu, Self::Cpu) | (Self::Null, Self::Null) => true,
            (Self::Adapter(a), Self::Adapter(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
    /// The error for chunks that only a lost device had.
    pub(super) fn gone(&self) -> Error {
        let adapter = self.adapter().map_or_else(|| "gpu".to_owned(), |adapter| adapter.describe().0);
        let message =
            "only a device that is lost, or is another client's, had this kept chunk; persist the array again"
                .to_owned();
        Error::DeviceLost { adapter, doing: "read a kept array".to_owned(), message }
    }
    /// Whether a buffer is on this device: another one, opened after a loss, cannot use it.
    pub(super) fn owns(&self, buffer: &DeviceBuffer) -> bool {
        self.adapter().is_some_and(|adapter| adapter.owns(buffer))
    }
    /// Whether to let go of a buffer helps a task that was refused memory.
    pub(super) fn relieves(&self, buffer: &DeviceBuffer) -> bool {
        self.adapter().is_none_or(|adapter| adapter.relieves(buffer))
    }
    /// Whether the device is gone.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.adapter().is_some_and(Adapter::is_lost)
    }
    /// The same adapter, opened again.
    ///
    /// # Errors
    /// As opening it.
    pub fn reopen(&self) -> Result<Self> {
        self.of_task()?.reopen().map(Self::Adapter)
    }
}
