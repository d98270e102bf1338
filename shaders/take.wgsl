// Take: copies slabs by index, out[i, to[j], k] = in[i, from[j], k] of one of several inputs. A power of two of threads, its `lanes`,
// moves a part of a row k = 0, 1, ... together: each finds its row and reads the index once.
// Words: 0-2 lengths (outer, rows, inner); 3 the power; 4 parts of a row; 5 place of the output's slab 0, 6-8 its strides; from 9 on
// the same of each input; then of each row: its input, from, to.
//{bindings}

//{load}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let p = launch.base;
    let rows = params[p + 1u];
    let power = params[p + 3u];
    let lanes = 1u << power;
    let parts = params[p + 4u];
    let unit = ((group.x + group.y * groups.x) * 256u + thread) >> power;
    let row = unit / parts;
    let i = row / rows;
    if i >= params[p] { return; }
    let which = p + 9u + 4u * /*{sources}*/ + 3u * (row % rows);
    let input = params[which];
    let q = p + 9u + 4u * input;
    let source = params[q] + i * params[q + 1u] + params[which + 1u] * params[q + 2u];
    let target_place = params[p + 5u] + i * params[p + 6u] + params[which + 2u] * params[p + 7u];
    let start = unit % parts * lanes * /*{steps}*/;
    let end = min(start + lanes * /*{steps}*/, params[p + 2u]);
    for (var k = start + (thread & (lanes - 1u)); k < end; k += lanes) {
        out0[target_place + k * params[p + 8u]] = load(input, source + k * params[q + 3u]);
    }
}
