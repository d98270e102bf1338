//! Graph → stages. First the nodes that must be materialised are marked (bottom up, so depth is no matter), then each of
//! them becomes a stage whose program takes in everything between it and the marked nodes below.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::capability::{Capabilities, unsupported};
use super::fuse::{Fused, Fuser};
use super::grid::Sizes;
use super::hold;
use super::kernel::Kernel;
use super::marks::{FUSED_ON_DEVICE, FUSED_ON_HOST};
use super::pieces::LoadRef;
use super::watch::Watch;
use super::{Finished, Joined, MadeStage, Output, Place, Plan, Stage, StageId, StageKind};
use crate::chunks::{AxisChunks, Chunks};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::infer::contiguous_grid;
use crate::graph::node::c_strides;
use crate::graph::{Node, Op, View, post_order};
use crate::ops::reduce::Empty;
use crate::ops::{Fold, ReduceOp, UnaryOp};

/// Partial states merged by one task at most.
const FAN_IN: u64 = 64;

/// The same where nobody knows how large they are before they are there.
const FAN_IN_UNKNOWN: u64 = 4;

/// Tasks that are taken to run at a time where no client says.
const RUNNING: u64 = 4;

/// Plans the computation of `outputs` for the CPU, or for an adapter with `gpu` capabilities.
///
/// # Errors
/// [`Error::Bug`] only: users' mistakes were found when the graph was built.
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
    let order = post_order(outputs);
    let most = if gpu.is_some() { FUSED_ON_DEVICE } else { FUSED_ON_HOST };
    let marked = hold::marks(&order, outputs, sizes.hold_bytes, most, watch)?.marked;
    let inner = inner_joins(&order, outputs);
    // Chunks of these are the user's: functions see them, joined arrays are made of them, places are taken chunk by chunk.
    let chunked = |op: &Op| {
        matches!(op, Op::Concatenate { .. } | Op::Take { .. })
            || matches!(op, Op::Host(function) if !function.value.by_place)
    };
    let seen = order.iter().filter(|node| chunked(&node.op));
    let fixed = seen.flat_map(|node| node.inputs.iter().chain([node]).map(|x| x.key)).collect();
    let outputs_of = outputs.iter().map(|node| node.key).collect();
    let (stages, of) = (Vec::new(), FxHashMap::default());
    let mut lowerer = Lowerer { stages, of, gpu, sizes, fixed, outputs: outputs_of, inner };
    for node in &order {
        watch.step()?;
        let needed = marked.contains(&node.key) && !lowerer.inner.contains(&node.key);
        if needed && !lowerer.of.contains_key(&node.key) {
            let stage = lowerer.stage(node)?;
            let chunks = lowerer.stages[stage].chunks.clone();
            lowerer.of.insert(node.key, MadeStage { stage, chunks });
        }
    }
    let outputs = outputs.iter().map(|node| lowerer.of[&node.key].stage).collect();
    let mut plan = Plan { outputs, stages: lowerer.stages, running: RUNNING, limit: u64::MAX, largest_task: (0, 0) };
    plan.largest_task = plan.find_largest_task();
    Ok(plan)
}

/// Joined arrays that are nothing but a part of another one along the same axis: theirs are its parts.
fn inner_joins(order: &[Arc<Node>], outputs: &[Arc<Node>]) -> FxHashSet<u128> {
    // How often each is read, and the axis along which its reader joins it.
    let mut reads: FxHashMap<u128, (usize, Option<usize>)> = FxHashMap::default();
    let joins = |op: &Op| if let Op::Concatenate { axis } = op { Some(*axis) } else { None };
    for node in order {
        for input in node.inputs.iter().filter(|input| joins(&input.op).is_some()) {
            let read = reads.entry(input.key).or_insert((0, None));
            *read = (read.0 + 1, joins(&node.op));
        }
    }
    let inner = |node: &&Arc<Node>| joins(&node.op).is_some_and(|axis| reads.get(&node.key) == Some(&(1, Some(axis))));
    let mut inner: FxHashSet<u128> = order.iter().filter(inner).map(|node| node.key).collect();
    outputs.iter().for_each(|output| {
        inner.remove(&output.key);
    });
    inner
}

