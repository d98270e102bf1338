//! Test data: edge values of each dtype, and numbers that look random and are the same each time.

use ndarray::{ArrayD, IxDyn};

/// An endless stream of words (`SplitMix64`), a function of the seed.
pub(crate) fn words(seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed.wrapping_mul(0x2545_f491_4f6c_dd1d);
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// Elements that tests can make.
pub(crate) trait Sample: gridloom::dtype::Ordered {
    /// Values where something changes: zeros, ones, limits, halves, infinities, NaN, subnormal numbers.
    fn edges() -> Vec<Self>;
    /// Any value from a word: integers of all sizes, floats of moderate ones, of both signs.
    fn ordinary(word: u64) -> Self;
    /// Any at all, often where something changes: edges, ordinary ones, any bits (finite ones for floats), numbers near a limit or a
    /// power of two.
    fn any(word: u64) -> Self;
    /// A small one, with which arithmetic stays exact: integers within ±9, floats that are quarters within ±8.
    fn small(word: u64) -> Self;
}

/// `shape` filled with [`Sample::ordinary`] values.
pub(crate) fn data<T: Sample>(shape: &[usize], seed: u64) -> ArrayD<T> {
    fill(shape, words(seed).map(T::ordinary))
}

/// `shape` filled with [`Sample::small`] values.
pub(crate) fn small_data<T: Sample>(shape: &[usize], seed: u64) -> ArrayD<T> {
    fill(shape, words(seed).map(T::small))
}

fn fill<T>(shape: &[usize], values: impl Iterator<Item = T>) -> ArrayD<T> {
    let n = shape.iter().product();
    ArrayD::from_shape_vec(IxDyn(shape), values.take(n).collect()).expect("an endless stream")
}

impl Sample for bool {
    fn edges() -> Vec<Self> {
        vec![false, true]
    }
    fn ordinary(word: u64) -> Self {
        word & 1 != 0
    }
    fn any(word: u64) -> Self {
        word & 1 != 0
    }
    fn small(word: u64) -> Self {
        word & 1 != 0
    }
}

macro_rules! integers {
    ($($t:ty, $least:expr;)*) => {$(
        impl Sample for $t {
            fn edges() -> Vec<Self> {
                let half = <$t>::BITS - 1;
                let minus_one = (0 as $t).wrapping_sub(1);
                let mut all = vec![0, 1, 2, 3, 7, minus_one, minus_one - 1, <$t>::MIN, <$t>::MIN + 1, <$t>::MAX,
                    <$t>::MAX - 1, <$t>::MAX / 2, <$t>::MAX / 2 + 1, half as $t, (half + 1) as $t, (half - 1) as $t];
                // What floats begin to leave out, and where a word ends.
                for power in [24, 31, 32, 53, 63] {
                    let at = if power < <$t>::BITS { (1 as $t) << power } else { continue };
                    all.extend([at.wrapping_sub(1), at, at.wrapping_add(1), at.wrapping_neg(), at.wrapping_neg().wrapping_sub(1)]);
                }
                all.sort_unstable();
                all.dedup();
                all
            }
            fn ordinary(word: u64) -> Self {
                let shift = (word >> 58) as u32 % <$t>::BITS;
                word as $t >> shift
            }
            fn any(word: u64) -> Self {
                let (bits, near) = (word >> 8, (word >> 3) as $t & 7);
                match word & 7 {
                    0 => Self::edges()[bits as usize % Self::edges().len()],
                    1 => <$t>::MAX - near,
                    2 => <$t>::MIN + near,
                    3 => ((1 as $t) << (bits as u32 % <$t>::BITS)).wrapping_add(near).wrapping_sub(4),
                    4 => bits as $t,
                    _ => Self::ordinary(bits),
                }
            }
            fn small(word: u64) -> Self {
                let least: i64 = $least;
                (word as i64 & i64::MAX).rem_euclid(10 - least).wrapping_add(least) as $t
            }
        }
    )*};
}
integers! { u8, 0; u16, 0; u32, 0; u64, 0; i8, -9; i16, -9; i32, -9; i64, -9; }

macro_rules! floats {
    ($($t:ident)*) => {$(
        impl Sample for $t {
            fn edges() -> Vec<Self> {
                let above: [$t; 31] = [
                    0.0, $t::from_bits(1), $t::MIN_POSITIVE / 4.0, $t::MIN_POSITIVE.next_down(), $t::MIN_POSITIVE,
                    $t::MIN_POSITIVE.next_up(), $t::EPSILON / 2.0, $t::EPSILON,
                    1e-5, 0.25, 0.5, 1.0 - $t::EPSILON / 2.0, 1.0, 1.0 + $t::EPSILON, 1.5, 2.0, 2.5, 3.0, 100.5,
                    // Beyond the first and the second there is no half, and no odd number.
                    1.0 / $t::EPSILON, 2.0 / $t::EPSILON - 1.0, 2.0 / $t::EPSILON, (2.0 / $t::EPSILON).next_up(),
                    // Where 64-bit integers end.
                    9_223_372_036_854_775_808.0, $t::next_down(9_223_372_036_854_775_808.0), 18_446_744_073_709_551_616.0,
                    1e30, $t::MAX / 2.0, $t::MAX.next_down(), $t::MAX, $t::INFINITY,
                ];
                let below = above.iter().map(|v| -v);
                above.iter().copied().chain(below).chain([$t::NAN]).collect()
            }
            fn ordinary(word: u64) -> Self {
                // Magnitudes from 2⁻¹⁰ to 2¹⁰, all digits in use.
                let magnitude = 2f64.powi((word & 0xffff) as i32 % 21 - 10);
                let fraction = 1.0 + (word >> 12) as f64 / 2f64.powi(52);
                let sign = if word >> 11 & 1 == 0 { 1.0 } else { -1.0 };
                (sign * magnitude * fraction) as $t
            }
            fn any(word: u64) -> Self {
                let bits = word >> 8;
                let finite = |v: $t| if v.is_finite() { v } else { $t::MAX.copysign(v) };
                let unit = 1u64 << (bits % ($t::MANTISSA_DIGITS as u64 + 3));
                match word & 7 {
                    0 => finite(Self::edges()[bits as usize % (Self::edges().len() - 1)]),
                    1 => $t::from_bits(($t::MAX.to_bits() as u64 - bits % 8) as _).copysign(bits as $t - 2f32.powi(55) as $t),
                    2 => unit as $t + (word >> 3 & 7) as $t - 4.0,
                    3 | 4 => finite($t::from_bits((word >> 3).rotate_left(29) as _)),
                    _ => Self::ordinary(bits),
                }
            }
            fn small(word: u64) -> Self {
                ((word % 65) as $t - 32.0) / 4.0
            }
        }
    )*};
}
floats! { f32 f64 }
