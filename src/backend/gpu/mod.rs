//! The GPU backend: chunk kernels as WGSL compute shaders on any adapter that wgpu reaches.
//!
//! [`Gpu::run`] prints the kernel's shader ([`code`], [`wgsl`], [`compose`] and one file a kernel), finds its pipeline ([`pipeline`]),
//! and records a dispatch for each piece ([`params`], [`launch`]). Nothing runs before enough is recorded or a
//! download asks for it. Buffers come from a pool ([`buffer`]). Nothing here knows of graphs or schedules.

mod buffer;
mod code;
mod compose;
mod device;
mod dot;
mod dot_source;
mod fold;
mod histogram;
mod launch;
mod map;
mod params;
mod pipeline;
mod reduce;
mod select;
mod source;
mod take;
mod transfer;
mod trusted;
mod values;
mod wgsl;

#[cfg(test)]
mod tests;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

pub(crate) use buffer::GpuBuffer;
pub use device::{AdapterKind, AdapterSummary, adapters};
pub use source::source;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::capability::{Capabilities, unsupported};
use crate::plan::expr::Program;
use crate::plan::kernel::{Kernel, Piece, Work};

use buffer::{Pool, lock};
use device::Device;
use launch::{Counters, Recorder, Target};
use pipeline::{Cache, Key};

/// An open adapter. Cloning shares it.
#[derive(Clone)]
pub struct Gpu(Arc<Inner>);

/// What clones of a [`Gpu`] share.
pub(crate) struct Inner {
    device: Arc<Device>,
    pool: Arc<Pool>,
    staging: Arc<Pool>,
    pipelines: Cache,
    recorder: Mutex<Recorder>,
    counters: Counters,
}

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
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gpu({})", self.summary().name)
    }
}

impl Gpu {
    /// Opens the first adapter whose name contains `name` in any case, or the best one there is.
    ///
    /// # Errors
    /// [`Error::NoAdapter`] if there is none, [`Error::Device`] if it does not open.
    pub fn open(name: Option<&str>) -> Result<Self> {
        use wgpu::BufferUsages as Usage;
        let device = Device::open(name)?;
        let pool = Pool::new(device.clone(), Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST);
        let staging = Pool::new(device.clone(), Usage::MAP_READ | Usage::COPY_DST);
        let pipelines = Cache::new(device.clone());
        let (recorder, counters) = (Mutex::default(), Counters::default());
        Ok(Self(Arc::new(Inner { device, pool, staging, pipelines, recorder, counters })))
    }

    /// The adapter.
    #[must_use]
    pub fn summary(&self) -> &AdapterSummary {
        &self.0.device.summary
    }

    /// What it can do.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.0.device.capabilities
    }

    /// What was done so far.
    #[must_use]
    pub fn stats(&self) -> GpuStats {
        let counters = &self.0.counters;
        let (live_bytes, peak_bytes) = self.0.pool.bytes();
        GpuStats {
            dispatches: counters.dispatches.load(Ordering::Relaxed),
            submits: counters.submits.load(Ordering::Relaxed),
            pipelines: self.0.pipelines.compiled(),
            uploaded_bytes: counters.uploaded.load(Ordering::Relaxed),
            downloaded_bytes: counters.downloaded.load(Ordering::Relaxed),
            live_bytes,
            peak_bytes,
        }
    }

    /// Records a task: `kernel` on `inputs`, into new buffers. For maps, takes and products these have `out_elements` elements; for
    /// reductions they are the state's arrays, `[slots, out_elements]` each; for histograms the counts; for selections the
    /// values, with room for all, and their number.
    ///
    /// # Errors
    /// [`Error::Device`] from the device; [`Error::Bug`] for work that does not fit the kernel or its inputs.
    pub fn run(
        &self,
        kernel: &Kernel,
        work: &Work,
        inputs: &[GpuBuffer],
        out_elements: usize,
    ) -> Result<Vec<GpuBuffer>> {
        let inner = &*self.0;
        if let Some(why) = unsupported(kernel, &inner.device.capabilities) {
            return Err(Error::bug(format!("{} planned for {}: {why}", kernel.name(), self.summary().name)));
        }
        match (kernel, work) {
            (Kernel::Map(program), Work::Pieces(pieces)) => map::run(inner, program, pieces, inputs, out_elements),
            (Kernel::Reduce { program, fold, masked }, Work::Pieces(pieces)) => {
                reduce::run(inner, program, (*fold, *masked), pieces, inputs, out_elements)
            }
            (Kernel::Histogram { program, masked, uniform, weighted: _ }, Work::Pieces(pieces)) => {
                histogram::run(inner, program, (*masked, *uniform), pieces, inputs)
            }
            (Kernel::Select(program), Work::Pieces(pieces)) => {
                select::run(inner, program, pieces, inputs, out_elements)
            }
            (Kernel::Take(dtype), Work::Take(pieces)) => take::run(inner, *dtype, pieces, inputs, out_elements),
            (Kernel::Dot(dtype), Work::Dot(pieces)) => dot::run(inner, *dtype, pieces, inputs, out_elements),
            _ => Err(Error::bug(format!("{} with work of another kernel: {work:?}", kernel.name()))),
        }
    }
}

impl Inner {
    /// What the recorder needs.
    fn target(&self) -> Target<'_> {
        Target { device: &self.device, pool: &self.pool, counters: &self.counters }
    }

    /// A buffer with anything in it.
    fn allocate(&self, dtype: DType, len: usize) -> Result<GpuBuffer> {
        let bytes = len as u64 * dtype.device_size() as u64;
        let memory = self.pool.allocate(bytes).or_else(|_| {
            // What is recorded holds buffers that nobody else needs: let it run, and try again.
            lock(&self.recorder).flush(&self.target())?;
            self.device.wait(None)?;
            self.pool.allocate(bytes)
        })?;
        Ok(GpuBuffer { dtype, len, memory })
    }

    /// Records a dispatch of so many workgroups: the buffers it reads, then those it writes.
    fn launch(&self, key: &Key, words: &[u32], buffers: &[&GpuBuffer], groups: [u64; 2]) -> Result<()> {
        let (reads, writes) = key.buffers();
        if reads + writes != buffers.len() {
            return Err(Error::bug(format!("{}: {} buffers for {reads} + {writes}", key.name(), buffers.len())));
        }
        let pipeline = self.pipelines.get(key)?;
        lock(&self.recorder).record(&self.target(), pipeline, words, buffers, groups)
    }
}

/// The buffers of a piece's loads, of the right dtype and large enough for every access.
///
/// # Errors
/// [`Error::Bug`] if they are not.
fn check_inputs<'a>(program: &Program, piece: &Piece, inputs: &'a [GpuBuffer]) -> Result<Vec<&'a GpuBuffer>> {
    if program.loads.len() != piece.loads.len() {
        return Err(Error::bug(format!("{} loads of {:?}", program.loads.len(), piece.loads)));
    }
    let load = |((input, access), &dtype): (&(usize, crate::plan::kernel::Access), &DType)| {
        let buffer = inputs.get(*input).ok_or_else(|| Error::bug(format!("no input {input} of {}", inputs.len())))?;
        if buffer.dtype != dtype {
            return Err(Error::bug(format!("{dtype} loaded from {buffer:?}")));
        }
        params::check_bounds("load", access, &piece.dims, buffer.len)?;
        Ok(buffer)
    };
    piece.loads.iter().zip(&program.loads).map(load).collect()
}
