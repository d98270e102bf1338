// Take: copies slabs by index, out[i, to[j], k] = in[i, from[j], k]. A power of two of threads, its `lanes`, moves a
// part of a row k = 0, 1, ... together: each finds its row and reads the index once.
// Words: 0-2 lengths (outer, pairs, inner); 3 the power; 4 parts of a row; 5 place of the input's slab 0, 6-8 its strides; 9 place of
// the output's slab 0, 10-12 its strides; from 13 on the pairs (from, to).
//{bindings}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let p = launch.base;
    let pairs = params[p + 1u];
    let power = params[p + 3u];
    let lanes = 1u << power;
    let parts = params[p + 4u];
    let unit = ((group.x + group.y * groups.x) * 256u + thread) >> power;
    let row = unit / parts;
    let i = row / pairs;
    if i >= params[p] { return; }
    let pair = p + 13u + 2u * (row % pairs);
    let source = params[p + 5u] + i * params[p + 6u] + params[pair] * params[p + 7u];
    let target_place = params[p + 9u] + i * params[p + 10u] + params[pair + 1u] * params[p + 11u];
    let start = unit % parts * lanes * /*{steps}*/;
    let end = min(start + lanes * /*{steps}*/, params[p + 2u]);
    for (var k = start + (thread & (lanes - 1u)); k < end; k += lanes) {
        out0[target_place + k * params[p + 12u]] = in0[source + k * params[p + 8u]];
    }
}
