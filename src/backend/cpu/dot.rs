//! `dot`: the products of a task's pieces, summed into one chunk.

use super::matmul::{DotElement, Mat, dot};
use crate::dtype::{DType, with_bits};
use crate::error::Result;
use crate::host::HostBuffer;
use crate::plan::kernel::{Access, DotPiece};

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
    match dtype {
        DType::F32 => typed::<f32>(pieces, inputs, &mut out),
        DType::F64 => typed::<f64>(pieces, inputs, &mut out),
        // Wrapping products have the same bits with and without a sign.
        _ => with_bits!(dtype, T => typed::<T>(pieces, inputs, &mut out)),
    }
    Ok(out)
}

fn typed<T: DotElement + bytemuck::Pod>(pieces: &[DotPiece], inputs: &[&HostBuffer], out: &mut HostBuffer) {
    let slices: Vec<&[T]> = inputs.iter().map(|b| b.stored()).collect();
    products(pieces, &slices, out.stored_mut());
}

fn products<T: DotElement>(pieces: &[DotPiece], inputs: &[&[T]], out: &mut [T]) {
    let mat = |access: &Access| Mat { base: access.base, rs: access.strides[0], cs: access.strides[1] };
    for piece in pieces {
        let [m, n, k] = piece.size.map(|d| d as usize);
        let (a, b) = (inputs[piece.a.0], inputs[piece.b.0]);
        dot(m, n, k, a, mat(&piece.a.1), b, mat(&piece.b.1), out, mat(&piece.c), true);
    }
}
