//! `reduce`: states of a fold over the axes along which the output does not move.

use super::cut::{Cut, Reach, inner};
use super::groups::Groups;
use super::map::slab_along;
use super::strips::Machine;
use super::{Inputs, each_job, shared};
use crate::dtype::DType;
use crate::host::HostBuffer;
use crate::ops::Fold;
use crate::ops::fold::taken;
use crate::ops::simd::simd;
use crate::ops::states::{Bytes, States, states};
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{Piece, REDUCE_PART as PART, REDUCE_SLOTS as MAX_SLOT};

/// Folds one chunk into states: the arrays of [`Fold::states`], each `[slots, elements]`.
pub(super) fn run(
    program: &Program,
    fold: Fold,
    masked: bool,
    pieces: Vec<Piece>,
    inputs: &Inputs<'_>,
    elements: usize,
) -> Vec<HostBuffer> {
    let dtype = program.output_dtype(0);
    let mut parts: Vec<Part> = Vec::new();
    for piece in pieces {
        // Each piece's slots follow those before, so that states merge in the order of the pieces.
        let base = parts.last().map_or(0, |part| part.slot + 1);
        parts.extend(cut(piece.collapsed(), elements).into_iter().map(|part| Part { slot: base + part.slot, ..part }));
    }
    let mut folded: Vec<Option<Folded>> = parts.iter().map(|_| None).collect();
    let jobs: Vec<_> = parts.iter().zip(&mut folded).collect();
    each_job(jobs, &|(part, folded)| *folded = Some(fold_part(program, fold, masked, part, inputs)));
    // Parts of one slot make different outputs; slots are partial states of all outputs.
    let slots = parts.last().map_or(0, |part| part.slot + 1);
    if let ([Part { slot: 0, first: 0, outputs, .. }], [Some(_)]) = (parts.as_slice(), folded.as_slice())
        && *outputs == elements
    {
        let folded = folded.pop().flatten();
        return folded
            .map_or_else(Vec::new, |folded| encoded(&*folded.states, masked.then_some(folded.counts), fold, dtype));
    }
    let mut all = states(fold, dtype, slots * elements);
    let mut counts = vec![0i64; if masked { slots * elements } else { 0 }];
    for (part, folded) in parts.iter().zip(folded.into_iter().flatten()) {
        let at = part.slot * elements + part.first;
        all.merge(at, &*folded.states);
        for (all, count) in counts.iter_mut().skip(at).zip(folded.counts) {
            *all += count;
        }
    }
    encoded(&*all, masked.then_some(counts), fold, dtype)
}

/// States, and the counts of masked folds, as the arrays of [`Fold::states`].
fn encoded(states: &dyn States, counts: Option<Vec<i64>>, fold: Fold, dtype: DType) -> Vec<HostBuffer> {
    let mut arrays = states.encode(dtype);
    if fold != Fold::Moments {
        arrays.extend(counts.map(HostBuffer::from_vec::<i64>));
    }
    arrays
}

/// Outputs of which slots cost little, and rows of a slot that are worth more of them.
const FEW: usize = 256;
const SLOT_ROWS: u64 = 1 << 13;
/// Outputs that a thread makes at a time: their states are in its cache, and the rows of what it reads are long.
const WIDE: u64 = 512;

/// A part of a piece with states of its own.
struct Part {
    piece: Piece,
    slot: usize,
    /// The outputs it makes: `first..first + outputs`.
    first: usize,
    outputs: usize,
}

/// Cuts a piece along the first axis that is worth it: a kept one, or a reduced one if there are few outputs.
fn cut(piece: Piece, elements: usize) -> Vec<Part> {
    let n = (piece.points() / PART).max(1);
    let positive = piece.out.strides.iter().all(|&s| s >= 0);
    let kept = || (0..piece.dims.len()).find(|&k| piece.out.strides[k] != 0);
    // Slots of more than a few outputs pay off where they have many rows.
    let least = if elements > FEW { SLOT_ROWS } else { 1 };
    let slots = |&k: &usize| piece.out.strides[k] != 0 || piece.dims[k] > least;
    let axis = if elements <= MAX_SLOT { (0..piece.dims.len()).find(slots) } else { kept() };
    let whole = |piece| vec![Part { piece, slot: 0, first: 0, outputs: elements }];
    let Some(axis) = axis else { return whole(piece) };
    if n < 2 || !positive || piece.dims[axis] < 2 {
        return whole(piece);
    }
    let len = piece.dims[axis];
    let rows = len.div_ceil(n);
    let reduced = piece.out.strides[axis] == 0;
    let covers = piece.out.base == 0;
    // Parts of the outputs give the same numbers, so they are for threads alone; narrow ones would jump through memory.
    let for_threads = covers && shared();
    if !reduced && !for_threads {
        return whole(piece);
    }
    let rows = rows.max(if reduced { least } else { WIDE }).min(len);
    (0..len.div_ceil(rows))
        .map(|i| {
            let mut part = slab_along(&piece, axis, i * rows, rows.min(len - i * rows));
            if reduced {
                return Part { piece: part, slot: i as usize, first: 0, outputs: elements };
            }
            let first = part.out.base as usize;
            part.out.base = 0;
            let outputs =
                part.dims.iter().zip(&part.out.strides).map(|(&d, &s)| (d - 1) as usize * s as usize).sum::<usize>()
                    + 1;
            Part { piece: part, slot: 0, first, outputs }
        })
        .collect()
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
            reach => match &mut groups {
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
        match program.output_dtype(1) {
            DType::I32 => indices.extend(machine.output::<i32>(1, n).iter().map(|&i| i64::from(i))),
            _ => indices.extend_from_slice(machine.output::<i64>(1, n)),
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
        reach => {
            for (i, &m) in mask.iter().enumerate() {
                counts[(at + reach.at(i)) as usize] += i64::from(m != 0);
            }
        }
    }
}

/// Folds rows of an input as it is, four at a time into the states of their columns, in the order they come: the states are read and
/// written a quarter as often. Whether the part is of that kind.
fn columns(program: &Program, part: &Part, inputs: &Inputs<'_>, states: &mut dyn States) -> bool {
    let ([Inst::Load { slot }], &[rows, width]) = (program.insts.as_slice(), part.piece.dims.as_slice()) else {
        return false;
    };
    let (input, access) = &part.piece.loads[*slot as usize];
    if part.piece.out.strides != [0, 1] || inner(access) != 1 || program.outputs.len() != 1 {
        return false;
    }
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
