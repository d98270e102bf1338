//! Sorts: lines along one axis, each whole in a task. What is sorted is evaluated as it is read. Tasks are cut along the other axes; a
//! line that memory has no room for is refused as every task is.

use std::sync::Arc;

use super::scan::lines;
use super::stage::{Family, StageAt};
use crate::chunks::{AxisChunks, Chunks};
use crate::error::Result;
use crate::graph::{Node, View};
use crate::ops::Sorting;
use crate::plan::fuse::Fuser;
use crate::plan::kernel::{Kernel, Piece, Work};
use crate::plan::lowering::Lowering;
use crate::plan::{Output, StageId};

/// A chunk of whole lines.
pub(super) struct Sort;

/// The stage of a sort.
///
/// # Errors
/// A bug in what is fused.
pub(super) fn lower(
    lowering: &mut Lowering<'_>,
    node: &Arc<Node>,
    sorting: Sorting,
    axis: usize,
    read: Option<Arc<[u64]>>,
) -> Result<StageId> {
    let input = &node.inputs[0];
    let mut fuser = Fuser::new(&lowering.of, input.ndim());
    let value = fuser.value(input, &View::identity(input.ndim()))?;
    let fused = fuser.finish(vec![value]);
    let chunks = grid(lowering, node, axis, &fused.inputs);
    let kernel = |program| Kernel::Sort { program, sorting, axis, read };
    Ok(lowering.program(node, chunks.clone(), chunks, Output::Same, fused, kernel))
}

/// The grid of tasks: cut as memory asks, but along the axis; for what a core's cache holds where that makes nothing be read again.
fn grid(lowering: &Lowering<'_>, node: &Node, axis: usize, inputs: &[StageId]) -> Chunks {
    if lowering.is_fixed(node) {
        return node.chunks.clone();
    }
    // A place of what is cut stands for a line.
    let mut axes = node.chunks.axes().to_vec();
    let line = std::mem::replace(&mut axes[axis], AxisChunks::regular(1, 1));
    let length = line.max_size().max(1);
    let mut axes = lowering.lines(node, &Chunks::new(axes), length, inputs).axes().to_vec();
    axes[axis] = line;
    Chunks::new(axes)
}

impl Family for Sort {
    /// The chunk as `[outer, along the lines, inner]`.
    fn work(&self, at: &StageAt<'_>, pieces: Vec<Piece>, shape: &[u64]) -> Result<Work> {
        let axis = if let Some(Kernel::Sort { axis, .. }) = at.kernel { *axis } else { 0 };
        Ok(Work::Lines(pieces, lines(shape, axis)))
    }
    /// The elements, their keys (with places), and where sorted halves are merged. Elements of one line have their keys where they are.
    fn scratch(&self, at: &StageAt<'_>, made: u64) -> u64 {
        let Some(Kernel::Sort { program, sorting, axis, .. }) = at.kernel else { return 0 };
        let (own, key) = (program.output_dtype(0).size() as u64, sorting.item_bytes(program.output_dtype(0)));
        let elements = made / at.this.dtype.size() as u64;
        let mut others = at.this.chunks.axes().iter().enumerate().filter(|(k, _)| k != axis);
        let is_one = others.all(|(_, axis)| axis.max_size() <= 1);
        let words = if !is_one {
            2 * key
        } else if sorting.places {
            8
        } else {
            0
        };
        elements.saturating_mul(own + words)
    }
}
