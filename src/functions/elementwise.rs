//! Functions of elements: which dtype they are computed in. A method a row of the tables.

use super::dyn_array::DynArray;
use super::promotion::{DynOperand, promote, result_type};
use crate::dtype::{DType, Kind, Scalar};
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::ops::binary::binary_rows;
use crate::ops::unary::unary_rows;
use crate::ops::{BinaryClass, BinaryOp, TernaryOp, UnaryClass, UnaryOp};

/// A float as it is; `f64` for integers and `bool`.
pub(super) fn float_of(dtype: DType) -> DType {
    if dtype.is_float() { dtype } else { DType::F64 }
}

/// A number that limits an array: an integer beyond the array's integer dtype is its last one.
fn limit(limit: DynOperand, dtype: DType) -> DynOperand {
    let [least, most] = [f64::NEG_INFINITY, f64::INFINITY].map(|end| Scalar::from_f64(dtype, end).to_i128());
    match limit {
        DynOperand::Int(value) if dtype.is_integer() => DynOperand::Int(value.clamp(least, most)),
        other => other,
    }
}

/// Operands of a function of floats, in the dtype that it is computed in.
pub(super) fn floats(op: &'static str, [x, y]: [DynOperand; 2]) -> Result<[DynArray; 2]> {
    let dtype = float_of(result_type(&[x.clone(), y.clone()])?);
    Ok([x.of_dtype(op, dtype)?, y.of_dtype(op, dtype)?])
}

impl DynArray {
    /// A row of the unary table, of each element. Rows of floats compute integers and `bool` in `f64`; rounded, those are themselves.
    ///
    /// # Errors
    /// [`Error::DType`] where the row is not defined for the dtype.
    pub fn unary(&self, op: UnaryOp) -> Result<Self> {
        if matches!(op, UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Round | UnaryOp::Trunc) && !self.dtype().is_float() {
            return Ok(self.clone());
        }
        let x = match op.info().class {
            UnaryClass::Real | UnaryClass::Test => self.cast(float_of(self.dtype())),
            UnaryClass::Num | UnaryClass::Bits | UnaryClass::Count => self.clone(),
        };
        Ok(infer::unary(op, x.node())?.into())
    }
    /// A row of the binary table, with the array on the left: see [`binary`].
    ///
    /// # Errors
    /// As [`binary`].
    pub fn binary(&self, op: BinaryOp, rhs: impl Into<DynOperand>) -> Result<Self> {
        binary(op, self, rhs)
    }
    /// The quotient as a float: see [`true_divide`].
    ///
    /// # Errors
    /// As [`true_divide`].
    #[doc(alias = "divide")]
    pub fn true_divide(&self, rhs: impl Into<DynOperand>) -> Result<Self> {
        true_divide(self, rhs)
    }
    /// Each element limited to [`low`, `high`]: see [`clip`].
    ///
    /// # Errors
    /// As [`clip`].
    pub fn clip(&self, low: impl Into<DynOperand>, high: impl Into<DynOperand>) -> Result<Self> {
        clip(self, low, high)
    }
    /// Each element, but no less than `low` (`np.clip(x, low, None)`), as [`clip`] does it.
    ///
    /// # Errors
    /// [`Error::Broadcast`].
    pub fn clip_low(&self, low: impl Into<DynOperand>) -> Result<Self> {
        binary(BinaryOp::Maximum, self, limit(low.into(), self.dtype()))
    }
    /// Each element, but no more than `high` (`np.clip(x, None, high)`), as [`clip`] does it.
    ///
    /// # Errors
    /// [`Error::Broadcast`].
    pub fn clip_high(&self, high: impl Into<DynOperand>) -> Result<Self> {
        binary(BinaryOp::Minimum, self, limit(high.into(), self.dtype()))
    }
    /// To so many decimals, halves to even (`np.round`): scaled by a power of ten, rounded, and scaled back, as NumPy does it; left of the
    /// point where negative. Integers and `bool` are themselves.
    ///
    /// # Errors
    /// [`Error::DType`] for integers left of the point.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([2.345, -17.5]).into();
    /// assert_eq!(x.round_decimals(1)?.typed::<f64>()?.to_vec()?, [2.3, -17.5]);
    /// assert_eq!(x.round_decimals(-1)?.typed::<f64>()?.to_vec()?, [0.0, -20.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "around")]
    pub fn round_decimals(&self, decimals: i32) -> Result<Self> {
        if !self.dtype().is_float() && decimals < 0 {
            let expected = "floats, or decimals of 0 or more: cast() it to f64";
            return Err(Error::DType { op: "round", got: self.dtype(), expected });
        }
        if !self.dtype().is_float() || decimals == 0 {
            return self.unary(UnaryOp::Round);
        }
        let scale = 10f64.powi(decimals.saturating_abs());
        if decimals > 0 { self.mul(scale)?.round()?.div(scale) } else { self.div(scale)?.round()?.mul(scale) }
    }
}

