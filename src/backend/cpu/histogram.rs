//! `histogram`: counts or sums of weights by bin, in a private array.

use super::Inputs;
use super::strips::{Machine, for_each_strip};
use crate::dtype::{DType, with_stored};
use crate::host::HostBuffer;
use crate::ops::scalar::Num;
use crate::ops::strip::{STRIP, simd};
use crate::plan::expr::Program;
use crate::plan::kernel::Piece;

/// Tables that take turns: neighbouring elements often fall into one bin, and each count waits for the one before it.
const TABLES: usize = 4;

/// Bins one chunk; the last input holds the edges.
pub(super) fn run(
    program: &Program,
    (masked, weighted, uniform): (bool, bool, bool),
    pieces: &[Piece],
    inputs: &Inputs<'_>,
    edges: &HostBuffer,
) -> HostBuffer {
    let dtype = program.output_dtype(0);
    let bins = edges.len().saturating_sub(1);
    // One more for what is not counted.
    let mut counts = vec![0i64; if weighted { 0 } else { TABLES * (bins + 1) }];
    let mut sums = vec![0f64; if weighted { bins + 1 } else { 0 }];
    let mut machine = Machine::new(program, inputs);
    let mut found = [0u32; STRIP];
    let edges = &Edges::new(dtype, edges, uniform);
    for piece in pieces.iter().cloned().map(Piece::collapsed) {
        for_each_strip(&piece, |start, n| {
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
                for (i, &bin) in found.iter().enumerate() {
                    counts[(i % TABLES) * (bins + 1) + bin as usize] += 1;
                }
            }
        });
    }
    if weighted {
        sums.truncate(bins);
        return HostBuffer::from_vec::<f64>(sums);
    }
    let table = |i: usize| &counts[i * (bins + 1)..][..bins];
    HostBuffer::from_vec::<i64>((0..bins).map(|bin| (0..TABLES).map(|i| table(i)[bin]).sum()).collect())
}

/// The edges of a histogram, as its values are compared.
enum Edges {
    /// Fewer than two: there are no bins.
    None,
    F32(Bins<f32>),
    F64(Bins<f64>),
    I64(Bins<i64>),
}

impl Edges {
    fn new(dtype: DType, edges: &HostBuffer, uniform: bool) -> Self {
        match dtype {
            _ if edges.len() < 2 => Self::None,
            DType::F32 => Self::F32(Bins::new(edges.stored(), uniform)),
            DType::F64 => Self::F64(Bins::new(edges.stored(), uniform)),
            _ => Self::I64(Bins::new(edges.stored(), uniform)),
        }
    }
}

/// Edges of one type, and how to guess a bin.
struct Bins<T> {
    edges: Vec<T>,
    /// Bins a unit, where they are of equal width.
    scale: Option<f64>,
}

impl<T: Num> Bins<T> {
    fn new(edges: &[T], uniform: bool) -> Self {
        let (first, last) = (edges[0].to_f64(), edges[edges.len() - 1].to_f64());
        let scale = (edges.len() - 1) as f64 / (last - first);
        Self { edges: edges.to_vec(), scale: (uniform && scale.is_finite()).then_some(scale) }
    }

    /// The bin of each value; the number of bins for those that are not counted: outside, NaN, masked. Bins are guessed by
    /// arithmetic where they are uniform, then moved until the true edges agree, so that counts equal those of comparing with
    /// every edge (and NumPy's).
    fn find(&self, values: &[T], mask: Option<&[u8]>, found: &mut [u32]) {
        let (edges, bins) = (self.edges.as_slice(), self.edges.len() - 1);
        let (first, last, none) = (edges[0], edges[bins], bins as u32);
        match self.scale {
            Some(scale) => {
                let (start, most) = (first.to_f64(), (bins - 1) as f64);
                simd(
                    #[inline(always)]
                    || {
                        for (bin, &x) in found.iter_mut().zip(values) {
                            // Written so that NaN fails it.
                            let inside = (x >= first) & (x <= last);
                            let guess = ((x.to_f64() - start) * scale).max(0.0).min(most) as i32 as u32;
                            *bin = if inside { guess } else { none };
                        }
                    },
                );
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
}

/// An integer as `i64`; the upper half of `u64` is above every edge but a saturated one either way.
fn clamp<T: Num>(x: T) -> i64 {
    x.to_i64_saturating()
}
