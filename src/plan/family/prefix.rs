//! Prefixes: for each chunk along an axis, the merged states of those before it, on the host. A tree of small groups: what comes before
//! a chunk is what comes before its group, and the states before it in the group. So none waits for what is behind it, few live at a
//! time, and each merge takes few.

use super::combine::state_bytes;
use super::stage::{Family, StageAt};
use crate::chunks::{AxisChunks, Chunks, product};
use crate::dtype::DType;
use crate::error::Result;
use crate::ops::{Finish, Fold};
use crate::plan::bytes::bytes;
use crate::plan::links::{Grid, Link};
use crate::plan::lowering::Lowering;
use crate::plan::task::ChunkId;
use crate::plan::watch::Watch;
use crate::plan::{Finished, Group, Merge, StageId, StageKind};

/// Chunks of a group.
const GROUP: u64 = 8;

/// What comes before each chunk.
pub(super) struct Prefix;

/// The stages that make of `states`, of all chunks of `chunks` but the last along the axis, what comes before each chunk: values of the
/// dtype `carry`, one a line.
pub(super) fn lower(
    lowering: &mut Lowering<'_>,
    states: StageId,
    chunks: &Chunks,
    axis: usize,
    fold: Fold,
    carry: DType,
) -> StageId {
    let dtype = lowering.stages[states].dtype;
    let along = |count: u64| {
        let mut axes = chunks.axes().to_vec();
        axes[axis] = AxisChunks::regular(count, 1);
        Chunks::new(axes)
    };
    // Up: the states of whole groups, of groups of groups. The last group comes before nothing.
    let mut levels = vec![(states, chunks.axes()[axis].count())];
    let (mut states, mut count) = levels[0];
    while count > GROUP {
        count = count.div_ceil(GROUP);
        let mut group = vec![1; chunks.ndim()];
        group[axis] = GROUP;
        let group = Group::Box(group);
        let kind = StageKind::Combine { merges: vec![Merge::of(fold, dtype)], group, finish: None };
        states = lowering.push(kind, vec![states], dtype, along(count - 1));
        levels.push((states, count));
    }
    // Down: what comes before each.
    let mut before = None;
    for (level, (states, count)) in levels.into_iter().enumerate().rev() {
        let value = Finished { finish: Finish::Value, count: None, refuse_empty: None, nan_empty: false };
        let (result, finish) = if level == 0 { (carry, Some(value)) } else { (dtype, None) };
        let group = Group::Before { axis, size: GROUP };
        let kind = StageKind::Combine { merges: vec![Merge::of(fold, dtype)], group, finish };
        let inputs = std::iter::once(states).chain(before).collect();
        before = Some(lowering.push(kind, inputs, result, along(count)));
    }
    before.unwrap_or(states)
}

/// The axis, the chunks of a group, and whether values are made, or states for a level below.
fn group(at: &StageAt<'_>) -> (usize, u64, bool) {
    match &at.this.kind {
        StageKind::Combine { group: Group::Before { axis, size }, finish, .. } => (*axis, *size, finish.is_some()),
        StageKind::Source(_) | StageKind::Kernel { .. } | StageKind::Combine { .. } => (0, 1, false),
        StageKind::Host(_) | StageKind::Concatenate(_) => (0, 1, false),
    }
}

impl Family for Prefix {
    fn reads(&self, at: &StageAt<'_>, chunk: u64, watch: &mut Watch<'_>) -> Result<Vec<ChunkId>> {
        let (axis, size, _) = group(at);
        let coord = at.this.chunks.coord(chunk);
        let id = |input: StageId, place: u64| {
            let mut coord = coord.clone();
            coord[axis] = place;
            ChunkId::new(input, at.plan.stages[input].chunks.index(&coord))
        };
        let (of, start) = (coord[axis] / size, coord[axis] / size * size);
        let before = at.this.inputs.get(1).map(|&input| id(input, of));
        let mut reads: Vec<ChunkId> = before.into_iter().collect();
        for place in start..coord[axis] {
            watch.step()?;
            reads.push(id(at.this.inputs[0], place));
        }
        Ok(reads)
    }

    fn numbers_reads(&self) -> bool {
        false
    }

    fn links(
        &self,
        at: &StageAt<'_>,
        _: StageId,
        places: &[(StageId, usize)],
        within: Option<&Grid>,
        _: &mut Watch<'_>,
    ) -> Result<Option<Vec<Link>>> {
        let (axis, size, _) = group(at);
        let count = at.this.chunks.axes()[axis].count();
        let link = |&(_, place): &(StageId, usize)| Link::Before { axis, size, count, groups: place == 1 };
        Ok(within.is_none().then(|| places.iter().map(link).collect()))
    }

    fn reads_at_most(&self, at: &StageAt<'_>) -> u64 {
        group(at).1
    }

    fn made(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        let elements = self.state_elements(at, chunk);
        if group(at).2 { bytes(elements, at.this.dtype.size()) } else { state_bytes(at, elements) }
    }

    fn made_of(&self, at: &StageAt<'_>, chunk: u64, _: &mut dyn DoubleEndedIterator<Item = u64>) -> u64 {
        self.made(at, chunk)
    }

    /// Lines; along the axis a chunk has one place.
    fn state_elements(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        let region = at.this.chunks.region(&at.this.chunks.coord(chunk));
        product(region.iter().map(|(start, end)| end - start))
    }

    /// States: those so far, those that are read, and what they are read from or written to.
    fn scratch(&self, at: &StageAt<'_>, made: u64) -> u64 {
        let one = if group(at).2 { at.this.dtype.size() as u64 } else { state_bytes(at, 1) };
        state_bytes(at, made / one.max(1)).saturating_mul(3)
    }
}