/// A row of the binary table, of corresponding elements, broadcast together; chunks follow the larger operand. Operands are computed
/// in their [`result_type`], with these rules:
///
/// - rows of floats (`hypot`, `atan2`, ...) compute integers and `bool` in `f64`, but `fmin` and `fmax`, which are `minimum` and `maximum`
///   of them; `pow` of integers is `powi` of the base in the result's dtype;
/// - of `bool`, `+` and `maximum` are *or*, `·` and `minimum` are *and*; other arithmetic is not defined;
/// - comparisons of integers are of the numbers themselves: `i64` beside `u64`, and a number from -2⁶³ to 2⁶⁴ - 1 that the array's dtype
///   does not hold, are not rounded or wrapped first (beside floats an integer is rounded to them);
/// - the exponents of `powi` are integers of any dtype, and the result has the base's; where it is a float and the exponents may be
///   beyond 32 bits, it is `pow` of both.
///
/// # Errors
/// [`Error::Broadcast`]; [`Error::DType`] where the row is not defined for the dtype; [`Error::Parameter`] for an integer that the
/// dtype does not hold, in arithmetic, and one beyond 64 bits in comparisons.
///
/// ```
/// use gridloom::{DynArray, functions::binary, ops::BinaryOp};
/// let x: DynArray = gridloom::array([1u8, 2, 250]).into();
/// assert_eq!(binary(BinaryOp::Lt, &x, 300)?.typed::<bool>()?.to_vec()?, [true; 3]);
/// let signed: DynArray = gridloom::array([-1i8, 2, 3]).into();
/// assert_eq!(x.add(signed)?.typed::<i16>()?.to_vec()?, [0, 4, 253]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn binary(op: BinaryOp, x: impl Into<DynOperand>, y: impl Into<DynOperand>) -> Result<DynArray> {
    of_two(op, x.into(), y.into())
}

fn of_two(op: BinaryOp, x: DynOperand, y: DynOperand) -> Result<DynArray> {
    let name = op.info().name;
    let dtype = match (&x, &y) {
        // Nearly always, and nothing to look up.
        (DynOperand::Array(x), DynOperand::Array(y)) if x.dtype() == y.dtype() => x.dtype(),
        _ => result_type(&[x.clone(), y.clone()])?,
    };
    let op = match op {
        BinaryOp::Fmin if !dtype.is_float() => BinaryOp::Minimum,
        BinaryOp::Fmax if !dtype.is_float() => BinaryOp::Maximum,
        others => others,
    };
    let (op, dtype) = match op.info().class {
        BinaryClass::Equal | BinaryClass::Compare => return compare(op, x, y, dtype),
        BinaryClass::Powi => return power(name, &x, x.own_dtype(), &y),
        BinaryClass::Real if op == BinaryOp::Pow && dtype.is_integer() => return power(name, &x, dtype, &y),
        BinaryClass::Real => (op, float_of(dtype)),
        BinaryClass::Num if dtype == DType::Bool => (of_truth(op), dtype),
        BinaryClass::Num | BinaryClass::Bits | BinaryClass::Int => (op, dtype),
    };
    let (x, y) = (x.of_dtype(name, dtype)?, y.of_dtype(name, dtype)?);
    Ok(infer::binary(op, x.node(), y.node())?.into())
}

/// What arithmetic is for truth values, where it is anything.
fn of_truth(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Add | BinaryOp::Maximum => BinaryOp::Or,
        BinaryOp::Mul | BinaryOp::Minimum => BinaryOp::And,
        others => others,
    }
}

/// `x`, as `base`, to the power of integers.
fn power(name: &'static str, x: &DynOperand, base: DType, y: &DynOperand) -> Result<DynArray> {
    let exponent = match y {
        DynOperand::Int(_) => {
            let holds = |dtype: &DType| y.of_dtype(name, *dtype).is_ok();
            [DType::I32, DType::I64, DType::U64].into_iter().find(holds).unwrap_or(DType::U64)
        }
        other => other.own_dtype(),
    };
    if !exponent.is_integer() {
        return Err(Error::DType { op: name, got: exponent, expected: "integers as exponents: cast() them, or pow()" });
    }
    let x = x.of_dtype(name, base)?;
    match promote(exponent, DType::I32) {
        DType::I32 => Ok(infer::binary(BinaryOp::Powi, x.node(), y.of_dtype(name, DType::I32)?.node())?.into()),
        _ if base.is_float() => binary(BinaryOp::Pow, x, y.clone()),
        _ => wide_power(&x, &y.of_dtype(name, exponent)?),
    }
}

