//! Comparisons within a tolerance and of whole arrays, tests of elements, logic, and functions of a few rows of the tables.

use super::elementwise::Operand;
use super::typed::Array;
use crate::dtype::{Element, Number, Real};
use crate::error::Result;
use crate::functions::{self, DynOperand, Tolerance};

impl<T: Number> Array<T> {
    /// Whether each element is close to the other's (`np.isclose`): `|x - y| ≤ absolute + relative · |y|` of finite numbers, equal of infinite
    /// ones. Integers in `f64`. Broadcast together.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    ///
    /// ```
    /// use gridloom::Tolerance;
    /// let x = gridloom::array([1.0, 1.1, f64::NAN]);
    /// assert_eq!(x.isclose(1.0 + 1e-9, Tolerance::default())?.to_vec()?, [true, false, false]);
    /// let exact = Tolerance { relative: 0.0, absolute: 0.0, nan_equal: true };
    /// assert!(x.allclose(&x, exact)?.item()?);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn isclose(&self, rhs: impl Operand<T>, tolerance: Tolerance) -> Result<Array<bool>> {
        functions::isclose(self, rhs.operand(), tolerance).map(Array::wrap)
    }
    /// Whether all elements are close (`np.allclose`): see [`isclose`](Self::isclose). A 0-d array; true of nothing.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    pub fn allclose(&self, rhs: impl Operand<T>, tolerance: Tolerance) -> Result<Array<bool>> {
        functions::allclose(self, rhs.operand(), tolerance).map(Array::wrap)
    }
    /// The quotients and the remainders of floor division (`np.divmod`): [`floor_div`](Self::floor_div) and
    /// [`floor_mod`](Self::floor_mod).
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    pub fn divmod(&self, rhs: impl Operand<T>) -> Result<(Self, Self)> {
        functions::divmod(self, rhs.operand()).map(|(quotients, rest)| (Self::wrap(quotients), Self::wrap(rest)))
    }
}

impl<T: Element> Array<T> {
    /// Whether each element is zero or `false` (`np.logical_not`); NaN is not.
    pub fn logical_not(&self) -> Array<bool> {
        Array::wrap(self.as_dyn().logical_not())
    }
    /// Whether each element is one of at most 64 values (`np.isin`): an *or* of equalities, which keeps shape and chunks and is fused
    /// into what reads it. NaN equals nothing.
    ///
    /// # Errors
    /// [`Error::Parameter`](crate::Error::Parameter) for more values.
    ///
    /// ```
    /// assert_eq!(gridloom::array([1, 2, 3]).isin(&[3, 1, 7])?.to_vec()?, [true, false, true]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn isin(&self, values: &[T]) -> Result<Array<bool>> {
        let values: Vec<DynOperand> = values.iter().map(|&value| Self::from(value).into()).collect();
        self.as_dyn().isin(&values).map(Array::wrap)
    }
}

macro_rules! logic {
    ($($name:ident $doc:literal;)*) => {
        /// Logic of any dtype.
        impl<T: Element> Array<T> {$(
            #[doc = $doc]
            ///
            /// Of corresponding elements, broadcast together: what is not zero is true, NaN too.
            ///
            /// # Errors
            /// [`Error::Broadcast`](crate::Error::Broadcast).
            pub fn $name<U: Element>(&self, rhs: &Array<U>) -> Result<Array<bool>> {
                functions::$name(self, rhs).map(Array::wrap)
            }
        )*}
    };
}
logic! {
    logical_and "Whether both are true (`np.logical_and`).";
    logical_or "Whether one is true, or both (`np.logical_or`).";
    logical_xor "Whether exactly one is true (`np.logical_xor`).";
}

impl<T: Real> Array<T> {
    /// Whether each element is +∞ (`np.isposinf`).
    pub fn isposinf(&self) -> Array<bool> {
        Array::wrap(self.as_dyn().isposinf())
    }
    /// Whether each element is -∞ (`np.isneginf`).
    pub fn isneginf(&self) -> Array<bool> {
        Array::wrap(self.as_dyn().isneginf())
    }
    /// Numbers instead of NaN and the infinities (`np.nan_to_num`): where they are `None` the type's largest and smallest. Keeps shape
    /// and chunks.
    ///
    /// ```
    /// let x = gridloom::array([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 2.0]);
    /// assert_eq!(x.nan_to_num(0.0, None, Some(-1.0)).to_vec()?, [0.0, f32::MAX, -1.0, 2.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn nan_to_num(&self, nan: T, posinf: Option<T>, neginf: Option<T>) -> Self {
        let number = |value: T| value.scalar().to_f64();
        Self::wrap(self.as_dyn().nan_to_num(number(nan), posinf.map(number), neginf.map(number)))
    }
    /// `sin(πx) / (πx)` (`np.sinc`), 1 at zero; NaN of NaN and of ±∞.
    ///
    /// ```
    /// assert_eq!(gridloom::array([0.0, 0.5]).sinc().to_vec()?, [1.0, 2.0 / std::f64::consts::PI]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn sinc(&self) -> Self {
        Self::wrap(self.as_dyn().sinc())
    }
    /// The fractions and the whole parts (`np.modf`), both with the sign of the element; of ±∞ the fraction is 0.
    ///
    /// ```
    /// let (fractions, whole) = gridloom::array([-1.5, 2.25]).modf();
    /// assert_eq!((fractions.to_vec()?, whole.to_vec()?), (vec![-0.5, 0.25], vec![-1.0, 2.0]));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn modf(&self) -> (Self, Self) {
        let (fractions, whole) = self.as_dyn().modf();
        (Self::wrap(fractions), Self::wrap(whole))
    }
    /// The step function (`np.heaviside`): 0 below zero, `at_zero` at zero, 1 above; NaN of NaN.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    pub fn heaviside(&self, at_zero: impl Operand<T>) -> Result<Self> {
        functions::heaviside(self, at_zero.operand()).map(Self::wrap)
    }
    /// `ln(e^x + e^y)` without overflow (`np.logaddexp`). NaN makes NaN.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    pub fn logaddexp(&self, rhs: impl Operand<T>) -> Result<Self> {
        functions::logaddexp(self, rhs.operand()).map(Self::wrap)
    }
    /// `log₂(2^x + 2^y)` without overflow (`np.logaddexp2`). NaN makes NaN.
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    pub fn logaddexp2(&self, rhs: impl Operand<T>) -> Result<Self> {
        functions::logaddexp2(self, rhs.operand()).map(Self::wrap)
    }
}

/// Whether two arrays have one shape and equal elements (`np.array_equal`), as a 0-d array: see [`functions::array_equal`].
///
/// # Errors
/// As there.
///
/// ```
/// use gridloom::{array, array_equal};
/// assert!(array_equal(&array([1, 2]), &array([1, 2]), false)?.item()?);
/// assert!(!array_equal(&array([1, 2]), &array([1]), false)?.item()?);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn array_equal<T: Element>(x: &Array<T>, y: &Array<T>, nan_equal: bool) -> Result<Array<bool>> {
    functions::array_equal(x.as_dyn(), y.as_dyn(), nan_equal).map(Array::wrap)
}
/// Whether two arrays broadcast together and are equal then (`np.array_equiv`), as a 0-d array: see [`functions::array_equiv`].
///
/// # Errors
/// As there.
pub fn array_equiv<T: Element>(x: &Array<T>, y: &Array<T>) -> Result<Array<bool>> {
    functions::array_equiv(x.as_dyn(), y.as_dyn()).map(Array::wrap)
}
