//! How many bytes a plan, and each of its tasks, reads, makes and holds: what runs are admitted by, and what
//! [`Plan::predicted_bytes`] says beforehand.

use super::grid::Sizes;
use super::kernel::Kernel;
use super::task::ChunkId;
use super::{Place, Plan, Stage, StageId, StageKind};
use crate::chunks::{AxisChunks, Chunks, product};

/// Bytes that a chunk takes beside its elements, wherever those are: its value, its shape, and what a run notes of it; and those that
/// a task takes for each piece it reads.
pub const NOTES: u64 = 768;
/// States of one stage that live at a time at most: those one task merges, and some that wait for it.
const LIVE_STATES: u64 = 72;
/// Chunks that a task reads for which it is looked up which they are.
const LOOKED_AT: u64 = 1 << 12;

impl Plan {
    /// Bytes this plan may hold at one time on the host and on the device, estimated before it runs: the outputs, the chunks that wait
    /// for their readers (all of them where a reader needs all), and what the tasks that run at a time read, make and need. Of a mask half
    /// is taken to be true. A client holds no more than its limits, and on the host that is what this says at most.
    #[must_use]
    pub fn predicted_bytes(&self) -> (u64, u64) {
        self.peak(|most| most / 2)
    }

    /// The same on the host if all masks are true everywhere.
    #[must_use]
    pub fn most_bytes(&self) -> u64 {
        self.peak(|most| most).0
    }

    /// A prediction where `part` says how many of the elements that there can be there are.
    fn peak(&self, part: fn(u64) -> u64) -> (u64, u64) {
        let (mut host, mut device) = (0u64, 0u64);
        let (reading, lengths) = (StageReaders::new(self), self.most_lengths());
        let mut times = vec![0u64; self.stages.len()];
        self.outputs.iter().for_each(|&output| times[output] += 1);
        for (id, stage) in self.stages.iter().enumerate() {
            let elements = || match self.elements_within(id, &lengths).unwrap_or(0) {
                most if stage.chunks.has_unknown() => part(most),
                all => all,
            };
            let times = times[id];
            host = host.saturating_add(times.saturating_mul(bytes(elements(), stage.dtype.size())));
            if stage.place == Place::Gpu || matches!(&stage.kind, StageKind::Source(source) if source.in_memory()) {
                // Parts of joined arrays are made one after another: the first stands for all.
                let held = if reading.is_later_part(self, id) { 0 } else { self.held_bytes(id, &reading) };
                device = device.saturating_add(held);
            } else if stage.chunks.has_unknown() && !reading.streams[id] {
                host = host.saturating_add(bytes(elements(), stage.dtype.size()));
            } else if self.keeps_states(stage) || !reading.streams[id] {
                host = host.saturating_add(self.held_bytes(id, &reading));
            }
        }
        // A chunk that waits for its turn: one thread alone reads what it made before it makes more.
        let may_wait = |id: &StageId| (self.running > 1 || reading.readers[*id].len() > 1) && reading.waits(self, *id);
        let waiting = (0..self.stages.len()).filter(may_wait).map(|id| self.output_bytes(ChunkId::new(id, 0)));
        host = host.saturating_add(waiting.max().unwrap_or(0));
        // What the tasks that run at a time read and make.
        let (largest, one) = self.largest_task;
        let running = self.stages.get(largest).map_or(0, |stage| stage.tasks().min(self.running));
        (host.saturating_add(running.saturating_mul(one)).min(self.limit), device)
    }

    /// Whether a stage's chunks are states that wait to be merged.
    fn keeps_states(&self, stage: &Stage) -> bool {
        stage.reduces() || matches!(stage.kind, StageKind::Combine { finish: None, .. })
    }

    /// Bytes of each stage's chunks that may be held at a time for its readers, estimated before it runs: on the device where the stage
    /// runs there, and for the user's own arrays (of which a device has a copy while it is read); else on the host.
    #[must_use]
    pub fn held(&self) -> Vec<u64> {
        let reading = StageReaders::new(self);
        (0..self.stages.len()).map(|id| self.held_bytes(id, &reading)).collect()
    }

