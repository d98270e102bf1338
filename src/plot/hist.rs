//! [`hist`](fn@hist), and the picture of a [`Histogram`].

use std::path::Path;

use super::blocks::{ends, not_finite};
use super::picture::Plot;
use super::words::{extent, left_out, remarks};
use crate::array::{Array, Histogram};
use crate::client::Client;
use crate::diagnostics::plot::{Chart, Mark};
use crate::dtype::{Element, Number, Ordered};
use crate::error::{Error, Result};
use crate::functions::Bins;

/// A histogram of all elements of an array, counted where they are, computed on the default client. Where bins are given as a
/// number, they reach from the smallest to the largest *finite* element; what is not finite is left out, and said at the foot.
///
/// # Errors
/// As [`Array::histogram`], whatever the run meets.
///
/// ```
/// let x = gridloom::array([1.0, 2.0, 2.0, f64::NAN]);
/// let plot = gridloom::plot::hist(&x, 2)?;
/// assert!(plot.to_string().contains("1 is not a finite number"), "{plot}");
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn hist<T: Number + Ordered>(x: &Array<T>, bins: impl Into<Bins>) -> Result<Plot> {
    hist_with(&Client::get_default()?, x, bins)
}

/// [`hist`](fn@hist) on a client.
///
/// # Errors
/// As [`hist`](fn@hist).
pub fn hist_with<T: Number + Ordered>(client: &Client, x: &Array<T>, bins: impl Into<Bins>) -> Result<Plot> {
    let mut missing = None;
    let bins = match bins.into() {
        Bins::Count(count) => {
            let (low, high, not) = match range_of(client, x) {
                Ok(found) => found,
                // Nothing at all, which was not known before.
                Err(Error::EmptyReduction { .. }) => (f64::NAN, f64::NAN, 0.0),
                Err(error) => return Err(error),
            };
            missing = left_out(not);
            match (low.is_finite(), low < high) {
                (true, true) => Bins::Range(count, low, high),
                // NumPy's ranges of one number and of none.
                (true, false) => Bins::Range(count, low - 0.5, high + 0.5),
                (false, _) => Bins::Range(count, 0.0, 1.0),
            }
        }
        given => given,
    };
    let mut plot = x.histogram(bins)?.to_plot_with(client)?;
    plot.chart.note = remarks([missing]);
    Ok(plot)
}

/// The smallest and largest finite element, and how many are not finite.
fn range_of<T: Number + Ordered>(client: &Client, x: &Array<T>) -> Result<(f64, f64, f64)> {
    let (low, high) = ends(x)?;
    let (low, high, not) = client.compute((&low, &high, &not_finite(x)))?;
    Ok((low[[]], high[[]], not[[]]))
}

impl<C: Element> Histogram<C> {
    /// The histogram computed as a picture: a bar a bin, or their outline where there are more bins than pixels.
    ///
    /// # Errors
    /// As [`Histogram::compute`].
    ///
    /// ```
    /// let x = gridloom::random::Generator::new(1).normal(0.0f64, 1.0, 10_000);
    /// let plot = x.histogram((40, -4.0, 4.0))?.to_plot()?.title("Normal numbers");
    /// assert!(plot.to_svg().contains("Normal numbers"));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn to_plot(&self) -> Result<Plot> {
        self.to_plot_with(&Client::get_default()?)
    }
    /// [`Histogram::to_plot`] on a client.
    ///
    /// # Errors
    /// As [`Histogram::compute`].
    pub fn to_plot_with(&self, client: &Client) -> Result<Plot> {
        let (heights, edges) = client.compute((&self.counts.cast::<f64>(), &self.edges))?;
        let (edges, heights): (Vec<f64>, Vec<f64>) = (edges.into_iter().collect(), heights.into_iter().collect());
        let (low, high) = extent(&heights);
        // Bars stand on zero, with some air above.
        let (low, high) = (low.min(0.0) * 1.05, high.max(0.0) * 1.05);
        let y = if low < high { (low, high) } else { (0.0, 1.0) };
        let ends = extent(&edges);
        let mut chart = Chart::new(ends, y, vec![Mark::Bars { edges, heights }]);
        chart.x_label = "value".to_owned();
        chart.y_label = if C::DTYPE.is_float() { "weight or density" } else { "count" }.to_owned();
        Ok(Plot::new("histogram", chart))
    }
    /// Computes the histogram and writes its picture, as `.svg` or `.png` (with the feature `png`).
    ///
    /// # Errors
    /// As [`Histogram::compute`] and [`Plot::save`].
    pub fn plot(&self, path: impl AsRef<Path>) -> Result<()> {
        self.to_plot()?.save(path)
    }
}
