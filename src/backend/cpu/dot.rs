//! `dot`: the products of a task's pieces, summed into one chunk.

use super::jobs::each_job;
use super::matmul::{DotElement, Mat, dot};
use crate::dtype::{DType, with_bits, with_float};
use crate::error::Result;
use crate::host::HostBuffer;
use crate::plan::kernel::{Access, DotPiece};
use crate::width::{in_memory, signed};

/// Multiplies every piece into one chunk.
pub(super) fn run(dtype: DType, pieces: &[DotPiece], inputs: &[&HostBuffer], elements: usize) -> Result<HostBuffer> {
    let mut out = HostBuffer::scratch(dtype, elements)?;
    out.bytes_mut().fill(0);
    if dtype == DType::Bool {
        // Stored bytes are 0 or 1, which is what the checked casts make sure of.
        let slices: Vec<&[bool]> = inputs.iter().map(|b| bytemuck::checked::cast_slice(b.bytes())).collect();
        products(pieces, &slices, bytemuck::checked::cast_slice_mut(out.bytes_mut()));
        return Ok(out);
    }
    match dtype.float() {
        Some(float) => with_float!(float, T => typed::<T>(pieces, inputs, &mut out)),
        // Wrapping products have the same bits with and without a sign.
        None => with_bits!(dtype, T => typed::<T>(pieces, inputs, &mut out)),
    }
    Ok(out)
}

fn typed<T: DotElement + bytemuck::Pod>(pieces: &[DotPiece], inputs: &[&HostBuffer], out: &mut HostBuffer) {
    let slices: Vec<&[T]> = inputs.iter().map(|b| b.stored()).collect();
    products(pieces, &slices, out.stored_mut());
}

fn products<T: DotElement>(pieces: &[DotPiece], inputs: &[&[T]], out: &mut [T]) {
    let mut jobs = Vec::new();
    let (mut left, mut start) = (out, 0);
    for (pieces, end) in apart(pieces) {
        let (own, later) = std::mem::take(&mut left).split_at_mut(end - start);
        jobs.push((pieces, own, start as i64));
        (left, start) = (later, end);
    }
    // Each of them is shared among threads as well: they meet once, at the end.
    each_job(jobs, &|(pieces, out, start)| pieces.iter().for_each(|piece| product(piece, inputs, out, start)));
}

/// Adds a piece's product to a part of the output that begins at `start`.
fn product<T: DotElement>(piece: &DotPiece, inputs: &[&[T]], out: &mut [T], start: i64) {
    let mat = |access: &Access, base: i64| Mat { base, rs: access.strides[0], cs: access.strides[1] };
    let [m, n, k] = piece.size.map(in_memory);
    let [a, b, c] = [&piece.a.1, &piece.b.1, &piece.c];
    let (left, right) = (inputs[piece.a.0], inputs[piece.b.0]);
    dot(m, n, k, left, mat(a, a.base), right, mat(b, b.base), out, mat(c, c.base - start), true);
}

/// Pieces in groups, each with where its part of the output ends: parts of different groups lie one after another in memory.
fn apart(pieces: &[DotPiece]) -> Vec<(&[DotPiece], usize)> {
    let mut groups: Vec<(&[DotPiece], usize)> = Vec::new();
    let (mut first, mut end) = (0, 0);
    for (at, piece) in pieces.iter().enumerate() {
        let (low, high) = span(piece);
        if low >= end && at > first {
            groups.push((&pieces[first..at], end));
            first = at;
        }
        // Out of order: with what comes before.
        while low < groups.last().map_or(0, |&(_, end)| end) {
            first -= groups.pop().map_or(0, |(group, _)| group.len());
        }
        end = end.max(high);
    }
    groups.push((&pieces[first..], end));
    groups
}

/// Where a piece's elements of the output begin and end.
fn span(piece: &DotPiece) -> (usize, usize) {
    let reach =
        piece.size[..2].iter().zip(&piece.c.strides).map(|(&len, stride)| signed(len.saturating_sub(1)) * stride);
    let (back, on) = reach.fold((0, 0), |(back, on), reach| (back + reach.min(0), on + reach.max(0)));
    let at = |place: i64| in_memory(place.max(0).cast_unsigned());
    (at(piece.c.base + back), at(piece.c.base + on + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_write_apart_are_in_groups_of_their_own() {
        let piece = |base, rows, columns| {
            let access = |base| Access { base, strides: vec![10, 1] };
            DotPiece { size: [rows, columns, 1], a: (0, access(0)), b: (1, access(0)), c: access(base) }
        };
        let groups =
            |pieces: &[DotPiece]| apart(pieces).iter().map(|(group, end)| (group.len(), *end)).collect::<Vec<_>>();
        // Two blocks of rows, each summed over two pieces.
        let (high, low) = (piece(0, 2, 10), piece(20, 3, 10));
        assert_eq!(groups(&[high.clone(), high.clone(), low.clone(), low.clone()]), [(2, 20), (2, 50)]);
        // Columns lie between each other.
        assert_eq!(groups(&[piece(0, 2, 5), piece(5, 2, 5), low.clone()]), [(2, 20), (1, 50)]);
        // A piece of the first block after those of the second.
        assert_eq!(groups(&[high.clone(), low, high]), [(3, 50)]);
        assert_eq!(groups(&[]), [(0, 0)]);
    }
}
