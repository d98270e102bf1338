// Select, second of three: the tiles' counts become the number of selected points before each, within its block of 2048. Totals of
// the blocks come after the counts, and where there are several, the same shader sums them in one block: what is before a tile is what
// is before it in its block, and what is before that.
// Words: 0 the first count, 1 the end of the counts.
//{bindings}

var<workgroup> sums: array<u32, 256>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let last = params[launch.base + 1u];
    let first = params[launch.base] + group.x * BLOCK;
    // A thread's share of counts that follow each other.
    let share = (min(last - first, BLOCK) + 255u) / 256u;
    let start = min(first + lane * share, last);
    let end = min(start + share, last);
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
    if lane == 255u {
        // Before the only block there is nothing, and all is in it.
        let alone = groups.x == 1u;
        out0[last + group.x] = select(sums[255], 0u, alone);
        if alone { out1[0] = sums[255]; }
    }
}
