//! [`NpyWriter`]: a file that is written by region, from any thread, and takes its name once it is whole.

use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::header::Header;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::file::{reserve, write_at};
use crate::graph::Layout;
use crate::graph::node::{c_strides, for_each_run};

const OP: &str = "to_npy";

/// A `.npy` file in the making: a temporary file in the folder of the one it is to be. Dropped before [`NpyWriter::finish`] it
/// leaves nothing, and a file that was there is as it was.
#[derive(Debug)]
pub(crate) struct NpyWriter {
    file: NamedTempFile,
    path: PathBuf,
    /// Where the elements start.
    data: u64,
    dtype: DType,
    shape: Vec<u64>,
}

impl NpyWriter {
    /// Starts a file of `shape` elements of `dtype`, and takes the room for all of it where the system can.
    ///
    /// # Errors
    /// [`Error::Io`]: a folder that is not there or cannot be written, a full disk, a path that is no regular file.
    pub(crate) fn create(path: &Path, dtype: DType, shape: &[u64]) -> Result<Self> {
        let io = |source| Error::Io { op: OP, path: path.display().to_string(), source };
        // A link is followed, as by other writers; devices and folders are not replaced by a file.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if target.metadata().is_ok_and(|there| !there.is_file()) {
            return Err(io(std::io::Error::other("it is there already and no regular file")));
        }
        let header = Header::bytes(dtype, shape);
        let bytes = shape.iter().try_fold(dtype.size() as u64, |bytes, &d| bytes.checked_mul(d));
        let len = bytes.and_then(|bytes| bytes.checked_add(header.len() as u64));
        let len = len.ok_or_else(|| io(std::io::ErrorKind::FileTooLarge.into()))?;
        let file = temporary(&target).map_err(io)?;
        reserve(file.as_file(), len).map_err(io)?;
        write_at(file.as_file(), &header, 0).map_err(io)?;
        Ok(Self { file, path: target, data: header.len() as u64, dtype, shape: shape.to_vec() })
    }

    /// Writes a region's elements, given in C order. Regions may come in any order, from any thread.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Bug`] for a region outside the shape, or other bytes than it has.
    pub(crate) fn write_region(&self, region: &[(u64, u64)], mut bytes: &[u8]) -> Result<()> {
        let inside = region.len() == self.shape.len()
            && region.iter().zip(&self.shape).all(|((start, end), len)| start <= end && end <= len);
        let shape: Vec<u64> = region.iter().map(|(start, end)| end.saturating_sub(*start)).collect();
        let size = self.dtype.size();
        if !inside || bytes.len() as u64 != shape.iter().product::<u64>() * size as u64 {
            let given = bytes.len();
            return Err(Error::bug(format!("{given} bytes written to {region:?} of a file of {:?}", self.shape)));
        }
        let strides = c_strides(&self.shape);
        let base = region.iter().zip(&strides).map(|((start, _), stride)| *start as i64 * stride).sum();
        for_each_run(&shape, &Layout { base, strides }, |at, n| {
            let (run, rest) = bytes.split_at(n * size);
            bytes = rest;
            let at = self.data + at as u64 * size as u64;
            write_at(self.file.as_file(), run, at).map_err(|source| self.io(source))
        })
    }

    /// Makes sure that everything is on disk and gives the file its name, in one step: whoever looks finds the old file or the
    /// whole of the new one. Regions that were not written are zeros.
    ///
    /// # Errors
    /// [`Error::Io`]; nothing is left then.
    pub(crate) fn finish(self) -> Result<()> {
        self.file.as_file().sync_all().map_err(|source| self.io(source))?;
        let path = self.path;
        let failed =
            |error: tempfile::PersistError| Error::Io { op: OP, path: path.display().to_string(), source: error.error };
        self.file.persist(&path).map(drop).map_err(failed)
    }

    fn io(&self, source: std::io::Error) -> Error {
        Error::Io { op: OP, path: self.path.display().to_string(), source }
    }
}

/// A temporary file beside `path`, with the permissions of a file that is newly made (others' are for the owner only).
fn temporary(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".gridloom-").suffix(".npy.part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests;
