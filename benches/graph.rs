//! What the graph costs beside the numbers: building, optimising and planning an expression over many chunks, and
//! running tasks that have next to nothing to do.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use gridloom::graph::Node;
use gridloom::plan::{Plan, lower};
use gridloom::{Array, Result, optimize, random::Generator};

use crate::common;

/// Elements of a chunk of the arrays that are run.
const CHUNK: usize = 64;

/// Plans of 10² to 10⁵ chunks; runs of 10² to 10⁴.
pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("graph");
    for chunks in [100, 1000, 10_000, 100_000] {
        let plan = plan(expression(chunks).expect("an expression").node());
        assert!(plan.tasks() >= chunks as u64, "{} tasks for {chunks} chunks", plan.tasks());
        group.throughput(Throughput::Elements(chunks as u64));
        group.bench_function(format!("build_plan/{chunks} chunks"), |bencher| {
            bencher.iter(|| self::plan(expression(black_box(chunks)).expect("an expression").node()));
        });
    }
    for (device, client) in common::devices() {
        for chunks in [100, 1000, 10_000] {
            let x = gridloom::arange::<i32>(chunks * CHUNK).rechunk(CHUNK).expect("chunks");
            let sum = (&x + 1).sum();
            let n = (chunks * CHUNK) as i64;
            assert_eq!(client.compute(&sum).expect("a sum")[[]], n * (n + 1) / 2, "the sum");
            group.throughput(Throughput::Elements(chunks as u64));
            group.bench_function(format!("run/{device}/{chunks} chunks"), |bencher| {
                bencher.iter(|| client.compute(&sum).expect("a run"));
            });
        }
    }
    group.finish();
}

/// A dozen nodes over a square grid of about `chunks` chunks: draws, arithmetic, a transpose, a reduction.
fn expression(chunks: usize) -> Result<Array<f64>> {
    let grid = (chunks as f64).sqrt().ceil() as usize;
    let n = 100 * grid;
    let rng = Generator::new(6);
    let x = rng.normal(0.0, 1.0, (n, n)).rechunk(100)?;
    let centred = &x - &x.mean_keepdims(0)?;
    (&centred * &centred + &x.t() * 0.5).sqrt().sum_axis(1)
}

fn plan(node: &Arc<Node>) -> Plan {
    lower::lower(&optimize::optimize(std::slice::from_ref(node)), None).expect("a plan")
}
