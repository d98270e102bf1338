//! Histograms: edges are an array of their own (computed from the data where no range is given), so that one
//! kernel serves every kind of bins.

use std::sync::Arc;

use super::super::{HostFunction, Node, Op};
use super::host;
use crate::chunks::Chunks;
use crate::dtype::DType;
use crate::error::Result;
use crate::host::HostBuffer;

/// Counts `x` (or sums `weights`, `f64` and shaped like `x`) into the bins of the 1-d array `edges`.
///
/// # Errors
/// As broadcasting, where the shapes of `x` and `weights` differ.
pub fn histogram(x: &Arc<Node>, edges: &Arc<Node>, weights: Option<&Arc<Node>>, uniform: bool) -> Result<Arc<Node>> {
    use crate::chunks::AxisChunks;
    let mut inputs = vec![x.clone(), edges.clone()];
    let dtype = if let Some(weights) = weights {
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
        AxisChunks::Unknown { .. } => AxisChunks::Unknown { id: crate::chunks::UnknownId(edges.key ^ 1), chunks: 1 },
        axis => {
            let bins = axis.len().unwrap_or(0).saturating_sub(1);
            AxisChunks::regular(bins, bins)
        }
    };
    Ok(Node::new(Op::Histogram { uniform }, inputs, dtype, Chunks::new(vec![bins])))
}

/// `bins + 1` edges of equal bins between the values of two 0-d arrays, by NumPy's rule: an empty range is widened by
/// half on each side; edges are `start + i·step` with the last one exactly the end.
#[must_use]
pub fn uniform_edges(low: &Arc<Node>, high: &Arc<Node>, bins: u64, dtype: DType) -> Arc<Node> {
    let run = move |task: &super::super::HostTask<'_>| {
        let value =
            |i: usize| crate::dtype::Scalar::from_stored(task.inputs[i].0.dtype(), task.inputs[i].0.bytes()).to_f64();
        let edges = edges_of_data(value(0), value(1), bins, dtype)?;
        Ok((edges, vec![bins + 1]))
    };
    let function = HostFunction { name: "edges".into(), run: Box::new(run) };
    host(function, vec![low.clone(), high.clone()], dtype, Chunks::whole(&[bins + 1]))
}

/// NumPy's `linspace(low, high, bins + 1)` as `dtype`.
pub(crate) fn edges_between(mut low: f64, mut high: f64, bins: u64, dtype: DType) -> Result<HostBuffer> {
    if !(low.is_finite() && high.is_finite()) {
        return Err(crate::error::Error::Parameter {
            op: "histogram",
            what: "range of the data",
            got: format!("[{low}, {high}]"),
            expected: "finite: give a range, or filter NaN and infinities out",
        });
    }
    if low == high {
        (low, high) = (low - 0.5, high + 0.5);
    }
    let step = (high - low) / bins as f64;
    let edge = |i: u64| if i == bins { high } else { low + i as f64 * step };
    Ok(match dtype {
        DType::F32 => HostBuffer::from_vec::<f32>((0..=bins).map(|i| edge(i) as f32).collect()),
        _ => HostBuffer::from_vec::<f64>((0..=bins).map(edge).collect()),
    })
}

/// The same between the smallest and the largest value: NumPy computes in `f32` between `f32` values.
fn edges_of_data(low: f64, high: f64, bins: u64, dtype: DType) -> Result<HostBuffer> {
    if dtype != DType::F32 || !(low.is_finite() && high.is_finite()) {
        return edges_between(low, high, bins, dtype);
    }
    let (mut low, mut high) = (low as f32, high as f32);
    if low == high {
        (low, high) = (low - 0.5, high + 0.5);
    }
    let step = (high - low) / bins as f32;
    let edge = |i: u64| if i == bins { high } else { low + i as f32 * step };
    Ok(HostBuffer::from_vec::<f32>((0..=bins).map(edge).collect()))
}
