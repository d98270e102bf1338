//! Arrays of a few numbers: windows, matrices of diagonals and powers, places of a grid, numbers at equal ratios.

use super::creation::{arange, eye_offset, full, linspace};
use super::dyn_array::DynArray;
use super::elementwise::{binary, float_of, where_};
use super::joining::stack;
use super::pad::PadMode;
use super::promotion::promote;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::BinaryOp;

/// A window of signal processing: `f64` numbers that fall from the middle to both ends (Oppenheim and Schafer, *Discrete-Time Signal
/// Processing*, 7.5). NumPy's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// A triangle, 0 at the ends.
    Bartlett,
    /// `0.42 + 0.5 cos(π t) + 0.08 cos(2 π t)`, with `t` from -1 to 1.
    Blackman,
    /// `0.54 + 0.46 cos(π t)`.
    Hamming,
    /// `0.5 + 0.5 cos(π t)`.
    Hanning,
}

impl Window {
    /// Its numbers at `n` places: one is 1, and none are none.
    ///
    /// # Errors
    /// None that can happen: its steps refuse some arrays, and these are none of them.
    ///
    /// ```
    /// use gridloom::functions::Window;
    /// assert_eq!(Window::Bartlett.of(5)?.typed::<f64>()?.to_vec()?, [0.0, 0.5, 1.0, 0.5, 0.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn of(self, n: usize) -> Result<DynArray> {
        if n < 2 {
            return Ok(full(n, Scalar::from_f64(DType::F64, 1.0)));
        }
        let last = (n - 1) as f64;
        // Whole numbers, so that both sides have the same.
        let place = arange(DType::F64, n).mul(2.0)?.sub(last)?;
        let cosine = |times: f64| place.mul(times * std::f64::consts::PI)?.div(last)?.cos();
        match self {
            Self::Bartlett => place.abs()?.div(-last)?.add(1.0),
            Self::Blackman => cosine(1.0)?.mul(0.5)?.add(0.42)?.add(cosine(2.0)?.mul(0.08)?),
            Self::Hamming => cosine(1.0)?.mul(0.46)?.add(0.54),
            Self::Hanning => cosine(1.0)?.mul(0.5)?.add(0.5),
        }
    }
}

/// The diagonal `k` of a matrix, or the matrix that has a 1-d array on its diagonal `k`, and 0 elsewhere (`np.diag`).
///
/// # Errors
/// [`Error::Rank`] for other arrays, [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::diag};
/// let x: DynArray = gridloom::array([1, 2]).into();
/// assert_eq!(diag(&x, 1)?.typed::<i32>()?.to_vec()?, [0, 1, 0, 0, 0, 2, 0, 0, 0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn diag(x: &DynArray, k: isize) -> Result<DynArray> {
    match x.ndim() {
        2 => x.diagonal(k, [0, 1]),
        1 => {
            let beside = k.unsigned_abs();
            let size = crate::width::in_memory(x.known_dims("diag")?[0]).saturating_add(beside);
            let widths = if k < 0 { (beside, 0) } else { (0, beside) };
            let zero = full((), Scalar::from_i64(x.dtype(), 0));
            let rows = x.pad(widths, &PadMode::constant(&zero))?.insert_axis(1)?;
            where_(&eye_offset(DType::Bool, size, size, k), &rows, &zero)
        }
        _ => {
            let (given, shape) = (String::new(), x.node().dims());
            Err(Error::Rank { op: "diag", expected: "an array of one axis or two", given, shape })
        }
    }
}

/// The powers of numbers, a row each (`np.vander`): from the highest to 0, or `increasing`. Integers make `i64` or `u64`, floats keep their type.
///
/// # Errors
/// [`Error::Rank`] for other than a 1-d array, [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::vander};
/// let x: DynArray = gridloom::array([2, 3]).into();
/// assert_eq!(vander(&x, 3, false)?.typed::<i64>()?.to_vec()?, [4, 2, 1, 9, 3, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn vander(x: &DynArray, n: usize, increasing: bool) -> Result<DynArray> {
    if x.ndim() != 1 {
        let (given, shape) = (String::new(), x.node().dims());
        return Err(Error::Rank { op: "vander", expected: "a 1-d array", given, shape });
    }
    let dtype = promote(x.dtype(), DType::I64);
    let dtype = if x.dtype().is_float() { x.dtype() } else { dtype };
    let powers = arange(dtype, n);
    let powers = if increasing { powers } else { powers.flip()? };
    x.cast(dtype).insert_axis(1)?.binary(BinaryOp::Pow, powers)
}

/// The places of a grid's points along each axis (`np.indices`): on a new first axis, one array an axis.
///
/// # Errors
/// [`Error::TooLong`] and the like for grids beyond what can be numbered.
///
/// ```
/// use gridloom::{DType, functions::indices};
/// assert_eq!(indices(DType::I64, &[2, 2])?.typed::<i64>()?.to_vec()?, [0, 0, 1, 1, 0, 1, 0, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn indices(dtype: DType, dims: &[usize]) -> Result<DynArray> {
    if dims.is_empty() {
        return Ok(full(0usize, Scalar::from_i64(dtype, 0)));
    }
    let along = |k: usize| {
        let line = (k + 1..dims.len()).try_fold(arange(dtype, dims[k]), |line, _| line.insert_axis(-1))?;
        line.broadcast_to(dims.to_vec())
    };
    stack(&(0..dims.len()).map(along).collect::<Result<Vec<_>>>()?, 0)
}

/// `base` to `n` powers from `start` to `stop`, both included, at equal distances (`np.logspace`).
///
/// # Errors
/// As [`linspace`].
pub fn logspace(dtype: DType, start: f64, stop: f64, n: usize, base: f64) -> Result<DynArray> {
    let powers = linspace(dtype, start, stop, n)?;
    binary(BinaryOp::Pow, full((), Scalar::from_f64(dtype, base)), powers)
}

/// `n` numbers from `start` to `stop`, both included, each the same multiple of the one before it (`np.geomspace`).
///
/// # Errors
/// [`Error::Parameter`] for an end that is 0, and ends of different signs; as [`linspace`].
///
/// ```
/// use gridloom::{DType, functions::geomspace};
/// assert_eq!(geomspace(DType::F64, 1.0, 1000.0, 4)?.typed::<f64>()?.to_vec()?, [1.0, 10.0, 100.0, 1000.0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn geomspace(dtype: DType, start: f64, stop: f64, n: usize) -> Result<DynArray> {
    if start == 0.0 || stop == 0.0 || (start < 0.0) != (stop < 0.0) {
        let got = format!("{start} and {stop}");
        return Err(Error::Parameter { op: "geomspace", what: "the ends", got, expected: "of one sign, and not 0" });
    }
    let sign = start.signum();
    let line = logspace(dtype, start.abs().log10(), stop.abs().log10(), n, 10.0)?.mul(sign)?;
    // The ends themselves, whatever rounding says.
    let place = arange(DType::I64, n);
    let number = |value: f64| full((), Scalar::from_f64(float_of(dtype), value));
    let line = where_(&place.eq(0)?, number(start), &line)?;
    if n < 2 { Ok(line) } else { where_(&place.eq(crate::graph::infer::axis_number(n - 1))?, number(stop), &line) }
}
