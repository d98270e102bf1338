//! What goes over the same elements goes over them once: reductions and histograms of which none needs another's result, whose tasks
//! go over the same grid and read or draw the same arrays, become one stage ([`Kernel::Folds`]). Its tasks read no more than those of
//! one of them did. Their states are merged together too, so that few wait, and finished apart.

use rustc_hash::FxHashMap;

use super::capability::Capabilities;
use super::expr::{Program, ValueId};
use super::family::unsupported;
use super::kernel::{FoldTo, Folding, Kernel};
use super::marks::{FUSED_ON_DEVICE, FUSED_ON_HOST};
use super::pieces::{Affine, LoadRef};
use super::watch::Watch;
use super::{Group, Merge, Output, Place, Stage, StageId, StageKind};
use crate::chunks::{AxisChunks, Chunks};
use crate::dtype::DType;
use crate::error::Result;
use crate::ops::RandomSpec;

/// Folds of one stage at most: the states of all of them should stay in the cache.
const MOST_FOLDS: usize = 16;
/// Bins of a histogram at most: threads that share a task have counts of their own.
pub(super) const MOST_BINS: u64 = 1 << 10;

/// The same plan with as few walks over elements as can be.
///
/// # Errors
/// What ends the watch.
pub(super) fn merged(
    stages: Vec<Stage>,
    outputs: Vec<StageId>,
    gpu: Option<&Capabilities>,
    waiting_bytes: u64,
    watch: &mut Watch<'_>,
) -> Result<(Vec<Stage>, Vec<StageId>)> {
    // Small runs should not pay for the question.
    if stages.iter().filter(|stage| may_join(&stages, stage)).nth(1).is_none() {
        return Ok((stages, outputs));
    }
    let candidates = candidates(&stages);
    let levels = levels(&stages, &candidates);
    let groups = groups(&stages, &candidates, &levels, (gpu, waiting_bytes), watch)?;
    if groups.is_empty() {
        return Ok((stages, outputs));
    }
    Ok(Rewrite::new(&stages, groups).run(&stages, &levels, &outputs))
}

/// A stage that may be made with others, and the stages that merge its states: levels, and the one that finishes.
struct Candidate {
    kernel: StageId,
    merges: Vec<StageId>,
}

fn candidates(stages: &[Stage]) -> Vec<Candidate> {
    let mut readers: Vec<(usize, StageId)> = vec![(0, 0); stages.len()];
    for (id, stage) in stages.iter().enumerate() {
        stage.inputs.iter().for_each(|&input| readers[input] = (readers[input].0 + 1, id));
    }
    let chain = |kernel: StageId| {
        let (mut at, mut merges) = (kernel, Vec::new());
        loop {
            let (1, reader) = readers[at] else { return None };
            let StageKind::Combine { group: Group::Box(_), finish, .. } = &stages[reader].kind else { return None };
            merges.push(reader);
            if finish.is_some() {
                return Some(Candidate { kernel, merges });
            }
            at = reader;
        }
    };
    (0..stages.len()).filter(|&id| may_join(stages, &stages[id])).filter_map(chain).collect()
}

/// Whether a stage is of the kind that can be made together.
fn may_join(stages: &[Stage], stage: &Stage) -> bool {
    let StageKind::Kernel { kernel, domain, output, .. } = &stage.kind else { return false };
    let folds = match (kernel, output) {
        (Kernel::Reduce { .. }, Output::Reduced(_)) => true,
        // A device counts in the workgroup memory that states would be in.
        (Kernel::Histogram { weighted: false, .. }, _) if stage.place == Place::Cpu => {
            bins(stages, stage).is_some_and(|bins| bins <= MOST_BINS)
        }
        _ => false,
    };
    folds && !domain.has_unknown()
}

/// The bins of a histogram, where they are known.
fn bins(stages: &[Stage], stage: &Stage) -> Option<u64> {
    let edges = stage.inputs.last()?;
    Some(stages[*edges].chunks.elements()?.saturating_sub(1))
}

