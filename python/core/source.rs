//! Chunks that Python code makes: of objects that are read by slices, and of functions of chunks. The interpreter's lock is held while it
//! runs, and only then.

use std::sync::Arc;

use gridloom::graph::{self, HostFunction, HostTask, Layout, Source};
use gridloom::host::HostBuffer;
use gridloom::{DType, DynArray, functions};
use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
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

/// A function of the chunks that several arrays of one shape have at a place.
#[pyfunction]
pub(crate) fn map_chunks(
    function: Py<PyAny>,
    elements: Py<PyAny>,
    name: String,
    nodes: Vec<Bound<'_, Node>>,
    dtype: &str,
) -> PyResult<Node> {
    let dtype = arguments::dtype(dtype)?;
    let inputs = arrays(&nodes);
    let first: &DynArray = inputs.first().ok_or_else(|| PyTypeError::new_err("map_blocks: needs an array"))?;
    let chunks = first.chunks().clone();
    let title = name.clone();
    let run = move |task: &HostTask<'_>| {
        let made = interpreter::called(|py| called(py, &function, &elements, task));
        made.map_err(|error| carried("map_blocks", title.clone(), error))
    };
    let inputs: Vec<_> = inputs.iter().map(|array| array.node().clone()).collect();
    Ok(Node(graph::host(HostFunction::new(name, run), inputs, dtype, chunks).into()))
}

/// Hands the chunks to the function as NumPy arrays.
fn called(
    py: Python<'_>,
    function: &Py<PyAny>,
    check: &Py<PyAny>,
    task: &HostTask<'_>,
) -> PyResult<(HostBuffer, Vec<u64>)> {
    let mut given = Vec::new();
    for (buffer, shape) in task.inputs {
        let shape: Vec<usize> = shape.iter().map(|&len| len as usize).collect();
        given.push(values::lend(py, buffer.clone(), shape)?);
    }
    let shape = task.inputs.first().map_or_else(Vec::new, |(_, shape)| shape.clone());
    let value = function.bind(py).call1(PyTuple::new(py, given)?)?;
    let made = elements(check.bind(py), value, task.dtype, &PyTuple::new(py, &shape)?)?;
    Ok((made, shape))
}
