//! Products over axes, statistics and differences, made of reductions, scans and matrix products.

use super::elementwise::Operand;
use super::typed::Array;
use crate::dtype::{Element, Number, Real};
use crate::error::Result;
use crate::functions::{self, Axes};

macro_rules! products {
    ($($name:ident $doc:literal $a:literal $b:literal => $result:literal;)*) => {$(
        #[doc = $doc]
        ///
        /// # Errors
        #[doc = concat!("As [`functions::", stringify!($name), "`].")]
        ///
        /// ```
        #[doc = concat!("let (x, y) = (gridloom::array(", $a, "), gridloom::array(", $b, "));")]
        #[doc = concat!("assert_eq!(gridloom::", stringify!($name), "(&x, &y)?.to_vec()?, ", $result, ");")]
        /// # Ok::<(), gridloom::Error>(())
        /// ```
        pub fn $name<T: Element>(a: &Array<T>, b: &Array<T>) -> Result<Array<T>> {
            functions::$name(a.as_dyn(), b.as_dyn()).map(Array::wrap)
        }
    )*};
}
products! {
    outer "The products of all pairs of elements (`np.outer`); integers wrap, and of `bool` it is *and*. Fused into what reads it." "[1, 2]" "[10, 20]" => "[10, 20, 20, 40]";
    inner "Sums of products along the last axes of both (`np.inner`), for all pairs of their other places; a 0-d one multiplies." "[[1, 2], [3, 4]]" "[10, 1]" => "[12, 34]";
    kron "The products of all pairs of elements as blocks (`np.kron`): `b` times each element of `a`." "[1, 10]" "[1, 2]" => "[1, 2, 10, 20]";
    matvec "The products of matrices with vectors (`np.matvec`): `(..., n, k) · (..., k) -> (..., n)`." "[[1, 2], [3, 4]]" "[10, 1]" => "[12, 34]";
    vecmat "The products of vectors with matrices (`np.vecmat`): `(..., k) · (..., k, m) -> (..., m)`." "[10, 1]" "[[1, 2], [3, 4]]" => "[13, 24]";
    vdot "The sum of products of all elements in C order (`np.vdot`), a 0-d array." "[[1, 2], [3, 4]]" "[[1, 1], [2, 2]]" => "[17]";
}
/// Sums of products along one axis of both (`np.vecdot`), broadcast together; integers wrap, `bool` is or-of-ands. A fused reduction.
///
/// # Errors
/// As [`functions::vecdot`].
pub fn vecdot<T: Element>(a: &Array<T>, b: &Array<T>, axis: impl Into<Axes>) -> Result<Array<T>> {
    functions::vecdot(a.as_dyn(), b.as_dyn(), axis).map(Array::wrap)
}
/// The cross products of vectors along an axis of both (`np.cross`), of three numbers, or of two whose third is zero.
///
/// # Errors
/// As [`functions::cross`].
pub fn cross<T: Number>(a: &Array<T>, b: &Array<T>, axis: impl Into<Axes>) -> Result<Array<T>> {
    functions::cross(a.as_dyn(), b.as_dyn(), axis).map(Array::wrap)
}
/// Sums of products over named axes (`np.einsum`), two arrays at a time in the cheapest order: see [`functions::einsum`].
///
/// # Errors
/// As [`functions::einsum`].
///
/// ```
/// let (x, y) = (gridloom::array([[1.0, 2.0], [3.0, 4.0]]), gridloom::array([10.0, 1.0]));
/// assert_eq!(gridloom::einsum("ij,j->i", &[&x, &y])?.to_vec()?, [12.0, 34.0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn einsum<T: Element>(text: &str, operands: &[&Array<T>]) -> Result<Array<T>> {
    let operands: Vec<_> = operands.iter().map(|x| x.as_dyn()).collect();
    functions::einsum(text, &operands).map(Array::wrap)
}
/// Sums of products over pairs of axes (`np.tensordot`): axis `axes_a[i]` of `a` with axis `axes_b[i]` of `b`, which go; the other axes of
/// `a` come first, then those of `b`. It is [`dot`](crate::dot) of both as matrices.
///
/// # Errors
/// As [`functions::tensordot`].
///
/// ```
/// use gridloom::{ones, tensordot};
/// let x = tensordot(&ones::<f64>((2, 3, 4)), &ones((4, 5, 3)), [1, 2], [2, 0])?;
/// assert_eq!(x.compute()?, ndarray::Array2::from_elem((2, 5), 12.0).into_dyn());
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn tensordot<T: Element>(
    a: &Array<T>,
    b: &Array<T>,
    axes_a: impl Into<Axes>,
    axes_b: impl Into<Axes>,
) -> Result<Array<T>> {
    functions::tensordot(a.as_dyn(), b.as_dyn(), axes_a, axes_b).map(Array::wrap)
}

