//! Chunks that Python code makes: of objects that are read by slices, and of functions of chunks. The interpreter's lock is held while it
//! runs, and only then.

use std::sync::Arc;

use gridloom::functions::{Block, BlockAxes};
use gridloom::graph::{Layout, Source};
use gridloom::host::HostBuffer;
use gridloom::{DType, functions};
use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PySlice, PyTuple};

use super::arguments::{self, Cuts, arrays};
use super::error::carried;
use super::interpreter;
use super::node::{Node, node};
use super::values;

/// An object with `shape`, `dtype` and `__getitem__`.
struct Object {
    object: Py<PyAny>,
    /// `gridloom._values.elements(value, name, shape) -> ndarray`: what was read, checked.
    elements: Py<PyAny>,
    dtype: DType,
    name: String,
}

impl Object {
    fn read(&self, py: Python<'_>, region: &[(u64, u64)]) -> PyResult<HostBuffer> {
        let slices = region.iter().map(|&(start, end)| PySlice::new(py, start as isize, end as isize, 1));
        let key = PyTuple::new(py, slices)?;
        let value = self.object.bind(py).get_item(key)?;
        let shape = PyTuple::new(py, region.iter().map(|(start, end)| end - start))?;
        elements(self.elements.bind(py), value, self.dtype, &shape)
    }
}

/// Elements of an array in C order, as a buffer that shares them.
fn elements(
    check: &Bound<'_, PyAny>,
    value: Bound<'_, PyAny>,
    dtype: DType,
    shape: &Bound<'_, PyTuple>,
) -> PyResult<HostBuffer> {
    let array = check.call1((value, dtype.name(), shape))?;
    let array = array.cast::<PyUntypedArray>()?;
    if !array.is_c_contiguous() {
        return Err(PyValueError::new_err("elements that are not in C order"));
    }
    Ok(values::share(array, dtype)?.0)
}

impl Source for Object {
    fn chunk(&self, _: &[u64], region: &[(u64, u64)]) -> gridloom::Result<(Arc<HostBuffer>, Layout, Vec<u64>)> {
        let buffer = interpreter::called(|py| self.read(py, region))
            .map_err(|error| carried("read", self.name.clone(), error))?;
        let shape: Vec<u64> = region.iter().map(|(start, end)| end - start).collect();
        Ok((Arc::new(buffer), Layout::c_order(&shape), shape))
    }
    fn describe(&self) -> String {
        self.name.clone()
    }
    fn in_memory(&self) -> bool {
        false
    }
}

/// An array over an object that is read chunk by chunk.
#[pyfunction]
pub(crate) fn from_object(
    object: Py<PyAny>,
    elements: Py<PyAny>,
    name: String,
    dtype: &str,
    shape: Vec<i64>,
    chunks: Cuts,
) -> PyResult<Node> {
    let dtype = arguments::dtype(dtype)?;
    let source = Object { object, elements, dtype, name };
    node(functions::from_source(source, dtype, arguments::shape(&shape)?, chunks.0))
}

/// A function of the chunks that arrays, broadcast together, have at a place. It is called with the place of each array's chunk and of the
/// one to make, and the chunks; axes may go, be new, or be of other sizes.
#[pyfunction]
#[pyo3(signature = (function, elements, name, nodes, dtype, dropped, new, sizes))]
#[allow(clippy::too_many_arguments, reason = "Python's keywords")]
pub(crate) fn map_chunks(
    function: Py<PyAny>,
    elements: Py<PyAny>,
    name: &str,
    nodes: Vec<Bound<'_, Node>>,
    dtype: &str,
    dropped: Vec<i64>,
    new: Vec<i64>,
    sizes: Option<Vec<Vec<u64>>>,
) -> PyResult<Node> {
    let axes = BlockAxes { dropped, new, sizes };
    let title = name.to_owned();
    let run = move |block: &Block| {
        let made = interpreter::called(|py| called(py, &function, &elements, block));
        made.map_err(|error| carried("map_blocks", title.clone(), error))
    };
    node(functions::map_blocks(name, &arrays(&nodes), arguments::dtype(dtype)?, &axes, run))
}

/// Hands the chunks to the function as NumPy arrays.
fn called(py: Python<'_>, function: &Py<PyAny>, check: &Py<PyAny>, block: &Block) -> PyResult<HostBuffer> {
    let places = block.places.iter().chain([&block.place]).map(|place| PyTuple::new(py, place));
    let mut given = vec![PyTuple::new(py, places.collect::<PyResult<Vec<_>>>()?)?.into_any()];
    for (buffer, shape) in &block.inputs {
        let shape: Vec<usize> = shape.iter().map(|&len| len as usize).collect();
        given.push(values::lend(py, buffer.clone(), shape)?);
    }
    let value = function.bind(py).call1(PyTuple::new(py, given)?)?;
    elements(check.bind(py), value, block.dtype, &PyTuple::new(py, &block.shape)?)
}
