//! Medians and quantiles: of all elements, or over axes, which go.

use super::typed::Array;
use crate::dtype::{Element, Number, Real};
use crate::error::Result;
use crate::functions::{Axes, DynArray, QuantileMethod};

/// Methods of all elements and over axes: of all, or of those that are not NaN.
macro_rules! quantiles {
    ($([$bound:ident] $median:ident $median_axis:ident $quantile:ident $quantile_axis:ident $quantiles:ident $from:literal $doc:literal;)*) => {$(
        impl<T: $bound> Array<T> {
            #[doc = concat!("The median ", $doc)]
            ///
            /// Exact: of an even number the mean of the two in the middle. The elements are sorted, so memory has to have room for what
            /// [`sort`](Self::sort) says. `f64` for integers; a 0-d array.
            ///
            /// # Errors
            /// [`Error::EmptyReduction`](crate::Error::EmptyReduction) of nothing;
            /// [`Error::UnknownLength`](crate::Error::UnknownLength) for an array that was filtered.
            ///
            /// ```
            #[doc = concat!("let x = gridloom::array(", $from, ");")]
            #[doc = concat!("assert_eq!(x.", stringify!($median), "()?.item()?, 2.5);")]
            /// # Ok::<(), gridloom::Error>(())
            /// ```
            pub fn $median(&self) -> Result<Array<T::Mean>> {
                self.as_dyn().$median().map(mean)
            }
            #[doc = concat!("The medians over axes ", $doc)]
            ///
            /// As
            #[doc = concat!("[`", stringify!($median), "`](Self::", stringify!($median), "),")]
            /// of the lines along one axis, or of several axes as one.
            ///
            /// # Errors
            /// As there; [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated).
            ///
            /// ```
            #[doc = concat!("let x = gridloom::array(", $from, ").insert_axis(1)?;")]
            #[doc = concat!("assert_eq!(x.", stringify!($median_axis), "([0, 1])?.item()?, 2.5);")]
            /// # Ok::<(), gridloom::Error>(())
            /// ```
            pub fn $median_axis(&self, axes: impl Into<Axes>) -> Result<Array<T::Mean>> {
                self.as_dyn().$median_axis(axes).map(mean)
            }
            #[doc = concat!("The quantile `q`, from 0 to 1, ", $doc)]
            ///
            /// On the line between the two elements beside it (NumPy's `linear`);
            #[doc = concat!("[`", stringify!($quantiles), "`](Self::", stringify!($quantiles), ") has the other methods.")]
            ///
            /// # Errors
            /// As the median's; [`Error::Parameter`](crate::Error::Parameter) for another `q`.
            ///
            /// ```
            #[doc = concat!("let x = gridloom::array(", $from, ");")]
            #[doc = concat!("assert_eq!(x.", stringify!($quantile), "(0.75)?.item()?, 3.25);")]
            /// # Ok::<(), gridloom::Error>(())
            /// ```
            pub fn $quantile(&self, q: f64) -> Result<Array<T::Mean>> {
                self.as_dyn().$quantile(q).map(mean)
            }
            #[doc = concat!("The quantiles `q` over axes, which go, ", $doc)]
            ///
            /// # Errors
            #[doc = concat!("As [`", stringify!($quantile), "`](Self::", stringify!($quantile), ");")]
            /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated).
            pub fn $quantile_axis(&self, q: f64, axes: impl Into<Axes>) -> Result<Array<T::Mean>> {
                self.as_dyn().$quantile_axis(q, axes).map(mean)
            }
            #[doc = concat!("Several quantiles, on a new first axis, ", $doc)]
            ///
            /// Over axes, which go, or of all elements, by any of NumPy's methods. The lines are sorted once.
            ///
            /// # Errors
            #[doc = concat!("As [`", stringify!($quantile_axis), "`](Self::", stringify!($quantile_axis), ").")]
            ///
            /// ```
            /// use gridloom::functions::QuantileMethod;
            #[doc = concat!("let x = gridloom::array(", $from, ");")]
            #[doc = concat!("assert_eq!(x.", stringify!($quantiles), "(&[0.1, 0.5, 1.0], QuantileMethod::Lower, None)?.to_vec()?, [1.0, 2.0, 4.0]);")]
            /// # Ok::<(), gridloom::Error>(())
            /// ```
            pub fn $quantiles(&self, q: &[f64], method: QuantileMethod, axes: Option<Axes>) -> Result<Array<T::Mean>> {
                self.as_dyn().$quantiles(q, method, axes).map(mean)
            }
        }
    )*};
}
quantiles! {
    [Number] median median_axis quantile quantile_axis quantiles "[4i32, 1, 3, 2]" "of the elements; NaN if there is one.";
    [Real] nanmedian nanmedian_axis nanquantile nanquantile_axis nanquantiles "[4.0, 1.0, f64::NAN, 3.0, 2.0]" "of the elements that are not NaN; NaN if there are none.";
}

/// Elements of integers as the numbers that quantiles are.
fn mean<T: Element>(quantiles: DynArray) -> Array<T> {
    Array::wrap(quantiles.cast(T::DTYPE))
}
