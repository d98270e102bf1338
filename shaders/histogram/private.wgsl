// The workgroup's own counts: `copies` times the bins.
var<workgroup> own_counts: array<atomic<u32>, /*{own}*/>;

fn clear_counts(lane: u32, length: u32) {
    for (var i = lane; i < length; i += 256u) { atomicStore(&own_counts[i], 0u); }
    workgroupBarrier();
}
fn count(copy: u32, bins: u32, bin: u32) {
    atomicAdd(&own_counts[copy * bins + bin], 1u);
}
fn keep_counts(p: u32, slot: u32, lane: u32, copies: u32, bins: u32) {
    workgroupBarrier();
    for (var bin = lane; bin < bins; bin += 256u) {
        var sum = 0u;
        for (var copy = 0u; copy < copies; copy++) { sum += atomicLoad(&own_counts[copy * bins + bin]); }
        //{keep}
    }
}
