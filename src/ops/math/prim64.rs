//! The vocabulary of [`m64`](super::m64): one-line helpers that exist under the
//! same names in WGSL, and the constants of the `f64` format.

pub(super) const NAN: f64 = f64::NAN;
pub(super) const INF: f64 = f64::INFINITY;
pub(super) const HUGE: f64 = f64::MAX;
pub(super) const MIN_NORMAL: f64 = f64::MIN_POSITIVE;
/// Bits of the mantissa field, and the exponent's bias.
pub(super) const MANT: u32 = 52;
pub(super) const MANT_F: f64 = 52.0;
pub(super) const TWO_MANT: f64 = 4503599627370496.0;
pub(super) const BIAS: f64 = 1023.0;
pub(super) const BIAS_BITS: u64 = 1023;
pub(super) const SIGN_BIT: u64 = 0x8000_0000_0000_0000;
pub(super) const INF_BITS: u64 = 0x7ff0_0000_0000_0000;
pub(super) const MANT_MASK: u64 = 0x000f_ffff_ffff_ffff;
pub(super) const ONE_BITS: u64 = 0x3ff0_0000_0000_0000;
pub(super) const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_667f_3bcd;
/// Moves bit 1 of a quadrant to the sign.
pub(super) const SIGN_SHIFT: u32 = 62;
/// Below it log1p(x) and expm1(x) round to x.
pub(super) const TINY: f64 = 5.551115123125783e-17;
/// 2^70: a larger exponent only overflows or underflows.
pub(super) const POW_LIMIT: f64 = 1.1805916207174113e21;
/// What cbrt multiplies subnormals by, the guess of its first bits, and the
/// exponent of the result's scale.
pub(super) const CBRT_SCALE: f64 = 18014398509481984.0;
pub(super) const CBRT_GUESS: u64 = 0x2a9f_7893_0000_0000;
pub(super) const CBRT_ALIGN: u64 = 0;
pub(super) const CBRT_BIAS: f64 = 341.0;
pub(super) const CBRT_BIAS_TINY: f64 = 359.0;
/// hypot scales by 2^-600 past 2^500, by 2^600 below 2^-450.
pub(super) const HYPOT_FAR: f64 = 3.273390607896142e150;
pub(super) const HYPOT_NEAR: f64 = 3.4395525670743494e-136;
pub(super) const HYPOT_UP: f64 = 4.149515568880993e180;
pub(super) const HYPOT_DOWN: f64 = 2.409919865102884e-181;
/// atan2 scales by 2^-300 past 2^900 and by 2^300 below 2^-900; atan takes no
/// slope past 2^1021.
pub(super) const ATAN2_FAR: f64 = 8.452712498170644e270;
pub(super) const ATAN2_DOWN: f64 = 4.909093465297727e-91;
pub(super) const ATAN2_NEAR: f64 = 1.1830521861667747e-271;
pub(super) const ATAN2_UP: f64 = 2.037035976334486e90;
pub(super) const ATAN_MAX: f64 = 2.247116418577895e307;
/// Where tanh rounds to 1, asinh to ln 2x, erf to 1.
pub(super) const TANH_MAX: f64 = 22.0;
pub(super) const ASINH_FAR: f64 = 1.152921504606847e18;
pub(super) const ERF_MAX: f64 = 5.95;

/// 2^52, whose low bits count in ones.
const TWO_MANT_BITS: u64 = 0x4330_0000_0000_0000;
/// 1.5 * 2^52: adding it leaves a whole number in the low bits.
const MAGIC: f64 = 6755399441055744.0;

#[inline(always)]
pub(super) fn bits(x: f64) -> u64 {
    x.to_bits()
}
#[inline(always)]
pub(super) fn float(u: u64) -> f64 {
    f64::from_bits(u)
}
/// `a` where `c` holds, else `b`; both are computed, so that it becomes a blend.
#[inline(always)]
pub(super) fn pick(c: bool, a: f64, b: f64) -> f64 {
    if c { a } else { b }
}
#[inline(always)]
pub(super) fn fma(a: f64, b: f64, c: f64) -> f64 {
    a.mul_add(b, c)
}
/// The magnitude.
#[inline(always)]
pub fn abs(x: f64) -> f64 {
    x.abs()
}
/// The square root.
#[inline(always)]
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}
/// The largest integer not above.
#[inline(always)]
pub fn floor(x: f64) -> f64 {
    x.floor()
}
/// The smallest integer not below.
#[inline(always)]
pub fn ceil(x: f64) -> f64 {
    x.ceil()
}
/// Without its fraction.
#[inline(always)]
pub fn trunc(x: f64) -> f64 {
    x.trunc()
}
/// The nearest integer, halves to even.
#[inline(always)]
pub fn round_even(x: f64) -> f64 {
    x.round_ties_even()
}
/// The magnitude of the first with the sign of the second.
#[inline(always)]
pub fn copysign(x: f64, sign: f64) -> f64 {
    x.copysign(sign)
}
/// Whether it is NaN.
#[inline(always)]
pub fn isnan(x: f64) -> bool {
    x.is_nan()
}
/// Whether it is infinite.
#[inline(always)]
pub fn isinf(x: f64) -> bool {
    x.is_infinite()
}
/// Whether it is neither NaN nor infinite.
#[inline(always)]
pub fn isfinite(x: f64) -> bool {
    x.is_finite()
}
/// Whether the sign bit is set.
#[inline(always)]
pub fn signbit(x: f64) -> bool {
    x.is_sign_negative()
}
/// `v`, unless x is NaN.
#[inline(always)]
pub(super) fn keep_nan(x: f64, v: f64) -> f64 {
    pick(isnan(x), x, v)
}
/// x within [lo, hi]; NaN passes.
#[inline(always)]
pub(super) fn limit(x: f64, lo: f64, hi: f64) -> f64 {
    pick(x < lo, lo, pick(x > hi, hi, x))
}
/// a / b, rounded to the nearest on devices too.
#[inline(always)]
pub(super) fn quotient(a: f64, b: f64) -> f64 {
    a / b
}
/// x with the lower half of its mantissa cut: products of two such are exact.
#[inline(always)]
pub(super) fn mask(x: f64) -> f64 {
    float(bits(x) & 0xffff_ffff_f800_0000)
}
/// The nearest whole number, ties to even, for |x| < 2^51.
#[inline(always)]
pub(super) fn nearest(x: f64) -> f64 {
    (x + MAGIC) - MAGIC
}
/// n modulo 4, for a whole |n| < 2^51.
#[inline(always)]
pub(super) fn quadrant(n: f64) -> u64 {
    bits(n + MAGIC) & 3
}
/// 2^n for a whole n in -1022..=1023.
#[inline(always)]
pub(super) fn pow2(n: f64) -> f64 {
    float((bits(n + MAGIC) + BIAS_BITS) << MANT)
}
/// An integer below 2^52 as a float, without AVX-512's conversion.
#[inline(always)]
pub(super) fn to_float(u: u64) -> f64 {
    float(u | TWO_MANT_BITS) - TWO_MANT
}
/// A third of a positive float's high word (fdlibm's), which suffices for a guess.
#[inline(always)]
pub(super) fn third(u: u64) -> u64 {
    ((u >> 32) * 0x5555_5556) & 0xffff_ffff_0000_0000
}
/// c0 + c1 x + c2 x^2 + ...
#[inline(always)]
pub(super) fn poly<const N: usize>(x: f64, c: [f64; N]) -> f64 {
    let mut p = c[N - 1];
    for i in (0..N - 1).rev() {
        p = fma(p, x, c[i]);
    }
    p
}
