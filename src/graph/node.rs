//! [`Node`]: one immutable operation of the graph, its inputs, and what is known of its result.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashSet;

use super::view::View;
use crate::chunks::Chunks;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::host::HostBuffer;
use crate::ops::{BinaryOp, ElementFunction, RandomOp, RandomSpec, ReduceOp, ScanOp, Sorting, TernaryOp, UnaryOp};
use crate::width::in_memory;

/// A number no other call gives.
pub(crate) fn fresh_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Something with an identity: equal only to itself, or to what was given an equal key.
pub struct Unique<T: ?Sized> {
    /// Below 2⁶⁴ for what is equal only to itself.
    id: u128,
    /// The thing.
    pub value: Arc<T>,
}

impl<T: ?Sized> Unique<T> {
    /// Gives `value` an identity.
    pub fn new(value: Arc<T>) -> Self {
        Self { id: fresh_id().into(), value }
    }
    /// Gives `value` the identity of a [`structural_key`]: it is the same as everything with that.
    pub(crate) fn keyed(value: Arc<T>, key: u128) -> Self {
        Self { id: key | 1 << 127, value }
    }
}
impl<T: ?Sized> Clone for Unique<T> {
    fn clone(&self) -> Self {
        Self { id: self.id, value: self.value.clone() }
    }
}
impl<T: ?Sized> Hash for Unique<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}
impl<T: ?Sized> fmt::Debug for Unique<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.id)
    }
}

/// Where a chunk's elements lie in a buffer: `base + Σ strides · local coordinates`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The place of the chunk's first element.
    pub base: i64,
    /// The step along each axis.
    pub strides: Vec<i64>,
}

impl Layout {
    /// C order, from the start.
    #[must_use]
    pub fn c_order(dims: &[u64]) -> Self {
        Self { base: 0, strides: c_strides(dims) }
    }
}

/// The strides of an array of `dims` in C order. Those of an array with more elements than can be numbered wrap.
#[must_use]
pub fn c_strides(dims: &[u64]) -> Vec<i64> {
    let mut strides = vec![1i64; dims.len()];
    for k in (1..dims.len()).rev() {
        strides[k - 1] = strides[k].wrapping_mul(dims[k].cast_signed());
    }
    strides
}

/// Data that is already there, in memory or in a file.
pub trait Source: Send + Sync {
    /// The elements of a region: a buffer that holds them, where in it, and their shape. `coord` is the chunk's place in the
    /// source's own grid, which counts where lengths are unknown.
    ///
    /// # Errors
    /// Whatever reading it meets.
    fn chunk(&self, coord: &[u64], region: &[(u64, u64)]) -> Result<(Arc<HostBuffer>, Layout, Vec<u64>)>;
    /// What it is, for plans and drawings.
    fn describe(&self) -> String;
    /// The only grid it can be read in; `None` where any region can be read.
    fn grid(&self) -> Option<Chunks> {
        None
    }
    /// Whether the elements are in memory already, so that reading takes none.
    fn in_memory(&self) -> bool {
        true
    }
    /// Whether regions that are not in memory are read in C order.
    fn in_c_order(&self) -> bool {
        true
    }
    /// A chunk of its own grid that an executor kept, as it kept it.
    fn kept(&self, coord: &[u64]) -> Option<Arc<dyn std::any::Any + Send + Sync>> {
        let _ = coord;
        None
    }
    /// Whether an earlier run kept its chunks.
    fn is_kept(&self) -> bool {
        false
    }
    /// Hands out a region's elements in C order, as bytes, some at a time: nothing has to hold all of them.
    ///
    /// # Errors
    /// Whatever reading it or `take` meets.
    fn stream(&self, coord: &[u64], region: &[(u64, u64)], take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let (buffer, layout, shape) = self.chunk(coord, region)?;
        let size = buffer.dtype().size();
        for_each_run(&shape, &layout, |at, n| {
            let at = in_memory(at.cast_unsigned());
            take(&buffer.bytes()[at * size..(at + n) * size])
        })
    }
}

/// Runs of elements that lie side by side, in C order of a box: calls `take(place, length)` for each.
///
/// # Errors
/// The first of `take`.
pub fn for_each_run<E>(
    shape: &[u64],
    layout: &Layout,
    mut take: impl FnMut(i64, usize) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let mut runs = Runs::new(shape, layout);
    let n = runs.len;
    runs.try_for_each(|at| take(at, n))
}

/// The places of the runs of [`for_each_run`], one after another.
#[derive(Clone, Debug)]
pub struct Runs {
    /// Elements of each.
    pub len: usize,
    /// Lengths and strides of the axes that the runs do not cover.
    outer: Vec<(u64, i64)>,
    base: i64,
    /// The next run; nothing after the last.
    at: Option<Vec<u64>>,
}

