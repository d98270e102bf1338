//! `select`: the values whose mask is true, in C order.

use super::compact::keep;
use super::cut::{Cut, inner};
use super::jobs::Inputs;
use super::map::c_ordered;
use super::strips::Machine;
use crate::dtype::with_bits;
use crate::error::Result;
use crate::host::HostBuffer;
use crate::ops::strip::STRIP;
use crate::plan::expr::Program;
use crate::plan::kernel::{Access, Piece};

/// Compacts one chunk. Pieces whose rows are too short to be put in order one by one are put in place as a whole first.
pub(super) fn run(program: &Program, pieces: Vec<Piece>, inputs: &Inputs<'_>, elements: usize) -> Result<HostBuffer> {
    with_bits!(program.output_dtype(0), T => {
        let mut out = HostBuffer::scratch(program.output_dtype(0), elements)?;
        let kept = match rows(&pieces, elements) {
            Some(rows) => compact::<T>(program, &rows, inputs, out.stored_mut()),
            None => {
                let place = |output: usize| {
                    let mut one = program.clone();
                    one.outputs = vec![program.outputs[output]];
                    super::map::run(&one, pieces.clone(), inputs, elements)
                };
                let (values, mask) = (place(0)?, place(1)?);
                keep(values.stored::<T>(), mask.stored(), out.stored_mut())
            }
        };
        out.shortened(kept)
    })
}

/// The rows of all pieces in the chunk's order, if they are long enough: a piece each, or one that is all of the chunk.
fn rows(pieces: &[Piece], elements: usize) -> Option<Vec<Piece>> {
    const SHORT: usize = 256;
    let pieces: Vec<Piece> = pieces.iter().map(|piece| piece.clone().collapsed()).collect();
    if let [piece] = pieces.as_slice()
        && c_ordered(piece)
    {
        return Some(vec![piece.clone()]);
    }
    let width = |piece: &Piece| piece.dims.last().copied().unwrap_or(1);
    let count: u64 = pieces.iter().map(|piece| piece.points() / width(piece).max(1)).sum();
    if count as usize > elements / SHORT || pieces.iter().any(|piece| inner(&piece.out) != 1) {
        return None;
    }
    let mut rows = Vec::with_capacity(count as usize);
    for piece in &pieces {
        Cut::columns(piece, usize::MAX).for_each(piece, &mut |start, n| {
            let mut row = piece.clone();
            row.dims = vec![n as u64];
            let accesses = std::iter::once(&mut row.out).chain(row.loads.iter_mut().map(|(_, access)| access));
            for access in accesses.chain(&mut row.indices) {
                *access = Access { base: access.at(start), strides: vec![inner(access)] };
            }
            rows.push(row);
        });
    }
    rows.sort_unstable_by_key(|row| row.out.base);
    Some(rows)
}

/// Puts what is kept at the start of `out`, which has room for all; how many that is.
fn compact<T: bytemuck::Pod>(program: &Program, rows: &[Piece], inputs: &Inputs<'_>, out: &mut [T]) -> usize {
    let mut end = 0;
    let mut through = |piece: &Piece, cut: &Cut, machine: &mut Machine<'_>| {
        cut.for_each(piece, &mut |start, n| {
            machine.run(piece, start, n);
            end += keep(machine.output::<T>(0, n), machine.output(1, n), &mut out[end..end + n]);
        });
    };
    if let [piece] = rows {
        let cut = Cut::in_strips(program, piece);
        through(piece, &cut, &mut Machine::over(program, inputs, piece, &cut));
    } else {
        let mut machine = Machine::new(program, inputs);
        rows.iter().for_each(|row| through(row, &Cut::columns(row, STRIP), &mut machine));
    }
    end
}
