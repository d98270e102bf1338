//! A [`Gpu`] as the [`Adapter`] that runs know.

use std::sync::Arc;

use super::allocation::Allocation;
use super::{Gpu, GpuBuffer};
use crate::backend::adapter::{Adapter, AdapterStats, DeviceBuffer, Fill};
use crate::backend::span::{Span, Tag};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::fault::Faults;
use crate::host::HostBuffer;
use crate::plan::capability::Capabilities;
use crate::plan::kernel::{Kernel, Work};
use crate::plan::{Finished, Merge};

impl From<GpuBuffer> for DeviceBuffer {
    fn from(GpuBuffer { dtype, len, memory }: GpuBuffer) -> Self {
        Self { dtype, len, memory, notes: None }
    }
}

/// Buffers that this backend made.
///
/// # Errors
/// [`Error::Bug`] for those of another.
fn own(buffers: &[DeviceBuffer]) -> Result<Vec<GpuBuffer>> {
    let one = |DeviceBuffer { dtype, len, memory, notes: _ }: &DeviceBuffer| {
        let memory = memory.clone().downcast::<Allocation>();
        let memory = memory.map_err(|_| Error::bug("a buffer of another kind of adapter"))?;
        Ok(GpuBuffer { dtype: *dtype, len: *len, memory })
    };
    buffers.iter().map(one).collect()
}

impl Adapter for Gpu {
    fn describe(&self) -> (String, String) {
        let adapter = self.summary();
        (adapter.name.clone(), format!("{}, {:?}", adapter.backend, adapter.kind))
    }
    fn capabilities(&self) -> &Capabilities {
        self.capabilities()
    }
    fn stats(&self) -> AdapterStats {
        self.stats()
    }
    fn budget(&self) -> u64 {
        self.budget()
    }
    fn set_budget(&self, bytes: u64) {
        self.set_budget(bytes);
    }
    fn faults(&self) -> Arc<Faults> {
        self.shared_faults()
    }
    fn upload(&self, _near: u64, dtype: DType, len: usize, fill: &mut Fill<'_>) -> Result<DeviceBuffer> {
        Ok(self.upload_stream(dtype, len, fill)?.into())
    }
    fn download(&self, buffers: &[DeviceBuffer]) -> Result<Vec<HostBuffer>> {
        self.download_many(&own(buffers)?)
    }
    fn download_with(&self, buffers: &[DeviceBuffer], take: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        self.download_with(&own(buffers)?, take)
    }
    fn launch(
        &self,
        tag: Option<Tag>,
        _near: u64,
        kernel: &Kernel,
        work: &Work,
        inputs: &[DeviceBuffer],
        elements: usize,
    ) -> Result<Vec<DeviceBuffer>> {
        let made = self.run_as(tag, kernel, work, &own(inputs)?, elements)?;
        Ok(made.into_iter().map(DeviceBuffer::from).collect())
    }
    fn merge(
        &self,
        tag: Option<Tag>,
        _near: u64,
        merge: &Merge,
        last: Option<(&Finished, DType)>,
        chunks: &[Vec<DeviceBuffer>],
        outputs: usize,
    ) -> Result<Vec<DeviceBuffer>> {
        let chunks = chunks.iter().map(|chunk| own(chunk)).collect::<Result<_>>()?;
        Ok(self.merge_as(tag, merge, last, chunks, outputs)?.into_iter().map(DeviceBuffer::from).collect())
    }
    fn flush(&self) -> Result<()> {
        self.flush()
    }
    fn sync(&self) -> Result<()> {
        self.sync()
    }
    fn wait_idle(&self) {
        self.wait_idle();
    }
    fn listen(&self, on: bool) {
        self.record_spans(on);
    }
    fn take_spans(&self) -> Vec<Span> {
        self.take_spans()
    }
    fn owns(&self, buffer: &DeviceBuffer) -> bool {
        own(std::slice::from_ref(buffer)).is_ok_and(|buffers| self.owns(&buffers[0]))
    }
    fn is_lost(&self) -> bool {
        self.lost()
    }
    fn reopen(&self) -> Result<Arc<dyn Adapter>> {
        Ok(Arc::new(self.reopen()?))
    }
    fn destroy(&self) {
        self.destroy();
    }
}
