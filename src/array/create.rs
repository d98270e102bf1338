//! Making arrays: constants, ranges, and data from ndarray. Functions that take a shape choose chunks by `"auto"`;
//! [`Array::rechunk`] chooses others, at no cost for generated data.

use std::sync::Arc;

use ndarray::{ArrayBase, ArrayD, Data, Dimension};

use super::source;
use super::typed::Array;
use crate::chunks::{ChunkSpec, Chunks};
use crate::dtype::{DType, Element, Number, Real, Scalar};
use crate::error::{Error, Result, infallible};
use crate::graph::infer;
use crate::graph::{HostFunction, Node, Op};
use crate::host::HostBuffer;
use crate::ops::BinaryOp;
use crate::width::{in_memory, signed};

/// A shape: a number, a tuple, an array or a slice of lengths.
pub trait IntoShape {
    /// The lengths.
    fn into_shape(self) -> Vec<u64>;
}
impl IntoShape for usize {
    fn into_shape(self) -> Vec<u64> {
        vec![self as u64]
    }
}
impl<const N: usize> IntoShape for [usize; N] {
    fn into_shape(self) -> Vec<u64> {
        self.iter().map(|&d| d as u64).collect()
    }
}
impl IntoShape for &[usize] {
    fn into_shape(self) -> Vec<u64> {
        self.iter().map(|&d| d as u64).collect()
    }
}
impl IntoShape for Vec<usize> {
    fn into_shape(self) -> Vec<u64> {
        self.as_slice().into_shape()
    }
}
impl IntoShape for () {
    fn into_shape(self) -> Vec<u64> {
        vec![]
    }
}
macro_rules! tuple_shape {
    ($($n:literal: $($ty:ident)*;)*) => {$(
        impl IntoShape for ($($ty,)*) {
            fn into_shape(self) -> Vec<u64> {
                let lengths: [usize; $n] = self.into();
                lengths.into_shape()
            }
        }
    )*};
}
tuple_shape! {
    1: usize;
    2: usize usize;
    3: usize usize usize;
    4: usize usize usize usize;
    5: usize usize usize usize usize;
    6: usize usize usize usize usize usize;
}

/// "auto" chunks for a generated array; a shape is never too large for those.
fn auto(shape: &[u64], dtype: DType) -> Chunks {
    ChunkSpec::default().resolve(shape, dtype).unwrap_or_else(|_| Chunks::whole(shape))
}

/// An array of one value everywhere.
///
/// ```
/// let x = gridloom::full((2, 3), 7i32);
/// assert_eq!(x.sum().item()?, 42);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn full<T: Element>(shape: impl IntoShape, value: T) -> Array<T> {
    Array::wrap(infer::full(value.scalar(), auto(&shape.into_shape(), T::DTYPE)))
}
/// Zeros (or `false`).
///
/// ```
/// assert_eq!(gridloom::zeros::<f32>((2, 3)).shape(), Some(vec![2, 3]));
/// ```
pub fn zeros<T: Element>(shape: impl IntoShape) -> Array<T> {
    full(shape, T::default())
}
/// Ones (or `true`).
///
/// ```
/// assert_eq!(gridloom::ones::<i64>(5).sum().item()?, 5);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn ones<T: Element>(shape: impl IntoShape) -> Array<T> {
    full(shape, Scalar::from_i64(T::DTYPE, 1).get())
}
/// An array whose values do not matter: zeros, for a lazy array has no memory to leave as it is.
pub fn empty<T: Element>(shape: impl IntoShape) -> Array<T> {
    zeros(shape)
}

macro_rules! like {
    ($($name:ident $base:literal $value:expr;)*) => {$(
        #[doc = concat!($base, " with the shape, dtype and chunks of another array, which may have unknown lengths.")]
        pub fn $name<T: Element>(like: &Array<T>) -> Array<T> {
            full_like(like, $value)
        }
    )*};
}
like! {
    zeros_like "Zeros" T::default();
    ones_like "Ones" Scalar::from_i64(T::DTYPE, 1).get();
    empty_like "Values that do not matter (zeros)" T::default();
}
/// One value everywhere, with the shape, dtype and chunks of another array.
pub fn full_like<T: Element>(like: &Array<T>, value: T) -> Array<T> {
    // Unknown lengths cannot be made up: they are those of `like`, whose values a `where` leaves unread.
    if like.chunks().has_unknown() {
        let scalar = infer::full(value.scalar(), Chunks::new(vec![]));
        let never = infer::full(false.scalar(), Chunks::new(vec![]));
        let node = infer::ternary(crate::ops::TernaryOp::Where, [&never, like.node(), &scalar]);
        return node.map_or_else(|_| like.clone(), Array::wrap);
    }
    Array::wrap(infer::full(value.scalar(), like.chunks().clone()))
}

