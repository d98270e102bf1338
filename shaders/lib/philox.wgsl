// Philox4x32-10 and what is drawn from it: the twin of src/ops/random.rs, which names the sources.
//
// An element's draw is a function of (seed, stream, element index) alone. Four 32-bit or two 64-bit elements share a block,
// so the draw functions give a whole block's values. Where four points begin a block, a thread draws it for them
// (src/backend/gpu/quads.rs); elsewhere the printer keeps the last block of each draw in a private variable.

fn philox_round(c: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    let p0 = mul_wide(0xd2511f53u, c.x);
    let p1 = mul_wide(0xcd9e8d57u, c.z);
    return vec4(p1.y ^ c.y ^ key.x, p1.x, p0.y ^ c.w ^ key.y, p0.x);
}

const PHILOX_STEP = vec2(0x9e3779b9u, 0xbb67ae85u);

// Ten rounds, written out: compilers leave such a loop as it is.
fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    let c0 = philox_round(counter, key);
    let c1 = philox_round(c0, key + PHILOX_STEP);
    let c2 = philox_round(c1, key + 2u * PHILOX_STEP);
    let c3 = philox_round(c2, key + 3u * PHILOX_STEP);
    let c4 = philox_round(c3, key + 4u * PHILOX_STEP);
    let c5 = philox_round(c4, key + 5u * PHILOX_STEP);
    let c6 = philox_round(c5, key + 6u * PHILOX_STEP);
    let c7 = philox_round(c6, key + 7u * PHILOX_STEP);
    let c8 = philox_round(c7, key + 8u * PHILOX_STEP);
    return philox_round(c8, key + 9u * PHILOX_STEP);
}

// Which array: seed, and the number of the array among those its generator made.
struct Spec {
    seed: vec2<u32>,
    stream: u32,
}

fn random_block(spec: Spec, block: vec2<u32>, attempt: u32) -> vec4<u32> {
    return philox(vec4(block, spec.stream, attempt), spec.seed);
}

// The block of an element when 4 or 2 elements share one.
fn block_of_4(index: vec2<u32>) -> vec2<u32> { return vec2((index.x >> 2u) | (index.y << 30u), index.y >> 2u); }
fn block_of_2(index: vec2<u32>) -> vec2<u32> { return vec2((index.x >> 1u) | (index.y << 31u), index.y >> 1u); }

// The element's own among its block's values; written out, as an index known at run time only may cost a trip to memory.
fn pick_u32(values: vec4<u32>, lane: u32) -> u32 {
    return select(select(values.x, values.y, (lane & 1u) != 0u), select(values.z, values.w, (lane & 1u) != 0u), (lane & 2u) != 0u);
}
fn pick_f32(values: vec4<f32>, lane: u32) -> f32 {
    return select(select(values.x, values.y, (lane & 1u) != 0u), select(values.z, values.w, (lane & 1u) != 0u), (lane & 2u) != 0u);
}
fn pick_u64(values: vec2<u64>, lane: u32) -> u64 { return select(values.x, values.y, (lane & 1u) != 0u); }
fn pick_f64(values: vec2<f64>, lane: u32) -> f64 { return select(values.x, values.y, (lane & 1u) != 0u); }

fn bits_u32(spec: Spec, block: vec2<u32>) -> vec4<u32> { return random_block(spec, block, 0u); }
fn bits_u64(spec: Spec, block: vec2<u32>) -> vec2<u64> {
    let w = random_block(spec, block, 0u);
    return vec2(u64_of(w.yx), u64_of(w.wz));
}

// 24 bits in [0, 1).
fn uniform_of_u32(w: vec4<u32>) -> vec4<f32> { return vec4<f32>(w >> vec4(8u)) * 5.9604644775390625e-8; }
fn uniform_f32(spec: Spec, block: vec2<u32>) -> vec4<f32> { return uniform_of_u32(random_block(spec, block, 0u)); }

// 53 bits as an integer.
fn bits53(high: u32, low: u32) -> f64 { return f64(high >> 5u) * 67108864.0lf + f64(low >> 6u); }
fn uniform_f64(spec: Spec, block: vec2<u32>) -> vec2<f64> {
    let w = random_block(spec, block, 0u);
    return vec2(bits53(w.x, w.y), bits53(w.z, w.w)) * 1.1102230246251565e-16lf;
}

// Box-Muller: two normals from a uniform in (0, 1] and one in [0, 1), with as much of the tail as full words reach.
fn normal_f32(spec: Spec, block: vec2<u32>) -> vec4<f32> {
    let w = random_block(spec, block, 0u);
    let angles = uniform_of_u32(w);
    let u = (vec2(f32(w.x >> 1u), f32(w.z >> 1u)) * 2.0 + 1.0) * 2.3283064365386963e-10;
    let r0 = sqrt_f32(-2.0 * ln_f32(u.x));
    let r1 = sqrt_f32(-2.0 * ln_f32(u.y));
    return vec4(r0 * sincospi2_f32(angles.y), r1 * sincospi2_f32(angles.w));
}
fn normal_f64(spec: Spec, block: vec2<u32>) -> vec2<f64> {
    let w = random_block(spec, block, 0u);
    let u = (bits53(w.x, w.y) + 1.0lf) * 1.1102230246251565e-16lf;
    return sqrt_f64(-2.0lf * ln_f64(u)) * sincospi2_f64(bits53(w.z, w.w) * 1.1102230246251565e-16lf);
}

