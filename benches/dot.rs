//! Matrix products. Throughput is in operations: a multiplication and an addition for each of n³ terms.

use criterion::{Criterion, Throughput};
use gridloom::Client;
use gridloom::dtype::Real;
use gridloom::random::Generator;

use crate::common;

/// Products of square matrices, a quarter of the usual side and half of it.
pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dot");
    for (device, client) in common::devices() {
        for n in [common::side() / 4, common::side() / 2] {
            measure::<f32>(&mut group, device, &client, n, 1e-4);
            measure::<f64>(&mut group, device, &client, n, 1e-12);
        }
    }
    group.finish();
}

fn measure<T: Real + Into<f64>>(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    device: &str,
    client: &Client,
    n: usize,
    tolerance: f64,
) {
    let rng = Generator::new(4);
    let draw = || rng.random::<T>((n, n)).rechunk(n / 2).and_then(|x| x.persist_with(client)).expect("operands");
    let (a, b) = (draw(), draw());
    let product = a.dot(&b).expect("shapes that align");

    // One element, term by term.
    let (x, y) = (client.compute(&a).expect("values"), client.compute(&b).expect("values"));
    let (row, column) = (n - 1, n / 3);
    let expected: f64 = (0..n).map(|k| x[[row, k]].into() * y[[k, column]].into()).sum();
    let got: f64 = client.compute(&product).expect("a product")[[row, column]].into();
    assert!(common::close(got, expected, tolerance), "{device}: {got}, expected {expected}");

    // Criterion counts "elements"; these are operations.
    group.throughput(Throughput::ElementsAndBytes {
        elements: 2 * (n as u64).pow(3),
        bytes: (3 * n * n * T::DTYPE.size()) as u64,
    });
    group.bench_function(common::name(device, &a), |bencher| {
        bencher.iter(|| client.compute(&product).expect("a run"));
    });
}
