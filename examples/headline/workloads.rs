//! The workloads: a row each.

use std::cell::Cell;

use gridloom::random::Generator;
use gridloom::{Array, Client, Compute, Result, arange, from_fn, from_ndarray, ones};
use ndarray::{Array1, ArrayD, s};

use crate::data::{Float, Matrix, Near, element, weighted, weighted_array};

/// What workloads work on: held by the backend before the clock starts.
pub(crate) struct Bench<T: Float> {
    pub(crate) client: Client,
    n: usize,
    chunk: Option<usize>,
    /// The resident matrix.
    a: Array<T>,
    /// A hundred elements of it.
    few: Array<T>,
    /// Whether results stay where they are made, and are waited for there.
    resident: Cell<bool>,
    /// How often `small` computes at once.
    computes: usize,
}

impl<T: Float> Bench<T> {
    pub(crate) fn new(client: &Client, matrix: &Matrix, chunk: Option<usize>) -> Result<Self> {
        let n = matrix.n;
        let a = from_fn((n, n), move |at| T::of(element((at[0] * n + at[1]) as u64)));
        let a = chunk.map_or(Ok(a.clone()), |chunk| a.rechunk(chunk))?;
        let few = from_ndarray(Array1::from_shape_fn(100, |k| T::of(element(k as u64))), 100)?;
        let (a, few) = (a.persist_with(client)?, few.persist_with(client)?);
        // A round trip to a device takes ten times as long as a compute without.
        let computes = if client.adapter().is_some() { COMPUTES / 10 } else { COMPUTES };
        Ok(Self { client: client.clone(), n, chunk, a, few, resident: Cell::new(false), computes })
    }
    /// Runs something with results that stay on the device.
    pub(crate) fn resident<R>(&self, run: impl FnOnce() -> Result<R>) -> Result<Option<R>> {
        self.resident.set(true);
        let result = run();
        self.resident.set(false);
        result.map(Some)
    }
    /// How many times as much a workload is as what one of its runs does.
    pub(crate) fn scale(&self, workload: &str) -> f64 {
        if workload == "small" { COMPUTES as f64 / self.computes as f64 } else { 1.0 }
    }
    /// In the chunks that were asked for.
    fn cut<U: gridloom::Element>(&self, x: Array<U>) -> Result<Array<U>> {
        self.chunk.map_or(Ok(x.clone()), |chunk| x.rechunk(chunk))
    }
    /// Runs it: to the host, or so that it stays where it is made.
    fn run<U: gridloom::Element>(&self, x: &Array<U>, value: impl FnOnce(ArrayD<U>) -> Value<T>) -> Result<Value<T>> {
        if !self.resident.get() {
            return Ok(value(self.client.compute(x)?));
        }
        let _kept = x.persist_with(&self.client)?;
        self.client.sync()?;
        Ok(Value::Resident)
    }
    fn number<U: gridloom::Element + Into<f64>>(&self, x: &Array<U>) -> Result<Value<T>> {
        self.run(x, |values| Value::Number(values.first().map_or(f64::NAN, |&value| value.into())))
    }
    /// The same of several arrays in one run.
    fn listed<C: Compute>(&self, arrays: C, list: impl FnOnce(C::Output) -> Vec<f64>) -> Result<Value<T>> {
        if !self.resident.get() {
            return Ok(Value::Listed(list(arrays.compute_with(&self.client)?)));
        }
        let _kept = arrays.persist_with(&self.client)?;
        self.client.sync()?;
        Ok(Value::Resident)
    }
    fn values(&self, x: &Array<T>) -> Result<Value<T>> {
        self.run(x, Value::Values)
    }
    fn counts(&self, x: &Array<i64>) -> Result<Value<T>> {
        self.run(x, Value::Counts)
    }
}

/// What a workload gives.
pub(crate) enum Value<T> {
    Number(f64),
    Values(ArrayD<T>),
    Counts(ArrayD<i64>),
    /// Several results, one after another.
    Listed(Vec<f64>),
    /// It stayed on the device.
    Resident,
}

