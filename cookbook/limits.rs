//! Runs that end when you say so: in the background, with a deadline, cancelled, within a budget.

use std::time::Duration;

use gridloom::prelude::*;
use gridloom::{CancelToken, Error};

fn main() -> gridloom::Result<()> {
    let x = Generator::new(3).normal(0.0f64, 1.0, (2000, 500));

    // In the background: awaited by any executor, or looked at now and then.
    let mut run = x.std(0)?.compute_async()?;
    let deviation = loop {
        match run.wait_timeout(Duration::from_millis(20))? {
            Some(deviation) => break deviation,
            None => println!("still running"),
        }
    };
    assert!((deviation[[]] - 1.0).abs() < 0.01);

    // Cancelled from anywhere: what has begun is finished, and the rest is not begun.
    let token = CancelToken::new();
    token.cancel();
    let cancelled = Client::get_default()?.with_cancel(&token).compute(&x.sum());
    assert!(matches!(cancelled, Err(Error::Cancelled { .. })));

    // A budget that is too small is refused before anything runs, with what would do.
    let small = Client::builder().memory_limit(1 << 20).build()?;
    let refused = small.compute(&x).unwrap_err();
    println!("{refused}");
    assert!(matches!(refused, Error::Memory { .. }));
    Ok(())
}
