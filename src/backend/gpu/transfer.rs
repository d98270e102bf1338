//! Uploads and downloads. Elements narrower than a word travel as words: widened on the way up, narrowed on the way down.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;

use super::buffer::{Allocation, GpuBuffer, lock};
use super::{Gpu, Inner};
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};
use crate::host::HostBuffer;

/// Bytes that one staging buffer of a download takes at most, unless one buffer has more.
const STAGING: u64 = 64 << 20;

/// Writes each narrow element, of `N` bytes, as a word.
fn widen<const N: usize>(bytes: &[u8], to: wgpu::WriteOnly<'_, [u8]>, word: impl Fn([u8; N]) -> u32) {
    let (words, _) = to.into_chunks::<4>();
    let elements = bytes.chunks_exact(N).map(|bytes| std::array::from_fn(|i| bytes[i]));
    words.write_iter(elements.map(|element| word(element).to_le_bytes()));
}

/// Writes an element, of `N` bytes, for each word.
fn narrow<const N: usize>(words: &[u8], to: &mut [u8], element: impl Fn(u32) -> [u8; N]) {
    for (to, word) in to.chunks_exact_mut(N).zip(words.chunks_exact(4)) {
        to.copy_from_slice(&element(u32::from_le_bytes(std::array::from_fn(|i| word[i]))));
    }
}

impl Gpu {
    /// Copies elements to the device. The copy is made with the next submission.
    ///
    /// # Errors
    /// [`Error::Device`] if there is no memory, or the device failed.
    pub fn upload(&self, host: &HostBuffer) -> Result<GpuBuffer> {
        let inner = &*self.0;
        let buffer = inner.allocate(host.dtype(), host.len())?;
        let Some(size) = wgpu::BufferSize::new(buffer.bytes()) else {
            return Ok(buffer);
        };
        let view = inner.device.queue.write_buffer_with(&buffer.memory.buffer, 0, size);
        let Some(mut view) = view else {
            // A lost device tells so when it is polled.
            inner.device.wait(None)?;
            return Err(inner.device.error("upload", format!("no staging memory for {size} bytes")));
        };
        let (from, to) = (host.bytes(), view.slice(..));
        match host.dtype() {
            DType::Bool => widen(from, to, |[b]| u32::from(b != 0)),
            DType::U8 => widen(from, to, |[b]| b.into()),
            DType::I8 => widen(from, to, |b| i32::from(i8::from_le_bytes(b)) as u32),
            DType::U16 => widen(from, to, |b| u16::from_le_bytes(b).into()),
            DType::I16 => widen(from, to, |b| i32::from(i16::from_le_bytes(b)) as u32),
            _ => view.copy_from_slice(from),
        }
        // Dropping the view puts the copy into the queue; only then does it count.
        drop(view);
        inner.counters.uploaded.fetch_add(buffer.bytes(), Ordering::Relaxed);
        lock(&inner.recorder).wrote(&inner.target(), buffer.bytes())?;
        Ok(buffer)
    }

    /// Copies elements to the host: submits what is recorded and waits for it.
    ///
    /// # Errors
    /// [`Error::Device`] if the device failed.
    pub fn download(&self, buffer: &GpuBuffer) -> Result<HostBuffer> {
        let mut all = self.download_many(std::slice::from_ref(buffer))?;
        all.pop().ok_or_else(|| Error::bug("a download without a result"))
    }

    /// Copies several buffers to the host in one go.
    ///
    /// # Errors
    /// [`Error::Device`] if the device failed.
    pub fn download_many(&self, buffers: &[GpuBuffer]) -> Result<Vec<HostBuffer>> {
        let inner = &*self.0;
        let mut results = Vec::with_capacity(buffers.len());
        let mut rest = buffers;
        while !rest.is_empty() {
            // As many as share a staging buffer.
            let mut bytes = 0;
            let fits = |buffer: &&GpuBuffer| {
                bytes += buffer.bytes().next_multiple_of(8);
                bytes <= STAGING
            };
            let count = rest.iter().take_while(fits).count().max(1);
            let (now, later) = rest.split_at(count);
            inner.fetch(now, &mut results)?;
            rest = later;
        }
        Ok(results)
    }
}

impl Inner {
    /// Downloads buffers through one staging buffer.
    fn fetch(&self, buffers: &[GpuBuffer], results: &mut Vec<HostBuffer>) -> Result<()> {
        let total: u64 = buffers.iter().map(|b| b.bytes().next_multiple_of(8)).sum();
        if total == 0 {
            results.extend(buffers.iter().map(|b| HostBuffer::zeros(b.dtype, 0)));
            return Ok(());
        }
        let staging = self.staging.allocate(total)?;
        let submission = lock(&self.recorder).submit(&self.target(), |encoder| {
            let mut offset = 0;
            for buffer in buffers.iter().filter(|b| b.len > 0) {
                encoder.copy_buffer_to_buffer(&buffer.memory.buffer, 0, &staging.buffer, offset, buffer.bytes());
                offset += buffer.bytes().next_multiple_of(8);
            }
        })?;
        let mapped = Mapped::wait(self, staging, total, submission)?;
        let view = mapped.staging.buffer.slice(..total).get_mapped_range();
        let view = view.map_err(|error| self.device.error("download", error.to_string()))?;
        let mut rest: &[u8] = &view;
        for buffer in buffers {
            let (from, later) = rest.split_at(buffer.bytes() as usize);
            rest = &later[(buffer.bytes().next_multiple_of(8) - buffer.bytes()) as usize..];
            let mut host = HostBuffer::zeros(buffer.dtype, buffer.len);
            let to = host.bytes_mut();
            match (buffer.dtype.kind(), buffer.dtype.size()) {
                (Kind::Bool, _) => narrow(from, to, |w| [u8::from(w != 0)]),
                (_, 1) => narrow(from, to, |w| [w as u8]),
                (_, 2) => narrow(from, to, |w| (w as u16).to_le_bytes()),
                _ => to.copy_from_slice(from),
            }
            self.counters.downloaded.fetch_add(buffer.bytes(), Ordering::Relaxed);
            results.push(host);
        }
        Ok(())
    }
}

/// A staging buffer that is mapped; unmapped when dropped, before it goes back to its pool.
struct Mapped {
    staging: Arc<Allocation>,
}

impl Mapped {
    /// Maps the buffer and waits for the submission that fills it.
    fn wait(inner: &Inner, staging: Arc<Allocation>, bytes: u64, submission: wgpu::SubmissionIndex) -> Result<Self> {
        let (sender, receiver) = mpsc::channel();
        staging.buffer.slice(..bytes).map_async(wgpu::MapMode::Read, move |result| {
            // The receiver waits below; if it gave up there is nobody to tell.
            let _ = sender.send(result);
        });
        let mapped = Self { staging };
        inner.device.wait(Some(submission))?;
        match receiver.recv_timeout(std::time::Duration::from_secs(10)) {
            Ok(Ok(())) => Ok(mapped),
            Ok(Err(error)) => {
                inner.device.check("download")?;
                Err(inner.device.error("download", error.to_string()))
            }
            Err(_) => Err(inner.device.error("download", "the driver did not map the staging buffer")),
        }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        self.staging.buffer.unmap();
    }
}
