//! Graphs that data decides: a node that says what it is once its inputs are known (`HostFunction::next`) is asked before the run is planned.
//! Its inputs are computed in a run of their own, under the same budget; what it says takes its place, and may wait for data in turn.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::collector::results;
use super::handle::Client;
use crate::error::{Error, Result};
use crate::graph::{Node, post_order_while};
use crate::host::HostBuffer;
use crate::optimize::{Rule, rewrite};

/// Runs before it is said that a graph never comes to an end.
const MOST: usize = 64;

/// The same graph with nothing left that waits for data.
///
/// # Errors
/// Whatever the runs meet, and what nodes say; a bug where what takes a node's place has another dtype or other chunks.
pub(crate) fn resolved(client: &Client, nodes: &[Arc<Node>]) -> Result<Vec<Arc<Node>>> {
    let (mut nodes, control) = (nodes.to_vec(), client.control());
    for _ in 0..MOST {
        if !nodes.iter().any(|node| node.waits) {
            return Ok(nodes);
        }
        let step = &mut || control.check(0, 0);
        let mut ready: FxHashMap<u128, Arc<Node>> = FxHashMap::default();
        for node in post_order_while(&nodes, step)?.iter().filter(|node| node.is_ready()) {
            ready.insert(node.key, (*node).clone());
        }
        let made = asked(client, &ready)?;
        nodes = rewrite(&nodes, &Places(made), step)?;
    }
    Err(Error::bug(format!("a graph that waits for data after {MOST} runs")))
}

/// What nodes that are ready stand for: their inputs are computed together.
fn asked(client: &Client, ready: &FxHashMap<u128, Arc<Node>>) -> Result<FxHashMap<u128, Arc<Node>>> {
    let mut inputs: FxHashMap<u128, Arc<Node>> = FxHashMap::default();
    for input in ready.values().flat_map(|node| &node.inputs) {
        inputs.insert(input.key, input.clone());
    }
    let (keys, inputs): (Vec<u128>, Vec<Arc<Node>>) = inputs.into_iter().unzip();
    let mut values: FxHashMap<u128, (Arc<HostBuffer>, Vec<u64>)> = FxHashMap::default();
    for (key, value) in keys.into_iter().zip(results(client, &inputs)?) {
        let value = value.into_host(client)?;
        let shape = value.shape().iter().map(|&len| len as u64).collect();
        values.insert(key, (Arc::new(value.into_buffer()), shape));
    }
    let mut made = FxHashMap::default();
    for (&key, node) in ready {
        let own: Vec<_> = node.inputs.iter().map(|input| values[&input.key].clone()).collect();
        if let Some(next) = node.op.next() {
            made.insert(key, next(&own)?);
        }
    }
    Ok(made)
}

/// Nodes that take others' places.
struct Places(FxHashMap<u128, Arc<Node>>);

impl Rule for Places {
    fn name(&self) -> &'static str {
        "what data decided"
    }
    fn apply(&self, node: &Arc<Node>) -> Option<Arc<Node>> {
        self.0.get(&node.key).cloned()
    }
}
