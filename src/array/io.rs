//! Reading files.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use ndarray_npy::{ReadNpyError, ReadNpyExt, ReadableElement};

use super::Array;
use crate::chunks::ChunkSpec;
use crate::dtype::Element;
use crate::error::{Error, Result};

/// The longest header that is read: NumPy writes a few hundred bytes.
const MAX_HEADER: u64 = 64 << 10;

/// An array from a `.npy` file of exactly this dtype, in memory at once, in `chunks`.
///
/// The header is checked against the file before anything is allocated: a truncated file, or one that claims to be larger
/// than it is, is an error.
///
/// # Errors
/// [`Error::Io`] where the file cannot be read; [`Error::Format`] where it is not a `.npy` file of dtype `T`, or damaged;
/// as [`ChunkSpec::resolve`].
///
/// ```
/// let dem = gridloom::read_npy::<i16>("tests/data/dem.npy", "auto")?;
/// assert_eq!(dem.shape(), Some(vec![344, 403]));
/// assert_eq!(dem.min()?.item()?, 236);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn read_npy<T: Element + ReadableElement>(
    path: impl AsRef<Path>,
    chunks: impl Into<ChunkSpec>,
) -> Result<Array<T>> {
    let path = path.as_ref();
    let (op, name) = ("read_npy", path.display().to_string());
    let io = |source| Error::Io { op, path: name.clone(), source };
    let format = |problem: String| Error::Format { op, path: name.clone(), problem };
    let mut file = File::open(path).map_err(io)?;
    let len = file.metadata().map_err(io)?.len();
    let (header_end, shape, descr) = header(&mut file, len).map_err(|problem| match problem {
        Problem::Io(source) => io(source),
        Problem::Format(problem) => format(problem),
    })?;
    // Without the empty axes first: ndarray takes none whose other axes are too long.
    let full = shape.iter().filter(|&&d| d > 0);
    let bytes = full.clone().try_fold(T::DTYPE.size() as u64, |bytes, &d| bytes.checked_mul(d));
    let bytes = bytes.filter(|&b| b <= i64::MAX as u64).map(|b| if full.count() < shape.len() { 0 } else { b });
    if bytes != Some(len - header_end) {
        let claims = bytes.map_or("more than 2^63 bytes".into(), |b| format!("{b} bytes"));
        let problem = format!(
            "the header claims {shape:?} elements of {descr}, as {} {claims}, but {} bytes follow it; the file is truncated, damaged, or of another dtype",
            T::DTYPE,
            len - header_end
        );
        return Err(format(problem));
    }
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let data = ndarray::ArrayD::<T>::read_npy(std::io::BufReader::new(file)).map_err(|error| match error {
        ReadNpyError::Io(source) => io(source),
        other => format(format!("{other}; the array is read as {}", T::DTYPE)),
    })?;
    super::from_ndarray(data, chunks)
}

enum Problem {
    Io(std::io::Error),
    Format(String),
}
impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Where the header ends, the shape it states and its word for the dtype. The format: NumPy's NEP 1.
fn header(file: &mut File, len: u64) -> Result<(u64, Vec<u64>, String), Problem> {
    let bad = |problem: String| Err(Problem::Format(problem));
    let mut start = [0; 12];
    if len < 10 {
        return bad(format!("{len} bytes are too few for a .npy header"));
    }
    let got = file.read(&mut start)?;
    if got < 10 || &start[..6] != b"\x93NUMPY" {
        return bad("not a .npy file: the magic bytes \\x93NUMPY are missing".into());
    }
    let (size, at) = match start[6] {
        1 => (u64::from(u16::from_le_bytes([start[8], start[9]])), 10),
        2 | 3 => (u64::from(u32::from_le_bytes([start[8], start[9], start[10], start[11]])), 12),
        version => return bad(format!(".npy version {version}; versions 1 to 3 are known")),
    };
    if size > MAX_HEADER || at + size > len {
        return bad(format!("the header claims {size} bytes; the file has {len}, and a header at most {MAX_HEADER}"));
    }
    file.seek(SeekFrom::Start(at))?;
    let mut text = vec![0; size as usize];
    file.read_exact(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let Some((_, shape)) = text.split_once("'shape'").and_then(|(_, rest)| rest.split_once('(')) else {
        return bad("the header has no shape".into());
    };
    let Some((shape, _)) = shape.split_once(')') else {
        return bad("the header's shape does not end".into());
    };
    let dims =
        shape.split(',').map(str::trim).filter(|d| !d.is_empty()).map(str::parse::<u64>).collect::<Result<Vec<_>, _>>();
    match dims {
        Ok(dims) => {
            let descr =
                text.split_once("'descr':").map_or("?", |(_, rest)| rest.split(',').next().unwrap_or("?").trim());
            Ok((at + size, dims, descr.to_owned()))
        }
        Err(_) => bad(format!("the header's shape ({shape}) is not a list of lengths")),
    }
}
