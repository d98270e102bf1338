//! The modified Bessel function, as NumPy has it, and the window that is made of it.

use super::creation::{arange, full};
use super::dyn_array::DynArray;
use super::elementwise::{float_of, where_};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};

/// Chebyshev coefficients of `e^-x I₀(x)` in [0, 8] (Cephes, *Methods and programs for mathematical functions*, Moshier 1989).
const NEAR: [f64; 30] = [
    -4.4153416464793395e-18,
    3.3307945188222384e-17,
    -2.431279846547955e-16,
    1.715391285555133e-15,
    -1.1685332877993451e-14,
    7.676185498604936e-14,
    -4.856446783111929e-13,
    2.95505266312964e-12,
    -1.726826291441556e-11,
    9.675809035373237e-11,
    -5.189795601635263e-10,
    2.6598237246823866e-09,
    -1.300025009986248e-08,
    6.046995022541919e-08,
    -2.670793853940612e-07,
    1.1173875391201037e-06,
    -4.4167383584587505e-06,
    1.6448448070728896e-05,
    -5.754195010082104e-05,
    0.00018850288509584165,
    -0.0005763755745385824,
    0.0016394756169413357,
    -0.004324309995050576,
    0.010546460394594998,
    -0.02373741480589947,
    0.04930528423967071,
    -0.09490109704804764,
    0.17162090152220877,
    -0.3046826723431984,
    0.6767952744094761,
];
/// And of `e^-x √x I₀(x)` in the reciprocals of numbers from 8 on.
const FAR: [f64; 25] = [
    -7.233180487874754e-18,
    -4.830504485944182e-18,
    4.46562142029676e-17,
    3.461222867697461e-17,
    -2.8276239805165836e-16,
    -3.425485619677219e-16,
    1.7725601330565263e-15,
    3.8116806693526224e-15,
    -9.554846698828307e-15,
    -4.150569347287222e-14,
    1.54008621752141e-14,
    3.8527783827421426e-13,
    7.180124451383666e-13,
    -1.7941785315068062e-12,
    -1.3215811840447713e-11,
    -3.1499165279632416e-11,
    1.1889147107846439e-11,
    4.94060238822497e-10,
    3.3962320257083865e-09,
    2.266668990498178e-08,
    2.0489185894690638e-07,
    2.8913705208347567e-06,
    6.889758346916825e-05,
    0.0033691164782556943,
    0.8044904110141088,
];

/// A Chebyshev series, by Clenshaw's recurrence.
fn series(x: &DynArray, coefficients: &[f64]) -> Result<DynArray> {
    let zero = full((), Scalar::from_f64(x.dtype(), 0.0));
    let (mut last, mut before, mut oldest) = (zero.add(coefficients[0])?, zero.clone(), zero);
    for &coefficient in &coefficients[1..] {
        (oldest, before) = (before, last.clone());
        last = x.mul(&before)?.sub(&oldest)?.add(coefficient)?;
    }
    last.sub(oldest)?.mul(0.5)
}

impl DynArray {
    /// The modified Bessel function of the first kind and order 0 (`np.i0`), within a few units in the last place. Integers and `bool` in `f64`.
    ///
    /// # Errors
    /// None that can happen: its steps refuse some arrays, and these are none of them.
    ///
    /// ```
    /// let x = gridloom::DynArray::from(gridloom::array([0.0, 1.0]));
    /// let y = x.i0()?.typed::<f64>()?.to_vec()?;
    /// assert!((y[0] - 1.0).abs() < 1e-15 && (y[1] - 1.266_065_877_752_008_4).abs() < 1e-15);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn i0(&self) -> Result<Self> {
        let dtype = float_of(self.dtype());
        let x = self.cast(dtype).cast(dtype.computed()).abs()?;
        let near = series(&x.mul(0.5)?.sub(2.0)?, &NEAR)?;
        // Below 8 it is not looked at; there the series would overflow.
        let far = x.maximum(8.0)?;
        let far = series(&far.reciprocal()?.mul(32.0)?.sub(2.0)?, &FAR)?.div(far.sqrt()?)?;
        Ok(where_(&x.le(8.0)?, near, far)?.mul(x.exp()?)?.cast(dtype))
    }
}

/// Kaiser's window at `n` places, of `f64` (`np.kaiser`): the larger `beta`, the narrower, from a rectangle at 0.
///
/// # Errors
/// [`Error::Parameter`] for a `beta` that is NaN.
///
/// ```
/// let window = gridloom::functions::kaiser(5, 0.0)?;
/// assert_eq!(window.typed::<f64>()?.to_vec()?, [1.0; 5]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn kaiser(n: usize, beta: f64) -> Result<DynArray> {
    if beta.is_nan() {
        return Err(Error::Parameter { op: "kaiser", what: "beta", got: beta.to_string(), expected: "a number" });
    }
    let number = |value| full((), Scalar::from_f64(DType::F64, value));
    if n < 2 {
        return Ok(full(n, Scalar::from_f64(DType::F64, 1.0)));
    }
    let middle = (n - 1) as f64 / 2.0;
    let place = arange(DType::F64, n).sub(middle)?.div(middle)?;
    place.square()?.neg()?.add(1.0)?.sqrt()?.mul(beta)?.i0()?.div(number(beta).i0()?)
}
