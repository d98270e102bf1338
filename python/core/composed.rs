//! Functions that the library makes of others: rearranging, joining, comparing. A line each.

use gridloom::dtype::DType;
use gridloom::functions::{self, Indexing, QuantileMethod, Tolerance};
use gridloom::ops::{ReduceOp, Sorting};
use gridloom::{Axes, Boundary, DynArray, DynOperand, Overlap, PadMode};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::arguments::{self, Cuts, Operand, arrays};
use super::error::OrRaise;
use super::node::{Node, node, row};

/// Several nodes, or what the library refused.
fn nodes(arrays: gridloom::Result<Vec<DynArray>>) -> PyResult<Vec<Node>> {
    Ok(arrays.or_raise()?.into_iter().map(Node).collect())
}

/// A function of one array that takes numbers for axes and counts, by its name.
#[pyfunction]
#[pyo3(signature = (name, x, *numbers))]
pub(crate) fn rearranged(name: &str, x: &Node, numbers: Vec<Vec<i64>>) -> PyResult<Node> {
    let x = &x.0;
    let number = |k: usize| numbers[k].first().copied().unwrap_or(0);
    node(match (name, numbers.len()) {
        ("flip", 0) => x.flip(),
        ("flip", 1) => x.flip_axis(&numbers[0]),
        ("move_axis", 2) => x.move_axis(&numbers[0], &numbers[1]),
        ("matrix_transpose", 0) => x.matrix_transpose(),
        ("squeeze", 0) => Ok(x.squeeze()),
        ("squeeze", 1) => x.remove_axis(&numbers[0]),
        ("expand_dims", 1) => x.insert_axis(&numbers[0]),
        ("swap_axes", 2) => x.swap_axes(&numbers[0], &numbers[1]),
        ("roll", 1) => x.roll(number(0)),
        ("roll", 2) => x.roll_axis(&numbers[0], &numbers[1]),
        ("rot90", 2) => x.rot90(number(0), &numbers[1]),
        ("repeat", 1) => x.repeat(arguments::shape(&numbers[0])?),
        ("repeat", 2) => x.repeat_axis(arguments::shape(&numbers[0])?, &numbers[1]),
        ("tile", 1) => x.tile(arguments::shape(&numbers[0])?),
        ("delete", 2) => x.delete(&numbers[0], &numbers[1]),
        ("resize", 1) => x.resize(arguments::shape(&numbers[0])?),
        ("tril", 1) => x.tril(number(0) as isize),
        ("triu", 1) => x.triu(number(0) as isize),
        ("atleast_1d", 0) => Ok(x.atleast_1d()),
        ("atleast_2d", 0) => x.atleast_2d(),
        ("atleast_3d", 0) => x.atleast_3d(),
        _ => return Err(arguments::no_function(name)),
    })
}

/// An array with a border: how wide, what it is (`"reflect odd"` is turned round), numbers before and after each axis, and of how many elements
/// a statistic is; a pair an axis.
#[pyfunction]
#[pyo3(signature = (x, widths, mode, before, after, lengths))]
pub(crate) fn padded(
    x: &Node,
    widths: Vec<(usize, usize)>,
    mode: &str,
    before: Vec<Operand>,
    after: Vec<Operand>,
    lengths: Option<Vec<(usize, usize)>>,
) -> PyResult<Node> {
    if widths.is_empty() {
        return Ok(Node(x.0.clone()));
    }
    let values: Vec<(DynOperand, DynOperand)> =
        before.into_iter().zip(after).map(|(one, other)| (one.0, other.0)).collect();
    node(x.0.pad(widths, &pad_mode(mode, &values, lengths)?))
}

