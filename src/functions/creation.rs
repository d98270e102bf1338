//! Arrays made of nothing but numbers: constants, ranges, and data that is in memory. Chunks are chosen by `"auto"`.

use std::sync::Arc;

use super::arguments::IntoShape;
use super::dyn_array::DynArray;
use super::source;
use crate::chunks::{ChunkSpec, Chunks};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result, infallible};
use crate::graph::node::c_strides;
use crate::graph::{Node, Op, infer};
use crate::host_array::HostArray;
use crate::ops::{BinaryOp, TernaryOp};

/// "auto" chunks for a generated array; a shape is never too large for those.
pub(crate) fn auto(shape: &[u64], dtype: DType) -> Chunks {
    ChunkSpec::default().resolve(shape, dtype).unwrap_or_else(|_| Chunks::whole(shape))
}

/// A 0-d array.
pub(crate) fn scalar(value: Scalar) -> DynArray {
    infer::full(value, Chunks::new(vec![])).into()
}

/// An array of one value everywhere, of its dtype.
///
/// ```
/// use gridloom::{DType, dtype::Scalar, functions::full};
/// let x = full((2, 3), Scalar::from_i64(DType::U8, 7));
/// assert_eq!((x.dtype(), x.sum().typed::<u64>()?.item()?), (DType::U8, 42));
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn full(shape: impl IntoShape, value: Scalar) -> DynArray {
    infer::full(value, auto(&shape.into_shape(), value.dtype())).into()
}

/// One value everywhere, with the shape and chunks of another array, which may have unknown lengths.
pub fn full_like(like: &DynArray, value: Scalar) -> DynArray {
    if !like.chunks().has_unknown() {
        return infer::full(value, like.chunks().clone()).into();
    }
    // Unknown lengths cannot be made up: they are those of `like`, whose values a `where` leaves unread.
    let never = scalar(Scalar::from_i64(DType::Bool, 0));
    let like = like.cast(value.dtype());
    infallible(infer::ternary(TernaryOp::Where, [never.node(), like.node(), scalar(value).node()])).into()
}

/// `1` where column − row = `k`, `0` elsewhere, in an array of `rows × columns` (`np.eye`).
#[doc(alias = "eye")]
pub fn eye_offset(dtype: DType, rows: usize, columns: usize, k: isize) -> DynArray {
    let shape = [rows as u64, columns as u64];
    // A diagonal that does not meet the array; distances to others are told apart in the dtype of its indices.
    let beyond = if k < 0 { k.unsigned_abs() >= rows } else { k.unsigned_abs() >= columns };
    let (false, Ok(offset)) = (beyond, i64::try_from(k)) else {
        return full((rows, columns), Scalar::from_i64(dtype, 0));
    };
    let op = Op::Index { weights: vec![-1, 1], offset: -offset };
    let distance = Node::new(op, vec![], index_dtype(rows.max(columns) as u64), auto(&shape, dtype));
    let zero = scalar(Scalar::from_i64(distance.dtype, 0));
    // A 0-d operand always broadcasts.
    let on = infallible(infer::binary(BinaryOp::Eq, &distance, zero.node()));
    infer::cast(&on, dtype).into()
}

/// 32-bit indices where they suffice: every adapter has those.
pub(super) fn index_dtype(len: u64) -> DType {
    if i32::try_from(len).is_ok() { DType::I32 } else { DType::I64 }
}

/// `0, 1, .., n - 1`, converted to `dtype`: integers wrap, and an `f32` holds every one up to 2²⁴, an `f64` up to 2⁵³.
pub fn arange(dtype: DType, n: usize) -> DynArray {
    infer::cast(&indices(n, dtype), dtype).into()
}
/// `0, 1, .., n - 1` as integers, cut as elements of `dtype` are.
fn indices(n: usize, dtype: DType) -> Arc<Node> {
    let op = Op::Index { weights: vec![1], offset: 0 };
    Node::new(op, vec![], index_dtype(n as u64), auto(&[n as u64], dtype))
}

