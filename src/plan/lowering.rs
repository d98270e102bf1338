//! [`Lowering`]: a plan while it is made, and how its tasks are cut.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::capability::Capabilities;
use super::expr::Program;
use super::fuse::Fused;
use super::grid::Sizes;
use super::joins::Named;
use super::kernel::Kernel;
use super::{MadeStage, Output, Place, Stage, StageId, StageKind};
use crate::chunks::Chunks;
use crate::dtype::DType;
use crate::graph::{Node, Op};

/// The stages so far, and what decides how the next are cut.
pub(super) struct Lowering<'a> {
    pub(super) stages: Vec<Stage>,
    /// The stages of nodes that are materialised.
    pub(super) of: FxHashMap<u128, MadeStage>,
    /// What the adapter can do, where there is one.
    pub(super) gpu: Option<&'a Capabilities>,
    pub(super) sizes: Sizes,
    /// Nodes whose chunks are seen: they are made as they are cut.
    pub(super) fixed: FxHashSet<u128>,
    pub(super) outputs: FxHashSet<u128>,
    /// Nodes that others read.
    pub(super) read: FxHashSet<u128>,
    /// Joined arrays whose stages name the chunks of their parts again.
    pub(super) named: Named,
}

impl Lowering<'_> {
    /// Adds a stage, on the CPU.
    pub(super) fn push(&mut self, kind: StageKind, inputs: Vec<StageId>, dtype: DType, chunks: Chunks) -> StageId {
        self.stages.push(Stage { kind, inputs, dtype, chunks, place: Place::Cpu, fallback: None });
        self.stages.len() - 1
    }

    /// Adds the stage of a finished program.
    pub(super) fn program(
        &mut self,
        node: &Node,
        domain: Chunks,
        chunks: Chunks,
        output: Output,
        fused: Fused,
        kernel: impl FnOnce(Program) -> Kernel,
    ) -> StageId {
        let Fused { program, loads, inputs, indices } = fused;
        let kind = StageKind::Kernel { kernel: kernel(program), domain, loads, indices, output };
        self.push(kind, inputs, node.dtype, chunks)
    }

    /// Whether a node is made in the chunks it is cut in.
    pub(super) fn is_fixed(&self, node: &Node) -> bool {
        self.fixed.contains(&node.key)
    }

    /// The grid of the tasks that make a node.
    pub(super) fn grid(&self, node: &Node) -> Chunks {
        if self.is_fixed(node) {
            node.chunks.clone()
        } else {
            self.fit_to(self.sizes_of(node), &node.chunks, node.dtype)
        }
    }

    /// The grid of tasks that make a node, where a place of `chunks` stands for a line of so many elements.
    pub(super) fn lines(&self, node: &Node, chunks: &Chunks, length: u64, inputs: &[StageId]) -> Chunks {
        let size = if self.gpu.is_some() { node.dtype.device_size() } else { node.dtype.size() };
        let mut sizes = self.sizes_of(node);
        if self.are_in_memory(inputs) {
            sizes.max_bytes = sizes.max_bytes.min(sizes.handed_bytes);
        }
        let min_elements = (sizes.min_elements / length).max(1);
        Sizes { min_elements, ..sizes }.fit(chunks, length.saturating_mul(size as u64))
    }

    /// The sizes of tasks that make a node.
    fn sizes_of(&self, node: &Node) -> Sizes {
        if self.outputs.contains(&node.key) { self.sizes.of_results() } else { self.sizes }
    }

    /// The grid of tasks of a node that costs no more in smaller ones.
    pub(super) fn handed_grid(&self, node: &Node, inputs: &[StageId]) -> Chunks {
        let handed = self.handed(node, inputs);
        handed.map_or_else(|| self.grid(node), |sizes| sizes.fit(&node.chunks, node.dtype.size() as u64))
    }

    /// The sizes of tasks of a node whose chunks are only handed to the caller, where smaller ones cost no more: not where they would
    /// hold a whole row of chunks that are not in memory anyway. None on a device.
    pub(super) fn handed(&self, node: &Node, inputs: &[StageId]) -> Option<Sizes> {
        let one_a_row = node.chunks.axes().iter().skip(1).all(|axis| axis.count() == 1);
        let cheap = one_a_row || self.are_in_memory(inputs);
        let max_bytes = self.sizes.max_bytes.min(self.sizes.handed_bytes);
        let handed = cheap && self.outputs.contains(&node.key) && !self.is_fixed(node);
        let handed = handed && self.sizes.handed_bytes < u64::MAX;
        handed.then_some(Sizes { max_bytes, ..self.sizes_of(node) })
    }

    /// The sizes of tasks of a node whose chunks nobody sees but the caller's copy of them, however they are cut; none on a device.
    pub(super) fn handed_alone(&self, node: &Node) -> Option<Sizes> {
        let alone = self.outputs.contains(&node.key) && !self.read.contains(&node.key);
        let max_bytes = self.sizes.max_bytes.min(self.sizes.handed_bytes);
        (alone && self.sizes.handed_bytes < u64::MAX).then_some(Sizes { max_bytes, ..self.sizes })
    }

    /// Whether all that is read is the user's, in memory.
    pub(super) fn are_in_memory(&self, inputs: &[StageId]) -> bool {
        inputs.iter().all(|&input| match &self.stages[input].kind {
            StageKind::Source(source) => source.in_memory() && !source.is_kept(),
            StageKind::Kernel { .. } | StageKind::Combine { .. } | StageKind::Host(_) | StageKind::Concatenate(_) => {
                false
            }
        })
    }

    /// The grid of tasks over a grid of chunks.
    pub(super) fn fit(&self, chunks: &Chunks, dtype: DType) -> Chunks {
        self.fit_to(self.sizes, chunks, dtype)
    }

    fn fit_to(&self, sizes: Sizes, chunks: &Chunks, dtype: DType) -> Chunks {
        let size = if self.gpu.is_some() { dtype.device_size() } else { dtype.size() };
        sizes.fit(chunks, size as u64)
    }

    /// The first filter's mask under `node`, through what would be fused.
    pub(super) fn base_mask(&self, node: &Arc<Node>) -> Option<Arc<Node>> {
        let mut stack = vec![node.clone()];
        while let Some(at) = stack.pop() {
            if at.key != node.key && self.of.contains_key(&at.key) {
                continue;
            }
            if matches!(at.op, Op::Filter) {
                let mask = &at.inputs[1];
                // Without a filter below, the mask's own chunks are the domain: those of an array that is materialised.
                let nested = mask.chunks.has_unknown() && !self.of.contains_key(&mask.key);
                let below = if nested { self.base_mask(mask) } else { None };
                return below.or_else(|| Some(mask.clone()));
            }
            if at.op.fuses() {
                stack.extend(at.inputs.iter().filter(|x| x.chunks.has_unknown()).cloned());
            }
        }
        None
    }

    /// The domain over which `node`'s elements are made, and whether it is that of a mask.
    pub(super) fn domain(&self, node: &Arc<Node>) -> (bool, Chunks) {
        if !node.chunks.has_unknown() || self.of.contains_key(&node.key) {
            return (false, node.chunks.clone());
        }
        match self.base_mask(node) {
            Some(mask) => (true, mask.chunks.clone()),
            None => (false, node.chunks.clone()),
        }
    }
}
