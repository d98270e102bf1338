// A merge: the states of several chunks become one for each output, and the last of them a result. `lanes` threads of a workgroup take
// the states of an output in turn, chunk by chunk and slot by slot, and a tree combines what they have: always in the same order.
// Words: 0 outputs, 1 lanes, 2 chunks, 3 elements that each output is of (a pair), 5 ddof (an f64); then for each chunk: the number of
// its first state, and its slots.

struct Element { /*{element}*/ }
//{fold}
//{tree}

// What a chunk has of an output in a slot.
fn state_of(chunk: u32, at: u32) -> State {
    switch chunk {
        //{states}
    }
}

//{finish}

fn merged(number: u32, thread: u32, p: u32) {
    let outputs = params[p];
    let lanes = params[p + 1u];
    // Outputs beside each other in a workgroup: their threads read what lies beside each other.
    let step = 256u / lanes;
    let lane = thread / step;
    let at = number * step + thread % step;
    let inside = at < outputs;
    // Those beyond the last output have no states; they still meet the others at barriers.
    let chunks = select(0u, params[p + 2u], inside);
    var run = close(begin(p));
    for (var chunk = 0u; chunk < chunks; chunk++) {
        let first = params[p + 7u + 2u * chunk];
        let slots = params[p + 8u + 2u * chunk];
        for (var slot = (lane - first) & (lanes - 1u); slot < slots; slot += lanes) {
            run = merge(run, state_of(chunk, slot * outputs + at));
        }
    }
    let state = tree(thread, lane, lanes, step, run);
    if inside && lane == 0u {
        //{store}
    }
}
