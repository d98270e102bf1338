//! What a client gave to its device: waiting for it, and what it says of it.

#[cfg(feature = "gpu")]
use gridloom::Error;
use gridloom::prelude::*;
use gridloom::{Backend, ones};

use crate::common::device;

fn client() -> Client {
    device();
    Client::builder().workers(2).no_progress().build().unwrap()
}

/// Submissions that the device has not done.
fn open(client: &Client) -> u64 {
    client.device().adapter().map_or(0, |adapter| adapter.stats().in_flight)
}

#[test]
fn after_sync_nothing_is_open_and_what_was_kept_is_there() {
    let client = client();
    let x = ones::<f32>((700, 700)).rechunk(100).unwrap();
    client.sync().unwrap();
    for round in 1..=20_u8 {
        let kept: Vec<_> = (0..3).map(|_| (&x + f32::from(round)).persist_with(&client).unwrap()).collect();
        client.sync().unwrap();
        assert_eq!(open(&client), 0, "round {round}");
        for kept in kept {
            assert_eq!(client.compute(&kept.max().unwrap()).unwrap()[[]], f32::from(round) + 1.0);
        }
    }
}

#[test]
fn threads_may_wait_while_others_give_the_device_more() {
    let client = client();
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let client = &client;
            scope.spawn(move || {
                for round in 0..10_u8 {
                    let x = ones::<f32>(10_000).rechunk(1000).unwrap() * f32::from(thread + round);
                    let kept = x.persist_with(client).unwrap();
                    client.sync().unwrap();
                    assert_eq!(kept.sum().item_with(client).unwrap(), 10_000.0 * f32::from(thread + round));
                }
            });
        }
    });
}

#[test]
fn device_stats_count_what_a_run_gave_and_the_report_agrees() {
    let client = client();
    client.sync().unwrap();
    let before = client.device_stats();
    assert_eq!(before.is_some(), device().is_gpu());
    assert_eq!(client.device_memory_limit().is_some(), device().is_gpu());
    let x = gridloom::from_ndarray(ndarray::Array1::from_elem(300_000, 1.5f32), 100_000).unwrap();
    assert_eq!(client.compute(&x.sum()).unwrap()[[]], 450_000.0);
    client.sync().unwrap();
    let report = client.last_run().unwrap();
    let Some((after, before)) = client.device_stats().zip(before) else {
        assert_eq!((report.dispatches, report.submissions), (0, 0));
        return;
    };
    let did = after.since(before);
    assert!(did.dispatches >= 1 && did.submissions >= 1, "{did:?}");
    assert_eq!(did.uploaded_bytes, 4 * 300_000);
    assert!(did.downloaded_bytes >= 4 && did.downloaded_bytes < 100_000, "{did:?}");
    assert!(!did.busy.is_zero(), "{did:?}");
    assert_eq!(
        (report.dispatches, report.submissions, report.uploaded_bytes, report.downloaded_bytes),
        (did.dispatches, did.submissions, did.uploaded_bytes, did.downloaded_bytes)
    );
    // A device that was opened anew counts from 0: what it did is all there is.
    assert_eq!(did.since(after).dispatches, 0);
    assert_eq!(after.since(after), gridloom::DeviceStats::default());
}

#[test]
fn a_client_on_the_cpu_has_nothing_to_wait_for() {
    let client = Client::builder().backend(Backend::Cpu).no_progress().build().unwrap();
    let kept = ones::<f64>(1000).persist_with(&client).unwrap();
    client.sync().unwrap();
    assert!(client.device_stats().is_none() && client.device_memory_limit().is_none());
    assert_eq!(kept.sum().item_with(&client).unwrap(), 1000.0);
}

#[cfg(feature = "gpu")]
#[test]
fn sync_says_that_the_device_is_lost_until_a_run_has_opened_it_again() {
    if !device().is_gpu() {
        return;
    }
    let client = client();
    let kept = ones::<f32>(100_000).persist_with(&client).unwrap();
    client.device().adapter().unwrap().destroy();
    for _ in 0..2 {
        assert!(matches!(client.sync(), Err(Error::DeviceLost { .. })));
    }
    drop(kept);
    assert_eq!(client.compute(&(ones::<f32>(10) * 2.0).sum()).unwrap()[[]], 20.0);
    client.sync().unwrap();
    assert!(client.device_stats().unwrap().dispatches < 10);
}

#[cfg(feature = "gpu")]
#[test]
fn sync_hands_over_what_is_recorded_and_says_what_that_met() {
    use gridloom::fault::Point;
    if !device().is_gpu() {
        return;
    }
    let client = client();
    let x = ones::<f32>(1000).persist_with(&client).unwrap();
    client.sync().unwrap();
    // What `persist` could not hand over is told by it or by what reads it, never lost in silence.
    client.faults().arm(Point::Submit, 1);
    let kept = (&x + 1.0).persist_with(&client).and_then(|kept| client.sync().map(|()| kept));
    match kept {
        Ok(kept) => assert_eq!(kept.sum().item_with(&client).unwrap(), 2000.0),
        Err(error) => assert!(matches!(error, Error::Device { .. }), "{error:?}"),
    }
    assert!(!client.faults().disarm(Point::Submit), "nothing was handed over");
    client.sync().unwrap();
}
