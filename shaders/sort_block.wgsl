// Sort: blocks of lines, which a workgroup's memory holds, are sorted, or the last steps of a merge made in them. Blocks shorter than
// the memory share it.
// Header: 0 lines, 1 points of a line, 2 lines side by side, 3 points of a block, a power of two, 4 blocks of a line.
//{bindings}

//{program}

//{memory}

fn comes_before(a: u32, b: u32) -> bool { return /*{before}*/; }

fn swap(a: u32, b: u32) {
    //{swap}
}

// Compares each point whose highest bit of the mask is not set with the one that the mask makes of it.
fn compare(lane: u32, mask: u32) {
    let bit = firstLeadingBit(mask);
    for (var t = lane; t < SORTED / 2u; t += 256u) {
        let low = ((t >> bit) << (bit + 1u)) | (t & ((1u << bit) - 1u));
        if comes_before(low ^ mask, low) { swap(low, low ^ mask); }
    }
    workgroupBarrier();
}

// Merges runs of half the width.
fn merge_block(lane: u32, width: u32) {
    for (var by = width >> 1u; by > 0u; by >>= 1u) { compare(lane, by); }
}

fn sort_block(lane: u32, width: u32) {
    for (var run = 2u; run <= width; run <<= 1u) {
        compare(lane, run - 1u);
        merge_block(lane, run >> 1u);
    }
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let p = launch.base;
    let width = params[p + 3u];
    let first = (group.x + group.y * groups.x) * (SORTED / width);
    for (var i = lane; i < SORTED; i += 256u) {
        let block = first + i / width;
        let line = block / params[p + 4u];
        let at = block % params[p + 4u] * width + i % width;
        if line < params[p] && at < params[p + 1u] {
            let point = (line / params[p + 2u] * params[p + 1u] + at) * params[p + 2u] + line % params[p + 2u];
            //{coordinates}
            //{load}
        } else {
            //{beyond}
        }
    }
    workgroupBarrier();
    //{steps}
    for (var i = lane; i < SORTED; i += 256u) {
        let block = first + i / width;
        let line = block / params[p + 4u];
        let at = block % params[p + 4u] * width + i % width;
        if line < params[p] && at < params[p + 1u] {
            let point = (line / params[p + 2u] * params[p + 1u] + at) * params[p + 2u] + line % params[p + 2u];
            //{store}
        }
    }
}
