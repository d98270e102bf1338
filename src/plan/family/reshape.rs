//! Reshapes: maps whose chunks are runs of the domain's C order.

use std::sync::Arc;

use super::runs;
use super::stage::{Family, StageAt};
use crate::error::Result;
use crate::graph::{Node, View};
use crate::plan::fuse::Fuser;
use crate::plan::kernel::Kernel;
use crate::plan::links::{Grid, Link};
use crate::plan::lowering::Lowering;
use crate::plan::pieces::{Affine, LoadRef, Region};
use crate::plan::task::Geometry;
use crate::plan::{Output, StageId};

/// A chunk for each run.
pub(super) struct Reshape;

/// The stage that makes a reshaped expression.
///
/// # Errors
/// A bug in what is fused.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>) -> Result<StageId> {
    let input = &node.inputs[0];
    let mut fuser = Fuser::new(&lowering.of, input.ndim());
    let value = fuser.value(input, &View::identity(input.ndim()))?;
    let fused = fuser.finish(vec![value]);
    let chunks = lowering.grid(node);
    Ok(lowering.program(node, input.chunks.clone(), chunks, Output::Linear, fused, Kernel::Map))
}

impl Family for Reshape {
    fn regions(&self, at: &StageAt<'_>, chunk: u64, _: u64) -> Vec<Region> {
        runs::regions(at, chunk)
    }
    fn unknown_chunk(&self, _: &StageAt<'_>, _: u64) -> u64 {
        0
    }
    fn place(&self, at: &StageAt<'_>, chunk: u64, _: u64, _: &[Geometry]) -> (Affine, Vec<u64>) {
        runs::place(at, chunk)
    }
    fn load_link(&self, at: &StageAt<'_>, load: LoadRef, _: Option<Grid>) -> Link {
        runs::load_link(at, load)
    }
    fn task_box(&self, _: &StageAt<'_>, within: Option<&Grid>) -> Option<Option<Grid>> {
        runs::task_box(within)
    }
    fn in_turn(&self) -> bool {
        false
    }
}
