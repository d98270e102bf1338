//! Takes: slabs of one array along an axis, by number.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::stage::{Family, StageAt};
use crate::chunks::{AxisChunks, Chunks};
use crate::error::Result;
use crate::graph::node::c_strides;
use crate::graph::{Node, View};
use crate::plan::kernel::{Access, Kernel, TakePiece, Work};
use crate::plan::links::{Grid, Link};
use crate::plan::lowering::Lowering;
use crate::plan::pieces::{LoadRef, Region};
use crate::plan::task::{ChunkId, Geometry, TaskWork, shape_of};
use crate::plan::watch::Watch;
use crate::plan::{Output, StageId, StageKind};

/// A chunk of slabs, from as many chunks as they lie in.
pub(super) struct Take;

/// The stage that takes from a materialised array.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>, axis: usize, indices: &Arc<[u64]>) -> StageId {
    let input = &lowering.of[&node.inputs[0].key];
    let load =
        LoadRef { slot: 0, input: 0, view: View::identity(node.ndim()), chunks: input.chunks.clone(), within: None };
    let stage = input.stage;
    let chunks = handed(lowering, node, axis, stage).unwrap_or_else(|| lowering.grid(node));
    let kind = StageKind::Kernel {
        kernel: Kernel::Take(node.dtype),
        domain: chunks.clone(),
        loads: vec![load],
        indices: vec![],
        output: Output::Take { axis, indices: indices.clone() },
    };
    lowering.push(kind, vec![stage], node.dtype, chunks)
}

/// Smaller chunks along the axis, where nobody but the caller sees them and what is read is in memory: what was taken is still in a core's
/// cache when it is copied to its place in the result.
fn handed(lowering: &Lowering<'_>, node: &Node, axis: usize, input: StageId) -> Option<Chunks> {
    let sizes = lowering.handed_alone(node).filter(|_| lowering.are_in_memory(&[input]))?;
    let mut axes = node.chunks.axes().to_vec();
    let bytes = node.chunks.max_chunk_elements().checked_mul(node.dtype.size() as u64)?;
    let slab = (bytes / axes[axis].max_size().max(1)).max(1);
    axes[axis] = axes[axis].split((sizes.max_bytes / slab).max(1));
    Some(Chunks::new(axes))
}

/// The axis and the places.
fn places<'a>(at: &StageAt<'a>) -> (usize, &'a [u64]) {
    if let Some(Output::Take { axis, indices }) = at.output { (*axis, indices) } else { (0, &[]) }
}

/// The numbers along the axis of the input chunks that are read for an output chunk, ascending.
fn numbers(at: &StageAt<'_>, chunk: u64) -> Vec<u64> {
    let (axis, indices) = places(at);
    let source = &at.plan.stages[at.this.inputs[0]].chunks.axes()[axis];
    let (start, end) = at.this.chunks.axes()[axis].range(at.this.chunks.coord(chunk)[axis]);
    let found: FxHashSet<u64> = indices[start as usize..end as usize].iter().map(|&at| source.find(at)).collect();
    let mut numbers: Vec<u64> = found.into_iter().collect();
    numbers.sort_unstable();
    numbers
}

/// The places that are taken for an output chunk, by the input chunk that they fall into: there, and in the output chunk.
fn by_number(at: &StageAt<'_>, chunk: u64) -> FxHashMap<u64, Vec<(u32, u32)>> {
    let (axis, indices) = places(at);
    let source = &at.plan.stages[at.this.inputs[0]].chunks.axes()[axis];
    let (start, end) = at.this.chunks.axes()[axis].range(at.this.chunks.coord(chunk)[axis]);
    let mut places: FxHashMap<u64, Vec<(u32, u32)>> = FxHashMap::default();
    for (to, &index) in indices[start as usize..end as usize].iter().enumerate() {
        let number = source.find(index);
        places.entry(number).or_default().push(((index - source.range(number).0) as u32, to as u32));
    }
    places
}

