//! Windows and blocks of neighbours, bits of bytes, polynomials.

use gridloom::functions::{self, BitOrder};
use pyo3::prelude::*;

use super::arguments::{self, Operand};
use super::error::OrRaise;
use super::node::{Node, node};

/// The windows of some lengths along axes, on new last axes.
#[pyfunction]
pub(crate) fn sliding(x: &Node, lengths: Vec<i64>, axes: Vec<i64>) -> PyResult<Node> {
    node(x.0.sliding_window_view(&arguments::shape(&lengths)?, axes))
}

/// An array with each named axis as two, the second of which is of neighbours, and which axes those are.
#[pyfunction]
pub(crate) fn neighbours(x: &Node, factors: Vec<i64>, axes: Vec<i64>, trim: bool) -> PyResult<(Node, Vec<usize>)> {
    let (blocks, within) = x.0.blocks_of(&arguments::shape(&factors)?, axes, trim).or_raise()?;
    Ok((Node(blocks), within))
}

/// Elements as bits of bytes, or bits as elements, by the function's name.
#[pyfunction]
#[pyo3(signature = (name, x, axis, count, little))]
pub(crate) fn bits(name: &str, x: &Node, axis: Option<i64>, count: Option<i64>, little: bool) -> PyResult<Node> {
    let order = if little { BitOrder::Little } else { BitOrder::Big };
    let axis = axis.map(Into::into);
    node(if name == "packbits" { x.0.packbits(axis, order) } else { x.0.unpackbits(axis, count, order) })
}

/// A polynomial made of two, by the function's name.
#[pyfunction]
pub(crate) fn of_polynomials(name: &str, p: &Node, q: &Node) -> PyResult<Node> {
    node(match name {
        "polyadd" => functions::polyadd(&p.0, &q.0),
        "polysub" => functions::polysub(&p.0, &q.0),
        "polymul" => functions::polymul(&p.0, &q.0),
        _ => return Err(arguments::no_function(name)),
    })
}

/// The polynomial that is 0 at some numbers.
#[pyfunction]
pub(crate) fn poly(roots: &Node) -> PyResult<Node> {
    node(functions::poly(&roots.0))
}

/// The quotient of two polynomials, and what remains.
#[pyfunction]
pub(crate) fn polydiv(p: &Node, q: &Node) -> PyResult<(Node, Node)> {
    let (quotient, rest) = functions::polydiv(&p.0, &q.0).or_raise()?;
    Ok((Node(quotient), Node(rest)))
}

/// A derivative of a polynomial.
#[pyfunction]
pub(crate) fn polyder(p: &Node, m: usize) -> PyResult<Node> {
    node(functions::polyder(&p.0, m))
}

/// An integral of a polynomial, once for each of the constants.
#[pyfunction]
pub(crate) fn polyint(p: &Node, constants: Vec<f64>) -> PyResult<Node> {
    node(functions::polyint(&p.0, &constants))
}

/// The values of a polynomial.
#[pyfunction]
pub(crate) fn polyval(p: &Node, x: Operand) -> PyResult<Node> {
    node(functions::polyval(&p.0, x.0))
}
