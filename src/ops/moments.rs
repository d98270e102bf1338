//! Moments: the fold of variances and standard deviations.

use super::fold::{Elements, Folder, LANES, enter_all, taken, to_f64, tree};
use super::scalar::Num;
use super::simd::simd;
use crate::dtype::DType;
use crate::host::HostBuffer;

/// Deviations from a shift that is one of the values or near their mean, so that no digits of the deviations are lost where the mean
/// is large beside them: their sum, the sum of their squares, and how many.
///
/// The sum of squares is NaN once a value is infinite or NaN, and infinite once finite values are too far apart for it; it then stays
/// so, whatever the shift and the sum have become.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    shift: f64,
    sum: f64,
    squares: f64,
    n: f64,
}

impl Moment {
    const NONE: Self = Self { shift: 0.0, sum: 0.0, squares: 0.0, n: 0.0 };

    /// What the mean is beyond the shift.
    fn offset(self) -> f64 {
        self.sum / self.n.max(1.0)
    }
    /// The sum of squared deviations from the mean.
    #[inline(always)]
    fn m2(self) -> f64 {
        let m2 = self.squares - self.sum * self.sum / self.n.max(1.0);
        if self.squares.is_finite() { m2.max(0.0) } else { self.squares }
    }
    /// `n` values by their mean, `offset` beyond a shift, and the sum of squared deviations from it. The mean becomes the new shift;
    /// what rounding takes from it is kept in the sum.
    #[inline(always)]
    fn of_mean(shift: f64, offset: f64, m2: f64, n: f64) -> Self {
        let mean = shift + offset;
        let rest = offset - (mean - shift);
        if rest.is_finite() {
            Self { shift: mean, sum: rest * n, squares: m2 + rest * rest * n, n }
        } else {
            Self { shift: mean, sum: 0.0, squares: m2, n }
        }
    }
}

/// Mean, sum of squared deviations and count.
pub(crate) struct Moments<T>(std::marker::PhantomData<T>);

impl<T: Num> Folder for Moments<T> {
    type T = T;
    type Acc = Moment;
    const IDENTITY: Moment = Moment::NONE;
    /// Without a division, which Welford's update (1962) needs for each value, and without its rounding of the mean at each.
    #[expect(clippy::eq_op, reason = "NaN for what is not finite")]
    #[inline(always)]
    fn push(acc: Moment, value: T, _: i64) -> Moment {
        let x = value.to_f64();
        let shift = if acc.n == 0.0 { x } else { acc.shift };
        let d = x - shift;
        // The last difference is 0, but NaN for what is not finite.
        Moment { shift, sum: acc.sum + d, squares: acc.squares + (d * d + (x - x)), n: acc.n + 1.0 }
    }
    const SETTLES: bool = true;
    /// With the mean for a shift: the first value, which is the shift at first, may be far from all others.
    fn settled(acc: Moment) -> Moment {
        let mean = acc.shift + acc.offset();
        // What is infinite or NaN stays so, by the shift that it has.
        if acc.n == 0.0 || !acc.squares.is_finite() || !mean.is_finite() {
            return acc;
        }
        Moment::of_mean(acc.shift, acc.offset(), acc.m2(), acc.n)
    }
    /// Chan, Golub and `LeVeque`, "Updating formulae and a pairwise algorithm for computing sample variances" (1979). The means are
    /// subtracted in two parts.
    #[inline(always)]
    fn combine(a: Moment, b: Moment) -> Moment {
        if a.n == 0.0 || b.n == 0.0 {
            return if a.n == 0.0 { b } else { a };
        }
        let n = a.n + b.n;
        let (from_a, from_b) = (a.sum / a.n, b.sum / b.n);
        let delta = (b.shift - a.shift) + (from_b - from_a);
        let m2 = a.m2() + b.m2();
        let m2 = if m2.is_finite() { m2 + delta * delta * (a.n * b.n / n) } else { m2 };
        let offset = from_a + delta * (b.n / n);
        Moment::of_mean(a.shift, offset, m2, n)
    }
    /// Two passes over the strip, which is in the cache: the mean first, then deviations from it.
    fn strip(elements: Elements<'_, T>) -> Moment {
        simd(
            #[inline(always)]
            || {
                let n = elements
                    .mask
                    .map_or(elements.values.len() as f64, |mask| taken(&mask[..elements.values.len()]).into());
                if n == 0.0 {
                    return Self::IDENTITY;
                }
                let (mut sums, mut squares) = ([0.0; LANES], [0.0; LANES]);
                let sum = |lane: f64, v: f64| lane + v;
                // From the first value on, so that equal ones have themselves for a mean.
                let first = (0..elements.values.len()).find(|&i| elements.taken(i)).unwrap_or(0);
                let first = elements.values[first].to_f64();
                if elements.mask.is_none() && size_of::<T>() == size_of::<f64>() {
                    enter_all(&mut sums, elements.values, |lane, v: T| sum(lane, v.to_f64() - first));
                } else {
                    elements.each(0.0, |v| v.to_f64() - first, |values| enter_all(&mut sums, values, sum));
                }
                let offset = tree(sums, |a, b| a + b) / n;
                let mut mean = first + offset;
                let mut rest = offset - (mean - first);
                if !mean.is_finite() {
                    // The sum of finite values may overflow where their mean does not.
                    const SMALL: f64 = 1.0 / (1u64 << 32) as f64;
                    let taken = (0..elements.values.len()).filter(|&i| elements.taken(i));
                    mean = taken.fold(0.0, |sum, i| sum + elements.values[i].to_f64() * SMALL) / n / SMALL;
                    rest = 0.0;
                }
                let square = |lane: f64, d: f64| lane + d * d;
                if elements.mask.is_none() && size_of::<T>() == size_of::<f64>() {
                    enter_all(&mut squares, elements.values, |lane, v: T| square(lane, v.to_f64() - mean));
                } else {
                    elements.each(0.0, |v| v.to_f64() - mean, |values| enter_all(&mut squares, values, square));
                }
                // The squares are those of deviations from the rounded mean.
                Moment { shift: mean, sum: rest * n, squares: tree(squares, |a, b| a + b), n }
            },
        )
    }
    fn encode(accs: &[Moment], _: DType) -> Vec<HostBuffer> {
        encode(accs)
    }
    fn decode(arrays: &[&HostBuffer]) -> Vec<Moment> {
        decode(arrays)
    }
}

// The same for every dtype, and so compiled once.
fn encode(accs: &[Moment]) -> Vec<HostBuffer> {
    let array = |f: fn(Moment) -> f64| HostBuffer::from_vec::<f64>(accs.iter().map(|&acc| f(acc)).collect());
    let counts = HostBuffer::from_vec::<i64>(accs.iter().map(|acc| acc.n as i64).collect());
    vec![array(|acc| acc.shift), array(Moment::offset), array(Moment::m2), counts]
}
fn decode(arrays: &[&HostBuffer]) -> Vec<Moment> {
    let [shifts, offsets, squares, counts] = [0, 1, 2, 3].map(|i| to_f64(arrays[i]));
    let parts = shifts.into_iter().zip(offsets).zip(squares).zip(counts);
    parts.map(|(((shift, offset), m2), n)| Moment::of_mean(shift, offset, m2, n)).collect()
}
