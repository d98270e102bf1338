//! What is materialised: nodes that read chunks rather than expressions, results that kernels cannot fuse into, what does not
//! fit one kernel, and what is better held than made again ([`super::hold`]).

use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::family::materialised;
use super::joins;
use super::watch::Watch;
use crate::error::Result;
use crate::graph::{Node, Op, View};

/// Operations one kernel may fuse on a device: beyond it register pressure eats what fusion saves.
pub(super) const FUSED_ON_DEVICE: usize = 64;
/// On the host, where a value that is still to be read costs a strip of the cache: a loop of many steps is one stage, which no
/// other one makes again.
pub(super) const FUSED_ON_HOST: usize = 1024;
/// Arrays one kernel may read: with its parameters and result they fit WebGPU's default of 8 storage buffers.
const MAX_LOADS: usize = 6;

/// What fusing a node would take along.
#[derive(Clone, Default)]
pub(super) struct Extent {
    /// Keys of the nodes written into the program, each with how it is seen: a node is written once for every view of it.
    pub(super) nodes: Vec<(u128, Arc<View>)>,
    /// Keys of the arrays loaded.
    loads: Vec<u128>,
    /// A filter is among the nodes.
    filters: bool,
    /// An array of unknown length is among the loads.
    loads_unknown: bool,
}

impl Extent {
    /// The arrays that it loads, in any order: the sum of their keys.
    pub(super) fn reads(&self) -> u128 {
        self.loads.iter().fold(0, |sum, key| sum.wrapping_add(*key))
    }
    /// Whether it is more than a kernel should fuse. What is seen through several views is made for each of them: much of that (steps
    /// of a stencil) is better read back.
    fn is_too_big(&self, most: usize) -> bool {
        let n = self.nodes.len();
        let nodes = || self.nodes.iter().map(|(key, _)| *key).collect::<FxHashSet<u128>>().len();
        n > most || self.loads.len() > MAX_LOADS || (n > FUSED_ON_DEVICE && n > 2 * nodes())
    }
}

/// Which nodes are materialised.
pub(super) struct Marks {
    pub(super) marked: FxHashSet<u128>,
    /// Of marked nodes.
    pub(super) extents: FxHashMap<u128, Extent>,
    /// Joined arrays that are loaded part by part: each is one load, whatever it is made of.
    loaded: FxHashSet<u128>,
    /// Operations that a kernel may fuse.
    most: usize,
}

impl Marks {
    /// Marks what must be materialised where a kernel fuses at most so many operations, and the nodes of `held`.
    ///
    /// # Errors
    /// What ends the watch.
    pub(super) fn new(
        order: &[Arc<Node>],
        outputs: &[Arc<Node>],
        held: &FxHashSet<u128>,
        most: usize,
        watch: &mut Watch<'_>,
    ) -> Result<Self> {
        let mut marks =
            Self { marked: held.clone(), extents: FxHashMap::default(), loaded: joins::loaded(order), most };
        marks.marked.extend(outputs.iter().map(|output| output.key));
        for node in order {
            watch.step()?;
            if marks.loaded.contains(&node.key) {
                let parts = node.inputs.iter().map(|input| joins::behind(input).key);
                let parts: Vec<u128> = parts.filter(|part| !marks.loaded.contains(part)).collect();
                marks.marked.extend(parts);
                continue;
            }
            marks.marked.extend(materialised(node).iter().map(|input| input.key));
            if !node.op.fuses() {
                marks.mark(node);
            }
        }
        let filters = order.iter().any(|node| node.chunks.has_unknown());
        loop {
            let before = marks.marked.len();
            marks.measure(order, outputs, watch)?;
            // What was marked after one of its readers was measured may be filtered already, in a kernel that filters: that one is
            // wrong, where other kernels are smaller than they were thought.
            if !filters || marks.marked.len() == before {
                return Ok(marks);
            }
            marks.extents.clear();
        }
    }

    /// Measures every node, and marks inputs of those that take too much along.
    fn measure(&mut self, order: &[Arc<Node>], outputs: &[Arc<Node>], watch: &mut Watch<'_>) -> Result<()> {
        let mut readers = readers(order, outputs);
        for node in order {
            watch.step()?;
            self.visit(node);
            for input in &node.inputs {
                let left = readers.entry(input.key).or_insert(0);
                *left = left.saturating_sub(1);
                if *left == 0 && !self.marked.contains(&input.key) {
                    self.extents.remove(&input.key);
                }
            }
        }
        Ok(())
    }

