//! Functions of several arrays and numbers.

use gridloom::functions;
use gridloom::ops::BinaryOp;
use pyo3::prelude::*;

use super::arguments::{Operand, arrays};
use super::error::OrRaise;
use super::node::{Node, node, row};

/// A row of the table of functions of two elements.
#[pyfunction]
pub(crate) fn binary(name: &str, x: Operand, y: Operand) -> PyResult<Node> {
    node(functions::binary(row(BinaryOp::ALL, name, |op| op.info().name)?, x.0, y.0))
}

/// The quotient as a float.
#[pyfunction]
pub(crate) fn divide(x: Operand, y: Operand) -> PyResult<Node> {
    node(functions::true_divide(x.0, y.0))
}

/// `x · y + z`, rounded once.
#[pyfunction]
pub(crate) fn fma(x: Operand, y: Operand, z: Operand) -> PyResult<Node> {
    node(functions::fma(x.0, y.0, z.0))
}

/// Each element of `x`, but no less than `low` and no more than `high`.
#[pyfunction]
pub(crate) fn clip(x: Operand, low: Operand, high: Operand) -> PyResult<Node> {
    node(functions::clip(x.0, low.0, high.0))
}

/// `x` where the condition is true, `y` elsewhere.
#[pyfunction]
pub(crate) fn select(condition: &Node, x: Operand, y: Operand) -> PyResult<Node> {
    node(functions::where_(&condition.0, x.0, y.0))
}

#[pyfunction]
pub(crate) fn dot(a: &Node, b: &Node) -> PyResult<Node> {
    node(functions::dot(&a.0, &b.0))
}

#[pyfunction]
pub(crate) fn concatenate(nodes: Vec<Bound<'_, Node>>, axis: i64) -> PyResult<Node> {
    node(functions::concatenate(&arrays(&nodes), axis))
}

#[pyfunction]
pub(crate) fn stack(nodes: Vec<Bound<'_, Node>>, axis: i64) -> PyResult<Node> {
    node(functions::stack(&arrays(&nodes), axis))
}

/// The name of the dtype that the operands meet in.
#[pyfunction]
pub(crate) fn result_type(operands: Vec<Operand>) -> PyResult<&'static str> {
    let operands: Vec<_> = operands.into_iter().map(|operand| operand.0).collect();
    Ok(functions::result_type(&operands).or_raise()?.name())
}
