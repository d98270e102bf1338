//! [`Device`]: the adapter a run may use, or none. Without feature `gpu` there is only none, and nothing else changes.

use std::sync::Arc;
use std::time::Duration;

use crate::dtype::DType;
use crate::error::{Error, Result};
#[cfg_attr(not(feature = "gpu"), allow(unused_imports, reason = "there is no device to tell of"))]
use crate::event::{Event, Events, Lane};
use crate::fault::Faults;
use crate::host::HostBuffer;
use crate::plan::capability::Capabilities;
use crate::plan::kernel::{Kernel, Work};

#[cfg(feature = "gpu")]
pub(super) use crate::backend::gpu::GpuBuffer;
#[cfg(feature = "gpu")]
pub(super) use crate::backend::gpu::spans::{DeviceTime, Tag};

/// Stands for a device buffer where there are no devices: nothing makes one.
#[cfg(not(feature = "gpu"))]
#[derive(Clone, Debug)]
pub(super) struct GpuBuffer(());

/// Stands for what a device tells of its kernels.
#[cfg(not(feature = "gpu"))]
#[derive(Debug, Default)]
pub(super) struct DeviceTime(());

#[cfg(not(feature = "gpu"))]
impl DeviceTime {
    pub(super) fn known(&self) -> Option<Duration> {
        None
    }
}

/// Stands for whose kernels they are.
#[cfg(not(feature = "gpu"))]
#[allow(dead_code, reason = "nobody is told")]
pub(super) struct Tag {
    pub(super) run: u64,
    pub(super) stage: usize,
    pub(super) chunk: u64,
    pub(super) times: Arc<[DeviceTime]>,
}

/// What a device did since it was opened, for all runs together.
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
    /// How long it ran kernels: by its own clock where it has timestamps, otherwise from submitting to done. Without copies.
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
            busy: self.busy.saturating_sub(earlier.busy),
        }
    }
}

/// Hands the elements of a chunk to a sink, as bytes in C order, some at a time.
pub(super) type Fill<'a> = dyn FnMut(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> + 'a;

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
    #[cfg(feature = "gpu")]
    Gpu(crate::backend::gpu::Gpu),
}

