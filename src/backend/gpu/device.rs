//! Adapters and the device: finding one, opening it with all it offers, and turning its failures into [`Error`]s.

use std::sync::Arc;

use super::ledger::HINT;
use super::progress::{Lost, Progress};
use super::spans::Lanes;
use super::spirv::FloatModes;
use super::trusted;
use crate::error::{Error, Result};
use crate::fault::Faults;
use crate::plan::capability::Capabilities;

/// What kind of thing an adapter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AdapterKind {
    /// A graphics card of its own.
    Discrete,
    /// Shares the processor's memory.
    Integrated,
    /// Virtual, or of a kind the driver does not tell.
    Other,
    /// The processor itself.
    Software,
}

/// An adapter as users choose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterSummary {
    /// The driver's name for it.
    pub name: String,
    /// The driver, with its version.
    pub driver: String,
    /// The interface it is reached by: `vulkan`, `metal`, `dx12`.
    pub backend: String,
    /// What kind of thing it is.
    pub kind: AdapterKind,
}

impl AdapterSummary {
    fn of(info: &wgpu::AdapterInfo) -> Self {
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => AdapterKind::Discrete,
            wgpu::DeviceType::IntegratedGpu => AdapterKind::Integrated,
            wgpu::DeviceType::Cpu => AdapterKind::Software,
            wgpu::DeviceType::VirtualGpu | wgpu::DeviceType::Other => AdapterKind::Other,
        };
        Self {
            name: info.name.clone(),
            driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
            backend: info.backend.to_str().to_owned(),
            kind,
        }
    }
}

/// What a kernel needs of every adapter. Immediates tell a launch where its parameters are.
const REQUIRED: wgpu::Features = wgpu::Features::IMMEDIATES;
/// What is used where the adapter has it.
const OPTIONAL: wgpu::Features = wgpu::Features::SHADER_F64
    .union(wgpu::Features::SHADER_INT64)
    .union(wgpu::Features::TIMESTAMP_QUERY)
    .union(wgpu::Features::TIMESTAMP_QUERY_INSIDE_PASSES)
    .union(wgpu::Features::PASSTHROUGH_SHADERS)
    .union(wgpu::Features::PIPELINE_CACHE);
/// Percent of the memory that the driver grants from which on buffers are refused, where it tells (Vulkan, DX12). Beyond it
/// drivers page, or lose the device.
const MEMORY_PERCENT: u8 = 95;

/// All adapters, the best hardware first.
fn enumerate() -> Vec<(AdapterSummary, wgpu::Adapter)> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
    descriptor.memory_budget_thresholds.for_resource_creation = Some(MEMORY_PERCENT);
    let instance = trusted::instance(descriptor);
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    let mut adapters: Vec<_> = adapters.into_iter().map(|a| (AdapterSummary::of(&a.get_info()), a)).collect();
    adapters.sort_by_key(|(summary, _)| summary.kind);
    adapters
}

/// All adapters that wgpu sees, the best hardware first. Empty where there is no driver. Their places here are the indices that
/// [`ClientBuilder::adapters`](crate::ClientBuilder::adapters) takes.
#[must_use]
pub fn adapters() -> Vec<AdapterSummary> {
    enumerate().into_iter().map(|(summary, _)| summary).collect()
}

/// The error for an adapter that is not among those there are.
fn not_found(wanted: &str, all: &[AdapterSummary]) -> Error {
    let named: Vec<String> = all.iter().enumerate().map(|(index, one)| format!("{index}: {}", one.name)).collect();
    let found = if named.is_empty() { "none".to_owned() } else { named.join(", ") };
    Error::NoAdapter { wanted: wanted.to_owned(), found }
}

