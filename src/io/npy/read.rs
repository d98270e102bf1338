//! [`NpyFile`]: a file whose elements are read when they are needed.

use std::fs::{File, Metadata};
use std::path::Path;
use std::sync::Arc;

use super::header::{Header, Problem};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::node::{c_strides, for_each_run};
use crate::graph::{Layout, Source};
use crate::host::HostBuffer;
use crate::platform::file::read_at;
use crate::schedule::copy_box;

const OP: &str = "read_npy";
/// Bytes that are handed out at a time.
const BOUNCE: u64 = 256 << 10;
/// The same for files in Fortran order, whose runs are as long as a piece is along the first axis: longer pieces, fewer reads.
const BOUNCE_FORTRAN: u64 = 8 << 20;

/// An open `.npy` file. It stays open, so that on most systems it can be read even after it was removed or replaced; one whose
/// length changes is noticed and refused.
#[derive(Debug)]
pub(crate) struct NpyFile {
    file: File,
    path: String,
    /// The path's last part, for plans.
    name: String,
    /// Bytes of the file when it was opened.
    len: u64,
    /// Where the elements start.
    data: u64,
    dtype: DType,
    /// Whether the bytes of an element are in the other order than this machine's.
    swapped: bool,
    fortran: bool,
    shape: Vec<u64>,
}