/// `start, start + step, ..` up to but not including `stop`, in the dtype of all three: see [`crate::arange_step`].
///
/// # Errors
/// [`Error::Parameter`] for a step of 0, bounds that are not finite or too far apart, and 2⁶³ elements or more;
/// [`Error::DTypeMismatch`] for numbers of several dtypes, [`Error::DType`] for `bool`.
pub fn arange_step(start: Scalar, stop: Scalar, step: Scalar) -> Result<DynArray> {
    let op = "arange";
    let dtype = start.dtype();
    if let Some(other) = [stop, step].iter().find(|bound| bound.dtype() != dtype) {
        return Err(Error::DTypeMismatch { op, got: other.dtype(), expected: dtype });
    }
    if dtype == DType::Bool {
        return Err(Error::DType { op, got: dtype, expected: "integers or floats" });
    }
    let bounds = [start, stop, step];
    let count = if dtype.is_float() {
        steps_of_floats(dtype, bounds.map(Scalar::to_f64))
    } else {
        steps_of_integers(bounds.map(Scalar::to_i128))
    };
    let Some(n) = count.filter(|&n| isize::try_from(n).is_ok()) else {
        let got = format!("{start}..{stop} by {step}");
        let expected = "finite, of less than 2^63 elements, with a step other than 0";
        return Err(Error::Parameter { op, what: "range", got, expected });
    };
    // Places that no half holds are held by what it is computed in.
    let number =
        |value: Scalar| if dtype.is_half() { Scalar::from_f64(dtype.computed(), value.to_f64()) } else { value };
    let steps = infer::binary(BinaryOp::Mul, arange(dtype.computed(), n).node(), scalar(number(step)).node())?;
    let values = infer::binary(BinaryOp::Add, &steps, scalar(number(start)).node())?;
    Ok(infer::cast(&values, dtype).into())
}
/// How many steps there are from `start` to before `stop`, if that is a number.
fn steps_of_integers([start, stop, step]: [i128; 3]) -> Option<usize> {
    let (width, step) = if step < 0 { (start - stop, -step) } else { (stop - start, step) };
    let whole = width.max(0).checked_div(step)?;
    usize::try_from(whole + i128::from(width > whole * step)).ok()
}
/// The same for floats, by division in their own precision: between 0 and 0.3 lie three steps of 0.1 whatever rounding made of both.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared with the limits before")]
fn steps_of_floats(dtype: DType, [start, stop, step]: [f64; 3]) -> Option<usize> {
    let round = |v: f64| Scalar::from_f64(dtype, v).to_f64();
    let width = round(stop - start);
    let count = if width.is_finite() { round(width / step) } else { (stop - start) / step }.ceil();
    // A limit that NaN and infinity fail, too.
    (step != 0.0 && (stop - start).is_finite() && count < 2f64.powi(63)).then_some(count.max(0.0) as usize)
}

/// `n` values from `start` to `stop`, both included, at equal distances: `start + i · step` in `dtype`, the last one `stop` itself.
///
/// # Errors
/// [`Error::DType`] for a dtype that is not a float.
pub fn linspace(dtype: DType, start: f64, stop: f64, n: usize) -> Result<DynArray> {
    if !dtype.is_float() {
        return Err(Error::DType { op: "linspace", got: dtype, expected: "a float: cast() the result" });
    }
    if dtype.is_half() {
        let [start, stop] = [start, stop].map(|end| Scalar::from_f64(dtype, end).to_f64());
        return Ok(linspace(dtype.computed(), start, stop, n)?.cast(dtype));
    }
    let index = indices(n, dtype);
    let parts = n.saturating_sub(1).max(1) as f64;
    let [a, b] = [start, stop].map(|v| Scalar::from_f64(dtype, v).to_f64());
    let number = |v: f64| scalar(Scalar::from_f64(dtype, v));
    // Ends whose distance is no number of the dtype are halved, and the values doubled, which is exact there.
    let is_far = a.is_finite() && b.is_finite() && !Scalar::from_f64(dtype, b - a).to_f64().is_finite();
    let (from, to) = if is_far { (a / 2.0, b / 2.0) } else { (a, b) };
    let index_of = infer::cast(&index, dtype);
    let step = if n > 1 { (to - from) / parts } else { 0.0 };
    // A step that is no number of the dtype but 0, between ends that differ, is not taken before it is multiplied.
    let is_lost = n > 1 && from != to && Scalar::from_f64(dtype, step).to_f64() == 0.0;
    let line = if is_lost {
        let share = infer::binary(BinaryOp::Div, &index_of, number(parts).node())?;
        infer::binary(BinaryOp::Mul, &share, number(to - from).node())?
    } else {
        infer::binary(BinaryOp::Mul, &index_of, number(step).node())?
    };
    let mut line = infer::binary(BinaryOp::Add, &line, number(from).node())?;
    if is_far {
        line = infer::binary(BinaryOp::Mul, &line, number(2.0).node())?;
    }
    if n < 2 {
        return Ok(line.into());
    }
    // The last one is the end itself, whatever rounding says; its number is compared as an integer, which all are told apart by.
    let last = Scalar::from_i64(index.dtype, i64::try_from(n - 1).unwrap_or(i64::MAX));
    let last = infer::binary(BinaryOp::Ge, &index, scalar(last).node())?;
    Ok(infer::ternary(TernaryOp::Where, [&last, number(b).node(), &line])?.into())
}

/// An array over elements in memory, taken over (not copied), in `chunks`.
///
/// # Errors
/// As [`ChunkSpec::resolve`].
///
/// ```
/// use gridloom::{DynArray, functions::from_host};
/// let x: DynArray = gridloom::arange::<i32>(4).into();
/// let again = from_host(x.compute()?, "auto")?;
/// assert_eq!(again.typed::<i32>()?.to_vec()?, [0, 1, 2, 3]);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[doc(alias = "asarray")]
pub fn from_host(data: HostArray, chunks: impl Into<ChunkSpec>) -> Result<DynArray> {
    let shape: Vec<u64> = data.shape().iter().map(|&d| d as u64).collect();
    let dtype = data.dtype();
    let chunks = chunks.into().resolve(&shape, dtype)?;
    let buffer = Arc::new(data.into_buffer());
    Ok(source::over(source::Whole { buffer, strides: c_strides(&shape), base: 0, name: "from_host" }, dtype, chunks))
}
