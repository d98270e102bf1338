//! [`ChunkValue`]: a chunk that has been made: on the host, on the device, in the spill folder, or in several of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::device::{Device, DeviceBuffer};
use super::spill::SpillFile;
use super::store::{Evictable, Reservation, SPILL_BYTES, Store, Ticket};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::node::c_strides;
use crate::graph::{Layout, Source, for_each_run};
use crate::host::HostBuffer;
use crate::plan::bytes::NOTES;
use crate::plan::task::{Geometry, is_c_order};

/// One array of a chunk, wherever it is.
#[derive(Debug)]
struct Held {
    dtype: DType,
    len: usize,
    copies: Mutex<Copies>,
}

#[derive(Debug, Default)]
struct Copies {
    host: Option<HostCopy>,
    gpu: Option<DeviceBuffer>,
    disk: Option<SpillFile>,
}

/// Elements on the host, and the bytes reserved for them. Nobody uses them while there is no other owner.
#[derive(Debug)]
struct HostCopy {
    buffer: Arc<HostBuffer>,
    _reserved: Option<Reservation>,
}

impl Held {
    fn lock(&self) -> MutexGuard<'_, Copies> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn bytes(&self) -> u64 {
        (self.len * self.dtype.size()) as u64
    }
}

/// Where a chunk can be read again.
struct Origin {
    source: Arc<dyn Source>,
    coord: Vec<u64>,
    region: Vec<(u64, u64)>,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.source.describe(), self.region)
    }
}

/// A chunk that has been made. Reductions make several arrays (their states), everything else one.
#[derive(Debug)]
pub struct ChunkValue {
    /// Shape and place in the host's buffer; on the device chunks are always whole buffers in C order.
    pub geometry: Geometry,
    /// For states: the length of the unknown axis they were folded over.
    unknown: u64,
    arrays: Vec<Held>,
    origin: Option<Origin>,
    /// The host's copy is someone else's: it is there whether we hold it or not.
    lent: bool,
    /// What keeps [`NOTES`] counted.
    _notes: Option<Reservation>,
    /// When it was last used, in the store's time.
    used: AtomicU64,
}

/// Where the bytes of a chunk are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Bytes on the host.
    pub host: u64,
    /// Bytes on the device.
    pub device: u64,
    /// Bytes in the spill folder.
    pub disk: u64,
}

impl std::ops::AddAssign for Places {
    fn add_assign(&mut self, other: Self) {
        *self = Self { host: self.host + other.host, device: self.device + other.device, disk: self.disk + other.disk };
    }
}

impl Evictable for ChunkValue {
    fn bytes(&self) -> u64 {
        self.bytes()
    }
    fn leave_host(&self, store: &Store, spill: bool) -> Result<u64> {
        let mut freed = 0;
        for held in self.arrays.iter().filter(|held| !self.lent && held.bytes() >= SPILL_BYTES) {
            let Ok(mut copies) = held.copies.try_lock() else { continue };
            let idle = copies.host.as_ref().filter(|copy| Arc::strong_count(&copy.buffer) == 1);
            let Some(copy) = idle else { continue };
            let taken = copy.buffer.taken() as u64;
            if copies.gpu.is_none() && copies.disk.is_none() && self.origin.is_none() {
                if !spill {
                    continue;
                }
                let file = store.write(copy.buffer.bytes())?;
                copies.disk = Some(file);
            }
            freed += taken;
            copies.host = None;
        }
        Ok(freed)
    }
    fn leave_device(&self, store: &Arc<Store>, device: &Device) -> Result<u64> {
        let mut freed = 0;
        for held in self.arrays.iter().filter(|held| held.bytes() >= SPILL_BYTES) {
            let Ok(mut copies) = held.copies.try_lock() else { continue };
            let Some(gpu) = copies.gpu.take_if(|gpu| !gpu.is_shared() && device.relieves(gpu)) else { continue };
            if copies.host.is_none() && copies.disk.is_none() && self.origin.is_none() {
                let fetched = store.try_count(held.bytes()).and_then(|reserved| {
                    let Some(reserved) = reserved else { return Ok(None) };
                    let fetched = device.of_task()?.download(std::slice::from_ref(&gpu))?.pop().map(Arc::new);
                    Ok(fetched.map(|buffer| HostCopy { buffer, _reserved: Some(reserved) }))
                });
                match fetched {
                    Ok(Some(copy)) => copies.host = Some(copy),
                    // It stays: there is no room for it elsewhere, or it cannot be fetched.
                    other => {
                        copies.gpu = Some(gpu);
                        other?;
                        continue;
                    }
                }
            }
            freed += gpu.bytes();
        }
        Ok(freed)
    }
    fn used_at(&self, tick: u64) -> u64 {
        self.used.swap(tick, Ordering::Relaxed)
    }
}

