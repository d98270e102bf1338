//! A stencil: the slope of a landscape from differences of neighbours. Shifted slices are views, and all of it is one kernel.

use gridloom::prelude::*;

fn main() -> gridloom::Result<()> {
    let (rows, columns) = (400, 600);
    let y = gridloom::linspace(0.0f64, 6.0, rows).insert_axis(1)?;
    let x = gridloom::linspace(0.0f64, 9.0, columns);
    let height = x.sin() + y.cos();

    let east = (height.slice(s![1..-1, 2..])? - height.slice(s![1..-1, ..-2])?) / (2.0 * 9.0 / (columns - 1) as f64);
    let south = (height.slice(s![2.., 1..-1])? - height.slice(s![..-2, 1..-1])?) / (2.0 * 6.0 / (rows - 1) as f64);
    let slope = east.hypot(&south)?;
    println!("{}", slope.max()?.explain()?); // what would run, and where
    assert!((slope.max()?.item()? - 2f64.sqrt()).abs() < 1e-3);
    Ok(())
}
