//! Graph → stages. First the nodes that must be materialised are marked (bottom up, so depth is no matter), then each of
//! them becomes a stage whose program takes in everything between it and the marked nodes below ([`super::family`]); then each stage
//! gets its place.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::capability::Capabilities;
use super::family::unsupported;
use super::grid::Sizes;
use super::lowering::Lowering;
use super::marks::{FUSED_ON_DEVICE, FUSED_ON_HOST};
use super::watch::Watch;
use super::{Group, MadeStage, Place, Plan, Stage, StageId, StageKind};
use super::{family, hold, joins, together};
use crate::chunks::AxisChunks;
use crate::error::{Error, Result};
use crate::graph::{Node, Op, post_order_while};

/// Tasks that are taken to run at a time where no client says.
const RUNNING: u64 = 4;

/// Plans the computation of `outputs` for the CPU, or for an adapter with `gpu` capabilities.
///
/// # Errors
/// [`Error::TooManyChunks`], [`Error::UnknownLength`] for tasks over several unknown lengths, [`Error::Bug`]: users' other mistakes were
/// found when the graph was built.
pub fn lower(outputs: &[Arc<Node>], gpu: Option<&Capabilities>) -> Result<Plan> {
    lower_sized(outputs, gpu, Sizes::default())
}

/// Plans the computation of `outputs` with tasks of these sizes.
///
/// # Errors
/// As [`lower`].
pub fn lower_sized(outputs: &[Arc<Node>], gpu: Option<&Capabilities>, sizes: Sizes) -> Result<Plan> {
    lower_watched(outputs, gpu, sizes, &mut Watch::none())
}

/// [`lower_sized`] of graphs that may be very large.
///
/// # Errors
/// As [`lower`]; what ends the watch.
pub fn lower_watched(
    outputs: &[Arc<Node>],
    gpu: Option<&Capabilities>,
    sizes: Sizes,
    watch: &mut Watch<'_>,
) -> Result<Plan> {
    let order = post_order_while(outputs, &mut || watch.step())?;
    let most = if gpu.is_some() { FUSED_ON_DEVICE } else { FUSED_ON_HOST };
    // A device counts bins by themselves; weights are summed alone, and so are many bins.
    let joins: hold::Joins = match gpu {
        Some(_) => |node| matches!(node.op, Op::Reduce { .. }),
        None => |node| match (&node.op, node.inputs.as_slice()) {
            (Op::Reduce { .. }, _) => true,
            (Op::Histogram { .. }, [_, edges]) => edges.chunks.elements().is_some_and(|n| n <= together::MOST_BINS + 1),
            _ => false,
        },
    };
    let marked = hold::marks(&order, outputs, sizes.hold_bytes, (most, joins), watch)?.marked;
    let named = joins::named(&order, outputs, &marked);
    // Chunks of these are the user's: functions see them, joined arrays name them again, places are taken chunk by chunk.
    let chunked = |node: &&Arc<Node>| {
        named.has(node)
            || matches!(node.op, Op::Take { .. })
            || matches!(&node.op, Op::Host(function) if !function.value.by_place)
    };
    let seen = order.iter().filter(chunked);
    let fixed = seen.flat_map(|node| node.inputs.iter().chain([node]).map(|x| x.key)).collect();
    let outputs_of = outputs.iter().map(|node| node.key).collect();
    let read = order.iter().flat_map(|node| &node.inputs).map(|input| input.key).collect();
    let (stages, of) = (Vec::new(), FxHashMap::default());
    let mut lowering = Lowering { stages, of, gpu, sizes, fixed, outputs: outputs_of, read, named };
    for node in &order {
        watch.step()?;
        let needed = marked.contains(&node.key) && !lowering.named.inner.contains(&node.key);
        if needed && !lowering.of.contains_key(&node.key) {
            let before = lowering.stages.len();
            let stage = family::lower(&mut lowering, node)?;
            lowering.stages[before..].iter().try_for_each(can_be_made)?;
            let chunks = lowering.stages[stage].chunks.clone();
            lowering.of.insert(node.key, MadeStage { stage, chunks });
        }
    }
    let outputs = outputs.iter().map(|node| lowering.of[&node.key].stage).collect();
    let mut stages = lowering.stages;
    if let Some(capabilities) = gpu {
        place(&mut stages, capabilities);
    }
    let (mut stages, outputs) = together::merged(stages, outputs, gpu, sizes.waiting_bytes, watch)?;
    if let Some(capabilities) = gpu {
        place_merges(&mut stages, capabilities);
    }
    let mut plan = Plan { outputs, stages, running: RUNNING, limit: u64::MAX, largest_task: (0, 0) };
    plan.largest_task = plan.find_largest_task();
    Ok(plan)
}

/// Refuses what is cut into more chunks, or made by more tasks, than there are numbers for; and tasks over several axes of unknown
/// length, whose boxes only one can be told for.
fn can_be_made(stage: &Stage) -> Result<()> {
    let domain = if let StageKind::Kernel { domain, .. } = &stage.kind { Some(domain) } else { None };
    for chunks in [Some(&stage.chunks), domain].into_iter().flatten() {
        let axes = || chunks.axes().iter();
        if axes().filter(|axis| axis.len().is_none()).nth(1).is_some() {
            let hint = "resolve() all but one of those it is made of";
            return Err(Error::UnknownLength { op: "compute", shape: chunks.dims(), hint });
        }
        if axes().map(AxisChunks::count).filter(|&count| count > 0).try_fold(1, u64::checked_mul).is_none() {
            return Err(Error::TooManyChunks { shape: chunks.dims(), chunks: chunks.to_string() });
        }
    }
    Ok(())
}

/// Puts kernels on the adapter where they can run there, and notes why they cannot.
fn place(stages: &mut [Stage], capabilities: &Capabilities) {
    for id in 0..stages.len() {
        let StageKind::Kernel { kernel, .. } = &stages[id].kind else { continue };
        match unsupported(kernel, capabilities).or_else(|| too_large(stages, id, capabilities)) {
            None => stages[id].place = Place::Gpu,
            reason => stages[id].fallback = reason,
        }
    }
}

/// Leaves states on the adapter that made them, where it can merge them.
fn place_merges(stages: &mut [Stage], capabilities: &Capabilities) {
    // What a scan makes of its chunks' states is merged on the host, level by level.
    let before = |stage: &&Stage| matches!(stage.kind, StageKind::Combine { group: Group::Before { .. }, .. });
    let of_scans: FxHashSet<StageId> = stages.iter().filter(before).flat_map(|stage| stage.inputs.clone()).collect();
    for id in (0..stages.len()).filter(|id| !of_scans.contains(id)) {
        if family::merges_on_device(stages, id, capabilities) {
            stages[id].place = Place::Gpu;
        }
    }
}

/// Why the chunks of a stage, or those it reads, cannot be bound on the adapter.
fn too_large(stages: &[Stage], id: usize, capabilities: &Capabilities) -> Option<String> {
    let bound = stages[id].inputs.iter().chain([&id]).map(|&id| &stages[id]);
    let bytes = |stage: &Stage| stage.chunks.max_chunk_elements().saturating_mul(stage.dtype.device_size() as u64);
    let bytes = bound.map(bytes).max()?;
    let limit = capabilities.max_binding_bytes;
    (bytes > limit)
        .then(|| format!("chunks of {bytes} bytes exceed the adapter's limit of {limit}; rechunk to smaller ones"))
}
