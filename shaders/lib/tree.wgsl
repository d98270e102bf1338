// The tree that combines the states of `lanes` threads, a power of two of them that lie `step` apart, in workgroup memory. Its
// shape is fixed, whatever the size of subgroups: the same numbers on every run. `State` and `merge` are the fold's (see
// shaders/folds).

var<workgroup> tree_states: array<State, 256>;

// The combined state, in lane 0.
fn tree(thread: u32, lane: u32, lanes: u32, step: u32, state: State) -> State {
    tree_states[thread] = state;
    for (var width = lanes / 2u; width > 0u; width >>= 1u) {
        workgroupBarrier();
        if lane < width { tree_states[thread] = merge(tree_states[thread], tree_states[thread + width * step]); }
    }
    return tree_states[thread];
}