/// What lies in a border, by its name.
fn pad_mode(
    mode: &str,
    values: &[(DynOperand, DynOperand)],
    lengths: Option<Vec<(usize, usize)>>,
) -> PyResult<PadMode> {
    let of = |of| PadMode::Statistic { of, length: lengths.map(Into::into) };
    let number = |value: &DynOperand| Ok::<_, PyErr>(arguments::scalar(value, DType::F64)?.to_f64());
    Ok(match mode {
        "constant" => PadMode::Constant(values.to_vec().into()),
        "edge" => PadMode::Edge,
        "empty" => PadMode::Empty,
        "linear_ramp" => {
            let ends = values.iter().map(|(one, other)| Ok((number(one)?, number(other)?)));
            PadMode::LinearRamp(ends.collect::<PyResult<Vec<_>>>()?.into())
        }
        "maximum" => of(ReduceOp::Max),
        "mean" => of(ReduceOp::Mean),
        "minimum" => of(ReduceOp::Min),
        "reflect" => PadMode::reflect(),
        "symmetric" => PadMode::symmetric(),
        "reflect odd" => PadMode::Mirror { edge: false, odd: true },
        "symmetric odd" => PadMode::Mirror { edge: true, odd: true },
        "wrap" => PadMode::Wrap,
        _ => return Err(arguments::no_function(mode)),
    })
}

/// What lies beyond the edges of chunks' arrays, by its name along each axis, and the number that it is there.
fn boundary(modes: &[String], values: Vec<Operand>) -> PyResult<Boundary> {
    let one = |(mode, value): (&String, Operand)| match mode.as_str() {
        "none" => Ok(None),
        mode => pad_mode(mode, &[(value.0.clone(), value.0)], None).map(Some),
    };
    Ok(Boundary::of_axes(modes.iter().zip(values).map(one).collect::<PyResult<_>>()?))
}

/// An array in chunks with halos.
#[pyfunction]
pub(crate) fn overlapped(
    x: &Node,
    depth: Vec<(usize, usize)>,
    modes: Vec<String>,
    values: Vec<Operand>,
) -> PyResult<Node> {
    let (grown, _) = x.0.overlapped(depth, &boundary(&modes, values)?).or_raise()?;
    Ok(Node(grown))
}

/// What was made of an array's chunks with halos, without them.
#[pyfunction]
pub(crate) fn without_halos(
    x: &Node,
    made: &Node,
    depth: Vec<(usize, usize)>,
    modes: Vec<String>,
    values: Vec<Operand>,
) -> PyResult<Node> {
    let (_, halos) = x.0.overlapped(depth, &boundary(&modes, values)?).or_raise()?;
    node(halos.without(&made.0))
}

/// Sums of products with an array that slides along (`convolve`, `correlate`).
#[pyfunction]
pub(crate) fn slid(name: &str, x: &Node, taps: &Node, mode: &str) -> PyResult<Node> {
    let overlap = match mode {
        "full" => Overlap::Full,
        "same" => Overlap::Same,
        "valid" => Overlap::Valid,
        _ => {
            let problem = format!("mode must be one of 'valid', 'same', or 'full' (got '{mode}')");
            return Err(PyValueError::new_err(problem));
        }
    };
    node(if name == "convolve" { x.0.convolve(&taps.0, overlap) } else { x.0.correlate(&taps.0, overlap) })
}

/// An array with new entries before places of an axis.
#[pyfunction]
pub(crate) fn inserted(x: &Node, places: Vec<i64>, values: &Node, axis: i64) -> PyResult<Node> {
    node(x.0.insert(places, &values.0, axis))
}

/// The elements along an axis (or all) in their order, or their places.
#[pyfunction]
#[pyo3(signature = (x, axis, places, descending))]
pub(crate) fn sort(x: &Node, axis: Option<i64>, places: bool, descending: bool) -> PyResult<Node> {
    node(x.0.sort_by(Sorting { places, descending }, axis.map(Axes::from)))
}

/// The ends of sorted lines, by the function's name.
#[pyfunction]
pub(crate) fn top(name: &str, x: &Node, k: isize, axis: i64) -> PyResult<Node> {
    node(match name {
        "topk" => x.0.topk(k, axis),
        "argtopk" => x.0.argtopk(k, axis),
        _ => return Err(arguments::no_function(name)),
    })
}

