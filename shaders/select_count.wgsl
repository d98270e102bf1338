// Select, first of three: how many points of each tile of 2048 are selected.
// Header: 0 points.
//{bindings}

//{program}

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
    for (var row = 0u; row < ROWS; row++) {
        let offset = offset_in_tile(row, lane);
        let point = tile * TILE + offset;
        if point < points {
            //{coordinates point}
            if /*{element}*/.mask { set_bit(offset); }
        }
    }
    workgroupBarrier();
    if lane == 0u { out0[tile] = bits_before(WORDS); }
}