    fn held_bytes(&self, id: StageId, reading: &StageReaders) -> u64 {
        let stage = &self.stages[id];
        let elements = elements(&stage.chunks);
        let size = if stage.place == Place::Gpu { stage.dtype.device_size() } else { stage.dtype.size() };
        let all = bytes(elements, size);
        let one = stage.chunk_bytes();
        let some = one.saturating_mul(4).min(all);
        let readers = || reading.readers[id].iter().map(|&reader| &self.stages[reader]);
        match &stage.kind {
            StageKind::Concatenate(_) => 0,
            // States wait until as many as one task merges are there.
            _ if self.keeps_states(stage) => {
                let one = self.output_bytes(ChunkId::new(id, 0));
                // Of several results made together, as many as may wait.
                let several = matches!(&stage.kind, StageKind::Kernel { kernel: Kernel::Folds { .. }, .. });
                let most = if several { LIVE_STATES.max(Sizes::WAITING_BYTES / one.max(1)) } else { LIVE_STATES };
                stage.chunks.count().min(most).saturating_mul(one)
            }
            StageKind::Source(source) if source.in_memory() => {
                let on_device: Vec<_> = readers().filter(|reader| reader.place == Place::Gpu).collect();
                let copy = bytes(elements, stage.dtype.device_size());
                match on_device.as_slice() {
                    [] => 0,
                    // Each chunk goes to its reader and can be let go.
                    [reader] if reader.chunks.grid() == stage.chunks.grid() => one.saturating_mul(4).min(copy),
                    // It is sent once and stays for all that read it.
                    _ => copy,
                }
            }
            // A file's chunks are kept for their other readers as long as there is room.
            StageKind::Source(_) if readers().count() > 1 => all,
            StageKind::Source(_) => some,
            // A reader that is not another kernel over the same grid may need all chunks at once.
            _ if !reading.streams[id] => all,
            StageKind::Kernel { .. } | StageKind::Combine { .. } | StageKind::Host(_) => some,
        }
    }

    /// The most elements that a stage can have where their number depends on data: those of the masks. `None` where nothing says.
    #[must_use]
    pub fn most_elements(&self, stage: StageId) -> Option<u64> {
        self.elements_within(stage, &self.most_lengths())
    }

    fn elements_within(&self, stage: StageId, lengths: &[Option<u64>]) -> Option<u64> {
        let axes = self.stages[stage].chunks.axes();
        let known = product(axes.iter().filter_map(AxisChunks::len));
        match axes.iter().filter(|axis| axis.len().is_none()).count() {
            0 => Some(known),
            1 => Some(known.saturating_mul(lengths[stage]?)),
            _ => None,
        }
    }

    /// Bytes on the host that one task of a stage takes: what it reads, what it makes, and notes of both. Looked up for a few tasks:
    /// the first, which has chunks of full size, the last, and some between, which may read across more borders or off a diagonal.
    #[must_use]
    pub fn task_bytes(&self, stage: usize) -> u64 {
        let tasks = self.stages[stage].tasks();
        if tasks == 0 {
            return 0;
        }
        let reads = self.reads_at_most(stage);
        if reads > LOOKED_AT {
            // Too many to look at each: so many of the largest chunks of each input, and no more than all of it.
            let most = self.stages[stage].inputs.iter().map(|&input| {
                let Stage { kind, chunks, dtype, .. } = &self.stages[input];
                if matches!(kind, StageKind::Source(source) if source.in_memory()) {
                    return 0;
                }
                let largest = bytes(chunks.max_chunk_elements(), dtype.size());
                let all = chunks.elements().map_or(u64::MAX, |all| bytes(all, dtype.size()));
                largest.saturating_mul(reads.min(chunks.count())).min(all)
            });
            let first = ChunkId::new(stage, 0);
            let own = [self.output_bytes(first), self.scratch_bytes(first), bytes(reads, 2 * NOTES as usize)];
            return most.chain(own).fold(0, u64::saturating_add);
        }
        let mut looked_at = [0, 1, tasks / 3, tasks / 2, tasks / 3 * 2 + 1, tasks.saturating_sub(2), tasks - 1];
        looked_at.sort_unstable();
        let mut most = 0;
        for (i, &task) in looked_at.iter().enumerate() {
            if task < tasks && (i == 0 || looked_at[i - 1] != task) {
                most = most.max(self.bytes_of(ChunkId::new(stage, task)));
            }
        }
        most
    }

