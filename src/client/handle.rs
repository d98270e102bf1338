//! [`Client`]: what runs arrays: a backend, worker threads, memory limits.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::plans::Plans;
use super::progress::{Forward, Progress, Watch, Watcher};
use super::small::is_small;
use crate::error::{Error, Result};
use crate::event::{Event, Events, Observer};
use crate::fault::Faults;
use crate::graph::Node;
use crate::monitor::{self, Facts, Recorder};
use crate::plan::Plan;
use crate::plan::capability::Capabilities;
use crate::plan::findings::Findings;
use crate::plan::grid::Sizes;
use crate::schedule::{
    CancelToken, Control, Device, DeviceStats, Executor, Run, RunReport, Sink, Store, StoreStats, Surroundings, Threads,
};
use crate::text::format_bytes;

/// Runs arrays. Cloning shares it. Methods like [`Array::compute`](crate::Array::compute) use the process-wide default
/// client, which is made at first use from `GRIDLOOM_BACKEND` (`auto`, `cpu`, `gpu`) and `GRIDLOOM_ADAPTER` (part of an
/// adapter's name), or set by [`Client::set_default`].
///
/// ```
/// use gridloom::{Backend, Client};
/// let client = Client::builder().backend(Backend::Cpu).workers(2).build()?;
/// let x = gridloom::ones::<f64>((100, 100));
/// assert_eq!(client.compute(&x.sum())?[[]], 10_000.0);
/// println!("{client}");
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    pub(super) inner: Arc<Inner>,
    pub(super) tokens: Vec<CancelToken>,
    pub(super) deadline: Option<Duration>,
    pub(super) watches: Vec<Watch>,
}

pub(super) struct Inner {
    pub(super) device: Mutex<Device>,
    pub(super) executor: Executor,
    pub(super) threads: Threads,
    pub(super) store: Arc<Store>,
    pub(super) events: Events,
    pub(super) faults: Arc<Faults>,
    pub(super) task_elements: Option<u64>,
    pub(super) device_memory_limit: u64,
    /// Whether small runs stay on the CPU though there is an adapter.
    pub(super) small_on_host: bool,
    pub(super) plans: Plans,
    pub(super) last_run: Mutex<Option<RunReport>>,
    pub(super) recorder: Option<Arc<Recorder>>,
    #[cfg(feature = "dashboard")]
    pub(super) dashboard: Option<monitor::Dashboard>,
}

static DEFAULT: Mutex<Option<Client>> = Mutex::new(None);

