//! [`Event`]: what happens while arrays run. Progress bars, reports and traces are [`Observer`]s of one stream.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::caught;

/// What is busy: kernels on the host or the device, a link between them, or the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Lane {
    /// Kernels and functions on the host's processors.
    Host,
    /// Elements on their way to the device, reading their source included.
    Upload,
    /// Kernels on the device: recording them, or the device's own time where it tells.
    Compute,
    /// Elements on their way from the device into the caller's arrays.
    Download,
    /// Chunks written to and read from the spill folder.
    Disk,
}

impl Lane {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Host, Self::Upload, Self::Compute, Self::Download, Self::Disk];
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["host", "upload", "compute", "download", "disk"][self as usize]
    }
}

/// A stage of a plan that is about to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageInfo {
    /// Its kernel and what is fused into it, in a few words. Names that users gave are in it as they are.
    pub title: String,
    /// Where it runs: `cpu`, `gpu`, or `memory` for what is there already.
    pub device: &'static str,
    /// The stages that it reads, by their numbers.
    pub inputs: Vec<usize>,
    /// Its tasks: 0 for what is there already. Bringing that to a device begins and ends too, as tasks that no number counts.
    pub tasks: u64,
    /// Bytes of chunks that all its tasks read together.
    pub reads: u64,
}

/// Something that happened in a run. Runs are numbered from 1 in each process.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A plan is about to run.
    Planned {
        /// The run.
        run: u64,
        /// Its stages by their numbers.
        stages: Vec<StageInfo>,
        /// Tasks of all stages.
        tasks: u64,
        /// Bytes of chunks the plan may hold on the host, as predicted.
        host_bytes: u64,
        /// Bytes of chunks the plan may hold on the device, as predicted.
        device_bytes: u64,
        /// Bytes that the client may hold on the host.
        host_limit: u64,
        /// Bytes that chunks may take on the device: 0 without one.
        device_limit: u64,
        /// Bytes held on host and device already: kept arrays, other runs, and the room of this run's results.
        held: (u64, u64),
    },
    /// A task begins.
    Started {
        /// The run.
        run: u64,
        /// Its stage's number in the plan.
        stage: usize,
        /// The number of the chunk it makes.
        chunk: u64,
        /// When.
        start: Instant,
    },
    /// A task ended well. (One that fails ends its run.)
    Ended {
        /// The run.
        run: u64,
        /// Its stage's number in the plan.
        stage: usize,
        /// The number of the chunk it makes.
        chunk: u64,
        /// Where it ran.
        lane: Lane,
        /// When it began.
        start: Instant,
        /// When it ended (on the device lane: when it was recorded).
        end: Instant,
        /// Bytes of the chunk.
        bytes: u64,
    },
    /// Bytes went over a link, or to or from the disk.
    Moved {
        /// The run, or 0 where that is not known: links and disk serve all runs.
        run: u64,
        /// Which link.
        lane: Lane,
        /// When it began.
        start: Instant,
        /// When it ended.
        end: Instant,
        /// How many.
        bytes: u64,
    },
    /// The device was busy with submitted kernels. Start and end are the host's times: where the device has a clock, they are its own,
    /// converted.
    Device {
        /// Whose kernels: run, stage and chunk, where the device tells the times of single tasks.
        task: Option<(u64, usize, u64)>,
        /// When they began.
        start: Instant,
        /// When they ended.
        end: Instant,
        /// How long they took, by the device's own clock where it has one: start and end may lie closer together, since a conversion
        /// that becomes better never goes back.
        took: Duration,
        /// Bytes of the buffers that they were given.
        bytes: u64,
    },
    /// Bytes held by all runs and kept arrays of the client: after a task, but not more often than each millisecond, and at the end of
    /// a run.
    Memory {
        /// On the host.
        host: u64,
        /// On the device.
        device: u64,
        /// In the spill folder.
        disk: u64,
    },
    /// Chunks were put out of a memory to keep its budget.
    Evicted {
        /// From the device, or else from the host.
        device: bool,
        /// How many bytes became free.
        bytes: u64,
    },
    /// Something does not run as first planned: a stage on the CPU beside an adapter, or a run again after a failure.
    Fallback {
        /// The run.
        run: u64,
        /// What.
        what: String,
        /// Why.
        reason: String,
    },
    /// The run is over.
    Finished {
        /// The run.
        run: u64,
        /// What ended it, unless it was the end.
        error: Option<String>,
    },
}

/// Hears what happens, from any thread, while it happens: it should be quick. A panic in it changes nothing.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: &Event);
}

/// Tells observers. Nothing is made or told while there are none.
#[derive(Clone)]
pub struct Events(Arc<Told>);

type Observers = Arc<[Arc<dyn Observer>]>;

const LISTS: usize = 16;

