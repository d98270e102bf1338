//! Sorts: `sort()` of all elements in C order, `sort_axis(axis)` along one axis, which may be negative.

use super::typed::Array;
use crate::dtype::Ordered;
use crate::error::Result;
use crate::functions::Axes;
use crate::ops::Sorting;

/// The smallest first.
const UP: Sorting = Sorting { places: false, descending: false };

impl<T: Ordered> Array<T> {
    /// The elements in their order, on one axis in one chunk: the smallest first, NaN last. `-0.0` is before `0.0`, and of NaN only that
    /// it is one is kept, so equal arrays make equal bits on every device.
    ///
    /// A task sorts whole lines, so memory has to have room for all elements, their keys and as many again
    /// ([`Error::Memory`](crate::Error::Memory) says how many bytes that is). What is sorted is evaluated as it is read.
    ///
    /// # Errors
    /// [`Error::UnknownLength`](crate::Error::UnknownLength) for an array that was filtered;
    /// [`Error::TooLong`](crate::Error::TooLong) for 2⁶³ elements or more on several axes.
    ///
    /// ```
    /// let x = gridloom::array([[3.0, f64::NAN], [2.0, -1.0]]);
    /// assert_eq!(format!("{:?}", x.sort()?.to_vec()?), "[-1.0, 2.0, 3.0, NaN]");
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn sort(&self) -> Result<Self> {
        self.as_dyn().sort_by(UP, None).map(Self::wrap)
    }
    /// The elements of each line along an axis in their order, as [`sort`](Self::sort): an array of the same shape, whose axis is one
    /// chunk. Tasks are cut along the other axes as memory asks.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::Parameter`](crate::Error::Parameter) for more than one axis;
    /// [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// let x = gridloom::array([[3, 1], [2, 5]]);
    /// assert_eq!(x.sort_axis(0)?.to_vec()?, [2, 1, 3, 5]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn sort_axis(&self, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().sort_by(UP, Some(axis.into())).map(Self::wrap)
    }
    /// The same with the largest first; NaN is last all the same.
    ///
    /// # Errors
    /// As [`sort_axis`](Self::sort_axis).
    ///
    /// ```
    /// assert_eq!(gridloom::array([1, 3, 2]).sort_descending(0)?.to_vec()?, [3, 2, 1]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn sort_descending(&self, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().sort_by(Sorting { descending: true, ..UP }, Some(axis.into())).map(Self::wrap)
    }
    /// The places in C order of all elements in their order. Equal elements, among them the two zeros, and NaN, keep theirs.
    ///
    /// # Errors
    /// As [`sort`](Self::sort); [`Error::Parameter`](crate::Error::Parameter) for 2³² elements or more.
    ///
    /// ```
    /// assert_eq!(gridloom::array([3, 1, 3, 2]).argsort()?.to_vec()?, [1, 3, 0, 2]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn argsort(&self) -> Result<Array<i64>> {
        self.as_dyn().sort_by(Sorting { places: true, ..UP }, None).map(Array::wrap)
    }
    /// The places along an axis of the elements of each line in their order, as [`argsort`](Self::argsort).
    ///
    /// # Errors
    /// As [`sort_axis`](Self::sort_axis); [`Error::Parameter`](crate::Error::Parameter) for lines of 2³² elements or more.
    ///
    /// ```
    /// assert_eq!(gridloom::array([[3, 1], [2, 5]]).argsort_axis(1)?.to_vec()?, [1, 0, 0, 1]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn argsort_axis(&self, axis: impl Into<Axes>) -> Result<Array<i64>> {
        self.as_dyn().sort_by(Sorting { places: true, ..UP }, Some(axis.into())).map(Array::wrap)
    }
    /// The same with the largest first: equal elements keep their order, and NaN is last.
    ///
    /// # Errors
    /// As [`argsort_axis`](Self::argsort_axis).
    ///
    /// ```
    /// assert_eq!(gridloom::array([3, 1, 3, 2]).argsort_descending(0)?.to_vec()?, [0, 2, 3, 1]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn argsort_descending(&self, axis: impl Into<Axes>) -> Result<Array<i64>> {
        self.as_dyn().sort_by(Sorting { places: true, descending: true }, Some(axis.into())).map(Array::wrap)
    }
    /// The `k` largest elements of each line along an axis, the largest first, or the `-k` smallest, the smallest first; NaN after all
    /// others in both.
    ///
    /// # Errors
    /// As [`sort_axis`](Self::sort_axis); [`Error::Parameter`](crate::Error::Parameter) for more than there are.
    ///
    /// ```
    /// let x = gridloom::array([4, 9, 1, 7]);
    /// assert_eq!(x.topk(2, 0)?.to_vec()?, [9, 7]);
    /// assert_eq!(x.topk(-3, 0)?.to_vec()?, [1, 4, 7]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn topk(&self, k: isize, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().topk(k, axis).map(Self::wrap)
    }
    /// The places of the elements of [`topk`](Self::topk): of equal ones the first come first.
    ///
    /// # Errors
    /// As [`topk`](Self::topk).
    ///
    /// ```
    /// assert_eq!(gridloom::array([4, 9, 1, 9]).argtopk(3, 0)?.to_vec()?, [1, 3, 0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn argtopk(&self, k: isize, axis: impl Into<Axes>) -> Result<Array<i64>> {
        self.as_dyn().argtopk(k, axis).map(Array::wrap)
    }
    /// Each line along an axis in an order in which the elements at the places `kth` (negative from the end) are where they would be in
    /// the sorted line, with none larger before and none smaller behind them: the sorted line is one.
    ///
    /// # Errors
    /// As [`sort_axis`](Self::sort_axis); [`Error::IndexOutOfRange`](crate::Error::IndexOutOfRange) for a place that is none.
    ///
    /// ```
    /// assert_eq!(gridloom::array([4, 9, 1]).partition(&[1], 0)?.to_vec()?[1], 4);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn partition(&self, kth: &[i64], axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().partition(kth, axis).map(Self::wrap)
    }
    /// The places of the elements of [`partition`](Self::partition).
    ///
    /// # Errors
    /// As there.
    ///
    /// ```
    /// assert_eq!(gridloom::array([4, 9, 1]).argpartition(&[0], 0)?.to_vec()?[0], 2);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn argpartition(&self, kth: &[i64], axis: impl Into<Axes>) -> Result<Array<i64>> {
        self.as_dyn().argpartition(kth, axis).map(Array::wrap)
    }
}
