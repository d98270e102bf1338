//! The same elements in another order, in parts, repeated; coordinates and triangles.

use std::borrow::Borrow;

use super::layout::untyped;
use super::typed::Array;
use crate::dtype::Element;
use crate::error::Result;
use crate::functions::{self, Axes, DynArray, Indexing, Indices, IntoShape, Shifts};

impl<T: Element> Array<T> {
    /// The elements in reverse order along all axes (`np.flip`). A view: no data moves, and chunks are in reverse order, too.
    ///
    /// # Errors
    /// [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// let x = gridloom::arange::<i32>(4).reshape((2, 2))?;
    /// assert_eq!(x.flip()?.to_vec()?, [3, 2, 1, 0]);
    /// assert_eq!(x.flip_axis(-1)?.to_vec()?, [1, 0, 3, 2]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn flip(&self) -> Result<Self> {
        self.as_dyn().flip().map(Self::wrap)
    }
    /// The elements in reverse order along the given axes (`np.flipud` is along axis 0, `np.fliplr` along axis 1). A view.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated);
    /// [`Error::UnknownLength`](crate::Error::UnknownLength) along an axis of unknown length.
    #[doc(alias = "flipud")]
    #[doc(alias = "fliplr")]
    pub fn flip_axis(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().flip_axis(axes).map(Self::wrap)
    }
    /// Axes moved to other places, the others in their order (`np.moveaxis`): axis `from[i]` is axis `to[i]` of the result. A view.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated);
    /// [`Error::Parameter`](crate::Error::Parameter) for lists of different lengths.
    ///
    /// ```
    /// let x = gridloom::zeros::<f32>((2, 3, 4));
    /// assert_eq!(x.move_axis(0, -1)?.shape(), Some(vec![3, 4, 2]));
    /// assert_eq!(x.move_axis([0, 1], [-1, -2])?.shape(), Some(vec![4, 3, 2]));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "moveaxis")]
    pub fn move_axis(&self, from: impl Into<Axes>, to: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().move_axis(from, to).map(Self::wrap)
    }
    /// The last two axes exchanged (`np.matrix_transpose`): each matrix of a batch transposed. A view.
    ///
    /// # Errors
    /// [`Error::Rank`](crate::Error::Rank) for less than 2 axes.
    pub fn matrix_transpose(&self) -> Result<Self> {
        self.as_dyn().matrix_transpose().map(Self::wrap)
    }
    /// All axes of length 1 dropped (`np.squeeze`). A view; an axis of unknown length stays.
    ///
    /// ```
    /// assert_eq!(gridloom::zeros::<f32>((1, 3, 1)).squeeze().shape(), Some(vec![3]));
    /// ```
    pub fn squeeze(&self) -> Self {
        Self::wrap(self.as_dyn().squeeze())
    }
    /// The elements moved along in C order by `shift` places (backwards where it is negative), the last ones to the front
    /// (`np.roll` without an axis). A join of two parts of the ravelled array, reshaped; the chunks are those of a
    /// [`reshape`](Self::reshape).
    ///
    /// # Errors
    /// [`Error::UnknownLength`](crate::Error::UnknownLength); [`Error::TooLong`](crate::Error::TooLong) for 2⁶³ elements or more.
    pub fn roll(&self, shift: impl Into<i64>) -> Result<Self> {
        self.as_dyn().roll(shift).map(Self::wrap)
    }
    /// The elements moved along axes, the last ones to the front (`np.roll`): by one number along all the given axes, or by one for
    /// each; an axis that is named again is moved again. A join of two parts an axis: nothing is copied, and chunks are cut where
    /// the array's are and where it is joined.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange); [`Error::Parameter`](crate::Error::Parameter) for several numbers that are
    /// not as many as the axes; [`Error::UnknownLength`](crate::Error::UnknownLength) along an axis of unknown length.
    ///
    /// ```
    /// let x = gridloom::arange::<i32>(6).reshape((2, 3))?;
    /// assert_eq!(x.roll_axis(1, 1)?.to_vec()?, [2, 0, 1, 5, 3, 4]);
    /// assert_eq!(x.roll_axis([1, -1], [0, 1])?.to_vec()?, [4, 5, 3, 1, 2, 0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn roll_axis(&self, shifts: impl Into<Shifts>, axes: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().roll_axis(shifts, axes).map(Self::wrap)
    }
    /// Turned by `k` right angles in the plane of two axes, from the first towards the second (`np.rot90`). A view.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::AxisRepeated`](crate::Error::AxisRepeated);
    /// [`Error::Parameter`](crate::Error::Parameter) for other than two axes; [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// let x = gridloom::array([[1, 2], [3, 4]]);
    /// assert_eq!(x.rot90(1, [0, 1])?.to_vec()?, [2, 4, 1, 3]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn rot90(&self, k: impl Into<i64>, axes: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().rot90(k, axes).map(Self::wrap)
    }

    /// Each element several times, in C order: a 1-d array (`np.repeat` without an axis).
    ///
    /// # Errors
    /// As [`ravel`](Self::ravel) and [`repeat_axis`](Self::repeat_axis).
    pub fn repeat(&self, counts: impl IntoShape) -> Result<Self> {
        self.as_dyn().repeat(counts).map(Self::wrap)
    }
    /// Each entry along an axis several times (`np.repeat`): as often as `counts` says, one number for all or one for each place.
    /// With one number it is a reshape of a broadcast view, whose chunks are those of a [`reshape`](Self::reshape); with several a
    /// [`take`](Self::take) of a list of as many places as the result has along the axis.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength), [`Error::TooLong`](crate::Error::TooLong);
    /// [`Error::Parameter`](crate::Error::Parameter) for several counts that are not as many as the axis has places, or whose sum is more
    /// than 2²⁷.
    ///
    /// ```
    /// let x = gridloom::array([[1, 2], [3, 4]]);
    /// assert_eq!(x.repeat_axis(2, 1)?.to_vec()?, [1, 1, 2, 2, 3, 3, 4, 4]);
    /// assert_eq!(x.repeat_axis([0, 2], 0)?.to_vec()?, [3, 4, 3, 4]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn repeat_axis(&self, counts: impl IntoShape, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().repeat_axis(counts, axis).map(Self::wrap)
    }
    /// The whole array several times along each axis (`np.tile`): `counts` are of the last axes, and more of them than axes make new
    /// first ones. A reshape of a broadcast view: nothing is stored before it is in its place.
    ///
    /// # Errors
    /// [`Error::UnknownLength`](crate::Error::UnknownLength), [`Error::TooLong`](crate::Error::TooLong).
    ///
    /// ```
    /// let x = gridloom::array([1, 2]).tile((2, 2))?;
    /// assert_eq!(x.shape(), Some(vec![2, 4]));
    /// assert_eq!(x.to_vec()?, [1, 2, 1, 2, 1, 2, 1, 2]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn tile(&self, counts: impl IntoShape) -> Result<Self> {
        self.as_dyn().tile(counts).map(Self::wrap)
    }

    /// Cut along an axis into `parts` of one length (`np.split`). Views, as all parts are.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength);
    /// [`Error::Parameter`](crate::Error::Parameter) for no parts, and for a length that they do not divide.
    ///
    /// ```
    /// let x = gridloom::arange::<i32>(5);
    /// assert!(x.split(2, 0).is_err());
    /// let parts = x.array_split(2, 0)?;
    /// assert_eq!((parts[0].to_vec()?, parts[1].to_vec()?), (vec![0, 1, 2], vec![3, 4]));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn split(&self, parts: usize, axis: impl Into<Axes>) -> Result<Vec<Self>> {
        self.as_dyn().split(parts, axis).map(typed)
    }
    /// Cut along an axis into `parts` whose lengths differ by at most 1, longer ones first (`np.array_split`).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength);
    /// [`Error::Parameter`](crate::Error::Parameter) for no parts.
    pub fn array_split(&self, parts: usize, axis: impl Into<Axes>) -> Result<Vec<Self>> {
        self.as_dyn().array_split(parts, axis).map(typed)
    }
    /// Cut along an axis before each of some places (`np.split` with a list), negative from the end. As in NumPy, a place beyond the
    /// axis is its end, and parts between places that do not ascend are empty.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// let parts = gridloom::arange::<i32>(5).split_at([1, -1], 0)?;
    /// assert_eq!(parts[1].to_vec()?, [1, 2, 3]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn split_at(&self, places: impl Into<Indices>, axis: impl Into<Axes>) -> Result<Vec<Self>> {
        self.as_dyn().split_at(places, axis).map(typed)
    }
    /// The entries along an axis, which goes (`np.unstack`): what [`stack`](crate::stack) puts together. Views.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength).
    pub fn unstack(&self, axis: impl Into<Axes>) -> Result<Vec<Self>> {
        self.as_dyn().unstack(axis).map(typed)
    }

    /// The lower triangle of each matrix of the last two axes (`np.tril`): the elements where column − row is at most `k`, and 0
    /// (`false`) elsewhere, whatever is there (NaN too). Fused into what reads it; chunks stay.
    ///
    /// # Errors
    /// [`Error::Rank`](crate::Error::Rank) for less than 2 axes; [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// let x = gridloom::array([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.tril(0)?.to_vec()?, [1, 0, 0, 4, 5, 0]);
    /// assert_eq!(x.triu(1)?.to_vec()?, [0, 2, 3, 0, 0, 6]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn tril(&self, k: isize) -> Result<Self> {
        self.as_dyn().tril(k).map(Self::wrap)
    }
    /// The upper triangle of each matrix of the last two axes (`np.triu`): the elements where column − row is at least `k`, and 0
    /// elsewhere. As [`tril`](Self::tril).
    ///
    /// # Errors
    /// As [`tril`](Self::tril).
    pub fn triu(&self, k: isize) -> Result<Self> {
        self.as_dyn().triu(k).map(Self::wrap)
    }
}

