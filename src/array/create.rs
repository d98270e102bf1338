//! Making arrays: constants, ranges, and data from ndarray. Functions that take a shape choose chunks by `"auto"`;
//! [`Array::rechunk`] chooses others, at no cost for generated data.

use std::sync::Arc;

use ndarray::{ArrayBase, ArrayD, Data, Dimension};

use super::typed::Array;
use crate::chunks::ChunkSpec;
use crate::dtype::{Element, Number, Real, Scalar, bf16, f16};
use crate::error::{Result, infallible};
use crate::functions::{self, IntoShape, source};
use crate::graph::{HostFunction, infer};
use crate::host::HostBuffer;
use crate::width::{in_memory, signed};

/// An array of one value everywhere.
///
/// ```
/// let x = gridloom::full((2, 3), 7i32);
/// assert_eq!(x.sum().item()?, 42);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn full<T: Element>(shape: impl IntoShape, value: T) -> Array<T> {
    Array::wrap(functions::full(shape, value.scalar()))
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
    Array::wrap(functions::full_like(like.as_dyn(), value.scalar()))
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
    Array::wrap(functions::eye_offset(T::DTYPE, rows, columns, k))
}

/// `0, 1, .., n - 1`, converted to `T`: integers wrap, and an `f32` holds every one up to 2²⁴, an `f64` up to 2⁵³.
///
/// ```
/// assert_eq!(gridloom::arange::<i64>(5).sum().item()?, 10);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn arange<T: Number>(n: usize) -> Array<T> {
    Array::wrap(functions::arange(T::DTYPE, n))
}
/// `start, start + step, ..` up to but not including `stop`: `⌈(stop - start) / step⌉` elements, as NumPy's `arange`. Exact for
/// integers of every size; of floats each is `start + i · step`, rounded twice, and their number is counted by a division in `T`, as NumPy does.
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) for a step of 0, bounds that are not finite or too far apart, and 2⁶³ elements or more.
///
/// ```
/// let x = gridloom::arange_step(1.0, 2.0, 0.25)?;
/// assert_eq!(x.compute()?.as_slice().unwrap(), [1.0, 1.25, 1.5, 1.75]);
/// let x = gridloom::arange_step(i64::MAX, i64::MIN, i64::MIN)?;
/// assert_eq!(x.compute()?.as_slice().unwrap(), [i64::MAX, -1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn arange_step<T: Number>(start: T, stop: T, step: T) -> Result<Array<T>> {
    functions::arange_step(start.scalar(), stop.scalar(), step.scalar()).map(Array::wrap)
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
    Array::wrap(infallible(functions::linspace(T::DTYPE, start.scalar().to_f64(), stop.scalar().to_f64(), n)))
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
    let chunks = functions::auto(&shape.into_shape(), T::DTYPE);
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
    Ok(Array::wrap(source::over(source, T::DTYPE, chunks)))
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
    try_share!(u8 u16 u32 u64 i8 i16 i32 i64 f16 bf16 f32 f64);
    None
}

/// What [`array()`] takes: elements one after another (an array, a slice or a vector), or arrays nested up to three deep.
pub trait Nested {
    /// The elements.
    type Element: Element;
    /// The array, with an axis for each level.
    fn into_array(self) -> Array<Self::Element>;
}
impl<T: Element> Nested for Vec<T> {
    type Element = T;
    fn into_array(self) -> Array<T> {
        Array::from(self)
    }
}
macro_rules! nested {
    ($($([$($n:ident)*])? $values:ident: $t:ty => $ndarray:expr;)*) => {$(
        impl<T: Element $($(, const $n: usize)*)?> Nested for $t {
            type Element = T;
            fn into_array(self) -> Array<T> {
                let $values = self;
                Array::from($ndarray)
            }
        }
    )*};
}
nested! {
    values: &[T] => values.to_vec();
    values: &Vec<T> => values.clone();
    [N] values: [T; N] => Vec::from(values);
    [N] values: &[T; N] => values.to_vec();
    [N M] values: [[T; N]; M] => ndarray::Array2::from(values.to_vec());
    [N M K] values: [[[T; N]; M]; K] => ndarray::Array3::from(values.to_vec());
}

/// An array of the given values, 1-d or nested.
///
/// ```
/// assert_eq!(gridloom::array([1i32, 2, 3]).sum().item()?, 6);
/// assert_eq!(gridloom::array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).shape(), Some(vec![2, 3]));
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn array<V: Nested>(values: V) -> Array<V::Element> {
    values.into_array()
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
        Self::wrap(functions::scalar(value.scalar()))
    }
}