// Lemire's integers below `range`: the high part of word times range, unless the low part is below `limit` = 2^32 mod range.
// A rejected element takes its word of the next attempt's block.
fn below_u32(spec: Spec, block: vec2<u32>, range: u32, limit: u32) -> vec4<u32> {
    var made = vec4<u32>();
    var open = vec4(true);
    for (var attempt = 0u; any(open); attempt++) {
        let w = random_block(spec, block, attempt);
        let x = mul_wide(w.x, range);
        let y = mul_wide(w.y, range);
        let z = mul_wide(w.z, range);
        let last = mul_wide(w.w, range);
        made = select(made, vec4(x.y, y.y, z.y, last.y), open);
        open = open & (vec4(x.x, y.x, z.x, last.x) < vec4(limit));
    }
    return made;
}

// The whole product of two u64: low and high halves.
fn mul_wide_u64(x: u64, y: u64) -> vec2<u64> {
    let x0 = x & 0xfffffffflu;
    let x1 = x >> 32u;
    let y0 = y & 0xfffffffflu;
    let y1 = y >> 32u;
    let p01 = x0 * y1;
    let p10 = x1 * y0;
    let middle = ((x0 * y0) >> 32u) + (p01 & 0xfffffffflu) + (p10 & 0xfffffffflu);
    return vec2(x * y, x1 * y1 + (p01 >> 32u) + (p10 >> 32u) + (middle >> 32u));
}
fn below_u64(spec: Spec, block: vec2<u32>, range: u64, limit: u64) -> vec2<u64> {
    var made = vec2<u64>();
    var open = vec2(true);
    for (var attempt = 0u; any(open); attempt++) {
        let w = random_block(spec, block, attempt);
        let x = mul_wide_u64(u64_of(w.yx), range);
        let y = mul_wide_u64(u64_of(w.wz), range);
        made = select(made, vec2(x.y, y.y), open);
        open = open & (vec2(x.x, y.x) < vec2(limit));
    }
    return made;
}

// Where a random permutation of the numbers below `range` has an index: the twin of src/ops/permutation.rs. Numbers are two digits, of
// `bits` bits and below `count`.
struct Cipher {
    keys: vec4<u32>,
    bits: u32,
    count: u32,
}

fn cipher_word(x: u32, keys: vec2<u32>) -> u32 {
    let p = mul_wide(0xd2511f53u, x ^ keys.x);
    let q = mul_wide(0xcd9e8d57u, p.x ^ p.y ^ keys.y);
    return q.x ^ q.y;
}

// Six laps over the low digit and the high one.
fn cipher_laps(cipher: Cipher, digits: vec2<u32>) -> vec2<u32> {
    let size = 1u << cipher.bits;
    var at = digits;
    var keys = cipher.keys;
    for (var lap = 0u; lap < 6u; lap++) {
        at.x = (at.x + mul_wide(cipher_word(at.y, keys.xy), size).y) & (size - 1u);
        let moved = at.y + mul_wide(cipher_word(at.x, keys.zw), cipher.count).y;
        at.y = select(moved, moved - cipher.count, moved >= cipher.count);
        keys += PHILOX_STEP.xyxy;
    }
    return at;
}

fn cipher_u32(spec: Spec, range: u32) -> Cipher {
    let bits = (33u - countLeadingZeros(range - 1u)) / 2u;
    return Cipher(random_block(spec, vec2<u32>(), 0xffffffffu), bits, ((range - 1u) >> bits) + 1u);
}
fn place_u32(cipher: Cipher, range: u32, index: u32) -> u32 {
    var at = index % range;
    loop {
        let digits = cipher_laps(cipher, vec2(at & ((1u << cipher.bits) - 1u), at >> cipher.bits));
        at = (digits.y << cipher.bits) | digits.x;
        if at < range { break; }
    }
    return at;
}
fn permutation_u32(spec: Spec, block: vec2<u32>, range: u32) -> vec4<u32> {
    let cipher = cipher_u32(spec, range);
    let first = block.x << 2u;
    return vec4(
        place_u32(cipher, range, first), place_u32(cipher, range, first + 1u),
        place_u32(cipher, range, first + 2u), place_u32(cipher, range, first + 3u),
    );
}

fn cipher_u64(spec: Spec, range: u64) -> Cipher {
    let last = range - 1lu;
    let high = u32(last >> 32u);
    let zeros = select(32u + countLeadingZeros(u32(last & 0xfffffffflu)), countLeadingZeros(high), high != 0u);
    let bits = (65u - zeros) / 2u;
    return Cipher(random_block(spec, vec2<u32>(), 0xffffffffu), bits, u32(last >> bits) + 1u);
}
fn place_u64(cipher: Cipher, range: u64, index: u64) -> u64 {
    var at = index % range;
    loop {
        let digits = cipher_laps(cipher, vec2(u32(at & ((1lu << cipher.bits) - 1lu)), u32(at >> cipher.bits)));
        at = (u64(digits.y) << cipher.bits) | u64(digits.x);
        if at < range { break; }
    }
    return at;
}
fn permutation_u64(spec: Spec, block: vec2<u32>, range: u64) -> vec2<u64> {
    let cipher = cipher_u64(spec, range);
    let first = u64_of(block) << 1u;
    return vec2(place_u64(cipher, range, first), place_u64(cipher, range, first + 1lu));
}
