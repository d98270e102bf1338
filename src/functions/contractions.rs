//! Products over axes: all pairs, sums of products, views of diagonals.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use super::products::dot;
use super::promotion::promote;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, infer};
use crate::ops::{BinaryOp, ReduceOp};

/// The products of all pairs of elements (`np.outer`): row `i` has those of element `i` of `a` in C order. Of any dtypes, which are promoted
/// together; integers wrap, and of `bool` it is *and*. Nothing is stored: it is fused into what reads it.
///
/// # Errors
/// [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::outer};
/// let x: DynArray = gridloom::array([1, 2]).into();
/// let y: DynArray = gridloom::array([10, 20, 30]).into();
/// assert_eq!(outer(&x, &y)?.typed::<i32>()?.to_vec()?, [10, 20, 30, 20, 40, 60]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn outer(a: &DynArray, b: &DynArray) -> Result<DynArray> {
    a.ravel()?.insert_axis(1)?.binary(BinaryOp::Mul, b.ravel()?.insert_axis(0)?)
}

/// Sums of products along the last axes of both (`np.inner`), for all pairs of their other places; a 0-d one multiplies.
///
/// # Errors
/// As [`tensordot`].
///
/// ```
/// use gridloom::{DynArray, functions::inner};
/// let x: DynArray = gridloom::array([[1, 2], [3, 4]]).into();
/// assert_eq!(inner(&x, &x)?.typed::<i32>()?.to_vec()?, [5, 11, 11, 25]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn inner(a: &DynArray, b: &DynArray) -> Result<DynArray> {
    if a.ndim() == 0 || b.ndim() == 0 { a.binary(BinaryOp::Mul, b) } else { tensordot(a, b, -1, -1) }
}
/// The sum of products of all elements in C order (`np.vdot`), a 0-d array: as [`dot`] of both as they are ravelled.
///
/// # Errors
/// [`Error::DotAlign`] where they have not as many elements; [`Error::UnknownLength`].
pub fn vdot(a: &DynArray, b: &DynArray) -> Result<DynArray> {
    dot(&a.ravel()?, &b.ravel()?)
}
/// Sums of products along one axis of both (`np.vecdot`), broadcast together. In the dtype of both: integers wrap, `bool` is or-of-ands.
/// A fused reduction.
///
/// # Errors
/// [`Error::Broadcast`], [`Error::AxisOutOfRange`] for an axis that the broadcast arrays have not.
///
/// ```
/// use gridloom::{DynArray, functions::vecdot};
/// let x: DynArray = gridloom::array([[1, 2], [3, 4]]).into();
/// let y: DynArray = gridloom::array([10, 1]).into();
/// assert_eq!(vecdot(&x, &y, -1)?.typed::<i32>()?.to_vec()?, [12, 34]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn vecdot(a: &DynArray, b: &DynArray, axis: impl Into<Axes>) -> Result<DynArray> {
    let axis = axis.into().one("vecdot")?;
    let sum = a.binary(BinaryOp::Mul, b)?.reduce(ReduceOp::Sum, Some(axis.into()), false, 0.0)?;
    Ok(sum.cast(promote(a.dtype(), b.dtype())))
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

impl DynArray {
    /// What lies on a diagonal of two axes, which go (`np.diagonal`): see [`Array::diagonal`](crate::Array::diagonal).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`], [`Error::UnknownLength`]; [`Error::Parameter`] for other than two axes.
    pub fn diagonal(&self, offset: isize, axes: impl Into<Axes>) -> Result<Self> {
        let (op, axes) = ("diagonal", axes.into().0);
        let [rows, columns] = self.axes_in_order(op, &axes)?[..] else {
            let got = format!("{axes:?}");
            return Err(Error::Parameter { op, what: "the plane", got, expected: "two axes" });
        };
        let (height, width) = (self.length_of(op, rows)?, self.length_of(op, columns)?);
        // A diagonal beyond the corner is empty, as the one at it.
        let offset = super::arguments::signed(offset).clamp(-height, width);
        let (down, right) = ((-offset).max(0), offset.max(0));
        let len = (height - down).min(width - right).unsigned_abs();
        let (mut maps, mut dims) = (Vec::new(), Vec::new());
        let last = self.ndim() - 2;
        let along = |start: i64| AxisMap { axis: Some(last), start: if len == 0 { 0 } else { start }, step: 1 };
        for (k, own) in self.node().dims().into_iter().enumerate() {
            match k {
                k if k == rows => maps.push(along(down)),
                k if k == columns => maps.push(along(right)),
                _ => {
                    maps.push(AxisMap::whole(dims.len()));
                    dims.push(own.unwrap_or(0));
                }
            }
        }
        dims.push(len);
        Ok(self.view(maps, &dims))
    }
    /// The sum of a diagonal of two axes, which go (`np.trace`): integers and `bool` in 64 bits.
    ///
    /// # Errors
    /// As [`diagonal`](Self::diagonal).
    pub fn trace(&self, offset: isize, axes: impl Into<Axes>) -> Result<Self> {
        self.diagonal(offset, axes)?.sum_axis(-1)
    }
    /// The norm of vectors along axes, or of all elements as one vector (`np.linalg.vector_norm`), see
    /// [`Array::vector_norm`](crate::Array::vector_norm).
    ///
    /// # Errors
    /// As [`reduce`](Self::reduce); [`Error::Parameter`] for an order that is NaN.
    pub fn vector_norm(&self, order: f64, axes: Option<Axes>, keepdims: bool) -> Result<Self> {
        let x = self.cast(super::elementwise::float_of(self.dtype()));
        let over = |x: Self, op| x.reduce(op, axes.clone(), keepdims, 0.0);
        match order {
            2.0 => over(x.square()?, ReduceOp::Sum)?.sqrt(),
            1.0 => over(x.abs()?, ReduceOp::Sum),
            0.0 => Ok(over(x.clone(), ReduceOp::CountNonzero)?.cast(x.dtype())),
            f64::INFINITY => over(x.abs()?, ReduceOp::Max),
            f64::NEG_INFINITY => over(x.abs()?, ReduceOp::Min),
            order if order.is_nan() => {
                Err(Error::Parameter { op: "vector_norm", what: "the order", got: "NaN".into(), expected: "a number" })
            }
            order => over(x.abs()?.pow(order)?, ReduceOp::Sum)?.pow(order.recip()),
        }
    }
}
