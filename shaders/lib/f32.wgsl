// Elementary functions on f32: the twins of src/ops/math/m32.rs.
// Made by tools/twin.py from that file and tools/f32_head.wgsl; edit those.
//
// WGSL lets a device flush subnormals, which then count as zeros here; NaN and
// infinities are made and told apart by bits. Exact steps are products of
// masked halves, so that neither an unfused fma nor a contraction harms them.

const HUGE_F32: f32 = 3.4028234e38;
const MIN_NORMAL_F32: f32 = 1.1754944e-38;
const SIGN_BIT_F32: u32 = 0x80000000u;
const INF_BITS_F32: u32 = 0x7f800000u;
const TRIG_MAX_F32: f32 = 8192.0;
const TWO_OVER_PI_F32: array<u32, 8> = array<u32, 8>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu);

// The argument only keeps the compiler from folding the bits, which it rejects.
fn inf_f32(like: f32) -> f32 {
    return bitcast<f32>(INF_BITS_F32 | (bitcast<u32>(like) & 0u));
}

fn nan_f32(like: f32) -> f32 {
    return bitcast<f32>(0x7fc00000u | (bitcast<u32>(like) & 0u));
}

fn isnan_f32(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > INF_BITS_F32;
}

fn isinf_f32(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) == INF_BITS_F32;
}

fn isfinite_f32(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) < INF_BITS_F32;
}

fn signbit_f32(x: f32) -> bool {
    return (bitcast<u32>(x) >> 31u) != 0u;
}

fn copysign_f32(x: f32, s: f32) -> f32 {
    return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(s) & SIGN_BIT_F32));
}

// v, unless x is NaN.
fn keep_nan_f32(x: f32, v: f32) -> f32 {
    return select(v, x, isnan_f32(x));
}

// x within [lo, hi]; NaN passes.
fn limit_f32(x: f32, lo: f32, hi: f32) -> f32 {
    return keep_nan_f32(x, select(select(x, hi, x > hi), lo, x < lo));
}

// x with the lower half of its mantissa cut: products of two such are exact.
fn mask_f32(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
}

fn nearest_f32(x: f32) -> f32 {
    return round(x);
}

fn round_even_f32(x: f32) -> f32 {
    return round(x);
}

fn floor_f32(x: f32) -> f32 {
    return floor(x);
}

fn ceil_f32(x: f32) -> f32 {
    return ceil(x);
}

fn trunc_f32(x: f32) -> f32 {
    return trunc(x);
}

fn quadrant_f32(n: f32) -> u32 {
    return u32(i32(n)) & 3u;
}

// 2^n for a whole n in -126..=127.
fn pow2_f32(n: f32) -> f32 {
    return bitcast<f32>((i32(n) + 127) << 23u);
}

fn to_float_f32(u: u32) -> f32 {
    return f32(u);
}

fn third_f32(u: u32) -> u32 {
    return u / 3u;
}

// r and n with a = n pi/2 + r for 0 <= a <= TRIG_MAX: pi/2 in parts of 11 bits,
// whose products with n are exact whether or not fma is fused.
fn reduce_f32(a: f32) -> vec2<f32> {
    let n = round(a * 0.63661975);
    let r1 = fma(-n, 1.5703125, a);
    let r2 = fma(-n, 0.0004837513, r1);
    let r3 = fma(-n, 7.5495336e-8, r2);
    let r4 = fma(-n, 2.563283e-12, r3);
    return vec2<f32>(fma(-n, 6.123234e-17, r4), n);
}

// The high word of a 64-bit product, in pieces of 16 bits.
fn mul_high_f32(a: u32, b: u32) -> u32 {
    let al = a & 0xffffu;
    let ah = a >> 16u;
    let bl = b & 0xffffu;
    let bh = b >> 16u;
    let mid = ah * bl + ((al * bl) >> 16u);
    let mid2 = al * bh + (mid & 0xffffu);
    return ah * bh + (mid >> 16u) + (mid2 >> 16u);
}

// The 32 bits of 2/pi from bit `at` of its words.
fn pi_window_f32(at: u32) -> u32 {
    let i = at >> 5u;
    let s = at & 31u;
    let w = TWO_OVER_PI_F32[min(i, 7u)];
    let next = TWO_OVER_PI_F32[min(i + 1u, 7u)];
    return (w << s) | ((next >> 1u) >> (31u - s));
}

