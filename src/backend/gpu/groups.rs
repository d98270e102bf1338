//! Bind groups that are kept: a run that comes again finds the buffers that it left, and with them what was made of them.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxBuildHasher;

use super::sync::lock;

/// Groups that are kept at most: those of a few hundred kernels, some kilobytes each.
const MOST: usize = 1024;

/// Buffers by their bindings, the last `writes` of which are written, and how many bytes of each are bound.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bindings {
    pub(super) writes: usize,
    pub(super) buffers: Vec<(wgpu::Buffer, u64)>,
}

impl Hash for Bindings {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.writes.hash(state);
        self.buffers.hash(state);
    }
}

/// The bind groups of a device. A group holds its buffers, so it goes before one of them is dropped: what is kept here takes no memory
/// that the ledger does not count.
#[derive(Default)]
pub(crate) struct Groups {
    kept: Mutex<HashMap<Bindings, wgpu::BindGroup, FxBuildHasher>>,
    made: AtomicU64,
}

impl Groups {
    /// Groups made so far.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Groups that are kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        lock(&self.kept).len()
    }

    /// The group of so many buffers in a layout that their number and the writes decide.
    pub(super) fn get(
        &self,
        device: &wgpu::Device,
        layout: &wgpu::BindGroupLayout,
        bindings: Bindings,
    ) -> wgpu::BindGroup {
        if let Some(group) = lock(&self.kept).get(&bindings) {
            return group.clone();
        }
        let entries: Vec<_> = bindings
            .buffers
            .iter()
            .zip(0..)
            .map(|((buffer, bytes), binding)| wgpu::BindGroupEntry {
                binding,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer,
                    offset: 0,
                    size: wgpu::BufferSize::new(*bytes),
                }),
            })
            .collect();
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout, entries: &entries });
        drop(entries);
        self.made.fetch_add(1, Ordering::Relaxed);
        let mut kept = lock(&self.kept);
        #[expect(
            clippy::mutable_key_type,
            reason = "wgpu's handles are compared and hashed by what they are handles of"
        )]
        let before = if kept.len() >= MOST { std::mem::take(&mut *kept) } else { HashMap::default() };
        kept.insert(bindings, group.clone());
        drop(kept);
        // Outside the lock: what dropping them does is wgpu's.
        drop(before);
        group
    }

    /// Drops what holds these buffers, which are about to be dropped.
    pub(super) fn forget(&self, buffers: &[wgpu::Buffer]) {
        if buffers.is_empty() {
            return;
        }
        let holds = |bindings: &Bindings| bindings.buffers.iter().any(|(buffer, _)| buffers.contains(buffer));
        let forgotten: Vec<_> = lock(&self.kept).extract_if(|bindings, _| holds(bindings)).collect();
        drop(forgotten);
    }
}
