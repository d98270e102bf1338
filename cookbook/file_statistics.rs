//! Statistics of each column of a `.npy` file that may be larger than memory, in one pass over it.

use gridloom::prelude::*;

fn main() -> gridloom::Result<()> {
    let path = std::env::temp_dir().join("gridloom-cookbook-columns.npy");
    Generator::new(1).normal(9.0f32, 2.0, (100_000, 8)).to_npy(&path)?;

    // Only the header is read here. Elements are read by chunk, as the run needs them.
    let x = gridloom::read_npy::<f32>(&path, "auto")?;
    let client = Client::builder().memory_limit(64 << 20).build()?;
    // Of deviations the axis, and the degrees of freedom that the mean has taken. One pass makes all three.
    let (mean, deviation, most) = client.compute((&x.mean_axis(0)?, &x.std_axis(0, 1)?, &x.max_axis(0)?))?;
    println!("means {mean:.2}\ndeviations {deviation:.2}\nlargest {most:.2}");
    assert!(mean.iter().all(|m| (m - 9.0).abs() < 0.1));
    std::fs::remove_file(path).ok();
    Ok(())
}
