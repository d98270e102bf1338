// Conversions that need care: float to integer saturates and NaN gives 0, any nonzero (NaN too) is true.
// What is plain in WGSL (widening, wrapping, integer to float) the printer writes itself.

// In halves, whose sum is rounded once: some drivers round the whole word twice.
fn cast_u32_f32(x: u32) -> f32 { return f32(x >> 16u) * 65536.0 + f32(x & 0xffffu); }

fn cast_f32_bool(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) != 0u; }
fn cast_f64_bool(x: f64) -> bool { return (bitcast<u64>(x) & 0x7ffffffffffffffflu) != 0lu; }

// Bounded before the conversion, whose result outside the integers is anything. The comparisons are false for NaN.
fn cast_f32_u8(x: f32) -> u32 { return select(0u, u32(clamp(x, 0.0, 255.0)), x >= 1.0); }
fn cast_f32_u16(x: f32) -> u32 { return select(0u, u32(clamp(x, 0.0, 65535.0)), x >= 1.0); }
fn cast_f32_u32(x: f32) -> u32 {
    if x >= 4294967296.0 { return 0xffffffffu; }
    if x >= 1.0 { return u32(x); }
    return 0u;
}
fn cast_f32_i8(x: f32) -> i32 { return select(0, i32(clamp(x, -128.0, 127.0)), abs(x) >= 1.0); }
fn cast_f32_i16(x: f32) -> i32 { return select(0, i32(clamp(x, -32768.0, 32767.0)), abs(x) >= 1.0); }
fn cast_f32_i32(x: f32) -> i32 {
    if x >= 2147483648.0 { return 0x7fffffff; }
    if x < -2147483648.0 { return i32(0x80000000u); }
    if abs(x) >= 1.0 { return i32(x); }
    return 0;
}
fn cast_f32_u64(x: f32) -> u64 {
    if x >= 18446744073709551616.0 { return 0xfffffffffffffffflu; }
    if x >= 1.0 { return u64(x); }
    return 0lu;
}
fn cast_f32_i64(x: f32) -> i64 {
    if x >= 9223372036854775808.0 { return 0x7fffffffffffffffli; }
    if x < -9223372036854775808.0 { return bitcast<i64>(0x8000000000000000lu); }
    if abs(x) >= 1.0 { return i64(x); }
    return 0li;
}
fn cast_f64_u8(x: f64) -> u32 { return select(0u, u32(clamp(x, 0.0lf, 255.0lf)), x >= 1.0lf); }
fn cast_f64_u16(x: f64) -> u32 { return select(0u, u32(clamp(x, 0.0lf, 65535.0lf)), x >= 1.0lf); }
fn cast_f64_u32(x: f64) -> u32 { return select(0u, u32(clamp(x, 0.0lf, 4294967295.0lf)), x >= 1.0lf); }
fn cast_f64_i8(x: f64) -> i32 { return select(0, i32(clamp(x, -128.0lf, 127.0lf)), abs(x) >= 1.0lf); }
fn cast_f64_i16(x: f64) -> i32 { return select(0, i32(clamp(x, -32768.0lf, 32767.0lf)), abs(x) >= 1.0lf); }
fn cast_f64_i32(x: f64) -> i32 { return select(0, i32(clamp(x, -2147483648.0lf, 2147483647.0lf)), abs(x) >= 1.0lf); }
fn cast_f64_u64(x: f64) -> u64 {
    if x >= 18446744073709551616.0lf { return 0xfffffffffffffffflu; }
    if x >= 1.0lf { return u64(x); }
    return 0lu;
}
fn cast_f64_i64(x: f64) -> i64 {
    if x >= 9223372036854775808.0lf { return 0x7fffffffffffffffli; }
    if x < -9223372036854775808.0lf { return bitcast<i64>(0x8000000000000000lu); }
    if abs(x) >= 1.0lf { return i64(x); }
    return 0li;
}
