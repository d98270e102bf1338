//! Real input: elevations of the Jacksboro fault (USGS National Elevation Dataset, public domain), 344 rows from north
//! to south, 403 columns from west to east, 3 arc-seconds a cell.

use gridloom::prelude::*;

use crate::Outcome;
use crate::notebook::{Book, cell, close, digits, table, value};

/// The file, wherever the example is started.
const DEM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/dem.npy");

/// Elevations, how they are distributed, and how steep the ground is.
pub(crate) fn slopes(book: &mut Book) -> Outcome {
    book.heading("Real input: the ground at the Jacksboro fault");
    cell!(book, let dem = gridloom::read_npy::<i16>(DEM, (100, 403))?; => dem);
    book.input(&["gridloom::compute((&dem.min()?, &dem.max()?, &dem.mean()))?"]);
    let (min, max, mean) = gridloom::compute((&dem.min()?, &dem.max()?, &dem.mean()))?;
    let mean = value(&mean);
    book.output(&format!("{} m, {} m, {} m", value(&min), value(&max), digits(mean)));
    let path = book.path("terrain.svg");
    gridloom::plot::imshow(&dem)?.save(&path)?;
    book.wrote(&path)?;
    cell!(
        book,
        let map = gridloom::plot::imshow(&dem)?.title("Jacksboro fault").colour_label("elevation / m");
        => map
    );

    book.note("How much ground lies how high, in steps of 100 m, and the part of it that lies above:");
    book.input(&["let (counts, edges) = dem.histogram((9, 200.0, 1100.0))?.compute()?;"]);
    let (counts, edges) = dem.histogram((9, 200.0, 1100.0))?.compute()?;
    book.output(&table(&counts, &edges, 9));
    let total = counts.sum() as f64;
    let mut above = total;
    for (edge, &count) in edges.iter().zip(&counts) {
        book.line(&format!("above {edge:>6.0} m: {:>8.4} %", 100.0 * above / total));
        above -= count as f64;
    }

    book.note(
        "Slope by central differences; a cell is 92.6 m from north to south, and cos 36.6° of that from west to east.",
    );
    cell!(
        book,
        let north = 92.6;
        let east = 92.6 * 36.6_f64.to_radians().cos();
        let z = dem.cast::<f64>();
        let dx = (z.slice(s![1..-1, 2..])? - z.slice(s![1..-1, ..-2])?) / (2.0 * east);
        let dy = (z.slice(s![..-2, 1..-1])? - z.slice(s![2.., 1..-1])?) / (2.0 * north);
        let slope = dx.hypot(&dy)?.atan().degrees();
        => slope
    );
    let path = book.path("slope.svg");
    slope.visualize(&path)?;
    book.wrote(&path)?;
    let (m, s, x) = (slope.mean(), slope.std(0.0)?, slope.max()?);
    book.input(&["gridloom::compute((&slope.mean(), &slope.std(0.0)?, &slope.max()?))?"]);
    let (m, s, x) = gridloom::compute((&m, &s, &x))?;
    book.report();
    let (m, s, x) = (value(&m), value(&s), value(&x));
    book.output(&format!("{}°, {}°, {}°", digits(m), digits(s), digits(x)));
    cell!(book, gridloom::plot::hist(&slope, 60)?.title("How steep the ground is").x_label("slope / °"));
    cell!(
        book,
        gridloom::plot::scatter(&z.slice(s![1..-1, 1..-1])?.ravel()?, &slope.ravel()?)?
            .x_label("elevation / m")
            .y_label("slope / °")
    );
    cell!(
        book,
        gridloom::plot::line(&z.slice(s![172, ..])?)?.title("Row 172, from west to east").y_label("elevation / m")
    );

    cell!(
        book,
        let inner = z.slice(s![1..-1, 1..-1])?;
        let high = inner.gt(600.0);
        let steep = slope.gt(15.0);
    );
    cell!(book, high.count_nonzero().item()?);
    cell!(book, digits(slope.filter(&high)?.mean().item()?));
    cell!(book, digits(slope.filter(&!&high)?.mean().item()?));
    cell!(book, steep.count_nonzero().item()?);
    cell!(book, digits(inner.filter(&steep)?.mean().item()?));

    // By NumPy 2.4.6, from the same file.
    assert_eq!((value(&min), value(&max)), (236, 1076), "the range");
    assert_eq!(counts.to_vec(), [4378, 30979, 29227, 30127, 23118, 10741, 6248, 3374, 440], "counts");
    assert_eq!((high.count_nonzero().item()?, steep.count_nonzero().item()?), (43_322, 58_952), "masks");
    let checks = [
        ("mean elevation", mean, 531.031_168_849_904_8),
        ("mean slope", m, 13.313_070_132_943_054),
        ("deviation of slopes", s, 7.228_472_773_922_345),
        ("steepest slope", x, 36.164_161_220_392_78),
        ("slope of high ground", slope.filter(&high)?.mean().item()?, 16.783_303_929_908_044),
        ("slope of low ground", slope.filter(&!&high)?.mean().item()?, 11.710_666_929_445_749),
        ("height of steep ground", inner.filter(&steep)?.mean().item()?, 602.938_814_628_850_5),
    ];
    for (what, got, expected) in checks {
        assert!(close(got, expected, 1e-12), "{what}: {got}, NumPy has {expected}");
    }
    Ok(())
}
