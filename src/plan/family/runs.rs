//! Kernels whose tasks are runs of their domain's C order: the chunks of the output, whatever the domain's grid is.

use super::stage::StageAt;
use crate::graph::node::c_strides;
use crate::plan::links::{Grid, Link};
use crate::plan::pieces::{Affine, LoadRef, Region, linear_boxes};
use crate::plan::task::{linear_range, shape_of};

/// The boxes of a run, in C order.
pub(super) fn regions(at: &StageAt<'_>, chunk: u64) -> Vec<Region> {
    let (start, end) = linear_range(&at.this.chunks, chunk);
    linear_boxes(&at.domain.shape().unwrap_or_default(), start, end)
}

/// Where points go in the chunk that is the run, and its shape.
pub(super) fn place(at: &StageAt<'_>, chunk: u64) -> (Affine, Vec<u64>) {
    let (start, _) = linear_range(&at.this.chunks, chunk);
    let weights = c_strides(&at.domain.shape().unwrap_or_default());
    (Affine { base: -(start as i64), weights }, shape_of(&at.this.chunks.region(&at.this.chunks.coord(chunk))))
}

/// The link of a load.
pub(super) fn load_link(at: &StageAt<'_>, load: LoadRef) -> Link {
    Link::Linear { load, domain: at.domain.clone(), runs: at.this.chunks.clone() }
}

/// A box of runs is no box of the domain's grid.
pub(super) fn task_box(within: Option<&Grid>) -> Option<Option<Grid>> {
    within.is_none().then_some(None)
}
