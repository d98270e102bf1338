//! `map`: the program's value stored at each point.

use super::cut::{Cut, Reach};
use super::jobs::{Inputs, each_job, shared};
use super::strips::Machine;
use crate::dtype::with_bits;
use crate::error::Result;
use crate::host::HostBuffer;
use crate::plan::expr::Program;
use crate::plan::kernel::Piece;

/// Points below which splitting a piece over threads costs more than it gains.
const SPLIT: u64 = 1 << 16;

/// Runs a map over its pieces into one chunk.
pub(super) fn run(program: &Program, pieces: Vec<Piece>, inputs: &Inputs<'_>, elements: usize) -> Result<HostBuffer> {
    let dtype = program.output_dtype(0);
    let mut out = HostBuffer::scratch(dtype, elements)?;
    store(program, pieces, inputs, out.bytes_mut());
    Ok(out)
}

/// Runs the pieces into the bytes of the chunk.
fn store(program: &Program, pieces: Vec<Piece>, inputs: &Inputs<'_>, out: &mut [u8]) {
    if let [piece] = pieces.as_slice() {
        let piece = piece.clone().collapsed();
        // One piece that fills the chunk in order can be shared among threads by rows.
        let (rows, row) = (piece.dims[0], piece.points() / piece.dims[0]);
        let size = program.output_dtype(0).size();
        let in_order = piece.out.base == 0 && piece.points() == (out.len() / size) as u64 && c_ordered(&piece);
        if in_order && piece.points() > SPLIT && shared() {
            let group = (SPLIT / row.max(1)).clamp(1, rows);
            let jobs: Vec<_> = out.chunks_mut((group * row) as usize * size).enumerate().collect();
            return each_job(jobs, &|(i, out)| {
                let start = i as u64 * group;
                let mut part = slab_along(&piece, 0, start, group.min(rows - start));
                part.out.base = 0;
                store_piece(program, &part, inputs, out);
            });
        }
        return store_piece(program, &piece, inputs, out);
    }
    for piece in pieces {
        store_piece(program, &piece.collapsed(), inputs, out);
    }
}

/// Whether the output strides are those of the piece itself in C order.
pub(super) fn c_ordered(piece: &Piece) -> bool {
    let mut expect = 1;
    piece.dims.iter().zip(&piece.out.strides).rev().all(|(&d, &s)| {
        let same = s == expect;
        expect *= d as i64;
        same
    })
}

/// Rows `start..start + rows` of a piece along `axis`.
pub(super) fn slab_along(piece: &Piece, axis: usize, start: u64, rows: u64) -> Piece {
    let mut part = piece.clone();
    part.dims[axis] = rows;
    let accesses = std::iter::once(&mut part.out).chain(part.loads.iter_mut().map(|(_, a)| a)).chain(&mut part.indices);
    for access in accesses {
        access.base = access.base.wrapping_add(access.strides[axis].wrapping_mul(start as i64));
    }
    part
}

fn store_piece(program: &Program, piece: &Piece, inputs: &Inputs<'_>, out: &mut [u8]) {
    let (dtype, value) = (program.output_dtype(0), program.outputs[0]);
    let (cut, size) = (Cut::any_order(program, piece), dtype.size());
    let reach = cut.reach(piece, &piece.out);
    let mut machine = Machine::over(program, inputs, piece, &cut);
    cut.for_each(piece, &mut |start, n| {
        machine.run(piece, start, n);
        let (values, at) = (machine.bytes(value, n), piece.out.at(start));
        match &reach {
            Reach::Line(1) => out[at as usize * size..][..n * size].copy_from_slice(values),
            reach @ Reach::Line(_) | reach @ Reach::Table(_) => with_bits!(dtype, T => {
                scatter::<T>(bytemuck::cast_slice(values), at, reach, bytemuck::cast_slice_mut(out));
            }),
        }
    });
}

fn scatter<T: Copy>(values: &[T], at: i64, reach: &Reach, out: &mut [T]) {
    match reach {
        Reach::Line(step) => {
            values.iter().enumerate().for_each(|(i, &value)| out[(at + step * i as i64) as usize] = value);
        }
        Reach::Table(table) => {
            values.iter().zip(table).for_each(|(&value, &offset)| out[(at + i64::from(offset)) as usize] = value);
        }
    }
}
