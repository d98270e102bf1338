//! Reading files.

use std::path::Path;

use super::npy::NpyFile;
use super::{Array, source};
use crate::chunks::ChunkSpec;
use crate::dtype::Element;
use crate::error::Result;

/// An array over a `.npy` file of exactly this dtype, in `chunks`. It may be larger than memory: only the header is read now
/// (and checked against the file: a truncated file, or one that claims to be larger than it is, is an error); elements are
/// read whenever a run needs them, a chunk at a time. C and Fortran order and both byte orders are read, and shapes without
/// elements. `bool`s are the bytes 0 and 1; computing refuses others.
///
/// The file stays open as long as arrays use it, and should not change meanwhile. One that was removed or replaced by another is
/// still read as it was, where the system allows that; one whose length changed is refused when computing. For a file that
/// several computations read, [`Array::persist`] keeps the elements in memory.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) where the file cannot be read; [`Error::Format`](crate::Error::Format) where it is not a
/// `.npy` file of dtype `T`, or damaged; as [`ChunkSpec::resolve`].
///
/// ```
/// let dem = gridloom::read_npy::<i16>("tests/data/dem.npy", "auto")?;
/// assert_eq!(dem.shape(), Some(vec![344, 403]));
/// assert_eq!(dem.min()?.item()?, 236);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn read_npy<T: Element>(path: impl AsRef<Path>, chunks: impl Into<ChunkSpec>) -> Result<Array<T>> {
    let file = NpyFile::open(path.as_ref(), T::DTYPE)?;
    let chunks = chunks.into().resolve(file.shape(), T::DTYPE)?;
    Ok(Array::wrap(source::node(file, T::DTYPE, chunks)))
}
