// A shift, what the mean is beyond it, the sum of squared deviations from the mean, and the count. The shift is the first of a
// thread's elements: deviations from it, the sum of their squares, and what means differ by are then of the size of the result,
// however large the mean is beside it. States merge by Chan, Golub and LeVeque (1979) and keep the first one's shift.
// The sum of squares is NaN once an element is not finite, and infinite once finite ones are too far apart for it; then it
// stays so, whatever the mean has become: nothing is made of differences of infinities.
struct Run { shift: Float, sum: Float, squares: Float, count: u32 }
struct State { shift: Float, offset: Float, squares: Float, count: u32 }

fn begin(p: u32) -> Run { return Run(Float(0), Float(0), Float(0), 0u); }
fn take(run: Run, e: Element) -> Run {
    let x = float_of(e.value);
    let shift = select(run.shift, x, run.count == 0u);
    let d = x - shift;
    let square = select(not_a_number(x), d * d, is_finite(x));
    return Run(shift, run.sum + d, run.squares + square, run.count + 1u);
}
fn close(run: Run) -> State {
    let n = Float(max(run.count, 1u));
    let d = run.sum / n;
    let squares = run.squares - run.sum * d;
    let whole = select(squares, Float(0), squares < Float(0));
    return State(run.shift, d, select(run.squares, whole, is_finite(run.squares)), run.count);
}
fn merge(x: State, y: State) -> State {
    if y.count == 0u { return x; }
    if x.count == 0u { return y; }
    let n = Float(x.count + y.count);
    let d = (y.shift - x.shift) + (y.offset - x.offset);
    let share = Float(y.count) / n;
    let squares = x.squares + y.squares;
    let whole = squares + d * d * Float(x.count) * share;
    return State(x.shift, x.offset + d * share, select(squares, whole, is_finite(squares)), x.count + y.count);
}