impl ChunkValue {
    fn new(shape: Vec<u64>, arrays: Vec<Held>) -> Self {
        let layout = Layout::c_order(&shape);
        let geometry = Geometry { shape, layout };
        Self { geometry, unknown: 0, arrays, origin: None, lent: false, _notes: None, used: AtomicU64::new(0) }
    }
    /// The same, with the bytes of its notes counted.
    pub(super) fn noted(self, notes: Option<Reservation>) -> Self {
        Self { _notes: notes, ..self }
    }
    /// Arrays in C order on the host; their bytes are taken from the task's.
    pub(super) fn from_host(shape: Vec<u64>, arrays: Vec<HostBuffer>, ticket: &mut Ticket) -> Self {
        let held = |buffer: HostBuffer| {
            let (dtype, len) = (buffer.dtype(), buffer.len());
            let reserved = ticket.split(buffer.taken() as u64);
            let host = Some(HostCopy { buffer: Arc::new(buffer), _reserved: reserved });
            Held { dtype, len, copies: Mutex::new(Copies { host, ..Copies::default() }) }
        };
        let arrays = arrays.into_iter().map(held).collect();
        Self::new(shape, arrays).noted(ticket.split(NOTES))
    }
    /// A chunk of a source: somewhere in a buffer of the user's, or read when it is used.
    ///
    /// # Errors
    /// Whatever reading it meets.
    pub(super) fn from_source(
        source: &Arc<dyn Source>,
        dtype: DType,
        coord: &[u64],
        region: &[(u64, u64)],
    ) -> Result<Self> {
        if source.in_memory() {
            let (buffer, layout, shape) = source.chunk(coord, region)?;
            let (dtype, len) = (buffer.dtype(), buffer.len());
            let host = Some(HostCopy { buffer, _reserved: None });
            let held = Held { dtype, len, copies: Mutex::new(Copies { host, ..Copies::default() }) };
            return Ok(Self { geometry: Geometry { shape, layout }, lent: true, ..Self::new(vec![], vec![held]) });
        }
        let shape: Vec<u64> = region.iter().map(|(start, end)| end - start).collect();
        let len = shape.iter().product::<u64>() as usize;
        let held = Held { dtype, len, copies: Mutex::default() };
        let origin = Origin { source: source.clone(), coord: coord.to_vec(), region: region.to_vec() };
        Ok(Self { origin: Some(origin), ..Self::new(shape, vec![held]) })
    }
    /// A chunk of which there are no elements.
    pub(super) fn phantom(shape: Vec<u64>, dtype: DType) -> Self {
        let len = shape.iter().product::<u64>() as usize;
        Self::new(shape, vec![Held { dtype, len, copies: Mutex::default() }])
    }
    pub(super) fn from_gpu(shape: Vec<u64>, arrays: Vec<DeviceBuffer>) -> Self {
        let held = |buffer: DeviceBuffer| {
            let (dtype, len) = (buffer.dtype, buffer.len);
            Held { dtype, len, copies: Mutex::new(Copies { gpu: Some(buffer), ..Copies::default() }) }
        };
        Self::new(shape, arrays.into_iter().map(held).collect())
    }
    /// The same, folded over an unknown axis of this length.
    pub(super) fn over(mut self, unknown: u64) -> Self {
        self.unknown = unknown;
        self
    }
    /// The length of the unknown axis it was folded over.
    pub(super) fn folded_over(&self) -> u64 {
        self.unknown
    }
    /// Where its bytes are; those of the user's own arrays do not count.
    #[must_use]
    pub fn places(&self) -> Places {
        let mut places = Places::default();
        for held in &self.arrays {
            let copies = held.lock();
            let there = |is: bool, bytes: u64| if is { bytes } else { 0 };
            places += Places {
                host: there(copies.host.is_some() && !self.lent, held.bytes()),
                device: copies.gpu.as_ref().map_or(0, DeviceBuffer::bytes),
                disk: there(copies.disk.is_some(), held.bytes()),
            };
        }
        places
    }
    /// Whether only a device has some of it.
    #[must_use]
    pub fn is_on_device_alone(&self) -> bool {
        let alone = |copies: &Copies| copies.gpu.is_some() && copies.host.is_none() && copies.disk.is_none();
        self.origin.is_none() && self.arrays.iter().any(|held| alone(&held.lock()))
    }
    /// Bytes of all arrays, wherever they are.
    pub(super) fn bytes(&self) -> u64 {
        self.arrays.iter().map(Held::bytes).sum()
    }

