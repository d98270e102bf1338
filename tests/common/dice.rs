//! Choices that look random and are the same on every machine.

use gridloom::{AxisSpec, ChunkSpec};
use ndarray::{Slice, SliceInfoElem};

/// A small generator of numbers, the same on every machine.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
    /// An axis cut at random.
    pub(crate) fn cut(&mut self, len: usize) -> AxisSpec {
        let (mut sizes, mut left) = (Vec::new(), len);
        while left > 0 {
            let size = 1 + self.below(left);
            sizes.push(size as u64);
            left -= size;
        }
        if sizes.is_empty() { AxisSpec::Whole } else { AxisSpec::Sizes(sizes) }
    }
    /// Chunks at random.
    pub(crate) fn chunks(&mut self, shape: &[usize]) -> ChunkSpec {
        shape.iter().map(|&len| self.cut(len)).collect::<Vec<_>>().into()
    }
    /// A range of an axis, with a step.
    pub(crate) fn part(&mut self, len: usize) -> SliceInfoElem {
        let (one, other) = (self.below(len + 1), self.below(len + 1));
        let step = [1, 1, 2, 3, -1, -2][self.below(6)];
        let Slice { start, end, step } = Slice::new(one.min(other) as isize, Some(one.max(other) as isize), step);
        SliceInfoElem::Slice { start, end, step }
    }
}
