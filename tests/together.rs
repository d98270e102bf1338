//! Results that are made in one walk over the elements: what goes together and what does not, and that each is what it is alone.

use std::sync::Arc;

use gridloom::graph::Node;
use gridloom::ops::ReduceOp;
use gridloom::optimize::optimize;
use gridloom::plan::capability::Capabilities;
use gridloom::plan::expr::Inst;
use gridloom::plan::grid::Sizes;
use gridloom::plan::kernel::Kernel;
use gridloom::plan::lower::{lower, lower_sized};
use gridloom::plan::{Plan, Stage, StageKind};
use gridloom::random::Generator;
use gridloom::{Axes, Client, DType, DynArray, Element, HostArray, compute, from_ndarray};
use insta::assert_snapshot;
use ndarray::{ArrayD, IxDyn};

use crate::common::{Dice, cases_and_seed, chunked, data, device, each_type, how_to_repeat, same};

/// The plan of some nodes for the CPU.
fn plan_of(nodes: &[&Arc<Node>]) -> Plan {
    let nodes: Vec<Arc<Node>> = nodes.iter().map(|&node| node.clone()).collect();
    lower(&optimize(&nodes).unwrap(), None).unwrap()
}

/// How many results each walk of a plan over elements makes.
fn walks(plan: &Plan) -> Vec<usize> {
    let results = |stage: &Stage| match &stage.kind {
        StageKind::Kernel { kernel: Kernel::Folds { folds, .. }, .. } => Some(folds.len()),
        StageKind::Kernel { kernel: Kernel::Reduce { .. } | Kernel::Histogram { .. }, .. } => Some(1),
        _ => None,
    };
    plan.stages.iter().filter_map(results).collect()
}

