//! Joined arrays: chunks of the inputs, one input after another along an axis. Nothing is moved and there are no tasks: such a chunk is
//! another name for one of an input's.

use std::sync::Arc;

use super::stage::{Family, StageAt};
use crate::error::Result;
use crate::graph::Node;
use crate::plan::links::{Grid, Link};
use crate::plan::lowering::Lowering;
use crate::plan::task::ChunkId;
use crate::plan::watch::Watch;
use crate::plan::{Joined, StageId, StageKind};

/// What is named again.
pub(super) struct Join;

/// The stage of a joined array.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>, axis: usize) -> StageId {
    let inputs = parts(lowering, node);
    let count = |&input: &StageId| lowering.stages[input].chunks.axes()[axis].count();
    let starts = inputs.iter().scan(0, |next, input| {
        let start = *next;
        *next += count(input);
        Some(start)
    });
    let joined = Joined { axis, starts: starts.collect() };
    lowering.push(StageKind::Concatenate(joined), inputs, node.dtype, node.chunks.clone())
}

/// The stages that a joined array is made of: those of arrays that are nothing but a part of it are its own.
fn parts(lowering: &Lowering<'_>, node: &Arc<Node>) -> Vec<StageId> {
    let mut parts = Vec::with_capacity(node.inputs.len());
    let mut open: Vec<&Arc<Node>> = node.inputs.iter().rev().collect();
    while let Some(part) = open.pop() {
        match lowering.named.inner.contains(&part.key) {
            true => open.extend(part.inputs.iter().rev()),
            false => parts.push(lowering.of[&part.key].stage),
        }
    }
    parts
}

impl Family for Join {
    fn reads(&self, _: &StageAt<'_>, _: u64, _: &mut Watch<'_>) -> Result<Vec<ChunkId>> {
        Ok(Vec::new())
    }
    fn numbers_reads(&self) -> bool {
        false
    }
    fn links(
        &self,
        at: &StageAt<'_>,
        _: StageId,
        places: &[(StageId, usize)],
        _: Option<&Grid>,
        _: &mut Watch<'_>,
    ) -> Result<Option<Vec<Link>>> {
        let StageKind::Concatenate(joined) = &at.this.kind else { return Ok(None) };
        let part = |&(_, place): &(StageId, usize)| Link::Joined {
            stage: at.id,
            axis: joined.axis,
            offset: joined.starts[place],
        };
        Ok(Some(places.iter().map(part).collect()))
    }
    fn reads_at_most(&self, _: &StageAt<'_>) -> u64 {
        0
    }
    fn made(&self, _: &StageAt<'_>, _: u64) -> u64 {
        0
    }
    fn longest(&self, at: &StageAt<'_>, most: &[Option<u64>]) -> Option<u64> {
        let StageKind::Concatenate(joined) = &at.this.kind else { return None };
        // Beside each other, and as long as one of them.
        if at.this.chunks.axes()[joined.axis].len().is_some() {
            return at.longest_input(most);
        }
        let length = |&input: &StageId| at.plan.stages[input].chunks.axes()[joined.axis].len().or(most[input]);
        at.this.inputs.iter().map(length).try_fold(0u64, |all, one| Some(all.saturating_add(one?)))
    }
}
