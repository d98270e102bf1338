//! The dtype of what is made of several: NumPy's promotion, with numbers of no dtype that follow the arrays beside them (NEP 50).

use super::dyn_array::DynArray;
use crate::chunks::Chunks;
use crate::dtype::{DType, Kind, Scalar, bf16, f16};
use crate::error::{Error, Result};
use crate::graph::infer;

/// An operand: an array, or a number without a dtype, which takes that of the arrays it meets (a *weak scalar*). Rust's numbers
/// become weak ones; one of a certain dtype is a 0-d array: `Array::from(1u8)`.
#[derive(Clone)]
#[non_exhaustive]
pub enum DynOperand {
    /// An array, of any number of axes.
    Array(DynArray),
    /// `true` or `false`: has the dtype of what it meets, `bool` alone.
    Bool(bool),
    /// An integer: has the dtype of the number that it meets (which must hold it), and is `i64` beside `bool` or alone.
    Int(i128),
    /// A float: has the dtype of the float that it meets, and makes `f64` of anything else.
    Float(f64),
}

impl From<&DynArray> for DynOperand {
    fn from(array: &DynArray) -> Self {
        Self::Array(array.clone())
    }
}
impl From<DynArray> for DynOperand {
    fn from(array: DynArray) -> Self {
        Self::Array(array)
    }
}
impl From<usize> for DynOperand {
    fn from(value: usize) -> Self {
        Self::Int(value as i128)
    }
}
impl From<isize> for DynOperand {
    fn from(value: isize) -> Self {
        Self::Int(value as i128)
    }
}
impl From<bool> for DynOperand {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
macro_rules! numbers {
    ($($variant:ident: $($t:ty)*;)*) => {$($(
        impl From<$t> for DynOperand {
            fn from(value: $t) -> Self {
                Self::$variant(value.into())
            }
        }
    )*)*};
}
numbers! {
    Int: u8 u16 u32 u64 i8 i16 i32 i64 i128;
    Float: f16 bf16 f32 f64;
}

impl std::fmt::Debug for DynOperand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Array(array) => std::fmt::Debug::fmt(array.node(), f),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
        }
    }
}

impl DynOperand {
    /// The operand as an array of `dtype`, for the operation `op`; a number as a 0-d one.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an integer that the integer dtype does not hold.
    pub(super) fn of_dtype(&self, op: &'static str, dtype: DType) -> Result<DynArray> {
        if let Self::Array(array) = self {
            return Ok(array.cast(dtype));
        }
        let scalar =
            self.scalar_of(op, dtype)?.ok_or_else(|| Error::bug("an operand that is neither array nor number"))?;
        Ok(infer::full(scalar, Chunks::new(vec![])).into())
    }
    /// A number as one of `dtype`; nothing for an array.
    ///
    /// # Errors
    /// As [`of_dtype`](Self::of_dtype).
    pub(super) fn scalar_of(&self, op: &'static str, dtype: DType) -> Result<Option<Scalar>> {
        Ok(Some(match *self {
            Self::Array(_) => return Ok(None),
            Self::Bool(value) => Scalar::from_i64(dtype, value.into()),
            Self::Float(value) => Scalar::from_f64(dtype, value),
            Self::Int(value) => integer(op, value, dtype)?,
        }))
    }
    /// The dtype of an array, or what a number is alone.
    pub(super) fn own_dtype(&self) -> DType {
        match self {
            Self::Array(array) => array.dtype(),
            Self::Bool(_) => DType::Bool,
            Self::Int(_) => DType::I64,
            Self::Float(_) => DType::F64,
        }
    }
}

/// An integer as a scalar of `dtype`.
#[expect(clippy::cast_precision_loss, reason = "a float holds integers rounded")]
fn integer(op: &'static str, value: i128, dtype: DType) -> Result<Scalar> {
    if dtype.is_float() {
        return Ok(Scalar::from_f64(dtype, value as f64));
    }
    let wrapped = i64::try_from(value).or_else(|_| u64::try_from(value).map(u64::cast_signed));
    let scalar = wrapped.ok().map(|value| Scalar::from_i64(dtype, value));
    scalar.filter(|scalar| dtype == DType::Bool || scalar.to_i128() == value).ok_or_else(|| Error::Parameter {
        op,
        what: "number",
        got: format!("{value}, beside an array of {dtype}"),
        expected: "one that the array's dtype holds: cast() the array to a wider one",
    })
}

