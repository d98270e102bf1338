//! Windows that move along axes, and blocks of neighbours.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use super::joining::stack;
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::ops::ReduceOp;

impl DynArray {
    /// The windows of some lengths along axes, at each place where they fit (`np.lib.stride_tricks.sliding_window_view`): the axes are shorter
    /// by the length less 1, and what is in a window is on new last axes, one for each axis named. A sum, mean, least or greatest of those is one
    /// that moves. It is a join of views of the array, one for each place in a window, which are read where they lie: nothing is copied.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`]; [`Error::Parameter`] for another number of lengths than of axes, and for a length of 0 or more than the axis
    /// has; [`Error::UnknownLength`].
    ///
    /// ```
    /// use gridloom::{DynArray, ops::ReduceOp};
    /// let x: DynArray = gridloom::array([1, 5, 2, 4]).into();
    /// let windows = x.sliding_window_view(&[2], 0)?;
    /// assert_eq!(windows.typed::<i32>()?.to_vec()?, [1, 5, 5, 2, 2, 4]);
    /// let most = windows.reduce(ReduceOp::Max, Some((-1).into()), false, 0.0)?;
    /// assert_eq!(most.typed::<i32>()?.to_vec()?, [5, 5, 4]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn sliding_window_view(&self, lengths: &[usize], axes: impl Into<Axes>) -> Result<Self> {
        let op = "sliding_window_view";
        let named = axes.into().0;
        let dims = self.node().dims();
        let axes = named.iter().map(|&axis| infer::normalize_axis(op, axis, &dims)).collect::<Result<Vec<_>>>()?;
        if axes.len() != lengths.len() {
            let got = format!("of {} for {} axes", lengths.len(), axes.len());
            return Err(Error::Parameter { op, what: "the list of lengths", got, expected: "one an axis" });
        }
        let mut made = self.clone();
        for (&axis, &window) in axes.iter().zip(lengths) {
            let len = made.length_of(op, axis)?;
            let window = infer::axis_number(window);
            if !(1..=len).contains(&window) {
                let got = format!("{window} along axis {axis} of {len}");
                let expected = "1 or more, and no more than the axis has places";
                return Err(Error::Parameter { op, what: "length of a window", got, expected });
            }
            let places = len - window + 1;
            let views: Vec<Self> = (0..window).map(|k| made.span(axis, k, k + places)).collect();
            made = stack(&views, -1)?;
        }
        Ok(made)
    }

    /// A reduction of blocks of neighbours (Dask's `coarsen`): `factors[k]` of them along axis `axes[k]`, which is as much shorter. What is
    /// left over at the end of an axis is left out if it is to `trim`.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`]; [`Error::Parameter`] for another number of factors than of axes, for a factor of 0, and
    /// for one that does not divide the axis, unless it is to `trim`; [`Error::UnknownLength`].
    ///
    /// ```
    /// use gridloom::{DynArray, ops::ReduceOp};
    /// let x: DynArray = gridloom::arange::<i64>(7).into();
    /// assert_eq!(x.coarsen(ReduceOp::Sum, &[3], 0, true)?.typed::<i64>()?.to_vec()?, [3, 12]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn coarsen(&self, of: ReduceOp, factors: &[usize], axes: impl Into<Axes>, trim: bool) -> Result<Self> {
        let (blocks, within) = self.blocks_of(factors, axes, trim)?;
        blocks.reduce(of, Some(within.into()), false, 0.0)
    }

    /// The array with each named axis as two, the second of which is of the neighbours in a block, and which axes those are.
    ///
    /// # Errors
    /// As [`coarsen`](Self::coarsen).
    pub fn blocks_of(&self, factors: &[usize], axes: impl Into<Axes>, trim: bool) -> Result<(Self, Vec<usize>)> {
        let op = "coarsen";
        let axes = self.axes_in_order(op, &axes.into().0)?;
        if axes.len() != factors.len() {
            let got = format!("of {} for {} axes", factors.len(), axes.len());
            return Err(Error::Parameter { op, what: "the list of factors", got, expected: "one an axis" });
        }
        let mut whole = self.clone();
        let (mut lengths, mut within) = (Vec::with_capacity(self.ndim() + axes.len()), Vec::with_capacity(axes.len()));
        for axis in 0..self.ndim() {
            let len = self.length_of(op, axis)?;
            let Some(at) = axes.iter().position(|&named| named == axis) else {
                lengths.push(len);
                continue;
            };
            let factor = infer::axis_number(factors[at]);
            if factor == 0 || (!trim && len % factor != 0) {
                let got = format!("{factor} along axis {axis} of {len}");
                let expected = "1 or more, and a divisor of the axis' length, or with what is left over trimmed";
                return Err(Error::Parameter { op, what: "factor", got, expected });
            }
            if len % factor != 0 {
                whole = whole.span(axis, 0, len - len % factor);
            }
            within.push(lengths.len() + 1);
            lengths.extend([len / factor, factor]);
        }
        Ok((whole.reshape(lengths)?, within))
    }
}
