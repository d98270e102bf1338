//! The data of the suite, and how values are compared: as in `benches/peers/common.py`.

use gridloom::dtype::{Element, Integer, Real};
use ndarray::ArrayD;

/// The types the suite runs in.
pub(crate) trait Float: Real + Element<Sum = Self, Mean = Self> + Into<f64> {
    /// The integers that are drawn beside it.
    type Whole: Integer + Element<Mean = f64>;
    /// Relative tolerance of sums of 25 million elements, in any order.
    const TOLERANCE: f64;
    /// The nearest value of the type.
    fn round(value: f64) -> f64;
    fn of(value: f64) -> Self;
    fn whole(value: i32) -> Self::Whole;
}
impl Float for f64 {
    type Whole = i64;
    const TOLERANCE: Self = 1e-9;
    fn round(value: f64) -> f64 {
        value
    }
    fn of(value: f64) -> Self {
        value
    }
    fn whole(value: i32) -> i64 {
        value.into()
    }
}
impl Float for f32 {
    type Whole = i32;
    const TOLERANCE: f64 = 2e-4;
    fn round(value: f64) -> f64 {
        Self::of(value).into()
    }
    fn of(value: f64) -> Self {
        value as Self
    }
    fn whole(value: i32) -> i32 {
        value
    }
}

/// The element of the resident matrix with number `k` in C order: equidistributed in [0, 1), and the same in any language.
pub(crate) fn element(k: u64) -> f64 {
    (k.wrapping_mul(2_654_435_761) % (1 << 32)) as f64 / (1u64 << 32) as f64
}

/// The resident matrix as the independent computations see it: made when it is looked at.
pub(crate) struct Matrix {
    pub(crate) n: usize,
    /// To the type of the suite.
    round: fn(f64) -> f64,
}

impl Matrix {
    pub(crate) fn new<T: Float>(n: usize) -> Self {
        Self { n, round: T::round }
    }
    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        (self.round)(element((row * self.n + column) as u64))
    }
    /// A row.
    pub(crate) fn row(&self, row: usize) -> impl Iterator<Item = f64> + '_ {
        (0..self.n).map(move |column| self.at(row, column))
    }
    /// All elements in C order.
    pub(crate) fn elements(&self) -> impl Iterator<Item = f64> + '_ {
        (0..(self.n * self.n) as u64).map(|k| (self.round)(element(k)))
    }
    /// The sum of `f` of each element, row by row so that rounding does not add up.
    pub(crate) fn sum(&self, f: impl Fn(f64) -> f64) -> f64 {
        (0..self.n).map(|i| self.row(i).map(&f).sum::<f64>()).sum()
    }
    pub(crate) fn row_sums(&self) -> Vec<f64> {
        (0..self.n).map(|i| self.row(i).sum()).collect()
    }
    pub(crate) fn column_sums(&self) -> Vec<f64> {
        (0..self.n).map(|j| (0..self.n).map(|i| self.at(i, j)).sum()).collect()
    }
}

/// A number that depends on every value and its place.
pub(crate) fn weighted(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().enumerate().map(|(i, value)| value * (i % 7 + 1) as f64).sum()
}

/// [`weighted`] of an array in C order.
pub(crate) fn weighted_array<T: Element + Into<f64>>(values: &ArrayD<T>) -> f64 {
    weighted(values.iter().map(|&value| value.into()))
}

/// How near two values must be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Near {
    Relative(f64),
    Absolute(f64),
}

pub(crate) fn agree(got: f64, expected: f64, near: Near) -> bool {
    match near {
        Near::Relative(part) => (got - expected).abs() <= part * expected.abs(),
        Near::Absolute(distance) => (got - expected).abs() <= distance,
    }
}
