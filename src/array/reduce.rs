//! Reductions: three forms each. `sum()` over everything (0-d result), `sum_axis(axis)` over one or more axes, and
//! `sum_keepdims(axes)`, which leaves them with length 1. Axes may be negative. Those that can fail return a `Result`.

use super::typed::Array;
use crate::dtype::{Element, Number, Ordered, Real};
use crate::error::Result;
use crate::functions::Axes;
use crate::ops::ReduceOp;

impl<T: Element> Array<T> {
    /// A row of the reduction table over some axes, or all.
    fn reduce<U: Element>(&self, op: ReduceOp, axes: Option<Axes>, keepdims: bool, ddof: f64) -> Result<Array<U>> {
        self.as_dyn().reduce(op, axes, keepdims, ddof).map(Array::wrap)
    }
    /// Over everything, for reductions that cannot fail.
    fn reduce_all<U: Element>(&self, op: ReduceOp) -> Array<U> {
        Array::wrap(self.as_dyn().reduce_all(op))
    }
}

/// A family of methods: `total` ones cannot fail over everything, `partial` ones refuse an array without elements.
macro_rules! family {
    ($($kind:ident [$bound:ident] $out:ty, $op:ident $all:ident $axis:ident $keep:ident $doc:literal;)*) => {$(
        impl<T: $bound> Array<T> {
            family!(@all $kind $out, $op $all $doc);
            #[doc = $doc]
            ///
            /// Over the given axes, which go; the result has the other axes' chunks.
            ///
            /// # Errors
            /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated);
            /// [`Error::EmptyReduction`](crate::Error::EmptyReduction) where there is no identity;
            /// [`Error::UnknownLength`](crate::Error::UnknownLength) where these axes have no places and another one is unknown.
            pub fn $axis(&self, axes: impl Into<Axes>) -> Result<Array<$out>> {
                self.reduce(ReduceOp::$op, Some(axes.into()), false, 0.0)
            }
            #[doc = $doc]
            ///
            /// Over the given axes, which stay with length 1, so that the result broadcasts against the array.
            ///
            /// # Errors
            #[doc = concat!("As [`Array::", stringify!($axis), "`].")]
            pub fn $keep(&self, axes: impl Into<Axes>) -> Result<Array<$out>> {
                self.reduce(ReduceOp::$op, Some(axes.into()), true, 0.0)
            }
        }
    )*};
    (@all total $out:ty, $op:ident $all:ident $doc:literal) => {
        #[doc = $doc]
        ///
        /// Over all elements; a 0-d array.
        pub fn $all(&self) -> Array<$out> {
            self.reduce_all(ReduceOp::$op)
        }
    };
    (@all partial $out:ty, $op:ident $all:ident $doc:literal) => {
        #[doc = $doc]
        ///
        /// Over all elements; a 0-d array. Indices count in C order.
        ///
        /// # Errors
        /// [`Error::EmptyReduction`](crate::Error::EmptyReduction) for an array without elements; where the result is a place,
        /// [`Error::UnknownLength`](crate::Error::UnknownLength) for several axes with an unknown length.
        pub fn $all(&self) -> Result<Array<$out>> {
            self.reduce(ReduceOp::$op, None, false, 0.0)
        }
    };
}
family! {
    total [Element] T::Sum, Sum sum sum_axis sum_keepdims "The sum; 0 of nothing. Integers and `bool` sum in 64 bits and wrap; floats in a tree of fixed shape, so that a sum is the same from run to run on a device; NaN makes NaN.";
    total [Element] T::Sum, Prod prod prod_axis prod_keepdims "The product; 1 of nothing. Integers multiply in 64 bits and wrap.";
    total [Element] T::Mean, Mean mean mean_axis mean_keepdims "The arithmetic mean; NaN of nothing. `f64` for integers: of 8 to 32 bits from their exact sum, of 64 bits (and more than 2³² elements of 32 bits) from the sum of their `f64` values, as NumPy's.";
    partial [Ordered] T, Min min min_axis min_keepdims "The smallest; NaN if there is one.";
    partial [Ordered] T, Max max max_axis max_keepdims "The largest; NaN if there is one.";
    partial [Ordered] i64, Argmin argmin argmin_axis argmin_keepdims "The index of the smallest (the first of equals), or of the first NaN.";
    partial [Ordered] i64, Argmax argmax argmax_axis argmax_keepdims "The index of the largest (the first of equals), or of the first NaN.";
    total [Element] i64, CountNonzero count_nonzero count_nonzero_axis count_nonzero_keepdims "How many elements are not zero (NaN is not).";
    total [Real] T, Nansum nansum nansum_axis nansum_keepdims "The sum of what is not NaN; 0 of nothing.";
    total [Real] T, Nanprod nanprod nanprod_axis nanprod_keepdims "The product of what is not NaN; 1 of nothing.";
    total [Real] T, Nanmean nanmean nanmean_axis nanmean_keepdims "The mean of what is not NaN; NaN of nothing.";
    total [Real] T, Nanmin nanmin nanmin_axis nanmin_keepdims "The smallest that is not NaN; NaN if all are, and of nothing.";
    total [Real] T, Nanmax nanmax nanmax_axis nanmax_keepdims "The largest that is not NaN; NaN if all are, and of nothing.";
    partial [Real] i64, Nanargmin nanargmin nanargmin_axis nanargmin_keepdims "The index of the smallest that is not NaN; computing fails if all are.";
    partial [Real] i64, Nanargmax nanargmax nanargmax_axis nanargmax_keepdims "The index of the largest that is not NaN; computing fails if all are.";
}

