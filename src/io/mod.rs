//! Reading and writing files.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "lengths are compared with the file's where they are read"
)]
mod npy;

use npy::{NpyFile, NpyWriter};

use crate::array::Array;
use crate::chunks::{ChunkSpec, Chunks};
use crate::client::{Client, Target, execute, resolved};
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::functions::{DynArray, source};
use crate::plan::Plan;
use crate::schedule::{Access, ChunkValue, Sink};

/// An array over a `.npy` file of exactly this dtype, in `chunks`. It may be larger than memory: only the header is read now
/// (and checked against the file: a truncated file, or one that claims to be larger than it is, is an error); elements are
/// read whenever a run needs them, a chunk at a time. C and Fortran order and both byte orders are read, and shapes without
/// elements. `bool`s are the bytes 0 and 1; computing refuses others. As in NumPy, bytes after the array are left alone: of several
/// arrays saved into one file, the first is read.
///
/// The file stays open as long as arrays use it, and should not change meanwhile. One that was removed or replaced by another is
/// still read as it was, where the system allows that; one whose length changed is refused when computing. For a file that
/// several computations read, [`Array::persist`] keeps the elements in memory.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) where the file cannot be read; [`Error::Format`](crate::Error::Format) where it is not a
/// `.npy` file of dtype `T`, damaged, or no regular file (pipes cannot be read at places); as [`ChunkSpec::resolve`].
///
/// ```
/// let dem = gridloom::read_npy::<i16>("tests/data/dem.npy", "auto")?;
/// assert_eq!(dem.shape(), Some(vec![344, 403]));
/// assert_eq!(dem.min()?.item()?, 236);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[doc(alias = "load")]
pub fn read_npy<T: Element>(path: impl AsRef<Path>, chunks: impl Into<ChunkSpec>) -> Result<Array<T>> {
    open(path.as_ref(), Some(T::DTYPE), &chunks.into()).map(Array::wrap)
}

/// [`read_npy`] of a file of any dtype that there is an array of.
///
/// # Errors
/// As [`read_npy`], but for a certain dtype.
///
/// ```
/// let dem = gridloom::read_npy_dyn("tests/data/dem.npy", "auto")?;
/// assert_eq!(dem.dtype(), gridloom::DType::I16);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn read_npy_dyn(path: impl AsRef<Path>, chunks: impl Into<ChunkSpec>) -> Result<DynArray> {
    open(path.as_ref(), None, &chunks.into())
}

fn open(path: &Path, dtype: Option<DType>, chunks: &ChunkSpec) -> Result<DynArray> {
    let file = NpyFile::open(path, dtype)?;
    let dtype = file.dtype();
    let chunks = chunks.resolve(file.shape(), dtype)?;
    Ok(source::over(file, dtype, chunks))
}

impl<T: Element> Array<T> {
    /// Computes the array into a `.npy` file, chunk by chunk as they are made: neither the array nor the file has to fit memory. The file
    /// appears whole, in place of an older one, or not at all; what a process that was killed left unfinished is removed at once or
    /// by the next write into the folder. As with other programs, the system brings it to the disk in its own time: to have it there
    /// after a loss of power, open it and call [`sync_all`](std::fs::File::sync_all).
    ///
    /// Links are followed. The new file has the permissions of one it replaces and, where the system lets it, owner and group.
    /// It is a new file all the same: other names (hard links) of the old one, and arrays that read it, keep the old elements.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be written, is read-only, or no regular file; [`Error::UnknownLength`] for an array of
    /// unknown length, whose header cannot be written first; [`Error::Format`] for more axes than a header holds (21,000); whatever
    /// the run meets.
    ///
    /// ```
    /// let path = std::env::temp_dir().join("gridloom-to_npy.npy");
    /// gridloom::arange::<f64>(1000).reshape([10, 100])?.to_npy(&path)?;
    /// assert_eq!(gridloom::read_npy::<f64>(&path, "auto")?.sum().item()?, 499_500.0);
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "save")]
    pub fn to_npy(&self, path: impl AsRef<Path>) -> Result<()> {
        self.to_npy_with(&Client::get_default()?, path)
    }
    /// [`Array::to_npy`] on a client.
    ///
    /// # Errors
    /// As [`Array::to_npy`].
    pub fn to_npy_with(&self, client: &Client, path: impl AsRef<Path>) -> Result<()> {
        self.as_dyn().to_npy_with(client, path)
    }
}

impl DynArray {
    /// Computes the array into a `.npy` file, on the default client: see [`Array::to_npy`].
    ///
    /// # Errors
    /// As [`Array::to_npy`].
    #[doc(alias = "save")]
    pub fn to_npy(&self, path: impl AsRef<Path>) -> Result<()> {
        self.to_npy_with(&Client::get_default()?, path)
    }
    /// [`to_npy`](Self::to_npy) on a client.
    ///
    /// # Errors
    /// As [`Array::to_npy`].
    pub fn to_npy_with(&self, client: &Client, path: impl AsRef<Path>) -> Result<()> {
        let Some(shape) = self.chunks().shape() else {
            let hint = "write what it is filtered from";
            return Err(Error::UnknownLength { op: "to_npy", shape: self.node().dims(), hint });
        };
        let writer = NpyWriter::create(path.as_ref(), self.dtype(), &shape)?;
        let target = Arc::new(IntoFile { writer: RwLock::new(Some(writer)), grid: Mutex::new(self.chunks().clone()) });
        execute(client, &resolved(client, &[self.node().clone()])?, target.clone())?;
        let writer = target.writer.write().unwrap_or_else(PoisonError::into_inner).take();
        writer.ok_or_else(|| Error::bug("a file that was finished twice"))?.finish()
    }
}

/// Writes chunks where they belong in a file.
struct IntoFile {
    /// Taken when the run is over.
    writer: RwLock<Option<NpyWriter>>,
    grid: Mutex<Chunks>,
}

impl Sink for IntoFile {
    fn take(&self, _: usize, chunk: u64, value: &Arc<ChunkValue>, mut access: Access<'_>) -> Result<()> {
        let region = {
            let grid = self.grid.lock().unwrap_or_else(PoisonError::into_inner);
            grid.region(&grid.coord(chunk))
        };
        let elements = access.elements(value, "writing a chunk")?;
        match &*self.writer.read().unwrap_or_else(PoisonError::into_inner) {
            Some(writer) => writer.write_region(&region, elements.buffer.bytes()),
            None => Err(Error::bug("a chunk of a file that is finished")),
        }
    }
}
impl Target for IntoFile {
    fn begin(&self, plan: &Plan) -> Result<()> {
        *self.grid.lock().unwrap_or_else(PoisonError::into_inner) = plan.stages[plan.outputs[0]].chunks.clone();
        Ok(())
    }
    fn bytes(&self) -> u64 {
        0
    }
}
