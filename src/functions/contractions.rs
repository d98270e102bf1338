//! Products over axes: all pairs, sums of products, views of diagonals.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use super::products::{dot, matmul, tensordot};
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

/// The products of all pairs of elements, laid out as blocks (`np.kron`): where each element of `a` stood, there is `b` times it. The one
/// with fewer axes has axes of length 1 before them.
///
/// # Errors
/// [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::kron};
/// let x: DynArray = gridloom::array([1, 10]).into();
/// let y: DynArray = gridloom::array([1, 2, 3]).into();
/// assert_eq!(kron(&x, &y)?.typed::<i32>()?.to_vec()?, [1, 2, 3, 10, 20, 30]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn kron(a: &DynArray, b: &DynArray) -> Result<DynArray> {
    let ndim = a.ndim().max(b.ndim());
    let full = |x: &DynArray| (x.ndim()..ndim).try_fold(x.clone(), |x, _| x.insert_axis(0));
    let (mut a, mut b) = (full(a)?, full(b)?);
    let lens = a.known_dims("kron")?.into_iter().zip(b.known_dims("kron")?);
    let shape = lens.map(|(m, n)| infer::length("kron", m.saturating_mul(n))).collect::<Result<Vec<i64>>>()?;
    // Of each axis a pair: that of `a`, then that of `b`.
    for k in 0..ndim {
        (a, b) = (a.insert_axis(2 * k + 1)?, b.insert_axis(2 * k)?);
    }
    a.binary(BinaryOp::Mul, b)?.reshape(shape)
}
/// The cross products of vectors along an axis of both (`np.cross`, `axis=`), which has three numbers, or two of a vector whose third is
/// zero. The other axes are broadcast together. Of two pairs it is the third number alone, and the axis goes.
///
/// # Errors
/// [`Error::Parameter`] for other lengths; [`Error::AxisOutOfRange`], [`Error::Broadcast`], [`Error::UnknownLength`]; [`Error::DType`] of `bool`.
///
/// ```
/// use gridloom::{DynArray, functions::cross};
/// let x: DynArray = gridloom::array([1, 0, 0]).into();
/// let y: DynArray = gridloom::array([0, 1, 0]).into();
/// assert_eq!(cross(&x, &y, -1)?.typed::<i32>()?.to_vec()?, [0, 0, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn cross(a: &DynArray, b: &DynArray, axis: impl Into<Axes>) -> Result<DynArray> {
    let axis = axis.into();
    let parts = |x: &DynArray| {
        let at = x.axes_in_order("cross", &axis.0)?;
        let [at] = at[..] else {
            return Err(Error::Parameter {
                op: "cross",
                what: "the axis",
                got: format!("{:?}", axis.0),
                expected: "one",
            });
        };
        let len = x.length_of("cross", at)?;
        if !(2..=3).contains(&len) {
            let got = len.to_string();
            return Err(Error::Parameter { op: "cross", what: "the axis' length", got, expected: "2 or 3" });
        }
        let part = |k: isize| x.index_axis(at, k);
        Ok((part(0)?, part(1)?, if len == 3 { Some(part(2)?) } else { None }))
    };
    let ((a0, a1, a2), (b0, b1, b2)) = (parts(a)?, parts(b)?);
    let minor = |x: &DynArray, y: &DynArray, z: &DynArray, w: &DynArray| x.mul(y)?.sub(z.mul(w)?);
    let third = minor(&a0, &b1, &a1, &b0)?;
    let (first, second) = match (&a2, &b2) {
        (None, None) => return Ok(third),
        (Some(a2), Some(b2)) => (minor(&a1, b2, a2, &b1)?, minor(a2, &b0, &a0, b2)?),
        (Some(a2), None) => (a2.mul(&b1)?.neg()?, a2.mul(&b0)?),
        (None, Some(b2)) => (a1.mul(b2)?, a0.mul(b2)?.neg()?),
    };
    super::joining::stack(&[first, second, third], -1)?.move_axis(-1, axis)
}
/// The products of matrices with vectors (`np.matvec`): `(..., n, k) · (..., k) -> (..., n)`, the axes before broadcast together.
///
/// # Errors
/// As [`matmul`](super::matmul); [`Error::Rank`] for a matrix of one axis.
pub fn matvec(a: &DynArray, x: &DynArray) -> Result<DynArray> {
    check_matrix("matvec", a)?;
    if x.ndim() < 2 { matmul(a, x) } else { matmul(a, &x.insert_axis(-1)?)?.remove_axis(-1) }
}
/// The products of vectors with matrices (`np.vecmat`): `(..., k) · (..., k, m) -> (..., m)`, the axes before broadcast together.
///
/// # Errors
/// As [`matvec`].
pub fn vecmat(x: &DynArray, a: &DynArray) -> Result<DynArray> {
    check_matrix("vecmat", a)?;
    if x.ndim() < 2 { matmul(x, a) } else { matmul(&x.insert_axis(-2)?, a)?.remove_axis(-2) }
}
fn check_matrix(op: &'static str, a: &DynArray) -> Result<()> {
    if a.ndim() >= 2 {
        return Ok(());
    }
    Err(Error::Rank { op, expected: "a matrix, or several", given: String::new(), shape: a.node().dims() })
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
