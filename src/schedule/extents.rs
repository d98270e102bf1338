//! [`Extents`]: which parts of a file are in use.

use std::collections::{BTreeMap, BTreeSet};

/// Extents start at multiples of this: no two chunks share a page of the system's cache.
const ALIGN: u64 = 4096;

/// A part of a file. One of length 0 is nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Its first byte.
    pub(super) start: u64,
    /// Its bytes, a multiple of [`ALIGN`].
    pub(super) len: u64,
}

/// The free parts of a file whose other parts are in use. Free neighbours are one, and the end of the file is never free.
#[derive(Debug, Default)]
pub(super) struct Extents {
    /// Lengths by start.
    free: BTreeMap<u64, u64>,
    /// The same by length, to find the smallest that suffices.
    by_len: BTreeSet<(u64, u64)>,
    /// Bytes of the file.
    end: u64,
}

impl Extents {
    /// The length the file has to have.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// A part of at least `bytes`: the smallest free one that suffices, or a new one at the end. `None` where no file is that
    /// long.
    pub(super) fn take(&mut self, bytes: u64) -> Option<Extent> {
        let len = bytes.checked_next_multiple_of(ALIGN)?;
        if len == 0 {
            return Some(Extent { start: 0, len });
        }
        let Some(&(found, start)) = self.by_len.range((len, 0)..).next() else {
            let start = self.end;
            self.end = start.checked_add(len).filter(|&end| end <= i64::MAX as u64)?;
            return Some(Extent { start, len });
        };
        self.remove(start, found);
        if found > len {
            self.insert(start + len, found - len);
        }
        Some(Extent { start, len })
    }

    /// Gives a part back; says whether the file ends earlier now.
    pub(super) fn give_back(&mut self, extent: Extent) -> bool {
        let Extent { mut start, mut len } = extent;
        if len == 0 {
            return false;
        }
        if let Some((&before, &length)) = self.free.range(..start).next_back()
            && before + length == start
        {
            self.remove(before, length);
            (start, len) = (before, len + length);
        }
        if let Some(&after) = self.free.get(&(start + len)) {
            self.remove(start + len, after);
            len += after;
        }
        if start + len == self.end {
            self.end = start;
            return true;
        }
        self.insert(start, len);
        false
    }

    fn insert(&mut self, start: u64, len: u64) {
        self.free.insert(start, len);
        self.by_len.insert((len, start));
    }

    fn remove(&mut self, start: u64, len: u64) {
        self.free.remove(&start);
        self.by_len.remove(&(len, start));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Used and free parts are the whole file, once; free ones have used neighbours and the last part is used.
    fn check(extents: &Extents, used: &[Extent]) {
        let free = extents.free.iter().map(|(&start, &len)| (start, len, true));
        let mut all: Vec<_> = used.iter().filter(|e| e.len > 0).map(|e| (e.start, e.len, false)).chain(free).collect();
        all.sort_unstable();
        let mut at = 0;
        let mut after_free = false;
        for (start, len, is_free) in all {
            assert_eq!(start, at, "parts overlap or leave a hole");
            assert!(!(is_free && after_free), "free neighbours");
            (at, after_free) = (start + len, is_free);
        }
        assert_eq!(at, extents.end());
        assert!(!after_free, "a free end");
        let by_len: BTreeSet<(u64, u64)> = extents.free.iter().map(|(&start, &len)| (len, start)).collect();
        assert_eq!(by_len, extents.by_len);
    }

    proptest! {
        /// Any order of taking (a size) and giving back (one of those held).
        #[test]
        fn parts_never_overlap_and_free_ones_are_used_again(
            steps in prop::collection::vec((any::<bool>(), 0u64..40_000, any::<prop::sample::Index>()), 1..200)
        ) {
            let mut extents = Extents::default();
            let mut used: Vec<Extent> = vec![];
            for (take, bytes, which) in steps {
                if take || used.is_empty() {
                    let before = extents.end();
                    let fits = extents.free.values().any(|&len| len >= bytes);
                    let extent = extents.take(bytes).unwrap();
                    prop_assert!(extent.len >= bytes && extent.len < bytes + ALIGN && extent.start % ALIGN == 0);
                    prop_assert!(!fits || extents.end() == before, "the file grew though a free part sufficed");
                    used.push(extent);
                } else {
                    let before = extents.end();
                    let shorter = extents.give_back(used.swap_remove(which.index(used.len())));
                    prop_assert_eq!(shorter, extents.end() < before);
                }
                check(&extents, &used);
            }
            for extent in used.drain(..) {
                extents.give_back(extent);
            }
            check(&extents, &[]);
            prop_assert_eq!(extents.end(), 0);
        }
    }

    #[test]
    fn no_file_is_longer_than_the_system_can_say() {
        let mut extents = Extents::default();
        assert_eq!(extents.take(u64::MAX), None);
        assert_eq!(extents.take(1 << 63), None);
        assert_eq!(extents.take(1), Some(Extent { start: 0, len: ALIGN }));
        assert_eq!(extents.end(), ALIGN);
    }
}
