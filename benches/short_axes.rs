//! Axes of a few places: reductions along them, operands spread over them, a step of k-means. Sizes are fixed: 10⁶ rows.

use criterion::Criterion;
use gridloom::random::Generator;
use gridloom::{Array, Client, Result, arange, linspace, zeros};

use crate::common;

const ROWS: usize = 1_000_000;

/// Sums, smallest values and their places along eight, labels as columns, rows less their centre, k-means, and a loop.
pub(crate) fn bench(criterion: &mut Criterion) {
    for (device, client) in common::devices() {
        rows(criterion, device, &client).expect("the cases of rows");
        escape(criterion, device, &client).expect("the loop");
    }
}

fn rows(criterion: &mut Criterion, device: &str, client: &Client) -> Result<()> {
    let rng = Generator::new(3);
    let x = rng.random::<f64>((ROWS, 8)).persist_with(client)?;
    let centres = rng.random::<f64>((5, 8)).persist_with(client)?;
    let labels = rng.integers(0i64, 5, ROWS)?.persist_with(client)?;
    let name = common::name(device, &x);
    let bytes = ROWS * 8 * 8;

    let host = client.compute(&x)?;
    let sums = client.compute(&x.sum_axis(1)?)?;
    let close = |(sum, row): (&f64, ndarray::ArrayViewD<'_, f64>)| common::close(*sum, row.sum(), 1e-14);
    assert!(sums.iter().zip(host.outer_iter()).all(close), "sums along the rows");

    let mut group = criterion.benchmark_group("short_axis");
    let case = |group: &mut _, op: &str, run: &dyn Fn() -> Result<()>| {
        common::case(group, format!("{op}/{name}"), bytes, || run().expect("a run"));
    };
    let hot = labels.insert_axis(1)?.eq(arange::<i64>(5)).cast::<f64>();
    let near = &x.insert_axis(1)? - &centres;
    let nearest = (&near * &near).sum_axis(2)?.argmin_axis(1)?;
    fn run<T: gridloom::Element>(client: &Client, array: &Array<T>) -> Result<()> {
        client.compute(array).map(drop)
    }
    let (sum, least, place) = (x.sum_axis(1)?, x.min_axis(1)?, x.argmin_axis(1)?);
    let (mean, variance, moved) = (x.mean_axis(1)?, x.var_axis(1, 0.0)?, &x - &x.mean_axis(0)?);
    case(&mut group, "sum", &|| run(client, &sum));
    case(&mut group, "min", &|| run(client, &least));
    case(&mut group, "argmin", &|| run(client, &place));
    case(&mut group, "mean", &|| run(client, &mean));
    case(&mut group, "var", &|| run(client, &variance));
    case(&mut group, "one_hot", &|| run(client, &hot));
    case(&mut group, "less_mean", &|| run(client, &moved));
    case(&mut group, "nearest", &|| run(client, &nearest));
    case(&mut group, "k_means", &|| {
        let label = nearest.persist_with(client)?;
        let one = label.insert_axis(1)?.eq(arange::<i64>(5)).cast::<f64>();
        run(client, &(&one.t().dot(&x)? / &one.sum_axis(0)?.insert_axis(1)?))
    });
    group.finish();
    Ok(())
}

/// Fifty steps of z² + c with two states and a count: one expression, nothing kept between the steps.
fn escape(criterion: &mut Criterion, device: &str, client: &Client) -> Result<()> {
    const SIDE: usize = 1000;
    let real = linspace(-2.0, 0.5, SIDE).broadcast_to((SIDE, SIDE))?;
    let imaginary = linspace(-1.25, 1.25, SIDE).insert_axis(1)?.broadcast_to((SIDE, SIDE))?;
    let mut group = criterion.benchmark_group("escape");
    for steps in [10, 20, 50] {
        let (mut a, mut b) = (zeros::<f64>((SIDE, SIDE)), zeros::<f64>((SIDE, SIDE)));
        let mut count = zeros::<i64>((SIDE, SIDE));
        for _ in 0..steps {
            let (aa, bb) = (&a * &a, &b * &b);
            count = &count + (&aa + &bb).lt(4.0).cast::<i64>();
            (a, b) = (&(&aa - &bb) + &real, &(&(&a * &b) * 2.0) + &imaginary);
        }
        assert_eq!(client.compute(&count)?[[SIDE / 2, SIDE * 4 / 5]], steps, "the origin never escapes");
        common::case(&mut group, format!("{device}/f64/{steps}"), SIDE * SIDE * 8, || {
            client.compute(&count).expect("a run");
        });
    }
    group.finish();
    Ok(())
}
