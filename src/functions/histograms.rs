//! Histograms over several axes: the bin of each axis by search, all of them as one number, and the counts of those.

use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::histogram::Bins;
use super::promotion::promote;
use super::search::Side;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::graph::node::c_strides;
use crate::ops::ReduceOp;
use crate::width::{in_memory, signed};

/// A lazy histogram over several axes whose values' dtypes are known at run time.
#[derive(Clone, Debug)]
#[must_use = "histograms are lazy: compute their counts and edges"]
pub struct DynHistogramDd {
    /// One value a bin, an axis for each array of values: `i64` counts, or `f64` for weights and densities.
    pub counts: DynArray,
    /// Along each axis one more edge than bins, in `f64`.
    pub edges: Vec<DynArray>,
}

impl DynHistogramDd {
    /// Densities: counts or sums of weights over (their total · volume of the bin), so that the histogram integrates to 1.
    ///
    /// # Errors
    /// None in practice: the shapes fit.
    pub fn density(&self) -> Result<Self> {
        let counts = self.counts.cast(DType::F64);
        let total = counts.reduce(ReduceOp::Sum, None, false, 0.0)?;
        let mut density = counts;
        for (axis, edges) in self.edges.iter().enumerate() {
            let bins = signed(edges.known_dims("density")?[0]) - 1;
            let width = edges.span(0, 1, bins + 1).sub(edges.span(0, 0, bins))?;
            let behind: Vec<usize> = (1..self.edges.len() - axis).collect();
            density = density.div(width.insert_axis(behind)?)?;
        }
        Ok(Self { counts: density.div(total)?, edges: self.edges.clone() })
    }
}

/// Counts of points in the bins of a grid (`np.histogramdd`, `np.histogram2d`), or the sums of their weights: `values` has the points' places
/// along each axis, 1-d arrays of one length, and `bins` says how those are binned. A bin includes its left edges, the last one of an axis also
/// its right. Which bin a point is in is searched on the host, chunk by chunk; the counts are those of [`DynArray::histogram`].
///
/// # Errors
/// [`Error::Parameter`] for no arrays, for another number of `bins`, for more than 2²⁴ bins in all, and as [`DynArray::histogram`];
/// [`Error::Rank`] for arrays of other than one axis, [`Error::Broadcast`] for ones of different lengths. (Those of unknown length fit where one mask made them.)
///
/// ```
/// use gridloom::{DynArray, functions::histogramdd};
/// let [x, y] = [[1.0, 2.0, 2.0], [0.0, 3.0, 4.0]].map(|line| DynArray::from(gridloom::array(line)));
/// let histogram = histogramdd(&[x, y], &[(2, 0.0, 2.0).into(), vec![0.0, 3.0, 4.0].into()], None)?;
/// assert_eq!(histogram.counts.typed::<i64>()?.to_vec()?, [0, 0, 1, 2]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn histogramdd(values: &[DynArray], bins: &[Bins], weights: Option<&DynArray>) -> Result<DynHistogramDd> {
    let op = "histogramdd";
    if values.is_empty() || values.len() != bins.len() {
        let got = format!("of {} for {} arrays of values", bins.len(), values.len());
        return Err(Error::Parameter {
            op,
            what: "the list of bins",
            got,
            expected: "one for each array, of which there are some",
        });
    }
    of_one_length(op, values.iter().chain(weights))?;
    let dtype = values.iter().map(DynArray::dtype).fold(DType::Bool, promote);
    let axes = values.iter().zip(bins).map(|(values, bins)| axis_of(values, dtype, bins.clone()));
    let axes = axes.collect::<Result<Vec<_>>>()?;
    let counts: Vec<u64> = axes.iter().map(|axis| axis.bins.unsigned_abs()).collect();
    let all = counts.iter().try_fold(1u64, |all, &count| all.checked_mul(count));
    let all = infer::length(op, all.unwrap_or(u64::MAX))?;
    // The number of each point's bin in C order; that behind the last for points in none.
    let (mut number, mut inside): (Option<DynArray>, Option<DynArray>) = (None, None);
    for (axis, stride) in axes.iter().zip(c_strides(&counts)) {
        let term = axis.which.mul(stride)?;
        let within = axis.which.ge(0)?.bitand(axis.which.lt(axis.bins)?)?;
        number = Some(number.map_or_else(|| Ok(term.clone()), |number| number.add(&term))?);
        inside = Some(inside.map_or_else(|| Ok(within.clone()), |inside| inside.bitand(&within))?);
    }
    let (Some(number), Some(inside)) = (number, inside) else { return Err(Error::bug("a histogram of no axes")) };
    let number = where_(&inside, number, all)?;
    #[expect(clippy::cast_precision_loss, reason = "more than 2^24 bins are refused")]
    let bins = Bins::Range(in_memory(all.unsigned_abs()).saturating_add(1), 0.0, all as f64 + 1.0);
    let flat = match weights {
        Some(weights) => number.histogram_weighted(bins, weights)?,
        None => number.histogram(bins)?,
    };
    let lengths: Vec<i64> = axes.iter().map(|axis| axis.bins).collect();
    let counts = flat.counts.span(0, 0, all).reshape(lengths)?;
    Ok(DynHistogramDd { counts, edges: axes.into_iter().map(|axis| axis.edges).collect() })
}

fn of_one_length<'a>(op: &'static str, mut arrays: impl Iterator<Item = &'a DynArray>) -> Result<()> {
    let mut first: Option<&DynArray> = None;
    arrays.try_for_each(|array| {
        let dims = array.node().dims();
        if dims.len() != 1 {
            return Err(Error::Rank { op, expected: "arrays of one axis", given: String::new(), shape: dims });
        }
        let first = first.get_or_insert(array);
        let lhs = first.node().dims();
        // Those that are not known yet fit where one mask made them, which what is made of both sees.
        let (Some(other), Some(own)) = (lhs[0], dims[0]) else { return Ok(()) };
        if own == other {
            return Ok(());
        }
        Err(Error::Broadcast { op, lhs, rhs: dims, axis: 0, left: other.to_string(), right: own.to_string() })
    })
}

/// How the points are binned along an axis.
struct Binned {
    edges: DynArray,
    bins: i64,
    /// In which bin each point is; before the first or behind the last in none.
    which: DynArray,
}

fn axis_of(values: &DynArray, dtype: DType, bins: Bins) -> Result<Binned> {
    // Only the range of `f32` values themselves is cut in their precision.
    let found = matches!(bins, Bins::Count(_));
    let wide = if found && dtype == DType::F32 { values.cast(dtype) } else { values.cast(DType::F64) };
    let edges = wide.histogram(bins)?.edges;
    let bins = infer::length("histogramdd", edges.known_dims("histogramdd")?[0])? - 1;
    let wide = values.cast(DType::F64);
    let behind = edges.searchsorted(&wide, Side::Right)?;
    // What is on the last edge is in the last bin.
    let on_last = wide.eq(edges.index_axis(0, -1)?)?;
    Ok(Binned { which: behind.sub(1)?.sub(on_last.cast(DType::I64))?, edges, bins })
}