    fn mark(&mut self, node: &Node) {
        self.marked.insert(node.key);
    }

    fn visit(&mut self, node: &Arc<Node>) {
        loop {
            let extent = self.extent(node);
            let too_big = extent.is_too_big(self.most);
            let mixed = extent.filters && extent.loads_unknown;
            let cut = if too_big || mixed { self.largest_input(node, mixed) } else { None };
            match cut {
                Some(input) => {
                    self.mark(&input);
                    self.measure_views(node);
                }
                None => {
                    self.extents.insert(node.key, extent);
                    return;
                }
            }
        }
    }

    /// What writing `node` into a program takes along, as things are marked now.
    fn extent(&self, node: &Node) -> Extent {
        let mut extent = Extent {
            nodes: vec![(node.key, Arc::new(View::identity(node.ndim())))],
            filters: matches!(node.op, Op::Filter),
            ..Extent::default()
        };
        if self.loaded.contains(&node.key) {
            extent.loads.push(node.key);
            return extent;
        }
        for input in &node.inputs {
            if self.marked.contains(&input.key) {
                push_new(&mut extent.loads, &[input.key], MAX_LOADS);
                extent.loads_unknown |= input.chunks.has_unknown();
            } else if let Some(below) = self.extents.get(&input.key) {
                if let Op::View(view) = &node.op {
                    let seen = |(key, inner): &(u128, Arc<View>)| (*key, Arc::new(inner.through(view)));
                    let seen: Vec<_> = below.nodes.iter().map(seen).collect();
                    push_new(&mut extent.nodes, &seen, self.most);
                } else {
                    push_new(&mut extent.nodes, &below.nodes, self.most);
                }
                push_new(&mut extent.loads, &below.loads, MAX_LOADS);
                extent.filters |= below.filters;
                extent.loads_unknown |= below.loads_unknown;
            }
        }
        extent
    }

    /// Measures the views that `node` reads again, after what is behind them was marked.
    fn measure_views(&mut self, node: &Node) {
        for input in &node.inputs {
            let mut views = Vec::new();
            let mut at = input;
            while matches!(at.op, Op::View(_)) && !self.marked.contains(&at.key) {
                views.push(at);
                at = &at.inputs[0];
            }
            for view in views.into_iter().rev() {
                let extent = self.extent(view);
                self.extents.insert(view.key, extent);
            }
        }
    }

    /// The input whose materialisation saves most; what is behind it, where it is a view.
    fn largest_input(&self, node: &Node, filters_only: bool) -> Option<Arc<Node>> {
        node.inputs
            .iter()
            .filter(|x| !self.marked.contains(&x.key) && !self.loaded.contains(&x.behind_views().0.key))
            .filter_map(|x| Some((x, self.extents.get(&x.key)?)))
            .filter(|(_, extent)| (extent.filters || !filters_only) && extent.nodes.len() + extent.loads.len() > 1)
            .max_by_key(|(_, extent)| extent.nodes.len() + 8 * extent.loads.len())
            .map(|(x, extent)| {
                let behind = x.behind_views().0;
                let whole = !self.marked.contains(&behind.key) && extent.nodes.len() > 2;
                if whole { behind.clone() } else { x.clone() }
            })
    }
}

/// How often the extent of each node is asked for: by those that read it. What is behind a view may be asked for later; outputs are
/// kept.
fn readers(order: &[Arc<Node>], outputs: &[Arc<Node>]) -> FxHashMap<u128, usize> {
    let mut readers: FxHashMap<u128, usize> = outputs.iter().map(|output| (output.key, 1)).collect();
    for node in order {
        let more = if matches!(node.op, Op::View(_)) { 2 } else { 1 };
        node.inputs.iter().for_each(|input| *readers.entry(input.key).or_insert(0) += more);
    }
    readers
}

/// Appends what is not there yet, until there are more than `most`.
fn push_new<T: Clone + Eq + Hash>(all: &mut Vec<T>, more: &[T], most: usize) {
    /// From where on looking up is quicker than comparing with each.
    const MANY: usize = 64;
    let room = (most + 1).saturating_sub(all.len());
    if all.len() + more.len() < MANY {
        for one in more {
            if all.len() <= most && !all.contains(one) {
                all.push(one.clone());
            }
        }
        return;
    }
    let mut seen: FxHashSet<&T> = all.iter().collect();
    let new: Vec<T> = more.iter().filter(|one| seen.insert(*one)).take(room).cloned().collect();
    all.extend(new);
}