/// Integers to the power of integers of more than 31 bits, which are taken 30 bits at a time:
/// `x^(a + 2^30 b + 2^60 c) = x^a · (x^(2^30))^b · (x^(2^60))^c`, whatever is wrapped on the way.
fn wide_power(x: &DynArray, exponent: &DynArray) -> Result<DynArray> {
    let digit = |n: &DynArray| Ok::<_, Error>(n.bitand((1 << 30) - 1)?.cast(DType::I32));
    let (first, mut rest) = if exponent.dtype() == DType::I64 {
        // Below zero only ±1 have an inverse, and of -1 it matters whether the exponent is even: -2 and -3 stand for all.
        let below = exponent.bitand(1)?.neg()?.sub(2)?.cast(DType::I32);
        (where_(&exponent.lt(0)?, below, digit(exponent)?)?, exponent.maximum(0)?)
    } else {
        (digit(exponent)?, exponent.clone())
    };
    let (mut power, mut product) = (x.clone(), x.powi(first)?);
    for _ in 0..exponent.dtype().size() / 4 {
        (power, rest) = (power.powi(1 << 30)?, rest.shr(30)?);
        product = product.mul(power.powi(digit(&rest)?)?)?;
    }
    Ok(product)
}

/// A comparison of the numbers that the operands are, whatever their dtypes hold.
fn compare(op: BinaryOp, x: DynOperand, y: DynOperand, dtype: DType) -> Result<DynArray> {
    let name = op.info().name;
    let (x, y) = (own_width(name, x, dtype)?, own_width(name, y, dtype)?);
    let signed = |x: &DynArray| x.dtype().kind() == Kind::Signed;
    let both = promote(x.dtype(), y.dtype());
    // The one pair of integer dtypes that no third one holds.
    let mixed = both.is_float() && !x.dtype().is_float() && !y.dtype().is_float();
    if !mixed {
        return Ok(infer::binary(op, x.cast(both).node(), y.cast(both).node())?.into());
    }
    // What is below zero is below every unsigned number; the others are compared as such.
    let (negative, less) = if signed(&x) { (x.lt(0)?, op) } else { (y.lt(0)?, op) };
    let plain: DynArray = infer::binary(op, x.cast(DType::U64).node(), y.cast(DType::U64).node())?.into();
    let holds_below = match less {
        BinaryOp::Lt | BinaryOp::Le => signed(&x),
        BinaryOp::Gt | BinaryOp::Ge => !signed(&x),
        op => op == BinaryOp::Ne,
    };
    if holds_below { negative.bitor(plain) } else { negative.not()?.bitand(plain) }
}

/// An operand of a comparison in a dtype that holds its values: that of the comparison, or for an integer that this does not hold,
/// the first of 64 bits that does.
fn own_width(name: &'static str, operand: DynOperand, dtype: DType) -> Result<DynArray> {
    match operand {
        DynOperand::Array(array) => Ok(array),
        DynOperand::Int(value) if !dtype.is_float() => {
            let wide = [dtype, DType::I64, DType::U64].into_iter().find_map(|dtype| operand.of_dtype(name, dtype).ok());
            wide.ok_or_else(|| Error::Parameter {
                op: name,
                what: "number",
                got: value.to_string(),
                expected: "between -2^63 and 2^64 - 1",
            })
        }
        number => number.of_dtype(name, dtype),
    }
}

/// The quotient as a float: integers and `bool` are divided in `f64` (NumPy's `/`; [`DynArray::div`] of integers truncates, as Rust's
/// does).
///
/// # Errors
/// As [`binary`].
#[doc(alias = "divide")]
pub fn true_divide(x: impl Into<DynOperand>, y: impl Into<DynOperand>) -> Result<DynArray> {
    let [x, y] = floats("true_divide", [x.into(), y.into()])?;
    x.div(y)
}

/// `x · y + z`, rounded once for floats; integers wrap. Broadcast together, in the [`result_type`] of all three.
///
/// # Errors
/// [`Error::Broadcast`]; [`Error::DType`] for `bool`; [`Error::Parameter`] for an integer that the dtype does not hold.
pub fn fma(x: impl Into<DynOperand>, y: impl Into<DynOperand>, z: impl Into<DynOperand>) -> Result<DynArray> {
    ternary(TernaryOp::Fma, [x.into(), y.into(), z.into()])
}

