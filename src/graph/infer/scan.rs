//! Scans and differences.

use std::sync::Arc;

use super::super::view::AxisMap;
use super::super::{Node, Op, View};
use super::elementwise::{binary, full, in_f32, ternary, unary};
use super::layout::{reshape, view};
use super::reduce::normalize_axis;
use crate::chunks::Chunks;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, Fold, ScanOp, TernaryOp, UnaryOp};

/// The folds of all elements up to each, along an axis, or of all elements in C order, whose result has one axis.
///
/// # Errors
/// [`Error::AxisOutOfRange`]; [`Error::UnknownLength`] for what an unknown length does not allow; [`Error::TooLong`] for 2⁶³ elements
/// without an axis.
pub fn scan(op: ScanOp, x: &Arc<Node>, axis: Option<i64>) -> Result<Arc<Node>> {
    if let Some(result) = in_f32([x], |[x]| scan(op, x, axis)) {
        return result;
    }
    let dims = x.dims();
    let axis = axis.map(|axis| normalize_axis(op.name(), axis, &dims)).transpose()?;
    // One axis is in C order as it is.
    let axis = axis.or_else(|| (x.ndim() == 1).then_some(0));
    // Places in an array whose chunks are of unknown length are not known from one to the next.
    let places = op.fold() == Fold::Last && x.dtype.is_float();
    if x.chunks.has_unknown() && (places || x.ndim() != 1) {
        let hint = "scan what it was filtered from";
        return Err(Error::UnknownLength { op: op.name(), shape: dims, hint });
    }
    if op.fold() == Fold::Last && !x.dtype.is_float() {
        return if axis.is_some() { Ok(x.clone()) } else { reshape(x, &[-1]) };
    }
    let chunks = match axis {
        Some(_) => x.chunks.clone(),
        // As they are in a reshaped one.
        None => reshape(x, &[-1])
            .map_err(|error| match error {
                Error::TooLong { shape, .. } => Error::TooLong { op: op.name(), shape },
                error => error,
            })?
            .chunks
            .clone(),
    };
    let x = if op.skips_nan() && x.dtype.is_float() { &without_nan(op, x)? } else { x };
    Ok(Node::new(Op::Scan { op, axis }, vec![x.clone()], op.fold().scanned(x.dtype), chunks))
}

/// The elements, and what changes nothing where they are NaN.
fn without_nan(op: ScanOp, x: &Arc<Node>) -> Result<Arc<Node>> {
    let neutral = Scalar::from_i64(x.dtype, i64::from(op.fold() == Fold::Prod));
    ternary(TernaryOp::Where, [&unary(UnaryOp::Isnan, x)?, &full(neutral, Chunks::new(vec![])), x])
}

/// Differences of differences at most.
const MOST_DIFFERENCES: usize = 1 << 16;

/// The differences of neighbours along an axis, `n` times. Of `bool`: whether they differ.
///
/// # Errors
/// [`Error::AxisOutOfRange`], [`Error::UnknownLength`]; [`Error::Parameter`] for more than 65,536 differences of what is longer.
pub fn diff(x: &Arc<Node>, n: usize, axis: i64) -> Result<Arc<Node>> {
    let dims = x.dims();
    let axis = normalize_axis("diff", axis, &dims)?;
    let mut shape = x.chunks.shape().ok_or(Error::UnknownLength {
        op: "diff",
        shape: dims,
        hint: "take differences of what it was filtered from",
    })?;
    let op = if x.dtype == DType::Bool { BinaryOp::Ne } else { BinaryOp::Sub };
    let mut x = x.clone();
    // Nothing is left after as many as there are, however often.
    if n as u64 >= shape[axis] && n > 0 {
        shape[axis] = 0;
        return Ok(view(&x, View::identity(shape.len()), &shape));
    }
    if n > MOST_DIFFERENCES {
        let (got, expected) = (n.to_string(), "at most 65536: each step is a part of the graph");
        return Err(Error::Parameter { op: "diff", what: "n", got, expected });
    }
    for _ in 0..n {
        shape[axis] -= 1;
        let from = |start: i64| {
            let mut map = View::identity(shape.len());
            map.0[axis] = AxisMap { start, ..AxisMap::whole(axis) };
            view(&x, map, &shape)
        };
        x = binary(op, &from(1), &from(0))?;
    }
    Ok(x)
}
