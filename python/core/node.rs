//! [`Node`]: an array's graph, which does not change. The Python package's `Array` holds one.

use gridloom::ops::{ReduceOp, ScanOp, UnaryOp};
use gridloom::{Axes, Bins, DType, DynArray, Indices};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::arguments::{self, Cuts, Operand};
use super::error::OrRaise;
use super::words::dtypes_for_python;

/// A lazy array: what it is made of, its dtype, shape and chunks.
#[pyclass(frozen, module = "gridloom._core")]
pub(crate) struct Node(pub(crate) DynArray);

impl From<DynArray> for Node {
    fn from(array: DynArray) -> Self {
        Self(array)
    }
}

/// A new node, or what the library refused.
pub(crate) fn node(array: gridloom::Result<DynArray>) -> PyResult<Node> {
    array.map(Node).or_raise()
}

/// A number of bins, over a range or that of the values, or their edges.
pub(crate) fn bins(bins: &Bound<'_, PyAny>, range: Option<(f64, f64)>) -> PyResult<Bins> {
    Ok(match (bins.extract::<usize>(), range) {
        (Ok(count), None) => Bins::Count(count),
        (Ok(count), Some((low, high))) => Bins::Range(count, low, high),
        (Err(_), _) => Bins::Edges(bins.extract()?),
    })
}

/// A row of one of the library's tables, by its name.
pub(crate) fn row<T: Copy>(rows: &[T], name: &str, of: impl Fn(T) -> &'static str) -> PyResult<T> {
    let found = rows.iter().copied().find(|&row| of(row) == name);
    found.ok_or_else(|| arguments::no_function(name))
}

