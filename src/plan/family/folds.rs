//! Several reductions and histograms in one walk: states and counts for each chunk of the domain, which are merged apart. They are
//! lowered apart, and brought together where they go over the same elements ([`crate::plan::together`]).

use super::reduce::{self, Reduce};
use super::stage::{Family, StageAt};
use crate::plan::StageId;
use crate::plan::bytes::bytes;
use crate::plan::capability::Capabilities;
use crate::plan::expr::Program;
use crate::plan::kernel::{FoldTo, Folding, Kernel, histogram_tables, workgroup_bytes};
use crate::plan::links::{Grid, Link};
use crate::plan::pieces::Affine;
use crate::plan::task::{ChunkId, Geometry};

/// States and counts for each chunk of the domain.
pub(super) struct Folds;

/// The program and what is folded.
fn folds<'a>(at: &StageAt<'a>) -> Option<(&'a Program, &'a [Folding])> {
    if let Some(Kernel::Folds { program, folds }) = at.kernel { Some((program, folds)) } else { None }
}

/// Why a device cannot make them in one dispatch: each state is in buffers of its own, and in the memory that a workgroup's threads
/// share.
pub(super) fn unsupported(program: &Program, folds: &[Folding], caps: &Capabilities) -> Option<String> {
    for fold in folds {
        let FoldTo::States(states) = fold.to else {
            return Some("histograms count in the workgroup memory that states are in".to_owned());
        };
        let problem = reduce::dtype_problem(states, program.output_dtype(fold.first), caps);
        if problem.is_some() {
            return problem;
        }
    }
    let (bytes, limit) = (workgroup_bytes(program, folds), caps.max_workgroup_storage);
    (bytes > u64::from(limit)).then(|| format!("states of {bytes} bytes exceed the {limit} that a workgroup shares"))
}

/// A sum over what is folded.
fn sum(at: &StageAt<'_>, of: impl Fn(&Program, &Folding) -> u64) -> u64 {
    let (program, folds) = folds(at).unzip();
    let of = |fold| program.map_or(0, |program| of(program, fold));
    folds.into_iter().flatten().map(of).fold(0, u64::saturating_add)
}

/// The stages of the edges of its histograms, in their order.
fn edges<'a>(at: &StageAt<'a>) -> &'a [StageId] {
    let is_bins = |fold: &&Folding| matches!(fold.to, FoldTo::Bins { .. });
    let histograms = folds(at).map_or(0, |(_, folds)| folds.iter().filter(is_bins).count());
    &at.this.inputs[at.this.inputs.len() - histograms..]
}

impl Family for Folds {
    fn own_reads(&self, at: &StageAt<'_>, _: u64) -> Vec<ChunkId> {
        edges(at).iter().map(|&edges| at.plan.resolve(edges, vec![0])).collect()
    }

    fn own_links(&self, at: &StageAt<'_>, stage: StageId, _: Option<&Grid>) -> Vec<Link> {
        let those = edges(at).iter().filter(|&&edges| edges == stage);
        those.map(|_| Link::Each(at.this.chunks.count())).collect()
    }

    /// That of its reductions.
    fn place(&self, at: &StageAt<'_>, chunk: u64, unknown: u64, found: &[Geometry]) -> (Affine, Vec<u64>) {
        Reduce.place(at, chunk, unknown, found)
    }

    fn made(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        let elements = self.state_elements(at, chunk);
        sum(at, |program, fold| fold.bytes(program, elements))
    }

    fn made_of(&self, at: &StageAt<'_>, chunk: u64, _: &mut dyn DoubleEndedIterator<Item = u64>) -> u64 {
        self.made(at, chunk)
    }

    fn state_elements(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        Reduce.state_elements(at, chunk)
    }

    /// The states as they are folded; the tables of each task that threads share, and edges twice.
    fn scratch(&self, at: &StageAt<'_>, made: u64) -> u64 {
        // Those of bins, and of one output: what is made beside bins is of so many.
        let (counts, one) =
            (sum(at, |program, fold| fold.bytes(program, 0)), sum(at, |program, fold| fold.bytes(program, 1)));
        let elements = made.saturating_sub(counts) / (one - counts).max(1);
        let (task, threads) = (at.domain.max_chunk_elements(), 1 + at.plan.running);
        sum(at, |program, fold| match fold.to {
            FoldTo::States(_) => reduce::scratch(fold.bytes(program, elements), fold.bytes(program, 1), task),
            FoldTo::Bins { bins, .. } => bytes((bins + 1) * (histogram_tables(bins) * threads + 3), 8),
        })
    }
}
