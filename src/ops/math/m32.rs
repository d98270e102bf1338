//! Elementary functions on `f32`.
//!
//! The bodies use the small vocabulary of `prim32` so that each
//! reads the same as its twin in `shaders/lib/f32.wgsl`. None of them relies on
//! a fused `fma` or on the order of sums: exact steps are made from operands
//! whose low bits are masked off, which survives drivers that split or contract.
//!
//! The errors named are the largest met, in units of the last place. On the CPU:
//! every 13th bit pattern, or two million pairs, against `f64`. In the shader:
//! lavapipe and SwiftShader, neither of which fuses, and which may take
//! subnormals (arguments, results or steps between) for zero.

pub use super::prim32::{abs, ceil, copysign, floor, isfinite, isinf, isnan, round_even, signbit, sqrt, trunc};
use super::{coef32::*, prim32::*};

/// What is written the same on both widths: `F` is the float, `U` its bits.
type F = f32;
type U = u32;
include!("both.rs");

/// `e^x * 2^shift` for a small whole `shift`.
#[inline(always)]
fn exp_scaled(x: f32, shift: f32) -> f32 {
    let a = limit(x, -105.0, 90.0);
    let n = nearest(a * LOG2_E);
    let r = fma(-n, LN2_LO, fma(-n, LN2_HI, a));
    let p = 1.0 + fma(r * r, poly(r, EXP), r);
    keep_nan(x, scale(p, n + shift))
}

/// 2^x, with x = n + r reduced exactly.
/// Error: 0.96 ULP, shader 1.20.
#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    let a = limit(x, -151.0, 129.0);
    let n = nearest(a);
    let r = a - n;
    keep_nan(x, scale(fma(r, poly(r, EXP2), 1.0), n))
}

/// e^x - 1 as 2^n (e^r - 1) + (2^n - 1), halved inside so that 2^128 fits.
/// Error: 1.57 ULP, shader 1.65.
#[inline(always)]
pub fn expm1(x: f32) -> f32 {
    let a = limit(x, -20.0, 89.0);
    let n = nearest(a * LOG2_E);
    let r = fma(-n, LN2_LO, fma(-n, LN2_HI, a));
    let p = fma(r * r, poly(r, EXP), r);
    let t = pow2(n - 1.0);
    let v = 2.0 * fma(p, t, t - 0.5);
    // Keeps -0 as well.
    pick(abs(x) < TINY, x, keep_nan(x, v))
}

/// ln(1 + f) + e ln 2 for |f| < 0.42 (the shape of Cephes' logf).
#[inline(always)]
fn ln_core(f: f32, e: f32) -> f32 {
    let z = f * f;
    let tail = fma(z * f, poly(f, LN), e * LN2_LO);
    fma(e, LN2_HI, f + fma(-0.5, z, tail))
}

/// |x|^y with y given again as `yh + yl` (`yh` masked), then the sign and
/// C99's special cases.
#[inline(always)]
fn pow_core(x: f32, y: f32, yh: f32, yl: f32, whole: bool, odd: bool) -> f32 {
    let a = abs(x);
    let (h, l) = log2_parts(a);
    let ph = yh * h;
    let pl = fma(yl, h, y * l);
    let n = nearest(limit(ph + pl, -160.0, 130.0));
    let r = limit((ph - n) + pl, -1.0, 1.0);
    let v = scale(fma(r, poly(r, EXP2), 1.0), n);
    let up = y > 0.0;
    let at_zero = pick(up, 0.0, INF);
    let at_inf = pick(up, INF, 0.0);
    let edge = (a == 0.0) | (a == INF);
    let w = pick(a == 0.0, at_zero, pick(a == INF, at_inf, v));
    let signed = pick(signbit(x) & odd, -w, w);
    let real = pick((x < 0.0) & !whole & !edge, NAN, signed);
    let known = pick(isnan(x) | isnan(y), NAN, real);
    pick((y == 0.0) | (x == 1.0), 1.0, known)
}

/// x^n, through [`pow`]: no loop, and no error growing with n.
/// Error: 1.02 ULP, shader 1.25.
#[inline(always)]
pub fn powi(x: f32, n: i32) -> f32 {
    let y = n as f32;
    let yh = mask(y);
    // The rounding of n to 24 bits is made good in the low part.
    let yl = (n - (yh as i32)) as f32;
    pow_core(x, y, yh, yl, true, (n & 1) != 0)
}