impl<T: Float> Value<T> {
    /// The number, or what depends on every value and its place.
    fn weighted(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Values(values) => weighted_array(values),
            Self::Counts(counts) => weighted(counts.iter().map(|&count| count as f64)),
            Self::Listed(values) => weighted(values.iter().copied()),
            Self::Resident => f64::NAN,
        }
    }
    fn sum(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Values(values) => {
                values.rows().into_iter().map(|row| row.iter().map(|&v| v.into()).sum::<f64>()).sum()
            }
            Self::Counts(counts) => counts.sum() as f64,
            Self::Listed(values) => values.iter().sum(),
            Self::Resident => f64::NAN,
        }
    }
}

/// How near a workload's value must be to the expected one, for `n` by `n` elements.
#[derive(Clone, Copy)]
pub(crate) enum Tolerance {
    Exact,
    /// Exact, but for edges that `f32` rounds.
    Counts,
    /// The type's own.
    Rounding,
    /// The type's own, for sums of products.
    Products,
    /// Five standard deviations of the mean of numbers with this one.
    Deviation(f64),
}

impl Tolerance {
    pub(crate) fn of<T: Float>(self, n: usize) -> Near {
        match self {
            Self::Exact => Near::Absolute(0.0),
            Self::Counts if size_of::<T>() == 8 => Near::Absolute(0.0),
            Self::Counts => Near::Relative(T::TOLERANCE),
            Self::Rounding => Near::Relative(T::TOLERANCE),
            Self::Products => Near::Relative(5.0 * T::TOLERANCE),
            Self::Deviation(one) => Near::Absolute(5.0 * one / n as f64),
        }
    }
}

/// What a workload cannot be faster than.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    Read,
    Copy,
    Multiply,
    Other,
}

/// What a workload has to do at least.
pub(crate) struct Work {
    pub(crate) bytes: Option<f64>,
    pub(crate) flops: Option<f64>,
    pub(crate) bound: Bound,
}

fn reads(n: f64, size: f64) -> Work {
    Work { bytes: Some(n * n * size), flops: None, bound: Bound::Read }
}
fn writes(n: f64, size: f64) -> Work {
    Work { bytes: Some(n * n * size), flops: None, bound: Bound::Copy }
}
/// All are read and this part of them is written.
fn copies(n: f64, size: f64, part: f64) -> Work {
    Work { bytes: Some((1.0 + part) * n * n * size), flops: None, bound: Bound::Copy }
}
fn multiplies(n: f64, size: f64) -> Work {
    Work { bytes: Some(3.0 * n * n * size), flops: Some(2.0 * n * n * n), bound: Bound::Multiply }
}
fn other(_: f64, _: f64) -> Work {
    Work { bytes: None, flops: None, bound: Bound::Other }
}

/// A row of the suite.
pub(crate) struct Workload<T: Float> {
    pub(crate) name: &'static str,
    /// Builds the expression and computes it.
    pub(crate) run: fn(&Bench<T>) -> Result<Value<T>>,
    /// The number by which a value is checked.
    pub(crate) digest: fn(&Value<T>) -> f64,
    /// The same number, by plain loops.
    pub(crate) expected: fn(&Matrix) -> f64,
    pub(crate) tolerance: Tolerance,
    pub(crate) work: fn(f64, f64) -> Work,
}

/// Chunks of `chunks`, and elements in each.
const CHUNKS: usize = 1_000_000;
const CHUNK: usize = 16;
/// Computes of `small`.
pub(crate) const COMPUTES: usize = 10_000;

