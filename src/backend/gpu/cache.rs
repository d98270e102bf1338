//! Files that keep what was learned about an adapter from one process to the next. Losing one costs time and nothing else, so
//! nothing here is an error: what cannot be read is not there, what cannot be written is not kept.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use super::device::AdapterSummary;
use crate::platform::file::WholeFile;

/// The folder: `GRIDLOOM_CACHE`, or `gridloom` in the user's folder for caches. None where `GRIDLOOM_CACHE` is empty or `0`.
pub(crate) fn folder() -> Option<PathBuf> {
    match std::env::var_os("GRIDLOOM_CACHE") {
        Some(value) if value.is_empty() || value == "0" => None,
        Some(value) => Some(value.into()),
        None => dirs::cache_dir().map(|folder| folder.join("gridloom")),
    }
}

/// The file of a kind for an adapter: another driver's is another file, and another version's of this crate.
pub(crate) fn file(kind: &str, adapter: &AdapterSummary) -> Option<PathBuf> {
    let about = [&adapter.name, &adapter.driver, &adapter.backend, env!("CARGO_PKG_VERSION")]
        .map(|text| text.as_bytes())
        .concat();
    Some(folder()?.join(format!("{kind}-{:08x}", crc32fast::hash(&about))))
}

/// Replaces a file as a whole: who reads it meanwhile has the old one or the new one.
pub(crate) fn write(path: &std::path::Path, bytes: &[u8]) {
    let Some(folder) = path.parent() else { return };
    let write = || {
        fs::create_dir_all(folder)?;
        let whole = WholeFile::create(path)?;
        whole.file().write_all(bytes)?;
        whole.finish()
    };
    let _: std::io::Result<()> = write();
}
