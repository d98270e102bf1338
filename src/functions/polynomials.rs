//! Polynomials as 1-d arrays of coefficients, from the highest power down, as NumPy's `poly` functions have them. Zeros in front stay, where
//! NumPy leaves them out: a length here does not depend on values.

use super::creation::{arange, full, scalar};
use super::dyn_array::DynArray;
use super::elementwise::{binary, float_of, true_divide};
use super::joining::concatenate;
use super::pad::PadMode;
use super::promotion::{DynOperand, promote, result_type};
use super::sliding::Overlap;
use crate::chunks::{AxisSpec, ChunkSpec, Chunks};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::graph::node::HostResult;
use crate::graph::{HostFunction, HostTask, infer};
use crate::host::HostBuffer;
use crate::ops::BinaryOp;
use crate::width::in_memory;

/// Coefficients, and how many.
fn coefficients(op: &'static str, p: &DynArray) -> Result<(DynArray, i64)> {
    let p = p.atleast_1d();
    if p.ndim() != 1 {
        let (given, shape) = (String::new(), p.node().dims());
        return Err(Error::Rank { op, expected: "coefficients on one axis", given, shape });
    }
    let len = p.length_of(op, 0)?;
    Ok((p, len))
}

/// The same of at least one.
fn some_coefficients(op: &'static str, p: &DynArray) -> Result<(DynArray, i64)> {
    let (p, len) = coefficients(op, p)?;
    if len == 0 {
        let (what, got) = ("number of coefficients", "0".to_owned());
        return Err(Error::Parameter { op, what, got, expected: "1 or more" });
    }
    Ok((p, len))
}

fn zero(dtype: DType) -> DynArray {
    scalar(Scalar::from_i64(dtype, 0))
}

/// The polynomial with the highest coefficient 1 that is 0 at these numbers (`np.poly`), as NumPy multiplies it out: one after another, on the
/// host. `f32` stays, all else makes `f64`. (The characteristic polynomial of a matrix needs its eigenvalues, which are not there yet.)
///
/// # Errors
/// [`Error::Rank`] for other than a 1-d array, [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::poly};
/// let roots: DynArray = gridloom::array([2, 3]).into();
/// assert_eq!(poly(&roots)?.typed::<f64>()?.to_vec()?, [1.0, -5.0, 6.0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn poly(roots: &DynArray) -> Result<DynArray> {
    let (roots, len) = coefficients("poly", roots)?;
    let dtype = if roots.dtype() == DType::F32 { DType::F32 } else { DType::F64 };
    let roots = roots.cast(DType::F64).rechunk(ChunkSpec::Each(AxisSpec::Whole))?;
    let chunks = Chunks::whole(&[len.unsigned_abs() + 1]);
    let made =
        infer::host(HostFunction::named("poly", &(), multiplied), vec![roots.node().clone()], DType::F64, chunks);
    Ok(DynArray::from(made).cast(dtype))
}

/// The product of `x - root` of all roots.
fn multiplied(task: &HostTask<'_>) -> HostResult {
    let [(roots, _)] = task.inputs else { return Err(Error::bug("roots of one polynomial")) };
    let mut p = vec![0.0; roots.len() + 1];
    p[0] = 1.0;
    for (k, root) in roots.stored::<f64>().iter().enumerate() {
        (0..=k).rev().for_each(|i| p[i + 1] -= root * p[i]);
    }
    let len = p.len() as u64;
    Ok((HostBuffer::from_vec::<f64>(p), vec![len]))
}

/// The sum of two polynomials (`np.polyadd`).
///
/// # Errors
/// [`Error::Rank`] for coefficients on several axes, [`Error::UnknownLength`]; as the operator.
///
/// ```
/// use gridloom::{DynArray, functions::polyadd};
/// let [p, q] = [vec![1, 2], vec![9, 5, 4]].map(|p| DynArray::from(gridloom::array(p)));
/// assert_eq!(polyadd(&p, &q)?.typed::<i32>()?.to_vec()?, [9, 6, 6]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn polyadd(p: &DynArray, q: &DynArray) -> Result<DynArray> {
    term_by_term("polyadd", BinaryOp::Add, p, q)
}

