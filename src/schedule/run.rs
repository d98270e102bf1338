//! Running a plan.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::device::Device;
use super::graph::{Task, tasks};
use super::report::RunReport;
use super::value::ChunkValue;
use crate::backend::cpu;
use crate::error::{Error, Result};
use crate::graph::HostTask;
use crate::host::HostBuffer;
use crate::plan::kernel::Kernel;
use crate::plan::task::{ChunkId, Geometry};
use crate::plan::{Place, Plan, StageKind};

/// Takes the finished chunks of the outputs, in any order, from any thread.
pub trait Sink: Sync {
    /// Chunk `chunk` of output `output`, on the host.
    ///
    /// # Errors
    /// Ends the run.
    fn take(&self, output: usize, chunk: u64, value: &Arc<ChunkValue>) -> Result<()>;
    /// `done` of `total` tasks have run.
    fn progress(&self, done: usize, total: usize) {
        let _ = (done, total);
    }
}

/// Output chunks on the device that wait to be fetched together: a fetch waits for everything recorded before it.
#[cfg(feature = "gpu")]
const FETCH_TOGETHER: usize = 16;

/// Runs a plan in the current thread pool, handing the outputs' chunks to `sink`.
///
/// # Errors
/// The first error of a task, device, file or user function; tasks not yet begun are dropped.
pub fn run(plan: &Plan, device: &Device, sink: &dyn Sink) -> Result<RunReport> {
    let started = Instant::now();
    let before = device.moved_bytes();
    let tasks = tasks(plan);
    let run = Run {
        plan,
        device,
        sink,
        values: tasks.iter().map(|_| Mutex::new(None)).collect(),
        waiting: tasks.iter().map(|task| AtomicUsize::new(distinct(&task.deps))).collect(),
        unread: tasks.iter().map(|task| AtomicUsize::new(task.readers.len())).collect(),
        ready: Mutex::new(BinaryHeap::new()),
        failed: Mutex::new(None),
        done: AtomicUsize::new(0),
        held_bytes: AtomicU64::new(0),
        peak_bytes: AtomicU64::new(0),
        tasks: &tasks,
    };
    match device {
        Device::Cpu => run.in_parallel(),
        #[cfg(feature = "gpu")]
        Device::Gpu(_) => run.in_order(),
    }
    if let Some(error) = lock(&run.failed).take() {
        return Err(error);
    }
    let after = device.moved_bytes();
    let placed = |place: Place| {
        tasks.iter().filter(|task| plan.stages[task.id.0].place == place && plan.stages[task.id.0].tasks() > 0).count()
            as u64
    };
    Ok(RunReport {
        wall: started.elapsed(),
        stages: plan.stages.len(),
        cpu_tasks: placed(Place::Cpu),
        gpu_tasks: placed(Place::Gpu),
        uploaded_bytes: after.0 - before.0,
        downloaded_bytes: after.1 - before.1,
        peak_chunk_bytes: run.peak_bytes.load(Ordering::Relaxed),
        fallbacks: plan
            .stages
            .iter()
            .filter_map(|stage| Some((format!("{:?}", stage.kind), stage.fallback.clone()?)))
            .collect(),
    })
}

fn distinct(deps: &[usize]) -> usize {
    let mut deps = deps.to_vec();
    deps.sort_unstable();
    deps.dedup();
    deps.len()
}

/// A panicking task poisons nothing that matters: its run ends with an error anyway.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Run<'a> {
    plan: &'a Plan,
    device: &'a Device,
    sink: &'a dyn Sink,
    tasks: &'a [Task],
    values: Vec<Mutex<Option<Arc<ChunkValue>>>>,
    /// Dependencies not yet made.
    waiting: Vec<AtomicUsize>,
    /// Readers not yet run.
    unread: Vec<AtomicUsize>,
    ready: Mutex<BinaryHeap<Reverse<usize>>>,
    failed: Mutex<Option<Error>>,
    done: AtomicUsize,
    held_bytes: AtomicU64,
    peak_bytes: AtomicU64,
}

