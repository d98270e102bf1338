//! Random vectors, along a new last axis.

use super::arguments::IntoShape;
use super::creation::from_host;
use super::dyn_array::DynArray;
use super::element_rng::{ElementRng, vectors};
use super::products::matmul;
use super::random::{Draw, Generator};
use super::samplers::{Sampler, binomial, gamma, hypergeometric};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::host::HostBuffer;
use crate::host_array::HostArray;

fn refuse<T>(op: &'static str, what: &'static str, got: impl ToString, expected: &'static str) -> Result<T> {
    Err(Error::Parameter { op, what, got: got.to_string(), expected })
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53, which are refused above")]
fn number(count: u64) -> f64 {
    count as f64
}

impl Generator {
    /// How often each of several outcomes of these probabilities turns up in `n` trials (`np.random.Generator.multinomial`), of `i64`. What is
    /// left of 1 belongs to the last outcome.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no probabilities, some outside [0, 1], and a sum of all but the last beyond 1; for 2⁵³ trials and more.
    ///
    /// ```
    /// let x = gridloom::random::Generator::new(1).multinomial(20, &[0.5, 0.25, 0.25], 100)?;
    /// assert_eq!((x.shape(), x.sum_axis(1)?.min()?.typed::<i64>()?.item()?), (Some(vec![100, 3]), 20));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn multinomial(&self, n: u64, pvals: &[f64], shape: impl IntoShape) -> Result<DynArray> {
        let op = "multinomial";
        counted(op, "n", &[n])?;
        if let Some(wrong) = pvals.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return refuse(op, "pvals", format!("{wrong} somewhere"), "between 0 and 1 everywhere");
        }
        let Some((_, before)) = pvals.split_last() else { return refuse(op, "pvals", "empty", "one number or more") };
        let sum: f64 = before.iter().sum();
        if sum > 1.0 + 1e-12 {
            return refuse(op, "the sum of pvals but the last", sum, "at most 1");
        }
        let before = before.to_vec();
        let fill = move |rng: &mut ElementRng, counts: &mut [f64]| {
            let (mut trials, mut share) = (number(n), 1.0);
            for (count, p) in counts.iter_mut().zip(&before) {
                *count = if trials > 0.0 { binomial(trials, (p / share).clamp(0.0, 1.0))(rng) } else { 0.0 };
                (trials, share) = (trials - *count, (share - p).max(f64::MIN_POSITIVE));
            }
            counts[before.len()] = trials;
        };
        let made = vectors("random.multinomial", self.spec(1), &shape.into_shape(), pvals.len() as u64, fill);
        Ok(DynArray::from(made).cast(DType::I64))
    }

    /// How many of each colour are among `nsample` that are taken out of a bag (`np.random.Generator.multivariate_hypergeometric`), of `i64`: one
    /// colour after the other, by its marginal distribution.
    ///
    /// # Errors
    /// [`Error::Parameter`] for more than there are, and for 2⁵³ and more in the bag.
    ///
    /// ```
    /// let x = gridloom::random::Generator::new(1).multivariate_hypergeometric(&[16, 8, 4], 6, 100)?;
    /// assert_eq!((x.shape(), x.sum_axis(1)?.max()?.typed::<i64>()?.item()?), (Some(vec![100, 3]), 6));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn multivariate_hypergeometric(&self, colors: &[u64], nsample: u64, shape: impl IntoShape) -> Result<DynArray> {
        let op = "multivariate_hypergeometric";
        let all = counted(op, "the sum of colors", colors)?;
        if nsample > all {
            return refuse(op, "nsample", nsample, "at most the sum of colors");
        }
        let colors: Vec<f64> = colors.iter().map(|&count| number(count)).collect();
        let len = colors.len() as u64;
        let fill = move |rng: &mut ElementRng, counts: &mut [f64]| {
            let (mut rest, mut sample) = (number(all), number(nsample));
            for (count, &good) in counts.iter_mut().zip(&colors) {
                *count = if sample > 0.0 { hypergeometric(good, rest - good, sample)(rng) } else { 0.0 };
                (rest, sample) = (rest - good, sample - *count);
            }
        };
        let made = vectors("random.multivariate_hypergeometric", self.spec(1), &shape.into_shape(), len, fill);
        Ok(DynArray::from(made).cast(DType::I64))
    }

    /// Shares of a whole (`np.random.Generator.dirichlet`), of `f64`: gamma draws of these shapes, divided by their sum; where all are below 0.1,
    /// one beta draw after the other breaks off what is left, so that not all are 0.
    ///
    /// # Errors
    /// [`Error::Parameter`] for negative shapes and NaN.
    ///
    /// ```
    /// let x = gridloom::random::Generator::new(1).dirichlet(&[10.0, 5.0, 3.0], 100)?;
    /// assert!((x.sum().typed::<f64>()?.item()? - 100.0).abs() < 1e-9);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn dirichlet(&self, alpha: &[f64], shape: impl IntoShape) -> Result<DynArray> {
        if let Some(wrong) = alpha.iter().find(|alpha| **alpha < 0.0 || alpha.is_nan()) {
            return refuse("dirichlet", "alpha", format!("{wrong} somewhere"), "0 or more everywhere");
        }
        let alpha = alpha.to_vec();
        let (len, largest) = (alpha.len() as u64, alpha.iter().copied().fold(0.0, f64::max));
        let broken = largest > 0.0 && largest < 0.1;
        let fill = move |rng: &mut ElementRng, shares: &mut [f64]| {
            if broken { break_off(rng, &alpha, shares) } else { gammas(rng, &alpha, shares) }
        };
        Ok(vectors("random.dirichlet", self.spec(1), &shape.into_shape(), len, fill).into())
    }

    /// Normal vectors of a mean and a covariance (`np.random.Generator.multivariate_normal`), of `f64`: independent normal numbers times the
    /// Cholesky factor of the covariance, which may be singular.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a covariance that is not of the mean's length squared, in C order, not symmetric, or not positive semidefinite.
    ///
    /// ```
    /// let x = gridloom::random::Generator::new(1).multivariate_normal(&[1.0, 9.0], &[2.0, 1.0, 1.0, 1.0], 10_000)?;
    /// assert!((x.mean_axis(0)?.typed::<f64>()?.to_vec()?[1] - 9.0).abs() < 0.1);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn multivariate_normal(&self, mean: &[f64], cov: &[f64], shape: impl IntoShape) -> Result<DynArray> {
        let n = mean.len();
        let factor = cholesky(cov, n)?;
        let matrix =
            |values: Vec<f64>, shape| from_host(HostArray::new(HostBuffer::from_vec::<f64>(values), shape)?, "auto");
        let mut shape: Vec<usize> = shape.into_shape().into_iter().map(crate::width::in_memory).collect();
        shape.push(n);
        let normal = self.draw(Draw::Normal { mean: 0.0, deviation: 1.0 }, DType::F64, shape)?;
        let alone = normal.ndim() == 1;
        let rows = if alone { normal.insert_axis(0)? } else { normal };
        let made = matmul(&rows, &matrix(factor, vec![n, n])?.t())?.add(matrix(mean.to_vec(), vec![n])?)?;
        if alone { made.remove_axis(0) } else { Ok(made) }
    }
}

