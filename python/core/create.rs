//! Arrays made of numbers, of NumPy's arrays and of files.

use gridloom::functions;
use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;

use super::arguments::{self, Cuts, Operand, scalar};
use super::error::OrRaise;
use super::node::{Node, node};
use super::values;

/// One value everywhere; cut as asked.
#[pyfunction]
pub(crate) fn full(shape: Vec<i64>, value: Operand, dtype: &str, chunks: Cuts) -> PyResult<Node> {
    let value = scalar(&value.0, arguments::dtype(dtype)?)?;
    node(functions::full(arguments::shape(&shape)?, value).rechunk(chunks.0))
}

/// From `start` by `step` to before `stop`.
#[pyfunction]
pub(crate) fn arange(start: Operand, stop: Operand, step: Operand, dtype: &str, chunks: Cuts) -> PyResult<Node> {
    let dtype = arguments::dtype(dtype)?;
    let [start, stop, step] = [start, stop, step].map(|bound| scalar(&bound.0, dtype));
    node(functions::arange_step(start?, stop?, step?).and_then(|x| x.rechunk(chunks.0)))
}

/// `n` values from `start` to `stop`.
#[pyfunction]
pub(crate) fn linspace(start: f64, stop: f64, n: usize, dtype: &str, chunks: Cuts) -> PyResult<Node> {
    node(functions::linspace(arguments::dtype(dtype)?, start, stop, n).and_then(|x| x.rechunk(chunks.0)))
}

/// 1 on the diagonal `k`, 0 elsewhere.
#[pyfunction]
pub(crate) fn eye(rows: i64, columns: i64, k: isize, dtype: &str, chunks: Cuts) -> PyResult<Node> {
    let shape = arguments::shape(&[rows, columns])?;
    node(functions::eye_offset(arguments::dtype(dtype)?, shape[0], shape[1], k).rechunk(chunks.0))
}

/// An array over a NumPy array's memory, which is shared, and must not change while something is computed from it.
#[pyfunction]
pub(crate) fn from_ndarray(array: &Bound<'_, PyUntypedArray>, dtype: &str, chunks: Cuts) -> PyResult<Node> {
    let dtype = arguments::dtype(dtype)?;
    let (buffer, layout) = values::share(array, dtype)?;
    node(functions::from_strided(buffer, layout, array.shape(), chunks.0))
}

/// The array in a file of NumPy's format, read chunk by chunk.
#[pyfunction]
pub(crate) fn read_npy(py: Python<'_>, path: std::path::PathBuf, chunks: Cuts) -> PyResult<Node> {
    py.detach(|| gridloom::read_npy_dyn(path, chunks.0)).map(Node::from).or_raise()
}
