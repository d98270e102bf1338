//! [`Store`]: the memory of a client. Everything that holds chunks on the host reserves its bytes here; a task is admitted when
//! they fit, after chunks that nobody is using were dropped (if they can be made again) or spilled, the least recently used first.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::device::Device;
use super::spill::{Spill, SpillFile};
use crate::error::{Error, Result};
use crate::event::{Event, Events, Lane};
use crate::fault::Faults;
use crate::platform::pages;

/// Chunks of fewer bytes stay where they are: noting them, and a place in a file, take about as much.
pub(super) const SPILL_BYTES: u64 = 1 << 10;
/// Values that came and went are cleared away from so many on.
const CLEARED: usize = 1 << 10;
/// How often those who wait for memory look again, in case nobody tells them.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How often one looks again, while nothing runs, before memory is found to be short.
const PATIENCE: u32 = 25;

/// The memory of a client.
pub struct Store {
    limit: u64,
    books: Mutex<Books>,
    changed: Condvar,
    /// Threads that wait for it: telling nobody costs a system call too.
    waiting: AtomicUsize,
    values: Mutex<Recent>,
    spill: OnceLock<Spill>,
    folder: Option<PathBuf>,
    pub(super) events: Events,
    faults: Arc<Faults>,
    disk_nanos: AtomicU64,
}

#[derive(Default)]
struct Books {
    used: u64,
    peak: u64,
    /// Tasks that were admitted and have not ended: memory will become free.
    admitted: usize,
    /// Those of them whose function waits for a run of its own: they free nothing before that.
    blocked: usize,
}

thread_local! {
    /// The store (by its address) of the task whose function this thread runs.
    static INSIDE: Cell<usize> = const { Cell::new(0) };
}

/// A run begun by a function of a task, while it lasts.
pub(crate) struct Nested<'a>(&'a Store);

impl Drop for Nested<'_> {
    fn drop(&mut self) {
        lock(&self.0.books).blocked -= 1;
        INSIDE.set(self.0.address());
    }
}

/// What can be put out of memory while nobody holds it.
pub(super) trait Evictable: Send + Sync {
    /// Bytes of it, wherever they are.
    fn bytes(&self) -> u64;
    /// Notes a use; says when the one before was.
    fn used_at(&self, tick: u64) -> u64;
    /// Lets go of what is on the host: with `spill` also of what is nowhere else. Says how many bytes that freed.
    ///
    /// # Errors
    /// Whatever writing it to the spill folder meets.
    fn leave_host(&self, store: &Store, spill: bool) -> Result<u64>;
    /// Lets go of what is on the device, which is brought to the host first if it is nowhere else. Says how many bytes that freed.
    ///
    /// # Errors
    /// Whatever bringing it to the host meets.
    fn leave_device(&self, store: &Arc<Store>, device: &Device) -> Result<u64>;
}

/// Chunks by the time of their last use.
#[derive(Default)]
struct Recent {
    tick: u64,
    values: BTreeMap<u64, Weak<dyn Evictable>>,
    /// Entries at which those of values that are gone are cleared away.
    full: usize,
}

impl Recent {
    /// Clears away what is gone: each such entry keeps a value's allocation.
    fn clear(&mut self) {
        self.values.retain(|_, value| value.strong_count() > 0);
        self.full = CLEARED.max(2 * self.values.len());
    }
}

