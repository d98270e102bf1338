//! Products of matrices and vectors.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use super::grids::common_shape;
use super::promotion::promote;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, infer};
use crate::ops::{BinaryOp, ReduceOp};

impl DynArray {
    /// The product with another array: see [`dot`].
    ///
    /// # Errors
    /// As [`dot`].
    pub fn dot(&self, rhs: &Self) -> Result<Self> {
        dot(self, rhs)
    }
    /// The products with matrices: see [`matmul`].
    ///
    /// # Errors
    /// As [`matmul`].
    pub fn matmul(&self, rhs: &Self) -> Result<Self> {
        matmul(self, rhs)
    }
}

fn length(x: &DynArray, k: usize) -> u64 {
    x.node().dims()[k].unwrap_or(0)
}

/// Refuses numbers, unknown lengths, and arrays whose summed axes are of different lengths.
fn check(op: &'static str, a: &DynArray, b: &DynArray) -> Result<()> {
    for x in [a, b] {
        if x.ndim() == 0 {
            let (given, shape) = (String::new(), x.node().dims());
            return Err(Error::Rank { op, expected: "arrays of one axis and more", given, shape });
        }
        if x.chunks().has_unknown() {
            let hint = "use (a * b).sum() for 1-d arrays";
            return Err(Error::UnknownLength { op, shape: x.node().dims(), hint });
        }
    }
    let (left, right) = (length(a, a.ndim() - 1), length(b, b.ndim().saturating_sub(2)));
    let fits = left == right;
    if fits { Ok(()) } else { Err(Error::DotAlign { lhs: a.node().dims(), rhs: b.node().dims(), left, right }) }
}

/// The product `(n, k) · (k, m) -> (n, m)`, `(n, k) · (k) -> (n)`, `(k) · (k, m) -> (m)` or `(k) · (k) -> ()` of arrays of any dtypes,
/// which are promoted together: see [`Array::dot`](crate::Array::dot). Of more axes it sums over the last one of `a` and the one before the
/// last of `b`, for all pairs of their other places (`np.dot`; [`matmul`] pairs the first axes instead).
///
/// # Errors
/// [`Error::DotAlign`], [`Error::Rank`] for 0-d operands, [`Error::UnknownLength`].
pub fn dot(a: &DynArray, b: &DynArray) -> Result<DynArray> {
    check("dot", a, b)?;
    if a.ndim().max(b.ndim()) > 2 {
        return tensordot(a, b, -1, if b.ndim() == 1 { -1 } else { -2 });
    }
    let keep: Vec<usize> = (0..2).filter(|&k| [a, b][k].ndim() == 2).collect();
    let dtype = promote(a.dtype(), b.dtype());
    let (a, b) = (a.cast(dtype), b.cast(dtype));
    // Vectors are matrices with an axis of length 1, which the result drops.
    let a = if a.ndim() == 1 { a.insert_axis(0)? } else { a };
    let b = if b.ndim() == 1 { b.insert_axis(1)? } else { b };
    let product = DynArray::from(infer::dot(a.node(), b.node())?);
    if keep.len() == 2 {
        return Ok(product);
    }
    let dims: Vec<u64> = keep.iter().map(|&k| length(&product, k)).collect();
    let maps = (0..2).map(|k| keep.iter().position(|&a| a == k).map_or(AxisMap::at(0), AxisMap::whole)).collect();
    Ok(product.view(maps, &dims))
}

/// Multiplications of one of many products up to which it is made by a fused sum: an adapter takes as long to begin a product.
const SMALL: usize = 1 << 12;

