//! Several arrays: concatenate, take, dot.

use std::sync::Arc;

use super::super::node::structural_key;
use super::super::{Node, Op};
use super::elementwise::{check_dtype, in_f32};
use super::layout::rechunk;
use super::reduce::normalize_axis;
use crate::chunks::{AUTO_CHUNK_BYTES, AxisChunks, AxisSpec, ChunkSpec, Chunks, UnknownId};
use crate::error::{Error, Result};

/// Arrays one after another along `axis`; chunks stay as they are along it, and follow the first array on the others.
///
/// # Errors
/// [`Error::JoinNothing`], [`Error::JoinShape`], [`Error::AxisOutOfRange`], [`Error::DTypeMismatch`].
pub fn concatenate(arrays: &[Arc<Node>], axis: i64) -> Result<Arc<Node>> {
    let op = "concatenate";
    let first = arrays.first().ok_or(Error::JoinNothing { op })?;
    let at = normalize_axis(op, axis, &first.dims())?;
    let mut inputs = Vec::with_capacity(arrays.len());
    for (index, x) in arrays.iter().enumerate() {
        check_dtype(op, x, first.dtype)?;
        let (got, expected) = (x.dims(), first.dims());
        let differ = if got.len() == expected.len() {
            (0..got.len()).find(|&k| k != at && got[k] != expected[k])
        } else {
            Some(got.len().min(expected.len()))
        };
        if let Some(axis) = differ {
            return Err(Error::JoinShape { op, index, got, expected, axis });
        }
        // The other axes must be cut alike.
        let aligned = (0..x.ndim()).all(|k| k == at || x.chunks.axes()[k] == first.chunks.axes()[k]);
        inputs.push(if aligned {
            x.clone()
        } else {
            let like = |k: usize| if k == at { &x.chunks.axes()[k] } else { &first.chunks.axes()[k] };
            rechunk(x, &ChunkSpec::Axes((0..x.ndim()).map(|k| AxisSpec::Like(like(k).clone())).collect()))?
        });
    }
    // Empty arrays contribute nothing.
    if inputs.len() > 1 {
        let full: Vec<_> = inputs.iter().filter(|x| !x.chunks.axes()[at].is_empty()).cloned().collect();
        inputs = if full.is_empty() { vec![inputs.swap_remove(0)] } else { full };
    }
    if inputs.len() == 1 {
        return Ok(inputs.swap_remove(0));
    }
    let parts: Vec<&AxisChunks> = inputs.iter().map(|x| &x.chunks.axes()[at]).collect();
    let known: Option<Vec<u64>> = parts.iter().map(|p| p.len()).collect();
    if known.is_some_and(|lens| lens.iter().try_fold(0i64, |sum, &len| sum.checked_add_unsigned(len)).is_none()) {
        return Err(Error::TooLong { op, shape: parts.iter().map(|p| p.len()).collect() });
    }
    let joined = AxisChunks::joined(parts.iter().copied()).unwrap_or_else(|| {
        // Joined lengths are the same where those of all parts are.
        let id = UnknownId(structural_key(&("concatenate", &parts)));
        AxisChunks::Unknown { id, chunks: parts.iter().map(|p| p.count()).sum() }
    });
    let mut axes = first.chunks.axes().to_vec();
    axes[at] = joined;
    Ok(Node::new(Op::Concatenate { axis: at }, inputs, first.dtype, Chunks::new(axes)))
}

/// The places `indices` (negative ones from the end) along `axis`, in that order.
///
/// # Errors
/// [`Error::AxisOutOfRange`], [`Error::IndexOutOfRange`], [`Error::UnknownLength`].
pub fn take(x: &Arc<Node>, indices: &[i64], axis: i64) -> Result<Arc<Node>> {
    let at = normalize_axis("take", axis, &x.dims())?;
    let len = x.chunks.axes()[at].len().ok_or_else(|| Error::UnknownLength {
        op: "take",
        shape: x.dims(),
        hint: "filter it further instead",
    })?;
    let indices = indices
        .iter()
        .map(|&index| {
            let from_end = || len.checked_sub(index.unsigned_abs());
            let place = if index < 0 { from_end() } else { Some(index.unsigned_abs()) };
            place.filter(|&place| place < len).ok_or(Error::IndexOutOfRange { op: "take", index, axis: at, len })
        })
        .collect::<Result<Arc<[u64]>>>()?;
    let chunks = taken(x, at, indices.len() as u64);
    Ok(Node::new(Op::Take { axis: at, indices }, vec![x.clone()], x.dtype, chunks))
}

/// The chunks of so many entries of an axis: as long as its own, or, of an axis in one, what the library would choose, where that is more.
pub(crate) fn taken(x: &Node, axis: usize, count: u64) -> Chunks {
    let mut axes = x.chunks.axes().to_vec();
    let own = axes[axis].max_size().max(1);
    let row = (x.chunks.max_chunk_elements() / own).max(1).saturating_mul(x.dtype.size() as u64);
    let most = if axes[axis].count() == 1 { (AUTO_CHUNK_BYTES / row).max(own) } else { own };
    axes[axis] = AxisChunks::regular(count, most.min(count).max(1).max(own));
    Chunks::new(axes)
}

/// The products of matrices, `(..., n, k) · (..., k, m) -> (..., n, m)`: the axes before the last two number them, and are the same of both.
///
/// # Errors
/// [`Error::DotAlign`], [`Error::UnknownLength`], [`Error::DTypeMismatch`].
pub fn dot(a: &Arc<Node>, b: &Arc<Node>) -> Result<Arc<Node>> {
    check_dtype("dot", b, a.dtype)?;
    if let Some(result) = in_f32([a, b], |[a, b]| dot(a, b)) {
        return result;
    }
    for x in [a, b] {
        if x.chunks.has_unknown() {
            return Err(Error::UnknownLength { op: "dot", shape: x.dims(), hint: "use (a * b).sum() for 1-d arrays" });
        }
    }
    let ([batch @ .., rows, inner], [others @ .., inner_b, columns]) = (a.chunks.axes(), b.chunks.axes()) else {
        return Err(Error::bug("dot of arrays that are no matrices"));
    };
    if !batch.iter().map(AxisChunks::len).eq(others.iter().map(AxisChunks::len)) {
        return Err(Error::bug("dot of matrices that are numbered differently"));
    }
    if inner.len() != inner_b.len() {
        let (left, right) = (inner.len().unwrap_or(0), inner_b.len().unwrap_or(0));
        return Err(Error::DotAlign { lhs: a.dims(), rhs: b.dims(), left, right });
    }
    // What is broadcast has one chunk along an axis that it repeats.
    let finer = |(a, b)| if AxisChunks::count(a) < AxisChunks::count(b) { b } else { a };
    let chunks = Chunks::new(batch.iter().zip(others).map(finer).chain([rows, columns]).cloned().collect());
    crate::chunks::check_chunk_size(&chunks, a.dtype)?;
    Ok(Node::new(Op::Dot, vec![a.clone(), b.clone()], a.dtype, chunks))
}
