//! `scan`: each element becomes the fold of all up to it along its line, from what comes before the chunk.

use super::cut::Cut;
use super::jobs::{Inputs, each_job};
use super::map::{self, c_ordered};
use super::strips::Machine;
use crate::dtype::DType;
use crate::error::Result;
use crate::host::HostBuffer;
use crate::ops::Fold;
use crate::ops::fold::to_f64;
use crate::ops::running::{Running, running};
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{Piece, SCAN_LANES};

/// A chunk of lines in C order: `[outer, along the lines, inner]`, and what comes before each line.
#[derive(Clone, Copy)]
struct Lines<'a> {
    fold: Fold,
    dtype: DType,
    sizes: [usize; 3],
    carry: Option<&'a HostBuffer>,
}

/// Scans one chunk.
pub(super) fn run(
    program: &Program,
    fold: Fold,
    pieces: Vec<Piece>,
    lines: [u64; 3],
    inputs: &Inputs<'_>,
    carry: Option<&HostBuffer>,
) -> Result<HostBuffer> {
    let (program, dtype) = widened(program, fold);
    // Where chunks are told in the elements' own precision.
    let wide = carry.filter(|carry| carry.dtype() == DType::F32 && matches!(fold, Fold::Sum | Fold::Prod));
    let wide = wide.map(|carry| HostBuffer::from_vec::<f64>(to_f64(carry)));
    let lines = Lines { fold, dtype, sizes: lines.map(|n| n as usize), carry: wide.as_ref().or(carry) };
    let elements = lines.sizes.iter().product();
    if let [piece] = pieces.as_slice()
        && lines.sizes[2] <= SCAN_LANES
    {
        let piece = piece.clone().collapsed();
        if piece.out.base == 0 && piece.points() == elements as u64 && c_ordered(&piece) {
            let mut out = HostBuffer::scratch(dtype, elements)?;
            fused(&program, &piece, inputs, lines, out.bytes_mut())?;
            return Ok(out);
        }
    }
    // The elements do not come in the order of the lines: they are put in place first.
    let mut out = map::run(&program, pieces, inputs, elements)?;
    in_place(lines, out.bytes_mut())?;
    Ok(out)
}

/// The program of what is folded, in the dtype of the results.
fn widened(program: &Program, fold: Fold) -> (Program, DType) {
    let (mut program, value) = (program.clone(), program.output_dtype(0));
    let dtype = fold.scanned(value);
    if dtype != value {
        let wide = program.push(Inst::Cast(program.outputs[0]), dtype);
        program.outputs[0] = wide;
    }
    (program, dtype)
}

/// Makes the elements strip by strip, and scans each strip while it is in the cache.
fn fused(program: &Program, piece: &Piece, inputs: &Inputs<'_>, lines: Lines<'_>, out: &mut [u8]) -> Result<()> {
    let cut = Cut::in_strips(program, piece);
    let mut machine = Machine::over(program, inputs, piece, &cut);
    let (mut states, size) = (running(lines.fold, lines.dtype)?, lines.dtype.size());
    cut.for_each(piece, &mut |start, n| {
        machine.run(piece, start, n);
        let at = piece.out.at(start) as usize;
        let strip = &mut out[at * size..][..n * size];
        strip.copy_from_slice(machine.bytes(program.outputs[0], n));
        lines.strip(&mut *states, at, strip);
    });
    Ok(())
}

impl Lines<'_> {
    /// Scans the elements from place `at` of the chunk on, after all before them.
    fn strip(&self, states: &mut dyn Running, mut at: usize, mut values: &mut [u8]) {
        let ([_, len, inner], size) = (self.sizes, self.dtype.size());
        while !values.is_empty() {
            let (line, lane) = (at / inner, at % inner);
            let (outer, place) = (line / len, line % len);
            // To the end of the line, or of the row of lanes.
            let rest = if inner == 1 { len - place } else { inner - lane };
            let n = rest.min(values.len() / size);
            let (now, later) = values.split_at_mut(n * size);
            if place == 0 && lane == 0 {
                states.begin(self.carry, outer * inner, inner);
            }
            if inner == 1 {
                states.line(now);
            } else {
                states.row(lane, now);
            }
            (values, at) = (later, at + n);
        }
    }
}

/// Scans a chunk whose elements are in their places. Lanes side by side are worked on some at a time.
fn in_place(lines: Lines<'_>, out: &mut [u8]) -> Result<()> {
    /// Lanes whose states, and their rows, stay in the cache.
    const LANES: usize = 1 << 10;
    let ([_, len, inner], size) = (lines.sizes, lines.dtype.size());
    if out.is_empty() {
        return Ok(());
    }
    running(lines.fold, lines.dtype)?;
    let slab = |(outer, slab): (usize, &mut [u8])| {
        let Ok(mut states) = running(lines.fold, lines.dtype) else { return };
        if inner == 1 {
            states.begin(lines.carry, outer, 1);
            return states.line(slab);
        }
        for first in (0..inner).step_by(LANES) {
            let lanes = LANES.min(inner - first);
            states.begin(lines.carry, outer * inner + first, lanes);
            for place in 0..len {
                states.row(0, &mut slab[(place * inner + first) * size..][..lanes * size]);
            }
        }
    };
    each_job(out.chunks_mut(len * inner * size).enumerate().collect(), &slab);
    Ok(())
}
