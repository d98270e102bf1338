//! The user's hand: [`Array<T>`], typed over an untyped node of the graph.

mod create;
mod elementwise;
mod histogram;
mod layout;
mod linalg;
mod map;
mod operators;
mod places;
pub mod random;
mod reduce;
mod select;
pub(crate) mod source;
mod typed;

pub use create::{
    IntoShape, arange, arange_step, array, empty, empty_like, eye, eye_offset, from_fn, from_ndarray, from_shared,
    full, full_like, linspace, ones, ones_like, zeros, zeros_like,
};
pub use elementwise::{Operand, where_};
pub use histogram::{Bins, Histogram};
pub use layout::{concatenate, stack};
pub use linalg::dot;
pub use map::{ElementFn, Sym};
pub use places::{Axes, Indices};
pub use typed::Array;