impl Runs {
    /// The runs of a box.
    #[must_use]
    pub fn new(shape: &[u64], layout: &Layout) -> Self {
        let dense = c_strides(shape);
        let mut split = shape.len();
        while split > 0 && (layout.strides[split - 1] == dense[split - 1] || shape[split - 1] == 1) {
            split -= 1;
        }
        let outer = shape[..split].iter().copied().zip(layout.strides.iter().copied()).collect();
        let at = (!shape.contains(&0)).then(|| vec![0; split]);
        Self { len: in_memory(shape[split..].iter().product()), outer, base: layout.base, at }
    }
}

impl Iterator for Runs {
    type Item = i64;
    fn next(&mut self) -> Option<i64> {
        let at = self.at.as_mut()?;
        let place =
            self.base + at.iter().zip(&self.outer).map(|(&i, (_, stride))| i.cast_signed() * stride).sum::<i64>();
        match (0..at.len()).rev().find(|&k| at[k] + 1 < self.outer[k].0) {
            Some(k) => {
                at[k] += 1;
                at[k + 1..].fill(0);
            }
            None => self.at = None,
        }
        Some(place)
    }
}

/// What a host function is given for one output chunk.
pub struct HostTask<'a> {
    /// The chunk of each input: elements in C order, and shape.
    pub inputs: &'a [(Arc<HostBuffer>, Vec<u64>)],
    /// Which chunk of the output it is, along each axis.
    pub place: &'a [u64],
    /// The region of the output chunk (start and end on each axis; `0..0` on unknown ones).
    pub region: &'a [(u64, u64)],
    /// The output's dtype.
    pub dtype: DType,
    /// Makes room for so many bytes more than a chunk of the output's region has, until the task ends; an error where memory has
    /// none.
    pub room: &'a dyn Fn(u64) -> Result<()>,
}

impl fmt::Debug for HostTask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostTask({:?} of {})", self.region, self.dtype)
    }
}

impl HostTask<'_> {
    /// The output chunk's shape.
    #[must_use]
    pub fn shape(&self) -> Vec<u64> {
        self.region.iter().map(|(start, end)| end - start).collect()
    }
}

/// A host function's result: elements in C order, and shape.
pub type HostResult = Result<(HostBuffer, Vec<u64>)>;

