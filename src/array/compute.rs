//! Running arrays: the seam between graph, plan and schedule.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use ndarray::ArrayD;

use super::{Array, Client, source};
use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::graph::{Layout, Node};
use crate::host::HostBuffer;
use crate::optimize;
use crate::plan::{Plan, lower};
use crate::schedule::{ChunkValue, Sink, run};

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
        results.pop().ok_or_else(|| Error::bug("no result"))?.into_array()
    }
}
impl<T: Element> Compute for &[Array<T>] {
    type Output = Vec<ArrayD<T>>;
    fn compute_with(self, client: &Client) -> Result<Vec<ArrayD<T>>> {
        let nodes: Vec<_> = self.iter().map(|a| a.node().clone()).collect();
        results(client, &nodes)?.into_iter().map(Collected::into_array).collect()
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
                Ok(($(results.next().ok_or_else(|| Error::bug("no result"))?.into_array::<$name>()?,)*))
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
    /// # Errors
    /// Whatever the run meets.
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
        let plan = plan(client, &[self.node().clone()])?;
        let keeper = Keeper { values: (0..self.chunks().count()).map(|_| OnceLock::new()).collect() };
        execute(client, &plan, &keeper)?;
        let values: Option<Vec<_>> = keeper.values.into_iter().map(OnceLock::into_inner).collect();
        let values = values.ok_or_else(|| Error::bug("a chunk was not made"))?;
        let kept = source::Kept { chunks: self.chunks().clone(), values };
        Ok(Self::wrap(source::node(kept, T::DTYPE, self.chunks().clone())))
    }
}

/// The optimised plan of several nodes on a client.
pub(super) fn plan(client: &Client, nodes: &[Arc<Node>]) -> Result<Plan> {
    lower::lower(&optimize::optimize(nodes), client.device().capabilities())
}

/// Runs a plan on the client's threads.
fn execute(client: &Client, plan: &Plan, sink: &dyn Sink) -> Result<()> {
    let bar = Bar::new(client.progress());
    let sink = WithBar { sink, bar: &bar };
    let report = client.install(|| run(plan, client.device(), &sink))?;
    client.keep_report(report);
    Ok(())
}

fn results(client: &Client, nodes: &[Arc<Node>]) -> Result<Vec<Collected>> {
    let plan = plan(client, nodes)?;
    let collector = Collector { results: nodes.iter().map(Collected::new).collect() };
    execute(client, &plan, &collector)?;
    Ok(collector.results)
}

/// Puts chunks where they belong in the results.
struct Collector {
    results: Vec<Collected>,
}

/// One result: written chunk by chunk, so that memory holds it once; a result of a single chunk is that chunk's buffer.
struct Collected {
    node: Arc<Node>,
    whole: Mutex<Option<HostBuffer>>,
    /// The chunks of unknown length, in order, or the only chunk.
    parts: Vec<OnceLock<Arc<ChunkValue>>>,
}

impl Collected {
    fn new(node: &Arc<Node>) -> Self {
        let count = node.chunks.count();
        let by_part = count == 1 || node.chunks.has_unknown();
        let whole = (!by_part).then(|| HostBuffer::zeros(node.dtype, node.chunks.elements().unwrap_or(0) as usize));
        let parts = if by_part { (0..count).map(|_| OnceLock::new()).collect() } else { vec![] };
        Self { node: node.clone(), whole: Mutex::new(whole), parts }
    }

    fn take(&self, chunk: u64, value: &Arc<ChunkValue>) -> Result<()> {
        if let Some(part) = self.parts.get(chunk as usize) {
            let _ = part.set(value.clone());
            return Ok(());
        }
        let chunks = &self.node.chunks;
        let shape = chunks.shape().ok_or_else(|| Error::bug("an unknown length among known chunks"))?;
        let mut to = Layout::c_order(&shape);
        for ((start, _), stride) in chunks.region(&chunks.coord(chunk)).iter().zip(&to.strides) {
            to.base += *start as i64 * stride;
        }
        let from = value.host()?[0];
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(whole) = &mut *whole {
            let geometry = &value.geometry;
            crate::schedule::copy_box(
                from.bytes(),
                &geometry.layout,
                whole.bytes_mut(),
                &to,
                &geometry.shape,
                self.node.dtype.size(),
            );
        }
        Ok(())
    }

