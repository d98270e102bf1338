//! `histogram`: counts or sums of weights by bin, in a private array.

use super::cut::Cut;
use super::jobs::Inputs;
use super::strips::Machine;
use crate::dtype::{DType, Float, with_stored};
use crate::error::Result;
use crate::host::{HostBuffer, filled};
use crate::ops::scalar::Num;
use crate::ops::simd::simd;
use crate::ops::strip::STRIP;
use crate::plan::expr::Program;
use crate::plan::kernel::{Piece, histogram_tables};
use crate::width::in_memory;

/// Bins one chunk; the last input holds the edges.
pub(super) fn run(
    program: &Program,
    (masked, weighted, uniform): (bool, bool, bool),
    pieces: &[Piece],
    inputs: &Inputs<'_>,
    edges: &HostBuffer,
) -> Result<HostBuffer> {
    let dtype = program.output_dtype(0);
    let bins = edges.len().saturating_sub(1);
    // One more for what is not counted.
    let tables = in_memory(histogram_tables(bins as u64));
    let mut counts = filled(0i64, if weighted { 0 } else { tables * (bins + 1) })?;
    let mut sums = filled(0f64, if weighted { bins + 1 } else { 0 })?;
    let mut found = [0u32; STRIP];
    let edges = &Edges::new(dtype, edges, uniform);
    for piece in pieces.iter().cloned().map(Piece::collapsed) {
        let cut = Cut::in_strips(program, &piece);
        let mut machine = Machine::over(program, inputs, &piece, &cut);
        cut.for_each(&piece, &mut |start, n| {
            machine.run(&piece, start, n);
            let mask = masked.then(|| machine.output::<u8>(1, n));
            let found = &mut found[..n];
            match edges {
                Edges::None => return,
                Edges::F32(edges) => edges.find(machine.output(0, n), mask, found),
                Edges::F64(edges) => edges.find(machine.output(0, n), mask, found),
                Edges::I64(edges) => with_stored!(dtype, T => {
                    let values: Vec<i64> = machine.output::<T>(0, n).iter().map(|&x| clamp(x)).collect();
                    edges.find(&values, mask, found);
                }),
            }
            if weighted {
                let weights = machine.output::<f64>(program.outputs.len() - 1, n);
                found.iter().zip(weights).for_each(|(&bin, weight)| sums[bin as usize] += weight);
            } else {
                count(found, &mut counts, bins + 1);
            }
        });
    }
    if weighted {
        sums.truncate(bins);
        return Ok(HostBuffer::from_vec::<f64>(sums));
    }
    for table in 1..tables {
        let (sums, others) = counts.split_at_mut(bins);
        sums.iter_mut().zip(&others[table * (bins + 1) - bins..]).for_each(|(sum, count)| *sum += count);
    }
    counts.truncate(bins);
    counts.shrink_to_fit();
    Ok(HostBuffer::from_vec::<i64>(counts))
}

/// Counts what was found, in tables of so many entries that take turns.
fn count(found: &[u32], counts: &mut [i64], entries: usize) {
    let mut tables = counts.chunks_exact_mut(entries);
    let (Some(a), Some(b), Some(c), Some(d)) = (tables.next(), tables.next(), tables.next(), tables.next()) else {
        return found.iter().for_each(|&bin| counts[bin as usize] += 1);
    };
    let mut fours = found.chunks_exact(4);
    for four in &mut fours {
        a[four[0] as usize] += 1;
        b[four[1] as usize] += 1;
        c[four[2] as usize] += 1;
        d[four[3] as usize] += 1;
    }
    fours.remainder().iter().for_each(|&bin| a[bin as usize] += 1);
}

/// The edges of a histogram, as its values are compared.
enum Edges {
    /// Fewer than two: there are no bins.
    None,
    F32(BinFinder<f32>),
    F64(BinFinder<f64>),
    I64(BinFinder<i64>),
}

impl Edges {
    fn new(dtype: DType, edges: &HostBuffer, uniform: bool) -> Self {
        match dtype.float() {
            _ if edges.len() < 2 => Self::None,
            Some(Float::F32) => Self::F32(BinFinder::new(edges.stored(), uniform)),
            Some(Float::F64) => Self::F64(BinFinder::new(edges.stored(), uniform)),
            None => Self::I64(BinFinder::new(edges.stored(), uniform)),
        }
    }
}

