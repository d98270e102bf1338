// Elementary functions on f64: the twins of src/ops/math/m64.rs.
// Made by tools/twin.py from that file and tools/f64_head.wgsl; edit those.
//
// WGSL lets a device flush subnormals, which then count as zeros here; NaN and
// infinities are made and told apart by bits (SHADER_INT64). Exact steps are products of
// masked halves, so that neither an unfused fma nor a contraction harms them.

const HUGE_F64: f64 = 1.7976931348623157e308lf;
const MIN_NORMAL_F64: f64 = 2.2250738585072014e-308lf;
const SIGN_BIT_F64: u64 = 0x8000000000000000lu;
const INF_BITS_F64: u64 = 0x7ff0000000000000lu;
const TRIG_MAX_F64: f64 = 1048576.0lf;
const TWO_OVER_PI_F64: array<u64, 20> = array<u64, 20>(0x0lu, 0xa2f9836e4e441529lu, 0xfc2757d1f534ddc0lu, 0xdb6295993c439041lu, 0xfe5163abdebbc561lu, 0xb7246e3a424dd2e0lu, 0x06492eea09d1921clu, 0xfe1deb1cb129a73elu, 0xe88235f52ebb4484lu, 0xe99c7026b45f7e41lu, 0x3991d639835339f4lu, 0x9c845f8bbdf9283blu, 0x1ff897ffde05980flu, 0xef2f118b5a0a6d1flu, 0x6d367ecf27cb09b7lu, 0x4f463f669e5fea2dlu, 0x7527bac7ebe5f17blu, 0x3d0739f78a5292ealu, 0x6bfb5fb11f8d5d08lu, 0x56033046fc7b6bablu);

// The argument only keeps the compiler from folding the bits, which it rejects.
fn inf_f64(like: f64) -> f64 {
    return bitcast<f64>(INF_BITS_F64 | (bitcast<u64>(like) & 0lu));
}

fn nan_f64(like: f64) -> f64 {
    return bitcast<f64>(0x7ff8000000000000lu | (bitcast<u64>(like) & 0lu));
}

fn isnan_f64(x: f64) -> bool {
    return (bitcast<u64>(x) & 0x7ffffffffffffffflu) > INF_BITS_F64;
}

fn isinf_f64(x: f64) -> bool {
    return (bitcast<u64>(x) & 0x7ffffffffffffffflu) == INF_BITS_F64;
}

fn isfinite_f64(x: f64) -> bool {
    return (bitcast<u64>(x) & 0x7ffffffffffffffflu) < INF_BITS_F64;
}

fn signbit_f64(x: f64) -> bool {
    return (bitcast<u64>(x) >> 63u) != 0lu;
}

fn copysign_f64(x: f64, s: f64) -> f64 {
    return bitcast<f64>((bitcast<u64>(x) & 0x7ffffffffffffffflu) | (bitcast<u64>(s) & SIGN_BIT_F64));
}

// v, unless x is NaN.
fn keep_nan_f64(x: f64, v: f64) -> f64 {
    return select(v, x, isnan_f64(x));
}

// x within [lo, hi]; NaN passes.
fn limit_f64(x: f64, lo: f64, hi: f64) -> f64 {
    return keep_nan_f64(x, select(select(x, hi, x > hi), lo, x < lo));
}

// x with the lower half of its mantissa cut: products of two such are exact.
fn mask_f64(x: f64) -> f64 {
    return bitcast<f64>(bitcast<u64>(x) & 0xfffffffff8000000lu);
}

fn nearest_f64(x: f64) -> f64 {
    return round(x);
}

fn round_even_f64(x: f64) -> f64 {
    return round(x);
}

fn floor_f64(x: f64) -> f64 {
    return floor(x);
}

fn ceil_f64(x: f64) -> f64 {
    return ceil(x);
}

fn trunc_f64(x: f64) -> f64 {
    return trunc(x);
}

fn quadrant_f64(n: f64) -> u64 {
    return u64(i64(n)) & 3lu;
}

// 2^n for a whole n in -1022..=1023.
fn pow2_f64(n: f64) -> f64 {
    return bitcast<f64>((i64(n) + 1023li) << 52u);
}

fn to_float_f64(u: u64) -> f64 {
    return f64(u);
}

fn third_f64(u: u64) -> u64 {
    return ((u >> 32u) * 0x55555556lu) & 0xffffffff00000000lu;
}

// r and n with a = n pi/2 + r for 0 <= a <= TRIG_MAX: pi/2 in parts of 33 bits,
// whose products with n are exact whether or not fma is fused.
fn reduce_f64(a: f64) -> vec2<f64> {
    let n = round(a * 0.6366197723675814lf);
    let r1 = fma(-n, 1.5707963267341256lf, a);
    let r2 = fma(-n, 6.077100506303966e-11lf, r1);
    return vec2<f64>(fma(-n, 2.0222662487959506e-21lf, r2), n);
}

// The high word of a 128-bit product, in pieces of 32 bits.
fn mul_high_f64(a: u64, b: u64) -> u64 {
    let al = a & 0xfffffffflu;
    let ah = a >> 32u;
    let bl = b & 0xfffffffflu;
    let bh = b >> 32u;
    let mid = ah * bl + ((al * bl) >> 32u);
    let mid2 = al * bh + (mid & 0xfffffffflu);
    return ah * bh + (mid >> 32u) + (mid2 >> 32u);
}

