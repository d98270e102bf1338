//! [`Adapter`]: what runs ask of a device. Those who schedule know this much of one, and nothing of wgpu.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::span::{Span, Tag};
use crate::dtype::DType;
use crate::error::Result;
use crate::fault::Faults;
use crate::host::HostBuffer;
use crate::plan::capability::Capabilities;
use crate::plan::kernel::{Kernel, Work};
use crate::plan::{Finished, Merge};

/// Hands the elements of a chunk to a sink, as bytes in C order, some at a time.
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

/// A device that is open. All of it may be called from any thread; failures are errors of the kinds that [`crate::Error`] has for
/// devices.
#[allow(clippy::missing_errors_doc, reason = "whatever the device meets")]
pub trait Adapter: fmt::Debug + Send + Sync {
    /// Its name, and what it is, for people.
    fn describe(&self) -> (String, String);
    /// What its kernels can do.
    fn capabilities(&self) -> &Capabilities;
    /// What it did so far.
    fn stats(&self) -> AdapterStats;
    /// Bytes that all its buffers may take.
    fn budget(&self) -> u64;
    /// Sets them.
    fn set_budget(&self, bytes: u64);
    /// Failures made on purpose, for tests.
    fn faults(&self) -> Arc<Faults>;

    /// Sends elements: `fill` hands them out in C order.
    fn upload(&self, dtype: DType, len: usize, fill: &mut Fill<'_>) -> Result<DeviceBuffer>;
    /// Fetches buffers; waits for what makes them.
    fn download(&self, buffers: &[DeviceBuffer]) -> Result<Vec<HostBuffer>>;
    /// Hands the elements of each buffer to `take`, in order, as bytes in host form, some at a time.
    fn download_with(&self, buffers: &[DeviceBuffer], take: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()>;
    /// Records a task in the name of `tag`; its outputs have `elements` elements (of reductions: a state's arrays, each).
    fn launch(
        &self,
        tag: Option<Tag>,
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
    /// Whether the device is gone: all that is asked of it fails then.
    fn is_lost(&self) -> bool;
    /// The same device, opened again.
    fn reopen(&self) -> Result<Arc<dyn Adapter>>;
    /// Loses the device, as a reset would, for tests.
    fn destroy(&self);
}
