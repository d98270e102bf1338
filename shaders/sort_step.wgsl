// Sort: one step of merging runs that are longer than a block: each point whose highest bit of the mask is not set is compared with the
// one that the mask makes of it. What is beyond a line's end is larger than all.
// Header: 0 lines, 1 points of a line, 2 comparisons of a line, 3 the mask.
//{bindings}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let p = launch.base;
    let number = (group.x + group.y * groups.x) * 256u + lane;
    let line = number / params[p + 2u];
    if line >= params[p] { return; }
    let t = number % params[p + 2u];
    let mask = params[p + 3u];
    let bit = firstLeadingBit(mask);
    let low = ((t >> bit) << (bit + 1u)) | (t & ((1u << bit) - 1u));
    if (low ^ mask) >= params[p + 1u] { return; }
    let b = line * params[p + 1u] + low;
    let a = line * params[p + 1u] + (low ^ mask);
    if /*{before}*/ {
        //{swap}
    }
}
