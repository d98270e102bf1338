//! What kernels with a program have in common: their tasks are boxes of a domain, cut wherever a load passes from one chunk to the next.

use rustc_hash::{FxHashMap, FxHashSet};

use super::stage::StageAt;
use crate::chunks::{AxisChunks, Chunks, product};
use crate::error::{Error, Result};
use crate::graph::AxisMap;
use crate::graph::node::c_strides;
use crate::plan::Output;
use crate::plan::bytes::bytes;
use crate::plan::links::{Grid, Link};
use crate::plan::pieces::{Affine, LoadRef, Region, for_each_cell, for_each_chunk, load_access, piece};
use crate::plan::task::{ChunkId, Geometry, TaskWork, region_of};
use crate::plan::watch::Watch;

impl StageAt<'_> {
    /// The chunks that loads read, and what the kernel reads itself.
    pub(super) fn loaded_chunks(&self, chunk: u64, watch: &mut Watch<'_>) -> Result<Vec<ChunkId>> {
        let mut reads = Vec::new();
        let regions = self.family.regions(self, chunk, 1);
        let unknown = self.family.unknown_chunk(self, chunk);
        // Boxes of one task meet in chunks: a load reads each once all the same. (A chunk that is joined twice, once for each.)
        let mut seen = FxHashSet::default();
        for region in &regions {
            for (k, load) in self.loads.iter().enumerate() {
                for_each_chunk(load, region, unknown, watch, |coord| {
                    if regions.len() == 1 || seen.insert((k, coord.to_vec())) {
                        reads.push(self.plan.resolve(self.this.inputs[load.input], coord.to_vec()));
                    }
                })?;
            }
        }
        reads.extend(self.family.own_reads(self, chunk));
        Ok(reads)
    }

    /// The domain's chunk of the same number.
    pub(super) fn own_region(&self, chunk: u64, unknown: u64) -> Vec<Region> {
        vec![region_of(self.domain, &self.domain.coord(chunk), unknown)]
    }

    /// The same in C order.
    pub(super) fn own_place(&self, chunk: u64, unknown: u64) -> (Affine, Vec<u64>) {
        self.place_of(&self.domain.coord(chunk), unknown, &[])
    }

    /// The tasks of a box of output chunks, where those have the domain's numbers.
    pub(super) fn own_box(&self, within: Option<&Grid>) -> Option<Option<Grid>> {
        let same = || self.domain.grid() == self.this.chunks.grid();
        within.map_or(Some(None), |within| same().then(|| Some(within.clone())))
    }

    /// The link of a load whose readers have the domain's numbers.
    pub(super) fn own_load_link(&self, load: LoadRef, within: Option<Grid>) -> Link {
        Link::Load { reader: self.id, load, grid: self.domain.clone(), within }
    }

    /// The domain's chunk at `coord` in C order, without the axes that are `dropped`.
    pub(super) fn place_of(&self, coord: &[u64], unknown: u64, dropped: &[usize]) -> (Affine, Vec<u64>) {
        let region = region_of(self.domain, coord, unknown);
        let kept: Vec<usize> = (0..region.len()).filter(|k| !dropped.contains(k)).collect();
        let shape: Vec<u64> = kept.iter().map(|&k| region[k].1 - region[k].0).collect();
        let mut out = nowhere(self.domain);
        for (&k, stride) in kept.iter().zip(c_strides(&shape)) {
            out.weights[k] = stride;
            out.base -= stride * region[k].0 as i64;
        }
        (out, shape)
    }

    /// A task's pieces.
    pub(super) fn pieces(
        &self,
        chunk: u64,
        deps: &[ChunkId],
        found: &[Geometry],
        watch: &mut Watch<'_>,
    ) -> Result<TaskWork> {
        let unknown = self.unknown_length(chunk, deps, found, watch)?;
        let (out, shape) = self.family.place(self, chunk, unknown, found);
        // Looked up by hash where they are many.
        let numbers: FxHashMap<ChunkId, usize> = if deps.len() > 8 {
            deps.iter().enumerate().map(|(i, &dep)| (dep, i)).collect()
        } else {
            FxHashMap::default()
        };
        let number = |load: &LoadRef, coord: &[u64]| {
            let dep = self.plan.resolve(self.this.inputs[load.input], coord.to_vec());
            let found = if deps.len() > 8 { numbers.get(&dep).copied() } else { deps.iter().position(|d| *d == dep) };
            found.ok_or_else(|| Error::bug("a piece reads a chunk the task does not"))
        };
        let mut pieces = Vec::new();
        let unknown_chunk = self.family.unknown_chunk(self, chunk);
        for region in &self.family.regions(self, chunk, unknown) {
            for_each_cell(region, self.loads, unknown_chunk, watch, |cell| {
                let mut piece = piece(&cell.region, &out, self.indices);
                for (k, coord) in &cell.chunks {
                    let load = &self.loads[*k];
                    let input = number(load, coord)?;
                    let origin: Vec<u64> = region_of(&load.chunks, coord, 0).iter().map(|(start, _)| *start).collect();
                    piece.loads.push((input, load_access(load, &cell.region, &origin, &found[input].layout)));
                }
                pieces.push(piece);
                Ok(())
            })?;
        }
        let work = self.family.work(self, pieces, &shape)?;
        Ok(TaskWork { work, elements: shape.iter().product(), shape, unknown })
    }

    /// The length of the unknown axis in a task: that of the chunks it reads along it.
    fn unknown_length(&self, chunk: u64, deps: &[ChunkId], found: &[Geometry], watch: &mut Watch<'_>) -> Result<u64> {
        if !self.domain.has_unknown() {
            return Ok(0);
        }
        let number = self.family.unknown_chunk(self, chunk);
        let regions = self.family.regions(self, chunk, 1);
        for load in self.loads {
            let axes = load.chunks.axes().iter().zip(&load.view.0);
            let unknown = axes.enumerate().find(|(_, (axis, map))| axis.len().is_none() && map.axis.is_some());
            let (Some((k, _)), Some(region)) = (unknown, regions.first()) else { continue };
            // Any chunk with that number on the unknown axis has the length: one of those that the task reads.
            let mut first = None;
            for_each_chunk(load, region, number, watch, |coord| {
                first.get_or_insert_with(|| coord.to_vec());
            })?;
            let dep = first.map(|coord| self.plan.resolve(self.this.inputs[load.input], coord));
            if let Some(i) = deps.iter().position(|d| Some(*d) == dep) {
                return Ok(found[i].shape[k]);
            }
        }
        Ok(0)
    }

    /// How `stage` is read through the loads, where all of that is arithmetic.
    pub(super) fn load_links(&self, stage: usize, within: Option<&Grid>) -> Option<Vec<Link>> {
        let mut links = self.family.own_links(self, stage, within);
        let within = self.family.task_box(self, within)?;
        for load in self.loads.iter().filter(|load| self.this.inputs[load.input] == stage) {
            if !is_arithmetic(load, self.domain) {
                return None;
            }
            links.push(self.family.load_link(self, load.clone(), within.clone()));
        }
        Some(links)
    }

    /// Chunks that the first task reads at most.
    pub(super) fn loaded_at_most(&self) -> u64 {
        if self.this.tasks() == 0 {
            return 0;
        }
        let regions = self.family.regions(self, 0, 1);
        let reads = |load| regions.iter().map(move |region| LoadRef::reads_at_most(load, region));
        self.loads.iter().flat_map(reads).fold(0, u64::saturating_add)
    }

    /// The same, from the elements of each input.
    pub(super) fn chunk_bytes_of(&self, chunk: u64, inputs: &mut dyn DoubleEndedIterator<Item = u64>) -> u64 {
        // No longer than the box whose elements are asked, where that is known.
        let asked = matches!(self.output, Some(Output::Same)) && !self.domain.has_unknown();
        let made = self.family.made(self, chunk);
        if !self.this.chunks.has_unknown() || asked {
            return made;
        }
        // As long as what it is made of, at most.
        made.max(bytes(inputs.max().unwrap_or(0), self.this.dtype.size()))
    }

    /// Bytes of a task's chunk: of unknown length as many elements as the domain's chunk has.
    pub(super) fn chunk_bytes(&self, chunk: u64) -> u64 {
        let as_long = matches!(self.output, Some(Output::Same)) && self.this.chunks.has_unknown();
        let chunks = if as_long { self.domain } else { &self.this.chunks };
        bytes(points(&chunks.region(&chunks.coord(chunk))), self.this.dtype.size())
    }
}

/// Place 0 for every point of a domain.
pub(super) fn nowhere(domain: &Chunks) -> Affine {
    Affine { base: 0, weights: vec![0; domain.ndim()] }
}

/// Whether the tasks that read a chunk through a load are a box of the domain's grid.
fn is_arithmetic(load: &LoadRef, domain: &Chunks) -> bool {
    let fits = |(m, chunks): (&AxisMap, &AxisChunks)| match (chunks.len(), m.axis.map(|axis| &domain.axes()[axis])) {
        (Some(_), None) => true,
        (Some(_), Some(axis)) => axis.len().is_some(),
        // Chunk for chunk.
        (None, Some(axis)) => axis.len().is_none() && axis.count() == chunks.count(),
        (None, None) => false,
    };
    load.separable() && load.view.0.iter().zip(load.chunks.axes()).all(fits)
}

/// Points of a box.
pub(super) fn points(region: &Region) -> u64 {
    product(region.iter().map(|(start, end)| end - start))
}
