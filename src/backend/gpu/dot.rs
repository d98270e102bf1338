//! Matrix products: the launches of the shaders that `dot_source` prints.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::buffer::GpuBuffer;
use super::dot_loads::{Loads, Way};
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
    /// How `a` and `b` are loaded.
    operands: [Loads; 2],
}

impl Dot {
    /// The product by a tile, of operands in one chunk each, element by element.
    pub(crate) fn new(dtype: DType, tile: Tile) -> Self {
        Self { dtype, tile: Some(tile), operands: [Loads::PLAIN; 2] }
    }

    /// The same of operands in so many chunks.
    pub(crate) fn in_chunks(mut self, chunks: [usize; 2]) -> Self {
        self.operands.iter_mut().zip(chunks).for_each(|(from, chunks)| from.chunks = chunks);
        self
    }

    /// The same of operands that are loaded so.
    pub(crate) fn by(mut self, ways: [Way; 2]) -> Self {
        self.operands.iter_mut().zip(ways).for_each(|(from, way)| from.way = way);
        self
    }

    /// The sum of a product's parts.
    pub(crate) fn join(dtype: DType) -> Self {
        Self { dtype, tile: None, operands: [Loads::PLAIN; 2] }
    }
}

impl Shader for Dot {
    fn source(&self, _: &Capabilities) -> Result<String> {
        Ok(self.tile.map_or_else(|| join(self.dtype), |tile| source(self.dtype, tile, self.operands)))
    }

    fn name(&self) -> &'static str {
        "dot"
    }

    fn buffers(&self) -> (usize, usize) {
        (self.operands.iter().map(|from| from.chunks).sum(), 1)
    }
}

/// Chunks of an operand that a shader is written for: the fewer kinds, the fewer pipelines; the more, the fewer are bound for nothing.
const CHUNKS: [usize; 8] = [1, 2, 3, 4, 6, 8, 12, 16];

/// A buffer, and where in it: base and strides.
type Placed<'a> = (&'a GpuBuffer, Vec<u32>);

/// Steps of a product whose operands lie in one chunk each.
pub(super) struct Segment<'a> {
    k: u32,
    a: Placed<'a>,
    b: Placed<'a>,
}

/// One product, checked: sizes and places in 32 bits.
pub(super) struct Product<'a> {
    pub(super) dtype: DType,
    pub(super) size: [u32; 3],
    /// Its steps, in order.
    segments: Vec<Segment<'a>>,
}

/// Base and strides as the shaders read them. In bounds, so all of these fit 32 bits.
fn place(access: &Access) -> Vec<u32> {
    std::iter::once(access.base).chain(access.strides.iter().copied()).map(|v| v as u32).collect()
}

/// The different buffers, and the number of each one's.
fn distinct<'a>(all: impl Iterator<Item = &'a GpuBuffer>) -> (Vec<&'a GpuBuffer>, Vec<u32>) {
    let (mut found, mut numbers): (Vec<&GpuBuffer>, Vec<u32>) = Default::default();
    for buffer in all {
        let known = found.iter().position(|known| Arc::ptr_eq(&known.memory, &buffer.memory));
        numbers.push(known.unwrap_or(found.len()) as u32);
        if known.is_none() {
            found.push(buffer);
        }
    }
    (found, numbers)
}

impl<'a> Product<'a> {
    /// Of operands in one chunk each.
    #[cfg(test)]
    pub(super) fn new(dtype: DType, size: [u32; 3], a: Placed<'a>, b: Placed<'a>) -> Self {
        Self { dtype, size, segments: vec![Segment { k: size[2], a, b }] }
    }

    /// How a tile loads each operand.
    pub(super) fn ways(&self, tile: Tile) -> [Way; 2] {
        let [m, n, k] = self.size;
        let place = |of: &[u32], line: usize| [of[0], of[1 + line], of[2 - line]];
        let a = self.segments.iter().map(|segment| place(&segment.a.1, 0));
        [Way::of(tile, m, k, a), Way::of(tile, n, k, self.segments.iter().map(|segment| place(&segment.b.1, 1)))]
    }

    /// Writes it, or adds it, to a place of `out`, with the steps cut into `parts` that lie `apart` elements from each other: those of
    /// one segment.
    pub(super) fn launch(
        &self,
        gpu: &Job<'_>,
        tile: Tile,
        (parts, apart): (u32, u32),
        (out, place, accumulate): (&GpuBuffer, &[u32], bool),
    ) -> Result<()> {
        let [m, n, k] = self.size;
        let (columns, rows) = tile.grid(m, n);
        let first = self.segments.first().ok_or_else(|| Error::bug("a product of nothing"))?;
        let accumulate = [u32::from(accumulate)];
        let words = [&self.size[..], &accumulate, &first.a.1, &first.b.1, place, &[rows, steps(k, parts), apart]];
        let groups = [columns.into(), u64::from(rows) * u64::from(parts)];
        let mut words = words.concat();
        let (mut a, in_a) = distinct(self.segments.iter().map(|segment| segment.a.0));
        let (mut b, in_b) = distinct(self.segments.iter().map(|segment| segment.b.0));
        if self.segments.len() > 1 {
            words.push(self.segments.len() as u32);
            for (segment, numbers) in self.segments.iter().zip(in_a.into_iter().zip(in_b)) {
                words.extend([&[segment.k, numbers.0][..], &segment.a.1, &[numbers.1], &segment.b.1].concat());
            }
            let most = most_chunks(gpu);
            let written = |found: usize, beside: usize| {
                let of = CHUNKS.into_iter().find(|&of| of >= found).unwrap_or(found);
                if of + beside <= most { of } else { found }
            };
            // One chunk each is another shader.
            let for_a = written(if b.len() == 1 { a.len().max(2) } else { a.len() }, b.len());
            let for_b = written(b.len(), for_a);
            a.resize(for_a, a[0]);
            b.resize(for_b, b[0]);
        }
        let shader = Dot::new(self.dtype, tile).in_chunks([a.len(), b.len()]).by(self.ways(tile));
        gpu.launch(&shader, &words, &[a, b, vec![out]].concat(), groups)
    }

