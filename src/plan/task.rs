//! Tasks, made on demand: which chunks a task reads ([`Plan::dependencies`]) and, once those are there, its pieces
//! ([`Plan::work`]).

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::kernel::{Access, DotPiece, Kernel, Piece, TakePiece, Work};
use super::pieces::{
    Affine, LoadRef, Region, for_each_cell, for_each_chunk, for_each_in_box, linear_boxes, load_access, piece,
};
use super::watch::Watch;
use super::{Output, Plan, Stage, StageId, StageKind};
use crate::chunks::Chunks;
use crate::error::{Error, Result};
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
    /// Elements of the output (its capacity, for [`Kernel::Select`]).
    pub elements: u64,
    /// The output chunk's shape.
    pub shape: Vec<u64>,
    /// The length of the unknown axis of what it reads, 0 without one.
    pub unknown: u64,
}

/// Both ends of each axis of a chunk, with unknown lengths as `0..unknown`.
fn region_of(chunks: &Chunks, coord: &[u64], unknown: u64) -> Region {
    coord
        .iter()
        .zip(chunks.axes())
        .map(|(&at, axis)| if axis.len().is_some() { axis.range(at) } else { (0, unknown) })
        .collect()
}

fn shape_of(region: &Region) -> Vec<u64> {
    region.iter().map(|(start, end)| end - start).collect()
}

