//! Builders: one function an operation, each checking its operands and inferring the result.

mod elementwise;
mod histogram;
mod host;
mod join;
mod layout;
mod reduce;
mod scan;
mod select;
mod sort;

pub use elementwise::{binary, broadcast_chunks, call, cast, full, random, ternary, unary};
pub(crate) use histogram::edges_between;
pub use histogram::{histogram, uniform_edges};
pub use host::host;
pub(crate) use join::taken;
pub use join::{concatenate, dot, take};
pub use layout::{broadcast_to, contiguous_grid, length, rechunk, reshape, view};
pub use reduce::{axis_number, normalize_axes, normalize_axis, reduce};
pub use scan::{diff, scan};
pub use select::{filter, filter_axis};
pub use sort::sort;
