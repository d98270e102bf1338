//! Which runs are over on the CPU before a device would have begun: small ones whose data is on the host.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::graph::{Node, Op};
use crate::schedule::ChunkValue;

/// Elements that all operations of a small run make together: 130 µs of one core at a nanosecond each, which is an estimate for all of them.
/// A compute of a hundred elements took 260 µs on an H200, nearly all of it the way there and back.
const ELEMENTS: u64 = 1 << 17;
/// Operations and chunks of a small run: looking at more takes longer than it may gain.
const NODES: usize = 64;
const CHUNKS: u64 = 16;

/// Whether a run of these nodes is small, and reads nothing that a device alone has.
pub(super) fn is_small(nodes: &[Arc<Node>]) -> bool {
    let (mut seen, mut elements) = (FxHashSet::default(), 0u64);
    let mut open: Vec<&Arc<Node>> = nodes.iter().collect();
    while let Some(node) = open.pop() {
        if !seen.insert(node.key) {
            continue;
        }
        elements = elements.saturating_add(made(node));
        if elements > ELEMENTS || seen.len() > NODES || !is_here(node) {
            return false;
        }
        open.extend(&node.inputs);
    }
    true
}

/// Elements that a node makes; of a product, multiplications. What has an unknown length has no more than its mask, which is counted
/// itself.
fn made(node: &Node) -> u64 {
    let elements = node.chunks.elements().unwrap_or(0);
    match (&node.op, node.inputs.first()) {
        (Op::Dot, Some(a)) => {
            let summed = a.chunks.dims().last().copied().flatten().unwrap_or(u64::MAX);
            elements.saturating_mul(summed)
        }
        _ => elements,
    }
}

/// Whether a node reads nothing that is on a device alone.
fn is_here(node: &Node) -> bool {
    let Op::Source(source) = &node.op else { return true };
    let Some(grid) = source.value.grid().filter(|_| source.value.is_kept()) else { return true };
    let on_host = |chunk: u64| {
        let value = source.value.kept(&grid.coord(chunk)).and_then(|value| value.downcast::<ChunkValue>().ok());
        value.is_some_and(|value| !value.is_on_device_alone())
    };
    grid.count() <= CHUNKS && (0..grid.to_make()).all(on_host)
}
