//! Places of elements, elements put at places, windows, and bits.

use super::elementwise::Operand;
use super::typed::Array;
use crate::dtype::{Element, Integer};
use crate::error::Result;
use crate::functions::{Axes, Beyond, BitOrder, Indices};

impl<T: Element> Array<T> {
    /// The places of the elements that are not zero, a row each (`np.argwhere`); the number of rows is known after computing only.
    ///
    /// # Errors
    /// As [`nonzero`](Self::nonzero).
    ///
    /// ```
    /// let x = gridloom::array([[0.0, 7.0], [8.0, 0.0]]);
    /// assert_eq!(x.argwhere()?.to_vec()?, [0, 1, 1, 0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn argwhere(&self) -> Result<Array<i64>> {
        self.as_dyn().argwhere().map(Array::wrap)
    }
    /// The array with other elements at places in C order: what `x` is after NumPy's `np.put(x, places, values)`. Values are taken again and again
    /// where there are fewer of them than places, and of a place that is named twice the last counts.
    ///
    /// # Errors
    /// As [`DynArray::put`](crate::DynArray::put).
    ///
    /// ```
    /// use gridloom::Beyond;
    /// let x = gridloom::zeros::<i32>((2, 2));
    /// assert_eq!(x.put([3, 4], &gridloom::array([7, 8]), Beyond::Wrap)?.to_vec()?, [8, 0, 0, 7]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn put(&self, places: impl Into<Indices>, values: impl Operand<T>, beyond: Beyond) -> Result<Self> {
        self.as_dyn().put(places, values.operand().as_dyn(), beyond).map(Self::wrap)
    }
    /// The array with the elements of `values`, one after another and again and again, where `mask` is true: what `x` is after NumPy's
    /// `np.place(x, mask, values)`.
    ///
    /// # Errors
    /// As [`DynArray::place`](crate::DynArray::place).
    pub fn place(&self, mask: &Array<bool>, values: impl Operand<T>) -> Result<Self> {
        self.as_dyn().place(mask.as_dyn(), values.operand().as_dyn()).map(Self::wrap)
    }
    /// The array with the elements of `values`, which are repeated to its size, where `mask` is true, each at its own place: what `x` is after
    /// NumPy's `np.putmask(x, mask, values)`.
    ///
    /// # Errors
    /// As [`DynArray::putmask`](crate::DynArray::putmask).
    pub fn putmask(&self, mask: &Array<bool>, values: impl Operand<T>) -> Result<Self> {
        self.as_dyn().putmask(mask.as_dyn(), values.operand().as_dyn()).map(Self::wrap)
    }
    /// The array with other elements along an axis at places that are an array's elements: what `x` is after NumPy's
    /// `np.put_along_axis(x, places, values, axis)`.
    ///
    /// # Errors
    /// As [`DynArray::put_along_axis`](crate::DynArray::put_along_axis).
    pub fn put_along_axis<I: Integer>(
        &self,
        places: &Array<I>,
        values: impl Operand<T>,
        axis: impl Into<Axes>,
    ) -> Result<Self> {
        self.as_dyn().put_along_axis(places.as_dyn(), values.operand().as_dyn(), axis).map(Self::wrap)
    }
    /// The array with `value`, or an array's elements again and again, on its diagonal: what `x` is after NumPy's
    /// `np.fill_diagonal(x, value, wrap)`.
    ///
    /// # Errors
    /// As [`DynArray::fill_diagonal`](crate::DynArray::fill_diagonal).
    ///
    /// ```
    /// let x = gridloom::zeros::<i32>((2, 3));
    /// assert_eq!(x.fill_diagonal(7, false)?.to_vec()?, [7, 0, 0, 0, 7, 0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn fill_diagonal(&self, value: impl Operand<T>, wrap: bool) -> Result<Self> {
        self.as_dyn().fill_diagonal(value.operand().as_dyn(), wrap).map(Self::wrap)
    }
    /// The windows of some lengths along axes, at each place where they fit, on new last axes
    /// (`np.lib.stride_tricks.sliding_window_view`). Nothing is copied: it joins views of the array, one for each place in a window.
    ///
    /// # Errors
    /// As [`DynArray::sliding_window_view`](crate::DynArray::sliding_window_view).
    ///
    /// ```
    /// let x = gridloom::array([1.0, 5.0, 3.0, 4.0]);
    /// assert_eq!(x.sliding_window_view(&[2], 0)?.mean_axis(-1)?.to_vec()?, [3.0, 4.0, 3.5]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn sliding_window_view(&self, lengths: &[usize], axes: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().sliding_window_view(lengths, axes).map(Self::wrap)
    }
    /// Eight elements along an axis, or of all in C order, as the bits of one `u8`: 1 for what is not zero (`np.packbits`).
    ///
    /// # Errors
    /// As [`DynArray::packbits`](crate::DynArray::packbits).
    pub fn packbits(&self, axis: Option<Axes>, order: BitOrder) -> Result<Array<u8>> {
        self.as_dyn().packbits(axis, order).map(Array::wrap)
    }
}

impl Array<u8> {
    /// The bits of each byte along an axis, or of all in C order, as eight elements that are 0 or 1 (`np.unpackbits`), or so many of them.
    ///
    /// # Errors
    /// As [`DynArray::unpackbits`](crate::DynArray::unpackbits).
    pub fn unpackbits(&self, axis: Option<Axes>, count: Option<i64>, order: BitOrder) -> Result<Self> {
        self.as_dyn().unpackbits(axis, count, order).map(Self::wrap)
    }
}
