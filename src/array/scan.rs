//! Scans and differences: `cumsum()` of all elements in C order, `cumsum_axis(axis)` along one. An axis may be negative.

use super::typed::Array;
use crate::dtype::{Element, Number, Ordered, Real};
use crate::error::Result;
use crate::functions::Axes;
use crate::ops::ScanOp;

impl<T: Element> Array<T> {
    /// A row of the table of scans along an axis, or over all elements.
    fn scan<U: Element>(&self, op: ScanOp, axis: Option<Axes>) -> Result<Array<U>> {
        self.as_dyn().scan(op, axis).map(Array::wrap)
    }

    /// The differences of neighbours along an axis (negative from the end), `n` times: element `i` is `x[i + 1] - x[i]`. The axis is
    /// shorter by `n` (but not than nothing) and cut where the array's is; nothing is stored for a difference, which is fused into
    /// what reads it. Integers wrap in their own type, as NumPy's do; of `bool` it is whether neighbours differ. NaN makes NaN.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange); [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// let x = gridloom::array([1i64, 4, 9, 16]);
    /// assert_eq!(x.diff(1, 0)?.compute()?.as_slice().unwrap(), [3, 5, 7]);
    /// assert_eq!(x.diff(2, -1)?.compute()?.as_slice().unwrap(), [2, 2]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn diff(&self, n: usize, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().diff(n, axis).map(Self::wrap)
    }
}

/// Two methods a scan, with an example of the first.
macro_rules! scans {
    ($([$bound:ident] $out:ty, $op:ident $all:ident $axis:ident $from:literal => $to:literal $doc:literal;)*) => {$(
        impl<T: $bound> Array<T> {
            #[doc = $doc]
            ///
            /// Of all elements in C order: a 1-d array, in chunks about as large as the array's. What comes before a chunk is merged from
            /// states of the chunks before, and the expression is evaluated in both steps: nothing of its size is stored. No elements
            /// make none. An array that was filtered is scanned as it is compacted.
            ///
            /// # Errors
            /// [`Error::TooLong`](crate::Error::TooLong) for 2⁶³ elements or more, on several axes.
            ///
            /// ```
            #[doc = concat!("let x = gridloom::array(", $from, ");")]
            #[doc = concat!("assert_eq!(x.", stringify!($all), "()?.to_vec()?, ", $to, ");")]
            /// # Ok::<(), gridloom::Error>(())
            /// ```
            pub fn $all(&self) -> Result<Array<$out>> {
                self.scan(ScanOp::$op, None)
            }
            #[doc = $doc]
            ///
            /// Along one axis: an array of the same shape, cut as the array is. An axis in one chunk is scanned in one step; else as
            #[doc = concat!("[`Array::", stringify!($all), "`] is.")]
            ///
            /// # Errors
            /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::Parameter`](crate::Error::Parameter) for more than one axis.
            ///
            /// ```
            #[doc = concat!("let x = gridloom::array(", $from, ").insert_axis(0)?;")]
            #[doc = concat!("assert_eq!(x.", stringify!($axis), "(1)?.to_vec()?, ", $to, ");")]
            /// # Ok::<(), gridloom::Error>(())
            /// ```
            pub fn $axis(&self, axis: impl Into<Axes>) -> Result<Array<$out>> {
                self.scan(ScanOp::$op, Some(axis.into()))
            }
        }
    )*};
}
scans! {
    [Element] T::Sum, Cumsum cumsum cumsum_axis "[true, false, true]" => "[1i64, 1, 2]" "The sums of the elements up to each. Integers and `bool` sum in 64 bits and wrap; floats keep their type, and are summed in more precision on the CPU from run to run of 64, so that how the array is cut costs no more than what rounding within a run does. NaN makes all that follow NaN.";
    [Element] T::Sum, Cumprod cumprod cumprod_axis "[2u8, 3, 100]" => "[2u64, 6, 600]" "The products of the elements up to each. Integers and `bool` multiply in 64 bits and wrap; floats keep their type. NaN makes all that follow NaN. A product of a chunk that is beyond the largest number is infinite, whatever comes before it (NaN after a 0).";
    [Ordered] T, Cummax cummax cummax_axis "[2, 1, 3]" => "[2, 2, 3]" "The largest of the elements up to each: NumPy's `maximum.accumulate`. NaN makes all that follow NaN.";
    [Ordered] T, Cummin cummin cummin_axis "[2, 1, 3]" => "[2, 1, 1]" "The smallest of the elements up to each: NumPy's `minimum.accumulate`. NaN makes all that follow NaN.";
    [Real] T, Nancumsum nancumsum nancumsum_axis "[1.0, f64::NAN, 2.0]" => "[1.0, 1.0, 3.0]" "The sums of the elements up to each that are not NaN; 0 of none.";
    [Real] T, Nancumprod nancumprod nancumprod_axis "[2.0, f64::NAN, 3.0]" => "[2.0, 2.0, 6.0]" "The products of the elements up to each that are not NaN; 1 of none.";
    [Number] T, Ffill ffill ffill_axis "[1.0, f64::NAN, 3.0]" => "[1.0, 1.0, 3.0]" "The last of the elements up to each that is not NaN; NaN where there is none. Integers are as they were. Of floats that were filtered it is refused: their places are not known.";
}