// The 64 bits of 2/pi from bit `at` of its words.
fn pi_window_f64(at: u32) -> u64 {
    let i = at >> 6u;
    let s = at & 63u;
    let w = TWO_OVER_PI_F64[min(i, 19u)];
    let next = TWO_OVER_PI_F64[min(i + 1u, 19u)];
    return (w << s) | ((next >> 1u) >> (63u - s));
}

// Payne-Hanek: 2/pi's bits below whole turns times the mantissa, in 128 bits.
fn reduce_large_f64(a: f64) -> vec2<f64> {
    let u = bitcast<u64>(a);
    let m = (u & 0x000ffffffffffffflu) | 0x0010000000000000lu;
    let at = (u32(u >> 52u) - 1013u) & 0x7ffu;
    let w1 = pi_window_f64(at + 64u);
    let carry = mul_high_f64(m, pi_window_f64(at + 128u));
    let low = m * w1 + carry;
    let high = m * pi_window_f64(at) + mul_high_f64(m, w1) + select(0lu, 1lu, low < carry);
    // Two bits of quadrant, then 126 of fraction.
    let n = (high + 0x2000000000000000lu) >> 62u;
    let f = high - (n << 62u);
    let negative = (f >> 63u) != 0lu;
    let fl = select(low, ~low + 1lu, negative);
    let fh = select(f, ~f + select(0lu, 1lu, low == 0lu), negative);
    let t = f64(fh) * 2.168404344971009e-19lf + f64(fl) * 1.1754943508222875e-38lf;
    let r = select(t, -t, negative) * 1.5707963267948966lf;
    return vec2<f64>(select(nan_f64(a), r, isfinite_f64(a)), f64(n));
}

fn reduce_any_f64(a: f64) -> vec2<f64> {
    if (a <= TRIG_MAX_F64) {
        return reduce_f64(a);
    }
    return reduce_large_f64(a);
}

// x - y trunc(x/y), exact (C's fmod): long division of the mantissas in
// integers, eleven bits of quotient a turn.
fn trunc_rem_f64(x: f64, y: f64) -> f64 {
    let a = bitcast<u64>(x) & 0x7ffffffffffffffflu;
    let b = bitcast<u64>(y) & 0x7ffffffffffffffflu;
    if (a >= INF_BITS_F64 || b > INF_BITS_F64 || b == 0lu) {
        return nan_f64(x);
    }
    if (a < b) {
        return x;
    }
    let ea = max(u32(a >> 52u), 1u);
    let eb = max(u32(b >> 52u), 1u);
    let mb = b - (u64(eb - 1u) << 52u);
    var ma = (a - (u64(ea - 1u) << 52u)) % mb;
    var left = ea - eb;
    while (left > 0u) {
        let step = min(left, 11u);
        ma = (ma << step) % mb;
        left -= step;
    }
    return copysign_f64(scale_f64(f64(ma), f64(eb) - 1075.0lf), x);
}

const LOG2_E_F64: f64 = 1.4426950408889634lf;
const LN2_HI_F64: f64 = 0.6931471806019545lf;
const LN2_LO_F64: f64 = -4.2009150726810846e-11lf;
const LN2_F64: f64 = 0.6931471805599453lf;
const PI_2_HI_F64: f64 = 1.5707963267948966lf;
const PI_2_MID_F64: f64 = 6.123233995736766e-17lf;
const PI_4_HI_F64: f64 = 0.7853981633974483lf;
const PI_4_LO_F64: f64 = 3.061616997868383e-17lf;
const TAU_F64: f64 = 6.283185307179586lf;
const TAU_LO_F64: f64 = 2.4492935982947064e-16lf;
const LOG_SCALE_F64: f64 = 0.9617966939259756lf;
const LOG_SCALE_HI_F64: f64 = 0.9617967009544373lf;
const LOG_SCALE_LO_F64: f64 = -7.028461650952758e-9lf;
const LOG10_2_F64: f64 = 0.3010299956639812lf;
const LOG10_2_HI_F64: f64 = 0.3010299950838089lf;
const LOG10_2_LO_F64: f64 = 5.801722962879576e-10lf;
const MANT_F64: u32 = 52;
const MANT_F_F64: f64 = 52.0lf;
const TWO_MANT_F64: f64 = 4503599627370496.0lf;
const BIAS_F64: f64 = 1023.0lf;
const BIAS_BITS_F64: u64 = 1023;
const MANT_MASK_F64: u64 = 0x000ffffffffffffflu;
const ONE_BITS_F64: u64 = 0x3ff0000000000000lu;
const SQRT_HALF_BITS_F64: u64 = 0x3fe6a09e667f3bcdlu;
const SIGN_SHIFT_F64: u32 = 62;
const TINY_F64: f64 = 5.551115123125783e-17lf;
const POW_LIMIT_F64: f64 = 1.1805916207174113e21lf;
const CBRT_SCALE_F64: f64 = 18014398509481984.0lf;
const CBRT_GUESS_F64: u64 = 0x2a9f789300000000lu;
const CBRT_ALIGN_F64: u64 = 0;
const CBRT_BIAS_F64: f64 = 341.0lf;
const CBRT_BIAS_TINY_F64: f64 = 359.0lf;
const HYPOT_FAR_F64: f64 = 3.273390607896142e150lf;
const HYPOT_NEAR_F64: f64 = 3.4395525670743494e-136lf;
const HYPOT_UP_F64: f64 = 4.149515568880993e180lf;
const HYPOT_DOWN_F64: f64 = 2.409919865102884e-181lf;
const ATAN2_FAR_F64: f64 = 8.452712498170644e270lf;
const ATAN2_DOWN_F64: f64 = 4.909093465297727e-91lf;
const ATAN2_NEAR_F64: f64 = 1.1830521861667747e-271lf;
const ATAN2_UP_F64: f64 = 2.037035976334486e90lf;
const ATAN_MAX_F64: f64 = 2.247116418577895e307lf;
const TANH_MAX_F64: f64 = 22.0lf;
const ASINH_FAR_F64: f64 = 1.152921504606847e18lf;
const ERF_MAX_F64: f64 = 5.95lf;