impl Device {
    /// What the adapter can do, if there is one.
    #[must_use]
    pub fn capabilities(&self) -> Option<&Capabilities> {
        match self {
            Self::Cpu | Self::Null => None,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => Some(gpu.capabilities()),
        }
    }
    /// What it did so far.
    #[must_use]
    pub fn stats(&self) -> DeviceStats {
        match self {
            Self::Cpu | Self::Null => DeviceStats::default(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => {
                let stats = gpu.stats();
                DeviceStats {
                    submissions: stats.submits,
                    dispatches: stats.dispatches,
                    uploaded_bytes: stats.uploaded_bytes,
                    downloaded_bytes: stats.downloaded_bytes,
                    busy: Duration::from_nanos(stats.compute_ns),
                }
            }
        }
    }
    /// Bytes of its memory that chunks may take.
    #[must_use]
    pub fn budget(&self) -> u64 {
        match self {
            Self::Cpu | Self::Null => 0,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.budget(),
        }
    }
    /// Sets them.
    pub fn set_budget(&self, bytes: u64) {
        let _ = bytes;
        match self {
            Self::Cpu | Self::Null => (),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.set_budget(bytes),
        }
    }
    /// Failures made on purpose; those of the device, if there is one.
    #[must_use]
    pub fn faults(&self) -> Arc<Faults> {
        match self {
            Self::Cpu | Self::Null => Arc::default(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.shared_faults(),
        }
    }
    /// Whether to keep what [`Device::tell`] tells.
    pub(super) fn listen(&self, on: bool) {
        let _ = on;
        match self {
            Self::Cpu | Self::Null => (),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.record_spans(on),
        }
    }
    /// Hands over what is recorded, and waits until all is done and its times are known.
    ///
    /// # Errors
    /// Those of the device.
    pub fn sync(&self) -> Result<()> {
        match self {
            Self::Cpu | Self::Null => Ok(()),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.sync(),
        }
    }
    /// Waits until what was submitted is done and known to have been, or the device is lost.
    pub(super) fn wait_idle(&self) {
        #[cfg(feature = "gpu")]
        if let Self::Gpu(gpu) = self {
            gpu.wait_idle();
        }
    }
    /// Tells when the device and the ways to it were busy since the last call.
    #[cfg_attr(not(feature = "gpu"), allow(unused_variables, reason = "there is no device to tell of"))]
    pub(super) fn tell(&self, events: &Events) {
        #[cfg(feature = "gpu")]
        if let Self::Gpu(gpu) = self {
            use crate::backend::gpu::spans;
            for span in gpu.take_spans() {
                let spans::Span { lane, start, end, took, bytes, .. } = span;
                let task = span.tag.as_ref().map(|tag| (tag.run, tag.stage, tag.chunk));
                events.tell(|| match lane {
                    spans::Lane::Compute => Event::Device { task, start, end, took, bytes },
                    spans::Lane::Upload => Event::Moved { run: 0, lane: Lane::Upload, start, end, bytes },
                    spans::Lane::Download => Event::Moved { run: 0, lane: Lane::Download, start, end, bytes },
                });
                span.told();
            }
        }
    }
    /// Bytes of its buffers in use now, and the most so far of all it holds.
    pub(super) fn device_bytes(&self) -> (u64, u64) {
        match self {
            Self::Cpu | Self::Null => (0, 0),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => (gpu.stats().live_bytes, gpu.stats().peak_total_bytes),
        }
    }
    /// Whether two are one device, not only one adapter.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cpu, Self::Cpu) | (Self::Null, Self::Null) => true,
            #[cfg(feature = "gpu")]
            (Self::Gpu(a), Self::Gpu(b)) => a.is_same(b),
            _ => false,
        }
    }
    /// The error for chunks that only a lost device had.
    pub(super) fn gone(&self) -> Error {
        let adapter = match self {
            Self::Cpu | Self::Null => "gpu".to_owned(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.summary().name.clone(),
        };
        let message = "only the lost device had this kept chunk; persist the array again".to_owned();
        Error::DeviceLost { adapter, doing: "read a kept array".to_owned(), message }
    }
    #[cfg(feature = "gpu")]
    fn gpu(&self) -> Result<&crate::backend::gpu::Gpu> {
        match self {
            Self::Gpu(gpu) => Ok(gpu),
            Self::Cpu | Self::Null => Err(Error::bug("a device task without a device")),
        }
    }
}

/// The device's half of the executor: with a device, it does as it says; without, it cannot be reached.
#[cfg(feature = "gpu")]
impl Device {
    /// Sends elements: `fill` hands them out in C order.
    pub(super) fn upload(&self, dtype: DType, len: usize, fill: &mut Fill<'_>) -> Result<GpuBuffer> {
        self.gpu()?.upload_stream(dtype, len, fill)
    }
    pub(super) fn download(&self, buffers: &[GpuBuffer]) -> Result<Vec<Arc<HostBuffer>>> {
        Ok(self.gpu()?.download_many(buffers)?.into_iter().map(Arc::new).collect())
    }
    pub(super) fn download_with(
        &self,
        buffers: &[GpuBuffer],
        take: &mut dyn FnMut(usize, &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.gpu()?.download_with(buffers, take)
    }
    pub(super) fn launch(
        &self,
        tag: Option<Tag>,
        kernel: &Kernel,
        work: &Work,
        inputs: &[GpuBuffer],
        elements: usize,
    ) -> Result<Vec<GpuBuffer>> {
        self.gpu()?.run_as(tag, kernel, work, inputs, elements)
    }
    pub(super) fn buffer_bytes(buffer: &GpuBuffer) -> u64 {
        (buffer.len * buffer.dtype.device_size()) as u64
    }
    pub(super) fn buffer_elements(buffer: &GpuBuffer) -> (DType, usize) {
        (buffer.dtype, buffer.len)
    }
    /// The first `len` elements.
    pub(super) fn shorten(buffer: &mut GpuBuffer, len: usize) {
        buffer.len = buffer.len.min(len);
    }
    /// Whether someone beside the one who asks holds it: a task, or a kernel that is not submitted.
    pub(super) fn buffer_shared(buffer: &GpuBuffer) -> bool {
        Arc::strong_count(&buffer.memory) > 1
    }
    /// Hands what is recorded to the device: until then it holds buffers that nobody may want any more.
    pub(super) fn flush(&self) -> Result<()> {
        match self {
            Self::Cpu | Self::Null => Ok(()),
            Self::Gpu(gpu) => gpu.flush(),
        }
    }
    /// Whether a buffer is on this device: another one, opened after a loss, cannot use it.
    pub(super) fn owns(&self, buffer: &GpuBuffer) -> bool {
        matches!(self, Self::Gpu(gpu) if gpu.owns(buffer))
    }
    /// Whether the device is gone.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Gpu(gpu) if gpu.lost())
    }
    /// The same adapter, opened again.
    ///
    /// # Errors
    /// As opening it.
    pub fn reopen(&self) -> Result<Self> {
        self.gpu()?.reopen().map(Self::Gpu)
    }
}

#[cfg(not(feature = "gpu"))]
impl Device {
    pub(super) fn upload(&self, _: DType, _: usize, _: &mut Fill<'_>) -> Result<GpuBuffer> {
        Err(Error::GpuNotBuilt)
    }
    pub(super) fn download(&self, _: &[GpuBuffer]) -> Result<Vec<Arc<HostBuffer>>> {
        Err(Error::GpuNotBuilt)
    }
    pub(super) fn download_with(&self, _: &[GpuBuffer], _: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        Err(Error::GpuNotBuilt)
    }
    pub(super) fn launch(
        &self,
        _: Option<Tag>,
        _: &Kernel,
        _: &Work,
        _: &[GpuBuffer],
        _: usize,
    ) -> Result<Vec<GpuBuffer>> {
        Err(Error::GpuNotBuilt)
    }
    pub(super) fn buffer_bytes(_: &GpuBuffer) -> u64 {
        0
    }
    pub(super) fn buffer_elements(_: &GpuBuffer) -> (DType, usize) {
        (DType::U8, 0)
    }
    pub(super) fn buffer_shared(_: &GpuBuffer) -> bool {
        false
    }
    pub(super) fn shorten(_: &mut GpuBuffer, _: usize) {}
    pub(super) fn flush(&self) -> Result<()> {
        Ok(())
    }
    pub(super) fn owns(&self, _: &GpuBuffer) -> bool {
        false
    }
    /// Whether the device is gone.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        false
    }
    /// The same adapter, opened again: there is none.
    ///
    /// # Errors
    /// [`Error::GpuNotBuilt`].
    pub fn reopen(&self) -> Result<Self> {
        Err(Error::GpuNotBuilt)
    }
}