/// The difference of two polynomials (`np.polysub`).
///
/// # Errors
/// As [`polyadd`].
pub fn polysub(p: &DynArray, q: &DynArray) -> Result<DynArray> {
    term_by_term("polysub", BinaryOp::Sub, p, q)
}

fn term_by_term(op: &'static str, of: BinaryOp, p: &DynArray, q: &DynArray) -> Result<DynArray> {
    let ((p, n), (q, m)) = (coefficients(op, p)?, coefficients(op, q)?);
    let long = n.max(m);
    let grown = |x: DynArray, len: i64| {
        let before = in_memory((long - len).unsigned_abs());
        if before == 0 { Ok(x) } else { x.pad((before, 0), &PadMode::constant(zero(x.dtype()))) }
    };
    binary(of, grown(p, n)?, grown(q, m)?)
}

/// The product of two polynomials (`np.polymul`), of which one has at most 128 coefficients.
///
/// # Errors
/// As [`DynArray::convolve`]; [`Error::Rank`] for coefficients on several axes, [`Error::Parameter`] for none.
///
/// ```
/// use gridloom::{DynArray, functions::polymul};
/// let [p, q] = [[1, 2], [3, 4]].map(|p| DynArray::from(gridloom::array(p)));
/// assert_eq!(polymul(&p, &q)?.typed::<i32>()?.to_vec()?, [3, 10, 8]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn polymul(p: &DynArray, q: &DynArray) -> Result<DynArray> {
    let ((p, _), (q, _)) = (some_coefficients("polymul", p)?, some_coefficients("polymul", q)?);
    p.convolve(&q, Overlap::Full)
}

/// The quotient of two polynomials and what remains (`np.polydiv`), as floats: divided on the host. What remains has as many coefficients as
/// the divisor less one, or as the dividend where that has fewer; one at least.
///
/// # Errors
/// [`Error::Rank`] for coefficients on several axes, [`Error::Parameter`] for none, [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::polydiv};
/// let [p, q] = [vec![3.0, 5.0, 2.0], vec![2.0, 1.0]].map(|p| DynArray::from(gridloom::array(p)));
/// let (quotient, rest) = polydiv(&p, &q)?;
/// assert_eq!(quotient.typed::<f64>()?.to_vec()?, [1.5, 1.75]);
/// assert_eq!(rest.typed::<f64>()?.to_vec()?, [0.25]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn polydiv(p: &DynArray, q: &DynArray) -> Result<(DynArray, DynArray)> {
    let op = "polydiv";
    let ((p, n), (q, m)) = (some_coefficients(op, p)?, some_coefficients(op, q)?);
    let dtype = float_of(promote(p.dtype(), q.dtype()));
    let nothing = || full(1, Scalar::from_i64(dtype, 0));
    if n < m {
        return Ok((nothing(), p.cast(dtype)));
    }
    let whole = |x: &DynArray| x.cast(DType::F64).rechunk(ChunkSpec::Each(AxisSpec::Whole));
    let inputs = vec![whole(&p)?.node().clone(), whole(&q)?.node().clone()];
    let chunks = Chunks::whole(&[n.unsigned_abs()]);
    let both =
        DynArray::from(infer::host(HostFunction::named(op, &(), divided), inputs, DType::F64, chunks)).cast(dtype);
    let quotient = both.span(0, 0, n - m + 1);
    Ok((quotient, if m == 1 { nothing() } else { both.span(0, n - m + 1, n) }))
}