/// An open device.
pub(crate) struct Device {
    /// The device.
    pub(crate) device: wgpu::Device,
    /// Its only queue.
    pub(crate) queue: wgpu::Queue,
    /// The adapter it was opened on.
    pub(crate) summary: AdapterSummary,
    /// What it can do.
    pub(crate) capabilities: Capabilities,
    /// Workgroups along one dimension of a dispatch.
    pub(crate) max_groups: u32,
    /// All limits.
    pub(crate) limits: wgpu::Limits,
    /// What it keeps of floats, where shaders can be handed over as SPIR-V.
    pub(crate) float_modes: Option<FloatModes>,
    /// Bytes of its largest heap, where it can be asked.
    pub(crate) memory: Option<u64>,
    /// Whether the host writes chunks without staging memory.
    pub(crate) direct: bool,
    /// What it has done, and what went wrong.
    pub(crate) progress: Arc<Progress>,
    /// When it was busy.
    pub(crate) lanes: Arc<Lanes>,
    /// Failures made on purpose.
    pub(crate) faults: Arc<Faults>,
    /// How many adapters with an equal summary come before its own: two cards of one kind differ in nothing else.
    twins: usize,
}

impl Device {
    /// Opens the first adapter whose name contains `name`, or the best one.
    ///
    /// # Errors
    /// [`Error::NoAdapter`] if there is none; [`Error::Device`] if it cannot be opened.
    pub(crate) fn open(name: Option<&str>) -> Result<Arc<Self>> {
        let wanted = name.unwrap_or_default().to_lowercase();
        let fits = |summary: &AdapterSummary| summary.name.to_lowercase().contains(&wanted);
        let choose = |all: &[AdapterSummary]| all.iter().position(fits);
        Self::open_which(choose, name.unwrap_or("any"), Arc::default())
    }

    /// Opens the adapter of an index of [`adapters`], with failures that are armed elsewhere.
    ///
    /// # Errors
    /// As [`Device::open`].
    pub(crate) fn open_at(index: usize, faults: Arc<Faults>) -> Result<Arc<Self>> {
        let choose = |all: &[AdapterSummary]| (index < all.len()).then_some(index);
        Self::open_which(choose, &format!("index {index}"), faults)
    }

    /// Opens the same adapter anew, with the same failures armed.
    ///
    /// # Errors
    /// As [`Device::open`].
    pub(crate) fn reopen(&self) -> Result<Arc<Self>> {
        let equal = |all: &[AdapterSummary]| {
            let equal = all.iter().enumerate().filter(|(_, summary)| **summary == self.summary);
            equal.map(|(index, _)| index).nth(self.twins)
        };
        Self::open_which(equal, &self.summary.name, self.faults.clone())
    }

