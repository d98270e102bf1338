//! Sources: data that is there already, and needs no tasks.

use std::sync::Arc;

use super::stage::{Family, StageAt};
use crate::chunks::Chunks;
use crate::error::Result;
use crate::graph::{Node, Source, View};
use crate::plan::fuse::Fuser;
use crate::plan::kernel::Kernel;
use crate::plan::links::{Grid, Link};
use crate::plan::lowering::Lowering;
use crate::plan::task::ChunkId;
use crate::plan::watch::Watch;
use crate::plan::{MadeStage, Output, StageId, StageKind};

/// What is there.
pub(super) struct Data;

/// The stage of a source, and where its chunks are seen and are others, the one that cuts it again.
///
/// # Errors
/// A bug in what is fused.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>, source: &Arc<dyn Source>) -> Result<StageId> {
    // What lies in memory as a whole need not be cut for the CPU.
    let chunks = match (source.grid(), node.chunks.shape()) {
        (Some(own), _) => own,
        (None, Some(shape)) if source.in_memory() && lowering.gpu.is_none() && !lowering.is_fixed(node) => {
            Chunks::whole(&shape)
        }
        (None, _) => lowering.grid(node),
    };
    let recut = lowering.is_fixed(node) && chunks != node.chunks;
    let stage = lowering.push(StageKind::Source(source.clone()), vec![], node.dtype, chunks.clone());
    if !recut {
        return Ok(stage);
    }
    // It was kept in other chunks than those that are seen.
    lowering.of.insert(node.key, MadeStage { stage, chunks });
    let mut fuser = Fuser::new(&lowering.of, node.ndim());
    let value = fuser.value(node, &View::identity(node.ndim()))?;
    let fused = fuser.finish(vec![value]);
    Ok(lowering.program(node, node.chunks.clone(), node.chunks.clone(), Output::Same, fused, Kernel::Map))
}

impl Family for Data {
    fn reads(&self, _: &StageAt<'_>, _: u64, _: &mut Watch<'_>) -> Result<Vec<ChunkId>> {
        Ok(Vec::new())
    }
    fn numbers_reads(&self) -> bool {
        false
    }
    fn links(
        &self,
        _: &StageAt<'_>,
        _: StageId,
        _: &[(StageId, usize)],
        _: Option<&Grid>,
        _: &mut Watch<'_>,
    ) -> Result<Option<Vec<Link>>> {
        Ok(Some(Vec::new()))
    }
    fn reads_at_most(&self, _: &StageAt<'_>) -> u64 {
        0
    }
    fn made(&self, _: &StageAt<'_>, _: u64) -> u64 {
        0
    }
}
