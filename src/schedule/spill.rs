//! [`Spill`]: chunks that memory has no room for, in one file that nobody else sees.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::extents::{Extent, Extents};
use crate::error::{Error, Result};
use crate::fault::{Faults, Point};
use crate::platform::file::{read_at, write_at};

/// A place on disk for chunks: one file without a name (thousands of chunks would be more files than a process may open),
/// which the system removes however the program ends. What is given back is used again, or makes the file shorter. Cloning
/// shares it; all of it may be used from any thread.
#[derive(Clone, Debug)]
pub(crate) struct Spill {
    shared: Arc<Shared>,
}

struct Shared {
    file: File,
    /// The folder, for errors: the file has no name.
    folder: String,
    extents: Mutex<Extents>,
    faults: Arc<Faults>,
    written: AtomicU64,
    read: AtomicU64,
    held: AtomicU64,
    peak: AtomicU64,
}

/// What a [`Spill`] has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SpillStats {
    /// Bytes written, in all.
    pub(crate) written_bytes: u64,
    /// Bytes read back, in all.
    pub(crate) read_bytes: u64,
    /// Bytes of the chunks that are held now.
    pub(crate) held_bytes: u64,
    /// Most bytes that were held at one time.
    pub(crate) peak_bytes: u64,
    /// The length of the file now: what is held, and holes between.
    pub(crate) file_bytes: u64,
}

impl Spill {
    /// Opens a file in `folder` (made if it is not there), or in the system's folder for temporary files, which may be in
    /// memory itself: a real disk has to be named where it is.
    ///
    /// # Errors
    /// [`Error::Io`] where the folder cannot be made or nothing can be written there.
    pub(crate) fn new(folder: Option<PathBuf>, faults: Arc<Faults>) -> Result<Self> {
        let folder = folder.unwrap_or_else(std::env::temp_dir);
        let path = folder.display().to_string();
        let file = std::fs::create_dir_all(&folder)
            .and_then(|()| tempfile::tempfile_in(&folder))
            .and_then(|file| probe(&file).map(|()| file))
            .map_err(|source| Error::Io { op: "spill", path: path.clone(), source })?;
        let counter = || AtomicU64::new(0);
        let shared = Shared {
            file,
            folder: path,
            extents: Mutex::default(),
            faults,
            written: counter(),
            read: counter(),
            held: counter(),
            peak: counter(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Writes a chunk's bytes.
    ///
    /// # Errors
    /// [`Error::Io`], above all of a full disk; nothing is kept of the chunk then.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<SpillFile> {
        let shared = &self.shared;
        let len = bytes.len() as u64;
        let extent = shared.extents().take(len).ok_or_else(|| shared.io(io::ErrorKind::FileTooLarge.into()))?;
        let held = shared.held.fetch_add(len, Ordering::Relaxed) + len;
        shared.peak.fetch_max(held, Ordering::Relaxed);
        // From here on dropping it gives the extent back.
        let chunk = SpillFile { shared: shared.clone(), extent, bytes: len, sum: crc32fast::hash(bytes) };
        shared.pass(Point::SpillWrite)?;
        write_at(&shared.file, bytes, extent.start).map_err(|source| shared.io(source))?;
        shared.written.fetch_add(len, Ordering::Relaxed);
        Ok(chunk)
    }

    /// What it has done so far.
    pub(crate) fn stats(&self) -> SpillStats {
        let shared = &self.shared;
        SpillStats {
            written_bytes: shared.written.load(Ordering::Relaxed),
            read_bytes: shared.read.load(Ordering::Relaxed),
            held_bytes: shared.held.load(Ordering::Relaxed),
            peak_bytes: shared.peak.load(Ordering::Relaxed),
            file_bytes: shared.extents().end(),
        }
    }
}

/// Shows that the file takes bytes: a full disk lets files be made all the same.
fn probe(file: &File) -> io::Result<()> {
    write_at(file, &[0], 0)?;
    file.set_len(0)
}

impl Shared {
    /// Nothing is done under this lock that could leave it half done.
    fn extents(&self) -> std::sync::MutexGuard<'_, Extents> {
        self.extents.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn io(&self, source: io::Error) -> Error {
        Error::Io { op: "spill", path: self.folder.clone(), source }
    }
    fn pass(&self, point: Point) -> Result<()> {
        if self.faults.hit(point) { Err(self.io(io::Error::other("injected"))) } else { Ok(()) }
    }
}
impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "spill file in {}", self.folder)
    }
}

/// A chunk's bytes on disk, until it is dropped.
#[derive(Debug)]
pub(crate) struct SpillFile {
    shared: Arc<Shared>,
    extent: Extent,
    bytes: u64,
    /// CRC-32 of the bytes: disks and file systems do return what was never written.
    sum: u32,
}

impl SpillFile {
    /// How many bytes there are.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads the bytes back into a buffer of their length, as often as wanted.
    ///
    /// # Errors
    /// [`Error::Io`] where they cannot be read, [`Error::Format`] where they are not those that were written (`to` holds no
    /// sensible bytes then), [`Error::Bug`] for a buffer of another length.
    pub(crate) fn read_into(&self, to: &mut [u8]) -> Result<()> {
        let shared = &self.shared;
        if to.len() as u64 != self.bytes {
            return Err(Error::bug(format!("{} spilled bytes read into a buffer of {}", self.bytes, to.len())));
        }
        shared.pass(Point::SpillRead)?;
        read_at(&shared.file, to, self.extent.start).map_err(|source| shared.io(source))?;
        let sum = crc32fast::hash(to);
        if sum != self.sum {
            let problem = format!(
                "{} bytes at {} were written with checksum {:08x} and read with {sum:08x}; the disk or something else changed them",
                self.bytes, self.extent.start, self.sum
            );
            return Err(Error::Format { op: "spill", path: shared.folder.clone(), problem });
        }
        shared.read.fetch_add(self.bytes, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for SpillFile {
    fn drop(&mut self) {
        let shared = &self.shared;
        shared.held.fetch_sub(self.bytes, Ordering::Relaxed);
        let mut extents = shared.extents();
        if extents.give_back(self.extent) {
            // Under the lock: nobody may be given the part that is cut off. A file that stays longer is no harm.
            let _ = shared.file.set_len(extents.end());
        }
    }
}

#[cfg(test)]
mod tests;
