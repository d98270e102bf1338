//! Selection by mask, and elements replaced.

use super::elementwise::Operand;
use super::typed::Array;
use crate::dtype::Element;
use crate::error::Result;
use crate::functions::{Axes, Index};

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
    /// The places of the elements that are not zero (NaN is not), in C order: along each axis an array, all of one unknown length.
    ///
    /// # Errors
    /// [`Error::Rank`](crate::Error::Rank) for a 0-d array; [`Error::UnknownLength`](crate::Error::UnknownLength) for one with an unknown
    /// length.
    ///
    /// ```
    /// let x = gridloom::array([[0.0, 7.0], [8.0, 0.0]]);
    /// let places = x.nonzero()?;
    /// assert_eq!((places[0].to_vec()?, places[1].to_vec()?), (vec![0, 1], vec![1, 0]));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn nonzero(&self) -> Result<Vec<Array<i64>>> {
        Ok(self.as_dyn().nonzero()?.into_iter().map(Array::wrap).collect())
    }
    /// The array with other elements where `indices` says, by NumPy's rules ([`Index`]): what `x` is after `x[indices] = value`. `value` is
    /// broadcast to the part; shape and chunks stay. The parts are joined, or chosen from where a slice has a step; nothing else is copied.
    ///
    /// # Errors
    /// As [`DynArray::assign`](crate::DynArray::assign).
    ///
    /// ```
    /// use gridloom::Index;
    /// let x = gridloom::arange::<i32>(6).reshape((2, 3))?;
    /// assert_eq!(x.assign(&[Index::ALL, 1.into()], -1)?.to_vec()?, [0, -1, 2, 3, -1, 5]);
    /// assert_eq!(x.assign(&[1.into()], &gridloom::array([7, 8, 9]))?.to_vec()?, [0, 1, 2, 7, 8, 9]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "setitem")]
    pub fn assign(&self, indices: &[Index], value: impl Operand<T>) -> Result<Self> {
        self.as_dyn().assign(indices, value.operand().as_dyn()).map(Self::wrap)
    }
}
