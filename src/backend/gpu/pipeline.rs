//! Pipelines, compiled once for each different shader.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use super::buffer::lock;
use super::code::Code;
use super::device::Device;
use super::pipeline_file::PipelineFile;
use super::{dot, histogram, map, reduce, select, take, trusted};
use crate::error::{Error, Result};
use crate::fault::Point;
use crate::plan::capability::Capabilities;

/// A shader: all that its source depends on, so that launches with the same key share a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// Stores a program's outputs.
    Map(map::Map),
    /// Folds a program's outputs.
    Reduce(reduce::Reduce),
    /// Counts a program's values into bins.
    Histogram(histogram::Histogram),
    /// Keeps a program's values by a mask.
    Select(select::Select),
    /// Copies slabs by index.
    Take(take::Take),
    /// Multiplies matrices.
    Dot(dot::Dot),
    /// Fills a buffer with a value.
    Fill(map::Fill),
}

impl Key {
    /// The name in labels and messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Map(map) => map.name(),
            Self::Reduce(reduce) => reduce.name(),
            Self::Histogram(_) => "histogram",
            Self::Select(select) => select.name(),
            Self::Take(_) => "take",
            Self::Dot(_) => "dot",
            Self::Fill(_) => "fill",
        }
    }
    /// The WGSL.
    ///
    /// # Errors
    /// [`Error::Bug`] for what the tables do not allow.
    pub(crate) fn source(&self, caps: &Capabilities) -> Result<String> {
        let text = match self {
            Self::Map(map) => map.source(caps),
            Self::Reduce(reduce) => reduce.source(caps),
            Self::Histogram(histogram) => histogram.source(caps),
            Self::Select(select) => select.source(caps),
            Self::Take(take) => take.source(caps),
            Self::Dot(dot) => Ok(dot.source()),
            Self::Fill(fill) => fill.source(caps),
        }?;
        // Last, when the library was searched for the names in the text: a user's names are none of those.
        Ok(text + &self.code().map(Code::user_source).unwrap_or_default())
    }
    /// How many buffers it reads (beside the parameters) and writes.
    pub(crate) fn buffers(&self) -> (usize, usize) {
        match self {
            Self::Map(map) => map.buffers(),
            Self::Reduce(reduce) => reduce.buffers(),
            Self::Histogram(histogram) => histogram.buffers(),
            Self::Select(select) => select.buffers(),
            Self::Take(_) => (1, 1),
            Self::Dot(_) => (2, 1),
            Self::Fill(_) => (0, 1),
        }
    }
    /// The fused expression in it.
    fn code(&self) -> Option<&Code> {
        match self {
            Self::Map(map) => Some(&map.code),
            Self::Reduce(reduce) => Some(&reduce.code),
            Self::Histogram(histogram) => Some(&histogram.code),
            Self::Select(select) => select.code(),
            Self::Take(_) | Self::Dot(_) | Self::Fill(_) => None,
        }
    }
    /// The fused expression, if there is source in it that the crate did not write.
    fn user_code(&self) -> Option<&Code> {
        self.code().filter(|code| code.has_user_source())
    }
}

/// A compiled shader.
pub(crate) struct Pipeline {
    /// The pipeline.
    pub(crate) pipeline: wgpu::ComputePipeline,
    /// The layout of its bind group.
    pub(crate) layout: wgpu::BindGroupLayout,
}

/// What compiling gave, kept for the next launch: failures are not tried again.
type Slot = Arc<OnceLock<std::result::Result<Arc<Pipeline>, (String, String)>>>;

/// The pipelines of a device.
pub(crate) struct Cache {
    device: Arc<Device>,
    checks: bool,
    slots: Mutex<HashMap<Key, Slot>>,
    compiled: AtomicU64,
    file: Option<PipelineFile>,
}

impl Drop for Cache {
    fn drop(&mut self) {
        if let Some(file) = self.file.as_ref().filter(|_| !self.device.progress.is_lost()) {
            file.finish(self.compiled());
        }
    }
}

