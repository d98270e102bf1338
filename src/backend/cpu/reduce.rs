//! `reduce`: states of a fold over the axes along which the output does not move.

use rayon::prelude::*;

use super::map::slab_along;
use super::strips::{Machine, any_order, for_each_strip_of, inner, longest};
use super::{Inputs, shared};
use crate::dtype::DType;
use crate::host::HostBuffer;
use crate::ops::Fold;
use crate::ops::fold::{Elements, Folder, taken, with_folder};
use crate::ops::strip::simd;
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
    with_folder!(fold, dtype, F => {
        let mut all: Vec<Part> = Vec::new();
        for piece in pieces {
            // Each piece's slots follow those before, so that states merge in the order of the pieces.
            let base = all.last().map_or(0, |part: &Part| part.slot + 1);
            all.extend(parts(piece.collapsed(), elements).into_iter().map(|part| Part { slot: base + part.slot, ..part }));
        }
        let parts = all;
        let state = |part: &Part| fold_part::<F>(program, masked, part, inputs);
        let states: Vec<States<F>> =
            if shared() { parts.par_iter().map(state).collect() } else { parts.iter().map(state).collect() };
        // Parts of one slot make different outputs; slots are partial states of all outputs.
        let slots = parts.last().map_or(0, |part| part.slot + 1);
        let mut accs = vec![F::IDENTITY; slots * elements];
        let mut counts = vec![0i64; if masked { slots * elements } else { 0 }];
        for (part, state) in parts.iter().zip(states) {
            let at = part.slot * elements + part.first;
            for (all, acc) in accs[at..].iter_mut().zip(state.accs) {
                *all = F::combine(*all, acc);
            }
            for (all, count) in counts.iter_mut().skip(at).zip(state.counts) {
                *all += count;
            }
        }
        let mut arrays = F::encode(&accs, dtype);
        if masked && fold != Fold::Moments {
            arrays.push(HostBuffer::from_vec::<i64>(counts));
        }
        arrays
    })
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
fn parts(piece: Piece, elements: usize) -> Vec<Part> {
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

struct States<F: Folder> {
    accs: Vec<F::Acc>,
    counts: Vec<i64>,
}

fn fold_part<F: Folder>(program: &Program, masked: bool, part: &Part, inputs: &Inputs<'_>) -> States<F> {
    let piece = &part.piece;
    let mut accs = vec![F::IDENTITY; part.outputs];
    let mut counts = vec![0i64; if masked { part.outputs } else { 0 }];
    let indexed = program.outputs.len() > 1 + usize::from(masked);
    let mut indices: Vec<i64> = Vec::new();
    let step = inner(&piece.out);
    if columns::<F>(program, part, inputs, &mut accs) {
        return States { accs, counts };
    }
    // Strips of one output merge as a binary counter does: a tree whose shape depends on the piece alone.
    let mut tree = Tree::<F>::new();
    let mut tree_at = piece.out.base as usize;
    // A tree ends where an output's run of strips does: by coordinates, for parts of one output each would not show it.
    let kept = piece.out.strides.iter().rposition(|&s| s != 0).map_or(0, |axis| axis + 1);
    let mut tree_of = vec![0; kept];
    let one = piece.out.strides.iter().all(|&s| s == 0);
    let (strip, rows) = if one { any_order(program, piece) } else { (longest(program, piece), 1) };
    let mut machine = Machine::new(program, inputs).in_blocks_of(rows);
    for_each_strip_of(piece, strip, rows, |start, n| {
        machine.run(piece, start, n);
        indices.clear();
        if indexed {
            match program.output_dtype(1) {
                DType::I32 => indices.extend(machine.output::<i32>(1, n).iter().map(|&i| i64::from(i))),
                _ => indices.extend_from_slice(machine.output::<i64>(1, n)),
            }
        }
        let mask = masked.then(|| machine.output::<u8>(program.outputs.len() - 1, n));
        let elements = Elements { values: machine.output::<F::T>(0, n), indices: &indices, mask };
        let at = piece.out.at(start) as usize;
        if step == 0 {
            if start[..kept] != tree_of {
                accs[tree_at] = F::combine(accs[tree_at], tree.finish());
                tree_at = at;
                tree_of.copy_from_slice(&start[..kept]);
            }
            tree.push(F::strip(elements));
            if let Some(mask) = mask {
                counts[at] += simd(
                    #[inline(always)]
                    || i64::from(taken(mask)),
                );
            }
        } else if step == 1 {
            F::row(&mut accs[at..at + n], elements);
            for (count, &m) in counts.iter_mut().skip(at).zip(mask.unwrap_or(&[])) {
                *count += i64::from(m != 0);
            }
        } else {
            for i in 0..n {
                let at = (at as i64 + step * i as i64) as usize;
                if mask.is_none_or(|m| m[i] != 0) {
                    accs[at] = F::push(accs[at], elements.values[i], indices.get(i).copied().unwrap_or(0));
                    counts.iter_mut().skip(at).take(1).for_each(|count| *count += 1);
                }
            }
        }
    });
    if let Some(acc) = accs.get_mut(tree_at) {
        *acc = F::combine(*acc, tree.finish());
    }
    States { accs, counts }
}

/// Folds rows of an input as it is, four at a time into the states of their columns, in the order they come: the states are read and
/// written a quarter as often. Whether the part is of that kind.
fn columns<F: Folder>(program: &Program, part: &Part, inputs: &Inputs<'_>, accs: &mut [F::Acc]) -> bool {
    let ([Inst::Load { slot }], &[rows, width]) = (program.insts.as_slice(), part.piece.dims.as_slice()) else {
        return false;
    };
    let (input, access) = &part.piece.loads[*slot as usize];
    if part.piece.out.strides != [0, 1] || inner(access) != 1 || program.outputs.len() != 1 {
        return false;
    }
    let values: &[F::T] = bytemuck::cast_slice(inputs[*input]);
    let accs = &mut accs[part.piece.out.base as usize..][..width as usize];
    let row = |i: u64| &values[access.at(&[i, 0]) as usize..][..width as usize];
    let fours = rows - rows % 4;
    for i in (0..fours).step_by(4) {
        let [a, b, c, d] = [row(i), row(i + 1), row(i + 2), row(i + 3)];
        simd(
            #[inline(always)]
            || {
                for ((((acc, &a), &b), &c), &d) in accs.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                    *acc = [a, b, c, d].into_iter().fold(*acc, |acc, value| F::push(acc, value, 0));
                }
            },
        );
    }
    for i in fours..rows {
        F::row(accs, Elements { values: row(i), indices: &[], mask: None });
    }
    true
}

/// States merged pairwise as they come.
struct Tree<F: Folder> {
    levels: Vec<Option<F::Acc>>,
}

impl<F: Folder> Tree<F> {
    fn new() -> Self {
        Self { levels: Vec::new() }
    }
    fn push(&mut self, mut acc: F::Acc) {
        for level in &mut self.levels {
            match level.take() {
                None => return *level = Some(acc),
                Some(earlier) => acc = F::combine(earlier, acc),
            }
        }
        self.levels.push(Some(acc));
    }
    fn finish(&mut self) -> F::Acc {
        self.levels.drain(..).flatten().reduce(|later, earlier| F::combine(earlier, later)).unwrap_or(F::IDENTITY)
    }
}
