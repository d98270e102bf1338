//! [`ClientBuilder`]: the settings of a client.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::backend::Backend;
use super::handle::{Client, Inner, facts, lanes};
use super::open::{open, open_all};
use super::plans::Plans;
use super::progress::ProgressBars;
use crate::error::{Error, Result};
use crate::event::Events;
use crate::monitor::{self, Keep, Recorder, TraceFile};
use crate::platform::pages;
use crate::schedule::{Executor, Store, Threads, available_memory};

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
}

/// Worker threads at most: no machine has more processors, and each is a thread and a share of the budget.
const MOST_WORKERS: usize = 4096;
/// Settings of a [`Client`].
#[derive(Clone, Debug, Default)]
pub struct ClientBuilder {
    backend: Option<Backend>,
    adapter: Option<String>,
    adapters: Option<Vec<usize>>,
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
    /// Several equal adapters that work as one, by their indices in `gridloom::adapters()`: the chunks of each array are spread over
    /// them. Overrides `GRIDLOOM_BACKEND` and `GRIDLOOM_ADAPTER`. The same index twice opens that adapter twice, which shows what a
    /// program would do with two of them, and is no faster.
    ///
    /// Results have the bits of one adapter's. The task that makes chunk `k` runs on adapter `k` modulo their number, or where
    /// nearly all that it reads is; what is elsewhere goes by way of the host, once while it lives ([`DeviceStats::moved_bytes`]):
    /// arrays that are cut alike and used element by element move nothing, `x + x.t()` moves half.
    ///
    /// ```
    /// use gridloom::{Client, Error};
    /// let client = match Client::builder().adapters([0, 0]).build() {
    ///     Ok(client) => client,
    ///     Err(Error::NoAdapter { .. } | Error::GpuNotBuilt) => return Ok(()), // no driver here
    ///     Err(error) => return Err(error),
    /// };
    /// assert!(client.adapter().unwrap().starts_with("2 × "));
    /// let x = gridloom::ones::<f32>((4000, 1000)).rechunk((250, 1000))?; // eight chunks each
    /// assert_eq!(client.compute(&(&x + &x).sum())?[[]], 8e6);
    /// assert_eq!(client.device_stats().unwrap().uploaded_bytes, client.device_stats().unwrap().moved_bytes);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    ///
    /// [`DeviceStats::moved_bytes`]: crate::DeviceStats::moved_bytes
    #[must_use]
    pub fn adapters(mut self, indices: impl IntoIterator<Item = usize>) -> Self {
        self.adapters = Some(indices.into_iter().collect());
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
    ///
    /// With a limit that is given, glibc's allocator is told to return blocks of 256 KiB and more to the system when they are freed, in the
    /// whole process: it would keep any amount of what functions of chunks have freed. `MALLOC_MMAP_THRESHOLD_` in the environment
    /// says otherwise.
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = Some(bytes);
        self
    }
    /// Bytes of device memory that chunks may take, on each of several adapters; by default three quarters of a card's own memory where the
    /// driver says how much that is (Vulkan), else 2 GiB, and 1 GiB where host and device share memory. Chunks that do not fit go to the host.
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
    /// adapter; on a card with 4 GiB of budget and more, as many chunks as 64 MiB hold); 1 runs every chunk by itself. Overrides
    /// `GRIDLOOM_TASK_ELEMENTS`. No result depends on it beyond the rounding of sums.
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
    /// [`Display`](std::fmt::Display) and from [`Client::dashboard_link`]. It only shows; it ends with the client's last clone.
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
    /// where the gpu backend (or an adapter by name or index) is asked for and not there; [`Error::Parameter`] for no workers, too many, no
    /// memory, adapters that are none or not equal, adapters beside a name or the CPU, or a dashboard's address that is none; [`Error::Io`] for a spill folder or a trace (`GRIDLOOM_TRACE`) that cannot be written, or an
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
        let device = match &self.adapters {
            Some(indices) => open_all(indices, self.backend, self.adapter.as_deref())?,
            None => open(backend, self.adapter.or_else(|| variable("GRIDLOOM_ADAPTER")).as_deref())?,
        };
        let small_on_host = backend == Backend::Auto && device.adapter().is_some();
        let faults = device.faults();
        if let Some(bytes) = self.device_memory_limit {
            device.set_budget(bytes);
        }
        let events = Events::default();
        if !self.no_progress {
            ProgressBars::add_to(&events);
        }
        let lanes = lanes(&device);
        if self.memory_limit.is_some() {
            pages::return_what_is_large();
        }
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
            small_on_host,
            plans: Plans::default(),
            last_run: Mutex::new(None),
            recorder,
            #[cfg(feature = "dashboard")]
            dashboard,
        };
        Ok(Client { inner: Arc::new(inner), tokens: Vec::new(), deadline: None, watches: Vec::new() })
    }
}
