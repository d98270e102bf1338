//! The order of tasks, and what lives when: on a device that makes nothing but shapes, so that plans can be large and many. Every
//! chunk of the outputs comes once, every task runs once and after those it reads, nothing is left over, and the chunks that
//! live at a time are as few as is said here.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::time::{Duration, Instant};

use gridloom::error::Result;
use gridloom::event::{Event, Observer};
use gridloom::graph::Node;
use gridloom::optimize::optimize;
use gridloom::plan::capability::Capabilities;
use gridloom::plan::grid::Sizes;
use gridloom::plan::lower::lower_sized;
use gridloom::plan::task::ChunkId;
use gridloom::plan::{Plan, StageKind};
use gridloom::prelude::*;
use gridloom::schedule::{Executor, Run, RunReport, Step};
use gridloom::{Backend, ChunkSpec, concatenate, stack};
use ndarray::{IxDyn, SliceInfo, SliceInfoElem};

use crate::common::runs::{Counting, Noted, Notes, elsewhere, null_run};
use crate::common::{Dice, cases_and_seed, how_to_repeat};

// ---------------------------------------------------------------- random plans

/// Elements of a value at most: pieces are found for all of them.
const MOST: usize = 1 << 20;

/// A random expression: values made from earlier ones, of shapes that make chunks of all sizes.
struct Random {
    dice: Dice,
    values: Vec<Array<f32>>,
    /// Outputs that no later value is made from, of any dtype.
    ends: Vec<Arc<Node>>,
    client: Client,
}

impl Random {
    fn new(seed: u64, client: &Client) -> Self {
        let mut random = Self { dice: Dice(seed), values: vec![], ends: vec![], client: client.clone() };
        let axes = 1 + random.dice.below(3);
        let most = [20_000, 300, 30][axes - 1];
        let shape: Vec<usize> = (0..axes).map(|_| random.length(most)).collect();
        for _ in 0..1 + random.dice.below(3) {
            let value = random.source(&shape);
            random.values.push(value);
        }
        let other = random.source(&shape[axes - 1..]);
        random.values.push(other);
        for _ in 0..1 + random.dice.below(9) {
            if let Some(value) = random.step()
                && value.size().is_some_and(|n| n <= MOST)
                && value.chunks().count() < 600
            {
                random.values.push(value);
            }
        }
        random
    }

    fn length(&mut self, most: usize) -> usize {
        match self.dice.below(12) {
            0 => 1,
            1 => 0,
            _ => 2 + self.dice.below(most),
        }
    }

    fn chunks(&mut self, shape: &[usize]) -> ChunkSpec {
        if self.dice.below(3) == 0 {
            return self.dice.chunks(shape);
        }
        let size = |dice: &mut Dice, len: usize| (len / (1 + dice.below(6))).max(1);
        ChunkSpec::from(shape.iter().map(|&len| size(&mut self.dice, len)).collect::<Vec<_>>().as_slice())
    }

    /// Data from memory, from elsewhere, drawn, or counted.
    fn source(&mut self, shape: &[usize]) -> Array<f32> {
        let chunks = self.chunks(shape);
        match self.dice.below(6) {
            0 | 1 => gridloom::from_ndarray(ndarray::ArrayD::<f32>::zeros(shape), chunks).unwrap(),
            2 | 3 => elsewhere(shape, chunks, |i| i as f32),
            4 => Generator::new(1).normal(0.0f32, 1.0, shape).rechunk(chunks).unwrap(),
            _ => gridloom::ones::<f32>(shape).rechunk(chunks).unwrap(),
        }
    }