// Payne-Hanek: 2/pi's bits below whole turns times the mantissa, in 64 bits.
fn reduce_large_f32(a: f32) -> vec2<f32> {
    let u = bitcast<u32>(a);
    let m = (u & 0x007fffffu) | 0x00800000u;
    let at = ((u >> 23u) - 120u) & 0xffu;
    let w1 = pi_window_f32(at + 32u);
    let carry = mul_high_f32(m, pi_window_f32(at + 64u));
    let low = m * w1 + carry;
    let high = m * pi_window_f32(at) + mul_high_f32(m, w1) + select(0u, 1u, low < carry);
    // Two bits of quadrant, then 62 of fraction.
    let n = (high + 0x20000000u) >> 30u;
    let f = high - (n << 30u);
    let negative = (f >> 31u) != 0u;
    let fl = select(low, ~low + 1u, negative);
    let fh = select(f, ~f + select(0u, 1u, low == 0u), negative);
    let t = f32(fh) * 9.313226e-10 + f32(fl) * 2.1684043e-19;
    let r = select(t, -t, negative) * 1.5707964;
    return vec2<f32>(select(nan_f32(a), r, isfinite_f32(a)), f32(n));
}

fn reduce_any_f32(a: f32) -> vec2<f32> {
    if (a <= TRIG_MAX_F32) {
        return reduce_f32(a);
    }
    return reduce_large_f32(a);
}

// x - y trunc(x/y), exact (C's fmod): long division of the mantissas in
// integers, eight bits of quotient a turn.
fn trunc_rem_f32(x: f32, y: f32) -> f32 {
    let a = bitcast<u32>(x) & 0x7fffffffu;
    let b = bitcast<u32>(y) & 0x7fffffffu;
    if (a >= INF_BITS_F32 || b > INF_BITS_F32 || b == 0u) {
        return nan_f32(x);
    }
    if (a < b) {
        return x;
    }
    let ea = max(a >> 23u, 1u);
    let eb = max(b >> 23u, 1u);
    let mb = b - ((eb - 1u) << 23u);
    var ma = (a - ((ea - 1u) << 23u)) % mb;
    var left = ea - eb;
    while (left > 0u) {
        let step = min(left, 8u);
        ma = (ma << step) % mb;
        left -= step;
    }
    return copysign_f32(scale_f32(f32(ma), f32(eb) - 150.0), x);
}

const LOG2_E_F32: f32 = 1.442695;
const LN2_HI_F32: f32 = 0.6933594;
const LN2_LO_F32: f32 = -0.00021219444;
const LN2_F32: f32 = 0.6931472;
const PI_2_HI_F32: f32 = 1.5707964;
const PI_2_MID_F32: f32 = -4.371139e-8;
const PI_4_HI_F32: f32 = 0.7853982;
const PI_4_LO_F32: f32 = -2.1855694e-8;
const TAU_F32: f32 = 6.2831855;
const TAU_LO_F32: f32 = -1.7484555e-7;
const LOG_SCALE_F32: f32 = 0.9617967;
const LOG_SCALE_HI_F32: f32 = 0.96191406;
const LOG_SCALE_LO_F32: f32 = -0.000117368574;
const LOG10_2_F32: f32 = 0.30103;
const LOG10_2_HI_F32: f32 = 0.3010254;
const LOG10_2_LO_F32: f32 = 4.605039e-6;
const MANT_F32: u32 = 23;
const MANT_F_F32: f32 = 23.0;
const TWO_MANT_F32: f32 = 8388608.0;
const BIAS_F32: f32 = 127.0;
const BIAS_BITS_F32: u32 = 127;
const MANT_MASK_F32: u32 = 0x007fffffu;
const ONE_BITS_F32: u32 = 0x3f800000u;
const SQRT_HALF_BITS_F32: u32 = 0x3f3504f3u;
const SIGN_SHIFT_F32: u32 = 30;
const TINY_F32: f32 = 2.9802322e-8;
const POW_LIMIT_F32: f32 = 1099511600000.0;
const CBRT_SCALE_F32: f32 = 16777216.0;
const CBRT_GUESS_F32: u32 = 709958130;
const CBRT_ALIGN_F32: u32 = 2;
const CBRT_BIAS_F32: f32 = 43.0;
const CBRT_BIAS_TINY_F32: f32 = 51.0;
const HYPOT_FAR_F32: f32 = 1.1529215e18;
const HYPOT_NEAR_F32: f32 = 9.094947e-13;
const HYPOT_UP_F32: f32 = 1.2089258e24;
const HYPOT_DOWN_F32: f32 = 8.271806e-25;
const ATAN2_FAR_F32: f32 = 1.2676506e30;
const ATAN2_DOWN_F32: f32 = 9.313226e-10;
const ATAN2_NEAR_F32: f32 = 8.077936e-28;
const ATAN2_UP_F32: f32 = 1073741800.0;
const ATAN_MAX_F32: f32 = 4.2535296e37;
const TANH_MAX_F32: f32 = 9.5;
const ASINH_FAR_F32: f32 = 268435460.0;
const ERF_MAX_F32: f32 = 3.95;

