//! What is done before anything runs, and between tasks: it does not grow with chunks, ranks and the number of arrays where it need
//! not, and where it does, it can be ended and is memory of the budget.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gridloom::event::{Event, Observer};
use gridloom::optimize::{optimize, optimize_while};
use gridloom::plan::grid::Sizes;
use gridloom::plan::lower::{lower_sized, lower_watched};
use gridloom::plan::readers::Readers;
use gridloom::plan::watch::Watch;
use gridloom::plan::{Plan, StageKind};
use gridloom::prelude::*;
use gridloom::schedule::Step;
use gridloom::{Array, Backend, CancelToken, ClientBuilder, Element, Error, arange, concatenate, stack};
use ndarray::ArrayD;

use crate::common::runs::{Counting, null_run};
use crate::common::{Dice, device};

fn builder() -> ClientBuilder {
    device();
    Client::builder().workers(2).no_progress()
}

fn plan<T: Element>(x: &Array<T>) -> Plan {
    let sizes = Sizes { min_elements: Sizes::MIN_ELEMENTS, ..Sizes::default() };
    lower_sized(&optimize(&[x.node().clone()]).unwrap(), None, sizes).unwrap()
}

/// Each element by itself, through a function of chunks: 2²⁸ tasks.
fn each(len: usize) -> Array<i32> {
    arange::<i32>(len).rechunk(1).unwrap().map_chunks("same", |chunk| chunk.to_owned())
}

// ---------------------------------------------------------------- chunks

/// Who reads what of 2²⁸ chunks is arithmetic: reshapes, slices, takes, joined arrays, functions, unknown lengths.
#[test]
fn readers_of_very_many_chunks_are_not_counted() {
    let x = each(1 << 28);
    let square = x.reshape([1 << 14, 1 << 14]).unwrap();
    let filtered = x.filter(&x.gt(3)).unwrap();
    let twice = concatenate(&[x.clone(), x.clone()], 0).unwrap();
    let row = x.map_chunks("again", |chunk| chunk.to_owned());
    let plans = [
        ("reshape", plan(&square.sum())),
        ("transposed reshape", plan(&square.t().reshape([-1]).unwrap().sum())),
        ("part", plan(&x.slice(s![5..(1 << 27)]).unwrap().sum())),
        ("part, read twice", plan(&(&x.slice(s![5..1000]).unwrap() + &row.slice(s![4..999]).unwrap()).sum())),
        ("take", plan(&x.take([3, 3, 1 << 20, -1, 17], 0).unwrap())),
        ("joined", plan(&twice.slice(s![1 << 27..1 << 29]).unwrap().sum())),
        ("filter", plan(&filtered.sum())),
        ("filter, twice", plan(&(&filtered + &x.filter(&x.gt(3)).unwrap()).map_chunks("f", |c| c.to_owned()).sum())),
    ];
    for (name, plan) in plans {
        let readers = Readers::new(&plan, &mut Watch::none()).unwrap();
        // A few places that are taken are no box.
        let most = usize::from(name == "take");
        assert!(readers.counted() <= most, "{name}: {readers:?}\n{plan}");
        let run = null_run(&Arc::new(plan), Arc::new(Counting::default()), 16, &[]);
        for _ in 0..100 {
            assert_ne!(run.step(), Step::Idle, "{name}");
        }
    }
}

