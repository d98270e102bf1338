//! Plans: what is fused, what is shared, where fusion stops, and that size is no matter. No device runs anything here.

use std::sync::Arc;

use gridloom::event::Observer;
use gridloom::graph::{Node, post_order};
use gridloom::optimize::optimize;
use gridloom::plan::capability::Capabilities;
use gridloom::plan::expr::Inst;
use gridloom::plan::grid::Sizes;
use gridloom::plan::lower::{lower, lower_sized};
use gridloom::plan::{Place, Plan, StageKind};
use gridloom::prelude::*;
use gridloom::random::Generator;
use gridloom::schedule::Executor;
use gridloom::{Element, arange, compute, from_ndarray, ones, zeros};
use insta::assert_snapshot;
use ndarray::Array3;

use crate::common::runs::{Counting, Notes, null_run};

/// The plan of some nodes for the CPU.
fn plan_of(nodes: &[Arc<Node>]) -> Plan {
    lower(&optimize(nodes).unwrap(), None).unwrap()
}
/// The plan of an array for the CPU.
fn plan<T: Element>(x: &Array<T>) -> Plan {
    plan_of(&[x.node().clone()])
}
/// The plan of an array for an adapter.
fn plan_for<T: Element>(x: &Array<T>, capabilities: &Capabilities) -> Plan {
    lower(&optimize(&[x.node().clone()]).unwrap(), Some(capabilities)).unwrap()
}
/// Instructions of the plan's programs that satisfy a condition.
fn instructions(plan: &Plan, wanted: impl Fn(&Inst) -> bool) -> usize {
    let programs = plan.stages.iter().filter_map(|stage| match &stage.kind {
        StageKind::Kernel { kernel, .. } => kernel.program(),
        _ => None,
    });
    programs.map(|program| program.insts.iter().filter(|inst| wanted(inst)).count()).sum()
}
/// The most instructions that one program of the plan has.
fn longest(plan: &Plan) -> usize {
    let lengths = plan.stages.iter().filter_map(|stage| match &stage.kind {
        StageKind::Kernel { kernel, .. } => Some(kernel.program()?.insts.len()),
        _ => None,
    });
    lengths.max().unwrap_or(0)
}

