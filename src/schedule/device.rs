//! [`Device`]: the adapter a run may use, or none. Without feature `gpu` there is only none, and nothing else changes.

use std::sync::Arc;

use crate::error::Result;
use crate::host::HostBuffer;
use crate::plan::capability::Capabilities;
use crate::plan::kernel::{Kernel, Work};

#[cfg(feature = "gpu")]
pub(super) use crate::backend::gpu::GpuBuffer;

/// Stands for a device buffer where there are no devices: it cannot be made.
#[cfg(not(feature = "gpu"))]
#[derive(Clone, Debug)]
pub(super) enum GpuBuffer {}

/// Where kernels run beside the host.
#[derive(Clone, Debug)]
pub enum Device {
    /// Nowhere: everything runs on the host.
    Cpu,
    /// On an adapter.
    #[cfg(feature = "gpu")]
    Gpu(crate::backend::gpu::Gpu),
}

impl Device {
    /// What the adapter can do, if there is one.
    #[must_use]
    pub fn capabilities(&self) -> Option<&Capabilities> {
        match self {
            Self::Cpu => None,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => Some(gpu.capabilities()),
        }
    }
    /// Bytes uploaded and downloaded so far.
    pub(super) fn moved_bytes(&self) -> (u64, u64) {
        match self {
            Self::Cpu => (0, 0),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => (gpu.stats().uploaded_bytes, gpu.stats().downloaded_bytes),
        }
    }
    #[cfg(feature = "gpu")]
    fn gpu(&self) -> Result<&crate::backend::gpu::Gpu> {
        match self {
            Self::Gpu(gpu) => Ok(gpu),
            Self::Cpu => Err(crate::error::Error::bug("a device task without a device")),
        }
    }
}

/// The device's half of the executor: with a device, it does as it says; without, it cannot be reached.
#[cfg(feature = "gpu")]
impl Device {
    pub(super) fn upload(&self, host: &HostBuffer) -> Result<GpuBuffer> {
        self.gpu()?.upload(host)
    }
    pub(super) fn download(&self, buffers: &[GpuBuffer]) -> Result<Vec<Arc<HostBuffer>>> {
        Ok(self.gpu()?.download_many(buffers)?.into_iter().map(Arc::new).collect())
    }
    pub(super) fn launch(
        &self,
        kernel: &Kernel,
        work: &Work,
        inputs: &[GpuBuffer],
        elements: usize,
    ) -> Result<Vec<GpuBuffer>> {
        self.gpu()?.run(kernel, work, inputs, elements)
    }
    pub(super) fn buffer_bytes(buffer: &GpuBuffer) -> u64 {
        (buffer.len * buffer.dtype.device_size()) as u64
    }
}

#[cfg(not(feature = "gpu"))]
impl Device {
    pub(super) fn upload(&self, _: &HostBuffer) -> Result<GpuBuffer> {
        Err(crate::error::Error::GpuNotBuilt)
    }
    pub(super) fn download(&self, _: &[GpuBuffer]) -> Result<Vec<Arc<HostBuffer>>> {
        Err(crate::error::Error::GpuNotBuilt)
    }
    pub(super) fn launch(&self, _: &Kernel, _: &Work, _: &[GpuBuffer], _: usize) -> Result<Vec<GpuBuffer>> {
        Err(crate::error::Error::GpuNotBuilt)
    }
    pub(super) fn buffer_bytes(buffer: &GpuBuffer) -> u64 {
        match *buffer {}
    }
}