/// Every third of 2²⁴ chunks is no box: the reads are counted, which can be ended, and is memory of the budget.
#[test]
fn what_must_be_counted_is_watched() {
    let plan = plan(&each(1 << 24).slice(s![..;3]).unwrap().sum());
    let looks = Cell::new(0);
    let go_on = || {
        looks.set(looks.get() + 1);
        if looks.get() < 5 { Ok(()) } else { Err(Error::Cancelled { done: 0, total: plan.tasks() }) }
    };
    let ended = Readers::new(&plan, &mut Watch::new(&go_on, &|_| Ok(())));
    assert!(matches!(ended, Err(Error::Cancelled { .. })), "{ended:?}");
    assert_eq!(looks.get(), 5);
    let held = Cell::new(0);
    let hold = |bytes| {
        held.set(held.get() + bytes);
        if held.get() <= 32 << 20 { Ok(()) } else { Err(Error::Cancelled { done: 0, total: 0 }) }
    };
    let ended = Readers::new(&plan, &mut Watch::new(&|| Ok(()), &hold));
    assert!(matches!(ended, Err(Error::Cancelled { .. })), "{ended:?}");
    assert!(held.get() < 64 << 20, "{} bytes", held.get());
    // The same through a client.
    let client = builder().memory_limit(64 << 20).build().unwrap();
    let refused = client.compute(&each(1 << 24).slice(s![..;3]).unwrap().sum());
    assert!(matches!(refused, Err(Error::Memory { pool: "host", .. })), "{refused:?}");
    assert_eq!(client.memory().host, 0);
    assert_eq!(client.compute(&each(3000).slice(s![..;3]).unwrap().sum()).unwrap()[[]], 1_498_500);
}

/// Cancelled while 2²⁸ chunks are planned or run; with a deadline, for a sum that no machine ends.
#[test]
fn a_run_of_very_many_chunks_ends_when_it_is_told_to() {
    let client = builder().build().unwrap();
    let token = CancelToken::new();
    let x = each(1 << 28).reshape([1 << 14, 1 << 14]).unwrap().sum();
    let ended = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            token.cancel();
        });
        client.with_cancel(&token).compute(&x)
    });
    assert!(matches!(ended, Err(Error::Cancelled { .. })), "{ended:?}");
    assert_eq!(client.memory().host, 0);
    let deep = gridloom::ones::<f32>(vec![2; 64]).sum();
    let ended = client.with_deadline(Duration::from_millis(200)).compute(&deep);
    assert!(matches!(ended, Err(Error::Deadline { .. })), "{ended:?}");
    assert_eq!(client.memory().host, 0);
    assert_eq!(client.compute(&each(100).sum()).unwrap()[[]], 4950);
}

/// A chunk may be part of joined arrays in more ways than can be followed.
#[test]
fn joins_of_joins_are_not_followed_along_every_way() {
    let client = builder().build().unwrap();
    let mut x = arange::<i64>(4);
    for _ in 0..40 {
        x = concatenate(&[&x, &x], 0).unwrap();
    }
    assert_eq!(client.compute(&x.slice(s![-3..]).unwrap().sum()).unwrap()[[]], 6);
    assert_eq!(client.compute(&x.slice(s![..1000]).unwrap().sum()).unwrap()[[]], 1500);
    let ended = client.with_deadline(Duration::from_millis(200)).compute(&x.sum());
    assert!(matches!(ended, Err(Error::Deadline { .. } | Error::Memory { .. })), "{ended:?}");
}

/// One task that reads 2²⁸ chunks would have a list of them that no budget has room for.
#[test]
fn a_task_that_reads_too_many_chunks_is_refused() {
    let client = builder().memory_limit(4 << 30).build().unwrap();
    let whole = each(1 << 28).rechunk(1 << 28).unwrap().map_chunks("whole", |chunk| chunk.to_owned());
    match client.compute(&whole.sum()) {
        Err(Error::Memory { doing, needed, .. }) => {
            assert!(doing.contains("the list of the 268435456 chunks") && needed == 512 << 28, "{doing}: {needed}");
        }
        other => panic!("{other:?}"),
    }
}

