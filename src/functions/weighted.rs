//! Quantiles of elements that count as much as their weights say.

use super::arguments::Axes;
use super::creation::full;
use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::joining::stack;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::graph::{HostFunction, HostTask, infer};
use crate::host::HostBuffer;
use crate::ops::{ReduceOp, Sorting};
use crate::width::{in_memory, signed};

const OP: &str = "quantile";

impl DynArray {
    /// Quantiles of all elements, or over axes, of elements with weights (`np.quantile` of `weights`), on a new first axis: the first element in
    /// their order up to which the weights sum to `q` of all of them (NumPy's `inverted_cdf`). `weights` has the array's shape, or that of the
    /// axes that go, in the order in which they are named. NaN where there is one; or `skip_nan` leaves those out, and lines of which nothing that
    /// weighs something is left are NaN. Of the array's dtype.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a `q` that is not between 0 and 1, and weights of another shape; [`Error::EmptyReduction`];
    /// [`Error::UnknownLength`]. Computing fails with [`Error::Parameter`] for weights that are negative, not finite, or all 0.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([3, 1, 2]).into();
    /// let weights: DynArray = gridloom::array([1.0, 1.0, 8.0]).into();
    /// assert_eq!(x.quantiles_weighted(&[0.1, 0.5, 0.95], &weights, None, false)?.typed::<i32>()?.to_vec()?, [1, 2, 3]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn quantiles_weighted(&self, q: &[f64], weights: &Self, axes: Option<Axes>, skip_nan: bool) -> Result<Self> {
        if let Some(other) = q.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            let (what, got) = ("q", other.to_string());
            return Err(Error::Parameter { op: OP, what, got, expected: "between 0 and 1" });
        }
        let (x, weights) = self.lines_with_weights(weights, axes)?;
        let len = signed(x.known_dims(OP)?[x.ndim() - 1]);
        if len == 0 {
            return Err(Error::EmptyReduction { op: OP, shape: self.node().dims() });
        }
        let skip_nan = skip_nan && x.dtype().is_float();
        let weights = if skip_nan { where_(&x.isnan()?, 0.0, weights)? } else { weights };
        let order = x.sort_by(Sorting { places: true, descending: false }, Some((-1).into()))?;
        let sorted = x.take_along_axis(&order, -1)?;
        let share = shares(&weights.take_along_axis(&order, -1)?, skip_nan);
        let one = |&q: &f64| {
            let before = share.lt(q)?.cast(DType::I64).reduce(ReduceOp::Sum, Some((-1).into()), true, 0.0)?;
            let at = sorted.take_along_axis(&before.clip_high(len - 1)?, -1)?.remove_axis(-1)?;
            if !x.dtype().is_float() {
                return Ok(at);
            }
            // NaN is last; a line of which nothing is left has no share.
            let last =
                if skip_nan { share.index_axis(-1, -1)?.lt(0.0)? } else { sorted.index_axis(-1, -1)?.isnan()? };
            where_(&last, f64::NAN, at)
        };
        let quantiles = q.iter().map(one).collect::<Result<Vec<_>>>()?;
        if quantiles.is_empty() {
            let mut shape = x.shape().unwrap_or_default();
            shape.rotate_right(1);
            shape[0] = 0;
            return Ok(full(shape, Scalar::from_i64(self.dtype(), 0)));
        }
        stack(&quantiles, 0)
    }

    /// The elements of each line along a last axis, which is the axes that go, and the weights of each in the same shape.
    fn lines_with_weights(&self, weights: &Self, axes: Option<Axes>) -> Result<(Self, Self)> {
        let dims = self.known_dims(OP)?;
        let named = axes.map_or_else(|| (0..self.ndim()).map(infer::axis_number).collect(), |axes| axes.0);
        let over = self.axes_in_order(OP, &named)?;
        let own = weights.known_dims(OP)?;
        let weights = if own == dims {
            weights.clone()
        } else if own == over.iter().map(|&axis| dims[axis]).collect::<Vec<_>>() {
            let mut order: Vec<usize> = (0..own.len()).collect();
            order.sort_by_key(|&k| over[k]);
            let others: Vec<usize> = (0..dims.len()).filter(|axis| !over.contains(axis)).collect();
            let shape: Vec<usize> = self.shape().unwrap_or_default();
            weights.permute_axes(order)?.insert_axis(others)?.broadcast_to(shape)?
        } else {
            let text = |dims: &[u64]| crate::text::format_shape(&dims.iter().copied().map(Some).collect::<Vec<_>>());
            let got = format!("{} for an array of shape {}", text(&own), text(&dims));
            let expected = "that of the array, or of the axes that go";
            return Err(Error::Parameter { op: OP, what: "shape of the weights", got, expected });
        };
        let behind: Vec<i64> = (-infer::axis_number(over.len())..0).collect();
        let mut ordered = over.clone();
        ordered.sort_unstable();
        let kept = (0..dims.len()).filter(|axis| !over.contains(axis)).map(|axis| signed(dims[axis]));
        let count = over.iter().map(|&axis| dims[axis]).product();
        let lengths: Vec<i64> = kept.chain([signed(count)]).collect();
        let lines = |x: &Self| x.move_axis(ordered.clone(), behind.clone())?.reshape(lengths.clone());
        Ok((lines(self)?, lines(&weights.cast(DType::F64))?))
    }
}

/// Of each weight the sum up to it over that of its line, which is one chunk: on the host, so that it is the same number on all devices. What
/// weighs nothing before the first that weighs something is no quantile, of 0 either. Lines of nothing are refused, or have no share where NaN was
/// left out.
fn shares(weights: &DynArray, skip_nan: bool) -> DynArray {
    let run = move |task: &HostTask<'_>| {
        let [(weights, shape)] = task.inputs else { return Err(Error::bug("weights of one array")) };
        let mut out = HostBuffer::scratch(DType::F64, weights.len())?;
        let len = in_memory(shape.last().copied().unwrap_or(1)).max(1);
        let lines = weights.stored::<f64>().chunks_exact(len).zip(out.stored_mut::<f64>().chunks_exact_mut(len));
        lines.into_iter().try_for_each(|(weights, shares)| line_of_shares(weights, shares, skip_nan))?;
        Ok((out, shape.clone()))
    };
    let function = HostFunction::named("shares of weights", &skip_nan, run);
    infer::host(function, vec![weights.node().clone()], DType::F64, weights.chunks().clone()).into()
}

fn line_of_shares(weights: &[f64], shares: &mut [f64], skip_nan: bool) -> Result<()> {
    let refuse = |what, other: f64, expected| Err(Error::Parameter { op: OP, what, got: other.to_string(), expected });
    let mut sum = 0.0;
    for (weight, share) in weights.iter().zip(&mut *shares) {
        if weight.is_nan() || *weight < 0.0 {
            return refuse("weight", *weight, "0 or more");
        }
        sum += weight;
        *share = sum;
    }
    if !sum.is_finite() || (sum == 0.0 && !skip_nan) {
        return refuse("sum of weights", sum, "finite, and more than 0");
    }
    shares.iter_mut().for_each(|share| *share = if *share == 0.0 { -1.0 } else { *share / sum });
    Ok(())
}
