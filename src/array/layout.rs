//! Indexing, axes, reshape, joins, chunks. Slices, steps, transposes and broadcasting are views: they cost nothing, and a
//! slice of generated data generates only the slice.

use std::borrow::Borrow;

use ndarray::SliceArg;

use super::typed::Array;
use crate::chunks::ChunkSpec;
use crate::dtype::{Element, Integer};
use crate::error::Result;
use crate::functions::{self, Axes, DynArray, Indices, IntoShape, Lengths};

impl<T: Element> Array<T> {
    /// The part that ndarray's `s![]` names: ranges with steps, negative indices and steps (which reverse the range, as in
    /// ndarray), single indices (which drop the axis) and `NewAxis`. No data moves; chunks are cut where the array's are.
    ///
    /// # Errors
    /// [`Error::SliceRank`](crate::Error::SliceRank), [`Error::IndexOutOfRange`](crate::Error::IndexOutOfRange), [`Error::SliceStep`](crate::Error::SliceStep); [`Error::UnknownLength`](crate::Error::UnknownLength) for part of an axis of
    /// unknown length.
    ///
    /// ```
    /// use gridloom::prelude::*;
    /// let x = gridloom::arange::<i32>(10).reshape([2, 5])?;
    /// assert_eq!(x.slice(s![.., ..;-2])?.compute()?, ndarray::arr2(&[[4, 2, 0], [9, 7, 5]]).into_dyn());
    /// assert_eq!(x.slice(s![-1, 1..3])?.compute()?, ndarray::arr1(&[6, 7]).into_dyn());
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn slice<I: SliceArg<ndarray::IxDyn>>(&self, info: I) -> Result<Self> {
        self.as_dyn().slice(info).map(Self::wrap)
    }

    /// Entry `index` (negative from the end) along `axis`, which goes.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::IndexOutOfRange`](crate::Error::IndexOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength).
    pub fn index_axis(&self, axis: impl Into<Axes>, index: isize) -> Result<Self> {
        self.as_dyn().index_axis(axis, index).map(Self::wrap)
    }

