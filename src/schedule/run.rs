//! [`Run`]: one plan while it runs: which task is next, which chunks live, and what to do when a task has ended. Any number of
//! threads call [`Run::step`]; each call does one thing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustc_hash::FxHashMap;

use super::device::Device;
use super::made::{self, Made, Performed, Uncounted};
use super::report::{RunReport, Tally};
use super::spans::RunSpan;
use super::store::{Reservation, Store, Ticket};
use super::surroundings::Surroundings;
use super::value::ChunkValue;
use super::walk::{Known, NewTask, Next, Outputs, Walk};
use crate::chunks::Chunks;
use crate::error::{Error, Result};
use crate::event::{Event, Lane};
use crate::host::HostBuffer;
use crate::plan::bytes::NOTES;
use crate::plan::findings::Findings;
use crate::plan::readers::Readers;
use crate::plan::task::ChunkId;
use crate::plan::watch::Watch;
use crate::plan::{Place, Plan, StageId, StageKind};

/// What a sink reads finished chunks with.
#[derive(Debug)]
pub struct Access<'a> {
    store: &'a Arc<Store>,
    device: &'a Device,
    /// What the task that made the chunk was admitted with.
    ticket: Option<&'a mut Ticket>,
}

/// Elements of a chunk, and what keeps them counted.
#[derive(Debug)]
pub struct Lent {
    /// The elements in C order.
    pub buffer: Arc<HostBuffer>,
    _value: Option<Arc<ChunkValue>>,
    _held: Option<Reservation>,
}

impl<'a> Access<'a> {
    /// For chunks that are read after the run.
    pub(crate) fn new(store: &'a Arc<Store>, device: &'a Device) -> Self {
        Self { store, device, ticket: None }
    }
    /// Counts bytes that a sink is about to take for elements, as long as what this returns is held: some of those that the task was
    /// admitted with where they are left over.
    ///
    /// # Errors
    /// [`Error::Memory`] if there is no memory for them.
    pub fn room(&mut self, bytes: u64, what: &str) -> Result<Reservation> {
        let spare = self.ticket.as_mut().and_then(|ticket| ticket.spare(bytes));
        let room = spare.map_or_else(|| self.store.reserve(bytes, what), Ok)?;
        // They are not memory that is used again, of which each task leaves some.
        self.store.tidy();
        Ok(room)
    }
    /// Hands out a chunk's elements in C order, as bytes, some at a time, from wherever they are.
    ///
    /// # Errors
    /// Whatever reading them or `take` meets.
    pub fn stream(&self, value: &ChunkValue, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        value.stream(self.store, self.device, take)
    }
    /// A chunk's elements in C order, for as long as they are held: those in memory as they are, others copied.
    ///
    /// # Errors
    /// [`Error::Memory`] if there is no memory for them; whatever reading them meets.
    pub fn elements(&mut self, value: &Arc<ChunkValue>, what: &str) -> Result<Lent> {
        if let Some(buffer) = value.whole_host() {
            return Ok(Lent { buffer, _value: Some(value.clone()), _held: None });
        }
        let (dtype, len) = (value.dtype(), value.elements() as usize);
        let held = self.room((len * dtype.size()) as u64, what)?;
        let mut buffer = HostBuffer::scratch(dtype, len)?;
        let mut at = 0;
        self.stream(value, &mut |piece| {
            buffer.bytes_mut()[at..at + piece.len()].copy_from_slice(piece);
            at += piece.len();
            Ok(())
        })?;
        Ok(Lent { buffer: Arc::new(buffer), _value: None, _held: Some(held) })
    }
    /// Makes a value one of those that may be put out of memory.
    pub fn keep(&self, value: &Arc<ChunkValue>) {
        self.store.touch(value);
    }
}