// `p * 2^n` in two factors, so that the product may overflow or be subnormal.
fn scale_f32(p: f32, n: f32) -> f32 {
    let half = floor(n * 0.5);
    return p * pow2_f32(half) * pow2_f32(n - half);
}

// e^x. Cody-Waite reduction by ln 2, own fit.
// Error: 1.03 ULP, shader 1.74.
fn exp_f32(x: f32) -> f32 {
    return exp_scaled_f32(x, 0.0);
}

// 1 / (1 + e^-x), through e^-|x| so that nothing overflows.
// Error: 2.34 ULP, shader 2.83.
fn sigmoid_f32(x: f32) -> f32 {
    let e = exp_f32(-abs(x));
    return keep_nan_f32(x, select(1.0, e, x < 0.0) / (1.0 + e));
}

// Splits a positive `a` into (m, e) with a = m 2^e and sqrt(1/2) <= m < sqrt(2).
fn split_f32(a: f32) -> vec2<f32> {
    let tiny = a < MIN_NORMAL_F32;
    let k = bitcast<u32>(select(a, a * TWO_MANT_F32, tiny)) + (ONE_BITS_F32 - SQRT_HALF_BITS_F32);
    let m = bitcast<f32>((k & MANT_MASK_F32) + SQRT_HALF_BITS_F32);
    let e = to_float_f32(k >> MANT_F32) - select(BIAS_F32, BIAS_F32 + MANT_F_F32, tiny);
    return vec2<f32>(m, e);
}

// The logarithm's value outside (0, inf): -inf at 0, NaN below, x above.
fn ln_edges_f32(x: f32, v: f32) -> f32 {
    let w = select(x, v, isfinite_f32(x));
    return select(select(w, -inf_f32(x), x == 0.0), nan_f32(x), x < 0.0);
}

// ln x. Exponent split at sqrt(2), own fit.
// Error: 0.83 ULP, shader 0.80.
fn ln_f32(x: f32) -> f32 {
    let m_e = split_f32(abs(x));
    let m = m_e.x;
    let e = m_e.y;
    return ln_edges_f32(x, ln_core_f32(m - 1.0, e));
}

// ln(1 + x). One fma gives m - 1 = x 2^-k + (2^-k - 1) with no error to mend.
// Error: 1.37 ULP, shader 2.34.
fn log1p_f32(x: f32) -> f32 {
    let a = limit_f32(x, -1.0, HUGE_F32);
    let both = split_f32(abs(a + 1.0));
    let e = both.y;
    let quarter = pow2_f32(2.0 - e);
    let m = fma(a * 0.25, quarter, fma(0.25, quarter, -1.0));
    let f = select(m, a, e == 0.0);
    let v = ln_core_f32(f, e);
    let w = select(v, x, abs(x) < TINY_F32);
    return select(select(select(x, w, isfinite_f32(x)), -inf_f32(x), x == -1.0), nan_f32(x), x < -1.0);
}

// log2 of a positive `a` as (h, l): h carries 12 bits or 26, h + l some 34 or 66.
// fdlibm's `e_pow` scheme: every product of two masked halves is exact.
fn log2_parts_f32(a: f32) -> vec2<f32> {
    let m_e = split_f32(a);
    let m = m_e.x;
    let e = m_e.y;
    let f = m - 1.0;
    let g = m + 1.0;
    let s = f / g;
    let sh = mask_f32(s);
    let fh = mask_f32(f);
    let sl = (((f - 2.0 * sh) - sh * fh) - sh * (f - fh)) / g;
    let z = s * s;
    let r = fma(z * z, fma(fma(0.35105243, z, 0.42821804), z, 0.60000217), sl * (sh + s));
    let s2 = sh * sh;
    let th = mask_f32(3.0 + (s2 + r));
    let tl = r - ((th - 3.0) - s2);
    let u = sh * th;
    let v = fma(sl, th, tl * s);
    let p = mask_f32(u + v);
    let q = v - (p - u);
    let hi = LOG_SCALE_HI_F32 * p;
    let lo = fma(LOG_SCALE_LO_F32, p, q * LOG_SCALE_F32);
    let h = mask_f32(e + (hi + lo));
    return vec2<f32>(h, ((e - h) + hi) + lo);
}

