//! Elementary functions on `f64`.
//!
//! The bodies use the small vocabulary of `prim64` so that each
//! reads the same as its twin in `shaders/lib/f64.wgsl`. None of them relies on
//! a fused `fma` or on the order of sums: exact steps are made from operands
//! whose low bits are masked off, which survives drivers that split or contract.
//!
//! The errors named are the largest met, in units of the last place, over 6000
//! values a function from `tests/data/math_oracle.py`: on the CPU, and in the
//! shader on lavapipe, which does not fuse and takes subnormals for zero.

pub use super::prim64::{abs, ceil, copysign, floor, isfinite, isinf, isnan, round_even, signbit, sqrt, trunc};
use super::{coef64::*, prim64::*};

/// What is written the same on both widths: `F` is the float, `U` its bits.
type F = f64;
type U = u64;
include!("both.rs");

/// `e^x * 2^shift` for a small whole `shift`.
#[inline(always)]
fn exp_scaled(x: f64, shift: f64) -> f64 {
    let a = limit(x, -750.0, 712.0);
    let n = nearest(a * LOG2_E);
    let r = fma(-n, LN2_LO, fma(-n, LN2_HI, a));
    let p = 1.0 + fma(r * r, poly(r, EXP), r);
    keep_nan(x, scale(p, n + shift))
}

/// 2^x, with x = n + r reduced exactly.
/// Error: 0.76 ULP, shader 1.04.
#[inline(always)]
pub fn exp2(x: f64) -> f64 {
    let a = limit(x, -1080.0, 1026.0);
    let n = nearest(a);
    let r = a - n;
    keep_nan(x, scale(fma(r, poly(r, EXP2), 1.0), n))
}

/// e^x - 1 as 2^n (e^r - 1) + (2^n - 1), halved inside so that 2^1024 fits.
/// Error: 1.79 ULP, shader 1.79.
#[inline(always)]
pub fn expm1(x: f64) -> f64 {
    let a = limit(x, -40.0, 710.0);
    let n = nearest(a * LOG2_E);
    let r = fma(-n, LN2_LO, fma(-n, LN2_HI, a));
    let p = fma(r * r, poly(r, EXP), r);
    let t = pow2(n - 1.0);
    let v = 2.0 * fma(p, t, t - 0.5);
    // Keeps -0 as well.
    pick(abs(x) < TINY, x, keep_nan(x, v))
}

/// ln(1 + f) + e ln 2 for |f| < 0.42, by the odd series in f/(2 + f) (fdlibm).
#[inline(always)]
fn ln_core(f: f64, e: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let half = 0.5 * f * f;
    let tail = fma(s, fma(z, poly(z, LN), half), e * LN2_LO);
    fma(e, LN2_HI, f - (half - tail))
}

