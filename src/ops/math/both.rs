// What is written the same on `f32` and on `f64`: a part of `m32.rs` and `m64.rs`, where `F` is the float and `U` its bits. Numbers that
// differ are constants (`coef32.rs`, `coef64.rs`), and errors are given for each.

// ---- exponentials ----

/// `p * 2^n` in two factors, so that the product may overflow or be subnormal.
#[inline(always)]
fn scale(p: F, n: F) -> F {
    let half = floor(n * 0.5);
    p * pow2(half) * pow2(n - half)
}

/// e^x. Cody-Waite reduction by ln 2, own fit.
/// Error: 1.03 ULP, shader 1.74 (f32); 0.95 ULP, shader 1.54 (f64).
#[inline(always)]
pub fn exp(x: F) -> F {
    exp_scaled(x, 0.0)
}

/// 1 / (1 + e^-x), through e^-|x| so that nothing overflows.
/// Error: 2.34 ULP, shader 2.83 (f32); 1.72 ULP, shader 2.21 (f64).
#[inline(always)]
pub fn sigmoid(x: F) -> F {
    let e = exp(-abs(x));
    keep_nan(x, pick(x < 0.0, e, 1.0) / (1.0 + e))
}

// ---- logarithms ----

/// Splits a positive `a` into (m, e) with a = m 2^e and sqrt(1/2) <= m < sqrt(2).
#[inline(always)]
fn split(a: F) -> (F, F) {
    let tiny = a < MIN_NORMAL;
    let k = bits(pick(tiny, a * TWO_MANT, a)) + (ONE_BITS - SQRT_HALF_BITS);
    let m = float((k & MANT_MASK) + SQRT_HALF_BITS);
    let e = to_float(k >> MANT) - pick(tiny, BIAS + MANT_F, BIAS);
    (m, e)
}

/// The logarithm's value outside (0, inf): -inf at 0, NaN below, x above.
#[inline(always)]
fn ln_edges(x: F, v: F) -> F {
    let w = pick(isfinite(x), v, x);
    pick(x < 0.0, NAN, pick(x == 0.0, -INF, w))
}

/// ln x. Exponent split at sqrt(2), own fit.
/// Error: 0.83 ULP, shader 0.80 (f32); 0.72 ULP, shader 0.72 (f64).
#[inline(always)]
pub fn ln(x: F) -> F {
    let (m, e) = split(abs(x));
    ln_edges(x, ln_core(m - 1.0, e))
}

/// ln(1 + x). One fma gives m - 1 = x 2^-k + (2^-k - 1) with no error to mend.
/// Error: 1.37 ULP, shader 2.34 (f32); 0.73 ULP, shader 2.24 (f64).
#[inline(always)]
pub fn log1p(x: F) -> F {
    let a = limit(x, -1.0, HUGE);
    let (_, e) = split(abs(a + 1.0));
    // 2^-k in two factors: k may be one more than the exponent range.
    let quarter = pow2(2.0 - e);
    let m = fma(a * 0.25, quarter, fma(0.25, quarter, -1.0));
    // A shader compiler may add the 1 last, which only hurts where k = 0.
    let f = pick(e == 0.0, a, m);
    let v = ln_core(f, e);
    let w = pick(abs(x) < TINY, x, v);
    pick(x < -1.0, NAN, pick(x == -1.0, -INF, pick(isfinite(x), w, x)))
}

/// log2 of a positive `a` as (h, l): h carries 12 bits or 26, h + l some 34 or 66.
/// fdlibm's `e_pow` scheme: every product of two masked halves is exact.
#[inline(always)]
fn log2_parts(a: F) -> (F, F) {
    let (m, e) = split(a);
    let f = m - 1.0;
    let g = m + 1.0;
    let s = f / g;
    let sh = mask(s);
    let fh = mask(f);
    // f - sh (2 + f), the division's remainder.
    let sl = (((f - 2.0 * sh) - sh * fh) - sh * (f - fh)) / g;
    let z = s * s;
    let r = fma(z * z, poly(z, ATANH), sl * (sh + s));
    let s2 = sh * sh;
    let th = mask(3.0 + (s2 + r));
    let tl = r - ((th - 3.0) - s2);
    let u = sh * th;
    let v = fma(sl, th, tl * s);
    let p = mask(u + v);
    let q = v - (p - u);
    // times 2 / (3 ln 2)
    let hi = LOG_SCALE_HI * p;
    let lo = fma(LOG_SCALE_LO, p, q * LOG_SCALE);
    let h = mask(e + (hi + lo));
    (h, ((e - h) + hi) + lo)
}