/// Aligned, so that no two share a cache line.
#[repr(align(128))]
struct List(Mutex<Observers>);

impl List {
    fn lock(&self) -> MutexGuard<'_, Observers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// This thread's number in the process.
pub(crate) fn thread_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    thread_local! { static NUMBER: Cell<Option<u32>> = const { Cell::new(None) } }
    NUMBER.get().unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        NUMBER.set(Some(number));
        number
    })
}

struct Told {
    /// Whether there are any: what is looked at before anything else.
    heard: AtomicBool,
    /// Lists of the same observers, for threads by their numbers: those that tell at the same time do not wait for each other. A list
    /// is never changed but replaced.
    lists: [List; LISTS],
    since: Instant,
    /// When bytes held were told, in nanoseconds since then.
    memory: AtomicU64,
}

impl Default for Events {
    fn default() -> Self {
        Self(Arc::new(Told {
            heard: AtomicBool::new(false),
            lists: std::array::from_fn(|_| List(Mutex::new(Arc::from([])))),
            since: Instant::now(),
            memory: AtomicU64::new(0),
        }))
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Events({} observers)", self.all().len())
    }
}

/// How often bytes held are told at most.
const MEMORY: Duration = Duration::from_millis(1);

impl Events {
    fn all(&self) -> Observers {
        self.0.lists[thread_number() as usize % LISTS].lock().clone()
    }
    fn change(&self, change: impl FnOnce(&mut Vec<Arc<dyn Observer>>)) {
        // The first list's lock is held until all are changed: changes come one after another.
        let (first, others) = (&self.0.lists[0], &self.0.lists[1..]);
        let mut first = first.lock();
        let mut all = first.to_vec();
        change(&mut all);
        self.0.heard.store(!all.is_empty(), Ordering::Relaxed);
        for list in others {
            // The old one goes when its lock is open again: an observer that is dropped may tell or change something.
            let _old = std::mem::replace(&mut *list.lock(), all.as_slice().into());
        }
        let old = std::mem::replace(&mut *first, all.into());
        drop(first);
        drop(old);
    }
    /// Whether anybody listens.
    #[must_use]
    pub fn heard(&self) -> bool {
        self.0.heard.load(Ordering::Relaxed)
    }
    /// From now on `observer` hears everything.
    pub fn add(&self, observer: Arc<dyn Observer>) {
        self.change(|all| all.push(observer));
    }
    /// `observer` hears no more.
    pub fn remove(&self, observer: &Arc<dyn Observer>) {
        self.change(|all| all.retain(|other| !Arc::ptr_eq(other, observer)));
    }
    /// Whether somebody listens and it is time to tell again what is held: asking costs, and tasks may be short. One of those who ask
    /// at the same time is told so.
    pub(crate) fn memory_due(&self, now: Instant) -> bool {
        if !self.heard() {
            return false;
        }
        let now = now.saturating_duration_since(self.0.since).as_nanos() as u64;
        let last = self.0.memory.load(Ordering::Relaxed);
        let due = last == 0 || now >= last + MEMORY.as_nanos() as u64;
        due && self.0.memory.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
    /// Tells what `event` makes, if anybody listens.
    pub fn tell(&self, event: impl FnOnce() -> Event) {
        if !self.heard() {
            return;
        }
        // Not while the lock is held: an observer may add another, and one that takes its time does not hold up others.
        let observers = self.all();
        let event = event();
        for observer in observers.iter() {
            // One that panics must not take with it the thread that tells it, and the task that thread is at. The program's panic hook
            // has said what happened.
            let _ = caught(|| observer.event(&event));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds itself again at each event.
    struct Doubling(Events, Mutex<u32>);

    impl Observer for Doubling {
        fn event(&self, _: &Event) {
            *self.1.lock().unwrap() += 1;
            let own = self.0.all().first().cloned();
            own.into_iter().for_each(|own| self.0.add(own));
        }
    }

    #[test]
    fn an_observer_may_add_another_while_it_is_told() {
        let events = Events::default();
        let observer = Arc::new(Doubling(events.clone(), Mutex::default()));
        events.add(observer.clone());
        for _ in 0..3 {
            events.tell(|| Event::Finished { run: 1, error: None });
        }
        assert_eq!(*observer.1.lock().unwrap(), 1 + 2 + 4);
        // They hold each other.
        events.change(Vec::clear);
        assert!(!events.heard());
    }

    #[test]
    fn what_is_held_is_due_once_a_millisecond_and_only_where_it_is_heard() {
        let events = Events::default();
        let at = |ms: u64| events.0.since + Duration::from_millis(ms);
        assert!(!events.memory_due(at(5)));
        events.add(Arc::new(Doubling(Events::default(), Mutex::default())));
        assert!(events.memory_due(at(5)));
        assert!(!events.memory_due(at(5)));
        assert!(events.memory_due(at(6)));
    }
}