/// Chunks of a result that are there already come some at a time.
#[test]
fn chunks_that_are_there_are_handed_out_in_steps() {
    let x = gridloom::from_ndarray(ArrayD::from_elem(vec![20_000], 7i32), 1).unwrap();
    let twice = concatenate(&[x.clone(), x], 0).unwrap();
    let plan = Arc::new(plan(&twice));
    assert_eq!(plan.tasks(), 0);
    let sink = Arc::new(Counting::default());
    let run = null_run(&plan, sink.clone(), 16, &[]);
    let mut steps = 0;
    while run.step() == Step::Did {
        steps += 1;
    }
    assert!(steps > 1000, "all in {steps} steps");
    let taken = sink.taken.lock().unwrap();
    assert!(taken.len() == 40_000 && taken.values().all(|&times| times == 1), "{} chunks", taken.len());
    drop(taken);
    assert!(builder().build().unwrap().compute(&twice).unwrap().iter().all(|&v| v == 7));
}

/// Views, joins and plans of huge arrays are a few rules.
#[test]
fn views_of_huge_arrays_are_rules() {
    let stored = |x: &Array<i64>| {
        let axes = x.chunks().axes().to_vec();
        axes.iter()
            .map(|axis| if let gridloom::chunks::AxisChunks::Irregular(cuts) = axis { cuts.stored() } else { 1 })
            .max()
    };
    let x = arange::<i64>(1 << 48);
    let part = x.slice(s![1..]).unwrap();
    let stepped = part.slice(s![..;-3]).unwrap();
    let joined = concatenate(&[part.clone(), stepped.clone(), x.clone()], 0).unwrap();
    let grown = joined.reshape([1, -1]).unwrap().broadcast_to((3, joined.size().unwrap())).unwrap();
    let recut = joined.rechunk(1000).unwrap();
    for (x, most) in
        [(&part, 1), (&stepped, 1), (&joined, 3), (&grown, 3), (&recut, 1), (&joined.slice(s![7..;5]).unwrap(), 3)]
    {
        assert!(stored(x) <= Some(most), "{}", x.chunks());
    }
    assert_eq!(
        stepped.slice(s![0..3]).unwrap().compute().unwrap().as_slice().unwrap(),
        [(1i64 << 48) - 1, (1 << 48) - 4, (1 << 48) - 7]
    );
    let text = joined.slice(s![5..]).unwrap().explain().unwrap();
    assert!(text.contains("predicted"), "{text}");
    assert!(x.to_html().contains("<table") && joined.to_html().contains("<svg"));
    // What is taken out of the middle of a joined one.
    let middle = (1usize << 48) - 1;
    let around = joined.slice(s![middle - 2..middle + 2]).unwrap().compute().unwrap();
    assert_eq!(around.as_slice().unwrap(), [(1i64 << 48) - 2, (1 << 48) - 1, (1 << 48) - 1, (1 << 48) - 4]);
}

// ---------------------------------------------------------------- ranks

/// States of a reduction are merged by 64 at most, however many axes are cut.
#[test]
fn states_along_many_axes_are_merged_by_few() {
    let deep = plan(&gridloom::ones::<f32>(vec![2; 64]).sum());
    for stage in 0..deep.stages.len() {
        assert!(deep.reads_at_most(stage) <= 64, "stage {stage} of\n{deep}");
    }
    // 12 axes in two chunks each: 4096 states.
    let x = gridloom::ones::<i32>(vec![2; 12]).rechunk(1).unwrap();
    let client = builder().task_elements(1).build().unwrap();
    assert_eq!(client.compute(&x.sum()).unwrap()[[]], 4096);
    let kept = client.compute(&x.sum_axis([0, 1, 2, 3, 4, 5, 6, 8]).unwrap()).unwrap();
    assert!(kept.len() == 16 && kept.iter().all(|&sum| sum == 256), "{kept:?}");
}

// ---------------------------------------------------------------- many arrays

