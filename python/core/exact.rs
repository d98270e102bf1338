//! Functions of elements' bits, angles that go on, and a window.

use gridloom::functions;
use pyo3::prelude::*;

use super::arguments::{self, Operand};
use super::error::OrRaise;
use super::node::{Node, node};

/// The fractions and the powers of two.
#[pyfunction]
pub(crate) fn frexp(x: &Node) -> PyResult<(Node, Node)> {
    let (fractions, powers) = x.0.frexp().or_raise()?;
    Ok((Node(fractions), Node(powers)))
}

/// The bytes as elements of another dtype.
#[pyfunction]
pub(crate) fn reinterpret(x: &Node, dtype: &str) -> PyResult<Node> {
    node(x.0.reinterpret(arguments::dtype(dtype)?))
}

/// Angles without jumps of a period.
#[pyfunction]
#[pyo3(signature = (x, period, discont, axis))]
pub(crate) fn unwrap(x: &Node, period: Operand, discont: Option<f64>, axis: i64) -> PyResult<Node> {
    node(x.0.unwrap_phase(period.0, discont, axis))
}

/// Kaiser's window.
#[pyfunction]
pub(crate) fn kaiser(n: usize, beta: f64) -> PyResult<Node> {
    node(functions::kaiser(n, beta))
}
