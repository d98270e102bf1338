//! Scans and differences.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use crate::error::Result;
use crate::graph::infer;
use crate::ops::ScanOp;

impl DynArray {
    /// A row of the table of scans along an axis (negative from the end), or over all elements in C order, which makes a 1-d array. The
    /// rows that skip NaN are the plain ones for integers and `bool`; `ffill` of those is the array itself.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::Parameter`](crate::Error::Parameter) for more than one axis;
    /// [`Error::TooLong`](crate::Error::TooLong) for 2⁶³ elements or more on several axes;
    /// [`Error::UnknownLength`](crate::Error::UnknownLength) for `ffill` of floats that were filtered.
    pub fn scan(&self, op: ScanOp, axis: Option<Axes>) -> Result<Self> {
        let axis = axis.map(|axis| axis.one(op.name())).transpose()?;
        Ok(infer::scan(op, self.node(), axis)?.into())
    }
    /// The differences of neighbours along an axis, `n` times: see [`Array::diff`](crate::Array::diff).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength).
    pub fn diff(&self, n: usize, axis: impl Into<Axes>) -> Result<Self> {
        Ok(infer::diff(self.node(), n, axis.into().one("diff")?)?.into())
    }
}

macro_rules! methods {
    ($($op:ident $all:ident $axis:ident $doc:literal;)*) => {
        /// Scans, a row of the table each: over all elements in C order, or along one axis.
        impl DynArray {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`scan`](Self::scan).
            pub fn $all(&self) -> Result<Self> {
                self.scan(ScanOp::$op, None)
            }
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`scan`](Self::scan).
            pub fn $axis(&self, axis: impl Into<Axes>) -> Result<Self> {
                self.scan(ScanOp::$op, Some(axis.into()))
            }
        )*}
    };
}
methods! {
    Cumsum cumsum cumsum_axis "The sums of the elements up to each: integers and `bool` in 64 bits.";
    Cumprod cumprod cumprod_axis "The products of the elements up to each: integers and `bool` in 64 bits.";
    Cummax cummax cummax_axis "The largest of the elements up to each; NaN from the first NaN on.";
    Cummin cummin cummin_axis "The smallest of the elements up to each; NaN from the first NaN on.";
    Nancumsum nancumsum nancumsum_axis "The sums of the elements up to each that are not NaN.";
    Nancumprod nancumprod nancumprod_axis "The products of the elements up to each that are not NaN.";
    Ffill ffill ffill_axis "The last of the elements up to each that is not NaN.";
}
