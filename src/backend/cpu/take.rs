//! `take`: slabs copied by index.

use super::jobs::Inputs;
use crate::dtype::{DType, with_bits};
use crate::error::Result;
use crate::host::HostBuffer;
use crate::plan::kernel::TakePiece;

/// Copies the places of every piece into one chunk.
pub(super) fn run(dtype: DType, pieces: &[TakePiece], inputs: &Inputs<'_>, elements: usize) -> Result<HostBuffer> {
    let mut out = HostBuffer::scratch(dtype, elements)?;
    with_bits!(dtype, T => {
        for piece in pieces {
            copy::<T>(piece, bytemuck::cast_slice(inputs[piece.input]), out.stored_mut());
        }
    });
    Ok(out)
}

fn copy<T: Copy>(piece: &TakePiece, from: &[T], to: &mut [T]) {
    let [outer, _, inner] = piece.dims;
    for row in 0..outer {
        for &(source, target) in &piece.places {
            let a = piece.from.at(&[row, source.into(), 0]) as usize;
            let b = piece.to.at(&[row, target.into(), 0]) as usize;
            to[b..b + inner as usize].copy_from_slice(&from[a..a + inner as usize]);
        }
    }
}