// `p * 2^n` in two factors, so that the product may overflow or be subnormal.
fn scale_f64(p: f64, n: f64) -> f64 {
    let half = floor(n * 0.5lf);
    return p * pow2_f64(half) * pow2_f64(n - half);
}

// e^x. Cody-Waite reduction by ln 2, own fit.
// Error: 0.95 ULP, shader 1.54.
fn exp_f64(x: f64) -> f64 {
    return exp_scaled_f64(x, 0.0lf);
}

// 1 / (1 + e^-x), through e^-|x| so that nothing overflows.
// Error: 1.72 ULP, shader 2.21.
fn sigmoid_f64(x: f64) -> f64 {
    let e = exp_f64(-abs(x));
    return keep_nan_f64(x, select(1.0lf, e, x < 0.0lf) / (1.0lf + e));
}

// Splits a positive `a` into (m, e) with a = m 2^e and sqrt(1/2) <= m < sqrt(2).
fn split_f64(a: f64) -> vec2<f64> {
    let tiny = a < MIN_NORMAL_F64;
    let k = bitcast<u64>(select(a, a * TWO_MANT_F64, tiny)) + (ONE_BITS_F64 - SQRT_HALF_BITS_F64);
    let m = bitcast<f64>((k & MANT_MASK_F64) + SQRT_HALF_BITS_F64);
    let e = to_float_f64(k >> MANT_F64) - select(BIAS_F64, BIAS_F64 + MANT_F_F64, tiny);
    return vec2<f64>(m, e);
}

// The logarithm's value outside (0, inf): -inf at 0, NaN below, x above.
fn ln_edges_f64(x: f64, v: f64) -> f64 {
    let w = select(x, v, isfinite_f64(x));
    return select(select(w, -inf_f64(x), x == 0.0lf), nan_f64(x), x < 0.0lf);
}

// ln x. Exponent split at sqrt(2), own fit.
// Error: 0.72 ULP, shader 0.72.
fn ln_f64(x: f64) -> f64 {
    let m_e = split_f64(abs(x));
    let m = m_e.x;
    let e = m_e.y;
    return ln_edges_f64(x, ln_core_f64(m - 1.0lf, e));
}

// ln(1 + x). One fma gives m - 1 = x 2^-k + (2^-k - 1) with no error to mend.
// Error: 0.73 ULP, shader 2.24.
fn log1p_f64(x: f64) -> f64 {
    let a = limit_f64(x, -1.0lf, HUGE_F64);
    let both = split_f64(abs(a + 1.0lf));
    let e = both.y;
    let quarter = pow2_f64(2.0lf - e);
    let m = fma(a * 0.25lf, quarter, fma(0.25lf, quarter, -1.0lf));
    let f = select(m, a, e == 0.0lf);
    let v = ln_core_f64(f, e);
    let w = select(v, x, abs(x) < TINY_F64);
    return select(select(select(x, w, isfinite_f64(x)), -inf_f64(x), x == -1.0lf), nan_f64(x), x < -1.0lf);
}

// log2 of a positive `a` as (h, l): h carries 12 bits or 26, h + l some 34 or 66.
// fdlibm's `e_pow` scheme: every product of two masked halves is exact.
fn log2_parts_f64(a: f64) -> vec2<f64> {
    let m_e = split_f64(a);
    let m = m_e.x;
    let e = m_e.y;
    let f = m - 1.0lf;
    let g = m + 1.0lf;
    let s = f / g;
    let sh = mask_f64(s);
    let fh = mask_f64(f);
    let sl = (((f - 2.0lf * sh) - sh * fh) - sh * (f - fh)) / g;
    let z = s * s;
    let r = fma(z * z, fma(fma(fma(fma(fma(fma(fma(0.17855857272752274lf, z, 0.17528771417248132lf), z, 0.2000359137100758lf), z, 0.23076860440967817lf), z, 0.27272727899697896lf), z, 0.3333333332997889lf), z, 0.4285714285715072lf), z, 0.6lf), sl * (sh + s));
    let s2 = sh * sh;
    let th = mask_f64(3.0lf + (s2 + r));
    let tl = r - ((th - 3.0lf) - s2);
    let u = sh * th;
    let v = fma(sl, th, tl * s);
    let p = mask_f64(u + v);
    let q = v - (p - u);
    let hi = LOG_SCALE_HI_F64 * p;
    let lo = fma(LOG_SCALE_LO_F64, p, q * LOG_SCALE_F64);
    let h = mask_f64(e + (hi + lo));
    return vec2<f64>(h, ((e - h) + hi) + lo);
}

// log2 x, exact at powers of two.
// Error: 0.50 ULP, shader 0.50.
fn log2_f64(x: f64) -> f64 {
    let h_l = log2_parts_f64(abs(x));
    let h = h_l.x;
    let l = h_l.y;
    return ln_edges_f64(x, h + l);
}

