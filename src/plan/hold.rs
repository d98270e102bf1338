//! Make again, or hold: an expression that several kernels fuse is evaluated in each of them. Where that costs more than writing it
//! once and reading it back, and it fits, it is materialised instead.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::marks::Marks;
use super::watch::Watch;
use crate::error::Result;
use crate::graph::{Node, Op};
use crate::ops::RandomOp;

// Nanoseconds an element on one core of the shared 2-core machine, by user time over 20 M elements: normal f64 4.3 and f32 3,
// uniform 1.5, sin 2, exp 4, sums and products 0.23. Their order of magnitude is what matters.
const NORMAL: f64 = 3.5;
const DRAW: f64 = 1.5;
const FUNCTION: f64 = 3.0;
const ARITHMETIC: f64 = 0.25;
/// Nanoseconds a byte: writing a chunk, and reading it back. Assumed, as 7 and 17 GB/s.
const WRITE: f64 = 0.15;
const READ: f64 = 0.06;
/// Nanoseconds that another stage costs by itself.
const STAGE: f64 = 100_000.0;

/// Elements of which making them again never costs a stage.
const LITTLE: u64 = 1 << 13;

/// Nodes that are held at most: the graph is looked at once for each.
const MOST: usize = 32;

/// What is materialised when nodes that are worth it are held, of at most so many bytes in all. A kernel fuses at most `most` operations.
/// Those of which `joins` says so go over the same elements once.
///
/// # Errors
/// What ends the watch.
pub(super) fn marks(
    order: &[Arc<Node>],
    outputs: &[Arc<Node>],
    bytes: u64,
    (most, joins): (usize, Joins),
    watch: &mut Watch<'_>,
) -> Result<Marks> {
    let mut held = FxHashSet::default();
    // Small runs should not pay for the question.
    let small = |node: &Arc<Node>| node.chunks.elements().is_some_and(|n| n < LITTLE);
    let mut left = if order.iter().all(small) { 0 } else { bytes };
    let mut marks = Marks::new(order, outputs, &held, most, watch)?;
    let levels = if left > 0 { levels(order, joins) } else { Vec::new() };
    // Each that is held takes what is under it out of its readers' kernels, so the rest is looked at again.
    while left > 0 && held.len() < MOST {
        let Some(best) = best(order, &marks, &levels, left) else { break };
        left -= size(best);
        held.insert(best.key);
        marks = Marks::new(order, outputs, &held, most, watch)?;
    }
    Ok(marks)
}

fn size(node: &Node) -> u64 {
    node.chunks.elements().map_or(u64::MAX, |n| n.saturating_mul(node.dtype.size() as u64))
}

/// The node that is best held, of at most so many bytes, if that saves more than its stage costs.
fn best<'a>(order: &'a [Arc<Node>], marks: &Marks, levels: &[Option<usize>], bytes: u64) -> Option<&'a Arc<Node>> {
    /// Nodes that are looked at closely.
    const CLOSELY: usize = 16;
    let made = saved(order, marks, levels);
    let worth = |i: usize| made[i] - size(&order[i]) as f64 * WRITE - STAGE;
    let mut candidates: Vec<usize> = (0..order.len())
        .filter(|&i| made[i] > STAGE && !marks.marked.contains(&order[i].key) && size(&order[i]) <= bytes)
        .collect();
    candidates.sort_by(|&a, &b| worth(b).total_cmp(&worth(a)));
    let gain = |&i: &usize| worth(i) - order[i].chunks.elements().unwrap_or(0) as f64 * fused_cost(&order[i], marks);
    let gains = candidates.iter().take(CLOSELY).map(|i| (gain(i), *i));
    gains.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|&(gain, _)| gain > 0.0).map(|(_, i)| &order[i])
}

/// Nanoseconds an element of making a node from what is materialised.
fn fused_cost(node: &Arc<Node>, marks: &Marks) -> f64 {
    let (mut seen, mut open, mut sum) = (FxHashSet::default(), vec![node], 0.0);
    while let Some(at) = open.pop() {
        sum += cost(&at.op);
        open.extend(at.inputs.iter().filter(|x| !marks.marked.contains(&x.key) && seen.insert(x.key)));
    }
    sum
}

/// Whether it folds what it reads.
fn folds(node: &Node) -> bool {
    matches!(node.op, Op::Reduce { .. } | Op::Histogram { .. })
}

/// Whether a node's stage is made together with others over the same elements ([`super::together`]).
pub(super) type Joins = fn(&Node) -> bool;

/// How many nodes that join others are on the way to each node, one after another, if it is one: those of one level can be made
/// together.
fn levels(order: &[Arc<Node>], joins: Joins) -> Vec<Option<usize>> {
    let mut levels: FxHashMap<u128, usize> = FxHashMap::default();
    let level = |node: &Arc<Node>| {
        let after = |input: &Arc<Node>| levels.get(&input.key).map_or(0, |level| level + usize::from(joins(input)));
        let level = node.inputs.iter().map(after).max().unwrap_or(0);
        levels.insert(node.key, level);
        joins(node).then_some(level)
    };
    order.iter().map(level).collect()
}

