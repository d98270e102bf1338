//! Builders: one function an operation, each checking its operands and inferring the result.

mod elementwise;
mod histogram;
mod join;
mod layout;
mod reduce;

pub use elementwise::{binary, broadcast_chunks, call, cast, filter, full, random, ternary, unary};
pub(crate) use histogram::edges_between;
pub use histogram::{histogram, uniform_edges};
pub use join::{concatenate, dot, take};
pub use layout::{broadcast_to, contiguous_grid, length, rechunk, reshape, view};
pub use reduce::{axis_number, normalize_axes, normalize_axis, reduce};

use std::sync::Arc;

use super::{HostFunction, Node, Op, Unique};
use crate::chunks::Chunks;
use crate::dtype::DType;

/// A host function of corresponding chunks: along each axis an input has as many chunks as the output, or one.
#[must_use]
pub fn host(function: HostFunction, inputs: Vec<Arc<Node>>, dtype: DType, chunks: Chunks) -> Arc<Node> {
    Node::new(Op::Host(Unique::new(Arc::new(function))), inputs, dtype, chunks)
}
