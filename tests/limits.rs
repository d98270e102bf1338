//! Budgets: arrays larger than memory in a process that cannot have more, spilling, devices with little memory, and many runs
//! within one budget.

use std::process::Command;
use std::sync::Arc;

use gridloom::event::{Event, Observer};
use gridloom::prelude::*;
use gridloom::random::Generator;
use gridloom::{Backend, Error, from_ndarray, read_npy};

use crate::common::device;

/// Bytes of the array that a child process works on, and what it may map: an eighth of it beside what the process has at its start.
const ARRAY: u64 = 512 << 20;
const ROOM: u64 = ARRAY / 8;

/// Whether anything began.
#[derive(Default)]
struct Begun(std::sync::atomic::AtomicUsize);
impl Observer for Begun {
    fn event(&self, event: &Event) {
        if matches!(event, Event::Started { .. }) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    }
}

/// A file of `rows` rows of 16384 `f32`s, each its row's number modulo 97, written by chunks.
fn write_rows(path: &std::path::Path, rows: usize, client: &Client) {
    let x = gridloom::arange::<i32>(rows).reshape(&[rows as isize, 1]).unwrap();
    let x = (&x % 97 + gridloom::zeros::<i32>((1, 16384))).cast::<f32>();
    x.rechunk((64, 16384)).unwrap().to_npy_with(client, path).unwrap();
}

/// Run by [`arrays_eight_times_as_large_as_memory`] in a process whose address space is limited.
#[test]
#[ignore = "run in a child process by arrays_eight_times_as_large_as_memory"]
fn child_reduces_what_it_cannot_hold() {
    let path = std::path::PathBuf::from(std::env::var_os("GRIDLOOM_TEST_FILE").unwrap());
    let rows = (ARRAY / 4 / 16384) as usize;
    let client = Client::builder().backend(Backend::Cpu).workers(2).memory_limit(ROOM / 2).build().unwrap();
    let x = Generator::new(3).random::<f32>((rows, 16384));
    let y = &x - &x.mean_axis(0).unwrap();
    let histogram = y.histogram((10, -1.0, 1.0)).unwrap();
    let (std, counts) = client.compute((&y.std(0.0).unwrap(), &histogram.counts)).unwrap();
    assert!((f64::from(std[[]]) - (1.0f64 / 12.0).sqrt()).abs() < 1e-3, "{std}");
    assert_eq!(counts.sum(), (rows * 16384) as i64);

    write_rows(&path, rows, &client);
    let x = read_npy::<f32>(&path, (64, 16384)).unwrap();
    let histogram = x.histogram((97, 0.0, 97.0)).unwrap();
    let (sum, counts) = client.compute((&x.cast::<f64>().sum(), &histogram.counts)).unwrap();
    let want: u64 = (0..rows as u64).map(|row| row % 97 * 16384).sum();
    assert_eq!(sum[[]], want as f64);
    let of = |bin: usize| (0..rows).filter(|row| row % 97 == bin).count() as i64 * 16384;
    assert!((0..97).all(|bin| counts[[bin]] == of(bin)), "{counts}");
    assert!(client.memory().host_peak <= ROOM / 2, "{:?}", client.memory());
    println!("the child is done");
}

#[test]
#[cfg(target_os = "linux")]
fn arrays_eight_times_as_large_as_memory() {
    let file = tempfile::NamedTempFile::new().unwrap();
    // What the test binary itself maps (its code, threads' stacks and arenas) is no part of the question.
    let own = 1u64 << 30;
    let script = format!("ulimit -v {}; exec \"$@\"", (own + ROOM) >> 10);
    let mut child = Command::new("sh");
    child.args(["-c", &script, "sh"]).arg(std::env::current_exe().unwrap());
    child.args(["limits::child_reduces_what_it_cannot_hold", "--exact", "--ignored", "--nocapture"]);
    child.env("GRIDLOOM_TEST_FILE", file.path()).env("GRIDLOOM_BACKEND", "cpu").env("MALLOC_ARENA_MAX", "2");
    let output = child.env_remove("GRIDLOOM_ADAPTER").output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success() && text.contains("the child is done"), "{text}");
}

#[test]
fn what_does_not_fit_is_spilled_and_comes_back() {
    let limit = 8 << 20;
    let client = Client::builder().backend(Backend::Cpu).workers(2).memory_limit(limit).build().unwrap();
    let rows = gridloom::arange::<i32>(2048).reshape(&[2048, 1]).unwrap();
    let x = ((&rows * 31 + gridloom::arange::<i32>(1024) * 7) % 101).cast::<f64>().rechunk((128, 1024)).unwrap();
    let kept = x.persist_with(&client).unwrap();
    let places = kept.places().unwrap();
    assert_eq!(places.host + places.disk, 16 << 20, "{places:?}");
    assert!(places.disk >= 8 << 20 && places.host <= limit, "{places:?}");
    let columns = client.compute(&kept.sum_axis(0).unwrap()).unwrap();
    let product =
        client.compute(&kept.slice(s![..64, ..]).unwrap().t().dot(&kept.slice(s![..64, ..4]).unwrap()).unwrap());
    let plain = ndarray::Array2::from_shape_fn((2048, 1024), |(i, j)| (i * 31 + j * 7) as f64 % 101.0);
    assert_eq!(columns, plain.sum_axis(Axis(0)).into_dyn());
    let part = plain.slice(s![..64, ..]);
    assert_eq!(product.unwrap(), part.t().dot(&plain.slice(s![..64, ..4])).into_dyn());
    let memory = client.memory();
    assert!(memory.host_peak <= limit && memory.spilled > 0 && memory.restored > 0, "{memory:?}");
    drop((kept, x));
    let memory = client.memory();
    assert_eq!((memory.host, memory.disk), (0, 0), "what is dropped is freed: {memory:?}");
}

