//! The GPU backend: chunk kernels as WGSL compute shaders on any adapter that wgpu reaches.
//!
//! [`Gpu::run`] prints the kernel's shader ([`code`], [`wgsl`], [`compose`] and one file a kernel), finds its pipeline ([`pipeline`]),
//! and records its pieces in few dispatches ([`params`], [`pieces`], [`launch`]); merges wait for others ([`together`]). Nothing runs before
//! enough is recorded or a download asks for it ([`submit`]). Buffers come from a pool ([`buffer`]) that keeps a budget ([`ledger`]); uploads go through a
//! ring of staging memory ([`upload`], [`staging`]), downloads through mapped memory ([`transfer`]). Any thread may call anything;
//! what waits for the device waits in [`progress`]. When the device ran what is told by its own clock ([`timer`], [`clock`]).
//! Nothing here knows of graphs or schedules: whose a kernel is ([`job`]) is handed back as it came.
//!
//! Locks: a thread takes the recorder's first; ledger, progress and the rest are taken for a moment and alone. Callbacks of the
//! device, which run inside a submission too, take only the latter.

mod adapter;
mod allocation;
mod buffer;
mod cache;
mod clock;
mod code;
mod compose;
mod copies;
mod device;
mod dot;
mod dot_loads;
mod dot_source;
mod draws;
mod ending;
mod fold;
mod folds;
mod groups;
mod histogram;
mod job;
mod launch;
mod ledger;
mod loads;
mod map;
mod merge;
mod merge_source;
mod params;
mod pieces;
mod pipeline;
mod pipeline_file;
mod poll;
mod progress;
mod quads;
mod reading;
mod reduce;
mod scan;
mod select;
mod shader;
mod sort;
mod source;
mod sources;
pub(crate) mod spans;
mod spirv;
mod staging;
pub(crate) mod stats;
mod submit;
mod sync;
mod table;
mod take;
mod tile;
mod timer;
mod together;
mod transfer;
mod trusted;
mod tune;
mod upload;
pub(crate) mod user;
mod values;
mod wgsl;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};

pub(crate) use buffer::GpuBuffer;
pub use device::{AdapterKind, AdapterSummary, adapters};
pub use source::source;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::fault::{Faults, Point};
use crate::plan::capability::Capabilities;
use crate::plan::family::unsupported;
use crate::plan::kernel::{Folding, Kernel, Work};
use crate::plan::{Finished, Merge};

use buffer::Pool;
use device::Device;
use job::Job;
use launch::{CommandBuffer, Counters, Target};
use ledger::HINT;
use ledger::Kind;
use pipeline::Cache;
use poll::Poller;
use sync::lock;
use timer::Timers;
use tune::Tuner;

/// An open adapter. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Gpu(Arc<Inner>);

/// What clones of a [`Gpu`] share.
pub(crate) struct Inner {
    /// Ends first.
    _poller: Poller,
    device: Arc<Device>,
    /// Whether uploads are written to the chunks' buffers.
    direct: bool,
    pool: Pool,
    pipelines: Cache,
    tuner: Tuner,
    recorder: Mutex<CommandBuffer>,
    counters: Counters,
    timers: Option<Arc<Timers>>,
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
    pub(crate) fn open(name: Option<&str>) -> Result<Self> {
        Self::begin(Device::open(name)?)
    }

    /// Opens the adapter of an index of [`adapters`], with failures that are armed elsewhere.
    ///
    /// # Errors
    /// As [`Gpu::open`].
    pub(crate) fn open_at(index: usize, faults: Arc<Faults>) -> Result<Self> {
        Self::begin(Device::open_at(index, faults)?)
    }

    fn begin(device: Arc<Device>) -> Result<Self> {
        let (budget, direct) = (device.default_budget(), device.direct);
        Self::start(device, budget, direct)
    }

    /// Opens the same adapter again, with the same budget and nothing else of this one: after its device was lost.
    ///
    /// # Errors
    /// As [`Gpu::open`].
    pub(crate) fn reopen(&self) -> Result<Self> {
        Self::start(self.0.device.reopen()?, self.budget(), self.0.direct)
    }

    /// With `direct` uploads, which the device must allow, or staged ones.
    fn start(device: Arc<Device>, budget: u64, direct: bool) -> Result<Self> {
        let poller = Poller::start(device.progress.clone(), device.device.clone());
        let poller = poller.map_err(|error| device.error("start the poll thread", error.to_string()))?;
        let timers = Timers::of(&device);
        Ok(Self(Arc::new(Inner {
            _poller: poller,
            direct,
            pool: Pool::new(device.clone(), budget),
            pipelines: Cache::new(device.clone(), cache::file("pipelines", &device.summary)),
            tuner: Tuner::new(&device.summary),
            device,
            recorder: Mutex::default(),
            counters: Counters::default(),
            timers,
        })))
    }