    fn step(&mut self) -> Option<Array<f32>> {
        let x = self.values[self.dice.below(self.values.len())].clone();
        let y = self.values[self.dice.below(self.values.len())].clone();
        let shape = x.shape()?;
        let axis = self.dice.below(shape.len().max(1));
        let has = |axis: usize| shape.get(axis).is_some_and(|&n| n > 0);
        Some(match self.dice.below(23) {
            0 | 1 => x.add(&y).ok()?,
            2 => x.maximum(&y).unwrap_or_else(|_| x.sin()),
            3 => x.t(),
            4 if shape.len() == 2 => &x + &x.t().broadcast_to(shape).ok()?,
            5 | 6 => {
                let parts: Vec<SliceInfoElem> = shape.iter().map(|&n| self.dice.part(n)).collect();
                x.slice(SliceInfo::<_, IxDyn, IxDyn>::try_from(parts).unwrap()).unwrap()
            }
            7 => x.reshape([-1]).unwrap(),
            8 if shape.len() > 1 => {
                let rest: usize = shape[1..].iter().product();
                x.reshape([shape[0] as isize, rest as isize]).unwrap()
            }
            9 if has(axis) => {
                let places: Vec<isize> =
                    (0..1 + self.dice.below(50)).map(|_| self.dice.below(shape[axis]) as isize).collect();
                x.take(&places, axis).unwrap()
            }
            10 if has(axis) => x.index_axis(axis, self.dice.below(shape[axis]) as isize).unwrap(),
            11 if shape.len() < 3 => x.broadcast_to([vec![3], shape].concat()).unwrap(),
            12 if !shape.is_empty() => concatenate(&[x.clone(), self.part_of(&x, axis), x], axis).unwrap(),
            13 if shape.len() < 3 => stack(&[x.clone(), &x + 1.0, x], 0).unwrap(),
            14 if !shape.is_empty() => match self.dice.below(4) {
                0 => x.sum_axis(axis).unwrap(),
                1 => x.std_axis(axis, 0.0).unwrap(),
                2 if has(axis) => x.argmax_axis(axis).unwrap().cast(),
                _ => &x - &x.mean_axis(axis).unwrap().insert_axis(axis).unwrap(),
            },
            15 => match self.dice.below(3) {
                0 => &x - &x.mean(),
                1 => x.std(0.0).unwrap(),
                _ if x.size()? > 0 => x.max().unwrap(),
                _ => x.sum(),
            },
            16 => {
                let kept = x.filter(&x.gt(0.5)).unwrap();
                match self.dice.below(4) {
                    0 => self.ends.push(kept.node().clone()),
                    1 => self.ends.push((&kept + 1.0).filter(&kept.gt(0.7)).unwrap().node().clone()),
                    2 => self.ends.push(kept.histogram((7, 0.0, 1.0)).unwrap().counts.node().clone()),
                    _ => return Some(kept.sum()),
                }
                return None;
            }
            17 if shape.len() == 2 => x.dot(&x.t()).unwrap(),
            18 => x.map_chunks("as it is", |chunk| chunk.to_owned()),
            19 if !shape.is_empty() => x.cumsum_axis(axis).unwrap(),
            20 => x.cummax().unwrap(),
            21 if !shape.is_empty() => x.ffill_axis(axis).unwrap(),
            _ => {
                let chunks = self.chunks(&shape);
                let cut = x.rechunk(chunks).unwrap();
                if self.dice.below(3) > 0 || cut.size()? > 4000 { cut } else { cut.persist_with(&self.client).ok()? }
            }
        })
    }

    fn part_of(&mut self, x: &Array<f32>, axis: usize) -> Array<f32> {
        let mut parts = vec![SliceInfoElem::Slice { start: 0, end: None, step: 1 }; x.ndim()];
        parts[axis] = self.dice.part(x.shape().map_or(0, |shape| shape[axis]));
        x.slice(SliceInfo::<_, IxDyn, IxDyn>::try_from(parts).unwrap()).unwrap()
    }

    /// A plan for some of the values, and of how many tasks ready to keep at a time.
    fn plan(mut self) -> (Arc<Plan>, usize) {
        let mut outputs = std::mem::take(&mut self.ends);
        outputs.push(self.values[self.values.len() - 1].node().clone());
        for _ in 0..self.dice.below(3) {
            outputs.push(self.values[self.dice.below(self.values.len())].node().clone());
        }
        let sizes = Sizes {
            min_elements: [1, 1, 100, 5000, Sizes::MIN_ELEMENTS][self.dice.below(5)],
            max_bytes: [u64::MAX, u64::MAX, 64 << 10, 16 << 10, 4 << 10][self.dice.below(5)],
            handed_bytes: [u64::MAX, u64::MAX, 8 << 10][self.dice.below(3)],
            hold_bytes: [0, 0, 100 << 10, u64::MAX][self.dice.below(4)],
            ..Sizes::default()
        };
        let gpu = (self.dice.below(2) == 0).then_some(&Capabilities::WEBGPU);
        let plan = lower_sized(&optimize(&outputs).unwrap(), gpu, sizes).unwrap();
        (Arc::new(plan), 1 + self.dice.below(8))
    }
}

/// Chunks that are there without a task, on the null device.
fn lent(plan: &Plan, id: ChunkId) -> bool {
    let stage = &plan.stages[id.stage];
    matches!(&stage.kind, StageKind::Source(source) if source.is_kept() || source.in_memory() || stage.is_read_anew())
}

