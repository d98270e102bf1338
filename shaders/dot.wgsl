// Matrix product of two chunks: c[m, n] (+)= a[m, k] · b[k, n], over arbitrary strides.
//
// This head is shared by dot_tile.wgsl (matrix · matrix), dot_vector.wgsl (matrix · vector) and dot_join.wgsl (sums of parts).
// dot_source.rs puts before it what depends on the dtype and the tile:
//   alias Value             one element as the device holds it
//   decode, encode          buffer -> arithmetic (bool to 0 or 1), and back (narrow ints wrap)
//   sum                     + or, for bool, |
//   BM, BN, BK, ...         sizes of the tile

struct Launch {
    base: u32,
}

// One product, as the launcher wrote it at params[launch.base ..]; places and strides in elements. Words 13 to 15: rows of tiles,
// steps of a part, elements of `c` from one part to the next. Where the steps lie in several chunks, word 16: how many segments they
// are; then 9 words of each: its steps, the number, base and strides of its chunk of `a`, and of that of `b`.
struct Piece {
    m: u32,
    n: u32,
    k: u32,
    accumulate: bool,
    a_base: i32,
    a_rs: i32,
    a_cs: i32,
    b_base: i32,
    b_rs: i32,
    b_cs: i32,
    c_base: i32,
    c_rs: i32,
    c_cs: i32,
}

var<immediate> launch: Launch;
@group(0) @binding(0) var<storage, read> params: array<u32>;
{{bindings}}

fn word(i: u32) -> i32 {
    return bitcast<i32>(params[launch.base + i]);
}

// The product, or where its steps are shared between workgroups, one part of them: parts lie below each other in the grid, and
// each makes a product of its own, which dot_join.wgsl adds up.
fn read_piece(tile: vec3<u32>) -> Piece {
    let part = tile.y / params[launch.base + 13u];
    let steps = params[launch.base + 14u];
    let first = part * steps;
    return Piece(
        params[launch.base], params[launch.base + 1u], min(params[launch.base + 2u] - first, steps),
        (params[launch.base + 3u] & 1u) != 0u,
        word(4u) + i32(first) * word(6u), word(5u), word(6u),
        word(7u) + i32(first) * word(8u), word(8u), word(9u),
        word(10u) + i32(part) * word(15u), word(11u), word(12u),
    );
}

// The row of tiles within the part.
fn tile_row(tile: vec3<u32>) -> u32 {
    return tile.y % params[launch.base + 13u];
}

// a[row, step] and b[step, col], and zero outside. No branch, so that loads overlap: outside, element 0 is read (a
// buffer is never empty) and dropped. The index of an outside element may wrap; it is not used.
{{loads}}

// c[row, col], nothing outside.
fn store(piece: Piece, row: u32, col: u32, product: Value) {
    if row < piece.m && col < piece.n {
        let place = piece.c_base + i32(row) * piece.c_rs + i32(col) * piece.c_cs;
        var value = product;
        if piece.accumulate {
            value = sum(decode(c[place]), product);
        }
        c[place] = encode(value);
    }
}
