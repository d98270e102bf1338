//! Reductions: an expression folded into states, one set a chunk of the domain, which are merged ([`super::combine`]).

use std::sync::Arc;

use super::combine;
use super::stage::{Family, StageAt};
use crate::chunks::{AxisChunks, Chunks, product};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::node::c_strides;
use crate::graph::{Node, Op, View};
use crate::ops::reduce::Empty;
use crate::ops::{Fold, ReduceOp, UnaryOp};
use crate::plan::bytes::bytes;
use crate::plan::capability::Capabilities;
use crate::plan::expr::Inst;
use crate::plan::fuse::{Fused, Fuser};
use crate::plan::kernel::{Kernel, REDUCE_BESIDE, REDUCE_PART, REDUCE_SLOTS};
use crate::plan::lowering::Lowering;
use crate::plan::pieces::Affine;
use crate::plan::task::Geometry;
use crate::plan::{Finished, Merge, Output, StageId, StageKind};

/// States for each chunk of the domain.
pub(super) struct Reduce;

/// What has to be there before a reduction is made: positions in a filtered array are known once it is compacted.
pub(super) fn materialised(node: &Node, op: ReduceOp) -> Option<&Arc<Node>> {
    Some(&node.inputs[0]).filter(|input| op.fold().indexed() && input.chunks.has_unknown())
}

/// The stages of a reduction.
///
/// # Errors
/// A bug in what is fused.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>) -> Result<StageId> {
    let Op::Reduce { op, axes, keepdims: _, ddof } = &node.op else {
        return Err(Error::bug("a reduction without its parameters"));
    };
    let input = &node.inputs[0];
    let (filtered, domain) = lowering.domain(input);
    let axes: Vec<usize> = if filtered { (0..domain.ndim()).collect() } else { axes.clone() };
    // Chunks of a result that somebody sees are those of the axes that are kept: of one number there is one.
    let fixed = lowering.is_fixed(node) && axes.len() < domain.ndim();
    let domain = if fixed { domain } else { lowering.fit(&domain, input.dtype) };
    // Nothing is reduced in one step, however it is cut.
    let domain = domain.whole_where_empty(&axes);
    let fold = op.fold();
    let unknown = axes.iter().any(|&k| domain.axes()[k].len().is_none());
    let mut fuser = Fuser::new(&lowering.of, domain.ndim());
    let value = fuser.value(input, &View::identity(input.ndim()))?;
    let mut outputs = vec![value];
    if fold.indexed() {
        outputs.push(fuser.domain_index(index_weights(&domain, &axes), index_dtype(&domain)));
    }
    let not_nan = (op.skips_nan() && input.dtype.is_float()).then(|| {
        let nan = fuser.program.push(Inst::Unary(UnaryOp::Isnan, value), DType::Bool);
        fuser.program.push(Inst::Unary(UnaryOp::Not, nan), DType::Bool)
    });
    let mask = match fuser.mask(not_nan) {
        None if unknown => Some(fuser.always()),
        mask => mask,
    };
    outputs.extend(mask);
    let masked = mask.is_some();
    let Fused { program, loads, inputs, indices } = fuser.finish(outputs);
    let kernel = Kernel::Reduce { program, fold, masked };
    let kind =
        StageKind::Kernel { kernel, domain: domain.clone(), loads, indices, output: Output::Reduced(axes.clone()) };
    let states = lowering.push(kind, inputs, input.dtype, domain.clone());
    let count = axes.iter().map(|&k| domain.axes()[k].len().map(|n| n as f64)).product::<Option<f64>>();
    let finished = Finished {
        finish: op.finish(f64::from_bits(*ddof)),
        count: if masked { None } else { count },
        refuse_empty: (op.empty() == Empty::Refuse).then_some(op.name()),
        nan_empty: op.empty() == Empty::Nan,
    };
    let merge = Merge {
        counted: masked || fold == Fold::Moments,
        // Indices then count within each chunk.
        positional: unknown && fold.indexed(),
        ..Merge::of(fold, input.dtype)
    };
    let chunks = if filtered { node.chunks.clone() } else { kept(node, &domain, &axes) };
    Ok(combine::lower(lowering, node.dtype, chunks, states, &domain, &axes, merge, finished))
}

