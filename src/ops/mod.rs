//! What an operation *is*: the tables, with no arrays and no devices. Adding a row here is all it takes to add an
//! elementwise function, on both backends.

#![deny(clippy::wildcard_enum_match_arm, reason = "a new variant is looked at wherever it matters")]

#[doc(hidden)]
pub mod binary;
pub(crate) mod cast;
pub(crate) mod fold;
mod function;
pub(crate) mod ladder;
#[doc(hidden)]
pub mod math;
mod moments;
#[doc(hidden)]
pub(crate) mod permutation;
mod philox;
pub mod random;
#[doc(hidden)]
pub mod reduce;
pub(crate) mod running;
pub(crate) mod scalar;
pub mod scan;
pub(crate) mod simd;
pub mod sort;
pub(crate) mod states;
pub(crate) mod strip;
#[doc(hidden)]
pub mod ternary;
#[doc(hidden)]
pub mod unary;
pub(crate) mod wgsl_names;

pub use binary::{BinaryClass, BinaryOp};
pub use function::ElementFunction;
pub use random::{RandomOp, RandomSpec};
pub use reduce::{Empty, Finish, Fold, ReduceOp};
pub use scan::ScanOp;
pub use sort::Sorting;
pub use ternary::{TernaryClass, TernaryOp};
pub use unary::{UnaryClass, UnaryOp};
