//! Make again, or hold: an expression that several kernels fuse is evaluated in each of them. Where that costs more than writing it
//! once and reading it back, and it fits, it is materialised instead.

use std::collections::BTreeSet;
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

/// What is materialised when nodes that are worth it are held, of at most so many bytes in all; those that others are made of last.
pub(super) fn marks(order: &[Arc<Node>], outputs: &[Arc<Node>], bytes: u64, watch: &mut Watch<'_>) -> Result<Marks> {
    let mut held = FxHashSet::default();
    // Small runs should not pay for the question.
    let small = |node: &Arc<Node>| node.chunks.elements().is_some_and(|n| n < LITTLE);
    let mut left = if order.iter().all(small) { 0 } else { bytes };
    let mut marks = Marks::new(order, outputs, &held, watch)?;
    let costs: FxHashMap<u128, f64> =
        if left > 0 { order.iter().map(|node| (node.key, cost(&node.op))).collect() } else { FxHashMap::default() };
    // Each that is held takes what is under it out of its readers' kernels, so the rest is looked at again.
    while left > 0 && held.len() < MOST {
        let evaluations = evaluations(order, &marks);
        let best = order.iter().rev().find(|node| {
            let times = evaluations.get(&node.key).copied().unwrap_or(0.0);
            times > 1.0
                && !marks.marked.contains_key(&node.key)
                && size(node) <= left
                && gain(node, &costs, &marks, times) > STAGE
        });
        let Some(best) = best else { break };
        left -= size(best);
        held.insert(best.key);
        marks = Marks::new(order, outputs, &held, watch)?;
    }
    Ok(marks)
}

fn size(node: &Node) -> u64 {
    node.chunks.elements().map_or(u64::MAX, |n| n.saturating_mul(node.dtype.size() as u64))
}

/// How often the elements of each node are made, as multiples of its size.
fn evaluations(order: &[Arc<Node>], marks: &Marks) -> FxHashMap<u128, f64> {
    let elements: FxHashMap<u128, u64> =
        order.iter().filter_map(|node| Some((node.key, node.chunks.elements()?))).collect();
    let mut times = FxHashMap::default();
    for node in order.iter().filter(|node| marks.marked.contains_key(&node.key)) {
        // Reductions evaluate what they reduce.
        let domain = match (&node.op, node.inputs.first()) {
            (Op::Reduce { .. } | Op::Histogram { .. }, Some(input)) => input,
            _ => node,
        };
        let Some(extent) = marks.extents.get(&node.key) else { continue };
        let Some(&domain) = elements.get(&domain.key) else { continue };
        for (key, _) in extent.nodes.iter().filter(|(key, _)| *key != node.key) {
            if let Some(&own) = elements.get(key).filter(|&&own| own > 0) {
                *times.entry(*key).or_insert(0.0) += domain as f64 / own as f64;
            }
        }
    }
    times
}

/// Nanoseconds saved by holding a node whose elements are made `times` times.
fn gain(node: &Node, costs: &FxHashMap<u128, f64>, marks: &Marks, times: f64) -> f64 {
    let Some(extent) = marks.extents.get(&node.key) else { return 0.0 };
    // In order: a sum that depended on a hash's would make plans differ from time to time.
    let inside: BTreeSet<u128> = extent.nodes.iter().map(|(key, _)| *key).collect();
    let cost: f64 = inside.iter().filter_map(|key| costs.get(key)).sum();
    let elements = node.chunks.elements().unwrap_or(0) as f64;
    let bytes = elements * node.dtype.size() as f64;
    (times - 1.0) * cost * elements - bytes * (WRITE + times * READ)
}

/// Nanoseconds an element.
fn cost(op: &Op) -> f64 {
    match op {
        Op::Random(RandomOp::Normal, _) => NORMAL,
        Op::Random(..) => DRAW,
        Op::Unary(op) if op.info().ulp.iter().any(|&ulp| ulp > 3) => FUNCTION,
        Op::Call(_) => FUNCTION,
        Op::Unary(_) | Op::Binary(_) | Op::Ternary(_) | Op::Cast | Op::Index { .. } => ARITHMETIC,
        _ => 0.0,
    }
}