/// Each element of `x` limited to [`low`, `high`]; NaN stays NaN, and `high` wins where `low > high`, as in NumPy. Broadcast together,
/// in the [`result_type`] of all three; a number beyond the dtype is its last one.
///
/// # Errors
/// [`Error::Broadcast`]; [`Error::DType`] for `bool`.
pub fn clip(x: impl Into<DynOperand>, low: impl Into<DynOperand>, high: impl Into<DynOperand>) -> Result<DynArray> {
    let args = [x.into(), low.into(), high.into()];
    let dtype = result_type(&args)?;
    let [x, low, high] = args;
    ternary(TernaryOp::Clip, [x, limit(low, dtype), limit(high, dtype)])
}

fn ternary(op: TernaryOp, args: [DynOperand; 3]) -> Result<DynArray> {
    let name = op.info().name;
    let dtype = result_type(&args)?;
    let [x, y, z] = args;
    let (x, y, z) = (x.of_dtype(name, dtype)?, y.of_dtype(name, dtype)?, z.of_dtype(name, dtype)?);
    Ok(infer::ternary(op, [x.node(), y.node(), z.node()])?.into())
}

/// `x` where `condition` (not zero, of numbers) is true, `y` elsewhere (`np.where`), in the [`result_type`] of both; all three broadcast
/// together.
///
/// # Errors
/// [`Error::Broadcast`]; [`Error::Parameter`] for an integer that the dtype of the other does not hold.
#[doc(alias = "where")]
pub fn where_(condition: &DynArray, x: impl Into<DynOperand>, y: impl Into<DynOperand>) -> Result<DynArray> {
    let (x, y) = (x.into(), y.into());
    let dtype = result_type(&[x.clone(), y.clone()])?;
    let (x, y) = (x.of_dtype("where", dtype)?, y.of_dtype("where", dtype)?);
    let condition = condition.cast(DType::Bool);
    Ok(infer::ternary(TernaryOp::Where, [condition.node(), x.node(), y.node()])?.into())
}

macro_rules! unary_methods {
    ($($variant:ident $method:ident $class:ident |$x:ident| $rust:expr, $wgsl:literal, $ulp:expr, ($arg:expr) => ($result:expr), $doc:literal;)*) => {
        /// Functions of each element, a row of the unary table each: keep shape and chunks.
        impl DynArray {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`Error::DType`] where it is not defined for the dtype.
            pub fn $method(&self) -> Result<Self> { self.unary(UnaryOp::$variant) }
        )*}
    };
}
unary_rows!(unary_methods);

macro_rules! binary_methods {
    ($($variant:ident $method:ident $class:ident |$x:ident, $y:ident| $rust:expr, $wgsl:literal, $ulp:expr, ($a:expr, $b:expr) => ($result:expr), $doc:literal;)*) => {
        /// Functions of two elements, a row of the binary table each: operands as [`binary`] says.
        impl DynArray {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// As [`binary`].
            pub fn $method(&self, rhs: impl Into<DynOperand>) -> Result<Self> { self.binary(BinaryOp::$variant, rhs) }
        )*}
    };
}
binary_rows!(binary_methods);

#[track_caller]
fn or_panic(result: Result<DynArray>) -> DynArray {
    match result {
        Ok(array) => array,
        Err(error) => panic!("{error}"),
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident;)*) => {$(
        impl<R: Into<DynOperand>> std::ops::$trait<R> for &DynArray {
            type Output = DynArray;
            #[track_caller]
            fn $method(self, rhs: R) -> DynArray {
                or_panic(binary(BinaryOp::$op, self, rhs))
            }
        }
        impl<R: Into<DynOperand>> std::ops::$trait<R> for DynArray {
            type Output = Self;
            #[track_caller]
            fn $method(self, rhs: R) -> Self {
                or_panic(binary(BinaryOp::$op, self, rhs))
            }
        }
    )*};
}
operators! {
    Add add Add; Sub sub Sub; Mul mul Mul; Div div Div; Rem rem Rem;
    BitAnd bitand And; BitOr bitor Or; BitXor bitxor Xor; Shl shl Shl; Shr shr Shr;
}

macro_rules! signs {
    ($($trait:ident $method:ident;)*) => {$(
        impl std::ops::$trait for &DynArray {
            type Output = DynArray;
            #[track_caller]
            fn $method(self) -> DynArray {
                or_panic(self.unary(UnaryOp::$trait))
            }
        }
    )*};
}
signs! { Neg neg; Not not; }