/// A function of chunks that runs on the host.
pub struct HostFunction {
    /// Its name in plans and errors.
    pub name: String,
    /// The function.
    #[allow(clippy::type_complexity, reason = "the one place it is spelled")]
    pub run: Box<dyn Fn(&HostTask<'_>) -> HostResult + Send + Sync>,
    /// Whether elements depend on their places alone: then chunks are cut and batched as a budget asks.
    pub by_place: bool,
    /// Equal for functions that give the same for the same inputs, which are then run once; `None` for one that is like no other.
    pub(crate) key: Option<u128>,
    /// What the array is, once the inputs are known, where that decides it.
    pub(crate) next: Option<Box<Next>>,
}

/// The node that stands for an array whose inputs are known: elements in C order, and shape, of each.
pub type Next = dyn Fn(&[(Arc<HostBuffer>, Vec<u64>)]) -> Result<Arc<Node>> + Send + Sync;

impl HostFunction {
    /// A function that sees the chunks of its array as they are.
    pub fn new(name: impl Into<String>, run: impl Fn(&HostTask<'_>) -> HostResult + Send + Sync + 'static) -> Self {
        Self { name: name.into(), run: Box::new(run), by_place: false, key: None, next: None }
    }
    /// A function of the library's own: its name and its parameters say what it does.
    pub(crate) fn named(
        name: &str,
        parameters: &impl Hash,
        run: impl Fn(&HostTask<'_>) -> HostResult + Send + Sync + 'static,
    ) -> Self {
        Self { key: Some(structural_key(&(name, parameters))), ..Self::new(name, run) }
    }
    /// A function that says what the array is once its inputs are known: they are computed before the run is planned.
    pub(crate) fn going_on(
        name: &str,
        parameters: &impl Hash,
        next: impl Fn(&[(Arc<HostBuffer>, Vec<u64>)]) -> Result<Arc<Node>> + Send + Sync + 'static,
    ) -> Self {
        let run = |_: &HostTask<'_>| Err(Error::bug("a run of what was to be planned from data"));
        Self { next: Some(Box::new(next)), ..Self::named(name, parameters, run) }
    }
}

impl fmt::Debug for HostFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// What a node does. A dozen families; which function exactly is a row of a table.
#[derive(Clone, Debug, Hash)]
#[non_exhaustive]
pub enum Op {
    /// Data that is there already.
    Source(Unique<dyn Source>),
    /// One value everywhere.
    Full(Scalar),
    /// `offset + Σ weights · coordinates`, as `i32` or `i64`.
    Index {
        /// One weight an axis.
        weights: Vec<i64>,
        /// The value at the origin.
        offset: i64,
    },
    /// Draws by the linear index in this node's shape.
    Random(RandomOp, RandomSpec),
    /// A row of the unary table.
    Unary(UnaryOp),
    /// A row of the binary table.
    Binary(BinaryOp),
    /// A row of the ternary table.
    Ternary(TernaryOp),
    /// Conversion to the node's dtype.
    Cast,
    /// A user's function of elements.
    Call(Unique<ElementFunction>),
    /// The input seen with other axes.
    View(View),
    /// The same elements in C order with another shape.
    Reshape,
    /// The same array in other chunks.
    Rechunk,
    /// Places along an axis.
    Take {
        /// The axis.
        axis: usize,
        /// The places.
        indices: Arc<[u64]>,
    },
    /// Arrays one after another along an axis.
    Concatenate {
        /// The axis.
        axis: usize,
    },
    /// The first input's elements where the second is true, in C order.
    Filter,
    /// What lies at the places of an axis of the first input where the second is true.
    FilterAxis {
        /// The axis.
        axis: usize,
    },
    /// A reduction.
    Reduce {
        /// Which.
        op: ReduceOp,
        /// The axes reduced, ascending.
        axes: Vec<usize>,
        /// Whether they stay with length 1.
        keepdims: bool,
        /// Bits of the delta degrees of freedom (an `f64`).
        ddof: u64,
    },
    /// Folds of all elements up to each, in their order.
    Scan {
        /// Which.
        op: ScanOp,
        /// Along which axis; all elements in C order without one.
        axis: Option<usize>,
    },
    /// The elements of each line along an axis in their order, or their places.
    Sort {
        /// Which, and which way.
        sorting: Sorting,
        /// The axis.
        axis: usize,
        /// The places of each line that are read, ascending, where not all are: what is at the others may be anything.
        read: Option<Arc<[u64]>>,
    },
    /// Matrix product of two 2-d inputs.
    Dot,
    /// Counts (or sums of weights) of the first input in bins with the edges of the second; the third is the weights.
    Histogram {
        /// Whether the bins are of equal width.
        uniform: bool,
    },
    /// A host function of corresponding chunks.
    Host(Unique<HostFunction>),
}

impl Op {
    /// What says which node takes this one's place, where data decides it.
    pub(crate) fn next(&self) -> Option<&Next> {
        if let Self::Host(function) = self { function.value.next.as_deref() } else { None }
    }
    /// Whether a kernel can compute it as part of what reads it.
    #[must_use]
    pub fn fuses(&self) -> bool {
        matches!(
            self,
            Self::Full(_)
                | Self::Index { .. }
                | Self::Random(..)
                | Self::Unary(_)
                | Self::Binary(_)
                | Self::Ternary(_)
                | Self::Cast
                | Self::Call(_)
                | Self::View(_)
                | Self::Rechunk
                | Self::Filter
        )
    }
    /// The name in plans and drawings.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Source(source) => source.value.describe(),
            Self::Full(value) => format!("full({value})"),
            Self::Index { .. } => "index".into(),
            Self::Random(op, _) => format!("random.{}", op.name()),
            Self::Unary(op) => op.info().name.into(),
            Self::Binary(op) => op.info().name.into(),
            Self::Ternary(op) => op.info().name.into(),
            Self::Cast => "cast".into(),
            Self::Call(function) => function.value.name.clone(),
            Self::View(_) => "view".into(),
            Self::Reshape => "reshape".into(),
            Self::Rechunk => "rechunk".into(),
            Self::Take { axis, .. } => format!("take(axis {axis})"),
            Self::Concatenate { axis } => format!("concatenate(axis {axis})"),
            Self::Filter => "filter".into(),
            Self::FilterAxis { axis } => format!("filter(axis {axis})"),
            Self::Reduce { op, axes, .. } => format!("{}{axes:?}", op.name()),
            Self::Scan { op, axis: Some(axis) } => format!("{}(axis {axis})", op.name()),
            Self::Scan { op, axis: None } => op.name().into(),
            Self::Sort { sorting, axis, .. } => format!("{}(axis {axis})", sorting.name()),
            Self::Dot => "dot".into(),
            Self::Histogram { .. } => "histogram".into(),
            Self::Host(function) => function.value.name.clone(),
        }
    }
}

/// Collects the bytes to hash, since they are hashed twice and many small writes cost more.
pub(crate) struct Words(pub(crate) Vec<u8>);

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
    fn finish(&self) -> u64 {
        self.half(0)
    }
}