#[test]
fn what_cannot_fit_is_refused_before_anything_runs() {
    let client = Client::builder().backend(Backend::Cpu).workers(1).memory_limit(1 << 20).build().unwrap();
    let begun = Arc::new(Begun::default());
    client.observe(begun.clone());
    let large = gridloom::ones::<f64>((1024, 1024));
    let refused = client.compute(&large).unwrap_err();
    assert!(
        matches!(&refused, Error::Memory { pool: "host", needed, limit, .. } if *needed >= 8 << 20 && *limit == 1 << 20)
    );
    assert!(refused.to_string().contains("the result: needs 8"), "{refused}");
    // Chunks that a function of the user's sees are not split.
    let seen = gridloom::ones::<f64>((1024, 1024)).rechunk((1024, 1024)).unwrap();
    let sums = seen.map_chunks("twice", |chunk| chunk.mapv(|v| 2.0 * v)).sum();
    let refused = client.compute(&sums).unwrap_err();
    assert!(matches!(refused, Error::Memory { pool: "host", .. }), "{refused}");
    assert_eq!(begun.0.load(std::sync::atomic::Ordering::SeqCst), 0, "something began");
    // The client is as good as before.
    assert_eq!(client.compute(&large.sum()).unwrap()[[]], 1024.0 * 1024.0);
    let nowhere = Client::builder().backend(Backend::Cpu).spill_folder("/proc/no/such/folder").build().unwrap_err();
    assert!(matches!(nowhere, Error::Io { op: "spill", .. }), "{nowhere}");
}

#[test]
fn a_device_with_little_memory_streams() {
    device();
    let Some(adapter) = Client::get_default().unwrap().adapter() else { return };
    let client =
        Client::builder().backend(Backend::Gpu).adapter(adapter).device_memory_limit(64 << 20).build().unwrap();
    // 128 MiB on the host, and as much again kept.
    let plain = ndarray::Array2::from_shape_fn((2048, 16384), |(i, j)| ((i * 7 + j) % 64) as f32);
    let want: f64 = plain.iter().map(|&v| f64::from(v)).sum();
    let x = from_ndarray(plain.clone(), (128, 16384)).unwrap();
    let (sum, counts) =
        client.compute((&(&x + 1.0).cast::<i32>().sum(), &x.histogram((64, 0.0, 64.0)).unwrap().counts)).unwrap();
    assert_eq!(sum[[]] as f64, want + 2048.0 * 16384.0);
    assert!(counts.iter().all(|&count| count == 2048 * 16384 / 64), "{counts}");
    let kept = (&x * 2.0).persist_with(&client).unwrap();
    let places = kept.places().unwrap();
    assert!(places.device <= 64 << 20 && places.device + places.host + places.disk >= 128 << 20, "{places:?}");
    assert!(client.compute(&kept).unwrap() == (plain * 2.0).into_dyn(), "what was put out of the device comes back");
    let report = client.last_run().unwrap();
    assert!(report.peak_device_bytes <= 64 << 20, "{}", report.details());
}

#[test]
fn runs_on_one_client_share_its_budget() {
    device();
    let limit = 64 << 20;
    let client = Client::builder().workers(3).memory_limit(limit).build().unwrap();
    std::thread::scope(|scope| {
        for seed in 0..8u64 {
            let client = &client;
            scope.spawn(move || {
                for round in 0..50u64 {
                    let n = 1000 + 777 * ((seed * 50 + round) % 23) as usize;
                    let x = gridloom::arange::<i32>(n).rechunk(n / (1 + round as usize % 7)).unwrap();
                    let y = (&x * 3 + seed as i32).filter(&(&x % 2).eq(0).unwrap()).unwrap();
                    let (sum, all) = client.compute((&y.sum(), &(&x - round as i32))).unwrap();
                    let want: i64 = (0..n as i64).filter(|i| i % 2 == 0).map(|i| i * 3 + seed as i64).sum();
                    assert_eq!(sum[[]], want, "run {seed}, round {round}");
                    assert!(
                        all.iter().enumerate().all(|(i, &v)| v == i as i32 - round as i32),
                        "run {seed}, round {round}"
                    );
                }
            });
        }
    });
    let memory = client.memory();
    assert!(memory.host_peak <= limit && memory.host == 0, "{memory:?}");
}

#[test]
fn a_future_needs_no_runtime_and_cancels_when_dropped() {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};
    let sum = gridloom::arange::<i64>(100_000).sum();
    let mut future = Box::pin(sum.compute_async().unwrap());
    let mut context = Context::from_waker(Waker::noop());
    let value = loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => break value.unwrap(),
            Poll::Pending => std::thread::yield_now(),
        }
    };
    assert_eq!(value[[]], 100_000 * 99_999 / 2);
    let client = Client::builder().backend(Backend::Cpu).workers(1).build().unwrap();
    let seen = Arc::new(std::sync::Mutex::new(None));
    let theirs = seen.clone();
    let long = client.spawn(move |client| {
        let x = Generator::new(1).normal(0.0f64, 1.0, (1 << 14, 1 << 16));
        let result = client.compute(&x.sum()).map(drop);
        *theirs.lock().unwrap() = Some(matches!(result, Err(Error::Cancelled { .. })));
        result
    });
    drop(long);
    let start = std::time::Instant::now();
    while seen.lock().unwrap().is_none() && start.elapsed().as_secs() < 30 {
        std::thread::yield_now();
    }
    assert_eq!(*seen.lock().unwrap(), Some(true), "the run was not cancelled");
}
