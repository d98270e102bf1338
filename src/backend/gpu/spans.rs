//! When the device and the ways to it were busy: sums always, single spans when asked for.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::sync::lock;
pub(crate) use crate::backend::span::{Lane, Span, Tag};

/// Spans that are kept at most.
const MOST: usize = 65536;

/// Times and spans of a device.
#[derive(Default)]
pub(crate) struct Lanes {
    busy: [AtomicU64; 3],
    recording: AtomicBool,
    spans: Mutex<Vec<Span>>,
}

impl Lanes {
    /// Adds to a lane's time.
    pub(crate) fn busy(&self, lane: Lane, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.busy[lane as usize].fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Nanoseconds of a lane.
    pub(crate) fn nanoseconds(&self, lane: Lane) -> u64 {
        self.busy[lane as usize].load(Ordering::Relaxed)
    }

    /// Keeps a span, if they are recorded.
    pub(crate) fn keep(&self, span: Span) {
        if self.recording.load(Ordering::Relaxed) {
            let mut spans = lock(&self.spans);
            if spans.len() < MOST {
                spans.push(span);
            }
        }
    }

    /// Adds to a lane's time, and keeps the span.
    pub(crate) fn add(&self, lane: Lane, start: Instant, bytes: u64) {
        let end = Instant::now();
        let took = end - start;
        self.busy(lane, took);
        self.keep(Span { lane, start, end, took, bytes, kernels: 0, tag: None });
    }

    /// Whether spans are kept.
    pub(crate) fn recording(&self) -> bool {
        self.recording.load(Ordering::Relaxed)
    }

    /// Whether spans are kept from now on.
    pub(crate) fn record(&self, on: bool) {
        self.recording.store(on, Ordering::Relaxed);
    }

    /// Takes the spans.
    pub(crate) fn take(&self) -> Vec<Span> {
        std::mem::take(&mut lock(&self.spans))
    }
}
