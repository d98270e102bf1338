// Select, second of three: the tiles' counts become the number of selected points before each tile, by one workgroup.
// Words: 0 tiles.
//{bindings}

var<workgroup> sums: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
    let tiles = params[launch.base];
    // A thread's share of tiles that follow each other.
    let share = (tiles + 255u) / 256u;
    let start = min(lane * share, tiles);
    let end = min(start + share, tiles);
    var sum = 0u;
    for (var tile = start; tile < end; tile++) { sum += out0[tile]; }
    sums[lane] = sum;
    // Inclusive sums over the threads, by doubling steps.
    for (var step = 1u; step < 256u; step <<= 1u) {
        workgroupBarrier();
        let other = select(0u, sums[max(lane, step) - step], lane >= step);
        workgroupBarrier();
        sums[lane] += other;
    }
    workgroupBarrier();
    var before = sums[lane] - sum;
    for (var tile = start; tile < end; tile++) {
        let count = out0[tile];
        out0[tile] = before;
        before += count;
    }
    if lane == 255u { out1[0] = sums[255]; }
}