    /// The entries at `indices` (negative from the end, any order, repeats allowed) along `axis`. The result has chunks as
    /// large as the array's along it.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::IndexOutOfRange`](crate::Error::IndexOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// let x = gridloom::array([10, 20, 30]).take([2, 0, 0, -1], 0)?;
    /// assert_eq!(x.compute()?.as_slice().unwrap(), [30, 10, 10, 30]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn take(&self, indices: impl Into<Indices>, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().take(indices, axis).map(Self::wrap)
    }

    /// The entries at computed places along an axis (`np.take` with an array), whose axes take its place. The places are computed, and
    /// checked, with the result.
    ///
    /// # Errors
    /// As [`DynArray::take_at`](crate::DynArray::take_at).
    ///
    /// ```
    /// let x = gridloom::array([10, 20, 30]);
    /// assert_eq!(x.take_at(&x.argsort_descending(0)?, 0)?.compute()?.as_slice().unwrap(), [30, 20, 10]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn take_at<I: Integer>(&self, places: &Array<I>, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().take_at(places.as_dyn(), axis).map(Self::wrap)
    }

    /// The axes in reverse order; chunks with them.
    ///
    /// ```
    /// assert_eq!(gridloom::zeros::<f32>((2, 3)).t().shape(), Some(vec![3, 2]));
    /// ```
    #[doc(alias = "transpose")]
    pub fn t(&self) -> Self {
        Self::wrap(self.as_dyn().t())
    }

    /// Axis `k` of the result is axis `axes[k]` of the array (`np.transpose`).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated), [`Error::Rank`](crate::Error::Rank) for the wrong number of axes.
    #[doc(alias = "transpose")]
    #[doc(alias = "permute_dims")]
    pub fn permute_axes(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().permute_axes(axes).map(Self::wrap)
    }

    /// Two axes exchanged.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange).
    #[doc(alias = "swapaxes")]
    pub fn swap_axes(&self, a: impl Into<Axes>, b: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().swap_axes(a, b).map(Self::wrap)
    }

    /// New axes of length 1, which are axes `at` of the result (`np.expand_dims`): one or several, negative from the end of that.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated), [`Error::UnknownLength`](crate::Error::UnknownLength);
    /// [`Error::Parameter`](crate::Error::Parameter) for one of several axes that the result does not have.
    ///
    /// ```
    /// let x = gridloom::zeros::<f32>((2, 3));
    /// assert_eq!(x.insert_axis([0, -1])?.shape(), Some(vec![1, 2, 3, 1]));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "expand_dims")]
    pub fn insert_axis(&self, at: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().insert_axis(at).map(Self::wrap)
    }

    /// Axes of length 1 dropped, one or several; [`squeeze`](Self::squeeze) drops all there are.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated);
    /// [`Error::Parameter`](crate::Error::Parameter) where a length is not 1.
    pub fn remove_axis(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().remove_axis(axes).map(Self::wrap)
    }

    /// Repeated along axes of length 1 and along new first axes, to `shape`. Nothing is copied.
    ///
    /// # Errors
    /// [`Error::BroadcastTo`](crate::Error::BroadcastTo).
    pub fn broadcast_to(&self, shape: impl IntoShape) -> Result<Self> {
        self.as_dyn().broadcast_to(shape).map(Self::wrap)
    }

    /// The same elements in C order with another shape, for any chunking; one length may be -1. The result's chunks are
    /// runs of the C order about as large as the array's: cut along the first axis that is long enough, whole behind it.
    ///
    /// # Errors
    /// [`Error::ReshapeSize`](crate::Error::ReshapeSize), [`Error::ReshapeInfer`](crate::Error::ReshapeInfer), [`Error::UnknownLength`](crate::Error::UnknownLength); [`Error::TooLong`](crate::Error::TooLong) for 2⁶³ elements or more.
    ///
    /// ```
    /// let x = gridloom::zeros::<u8>((5000, 5000)).reshape((1000, 5000, -1))?;
    /// assert_eq!(x.shape(), Some(vec![1000, 5000, 5]));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn reshape(&self, shape: impl Into<Lengths>) -> Result<Self> {
        self.as_dyn().reshape(shape).map(Self::wrap)
    }

    /// All elements in C order on one axis.
    ///
    /// # Errors
    /// [`Error::UnknownLength`](crate::Error::UnknownLength) for an n-d array of unknown length; [`Error::TooLong`](crate::Error::TooLong) for 2⁶³ elements or more.
    pub fn ravel(&self) -> Result<Self> {
        self.as_dyn().ravel().map(Self::wrap)
    }

    /// The same array in other chunks: a size for every axis, one an axis, lists, or `"auto"`. Costs nothing by itself:
    /// kernels read unaligned chunks in pieces.
    ///
    /// # Errors
    /// As [`ChunkSpec::resolve`]; [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// let x = gridloom::zeros::<f64>((10, 10)).rechunk((4, 10))?;
    /// assert_eq!(x.chunks().to_string(), "(4×2+2, 10)");
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn rechunk(&self, chunks: impl Into<ChunkSpec>) -> Result<Self> {
        self.as_dyn().rechunk(chunks).map(Self::wrap)
    }
}

/// Arrays one after another along `axis`. Chunks stay as they are along it; arrays of unknown length may be joined along
/// it. No data moves.
///
/// # Errors
/// [`Error::JoinNothing`](crate::Error::JoinNothing), [`Error::JoinShape`](crate::Error::JoinShape), [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange).
///
/// ```
/// use gridloom::{arange, concatenate};
/// let x = concatenate(&[arange::<i32>(3), arange(2)], 0)?;
/// assert_eq!(x.compute()?.as_slice().unwrap(), [0, 1, 2, 0, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[doc(alias = "concat")]
#[doc(alias = "append")]
pub fn concatenate<T: Element>(arrays: &[impl Borrow<Array<T>>], axis: impl Into<Axes>) -> Result<Array<T>> {
    functions::concatenate(&untyped(arrays), axis).map(Array::wrap)
}

pub(super) fn untyped<T: Element>(arrays: &[impl Borrow<Array<T>>]) -> Vec<DynArray> {
    arrays.iter().map(|array| array.borrow().as_dyn().clone()).collect()
}

/// Arrays of one shape along a new axis `axis`.
///
/// # Errors
/// As [`concatenate`].
///
/// ```
/// use gridloom::{arange, stack};
/// let x = stack(&[arange::<i32>(3), arange(3)], 0)?;
/// assert_eq!(x.shape(), Some(vec![2, 3]));
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn stack<T: Element>(arrays: &[impl Borrow<Array<T>>], axis: impl Into<Axes>) -> Result<Array<T>> {
    functions::stack(&untyped(arrays), axis).map(Array::wrap)
}