// log2 x, exact at powers of two.
// Error: 0.51 ULP, shader 0.51.
fn log2_f32(x: f32) -> f32 {
    let h_l = log2_parts_f32(abs(x));
    let h = h_l.x;
    let l = h_l.y;
    return ln_edges_f32(x, h + l);
}

// log10 x, from the two-part log2.
// Error: 0.51 ULP, shader 1.89.
fn log10_f32(x: f32) -> f32 {
    let h_l = log2_parts_f32(abs(x));
    let h = h_l.x;
    let l = h_l.y;
    return ln_edges_f32(x, fma(h, LOG10_2_HI_F32, fma(h, LOG10_2_LO_F32, l * LOG10_2_F32)));
}

// x^y = 2^(y log2 x) with a two-part logarithm; special cases of C99 and NumPy.
// Error: 1.02 ULP, shader 1.25.
fn pow_f32(x: f32, y: f32) -> f32 {
    let half = y * 0.5;
    let whole = trunc(y) == y;
    let odd = whole & (trunc(half) != half);
    let b = limit_f32(y, -POW_LIMIT_F32, POW_LIMIT_F32);
    let bh = mask_f32(b);
    return pow_core_f32(x, b, bh, b - bh, whole, odd);
}

// One Halley step towards the cube root of m: thrice the bits.
fn halley_f32(g: f32, m: f32) -> f32 {
    let g3 = g * g * g;
    return g * ((g3 + 2.0 * m) / (2.0 * g3 + m));
}

// sqrt(x^2 + y^2), scaled by a power of two; an infinity beats a NaN (C99).
// Error: 0.92 ULP, shader 1.17.
fn hypot_f32(x: f32, y: f32) -> f32 {
    let a = select(abs(y), abs(x), abs(x) > abs(y));
    let b = select(abs(x), abs(y), abs(x) > abs(y));
    let far = a > HYPOT_FAR_F32;
    let near = a < HYPOT_NEAR_F32;
    let s = select(select(1.0, HYPOT_UP_F32, near), HYPOT_DOWN_F32, far);
    let t = select(select(1.0, HYPOT_DOWN_F32, near), HYPOT_UP_F32, far);
    let c = a * s;
    let d = b * s;
    let v = sqrt(fma(c, c, d * d)) * t;
    let w = select(v, nan_f32(x), isnan_f32(x) | isnan_f32(y));
    return select(w, inf_f32(x), isinf_f32(x) | isinf_f32(y));
}

fn sin_poly_f32(r: f32) -> f32 {
    let z = r * r;
    return fma(r * z, fma(fma(-0.00019519914, z, 0.008332203), z, -0.16666655), r);
}

fn cos_poly_f32(r: f32) -> f32 {
    let z = r * r;
    let half = 0.5 * z;
    let w = 1.0 - half;
    return w + fma(z * z, fma(fma(2.4460633e-05, z, -0.001388759), z, 0.041666653), (1.0 - w) - half);
}

// sin(r + q pi/2); `flip` holds a sign bit to apply to the result.
fn sin_turned_f32(r: f32, q: u32, flip: u32) -> f32 {
    let v = select(cos_poly_f32(r), sin_poly_f32(r), (q & 1) == 0);
    return bitcast<f32>(bitcast<u32>(v) ^ ((q & 2) << SIGN_SHIFT_F32) ^ flip);
}

// tan(r + q pi/2) for a reduced r; `flip` holds a sign bit to apply.
fn tan_turned_f32(r: f32, q: u32, flip: u32) -> f32 {
    let z = r * r;
    let t = fma(r * z, fma(fma(fma(fma(fma(fma(0.0043615443, z, 0.00012843964), z, 0.010795493), z, 0.021302983), z, 0.054054372), z, 0.13332734), z, 0.33333346), r);
    let v = select(-1.0 / t, t, (q & 1) == 0);
    return bitcast<f32>(bitcast<u32>(v) ^ flip);
}

// sin x over the whole range; a branch leads large arguments to Payne-Hanek.
// Error: 1.54 ULP, shader 2.58.
fn sin_f32(x: f32) -> f32 {
    let r_n = reduce_any_f32(abs(x));
    let r = r_n.x;
    let n = r_n.y;
    return sin_turned_f32(r, quadrant_f32(n), bitcast<u32>(x) & SIGN_BIT_F32);
}

