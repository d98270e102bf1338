//! Scans: each element becomes the fold of all up to it. In chunks that is three steps: the states of the chunks (a reduction that is not
//! merged), what comes before each chunk ([`super::prefix`]), and the scan of a chunk from there, which evaluates the expression again:
//! nothing of its size is stored. A chunk that is all of its lines takes the last step alone.

use std::sync::Arc;

use super::stage::{Family, StageAt};
use super::{prefix, reduce, runs};
use crate::chunks::{AxisChunks, Chunks};
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{Node, View};
use crate::ops::{Fold, ScanOp};
use crate::plan::bytes::bytes;
use crate::plan::capability::Capabilities;
use crate::plan::fuse::{Fused, Fuser};
use crate::plan::kernel::{Kernel, Piece, SCAN_LANES, Work};
use crate::plan::links::{Grid, Link};
use crate::plan::lowering::Lowering;
use crate::plan::pieces::{Affine, LoadRef, Region};
use crate::plan::task::{ChunkId, Geometry};
use crate::plan::{Output, StageId, StageKind};

/// Along an axis: a chunk for each chunk of the domain.
pub(super) struct Along;
/// In C order: a chunk for each run of it.
pub(super) struct Flat;
/// The states of those runs.
pub(super) struct RunStates;

/// The stages of a scan.
///
/// # Errors
/// A bug in what is fused.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>, op: ScanOp, axis: Option<usize>) -> Result<StageId> {
    let (input, fold) = (&node.inputs[0], op.fold());
    let mut fuser = Fuser::new(&lowering.of, input.ndim());
    let value = fuser.value(input, &View::identity(input.ndim()))?;
    let Fused { program, loads, inputs, indices } = fuser.finish(vec![value]);
    let chunks = grid(lowering, node, &inputs, axis);
    let along = axis.unwrap_or(0);
    let carried = chunks.axes()[along].count() > 1 && chunks.elements() != Some(0);
    let mut all = inputs;
    if carried {
        let states = states(lowering, node, fold, axis, &chunks)?;
        let carry = carry_dtype(fold, input.dtype, lowering.gpu);
        all.push(prefix::lower(lowering, states, &chunks, along, fold, carry));
    }
    let (domain, output) = match axis {
        Some(_) => (chunks.clone(), Output::Same),
        None => (input.chunks.clone(), Output::Linear),
    };
    let kernel = Kernel::Scan { program, fold, axis, carried };
    Ok(lowering.push(StageKind::Kernel { kernel, domain, loads, indices, output }, all, node.dtype, chunks))
}

/// The grid of the last step's tasks.
fn grid(lowering: &Lowering<'_>, node: &Node, inputs: &[StageId], axis: Option<usize>) -> Chunks {
    let (Some(axis), Some(sizes), Some(shape)) = (axis, lowering.handed(node, inputs), node.chunks.shape()) else {
        return lowering.handed_grid(node, inputs);
    };
    let size = node.dtype.size() as u64;
    // Of what is in memory, lines that a task has room for are not cut, where tasks may have several chunks.
    let joins = sizes.min_elements > 1 && sizes.handed_bytes < u64::MAX;
    if joins && lowering.are_in_memory(inputs) {
        let mut axes = node.chunks.axes().to_vec();
        axes[axis..].iter_mut().zip(&shape[axis..]).for_each(|(axis, &len)| *axis = AxisChunks::regular(len, len));
        let whole = sizes.fit(&Chunks::new(axes), size);
        if whole.axes()[axis].count() == 1 {
            return whole;
        }
    }
    sizes.fit(&node.chunks, size)
}

/// The stage of the states of all chunks but the last along the axis.
fn states(
    lowering: &mut Lowering<'_>,
    node: &Arc<Node>,
    fold: Fold,
    axis: Option<usize>,
    chunks: &Chunks,
) -> Result<StageId> {
    let input = &node.inputs[0];
    let mut axes = chunks.axes().to_vec();
    let at = axis.unwrap_or(0);
    axes[at] = axes[at].first(axes[at].count() - 1);
    let read = Chunks::new(axes);
    let (domain, output, reduced) = match axis {
        Some(axis) => (read.clone(), Output::Reduced(vec![axis]), vec![axis]),
        None => (input.chunks.clone(), Output::Runs, (0..input.ndim()).collect()),
    };
    let mut fuser = Fuser::new(&lowering.of, input.ndim());
    let mut outputs = vec![fuser.value(input, &View::identity(input.ndim()))?];
    if fold.indexed() {
        outputs.push(fuser.domain_index(reduce::index_weights(&domain, &reduced), reduce::index_dtype(&domain)));
    }
    let Fused { program, loads, inputs, indices } = fuser.finish(outputs);
    let kernel = Kernel::Reduce { program, fold, masked: false };
    Ok(lowering.push(StageKind::Kernel { kernel, domain, loads, indices, output }, inputs, input.dtype, read))
}

/// The dtype in which a chunk is told what comes before it. On adapters without `f64`, sums of `f32` are made in `f32`.
fn carry_dtype(fold: Fold, dtype: DType, gpu: Option<&Capabilities>) -> DType {
    let wide = gpu.is_none_or(|caps| caps.f64 && caps.i64);
    match fold {
        Fold::Sum | Fold::Prod if dtype.is_float() && wide => DType::F64,
        Fold::Sum | Fold::Prod | Fold::Min | Fold::Max | Fold::Last => fold.scanned(dtype),
        Fold::Argmin | Fold::Argmax | Fold::Moments => dtype,
    }
}

