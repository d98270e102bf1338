//! [`Job`]: one task on the device while it is recorded.

use std::ops::Deref;

use super::buffer::GpuBuffer;
use super::ending::Ending;
use super::launch::Dispatch;
use super::shader::Shader;
use super::spans::Tag;
use super::sync::lock;
use super::timer::Took;
use super::{Gpu, Inner};
use crate::error::{Error, Result};
use crate::plan::kernel::Kernel;

/// A task on the device: what kernels are launched by.
pub(crate) struct Job<'a> {
    inner: &'a Inner,
    /// Whose spans its dispatches are.
    tag: Option<Tag>,
    /// Where what its dispatches take is told, if somebody asks.
    took: Option<Took>,
    /// Buffers that its kernel's loads may bind.
    pub(super) most: usize,
}

impl Deref for Job<'_> {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        self.inner
    }
}

impl<'a> Job<'a> {
    /// A task, and whose it is.
    pub(crate) fn new(gpu: &'a Gpu, tag: Option<Tag>) -> Self {
        Self { inner: &gpu.0, tag, took: None, most: 0 }
    }

    /// One that runs a kernel.
    pub(super) fn of_kernel(gpu: &'a Gpu, tag: Option<Tag>, kernel: &Kernel) -> Self {
        let bound = gpu.capabilities().max_storage_buffers as usize;
        Self { most: bound.saturating_sub(kernel.binds_beside()), ..Self::new(gpu, tag) }
    }

    /// Work beside the task, in nobody's name.
    pub(crate) fn aside(&self) -> Self {
        Self { inner: self.inner, tag: None, took: None, most: self.most }
    }

    /// Work beside the task, of whose last dispatch the device's time is told: once its submission is done, where there are timestamps.
    pub(super) fn timed(&self, took: &Took) -> Self {
        Self { took: Some(took.clone()), ..self.aside() }
    }

    /// Records a dispatch of so many workgroups: the buffers it reads, then those it writes.
    ///
    /// # Errors
    /// As compiling its pipeline and recording it.
    pub(crate) fn launch(
        &self,
        shader: &(dyn Shader + 'static),
        words: &[u32],
        buffers: &[&GpuBuffer],
        groups: [u64; 2],
    ) -> Result<()> {
        let (reads, writes) = shader.buffers();
        if reads + writes != buffers.len() {
            return Err(Error::bug(format!("{}: {} buffers for {reads} + {writes}", shader.name(), buffers.len())));
        }
        let (pipeline, tag) = (self.pipelines.get(shader)?, self.tag.clone());
        tag.iter().for_each(Tag::launched);
        let took = self.took.clone();
        lock(&self.recorder).record(&self.target(), Dispatch { pipeline, words, buffers, writes, groups, tag, took })
    }

    /// Records a merge, which waits for others that go in its dispatch.
    ///
    /// # Errors
    /// As recording.
    pub(super) fn merge(&self, ending: Ending) -> Result<()> {
        lock(&self.recorder).merge(&self.target(), Ending { tag: self.tag.clone(), ..ending })
    }
}
