//! [`Ending`]: a merge that is recorded, and waits for others.

use std::sync::Arc;

use super::buffer::GpuBuffer;
use super::merge_source::MergePart;
use super::spans::Tag;

/// A merge that waits.
pub(super) struct Ending {
    pub(super) part: MergePart,
    /// Its parameters.
    pub(super) words: Vec<u32>,
    pub(super) reads: Vec<GpuBuffer>,
    pub(super) writes: Vec<GpuBuffer>,
    /// Workgroups.
    pub(super) groups: u64,
    /// The task that launched it.
    pub(super) tag: Option<Tag>,
}

impl Ending {
    pub(super) fn makes(&self, buffer: &GpuBuffer) -> bool {
        self.writes.iter().any(|made| Arc::ptr_eq(&made.memory, &buffer.memory))
    }
    pub(super) fn bound(&self) -> usize {
        self.reads.len() + self.writes.len()
    }
    /// Bytes of its parameters, those of a dispatch that it is alone in included.
    pub(super) fn bytes(&self) -> u64 {
        4 * (self.words.len() as u64 + 2)
    }
}