/// The cube root: exponent / 3 in integers, a guess by bits, one Halley step,
/// then fdlibm's last step from a root short enough to square exactly.
/// Error: 0.83 ULP, shader 0.78.
#[inline(always)]
pub fn cbrt(x: f32) -> f32 {
    let a = abs(x);
    let tiny = a < MIN_NORMAL;
    let u = bits(pick(tiny, a * CBRT_SCALE, a));
    // a = m 2^(3k) with 1 <= m < 8
    let e = (u >> MANT) + CBRT_ALIGN;
    let q = (e * 0x5556) >> 16;
    let m = float((u & MANT_MASK) | ((e - 3 * q + BIAS_BITS) << MANT));
    let g = float(third(bits(m)) + CBRT_GUESS);
    let t = mask(halley(g, m));
    let r = m / (t * t);
    let c = fma(t, (r - t) / (2.0 * t + r), t);
    let k = to_float(q) - pick(tiny, CBRT_BIAS_TINY, CBRT_BIAS);
    pick((a == 0.0) | !isfinite(x), x, copysign(c * pow2(k), x))
}

/// The Cody-Waite reduction's range: 2^17.
pub const TRIG_MAX: f32 = 131072.0;

/// The bits of 2/pi in words, after one of zeros.
const TWO_OVER_PI: [u32; 8] =
    [0, 0xa2f9_836e, 0x4e44_1529, 0xfc27_57d1, 0xf534_ddc0, 0xdb62_9599, 0x3c43_9041, 0xfe51_63ab];

/// [`reduce`] for any `a` >= 0, by Payne and Hanek: of 2/pi only the 96 bits
/// that the argument's exponent leaves below whole turns are multiplied.
#[inline(never)]
fn reduce_large(a: f32) -> (f32, f32) {
    let u = bits(a);
    let m = u64::from((u & MANT_MASK) | (1 << MANT));
    let at = (u >> MANT).wrapping_sub(120) & 0xff;
    let word = |i: u32| u64::from(TWO_OVER_PI[((at >> 5) + i).min(7) as usize]);
    let window = |i: u32| (((word(i) << 32 | word(i + 1)) << (at & 31)) >> 32) & 0xffff_ffff;
    // Two bits of quadrant, then 62 of fraction.
    let turns = ((m * window(0)) << 32).wrapping_add(m * window(1)).wrapping_add((m * window(2)) >> 32);
    let n = turns.wrapping_add(1 << 61) >> 62;
    let fraction = turns.wrapping_sub(n << 62) as i64;
    let r = fraction as f64 * (std::f64::consts::FRAC_PI_2 / (1u64 << 62) as f64);
    (pick(isfinite(a), r as f32, NAN), n as f32)
}

/// x - y trunc(x/y), exact (C's fmod, Rust's `%`): long division of the
/// mantissas in integers, eight bits of quotient a turn.
pub fn trunc_rem(x: f32, y: f32) -> f32 {
    let a = bits(abs(x));
    let b = bits(abs(y));
    if a >= INF_BITS || b > INF_BITS || b == 0 {
        return NAN;
    }
    if a < b {
        return x;
    }
    let (ea, eb) = ((a >> MANT).max(1), (b >> MANT).max(1));
    let mb = b - ((eb - 1) << MANT);
    let mut ma = (a - ((ea - 1) << MANT)) % mb;
    let mut left = ea - eb;
    while left > 0 {
        let step = left.min(REM_STEP);
        ma = (ma << step) % mb;
        left -= step;
    }
    let e = to_float(eb) - (BIAS + MANT_F);
    copysign(scale(ma as f32, e), x)
}
const REM_STEP: u32 = 8;

/// floor(x / y), agreeing with [`floor_mod`] (`np.floor_divide`).
#[inline(always)]
pub fn floor_div(x: f32, y: f32) -> f32 {
    // A remainder may be subnormal, which devices take for zero: small numbers are divided as large ones.
    let by = pick((abs(y) < 8.6736174e-19) & (abs(x) < 1.1529215e18), 1.8446744e19, 1.0);
    let a = x * by;
    let b = y * by;
    let m = trunc_rem(a, b);
    let d = quotient(a - m, b);
    // x - m is a multiple of y, so only rounding keeps d from being whole.
    let down = (m != 0.0) & ((m < 0.0) != (y < 0.0));
    let e = pick(down, d - 1.0, d);
    let f = floor(e);
    let whole = pick(e - f > 0.5, f + 1.0, f);
    let v = pick(whole == 0.0, copysign(0.0, copysign(1.0, x) * y), whole);
    pick(y == 0.0, x / y, keep_nan(m, v))
}