// cos x over the whole range, like sin.
// Error: 1.54 ULP, shader 2.54.
fn cos_f32(x: f32) -> f32 {
    let r_n = reduce_any_f32(abs(x));
    let r = r_n.x;
    let n = r_n.y;
    return sin_turned_f32(r, quadrant_f32(n) + 1, 0);
}

// tan x over the whole range, like sin.
// Error: 2.91 ULP, shader 3.43.
fn tan_f32(x: f32) -> f32 {
    let r_n = reduce_any_f32(abs(x));
    let r = r_n.x;
    let n = r_n.y;
    return tan_turned_f32(r, quadrant_f32(n), bitcast<u32>(x) & SIGN_BIT_F32);
}

// (cos 2 pi u, sin 2 pi u) for 0 <= u < 1, as Box-Muller wants it: the
// reduction to an eighth of a turn is exact.
// Error: 1.51 ULP, shader 1.94.
fn sincospi2_f32(u: f32) -> vec2<f32> {
    let n = nearest_f32(u * 4.0);
    let t = fma(-0.25, n, u);
    let r = fma(t, TAU_F32, t * TAU_LO_F32);
    let q = quadrant_f32(n);
    return vec2<f32>(sin_turned_f32(r, q + 1, 0), sin_turned_f32(r, q, 0));
}

// sqrt((1 - a)/2) for a > 1/2 and a itself below: where asin's series holds.
fn half_angle_f32(a: f32) -> f32 {
    return select(a, sqrt(fma(-0.5, a, 0.5)), a > 0.5);
}

// asin x: a series to 1/2, past it pi/2 - 2 asin(sqrt((1 - x)/2)).
// Error: 1.63 ULP, shader 1.61.
fn asin_f32(x: f32) -> f32 {
    let a = abs(x);
    let s = half_angle_f32(a);
    let z = s * s;
    let tail = s * z * fma(fma(fma(fma(fma(0.036746662, z, 0.015036408), z, 0.031632625), z, 0.044540714), z, 0.07500359), z, 0.16666663);
    let far = PI_2_HI_F32 - (2.0 * s + fma(2.0, tail, -PI_2_MID_F32));
    let v = copysign_f32(select(s + tail, far, a > 0.5), x);
    return select(v, nan_f32(x), isnan_f32(x) | (a > 1.0));
}

// acos x: 2 asin(sqrt((1 - x)/2)) past 1/2, mirrored below -1/2.
// Error: 1.13 ULP, shader 1.10.
fn acos_f32(x: f32) -> f32 {
    let a = abs(x);
    let s = half_angle_f32(a);
    let z = s * s;
    let tail = s * z * fma(fma(fma(fma(fma(0.036746662, z, 0.015036408), z, 0.031632625), z, 0.044540714), z, 0.07500359), z, 0.16666663);
    let far = 2.0 * (s + tail);
    let mirrored = 2.0 * (PI_2_HI_F32 - (s + (tail - PI_2_MID_F32)));
    let near = PI_2_HI_F32 - (copysign_f32(s, x) + (copysign_f32(tail, x) - PI_2_MID_F32));
    let v = select(near, select(far, mirrored, x < 0.0), a > 0.5);
    return select(v, nan_f32(x), isnan_f32(x) | (a > 1.0));
}

// atan(b/a) + k pi/4 of the triangle (a, b), a >= b >= 0; `swap` when the two
// were exchanged, `left` when the point has x < 0.
fn atan_core_f32(a: f32, b: f32, swap: bool, left: bool) -> f32 {
    let turn = b > 0.5 * a;
    let t = select(b, b - a, turn) / select(select(a, 1.0, a == 0.0), b + a, turn);
    let z = t * t;
    let p = fma(t * z, fma(fma(fma(fma(fma(0.03960677, z, -0.080516845), z, 0.109604426), z, -0.14274663), z, 0.19999644), z, -0.3333333), t);
    let k = select(0.0, 1.0, turn);
    let k2 = select(k, 2.0 - k, swap);
    let k4 = select(k2, 4.0 - k2, left);
    let q = select(p, -p, swap != left);
    return fma(k4, PI_4_HI_F32, fma(k4, PI_4_LO_F32, q));
}

// atan x: to |t| <= 1/2 by one division, then an odd series.
// Error: 1.62 ULP, shader 2.06.
fn atan_f32(x: f32) -> f32 {
    let a = abs(x);
    let swap = a > 1.0;
    let c = select(a, ATAN_MAX_F32, a > ATAN_MAX_F32);
    let v = atan_core_f32(select(1.0, c, swap), select(c, 1.0, swap), swap, false);
    return keep_nan_f32(x, copysign_f32(v, x));
}

