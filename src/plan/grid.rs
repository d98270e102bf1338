//! [`Sizes`]: how large tasks are. A chunk is the user's word for how an array is cut; what one task works on is the plan's
//! choice: small chunks are batched into one task (one kernel launch), and chunks that are too large for the device, or for
//! the budget, are split. Every element has the same value either way.

use crate::chunks::Chunks;

/// Bounds on what one task works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sizes {
    /// Elements of a task at least: smaller chunks are batched. 1 runs each chunk by itself.
    pub min_elements: u64,
    /// Bytes of a task's chunk at most, where it runs: larger chunks are split.
    pub max_bytes: u64,
    /// Bytes of a task's chunk at most, where all that is done with it is to copy it to the caller: what a core's cache holds is
    /// still there then.
    pub handed_bytes: u64,
    /// Bytes of the states that one task merges at most, but for two of them.
    pub merge_bytes: u64,
    /// Bytes of states at most that may wait, where several results of several chunks are made together: those of one result are
    /// merged chunk by chunk, and only then those of the next.
    pub waiting_bytes: u64,
    /// Bytes of chunks that may be held for several readers where that is cheaper than making them again for each; with 0 what can
    /// be fused is always made again.
    pub hold_bytes: u64,
}

impl Default for Sizes {
    /// A task a chunk, as the user cut the array.
    fn default() -> Self {
        Self {
            min_elements: 1,
            max_bytes: u64::MAX,
            handed_bytes: u64::MAX,
            merge_bytes: Self::MERGE_BYTES,
            waiting_bytes: Self::WAITING_BYTES,
            hold_bytes: 0,
        }
    }
}

impl Sizes {
    /// Elements of a task by default: work of some ten microseconds, against a few for starting it.
    pub const MIN_ELEMENTS: u64 = 1 << 16;

    /// Bytes of merged states by default: results depend on how states are grouped, so neither memory nor threads say how.
    pub const MERGE_BYTES: u64 = 64 << 20;

    /// Bytes of waiting states by default.
    pub const WAITING_BYTES: u64 = 8 << 20;

    /// The grid of tasks for a grid of chunks whose elements take `size` bytes. Lengths that are unknown stay in the chunks they
    /// are made in. A chunk that is a run of the array's C order stays one.
    #[must_use]
    pub fn fit(&self, chunks: &Chunks, size: u64) -> Chunks {
        if chunks.has_unknown() || chunks.elements() == Some(0) {
            return chunks.clone();
        }
        let elements = chunks.max_chunk_elements();
        let max = (self.max_bytes / size.max(1)).max(1);
        if elements > max {
            split(chunks, max)
        } else if elements < self.min_elements && chunks.count() > 1 {
            batch(chunks, self.min_elements.min(max))
        } else {
            chunks.clone()
        }
    }
}

/// Neighbouring chunks as one, along the last axis first, until they have `least` elements or are the whole array.
fn batch(chunks: &Chunks, least: u64) -> Chunks {
    let mut axes = chunks.axes().to_vec();
    let mut elements = chunks.max_chunk_elements().max(1);
    for axis in axes.iter_mut().rev() {
        if elements >= least {
            break;
        }
        let before = axis.max_size().max(1);
        let group = least.div_ceil(elements).min(axis.count());
        *axis = axis.batched(group);
        elements = elements / before * axis.max_size().max(1);
        if axis.count() > 1 {
            // Further axes would join what does not lie side by side.
            break;
        }
    }
    Chunks::new(axes)
}

/// Chunks cut along the first axis first, until they have at most `most` elements.
fn split(chunks: &Chunks, most: u64) -> Chunks {
    let mut axes = chunks.axes().to_vec();
    let mut elements = chunks.max_chunk_elements();
    for axis in &mut axes {
        if elements <= most {
            break;
        }
        let before = axis.max_size().max(1);
        // Elements of a slice of one along this axis.
        let slice = elements / before;
        let size = (most / slice).max(1);
        *axis = axis.split(size);
        elements = slice * axis.max_size();
    }
    Chunks::new(axes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunks::AxisChunks;

    fn grid(axes: &[(u64, u64)]) -> Chunks {
        Chunks::new(axes.iter().map(|&(len, size)| AxisChunks::regular(len, size)).collect())
    }

    #[test]
    fn small_chunks_are_batched_along_the_last_axis_first() {
        let sizes = Sizes { min_elements: 1000, ..Sizes::default() };
        assert_eq!(sizes.fit(&grid(&[(1 << 20, 64)]), 8), grid(&[(1 << 20, 1024)]));
        assert_eq!(sizes.fit(&grid(&[(100, 10), (100, 10)]), 8), grid(&[(100, 10), (100, 100)]));
        assert_eq!(sizes.fit(&grid(&[(50, 5), (100, 10)]), 8), grid(&[(50, 10), (100, 100)]));
        assert_eq!(sizes.fit(&grid(&[(10, 5), (10, 5)]), 8), grid(&[(10, 10), (10, 10)]));
        let uneven = Chunks::new(vec![AxisChunks::from_sizes([300, 200, 600, 100, 50])]);
        assert_eq!(sizes.fit(&uneven, 8), Chunks::new(vec![AxisChunks::from_sizes([500, 700, 50])]));
        assert_eq!(Sizes::default().fit(&uneven, 8), uneven);
    }

    #[test]
    fn large_chunks_are_split_along_the_first_axis_first() {
        let sizes = Sizes { max_bytes: 8000, ..Sizes::default() };
        assert_eq!(sizes.fit(&grid(&[(100, 100), (100, 100)]), 8), grid(&[(100, 10), (100, 100)]));
        assert_eq!(sizes.fit(&grid(&[(3, 3), (9000, 9000)]), 8), grid(&[(3, 1), (9000, 1000)]));
        let uneven = Chunks::new(vec![AxisChunks::from_sizes([100, 2500, 300])]);
        assert_eq!(sizes.fit(&uneven, 8), Chunks::new(vec![AxisChunks::from_sizes([100, 833, 833, 834, 300])]));
    }
}
