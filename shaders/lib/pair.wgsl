// 64-bit arithmetic on pairs of words (low, high), for indices and integer sums on every adapter.

// The whole product of two words. WGSL has no high multiply: four products of 16-bit halves.
fn mul_wide(x: u32, y: u32) -> vec2<u32> {
    let x0 = x & 0xffffu;
    let x1 = x >> 16u;
    let y0 = y & 0xffffu;
    let y1 = y >> 16u;
    let p01 = x0 * y1;
    let p10 = x1 * y0;
    let middle = ((x0 * y0) >> 16u) + (p01 & 0xffffu) + (p10 & 0xffffu);
    return vec2(x * y, x1 * y1 + (p01 >> 16u) + (p10 >> 16u) + (middle >> 16u));
}

fn pair_add(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
    let low = x.x + y.x;
    return vec2(low, x.y + y.y + select(0u, 1u, low < x.x));
}

fn pair_mul(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
    let product = mul_wide(x.x, y.x);
    return vec2(product.x, product.y + x.x * y.y + x.y * y.x);
}

// A pair times a word.
fn pair_scale(x: vec2<u32>, y: u32) -> vec2<u32> {
    let product = mul_wide(x.x, y);
    return vec2(product.x, product.y + x.y * y);
}

fn pair_of_u32(x: u32) -> vec2<u32> { return vec2(x, 0u); }
fn pair_of_i32(x: i32) -> vec2<u32> { return vec2(u32(x), u32(x >> 31u)); }
fn pair_of_bool(x: bool) -> vec2<u32> { return vec2(u32(x), 0u); }

// Signed comparison.
fn pair_at_most(x: vec2<u32>, y: vec2<u32>) -> bool {
    return i32(x.y) < i32(y.y) || (x.y == y.y && x.x <= y.x);
}
// y - x of signed pairs, rounded; x is not above y.
fn pair_distance(x: vec2<u32>, y: vec2<u32>) -> f32 {
    let d = pair_add(y, pair_add(vec2(~x.x, ~x.y), vec2(1u, 0u)));
    return f32(d.y) * 4294967296.0 + f32(d.x);
}
