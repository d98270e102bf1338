//! Kernel families: one file a kind of stage, which says how it is lowered, what a task reads and where it works, how those reads are
//! counted, and what it takes in bytes. Here are the tables that name them, and what a plan asks of its stages by them.

mod combine;
mod dot;
mod folds;
mod histogram;
mod host;
mod joined;
mod loads;
mod map;
mod prefix;
mod reduce;
mod reshape;
mod runs;
mod scan;
mod select;
mod sort;
mod source;
mod stage;
mod take;

use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::capability::{Capabilities, dtype_problem, program_problem};
use super::kernel::Kernel;
use super::links::{Grid, Link};
use super::lowering::Lowering;
use super::task::{ChunkId, Geometry, TaskWork};
use super::watch::Watch;
use super::{Group, Output, Plan, StageId, StageKind};
use crate::error::{Error, Result};
use crate::graph::{Node, Op};
pub use combine::merged_at_a_time;
pub(super) use combine::on_device as merges_on_device;
use stage::{Family, StageAt};

/// The family of a stage.
fn family(kind: &StageKind) -> &'static dyn Family {
    match kind {
        StageKind::Source(_) => &source::Data,
        StageKind::Concatenate(_) => &joined::Join,
        StageKind::Host(_) => &host::Host,
        StageKind::Combine { group: Group::Before { .. }, .. } => &prefix::Prefix,
        StageKind::Combine { .. } => &combine::Combine,
        StageKind::Kernel { kernel, output, .. } => match (kernel, output) {
            (Kernel::Map(_), Output::Linear) => &reshape::Reshape,
            (Kernel::Map(_), _) => &map::Map,
            (Kernel::Select(_), _) => &select::Select,
            (Kernel::Scan { .. }, Output::Linear) => &scan::Flat,
            (Kernel::Scan { .. }, _) => &scan::Along,
            (Kernel::Sort { .. }, _) => &sort::Sort,
            (Kernel::Reduce { .. }, Output::Runs) => &scan::RunStates,
            (Kernel::Reduce { .. }, _) => &reduce::Reduce,
            (Kernel::Histogram { .. }, _) => &histogram::Histogram,
            (Kernel::Folds { .. }, _) => &folds::Folds,
            (Kernel::Take(_), _) => &take::Take,
            (Kernel::Dot(_), _) => &dot::Dot,
        },
    }
}

/// Adds the stages that make a node, whose inputs' are there; the last of them.
///
/// # Errors
/// A bug in what was built.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>) -> Result<StageId> {
    match &node.op {
        Op::Source(source) => source::lower(lowering, node, &source.value),
        Op::Concatenate { axis } if lowering.named.has(node) => Ok(joined::lower(lowering, node, *axis)),
        Op::Host(function) => Ok(host::lower(lowering, node, &function.value)),
        Op::Reduce { .. } => reduce::lower(lowering, node),
        Op::Scan { op, axis } => scan::lower(lowering, node, *op, *axis),
        Op::Sort { sorting, axis, read } => sort::lower(lowering, node, *sorting, *axis, read.clone()),
        Op::Histogram { uniform } => histogram::lower(lowering, node, *uniform),
        Op::Dot => dot::lower(lowering, node),
        Op::Take { axis, indices } => Ok(take::lower(lowering, node, *axis, indices)),
        Op::Reshape => reshape::lower(lowering, node),
        Op::FilterAxis { axis } => select::lower_axis(lowering, node, *axis),
        Op::Full(_)
        | Op::Index { .. }
        | Op::Random(..)
        | Op::Unary(_)
        | Op::Binary(_)
        | Op::Ternary(_)
        | Op::Cast
        | Op::Call(_)
        | Op::View(_)
        | Op::Rechunk
        | Op::Concatenate { .. }
        | Op::Filter => match lowering.base_mask(node) {
            Some(_) if node.chunks.has_unknown() => select::lower(lowering, node),
            _ => map::lower(lowering, node),
        },
    }
}

