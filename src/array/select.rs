//! Selection by mask.

use super::typed::Array;
use crate::dtype::Element;
use crate::error::Result;
use crate::functions::Axes;

impl<T: Element> Array<T> {
    /// The elements where `mask` is true, in C order: NumPy's `x[mask]`, a 1-d array of unknown length. Arrays filtered by the
    /// same mask fit together; a reduction or histogram of a filtered array reads it masked, and nothing is compacted.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast) where the shapes differ: a mask is not broadcast;
    /// [`Error::UnknownLength`](crate::Error::UnknownLength) for an array of several axes with an unknown length:
    /// [`resolve`](Self::resolve) it.
    ///
    /// ```
    /// let x = gridloom::array([3i32, -1, 4, -1, 5]);
    /// let positive = x.filter(&x.gt(0))?;
    /// assert_eq!(positive.dims(), [None]);
    /// assert_eq!(positive.compute()?.as_slice().unwrap(), [3, 4, 5]);
    /// assert_eq!(positive.sum().item()?, 12i64);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "extract")]
    pub fn filter(&self, mask: &Array<bool>) -> Result<Self> {
        self.as_dyn().filter(mask.as_dyn()).map(Self::wrap)
    }
    /// What lies at the places of an axis where `mask`, an array of that axis alone, is true: the rows, columns, ... that are kept
    /// (`np.compress`, or `x[mask]` and `x[:, mask]` for a mask of one axis). The axis has an unknown length, in the mask's chunks, and fits
    /// what [`filter`](Self::filter) keeps by the same mask; other axes stay as they are. (A mask in one chunk makes one task of the whole
    /// axis: cut it as the array is.) What is kept is made, unlike what `filter` keeps. Where the length must be known (`argmax` over all axes,
    /// `filter` by elements), [`resolve`](Self::resolve) finds it.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange); [`Error::Rank`](crate::Error::Rank) for a mask of several axes,
    /// [`Error::Broadcast`](crate::Error::Broadcast) for one of another length than the axis;
    /// [`Error::UnknownLength`](crate::Error::UnknownLength) where a length is unknown already: [`resolve`](Self::resolve) it;
    /// [`Error::Parameter`](crate::Error::Parameter) where another axis has no places.
    ///
    /// ```
    /// let x = gridloom::arange::<i32>(12).reshape((4, 3))?;
    /// let even = x.index_axis(1, 0)? % 2;
    /// let rows = x.filter_axis(&even.eq(0), 0)?;
    /// assert_eq!(rows.dims(), [None, Some(3)]);
    /// assert_eq!(rows.compute()?, ndarray::arr2(&[[0, 1, 2], [6, 7, 8]]).into_dyn());
    /// assert_eq!(rows.sum_axis(0)?.to_vec()?, [6, 8, 10]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "compress")]
    pub fn filter_axis(&self, mask: &Array<bool>, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().filter_axis(mask.as_dyn(), axis).map(Self::wrap)
    }
}