/// Products of matrices (`np.matmul`): `(..., n, k) · (..., k, m) -> (..., n, m)`, the axes before the last two broadcast together. A 1-d
/// operand is a row on the left and a column on the right, and that axis goes. Of any dtypes, which are promoted together; integers
/// wrap, `bool` is or-of-ands. Many small products are one fused sum, others a product each; nothing is repeated to be broadcast.
///
/// # Errors
/// [`Error::DotAlign`], [`Error::Broadcast`], [`Error::Rank`] for 0-d operands, [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::matmul};
/// let x: DynArray = gridloom::arange::<i32>(8).reshape([2, 2, 2])?.into();
/// let y: DynArray = gridloom::array([[0, 1], [1, 0]]).into();
/// assert_eq!(matmul(&x, &y)?.typed::<i32>()?.to_vec()?, [1, 0, 3, 2, 5, 4, 7, 6]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn matmul(a: &DynArray, b: &DynArray) -> Result<DynArray> {
    check("matmul", a, b)?;
    if a.ndim().max(b.ndim()) <= 2 {
        return dot(a, b);
    }
    if a.ndim() == 1 {
        return matmul(&a.insert_axis(0)?, b)?.remove_axis(-2);
    }
    if b.ndim() == 1 {
        return matmul(a, &b.insert_axis(1)?)?.remove_axis(-1);
    }
    let dtype = promote(a.dtype(), b.dtype());
    let (a, b) = (a.cast(dtype), b.cast(dtype));
    let dims =
        |x: &DynArray| x.node().dims().into_iter().map(|len| crate::width::in_memory(len.unwrap_or(0))).collect();
    let (first, second): (Vec<usize>, Vec<usize>) = (dims(&a), dims(&b));
    let ((rows, [n, k]), (columns, [_, m])) = (last_two(&first), last_two(&second));
    let batch = common_shape("matmul", &[rows, columns])?;
    if n.saturating_mul(k).saturating_mul(m) <= SMALL || n == 1 || m == 1 {
        // Half floats are rounded once, as those of a product are.
        let (a, b) = (a.cast(dtype.computed()), b.cast(dtype.computed()));
        let products = a.insert_axis(-1)?.binary(BinaryOp::Mul, b.insert_axis(-3)?)?;
        return Ok(products.reduce(ReduceOp::Sum, Some((-2).into()), false, 0.0)?.cast(dtype));
    }
    let whole = |x: &DynArray, last: [usize; 2]| x.broadcast_to([&batch[..], &last].concat());
    Ok(DynArray::from(infer::dot(whole(&a, [n, k])?.node(), whole(&b, [k, m])?.node())?))
}

/// The lengths before the last two, and those.
fn last_two(dims: &[usize]) -> (&[usize], [usize; 2]) {
    dims.split_last_chunk().map_or((dims, [1, 1]), |(before, last)| (before, *last))
}

/// Sums of products over pairs of axes (`np.tensordot`): axis `axes_a[i]` of `a` with axis `axes_b[i]` of `b`, which go; the other
/// axes of `a` come first, then those of `b`. It is [`dot`] of both as matrices. Without axes it is all pairs of elements.
///
/// # Errors
/// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`], [`Error::UnknownLength`]; [`Error::Parameter`] for lists of different lengths, and
/// axes of different lengths.
///
/// ```
/// use gridloom::{DynArray, functions::tensordot};
/// let x: DynArray = gridloom::ones::<i32>((2, 3, 4)).into();
/// let y: DynArray = gridloom::ones::<i32>((4, 5, 3)).into();
/// assert_eq!(tensordot(&x, &y, [1, 2], [2, 0])?.typed::<i32>()?.to_vec()?, [12; 10]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn tensordot(a: &DynArray, b: &DynArray, axes_a: impl Into<Axes>, axes_b: impl Into<Axes>) -> Result<DynArray> {
    let (op, axes_a, axes_b) = ("tensordot", axes_a.into().0, axes_b.into().0);
    let (lens_a, lens_b) = (a.known_dims(op)?, b.known_dims(op)?);
    let (inner_a, inner_b) = (a.axes_in_order(op, &axes_a)?, b.axes_in_order(op, &axes_b)?);
    let fits = inner_a.len() == inner_b.len() && inner_a.iter().zip(&inner_b).all(|(&k, &l)| lens_a[k] == lens_b[l]);
    if !fits {
        let lens = |lens: &[u64], axes: &[usize]| axes.iter().map(|&k| lens[k]).collect::<Vec<u64>>();
        let got = format!(
            "{axes_a:?} with {axes_b:?}, of lengths {:?} and {:?}",
            lens(&lens_a, &inner_a),
            lens(&lens_b, &inner_b)
        );
        return Err(Error::Parameter { op, what: "the pairs of axes", got, expected: "of the same lengths" });
    }
    let others = |ndim: usize, inner: &[usize]| (0..ndim).filter(|k| !inner.contains(k)).collect::<Vec<usize>>();
    let (outer_a, outer_b) = (others(a.ndim(), &inner_a), others(b.ndim(), &inner_b));
    let left = matrix(op, a, &lens_a, &outer_a, &inner_a)?;
    let right = matrix(op, b, &lens_b, &inner_b, &outer_b)?;
    let shape = outer_a.iter().map(|&k| lens_a[k]).chain(outer_b.iter().map(|&k| lens_b[k]));
    let shape = shape.map(|len| infer::length(op, len)).collect::<Result<Vec<i64>>>()?;
    dot(&left, &right)?.reshape(shape)
}
/// The array as a matrix: some axes are its rows, the others its columns.
fn matrix(op: &'static str, x: &DynArray, lens: &[u64], rows: &[usize], columns: &[usize]) -> Result<DynArray> {
    let order: Vec<usize> = rows.iter().chain(columns).copied().collect();
    let size = |axes: &[usize]| {
        let size = axes.iter().try_fold(1u64, |size, &k| size.checked_mul(lens[k]));
        infer::length(op, size.unwrap_or(u64::MAX))
    };
    x.permuted(&order).reshape([size(rows)?, size(columns)?])
}
