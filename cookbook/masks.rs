//! Masks: replacing, counting and selecting what a condition holds for.

use gridloom::prelude::*;

fn main() -> gridloom::Result<()> {
    let x = gridloom::array([3.0, f64::NAN, -1.0, 8.0, f64::NAN, 0.5]);
    let filled = where_(&x.isnan(), x.nanmean(), &x)?; // NaN becomes the mean of the others
    assert_eq!(filled.to_vec()?, [3.0, 2.625, -1.0, 8.0, 2.625, 0.5]);

    let positive = filled.gt(0.0);
    assert_eq!(positive.count_nonzero().item()?, 5);

    // Selected elements are an array whose length is known after computing. Reductions do not need it ...
    let selected = filled.filter(&positive)?;
    assert_eq!(selected.min()?.item()?, 0.5);
    // ... and what does can have it computed.
    let selected = selected.resolve()?;
    assert_eq!(selected.slice(s![..2])?.to_vec()?, [3.0, 2.625]);
    Ok(())
}
