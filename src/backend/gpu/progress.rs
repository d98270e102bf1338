//! What the device has done: submissions in flight, the thread that polls for them, and those who wait.
//!
//! Everything that waits for the device waits here, on one condition, woken by the callbacks that the poll thread runs; a lost
//! device wakes all. The callbacks hold only this, never the device: the queue that keeps them could not end otherwise.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::sync::lock;

/// How long a wait lasts before it looks again whether the device is lost.
const LOOK: Duration = Duration::from_millis(100);

/// Memory on the way between host and device, limited for each way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the device.
    Up,
    /// To the host.
    Down,
}

#[derive(Default)]
pub(super) struct ProgressState {
    submitted: u64,
    /// Submissions whose callback has not come: callbacks come on whichever thread polls or submits, so a later one may come first.
    open: BTreeSet<u64>,
    /// For the poll thread: the submissions it has not yet waited for.
    pub(super) indices: VecDeque<wgpu::SubmissionIndex>,
    /// When the last submission was done.
    last_done: Option<Instant>,
    /// Whether to poll though nothing is in flight.
    pub(super) kicked: bool,
    pub(super) stopping: bool,
    /// Errors nobody waited for.
    error: Option<String>,
    /// Why the device is gone. It stays gone.
    pub(super) lost: Option<String>,
    /// Threads that are reading or writing mapped memory.
    pub(super) views: usize,
    /// Bytes on the way up and down.
    moving: [u64; 2],
    /// Threads that wait for the upload ring.
    starved: usize,
}

/// The device is lost: those who wait make an error of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lost;

/// What the device has done.
#[derive(Default)]
pub(crate) struct Progress {
    pub(super) state: Mutex<ProgressState>,
    pub(super) changed: Condvar,
}