/// log2 x, exact at powers of two.
/// Error: 0.51 ULP, shader 0.51 (f32); 0.50 ULP, shader 0.50 (f64).
#[inline(always)]
pub fn log2(x: F) -> F {
    let (h, l) = log2_parts(abs(x));
    ln_edges(x, h + l)
}

/// log10 x, from the two-part log2.
/// Error: 0.51 ULP, shader 1.89 (f32); 0.50 ULP, shader 1.16 (f64).
#[inline(always)]
pub fn log10(x: F) -> F {
    let (h, l) = log2_parts(abs(x));
    ln_edges(x, fma(h, LOG10_2_HI, fma(h, LOG10_2_LO, l * LOG10_2)))
}

// ---- powers and roots ----

/// x^y = 2^(y log2 x) with a two-part logarithm; special cases of C99 and NumPy.
/// Error: 1.02 ULP, shader 1.25 (f32); 0.93 ULP, shader 1.06 (f64).
#[inline(always)]
pub fn pow(x: F, y: F) -> F {
    let half = y * 0.5;
    let whole = trunc(y) == y;
    let odd = whole & (trunc(half) != half);
    // Past this the result is 0, 1 or inf; the products below stay finite.
    let b = limit(y, -POW_LIMIT, POW_LIMIT);
    let bh = mask(b);
    pow_core(x, b, bh, b - bh, whole, odd)
}

/// One Halley step towards the cube root of m: thrice the bits.
#[inline(always)]
fn halley(g: F, m: F) -> F {
    let g3 = g * g * g;
    g * ((g3 + 2.0 * m) / (2.0 * g3 + m))
}

/// sqrt(x^2 + y^2), scaled by a power of two; an infinity beats a NaN (C99).
/// Error: 0.92 ULP, shader 1.17 (f32); 0.77 ULP, shader 1.01 (f64).
#[inline(always)]
pub fn hypot(x: F, y: F) -> F {
    let a = pick(abs(x) > abs(y), abs(x), abs(y));
    let b = pick(abs(x) > abs(y), abs(y), abs(x));
    let far = a > HYPOT_FAR;
    let near = a < HYPOT_NEAR;
    let s = pick(far, HYPOT_DOWN, pick(near, HYPOT_UP, 1.0));
    let t = pick(far, HYPOT_UP, pick(near, HYPOT_DOWN, 1.0));
    let c = a * s;
    let d = b * s;
    let v = sqrt(fma(c, c, d * d)) * t;
    let w = pick(isnan(x) | isnan(y), NAN, v);
    pick(isinf(x) | isinf(y), INF, w)
}

// ---- trigonometry ----

/// r and n with `a = n pi/2 + r`, for 0 <= a <= [`TRIG_MAX`]: Cody-Waite with
/// pi/2 in three parts. The fused first product is exact, so r is rounded once.
#[inline(always)]
fn reduce(a: F) -> (F, F) {
    let n = nearest(a * FRAC_2_PI);
    let r = fma(-n, PI_2_MID, fma(-n, PI_2_HI, a));
    (fma(-n, PI_2_LO, r), n)
}

#[inline(always)]
fn sin_poly(r: F) -> F {
    let z = r * r;
    fma(r * z, poly(z, SIN), r)
}

#[inline(always)]
fn cos_poly(r: F) -> F {
    let z = r * r;
    let half = 0.5 * z;
    let w = 1.0 - half;
    // The rounding of w comes back (or is left out, where sums are rearranged).
    w + fma(z * z, poly(z, COS), (1.0 - w) - half)
}

/// sin(r + q pi/2); `flip` holds a sign bit to apply to the result.
#[inline(always)]
fn sin_turned(r: F, q: U, flip: U) -> F {
    let v = pick((q & 1) == 0, sin_poly(r), cos_poly(r));
    float(bits(v) ^ ((q & 2) << SIGN_SHIFT) ^ flip)
}

/// tan(r + q pi/2) for a reduced r; `flip` holds a sign bit to apply.
#[inline(always)]
fn tan_turned(r: F, q: U, flip: U) -> F {
    let z = r * r;
    let t = fma(r * z, poly(z, TAN), r);
    let v = pick((q & 1) == 0, t, -1.0 / t);
    float(bits(v) ^ flip)
}