    fn into_array<T: Element>(self) -> Result<ArrayD<T>> {
        let missing = || Error::bug("a chunk was not made");
        let parts: Vec<Arc<ChunkValue>> =
            self.parts.into_iter().map(|part| part.into_inner().ok_or_else(missing)).collect::<Result<_>>()?;
        let (values, shape) = if parts.is_empty() {
            let whole = self.whole.into_inner().unwrap_or_else(PoisonError::into_inner).ok_or_else(missing)?;
            (whole.into_vec::<T>(), self.node.chunks.shape().unwrap_or_default())
        } else {
            let mut shape = parts[0].geometry.shape.clone();
            if parts.len() > 1 {
                shape[0] = parts.iter().map(|p| p.geometry.shape[0]).sum();
            }
            (joined(parts)?, shape)
        };
        let dims: Vec<usize> = shape.iter().map(|&d| d as usize).collect();
        ArrayD::from_shape_vec(dims, values).map_err(|e| Error::bug(e.to_string()))
    }
}

/// The elements of chunks one after another; a single chunk gives up its buffer.
fn joined<T: Element>(mut parts: Vec<Arc<ChunkValue>>) -> Result<Vec<T>> {
    if parts.len() == 1 {
        let buffer = parts[0].in_c_order()?;
        parts.clear();
        return Ok(match Arc::try_unwrap(buffer) {
            Ok(own) => own.into_vec(),
            Err(shared) => shared.stored::<T::Stored>().iter().map(|&v| T::restore(v)).collect(),
        });
    }
    let mut values = Vec::new();
    for part in parts {
        values.extend(part.in_c_order()?.stored::<T::Stored>().iter().map(|&v| T::restore(v)));
    }
    Ok(values)
}

impl Sink for Collector {
    fn take(&self, output: usize, chunk: u64, value: &Arc<ChunkValue>) -> Result<()> {
        self.results[output].take(chunk, value)
    }
}

/// Keeps chunks as they are.
struct Keeper {
    values: Vec<OnceLock<Arc<ChunkValue>>>,
}

impl Sink for Keeper {
    fn take(&self, _: usize, chunk: u64, value: &Arc<ChunkValue>) -> Result<()> {
        let _ = self.values[chunk as usize].set(value.clone());
        Ok(())
    }
}

/// A progress bar on stderr, shown once a run takes long, on terminals only.
struct Bar {
    started: Instant,
    bar: Option<OnceLock<indicatif::ProgressBar>>,
}

/// How long a run goes without a bar.
const QUIET: Duration = Duration::from_secs(1);

impl Bar {
    fn new(wanted: bool) -> Self {
        let shown = wanted && std::io::stderr().is_terminal();
        Self { started: Instant::now(), bar: shown.then(OnceLock::new) }
    }
    fn set(&self, done: usize, total: usize) {
        let Some(bar) = &self.bar else { return };
        if self.started.elapsed() < QUIET {
            return;
        }
        let style = "{bar:32} {pos}/{len} tasks, {elapsed} + {eta}";
        let bar = bar.get_or_init(|| {
            let bar = indicatif::ProgressBar::new(total as u64);
            indicatif::ProgressStyle::with_template(style)
                .map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
        });
        bar.set_position(done as u64);
    }
}
impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.as_ref().and_then(OnceLock::get) {
            bar.finish_and_clear();
        }
    }
}

struct WithBar<'a> {
    sink: &'a dyn Sink,
    bar: &'a Bar,
}
impl Sink for WithBar<'_> {
    fn take(&self, output: usize, chunk: u64, value: &Arc<ChunkValue>) -> Result<()> {
        self.sink.take(output, chunk, value)
    }
    fn progress(&self, done: usize, total: usize) {
        self.bar.set(done, total);
    }
}
