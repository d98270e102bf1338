//! [`WholeFile`]: a file that appears whole, or not at all.
//!
//! While it is written it has no name where the system allows that (Linux, on most file systems), so nothing is left of it
//! whenever its process ends. Elsewhere it is a part with a name of its own beside the file it is to be. A part is locked while
//! its process lives: whoever writes into the folder next removes the parts whose lock is free.

use std::fs::{self, File, Metadata};
use std::io::{self, Error, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

/// What names of parts begin and end with.
const PART: (&str, &str) = (".gridloom-", ".part");
/// Links that are followed, as many as the system would.
const LINKS: usize = 40;

/// A file in the making. Dropped before [`WholeFile::finish`] it leaves nothing, and a file that was there is as it was.
#[derive(Debug)]
pub(crate) struct WholeFile {
    file: File,
    /// Where it is meanwhile, if it has a name. Removed when dropped.
    part: Option<TempPath>,
    /// What it is to be, links followed.
    target: PathBuf,
}

impl WholeFile {
    /// Starts a file that is to be at `path`, or where the link there leads. A file that is there is replaced at the end, and
    /// must be one that may be written.
    ///
    /// # Errors
    /// A folder that is not there or cannot be written; at `path`, a file that is read-only, or no regular file.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Self::start(path, unnamed)
    }

    fn start(path: &Path, unnamed: fn(&Path, u32) -> Option<File>) -> io::Result<Self> {
        let target = followed(path)?;
        let there = look(&target)?;
        if let Some(there) = &there {
            if !there.is_file() {
                let what = if there.is_dir() { "it is a folder" } else { "it is there already and no regular file" };
                return Err(Error::other(what));
            }
            // To replace it is to write it, though only the folder would have to be writable.
            File::options().write(true).open(&target)?;
        }
        let folder = folder(&target);
        remove_stale(folder);
        // What replaces a private file is private from the start.
        let mode = if there.is_some() { 0o600 } else { 0o666 };
        let (file, part) = match unnamed(folder, mode) {
            Some(file) => (file, None),
            None => named(folder, mode).map(|(file, part)| (file, Some(part)))?,
        };
        Ok(Self { file, part, target })
    }

    /// For writing it.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives it its name in one step: whoever looks finds the old file or the whole of the new one. It takes the permissions of
    /// a file that was there, and owner and group where the system lets it. The disk is not waited for: that took longer than
    /// all the rest, and keeps a file only from the loss of power.
    ///
    /// # Errors
    /// From the system; nothing is left then.
    pub(crate) fn finish(self) -> io::Result<()> {
        let there = look(&self.target)?;
        if let Some(there) = &there {
            take_over(&self.file, there)?;
        }
        let part = match self.part {
            Some(part) => part,
            // A link replaces nothing: a second name is needed for that.
            None if there.is_none() && link(&self.file, &self.target).is_ok() => return Ok(()),
            None => builder(0).make_in(folder(&self.target), |part| link(&self.file, part))?.into_temp_path(),
        };
        part.persist(&self.target).map_err(|failed| failed.error)
    }
}

/// Writes a file as a whole: a new one, or in place of an old one. What is at `path` and no regular file, as a terminal or a
/// pipe, is written to as it is.
///
/// # Errors
/// As [`WholeFile::create`]; whatever `write` fails with.
pub(crate) fn write_whole(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    if look(path)?.is_some_and(|there| !there.is_file() && !there.is_dir()) {
        return write(&File::options().write(true).open(path)?);
    }
    let whole = WholeFile::create(path)?;
    write(whole.file())?;
    whole.finish()
}

/// [`write_whole`] of bytes.
///
/// # Errors
/// As [`write_whole`].
pub(crate) fn write_bytes(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    write_whole(path, |mut file| file.write_all(bytes.as_ref()))
}

/// What is at a path, links followed; nothing where there is nothing.
fn look(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where a path leads: also a link to what is not there.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut at = std::path::absolute(path)?;
    for _ in 0..LINKS {
        match fs::read_link(&at) {
            Ok(to) => at = folder(&at).join(to),
            Err(_) => return Ok(at),
        }
    }
    // The system has words for a circle.
    fs::metadata(path).and_then(|_| Err(Error::other("too many links"))).map(|()| at)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes parts, with such permissions where they are made anew.
fn builder(mode: u32) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART.0).suffix(PART.1);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

/// A file without a name, locked, that can get one later; none where there are no such files.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, mode: u32) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = File::from(open(folder, flags, Mode::from_raw_mode(mode)).ok()?);
    // It is named through the process's own folder, which a container may lack.
    fs::metadata(own_path(&file)).ok()?;
    // Nobody else can hold the lock; file systems without locks keep no stale parts apart, and nothing is removed there.
    let _ = file.try_lock();
    Some(file)
}
#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path, _: u32) -> Option<File> {
    None
}

/// Gives an unnamed file a name that is not taken.
#[cfg(target_os = "linux")]
fn link(file: &File, name: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    Ok(linkat(CWD, own_path(file), CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}
#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
#[cfg(target_os = "linux")]
fn own_path(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd as _;
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

/// A part, locked.
fn named(folder: &Path, mode: u32) -> io::Result<(File, TempPath)> {
    loop {
        let (file, part) = builder(mode).tempfile_in(folder)?.into_parts();
        // Between making and locking it, another process may have taken it for a stale one.
        let taken = matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)) || fs::metadata(&part).is_err();
        if !taken {
            return Ok((file, part));
        }
    }
}

/// Removes the parts in a folder whose processes are gone. What cannot be removed is left: it hinders nobody.
fn remove_stale(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_part = name.to_str().is_some_and(|name| name.starts_with(PART.0) && name.ends_with(PART.1));
        if is_part
            && entry.file_type().is_ok_and(|kind| kind.is_file())
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Gives a file the permissions of another and, where the system lets it, owner and group.
#[cfg(unix)]
fn take_over(file: &File, from: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let owned = fchown(file, Some(from.uid()), Some(from.gid())).or_else(|_| fchown(file, None, Some(from.gid())));
    let mut mode = from.mode() & 0o777;
    if owned.is_err() && file.metadata()?.gid() != from.gid() {
        // What one group might do is not for another: that gets what everybody may.
        mode = (mode & 0o707) | (mode & 0o007) << 3;
    }
    file.set_permissions(fs::Permissions::from_mode(mode))
}
#[cfg(not(unix))]
fn take_over(file: &File, from: &Metadata) -> io::Result<()> {
    file.set_permissions(from.permissions())
}

#[cfg(test)]
mod tests;
