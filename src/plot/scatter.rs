//! [`scatter`](fn@scatter).

use super::blocks::{ends, finite, not_finite};
use super::picture::Plot;
use super::words::{extent, left_out, remarks, roomy};
use crate::array::{Array, where_};
use crate::client::Client;
use crate::diagnostics::plot::{Chart, Mark, range};
use crate::dtype::{DType, Number, Ordered, Real, Scalar};
use crate::error::{Error, Result};

/// Most points that are drawn one by one.
const POINTS: u64 = 5000;
/// Cells in which others are counted.
const COLUMNS: usize = 240;
const ROWS: usize = 150;

/// A point for each pair of elements of two 1-d arrays of one length, computed on the default client. Pairs of which one is not
/// finite are left out.
///
/// More than 5000 pairs (or an unknown number of them, under one mask) are counted in 240 × 150 cells by a histogram where they
/// are, and drawn as an image of the counts.
///
/// # Errors
/// [`Error::Rank`] for another number of axes than one, [`Error::Parameter`] for arrays of different lengths, whatever the run
/// meets.
///
/// ```
/// let rng = gridloom::random::Generator::new(3);
/// let (x, noise) = (rng.normal(0.0, 1.0, 100_000), rng.normal(0.0, 0.5, 100_000));
/// let plot = gridloom::plot::scatter(&x, &(&x + &noise))?;
/// assert!(plot.to_string().contains("points in each cell"), "{plot}");
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn scatter<T: Number + Ordered, U: Number + Ordered>(x: &Array<T>, y: &Array<U>) -> Result<Plot> {
    scatter_with(&Client::get_default()?, x, y)
}

/// [`scatter`](fn@scatter) on a client.
///
/// # Errors
/// As [`scatter`](fn@scatter).
pub fn scatter_with<T: Number + Ordered, U: Number + Ordered>(
    client: &Client,
    x: &Array<T>,
    y: &Array<U>,
) -> Result<Plot> {
    for shape in [x.node().dims(), y.node().dims()] {
        if shape.len() != 1 {
            return Err(Error::Rank { op: "plot::scatter", expected: "one axis", given: String::new(), shape });
        }
    }
    let (len, other) = (x.node().chunks.elements(), y.node().chunks.elements());
    if len != other {
        let got = other.map_or_else(|| "unknown".to_owned(), |other| other.to_string());
        return Err(Error::Parameter { op: "plot::scatter", what: "length of y", got, expected: "that of x" });
    }
    let mut chart = match len {
        Some(len) if len <= POINTS => points(client, x, y)?,
        _ if T::DTYPE == DType::F32 && U::DTYPE == DType::F32 => cells(client, &x.cast::<f32>(), &y.cast::<f32>())?,
        _ => cells(client, &x.cast::<f64>(), &y.cast::<f64>())?,
    };
    (chart.x_label, chart.y_label) = ("x".to_owned(), "y".to_owned());
    Ok(Plot::new("scatter", chart))
}

fn points<T: Number + Ordered, U: Number + Ordered>(client: &Client, x: &Array<T>, y: &Array<U>) -> Result<Chart> {
    let (x, y) = client.compute((&x.cast::<f64>(), &y.cast::<f64>()))?;
    let pairs = x.iter().zip(&y).filter(|(x, y)| x.is_finite() && y.is_finite());
    let (kept_x, kept_y): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let missing = (x.len() - kept_x.len()) as f64;
    let (across, up) = (roomy(extent(&kept_x)), roomy(extent(&kept_y)));
    let mut chart = Chart::new(across, up, vec![Mark::Dots { x: kept_x, y: kept_y }]);
    chart.note = remarks([left_out_pairs(missing)]);
    Ok(chart)
}

fn left_out_pairs(count: f64) -> Option<String> {
    left_out(count).map(|words| words.replacen(' ', " pairs ", 1))
}

fn cells<R: Real>(client: &Client, x: &Array<R>, y: &Array<R>) -> Result<Chart> {
    let finite = finite(x).zip(finite(y)).ok_or_else(|| Error::bug("floats that are not"))?;
    let both = &finite.0 & &finite.1;
    let ((left, right), (bottom, top)) = (ends(x)?, ends(y)?);
    let missing = not_finite(&where_(&both, x, scalar::<R>(f64::NAN))?);
    let (left, right, bottom, top, missing) = client.compute((&left, &right, &bottom, &top, &missing))?;
    let across = range(left[[]], right[[]]);
    let up = range(bottom[[]], top[[]]);
    let cell = |values: &Array<R>, (low, high): (f64, f64), count: usize| -> Result<Array<R>> {
        let scale = count as f64 / (high - low);
        let at = values.sub(scalar::<R>(low))?.mul(scalar::<R>(scale))?.floor();
        at.clip(scalar::<R>(0.0), scalar::<R>((count - 1) as f64))
    };
    // The number of a cell is exact in f32, too.
    let number = cell(y, up, ROWS)?.mul(scalar::<R>(COLUMNS as f64))?.add(&cell(x, across, COLUMNS)?)?;
    let number = where_(&both, &number, scalar::<R>(-1.0))?;
    let bins = (ROWS * COLUMNS, 0.0, (ROWS * COLUMNS) as f64);
    let counts = client.compute(&number.histogram(bins)?.counts)?;
    // The first row of cells is the lowest; the first of an image is at the top.
    let counts: Vec<f64> = counts.iter().map(|&n| n as f64).collect();
    let values: Vec<f64> = counts.chunks(COLUMNS).rev().flatten().copied().collect();
    let most = extent(&values).1;
    let image = Mark::Image { columns: COLUMNS, rows: ROWS, values, blank_zero: true };
    let mut chart = Chart::new(across, up, vec![image]);
    chart.colours = (0.0, most.max(1.0));
    chart.note = remarks([Some("points in each cell".to_owned()), left_out_pairs(missing[[]])]);
    Ok(chart)
}

fn scalar<R: Real>(value: f64) -> R {
    Scalar::from_f64(R::DTYPE, value).get()
}
