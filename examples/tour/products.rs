//! Sums with a transpose, matrix products beside ndarray's, and the reshape that Dask refuses.

use gridloom::random::Generator;
use ndarray::Ix2;

use crate::notebook::{Book, cell, close, digits, timed};
use crate::{Outcome, Sizes};

/// `a + aᵀ` and `a · (a + aᵀ)`.
pub(crate) fn sums(book: &mut Book, sizes: Sizes) -> Outcome {
    book.heading("Sums and products, beside ndarray's");
    cell!(book, let n = sizes.of(5000););
    cell!(book, let rng = Generator::new(3); let a = rng.random::<f64>((n, n)).persist()?; => a);
    timed!(book, let sum = (&a + &a.t()).compute()?);
    book.report();
    timed!(book, let product = gridloom::dot(&a, &(&a + &a.t()))?.compute()?);
    book.report();

    book.note("The same with ndarray:");
    cell!(book, let plain = a.compute()?.into_dimensionality::<Ix2>()?;);
    timed!(book, let plain_sum = &plain + &plain.t());
    timed!(book, let plain_product = plain.dot(&(&plain + &plain.t())));
    cell!(book, sum == plain_sum.into_dyn());
    assert_eq!(sum, (&plain + &plain.t()).into_dyn(), "a + aᵀ");
    book.note("The largest relative difference of the products is below n·ε:");
    // n products of positive numbers, each sum in some order.
    cell!(
        book,
        let worst = product.iter().zip(&plain_product).fold(0.0f64, |worst, (x, y)| worst.max((x - y).abs() / y.abs()));
        let bound = n as f64 * f64::EPSILON;
        => worst < bound
    );
    assert!(worst < bound, "the products differ by {worst}");

    book.note("A larger one, which is drawn where it is read and never stored:");
    cell!(book, let n = sizes.of(10_000););
    cell!(book, let a = rng.random::<f64>((n, n)); let total = (&a + &a.t()).sum(); => total);
    timed!(book, let total = total.item()?);
    book.report();
    cell!(book, digits(total));
    let twice = 2.0 * a.sum().item()?;
    assert!(close(total, twice, 1e-12), "the sum is {total}, twice that of a is {twice}");
    Ok(())
}

/// A reshape that cuts an axis in the middle, for any chunks.
pub(crate) fn reshape(book: &mut Book, sizes: Sizes) -> Outcome {
    book.heading("A reshape across chunks");
    cell!(book, let n = sizes.of(5000); let planes = sizes.of(1000););
    cell!(book, let rng = Generator::new(4); let x = rng.randint(0i32, 1000, (n, n))?.rechunk((n / 5, n / 4))?; => x);
    cell!(book, let y = x.reshape([planes as isize, n as isize, -1])?; => y);
    timed!(book, let values = y.compute()?);
    book.report();
    cell!(
        book,
        let expected = x.compute()?.into_shape_with_order((planes, n, n * n / planes / n))?.into_dyn();
        => values == expected
    );
    assert_eq!(values, expected, "the reshaped array");
    cell!(book, y.sum_axis(2)?.max()?.item()?);
    Ok(())
}
