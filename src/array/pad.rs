//! Arrays with a border, and with entries put in and taken out.

use ndarray::{ArrayD, ArrayViewD};

use super::typed::Array;
use crate::dtype::Element;
use crate::error::Result;
use crate::functions::{Axes, Boundary, DynOperand, Indices, IntoShape, Overlap, PadMode, Sides};

impl<T: Element> Array<T> {
    /// With a border (`np.pad`): so many elements before and after each axis, and what they are. Axes are padded one after another, so
    /// corners are what their border's border is. Parts of the array are views, which what reads the result loads where they lie: no stage of
    /// a plan is for the border, and chunks are cut where it begins. A mirror that turns values round and steps to an edge are computed.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) for other than one pair of widths, or one an axis, and for numbers that the dtype does not
    /// hold; for an axis of length 0 that is to grow by what is made of its elements;
    /// [`Error::UnknownLength`](crate::Error::UnknownLength), [`Error::TooLong`](crate::Error::TooLong).
    ///
    /// ```
    /// use gridloom::PadMode;
    /// let x = gridloom::array([1, 2, 3]);
    /// assert_eq!(x.pad((2, 1), &PadMode::constant(9))?.to_vec()?, [9, 9, 1, 2, 3, 9]);
    /// assert_eq!(x.pad((2, 1), &PadMode::Edge)?.to_vec()?, [1, 1, 1, 2, 3, 3]);
    /// assert_eq!(x.pad(2, &PadMode::Wrap)?.to_vec()?, [2, 3, 1, 2, 3, 1, 2]);
    /// assert_eq!(x.pad(4, &PadMode::reflect())?.to_vec()?, [1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3]);
    /// assert_eq!(x.pad(2, &PadMode::symmetric())?.to_vec()?, [2, 1, 1, 2, 3, 3, 2]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn pad(&self, widths: impl Into<Sides<usize>>, mode: &PadMode) -> Result<Self> {
        self.as_dyn().pad(widths, mode).map(Self::wrap)
    }
    /// `f` of each chunk with a halo of `depth` elements of its neighbours, on the host, as [`map_chunks`](Self::map_chunks) has it of chunks alone; of
    /// what it returns, which must have the same shape, the halo is left out again, so that shape and chunks are the array's. `boundary`
    /// says what lies beyond the array's edges ([`Boundary::NONE`]: chunks are not grown there). Depths may be more than a chunk is long, and more
    /// than the array is. Each chunk is copied with its halo, and that copy is let go when `f` has seen it.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) for other than one depth and boundary, or one an axis; as [`pad`](Self::pad).
    /// Computing fails with [`Error::UserFunction`](crate::Error::UserFunction) where `f` panics or changes the shape.
    ///
    /// ```
    /// use gridloom::PadMode;
    /// let x = gridloom::array([1.0, 2.0, 4.0, 8.0]).rechunk(2)?;
    /// // The sum of each element and its neighbours; there are zeros beyond the ends.
    /// let sums = x.map_overlap("neighbours", 1, PadMode::constant(0), |chunk| {
    ///     ndarray::ArrayD::from_shape_fn(chunk.shape(), |at| {
    ///         let near = at[0].saturating_sub(1)..(at[0] + 2).min(chunk.len());
    ///         near.map(|k| chunk[[k]]).sum::<f64>()
    ///     })
    /// })?;
    /// assert_eq!(sums.to_vec()?, [3.0, 7.0, 14.0, 12.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn map_overlap<U: Element>(
        &self,
        name: &str,
        depth: impl Into<Sides<usize>>,
        boundary: impl Into<Boundary>,
        f: impl Fn(ArrayViewD<'_, T>) -> ArrayD<U> + Send + Sync + 'static,
    ) -> Result<Array<U>> {
        let (grown, halos) = self.as_dyn().overlapped(depth, &boundary.into())?;
        let made = Self::wrap(grown).map_chunks(name, f);
        halos.without(made.as_dyn()).map(Array::wrap)
    }
    /// Without the entries at `indices` (negative from the end, repeats allowed) along an axis (`np.delete`). What is left between them is
    /// joined; of more than 64 stretches it is a [`take`](Self::take).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::IndexOutOfRange`](crate::Error::IndexOutOfRange),
    /// [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// let x = gridloom::array([10, 20, 30, 40]);
    /// assert_eq!(x.delete([1, -1, 1], 0)?.to_vec()?, [10, 30]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn delete(&self, indices: impl Into<Indices>, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().delete(indices, axis).map(Self::wrap)
    }
    /// With new entries along an axis, before those at `indices` (`np.insert`): places of the array as it is, from 0 to its length. `values`
    /// are broadcast to as many entries; before one place there may be any number of them. Equal places take theirs in order.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::IndexOutOfRange`](crate::Error::IndexOutOfRange),
    /// [`Error::UnknownLength`](crate::Error::UnknownLength); [`Error::BroadcastTo`](crate::Error::BroadcastTo) for values of another shape.
    ///
    /// ```
    /// let x = gridloom::array([10, 20, 30]);
    /// assert_eq!(x.insert([0, 2], gridloom::array([1, 2]), 0)?.to_vec()?, [1, 10, 20, 2, 30]);
    /// assert_eq!(x.insert([-1], gridloom::array([7, 8]), 0)?.to_vec()?, [10, 20, 7, 8, 30]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn insert(
        &self,
        indices: impl Into<Indices>,
        values: impl Into<DynOperand>,
        axis: impl Into<Axes>,
    ) -> Result<Self> {
        self.as_dyn().insert(indices, values, axis).map(Self::wrap)
    }
    /// The elements in C order, again and again, in another shape (`np.resize`); zeros where there are none.
    ///
    /// # Errors
    /// [`Error::UnknownLength`](crate::Error::UnknownLength), [`Error::TooLong`](crate::Error::TooLong).
    pub fn resize(&self, shape: impl IntoShape) -> Result<Self> {
        self.as_dyn().resize(shape).map(Self::wrap)
    }
    /// The convolution of two 1-d arrays (`np.convolve`): at each place the sum of products of one with the other in reverse order. A fused sum
    /// of shifted views, so the shorter one has at most 128 elements; floats are summed in their order and type.
    ///
    /// # Errors
    /// [`Error::Rank`](crate::Error::Rank) for arrays of other than one axis; [`Error::Parameter`](crate::Error::Parameter) for empty ones, and
    /// where both have more than 128 elements; [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// use gridloom::Overlap;
    /// let x = gridloom::array([1, 2, 3, 4]);
    /// let taps = gridloom::array([1, 10]);
    /// assert_eq!(x.convolve(&taps, Overlap::Full)?.to_vec()?, [1, 12, 23, 34, 40]);
    /// assert_eq!(x.convolve(&taps, Overlap::Valid)?.to_vec()?, [12, 23, 34]);
    /// assert_eq!(x.correlate(&taps, Overlap::Same)?.to_vec()?, [10, 21, 32, 43]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn convolve(&self, taps: &Self, overlap: Overlap) -> Result<Self> {
        self.as_dyn().convolve(taps.as_dyn(), overlap).map(Self::wrap)
    }
    /// The cross-correlation of two 1-d arrays (`np.correlate`): as [`convolve`](Self::convolve), with both in their order.
    ///
    /// # Errors
    /// As [`convolve`](Self::convolve).
    pub fn correlate(&self, taps: &Self, overlap: Overlap) -> Result<Self> {
        self.as_dyn().correlate(taps.as_dyn(), overlap).map(Self::wrap)
    }
}
