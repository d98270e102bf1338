//! Histograms and bin counts.

use std::cmp::Ordering;
use std::sync::Arc;

use super::dyn_array::DynArray;
use super::source;
use crate::chunks::{AxisChunks, Chunks, UnknownId};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::graph::node::structural_key;
use crate::graph::{HostFunction, Node, infer};
use crate::host::HostBuffer;
use crate::ops::ReduceOp;
use crate::width::signed;

/// Bins of one histogram: each task counts in a few tables of them.
const MOST_BINS: usize = 1 << 24;

/// How values are binned.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Bins {
    /// That many equal bins between the smallest and the largest value, which one fused pass finds first.
    Count(usize),
    /// That many equal bins between two values.
    Range(usize, f64, f64),
    /// Bins between these ascending edges.
    Edges(Vec<f64>),
}
impl From<usize> for Bins {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}
impl From<(usize, f64, f64)> for Bins {
    fn from((count, low, high): (usize, f64, f64)) -> Self {
        Self::Range(count, low, high)
    }
}
impl From<Vec<f64>> for Bins {
    fn from(edges: Vec<f64>) -> Self {
        Self::Edges(edges)
    }
}

/// A lazy histogram of values whose dtype is known at run time: counts (or sums of weights, or densities) and the edges they are
/// between.
#[derive(Clone, Debug)]
#[must_use = "histograms are lazy: compute their counts and edges"]
pub struct DynHistogram {
    /// One value a bin: `i64` counts, or `f64` for weights and densities.
    pub counts: DynArray,
    /// One more edge than bins, in `f64`; those that are not given are rounded to `f32` for `f32` values, as NumPy's are.
    pub edges: DynArray,
}

impl DynHistogram {
    /// Densities: counts or sums of weights over (their total · bin width), so that the histogram integrates to 1. A bin of width 0
    /// has none: infinity, or NaN where it is empty, too.
    ///
    /// # Errors
    /// None in practice: the shapes fit.
    pub fn density(&self) -> Result<Self> {
        let counts = self.counts.cast(DType::F64);
        let width = self.edges.slice(ndarray::s![1..])?.sub(self.edges.slice(ndarray::s![..-1])?)?;
        let total = counts.reduce(ReduceOp::Sum, Some(0.into()), true, 0.0)?;
        Ok(Self { counts: counts.div(width)?.div(total)?, edges: self.edges.clone() })
    }
}

impl DynArray {
    /// Counts of the values in bins, as `i64`: see [`Array::histogram`](crate::Array::histogram). `bool` counts as 0 and 1.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no bins, a range that is not finite or not ascending, edges that do not ascend.
    pub fn histogram(&self, bins: impl Into<Bins>) -> Result<DynHistogram> {
        self.binned(bins.into(), None)
    }
    /// Sums of `weights` (shaped like the array, summed in `f64`) of the values in each bin.
    ///
    /// # Errors
    /// As [`histogram`](Self::histogram); [`Error::Broadcast`] or [`Error::BroadcastTo`] where the shapes differ.
    pub fn histogram_weighted(&self, bins: impl Into<Bins>, weights: &Self) -> Result<DynHistogram> {
        self.binned(bins.into(), Some(weights))
    }

    fn binned(&self, bins: Bins, weights: Option<&Self>) -> Result<DynHistogram> {
        // 64-bit integers are compared as `f64`, in which edges between them are, too.
        let x = match self.dtype() {
            DType::U64 | DType::I64 => self.cast(DType::F64),
            DType::Bool => self.cast(DType::U8),
            DType::F16 | DType::BF16 => self.cast(DType::F32),
            _ => self.clone(),
        };
        let (edges, uniform) = edges(x.node(), bins)?;
        let weights = weights.map(|weights| weights.cast(DType::F64));
        let comparable = comparable(&edges, x.dtype());
        let counts = infer::histogram(x.node(), &comparable, weights.as_ref().map(Self::node), uniform)?;
        Ok(DynHistogram { counts: counts.into(), edges: infer::cast(&edges, DType::F64).into() })
    }