/// Whether the `*_fast` functions hold for x; a strip loop asks once a strip.
#[inline(always)]
pub fn trig_in_range(x: F) -> bool {
    abs(x) <= TRIG_MAX
}

/// [`sin`] without a branch, for |x| <= [`TRIG_MAX`].
#[inline(always)]
pub fn sin_fast(x: F) -> F {
    let (r, n) = reduce(abs(x));
    sin_turned(r, quadrant(n), bits(x) & SIGN_BIT)
}

/// [`cos`] without a branch, for |x| <= [`TRIG_MAX`].
#[inline(always)]
pub fn cos_fast(x: F) -> F {
    let (r, n) = reduce(abs(x));
    sin_turned(r, quadrant(n) + 1, 0)
}

/// [`tan`] without a branch, for |x| <= [`TRIG_MAX`].
#[inline(always)]
pub fn tan_fast(x: F) -> F {
    let (r, n) = reduce(abs(x));
    tan_turned(r, quadrant(n), bits(x) & SIGN_BIT)
}

/// [`reduce`] or [`reduce_large`].
#[inline(always)]
fn reduce_any(a: F) -> (F, F) {
    if a <= TRIG_MAX { reduce(a) } else { reduce_large(a) }
}

/// sin x over the whole range; a branch leads large arguments to Payne-Hanek.
/// Error: 1.54 ULP, shader 2.58 (f32); 1.16 ULP, shader 2.01 (f64).
#[inline(always)]
pub fn sin(x: F) -> F {
    let (r, n) = reduce_any(abs(x));
    sin_turned(r, quadrant(n), bits(x) & SIGN_BIT)
}

/// cos x over the whole range, like [`sin`].
/// Error: 1.54 ULP, shader 2.54 (f32); 1.21 ULP, shader 2.18 (f64).
#[inline(always)]
pub fn cos(x: F) -> F {
    let (r, n) = reduce_any(abs(x));
    sin_turned(r, quadrant(n) + 1, 0)
}

/// tan x over the whole range, like [`sin`].
/// Error: 2.91 ULP, shader 3.43 (f32); 1.79 ULP, shader 2.64 (f64).
#[inline(always)]
pub fn tan(x: F) -> F {
    let (r, n) = reduce_any(abs(x));
    tan_turned(r, quadrant(n), bits(x) & SIGN_BIT)
}

/// (cos 2 pi u, sin 2 pi u) for 0 <= u < 1, as Box-Muller wants it: the
/// reduction to an eighth of a turn is exact.
/// Error: 1.51 ULP, shader 1.94 (f32); 1.34 ULP, shader 1.62 (f64).
#[inline(always)]
pub fn sincospi2(u: F) -> (F, F) {
    let n = nearest(u * 4.0);
    let t = fma(-0.25, n, u);
    let r = fma(t, TAU, t * TAU_LO);
    let q = quadrant(n);
    (sin_turned(r, q + 1, 0), sin_turned(r, q, 0))
}

/// sqrt((1 - a)/2) for a > 1/2 and a itself below: where asin's series holds.
#[inline(always)]
fn half_angle(a: F) -> F {
    pick(a > 0.5, sqrt(fma(-0.5, a, 0.5)), a)
}

/// asin x: a series to 1/2, past it pi/2 - 2 asin(sqrt((1 - x)/2)).
/// Error: 1.63 ULP, shader 1.61 (f32); 1.54 ULP, shader 1.54 (f64).
#[inline(always)]
pub fn asin(x: F) -> F {
    let a = abs(x);
    let s = half_angle(a);
    let z = s * s;
    let tail = s * z * poly(z, ASIN);
    let far = PI_2_HI - (2.0 * s + fma(2.0, tail, -PI_2_MID));
    let v = copysign(pick(a > 0.5, far, s + tail), x);
    pick(isnan(x) | (a > 1.0), NAN, v)
}

/// acos x: 2 asin(sqrt((1 - x)/2)) past 1/2, mirrored below -1/2.
/// Error: 1.13 ULP, shader 1.10 (f32); 1.03 ULP, shader 1.03 (f64).
#[inline(always)]
pub fn acos(x: F) -> F {
    let a = abs(x);
    let s = half_angle(a);
    let z = s * s;
    let tail = s * z * poly(z, ASIN);
    let far = 2.0 * (s + tail);
    let mirrored = 2.0 * (PI_2_HI - (s + (tail - PI_2_MID)));
    let near = PI_2_HI - (copysign(s, x) + (copysign(tail, x) - PI_2_MID));
    let v = pick(a > 0.5, pick(x < 0.0, mirrored, far), near);
    pick(isnan(x) | (a > 1.0), NAN, v)
}

