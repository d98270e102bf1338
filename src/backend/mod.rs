//! How one kernel runs on one chunk. Each backend has the same file names, and a `match` over
//! [`Kernel`](crate::plan::kernel::Kernel) without a default arm: a missing twin does not compile. Backends know
//! kernels and pieces; graph and arrays are unknown to them, and they to each other.

#![deny(clippy::wildcard_enum_match_arm, reason = "a new variant is looked at wherever it matters")]

pub(crate) mod adapter;
pub(crate) mod cpu;
#[cfg(feature = "gpu")]
pub(crate) mod gpu;
#[cfg(feature = "gpu")]
pub(crate) mod several;
pub(crate) mod span;