/// Arrays joined one after another are one joined array, and its parts are found without looking at each.
#[test]
fn joins_of_joins_are_one() {
    let part = |i: usize| arange::<i32>(3).map(move |v| v + i as i32);
    let mut all = part(0);
    for i in 1..300 {
        all = concatenate(&[all, part(i)], 0).unwrap();
    }
    let p = plan(&all);
    let joins: Vec<usize> =
        p.stages.iter().filter(|s| matches!(s.kind, StageKind::Concatenate(_))).map(|s| s.inputs.len()).collect();
    assert_eq!(joins, [300], "{p}");
    let client = builder().build().unwrap();
    let want: Vec<i32> = (0..300).flat_map(|i| (0..3).map(move |v| v + i)).collect();
    assert_eq!(client.compute(&all).unwrap().as_slice().unwrap(), want);
    // What others read too stays.
    let inner = concatenate(&[part(0), part(1)], 0).unwrap();
    let outer = concatenate(&[inner.clone(), part(2), inner.clone()], 0).unwrap();
    let (a, b) = client.compute((&inner, &outer)).unwrap();
    assert_eq!(a.as_slice().unwrap(), [0, 1, 2, 1, 2, 3]);
    assert_eq!(b.as_slice().unwrap(), [0, 1, 2, 1, 2, 3, 2, 3, 4, 0, 1, 2, 1, 2, 3]);
    // And others' ways of joining.
    let mut rows = stack(&[part(0), part(1)], 0).unwrap();
    for i in 0..40 {
        rows = concatenate(&[rows.clone(), rows.slice(s![..1, ..]).unwrap()], 0).unwrap();
        if i % 10 == 9 {
            rows = rows.t();
            rows = concatenate(&[rows.clone(), rows.clone()], 0).unwrap().t();
        }
    }
    assert_eq!(client.compute(&rows.max().unwrap()).unwrap()[[]], 3);
}

/// 10⁴ arrays joined, stacked, or computed together: the stages are as many, and so is the work of planning.
#[test]
fn ten_thousand_arrays_are_joined() {
    let parts: Vec<Array<i64>> = (0..10_000).map(|i| gridloom::full::<i64>(2, i)).collect();
    let client = builder().build().unwrap();
    let joined = concatenate(&parts, 0).unwrap();
    let sum = client.compute(&joined.sum()).unwrap();
    assert_eq!(sum[[]], 2 * 9999 * 5000);
    let values = client.compute(&joined).unwrap();
    assert!(values.iter().enumerate().all(|(i, &v)| v == i as i64 / 2));
    let stacked = client.compute(&stack(&parts, 1).unwrap().slice(s![1, ..]).unwrap()).unwrap();
    assert!(stacked.iter().enumerate().all(|(i, &v)| v == i as i64));
    let together = client.compute(&parts[..2000]).unwrap();
    assert!(together.iter().enumerate().all(|(i, x)| x.iter().all(|&v| v == i as i64)));
}

/// A graph of many nodes is watched while it is planned.
#[test]
fn planning_a_large_graph_can_be_ended() {
    let mut x = Array::from(vec![1.0f64, 2.0]);
    for _ in 0..5000 {
        x = (&x + 1.0).sqrt();
    }
    let looks = Cell::new(0);
    let go_on = || {
        looks.set(looks.get() + 1);
        if looks.get() < 3 { Ok(()) } else { Err(Error::Cancelled { done: 0, total: 0 }) }
    };
    let ended = lower_watched(&[x.node().clone()], None, Sizes::default(), &mut Watch::new(&go_on, &|_| Ok(())));
    assert!(matches!(ended, Err(Error::Cancelled { .. })), "{ended:?}");
}

#[test]
fn a_deep_graph_is_ended_before_it_is_planned() {
    let mut x = Array::from(vec![1.0f64, 2.0]);
    for _ in 0..5000 {
        x = (&x + 1.0).sqrt();
    }
    let mut steps = 0;
    let ended = optimize_while(&[x.node().clone()], &mut || {
        steps += 1;
        if steps < 100 { Ok(()) } else { Err(Error::Cancelled { done: 0, total: 0 }) }
    });
    assert!(matches!(ended, Err(Error::Cancelled { .. })) && steps == 100);
}