/// atan(b/a) + k pi/4 of the triangle (a, b), a >= b >= 0; `swap` when the two
/// were exchanged, `left` when the point has x < 0.
#[inline(always)]
fn atan_core(a: F, b: F, swap: bool, left: bool) -> F {
    // Past a slope of 1/2 turn by pi/4, in the same division; b - a is then exact.
    let turn = b > 0.5 * a;
    let t = pick(turn, b - a, b) / pick(turn, b + a, pick(a == 0.0, 1.0, a));
    let z = t * t;
    let p = fma(t * z, poly(z, ATAN), t);
    let k = pick(turn, 1.0, 0.0);
    let k2 = pick(swap, 2.0 - k, k);
    let k4 = pick(left, 4.0 - k2, k2);
    let q = pick(swap != left, -p, p);
    fma(k4, PI_4_HI, fma(k4, PI_4_LO, q))
}

/// atan x: to |t| <= 1/2 by one division, then an odd series.
/// Error: 1.62 ULP, shader 2.06 (f32); 1.20 ULP, shader 1.37 (f64).
#[inline(always)]
pub fn atan(x: F) -> F {
    let a = abs(x);
    let swap = a > 1.0;
    // 1/a only underflows where the result is pi/2 anyway.
    let c = pick(a > ATAN_MAX, ATAN_MAX, a);
    let v = atan_core(pick(swap, c, 1.0), pick(swap, 1.0, c), swap, false);
    keep_nan(x, copysign(v, x))
}

/// The angle of (x, y), with C99's values on the axes and at infinity.
/// Error: 1.65 ULP, shader 1.98 (f32); 1.05 ULP, shader 1.72 (f64).
#[inline(always)]
pub fn atan2(y: F, x: F) -> F {
    let both = isinf(x) & isinf(y);
    let ax = pick(both, 1.0, abs(x));
    let ay = pick(both, 1.0, abs(y));
    let swap = ay > ax;
    let a = pick(swap, ay, ax);
    let b = pick(swap, ax, ay);
    // Keeps a + b and its reciprocal normal numbers.
    let far = a > ATAN2_FAR;
    let near = a < ATAN2_NEAR;
    let c = pick(far, a * ATAN2_DOWN, pick(near, a * ATAN2_UP, a));
    let d = pick(far, b * ATAN2_DOWN, pick(near, b * ATAN2_UP, b));
    let v = atan_core(c, d, swap, signbit(x));
    pick(isnan(x) | isnan(y), NAN, copysign(v, y))
}

// ---- hyperbolic functions and the error function ----

/// sinh x: a series to 1, then (e^x - e^-x)/2 from e^x/2, which cannot overflow early.
/// Error: 1.62 ULP, shader 1.88 (f32); 1.39 ULP, shader 2.10 (f64).
#[inline(always)]
pub fn sinh(x: F) -> F {
    let a = abs(x);
    let z = a * a;
    let h = exp_scaled(a, -1.0);
    let v = pick(a < 1.0, fma(a * z, poly(z, SINH), a), h - 0.25 / h);
    keep_nan(x, copysign(v, x))
}

/// cosh x = h + 1/(4h), h = e^|x|/2.
/// Error: 1.51 ULP, shader 1.90 (f32); 1.22 ULP, shader 1.85 (f64).
#[inline(always)]
pub fn cosh(x: F) -> F {
    let h = exp_scaled(abs(x), -1.0);
    h + 0.25 / h
}

/// tanh x: a series to 0.55, then 1 - 2/(e^2|x| + 1).
/// Error: 1.47 ULP, shader 1.34 (f32); 1.20 ULP, shader 1.22 (f64).
#[inline(always)]
pub fn tanh(x: F) -> F {
    let a = abs(x);
    let z = a * a;
    let far = 1.0 - 2.0 / (exp(2.0 * limit(a, 0.0, TANH_MAX)) + 1.0);
    let v = pick(a < 0.55, fma(a * z, poly(z, TANH), a), far);
    keep_nan(x, copysign(v, x))
}

