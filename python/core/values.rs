//! Elements between NumPy's memory and the library's, without a copy where there need be none.

use std::sync::Arc;

use bytemuck::Pod;
use gridloom::dtype::Element;
use gridloom::graph::Layout;
use gridloom::host::HostBuffer;
use gridloom::{DType, HostArray};
use ndarray::ArrayViewD;
use numpy::{PyArray1, PyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::error::OrRaise;

/// Runs an expression with `$t` as the type of a dtype's elements; an error for one that NumPy's crate has no type for.
macro_rules! by_dtype {
    (@of $dtype:ident, $t:ident => $run:expr; $($variant:ident: $type:ty),*) => {
        match $dtype {
            $(DType::$variant => {
                type $t = $type;
                $run
            })*
            other => Err(PyTypeError::new_err(format!("{} has no counterpart in NumPy", other.name()))),
        }
    };
    ($dtype:ident, $t:ident => $run:expr) => {
        by_dtype!(@of $dtype, $t => $run; Bool: bool, U8: u8, U16: u16, U32: u32, U64: u64, I8: i8, I16: i16, I32: i32, I64: i64, F16: gridloom::f16, F32: f32, F64: f64)
    };
}

/// Axes that NumPy's crate has room for; NumPy itself takes twice as many.
const MOST_AXES: usize = 32;

/// Computed elements as a NumPy array, which takes them over.
pub(crate) fn to_ndarray<'py>(py: Python<'py>, values: HostArray) -> PyResult<Bound<'py, PyAny>> {
    fn of<'py, T: Element + numpy::Element>(py: Python<'py>, values: HostArray) -> PyResult<Bound<'py, PyAny>> {
        if values.shape().len() > MOST_AXES {
            let shape = PyTuple::new(py, values.shape())?;
            return PyArray1::from_vec(py, values.into_buffer().into_vec::<T>()).call_method1("reshape", (shape,));
        }
        let values = values.into_ndarray::<T>().or_raise()?;
        Ok(PyArrayDyn::from_owned_array(py, values).into_any())
    }
    let dtype = values.dtype();
    by_dtype!(dtype, T => of::<T>(py, values))
}

/// A NumPy array's memory, kept alive by a reference to it.
struct Memory {
    _owner: Py<PyUntypedArray>,
    start: *const u8,
    bytes: usize,
}

// SAFETY: the pointer is to memory that the reference keeps alive and in place; it is only read. References go back to the interpreter
// from any thread.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl AsRef<[u8]> for Memory {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: `bytes` bytes from `start` on belong to the array, whose memory NumPy neither moves nor frees while there is a reference (it
        // refuses `resize` then). That nobody writes them meanwhile is what `from_array` asks of its users, as Dask does; who does gets
        // old and new elements mixed.
        unsafe { std::slice::from_raw_parts(self.start, self.bytes) }
    }
}

/// The memory of an array and where in it its elements lie. One whose elements are no whole number of elements apart is copied first.
pub(crate) fn share(array: &Bound<'_, PyUntypedArray>, dtype: DType) -> PyResult<(HostBuffer, Layout)> {
    let size = dtype.size() as isize;
    // SAFETY: reads the struct of an object that is an array.
    let first = unsafe { (*array.as_array_ptr()).fields.data }.cast_const().cast::<u8>();
    let aligned = first.align_offset(dtype.size()) == 0 || array.is_empty();
    if !aligned || array.strides().iter().any(|stride| stride % size != 0) {
        let copy = array.call_method0("copy")?;
        return share(copy.cast::<PyUntypedArray>()?, dtype);
    }
    let strides: Vec<i64> = array.strides().iter().map(|stride| (stride / size) as i64).collect();
    // How far the elements reach below and above the first one.
    let reach = |down: bool| -> i64 {
        let steps = array.shape().iter().zip(&strides).filter(|(_, stride)| (**stride < 0) == down);
        steps.map(|(&len, stride)| (len as i64 - 1) * stride).sum()
    };
    let (low, high) = if array.is_empty() { (0, -1) } else { (reach(true), reach(false)) };
    let (start, bytes) = match array.is_empty() {
        true => (std::ptr::NonNull::<u64>::dangling().as_ptr().cast_const().cast::<u8>(), 0),
        // SAFETY: the place of one of the array's own elements.
        false => (unsafe { first.offset(low as isize * size) }, (high - low + 1) as usize * dtype.size()),
    };
    let memory = Memory { _owner: array.clone().unbind(), start, bytes };
    let buffer = HostBuffer::lent(dtype, memory).or_raise()?;
    Ok((buffer, Layout { base: -low, strides }))
}

/// Keeps a chunk alive for the NumPy array that shows it.
#[pyclass(frozen, module = "gridloom._core")]
struct Chunk {
    _buffer: Arc<HostBuffer>,
}

/// A chunk as a NumPy array that shares its memory and cannot be written.
pub(crate) fn lend<'py>(py: Python<'py>, buffer: Arc<HostBuffer>, shape: Vec<usize>) -> PyResult<Bound<'py, PyAny>> {
    fn of<'py, S: Pod + numpy::Element>(
        py: Python<'py>,
        buffer: Arc<HostBuffer>,
        shape: Vec<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let keeper = Bound::new(py, Chunk { _buffer: buffer.clone() })?;
        let named = PyTuple::new(py, &shape)?;
        let flat = shape.len() > MOST_AXES;
        let shape = if flat { vec![buffer.len()] } else { shape };
        let view = ArrayViewD::from_shape(shape, buffer.stored::<S>());
        let view = view.map_err(|error| PyValueError::new_err(error.to_string()))?;
        // SAFETY: the keeper, which becomes the array's base, owns the memory that the view is of.
        let array = unsafe { PyArrayDyn::borrow_from_array(&view, keeper.into_any()) };
        array.call_method1("setflags", (false,))?;
        if flat { array.call_method1("reshape", (named,)) } else { Ok(array.into_any()) }
    }
    let dtype = buffer.dtype();
    let array = by_dtype!(dtype, T => of::<<T as Element>::Stored>(py, buffer, shape))?;
    // Truth values are stored as bytes.
    if dtype == DType::Bool { array.call_method1("view", ("bool",)) } else { Ok(array) }
}
