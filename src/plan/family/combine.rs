//! Merges: states of several chunks become one, and the last of them a result, where the states are. Levels of them where there are
//! many.

use super::stage::{Family, StageAt};
use crate::chunks::{AxisChunks, Chunks};
use crate::dtype::DType;
use crate::error::Result;
use crate::ops::{Finish, Fold};
use crate::plan::capability::Capabilities;
use crate::plan::kernel::Kernel;
use crate::plan::links::{Grid, Link};
use crate::plan::lowering::Lowering;
use crate::plan::pieces::for_each_in_box;
use crate::plan::task::ChunkId;
use crate::plan::watch::Watch;
use crate::plan::{Finished, Group, Merge, Output, Place, Stage, StageId, StageKind};

/// Partial states merged by one task at most.
const FAN_IN: u64 = 64;
/// The same where nobody knows how large they are before they are there.
const FAN_IN_UNKNOWN: u64 = 4;

/// The states of a group of chunks, merged.
pub(super) struct Combine;

/// The stages that merge `states`, of the chunks of `domain`, over `axes`.
#[allow(clippy::too_many_arguments, reason = "the parts of one decision, made in two callers")]
pub(super) fn lower(
    lowering: &mut Lowering<'_>,
    result: DType,
    chunks: Chunks,
    mut states: StageId,
    domain: &Chunks,
    axes: &[usize],
    merge: Merge,
    finished: Finished,
) -> StageId {
    let mut grid = domain.grid();
    // Levels of so many states at most, until one group is left: as many as take no more than a large chunk.
    let state = merge.bytes(chunks.max_chunk_elements()).max(1);
    let fits = if chunks.has_unknown() { FAN_IN_UNKNOWN } else { lowering.sizes.merge_bytes / state };
    let fan_in = fits.clamp(2, FAN_IN);
    // Two along each axis are as many.
    let level_axes = fan_in.ilog2() as usize;
    let states_left = |grid: &[u64]| axes.iter().map(|&k| grid[k]).fold(1, u64::saturating_mul);
    let several = axes.iter().filter(|&&k| grid[k] > 1).count().clamp(1, level_axes);
    let most = |size: &u64| size.saturating_pow(several as u32) <= fan_in;
    let size = (2..=fan_in).take_while(most).last().unwrap_or(2);
    while !merge.positional && states_left(&grid) > fan_in {
        let mut group = vec![1; grid.len()];
        let mut level = lowering.stages[states].chunks.axes().to_vec();
        // At least two along each: what there is no room for is merged at the next level.
        let cut: Vec<usize> = axes.iter().rev().copied().filter(|&k| grid[k] > 1).take(level_axes).collect();
        for &k in &cut {
            group[k] = size.min(grid[k]);
            grid[k] = grid[k].div_ceil(group[k]);
            level[k] = AxisChunks::regular(grid[k], 1);
        }
        let kind = StageKind::Combine { merges: vec![merge.clone()], group: Group::Box(group), finish: None };
        states = lowering.push(kind, vec![states], merge.dtype, Chunks::new(level));
    }
    let group = grid.iter().enumerate().map(|(k, &n)| if axes.contains(&k) { n } else { 1 }).collect();
    let kind = StageKind::Combine { merges: vec![merge], group: Group::Box(group), finish: Some(finished) };
    lowering.push(kind, vec![states], result, chunks)
}

/// Chunks whose states a device's kernel is given at most.
const MERGED_AT_ONCE: usize = 64;

/// Chunks whose states a kernel can be given at a time.
#[must_use]
pub fn merged_at_a_time(merge: &Merge, caps: &Capabilities) -> usize {
    let arrays = merge.arrays().len();
    MERGED_AT_ONCE.min((caps.max_storage_buffers as usize).saturating_sub(1 + arrays) / arrays)
}

