//! [`imshow`](fn@imshow).

use super::blocks::{Blocks, Summary, not_finite, reduce, shape};
use super::picture::Plot;
use super::words::{extent, left_out, remarks};
use crate::array::Array;
use crate::client::Client;
use crate::diagnostics::plot::{Chart, Mark, range};
use crate::dtype::{Number, Ordered};
use crate::error::Result;
use crate::width::{in_memory, offset};

/// Most cells on a side.
const CELLS: u64 = 512;
/// Images that are longer than that in one direction are stretched in the other.
const LONGEST: f64 = 6.0;

/// A 2-d array as an image: rows from the top, columns from the left, a colour for each number, beside a bar that says which,
/// computed on the default client. What is not finite is grey.
///
/// Of more than 512 rows or columns, blocks of equal size are drawn by the means of what is finite in them; they are reduced where
/// they are. Colours go from the smallest to the largest number that is *drawn*, unless
/// [`Plot::colour_range`] says otherwise; infinite ones do not count.
///
/// # Errors
/// [`Error::Rank`](crate::Error::Rank) for another number of axes than two, [`Error::UnknownLength`](crate::Error::UnknownLength),
/// whatever the run meets.
///
/// ```
/// use gridloom::plot::{ColourMap, imshow};
/// let x = gridloom::linspace(-3.0, 3.0, 900).reshape([1, 900])?;
/// let hill = (-(x.square() + x.t().square())).exp();
/// let plot = imshow(&hill)?.colours(ColourMap::Cividis);
/// assert!(plot.to_string().contains("means of 2 × 2 elements"), "{plot}");
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn imshow<T: Number + Ordered>(image: &Array<T>) -> Result<Plot> {
    imshow_with(&Client::get_default()?, image)
}

/// [`imshow`](fn@imshow) on a client.
///
/// # Errors
/// As [`imshow`](fn@imshow).
pub fn imshow_with<T: Number + Ordered>(client: &Client, image: &Array<T>) -> Result<Plot> {
    let lengths = shape("plot::imshow", image, 2)?;
    let cuts = [Blocks::new(lengths[0], CELLS), Blocks::new(lengths[1], CELLS)];
    let [rows, columns] = cuts.map(|cut| in_memory(cut.count()));
    let (values, missing) = cells(client, image, cuts)?;
    let ends = extent(&values);
    let marks = match values.is_empty() {
        true => Vec::new(),
        false => vec![Mark::Image { columns, rows, values, blank_zero: false }],
    };
    // An element's middle is at its index.
    let side = |len: u64| (-0.5, len.max(1) as f64 - 0.5);
    let mut chart = Chart::new(side(lengths[1]), side(lengths[0]), marks);
    chart.y = (chart.y.1, chart.y.0);
    chart.colours = range(ends.0, ends.1);
    let aspect = lengths[1].max(1) as f64 / lengths[0].max(1) as f64;
    chart.aspect = (1.0 / LONGEST..=LONGEST).contains(&aspect).then_some(aspect);
    (chart.x_label, chart.y_label) = ("column".to_owned(), "row".to_owned());
    let coarse = cuts.iter().any(|cut| cut.block > 1);
    let note = coarse.then(|| format!("means of {} × {} elements", cuts[0].block, cuts[1].block));
    chart.note = remarks([note, left_out(missing)]);
    chart.size = (640, 480);
    Ok(Plot::new("image", chart))
}

/// The means of blocks, row by row, and how many elements are not finite.
fn cells<T: Number + Ordered>(
    client: &Client,
    image: &Array<T>,
    [down, across]: [Blocks; 2],
) -> Result<(Vec<f64>, f64)> {
    if down.block == 1 && across.block == 1 {
        let (values, missing) = client.compute((&image.cast::<f64>(), &not_finite(image)))?;
        return Ok((values.into_iter().collect(), missing[[]]));
    }
    let (mut lazy, mut places) = (Vec::new(), Vec::new());
    for (top, rows, tall) in down.parts() {
        for (left, columns, wide) in across.parts() {
            let (bottom, right) = (top + rows * tall, left + columns * wide);
            let part = image.slice(ndarray::s![offset(top)..offset(bottom), offset(left)..offset(right)])?;
            let part = part.reshape([rows, tall, columns, wide].map(offset))?;
            lazy.push(reduce(&part, Summary::Mean, &[1, 3])?);
            places.push((top / down.block, left / across.block));
        }
    }
    lazy.push(not_finite(image));
    let computed = client.compute(lazy.as_slice())?;
    let columns = in_memory(across.count());
    let mut values = vec![f64::NAN; in_memory(down.count()) * columns];
    for ((top, left), part) in places.into_iter().zip(&computed) {
        for (at, &mean) in part.indexed_iter() {
            values[(in_memory(top) + at[0]) * columns + in_memory(left) + at[1]] = mean;
        }
    }
    Ok((values, computed[computed.len() - 1][[]]))
}
