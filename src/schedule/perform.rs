//! Running one task: on the host once its bytes are admitted, or on the device.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::device::{Device, DeviceBuffer, Tag};
use super::made::{Made, Performed, Uncounted};
use super::run::Run;
use super::store::Ticket;
use super::value::ChunkValue;
use crate::backend::cpu;
use crate::error::{Error, Result, caught};
use crate::event::{Event, Lane};
use crate::graph::{HostFunction, HostTask};
use crate::host::{HostBuffer, probe};
use crate::plan::bytes::NOTES;
use crate::plan::kernel::Kernel;
use crate::plan::task::{ChunkId, Geometry};
use crate::plan::watch::Watch;
use crate::plan::{Finished, Group, Merge, Place, Stage, StageKind};

/// Points of a task whose work threads may share.
const SHARED: u64 = 1 << 17;
/// How often a task tries again while other tasks' buffers are in the device's memory.
const TRIES: usize = 400;
/// How long it waits in between.
const PAUSE: Duration = Duration::from_millis(5);

/// What became of a task on a device.
enum Launched {
    Value(ChunkValue),
    /// The values that are kept, the first of as many as the box of this shape has, and how many those are.
    Selection {
        shape: Vec<u64>,
        values: DeviceBuffer,
        count: DeviceBuffer,
    },
}

impl Run {
    /// Runs a task; a panic in it (a user's function, or a bug) becomes an error. `alone`: there are threads without a task.
    pub(super) fn perform(
        &self,
        id: ChunkId,
        deps: &[ChunkId],
        inputs: Vec<Option<Arc<ChunkValue>>>,
        alone: bool,
    ) -> Result<Performed> {
        let stage = &self.plan.stages[id.stage];
        let _span = self.span.task(stage, id.stage, id.chunk);
        let start = Instant::now();
        self.around.events.tell(|| Event::Started { run: self.number, stage: id.stage, chunk: id.chunk, start });
        let made = self.guarded(id, || {
            let inputs = deps.iter().zip(inputs).map(|(&dep, value)| value.map_or_else(|| self.source(dep), Ok));
            let inputs = inputs.collect::<Result<Vec<_>>>()?;
            self.make(id, stage, deps, &inputs, alone)
        })?;
        let end = Instant::now();
        Ok(match made {
            Performed::Made(made) => {
                self.tell_ended(id, start, end, made.value.bytes());
                Performed::Made(made)
            }
            // Its end is told when its bytes are known.
            Performed::Uncounted(one) => Performed::Uncounted(Uncounted { started: start, took: end - start, ..one }),
        })
    }

    /// Tells that a task has ended, and what it made.
    pub(super) fn tell_ended(&self, id: ChunkId, start: Instant, end: Instant, bytes: u64) {
        let ChunkId { stage, chunk } = id;
        let lane = if self.plan.stages[stage].place == Place::Gpu { Lane::Compute } else { Lane::Host };
        self.tally.ended(stage, end - start, bytes);
        self.around.events.tell(|| Event::Ended { run: self.number, stage, chunk, lane, start, end, bytes });
        if self.around.events.memory_due(end) {
            self.tell_memory();
        }
    }

    /// Tells what links and device did since it was last told, and what is held.
    pub(super) fn tell_memory(&self) {
        self.around.device.tell(&self.around.events);
        let (store, device) = (self.around.store.stats(), self.around.device.device_bytes().0);
        self.around.events.tell(|| Event::Memory { host: store.host, device, disk: store.disk });
    }

    /// Does something for a chunk that may call what users gave: functions, sources. A panic in it becomes an error.
    pub(super) fn guarded<R>(&self, id: ChunkId, work: impl FnOnce() -> Result<R>) -> Result<R> {
        caught(work).unwrap_or_else(|message| {
            let stage = &self.plan.stages[id.stage];
            let name = match &stage.kind {
                StageKind::Host(function) => function.name.clone(),
                kind @ StageKind::Source(_)
                | kind @ StageKind::Kernel { .. }
                | kind @ StageKind::Combine { .. }
                | kind @ StageKind::Concatenate(_) => format!("{kind:?}"),
            };
            let at = stage.chunks.coord(id.chunk);
            Err(Error::UserFunction { name, problem: format!("panicked on chunk {at:?}: {message}") })
        })
    }

