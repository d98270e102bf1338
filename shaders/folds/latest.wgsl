// The last that is not NaN, of states that come in order.
struct State { value: Value, count: u32 }

fn begin(p: u32) -> State { return State(not_a_number(p), 0u); }
fn take(run: State, e: Element) -> State { return merge(run, State(e.value, 1u)); }
fn merge(x: State, y: State) -> State {
    if is_nan(y.value) { return x; }
    return y;
}