impl Progress {
    fn wait_changed<'a>(&self, state: MutexGuard<'a, ProgressState>, time: Duration) -> MutexGuard<'a, ProgressState> {
        self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }

    fn wait(&self, mut until: impl FnMut(&mut ProgressState) -> bool) -> Result<(), Lost> {
        let mut state = lock(&self.state);
        loop {
            if state.lost.is_some() {
                return Err(Lost);
            }
            if until(&mut state) {
                return Ok(());
            }
            state = self.wait_changed(state, LOOK);
        }
    }

    /// Wakes those who wait, after a change that they look for elsewhere.
    pub(crate) fn notify(&self) {
        // Locked, so that nobody is between looking and waiting.
        drop(lock(&self.state));
        self.changed.notify_all();
    }

    // ---- submissions

    /// Counts a submission that was made, and lets the poll thread wait for it. `ask` is to ask the queue to call
    /// [`Progress::finished`] with the submission's number.
    pub(crate) fn watch(&self, index: wgpu::SubmissionIndex, ask: impl FnOnce(u64)) {
        let mut state = lock(&self.state);
        state.submitted += 1;
        let number = state.submitted;
        state.open.insert(number);
        drop(state);
        ask(number);
        lock(&self.state).indices.push_back(index);
        self.changed.notify_all();
    }

    /// Says that a submission, made at `start`, is done: when the device had begun with it.
    pub(crate) fn finished(&self, number: u64, start: Instant, end: Instant) -> Instant {
        let mut state = lock(&self.state);
        state.open.remove(&number);
        let begun = state.last_done.map_or(start, |last| last.max(start)).min(end);
        state.last_done = Some(end);
        drop(state);
        self.changed.notify_all();
        begun
    }

    /// Submissions that are not done.
    pub(crate) fn in_flight(&self) -> u64 {
        lock(&self.state).open.len() as u64
    }

    /// Waits until fewer than so many submissions are in flight.
    pub(crate) fn wait_below(&self, limit: u64) -> Result<(), Lost> {
        self.wait(|state| (state.open.len() as u64) < limit)
    }

    /// Waits until everything submitted by now is done, and its callbacks have come.
    pub(crate) fn wait_idle(&self) -> Result<(), Lost> {
        let number = lock(&self.state).submitted;
        self.wait(|state| state.open.first().is_none_or(|&first| first > number))
    }

    /// Waits for what a callback of a submission sets.
    pub(crate) fn wait_for(&self, set: impl Fn() -> bool) -> Result<(), Lost> {
        self.wait(|_| set())
    }

    // ---- memory on the way

    /// Takes room for bytes on the way, if they are within the limit or alone.
    pub(crate) fn try_move(self: &Arc<Self>, way: Way, bytes: u64, limit: u64) -> Option<Moving> {
        let fits = Self::fits(&mut lock(&self.state), way, bytes, limit);
        fits.then(|| Moving { progress: self.clone(), way, bytes })
    }

    fn fits(state: &mut ProgressState, way: Way, bytes: u64, limit: u64) -> bool {
        let moving = &mut state.moving[way as usize];
        let fits = *moving == 0 || *moving + bytes <= limit;
        *moving += if fits { bytes } else { 0 };
        fits
    }

    /// The same, waiting for room.
    pub(crate) fn wait_move(self: &Arc<Self>, way: Way, bytes: u64, limit: u64) -> Result<Moving, Lost> {
        self.wait(|state| Self::fits(state, way, bytes, limit))?;
        Ok(Moving { progress: self.clone(), way, bytes })
    }

    /// Waits a moment for the upload ring. Who records a copy meanwhile submits it at once.
    pub(crate) fn starve(&self) {
        let mut state = lock(&self.state);
        state.starved += 1;
        let mut state = self.wait_changed(state, LOOK / 4);
        state.starved -= 1;
    }

    /// Whether somebody waits for the upload ring.
    pub(crate) fn is_starved(&self) -> bool {
        lock(&self.state).starved > 0
    }

    // ---- failures

    /// Keeps an error that nobody waited for.
    pub(crate) fn fail(&self, message: String) {
        lock(&self.state).error.get_or_insert(message);
    }

    /// Says that the device is gone.
    pub(crate) fn lose(&self, message: String) {
        lock(&self.state).lost.get_or_insert(message);
        self.changed.notify_all();
    }

    /// Why the device is gone, if it is.
    pub(crate) fn lost(&self) -> Option<String> {
        lock(&self.state).lost.clone()
    }

    /// Whether it is gone.
    pub(crate) fn is_lost(&self) -> bool {
        lock(&self.state).lost.is_some()
    }

    /// Takes the error that nobody waited for.
    pub(crate) fn take_error(&self) -> Option<String> {
        lock(&self.state).error.take()
    }

    /// Leave to touch mapped memory, while what is returned lives. wgpu frees the memory of a lost device when it is polled,
    /// mapped or not, so the poll thread waits for those who have leave, and after a loss nobody gets it. (A loss that wgpu
    /// finds by itself, on another thread, while the poll thread is inside wgpu, is known here a moment too late; drivers
    /// that report a loss fail that poll before anything is freed.)
    pub(crate) fn view(&self) -> Result<MappedLeave<'_>, Lost> {
        let mut state = lock(&self.state);
        if state.lost.is_some() {
            return Err(Lost);
        }
        state.views += 1;
        Ok(MappedLeave(self))
    }

    /// Loses the device on purpose, when nobody touches mapped memory.
    pub(crate) fn destroy(&self, device: &wgpu::Device) {
        self.lose("it was destroyed".to_owned());
        let mut state = lock(&self.state);
        while state.views > 0 {
            state = self.wait_changed(state, LOOK);
        }
        drop(state);
        device.destroy();
        self.kick();
    }

    /// Polls once though nothing is in flight.
    pub(crate) fn kick(&self) {
        lock(&self.state).kicked = true;
        self.changed.notify_all();
    }
}

/// Leave to touch mapped memory.
pub(crate) struct MappedLeave<'a>(&'a Progress);

impl Drop for MappedLeave<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.views -= 1;
        // Only the end of a lost device waits for this.
        if state.lost.is_some() {
            self.0.changed.notify_all();
        }
    }
}

/// Room for bytes on the way, given back when dropped.
pub(crate) struct Moving {
    progress: Arc<Progress>,
    way: Way,
    bytes: u64,
}

impl Drop for Moving {
    fn drop(&mut self) {
        lock(&self.progress.state).moving[self.way as usize] -= self.bytes;
        self.progress.changed.notify_all();
    }
}