/// `1` on the main diagonal of an `n × n` array, `0` elsewhere.
///
/// ```
/// assert_eq!(gridloom::eye::<f64>(3).sum().item()?, 3.0);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[doc(alias = "identity")]
pub fn eye<T: Element>(n: usize) -> Array<T> {
    eye_offset(n, n, 0)
}
/// `1` where column − row = `k`, in an array of `rows × columns`.
pub fn eye_offset<T: Element>(rows: usize, columns: usize, k: isize) -> Array<T> {
    let shape = [rows as u64, columns as u64];
    // A diagonal that does not meet the array; distances to others are told apart in the dtype of its indices.
    let beyond = if k < 0 { k.unsigned_abs() >= rows } else { k.unsigned_abs() >= columns };
    let (false, Ok(offset)) = (beyond, i64::try_from(k)) else {
        return zeros((rows, columns));
    };
    let op = Op::Index { weights: vec![-1, 1], offset: -offset };
    let distance = Node::new(op, vec![], index_dtype(rows.max(columns) as u64), auto(&shape, T::DTYPE));
    let zero = infer::full(Scalar::from_i64(distance.dtype, 0), Chunks::new(vec![]));
    // A 0-d operand always broadcasts.
    let on = infallible(infer::binary(BinaryOp::Eq, &distance, &zero));
    Array::wrap(infer::cast(&on, T::DTYPE))
}

/// 32-bit indices where they suffice: every adapter has those.
fn index_dtype(len: u64) -> DType {
    if i32::try_from(len).is_ok() { DType::I32 } else { DType::I64 }
}