impl<T: Element> Array<T> {
    /// What lies on a diagonal of two axes (`np.diagonal`): the places where column − row is `offset`, rows along the first of `axes` and
    /// columns along the second. Both go, and the diagonal is the last axis, cut where the columns are. A view; it is empty beyond the corners.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated), [`Error::UnknownLength`](crate::Error::UnknownLength);
    /// [`Error::Parameter`](crate::Error::Parameter) for other than two axes.
    ///
    /// ```
    /// let x = gridloom::array([[1i32, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.diagonal(1, [0, 1])?.to_vec()?, [2, 6]);
    /// assert_eq!(x.trace(0, [0, 1])?.item()?, 6);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn diagonal(&self, offset: isize, axes: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().diagonal(offset, axes).map(Self::wrap)
    }
    /// The sum of a diagonal of two axes (`np.trace`): integers and `bool` in 64 bits; 0 of an empty one.
    ///
    /// # Errors
    /// As [`diagonal`](Self::diagonal).
    pub fn trace(&self, offset: isize, axes: impl Into<Axes>) -> Result<Array<T::Sum>> {
        self.as_dyn().trace(offset, axes).map(Array::wrap)
    }
    /// The sums of the elements up to each along an axis (`np.cumulative_sum`), after a 0 if `include_initial` says so, which is a chunk of
    /// its own: see [`cumsum_axis`](Self::cumsum_axis).
    ///
    /// # Errors
    /// As there; [`Error::UnknownLength`](crate::Error::UnknownLength) with an initial 0.
    ///
    /// ```
    /// assert_eq!(gridloom::array([1i64, 2, 3]).cumulative_sum(0, true)?.to_vec()?, [0, 1, 3, 6]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn cumulative_sum(&self, axis: impl Into<Axes>, include_initial: bool) -> Result<Array<T::Sum>> {
        self.as_dyn().cumulative_sum(axis, include_initial).map(Array::wrap)
    }
    /// The products of the elements up to each along an axis (`np.cumulative_prod`), after a 1 if `include_initial` says so: as
    /// [`cumulative_sum`](Self::cumulative_sum).
    ///
    /// # Errors
    /// As there.
    pub fn cumulative_prod(&self, axis: impl Into<Axes>, include_initial: bool) -> Result<Array<T::Sum>> {
        self.as_dyn().cumulative_prod(axis, include_initial).map(Array::wrap)
    }
}

impl<T: Number> Array<T> {
    /// The largest less the smallest of all elements (`np.ptp`), a 0-d array; NaN if there is one. Integers wrap. One walk over the elements.
    ///
    /// # Errors
    /// [`Error::EmptyReduction`](crate::Error::EmptyReduction).
    ///
    /// ```
    /// assert_eq!(gridloom::array([3, -1, 4]).ptp()?.item()?, 5);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn ptp(&self) -> Result<Self> {
        self.as_dyn().ptp().map(Self::wrap)
    }
    /// The largest less the smallest over the given axes, which go (`np.ptp`).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated), [`Error::EmptyReduction`](crate::Error::EmptyReduction).
    pub fn ptp_axis(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().ptp_axis(axes).map(Self::wrap)
    }
}

