//! Reductions: axes, keepdims, the empty rule, NaN-skipping variants as masks.

use std::sync::Arc;

use super::super::{Node, Op};
use super::elementwise::{binary, cast, in_f32};
use crate::chunks::{AxisChunks, Chunks};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, Empty, Fold, ReduceOp};

/// An axis counted from the first, as the number that errors show. Beyond every number of axes it stays so.
#[must_use]
pub fn axis_number(axis: usize) -> i64 {
    i64::try_from(axis).unwrap_or(i64::MAX)
}

/// The axis a possibly negative number names.
///
/// # Errors
/// [`Error::AxisOutOfRange`].
pub fn normalize_axis(op: &'static str, axis: i64, dims: &[Option<u64>]) -> Result<usize> {
    let from_end = usize::try_from(axis.unsigned_abs()).ok().and_then(|back| dims.len().checked_sub(back));
    let at = if axis < 0 { from_end } else { usize::try_from(axis).ok() };
    match at {
        Some(at) if at < dims.len() => Ok(at),
        _ => Err(Error::AxisOutOfRange { op, axis, shape: dims.to_vec() }),
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

/// Whether a sum of all elements might not fit the 64 bits in which integers are summed.
fn sum_may_wrap(x: &Arc<Node>) -> bool {
    match (x.dtype.is_integer(), x.dtype.size()) {
        (true, 8) => true,
        // 2³² numbers of 32 bits fit.
        (true, 4) => most_elements(x) > 1 << 32,
        _ => false,
    }
}

/// A bound of the number of elements, also where lengths are unknown: that of what they were filtered from.
fn most_elements(x: &Arc<Node>) -> u64 {
    /// Nodes that are looked at; where there are more there is no bound.
    const NODES: usize = 64;
    let mut stack = vec![x];
    let mut seen = Vec::new();
    let mut most = 0u64;
    while let Some(node) = stack.pop() {
        let bound = match (node.chunks.elements(), node.inputs.is_empty()) {
            (Some(n), _) => n,
            (None, true) => node.chunks.count().saturating_mul(crate::chunks::MAX_CHUNK_BYTES),
            (None, false) if seen.len() < NODES => {
                if !seen.contains(&node.key) {
                    seen.push(node.key);
                    stack.extend(&node.inputs);
                }
                0
            }
            (None, false) => return u64::MAX,
        };
        most = most.saturating_add(bound);
    }
    most
}

/// Reduces `x` over `axes` (all where `None`).
///
/// # Errors
/// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`]; [`Error::EmptyReduction`] for `min` and the like of no elements;
/// [`Error::UnknownLength`] for places in several axes of which one is unknown, and for nothing reduced beside one.
pub fn reduce(op: ReduceOp, x: &Arc<Node>, axes: Option<&[i64]>, keepdims: bool, ddof: f64) -> Result<Arc<Node>> {
    if let Some(result) = in_f32([x], |[x]| reduce(op, x, axes, keepdims, ddof)) {
        return result;
    }
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
    let unknown = |k: &usize| dims[*k].is_none();
    if op.fold().indexed() && axes.len() > 1 && axes.iter().any(unknown) {
        let hint = "its places depend on the length: resolve() it before, or give an axis";
        return Err(Error::UnknownLength { op: op.name(), shape: dims, hint });
    }
    let kept_empty = dims.iter().enumerate().any(|(k, d)| *d == Some(0) && !axes.contains(&k));
    let reduced_empty = axes.iter().any(|&k| dims[k] == Some(0));
    if op.empty() == Empty::Refuse && reduced_empty && !kept_empty {
        return Err(Error::EmptyReduction { op: op.name(), shape: dims });
    }
    // Nothing is read, and so nobody sees how long it is.
    if reduced_empty && (0..dims.len()).filter(|k| !axes.contains(k)).any(|k| unknown(&k)) {
        return Err(Error::UnknownLength { op: op.name(), shape: dims, hint: "resolve() it before" });
    }
    if !ddof.is_finite() {
        return Err(Error::Parameter {
            op: op.name(),
            what: "ddof",
            got: ddof.to_string(),
            expected: "a finite number",
        });
    }
    let input = if op == ReduceOp::CountNonzero {
        let zero = super::full(Scalar::from_i64(x.dtype, 0), Chunks::new(vec![]));
        binary(BinaryOp::Ne, x, &zero)?
    } else if (op.fold() == Fold::Moments && !x.dtype.is_float()) || (op == ReduceOp::Mean && sum_may_wrap(x)) {
        // Moments of integers are those of their f64 values, and so are means where a sum might not fit 64 bits.
        cast(x, DType::F64)
    } else {
        x.clone()
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
