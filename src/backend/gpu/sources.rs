//! Which buffers a program's loads read: loads of one array through several views bind its chunk once, where each with a binding of its
//! own would be many, or more than the adapter has.

use super::buffer::GpuBuffer;
use super::code::Code;
use super::params::check_bounds;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::expr::Program;
use crate::plan::kernel::{Access, Piece};

/// Loads that have bindings of their own: one shader serves all pieces then, wherever their views lie.
const APART: usize = 6;
/// Buffers that more loads share where they read no more: those inside chunks do, and the few that do not need no shader of their own.
const FEW: usize = 2;

/// The different inputs of a piece's loads, in the order of their first ones.
pub(super) fn distinct(piece: &Piece) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (input, _) in &piece.loads {
        if !found.contains(input) {
            found.push(*input);
        }
    }
    found
}

/// Whether each load of a piece has a binding of its own, where loads may bind so many buffers.
pub(super) fn is_apart(piece: &Piece, most: usize) -> bool {
    let loads = piece.loads.len();
    loads <= APART.min(most) || (loads <= most && distinct(piece).len() > FEW)
}

impl Code {
    /// The same for a piece whose loads may bind so many buffers.
    pub(super) fn bound(mut self, piece: &Piece, most: usize) -> Self {
        if !is_apart(piece, most) {
            let found = distinct(piece);
            let number =
                |(input, _): &(usize, Access)| found.iter().position(|known| known == input).unwrap_or(0) as u16;
            self.sources = piece.loads.iter().map(number).collect();
        }
        self
    }

    /// How many buffers its loads read in a piece.
    pub(super) fn reads(&self) -> usize {
        self.sources.iter().max().map_or(0, |&last| usize::from(last) + 1)
    }

    /// How many buffers it binds for that.
    pub(super) fn buffers(&self) -> usize {
        self.reads() * self.choices
    }

    /// The first load of each buffer that is read in a piece.
    pub(super) fn first_loads(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.reads()).filter_map(|buffer| self.sources.iter().position(|&source| usize::from(source) == buffer))
    }

    /// What a load reads at a place.
    pub(super) fn read(&self, slot: usize, place: &str) -> String {
        let source = self.sources[slot];
        if self.choices == 1 { format!("in{source}[{place}]") } else { format!("read{source}(q, {place})") }
    }

    /// The functions that read one of several buffers: a workgroup's threads all read the same.
    pub(super) fn readers(&self) -> String {
        let reader = |(source, ty): (usize, &String)| {
            let first = source * self.choices;
            let case = |i: usize| format!("        case {i}u: {{ return in{}[at]; }}\n", first + i);
            let cases: String = (1..self.choices).map(case).collect();
            format!(
                "fn read{source}(q: Piece, at: u32) -> {ty} {{\n    switch q.from{source} {{\n{cases}        \
                 default: {{ return in{first}[at]; }}\n    }}\n}}\n"
            )
        };
        let types = self.inputs();
        types.iter().step_by(self.choices).enumerate().filter(|_| self.choices > 1).map(reader).collect()
    }
}

/// The buffers that a program's loads read in a piece, of the right dtype and large enough for every access: those that `code` binds.
///
/// # Errors
/// [`Error::Bug`] if they are not.
pub(super) fn loaded<'a>(
    code: &Code,
    program: &Program,
    piece: &Piece,
    inputs: &'a [GpuBuffer],
) -> Result<Vec<&'a GpuBuffer>> {
    let all = each(program, piece, inputs)?;
    Ok(code.first_loads().map(|slot| all[slot]).collect())
}

/// The buffers of a piece's loads, of the right dtype and large enough for every access.
///
/// # Errors
/// [`Error::Bug`] if they are not.
fn each<'a>(program: &Program, piece: &Piece, inputs: &'a [GpuBuffer]) -> Result<Vec<&'a GpuBuffer>> {
    if program.loads.len() != piece.loads.len() {
        return Err(Error::bug(format!("{} loads of {:?}", program.loads.len(), piece.loads)));
    }
    let load = |((input, access), &dtype): (&(usize, Access), &DType)| {
        let buffer = inputs.get(*input).ok_or_else(|| Error::bug(format!("no input {input} of {}", inputs.len())))?;
        if buffer.dtype != dtype {
            return Err(Error::bug(format!("{dtype} loaded from {buffer:?}")));
        }
        check_bounds("load", access, &piece.dims, buffer.len)?;
        Ok(buffer)
    };
    piece.loads.iter().zip(&program.loads).map(load).collect()
}
