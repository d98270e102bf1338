//! From a task to its pieces: the task's box of the domain is cut wherever some input passes from one chunk to the next, so
//! that within a piece every place is affine.

use rustc_hash::FxHashSet;

use crate::chunks::{AxisChunks, Chunks};
use crate::error::Result;
use crate::graph::view::segment_end;
use crate::graph::{Layout, View};

use super::kernel::{Access, Piece};
use super::watch::Watch;

/// A box of a domain: start and end on each axis.
pub type Region = Vec<(u64, u64)>;

/// One array a program reads: which input of the stage, and how the domain's axes see it. Of joined arrays each part is one, of the same
/// load of the program: it is read within its box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadRef {
    /// Which load of the program.
    pub slot: usize,
    /// Which input of the stage.
    pub input: usize,
    /// Domain axes → axes of the input.
    pub view: View,
    /// The input's chunks.
    pub chunks: Chunks,
    /// The box of the domain in which it is read, where that is not all of it. The boxes of a load's parts do not meet, and all together
    /// cover the domain.
    pub within: Option<Region>,
}

/// What two boxes have in common: nothing where an axis ends before it starts.
pub(super) fn intersection(a: &Region, b: &Region) -> Region {
    a.iter().zip(b).map(|(a, b)| (a.0.max(b.0), a.1.min(b.1))).collect()
}

/// Whether a box has no points.
pub(super) fn is_nothing(region: &Region) -> bool {
    region.iter().any(|(start, end)| start >= end)
}

impl LoadRef {
    /// What is read of a region through it.
    #[must_use]
    pub fn part_of(&self, region: &Region) -> Region {
        self.within.as_ref().map_or_else(|| region.clone(), |within| intersection(region, within))
    }
    /// Chunks that are read within a region at most: those between the first and the last along each axis.
    #[must_use]
    pub fn reads_at_most(&self, region: &Region) -> u64 {
        let region = self.part_of(region);
        if is_nothing(&region) {
            return 0;
        }
        let along = self.view.0.iter().zip(self.chunks.axes()).map(|(m, chunks)| {
            let Some(axis) = m.axis.filter(|_| chunks.len().is_some()) else { return 1 };
            let (start, end) = (region[axis].0 as i64, region[axis].1 as i64 - 1);
            let at = |i: i64| chunks.find((m.start + m.step * i) as u64);
            // Each element reads one.
            (at(start).abs_diff(at(end)) + 1).min(region[axis].1 - region[axis].0)
        });
        along.fold(1, u64::saturating_mul)
    }
    /// Whether no two axes of what is loaded move with the same axis of the domain.
    #[must_use]
    pub fn separable(&self) -> bool {
        let maps = &self.view.0;
        (0..maps.len()).all(|k| maps[k].axis.is_none() || maps[..k].iter().all(|m| m.axis != maps[k].axis))
    }
}

/// An affine function of the domain's global coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affine {
    /// The value at the origin.
    pub base: i64,
    /// One weight a domain axis.
    pub weights: Vec<i64>,
}

impl Affine {
    /// As an access of a piece that starts at `origin`.
    #[must_use]
    pub fn access(&self, origin: &[u64]) -> Access {
        let base =
            self.weights.iter().zip(origin).fold(self.base, |sum, (w, &o)| sum.wrapping_add(w.wrapping_mul(o as i64)));
        Access { base, strides: self.weights.clone() }
    }
    /// `offset + Σ weights · (coordinates of the array)`, where the array is seen through `view`.
    #[must_use]
    pub fn of_view(weights: &[i64], offset: i64, view: &View, domain_axes: usize) -> Self {
        let mut affine = Self { base: offset, weights: vec![0; domain_axes] };
        for (w, m) in weights.iter().zip(&view.0) {
            affine.base = affine.base.wrapping_add(w.wrapping_mul(m.start));
            if let Some(axis) = m.axis {
                affine.weights[axis] = affine.weights[axis].wrapping_add(w.wrapping_mul(m.step));
            }
        }
        affine
    }
}

/// A box over which every load stays in one chunk, and which chunk that is.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The box.
    pub region: Region,
    /// What is read, in the order of the program's loads: which of `loads`, and grid coordinates of the chunk it reads.
    pub chunks: Vec<(usize, Vec<u64>)>,
}

/// Cuts `region` into cells and visits each: in C order, those of each part of joined arrays by themselves. On an axis of unknown length
/// the region is `0..length` of one chunk, whose number is `unknown_chunk`.
///
/// # Errors
/// What ends the watch; the first of `visit`.
pub fn for_each_cell(
    region: &Region,
    loads: &[LoadRef],
    unknown_chunk: u64,
    watch: &mut Watch<'_>,
    mut visit: impl FnMut(Cell) -> Result<()>,
) -> Result<()> {
    if is_nothing(region) {
        return Ok(());
    }
    if loads.iter().all(|load| load.within.is_none()) {
        let all: Vec<(usize, &LoadRef)> = loads.iter().enumerate().collect();
        return cells_of(region, &all, unknown_chunk, watch, &mut visit);
    }
    // Where no load passes from one part to the next.
    let starts = part_starts(region, loads);
    for_each_in_box(&starts, |start| {
        watch.step()?;
        let part = part_at(region, &starts, start);
        let read = |load: &LoadRef| load.within.is_none() || !is_nothing(&load.part_of(&part));
        let mut read: Vec<(usize, &LoadRef)> = loads.iter().enumerate().filter(|(_, load)| read(load)).collect();
        read.sort_by_key(|(_, load)| load.slot);
        cells_of(&part, &read, unknown_chunk, watch, &mut visit)
    })
}

