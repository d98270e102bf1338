//! Angles that go on across their period.

use super::arguments::Axes;
use super::creation::full;
use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::joining::concatenate;
use super::promotion::{DynOperand, result_type};
use crate::chunks::{AxisSpec, ChunkSpec};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::width::in_memory;

impl DynArray {
    /// Angles along an axis, moved by multiples of a period so that neighbours differ by no more than half of it (`np.unwrap`). Differences below
    /// `discont`, half of the period without one, stay as they are. Integers with an integer period stay integers.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`]; [`Error::DType`] for a period that is an array of several numbers, or `bool`.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([0, 1, 2, -1, 0]).into();
    /// assert_eq!(x.unwrap_phase(4, None, 0)?.typed::<i32>()?.to_vec()?, [0, 1, 2, 3, 4]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "unwrap")]
    pub fn unwrap_phase(
        &self,
        period: impl Into<DynOperand>,
        discont: Option<f64>,
        axis: impl Into<Axes>,
    ) -> Result<Self> {
        let (op, period) = ("unwrap", period.into());
        let at = self.one_axis(op, axis)?;
        let axis = infer::axis_number(at);
        let steps = self.diff(1, axis)?;
        let dtype = result_type(&[(&steps).into(), period.clone()])?;
        if dtype == DType::Bool {
            return Err(Error::DType { op, got: dtype, expected: "numbers" });
        }
        let period = period.of_dtype(op, dtype)?;
        let steps = steps.cast(dtype);
        let whole = dtype.is_integer();
        let half = if whole { period.floor_div(2)? } else { period.div(2.0)? };
        let low = half.neg()?;
        let around = steps.sub(&low)?.floor_mod(&period)?.add(&low)?;
        // A step of half a period is as well one down as one up: it keeps its sign.
        let up = around.eq(&low)?.bitand(steps.gt(0)?)?;
        let up = if whole { up.bitand(period.floor_mod(2)?.eq(0)?)? } else { up };
        let around = where_(&up, &half, &around)?;
        let small = match discont {
            Some(least) => steps.abs()?.lt(least)?,
            None if whole => steps.abs()?.cast(DType::F64).lt(period.cast(DType::F64).div(2.0)?)?,
            None => steps.abs()?.lt(half)?,
        };
        let moved = where_(&small, 0, around.sub(&steps)?)?.cumsum_axis(axis)?;
        let x = self.cast(moved.dtype());
        let mut shape: Vec<usize> = self.known_dims(op)?.into_iter().map(in_memory).collect();
        let along = &mut shape[at];
        *along = (*along).min(1);
        let zeros = full(shape, Scalar::from_i64(moved.dtype(), 0));
        let moved = concatenate(&[zeros, moved], axis)?;
        let like = ChunkSpec::Axes(self.chunks().axes().iter().cloned().map(AxisSpec::Like).collect());
        Ok(x.add(moved.rechunk(like)?)?.cast(dtype))
    }
}