/// How many candidates are on the way to a stage, one after another. Those of one level need nothing of each other.
fn levels(stages: &[Stage], candidates: &[Candidate]) -> Vec<(usize, bool)> {
    let mut levels: Vec<(usize, bool)> = vec![(0, false); stages.len()];
    candidates.iter().for_each(|candidate| levels[candidate.kernel].1 = true);
    for id in 0..stages.len() {
        let after = |&input: &StageId| levels[input].0 + usize::from(levels[input].1);
        levels[id].0 = stages[id].inputs.iter().map(after).max().unwrap_or(0);
    }
    levels
}

/// What has to be the same: the level, the place, the grid, the axes that are reduced, and how states are merged.
type Key<'a> = (usize, Place, &'a Chunks, Vec<usize>, Vec<&'a [u64]>);

fn key<'a>(stages: &'a [Stage], candidate: &Candidate, level: usize) -> Option<Key<'a>> {
    let StageKind::Kernel { domain, output, .. } = &stages[candidate.kernel].kind else { return None };
    let axes = reduced(output, domain);
    let merged = |&id: &StageId| {
        if let StageKind::Combine { group: Group::Box(group), .. } = &stages[id].kind { group.as_slice() } else { &[] }
    };
    Some((level, stages[candidate.kernel].place, domain, axes, candidate.merges.iter().map(merged).collect()))
}

/// The axes that are gone from the output; of a histogram's all.
fn reduced(output: &Output, domain: &Chunks) -> Vec<usize> {
    if let Output::Reduced(axes) = output { axes.clone() } else { (0..domain.ndim()).collect() }
}

/// What is read or drawn.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Leaf {
    /// Nothing is: elements are made of their places.
    Nothing,
    Stage(StageId),
    Drawn(RandomSpec),
}

fn leaves(stage: &Stage) -> Vec<Leaf> {
    let StageKind::Kernel { kernel, loads, .. } = &stage.kind else { return Vec::new() };
    let drawn = kernel.program().into_iter().flat_map(|program| &program.randoms);
    let read = loads.iter().map(|load| Leaf::Stage(stage.inputs[load.input]));
    let leaves: Vec<Leaf> = read.chain(drawn.map(|&spec| Leaf::Drawn(spec))).collect();
    if leaves.is_empty() { vec![Leaf::Nothing] } else { leaves }
}

/// Candidates that become one stage, each with the number of its fold.
struct Together {
    members: Vec<(Candidate, usize)>,
    walk: Walk,
}