    fn make(
        &self,
        id: ChunkId,
        stage: &Stage,
        deps: &[ChunkId],
        inputs: &[Arc<ChunkValue>],
        alone: bool,
    ) -> Result<Performed> {
        let made = |value: Arc<ChunkValue>| Performed::Made(value.into());
        if let StageKind::Source(_) = stage.kind {
            return self.source(id).map(made);
        }
        if matches!(self.around.device, Device::Null) {
            return self.pretend(id, stage, deps, inputs).map(made);
        }
        for input in inputs {
            self.around.store.touch(input);
        }
        if stage.place == Place::Gpu {
            let notes = Some(self.around.store.count(NOTES));
            return Ok(match self.on_device(inputs, &|| self.launch(id, stage, deps, inputs))? {
                Launched::Value(value) => made(Arc::new(value.noted(notes))),
                Launched::Selection { shape, values, count } => {
                    let (started, took) = (Instant::now(), Duration::ZERO);
                    Performed::Uncounted(Uncounted { id, shape, values, count, notes, started, took })
                }
            });
        }
        let ordered = stage.reads_c_order();
        let need = || {
            // Each chunk that is read makes a piece at least, which is noted too.
            let notes = (1 + deps.len() as u64) * NOTES;
            let own = self.plan.bytes_beside(id, &mut inputs.iter().map(|input| input.elements()));
            let (mut pins, mut bytes) = (Vec::new(), own.saturating_add(notes));
            for input in inputs {
                let (there, absent) = input.resident();
                pins.push(there);
                bytes += absent + if ordered { input.copied_bytes() } else { 0 };
            }
            Ok((bytes, pins))
        };
        let what = || format!("{} (one task)", stage.title());
        let (mut ticket, _pins) = self.around.store.admit(need, &what, &|| self.check())?;
        // States, and what users' functions make, are not in memory that is used again.
        if stage.reduces() || matches!(stage.kind, StageKind::Combine { .. } | StageKind::Host(_)) {
            self.around.store.tidy();
        }
        // Without a device there may be chunks of one that was lost: they say so.
        ChunkValue::fetch(inputs, &self.around.device, &mut ticket)?;
        let value = self.tally.busy(Lane::Host, || self.on_host(id, stage, deps, inputs, alone, &mut ticket))?;
        Ok(Performed::Made(Made { value: Arc::new(value), ticket: Some(ticket) }))
    }

    /// The shape of what a task would make. Its pieces are found, so that a wrong dependency shows.
    fn pretend(
        &self,
        id: ChunkId,
        stage: &Stage,
        deps: &[ChunkId],
        inputs: &[Arc<ChunkValue>],
    ) -> Result<Arc<ChunkValue>> {
        let own =
            || stage.chunks.region(&stage.chunks.coord(id.chunk)).iter().map(|(start, end)| end - start).collect();
        let shape = match &stage.kind {
            StageKind::Kernel { kernel, .. } => {
                let geometry: Vec<Geometry> = inputs.iter().map(|v| v.device_geometry()).collect();
                let task = self.plan.work(id, deps, &geometry, &mut Watch::new(&|| self.check(), &|_| Ok(())))?;
                match kernel {
                    // As good a number as any.
                    Kernel::Select(_) => kept_shape(stage, task.shape, task.elements / 2),
                    Kernel::Map(_)
                    | Kernel::Reduce { .. }
                    | Kernel::Scan { .. }
                    | Kernel::Sort { .. }
                    | Kernel::Histogram { .. }
                    | Kernel::Folds { .. }
                    | Kernel::Take(_)
                    | Kernel::Dot(_) => task.shape,
                }
            }
            StageKind::Combine { group, finish: None, .. } => merged_shape(group, inputs, own),
            StageKind::Source(_) | StageKind::Combine { .. } | StageKind::Host(_) | StageKind::Concatenate(_) => own(),
        };
        Ok(Arc::new(ChunkValue::phantom(shape, stage.dtype)))
    }