impl Client {
    /// The process-wide client, made now if there is none.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`](super::ClientBuilder::build).
    pub fn get_default() -> Result<Self> {
        let mut default = DEFAULT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*default {
            return Ok(client.clone());
        }
        let client = Self::new()?;
        *default = Some(client.clone());
        Ok(client)
    }
    /// Makes this the process-wide client.
    pub fn set_default(&self) {
        *DEFAULT.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.clone());
    }
    /// The report of the last run that ended well on this client.
    #[must_use]
    pub fn last_run(&self) -> Option<RunReport> {
        self.inner.last_run.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Waits until the adapter has done all that it was given so far, by this client and its clones: what
    /// [`persist`](crate::Array::persist) began is there then. Returns at once on the CPU, where nothing is left open. Tokens and
    /// deadlines end runs, not this wait.
    ///
    /// # Errors
    /// Those of the device: [`Error::Device`] for what failed since it was last asked, [`Error::DeviceLost`], and
    /// [`Error::Memory`] where it has no room for what it was given last.
    ///
    /// ```
    /// let client = gridloom::Client::new()?;
    /// let x = gridloom::ones::<f32>((500, 500)).persist_with(&client)?;
    /// let started = std::time::Instant::now();
    /// let y = (&x * 2.0).persist_with(&client)?; // on an adapter: recorded
    /// client.sync()?; // done
    /// println!("{:?}", started.elapsed());
    /// # assert_eq!(client.compute(&y.sum())?[[]], 500_000.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn sync(&self) -> Result<()> {
        self.device().sync()
    }
    /// What the adapter (or several, together) did since it was opened, of all runs on this client: kernels, submissions, bytes both ways, and its own
    /// time. `None` on the CPU. Two looks, [`Client::sync`] before each, measure what lies between: see [`DeviceStats::since`].
    #[must_use]
    pub fn device_stats(&self) -> Option<DeviceStats> {
        self.adapter()?;
        Some(self.device().stats())
    }
    /// The same client for runs that `token` can cancel, beside those that can cancel this one's.
    #[must_use]
    pub fn with_cancel(&self, token: &CancelToken) -> Self {
        let mut client = self.clone();
        client.tokens.push(token.clone());
        client
    }
    /// The same client for runs that must be done within `limit` of their start, or end with [`Error::Deadline`].
    ///
    /// ```
    /// use gridloom::{Client, Error};
    /// use std::time::Duration;
    /// let hasty = Client::new()?.with_deadline(Duration::ZERO);
    /// assert!(matches!(hasty.compute(&gridloom::arange::<f64>(10).sum()), Err(Error::Deadline { .. })));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[must_use]
    pub fn with_deadline(&self, limit: Duration) -> Self {
        Self { deadline: Some(limit), ..self.clone() }
    }
    /// The same client for runs that tell `watch` how far they are: when they begin, at most ten times a second while they run, and
    /// when they are over. It is called from the threads that work, so it should be quick; [`ControlFlow::Break`] ends the run with
    /// [`Error::Cancelled`].
    ///
    /// ```
    /// use gridloom::{Client, Error};
    /// use std::ops::ControlFlow;
    /// let shown = Client::new()?.with_progress(|progress| {
    ///     eprintln!("{progress}");
    ///     ControlFlow::Continue(())
    /// });
    /// shown.compute(&gridloom::arange::<f64>(1000).sum())?;
    /// let stopped = Client::new()?.with_progress(|_| ControlFlow::Break(()));
    /// assert!(matches!(stopped.compute(&gridloom::arange::<f64>(1000).sum()), Err(Error::Cancelled { .. })));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[must_use]
    pub fn with_progress(&self, watch: impl Fn(&Progress) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        let mut client = self.clone();
        client.watches.push(Arc::new(watch));
        client
    }
    /// Lets `observer` hear what happens on this client: see [`Event`].
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        self.inner.events.add(observer);
    }
    /// `observer` hears no more.
    pub fn unobserve(&self, observer: &Arc<dyn Observer>) {
        self.inner.events.remove(observer);
    }
    /// Worker threads.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.inner.threads.count()
    }
    /// Bytes of host memory that results, chunks of runs and kept arrays may take.
    #[must_use]
    pub fn memory_limit(&self) -> u64 {
        self.inner.store.limit()
    }
    /// Bytes of the adapter's memory that chunks may take, of each of several, or `None` on the CPU.
    #[must_use]
    pub fn device_memory_limit(&self) -> Option<u64> {
        self.adapter().map(|_| self.inner.device_memory_limit)
    }
    /// What the host's memory and the spill folder hold now.
    #[must_use]
    pub fn memory(&self) -> StoreStats {
        self.inner.store.stats()
    }
    /// The adapter's name, or `None` on the CPU.
    #[must_use]
    pub fn adapter(&self) -> Option<String> {
        self.device().adapter().map(|adapter| adapter.describe().0)
    }
    /// What the adapter's kernels can do, or `None` on the CPU, which runs everything.
    #[must_use]
    pub fn capabilities(&self) -> Option<Capabilities> {
        self.device().capabilities().copied()
    }
    /// Makes failures happen, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }
    /// Plans that were made for graphs of forms that were not known, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn plans_made(&self) -> u64 {
        self.inner.plans.made()
    }
    /// The device as it is now, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn device(&self) -> Device {
        self.inner.device.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// The device that a run of nodes uses.
    pub(super) fn device_for(&self, nodes: &[Arc<Node>]) -> Device {
        if self.inner.small_on_host && is_small(nodes) { Device::Cpu } else { self.device() }
    }
    /// Opens the adapter anew in place of a device that was lost, unless another run did so already.
    pub(super) fn reopen(&self, lost: &Device) -> Result<Device> {
        let mut device = self.inner.device.lock().unwrap_or_else(PoisonError::into_inner);
        if device.is_same(lost) {
            *device = lost.reopen()?;
        }
        Ok(device.clone())
    }
    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.inner.store
    }
    /// How large tasks on a device are.
    pub(super) fn sizes(&self, device: &Device) -> Sizes {
        // Some tasks run at a time, each with what it reads and what it makes.
        let share = |limit: u64| limit / (4 * (self.workers() as u64 + 1));
        let host = share(self.memory_limit()).min(256 << 20);
        let (min_elements, max_bytes) = match device.capabilities() {
            None => (Sizes::MIN_ELEMENTS, host),
            Some(caps) => {
                let device = share(self.inner.device_memory_limit).min(caps.max_binding_bytes);
                (4 * Sizes::MIN_ELEMENTS, device.min(host))
            }
        };
        let hold_bytes = match device.capabilities() {
            None => self.memory_limit() / 4,
            Some(_) => self.inner.device_memory_limit / 4,
        };
        let gathered = |caps: &Capabilities| Sizes::gathered(caps, self.inner.device_memory_limit);
        // Who says how large tasks are is not asked twice.
        let gather_bytes = device.capabilities().filter(|_| self.inner.task_elements.is_none()).map_or(0, gathered);
        let min_elements = self.inner.task_elements.unwrap_or(min_elements);
        Sizes {
            min_elements,
            gather_bytes,
            max_bytes: max_bytes.max(4 << 10),
            handed_bytes: u64::MAX,
            // Beside what tasks need: together takes no more room than apart.
            waiting_bytes: (self.memory_limit() / 16).min(Sizes::WAITING_BYTES),
            hold_bytes,
            ..Sizes::default()
        }
    }
    /// What can end a run that begins now.
    pub(super) fn control(&self) -> Control {
        let deadline = self.deadline.and_then(|limit| Some((Instant::now().checked_add(limit)?, limit)));
        Control { tokens: self.tokens.clone(), deadline }
    }
    /// Runs a plan on the client's threads.
    pub(super) fn run(
        &self,
        plan: Plan,
        findings: Findings,
        device: &Device,
        mut control: Control,
        sink: Arc<dyn Sink>,
    ) -> Result<RunReport> {
        let inner = &self.inner;
        let mut events = inner.events.clone();
        if !self.watches.is_empty() {
            // For this run alone: the functions that watch it, beside those who hear everything.
            events = Events::default();
            events.add(Arc::new(Forward(inner.events.clone())));
            for watch in &self.watches {
                let (watcher, token) = Watcher::of(watch.clone());
                control.tokens.push(token);
                events.add(watcher);
            }
        }
        let around = Surroundings {
            device: device.clone(),
            store: inner.store.clone(),
            events,
            control,
            threads: inner.threads.clone(),
            lookahead: 2 * (inner.threads.count() + lanes(device)),
        };
        inner.executor.run(&Run::new(Arc::new(plan), findings, around, sink))
    }
    pub(super) fn tell_fallback(&self, what: &str, error: &Error) {
        let what = what.to_owned();
        self.inner.events.tell(|| Event::Fallback { run: 0, what, reason: error.to_string() });
    }
    /// What pages say of it.
    pub(super) fn facts(&self) -> Facts {
        let inner = &self.inner;
        let mut facts = facts(&self.device(), self.workers(), self.memory_limit(), inner.device_memory_limit);
        // Measuring takes a while: only for those who look at runs.
        facts.bandwidth = inner.recorder.as_ref().map(|_| monitor::host_bandwidth(facts.workers));
        facts
    }
    /// What keeps its runs, if something does.
    pub(super) fn recorder(&self) -> Option<&Arc<Recorder>> {
        self.inner.recorder.as_ref()
    }
    #[cfg(feature = "dashboard")]
    pub(super) fn link(&self) -> Option<&str> {
        self.inner.dashboard.as_ref().map(monitor::Dashboard::link)
    }
    #[cfg(not(feature = "dashboard"))]
    #[allow(clippy::unused_self, reason = "with the feature it is used")]
    pub(super) fn link(&self) -> Option<&str> {
        None
    }
    pub(super) fn keep_report(&self, report: RunReport) {
        if let Some(recorder) = self.recorder() {
            recorder.report(&report);
        }
        *self.inner.last_run.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }
}

