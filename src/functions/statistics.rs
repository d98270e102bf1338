//! Statistics and differences that are made of reductions, scans and products.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use super::elementwise::float_of;
use super::joining::concatenate;
use super::products::dot;
use super::promotion::{DynOperand, promote};
use crate::chunks::{AxisSpec, ChunkSpec};
use crate::dtype::Scalar;
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::ops::{ReduceOp, ScanOp};

impl DynArray {
    /// The largest less the smallest of all elements (`np.ptp`), a 0-d array; NaN if there is one. Integers wrap.
    ///
    /// # Errors
    /// [`Error::EmptyReduction`] of nothing; [`Error::DType`] for `bool`.
    pub fn ptp(&self) -> Result<Self> {
        self.max()?.sub(self.min()?)
    }
    /// The largest less the smallest over the given axes, which go (`np.ptp`).
    ///
    /// # Errors
    /// As [`max_axis`](Self::max_axis); [`Error::DType`] for `bool`.
    pub fn ptp_axis(&self, axes: impl Into<Axes>) -> Result<Self> {
        let axes = axes.into();
        self.max_axis(axes.clone())?.sub(self.min_axis(axes)?)
    }

    /// The mean with weights of the same shape (`np.average`): see [`Array::average`](crate::Array::average).
    ///
    /// # Errors
    /// [`Error::Broadcast`] for weights of another shape.
    pub fn average(&self, weights: &Self) -> Result<Self> {
        self.weighted(weights, None)
    }
    /// The mean over axes, which go, with weights of the same shape, or of the axes alone: see
    /// [`Array::average_axis`](crate::Array::average_axis).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`]; [`Error::Rank`] for weights of another number of axes, [`Error::Broadcast`] of
    /// other lengths.
    pub fn average_axis(&self, weights: &Self, axes: impl Into<Axes>) -> Result<Self> {
        self.weighted(weights, Some(axes.into()))
    }
    /// The mean with weights, and the sums of weights that it was divided by (`np.average(.., returned=True)`), in its shape: over axes, which
    /// go, or over all.
    ///
    /// # Errors
    /// As [`average_axis`](Self::average_axis).
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([[1.0, 2.0], [3.0, 5.0]]).into();
    /// let weights: DynArray = gridloom::array([3.0, 1.0]).into();
    /// let (means, sums) = x.average_and_weights(&weights, Some(1.into()))?;
    /// assert_eq!(means.typed::<f64>()?.to_vec()?, [1.25, 3.5]);
    /// assert_eq!(sums.typed::<f64>()?.to_vec()?, [4.0, 4.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn average_and_weights(&self, weights: &Self, axes: Option<Axes>) -> Result<(Self, Self)> {
        let (products, sums) = self.weighted_sums(weights, axes)?;
        let sums = match products.shape() {
            Some(shape) => sums.broadcast_to(shape)?,
            None => sums,
        };
        Ok((products.div(&sums)?, sums))
    }
    fn weighted(&self, weights: &Self, axes: Option<Axes>) -> Result<Self> {
        let (products, sums) = self.weighted_sums(weights, axes)?;
        products.div(sums)
    }
    /// The sums of products with weights, and those of the weights, which are broadcast along the axes that stay.
    fn weighted_sums(&self, weights: &Self, axes: Option<Axes>) -> Result<(Self, Self)> {
        let op = "average";
        // Integers and bool in f64, whatever the weights are.
        let dtype = float_of(promote(float_of(self.dtype()), weights.dtype()));
        let named =
            axes.as_ref().map_or_else(|| (0..self.ndim()).map(infer::axis_number).collect(), |axes| axes.0.clone());
        let over = self.axes_in_order(op, &named)?;
        let weights = match weights.ndim() {
            ndim if ndim == self.ndim() && (over.len() < ndim || weights.node().dims() == self.node().dims()) => {
                weights.clone()
            }
            // Of the named axes, in their order: others are beside it.
            ndim if ndim == over.len() => {
                let mut order: Vec<usize> = (0..ndim).collect();
                order.sort_by_key(|&k| over[k]);
                weights
                    .permuted(&order)
                    .insert_axis((0..self.ndim()).filter(|k| !over.contains(k)).collect::<Vec<_>>())?
            }
            _ => {
                let given =
                    format!("an array of shape {} and weights of ", crate::text::format_shape(&self.node().dims()));
                let expected = "weights of the array's axes, or of those that go";
                return Err(Error::Rank { op, expected, given, shape: weights.node().dims() });
            }
        };
        let (own, other) = (self.node().dims(), weights.node().dims());
        // Weights that are broadcast along an axis which goes would count once, not once a place.
        let differ = |k: &usize| own[*k] != other[*k] && (other[*k] != Some(1) || over.contains(k));
        if let Some(axis) = (0..own.len()).find(differ) {
            let text = |len: Option<u64>| len.map_or("unknown".to_owned(), |len| len.to_string());
            let (left, right) = (text(own[axis]), text(other[axis]));
            return Err(Error::Broadcast { op, lhs: own, rhs: other, axis, left, right });
        }
        let (x, weights) = (self.cast(dtype), weights.cast(dtype));
        let products = x.mul(&weights)?;
        let sum = |x: &Self| x.reduce(ReduceOp::Sum, Some(Axes(named.clone())), false, 0.0);
        Ok((sum(&products)?, sum(&weights)?))
    }

    /// The covariances of rows (`np.cov`): see [`Array::cov`](crate::Array::cov).
    ///
    /// # Errors
    /// [`Error::Rank`] for 0-d and n-d arrays; [`Error::UnknownLength`]; [`Error::Parameter`] for a `ddof` that is not finite.
    pub fn cov(&self, ddof: f64) -> Result<Self> {
        let op = "cov";
        if !(1..=2).contains(&self.ndim()) {
            let (given, shape) = (String::new(), self.node().dims());
            return Err(Error::Rank { op, expected: "a 1-d or 2-d array", given, shape });
        }
        if !ddof.is_finite() {
            let got = ddof.to_string();
            return Err(Error::Parameter { op, what: "ddof", got, expected: "a finite number" });
        }
        let x = self.cast(float_of(self.dtype())).atleast_2d()?;
        let observations = x.length_of(op, 1)?;
        let centred = x.sub(x.reduce(ReduceOp::Mean, Some(1.into()), true, 0.0)?)?;
        #[expect(clippy::cast_precision_loss, reason = "a number to divide by")]
        let divisor = (observations as f64 - ddof).max(0.0);
        let all = dot(&centred, &centred.t())?.div(divisor)?;
        Ok(all.squeeze())
    }
    /// The correlation coefficients of rows (`np.corrcoef`): see [`Array::corrcoef`](crate::Array::corrcoef).
    ///
    /// # Errors
    /// As [`cov`](Self::cov).
    pub fn corrcoef(&self) -> Result<Self> {
        let covariance = self.cov(1.0)?;
        if covariance.ndim() == 0 {
            return covariance.div(&covariance);
        }
        let deviation = covariance.diagonal(0, [0, 1])?.sqrt()?;
        covariance.div(deviation.insert_axis(1)?)?.div(deviation)?.clip(-1.0, 1.0)
    }

    /// The sums of the elements up to each along an axis (`np.cumulative_sum`), after a 0 if `include_initial` says so.
    ///
    /// # Errors
    /// As [`scan`](Self::scan).
    pub fn cumulative_sum(&self, axis: impl Into<Axes>, include_initial: bool) -> Result<Self> {
        self.cumulative(ScanOp::Cumsum, axis.into(), include_initial.then_some(0))
    }
    /// The products of the elements up to each along an axis (`np.cumulative_prod`), after a 1 if `include_initial` says so.
    ///
    /// # Errors
    /// As [`scan`](Self::scan).
    pub fn cumulative_prod(&self, axis: impl Into<Axes>, include_initial: bool) -> Result<Self> {
        self.cumulative(ScanOp::Cumprod, axis.into(), include_initial.then_some(1))
    }
    fn cumulative(&self, op: ScanOp, axis: Axes, first: Option<i64>) -> Result<Self> {
        let at = self.one_axis(op.name(), axis.clone())?;
        let scanned = self.scan(op, Some(axis))?;
        let Some(first) = first else { return Ok(scanned) };
        let mut shape = scanned.known_dims(op.name())?;
        shape[at] = 1;
        let value = Scalar::from_i64(scanned.dtype(), first);
        let first = infer::broadcast_to(super::creation::scalar(value).node(), &shape)?;
        concatenate(&[first.into(), scanned], at)
    }

    /// The differences of neighbours of all elements in C order, between numbers of one's own (`np.ediff1d`).
    ///
    /// # Errors
    /// [`Error::UnknownLength`].
    pub fn ediff1d(&self, before: Option<&Self>, after: Option<&Self>) -> Result<Self> {
        let ravelled = |x: Option<&Self>| x.map(|x| x.cast(self.dtype()).ravel()).transpose();
        let parts = [ravelled(before)?, Some(self.ravel()?.diff(1, 0)?), ravelled(after)?];
        concatenate(&parts.into_iter().flatten().collect::<Vec<_>>(), 0)
    }
    /// The slope along an axis at places `spacing` apart (`np.gradient`): see [`Array::gradient`](crate::Array::gradient).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`]; [`Error::Parameter`] for an axis of less than 2 places.
    pub fn gradient(&self, spacing: f64, axis: impl Into<Axes>) -> Result<Self> {
        let op = "gradient";
        let at = self.one_axis(op, axis)?;
        self.known_dims(op)?;
        let len = self.length_of(op, at)?;
        if len < 2 {
            let expected = "2 or more: slopes lie between places";
            return Err(Error::Parameter { op, what: "the axis' length", got: len.to_string(), expected });
        }
        let x = self.cast(float_of(self.dtype()));
        let slope = |from: i64, to: i64, count: i64, distance: f64| {
            x.span(at, to, to + count).sub(x.span(at, from, from + count))?.div(distance)
        };
        let inside = slope(0, 2, len - 2, 2.0 * spacing)?;
        let joined = concatenate(&[slope(0, 1, 1, spacing)?, inside, slope(len - 2, len - 1, 1, spacing)?], at)?;
        let own = x.chunks().axes().iter().cloned().map(AxisSpec::Like);
        joined.rechunk(ChunkSpec::Axes(own.collect()))
    }
    /// The area below the places along an axis, which goes, by trapezoids (`np.trapezoid`): see
    /// [`Array::trapezoid`](crate::Array::trapezoid).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`]; [`Error::Broadcast`] for places that do not fit.
    pub fn trapezoid(&self, spacing: impl Into<DynOperand>, axis: impl Into<Axes>) -> Result<Self> {
        let op = "trapezoid";
        let at = self.one_axis(op, axis)?;
        let len = self.length_of(op, at)?;
        let x = self.cast(float_of(self.dtype()));
        let ends = x.span(at, 1, len.max(1)).add(x.span(at, 0, (len - 1).max(0)))?;
        let widths = match spacing.into() {
            DynOperand::Array(places) if places.ndim() == 1 => {
                let behind: Vec<usize> = (1..self.ndim() - at).collect();
                DynOperand::Array(places.cast(float_of(places.dtype())).diff(1, 0)?.insert_axis(behind)?)
            }
            DynOperand::Array(places) if places.ndim() > 1 => DynOperand::Array(
                places
                    .cast(float_of(places.dtype()))
                    .diff(1, infer::axis_number(at) - infer::axis_number(self.ndim()))?,
            ),
            distance => distance,
        };
        ends.mul(widths)?.mul(0.5)?.sum_axis(at)
    }
}