impl Cache {
    /// An empty cache, with a file for the driver's. With `GRIDLOOM_SHADER_CHECKS=1` in the environment, shaders keep wgpu's checks.
    pub(crate) fn new(device: Arc<Device>, file: Option<PathBuf>) -> Self {
        let checks = std::env::var_os("GRIDLOOM_SHADER_CHECKS").is_some_and(|v| !v.is_empty() && v != "0");
        let file = PipelineFile::open(&device, file);
        Self { device, checks, slots: Mutex::default(), compiled: AtomicU64::new(0), file }
    }

    /// Keeps what was compiled for the next process. Called where a run waits for the device anyway.
    pub(crate) fn save(&self) {
        if let Some(file) = self.file.as_ref().filter(|_| !self.device.progress.is_lost()) {
            file.save(self.compiled());
        }
    }

    /// How many were compiled.
    pub(crate) fn compiled(&self) -> u64 {
        self.compiled.load(Ordering::Relaxed)
    }

    /// The pipeline for a key. Threads that want the same one wait for the first to compile it.
    ///
    /// # Errors
    /// [`Error::Device`] if it does not compile, [`Error::UserFunction`] if it has a user's text in it; [`Error::Bug`] if it
    /// cannot be printed.
    pub(crate) fn get(&self, key: &Key) -> Result<Arc<Pipeline>> {
        let slot = lock(&self.slots).get(key).cloned();
        let slot = slot.unwrap_or_else(|| lock(&self.slots).entry(key.clone()).or_default().clone());
        if slot.get().is_none() {
            // Neither kept: the next try may succeed.
            if self.device.faults.hit(Point::Pipeline) {
                return Err(self.device.error(format!("compile {}", key.name()), "a failure made on purpose"));
            }
            self.device.check("compile")?;
            // Printed outside, so that a bug stays a bug.
            let source = key.source(&self.device.capabilities)?;
            slot.get_or_init(|| {
                self.compiled.fetch_add(1, Ordering::Relaxed);
                self.compile(key, source).map(Arc::new).map_err(|error| match error {
                    Error::Device { doing, message, .. } => (doing, message),
                    other => (format!("compile {}", key.name()), other.to_string()),
                })
            });
        }
        match slot.get() {
            Some(Ok(pipeline)) => Ok(pipeline.clone()),
            // A mistake in the user's text is the user's to see; the CPU, which never reads it, would hide it.
            Some(Err((doing, message))) => Err(match key.user_code() {
                Some(code) => Error::UserFunction {
                    name: format!("{} with WGSL of its own", key.name()),
                    problem: code.as_written(message),
                },
                None => self.device.error(doing, message),
            }),
            None => Err(Error::bug("a pipeline was not compiled")),
        }
    }

    fn compile(&self, key: &Key, source: String) -> Result<Pipeline> {
        let (reads, writes) = key.buffers();
        let entries: Vec<_> = (0..=reads + writes)
            .map(|binding| wgpu::BindGroupLayoutEntry {
                binding: binding as u32,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Storage { read_only: binding <= reads },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            })
            .collect();
        let checks = self.checks || key.user_code().is_some();
        self.device.scoped(
            || format!("compile {}", key.name()),
            0,
            |device| {
                let label = Some(key.name());
                let layout =
                    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries: &entries });
                let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                    label,
                    bind_group_layouts: &[Some(&layout)],
                    immediate_size: 4,
                });
                let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                    label,
                    layout: Some(&pipeline_layout),
                    module: &trusted::shader(device, key.name(), source, checks),
                    entry_point: Some("main"),
                    compilation_options: wgpu::PipelineCompilationOptions {
                        constants: &[],
                        // Every kernel writes what it reads of workgroup memory.
                        zero_initialize_workgroup_memory: false,
                    },
                    cache: self.file.as_ref().map(PipelineFile::driver),
                });
                Pipeline { pipeline, layout }
            },
        )
    }
}
