//! [`NpyWriter`]: a file that is written by region, from any thread, and takes its name once it is whole.

use std::path::Path;

use super::header::Header;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::Layout;
use crate::graph::node::{c_strides, for_each_run};
use crate::platform::file::{WholeFile, reserve, write_at};

const OP: &str = "to_npy";

/// A `.npy` file in the making. Dropped before [`NpyWriter::finish`] it leaves nothing, and a file that was there is as it was.
#[derive(Debug)]
pub(crate) struct NpyWriter {
    file: WholeFile,
    /// As the user gave it.
    path: String,
    /// Where the elements start.
    data: u64,
    dtype: DType,
    shape: Vec<u64>,
}

impl NpyWriter {
    /// Starts a file of `shape` elements of `dtype`, and takes the room for all of it where the system can.
    ///
    /// # Errors
    /// [`Error::Io`]: a folder that is not there or cannot be written, a full disk, a path that is read-only or no regular file.
    /// [`Error::Format`] for more axes than a header holds.
    pub(crate) fn create(path: &Path, dtype: DType, shape: &[u64]) -> Result<Self> {
        let shown = path.display().to_string();
        let io = |source| Error::Io { op: OP, path: shown.clone(), source };
        let header =
            Header::bytes(dtype, shape).map_err(|problem| Error::Format { op: OP, path: shown.clone(), problem })?;
        let bytes = shape.iter().try_fold(dtype.size() as u64, |bytes, &d| bytes.checked_mul(d));
        let len = bytes.and_then(|bytes| bytes.checked_add(header.len() as u64));
        let len = len.ok_or_else(|| io(std::io::ErrorKind::FileTooLarge.into()))?;
        let file = WholeFile::create(path).map_err(io)?;
        reserve(file.file(), len).map_err(io)?;
        write_at(file.file(), &header, 0).map_err(io)?;
        Ok(Self { file, path: shown, data: header.len() as u64, dtype, shape: shape.to_vec() })
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
            write_at(self.file.file(), run, at).map_err(|source| self.io(source))
        })
    }

    /// Gives the file its name, in one step: whoever looks finds the old file or the whole of the new one. Regions that were not
    /// written are zeros.
    ///
    /// # Errors
    /// [`Error::Io`]; nothing is left then.
    pub(crate) fn finish(self) -> Result<()> {
        let Self { file, path, .. } = self;
        file.finish().map_err(|source| Error::Io { op: OP, path, source })
    }

    fn io(&self, source: std::io::Error) -> Error {
        Error::Io { op: OP, path: self.path.clone(), source }
    }
}

#[cfg(test)]
mod tests;