struct Lowerer<'a> {
    stages: Vec<Stage>,
    of: FxHashMap<u128, MadeStage>,
    gpu: Option<&'a Capabilities>,
    sizes: Sizes,
    /// Nodes whose chunks are seen: they are made as they are cut.
    fixed: FxHashSet<u128>,
    outputs: FxHashSet<u128>,
    /// Joined arrays that have no stage: see [`inner_joins`].
    inner: FxHashSet<u128>,
}

impl Lowerer<'_> {
    /// The stage (the last of them) that makes a marked node.
    fn stage(&mut self, node: &Arc<Node>) -> Result<StageId> {
        match &node.op {
            Op::Source(source) => {
                // What lies in memory as a whole need not be cut for the CPU.
                let chunks = match (source.value.grid(), node.chunks.shape()) {
                    (Some(own), _) => own,
                    (None, Some(shape)) if source.value.in_memory() && self.gpu.is_none() && !self.is_fixed(node) => {
                        Chunks::whole(&shape)
                    }
                    (None, _) => self.grid(node),
                };
                let recut = self.is_fixed(node) && chunks != node.chunks;
                let stage = self.push(StageKind::Source(source.value.clone()), vec![], node.dtype, chunks.clone());
                if !recut {
                    return Ok(stage);
                }
                // It was kept in other chunks than those that are seen.
                self.of.insert(node.key, MadeStage { stage, chunks });
                let mut fuser = Fuser::new(&self.of, node.ndim());
                let value = fuser.value(node, &View::identity(node.ndim()))?;
                let fused = fuser.finish(vec![value]);
                Ok(self.program(node, node.chunks.clone(), node.chunks.clone(), Output::Same, fused, Kernel::Map))
            }
            Op::Concatenate { axis } => {
                let inputs = self.parts(node);
                let count = |&input: &StageId| self.stages[input].chunks.axes()[*axis].count();
                let starts = inputs.iter().scan(0, |next, input| {
                    let start = *next;
                    *next += count(input);
                    Some(start)
                });
                let joined = Joined { axis: *axis, starts: starts.collect() };
                Ok(self.push(StageKind::Concatenate(joined), inputs, node.dtype, node.chunks.clone()))
            }
            Op::Host(function) => {
                let inputs = node.inputs.iter().map(|x| self.of[&x.key].stage).collect();
                let chunks = if function.value.by_place { self.grid(node) } else { node.chunks.clone() };
                Ok(self.push(StageKind::Host(function.value.clone()), inputs, node.dtype, chunks))
            }
            Op::Reduce { op, axes, keepdims: _, ddof } => self.reduce(node, *op, axes, f64::from_bits(*ddof)),
            Op::Histogram { uniform } => self.histogram(node, *uniform),
            Op::Dot => self.dot(node),
            Op::Take { axis, indices } => {
                let input = &self.of[&node.inputs[0].key];
                let load = LoadRef { input: 0, view: View::identity(node.ndim()), chunks: input.chunks.clone() };
                let output = Output::Take { axis: *axis, indices: indices.clone() };
                let (stage, chunks) = (input.stage, self.grid(node));
                let kind = StageKind::Kernel {
                    kernel: Kernel::Take(node.dtype),
                    domain: chunks.clone(),
                    loads: vec![load],
                    indices: vec![],
                    output,
                };
                Ok(self.push(kind, vec![stage], node.dtype, chunks))
            }
            Op::Reshape => {
                let input = &node.inputs[0];
                let mut fuser = Fuser::new(&self.of, input.ndim());
                let value = fuser.value(input, &View::identity(input.ndim()))?;
                let fused = fuser.finish(vec![value]);
                Ok(self.program(node, input.chunks.clone(), self.grid(node), Output::Linear, fused, Kernel::Map))
            }
            _ if node.chunks.has_unknown() && self.base_mask(node).is_some() => {
                let (_, base) = self.domain(node)?;
                let domain = contiguous_grid(&base);
                let mut fuser = Fuser::new(&self.of, domain.ndim());
                let value = fuser.value(node, &View::identity(node.ndim()))?;
                let mask = fuser.mask(None).ok_or_else(|| Error::bug("a filtered expression without a mask"))?;
                let fused = fuser.finish(vec![value, mask]);
                Ok(self.program(node, domain, node.chunks.clone(), Output::Same, fused, Kernel::Select))
            }
            Op::Full(_)
            | Op::Index { .. }
            | Op::Random(..)
            | Op::Unary(_)
            | Op::Binary(_)
            | Op::Ternary(_)
            | Op::Cast
            | Op::Call(_)
            | Op::View(_)
            | Op::Rechunk
            | Op::Filter => {
                let mut fuser = Fuser::new(&self.of, node.ndim());
                let value = fuser.value(node, &View::identity(node.ndim()))?;
                let fused = fuser.finish(vec![value]);
                let chunks = self.handed_grid(node, &fused.inputs);
                Ok(self.program(node, chunks.clone(), chunks, Output::Same, fused, Kernel::Map))
            }
        }
    }

    /// The stages that a joined array is made of.
    fn parts(&self, node: &Arc<Node>) -> Vec<StageId> {
        let mut parts = Vec::with_capacity(node.inputs.len());
        let mut open: Vec<&Arc<Node>> = node.inputs.iter().rev().collect();
        while let Some(part) = open.pop() {
            match self.inner.contains(&part.key) {
                true => open.extend(part.inputs.iter().rev()),
                false => parts.push(self.of[&part.key].stage),
            }
        }
        parts
    }

    /// Adds a stage, placed on the adapter if it can run there.
    fn push(&mut self, kind: StageKind, inputs: Vec<StageId>, dtype: DType, chunks: Chunks) -> StageId {
        let (place, fallback) = match (&kind, self.gpu) {
            (StageKind::Kernel { kernel, .. }, Some(capabilities)) => match unsupported(kernel, capabilities)
                .or_else(|| self.too_large(&inputs, dtype, &chunks, capabilities))
            {
                None => (Place::Gpu, None),
                Some(reason) => (Place::Cpu, Some(reason)),
            },
            _ => (Place::Cpu, None),
        };
        self.stages.push(Stage { kind, inputs, dtype, chunks, place, fallback });
        self.stages.len() - 1
    }

    /// Why the chunks of a stage, or those it reads, cannot be bound on the adapter.
    fn too_large(
        &self,
        inputs: &[StageId],
        dtype: DType,
        chunks: &Chunks,
        capabilities: &Capabilities,
    ) -> Option<String> {
        let own = (chunks, dtype);
        let read = inputs.iter().map(|&i| (&self.stages[i].chunks, self.stages[i].dtype));
        let bytes =
            read.chain([own]).map(|(c, d)| c.max_chunk_elements().saturating_mul(d.device_size() as u64)).max()?;
        let limit = capabilities.max_binding_bytes;
        (bytes > limit)
            .then(|| format!("chunks of {bytes} bytes exceed the adapter's limit of {limit}; rechunk to smaller ones"))
    }

    /// Adds the stage of a finished program.
    fn program(
        &mut self,
        node: &Node,
        domain: Chunks,
        chunks: Chunks,
        output: Output,
        fused: Fused,
        kernel: impl FnOnce(super::expr::Program) -> Kernel,
    ) -> StageId {
        let Fused { program, loads, inputs, indices } = fused;
        let kind = StageKind::Kernel { kernel: kernel(program), domain, loads, indices, output };
        self.push(kind, inputs, node.dtype, chunks)
    }

    /// Whether a node is made in the chunks it is cut in.
    fn is_fixed(&self, node: &Node) -> bool {
        self.fixed.contains(&node.key)
    }

    /// The grid of the tasks that make a node.
    fn grid(&self, node: &Node) -> Chunks {
        if self.is_fixed(node) { node.chunks.clone() } else { self.fit(&node.chunks, node.dtype) }
    }

    /// The grid of tasks of a node that costs no more in smaller ones: not where they would hold a whole row of chunks that are not
    /// in memory anyway.
    fn handed_grid(&self, node: &Node, inputs: &[StageId]) -> Chunks {
        let max_bytes = self.sizes.max_bytes.min(self.sizes.handed_bytes);
        let in_memory = |&input: &StageId| match &self.stages[input].kind {
            StageKind::Source(source) => source.in_memory() && !source.is_kept(),
            StageKind::Kernel { .. } | StageKind::Combine { .. } | StageKind::Host(_) | StageKind::Concatenate(_) => {
                false
            }
        };
        let one_a_row = node.chunks.axes().iter().skip(1).all(|axis| axis.count() == 1);
        let cheap = one_a_row || inputs.iter().all(in_memory);
        match cheap && self.outputs.contains(&node.key) && !self.is_fixed(node) {
            true => Sizes { max_bytes, ..self.sizes }.fit(&node.chunks, node.dtype.size() as u64),
            false => self.grid(node),
        }
    }

    /// The grid of tasks over a grid of chunks.
    fn fit(&self, chunks: &Chunks, dtype: DType) -> Chunks {
        let size = if self.gpu.is_some() { dtype.device_size() } else { dtype.size() };
        self.sizes.fit(chunks, size as u64)
    }

    /// The first filter's mask under `node`, through what would be fused.
    fn base_mask(&self, node: &Arc<Node>) -> Option<Arc<Node>> {
        let mut stack = vec![node.clone()];
        while let Some(at) = stack.pop() {
            if at.key != node.key && self.of.contains_key(&at.key) {
                continue;
            }
            if matches!(at.op, Op::Filter) {
                let mask = &at.inputs[1];
                // Without a filter below, the mask's own chunks are the domain: those of an array that is materialised.
                let nested = mask.chunks.has_unknown() && !self.of.contains_key(&mask.key);
                let below = if nested { self.base_mask(mask) } else { None };
                return below.or_else(|| Some(mask.clone()));
            }
            if at.op.fuses() {
                stack.extend(at.inputs.iter().filter(|x| x.chunks.has_unknown()).cloned());
            }
        }
        None
    }

    /// The domain over which `node`'s elements are made, and whether it is that of a mask.
    fn domain(&self, node: &Arc<Node>) -> Result<(bool, Chunks)> {
        if !node.chunks.has_unknown() || self.of.contains_key(&node.key) {
            return Ok((false, node.chunks.clone()));
        }
        Ok(match self.base_mask(node) {
            Some(mask) => (true, mask.chunks.clone()),
            None => (false, node.chunks.clone()),
        })
    }

    fn reduce(&mut self, node: &Arc<Node>, op: ReduceOp, axes: &[usize], ddof: f64) -> Result<StageId> {
        let input = &node.inputs[0];
        let (filtered, domain) = self.domain(input)?;
        let axes: Vec<usize> = if filtered { (0..domain.ndim()).collect() } else { axes.to_vec() };
        // Chunks of a result that somebody sees are those of the axes that are kept: of one number there is one.
        let fixed = self.is_fixed(node) && axes.len() < domain.ndim();
        let domain = if fixed { domain } else { self.fit(&domain, input.dtype) };
        // Nothing is reduced in one step, however it is cut.
        let domain = domain.whole_where_empty(&axes);
        let fold = op.fold();
        let unknown = axes.iter().any(|&k| domain.axes()[k].len().is_none());
        let view = View::identity(input.ndim());
        let mut fuser = Fuser::new(&self.of, domain.ndim());
        let value = fuser.value(input, &view)?;
        let mut outputs = vec![value];
        if fold.indexed() {
            outputs.push(fuser.domain_index(index_weights(&domain, &axes), index_dtype(&domain)));
        }
        let not_nan = (op.skips_nan() && input.dtype.is_float()).then(|| {
            let nan = fuser.program.push(super::expr::Inst::Unary(UnaryOp::Isnan, value), DType::Bool);
            fuser.program.push(super::expr::Inst::Unary(UnaryOp::Not, nan), DType::Bool)
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
        let states = self.push(kind, inputs, input.dtype, domain.clone());
        let count = axes.iter().map(|&k| domain.axes()[k].len().map(|n| n as f64)).product::<Option<f64>>();
        let finished = Finished {
            finish: op.finish(ddof),
            count: if masked { None } else { count },
            refuse_empty: (op.empty() == Empty::Refuse).then_some(op.name()),
            nan_empty: op.empty() == Empty::Nan,
        };
        let counted = masked || fold == Fold::Moments;
        // What is kept of the domain's grid is the result's.
        let mut kept = (0..domain.ndim()).filter(|k| !axes.contains(k)).map(|k| domain.axes()[k].clone());
        let chunks = match node.ndim() {
            _ if filtered => node.chunks.clone(),
            n if n == domain.ndim() => {
                let kept =
                    |(k, axis): (usize, &AxisChunks)| if axes.contains(&k) { axis } else { &domain.axes()[k] }.clone();
                Chunks::new(node.chunks.axes().iter().enumerate().map(kept).collect())
            }
            n => Chunks::new((0..n).filter_map(|_| kept.next()).collect()),
        };
        Ok(self.combine(node.dtype, chunks, states, &domain, &axes, fold, counted, unknown && fold.indexed(), finished))
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one decision, made in two callers")]
    fn combine(
        &mut self,
        result: DType,
        chunks: Chunks,
        mut states: StageId,
        domain: &Chunks,
        axes: &[usize],
        fold: Fold,
        counted: bool,
        positional: bool,
        finished: Finished,
    ) -> StageId {
        let mut grid = domain.grid();
        let dtype = self.stages[states].dtype;
        // Levels of so many states at most, until one group is left: as many as take no more than a large chunk.
        let words = fold.states(dtype, counted).len() as u64;
        let state = chunks.max_chunk_elements().saturating_mul(8 * words).max(1);
        let fits = if chunks.has_unknown() { FAN_IN_UNKNOWN } else { self.sizes.merge_bytes / state };
        let fan_in = fits.clamp(2, FAN_IN);
        // Two along each axis are as many.
        let level_axes = fan_in.ilog2() as usize;
        let states_left = |grid: &[u64]| axes.iter().map(|&k| grid[k]).fold(1, u64::saturating_mul);
        let several = axes.iter().filter(|&&k| grid[k] > 1).count().clamp(1, level_axes);
        let most = |size: &u64| size.saturating_pow(several as u32) <= fan_in;
        let size = (2..=fan_in).take_while(most).last().unwrap_or(2);
        while !positional && states_left(&grid) > fan_in {
            let mut group = vec![1; grid.len()];
            let mut level = self.stages[states].chunks.axes().to_vec();
            // At least two along each: what there is no room for is merged at the next level.
            let cut: Vec<usize> = axes.iter().rev().copied().filter(|&k| grid[k] > 1).take(level_axes).collect();
            for &k in &cut {
                group[k] = size.min(grid[k]);
                grid[k] = grid[k].div_ceil(group[k]);
                level[k] = AxisChunks::regular(grid[k], 1);
            }
            let kind = StageKind::Combine { fold, counted, positional, group, finish: None };
            states = self.push(kind, vec![states], dtype, Chunks::new(level));
        }
        let group = grid.iter().enumerate().map(|(k, &n)| if axes.contains(&k) { n } else { 1 }).collect();
        let kind = StageKind::Combine { fold, counted, positional, group, finish: Some(finished) };
        self.push(kind, vec![states], result, chunks)
    }

    fn histogram(&mut self, node: &Arc<Node>, uniform: bool) -> Result<StageId> {
        let (value, edges) = (&node.inputs[0], &node.inputs[1]);
        let domain = self.fit(&self.domain(value)?.1, value.dtype);
        let all: Vec<usize> = (0..domain.ndim()).collect();
        let domain = domain.whole_where_empty(&all);
        let mut fuser = Fuser::new(&self.of, domain.ndim());
        let view = View::identity(value.ndim());
        let x = fuser.value(value, &view)?;
        let weight = node.inputs.get(2).map(|w| fuser.value(w, &view)).transpose()?;
        let mask = fuser.mask(None);
        let outputs = std::iter::once(x).chain(mask).chain(weight).collect();
        let Fused { program, loads, mut inputs, indices } = fuser.finish(outputs);
        inputs.push(self.of[&edges.key].stage);
        let kernel = Kernel::Histogram { program, masked: mask.is_some(), weighted: weight.is_some(), uniform };
        let kind = StageKind::Kernel { kernel, domain: domain.clone(), loads, indices, output: Output::Bins };
        let states = self.push(kind, inputs, node.dtype, domain.clone());
        let axes: Vec<usize> = (0..domain.ndim()).collect();
        let finished =
            Finished { finish: crate::ops::Finish::Value, count: None, refuse_empty: None, nan_empty: false };
        let chunks = node.chunks.clone();
        Ok(self.combine(node.dtype, chunks, states, &domain, &axes, Fold::Sum, false, false, finished))
    }

    fn dot(&mut self, node: &Arc<Node>) -> Result<StageId> {
        let (a, a_view) = node.inputs[0].behind_views();
        let (b, b_view) = node.inputs[1].behind_views();
        let inner = node.inputs[0].chunks.axes()[1].clone();
        let inner_len = inner.len().unwrap_or(0);
        // The domain is (m, n, k); k is one chunk: a task makes all of its output chunk.
        let chunks = self.grid(node);
        let [rows, columns] = chunks.axes() else {
            return Err(Error::bug("dot of other than 2-d arrays"));
        };
        let domain = Chunks::new(vec![rows.clone(), columns.clone(), AxisChunks::regular(inner_len, inner_len)]);
        let whole = crate::graph::AxisMap::whole;
        let a_domain = View(vec![whole(0), whole(2)]);
        let b_domain = View(vec![whole(2), whole(1)]);
        let (a, b) = (&self.of[&a.key], &self.of[&b.key]);
        let mut inputs = vec![a.stage];
        let second = b.stage;
        if !inputs.contains(&second) {
            inputs.push(second);
        }
        let loads = vec![
            LoadRef { input: 0, view: a_view.through(&a_domain), chunks: a.chunks.clone() },
            LoadRef { input: inputs.len() - 1, view: b_view.through(&b_domain), chunks: b.chunks.clone() },
        ];
        let kind =
            StageKind::Kernel { kernel: Kernel::Dot(node.dtype), domain, loads, indices: vec![], output: Output::Dot };
        Ok(self.push(kind, inputs, node.dtype, chunks))
    }
}

/// Weights that give an element's index: along the one reduced axis, or in C order over all.
fn index_weights(domain: &Chunks, axes: &[usize]) -> Vec<i64> {
    let dims: Vec<u64> = domain.dims().iter().map(|d| d.unwrap_or(1)).collect();
    if axes.len() == domain.ndim() {
        return c_strides(&dims);
    }
    (0..domain.ndim()).map(|k| i64::from(axes.contains(&k))).collect()
}

/// 32-bit indices where they suffice: every adapter has those.
fn index_dtype(domain: &Chunks) -> DType {
    match domain.elements() {
        Some(n) if n > i32::MAX as u64 => DType::I64,
        _ => DType::I32,
    }
}
