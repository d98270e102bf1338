//! [`Walk`]: the tasks of a run, one after another in depth-first order, made when they are asked for. A chunk that is made
//! soon has its readers, so that few chunks live at a time; what comes before is only the path from an output to the task.

use crate::plan::task::ChunkId;
use crate::plan::{Plan, StageKind};

/// A task that is being looked at: what it reads comes first.
struct Frame {
    task: NewTask,
    next: usize,
}

/// A task to be run, with all that it reads.
pub(super) struct NewTask {
    /// The chunk it makes.
    pub(super) id: ChunkId,
    /// The chunks it reads, once a load.
    pub(super) reads: Vec<ChunkId>,
    /// The same, each once.
    pub(super) deps: Vec<ChunkId>,
}

impl NewTask {
    pub(super) fn new(plan: &Plan, id: ChunkId) -> Self {
        let reads = plan.reads(id);
        let deps = plan.distinct(id.0, reads.clone());
        Self { id, reads, deps }
    }
}

/// Where the walk is.
pub(super) struct Walk {
    output: usize,
    chunk: u64,
    stack: Vec<Frame>,
}

/// What the walk has to know of a chunk.
pub(super) enum Known {
    /// It is there, or its task is on its way.
    Live,
    /// It has to be made.
    Absent,
}

impl Walk {
    pub(super) fn new() -> Self {
        Self { output: 0, chunk: 0, stack: Vec::new() }
    }

    /// The next task whose dependencies were all returned before, or are there.
    pub(super) fn next(
        &mut self,
        plan: &Plan,
        mut look: impl FnMut(ChunkId) -> Known,
        mut delivered: impl FnMut(usize, u64) -> bool,
    ) -> Option<NewTask> {
        loop {
            if let Some(frame) = self.stack.last_mut() {
                if let Some(&dep) = frame.task.deps.get(frame.next) {
                    frame.next += 1;
                    if let Known::Absent = look(dep) {
                        self.stack.push(Frame { task: NewTask::new(plan, dep), next: 0 });
                    }
                    continue;
                }
                return self.stack.pop().map(|frame| frame.task);
            }
            let &stage = plan.outputs.get(self.output)?;
            let (output, chunk) = (self.output, self.chunk);
            if chunk >= plan.stages[stage].chunks.count() {
                (self.output, self.chunk) = (output + 1, 0);
                continue;
            }
            self.chunk += 1;
            if delivered(output, chunk) {
                continue;
            }
            let real = match plan.stages[stage].kind {
                StageKind::Concatenate(_) => plan.resolve(stage, plan.stages[stage].chunks.coord(chunk)),
                _ => (stage, chunk),
            };
            if let Known::Absent = look(real) {
                self.stack.push(Frame { task: NewTask::new(plan, real), next: 0 });
            }
        }
    }

    /// Whether a task is on the path to the one that came last: it comes soon.
    pub(super) fn is_on_the_way(&self, id: ChunkId) -> bool {
        self.stack.iter().any(|frame| frame.task.id == id)
    }
}

/// Which chunks of the outputs a chunk is: itself, or as parts of joined arrays.
pub(super) struct Outputs {
    /// For each stage: the joined arrays it is part of, the axis, and the chunks before it.
    joined: Vec<Vec<(usize, usize, u64)>>,
    /// For each stage: which outputs it is.
    outputs: Vec<Vec<usize>>,
    /// A bit for each chunk of each output: whether it is on its way.
    begun: Vec<Vec<u64>>,
}

impl Outputs {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut joined = vec![Vec::new(); plan.stages.len()];
        let mut outputs = vec![Vec::new(); plan.stages.len()];
        for (number, stage) in plan.stages.iter().enumerate() {
            if let StageKind::Concatenate(axis) = stage.kind {
                let mut offset = 0;
                for &input in &stage.inputs {
                    joined[input].push((number, axis, offset));
                    offset += plan.stages[input].chunks.axes()[axis].count();
                }
            }
        }
        for (output, &stage) in plan.outputs.iter().enumerate() {
            outputs[stage].push(output);
        }
        let words = |&stage: &usize| vec![0; plan.stages[stage].chunks.count().div_ceil(64) as usize];
        Self { joined, outputs, begun: plan.outputs.iter().map(words).collect() }
    }
    pub(super) fn begun(&self, output: usize, chunk: u64) -> bool {
        self.begun[output][chunk as usize / 64] >> (chunk % 64) & 1 == 1
    }
    /// The places of a chunk in the outputs, which are on their way from now on.
    pub(super) fn begin(&mut self, plan: &Plan, (stage, chunk): ChunkId) -> Vec<(usize, u64)> {
        if self.joined[stage].is_empty() && self.outputs[stage].is_empty() {
            return Vec::new();
        }
        let mut places = Vec::new();
        let mut names = vec![(stage, chunk)];
        while let Some((stage, chunk)) = names.pop() {
            for &output in &self.outputs[stage] {
                self.begun[output][chunk as usize / 64] |= 1 << (chunk % 64);
                places.push((output, chunk));
            }
            for &(joined, axis, offset) in &self.joined[stage] {
                let mut coord = plan.stages[stage].chunks.coord(chunk);
                coord[axis] += offset;
                names.push((joined, plan.stages[joined].chunks.index(&coord)));
            }
        }
        places
    }
}
