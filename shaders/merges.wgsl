// Merges that need nothing of each other, in one dispatch: each has workgroups that follow each other.
// Header: for each merge its first workgroup, and where its own words start.
//{bindings}

//{merges}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let p = launch.base;
    let number = group.x + group.y * groups.x;
    //{which}
}
