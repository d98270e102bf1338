//! Random numbers, drawn into a sum so that nothing is stored. Bytes are those of the numbers.

use criterion::Criterion;
use gridloom::random::Generator;
use gridloom::{Array, Client, Element};

use crate::common;

/// Uniform, normal and integer draws.
pub(crate) fn bench(criterion: &mut Criterion) {
    let shape = (common::side(), common::side());
    let rng = Generator::new(3);
    for (device, client) in common::devices() {
        let mut group = criterion.benchmark_group("uniform");
        measure(&mut group, device, &client, &rng.random::<f32>(shape), 0.5);
        measure(&mut group, device, &client, &rng.random::<f64>(shape), 0.5);
        group.finish();
        let mut group = criterion.benchmark_group("normal");
        measure(&mut group, device, &client, &rng.normal(9.0f32, 1.0, shape), 9.0);
        measure(&mut group, device, &client, &rng.normal(9.0f64, 1.0, shape), 9.0);
        group.finish();
        let mut group = criterion.benchmark_group("integers");
        let draws = rng.integers(0i32, 100, shape).expect("a range");
        measure(&mut group, device, &client, &draws, 49.5);
        group.finish();
    }
}

/// Times the sum of `draws`, whose mean is near `mean`.
fn measure<T: Element<Mean: Into<f64>>>(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    device: &str,
    client: &Client,
    draws: &Array<T>,
    mean: f64,
) {
    let got = client.compute(&draws.mean()).expect("a mean")[[]].into();
    assert!(common::close(got, mean, 0.01), "{device}: the mean is {got}, not near {mean}");
    let sum = draws.sum();
    let bytes = draws.nbytes().expect("a known length");
    common::case(group, common::name(device, draws), bytes, || {
        client.compute(&sum).expect("a run");
    });
}
