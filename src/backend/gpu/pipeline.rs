//! Pipelines, compiled once for each different shader.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::FxBuildHasher;

use super::device::Device;
use super::pipeline_file::PipelineFile;
use super::shader::{Shader, source, user_code};
use super::sync::lock;
use super::{spirv, trusted};
use crate::error::{Error, Result};
use crate::fault::Point;

/// A compiled shader.
pub(crate) struct Pipeline {
    /// The pipeline.
    pub(crate) pipeline: wgpu::ComputePipeline,
    /// The layout of its bind group.
    pub(crate) layout: wgpu::BindGroupLayout,
}

/// What compiling gave, kept for the next launch: failures are not tried again.
type Compiled = Arc<OnceLock<std::result::Result<Arc<Pipeline>, (String, String)>>>;

/// Shaders whose comings are counted, and how often one has to come before it is worth compiling: that takes as long as thousands of dispatches.
const COUNTED: usize = 4096;
const OFTEN: u32 = 8;

/// The pipelines of a device.
pub(crate) struct Cache {
    device: Arc<Device>,
    checks: bool,
    slots: Mutex<HashMap<Box<dyn Shader>, Compiled>>,
    /// How often shaders came that were not worth compiling, by their hashes.
    seldom: Mutex<HashMap<u64, u32, FxBuildHasher>>,
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
        Self { device, checks, slots: Mutex::default(), seldom: Mutex::default(), compiled: AtomicU64::new(0), file }
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

    /// Whether a shader that one can do without is compiled, or has come so often that it should be.
    pub(crate) fn is_worth_it(&self, shader: &(dyn Shader + 'static)) -> bool {
        if lock(&self.slots).contains_key(shader) {
            return true;
        }
        let mut seldom = lock(&self.seldom);
        if seldom.len() >= COUNTED {
            seldom.clear();
        }
        let times = seldom.entry(FxBuildHasher.hash_one(shader)).or_default();
        *times += 1;
        *times >= OFTEN
    }

    /// The pipeline of a shader. Threads that want the same one wait for the first to compile it.
    ///
    /// # Errors
    /// [`Error::Device`] if it does not compile, [`Error::UserFunction`] if it has a user's text in it; [`Error::Bug`] if it
    /// cannot be printed.
    pub(crate) fn get(&self, shader: &(dyn Shader + 'static)) -> Result<Arc<Pipeline>> {
        let slot = lock(&self.slots).get(shader).cloned();
        let slot = slot.unwrap_or_else(|| lock(&self.slots).entry(shader.boxed()).or_default().clone());
        if slot.get().is_none() {
            // Neither kept: the next try may succeed.
            if self.device.faults.hit(Point::Pipeline) {
                return Err(self.device.error(format!("compile {}", shader.name()), "a failure made on purpose"));
            }
            self.device.check("compile")?;
            // Printed outside, so that a bug stays a bug.
            let text = source(shader, &self.device.capabilities)?;
            slot.get_or_init(|| {
                self.compiled.fetch_add(1, Ordering::Relaxed);
                self.compile(shader, text).map(Arc::new).map_err(|error| {
                    if let Error::Device { doing, message, .. } = error {
                        return (doing, message);
                    }
                    (format!("compile {}", shader.name()), error.to_string())
                })
            });
        }
        match slot.get() {
            Some(Ok(pipeline)) => Ok(pipeline.clone()),
            // A mistake in the user's text is the user's to see; the CPU, which never reads it, would hide it.
            Some(Err((doing, message))) => Err(match user_code(shader) {
                Some(code) => Error::UserFunction {
                    name: format!("{} with WGSL of its own", shader.name()),
                    problem: code.as_written(message),
                },
                None => self.device.error(doing, message),
            }),
            None => Err(Error::bug("a pipeline was not compiled")),
        }
    }

    fn compile(&self, shader: &dyn Shader, text: String) -> Result<Pipeline> {
        let (reads, writes) = shader.buffers();
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
        let theirs = user_code(shader).is_some();
        let checks = self.checks || theirs;
        let words =
            self.device.float_modes.map(|modes| spirv::compile(&text, checks, modes, &self.device.capabilities));
        debug_assert!(theirs || !matches!(words, Some(Err(_))), "{} as SPIR-V: {words:?}", shader.name());
        self.device.scoped(
            || format!("compile {}", shader.name()),
            0,
            |device| {
                let label = Some(shader.name());
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
                    module: &match words {
                        Some(Ok(words)) => trusted::compiled(device, shader.name(), words),
                        // What is wrong with a user's text, wgpu tells better.
                        Some(Err(_)) | None => trusted::shader(device, shader.name(), text, checks),
                    },
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
