// Conversions that need care: float to integer saturates and NaN gives 0, any nonzero (NaN too) is true.
// What is plain in WGSL (widening, wrapping, integer to float) the printer writes itself.

// In halves, whose sum is rounded once: some drivers round the whole word twice.
fn cast_u32_f32(x: u32) -> f32 { return f32(x >> 16u) * 65536.0 + f32(x & 0xffffu); }

// To the nearest number of fewer bits, ties to even, by the bits: those that are cut off carry into the others, and beyond the
// largest number into infinity.
fn cast_f32_f16(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    let size = bits & 0x7fffffffu;
    if size >= 0x7f800000u { return x; }
    // Below 2^-14 numbers are multiples of 2^-24.
    if size < 0x38800000u { return bitcast<f32>((bits & 0x80000000u) | bitcast<u32>(round(abs(x) * 16777216.0) * 0x1p-24)); }
    let near = (size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u;
    return bitcast<f32>((bits & 0x80000000u) | select(near, 0x7f800000u, near > 0x477fe000u));
}
fn cast_f32_bf16(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    if (bits & 0x7fffffffu) > 0x7f800000u { return x; }
    return bitcast<f32>((bits + 0x7fffu + ((bits >> 16u) & 1u)) & 0xffff0000u);
}
// To the f32 beside it whose last bit is odd, which rounded on is what x would have been (`src/ops/half.rs`).
fn odd_of(x: f64) -> f32 {
    let near = f32(x);
    let back = f64(near);
    let bits = bitcast<u32>(near);
    if back == x || !(x == x) || (bits & 1u) == 1u { return near; }
    return bitcast<f32>(select(bits - 1u, bits + 1u, abs(back) < abs(x)));
}
fn cast_f64_f16(x: f64) -> f32 { return cast_f32_f16(odd_of(x)); }
fn cast_f64_bf16(x: f64) -> f32 { return cast_f32_bf16(odd_of(x)); }

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