    /// The adapter.
    #[must_use]
    pub(crate) fn summary(&self) -> &AdapterSummary {
        &self.0.device.summary
    }

    /// What it can do.
    #[must_use]
    pub(crate) fn capabilities(&self) -> &Capabilities {
        &self.0.device.capabilities
    }

    /// Waits until what was submitted is done and its times are known, or the device is lost.
    pub(crate) fn wait_idle(&self) {
        let _ = self.0.device.progress.wait_idle();
    }

    /// Submits what is recorded, and waits until all that was submitted is done and its times are known.
    ///
    /// # Errors
    /// As [`Gpu::flush`], and what the device met meanwhile.
    pub(crate) fn sync(&self) -> Result<()> {
        self.flush()?;
        let device = &self.0.device;
        device.progress.wait_idle().map_err(device.lost("wait for the device"))?;
        device.check("wait for the device")
    }

    /// Submits what is recorded, without waiting for it.
    ///
    /// # Errors
    /// [`Error::Device`] or [`Error::DeviceLost`] if the device failed, [`Error::Memory`] if there is no room.
    pub(crate) fn flush(&self) -> Result<()> {
        lock(&self.0.recorder).flush(&self.0.target())
    }

    /// Records a task: `kernel` on `inputs`, into new buffers. For maps, takes and products these have `out_elements` elements; for
    /// reductions they are the state's arrays, `[slots, out_elements]` each; for histograms the counts; for selections the
    /// values, with room for all, and their number.
    ///
    /// # Errors
    /// [`Error::Memory`] if there is no room for the outputs; [`Error::Device`] or [`Error::DeviceLost`] from the device;
    /// [`Error::Bug`] for work that does not fit the kernel or its inputs.
    #[cfg(test)]
    pub(crate) fn run(
        &self,
        kernel: &Kernel,
        work: &Work,
        inputs: &[GpuBuffer],
        out_elements: usize,
    ) -> Result<Vec<GpuBuffer>> {
        self.run_as(None, kernel, work, inputs, out_elements)
    }

    /// The same in the name of a task: its spans are tagged, where the device has timestamps between kernels.
    ///
    /// # Errors
    /// As [`Gpu::run`].
    pub(crate) fn run_as(
        &self,
        tag: Option<spans::Tag>,
        kernel: &Kernel,
        work: &Work,
        inputs: &[GpuBuffer],
        out_elements: usize,
    ) -> Result<Vec<GpuBuffer>> {
        let job = &Job::of_kernel(self, tag, kernel);
        if let Some(why) = unsupported(kernel, &job.device.capabilities) {
            return Err(Error::bug(format!("{} planned for {}: {why}", kernel.name(), self.summary().name)));
        }
        Self::record(job, kernel, work, inputs, out_elements).inspect_err(|_| self.settle())
    }

    /// Records what a kernel is given to do, where its loads can be bound: else with copies of some.
    fn record(
        job: &Job<'_>,
        kernel: &Kernel,
        work: &Work,
        inputs: &[GpuBuffer],
        out_elements: usize,
    ) -> Result<Vec<GpuBuffer>> {
        let (Some(program), Work::Pieces(pieces) | Work::Lines(pieces, _)) = (kernel.program(), work) else {
            return Self::record_bound(job, kernel, work, inputs, out_elements);
        };
        if pieces.iter().all(|piece| sources::distinct(piece).len() <= job.most) {
            return Self::record_bound(job, kernel, work, inputs, out_elements);
        }
        let own = usize::from(matches!(kernel, Kernel::Histogram { .. } | Kernel::Scan { carried: true, .. }));
        let (pieces, inputs) = copies::few_enough(job, program, pieces, inputs, own)?;
        let work = if let Work::Lines(_, lines) = work { Work::Lines(pieces, *lines) } else { Work::Pieces(pieces) };
        Self::record_bound(job, kernel, &work, &inputs, out_elements)
    }