// log10 x, from the two-part log2.
// Error: 0.50 ULP, shader 1.16.
fn log10_f64(x: f64) -> f64 {
    let h_l = log2_parts_f64(abs(x));
    let h = h_l.x;
    let l = h_l.y;
    return ln_edges_f64(x, fma(h, LOG10_2_HI_F64, fma(h, LOG10_2_LO_F64, l * LOG10_2_F64)));
}

// x^y = 2^(y log2 x) with a two-part logarithm; special cases of C99 and NumPy.
// Error: 0.93 ULP, shader 1.06.
fn pow_f64(x: f64, y: f64) -> f64 {
    let half = y * 0.5lf;
    let whole = trunc(y) == y;
    let odd = whole & (trunc(half) != half);
    let b = limit_f64(y, -POW_LIMIT_F64, POW_LIMIT_F64);
    let bh = mask_f64(b);
    return pow_core_f64(x, b, bh, b - bh, whole, odd);
}

// One Halley step towards the cube root of m: thrice the bits.
fn halley_f64(g: f64, m: f64) -> f64 {
    let g3 = g * g * g;
    return g * ((g3 + 2.0lf * m) / (2.0lf * g3 + m));
}

// sqrt(x^2 + y^2), scaled by a power of two; an infinity beats a NaN (C99).
// Error: 0.77 ULP, shader 1.01.
fn hypot_f64(x: f64, y: f64) -> f64 {
    let a = select(abs(y), abs(x), abs(x) > abs(y));
    let b = select(abs(x), abs(y), abs(x) > abs(y));
    let far = a > HYPOT_FAR_F64;
    let near = a < HYPOT_NEAR_F64;
    let s = select(select(1.0lf, HYPOT_UP_F64, near), HYPOT_DOWN_F64, far);
    let t = select(select(1.0lf, HYPOT_DOWN_F64, near), HYPOT_UP_F64, far);
    let c = a * s;
    let d = b * s;
    let v = sqrt(fma(c, c, d * d)) * t;
    let w = select(v, nan_f64(x), isnan_f64(x) | isnan_f64(y));
    return select(w, inf_f64(x), isinf_f64(x) | isinf_f64(y));
}

fn sin_poly_f64(r: f64) -> f64 {
    let z = r * r;
    return fma(r * z, fma(fma(fma(fma(fma(1.5898595688984733e-10lf, z, -2.5050792951365225e-08lf), z, 2.7557313946362885e-06lf), z, -0.00019841269830670033lf), z, 0.008333333333323735lf), z, -0.16666666666666638lf), r);
}

fn cos_poly_f64(r: f64) -> f64 {
    let z = r * r;
    let half = 0.5lf * z;
    let w = 1.0lf - half;
    return w + fma(z * z, fma(fma(fma(fma(fma(-1.1368740117442123e-11lf, z, 2.0875908940215853e-09lf), z, -2.75573158031678e-07lf), z, 2.4801587294843737e-05lf), z, -0.0013888888888883338lf), z, 0.04166666666666666lf), (1.0lf - w) - half);
}

// sin(r + q pi/2); `flip` holds a sign bit to apply to the result.
fn sin_turned_f64(r: f64, q: u64, flip: u64) -> f64 {
    let v = select(cos_poly_f64(r), sin_poly_f64(r), (q & 1) == 0);
    return bitcast<f64>(bitcast<u64>(v) ^ ((q & 2) << SIGN_SHIFT_F64) ^ flip);
}

// tan(r + q pi/2) for a reduced r; `flip` holds a sign bit to apply.
fn tan_turned_f64(r: f64, q: u64, flip: u64) -> f64 {
    let z = r * r;
    let t = fma(r * z, fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(9.57968438955883e-06lf, z, -2.3240976807012627e-05lf), z, 4.644174576554253e-05lf), z, -2.285554223411701e-05lf), z, 6.488776132856301e-05lf), z, 8.492946841314214e-05lf), z, 0.00024317410221510078lf), z, 0.0005890403438584193lf), z, 0.0014560069293149919lf), z, 0.0035921069111205274lf), z, 0.008863237272277067lf), z, 0.021869488445401826lf), z, 0.05396825397092498lf), z, 0.13333333333329764lf), z, 0.3333333333333334lf), r);
    let v = select(-1.0lf / t, t, (q & 1) == 0);
    return bitcast<f64>(bitcast<u64>(v) ^ flip);
}

// sin x over the whole range; a branch leads large arguments to Payne-Hanek.
// Error: 1.16 ULP, shader 2.01.
fn sin_f64(x: f64) -> f64 {
    let r_n = reduce_any_f64(abs(x));
    let r = r_n.x;
    let n = r_n.y;
    return sin_turned_f64(r, quadrant_f64(n), bitcast<u64>(x) & SIGN_BIT_F64);
}

// cos x over the whole range, like sin.
// Error: 1.21 ULP, shader 2.18.
fn cos_f64(x: f64) -> f64 {
    let r_n = reduce_any_f64(abs(x));
    let r = r_n.x;
    let n = r_n.y;
    return sin_turned_f64(r, quadrant_f64(n) + 1, 0);
}

// tan x over the whole range, like sin.
// Error: 1.79 ULP, shader 2.64.
fn tan_f64(x: f64) -> f64 {
    let r_n = reduce_any_f64(abs(x));
    let r = r_n.x;
    let n = r_n.y;
    return tan_turned_f64(r, quadrant_f64(n), bitcast<u64>(x) & SIGN_BIT_F64);
}

