//! `histogram`: counts or sums of weights by bin, in a private array.

use super::Inputs;
use super::strips::{Machine, for_each_strip};
use crate::dtype::{DType, with_stored};
use crate::host::HostBuffer;
use crate::ops::scalar::Num;
use crate::plan::expr::Program;
use crate::plan::kernel::Piece;

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
    let mut counts = vec![0i64; bins];
    let mut sums = vec![0f64; if weighted { bins } else { 0 }];
    let mut machine = Machine::new(program, inputs);
    for piece in pieces.iter().cloned().map(Piece::collapsed) {
        for_each_strip(&piece, |start, n| {
            machine.run(&piece, start, n);
            let mask = masked.then(|| machine.output::<u8>(1, n));
            let weights = weighted.then(|| machine.output::<f64>(program.outputs.len() - 1, n));
            let mut count = |i: usize, bin: usize| {
                if mask.is_none_or(|m| m[i] != 0) {
                    match weights {
                        Some(weights) => sums[bin] += weights[i],
                        None => counts[bin] += 1,
                    }
                }
            };
            match dtype {
                DType::F32 => bin_all(machine.output::<f32>(0, n), edges.stored(), uniform, &mut count),
                DType::F64 => bin_all(machine.output::<f64>(0, n), edges.stored(), uniform, &mut count),
                _ => with_stored!(dtype, T => {
                    let values: Vec<i64> = machine.output::<T>(0, n).iter().map(|&x| clamp(x)).collect();
                    bin_all(&values, edges.stored(), uniform, &mut count);
                }),
            }
        });
    }
    if weighted { HostBuffer::from_vec::<f64>(sums) } else { HostBuffer::from_vec::<i64>(counts) }
}

/// An integer as `i64`; the upper half of `u64` is above every edge but a saturated one either way.
fn clamp<T: Num>(x: T) -> i64 {
    x.to_i64_saturating()
}

/// The bin of each value: estimated by arithmetic where bins are uniform, then moved until the true edges agree, so that
/// counts equal those of comparing with every edge (and NumPy's).
#[inline(always)]
fn bin_all<T: Num>(values: &[T], edges: &[T], uniform: bool, count: &mut impl FnMut(usize, usize)) {
    let [first, .., last] = edges else { return };
    let (first, last, bins) = (*first, *last, edges.len() - 1);
    let scale = bins as f64 / (last.to_f64() - first.to_f64());
    let uniform = uniform && scale.is_finite();
    for (i, &x) in values.iter().enumerate() {
        // Written so that NaN fails it.
        if !(x >= first && x <= last) {
            continue;
        }
        let bin = if uniform {
            let mut bin = (((x.to_f64() - first.to_f64()) * scale) as usize).min(bins - 1);
            while bin > 0 && x < edges[bin] {
                bin -= 1;
            }
            while bin + 1 < bins && x >= edges[bin + 1] {
                bin += 1;
            }
            bin
        } else {
            (edges.partition_point(|&edge| edge <= x) - 1).min(bins - 1)
        };
        count(i, bin);
    }
}
