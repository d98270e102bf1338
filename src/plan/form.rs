//! [`Form`]: what a graph's plan depends on, apart from what it is given: the data of sources, the numbers in an expression, the seeds of
//! random arrays. Graphs of one form have one plan, but for these, which [`Plan::bind`] puts in their places. (Unknown lengths too have
//! identities of their own in each graph; of these a plan asks only which are the same.)

use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::expr::Program;
use super::{Plan, Stage, StageId, StageKind};
use crate::chunks::{AxisChunks, Chunks, UnknownId};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::graph::node::Words;
use crate::graph::{Layout, Node, Op, Source};
use crate::host::HostBuffer;
use crate::ops::RandomSpec;

/// Nodes of a graph, and bytes of its form, at most. Larger ones are planned anew: what would be remembered of them is large, and their
/// runs are long beside planning.
const MOST_NODES: usize = 256;
const MOST_BYTES: usize = 32 << 10;

/// What a graph is given, each once, in the order of its nodes.
#[derive(Clone, Default)]
#[allow(missing_debug_implementations, reason = "data")]
pub struct Given {
    sources: Vec<Arc<dyn Source>>,
    scalars: Vec<Scalar>,
    randoms: Vec<RandomSpec>,
}

/// A graph without what it is given.
#[allow(missing_debug_implementations, reason = "bytes, and data")]
pub struct Form {
    /// Equal for graphs of one form, and for no others.
    pub key: Vec<u8>,
    /// What was left out.
    pub given: Given,
}

impl Form {
    /// The form of the graph of `outputs`; nothing where it is too large to be worth it, or has a function of the user's, which may hold
    /// anything and is rarely the same one twice.
    #[must_use]
    pub fn of(outputs: &[Arc<Node>]) -> Option<Self> {
        let mut writer = Writer::new(false);
        if !writer.graph(outputs)? {
            // Constants are made of constants: what becomes of them is in the plan, and in no node.
            writer = Writer::new(true);
            writer.graph(outputs)?;
        }
        (writer.bytes.0.len() <= MOST_BYTES).then_some(Self { key: writer.bytes.0, given: writer.given })
    }
}

struct Writer {
    /// What is hashed, one after another: not its hash but all of it is the key, which cannot collide.
    bytes: Words,
    given: Given,
    /// The unknown lengths, as they are met.
    lengths: Vec<UnknownId>,
    /// The numbers of nodes that are written, and whether they are constants.
    written: FxHashMap<u128, (usize, bool)>,
    /// Whether numbers are part of the form.
    by_value: bool,
}

impl Writer {
    fn new(by_value: bool) -> Self {
        // As much as most graphs take.
        let mut bytes = Words(Vec::with_capacity(2 << 10));
        by_value.hash(&mut bytes);
        let written = FxHashMap::with_capacity_and_hasher(16, FxBuildHasher);
        Self { bytes, given: Given::default(), lengths: Vec::new(), written, by_value }
    }

    /// Writes nodes, inputs before those that read them. False where a constant is made of others and numbers are left out.
    fn graph(&mut self, outputs: &[Arc<Node>]) -> Option<bool> {
        let mut open: Vec<(&Arc<Node>, usize)> = Vec::with_capacity(16);
        for output in outputs {
            open.push((output, 0));
            while let Some((node, next)) = open.pop() {
                if self.written.contains_key(&node.key) {
                    continue;
                }
                if let Some(input) = node.inputs.get(next) {
                    open.extend([(node, next + 1), (input, 0)]);
                    continue;
                }
                if self.written.len() == MOST_NODES || self.bytes.0.len() > MOST_BYTES {
                    return None;
                }
                if !self.node(node)? {
                    return Some(false);
                }
            }
        }
        outputs.iter().for_each(|output| self.written[&output.key].0.hash(&mut self.bytes));
        Some(true)
    }

    fn node(&mut self, node: &Arc<Node>) -> Option<bool> {
        let of_constants = !node.inputs.is_empty() && node.inputs.iter().all(|input| self.written[&input.key].1);
        std::mem::discriminant(&node.op).hash(&mut self.bytes);
        let constant = match &node.op {
            Op::Source(source) => {
                let value = &source.value;
                self.given.sources.push(value.clone());
                let (facts, grid) = ((value.in_memory(), value.in_c_order(), value.is_kept()), value.grid());
                (facts, grid.is_some()).hash(&mut self.bytes);
                grid.iter().for_each(|grid| self.chunks(grid));
                false
            }
            // Planning makes booleans of its own.
            Op::Full(value) if self.by_value || node.dtype == DType::Bool => {
                value.hash(&mut self.bytes);
                true
            }
            Op::Full(value) => {
                number(&mut self.given.scalars, *value).hash(&mut self.bytes);
                true
            }
            Op::Random(op, spec) => {
                (op, number(&mut self.given.randoms, *spec)).hash(&mut self.bytes);
                false
            }
            Op::Call(_) => return None,
            Op::Host(function) if function.value.key.is_none() => return None,
            Op::Take { indices, .. } if indices.len() > MOST_BYTES / size_of::<u64>() => return None,
            Op::Unary(_) | Op::Binary(_) | Op::Ternary(_) | Op::Cast if of_constants && !self.by_value => {
                return Some(false);
            }
            op @ (Op::Unary(_) | Op::Binary(_) | Op::Ternary(_) | Op::Cast | Op::View(_) | Op::Rechunk) => {
                op.hash(&mut self.bytes);
                of_constants
            }
            op @ (Op::Index { .. } | Op::Reshape | Op::Take { .. } | Op::Concatenate { .. } | Op::Filter)
            | op @ (Op::FilterAxis { .. } | Op::Reduce { .. } | Op::Scan { .. } | Op::Dot | Op::Histogram { .. })
            | op @ (Op::Host(_) | Op::Sort { .. }) => {
                op.hash(&mut self.bytes);
                false
            }
        };
        (node.dtype, node.inputs.len()).hash(&mut self.bytes);
        self.chunks(&node.chunks);
        node.inputs.iter().for_each(|input| self.written[&input.key].0.hash(&mut self.bytes));
        self.written.insert(node.key, (self.written.len(), constant));
        Some(true)
    }

