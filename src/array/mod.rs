//! The user's hand: [`Array<T>`], a [`DynArray`](crate::DynArray) with its element type. Each method is one expression over `functions`.

mod comparison;
mod create;
mod derived;
mod elementwise;
mod exact;
mod histogram;
mod layout;
mod linalg;
mod map;
mod operators;
mod pad;
mod places;
mod quantile;
pub mod random;
mod rearrange;
mod reduce;
mod scan;
mod select;
mod sort;
mod typed;

pub use comparison::{array_equal, array_equiv};
pub use create::{
    Nested, arange, arange_step, array, empty, empty_like, eye, eye_offset, from_fn, from_ndarray, from_shared, full,
    full_like, linspace, ones, ones_like, zeros, zeros_like,
};
pub use derived::{cross, einsum, inner, kron, matvec, outer, tensordot, vdot, vecdot, vecmat};
pub use elementwise::{Operand, where_};
pub use histogram::Histogram;
pub use layout::{concatenate, stack};
pub use linalg::{dot, matmul};
pub use map::{ElementFn, Sym};
pub use rearrange::{broadcast_arrays, column_stack, dstack, hstack, meshgrid, tri, vstack};
pub use typed::Array;
