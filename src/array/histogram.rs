//! Histograms and bin counts.

use super::typed::Array;
use crate::dtype::{Element, Integer, Number};
use crate::error::Result;
use crate::functions::{Bins, DynHistogram};

/// A lazy histogram: counts (or sums of weights, or densities) and the edges they are between.
#[derive(Clone, Debug)]
#[must_use = "histograms are lazy: compute them"]
pub struct Histogram<C: Element> {
    /// One value a bin: `i64` counts, or `f64` for weights and densities.
    pub counts: Array<C>,
    /// One more edge than bins, in `f64`; those that are not given are rounded to `f32` for `f32` values, as NumPy's are.
    pub edges: Array<f64>,
}

impl<C: Element> Histogram<C> {
    fn wrap(histogram: DynHistogram) -> Self {
        Self { counts: Array::wrap(histogram.counts), edges: Array::wrap(histogram.edges) }
    }
    /// The histogram without its types.
    pub fn untyped(&self) -> DynHistogram {
        DynHistogram { counts: self.counts.as_dyn().clone(), edges: self.edges.as_dyn().clone() }
    }
}
impl Histogram<i64> {
    /// Densities: counts over (their total · bin width), so that the histogram integrates to 1. A bin of width 0
    /// has none: infinity, or NaN where it is empty, too.
    ///
    /// # Errors
    /// None in practice: the shapes fit.
    pub fn density(&self) -> Result<Histogram<f64>> {
        Ok(Histogram::wrap(self.untyped().density()?))
    }
}
impl Histogram<f64> {
    /// Densities: sums of weights over (their total · bin width).
    ///
    /// # Errors
    /// None in practice: the shapes fit.
    pub fn density(&self) -> Result<Self> {
        Ok(Self::wrap(self.untyped().density()?))
    }
}

impl<T: Number> Array<T> {
    /// Counts of the values in bins: a number of them (over the data's range), `(number, low, high)`, or ascending edges. A
    /// bin includes its left edge, the last one also its right; values outside and NaN are not counted (but a NaN in the data
    /// leaves no range to bin where none is given: an error). Counts equal NumPy's exactly; as there, 64-bit integers are
    /// counted as their `f64` values. Without a given range all values are counted; that of no values is [0, 1]. Where the
    /// range holds fewer numbers than bins, edges repeat, and the last of equal bins counts.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) for no bins, a range that is not finite or not ascending, edges that do not ascend.
    ///
    /// ```
    /// let x = gridloom::array([1.0, 2.0, 2.5, 4.0]);
    /// let (counts, edges) = x.histogram((3, 1.0, 4.0))?.compute()?;
    /// assert_eq!(counts.as_slice().unwrap(), [1, 2, 1]);
    /// assert_eq!(edges.as_slice().unwrap(), [1.0, 2.0, 3.0, 4.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn histogram(&self, bins: impl Into<Bins>) -> Result<Histogram<i64>> {
        Ok(Histogram::wrap(self.as_dyn().histogram(bins)?))
    }
    /// Sums of `weights` (shaped like the array) of the values in each bin.
    ///
    /// # Errors
    /// As [`Array::histogram`]; where the shapes differ.
    pub fn histogram_weighted(&self, bins: impl Into<Bins>, weights: &Array<f64>) -> Result<Histogram<f64>> {
        Ok(Histogram::wrap(self.as_dyn().histogram_weighted(bins, weights.as_dyn())?))
    }
}

impl<T: Integer> Array<T> {
    /// How often each of 0, 1, 2, .. occurs (`np.bincount`): `max(x) + 1` counts, or `minlength` if that is more; an array of
    /// unknown length.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) for a `minlength` above 2²⁴; computing fails with it where a value is negative, or not below 2²⁴.
    ///
    /// ```
    /// let x = gridloom::array([0u8, 1, 1, 3]);
    /// assert_eq!(x.bincount(0)?.compute()?.as_slice().unwrap(), [1, 2, 0, 1]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn bincount(&self, minlength: usize) -> Result<Array<i64>> {
        self.as_dyn().bincount(minlength).map(Array::wrap)
    }
    /// The sums of `weights` (shaped like the array) of 0, 1, 2, ..: as [`bincount`](Self::bincount).
    ///
    /// # Errors
    /// As there; where the shapes differ.
    pub fn bincount_weighted(&self, weights: &Array<f64>, minlength: usize) -> Result<Array<f64>> {
        self.as_dyn().bincount_weighted(weights.as_dyn(), minlength).map(Array::wrap)
    }
}