/// What a client's memory holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreStats {
    /// Bytes reserved on the host now.
    pub host: u64,
    /// The most so far.
    pub host_peak: u64,
    /// The limit.
    pub host_limit: u64,
    /// Bytes in the spill folder now.
    pub disk: u64,
    /// Bytes written to the spill folder so far.
    pub spilled: u64,
    /// Bytes read back so far.
    pub restored: u64,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.stats())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// A store of at most `limit` bytes, spilling into `folder` (the system's folder for temporary files by default).
    #[must_use]
    pub fn new(limit: u64, folder: Option<PathBuf>, events: Events, faults: Arc<Faults>) -> Arc<Self> {
        Arc::new(Self {
            limit,
            books: Mutex::default(),
            changed: Condvar::new(),
            waiting: AtomicUsize::new(0),
            values: Mutex::default(),
            spill: OnceLock::new(),
            folder,
            events,
            faults,
            disk_nanos: AtomicU64::new(0),
        })
    }
    /// Checks now that chunks can be spilled.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder cannot be written.
    pub fn check_folder(&self) -> Result<()> {
        self.spill().map(|_| ())
    }
    /// Bytes that may be held.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }
    /// What is held.
    #[must_use]
    pub fn stats(&self) -> StoreStats {
        let books = lock(&self.books);
        let spill = self.spill.get().map(Spill::stats).unwrap_or_default();
        StoreStats {
            host: books.used,
            host_peak: books.peak,
            host_limit: self.limit,
            disk: spill.held_bytes,
            spilled: spill.written_bytes,
            restored: spill.read_bytes,
        }
    }
    /// Forgets the peak so far.
    pub fn reset_peak(&self) {
        let mut books = lock(&self.books);
        books.peak = books.used;
    }

    fn spill(&self) -> Result<&Spill> {
        if let Some(spill) = self.spill.get() {
            return Ok(spill);
        }
        let made = Spill::new(self.folder.clone(), self.faults.clone())?;
        Ok(self.spill.get_or_init(|| made))
    }

    /// Writes a chunk's bytes to the spill folder.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<SpillFile> {
        let start = Instant::now();
        let file = self.spill()?.write(bytes)?;
        self.moved(start, bytes.len() as u64);
        Ok(file)
    }
    /// Reads it back.
    pub(super) fn read(&self, file: &SpillFile, bytes: &mut [u8]) -> Result<()> {
        let start = Instant::now();
        file.read_into(bytes)?;
        self.moved(start, bytes.len() as u64);
        Ok(())
    }
    fn moved(&self, start: Instant, bytes: u64) {
        self.disk_nanos.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        self.events.tell(|| Event::Moved { run: 0, lane: Lane::Disk, start, end: Instant::now(), bytes });
    }

    /// Thread time spent on the spill folder so far.
    pub(super) fn disk_time(&self) -> Duration {
        Duration::from_nanos(self.disk_nanos.load(Ordering::Relaxed))
    }

    /// Reserves bytes for something that is held as long as the reservation is: a result. Waits for tasks that run.
    ///
    /// # Errors
    /// [`Error::Memory`] if they do not fit, whatever is put out; what `check` says while it waits.
    pub(crate) fn hold(
        self: &Arc<Self>,
        bytes: u64,
        what: &str,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Option<Reservation>> {
        let ticket = self.admit(|| Ok((bytes, ())), &|| what.to_owned(), check)?.0;
        Ok(ticket.keep())
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
    /// Runs a user's function for a task that was admitted.
    pub(super) fn inside<R>(&self, function: impl FnOnce() -> R) -> R {
        /// Puts back what was there, also when the function panics.
        struct Before(usize);
        impl Drop for Before {
            fn drop(&mut self) {
                INSIDE.set(self.0);
            }
        }
        let _before = Before(INSIDE.replace(self.address()));
        function()
    }
    /// A run begins on this thread. If a function of a task began it, that task is not waited for: it waits for the run. (A
    /// function that waits for a run of another thread's is not known here.)
    pub(crate) fn enter(&self) -> Option<Nested<'_>> {
        (INSIDE.get() == self.address()).then(|| {
            INSIDE.set(0);
            lock(&self.books).blocked += 1;
            Nested(self)
        })
    }

    /// Admits a task. `need` says how many bytes it needs now, and holds on to the chunks it uses that are there. Waits until they
    /// fit: tasks that were admitted never wait, so they end. `check` can end the wait.
    ///
    /// # Errors
    /// [`Error::Memory`] if nothing runs that could make room; what spilling meets; what `check` says.
    pub(super) fn admit<P>(
        self: &Arc<Self>,
        mut need: impl FnMut() -> Result<(u64, P)>,
        what: &dyn Fn() -> String,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<(Ticket, P)> {
        let mut waits = 0;
        loop {
            let (bytes, pins) = need()?;
            let short = {
                let mut books = lock(&self.books);
                let short = books.used.saturating_add(bytes).saturating_sub(self.limit);
                if short == 0 {
                    // Memory that is kept for reuse is memory too; it is what the task will take first.
                    let left = self.limit - books.used;
                    if pages::idle() > left {
                        pages::trim(left);
                    }
                    books.used += bytes;
                    // Of another size it is not taken.
                    pages::leave(left - bytes);
                    books.peak = books.peak.max(books.used);
                    books.admitted += 1;
                    return Ok((Ticket { reservation: Some(Reservation { store: self.clone(), bytes }) }, pins));
                }
                short
            };
            if bytes <= self.limit && self.evict(short)? >= short {
                continue;
            }
            // Others may need what this task was holding on to.
            drop(pins);
            check()?;
            let books = lock(&self.books);
            waits = if books.admitted <= books.blocked { waits + 1 } else { 0 };
            if waits > PATIENCE || waits > 0 && bytes > self.limit {
                return Err(self.too_much(what(), bytes, books.used));
            }
            self.waiting.fetch_add(1, Ordering::SeqCst);
            drop(self.changed.wait_timeout(books, LOOK_AGAIN));
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Unmaps idle memory that the budget has no room for beside all that was admitted, for a task that takes what it needs from
    /// elsewhere.
    pub(super) fn tidy(&self) {
        let left = self.limit.saturating_sub(lock(&self.books).used);
        if pages::idle() > left {
            pages::trim(left);
        }
    }

    fn too_much(&self, doing: String, bytes: u64, used: u64) -> Error {
        let hint = if bytes > self.limit {
            "choose smaller chunks, or raise Client::builder().memory_limit()"
        } else {
            "what is held beside it (results, kept arrays, chunks in use) leaves no room: drop results and kept arrays if there are some, \
             choose smaller chunks (larger ones where they have less than a few KiB: each is noted, too), or raise \
             Client::builder().memory_limit()"
        };
        let needed = if bytes > self.limit { bytes } else { bytes.saturating_add(used) };
        Error::Memory { pool: "host", doing, needed, limit: self.limit, hint }
    }

    /// The right to hold so many bytes on their way to the caller, if they can be made to fit without waiting.
    pub(super) fn ticket(self: &Arc<Self>, bytes: u64) -> Result<Option<Ticket>> {
        let Some(reservation) = self.try_count(bytes)? else { return Ok(None) };
        lock(&self.books).admitted += 1;
        Ok(Some(Ticket { reservation: Some(reservation) }))
    }

    /// Counts a value among those that may be put out, as used just now.
    pub(super) fn touch<E: Evictable + 'static>(&self, value: &Arc<E>) {
        if value.bytes() < SPILL_BYTES {
            return;
        }
        let mut recent = lock(&self.values);
        recent.tick += 1;
        let tick = recent.tick;
        let before = value.used_at(tick);
        recent.values.remove(&before);
        let value: Weak<E> = Arc::downgrade(value);
        recent.values.insert(tick, value);
        if recent.values.len() >= recent.full.max(CLEARED) {
            recent.clear();
        }
    }

    /// The values that may be put out, the least recently used first.
    fn oldest(&self) -> Vec<Arc<dyn Evictable>> {
        let mut recent = lock(&self.values);
        recent.clear();
        recent.values.values().filter_map(Weak::upgrade).collect()
    }

    /// Puts chunks out of host memory until so many bytes are free; says how many.
    fn evict(&self, bytes: u64) -> Result<u64> {
        let (mut freed, oldest) = (0, self.oldest());
        // What is elsewhere too costs nothing; writing files comes after.
        for spill in [false, true] {
            for value in &oldest {
                if freed < bytes {
                    freed += value.leave_host(self, spill)?;
                }
            }
        }
        if freed > 0 {
            self.events.tell(|| Event::Evicted { device: false, bytes: freed });
        }
        Ok(freed)
    }

    /// Puts chunks out of device memory until so many bytes are free; says how many. Those `in_use` stay: the task that asks would
    /// only send them again.
    pub(super) fn evict_device<E: Evictable>(
        self: &Arc<Self>,
        bytes: u64,
        device: &Device,
        in_use: &[Arc<E>],
    ) -> Result<u64> {
        let mut freed = 0;
        for value in self.oldest() {
            if freed >= bytes {
                break;
            }
            if in_use.iter().any(|used| std::ptr::addr_eq(Arc::as_ptr(used), Arc::as_ptr(&value))) {
                continue;
            }
            freed += value.leave_device(self, device)?;
        }
        if freed > 0 {
            self.events.tell(|| Event::Evicted { device: true, bytes: freed });
        }
        Ok(freed)
    }

    /// Wakes those who wait for memory.
    fn tell(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.changed.notify_all();
        }
    }

    /// Reserves if it can be made to fit, without waiting: for what comes from the device.
    pub(super) fn try_count(self: &Arc<Self>, bytes: u64) -> Result<Option<Reservation>> {
        loop {
            let short = {
                let mut books = lock(&self.books);
                let short = books.used.saturating_add(bytes).saturating_sub(self.limit);
                if short == 0 {
                    books.used += bytes;
                    books.peak = books.peak.max(books.used);
                    return Ok(Some(Reservation { store: self.clone(), bytes }));
                }
                short
            };
            if bytes > self.limit || self.evict(short)? < short {
                return Ok(None);
            }
        }
    }

    /// Reserves if it can be made to fit, for elements on their way out.
    ///
    /// # Errors
    /// [`Error::Memory`] if it cannot.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: u64, what: &str) -> Result<Reservation> {
        let used = lock(&self.books).used;
        self.try_count(bytes)?.ok_or_else(|| self.too_much(what.to_owned(), bytes, used))
    }

    /// Reserves without asking: for what is there already, or must be.
    pub(super) fn count(self: &Arc<Self>, bytes: u64) -> Reservation {
        let mut books = lock(&self.books);
        books.used += bytes;
        books.peak = books.peak.max(books.used);
        Reservation { store: self.clone(), bytes }
    }
}