    /// Bytes that it holds: none where it can be read again.
    pub(super) fn held_bytes(&self) -> u64 {
        if self.origin.is_some() || self.lent { 0 } else { self.bytes() }
    }

    /// The arrays that are on the host now, which stay there while they are held on to, and the bytes that fetching the rest takes.
    pub(super) fn resident(&self) -> (Vec<Arc<HostBuffer>>, u64) {
        let (mut there, mut absent) = (Vec::new(), 0);
        // What is read in another order is there twice while it is turned.
        let times = if self.origin.as_ref().is_some_and(|origin| !origin.source.in_c_order()) { 2 } else { 1 };
        for held in &self.arrays {
            match &held.lock().host {
                Some(copy) => there.push(copy.buffer.clone()),
                None => absent += times * held.bytes(),
            }
        }
        (there, absent)
    }
    /// Bytes of the copy that [`ChunkValue::in_c_order`] makes of what is on the host.
    pub(super) fn copied_bytes(&self) -> u64 {
        let Some(held) = self.arrays.first() else { return 0 };
        let Geometry { shape, layout } = &self.geometry;
        let as_it_is = layout.base == 0 && held.len as u64 == self.elements() && is_c_order(layout, shape);
        if as_it_is { 0 } else { self.elements() * held.dtype.size() as u64 }
    }

    /// Fetches what is on the device only, of several chunks at once.
    ///
    /// # Errors
    /// What the device says.
    pub(super) fn fetch(values: &[Arc<Self>], device: &Device, ticket: &mut Ticket) -> Result<()> {
        let mut absent = Vec::new();
        for held in values.iter().flat_map(|value| &value.arrays) {
            let copies = held.lock();
            if let (None, None, Some(gpu)) = (&copies.host, &copies.disk, &copies.gpu) {
                if !device.owns(gpu) {
                    return Err(device.gone());
                }
                absent.push((held, gpu.clone()));
            }
        }
        if absent.is_empty() {
            return Ok(());
        }
        let (held, buffers): (Vec<&Held>, Vec<DeviceBuffer>) = absent.into_iter().unzip();
        for (held, buffer) in held.into_iter().zip(device.of_task()?.download(&buffers)?) {
            let mut copies = held.lock();
            if copies.host.is_none() {
                let reserved = ticket.split(held.bytes());
                copies.host = Some(HostCopy { buffer: Arc::new(buffer), _reserved: reserved });
            }
        }
        Ok(())
    }

