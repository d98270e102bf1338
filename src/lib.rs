//! Lazy, chunked n-d arrays, compiled to fused chunk kernels: the NumPy/Dask programming model for Rust.
//!
//! An expression is a graph. [`Array::compute`] turns it into *stages* (one fused kernel over a grid of chunks each) and
//! runs them: as WGSL compute shaders on any GPU that wgpu reaches, or as SIMD loops on the CPU, with the same numbers.
//!
//! ```
//! use gridloom::prelude::*;
//! # fn main() -> gridloom::Result<()> {
//! let rng = gridloom::random::Generator::new(42);
//! let x = rng.normal(9.0f64, 1.0, (500, 500)) + gridloom::ones((500, 500));
//! let low = x.filter(&x.lt(10.0))?; // lazy, of unknown length
//! let (counts, edges) = low.histogram((100, -9.0, 11.0))?.compute()?; // one kernel a chunk, nothing stored
//! assert_eq!(counts.sum(), low.count_nonzero().item()?);
//! # let _ = edges;
//! # Ok(()) }
//! ```
//!
//! # How a number is made
//!
//! ```text
//! Array method ─▶ Node (checked) ─▶ rules ─▶ plan: stages ─▶ tasks ─▶ chunk kernels (CPU strips | WGSL) ─▶ your ndarray
//! ```
//!
//! # Words
//!
//! - **array**: a lazy expression with a shape, a dtype and chunks. **chunk**: a rectangular part of an array, what a kernel
//!   makes at a time; the **chunk grid** is how all axes are cut. **region**: start and end on each axis.
//! - **node**, **graph**: an operation and its inputs; immutable. **rule**: a rewrite of the graph.
//! - **plan**: the **stages** of one run. **stage**: one kernel (or host step) over a chunk grid. **task**: one stage on one
//!   output chunk. **piece**: a box of a task over which each input lies in one chunk. **materialised**: made chunk by chunk for whoever
//!   reads it, not written into its readers' kernels.
//! - **domain**: the grid of elements that a stage goes over; of a reduction that is what it reads. **load**: an array that a stage reads,
//!   and how. **family**: the stages of one kind, with their rules in one file of `plan/family`.
//! - **kernel**: what a stage does; **fuse**: write several operations into one kernel. **dispatch**, **workgroup**: a kernel's
//!   run on a device and its groups of threads. **strip**: the elements that one loop of the CPU goes over at a time. **twin**: the same
//!   kernel on the other backend.
//! - **rechunk**: the same array in other chunks. **lift / combine / finish**: the steps of a reduction (element → state,
//!   states → state, state → result).
//! - **upload / download**: to and from a device; **in flight**: begun and not ended.
//! - **compute**: run and return values; **persist**: run and keep chunks; **explain**: say what would run.
//!
//! Functions of values have NumPy's names and rules; indexing and views have ndarray's ([`s!`](ndarray::s), `t`, `dot`,
//! `sum_axis`).
//!
#![doc = include_str!("numpy.md")]
// Whether results can be sent to threads is asked of everything that a chunk on a device is made of, down to the flags of instructions.
#![recursion_limit = "256"]

// Rooms that are hidden from the documentation are open to this crate's tests and tools, and may change with any version.
// Casts between widths of integers that may change a number need a reason in these (see `width.rs`).
#[warn(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
pub mod array;
mod backend;
#[warn(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
pub mod chunks;
#[warn(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
pub mod client;
#[cfg(any(doc, doctest))]
pub mod cookbook;
#[doc(hidden)]
pub mod diagnostics;
#[warn(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
pub mod dtype;
pub mod error;
pub mod event;
#[doc(hidden)]
pub mod fault;
#[warn(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
pub mod functions;
#[warn(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
pub mod graph;
pub mod host;
mod host_array;
#[warn(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
mod io;
#[doc(hidden)]
pub mod monitor;
pub mod ops;
#[doc(hidden)]
#[warn(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
pub mod optimize;
#[doc(hidden)]
pub mod plan;
mod platform;
#[warn(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
pub mod plot;
#[doc(hidden)]
pub mod schedule;
#[warn(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
mod show;
mod text;
mod width;

pub use array::*;
#[cfg(feature = "gpu")]
pub use backend::gpu::{AdapterKind, AdapterSummary, adapters};
pub use chunks::{AxisSpec, ChunkSpec, Chunks};
pub use client::*;
pub use dtype::{DType, Element, bf16, f16};
pub use error::{Error, Result};
pub use functions::{
    Axes, Beyond, Bins, BitOrder, Blocks, Boundary, DynArray, DynOperand, Index, Indexing, Indices, IntoShape, Length,
    Lengths, Overlap, PadMode, Shifts, Sides, Tolerance,
};
pub use host_array::HostArray;
pub use io::{read_npy, read_npy_dyn};
pub use plan::Plan;
pub use schedule::{CancelToken, DeviceStats, KernelReport, Places, RunReport, resident, resident_peak};
pub use show::{ColourBy, explain, visualize};

/// What most programs import: arrays, how they are made and run, and of ndarray its slicing macro, `Axis` and `NewAxis`.
pub mod prelude {
    pub use crate::array::random::Generator;
    pub use crate::array::{Array, arange, where_};
    pub use crate::client::{Client, Compute};
    pub use ndarray::{Axis, NewAxis, s};
}

/// The README's examples, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// What this crate's own tests see of its inside; not for use.
#[cfg(feature = "gpu")]
#[doc(hidden)]
pub mod testing {
    pub use crate::backend::gpu::source as wgsl;
}
