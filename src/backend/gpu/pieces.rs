//! The pieces of a task in as few dispatches as can be: those of one shader, with a table of each piece's first workgroup and where its
//! words are. Small ones go together whichever chunks they read, where bindings allow: each then says which of the buffers it reads.

use std::sync::Arc;

use super::buffer::GpuBuffer;
use super::job::Job;
use super::shader::Shader;
use super::table::Table;
use crate::error::Result;

/// Pieces of a dispatch at most.
const MOST: usize = Table::LONG;
/// Buffers that are bound for what one piece reads, at most.
const MOST_BOUND: usize = 128;
/// Points of a piece up to which it goes together with others whichever chunks they read: a large card takes a microsecond for so many, as
/// long as for a dispatch (estimated), and choosing a buffer costs something for each load.
const SMALL: u64 = 1 << 18;

/// A piece to launch.
pub(super) struct PieceLaunch {
    pub(super) shader: Box<dyn Shader>,
    pub(super) words: Vec<u32>,
    /// What its loads read.
    pub(super) loads: Vec<GpuBuffer>,
    /// Workgroups.
    pub(super) groups: u64,
    pub(super) points: u64,
}

impl PieceLaunch {
    fn is_small(&self) -> bool {
        self.points <= SMALL
    }
}

fn same(x: &GpuBuffer, y: &GpuBuffer) -> bool {
    Arc::ptr_eq(&x.memory, &y.memory)
}

/// Pieces of one dispatch, and the buffers that each of their sources is one of.
struct Together {
    pieces: Vec<PieceLaunch>,
    choices: Vec<Vec<GpuBuffer>>,
}

impl Together {
    fn of(piece: PieceLaunch) -> Self {
        Self { choices: piece.loads.iter().map(|load| vec![load.clone()]).collect(), pieces: vec![piece] }
    }

    /// Takes a piece in, or gives it back: where it is another shader's, reads other buffers though it should not, or there are too many.
    fn take(&mut self, piece: PieceLaunch, most: usize) -> Option<PieceLaunch> {
        if self.pieces.len() == MOST || *self.pieces[0].shader != *piece.shader {
            return Some(piece);
        }
        let new = |(known, load): (&Vec<GpuBuffer>, &GpuBuffer)| !known.iter().any(|known| same(known, load));
        let more: Vec<bool> = self.choices.iter().zip(&piece.loads).map(new).collect();
        let longest = self.choices.iter().zip(&more).map(|(known, &more)| known.len() + usize::from(more)).max();
        if more.contains(&true) && kind(longest) * piece.loads.len() > most {
            return Some(piece);
        }
        for ((known, load), _) in self.choices.iter_mut().zip(&piece.loads).zip(more).filter(|(_, more)| *more) {
            known.push(load.clone());
        }
        self.pieces.push(piece);
        None
    }

    /// Records them: with these buffers beside what is loaded.
    fn launch(mut self, gpu: &Job<'_>, others: &[&GpuBuffer]) -> Result<()> {
        let choices = kind(self.choices.iter().map(Vec::len).max());
        if let [piece] = self.pieces.as_slice() {
            let buffers: Vec<&GpuBuffer> = piece.loads.iter().chain(others.iter().copied()).collect();
            return gpu.launch(&*piece.shader, &piece.words, &buffers, [piece.groups, 1]);
        }
        let first = &self.pieces[0].shader;
        let chosen = first.code().filter(|_| choices > 1).map(|code| {
            let mut code = code.clone();
            code.choices = choices;
            first.with(code)
        });
        let shader = chosen.flatten().unwrap_or_else(|| first.boxed());
        let mut table = Table::new(shader, self.pieces.len());
        for piece in &self.pieces {
            let which = |(known, load): (&Vec<GpuBuffer>, &GpuBuffer)| known.iter().position(|known| same(known, load));
            let which = self.choices.iter().zip(&piece.loads).filter_map(which).map(|at| at as u32);
            let before: Vec<u32> = if choices > 1 { which.collect() } else { Vec::new() };
            table.push(&before, &piece.words, piece.groups);
        }
        // As many of each as the shader is written for.
        for known in &mut self.choices {
            let padding = vec![known[0].clone(); choices - known.len()];
            known.extend(padding);
        }
        let buffers: Vec<&GpuBuffer> = self.choices.iter().flatten().chain(others.iter().copied()).collect();
        let (shader, words, groups) = table.finish();
        gpu.launch(&shader, &words, &buffers, [groups, 1])
    }
}

/// Buffers that a shader chooses one of, for so many: the fewer kinds, the fewer pipelines.
fn kind(buffers: Option<usize>) -> usize {
    buffers.map_or(1, usize::next_power_of_two)
}

/// Records the pieces of a task, whose order is nobody's matter, with these buffers beside what they load.
///
/// # Errors
/// As [`Job::launch`].
pub(super) fn launch(gpu: &Job<'_>, pieces: Vec<PieceLaunch>, others: &[&GpuBuffer]) -> Result<()> {
    // Those that are large first: small ones may join them, but not with buffers of their own.
    let (small, large): (Vec<_>, Vec<_>) = pieces.into_iter().partition(PieceLaunch::is_small);
    let mut all: Vec<Together> = Vec::new();
    for piece in large.into_iter().chain(small) {
        let mut left = Some(piece);
        for together in &mut all {
            let most = if together.pieces[0].is_small() { gpu.most.min(MOST_BOUND) } else { 0 };
            left = left.and_then(|piece| together.take(piece, most));
        }
        all.extend(left.map(Together::of));
    }
    all.into_iter().try_for_each(|together| together.launch(gpu, others))
}
