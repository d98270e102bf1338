//! [`Masked`]: an array some of whose elements do not count.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use super::elementwise::{binary, float_of, where_};
use super::promotion::{DynOperand, promote};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::{BinaryOp, ReduceOp, UnaryOp};
use crate::width::in_memory;

/// An array and a mask of its shape, `true` where an element does not count (`np.ma`). Both are lazy, and fuse: functions of elements are
/// computed everywhere, and their results do not count where an operand does not, nor where a function is not defined (quotients by 0,
/// logarithms and roots of what has none, and what such functions make that is not finite). Reductions are of the elements that count.
///
/// ```
/// use gridloom::{DynArray, functions::Masked, ops::ReduceOp};
/// let x = Masked::masked_invalid(&DynArray::from(gridloom::array([1.0, f64::NAN, 3.0])))?;
/// assert_eq!(x.reduce(ReduceOp::Mean, None, false, 0.0)?.data().typed::<f64>()?.item()?, 2.0);
/// assert_eq!(x.filled(0.0)?.typed::<f64>()?.to_vec()?, [1.0, 0.0, 3.0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "arrays are lazy"]
pub struct Masked {
    data: DynArray,
    mask: DynArray,
}

impl std::fmt::Debug for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Masked").field("data", self.data.node()).field("mask", self.mask.node()).finish()
    }
}

impl Masked {
    /// An array and where its elements do not count: where `mask`, which is broadcast to it, is not 0 (`np.ma.masked_array`).
    ///
    /// # Errors
    /// [`Error::BroadcastTo`]; [`Error::UnknownLength`] for a mask of another shape beside an array of unknown length.
    pub fn masked_array(data: &DynArray, mask: &DynArray) -> Result<Self> {
        let mask = mask.cast(DType::Bool);
        let mask = match data.shape() {
            Some(shape) if mask.shape().as_ref() != Some(&shape) => mask.broadcast_to(shape)?,
            _ => mask,
        };
        Ok(Self { data: data.clone(), mask })
    }
    /// The same by a condition (`np.ma.masked_where`).
    ///
    /// # Errors
    /// As [`masked_array`](Self::masked_array).
    pub fn masked_where(condition: &DynArray, data: &DynArray) -> Result<Self> {
        Self::masked_array(data, condition)
    }
    /// Without NaN and infinities (`np.ma.masked_invalid`).
    ///
    /// # Errors
    /// None that can happen: its steps refuse some arrays, and these are none of them.
    pub fn masked_invalid(data: &DynArray) -> Result<Self> {
        let mask = data.isfinite()?.logical_not();
        Self::masked_array(data, &mask)
    }
    /// Without what compares so with a value: `np.ma.masked_equal`, `masked_greater` and the like.
    ///
    /// # Errors
    /// As [`binary`].
    pub fn masked_by(op: BinaryOp, data: &DynArray, value: impl Into<DynOperand>) -> Result<Self> {
        Self::masked_array(data, &binary(op, data, value)?)
    }
    /// Without what lies between two values, both included (`np.ma.masked_inside`), in either order; or what does not (`masked_outside`).
    ///
    /// # Errors
    /// As [`binary`].
    pub fn masked_inside(data: &DynArray, [low, high]: [f64; 2], outside: bool) -> Result<Self> {
        let (low, high) = (low.min(high), low.max(high));
        let mask = if outside { data.lt(low)?.bitor(data.gt(high)?)? } else { data.ge(low)?.bitand(data.le(high)?)? };
        Self::masked_array(data, &mask)
    }

