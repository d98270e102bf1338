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

use crate::error::{Error, Result};
use crate::graph::Node;
use crate::graph::post_order_while;

/// The rules, in order.
const RULES: &[&dyn Rule] = &[&fold_constants::FoldConstants];

/// The graph after all rules.
///
/// # Errors
/// [`Error::Bug`] where a rule changes the dtype or the chunks of what it rewrites.
pub fn optimize(outputs: &[Arc<Node>]) -> Result<Vec<Arc<Node>>> {
    optimize_while(outputs, &mut || Ok(()))
}

/// [`optimize`] of graphs that may be very large: `step` is asked at each node.
///
/// # Errors
/// As [`optimize`]; what `step` says.
pub fn optimize_while(outputs: &[Arc<Node>], step: &mut dyn FnMut() -> Result<()>) -> Result<Vec<Arc<Node>>> {
    RULES.iter().try_fold(outputs.to_vec(), |outputs, rule| rewrite(&outputs, *rule, step))
}

/// The graph after one rule.
pub(crate) fn rewrite(
    outputs: &[Arc<Node>],
    rule: &dyn Rule,
    step: &mut dyn FnMut() -> Result<()>,
) -> Result<Vec<Arc<Node>>> {
    let mut done: FxHashMap<u128, Arc<Node>> = FxHashMap::default();
    for node in post_order_while(outputs, step)? {
        step()?;
        let same = node.inputs.iter().all(|input| Arc::ptr_eq(&done[&input.key], input));
        let inputs = || node.inputs.iter().map(|input| done[&input.key].clone()).collect();
        let rebuilt =
            if same { node.clone() } else { Node::new(node.op.clone(), inputs(), node.dtype, node.chunks.clone()) };
        let result = rule.apply(&rebuilt).unwrap_or(rebuilt);
        if result.dtype != node.dtype || result.chunks != node.chunks {
            let (before, after) = ((node.dtype, &node.chunks), (result.dtype, &result.chunks));
            return Err(Error::bug(format!(
                "{} made {} {} of {} {}",
                rule.name(),
                after.0,
                after.1,
                before.0,
                before.1
            )));
        }
        done.insert(node.key, result);
    }
    Ok(outputs.iter().map(|output| done[&output.key].clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunks::Chunks;
    use crate::dtype::{DType, Scalar};
    use crate::graph::infer;

    /// Makes everything `f32`.
    struct Wrong;

    impl Rule for Wrong {
        fn name(&self) -> &'static str {
            "wrong"
        }
        fn apply(&self, node: &Arc<Node>) -> Option<Arc<Node>> {
            Some(infer::cast(node, DType::F32))
        }
    }

    #[test]
    fn a_rule_that_changes_a_dtype_is_an_error() {
        let node = infer::full(Scalar::from_f64(DType::F64, 1.0), Chunks::whole(&[3]));
        assert!(
            matches!(rewrite(&[node], &Wrong, &mut || Ok(())), Err(Error::Bug(what)) if what.starts_with("wrong made f32"))
        );
        assert!(optimize(&[]).unwrap().is_empty());
    }
}
