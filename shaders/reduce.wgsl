// Reduce, a workgroup for each output element and part of its points: threads stride over the part, a tree ends it.
// Header: 0 kept points, 1 reduced points, 2 parts, 3 points a part, 4 first slot, 5 out elements.
//{bindings}

//{program}

//{fold}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let p = launch.base;
    let q = piece(p);
    let kept_points = params[p];
    let unit = group.x + group.y * groups.x;
    let part = unit / kept_points;
    if part >= params[p + 2u] { return; }
    let kept = unit % kept_points;
    //{coordinates kept}
    let start = part * params[p + 3u];
    let end = min(start + params[p + 3u], params[p + 1u]);
    var run = begin(p);
    for (var first = start + lane * RUN; first < end; first += 256u * RUN) {
        for (var reduced = first; reduced < min(first + RUN, end); reduced++) {
            //{coordinates reduced}
            let e = element(/*{arguments}*/);
            //{take}
        }
    }
    let state = tree(lane, close(run));
    if lane == 0u {
        let at = (params[p + 4u] + part) * params[p + 5u] + place(/*{kept arguments}*/);
        //{store}
    }
}