/// What comes before a chunk has its number.
fn carry(at: &StageAt<'_>) -> Option<StageId> {
    let carried = matches!(at.kernel, Some(Kernel::Scan { carried: true, .. }));
    at.this.inputs.last().copied().filter(|_| carried)
}

fn own_reads(at: &StageAt<'_>, chunk: u64) -> Vec<ChunkId> {
    carry(at).map(|stage| ChunkId::new(stage, chunk)).into_iter().collect()
}

fn own_links(at: &StageAt<'_>, stage: StageId, within: Option<&Grid>) -> Vec<Link> {
    let link = || within.map_or(Link::Each(1), |within| Link::Within(within.clone(), 1));
    (carry(at) == Some(stage)).then(link).into_iter().collect()
}

/// A chunk of lines along an axis as `[outer, along the lines, inner]`.
pub(super) fn lines(shape: &[u64], axis: usize) -> [u64; 3] {
    [shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product()]
}

fn work(at: &StageAt<'_>, pieces: Vec<Piece>, shape: &[u64]) -> Work {
    let lines = match at.kernel {
        Some(Kernel::Scan { axis: Some(axis), .. }) => lines(shape, *axis),
        _ => [1, shape.iter().product(), 1],
    };
    Work::Lines(pieces, lines)
}

/// Bytes of the states of the lines that are side by side, of which there are so many.
fn scratch(lanes: u64) -> u64 {
    bytes(lanes.min(SCAN_LANES as u64), 16)
}

impl Family for Along {
    fn own_reads(&self, at: &StageAt<'_>, chunk: u64) -> Vec<ChunkId> {
        own_reads(at, chunk)
    }
    fn own_links(&self, at: &StageAt<'_>, stage: StageId, within: Option<&Grid>) -> Vec<Link> {
        own_links(at, stage, within)
    }
    fn work(&self, at: &StageAt<'_>, pieces: Vec<Piece>, shape: &[u64]) -> Result<Work> {
        Ok(work(at, pieces, shape))
    }
    fn scratch(&self, at: &StageAt<'_>, _: u64) -> u64 {
        let axis = if let Some(Kernel::Scan { axis: Some(axis), .. }) = at.kernel { *axis } else { 0 };
        scratch(at.domain.axes()[axis + 1..].iter().map(AxisChunks::max_size).fold(1, u64::saturating_mul))
    }
    fn longest(&self, at: &StageAt<'_>, most: &[Option<u64>]) -> Option<u64> {
        at.longest_input(most)
    }
}

impl Family for Flat {
    fn own_reads(&self, at: &StageAt<'_>, chunk: u64) -> Vec<ChunkId> {
        own_reads(at, chunk)
    }
    fn own_links(&self, at: &StageAt<'_>, stage: StageId, within: Option<&Grid>) -> Vec<Link> {
        own_links(at, stage, within)
    }
    fn work(&self, at: &StageAt<'_>, pieces: Vec<Piece>, shape: &[u64]) -> Result<Work> {
        Ok(work(at, pieces, shape))
    }
    fn scratch(&self, _: &StageAt<'_>, _: u64) -> u64 {
        scratch(1)
    }
    fn regions(&self, at: &StageAt<'_>, chunk: u64, _: u64) -> Vec<Region> {
        runs::regions(at, chunk)
    }
    fn place(&self, at: &StageAt<'_>, chunk: u64, _: u64, _: &[Geometry]) -> (Affine, Vec<u64>) {
        runs::place(at, chunk)
    }
    fn load_link(&self, at: &StageAt<'_>, load: LoadRef, _: Option<Grid>) -> Link {
        runs::load_link(at, load)
    }
    fn task_box(&self, _: &StageAt<'_>, within: Option<&Grid>) -> Option<Option<Grid>> {
        runs::task_box(within)
    }
    fn unknown_chunk(&self, _: &StageAt<'_>, _: u64) -> u64 {
        0
    }
    fn in_turn(&self) -> bool {
        false
    }
}

impl Family for RunStates {
    fn regions(&self, at: &StageAt<'_>, chunk: u64, _: u64) -> Vec<Region> {
        runs::regions(at, chunk)
    }
    fn place(&self, at: &StageAt<'_>, _: u64, _: u64, _: &[Geometry]) -> (Affine, Vec<u64>) {
        (super::loads::nowhere(at.domain), vec![])
    }
    fn load_link(&self, at: &StageAt<'_>, load: LoadRef, _: Option<Grid>) -> Link {
        runs::load_link(at, load)
    }
    fn task_box(&self, _: &StageAt<'_>, within: Option<&Grid>) -> Option<Option<Grid>> {
        runs::task_box(within)
    }
    fn unknown_chunk(&self, _: &StageAt<'_>, _: u64) -> u64 {
        0
    }
    fn in_turn(&self) -> bool {
        false
    }
    fn made(&self, at: &StageAt<'_>, _: u64) -> u64 {
        bytes(1, reduce::state_size(at))
    }
    fn state_elements(&self, _: &StageAt<'_>, _: u64) -> u64 {
        1
    }
    fn scratch(&self, at: &StageAt<'_>, made: u64) -> u64 {
        reduce::scratch(made, reduce::state_size(at) as u64, at.this.chunks.max_chunk_elements())
    }
}
