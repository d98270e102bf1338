//! Running arrays: the seam between graph, plan and schedule.

use std::sync::{Arc, Mutex, PoisonError};

use ndarray::ArrayD;

use super::collector::{Collected, Collector};
use super::{Array, Client, source};
use crate::chunks::Chunks;
use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::graph::Node;
use crate::optimize;
use crate::plan::grid::Sizes;
use crate::plan::watch::Watch;
use crate::plan::{Plan, lower};
use crate::schedule::{Access, ChunkValue, Control, Device, NOTES, Places, Sink, available_memory};
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

/// The optimised plan of several nodes on a client.
pub(super) fn plan(client: &Client, nodes: &[Arc<Node>]) -> Result<Plan> {
    plan_for(client, nodes, &client.device(), client.sizes(&client.device()), &client.control())
}

fn plan_for(
    client: &Client,
    nodes: &[Arc<Node>],
    device: &Device,
    mut sizes: Sizes,
    control: &Control,
) -> Result<Plan> {
    let nodes = optimize::optimize(nodes);
    let go_on = || control.check(0, 0);
    let mut watch = Watch::new(&go_on, &|_| Ok(()));
    loop {
        let plan = lower::lower_watched(&nodes, device.capabilities(), sizes, &mut watch)?;
        let plan = Plan { running: client.workers() as u64, limit: client.memory_limit(), ..plan };
        // Smaller tasks may fit where these do not: those that make less, and those that are not batched, for they read less.
        let least = sizes.max_bytes < 4 * LEAST_BYTES && sizes.min_elements <= 1;
        let limit = client.memory_limit();
        if least || plan.largest_task.1 <= limit && widest_task(&plan).1 <= limit {
            return Ok(plan);
        }
        sizes.max_bytes = (sizes.max_bytes.min(client.memory_limit()) / 4).max(LEAST_BYTES);
        sizes.min_elements /= 16;
        sizes.merge_bytes /= 4;
    }
}

/// Tasks of fewer bytes are not tried: a budget that needs them is too small.
const LEAST_BYTES: u64 = 16 << 10;

/// Bytes that a task takes for each chunk it reads, beside the elements: which chunk it is, where in it each piece lies.
const BYTES_A_READ: u64 = 512;

/// The stage whose tasks read most chunks, and the bytes that the lists of these take.
fn widest_task(plan: &Plan) -> (usize, u64) {
    let reads = (0..plan.stages.len()).map(|stage| (stage, plan.reads_at_most(stage).saturating_mul(BYTES_A_READ)));
    reads.max_by_key(|(_, bytes)| *bytes).unwrap_or((0, 0))
}

/// Refuses what cannot run within the client's memory, before anything runs.
fn check_budget(client: &Client, plan: &Plan, results: u64) -> Result<()> {
    let limit = client.memory_limit();
    let (stage, bytes) = plan.largest_task;
    if bytes > limit {
        let doing = format!("{} (one task)", plan.stages[stage].title());
        let hint = "choose smaller chunks, or raise Client::builder().memory_limit()";
        return Err(Error::Memory { pool: "host", doing, needed: bytes, limit, hint });
    }
    let (stage, lists) = widest_task(plan);
    if lists > limit {
        let doing = format!(
            "the list of the {} chunks that one task of {} reads",
            lists / BYTES_A_READ,
            plan.stages[stage].title()
        );
        let hint = "choose larger chunks for what it reads";
        return Err(Error::Memory { pool: "host", doing, needed: lists, limit, hint });
    }
    check_results(results.saturating_add(bytes), limit)
}

/// Refuses results that a limit has no room for.
fn check_results(needed: u64, limit: u64) -> Result<()> {
    let hint =
        "persist() it (chunks that do not fit are spilled), write it to a file, reduce it, or raise the memory limit";
    match needed > limit {
        true => Err(Error::Memory { pool: "host", doing: "the result".into(), needed, limit, hint }),
        false => Ok(()),
    }
}

/// Bytes of a node's elements, or 0 where their number is not known.
fn bytes_of(node: &Node) -> u64 {
    node.chunks.elements().map_or(0, |n| n.saturating_mul(node.dtype.size() as u64))
}

/// What takes a run's chunks, for whatever plan they are made by.
pub(super) trait Target: Sink + Sized + 'static {
    /// A run by this plan is about to begin.
    fn begin(&self, plan: &Plan) -> Result<()>;
    /// Bytes that its results take on the host.
    fn bytes(&self) -> u64;
}

/// Plans and runs nodes on a client. What fails on a device runs again: on the device opened anew if it was lost, in smaller tasks if
/// its memory was short, and at last on the CPU.
pub(super) fn execute<S: Target>(client: &Client, nodes: &[Arc<Node>], target: Arc<S>) -> Result<()> {
    let _outer = client.store().enter();
    // One deadline for all attempts.
    let control = client.control();
    let mut device = client.device();
    let mut sizes = client.sizes(&device);
    if device.capabilities().is_none() && target.reads() {
        sizes.handed_bytes = HANDED_BYTES;
    }
    let mut retries: Vec<(String, String)> = Vec::new();
    loop {
        let plan = plan_for(client, nodes, &device, sizes, &control)?;
        check_budget(client, &plan, target.bytes())?;
        target.begin(&plan)?;
        let error = match client.run(plan, &device, control.clone(), target.clone()) {
            Ok(mut report) => {
                report.fallbacks.splice(0..0, retries);
                client.keep_report(report);
                return Ok(());
            }
            Err(error) => error,
        };
        let lost = matches!(error, Error::DeviceLost { .. });
        let short = matches!(error, Error::Memory { pool: "device", .. });
        let failed = matches!(error, Error::Device { .. });
        // A device that is there misses what an earlier one had: no device can help, and to open this one again would lose more.
        let missing = lost && !device.is_lost();
        if !(lost || short || failed) || missing || matches!(device, Device::Cpu) {
            return Err(error);
        }
        let tried = retries.len();
        let next = if lost && tried < 2 {
            client.reopen(&device).map(|again| ("on the device, opened again", again, sizes))
        } else if short && tried < 2 {
            Ok((
                "in smaller tasks",
                device.clone(),
                Sizes { max_bytes: (sizes.max_bytes / 8).max(LEAST_BYTES), ..sizes },
            ))
        } else if failed && tried < 1 {
            Ok(("once more", device.clone(), sizes))
        } else {
            Err(Error::bug("nothing left to try on the device"))
        };
        let (what, again, smaller) = next.unwrap_or_else(|_| ("on the CPU", Device::Cpu, client.sizes(&Device::Cpu)));
        client.tell_fallback(what, &error);
        retries.push((format!("the run again, {what}"), error.to_string()));
        (device, sizes) = (again, smaller);
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

/// What a core's own cache holds, with room for more, on most processors.
const HANDED_BYTES: u64 = 1 << 20;

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