    /// The same of one task.
    fn bytes_of(&self, id: ChunkId) -> u64 {
        let own = [NOTES, self.output_bytes(id), self.scratch_bytes(id)];
        // A piece of each chunk at least is noted, and what waits to be read is, too.
        let read = self.dependencies(id).into_iter().map(|read| {
            let this = &self.stages[read.stage];
            match &this.kind {
                StageKind::Source(source) if source.in_memory() => NOTES,
                StageKind::Source(_) => {
                    bytes(this.chunks.max_chunk_elements(), this.dtype.size()).saturating_add(NOTES)
                }
                StageKind::Kernel { .. }
                | StageKind::Combine { .. }
                | StageKind::Host(_)
                | StageKind::Concatenate(_) => self.output_bytes(read).saturating_add(2 * NOTES),
            }
        });
        read.chain(own).fold(0, u64::saturating_add)
    }

    /// The stage whose tasks take most bytes on the host, and how many.
    pub(super) fn find_largest_task(&self) -> (usize, u64) {
        let on_host = (0..self.stages.len()).filter(|&stage| self.stages[stage].place == Place::Cpu);
        on_host.map(|stage| (stage, self.task_bytes(stage))).max_by_key(|(_, bytes)| *bytes).unwrap_or((0, 0))
    }

    /// Bytes read from and written to chunks by a stage, over all its tasks.
    pub(crate) fn bytes_moved(&self, stage: &Stage) -> (u64, u64) {
        let size = |s: &Stage| bytes(elements(&s.chunks), s.dtype.size());
        let read = stage.inputs.iter().map(|&i| if self.stages[i].reduces() { 0 } else { size(&self.stages[i]) });
        let read = read.fold(0, u64::saturating_add);
        let written = match &stage.kind {
            StageKind::Source(_) | StageKind::Concatenate(_) => 0,
            _ if stage.reduces() => 0,
            StageKind::Combine { finish: None, .. } => 0,
            StageKind::Kernel { .. } | StageKind::Combine { .. } | StageKind::Host(_) => size(stage),
        };
        (read, written)
    }
}

/// Who reads what.
struct StageReaders {
    /// The stages that read each stage.
    readers: Vec<Vec<StageId>>,
    /// Whether each chunk of a stage goes to its readers as it is made, and can be let go.
    streams: Vec<bool>,
}

impl StageReaders {
    fn new(plan: &Plan) -> Self {
        let stages = &plan.stages;
        let mut readers: Vec<Vec<StageId>> = vec![Vec::new(); stages.len()];
        for (reader, stage) in stages.iter().enumerate() {
            for &input in &stage.inputs {
                if readers[input].last() != Some(&reader) {
                    readers[input].push(reader);
                }
            }
        }
        let mut streams = vec![true; stages.len()];
        // Readers have higher numbers.
        for id in (0..stages.len()).rev() {
            streams[id] = readers[id].iter().all(|&reader| match &stages[reader].kind {
                StageKind::Concatenate(_) => streams[reader],
                StageKind::Source(_) | StageKind::Kernel { .. } | StageKind::Combine { .. } | StageKind::Host(_) => {
                    plan.reads_in_turn(reader) && in_step(&stages[reader].chunks, &stages[id].chunks)
                }
            });
        }
        Self { readers, streams }
    }
    /// Whether the chunks of a stage wait on the host, one or a few at a time.
    fn waits(&self, plan: &Plan, id: StageId) -> bool {
        let stage = &plan.stages[id];
        self.streams[id] && !self.readers[id].is_empty() && stage.place == Place::Cpu && !plan.keeps_states(stage)
    }
    /// Whether a stage is read as a part of joined arrays alone, and not as the first.
    fn is_later_part(&self, plan: &Plan, id: StageId) -> bool {
        let joined = |&reader: &StageId| matches!(plan.stages[reader].kind, StageKind::Concatenate(_));
        let first = |&reader: &StageId| plan.stages[reader].inputs.first() == Some(&id);
        let readers = &self.readers[id];
        !readers.is_empty() && readers.iter().all(joined) && !readers.iter().any(first)
    }
}

/// Whether chunks of two grids are used in the same order: grids that differ along the first axis alone.
fn in_step(reader: &Chunks, read: &Chunks) -> bool {
    let later = |chunks: &Chunks| chunks.grid().into_iter().skip(1).collect::<Vec<_>>();
    reader.ndim() == read.ndim() && later(reader) == later(read)
}

/// Elements of what has a known number of them.
fn elements(chunks: &Chunks) -> u64 {
    chunks.elements().unwrap_or(0)
}
/// Bytes of so many elements.
pub(super) fn bytes(elements: u64, size: usize) -> u64 {
    elements.saturating_mul(size as u64)
}
