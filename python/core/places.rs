//! Places as arrays, and arrays with elements put there.

use gridloom::DynOperand;
use gridloom::functions::{self, Beyond};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::arguments::{self, Operand, arrays};
use super::error::OrRaise;
use super::node::{Node, node};

/// What a place that is not there is, by its name.
fn beyond(mode: &str) -> PyResult<Beyond> {
    match mode {
        "raise" => Ok(Beyond::Raise),
        "wrap" => Ok(Beyond::Wrap),
        "clip" => Ok(Beyond::Clip),
        _ => Err(PyValueError::new_err(format!("clipmode must be one of 'clip', 'raise', or 'wrap' (got '{mode}')"))),
    }
}

fn operands(values: Vec<Operand>) -> Vec<DynOperand> {
    values.into_iter().map(|value| value.0).collect()
}

/// The places along each axis of elements by their numbers in C order.
#[pyfunction]
pub(crate) fn unravel_index(numbers: &Node, dims: Vec<i64>) -> PyResult<Vec<Node>> {
    let places = functions::unravel_index(&numbers.0, &arguments::shape(&dims)?).or_raise()?;
    Ok(places.into_iter().map(Node).collect())
}

/// The numbers in C order of elements by their places along each axis.
#[pyfunction]
pub(crate) fn ravel_multi_index(places: Vec<Bound<'_, Node>>, dims: Vec<i64>, modes: Vec<String>) -> PyResult<Node> {
    let modes = modes.iter().map(|mode| beyond(mode)).collect::<PyResult<Vec<_>>>()?;
    node(functions::ravel_multi_index(&arrays(&places), &arguments::shape(&dims)?, &modes))
}

/// The places in a matrix of one of its triangles (`"tril"`, `"triu"`): rows and columns.
#[pyfunction]
pub(crate) fn triangle_indices(name: &str, rows: i64, columns: i64, k: isize) -> PyResult<(Node, Node)> {
    let shape = arguments::shape(&[rows, columns])?;
    let of = if name == "tril" { functions::tril_indices } else { functions::triu_indices };
    let [rows, columns] = of(shape[0], shape[1], k).or_raise()?;
    Ok((Node(rows), Node(columns)))
}

/// Of each element the choice beside the first condition that is true.
#[pyfunction]
pub(crate) fn selected(conditions: Vec<Bound<'_, Node>>, choices: Vec<Operand>, default: Operand) -> PyResult<Node> {
    node(functions::select(&arrays(&conditions), &operands(choices), default.0))
}

/// Of each element, which is a number, the choice of that number.
#[pyfunction]
pub(crate) fn choose(which: &Node, choices: Vec<Operand>, mode: &str) -> PyResult<Node> {
    node(which.0.choose(&operands(choices), beyond(mode)?))
}

/// An array with other elements at places in C order.
#[pyfunction]
pub(crate) fn put(x: &Node, places: PyReadonlyArray1<'_, i64>, values: Operand, mode: &str) -> PyResult<Node> {
    node(x.0.put(places.as_slice()?, values.0, beyond(mode)?))
}

/// An array with other elements where a mask is true, by the function's name.
#[pyfunction]
pub(crate) fn put_where(name: &str, x: &Node, mask: &Node, values: Operand) -> PyResult<Node> {
    node(if name == "place" { x.0.place(&mask.0, values.0) } else { x.0.putmask(&mask.0, values.0) })
}

/// An array with other elements along an axis at places.
#[pyfunction]
pub(crate) fn put_along_axis(x: &Node, places: &Node, values: Operand, axis: i64) -> PyResult<Node> {
    node(x.0.put_along_axis(&places.0, values.0, axis))
}

/// An array with other elements on its diagonal.
#[pyfunction]
pub(crate) fn fill_diagonal(x: &Node, value: Operand, wrap: bool) -> PyResult<Node> {
    node(x.0.fill_diagonal(value.0, wrap))
}
