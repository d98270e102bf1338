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
