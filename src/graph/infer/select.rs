//! Selections by masks, whose lengths are known once they are made.

use std::sync::Arc;

use super::super::{Node, Op};
use super::elementwise::check_dtype;
use super::layout::contiguous_grid;
use super::reduce::normalize_axis;
use crate::chunks::{AxisChunks, Chunks, UnknownId};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::text::format_shape;

/// The elements of `x` where `mask` is true, in C order: a 1-d array of unknown length.
///
/// # Errors
/// [`Error::Broadcast`] where the shapes differ (a mask is not broadcast, as in NumPy); [`Error::DTypeMismatch`] for a mask that is not
/// `bool`; [`Error::UnknownLength`] for several axes of which one is unknown.
pub fn filter(x: &Arc<Node>, mask: &Arc<Node>) -> Result<Arc<Node>> {
    check_dtype("filter", mask, DType::Bool)?;
    let same = x.ndim() == mask.ndim()
        && x.chunks
            .axes()
            .iter()
            .zip(mask.chunks.axes())
            .all(|(a, b)| a.len() == b.len() && a.unknown() == b.unknown());
    if !same {
        let mut axes = x.chunks.axes().iter().zip(mask.chunks.axes());
        let differ = axes.position(|(a, b)| a.len() != b.len() || a.unknown() != b.unknown());
        let differ = differ.unwrap_or(x.ndim().min(mask.ndim()));
        let text = |dims: &[Option<u64>]| {
            dims.get(differ).map_or("missing".into(), |d| d.map_or("unknown".into(), |d| d.to_string()))
        };
        return Err(Error::Broadcast {
            op: "filter",
            left: text(&x.dims()),
            right: text(&mask.dims()),
            lhs: x.dims(),
            rhs: mask.dims(),
            axis: differ,
        });
    }
    // In C order, which chunks of an axis of unknown length cannot be brought into.
    if x.ndim() > 1 && x.chunks.has_unknown() {
        return Err(Error::UnknownLength { op: "filter", shape: x.dims(), hint: "resolve() it before" });
    }
    let chunks = if mask.chunks.has_unknown() { mask.chunks.count() } else { contiguous_grid(&mask.chunks).count() };
    let axis = AxisChunks::Unknown { id: UnknownId(mask.key), chunks };
    Ok(Node::new(Op::Filter, vec![x.clone(), mask.clone()], x.dtype, Chunks::new(vec![axis])))
}

/// What lies at the places of an axis where `mask`, an array of that axis alone, is true: as `x`, with an unknown length on that axis.
///
/// # Errors
/// [`Error::AxisOutOfRange`]; [`Error::DTypeMismatch`] for a mask that is not `bool`, [`Error::Rank`] for one of several axes,
/// [`Error::Broadcast`] for one of another length; [`Error::UnknownLength`] where a length is unknown already; [`Error::Parameter`] where
/// there are no elements to tell by how many were kept.
pub fn filter_axis(x: &Arc<Node>, mask: &Arc<Node>, axis: i64) -> Result<Arc<Node>> {
    const OP: &str = "filter_axis";
    check_dtype(OP, mask, DType::Bool)?;
    let dims = x.dims();
    let axis = normalize_axis(OP, axis, &dims)?;
    if mask.ndim() != 1 {
        return Err(Error::Rank { op: OP, expected: "a mask of one axis", given: String::new(), shape: mask.dims() });
    }
    if let Some(unknown) = [x, mask].into_iter().find(|node| node.chunks.has_unknown()) {
        return Err(Error::UnknownLength { op: OP, shape: unknown.dims(), hint: "resolve() it before" });
    }
    let (own, masked) = (dims[axis].unwrap_or(0), mask.chunks.axes()[0].len().unwrap_or(0));
    if own != masked {
        let (left, right) = (own.to_string(), masked.to_string());
        return Err(Error::Broadcast { op: OP, left, right, lhs: dims, rhs: mask.dims(), axis });
    }
    if dims.iter().enumerate().any(|(k, len)| k != axis && *len == Some(0)) {
        let (got, expected) = (format_shape(&dims), "of other axes with elements: they tell how many places are kept");
        return Err(Error::Parameter { op: OP, what: "shape", got, expected });
    }
    let mut axes = x.chunks.axes().to_vec();
    axes[axis] = AxisChunks::Unknown { id: UnknownId(mask.key), chunks: mask.chunks.axes()[0].count() };
    Ok(Node::new(Op::FilterAxis { axis }, vec![x.clone(), mask.clone()], x.dtype, Chunks::new(axes)))
}
