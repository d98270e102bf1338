//! Functions of whole chunks, run on the host.

use std::sync::Arc;

use super::super::{HostFunction, Node, Op, Unique};
use crate::chunks::Chunks;
use crate::dtype::DType;

/// A host function of corresponding chunks: along each axis an input has as many chunks as the output, or one.
#[must_use]
pub fn host(function: HostFunction, inputs: Vec<Arc<Node>>, dtype: DType, chunks: Chunks) -> Arc<Node> {
    let key = function.key;
    let function = Arc::new(function);
    let function = key.map_or_else(|| Unique::new(function.clone()), |key| Unique::keyed(function.clone(), key));
    Node::new(Op::Host(function), inputs, dtype, chunks)
}