/// The tasks that the outputs need, found without the scheduler.
fn needed(plan: &Plan) -> BTreeSet<ChunkId> {
    let mut open: Vec<ChunkId> = Vec::new();
    for &stage in &plan.outputs {
        let chunks = &plan.stages[stage].chunks;
        open.extend((0..chunks.to_make()).map(|chunk| plan.resolve(stage, chunks.coord(chunk))));
    }
    let mut needed = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !lent(plan, id) && needed.insert(id) {
            open.extend(plan.dependencies(id));
        }
    }
    needed
}

/// Runs the plan with `drive`, and checks what must hold for every run; says in which order tasks began.
fn check(plan: &Arc<Plan>, lookahead: usize, drive: impl FnOnce(&Arc<Run>) -> Result<RunReport>) -> Vec<ChunkId> {
    let (sink, notes) = (Arc::new(Counting::default()), Notes::of(plan, lent));
    let observer: Arc<dyn Observer> = notes.clone();
    let run = null_run(plan, sink.clone(), lookahead, &[observer]);
    let report = drive(&run);
    let report =
        report.unwrap_or_else(|error| panic!("{error}: {:?}, {lookahead} ahead\n{plan}", notes.noted.lock().unwrap()));
    let Noted { started, ended, wrong, .. } = std::mem::take(&mut *notes.noted.lock().unwrap());
    assert!(wrong.is_empty(), "{wrong:?}: {started:?}, {lookahead} ahead\n{plan}");
    assert_eq!(run.live(), 0, "chunks are left\n{plan}");
    assert_eq!(started.len(), ended.len(), "tasks without end\n{plan}");
    let tasks: BTreeSet<ChunkId> = started.iter().copied().collect();
    assert_eq!(tasks, needed(plan), "tasks that ran and those needed\n{plan}");
    let counted = started.iter().filter(|id| plan.stages[id.stage].tasks() > 0).count() as u64;
    assert_eq!(report.cpu_tasks + report.gpu_tasks, counted, "tasks of the report\n{plan}");
    let mut want = HashMap::new();
    for (output, &stage) in plan.outputs.iter().enumerate() {
        want.extend((0..plan.stages[stage].chunks.to_make()).map(|chunk| ((output, chunk), 1)));
    }
    assert_eq!(*sink.taken.lock().unwrap(), want, "chunks of outputs, and how often they came\n{plan}");
    started
}

/// Steps on this thread until the run is over.
fn alone(run: &Arc<Run>) -> Result<RunReport> {
    loop {
        match run.step() {
            Step::Did => {}
            Step::Idle => panic!("nothing to do while nothing runs"),
            Step::Over => return run.finish(Instant::now()),
        }
    }
}

/// Steps on several threads until the run is over.
fn together(run: &Arc<Run>) -> Result<RunReport> {
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| while run.step() != Step::Over {});
        }
    });
    run.finish(Instant::now())
}

fn client() -> Client {
    Client::builder().backend(Backend::Cpu).workers(1).no_progress().build().unwrap()
}

/// Calls `each` with so many random plans of a few thousand tasks at most.
fn random_plans(seed: u64, count: u32, each: impl Fn(&Arc<Plan>, usize)) {
    /// Says how to repeat a failure.
    struct Repeat(u32, u64);
    impl Drop for Repeat {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("{}", how_to_repeat(self.0, self.1));
            }
        }
    }
    let (cases, seed) = cases_and_seed(count, seed);
    let _repeat = Repeat(cases, seed);
    let (client, mut tasks, count) = (client(), 0, u64::from(cases));
    for case in 0..count {
        let (plan, lookahead) = Random::new(seed << 32 | case, &client).plan();
        if plan.tasks() <= 4096 {
            tasks += plan.tasks();
            each(&plan, lookahead);
        }
    }
    assert!(tasks > 20 * count, "{tasks} tasks of {count} plans show little");
}

#[test]
fn random_plans_run_each_task_once_and_in_an_order_that_is_the_same_each_time() {
    random_plans(1, 4000, |plan, lookahead| {
        let first = check(plan, lookahead, alone);
        assert_eq!(check(plan, lookahead, alone), first, "another order\n{plan}");
    });
}

#[test]
fn random_plans_run_each_task_once_on_several_threads() {
    random_plans(2, 1000, |plan, lookahead| drop(check(plan, lookahead, together)));
    let executor = Executor::new(3);
    random_plans(3, 1000, |plan, lookahead| drop(check(plan, lookahead, |run| executor.run(run))));
}

// ---------------------------------------------------------------- bounds

