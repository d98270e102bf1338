//! [`Family`]: what a plan asks of a kind of stage. What most kernels answer, those that go over a domain with a program's loads, is
//! the default (methods of [`StageAt`] in `loads.rs`); a family's file says what is its own.

use crate::chunks::Chunks;
use crate::error::Result;
use crate::plan::kernel::{Kernel, Piece, Work};
use crate::plan::links::{Grid, Link};
use crate::plan::pieces::{Affine, LoadRef, Region};
use crate::plan::task::{ChunkId, Geometry, TaskWork};
use crate::plan::watch::Watch;
use crate::plan::{Output, Plan, Stage, StageId};

/// A stage of a plan, as its family looks at it.
#[derive(Clone, Copy)]
pub(in crate::plan) struct StageAt<'a> {
    pub(super) plan: &'a Plan,
    pub(super) id: StageId,
    pub(super) this: &'a Stage,
    pub(super) family: &'static dyn Family,
    /// The grid its tasks go over; of stages without a kernel that of their chunks.
    pub(super) domain: &'a Chunks,
    /// What its program loads: of stages without a kernel nothing, and so on.
    pub(super) loads: &'a [LoadRef],
    pub(super) indices: &'a [Affine],
    pub(super) kernel: Option<&'a Kernel>,
    pub(super) output: Option<&'a Output>,
}

impl StageAt<'_> {
    /// The number of the chunk on the domain's axis of unknown length, of which there is at most one.
    pub(super) fn unknown_of(&self, chunk: u64) -> u64 {
        let coord = self.domain.coord(chunk);
        self.domain.axes().iter().zip(coord).find(|(axis, _)| axis.len().is_none()).map_or(0, |(_, at)| at)
    }
    /// The length of the longest input along the axis of unknown length, from what the inputs' can be.
    pub(super) fn longest_input(&self, most: &[Option<u64>]) -> Option<u64> {
        let of = |&input: &StageId| self.plan.stages[input].chunks.has_unknown().then(|| most[input]);
        self.this.inputs.iter().filter_map(of).try_fold(0, |all, one| Some(one?.max(all)))
    }
}

/// A kind of stage: what a task reads, where it works, how what it reads is counted, and the bytes it takes.
pub(in crate::plan) trait Family: Sync {
    /// The chunks a task reads, once for each load that reads them.
    ///
    /// # Errors
    /// What ends the watch.
    fn reads(&self, at: &StageAt<'_>, chunk: u64, watch: &mut Watch<'_>) -> Result<Vec<ChunkId>> {
        at.loaded_chunks(chunk, watch)
    }
    /// The chunks that the kernel itself reads beside the program's loads; the last of a task's reads.
    fn own_reads(&self, at: &StageAt<'_>, chunk: u64) -> Vec<ChunkId> {
        let _ = (at, chunk);
        Vec::new()
    }
    /// Whether pieces number the chunks that are read, each once; else they are taken as they are given.
    fn numbers_reads(&self) -> bool {
        true
    }
    /// The boxes of the domain that a task works on. On an axis of unknown length a box is `0..unknown`.
    fn regions(&self, at: &StageAt<'_>, chunk: u64, unknown: u64) -> Vec<Region> {
        at.own_region(chunk, unknown)
    }
    /// The number of the chunk on the axis of unknown length in a task.
    fn unknown_chunk(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        at.unknown_of(chunk)
    }
    /// Where a domain point's result goes in the output chunk, and that chunk's shape. `found` are the chunks that are read.
    fn place(&self, at: &StageAt<'_>, chunk: u64, unknown: u64, found: &[Geometry]) -> (Affine, Vec<u64>) {
        let _ = found;
        at.own_place(chunk, unknown)
    }
    /// The pieces as the kernel takes them, which make a chunk of `shape`.
    ///
    /// # Errors
    /// [`Error::Bug`](crate::Error::Bug) where they are not the kernel's.
    fn work(&self, at: &StageAt<'_>, pieces: Vec<Piece>, shape: &[u64]) -> Result<Work> {
        let _ = (at, shape);
        Ok(Work::Pieces(pieces))
    }
    /// A task's work, given the geometry of the chunks it reads (in the order of `deps`).
    ///
    /// # Errors
    /// [`Error::Bug`](crate::Error::Bug) where `deps` are not the task's dependencies; what ends the watch.
    fn task(
        &self,
        at: &StageAt<'_>,
        chunk: u64,
        deps: &[ChunkId],
        found: &[Geometry],
        watch: &mut Watch<'_>,
    ) -> Result<TaskWork> {
        at.pieces(chunk, deps, found, watch)
    }

    /// How it reads `stage` as its inputs at `places`, where all of that is arithmetic; `within`: where not all of its chunks are needed.
    ///
    /// # Errors
    /// What ends the watch.
    fn links(
        &self,
        at: &StageAt<'_>,
        stage: StageId,
        places: &[(StageId, usize)],
        within: Option<&Grid>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Vec<Link>>> {
        let _ = (places, watch);
        Ok(at.load_links(stage, within))
    }
    /// How the kernel itself reads `stage`, by chunks that are no load's.
    fn own_links(&self, at: &StageAt<'_>, stage: StageId, within: Option<&Grid>) -> Vec<Link> {
        let _ = (at, stage, within);
        Vec::new()
    }
    /// The link of one load.
    fn load_link(&self, at: &StageAt<'_>, load: LoadRef, within: Option<Grid>) -> Link {
        at.own_load_link(load, within)
    }
    /// The box of the domain's grid whose tasks make a box of output chunks; nothing for all. `None` where that is no box.
    fn task_box(&self, at: &StageAt<'_>, within: Option<&Grid>) -> Option<Option<Grid>> {
        at.own_box(within)
    }

    /// Chunks that a task reads at most, as far as that is known without looking at each: by the first task, which has chunks of full
    /// size.
    fn reads_at_most(&self, at: &StageAt<'_>) -> u64 {
        at.loaded_at_most()
    }
    /// Whether it goes over what it reads as that is made, where their grids differ along the first axis alone.
    fn in_turn(&self) -> bool {
        true
    }
    /// Bytes on the host of what a task makes, at most.
    fn made(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        at.chunk_bytes(chunk)
    }
    /// The same once the elements of each input are known: lengths that depend on data are, too.
    fn made_of(&self, at: &StageAt<'_>, chunk: u64, inputs: &mut dyn DoubleEndedIterator<Item = u64>) -> u64 {
        at.chunk_bytes_of(chunk, inputs)
    }
    /// Outputs that each state of a task is of, where it makes states.
    fn state_elements(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        let _ = (at, chunk);
        0
    }
    /// Bytes on the host that a task takes beside what it reads and the `made` bytes that it makes.
    fn scratch(&self, at: &StageAt<'_>, made: u64) -> u64 {
        let _ = (at, made);
        0
    }
    /// The most that its unknown length can be, from what the inputs' can be; `None` where nothing says.
    fn longest(&self, at: &StageAt<'_>, most: &[Option<u64>]) -> Option<u64> {
        let _ = (at, most);
        None
    }
}