// The angle of (x, y), with C99's values on the axes and at infinity.
// Error: 1.65 ULP, shader 1.98.
fn atan2_f32(y: f32, x: f32) -> f32 {
    let both = isinf_f32(x) & isinf_f32(y);
    let ax = select(abs(x), 1.0, both);
    let ay = select(abs(y), 1.0, both);
    let swap = ay > ax;
    let a = select(ax, ay, swap);
    let b = select(ay, ax, swap);
    let far = a > ATAN2_FAR_F32;
    let near = a < ATAN2_NEAR_F32;
    let c = select(select(a, a * ATAN2_UP_F32, near), a * ATAN2_DOWN_F32, far);
    let d = select(select(b, b * ATAN2_UP_F32, near), b * ATAN2_DOWN_F32, far);
    let v = atan_core_f32(c, d, swap, signbit_f32(x));
    return select(copysign_f32(v, y), nan_f32(y), isnan_f32(x) | isnan_f32(y));
}

// sinh x: a series to 1, then (e^x - e^-x)/2 from e^x/2, which cannot overflow early.
// Error: 1.62 ULP, shader 1.88.
fn sinh_f32(x: f32) -> f32 {
    let a = abs(x);
    let z = a * a;
    let h = exp_scaled_f32(a, -1.0);
    let v = select(h - 0.25 / h, fma(a * z, fma(fma(fma(2.8170416e-06, z, 0.00019836148), z, 0.0083333505), z, 0.16666667), a), a < 1.0);
    return keep_nan_f32(x, copysign_f32(v, x));
}

// cosh x = h + 1/(4h), h = e^|x|/2.
// Error: 1.51 ULP, shader 1.90.
fn cosh_f32(x: f32) -> f32 {
    let h = exp_scaled_f32(abs(x), -1.0);
    return h + 0.25 / h;
}

// tanh x: a series to 0.55, then 1 - 2/(e^2|x| + 1).
// Error: 1.47 ULP, shader 1.34.
fn tanh_f32(x: f32) -> f32 {
    let a = abs(x);
    let z = a * a;
    let far = 1.0 - 2.0 / (exp_f32(2.0 * limit_f32(a, 0.0, TANH_MAX_F32)) + 1.0);
    let v = select(far, fma(a * z, fma(fma(fma(fma(-0.006282309, z, 0.02108403), z, -0.05385736), z, 0.1333266), z, -0.33333322), a), a < 0.55);
    return keep_nan_f32(x, copysign_f32(v, x));
}

// asinh x = log1p(a + a^2/(1 + sqrt(1 + a^2))), a = |x| (fdlibm).
// Error: 1.79 ULP, shader 2.68.
fn asinh_f32(x: f32) -> f32 {
    let a = abs(x);
    let far = a > ASINH_FAR_F32;
    let b = select(a, 0.0, far);
    let z = b * b;
    let w = select(b + z / (1.0 + sqrt(1.0 + z)), a, far);
    return copysign_f32(log1p_f32(w) + select(0.0, LN2_F32, far), x);
}

// acosh x = log1p(t + sqrt(t (t + 2))), t = x - 1.
// Error: 2.19 ULP, shader 2.66.
fn acosh_f32(x: f32) -> f32 {
    let far = x > ASINH_FAR_F32;
    let t = select(x - 1.0, 0.0, far);
    let w = select(t + sqrt(t * (t + 2.0)), x, far);
    let v = log1p_f32(w) + select(0.0, LN2_F32, far);
    return select(v, nan_f32(x), isnan_f32(x) | (x < 1.0));
}

// atanh x: a series to 1/2, then log1p(2a/(1 - a))/2, a = |x|.
// Error: 1.03 ULP, shader 1.22.
fn atanh_f32(x: f32) -> f32 {
    let a = abs(x);
    let z = a * a;
    let far = select(0.5 * log1p_f32(2.0 * a / (1.0 - a)), inf_f32(x), a == 1.0);
    let v = select(far, fma(a * z, fma(fma(fma(fma(fma(fma(0.17163047, z, 0.028430074), z, 0.1014277), z, 0.109921746), z, 0.1429255), z, 0.19999829), z, 0.33333334), a), a < 0.5);
    return select(copysign_f32(v, x), nan_f32(x), isnan_f32(x) | (a > 1.0));
}

