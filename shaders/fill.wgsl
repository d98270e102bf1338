// Fill: one value throughout a buffer, as one or two words an element.
// Words: 0 elements, 1 and 2 the value.
//{bindings}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let p = launch.base;
    let at = (group.x + group.y * groups.x) * 256u + lane;
    if at < params[p] {
        out0[at] = /*{value}*/;
    }
}
