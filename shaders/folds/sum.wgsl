// Sum and product. `Sum` is the accumulator, `sum_of` makes one of a value, `sum_join` combines two.
struct State { value: Sum, count: u32 }
alias Run = State;

fn begin(p: u32) -> State { return State(sum_identity(), 0u); }
fn take(run: State, e: Element) -> State { return State(sum_join(run.value, sum_of(e.value)), run.count + 1u); }
fn close(run: State) -> State { return run; }
fn merge(x: State, y: State) -> State { return State(sum_join(x.value, y.value), x.count + y.count); }
