//! Functions of elements that are a few rows of the tables each.

use super::dyn_array::DynArray;
use super::elementwise::{binary, float_of, floats, where_};
use super::promotion::DynOperand;
use crate::dtype::DType;
use crate::error::{Error, Result, infallible};
use crate::ops::BinaryOp;

/// The step function (`np.heaviside`): 0 below zero, `at_zero` at zero, 1 above; NaN of NaN. Broadcast together, in their
/// [`result_type`](super::result_type); integers and `bool` in `f64`.
///
/// # Errors
/// [`Error::Broadcast`].
///
/// ```
/// use gridloom::{DynArray, functions::heaviside};
/// let x: DynArray = gridloom::array([-2, 0, 3]).into();
/// assert_eq!(heaviside(&x, 0.5)?.typed::<f64>()?.to_vec()?, [0.0, 0.5, 1.0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn heaviside(x: impl Into<DynOperand>, at_zero: impl Into<DynOperand>) -> Result<DynArray> {
    let [x, at_zero] = floats("heaviside", [x.into(), at_zero.into()])?;
    let others = where_(&x.gt(0.0)?, 1.0, where_(&x.lt(0.0)?, 0.0, &x)?)?;
    where_(&x.eq(0.0)?, at_zero, others)
}

/// `ln(e^x + e^y)` without overflow (`np.logaddexp`): the larger one and `ln(1 + e^-|x - y|)`. NaN makes NaN. Broadcast together, in
/// their [`result_type`](super::result_type); integers and `bool` in `f64`.
///
/// # Errors
/// [`Error::Broadcast`].
///
/// ```
/// use gridloom::{DynArray, functions::{logaddexp, logaddexp2}};
/// let x: DynArray = gridloom::array([1000.0, f64::NEG_INFINITY]).into();
/// assert_eq!(logaddexp(&x, &x)?.typed::<f64>()?.to_vec()?, [1000.0 + 2f64.ln(), f64::NEG_INFINITY]);
/// assert_eq!(logaddexp2(&x, &x)?.typed::<f64>()?.to_vec()?, [1001.0, f64::NEG_INFINITY]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn logaddexp(x: impl Into<DynOperand>, y: impl Into<DynOperand>) -> Result<DynArray> {
    rounded_once(floats("logaddexp", [x.into(), y.into()])?, |x, y| {
        // Equal infinities have no distance.
        let more = x.sub(y)?.abs()?.neg()?.exp()?.log1p()?;
        where_(&x.eq(y)?, x.add(std::f64::consts::LN_2)?, x.maximum(y)?.add(more)?)
    })
}
/// `log₂(2^x + 2^y)` without overflow (`np.logaddexp2`): as [`logaddexp`].
///
/// # Errors
/// [`Error::Broadcast`].
pub fn logaddexp2(x: impl Into<DynOperand>, y: impl Into<DynOperand>) -> Result<DynArray> {
    rounded_once(floats("logaddexp2", [x.into(), y.into()])?, |x, y| {
        let more = x.sub(y)?.abs()?.neg()?.exp2()?.log1p()?.mul(std::f64::consts::LOG2_E)?;
        where_(&x.eq(y)?, x.add(1.0)?, x.maximum(y)?.add(more)?)
    })
}

/// A function of several steps, which for halves are all of `f32`.
fn rounded_once(
    [x, y]: [DynArray; 2],
    function: impl FnOnce(&DynArray, &DynArray) -> Result<DynArray>,
) -> Result<DynArray> {
    let dtype = x.dtype();
    Ok(function(&x.cast(dtype.computed()), &y.cast(dtype.computed()))?.cast(dtype))
}

/// The quotients and the remainders of floor division (`np.divmod`): [`DynArray::floor_div`] and [`DynArray::floor_mod`].
///
/// # Errors
/// As [`binary`].
///
/// ```
/// use gridloom::{DynArray, functions::divmod};
/// let x: DynArray = gridloom::array([-7, 7]).into();
/// let (quotients, rest) = divmod(&x, 3)?;
/// assert_eq!((quotients.typed::<i32>()?.to_vec()?, rest.typed::<i32>()?.to_vec()?), (vec![-3, 2], vec![2, 1]));
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn divmod(x: impl Into<DynOperand>, y: impl Into<DynOperand>) -> Result<(DynArray, DynArray)> {
    let (x, y) = (x.into(), y.into());
    Ok((binary(BinaryOp::FloorDiv, x.clone(), y.clone())?, binary(BinaryOp::FloorMod, x, y)?))
}

impl DynArray {
    /// The fractions and the whole parts (`np.modf`), both with the sign of the element; of ±∞ the fraction is 0. Integers and `bool` in
    /// `f64`.
    pub fn modf(&self) -> (Self, Self) {
        let x = self.cast(float_of(self.dtype()));
        (infallible(x.fract()), infallible(x.trunc()))
    }
    /// `sin(πx) / (πx)` (`np.sinc`), 1 at zero; NaN of NaN and of ±∞. Integers and `bool` in `f64`.
    pub fn sinc(&self) -> Self {
        let x = self.cast(float_of(self.dtype()));
        let angle = &x * std::f64::consts::PI;
        let quotient = infallible(angle.sin().and_then(|sine| sine.div(angle)));
        infallible(x.eq(0.0).and_then(|zero| where_(&zero, 1.0, quotient)))
    }
    /// The numbers as they are (`np.positive`).
    ///
    /// # Errors
    /// [`Error::DType`] for `bool`.
    pub fn positive(&self) -> Result<Self> {
        match self.dtype() {
            DType::Bool => {
                Err(Error::DType { op: "positive", got: DType::Bool, expected: "numbers: cast() it to one" })
            }
            _ => Ok(self.clone()),
        }
    }
}
