
// Matrix · vector (b has one column) or vector · matrix (a has one row). A workgroup makes LINES outputs with LANES
// threads each; the threads of a line stride along k and their sums meet in a tree in workgroup memory.

const THREADS = LINES * LANES;

var<workgroup> partial: array<Value, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) tile: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
{{read}}
    // Neighbouring threads follow the shorter stride of the matrix.
    let by_line = abs({{line_stride}}) < abs({{step_stride}});
    let line = select(thread / LANES, thread % LINES, by_line);
    let lane = select(thread % LANES, thread / LINES, by_line);
    let row = {{row}};
    let col = {{col}};

    // Four sums hide the latency of the loads; steps past k load zero.
    var s0 = Value();
    var s1 = Value();
    var s2 = Value();
    var s3 = Value();
{{segments}}
    for (var step = {{each}}lane; step < piece.k; step += 4u * LANES) {
{{multiply}}
    }
{{segments}}
    partial[line * LANES + lane] = sum(sum(s0, s1), sum(s2, s3));
    workgroupBarrier();
{{tree}}
    if lane == 0u {
        store({{whole}}, row, col, partial[line * LANES]);
    }
}