/// Lines that are partitioned, by the function's name.
#[pyfunction]
pub(crate) fn partitioned(name: &str, x: &Node, kth: Vec<i64>, axis: i64) -> PyResult<Node> {
    node(match name {
        "partition" => x.0.partition(&kth, axis),
        "argpartition" => x.0.argpartition(&kth, axis),
        _ => return Err(arguments::no_function(name)),
    })
}

/// Quantiles of all elements, or over axes, on a new first axis.
#[pyfunction]
#[pyo3(signature = (x, q, method, axes, skip_nan))]
pub(crate) fn quantiles(x: &Node, q: Vec<f64>, method: &str, axes: Option<Vec<i64>>, skip_nan: bool) -> PyResult<Node> {
    let (method, axes) = (row(QuantileMethod::ALL, method, QuantileMethod::name)?, axes.map(Axes::from));
    node(if skip_nan { x.0.nanquantiles(&q, method, axes) } else { x.0.quantiles(&q, method, axes) })
}

/// Quantiles of elements with weights, on a new first axis.
#[pyfunction]
#[pyo3(signature = (x, q, weights, axes, skip_nan))]
pub(crate) fn quantiles_weighted(
    x: &Node,
    q: Vec<f64>,
    weights: &Node,
    axes: Option<Vec<i64>>,
    skip_nan: bool,
) -> PyResult<Node> {
    node(x.0.quantiles_weighted(&q, &weights.0, axes.map(Axes::from), skip_nan))
}

/// Medians of all elements, or over axes, which go.
#[pyfunction]
#[pyo3(signature = (x, axes, skip_nan))]
pub(crate) fn median(x: &Node, axes: Option<Vec<i64>>, skip_nan: bool) -> PyResult<Node> {
    let axes = axes.map(Axes::from);
    node(if skip_nan { x.0.nanmedian_over(axes) } else { x.0.median_over(axes) })
}

/// The parts of an array along an axis: so many equal ones (`split`), so many (`array_split`), at places (`split_at`), or single entries.
#[pyfunction]
pub(crate) fn parts(name: &str, x: &Node, numbers: Vec<i64>, axis: i64) -> PyResult<Vec<Node>> {
    let count = || {
        let count = arguments::shape(&numbers)?.first().copied().unwrap_or(0);
        arguments::listable(name, count as u64).map(|()| count)
    };
    nodes(match name {
        "split" => x.0.split(count()?, axis),
        "array_split" => x.0.array_split(count()?, axis),
        "split_at" => x.0.split_at(numbers, axis),
        "unstack" => {
            let len = x.0.dims().iter().flatten().copied().max().unwrap_or(0);
            arguments::listable(name, len as u64)?;
            x.0.unstack(axis)
        }
        _ => return Err(arguments::no_function(name)),
    })
}

/// Arrays joined, by the function's name.
#[pyfunction]
pub(crate) fn joined(name: &str, all: Vec<Bound<'_, Node>>) -> PyResult<Node> {
    let all = arrays(&all);
    node(match name {
        "hstack" => functions::hstack(&all),
        "vstack" => functions::vstack(&all),
        "dstack" => functions::dstack(&all),
        "column_stack" => functions::column_stack(&all),
        _ => return Err(arguments::no_function(name)),
    })
}

/// Arrays broadcast together, or made a grid of (`"xy"`, `"ij"`).
#[pyfunction]
pub(crate) fn spread(name: &str, all: Vec<Bound<'_, Node>>) -> PyResult<Vec<Node>> {
    let all = arrays(&all);
    nodes(match name {
        "broadcast_arrays" => functions::broadcast_arrays(&all),
        "xy" => functions::meshgrid(&all, Indexing::Xy),
        "ij" => functions::meshgrid(&all, Indexing::Ij),
        _ => return Err(arguments::no_function(name)),
    })
}

/// 1 at and below a diagonal, 0 above it.
#[pyfunction]
pub(crate) fn tri(rows: i64, columns: i64, k: isize, dtype: &str, chunks: Cuts) -> PyResult<Node> {
    let shape = arguments::shape(&[rows, columns])?;
    node(functions::tri(arguments::dtype(dtype)?, shape[0], shape[1], k).rechunk(chunks.0))
}

