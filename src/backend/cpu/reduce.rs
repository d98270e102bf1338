//! `reduce`: states of a fold over the axes along which the output does not move.

use super::cut::{Cut, Reach, inner};
use super::groups::Groups;
use super::jobs::{Inputs, each_job, shared};
use super::map::slab_along;
use super::strips::Machine;
use crate::dtype::DType;
use crate::host::HostBuffer;
use crate::ops::Fold;
use crate::ops::fold::taken;
use crate::ops::simd::simd;
use crate::ops::states::{Bytes, States, states};
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{Piece, REDUCE_BESIDE as BESIDE, REDUCE_PART as PART, REDUCE_SLOTS as MAX_SLOT};

/// Folds one chunk into states: the arrays of [`Fold::states`], each of `elements`.
pub(super) fn run(
    program: &Program,
    fold: Fold,
    masked: bool,
    pieces: Vec<Piece>,
    inputs: &Inputs<'_>,
    elements: usize,
) -> Vec<HostBuffer> {
    let dtype = program.output_dtype(0);
    let mut parts: Vec<Part> = pieces.into_iter().flat_map(|piece| cut(program, piece.collapsed(), elements)).collect();
    let fold_one = |part: &Part| fold_part(program, fold, masked, part, inputs);
    let encode = |states: &dyn States, counts| encoded(states, masked.then_some(counts), fold, dtype);
    if let [part @ Part { first: 0, outputs, .. }] = parts.as_slice()
        && *outputs == elements
    {
        let Folded { states, counts } = fold_one(part);
        return encode(&*states, counts);
    }
    let mut all = states(fold, dtype, elements);
    let mut counts = vec![0i64; if masked { elements } else { 0 }];
    while !parts.is_empty() {
        // So many at a time that their states are no more than those of the task.
        let mut outputs = 0;
        let goes_on = |part: &&Part| {
            outputs += part.outputs;
            outputs <= elements.max(BESIDE)
        };
        let few = parts.iter().take_while(goes_on).count().max(1);
        let now: Vec<Part> = parts.drain(..few).collect();
        let mut folded: Vec<Option<Folded>> = now.iter().map(|_| None).collect();
        each_job(now.iter().zip(&mut folded).collect(), &|(part, folded)| *folded = Some(fold_one(part)));
        // In the order of the parts, whoever was first.
        for (part, folded) in now.iter().zip(folded.into_iter().flatten()) {
            all.merge(part.first, &*folded.states);
            for (all, count) in counts.iter_mut().skip(part.first).zip(folded.counts) {
                *all += count;
            }
        }
    }
    encode(&*all, counts)
}

