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