/// The inputs of a node that have to be materialised: those of which it reads chunks, and not an expression.
pub(super) fn materialised(node: &Node) -> Vec<&Arc<Node>> {
    match &node.op {
        Op::Take { .. } | Op::Concatenate { .. } | Op::Host(_) => node.inputs.iter().collect(),
        // A transposed or sliced operand is read in place.
        Op::Dot => node.inputs.iter().map(|x| x.behind_views().0).collect(),
        // The edges.
        Op::Histogram { .. } => vec![&node.inputs[1]],
        Op::Reduce { op, .. } => reduce::materialised(node, *op).into_iter().collect(),
        // Filtered elements follow each other once they are compacted.
        Op::View(_) | Op::Scan { .. } => node.inputs.iter().filter(|input| input.chunks.has_unknown()).collect(),
        Op::Source(_) | Op::Full(_) | Op::Index { .. } | Op::Random(..) => Vec::new(),
        Op::Unary(_) | Op::Binary(_) | Op::Ternary(_) | Op::Cast | Op::Call(_) => Vec::new(),
        Op::Reshape | Op::Rechunk | Op::Filter | Op::FilterAxis { .. } | Op::Sort { .. } => Vec::new(),
    }
}

/// Why a device with these capabilities cannot run the kernel, if so.
#[must_use]
pub fn unsupported(kernel: &Kernel, caps: &Capabilities) -> Option<String> {
    let own = match kernel {
        Kernel::Reduce { program, fold, .. } => reduce::dtype_problem(*fold, program.output_dtype(0), caps),
        Kernel::Histogram { weighted, .. } => histogram::unsupported(*weighted),
        Kernel::Folds { program, folds } => folds::unsupported(program, folds, caps),
        // It moves whole words: the dtype's arithmetic is not needed.
        Kernel::Map(_) | Kernel::Select(_) | Kernel::Scan { .. } | Kernel::Sort { .. } | Kernel::Take(_) => None,
        Kernel::Dot(dtype) => dtype_problem(*dtype, caps),
    };
    own.or_else(|| program_problem(kernel.program()?, kernel.binds_beside(), caps))
}