/// `0, 1, .., n - 1`, converted to `T`: integers wrap, and an `f32` holds every one up to 2²⁴, an `f64` up to 2⁵³.
///
/// ```
/// assert_eq!(gridloom::arange::<i64>(5).sum().item()?, 10);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn arange<T: Number>(n: usize) -> Array<T> {
    Array::wrap(infer::cast(&indices(n, T::DTYPE), T::DTYPE))
}
/// `0, 1, .., n - 1` as integers, cut as elements of `dtype` are.
fn indices(n: usize, dtype: DType) -> Arc<Node> {
    let op = Op::Index { weights: vec![1], offset: 0 };
    Node::new(op, vec![], index_dtype(n as u64), auto(&[n as u64], dtype))
}
/// `start, start + step, ..` up to but not including `stop`: `⌈(stop - start) / step⌉` elements, as NumPy's `arange`. Exact for
/// integers of every size; of floats each is `start + i · step`, rounded twice, and their number is counted by a division in `T`, as NumPy does.
///
/// # Errors
/// [`Error::Parameter`] for a step of 0, bounds that are not finite or too far apart, and 2⁶³ elements or more.
///
/// ```
/// let x = gridloom::arange_step(1.0, 2.0, 0.25)?;
/// assert_eq!(x.compute()?.as_slice().unwrap(), [1.0, 1.25, 1.5, 1.75]);
/// let x = gridloom::arange_step(i64::MAX, i64::MIN, i64::MIN)?;
/// assert_eq!(x.compute()?.as_slice().unwrap(), [i64::MAX, -1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn arange_step<T: Number>(start: T, stop: T, step: T) -> Result<Array<T>> {
    let bounds = [start, stop, step].map(Element::scalar);
    let count = if T::DTYPE.is_float() {
        steps_of_floats(T::DTYPE, bounds.map(Scalar::to_f64))
    } else {
        steps_of_integers(bounds.map(Scalar::to_i128))
    };
    let Some(n) = count.filter(|&n| isize::try_from(n).is_ok()) else {
        let got = format!("{start}..{stop} by {step}");
        return Err(Error::Parameter {
            op: "arange",
            what: "range",
            got,
            expected: "finite, of less than 2^63 elements, with a step other than 0",
        });
    };
    (arange::<T>(n).mul(step)?).add(start)
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
/// `n` values from `start` to `stop`, both included, at equal distances: `start + i · step` in `T`, the last one `stop` itself.
///
/// ```
/// let x = gridloom::linspace(0.0f64, 1.0, 5);
/// assert_eq!(x.compute()?.as_slice().unwrap(), [0.0, 0.25, 0.5, 0.75, 1.0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn linspace<T: Real>(start: T, stop: T, n: usize) -> Array<T> {
    // All operands are 0-d: nothing can fail to broadcast.
    Array::wrap(infallible(ramp(T::DTYPE, start.scalar(), stop.scalar(), n)))
}
fn ramp(dtype: DType, start: Scalar, stop: Scalar, n: usize) -> Result<Arc<Node>> {
    let index = indices(n, dtype);
    let parts = n.saturating_sub(1).max(1) as f64;
    let (a, b) = (start.to_f64(), stop.to_f64());
    let scalar = |v: f64| infer::full(Scalar::from_f64(dtype, v), Chunks::new(vec![]));
    // Ends whose distance is no number of the dtype are halved, and the values doubled, which is exact there.
    let is_far = a.is_finite() && b.is_finite() && !Scalar::from_f64(dtype, b - a).to_f64().is_finite();
    let (from, to) = if is_far { (a / 2.0, b / 2.0) } else { (a, b) };
    let index_of = infer::cast(&index, dtype);
    let step = if n > 1 { (to - from) / parts } else { 0.0 };
    // A step that is no number of the dtype but 0, between ends that differ, is not taken before it is multiplied.
    let is_lost = n > 1 && from != to && Scalar::from_f64(dtype, step).to_f64() == 0.0;
    let line = if is_lost {
        let share = infer::binary(BinaryOp::Div, &index_of, &scalar(parts))?;
        infer::binary(BinaryOp::Mul, &share, &scalar(to - from))?
    } else {
        infer::binary(BinaryOp::Mul, &index_of, &scalar(step))?
    };
    let mut line = infer::binary(BinaryOp::Add, &line, &scalar(from))?;
    if is_far {
        line = infer::binary(BinaryOp::Mul, &line, &scalar(2.0))?;
    }
    if n < 2 {
        return Ok(line);
    }
    // The last one is the end itself, whatever rounding says; its number is compared as an integer, which all are told apart by.
    let last = Scalar::from_i64(index.dtype, i64::try_from(n - 1).unwrap_or(i64::MAX));
    let last = infer::binary(BinaryOp::Ge, &index, &infer::full(last, Chunks::new(vec![])))?;
    infer::ternary(crate::ops::TernaryOp::Where, [&last, &scalar(b), &line])
}

/// An array of `f` at every index, evaluated on the host chunk by chunk when computed. For a function that runs on devices
/// too, use arithmetic on [`arange`].
///
/// ```
/// let x = gridloom::from_fn((2, 2), |i| (10 * i[0] + i[1]) as i32);
/// assert_eq!(x.compute()?.as_slice_memory_order().unwrap(), [0, 1, 10, 11]);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[doc(alias = "fromfunction")]
pub fn from_fn<T: Element>(shape: impl IntoShape, f: impl Fn(&[usize]) -> T + Send + Sync + 'static) -> Array<T> {
    let chunks = auto(&shape.into_shape(), T::DTYPE);
    let run = move |task: &crate::graph::HostTask<'_>| {
        let shape: Vec<usize> = task.shape().iter().map(|&d| in_memory(d)).collect();
        let mut at: Vec<usize> = vec![0; shape.len()];
        let mut values = HostBuffer::scratch(T::DTYPE, shape.iter().product())?;
        for (value, local) in values.stored_mut::<T::Stored>().iter_mut().zip(ndarray::indices(shape)) {
            for (k, (start, _)) in task.region.iter().enumerate() {
                at[k] = in_memory(*start) + local[k];
            }
            *value = f(&at).store();
        }
        Ok((values, task.shape()))
    };
    let function = HostFunction { by_place: true, ..HostFunction::new("from_fn", run) };
    Array::wrap(infer::host(function, vec![], T::DTYPE, chunks))
}

