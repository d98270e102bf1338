// The states of a workgroup's threads, folded up to each, by doubling steps in workgroup memory: the same numbers on every run.
// `State` and `merge` are the fold's.

// Points of a thread where a workgroup has a line's part.
const ROWS = 8u;

var<workgroup> scan_states: array<State, 256>;

// The fold of the states of all threads before one's own; of the first there are none, and it gets its own.
fn scanned(lane: u32, state: State) -> State {
    scan_states[lane] = state;
    for (var step = 1u; step < 256u; step <<= 1u) {
        workgroupBarrier();
        let other = scan_states[max(lane, step) - step];
        workgroupBarrier();
        if lane >= step { scan_states[lane] = merge(other, scan_states[lane]); }
    }
    workgroupBarrier();
    return scan_states[max(lane, 1u) - 1u];
}