/// A function of two operands, by its name.
#[pyfunction]
pub(crate) fn of_two(name: &str, x: Operand, y: Operand) -> PyResult<Node> {
    node(match name {
        "logical_and" => functions::logical_and(x.0, y.0),
        "logical_or" => functions::logical_or(x.0, y.0),
        "logical_xor" => functions::logical_xor(x.0, y.0),
        "heaviside" => functions::heaviside(x.0, y.0),
        "logaddexp" => functions::logaddexp(x.0, y.0),
        "logaddexp2" => functions::logaddexp2(x.0, y.0),
        "gcd" => functions::gcd(x.0, y.0),
        "lcm" => functions::lcm(x.0, y.0),
        "ldexp" => functions::ldexp(x.0, y.0),
        "nextafter" => functions::nextafter(x.0, y.0),
        _ => return Err(arguments::no_function(name)),
    })
}

/// A function of one array, by its name.
#[pyfunction]
pub(crate) fn of_one(name: &str, x: &Node) -> PyResult<Node> {
    node(match name {
        "logical_not" => Ok(x.0.logical_not()),
        "isposinf" => Ok(x.0.isposinf()),
        "isneginf" => Ok(x.0.isneginf()),
        "sinc" => Ok(x.0.sinc()),
        "positive" => x.0.positive(),
        "argwhere" => x.0.argwhere(),
        "checked_finite" => Ok(x.0.checked_finite()),
        "spacing" => x.0.spacing(),
        "i0" => x.0.i0(),
        "angle" => x.0.angle(),
        "conjugate" => Ok(x.0.conj()),
        "isreal" => Ok(x.0.isreal()),
        "iscomplex" => Ok(x.0.iscomplex()),
        _ => return Err(arguments::no_function(name)),
    })
}

/// Two arrays: quotients and remainders of two operands (`divmod`).
#[pyfunction]
pub(crate) fn divmod(x: Operand, y: Operand) -> PyResult<(Node, Node)> {
    let (quotients, rest) = functions::divmod(x.0, y.0).or_raise()?;
    Ok((Node(quotients), Node(rest)))
}

/// The fractions and the whole parts.
#[pyfunction]
pub(crate) fn modf(x: &Node) -> (Node, Node) {
    let (fractions, whole) = x.0.modf();
    (Node(fractions), Node(whole))
}

/// Whether elements are close.
#[pyfunction]
pub(crate) fn isclose(x: Operand, y: Operand, relative: f64, absolute: f64, nan_equal: bool) -> PyResult<Node> {
    node(functions::isclose(x.0, y.0, Tolerance { relative, absolute, nan_equal }))
}

/// Whether arrays are equal: of one shape, or once they are broadcast together (`equiv`).
#[pyfunction]
pub(crate) fn equal(name: &str, x: &Node, y: &Node, nan_equal: bool) -> PyResult<Node> {
    node(if name == "array_equiv" {
        functions::array_equiv(&x.0, &y.0)
    } else {
        functions::array_equal(&x.0, &y.0, nan_equal)
    })
}

/// Whether each element is one of a few numbers.
#[pyfunction]
pub(crate) fn isin(x: &Node, values: Vec<Operand>) -> PyResult<Node> {
    let values: Vec<_> = values.into_iter().map(|value| value.0).collect();
    node(x.0.isin(&values))
}

/// Numbers instead of NaN and infinities.
#[pyfunction]
#[pyo3(signature = (x, nan, posinf, neginf))]
pub(crate) fn nan_to_num(x: &Node, nan: f64, posinf: Option<f64>, neginf: Option<f64>) -> Node {
    Node(x.0.nan_to_num(nan, posinf, neginf))
}

