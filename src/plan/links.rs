//! [`Link`]: one way in which a stage is read, and the arithmetic of who reads which chunk through it.

use rustc_hash::FxHashMap;

use super::kernel::Kernel;
use super::pieces::LoadRef;
use super::task::linear_range;
use super::watch::Watch;
use super::{Output, Plan, Stage, StageId, StageKind};
use crate::chunks::{AxisChunks, Chunks};
use crate::error::Result;
use crate::graph::AxisMap;
use crate::graph::node::c_strides;

/// A box of a grid, or of an array: first and end on each axis.
pub(super) type Grid = Vec<(u64, u64)>;

/// One way in which a stage is read.
pub(super) enum Link {
    /// By a load of a kernel whose tasks are numbered by a grid; by those `within` a box of it, where not all are needed.
    Load { reader: StageId, load: LoadRef, grid: Chunks, within: Option<Grid> },
    /// By a load of a kernel whose tasks make runs of the C order of its domain: the chunks of `runs`.
    Linear { load: LoadRef, domain: Chunks, runs: Chunks },
    /// By so many tasks for each place along an axis.
    Take { axis: usize, tasks: FxHashMap<u64, u64> },
    /// Each chunk by so many tasks.
    Each(u64),
    /// Each chunk of a box by so many tasks.
    Within(Grid, u64),
    /// As a part of a joined array: `offset` chunks along the axis come before it.
    Joined { stage: StageId, axis: usize, offset: u64 },
}

impl Link {
    /// How many tasks read the chunk at `coord` through it (for a joined array, that array's links say).
    pub(super) fn reads(&self, coord: &[u64]) -> u64 {
        match self {
            Self::Load { load, grid, within, .. } => {
                reading(load, grid, within.as_ref(), coord).iter().map(|(first, end)| end - first).product()
            }
            Self::Linear { load, domain, runs } => linear_tasks(load, domain, runs, coord),
            Self::Take { axis, tasks } => tasks.get(&coord[*axis]).copied().unwrap_or(0),
            Self::Each(tasks) => *tasks,
            Self::Within(within, tasks) => {
                let inside = within.iter().zip(coord).all(|((first, end), at)| (first..end).contains(&at));
                if inside { *tasks } else { 0 }
            }
            Self::Joined { .. } => 0,
        }
    }

    /// The chunks (of a stage whose chunks are `whole`) that are read through it, if they are a box.
    pub(super) fn reach(&self, whole: &Grid) -> Option<Grid> {
        match self {
            Self::Load { load, grid, within, .. } => loaded(load, grid, within.as_ref()),
            Self::Linear { load, domain, .. } => loaded(load, domain, None),
            Self::Take { axis, tasks } => {
                let (first, last) = (*tasks.keys().min()?, *tasks.keys().max()?);
                let mut reach = whole.clone();
                reach[*axis] = (first, last + 1);
                (last - first + 1 == tasks.len() as u64).then_some(reach)
            }
            Self::Each(0) => Some(whole.iter().map(|_| (0, 0)).collect()),
            Self::Each(_) => Some(whole.clone()),
            Self::Within(within, _) => Some(within.clone()),
            Self::Joined { .. } => None,
        }
    }
}

