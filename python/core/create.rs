//! Arrays made of numbers, of NumPy's arrays and of files.

use gridloom::DType;
use gridloom::functions::{self, Window};
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

/// A window of signal processing, by its name.
#[pyfunction]
pub(crate) fn window(name: &str, n: usize) -> PyResult<Node> {
    let window = match name {
        "bartlett" => Window::Bartlett,
        "blackman" => Window::Blackman,
        "hamming" => Window::Hamming,
        "hanning" => Window::Hanning,
        _ => return Err(arguments::no_function(name)),
    };
    node(window.of(n))
}

/// A diagonal of a matrix, or the matrix that has it.
#[pyfunction]
pub(crate) fn diag(x: &Node, k: isize) -> PyResult<Node> {
    node(functions::diag(&x.0, k))
}

/// The powers of numbers, a row each.
#[pyfunction]
pub(crate) fn vander(x: &Node, n: usize, increasing: bool) -> PyResult<Node> {
    node(functions::vander(&x.0, n, increasing))
}

/// The places of a grid's points along each axis.
#[pyfunction]
pub(crate) fn indices(dims: Vec<i64>, dtype: &str) -> PyResult<Node> {
    node(functions::indices(arguments::dtype(dtype)?, &arguments::shape(&dims)?))
}

/// `n` numbers in `f64` at equal ratios: powers of `base`, or from one number to another without it.
#[pyfunction]
#[pyo3(signature = (start, stop, n, base))]
pub(crate) fn at_ratios(start: f64, stop: f64, n: usize, base: Option<f64>) -> PyResult<Node> {
    node(match base {
        Some(base) => functions::logspace(DType::F64, start, stop, n, base),
        None => functions::geomspace(DType::F64, start, stop, n),
    })
}