/// Sums of products over an axis, or over pairs of axes.
#[pyfunction]
pub(crate) fn contracted(name: &str, x: &Node, y: &Node, axes_x: Vec<i64>, axes_y: Vec<i64>) -> PyResult<Node> {
    let axis = axes_x.first().copied().unwrap_or(-1);
    node(match name {
        "outer" => functions::outer(&x.0, &y.0),
        "inner" => functions::inner(&x.0, &y.0),
        "vdot" => functions::vdot(&x.0, &y.0),
        "vecdot" => functions::vecdot(&x.0, &y.0, axis),
        "tensordot" => functions::tensordot(&x.0, &y.0, axes_x, axes_y),
        "matmul" => functions::matmul(&x.0, &y.0),
        "matvec" => functions::matvec(&x.0, &y.0),
        "vecmat" => functions::vecmat(&x.0, &y.0),
        "kron" => functions::kron(&x.0, &y.0),
        "cross" => functions::cross(&x.0, &y.0, axis),
        _ => return Err(arguments::no_function(name)),
    })
}

/// Sums of products over named axes.
#[pyfunction]
pub(crate) fn einsum(text: &str, nodes: Vec<Bound<'_, Node>>) -> PyResult<Node> {
    let nodes = arrays(&nodes);
    node(functions::einsum(text, &nodes.iter().collect::<Vec<_>>()))
}

/// The order in which `einsum` takes arrays.
#[pyfunction]
pub(crate) fn einsum_path(text: &str, nodes: Vec<Bound<'_, Node>>) -> PyResult<Vec<(usize, usize)>> {
    let nodes = arrays(&nodes);
    functions::einsum_path(text, &nodes.iter().collect::<Vec<_>>()).or_raise()
}

/// What lies on a diagonal of two axes, or its sum.
#[pyfunction]
pub(crate) fn diagonal(name: &str, x: &Node, offset: isize, axes: Vec<i64>) -> PyResult<Node> {
    node(if name == "trace" { x.0.trace(offset, axes) } else { x.0.diagonal(offset, axes) })
}

/// The norm of vectors.
#[pyfunction]
#[pyo3(signature = (x, order, axes, keepdims))]
pub(crate) fn vector_norm(x: &Node, order: f64, axes: Option<Vec<i64>>, keepdims: bool) -> PyResult<Node> {
    node(x.0.vector_norm(order, axes.map(Into::into), keepdims))
}

/// The mean with weights, and the sums of weights that it was divided by.
#[pyfunction]
#[pyo3(signature = (x, weights, axes))]
pub(crate) fn average(x: &Node, weights: &Node, axes: Option<Vec<i64>>) -> PyResult<(Node, Node)> {
    let (means, sums) = x.0.average_and_weights(&weights.0, axes.map(Into::into)).or_raise()?;
    Ok((Node(means), Node(sums)))
}

/// Covariances of rows, or their correlation coefficients.
#[pyfunction]
pub(crate) fn covariances(name: &str, x: &Node, ddof: f64) -> PyResult<Node> {
    node(if name == "corrcoef" { x.0.corrcoef() } else { x.0.cov(ddof) })
}

/// Scans that begin with what leaves them as they are.
#[pyfunction]
pub(crate) fn cumulative(name: &str, x: &Node, axis: i64, initial: bool) -> PyResult<Node> {
    node(if name == "prod" { x.0.cumulative_prod(axis, initial) } else { x.0.cumulative_sum(axis, initial) })
}

/// The differences of neighbours in C order, between others.
#[pyfunction]
#[pyo3(signature = (x, before, after))]
pub(crate) fn ediff1d(x: &Node, before: Option<&Node>, after: Option<&Node>) -> PyResult<Node> {
    node(x.0.ediff1d(before.map(|node| &node.0), after.map(|node| &node.0)))
}

/// The slope along an axis.
#[pyfunction]
pub(crate) fn gradient(x: &Node, spacing: f64, axis: i64) -> PyResult<Node> {
    node(x.0.gradient(spacing, axis))
}

/// The area below places.
#[pyfunction]
pub(crate) fn trapezoid(x: &Node, spacing: Operand, axis: i64) -> PyResult<Node> {
    node(x.0.trapezoid(spacing.0, axis))
}
