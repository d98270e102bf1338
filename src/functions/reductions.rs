//! Reductions.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use super::elementwise::{float_of, where_};
use super::promotion::DynOperand;
use crate::dtype::DType;
use crate::error::{Error, Result, infallible};
use crate::graph::infer;
use crate::ops::{Empty, ReduceOp};

/// What a reduction is for a dtype that has no NaN.
fn without_nan(op: ReduceOp) -> ReduceOp {
    match op {
        ReduceOp::Nansum => ReduceOp::Sum,
        ReduceOp::Nanprod => ReduceOp::Prod,
        ReduceOp::Nanmean => ReduceOp::Mean,
        ReduceOp::Nanvar => ReduceOp::Var,
        ReduceOp::Nanstd => ReduceOp::Std,
        ReduceOp::Nanmin => ReduceOp::Min,
        ReduceOp::Nanmax => ReduceOp::Max,
        ReduceOp::Nanargmin => ReduceOp::Argmin,
        ReduceOp::Nanargmax => ReduceOp::Argmax,
        others => others,
    }
}

impl DynArray {
    /// A row of the reduction table over some axes (negative from the end), or all of them; the axes go, or stay with length 1
    /// (`keepdims`). `ddof` is for the variances, 0 otherwise. The rows that skip NaN are the plain ones for integers and `bool`; `any`
    /// and `all` ask of numbers whether they are not zero.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated);
    /// [`Error::EmptyReduction`](crate::Error::EmptyReduction) for an extreme of no elements, but `nanmin` and `nanmax`; [`Error::Rank`](crate::Error::Rank) for the
    /// place of one over several axes but not all; [`Error::UnknownLength`](crate::Error::UnknownLength) for a place in several axes with
    /// an unknown length, and where axes without places are reduced beside one;
    /// [`Error::Parameter`](crate::Error::Parameter) for a `ddof` that is not finite.
    pub fn reduce(&self, op: ReduceOp, axes: Option<Axes>, keepdims: bool, ddof: f64) -> Result<Self> {
        let op = if self.dtype().is_float() { op } else { without_nan(op) };
        let x = if matches!(op, ReduceOp::Any | ReduceOp::All) { self.cast(DType::Bool) } else { self.clone() };
        let axes = axes.map(|axes| axes.0);
        Ok(infer::reduce(op, x.node(), axes.as_deref(), keepdims, ddof)?.into())
    }
    /// [`reduce`](Self::reduce) of the elements where `mask` is true (`where=` of NumPy's reductions); the mask is broadcast to the array,
    /// whose axes stay as they are: nothing is filtered, so that it works along axes, too. Where the mask is false everywhere the result is
    /// that of no elements.
    ///
    /// # Errors
    /// As [`reduce`](Self::reduce); [`Error::BroadcastTo`] for a mask of another shape; [`Error::DType`] for rows that have no result of no
    /// elements: extremes (but those of floats that skip NaN) and their places, of which [`where_`] and a number of one's own make one.
    ///
    /// ```
    /// use gridloom::{DynArray, ops::ReduceOp};
    /// let x: DynArray = gridloom::array([[1.0, 2.0], [3.0, 9.0]]).into();
    /// let means = x.reduce_where(ReduceOp::Mean, &x.lt(5.0)?, Some(1.into()), false, 0.0)?;
    /// assert_eq!(means.typed::<f64>()?.to_vec()?, [1.5, 3.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn reduce_where(
        &self,
        op: ReduceOp,
        mask: &Self,
        axes: Option<Axes>,
        keepdims: bool,
        ddof: f64,
    ) -> Result<Self> {
        let op = if self.dtype().is_float() { op } else { without_nan(op) };
        let hint = "filter by the mask itself";
        let shape =
            self.shape().ok_or_else(|| Error::UnknownLength { op: "reduce_where", shape: self.node().dims(), hint })?;
        let mask = mask.cast(DType::Bool).broadcast_to(shape)?;
        // What leaves a result as it is.
        let neutral: DynOperand = match op {
            ReduceOp::Sum | ReduceOp::Nansum | ReduceOp::CountNonzero | ReduceOp::Any => false.into(),
            ReduceOp::Prod | ReduceOp::Nanprod | ReduceOp::All => true.into(),
            ReduceOp::Mean | ReduceOp::Var | ReduceOp::Std => {
                return self.moments_where(op, &mask, axes, keepdims, ddof);
            }
            ReduceOp::Nanmean | ReduceOp::Nanvar | ReduceOp::Nanstd | ReduceOp::Nanmin | ReduceOp::Nanmax => {
                f64::NAN.into()
            }
            _ => {
                let expected = "a reduction that has a result of no elements: where_() with a number of one's own";
                return Err(Error::DType { op: op.name(), got: self.dtype(), expected });
            }
        };
        let neutral = neutral.of_dtype("reduce_where", self.dtype())?;
        where_(&mask, self, neutral)?.reduce(op, axes, keepdims, ddof)
    }

    /// The mean, or the variance or its root about that, of the elements where a mask of the same shape is true, NaN among them counted.
    fn moments_where(&self, op: ReduceOp, mask: &Self, axes: Option<Axes>, keepdims: bool, ddof: f64) -> Result<Self> {
        // Halves are summed, and counted, in what has room for it.
        let made = float_of(self.dtype());
        let x = self.cast(made.computed());
        let sum = |x: &Self, keepdims| x.reduce(ReduceOp::Sum, axes.clone(), keepdims, 0.0);
        let total = |x: Self, keepdims| sum(&where_(mask, x, 0.0)?, keepdims);
        let count = |keepdims| Ok::<_, Error>(sum(mask, keepdims)?.cast(x.dtype()));
        if op == ReduceOp::Mean {
            return Ok(total(x.clone(), keepdims)?.div(count(keepdims)?)?.cast(made));
        }
        let apart = x.sub(total(x.clone(), true)?.div(count(true)?)?)?.square()?;
        let degrees = count(keepdims)?.sub(ddof)?.maximum(0.0)?;
        let variance = total(apart, keepdims)?.div(degrees)?;
        Ok(if op == ReduceOp::Std { variance.sqrt()? } else { variance }.cast(made))
    }

    /// Over everything, for rows that cannot fail.
    pub(crate) fn reduce_all(&self, op: ReduceOp) -> Self {
        debug_assert!(op.empty() != Empty::Refuse, "a reduction that can fail");
        infallible(self.reduce(op, None, false, 0.0))
    }
}

