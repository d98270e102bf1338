// The integer law for 64-bit values (SHADER_INT64), as in int.wgsl, and what is shorter with such values at hand.
// Where the adapter has the feature, an item here replaces the item of the same name in pair.wgsl.

fn u64_of(words: vec2<u32>) -> u64 { return u64(words.x) | (u64(words.y) << 32u); }
fn i64_of(words: vec2<u32>) -> i64 { return bitcast<i64>(u64_of(words)); }
fn words_of(x: u64) -> vec2<u32> { return vec2(u32(x & 0xfffffffflu), u32(x >> 32u)); }

fn mul_wide(x: u32, y: u32) -> vec2<u32> { return words_of(u64(x) * u64(y)); }
fn pair_add(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> { return words_of(u64_of(x) + u64_of(y)); }
fn pair_mul(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> { return words_of(u64_of(x) * u64_of(y)); }

fn neg_u64(x: u64) -> u64 { return 0lu - x; }
fn neg_i64(x: i64) -> i64 { return 0li - x; }
fn abs_u64(x: u64) -> u64 { return x; }
fn abs_i64(x: i64) -> i64 { return select(x, 0li - x, x < 0li); }
fn sign_u64(x: u64) -> u64 { return select(0lu, 1lu, x != 0lu); }
fn sign_i64(x: i64) -> i64 { return select(0li, 1li, x > 0li) - select(0li, 1li, x < 0li); }
fn square_u64(x: u64) -> u64 { return x * x; }
fn square_i64(x: i64) -> i64 { return x * x; }
fn reciprocal_u64(x: u64) -> u64 { return select(0lu, 1lu, x == 1lu); }
fn reciprocal_i64(x: i64) -> i64 { return select(0li, x, x == 1li || x == -1li); }
fn fma_u64(x: u64, y: u64, z: u64) -> u64 { return x * y + z; }
fn fma_i64(x: i64, y: i64, z: i64) -> i64 { return x * y + z; }
fn min_u64(x: u64, y: u64) -> u64 { return select(y, x, x < y); }
fn min_i64(x: i64, y: i64) -> i64 { return select(y, x, x < y); }
fn max_u64(x: u64, y: u64) -> u64 { return select(y, x, x > y); }
fn max_i64(x: i64, y: i64) -> i64 { return select(y, x, x > y); }

fn div_u64(x: u64, y: u64) -> u64 { return select(x / select(y, 1lu, y == 0lu), 0lu, y == 0lu); }
fn rem_u64(x: u64, y: u64) -> u64 { return select(x % select(y, 1lu, y == 0lu), 0lu, y == 0lu); }
fn div_i64(x: i64, y: i64) -> i64 {
    let q = x / select(y, 1li, y == 0li || y == -1li);
    return select(select(q, 0li - x, y == -1li), 0li, y == 0li);
}
fn rem_i64(x: i64, y: i64) -> i64 {
    let d = select(y, 1li, y == 0li || y == -1li);
    return x - x / d * d;
}
fn floor_div_u64(x: u64, y: u64) -> u64 { return div_u64(x, y); }
fn floor_mod_u64(x: u64, y: u64) -> u64 { return rem_u64(x, y); }
fn floor_div_i64(x: i64, y: i64) -> i64 {
    let r = rem_i64(x, y);
    return div_i64(x, y) - select(0li, 1li, r != 0li && (r ^ y) < 0li);
}
fn floor_mod_i64(x: i64, y: i64) -> i64 {
    let r = rem_i64(x, y);
    return r + select(0li, y, r != 0li && (r ^ y) < 0li);
}

fn and_u64(x: u64, y: u64) -> u64 { return x & y; }
fn and_i64(x: i64, y: i64) -> i64 { return x & y; }
fn or_u64(x: u64, y: u64) -> u64 { return x | y; }
fn or_i64(x: i64, y: i64) -> i64 { return x | y; }
fn xor_u64(x: u64, y: u64) -> u64 { return x ^ y; }
fn xor_i64(x: i64, y: i64) -> i64 { return x ^ y; }
fn not_u64(x: u64) -> u64 { return ~x; }
fn not_i64(x: i64) -> i64 { return ~x; }
fn shl_u64(x: u64, y: u64) -> u64 { return select(0lu, x << (u32(y & 63lu)), y < 64lu); }
fn shr_u64(x: u64, y: u64) -> u64 { return select(0lu, x >> (u32(y & 63lu)), y < 64lu); }
fn shl_i64(x: i64, y: i64) -> i64 {
    let n = bitcast<u64>(y);
    return select(0li, x << (u32(n & 63lu)), n < 64lu);
}
fn shr_i64(x: i64, y: i64) -> i64 {
    let n = bitcast<u64>(y);
    return x >> select(63u, u32(n & 63lu), n < 64lu);
}
fn count_ones_u64(x: u64) -> u32 {
    // In halves: SPIR-V counts the bits of 32-bit words only.
    let words = words_of(x);
    return countOneBits(words.x) + countOneBits(words.y);
}
fn count_ones_i64(x: i64) -> u32 { return count_ones_u64(bitcast<u64>(x)); }

fn powi_u64(x: u64, n: i32) -> u64 {
    if n < 0 { return select(0lu, 1lu, x == 1lu); }
    var result = 1lu;
    var square = x;
    for (var left = u32(n); left != 0u; left >>= 1u) {
        if (left & 1u) != 0u { result *= square; }
        square *= square;
    }
    return result;
}
fn powi_i64(x: i64, n: i32) -> i64 {
    if n < 0 { return select(0li, select(x, 1li, (n & 1) == 0), x == 1li || x == -1li); }
    return bitcast<i64>(powi_u64(bitcast<u64>(x), n));
}
