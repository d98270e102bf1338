//! What a [`Gpu`] tells of itself, and what can be set.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::spans::{Lane, Span};
use super::{Gpu, GpuBuffer};
use crate::backend::adapter::AdapterStats;
use crate::fault::Faults;

impl Gpu {
    /// What was done so far.
    #[must_use]
    pub(crate) fn stats(&self) -> AdapterStats {
        let counters = &self.0.counters;
        let (device, bytes) = (&self.0.device, self.0.pool.ledger.bytes());
        AdapterStats {
            dispatches: counters.dispatches.load(Ordering::Relaxed),
            submits: counters.submits.load(Ordering::Relaxed),
            pipelines: self.0.pipelines.compiled(),
            buffers: self.0.pool.made(),
            bind_groups: self.0.pool.ledger.groups.made(),
            uploaded_bytes: counters.uploaded.load(Ordering::Relaxed),
            moved_bytes: 0,
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
    pub(crate) fn budget(&self) -> u64 {
        self.0.pool.ledger.budget()
    }

    /// Sets the budget. Idle buffers beyond it are dropped now, those in use when their owners drop them.
    pub(crate) fn set_budget(&self, bytes: u64) {
        self.0.pool.ledger.set_budget(bytes);
    }

    /// Bytes that new buffers may take until the budget refuses them.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn room(&self) -> u64 {
        self.0.pool.ledger.room()
    }

    /// Failures made on purpose, for tests. Those of an adapter that is opened again are the same.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn faults(&self) -> &Faults {
        &self.0.device.faults
    }

    /// The same failures, to be shared.
    pub(crate) fn shared_faults(&self) -> Arc<Faults> {
        self.0.device.faults.clone()
    }

    /// Whether a buffer is on this open device. One that was on the device before it was opened again is not.
    #[must_use]
    pub(crate) fn owns(&self, buffer: &GpuBuffer) -> bool {
        buffer.memory.is_of(&self.0.pool.ledger)
    }

    /// Whether the device is gone: all that is asked of it now fails with [`Error::DeviceLost`].
    #[must_use]
    pub(crate) fn lost(&self) -> bool {
        self.0.device.progress.is_lost()
    }

    /// Loses the device, as a reset or an unplugged adapter would. Waits for those who read or write staging memory, so not to
    /// be called by them.
    #[doc(hidden)]
    pub(crate) fn destroy(&self) {
        self.0.device.progress.destroy(&self.0.device.device);
    }

    /// Whether to keep a [`Span`] of whatever takes time from now on.
    pub(crate) fn record_spans(&self, on: bool) {
        self.0.device.lanes.record(on);
    }

    /// Takes the spans kept so far: at most 65536, the first ones.
    #[must_use]
    pub(crate) fn take_spans(&self) -> Vec<Span> {
        self.0.device.lanes.take()
    }
}