    /// The arrays on the host, read back or read again if they are not there; [`ChunkValue::fetch`] before, if they may be on
    /// a device.
    ///
    /// # Errors
    /// Whatever reading them meets.
    pub(super) fn host(&self, store: &Store, ticket: &mut Ticket) -> Result<Vec<Arc<HostBuffer>>> {
        let get = |held: &Held| {
            let mut copies = held.lock();
            if let Some(copy) = &copies.host {
                return Ok(copy.buffer.clone());
            }
            let buffer = match (&copies.disk, &self.origin) {
                (Some(file), _) => {
                    let mut buffer = HostBuffer::scratch(held.dtype, held.len)?;
                    store.read(file, buffer.bytes_mut())?;
                    Arc::new(buffer)
                }
                (None, Some(origin)) => {
                    let (buffer, layout, shape) = origin.source.chunk(&origin.coord, &origin.region)?;
                    c_ordered(buffer, &layout, &shape)?
                }
                // Runs on the CPU fetch nothing: what they cannot find was kept on a device that is lost.
                (None, None) if copies.gpu.is_some() => return Err(Device::Cpu.gone()),
                (None, None) => return Err(Error::bug("a chunk that was not fetched")),
            };
            let reserved = ticket.split(held.bytes());
            copies.host = Some(HostCopy { buffer: buffer.clone(), _reserved: reserved });
            Ok(buffer)
        };
        self.arrays.iter().map(get).collect()
    }
    /// The elements, if they are in memory and in C order, and nothing else is.
    pub(super) fn whole_host(&self) -> Option<Arc<HostBuffer>> {
        let held = self.arrays.first()?;
        let buffer = held.lock().host.as_ref()?.buffer.clone();
        let whole =
            self.geometry.layout == Layout::c_order(&self.geometry.shape) && buffer.len() as u64 == self.elements();
        whole.then_some(buffer)
    }
    /// The elements' dtype.
    pub(super) fn dtype(&self) -> DType {
        self.arrays.first().map_or(DType::Bool, |held| held.dtype)
    }
    /// How many there are.
    pub(crate) fn elements(&self) -> u64 {
        self.geometry.shape.iter().product()
    }

    /// The chunk's elements in C order: itself, or a copy of its part of a larger buffer.
    ///
    /// # Errors
    /// As [`ChunkValue::host`].
    pub(super) fn in_c_order(&self, store: &Store, ticket: &mut Ticket) -> Result<Arc<HostBuffer>> {
        let host = self.host(store, ticket)?;
        let Some(buffer) = host.first() else {
            return Err(Error::bug("a chunk without arrays"));
        };
        c_ordered(buffer.clone(), &self.geometry.layout, &self.geometry.shape)
    }

    /// Hands out the elements in C order, as bytes, some at a time, from wherever they are: the device's are not kept on the host.
    ///
    /// # Errors
    /// Whatever reading them or `take` meets.
    pub(super) fn stream(
        &self,
        store: &Arc<Store>,
        device: &Device,
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let held = self.arrays.first().ok_or_else(|| Error::bug("a chunk without arrays"))?;
        self.stream_of(held, store, device, take)
    }

    /// The same of one of its arrays.
    fn stream_of(
        &self,
        held: &Held,
        store: &Arc<Store>,
        device: &Device,
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let (host, gpu) = {
            let copies = held.lock();
            (copies.host.as_ref().map(|copy| copy.buffer.clone()), copies.gpu.clone())
        };
        let Geometry { shape, layout } = &self.geometry;
        let size = held.dtype.size();
        match (host, gpu, &self.origin) {
            (Some(buffer), ..) if self.origin.is_none() && !self.lent => take(buffer.bytes()),
            (Some(buffer), ..) => {
                for_each_run(shape, layout, |at, n| take(&buffer.bytes()[at as usize * size..(at as usize + n) * size]))
            }
            (None, Some(gpu), _) if device.owns(&gpu) => {
                device.of_task()?.download_with(&[gpu], &mut |_, bytes| take(bytes))
            }
            (None, _, Some(origin)) => origin.source.stream(&origin.coord, &origin.region, take),
            (None, gpu, None) => {
                // On its way out: counted even if it does not fit, for it has to be somewhere.
                let _room = store.try_count(held.bytes())?.unwrap_or_else(|| store.count(held.bytes()));
                let mut buffer = HostBuffer::scratch(held.dtype, held.len)?;
                match &held.lock().disk {
                    Some(file) => store.read(file, buffer.bytes_mut())?,
                    None if gpu.is_some() => return Err(device.gone()),
                    None => return Err(Error::bug("a chunk that is nowhere")),
                }
                take(buffer.bytes())
            }
        }
    }

