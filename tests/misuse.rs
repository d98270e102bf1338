//! What nobody should do, and some do: every time an error or the right value, and a client that works afterwards.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use gridloom::event::{Event, Observer};
use gridloom::prelude::*;
use gridloom::{Array, Backend, Error, arange};

use crate::common::device;

fn client() -> Client {
    device();
    Client::builder().workers(2).no_progress().build().unwrap()
}

// ---------------------------------------------------------------- threads that end

/// Computes when it is dropped, and says what came out.
struct Last {
    client: Client,
    said: std::sync::mpsc::Sender<Result<(f64, f64, f64), String>>,
}

/// A sum, a folded constant and a product.
fn three(client: &Client) -> Result<(f64, f64, f64), Error> {
    let ones = gridloom::ones::<f64>((70, 70));
    let product = gridloom::dot(&ones, &ones)?.sum();
    let folded = (&gridloom::full::<f64>((3, 3), 2.0) * 3.0).sum();
    let sum = arange::<f64>(100_000).sqrt().floor().sum();
    let (sum, folded, product) = client.compute((&sum, &folded, &product))?;
    Ok((sum[[]], folded[[]], product[[]]))
}

impl Drop for Last {
    fn drop(&mut self) {
        let _ = self.said.send(three(&self.client).map_err(|error| error.to_string()));
    }
}

/// Locals of a thread go in the reverse order of their making: those of this library before the user's, if the user's was
/// there first, and after it otherwise. On the CPU: with debug assertions wgpu notes its locks in a local of the thread, and panics
/// where that is gone.
#[test]
fn destructors_of_a_threads_locals_may_compute() {
    thread_local! { static LAST: RefCell<Option<Last>> = const { RefCell::new(None) } }
    device();
    let client = Client::builder().backend(Backend::Cpu).workers(2).no_progress().build().unwrap();
    let want = three(&client).unwrap();
    for computes in [[true, false], [false, true], [true, true], [false, false]] {
        let (said, hears) = std::sync::mpsc::channel();
        let client = client.clone();
        let thread = std::thread::spawn(move || {
            if computes[0] {
                assert_eq!(three(&client).unwrap(), want);
            }
            LAST.set(Some(Last { client: client.clone(), said }));
            if computes[1] {
                assert_eq!(three(&client).unwrap(), want);
            }
        });
        assert_eq!(hears.recv().unwrap(), Ok(want), "{computes:?}");
        thread.join().unwrap();
    }
}

// ---------------------------------------------------------------- numbers without sense

#[test]
fn settings_as_large_as_numbers_are() {
    device();
    let x = arange::<i64>(100_000).rechunk(1000).unwrap();
    let builders: [fn() -> gridloom::ClientBuilder; 4] = [
        || Client::builder().task_elements(u64::MAX),
        || Client::builder().device_memory_limit(u64::MAX),
        || Client::builder().workers(300),
        || Client::builder().task_elements(u64::MAX).workers(4096).backend(Backend::Cpu),
    ];
    for builder in builders {
        let client = builder().no_progress().build().unwrap();
        assert_eq!(client.compute(&x.sum()).unwrap()[[]], 4_999_950_000);
    }
    let refused = Client::builder().backend(Backend::Cpu).workers(usize::MAX).build();
    assert!(matches!(refused, Err(Error::Parameter { what: "number of workers", .. })), "{refused:?}");
}

// ---------------------------------------------------------------- depth

#[test]
fn what_is_deep_is_shown_in_a_line() {
    let mut x = Array::from(vec![1.0f64, 2.0]);
    for _ in 0..100_000 {
        x += 1.0;
    }
    assert_eq!(format!("{:?}", x.node()), "add(add, view): f64 (2,)");
    // A node that is read twice by each above it has 2^100 ways to it.
    let mut y = Array::from(vec![1.0f64]);
    for _ in 0..100 {
        y = &y + &y;
    }
    assert_eq!(format!("{:?}", y.node()), "add(add, add): f64 (1,)");
    let joined = gridloom::concatenate(&vec![y; 20], 0).unwrap();
    let names = ["add"; 8].join(", ");
    assert_eq!(format!("{:?}", joined.node()), format!("concatenate(axis 0)({names}, …): f64 (1×20,)"));
}

// ---------------------------------------------------------------- panics within panics

