//! Whatever fails, a run ends in its result, with the right numbers, or in an error that says what failed; and after it the client
//! computes as before, and holds no more than before.

use std::sync::Arc;
#[cfg(feature = "gpu")]
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gridloom::event::{Event, Observer};
use gridloom::fault::Point;
use gridloom::graph::{Layout, Node, Op, Source, Unique};
use gridloom::host::HostBuffer;
use gridloom::optimize::optimize;
use gridloom::plan::grid::Sizes;
use gridloom::plan::lower::lower_sized;
use gridloom::prelude::*;
use gridloom::schedule::{Executor, Step};
use gridloom::{CancelToken, ClientBuilder, Element, Error, Result, arange};

use crate::common::device;
use crate::common::runs::{Counting, Notes, elsewhere, null_run};

// ---------------------------------------------------------------- what clients hold

fn builder() -> ClientBuilder {
    device();
    Client::builder().workers(2).no_progress()
}

fn client() -> Client {
    builder().build().unwrap()
}

/// Bytes that a client holds on the host, in the spill folder, and in device buffers in use.
fn held(client: &Client) -> (u64, u64, u64) {
    let memory = client.memory();
    (memory.host, memory.disk, device_bytes(client))
}

fn device_bytes(client: &Client) -> u64 {
    client.device().adapter().map_or(0, |adapter| adapter.stats().live_bytes)
}