fn typed<T: Element>(arrays: Vec<DynArray>) -> Vec<Array<T>> {
    arrays.into_iter().map(Array::wrap).collect()
}

/// `1` where column − row is at most `k`, `0` elsewhere, in an array of `rows × columns` (`np.tri`).
///
/// ```
/// assert_eq!(gridloom::tri::<i32>(2, 3, 0).to_vec()?, [1, 0, 0, 1, 1, 0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn tri<T: Element>(rows: usize, columns: usize, k: isize) -> Array<T> {
    Array::wrap(functions::tri(T::DTYPE, rows, columns, k))
}

/// The coordinates of a grid (`np.meshgrid`): see [`functions::meshgrid`].
///
/// # Errors
/// As there.
///
/// ```
/// use gridloom::{Indexing, arange, meshgrid};
/// let grid = meshgrid(&[arange::<i32>(2), arange(3)], Indexing::Ij)?;
/// assert_eq!(grid[0].to_vec()?, [0, 0, 0, 1, 1, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn meshgrid<T: Element>(arrays: &[impl Borrow<Array<T>>], indexing: Indexing) -> Result<Vec<Array<T>>> {
    functions::meshgrid(&untyped(arrays), indexing).map(typed)
}

/// The arrays as views of the shape that they broadcast to together (`np.broadcast_arrays`).
///
/// # Errors
/// As [`functions::broadcast_arrays`].
pub fn broadcast_arrays<T: Element>(arrays: &[impl Borrow<Array<T>>]) -> Result<Vec<Array<T>>> {
    functions::broadcast_arrays(&untyped(arrays)).map(typed)
}