impl Plan {
    /// A stage, for its family.
    fn stage_at(&self, id: StageId) -> StageAt<'_> {
        let this = &self.stages[id];
        let at = StageAt {
            plan: self,
            id,
            this,
            family: family(&this.kind),
            domain: &this.chunks,
            loads: &[],
            indices: &[],
            kernel: None,
            output: None,
        };
        match &this.kind {
            StageKind::Kernel { kernel, domain, loads, indices, output } => {
                StageAt { domain, loads, indices, kernel: Some(kernel), output: Some(output), ..at }
            }
            StageKind::Source(_) | StageKind::Combine { .. } | StageKind::Host(_) | StageKind::Concatenate(_) => at,
        }
    }

    /// The chunks a task reads, in the order its pieces number them.
    #[must_use]
    pub fn dependencies(&self, id: ChunkId) -> Vec<ChunkId> {
        self.distinct(id.stage, self.reads(id))
    }

    /// A task's reads as its pieces number them: programs and products number chunks, the rest what they are given.
    #[must_use]
    pub fn distinct(&self, stage: StageId, mut reads: Vec<ChunkId>) -> Vec<ChunkId> {
        let at = self.stage_at(stage);
        if !at.family.numbers_reads() || reads.len() < 2 {
            return reads;
        }
        // What the kernel itself reads stays the last.
        let own = reads.split_off(reads.len() - at.family.own_reads(&at, 0).len());
        if reads.len() > 8 {
            let mut seen = FxHashSet::with_capacity_and_hasher(reads.len(), FxBuildHasher);
            reads.retain(|read| seen.insert(*read));
        } else {
            let mut at = 1;
            while at < reads.len() {
                if reads[..at].contains(&reads[at]) {
                    reads.remove(at);
                } else {
                    at += 1;
                }
            }
        }
        reads.extend(own);
        reads
    }

    /// The chunks a task reads, once for each load that reads them: what [`super::readers::Readers`] counts.
    #[must_use]
    pub fn reads(&self, id: ChunkId) -> Vec<ChunkId> {
        // Nothing ends it.
        self.reads_watched(id, &mut Watch::none()).unwrap_or_default()
    }

    /// [`Plan::reads`] for tasks that may read very many chunks.
    ///
    /// # Errors
    /// What ends the watch.
    pub fn reads_watched(&self, ChunkId { stage, chunk }: ChunkId, watch: &mut Watch<'_>) -> Result<Vec<ChunkId>> {
        let at = self.stage_at(stage);
        at.family.reads(&at, chunk, watch)
    }

    /// A kernel task's work, given the geometry of the chunks it reads (in the order of `deps`).
    ///
    /// # Errors
    /// [`Error::Bug`] where `deps` are not the task's dependencies; what ends the watch.
    pub fn work(
        &self,
        ChunkId { stage, chunk }: ChunkId,
        deps: &[ChunkId],
        found: &[Geometry],
        watch: &mut Watch<'_>,
    ) -> Result<TaskWork> {
        let at = self.stage_at(stage);
        if at.kernel.is_none() {
            return Err(Error::bug("work of a stage without a kernel"));
        }
        at.family.task(&at, chunk, deps, found, watch)
    }

    /// How `reader` reads `stage` as its inputs at `places`, where all of that is arithmetic; `within`: where not all of the reader's
    /// chunks are needed.
    pub(super) fn links(
        &self,
        reader: StageId,
        stage: StageId,
        places: &[(StageId, usize)],
        within: Option<&Grid>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Vec<Link>>> {
        let at = self.stage_at(reader);
        at.family.links(&at, stage, places, within, watch)
    }

    /// Chunks that a task of a stage reads at most, as far as that is known without looking at each: by its first task, which has
    /// chunks of full size.
    #[must_use]
    pub fn reads_at_most(&self, stage: StageId) -> u64 {
        let at = self.stage_at(stage);
        at.family.reads_at_most(&at)
    }

    /// Bytes on the host of what a task makes, at most (states of reductions: roughly).
    #[must_use]
    pub fn output_bytes(&self, ChunkId { stage, chunk }: ChunkId) -> u64 {
        let at = self.stage_at(stage);
        at.family.made(&at, chunk)
    }

    /// Outputs that each state of a task is of: a reduction's, or merged ones before the last.
    pub(super) fn state_elements(&self, ChunkId { stage, chunk }: ChunkId) -> u64 {
        let at = self.stage_at(stage);
        at.family.state_elements(&at, chunk)
    }

    /// Bytes on the host that a task takes while it runs, beside what it reads and makes (of reductions: roughly).
    #[must_use]
    pub fn scratch_bytes(&self, id: ChunkId) -> u64 {
        let at = self.stage_at(id.stage);
        at.family.scratch(&at, self.output_bytes(id))
    }

    /// Bytes on the host that a task takes beside its inputs, which have so many elements each: what it makes and what it needs
    /// meanwhile. Lengths that depend on data are known by then.
    #[must_use]
    pub fn bytes_beside(&self, id: ChunkId, inputs: &mut dyn DoubleEndedIterator<Item = u64>) -> u64 {
        let at = self.stage_at(id.stage);
        let made = at.family.made_of(&at, id.chunk, inputs);
        made.saturating_add(at.family.scratch(&at, made))
    }

    /// Whether a stage goes over what it reads as that is made, where their grids differ along the first axis alone.
    pub(super) fn reads_in_turn(&self, reader: StageId) -> bool {
        self.stage_at(reader).family.in_turn()
    }

    /// For each stage: the most that its unknown length can be.
    pub(super) fn most_lengths(&self) -> Vec<Option<u64>> {
        let mut most: Vec<Option<u64>> = Vec::with_capacity(self.stages.len());
        for id in 0..self.stages.len() {
            let at = self.stage_at(id);
            let length = if at.this.chunks.has_unknown() { at.family.longest(&at, &most) } else { None };
            most.push(length);
        }
        most
    }
}