impl<T: Real> Array<T> {
    /// The mean with weights of the same shape (`np.average`), a 0-d array: the sum of the products, divided by the sum of the weights; where
    /// that is 0, a quotient by 0. NaN makes NaN, whatever its weight.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) for weights of another shape.
    pub fn average(&self, weights: &Self) -> Result<Self> {
        self.as_dyn().average(weights.as_dyn()).map(Self::wrap)
    }
    /// The mean over axes, which go (`np.average`), with weights of the same shape, or of the axes alone, in the order in which they are
    /// named.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated);
    /// [`Error::Rank`](crate::Error::Rank) for weights of another number of axes, [`Error::Broadcast`](crate::Error::Broadcast) of other lengths.
    ///
    /// ```
    /// let x = gridloom::array([[1.0, 2.0], [3.0, 5.0]]);
    /// assert_eq!(x.average_axis(&gridloom::array([3.0, 1.0]), 1)?.to_vec()?, [1.25, 3.5]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn average_axis(&self, weights: &Self, axes: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().average_axis(weights.as_dyn(), axes).map(Self::wrap)
    }
    /// The covariances of rows (`np.cov`): rows are variables, columns observations, and a 1-d array is one row. A matrix of products of
    /// deviations from each row's mean, divided by the number of columns less `ddof` (NumPy's is 1; where less than nothing is left, by 0);
    /// 0-d for one row. NaN makes a row's covariances NaN.
    ///
    /// # Errors
    /// [`Error::Rank`](crate::Error::Rank) for 0-d and n-d arrays; [`Error::UnknownLength`](crate::Error::UnknownLength);
    /// [`Error::Parameter`](crate::Error::Parameter) for a `ddof` that is not finite.
    ///
    /// ```
    /// let x = gridloom::array([[1.0, 2.0, 3.0], [2.0, 4.0, 0.0]]);
    /// assert_eq!(x.cov(1.0)?.to_vec()?, [1.0, -1.0, -1.0, 4.0]);
    /// assert_eq!(x.corrcoef()?.to_vec()?, [1.0, -0.5, -0.5, 1.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn cov(&self, ddof: f64) -> Result<Self> {
        self.as_dyn().cov(ddof).map(Self::wrap)
    }
    /// The correlation coefficients of rows (`np.corrcoef`): covariances divided by both standard deviations, within -1 and 1; NaN where a
    /// row does not vary.
    ///
    /// # Errors
    /// As [`cov`](Self::cov).
    pub fn corrcoef(&self) -> Result<Self> {
        self.as_dyn().corrcoef().map(Self::wrap)
    }
    /// The norm of vectors along axes, which go or stay with length 1 (`keepdims`), or of all elements as one vector
    /// (`np.linalg.vector_norm`): of order 2 the root of the sum of squares, of 1 the sum of magnitudes, of 0 how many are not zero, of ±∞ the largest and
    /// smallest magnitude, of another `p` the sum of `|x|^p` to the power `1/p`. NaN makes NaN.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated);
    /// [`Error::EmptyReduction`](crate::Error::EmptyReduction) of nothing for ±∞; [`Error::Parameter`](crate::Error::Parameter) for an order that is NaN.
    ///
    /// ```
    /// let x = gridloom::array([[3.0, -4.0], [0.0, 1.0]]);
    /// assert_eq!(x.vector_norm(2.0, Some(1.into()), false)?.to_vec()?, [5.0, 1.0]);
    /// assert_eq!(x.vector_norm(f64::INFINITY, None, false)?.item()?, 4.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "norm")]
    pub fn vector_norm(&self, order: f64, axes: Option<Axes>, keepdims: bool) -> Result<Self> {
        self.as_dyn().vector_norm(order, axes, keepdims).map(Self::wrap)
    }
    /// The slope along an axis at places `spacing` apart (`np.gradient`): half the difference of both neighbours, and at the ends that
    /// of the end and its neighbour. Keeps shape and chunks.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength);
    /// [`Error::Parameter`](crate::Error::Parameter) for an axis of less than 2 places.
    ///
    /// ```
    /// assert_eq!(gridloom::array([1.0, 2.0, 4.0, 7.0]).gradient(1.0, 0)?.to_vec()?, [1.0, 1.5, 2.5, 3.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn gradient(&self, spacing: f64, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().gradient(spacing, axis).map(Self::wrap)
    }
    /// The area below the places along an axis, which goes, by trapezoids (`np.trapezoid`). `spacing` is a number, how far apart they are,
    /// or an array of where they are: 1-d, along the axis, or of as many axes as this one. 0 of less than two places.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength);
    /// [`Error::Broadcast`](crate::Error::Broadcast) for places that do not fit.
    ///
    /// ```
    /// let x = gridloom::array([1.0, 2.0, 4.0]);
    /// assert_eq!(x.trapezoid(0.5, 0)?.item()?, 2.25);
    /// assert_eq!(x.trapezoid(&gridloom::array([0.0, 1.0, 3.0]), 0)?.item()?, 7.5);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn trapezoid(&self, spacing: impl Operand<T>, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().trapezoid(spacing.operand(), axis).map(Self::wrap)
    }
}
