//! One upload: the host's pieces go, widened, to slots of the upload ring, and full slots to the recorder; or, where host and
//! device share memory, straight to the chunk's buffer.

use std::time::Instant;

use super::Inner;
use super::buffer::GpuBuffer;
use super::spans::Lane;
use super::staging::{Filling, Slot};
use super::sync::lock;
use crate::dtype::{DType, f16};
use crate::error::{Error, Result};
use crate::fault::Point;

/// Writes each narrow element, of `N` bytes, as a word.
fn widen<const N: usize>(bytes: &[u8], to: wgpu::WriteOnly<'_, [u8]>, word: impl Fn([u8; N]) -> u32) {
    let (words, _) = to.into_chunks::<4>();
    let elements = bytes.chunks_exact(N).map(|bytes| std::array::from_fn(|i| bytes[i]));
    words.write_iter(elements.map(|element| word(element).to_le_bytes()));
}

/// Writes elements as devices hold them.
fn write(dtype: DType, from: &[u8], mut to: wgpu::WriteOnly<'_, [u8]>) {
    match dtype {
        DType::Bool => widen(from, to, |[b]| u32::from(b != 0)),
        DType::U8 => widen(from, to, |[b]| b.into()),
        DType::I8 => widen(from, to, |b| i32::from(i8::from_le_bytes(b)) as u32),
        DType::U16 => widen(from, to, |b| u16::from_le_bytes(b).into()),
        DType::I16 => widen(from, to, |b| i32::from(i16::from_le_bytes(b)) as u32),
        DType::F16 => widen(from, to, |b| f16::from_le_bytes(b).to_f32().to_bits()),
        DType::BF16 => widen(from, to, |b| u32::from(u16::from_le_bytes(b)) << 16),
        DType::U32 | DType::U64 | DType::I32 | DType::I64 | DType::F32 | DType::F64 => to.copy_from_slice(from),
    }
}

/// A slot, or the buffer itself, being filled. The view is dropped before the slot.
struct Filled {
    view: Filling,
    slot: Option<Slot>,
    /// Bytes it is to hold, and holds.
    bytes: usize,
    filled: usize,
}

/// An upload to a buffer. Dropped before it is finished, it leaves nothing recorded.
pub(super) struct Upload<'a> {
    gpu: &'a Inner,
    buffer: &'a GpuBuffer,
    part: Option<Filled>,
    /// Bytes of the buffer that are recorded.
    recorded: u64,
    /// Elements that were given.
    given: usize,
    finished: bool,
}

impl<'a> Upload<'a> {
    /// Nothing given yet.
    pub(super) fn new(gpu: &'a Inner, buffer: &'a GpuBuffer) -> Self {
        Self { gpu, buffer, part: None, recorded: 0, given: 0, finished: false }
    }

    /// Takes the next elements.
    ///
    /// # Errors
    /// [`Error::Bug`] for more than there should be, or parts of elements; as [`super::Gpu::upload_stream`].
    pub(super) fn write(&mut self, piece: &[u8]) -> Result<()> {
        let dtype = self.buffer.dtype;
        let elements = piece.len() / dtype.size();
        if !piece.len().is_multiple_of(dtype.size()) || elements > self.buffer.len - self.given {
            let (bytes, left) = (piece.len(), self.buffer.len - self.given);
            return Err(Error::bug(format!("a piece of {bytes} bytes for {left} elements of {dtype}")));
        }
        let mut rest = piece;
        while !rest.is_empty() {
            let part = match &mut self.part {
                Some(part) => part,
                None => self.part.insert(Self::next(self.gpu, self.buffer, self.buffer.bytes() - self.recorded)?),
            };
            let room = (part.bytes - part.filled) / dtype.device_size();
            let (now, later) = rest.split_at(rest.len().min(room * dtype.size()));
            let bytes = now.len() / dtype.size() * dtype.device_size();
            let start = Instant::now();
            part.view.write(&self.gpu.device, part.filled, bytes, |to| write(dtype, now, to))?;
            self.gpu.device.lanes.add(Lane::Upload, start, bytes as u64);
            part.filled += bytes;
            self.given += now.len() / dtype.size();
            if part.filled == part.bytes {
                self.record()?;
            }
            rest = later;
        }
        Ok(())
    }

    /// Where the next of so many bytes go.
    fn next(gpu: &Inner, buffer: &GpuBuffer, bytes: u64) -> Result<Filled> {
        let (device, slot) = (&gpu.device, gpu.pool.ledger.shares().slot);
        let part = if buffer.memory.is_direct() {
            let view = Filling::of(&buffer.memory.buffer, device)?;
            Filled { view, slot: None, bytes: bytes as usize, filled: 0 }
        } else {
            let bytes = bytes.min(slot);
            let slot = gpu.slot(bytes)?;
            Filled { view: slot.view(device)?, slot: Some(slot), bytes: bytes as usize, filled: 0 }
        };
        if device.faults.hit(Point::Upload) {
            return Err(device.error("upload", "a failure made on purpose"));
        }
        Ok(part)
    }

    /// Records the slot that is full.
    fn record(&mut self) -> Result<()> {
        let Some(Filled { view, slot, filled, .. }) = self.part.take() else { return Ok(()) };
        drop(view);
        let (bytes, offset) = (filled as u64, self.recorded);
        self.recorded += bytes;
        let Some(slot) = slot else { return Ok(()) };
        slot.unmap();
        let to = (&self.buffer.memory, offset);
        lock(&self.gpu.recorder).copy_in(&self.gpu.target(), (slot, bytes), to)
    }

    /// Ends it.
    ///
    /// # Errors
    /// [`Error::Bug`] if elements are missing.
    pub(super) fn finish(mut self) -> Result<()> {
        let (given, len) = (self.given, self.buffer.len);
        if given != len {
            return Err(Error::bug(format!("an upload of {len} elements was given {given}")));
        }
        self.finished = true;
        if self.buffer.memory.is_direct() {
            self.buffer.memory.unmap();
        }
        Ok(())
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        if !self.finished {
            // The buffer is free at once, and the slots with it.
            lock(&self.gpu.recorder).forget(&self.buffer.memory);
        }
    }
}
