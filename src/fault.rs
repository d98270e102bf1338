//! [`Faults`]: failures made on purpose, so that tests can show what becomes of a run when something fails.

use std::sync::atomic::{AtomicU64, Ordering};

/// Where a failure can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Point {
    /// A device buffer is allocated.
    Allocate,
    /// Elements are sent to the device.
    Upload,
    /// Recorded work is handed to the device.
    Submit,
    /// Elements are fetched from the device.
    Download,
    /// A pipeline is compiled.
    Pipeline,
    /// A chunk is written to the spill folder.
    SpillWrite,
    /// A chunk is read back from the spill folder.
    SpillRead,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Allocate, Self::Upload, Self::Submit, Self::Download, Self::Pipeline, Self::SpillWrite, Self::SpillRead];
}

/// Counts down to failures. Nothing fails unless a test arms it; a pass costs one atomic load.
#[derive(Debug, Default)]
pub struct Faults {
    left: [AtomicU64; Point::ALL.len()],
}

impl Faults {
    /// From now on, pass number `nth` (1 is the next) of `point` fails, once.
    pub fn arm(&self, point: Point, nth: u64) {
        self.left[point as usize].store(nth, Ordering::SeqCst);
    }
    /// Makes nothing fail; says whether the armed failure is still to come.
    pub fn disarm(&self, point: Point) -> bool {
        self.left[point as usize].swap(0, Ordering::SeqCst) > 0
    }
    /// Passes a point: whether it fails now.
    #[must_use]
    pub fn hit(&self, point: Point) -> bool {
        let left = &self.left[point as usize];
        left.load(Ordering::Relaxed) > 0
            && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) == Ok(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_pass_fails_once() {
        let faults = Faults::default();
        assert!(!faults.hit(Point::Upload));
        faults.arm(Point::Upload, 3);
        assert_eq!([(); 5].map(|()| faults.hit(Point::Upload)), [false, false, true, false, false]);
        assert!(!faults.disarm(Point::Upload));
        faults.arm(Point::Submit, 2);
        assert!(!faults.hit(Point::Upload) && faults.disarm(Point::Submit));
    }
}
