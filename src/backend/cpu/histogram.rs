//! `histogram`: counts or sums of weights by bin, in a private array.

use super::cut::Cut;
use super::jobs::Inputs;
use super::strips::Machine;
use crate::dtype::{DType, Float, with_number};
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
    let edges = &Edges::new(program.output_dtype(0), edges, uniform);
    let mut counts = if weighted { None } else { Some(Counts::new(edges)?) };
    // One more for what is not counted.
    let mut sums = filled(0f64, if weighted { edges.bins() + 1 } else { 0 })?;
    for piece in pieces.iter().cloned().map(Piece::collapsed) {
        let cut = Cut::in_strips(program, &piece);
        let mut machine = Machine::over(program, inputs, &piece, &cut);
        cut.for_each(&piece, &mut |start, n| {
            machine.run(&piece, start, n);
            let mask = masked.then(|| machine.output::<u8>(1, n));
            let values = machine.bytes(program.outputs[0], n);
            if let Some(counts) = &mut counts {
                return counts.strip(edges, values, mask);
            }
            let mut found = [0u32; STRIP];
            edges.find(values, mask, &mut found[..n]);
            let weights = machine.output::<f64>(program.outputs.len() - 1, n);
            found.iter().zip(weights).for_each(|(&bin, weight)| sums[bin as usize] += weight);
        });
    }
    sums.truncate(edges.bins());
    Ok(counts.map_or_else(|| HostBuffer::from_vec::<f64>(sums), Counts::finish))
}

/// Counts of bins, and of what is not counted, in tables that take turns.
pub(super) struct Counts {
    counts: Vec<i64>,
    bins: usize,
    /// The bins of a strip's values.
    found: Vec<u32>,
}

impl Counts {
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory) where the system has none.
    pub(super) fn new(edges: &Edges) -> Result<Self> {
        let bins = edges.bins();
        let tables = in_memory(histogram_tables(bins as u64));
        Ok(Self { counts: filled(0i64, tables * (bins + 1))?, bins, found: vec![0; STRIP] })
    }
    /// Counts values, of the edges' dtype, that are not masked.
    pub(super) fn strip(&mut self, edges: &Edges, values: &[u8], mask: Option<&[u8]>) {
        let size = edges.dtype.size();
        for (i, values) in values.chunks(STRIP * size).enumerate() {
            let found = &mut self.found[..values.len() / size];
            let mask = mask.map(|mask| &mask[i * STRIP..][..found.len()]);
            edges.find(values, mask, found);
            count(found, &mut self.counts, self.bins + 1);
        }
    }
    /// Takes in the counts of other values.
    pub(super) fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
    }
    /// The counts of the bins.
    pub(super) fn finish(mut self) -> HostBuffer {
        let bins = self.bins;
        for table in 1..self.counts.len() / (bins + 1) {
            let (sums, others) = self.counts.split_at_mut(bins);
            sums.iter_mut().zip(&others[table * (bins + 1) - bins..]).for_each(|(sum, count)| *sum += count);
        }
        self.counts.truncate(bins);
        self.counts.shrink_to_fit();
        HostBuffer::from_vec::<i64>(self.counts)
    }
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

/// The edges of a histogram of values of a dtype.
pub(super) struct Edges {
    dtype: DType,
    finder: Option<Finder>,
}

/// As the values are compared; of fewer than two edges there are no bins.
enum Finder {
    F32(BinFinder<f32>),
    F64(BinFinder<f64>),
    I64(BinFinder<i64>),
}

impl Edges {
    pub(super) fn new(dtype: DType, edges: &HostBuffer, uniform: bool) -> Self {
        let finder = || match dtype.float() {
            Some(Float::F32) => Finder::F32(BinFinder::new(edges.stored(), uniform)),
            Some(Float::F64) => Finder::F64(BinFinder::new(edges.stored(), uniform)),
            None => Finder::I64(BinFinder::new(edges.stored(), uniform)),
        };
        Self { dtype, finder: (edges.len() > 1).then(finder) }
    }
    fn bins(&self) -> usize {
        let edges = match &self.finder {
            None => 0,
            Some(Finder::F32(finder)) => finder.edges.len(),
            Some(Finder::F64(finder)) => finder.edges.len(),
            Some(Finder::I64(finder)) => finder.edges.len(),
        };
        edges.saturating_sub(1)
    }
    /// The bin of each value, as [`BinFinder::find`].
    fn find(&self, values: &[u8], mask: Option<&[u8]>, found: &mut [u32]) {
        match &self.finder {
            // What is not counted.
            None => found.fill(0),
            Some(Finder::F32(finder)) => finder.find(bytemuck::cast_slice(values), mask, found),
            Some(Finder::F64(finder)) => finder.find(bytemuck::cast_slice(values), mask, found),
            Some(Finder::I64(finder)) => with_number!(self.dtype, T => {
                let values: Vec<i64> = bytemuck::cast_slice::<u8, T>(values).iter().map(|&x| clamp(x)).collect();
                finder.find(&values, mask, found);
            }),
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
