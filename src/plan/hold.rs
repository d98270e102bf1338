//! Make again, or hold: an expression that several kernels fuse is evaluated in each of them. Where that costs more than writing it
//! once and reading it back, and it fits, it is materialised instead.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::marks::Marks;
use crate::graph::{Node, Op};
use crate::ops::RandomOp;

// Nanoseconds an element on one core, measured (benches/results, CPU families): what matters is their order of magnitude.
const NORMAL: f64 = 3.5;
const DRAW: f64 = 1.5;
const FUNCTION: f64 = 3.0;
const ARITHMETIC: f64 = 0.25;
/// Nanoseconds a byte: writing a chunk, and reading it back.
const WRITE: f64 = 0.15;
const READ: f64 = 0.06;
/// Nanoseconds that another stage costs by itself.
const STAGE: f64 = 100_000.0;

/// Elements of which making them again never costs a stage.
const LITTLE: u64 = 1 << 13;

/// The nodes that are worth holding, of at most so many bytes in all; those that are read by most others first.
pub(super) fn shared(order: &[Arc<Node>], outputs: &[Arc<Node>], bytes: u64) -> HashSet<u128> {
    let mut held = HashSet::new();
    // Small runs should not pay for the question.
    let small = |node: &Arc<Node>| node.chunks.elements().is_some_and(|n| n < LITTLE);
    let mut left = if order.iter().all(small) { 0 } else { bytes };
    // Each that is held takes what is under it out of its readers' kernels, so the rest is looked at again.
    while left > 0 {
        let marks = Marks::new(order, outputs, &held);
        let evaluations = evaluations(order, &marks);
        let best = order.iter().rev().find(|node| {
            let Some(&times) = evaluations.get(&node.key) else { return false };
            !marks.marked.contains_key(&node.key) && size(node) <= left && gain(node, order, &marks, times) > STAGE
        });
        let Some(best) = best else { break };
        left -= size(best);
        held.insert(best.key);
    }
    held
}

fn size(node: &Node) -> u64 {
    node.chunks.elements().map_or(u64::MAX, |n| n.saturating_mul(node.dtype.size() as u64))
}

/// How often the elements of each node are made, as multiples of its size.
fn evaluations(order: &[Arc<Node>], marks: &Marks) -> HashMap<u128, f64> {
    let elements: HashMap<u128, u64> =
        order.iter().filter_map(|node| Some((node.key, node.chunks.elements()?))).collect();
    let mut times = HashMap::new();
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
fn gain(node: &Node, order: &[Arc<Node>], marks: &Marks, times: f64) -> f64 {
    let Some(extent) = marks.extents.get(&node.key) else { return 0.0 };
    let inside: HashSet<u128> = extent.nodes.iter().map(|(key, _)| *key).collect();
    let cost: f64 = order.iter().filter(|other| inside.contains(&other.key)).map(|other| cost(&other.op)).sum();
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