/// Bytes that are spoken for, until it is dropped.
#[derive(Debug)]
pub struct Reservation {
    store: Arc<Store>,
    bytes: u64,
}

impl Reservation {
    /// A part of it as a reservation of its own; more than it has is taken from the store without asking.
    pub(super) fn split(&mut self, bytes: u64) -> Self {
        if bytes > self.bytes {
            let more = self.store.clone().count(bytes - self.bytes);
            self.bytes = bytes;
            drop(more.forgotten());
        }
        self.bytes -= bytes;
        Self { store: self.store.clone(), bytes }
    }
    /// Takes over the bytes of another one.
    pub(crate) fn merge(&mut self, other: Self) {
        self.bytes += other.bytes;
        drop(other.forgotten());
    }
    /// The same bytes, which another reservation took over.
    fn forgotten(mut self) -> Self {
        self.bytes = 0;
        self
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.bytes > 0 {
            lock(&self.store.books).used -= self.bytes;
            self.store.tell();
        }
    }
}

/// The right of a task to run, with the bytes it was admitted with.
#[derive(Debug)]
pub(super) struct Ticket {
    reservation: Option<Reservation>,
}

impl Ticket {
    /// Bytes of it for something the task makes or loads.
    pub(super) fn split(&mut self, bytes: u64) -> Option<Reservation> {
        self.reservation.as_mut().map(|reservation| reservation.split(bytes))
    }
    /// Bytes of it that nothing took, if there are so many.
    pub(super) fn spare(&mut self, bytes: u64) -> Option<Reservation> {
        self.reservation.as_mut().filter(|reservation| reservation.bytes >= bytes).map(|all| all.split(bytes))
    }
    /// More bytes for it.
    pub(super) fn add(&mut self, more: Reservation) {
        if let Some(reservation) = &mut self.reservation {
            reservation.merge(more);
        }
    }
    fn keep(mut self) -> Option<Reservation> {
        self.reservation.as_mut().map(|all| all.split(all.bytes))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(reservation) = self.reservation.take() {
            lock(&reservation.store.books).admitted -= 1;
            reservation.store.tell();
        }
    }
}
