//! Memory of large host buffers: mappings of their own, in size classes, used again. The system's allocator would keep what is
//! freed in arenas that other sizes do not fit, beyond any budget, and every new buffer would be cleared page by page.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use memmap2::MmapMut;

/// Buffers of fewer bytes are left to the allocator: of what it keeps of freed ones no budget knows, and tasks are made as small as 128 KiB
/// where memory is short.
pub(crate) const LARGE: usize = 64 << 10;
/// Bytes that idle mappings may take.
const IDLE: usize = 256 << 20;

#[derive(Default)]
struct Idle {
    maps: BTreeMap<usize, Vec<MmapMut>>,
    bytes: usize,
}

static POOL: Mutex<Idle> = Mutex::new(Idle { maps: BTreeMap::new(), bytes: 0 });

fn pool() -> MutexGuard<'static, Idle> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Some bytes of a mapping, which goes back to the pool when dropped.
pub(crate) struct Pages {
    map: Option<MmapMut>,
    len: usize,
    /// What was asked for at first.
    asked: usize,
}

/// The size of the mapping for so many bytes: one of eight steps in each power of two, whole pages.
fn class(bytes: usize) -> usize {
    bytes.next_multiple_of((bytes.next_power_of_two() / 16).max(4096))
}

/// Asks for huge pages under memory that is not touched yet: fewer page faults now, fewer address translations later. Where the
/// system has none it says so and nothing changes.
pub(crate) fn advise_huge(memory: &mut [u8]) {
    #[cfg(target_os = "linux")]
    if memory.len() >= 4 << 20 {
        const PAGE: usize = 4096;
        let (start, bytes) = (memory.as_mut_ptr(), memory.len());
        let skip = start.align_offset(PAGE);
        // SAFETY: whole pages inside the memory; the advice changes neither what is in them nor whether they are there.
        let _ = unsafe {
            let start = start.wrapping_add(skip);
            rustix::mm::madvise(start.cast(), (bytes - skip) / PAGE * PAGE, rustix::mm::Advice::LinuxHugepage)
        };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = memory;
}

impl Pages {
    /// So many bytes with anything in them, or nothing if the system has no memory to map.
    pub(crate) fn new(len: usize) -> Option<Self> {
        // No allocation is larger; its class would not be a number.
        if len > isize::MAX as usize {
            return None;
        }
        let class = class(len);
        let found = {
            let mut idle = pool();
            let found = idle.maps.get_mut(&class).and_then(Vec::pop);
            idle.bytes -= if found.is_some() { class } else { 0 };
            found
        };
        let map = match found {
            Some(map) => map,
            None => {
                // What is idle is of other sizes: it may be there beside this one only as far as the budget goes.
                trim(ROOM.load(Ordering::Relaxed));
                // Where there is no room for more, idle mappings of other sizes make some.
                let again = |_| {
                    trim(0);
                    MmapMut::map_anon(class)
                };
                let mut map = MmapMut::map_anon(class).or_else(again).ok()?;
                advise_huge(&mut map);
                map
            }
        };
        Some(Self { map: Some(map), len, asked: len })
    }
    /// Bytes that are taken from others.
    pub(crate) fn taken(&self) -> usize {
        self.asked
    }
    /// The first `len` bytes alone; the others stay taken.
    pub(crate) fn shorten(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
    pub(crate) fn bytes(&self) -> &[u8] {
        self.map.as_ref().map_or(&[], |map| &map[..self.len])
    }
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        self.map.as_mut().map_or(&mut [], |map| &mut map[..self.len])
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        let Some(map) = self.map.take() else { return };
        if map.len() > IDLE {
            return;
        }
        let mut idle = pool();
        // What was used last is used next: others make room.
        let gone = idle.trim(IDLE - map.len());
        idle.bytes += map.len();
        idle.maps.entry(map.len()).or_default().push(map);
        drop(idle);
        // Unmapped without the lock.
        drop(gone);
    }
}

/// From now on the allocator, where it is glibc's, gives what is large back to the system when it is freed. It does so at first, but keeps
/// ever larger blocks in its arenas as large ones are freed (`M_MMAP_THRESHOLD` in mallopt(3)): any amount, which no budget sees.
/// Who has set the threshold in the environment has said what it should be.
pub(crate) fn return_what_is_large() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if std::env::var_os("MALLOC_MMAP_THRESHOLD_").is_none() {
        unsafe extern "C" {
            fn mallopt(parameter: std::ffi::c_int, value: std::ffi::c_int) -> std::ffi::c_int;
        }
        const M_MMAP_THRESHOLD: std::ffi::c_int = -3;
        const BYTES: std::ffi::c_int = 256 << 10;
        // SAFETY: it may be called at any time from any thread, and changes how later allocations are made alone.
        unsafe { mallopt(M_MMAP_THRESHOLD, BYTES) };
    }
}

/// Bytes that idle mappings may take beside all that was admitted.
static ROOM: AtomicU64 = AtomicU64::new(u64::MAX);

/// Says so: a store does, as it admits a task.
pub(crate) fn leave(room: u64) {
    ROOM.store(room, Ordering::Relaxed);
}

/// Bytes of mappings that nobody uses.
pub(crate) fn idle() -> u64 {
    pool().bytes as u64
}

/// Unmaps idle mappings, the largest first, until at most `bytes` are left.
pub(crate) fn trim(bytes: u64) {
    let gone = pool().trim(usize::try_from(bytes).unwrap_or(usize::MAX));
    // Unmapped without the lock.
    drop(gone);
}

impl Idle {
    /// Takes mappings out, the largest first, until at most `bytes` are left.
    fn trim(&mut self, bytes: usize) -> Vec<MmapMut> {
        let mut gone = Vec::new();
        while self.bytes > bytes {
            let Some(mut entry) = self.maps.last_entry() else { break };
            let class = *entry.key();
            // A class whose mappings are all in use has an entry without any.
            let map = entry.get_mut().pop();
            if entry.get().is_empty() {
                entry.remove();
            }
            self.bytes -= if map.is_some() { class } else { 0 };
            gone.extend(map);
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_without_idle_mappings_are_trimmed_too() {
        for bytes in [LARGE, 3 * LARGE, 5 * LARGE] {
            let (one, other) = (Pages::new(bytes).unwrap(), Pages::new(bytes).unwrap());
            drop(one);
            let one = Pages::new(bytes).unwrap();
            trim(0);
            drop((one, other));
            trim(bytes as u64);
        }
    }

    #[test]
    fn classes_waste_less_than_an_eighth() {
        for bytes in [LARGE, LARGE + 1, 1 << 20, (1 << 20) + 1, 16_777_217, 100_000_000] {
            let class = class(bytes);
            assert!(
                class >= bytes && class.is_multiple_of(4096) && class <= bytes + bytes / 8 + 4096,
                "{bytes}: {class}"
            );
        }
    }
}