/// Takes the finished chunks of the outputs, in any order, from any thread. A chunk may come twice, with the same elements: a
/// run that failed on a device is run again.
pub trait Sink: Send + Sync {
    /// Chunk `chunk` (of the stage's grid) of output `output`.
    ///
    /// # Errors
    /// Ends the run.
    fn take(&self, output: usize, chunk: u64, value: &Arc<ChunkValue>, access: Access<'_>) -> Result<()>;
    /// Whether it reads the elements, or keeps the chunks as they are.
    fn reads(&self) -> bool {
        true
    }
}

/// Output chunks on the device that are fetched together at most, and bytes of them: a fetch waits for all that was recorded
/// before, and chunks that wait hold device memory.
const FETCH_TOGETHER: usize = 16;
const FETCH_BYTES: u64 = 8 << 20;
/// Bytes of them that are not worth a fetch while other tasks run.
const LITTLE_BYTES: u64 = 64 << 10;
/// Tasks that read a chunk and are run ahead of their turn, so that it can be let go: more would upset the order.
const AHEAD: u64 = 4;
/// Chunks that such a task reads at most.
const AHEAD_READS: u64 = 1 << 10;
/// Tasks that wait for chunks which are still to be made, at most, while others run: each is noted, and what they all wait for
/// (a mean, say) may be one chunk.
const WAITING: usize = 1 << 10;
/// Elements that one thread has done before another is awake.
const LITTLE: u64 = 1 << 16;
/// Chunks of fewer bytes are not worth running anything ahead.
const AHEAD_BYTES: u64 = 4 << 10;

/// One plan while it runs.
pub struct Run {
    /// The number in events.
    pub(super) number: u64,
    pub(super) plan: Arc<Plan>,
    pub(super) around: Surroundings,
    sink: Arc<dyn Sink>,
    findings: Findings,
    readers: Arc<Readers>,
    /// What the tables of `readers` take.
    tables: Mutex<Vec<Reservation>>,
    state: Mutex<State>,
    total: u64,
    /// Bytes of finished chunks on the device that are fetched together at most: they cannot be put out of it.
    fetch_bytes: u64,
    pub(super) tally: Tally,
    pub(super) span: RunSpan,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Run({} of {} tasks)", self.done(), self.total)
    }
}

struct State {
    walk: Walk,
    outputs: Outputs,
    live: FxHashMap<ChunkId, Entry>,
    ready: BinaryHeap<Reverse<(u64, ChunkId)>>,
    /// Tasks that have entered and wait for chunks.
    waiting: usize,
    /// Finished chunks of outputs that are not with the sink yet.
    finished: Vec<FinishedChunk>,
    finished_bytes: u64,
    /// Selections that the device has not been asked about: their tasks are not over.
    uncounted: Vec<Uncounted>,
    walked: bool,
    running: usize,
    sequence: u64,
    done: u64,
    held: u64,
    /// Chunks held that are not small.
    large: u64,
    failed: Option<Error>,
    /// Its caller has been told the end: a helper that saw it among the runs may still come.
    over: bool,
}

/// A chunk that is there or on its way.
struct Entry {
    sequence: u64,
    /// Chunks it waits for.
    missing: usize,
    /// Reads to come.
    unread: u64,
    /// Tasks that wait for it.
    waiters: Vec<ChunkId>,
    reads: Vec<ChunkId>,
    deps: Vec<ChunkId>,
    places: Vec<(usize, u64)>,
    value: Option<Arc<ChunkValue>>,
}

struct FinishedChunk {
    id: ChunkId,
    places: Vec<(usize, u64)>,
    value: Arc<ChunkValue>,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Something: there may be more.
    Did,
    /// Nothing: others run what is next.
    Idle,
    /// Nothing, and nobody will: the run is over.
    Over,
}

/// Something to do.
enum Duty {
    Task { id: ChunkId, deps: Vec<ChunkId>, inputs: Vec<Option<Arc<ChunkValue>>>, alone: bool },
    Deliver(Vec<FinishedChunk>),
    Count(Vec<Uncounted>),
}

/// Who reads what of a plan. Tables, where there must be some, are memory of the store's.
fn readers(
    plan: &Plan,
    findings: &Findings,
    around: &Surroundings,
    tables: &Mutex<Vec<Reservation>>,
) -> Result<Arc<Readers>> {
    if let Some(known) = findings.readers() {
        return Ok(known);
    }
    let go_on = || around.control.check(0, plan.tasks());
    let hold = |bytes| {
        let held = around.store.reserve(bytes, "counting who reads which chunk (larger chunks are fewer)")?;
        tables.lock().unwrap_or_else(PoisonError::into_inner).push(held);
        Ok(())
    };
    let readers = Arc::new(Readers::new(plan, &mut Watch::new(&go_on, &hold))?);
    findings.know(&readers);
    Ok(readers)
}