/// Edges of one type, and how to guess a bin.
struct BinFinder<T> {
    edges: Vec<T>,
    /// Where they are of equal width.
    uniform: Option<Uniform>,
}

/// Bins that a guess may be off.
const FARTHEST: f64 = 8.0;

/// Bins of equal width: the bin of `x` is `(x - first) * scale`, but for values this near (in bins) to an edge.
#[derive(Clone, Copy)]
struct Uniform {
    scale: f64,
    slack: f64,
}

impl Uniform {
    fn new(edges: &[f64]) -> Option<Self> {
        let (first, last) = (edges[0], edges[edges.len() - 1]);
        let bins = (edges.len() - 1) as f64;
        let scale = bins / (last - first);
        let off = |(i, edge): (usize, &f64)| ((edge - first) * scale - i as f64).abs();
        let off = edges.iter().enumerate().map(off).fold(0.0, f64::max);
        // What rounding an operand, the difference and the product may move: less than four times the largest of them.
        let slack = off + 4.0 * f64::EPSILON * (bins + first.abs().max(last.abs()) * scale);
        // Where edges are as near as numbers lie, guesses are far off, and searching is quicker than walking.
        (bins < f64::from(i32::MAX) && (last - first).is_finite() && scale.is_finite() && slack <= FARTHEST)
            .then_some(Self { scale, slack })
    }
}

impl<T: Num> BinFinder<T> {
    fn new(edges: &[T], uniform: bool) -> Self {
        let wide: Vec<f64> = edges.iter().map(|edge| edge.to_f64()).collect();
        Self { edges: edges.to_vec(), uniform: if uniform { Uniform::new(&wide) } else { None } }
    }

    /// The bin of each value; the number of bins for those that are not counted: outside, NaN, masked. Bins are guessed by
    /// arithmetic where they are uniform; if a value is near an edge all are moved until the true edges agree, so that counts
    /// equal those of comparing with every edge (and NumPy's).
    fn find(&self, values: &[T], mask: Option<&[u8]>, found: &mut [u32]) {
        let (edges, bins) = (self.edges.as_slice(), self.edges.len() - 1);
        let (first, last, none) = (edges[0], edges[bins], bins as u32);
        match self.uniform {
            Some(Uniform { scale, slack }) => {
                let (start, most) = (first.to_f64(), bins as f64);
                let near = simd(
                    #[inline(always)]
                    || {
                        let mut near = 0u32;
                        for (bin, &x) in found.iter_mut().zip(values) {
                            // Written so that NaN fails it.
                            let inside = (x >= first) & (x <= last);
                            let at = ((x.to_f64() - start) * scale).max(0.0).min(most);
                            // SAFETY: a number from 0 to the number of bins, which an `i32` holds; NaN became 0.
                            let guess: i32 = unsafe { at.to_int_unchecked() };
                            let beyond = at - f64::from(guess);
                            near |= u32::from(inside & ((beyond <= slack) | (beyond >= 1.0 - slack)));
                            *bin = if inside { Ord::min(guess as u32, none - 1) } else { none };
                        }
                        near
                    },
                );
                if near != 0 {
                    self.adjust(values, found);
                }
            }
            None => {
                for (bin, &x) in found.iter_mut().zip(values) {
                    let inside = (x >= first) & (x <= last);
                    let at = || edges.partition_point(|&edge| edge <= x).saturating_sub(1).min(bins - 1);
                    *bin = if inside { at() as u32 } else { none };
                }
            }
        }
        if let Some(mask) = mask {
            for (bin, &keep) in found.iter_mut().zip(mask) {
                *bin = if keep != 0 { *bin } else { none };
            }
        }
    }

    /// Moves guesses until the edges agree.
    fn adjust(&self, values: &[T], found: &mut [u32]) {
        let (edges, bins) = (self.edges.as_slice(), self.edges.len() - 1);
        for (bin, &x) in found.iter_mut().zip(values) {
            let mut at = *bin as usize;
            if at == bins {
                continue;
            }
            while at > 0 && x < edges[at] {
                at -= 1;
            }
            while at + 1 < bins && x >= edges[at + 1] {
                at += 1;
            }
            *bin = at as u32;
        }
    }
}

/// An integer as `i64`; the upper half of `u64` is above every edge but a saturated one either way.
fn clamp<T: Num>(x: T) -> i64 {
    x.to_i64_saturating()
}
