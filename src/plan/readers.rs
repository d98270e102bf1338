//! [`Readers`]: how often a chunk is read, so that it can be let go after the last time. That is arithmetic nearly always: the
//! tasks that read a chunk through a load are a box of the reader's grid, those of a reshape are runs of its C order, those of a
//! take depend on the place along one axis. Where it is not (diagonals, parts of a stage that are no box) the reads are counted
//! once, some bytes a chunk.

use rustc_hash::FxHashMap;

use super::links::{Grid, Link, reading, union};
use super::pieces::{for_each_in_box, intersection};
use super::task::ChunkId;
use super::watch::Watch;
use super::{Plan, StageId, StageKind};
use crate::error::Result;

/// How a stage's reads are known.
enum Count {
    Links(Vec<Link>),
    Table(FxHashMap<u64, u32>),
}

/// What is needed of a stage.
#[derive(Clone)]
pub(super) enum Needed {
    Nothing,
    Some(Vec<u64>),
    Box(Grid),
    All,
}

/// How often each chunk of a plan is read.
#[derive(Default)]
pub struct Readers {
    stages: Vec<Count>,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Readers({} stages, {} counted)", self.stages.len(), self.counted())
    }
}

/// Bytes of a table for each entry it has room for.
const ENTRY: u64 = 17;

impl Readers {
    /// Looks at who reads what.
    ///
    /// # Errors
    /// What ends the watch: reads that must be counted may be very many.
    pub fn new(plan: &Plan, watch: &mut Watch<'_>) -> Result<Self> {
        let n = plan.stages.len();
        let read_by = plan.read_by();
        // Readers have higher numbers: from the last stage down, what is needed of each is known before it is looked at.
        let mut needed: Vec<Needed> = vec![Needed::Nothing; n];
        for &output in &plan.outputs {
            needed[output] = Needed::All;
        }
        let mut stages: Vec<Count> = (0..n).map(|_| Count::Links(Vec::new())).collect();
        for stage in (0..n).rev() {
            watch.step()?;
            let (links, complete) = plan.all_links(stage, &read_by[stage], &needed, watch)?;
            let reached = plan.reached(stage, &links, complete, &needed);
            let all = matches!(needed[stage], Needed::All) || matches!(reached, Some(Needed::All));
            let linked = |link: &Link| match link {
                Link::Joined { stage, .. } => matches!(stages[*stage], Count::Links(_)),
                Link::Load { .. } | Link::Linear { .. } | Link::Take { .. } => true,
                Link::Before { .. } | Link::Each(_) | Link::Within(..) => true,
            };
            let arithmetic = complete && links.iter().all(linked);
            let known = if all { Some(Needed::All) } else { reached.filter(|_| arithmetic) };
            let unknown = known.is_none();
            needed[stage] = known.unwrap_or(Needed::Nothing);
            if arithmetic && !unknown {
                stages[stage] = Count::Links(links);
                continue;
            }
            let table = count(plan, stage, &read_by, &needed, watch)?;
            if unknown {
                let whole = table.len() as u64 == plan.stages[stage].chunks.count();
                watch.keeps(if whole { 0 } else { 8 * table.len() as u64 })?;
                needed[stage] = if whole { Needed::All } else { Needed::Some(table.keys().copied().collect()) };
            }
            stages[stage] = if arithmetic { Count::Links(links) } else { Count::Table(table) };
        }
        Ok(Self { stages })
    }

    /// Stages whose reads are in a table.
    #[must_use]
    pub fn counted(&self) -> usize {
        self.stages.iter().filter(|count| matches!(count, Count::Table(_))).count()
    }

