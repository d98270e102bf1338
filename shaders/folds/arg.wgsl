// Where the smallest or largest is: the first of equals; the first NaN beats all. `better(x, y)` is strict and orders
// values that are not NaN. The index is -1 before any element.
struct State { value: Value, index: Index, count: u32 }
alias Run = State;

fn begin(p: u32) -> State { return State(extreme(p & 0u), Index(-1), 0u); }
fn take(run: State, e: Element) -> State { return merge(run, State(e.value, e.index, 1u)); }
fn close(run: State) -> State { return run; }
fn merge(x: State, y: State) -> State {
    let count = x.count + y.count;
    if y.index < 0 || x.index < 0 {
        if y.index < 0 { return State(x.value, x.index, count); }
        return State(y.value, y.index, count);
    }
    let x_nan = is_nan(x.value);
    let y_nan = is_nan(y.value);
    let x_wins = (x_nan && !y_nan) || (!y_nan && better(x.value, y.value));
    let y_wins = (y_nan && !x_nan) || (!x_nan && better(y.value, x.value));
    if y_wins || (!x_wins && y.index < x.index) { return State(y.value, y.index, count); }
    return State(x.value, x.index, count);
}
