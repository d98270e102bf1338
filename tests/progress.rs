//! How far runs are: told to functions, which may end them.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use gridloom::{Backend, CancelToken, Client, Error, Progress, arange};

/// A client on the CPU of which a task is a chunk.
fn client() -> Client {
    Client::builder().backend(Backend::Cpu).workers(2).task_elements(1).no_progress().build().unwrap()
}

#[test]
fn a_function_hears_every_run_from_its_start_to_its_end() {
    let heard: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let ears = heard.clone();
    let watched = client().with_progress(move |progress| {
        ears.lock().unwrap().push(progress.clone());
        ControlFlow::Continue(())
    });
    // Long enough to be told of in between: each task waits.
    let slow = |x: &gridloom::Array<i64>| {
        x.map_chunks("wait", |chunk| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            chunk.to_owned()
        })
    };
    let x = arange::<i64>(3000).rechunk(100).unwrap();
    watched.compute(&slow(&x)).unwrap();
    let first = std::mem::take(&mut *heard.lock().unwrap());
    let (start, end) = (first.first().unwrap(), first.last().unwrap());
    assert_eq!((start.done, start.over, start.stage.as_str()), (0, false, ""));
    assert!(end.over && end.done == end.total && end.total >= 30, "{end:?}");
    let tenths = end.elapsed.as_millis() as usize / 100;
    assert!(first.len() > 3 && first.len() <= tenths + 3, "at most ten a second: {} in {:?}", first.len(), end.elapsed);
    assert!(first.windows(2).all(|w| w[0].done <= w[1].done && w[0].elapsed <= w[1].elapsed), "{first:?}");
    let middle = &first[first.len() / 2];
    assert!(middle.bytes > 0 && middle.remaining().is_some(), "{middle:?}");
    // At any one moment the stage may be what the function's chunks are made of.
    assert!(first.iter().any(|progress| progress.stage.contains("function")), "{first:?}");
    // Another run is another number, and clients without the function are not heard.
    watched.compute(&x.sum()).unwrap();
    let second = std::mem::take(&mut *heard.lock().unwrap());
    assert!(second.iter().all(|progress| progress.run > end.run) && second.last().unwrap().over);
    client().compute(&x.sum()).unwrap();
    assert!(heard.lock().unwrap().is_empty());
}

#[test]
fn a_function_ends_the_run_it_watches_and_no_other() {
    let one = client();
    let stop_at = Arc::new(Mutex::new(Some(5)));
    let limit = stop_at.clone();
    let watched = one.with_progress(move |progress| match *limit.lock().unwrap() {
        Some(limit) if progress.elapsed.as_millis() > limit && !progress.over => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    let slow = arange::<i64>(100_000).rechunk(100).unwrap();
    let slow = slow.map_chunks("wait", |chunk| {
        std::thread::sleep(std::time::Duration::from_millis(2));
        chunk.to_owned()
    });
    let error = watched.compute(&slow.sum()).unwrap_err();
    let Error::Cancelled { done, total } = error else { panic!("{error}") };
    assert!(done < total && total >= 1000, "{done} of {total}");
    // The same client goes on with its next run.
    *stop_at.lock().unwrap() = None;
    assert_eq!(watched.compute(&arange::<i64>(10).sum()).unwrap()[[]], 45);
    assert_eq!(one.compute(&arange::<i64>(10).sum()).unwrap()[[]], 45);
}

#[test]
fn a_panic_in_the_function_and_failed_runs_change_nothing_else() {
    let panics = client().with_progress(|_| panic!("in the function"));
    assert_eq!(panics.compute(&arange::<i64>(10).sum()).unwrap()[[]], 45);
    let token = CancelToken::new();
    token.cancel();
    let over: Arc<Mutex<Vec<bool>>> = Arc::default();
    let ears = over.clone();
    let cancelled = client().with_cancel(&token).with_progress(move |progress| {
        ears.lock().unwrap().push(progress.over);
        ControlFlow::Continue(())
    });
    assert!(matches!(cancelled.compute(&arange::<i64>(10).sum()), Err(Error::Cancelled { .. })));
    assert_eq!(over.lock().unwrap().last(), Some(&true), "it hears that the run is over");
}

#[test]
fn what_is_there_already_is_no_task() {
    let heard: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let ears = heard.clone();
    // On the device of the tests: chunks in memory are brought to an adapter one by one.
    let client = Client::builder().task_elements(1).no_progress().build().unwrap().with_progress(move |progress| {
        ears.lock().unwrap().push(progress.clone());
        ControlFlow::Continue(())
    });
    let x = gridloom::from_ndarray(ndarray::Array1::from_elem(1000, 2.0f32), 100).unwrap();
    client.compute(&(&x + 1.0)).unwrap();
    let end = heard.lock().unwrap().last().unwrap().clone();
    assert!(end.over && end.done == end.total && end.total >= 10, "{end:?}");
}
