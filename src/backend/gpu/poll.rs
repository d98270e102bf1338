//! Polling a device, for wgpu calls back, and frees what is dropped, only then: a thread does nothing else, and one that waits for
//! something that may come soon does so itself for a moment. Neither polls a device that is known to be lost while somebody reads
//! mapped memory (see [`Progress::view`]).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::progress::{Lost, Progress};
use super::sync::lock;

impl Progress {
    /// What to poll for next: a submission, or whatever there is; nothing when the thread is to end.
    fn next(&self) -> Option<Option<wgpu::SubmissionIndex>> {
        let mut state = lock(&self.state);
        loop {
            if state.stopping {
                return None;
            }
            if state.lost.is_none() || state.views == 0 {
                if let Some(index) = state.indices.front() {
                    return Some(Some(index.clone()));
                }
                if std::mem::take(&mut state.kicked) {
                    return Some(None);
                }
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn run(&self, device: &wgpu::Device) {
        while let Some(index) = self.next() {
            let waited = index.is_some();
            let poll = match index {
                // Without a timeout: after one, wgpu asserts what another thread's submission may have made untrue.
                Some(_) => wgpu::PollType::Wait { submission_index: index, timeout: None },
                None => wgpu::PollType::Poll,
            };
            // wgpu panics where the driver says that the device is lost.
            match catch_unwind(AssertUnwindSafe(|| device.poll(poll))) {
                Ok(_) if waited => drop(lock(&self.state).indices.pop_front()),
                Ok(_) => {}
                Err(_) => {
                    self.lose("the driver failed while it was polled".to_owned());
                    lock(&self.state).indices.clear();
                }
            }
        }
    }
}

/// How long a thread that waits polls by itself: a small run is done by then, and nobody has to be woken twice (the poll thread by the
/// driver, the one that waits by the poll thread), which takes longer than the run.
const SPIN: Duration = Duration::from_micros(200);

impl Progress {
    /// Waits for what a callback of a submission sets, which may come soon.
    pub(crate) fn wait_for_soon(&self, device: &wgpu::Device, set: impl Fn() -> bool) -> Result<(), Lost> {
        let started = Instant::now();
        while !set() && started.elapsed() < SPIN {
            if self.is_lost() {
                return Err(Lost);
            }
            match catch_unwind(AssertUnwindSafe(|| device.poll(wgpu::PollType::Poll))) {
                Ok(_) => std::thread::yield_now(),
                Err(_) => self.lose("the driver failed while it was polled".to_owned()),
            }
        }
        self.wait_for(set)
    }
}

/// The poll thread of a device. Dropping it ends the thread.
pub(crate) struct Poller {
    progress: Arc<Progress>,
    thread: Option<JoinHandle<()>>,
}

impl Poller {
    /// Starts the thread.
    ///
    /// # Errors
    /// From the system, if there can be no more threads.
    pub(crate) fn start(progress: Arc<Progress>, device: wgpu::Device) -> std::io::Result<Self> {
        let of_thread = progress.clone();
        let thread = std::thread::Builder::new().name("gridloom-poll".to_owned());
        let thread = thread.spawn(move || of_thread.run(&device))?;
        Ok(Self { progress, thread: Some(thread) })
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        lock(&self.progress.state).stopping = true;
        self.progress.changed.notify_all();
        let Some(thread) = self.thread.take() else { return };
        // No callback owns a device, so this thread is another one; were it not, it would end by itself.
        if thread.thread().id() != std::thread::current().id() {
            // It caught its panics.
            let _ = thread.join();
        }
    }
}