/// |x|^y with y given again as `yh + yl` (`yh` masked), then the sign and
/// C99's special cases.
#[inline(always)]
fn pow_core(x: f64, y: f64, yh: f64, yl: f64, whole: bool, odd: bool) -> f64 {
    let a = abs(x);
    let (h, l) = log2_parts(a);
    let ph = yh * h;
    let pl = fma(yl, h, y * l);
    let n = nearest(limit(ph + pl, -1100.0, 1030.0));
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
/// Error: 0.86 ULP, shader 1.11.
#[inline(always)]
pub fn powi(x: f64, n: i32) -> f64 {
    let y = n as f64;
    let yh = mask(y);
    // What the mask drops of n goes to the low part.
    let yl = (n - (yh as i32)) as f64;
    pow_core(x, y, yh, yl, true, (n & 1) != 0)
}

/// The cube root: exponent / 3 in integers, a guess by bits, two Halley steps,
/// then fdlibm's last step from a root short enough to square exactly.
/// Error: 0.67 ULP, shader 0.67.
#[inline(always)]
pub fn cbrt(x: f64) -> f64 {
    let a = abs(x);
    let tiny = a < MIN_NORMAL;
    let u = bits(pick(tiny, a * CBRT_SCALE, a));
    // a = m 2^(3k) with 1 <= m < 8
    let e = (u >> MANT) + CBRT_ALIGN;
    let q = (e * 0x5556) >> 16;
    let m = float((u & MANT_MASK) | ((e - 3 * q + BIAS_BITS) << MANT));
    let g = float(third(bits(m)) + CBRT_GUESS);
    let t = mask(halley(halley(g, m), m));
    let r = m / (t * t);
    let c = fma(t, (r - t) / (2.0 * t + r), t);
    let k = to_float(q) - pick(tiny, CBRT_BIAS_TINY, CBRT_BIAS);
    pick((a == 0.0) | !isfinite(x), x, copysign(c * pow2(k), x))
}

/// The Cody-Waite reduction's range: 2^30.
pub const TRIG_MAX: f64 = 1073741824.0;

/// The bits of 2/pi in words, after one of zeros.
#[rustfmt::skip]
const TWO_OVER_PI: [u64; 20] = [
    0, 0xa2f9_836e_4e44_1529, 0xfc27_57d1_f534_ddc0, 0xdb62_9599_3c43_9041,
    0xfe51_63ab_debb_c561, 0xb724_6e3a_424d_d2e0, 0x0649_2eea_09d1_921c, 0xfe1d_eb1c_b129_a73e,
    0xe882_35f5_2ebb_4484, 0xe99c_7026_b45f_7e41, 0x3991_d639_8353_39f4, 0x9c84_5f8b_bdf9_283b,
    0x1ff8_97ff_de05_980f, 0xef2f_118b_5a0a_6d1f, 0x6d36_7ecf_27cb_09b7, 0x4f46_3f66_9e5f_ea2d,
    0x7527_bac7_ebe5_f17b, 0x3d07_39f7_8a52_92ea, 0x6bfb_5fb1_1f8d_5d08, 0x5603_3046_fc7b_6bab,
];

/// [`reduce`] for any `a` >= 0, by Payne and Hanek: of 2/pi only the 192 bits
/// that the argument's exponent leaves below whole turns are multiplied.
#[inline(never)]
fn reduce_large(a: f64) -> (f64, f64) {
    let u = bits(a);
    let m = u128::from((u & MANT_MASK) | (1 << MANT));
    let at = (u >> MANT).wrapping_sub(1013) & 0x7ff;
    let word = |i: u64| u128::from(TWO_OVER_PI[((at >> 6) + i).min(19) as usize]);
    let window = |i: u64| (((word(i) << 64) | word(i + 1)) << (at & 63)) >> 64;
    // Two bits of quadrant, then 126 of fraction.
    let turns = ((m * window(0)) << 64).wrapping_add(m * window(1)).wrapping_add((m * window(2)) >> 64);
    let n = turns.wrapping_add(1 << 125) >> 126;
    let fraction = turns.wrapping_sub(n << 126) as i128;
    let hi = fraction as f64;
    let lo = (fraction - hi as i128) as f64;
    let r = fma(hi, PI_2_HI, fma(lo, PI_2_HI, hi * PI_2_MID)) / (1u128 << 126) as f64;
    (pick(isfinite(a), r, NAN), n as f64)
}

/// x - y trunc(x/y), exact (C's fmod, Rust's `%`): long division of the
/// mantissas in integers, eleven bits of quotient a turn.
pub fn trunc_rem(x: f64, y: f64) -> f64 {
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
    copysign(scale(ma as f64, e), x)
}
const REM_STEP: u64 = 11;

/// floor(x / y), agreeing with [`floor_mod`] (`np.floor_divide`).
#[inline(always)]
pub fn floor_div(x: f64, y: f64) -> f64 {
    // A remainder may be subnormal, which devices take for zero: small numbers are divided as large ones.
    let by = pick((abs(y) < 3.054936363499605e-151) & (abs(x) < 3.273390607896142e150), 1.3407807929942597e154, 1.0);
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