#[test]
fn the_exercise_is_one_kernel_a_chunk_and_nothing_of_its_size_is_written() {
    let x = Generator::new(42).normal(9.0, 1.0, (5000, 5000)) + ones((5000, 5000));
    let low = x.filter(&x.lt(10.0)).unwrap();
    let histogram = low.histogram((100, -9.0, 11.0)).unwrap();
    let plan = plan(&histogram.counts);
    assert_snapshot!(plan, @"
    plan: 3 stages, 13 tasks; predicted peak 41.59 KiB on host
    #0 memory edges
       0 tasks; f64 (101,); reads 0 B, writes 0 B
    #1 cpu    histogram ⟵ random.normal → add → add → lt (#0)
       12 tasks; one state a chunk of i64 (1250×4, 1668×2+1664); reads 808 B, writes 0 B
    #2 cpu    combine sum (#1)
       1 tasks; i64 (100,); reads 0 B, writes 800 B
    ");
    let drawn = instructions(&plan, |inst| matches!(inst, Inst::Random { .. }));
    assert_eq!(drawn, 1, "the random numbers are drawn once");
}

#[test]
fn a_mean_is_one_kernel_a_chunk_and_a_merge() {
    let data = ndarray::Array2::<f32>::zeros((200, 100));
    let x = from_ndarray(data, (50, 100)).unwrap();
    assert_snapshot!(plan(&(&x * 2.0 + 1.0).mean()), @"
    plan: 3 stages, 5 tasks; predicted peak 6.84 KiB on host
    #0 memory from_ndarray
       0 tasks; f32 (200, 100); reads 0 B, writes 0 B
    #1 cpu    sum ⟵ mul → add (#0)
       4 tasks; one state a chunk of f32 (50×4, 100); reads 78.12 KiB, writes 0 B
    #2 cpu    combine sum (#1)
       1 tasks; f32 (); reads 0 B, writes 4 B
    ");
    assert_snapshot!(plan(&x.mean_axis(0).unwrap()), @"
    plan: 3 stages, 5 tasks; predicted peak 16.12 KiB on host
    #0 memory from_ndarray
       0 tasks; f32 (200, 100); reads 0 B, writes 0 B
    #1 cpu    sum ⟵ copy (#0)
       4 tasks; one state a chunk of f32 (50×4, 100); reads 78.12 KiB, writes 0 B
    #2 cpu    combine sum (#1)
       1 tasks; f32 (100,); reads 0 B, writes 400 B
    ");
}

#[test]
fn many_states_are_merged_in_levels() {
    assert_snapshot!(plan(&arange::<f64>(1000).rechunk(1).unwrap().sum()), @"
    plan: 3 stages, 1,017 tasks; predicted peak 389.82 KiB on host
    #0 cpu    sum ⟵ index → cast.f64
       1,000 tasks; one state a chunk of f64 (1×1000,); reads 0 B, writes 0 B
    #1 cpu    combine sum (one level) (#0)
       16 tasks; f64 (1×16,); reads 0 B, writes 0 B
    #2 cpu    combine sum (#1)
       1 tasks; f64 (); reads 128 B, writes 8 B
    ");
}

#[test]
fn a_product_reads_the_transposed_operand_in_place() {
    let a = Generator::new(1).normal(0.0f32, 1.0, (100, 100)).rechunk(50).unwrap();
    assert_snapshot!(plan(&a.dot(&(&a + a.t())).unwrap()), @"
    plan: 3 stages, 12 tasks; predicted peak 339.50 KiB on host
    #0 cpu    map ⟵ random.normal
       4 tasks; f32 (50×2, 50×2); reads 0 B, writes 39.06 KiB
    #1 cpu    map ⟵ add (#0)
       4 tasks; f32 (50×2, 50×2); reads 39.06 KiB, writes 39.06 KiB
    #2 cpu    dot (#0, #1)
       4 tasks; f32 (50×2, 50×2); reads 78.12 KiB, writes 39.06 KiB
    ");
    assert_snapshot!(plan(&a.dot(&a.t()).unwrap()), @"
    plan: 2 stages, 8 tasks; predicted peak 300.44 KiB on host
    #0 cpu    map ⟵ random.normal
       4 tasks; f32 (50×2, 50×2); reads 0 B, writes 39.06 KiB
    #1 cpu    dot (#0)
       4 tasks; f32 (50×2, 50×2); reads 39.06 KiB, writes 39.06 KiB
    ");
}

#[test]
fn a_reshape_fuses_what_it_reads() {
    let x = arange::<f32>(5000 * 100).rechunk(100_000).unwrap();
    assert_snapshot!(plan(&(&x + 1.0).reshape([5000, -1]).unwrap().sqrt()), @"
    plan: 2 stages, 10 tasks; predicted peak 5.35 MiB on host
    #0 cpu    map ⟵ index → cast.f32 → add
       5 tasks; f32 (1000×5, 100); reads 0 B, writes 1.91 MiB
    #1 cpu    map ⟵ sqrt (#0)
       5 tasks; f32 (1000×5, 100); reads 1.91 MiB, writes 1.91 MiB
    ");
}

#[test]
fn a_slice_of_random_numbers_draws_the_slice_only() {
    let x = Generator::new(3).random::<f32>((10_000, 10_000));
    let plan = plan(&x.slice(s![..10, ..;100]).unwrap());
    assert_snapshot!(plan, @"
    plan: 1 stages, 5 tasks; predicted peak 10.03 KiB on host
    #0 cpu    map ⟵ random.uniform
       5 tasks; f32 (10, 20×5); reads 0 B, writes 3.91 KiB
    ");
    let elements: u64 = plan.stages.iter().filter_map(|stage| stage.chunks.elements()).sum();
    assert_eq!(elements, 1000);
}

#[test]
fn outputs_share_the_work_they_have_in_common() {
    let x = Generator::new(5).normal(0.0f32, 1.0, 1000).take([5; 100], 0).unwrap();
    let (mean, std) = (x.mean(), x.std(0.0).unwrap());
    let plan = plan_of(&[mean.node().clone(), std.node().clone()]);
    assert_snapshot!(plan, @"
    plan: 5 stages, 5 tasks; predicted peak 10.89 KiB on host
    #0 cpu    map ⟵ random.normal
       1 tasks; f32 (1000,); reads 0 B, writes 3.91 KiB
    #1 cpu    take (#0)
       1 tasks; f32 (100,); reads 3.91 KiB, writes 400 B
    #2 cpu    sum, moments ⟵ copy (#1)
       1 tasks; one state a chunk of f32 (100,); reads 400 B, writes 0 B
    #3 cpu    combine sum (#2)
       1 tasks; f32 (); reads 0 B, writes 4 B
    #4 cpu    combine moments (#2)
       1 tasks; f32 (); reads 0 B, writes 4 B
    ");
    let drawn = instructions(&plan, |inst| matches!(inst, Inst::Random { .. }));
    assert_eq!(drawn, 1);
}

#[test]
fn an_output_that_another_one_needs_is_made_once() {
    let x = arange::<f32>(1000).sqrt();
    let plan = plan_of(&[x.node().clone(), x.sum().node().clone(), x.node().clone()]);
    assert_eq!(plan.outputs[0], plan.outputs[2]);
    assert_snapshot!(plan, @"
    plan: 3 stages, 3 tasks; predicted peak 17.93 KiB on host
    #0 cpu    map ⟵ index → cast.f32 → sqrt
       1 tasks; f32 (1000,); reads 0 B, writes 3.91 KiB
    #1 cpu    sum ⟵ copy (#0)
       1 tasks; one state a chunk of f32 (1000,); reads 3.91 KiB, writes 0 B
    #2 cpu    combine sum (#1)
       1 tasks; f32 (); reads 0 B, writes 4 B
    ");
}

#[test]
fn equal_expressions_are_evaluated_once() {
    let x = Array::from(vec![1.0f32, 2.0]);
    let plan = plan(&(x.sin() + x.sin()));
    assert_snapshot!(plan, @"
    plan: 2 stages, 1 tasks; predicted peak 1.52 KiB on host
    #0 memory from_ndarray
       0 tasks; f32 (2,); reads 0 B, writes 0 B
    #1 cpu    map ⟵ sin → add (#0)
       1 tasks; f32 (2,); reads 8 B, writes 8 B
    ");
    assert_eq!(instructions(&plan, |inst| matches!(inst, Inst::Unary(..))), 1);
}

#[test]
fn constants_are_folded() {
    let two = Array::from(4.0f32).sqrt();
    assert_snapshot!(plan(&(arange::<f32>(10) * (&two + 1.0))), @"
    plan: 1 stages, 1 tasks; predicted peak 848 B on host
    #0 cpu    map ⟵ index → cast.f32 → mul
       1 tasks; f32 (10,); reads 0 B, writes 40 B
    ");
}

#[test]
fn kernels_fuse_at_most_64_operations_on_a_device_and_1024_on_the_cpu() {
    fn chain(steps: usize) -> Array<f32> {
        (0..steps).fold(Array::from(vec![0.0f32; 100]), |x, k| x + k as f32)
    }
    let adds = |plan: &Plan| instructions(plan, |inst| matches!(inst, Inst::Binary(..)));
    let kernels = |plan: &Plan| plan.stages.iter().filter(|stage| stage.tasks() > 0).count();
    let on_device = plan_for(&chain(200), &Capabilities::FULL);
    assert!(longest(&on_device) <= 2 * 64 + 1, "{} instructions", longest(&on_device));
    assert!((4..=8).contains(&kernels(&on_device)), "{} kernels", kernels(&on_device));
    assert_eq!(adds(&on_device), 200);
    // Constants are operations, too.
    let short = plan(&chain(500));
    assert_eq!((kernels(&short), adds(&short)), (1, 500));
    let long = plan(&chain(2000));
    assert!(longest(&long) <= 2 * 1024 + 1, "{} instructions", longest(&long));
    assert_eq!(adds(&long), 2000);
    assert_eq!(chain(2000).compute().unwrap()[99], (0..2000).map(|k| k as f32).sum::<f32>());
}

/// A loop over two states and a count, nothing kept between its steps.
fn escape(side: usize, steps: usize) -> [Array<f64>; 3] {
    let real = gridloom::linspace(-2.0, 0.5, side).broadcast_to((side, side)).unwrap();
    let imaginary = gridloom::linspace(-1.25, 1.25, side).insert_axis(1).unwrap();
    let [mut a, mut b, mut count] = [(); 3].map(|()| zeros::<f64>((side, side)));
    for _ in 0..steps {
        let (aa, bb) = (&a * &a, &b * &b);
        count = &count + &(&aa + &bb).lt(4.0).cast::<f64>();
        (a, b) = (&(&aa - &bb) + &real, &(&(&a * &b) * 2.0) + &imaginary);
    }
    [a, b, count]
}

/// Each step is made once: where kernels were cut at 64 operations, both states' chains were made again in each of the next ones.
#[test]
fn a_loop_of_several_states_is_made_once_on_the_cpu() {
    let sizes = Sizes { hold_bytes: 1 << 30, ..Sizes::default() };
    let multiplications = |outputs: &[Arc<Node>]| {
        let plan = lower_sized(&optimize(outputs).unwrap(), None, sizes).unwrap();
        instructions(&plan, |inst| matches!(inst, Inst::Binary(gridloom::ops::BinaryOp::Mul, ..)))
    };
    for steps in [10, 20, 50] {
        let [a, b, count] = escape(1000, steps);
        // Of the last step only the squares are counted; two more make the coordinates.
        let once = 4 * (steps - 1) + 2 + 2;
        assert!(multiplications(&[count.node().clone()]) <= once, "{steps} steps");
        // With the states asked for, each of the three makes what is below it at most once.
        let all = [a, b, count].map(|x| x.node().clone());
        assert!(multiplications(&all) <= 3 * once, "{steps} steps, three results");
    }
    let side = 40;
    let [_, _, count] = escape(side, 50);
    let got = count.compute().unwrap();
    for ((row, column), &got) in got.into_dimensionality::<ndarray::Ix2>().unwrap().indexed_iter() {
        let at = |k: usize, low: f64, high: f64| low + k as f64 * ((high - low) / (side - 1) as f64);
        let at = |k, low, high| if k == side - 1 { high } else { at(k, low, high) };
        let (real, imaginary) = (at(column, -2.0, 0.5), at(row, -1.25, 1.25));
        let (mut a, mut b, mut want) = (0.0f64, 0.0f64, 0.0);
        for _ in 0..50 {
            let (aa, bb) = (a * a, b * b);
            want += f64::from(u8::from(aa + bb < 4.0));
            (a, b) = (aa - bb + real, a * b * 2.0 + imaginary);
        }
        assert_eq!(got, want, "({row}, {column})");
    }
}

/// A step of a stencil is seen from several places: fused without end, each place would make all of its past again.
#[test]
fn steps_of_a_stencil_are_not_fused_without_end() {
    let mut x = Generator::new(1).random::<f64>((1000, 1000));
    for _ in 0..20 {
        let [n, m] = [x.shape().unwrap()[0], x.shape().unwrap()[1]];
        let inner = |rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| {
            x.slice(ndarray::s![rows, columns]).unwrap()
        };
        let (above, below) = (inner(0..n - 2, 1..m - 1), inner(2..n, 1..m - 1));
        let (left, right) = (inner(1..n - 1, 0..m - 2), inner(1..n - 1, 2..m));
        x = (above + below + left + right) * 0.25;
    }
    let sizes = Sizes { hold_bytes: 1 << 30, ..Sizes::default() };
    let plan = lower_sized(&optimize(&[x.node().clone()]).unwrap(), None, sizes).unwrap();
    assert!(longest(&plan) <= 160, "{} instructions", longest(&plan));
    let adds = instructions(&plan, |inst| matches!(inst, Inst::Binary(gridloom::ops::BinaryOp::Add, ..)));
    assert!(adds <= 20 * 3 * 8, "{adds} additions for 20 steps");
}

/// What is written for an expression that is deeper than a thread's stack would hold.
#[test]
fn deep_expressions_are_planned_on_small_stacks() {
    let work = || {
        let mut x = Array::from(vec![1.0f64; 8]);
        for _ in 0..1000 {
            x = (&x + 1.0).slice(ndarray::s![..;-1]).unwrap();
        }
        plan(&x).stages.len()
    };
    let thread = std::thread::Builder::new().stack_size(192 << 10).spawn(work).unwrap();
    assert!(thread.join().unwrap() >= 2);
}

#[test]
fn kernels_read_at_most_6_arrays() {
    let parts: Vec<Array<f32>> = (0..10).map(|k| Array::from(vec![k as f32; 10])).collect();
    let sum = parts.iter().skip(1).fold(parts[0].clone(), |sum, x| sum + x);
    let plan = plan(&sum);
    for stage in &plan.stages {
        if let StageKind::Kernel { loads, .. } = &stage.kind {
            assert!(loads.len() <= 6, "{} loads", loads.len());
        }
    }
    assert_snapshot!(plan, @"
    plan: 12 stages, 2 tasks; predicted peak 5.41 KiB on host
    #0 memory from_ndarray
       0 tasks; f32 (10,); reads 0 B, writes 0 B
    #1 memory from_ndarray
       0 tasks; f32 (10,); reads 0 B, writes 0 B
    #2 memory from_ndarray
       0 tasks; f32 (10,); reads 0 B, writes 0 B
    #3 memory from_ndarray
       0 tasks; f32 (10,); reads 0 B, writes 0 B
    #4 memory from_ndarray
       0 tasks; f32 (10,); reads 0 B, writes 0 B
    #5 memory from_ndarray
       0 tasks; f32 (10,); reads 0 B, writes 0 B
    #6 cpu    map ⟵ add → add → add → add → add (#0, #1, #2, #3, #4, #5)
       1 tasks; f32 (10,); reads 240 B, writes 40 B
    #7 memory from_ndarray
       0 tasks; f32 (10,); reads 0 B, writes 0 B
    #8 memory from_ndarray
       0 tasks; f32 (10,); reads 0 B, writes 0 B
    #9 memory from_ndarray
       0 tasks; f32 (10,); reads 0 B, writes 0 B
    #10 memory from_ndarray
       0 tasks; f32 (10,); reads 0 B, writes 0 B
    #11 cpu    map ⟵ add → add → add → add (#6, #7, #8, #9, #10)
       1 tasks; f32 (10,); reads 200 B, writes 40 B
    ");
    assert_eq!(sum.compute().unwrap().as_slice().unwrap(), [45.0; 10]);
}

#[test]
fn sums_of_shifted_selves_do_not_explode() {
    // Each level sees the one below at two places: 2^20 different ones in all, if nothing were cut.
    let mut x = Generator::new(1).integers(0i32, 10, 3 << 20).unwrap();
    for level in 0..20 {
        let n = x.size().unwrap() as isize;
        let shift = 1 << level;
        x = x.slice(s![..n - shift]).unwrap() + x.slice(s![shift..]).unwrap();
    }
    let plan = plan(&x);
    assert!(longest(&plan) <= 256, "{} instructions", longest(&plan));
}

#[test]
fn a_chain_of_100_000_operations_is_built_planned_and_dropped() {
    let mut x = Array::from(vec![1i32, 2]);
    for k in 0..100_000 {
        x = if k % 2 == 0 { x + 1 } else { -x };
    }
    assert!(post_order(&[x.node().clone()]).len() > 100_000);
    let plan = plan(&x);
    assert!(plan.stages.len() > 90);
    drop(plan);
    assert!(x.to_string().starts_with("Array<i32> (2,)"));
    drop(x);
    let mut views = zeros::<f32>((2, 3));
    for _ in 0..100_000 {
        views = views.t();
    }
    let mut hosts = Array::from(1.0f64);
    for _ in 0..10_000 {
        hosts = hosts.rechunk("auto").unwrap().map_chunks("same", |chunk| chunk.to_owned());
    }
    assert_eq!(self::plan(&hosts).tasks(), 10_001);
    drop((views, hosts));
}

#[test]
fn a_long_chain_computes() {
    let mut x = Array::from(vec![1i32, 2]);
    for _ in 0..1000 {
        x += 1;
    }
    assert_eq!(x.compute().unwrap().as_slice().unwrap(), [1001, 1002]);
}

#[test]
fn a_hundred_thousand_chunks_are_planned_as_rules() {
    let x = arange::<f32>(100_000).rechunk(1).unwrap();
    let plan = plan(&(x.sqrt() + 1.0).sum());
    assert!(plan.tasks() > 100_000);
    assert_eq!(plan.stages.len(), 4);
    let square = zeros::<u8>((1000, 1000)).rechunk(1).unwrap();
    assert_eq!(self::plan(&square.t()).tasks(), 1_000_000);
}

#[test]
fn what_an_adapter_cannot_do_is_planned_on_the_cpu_with_the_reason() {
    let x = Array::from(vec![1.0f64, 2.0]).sqrt();
    assert_snapshot!(plan_for(&x, &Capabilities::WEBGPU), @"
    plan: 2 stages, 1 tasks; predicted peak 1.53 KiB on host
    #0 memory from_ndarray
       0 tasks; f64 (2,); reads 0 B, writes 0 B
    #1 cpu    map ⟵ sqrt (#0)
       1 tasks; f64 (2,); reads 16 B, writes 16 B
       on cpu: f64: the adapter has no SHADER_F64
    ");
    let y = Array::from(vec![1i64, 2]).cast::<f32>().sqrt();
    assert_snapshot!(plan_for(&y, &Capabilities::WEBGPU), @"
    plan: 2 stages, 1 tasks; predicted peak 1.52 KiB on host
    #0 memory from_ndarray
       0 tasks; i64 (2,); reads 0 B, writes 0 B
    #1 cpu    map ⟵ cast.f32 → sqrt (#0)
       1 tasks; f32 (2,); reads 16 B, writes 8 B
       on cpu: i64: the adapter has no SHADER_INT64
    ");
    // Sent once and there for both kernels that read it.
    let x = from_ndarray(ndarray::Array1::<f32>::zeros(1 << 20), 1 << 14).unwrap();
    let (_, streamed) = plan_for(&x.sum(), &Capabilities::WEBGPU).predicted_bytes();
    let (_, shared) = plan_for(&(&x - &x.mean()).abs().sum(), &Capabilities::WEBGPU).predicted_bytes();
    assert!(streamed < 1 << 20 && (4 << 20..5 << 20).contains(&shared), "{streamed} {shared}");
    let z = Array::from(vec![1.0f32, 2.0]).var(0.0).unwrap();
    assert_snapshot!(plan_for(&z, &Capabilities::WEBGPU), @"
    plan: 3 stages, 2 tasks; predicted peak 2.38 KiB on host, 40 B on device
    #0 memory from_ndarray
       0 tasks; f32 (2,); reads 0 B, writes 0 B
    #1 gpu    moments ⟵ copy (#0)
       1 tasks; one state a chunk of f32 (2,); reads 8 B, writes 0 B
    #2 cpu    combine moments (#1)
       1 tasks; f32 (); reads 0 B, writes 4 B
    ");
    assert_snapshot!(plan_for(&Array::from(vec![1i32, 2]).std(0.0).unwrap(), &Capabilities::WEBGPU), @"
    plan: 3 stages, 2 tasks; predicted peak 2.42 KiB on host
    #0 memory from_ndarray
       0 tasks; i32 (2,); reads 0 B, writes 0 B
    #1 cpu    moments ⟵ cast.f64 (#0)
       1 tasks; one state a chunk of f64 (2,); reads 8 B, writes 0 B
       on cpu: moments of f64 are taken in f64: the adapter has no SHADER_F64
    #2 cpu    combine moments (#1)
       1 tasks; f64 (); reads 0 B, writes 8 B
    ");
    let weights = Array::from(vec![1.0f64, 2.0]);
    let weighted = weights.cast::<f32>().histogram_weighted((3, 0.0, 1.0), &weights).unwrap();
    assert_snapshot!(plan_for(&weighted.counts, &Capabilities::FULL), @"
    plan: 4 stages, 2 tasks; predicted peak 2.52 KiB on host
    #0 memory from_ndarray
       0 tasks; f64 (2,); reads 0 B, writes 0 B
    #1 memory edges
       0 tasks; f32 (4,); reads 0 B, writes 0 B
    #2 cpu    histogram ⟵ cast.f32 (#0, #1)
       1 tasks; one state a chunk of f64 (2,); reads 32 B, writes 0 B
       on cpu: weighted histogram: sums of floats by atomics are not reproducible
    #3 cpu    combine sum (#2)
       1 tasks; f64 (3,); reads 0 B, writes 24 B
    ");
    let few = Capabilities { max_storage_buffers: 4, ..Capabilities::FULL };
    let many = (0..5).map(|k| Array::from(vec![k as f32])).reduce(|x, y| x + y).unwrap();
    assert_snapshot!(plan_for(&many, &few), @"
    plan: 6 stages, 1 tasks; predicted peak 4.51 KiB on host
    #0 memory from_ndarray
       0 tasks; f32 (1,); reads 0 B, writes 0 B
    #1 memory from_ndarray
       0 tasks; f32 (1,); reads 0 B, writes 0 B
    #2 memory from_ndarray
       0 tasks; f32 (1,); reads 0 B, writes 0 B
    #3 memory from_ndarray
       0 tasks; f32 (1,); reads 0 B, writes 0 B
    #4 memory from_ndarray
       0 tasks; f32 (1,); reads 0 B, writes 0 B
    #5 cpu    map ⟵ add → add → add → add (#0, #1, #2, #3, #4)
       1 tasks; f32 (1,); reads 20 B, writes 4 B
       on cpu: 5 inputs exceed what the adapter binds: 7 storage buffers, the limit is 4
    ");
    for stage in &plan_for(&x, &Capabilities::FULL).stages {
        assert_eq!(stage.fallback, None);
    }
}

/// The 27 neighbours of each element, itself included, summed.
fn neighbours(x: &Array<i32>) -> Array<i32> {
    let n = x.shape().unwrap()[0] as isize - 2;
    let at = |i: isize| {
        let (a, b, c) = (i / 9, i / 3 % 3, i % 3);
        x.slice(s![a..n + a, b..n + b, c..n + c]).unwrap()
    };
    (1..27).fold(at(0), |sum, i| sum + at(i))
}

#[test]
fn stencils_are_one_kernel_where_eight_buffers_are_bound() {
    let data = Array3::from_shape_fn((9, 9, 9), |(i, j, k)| (i * 81 + j * 9 + k) as i32 % 101);
    let sums = |i: usize, j: usize, k: usize| data.slice(s![i..i + 3, j..j + 3, k..k + 3]).sum();
    let expected = Array3::from_shape_fn((7, 7, 7), |(i, j, k)| sums(i, j, k)).into_dyn();
    // Views inside chunks, and in up to 8 or 27 of them.
    for chunks in [9, 4, 1] {
        let x = from_ndarray(data.clone().into_dyn(), chunks).unwrap();
        let summed = neighbours(&x);
        let plan = plan_for(&summed, &Capabilities::WEBGPU);
        let kernels = plan.stages.iter().filter(|stage| matches!(stage.kind, StageKind::Kernel { .. }));
        assert_eq!(kernels.map(|stage| &stage.fallback).collect::<Vec<_>>(), [&None], "{plan}");
        assert_eq!(compute(&summed).unwrap(), expected, "chunks of {chunks}");
    }
}

#[test]
fn explain_names_the_device_of_the_client() {
    let x = Array::from(vec![1.0f32, 2.0]).sqrt();
    let text = x.explain().unwrap();
    let device = if Client::get_default().unwrap().adapter().is_some() { "gpu" } else { "cpu" };
    assert!(text.contains(&format!("#1 {device:<6} map ⟵ sqrt (#0)")), "{text}");
    let histogram = x.histogram((2, 0.0, 1.0)).unwrap();
    assert!(histogram.explain().unwrap().contains("histogram ⟵ sqrt"));
}

#[test]
fn a_shared_computation_runs_once() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let x = arange::<f64>(100).rechunk(25).unwrap().map_chunks("counted", |chunk| {
        CALLS.fetch_add(1, Ordering::Relaxed);
        chunk.to_owned()
    });
    let (mean, std) = compute((&x.mean(), &x.std(0.0).unwrap())).unwrap();
    assert_eq!(CALLS.load(Ordering::Relaxed), 4);
    assert!((mean[[]] - 49.5).abs() < 1e-12 && (std[[]] - 28.866_070_047_722_12).abs() < 1e-10);
}

#[test]
fn what_is_dear_and_read_twice_is_held_where_it_fits() {
    let rng = Generator::new(1);
    let x = rng.normal(0.0f64, 1.0, (1000, 1000)).rechunk((100, 1000)).unwrap();
    let y = (&x - &x.mean_axis(0).unwrap()).std(0.0).unwrap();
    let drawn = |bytes: u64| {
        let sizes = Sizes { hold_bytes: bytes, ..Sizes::default() };
        let plan = lower_sized(&optimize(&[y.node().clone()]).unwrap(), None, sizes).unwrap();
        instructions(&plan, |inst| matches!(inst, Inst::Random { .. }))
    };
    assert_eq!(drawn(0), 2, "nothing may be held: x is drawn for the mean and for the deviation");
    assert_eq!(drawn(7 << 20), 2, "8 MB do not fit");
    assert_eq!(drawn(8 << 20), 1, "x is drawn once and read twice");
    let held = Client::builder().build().unwrap().compute(&y).unwrap();
    let again =
        Client::builder().memory_limit(16 << 20).device_memory_limit(16 << 20).build().unwrap().compute(&y).unwrap();
    assert!((held[[]] - again[[]]).abs() < 1e-12, "{held} {again}");
    // Cheap things are made again, and what is broadcast is made once.
    let z = arange::<f64>(1_000_000);
    let sums = [(&z + 1.0).sum().node().clone(), (&z + 1.0).max().unwrap().node().clone()];
    let sizes = Sizes { hold_bytes: 1 << 30, ..Sizes::default() };
    assert_eq!(lower_sized(&sums, None, sizes).unwrap().stages.len(), 3, "one walk, and its two results");
    let row = arange::<f64>(1000).sin();
    let plan = lower_sized(&[(&x + &row).sum().node().clone()], None, sizes).unwrap();
    assert_eq!(plan.stages.len(), 3, "the sines of a row are taken once, not for each row:\n{plan}");
}

#[test]
fn arrays_that_are_persisted_together_are_made_in_one_run() {
    let x = gridloom::random::Generator::new(3).random::<f32>((40, 30)).rechunk(10).unwrap();
    let (y, small) = (&x * 2.0, x.lt(0.5));
    let client = Client::builder().backend(gridloom::Backend::Cpu).task_elements(1).build().unwrap();
    let _kept = client.persist((&x, &y, &small)).unwrap();
    let report = client.last_run().unwrap();
    assert_eq!(report.cpu_tasks, report.stages as u64 * 12, "{}", report.details());
    let (a, b, c) = gridloom::persist((&x, &y, &small)).unwrap();
    assert!(a.places().is_some() && b.places().is_some() && c.places().is_some());
    assert_eq!(b.compute().unwrap(), (&a * 2.0).compute().unwrap());
    assert_eq!(c.compute().unwrap(), a.lt(0.5).compute().unwrap());
    // Twice the same, and several of one kind.
    let same = gridloom::persist([x.clone(), y, x.clone()].as_slice()).unwrap();
    assert_eq!(same[0].compute().unwrap(), same[2].compute().unwrap());
    // Of unknown length: they fit together still.
    let kept = x.filter(&small).unwrap();
    let (kept, twice) = gridloom::persist((&kept, &(&kept * 2.0))).unwrap();
    assert_eq!((&kept * 2.0 - &twice).sum().item().unwrap(), 0.0);
}

#[test]
fn a_scan_of_chunks_is_states_prefixes_and_the_scan() {
    let x = from_ndarray(ndarray::Array1::<f32>::zeros(1000), 100).unwrap();
    assert_snapshot!(plan(&(&x * 2.0).cumsum().unwrap()), @"
    plan: 6 stages, 32 tasks; predicted peak 55.38 KiB on host
    #0 memory from_ndarray
       0 tasks; f32 (1000,); reads 0 B, writes 0 B
    #1 cpu    sum ⟵ mul (#0)
       9 tasks; one state a chunk of f32 (100×9,); reads 3.91 KiB, writes 0 B
    #2 cpu    combine sum (one level) (#1)
       1 tasks; f32 (1,); reads 0 B, writes 0 B
    #3 cpu    sum before each chunk (#2)
       2 tasks; f32 (1×2,); reads 4 B, writes 0 B
    #4 cpu    sum before each chunk (#1, #3)
       10 tasks; f64 (1×10,); reads 8 B, writes 80 B
    #5 cpu    cumsum ⟵ mul (#0, #4)
       10 tasks; f32 (100×10,); reads 3.98 KiB, writes 3.91 KiB
    ");
    // An axis in one chunk is one step; what is scanned may be seen anyhow.
    let rows = from_ndarray(ndarray::Array2::<f32>::zeros((40, 30)), (10, 30)).unwrap();
    assert_snapshot!(plan(&rows.t().cummax_axis(0).unwrap()), @"
    plan: 2 stages, 4 tasks; predicted peak 16.00 KiB on host
    #0 memory from_ndarray
       0 tasks; f32 (40, 30); reads 0 B, writes 0 B
    #1 cpu    cummax ⟵ copy (#0)
       4 tasks; f32 (30, 10×4); reads 4.69 KiB, writes 4.69 KiB
    ");
    assert_snapshot!(plan_for(&rows.cumsum().unwrap(), &Capabilities::WEBGPU), @"
    plan: 4 stages, 11 tasks; predicted peak 25.91 KiB on host, 9.40 KiB on device
    #0 memory from_ndarray
       0 tasks; f32 (10×4, 30); reads 0 B, writes 0 B
    #1 gpu    sum ⟵ copy (#0)
       3 tasks; one state a chunk of f32 (300×3,); reads 4.69 KiB, writes 0 B
    #2 cpu    sum before each chunk (#1)
       4 tasks; f32 (1×4,); reads 0 B, writes 16 B
    #3 gpu    cumsum ⟵ copy (#0, #2)
       4 tasks; f32 (300×4,); reads 4.70 KiB, writes 4.69 KiB
    ");
}

/// How many tasks, of one dispatch each, some nodes take on an adapter with a budget.
fn dispatches(nodes: &[Arc<Node>], capabilities: &Capabilities, (budget, kept): (u64, bool)) -> usize {
    let sizes = Sizes {
        min_elements: 4 * Sizes::MIN_ELEMENTS,
        gather_bytes: Sizes::gathered(capabilities, budget),
        gather_results: kept,
        ..Sizes::default()
    };
    let plan = Arc::new(lower_sized(&optimize(nodes).unwrap(), Some(capabilities), sizes).unwrap());
    let (notes, sink) = (Notes::of_any(), Arc::new(Counting::default()));
    let observer: Arc<dyn Observer> = notes.clone();
    let run = null_run(&plan, sink, 1, &[observer]);
    Executor::new(1).run(&run).unwrap();
    let on_device = |stage: usize| {
        let stage = &plan.stages[stage];
        stage.place == Place::Gpu && matches!(stage.kind, StageKind::Kernel { .. })
    };
    notes.noted.lock().unwrap().started.iter().filter(|id| on_device(id.stage)).count()
}

#[test]
fn cards_are_given_large_tasks() {
    let card = Capabilities { discrete: true, ..Capabilities::FULL };
    let (large, small) = ((80 << 30, false), (2 << 30, false));
    let x = Generator::new(1).uniform(0f32, 1.0, (5000, 5000));
    let of = |x: &Array<f32>| vec![x.node().clone()];
    let sum = of(&x.sum());
    assert_eq!(dispatches(&sum, &Capabilities::FULL, large), 6);
    assert_eq!(dispatches(&sum, &card, small), 6);
    assert_eq!(dispatches(&sum, &card, large), 2);
    // What stays there is kept in large chunks; what is brought here comes in those that were asked for.
    let y = of(&(&x * 2.0));
    assert_eq!(dispatches(&y, &card, large), 6);
    assert_eq!(dispatches(&y, &card, (80 << 30, true)), 2);
    // Of another size: nine chunks of 14 MB in a row are three tasks of four, four and one.
    let z = of(&(Generator::new(1).uniform(0f32, 1.0, 9 * 3_500_000).rechunk(3_500_000).unwrap() + 1.0).sum());
    assert_eq!((dispatches(&z, &card, small), dispatches(&z, &card, large)), (9, 3));
}
