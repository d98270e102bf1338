// Select, third of three: selected values go to their places, in order.
// `before`: the selected points before each tile in its block of tiles, then those before each block.
// Header: 0 points.
//{bindings}

//{program}

var<workgroup> places: array<u32, WORDS>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let p = launch.base;
    let q = piece(p);
    let points = params[p];
    let tile = group.x + group.y * groups.x;
    if tile * TILE >= points { return; }
    clear_bits(lane);
    var values: array</*{type}*/, ROWS>;
    for (var row = 0u; row < ROWS; row++) {
        let offset = offset_in_tile(row, lane);
        let point = tile * TILE + offset;
        if point < points {
            //{coordinates point}
            let e = /*{element}*/;
            values[row] = /*{value}*/;
            if e.mask { set_bit(offset); }
        }
    }
    workgroupBarrier();
    // Where each word's first selected point goes.
    let tiles = (points - 1u) / TILE + 1u;
    if lane < WORDS { places[lane] = before[tiles + tile / BLOCK] + before[tile] + bits_before(lane); }
    workgroupBarrier();
    for (var row = 0u; row < ROWS; row++) {
        let offset = offset_in_tile(row, lane);
        let word = atomicLoad(&tile_bits[offset / 32u]);
        let bit = 1u << (offset % 32u);
        if (word & bit) != 0u { out0[places[offset / 32u] + countOneBits(word & (bit - 1u))] = values[row]; }
    }
}