    /// The arrays on the device, sent there first if need be, for the task that makes the chunk of number `near`.
    pub(super) fn gpu(&self, store: &Arc<Store>, device: &Device, near: u64) -> Result<Vec<DeviceBuffer>> {
        let mut buffers = Vec::with_capacity(self.arrays.len());
        for held in &self.arrays {
            let there = held.lock().gpu.clone().filter(|gpu| device.owns(gpu));
            let buffer = match there {
                Some(buffer) => buffer,
                None => {
                    // Of a user's larger array, the chunk; states have more elements than the chunk they are of.
                    let elements = if self.lent { self.elements() as usize } else { held.len };
                    let mut fill =
                        |take: &mut dyn FnMut(&[u8]) -> Result<()>| self.stream_of(held, store, device, take);
                    let sent = device.of_task()?.upload(near, held.dtype, elements, &mut fill)?;
                    let mut copies = held.lock();
                    // Another thread may have sent it meanwhile: it is the same.
                    match &copies.gpu {
                        Some(gpu) if device.owns(gpu) => gpu.clone(),
                        _ => copies.gpu.insert(sent).clone(),
                    }
                }
            };
            buffers.push(buffer);
        }
        Ok(buffers)
    }
    /// The geometry a kernel on the device sees.
    pub(super) fn device_geometry(&self) -> Geometry {
        Geometry { shape: self.geometry.shape.clone(), layout: Layout::c_order(&self.geometry.shape) }
    }
}

/// Elements in C order: the buffer itself, or a copy of the part of it that `layout` shows.
fn c_ordered(buffer: Arc<HostBuffer>, layout: &Layout, shape: &[u64]) -> Result<Arc<HostBuffer>> {
    let elements: u64 = shape.iter().product();
    if layout.base == 0 && buffer.len() as u64 == elements && is_c_order(layout, shape) {
        return Ok(buffer);
    }
    let mut out = HostBuffer::scratch(buffer.dtype(), elements as usize)?;
    copy_box(buffer.bytes(), layout, out.bytes_mut(), &Layout::c_order(shape), shape, buffer.dtype().size());
    Ok(Arc::new(out))
}

/// Copies a box of `shape` elements of `size` bytes between two layouts.
pub fn copy_box(from: &[u8], from_at: &Layout, to: &mut [u8], to_at: &Layout, shape: &[u64], size: usize) {
    if shape.contains(&0) {
        return;
    }
    // The innermost axes that are contiguous on both sides go in one run.
    let dense = c_strides(shape);
    let mut split = shape.len();
    while split > 0 && from_at.strides[split - 1] == dense[split - 1] && to_at.strides[split - 1] == dense[split - 1] {
        split -= 1;
    }
    let run: u64 = shape[split..].iter().product();
    let mut at = vec![0u64; split];
    let offset = |layout: &Layout, at: &[u64]| -> i64 {
        layout.base + at.iter().zip(&layout.strides).map(|(&i, s)| i as i64 * s).sum::<i64>()
    };
    loop {
        let (a, b) = (offset(from_at, &at) as usize * size, offset(to_at, &at) as usize * size);
        let bytes = run as usize * size;
        to[b..b + bytes].copy_from_slice(&from[a..a + bytes]);
        let Some(k) = (0..split).rev().find(|&k| at[k] + 1 < shape[k]) else {
            return;
        };
        at[k] += 1;
        at[k + 1..].fill(0);
    }
}
