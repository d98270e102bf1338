//! k-means: the points stay where they are computed, and each round brings back k centres.

use gridloom::prelude::*;

fn main() -> gridloom::Result<()> {
    let (n, k) = (60_000, 3);
    let rng = Generator::new(7);
    // Three clouds around (0, 0), (5, 5) and (10, 10).
    let cloud = rng.integers(0i32, 3, (n, 1))?.cast::<f64>() * 5.0;
    let points = (rng.normal(0.0, 0.5, (n, 2)) + cloud).persist()?;

    let mut centres = ndarray::arr2(&[[1.0, 0.0], [4.0, 6.0], [9.0, 9.0]]);
    for _ in 0..5 {
        // (n, 1, 2) - (k, 2): squared distances of every point to every centre.
        let difference = points.insert_axis(1)? - &centres;
        let nearest = (&difference * &difference).sum_axis(2)?.argmin_axis(1)?.persist()?;
        for c in 0..k {
            let own = nearest.eq(c as i64).cast::<f64>();
            let (sum, count) = gridloom::compute((&own.dot(&points)?, &own.sum()))?;
            centres.row_mut(c).assign(&(sum / count[[]]).into_dimensionality::<ndarray::Ix1>().unwrap());
        }
    }
    println!("{centres:.2}");
    assert!(centres.outer_iter().zip([0.0, 5.0, 10.0]).all(|(c, at)| c.iter().all(|v| (v - at).abs() < 0.05)));
    Ok(())
}
