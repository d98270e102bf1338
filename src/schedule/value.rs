//! [`ChunkValue`]: a chunk that has been made, on the host, on the device, or both.

use std::sync::{Arc, OnceLock};

use super::device::{Device, GpuBuffer};
use crate::error::{Error, Result};
use crate::graph::Layout;
use crate::graph::node::c_strides;
use crate::host::HostBuffer;
use crate::plan::task::{Geometry, is_c_order};

/// One array of a chunk, wherever it is.
#[derive(Debug, Default)]
struct Held {
    host: OnceLock<Arc<HostBuffer>>,
    gpu: OnceLock<GpuBuffer>,
}

/// A chunk that has been made. Reductions make several arrays (their states), everything else one.
#[derive(Debug)]
pub struct ChunkValue {
    /// Shape and place in the host's buffer; on the device chunks are always whole buffers in C order.
    pub geometry: Geometry,
    /// For states: the length of the unknown axis they were folded over.
    unknown: u64,
    arrays: Vec<Held>,
    /// The host's copy is someone else's: it is there whether we hold it or not.
    borrowed: bool,
}

impl ChunkValue {
    /// Arrays in C order on the host.
    #[must_use]
    pub fn from_host(shape: Vec<u64>, arrays: Vec<HostBuffer>) -> Self {
        let layout = Layout::c_order(&shape);
        let arrays =
            arrays.into_iter().map(|a| Held { host: OnceLock::from(Arc::new(a)), ..Held::default() }).collect();
        Self { geometry: Geometry { shape, layout }, unknown: 0, arrays, borrowed: false }
    }
    /// A chunk somewhere in a buffer of the user's.
    #[must_use]
    pub fn from_source(buffer: Arc<HostBuffer>, layout: Layout, shape: Vec<u64>) -> Self {
        let held = Held { host: OnceLock::from(buffer), ..Held::default() };
        Self { geometry: Geometry { shape, layout }, unknown: 0, arrays: vec![held], borrowed: true }
    }
    pub(super) fn from_gpu(shape: Vec<u64>, arrays: Vec<GpuBuffer>) -> Self {
        let layout = Layout::c_order(&shape);
        let arrays = arrays.into_iter().map(|a| Held { gpu: OnceLock::from(a), ..Held::default() }).collect();
        Self { geometry: Geometry { shape, layout }, unknown: 0, arrays, borrowed: false }
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
    /// Bytes held for this run.
    pub(super) fn bytes(&self) -> u64 {
        self.arrays
            .iter()
            .map(|held| {
                let host = held.host.get().filter(|_| !self.borrowed).map_or(0, |h| h.bytes().len() as u64);
                host + held.gpu.get().map_or(0, Device::buffer_bytes)
            })
            .sum()
    }
    /// Fetches what is on the device only, of several chunks at once.
    ///
    /// # Errors
    /// What the device says.
    pub fn fetch(values: &[Arc<Self>], device: &Device) -> Result<()> {
        let absent: Vec<&Held> =
            values.iter().flat_map(|v| &v.arrays).filter(|held| held.host.get().is_none()).collect();
        let buffers: Vec<GpuBuffer> = absent.iter().filter_map(|held| held.gpu.get().cloned()).collect();
        if !buffers.is_empty() {
            for (held, host) in absent.into_iter().zip(device.download(&buffers)?) {
                // Another run may have fetched it meanwhile: it is the same.
                let _ = held.host.set(host);
            }
        }
        Ok(())
    }
    /// The arrays on the host; [`ChunkValue::fetch`] first.
    ///
    /// # Errors
    /// [`Error::Bug`] if they are not there.
    pub fn host(&self) -> Result<Vec<&Arc<HostBuffer>>> {
        let arrays = self.arrays.iter().map(|held| held.host.get()).collect::<Option<Vec<_>>>();
        arrays.ok_or_else(|| Error::bug("a chunk that was not fetched"))
    }
    /// The chunk's elements in C order: itself, or a copy of its part of a larger buffer.
    ///
    /// # Errors
    /// As [`ChunkValue::host`].
    pub fn in_c_order(&self) -> Result<Arc<HostBuffer>> {
        let host = self.host()?;
        let Some(buffer) = host.first() else {
            return Err(Error::bug("a chunk without arrays"));
        };
        let elements: u64 = self.geometry.shape.iter().product();
        let Geometry { shape, layout } = &self.geometry;
        if layout.base == 0 && buffer.len() as u64 == elements && is_c_order(layout, shape) {
            return Ok((*buffer).clone());
        }
        let mut out = HostBuffer::zeros(buffer.dtype(), elements as usize);
        let to = Layout::c_order(shape);
        copy_box(buffer.bytes(), layout, out.bytes_mut(), &to, shape, buffer.dtype().size());
        Ok(Arc::new(out))
    }
    /// The arrays on the device, sent there first if need be.
    pub(super) fn gpu(&self, device: &Device) -> Result<Vec<GpuBuffer>> {
        let mut buffers = Vec::with_capacity(self.arrays.len());
        for held in &self.arrays {
            if held.gpu.get().is_none() {
                let buffer = device.upload(&*self.in_c_order()?)?;
                let _ = held.gpu.set(buffer);
            }
            buffers.extend(held.gpu.get().cloned());
        }
        Ok(buffers)
    }
    /// The geometry a kernel on the device sees.
    pub(super) fn device_geometry(&self) -> Geometry {
        Geometry { shape: self.geometry.shape.clone(), layout: Layout::c_order(&self.geometry.shape) }
    }
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