impl Family for Take {
    /// One chunk for each of [`numbers`], for joined arrays may have a chunk twice.
    fn reads(&self, at: &StageAt<'_>, chunk: u64, _: &mut Watch<'_>) -> Result<Vec<ChunkId>> {
        let read = |number: u64| {
            let mut coord = at.this.chunks.coord(chunk);
            coord[places(at).0] = number;
            at.plan.resolve(at.this.inputs[0], coord)
        };
        Ok(numbers(at, chunk).into_iter().map(read).collect())
    }

    fn numbers_reads(&self) -> bool {
        false
    }

    fn regions(&self, _: &StageAt<'_>, _: u64, _: u64) -> Vec<Region> {
        Vec::new()
    }

    fn task(
        &self,
        at: &StageAt<'_>,
        chunk: u64,
        _: &[ChunkId],
        found: &[Geometry],
        _: &mut Watch<'_>,
    ) -> Result<TaskWork> {
        let (axis, _) = places(at);
        let coord = at.this.chunks.coord(chunk);
        let mut shape = shape_of(&at.this.chunks.region(&coord));
        // A length that is unknown is that of what is read.
        let unknown = at.this.chunks.axes().iter().position(|axis| axis.len().is_none());
        if let (Some(k), Some(read)) = (unknown, found.first()) {
            shape[k] = read.shape[k];
        }
        let strides = c_strides(&shape);
        let mut taken = by_number(at, chunk);
        let mut pieces = Vec::new();
        for (input, (number, geometry)) in numbers(at, chunk).into_iter().zip(found).enumerate() {
            let places = taken.remove(&number).unwrap_or_default();
            let (outer, inner) = (shape[..axis].iter().product(), shape[axis + 1..].iter().product());
            // The executor hands takes C-ordered chunks.
            let own = c_strides(&geometry.shape);
            let slabs = |strides: &[i64], rows: u64| vec![strides[axis] * rows as i64, strides[axis], 1];
            pieces.push(TakePiece {
                input,
                dims: [outer, places.len() as u64, inner],
                from: Access { base: geometry.layout.base, strides: slabs(&own, geometry.shape[axis]) },
                to: Access { base: 0, strides: slabs(&strides, shape[axis]) },
                places,
            });
        }
        Ok(TaskWork { work: Work::Take(pieces), elements: shape.iter().product(), shape, unknown: 0 })
    }

    fn links(
        &self,
        at: &StageAt<'_>,
        stage: StageId,
        _: &[(StageId, usize)],
        within: Option<&Grid>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Vec<Link>>> {
        let (axis, indices) = places(at);
        let (own, from) = (&at.this.chunks, &at.plan.stages[stage].chunks);
        let others = |k: usize| k == axis || own.axes()[k] == from.axes()[k];
        if within.is_some() || !(0..from.ndim()).all(others) {
            return Ok(None);
        }
        let tasks = readers(&own.axes()[axis], &from.axes()[axis], indices, watch)?;
        Ok(Some(vec![Link::Take { axis, tasks }]))
    }

    fn reads_at_most(&self, at: &StageAt<'_>) -> u64 {
        let (axis, _) = places(at);
        let places = at.this.chunks.axes()[axis].max_size();
        places.min(at.plan.stages[at.this.inputs[0]].chunks.axes()[axis].count())
    }

    fn in_turn(&self) -> bool {
        false
    }
}

/// For each place along the axis of what is taken from: how many chunks of the taken read it.
fn readers(
    taken: &AxisChunks,
    from: &AxisChunks,
    indices: &[u64],
    watch: &mut Watch<'_>,
) -> Result<FxHashMap<u64, u64>> {
    let mut tasks = FxHashMap::default();
    for chunk in 0..taken.count() {
        let (start, end) = taken.range(chunk);
        let mut numbers = Vec::with_capacity((end - start) as usize);
        for &index in &indices[start as usize..end as usize] {
            watch.step()?;
            numbers.push(from.find(index));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().for_each(|number| *tasks.entry(number).or_insert(0) += 1);
    }
    Ok(tasks)
}
