//! [`Compute`]: arrays that are computed together, and the methods of arrays that run.

use std::sync::{Arc, Mutex, PoisonError};

use ndarray::{ArrayD, Dimension};

use super::collector::{Collected, Collector};
use super::execute::{Target, check_results, execute};
use super::handle::Client;
use super::kept::Kept;
use crate::array::{Array, Histogram};
use crate::chunks::Chunks;
use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::functions::{DynArray, source};
use crate::graph::Node;
use crate::host_array::HostArray;
use crate::plan::Plan;
use crate::plan::bytes::NOTES;
use crate::schedule::{Access, ChunkValue, Places, Sink, available_memory};
use crate::width::in_memory;

/// Arrays that can be computed together, in one run that does shared work once: an array, a tuple, or a slice of arrays.
pub trait Compute {
    /// Their values.
    type Output;
    /// The same arrays, persisted.
    type Persisted;
    /// Computes them on a client.
    ///
    /// # Errors
    /// Whatever the run meets.
    fn compute_with(self, client: &Client) -> Result<Self::Output>;
    /// Computes them on a client, in one run, and keeps their chunks: [`Array::persist`] of all.
    ///
    /// # Errors
    /// Whatever the run meets.
    fn persist_with(self, client: &Client) -> Result<Self::Persisted>;
}

/// Computes several arrays in one run on the default client.
///
/// # Errors
/// Whatever the run meets.
///
/// ```
/// let x = gridloom::arange::<f64>(1000);
/// let (mean, std) = gridloom::compute((&x.mean(), &x.std(0.0)?))?;
/// assert_eq!(mean[[]], 499.5);
/// assert!((std[[]] - 288.67).abs() < 0.01);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn compute<C: Compute>(arrays: C) -> Result<C::Output> {
    arrays.compute_with(&Client::get_default()?)
}

/// Persists several arrays in one run on the default client, which does shared work once.
///
/// # Errors
/// Whatever the run meets.
///
/// ```
/// let x = gridloom::random::Generator::new(1).random::<f64>(1000);
/// let (x, doubled) = gridloom::persist((&x, &(&x * 2.0)))?;
/// assert!(x.places().is_some() && doubled.places().is_some());
/// assert_eq!((x.sum() * 2.0).item()?, doubled.sum().item()?);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn persist<C: Compute>(arrays: C) -> Result<C::Persisted> {
    arrays.persist_with(&Client::get_default()?)
}

impl<T: Element> Compute for &Array<T> {
    type Output = ArrayD<T>;
    fn compute_with(self, client: &Client) -> Result<ArrayD<T>> {
        let mut results = results(client, &[self.node().clone()])?;
        results.pop().ok_or_else(|| Error::bug("no result"))?.into_host(client)?.into_ndarray()
    }
    type Persisted = Array<T>;
    fn persist_with(self, client: &Client) -> Result<Array<T>> {
        let mut kept = kept(client, &[self.node().clone()])?;
        Ok(Array::wrap(again(self.as_dyn(), kept.pop().ok_or_else(|| Error::bug("nothing was kept"))?)))
    }
}
impl<T: Element> Compute for &[Array<T>] {
    type Output = Vec<ArrayD<T>>;
    fn compute_with(self, client: &Client) -> Result<Vec<ArrayD<T>>> {
        let nodes: Vec<_> = self.iter().map(|a| a.node().clone()).collect();
        results(client, &nodes)?.into_iter().map(|result| result.into_host(client)?.into_ndarray()).collect()
    }
    type Persisted = Vec<Array<T>>;
    fn persist_with(self, client: &Client) -> Result<Vec<Array<T>>> {
        let nodes: Vec<_> = self.iter().map(|a| a.node().clone()).collect();
        Ok(self
            .iter()
            .zip(kept(client, &nodes)?)
            .map(|(array, kept)| Array::wrap(again(array.as_dyn(), kept)))
            .collect())
    }
}
impl Compute for &[DynArray] {
    type Output = Vec<HostArray>;
    fn compute_with(self, client: &Client) -> Result<Vec<HostArray>> {
        let nodes: Vec<_> = self.iter().map(|a| a.node().clone()).collect();
        results(client, &nodes)?.into_iter().map(|result| result.into_host(client)).collect()
    }
    type Persisted = Vec<DynArray>;
    fn persist_with(self, client: &Client) -> Result<Vec<DynArray>> {
        let nodes: Vec<_> = self.iter().map(|a| a.node().clone()).collect();
        Ok(self.iter().zip(kept(client, &nodes)?).map(|(array, kept)| again(array, kept)).collect())
    }
}
impl Compute for &DynArray {
    type Output = HostArray;
    fn compute_with(self, client: &Client) -> Result<HostArray> {
        std::slice::from_ref(self).compute_with(client)?.pop().ok_or_else(|| Error::bug("no result"))
    }
    type Persisted = DynArray;
    fn persist_with(self, client: &Client) -> Result<DynArray> {
        std::slice::from_ref(self).persist_with(client)?.pop().ok_or_else(|| Error::bug("nothing was kept"))
    }
}
macro_rules! tuples {
    ($($($name:ident)*;)*) => {$(
        impl<$($name: Element),*> Compute for ($(&Array<$name>,)*) {
            type Output = ($(ArrayD<$name>,)*);
            #[allow(non_snake_case, reason = "the tuple's fields are named by the macro's idents")]
            fn compute_with(self, client: &Client) -> Result<Self::Output> {
                let ($($name,)*) = self;
                let mut results = results(client, &[$($name.node().clone()),*])?.into_iter();
                Ok(($(results.next().ok_or_else(|| Error::bug("no result"))?.into_host(client)?.into_ndarray::<$name>()?,)*))
            }
            type Persisted = ($(Array<$name>,)*);
            #[allow(non_snake_case, reason = "the tuple's fields are named by the macro's idents")]
            fn persist_with(self, client: &Client) -> Result<Self::Persisted> {
                let ($($name,)*) = self;
                let mut kept = kept(client, &[$($name.node().clone()),*])?.into_iter();
                Ok(($(Array::wrap(again($name.as_dyn(), kept.next().ok_or_else(|| Error::bug("nothing was kept"))?)),)*))
            }
        }
    )*};
}
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; }