/// The number of the chunk on the axis of unknown length (of which the domains that are loaded have at most one).
fn unknown_chunk(chunks: &Chunks, coord: &[u64]) -> u64 {
    chunks.axes().iter().zip(coord).find(|(axis, _)| axis.len().is_none()).map_or(0, |(_, &at)| at)
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

    /// The chunks a task reads, in the order its pieces number them.
    #[must_use]
    pub fn dependencies(&self, id: ChunkId) -> Vec<ChunkId> {
        self.distinct(id.stage, self.reads(id))
    }

    /// A task's reads as its pieces number them: programs and products number chunks, the rest what they are given.
    #[must_use]
    pub fn distinct(&self, stage: StageId, mut reads: Vec<ChunkId>) -> Vec<ChunkId> {
        let StageKind::Kernel { kernel, output, .. } = &self.stages[stage].kind else {
            return reads;
        };
        if matches!(output, Output::Take { .. }) || reads.len() < 2 {
            return reads;
        }
        let edges = if matches!(kernel, Kernel::Histogram { .. }) { reads.pop() } else { None };
        if reads.len() > 8 {
            let mut seen = FxHashSet::with_capacity_and_hasher(reads.len(), FxBuildHasher);
            reads.retain(|read| seen.insert(*read));
        } else {
            let mut at = 1;
            while at < reads.len() {
                if reads[..at].contains(&reads[at]) {
                    reads.remove(at);
                } else {
                    at += 1;
                }
            }
        }
        reads.extend(edges);
        reads
    }

    /// The chunks a task reads, once for each load that reads them: what [`super::readers::Readers`] counts.
    #[must_use]
    pub fn reads(&self, id: ChunkId) -> Vec<ChunkId> {
        // Nothing ends it.
        self.reads_watched(id, &mut Watch::none()).unwrap_or_default()
    }

    /// [`Plan::reads`] for tasks that may read very many chunks.
    ///
    /// # Errors
    /// What ends the watch.
    pub fn reads_watched(&self, ChunkId { stage, chunk }: ChunkId, watch: &mut Watch<'_>) -> Result<Vec<ChunkId>> {
        let this = &self.stages[stage];
        Ok(match &this.kind {
            StageKind::Source(_) | StageKind::Concatenate(_) => Vec::new(),
            StageKind::Host(_) => {
                let coord = this.chunks.coord(chunk);
                let read = |&input: &StageId| {
                    let grid = self.stages[input].chunks.grid();
                    // Aligned from the last axis; an axis in one chunk serves all.
                    let skip = coord.len().saturating_sub(grid.len());
                    let at = (0..grid.len()).map(|k| if grid[k] == 1 { 0 } else { coord[k + skip] }).collect();
                    self.resolve(input, at)
                };
                this.inputs.iter().map(read).collect()
            }
            StageKind::Combine { group, .. } => {
                let input = this.inputs[0];
                let chunks = &self.stages[input].chunks;
                let grid = chunks.grid();
                let start = self.group_start(this, chunk, group, &grid);
                let ranges: Vec<Vec<u64>> =
                    (0..grid.len()).map(|k| (start[k]..(start[k] + group[k]).min(grid[k])).collect()).collect();
                let mut reads = Vec::new();
                for_each_in_box(&ranges, |at| {
                    reads.push(ChunkId::new(input, chunks.index(at)));
                    watch.step()
                })?;
                reads
            }
            StageKind::Kernel { output: Output::Take { axis, indices }, .. } => {
                self.take_inputs(this, chunk, *axis, indices)
            }
            StageKind::Kernel { kernel, domain, loads, output, .. } => {
                let mut reads = Vec::new();
                let regions = self.regions(this, chunk, domain, output, 1);
                let unknown = unknown_chunk_of(output, domain, chunk);
                // Boxes of one task meet in chunks: a load reads each once all the same. (A chunk that is joined twice, once for each.)
                let mut seen = FxHashSet::default();
                for region in &regions {
                    for (k, load) in loads.iter().enumerate() {
                        for_each_chunk(load, region, unknown, watch, |at| {
                            if regions.len() == 1 || seen.insert((k, at.to_vec())) {
                                reads.push(self.resolve(this.inputs[load.input], at.to_vec()));
                            }
                        })?;
                    }
                }
                if matches!(kernel, Kernel::Histogram { .. }) {
                    let edges = *this.inputs.last().unwrap_or(&0);
                    reads.push(self.resolve(edges, vec![0]));
                }
                reads
            }
        })
    }

    /// Where in the input's grid the group of states for output chunk `chunk` starts.
    fn group_start(&self, this: &Stage, chunk: u64, group: &[u64], grid: &[u64]) -> Vec<u64> {
        let coord = this.chunks.coord(chunk);
        if coord.len() == grid.len() {
            return coord.iter().zip(group).map(|(c, g)| c * g).collect();
        }
        // Reduced axes are gone from the output; they are those merged into one group (kept ones have groups of 1).
        let mut kept = coord.into_iter();
        let axes = self.reduced_axes(this.inputs[0]);
        (0..grid.len()).map(|k| if axes.contains(&k) { 0 } else { kept.next().unwrap_or(0) }).collect()
    }

    /// The axes reduced by the kernel at the bottom of a chain of combines.
    fn reduced_axes(&self, mut stage: StageId) -> Vec<usize> {
        loop {
            match &self.stages[stage].kind {
                StageKind::Kernel { output: Output::Reduced(axes), .. } => return axes.clone(),
                StageKind::Kernel { domain, .. } => return (0..domain.ndim()).collect(),
                StageKind::Source(_) | StageKind::Combine { .. } | StageKind::Host(_) | StageKind::Concatenate(_) => {
                    stage = self.stages[stage].inputs[0];
                }
            }
        }
    }

    /// The boxes of the domain that a kernel task works on.
    fn regions(&self, this: &Stage, chunk: u64, domain: &Chunks, output: &Output, unknown: u64) -> Vec<Region> {
        match output {
            Output::Same | Output::Reduced(_) | Output::Bins => {
                vec![region_of(domain, &domain.coord(chunk), unknown)]
            }
            Output::Dot => {
                let mut coord = this.chunks.coord(chunk);
                coord.push(0);
                vec![region_of(domain, &coord, unknown)]
            }
            Output::Linear => {
                let (start, end) = linear_range(&this.chunks, chunk);
                linear_boxes(&domain.shape().unwrap_or_default(), start, end)
            }
            Output::Take { .. } => Vec::new(),
        }
    }

    /// The boxes of the domain that a task of a kernel with loads works on, as far as chunks are concerned.
    pub(super) fn task_regions(&self, stage: StageId, chunk: u64) -> Vec<Region> {
        match &self.stages[stage].kind {
            StageKind::Kernel { domain, output, .. } => self.regions(&self.stages[stage], chunk, domain, output, 1),
            StageKind::Source(_) | StageKind::Combine { .. } | StageKind::Host(_) | StageKind::Concatenate(_) => {
                Vec::new()
            }
        }
    }

    /// The numbers along `axis` of the input chunks a take reads for an output chunk, ascending.
    fn take_numbers(&self, this: &Stage, chunk: u64, axis: usize, indices: &[u64]) -> Vec<u64> {
        let source = &self.stages[this.inputs[0]].chunks.axes()[axis];
        let (start, end) = this.chunks.axes()[axis].range(this.chunks.coord(chunk)[axis]);
        let mut numbers: Vec<u64> = indices[start as usize..end as usize].iter().map(|&at| source.find(at)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// The input chunks a take reads for an output chunk: one for each of [`Self::take_numbers`], for joined arrays may have
    /// a chunk twice.
    fn take_inputs(&self, this: &Stage, chunk: u64, axis: usize, indices: &[u64]) -> Vec<ChunkId> {
        let at = |number: u64| {
            let mut coord = this.chunks.coord(chunk);
            coord[axis] = number;
            self.resolve(this.inputs[0], coord)
        };
        self.take_numbers(this, chunk, axis, indices).into_iter().map(at).collect()
    }

    /// A kernel task's work, given the geometry of the chunks it reads (in the order of `deps`).
    ///
    /// # Errors
    /// [`Error::Bug`] where `deps` are not the task's dependencies; what ends the watch.
    pub fn work(
        &self,
        ChunkId { stage, chunk }: ChunkId,
        deps: &[ChunkId],
        found: &[Geometry],
        watch: &mut Watch<'_>,
    ) -> Result<TaskWork> {
        let this = &self.stages[stage];
        let StageKind::Kernel { kernel, domain, loads, indices, output } = &this.kind else {
            return Err(Error::bug("work of a stage without a kernel"));
        };
        if let Output::Take { axis, indices } = output {
            return Ok(self.take_work(this, chunk, *axis, indices, found));
        }
        let unknown = self.unknown_length(this, domain, chunk, loads, deps, found);
        let (out, shape) = self.out_affine(this, chunk, domain, output, unknown, found);
        // Looked up by hash where they are many.
        let numbers: FxHashMap<ChunkId, usize> = if deps.len() > 8 {
            deps.iter().enumerate().map(|(i, &dep)| (dep, i)).collect()
        } else {
            FxHashMap::default()
        };
        let number = |load: &LoadRef, coord: &[u64]| {
            let dep = self.resolve(this.inputs[load.input], coord.to_vec());
            let found = if deps.len() > 8 { numbers.get(&dep).copied() } else { deps.iter().position(|d| *d == dep) };
            found.ok_or_else(|| Error::bug("a piece reads a chunk the task does not"))
        };
        let mut pieces = Vec::new();
        let at = unknown_chunk_of(output, domain, chunk);
        let regions = self.regions(this, chunk, domain, output, unknown);
        for region in &regions {
            for_each_cell(region, loads, at, watch, |cell| {
                let mut piece = piece(&cell.region, &out, indices);
                for (load, coord) in loads.iter().zip(&cell.chunks) {
                    let input = number(load, coord)?;
                    let origin: Vec<u64> = region_of(&load.chunks, coord, 0).iter().map(|(start, _)| *start).collect();
                    piece.loads.push((input, load_access(load, &cell.region, &origin, &found[input].layout)));
                }
                pieces.push(piece);
                Ok(())
            })?;
        }
        let elements = shape.iter().product();
        let work = match kernel {
            Kernel::Dot(_) => Work::Dot(pieces.into_iter().map(dot_piece).collect::<Result<_>>()?),
            Kernel::Map(_) | Kernel::Reduce { .. } | Kernel::Histogram { .. } | Kernel::Select(_) | Kernel::Take(_) => {
                Work::Pieces(pieces)
            }
        };
        Ok(TaskWork { work, elements, shape, unknown })
    }

    /// The length of the unknown axis in this task: that of the chunks it reads along it.
    fn unknown_length(
        &self,
        this: &Stage,
        domain: &Chunks,
        chunk: u64,
        loads: &[LoadRef],
        deps: &[ChunkId],
        found: &[Geometry],
    ) -> u64 {
        if !domain.has_unknown() {
            return 0;
        }
        let at = unknown_chunk(domain, &domain.coord(chunk));
        for load in loads {
            for (k, axis) in load.chunks.axes().iter().enumerate() {
                if axis.len().is_none() && load.view.0[k].axis.is_some() {
                    let coord: Vec<u64> =
                        load.chunks.axes().iter().map(|a| if a.len().is_none() { at } else { 0 }).collect();
                    // Any chunk with that number on the unknown axis has the length.
                    let dep = self.resolve(this.inputs[load.input], coord);
                    if let Some(i) = deps.iter().position(|d| *d == dep) {
                        return found[i].shape[k];
                    }
                }
            }
        }
        0
    }

    /// Where a domain point's result goes in the output chunk, and that chunk's shape.
    fn out_affine(
        &self,
        this: &Stage,
        chunk: u64,
        domain: &Chunks,
        output: &Output,
        unknown: u64,
        found: &[Geometry],
    ) -> (Affine, Vec<u64>) {
        let zero = Affine { base: 0, weights: vec![0; domain.ndim()] };
        if matches!(output, Output::Bins) {
            let edges = found.last().map_or(1, |edges| edges.shape[0]);
            return (zero, vec![edges.saturating_sub(1)]);
        }
        if matches!(output, Output::Linear) {
            let (start, _) = linear_range(&this.chunks, chunk);
            let weights = c_strides(&domain.shape().unwrap_or_default());
            return (
                Affine { base: -(start as i64), weights },
                shape_of(&this.chunks.region(&this.chunks.coord(chunk))),
            );
        }
        let coord = match output {
            Output::Dot => this.chunks.coord(chunk).into_iter().chain([0]).collect(),
            Output::Same | Output::Linear | Output::Reduced(_) | Output::Bins | Output::Take { .. } => {
                domain.coord(chunk)
            }
        };
        let region = region_of(domain, &coord, unknown);
        let dropped: Vec<usize> = match output {
            Output::Reduced(axes) => axes.clone(),
            Output::Dot => vec![2],
            Output::Same | Output::Linear | Output::Bins | Output::Take { .. } => vec![],
        };
        let kept: Vec<usize> = (0..region.len()).filter(|k| !dropped.contains(k)).collect();
        let shape: Vec<u64> = kept.iter().map(|&k| region[k].1 - region[k].0).collect();
        let mut out = zero;
        for (&k, stride) in kept.iter().zip(c_strides(&shape)) {
            out.weights[k] = stride;
            out.base -= stride * region[k].0 as i64;
        }
        (out, shape)
    }

    fn take_work(&self, this: &Stage, chunk: u64, axis: usize, indices: &[u64], found: &[Geometry]) -> TaskWork {
        let coord = this.chunks.coord(chunk);
        let shape = shape_of(&this.chunks.region(&coord));
        let (start, end) = this.chunks.axes()[axis].range(coord[axis]);
        let source = &self.stages[this.inputs[0]].chunks;
        let strides = c_strides(&shape);
        let mut pieces = Vec::new();
        let numbers = self.take_numbers(this, chunk, axis, indices);
        for (input, (number, geometry)) in numbers.into_iter().zip(found).enumerate() {
            // The places that fall into this chunk.
            let (from, to) = source.axes()[axis].range(number);
            let places = (start..end)
                .filter(|&i| (from..to).contains(&indices[i as usize]))
                .map(|i| ((indices[i as usize] - from) as u32, (i - start) as u32))
                .collect::<Vec<_>>();
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
        TaskWork { work: Work::Take(pieces), elements: shape.iter().product(), shape, unknown: 0 }
    }
}

/// [`unknown_chunk`] of a task; products and reshapes have no unknown lengths.
fn unknown_chunk_of(output: &Output, domain: &Chunks, chunk: u64) -> u64 {
    match output {
        Output::Dot | Output::Linear | Output::Take { .. } => 0,
        Output::Same | Output::Reduced(_) | Output::Bins => unknown_chunk(domain, &domain.coord(chunk)),
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

/// The `(m, n, k)` piece as a product.
fn dot_piece(piece: Piece) -> Result<DotPiece> {
    let pick = |access: &Access, row: usize, column: usize| Access {
        base: access.base,
        strides: vec![access.strides[row], access.strides[column]],
    };
    let ([m, n, k], [a, b]) = (piece.dims.as_slice(), piece.loads.as_slice()) else {
        return Err(Error::bug("a dot piece with other than two operands"));
    };
    Ok(DotPiece {
        size: [*m, *n, *k],
        a: (a.0, pick(&a.1, 0, 2)),
        b: (b.0, pick(&b.1, 2, 1)),
        c: pick(&piece.out, 0, 1),
    })
}
