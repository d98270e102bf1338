//! The host's processors: strips, vectorised by the compiler for the instruction set found at run time, chunks in parallel.

mod combine;
mod compact;
mod cut;
mod dot;
mod groups;
mod histogram;
mod jobs;
mod ladders;
mod lines;
mod map;
mod matmul;
mod network;
mod packing;
mod parts;
mod quick;
mod reduce;
mod scan;
mod select;
mod sort;
mod strips;
mod take;
mod tile;

pub(crate) use combine::{combine, finish, single};

use crate::error::{Error, Result};
use crate::host::HostBuffer;
use crate::plan::kernel::{FoldTo, Folding, Kernel, Work};

/// Runs a kernel over its work: the output chunk's arrays (one, but for reductions) with `elements` elements each
/// (fewer for [`Kernel::Select`], several slots of them for [`Kernel::Reduce`]).
///
/// # Errors
/// [`Error::Memory`] where the system has none; [`Error::Bug`] where work and kernel do not belong together.
pub(crate) fn run(kernel: &Kernel, work: Work, inputs: &[&HostBuffer], elements: usize) -> Result<Vec<HostBuffer>> {
    let bytes: Vec<&[u8]> = inputs.iter().map(|input| input.bytes()).collect();
    Ok(match (kernel, work) {
        (Kernel::Map(program), Work::Pieces(pieces)) => vec![map::run(program, pieces, &bytes, elements)?],
        (Kernel::Select(program), Work::Pieces(pieces)) => vec![select::run(program, pieces, &bytes, elements)?],
        (Kernel::Reduce { program, fold, masked }, Work::Pieces(pieces)) => {
            reduce::run(program, &[Folding::only(*fold, *masked)], pieces, &bytes, &[], elements)?
        }
        (Kernel::Folds { program, folds }, Work::Pieces(pieces)) => {
            let histograms = folds.iter().filter(|fold| matches!(fold.to, FoldTo::Bins { .. })).count();
            let edges = inputs.len().checked_sub(histograms).map_or(&[][..], |first| &inputs[first..]);
            reduce::run(program, folds, pieces, &bytes, edges, elements)?
        }
        (Kernel::Scan { program, fold, carried, .. }, Work::Lines(pieces, lines)) => {
            let carry = inputs.last().copied().filter(|_| *carried);
            vec![scan::run(program, *fold, pieces, lines, &bytes, carry)?]
        }
        (Kernel::Sort { program, sorting, read, .. }, Work::Lines(pieces, lines)) => {
            vec![sort::run(program, *sorting, read.as_deref(), pieces, lines, &bytes)?]
        }
        (Kernel::Histogram { program, masked, weighted, uniform }, Work::Pieces(pieces)) => {
            let Some(edges) = inputs.last() else {
                return Err(Error::bug("a histogram without edges"));
            };
            vec![histogram::run(program, (*masked, *weighted, *uniform), &pieces, &bytes, edges)?]
        }
        (Kernel::Take(dtype), Work::Take(pieces)) => vec![take::run(*dtype, &pieces, &bytes, elements)?],
        (Kernel::Dot(dtype), Work::Dot(pieces)) => vec![dot::run(*dtype, &pieces, inputs, elements)?],
        (Kernel::Map(_) | Kernel::Select(_) | Kernel::Reduce { .. } | Kernel::Folds { .. }, _)
        | (
            Kernel::Scan { .. } | Kernel::Sort { .. } | Kernel::Histogram { .. } | Kernel::Take(_) | Kernel::Dot(_),
            _,
        ) => {
            return Err(Error::bug(format!("{} with another kernel's work", kernel.name())));
        }
    })
}
