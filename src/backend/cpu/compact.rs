//! Compacting: the values whose mask is true, one after another. Processors have an instruction for it (AVX-512's `vpcompress`), or one
//! that puts values at places of a table (AVX2's `vpermd`); others move one value a step.

/// Puts the values whose mask is true at the start of `out`; how many those are. What is behind them there may be anything.
///
/// # Panics
/// If there is no room for all values, or not a mask for each.
pub(super) fn keep<T: bytemuck::Pod>(values: &[T], mask: &[u8], out: &mut [T]) -> usize {
    assert!(out.len() >= values.len(), "no room for {} values in {}", values.len(), out.len());
    assert_eq!(values.len(), mask.len(), "a mask for each value");
    #[cfg(target_arch = "x86_64")]
    let (seen, kept) = wide::keep(values, mask, out);
    #[cfg(not(target_arch = "x86_64"))]
    let (seen, kept) = (0, 0);
    kept + keep_each(&values[seen..], &mask[seen..], &mut out[kept..])
}

/// One value a step, without a branch: each is written, and the end moves past those that stay. There is room for all.
fn keep_each<T: Copy>(values: &[T], mask: &[u8], out: &mut [T]) -> usize {
    assert!(out.len() >= values.len(), "no room for {} values in {}", values.len(), out.len());
    let mut at = 0;
    for (&value, &keep) in values.iter().zip(mask) {
        // SAFETY: `at` is at most the number of values before this one, and there is room for all.
        unsafe { *out.get_unchecked_mut(at) = value };
        at += usize::from(keep != 0);
    }
    at
}