// erf x: an odd series to 1, then 1 - e^(x P(x)), P fitted to ln(erfc x)/x
// (the form is N. Juffa's).
// Error: 1.17 ULP, shader 1.36.
fn erf_f32(x: f32) -> f32 {
    let a = limit_f32(abs(x), 0.0, ERF_MAX_F32);
    let z = a * a;
    let near = fma(a, fma(fma(fma(fma(fma(fma(7.889119e-05, z, -0.00080208416), z, 0.005189535), z, -0.026854444), z, 0.112836), z, -0.37612626), z, 0.12837917), a);
    let far = 1.0 - exp_f32(a * fma(fma(fma(fma(fma(fma(fma(fma(1.881036e-06, a, -3.065089e-05), a, 0.00019553571), a, -0.0004377759), a, -0.0019644802), a, 0.021479212), a, -0.104360566), a, -0.6360054), a, -1.1284833));
    return keep_nan_f32(x, copysign_f32(select(far, near, a < 1.0), x));
}

// The remainder with the divisor's sign (`np.mod`, Python's `%`).
fn floor_mod_f32(x: f32, y: f32) -> f32 {
    let m = trunc_rem_f32(x, y);
    let moved = select(m, m + y, (m < 0.0) != (y < 0.0));
    return select(moved, copysign_f32(0.0, y), m == 0.0);
}

// 1, 0 or -1 by sign; NaN stays.
fn sign_f32(x: f32) -> f32 {
    return keep_nan_f32(x, select(copysign_f32(1.0, x), 0.0, x == 0.0));
}

// The part after the point, x - trunc(x), with x's sign; 0 at infinities.
fn fract_f32(x: f32) -> f32 {
    return select(copysign_f32(x - trunc(x), x), copysign_f32(0.0, x), isinf_f32(x));
}

// The larger; NaN if either is (`np.maximum`).
fn max_f32(x: f32, y: f32) -> f32 {
    return select(select(y, x, x > y), nan_f32(x), isnan_f32(x) | isnan_f32(y));
}

// The smaller; NaN if either is (`np.minimum`).
fn min_f32(x: f32, y: f32) -> f32 {
    return select(select(y, x, x < y), nan_f32(x), isnan_f32(x) | isnan_f32(y));
}

// The larger, passing over a NaN (`np.fmax`).
fn fmax_f32(x: f32, y: f32) -> f32 {
    return select(y, x, isnan_f32(y) | (x > y));
}

// The smaller, passing over a NaN (`np.fmin`).
fn fmin_f32(x: f32, y: f32) -> f32 {
    return select(y, x, isnan_f32(y) | (x < y));
}

// `e^x * 2^shift` for a small whole `shift`.
fn exp_scaled_f32(x: f32, shift: f32) -> f32 {
    let a = limit_f32(x, -105.0, 90.0);
    let n = nearest_f32(a * LOG2_E_F32);
    let r = fma(-n, LN2_LO_F32, fma(-n, LN2_HI_F32, a));
    let p = 1.0 + fma(r * r, fma(fma(fma(fma(0.0013950376, r, 0.008368851), r, 0.04166621), r, 0.1666652), r, 0.5), r);
    return keep_nan_f32(x, scale_f32(p, n + shift));
}

// 2^x, with x = n + r reduced exactly.
// Error: 0.96 ULP, shader 1.20.
fn exp2_f32(x: f32) -> f32 {
    let a = limit_f32(x, -151.0, 129.0);
    let n = nearest_f32(a);
    let r = a - n;
    return keep_nan_f32(x, scale_f32(fma(r, fma(fma(fma(fma(fma(0.00015476317, r, 0.0013400262), r, 0.009618004), r, 0.05550328), r, 0.2402265), r, 0.6931472), 1.0), n));
}

// e^x - 1 as 2^n (e^r - 1) + (2^n - 1), halved inside so that 2^128 fits.
// Error: 1.57 ULP, shader 1.65.
fn expm1_f32(x: f32) -> f32 {
    let a = limit_f32(x, -20.0, 89.0);
    let n = nearest_f32(a * LOG2_E_F32);
    let r = fma(-n, LN2_LO_F32, fma(-n, LN2_HI_F32, a));
    let p = fma(r * r, fma(fma(fma(fma(0.0013950376, r, 0.008368851), r, 0.04166621), r, 0.1666652), r, 0.5), r);
    let t = pow2_f32(n - 1.0);
    let v = 2.0 * fma(p, t, t - 0.5);
    return select(keep_nan_f32(x, v), x, abs(x) < TINY_F32);
}