impl Plan {
    /// How `reader` reads `stage` as its inputs at `places`, where all of that is arithmetic; `within`: where not all of the reader's
    /// chunks are needed.
    pub(super) fn links(
        &self,
        reader: StageId,
        stage: StageId,
        places: &[(StageId, usize)],
        within: Option<&Grid>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Vec<Link>>> {
        let this = &self.stages[reader];
        let chunks = &self.stages[stage].chunks;
        Ok(match &this.kind {
            StageKind::Source(_) => Some(Vec::new()),
            StageKind::Combine { .. } => within.is_none().then(|| vec![Link::Each(1)]),
            StageKind::Concatenate(joined) => {
                let part = |&(_, place): &(StageId, usize)| Link::Joined {
                    stage: reader,
                    axis: joined.axis,
                    offset: joined.starts[place],
                };
                Some(places.iter().map(part).collect())
            }
            StageKind::Host(_) => self.host_link(this, chunks, places.len() as u64, within).map(|link| vec![link]),
            StageKind::Kernel { output: Output::Take { axis, indices }, .. } => {
                let others = |k: usize| k == *axis || this.chunks.axes()[k] == chunks.axes()[k];
                if within.is_some() || !(0..chunks.ndim()).all(others) {
                    return Ok(None);
                }
                let tasks = take_tasks(&this.chunks.axes()[*axis], &chunks.axes()[*axis], indices, watch)?;
                Some(vec![Link::Take { axis: *axis, tasks }])
            }
            StageKind::Kernel { kernel, domain, loads, output, .. } => {
                let mut links = Vec::new();
                if matches!(kernel, Kernel::Histogram { .. }) && this.inputs.last() == Some(&stage) {
                    links.push(Link::Each(this.chunks.count()));
                }
                // A part of the tasks of a histogram is never what is needed.
                let Some(within) = task_box(domain, &this.chunks, output, within) else { return Ok(None) };
                for load in loads.iter().filter(|load| this.inputs[load.input] == stage) {
                    if !is_arithmetic(load, domain) {
                        return Ok(None);
                    }
                    let (load, domain) = (load.clone(), domain.clone());
                    links.push(match output {
                        Output::Linear if within.is_some() => return Ok(None),
                        Output::Linear => Link::Linear { load, domain, runs: this.chunks.clone() },
                        Output::Same | Output::Reduced(_) | Output::Bins | Output::Dot | Output::Take { .. } => {
                            Link::Load { reader, load, grid: domain, within: within.clone() }
                        }
                    });
                }
                Some(links)
            }
        })
    }

    /// How a host function reads an input that it is given so many `times`: an axis in one chunk serves all.
    fn host_link(&self, this: &Stage, chunks: &Chunks, times: u64, within: Option<&Grid>) -> Option<Link> {
        let (own, input) = (this.chunks.grid(), chunks.grid());
        if let Some(within) = within {
            return (own == input).then(|| Link::Within(within.clone(), times));
        }
        if chunks.count() == 1 {
            return Some(Link::Each(this.chunks.count().saturating_mul(times)));
        }
        let skip = own.len().checked_sub(input.len())?;
        let mut tasks = times;
        for (k, &count) in own.iter().enumerate() {
            match k.checked_sub(skip).map(|k| input[k]) {
                Some(of) if of == count && count > 1 => {}
                None | Some(1) => tasks = tasks.saturating_mul(count),
                Some(_) => return None,
            }
        }
        Some(Link::Each(tasks))
    }
}

/// The box of the domain's grid whose tasks make a box of output chunks; nothing for all. `None` where that is no box.
fn task_box(domain: &Chunks, chunks: &Chunks, output: &Output, within: Option<&Grid>) -> Option<Option<Grid>> {
    let Some(within) = within else { return Some(None) };
    let mut within = within.clone();
    match output {
        Output::Dot => within.push((0, 1)),
        _ if domain.grid() != chunks.grid() => return None,
        Output::Same | Output::Linear | Output::Reduced(_) | Output::Bins | Output::Take { .. } => {}
    }
    Some(Some(within))
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

/// For each place along the axis of what is taken from: how many chunks of the taken read it.
fn take_tasks(
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

/// The indices of a domain's axis of `len` elements at which an axis is seen in its elements `start..end`.
fn seen_at(m: &AxisMap, (start, end): (u64, u64), len: u64) -> Option<(u64, u64)> {
    let (start, end) = (start as i64, end as i64);
    // The domain's indices i with start <= m.start + m.step·i < end.
    let (first, last) = if m.step > 0 {
        (ceil_div(start - m.start, m.step), ceil_div(end - m.start, m.step) - 1)
    } else {
        (ceil_div(m.start - end + 1, -m.step), ceil_div(m.start - start + 1, -m.step) - 1)
    };
    let (first, last) = (first.max(0), last.min(len as i64 - 1));
    (first <= last).then(|| (first as u64, last as u64 + 1))
}

/// `⌈a / b⌉` for positive `b`.
fn ceil_div(a: i64, b: i64) -> i64 {
    -((-a).div_euclid(b))
}

/// The box of tasks that read the chunk at `coord` through a load.
pub(super) fn reading(load: &LoadRef, grid: &Chunks, within: Option<&Grid>, coord: &[u64]) -> Grid {
    let axes = grid.axes();
    let mut ranges: Grid = axes.iter().map(|axis| (0, axis.count())).collect();
    let nothing = vec![(0, 0); axes.len().max(1)];
    if axes.iter().any(AxisChunks::is_empty) {
        return nothing;
    }
    for ((m, chunks), &at) in load.view.0.iter().zip(load.chunks.axes()).zip(coord) {
        let (start, end) = chunks.range(at);
        let Some(axis) = m.axis else {
            if m.start < start as i64 || m.start >= end as i64 {
                return nothing;
            }
            continue;
        };
        ranges[axis] = match axes[axis].len() {
            // Of unknown length both: chunk for chunk.
            None => (at, at + 1),
            Some(len) => match seen_at(m, (start, end), len) {
                Some((first, end)) => (axes[axis].find(first), axes[axis].find(end - 1) + 1),
                None => return nothing,
            },
        };
    }
    let Some(within) = within else { return ranges };
    let both = intersection(&ranges, within);
    if both.iter().any(|(first, end)| first >= end) { nothing } else { both }
}

/// How many chunks of `runs`, which are runs of the C order of `domain`, have elements that read the chunk at `coord`.
fn linear_tasks(load: &LoadRef, domain: &Chunks, runs: &Chunks, coord: &[u64]) -> u64 {
    let dims = domain.shape().unwrap_or_default();
    if dims.contains(&0) {
        return 0;
    }
    let mut area: Grid = dims.iter().map(|&len| (0, len)).collect();
    for ((m, chunks), &at) in load.view.0.iter().zip(load.chunks.axes()).zip(coord) {
        let (start, end) = chunks.range(at);
        let seen = match m.axis {
            Some(axis) => seen_at(m, (start, end), dims[axis]).map(|seen| area[axis] = seen),
            None => (start as i64..end as i64).contains(&m.start).then_some(()),
        };
        if seen.is_none() {
            return 0;
        }
    }
    let (strides, total) = (c_strides(&dims), runs.elements().unwrap_or(0));
    let run_strides = c_strides(&runs.shape().unwrap_or_default());
    let mut at: Vec<u64> = area.iter().map(|(first, _)| *first).collect();
    let mut tasks = 0;
    loop {
        tasks += 1;
        let place: u64 = at.iter().zip(&strides).map(|(&at, &stride)| at * stride as u64).sum();
        let run: Vec<u64> = split(place, &run_strides).zip(runs.axes()).map(|(at, axis)| axis.find(at)).collect();
        let (_, end) = linear_range(runs, runs.index(&run));
        // The first element of the area that is not in this run.
        if end >= total || !first_from(&mut at, split(end, &strides).collect(), &area) {
            return tasks;
        }
    }
}

/// The coordinates of a place in C order.
fn split(mut place: u64, strides: &[i64]) -> impl Iterator<Item = u64> {
    strides.iter().map(move |&stride| {
        let at = place / stride as u64;
        place %= stride as u64;
        at
    })
}

/// Sets `at` to the first point of an area that is `from` or comes after it in C order, if there is one.
fn first_from(at: &mut Vec<u64>, from: Vec<u64>, area: &Grid) -> bool {
    let outside = (0..area.len()).find(|&k| from[k] < area[k].0 || from[k] >= area[k].1);
    *at = from;
    let Some(k) = outside else { return true };
    let mut rest = k;
    if at[k] >= area[k].1 {
        // The next one along the axes before it.
        let Some(next) = (0..k).rev().find(|&j| at[j] + 1 < area[j].1) else { return false };
        at[next] += 1;
        rest = next + 1;
    }
    at[rest..].iter_mut().zip(&area[rest..]).for_each(|(at, (first, _))| *at = *first);
    true
}

/// The chunks that are read through a load by tasks of a grid, if they are a box.
fn loaded(load: &LoadRef, grid: &Chunks, within: Option<&Grid>) -> Option<Grid> {
    let axes = grid.axes();
    if axes.iter().any(AxisChunks::is_empty) {
        return Some(vec![(0, 0); load.chunks.ndim().max(1)]);
    }
    let tasks = |axis: usize| within.map_or((0, axes[axis].count()), |within| within[axis]);
    let along = |(m, chunks): (&AxisMap, &AxisChunks)| {
        let Some(axis) = m.axis else {
            let at = chunks.find(m.start as u64);
            return Some((at, at + 1));
        };
        let (first, end) = tasks(axis);
        if axes[axis].len().is_none() || first >= end {
            return Some((first, end));
        }
        let (first, last) = (axes[axis].range(first).0 as i64, axes[axis].range(end - 1).1 as i64 - 1);
        let (one, other) = (m.start + m.step * first, m.start + m.step * last);
        let (low, high) = (chunks.find(one.min(other) as u64), chunks.find(one.max(other) as u64));
        // A step may pass chunks by.
        let every = match chunks {
            AxisChunks::Regular { size, .. } => m.step.unsigned_abs() <= *size,
            AxisChunks::Irregular(_) | AxisChunks::Unknown { .. } => m.step.unsigned_abs() <= 1,
        };
        (every || high - low <= 1).then_some((low, high + 1))
    };
    load.view.0.iter().zip(load.chunks.axes()).map(along).collect()
}

/// What two boxes have in common.
pub(super) fn intersection(a: &Grid, b: &Grid) -> Grid {
    a.iter().zip(b).map(|(a, b)| (a.0.max(b.0), a.1.min(b.1))).collect()
}

/// Two boxes as one, where they are.
pub(super) fn union(a: Grid, b: Grid) -> Option<Grid> {
    let both = intersection(&a, &b);
    if both == a || both == b {
        return Some(if both == a { b } else { a });
    }
    let mut differ = (0..a.len()).filter(|&k| a[k] != b[k]);
    let (k, None) = (differ.next()?, differ.next()) else { return None };
    let touch = a[k].0 <= b[k].1 && b[k].0 <= a[k].1;
    let mut union = a;
    union[k] = (union[k].0.min(b[k].0), union[k].1.max(b[k].1));
    touch.then_some(union)
}
