//! Comparisons within a tolerance and of whole arrays, tests of elements, logic of any dtype.

use super::dyn_array::DynArray;
use super::elementwise::{binary, floats, where_};
use super::promotion::DynOperand;
use crate::dtype::{DType, Scalar, bf16, f16};
use crate::error::{Error, Result, infallible};
use crate::ops::BinaryOp;

/// How far numbers may be apart that count as close: `|x - y| ≤ absolute + relative · |y|`.
///
/// ```
/// use gridloom::Tolerance;
/// assert_eq!(Tolerance::default(), Tolerance { relative: 1e-5, absolute: 1e-8, nan_equal: false });
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Beside the second number's magnitude.
    pub relative: f64,
    /// Whatever the magnitude.
    pub absolute: f64,
    /// Whether NaN is close to NaN.
    pub nan_equal: bool,
}
impl Default for Tolerance {
    fn default() -> Self {
        Self { relative: 1e-5, absolute: 1e-8, nan_equal: false }
    }
}

/// Whether `x` is close to `y`, element by element (`np.isclose`): `|x - y| ≤ absolute + relative · |y|` of finite numbers, equal of
/// infinite ones. Broadcast together; computed in their [`result_type`](super::result_type), integers and `bool` in `f64`.
///
/// # Errors
/// [`Error::Broadcast`].
///
/// ```
/// use gridloom::{DynArray, Tolerance, functions::isclose};
/// let x: DynArray = gridloom::array([1.0, 1.1, f64::INFINITY, f64::NAN]).into();
/// let y: DynArray = gridloom::array([1.0 + 1e-9, 1.0, f64::INFINITY, f64::NAN]).into();
/// let close = isclose(x, y, Tolerance::default())?;
/// assert_eq!(close.typed::<bool>()?.to_vec()?, [true, false, true, false]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn isclose(x: impl Into<DynOperand>, y: impl Into<DynOperand>, tolerance: Tolerance) -> Result<DynArray> {
    let [x, y] = floats("isclose", [x.into(), y.into()])?;
    let distance = x.sub(&y)?.abs()?;
    let allowed = y.abs()?.mul(tolerance.relative)?.add(tolerance.absolute)?;
    let near = distance.le(allowed)?.bitand(y.isfinite()?)?.bitor(x.eq(&y)?)?;
    if tolerance.nan_equal { near.bitor(x.isnan()?.bitand(y.isnan()?)?) } else { Ok(near) }
}
/// Whether all elements are close (`np.allclose`), a 0-d `bool`; true of nothing.
///
/// # Errors
/// As [`isclose`].
pub fn allclose(x: impl Into<DynOperand>, y: impl Into<DynOperand>, tolerance: Tolerance) -> Result<DynArray> {
    Ok(isclose(x, y, tolerance)?.all())
}

/// Whether two arrays have one shape and equal elements (`np.array_equal`), a 0-d `bool`. Numbers are compared as they are, whatever
/// their dtypes; NaN equals NaN where `nan_equal` says so. Arrays of different shapes are not read.
///
/// # Errors
/// [`Error::UnknownLength`] for an unknown length beside a known one; [`Error::Broadcast`] for two that were not made by one mask.
///
/// ```
/// use gridloom::{DynArray, functions::{array_equal, array_equiv}};
/// let x: DynArray = gridloom::array([1, 1]).into();
/// let y: DynArray = gridloom::array([1.0]).into();
/// assert!(!array_equal(&x, &y, false)?.typed::<bool>()?.item()?);
/// assert!(array_equiv(&x, &y)?.typed::<bool>()?.item()?);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn array_equal(x: &DynArray, y: &DynArray, nan_equal: bool) -> Result<DynArray> {
    let (own, other) = (x.node().dims(), y.node().dims());
    let differ = |(a, b): (&Option<u64>, &Option<u64>)| a.is_some() && b.is_some() && a != b;
    if own.len() != other.len() || own.iter().zip(&other).any(differ) {
        return Ok(truth(false));
    }
    if let Some((a, _)) = own.iter().zip(&other).find(|(a, b)| a.is_some() != b.is_some()) {
        let shape = if a.is_none() { own } else { other };
        return Err(Error::UnknownLength { op: "array_equal", shape, hint: "resolve() it before" });
    }
    let equal = x.eq(y)?;
    let both_nan = || x.isnan()?.bitand(y.isnan()?);
    Ok(if nan_equal { equal.bitor(both_nan()?)? } else { equal }.all())
}
/// Whether two arrays broadcast together and are equal then (`np.array_equiv`), a 0-d `bool`.
///
/// # Errors
/// [`Error::Broadcast`] where a length is unknown and the other is not of the same mask.
pub fn array_equiv(x: &DynArray, y: &DynArray) -> Result<DynArray> {
    let is_known = !x.chunks().has_unknown() && !y.chunks().has_unknown();
    match x.eq(y) {
        Err(Error::Broadcast { .. }) if is_known => Ok(truth(false)),
        equal => Ok(equal?.all()),
    }
}
fn truth(value: bool) -> DynArray {
    super::creation::scalar(Scalar::from_i64(DType::Bool, value.into()))
}