/// An array over an ndarray's data, taken over (not copied), in `"auto"` chunks.
///
/// ```
/// let x = gridloom::from_ndarray(ndarray::arr2(&[[1i32, 2], [3, 4]]), "auto")?;
/// assert_eq!(x.sum().item()?, 10);
/// # Ok::<(), gridloom::Error>(())
/// ```
///
/// # Errors
/// As [`ChunkSpec::resolve`].
#[doc(alias = "asarray")]
pub fn from_ndarray<T: Element, D: Dimension>(
    data: ndarray::Array<T, D>,
    chunks: impl Into<ChunkSpec>,
) -> Result<Array<T>> {
    from_shared(&Arc::new(data.into_dyn()), chunks)
}

/// An array over shared data, which is neither copied nor changed. (`bool` data, and arrays with holes between their
/// elements, are copied once.)
///
/// # Errors
/// As [`ChunkSpec::resolve`].
pub fn from_shared<T: Element>(data: &Arc<ArrayD<T>>, chunks: impl Into<ChunkSpec>) -> Result<Array<T>> {
    let shape: Vec<u64> = data.shape().iter().map(|&d| d as u64).collect();
    let chunks = chunks.into().resolve(&shape, T::DTYPE)?;
    let dense = data.as_slice_memory_order().is_some();
    let (buffer, strides, base) = match share(data) {
        Some(buffer) if dense => {
            let strides: Vec<i64> = data.strides().iter().map(|&s| s as i64).collect();
            // In memory order, negative strides start at their far end.
            let base = strides.iter().zip(&shape).map(|(&s, &n)| if s < 0 { -s * (signed(n) - 1) } else { 0 }).sum();
            (buffer, strides, base)
        }
        _ => {
            let values = data.iter().map(|v| v.store()).collect();
            (HostBuffer::from_vec::<T>(values), crate::graph::node::c_strides(&shape), 0)
        }
    };
    let source = source::Whole { buffer: Arc::new(buffer), strides, base, name: "from_ndarray" };
    Ok(Array::wrap(source::node(source, T::DTYPE, chunks)))
}

/// Shares the elements of every type that is stored as it is (all but `bool`).
fn share<T: Element>(data: &Arc<ArrayD<T>>) -> Option<HostBuffer> {
    use std::any::Any;
    macro_rules! try_share {
        ($($t:ty)*) => {$(
            if let Some(same) = (data as &dyn Any).downcast_ref::<Arc<ArrayD<$t>>>() {
                return Some(HostBuffer::share::<$t>(same.clone()));
            }
        )*};
    }
    try_share!(u8 u16 u32 u64 i8 i16 i32 i64 f32 f64);
    None
}

/// A 1-d array of the given values.
///
/// ```
/// assert_eq!(gridloom::array([1i32, 2, 3]).sum().item()?, 6);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn array<T: Element>(values: impl Into<Vec<T>>) -> Array<T> {
    Array::from(values.into())
}

/// Data in "auto" chunks; no size is too large for those.
fn from_data<T: Element>(data: ArrayD<T>) -> Array<T> {
    // Chunks are chosen, and an ndarray has no axis that is too long for them.
    infallible(from_shared(&Arc::new(data), "auto"))
}
impl<T: Element> From<Vec<T>> for Array<T> {
    fn from(values: Vec<T>) -> Self {
        from_data(ndarray::Array1::from_vec(values).into_dyn())
    }
}
impl<T: Element, D: Dimension> From<ndarray::Array<T, D>> for Array<T> {
    fn from(data: ndarray::Array<T, D>) -> Self {
        from_data(data.into_dyn())
    }
}
/// Copies the elements: the data is only borrowed.
impl<T: Element, S: Data<Elem = T>, D: Dimension> From<&ArrayBase<S, D>> for Array<T> {
    fn from(data: &ArrayBase<S, D>) -> Self {
        from_data(data.to_owned().into_dyn())
    }
}
/// A 0-d array.
impl<T: Element> From<T> for Array<T> {
    fn from(value: T) -> Self {
        Self::wrap(infer::full(value.scalar(), Chunks::new(vec![])))
    }
}