    /// Records what a kernel is given to do.
    fn record_bound(
        job: &Job<'_>,
        kernel: &Kernel,
        work: &Work,
        inputs: &[GpuBuffer],
        out_elements: usize,
    ) -> Result<Vec<GpuBuffer>> {
        match (kernel, work) {
            (Kernel::Map(program), Work::Pieces(pieces)) => map::run(job, program, pieces, inputs, out_elements),
            (Kernel::Reduce { program, fold, masked }, Work::Pieces(pieces)) => {
                reduce::run(job, program, &[Folding::only(*fold, *masked)], pieces, inputs, out_elements)
            }
            (Kernel::Folds { program, folds }, Work::Pieces(pieces)) => {
                reduce::run(job, program, folds, pieces, inputs, out_elements)
            }
            (Kernel::Histogram { program, masked, uniform, weighted: _ }, Work::Pieces(pieces)) => {
                histogram::run(job, program, (*masked, *uniform), pieces, inputs)
            }
            (Kernel::Select(program), Work::Pieces(pieces)) => select::run(job, program, pieces, inputs, out_elements),
            (Kernel::Scan { program, fold, carried, .. }, Work::Lines(pieces, lines)) => {
                scan::run(job, program, (*fold, *carried), pieces, *lines, inputs)
            }
            (Kernel::Sort { program, sorting, .. }, Work::Lines(pieces, lines)) => {
                sort::run(job, program, *sorting, pieces, *lines, inputs)
            }
            (Kernel::Take(dtype), Work::Take(pieces)) => take::run(job, *dtype, pieces, inputs, out_elements),
            (Kernel::Dot(dtype), Work::Dot(pieces)) => dot::run(job, *dtype, pieces, inputs, out_elements),
            (Kernel::Map(_) | Kernel::Reduce { .. } | Kernel::Histogram { .. } | Kernel::Folds { .. }, _)
            | (Kernel::Select(_) | Kernel::Scan { .. } | Kernel::Sort { .. } | Kernel::Take(_) | Kernel::Dot(_), _) => {
                Err(Error::bug(format!("{} with work of another kernel: {work:?}", kernel.name())))
            }
        }
    }

    /// Records a merge: the states of several chunks, some slots of `outputs` outputs each, into new ones of one slot, or into the
    /// result that `last` says and its dtype.
    ///
    /// # Errors
    /// As [`Gpu::run`].
    pub(crate) fn merge_as(
        &self,
        tag: Option<spans::Tag>,
        merge: &Merge,
        last: Option<(&Finished, DType)>,
        chunks: Vec<Vec<GpuBuffer>>,
        outputs: usize,
    ) -> Result<Vec<GpuBuffer>> {
        merge::run(&Job::new(self, tag), merge, last, chunks, outputs).inspect_err(|_| self.settle())
    }

    /// After a failure: what is recorded of the task may hold buffers that nobody wants any more.
    fn settle(&self) {
        // If this fails too, they are free as well, or there is no memory and a later submission frees them.
        let _ = self.flush();
    }
}

impl Inner {
    /// What the recorder needs.
    fn target(&self) -> Target<'_> {
        Target {
            device: &self.device,
            pool: &self.pool,
            pipelines: &self.pipelines,
            counters: &self.counters,
            timers: self.timers.as_ref(),
        }
    }

    /// A buffer with anything in it.
    ///
    /// # Errors
    /// [`Error::Memory`] if there is no room, [`Error::Device`] if the device does not allow it.
    fn allocate(&self, dtype: DType, len: usize) -> Result<GpuBuffer> {
        self.allocate_kind(Kind::Storage, dtype, len)
    }

    fn allocate_kind(&self, kind: Kind, dtype: DType, len: usize) -> Result<GpuBuffer> {
        let bytes = len as u64 * dtype.device_size() as u64;
        if self.device.faults.hit(Point::Allocate) {
            let doing = format!("allocate {bytes} bytes (a failure made on purpose)");
            return Err(Error::Memory {
                pool: "device",
                doing,
                needed: bytes,
                limit: self.pool.ledger.room(),
                hint: HINT,
            });
        }
        let memory = self.with_memory(|| self.pool.allocate(kind, bytes))?;
        Ok(GpuBuffer { dtype, len, memory: Arc::new(memory) })
    }

    /// Allocates, and where there is no memory tries again when nothing is recorded.
    ///
    /// # Errors
    /// As `allocate`, and from submitting.
    fn with_memory<T>(&self, allocate: impl Fn() -> Result<T>) -> Result<T> {
        match allocate() {
            Err(Error::Memory { .. }) => {}
            made => return made,
        }
        // What is recorded holds buffers that nobody else needs. The pool waits for the rest.
        lock(&self.recorder).flush(&self.target())?;
        allocate()
    }
}
