//! Sums of products of an array with another that slides along it (`np.convolve`, `np.correlate`): shifted views, each multiplied by a tap, in
//! one expression.

use super::creation::arange;
use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::pad::PadMode;
use super::promotion::{DynOperand, result_type};
use crate::dtype::DType;
use crate::error::{Error, Result};
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
        let widths = (in_memory(before.unsigned_abs()), in_memory(after.unsigned_abs()));
        let padded = self.cast(sums).pad(widths, &PadMode::constant(0))?;
        let (taps, long) = (taps.cast(sums), len + before + after - count + 1);
        // Behind the ends there is nothing: not a zero, of which a term that is infinite or NaN would make NaN.
        let place = arange(DType::I64, in_memory(long.unsigned_abs()));
        let term = |k: i64| {
            let product = padded.span(0, k, k + long).mul(taps.span(0, k, k + 1))?;
            if !sums.is_float() || before + after == 0 {
                return Ok(product);
            }
            where_(&place.ge(before - k)?.bitand(place.lt(before + len - k)?)?, &product, 0.0)
        };
        let sum = (1..count).try_fold(term(0)?, |sum, k| sum.add(term(k)?))?;
        Ok(sum.cast(dtype))
    }
}
