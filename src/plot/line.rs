//! [`line`](fn@line).

use super::blocks::{Blocks, Summary, not_finite, reduce, shape};
use super::picture::Plot;
use super::words::{extent, left_out, remarks, roomy};
use crate::array::Array;
use crate::client::Client;
use crate::diagnostics::plot::{Chart, Mark};
use crate::dtype::{Number, Ordered};
use crate::error::Result;
use crate::text::format_count;
use crate::width::offset;

/// Most points that are drawn one by one, and most blocks that others are cut into.
const POINTS: u64 = 2048;
const BLOCKS: u64 = 1024;

/// A line through the elements of a 1-d array, over their indices, computed on the default client. What is not finite is a gap.
///
/// Of more than 2048 elements, blocks of equal length (at most 1024) are drawn: a line through their means, in a band from their
/// smallest to their largest element, so that no peak is lost. They are reduced where they are, and 3 numbers a block fetched.
///
/// # Errors
/// [`Error::Rank`](crate::Error::Rank) for another number of axes than one, [`Error::UnknownLength`](crate::Error::UnknownLength),
/// whatever the run meets.
///
/// ```
/// let angle = gridloom::linspace(0.0, 20.0, 1_000_000);
/// let plot = gridloom::plot::line(&angle.sin())?.title("A wave");
/// assert!(plot.to_string().contains("means of 977 elements"), "{plot}");
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn line<T: Number + Ordered>(y: &Array<T>) -> Result<Plot> {
    line_with(&Client::get_default()?, y)
}

/// [`line`](fn@line) on a client.
///
/// # Errors
/// As [`line`](fn@line).
pub fn line_with<T: Number + Ordered>(client: &Client, y: &Array<T>) -> Result<Plot> {
    let len = shape("plot::line", y, 1)?[0];
    let (marks, y_range, note) =
        if len <= POINTS { points(client, y)? } else { blocks(client, y, Blocks::new(len, BLOCKS))? };
    let mut chart = Chart::new((0.0, len.saturating_sub(1) as f64), roomy(y_range), marks);
    chart.x_label = "index".to_owned();
    chart.note = note;
    Ok(Plot::new("line", chart))
}

type Drawn = (Vec<Mark>, (f64, f64), String);

fn points<T: Number + Ordered>(client: &Client, y: &Array<T>) -> Result<Drawn> {
    let (values, missing) = client.compute((&y.cast::<f64>(), &not_finite(y)))?;
    let y: Vec<f64> = values.into_iter().collect();
    let (x, ends) = ((0..y.len()).map(|i| i as f64).collect(), extent(&y));
    Ok((vec![Mark::Line { x, y }], ends, remarks([left_out(missing[[]])])))
}

fn blocks<T: Number + Ordered>(client: &Client, y: &Array<T>, cut: Blocks) -> Result<Drawn> {
    let mut lazy = Vec::new();
    for (start, blocks, block) in cut.parts() {
        let end = start + blocks * block;
        let part = y.slice(ndarray::s![offset(start)..offset(end)])?;
        let part = part.reshape([blocks, block].map(offset))?;
        for summary in [Summary::Min, Summary::Mean, Summary::Max] {
            lazy.push(reduce(&part, summary, &[1])?);
        }
    }
    lazy.push(not_finite(y));
    let values = client.compute(lazy.as_slice())?;
    let of = |summary: usize| -> Vec<f64> {
        let parts = values[..values.len() - 1].chunks(3);
        parts.flat_map(|part| part[summary].iter().copied()).collect()
    };
    let (low, mean, high) = (of(0), of(1), of(2));
    // A block stands at its middle.
    let middle = |i: u64| {
        let (start, end) = (i * cut.block, ((i + 1) * cut.block).min(cut.len));
        (start as f64 + (end - 1) as f64) / 2.0
    };
    let x: Vec<f64> = (0..cut.count()).map(middle).collect();
    let ends = extent(low.iter().chain(&high));
    let note = format!("means of {} elements, in a band from the smallest to the largest", format_count(cut.block));
    let missing = left_out(values[values.len() - 1][[]]);
    let marks = vec![Mark::Band { x: x.clone(), low, high }, Mark::Line { x, y: mean }];
    Ok((marks, ends, remarks([Some(note), missing])))
}
