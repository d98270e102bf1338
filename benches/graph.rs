//! What the graph costs beside the numbers: building, optimising and planning an expression over many chunks, and
//! running tasks that have next to nothing to do.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use gridloom::graph::Node;
use gridloom::plan::{Plan, lower};
use gridloom::{Array, Backend, Client, Result, optimize, random::Generator, resident};

use crate::common;

/// Elements of a chunk of the arrays that are run.
const CHUNK: usize = 64;
/// Chunks of the largest array.
const MOST: usize = 1_000_000;

/// Plans and runs of 10³ to 10⁶ chunks: batched as users run them, and a task a chunk, on one thread and on all.
pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("graph");
    for chunks in [1000, 10_000, 100_000, MOST] {
        let plan = plan(expression(chunks).expect("an expression").node());
        assert!(plan.tasks() >= chunks as u64, "{} tasks for {chunks} chunks", plan.tasks());
        group.throughput(Throughput::Elements(chunks as u64));
        group.bench_function(format!("build_plan/{chunks} chunks"), |bencher| {
            bencher.iter(|| self::plan(expression(black_box(chunks)).expect("an expression").node()));
        });
    }
    let one = |elements: u64| {
        let client = Client::builder().backend(Backend::Cpu).workers(1).task_elements(elements).no_progress().build();
        client.expect("a client")
    };
    let mut clients = vec![("cpu, 1 thread, batched", one(1 << 16)), ("cpu, 1 thread, a task a chunk", one(1))];
    clients.extend(common::devices());
    for (name, client) in clients {
        for chunks in [1000, 10_000, 100_000, MOST] {
            // A launch a chunk on an adapter takes long enough at 10⁴.
            if name.contains("a task a chunk") && chunks == MOST {
                continue;
            }
            let x = gridloom::arange::<i32>(chunks * CHUNK).rechunk(CHUNK).expect("chunks");
            let sum = (&x + 1).sum();
            let n = (chunks * CHUNK) as i64;
            assert_eq!(client.compute(&sum).expect("a sum")[[]], n * (n + 1) / 2, "the sum");
            group.throughput(Throughput::Elements(chunks as u64));
            group.bench_function(format!("run/{name}/{chunks} chunks"), |bencher| {
                bencher.iter(|| client.compute(&sum).expect("a run"));
            });
        }
    }
    group.finish();
    // What a million chunks add to the process: a plan, and a run by the task a chunk.
    let before = resident();
    let expression = expression(MOST).expect("an expression");
    let million = plan(expression.node());
    let planned = resident();
    let x = gridloom::arange::<i32>(MOST * CHUNK).rechunk(CHUNK).expect("chunks");
    one(1).compute(&(&x + 1).sum()).expect("a run");
    let ran = resident();
    let kib = |bytes: Option<u64>| bytes.unwrap_or(0) >> 10;
    let (planned, ran) = (kib(planned) - kib(before).min(kib(planned)), kib(ran) - kib(before).min(kib(ran)));
    println!(
        "graph: {MOST} chunks, {} stages: {planned} KiB more when planned, {ran} KiB more when run",
        million.stages.len()
    );
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
    lower::lower(&optimize::optimize(std::slice::from_ref(node)).expect("a graph"), None).expect("a plan")
}