/// asinh x = log1p(a + a^2/(1 + sqrt(1 + a^2))), a = |x| (fdlibm).
/// Error: 1.79 ULP, shader 2.68 (f32); 1.62 ULP, shader 2.23 (f64).
#[inline(always)]
pub fn asinh(x: F) -> F {
    let a = abs(x);
    let far = a > ASINH_FAR;
    let b = pick(far, 0.0, a);
    let z = b * b;
    let w = pick(far, a, b + z / (1.0 + sqrt(1.0 + z)));
    copysign(log1p(w) + pick(far, LN2, 0.0), x)
}

/// acosh x = log1p(t + sqrt(t (t + 2))), t = x - 1.
/// Error: 2.19 ULP, shader 2.66 (f32); 2.29 ULP, shader 2.29 (f64).
#[inline(always)]
pub fn acosh(x: F) -> F {
    let far = x > ASINH_FAR;
    let t = pick(far, 0.0, x - 1.0);
    let w = pick(far, x, t + sqrt(t * (t + 2.0)));
    let v = log1p(w) + pick(far, LN2, 0.0);
    pick(isnan(x) | (x < 1.0), NAN, v)
}

/// atanh x: a series to 1/2, then log1p(2a/(1 - a))/2, a = |x|.
/// Error: 1.03 ULP, shader 1.22 (f32); 0.94 ULP, shader 1.15 (f64).
#[inline(always)]
pub fn atanh(x: F) -> F {
    let a = abs(x);
    let z = a * a;
    let far = pick(a == 1.0, INF, 0.5 * log1p(2.0 * a / (1.0 - a)));
    let v = pick(a < 0.5, fma(a * z, poly(z, ARTANH), a), far);
    pick(isnan(x) | (a > 1.0), NAN, copysign(v, x))
}

/// erf x: an odd series to 1, then 1 - e^(x P(x)), P fitted to ln(erfc x)/x
/// (the form is N. Juffa's).
/// Error: 1.17 ULP, shader 1.36 (f32); 0.94 ULP, shader 1.13 (f64).
#[inline(always)]
pub fn erf(x: F) -> F {
    let a = limit(abs(x), 0.0, ERF_MAX);
    let z = a * a;
    let near = fma(a, poly(z, ERF), a);
    let far = 1.0 - exp(a * poly(a, ERFC));
    keep_nan(x, copysign(pick(a < 1.0, near, far), x))
}

// ---- division with remainder ----

/// [`trunc_rem`] without a branch, exact for |x/y| < 2^22 or 2^51; needs a fused `mul_add`.
#[inline(always)]
pub fn trunc_rem_fast(x: F, y: F) -> F {
    let r = fma(-trunc(x / y), y, x);
    let step = copysign(y, x);
    // The rounded quotient may be one off either way.
    let low = pick((r < 0.0) != (x < 0.0), r + step, r);
    let v = copysign(pick(abs(r) >= abs(y), r - step, pick(r == 0.0, r, low)), x);
    pick(isinf(y) & isfinite(x), x, v)
}

/// The remainder with the divisor's sign (`np.mod`, Python's `%`).
#[inline(always)]
pub fn floor_mod(x: F, y: F) -> F {
    let m = trunc_rem(x, y);
    let moved = pick((m < 0.0) != (y < 0.0), m + y, m);
    pick(m == 0.0, copysign(0.0, y), moved)
}

// ---- comparisons and signs ----

/// 1, 0 or -1 by sign; NaN stays.
#[inline(always)]
pub fn sign(x: F) -> F {
    // Not as a choice of three, which Mesa takes for its own, whose zero is -0.0.
    keep_nan(x, pick(x == 0.0, 0.0, copysign(1.0, x)))
}

/// The part after the point, x - trunc(x), with x's sign; 0 at infinities.
#[inline(always)]
pub fn fract(x: F) -> F {
    pick(isinf(x), copysign(0.0, x), copysign(x - trunc(x), x))
}

/// The larger; NaN if either is (`np.maximum`).
#[inline(always)]
pub fn max(x: F, y: F) -> F {
    pick(isnan(x) | isnan(y), NAN, pick(x > y, x, y))
}

/// The smaller; NaN if either is (`np.minimum`).
#[inline(always)]
pub fn min(x: F, y: F) -> F {
    pick(isnan(x) | isnan(y), NAN, pick(x < y, x, y))
}

/// The larger, passing over a NaN (`np.fmax`).
#[inline(always)]
pub fn fmax(x: F, y: F) -> F {
    pick(isnan(y) | (x > y), x, y)
}

/// The smaller, passing over a NaN (`np.fmin`).
#[inline(always)]
pub fn fmin(x: F, y: F) -> F {
    pick(isnan(y) | (x < y), x, y)
}
