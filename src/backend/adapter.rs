//! [`Adapter`]: what runs ask of a device. Those who schedule know this much of one, and nothing of wgpu.

use std::any::Any;
use std::fmt;
use std::ops::AddAssign;
use std::sync::Arc;

use super::span::{Span, Tag};
use crate::dtype::DType;
use crate::error::Result;
use crate::fault::Faults;
use crate::host::HostBuffer;
use crate::plan::capability::Capabilities;
use crate::plan::kernel::{Kernel, Work};
use crate::plan::{Finished, Merge};

/// Hands the elements of a chunk to a sink, as bytes in C order, some at a time; from the first on each time it is called.
pub(crate) type Fill<'a> = dyn FnMut(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> + 'a;

/// Elements of one dtype in an adapter's memory. Cloning shares them; the last owner gives the memory back.
#[derive(Clone)]
pub struct DeviceBuffer {
    /// The elements' dtype.
    pub dtype: DType,
    /// Number of elements.
    pub len: usize,
    /// The memory, as the adapter knows it.
    pub memory: Arc<dyn Any + Send + Sync>,
    /// What an adapter of several devices notes of it; goes with the last owner too.
    pub notes: Option<Arc<dyn Any + Send + Sync>>,
}

impl DeviceBuffer {
    /// Bytes that the elements take on the device.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.len as u64 * self.dtype.device_size() as u64
    }
    /// Whether someone beside the one who asks holds it: a task, or a kernel that is not submitted.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.memory) > 1
    }
}

impl fmt::Debug for DeviceBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceBuffer({} × {})", self.len, self.dtype)
    }
}

/// What an adapter did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdapterStats {
    /// Kernel launches.
    pub dispatches: u64,
    /// Submissions, each of many launches.
    pub submits: u64,
    /// Pipelines compiled.
    pub pipelines: u64,
    /// Buffers made.
    pub buffers: u64,
    /// Bind groups made.
    pub bind_groups: u64,
    /// Bytes uploaded.
    pub uploaded_bytes: u64,
    /// Bytes downloaded.
    pub downloaded_bytes: u64,
    /// Of both, bytes that went from one device of several to another.
    pub moved_bytes: u64,
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

impl AddAssign for AdapterStats {
    /// What two devices did: the sum of their peaks is no less than what both held at once.
    fn add_assign(&mut self, other: Self) {
        *self = Self {
            dispatches: self.dispatches + other.dispatches,
            submits: self.submits + other.submits,
            pipelines: self.pipelines + other.pipelines,
            buffers: self.buffers + other.buffers,
            bind_groups: self.bind_groups + other.bind_groups,
            uploaded_bytes: self.uploaded_bytes + other.uploaded_bytes,
            downloaded_bytes: self.downloaded_bytes + other.downloaded_bytes,
            moved_bytes: self.moved_bytes + other.moved_bytes,
            live_bytes: self.live_bytes + other.live_bytes,
            peak_bytes: self.peak_bytes + other.peak_bytes,
            staging_bytes: self.staging_bytes + other.staging_bytes,
            idle_bytes: self.idle_bytes + other.idle_bytes,
            peak_total_bytes: self.peak_total_bytes + other.peak_total_bytes,
            in_flight: self.in_flight + other.in_flight,
            upload_ns: self.upload_ns + other.upload_ns,
            compute_ns: self.compute_ns + other.compute_ns,
            download_ns: self.download_ns + other.download_ns,
        };
    }
}

/// A device that is open, or several that work as one. All of it may be called from any thread; failures are errors of the kinds that [`crate::Error`] has for
/// devices.
#[allow(clippy::missing_errors_doc, reason = "whatever the device meets")]
pub trait Adapter: fmt::Debug + Send + Sync {
    /// Its name, and what it is, for people.
    fn describe(&self) -> (String, String);
    /// What its kernels can do.
    fn capabilities(&self) -> &Capabilities;
    /// What it did so far.
    fn stats(&self) -> AdapterStats;
    /// Bytes that all its buffers may take: of several devices, those of each.
    fn budget(&self) -> u64;
    /// Sets them.
    fn set_budget(&self, bytes: u64);
    /// The devices that it is made of, where it is several.
    fn members(&self) -> &[Arc<dyn Adapter>] {
        &[]
    }
    /// Failures made on purpose, for tests.
    fn faults(&self) -> Arc<Faults>;

    /// Sends elements: `fill` hands them out in C order. They are for the task that makes the chunk of number `near`: of several
    /// devices, those for equal numbers go to the same one.
    fn upload(&self, near: u64, dtype: DType, len: usize, fill: &mut Fill<'_>) -> Result<DeviceBuffer>;
    /// Fetches buffers; waits for what makes them.
    fn download(&self, buffers: &[DeviceBuffer]) -> Result<Vec<HostBuffer>>;
    /// Hands the elements of each buffer to `take`, in order, as bytes in host form, those of a buffer at once.
    fn download_with(&self, buffers: &[DeviceBuffer], take: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()>;
    /// Records a task in the name of `tag`, which makes the chunk of number `near`; its outputs have `elements` elements (of
    /// reductions: a state's arrays, each).
    fn launch(
        &self,
        tag: Option<Tag>,
        near: u64,
        kernel: &Kernel,
        work: &Work,
        inputs: &[DeviceBuffer],
        elements: usize,
    ) -> Result<Vec<DeviceBuffer>>;
    /// Records in the name of `tag` that states which it made are merged: of each chunk some slots of `outputs` outputs, into new ones
    /// of one slot, or into the result that `last` says and its dtype.
    fn merge(
        &self,
        tag: Option<Tag>,
        near: u64,
        merge: &Merge,
        last: Option<(&Finished, DType)>,
        chunks: &[Vec<DeviceBuffer>],
        outputs: usize,
    ) -> Result<Vec<DeviceBuffer>>;

    /// Hands what is recorded to the device: until then it holds buffers that nobody may want any more.
    fn flush(&self) -> Result<()>;
    /// Hands over what is recorded, and waits until all is done and its times are known.
    fn sync(&self) -> Result<()>;
    /// Waits until what was submitted is done and known to have been, or the device is lost.
    fn wait_idle(&self);

    /// Whether to keep a [`Span`] of whatever takes time from now on.
    fn listen(&self, on: bool);
    /// Takes the spans kept so far.
    fn take_spans(&self) -> Vec<Span>;

    /// Whether a buffer is on this open device: one from before it was opened again is not.
    fn owns(&self, buffer: &DeviceBuffer) -> bool;
    /// Whether to let go of a buffer helps who was last refused memory: of several devices, one that is short may not have it.
    fn relieves(&self, _buffer: &DeviceBuffer) -> bool {
        true
    }
    /// Whether the device is gone: all that is asked of it fails then.
    fn is_lost(&self) -> bool;
    /// The same device, opened again: of several, those that are gone.
    fn reopen(&self) -> Result<Arc<dyn Adapter>>;
    /// Loses the device, as a reset would, for tests.
    fn destroy(&self);
}
