//! Device memory: buffers in size classes, handed back to a pool by their last owner.
//!
//! A fresh wgpu buffer is cleared at its first use, a whole write of the memory: reuse saves it. A buffer that comes back may
//! still be read by work that was submitted, and is safe to reuse: everything runs on one queue, in order.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::allocation::Allocation;
use super::device::Device;
use super::ledger::{HINT, Kind, Ledger, Over};
use super::progress::Lost;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The size of the buffer for so many bytes: one of four steps in each power of two.
pub(crate) fn class(bytes: u64) -> u64 {
    let bytes = bytes.max(256);
    let step = (bytes.next_power_of_two() / 8).max(64);
    bytes.div_ceil(step) * step
}

/// Makes buffers, as the ledger allows.
pub(crate) struct Pool {
    device: Arc<Device>,
    /// What there is.
    pub(crate) ledger: Arc<Ledger>,
    /// Buffers made so far.
    made: AtomicU64,
}

impl Pool {
    /// An empty pool.
    pub(crate) fn new(device: Arc<Device>, budget: u64) -> Self {
        let ledger = Ledger::new(budget, device.progress.clone());
        Self { device, ledger, made: AtomicU64::new(0) }
    }

    /// Buffers made so far.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// A buffer of at least so many bytes, with anything in it. One that the host writes is mapped.
    ///
    /// # Errors
    /// [`Error::Memory`] if the budget or the device's memory do not allow it, [`Error::Device`] if its limits do not.
    pub(crate) fn allocate(&self, kind: Kind, bytes: u64) -> Result<Allocation> {
        let limit = match kind {
            Kind::Storage | Kind::Direct | Kind::Params => self.device.capabilities.max_binding_bytes,
            Kind::Read | Kind::Write => self.device.limits.max_buffer_size & !3,
        };
        if bytes > limit {
            let message = format!("the limit of the adapter is {limit} bytes a buffer; choose smaller chunks");
            return Err(self.device.error(format!("allocate {bytes} bytes"), message));
        }
        let class = class(bytes).min(limit);
        let over = |Over { needed, limit }| Error::Memory {
            pool: "device",
            doing: format!("allocate {class} bytes on {}", self.device.summary.name),
            needed,
            limit,
            hint: HINT,
        };
        let found = self.ledger.open(kind, class).or_else(|_| {
            // Staging memory of what is in flight comes back, and buffers on their way to be idle can be dropped.
            let _ = self.wait_idle();
            self.ledger.open(kind, class)
        });
        let found = found.map_err(over)?;
        let made = match found {
            Some(buffer) => Ok(buffer),
            None => self.create(kind, class).or_else(|error| {
                // Dropped buffers are freed when the work that reads them is done.
                self.ledger.trim();
                if !matches!(error, Error::Memory { .. }) || self.wait_idle().is_err() {
                    return Err(error);
                }
                self.create(kind, class)
            }),
        };
        match made {
            Ok(buffer) => Ok(Allocation::new(buffer, kind, class, self.ledger.clone())),
            Err(error) => {
                self.ledger.close(kind, class, None);
                Err(error)
            }
        }
    }

    fn wait_idle(&self) -> Result<(), Lost> {
        self.device.progress.wait_idle()?;
        self.device.progress.wait_for(|| !self.ledger.is_parking())
    }

    fn create(&self, kind: Kind, size: u64) -> Result<wgpu::Buffer> {
        self.made.fetch_add(1, Ordering::Relaxed);
        let descriptor =
            wgpu::BufferDescriptor { label: None, size, usage: kind.usage(), mapped_at_creation: kind.idles_mapped() };
        let made =
            self.device.scoped(|| format!("allocate {size} bytes"), size, |device| device.create_buffer(&descriptor));
        made.map_err(|error| {
            let Error::Memory { pool, doing, hint, .. } = error else { return error };
            // What the device had for us is what it gave; the place of this one is counted.
            let bytes = self.ledger.bytes();
            let needed = bytes.live + bytes.staging + bytes.idle;
            Error::Memory { pool, doing, needed, limit: needed.saturating_sub(size), hint }
        })
    }
}

/// Elements of one dtype in device memory. Cloning shares them; the last owner gives the memory back.
#[derive(Clone)]
pub struct GpuBuffer {
    /// The elements' dtype.
    pub(crate) dtype: DType,
    /// Number of elements.
    pub(crate) len: usize,
    /// The memory.
    pub(crate) memory: Arc<Allocation>,
}

impl GpuBuffer {
    /// The elements' dtype.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }
    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Bytes that the elements take on the device.
    pub(crate) fn bytes(&self) -> u64 {
        self.len as u64 * self.dtype.device_size() as u64
    }
}

impl fmt::Debug for GpuBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GpuBuffer({} × {})", self.len, self.dtype)
    }
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn classes_waste_less_than_a_quarter() {
        for bytes in [1, 255, 256, 257, 1000, 4096, 5000, 1 << 20, (1 << 20) + 1, 100_000_000] {
            let class = class(bytes);
            assert!(class >= bytes && class.is_multiple_of(64), "{bytes}: {class}");
            assert!(bytes < 256 || class <= bytes + bytes.div_ceil(4), "{bytes}: {class}");
        }
    }
}