/// The result's grid: what is kept of the domain's.
fn kept(node: &Node, domain: &Chunks, axes: &[usize]) -> Chunks {
    if node.ndim() == domain.ndim() {
        let kept = |(k, axis): (usize, &AxisChunks)| if axes.contains(&k) { axis } else { &domain.axes()[k] }.clone();
        return Chunks::new(node.chunks.axes().iter().enumerate().map(kept).collect());
    }
    let mut kept = (0..domain.ndim()).filter(|k| !axes.contains(k)).map(|k| domain.axes()[k].clone());
    Chunks::new((0..node.ndim()).filter_map(|_| kept.next()).collect())
}

/// Why a device cannot fold values of the dtype.
pub(super) fn dtype_problem(fold: Fold, value: DType, caps: &Capabilities) -> Option<String> {
    let lacks = fold == Fold::Moments && value != DType::F32 && !(caps.f64 && caps.i64);
    lacks.then(|| format!("moments of {value} are taken in f64: the adapter has no SHADER_F64"))
}

/// Weights that give an element's index: along the one reduced axis, or in C order over all.
pub(super) fn index_weights(domain: &Chunks, axes: &[usize]) -> Vec<i64> {
    let dims: Vec<u64> = domain.dims().iter().map(|d| d.unwrap_or(1)).collect();
    if axes.len() == domain.ndim() {
        return c_strides(&dims);
    }
    (0..domain.ndim()).map(|k| i64::from(axes.contains(&k))).collect()
}

/// 32-bit indices where they suffice: every adapter has those.
pub(super) fn index_dtype(domain: &Chunks) -> DType {
    match domain.elements() {
        Some(n) if n > i32::MAX as u64 => DType::I64,
        _ => DType::I32,
    }
}

/// Bytes of the state of one output.
pub(super) fn state_size(at: &StageAt<'_>) -> usize {
    match at.kernel {
        Some(Kernel::Reduce { program, fold, masked }) => 8 * fold.states(program.output_dtype(0), *masked).len(),
        _ => 8,
    }
}

/// Bytes beside `made` bytes of states: the states as they are folded, a word more each: all of them, and those of the parts that are
/// under way.
pub(super) fn scratch(made: u64, state_size: u64, task_elements: u64) -> u64 {
    let kept = made / state_size;
    let parts = task_elements / REDUCE_PART + 1;
    let parts = if kept <= REDUCE_SLOTS as u64 { parts } else { 1 };
    let beside = kept.saturating_mul(parts).min(kept.max(REDUCE_BESIDE as u64));
    kept.saturating_add(beside).saturating_mul(state_size + 8)
}

/// The axes that are reduced.
fn reduced<'a>(at: &StageAt<'a>) -> &'a [usize] {
    if let Some(Output::Reduced(axes)) = at.output { axes } else { &[] }
}

impl Family for Reduce {
    fn place(&self, at: &StageAt<'_>, chunk: u64, unknown: u64, _: &[Geometry]) -> (Affine, Vec<u64>) {
        at.place_of(&at.domain.coord(chunk), unknown, reduced(at))
    }

    fn made(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        bytes(self.state_elements(at, chunk), state_size(at))
    }

    fn made_of(&self, at: &StageAt<'_>, chunk: u64, inputs: &mut dyn DoubleEndedIterator<Item = u64>) -> u64 {
        let made = self.made(at, chunk);
        // Where the axis of unknown length is reduced, the number of outputs does not depend on it.
        let axes = reduced(at);
        let kept = |(k, axis): (usize, &AxisChunks)| axis.len().is_none() && !axes.contains(&k);
        if !at.domain.axes().iter().enumerate().any(kept) {
            return made;
        }
        // As many outputs as it reads elements, at most.
        made.max(bytes(inputs.max().unwrap_or(0), state_size(at)))
    }

    fn state_elements(&self, at: &StageAt<'_>, chunk: u64) -> u64 {
        let (region, axes) = (at.domain.region(&at.domain.coord(chunk)), reduced(at));
        product((0..region.len()).filter(|k| !axes.contains(k)).map(|k| region[k].1 - region[k].0))
    }

    fn scratch(&self, at: &StageAt<'_>, made: u64) -> u64 {
        scratch(made, state_size(at) as u64, at.domain.max_chunk_elements())
    }
}
