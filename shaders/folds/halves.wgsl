// Sums of f32 where there is no f64: a number and what it lacks, by Knuth's two-sum (The Art of Computer Programming 2, 4.2.2), and
// whether both are in units of 2^64: sums on the way may be larger than any f32, and the whole or the mean none the less one.
alias Sum = vec3<f32>;
const UNIT = 18446744073709551616.0;
const PER_UNIT = 5.421010862427522e-20;
fn sum_identity() -> Sum { return vec3(0.0, 0.0, 0.0); }
fn sum_of(x: f32) -> Sum { return vec3(x, 0.0, 0.0); }
fn in_units(x: Sum) -> Sum { return select(vec3(x.x * PER_UNIT, x.y * PER_UNIT, 1.0), x, x.z == 1.0); }
fn two_sum(x: Sum, y: Sum) -> Sum {
    let sum = kept_f32(x.x + y.x);
    let back = kept_f32(sum - x.x);
    return vec3(sum, ((x.x - kept_f32(sum - back)) + (y.x - back)) + (x.y + y.y), x.z);
}
fn sum_join(x: Sum, y: Sum) -> Sum {
    if !(isfinite_f32(x.x) && isfinite_f32(y.x)) { return vec3(x.x + y.x, 0.0, x.z); }
    if x.z == y.z {
        let sum = two_sum(x, y);
        if isfinite_f32(sum.x) && isfinite_f32(sum.y) { return sum; }
    }
    return two_sum(in_units(x), in_units(y));
}
// Of a pair of words, rounded.
fn of_halves(low: u32, high: u32) -> f32 { return f32(high) * 4294967296.0 + f32(low); }
fn whole_of_halves(sum: Sum) -> f32 { return select(1.0, UNIT, sum.z == 1.0) * (sum.x + sum.y); }
// The quotient, and what the dividend's rest and the quotient's own add to it.
fn mean_of_halves(sum: Sum, count: f32) -> f32 {
    let whole = sum.x / count;
    let rest = fma_f32(-whole, count, sum.x) + sum.y;
    return select(1.0, UNIT, sum.z == 1.0) * select(whole, whole + rest / count, isfinite_f32(rest) && count > 0.0);
}