/// Threads beside the workers for each device: they wait for it.
pub(super) fn lanes(device: &Device) -> usize {
    const LANES: usize = 2;
    LANES * device.count()
}

/// A client in a line, and what pages say of it.
pub(super) fn facts(device: &Device, workers: usize, memory_limit: u64, device_memory_limit: u64) -> Facts {
    let memory = format_bytes(memory_limit);
    let (text, adapter) = match device.adapter() {
        None => (format!("client: cpu, {workers} workers, {memory} memory"), None),
        Some(adapter) => {
            let ((name, kind), on_device) = (adapter.describe(), format_bytes(device_memory_limit));
            let each = if device.count() > 1 { " each" } else { "" };
            let beside = format!("{on_device} device memory{each}; {workers} workers, {memory} memory");
            (format!("client: gpu {name} ({kind}), {beside}"), Some(name))
        }
    };
    Facts { text, adapter, workers, memory_limit, device_memory_limit, bandwidth: None }
}

impl fmt::Display for Client {
    /// Device, workers, memory, and the dashboard's link with its token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")?;
        match self.link() {
            Some(link) => write!(f, "; dashboard {link}"),
            None => Ok(()),
        }
    }
}
impl fmt::Debug for Client {
    /// Without the link: logs are read by others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.inner.device_memory_limit;
        f.write_str(&facts(&self.device(), self.workers(), self.memory_limit(), limit).text)
    }
}
