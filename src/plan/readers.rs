//! [`Readers`]: how often a chunk is read, so that it can be let go after the last time. For views along axes that is
//! arithmetic: the tasks that read a chunk through a load are a box of the reader's grid. Where it is not (reshapes, diagonals,
//! unknown lengths, stages of which only a part is needed) the reads are counted once, four bytes a chunk.

use rustc_hash::FxHashMap;

use super::pieces::{LoadRef, for_each_in_box};
use super::task::ChunkId;
use super::{Output, Plan, StageId, StageKind};
use crate::chunks::{AxisChunks, Chunks};

/// One way in which a stage is read.
enum Link {
    /// By a load of a kernel whose tasks are numbered by a grid.
    Load { reader: StageId, load: LoadRef, grid: Chunks },
    /// By so many tasks, each of which reads the only chunk.
    All(u64),
    /// Each chunk by the one task that merges it.
    Once,
    /// As a part of a joined array: `offset` chunks along the axis come before it.
    Joined { stage: StageId, axis: usize, offset: u64 },
}

/// How a stage's reads are known.
enum Count {
    Links(Vec<Link>),
    Table(FxHashMap<u64, u32>),
}

/// How often each chunk of a plan is read.
pub struct Readers {
    stages: Vec<Count>,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counted = self.stages.iter().filter(|count| matches!(count, Count::Table(_))).count();
        write!(f, "Readers({} stages, {counted} counted)", self.stages.len())
    }
}

impl Readers {
    /// Looks at who reads what.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let n = plan.stages.len();
        // Readers have higher numbers: from the last stage down, what is needed of each is known before it is looked at.
        let mut needed: Vec<Needed> = vec![Needed::Nothing; n];
        for &output in &plan.outputs {
            needed[output] = Needed::All;
        }
        let mut stages: Vec<Count> = (0..n).map(|_| Count::Links(Vec::new())).collect();
        for stage in (0..n).rev() {
            let readers: Vec<StageId> = (stage + 1..n).filter(|&r| plan.stages[r].inputs.contains(&stage)).collect();
            let mut links = Some(Vec::new());
            let mut all = matches!(needed[stage], Needed::All);
            for &reader in &readers {
                match needed[reader] {
                    Needed::Nothing => {}
                    Needed::All => {
                        let found = plan.links(reader, stage);
                        all |= found.iter().flatten().any(|link| covers(plan, stage, link));
                        links = links.zip(found).map(|(mut links, found)| {
                            links.extend(found);
                            links
                        });
                    }
                    Needed::Some(_) => links = None,
                }
            }
            let read = readers.iter().any(|&reader| !matches!(needed[reader], Needed::Nothing));
            let joined = links
                .iter()
                .flatten()
                .any(|link| matches!(link, Link::Joined { stage, .. } if !matches!(stages[*stage], Count::Links(_))));
            match links {
                Some(links) if !joined && (all || !read) => stages[stage] = Count::Links(links),
                links => {
                    let table = count(plan, stage, &needed);
                    all |= table.len() as u64 == plan.stages[stage].chunks.count();
                    if !all {
                        needed[stage] = Needed::Some(table.keys().copied().collect());
                    }
                    stages[stage] = match links {
                        Some(links) if !joined => Count::Links(links),
                        _ => Count::Table(table),
                    };
                }
            }
            if all {
                needed[stage] = Needed::All;
            }
        }
        Self { stages }
    }

    /// How often tasks that are needed read a chunk, by [`Plan::reads`].
    #[must_use]
    pub fn count(&self, plan: &Plan, (stage, chunk): ChunkId) -> u64 {
        match &self.stages[stage] {
            Count::Table(table) => table.get(&chunk).copied().unwrap_or(0).into(),
            Count::Links(links) => links
                .iter()
                .map(|link| match link {
                    Link::All(tasks) => *tasks,
                    Link::Once => 1,
                    Link::Joined { stage: joined, axis, offset } => {
                        let mut coord = plan.stages[stage].chunks.coord(chunk);
                        coord[*axis] += offset;
                        self.count(plan, (*joined, plan.stages[*joined].chunks.index(&coord)))
                    }
                    Link::Load { load, grid, .. } => reading(load, grid, &plan.stages[stage].chunks.coord(chunk))
                        .iter()
                        .map(|(first, end)| end - first)
                        .product(),
                })
                .sum(),
        }
    }

    /// Compares with counts taken from every task that is needed: small plans only, in debug builds.
    ///
    /// # Panics
    /// If a count differs.
    pub fn check(&self, plan: &Plan) {
        const SMALL: u64 = 4096;
        if plan.tasks() > SMALL {
            return;
        }
        let (mut counts, mut open): (FxHashMap<ChunkId, u64>, Vec<ChunkId>) = Default::default();
        for &stage in &plan.outputs {
            let chunks = &plan.stages[stage].chunks;
            open.extend((0..chunks.to_make()).map(|chunk| plan.resolve(stage, chunks.coord(chunk))));
        }
        counts.extend(open.drain(..).map(|id| (id, 0)));
        open.extend(counts.keys().copied());
        while let Some(id) = open.pop() {
            for read in plan.reads(id) {
                let count = counts.entry(read).or_insert_with(|| {
                    open.push(read);
                    0
                });
                *count += 1;
            }
        }
        for (id, count) in counts {
            assert_eq!(self.count(plan, id), count, "reads of chunk {} of stage {} in\n{plan}", id.1, id.0);
        }
    }

    /// The tasks that read a chunk through kernels' loads, if they are known by arithmetic and at most `limit`.
    #[must_use]
    pub fn tasks(&self, plan: &Plan, (stage, chunk): ChunkId, limit: u64) -> Vec<ChunkId> {
        let Count::Links(links) = &self.stages[stage] else {
            return Vec::new();
        };
        let coord = plan.stages[stage].chunks.coord(chunk);
        let mut tasks = Vec::new();
        for link in links {
            let Link::Load { reader, load, grid } = link else { continue };
            let ranges = reading(load, grid, &coord);
            if ranges.iter().map(|(first, end)| end - first).product::<u64>() > limit {
                return Vec::new();
            }
            let axes: Vec<Vec<u64>> = ranges.iter().map(|&(first, end)| (first..end).collect()).collect();
            for_each_in_box(&axes, |at| {
                let task = (*reader, grid.index(at));
                if !tasks.contains(&task) {
                    tasks.push(task);
                }
            });
        }
        tasks
    }
}