/// Whole vectors at a time: each function says how many values it has seen, and how many of them it has kept. A vector is written whole
/// to where the next value belongs, which is never behind the place of its own first one: so there is room.
#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::is_x86_feature_detected as has;
    use std::arch::x86_64::*;

    use bytemuck::{cast_slice, cast_slice_mut};

    /// Of values of 32 and 64 bits, as far as whole vectors go; there are as many masks, and there is room for all.
    pub(super) fn keep<T: bytemuck::Pod>(values: &[T], mask: &[u8], out: &mut [T]) -> (usize, usize) {
        let avx512 = has!("avx512f") && has!("avx512bw") && has!("avx512vl");
        // SAFETY: each is called where the processor has what it is compiled for.
        unsafe {
            match (size_of::<T>(), avx512, has!("avx2")) {
                (4, true, _) => words_512(cast_slice(values), mask, cast_slice_mut(out)),
                (8, true, _) => pairs_512(cast_slice(values), mask, cast_slice_mut(out)),
                (4, false, true) => words_256(cast_slice(values), mask, cast_slice_mut(out)),
                (8, false, true) => pairs_256(cast_slice(values), mask, cast_slice_mut(out)),
                _ => (0, 0),
            }
        }
    }

    /// Defines a function that keeps `$lanes` values of a type at a time: `$keep(values, mask, out)` of pointers to so many of
    /// each gives the mask as bits.
    macro_rules! vectors {
        ($name:ident, $features:literal, $T:ty, $lanes:literal, $keep:expr) => {
            #[target_feature(enable = $features)]
            pub(super) fn $name(values: &[$T], mask: &[u8], out: &mut [$T]) -> (usize, usize) {
                let (mut seen, mut kept) = (0, 0);
                for (values, mask) in values.chunks_exact($lanes).zip(mask.chunks_exact($lanes)) {
                    assert!(kept + $lanes <= out.len());
                    // SAFETY: so many values and masks are here, and so much room is there.
                    let bits: u32 = unsafe { $keep(values.as_ptr(), mask.as_ptr(), out.as_mut_ptr().add(kept)) };
                    seen += $lanes;
                    kept += bits.count_ones() as usize;
                }
                (seen, kept)
            }
        };
    }
    vectors!(
        words_512,
        "avx512f,avx512bw,avx512vl,popcnt",
        u32,
        16,
        |values: *const u32, mask: *const u8, out: *mut u32| {
            let mask = _mm_loadu_si128(mask.cast());
            let bits = _mm_test_epi8_mask(mask, mask);
            let kept = _mm512_maskz_compress_epi32(bits, _mm512_loadu_si512(values.cast()));
            _mm512_storeu_si512(out.cast(), kept);
            u32::from(bits)
        }
    );
    vectors!(
        pairs_512,
        "avx512f,avx512bw,avx512vl,popcnt",
        u64,
        8,
        |values: *const u64, mask: *const u8, out: *mut u64| {
            let mask = _mm_loadl_epi64(mask.cast());
            // The upper half is zero.
            let bits = _mm_test_epi8_mask(mask, mask) as u8;
            let kept = _mm512_maskz_compress_epi64(bits, _mm512_loadu_si512(values.cast()));
            _mm512_storeu_si512(out.cast(), kept);
            u32::from(bits)
        }
    );
    vectors!(words_256, "avx2,popcnt", u32, 8, |values: *const u32, mask: *const u8, out: *mut u32| {
        let dropped = _mm_cmpeq_epi8(_mm_loadl_epi64(mask.cast()), _mm_setzero_si128());
        let bits = !_mm_movemask_epi8(dropped) as u32 & 0xff;
        let places = _mm256_loadu_si256(WORDS[bits as usize].as_ptr().cast());
        let kept = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(values.cast()), places);
        _mm256_storeu_si256(out.cast(), kept);
        bits
    });
    vectors!(pairs_256, "avx2,popcnt", u64, 4, |values: *const u64, mask: *const u8, out: *mut u64| {
        let mask = _mm_cvtsi32_si128(mask.cast::<i32>().read_unaligned());
        let bits = !_mm_movemask_epi8(_mm_cmpeq_epi8(mask, _mm_setzero_si128())) as u32 & 0xf;
        let places = _mm256_loadu_si256(PAIRS[bits as usize].as_ptr().cast());
        let kept = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(values.cast()), places);
        _mm256_storeu_si256(out.cast(), kept);
        bits
    });

    /// For each mask of eight words, where those that are kept come from.
    static WORDS: [[u32; 8]; 256] = places::<256>(1);
    /// For each mask of four pairs of words.
    static PAIRS: [[u32; 8]; 16] = places::<16>(2);

    /// Where words come from, `words` of them for each bit of a mask.
    const fn places<const MASKS: usize>(words: usize) -> [[u32; 8]; MASKS] {
        let mut table = [[0; 8]; MASKS];
        let mut mask = 0;
        while mask < MASKS {
            let (mut from, mut to) = (0, 0);
            while from < 8 {
                if mask >> (from / words) & 1 == 1 {
                    table[mask][to] = from as u32;
                    to += 1;
                }
                from += 1;
            }
            mask += 1;
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector function, on a processor that has it: seen and kept.
    type Vectors<T> = unsafe fn(&[T], &[u8], &mut [T]) -> (usize, usize);

    fn check<T: bytemuck::Pod + PartialEq + std::fmt::Debug>(value: impl Fn(u64) -> T, vectors: Option<Vectors<T>>) {
        for n in 0..100u64 {
            for salt in 0..8 {
                let values: Vec<T> = (0..n).map(&value).collect();
                // Nearly none, some, nearly all; any byte but 0 is true.
                let is_kept = |i: u64| (i * 7 + salt * 31 + i * i) % 8 <= salt;
                let mask: Vec<u8> = (0..n).map(|i| if is_kept(i) { 1 + (i % 255) as u8 } else { 0 }).collect();
                let want: Vec<T> = (0..n).filter(|&i| is_kept(i)).map(&value).collect();
                let mut out = values.clone();
                let kept = keep(&values, &mask, &mut out);
                assert_eq!(out[..kept], want, "{n} {salt}");
                let Some(vectors) = vectors else { continue };
                let mut out = values.clone();
                // SAFETY: as its type says.
                let (seen, kept) = unsafe { vectors(&values, &mask, &mut out) };
                assert!(seen <= values.len() && values.len() - seen < 16, "{n}: {seen}");
                assert_eq!(out[..kept], want[..(0..seen as u64).filter(|&i| is_kept(i)).count()], "{n} {salt}");
            }
        }
    }

    #[test]
    fn what_is_kept_is_in_order() {
        check(|i| i as u8, None);
        check(|i| i as u16 * 300, None);
        check(|i| i as u32 * 0x0101_0001, None);
        check(|i| i * 0x0101_0001_0000_0001, None);
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn vectors_of_all_widths_keep_the_same() {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx2") {
            check(|i| i as u32 * 0x0101_0001, Some(wide::words_256));
            check(|i| i * 0x0101_0001_0000_0001, Some(wide::pairs_256));
        }
        if has!("avx512f") && has!("avx512bw") && has!("avx512vl") {
            check(|i| i as u32 * 0x0101_0001, Some(wide::words_512));
            check(|i| i * 0x0101_0001_0000_0001, Some(wide::pairs_512));
        }
    }
}
