//! Where the views that a piece loads lie in more chunks than an adapter binds, some of them are copied to a buffer first: pieces that lie
//! so are small, between the chunks.

use super::buffer::GpuBuffer;
use super::job::Job;
use super::map::copy;
use super::sources::distinct;
use crate::error::{Error, Result};
use crate::plan::expr::Program;
use crate::plan::kernel::{Access, Piece};

/// The pieces and inputs of which no piece reads more than `gpu` lets loads bind: in those that would, loads read copies. The last
/// `own` inputs are not loaded.
///
/// # Errors
/// [`Error::Bug`] for loads of more dtypes than there are bindings; from copying.
pub(super) fn few_enough(
    gpu: &Job<'_>,
    program: &Program,
    pieces: &[Piece],
    inputs: &[GpuBuffer],
    own: usize,
) -> Result<(Vec<Piece>, Vec<GpuBuffer>)> {
    let (loaded, own) = inputs.split_at(inputs.len() - own);
    let (mut pieces, mut inputs) = (pieces.to_vec(), loaded.to_vec());
    for piece in pieces.iter_mut().filter(|piece| distinct(piece).len() > gpu.most) {
        // One buffer of copies a dtype.
        let dtypes = program.loads.iter().enumerate().filter(|(slot, dtype)| !program.loads[..*slot].contains(dtype));
        let dtypes: Vec<_> = dtypes.map(|(_, &dtype)| dtype).collect();
        let kept = gpu.most.checked_sub(dtypes.len());
        let kept = kept.ok_or_else(|| Error::bug(format!("loads of {dtypes:?} in {} bindings", gpu.most)))?;
        let kept = distinct(piece)[..kept].to_vec();
        for dtype in dtypes {
            let moved = |slot: &usize| program.loads[*slot] == dtype && !kept.contains(&piece.loads[*slot].0);
            let moved: Vec<usize> = (0..piece.loads.len()).filter(moved).collect();
            let copies = gpu.allocate(dtype, moved.len() * piece.points() as usize)?;
            for (i, slot) in moved.into_iter().enumerate() {
                let (input, from) = &piece.loads[slot];
                let to = in_order(&piece.dims, i as i64 * piece.points() as i64);
                copy(gpu, &inputs[*input], (&piece.dims, from), (&copies, &to))?;
                piece.loads[slot] = (inputs.len(), to);
            }
            inputs.push(copies);
        }
    }
    inputs.extend_from_slice(own);
    Ok((pieces, inputs))
}

/// C order from `base` on.
fn in_order(dims: &[u64], base: i64) -> Access {
    let mut strides = vec![1; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis] * dims[axis] as i64;
    }
    Access { base, strides }
}
