//! `select`: the values whose mask is true, in C order.

use super::Inputs;
use super::strips::{Machine, for_each_strip};
use crate::dtype::with_stored;
use crate::host::HostBuffer;
use crate::plan::expr::Program;
use crate::plan::kernel::Piece;

/// Compacts one chunk. Pieces that do not come in the chunk's order are put in place first.
pub(super) fn run(program: &Program, pieces: Vec<Piece>, inputs: &Inputs<'_>, elements: usize) -> HostBuffer {
    let in_order = pieces.len() == 1 && pieces.iter().all(|p| super::map::c_ordered(&p.clone().collapsed()));
    with_stored!(program.output_dtype(0), T => {
        let kept: Vec<T> = if in_order || pieces.is_empty() {
            compact(program, pieces, inputs)
        } else {
            let place = |output: usize| {
                let mut one = program.clone();
                one.outputs = vec![program.outputs[output]];
                super::map::run(&one, pieces.clone(), inputs, elements)
            };
            let (values, mask) = (place(0), place(1));
            let mask = mask.stored::<u8>().iter();
            values.stored::<T>().iter().zip(mask).filter(|(_, m)| **m != 0).map(|(v, _)| *v).collect()
        };
        let mut out = HostBuffer::scratch(program.output_dtype(0), kept.len());
        out.stored_mut::<T>().copy_from_slice(&kept);
        out
    })
}

fn compact<T: bytemuck::Pod>(program: &Program, pieces: Vec<Piece>, inputs: &Inputs<'_>) -> Vec<T> {
    let mut machine = Machine::new(program, inputs);
    let mut kept: Vec<T> = Vec::new();
    for piece in pieces {
        let piece = piece.collapsed();
        for_each_strip(&piece, |start, n| {
            machine.run(&piece, start, n);
            let (values, mask) = (machine.output::<T>(0, n), machine.output::<u8>(1, n));
            // Branch-free: every value is written, the end moves past those that stay.
            let mut end = kept.len();
            kept.resize(end + n, T::zeroed());
            for (&value, &keep) in values.iter().zip(mask) {
                kept[end] = value;
                end += usize::from(keep != 0);
            }
            kept.truncate(end);
        });
    }
    kept
}
