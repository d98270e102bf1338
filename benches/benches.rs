//! What gridloom costs: `cargo bench`, or `cargo bench --bench benches -- --quick` for a first look.
//!
//! A group is an operation; in it a case is `device/dtype/elements/chunk`. Sizes are in binary units (`4Mi` is 2²²
//! elements). Throughput counts the bytes of the operands and of the result, each once, on the host. The timed span is a
//! whole `compute`: planning, uploads, kernels and downloads. Each case checks its result once before it is timed.
//!
//! Cases run on the CPU, and on an adapter too where `GRIDLOOM_BACKEND=gpu` is set (`GRIDLOOM_ADAPTER` names one).
//! `GRIDLOOM_BENCH_SIDE` is the side of the square arrays, 2048 by default.

mod common;
mod dot;
mod elementwise;
mod graph;
mod histogram;
mod random;
mod reductions;
mod short_axes;

fn main() {
    let mut criterion = common::criterion();
    elementwise::bench(&mut criterion);
    reductions::bench(&mut criterion);
    short_axes::bench(&mut criterion);
    random::bench(&mut criterion);
    dot::bench(&mut criterion);
    histogram::bench(&mut criterion);
    graph::bench(&mut criterion);
    criterion.final_summary();
}
