//! Histograms: edges are an array of their own (computed from the data where no range is given), so that one
//! kernel serves every kind of bins.

use std::sync::Arc;

use super::super::node::structural_key;
use super::super::{HostFunction, Node, Op};
use super::elementwise::check_dtype;
use super::host::host;
use crate::chunks::Chunks;
use crate::dtype::{DType, Scalar, with_float};
use crate::error::Result;
use crate::host::HostBuffer;
use crate::ops::scalar::{Num, Real};

/// Counts `x` (or sums `weights`, `f64` and shaped like `x`) into the bins of the 1-d array `edges`.
///
/// # Errors
/// As broadcasting, where the shapes of `x` and `weights` differ; [`Error::DTypeMismatch`](crate::Error::DTypeMismatch) for edges that
/// have not the dtype of `x`, and weights that are not `f64`.
pub fn histogram(x: &Arc<Node>, edges: &Arc<Node>, weights: Option<&Arc<Node>>, uniform: bool) -> Result<Arc<Node>> {
    use crate::chunks::AxisChunks;
    let mut inputs = vec![x.clone(), edges.clone()];
    check_dtype("histogram edges", edges, if x.dtype.is_float() { x.dtype } else { DType::I64 })?;
    let dtype = if let Some(weights) = weights {
        check_dtype("histogram weights", weights, DType::F64)?;
        let chunks = super::broadcast_chunks("histogram weights", &[x, weights])?;
        if chunks.dims() != x.dims() || weights.dims() != x.dims() {
            return Err(crate::error::Error::BroadcastTo {
                op: "histogram weights",
                from: weights.dims(),
                to: x.dims(),
            });
        }
        inputs.push(weights.clone());
        DType::F64
    } else {
        DType::I64
    };
    let bins = match &edges.chunks.axes()[0] {
        AxisChunks::Unknown { .. } => {
            let id = crate::chunks::UnknownId(structural_key(&("bins between", edges.key)));
            AxisChunks::Unknown { id, chunks: 1 }
        }
        axis @ AxisChunks::Regular { .. } | axis @ AxisChunks::Irregular(_) => {
            let bins = axis.len().unwrap_or(0).saturating_sub(1);
            AxisChunks::regular(bins, bins)
        }
    };
    Ok(Node::new(Op::Histogram { uniform }, inputs, dtype, Chunks::new(vec![bins])))
}

/// `bins + 1` edges of equal bins between the values of two 0-d arrays, by NumPy's rule: an empty range is widened by
/// half on each side, that of no values (the first above the second) is [0, 1]; edges are `start + i·step` with the last one
/// exactly the end.
#[must_use]
pub fn uniform_edges(low: &Arc<Node>, high: &Arc<Node>, bins: u64, dtype: DType) -> Arc<Node> {
    let run = move |task: &super::super::HostTask<'_>| {
        let value = |i: usize| Scalar::from_stored(task.inputs[i].0.dtype(), task.inputs[i].0.bytes()).to_f64();
        let (low, high) = if value(0) > value(1) { (0.0, 1.0) } else { (value(0), value(1)) };
        check_range(low, high)?;
        // NumPy computes in `f32` between `f32` values.
        let edges =
            with_float!(dtype.as_float(), T => HostBuffer::from_vec::<T>(spaced(T::of(low), T::of(high), bins)));
        Ok((edges, vec![bins + 1]))
    };
    let function = HostFunction::named("edges", &(bins, dtype), run);
    host(function, vec![low.clone(), high.clone()], dtype, Chunks::whole(&[bins + 1]))
}

fn check_range(low: f64, high: f64) -> Result<()> {
    if low.is_finite() && high.is_finite() {
        return Ok(());
    }
    Err(crate::error::Error::Parameter {
        op: "histogram",
        what: "range of the data",
        got: format!("[{low}, {high}]"),
        expected: "finite: give a range, or filter NaN and infinities out",
    })
}

/// NumPy's `linspace(low, high, bins + 1)` as `dtype`.
pub(crate) fn edges_between(low: f64, high: f64, bins: u64, dtype: DType) -> Result<HostBuffer> {
    check_range(low, high)?;
    let edges = spaced(low, high, bins);
    Ok(with_float!(dtype.as_float(), T => HostBuffer::from_vec::<T>(edges.into_iter().map(T::of).collect())))
}

/// `bins + 1` ascending numbers at equal distances between two finite ones, both included.
fn spaced<T: Real>(mut low: T, mut high: T, bins: u64) -> Vec<T> {
    let half = T::of(0.5);
    if low == high {
        (low, high) = (low.sub(half), high.add(half));
    }
    let width = high.sub(low);
    let count = T::of(bins as f64);
    let edge = |i: u64| {
        let at = T::of(i as f64);
        if width.isfinite() {
            return low.add(at.mul(width.div(count)));
        }
        // Their distance is no number, but that of their halves is.
        let (low, high) = (low.mul(half), high.mul(half));
        low.add(at.mul(high.sub(low).div(count))).mul(T::of(2.0))
    };
    // Rounding may lead beyond the end where bins are as narrow as numbers lie.
    (0..=bins).map(|i| if i == bins { high } else { Num::min(edge(i), high) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ranges wider than a number, of subnormal numbers, and as narrow as numbers lie.
    #[test]
    fn edges_ascend_from_end_to_end() {
        let ranges = [
            (-1e308, 1e308),
            (f64::MIN, f64::MAX),
            (0.0, 7.0 * f64::from_bits(1)),
            (1e16, 1e16),
            (1.0, 1.0f64.next_up()),
        ];
        for ((low, high), bins) in ranges.into_iter().flat_map(|range| [1, 2, 4, 10, 1000].map(|bins| (range, bins))) {
            let edges = spaced(low, high, bins);
            assert_eq!(edges.len() as u64, bins + 1);
            assert!(edges.is_sorted() && edges.iter().all(|e| e.is_finite()), "{low}..{high} in {bins}: {edges:?}");
            assert!(edges[0] <= low && edges[edges.len() - 1] >= high, "{low}..{high} in {bins}: {edges:?}");
        }
        assert_eq!(spaced(f32::MIN, f32::MAX, 2), [f32::MIN, 0.0, f32::MAX]);
        assert_eq!(spaced(-1e308, 1e308, 4), [-1e308, -5e307, 0.0, 5e307, 1e308]);
    }
}
