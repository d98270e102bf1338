//! Adapters and the device: finding one, opening it with all it offers, and turning its failures into [`Error`]s.

use std::sync::{Arc, Mutex};

use super::buffer::lock;
use crate::error::{Error, Result};
use crate::plan::capability::Capabilities;

/// What kind of thing an adapter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
const OPTIONAL: wgpu::Features = wgpu::Features::SHADER_F64.union(wgpu::Features::SHADER_INT64);

/// All adapters, the best hardware first.
fn enumerate() -> Vec<(AdapterSummary, wgpu::Adapter)> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    let mut adapters: Vec<_> = adapters.into_iter().map(|a| (AdapterSummary::of(&a.get_info()), a)).collect();
    adapters.sort_by_key(|(summary, _)| summary.kind);
    adapters
}

/// All adapters that wgpu sees, the best hardware first. Empty where there is no driver.
#[must_use]
pub fn adapters() -> Vec<AdapterSummary> {
    enumerate().into_iter().map(|(summary, _)| summary).collect()
}

/// What went wrong on the device since the last look: its callbacks write, the next call reads.
#[derive(Default)]
struct Trouble {
    /// Errors nobody waited for.
    error: Option<String>,
    /// Why the device is gone. It stays gone.
    lost: Option<String>,
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
    trouble: Arc<Mutex<Trouble>>,
}

impl Device {
    /// Opens the first adapter whose name contains `name`, or the best one.
    ///
    /// # Errors
    /// [`Error::NoAdapter`] if there is none; [`Error::Device`] if it cannot be opened.
    pub(crate) fn open(name: Option<&str>) -> Result<Arc<Self>> {
        let adapters = enumerate();
        let found = adapters.iter().map(|(summary, _)| summary.name.as_str()).collect::<Vec<_>>().join(", ");
        let wanted = name.unwrap_or_default().to_lowercase();
        let (summary, adapter) = adapters
            .into_iter()
            .find(|(summary, _)| summary.name.to_lowercase().contains(&wanted))
            .ok_or_else(|| Error::NoAdapter {
                wanted: name.unwrap_or("any").to_owned(),
                found: if found.is_empty() { "none".to_owned() } else { found },
            })?;
        let failed = |message: String| Error::Device {
            adapter: summary.name.clone(),
            doing: "open the device".to_owned(),
            message,
        };
        if !adapter.features().contains(REQUIRED) {
            return Err(failed(format!("the adapter lacks {:?}", REQUIRED - adapter.features())));
        }
        let limits = adapter.limits();
        let features = REQUIRED | (adapter.features() & OPTIONAL);
        let request = adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("gridloom"),
            required_features: features,
            // All there is: the defaults are those of the smallest device.
            required_limits: limits.clone(),
            memory_hints: wgpu::MemoryHints::Performance,
            ..Default::default()
        });
        let (device, queue) = pollster::block_on(request).map_err(|error| failed(error.to_string()))?;

        let trouble = Arc::new(Mutex::new(Trouble::default()));
        let at_error = trouble.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            lock(&at_error).error.get_or_insert_with(|| error.to_string());
        }));
        let at_loss = trouble.clone();
        device.set_device_lost_callback(move |reason, message| {
            lock(&at_loss).lost.get_or_insert_with(|| format!("the device was lost ({reason:?}): {message}"));
        });
        let capabilities = Capabilities {
            f64: features.contains(wgpu::Features::SHADER_F64),
            i64: features.contains(wgpu::Features::SHADER_INT64),
            max_binding_bytes: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) & !3,
            max_storage_buffers: limits.max_storage_buffers_per_shader_stage,
            max_workgroup_invocations: limits.max_compute_invocations_per_workgroup,
            max_workgroup_storage: limits.max_compute_workgroup_storage_size,
        };
        let max_groups = limits.max_compute_workgroups_per_dimension;
        Ok(Arc::new(Self { device, queue, summary, capabilities, max_groups, limits, trouble }))
    }

    /// An error of this device's.
    pub(crate) fn error(&self, doing: impl Into<String>, message: impl Into<String>) -> Error {
        Error::Device { adapter: self.summary.name.clone(), doing: doing.into(), message: message.into() }
    }

    /// Reports what went wrong since the last call.
    ///
    /// # Errors
    /// [`Error::Device`] with the driver's words.
    pub(crate) fn check(&self, doing: &str) -> Result<()> {
        let mut trouble = lock(&self.trouble);
        let error = trouble.error.take();
        match trouble.lost.clone().or(error) {
            Some(message) => Err(self.error(doing, message)),
            None => Ok(()),
        }
    }

    /// Makes something on the device, with the errors that this causes.
    ///
    /// # Errors
    /// [`Error::Device`] if the device refuses.
    pub(crate) fn scoped<T>(&self, doing: impl Fn() -> String, make: impl FnOnce(&wgpu::Device) -> T) -> Result<T> {
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = make(&self.device);
        let errors = [validation.pop(), internal.pop(), memory.pop()].map(|found| match pollster::block_on(found) {
            Some(error) => Err(self.error(doing(), error.to_string())),
            None => Ok(()),
        });
        errors.into_iter().collect::<Result<()>>()?;
        Ok(made)
    }

    /// Waits for a submission, or for all.
    ///
    /// # Errors
    /// [`Error::Device`] if the device is lost.
    pub(crate) fn wait(&self, submission: Option<wgpu::SubmissionIndex>) -> Result<()> {
        let poll = self.device.poll(wgpu::PollType::Wait { submission_index: submission, timeout: None });
        self.check("wait for the device")?;
        poll.map(|_| ()).map_err(|error| self.error("wait for the device", error.to_string()))
    }
}