    fn on_host(
        &self,
        id: ChunkId,
        stage: &Stage,
        deps: &[ChunkId],
        inputs: &[Arc<ChunkValue>],
        alone: bool,
        ticket: &mut Ticket,
    ) -> Result<ChunkValue> {
        match &stage.kind {
            StageKind::Kernel { kernel, .. } => self.kernel(id, kernel, deps, inputs, alone, ticket),
            StageKind::Combine { merges, group, finish } => {
                self.combine(id, stage, (merges, group, finish.as_ref()), inputs, ticket)
            }
            StageKind::Host(function) => self.host_function(id, stage, function, inputs, ticket),
            StageKind::Source(_) | StageKind::Concatenate(_) => Err(Error::bug("a stage without tasks")),
        }
    }

    /// Merges states: all of them for another level, those of one fold for a result.
    fn combine(
        &self,
        id: ChunkId,
        stage: &Stage,
        (merges, group, finish): (&[Merge], &Group, Option<&Finished>),
        inputs: &[Arc<ChunkValue>],
        ticket: &mut Ticket,
    ) -> Result<ChunkValue> {
        let own = || stage.chunks.region(&stage.chunks.coord(id.chunk)).iter().map(|(a, b)| b - a).collect();
        let shape = merged_shape(group, inputs, own);
        let elements = shape.iter().product::<u64>();
        probe("merging states", self.plan.scratch_bytes(id))?;
        let chunks: Vec<Vec<Arc<HostBuffer>>> =
            inputs.iter().map(|v| v.host(&self.around.store, ticket)).collect::<Result<_>>()?;
        let lengths: Vec<u64> = inputs.iter().map(|v| v.folded_over()).collect();
        let mut arrays = Vec::new();
        for merge in merges {
            let states = states_of(merge, &chunks)?;
            let outputs = merge.outputs(elements) as usize;
            if let (Some(finished), Some(single)) = (finish, cpu::single(merge, &states, outputs)) {
                return self.finished(id, stage, finished, merge.counted, &single, shape, ticket);
            }
            arrays.extend(cpu::combine(merge, &lengths, &states, outputs));
        }
        let Some(finished) = finish else {
            return Ok(ChunkValue::from_host(shape, arrays, ticket));
        };
        let arrays: Vec<&HostBuffer> = arrays.iter().collect();
        let counted = merges.iter().any(|merge| merge.counted);
        self.finished(id, stage, finished, counted, &arrays, shape, ticket)
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one state")]
    fn finished(
        &self,
        id: ChunkId,
        stage: &Stage,
        finished: &Finished,
        counted: bool,
        arrays: &[&HostBuffer],
        shape: Vec<u64>,
        ticket: &mut Ticket,
    ) -> Result<ChunkValue> {
        let result = cpu::finish(finished, counted, arrays, stage.dtype)?;
        let out = stage.chunks.region(&stage.chunks.coord(id.chunk));
        let own: Vec<u64> = out.iter().map(|(a, b)| b - a).collect();
        let shape = match stage.chunks.has_unknown() {
            false => own,
            // The states have no axes of length 1 in place of those reduced.
            true if shape.len() < own.len() => kept_shape(stage, own, result.len() as u64),
            true => shape,
        };
        Ok(ChunkValue::from_host(shape, vec![result], ticket))
    }

    fn host_function(
        &self,
        id: ChunkId,
        stage: &Stage,
        function: &HostFunction,
        inputs: &[Arc<ChunkValue>],
        ticket: &mut Ticket,
    ) -> Result<ChunkValue> {
        let chunk = |v: &Arc<ChunkValue>| Ok((v.in_c_order(&self.around.store, ticket)?, v.geometry.shape.clone()));
        let chunks: Vec<(Arc<HostBuffer>, Vec<u64>)> = inputs.iter().map(chunk).collect::<Result<_>>()?;
        let place = stage.chunks.coord(id.chunk);
        let region = stage.chunks.region(&place);
        let more = RefCell::new(Vec::new());
        let room = |bytes| {
            more.borrow_mut().push(self.around.store.reserve(bytes, &format!("{} (one task)", stage.title()))?);
            Ok(())
        };
        let task = HostTask { inputs: &chunks, place: &place, region: &region, dtype: stage.dtype, room: &room };
        let (buffer, shape) = self.around.store.inside(|| (function.run)(&task))?;
        more.into_inner().into_iter().for_each(|more| ticket.add(more));
        Ok(ChunkValue::from_host(shape, vec![buffer], ticket))
    }

    fn kernel(
        &self,
        id: ChunkId,
        kernel: &Kernel,
        deps: &[ChunkId],
        inputs: &[Arc<ChunkValue>],
        alone: bool,
        ticket: &mut Ticket,
    ) -> Result<ChunkValue> {
        let store = &self.around.store;
        let c_order = matches!(kernel, Kernel::Take(_));
        let geometry: Vec<Geometry> =
            inputs.iter().map(|v| if c_order { v.device_geometry() } else { v.geometry.clone() }).collect();
        let buffers: Vec<Arc<HostBuffer>> = inputs
            .iter()
            .map(|v| if c_order { v.in_c_order(store, ticket) } else { Ok(v.host(store, ticket)?.swap_remove(0)) })
            .collect::<Result<_>>()?;
        let task = self.plan.work(id, deps, &geometry, &mut Watch::new(&|| self.check(), &|_| Ok(())))?;
        // A chunk that is read is noted; one that is read in many pieces takes more.
        let noted = NOTES * (1 + deps.len() as u64);
        let lists = task.work.listed_bytes().saturating_sub(noted);
        if lists > 0 {
            ticket.add(store.reserve(lists, &format!("{} (one task)", self.plan.stages[id.stage].title()))?);
        }
        probe("a task", self.plan.scratch_bytes(id))?;
        let refs: Vec<&HostBuffer> = buffers.iter().map(AsRef::as_ref).collect();
        let large = task.work.points() > SHARED;
        let run = || cpu::run(kernel, task.work, &refs, task.elements as usize);
        // Kernels share their work among threads where they run in a pool; waking those costs some ten microseconds.
        let arrays = if alone && large { self.around.threads.install(run)? } else { run()? };
        let shape = match (kernel, arrays.first()) {
            (Kernel::Select(_), Some(kept)) => kept_shape(&self.plan.stages[id.stage], task.shape, kept.len() as u64),
            _ => task.shape,
        };
        Ok(ChunkValue::from_host(shape, arrays, ticket).over(task.unknown))
    }

    /// Runs a task on the device. Where its memory is full, chunks that nobody uses are put out of it, and it tries again.
    fn on_device(&self, inputs: &[Arc<ChunkValue>], launch: &dyn Fn() -> Result<Launched>) -> Result<Launched> {
        for _ in 0..TRIES {
            match launch() {
                Err(Error::Memory { needed, limit, .. }) if !self.around.device.is_lost() => {
                    self.check()?;
                    if self.count_waiting()? {
                        continue;
                    }
                    let short = needed.saturating_sub(limit).max(1);
                    if self.around.store.evict_device(short, &self.around.device, inputs)? == 0 && !self.pause() {
                        break;
                    }
                }
                other => return other,
            }
        }
        launch()
    }

    /// Waits for other tasks; whether there are any.
    fn pause(&self) -> bool {
        let others = self.others();
        if others {
            std::thread::sleep(PAUSE);
        }
        others
    }

    fn launch(&self, id: ChunkId, stage: &Stage, deps: &[ChunkId], inputs: &[Arc<ChunkValue>]) -> Result<Launched> {
        let tag = self.around.events.heard().then(|| self.tally.tag(self.number, id));
        match &stage.kind {
            StageKind::Kernel { kernel, .. } => self.launch_kernel(tag, id, kernel, deps, inputs),
            StageKind::Combine { merges, group, finish } => {
                self.launch_merge(tag, id, stage, (merges, group, finish.as_ref()), inputs).map(Launched::Value)
            }
            StageKind::Source(_) | StageKind::Host(_) | StageKind::Concatenate(_) => {
                Err(Error::bug("a stage that devices have no kernel for"))
            }
        }
    }

    /// Merges states where they were made.
    fn launch_merge(
        &self,
        tag: Option<Tag>,
        id: ChunkId,
        stage: &Stage,
        (merges, group, finish): (&[Merge], &Group, Option<&Finished>),
        inputs: &[Arc<ChunkValue>],
    ) -> Result<ChunkValue> {
        let (store, device) = (&self.around.store, &self.around.device);
        let own = || stage.chunks.region(&stage.chunks.coord(id.chunk)).iter().map(|(a, b)| b - a).collect();
        let shape = merged_shape(group, inputs, own);
        let elements = shape.iter().product::<u64>();
        let chunks: Vec<_> = inputs.iter().map(|value| value.gpu(store, device, id.chunk)).collect::<Result<_>>()?;
        let last = finish.map(|finished| (finished, stage.dtype));
        let mut arrays = Vec::new();
        for merge in merges {
            let outputs = merge.outputs(elements) as usize;
            arrays.extend(device.of_task()?.merge(
                tag.clone(),
                id.chunk,
                merge,
                last,
                &states_of(merge, &chunks)?,
                outputs,
            )?);
        }
        let known = finish.is_some() && !stage.chunks.has_unknown();
        Ok(ChunkValue::from_gpu(if known { own() } else { shape }, arrays))
    }

    fn launch_kernel(
        &self,
        tag: Option<Tag>,
        id: ChunkId,
        kernel: &Kernel,
        deps: &[ChunkId],
        inputs: &[Arc<ChunkValue>],
    ) -> Result<Launched> {
        let device: &Device = &self.around.device;
        let geometry: Vec<Geometry> = inputs.iter().map(|v| v.device_geometry()).collect();
        let task = self.plan.work(id, deps, &geometry, &mut Watch::new(&|| self.check(), &|_| Ok(())))?;
        let mut buffers = Vec::with_capacity(inputs.len());
        for value in inputs {
            let sent = || value.gpu(&self.around.store, device, id.chunk);
            let sent = if value.places().device > 0 { sent()? } else { self.tally.busy(Lane::Upload, sent)? };
            buffers.extend(sent.into_iter().next());
        }
        let mut arrays =
            device.of_task()?.launch(tag, id.chunk, kernel, &task.work, &buffers, task.elements as usize)?;
        if matches!(kernel, Kernel::Select(_)) {
            // The length decides what later kernels read.
            let (Some(count), Some(values)) = (arrays.pop(), arrays.pop()) else {
                return Err(Error::bug("a selection without a count"));
            };
            return Ok(Launched::Selection { shape: task.shape, values, count });
        }
        Ok(Launched::Value(ChunkValue::from_gpu(task.shape, arrays).over(task.unknown)))
    }
}

/// Of the arrays of each chunk, those that are a merge's.
///
/// # Errors
/// [`Error::Bug`] where a chunk does not have them.
fn states_of<A: Clone>(merge: &Merge, chunks: &[Vec<A>]) -> Result<Vec<Vec<A>>> {
    let states = chunks.iter().map(|all| all.get(merge.arrays()).map(<[_]>::to_vec)).collect::<Option<_>>();
    states.ok_or_else(|| Error::bug("states that a chunk does not have"))
}

/// The shape of so many elements that were kept of a box: one axis, or the box's with fewer places along the axis of unknown length.
pub(super) fn kept_shape(stage: &Stage, mut of: Vec<u64>, kept: u64) -> Vec<u64> {
    let unknown = stage.chunks.axes().iter().position(|axis| axis.len().is_none());
    let Some(axis) = unknown.filter(|_| stage.chunks.ndim() == of.len()) else { return vec![kept] };
    of[axis] = 1;
    of[axis] = kept / of.iter().product::<u64>().max(1);
    of
}

/// The shape of merged states: that of those that are merged, which there may be none of before a chunk.
fn merged_shape(group: &Group, inputs: &[Arc<ChunkValue>], own: impl FnOnce() -> Vec<u64>) -> Vec<u64> {
    match group {
        Group::Before { .. } => own(),
        Group::Box(_) => inputs.first().map(|first| first.geometry.shape.clone()).unwrap_or_default(),
    }
}