/// All workloads.
pub(crate) fn table<T: Float>() -> Vec<Workload<T>> {
    use Tolerance::{Counts, Deviation, Exact, Products, Rounding};
    let row = |name, run, digest, expected, tolerance, work| Workload { name, run, digest, expected, tolerance, work };
    vec![
        row("exercise", exercise, |v| v.sum(), |_| 0.5, Deviation(0.5), other),
        row("randint_mean", randint_mean, |v| v.sum(), |_| 49.5, Deviation(28.87), other),
        row("normal", normal, mean, |_| 9.0, Deviation(1.0), writes),
        row("dot", |b| b.values(&b.a.dot(&(&b.a + b.a.t()))?), |v| v.sum(), dot, Products, multiplies),
        row("elementwise", elementwise, |v| v.sum(), |m| m.sum(|x| x.sin() * 2.0 + (-x).exp()), Rounding, reads),
        row("sum", |b| b.number(&b.a.sum()), |v| v.sum(), |m| m.sum(|x| x), Rounding, reads),
        row(
            "col_sum",
            |b| b.values(&b.a.sum_axis(0)?),
            Value::weighted,
            |m| weighted(m.column_sums()),
            Rounding,
            reads,
        ),
        row("row_sum", |b| b.values(&b.a.sum_axis(1)?), Value::weighted, |m| weighted(m.row_sums()), Rounding, reads),
        row("var", |b| b.number(&b.a.var(0.0)?), |v| v.sum(), var, Rounding, reads),
        row(
            "transpose_sum",
            |b| b.number(&(&b.a + b.a.t()).sum()),
            |v| v.sum(),
            |m| 2.0 * m.sum(|x| x),
            Rounding,
            reads,
        ),
        row("masked_mean", |b| b.number(&b.a.filter(&above(b))?.mean()), |v| v.sum(), masked_mean, Rounding, reads),
        row(
            "filter",
            |b| b.values(&b.a.filter(&above(b))?),
            Value::weighted,
            filter,
            Rounding,
            |n, s| copies(n, s, 0.5),
        ),
        row("histogram", histogram, Value::weighted, counted, Counts, reads),
        row("summary", summary, Value::weighted, summarised, Rounding, reads),
        row("moments_cols", moments_cols, Value::weighted, column_moments, Rounding, reads),
        row("slice_sum", |b| b.number(&b.a.slice(s![..;3, ..;3])?.sum()), |v| v.sum(), slice_sum, Rounding, reads),
        row("gather", gather, Value::weighted, gathered, Rounding, |n, s| copies(n, s, 1.0)),
        row("anomaly_std", anomaly_std, |v| v.sum(), anomaly, Rounding, |n, s| copies(n, s, 1.0)),
        row("matvec", |b| b.values(&b.a.dot(&b.a.index_axis(0, 0)?)?), Value::weighted, matvec, Products, reads),
        row("chain", chain, |v| v.sum(), |m| m.sum(chained), Rounding, reads),
        row("small", small, |v| v.sum(), |_| (0..100).map(|k| element(k) * 2.0 + 1.0).sum(), Rounding, other),
        row("chunks", chunks, |v| v.sum(), |_| (1..=CHUNKS * CHUNK).map(|k| k as f64).sum(), Exact, other),
    ]
}

fn mean<T: Float>(value: &Value<T>) -> f64 {
    match value {
        Value::Values(values) => value.sum() / values.len() as f64,
        _ => f64::NAN,
    }
}

fn exercise<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    let x = b.cut(Generator::new(42).normal(T::of(9.0), T::of(1.0), (b.n, b.n)))? + ones::<T>((b.n, b.n));
    let counts = x.filter(&x.lt(T::of(10.0)))?.histogram((100, 0.0, 10.0))?.counts;
    b.run(&counts, |counts| Value::Number(counts.sum() as f64 / (b.n * b.n) as f64))
}
fn randint_mean<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    let x = Generator::new(42).integers(T::whole(0), T::whole(100), (b.n, b.n))?;
    b.number(&b.cut(x)?.mean())
}
fn normal<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    b.values(&b.cut(Generator::new(42).normal(T::of(9.0), T::of(1.0), (b.n, b.n)))?)
}
fn elementwise<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    b.number(&(b.a.sin() * T::of(2.0) + (-&b.a).exp()).sum())
}
fn above<T: Float>(b: &Bench<T>) -> Array<bool> {
    b.a.gt(T::of(0.5))
}
fn histogram<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    b.counts(&b.a.histogram((100, 0.0, 1.0))?.counts)
}
/// Five results of one array.
fn summary<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    let (min, max, mean, std) = (b.a.min()?, b.a.max()?, b.a.mean(), b.a.std(0.0)?);
    let counts = b.a.histogram((100, 0.0, 1.0))?.counts;
    b.listed((&min, &max, &mean, &std, &counts), |(min, max, mean, std, counts)| {
        let numbers = [min, max, mean, std].into_iter().flatten().map(Into::into);
        numbers.chain(counts.into_iter().map(|count| count as f64)).collect()
    })
}
fn moments_cols<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    b.listed((&b.a.mean_axis(0)?, &b.a.var_axis(0, 0.0)?), |(means, variances)| {
        means.into_iter().chain(variances).map(Into::into).collect()
    })
}
/// The rows in an order that no cache likes.
fn rows(n: usize) -> impl Iterator<Item = usize> {
    (0..n).map(move |i| i * 7919 % n)
}
fn gather<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    let indices: Vec<isize> = rows(b.n).map(|i| i as isize).collect();
    b.values(&b.a.take(&indices, 0)?)
}
fn anomaly_std<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    b.number(&(&b.a - b.a.mean_axis(0)?).std(0.0)?)
}
fn chain<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    let step = |y: Array<T>| y * T::of(1.0001) + T::of(0.5) - T::of(0.25);
    b.number(&(0..20).fold(b.a.clone(), |y, _| step(y)).sum())
}
fn small<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    let mut last = Value::Number(f64::NAN);
    for _ in 0..b.computes {
        last = b.number(&(&b.few * T::of(2.0) + T::of(1.0)).sum())?;
    }
    Ok(last)
}
fn chunks<T: Float>(b: &Bench<T>) -> Result<Value<T>> {
    let x = arange::<i64>(CHUNKS * CHUNK).rechunk(CHUNK)? + 1;
    b.run(&x.sum(), |sum| Value::Number(sum.first().map_or(f64::NAN, |&sum| sum as f64)))
}