    /// As [`Product::launch`], in as many parts as fill the device.
    fn run(&self, gpu: &Job<'_>, out: &GpuBuffer, place: &[u32], accumulate: bool) -> Result<()> {
        let [m, n, k] = self.size;
        let tile = gpu.tuner.tile(gpu, self);
        let parts = parts(self.dtype, self.size, &gpu.device.limits);
        // No part without steps.
        let parts = k.div_ceil(steps(k, parts).max(1)).max(1);
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

/// Steps of each of so many parts: whole fours, which are loaded together.
fn steps(k: u32, parts: u32) -> u32 {
    k.div_ceil(parts).next_multiple_of(4)
}

/// Chunks of both operands that one dispatch can read, beside its parameters and result.
fn most_chunks(gpu: &Job<'_>) -> usize {
    (gpu.most + 2).min(2 * CHUNKS[CHUNKS.len() - 1])
}

/// Steps of a dispatch at most.
const MOST: u64 = 1 << 18;
/// Multiply-adds of a dispatch: about 100 ms of a small device.
const WORK: u64 = 1 << 36;

/// Multiply-adds of matrix · vector that are short.
const SHORT: u64 = 1 << 14;

/// Cuts a long inner axis: Mesa's software driver grants a thread 65535 loop iterations, of 8 steps and more, and drivers take a
/// dispatch of seconds for a hang. The other kernels need no such cut: a piece has at most 2³¹ points, each read once.
fn split(piece: &DotPiece) -> impl Iterator<Item = DotPiece> + '_ {
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

/// How many of the first pieces go in one dispatch: those of the same outputs, whose steps lie in chunks of their own. So the outputs stay in
/// registers from one chunk to the next. One, where outputs are so few that the steps are shared between workgroups, and of vectors so
/// short that to compile a shader for so many chunks takes longer.
fn together(gpu: &Job<'_>, dtype: DType, pieces: &[DotPiece]) -> usize {
    let [m, n, k] = pieces[0].size;
    if (m == 1 || n == 1) && m * n * k < SHORT {
        return 1;
    }
    let fits = |count: &usize| {
        let some = &pieces[..*count];
        let k: u64 = some.iter().map(|piece| piece.size[2]).sum();
        let chunks = |of: fn(&DotPiece) -> usize| some.iter().map(of).collect::<BTreeSet<_>>().len();
        let last = &some[count - 1];
        last.size[..2] == [m, n]
            && last.c == pieces[0].c
            && k <= MOST
            && k.saturating_mul(m * n) <= WORK
            && chunks(|piece| piece.a.0).max(2) + chunks(|piece| piece.b.0) <= most_chunks(gpu)
    };
    let count = (2..=pieces.len()).take_while(fits).last().unwrap_or(1);
    let k: u64 = pieces[..count].iter().map(|piece| piece.size[2]).sum();
    if parts(dtype, [m, n, k].map(|n| n as u32), &gpu.device.limits) == 1 { count } else { 1 }
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
    let segment = |piece: &DotPiece| {
        let [m, n, k] = piece.size;
        let input = |(input, access): &(usize, Access), dims: [u64; 2]| {
            let buffer = inputs.get(*input).filter(|buffer| buffer.dtype == dtype);
            let buffer = buffer.ok_or_else(|| Error::bug(format!("dot of {dtype} from {inputs:?}: {piece:?}")))?;
            check_bounds("dot", access, &dims, buffer.len)?;
            Ok::<_, Error>((buffer, place(access)))
        };
        check_bounds("dot", &piece.c, &[m, n], out_elements)?;
        Ok(Segment { k: k as u32, a: input(&piece.a, [m, k])?, b: input(&piece.b, [k, n])? })
    };
    let mut rest = pieces.as_slice();
    while !rest.is_empty() {
        let (some, others) = rest.split_at(together(gpu, dtype, rest));
        let segments = some.iter().map(segment).collect::<Result<Vec<_>>>()?;
        let [m, n, _] = some[0].size.map(|n| n as u32);
        let size = [m, n, segments.iter().map(|segment| segment.k).sum()];
        Product { dtype, size, segments }.run(gpu, &out, &place(&some[0].c), accumulate)?;
        (rest, accumulate) = (others, true);
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
