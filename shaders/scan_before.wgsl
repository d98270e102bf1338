// Scan, second of three: the folds of a line's parts become what comes before each, by one workgroup a line.
// Header: 0 lines, 1 parts a line.
//{bindings}

//{fold}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let p = launch.base;
    let lines = params[p];
    let parts = params[p + 1u];
    let line = group.x + group.y * groups.x;
    if line >= lines { return; }
    // A thread's share of parts that follow each other.
    let share = (parts + 255u) / 256u;
    let start = min(lane * share, parts);
    let end = min(start + share, parts);
    var state = begin(p);
    for (var part = start; part < end; part++) { state = merge(state, state_of(out0[part * lines + line])); }
    let own = scanned(lane, state);
    var before = /*{first}*/;
    if lane > 0u { before = merge(before, own); }
    for (var part = start; part < end; part++) {
        let next = merge(before, state_of(out0[part * lines + line]));
        out0[part * lines + line] = held_of(before);
        before = next;
    }
}
