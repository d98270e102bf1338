// Sums of f32 where there is no f64: a number and what it lacks, by Knuth's two-sum (The Art of Computer Programming 2, 4.2.2).
alias Sum = vec2<f32>;
fn sum_identity() -> Sum { return vec2(0.0, 0.0); }
fn sum_of(x: f32) -> Sum { return vec2(x, 0.0); }
fn sum_join(x: Sum, y: Sum) -> Sum {
    let sum = x.x + y.x;
    if !isfinite_f32(sum) { return vec2(sum, 0.0); }
    let back = sum - x.x;
    return vec2(sum, ((x.x - (sum - back)) + (y.x - back)) + (x.y + y.y));
}
// Of a pair of words, rounded.
fn of_halves(low: u32, high: u32) -> f32 { return f32(high) * 4294967296.0 + f32(low); }
// The quotient, and what the dividend's rest and the quotient's own add to it.
fn mean_of_halves(sum: Sum, count: f32) -> f32 {
    let whole = sum.x / count;
    let rest = fma_f32(-whole, count, sum.x) + sum.y;
    return select(whole, whole + rest / count, isfinite_f32(rest) && count > 0.0);
}

