//! [`Executor`]: the threads of a client. A thread that calls [`Executor::run`] works for its own run until that is over; the
//! client's threads work for all runs in turn, a task each. Small runs never leave the caller's thread.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::report::RunReport;
use super::run::{Run, Step};
use crate::error::{Result, caught};

/// How long a thread sleeps before it looks for work by itself: deadlines and cancelled runs are seen then.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The threads of a client.
#[derive(Debug)]
pub struct Executor {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Threads beside the caller's.
    helpers: usize,
}

#[derive(Debug, Default)]
struct Shared {
    runs: Mutex<Vec<Arc<Run>>>,
    /// Counts what may have given someone something to do.
    news: AtomicUsize,
    asleep: AtomicUsize,
    wake: Condvar,
    turn: AtomicUsize,
    stop: AtomicBool,
}

impl Shared {
    fn runs(&self) -> MutexGuard<'_, Vec<Arc<Run>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Wakes those who found nothing to do.
    fn tell(&self) {
        self.news.fetch_add(1, Ordering::SeqCst);
        if self.asleep.load(Ordering::SeqCst) > 0 {
            // With the lock, so that nobody is just about to sleep.
            drop(self.runs());
            self.wake.notify_all();
        }
    }
    /// Sleeps, unless there was news since `seen`.
    fn sleep(&self, seen: usize) {
        let runs = self.runs();
        self.asleep.fetch_add(1, Ordering::SeqCst);
        if self.news.load(Ordering::SeqCst) == seen && !self.stop.load(Ordering::SeqCst) {
            drop(self.wake.wait_timeout(runs, LOOK_AGAIN));
        }
        self.asleep.fetch_sub(1, Ordering::SeqCst);
    }
    /// A helper's life: a step for each run in turn.
    fn help(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            let seen = self.news.load(Ordering::SeqCst);
            let runs = self.runs().clone();
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            let did = (0..runs.len()).any(|i| runs[(turn + i) % runs.len()].step() == Step::Did);
            // The last one to let go of a run drops users' functions with it, and their destructors may panic.
            for run in runs {
                let _ = caught(|| drop(run));
            }
            if did {
                self.tell();
            } else {
                self.sleep(seen);
            }
        }
    }
}

impl Executor {
    /// An executor with `helpers` threads beside those that call it. They are started when they have something to do.
    #[must_use]
    pub fn new(helpers: usize) -> Self {
        Self { shared: Arc::default(), threads: Mutex::default(), helpers }
    }

    /// Runs a run to its end.
    ///
    /// # Errors
    /// The first error of a task, device, file or user function; tasks not yet begun are dropped.
    pub fn run(&self, run: &Arc<Run>) -> Result<RunReport> {
        let started = Instant::now();
        let shared = &self.shared;
        let wide = self.helpers > 0 && run.is_wide();
        if wide {
            self.start();
            shared.runs().push(run.clone());
            shared.tell();
        }
        loop {
            let seen = shared.news.load(Ordering::SeqCst);
            match run.step() {
                Step::Did if wide => shared.tell(),
                Step::Did => {}
                Step::Idle => shared.sleep(seen),
                Step::Over => break,
            }
        }
        if wide {
            shared.runs().retain(|other| !Arc::ptr_eq(other, run));
        }
        run.finish(started)
    }

    fn start(&self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        while threads.len() < self.helpers {
            let shared = self.shared.clone();
            let name = format!("gridloom-{}", threads.len() + 1);
            // Without it the others do its work.
            let Ok(thread) = std::thread::Builder::new().name(name).spawn(move || shared.help()) else { break };
            threads.push(thread);
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.tell();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A helper itself may drop the last client: with a user's function that held it.
            if thread.thread().id() != std::thread::current().id() {
                // A helper cannot panic: panics of users' functions and of their destructors are caught.
                let _ = thread.join();
            }
        }
    }
}
