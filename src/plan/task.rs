//! Tasks, made on demand: which chunk one makes, what is known of it once it is made, and what a kernel is given to do. What a task
//! reads and where it works its family says ([`super::family`]).

use super::kernel::Work;
use super::pieces::Region;
use super::{Plan, StageId, StageKind};
use crate::chunks::Chunks;
use crate::graph::Layout;
use crate::graph::node::c_strides;

/// A chunk of a stage: its number in C order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkId {
    /// Whose.
    pub stage: StageId,
    /// Which, in C order of the stage's grid.
    pub chunk: u64,
}

impl ChunkId {
    /// Chunk `chunk` of stage `stage`.
    #[must_use]
    pub const fn new(stage: StageId, chunk: u64) -> Self {
        Self { stage, chunk }
    }
}

/// What is known of a chunk once it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Its shape, with actual lengths.
    pub shape: Vec<u64>,
    /// Where in its buffer it lies.
    pub layout: Layout,
}

/// A task's work and the shape of the chunk it makes.
#[derive(Debug)]
pub struct TaskWork {
    /// The pieces.
    pub work: Work,
    /// Elements of the output (its capacity, for [`Kernel::Select`](super::kernel::Kernel::Select)).
    pub elements: u64,
    /// The output chunk's shape.
    pub shape: Vec<u64>,
    /// The length of the unknown axis of what it reads, 0 without one.
    pub unknown: u64,
}

/// Both ends of each axis of a chunk, with unknown lengths as `0..unknown`.
pub(super) fn region_of(chunks: &Chunks, coord: &[u64], unknown: u64) -> Region {
    coord
        .iter()
        .zip(chunks.axes())
        .map(|(&at, axis)| if axis.len().is_some() { axis.range(at) } else { (0, unknown) })
        .collect()
}

/// The lengths of a box.
pub(super) fn shape_of(region: &Region) -> Vec<u64> {
    region.iter().map(|(start, end)| end - start).collect()
}

impl Plan {
    /// The chunk that really holds chunk `coord` of `stage`: concatenation is only another name for its inputs' chunks.
    #[must_use]
    pub fn resolve(&self, mut stage: StageId, mut coord: Vec<u64>) -> ChunkId {
        while let StageKind::Concatenate(joined) = &self.stages[stage].kind {
            let (part, at) = joined.part(coord[joined.axis]);
            coord[joined.axis] = at;
            stage = self.stages[stage].inputs[part];
        }
        ChunkId::new(stage, self.stages[stage].chunks.index(&coord))
    }
}

/// Whether a chunk lies in its buffer in C order without gaps (whatever its base).
#[must_use]
pub fn is_c_order(layout: &Layout, shape: &[u64]) -> bool {
    layout.strides.iter().zip(c_strides(shape)).zip(shape).all(|((a, b), &n)| *a == b || n <= 1)
}

/// Start and end, in C order of the whole, of a chunk that is one run of it.
pub(super) fn linear_range(chunks: &Chunks, chunk: u64) -> (u64, u64) {
    let region = chunks.region(&chunks.coord(chunk));
    let strides = c_strides(&chunks.shape().unwrap_or_default());
    let start = region.iter().zip(&strides).map(|((start, _), &s)| start * s as u64).sum();
    (start, start + region.iter().map(|(a, b)| b - a).product::<u64>())
}
