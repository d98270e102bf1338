//! [`Link`]: one way in which a stage is read, and the arithmetic of who reads which chunk through it.

use rustc_hash::FxHashMap;

use super::StageId;
use super::pieces::{LoadRef, intersection, is_nothing};
use super::task::linear_range;
use crate::chunks::{AxisChunks, Chunks};
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
    /// By the prefixes of `count` chunks along an axis, in groups of `size`: as a state, by those after it in its group; as what comes
    /// before a group (`groups`), by all of that group.
    Before { axis: usize, size: u64, count: u64, groups: bool },
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
            Self::Before { axis, size, count, groups } => {
                let at = coord[*axis];
                let (first, group) = if *groups { (at * size, at) } else { (at + 1, at / size) };
                let end = ((group + 1) * size).min(*count);
                end.saturating_sub(first)
            }
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
            // All of them are, by these or by the merges of whole groups.
            Self::Before { .. } => Some(whole.clone()),
            Self::Each(0) => Some(whole.iter().map(|_| (0, 0)).collect()),
            Self::Each(_) => Some(whole.clone()),
            Self::Within(within, _) => Some(within.clone()),
            Self::Joined { .. } => None,
        }
    }
}

/// The indices of a domain's axis of `len` elements at which an axis is seen in its elements `start..end`.
pub(super) fn seen_at(m: &AxisMap, (start, end): (u64, u64), len: u64) -> Option<(u64, u64)> {
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
    let mut area = load.part_of(&whole_of(grid));
    for ((m, chunks), &at) in load.view.0.iter().zip(load.chunks.axes()).zip(coord) {
        let (start, end) = chunks.range(at);
        let Some(axis) = m.axis else {
            if m.start < start as i64 || m.start >= end as i64 {
                return nothing;
            }
            continue;
        };
        match axes[axis].len() {
            // Of unknown length both: chunk for chunk.
            None => ranges[axis] = (at, at + 1),
            Some(len) => match seen_at(m, (start, end), len) {
                Some((first, end)) => area[axis] = (area[axis].0.max(first), area[axis].1.min(end)),
                None => return nothing,
            },
        }
    }
    if is_nothing(&area) {
        return nothing;
    }
    for ((range, (first, end)), axis) in ranges.iter_mut().zip(area).zip(axes) {
        if axis.len().is_some() {
            *range = (axis.find(first), axis.find(end - 1) + 1);
        }
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
    let mut area: Grid = load.part_of(&dims.iter().map(|&len| (0, len)).collect());
    for ((m, chunks), &at) in load.view.0.iter().zip(load.chunks.axes()).zip(coord) {
        let (start, end) = chunks.range(at);
        let seen = match m.axis {
            Some(axis) => seen_at(m, (start, end), dims[axis])
                .map(|(first, end)| area[axis] = (area[axis].0.max(first), area[axis].1.min(end))),
            None => (start as i64..end as i64).contains(&m.start).then_some(()),
        };
        if seen.is_none() {
            return 0;
        }
    }
    if is_nothing(&area) {
        return 0;
    }
    let (strides, total) = (c_strides(&dims), runs.elements().unwrap_or(0));
    let run_strides = c_strides(&runs.shape().unwrap_or_default());
    let mut at: Vec<u64> = area.iter().map(|(first, _)| *first).collect();
    let mut tasks = 0;
    loop {
        let place: u64 = at.iter().zip(&strides).map(|(&at, &stride)| at * stride as u64).sum();
        // Runs may end before the domain does.
        if place >= total {
            return tasks;
        }
        tasks += 1;
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

/// All of a domain; an axis of unknown length from its first element on.
fn whole_of(domain: &Chunks) -> Grid {
    domain.axes().iter().map(|axis| (0, axis.len().unwrap_or(u64::MAX))).collect()
}

/// The chunks that are read through a load by tasks of a grid, if they are a box.
fn loaded(load: &LoadRef, grid: &Chunks, within: Option<&Grid>) -> Option<Grid> {
    let axes = grid.axes();
    if axes.iter().any(AxisChunks::is_empty) {
        return Some(vec![(0, 0); load.chunks.ndim().max(1)]);
    }
    let tasks = |axis: usize| within.map_or((0, axes[axis].count()), |within| within[axis]);
    let places = |axis: usize| match (tasks(axis), axes[axis].len()) {
        ((first, end), Some(_)) if first < end => (axes[axis].range(first).0, axes[axis].range(end - 1).1),
        (tasks, _) => tasks,
    };
    let area = load.part_of(&(0..axes.len()).map(places).collect());
    if load.within.is_some() && is_nothing(&area) {
        return Some(vec![(0, 0); load.chunks.ndim().max(1)]);
    }
    let along = |(m, chunks): (&AxisMap, &AxisChunks)| {
        let Some(axis) = m.axis else {
            let at = chunks.find(m.start as u64);
            return Some((at, at + 1));
        };
        let (first, end) = tasks(axis);
        if axes[axis].len().is_none() || first >= end {
            return Some((first, end));
        }
        let (first, last) = (area[axis].0 as i64, area[axis].1 as i64 - 1);
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
