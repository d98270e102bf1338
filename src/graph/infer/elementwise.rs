//! Functions of elements: broadcasting, chunk alignment, masks.

use std::sync::Arc;

use super::super::{Node, Op, Unique, View};
use crate::chunks::{AxisChunks, ChunkSpec, Chunks};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{
    BinaryClass, BinaryOp, ElementFunction, RandomOp, RandomSpec, TernaryClass, TernaryOp, UnaryClass, UnaryOp,
};

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

/// What is computed in `f32` for operands of which one is a half, with its result as that half. `None` without one, and where another
/// float is among them, which is refused as any two dtypes are.
pub(super) fn in_f32<const N: usize>(
    args: [&Arc<Node>; N],
    compute: impl FnOnce([&Arc<Node>; N]) -> Result<Arc<Node>>,
) -> Option<Result<Arc<Node>>> {
    let half = args.iter().map(|x| x.dtype).find(|dtype| dtype.is_half())?;
    if args.iter().any(|x| x.dtype.is_float() && x.dtype != half) {
        return None;
    }
    let wide = args.map(|x| if x.dtype == half { cast(x, DType::F32) } else { x.clone() });
    Some(compute(wide.each_ref()).map(|y| if y.dtype == DType::F32 { cast(&y, half) } else { y }))
}

/// `op` of each element.
///
/// # Errors
/// [`Error::DType`] for a dtype the row does not take.
pub fn unary(op: UnaryOp, x: &Arc<Node>) -> Result<Arc<Node>> {
    if let Some(result) = in_f32([x], |[x]| unary(op, x)) {
        return result;
    }
    let expected = match op.info().class {
        UnaryClass::Real | UnaryClass::Test => FLOATS,
        UnaryClass::Num => NUMBERS,
        UnaryClass::Bits => BITS,
        UnaryClass::Count => INTEGERS,
    };
    let dtype = op.result(x.dtype).ok_or(Error::DType { op: op.info().name, got: x.dtype, expected })?;
    Ok(Node::new(Op::Unary(op), vec![x.clone()], dtype, x.chunks.clone()))
}

const FLOATS: &str = "floats: cast() it to f64";
const NUMBERS: &str = "numbers: cast() it to one";
const BITS: &str = "integers and bool: cast() it, or compare it first";
const INTEGERS: &str = "integers: cast() it to one";

/// Refuses an array that has not the dtype of its neighbour.
pub(super) fn check_dtype(op: &'static str, x: &Node, expected: DType) -> Result<()> {
    if x.dtype == expected { Ok(()) } else { Err(Error::DTypeMismatch { op, got: x.dtype, expected }) }
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
/// [`Error::Broadcast`]; [`Error::DType`] for a dtype the row does not take, [`Error::DTypeMismatch`] for two that differ.
pub fn binary(op: BinaryOp, x: &Arc<Node>, y: &Arc<Node>) -> Result<Arc<Node>> {
    if let Some(result) = in_f32([x, y], |[x, y]| binary(op, x, y)) {
        return result;
    }
    let name = op.info().name;
    let expected = match op.info().class {
        BinaryClass::Real => FLOATS,
        BinaryClass::Bits => BITS,
        BinaryClass::Int => INTEGERS,
        BinaryClass::Num | BinaryClass::Powi | BinaryClass::Equal | BinaryClass::Compare => NUMBERS,
    };
    check_dtype(name, y, op.right(x.dtype))?;
    let dtype = op.result(x.dtype).ok_or(Error::DType { op: name, got: x.dtype, expected })?;
    let (inputs, chunks) = align(name, &[x, y])?;
    Ok(Node::new(Op::Binary(op), inputs, dtype, chunks))
}

/// `op` of three arrays, broadcast together.
///
/// # Errors
/// [`Error::Broadcast`]; [`Error::DType`], [`Error::DTypeMismatch`] as in [`binary`].
pub fn ternary(op: TernaryOp, args: [&Arc<Node>; 3]) -> Result<Arc<Node>> {
    if let Some(result) = in_f32(args, |args| ternary(op, args)) {
        return result;
    }
    let name = op.info().name;
    match op.info().class {
        TernaryClass::Select => check_dtype(name, args[0], DType::Bool)?,
        TernaryClass::Num if args[1].dtype == DType::Bool => {
            return Err(Error::DType { op: name, got: DType::Bool, expected: NUMBERS });
        }
        TernaryClass::Num => check_dtype(name, args[0], args[1].dtype)?,
    }
    check_dtype(name, args[2], args[1].dtype)?;
    let (inputs, chunks) = align(name, &args)?;
    Ok(Node::new(Op::Ternary(op), inputs, args[1].dtype, chunks))
}

/// A user's function of elements.
///
/// # Errors
/// [`Error::Broadcast`]; [`Error::UserFunction`] for the wrong number of arguments, [`Error::DTypeMismatch`] for one of another dtype.
pub fn call(function: &Unique<ElementFunction>, args: &[&Arc<Node>]) -> Result<Arc<Node>> {
    if args.len() != function.value.args.len() || args.is_empty() {
        return Err(Error::UserFunction {
            name: function.value.name.clone(),
            problem: format!("takes {} arguments, got {}", function.value.args.len(), args.len()),
        });
    }
    for (x, &dtype) in args.iter().zip(&function.value.args) {
        check_dtype("map", x, dtype)?;
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
