//! Functions of chunks, on the host: the task of a chunk reads the chunks of the inputs at its place.

use std::sync::Arc;

use super::stage::{Family, StageAt};
use crate::error::Result;
use crate::graph::{HostFunction, Node};
use crate::plan::links::{Grid, Link};
use crate::plan::lowering::Lowering;
use crate::plan::task::ChunkId;
use crate::plan::watch::Watch;
use crate::plan::{StageId, StageKind};

/// What a function makes of corresponding chunks.
pub(super) struct Host;

/// The stage of a function.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>, function: &Arc<HostFunction>) -> StageId {
    let inputs = node.inputs.iter().map(|x| lowering.of[&x.key].stage).collect();
    let chunks = if function.by_place { lowering.grid(node) } else { node.chunks.clone() };
    lowering.push(StageKind::Host(function.clone()), inputs, node.dtype, chunks)
}

impl Family for Host {
    fn reads(&self, at: &StageAt<'_>, chunk: u64, _: &mut Watch<'_>) -> Result<Vec<ChunkId>> {
        let coord = at.this.chunks.coord(chunk);
        let read = |&input: &StageId| {
            let grid = at.plan.stages[input].chunks.grid();
            // Aligned from the last axis; an axis in one chunk serves all.
            let skip = coord.len().saturating_sub(grid.len());
            let place = (0..grid.len()).map(|k| if grid[k] == 1 { 0 } else { coord[k + skip] }).collect();
            at.plan.resolve(input, place)
        };
        Ok(at.this.inputs.iter().map(read).collect())
    }

    fn numbers_reads(&self) -> bool {
        false
    }

    fn links(
        &self,
        at: &StageAt<'_>,
        stage: StageId,
        places: &[(StageId, usize)],
        within: Option<&Grid>,
        _: &mut Watch<'_>,
    ) -> Result<Option<Vec<Link>>> {
        Ok(link(at, stage, places.len() as u64, within).map(|link| vec![link]))
    }

    fn reads_at_most(&self, at: &StageAt<'_>) -> u64 {
        at.this.inputs.len() as u64
    }
}

/// How a function reads an input that it is given so many `times`: an axis in one chunk serves all.
fn link(at: &StageAt<'_>, stage: StageId, times: u64, within: Option<&Grid>) -> Option<Link> {
    let chunks = &at.plan.stages[stage].chunks;
    let (own, input) = (at.this.chunks.grid(), chunks.grid());
    if let Some(within) = within {
        return (own == input).then(|| Link::Within(within.clone(), times));
    }
    if chunks.count() == 1 {
        return Some(Link::Each(at.this.chunks.count().saturating_mul(times)));
    }
    let skip = own.len().checked_sub(input.len())?;
    let mut tasks = times;
    for (k, &count) in own.iter().enumerate() {
        match k.checked_sub(skip).map(|k| input[k]) {
            Some(of) if of == count && count > 1 => {}
            None | Some(1) => tasks = tasks.saturating_mul(count),
            Some(_) => return None,
        }
    }
    Some(Link::Each(tasks))
}
