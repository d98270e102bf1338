
// The sum of the parts of a product: c[row, col] (+)= a[0, row, col] + a[1, row, col] + ..., in that order.
// `k` parts lie `a_cs` elements apart, their rows `a_rs`.

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let piece = read_piece(vec3(0u));
    let point = (group.x + group.y * groups.x) * 256u + thread;
    if point >= piece.m * piece.n { return; }
    let row = point / piece.n;
    let col = point % piece.n;
    let place = piece.a_base + i32(row) * piece.a_rs + i32(col);
    var total = Value();
    for (var part = 0u; part < piece.k; part++) {
        total = sum(total, decode(a[place + i32(part) * piece.a_cs]));
    }
    store(piece, row, col, total);
}
