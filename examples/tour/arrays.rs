//! Arrays small and large: making them, looking at them, slices, masks and functions.

use gridloom::Array;
use gridloom::prelude::*;
use gridloom::random::Generator;

use crate::notebook::{Book, cell};
use crate::{Outcome, Sizes};

/// A client and a small array.
pub(crate) fn small(book: &mut Book) -> Outcome {
    book.heading("A client and a first array");
    book.input(&["client"]);
    let client = book.client().to_string();
    book.about_client(&client);
    cell!(book, let rng = Generator::new(42); let a = rng.randint(0i32, 100, (4, 5))?; => a);
    cell!(book, a.compute()?);
    cell!(book, "{:?}", a.shape());
    cell!(book, a.dtype());
    cell!(book, a.max()?);
    cell!(book, a.max()?.item()?);
    cell!(book, let b = 10 * &a; => b);
    cell!(book, b.compute()?);
    let (a, b) = gridloom::compute((&a, &b))?;
    assert!(a.iter().all(|v| (0..100).contains(v)), "a draw outside [0, 100)");
    assert_eq!(&a * 10, b, "10 * a");
    Ok(())
}

/// Ways to make arrays.
pub(crate) fn creation(book: &mut Book) -> Outcome {
    book.heading("Making arrays");
    cell!(book, gridloom::zeros::<f32>((2, 3)).compute()?);
    cell!(book, gridloom::ones::<i32>(4).compute()?);
    cell!(book, gridloom::full((2, 2), 7u8).compute()?);
    cell!(book, gridloom::eye::<i32>(3).compute()?);
    cell!(book, arange::<i32>(5).compute()?);
    cell!(book, gridloom::arange_step(1.0, 2.0, 0.25)?.compute()?);
    cell!(book, gridloom::linspace(0.0, 1.0, 5).compute()?);
    cell!(book, gridloom::from_fn((2, 3), |at| (10 * at[0] + at[1]) as i32).compute()?);
    cell!(
        book,
        let x = gridloom::full((4, 6), 2.5f64).rechunk((2, 3))?;
        let same = gridloom::ones_like(&x);
        => same
    );
    cell!(book, gridloom::zeros_like(&x).sum().item()? + gridloom::full_like(&x, 0.5).sum().item()?);

    book.note("From an ndarray, which is shared and not copied; it may stand in expressions as it is, too.");
    cell!(
        book,
        let data = ndarray::array![[1.5, 2.5], [3.5, 4.5]];
        let x = gridloom::from_ndarray(data.clone(), "auto")?;
        => x
    );
    cell!(book, (&x + &data).compute()?);
    assert_eq!((&x + &data).compute()?, (&data * 2.0).into_dyn(), "x + data");
    Ok(())
}

/// An array larger than one chunk.
pub(crate) fn large(book: &mut Book, sizes: Sizes) -> Outcome {
    book.heading("A larger array, in chunks");
    cell!(book, let rows = sizes.of(20_000); let columns = sizes.of(5000););
    cell!(book, let rng = Generator::new(7);
        let x = rng.randint(0i32, 100, (rows, columns))?.rechunk((rows / 20, columns / 5))?; => x);
    cell!(book, "{:?}", x.chunks().grid());
    let path = book.path("chunks.html");
    std::fs::write(&path, x.to_html())?;
    book.wrote(&path)?;
    cell!(book, let mean = x.mean(); => mean);
    let path = book.path("mean.svg");
    mean.visualize(&path)?;
    book.wrote(&path)?;
    book.input(&["mean.plan()?"]);
    book.output_of_client(&mean.plan()?);
    cell!(book, "{:.4}", mean.item()?);
    book.report();
    let mean = mean.item()?;
    // Five standard errors of the mean.
    let bound = 5.0 * 28.9 / ((rows * columns) as f64).sqrt();
    assert!((mean - 49.5).abs() < bound, "the mean is {mean}, not near 49.5");
    Ok(())
}

/// Slices are views.
pub(crate) fn slicing(book: &mut Book) -> Outcome {
    book.heading("Slices");
    cell!(book, let a = arange::<i32>(20).reshape([4, 5])?; => a.compute()?);
    cell!(book, a.slice(s![0, 0])?.item()?);
    cell!(book, a.slice(s![1, ..])?.compute()?);
    cell!(book, a.slice(s![.., 1..3])?.compute()?);
    cell!(book, a.slice(s![..;2, ..;-1])?.compute()?);
    cell!(book, a.take([-1, 0, 0], 0)?.compute()?);
    cell!(book, a.slice(s![1..-1, ..])?);
    let values = ndarray::Array::from_iter(0..20).into_shape_with_order((4, 5))?;
    assert_eq!(a.slice(s![..;2, ..;-1])?.compute()?, values.slice(s![..;2, ..;-1]).into_dyn(), "a slice with steps");
    Ok(())
}

/// Masks, and what they select.
pub(crate) fn selection(book: &mut Book) -> Outcome {
    book.heading("Logical arrays and selection");
    cell!(book, let rng = Generator::new(42); let a = rng.randint(0i32, 100, (4, 5))?; let mask = a.gt(50); => mask);
    cell!(book, mask.compute()?);
    book.note("How many elements a mask selects is known after computing only.");
    cell!(book, let chosen = a.filter(&mask)?; => chosen);
    cell!(book, "{:?}", chosen.shape());
    cell!(book, chosen.compute()?);
    cell!(book, (&chosen * 2 + 1).compute()?);
    cell!(book, "{:.4}", chosen.mean().item()?);
    cell!(book, where_(&mask, &a, 0)?.compute()?);
    let (values, kept) = gridloom::compute((&a, &chosen))?;
    let expected: Vec<i32> = values.iter().copied().filter(|&v| v > 50).collect();
    assert_eq!(kept.as_slice(), Some(expected.as_slice()), "what the mask selects");
    Ok(())
}

/// Functions of elements, reductions, and functions of the user's.
pub(crate) fn functions(book: &mut Book) -> Outcome {
    book.heading("Functions and methods");
    cell!(book, let rng = Generator::new(42); let a = rng.randint(0i32, 100, (4, 5))?; let x = a.cast::<f64>(); => x);
    cell!(book, "{:.4}", x.sqrt().compute()?);
    cell!(book, "{:.4}", (x.radians().sin().square() + x.radians().cos().square()).compute()?);
    cell!(book, a.sum().item()?);
    cell!(book, a.sum_axis(0)?.compute()?);
    cell!(book, a.max_axis(-1)?.compute()?);
    cell!(book, a.argmax()?.item()?);
    cell!(book, "{:.4}", x.std_axis(Axis(0), 1.0)?.compute()?);
    cell!(book, "{:.4}", (&x - x.mean_keepdims(0)?).compute()?);
    cell!(book, a.clip(20, 80)?.compute()?);
    cell!(book, "{:.4}", x.map(|v| (v / 100.0).sqrt() * 10.0).compute()?);
    cell!(book, gridloom::concatenate(&[a.slice(s![..1, ..])?, a.slice(s![-1.., ..])?], 0)?.compute()?);

    book.note("What does not fit is refused when the expression is written, before anything runs.");
    book.input(&["a.dot(&a)"]);
    match a.dot(&a) {
        Ok(_) => return Err("the product of shapes that do not fit was accepted".into()),
        Err(error) => book.output(&error),
    }
    let sum: Array<i64> = a.sum();
    assert_eq!(sum.item()?, a.compute()?.iter().map(|&v| i64::from(v)).sum::<i64>(), "the sum");
    Ok(())
}