// ---------------------------------------------------------------- the same by plain loops

fn dot(m: &Matrix) -> f64 {
    let (rows, columns) = (m.row_sums(), m.column_sums());
    columns.iter().zip(&rows).map(|(column, row)| column * (row + column)).sum()
}
fn var(m: &Matrix) -> f64 {
    let count = (m.n * m.n) as f64;
    let mean = m.sum(|x| x) / count;
    m.sum(|x| (x - mean).powi(2)) / count
}
fn masked_mean(m: &Matrix) -> f64 {
    let above = |x: &f64| *x > 0.5;
    m.elements().filter(above).sum::<f64>() / m.elements().filter(above).count() as f64
}
fn filter(m: &Matrix) -> f64 {
    weighted(m.elements().filter(|&x| x > 0.5))
}
fn counted(m: &Matrix) -> f64 {
    weighted(counts(m))
}
fn counts(m: &Matrix) -> [f64; 100] {
    let mut counts = [0.0; 100];
    // The last bin has its end, too.
    m.elements().for_each(|x| counts[((x * 100.0) as usize).min(99)] += 1.0);
    counts
}
fn summarised(m: &Matrix) -> f64 {
    let (min, max) = m.elements().fold((1.0f64, 0.0f64), |(min, max), x| (min.min(x), max.max(x)));
    let mean = m.sum(|x| x) / (m.n * m.n) as f64;
    weighted([min, max, mean, var(m).sqrt()].into_iter().chain(counts(m)))
}
fn column_moments(m: &Matrix) -> f64 {
    let means: Vec<f64> = m.column_sums().iter().map(|sum| sum / m.n as f64).collect();
    let squares = |(column, mean): (usize, &f64)| (0..m.n).map(|row| (m.at(row, column) - mean).powi(2)).sum::<f64>();
    let variances: Vec<f64> = means.iter().enumerate().map(|column| squares(column) / m.n as f64).collect();
    weighted(means.into_iter().chain(variances))
}
fn slice_sum(m: &Matrix) -> f64 {
    (0..m.n).step_by(3).map(|i| m.row(i).step_by(3).sum::<f64>()).sum()
}
fn gathered(m: &Matrix) -> f64 {
    weighted(rows(m.n).flat_map(|i| m.row(i)))
}
fn anomaly(m: &Matrix) -> f64 {
    let means: Vec<f64> = m.column_sums().iter().map(|sum| sum / m.n as f64).collect();
    let rows = (0..m.n).map(|i| m.row(i).zip(&means).map(|(x, mean)| (x - mean).powi(2)).sum::<f64>());
    (rows.sum::<f64>() / (m.n * m.n) as f64).sqrt()
}
fn matvec(m: &Matrix) -> f64 {
    let v: Vec<f64> = m.row(0).collect();
    weighted((0..m.n).map(|i| m.row(i).zip(&v).map(|(x, v)| x * v).sum::<f64>()))
}
fn chained(x: f64) -> f64 {
    (0..20).fold(x, |y, _| y * 1.0001 + 0.5 - 0.25)
}