impl<T: Element> Array<T> {
    /// The values, on the default client.
    ///
    /// # Errors
    /// Whatever the run meets: data without elements to reduce, a failing user function, file or device.
    pub fn compute(&self) -> Result<ArrayD<T>> {
        compute(self)
    }
    /// The values one after another in C order, on the default client.
    ///
    /// # Errors
    /// As [`Array::compute`].
    ///
    /// ```
    /// assert_eq!(gridloom::arange::<i32>(4).reshape([2, 2])?.t().to_vec()?, [0, 2, 1, 3]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "tolist")]
    pub fn to_vec(&self) -> Result<Vec<T>> {
        // Results are made in C order, and hold nothing else.
        Ok(self.compute()?.into_raw_vec_and_offset().0)
    }
    /// The values as an ndarray whose number of axes the compiler knows, on the default client.
    ///
    /// # Errors
    /// [`Error::Rank`] if the array has another number of axes, before it runs; as [`Array::compute`].
    ///
    /// ```
    /// let x = gridloom::ones::<f64>((2, 3)).compute_nd::<ndarray::Ix2>()?;
    /// assert_eq!(x[[1, 2]], 1.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn compute_nd<D: Dimension>(&self) -> Result<ndarray::Array<T, D>> {
        if D::NDIM.is_some_and(|n| n != self.ndim()) {
            let given = format!("compute_nd::<Ix{}> of ", D::NDIM.unwrap_or_default());
            let expected = "as many axes as the dimension type names";
            return Err(Error::Rank { op: "compute_nd", expected, given, shape: self.node().dims() });
        }
        self.compute()?.into_dimensionality().map_err(|error| Error::bug(error.to_string()))
    }
    /// The only element, of an array that has one.
    ///
    /// # Errors
    /// [`Error::NotOneElement`]; whatever the run meets.
    pub fn item(&self) -> Result<T> {
        self.item_with(&Client::get_default()?)
    }
    /// [`Array::item`] on a client.
    ///
    /// # Errors
    /// As [`Array::item`].
    pub fn item_with(&self, client: &Client) -> Result<T> {
        let several = |shape| Error::NotOneElement { shape };
        if self.size().is_some_and(|n| n != 1) {
            return Err(several(self.node().dims()));
        }
        let values = client.compute(self)?;
        let mut values = values.iter();
        match (values.next(), values.next()) {
            (Some(&value), None) => Ok(value),
            _ => Err(several(self.node().dims())),
        }
    }
    /// The same array, computed: chunks are kept in memory and read by whatever is built on the result. Unknown lengths keep
    /// their identity.
    ///
    /// On an adapter it returns when the kernels are submitted, which is before they are done: what is built on the result runs
    /// after them in any case. [`Client::sync`] waits for them, of one array or of many.
    ///
    /// # Errors
    /// Whatever the run meets. A device that fails later fails [`Client::sync`], or the runs that read the result.
    ///
    /// ```
    /// let x = gridloom::arange::<f64>(10).persist()?;
    /// assert_eq!(x.sum().item()?, 45.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn persist(&self) -> Result<Self> {
        self.persist_with(&Client::get_default()?)
    }
    /// [`Array::persist`] on a client.
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn persist_with(&self, client: &Client) -> Result<Self> {
        Compute::persist_with(self, client)
    }
    /// The same array with known lengths (Dask's `compute_chunk_sizes`): one of unknown lengths is computed and its chunks are kept, as
    /// by [`Array::persist`]; another is itself. Empty chunks are left out.
    ///
    /// # Errors
    /// Whatever the run meets; [`Error::UnknownLength`] where two lengths are unknown, or another one is 0.
    ///
    /// ```
    /// let x = gridloom::arange::<i32>(10);
    /// let odd = x.filter(&(&x % 2).eq(1))?.resolve()?;
    /// assert_eq!(odd.shape(), Some(vec![5]));
    /// assert_eq!(odd.reshape((1, 5))?.to_vec()?, [1, 3, 5, 7, 9]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn resolve(&self) -> Result<Self> {
        self.as_dyn().resolve().map(Self::wrap)
    }
    /// [`Array::resolve`] on a client.
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn resolve_with(&self, client: &Client) -> Result<Self> {
        self.as_dyn().resolve_with(client).map(Self::wrap)
    }
    /// Where the chunks of a persisted array are now, in bytes; `None` for other arrays. Chunks stay where they were made and move
    /// when memory gets short: from the device to the host, from there to the spill folder.
    ///
    /// ```
    /// let x = gridloom::arange::<f64>(1000).persist()?;
    /// let places = x.places().unwrap();
    /// assert_eq!(places.host + places.device + places.disk, 8000);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[must_use]
    pub fn places(&self) -> Option<Places> {
        self.as_dyn().places()
    }
}

