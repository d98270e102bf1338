//! Copies: what several devices read, and one made, is brought to each of the others once, and stays there while there is room and
//! somebody holds the original.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::backend::adapter::DeviceBuffer;

/// Locks a mutex. What is behind those of here is whole between any two statements.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is noted of a buffer: the device that it is on, and its copies on others. All clones of the buffer share it, and the copies go
/// with the last of them.
#[derive(Debug)]
pub(super) struct Notes {
    pub(super) home: usize,
    copies: Mutex<Vec<Copy>>,
}

#[derive(Debug)]
struct Copy {
    on: usize,
    buffer: DeviceBuffer,
    used: u64,
}

impl Notes {
    /// The notes of a buffer, if it is one of several devices'.
    pub(super) fn of(buffer: &DeviceBuffer) -> Option<Arc<Self>> {
        buffer.notes.clone()?.downcast().ok()
    }
    /// A device's buffer as one of several devices'.
    pub(super) fn begin(home: usize, buffer: DeviceBuffer) -> DeviceBuffer {
        let notes = Self { home, copies: Mutex::default() };
        DeviceBuffer { notes: Some(Arc::new(notes)), ..buffer }
    }
    /// Whether there is a copy on a device.
    pub(super) fn has_copy(&self, on: usize) -> bool {
        lock(&self.copies).iter().any(|copy| copy.on == on)
    }
}

/// All copies there are.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// The notes that have some.
    noted: Mutex<Vec<Weak<Notes>>>,
    /// Counts uses.
    tick: AtomicU64,
    moved: AtomicU64,
}

impl Copies {
    /// The copy on a device, if there is one, for use.
    pub(super) fn get(&self, notes: &Notes, on: usize) -> Option<DeviceBuffer> {
        let mut copies = lock(&notes.copies);
        let copy = copies.iter_mut().find(|copy| copy.on == on)?;
        copy.used = self.tick.fetch_add(1, Ordering::Relaxed);
        Some(copy.buffer.clone())
    }
    /// Keeps a copy that was made on a device.
    pub(super) fn keep(&self, notes: &Arc<Notes>, on: usize, buffer: &DeviceBuffer) {
        self.moved.fetch_add(buffer.bytes(), Ordering::Relaxed);
        let used = self.tick.fetch_add(1, Ordering::Relaxed);
        lock(&notes.copies).push(Copy { on, buffer: buffer.clone(), used });
        let mut noted = lock(&self.noted);
        noted.retain(|notes| notes.strong_count() > 0);
        if !noted.iter().any(|known| std::ptr::eq(known.as_ptr(), Arc::as_ptr(notes))) {
            noted.push(Arc::downgrade(notes));
        }
    }
    /// Lets go of a copy that cannot be trusted, or has no device any more.
    pub(super) fn forget(notes: &Notes, on: usize) {
        lock(&notes.copies).retain(|copy| copy.on != on);
    }
    /// Lets go of copies on a device that nobody uses now, the least recently used first, until so many bytes are free; says how
    /// many.
    pub(super) fn evict(&self, on: usize, bytes: u64) -> u64 {
        let noted: Vec<Arc<Notes>> = lock(&self.noted).iter().filter_map(Weak::upgrade).collect();
        let used = |notes: &Arc<Notes>| lock(&notes.copies).iter().find(|copy| copy.on == on).map(|copy| copy.used);
        let mut oldest: Vec<_> = noted.into_iter().filter_map(|notes| Some((used(&notes)?, notes))).collect();
        oldest.sort_unstable_by_key(|(used, _)| *used);
        let mut freed = 0;
        for (_, notes) in oldest {
            if freed >= bytes {
                break;
            }
            lock(&notes.copies).retain(|copy| {
                let idle = copy.on == on && !copy.buffer.is_shared();
                freed += if idle { copy.buffer.bytes() } else { 0 };
                !idle
            });
        }
        freed
    }
    /// Bytes that were copied so far.
    pub(super) fn moved_bytes(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::DType;

    fn buffer(len: usize) -> DeviceBuffer {
        DeviceBuffer { dtype: DType::F32, len, memory: Arc::new(len), notes: None }
    }

    #[test]
    fn the_least_recently_used_copies_that_nobody_holds_go_first() {
        let copies = Copies::default();
        let originals: Vec<DeviceBuffer> = (0..4).map(|_| Notes::begin(0, buffer(100))).collect();
        let notes: Vec<Arc<Notes>> = originals.iter().filter_map(Notes::of).collect();
        for notes in &notes {
            assert!(copies.get(notes, 1).is_none());
            copies.keep(notes, 1, &buffer(100));
        }
        assert_eq!(copies.moved_bytes(), 1600);
        // The first was used last, the second is held.
        assert!(copies.get(&notes[0], 1).is_some());
        let held = copies.get(&notes[1], 1);
        assert_eq!(copies.evict(2, 400), 0);
        assert_eq!(copies.evict(1, 500), 800);
        let left = |copies: &Copies| notes.iter().map(|notes| copies.get(notes, 1).is_some()).collect::<Vec<_>>();
        assert_eq!(left(&copies), [true, true, false, false]);
        drop(held);
        Copies::forget(&notes[0], 1);
        assert_eq!(left(&copies), [false, true, false, false]);
    }

    #[test]
    fn copies_go_with_the_original() {
        let (copies, original) = (Copies::default(), Notes::begin(1, buffer(8)));
        let copy = buffer(8);
        copies.keep(&Notes::of(&original).unwrap(), 0, &copy);
        let again = original.clone();
        drop(original);
        assert!(copy.is_shared());
        drop(again);
        assert!(!copy.is_shared());
        assert_eq!(copies.evict(0, 1), 0);
    }
}
