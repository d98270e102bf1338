//! Reading and writing at a place of a file, from any thread: no cursor is shared or moved that anyone relies on. And files that
//! are there whole or not at all.

use std::fs::File;
use std::io;

mod whole;

pub(crate) use whole::{WholeFile, write_bytes, write_whole};

/// Fills `to` from the bytes at `at`.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, to: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, to, at)
}

/// Writes all of `from` at `at`.
#[cfg(unix)]
pub(crate) fn write_at(file: &File, from: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, from, at)
}

/// Fills `to` from the bytes at `at`.
#[cfg(windows)]
pub(crate) fn read_at(file: &File, mut to: &mut [u8], mut at: u64) -> io::Result<()> {
    while !to.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, to, at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => (to, at) = (&mut to[n..], at + n as u64),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes all of `from` at `at`.
#[cfg(windows)]
pub(crate) fn write_at(file: &File, mut from: &[u8], mut at: u64) -> io::Result<()> {
    while !from.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, from, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => (from, at) = (&from[n..], at + n as u64),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// There are no files where there is no system.
#[cfg(not(any(unix, windows)))]
pub(crate) fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// As above.
#[cfg(not(any(unix, windows)))]
pub(crate) fn write_at(_: &File, _: &[u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Makes the file `len` bytes long and, where the system can, takes the room for them now: a disk that is too full says so
/// before hours of computing, not after.
pub(crate) fn reserve(file: &File, len: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if len > 0 {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        match fallocate(file, FallocateFlags::empty(), 0, len) {
            // File systems that cannot are as before: the room is found (or not) when bytes are written.
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {}
            Err(error) => return Err(error.into()),
        }
    }
    file.set_len(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_and_read_at_their_place() {
        let file = tempfile::tempfile().unwrap();
        write_at(&file, b"there", 6).unwrap();
        write_at(&file, b"hello", 0).unwrap();
        let mut all = [1; 11];
        read_at(&file, &mut all, 0).unwrap();
        assert_eq!(&all, b"hello\0there");
        assert_eq!(read_at(&file, &mut all, 1).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        reserve(&file, 4).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 4);
        reserve(&file, 1 << 16).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 1 << 16);
        assert!(reserve(&file, u64::MAX).is_err());
    }
}
