// Histogram: counts values into bins between ascending edges. A workgroup counts a share of the points in its own memory, in
// several copies so that threads seldom meet, and leaves their sums in a slot of its own, or adds them to the result.
// Header: 0 points, 1 bins, 2 points a workgroup, 3 copies, 4 first slot.
//{bindings}

//{program}

//{edge}

//{counts}

// By halves: edge `low` is not above x, and edge `high` is, or is the last.
fn search(x: Edge, from_low: u32, from_high: u32) -> u32 {
    var low = from_low;
    var high = from_high;
    while high - low > 1u {
        let middle = (low + high) / 2u;
        if at_most(edge(middle), x) { low = middle; } else { high = middle; }
    }
    return low;
}

// The bin of a value between the first and the last edge: the last one whose left edge is not above it.
fn bin_of(x: Edge, bins: u32, scale: f32) -> u32 {
    //{bin}
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let p = launch.base;
    let number = group.x + group.y * groups.x;
    let q = piece(p);
    let bins = params[p + 1u];
    let copies = params[p + 3u];
    let start = number * params[p + 2u];
    // Beyond the last workgroup there is no slot.
    if start >= params[p] { return; }
    //{clear}
    let first_edge = edge(0u);
    let last_edge = edge(bins);
    // Bins in a unit of the value. Only an estimate hangs on it: infinity and NaN do no harm.
    let scale = f32(bins) / distance(first_edge, last_edge);
    let end = min(start + params[p + 2u], params[p]);
    let lanes = 256u;
    //{points}
    //{flush}
}