impl NpyFile {
    /// Opens a file, of `dtype` if one is asked for, and checks its header against its length; reads none of its elements.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Format`].
    pub(crate) fn open(path: &Path, dtype: Option<DType>) -> Result<Self> {
        let shown = path.display().to_string();
        let io = |source| Error::Io { op: OP, path: shown.clone(), source };
        let format = |problem: String| Error::Format { op: OP, path: shown.clone(), problem };
        // Looked at before it is opened: opening a pipe waits for somebody to write into it.
        regular(&path.metadata().map_err(io)?).map_err(format)?;
        let file = File::open(path).map_err(io)?;
        let there = file.metadata().map_err(io)?;
        regular(&there).map_err(format)?;
        let len = there.len();
        let header = Header::read(&file, len).map_err(|problem| match problem {
            Problem::Io(source) => io(source),
            Problem::Format(problem) => format(problem),
        })?;
        let (dtype, swapped) = dtype_of(&header, dtype).map_err(format)?;
        check_size(&header, dtype, len).map_err(format)?;
        let name = path.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned());
        let Header { fortran, shape, end: data, .. } = header;
        Ok(Self { file, path: shown.clone(), name, len, data, dtype, swapped, fortran, shape })
    }
    /// What the elements are.
    pub(crate) fn dtype(&self) -> DType {
        self.dtype
    }
    /// The length of each axis.
    pub(crate) fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// Reads a region into `to`, in the file's order of axes; what lies side by side in the file is read at once.
    fn read(&self, region: &[(u64, u64)], mut to: &mut [u8]) -> Result<()> {
        let (mut dims, mut region) = (self.shape.clone(), region.to_vec());
        if self.fortran {
            dims.reverse();
            region.reverse();
        }
        let strides = c_strides(&dims);
        let base = region.iter().zip(&strides).map(|((start, _), stride)| *start as i64 * stride).sum();
        let size = self.dtype.size();
        for_each_run(&shape_of(&region), &Layout { base, strides }, |at, n| {
            let (run, rest) = std::mem::take(&mut to).split_at_mut(n * size);
            to = rest;
            read_at(&self.file, run, self.data + at as u64 * size as u64).map_err(|source| self.failed(source))?;
            self.put_right(run, at as u64)
        })
    }

    /// Turns bytes of the file, from element `first` on, into elements.
    fn put_right(&self, bytes: &mut [u8], first: u64) -> Result<()> {
        if self.swapped {
            bytes.chunks_exact_mut(self.dtype.size()).for_each(<[u8]>::reverse);
        }
        match bytes.iter().position(|&byte| byte > 1) {
            Some(i) if self.dtype == DType::Bool => {
                let element = first + i as u64;
                Err(self
                    .format(format!("element {element} of the file is the byte {:#04x}; a bool is 0 or 1", bytes[i])))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a file that is not as long as it was.
    fn check(&self) -> Result<()> {
        let now = self.file.metadata().map_err(|source| self.io(source))?.len();
        if now == self.len {
            return Ok(());
        }
        let was = self.len;
        Err(self.format(format!("the file had {was} bytes when it was opened and has {now} now; open it again")))
    }
    /// The error of a read that failed: what the system says, unless the file was cut.
    fn failed(&self, source: std::io::Error) -> Error {
        self.check().err().unwrap_or_else(|| self.io(source))
    }
    fn io(&self, source: std::io::Error) -> Error {
        Error::Io { op: OP, path: self.path.clone(), source }
    }
    fn format(&self, problem: String) -> Error {
        Error::Format { op: OP, path: self.path.clone(), problem }
    }
}

impl Source for NpyFile {
    /// The region, in the file's own order: a chunk of a Fortran file has the strides of one, which costs nothing.
    fn chunk(&self, _: &[u64], region: &[(u64, u64)]) -> Result<(Arc<HostBuffer>, Layout, Vec<u64>)> {
        self.check()?;
        let shape = shape_of(region);
        let elements =
            usize::try_from(shape.iter().product::<u64>()).map_err(|_| Error::bug("a chunk beyond memory"))?;
        let mut buffer = HostBuffer::scratch(self.dtype, elements)?;
        self.read(region, buffer.bytes_mut())?;
        Ok((Arc::new(buffer), self.layout(&shape), shape))
    }
    fn describe(&self) -> String {
        format!("npy {}", self.name)
    }
    fn in_memory(&self) -> bool {
        false
    }
    fn in_c_order(&self) -> bool {
        !self.fortran
    }
    fn stream(&self, _: &[u64], region: &[(u64, u64)], take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.check()?;
        let size = self.dtype.size();
        let most = if self.fortran { BOUNCE_FORTRAN } else { BOUNCE } / size as u64;
        let (mut bounce, mut turned) = (vec![], vec![]);
        for_each_box(region, most, |part| {
            let shape = shape_of(part);
            bounce.resize(shape.iter().product::<u64>() as usize * size, 0);
            self.read(part, &mut bounce)?;
            if !self.fortran {
                return take(&bounce);
            }
            turned.resize(bounce.len(), 0);
            copy_box(&bounce, &self.layout(&shape), &mut turned, &Layout::c_order(&shape), &shape, size);
            take(&turned)
        })
    }
}

impl NpyFile {
    /// Where the elements of a region of `shape` lie after [`NpyFile::read`].
    fn layout(&self, shape: &[u64]) -> Layout {
        if !self.fortran {
            return Layout::c_order(shape);
        }
        let reversed: Vec<u64> = shape.iter().rev().copied().collect();
        let mut strides = c_strides(&reversed);
        strides.reverse();
        Layout { base: 0, strides }
    }
}

fn shape_of(region: &[(u64, u64)]) -> Vec<u64> {
    region.iter().map(|(start, end)| end - start).collect()
}

/// Refuses what has no bytes at places.
fn regular(there: &Metadata) -> Result<(), String> {
    match there {
        there if there.is_file() => Ok(()),
        there if there.is_dir() => Err("it is a folder, not a file".to_owned()),
        _ => Err("it is a pipe or a device; a .npy file is read at many places, so copy it into a regular file first"
            .to_owned()),
    }
}

/// What the elements are, and whether their bytes have to be swapped; the problem where they are none of ours, or others than asked for.
fn dtype_of(header: &Header, asked: Option<DType>) -> Result<(DType, bool), String> {
    let Some((own, swapped)) = header.dtype() else {
        let known: Vec<&str> =
            DType::ALL.iter().map(|known| known.name()).filter(|&name| name != DType::BF16.name()).collect();
        return Err(format!("the elements are {}, none of {}", header.descr, known.join(", ")));
    };
    match asked.filter(|&asked| asked != own) {
        Some(asked) => {
            Err(format!("the elements are {} ({own}), not {asked}; read them as {own}, then cast", header.descr))
        }
        None => Ok((own, swapped)),
    }
}

/// All the bytes that the header claims must follow it. More may, as where several arrays were saved into one file.
fn check_size(header: &Header, dtype: DType, len: u64) -> Result<(), String> {
    let Header { shape, descr, end, .. } = header;
    // Without the empty axes first: ndarray takes none whose other axes are too long.
    let full = shape.iter().filter(|&&d| d > 0);
    let bytes = full.clone().try_fold(dtype.size() as u64, |bytes, &d| bytes.checked_mul(d));
    let bytes = bytes.filter(|&b| b <= i64::MAX as u64).map(|b| if full.count() < shape.len() { 0 } else { b });
    if bytes.is_some_and(|bytes| bytes <= len - end) {
        return Ok(());
    }
    let claims = bytes.map_or("more than 2^63 bytes".into(), |b| format!("{b} bytes"));
    Err(format!(
        "the header claims {shape:?} elements of {descr}, as {dtype} {claims}, but {} bytes follow it; the file is truncated or damaged",
        len - end
    ))
}

/// Cuts a region into boxes of at most `most` elements whose elements, box after box, are those of the region in C order.
fn for_each_box(region: &[(u64, u64)], most: u64, mut take: impl FnMut(&[(u64, u64)]) -> Result<()>) -> Result<()> {
    let shape = shape_of(region);
    if shape.contains(&0) {
        return Ok(());
    }
    let (mut whole, mut below) = (shape.len(), 1);
    while whole > 0 && below * shape[whole - 1] <= most {
        whole -= 1;
        below *= shape[whole];
    }
    // Axes from `whole` on fit together; the one before is cut; those before that go one by one.
    let Some(cut) = whole.checked_sub(1) else {
        return take(region);
    };
    let step = (most / below).max(1);
    let mut part = region.to_vec();
    part[..cut].iter_mut().for_each(|(start, end)| *end = *start + 1);
    loop {
        part[cut].1 = (part[cut].0 + step).min(region[cut].1);
        take(&part)?;
        part[cut].0 = part[cut].1;
        let mut k = cut;
        while part[k].0 == region[k].1 {
            part[k] = (region[k].0, region[k].0 + 1);
            let Some(before) = k.checked_sub(1) else {
                return Ok(());
            };
            k = before;
            part[k] = (part[k].0 + 1, part[k].1 + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_the_region_in_c_order() {
        let strides = c_strides(&[9, 9, 9, 9]);
        let places = |region: &[(u64, u64)]| {
            let base = region.iter().zip(&strides).map(|((start, _), s)| *start as i64 * s).sum();
            let layout = Layout { base, strides: strides[..region.len()].to_vec() };
            let mut places = vec![];
            for_each_run(&shape_of(region), &layout, |at, n| -> Result<()> {
                places.extend((0..n as i64).map(|i| at + i * layout.strides.last().copied().unwrap_or(1)));
                Ok(())
            })
            .unwrap();
            places
        };
        for region in [&[][..], &[(2, 7)], &[(0, 0), (1, 2)], &[(1, 4), (0, 5), (2, 3), (3, 9)], &[(3, 4); 4]] {
            for most in [1, 2, 3, 6, 7, 24, 1000] {
                let mut found = vec![];
                for_each_box(region, most, |part| {
                    let own = places(part);
                    assert!(own.len() as u64 <= most && !own.is_empty());
                    found.extend(own);
                    Ok(())
                })
                .unwrap();
                assert_eq!(found, places(region), "{region:?} by {most}");
            }
        }
    }
}
