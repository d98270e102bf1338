//! [`Compute`]: arrays that are computed together, and the methods of arrays that run.

use std::sync::{Arc, Mutex, PoisonError};

use ndarray::ArrayD;

use super::collector::{Collected, Collector};
use super::execute::{Target, check_results, execute};
use super::handle::Client;
use crate::array::{Array, Histogram, source};
use crate::chunks::Chunks;
use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::graph::Node;
use crate::plan::Plan;
use crate::schedule::{Access, ChunkValue, NOTES, Places, Sink, available_memory};
use crate::width::in_memory;

/// Arrays that can be computed together, in one run that does shared work once: an array, a tuple, or a slice of arrays.
pub trait Compute {
    /// Their values.
    type Output;
    /// Computes them on a client.
    ///
    /// # Errors
    /// Whatever the run meets.
    fn compute_with(self, client: &Client) -> Result<Self::Output>;
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

impl<T: Element> Compute for &Array<T> {
    type Output = ArrayD<T>;
    fn compute_with(self, client: &Client) -> Result<ArrayD<T>> {
        let mut results = results(client, &[self.node().clone()])?;
        results.pop().ok_or_else(|| Error::bug("no result"))?.into_array(client)
    }
}
impl<T: Element> Compute for &[Array<T>] {
    type Output = Vec<ArrayD<T>>;
    fn compute_with(self, client: &Client) -> Result<Vec<ArrayD<T>>> {
        let nodes: Vec<_> = self.iter().map(|a| a.node().clone()).collect();
        results(client, &nodes)?.into_iter().map(|result| result.into_array(client)).collect()
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
                Ok(($(results.next().ok_or_else(|| Error::bug("no result"))?.into_array::<$name>(client)?,)*))
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
        let keeper = Arc::new(Keeper { kept: Mutex::default(), limit: client.memory_limit() });
        // As for results.
        execute(client, &[self.node().clone()], keeper.clone()).inspect_err(|_| drop(keeper.take()))?;
        let kept = keeper.kept()?;
        Ok(Self::wrap(source::node(kept, T::DTYPE, self.chunks().clone())))
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

/// Keeps chunks as they are, where they are.
struct Keeper {
    kept: Mutex<Option<Slots>>,
    /// The client's memory limit.
    limit: u64,
}

/// A grid, and the chunks of it that were made.
type Slots = (Chunks, Vec<Option<Arc<ChunkValue>>>);

impl Keeper {
    fn take(&self) -> Option<Slots> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
    fn kept(&self) -> Result<source::Kept> {
        let (chunks, values) = self.take().ok_or_else(|| Error::bug("nothing was kept"))?;
        let values = values.into_iter().collect::<Option<Vec<_>>>();
        Ok(source::Kept { chunks, values: values.ok_or_else(|| Error::bug("a chunk was not made"))? })
    }
}

impl Sink for Keeper {
    fn take(&self, _: usize, chunk: u64, value: &Arc<ChunkValue>, access: Access<'_>) -> Result<()> {
        access.keep(value);
        if let Some((_, values)) = &mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner) {
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
        let chunks = plan.stages[plan.outputs[0]].chunks.clone();
        // What is noted of a chunk stays in memory wherever its elements go.
        let (count, limit) = (chunks.to_make(), self.limit);
        let needed = count.saturating_mul(NOTES);
        if needed > limit {
            let doing = format!("persist: notes of {count} chunks");
            let hint = "rechunk() it to larger chunks before, or raise the memory limit";
            return Err(Error::Memory { pool: "host", doing, needed, limit, hint });
        }
        let mut values = Vec::new();
        values.try_reserve_exact(in_memory(count)).map_err(|_| {
            let (doing, limit) = (format!("persist: a list of {count} chunks"), available_memory());
            let hint = "rechunk() it to larger chunks before";
            Error::Memory { pool: "host", doing, needed, limit, hint }
        })?;
        values.resize(in_memory(count), None);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((chunks, values));
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
