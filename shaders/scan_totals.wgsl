// Scan, first of three: the fold of each part of each line.
// Header: 0 lines, 1 points of a line, 2 lines side by side, 3 points a part, 4 parts a line.
//{bindings}

//{program}

//{fold}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let p = launch.base;
    let q = piece(p);
    //{unit}
    var state = begin(p);
    for (var at = start; at < end; at++) {
        //{point}
        state = take(state, /*{element}*/);
    }
    //{total}
}
