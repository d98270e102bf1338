//! `reduce`, `folds`: states of folds over the axes along which the output does not move, and counts beside them.

use std::sync::{Mutex, PoisonError};

use super::cut::{Cut, Reach, inner};
use super::groups::Groups;
use super::histogram::{Counts, Edges};
use super::jobs::{Inputs, each_job, shared};
use super::map::slab_along;
use super::strips::Machine;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::host::HostBuffer;
use crate::ops::Fold;
use crate::ops::fold::taken;
use crate::ops::simd::simd;
use crate::ops::states::{Bytes, States, states};
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{
    FoldTo, Folding, Piece, REDUCE_BESIDE as BESIDE, REDUCE_PART as PART, REDUCE_SLOTS as MAX_SLOT,
};

/// Folds one chunk, in one walk over its elements: the arrays of [`Fold::states`], each of `elements`, and counts of bins, for each of
/// `folds` in turn. `edges` are those of its histograms.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory) where the system has none for counts; [`Error::Bug`] for a histogram without edges.
pub(super) fn run(
    program: &Program,
    folds: &[Folding],
    pieces: Vec<Piece>,
    inputs: &Inputs<'_>,
    edges: &[&HostBuffer],
    elements: usize,
) -> Result<Vec<HostBuffer>> {
    let edges = edges_of(program, folds, edges)?;
    let turn = |fold: &Folding| match fold.to {
        FoldTo::Bins { .. } => 0,
        FoldTo::States(Fold::Moments) => 1,
        FoldTo::States(_) => 2,
    };
    let mut order = Vec::with_capacity(folds.len());
    for now in 0..3 {
        order.extend((0..folds.len()).filter(|&i| turn(&folds[i]) == now));
    }
    let task = &Task { program, folds, inputs, edges, order, counted: Mutex::default() };
    let mut parts: Vec<Part> = pieces.into_iter().flat_map(|piece| cut(task, piece.collapsed(), elements)).collect();
    if let [part @ Part { first: 0, outputs, .. }] = parts.as_slice()
        && *outputs == elements
    {
        return encoded(task, fold_part(task, part)?);
    }
    let mut all = task.nothing(elements);
    while !parts.is_empty() {
        // So many at a time that their states are no more than those of the task.
        let mut outputs = 0;
        let goes_on = |part: &&Part| {
            outputs += part.outputs;
            outputs <= elements.max(BESIDE)
        };
        let few = if shared() { parts.iter().take_while(goes_on).count().max(1) } else { 1 };
        let now: Vec<Part> = parts.drain(..few).collect();
        let mut folded: Vec<Option<Result<Vec<Folded>>>> = now.iter().map(|_| None).collect();
        each_job(now.iter().zip(&mut folded).collect(), &|(part, folded)| *folded = Some(fold_part(task, part)));
        // In the order of the parts, whoever was first.
        for (part, folded) in now.iter().zip(folded.into_iter().flatten()) {
            all.iter_mut().zip(folded?).for_each(|(all, later)| all.merge(part.first, &later));
        }
    }
    encoded(task, all)
}

/// A task: what is folded to what.
struct Task<'a> {
    program: &'a Program,
    folds: &'a [Folding],
    inputs: &'a Inputs<'a>,
    /// Of histograms.
    edges: Vec<Option<Edges>>,
    /// Which fold of a strip comes when: the one that takes longest first, for it has the memory to wait for.
    order: Vec<usize>,
    /// Counts of its histograms, those of each thread that has counted.
    counted: Mutex<Vec<Vec<Counts>>>,
}

/// Of each fold, or of none.
fn edges_of(program: &Program, folds: &[Folding], edges: &[&HostBuffer]) -> Result<Vec<Option<Edges>>> {
    if edges.is_empty() && !folds.iter().any(|fold| matches!(fold.to, FoldTo::Bins { .. })) {
        return Ok(Vec::new());
    }
    let mut edges = edges.iter();
    let of = |fold: &Folding| match fold.to {
        FoldTo::States(_) => Ok(None),
        FoldTo::Bins { uniform, .. } => match edges.next() {
            Some(edges) => Ok(Some(Edges::new(program.output_dtype(fold.first), edges, uniform))),
            None => Err(Error::bug("a histogram without edges")),
        },
    };
    folds.iter().map(of).collect()
}

