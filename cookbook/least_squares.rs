//! A straight line through noisy points, by the normal equations: two products over all the data, then two numbers.

use gridloom::prelude::*;

fn main() -> gridloom::Result<()> {
    let n = 200_000;
    let x = gridloom::linspace(0.0f64, 1.0, n);
    let y = &x * 3.0 + 2.0 + Generator::new(5).normal(0.0, 0.1, n);

    let a = gridloom::stack(&[&x, &gridloom::ones(n)], 1)?; // (n, 2)
    let (normal, right) = gridloom::compute((&a.t().dot(&a)?, &a.t().dot(&y)?))?;
    let determinant = normal[[0, 0]] * normal[[1, 1]] - normal[[0, 1]] * normal[[1, 0]];
    let slope = (right[[0]] * normal[[1, 1]] - right[[1]] * normal[[0, 1]]) / determinant;
    let start = (right[[1]] * normal[[0, 0]] - right[[0]] * normal[[1, 0]]) / determinant;
    println!("y = {slope:.3} x + {start:.3}");
    assert!((slope - 3.0).abs() < 0.01 && (start - 2.0).abs() < 0.01);
    Ok(())
}
