//! What is looked up in whole arrays, and sets.

use gridloom::DynArray;
use gridloom::functions::{self, Side};
use pyo3::prelude::*;

use super::arguments::{self, arrays};
use super::error::OrRaise;
use super::node::{self, Node, node};

/// Places in a sorted array.
#[pyfunction]
pub(crate) fn searchsorted(sorted: &Node, values: &Node, right: bool) -> PyResult<Node> {
    node(sorted.0.searchsorted(&values.0, if right { Side::Right } else { Side::Left }))
}

/// A function of an array and a set of values, or of two sets, by its name.
#[pyfunction]
pub(crate) fn among(name: &str, x: &Node, other: &Node) -> PyResult<Node> {
    let (x, other) = (&x.0, &other.0);
    node(match name {
        "isin" => x.is_in(other),
        "union1d" => x.union1d(other),
        "intersect1d" => x.intersect1d(other),
        "setdiff1d" => x.setdiff1d(other),
        "setxor1d" => x.setxor1d(other),
        _ => return Err(arguments::no_function(name)),
    })
}

/// Values of the line through points.
#[pyfunction]
#[pyo3(signature = (x, xp, fp, left, right))]
pub(crate) fn interp(x: &Node, xp: &Node, fp: &Node, left: Option<f64>, right: Option<f64>) -> PyResult<Node> {
    node(x.0.interp(&xp.0, &fp.0, left, right))
}

/// Elements along an axis at places.
#[pyfunction]
pub(crate) fn take_along_axis(x: &Node, places: &Node, axis: i64) -> PyResult<Node> {
    node(x.0.take_along_axis(&places.0, axis))
}

/// The places that order lines by several keys.
#[pyfunction]
pub(crate) fn lexsort(keys: Vec<Bound<'_, Node>>, axis: i64) -> PyResult<Node> {
    node(functions::lexsort(&arrays(&keys), axis))
}

/// The distinct elements, NaN once or each.
#[pyfunction]
pub(crate) fn unique_values(x: &Node, equal_nan: bool) -> PyResult<Node> {
    node(x.0.unique_values(equal_nan))
}

/// The distinct elements (or entries along an axis), their first places, which of them each element is, and how often they are there.
#[pyfunction]
#[pyo3(signature = (x, equal_nan, axis))]
pub(crate) fn unique(x: &Node, equal_nan: bool, axis: Option<i64>) -> PyResult<(Node, Node, Node, Node)> {
    let unique = match axis {
        Some(axis) => x.0.unique_axis(axis),
        None => x.0.unique_all(equal_nan),
    };
    let unique = unique.or_raise()?;
    let nodes = |array: DynArray| Node(array);
    Ok((nodes(unique.values), nodes(unique.indices), nodes(unique.inverse), nodes(unique.counts)))
}

/// Counts (or sums of weights, or densities) of points in the bins of a grid, and the edges along each axis.
#[pyfunction]
#[pyo3(signature = (values, bins, ranges, weights, density))]
pub(crate) fn histogramdd(
    values: Vec<Bound<'_, Node>>,
    bins: Vec<Bound<'_, PyAny>>,
    ranges: Vec<Option<(f64, f64)>>,
    weights: Option<&Node>,
    density: bool,
) -> PyResult<(Node, Vec<Node>)> {
    let bins = bins.iter().zip(ranges).map(|(bins, range)| node::bins(bins, range)).collect::<PyResult<Vec<_>>>()?;
    let made = functions::histogramdd(&arrays(&values), &bins, weights.map(|weights| &weights.0));
    let made = if density { made.and_then(|made| made.density()) } else { made }.or_raise()?;
    Ok((Node(made.counts), made.edges.into_iter().map(Node).collect()))
}