/// Whether a device can merge the states that it made: what this does not say is the host's.
pub(in crate::plan) fn on_device(stages: &[Stage], id: StageId, caps: &Capabilities) -> bool {
    let stage = &stages[id];
    let StageKind::Combine { merges, group: Group::Box(group), finish } = &stage.kind else { return false };
    let made_there = stage.inputs.iter().all(|&input| stages[input].place == Place::Gpu);
    let wide = caps.f64 && caps.i64;
    // Counts there have one word.
    let few = || folded(stages, id).is_some_and(|elements| elements <= u64::from(u32::MAX));
    let made_by_kernel = stage.inputs.iter().all(|&input| matches!(stages[input].kind, StageKind::Kernel { .. }));
    let chunks = group.iter().fold(1u64, |all, &n| all.saturating_mul(n));
    let at_once = |merge: &Merge| finish.is_some() && made_by_kernel && chunks <= merged_at_a_time(merge, caps) as u64;
    let merged = |merge: &Merge| {
        // Sums of f32 are carried in two where there is no f64, as long as no level stores them in one; products would leave its range,
        // and squares need its digits.
        let float = match merge.fold {
            Fold::Sum => merge.dtype == DType::F64 || (merge.dtype == DType::F32 && !at_once(merge)),
            Fold::Prod => merge.dtype.is_float(),
            Fold::Moments => true,
            Fold::Min | Fold::Max | Fold::Argmin | Fold::Argmax | Fold::Last => false,
        };
        let kinds = (!float || wide) && (merge.dtype.size() < 8 || caps.i64 || merge.fold == Fold::Sum);
        kinds && !merge.positional && (!merge.counted || few()) && merged_at_a_time(merge, caps) > 1
    };
    let finished = |finished: &Finished| {
        let counted = merges.iter().any(|merge| merge.counted);
        // An error of nothing is told where it is seen.
        let refused = finished.refuse_empty.is_some() && (counted || finished.count.is_none_or(|count| count < 1.0));
        let state = |merge: &Merge| merge.fold.states(merge.dtype, false)[0];
        let value = || stage.dtype.is_float() || merges.iter().all(|merge| state(merge) == stage.dtype);
        !refused
            && (stage.dtype != DType::F64 || wide)
            && match finished.finish {
                Finish::Value => value(),
                Finish::Index => true,
                Finish::Mean | Finish::Var { .. } => {
                    stage.dtype.is_float() && (wide || merges.iter().all(|merge| merge.dtype == DType::F32))
                }
            }
    };
    // As many counts as there are bins: their states are as long.
    let known = !stage.chunks.has_unknown() || matches!(folding(stages, id), Some((Kernel::Histogram { .. }, _)));
    made_there && known && merges.iter().all(merged) && finish.as_ref().is_none_or(finished)
}

/// Elements that a state of a merge is of, at most; nothing where their number depends on data.
fn folded(stages: &[Stage], id: StageId) -> Option<u64> {
    folding(stages, id)?.1.elements()
}

/// The kernel whose states are merged, and what it goes over.
fn folding(stages: &[Stage], mut id: StageId) -> Option<(&Kernel, &Chunks)> {
    loop {
        match &stages[id].kind {
            StageKind::Kernel { kernel, domain, .. } => return Some((kernel, domain)),
            StageKind::Combine { .. } => id = stages[id].inputs[0],
            StageKind::Source(_) | StageKind::Host(_) | StageKind::Concatenate(_) => return None,
        }
    }
}

/// Chunks merged into one along each axis of the input's grid.
fn group<'a>(at: &StageAt<'a>) -> &'a [u64] {
    if let StageKind::Combine { group: Group::Box(group), .. } = &at.this.kind { group } else { &[] }
}

/// Whether another level follows.
fn is_level(at: &StageAt<'_>) -> bool {
    matches!(&at.this.kind, StageKind::Combine { finish: None, .. })
}

/// Bytes of the states that are made or read of a chunk whose shape has so many elements.
pub(super) fn state_bytes(at: &StageAt<'_>, elements: u64) -> u64 {
    match &at.this.kind {
        StageKind::Combine { merges, .. } => {
            merges.iter().map(|merge| merge.bytes(elements)).fold(0, u64::saturating_add)
        }
        StageKind::Source(_) | StageKind::Kernel { .. } | StageKind::Host(_) | StageKind::Concatenate(_) => 0,
    }
}