// (cos 2 pi u, sin 2 pi u) for 0 <= u < 1, as Box-Muller wants it: the
// reduction to an eighth of a turn is exact.
// Error: 1.34 ULP, shader 1.62.
fn sincospi2_f64(u: f64) -> vec2<f64> {
    let n = nearest_f64(u * 4.0lf);
    let t = fma(-0.25lf, n, u);
    let r = fma(t, TAU_F64, t * TAU_LO_F64);
    let q = quadrant_f64(n);
    return vec2<f64>(sin_turned_f64(r, q + 1, 0), sin_turned_f64(r, q, 0));
}

// sqrt((1 - a)/2) for a > 1/2 and a itself below: where asin's series holds.
fn half_angle_f64(a: f64) -> f64 {
    return select(a, sqrt(fma(-0.5lf, a, 0.5lf)), a > 0.5lf);
}

// asin x: a series to 1/2, past it pi/2 - 2 asin(sqrt((1 - x)/2)).
// Error: 1.54 ULP, shader 1.54.
fn asin_f64(x: f64) -> f64 {
    let a = abs(x);
    let s = half_angle_f64(a);
    let z = s * s;
    let tail = s * z * fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(0.031563968804444606lf, z, -0.01923379995879682lf), z, 0.020410488087635938lf), z, 0.004262350961811901lf), z, 0.010626210031203844lf), z, 0.011427792160162816lf), z, 0.013977094403011184lf), z, 0.017351941901406577lf), z, 0.022372195372393613lf), z, 0.0303819434571533lf), z, 0.04464285715763587lf), z, 0.07499999999990385lf), z, 0.1666666666666668lf);
    let far = PI_2_HI_F64 - (2.0lf * s + fma(2.0lf, tail, -PI_2_MID_F64));
    let v = copysign_f64(select(s + tail, far, a > 0.5lf), x);
    return select(v, nan_f64(x), isnan_f64(x) | (a > 1.0lf));
}

// acos x: 2 asin(sqrt((1 - x)/2)) past 1/2, mirrored below -1/2.
// Error: 1.03 ULP, shader 1.03.
fn acos_f64(x: f64) -> f64 {
    let a = abs(x);
    let s = half_angle_f64(a);
    let z = s * s;
    let tail = s * z * fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(0.031563968804444606lf, z, -0.01923379995879682lf), z, 0.020410488087635938lf), z, 0.004262350961811901lf), z, 0.010626210031203844lf), z, 0.011427792160162816lf), z, 0.013977094403011184lf), z, 0.017351941901406577lf), z, 0.022372195372393613lf), z, 0.0303819434571533lf), z, 0.04464285715763587lf), z, 0.07499999999990385lf), z, 0.1666666666666668lf);
    let far = 2.0lf * (s + tail);
    let mirrored = 2.0lf * (PI_2_HI_F64 - (s + (tail - PI_2_MID_F64)));
    let near = PI_2_HI_F64 - (copysign_f64(s, x) + (copysign_f64(tail, x) - PI_2_MID_F64));
    let v = select(near, select(far, mirrored, x < 0.0lf), a > 0.5lf);
    return select(v, nan_f64(x), isnan_f64(x) | (a > 1.0lf));
}

// atan(b/a) + k pi/4 of the triangle (a, b), a >= b >= 0; `swap` when the two
// were exchanged, `left` when the point has x < 0.
fn atan_core_f64(a: f64, b: f64, swap: bool, left: bool) -> f64 {
    let turn = b > 0.5lf * a;
    let t = select(b, b - a, turn) / select(select(a, 1.0lf, a == 0.0lf), b + a, turn);
    let z = t * t;
    let p = fma(t * z, fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(0.007167886798998235lf, z, -0.020857147576394994lf), z, 0.03336701512863421lf), z, -0.041561240823271964lf), z, 0.04722190514120983lf), z, -0.052572121796598405lf), z, 0.05881710606202023lf), z, -0.06666617183765244lf), z, 0.07692305039568498lf), z, -0.09090908995973271lf), z, 0.11111111108994lf), z, -0.14285714285688203lf), z, 0.1999999999999986lf), z, -0.3333333333333333lf), t);
    let k = select(0.0lf, 1.0lf, turn);
    let k2 = select(k, 2.0lf - k, swap);
    let k4 = select(k2, 4.0lf - k2, left);
    let q = select(p, -p, swap != left);
    return fma(k4, PI_4_HI_F64, fma(k4, PI_4_LO_F64, q));
}

// atan x: to |t| <= 1/2 by one division, then an odd series.
// Error: 1.20 ULP, shader 1.37.
fn atan_f64(x: f64) -> f64 {
    let a = abs(x);
    let swap = a > 1.0lf;
    let c = select(a, ATAN_MAX_F64, a > ATAN_MAX_F64);
    let v = atan_core_f64(select(1.0lf, c, swap), select(c, 1.0lf, swap), swap, false);
    return keep_nan_f64(x, copysign_f64(v, x));
}

