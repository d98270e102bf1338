//! The words that sorts compare: the keys of elements, or their highest bits with the elements' places below them. Where keys and places
//! have no room in one word, elements whose words agree in all but their places are looked at again.

use crate::ops::simd::simd1;
use crate::ops::sort::{Keys, Word};

/// Elements below which a line's places take half of a word.
const HALF: u32 = 32;

/// How keys become words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing {
    keys: Keys,
    /// Bits of a place; none where elements are sorted.
    bits: u32,
    /// The least key, and bits of what a key is above it that have no room.
    least: u64,
    lost: u32,
}

impl Packing {
    /// Of keys alone.
    pub(super) const fn elements(keys: Keys) -> Self {
        Self { keys, bits: 0, least: 0, lost: 0 }
    }
    /// Of keys of at most 32 bits with places.
    pub(super) const fn narrow(keys: Keys) -> Self {
        Self { bits: HALF, ..Self::elements(keys) }
    }
    /// Of the places in lines of so many elements, whose keys are within these.
    pub(super) const fn wide(keys: Keys, len: usize, least: u64, most: u64) -> Self {
        let bits = usize::BITS - len.saturating_sub(1).leading_zeros();
        let used = u64::BITS - (most - least).leading_zeros();
        Self { keys, bits, least, lost: used.saturating_sub(u64::BITS - bits) }
    }

    /// Whether words say all that their keys do.
    pub(super) const fn is_exact(self) -> bool {
        self.lost == 0
    }

    #[inline(always)]
    fn word(self, key: u64, place: usize) -> u64 {
        (key - self.least) >> self.lost << self.bits | (place as u64 & self.places())
    }
    /// The bits of a word that are a place.
    #[inline(always)]
    const fn places(self) -> u64 {
        (1 << self.bits) - 1
    }

    /// The words of elements whose bits are these, the first at `place` and each `step` behind the one before.
    pub(super) fn fill<T: Word, W: Word>(self, values: &[T], words: &mut [W], place: usize, step: usize) {
        simd1(
            values,
            words,
            #[inline(always)]
            |values: &[T], words: &mut [W]| {
                for (i, (word, value)) in words.iter_mut().zip(values).enumerate() {
                    *word = W::cut(self.word(self.keys.key(value.widen()), place + step * i));
                }
            },
        );
    }
    /// The words of elements whose bits are in their place.
    pub(super) fn turn<W: Word>(self, words: &mut [W]) {
        simd1(
            &[(); 0],
            words,
            #[inline(always)]
            |_: &[()], words: &mut [W]| {
                words.iter_mut().for_each(|word| *word = W::cut(self.word(self.keys.key(word.widen()), 0)));
            },
        );
    }
    /// The words of elements whose keys are in their place.
    pub(super) fn pack(self, words: &mut [u64], place: usize, step: usize) {
        words.iter_mut().enumerate().for_each(|(i, word)| *word = self.word(*word, place + step * i));
    }

    /// The bits of the elements that words stand for.
    pub(super) fn values<W: Word, T: Word>(self, words: &[W], out: &mut [T]) {
        simd1(
            words,
            out,
            #[inline(always)]
            |words: &[W], out: &mut [T]| {
                out.iter_mut().zip(words).for_each(|(out, word)| *out = T::cut(self.keys.bits(word.widen())));
            },
        );
    }
    /// The same in their place.
    pub(super) fn turn_back<W: Word>(self, words: &mut [W]) {
        simd1(
            &[(); 0],
            words,
            #[inline(always)]
            |_: &[()], words: &mut [W]| words.iter_mut().for_each(|word| *word = W::cut(self.keys.bits(word.widen()))),
        );
    }
    /// The places of words, in their place.
    pub(super) fn strip(self, words: &mut [u64]) {
        words.iter_mut().for_each(|word| *word &= self.places());
    }

    /// Whether two words in order agree in all but their places.
    pub(super) const fn is_tie(self, word: u64, next: u64) -> bool {
        word >> self.bits == next >> self.bits
    }
    /// Brings words in order that agree into the order of their keys and places; what is left of each of them is its place.
    pub(super) fn settle(self, words: &mut [u64], key_at: &dyn Fn(usize) -> u64) {
        if self.is_exact() {
            return;
        }
        for run in words.chunk_by_mut(|&word, &next| self.is_tie(word, next)).filter(|run| run.len() > 1) {
            self.strip(run);
            let full = |&place: &u64| u128::from(key_at(place as usize)) << u64::BITS | u128::from(place);
            let mut items: Vec<u128> = run.iter().map(full).collect();
            items.sort_unstable();
            run.iter_mut().zip(items).for_each(|(word, item)| *word = item as u64);
        }
    }

    /// The key of an element.
    pub(super) fn key<T: Word>(self, value: T) -> u64 {
        self.keys.key(value.widen())
    }
}