impl Run<'_> {
    /// Ready tasks in parallel, earliest first: each spawned job runs the earliest task that is ready then.
    fn in_parallel(&self) {
        let first: Vec<usize> = (0..self.tasks.len()).filter(|&i| self.tasks[i].deps.is_empty()).collect();
        lock(&self.ready).extend(first.iter().map(|&i| Reverse(i)));
        rayon::scope(|scope| {
            for _ in first {
                scope.spawn(|scope| self.job(scope));
            }
        });
    }

    fn job<'s>(&'s self, scope: &rayon::Scope<'s>) {
        let Some(Reverse(number)) = lock(&self.ready).pop() else {
            return;
        };
        if lock(&self.failed).is_some() {
            return;
        }
        match self.one(number) {
            Ok(()) => {
                for &reader in &self.tasks[number].readers {
                    if self.waiting[reader].fetch_sub(1, Ordering::AcqRel) == 1 {
                        lock(&self.ready).push(Reverse(reader));
                        scope.spawn(|scope| self.job(scope));
                    }
                }
            }
            Err(error) => {
                lock(&self.failed).get_or_insert(error);
            }
        }
    }

    /// One after another: kernels are recorded, the device runs them behind.
    #[cfg(feature = "gpu")]
    fn in_order(&self) {
        let mut finished = Vec::new();
        let mut result = Ok(());
        for number in 0..self.tasks.len() {
            result = self.make(number).and_then(|value| {
                if !self.tasks[number].outputs.is_empty() {
                    finished.push((number, value.clone()));
                }
                self.hold(number, value);
                self.release_inputs(number);
                if finished.len() >= FETCH_TOGETHER { self.deliver(&mut finished) } else { Ok(()) }
            });
            if result.is_err() {
                break;
            }
            self.count();
        }
        if let Err(error) = result.and_then(|()| self.deliver(&mut finished)) {
            lock(&self.failed).get_or_insert(error);
        }
    }

    #[cfg(feature = "gpu")]
    fn deliver(&self, finished: &mut Vec<(usize, Arc<ChunkValue>)>) -> Result<()> {
        let values: Vec<_> = finished.iter().map(|(_, value)| value.clone()).collect();
        ChunkValue::fetch(&values, self.device)?;
        for (number, value) in finished.drain(..) {
            self.hand_out(number, &value)?;
        }
        Ok(())
    }

    /// Makes a task's chunk, hands it out and lets go of what it read.
    fn one(&self, number: usize) -> Result<()> {
        let value = self.make(number)?;
        self.hand_out(number, &value)?;
        self.hold(number, value);
        self.release_inputs(number);
        self.count();
        Ok(())
    }

    fn count(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.sink.progress(done, self.tasks.len());
    }

    fn hand_out(&self, number: usize, value: &Arc<ChunkValue>) -> Result<()> {
        self.tasks[number].outputs.iter().try_for_each(|&(output, chunk)| self.sink.take(output, chunk, value))
    }

    fn hold(&self, number: usize, value: Arc<ChunkValue>) {
        if self.tasks[number].readers.is_empty() {
            return;
        }
        let held = self.held_bytes.fetch_add(value.bytes(), Ordering::Relaxed) + value.bytes();
        self.peak_bytes.fetch_max(held, Ordering::Relaxed);
        *lock(&self.values[number]) = Some(value);
    }

    fn release_inputs(&self, number: usize) {
        let mut deps = self.tasks[number].deps.clone();
        deps.sort_unstable();
        deps.dedup();
        for dep in deps {
            if self.unread[dep].fetch_sub(1, Ordering::AcqRel) == 1 {
                if let Some(value) = lock(&self.values[dep]).take() {
                    // Fetched copies may have made it larger than it was counted.
                    let bytes = value.bytes();
                    let _ = self
                        .held_bytes
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| Some(held.saturating_sub(bytes)));
                }
            }
        }
    }

    /// Runs a task; a panic in it (a user's function, or a bug) becomes an error.
    fn make(&self, number: usize) -> Result<Arc<ChunkValue>> {
        let task = &self.tasks[number];
        let inputs: Vec<Arc<ChunkValue>> = task
            .deps
            .iter()
            .map(|&dep| lock(&self.values[dep]).clone().ok_or_else(|| Error::bug("a chunk was let go too early")))
            .collect::<Result<_>>()?;
        let made = catch_unwind(AssertUnwindSafe(|| self.execute(task.id, &inputs)));
        let stage = &self.plan.stages[task.id.0];
        let name = || match &stage.kind {
            StageKind::Host(function) => function.name.clone(),
            kind => format!("{kind:?}"),
        };
        made.unwrap_or_else(|panic| {
            let message = panic.downcast_ref::<String>().cloned();
            let message = message.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            Err(Error::UserFunction {
                name: name(),
                problem: format!(
                    "panicked on chunk {:?}: {}",
                    stage.chunks.coord(task.id.1),
                    message.unwrap_or_default()
                ),
            })
        })
        .map(Arc::new)
    }

    fn execute(&self, id: ChunkId, inputs: &[Arc<ChunkValue>]) -> Result<ChunkValue> {
        let stage = &self.plan.stages[id.0];
        match &stage.kind {
            StageKind::Source(source) => {
                let coord = stage.chunks.coord(id.1);
                let (buffer, layout, shape) = source.chunk(&coord, &stage.chunks.region(&coord))?;
                Ok(ChunkValue::from_source(buffer, layout, shape))
            }
            StageKind::Kernel { kernel, .. } if stage.place == Place::Gpu => self.on_device(id, kernel, inputs),
            StageKind::Kernel { kernel, .. } => self.on_host(id, kernel, inputs),
            StageKind::Combine { fold, counted, positional, finish, .. } => {
                ChunkValue::fetch(inputs, self.device)?;
                let value_dtype = self.plan.stages[stage.inputs[0]].dtype;
                let shape = match inputs.first() {
                    Some(first) => first.geometry.shape.clone(),
                    None => vec![],
                };
                let elements = shape.iter().product::<u64>() as usize;
                let states: Vec<Vec<&Arc<HostBuffer>>> = inputs.iter().map(|v| v.host()).collect::<Result<_>>()?;
                let lengths: Option<Vec<u64>> = positional.then(|| inputs.iter().map(|v| v.folded_over()).collect());
                let arrays = cpu::combine(*fold, value_dtype, *counted, lengths.as_deref(), &states, elements);
                let Some(finished) = finish else {
                    return Ok(ChunkValue::from_host(shape, arrays));
                };
                let last = cpu::Last {
                    finish: finished.finish,
                    count: finished.count,
                    counted: *counted,
                    refuse_empty: finished.refuse_empty,
                    nan_empty: finished.nan_empty,
                };
                let result = cpu::finish(last, &arrays, stage.dtype)?;
                let out = stage.chunks.region(&stage.chunks.coord(id.1));
                let known = !stage.chunks.has_unknown();
                let shape = if known { out.iter().map(|(a, b)| b - a).collect() } else { shape };
                Ok(ChunkValue::from_host(shape, vec![result]))
            }
            StageKind::Host(function) => {
                ChunkValue::fetch(inputs, self.device)?;
                let chunks: Vec<(Arc<HostBuffer>, Vec<u64>)> =
                    inputs.iter().map(|v| Ok((v.in_c_order()?, v.geometry.shape.clone()))).collect::<Result<_>>()?;
                let region = stage.chunks.region(&stage.chunks.coord(id.1));
                let (buffer, shape) =
                    (function.run)(&HostTask { inputs: &chunks, region: &region, dtype: stage.dtype })?;
                Ok(ChunkValue::from_host(shape, vec![buffer]))
            }
            StageKind::Concatenate(_) => Err(Error::bug("a concatenation has no tasks")),
        }
    }

    fn on_host(&self, id: ChunkId, kernel: &Kernel, inputs: &[Arc<ChunkValue>]) -> Result<ChunkValue> {
        ChunkValue::fetch(inputs, self.device)?;
        let c_order = matches!(kernel, Kernel::Take(_));
        let geometry: Vec<Geometry> =
            inputs.iter().map(|v| if c_order { v.device_geometry() } else { v.geometry.clone() }).collect();
        let buffers: Vec<Arc<HostBuffer>> = inputs
            .iter()
            .map(|v| if c_order { v.in_c_order() } else { Ok(v.host()?[0].clone()) })
            .collect::<Result<_>>()?;
        let task = self.plan.work(id, &self.plan.dependencies(id), &geometry)?;
        let refs: Vec<&HostBuffer> = buffers.iter().map(AsRef::as_ref).collect();
        let arrays = cpu::run(kernel, task.work, &refs, task.elements as usize)?;
        let shape = match (kernel, arrays.first()) {
            (Kernel::Select(_), Some(kept)) => vec![kept.len() as u64],
            _ => task.shape,
        };
        Ok(ChunkValue::from_host(shape, arrays).over(task.unknown))
    }

    fn on_device(&self, id: ChunkId, kernel: &Kernel, inputs: &[Arc<ChunkValue>]) -> Result<ChunkValue> {
        let geometry: Vec<Geometry> = inputs.iter().map(|v| v.device_geometry()).collect();
        let task = self.plan.work(id, &self.plan.dependencies(id), &geometry)?;
        let mut buffers = Vec::with_capacity(inputs.len());
        for value in inputs {
            buffers.extend(value.gpu(self.device)?.into_iter().next());
        }
        let mut arrays = self.device.launch(kernel, &task.work, &buffers, task.elements as usize)?;
        if matches!(kernel, Kernel::Select(_)) {
            // The length decides what later kernels read.
            let count = self.device.download(&arrays[1..])?;
            let kept = u64::from(count[0].stored::<u32>()[0]);
            arrays.truncate(1);
            return Ok(ChunkValue::from_gpu(vec![kept], arrays));
        }
        Ok(ChunkValue::from_gpu(task.shape, arrays).over(task.unknown))
    }
}