// The angle of (x, y), with C99's values on the axes and at infinity.
// Error: 1.05 ULP, shader 1.72.
fn atan2_f64(y: f64, x: f64) -> f64 {
    let both = isinf_f64(x) & isinf_f64(y);
    let ax = select(abs(x), 1.0lf, both);
    let ay = select(abs(y), 1.0lf, both);
    let swap = ay > ax;
    let a = select(ax, ay, swap);
    let b = select(ay, ax, swap);
    let far = a > ATAN2_FAR_F64;
    let near = a < ATAN2_NEAR_F64;
    let c = select(select(a, a * ATAN2_UP_F64, near), a * ATAN2_DOWN_F64, far);
    let d = select(select(b, b * ATAN2_UP_F64, near), b * ATAN2_DOWN_F64, far);
    let v = atan_core_f64(c, d, swap, signbit_f64(x));
    return select(copysign_f64(v, y), nan_f64(y), isnan_f64(x) | isnan_f64(y));
}

// sinh x: a series to 1, then (e^x - e^-x)/2 from e^x/2, which cannot overflow early.
// Error: 1.39 ULP, shader 2.10.
fn sinh_f64(x: f64) -> f64 {
    let a = abs(x);
    let z = a * a;
    let h = exp_scaled_f64(a, -1.0lf);
    let v = select(h - 0.25lf / h, fma(a * z, fma(fma(fma(fma(fma(fma(7.758447521693964e-13lf, z, 1.6057271703091337e-10lf), z, 2.505212294871723e-08lf), z, 2.7557319158562258e-06lf), z, 0.00019841269841425706lf), z, 0.00833333333333316lf), z, 0.16666666666666669lf), a), a < 1.0lf);
    return keep_nan_f64(x, copysign_f64(v, x));
}

// cosh x = h + 1/(4h), h = e^|x|/2.
// Error: 1.22 ULP, shader 1.85.
fn cosh_f64(x: f64) -> f64 {
    let h = exp_scaled_f64(abs(x), -1.0lf);
    return h + 0.25lf / h;
}

// tanh x: a series to 0.55, then 1 - 2/(e^2|x| + 1).
// Error: 1.20 ULP, shader 1.22.
fn tanh_f64(x: f64) -> f64 {
    let a = abs(x);
    let z = a * a;
    let far = 1.0lf - 2.0lf / (exp_f64(2.0lf * limit_f64(a, 0.0lf, TANH_MAX_F64)) + 1.0lf);
    let v = select(far, fma(a * z, fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(-1.949030839752658e-05lf, z, 8.33519538836398e-05lf), z, -0.00023343993760389353lf), z, 0.0005884825336621929lf), z, -0.0014555563543522205lf), z, 0.003592094910101365lf), z, -0.008863232980006656lf), z, 0.021869488416050863lf), z, -0.053968253965135035lf), z, 0.13333333333329736lf), z, -0.33333333333333326lf), a), a < 0.55lf);
    return keep_nan_f64(x, copysign_f64(v, x));
}

// asinh x = log1p(a + a^2/(1 + sqrt(1 + a^2))), a = |x| (fdlibm).
// Error: 1.62 ULP, shader 2.23.
fn asinh_f64(x: f64) -> f64 {
    let a = abs(x);
    let far = a > ASINH_FAR_F64;
    let b = select(a, 0.0lf, far);
    let z = b * b;
    let w = select(b + z / (1.0lf + sqrt(1.0lf + z)), a, far);
    return copysign_f64(log1p_f64(w) + select(0.0lf, LN2_F64, far), x);
}

// acosh x = log1p(t + sqrt(t (t + 2))), t = x - 1.
// Error: 2.29 ULP, shader 2.29.
fn acosh_f64(x: f64) -> f64 {
    let far = x > ASINH_FAR_F64;
    let t = select(x - 1.0lf, 0.0lf, far);
    let w = select(t + sqrt(t * (t + 2.0lf)), x, far);
    let v = log1p_f64(w) + select(0.0lf, LN2_F64, far);
    return select(v, nan_f64(x), isnan_f64(x) | (x < 1.0lf));
}

// atanh x: a series to 1/2, then log1p(2a/(1 - a))/2, a = |x|.
// Error: 0.94 ULP, shader 1.15.
fn atanh_f64(x: f64) -> f64 {
    let a = abs(x);
    let z = a * a;
    let far = select(0.5lf * log1p_f64(2.0lf * a / (1.0lf - a)), inf_f64(x), a == 1.0lf);
    let v = select(far, fma(a * z, fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(0.24980255454872452lf, z, -0.22664926493981835lf), z, 0.19788050409803054lf), z, -0.022211351477126995lf), z, 0.05986857259745067lf), z, 0.0445620743027409lf), z, 0.05304195939565026lf), z, 0.05878380099083204lf), z, 0.06666941088185012lf), z, 0.07692294489539009lf), z, 0.09090909515211255lf), z, 0.1111111110261486lf), z, 0.14285714285808146lf), z, 0.19999999999999554lf), z, 0.3333333333333333lf), a), a < 0.5lf);
    return select(copysign_f64(v, x), nan_f64(x), isnan_f64(x) | (a > 1.0lf));
}