/// Nanoseconds that kernels save for each node, in the order of `order`, if they read it: they make no longer what they make for it alone.
/// With `levels`, reductions over the same elements make it once.
fn saved(order: &[Arc<Node>], marks: &Marks, levels: &[Option<usize>]) -> Vec<f64> {
    let place: FxHashMap<u128, usize> = order.iter().enumerate().map(|(i, node)| (node.key, i)).collect();
    let mut saved = vec![0.0; order.len()];
    let mut once: FxHashMap<_, FxHashMap<usize, f64>> = FxHashMap::default();
    for (at, root) in order.iter().enumerate().filter(|(_, node)| marks.marked.contains(&node.key)) {
        // Reductions evaluate what they reduce.
        let domain = root.inputs.first().filter(|_| folds(root)).unwrap_or(root);
        let (Some(extent), Some(points)) = (marks.extents.get(&root.key), domain.chunks.elements()) else { continue };
        let mut views: FxHashMap<usize, f64> = FxHashMap::default();
        for (key, _) in &extent.nodes {
            *views.entry(place[key]).or_insert(0.0) += 1.0;
        }
        let axes = if let Op::Reduce { axes, .. } = &root.op { axes.as_slice() } else { &[] };
        let all = axes.is_empty() || axes.len() == domain.ndim();
        let axes = if all { None } else { Some(axes) };
        let walk = levels[at].map(|level| once.entry((level, &domain.chunks, axes, extent.reads())).or_default());
        let mut alone = FxHashMap::default();
        let made = match walk {
            Some(walk) => walk,
            None => &mut alone,
        };
        for (i, cost) in made_for(order, &place, &views) {
            let read = order[i].dtype.size() as f64 * READ * views[&i];
            let saves = points as f64 * (cost - read);
            let known = made.entry(i).or_insert(saves);
            *known = known.max(saves);
        }
        alone.into_iter().for_each(|(i, saves)| saved[i] += saves);
    }
    once.into_values().flatten().for_each(|(i, saves)| saved[i] += saves);
    saved
}

/// Nanoseconds an element of what a kernel makes for each of its nodes alone: itself, and those that it dominates (every way from
/// the kernel's result to them goes through it). `views` are the kernel's nodes, with how often each is made.
fn made_for(
    order: &[Arc<Node>],
    place: &FxHashMap<u128, usize>,
    views: &FxHashMap<usize, f64>,
) -> FxHashMap<usize, f64> {
    // Readers before what they read: their common dominator is known when a node's turn comes.
    let mut nodes: Vec<usize> = views.keys().copied().collect();
    nodes.sort_unstable_by(|a, b| b.cmp(a));
    let mut above: FxHashMap<usize, (usize, u32)> = FxHashMap::default();
    for &i in &nodes {
        let depth = above.get(&i).map_or(0, |(_, depth)| *depth);
        for input in order[i].inputs.iter().map(|input| place[&input.key]).filter(|input| views.contains_key(input)) {
            let common = match above.get(&input) {
                Some(&(other, _)) => common(&above, i, other),
                None => i,
            };
            let depth = if common == i { depth } else { above.get(&common).map_or(0, |(_, depth)| *depth) };
            above.insert(input, (common, depth + 1));
        }
    }
    let mut sums: FxHashMap<usize, f64> = views.iter().map(|(&i, times)| (i, times * cost(&order[i].op))).collect();
    for i in nodes.into_iter().rev() {
        if let Some(&(dominator, _)) = above.get(&i) {
            let own = sums[&i];
            *sums.entry(dominator).or_insert(0.0) += own;
        }
    }
    sums
}

/// The nearest node that dominates both, in a tree of (parent, depth).
fn common(above: &FxHashMap<usize, (usize, u32)>, mut a: usize, mut b: usize) -> usize {
    let depth = |i: usize| above.get(&i).map_or(0, |(_, depth)| *depth);
    while a != b {
        let lower = if depth(a) >= depth(b) { &mut a } else { &mut b };
        match above.get(lower) {
            Some(&(parent, _)) => *lower = parent,
            None => return *lower,
        }
    }
    a
}

/// Nanoseconds an element.
fn cost(op: &Op) -> f64 {
    match op {
        Op::Random(RandomOp::Normal, _) => NORMAL,
        Op::Random(..) => DRAW,
        Op::Unary(op) if op.info().ulp.iter().any(|&ulp| ulp > 3) => FUNCTION,
        Op::Call(_) => FUNCTION,
        Op::Unary(_) | Op::Binary(_) | Op::Ternary(_) | Op::Cast | Op::Index { .. } => ARITHMETIC,
        // Moved or made elsewhere.
        Op::Source(_) | Op::Full(_) | Op::View(_) | Op::Reshape | Op::Rechunk | Op::Take { .. } => 0.0,
        Op::Concatenate { .. }
        | Op::Filter
        | Op::FilterAxis { .. }
        | Op::Reduce { .. }
        | Op::Scan { .. }
        | Op::Sort { .. }
        | Op::Dot
        | Op::Histogram { .. }
        | Op::Host(_) => 0.0,
    }
}
