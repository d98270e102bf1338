//! Lazy, chunked n-d arrays, compiled to fused chunk kernels: the NumPy/Dask programming model for Rust.
//!
//! ```
//! use gridloom::prelude::*;
//! # fn main() -> gridloom::Result<()> {
//! let rng = gridloom::random::Generator::new(42);
//! let x = rng.normal(9.0, 1.0, (5000, 5000)) + gridloom::ones((5000, 5000));
//! let low = x.filter(&x.lt(10.0)?)?; // lazy, of unknown length
//! let (counts, edges) = low.histogram((100, -9.0, 11.0))?.compute()?; // one kernel a chunk, nothing stored
//! assert_eq!(counts.sum(), low.count_nonzero().item()?);
//! # let _ = edges;
//! # Ok(()) }
//! ```

pub mod array;
mod backend;
pub mod chunks;
pub mod diagnostics;
pub mod dtype;
pub mod error;
pub mod graph;
pub mod host;
pub mod ops;
pub mod optimize;
pub mod plan;
pub mod schedule;

pub use array::*;
pub use chunks::{AxisSpec, ChunkSpec, Chunks};
pub use dtype::{DType, Element};
pub use error::{Error, Result};

/// What most programs import: the array type, ndarray's slicing macro, and `Axis`.
pub mod prelude {
    pub use crate::array::{Array, Client, Compute};
    pub use ndarray::{Axis, s};
}
