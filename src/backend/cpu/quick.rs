//! Words in order, by vectors (AVX-512's): a quicksort whose partitions compress what is below the pivot and what is above it into one
//! vector, between two memories in turn; a few vectors at the end go through a network that stays in registers. Of lines of which only
//! some places are read, parts without one are left as they are.

#[cfg(target_arch = "x86_64")]
use std::arch::is_x86_feature_detected as has;

use crate::ops::sort::Word;

/// The places of a line that are read, in ascending order; all of them where there is no list.
pub(super) type Wanted<'a> = Option<&'a [u64]>;

/// Whether this processor has the vectors.
pub(super) fn is_here() -> bool {
    #[cfg(target_arch = "x86_64")]
    return has!("avx512f") && has!("avx512bw") && has!("avx512vl") && has!("avx512dq") && has!("popcnt");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// What is compared.
pub(super) trait Words: Word {
    /// Brings words into order, at the places that are read, given room for as many.
    fn sort(words: &mut [Self], spare: &mut [Self], wanted: Wanted<'_>);
}
macro_rules! words { ($($t:ty: $vectors:ident;)*) => {$(
    impl Words for $t {
        fn sort(words: &mut [Self], spare: &mut [Self], wanted: Wanted<'_>) {
            assert_eq!(words.len(), spare.len(), "room for all");
            #[cfg(target_arch = "x86_64")]
            if is_here() {
                let depth = 2 * words.len().max(1).ilog2();
                // SAFETY: the processor has what it is compiled for.
                return unsafe { vectors::$vectors::quick(words, spare, 0, wanted, true, depth) };
            }
            scalar(words, wanted);
        }
    }
)*}; }
words! { u32: narrow; u64: wide; }

/// The same by the standard library.
fn scalar<T: Ord>(words: &mut [T], wanted: Wanted<'_>) {
    let Some(wanted) = wanted else { return words.sort_unstable() };
    // From the last: what is before a place that has been found is below what is there.
    let mut end = words.len();
    for &place in wanted.iter().rev() {
        if (place as usize) < end {
            words[..end].select_nth_unstable(place as usize);
            end = place as usize;
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod vectors {
    use std::arch::x86_64::*;

    use super::Wanted;

    /// Vectors that a network holds at most: half of the registers.
    const ROWS: usize = 16;
    /// Words from which a pivot is the median of many.
    const LARGE: usize = 1024;

    macro_rules! vectors {
        (
            $name:ident, $T:ty, $Mask:ty, $lanes:literal, $min:ident, $max:ident, $permute:ident, $blend:ident,
            $all:ident, $above:ident, $compress:ident, $expand:ident, $load:ident
        ) => {
            pub(super) mod $name {
                use super::*;

                const LANES: usize = $lanes;
                const NONE: [$T; LANES] = [<$T>::MAX; LANES];

                /// Each lane from that whose number has other bits where `bits` has ones.
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
                #[inline]
                fn crossed(bits: usize) -> __m512i {
                    let lanes: [$T; LANES] = std::array::from_fn(|lane| (lane ^ bits) as $T);
                    // SAFETY: the array is as long as a vector.
                    unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) }
                }

                /// The lanes whose number has the bit.
                const fn upper(bit: usize) -> $Mask {
                    let (mut mask, mut lane) = (0, 0);
                    while lane < LANES {
                        mask |= ((lane & bit != 0) as $Mask) << lane;
                        lane += 1;
                    }
                    mask
                }

                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
                #[inline]
                fn exchange(rows: &mut [__m512i], low: usize, high: usize) {
                    (rows[low], rows[high]) = ($min(rows[low], rows[high]), $max(rows[low], rows[high]));
                }

                /// The words in order by columns: those of lane 0, then those of lane 1. Columns first by Batcher's odd-even merges
                /// (Knuth's algorithm 5.2.2M), then merged two by two, each merge from both ends.
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
                #[inline]
                fn network<const K: usize>(rows: &mut [__m512i; K]) {
                    let mut p = 1;
                    while p < K {
                        let mut d = p;
                        while d > 0 {
                            for i in d % p..K - d {
                                if (i - d % p) / d % 2 == 0 && i / (2 * p) == (i + d) / (2 * p) {
                                    exchange(rows, i, i + d);
                                }
                            }
                            d /= 2;
                        }
                        p *= 2;
                    }
                    let mut bit = 1;
                    while bit < LANES {
                        let mirror = crossed(2 * bit - 1);
                        for i in 0..K.div_ceil(2) {
                            let j = K - 1 - i;
                            let (a, b) = (rows[i], $permute(mirror, rows[j]));
                            let (low, high) = ($min(a, b), $max(a, b));
                            rows[j] = $permute(mirror, $blend(upper(bit), high, low));
                            rows[i] = $blend(upper(bit), low, high);
                        }
                        let mut d = bit / 2;
                        while d > 0 {
                            for row in rows.iter_mut() {
                                let other = $permute(crossed(d), *row);
                                *row = $blend(upper(d), $min(*row, other), $max(*row, other));
                            }
                            d /= 2;
                        }
                        let mut d = K / 2;
                        while d > 0 {
                            for i in (0..K).filter(|i| i & d == 0) {
                                exchange(rows, i, i + d);
                            }
                            d /= 2;
                        }
                        bit *= 2;
                    }
                }

                /// Brings up to `K` vectors of words into order.
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
                fn rows<const K: usize>(words: &mut [$T]) {
                    assert!(words.len() <= K * LANES);
                    // SAFETY: both are as long as a vector.
                    let mut rows = [unsafe { _mm512_loadu_si512(NONE.as_ptr().cast()) }; K];
                    for (row, words) in rows.iter_mut().zip(words.chunks(LANES)) {
                        let here = <$Mask>::MAX >> (LANES - words.len());
                        // SAFETY: only lanes that are here are read.
                        *row = unsafe { $load(*row, here, words.as_ptr().cast()) };
                    }
                    network(&mut rows);
                    let mut columns = [[0; LANES]; K];
                    for (column, row) in columns.iter_mut().zip(rows) {
                        // SAFETY: an array is as long as a vector.
                        unsafe { _mm512_storeu_si512(column.as_mut_ptr().cast(), row) }
                    }
                    for (lane, words) in words.chunks_mut(K).enumerate() {
                        for (word, column) in words.iter_mut().zip(&columns) {
                            *word = column[lane];
                        }
                    }
                }

                /// Brings a few words into order.
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
                fn few(words: &mut [$T]) {
                    match words.len().div_ceil(LANES) {
                        0 => {}
                        1 => rows::<1>(words),
                        2 => rows::<2>(words),
                        3 | 4 => rows::<4>(words),
                        5..=8 => rows::<8>(words),
                        _ => rows::<ROWS>(words),
                    }
                }

                /// A word near the middle: the median of some of them.
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
                fn pivot(words: &[$T]) -> $T {
                    let mut some = [0; 8 * LANES];
                    let some = if words.len() < LARGE { &mut some[..LANES] } else { &mut some[..] };
                    let step = words.len() / some.len();
                    for (i, one) in some.iter_mut().enumerate() {
                        *one = words[i * step + step / 2];
                    }
                    few(some);
                    some[some.len() / 2 - 1]
                }

                /// Copies the words below the pivot to the front of `to`, and those above to its end; how many those below are. The
                /// pivot itself is below where `EQUAL`.
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
                fn partition<const EQUAL: bool>(words: &[$T], to: &mut [$T], pivot: $T) -> usize {
                    assert_eq!(words.len(), to.len());
                    let (mut left, mut right) = (0, to.len());
                    let (vectors, rest) = words.split_at(words.len() / LANES * LANES);
                    for &word in rest {
                        let is_below = word < pivot || (EQUAL && word == pivot);
                        if is_below {
                            to[left] = word;
                            left += 1;
                        } else {
                            right -= 1;
                            to[right] = word;
                        }
                    }
                    let pivot = $all(pivot.cast_signed());
                    for vector in vectors.chunks_exact(LANES) {
                        assert!(left + LANES <= right);
                        // SAFETY: a vector is here; what is free in `to` is a whole number of vectors, of which this is one at least.
                        // Both stores go to its ends: they are the same place where it is the last, and do not meet before.
                        unsafe {
                            let vector = _mm512_loadu_si512(vector.as_ptr().cast());
                            let above: $Mask = if EQUAL { $above(vector, pivot) } else { !$above(pivot, vector) };
                            let n = above.count_ones() as usize;
                            let top = <$Mask>::MAX.checked_shl((LANES - n) as u32).unwrap_or(0);
                            let both = $expand($compress(!above, vector), top, $compress(above, vector));
                            _mm512_storeu_si512(to.as_mut_ptr().add(left).cast(), both);
                            _mm512_storeu_si512(to.as_mut_ptr().add(right - LANES).cast(), both);
                            left += LANES - n;
                            right -= n;
                        }
                    }
                    left
                }

                /// Brings words, of which the first is at `first` of its line, into order: where they are if they are at `home`, and
                /// else in the other memory.
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
                pub(in super::super) fn quick(
                    words: &mut [$T],
                    other: &mut [$T],
                    first: usize,
                    wanted: Wanted<'_>,
                    home: bool,
                    depth: u32,
                ) {
                    if wanted.is_some_and(<[u64]>::is_empty) {
                        return;
                    }
                    if words.len() <= ROWS * LANES || depth == 0 {
                        // Pivots that divide nothing, time and again, are somebody's intention.
                        if words.len() <= ROWS * LANES {
                            few(words)
                        } else {
                            words.sort_unstable()
                        }
                        if !home {
                            other.copy_from_slice(words);
                        }
                        return;
                    }
                    let pivot = pivot(words);
                    let (mut cut, mut is_largest) = (partition::<true>(words, other, pivot), false);
                    if cut == words.len() {
                        (cut, is_largest) = (partition::<false>(words, other, pivot), true);
                    }
                    let middle = first + cut;
                    let (before, behind) = match wanted {
                        Some(wanted) => {
                            let (a, b) = wanted.split_at(wanted.partition_point(|&place| (place as usize) < middle));
                            (Some(a), Some(b))
                        }
                        None => (None, None),
                    };
                    let (low, high) = words.split_at_mut(cut);
                    let (other_low, other_high) = other.split_at_mut(cut);
                    quick(other_low, low, first, before, !home, depth - 1);
                    if !is_largest {
                        quick(other_high, high, middle, behind, !home, depth - 1);
                    } else if home {
                        high.copy_from_slice(other_high);
                    }
                }
            }
        };
    }
    vectors!(
        narrow,
        u32,
        __mmask16,
        16,
        _mm512_min_epu32,
        _mm512_max_epu32,
        _mm512_permutexvar_epi32,
        _mm512_mask_blend_epi32,
        _mm512_set1_epi32,
        _mm512_cmpgt_epu32_mask,
        _mm512_maskz_compress_epi32,
        _mm512_mask_expand_epi32,
        _mm512_mask_loadu_epi32
    );
    vectors!(
        wide,
        u64,
        __mmask8,
        8,
        _mm512_min_epu64,
        _mm512_max_epu64,
        _mm512_permutexvar_epi64,
        _mm512_mask_blend_epi64,
        _mm512_set1_epi64,
        _mm512_cmpgt_epu64_mask,
        _mm512_maskz_compress_epi64,
        _mm512_mask_expand_epi64,
        _mm512_mask_loadu_epi64
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of few and of many values, in no order, in order, and the other way round.
    fn lines(len: usize) -> Vec<Vec<u64>> {
        let hash = |i: usize| {
            (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23).wrapping_mul(0xd1b5_4a32_d192_ed03)
        };
        let mut lines: Vec<Vec<u64>> =
            [1, 2, 10, 1000, u64::MAX].iter().map(|values| (0..len).map(|i| hash(i) % values).collect()).collect();
        lines.push((0..len as u64).collect());
        lines.push((0..len as u64).rev().collect());
        lines.push(vec![u64::MAX; len]);
        lines
    }

    fn check<T: Copy + Ord + std::fmt::Debug>(
        len: usize,
        cut: impl Fn(u64) -> T,
        sort: impl Fn(&mut [T], &mut [T], Wanted<'_>),
    ) {
        for line in lines(len) {
            let line: Vec<T> = line.into_iter().map(&cut).collect();
            let (mut sorted, mut spare) = (line.clone(), line.clone());
            let mut expected = line.clone();
            expected.sort();
            sort(&mut sorted, &mut spare, None);
            assert_eq!(sorted, expected, "{len}");
            let wanted: Vec<u64> = [0, len / 3, len / 3 + 1, len.saturating_sub(1)].map(|place| place as u64).into();
            for wanted in [&wanted[..], &wanted[1..2], &wanted[3..]] {
                let mut some = line.clone();
                sort(&mut some, &mut spare, Some(wanted));
                for &place in wanted.iter().filter(|&&place| (place as usize) < len) {
                    assert_eq!(some[place as usize], expected[place as usize], "{len}: {place} of {wanted:?}");
                }
            }
        }
    }

    #[test]
    fn words_of_both_widths_are_in_order() {
        for len in (0..300).chain([511, 1000, 1025, 5000, 40_000]) {
            check(len, |word| word as u32, u32::sort);
            check(len, |word| word, u64::sort);
        }
    }

    #[test]
    fn the_standard_library_makes_the_same() {
        for len in (0..40).chain([1000]) {
            check(len, |word| word, |words, _, wanted| scalar(words, wanted));
        }
    }
}