/// Checks that a client holds so much, once the device is done with what it was given.
#[track_caller]
fn assert_held(client: &Client, want: (u64, u64, u64), after: &str) {
    let start = Instant::now();
    while held(client) != want {
        assert!(start.elapsed() < Duration::from_secs(5), "{after}: {:?} are held, {want:?} before", held(client));
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Checks that a client computes, on all its threads.
#[track_caller]
fn assert_usable(client: &Client, after: &str) {
    let x = elsewhere(&[96, 2048], [1, 2048], |i| (i % 2048) as i32);
    let got = client.compute(&(&x + 1).sum_axis(1).unwrap()).unwrap_or_else(|error| panic!("{after}: {error}"));
    assert!(got.iter().all(|&sum| sum == (2048 * 2049 / 2)), "{after}: {got}");
}

// ---------------------------------------------------------------- the n-th time something is done

/// Elements of the workloads, in 8 chunks.
const N: usize = 1 << 19;

fn host(element: fn(usize) -> f32) -> Array<f32> {
    gridloom::from_ndarray((0..N).map(element).collect::<ndarray::Array1<f32>>(), N / 8).unwrap()
}

/// Compares a result with numbers known without the library.
fn compare<T: Element>(got: &ndarray::ArrayD<T>, want: impl Fn(usize) -> T) {
    let wrong = got.iter().enumerate().find(|&(i, &value)| value != want(i));
    assert!(wrong.is_none(), "element {wrong:?}");
}

/// An expression on a client; panics at a wrong number.
type Workload = fn(&Client) -> Result<()>;

const WORKLOADS: [(&str, Workload); 5] = [
    ("stream", |client| {
        let got = client.compute(&(host(|i| (i % 1000) as f32) * 2.0 + 1.0))?;
        assert_eq!(got.len(), N);
        compare(&got, |i| (i % 1000) as f32 * 2.0 + 1.0);
        Ok(())
    }),
    ("reduction", |client| {
        let x = host(|i| (i % 7) as f32);
        let y = &x - &x.max()?;
        let (least, most) = client.compute((&y.min()?, &(&x + &y).max()?))?;
        assert_eq!((least[[]], most[[]]), (-6.0, 6.0));
        Ok(())
    }),
    ("product", |client| {
        let x = gridloom::from_ndarray(ndarray::Array2::from_shape_fn((96, 64), |(i, j)| ((i + j) % 3) as f32), 32)?;
        let got = client.compute(&x.dot(&x.t())?)?;
        let element = |i, j| (0..64).map(|k| ((i + k) % 3 * ((j + k) % 3)) as f32).sum::<f32>();
        compare(&got, |at| element(at / 96, at % 96));
        Ok(())
    }),
    ("filter", |client| {
        let x = host(|i| (i % 5) as f32);
        let got = client.compute(&x.filter(&x.gt(2.0))?)?;
        // Of five, the last two.
        assert_eq!(got.len(), N / 5 * 2 + (N % 5).saturating_sub(3));
        compare(&got, |i| 3.0 + (i % 2) as f32);
        Ok(())
    }),
    ("persist", |client| {
        let x = (host(|i| (i % 10) as f32) + 1.0).persist_with(client)?;
        compare(&client.compute(&(&x * 2.0))?, |i| (i % 10) as f32 * 2.0 + 2.0);
        assert_eq!(client.compute(&x.max()?)?[[]], 10.0);
        Ok(())
    }),
];

/// Makes pass after pass of a point fail, until a run gets through without.
fn fail_each(client: &Client, point: Point, name: &str, work: Workload) -> u64 {
    for nth in 1.. {
        assert!(nth < 300, "{name}: {point:?} without end");
        let after = format!("{name}, {point:?} {nth}");
        client.faults().arm(point, nth);
        let start = Instant::now();
        let result = work(client);
        let spared = client.faults().disarm(point);
        assert!(start.elapsed() < Duration::from_secs(20), "{after}: took {:?}", start.elapsed());
        match &result {
            Ok(()) => {}
            Err(error) if spared => panic!("{after}: {error}"),
            Err(Error::Device { .. } | Error::DeviceLost { .. } | Error::Memory { .. } | Error::Io { .. }) => {}
            Err(error) => panic!("{after}: {error:?}"),
        }
        assert_held(client, (0, 0, 0), &after);
        if spared {
            return nth - 1;
        }
    }
    unreachable!()
}

#[test]
fn whatever_the_device_fails_at_the_result_is_right_or_an_error_says_so() {
    let client = client();
    for (name, work) in WORKLOADS {
        work(&client).unwrap();
        let points = [Point::Allocate, Point::Upload, Point::Submit, Point::Download, Point::Pipeline];
        let passed: Vec<u64> = points.iter().map(|&point| fail_each(&client, point, name, work)).collect();
        if client.adapter().is_none() {
            assert_eq!(passed, [0; 5], "{name}: the CPU passes points of a device");
        } else {
            assert!(passed[0] > 0 && passed[2] > 0 && passed[3] > 0, "{name}: {points:?} failed {passed:?} times");
        }
        assert_usable(&client, name);
    }
}

/// Pipelines are kept by a client: each failure needs a new one.
#[test]
fn a_pipeline_that_does_not_compile_the_first_time() {
    if !device().is_gpu() {
        return;
    }
    for nth in 1..4 {
        let client = client();
        client.faults().arm(Point::Pipeline, nth);
        for (name, work) in WORKLOADS.iter().take(2) {
            match work(&client) {
                Ok(()) | Err(Error::Device { .. }) => {}
                Err(error) => panic!("{name}: {error:?}"),
            }
        }
        assert!(!client.faults().disarm(Point::Pipeline), "pass {nth} did not come");
        WORKLOADS.iter().for_each(|(_, work)| work(&client).unwrap());
        assert_held(&client, (0, 0, 0), "a pipeline failed");
    }
}

const SPILLING: Workload = |client| {
    let x = elsewhere(&[8, N / 4], [1, N / 4], |i| (i % 1000) as f32);
    let (x, y) = ((&x + 1.0).persist_with(client)?, (&x + 2.0).persist_with(client)?);
    assert_eq!(client.compute(&(&y - &x).max()?)?[[]], 1.0);
    assert_eq!(client.compute(&(&y + &x).max()?)?[[]], 999.0 * 2.0 + 3.0);
    Ok(())
};

#[test]
fn whatever_the_disk_fails_at_the_result_is_right_or_an_error_says_so() {
    // Less memory than the workload keeps: from a device chunks go to the host, and from there to the disk.
    let client = builder().memory_limit(4 << 20).device_memory_limit(3 << 20).build().unwrap();
    SPILLING(&client).unwrap();
    for point in [Point::SpillWrite, Point::SpillRead] {
        let failed = fail_each(&client, point, "spilling", SPILLING);
        assert!(failed > 0, "{point:?} never failed: {:?}", client.memory());
    }
    let memory = client.memory();
    assert!(memory.host_peak <= memory.host_limit, "{memory:?}");
    assert_usable(&client, "spilling");
}

// ---------------------------------------------------------------- lost devices

#[cfg(feature = "gpu")]
mod lost {
    use super::*;

    /// Loses the device of a client.
    fn lose(client: &Client) {
        client.device().adapter().unwrap().destroy();
    }

    /// Loses the device at the k-th task of a run; counts tasks.
    struct Loser {
        client: Mutex<Option<Client>>,
        left: AtomicU64,
    }

    impl Observer for Loser {
        fn event(&self, event: &Event) {
            let Event::Started { .. } = event else { return };
            if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
                lose(&self.client.lock().unwrap().clone().unwrap());
            }
        }
    }

    #[test]
    fn a_device_lost_at_any_task_is_opened_again() {
        if !device().is_gpu() {
            return;
        }
        let client = client();
        let loser = Arc::new(Loser { client: Mutex::new(Some(client.clone())), left: AtomicU64::new(0) });
        client.observe(loser.clone());
        for (name, work) in WORKLOADS {
            let before = held(&client);
            for k in 1..100 {
                loser.left.store(k, Ordering::SeqCst);
                let start = Instant::now();
                let result = work(&client);
                let came = loser.left.load(Ordering::SeqCst) > k;
                let spent = start.elapsed();
                assert!(spent < Duration::from_secs(10), "{name}: lost at task {k}, done after {spent:?}");
                match result {
                    // What only the lost device had cannot be had again.
                    Err(Error::DeviceLost { .. }) if name == "persist" => {}
                    result => result.unwrap_or_else(|error| panic!("{name}: lost at task {k}: {error}")),
                }
                loser.left.store(0, Ordering::SeqCst);
                assert_held(&client, before, name);
                if !came {
                    assert!(k > 1, "{name}: no task");
                    break;
                }
                if name != "persist" {
                    let fallbacks = client.last_run().unwrap().fallbacks;
                    let told = fallbacks.iter().any(|(what, why)| what.contains("again") && why.contains("lost"));
                    // A loss after the last use of the device is found by the next run.
                    assert!(told || k > 1, "{name}: lost at task {k}: {fallbacks:?}");
                }
            }
        }
        *loser.client.lock().unwrap() = None;
        assert!(client.adapter().is_some());
        assert_usable(&client, "lost devices");
        assert!(client.last_run().unwrap().gpu_tasks > 0, "the device is not used again");
    }

    #[test]
    fn what_only_a_lost_device_had_is_gone_and_the_rest_is_not() {
        if !device().is_gpu() {
            return;
        }
        let client = client();
        let x = (host(|i| i as f32) + 1.0).persist_with(&client).unwrap();
        assert!(x.places().unwrap().device > 0, "{:?}", x.places());
        lose(&client);
        for _ in 0..2 {
            match client.compute(&(&x * 2.0)) {
                Err(Error::DeviceLost { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        match client.compute(&x) {
            Err(Error::DeviceLost { .. }) => {}
            other => panic!("{other:?}"),
        }
        drop(x);
        // The same expression, made again.
        let x = (host(|i| i as f32) + 1.0).persist_with(&client).unwrap();
        compare(&client.compute(&(&x * 2.0)).unwrap(), |i| (i as f32 + 1.0) * 2.0);
        drop(x);
        assert_held(&client, (0, 0, 0), "a lost device");
    }

    #[test]
    fn a_device_lost_between_runs_is_opened_again() {
        if !device().is_gpu() {
            return;
        }
        let client = client();
        for (name, work) in WORKLOADS {
            lose(&client);
            work(&client).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_held(&client, (0, 0, 0), name);
        }
    }
}

// ---------------------------------------------------------------- users' functions

/// Chunks of an array of 64, with a function called on each.
fn each_chunk(f: impl Fn(usize) + Send + Sync + 'static) -> Array<i32> {
    let x = arange::<i32>(64 * 100).rechunk(100).unwrap();
    x.map_chunks("users", move |chunk| {
        f(chunk.first().map_or(0, |&first| first as usize / 100));
        chunk.to_owned()
    })
}

#[test]
fn a_function_that_panics_ends_its_run_and_no_other() {
    let client = client();
    std::thread::scope(|scope| {
        scope.spawn(|| (0..100).for_each(|_| assert_usable(&client, "beside a panic")));
        for at in [0, 1, 31, 63] {
            let x = each_chunk(move |i| {
                std::thread::sleep(Duration::from_micros(100));
                assert!(i != at, "not {i}, please");
            });
            match client.compute(&(&x + 1)) {
                Err(Error::UserFunction { name, problem }) => {
                    assert_eq!(
                        (name.as_str(), problem),
                        ("users", format!("panicked on chunk [{at}]: not {at}, please"))
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    });
    assert_held(&client, (0, 0, 0), "a panic");
}

#[test]
fn a_source_that_fails_or_panics_ends_its_run() {
    /// Fails, or panics, at a chunk.
    struct Failing(bool);
    impl Source for Failing {
        fn chunk(&self, coord: &[u64], region: &[(u64, u64)]) -> Result<(Arc<HostBuffer>, Layout, Vec<u64>)> {
            assert!(!self.0 || region[0].0 == 0, "the source panics at {coord:?}");
            if region[0].0 > 0 {
                let source = std::io::Error::other("no such chunk");
                return Err(Error::Io { op: "read", path: "failing".into(), source });
            }
            let n = region[0].1 - region[0].0;
            Ok((Arc::new(HostBuffer::from_vec::<f32>(vec![0.0; n as usize])), Layout::c_order(&[n]), vec![n]))
        }
        fn describe(&self) -> String {
            "failing".into()
        }
        fn in_memory(&self) -> bool {
            false
        }
    }
    let client = builder().task_elements(1).build().unwrap();
    for panics in [false, true] {
        let chunks = zeros_of(40_000, 10_000);
        let source: Arc<dyn Source> = Arc::new(Failing(panics));
        let node = Node::new(Op::Source(Unique::new(source)), vec![], gridloom::DType::F32, chunks.chunks().clone());
        let x = Array::<f32>::from_node(node).unwrap();
        let runs: [&dyn Fn() -> Result<()>; 4] = [
            &|| client.compute(&x.sum()).map(drop),
            &|| client.compute(&(&x + 1.0)).map(drop),
            &|| client.compute(&x).map(drop),
            &|| client.compute((&x.t(), &x, &x.sum())).map(drop),
        ];
        for (i, run) in runs.into_iter().enumerate() {
            match run() {
                Err(Error::Io { .. }) if !panics => {}
                Err(Error::UserFunction { problem, .. }) if panics && problem.contains("the source panics") => {}
                other => panic!("run {i}: {other:?}"),
            }
            assert_held(&client, (0, 0, 0), "a source");
            assert_usable(&client, "a source");
        }
    }
}

fn zeros_of(n: usize, chunk: usize) -> Array<f32> {
    gridloom::zeros::<f32>(n).rechunk(chunk).unwrap()
}

#[test]
fn an_observer_that_panics_harms_nobody() {
    struct Panics(AtomicU64);
    impl Observer for Panics {
        fn event(&self, _: &Event) {
            assert!(self.0.fetch_add(1, Ordering::SeqCst) % 3 != 1, "an observer panics");
        }
    }
    let client = client();
    let (panics, notes) = (Arc::new(Panics(AtomicU64::new(0))), Notes::of_any());
    let both: [Arc<dyn Observer>; 2] = [panics.clone(), notes.clone()];
    both.iter().for_each(|observer| client.observe(observer.clone()));
    for _ in 0..3 {
        assert_usable(&client, "an observer");
    }
    both.iter().for_each(|observer| client.unobserve(observer));
    assert!(panics.0.load(Ordering::SeqCst) > 3);
    assert!(notes.noted.lock().unwrap().started.len() > 3, "the other observer hears all the same");
    assert_held(&client, (0, 0, 0), "an observer");
}

// ---------------------------------------------------------------- ends before the end

#[test]
fn a_run_is_cancelled_from_another_thread() {
    let (client, token) = (client(), CancelToken::new());
    let (begun, cancelled) = (Arc::new(AtomicBool::new(false)), token.clone());
    let theirs = begun.clone();
    let x = each_chunk(move |_| {
        theirs.store(true, Ordering::SeqCst);
        while !cancelled.is_cancelled() {
            std::thread::yield_now();
        }
    });
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !begun.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            token.cancel();
        });
        match client.with_cancel(&token).compute(&x) {
            Err(Error::Cancelled { done, total }) => assert!(done < total, "{done} of {total}"),
            other => panic!("{other:?}"),
        }
    });
    assert_held(&client, (0, 0, 0), "a cancelled run");
    assert_usable(&client, "a cancelled run");
}

#[test]
fn a_run_is_cancelled_from_within() {
    let (client, token) = (client(), CancelToken::new());
    let (cancels, calls) = (token.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = calls.clone();
    let x = each_chunk(move |i| {
        counted.fetch_add(1, Ordering::SeqCst);
        if i == 5 {
            cancels.cancel();
        }
    });
    let result = client.with_cancel(&token).compute(&x);
    assert!(matches!(result, Err(Error::Cancelled { .. })), "{result:?}");
    assert!(calls.load(Ordering::SeqCst) < 20, "{calls:?} tasks after the end");
    assert_held(&client, (0, 0, 0), "a cancelled run");
    // Cancelled stays cancelled, for that token only.
    assert!(matches!(client.with_cancel(&token).compute(&x), Err(Error::Cancelled { done: 0, .. })));
    assert_usable(&client, "a cancelled run");
}

#[test]
fn a_future_that_is_dropped_cancels_its_run() {
    let client = client();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let x = each_chunk(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(5));
    });
    let computing = x.compute_async_with(&client);
    while calls.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    drop(computing);
    assert_held(&client, (0, 0, 0), "a dropped future");
    let calls = calls.load(Ordering::SeqCst);
    assert!(calls < 64, "all {calls} tasks ran");
    assert_usable(&client, "a dropped future");
}

#[test]
fn a_deadline_ends_a_run() {
    let client = client();
    let x = each_chunk(|_| std::thread::sleep(Duration::from_millis(20)));
    let (start, limit) = (Instant::now(), Duration::from_millis(50));
    match client.with_deadline(limit).compute(&x) {
        Err(Error::Deadline { limit: told, done, total }) => {
            assert!(told == limit && done < total, "{done} of {total}");
        }
        other => panic!("{other:?}"),
    }
    assert!(start.elapsed() < Duration::from_secs(1) + limit, "{:?}", start.elapsed());
    assert_held(&client, (0, 0, 0), "a deadline");
    assert_usable(&client, "a deadline");
    assert_eq!(client.with_deadline(Duration::from_secs(3600)).compute(&arange::<i32>(9).sum()).unwrap()[[]], 36);
}

#[test]
fn a_sink_that_fails_ends_its_run() {
    let executor = Executor::new(2);
    for after in [0, 1, 50] {
        let x = zeros_of(100_000, 1000);
        let outputs = optimize(&[x.node().clone(), (&x + 1.0).node().clone()]).unwrap();
        let plan = Arc::new(lower_sized(&outputs, None, Sizes::default()).unwrap());
        let sink = Arc::new(Counting { fails_after: Some(after), ..Counting::default() });
        let run = null_run(&plan, sink.clone(), 8, &[]);
        let error = executor.run(&run).unwrap_err().to_string();
        assert_eq!(error, "sink: nowhere: the sink is full");
        assert_eq!((run.live(), sink.taken.lock().unwrap().len()), (0, after));
        // A thread that saw the run among others may come to it late.
        assert_eq!(run.step(), Step::Over);
        assert_eq!((run.live(), sink.taken.lock().unwrap().len()), (0, after));
    }
}

// ---------------------------------------------------------------- limits

/// The two numbers of a refusal for want of memory, after which no task began.
#[track_caller]
fn refused<T: Element>(client: &Client, x: &Array<T>) -> (u64, u64) {
    let notes = Notes::of_any();
    let observer: Arc<dyn Observer> = notes.clone();
    client.observe(observer.clone());
    let result = client.compute(x);
    client.unobserve(&observer);
    let began = notes.noted.lock().unwrap().started.len();
    match result {
        Err(Error::Memory { pool: "host", needed, limit, .. }) => {
            assert_eq!(began, 0, "tasks began");
            assert!(needed > limit, "{needed} of {limit}");
            assert_held(client, (0, 0, 0), "a refusal");
            (needed, limit)
        }
        other => panic!("{:?}, {began} tasks", other.map(|x| x.len())),
    }
}

#[test]
fn what_cannot_fit_is_refused_with_both_numbers_before_it_runs() {
    let client = builder().memory_limit(1 << 20).build().unwrap();
    // The result.
    assert_eq!(refused(&client, &zeros_of(1 << 20, 1 << 14)), (4 << 20, 1 << 20));
    // One that no machine could hold.
    let (needed, limit) = refused(&client, &gridloom::zeros::<f64>((1 << 24, 1 << 24)));
    assert_eq!((needed, limit), (8 << 48, 1 << 20));
    let most = gridloom::zeros::<f64>((1 << 40, 1 << 40));
    assert_eq!(refused(&client, &most), (u64::MAX, 1 << 20));
    assert!(matches!(self::client().compute(&most), Err(Error::Memory { needed: u64::MAX, .. })));
    // A task: a function takes chunks as they are.
    let whole = gridloom::ones::<f32>(1 << 20).map_chunks("whole", |chunk| chunk.to_owned());
    assert!(refused(&client, &whole.sum()).0 >= 8 << 20);
    // A budget that is smaller than any task.
    let tiny = builder().backend(gridloom::Backend::Cpu).memory_limit(100).build().unwrap();
    assert_eq!(refused(&tiny, &(elsewhere(&[1000], 1000, |i| i as f32) + 1.0).sum()).1, 100);
    // What fits does.
    assert_usable(&client, "refusals");
    assert_eq!(client.compute(&zeros_of(1 << 22, 1 << 14).sum()).unwrap()[[]], 0.0);
}

#[test]
fn a_device_with_next_to_no_memory_is_not_used_or_suffices() {
    for limit in [1, 4096, 64 << 10, 1 << 20] {
        let client = builder().device_memory_limit(limit).build().unwrap();
        for (name, work) in WORKLOADS {
            work(&client).unwrap_or_else(|error| panic!("{name} with {limit} bytes: {error}"));
            assert_held(&client, (0, 0, 0), name);
        }
    }
}

#[test]
fn a_spill_folder_that_cannot_be_written_is_refused_with_the_client() {
    let folder = tempfile_folder();
    let file = folder.join("file");
    std::fs::write(&file, "").unwrap();
    for at in [file.clone(), file.join("inside")] {
        let error = builder().spill_folder(&at).build().unwrap_err().to_string();
        assert!(error.starts_with(&format!("spill: {}: ", at.display())), "{error}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// A folder of this process.
fn tempfile_folder() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("gridloom-faults-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