fn groups(
    stages: &[Stage],
    candidates: &[Candidate],
    levels: &[(usize, bool)],
    (gpu, waiting_bytes): (Option<&Capabilities>, u64),
    watch: &mut Watch<'_>,
) -> Result<Vec<Together>> {
    let caps = |stage: &Stage| gpu.filter(|_| stage.place == Place::Gpu);
    let mut open: FxHashMap<(Key<'_>, Leaf), usize> = FxHashMap::default();
    let mut groups: Vec<Together> = Vec::new();
    // Of all groups.
    let mut waiting = 0u64;
    for Candidate { kernel, merges } in candidates {
        let candidate = Candidate { kernel: *kernel, merges: merges.clone() };
        let stage = &stages[*kernel];
        // Equal instructions are looked for one by one.
        let length = if let StageKind::Kernel { kernel, .. } = &stage.kind { kernel.program() } else { None };
        (0..=length.map_or(0, |program| program.insts.len())).try_for_each(|_| watch.step())?;
        let Some(key) = key(stages, &candidate, levels[*kernel].0) else { continue };
        let leaves = leaves(stage);
        let found = leaves.iter().filter_map(|leaf| open.get(&(key.clone(), *leaf)).copied()).next();
        let joined = found.and_then(|at| {
            let (walk, fold) = groups[at].walk.with(stages, stage, caps(stage))?;
            let alone = groups[at].members.len() == 1;
            let before = if alone { 0 } else { groups[at].walk.waiting(stage) };
            let waits = (waiting - before).saturating_add(walk.waiting(stage));
            (waits <= waiting_bytes).then_some((at, walk, fold, waits))
        });
        let at = match joined {
            Some((at, walk, fold, waits)) => {
                waiting = waits;
                groups[at].walk = walk;
                groups[at].members.push((candidate, fold));
                at
            }
            None => {
                let Some((walk, fold)) = Walk::default().with(stages, stage, None) else { continue };
                groups.push(Together { members: vec![(candidate, fold)], walk });
                groups.len() - 1
            }
        };
        leaves.into_iter().for_each(|leaf| {
            open.insert((key.clone(), leaf), at);
        });
    }
    groups.retain(|group| group.members.len() > 1);
    Ok(groups)
}

/// A program over elements, what it refers to, and what its outputs are folded to.
#[derive(Clone, Default)]
struct Walk {
    program: Program,
    loads: Vec<LoadRef>,
    /// The stages that are loaded.
    inputs: Vec<StageId>,
    indices: Vec<Affine>,
    folds: Vec<Folding>,
    /// For each fold, the stage of its edges, if it is a histogram.
    edges: Vec<Option<StageId>>,
}

/// The place of `value` in `all`, where it is put if it is not there.
fn place_of<T: PartialEq>(all: &mut Vec<T>, value: T) -> usize {
    all.iter().position(|one| *one == value).unwrap_or_else(|| {
        all.push(value);
        all.len() - 1
    })
}

impl Walk {
    /// The same and what another stage folds, with the number of that fold; nothing where its tasks would read more arrays than either's
    /// did, or it is too much for one kernel.
    fn with(&self, stages: &[Stage], stage: &Stage, gpu: Option<&Capabilities>) -> Option<(Self, usize)> {
        let StageKind::Kernel { kernel, loads, indices, .. } = &stage.kind else { return None };
        let (mut walk, other) = (self.clone(), kernel.program()?);
        let slots = other.loads.iter().enumerate();
        let loads: Vec<u16> = slots.map(|(slot, &dtype)| walk.load(stage, loads, slot, dtype)).collect();
        let indices: Vec<u16> = indices.iter().map(|index| place_of(&mut walk.indices, index.clone()) as u16).collect();
        walk.program.indices = walk.indices.len() as u16;
        let values = walk.program.absorb(other, &loads, &indices);
        let outputs = other.outputs.iter().map(|&output| values[usize::from(output)]).collect();
        let fold = walk.fold(stages, stage, outputs)?;
        let mut read: Vec<usize> = Vec::new();
        walk.loads.iter().filter(|load| loads.iter().any(|&slot| usize::from(slot) == load.slot)).for_each(|load| {
            place_of(&mut read, load.input);
        });
        let fits = walk.inputs.len() <= self.inputs.len().max(read.len())
            && walk.folds.len() <= MOST_FOLDS
            && walk.program.insts.len() <= if gpu.is_some() { FUSED_ON_DEVICE } else { FUSED_ON_HOST };
        let runs = |caps| unsupported(&walk.kernel(), caps).is_none();
        (fits && gpu.is_none_or(runs)).then_some((walk, fold))
    }

    /// Bytes of its states, of tasks as those of `stage`, that may wait: those of one chunk of results do not.
    fn waiting(&self, stage: &Stage) -> u64 {
        let StageKind::Kernel { domain, output, .. } = &stage.kind else { return 0 };
        let gone = reduced(output, domain);
        let kept = || domain.axes().iter().enumerate().filter(|(k, _)| !gone.contains(k)).map(|(_, axis)| axis);
        if kept().all(|axis| axis.count() == 1) {
            return 0;
        }
        let outputs = kept().map(AxisChunks::max_size).fold(1, u64::saturating_mul);
        let one = self.folds.iter().map(|fold| fold.bytes(&self.program, outputs)).fold(0, u64::saturating_add);
        one.saturating_mul(domain.count())
    }

    /// The number of what a stage loads as its load `slot`: an array, or the parts of joined ones.
    fn load(&mut self, stage: &Stage, loads: &[LoadRef], slot: usize, dtype: DType) -> u16 {
        let next = self.program.loads.len();
        let own = loads.iter().filter(|load| load.slot == slot);
        let own: Vec<LoadRef> = own
            .map(|load| {
                let input = place_of(&mut self.inputs, stage.inputs[load.input]);
                LoadRef { slot: next, input, ..load.clone() }
            })
            .collect();
        let parts = |slot: usize| self.loads.iter().filter(move |load| load.slot == slot).cloned();
        let known =
            (0..next).find(|&slot| parts(slot).map(|load| LoadRef { slot: next, ..load }).eq(own.iter().cloned()));
        if known.is_none() {
            self.program.loads.push(dtype);
            self.program.arrays = self.inputs.len().min(next + 1) as u16;
            self.loads.extend(own);
        }
        known.unwrap_or(next) as u16
    }

    /// The number of what a stage folds these values to.
    fn fold(&mut self, stages: &[Stage], stage: &Stage, outputs: Vec<ValueId>) -> Option<usize> {
        let StageKind::Kernel { kernel, .. } = &stage.kind else { return None };
        let (masked, to, edges) = match kernel {
            Kernel::Reduce { fold, masked, .. } => (*masked, FoldTo::States(*fold), None),
            Kernel::Histogram { masked, uniform, .. } => {
                let to = FoldTo::Bins { bins: bins(stages, stage)?, uniform: *uniform };
                (*masked, to, stage.inputs.last().copied())
            }
            Kernel::Map(_) | Kernel::Folds { .. } | Kernel::Select(_) | Kernel::Scan { .. } => return None,
            Kernel::Sort { .. } | Kernel::Take(_) | Kernel::Dot(_) => return None,
        };
        let same = |(fold, of): (&Folding, &Option<StageId>)| {
            let own = &self.program.outputs[fold.first..fold.first + fold.outputs()];
            (fold.masked, fold.to, own, of) == (masked, to, &outputs, &edges)
        };
        if let Some(known) = self.folds.iter().zip(&self.edges).position(same) {
            return Some(known);
        }
        self.folds.push(Folding { first: self.program.outputs.len(), masked, to });
        self.edges.push(edges);
        self.program.outputs.extend(outputs);
        Some(self.folds.len() - 1)
    }

    fn kernel(&self) -> Kernel {
        Kernel::Folds { program: self.program.clone(), folds: self.folds.clone() }
    }

    /// Where the states of a fold are, which are merged as these are alone.
    fn merge(&self, fold: usize, alone: &Merge) -> Merge {
        let first = self.folds[..fold].iter().map(|fold| fold.arrays(&self.program).len()).sum();
        let bins = if let FoldTo::Bins { bins, .. } = self.folds[fold].to { Some(bins) } else { None };
        Merge { first, bins, ..alone.clone() }
    }
}

/// What becomes of a stage.
#[derive(Clone, Copy)]
enum Role {
    /// It stays.
    Alone,
    /// It is made by a group's stage: the kernel, or a level of merging.
    Member { group: usize, level: usize },
    /// It finishes a fold of a group.
    Last { group: usize, fold: usize },
}

/// The new plan as it is written.
struct Rewrite {
    groups: Vec<Together>,
    roles: Vec<Role>,
    /// The stages of each group that are written: the kernel, and levels of merging.
    written: Vec<Vec<StageId>>,
    /// For each old stage the new one.
    new: Vec<StageId>,
    stages: Vec<Stage>,
}

impl Rewrite {
    fn new(stages: &[Stage], groups: Vec<Together>) -> Self {
        let mut roles = vec![Role::Alone; stages.len()];
        for (group, together) in groups.iter().enumerate() {
            for (candidate, fold) in &together.members {
                let (last, levels) = (candidate.merges.last(), candidate.merges.iter().rev().skip(1).rev());
                for (level, &stage) in std::iter::once(&candidate.kernel).chain(levels).enumerate() {
                    roles[stage] = Role::Member { group, level };
                }
                last.into_iter().for_each(|&stage| roles[stage] = Role::Last { group, fold: *fold });
            }
        }
        let written = vec![Vec::new(); groups.len()];
        Self { groups, roles, written, new: vec![0; stages.len()], stages: Vec::with_capacity(stages.len()) }
    }

    /// Stages follow what they need: those of a level that stay before those that are made together.
    fn run(mut self, stages: &[Stage], levels: &[(usize, bool)], outputs: &[StageId]) -> (Vec<Stage>, Vec<StageId>) {
        let mut order: Vec<StageId> = (0..stages.len()).collect();
        order.sort_by_key(|&id| levels[id]);
        for id in order {
            self.new[id] = match self.roles[id] {
                Role::Alone => {
                    let inputs = stages[id].inputs.iter().map(|&input| self.new[input]).collect();
                    self.push(Stage { inputs, ..stages[id].clone() })
                }
                Role::Member { group, level } => match self.written[group].get(level) {
                    Some(&written) => written,
                    None => {
                        let stage = if level == 0 {
                            self.walk(group, &stages[id])
                        } else {
                            self.level(group, level, stages, &stages[id])
                        };
                        let stage = self.push(stage);
                        self.written[group].push(stage);
                        stage
                    }
                },
                Role::Last { group, fold } => {
                    let mut last = stages[id].clone();
                    if let StageKind::Combine { merges, .. } = &mut last.kind {
                        let walk = &self.groups[group].walk;
                        merges.iter_mut().for_each(|merge| *merge = walk.merge(fold, merge));
                    }
                    last.inputs.clone_from(&self.written[group].last().into_iter().copied().collect());
                    self.push(last)
                }
            };
        }
        let outputs = outputs.iter().map(|&output| self.new[output]).collect();
        (self.stages, outputs)
    }

    fn push(&mut self, stage: Stage) -> StageId {
        self.stages.push(stage);
        self.stages.len() - 1
    }

    /// The kernel of a group, one of whose members is `like`.
    fn walk(&self, group: usize, like: &Stage) -> Stage {
        let walk = &self.groups[group].walk;
        let read = walk.inputs.iter().chain(walk.edges.iter().flatten());
        let inputs = read.map(|&input| self.new[input]).collect();
        let mut stage = Stage { inputs, ..like.clone() };
        if let StageKind::Kernel { domain, output, .. } = &like.kind {
            let (loads, indices) = (walk.loads.clone(), walk.indices.clone());
            let (domain, output) = (domain.clone(), Output::Reduced(reduced(output, domain)));
            stage.kind = StageKind::Kernel { kernel: walk.kernel(), domain, loads, indices, output };
        }
        stage
    }

    /// A level at which the states of a group are merged, as those of its member `like` are.
    fn level(&self, group: usize, level: usize, stages: &[Stage], like: &Stage) -> Stage {
        let Together { members, walk } = &self.groups[group];
        // In the order of the folds, each once.
        let of = |fold: usize| {
            let (candidate, _) = members.iter().find(|member| member.1 == fold)?;
            let StageKind::Combine { merges, .. } = &stages[candidate.merges[level - 1]].kind else { return None };
            merges.first().map(|alone| walk.merge(fold, alone))
        };
        let all: Vec<Merge> = (0..walk.folds.len()).filter_map(of).collect();
        let mut stage = Stage { inputs: self.written[group].last().into_iter().copied().collect(), ..like.clone() };
        if let StageKind::Combine { merges, .. } = &mut stage.kind {
            *merges = all;
        }
        stage
    }
}
