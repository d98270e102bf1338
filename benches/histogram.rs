//! Histograms: of stored numbers, and the whole exercise (draw, add, select, count) in one kernel a chunk.

use criterion::Criterion;
use gridloom::random::Generator;
use gridloom::{Array, Client, Result};

use crate::common;

/// 100 bins.
pub(crate) fn bench(criterion: &mut Criterion) {
    let n = common::side();
    let rng = Generator::new(5);
    for (device, client) in common::devices() {
        let x = rng.normal(10.0f64, 1.0, (n, n)).rechunk(n / 4).expect("chunks");
        let stored = x.persist_with(&client).expect("numbers");
        let small = stored.cast::<f32>().persist_with(&client).expect("numbers");

        let mut group = criterion.benchmark_group("histogram");
        let counts = stored.histogram((100, 0.0, 20.0)).expect("bins").counts;
        check(&client, &counts, (n * n) as i64, 0);
        common::case(&mut group, common::name(device, &stored), n * n * 8, || {
            client.compute(&counts).expect("a run");
        });
        let counts = small.histogram((100, 0.0, 20.0)).expect("bins").counts;
        check(&client, &counts, (n * n) as i64, 0);
        common::case(&mut group, common::name(device, &small), n * n * 4, || {
            client.compute(&counts).expect("a run");
        });
        group.finish();

        // Bytes are those of the numbers drawn; none is stored.
        let mut group = criterion.benchmark_group("draw_select_histogram");
        let exercise =
            |x: &Array<f64>| -> Result<Array<i64>> { Ok(x.filter(&x.lt(10.0))?.histogram((100, -9.0, 11.0))?.counts) };
        let counts = exercise(&x).expect("an expression");
        check(&client, &counts, (n * n / 2) as i64, 5 * n as i64 / 2);
        common::case(&mut group, common::name(device, &x), n * n * 8, || {
            client.compute(&counts).expect("a run");
        });
        group.finish();
    }
}

/// The counts add up to `total` within `slack`.
fn check(client: &Client, counts: &Array<i64>, total: i64, slack: i64) {
    let sum = client.compute(counts).expect("counts").sum();
    assert!((sum - total).abs() <= slack, "{sum} numbers in bins, expected {total} ± {slack}");
}