// ln(1 + f) + e ln 2 for |f| < 0.42 (the shape of Cephes' logf).
fn ln_core_f32(f: f32, e: f32) -> f32 {
    let z = f * f;
    let tail = fma(z * f, fma(fma(fma(fma(fma(fma(fma(fma(0.069185644, f, -0.1179265), f, 0.11873001), f, -0.123839244), f, 0.14218628), f, -0.16669272), f, 0.20002227), f, -0.24999987), f, 0.3333331), e * LN2_LO_F32);
    return fma(e, LN2_HI_F32, f + fma(-0.5, z, tail));
}

// |x|^y with y given again as `yh + yl` (`yh` masked), then the sign and
// C99's special cases.
fn pow_core_f32(x: f32, y: f32, yh: f32, yl: f32, whole: bool, odd: bool) -> f32 {
    let a = abs(x);
    let h_l = log2_parts_f32(a);
    let h = h_l.x;
    let l = h_l.y;
    let ph = yh * h;
    let pl = fma(yl, h, y * l);
    let n = nearest_f32(limit_f32(ph + pl, -160.0, 130.0));
    let r = limit_f32((ph - n) + pl, -1.0, 1.0);
    let v = scale_f32(fma(r, fma(fma(fma(fma(fma(0.00015476317, r, 0.0013400262), r, 0.009618004), r, 0.05550328), r, 0.2402265), r, 0.6931472), 1.0), n);
    let up = y > 0.0;
    let at_zero = select(inf_f32(x), 0.0, up);
    let at_inf = select(0.0, inf_f32(x), up);
    let edge = (a == 0.0) | (a == inf_f32(x));
    let w = select(select(v, at_inf, a == inf_f32(x)), at_zero, a == 0.0);
    let signed = select(w, -w, signbit_f32(x) & odd);
    let real = select(signed, nan_f32(x), (x < 0.0) & !whole & !edge);
    let known = select(real, nan_f32(x), isnan_f32(x) | isnan_f32(y));
    return select(known, 1.0, (y == 0.0) | (x == 1.0));
}

// x^n, through pow: no loop, and no error growing with n.
// Error: 1.02 ULP, shader 1.25.
fn powi_f32(x: f32, n: i32) -> f32 {
    let y = f32(n);
    let yh = mask_f32(y);
    let yl = f32((n - (i32(yh))));
    return pow_core_f32(x, y, yh, yl, true, (n & 1) != 0);
}

// The cube root: exponent / 3 in integers, a guess by bits, one Halley step,
// then fdlibm's last step from a root short enough to square exactly.
// Error: 0.83 ULP, shader 0.78.
fn cbrt_f32(x: f32) -> f32 {
    let a = abs(x);
    let tiny = a < MIN_NORMAL_F32;
    let u = bitcast<u32>(select(a, a * CBRT_SCALE_F32, tiny));
    let e = (u >> MANT_F32) + CBRT_ALIGN_F32;
    let q = (e * 0x5556u) >> 16;
    let m = bitcast<f32>((u & MANT_MASK_F32) | ((e - 3 * q + BIAS_BITS_F32) << MANT_F32));
    let g = bitcast<f32>(third_f32(bitcast<u32>(m)) + CBRT_GUESS_F32);
    let t = mask_f32(halley_f32(g, m));
    let r = m / (t * t);
    let c = fma(t, (r - t) / (2.0 * t + r), t);
    let k = to_float_f32(q) - select(CBRT_BIAS_F32, CBRT_BIAS_TINY_F32, tiny);
    return select(copysign_f32(c * pow2_f32(k), x), x, (a == 0.0) | !isfinite_f32(x));
}

// floor(x / y), agreeing with floor_mod (`np.floor_divide`).
fn floor_div_f32(x: f32, y: f32) -> f32 {
    let by = select(1.0, 1.8446744e19, (abs(y) < 8.6736174e-19) & (abs(x) < 1.1529215e18));
    let a = x * by;
    let b = y * by;
    let m = trunc_rem_f32(a, b);
    let d = quotient_f32(a - m, b);
    let down = (m != 0.0) & ((m < 0.0) != (y < 0.0));
    let e = select(d, d - 1.0, down);
    let f = floor(e);
    let whole = select(f, f + 1.0, e - f > 0.5);
    let v = select(whole, copysign_f32(0.0, copysign_f32(1.0, x) * y), whole == 0.0);
    return select(keep_nan_f32(m, v), x / y, y == 0.0);
}