    /// The elements, those that do not count among them (`np.ma.getdata`).
    pub fn data(&self) -> &DynArray {
        &self.data
    }
    /// Where elements do not count (`np.ma.getmaskarray`).
    pub fn mask(&self) -> &DynArray {
        &self.mask
    }
    /// A value for the elements that do not count (`np.ma.filled`), in the array's dtype.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an integer that the dtype does not hold.
    pub fn filled(&self, value: impl Into<DynOperand>) -> Result<DynArray> {
        let value = value.into().of_dtype("filled", self.data.dtype())?;
        where_(&self.mask, value, &self.data)
    }
    /// The elements that count, in C order: a 1-d array of unknown length (`np.ma.MaskedArray.compressed`).
    ///
    /// # Errors
    /// As [`DynArray::filter`].
    pub fn compressed(&self) -> Result<DynArray> {
        self.data.filter(&self.mask.logical_not())
    }
    /// How many elements count, of `i64`, over axes or all (`np.ma.count`).
    ///
    /// # Errors
    /// As [`DynArray::reduce`].
    pub fn count(&self, axes: Option<Axes>, keepdims: bool) -> Result<DynArray> {
        Ok(self.mask.logical_not().reduce(ReduceOp::CountNonzero, axes, keepdims, 0.0)?.cast(DType::I64))
    }
    /// A function of each element; the result does not count where it is not defined.
    ///
    /// # Errors
    /// As [`DynArray::unary`].
    pub fn unary(&self, op: UnaryOp) -> Result<Self> {
        let x = &self.data;
        let outside = match op {
            UnaryOp::Ln | UnaryOp::Log2 | UnaryOp::Log10 => Some(x.le(0.0)?),
            UnaryOp::Sqrt => Some(x.lt(0.0)?),
            UnaryOp::Asin | UnaryOp::Acos => Some(x.abs()?.gt(1.0)?),
            UnaryOp::Acosh => Some(x.lt(1.0)?),
            UnaryOp::Atanh => Some(x.abs()?.gt(1.0 - 1e-15)?),
            _ => None,
        };
        let data = x.unary(op)?;
        let Some(outside) = outside else { return Ok(Self { data, mask: self.mask.clone() }) };
        Self::defined(data, &self.mask, &outside)
    }
    /// A function of two, with masks or without; the result does not count where one of them does not, and where it is not defined: quotients by
    /// numbers so small that they overflow.
    ///
    /// # Errors
    /// As [`binary`].
    pub fn binary(&self, op: BinaryOp, rhs: &Self) -> Result<Self> {
        self.with(
            rhs,
            binary(op, &self.data, &rhs.data)?,
            matches!(op, BinaryOp::FloorDiv | BinaryOp::FloorMod | BinaryOp::Rem),
        )
    }
    /// The quotient as a float: see [`binary`](Self::binary).
    ///
    /// # Errors
    /// As [`true_divide`](super::true_divide).
    pub fn true_divide(&self, rhs: &Self) -> Result<Self> {
        self.with(rhs, super::true_divide(&self.data, &rhs.data)?, true)
    }
    fn with(&self, rhs: &Self, data: DynArray, divides: bool) -> Result<Self> {
        let mask = self.mask.bitor(&rhs.mask)?;
        if !divides {
            return Ok(Self { data, mask });
        }
        let size = |x: &DynArray| x.cast(DType::F64).abs();
        let small = size(&self.data)?.mul(f64::MIN_POSITIVE)?.ge(size(&rhs.data)?)?;
        Self::defined(data, &mask, &small)
    }
    /// What a function made that is not defined everywhere: what is outside or not finite does not count.
    fn defined(data: DynArray, mask: &DynArray, outside: &DynArray) -> Result<Self> {
        let broken = data.isfinite()?.logical_not();
        Ok(Self { mask: mask.bitor(outside)?.bitor(broken)?, data })
    }
    /// Elements of one array where a condition holds, of another elsewhere (`np.ma.where`). Where the condition does not count, the result does
    /// not.
    ///
    /// # Errors
    /// As [`where_`](super::where_).
    pub fn where_(condition: &Self, x: &Self, y: &Self) -> Result<Self> {
        let mask = where_(&condition.data, &x.mask, &y.mask)?.bitor(&condition.mask)?;
        Ok(Self { data: where_(&condition.data, &x.data, &y.data)?, mask })
    }

    /// A reduction of the elements that count, over axes or all. Where there are none, the result does not count.
    ///
    /// # Errors
    /// As [`DynArray::reduce_where`]; [`Error::DType`] for places of extremes and rows that skip NaN.
    pub fn reduce(&self, op: ReduceOp, axes: Option<Axes>, keepdims: bool, ddof: f64) -> Result<Self> {
        let (x, counts) = (&self.data, self.mask.logical_not());
        let mask = counts.reduce(ReduceOp::Any, axes.clone(), keepdims, 0.0)?.logical_not();
        let data = match op {
            ReduceOp::Min | ReduceOp::Max => {
                // What is beyond all that counts.
                let least = if x.dtype() == DType::Bool { 0.0 } else { f64::NEG_INFINITY };
                let end = if op == ReduceOp::Min { f64::INFINITY } else { least };
                let end = super::creation::scalar(Scalar::from_f64(x.dtype(), end));
                where_(&counts, x, &end)?.reduce(op, axes.clone(), keepdims, ddof)?
            }
            ReduceOp::Argmin | ReduceOp::Argmax => {
                return Err(Error::DType { op: op.name(), got: x.dtype(), expected: "a reduction of values" });
            }
            op => x.reduce_where(op, &counts, axes.clone(), keepdims, ddof)?,
        };
        // A variance of no degree of freedom is none.
        let few = || self.count(axes.clone(), keepdims)?.le(ddof);
        let mask = if matches!(op, ReduceOp::Var | ReduceOp::Std) { mask.bitor(few()?)? } else { mask };
        Ok(Self { data, mask })
    }
    /// The mean with weights of the elements that count (`np.ma.average`), and the sums of their weights.
    ///
    /// # Errors
    /// As [`reduce`](Self::reduce); [`Error::Broadcast`] for weights of another shape.
    pub fn average(&self, weights: &DynArray, axes: Option<Axes>) -> Result<(Self, Self)> {
        let made = float_of(promote(self.data.dtype(), weights.dtype()));
        let weights = Self::masked_array(&weights.broadcast_to(self.lengths()?)?.cast(made), &self.mask)?;
        let sums = weights.reduce(ReduceOp::Sum, axes.clone(), false, 0.0)?;
        let x = Self { data: self.data.cast(made), mask: self.mask.clone() };
        let products = x.binary(BinaryOp::Mul, &weights)?.reduce(ReduceOp::Sum, axes, false, 0.0)?;
        Ok((products.true_divide(&sums)?, sums))
    }
    fn lengths(&self) -> Result<Vec<usize>> {
        Ok(self.data.known_dims("average")?.into_iter().map(in_memory).collect())
    }
    /// Along each axis the places of the elements that count and are not zero (`np.ma.nonzero`).
    ///
    /// # Errors
    /// As [`DynArray::nonzero`].
    pub fn nonzero(&self) -> Result<Vec<DynArray>> {
        self.filled(0)?.nonzero()
    }
}
