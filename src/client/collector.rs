//! [`Collector`]: puts the chunks of a run where they belong in the caller's arrays. Memory holds a result once: chunks are written
//! into it as they are made, those of unknown length as soon as all before them are there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::execute::{Target, check_results, execute};
use super::handle::Client;
use crate::chunks::{Chunks, product};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Layout, Node, Runs};
use crate::host::{HostBuffer, SharedBuffer};
use crate::host_array::HostArray;
use crate::plan::Plan;
use crate::schedule::{Access, ChunkValue, Reservation, Sink, available_memory};
use crate::width::{in_memory, signed};

/// The values of nodes, computed in one run.
///
/// # Errors
/// Whatever the run meets.
pub(super) fn results(client: &Client, nodes: &[Arc<Node>]) -> Result<Vec<Collected>> {
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

/// Takes the chunks of all results of a run.
pub(super) struct Collector {
    results: Mutex<Vec<Arc<Collected>>>,
    /// Bytes of those of known length.
    bytes: u64,
}

/// One result.
pub(super) struct Collected {
    dtype: DType,
    place: Destination,
}

/// Where its chunks go.
enum Destination {
    /// To places that are known from the start.
    Known { shape: Vec<u64>, whole: SharedBuffer, grid: Mutex<Chunks> },
    /// One after another.
    JoinedParts(Mutex<JoinedParts>),
}

/// A result of unknown length.
#[derive(Default)]
struct JoinedParts {
    /// How it is cut: along one axis in parts of unknown length.
    grid: Option<Chunks>,
    /// Room for the most elements there can be; memory is taken as they are written. None where parts do not follow one another, where
    /// the most is not known, or more than the system has addresses for: all parts wait then.
    whole: Option<Arc<SharedBuffer>>,
    /// The part that is next, and where in the result it goes, in bytes.
    next: u64,
    at: usize,
    /// Parts that came before their turn. They stay in memory: what is read back takes its room a second time.
    waiting: BTreeMap<u64, Arc<ChunkValue>>,
    /// The shape of the parts so far, one after another.
    shape: Option<Vec<u64>>,
    /// What keeps the part of the result that is written counted.
    held: Option<Reservation>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Collector {
    /// Takes the memory of the results; those of known length have so many bytes in all.
    pub(super) fn new(nodes: &[Arc<Node>], bytes: u64) -> Result<Self> {
        let result = |node: &Arc<Node>| {
            let place = match node.chunks.shape() {
                Some(shape) => {
                    check_shape(&shape, node.dtype)?;
                    let elements = usize::try_from(node.chunks.elements().unwrap_or(0)).unwrap_or(usize::MAX);
                    let whole = SharedBuffer::zeros(node.dtype, elements)?;
                    Destination::Known { shape, whole, grid: Mutex::new(node.chunks.clone()) }
                }
                None => Destination::JoinedParts(Mutex::default()),
            };
            Ok(Arc::new(Collected { dtype: node.dtype, place }))
        };
        Ok(Self { results: Mutex::new(nodes.iter().map(result).collect::<Result<_>>()?), bytes })
    }
    fn get(&self, output: usize) -> Option<Arc<Collected>> {
        lock(&self.results).get(output).cloned()
    }
    /// The results, after the run.
    pub(super) fn take_all(&self) -> Result<Vec<Collected>> {
        let results = std::mem::take(&mut *lock(&self.results)).into_iter().map(Arc::into_inner);
        results.collect::<Option<_>>().ok_or_else(|| Error::bug("a result that is still written"))
    }
}

impl Sink for Collector {
    fn take(&self, output: usize, chunk: u64, value: &Arc<ChunkValue>, access: Access<'_>) -> Result<()> {
        let result = self.get(output).ok_or_else(|| Error::bug("a chunk of a result that was taken"))?;
        match &result.place {
            Destination::Known { shape, whole, grid } => {
                let grid = lock(grid).clone();
                let region = grid.region(&grid.coord(chunk));
                let mut to = Layout::c_order(shape);
                to.base = region.iter().zip(&to.strides).map(|((start, _), stride)| signed(*start) * stride).sum();
                let mut place = BoxWriter::new(&value.geometry.shape, &to, result.dtype.size());
                access.stream(value, &mut |piece| {
                    // SAFETY: chunks of an array do not overlap, and a run makes each of them once; a run that is repeated begins
                    // after the one before has ended; the buffer is taken when no run is left.
                    place.write(piece, |at, bytes| unsafe { whole.write(at, bytes) });
                    Ok(())
                })
            }
            Destination::JoinedParts(joined) => join(joined, chunk, value, result.dtype.size(), access),
        }
    }
}

impl Target for Collector {
    fn begin(&self, plan: &Plan) -> Result<()> {
        for (output, &stage) in plan.outputs.iter().enumerate() {
            let Some(result) = self.get(output) else { continue };
            match &result.place {
                Destination::Known { grid, .. } => *lock(grid) = plan.stages[stage].chunks.clone(),
                Destination::JoinedParts(joined) => {
                    let grid = plan.stages[stage].chunks.clone();
                    let most = plan.most_elements(stage).filter(|_| in_one_row(&grid));
                    let whole = most.and_then(|most| addresses(result.dtype, most)).map(Arc::new);
                    *lock(joined) = JoinedParts { grid: Some(grid), whole, ..JoinedParts::default() };
                }
            }
        }
        Ok(())
    }
    fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Refuses shapes that no ndarray has: one without elements may have other axes that are too long.
fn check_shape(shape: &[u64], dtype: DType) -> Result<()> {
    let limit = i64::MAX.cast_unsigned();
    let needed = product(shape.iter().copied().filter(|&len| len > 0)).saturating_mul(dtype.size() as u64);
    if needed <= limit {
        return Ok(());
    }
    let doing = format!("the result, an ndarray of shape {shape:?}");
    let hint = "even without elements its other axes count: take a part of it";
    Err(Error::Memory { pool: "host", doing, needed, limit, hint })
}

/// Whether parts follow one another in C order.
fn in_one_row(grid: &Chunks) -> bool {
    grid.axes().iter().enumerate().all(|(k, axis)| axis.len().is_none() == (k == 0) && (k == 0 || axis.count() == 1))
}

/// Room for so many elements at most, if their addresses leave enough for the chunks.
fn addresses(dtype: DType, most: u64) -> Option<SharedBuffer> {
    const LITTLE: u64 = 64 << 20;
    let bytes = most.checked_mul(dtype.size() as u64)?;
    let fits = bytes <= LITTLE || bytes <= available_memory() / 2;
    if fits { SharedBuffer::zeros(dtype, usize::try_from(most).ok()?).ok() } else { None }
}

/// Takes a part, and writes those whose places are known now.
fn join(
    joined: &Mutex<JoinedParts>,
    chunk: u64,
    value: &Arc<ChunkValue>,
    size: usize,
    mut access: Access<'_>,
) -> Result<()> {
    let (whole, now) = {
        let mut joined = lock(joined);
        joined.waiting.insert(chunk, value.clone());
        let Some(whole) = joined.whole.clone() else {
            // It may be spilled until all are there.
            access.keep(value);
            return Ok(());
        };
        (whole, std::iter::from_fn(|| joined.next_part(size)).collect::<Vec<_>>())
    };
    for (mut at, part) in now {
        let room = access.room(part.geometry.shape.iter().product::<u64>() * size as u64, "the result")?;
        access.stream(&part, &mut |piece| {
            // SAFETY: each part has a place of its own, which was given to this thread alone; otherwise as for known places.
            unsafe { whole.write(at, piece) };
            at += piece.len();
            Ok(())
        })?;
        let mut joined = lock(joined);
        match &mut joined.held {
            Some(held) => held.merge(room),
            none => *none = Some(room),
        }
    }
    Ok(())
}

/// The error of lengths that no part tells.
fn untold(grid: &Chunks) -> Error {
    let hint = "several lengths are unknown, or it has no chunks to tell the one that is: take another part of it";
    Error::UnknownLength { op: "compute", shape: grid.dims(), hint }
}

impl JoinedParts {
    /// The part that is next, if it is there, and its place.
    fn next_part(&mut self, size: usize) -> Option<(usize, Arc<ChunkValue>)> {
        let part = self.waiting.remove(&self.next)?;
        let own = &part.geometry.shape;
        match &mut self.shape {
            Some(shape) => shape[0] += own[0],
            none => *none = Some(own.clone()),
        }
        let at = self.at;
        self.at += in_memory(own.iter().product()) * size;
        self.next += 1;
        Some((at, part))
    }

    /// The shape of the result, and where in it each part begins, in elements: all are there.
    fn places(&self) -> Result<(Vec<u64>, Vec<i64>)> {
        let grid = self.grid.as_ref().ok_or_else(|| Error::bug("a result of no plan"))?;
        let unknown: Vec<usize> = (0..grid.ndim()).filter(|&k| grid.axes()[k].len().is_none()).collect();
        let (&[axis], false) = (unknown.as_slice(), self.waiting.is_empty()) else {
            return Err(untold(grid));
        };
        let coords: Vec<Vec<u64>> = self.waiting.keys().map(|&chunk| grid.coord(chunk)).collect();
        let mut starts = vec![0; in_memory(grid.axes()[axis].count()) + 1];
        for (coord, part) in coords.iter().zip(self.waiting.values()) {
            starts[in_memory(coord[axis]) + 1] = part.geometry.shape[axis];
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let length = starts.last().copied();
        let shape: Vec<u64> = grid.dims().into_iter().map(|len| len.or(length).unwrap_or(0)).collect();
        let strides = Layout::c_order(&shape).strides;
        let place = |coord: &Vec<u64>| {
            let start = |k: usize| {
                if k == axis { starts[in_memory(coord[k])] } else { grid.axes()[k].range(coord[k]).0 }
            };
            (0..shape.len()).map(|k| signed(start(k)) * strides[k]).sum()
        };
        Ok((shape.clone(), coords.iter().map(place).collect()))
    }

    /// The elements and the shape of all parts.
    fn into_values(mut self, dtype: DType, client: &Client) -> Result<(HostBuffer, Vec<u64>)> {
        let size = dtype.size();
        let mut room = None;
        if self.whole.is_none() {
            let device = client.device();
            let mut access = Access::new(client.store(), &device);
            let bytes: u64 = self.waiting.values().map(|part| part.elements() * size as u64).sum();
            room = Some(access.room(bytes, "the result")?);
            let whole = SharedBuffer::zeros(dtype, in_memory(bytes) / size)?;
            let (shape, places) = self.places()?;
            for (part, base) in self.waiting.values().zip(places) {
                let mut place = BoxWriter::new(&part.geometry.shape, &Layout { base, ..Layout::c_order(&shape) }, size);
                access.stream(part, &mut |piece| {
                    // SAFETY: no other thread has this buffer yet.
                    place.write(piece, |at, bytes| unsafe { whole.write(at, bytes) });
                    Ok(())
                })?;
            }
            self.at = in_memory(bytes);
            self.shape = Some(shape);
            self.whole = Some(Arc::new(whole));
        }
        let whole = self.whole.and_then(Arc::into_inner).and_then(|whole| whole.take());
        let whole = whole.ok_or_else(|| Error::bug("a result that was taken"))?;
        let grid = self.grid;
        let none = || grid.as_ref().map_or_else(|| Error::bug("a result of no plan"), untold);
        let shape = self.shape.ok_or_else(none)?;
        let values = whole.truncated(self.at / size);
        drop(room);
        Ok((values, shape))
    }
}

impl Collected {
    pub(super) fn into_host(self, client: &Client) -> Result<HostArray> {
        let (values, shape) = match self.place {
            Destination::Known { shape, whole, .. } => {
                (whole.take().ok_or_else(|| Error::bug("a result that was taken"))?, shape)
            }
            Destination::JoinedParts(joined) => {
                joined.into_inner().unwrap_or_else(PoisonError::into_inner).into_values(self.dtype, client)?
            }
        };
        HostArray::new(values, shape.iter().map(|&d| in_memory(d)).collect())
    }
}

/// Writes elements that come in C order into a box of a larger buffer.
struct BoxWriter {
    /// The runs still to be written, in elements of `size` bytes.
    runs: Runs,
    size: usize,
    /// Where the run that is being written goes on, and how much of it is left, in bytes.
    at: usize,
    left: usize,
}

impl BoxWriter {
    fn new(shape: &[u64], to: &Layout, size: usize) -> Self {
        Self { runs: Runs::new(shape, to), size, at: 0, left: 0 }
    }
    fn write(&mut self, mut bytes: &[u8], mut write: impl FnMut(usize, &[u8])) {
        while !bytes.is_empty() {
            if self.left == 0 {
                let Some(start) = self.runs.next() else { return };
                (self.at, self.left) = (in_memory(start.cast_unsigned()) * self.size, self.runs.len * self.size);
            }
            let (now, later) = bytes.split_at(bytes.len().min(self.left));
            write(self.at, now);
            self.at += now.len();
            self.left -= now.len();
            bytes = later;
        }
    }
}