    /// How often each of 0, 1, 2, .. occurs (`np.bincount`), as `i64`: `max(x) + 1` counts, or `minlength` if that is more; an array of
    /// unknown length.
    ///
    /// # Errors
    /// [`Error::DType`] for floats and `bool`; [`Error::Parameter`] for a `minlength` above 2²⁴; computing fails with it where a value
    /// is negative, or not below 2²⁴.
    pub fn bincount(&self, minlength: usize) -> Result<Self> {
        self.counted(minlength, None)
    }
    /// The sums of `weights` (shaped like the array, summed in `f64` in a fixed order) of 0, 1, 2, ..: as [`bincount`](Self::bincount).
    ///
    /// # Errors
    /// As there; [`Error::Broadcast`] or [`Error::BroadcastTo`] where the shapes differ.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([0, 2, 2]).into();
    /// let weights: DynArray = gridloom::array([0.5, 1.0, 0.25]).into();
    /// assert_eq!(x.bincount_weighted(&weights, 0)?.typed::<f64>()?.to_vec()?, [0.5, 0.0, 1.25]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn bincount_weighted(&self, weights: &Self, minlength: usize) -> Result<Self> {
        self.counted(minlength, Some(weights))
    }
    fn counted(&self, minlength: usize, weights: Option<&Self>) -> Result<Self> {
        if !self.dtype().is_integer() {
            return Err(Error::DType { op: "bincount", got: self.dtype(), expected: "an integer" });
        }
        if minlength > MOST_BINS {
            let (op, what, got) = ("bincount", "minlength", minlength.to_string());
            return Err(Error::Parameter { op, what, got, expected: "at most 2^24; use a histogram" });
        }
        let x = self.ravel()?;
        let (low, high) = (extreme(ReduceOp::Least, x.node())?, extreme(ReduceOp::Greatest, x.node())?);
        let run = move |task: &crate::graph::HostTask<'_>| {
            let value = |i: usize| Scalar::from_stored(task.inputs[i].0.dtype(), task.inputs[i].0.bytes()).to_i128();
            let (low, high) = (value(0), value(1));
            let refuse = |what, got: i128, expected| {
                Err(Error::Parameter { op: "bincount", what, got: got.to_string(), expected })
            };
            // Of no values, the smallest is above the largest.
            if low <= high && low < 0 {
                return refuse("smallest value", low, "0 or more");
            }
            let found = if low > high { Ok(0) } else { usize::try_from(high + 1) };
            let Some(found) = found.ok().filter(|&found| found <= MOST_BINS) else {
                return refuse("largest value", high, "below 2^24; use a histogram");
            };
            let bins = found.max(minlength) as u64;
            (task.room)(8 * (bins + 1))?;
            // The last bin ends at its own value, for it includes its right edge.
            let edges: Vec<i64> = (0..=bins).map(|i| signed(if i == bins { i.saturating_sub(1) } else { i })).collect();
            let len = edges.len() as u64;
            Ok((HostBuffer::from_vec::<i64>(edges), vec![len]))
        };
        let function = HostFunction::named("bincount edges", &minlength, run);
        let id = UnknownId(structural_key(&("bincount edges", x.node().key, minlength)));
        let chunks = Chunks::new(vec![AxisChunks::Unknown { id, chunks: 1 }]);
        let edges = infer::host(function, vec![low, high], DType::I64, chunks);
        let weights = weights.map(|weights| weights.ravel()).transpose()?.map(|weights| weights.cast(DType::F64));
        Ok(infer::histogram(x.node(), &edges, weights.as_ref().map(Self::node), true)?.into())
    }
}

/// The edges, in the dtype NumPy compares with, and whether they are uniform.
fn edges(x: &Arc<Node>, bins: Bins) -> Result<(Arc<Node>, bool)> {
    let op = "histogram";
    let dtype = if x.dtype == DType::F32 { DType::F32 } else { DType::F64 };
    let some = |n: usize| {
        let refuse =
            || Error::Parameter { op, what: "number of bins", got: n.to_string(), expected: "between 1 and 2^24" };
        if (1..=MOST_BINS).contains(&n) { Ok(n as u64) } else { Err(refuse()) }
    };
    let fixed = |buffer| source::constants("edges", buffer).node().clone();
    match bins {
        Bins::Count(n) => {
            let n = some(n)?;
            let (low, high) = (extreme(ReduceOp::Least, x)?, extreme(ReduceOp::Greatest, x)?);
            Ok((infer::uniform_edges(&low, &high, n, dtype), true))
        }
        Bins::Range(n, low, high) => {
            let n = some(n)?;
            if !(low.is_finite() && high.is_finite() && low <= high) {
                let got = format!("[{low}, {high}]");
                return Err(Error::Parameter { op, what: "range", got, expected: "finite and ascending" });
            }
            Ok((fixed(infer::edges_between(low, high, n, dtype)?), true))
        }
        Bins::Edges(edges) => {
            if edges.len() > MOST_BINS + 1 {
                some(edges.len() - 1)?;
            }
            if edges.len() < 2 || !edges.windows(2).all(|w| w[0] <= w[1]) {
                let got = if edges.len() < 8 { format!("{edges:?}") } else { format!("{} edges", edges.len()) };
                return Err(Error::Parameter {
                    op,
                    what: "list of edges",
                    got,
                    expected: "at least two, ascending, without NaN",
                });
            }
            Ok((fixed(HostBuffer::from_vec::<f64>(edges)), false))
        }
    }
}

/// The smallest or the largest of all values; of none, beyond the other.
fn extreme(op: ReduceOp, x: &Arc<Node>) -> Result<Arc<Node>> {
    infer::reduce(op, x, None, false, 0.0)
}

/// Edges in the dtype that values of `dtype` are compared in: each becomes the smallest value not below it, which holds
/// back the same values; the last one, which belongs to the last bin, the largest not above it.
#[expect(clippy::cast_possible_truncation, reason = "edges beyond all values become the last of their type")]
fn comparable(edges: &Arc<Node>, dtype: DType) -> Arc<Node> {
    if edges.dtype == dtype {
        return edges.clone();
    }
    let single = dtype == DType::F32;
    let run = move |task: &crate::graph::HostTask<'_>| {
        let (edges, shape) = &task.inputs[0];
        let edges = edges.stored::<f64>();
        let last = |i: usize| i + 1 == edges.len();
        let whole = |(i, &e): (usize, &f64)| if last(i) { e.floor() as i64 } else { e.ceil() as i64 };
        let float = |(i, &e): (usize, &f64)| {
            let near = e as f32;
            match f64::from(near).partial_cmp(&e) {
                Some(Ordering::Less) if !last(i) => near.next_up(),
                Some(Ordering::Greater) if last(i) => near.next_down(),
                _ => near,
            }
        };
        let all = edges.iter().enumerate();
        let buffer = if single {
            HostBuffer::from_vec::<f32>(all.map(float).collect())
        } else {
            HostBuffer::from_vec::<i64>(all.map(whole).collect())
        };
        Ok((buffer, shape.clone()))
    };
    let (name, dtype) = if single { ("f32 edges", DType::F32) } else { ("integer edges", DType::I64) };
    let function = HostFunction::named(name, &(), run);
    infer::host(function, vec![edges.clone()], dtype, edges.chunks.clone())
}
