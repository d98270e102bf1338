//! [`Client`]: what runs arrays: a backend, worker threads, memory limits.

use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::progress::{Forward, Progress, ProgressBars, Watch, Watcher};
use crate::error::{Error, Result};
use crate::event::{Event, Events, Observer};
use crate::fault::Faults;
use crate::monitor::{self, Facts, Keep, Recorder, TraceFile};
use crate::plan::Plan;
use crate::plan::capability::Capabilities;
use crate::plan::grid::Sizes;
use crate::schedule::{
    CancelToken, Control, Device, DeviceStats, Executor, Run, RunReport, Sink, Store, StoreStats, Surroundings,
    Threads, available_memory,
};
use crate::text::format_bytes;

/// Which processors run kernels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// A hardware adapter if there is one, the CPU otherwise. Never a software adapter: it is the CPU, only slower.
    #[default]
    Auto,
    /// The host's processors.
    Cpu,
    /// An adapter, hardware or software; an error if there is none.
    Gpu,
}

impl std::str::FromStr for Backend {
    type Err = Error;
    fn from_str(word: &str) -> Result<Self> {
        match word {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            _ => Err(Error::Setting { name: "backend", value: word.into(), expected: "auto, cpu, gpu" }),
        }
    }
}

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
    inner: Arc<Inner>,
    tokens: Vec<CancelToken>,
    deadline: Option<Duration>,
    watches: Vec<Watch>,
}

struct Inner {
    device: Mutex<Device>,
    executor: Executor,
    threads: Threads,
    store: Arc<Store>,
    events: Events,
    faults: Arc<Faults>,
    task_elements: Option<u64>,
    device_memory_limit: u64,
    last_run: Mutex<Option<RunReport>>,
    recorder: Option<Arc<Recorder>>,
    #[cfg(feature = "dashboard")]
    dashboard: Option<monitor::Dashboard>,
}

static DEFAULT: Mutex<Option<Client>> = Mutex::new(None);