    /// How often tasks that are needed read a chunk, by [`Plan::reads`]. More often than can be counted, where it is a part of joined
    /// arrays in very many ways: such a chunk is there until the run ends.
    #[must_use]
    pub fn count(&self, plan: &Plan, id: ChunkId) -> u64 {
        const MOST_WAYS: usize = 1 << 14;
        // Joined arrays may be parts of others: any depth of them.
        let (mut total, mut open, mut ways) = (0u64, vec![id], 0);
        while let Some(ChunkId { stage, chunk }) = open.pop() {
            ways += 1;
            if ways > MOST_WAYS {
                return u64::MAX;
            }
            let links = match self.stages.get(stage) {
                Some(Count::Links(links)) => links,
                Some(Count::Table(table)) => {
                    total += table.get(&chunk).map_or(0, |&reads| u64::from(reads));
                    continue;
                }
                None => continue,
            };
            let coord = || plan.stages[stage].chunks.coord(chunk);
            for link in links {
                match link {
                    Link::Joined { stage: joined, axis, offset } => {
                        let mut coord = coord();
                        coord[*axis] += offset;
                        open.push(ChunkId::new(*joined, plan.stages[*joined].chunks.index(&coord)));
                    }
                    Link::Each(tasks) => total += tasks,
                    link @ Link::Load { .. }
                    | link @ Link::Linear { .. }
                    | link @ Link::Take { .. }
                    | link @ Link::Before { .. }
                    | link @ Link::Within(..) => total += link.reads(&coord()),
                }
            }
        }
        total
    }

    /// Compares with counts taken from every task that is needed: small plans only, in debug builds.
    ///
    /// # Panics
    /// If a count differs.
    pub fn check(&self, plan: &Plan) {
        const SMALL: u64 = 4096;
        let outputs = plan.outputs.iter().map(|&stage| plan.stages[stage].chunks.count()).fold(0, u64::saturating_add);
        if plan.tasks().saturating_add(outputs) > SMALL {
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
            // Few tasks may read many chunks.
            if plan.reads_at_most(id.stage).saturating_add(counts.len() as u64) > 16 * SMALL {
                return;
            }
            for read in plan.reads(id) {
                let count = counts.entry(read).or_insert_with(|| {
                    open.push(read);
                    0
                });
                *count += 1;
            }
        }
        for (id, count) in counts {
            let known = self.count(plan, id);
            assert!(
                known == count || known == u64::MAX,
                "{known} for {count} reads of chunk {} of stage {} in\n{plan}",
                id.chunk,
                id.stage
            );
        }
    }

    /// The tasks that read a chunk through kernels' loads, if they are known by arithmetic and few: at most `limit` by one load, and
    /// four times as many by all of them.
    #[must_use]
    pub fn tasks(&self, plan: &Plan, ChunkId { stage, chunk }: ChunkId, limit: u64) -> Vec<ChunkId> {
        let Some(Count::Links(links)) = self.stages.get(stage) else {
            return Vec::new();
        };
        let coord = plan.stages[stage].chunks.coord(chunk);
        let mut tasks = Vec::new();
        for link in links {
            let Link::Load { reader, load, grid, within } = link else { continue };
            let ranges = reading(load, grid, within.as_ref(), &coord);
            if ranges.iter().map(|(first, end)| end - first).fold(1, u64::saturating_mul) > limit {
                return Vec::new();
            }
            let axes: Vec<Vec<u64>> = ranges.iter().map(|&(first, end)| (first..end).collect()).collect();
            let end = for_each_in_box(&axes, |at| {
                let task = ChunkId::new(*reader, grid.index(at));
                if !tasks.contains(&task) {
                    tasks.push(task);
                }
                Ok(())
            });
            debug_assert!(end.is_ok());
            if tasks.len() as u64 > limit.saturating_mul(4) {
                return Vec::new();
            }
        }
        tasks
    }
}

/// Counts the reads of `stage` by all tasks that are needed.
fn count(
    plan: &Plan,
    stage: StageId,
    read_by: &[Vec<(StageId, usize)>],
    needed: &[Needed],
    watch: &mut Watch<'_>,
) -> Result<FxHashMap<u64, u32>> {
    let mut table: FxHashMap<u64, u32> = FxHashMap::default();
    for reader in readers(plan, stage, read_by) {
        let chunks = &plan.stages[reader].chunks;
        let mut add = |task: u64, watch: &mut Watch<'_>| {
            for read in plan.reads_watched(ChunkId::new(reader, task), watch)? {
                if read.stage == stage {
                    *table.entry(read.chunk).or_insert(0) += 1;
                    watch.step()?;
                }
            }
            watch.holds(ENTRY * table.capacity() as u64)
        };
        match &needed[reader] {
            Needed::Nothing => {}
            Needed::Some(tasks) => tasks.iter().try_for_each(|&task| add(task, watch))?,
            Needed::Box(within) => {
                let axes: Vec<Vec<u64>> = within.iter().map(|&(first, end)| (first..end).collect()).collect();
                for_each_in_box(&axes, |at| add(chunks.index(at), watch))?;
            }
            Needed::All => (0..plan.stages[reader].tasks()).try_for_each(|task| add(task, watch))?,
        }
    }
    watch.keeps(ENTRY * table.capacity() as u64)?;
    // An output is needed whether it is read or not.
    Ok(table)
}

