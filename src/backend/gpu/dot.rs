//! Matrix products: the launches of the shaders that `dot_source` prints.

use super::buffer::GpuBuffer;
use super::dot_source::{join, source};
use super::job::Job;
use super::map::fill;
use super::params::check_bounds;
use super::shader::Shader;
use super::tile::{Tile, parts};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::capability::Capabilities;
use crate::plan::kernel::{Access, DotPiece};

/// The key of `shaders/dot*.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Dot {
    dtype: DType,
    /// How the product is shared, or none: the sum of its parts.
    tile: Option<Tile>,
}

impl Dot {
    /// The product by a tile.
    pub(crate) fn new(dtype: DType, tile: Tile) -> Self {
        Self { dtype, tile: Some(tile) }
    }

    /// The sum of a product's parts.
    pub(crate) fn join(dtype: DType) -> Self {
        Self { dtype, tile: None }
    }
}

impl Shader for Dot {
    fn source(&self, _: &Capabilities) -> Result<String> {
        Ok(self.tile.map_or_else(|| join(self.dtype), |tile| source(self.dtype, tile)))
    }

    fn name(&self) -> &'static str {
        "dot"
    }

    fn buffers(&self) -> (usize, usize) {
        (2, 1)
    }
}

/// One product, checked: sizes and places in 32 bits.
pub(super) struct Product<'a> {
    pub(super) dtype: DType,
    pub(super) size: [u32; 3],
    pub(super) a: (&'a GpuBuffer, Vec<u32>),
    pub(super) b: (&'a GpuBuffer, Vec<u32>),
}

/// Base and strides as the shaders read them. In bounds, so all of these fit 32 bits.
fn place(access: &Access) -> Vec<u32> {
    std::iter::once(access.base).chain(access.strides.iter().copied()).map(|v| v as u32).collect()
}

impl Product<'_> {
    /// Writes it, or adds it, to a place of `out`, with the steps cut into `parts` that lie `apart` elements from each other.
    pub(super) fn launch(
        &self,
        gpu: &Job<'_>,
        tile: Tile,
        (parts, apart): (u32, u32),
        (out, place, accumulate): (&GpuBuffer, &[u32], bool),
    ) -> Result<()> {
        let [m, n, k] = self.size;
        let (columns, rows) = tile.grid(m, n);
        let words =
            [&self.size[..], &[u32::from(accumulate)], &self.a.1, &self.b.1, place, &[rows, k.div_ceil(parts), apart]];
        let groups = [columns.into(), u64::from(rows) * u64::from(parts)];
        gpu.launch(&Dot::new(self.dtype, tile), &words.concat(), &[self.a.0, self.b.0, out], groups)
    }

    /// As [`Product::launch`], in as many parts as fill the device.
    fn run(&self, gpu: &Job<'_>, out: &GpuBuffer, place: &[u32], accumulate: bool) -> Result<()> {
        let [m, n, k] = self.size;
        let tile = gpu.tuner.tile(gpu, self);
        let parts = parts(self.dtype, self.size, &gpu.device.limits);
        // No part without steps.
        let parts = k.div_ceil(k.div_ceil(parts).max(1)).max(1);
        if parts == 1 {
            return self.launch(gpu, tile, (1, 0), (out, place, accumulate));
        }
        let apart = m * n;
        let scratch = gpu.allocate(self.dtype, apart as usize * parts as usize)?;
        self.launch(gpu, tile, (parts, apart), (&scratch, &[0, n, 1], false))?;
        let words = [&[m, n, parts, u32::from(accumulate), 0, n, apart, 0, 0, 0], place, &[1, parts, 0]].concat();
        let groups = [u64::from(apart).div_ceil(256), 1];
        gpu.launch(&Dot::join(self.dtype), &words, &[&scratch, &scratch, out], groups)
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
    gpu: &Job<'_>,
    dtype: DType,
    pieces: &[DotPiece],
    inputs: &[GpuBuffer],
    out_elements: usize,
) -> Result<Vec<GpuBuffer>> {
    let pieces: Vec<DotPiece> = pieces.iter().flat_map(split).collect();
    let out = gpu.allocate(dtype, out_elements)?;
    let target = |piece: &DotPiece| (piece.size[0], piece.size[1], piece.c.clone());
    // Where all pieces make the whole output, the first one need not read it.
    let whole = |first: &DotPiece| {
        first.size[0] * first.size[1] == out_elements as u64
            && pieces.iter().all(|piece| target(piece) == target(first))
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
        let size = [m, n, k].map(|n| n as u32);
        let product = Product { dtype, size, a: (a, place(&piece.a.1)), b: (b, place(&piece.b.1)) };
        product.run(gpu, &out, &place(&piece.c), accumulate)?;
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
