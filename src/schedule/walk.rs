//! [`Walk`]: the tasks of a run, one after another in depth-first order, made when they are asked for. A chunk that is made
//! soon has its readers, so that few chunks live at a time; what comes before is only the path from an output to the task.

use rustc_hash::FxHashSet;

use crate::error::Result;
use crate::plan::task::ChunkId;
use crate::plan::watch::Watch;
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
    pub(super) fn new(plan: &Plan, id: ChunkId, watch: &mut Watch<'_>) -> Result<Self> {
        let reads = plan.reads_watched(id, watch)?;
        let deps = plan.distinct(id.stage, reads.clone());
        Ok(Self { id, reads, deps })
    }
}

/// Where the walk is.
#[derive(Default)]
pub(super) struct Walk {
    /// The path from an output to the task that is next.
    stack: Vec<Frame>,
}

/// What comes next.
pub(super) enum Next {
    /// A task whose dependencies were all returned before, or are there.
    Task(NewTask),
    /// A chunk of an output that is there without a task.
    There(ChunkId),
}

/// What the walk has to know of a chunk.
pub(super) enum Known {
    /// It is there, or its task is on its way.
    Live,
    /// It has to be made.
    Absent,
}

impl Walk {
    /// What comes next; nothing once all outputs are on their way.
    ///
    /// # Errors
    /// What ends the watch.
    pub(super) fn next(
        &mut self,
        plan: &Plan,
        outputs: &mut Outputs,
        mut look: impl FnMut(ChunkId) -> Known,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Next>> {
        loop {
            if let Some(frame) = self.stack.last_mut() {
                if let Some(&dep) = frame.task.deps.get(frame.next) {
                    frame.next += 1;
                    if let Known::Absent = look(dep) {
                        self.stack.push(Frame { task: NewTask::new(plan, dep, watch)?, next: 0 });
                    }
                    continue;
                }
                return Ok(self.stack.pop().map(|frame| Next::Task(frame.task)));
            }
            let Some(id) = outputs.next(plan) else { return Ok(None) };
            match look(id) {
                Known::Absent => self.stack.push(Frame { task: NewTask::new(plan, id, watch)?, next: 0 }),
                Known::Live => return Ok(Some(Next::There(id))),
            }
        }
    }

    /// Whether a task is on the path to the one that came last: it comes soon.
    pub(super) fn is_on_the_way(&self, id: ChunkId) -> bool {
        self.stack.iter().any(|frame| frame.task.id == id)
    }
}

/// Which chunks of the outputs a chunk is: itself, or as parts of joined arrays; and which of them are on their way. What is kept
/// of that does not grow with the number of chunks, but with that of those that came before their turn.
pub(super) struct Outputs {
    /// For each stage: the joined arrays it is part of, the axis, and the chunks before it.
    joined: Vec<Vec<(usize, usize, u64)>>,
    /// For each stage: which outputs it is.
    outputs: Vec<Vec<usize>>,
    /// The output that is looked at and its chunk that is next: those before are on their way.
    at: (usize, u64),
    /// For each output: chunks that are on their way before their turn.
    ahead: Vec<FxHashSet<u64>>,
}

impl Outputs {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut joined = vec![Vec::new(); plan.stages.len()];
        let mut outputs = vec![Vec::new(); plan.stages.len()];
        for (output, &stage) in plan.outputs.iter().enumerate() {
            outputs[stage].push(output);
        }
        // Joined arrays have higher numbers than their parts. Those that are no part of an output are not looked at: a chunk may be in
        // them in very many ways.
        for (number, stage) in plan.stages.iter().enumerate().rev() {
            let leads = !outputs[number].is_empty() || !joined[number].is_empty();
            if let (StageKind::Concatenate(joins), true) = (&stage.kind, leads) {
                for (&input, &start) in stage.inputs.iter().zip(&*joins.starts) {
                    joined[input].push((number, joins.axis, start));
                }
            }
        }
        let ahead = vec![FxHashSet::default(); plan.outputs.len()];
        Self { joined, outputs, at: (0, 0), ahead }
    }
    /// The next chunk of an output that is not on its way; it is from now on.
    fn next(&mut self, plan: &Plan) -> Option<ChunkId> {
        loop {
            let (output, chunk) = self.at;
            let &stage = plan.outputs.get(output)?;
            let chunks = &plan.stages[stage].chunks;
            if chunk >= chunks.to_make() {
                self.at = (output + 1, 0);
                continue;
            }
            self.at.1 += 1;
            if !self.ahead[output].remove(&chunk) {
                return Some(match plan.stages[stage].kind {
                    StageKind::Concatenate(_) => plan.resolve(stage, chunks.coord(chunk)),
                    StageKind::Source(_)
                    | StageKind::Kernel { .. }
                    | StageKind::Combine { .. }
                    | StageKind::Host(_) => ChunkId { stage, chunk },
                });
            }
        }
    }
    pub(super) fn begun(&self, output: usize, chunk: u64) -> bool {
        (output, chunk) < self.at || self.ahead[output].contains(&chunk)
    }
    /// The places of a chunk in the outputs, which are on their way from now on.
    pub(super) fn begin(&mut self, plan: &Plan, ChunkId { stage, chunk }: ChunkId) -> Vec<(usize, u64)> {
        if self.joined[stage].is_empty() && self.outputs[stage].is_empty() {
            return Vec::new();
        }
        let mut places = Vec::new();
        let mut names = vec![(stage, chunk)];
        while let Some((stage, chunk)) = names.pop() {
            for &output in &self.outputs[stage] {
                if (output, chunk) >= self.at {
                    self.ahead[output].insert(chunk);
                }
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