/// Chunks of 4 KiB and more that live at most while the array is computed, with so many tasks kept ready.
fn live(x: &Array<f32>, lookahead: usize) -> u64 {
    let plan = Arc::new(lower_sized(&optimize(&[x.node().clone()]).unwrap(), None, Sizes::default()).unwrap());
    let run = null_run(&plan, Arc::new(Counting::default()), lookahead, &[]);
    let report = alone(&run).unwrap();
    assert_eq!(run.live(), 0, "chunks are left\n{plan}");
    report.peak_chunks
}

/// Data that is read when it is needed, in chunks of 32 × 32 elements (4 KiB), so many on each axis.
fn read(rows: usize, columns: usize) -> Array<f32> {
    elsewhere(&[rows * 32, columns * 32], [32, 32], |i| i as f32)
}

/// The same, made by a function that does not fuse: chunks that are held until their last reader has read them.
fn made(rows: usize, columns: usize) -> Array<f32> {
    read(rows, columns).map_chunks("made", |chunk| chunk.to_owned())
}

/// Tasks that are kept ready, in the tests of bounds: one, as many as for one thread, and as for eight.
const AHEAD: [usize; 3] = [1, 4, 16];

/// Each number of tasks kept ready with each size of a grid.
fn ahead_and_sizes<const N: usize>(sizes: [usize; N]) -> impl Iterator<Item = (usize, usize)> {
    AHEAD.into_iter().flat_map(move |ahead| sizes.map(|n| (ahead, n)))
}

/// Bound: none, where the data is drawn or read: it is drawn again, and what is read may stay in memory but need not (`memory.rs`).
/// What cannot be made again is held.
#[test]
fn a_deviation_from_the_mean_keeps_only_what_cannot_be_had_again() {
    for (ahead, n) in ahead_and_sizes([4, 16, 32]) {
        let drawn = Generator::new(1).normal(0.0f32, 1.0, [n * 32, n * 32]).rechunk(32).unwrap();
        let deviation = |x: &Array<f32>| (x - &x.mean()).std(0.0).unwrap();
        assert_eq!(live(&deviation(&drawn), ahead), 0, "{n} × {n} chunks drawn, {ahead} ahead");
        assert_eq!(live(&deviation(&read(n, n)), ahead), 0, "{n} × {n} chunks read, {ahead} ahead");
        assert_eq!(live(&deviation(&made(n, n)), ahead), (n * n) as u64, "{n} × {n} chunks made, {ahead} ahead");
    }
}

/// Bound: two chunks, or as many as are kept ready, whatever the grid: who reads a chunk that is there goes first.
#[test]
fn a_sum_with_its_transpose_keeps_pairs() {
    for (ahead, n) in ahead_and_sizes([4, 16, 48]) {
        let x = made(n, n);
        let most = live(&(&x + &x.t()).sum(), ahead);
        assert!((1..=2.max(ahead) as u64).contains(&most), "{n} × {n} chunks, {ahead} ahead: {most}");
    }
}

/// Bound: all of the right operand and a row of the left one.
#[test]
fn a_product_keeps_one_operand_and_a_row_of_the_other() {
    for ahead in AHEAD {
        for (m, k, n) in [(4, 4, 4), (16, 4, 4), (64, 4, 4), (8, 8, 8), (16, 16, 16), (4, 8, 16), (40, 1, 1)] {
            let most = live(&made(m, k).dot(&made(k, n)).unwrap(), ahead);
            assert!((1..=(k * n + k) as u64).contains(&most), "{m} × {k} by {k} × {n} chunks, {ahead} ahead: {most}");
        }
    }
}

/// Bound: the 64 states that are merged into one, on each level.
#[test]
fn a_reduction_keeps_a_group_a_level() {
    for ahead in AHEAD {
        for (n, levels) in [(8, 1), (64, 1), (65, 2), (4096, 2), (5000, 3), (20_000, 3)] {
            // A row of states is 8 KiB or more.
            let x = elsewhere(&[n * 4, 2048], [4, 2048], |i| i as f32);
            for y in [x.sum_axis(0).unwrap(), x.std_axis(0, 0.0).unwrap()] {
                let most = live(&y, ahead);
                assert!((1..=64 * levels).contains(&most), "{n} chunks, {ahead} ahead: {most}");
            }
        }
    }
}

/// Bound: of a chunk what is read and made, and the states of the groups that a prefix is in, on each level: nothing that grows with the
/// number of chunks. What is read is read once for both steps.
#[test]
fn a_scan_keeps_a_group_a_level() {
    for ahead in AHEAD {
        for (n, levels) in [(8, 1), (64, 2), (500, 3), (4000, 4)] {
            // A row of states is 8 KiB or more.
            let x = elsewhere(&[n * 4, 2048], [4, 2048], |i| i as f32);
            for y in [x.cumsum_axis(0).unwrap(), x.cumsum().unwrap()] {
                let most = live(&y, ahead);
                assert!(most <= 18 * levels + 2 * ahead as u64, "{n} chunks, {ahead} ahead: {most}");
            }
        }
    }
}

