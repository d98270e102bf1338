//! [`Sizes`]: how large tasks are. A chunk is the user's word for how an array is cut; what one task works on is the plan's
//! choice: small chunks are batched into one task (one kernel launch), and chunks that are too large for the device, or for
//! the budget, are split. Every element has the same value either way.

use super::capability::Capabilities;
use crate::chunks::{AxisChunks, Chunks, VECTOR};

/// Bounds on what one task works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sizes {
    /// Elements of a task at least: smaller chunks are batched. 1 runs each chunk by itself.
    pub min_elements: u64,
    /// Bytes of a task's chunk at most, where it runs: larger chunks are split.
    pub max_bytes: u64,
    /// Bytes up to which neighbouring chunks are batched however many elements they have; with 0 they are not.
    pub gather_bytes: u64,
    /// Whether results are too: not where they are brought to the host, each while others are made.
    pub gather_results: bool,
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
            gather_bytes: 0,
            gather_results: false,
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

    /// [`Sizes::gather_bytes`] for a device with such a budget. A card of 3 TB/s goes over 64 MiB in some 20 microseconds, a few times what
    /// it takes to start a task; and there is still enough to do for several that are under way, each with what it reads and makes.
    #[must_use]
    pub fn gathered(capabilities: &Capabilities, budget: u64) -> u64 {
        const BYTES: u64 = 64 << 20;
        const TASKS: u64 = 64;
        if capabilities.discrete && budget >= TASKS * BYTES { BYTES } else { 0 }
    }

    /// Those of a result.
    #[must_use]
    pub fn of_results(self) -> Self {
        Self { gather_bytes: if self.gather_results { self.gather_bytes } else { 0 }, ..self }
    }

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
            return split(chunks, max);
        }
        let (least, most) = (self.min_elements.min(max), (self.gather_bytes / size.max(1)).min(max));
        let batched = batch(chunks, |elements| least.div_ceil(elements));
        if most > 0 { batch(&batched, |elements| most / elements) } else { batched }
    }
}

/// Neighbouring chunks as one, along the last axis first: as many as are `wanted` of chunks with so many elements, or the whole array.
fn batch(chunks: &Chunks, wanted: impl Fn(u64) -> u64) -> Chunks {
    let mut axes = chunks.axes().to_vec();
    let mut elements = chunks.max_chunk_elements().max(1);
    for axis in axes.iter_mut().rev() {
        let group = wanted(elements);
        if group <= 1 {
            break;
        }
        let before = axis.max_size().max(1);
        *axis = axis.batched(group.min(axis.count()));
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
    let last = axes.len().saturating_sub(1);
    for (k, axis) in axes.iter_mut().enumerate() {
        if elements <= most {
            break;
        }
        let before = axis.max_size().max(1);
        // Elements of a slice of one along this axis.
        let slice = elements / before;
        let size = (most / slice).max(1);
        *axis = if k == last { in_vectors(axis, size) } else { axis.split(size) };
        elements = slice * axis.max_size();
    }
    Chunks::new(axes)
}

/// An axis cut into parts of at most `most` elements: whole vectors, where it is one chunk, so that the rows of each are read in them.
fn in_vectors(axis: &AxisChunks, most: u64) -> AxisChunks {
    match axis {
        AxisChunks::Regular { len, size } if size >= len && most >= VECTOR => {
            let parts = len.div_ceil(most / VECTOR * VECTOR);
            AxisChunks::regular(*len, len.div_ceil(parts.max(1)).next_multiple_of(VECTOR))
        }
        AxisChunks::Regular { .. } | AxisChunks::Irregular(_) | AxisChunks::Unknown { .. } => axis.split(most),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn one_chunk_is_split_into_whole_vectors() {
        let sizes = Sizes { max_bytes: 8000, ..Sizes::default() };
        for (len, part) in [(1003, 504), (10_000, 1000), (9_998, 1000), (2002, 668), (1000, 1000)] {
            let cut = sizes.fit(&grid(&[(len, len)]), 8);
            assert_eq!(cut, grid(&[(len, part)]));
            assert_eq!(sizes.fit(&grid(&[(3, 3), (len, len)]), 8).axes()[1], cut.axes()[0]);
        }
        // Of what users cut, each part lies within a chunk.
        assert_eq!(sizes.fit(&grid(&[(4004, 2002)]), 8).axes()[0].max_size(), 668);
        assert_eq!(Sizes { max_bytes: 24, ..sizes }.fit(&grid(&[(7, 7)]), 8), grid(&[(7, 3)]));
    }

    #[test]
    fn cards_with_room_for_them_have_large_tasks() {
        let card = Capabilities { discrete: true, ..Capabilities::FULL };
        assert_eq!(Sizes::gathered(&Capabilities::FULL, u64::MAX), 0);
        assert_eq!(Sizes::gathered(&card, (4 << 30) - 1), 0);
        let bytes = Sizes::gathered(&card, 4 << 30);
        assert_eq!(bytes, 64 << 20);
        let sizes = Sizes { min_elements: 1 << 18, gather_bytes: bytes, ..Sizes::default() };
        // As many whole chunks as 64 MiB hold: never more.
        for (chunks, tasks) in [
            (grid(&[(5000, 1667), (5000, 2500)]), grid(&[(5000, 3334), (5000, 5000)])),
            (grid(&[(1 << 28, 1 << 22)]), grid(&[(1 << 28, 1 << 24)])),
            (grid(&[(1 << 28, 5_000_000)]), grid(&[(1 << 28, 15_000_000)])),
            (grid(&[(1 << 28, 9_000_000)]), grid(&[(1 << 28, 9_000_000)])),
            (grid(&[(1 << 20, 100)]), grid(&[(1 << 20, 1 << 20)])),
            (grid(&[(1 << 28, 1000)]), grid(&[(1 << 28, 63 * 263_000)])),
        ] {
            let cut = sizes.fit(&chunks, 4);
            assert_eq!(cut, tasks);
            assert!(cut.max_chunk_elements() * 4 <= bytes, "{cut}");
        }
        // Memory says no, and so do results that go to the host.
        let short = Sizes { max_bytes: 16 << 20, ..sizes };
        assert_eq!(short.fit(&grid(&[(1 << 28, 1 << 22)]), 4), grid(&[(1 << 28, 1 << 22)]));
        assert_eq!(sizes.of_results().fit(&grid(&[(1 << 28, 1 << 22)]), 4), grid(&[(1 << 28, 1 << 22)]));
        assert_eq!(Sizes { gather_results: true, ..sizes }.of_results().gather_bytes, bytes);
    }
}
