// The tree that combines a workgroup's 256 states in workgroup memory. Its shape is fixed, whatever the size of subgroups: the
// same numbers on every run. `State` and `merge` are the fold's (see shaders/folds).

var<workgroup> tree_states: array<State, 256>;

// The combined state, in lane 0.
fn tree(lane: u32, state: State) -> State {
    tree_states[lane] = state;
    for (var width = 128u; width > 0u; width >>= 1u) {
        workgroupBarrier();
        if lane < width { tree_states[lane] = merge(tree_states[lane], tree_states[lane + width]); }
    }
    return tree_states[lane];
}
