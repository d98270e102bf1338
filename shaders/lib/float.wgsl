// Arithmetic of floats that WGSL has, under the names the tables use. An item of the same name in f32.wgsl or f64.wgsl goes first.

fn neg_f32(x: f32) -> f32 { return -x; }
// By the bits: Mesa drops it where it takes x for positive, as a root, which may be -0.
fn abs_f32(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }
fn square_f32(x: f32) -> f32 { return x * x; }
fn sqrt_f32(x: f32) -> f32 { return sqrt(x); }
fn reciprocal_f32(x: f32) -> f32 { return div_f32(1.0, x); }
// A device may take the divisor's reciprocal, which is subnormal, and so may be 0, beyond 2^126 (WGSL specification, 15.7.4.1).
fn div_f32(x: f32, y: f32) -> f32 {
    let down = select(1.0, 0.25, abs(y) > 8.507059e37);
    return (x * down) / (y * down);
}
fn rem_f32(x: f32, y: f32) -> f32 { return trunc_rem_f32(x, y); }
// x y + z rounded once, or nearly: WGSL's own fma may round the product (lavapipe's does), and then cancellation leaves
// nothing. The product's error by halves whose products are exact (Dekker), the sum's as by Knuth; scaled near overflow and underflow.
fn fma_f32(x: f32, y: f32, z: f32) -> f32 {
    let plain = x * y;
    if !(isfinite_f32(x) && isfinite_f32(y) && isfinite_f32(z)) { return select(plain + z, z, isfinite_f32(x) && isfinite_f32(y)); }
    let far = !isfinite_f32(plain) || abs(plain) > 1e30 || abs(z) > 1e30;
    let first = abs(x) > abs(y);
    let smaller = select(x, y, first);
    // What is left of a small number's halves may be subnormal, which devices take for zero.
    let near = abs(smaller) < 7.888609052210118e-31 && abs(z) < 1152921504606846976.0;
    let up = select(1.0, 18446744073709551616.0, near);
    let down = select(1.0, 2.3283064365386963e-10, far);
    let a = select(y, x, first) * down;
    let b = smaller * up;
    let c = z * up * down;
    let ah = mask_f32(a);
    let al = a - ah;
    let bh = mask_f32(b);
    let bl = b - bh;
    let p = a * b;
    if !isfinite_f32(p) { return p; }
    let s = kept_f32(p + c);
    let back = kept_f32(s - p);
    let rest = ((p - kept_f32(s - back)) + (c - back)) + ((((ah * bh - p) + ah * bl) + al * bh) + al * bl);
    return select(s + rest, s, rest == 0.0) * select(1.0, 5.421010862427522e-20, near) * select(1.0, 4294967296.0, far);
}
// a / b rounded to the nearest. A device may miss it by 2.5 ULP: once corrected by what it leaves, it is one of the two numbers
// around the quotient, of which the one that leaves less is the nearer.
// Of a quarter near the largest number, where a quotient that is missed upwards would be infinite.
fn quotient_f32(a: f32, b: f32) -> f32 {
    let large = abs(a) > 8.507059e37;
    return near_quotient_f32(a * select(1.0, 0.25, large), b) * select(1.0, 4.0, large);
}
fn near_quotient_f32(a: f32, b: f32) -> f32 {
    let rough = div_f32(a, b);
    let rest = fma_f32(-rough, b, a);
    let near = rough + div_f32(rest, b);
    let left = fma_f32(-near, b, a);
    if !isfinite_f32(rest) || !isfinite_f32(left) { return rough; }
    if near == 0.0 || left == 0.0 { return near; }
    // The next number away from zero, or towards it.
    let beyond = signbit_f32(left) == (signbit_f32(near) != signbit_f32(b));
    let other = bitcast<f32>(select(bitcast<u32>(near) - 1u, bitcast<u32>(near) + 1u, beyond));
    return select(near, other, abs(fma_f32(-other, b, a)) < abs(left));
}
fn degrees_f32(x: f32) -> f32 { return x * 57.29577951308232; }
fn radians_f32(x: f32) -> f32 { return x * 0.017453292519943295; }
// By the bits: a compiler may take `x != x` for false.
fn isnan_f32(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn isinf_f32(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }
fn isfinite_f32(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) < 0x7f800000u; }
fn signbit_f32(x: f32) -> bool { return (bitcast<u32>(x) >> 31u) != 0u; }
// WGSL has no literal for infinity; the `or` with zero bits keeps the compiler from folding it, which it refuses.
fn infinity_f32(zero: u32) -> f32 { return bitcast<f32>(0x7f800000u | zero); }

fn neg_f64(x: f64) -> f64 { return -x; }
fn abs_f64(x: f64) -> f64 { return bitcast<f64>(bitcast<u64>(x) & 0x7ffffffffffffffflu); }
fn square_f64(x: f64) -> f64 { return x * x; }
fn sqrt_f64(x: f64) -> f64 { return sqrt(x); }
fn reciprocal_f64(x: f64) -> f64 { return 1.0lf / x; }
fn div_f64(x: f64, y: f64) -> f64 { return x / y; }
fn rem_f64(x: f64, y: f64) -> f64 { return trunc_rem_f64(x, y); }
fn fma_f64(x: f64, y: f64, z: f64) -> f64 {
    let plain = x * y;
    if !(isfinite_f64(x) && isfinite_f64(y) && isfinite_f64(z)) { return select(plain + z, z, isfinite_f64(x) && isfinite_f64(y)); }
    let far = !isfinite_f64(plain) || abs(plain) > 1e300lf || abs(z) > 1e300lf;
    let first = abs(x) > abs(y);
    let smaller = select(x, y, first);
    // What is left of a small number's halves may be subnormal, which devices take for zero.
    let near = abs(smaller) < 1.1830521861667747e-271lf && abs(z) < 3.273390607896142e150lf;
    let up = select(1.0lf, 1.3407807929942597e154lf, near);
    let down = select(1.0lf, 2.3283064365386963e-10lf, far);
    let a = select(y, x, first) * down;
    let b = smaller * up;
    let c = z * up * down;
    let ah = mask_f64(a);
    let al = a - ah;
    let bh = mask_f64(b);
    let bl = b - bh;
    let p = a * b;
    if !isfinite_f64(p) { return p; }
    let s = kept_f64(p + c);
    let back = kept_f64(s - p);
    let rest = ((p - kept_f64(s - back)) + (c - back)) + ((((ah * bh - p) + ah * bl) + al * bh) + al * bl);
    return select(s + rest, s, rest == 0.0lf) * select(1.0lf, 7.458340731200207e-155lf, near) * select(1.0lf, 4294967296.0lf, far);
}
fn quotient_f64(a: f64, b: f64) -> f64 { return a / b; }
fn degrees_f64(x: f64) -> f64 { return x * 57.29577951308232lf; }
fn radians_f64(x: f64) -> f64 { return x * 0.017453292519943295lf; }
fn isnan_f64(x: f64) -> bool { return (bitcast<u64>(x) & 0x7ffffffffffffffflu) > 0x7ff0000000000000lu; }
fn isinf_f64(x: f64) -> bool { return (bitcast<u64>(x) & 0x7ffffffffffffffflu) == 0x7ff0000000000000lu; }
fn isfinite_f64(x: f64) -> bool { return (bitcast<u64>(x) & 0x7ffffffffffffffflu) < 0x7ff0000000000000lu; }
fn signbit_f64(x: f64) -> bool { return (bitcast<u64>(x) >> 63u) != 0lu; }
fn infinity_f64(zero: u32) -> f64 { return bitcast<f64>(0x7ff0000000000000lu | u64(zero)); }
