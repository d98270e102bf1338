//! Matrix products: the launches of the shaders that `dot_source` prints.

use super::Inner;
use super::buffer::GpuBuffer;
use super::dot_source::{Tile, pick, source};
use super::map::fill;
use super::params::check_bounds;
use super::pipeline::Key;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::kernel::{Access, DotPiece};

/// The key of `shaders/dot*.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Dot {
    dtype: DType,
    tile: Tile,
}

impl Dot {
    /// The WGSL.
    pub(crate) fn source(self) -> String {
        source(self.dtype, self.tile)
    }

    /// The shader for products of such sizes on a device with the limits.
    pub(crate) fn new(dtype: DType, [m, n, k]: [u32; 3], limits: &wgpu::Limits) -> Self {
        Self { dtype, tile: pick(m, n, k, limits) }
    }
}

/// Cuts a long inner axis: Mesa's software driver grants a thread 65535 loop iterations, of 8 steps and more, and drivers take a
/// dispatch of seconds for a hang. The other kernels need no such cut: a piece has at most 2³¹ points, each read once.
fn split(piece: &DotPiece) -> impl Iterator<Item = DotPiece> + '_ {
    const MOST: u64 = 1 << 18;
    /// Multiply-adds of a dispatch: about 100 ms of a small device.
    const WORK: u64 = 1 << 36;
    /// Steps below which rereading the output costs more than the product.
    const LEAST: u64 = 128;
    let [m, n, k] = piece.size;
    let most = ((WORK / (m * n).max(1)) & !(LEAST - 1)).clamp(LEAST, MOST);
    (0..k.div_ceil(most)).map(move |part| {
        let start = part * most;
        let along = |(input, access): &(usize, Access), axis: usize| {
            let base = access.base + access.strides[axis] * start as i64;
            (*input, Access { base, strides: access.strides.clone() })
        };
        DotPiece { size: [m, n, most.min(k - start)], a: along(&piece.a, 1), b: along(&piece.b, 0), c: piece.c.clone() }
    })
}

/// Adds up the pieces' products in a new buffer.
///
/// # Errors
/// [`Error::Device`] from the device, [`Error::Bug`] for pieces that do not fit their buffers.
pub(crate) fn run(
    gpu: &Inner,
    dtype: DType,
    pieces: &[DotPiece],
    inputs: &[GpuBuffer],
    out_elements: usize,
) -> Result<Vec<GpuBuffer>> {
    let pieces: Vec<DotPiece> = pieces.iter().flat_map(split).collect();
    let out = gpu.allocate(dtype, out_elements)?;
    let place = |piece: &DotPiece| (piece.size[0], piece.size[1], piece.c.clone());
    // Where all pieces make the whole output, the first one need not read it.
    let whole = |first: &DotPiece| {
        first.size[0] * first.size[1] == out_elements as u64 && pieces.iter().all(|piece| place(piece) == place(first))
    };
    let mut accumulate = !pieces.first().is_some_and(whole);
    if accumulate {
        fill(gpu, &out, 0)?;
    }
    for piece in &pieces {
        let [m, n, k] = piece.size;
        let input = |(input, access): &(usize, Access), dims: [u64; 2]| {
            let buffer = inputs.get(*input).filter(|buffer| buffer.dtype == dtype);
            let buffer = buffer.ok_or_else(|| Error::bug(format!("dot of {dtype} from {inputs:?}: {piece:?}")))?;
            check_bounds("dot", access, &dims, buffer.len)?;
            Ok::<_, Error>(buffer)
        };
        let (a, b) = (input(&piece.a, [m, k])?, input(&piece.b, [k, n])?);
        check_bounds("dot", &piece.c, &[m, n], out_elements)?;
        // In bounds, so all of these fit 32 bits.
        let size = [m, n, k].map(|n| n as u32);
        let mut words = size.to_vec();
        words.push(u32::from(accumulate));
        for access in [&piece.a.1, &piece.b.1, &piece.c] {
            words.push(access.base as u32);
            words.extend(access.strides.iter().map(|&s| s as u32));
        }
        let dot = Dot::new(dtype, size, &gpu.device.limits);
        let (columns, rows) = dot.tile.grid(size[0], size[1]);
        gpu.launch(&Key::Dot(dot), &words, &[a, b, &out], [columns.into(), rows.into()])?;
        accumulate = true;
    }
    Ok(vec![out])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_cut_along_the_inner_axis() {
        let flat = |strides: [i64; 2]| Access { base: 5, strides: strides.to_vec() };
        let piece = |size: [u64; 3]| DotPiece {
            size,
            a: (0, flat([size[2] as i64, 1])),
            b: (1, flat([size[1] as i64, 1])),
            c: flat([size[1] as i64, 1]),
        };
        for (size, parts) in
            [([1000, 1000, 1000], 1), ([4096, 4096, 4096], 1), ([8192, 8192, 4096], 4), ([1, 1, 1 << 20], 4)]
        {
            let piece = piece(size);
            let cut: Vec<_> = split(&piece).collect();
            assert_eq!(cut.len(), parts, "{size:?}");
            assert_eq!(cut.iter().map(|part| part.size[2]).sum::<u64>(), size[2]);
            let mut start = 0;
            for part in &cut {
                assert!(part.size.iter().product::<u64>() <= 1 << 36);
                assert_eq!((part.a.1.base, part.b.1.base), (5 + start, 5 + start * size[1] as i64));
                start += part.size[2] as i64;
            }
        }
    }
}
