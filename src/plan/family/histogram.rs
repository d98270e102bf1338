//! Histograms: counts (or sums of weights) of an expression in bins whose edges are a small array, the same for every task.

use std::sync::Arc;

use super::stage::{Family, StageAt};
use super::{combine, loads};
use crate::error::Result;
use crate::graph::{Node, View};
use crate::ops::{Finish, Fold};
use crate::plan::bytes::bytes;
use crate::plan::fuse::{Fused, Fuser};
use crate::plan::kernel::{Kernel, histogram_tables};
use crate::plan::links::{Grid, Link};
use crate::plan::lowering::Lowering;
use crate::plan::pieces::Affine;
use crate::plan::task::{ChunkId, Geometry};
use crate::plan::{Finished, Merge, Output, StageId, StageKind};

/// The bins of each chunk of the domain, to be summed.
pub(super) struct Histogram;

/// The stages of a histogram.
///
/// # Errors
/// A bug in what is fused.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>, uniform: bool) -> Result<StageId> {
    let (value, edges) = (&node.inputs[0], &node.inputs[1]);
    let domain = lowering.fit(&lowering.domain(value).1, value.dtype);
    let axes: Vec<usize> = (0..domain.ndim()).collect();
    let domain = domain.whole_where_empty(&axes);
    let mut fuser = Fuser::new(&lowering.of, domain.ndim());
    let view = View::identity(value.ndim());
    let x = fuser.value(value, &view)?;
    let weight = node.inputs.get(2).map(|w| fuser.value(w, &view)).transpose()?;
    let mask = fuser.mask(None);
    let outputs = std::iter::once(x).chain(mask).chain(weight).collect();
    let Fused { program, loads, mut inputs, indices } = fuser.finish(outputs);
    inputs.push(lowering.of[&edges.key].stage);
    let kernel = Kernel::Histogram { program, masked: mask.is_some(), weighted: weight.is_some(), uniform };
    let kind = StageKind::Kernel { kernel, domain: domain.clone(), loads, indices, output: Output::Bins };
    let states = lowering.push(kind, inputs, node.dtype, domain.clone());
    let finished = Finished { finish: Finish::Value, count: None, refuse_empty: None, nan_empty: false };
    let merge = Merge::of(Fold::Sum, node.dtype);
    Ok(combine::lower(lowering, node.dtype, node.chunks.clone(), states, &domain, &axes, merge, finished))
}

/// Why a device cannot count them.
pub(super) fn unsupported(weighted: bool) -> Option<String> {
    weighted.then(|| "weighted histogram: sums of floats by atomics are not reproducible".to_owned())
}

/// The stage of the edges.
fn edges(at: &StageAt<'_>) -> StageId {
    at.this.inputs.last().copied().unwrap_or(0)
}

impl Family for Histogram {
    fn own_reads(&self, at: &StageAt<'_>, _: u64) -> Vec<ChunkId> {
        vec![at.plan.resolve(edges(at), vec![0])]
    }

    fn place(&self, at: &StageAt<'_>, _: u64, _: u64, found: &[Geometry]) -> (Affine, Vec<u64>) {
        let edges = found.last().map_or(1, |edges| edges.shape[0]);
        (loads::nowhere(at.domain), vec![edges.saturating_sub(1)])
    }

    fn own_links(&self, at: &StageAt<'_>, stage: StageId, _: Option<&Grid>) -> Vec<Link> {
        (edges(at) == stage).then(|| Link::Each(at.this.chunks.count())).into_iter().collect()
    }

    fn made(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        bytes(self.state_elements(at, chunk), 8)
    }

    fn made_of(&self, _: &StageAt<'_>, _: u64, inputs: &mut dyn DoubleEndedIterator<Item = u64>) -> u64 {
        bytes(inputs.next_back().unwrap_or(0), 8)
    }

    fn state_elements(&self, at: &StageAt<'_>, _: u64) -> u64 {
        // Where only a run can tell, a few.
        at.plan.stages[edges(at)].chunks.elements().unwrap_or(1 << 11)
    }

    /// Tables, and the edges twice.
    fn scratch(&self, at: &StageAt<'_>, made: u64) -> u64 {
        let elements = made / at.this.dtype.size() as u64;
        made.saturating_mul(histogram_tables(elements.saturating_sub(1)) + 2)
    }
}
