//! The vocabulary of [`m32`](super::m32): one-line helpers that exist under the
//! same names in WGSL, and the constants of the `f32` format.

pub(super) const NAN: f32 = f32::NAN;
pub(super) const INF: f32 = f32::INFINITY;
pub(super) const HUGE: f32 = f32::MAX;
pub(super) const MIN_NORMAL: f32 = f32::MIN_POSITIVE;
/// Bits of the mantissa field, and the exponent's bias.
pub(super) const MANT: u32 = 23;
pub(super) const MANT_F: f32 = 23.0;
pub(super) const TWO_MANT: f32 = 8388608.0;
pub(super) const BIAS: f32 = 127.0;
pub(super) const BIAS_BITS: u32 = 127;
pub(super) const SIGN_BIT: u32 = 0x8000_0000;
pub(super) const INF_BITS: u32 = 0x7f80_0000;
pub(super) const MANT_MASK: u32 = 0x007f_ffff;
pub(super) const ONE_BITS: u32 = 0x3f80_0000;
pub(super) const SQRT_HALF_BITS: u32 = 0x3f35_04f3;
/// Moves bit 1 of a quadrant to the sign.
pub(super) const SIGN_SHIFT: u32 = 30;
/// Below it log1p(x) and expm1(x) round to x.
pub(super) const TINY: f32 = 2.9802322e-8;
/// 2^40: a larger exponent only overflows or underflows.
pub(super) const POW_LIMIT: f32 = 1099511600000.0;
/// What cbrt multiplies subnormals by, the guess of its first bits, and the
/// exponent of the result's scale.
pub(super) const CBRT_SCALE: f32 = 16777216.0;
pub(super) const CBRT_GUESS: u32 = 709958130;
pub(super) const CBRT_ALIGN: u32 = 2;
pub(super) const CBRT_BIAS: f32 = 43.0;
pub(super) const CBRT_BIAS_TINY: f32 = 51.0;
/// hypot scales by 2^-80 past 2^60, by 2^80 below 2^-40.
pub(super) const HYPOT_FAR: f32 = 1.1529215e18;
pub(super) const HYPOT_NEAR: f32 = 9.094947e-13;
pub(super) const HYPOT_UP: f32 = 1.2089258e24;
pub(super) const HYPOT_DOWN: f32 = 8.271806e-25;
/// atan2 scales by 2^-30 past 2^100 and by 2^30 below 2^-90; atan takes no
/// slope past 2^125.
pub(super) const ATAN2_FAR: f32 = 1.2676506e30;
pub(super) const ATAN2_DOWN: f32 = 9.313226e-10;
pub(super) const ATAN2_NEAR: f32 = 8.077936e-28;
pub(super) const ATAN2_UP: f32 = 1073741800.0;
pub(super) const ATAN_MAX: f32 = 4.2535296e37;
/// Where tanh rounds to 1, asinh to ln 2x, erf to 1.
pub(super) const TANH_MAX: f32 = 9.5;
pub(super) const ASINH_FAR: f32 = 268435460.0;
pub(super) const ERF_MAX: f32 = 3.95;

/// 1.5 * 2^23: adding it leaves a whole number in the low bits.
const MAGIC: f32 = 12582912.0;

#[inline(always)]
pub(super) fn bits(x: f32) -> u32 {
    x.to_bits()
}
#[inline(always)]
pub(super) fn float(u: u32) -> f32 {
    f32::from_bits(u)
}
/// `a` where `c` holds, else `b`; both are computed, so that it becomes a blend.
#[inline(always)]
pub(super) fn pick(c: bool, a: f32, b: f32) -> f32 {
    if c { a } else { b }
}
#[inline(always)]
pub(super) fn fma(a: f32, b: f32, c: f32) -> f32 {
    a.mul_add(b, c)
}
/// The magnitude.
#[inline(always)]
pub fn abs(x: f32) -> f32 {
    x.abs()
}
/// The square root.
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    x.sqrt()
}
/// The largest integer not above.
#[inline(always)]
pub fn floor(x: f32) -> f32 {
    x.floor()
}
/// The smallest integer not below.
#[inline(always)]
pub fn ceil(x: f32) -> f32 {
    x.ceil()
}
/// Without its fraction.
#[inline(always)]
pub fn trunc(x: f32) -> f32 {
    x.trunc()
}
/// The nearest integer, halves to even.
#[inline(always)]
pub fn round_even(x: f32) -> f32 {
    x.round_ties_even()
}
/// The magnitude of the first with the sign of the second.
#[inline(always)]
pub fn copysign(x: f32, sign: f32) -> f32 {
    x.copysign(sign)
}
/// Whether it is NaN.
#[inline(always)]
pub fn isnan(x: f32) -> bool {
    x.is_nan()
}
/// Whether it is infinite.
#[inline(always)]
pub fn isinf(x: f32) -> bool {
    x.is_infinite()
}
/// Whether it is neither NaN nor infinite.
#[inline(always)]
pub fn isfinite(x: f32) -> bool {
    x.is_finite()
}
/// Whether the sign bit is set.
#[inline(always)]
pub fn signbit(x: f32) -> bool {
    x.is_sign_negative()
}
/// `v`, unless x is NaN.
#[inline(always)]
pub(super) fn keep_nan(x: f32, v: f32) -> f32 {
    pick(isnan(x), x, v)
}
/// x within [lo, hi]; NaN passes.
#[inline(always)]
pub(super) fn limit(x: f32, lo: f32, hi: f32) -> f32 {
    pick(x < lo, lo, pick(x > hi, hi, x))
}
/// a / b, rounded to the nearest on devices too.
#[inline(always)]
pub(super) fn quotient(a: f32, b: f32) -> f32 {
    a / b
}
/// x with the lower half of its mantissa cut: products of two such are exact.
#[inline(always)]
pub(super) fn mask(x: f32) -> f32 {
    float(bits(x) & 0xffff_f000)
}
/// The nearest whole number, ties to even, for |x| < 2^22.
#[inline(always)]
pub(super) fn nearest(x: f32) -> f32 {
    (x + MAGIC) - MAGIC
}
/// n modulo 4, for a whole |n| < 2^22.
#[inline(always)]
pub(super) fn quadrant(n: f32) -> u32 {
    bits(n + MAGIC) & 3
}
/// 2^n for a whole n in -126..=127.
#[inline(always)]
pub(super) fn pow2(n: f32) -> f32 {
    float((bits(n + MAGIC) + BIAS_BITS) << MANT)
}
/// A small integer as a float.
#[inline(always)]
pub(super) fn to_float(u: u32) -> f32 {
    u as i32 as f32
}
/// A third of a positive float's bits, the exponent included.
#[inline(always)]
pub(super) fn third(u: u32) -> u32 {
    u / 3
}
/// c0 + c1 x + c2 x^2 + ...
#[inline(always)]
pub(super) fn poly<const N: usize>(x: f32, c: [f32; N]) -> f32 {
    let mut p = c[N - 1];
    for i in (0..N - 1).rev() {
        p = fma(p, x, c[i]);
    }
    p
}
