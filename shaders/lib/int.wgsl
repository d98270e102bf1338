// The integer law for 32-bit words, twin of src/ops/scalar.rs: arithmetic wraps, x / 0 and x % 0 are 0, MIN / -1 wraps,
// a shift by the width or more (or a negative one) gives 0, or the sign for a signed `shr`.
//
// 8- and 16-bit values are held in a word, zero- or sign-extended. They use the functions of u32 and i32, and the printer
// wraps the result to the width again (wrap_u8, ...), which gives the narrow type's law in every case.

fn wrap_u8(x: u32) -> u32 { return x & 0xffu; }
fn wrap_u16(x: u32) -> u32 { return x & 0xffffu; }
fn wrap_i8(x: i32) -> i32 { return (x << 24u) >> 24u; }
fn wrap_i16(x: i32) -> i32 { return (x << 16u) >> 16u; }

fn neg_u32(x: u32) -> u32 { return 0u - x; }
fn neg_i32(x: i32) -> i32 { return 0 - x; }
fn abs_u32(x: u32) -> u32 { return x; }
fn abs_i32(x: i32) -> i32 { return select(x, 0 - x, x < 0); }
fn sign_u32(x: u32) -> u32 { return min(x, 1u); }
fn sign_i32(x: i32) -> i32 { return select(0, 1, x > 0) - select(0, 1, x < 0); }
fn square_u32(x: u32) -> u32 { return x * x; }
fn square_i32(x: i32) -> i32 { return x * x; }
fn reciprocal_u32(x: u32) -> u32 { return select(0u, 1u, x == 1u); }
fn reciprocal_i32(x: i32) -> i32 { return select(0, x, x == 1 || x == -1); }
fn fma_u32(x: u32, y: u32, z: u32) -> u32 { return x * y + z; }
fn fma_i32(x: i32, y: i32, z: i32) -> i32 { return x * y + z; }
fn min_u32(x: u32, y: u32) -> u32 { return min(x, y); }
fn min_i32(x: i32, y: i32) -> i32 { return min(x, y); }
fn max_u32(x: u32, y: u32) -> u32 { return max(x, y); }
fn max_i32(x: i32, y: i32) -> i32 { return max(x, y); }

// The divisor is made harmless first: the hardware's answers for 0 and for MIN / -1 are anything.
fn div_u32(x: u32, y: u32) -> u32 { return select(x / max(y, 1u), 0u, y == 0u); }
fn rem_u32(x: u32, y: u32) -> u32 { return select(x % max(y, 1u), 0u, y == 0u); }
fn div_i32(x: i32, y: i32) -> i32 {
    let q = x / select(y, 1, y == 0 || y == -1);
    return select(select(q, 0 - x, y == -1), 0, y == 0);
}
fn rem_i32(x: i32, y: i32) -> i32 {
    // By the quotient: `%` of negative operands is not the same on every driver.
    let d = select(y, 1, y == 0 || y == -1);
    return x - x / d * d;
}
fn floor_div_u32(x: u32, y: u32) -> u32 { return div_u32(x, y); }
fn floor_mod_u32(x: u32, y: u32) -> u32 { return rem_u32(x, y); }
fn floor_div_i32(x: i32, y: i32) -> i32 {
    let r = rem_i32(x, y);
    return div_i32(x, y) - select(0, 1, r != 0 && (r ^ y) < 0);
}
fn floor_mod_i32(x: i32, y: i32) -> i32 {
    let r = rem_i32(x, y);
    return r + select(0, y, r != 0 && (r ^ y) < 0);
}

fn and_bool(x: bool, y: bool) -> bool { return x && y; }
fn or_bool(x: bool, y: bool) -> bool { return x || y; }
fn xor_bool(x: bool, y: bool) -> bool { return x != y; }
fn not_bool(x: bool) -> bool { return !x; }
fn and_u32(x: u32, y: u32) -> u32 { return x & y; }
fn and_i32(x: i32, y: i32) -> i32 { return x & y; }
fn or_u32(x: u32, y: u32) -> u32 { return x | y; }
fn or_i32(x: i32, y: i32) -> i32 { return x | y; }
fn xor_u32(x: u32, y: u32) -> u32 { return x ^ y; }
fn xor_i32(x: i32, y: i32) -> i32 { return x ^ y; }
fn not_u32(x: u32) -> u32 { return ~x; }
fn not_i32(x: i32) -> i32 { return ~x; }
fn shl_u32(x: u32, y: u32) -> u32 { return select(0u, x << (y & 31u), y < 32u); }
fn shl_i32(x: i32, y: i32) -> i32 { return select(0, x << (u32(y) & 31u), u32(y) < 32u); }
fn shr_u32(x: u32, y: u32) -> u32 { return select(0u, x >> (y & 31u), y < 32u); }
fn shr_i32(x: i32, y: i32) -> i32 { return x >> min(u32(y), 31u); }
fn count_ones_u32(x: u32) -> u32 { return countOneBits(x); }
fn count_ones_i32(x: i32) -> u32 { return countOneBits(u32(x)); }

fn powi_u32(x: u32, n: i32) -> u32 {
    if n < 0 { return select(0u, 1u, x == 1u); }
    var result = 1u;
    var square = x;
    for (var left = u32(n); left != 0u; left >>= 1u) {
        if (left & 1u) != 0u { result *= square; }
        square *= square;
    }
    return result;
}
fn powi_i32(x: i32, n: i32) -> i32 {
    // 1/x rounded to zero: only 1 and -1 have an inverse.
    if n < 0 { return select(0, select(x, 1, (n & 1) == 0), x == 1 || x == -1); }
    return i32(powi_u32(u32(x), n));
}
