//! Selection by mask.

use super::typed::Array;
use crate::dtype::Element;
use crate::error::Result;

impl<T: Element> Array<T> {
    /// The elements where `mask` is true, in C order: NumPy's `x[mask]`, a 1-d array of unknown length. Arrays filtered by the
    /// same mask fit together; a reduction or histogram of a filtered array reads it masked, and nothing is compacted.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) where the shapes differ: a mask is not broadcast.
    ///
    /// ```
    /// let x = gridloom::array([3i32, -1, 4, -1, 5]);
    /// let positive = x.filter(&x.gt(0))?;
    /// assert_eq!(positive.dims(), [None]);
    /// assert_eq!(positive.compute()?.as_slice().unwrap(), [3, 4, 5]);
    /// assert_eq!(positive.sum().item()?, 12i64);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "compress")]
    #[doc(alias = "extract")]
    pub fn filter(&self, mask: &Array<bool>) -> Result<Self> {
        self.as_dyn().filter(mask.as_dyn()).map(Self::wrap)
    }
}