// erf x: an odd series to 1, then 1 - e^(x P(x)), P fitted to ln(erfc x)/x
// (the form is N. Juffa's).
// Error: 0.94 ULP, shader 1.13.
fn erf_f64(x: f64) -> f64 {
    let a = limit_f64(abs(x), 0.0lf, ERF_MAX_F64);
    let z = a * a;
    let near = fma(a, fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(-7.801189538989915e-10lf, z, 1.3722975567005645e-08lf), z, -1.6209175465694306e-07lf), z, 1.6447517576386865e-06lf), z, -1.492474465104607e-05lf), z, 0.00012055295319610948lf), z, -0.0008548325989657964lf), z, 0.005223977607422444lf), z, -0.026866170643276066lf), z, 0.11283791670945252lf), z, -0.3761263890318355lf), z, 0.12837916709551256lf), a);
    let far = 1.0lf - exp_f64(a * fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(3.584755734118456e-17lf, a, -3.3362397019994066e-15lf), a, 1.3981897781634498e-13lf), a, -3.570048258519578e-12lf), a, 6.292965307802872e-11lf), a, -8.194784436781302e-10lf), a, 8.217187094681356e-09lf), a, -6.51603241029504e-08lf), a, 4.1551225121600834e-07lf), a, -2.1490359699531967e-06lf), a, 9.011988505581347e-06lf), a, -3.022300349132703e-05lf), a, 7.76974228034631e-05lf), a, -0.0001337674601774161lf), a, 5.523816672550858e-05lf), a, 0.0005135145068041963lf), a, -0.0016386360922793772lf), a, 0.00017556254122503678lf), a, 0.019143165212614482lf), a, -0.10277714016413797lf), a, -0.6366188946223518lf), a, -1.1283792472026506lf));
    return keep_nan_f64(x, copysign_f64(select(far, near, a < 1.0lf), x));
}

// The remainder with the divisor's sign (`np.mod`, Python's `%`).
fn floor_mod_f64(x: f64, y: f64) -> f64 {
    let m = trunc_rem_f64(x, y);
    let moved = select(m, m + y, (m < 0.0lf) != (y < 0.0lf));
    return select(moved, copysign_f64(0.0lf, y), m == 0.0lf);
}

// 1, 0 or -1 by sign; NaN stays.
fn sign_f64(x: f64) -> f64 {
    return keep_nan_f64(x, select(copysign_f64(1.0lf, x), 0.0lf, x == 0.0lf));
}

// The part after the point, x - trunc(x), with x's sign; 0 at infinities.
fn fract_f64(x: f64) -> f64 {
    return select(copysign_f64(x - trunc(x), x), copysign_f64(0.0lf, x), isinf_f64(x));
}

// The larger; NaN if either is (`np.maximum`).
fn max_f64(x: f64, y: f64) -> f64 {
    return select(select(y, x, x > y), nan_f64(x), isnan_f64(x) | isnan_f64(y));
}

// The smaller; NaN if either is (`np.minimum`).
fn min_f64(x: f64, y: f64) -> f64 {
    return select(select(y, x, x < y), nan_f64(x), isnan_f64(x) | isnan_f64(y));
}

// The larger, passing over a NaN (`np.fmax`).
fn fmax_f64(x: f64, y: f64) -> f64 {
    return select(y, x, isnan_f64(y) | (x > y));
}

// The smaller, passing over a NaN (`np.fmin`).
fn fmin_f64(x: f64, y: f64) -> f64 {
    return select(y, x, isnan_f64(y) | (x < y));
}

// `e^x * 2^shift` for a small whole `shift`.
fn exp_scaled_f64(x: f64, shift: f64) -> f64 {
    let a = limit_f64(x, -750.0lf, 712.0lf);
    let n = nearest_f64(a * LOG2_E_F64);
    let r = fma(-n, LN2_LO_F64, fma(-n, LN2_HI_F64, a));
    let p = 1.0lf + fma(r * r, fma(fma(fma(fma(fma(fma(fma(fma(fma(2.511763006699119e-08lf, r, 2.763091569737529e-07lf), r, 2.7557217137125373e-06lf), r, 2.4801491105131444e-05lf), r, 0.00019841269916290327lf), r, 0.0013888888945711344lf), r, 0.00833333333330781lf), r, 0.041666666666521385lf), r, 0.166666666666667lf), r, 0.5000000000000012lf), r);
    return keep_nan_f64(x, scale_f64(p, n + shift));
}

// 2^x, with x = n + r reduced exactly.
// Error: 0.76 ULP, shader 1.04.
fn exp2_f64(x: f64) -> f64 {
    let a = limit_f64(x, -1080.0lf, 1026.0lf);
    let n = nearest_f64(a);
    let r = a - n;
    return keep_nan_f64(x, scale_f64(fma(r, fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(4.4573880173741526e-10lf, r, 7.073862654565848e-09lf), r, 1.0178046457929595e-07lf), r, 1.321543480804328e-06lf), r, 1.5252733867541621e-05lf), r, 0.00015403530458083772lf), r, 0.0013333558146379051lf), r, 0.009618129107593342lf), r, 0.05550410866482174lf), r, 0.24022650695910133lf), r, 0.6931471805599453lf), 1.0lf), n));
}

// e^x - 1 as 2^n (e^r - 1) + (2^n - 1), halved inside so that 2^1024 fits.
// Error: 1.79 ULP, shader 1.79.
fn expm1_f64(x: f64) -> f64 {
    let a = limit_f64(x, -40.0lf, 710.0lf);
    let n = nearest_f64(a * LOG2_E_F64);
    let r = fma(-n, LN2_LO_F64, fma(-n, LN2_HI_F64, a));
    let p = fma(r * r, fma(fma(fma(fma(fma(fma(fma(fma(fma(2.511763006699119e-08lf, r, 2.763091569737529e-07lf), r, 2.7557217137125373e-06lf), r, 2.4801491105131444e-05lf), r, 0.00019841269916290327lf), r, 0.0013888888945711344lf), r, 0.00833333333330781lf), r, 0.041666666666521385lf), r, 0.166666666666667lf), r, 0.5000000000000012lf), r);
    let t = pow2_f64(n - 1.0lf);
    let v = 2.0lf * fma(p, t, t - 0.5lf);
    return select(keep_nan_f64(x, v), x, abs(x) < TINY_F64);
}

