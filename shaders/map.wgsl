// Map: stores the program's outputs at `out` for every point of a piece.
// Header: 0 points, or tiles where it goes by tiles.
//{bindings}

//{program}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let p = launch.base;
    let number = group.x + group.y * groups.x;
    let q = piece(p);
    //{points}
}