#[test]
fn chunks_beyond_all_numbers_are_refused() {
    let client = builder().build().unwrap();
    let many = gridloom::from_fn((1 << 40, 1 << 40), |at| at[0] as f64).rechunk(1).unwrap();
    let x = many.map_chunks("same", |chunk| chunk.to_owned());
    // Numbers that wrap would name another chunk.
    let taken = x.take([0i64, 1 << 24, 5], 0).unwrap().slice(s![.., 0]).unwrap();
    let sums = x.cumsum_axis(1).unwrap().slice(s![..3, ..3]).unwrap();
    let most = gridloom::full((1usize << 62, 1usize << 62), 3.0).rechunk(1).unwrap().max().unwrap();
    for refused in [client.compute(&taken).err(), client.compute(&sums).err(), client.compute(&most).err()] {
        assert!(matches!(refused, Some(Error::TooManyChunks { .. })), "{refused:?}");
    }
    let said = client.compute(&taken).unwrap_err().to_string();
    let want = "an array of shape (1099511627776, 1099511627776) in chunks of (1×1099511627776, 1×1099511627776) has 2^64 of them or more; \
                rechunk() it to larger ones, or slice before";
    assert_eq!(said, want);
    // What is not made in chunks has none to number.
    assert_eq!(client.compute(&(many + 1.0).slice(s![7, ..3]).unwrap()).unwrap().as_slice(), Some(&[8.0; 3][..]));
}

// ---------------------------------------------------------------- at random

/// A random expression over many chunks, whose values stay small.
fn expression(dice: &mut Dice) -> Array<i32> {
    let len = 64 << dice.below(4);
    let mut x = arange::<i32>(len).rechunk(1 + dice.below(40)).unwrap();
    for step in 0..2 + dice.below(5) {
        let n = x.dims()[0];
        x = match (dice.below(9), n) {
            (0, _) => x.map_chunks("more", |chunk| chunk.mapv(|v| v + 1)),
            (1, Some(n)) if n > 3 => x.slice(s![1..; [1, 2, -1, -3][dice.below(4)]]).unwrap(),
            (2, Some(n)) => {
                let columns = [1, 2, 4, 8][dice.below(4)];
                let whole = x.slice(s![..(n / columns * columns)]).unwrap();
                let grid = whole.reshape([-1, columns as isize]).unwrap();
                (if dice.below(2) == 0 { grid.t() } else { grid }).ravel().unwrap()
            }
            (3, Some(_)) => concatenate(&[x.clone(), x.rechunk(7).unwrap()], 0).unwrap(),
            (4, _) if step > 1 => x.filter(&(&x % 3).ne(1)).unwrap(),
            (5, Some(n)) if n > 0 => {
                let places: Vec<isize> = (0..50).map(|_| dice.below(n) as isize).collect();
                x.take(&places, 0).unwrap()
            }
            (6, _) => &x - &x.min().unwrap_or_else(|_| Array::from(0)),
            (7, _) => &x + &x.sum().cast::<i32>(),
            _ => &x * 3,
        };
        x = &x % 1009;
    }
    x
}

/// Cancels a run once so many things were heard of it.
struct After {
    left: AtomicU64,
    token: CancelToken,
}

impl Observer for After {
    fn event(&self, _: &Event) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.token.cancel();
        }
    }
}