/// States, and the counts of masked folds, as the arrays of [`Fold::states`].
fn encoded(states: &dyn States, counts: Option<Vec<i64>>, fold: Fold, dtype: DType) -> Vec<HostBuffer> {
    let mut arrays = states.encode(dtype);
    if fold != Fold::Moments {
        arrays.extend(counts.map(HostBuffer::from_vec::<i64>));
    }
    arrays
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
fn cut(program: &Program, piece: Piece, elements: usize) -> Vec<Part> {
    let n = (piece.points() / PART).max(1);
    let positive = piece.out.strides.iter().all(|&s| s >= 0);
    let kept = || (0..piece.dims.len()).find(|&k| piece.out.strides[k] != 0);
    // Parts of all outputs pay off, where those are more than a few, if they have many rows.
    let least = if elements > FEW { PART_ROWS } else { 1 };
    let long = |&k: &usize| piece.out.strides[k] != 0 || piece.dims[k] > least;
    let axis = if elements <= MAX_SLOT { (0..piece.dims.len()).find(long) } else { kept() };
    let alone = |axis: usize| piece.out.strides[axis] != 0 && !shared() && is_columns(program, &piece);
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

/// What a part's elements come to: states of its outputs and, of a masked fold, how many elements each has.
struct Folded {
    states: Box<dyn States>,
    counts: Vec<i64>,
}

fn fold_part(program: &Program, fold: Fold, masked: bool, part: &Part, inputs: &Inputs<'_>) -> Folded {
    let piece = &part.piece;
    let mut states = states(fold, program.output_dtype(0), part.outputs);
    let mut counts = vec![0i64; if masked { part.outputs } else { 0 }];
    if columns(program, part, inputs, &mut *states) {
        return Folded { states, counts };
    }
    let mut run_at = piece.out.base as usize;
    // A run of strips ends where its output does: by coordinates, for parts of one output each would not show it.
    let kept = piece.out.strides.iter().rposition(|&s| s != 0).map_or(0, |axis| axis + 1);
    let mut run_of = vec![0; kept];
    let one = piece.out.strides.iter().all(|&s| s == 0);
    let cut = if one { Cut::any_order(program, piece) } else { Cut::in_order(program, piece) };
    let reach = cut.reach(piece, &piece.out);
    let mut groups = Groups::of(piece, &cut, &reach);
    let mut machine = Machine::over(program, inputs, piece, &cut);
    let mut indices: Vec<i64> = Vec::new();
    cut.for_each(piece, &mut |start, n| {
        machine.run(piece, start, n);
        let elements = elements(&machine, program, masked, &mut indices, n);
        let at = piece.out.at(start);
        match &reach {
            Reach::Line(0) => {
                if start[..kept] != run_of {
                    states.close(run_at);
                    run_of.copy_from_slice(&start[..kept]);
                }
                run_at = at as usize;
                states.strip(elements);
            }
            Reach::Line(1) => states.row(at as usize, elements),
            reach @ Reach::Line(_) | reach @ Reach::Table(_) => match &mut groups {
                Some(groups) => groups.fold(&mut *states, at as usize, elements, program.output_dtype(0)),
                None => states.scatter(&mut |i| (at + reach.at(i)) as usize, elements),
            },
        }
        if let Some(mask) = elements.mask {
            count(&mut counts, at, &reach, mask);
        }
    });
    states.close(run_at);
    Folded { states, counts }
}

/// The elements of the strip just run; `indices` is room for those of argmin and argmax.
fn elements<'a>(
    machine: &'a Machine<'_>,
    program: &Program,
    masked: bool,
    indices: &'a mut Vec<i64>,
    n: usize,
) -> Bytes<'a> {
    indices.clear();
    if program.outputs.len() > 1 + usize::from(masked) {
        if program.output_dtype(1) == DType::I32 {
            indices.extend(machine.output::<i32>(1, n).iter().map(|&i| i64::from(i)));
        } else {
            indices.extend_from_slice(machine.output::<i64>(1, n));
        }
    }
    let mask = masked.then(|| machine.output::<u8>(program.outputs.len() - 1, n));
    Bytes { values: machine.bytes(program.outputs[0], n), indices, mask }
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
fn is_columns(program: &Program, piece: &Piece) -> bool {
    let ([Inst::Load { slot }], [_, _]) = (program.insts.as_slice(), piece.dims.as_slice()) else {
        return false;
    };
    piece.out.strides == [0, 1] && inner(&piece.loads[*slot as usize].1) == 1 && program.outputs.len() == 1
}

/// Folds rows of an input as it is, four at a time into the states of their columns, in the order they come: the states are read and
/// written a quarter as often. Whether the part is of that kind.
fn columns(program: &Program, part: &Part, inputs: &Inputs<'_>, states: &mut dyn States) -> bool {
    let ([Inst::Load { slot }], &[rows, width]) = (program.insts.as_slice(), part.piece.dims.as_slice()) else {
        return false;
    };
    if !is_columns(program, &part.piece) {
        return false;
    }
    let (input, access) = &part.piece.loads[*slot as usize];
    let size = program.output_dtype(0).size();
    let at = part.piece.out.base as usize;
    let row = |i: u64| &inputs[*input][access.at(&[i, 0]) as usize * size..][..width as usize * size];
    let fours = rows - rows % 4;
    for i in (0..fours).step_by(4) {
        states.four_rows(at, [row(i), row(i + 1), row(i + 2), row(i + 3)]);
    }
    for i in fours..rows {
        states.row(at, Bytes { values: row(i), indices: &[], mask: None });
    }
    true
}
