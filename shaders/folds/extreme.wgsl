// Smallest and largest. `join` prefers NaN; `extreme(zero)` is what every value beats or equals, where `zero` is 0.
struct State { value: Value, count: u32 }
alias Run = State;

fn begin(p: u32) -> State { return State(extreme(p & 0u), 0u); }
fn take(run: State, e: Element) -> State { return State(join(run.value, e.value), run.count + 1u); }
fn close(run: State) -> State { return run; }
fn merge(x: State, y: State) -> State { return State(join(x.value, y.value), x.count + y.count); }