#[test]
fn a_summary_is_one_walk() {
    let x = from_ndarray(ArrayD::<f64>::zeros(IxDyn(&[500, 600])), 250).unwrap();
    let (min, max, std) = (x.min().unwrap(), x.max().unwrap(), x.std(0.0).unwrap());
    let counts = x.histogram((100, 0.0, 1.0)).unwrap().counts;
    let plan = plan_of(&[min.node(), max.node(), x.mean().node(), std.node(), counts.node()]);
    assert_snapshot!(plan, @"
    plan: 8 stages, 11 tasks; predicted peak 91.45 KiB on host
    #0 memory from_ndarray
       0 tasks; f64 (500, 600); reads 0 B, writes 0 B
    #1 memory edges
       0 tasks; f64 (101,); reads 0 B, writes 0 B
    #2 cpu    min, max, sum, moments, histogram ⟵ copy (#0, #1)
       6 tasks; one state a chunk of f64 (250×2, 250×2+100); reads 2.29 MiB, writes 0 B
    #3 cpu    combine min (#2)
       1 tasks; f64 (); reads 0 B, writes 8 B
    #4 cpu    combine max (#2)
       1 tasks; f64 (); reads 0 B, writes 8 B
    #5 cpu    combine sum (#2)
       1 tasks; f64 (); reads 0 B, writes 8 B
    #6 cpu    combine moments (#2)
       1 tasks; f64 (); reads 0 B, writes 8 B
    #7 cpu    combine sum (#2)
       1 tasks; i64 (100,); reads 0 B, writes 800 B
    ");
}

#[test]
fn results_of_one_array_go_together_and_others_do_not() {
    let x = Generator::new(1).random::<f64>((300, 400));
    let y = Generator::new(2).random::<f64>((300, 400));
    let walks_of = |nodes: &[&Arc<Node>]| walks(&plan_of(nodes));
    // Deviations want the same states as variances.
    let (var, std) = (x.var(0.0).unwrap(), x.std(1.0).unwrap());
    assert_eq!(walks_of(&[var.node(), std.node()]), [1]);
    // Of the same axes.
    let (means, variances) = (x.mean_axis(0).unwrap(), x.var_axis(0, 0.0).unwrap());
    assert_eq!(walks_of(&[means.node(), variances.node()]), [2]);
    assert_eq!(walks_of(&[means.node(), x.mean_axis(1).unwrap().node()]), [1, 1]);
    // Nothing is read or drawn for both.
    assert_eq!(walks_of(&[x.mean().node(), y.mean().node()]), [1, 1]);
    // A task would read more than the tasks of either.
    let data = |seed| from_ndarray(data::<f64>(&[30, 40], seed), 20).unwrap();
    let (a, b, c) = (data(1), data(2), data(3));
    let (ab, ac) = ((&a * &b).sum(), (&a * &c).sum());
    assert_eq!(walks_of(&[ab.node(), ac.node()]), [1, 1]);
    assert_eq!(walks_of(&[a.sum().node(), ab.node(), b.max().unwrap().node()]), [3]);
    // One needs the other.
    let deviations = (&x - x.mean()).std(0.0).unwrap();
    assert_eq!(walks_of(&[x.max().unwrap().node(), deviations.node(), x.mean().node()]), [2, 1]);
    let counts = x.histogram(10).unwrap().counts;
    let plan = plan_of(&[counts.node(), x.mean().node()]);
    assert_eq!(walks(&plan), [3, 1], "{plan}");
    // Nothing is read, and the same is made.
    let squares = (gridloom::arange::<f64>(1000) * 2.0).sqrt();
    assert_eq!(walks_of(&[squares.mean().node(), squares.max().unwrap().node()]), [2]);
    // States of many chunks of results would wait for each other.
    let wide = Generator::new(1).random::<f32>((64_000, 200_000)).rechunk((1000, 1000)).unwrap();
    assert_eq!(walks_of(&[wide.mean_axis(0).unwrap().node(), wide.var_axis(0, 0.0).unwrap().node()]), [1, 1]);
    assert_eq!(walks_of(&[wide.mean().node(), wide.var(0.0).unwrap().node()]), [2]);
    // A mask's.
    let kept = x.filter(&x.gt(0.5)).unwrap();
    assert_eq!(walks_of(&[kept.mean().node(), kept.max().unwrap().node(), kept.std(0.0).unwrap().node()]), [3]);
}

#[test]
fn what_is_drawn_for_several_results_is_drawn_once_and_not_held() {
    let x = Generator::new(1).normal(0.0, 1.0, (5000, 5000));
    let counts = x.histogram((100, -4.0, 4.0)).unwrap().counts;
    let nodes = [x.mean().node().clone(), x.std(0.0).unwrap().node().clone(), counts.node().clone()];
    let sizes = Sizes { hold_bytes: 1 << 30, ..Sizes::default() };
    let plan = lower_sized(&optimize(&nodes).unwrap(), None, sizes).unwrap();
    let drawn = |stage: &Stage| match &stage.kind {
        StageKind::Kernel { kernel, .. } => kernel
            .program()
            .map_or(0, |program| program.insts.iter().filter(|inst| matches!(inst, Inst::Random { .. })).count()),
        _ => 0,
    };
    assert_eq!(plan.stages.iter().map(drawn).sum::<usize>(), 1, "{plan}");
    assert_eq!(walks(&plan), [3], "{plan}");
    // Of two arrays each: those walk alone.
    let of = |seed| from_ndarray(data::<f64>(&[1000, 1000], seed), 500).unwrap();
    let (w, b, c) = (of(1).exp(), of(2), of(3));
    let nodes = [(&w * b).sum().node().clone(), (&w * c).sum().node().clone()];
    let plan = lower_sized(&optimize(&nodes).unwrap(), None, sizes).unwrap();
    assert!(plan.stages.iter().any(|stage| stage.title() == "map ⟵ exp"), "{plan}");
    // Twice in a row: then it is worth holding.
    let nodes = [(&x - x.mean()).std(0.0).unwrap().node().clone()];
    let plan = lower_sized(&optimize(&nodes).unwrap(), None, sizes).unwrap();
    assert!(plan.stages.iter().any(|stage| stage.chunks.elements() == Some(25_000_000) && !stage.reduces()), "{plan}");
}

#[test]
fn levels_of_merging_are_one_for_all() {
    let x = from_ndarray(ArrayD::<f64>::zeros(IxDyn(&[300, 300])), 3).unwrap();
    let (min, std) = (x.min().unwrap(), x.std(0.0).unwrap());
    let counts = x.histogram((5, 0.0, 1.0)).unwrap().counts;
    let plan = plan_of(&[min.node(), std.node(), counts.node()]);
    let levels = plan.stages.iter().filter_map(|stage| match &stage.kind {
        StageKind::Combine { merges, finish: None, .. } => Some(merges.len()),
        _ => None,
    });
    assert_eq!(levels.collect::<Vec<_>>(), [3, 3], "{plan}");
}

/// A reduction or histogram of `x` or of what is made of it; nothing where it is refused.
fn result(x: &DynArray, dice: &mut Dice) -> Option<DynArray> {
    let of = match dice.below(4) {
        0 => x.add(1).ok()?,
        1 => x.mul(x).ok()?,
        _ => x.clone(),
    };
    if dice.below(5) == 0 {
        return Some(of.histogram((7, -3.0, 5.0)).ok()?.counts);
    }
    let op = ReduceOp::ALL[dice.below(ReduceOp::ALL.len())];
    // Products beyond the largest number are infinite or NaN as the order is in which a 0 comes.
    if matches!(op, ReduceOp::Prod | ReduceOp::Nanprod) && of.dtype().is_float() {
        return None;
    }
    let axes = match dice.below(3) {
        0 => Some(Axes::from(dice.below(x.ndim().max(1)) as isize)),
        1 => Some(Axes::from([0, -1])),
        _ => None,
    };
    of.reduce(op, axes, dice.below(2) == 0, 0.0).ok()
}

/// Values as `f64`.
fn numbers(values: HostArray) -> Vec<f64> {
    macro_rules! by_dtype {
        ($($variant:ident $t:ty;)*) => {
            match values.dtype() {
                $(DType::$variant => values.into_ndarray::<$t>().unwrap().iter().map(|x| x.scalar().to_f64()).collect(),)*
                other => panic!("{other}"),
            }
        };
    }
    by_dtype! {
        Bool bool; U8 u8; U16 u16; U32 u32; U64 u64; I8 i8; I16 i16; I32 i32; I64 i64; F32 f32; F64 f64;
    }
}

#[test]
fn results_are_what_they_are_alone() {
    device();
    let (cases, seed) = cases_and_seed(60, 41);
    let mut dice = Dice(seed);
    let client = Client::get_default().unwrap();
    for case in 0..u64::from(cases) {
        let repeat = how_to_repeat(cases, seed);
        let shape: Vec<usize> = (0..1 + dice.below(3)).map(|_| 1 + dice.below(40)).collect();
        let chunks = dice.chunks(&shape);
        each_type!([bool u8 i64 f32 f64], T => {
            let x = chunked(&data::<T>(&shape, case), &chunks);
            let x = if dice.below(3) == 0 { x.filter(&x.ne(T::default())).unwrap() } else { x };
            let all: Vec<DynArray> = (0..2 + dice.below(6)).filter_map(|_| result(x.as_dyn(), &mut dice)).collect();
            let Ok(together) = client.compute(all.as_slice()) else {
                // Nothing to reduce, of at least one of them.
                assert!(all.iter().any(|one| client.compute(one).is_err()), "{repeat}");
                continue;
            };
            for (one, got) in all.iter().zip(together) {
                let want = client.compute(one).unwrap();
                assert_eq!((got.dtype(), got.shape()), (want.dtype(), want.shape()));
                // Sums of floats are made in strips of another length where more is made with them.
                let by = if one.dtype().is_float() { 1e-5 } else { 0.0 };
                let near = |(got, want): (&f64, &f64)| same(*got, *want) || (got - want).abs() <= by * want.abs().max(1.0);
                let (got, want) = (numbers(got), numbers(want));
                assert!(got.iter().zip(&want).all(near), "{one:?}: {got:?}, and {want:?} alone; case {case}, {repeat}");
            }
        });
    }
}

#[test]
fn results_of_one_walk_are_equal_to_those_of_two() {
    device();
    let x = from_ndarray(data::<f64>(&[700, 900], 5), (250, 400)).unwrap();
    let (sum, std, max) = (x.sum(), x.std(0.0).unwrap(), x.max().unwrap());
    let counts = x.histogram((30, -4.0, 4.0)).unwrap();
    let columns = (x.sum_axis(0).unwrap(), x.var_axis(0, 0.0).unwrap(), x.min_axis(0).unwrap());
    let all = compute((&sum, &std, &max, &counts, &columns.0, &columns.1, &columns.2)).unwrap();
    // The same strips, of what is only read: the same bits.
    assert_eq!(all.0, sum.compute().unwrap());
    assert_eq!(all.1, std.compute().unwrap());
    assert_eq!(all.2, max.compute().unwrap());
    assert_eq!(all.3, counts.compute().unwrap());
    assert_eq!(all.4, columns.0.compute().unwrap());
    assert_eq!(all.5, columns.1.compute().unwrap());
    assert_eq!(all.6, columns.2.compute().unwrap());
}

#[test]
fn many_small_pieces_and_turned_arrays_make_the_same() {
    device();
    let x = from_ndarray(data::<f64>(&[200, 300], 9), (7, 11)).unwrap();
    for x in [x.rechunk((200, 300)).unwrap(), x.t(), x.t().rechunk((150, 200)).unwrap()] {
        let counts = x.histogram((500, -4.0, 4.0)).unwrap();
        let (min, max, std) = (x.min().unwrap(), x.max().unwrap(), x.std(0.0).unwrap());
        let all = compute((&min, &max, &x.mean(), &std, &x.argmax().unwrap(), &counts)).unwrap();
        assert_eq!((&all.0, &all.1), (&min.compute().unwrap(), &max.compute().unwrap()));
        assert!((all.2[[]] - x.mean().item().unwrap()).abs() < 1e-9 && (all.3[[]] - std.item().unwrap()).abs() < 1e-9);
        assert_eq!((all.4, all.5), (x.argmax().unwrap().compute().unwrap(), counts.compute().unwrap()));
    }
}

#[test]
fn a_device_makes_as_many_at_once_as_it_has_room_for() {
    let x = from_ndarray(ArrayD::<f32>::zeros(IxDyn(&[500, 600])), 250).unwrap();
    let (min, max, std) = (x.min().unwrap(), x.max().unwrap(), x.std(0.0).unwrap());
    let counts = x.histogram((100, 0.0, 1.0)).unwrap().counts;
    let nodes = [min.node(), max.node(), x.mean().node(), std.node(), counts.node()].map(Clone::clone);
    let nodes = optimize(&nodes).unwrap();
    // Its buffers, of which there are eight: parameters, what is read, and of states one, one, one and four. Bins are counted apart.
    let plan = lower(&nodes, Some(&Capabilities::WEBGPU)).unwrap();
    assert_eq!(walks(&plan), [1, 3, 1], "{plan}");
    let larger = Capabilities { max_storage_buffers: 16, max_workgroup_storage: 32 << 10, ..Capabilities::FULL };
    let plan = lower(&nodes, Some(&larger)).unwrap();
    assert_eq!(walks(&plan), [1, 4], "{plan}");
    assert!(plan.stages.iter().all(|stage| stage.fallback.is_none()), "{plan}");
}

#[test]
fn a_device_is_asked_once() {
    if !device().is_gpu() {
        return;
    }
    let client = Client::builder().workers(2).no_progress().build().unwrap();
    let x = from_ndarray(data::<f32>(&[300, 300], 7), 300).unwrap().persist_with(&client).unwrap();
    let (min, max, sum) = (x.min().unwrap(), x.max().unwrap(), x.sum());
    let run = |_| {
        client.compute((&min, &max, &sum)).unwrap();
        let run = client.last_run().unwrap();
        (run.submissions, run.dispatches)
    };
    let runs: Vec<_> = (0..10).map(run).collect();
    // One walk, and three states that become results: one by one, and at once when they come often.
    assert_eq!((runs[0], runs[9]), ((1, 4), (1, 2)));
}

#[test]
fn what_fits_apart_fits_together() {
    let client =
        Client::builder().workers(2).memory_limit(512 << 10).task_elements(2000).no_progress().build().unwrap();
    let x = Generator::new(5).uniform(0f64, 1.0, (3000, 1000)).rechunk((97, 101)).unwrap();
    let (sums, most) = (x.sum_axis(1).unwrap(), x.max_axis(1).unwrap());
    let (sum, most) = client.compute((&sums, &most)).unwrap();
    assert!(sum.iter().zip(&most).all(|(sum, most)| *sum > 400.0 && *most > 0.9));
    // With room for what waits, in one walk.
    assert_eq!(walks(&plan_of(&[sums.node(), x.max_axis(1).unwrap().node()])), [2]);
}
