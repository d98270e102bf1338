// Arithmetic of floats that WGSL has, under the names the tables use. An item of the same name in f32.wgsl or f64.wgsl goes first.

fn neg_f32(x: f32) -> f32 { return -x; }
fn abs_f32(x: f32) -> f32 { return abs(x); }
fn square_f32(x: f32) -> f32 { return x * x; }
fn sqrt_f32(x: f32) -> f32 { return sqrt(x); }
fn reciprocal_f32(x: f32) -> f32 { return 1.0 / x; }
fn div_f32(x: f32, y: f32) -> f32 { return x / y; }
fn rem_f32(x: f32, y: f32) -> f32 { return trunc_rem_f32(x, y); }
fn fma_f32(x: f32, y: f32, z: f32) -> f32 { return fma(x, y, z); }
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
fn abs_f64(x: f64) -> f64 { return abs(x); }
fn square_f64(x: f64) -> f64 { return x * x; }
fn sqrt_f64(x: f64) -> f64 { return sqrt(x); }
fn reciprocal_f64(x: f64) -> f64 { return 1.0lf / x; }
fn div_f64(x: f64, y: f64) -> f64 { return x / y; }
fn rem_f64(x: f64, y: f64) -> f64 { return trunc_rem_f64(x, y); }
fn fma_f64(x: f64, y: f64, z: f64) -> f64 { return fma(x, y, z); }
fn degrees_f64(x: f64) -> f64 { return x * 57.29577951308232lf; }
fn radians_f64(x: f64) -> f64 { return x * 0.017453292519943295lf; }
fn isnan_f64(x: f64) -> bool { return (bitcast<u64>(x) & 0x7ffffffffffffffflu) > 0x7ff0000000000000lu; }
fn isinf_f64(x: f64) -> bool { return (bitcast<u64>(x) & 0x7ffffffffffffffflu) == 0x7ff0000000000000lu; }
fn isfinite_f64(x: f64) -> bool { return (bitcast<u64>(x) & 0x7ffffffffffffffflu) < 0x7ff0000000000000lu; }
fn signbit_f64(x: f64) -> bool { return (bitcast<u64>(x) >> 63u) != 0lu; }
fn infinity_f64(zero: u32) -> f64 { return bitcast<f64>(0x7ff0000000000000lu | u64(zero)); }