macro_rules! joins {
    ($($name:ident $doc:literal $from:literal => $to:literal;)*) => {$(
        #[doc = $doc]
        ///
        /// Chunks stay as they are along the axis, and no data moves.
        ///
        /// # Errors
        #[doc = concat!("As [`functions::", stringify!($name), "`].")]
        ///
        /// ```
        #[doc = concat!("let x = gridloom::", stringify!($name), "(&", $from, ".map(gridloom::array))?;")]
        #[doc = concat!("assert_eq!(x.compute()?, gridloom::array(", $to, ").compute()?);")]
        /// # Ok::<(), gridloom::Error>(())
        /// ```
        pub fn $name<T: Element>(arrays: &[impl Borrow<Array<T>>]) -> Result<Array<T>> {
            functions::$name(&untyped(arrays)).map(Array::wrap)
        }
    )*};
}
joins! {
    hstack "Arrays one after another along their second axis, 1-d ones along their only one (`np.hstack`)." "[[1, 2], [3, 4]]" => "[1, 2, 3, 4]";
    vstack "Arrays one after another along their first axis, those with less than two axes as rows (`np.vstack`)." "[[1, 2], [3, 4]]" => "[[1, 2], [3, 4]]";
    dstack "Arrays one after another along their third axis (`np.dstack`): `(n)` counts as `(1, n, 1)`, `(n, m)` as `(n, m, 1)`." "[[1, 2], [3, 4]]" => "[[[1, 3], [2, 4]]]";
    column_stack "Arrays beside each other along their second axis, those with less than two axes as columns (`np.column_stack`)." "[[1, 2], [3, 4]]" => "[[1, 3], [2, 4]]";
}