/// Where in the input's grid the group of states for output chunk `chunk` starts.
fn group_start(at: &StageAt<'_>, chunk: u64, grid: &[u64]) -> Vec<u64> {
    let coord = at.this.chunks.coord(chunk);
    if coord.len() == grid.len() {
        return coord.iter().zip(group(at)).map(|(c, g)| c * g).collect();
    }
    // Reduced axes are gone from the output; they are those merged into one group (kept ones have groups of 1).
    let mut kept = coord.into_iter();
    let axes = reduced_axes(at);
    (0..grid.len()).map(|k| if axes.contains(&k) { 0 } else { kept.next().unwrap_or(0) }).collect()
}

/// The axes reduced by the kernel at the bottom of a chain of combines.
fn reduced_axes(at: &StageAt<'_>) -> Vec<usize> {
    let mut stage = at.id;
    loop {
        match &at.plan.stages[stage].kind {
            StageKind::Kernel { output: Output::Reduced(axes), .. } => return axes.clone(),
            StageKind::Kernel { domain, .. } => return (0..domain.ndim()).collect(),
            StageKind::Source(_) | StageKind::Combine { .. } | StageKind::Host(_) | StageKind::Concatenate(_) => {
                stage = at.plan.stages[stage].inputs[0];
            }
        }
    }
}

impl Family for Combine {
    fn reads(&self, at: &StageAt<'_>, chunk: u64, watch: &mut Watch<'_>) -> Result<Vec<ChunkId>> {
        let input = at.this.inputs[0];
        let chunks = &at.plan.stages[input].chunks;
        let (grid, group) = (chunks.grid(), group(at));
        let start = group_start(at, chunk, &grid);
        let ranges: Vec<Vec<u64>> =
            (0..grid.len()).map(|k| (start[k]..(start[k] + group[k]).min(grid[k])).collect()).collect();
        let mut reads = Vec::new();
        for_each_in_box(&ranges, |coord| {
            reads.push(ChunkId::new(input, chunks.index(coord)));
            watch.step()
        })?;
        Ok(reads)
    }

    fn numbers_reads(&self) -> bool {
        false
    }

    fn links(
        &self,
        at: &StageAt<'_>,
        stage: StageId,
        _: &[(StageId, usize)],
        within: Option<&Grid>,
        _: &mut Watch<'_>,
    ) -> Result<Option<Vec<Link>>> {
        if within.is_some() {
            return Ok(None);
        }
        // A scan's last groups are nobody's, and not there where they are not whole.
        let (read, own) = (at.plan.stages[stage].chunks.grid(), at.this.chunks.grid());
        let merged = |k: usize| if own.len() == read.len() { (own[k] * group(at)[k]).min(read[k]) } else { read[k] };
        let merged: Grid = (0..read.len()).map(|k| (0, merged(k))).collect();
        let all = merged.iter().zip(&read).all(|(merged, read)| merged.1 == *read);
        Ok(Some(vec![if all { Link::Each(1) } else { Link::Within(merged, 1) }]))
    }

    fn reads_at_most(&self, at: &StageAt<'_>) -> u64 {
        let grid = at.plan.stages[at.this.inputs[0]].chunks.grid();
        group(at).iter().zip(grid).map(|(&group, count)| group.min(count)).fold(1, u64::saturating_mul)
    }

    fn made(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        if is_level(at) { state_bytes(at, self.state_elements(at, chunk)) } else { at.chunk_bytes(chunk) }
    }

    fn made_of(&self, at: &StageAt<'_>, chunk: u64, inputs: &mut dyn DoubleEndedIterator<Item = u64>) -> u64 {
        if is_level(at) {
            return state_bytes(at, inputs.max().unwrap_or(0));
        }
        at.chunk_bytes_of(chunk, inputs)
    }

    fn state_elements(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        if !is_level(at) {
            return 0;
        }
        let input = at.this.inputs[0];
        let first = at.this.chunks.coord(chunk).into_iter().zip(group(at)).map(|(at, group)| at * group);
        let first = at.plan.stages[input].chunks.index(&first.collect::<Vec<_>>());
        at.plan.state_elements(ChunkId::new(input, first))
    }

    /// States: those so far, those that are read, and what they are read from or written to.
    fn scratch(&self, at: &StageAt<'_>, made: u64) -> u64 {
        if is_level(at) {
            return made.saturating_mul(3);
        }
        state_bytes(at, made / at.this.dtype.size() as u64).saturating_mul(3)
    }
}