#[pymethods]
impl Node {
    /// The library's name of the elements' dtype.
    #[getter]
    fn dtype(&self) -> &'static str {
        self.0.dtype().name()
    }
    /// The length of each axis; None where it is known after computing only.
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.dims())
    }
    #[getter]
    fn ndim(&self) -> usize {
        self.0.ndim()
    }
    /// Number of elements, if known.
    #[getter]
    fn size(&self) -> Option<usize> {
        self.0.size()
    }
    /// The sizes of the chunks along each axis; None for those that are known after computing only.
    #[getter]
    fn chunks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let axes = self.0.chunks().axes().iter().map(|axis| {
            let known = axis.len().is_some();
            arguments::listable("chunks", axis.count())?;
            let sizes = match known {
                true => axis.sizes().map(Some).collect(),
                false => vec![None; axis.count() as usize],
            };
            PyTuple::new(py, sizes)
        });
        PyTuple::new(py, axes.collect::<PyResult<Vec<_>>>()?)
    }
    /// The number of chunks along each axis.
    #[getter]
    fn numblocks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.chunks().axes().iter().map(|axis| axis.count()).collect::<Vec<_>>())
    }
    /// The shape of the largest chunk, as far as it is known.
    #[getter]
    fn chunksize<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let sizes = self.0.chunks().axes().iter().map(|axis| axis.len().map(|_| axis.max_size()));
        PyTuple::new(py, sizes.collect::<Vec<_>>())
    }
    /// Whether two handles are of one array, made of the same by the same.
    fn same(&self, other: &Self) -> bool {
        self.0.node().key == other.0.node().key
    }
    /// A number that arrays have in common that are made of the same by the same.
    #[getter]
    fn key(&self) -> u128 {
        self.0.node().key
    }
    /// A table and a drawing, in HTML.
    fn to_html(&self) -> String {
        dtypes_for_python(&self.0.to_html())
    }
    fn __repr__(&self) -> String {
        format!("Node({} {:?})", self.0.dtype().name(), self.0.dims())
    }

    fn cast(&self, dtype: &str) -> PyResult<Self> {
        Ok(Self(self.0.cast(arguments::dtype(dtype)?)))
    }
    /// A row of the table of functions of one element.
    fn unary(&self, name: &str) -> PyResult<Self> {
        node(self.0.unary(row(UnaryOp::ALL, name, |op| op.info().name)?))
    }
    /// A row of the table of reductions, over some axes or all.
    #[pyo3(signature = (name, axes, keepdims, ddof))]
    fn reduce(&self, name: &str, axes: Option<Vec<i64>>, keepdims: bool, ddof: f64) -> PyResult<Self> {
        node(self.0.reduce(row(ReduceOp::ALL, name, ReduceOp::name)?, axes.map(Axes::from), keepdims, ddof))
    }
    /// The same of the elements where a mask is true.
    #[pyo3(signature = (name, mask, axes, keepdims, ddof))]
    fn reduce_where(
        &self,
        name: &str,
        mask: &Self,
        axes: Option<Vec<i64>>,
        keepdims: bool,
        ddof: f64,
    ) -> PyResult<Self> {
        let row = row(ReduceOp::ALL, name, ReduceOp::name)?;
        node(self.0.reduce_where(row, &mask.0, axes.map(Axes::from), keepdims, ddof))
    }
    /// A row of the table of scans, along an axis or over all elements.
    #[pyo3(signature = (name, axis))]
    fn scan(&self, name: &str, axis: Option<i64>) -> PyResult<Self> {
        node(self.0.scan(row(ScanOp::ALL, name, ScanOp::name)?, axis.map(Axes::from)))
    }
    fn diff(&self, n: usize, axis: i64) -> PyResult<Self> {
        node(self.0.diff(n, axis))
    }

    fn transpose(&self) -> Self {
        Self(self.0.t())
    }
    fn permute_axes(&self, axes: Vec<i64>) -> PyResult<Self> {
        node(self.0.permute_axes(axes))
    }
    fn insert_axis(&self, at: i64) -> PyResult<Self> {
        node(self.0.insert_axis(at))
    }
    fn broadcast_to(&self, shape: Vec<i64>) -> PyResult<Self> {
        node(self.0.broadcast_to(arguments::shape(&shape)?))
    }
    fn reshape(&self, shape: Vec<i64>) -> PyResult<Self> {
        node(self.0.reshape(shape))
    }
    fn rechunk(&self, chunks: Cuts) -> PyResult<Self> {
        node(self.0.rechunk(chunks.0))
    }

    /// What stands between brackets.
    fn index(&self, entries: &Bound<'_, PyTuple>) -> PyResult<Self> {
        node(self.0.index(&arguments::indices(entries)?))
    }
    /// The array with other elements where the entries say.
    fn assign(&self, entries: &Bound<'_, PyTuple>, value: Operand) -> PyResult<Self> {
        node(self.0.assign(&arguments::indices(entries)?, value.0))
    }
    fn take(&self, places: PyReadonlyArray1<'_, i64>, axis: i64) -> PyResult<Self> {
        node(self.0.take(Indices::from(places.as_slice()?), axis))
    }
    fn take_at(&self, places: &Self, axis: i64) -> PyResult<Self> {
        node(self.0.take_at(&places.0, axis))
    }
    fn nonzero(&self) -> PyResult<Vec<Self>> {
        self.0.nonzero().map(|places| places.into_iter().map(Self).collect()).or_raise()
    }
    fn filter(&self, mask: &Self) -> PyResult<Self> {
        node(self.0.filter(&mask.0))
    }
    fn filter_axis(&self, mask: &Self, axis: i64) -> PyResult<Self> {
        node(self.0.filter_axis(&mask.0, axis))
    }

    /// Counts (or sums of weights, or densities) and the edges they are between.
    #[pyo3(signature = (bins, range, weights, density))]
    fn histogram(
        &self,
        bins: &Bound<'_, PyAny>,
        range: Option<(f64, f64)>,
        weights: Option<&Self>,
        density: bool,
    ) -> PyResult<(Self, Self)> {
        let bins = self::bins(bins, range)?;
        let histogram = match weights {
            Some(weights) => self.0.histogram_weighted(bins, &weights.0),
            None => self.0.histogram(bins),
        };
        let histogram = if density { histogram.and_then(|h| h.density()) } else { histogram };
        histogram.map(|h| (Self(h.counts), Self(h.edges))).or_raise()
    }
    #[pyo3(signature = (minlength, weights))]
    fn bincount(&self, minlength: usize, weights: Option<&Self>) -> PyResult<Self> {
        node(match weights {
            Some(weights) => self.0.bincount_weighted(&weights.0, minlength),
            None => self.0.bincount(minlength),
        })
    }
    /// Limited to between two numbers or arrays, or on one side.
    #[pyo3(signature = (low, high))]
    fn clip(&self, low: Option<Operand>, high: Option<Operand>) -> PyResult<Self> {
        node(match (low, high) {
            (Some(low), Some(high)) => self.0.clip(low.0, high.0),
            (Some(low), None) => self.0.clip_low(low.0),
            (None, Some(high)) => self.0.clip_high(high.0),
            (None, None) => Ok(self.0.clone()),
        })
    }
    /// To so many decimals.
    fn round(&self, decimals: i32) -> PyResult<Self> {
        node(self.0.round_decimals(decimals))
    }
    /// Where the chunks of a persisted array are, in bytes: on the host, on the device, on disk.
    fn places(&self) -> Option<(u64, u64, u64)> {
        self.0.places().map(|places| (places.host, places.device, places.disk))
    }
    /// Bytes of an element.
    #[getter]
    fn itemsize(&self) -> usize {
        DType::size(self.0.dtype())
    }
}