/// Along each axis of a region: where parts of loads begin or end in it, and its own start.
fn part_starts(region: &Region, loads: &[LoadRef]) -> Vec<Vec<u64>> {
    let mut starts: Vec<Vec<u64>> = region.iter().map(|(start, _)| vec![*start]).collect();
    for part in loads.iter().filter(|load| load.within.is_some()).map(|load| load.part_of(region)) {
        if !is_nothing(&part) {
            for ((starts, ends), own) in starts.iter_mut().zip(part).zip(region) {
                starts.extend([ends.0, ends.1].into_iter().filter(|at| *at < own.1));
            }
        }
    }
    for starts in &mut starts {
        starts.sort_unstable();
        starts.dedup();
    }
    starts
}

/// The box of a region that starts at `start`, up to the next one of `starts`.
fn part_at(region: &Region, starts: &[Vec<u64>], start: &[u64]) -> Region {
    let end = |((starts, own), &start): ((&Vec<u64>, &(u64, u64)), &u64)| {
        (start, starts.iter().copied().find(|at| *at > start).unwrap_or(own.1))
    };
    starts.iter().zip(region).zip(start).map(end).collect()
}

/// The cells of a region in which each of these is read throughout.
fn cells_of(
    region: &Region,
    loads: &[(usize, &LoadRef)],
    unknown_chunk: u64,
    watch: &mut Watch<'_>,
    visit: &mut impl FnMut(Cell) -> Result<()>,
) -> Result<()> {
    // The cut points of each axis, found by walking along it.
    let mut cuts: Vec<Vec<(u64, u64)>> = Vec::with_capacity(region.len());
    for (axis, &(start, end)) in region.iter().enumerate() {
        let followers: Vec<_> = loads
            .iter()
            .flat_map(|(_, load)| load.view.0.iter().zip(load.chunks.axes()))
            .filter(|(m, chunks)| m.axis == Some(axis) && chunks.len().is_some() && chunks.count() > 1)
            .collect();
        let mut segments = Vec::new();
        let mut at = start;
        while at < end {
            watch.step()?;
            let next = followers.iter().map(|(m, chunks)| segment_end(chunks, m, at, end)).min().unwrap_or(end);
            segments.push((at, next));
            at = next;
        }
        cuts.push(segments);
    }
    let mut pick = vec![0; cuts.len()];
    loop {
        watch.step()?;
        let region: Region = pick.iter().zip(&cuts).map(|(&i, segments)| segments[i]).collect();
        let chunks = loads.iter().map(|(k, load)| (*k, chunk_of(load, &region, unknown_chunk))).collect();
        visit(Cell { region, chunks })?;
        // The next combination, last axis fastest.
        let Some(axis) = (0..pick.len()).rev().find(|&k| pick[k] + 1 < cuts[k].len()) else {
            return Ok(());
        };
        pick[axis] += 1;
        pick[axis + 1..].fill(0);
    }
}

/// Visits every choice of one number an axis, the last axis fastest.
///
/// # Errors
/// The first of `visit`.
pub fn for_each_in_box(axes: &[Vec<u64>], mut visit: impl FnMut(&[u64]) -> Result<()>) -> Result<()> {
    if axes.iter().any(Vec::is_empty) {
        return Ok(());
    }
    let mut at: Vec<u64> = axes.iter().map(|axis| axis[0]).collect();
    // The usual one.
    if axes.iter().all(|axis| axis.len() == 1) {
        return visit(&at);
    }
    let mut pick = vec![0; axes.len()];
    loop {
        visit(&at)?;
        let Some(k) = (0..pick.len()).rev().find(|&k| pick[k] + 1 < axes[k].len()) else {
            return Ok(());
        };
        pick[k] += 1;
        pick[k + 1..].fill(0);
        for j in k..at.len() {
            at[j] = axes[j][pick[j]];
        }
    }
}