impl Words {
    fn half(&self, salt: u64) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(salt);
        hasher.write(&self.0);
        hasher.finish()
    }
    /// 128 bits: nodes with equal keys are taken for equal.
    fn key(&self) -> u128 {
        u128::from(self.half(0)) << 64 | u128::from(self.half(1))
    }
}

/// A key of 128 bits for what is equal where its parts are.
pub(crate) fn structural_key(parts: &impl Hash) -> u128 {
    let mut words = Words(Vec::with_capacity(256));
    parts.hash(&mut words);
    words.key()
}

/// One operation: what it does, to what, and what is known of the result. Immutable.
pub struct Node {
    /// What it does.
    pub op: Op,
    /// To what.
    pub inputs: Vec<Arc<Self>>,
    /// The result's dtype.
    pub dtype: DType,
    /// The result's shape and chunks.
    pub chunks: Chunks,
    /// Structural hash: equal for nodes that compute the same.
    pub key: u128,
    /// Whether what it is, or something below, is decided by data that is not known yet.
    pub(crate) waits: bool,
}

impl fmt::Debug for Node {
    /// The operation, the result's dtype and chunks, and the names of what it is made of: not all that is below, which may be very
    /// deep, and is as often as there are ways to it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        let shown: Vec<String> = self.inputs.iter().take(SHOWN).map(|input| input.op.name()).collect();
        let more = if self.inputs.len() > SHOWN { ", …" } else { "" };
        write!(f, "{}({}{more}): {} {}", self.op.name(), shown.join(", "), self.dtype, self.chunks)
    }
}

impl Node {
    /// The array under a chain of views, and the view of it.
    #[must_use]
    pub fn behind_views(self: &Arc<Self>) -> (&Arc<Self>, View) {
        let (mut node, mut view) = (self, View::identity(self.ndim()));
        while let Op::View(inner) = &node.op {
            view = inner.through(&view);
            node = &node.inputs[0];
        }
        (node, view)
    }
    /// A node, with its structural hash.
    #[must_use]
    pub fn new(op: Op, inputs: Vec<Arc<Self>>, dtype: DType, chunks: Chunks) -> Arc<Self> {
        let mut words = Words(Vec::with_capacity(256));
        op.hash(&mut words);
        dtype.hash(&mut words);
        chunks.hash(&mut words);
        for input in &inputs {
            input.key.hash(&mut words);
        }
        let key = words.key();
        let waits = inputs.iter().any(|input| input.waits) || op.next().is_some();
        Arc::new(Self { op, inputs, dtype, chunks, key, waits })
    }
    /// Whether the node itself is decided by data, which nothing hinders to become known.
    pub(crate) fn is_ready(&self) -> bool {
        self.op.next().is_some() && !self.inputs.iter().any(|input| input.waits)
    }
    /// Number of axes.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.chunks.ndim()
    }
    /// The length of each axis.
    #[must_use]
    pub fn dims(&self) -> Vec<Option<u64>> {
        self.chunks.dims()
    }
}

/// Long chains are taken apart one by one: dropping them recursively would overflow the stack.
impl Drop for Node {
    fn drop(&mut self) {
        let mut rest = std::mem::take(&mut self.inputs);
        while let Some(input) = rest.pop() {
            if let Some(mut only) = Arc::into_inner(input) {
                rest.append(&mut only.inputs);
            }
        }
    }
}

/// Nodes with inputs before those that read them, each structure once.
#[must_use]
pub fn post_order(outputs: &[Arc<Node>]) -> Vec<Arc<Node>> {
    // Nothing ends it.
    post_order_while(outputs, &mut || Ok(())).unwrap_or_default()
}

/// [`post_order`] of graphs that may be very large: `step` is asked at each node.
///
/// # Errors
/// What `step` says.
pub fn post_order_while(outputs: &[Arc<Node>], step: &mut dyn FnMut() -> Result<()>) -> Result<Vec<Arc<Node>>> {
    let mut order = Vec::new();
    let mut seen = FxHashSet::default();
    let mut stack: Vec<(Arc<Node>, usize)> = Vec::new();
    for output in outputs {
        if seen.insert(output.key) {
            stack.push((output.clone(), 0));
        }
        while let Some((node, next)) = stack.pop() {
            step()?;
            if let Some(input) = node.inputs.get(next).cloned() {
                stack.push((node, next + 1));
                if seen.insert(input.key) {
                    stack.push((input, 0));
                }
            } else {
                order.push(node);
            }
        }
    }
    Ok(order)
}