/// Bound: the chunks of a row, where rows are reduced; where columns are, all but those of the last row, for the first chunk of
/// the result needs a column and the first row of them needs all.
#[test]
fn a_mean_that_is_taken_off_keeps_what_it_was_taken_of() {
    for (ahead, n) in ahead_and_sizes([4, 16, 32]) {
        let x = made(n, n);
        let most = live(&(&x - &x.mean_axis(1).unwrap().insert_axis(1).unwrap()), ahead);
        assert!((1..=n as u64).contains(&most), "{n} × {n} chunks less their rows' means, {ahead} ahead: {most}");
        let most = live(&(&x - &x.mean_axis(0).unwrap()), ahead);
        assert!(
            (1..=(n * n) as u64).contains(&most),
            "{n} × {n} chunks less the columns' means, {ahead} ahead: {most}"
        );
    }
}

/// A plan of a million chunks is its stages, and a run of it the tasks that are kept ready and a bit for each chunk of the result.
#[test]
fn a_million_chunks_are_not_listed() {
    let x = elsewhere(&[1 << 20, 16], [1, 16], |i| i as f32);
    let y = &(&x * 2.0) - &x.mean();
    let plan = Arc::new(lower_sized(&optimize(&[y.node().clone()]).unwrap(), None, Sizes::default()).unwrap());
    assert!(plan.tasks() > 2 << 20 && plan.stages.len() < 12, "{plan}");
    let sum = (&x.t() * 2.0).sum_axis(0).unwrap();
    let sum = Arc::new(lower_sized(&optimize(&[sum.node().clone()]).unwrap(), None, Sizes::default()).unwrap());
    for (plan, most) in [(&plan, 2000), (&sum, 4 * 16)] {
        let run = null_run(plan, Arc::new(Counting::default()), 16, &[]);
        for _ in 0..1000 {
            assert_eq!(run.step(), Step::Did);
        }
        assert!(run.live() <= most, "{} chunks after 1000 steps\n{plan}", run.live());
    }
}

// ---------------------------------------------------------------- fairness

/// Holds up the threads that wait for their own runs, each in its first task, until the client's threads have done so many tasks
/// of one run; counts the tasks of both until then.
#[derive(Default)]
struct Held {
    done: Mutex<(HashMap<u64, u64>, bool)>,
    over: Condvar,
    /// Runs that have begun.
    begun: AtomicU64,
}

impl Observer for Held {
    fn event(&self, event: &Event) {
        let helper = std::thread::current().name().is_some_and(|name| name.starts_with("gridloom-"));
        let mut state = self.done.lock().unwrap();
        match event {
            Event::Started { .. } if helper => {
                // Before both are there, there is nothing to share.
                while self.begun.load(Ordering::SeqCst) < 2 {
                    state = self.over.wait_timeout(state, Duration::from_millis(1)).unwrap().0;
                }
            }
            Event::Started { .. } => {
                self.begun.fetch_add(1, Ordering::SeqCst);
                while !state.1 {
                    state = self.over.wait(state).unwrap();
                }
            }
            Event::Ended { run, .. } if !state.1 => {
                let done = state.0.entry(*run).or_insert(0);
                *done += 1;
                if *done >= 900 {
                    state.1 = true;
                    self.over.notify_all();
                }
            }
            _ => {}
        }
    }
}

#[test]
fn threads_work_for_two_runs_in_turn() {
    let executor = Executor::new(2);
    let held = Arc::new(Held::default());
    let both = Barrier::new(2);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let x = gridloom::ones::<f32>(1000 * 1024).rechunk(1024).unwrap();
                let plan =
                    Arc::new(lower_sized(&optimize(&[x.node().clone()]).unwrap(), None, Sizes::default()).unwrap());
                let observer: Arc<dyn Observer> = held.clone();
                let run = null_run(&plan, Arc::new(Counting::default()), 8, &[observer]);
                both.wait();
                executor.run(&run).unwrap();
            });
        }
    });
    let state = held.done.lock().unwrap();
    let shares: Vec<u64> = state.0.values().copied().collect();
    assert!(shares.len() == 2 && shares.iter().all(|&done| done >= 700), "tasks done for each run: {shares:?}");
}