/// What is needed of a stage.
#[derive(Clone)]
enum Needed {
    Nothing,
    Some(Vec<u64>),
    All,
}

/// Counts the reads of `stage` by all tasks that are needed.
fn count(plan: &Plan, stage: StageId, needed: &[Needed]) -> FxHashMap<u64, u32> {
    let mut table = FxHashMap::default();
    for (reader, needed) in needed.iter().enumerate().skip(stage + 1) {
        if matches!(plan.stages[reader].kind, StageKind::Concatenate(_)) || !plan.sees(reader, stage) {
            continue;
        }
        let mut add = |task: u64| {
            for (read, chunk) in plan.reads((reader, task)) {
                if read == stage {
                    *table.entry(chunk).or_insert(0) += 1;
                }
            }
        };
        match needed {
            Needed::Nothing => {}
            Needed::Some(tasks) => tasks.iter().for_each(|&task| add(task)),
            Needed::All => (0..plan.stages[reader].tasks()).for_each(add),
        }
    }
    // An output is needed whether it is read or not.
    table
}

impl Plan {
    /// Whether a stage reads another, itself or as a part of a joined array.
    fn sees(&self, reader: StageId, stage: StageId) -> bool {
        self.stages[reader].inputs.iter().any(|&input| {
            input == stage || matches!(self.stages[input].kind, StageKind::Concatenate(_)) && self.sees(input, stage)
        })
    }