/// Cancelled or out of time at random moments of planning and running, a run ends in its value, or says what ended it; then
/// the client holds nothing, and computes the value.
#[test]
fn whenever_a_run_is_ended_it_says_so_or_is_right() {
    let seed = std::env::var("GRIDLOOM_TEST_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(5u64);
    let cases = std::env::var("GRIDLOOM_TEST_CASES").ok().and_then(|s| s.parse().ok());
    let cases = cases.unwrap_or(if device().is_gpu() { 6 } else { 60u64 });
    let client = builder().task_elements(1).build().unwrap();
    let (mut right, mut cancelled, mut late) = (0, 0, 0);
    for case in 0..cases {
        let mut dice = Dice(seed.wrapping_mul(1000) + case);
        let x = expression(&mut dice);
        let want = client.compute(&x).unwrap();
        for moment in 0..8 {
            let named = format!("case {case}, moment {moment} of GRIDLOOM_TEST_SEED={seed}");
            let token = CancelToken::new();
            let micros = Duration::from_micros(1 << dice.below(14));
            let ended = match moment % 3 {
                0 => client.with_deadline(micros).compute(&x),
                1 => std::thread::scope(|scope| {
                    scope.spawn(|| {
                        std::thread::sleep(micros);
                        token.cancel();
                    });
                    client.with_cancel(&token).compute(&x)
                }),
                _ => {
                    let observer: Arc<dyn Observer> =
                        Arc::new(After { left: AtomicU64::new(1 + dice.below(200) as u64), token: token.clone() });
                    client.observe(observer.clone());
                    let ended = client.with_cancel(&token).compute(&x);
                    client.unobserve(&observer);
                    ended
                }
            };
            match ended {
                Ok(values) if values == want => right += 1,
                Err(Error::Cancelled { .. }) => cancelled += 1,
                Err(Error::Deadline { .. }) => late += 1,
                other => panic!("{named}: {other:?}"),
            }
            let memory = client.memory();
            assert_eq!((memory.host, memory.disk), (0, 0), "{named}");
        }
        assert_eq!(client.compute(&x).unwrap(), want, "case {case} of GRIDLOOM_TEST_SEED={seed}, afterwards");
    }
    assert!(cancelled > 0 && late > 0, "{right} right, {cancelled} cancelled, {late} late");
}

/// Many places in one chunk are one chunk: a task takes no more than what there is.
#[test]
fn many_places_in_few_chunks_are_not_many_chunks() {
    let client = builder().memory_limit(96 << 20).build().unwrap();
    let same = |x: &Array<f64>| x.map_chunks("same", |chunk| chunk.to_owned());
    let x = same(&arange::<f64>(1 << 20).rechunk(1 << 20).unwrap());
    let places: Vec<isize> = (0..5000).map(|i| i * 209).collect();
    let taken = x.take(&places, 0).unwrap().sum();
    assert_eq!(client.compute(&taken).unwrap()[[]], 209.0 * 4999.0 * 2500.0);
    // One large chunk beside many small ones.
    let small = same(&arange::<f64>(1 << 20).rechunk(100).unwrap());
    let both = same(&(&x + &small)).sum();
    assert_eq!(client.compute(&both).unwrap()[[]], ((1u64 << 20) * ((1 << 20) - 1)) as f64);
}

/// Reports of arrays with more bytes than can be counted say the largest number.
#[test]
fn a_little_of_a_huge_array_is_reported() {
    let client = builder().build().unwrap();
    let ends = arange::<i64>(1 << 62).take([0, 1i64 << 50], 0).unwrap();
    assert_eq!(client.compute(&ends).unwrap().into_raw_vec_and_offset().0, [0, 1 << 50]);
}

/// A number that a host step reads is reduced in large tasks, as one that is handed out: `bincount` looks at the extremes first.
#[test]
fn extremes_for_a_host_step_are_taken_in_batches() {
    let client = Client::builder().backend(Backend::Cpu).task_elements(1 << 12).build().unwrap();
    let x = (arange::<i32>(1 << 14) % 7).rechunk(1).unwrap();
    let counts = client.compute(&x.bincount(0).unwrap()).unwrap();
    assert_eq!(counts.as_slice().unwrap(), [2341, 2341, 2341, 2341, 2340, 2340, 2340]);
    let tasks = client.last_run().unwrap().cpu_tasks;
    assert!(tasks < 100, "{tasks} tasks");
}
