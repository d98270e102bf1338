//! The `.npy` format (NumPy's NEP 1): a header in Python's words, then the elements. Files are read by region when a run
//! needs them, and written by region in any order.

mod header;
mod read;
mod write;

pub(super) use read::NpyFile;
pub(crate) use write::NpyWriter;
