//! Sums of products of an array with another that slides along it (`np.convolve`, `np.correlate`): shifted views, each multiplied by a tap, in
//! one expression; and where it reaches beyond an end, a small matrix of it.

use super::creation::{arange, full};
use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::joining::concatenate;
use super::promotion::{DynOperand, result_type};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::ops::ReduceOp;
use crate::width::in_memory;

/// Taps of the shorter array at most: each is a term of the sum.
const MOST_TAPS: i64 = 128;

/// Where the shorter array lies along the longer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// Wherever they share a place (`"full"`): `n + m - 1` sums.
    #[default]
    Full,
    /// As many sums as the longer one has elements (`"same"`), in the middle.
    Same,
    /// Where all of the shorter one lies on the longer (`"valid"`).
    Valid,
}

impl DynArray {
    /// The convolution of two 1-d arrays (`np.convolve`): see [`Array::convolve`](crate::Array::convolve).
    ///
    /// # Errors
    /// [`Error::Rank`] for arrays of other than one axis; [`Error::Parameter`] for empty ones and where both have more than 128 elements;
    /// [`Error::UnknownLength`].
    pub fn convolve(&self, taps: &Self, overlap: Overlap) -> Result<Self> {
        let op = "convolve";
        let (n, m) = (self.line(op)?, taps.line(op)?);
        let (long, short) = if n < m { (taps, self) } else { (self, taps) };
        long.slid(op, &short.flip()?, overlap)
    }

    /// The cross-correlation of two 1-d arrays (`np.correlate`): see [`Array::correlate`](crate::Array::correlate).
    ///
    /// # Errors
    /// As [`convolve`](Self::convolve).
    pub fn correlate(&self, taps: &Self, overlap: Overlap) -> Result<Self> {
        let op = "correlate";
        let (n, m) = (self.line(op)?, taps.line(op)?);
        if n < m { taps.slid(op, self, overlap)?.flip() } else { self.slid(op, taps, overlap) }
    }

    /// The length of a 1-d array with elements.
    fn line(&self, op: &'static str) -> Result<i64> {
        let (given, shape) = (String::new(), self.node().dims());
        if shape.len() != 1 {
            return Err(Error::Rank { op, expected: "arrays of one axis", given, shape });
        }
        match self.length_of(op, 0)? {
            0 => Err(Error::Parameter { op, what: "the length of an array", got: "0".into(), expected: "1 or more" }),
            len => Ok(len),
        }
    }

    /// The sums of products with another array, no longer, at each of its places.
    fn slid(&self, op: &'static str, taps: &Self, overlap: Overlap) -> Result<Self> {
        let (len, count) = (self.line(op)?, taps.line(op)?);
        if count > MOST_TAPS {
            let expected = "at most 128: sums of more terms need a Fourier transform, which is not there yet";
            return Err(Error::Parameter {
                op,
                what: "the length of the shorter array",
                got: count.to_string(),
                expected,
            });
        }
        let dtype = result_type(&[DynOperand::from(self), DynOperand::from(taps)])?;
        // Of truth values whether any product is true.
        let sums = if dtype == DType::Bool { DType::I32 } else { dtype };
        let (before, after) = match overlap {
            Overlap::Full => (count - 1, count - 1),
            Overlap::Same => (count / 2, count - count / 2 - 1),
            Overlap::Valid => (0, 0),
        };
        let (x, taps, whole) = (self.cast(sums), taps.cast(sums), len - count + 1);
        let term = |k: i64| x.span(0, k, k + whole).mul(taps.span(0, k, k + 1));
        let middle = (1..count).try_fold(term(0)?, |sum, k| sum.add(term(k)?))?;
        let mut parts = vec![middle];
        if before > 0 {
            parts.insert(0, x.hanging(&taps, (0, before), (0, count), before)?);
        }
        if after > 0 {
            let end = before + whole;
            parts.push(x.hanging(&taps, (end, end + after), (len - count, len), before)?);
        }
        let sum = concatenate(&parts, 0)?;
        Ok(sum.cast(dtype))
    }

    /// The sums at places where the other array reaches beyond an end, which has elements of `from` to `to` alone: of those that are
    /// there, for a zero beside them would make NaN of a term that is infinite. As a matrix, of few rows and columns.
    fn hanging(&self, taps: &Self, (top, bottom): (i64, i64), (from, to): (i64, i64), before: i64) -> Result<Self> {
        let count = taps.line("convolve")?;
        let number = |start: i64, end: i64| arange(DType::I64, in_memory((end - start).unsigned_abs())).add(start);
        let tap = number(from, to)?.insert_axis(0)?.add(before)?.sub(number(top, bottom)?.insert_axis(1)?)?;
        let matrix = taps.insert_axis(0)?.take_along_axis(&tap.clip_low(0)?.clip_high(count - 1)?, 1)?;
        let is_there = tap.ge(0)?.bitand(tap.lt(count)?)?;
        let zero = full((), Scalar::from_i64(self.dtype(), 0));
        let terms = where_(&is_there, self.span(0, from, to).mul(matrix)?, zero)?;
        Ok(terms.reduce(ReduceOp::Sum, Some(1.into()), false, 0.0)?.cast(self.dtype()))
    }
}
