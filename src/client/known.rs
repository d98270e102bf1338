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

/// The same graph with nothing left that waits for data. What was found out once is kept until the end: what a node says may hold others
/// as they were before they were known.
///
/// # Errors
/// Whatever the runs meet, and what nodes say; a bug where what takes a node's place has another dtype or other chunks.
pub(crate) fn resolved(client: &Client, nodes: &[Arc<Node>]) -> Result<Vec<Arc<Node>>> {
    let (mut nodes, control) = (nodes.to_vec(), client.control());
    let mut places = Places::default();
    while nodes.iter().any(|node| node.waits) {
        let step = &mut || control.check(0, 0);
        let mut ready: FxHashMap<u128, Arc<Node>> = FxHashMap::default();
        for node in post_order_while(&nodes, step)?.iter().filter(|node| node.is_ready()) {
            if !places.0.contains_key(&node.key) {
                ready.insert(node.key, (*node).clone());
            }
        }
        if !ready.is_empty() {
            places.0.extend(asked(client, &ready)?);
        }
        nodes = rewrite(&nodes, &places, step)?;
    }
    Ok(nodes)
}

/// What nodes that are ready stand for: their inputs are computed together.
fn asked(client: &Client, ready: &FxHashMap<u128, Arc<Node>>) -> Result<FxHashMap<u128, Arc<Node>>> {
    let mut inputs: FxHashMap<u128, Arc<Node>> = FxHashMap::default();
    for input in ready.values().flat_map(|node| &node.inputs) {
        inputs.insert(input.key, input.clone());
    }
    let (keys, inputs): (Vec<u128>, Vec<Arc<Node>>) = inputs.into_iter().unzip();
    let mut values: FxHashMap<u128, (Arc<HostBuffer>, Vec<u64>)> = FxHashMap::default();
    for (key, value) in keys.into_iter().zip(results(client, &inputs).map_err(named)?) {
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

/// The same error, where it is that memory has no room for the result: it is not the caller's.
fn named(error: Error) -> Error {
    match error {
        Error::Memory { pool, doing, needed, limit, .. } if doing == "the result" => {
            let doing = "places or other data that the rest of the graph is decided by".to_owned();
            let hint = "use fewer of them at a time, or raise Client::builder().memory_limit()";
            Error::Memory { pool, doing, needed, limit, hint }
        }
        other => other,
    }
}

/// Nodes that take others' places.
#[derive(Default)]
struct Places(FxHashMap<u128, Arc<Node>>);

impl Rule for Places {
    fn name(&self) -> &'static str {
        "what data decided"
    }
    fn apply(&self, node: &Arc<Node>) -> Option<Arc<Node>> {
        self.0.get(&node.key).cloned()
    }
}
