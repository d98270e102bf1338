//! The upload ring: slots of mapped memory that host threads fill and submissions copy from.
//!
//! A slot goes round: mapped and idle in the pool, filled by a thread, unmapped and recorded, submitted, and once the submission
//! is done mapped again by the poll thread. The bytes in use are limited, so who uploads faster than the device copies waits.

use super::Inner;
use super::allocation::Allocation;
use super::buffer::class;
use super::device::Device;
use super::ledger::Kind;
use super::progress::{Moving, Way};
use super::sync::lock;
use crate::error::Result;

/// A staging buffer for uploads.
pub(crate) struct Slot {
    memory: Allocation,
    /// Its room in the ring, if it is of the ring.
    room: Option<Moving>,
}

impl Slot {
    /// A slot of memory that is mapped.
    pub(crate) fn new(memory: Allocation, room: Option<Moving>) -> Self {
        Self { memory, room }
    }

    /// The buffer.
    pub(crate) fn buffer(&self) -> &wgpu::Buffer {
        &self.memory.buffer
    }

    /// Its memory, for writing.
    ///
    /// # Errors
    /// [`crate::Error::DeviceLost`].
    pub(crate) fn view(&self, device: &Device) -> Result<Filling> {
        Filling::of(self.buffer(), device)
    }

    /// Ends the writing: the device may copy. Views of it must be dropped.
    pub(crate) fn unmap(&self) {
        self.memory.buffer.unmap();
    }

    /// Lets the slot come back to the pool, mapped, when the submission that reads it is done.
    pub(crate) fn recycle(self) {
        let buffer = self.memory.buffer.clone();
        buffer.map_async(wgpu::MapMode::Write, .., move |mapped| {
            if mapped.is_ok() {
                self.memory.keep();
            }
            // First the memory, so that who waits for the room finds it.
            drop(self.memory);
            drop(self.room);
        });
    }
}

/// The memory of a slot, or of another buffer that is mapped.
pub(crate) struct Filling(wgpu::BufferViewMut);

impl Filling {
    /// The memory of a buffer that is mapped.
    ///
    /// # Errors
    /// [`crate::Error::DeviceLost`].
    pub(crate) fn of(buffer: &wgpu::Buffer, device: &Device) -> Result<Self> {
        let view = buffer.slice(..).get_mapped_range_mut();
        view.map(Self).map_err(|error| device.error("upload", error.to_string()))
    }

    /// Writes `bytes` bytes from `at` on.
    ///
    /// # Errors
    /// [`crate::Error::DeviceLost`]: then there is nothing to write to any more.
    pub(crate) fn write(
        &mut self,
        device: &Device,
        at: usize,
        bytes: usize,
        write: impl FnOnce(wgpu::WriteOnly<'_, [u8]>),
    ) -> Result<()> {
        let _leave = device.progress.view().map_err(device.lost("upload"))?;
        write(self.0.slice(at..at + bytes));
        Ok(())
    }
}

impl Inner {
    /// A slot for so many bytes, which the ring must be able to hold. Where there is no room, what is recorded is submitted and
    /// the calling thread waits.
    ///
    /// # Errors
    /// [`crate::Error::Memory`] if the budget has no room, [`crate::Error::Device`], [`crate::Error::DeviceLost`].
    pub(crate) fn slot(&self, bytes: u64) -> Result<Slot> {
        let (progress, bytes) = (&self.device.progress, class(bytes));
        let room = loop {
            if let Some(room) = progress.try_move(Way::Up, bytes, self.pool.ledger.shares().ring) {
                break room;
            }
            // Slots that are recorded come back when they are submitted; those still being filled, when they are recorded.
            lock(&self.recorder).flush(&self.target())?;
            self.device.check("upload")?;
            progress.starve();
        };
        let memory = self.with_memory(|| self.pool.allocate(Kind::Write, bytes))?;
        Ok(Slot::new(memory, Some(room)))
    }
}