    fn chunks(&mut self, chunks: &Chunks) {
        chunks.ndim().hash(&mut self.bytes);
        for axis in chunks.axes() {
            std::mem::discriminant(axis).hash(&mut self.bytes);
            match axis {
                AxisChunks::Unknown { id, chunks } => (number(&mut self.lengths, *id), chunks).hash(&mut self.bytes),
                AxisChunks::Regular { .. } | AxisChunks::Irregular(_) => axis.hash(&mut self.bytes),
            }
        }
    }
}

/// The number of a value among those seen so far: equal ones have one, as they have in programs.
fn number<T: PartialEq>(all: &mut Vec<T>, value: T) -> usize {
    all.iter().position(|known| *known == value).unwrap_or_else(|| {
        all.push(value);
        all.len() - 1
    })
}

/// Where in a plan things are that its graph was given: stage, place within its program, number among those given.
#[derive(Clone, Debug, Default)]
pub struct Blanks {
    sources: Vec<(StageId, usize)>,
    scalars: Vec<(StageId, usize, usize)>,
    randoms: Vec<(StageId, usize, usize)>,
}

impl Plan {
    /// Where it has what its graph was given; nothing where a source cannot be told from the others.
    #[must_use]
    pub fn blanks(&self, given: &Given) -> Option<Blanks> {
        let mut blanks = Blanks::default();
        for (id, stage) in self.stages.iter().enumerate() {
            match &stage.kind {
                StageKind::Source(source) => {
                    let number = given.sources.iter().position(|one| Arc::ptr_eq(one, source))?;
                    blanks.sources.push((id, number));
                }
                StageKind::Kernel { kernel, .. } => {
                    let Some(program) = kernel.program() else { continue };
                    let find = |value| given.scalars.iter().position(|one| one == value);
                    let scalars =
                        program.consts.iter().enumerate().filter_map(|(at, value)| Some((id, at, find(value)?)));
                    blanks.scalars.extend(scalars);
                    for (at, spec) in program.randoms.iter().enumerate() {
                        let number = given.randoms.iter().position(|one| one == spec)?;
                        blanks.randoms.push((id, at, number));
                    }
                }
                StageKind::Combine { .. } | StageKind::Host(_) | StageKind::Concatenate(_) => {}
            }
        }
        Some(blanks)
    }

    /// Lets go of its sources.
    #[must_use]
    pub fn without_sources(mut self, blanks: &Blanks) -> Self {
        let nowhere: Arc<dyn Source> = Arc::new(Nowhere);
        blanks.sources.iter().for_each(|&(stage, _)| self.stages[stage].kind = StageKind::Source(nowhere.clone()));
        self
    }

    /// The plan of another graph of the same form.
    #[must_use]
    pub fn bind(mut self, blanks: &Blanks, given: &Given) -> Self {
        for &(stage, number) in &blanks.sources {
            self.stages[stage].kind = StageKind::Source(given.sources[number].clone());
        }
        for &(stage, at, number) in &blanks.scalars {
            if let Some(program) = self.program_mut(stage) {
                program.consts[at] = given.scalars[number];
            }
        }
        for &(stage, at, number) in &blanks.randoms {
            if let Some(program) = self.program_mut(stage) {
                program.randoms[at] = given.randoms[number];
            }
        }
        self
    }

    /// All that decides what it does, for comparing.
    #[must_use]
    pub fn written(&self) -> String {
        let of = |stage: &Stage| match &stage.kind {
            StageKind::Kernel { kernel, domain, loads, indices, output } => {
                format!("{kernel:?} {domain:?} {loads:?} {indices:?} {output:?}")
            }
            StageKind::Combine { merges, group, finish } => format!("{merges:?} {group:?} {finish:?}"),
            StageKind::Concatenate(joined) => format!("{joined:?}"),
            StageKind::Source(source) => format!("{:p} {}", Arc::as_ptr(source), source.describe()),
            StageKind::Host(function) => format!("{function:?} {:?}", function.key),
        };
        let stages = self.stages.iter().map(|stage| format!("{stage:?} {}\n", of(stage)));
        let Self { outputs, running, limit, largest_task, stages: _ } = self;
        format!("{outputs:?} {running} {limit} {largest_task:?}\n{}", stages.collect::<String>())
    }

    fn program_mut(&mut self, stage: StageId) -> Option<&mut Program> {
        let StageKind::Kernel { kernel, .. } = &mut self.stages[stage].kind else { return None };
        kernel.program_mut()
    }
}

/// What a remembered plan has in place of data.
struct Nowhere;

impl Source for Nowhere {
    fn chunk(&self, _: &[u64], _: &[(u64, u64)]) -> Result<(Arc<HostBuffer>, Layout, Vec<u64>)> {
        Err(Error::bug("a plan that was given no data"))
    }
    fn describe(&self) -> String {
        "nowhere".into()
    }
}