macro_rules! logic {
    ($($name:ident $op:ident $doc:literal;)*) => {$(
        #[doc = $doc]
        ///
        /// Of corresponding elements of any dtypes, broadcast together, as `bool`: what is not zero is true, NaN too.
        ///
        /// # Errors
        /// [`Error::Broadcast`].
        pub fn $name(x: impl Into<DynOperand>, y: impl Into<DynOperand>) -> Result<DynArray> {
            let name = stringify!($name);
            binary(BinaryOp::$op, x.into().of_dtype(name, DType::Bool)?, y.into().of_dtype(name, DType::Bool)?)
        }
    )*};
}
logic! {
    logical_and And "Whether both are true (`np.logical_and`).";
    logical_or Or "Whether one is true, or both (`np.logical_or`).";
    logical_xor Xor "Whether exactly one is true (`np.logical_xor`).";
}

/// How many values [`DynArray::isin`] takes.
const VALUES: usize = 64;

impl DynArray {
    /// Whether each element is zero or `false` (`np.logical_not`), of any dtype; NaN is not.
    pub fn logical_not(&self) -> Self {
        infallible(self.cast(DType::Bool).not())
    }
    /// Whether each element is +∞ (`np.isposinf`); no integer is.
    pub fn isposinf(&self) -> Self {
        // A number broadcasts against everything.
        infallible(self.eq(f64::INFINITY))
    }
    /// Whether each element is -∞ (`np.isneginf`); no integer is.
    pub fn isneginf(&self) -> Self {
        // A number broadcasts against everything.
        infallible(self.eq(f64::NEG_INFINITY))
    }
    /// Whether each element is one of a few values (`np.isin`): an *or* of equalities, which keeps shape and chunks and is fused into what
    /// reads it. Numbers are compared as they are, whatever the dtypes; NaN equals nothing.
    ///
    /// # Errors
    /// [`Error::Parameter`] for more than 64 values; [`Error::Rank`] for one that is not 0-d.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([1u8, 2, 3]).into();
    /// assert_eq!(x.isin(&[3.into(), 1.0.into(), 300.into()])?.typed::<bool>()?.to_vec()?, [true, false, true]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn isin(&self, values: &[DynOperand]) -> Result<Self> {
        let op = "isin";
        if values.len() > VALUES {
            let expected = "at most 64: compare with the ends of ranges, or ask a set of them in map_chunks()";
            return Err(Error::Parameter { op, what: "the number of values", got: values.len().to_string(), expected });
        }
        let never = super::full_like(self, Scalar::from_i64(DType::Bool, 0));
        values
            .iter()
            .try_fold(None, |found: Option<Self>, value| {
                if let DynOperand::Array(array) = value
                    && array.ndim() > 0
                {
                    let (given, shape) = (String::new(), array.node().dims());
                    return Err(Error::Rank { op, expected: "0-d values", given, shape });
                }
                let equal = self.eq(value.clone())?;
                Ok(Some(match found {
                    Some(found) => found.bitor(equal)?,
                    None => equal,
                }))
            })
            .map(|found| found.unwrap_or(never))
    }
    /// Numbers instead of NaN and the infinities (`np.nan_to_num`): 0, and where they are `None` the dtype's largest and smallest. Integers
    /// and `bool` are as they were. Keeps shape, dtype and chunks.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 2.0]).into();
    /// let y = x.nan_to_num(0.0, None, Some(-1.0));
    /// assert_eq!(y.typed::<f32>()?.to_vec()?, [0.0, f32::MAX, -1.0, 2.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn nan_to_num(&self, nan: f64, posinf: Option<f64>, neginf: Option<f64>) -> Self {
        let largest = match self.dtype() {
            DType::F16 => f16::MAX.into(),
            DType::BF16 => bf16::MAX.into(),
            DType::F32 => f64::from(f32::MAX),
            DType::F64 => f64::MAX,
            _ => return self.clone(),
        };
        let replaced = |x: &Self, is: Self, by: f64| infallible(where_(&is, by, x));
        let finite = replaced(self, self.isposinf(), posinf.unwrap_or(largest));
        let finite = replaced(&finite, self.isneginf(), neginf.unwrap_or(-largest));
        replaced(&finite, infallible(self.isnan()), nan)
    }
}
