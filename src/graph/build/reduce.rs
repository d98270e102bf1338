//! Reductions: axes, keepdims, the empty rule, NaN-skipping variants as masks.

use std::sync::Arc;

use super::super::{Node, Op};
use super::elementwise::{binary, cast};
use crate::chunks::{AxisChunks, Chunks};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, Empty, ReduceOp};

/// The axis a possibly negative number names.
///
/// # Errors
/// [`Error::AxisOutOfRange`].
pub fn normalize_axis(op: &'static str, axis: i64, dims: &[Option<u64>]) -> Result<usize> {
    let ndim = dims.len() as i64;
    let at = if axis < 0 { axis + ndim } else { axis };
    if (0..ndim).contains(&at) {
        Ok(at as usize)
    } else {
        Err(Error::AxisOutOfRange { op, axis, shape: dims.to_vec() })
    }
}

/// The axes possibly negative numbers name, ascending.
///
/// # Errors
/// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`].
pub fn normalize_axes(op: &'static str, axes: &[i64], dims: &[Option<u64>]) -> Result<Vec<usize>> {
    let mut out: Vec<usize> = Vec::with_capacity(axes.len());
    for &axis in axes {
        let at = normalize_axis(op, axis, dims)?;
        if out.contains(&at) {
            return Err(Error::AxisRepeated { op, axis, axes: axes.to_vec() });
        }
        out.push(at);
    }
    out.sort_unstable();
    Ok(out)
}

/// Reduces `x` over `axes` (all where `None`).
///
/// # Errors
/// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`]; [`Error::EmptyReduction`] for `min` and the like of no elements.
pub fn reduce(op: ReduceOp, x: &Arc<Node>, axes: Option<&[i64]>, keepdims: bool, ddof: f64) -> Result<Arc<Node>> {
    let dims = x.dims();
    let axes = match axes {
        None => (0..x.ndim()).collect(),
        Some(axes) => normalize_axes(op.name(), axes, &dims)?,
    };
    if op.fold().indexed() && axes.len() != 1 && axes.len() != x.ndim() {
        return Err(Error::Rank {
            op: op.name(),
            expected: "one axis, or all of them",
            given: format!("axes {axes:?} of "),
            shape: dims,
        });
    }
    let kept_empty = dims.iter().enumerate().any(|(k, d)| *d == Some(0) && !axes.contains(&k));
    let reduced_empty = axes.iter().any(|&k| dims[k] == Some(0));
    if op.empty() == Empty::Refuse && reduced_empty && !kept_empty {
        return Err(Error::EmptyReduction { op: op.name(), shape: dims });
    }
    if !ddof.is_finite() {
        return Err(Error::Parameter {
            op: op.name(),
            what: "ddof",
            got: ddof.to_string(),
            expected: "a finite number",
        });
    }
    let input = match op {
        ReduceOp::CountNonzero => {
            let zero = super::full(Scalar::from_i64(x.dtype, 0), Chunks::new(vec![]));
            binary(BinaryOp::Ne, x, &zero)?
        }
        // Moments of integers are those of their f64 values.
        ReduceOp::Var | ReduceOp::Std if !x.dtype.is_float() => cast(x, DType::F64),
        _ => x.clone(),
    };
    let mut kept = Vec::new();
    for (k, axis) in x.chunks.axes().iter().enumerate() {
        if !axes.contains(&k) {
            kept.push(axis.clone());
        } else if keepdims {
            kept.push(AxisChunks::regular(1, 1));
        }
    }
    let dtype = op.result(x.dtype);
    Ok(Node::new(Op::Reduce { op, axes, keepdims, ddof: ddof.to_bits() }, vec![input], dtype, Chunks::new(kept)))
}