/// The coefficients of the quotient, and behind them those of what remains.
fn divided(task: &HostTask<'_>) -> HostResult {
    let [(p, shape), (q, _)] = task.inputs else { return Err(Error::bug("two polynomials")) };
    let (mut rest, q) = (p.stored::<f64>().to_vec(), q.stored::<f64>());
    let scale = 1.0 / q[0];
    for k in 0..=rest.len() - q.len() {
        let factor = scale * rest[k];
        rest[k] = factor;
        rest[k + 1..].iter_mut().zip(&q[1..]).for_each(|(rest, q)| *rest -= factor * q);
    }
    Ok((HostBuffer::from_vec::<f64>(rest), shape.clone()))
}

/// The derivative of order `m` (`np.polyder`): integers stay integers of 64 bits.
///
/// # Errors
/// [`Error::Rank`] for coefficients on several axes, [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::polyder};
/// let p: DynArray = gridloom::array([1i64, 1, 1, 1]).into();
/// assert_eq!(polyder(&p, 1)?.typed::<i64>()?.to_vec()?, [3, 2, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn polyder(p: &DynArray, m: usize) -> Result<DynArray> {
    let op = "polyder";
    let (mut p, mut len) = coefficients(op, p)?;
    for _ in 0..m {
        if len < 1 {
            break;
        }
        len -= 1;
        p = p.span(0, 0, len).mul(powers(len))?;
    }
    Ok(p)
}

/// `len, len - 1, .., 1`.
fn powers(len: i64) -> DynArray {
    let ascending = arange(DType::I64, in_memory(len.unsigned_abs()));
    // Numbers of one dtype: their difference has it.
    crate::error::infallible(binary(BinaryOp::Sub, len, ascending))
}

/// The integral of order `constants.len()` (`np.polyint`), as floats; each time with one of the constants, the first one first.
///
/// # Errors
/// [`Error::Rank`] for coefficients on several axes, [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::polyint};
/// let p: DynArray = gridloom::array([3.0, 2.0]).into();
/// assert_eq!(polyint(&p, &[7.0])?.typed::<f64>()?.to_vec()?, [1.5, 2.0, 7.0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn polyint(p: &DynArray, constants: &[f64]) -> Result<DynArray> {
    let op = "polyint";
    let (mut p, _) = coefficients(op, p)?;
    for &constant in constants {
        let divided = true_divide(&p, powers(p.length_of(op, 0)?))?;
        let constant = full(1, Scalar::from_f64(divided.dtype(), constant));
        p = concatenate(&[divided, constant], 0)?;
    }
    Ok(p)
}

/// The values of a polynomial at the elements of `x` (`np.polyval`), by Horner's rule, fused, in the [`result_type`] of both.
///
/// # Errors
/// [`Error::Rank`] for coefficients on several axes, [`Error::UnknownLength`] for them; as the operators.
///
/// ```
/// use gridloom::{DynArray, functions::polyval};
/// let p: DynArray = gridloom::array([3, 0, 1]).into();
/// let x: DynArray = gridloom::array([[5, 1], [2, 0]]).into();
/// assert_eq!(polyval(&p, x)?.typed::<i32>()?.to_vec()?, [76, 4, 13, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn polyval(p: &DynArray, x: impl Into<DynOperand>) -> Result<DynArray> {
    horner(p, x.into())
}

fn horner(p: &DynArray, x: DynOperand) -> Result<DynArray> {
    let op = "polyval";
    let (p, len) = coefficients(op, p)?;
    let dtype = result_type(&[DynOperand::from(&p), x.clone()])?;
    let (p, x) = (p.cast(dtype), x.of_dtype(op, dtype)?);
    let zeros = x.mul(zero(dtype))?;
    if len == 0 {
        return Ok(super::creation::full_like(&x, Scalar::from_i64(dtype, 0)));
    }
    let coefficient = |k: i64| p.span(0, k, k + 1).remove_axis(0);
    // As NumPy's, which begins with zeros of the shape: infinite elements make NaN of a constant.
    let first = zeros.add(coefficient(0)?)?;
    (1..len).try_fold(first, |value, k| value.mul(&x)?.add(coefficient(k)?))
}