impl Run {
    /// A run that has not begun.
    #[must_use]
    pub fn new(plan: Arc<Plan>, findings: Findings, around: Surroundings, sink: Arc<dyn Sink>) -> Arc<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed) + 1;
        let total = plan.tasks();
        let tally = Tally::new(&plan, &around);
        let state = State {
            walk: Walk::default(),
            outputs: Outputs::new(&plan),
            live: FxHashMap::default(),
            ready: BinaryHeap::new(),
            waiting: 0,
            finished: Vec::new(),
            finished_bytes: 0,
            uncounted: Vec::new(),
            walked: false,
            running: 0,
            sequence: 0,
            done: 0,
            held: 0,
            large: 0,
            failed: None,
            over: false,
        };
        let (mut state, tables) = (state, Mutex::default());
        let readers = readers(&plan, &findings, &around, &tables).unwrap_or_else(|error| {
            state.failed = Some(error);
            Arc::default()
        });
        let failed = state.failed.is_some();
        let state = Mutex::new(state);
        // At least one: with none, nothing would be as good as many.
        let fetch_bytes = FETCH_BYTES.min(around.device.budget() / 8).max(1);
        let span = RunSpan::new(number, &plan);
        let run =
            Self { number, findings, readers, tables, plan, around, sink, state, total, fetch_bytes, tally, span };
        if cfg!(debug_assertions) && !failed {
            run.readers.check(&run.plan);
        }
        run.around.device.listen(run.around.events.heard());
        run.around.events.tell(|| {
            let (host_bytes, device_bytes) = run.plan.predicted_bytes();
            Event::Planned {
                run: number,
                stages: run.plan.stages.iter().map(|stage| run.plan.info(stage)).collect(),
                tasks: total,
                host_bytes,
                device_bytes,
                host_limit: run.around.store.limit(),
                device_limit: run.around.device.budget_of_all(),
                held: (run.around.store.stats().host, run.around.device.device_bytes().0),
            }
        });
        Arc::new(run)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Tasks done so far.
    fn done(&self) -> u64 {
        self.lock().done
    }
    /// Chunks that are there or on their way, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn live(&self) -> usize {
        self.lock().live.len()
    }
    /// Whether to go on.
    pub(super) fn check(&self) -> Result<()> {
        self.around.control.check(0, 0).or_else(|_| self.around.control.check(self.done(), self.total))
    }
    /// Whether more than one thread has something to do here.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        /// Tasks on a device of what is there: one thread has recorded so many before another is awake.
        const RECORDED: u64 = 32;
        let large = |chunks: &Chunks| chunks.elements().is_none_or(|n| n > LITTLE) || chunks.count() > 64;
        self.plan.stages.iter().enumerate().any(|(id, stage)| match &stage.kind {
            StageKind::Kernel { .. } if self.total <= RECORDED && self.is_recorded(id) => false,
            StageKind::Kernel { domain, .. } => self.total > 2 && large(domain),
            StageKind::Host(_) => stage.tasks() > 1,
            // What is only handed out.
            StageKind::Source(_) => large(&stage.chunks) && self.plan.outputs.contains(&id),
            StageKind::Combine { .. } | StageKind::Concatenate(_) => false,
        })
    }

    /// Whether the tasks of a stage are nothing but recorded: a device has what they read, and nobody reads what they make but it.
    fn is_recorded(&self, id: StageId) -> bool {
        let stages = &self.plan.stages;
        let there = |&input: &StageId| match &stages[input].kind {
            // Edges, for example, are sent in no time.
            StageKind::Source(source) => {
                source.is_kept() || stages[input].chunks.elements().is_some_and(|n| n <= LITTLE)
            }
            StageKind::Kernel { .. } | StageKind::Combine { .. } => stages[input].place == Place::Gpu,
            StageKind::Host(_) | StageKind::Concatenate(_) => false,
        };
        let handed_out = self.sink.reads() && self.plan.outputs.contains(&id);
        stages[id].place == Place::Gpu && !handed_out && stages[id].inputs.iter().all(there)
    }

    /// Does one thing, if there is one to do.
    pub fn step(&self) -> Step {
        let work = {
            let mut state = self.lock();
            match self.pick(&mut state) {
                Some(work) => {
                    state.running += 1;
                    work
                }
                None if state.running > 0 => return Step::Idle,
                None => return Step::Over,
            }
        };
        match work {
            Duty::Task { id, deps, inputs, alone } => {
                let (made, uncounted) = match self.perform(id, &deps, inputs, alone) {
                    Ok(Performed::Made(made)) => (Some(Ok(made)), None),
                    Ok(Performed::Uncounted(one)) => (None, Some(one)),
                    Err(error) => (Some(Err(error)), None),
                };
                made.into_iter().for_each(|made| self.keep(id, made));
                let mut state = self.lock();
                state.uncounted.extend(uncounted);
                state.running -= 1;
            }
            Duty::Count(waiting) => {
                let result = self.count(waiting);
                self.over(result);
            }
            Duty::Deliver(finished) => {
                let result = self.deliver(&finished);
                drop(finished);
                self.over(result);
            }
        }
        Step::Did
    }

    /// A duty that is no task is over.
    fn over(&self, result: Result<()>) {
        let mut state = self.lock();
        state.running -= 1;
        if let Err(error) = result {
            state.failed.get_or_insert(error);
        }
    }

    /// What is next: finished outputs if they are many, else the earliest task that is ready, else any finished outputs.
    fn pick(&self, state: &mut State) -> Option<Duty> {
        if state.over {
            return None;
        }
        if state.failed.is_none() {
            state.failed = self.around.control.check(state.done, self.total).err();
        }
        if state.failed.is_some() {
            return None;
        }
        let enough = |state: &State| {
            let under_way = state.running > 0 || !state.ready.is_empty();
            state.ready.len() >= self.around.lookahead || (state.waiting >= WAITING && under_way)
        };
        while !state.walked && !enough(state) && !self.many_finished(state) {
            if let Err(error) = self.walk(state).and_then(|()| self.around.control.check(state.done, self.total)) {
                state.failed = Some(error);
                return None;
            }
        }
        let many_uncounted = made::many(&state.uncounted, self.around.device.budget());
        if !self.many_finished(state)
            && !many_uncounted
            && let Some(Reverse((_, id))) = state.ready.pop()
        {
            let alone = state.ready.len() + state.running < self.around.threads.count();
            let deps = state.live.get(&id).map(|entry| entry.deps.clone()).unwrap_or_default();
            let value = |dep: &ChunkId| state.live.get(dep).and_then(|entry| entry.value.clone());
            let inputs = deps.iter().map(value).collect();
            return Some(Duty::Task { id, deps, inputs, alone });
        }
        if !state.uncounted.is_empty() && (state.running == 0 || many_uncounted) {
            return Some(Duty::Count(std::mem::take(&mut state.uncounted)));
        }
        // Each fetch waits for all that was recorded before: small results go together, when those on their way are there.
        let little = state.finished_bytes < LITTLE_BYTES && !self.many_finished(state);
        if state.finished.is_empty() || (state.running > 0 && little) {
            return None;
        }
        // Some at a time: other threads take the next.
        let now = state.finished.len().min(FETCH_TOGETHER);
        let now: Vec<FinishedChunk> = state.finished.drain(..now).collect();
        state.finished_bytes -= now.iter().map(|one| one.value.bytes()).sum::<u64>();
        Some(Duty::Deliver(now))
    }

    fn many_finished(&self, state: &State) -> bool {
        state.finished.len() >= FETCH_TOGETHER || state.finished_bytes >= self.fetch_bytes
    }

    /// Whether a chunk is there without being made: kept from an earlier run, in memory, or so small a part of a file that reading it
    /// once more is cheaper than noting it for a later reader (what a device reads is sent there once, and held for all its readers).
    fn is_lent(&self, id: ChunkId) -> bool {
        let stage = &self.plan.stages[id.stage];
        let StageKind::Source(source) = &stage.kind else { return false };
        let on_host = matches!(self.around.device, Device::Cpu | Device::Null);
        source.is_kept() || on_host && (source.in_memory() || stage.is_read_anew())
    }
    /// Whether other tasks of this run are running.
    pub(super) fn others(&self) -> bool {
        self.lock().running > 1
    }

    /// Takes the walk a step on.
    fn walk(&self, state: &mut State) -> Result<()> {
        let State { walk, outputs, live, done, .. } = state;
        let look = |id| if live.contains_key(&id) || self.is_lent(id) { Known::Live } else { Known::Absent };
        let done = *done;
        let go_on = || self.around.control.check(done, self.total);
        match walk.next(&self.plan, outputs, look, &mut Watch::new(&go_on, &|_| Ok(())))? {
            Some(Next::Task(task)) => self.enter(state, task, false),
            Some(Next::There(id)) => self.lend(state, id)?,
            None => state.walked = true,
        }
        Ok(())
    }

    /// A chunk of an output that is in memory already.
    fn lend(&self, state: &mut State, id: ChunkId) -> Result<()> {
        let places = state.outputs.begin(&self.plan, id);
        let value = self.guarded(id, || self.source(id))?;
        state.finished_bytes += value.bytes();
        state.finished.push(FinishedChunk { id, places, value });
        Ok(())
    }

    /// A source's chunk.
    pub(super) fn source(&self, id: ChunkId) -> Result<Arc<ChunkValue>> {
        let stage = &self.plan.stages[id.stage];
        let StageKind::Source(source) = &stage.kind else {
            return Err(Error::bug("a chunk was let go too early"));
        };
        let coord = stage.chunks.coord(id.chunk);
        let value = match source.kept(&coord) {
            Some(kept) => kept.downcast::<ChunkValue>().map_err(|_| Error::bug("a kept chunk of another kind"))?,
            None => {
                let value = ChunkValue::from_source(source, stage.dtype, &coord, &stage.chunks.region(&coord))?;
                // What is in memory is handed out, and not held.
                let notes = (!source.in_memory()).then(|| self.around.store.count(NOTES));
                Arc::new(value.noted(notes))
            }
        };
        Ok(value)
    }

    /// Adds a task whose dependencies are all known; `ahead` of its turn.
    fn enter(&self, state: &mut State, task: NewTask, ahead: bool) {
        let NewTask { id, reads, deps } = task;
        state.sequence += 1;
        let sequence = if ahead { 0 } else { state.sequence };
        let mut missing = 0;
        for dep in &deps {
            if let Some(entry) = state.live.get_mut(dep).filter(|entry| entry.value.is_none()) {
                entry.waiters.push(id);
                missing += 1;
            }
        }
        if missing == 0 {
            state.ready.push(Reverse((sequence, id)));
        } else {
            state.waiting += 1;
        }
        let places = state.outputs.begin(&self.plan, id);
        let unread = self.readers.count(&self.plan, id);
        let entry = Entry { sequence, missing, unread, waiters: Vec::new(), reads, deps, places, value: None };
        state.live.insert(id, entry);
    }

    /// Hands finished chunks to the sink.
    fn deliver(&self, finished: &[FinishedChunk]) -> Result<()> {
        let small = finished.iter().filter(|one| one.value.bytes() < FETCH_BYTES / FETCH_TOGETHER as u64);
        let small: Vec<_> = small.map(|one| one.value.clone()).collect();
        if small.len() > 1 && self.sink.reads() {
            // Without room they go to the sink one after another, as the large ones do.
            if let Some(mut ticket) = self.around.store.ticket(small.iter().map(|value| value.bytes()).sum())? {
                self.tally.busy(Lane::Download, || ChunkValue::fetch(&small, &self.around.device, &mut ticket))?;
            }
        }
        for one in finished {
            self.hand_out(one.id, &one.places, &one.value, None)?;
        }
        Ok(())
    }

    /// Gives a chunk to the sink, which may read it from a user's source, and use what the task was admitted with.
    fn hand_out(
        &self,
        id: ChunkId,
        places: &[(usize, u64)],
        value: &Arc<ChunkValue>,
        mut ticket: Option<&mut Ticket>,
    ) -> Result<()> {
        let lane = if value.places().device > 0 { Lane::Download } else { Lane::Host };
        let (store, device) = (&self.around.store, &self.around.device);
        let take = |&(output, chunk): &(usize, u64)| {
            self.sink.take(output, chunk, value, Access { store, device, ticket: ticket.as_deref_mut() })
        };
        self.tally.busy(lane, || self.guarded(id, || places.iter().try_for_each(take)))
    }

    /// The selections that the device has not been asked about.
    pub(super) fn take_uncounted(&self) -> Vec<Uncounted> {
        std::mem::take(&mut self.lock().uncounted)
    }

    /// Keeps what a task made, lets go of what it read, and finds what can run now.
    pub(super) fn keep(&self, id: ChunkId, made: Result<Made>) {
        let mut gone = Vec::new();
        let on_device = self.plan.stages[id.stage].place == Place::Gpu;
        // What is on the host goes straight to the sink.
        let made = made.and_then(|Made { value, mut ticket }| {
            let places = self.lock().live.get(&id).map(|entry| entry.places.clone()).unwrap_or_default();
            if !places.is_empty() && !on_device {
                self.hand_out(id, &places, &value, ticket.as_mut())?;
            }
            Ok((value, places))
        });
        {
            let mut state = self.lock();
            state.done += u64::from(self.plan.stages[id.stage].tasks() > 0);
            match made {
                Err(error) => {
                    state.failed.get_or_insert(error);
                }
                Ok((value, places)) => self.settle(&mut state, id, value, places, on_device, &mut gone),
            }
        }
        // Before the task counts as over: when a run has returned, its memory is free.
        drop(gone);
    }

    fn settle(
        &self,
        state: &mut State,
        id: ChunkId,
        value: Arc<ChunkValue>,
        places: Vec<(usize, u64)>,
        on_device: bool,
        gone: &mut Vec<Arc<ChunkValue>>,
    ) {
        if !places.is_empty() && on_device {
            state.finished_bytes += value.bytes();
            state.finished.push(FinishedChunk { id, places, value: value.clone() });
        }
        let Some(entry) = state.live.get_mut(&id) else { return };
        let (waiters, reads) = (std::mem::take(&mut entry.waiters), std::mem::take(&mut entry.reads));
        let (unread, waiting) = (entry.unread, waiters.len() as u64);
        if unread == 0 {
            state.live.remove(&id);
        } else {
            entry.value = Some(value.clone());
            state.held += value.held_bytes();
            state.large += u64::from(value.held_bytes() >= AHEAD_BYTES);
            self.tally.held(state.held, state.large);
            self.around.store.touch(&value);
        }
        for waiter in waiters {
            if let Some(entry) = state.live.get_mut(&waiter) {
                entry.missing -= 1;
                if entry.missing == 0 {
                    state.ready.push(Reverse((entry.sequence, waiter)));
                    state.waiting -= 1;
                }
            }
        }
        for read in reads {
            let Some(entry) = state.live.get_mut(&read) else { continue };
            entry.unread -= 1;
            if entry.unread == 0
                && let Some(value) = state.live.remove(&read).and_then(|entry| entry.value)
            {
                state.held -= value.held_bytes();
                state.large -= u64::from(value.held_bytes() >= AHEAD_BYTES);
                gone.push(value);
            }
        }
        if unread > waiting && value.bytes() >= AHEAD_BYTES {
            self.run_ahead(state, id);
        }
    }

    /// Enters the tasks that read a chunk and whose other chunks are there, if they are few: then it need not be held until
    /// their turn.
    fn run_ahead(&self, state: &mut State, id: ChunkId) {
        for task in self.readers.tasks(&self.plan, id, AHEAD) {
            // What is on the walk's way comes by itself, and must not come twice.
            if state.live.contains_key(&task) || state.walk.is_on_the_way(task) {
                continue;
            }
            // They are few, and so are their reads, or they wait for their turn.
            if self.plan.reads_at_most(task.stage) > AHEAD_READS {
                continue;
            }
            let Ok(new) = NewTask::new(&self.plan, task, &mut Watch::none()) else { continue };
            let there =
                |dep: &ChunkId| self.is_lent(*dep) || state.live.get(dep).is_some_and(|entry| entry.value.is_some());
            let begun = self.plan.outputs.iter().position(|&o| o == task.stage);
            if new.deps.iter().all(there) && !begun.is_some_and(|output| state.outputs.begun(output, task.chunk)) {
                self.enter(state, new, true);
            }
        }
    }

    /// Ends the run: what it holds is let go.
    ///
    /// # Errors
    /// What the run met first.
    pub fn finish(&self, started: Instant) -> Result<RunReport> {
        let (live, error) = {
            let mut state = self.lock();
            state.over = true;
            state.ready.clear();
            state.finished.clear();
            state.uncounted.clear();
            (std::mem::take(&mut state.live), state.failed.take())
        };
        drop(live);
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).clear();
        // What is recorded and never read holds buffers. Chunks that are kept are made by it; those that were read are there.
        let flushed = self.around.device.flush();
        let error = error.or_else(|| flushed.err().filter(|_| !self.sink.reads()));
        if self.around.events.heard() {
            // The callbacks of what was read have come but for those of its last kernels' times, perhaps.
            if error.is_none() && self.sink.reads() {
                self.around.device.wait_idle();
            }
            self.tell_memory();
        }
        // Before its end is told: what it says of the device was told by then.
        let ended = match error {
            Some(error) => Err(error),
            None => Ok(RunReport {
                run: self.number,
                ..self.tally.report(&self.plan, &self.findings, &self.around, started)
            }),
        };
        self.around
            .events
            .tell(|| Event::Finished { run: self.number, error: ended.as_ref().err().map(ToString::to_string) });
        ended
    }
}
