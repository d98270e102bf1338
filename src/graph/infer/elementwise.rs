//! Functions of elements: broadcasting, chunk alignment, masks.

use std::sync::Arc;

use super::super::{Node, Op, Unique, View};
use super::layout::contiguous_grid;
use crate::chunks::{AxisChunks, ChunkSpec, Chunks, UnknownId};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, ElementFunction, RandomOp, RandomSpec, TernaryOp, UnaryOp};

/// One value everywhere.
#[must_use]
pub fn full(value: Scalar, chunks: Chunks) -> Arc<Node> {
    Node::new(Op::Full(value), vec![], value.dtype(), chunks)
}

/// Random draws by linear index in `shape`.
///
/// # Errors
/// As [`ChunkSpec::resolve`].
pub fn random(op: RandomOp, spec: RandomSpec, dtype: DType, shape: &[u64], chunks: &ChunkSpec) -> Result<Arc<Node>> {
    Ok(Node::new(Op::Random(op, spec), vec![], dtype, chunks.resolve(shape, dtype)?))
}

/// `op` of each element.
///
/// # Errors
/// [`Error::Bug`] for a dtype the row does not take: the typed methods do not let one through.
pub fn unary(op: UnaryOp, x: &Arc<Node>) -> Result<Arc<Node>> {
    let dtype = op.result(x.dtype).ok_or_else(|| not_defined(op.info().name, x.dtype))?;
    Ok(Node::new(Op::Unary(op), vec![x.clone()], dtype, x.chunks.clone()))
}

fn not_defined(op: &str, dtype: DType) -> Error {
    Error::bug(format!("{op} is not defined for {dtype}"))
}

/// `x` as another dtype.
#[must_use]
pub fn cast(x: &Arc<Node>, dtype: DType) -> Arc<Node> {
    if x.dtype == dtype {
        return x.clone();
    }
    Node::new(Op::Cast, vec![x.clone()], dtype, x.chunks.clone())
}

/// `op` of two arrays, broadcast together.
///
/// # Errors
/// [`Error::Broadcast`].
pub fn binary(op: BinaryOp, x: &Arc<Node>, y: &Arc<Node>) -> Result<Arc<Node>> {
    let name = op.info().name;
    let dtype = op.result(x.dtype).ok_or_else(|| not_defined(name, x.dtype))?;
    if y.dtype != op.right(x.dtype) {
        return Err(not_defined(name, y.dtype));
    }
    let (inputs, chunks) = align(name, &[x, y])?;
    Ok(Node::new(Op::Binary(op), inputs, dtype, chunks))
}

/// `op` of three arrays, broadcast together.
///
/// # Errors
/// [`Error::Broadcast`].
pub fn ternary(op: TernaryOp, args: [&Arc<Node>; 3]) -> Result<Arc<Node>> {
    let (inputs, chunks) = align(op.info().name, &args)?;
    Ok(Node::new(Op::Ternary(op), inputs, args[1].dtype, chunks))
}

/// A user's function of elements.
///
/// # Errors
/// [`Error::Broadcast`], [`Error::Bug`] for the wrong number of arguments.
pub fn call(function: &Unique<ElementFunction>, args: &[&Arc<Node>]) -> Result<Arc<Node>> {
    if args.len() != function.value.args.len() || args.is_empty() {
        return Err(Error::UserFunction {
            name: function.value.name.clone(),
            problem: format!("takes {} arguments, got {}", function.value.args.len(), args.len()),
        });
    }
    let (inputs, chunks) = align("map", args)?;
    Ok(Node::new(Op::Call(function.clone()), inputs, function.value.result, chunks))
}

/// The operands as views of the common shape, and its chunks.
fn align(op: &'static str, args: &[&Arc<Node>]) -> Result<(Vec<Arc<Node>>, Chunks)> {
    let chunks = broadcast_chunks(op, args)?;
    let inputs = args
        .iter()
        .map(|x| {
            if x.dims() == chunks.dims() {
                return (*x).clone();
            }
            let view = View::broadcast(&x.dims(), chunks.ndim());
            Node::new(Op::View(view), vec![(*x).clone()], x.dtype, chunks.clone())
        })
        .collect();
    Ok((inputs, chunks))
}

/// The common shape of operands, cut on each axis as the largest of them is: that one is read chunk by chunk, the others
/// in pieces. (Dask cuts at every boundary of every operand, which makes slivers.)
///
/// # Errors
/// [`Error::Broadcast`].
pub fn broadcast_chunks(op: &'static str, args: &[&Arc<Node>]) -> Result<Chunks> {
    let mut common: Vec<AxisChunks> = Vec::new();
    let mut weight: Vec<u64> = Vec::new();
    for x in args {
        let size = x.chunks.elements().unwrap_or(u64::MAX);
        let grow = x.ndim().saturating_sub(common.len());
        common.splice(0..0, std::iter::repeat_n(AxisChunks::regular(1, 1), grow));
        weight.splice(0..0, std::iter::repeat_n(0, grow));
        let offset = common.len() - x.ndim();
        for (k, axis) in x.chunks.axes().iter().enumerate() {
            let (have, w) = (&mut common[offset + k], &mut weight[offset + k]);
            let take = match (have.len(), axis.len()) {
                (Some(1), _) if *w == 0 || axis.len() != Some(1) => true,
                (_, Some(1)) => false,
                (Some(a), Some(b)) if a == b => size > *w,
                (None, None) if have.unknown() == axis.unknown() && have.count() == axis.count() => false,
                (a, b) => {
                    let text = |len: Option<u64>| len.map_or("unknown".to_owned(), |len| len.to_string());
                    return Err(Error::Broadcast {
                        op,
                        lhs: args[0].dims(),
                        rhs: x.dims(),
                        axis: offset + k,
                        left: text(a),
                        right: text(b),
                    });
                }
            };
            if take {
                *have = axis.clone();
                *w = size;
            }
        }
    }
    Ok(Chunks::new(common))
}

/// The elements of `x` where `mask` is true, in C order: a 1-d array of unknown length.
///
/// # Errors
/// [`Error::Broadcast`] where the shapes differ (a mask is not broadcast, as in NumPy).
pub fn filter(x: &Arc<Node>, mask: &Arc<Node>) -> Result<Arc<Node>> {
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
    let chunks = if mask.chunks.has_unknown() { mask.chunks.count() } else { contiguous_grid(&mask.chunks).count() };
    let axis = AxisChunks::Unknown { id: UnknownId(mask.key), chunks };
    Ok(Node::new(Op::Filter, vec![x.clone(), mask.clone()], x.dtype, Chunks::new(vec![axis])))
}
