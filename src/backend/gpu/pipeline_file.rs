//! Compiled pipelines kept in a file, so that the next process does not compile them again.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::device::Device;
use super::sync::lock;
use super::{cache, trusted};

/// At most this share of the time goes into saving: a save waits for so many times what the last one took.
const REST: u32 = 20;
/// A file that grew beyond this is begun anew: drivers do not forget what is no longer used.
const MOST_BYTES: u64 = 64 << 20;

/// The driver's cache, where it has one and there is a place for its file.
pub(crate) struct PipelineFile {
    driver: wgpu::PipelineCache,
    path: PathBuf,
    saved: Mutex<Saved>,
}

/// The last save.
struct Saved {
    pipelines: u64,
    next: Instant,
}

impl PipelineFile {
    /// The cache with what the adapter's file holds.
    pub(crate) fn open(device: &Device, path: Option<PathBuf>) -> Option<Self> {
        let path = path?;
        if !device.device.features().contains(wgpu::Features::PIPELINE_CACHE) {
            return None;
        }
        let small = fs::metadata(&path).is_ok_and(|about| about.is_file() && about.len() <= MOST_BYTES);
        let kept = if small { fs::read(&path).ok() } else { None };
        let driver = trusted::pipeline_cache(&device.device, kept.as_deref().and_then(checked));
        Some(Self { driver, path, saved: Mutex::new(Saved { pipelines: 0, next: Instant::now() }) })
    }

    /// For `ComputePipelineDescriptor::cache`.
    pub(crate) fn driver(&self) -> &wgpu::PipelineCache {
        &self.driver
    }

    /// Writes the file if pipelines were compiled since the last time, unless that was a moment ago.
    pub(crate) fn save(&self, compiled: u64) {
        let start = Instant::now();
        // Another thread is at it.
        let Ok(mut saved) = self.saved.try_lock() else { return };
        if compiled == saved.pipelines || start < saved.next {
            return;
        }
        self.write();
        *saved =
            Saved { pipelines: compiled, next: Instant::now() + REST * start.elapsed().max(Duration::from_millis(1)) };
    }

    fn write(&self) {
        if let Some(data) = self.driver.get_data() {
            cache::write(&self.path, &[&crc32fast::hash(&data).to_le_bytes(), data.as_slice()].concat());
        }
    }

    /// Writes what is not written, whenever the last time was.
    pub(crate) fn finish(&self, compiled: u64) {
        if compiled != lock(&self.saved).pipelines {
            self.write();
        }
    }
}

/// The driver's bytes in a file, if they are as they were written.
fn checked(file: &[u8]) -> Option<&[u8]> {
    let (sum, data) = file.split_first_chunk::<4>()?;
    (u32::from_le_bytes(*sum) == crc32fast::hash(data)).then_some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_files_are_not_there() {
        let data = b"pipelines";
        let mut file = [&crc32fast::hash(data).to_le_bytes()[..], data].concat();
        assert_eq!(checked(&file), Some(&data[..]));
        file[7] ^= 1;
        assert_eq!(checked(&file), None);
        assert_eq!(checked(&file[..3]), None);
    }
}
