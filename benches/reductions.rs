//! Reductions over everything and along either axis.

use criterion::Criterion;
use gridloom::Array;
use gridloom::random::Generator;

use crate::common;

/// Sums over everything, rows and columns, the largest, the variance.
pub(crate) fn bench(criterion: &mut Criterion) {
    let n = common::side();
    let rng = Generator::new(2);
    for (device, client) in common::devices() {
        let keep = |x: Array<f64>| x.rechunk(n / 4).and_then(|x| x.persist_with(&client)).expect("an operand");
        let x = keep(rng.random((n, n)));
        let small = x.cast::<f32>().persist_with(&client).expect("an operand");
        let whole = (&x * 1000.0).cast::<i32>().persist_with(&client).expect("an operand");
        let run = |a: &Array<f64>| client.compute(a).expect("a run");
        let host = client.compute(&x).expect("values");

        let mut group = criterion.benchmark_group("sum");
        let sum = x.sum();
        assert!(common::close(run(&sum)[[]], host.sum(), 1e-12), "the sum");
        common::case(&mut group, common::name(device, &x), n * n * 8, || {
            run(&sum);
        });
        let sum = small.sum();
        let value = client.compute(&sum).expect("a sum")[[]];
        assert!(common::close(value.into(), host.sum(), 1e-5), "the sum of f32");
        common::case(&mut group, common::name(device, &small), n * n * 4, || {
            client.compute(&sum).expect("a run");
        });
        let sum = whole.sum();
        let expected: i64 = host.iter().map(|&v| (v * 1000.0) as i64).sum();
        assert_eq!(client.compute(&sum).expect("a sum")[[]], expected, "the sum of i32");
        common::case(&mut group, common::name(device, &whole), n * n * 4, || {
            client.compute(&sum).expect("a run");
        });
        group.finish();

        for (op, axis) in [("sum_axis_0", 0), ("sum_axis_1", 1)] {
            let mut group = criterion.benchmark_group(op);
            let sum = x.sum_axis(axis).expect("an axis");
            let expected = host.sum_axis(ndarray::Axis(axis as usize));
            let close = |(a, b): (&f64, &f64)| common::close(*a, *b, 1e-12);
            assert!(run(&sum).iter().zip(&expected).all(close), "{op}");
            common::case(&mut group, common::name(device, &x), n * n * 8, || {
                run(&sum);
            });
            group.finish();
        }

        let mut group = criterion.benchmark_group("max");
        let max = x.max().expect("elements");
        assert_eq!(run(&max)[[]], host.iter().copied().fold(0.0, f64::max), "the largest");
        common::case(&mut group, common::name(device, &x), n * n * 8, || {
            run(&max);
        });
        group.finish();

        let mut group = criterion.benchmark_group("var");
        let var = x.var(0.0).expect("a variance");
        let mean = host.sum() / host.len() as f64;
        let expected = host.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / host.len() as f64;
        assert!(common::close(run(&var)[[]], expected, 1e-10), "the variance");
        common::case(&mut group, common::name(device, &x), n * n * 8, || {
            run(&var);
        });
        group.finish();
    }
}