/// The stages whose tasks read a stage, itself or as a part of joined arrays.
fn readers(plan: &Plan, stage: StageId, read_by: &[Vec<(StageId, usize)>]) -> Vec<StageId> {
    let (mut found, mut open) = (Vec::new(), vec![stage]);
    let mut seen = rustc_hash::FxHashSet::default();
    while let Some(at) = open.pop() {
        for &(reader, _) in read_by[at].iter().filter(|(reader, _)| seen.insert(*reader)) {
            match plan.stages[reader].kind {
                StageKind::Concatenate(_) => open.push(reader),
                StageKind::Source(_) | StageKind::Kernel { .. } | StageKind::Combine { .. } | StageKind::Host(_) => {
                    found.push(reader);
                }
            }
        }
    }
    found.sort_unstable();
    found
}

impl Plan {
    /// How a stage is read by those that read it, as what is needed of them; and whether all of that is arithmetic.
    fn all_links(
        &self,
        stage: StageId,
        read_by: &[(StageId, usize)],
        needed: &[Needed],
        watch: &mut Watch<'_>,
    ) -> Result<(Vec<Link>, bool)> {
        let (mut links, mut complete) = (Vec::new(), true);
        // The places at which one reader reads it follow each other.
        for places in read_by.chunk_by(|a, b| a.0 == b.0) {
            let reader = places[0].0;
            let found = match &needed[reader] {
                Needed::Nothing => continue,
                Needed::All => self.links(reader, stage, places, None, watch)?,
                Needed::Box(within) => self.links(reader, stage, places, Some(within), watch)?,
                Needed::Some(_) => None,
            };
            complete &= found.is_some();
            links.extend(found.into_iter().flatten());
        }
        Ok((links, complete))
    }

    /// What is needed of a stage that is read through `links` (and `complete`: through no others), if that is all of it or a box.
    fn reached(&self, stage: StageId, links: &[Link], complete: bool, needed: &[Needed]) -> Option<Needed> {
        let whole: Grid = self.stages[stage].chunks.grid().into_iter().map(|count| (0, count)).collect();
        let reaches: Vec<Option<Grid>> = links.iter().map(|link| self.reach(link, &whole, needed)).collect();
        if reaches.iter().any(|reach| reach.as_ref() == Some(&whole)) {
            return Some(Needed::All);
        }
        if !complete {
            return None;
        }
        let nothing = |reach: &Option<Grid>| reach.iter().flatten().any(|(first, end)| first >= end);
        let mut reached: Option<Grid> = None;
        for reach in reaches.into_iter().filter(|reach| !nothing(reach)) {
            let through = reach?;
            reached = Some(match reached {
                None => through,
                Some(before) => union(before, through)?,
            });
        }
        Some(match reached {
            None => Needed::Nothing,
            Some(all) if all == whole => Needed::All,
            Some(part) => Needed::Box(part),
        })
    }

    /// The chunks (of a stage whose chunks are `whole`) that are read through a link, if they are a box.
    fn reach(&self, link: &Link, whole: &Grid, needed: &[Needed]) -> Option<Grid> {
        let Link::Joined { stage: joined, axis, offset } = link else { return link.reach(whole) };
        match &needed[*joined] {
            Needed::All => Some(whole.clone()),
            Needed::Box(within) => {
                let mut own = within.clone();
                let (first, end) = own[*axis];
                own[*axis] = (first.saturating_sub(*offset), end.saturating_sub(*offset));
                Some(intersection(&own, whole))
            }
            Needed::Nothing => Some(whole.iter().map(|_| (0, 0)).collect()),
            Needed::Some(_) => None,
        }
    }
}
