//! [`Rule`]: what rewrites of the graph have in common.

use std::sync::Arc;

use crate::graph::Node;

/// A rewrite of one node whose inputs are already rewritten; `None` leaves it.
pub trait Rule {
    /// The name in error messages.
    fn name(&self) -> &'static str;
    /// The node that takes its place.
    fn apply(&self, node: &Arc<Node>) -> Option<Arc<Node>>;
}