    /// How `reader` reads `stage` directly, where all of that is arithmetic.
    fn links(&self, reader: StageId, stage: StageId) -> Option<Vec<Link>> {
        let this = &self.stages[reader];
        let mut links = Vec::new();
        match &this.kind {
            StageKind::Source(_) => {}
            StageKind::Combine { .. } => links.push(Link::Once),
            StageKind::Concatenate(axis) => {
                let mut offset = 0;
                for &input in &this.inputs {
                    if input == stage {
                        links.push(Link::Joined { stage: reader, axis: *axis, offset });
                    }
                    offset += self.stages[input].chunks.axes()[*axis].count();
                }
            }
            StageKind::Host(_) => {
                let times = this.inputs.iter().filter(|&&input| input == stage).count() as u64;
                let one = self.stages[stage].chunks.count() == 1;
                match (one, self.stages[stage].chunks.grid() == this.chunks.grid()) {
                    (true, _) => links.push(Link::All(this.chunks.count() * times)),
                    (false, true) => (0..times).for_each(|_| links.push(Link::Once)),
                    (false, false) => return None,
                }
            }
            StageKind::Kernel { output: Output::Linear | Output::Take { .. }, .. } => return None,
            StageKind::Kernel { kernel, domain, loads, .. } => {
                let histogram = matches!(kernel, super::kernel::Kernel::Histogram { .. });
                if histogram && this.inputs.last() == Some(&stage) {
                    links.push(Link::All(this.chunks.count()));
                }
                for load in loads.iter().filter(|load| this.inputs[load.input] == stage) {
                    if !separable(load) || domain.has_unknown() || load.chunks.has_unknown() {
                        return None;
                    }
                    links.push(Link::Load { reader, load: load.clone(), grid: domain.clone() });
                }
            }
        }
        Some(links)
    }
}

/// Whether no two axes of what is loaded move with the same axis of the domain.
fn separable(load: &LoadRef) -> bool {
    let maps = &load.view.0;
    (0..maps.len()).all(|k| maps[k].axis.is_none() || maps[..k].iter().all(|m| m.axis != maps[k].axis))
}

/// The box of tasks (first and end on each axis of their grid) that read the chunk at `coord` through a load.
fn reading(load: &LoadRef, grid: &Chunks, coord: &[u64]) -> Vec<(u64, u64)> {
    let axes = grid.axes();
    let mut ranges: Vec<(u64, u64)> = axes.iter().map(|axis| (0, axis.count())).collect();
    let nothing = vec![(0, 0); axes.len().max(1)];
    if axes.iter().any(AxisChunks::is_empty) {
        return nothing;
    }
    for ((m, chunks), &at) in load.view.0.iter().zip(load.chunks.axes()).zip(coord) {
        let (start, end) = chunks.range(at);
        let (start, end) = (start as i64, end as i64);
        let Some(axis) = m.axis else {
            if m.start < start || m.start >= end {
                return nothing;
            }
            continue;
        };
        // The domain's indices i with start <= m.start + m.step·i < end.
        let (first, last) = if m.step > 0 {
            (ceil_div(start - m.start, m.step), ceil_div(end - m.start, m.step) - 1)
        } else {
            (ceil_div(m.start - end + 1, -m.step), ceil_div(m.start - start + 1, -m.step) - 1)
        };
        let len = axes[axis].len().unwrap_or(0) as i64;
        let (first, last) = (first.max(0), last.min(len - 1));
        if first > last {
            return nothing;
        }
        ranges[axis] = (axes[axis].find(first as u64), axes[axis].find(last as u64) + 1);
    }
    ranges
}

/// `⌈a / b⌉` for positive `b`.
fn ceil_div(a: i64, b: i64) -> i64 {
    -((-a).div_euclid(b))
}

/// Whether every chunk of the stage is read through the link, if all tasks of the reader run.
fn covers(plan: &Plan, stage: StageId, link: &Link) -> bool {
    match link {
        Link::All(tasks) => *tasks > 0,
        Link::Once | Link::Joined { .. } => true,
        Link::Load { load, grid, .. } => {
            let whole = |(m, chunks): (&crate::graph::AxisMap, &AxisChunks)| match m.axis {
                _ if chunks.count() == 1 => true,
                None => false,
                Some(axis) => {
                    let len = grid.axes()[axis].len().unwrap_or(0) as i64;
                    let (first, last) = (m.start, m.start + m.step * (len - 1));
                    let (low, high) = (first.min(last), first.max(last));
                    m.step.abs() == 1 && len > 0 && low == 0 && Some(high as u64 + 1) == chunks.len()
                }
            };
            !grid.axes().iter().any(AxisChunks::is_empty)
                && load.view.0.iter().zip(plan.stages[stage].chunks.axes()).all(whole)
        }
    }
}
