//! Budgets: arrays larger than memory in a process that cannot have more, spilling, devices with little memory, many runs within
//! one budget, and what a client leaves behind.

use std::process::Command;

use gridloom::prelude::*;
use gridloom::random::Generator;
use gridloom::{Backend, Error, from_fn, from_ndarray, read_npy};

use crate::common::device;

/// Bytes of the array that a child process works on, and what it may map: an eighth of it beside what the process has at its start.
const ARRAY: u64 = 512 << 20;
const ROOM: u64 = ARRAY / 8;

/// A file of `rows` rows of 16384 `f32`s, each its row's number modulo 97, written by chunks.
fn write_rows(path: &std::path::Path, rows: usize, client: &Client) {
    let x = arange::<i32>(rows).reshape([rows as isize, 1]).unwrap();
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
    let rows = arange::<i32>(2048).reshape([2048, 1]).unwrap();
    let x = ((&rows * 31 + arange::<i32>(1024) * 7) % 101).cast::<f64>().rechunk((128, 1024)).unwrap();
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
                    let x = arange::<i32>(n).rechunk(n / (1 + round as usize % 7)).unwrap();
                    let y = (&x * 3 + seed as i32).filter(&(&x % 2).eq(0)).unwrap();
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
fn a_future_needs_no_runtime() {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};
    let sum = arange::<i64>(100_000).sum();
    let mut future = Box::pin(sum.compute_async().unwrap());
    let mut context = Context::from_waker(Waker::noop());
    let value = loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => break value.unwrap(),
            Poll::Pending => std::thread::yield_now(),
        }
    };
    assert_eq!(value[[]], 100_000 * 99_999 / 2);
}

/// Threads of this process that clients started.
#[cfg(target_os = "linux")]
fn own_threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok());
    names.map(|name| name.trim().to_owned()).filter(|name| name.starts_with("gridloom")).collect()
}

/// Run by [`nothing_is_left_of_a_client_and_a_result_is_held_once`] in a process of its own.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "run in a child process by nothing_is_left_of_a_client_and_a_result_is_held_once"]
fn child_computes_and_drops_its_client() {
    const RESULT: u64 = 256 << 20;
    let client = Client::builder().workers(2).build().unwrap();
    let x = Generator::new(1).normal(0.0f32, 1.0, (RESULT / 4) as usize);
    assert!(client.compute(&x.sum()).unwrap()[[]].abs() < 1e6);
    let failing = from_fn(1000, |_| -> f32 { panic!("on purpose") }).rechunk(10).unwrap();
    assert!(client.compute(&failing.sum()).is_err());
    assert!(!own_threads().is_empty(), "helpers do their part");
    // 16 MiB chunks: those in flight on two workers and two lanes, read and made, and what is kept for reuse. Software adapters
    // have their memory here too.
    let room = if client.adapter().is_none() { 128 << 20 } else { 768 << 20 };
    let before = gridloom::resident().unwrap();
    let result = client.compute(&x).unwrap();
    let peak = gridloom::resident_peak().unwrap();
    assert!(peak <= before + RESULT + room, "{} MiB before, {} at most", before >> 20, peak >> 20);
    drop((result, x, failing));
    assert_eq!(client.memory().host, 0);
    drop(client);
    // The kernel wakes who waits for a thread's end a moment before it takes the thread from its list.
    let gone = || own_threads().is_empty();
    (0..100).take_while(|_| !gone()).for_each(|_| std::thread::sleep(std::time::Duration::from_millis(10)));
    assert_eq!(own_threads(), Vec::<String>::new(), "threads are left behind");
    println!("the child is done");
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_is_left_of_a_client_and_a_result_is_held_once() {
    device();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["limits::child_computes_and_drops_its_client", "--exact", "--ignored", "--nocapture"]);
    let output = child.env_remove("GRIDLOOM_TASK_ELEMENTS").output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success() && text.contains("the child is done"), "{text}");
}

#[test]
fn a_function_may_compute_when_memory_is_short() {
    // Each call holds two chunks of 2 MiB and asks for a result of 4 MiB.
    for (limit, fits) in [(64 << 20, true), (12 << 20, false), (6 << 20, false)] {
        let client = Client::builder().backend(Backend::Cpu).workers(2).memory_limit(limit).build().unwrap();
        let inner = client.clone();
        let x = gridloom::ones::<f64>(1 << 20).rechunk(1 << 18).unwrap().map_chunks("nested", move |chunk| {
            match inner.compute(&Generator::new(5).random::<f64>(1 << 19)) {
                Ok(own) => assert_eq!(own.len(), 1 << 19),
                Err(error) => assert!(!fits && matches!(error, Error::Memory { pool: "host", .. }), "{error}"),
            }
            chunk.to_owned()
        });
        match client.compute(&x.sum()) {
            Ok(sum) => assert_eq!(sum[[]], f64::from(1 << 20)),
            Err(error) => assert!(!fits && matches!(error, Error::Memory { pool: "host", .. }), "{error}"),
        }
        drop(x);
        assert_eq!(client.memory().host, 0, "of {limit} bytes");
    }
}

#[test]
fn a_filtered_chunk_holds_what_it_kept() {
    // 8 MiB of which 4.4 are kept, in 6.
    let client = Client::builder().backend(Backend::Cpu).workers(1).memory_limit(6 << 20).build().unwrap();
    let x = Generator::new(3).random::<f64>(1 << 20).rechunk(1 << 16).unwrap();
    let kept = client.compute(&x.filter(&x.lt(0.55)).unwrap()).unwrap().len();
    assert!((570_000..584_000).contains(&kept), "{kept}");
    assert_eq!(client.memory().host, 0);
}

#[test]
fn a_result_of_unknown_length_is_held_against_the_budget() {
    let client = Client::builder().backend(Backend::Cpu).workers(1).memory_limit(4 << 20).build().unwrap();
    let x = arange::<f64>(1 << 20).rechunk(1 << 16).unwrap();
    let all = x.filter(&x.ge(0.0)).unwrap();
    let refused = client.compute(&all).unwrap_err();
    assert!(matches!(refused, Error::Memory { pool: "host", limit: 4_194_304, .. }), "{refused}");
    assert_eq!(client.memory().host, 0, "what came before is given back");
    let few = x.filter(&x.lt(1000.0)).unwrap();
    assert_eq!(client.compute(&few).unwrap().len(), 1000);
}