    fn open_which(
        choose: impl FnOnce(&[AdapterSummary]) -> Option<usize>,
        wanted: &str,
        faults: Arc<Faults>,
    ) -> Result<Arc<Self>> {
        let (summaries, mut adapters): (Vec<_>, Vec<_>) = enumerate().into_iter().unzip();
        let index = choose(&summaries).ok_or_else(|| not_found(wanted, &summaries))?;
        let (summary, adapter) = (summaries[index].clone(), adapters.swap_remove(index));
        let twins = summaries[..index].iter().filter(|before| **before == summary).count();
        let failed = |message: String| Error::Device {
            adapter: summary.name.clone(),
            doing: "open the device".to_owned(),
            message,
        };
        if !adapter.features().contains(REQUIRED) {
            return Err(failed(format!("the adapter lacks {:?}", REQUIRED - adapter.features())));
        }
        let limits = adapter.limits();
        // Where both are one memory, the host can write a chunk's buffer itself: 1.1 times as fast as
        // the ring with one thread, 2 to 4 times with two (lavapipe, SwiftShader; gpu/tests/measure.rs).
        let shared = matches!(summary.kind, AdapterKind::Integrated | AdapterKind::Software);
        let mappable = wgpu::Features::MAPPABLE_PRIMARY_BUFFERS;
        let optional = if shared { OPTIONAL | mappable } else { OPTIONAL };
        // As where there is no Vulkan, for trying out.
        let as_text = std::env::var_os("GRIDLOOM_WGSL").is_some_and(|v| !v.is_empty() && v != "0");
        let optional = if as_text { optional - wgpu::Features::PASSTHROUGH_SHADERS } else { optional };
        let features = REQUIRED | (adapter.features() & optional);
        let asked = wgpu::DeviceDescriptor {
            label: Some("gridloom"),
            required_features: features,
            // All there is: the defaults are those of the smallest device.
            required_limits: limits.clone(),
            memory_hints: wgpu::MemoryHints::Performance,
            ..Default::default()
        };
        let (device, queue) = trusted::open(&adapter, &asked).map_err(failed)?;

        let passed = features.contains(wgpu::Features::PASSTHROUGH_SHADERS);
        let float_modes = if passed { trusted::float_modes(&adapter) } else { None };
        let progress = Arc::new(Progress::default());
        let at_error = progress.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| at_error.fail(error.to_string())));
        let at_loss = progress.clone();
        device.set_device_lost_callback(move |reason, message| at_loss.lose(format!("{reason:?}: {message}")));
        let capabilities = Capabilities {
            f64: features.contains(wgpu::Features::SHADER_F64),
            i64: features.contains(wgpu::Features::SHADER_INT64),
            // Of whole vectors: kernels read buffers four elements at a time.
            max_binding_bytes: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) & !31,
            max_storage_buffers: limits.max_storage_buffers_per_shader_stage,
            max_workgroup_invocations: limits.max_compute_invocations_per_workgroup,
            max_workgroup_storage: limits.max_compute_workgroup_storage_size,
            discrete: summary.kind == AdapterKind::Discrete,
            rewrites: float_modes.is_none(),
        };
        let max_groups = limits.max_compute_workgroups_per_dimension;
        let (lanes, direct) = (Arc::default(), features.contains(mappable));
        Ok(Arc::new(Self {
            device,
            queue,
            summary,
            capabilities,
            max_groups,
            limits,
            float_modes,
            memory: trusted::memory(&adapter),
            direct,
            progress,
            lanes,
            faults,
            twins,
        }))
    }

    /// The budget where nobody sets one: of a card's own memory three quarters, where it can be asked. Others need the rest, and so
    /// does the driver. What host and device share is the host's first.
    pub(crate) fn default_budget(&self) -> u64 {
        match self.summary.kind {
            AdapterKind::Discrete => self.memory.map_or(2 << 30, |bytes| bytes / 4 * 3),
            AdapterKind::Integrated | AdapterKind::Other | AdapterKind::Software => 1 << 30,
        }
    }

    /// An error of this device's; if it is lost, that.
    pub(crate) fn error(&self, doing: impl Into<String>, message: impl Into<String>) -> Error {
        let (adapter, doing) = (self.summary.name.clone(), doing.into());
        match self.progress.lost() {
            Some(message) => Error::DeviceLost { adapter, doing, message },
            None => Error::Device { adapter, doing, message: message.into() },
        }
    }

    /// The error of a wait that the loss of the device ended.
    pub(crate) fn lost(&self, doing: &str) -> impl FnOnce(Lost) -> Error {
        move |Lost| self.error(doing, "the device was lost")
    }

    /// Reports what went wrong since the last call.
    ///
    /// # Errors
    /// [`Error::Device`] or [`Error::DeviceLost`] with the driver's words.
    pub(crate) fn check(&self, doing: &str) -> Result<()> {
        if self.progress.is_lost() {
            return Err(self.error(doing, ""));
        }
        self.progress.take_error().map_or(Ok(()), |message| Err(self.error(doing, message)))
    }

    /// Makes something of so many bytes on the device, with the errors that this causes.
    ///
    /// # Errors
    /// [`Error::Memory`] if the device has no more of it, [`Error::Device`] if it refuses, [`Error::DeviceLost`].
    pub(crate) fn scoped<T>(
        &self,
        doing: impl Fn() -> String,
        bytes: u64,
        make: impl FnOnce(&wgpu::Device) -> T,
    ) -> Result<T> {
        if self.progress.is_lost() {
            return Err(self.error(doing(), ""));
        }
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = make(&self.device);
        let [validation, internal, memory] = [validation.pop(), internal.pop(), memory.pop()].map(pollster::block_on);
        // wgpu reports nothing but the loss itself once a device is lost.
        if self.progress.is_lost() {
            return Err(self.error(doing(), ""));
        }
        if let Some(error) = validation.or(internal) {
            return Err(self.error(doing(), error.to_string()));
        }
        match memory {
            Some(error) => Err(Error::Memory {
                pool: "device",
                doing: format!("{} on {} ({error})", doing(), self.summary.name),
                needed: bytes,
                // What there was is not known; it was less.
                limit: bytes.saturating_sub(1),
                hint: HINT,
            }),
            None => Ok(made),
        }
    }
}
