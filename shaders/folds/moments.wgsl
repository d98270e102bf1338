// Mean, sum of squared deviations, count. A thread sums deviations from its first element: it is one of the data,
// so the sum of squares it makes is of the size of the result. States merge by Chan, Golub and LeVeque (1979).
struct Run { shift: Float, sum: Float, squares: Float, count: u32 }
struct State { mean: Float, squares: Float, count: u32 }

fn begin(p: u32) -> Run { return Run(Float(0), Float(0), Float(0), 0u); }
fn take(run: Run, e: Element) -> Run {
    let x = float_of(e.value);
    if run.count == 0u { return Run(x, Float(0), Float(0), 1u); }
    let d = x - run.shift;
    return Run(run.shift, run.sum + d, run.squares + d * d, run.count + 1u);
}
fn close(run: Run) -> State {
    let n = Float(max(run.count, 1u));
    let d = run.sum / n;
    let squares = run.squares - run.sum * d;
    return State(run.shift + d, select(squares, Float(0), squares < Float(0)), run.count);
}
fn merge(x: State, y: State) -> State {
    if y.count == 0u { return x; }
    if x.count == 0u { return y; }
    let n = Float(x.count + y.count);
    let d = y.mean - x.mean;
    let share = Float(y.count) / n;
    return State(x.mean + d * share, x.squares + y.squares + d * d * Float(x.count) * share, x.count + y.count);
}