/// Methods of one row: `total` ones cannot fail over everything, `partial` ones refuse an array without elements, and variances take
/// their `ddof`.
macro_rules! methods {
    (@total $op:ident $all:ident $axis:ident $doc:literal) => {
        #[doc = $doc]
        ///
        /// Over all elements; a 0-d array.
        pub fn $all(&self) -> Self {
            self.reduce_all(ReduceOp::$op)
        }
        methods! { @axis $op $axis $doc }
    };
    (@partial $op:ident $all:ident $axis:ident $doc:literal) => {
        #[doc = $doc]
        ///
        /// Over all elements; a 0-d array.
        ///
        /// # Errors
        /// As [`reduce`](Self::reduce).
        pub fn $all(&self) -> Result<Self> {
            self.reduce(ReduceOp::$op, None, false, 0.0)
        }
        methods! { @axis $op $axis $doc }
    };
    (@axis $op:ident $axis:ident $doc:literal $($ddof:ident)?) => {
        #[doc = $doc]
        ///
        /// Over the given axes, which go.
        ///
        /// # Errors
        /// As [`reduce`](Self::reduce).
        pub fn $axis(&self, axes: impl Into<Axes> $(, $ddof: impl Into<f64>)?) -> Result<Self> {
            self.reduce(ReduceOp::$op, Some(axes.into()), false, methods!(@ddof $($ddof)?))
        }
    };
    (@ddof) => { 0.0 };
    (@ddof $ddof:ident) => { $ddof.into() };
    (@variance $op:ident $all:ident $axis:ident $doc:literal) => {
        #[doc = $doc]
        ///
        /// Over all elements; a 0-d array.
        ///
        /// # Errors
        /// As [`reduce`](Self::reduce).
        pub fn $all(&self, ddof: impl Into<f64>) -> Result<Self> {
            self.reduce(ReduceOp::$op, None, false, ddof.into())
        }
        methods! { @axis $op $axis $doc ddof }
    };
    ($($kind:ident $op:ident $all:ident $axis:ident $doc:literal;)*) => {
        /// Reductions, a row of the table each. [`reduce`](Self::reduce) keeps axes with length 1, and takes any row.
        impl DynArray {$( methods! { @$kind $op $all $axis $doc } )*}
    };
}
methods! {
    total Sum sum sum_axis "The sum: integers and `bool` in 64 bits.";
    total Prod prod prod_axis "The product: integers and `bool` in 64 bits.";
    total Mean mean mean_axis "The mean: `f64` for integers and `bool`; NaN of nothing.";
    total Any any any_axis "Whether any element is true (not zero); false of nothing.";
    total All all all_axis "Whether all elements are true (not zero); true of nothing.";
    total CountNonzero count_nonzero count_nonzero_axis "How many elements are not zero, as `i64`.";
    total Nansum nansum nansum_axis "The sum of what is not NaN.";
    total Nanprod nanprod nanprod_axis "The product of what is not NaN.";
    total Nanmean nanmean nanmean_axis "The mean of what is not NaN.";
    partial Min min min_axis "The smallest; NaN if there is one.";
    partial Max max max_axis "The largest; NaN if there is one.";
    partial Argmin argmin argmin_axis "The index of the first smallest, or of the first NaN, as `i64`; over all in C order.";
    partial Argmax argmax argmax_axis "The index of the first largest, or of the first NaN, as `i64`; over all in C order.";
    partial Nanmin nanmin nanmin_axis "The smallest that is not NaN; NaN if all are, and of nothing.";
    partial Nanmax nanmax nanmax_axis "The largest that is not NaN; NaN if all are, and of nothing.";
    partial Nanargmin nanargmin nanargmin_axis "The index of the smallest that is not NaN; computing fails if all are.";
    partial Nanargmax nanargmax nanargmax_axis "The index of the largest that is not NaN; computing fails if all are.";
    variance Var var var_axis "The variance, divided by the count less `ddof`; of integers in `f64`.";
    variance Std std std_axis "The standard deviation: the root of the variance.";
    variance Nanvar nanvar nanvar_axis "The variance of what is not NaN.";
    variance Nanstd nanstd nanstd_axis "The standard deviation of what is not NaN.";
}
