//! What a [`Gpu`] tells of itself, and what can be set.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::spans::{Lane, Span};
use super::{Gpu, GpuBuffer};
use crate::fault::Faults;

/// What a [`Gpu`] did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GpuStats {
    /// Kernel launches.
    pub dispatches: u64,
    /// Submissions, each of many launches.
    pub submits: u64,
    /// Pipelines compiled.
    pub pipelines: u64,
    /// Bytes uploaded.
    pub uploaded_bytes: u64,
    /// Bytes downloaded.
    pub downloaded_bytes: u64,
    /// Bytes of device buffers in use.
    pub live_bytes: u64,
    /// The most that were in use at once.
    pub peak_bytes: u64,
    /// Bytes of staging memory in use.
    pub staging_bytes: u64,
    /// Bytes of buffers of either kind that are kept for reuse.
    pub idle_bytes: u64,
    /// The most that all of these took at once.
    pub peak_total_bytes: u64,
    /// Submissions that the device has not done yet.
    pub in_flight: u64,
    /// Nanoseconds that host threads wrote to staging memory.
    pub upload_ns: u64,
    /// Nanoseconds that the device ran kernels: by its own clock where it has one, otherwise from submitting to done.
    pub compute_ns: u64,
    /// Nanoseconds that host threads read what was downloaded.
    pub download_ns: u64,
}

impl Gpu {
    /// What was done so far.
    #[must_use]
    pub fn stats(&self) -> GpuStats {
        let counters = &self.0.counters;
        let (device, bytes) = (&self.0.device, self.0.pool.ledger.bytes());
        GpuStats {
            dispatches: counters.dispatches.load(Ordering::Relaxed),
            submits: counters.submits.load(Ordering::Relaxed),
            pipelines: self.0.pipelines.compiled(),
            uploaded_bytes: counters.uploaded.load(Ordering::Relaxed),
            downloaded_bytes: counters.downloaded.load(Ordering::Relaxed),
            live_bytes: bytes.live,
            peak_bytes: bytes.peak_live,
            staging_bytes: bytes.staging,
            idle_bytes: bytes.idle,
            peak_total_bytes: bytes.peak,
            in_flight: device.progress.in_flight(),
            upload_ns: device.lanes.nanoseconds(Lane::Upload),
            compute_ns: device.lanes.nanoseconds(Lane::Compute),
            download_ns: device.lanes.nanoseconds(Lane::Download),
        }
    }

    /// Bytes that all its buffers may take: in use, idle and staging. An eighth of them is for staging alone.
    #[must_use]
    pub fn budget(&self) -> u64 {
        self.0.pool.ledger.budget()
    }

    /// Sets the budget. Idle buffers beyond it are dropped now, those in use when their owners drop them.
    pub fn set_budget(&self, bytes: u64) {
        self.0.pool.ledger.set_budget(bytes);
    }

    /// Bytes that new buffers may take until the budget refuses them.
    #[must_use]
    pub fn room(&self) -> u64 {
        self.0.pool.ledger.room()
    }

    /// Failures made on purpose, for tests. Those of an adapter that is opened again are the same.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.device.faults
    }

    /// The same failures, to be shared.
    pub(crate) fn shared_faults(&self) -> Arc<Faults> {
        self.0.device.faults.clone()
    }

    /// Whether two are one open device.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether a buffer is on this open device. One that was on the device before it was opened again is not.
    #[must_use]
    pub fn owns(&self, buffer: &GpuBuffer) -> bool {
        buffer.memory.is_of(&self.0.pool.ledger)
    }

    /// Whether the device is gone: all that is asked of it now fails with [`Error::DeviceLost`].
    #[must_use]
    pub fn lost(&self) -> bool {
        self.0.device.progress.is_lost()
    }

    /// Loses the device, as a reset or an unplugged adapter would. Waits for those who read or write staging memory, so not to
    /// be called by them.
    #[doc(hidden)]
    pub fn destroy(&self) {
        self.0.device.progress.destroy(&self.0.device.device);
    }

    /// Whether to keep a [`Span`] of whatever takes time from now on.
    pub fn record_spans(&self, on: bool) {
        self.0.device.lanes.record(on);
    }

    /// Takes the spans kept so far: at most 65536, the first ones.
    #[must_use]
    pub fn take_spans(&self) -> Vec<Span> {
        self.0.device.lanes.take()
    }
}
