//! [`Client`]: what runs arrays: a backend, worker threads, memory limits.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::diagnostics::format_bytes;
use crate::error::{Error, Result};
use crate::schedule::{Device, RunReport};

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
}

struct Inner {
    device: Device,
    pool: rayon::ThreadPool,
    memory_limit: u64,
    #[cfg(feature = "gpu")]
    device_memory_limit: u64,
    progress: bool,
    last_run: Mutex<Option<RunReport>>,
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
    /// Worker threads.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.inner.pool.current_num_threads()
    }
    /// Bytes of host memory a run may hold in chunks.
    #[must_use]
    pub fn memory_limit(&self) -> u64 {
        self.inner.memory_limit
    }
    /// The adapter's name, or `None` on the CPU.
    #[must_use]
    pub fn adapter(&self) -> Option<String> {
        match &self.inner.device {
            Device::Cpu => None,
            #[cfg(feature = "gpu")]
            Device::Gpu(gpu) => Some(gpu.summary().name.clone()),
        }
    }
    pub(super) fn device(&self) -> &Device {
        &self.inner.device
    }
    pub(super) fn progress(&self) -> bool {
        self.inner.progress
    }
    /// Runs a job on the client's threads.
    pub(super) fn install<R: Send>(&self, job: impl FnOnce() -> R + Send) -> R {
        self.inner.pool.install(job)
    }
    pub(super) fn keep_report(&self, report: RunReport) {
        *self.inner.last_run.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workers = self.workers();
        let memory = format_bytes(self.memory_limit());
        match &self.inner.device {
            Device::Cpu => write!(f, "client: cpu, {workers} workers, {memory} memory"),
            #[cfg(feature = "gpu")]
            Device::Gpu(gpu) => {
                let adapter = gpu.summary();
                let device = format_bytes(self.inner.device_memory_limit);
                write!(
                    f,
                    "client: gpu {} ({}, {:?}), {device} device memory; {workers} workers, {memory} memory",
                    adapter.name, adapter.backend, adapter.kind
                )
            }
        }
    }
}
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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
    no_progress: bool,
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
    /// Worker threads on the host; all processors by default.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers);
        self
    }
    /// Bytes of host memory a run may hold in chunks; by default three quarters of what is available.
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = Some(bytes);
        self
    }
    /// Bytes of device memory a run may hold in chunks; 1 GiB by default.
    #[must_use]
    pub fn device_memory_limit(mut self, bytes: u64) -> Self {
        self.device_memory_limit = Some(bytes);
        self
    }
    /// No progress bar, even on a terminal.
    #[must_use]
    pub fn no_progress(mut self) -> Self {
        self.no_progress = true;
        self
    }
    /// The client.
    ///
    /// # Errors
    /// [`Error::Setting`] for an environment variable that means nothing; [`Error::NoAdapter`] or [`Error::GpuNotBuilt`]
    /// where the gpu backend (or an adapter by name) is asked for and not there; [`Error::Parameter`] for no workers or no memory.
    pub fn build(self) -> Result<Client> {
        let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
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
        for (what, value) in [
            ("number of workers", self.workers.map(|w| w as u64)),
            ("memory limit", self.memory_limit),
            ("device memory limit", self.device_memory_limit),
        ] {
            if value == Some(0) {
                return Err(Error::Parameter { op: "client", what, got: "0".into(), expected: "at least 1" });
            }
        }
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.workers.unwrap_or(0))
            .thread_name(|i| format!("gridloom-{i}"))
            .build()
            .map_err(|e| Error::Device {
                adapter: "cpu".into(),
                doing: "starting threads".into(),
                message: e.to_string(),
            })?;
        let inner = Inner {
            device: open(backend, adapter.as_deref())?,
            pool,
            memory_limit: self.memory_limit.unwrap_or_else(|| available_memory() / 4 * 3),
            #[cfg(feature = "gpu")]
            device_memory_limit: self.device_memory_limit.unwrap_or(1 << 30),
            progress: !self.no_progress,
            last_run: Mutex::new(None),
        };
        Ok(Client { inner: Arc::new(inner) })
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

/// Bytes of memory that can be used without swapping, as Linux says; 4 GiB where it does not.
fn available_memory() -> u64 {
    let kib = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    kib.map_or(4 << 30, |kib| kib * 1024)
}
