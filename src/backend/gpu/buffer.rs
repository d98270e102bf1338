//! Device memory: buffers in size classes, handed back to a pool by their last owner.
//!
//! A fresh wgpu buffer is cleared at its first use, a whole write of the memory: reuse saves it. A buffer that comes back may
//! still be read by work that was submitted, and is safe to reuse: everything runs on one queue, in order.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::device::Device;
use crate::dtype::DType;
use crate::error::Result;

/// Locks a mutex. A thread that panicked while it held it left no half-done state: the lock's owners only count and move.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Buffers of one usage, by size class.
pub(crate) struct Pool {
    device: Arc<Device>,
    usage: wgpu::BufferUsages,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: BTreeMap<u64, Vec<wgpu::Buffer>>,
    idle_bytes: u64,
    live_bytes: u64,
    peak_bytes: u64,
}

impl State {
    /// Drops idle buffers, the largest first, until at most `bytes` are left.
    fn trim(&mut self, bytes: u64) {
        while self.idle_bytes > bytes {
            let Some(mut entry) = self.idle.last_entry() else { break };
            self.idle_bytes -= entry.key();
            entry.get_mut().pop();
            if entry.get().is_empty() {
                entry.remove();
            }
        }
    }
}

/// What idle buffers may take beside the buffers in use, beyond the highest use so far: enough for chunks of a few sizes.
const SLACK: u64 = 64 << 20;

/// The size of the buffer for so many bytes: one of four steps in each power of two.
fn class(bytes: u64) -> u64 {
    let bytes = bytes.max(256);
    let step = (bytes.next_power_of_two() / 8).max(64);
    bytes.div_ceil(step) * step
}

impl Pool {
    /// An empty pool.
    pub(crate) fn new(device: Arc<Device>, usage: wgpu::BufferUsages) -> Arc<Self> {
        Arc::new(Self { device, usage, state: Mutex::default() })
    }

    /// A buffer of at least so many bytes, with anything in it.
    ///
    /// # Errors
    /// [`Error::Device`] if the device's limits or memory do not allow it.
    pub(crate) fn allocate(self: &Arc<Self>, bytes: u64) -> Result<Arc<Allocation>> {
        let limit = self.device.capabilities.max_binding_bytes;
        if bytes > limit {
            let message = format!("the limit of the adapter is {limit} bytes a buffer; choose smaller chunks");
            return Err(self.device.error(format!("allocate {bytes} bytes"), message));
        }
        let class = class(bytes).min(limit.next_multiple_of(4));
        let found = {
            let mut state = lock(&self.state);
            state.live_bytes += class;
            state.peak_bytes = state.peak_bytes.max(state.live_bytes);
            let found = state.idle.get_mut(&class).and_then(Vec::pop);
            if found.is_some() {
                state.idle_bytes -= class;
            } else {
                // What is idle will hardly serve: keep the whole near what was needed at most.
                let room = (state.peak_bytes + SLACK).saturating_sub(state.live_bytes);
                state.trim(room);
            }
            found
        };
        let made = match found {
            Some(buffer) => Ok(buffer),
            None => self.create(class).or_else(|_| {
                lock(&self.state).trim(0);
                // Dropped buffers are freed when the device is polled.
                self.device.wait(None)?;
                self.create(class)
            }),
        };
        match made {
            Ok(buffer) => Ok(Arc::new(Allocation { buffer, class, pool: self.clone() })),
            Err(error) => {
                lock(&self.state).live_bytes -= class;
                Err(error)
            }
        }
    }

    fn create(&self, size: u64) -> Result<wgpu::Buffer> {
        self.device.scoped(
            || format!("allocate {size} bytes"),
            |device| {
                device.create_buffer(&wgpu::BufferDescriptor {
                    label: None,
                    size,
                    usage: self.usage,
                    mapped_at_creation: false,
                })
            },
        )
    }

    /// Bytes in use, now and at most so far.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let state = lock(&self.state);
        (state.live_bytes, state.peak_bytes)
    }
}

/// A buffer of the pool's.
pub(crate) struct Allocation {
    /// The buffer.
    pub(crate) buffer: wgpu::Buffer,
    class: u64,
    pool: Arc<Pool>,
}

impl Drop for Allocation {
    fn drop(&mut self) {
        let mut state = lock(&self.pool.state);
        state.live_bytes -= self.class;
        state.idle_bytes += self.class;
        state.idle.entry(self.class).or_default().push(self.buffer.clone());
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
