// Take: copies slabs by index, out[i, to[j], k] = in[i, from[j], k].
// Words: 0-2 lengths (outer, pairs, inner); 3 place of the input's slab 0, 4-6 its strides; 7 place of the output's slab 0,
// 8-10 its strides; from 11 on the pairs (from, to).
//{bindings}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let p = launch.base;
    let pairs = params[p + 1u];
    let inner = params[p + 2u];
    let point = (group.x + group.y * groups.x) * 256u + lane;
    if point >= params[p] * pairs * inner { return; }
    let k = point % inner;
    let rest = point / inner;
    let i = rest / pairs;
    let pair = p + 11u + 2u * (rest % pairs);
    let source = params[p + 3u] + i * params[p + 4u] + params[pair] * params[p + 5u] + k * params[p + 6u];
    let target_place = params[p + 7u] + i * params[p + 8u] + params[pair + 1u] * params[p + 9u] + k * params[p + 10u];
    out0[target_place] = in0[source];
}
