// Map: stores the program's outputs at `out` for every point of a piece.
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
    let first = ((group.x + group.y * groups.x) * 256u + lane) * RUN;
    for (var point = first; point < min(first + RUN, points); point++) {
        //{coordinates point}
        let e = element(/*{arguments}*/);
        let at = place(/*{arguments}*/);
        //{store}
    }
}
