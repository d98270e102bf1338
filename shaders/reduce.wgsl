// Reduce: `lanes` threads of a workgroup for each output element and part of its points. They stride over the part, and a
// tree combines what they have.
// Header: 0 kept points, 1 reduced points (or tiles), 2 parts, 3 points a part, 4 first slot, 5 out elements, 6 lanes.
//{bindings}

//{program}

//{fold}

//{step}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let p = launch.base;
    let number = group.x + group.y * groups.x;
    let q = piece(p);
    let lanes = params[p + 6u];
    // Outputs beside each other in a workgroup. The threads of one are neighbours, or lie this far apart.
    let outputs = 256u / lanes;
    let lane = /*{lane}*/;
    // Which output element, and which part of its points.
    let unit = number * outputs + /*{output}*/;
    let kept = unit % params[p];
    let part = unit / params[p];
    let inside = part < params[p + 2u];
    //{coordinates kept}
    // Units beyond the last one have no points; they still meet the others at barriers.
    let start = select(0u, part * params[p + 3u], inside);
    let end = select(0u, min(start + params[p + 3u], params[p + 1u]), inside);
    var run = begin(p);
    //{points}
    let state = /*{state}*/;
    if inside && lane == 0u {
        let at = (params[p + 4u] + part) * params[p + 5u] + place(/*{kept arguments}*/);
        //{store}
    }
}
