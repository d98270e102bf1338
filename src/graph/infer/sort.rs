//! Sorts.

use std::sync::Arc;

use super::super::{Node, Op};
use super::reduce::normalize_axis;
use crate::chunks::{AxisChunks, Chunks};
use crate::error::{Error, Result};
use crate::ops::Sorting;

/// The elements of each line along an axis in their order, or their places. The axis is one chunk of the result.
/// Where only some places of each line are `read`, what is at the others may be anything.
///
/// # Errors
/// [`Error::AxisOutOfRange`]; [`Error::UnknownLength`] for an array that was filtered; [`Error::Parameter`] for places in lines of 2³²
/// elements and more.
pub fn sort(sorting: Sorting, x: &Arc<Node>, axis: i64, read: Option<Arc<[u64]>>) -> Result<Arc<Node>> {
    let (op, dims) = (sorting.name(), x.dims());
    let axis = normalize_axis(op, axis, &dims)?;
    let hint = "compute it first, or sort what it was filtered from";
    let len = x.chunks.shape().ok_or(Error::UnknownLength { op, shape: dims, hint })?[axis];
    if sorting.places && len > u64::from(u32::MAX) {
        let expected = "fewer than 2³² elements along the axis, whose places are sorted";
        return Err(Error::Parameter { op, what: "the array", got: format!("{len} elements"), expected });
    }
    let mut axes = x.chunks.axes().to_vec();
    axes[axis] = AxisChunks::regular(len, len);
    Ok(Node::new(Op::Sort { sorting, axis, read }, vec![x.clone()], sorting.made(x.dtype), Chunks::new(axes)))
}