impl DynArray {
    /// The values, on the default client.
    ///
    /// # Errors
    /// Whatever the run meets: see [`Array::compute`].
    pub fn compute(&self) -> Result<HostArray> {
        compute(self)
    }
    /// The same array, computed, its chunks kept in memory: see [`Array::persist`]. On a client of your own: [`Client::persist`].
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn persist(&self) -> Result<Self> {
        persist(self)
    }
    /// The same array with known lengths (Dask's `compute_chunk_sizes`): one of unknown lengths is computed and its chunks are kept, as
    /// by [`persist`](Self::persist); another is itself. Empty chunks are left out.
    ///
    /// # Errors
    /// Whatever the run meets; [`Error::UnknownLength`] where two lengths are unknown, or another one is 0.
    pub fn resolve(&self) -> Result<Self> {
        self.resolve_with(&Client::get_default()?)
    }
    /// [`resolve`](Self::resolve) on a client.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn resolve_with(&self, client: &Client) -> Result<Self> {
        let dims = self.node().dims();
        match dims.iter().filter(|len| len.is_none()).count() {
            0 => return Ok(self.clone()),
            1 if !dims.contains(&Some(0)) => {}
            // Two lengths are not told apart by a chunk's shape, and of no chunks nothing is told.
            _ => {
                let hint = "resolve() what it is made of";
                return Err(Error::UnknownLength { op: "resolve", shape: dims, hint });
            }
        }
        let kept = kept(client, &[self.node().clone()])?.pop().ok_or_else(|| Error::bug("nothing was kept"))?.known();
        let chunks = kept.chunks.clone();
        Ok(source::over(kept, self.dtype(), chunks))
    }
    /// Where the chunks of a persisted array are now, in bytes; `None` for other arrays: see [`Array::places`].
    #[must_use]
    pub fn places(&self) -> Option<Places> {
        let crate::graph::Op::Source(source) = &self.node().op else { return None };
        let grid = source.value.grid().filter(|_| source.value.is_kept())?;
        let mut places = Places::default();
        for chunk in 0..grid.to_make() {
            let value = source.value.kept(&grid.coord(chunk))?.downcast::<ChunkValue>().ok()?;
            places += value.places();
        }
        Some(places)
    }
}

fn results(client: &Client, nodes: &[Arc<Node>]) -> Result<Vec<Collected>> {
    let (bytes, limit) =
        (nodes.iter().fold(0, |sum: u64, node| sum.saturating_add(bytes_of(node))), client.memory_limit());
    check_results(bytes, limit)?;
    let _outer = client.store().enter();
    let control = client.control();
    let held = client.store().hold(bytes, "the result", &|| control.check(0, 0))?;
    let collector = Arc::new(Collector::new(nodes, bytes)?);
    // A thread that saw the run may hold it, and so what takes its chunks, a moment longer than the run lasts.
    execute(client, nodes, collector.clone()).inspect_err(|_| drop(collector.take_all()))?;
    let results = collector.take_all();
    drop(held);
    results
}