impl Task<'_> {
    /// What folds of no elements come to, of so many outputs.
    fn nothing(&self, outputs: usize) -> Vec<Folded> {
        let of = |fold: &Folding| match fold.to {
            FoldTo::States(to) => {
                let counts = vec![0i64; if fold.masked { outputs } else { 0 }];
                Folded::States { states: states(to, self.program.output_dtype(fold.first), outputs), counts }
            }
            FoldTo::Bins { .. } => Folded::Bins,
        };
        self.folds.iter().map(of).collect()
    }

    /// Counts for the histograms, which somebody used before or nobody.
    fn counts(&self) -> Result<Vec<Counts>> {
        if self.edges.is_empty() {
            return Ok(Vec::new());
        }
        let used = self.counted.lock().unwrap_or_else(PoisonError::into_inner).pop();
        used.map_or_else(|| self.edges.iter().flatten().map(Counts::new).collect(), Ok)
    }
    /// Puts them back.
    fn count(&self, counts: Vec<Counts>) {
        if counts.is_empty() {
            return;
        }
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).push(counts);
    }
}

/// What a fold of elements comes to: states of its outputs and, where there is a mask, how many elements each has; counts of bins, which
/// are the same in any order, are with the task.
enum Folded {
    States { states: Box<dyn States>, counts: Vec<i64> },
    Bins,
}

impl Folded {
    /// Outputs from `first` on take in what comes later.
    fn merge(&mut self, first: usize, later: &Self) {
        if let (Self::States { states, counts }, Self::States { states: later, counts: more }) = (self, later) {
            states.merge(first, &**later);
            counts.iter_mut().skip(first).zip(more).for_each(|(count, more)| *count += more);
        }
    }
}

/// The arrays of [`Fold::states`](crate::ops::Fold::states), with the counts of masked folds; those of bins.
fn encoded(task: &Task<'_>, all: Vec<Folded>) -> Result<Vec<HostBuffer>> {
    // Of each thread that counted.
    let mut sums = task.counts()?;
    for counts in task.counted.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        sums.iter_mut().zip(&counts).for_each(|(sums, counts)| sums.merge(counts));
    }
    let (mut arrays, mut sums) = (Vec::new(), sums.into_iter());
    for (fold, folded) in task.folds.iter().zip(all) {
        match folded {
            Folded::States { states, counts } => {
                arrays.extend(states.encode(task.program.output_dtype(fold.first)));
                let apart = fold.masked && fold.to != FoldTo::States(Fold::Moments);
                arrays.extend(apart.then(|| HostBuffer::from_vec::<i64>(counts)));
            }
            Folded::Bins => arrays.extend(sums.next().map(Counts::finish)),
        }
    }
    Ok(arrays)
}

/// Outputs of which states cost little, and rows of a part that are worth more of them.
const FEW: usize = 256;
const PART_ROWS: u64 = 1 << 13;
/// Outputs that a thread makes at a time: their states are in its cache, and the rows of what it reads are long.
const WIDE: u64 = 512;

/// A part of a piece with states of its own.
struct Part {
    piece: Piece,
    /// The outputs it makes: `first..first + outputs`.
    first: usize,
    outputs: usize,
}

impl Part {
    fn new(mut piece: Piece, elements: usize) -> Self {
        if piece.out.strides.iter().any(|&s| s < 0) {
            return Self { piece, first: 0, outputs: elements };
        }
        let first = piece.out.base as usize;
        piece.out.base = 0;
        let along = |(&len, &stride): (&u64, &i64)| len.saturating_sub(1) as usize * stride as usize;
        let outputs = piece.dims.iter().zip(&piece.out.strides).map(along).sum::<usize>() + 1;
        Self { piece, first, outputs }
    }
}

