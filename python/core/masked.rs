//! Arrays some of whose elements do not count: the array and the mask of each.

use gridloom::functions::Masked;
use gridloom::ops::ReduceOp;
use pyo3::prelude::*;

use super::error::OrRaise;
use super::node::{Node, row};

fn pair(made: gridloom::Result<Masked>) -> PyResult<(Node, Node)> {
    made.map(|made| (Node(made.data().clone()), Node(made.mask().clone()))).or_raise()
}

/// A reduction of what counts.
#[pyfunction]
#[pyo3(signature = (name, x, mask, axes, keepdims, ddof))]
pub(crate) fn masked_reduce(
    name: &str,
    x: &Node,
    mask: &Node,
    axes: Option<Vec<i64>>,
    keepdims: bool,
    ddof: f64,
) -> PyResult<(Node, Node)> {
    let op = row(ReduceOp::ALL, name, ReduceOp::name)?;
    let x = Masked::masked_array(&x.0, &mask.0).or_raise()?;
    pair(x.reduce(op, axes.map(Into::into), keepdims, ddof))
}

/// The mean with weights of what counts, and the sums of weights.
#[pyfunction]
#[pyo3(signature = (x, mask, weights, axes))]
pub(crate) fn masked_average(
    x: &Node,
    mask: &Node,
    weights: &Node,
    axes: Option<Vec<i64>>,
) -> PyResult<((Node, Node), (Node, Node))> {
    let x = Masked::masked_array(&x.0, &mask.0).or_raise()?;
    let (means, sums) = x.average(&weights.0, axes.map(Into::into)).or_raise()?;
    Ok((pair(Ok(means))?, pair(Ok(sums))?))
}