// ln(1 + f) + e ln 2 for |f| < 0.42, by the odd series in f/(2 + f) (fdlibm).
fn ln_core_f64(f: f64, e: f64) -> f64 {
    let s = f / (2.0lf + f);
    let z = s * s;
    let half = 0.5lf * f * f;
    let tail = fma(s, fma(z, fma(fma(fma(fma(fma(fma(0.14793505810671193lf, z, 0.15314332020384394lf), z, 0.18183551560731853lf), z, 0.22222198861626039lf), z, 0.2857142873902031lf), z, 0.39999999999433444lf), z, 0.6666666666666731lf), half), e * LN2_LO_F64);
    return fma(e, LN2_HI_F64, f - (half - tail));
}

// |x|^y with y given again as `yh + yl` (`yh` masked), then the sign and
// C99's special cases.
fn pow_core_f64(x: f64, y: f64, yh: f64, yl: f64, whole: bool, odd: bool) -> f64 {
    let a = abs(x);
    let h_l = log2_parts_f64(a);
    let h = h_l.x;
    let l = h_l.y;
    let ph = yh * h;
    let pl = fma(yl, h, y * l);
    let n = nearest_f64(limit_f64(ph + pl, -1100.0lf, 1030.0lf));
    let r = limit_f64((ph - n) + pl, -1.0lf, 1.0lf);
    let v = scale_f64(fma(r, fma(fma(fma(fma(fma(fma(fma(fma(fma(fma(4.4573880173741526e-10lf, r, 7.073862654565848e-09lf), r, 1.0178046457929595e-07lf), r, 1.321543480804328e-06lf), r, 1.5252733867541621e-05lf), r, 0.00015403530458083772lf), r, 0.0013333558146379051lf), r, 0.009618129107593342lf), r, 0.05550410866482174lf), r, 0.24022650695910133lf), r, 0.6931471805599453lf), 1.0lf), n);
    let up = y > 0.0lf;
    let at_zero = select(inf_f64(x), 0.0lf, up);
    let at_inf = select(0.0lf, inf_f64(x), up);
    let edge = (a == 0.0lf) | (a == inf_f64(x));
    let w = select(select(v, at_inf, a == inf_f64(x)), at_zero, a == 0.0lf);
    let signed = select(w, -w, signbit_f64(x) & odd);
    let real = select(signed, nan_f64(x), (x < 0.0lf) & !whole & !edge);
    let known = select(real, nan_f64(x), isnan_f64(x) | isnan_f64(y));
    return select(known, 1.0lf, (y == 0.0lf) | (x == 1.0lf));
}

// x^n, through pow: no loop, and no error growing with n.
// Error: 0.86 ULP, shader 1.11.
fn powi_f64(x: f64, n: i32) -> f64 {
    let y = f64(n);
    let yh = mask_f64(y);
    let yl = f64((n - (i32(yh))));
    return pow_core_f64(x, y, yh, yl, true, (n & 1) != 0);
}

// The cube root: exponent / 3 in integers, a guess by bits, two Halley steps,
// then fdlibm's last step from a root short enough to square exactly.
// Error: 0.67 ULP, shader 0.67.
fn cbrt_f64(x: f64) -> f64 {
    let a = abs(x);
    let tiny = a < MIN_NORMAL_F64;
    let u = bitcast<u64>(select(a, a * CBRT_SCALE_F64, tiny));
    let e = (u >> MANT_F64) + CBRT_ALIGN_F64;
    let q = (e * 0x5556lu) >> 16;
    let m = bitcast<f64>((u & MANT_MASK_F64) | ((e - 3 * q + BIAS_BITS_F64) << MANT_F64));
    let g = bitcast<f64>(third_f64(bitcast<u64>(m)) + CBRT_GUESS_F64);
    let t = mask_f64(halley_f64(halley_f64(g, m), m));
    let r = m / (t * t);
    let c = fma(t, (r - t) / (2.0lf * t + r), t);
    let k = to_float_f64(q) - select(CBRT_BIAS_F64, CBRT_BIAS_TINY_F64, tiny);
    return select(copysign_f64(c * pow2_f64(k), x), x, (a == 0.0lf) | !isfinite_f64(x));
}

// floor(x / y), agreeing with floor_mod (`np.floor_divide`).
fn floor_div_f64(x: f64, y: f64) -> f64 {
    let by = select(1.0lf, 1.3407807929942597e154lf, (abs(y) < 3.054936363499605e-151lf) & (abs(x) < 3.273390607896142e150lf));
    let a = x * by;
    let b = y * by;
    let m = trunc_rem_f64(a, b);
    let d = quotient_f64(a - m, b);
    let down = (m != 0.0lf) & ((m < 0.0lf) != (y < 0.0lf));
    let e = select(d, d - 1.0lf, down);
    let f = floor(e);
    let whole = select(f, f + 1.0lf, e - f > 0.5lf);
    let v = select(whole, copysign_f64(0.0lf, copysign_f64(1.0lf, x) * y), whole == 0.0lf);
    return select(keep_nan_f64(m, v), x / y, y == 0.0lf);
}
