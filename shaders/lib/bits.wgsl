// The selected points of a tile, as bits in workgroup memory in the order of the points. `RUN` is the program's (see wgsl.rs).

const TILE = 2048u;
// Tiles whose counts one workgroup sums.
const BLOCK = 2048u;
// Points a thread looks at.
const ROWS = 8u;
const WORDS = 64u;

var<workgroup> tile_bits: array<atomic<u32>, 64>;

// The place in the tile of a thread's point number `row`: RUN points in a row, and threads beside each other.
fn offset_in_tile(row: u32, lane: u32) -> u32 { return (row / RUN * 256u + lane) * RUN + row % RUN; }

fn clear_bits(lane: u32) {
    if lane < WORDS { atomicStore(&tile_bits[lane], 0u); }
    workgroupBarrier();
}

fn set_bit(offset: u32) { atomicOr(&tile_bits[offset / 32u], 1u << (offset % 32u)); }

// Bits set in the first `words` words.
fn bits_before(words: u32) -> u32 {
    var count = 0u;
    for (var word = 0u; word < words; word++) { count += countOneBits(atomicLoad(&tile_bits[word])); }
    return count;
}