/// Cuts a piece along the first axis that is worth it: a kept one, or a reduced one if there are few outputs. Into how many parts
/// depends on the piece alone, and so do the results; but columns that are read as they are come out the same however they are cut,
/// and a thread alone reads whole rows.
fn cut(task: &Task<'_>, piece: Piece, elements: usize) -> Vec<Part> {
    let n = (piece.points() / PART).max(1);
    let positive = piece.out.strides.iter().all(|&s| s >= 0);
    let kept = || (0..piece.dims.len()).find(|&k| piece.out.strides[k] != 0);
    // Parts of all outputs pay off, where those are more than a few, if they have many rows.
    let least = if elements > FEW { PART_ROWS } else { 1 };
    let long = |&k: &usize| piece.out.strides[k] != 0 || piece.dims[k] > least;
    let axis = if elements <= MAX_SLOT { (0..piece.dims.len()).find(long) } else { kept() };
    let alone = |axis: usize| piece.out.strides[axis] != 0 && !shared() && is_columns(task, &piece);
    let Some(axis) = axis.filter(|&axis| n >= 2 && positive && piece.dims[axis] >= 2 && !alone(axis)) else {
        return vec![Part::new(piece, elements)];
    };
    let len = piece.dims[axis];
    // Narrow parts of the outputs would jump through memory.
    let least = if piece.out.strides[axis] == 0 { least } else { WIDE };
    let rows = len.div_ceil(n).max(least).min(len);
    // As even as can be.
    let rows = len.div_ceil(len.div_ceil(rows));
    let part = |i| Part::new(slab_along(&piece, axis, i * rows, rows.min(len - i * rows)), elements);
    (0..len.div_ceil(rows)).map(part).collect()
}

fn fold_part(task: &Task<'_>, part: &Part) -> Result<Vec<Folded>> {
    let (piece, program) = (&part.piece, task.program);
    let (mut all, mut counted) = (task.nothing(part.outputs), task.counts()?);
    if columns(task, part, &mut all) {
        task.count(counted);
        return Ok(all);
    }
    let mut run_at = piece.out.base as usize;
    // A run of strips ends where its output does: by coordinates, for parts of one output each would not show it.
    let kept = piece.out.strides.iter().rposition(|&s| s != 0).map_or(0, |axis| axis + 1);
    let mut run_of = vec![0; kept];
    let one = piece.out.strides.iter().all(|&s| s == 0);
    let cut = if one { Cut::any_order(program, piece) } else { Cut::in_order(program, piece) };
    let reach = cut.reach(piece, &piece.out);
    let mut groups = Groups::of(piece, &cut, &reach);
    let mut machine = Machine::over(program, task.inputs, piece, &cut);
    let mut indices: Vec<i64> = Vec::new();
    cut.for_each(piece, &mut |start, n| {
        machine.run(piece, start, n);
        let at = piece.out.at(start);
        let ends = matches!(reach, Reach::Line(0)) && start[..kept] != run_of;
        for &i in &task.order {
            let (fold, folded) = (&task.folds[i], &mut all[i]);
            let elements = elements(&machine, program, fold, &mut indices, n);
            let Folded::States { states, counts } = folded else {
                let at = task.edges[..i].iter().flatten().count();
                if let (Some(edges), Some(counts)) = (&task.edges[i], counted.get_mut(at)) {
                    counts.strip(edges, elements.values, elements.mask);
                }
                continue;
            };
            match &reach {
                Reach::Line(0) => {
                    if ends {
                        states.close(run_at);
                    }
                    states.strip(elements);
                }
                Reach::Line(1) => states.row(at as usize, elements),
                reach @ Reach::Line(_) | reach @ Reach::Table(_) => match &mut groups {
                    Some(groups) => {
                        groups.fold(&mut **states, at as usize, elements, program.output_dtype(fold.first));
                    }
                    None => states.scatter(&mut |i| (at + reach.at(i)) as usize, elements),
                },
            }
            if let Some(mask) = elements.mask {
                count(counts, at, &reach, mask);
            }
        }
        if ends {
            run_of.copy_from_slice(&start[..kept]);
        }
        run_at = at as usize;
    });
    for folded in &mut all {
        if let Folded::States { states, .. } = folded {
            states.close(run_at);
        }
    }
    task.count(counted);
    Ok(all)
}