/// Bytes of a node's elements, or 0 where their number is not known.
fn bytes_of(node: &Node) -> u64 {
    node.chunks.elements().map_or(0, |n| n.saturating_mul(node.dtype.size() as u64))
}

/// What was kept of each node, computed in one run.
fn kept(client: &Client, nodes: &[Arc<Node>]) -> Result<Vec<Kept>> {
    let keeper = Arc::new(Keeper { kept: Mutex::default(), limit: client.memory_limit() });
    // As for results.
    execute(client, nodes, keeper.clone()).inspect_err(|_| drop(keeper.take()))?;
    let whole = |(chunks, values): Slots| {
        let values = values.into_iter().collect::<Option<Vec<_>>>();
        Ok(Kept { chunks, values: values.ok_or_else(|| Error::bug("a chunk was not made"))? })
    };
    keeper.take().into_iter().map(whole).collect()
}

/// An array over what was kept of it.
fn again(array: &DynArray, kept: Kept) -> DynArray {
    source::over(kept, array.dtype(), array.chunks().clone())
}

/// Keeps chunks as they are, where they are.
struct Keeper {
    /// For each output.
    kept: Mutex<Vec<Slots>>,
    /// The client's memory limit.
    limit: u64,
}

/// A grid, and the chunks of it that were made.
type Slots = (Chunks, Vec<Option<Arc<ChunkValue>>>);

impl Keeper {
    fn take(&self) -> Vec<Slots> {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Keeper {
    fn take(&self, output: usize, chunk: u64, value: &Arc<ChunkValue>, access: Access<'_>) -> Result<()> {
        access.keep(value);
        if let Some((_, values)) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get_mut(output) {
            values[in_memory(chunk)] = Some(value.clone());
        }
        Ok(())
    }
    fn reads(&self) -> bool {
        false
    }
}
impl Target for Keeper {
    fn begin(&self, plan: &Plan) -> Result<()> {
        let grids: Vec<Chunks> = plan.outputs.iter().map(|&output| plan.stages[output].chunks.clone()).collect();
        // What is noted of a chunk stays in memory wherever its elements go.
        let (count, limit) = (grids.iter().map(Chunks::to_make).fold(0, u64::saturating_add), self.limit);
        let needed = count.saturating_mul(NOTES);
        if needed > limit {
            let doing = format!("persist: notes of {count} chunks");
            let hint = "rechunk() it to larger chunks before, or raise the memory limit";
            return Err(Error::Memory { pool: "host", doing, needed, limit, hint });
        }
        let list = |chunks: Chunks| {
            let mut values = Vec::new();
            let len = in_memory(chunks.to_make());
            values.try_reserve_exact(len).map_err(|_| {
                let (doing, limit) = (format!("persist: a list of {count} chunks"), available_memory());
                let hint = "rechunk() it to larger chunks before";
                Error::Memory { pool: "host", doing, needed, limit, hint }
            })?;
            values.resize(len, None);
            Ok((chunks, values))
        };
        let slots = grids.into_iter().map(list).collect::<Result<_>>()?;
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = slots;
        Ok(())
    }
    fn bytes(&self) -> u64 {
        0
    }
}

impl Client {
    /// Runs what the arrays are and returns their values: see [`Compute`].
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn compute<C: Compute>(&self, arrays: C) -> Result<C::Output> {
        arrays.compute_with(self)
    }
    /// Persists several arrays in one run: see [`persist`].
    ///
    /// # Errors
    /// Whatever the run meets.
    pub fn persist<C: Compute>(&self, arrays: C) -> Result<C::Persisted> {
        arrays.persist_with(self)
    }
}

impl<C: Element> Histogram<C> {
    /// Counts and edges, computed in one run.
    ///
    /// # Errors
    /// Whatever the run meets; [`Error::Parameter`] where the data's range is not finite or there is no data.
    pub fn compute(&self) -> Result<(ndarray::Array1<C>, ndarray::Array1<f64>)> {
        let (counts, edges) = compute((&self.counts, &self.edges))?;
        let flat = |_| Error::bug("a histogram that is not 1-d");
        Ok((counts.into_dimensionality().map_err(flat)?, edges.into_dimensionality().map_err(flat)?))
    }
}