/// A panic's payload that panics when it is dropped, with one that does so again.
struct Bomb(u32);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic_any(Self(self.0 + 1));
    }
}

struct Explodes;

impl Observer for Explodes {
    fn event(&self, _: &Event) {
        panic_any(Bomb(0));
    }
}

#[test]
fn a_payload_that_panics_when_it_is_dropped() {
    let client = client();
    let x = arange::<i32>(64).rechunk(1).unwrap();
    let bombs = x.map_chunks("bomb", |_| -> ndarray::ArrayD<i32> { panic_any(Bomb(0)) });
    let after = || assert_eq!(client.compute(&x.sum()).unwrap()[[]], 2016);
    match client.compute(&bombs.sum()) {
        Err(Error::UserFunction { name, problem }) => {
            assert!(name == "bomb" && problem.starts_with("panicked on chunk"), "{name}: {problem}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(client.memory().host, 0);
    after();
    match client.spawn::<()>(|_| panic_any(Bomb(0))).wait() {
        Err(Error::UserFunction { name, .. }) => assert_eq!(name, "spawn"),
        other => panic!("{other:?}"),
    }
    let observer: Arc<dyn Observer> = Arc::new(Explodes);
    client.observe(observer.clone());
    after();
    client.unobserve(&observer);
    after();
}

/// A user's function is dropped by whichever thread lets go of its run last. One whose destructor panics ends no helper's life.
#[test]
fn destructors_that_panic_end_no_thread_of_the_clients() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("as it likes");
        }
    }
    device();
    let client = Client::builder().backend(Backend::Cpu).workers(2).task_elements(1).no_progress().build().unwrap();
    let x = arange::<i32>(64).rechunk(1).unwrap();
    for _ in 0..200 {
        let bad = Bad;
        let y = x.map_chunks("bad", move |chunk| {
            let _ = &bad;
            chunk.to_owned()
        });
        let run = y.sum().compute_async_with(&client);
        let _ = catch_unwind(AssertUnwindSafe(|| drop(y)));
        let _ = catch_unwind(AssertUnwindSafe(|| run.wait()));
    }
    // Both threads still work: two chunks are seen at once.
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (inside, seen) = (now.clone(), most.clone());
    let slow = x.map_chunks("slow", move |chunk| {
        seen.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(2));
        inside.fetch_sub(1, Ordering::SeqCst);
        chunk.to_owned()
    });
    let until = Instant::now() + Duration::from_secs(20);
    while most.load(Ordering::SeqCst) < 2 && Instant::now() < until {
        assert_eq!(client.compute(&slow.sum()).unwrap()[[]], 2016);
    }
    assert_eq!(most.load(Ordering::SeqCst), 2, "the client's helper is gone");
}

/// A function that panics on the caller's thread leaves nothing behind there: a later run is not taken for one that the function
/// began, which would not wait for memory.
#[test]
fn a_function_that_panicked_is_over() {
    device();
    let client = Client::builder().workers(1).no_progress().build().unwrap();
    let panics = arange::<i32>(8).map_chunks("panics", |_| -> ndarray::ArrayD<i32> { panic!("as it likes") });
    assert!(client.compute(&panics).is_err());
    let inner = client.clone();
    let nested = arange::<i32>(8).map_chunks("nested", move |chunk| {
        let sum = inner.compute(&arange::<i32>(4).sum()).unwrap()[[]];
        chunk.mapv(|v| v + sum as i32)
    });
    assert_eq!(client.compute(&nested.sum()).unwrap()[[]], 28 + 8 * 6);
}

// ---------------------------------------------------------------- futures

#[test]
fn a_result_is_handed_out_once() {
    let client = client();
    let mut sum = arange::<i64>(100).sum().compute_async_with(&client);
    let mut context = Context::from_waker(Waker::noop());
    let first = loop {
        match Pin::new(&mut sum).poll(&mut context) {
            Poll::Ready(result) => break result,
            Poll::Pending => std::thread::yield_now(),
        }
    };
    assert_eq!(first.unwrap()[[]], 4950);
    assert!(format!("{sum:?}").contains("done"));
    let again = Pin::new(&mut sum).poll(&mut context);
    assert!(matches!(again, Poll::Ready(Err(Error::ResultTaken))), "{again:?}");
    let waited = sum.wait();
    assert!(matches!(waited, Err(Error::ResultTaken)), "{waited:?}");
}
