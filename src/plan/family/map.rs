//! Maps: a fused expression, stored.

use std::sync::Arc;

use super::stage::{Family, StageAt};
use crate::error::Result;
use crate::graph::{Node, View};
use crate::plan::fuse::Fuser;
use crate::plan::kernel::Kernel;
use crate::plan::lowering::Lowering;
use crate::plan::{Output, StageId};

/// A chunk of elements for each chunk of the domain.
pub(super) struct Map;

/// The stage that makes an expression.
///
/// # Errors
/// A bug in what is fused.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>) -> Result<StageId> {
    let mut fuser = Fuser::new(&lowering.of, node.ndim());
    let value = fuser.value(node, &View::identity(node.ndim()))?;
    let fused = fuser.finish(vec![value]);
    let chunks = lowering.handed_grid(node, &fused.inputs);
    Ok(lowering.program(node, chunks.clone(), chunks, Output::Same, fused, Kernel::Map))
}

impl Family for Map {
    fn longest(&self, at: &StageAt<'_>, most: &[Option<u64>]) -> Option<u64> {
        at.longest_input(most)
    }
}
