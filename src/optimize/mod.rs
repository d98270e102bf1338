//! Graph → graph, before planning: one rule a file. A rule changes neither shape, dtype nor chunks of what it rewrites,
//! which is checked after each.
//!
//! What other systems need rules for is in the planner's fusion here: slices and transposes are index maps of the kernel that
//! reads them, so a slice of a random array generates only the slice; a filter is the mask of the reduction that
//! consumes it; equal nodes are one by their structural hash; what nothing reads is never planned.

mod fold_constants;
mod rule;

pub use rule::Rule;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::graph::Node;
use crate::graph::post_order;

/// The rules, in order.
const RULES: &[&dyn Rule] = &[&fold_constants::FoldConstants];

/// The graph after all rules.
#[must_use]
pub fn optimize(outputs: &[Arc<Node>]) -> Vec<Arc<Node>> {
    RULES.iter().fold(outputs.to_vec(), |outputs, rule| rewrite(&outputs, *rule))
}

fn rewrite(outputs: &[Arc<Node>], rule: &dyn Rule) -> Vec<Arc<Node>> {
    let mut done: FxHashMap<u128, Arc<Node>> = FxHashMap::default();
    for node in post_order(outputs) {
        let same = node.inputs.iter().all(|input| Arc::ptr_eq(&done[&input.key], input));
        let inputs = || node.inputs.iter().map(|input| done[&input.key].clone()).collect();
        let rebuilt =
            if same { node.clone() } else { Node::new(node.op.clone(), inputs(), node.dtype, node.chunks.clone()) };
        let result = match rule.apply(&rebuilt) {
            Some(new) if new.dtype == node.dtype && new.chunks == node.chunks => new,
            Some(new) => {
                debug_assert!(
                    false,
                    "{} changed {} {} to {} {}",
                    rule.name(),
                    node.dtype,
                    node.chunks,
                    new.dtype,
                    new.chunks
                );
                rebuilt
            }
            None => rebuilt,
        };
        done.insert(node.key, result);
    }
    outputs.iter().map(|output| done[&output.key].clone()).collect()
}
