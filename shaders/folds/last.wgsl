// The last that is not NaN, by its index: -1 before any element.
struct State { value: Value, index: Index, count: u32 }
alias Run = State;

fn begin(p: u32) -> State { return State(not_a_number(p), Index(-1), 0u); }
fn take(run: State, e: Element) -> State {
    return merge(run, State(e.value, select(e.index, Index(-1), is_nan(e.value)), 1u));
}
fn close(run: State) -> State { return run; }
fn merge(x: State, y: State) -> State {
    let count = x.count + y.count;
    if y.index > x.index { return State(y.value, y.index, count); }
    return State(x.value, x.index, count);
}