/// The sum of counts that floats hold.
fn counted(op: &'static str, what: &'static str, counts: &[u64]) -> Result<u64> {
    let sum = counts.iter().fold(0u64, |sum, &count| sum.saturating_add(count));
    if sum < 1 << 53 { Ok(sum) } else { refuse(op, what, sum, "below 2^53") }
}

fn gammas(rng: &mut ElementRng, alpha: &[f64], shares: &mut [f64]) {
    shares.iter_mut().zip(alpha).for_each(|(share, &alpha)| *share = gamma(alpha)(rng));
    let sum: f64 = shares.iter().sum();
    if sum > 0.0 {
        shares.iter_mut().for_each(|share| *share /= sum);
    }
}

fn break_off(rng: &mut ElementRng, alpha: &[f64], shares: &mut [f64]) {
    let mut left = 1.0;
    for (k, share) in shares.iter_mut().enumerate() {
        let behind: f64 = alpha[k + 1..].iter().sum();
        let part = match (alpha[k] > 0.0, behind > 0.0) {
            (false, _) => 0.0,
            (true, false) => 1.0,
            (true, true) => beta(alpha[k], behind)(rng),
        };
        *share = left * part;
        left -= *share;
    }
}

fn beta(a: f64, b: f64) -> Sampler {
    super::samplers::sampler(super::law::Law::Beta, [a, b, 0.0])
}

/// The lower factor of a symmetric matrix in C order, of which rows that depend on others have a zero on the diagonal.
fn cholesky(matrix: &[f64], n: usize) -> Result<Vec<f64>> {
    let op = "multivariate_normal";
    if matrix.len() != n * n {
        return refuse(op, "cov", format!("of {} numbers", matrix.len()), "of the mean's length squared");
    }
    let largest = (0..n).map(|k| matrix[k * n + k].abs()).fold(0.0, f64::max);
    // What rounding makes of zero.
    let small = 1e-8 * largest;
    let mut factor = vec![0.0; n * n];
    for row in 0..n {
        for column in 0..=row {
            let done: f64 = (0..column).map(|k| factor[row * n + k] * factor[column * n + k]).sum();
            let rest = matrix[row * n + column] - done;
            let apart = (matrix[row * n + column] - matrix[column * n + row]).abs();
            if apart > small || apart.is_nan() {
                return refuse(op, "cov", "not symmetric", "symmetric");
            }
            let above = factor[column * n + column];
            let fits = if row == column { rest >= -small } else { above > 0.0 || rest.abs() <= small };
            if !fits {
                return refuse(op, "cov", "not positive semidefinite", "positive semidefinite");
            }
            factor[row * n + column] = match (row == column, above > 0.0) {
                (true, _) => {
                    if rest <= 1e-14 * largest {
                        0.0
                    } else {
                        rest.sqrt()
                    }
                }
                (false, true) => rest / above,
                (false, false) => 0.0,
            };
        }
    }
    Ok(factor)
}
