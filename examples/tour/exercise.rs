//! The exercise: draw, add, select and count, in one kernel a chunk.

use gridloom::prelude::*;
use gridloom::random::Generator;
use ndarray::Array2;

use crate::notebook::{Book, cell, table, timed};
use crate::{Outcome, Sizes};

/// A histogram of what is below 10 in normal numbers plus one.
pub(crate) fn histogram(book: &mut Book, sizes: Sizes) -> Outcome {
    book.heading("Exercise: a histogram of selected normal numbers");
    cell!(book, let n = sizes.of(5000););
    cell!(
        book, let rng = Generator::new(42);
        let noise = rng.normal(9.0, 1.0, (n, n));
        let ones = Array2::<f64>::ones((n, n));
        let x = noise + &ones;
        => x
    );
    cell!(book, let low = x.filter(&x.lt(10.0))?; => low);
    cell!(book, let histogram = low.histogram((100, -9.0, 11.0))?;);
    book.input(&["histogram.counts.plan()?"]);
    book.output_of_client(&histogram.counts.plan()?);
    let path = book.path("histogram.svg");
    histogram.counts.visualize(&path)?;
    book.wrote(&path)?;
    book.input(&["let (counts, edges) = histogram.compute()?;"]);
    let started = std::time::Instant::now();
    let (counts, edges) = histogram.compute()?;
    book.time(started.elapsed());
    book.report();
    book.output(&table(&counts, &edges, 20));
    let path = book.path("exercise.svg");
    histogram.plot(&path)?;
    book.wrote(&path)?;
    cell!(
        book,
        let plot = histogram.to_plot()?.title("Normal numbers plus one, below 10").x_label("x");
        => plot
    );
    cell!(book, counts.sum());
    cell!(book, edges.len());
    timed!(book, let again = low.count_nonzero().item()?);
    assert_eq!(counts.sum(), again, "every selected number is in a bin");
    // Half of the numbers are below their mean, within five standard deviations; none is above 10.
    let (half, spread) = ((n * n) as f64 / 2.0, 0.5 * n as f64);
    assert!((again as f64 - half).abs() < 5.0 * spread, "{again} of {} are below 10", n * n);
    assert_eq!(counts.slice(s![95..]).sum(), 0, "numbers from 10 up");

    // The same with ndarray, number by number.
    let values = low.compute()?;
    let mut expected = ndarray::Array1::<i64>::zeros(100);
    for &v in &values {
        expected[edges.iter().skip(1).position(|&edge| v < edge).unwrap_or(99)] += 1;
    }
    assert_eq!(counts, expected, "the counts");
    Ok(())
}