/// The dtype that holds the values of both, as NumPy's `promote_types`: of integers of both signs the smallest that holds both, `f64`
/// beside `u64` and a signed one; of a float and an integer a float with at least as many bits of precision, `f64` at most.
///
/// ```
/// use gridloom::{DType, functions::promote};
/// assert_eq!(promote(DType::U8, DType::I8), DType::I16);
/// assert_eq!(promote(DType::F32, DType::I16), DType::F32);
/// assert_eq!(promote(DType::F16, DType::I16), DType::F32);
/// assert_eq!(promote(DType::F32, DType::I32), DType::F64);
/// ```
#[doc(alias = "promote_types")]
#[must_use]
pub fn promote(a: DType, b: DType) -> DType {
    // The one of the lower kind first: bool, unsigned, signed, float.
    let (a, b) = if rank(a) <= rank(b) { (a, b) } else { (b, a) };
    match (a.kind(), b.kind()) {
        (Kind::Bool, _) => b,
        // Neither half holds the other.
        (Kind::Float, Kind::Float) if a != b && a.size() == b.size() => DType::F32,
        (x, y) if x == y => b,
        (Kind::Unsigned, Kind::Signed) if a.size() < b.size() => b,
        (Kind::Unsigned, Kind::Signed) => match a.size() {
            1 => DType::I16,
            2 => DType::I32,
            4 => DType::I64,
            _ => DType::F64,
        },
        // A float against an integer: 8 bits of precision hold those of 8, and 24 those of 16.
        _ if a.size() == 1 => b,
        _ if a.size() == 2 => {
            if b.is_half() {
                DType::F32
            } else {
                b
            }
        }
        _ => DType::F64,
    }
}

/// The dtype that holds the values of all.
fn promote_all(operands: &[&DynOperand]) -> Option<DType> {
    let mut dtypes: Vec<DType> = operands.iter().map(|operand| operand.own_dtype()).collect();
    // From the highest down: `f32` holds `u16` and `i16`, though not all that holds both.
    dtypes.sort_by_key(|&dtype| std::cmp::Reverse(rank(dtype)));
    dtypes.into_iter().reduce(promote)
}

/// Kinds in ascending order, and sizes within one.
fn rank(dtype: DType) -> (u8, usize) {
    let kind = match dtype.kind() {
        Kind::Bool => 0,
        Kind::Unsigned => 1,
        Kind::Signed => 2,
        Kind::Float => 3,
    };
    (kind, dtype.size())
}

/// The dtype of what is made of these operands: NumPy's `result_type`. Arrays are promoted together ([`promote`]), 0-d ones as any
/// other; numbers without a dtype only lift the kind: an integer beside `bool` makes `i64`, a float beside integers `f64`.
///
/// # Errors
/// [`Error::JoinNothing`] for no operands.
///
/// ```
/// use gridloom::{DType, DynArray, functions::result_type};
/// let x: DynArray = gridloom::zeros::<f32>(3).into();
/// assert_eq!(result_type(&[x.clone().into(), 1.into(), 0.5.into()])?, DType::F32);
/// assert_eq!(result_type(&[x.cast(DType::I8).into(), 0.5.into()])?, DType::F64);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn result_type(operands: &[DynOperand]) -> Result<DType> {
    let (arrays, numbers): (Vec<_>, Vec<_>) =
        operands.iter().partition(|operand| matches!(operand, DynOperand::Array(_)));
    match (promote_all(&arrays), promote_all(&numbers)) {
        // A number of no higher kind than the arrays' takes their dtype.
        (Some(arrays), Some(number))
            if rank(number).0 > rank(arrays).0.max(if arrays.is_integer() { 2 } else { 0 }) =>
        {
            Ok(number)
        }
        (Some(dtype), _) | (None, Some(dtype)) => Ok(dtype),
        (None, None) => Err(Error::JoinNothing { op: "result_type" }),
    }
}
