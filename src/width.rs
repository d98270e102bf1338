//! Integers of one width as another. Shapes are counted in `u64` and places in `i64` on every machine, memory in `usize`: a conversion
//! may meet a number that does not fit. The front layers refuse `as` where it may change a number (the lints in `lib.rs`) and say
//! here, or at the place, what happens then.

/// A count or a place as one in memory. What no memory holds becomes the largest number: no buffer has it, and none can be made.
#[inline]
pub(crate) fn in_memory(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// A count or a place with a sign; from 2⁶³ on the largest number, which is beyond every axis that can be sliced.
#[inline]
pub(crate) fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A place as ndarray's slices and shapes name it; the largest number where it does not fit, as [`signed`].
#[inline]
pub(crate) fn offset(n: u64) -> isize {
    isize::try_from(n).unwrap_or(isize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_the_largest() {
        assert_eq!([0, 7, 1 << 40].map(in_memory), [0, 7, 1 << 40]);
        assert_eq!([7, i64::MAX as u64, 1 << 63, u64::MAX].map(signed), [7, i64::MAX, i64::MAX, i64::MAX]);
        assert_eq!([7, 1 << 63, u64::MAX].map(offset), [7, isize::MAX, isize::MAX]);
    }
}