impl Client {
    /// Settings for a client.
    #[must_use]
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
    /// A client with default settings and the environment's overrides.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`].
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }
    /// The process-wide client, made now if there is none.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`].
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
    /// Runs what the arrays are and returns their values: see [`Compute`](crate::Compute).
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn compute<C: super::Compute>(&self, arrays: C) -> Result<C::Output> {
        arrays.compute_with(self)
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
    /// What the adapter did since it was opened, of all runs on this client: kernels, submissions, bytes both ways, and its own
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
    /// Bytes of the adapter's memory that chunks may take, or `None` on the CPU.
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
        match self.device() {
            Device::Cpu | Device::Null => None,
            #[cfg(feature = "gpu")]
            Device::Gpu(gpu) => Some(gpu.summary().name.clone()),
        }
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
    /// The device as it is now, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn device(&self) -> Device {
        self.inner.device.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Opens the adapter anew in place of a device that was lost, unless another run did so already.
    pub(super) fn reopen(&self, lost: &Device) -> Result<Device> {
        let mut device = self.inner.device.lock().unwrap_or_else(PoisonError::into_inner);
        if device.is_same(lost) {
            *device = lost.reopen()?;
        }
        Ok(device.clone())
    }
    pub(super) fn store(&self) -> &Arc<Store> {
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
        let min_elements = self.inner.task_elements.unwrap_or(min_elements);
        Sizes {
            min_elements,
            max_bytes: max_bytes.max(4 << 10),
            handed_bytes: u64::MAX,
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
        let lanes = if matches!(device, Device::Cpu) { 0 } else { LANES };
        let around = Surroundings {
            device: device.clone(),
            store: inner.store.clone(),
            events,
            control,
            threads: inner.threads.clone(),
            lookahead: 2 * (inner.threads.count() + lanes),
        };
        inner.executor.run(&Run::new(Arc::new(plan), around, sink))
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

/// Worker threads at most: no machine has more processors, and each is a thread and a share of the budget.
const MOST_WORKERS: usize = 4096;
/// Threads beside the workers where there is a device: they wait for it.
const LANES: usize = 2;

/// A client in a line, and what pages say of it.
fn facts(device: &Device, workers: usize, memory_limit: u64, device_memory_limit: u64) -> Facts {
    let memory = format_bytes(memory_limit);
    let (text, adapter) = match device {
        Device::Cpu | Device::Null => (format!("client: cpu, {workers} workers, {memory} memory"), None),
        #[cfg(feature = "gpu")]
        Device::Gpu(gpu) => {
            let (adapter, on_device) = (gpu.summary(), format_bytes(device_memory_limit));
            let text = format!(
                "client: gpu {} ({}, {:?}), {on_device} device memory; {workers} workers, {memory} memory",
                adapter.name, adapter.backend, adapter.kind
            );
            (text, Some(adapter.name.clone()))
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

/// Settings of a [`Client`].
#[derive(Clone, Debug, Default)]
pub struct ClientBuilder {
    backend: Option<Backend>,
    adapter: Option<String>,
    workers: Option<usize>,
    memory_limit: Option<u64>,
    device_memory_limit: Option<u64>,
    spill_folder: Option<PathBuf>,
    task_elements: Option<u64>,
    no_progress: bool,
    record: bool,
    #[cfg(feature = "dashboard")]
    dashboard: Option<String>,
}

impl ClientBuilder {
    /// Which processors run kernels; overrides `GRIDLOOM_BACKEND`.
    #[must_use]
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = Some(backend);
        self
    }
    /// Part of the adapter's name, in any case; overrides `GRIDLOOM_ADAPTER`.
    #[must_use]
    pub fn adapter(mut self, name: impl Into<String>) -> Self {
        self.adapter = Some(name.into());
        self
    }
    /// Worker threads on the host, at most 4096; all processors by default.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers);
        self
    }
    /// Bytes of host memory that results, chunks of runs and kept arrays may take; three quarters of what is available by default
    /// (limits of the process and its cgroup count). Chunks that do not fit are made again when they are needed, or spilled;
    /// what cannot fit at all is [`Error::Memory`] before it runs.
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = Some(bytes);
        self
    }
    /// Bytes of device memory that chunks may take; by default what the adapter seems to have. Chunks that do not fit go to the host.
    #[must_use]
    pub fn device_memory_limit(mut self, bytes: u64) -> Self {
        self.device_memory_limit = Some(bytes);
        self
    }
    /// Where chunks are spilled: a folder on a disk with room. The system's folder for temporary files by default.
    #[must_use]
    pub fn spill_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spill_folder = Some(folder.into());
        self
    }
    /// Elements that a task works on at least: smaller chunks are batched into one task. 65536 by default (four times that on an
    /// adapter); 1 runs every chunk by itself. Overrides `GRIDLOOM_TASK_ELEMENTS`. No result depends on it beyond the rounding of
    /// sums.
    #[must_use]
    pub fn task_elements(mut self, elements: u64) -> Self {
        self.task_elements = Some(elements);
        self
    }
    /// No progress bar, even on a terminal.
    #[must_use]
    pub fn no_progress(mut self) -> Self {
        self.no_progress = true;
        self
    }
    /// Keeps what happened in the last runs, in bounded memory, for [`Client::save_report`]: sums of 64, and of the last 16 threads,
    /// links and memory over time (some 30 KiB a thread each).
    #[must_use]
    pub fn record(mut self) -> Self {
        self.record = true;
        self
    }
    /// Shows the client's runs in a browser, while they run and afterwards: a small web server at an address, `"127.0.0.1:0"` for any free
    /// port of this machine alone, `"0.0.0.0:8787"` for all who reach it. Its link, with a random token that lets in, is in the client's
    /// [`Display`](fmt::Display) and from [`Client::dashboard_link`]. It only shows; it ends with the client's last clone.
    ///
    /// ```
    /// let client = gridloom::Client::builder().dashboard("127.0.0.1:0").build()?;
    /// let link = client.dashboard_link().unwrap();
    /// assert!(link.starts_with("http://127.0.0.1:") && client.to_string().ends_with(&link));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[cfg(feature = "dashboard")]
    #[must_use]
    pub fn dashboard(mut self, address: impl Into<String>) -> Self {
        self.dashboard = Some(address.into());
        self
    }
    /// The client.
    ///
    /// # Errors
    /// [`Error::Setting`] for an environment variable that means nothing; [`Error::NoAdapter`] or [`Error::GpuNotBuilt`]
    /// where the gpu backend (or an adapter by name) is asked for and not there; [`Error::Parameter`] for no workers, too many, no memory, or a
    /// dashboard's address that is none; [`Error::Io`] for a spill folder or a trace (`GRIDLOOM_TRACE`) that cannot be written, or an
    /// address that cannot be listened at.
    pub fn build(self) -> Result<Client> {
        // What is no Unicode means nothing where a word is asked for; a path may be any.
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let variable = |name: &str| set(name).map(|value| value.to_string_lossy().into_owned());
        let backend = match (self.backend, variable("GRIDLOOM_BACKEND")) {
            (Some(backend), _) => backend,
            (None, Some(word)) => word.parse().map_err(|_| Error::Setting {
                name: "GRIDLOOM_BACKEND",
                value: word,
                expected: "auto, cpu, gpu",
            })?,
            (None, None) => Backend::Auto,
        };
        let adapter = self.adapter.or_else(|| variable("GRIDLOOM_ADAPTER"));
        let task_elements = match (self.task_elements, variable("GRIDLOOM_TASK_ELEMENTS")) {
            (Some(elements), _) => Some(elements),
            (None, Some(word)) => Some(word.parse().map_err(|_| Error::Setting {
                name: "GRIDLOOM_TASK_ELEMENTS",
                value: word,
                expected: "a number of elements",
            })?),
            (None, None) => None,
        };
        for (what, value) in [
            ("number of workers", self.workers.map(|w| w as u64)),
            ("memory limit", self.memory_limit),
            ("device memory limit", self.device_memory_limit),
            ("number of elements of a task", task_elements),
        ] {
            if value == Some(0) {
                return Err(Error::Parameter { op: "client", what, got: "0".into(), expected: "at least 1" });
            }
        }
        if let Some(workers) = self.workers.filter(|&workers| workers > MOST_WORKERS) {
            let (got, expected) = (workers.to_string(), "at most 4096");
            return Err(Error::Parameter { op: "client", what: "number of workers", got, expected });
        }
        let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let workers = self.workers.unwrap_or_else(processors).min(MOST_WORKERS);
        let device = open(backend, adapter.as_deref())?;
        let faults = device.faults();
        if let Some(bytes) = self.device_memory_limit {
            device.set_budget(bytes);
        }
        let events = Events::default();
        if !self.no_progress {
            ProgressBars::add_to(&events);
        }
        let lanes = if matches!(device, Device::Cpu) { 0 } else { LANES };
        let limit = self.memory_limit.unwrap_or_else(|| (available_memory() / 4 * 3).max(64 << 20));
        let named = self.spill_folder.is_some();
        let store = Store::new(limit, self.spill_folder, events.clone(), faults.clone());
        if named {
            store.check_folder()?;
        }
        let device_memory_limit = device.budget();
        let mut facts = facts(&device, workers, limit, device_memory_limit);
        if let Some(path) = set("GRIDLOOM_TRACE") {
            events.add(TraceFile::of_process(path.as_ref())?.client(&facts.text));
        }
        #[cfg(feature = "dashboard")]
        let shown = self.dashboard.is_some();
        #[cfg(not(feature = "dashboard"))]
        let shown = false;
        let recorder = (self.record || shown).then(|| Arc::new(Recorder::new(Keep::PAGE)));
        if let Some(recorder) = &recorder {
            // Measuring takes a while: now for a page that is there at once, later for one that is saved.
            facts.bandwidth = shown.then(|| monitor::host_bandwidth(workers));
            events.add(recorder.clone());
        }
        #[cfg(feature = "dashboard")]
        let dashboard = match (self.dashboard, &recorder) {
            (Some(address), Some(recorder)) => {
                Some(monitor::Dashboard::start(&address, recorder.clone(), facts.clone())?)
            }
            _ => None,
        };
        let inner = Inner {
            device_memory_limit,
            device: Mutex::new(device),
            executor: Executor::new(workers - 1 + lanes),
            threads: Threads::new(workers),
            store,
            events,
            faults,
            task_elements,
            last_run: Mutex::new(None),
            recorder,
            #[cfg(feature = "dashboard")]
            dashboard,
        };
        Ok(Client { inner: Arc::new(inner), tokens: Vec::new(), deadline: None, watches: Vec::new() })
    }
}

#[cfg(feature = "gpu")]
fn open(backend: Backend, adapter: Option<&str>) -> Result<Device> {
    use crate::backend::gpu::{AdapterKind, Gpu, adapters};
    match backend {
        Backend::Cpu => Ok(Device::Cpu),
        Backend::Gpu => Gpu::open(adapter).map(Device::Gpu),
        // An adapter by name is meant, software or not: it must be there.
        Backend::Auto if adapter.is_some() => Gpu::open(adapter).map(Device::Gpu),
        Backend::Auto => {
            let hardware = adapters().into_iter().find(|a| a.kind != AdapterKind::Software);
            hardware.map_or(Ok(Device::Cpu), |a| Gpu::open(Some(&a.name)).map(Device::Gpu))
        }
    }
}

#[cfg(not(feature = "gpu"))]
fn open(backend: Backend, adapter: Option<&str>) -> Result<Device> {
    match backend {
        Backend::Cpu => Ok(Device::Cpu),
        Backend::Auto if adapter.is_none() => Ok(Device::Cpu),
        Backend::Auto | Backend::Gpu => Err(Error::GpuNotBuilt),
    }
}
