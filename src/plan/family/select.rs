//! Selections: the values of an expression where its mask is true. How many those are is known once a task has run.

use std::sync::Arc;

use super::stage::{Family, StageAt};
use crate::chunks::{AxisChunks, Chunks};
use crate::error::{Error, Result};
use crate::graph::infer::contiguous_grid;
use crate::graph::{AxisMap, Node, View};
use crate::plan::fuse::Fuser;
use crate::plan::kernel::Kernel;
use crate::plan::lowering::Lowering;
use crate::plan::{Output, StageId};

/// A chunk of what is kept for each chunk of the mask.
pub(super) struct Select;

/// The stage that compacts a filtered expression.
///
/// # Errors
/// A bug in what is fused.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>) -> Result<StageId> {
    let (_, base) = lowering.domain(node);
    let whole = contiguous_grid(&base);
    let mut fuser = Fuser::new(&lowering.of, whole.ndim());
    let value = fuser.value(node, &View::identity(node.ndim()))?;
    let mask = fuser.mask(None).ok_or_else(|| Error::bug("a filtered expression without a mask"))?;
    let fused = fuser.finish(vec![value, mask]);
    let (domain, chunks) = handed(lowering, node, &whole).unwrap_or((whole, node.chunks.clone()));
    Ok(lowering.program(node, domain, chunks, Output::Same, fused, Kernel::Select))
}

/// The domain in smaller parts, and the chunks of what is kept of them, where nobody but the caller sees those: what was put together is
/// still in a core's cache when it is copied to its place in the result.
fn handed(lowering: &Lowering<'_>, node: &Node, domain: &Chunks) -> Option<(Chunks, Chunks)> {
    let [AxisChunks::Unknown { id, .. }] = node.chunks.axes() else { return None };
    let sizes = lowering.handed_alone(node).filter(|_| !domain.has_unknown())?;
    let domain = sizes.fit(domain, node.dtype.size() as u64);
    let chunks = AxisChunks::Unknown { id: *id, chunks: domain.count() };
    Some((domain, Chunks::new(vec![chunks])))
}

/// The stage that keeps places of an axis: a mask that is the same along all others keeps whole boxes, in C order.
///
/// # Errors
/// A bug in what is fused.
pub(super) fn lower_axis(lowering: &mut Lowering<'_>, node: &Arc<Node>, axis: usize) -> Result<StageId> {
    let (value, mask) = (&node.inputs[0], &node.inputs[1]);
    let mut axes = value.chunks.axes().to_vec();
    axes[axis] = mask.chunks.axes()[0].clone();
    let domain = Chunks::new(axes);
    let mut fuser = Fuser::new(&lowering.of, domain.ndim());
    let values = fuser.value(value, &View::identity(value.ndim()))?;
    let masks = fuser.value(mask, &View(vec![AxisMap::whole(axis)]))?;
    let fused = fuser.finish(vec![values, masks]);
    Ok(lowering.program(node, domain, node.chunks.clone(), Output::Same, fused, Kernel::Select))
}

/// The axis along which places are kept, where it is not all elements that are asked for.
fn axis(at: &StageAt<'_>) -> Option<usize> {
    let axes = at.this.chunks.axes();
    axes.iter().position(|axis| axis.len().is_none()).filter(|_| axes.len() == at.domain.ndim())
}

impl Family for Select {
    /// Where the kept ones are put, or the values and their mask before they are brought into order.
    fn scratch(&self, at: &StageAt<'_>, made: u64) -> u64 {
        made.saturating_add(made / at.this.dtype.size() as u64)
    }
    fn longest(&self, at: &StageAt<'_>, most: &[Option<u64>]) -> Option<u64> {
        let along = axis(at).and_then(|axis| at.domain.axes()[axis].len());
        along.or_else(|| at.domain.elements()).or_else(|| at.longest_input(most))
    }
}
