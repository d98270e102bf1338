//! Shape and chunks: views, reshape, rechunk.

use std::sync::Arc;

use super::super::{Node, Op, View};
use crate::chunks::{AxisChunks, ChunkSpec, Chunks, product};
use crate::error::{Error, Result};

/// The length of an axis as a number that places on it are counted in, from either end.
///
/// # Errors
/// [`Error::TooLong`] from 2⁶³ on.
pub fn length(op: &'static str, len: u64) -> Result<i64> {
    i64::try_from(len).map_err(|_| Error::TooLong { op, shape: vec![Some(len)] })
}

/// `x` through a view of lengths `dims` (a known length stands for each axis; unknown ones pass through by chunk).
#[must_use]
pub fn view(x: &Arc<Node>, view: View, dims: &[u64]) -> Arc<Node> {
    let chunks = view.chunks(&x.chunks, dims);
    // A view of a view is one view.
    if let Op::View(inner) = &x.op {
        let view = inner.through(&view);
        return Node::new(Op::View(view), x.inputs.clone(), x.dtype, chunks);
    }
    Node::new(Op::View(view), vec![x.clone()], x.dtype, chunks)
}

/// `x` repeated along axes of length 1 and along new first axes, to `shape`.
///
/// # Errors
/// [`Error::BroadcastTo`].
pub fn broadcast_to(x: &Arc<Node>, shape: &[u64]) -> Result<Arc<Node>> {
    let dims = x.dims();
    let fits = shape.len() >= dims.len()
        && dims.iter().zip(&shape[shape.len() - dims.len()..]).all(|(&d, &s)| d == Some(1) || d == Some(s));
    if !fits {
        return Err(Error::BroadcastTo {
            op: "broadcast_to",
            from: dims,
            to: shape.iter().map(|&s| Some(s)).collect(),
        });
    }
    let map = View::broadcast(&dims, shape.len());
    let own = map.chunks(&x.chunks, shape);
    // Axes that grow start as one chunk; a large result is cut there as "auto" would.
    let spec = ChunkSpec::Axes(
        own.axes()
            .iter()
            .enumerate()
            .map(|(k, axis)| {
                let grown = !map.0.iter().any(|m| m.axis == Some(k));
                if grown { crate::chunks::AxisSpec::Auto } else { crate::chunks::AxisSpec::Like(axis.clone()) }
            })
            .collect(),
    );
    let chunks = spec.resolve(shape, x.dtype)?;
    Ok(Node::new(Op::View(map), vec![x.clone()], x.dtype, chunks))
}

/// The same array in other chunks.
///
/// # Errors
/// As [`ChunkSpec::resolve`]; [`Error::UnknownLength`].
pub fn rechunk(x: &Arc<Node>, spec: &ChunkSpec) -> Result<Arc<Node>> {
    let shape = x.chunks.shape().ok_or_else(|| Error::UnknownLength {
        op: "rechunk",
        shape: x.dims(),
        hint: "reduce it as it is",
    })?;
    let chunks = spec.resolve(&shape, x.dtype)?;
    if chunks == x.chunks {
        return Ok(x.clone());
    }
    Ok(Node::new(Op::Rechunk, vec![x.clone()], x.dtype, chunks))
}

/// A grid of about the same chunk size over the same shape in which every chunk is one run of the C order:
/// `[1, .., 1, k, whole, .., whole]`.
#[must_use]
pub fn contiguous_grid(chunks: &Chunks) -> Chunks {
    // An axis alone, whose length may be unknown, is in order as it is.
    if chunks.ndim() == 1 {
        return chunks.clone();
    }
    let shape = chunks.shape().unwrap_or_default();
    Chunks::new(contiguous_axes(&shape, chunks.max_chunk_elements()))
}

fn contiguous_axes(shape: &[u64], target: u64) -> Vec<AxisChunks> {
    // Without elements there is one run of them.
    if shape.contains(&0) {
        return shape.iter().map(|&len| AxisChunks::regular(len, len)).collect();
    }
    let mut budget = target.max(1);
    let mut axes: Vec<AxisChunks> = shape
        .iter()
        .rev()
        .map(|&len| {
            let size = len.min(budget).max(1);
            // Once an axis is cut, those before it go one by one.
            budget = if size == len.max(1) { budget / size } else { 1 };
            AxisChunks::regular(len, size)
        })
        .collect();
    axes.reverse();
    axes
}

/// The elements of `x` in C order with another shape; one length may be -1.
///
/// # Errors
/// [`Error::ReshapeSize`], [`Error::ReshapeInfer`], [`Error::UnknownLength`].
pub fn reshape(x: &Arc<Node>, to: &[i64]) -> Result<Arc<Node>> {
    let from = x.dims();
    let Some(elements) = x.chunks.elements() else {
        // A filtered array is already 1-d: its ravel is itself.
        if x.ndim() == 1 && to == [-1] {
            return Ok(x.clone());
        }
        return Err(Error::UnknownLength { op: "reshape", shape: from, hint: "reshape before filtering" });
    };
    // Elements are numbered in C order.
    if i64::try_from(elements).is_err() {
        return Err(Error::TooLong { op: "reshape", shape: from });
    }
    let open = to.iter().filter(|&&d| d == -1).count();
    let known = product(to.iter().filter(|&&d| d >= 0).map(|&d| d.unsigned_abs()));
    if to.iter().any(|&d| d < -1) || open > 1 || (open == 1 && (known == 0 || elements % known != 0)) {
        return Err(Error::ReshapeInfer { to: to.to_vec(), elements });
    }
    let shape: Vec<u64> = to.iter().map(|&d| if d < 0 { elements / known } else { d.unsigned_abs() }).collect();
    let to_elements = product(shape.iter().copied());
    if to_elements != elements {
        return Err(Error::ReshapeSize { from, from_elements: elements, to: to.to_vec(), to_elements });
    }
    if x.chunks.shape().as_deref() == Some(&shape) {
        return Ok(x.clone());
    }
    let chunks = Chunks::new(contiguous_axes(&shape, x.chunks.max_chunk_elements()));
    Ok(Node::new(Op::Reshape, vec![x.clone()], x.dtype, chunks))
}