/// The elements of the strip just run; `indices` is room for those of argmin and argmax.
fn elements<'a>(
    machine: &'a Machine<'_>,
    program: &Program,
    fold: &Folding,
    indices: &'a mut Vec<i64>,
    n: usize,
) -> Bytes<'a> {
    let (first, last) = (fold.first, fold.first + fold.outputs() - 1);
    indices.clear();
    if last > first + usize::from(fold.masked) {
        if program.output_dtype(first + 1) == DType::I32 {
            indices.extend(machine.output::<i32>(first + 1, n).iter().map(|&i| i64::from(i)));
        } else {
            indices.extend_from_slice(machine.output::<i64>(first + 1, n));
        }
    }
    let mask = fold.masked.then(|| machine.output::<u8>(last, n));
    Bytes { values: machine.bytes(program.outputs[first], n), indices, mask }
}

/// Adds the elements that are not masked to the counts of their outputs, as [`States`] takes them.
fn count(counts: &mut [i64], at: i64, reach: &Reach, mask: &[u8]) {
    match reach {
        Reach::Line(0) => {
            counts[at as usize] += simd(
                #[inline(always)]
                || i64::from(taken(mask)),
            );
        }
        Reach::Line(1) => {
            for (count, &m) in counts[at as usize..].iter_mut().zip(mask) {
                *count += i64::from(m != 0);
            }
        }
        reach @ Reach::Line(_) | reach @ Reach::Table(_) => {
            for (i, &m) in mask.iter().enumerate() {
                counts[(at + reach.at(i)) as usize] += i64::from(m != 0);
            }
        }
    }
}

/// Whether a piece is rows of an input as it is, each element of which goes into the state of its column.
fn is_columns(task: &Task<'_>, piece: &Piece) -> bool {
    let ([Inst::Load { slot }], [_, _]) = (task.program.insts.as_slice(), piece.dims.as_slice()) else {
        return false;
    };
    let plain = |fold: &Folding| fold.outputs() == 1 && matches!(fold.to, FoldTo::States(_));
    piece.out.strides == [0, 1] && inner(&piece.loads[*slot as usize].1) == 1 && task.folds.iter().all(plain)
}

/// Folds rows of an input as it is, four at a time into the states of their columns, in the order they come: the states are read and
/// written a quarter as often. Whether the part is of that kind.
fn columns(task: &Task<'_>, part: &Part, all: &mut [Folded]) -> bool {
    let ([Inst::Load { slot }], &[rows, width]) = (task.program.insts.as_slice(), part.piece.dims.as_slice()) else {
        return false;
    };
    if !is_columns(task, &part.piece) {
        return false;
    }
    let (input, access) = &part.piece.loads[*slot as usize];
    let size = task.program.output_dtype(0).size();
    let at = part.piece.out.base as usize;
    let row = |i: u64| &task.inputs[*input][access.at(&[i, 0]) as usize * size..][..width as usize * size];
    let mut each = |work: &mut dyn FnMut(&mut dyn States)| {
        for folded in all.iter_mut() {
            if let Folded::States { states, .. } = folded {
                work(&mut **states);
            }
        }
    };
    let fours = rows - rows % 4;
    for i in (0..fours).step_by(4) {
        let rows = [row(i), row(i + 1), row(i + 2), row(i + 3)];
        each(&mut |states| states.four_rows(at, rows));
    }
    for i in fours..rows {
        each(&mut |states| states.row(at, Bytes { values: row(i), indices: &[], mask: None }));
    }
    true
}
