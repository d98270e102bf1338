//! `dot`: the products of a task's pieces, summed into one chunk.

use super::matmul::{DotElement, Mat, dot};
use crate::dtype::DType;
use crate::host::HostBuffer;
use crate::plan::kernel::{Access, DotPiece};

/// Multiplies every piece into one chunk.
pub(super) fn run(dtype: DType, pieces: &[DotPiece], inputs: &[&HostBuffer], elements: usize) -> HostBuffer {
    let mut out = HostBuffer::scratch(dtype, elements);
    out.bytes_mut().fill(0);
    if dtype == DType::Bool {
        // Stored bytes are 0 or 1, which is what the checked casts make sure of.
        let slices: Vec<&[bool]> = inputs.iter().map(|b| bytemuck::checked::cast_slice(b.bytes())).collect();
        products(pieces, &slices, bytemuck::checked::cast_slice_mut(out.bytes_mut()));
        return out;
    }
    crate::dtype::with_stored!(dtype, T => {
        let slices: Vec<&[T]> = inputs.iter().map(|b| b.stored()).collect();
        products(pieces, &slices, out.stored_mut());
    });
    out
}

fn products<T: DotElement>(pieces: &[DotPiece], inputs: &[&[T]], out: &mut [T]) {
    let mat = |access: &Access| Mat { base: access.base, rs: access.strides[0], cs: access.strides[1] };
    for piece in pieces {
        let [m, n, k] = piece.size.map(|d| d as usize);
        let (a, b) = (inputs[piece.a.0], inputs[piece.b.0]);
        dot(m, n, k, a, mat(&piece.a.1), b, mat(&piece.b.1), out, mat(&piece.c), true);
    }
}