/// Visits every chunk that a load reads within a region, each once.
///
/// # Errors
/// What ends the watch; the first of `visit`.
pub fn for_each_chunk(
    load: &LoadRef,
    region: &Region,
    unknown_chunk: u64,
    watch: &mut Watch<'_>,
    mut visit: impl FnMut(&[u64]),
) -> Result<()> {
    let region = &load.part_of(region);
    if is_nothing(region) {
        return Ok(());
    }
    let maps = &load.view.0;
    if !load.separable() {
        // Two axes move together: not a box of chunks.
        let mut seen = FxHashSet::default();
        return for_each_cell(region, std::slice::from_ref(load), unknown_chunk, watch, |cell| {
            for (_, coord) in cell.chunks {
                if seen.insert(coord.clone()) {
                    visit(&coord);
                }
            }
            Ok(())
        });
    }
    let mut axes: Vec<Vec<u64>> = Vec::with_capacity(maps.len());
    for (m, chunks) in maps.iter().zip(load.chunks.axes()) {
        axes.push(match (chunks, m.axis) {
            (AxisChunks::Unknown { .. }, _) => vec![unknown_chunk],
            (_, None) => vec![chunks.find(m.start as u64)],
            (_, Some(axis)) => {
                let ((mut at, end), mut numbers) = (region[axis], Vec::new());
                while at < end {
                    watch.step()?;
                    numbers.push(chunks.find((m.start + m.step * at as i64) as u64));
                    at = segment_end(chunks, m, at, end);
                }
                numbers
            }
        });
    }
    for_each_in_box(&axes, |at| {
        visit(at);
        watch.step()
    })
}

/// The chunk a load reads at the start of a cell.
fn chunk_of(load: &LoadRef, region: &Region, unknown_chunk: u64) -> Vec<u64> {
    load.view
        .0
        .iter()
        .zip(load.chunks.axes())
        .map(|(m, chunks)| match (chunks, m.axis) {
            (AxisChunks::Unknown { .. }, _) => unknown_chunk,
            (_, Some(axis)) => chunks.find((m.start + m.step * region[axis].0 as i64) as u64),
            (_, None) => chunks.find(m.start as u64),
        })
        .collect()
}

/// The access of a load within a cell: its chunk starts at `origin` of the array and lies in its buffer as `layout` says.
#[must_use]
pub fn load_access(load: &LoadRef, cell: &Region, origin: &[u64], layout: &Layout) -> Access {
    let mut access = Access { base: layout.base, strides: vec![0; cell.len()] };
    for ((m, &o), &stride) in load.view.0.iter().zip(origin).zip(&layout.strides) {
        let start = m.start + m.axis.map_or(0, |axis| m.step * cell[axis].0 as i64);
        access.base += stride * (start - o as i64);
        if let Some(axis) = m.axis {
            access.strides[axis] += stride * m.step;
        }
    }
    access
}

/// A piece for a cell, without its loads.
#[must_use]
pub fn piece(cell: &Region, out: &Affine, indices: &[Affine]) -> Piece {
    let origin: Vec<u64> = cell.iter().map(|(start, _)| *start).collect();
    Piece {
        dims: cell.iter().map(|(start, end)| end - start).collect(),
        out: out.access(&origin),
        loads: Vec::new(),
        indices: indices.iter().map(|index| index.access(&origin)).collect(),
    }
}

/// The boxes that the C-order positions `start..end` of an array of `dims` make: at most `2·ndim - 1`.
#[must_use]
pub fn linear_boxes(dims: &[u64], start: u64, end: u64) -> Vec<Region> {
    let mut out = Vec::new();
    let mut prefix = Vec::new();
    push_boxes(dims, start, end, &mut prefix, &mut out);
    out
}

fn push_boxes(dims: &[u64], start: u64, end: u64, prefix: &mut Vec<(u64, u64)>, out: &mut Vec<Region>) {
    if start >= end {
        return;
    }
    let Some((_, rest)) = dims.split_first() else {
        return out.push(prefix.clone());
    };
    let row: u64 = rest.iter().product();
    let (first, last) = (start / row, end / row);
    let within = |index: u64, from: u64, to: u64, prefix: &mut Vec<(u64, u64)>, out: &mut Vec<Region>| {
        prefix.push((index, index + 1));
        push_boxes(rest, from, to, prefix, out);
        prefix.pop();
    };
    if first == last {
        return within(first, start % row, end % row, prefix, out);
    }
    let whole = if start.is_multiple_of(row) {
        first
    } else {
        within(first, start % row, row, prefix, out);
        first + 1
    };
    if whole < last {
        let mut region = prefix.clone();
        region.push((whole, last));
        region.extend(rest.iter().map(|&len| (0, len)));
        out.push(region);
    }
    if !end.is_multiple_of(row) {
        within(last, 0, end % row, prefix, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_boxes_cover_a_range_once_and_in_order() {
        let dims = [3, 4, 5];
        for start in 0..60 {
            for end in start..=60 {
                let mut seen = Vec::new();
                let boxes = linear_boxes(&dims, start, end);
                assert!(boxes.len() <= 5, "{start}..{end}: {} boxes", boxes.len());
                for b in boxes {
                    for i in b[0].0..b[0].1 {
                        for j in b[1].0..b[1].1 {
                            seen.extend((b[2].0..b[2].1).map(|k| (i * 4 + j) * 5 + k));
                        }
                    }
                }
                assert_eq!(seen, (start..end).collect::<Vec<_>>());
            }
        }
    }
}