macro_rules! variances {
    ($([$bound:ident] $op:ident $all:ident $axis:ident $keep:ident $doc:literal;)*) => {$(
        impl<T: $bound> Array<T> {
            #[doc = $doc]
            ///
            /// Over all elements; a 0-d array. The divisor is `n - ddof` (0 for a population, 1 for a sample); NaN of nothing.
            ///
            /// # Errors
            /// [`Error::Parameter`](crate::Error::Parameter) for a `ddof` that is not finite.
            pub fn $all(&self, ddof: impl Into<f64>) -> Result<Array<T::Mean>> {
                self.reduce(ReduceOp::$op, None, false, ddof.into())
            }
            #[doc = $doc]
            ///
            /// Over the given axes, which go.
            ///
            /// # Errors
            /// As [`Array::sum_axis`], and for a `ddof` that is not finite.
            pub fn $axis(&self, axes: impl Into<Axes>, ddof: impl Into<f64>) -> Result<Array<T::Mean>> {
                self.reduce(ReduceOp::$op, Some(axes.into()), false, ddof.into())
            }
            #[doc = $doc]
            ///
            /// Over the given axes, which stay with length 1.
            ///
            /// # Errors
            #[doc = concat!("As [`Array::", stringify!($axis), "`].")]
            pub fn $keep(&self, axes: impl Into<Axes>, ddof: impl Into<f64>) -> Result<Array<T::Mean>> {
                self.reduce(ReduceOp::$op, Some(axes.into()), true, ddof.into())
            }
        }
    )*};
}
variances! {
    [Number] Var var var_axis var_keepdims "The variance, by deviations from a value near the mean and Chan's updates: no cancellation for a large mean. Integers count as their `f64` values. Infinite where finite values are too far apart for their squares, NaN where one is infinite or NaN.";
    [Number] Std std std_axis std_keepdims "The standard deviation: the root of the variance.";
    [Real] Nanvar nanvar nanvar_axis nanvar_keepdims "The variance of what is not NaN.";
    [Real] Nanstd nanstd nanstd_axis nanstd_keepdims "The standard deviation of what is not NaN.";
}

impl Array<bool> {
    /// Whether any element is true; false of nothing. A 0-d array.
    ///
    /// ```
    /// assert!(gridloom::array([1, 5]).gt(4).any().item()?);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn any(&self) -> Self {
        self.reduce_all(ReduceOp::Any)
    }
    /// Whether any is true along the given axes.
    ///
    /// # Errors
    /// As [`Array::sum_axis`].
    pub fn any_axis(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.reduce(ReduceOp::Any, Some(axes.into()), false, 0.0)
    }
    /// Whether any is true along the given axes, which stay with length 1.
    ///
    /// # Errors
    /// As [`Array::sum_axis`].
    pub fn any_keepdims(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.reduce(ReduceOp::Any, Some(axes.into()), true, 0.0)
    }
    /// Whether all elements are true; true of nothing. A 0-d array.
    pub fn all(&self) -> Self {
        self.reduce_all(ReduceOp::All)
    }
    /// Whether all are true along the given axes.
    ///
    /// # Errors
    /// As [`Array::sum_axis`].
    pub fn all_axis(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.reduce(ReduceOp::All, Some(axes.into()), false, 0.0)
    }
    /// Whether all are true along the given axes, which stay with length 1.
    ///
    /// # Errors
    /// As [`Array::sum_axis`].
    pub fn all_keepdims(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.reduce(ReduceOp::All, Some(axes.into()), true, 0.0)
    }
}
