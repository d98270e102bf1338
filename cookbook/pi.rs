//! π by throwing darts: a million random points, none of which is stored.

use gridloom::prelude::*;

fn main() -> gridloom::Result<()> {
    let n = 1_000_000; // a hundred times as many take a hundred times as long, and no more memory
    let rng = Generator::new(42);
    let (x, y): (Array<f64>, Array<f64>) = (rng.random(n), rng.random(n));
    let inside = (&x * &x + &y * &y).lt(1.0);
    let pi = 4.0 * inside.count_nonzero().item()? as f64 / n as f64;
    println!("π is about {pi}");
    assert!((pi - std::f64::consts::PI).abs() < 0.01);
    Ok(())
}
