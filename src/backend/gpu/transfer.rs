//! Uploads and downloads: what callers see, and the ways down. Elements narrower than a word travel as words.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Instant;

use super::allocation::Allocation;
use super::buffer::{GpuBuffer, class};
use super::launch::SPOILED;
use super::ledger::Kind;
use super::progress::{Moving, Way};
use super::spans::Lane;
use super::sync::lock;
use super::upload::Upload;
use super::{Gpu, Inner};
use crate::dtype::{DType, Kind as DTypeKind, f16};
use crate::error::{Error, Result};
use crate::fault::Point;
use crate::host::HostBuffer;

/// Gives an upload's pieces to the sink that it is called with.
pub(crate) type Fill<'a> = dyn FnMut(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> + 'a;

/// Writes an element, of `N` bytes, for each word.
fn narrow<const N: usize>(words: &[u8], element: impl Fn(u32) -> [u8; N]) -> Vec<u8> {
    let mut elements = vec![0; words.len() / 4 * N];
    for (to, word) in elements.chunks_exact_mut(N).zip(words.chunks_exact(4)) {
        to.copy_from_slice(&element(u32::from_le_bytes(std::array::from_fn(|i| word[i]))));
    }
    elements
}

/// Elements in host form, from those that a device holds.
fn host_form<R>(dtype: DType, held: &[u8], take: impl FnOnce(&[u8]) -> R) -> R {
    match (dtype.kind(), dtype.size()) {
        (DTypeKind::Bool, _) => take(&narrow(held, |w| [u8::from(w != 0)])),
        // They were rounded there.
        (DTypeKind::Float, 2) if dtype == DType::F16 => {
            take(&narrow(held, |w| f16::from_f32(f32::from_bits(w)).to_le_bytes()))
        }
        (DTypeKind::Float, 2) => take(&narrow(held, |w| ((w >> 16) as u16).to_le_bytes())),
        (_, 1) => take(&narrow(held, |w| [w as u8])),
        (_, 2) => take(&narrow(held, |w| (w as u16).to_le_bytes())),
        _ => take(held),
    }
}

impl Gpu {
    /// Copies elements to the device. The copy is made with the next submission.
    ///
    /// # Errors
    /// As [`Gpu::upload_stream`].
    #[cfg(test)]
    pub(crate) fn upload(&self, host: &HostBuffer) -> Result<GpuBuffer> {
        self.upload_stream(host.dtype(), host.len(), &mut |sink| sink(host.bytes()))
    }

    /// Copies `len` elements to the device, as `fill` gives them: it is called with a sink, to which it hands their bytes in C
    /// order, in pieces of whole elements. They go straight to memory that the device copies from; where there is none free,
    /// the calling thread waits. Several threads can fill at the same time; `fill` must not itself use this device.
    ///
    /// # Errors
    /// What `fill` returns; [`Error::Bug`] if it gives fewer or more bytes than `len` elements have; [`Error::Memory`] if
    /// there is no room, [`Error::Device`] or [`Error::DeviceLost`] if the device failed.
    pub(crate) fn upload_stream(&self, dtype: DType, len: usize, fill: &mut Fill<'_>) -> Result<GpuBuffer> {
        let inner = &*self.0;
        let kind = if inner.direct { Kind::Direct } else { Kind::Storage };
        let buffer = inner.allocate_kind(kind, dtype, len).inspect_err(|_| self.settle())?;
        let mut upload = Upload::new(inner, &buffer);
        let filled = fill(&mut |piece| upload.write(piece));
        filled.and_then(|()| upload.finish()).inspect_err(|_| self.settle())?;
        inner.counters.uploaded.fetch_add(buffer.bytes(), Ordering::Relaxed);
        Ok(buffer)
    }

    /// Copies elements to the host: submits what is recorded and waits for it.
    ///
    /// # Errors
    /// As [`Gpu::download_with`].
    #[cfg(test)]
    pub(crate) fn download(&self, buffer: &GpuBuffer) -> Result<HostBuffer> {
        let mut all = self.download_many(std::slice::from_ref(buffer))?;
        all.pop().ok_or_else(|| Error::bug("a download without a result"))
    }

    /// Copies several buffers to the host in one go.
    ///
    /// # Errors
    /// As [`Gpu::download_with`].
    pub(crate) fn download_many(&self, buffers: &[GpuBuffer]) -> Result<Vec<HostBuffer>> {
        let mut results = Vec::with_capacity(buffers.len());
        self.download_with(buffers, &mut |i, bytes| {
            let mut host = HostBuffer::scratch(buffers[i].dtype, buffers[i].len)?;
            host.bytes_mut().copy_from_slice(bytes);
            results.push(host);
            Ok(())
        })?;
        Ok(results)
    }

    /// Hands the elements of each buffer to `take`, in order, as bytes in host form: where they are not narrowed, those that
    /// the device wrote, without a copy. Submits what is recorded; the calling thread waits. `take` must not itself use this
    /// device.
    ///
    /// # Errors
    /// What `take` returns; [`Error::Memory`] if there is no room, [`Error::Device`] or [`Error::DeviceLost`] if the device
    /// failed, or what a buffer should hold was lost with a submission that failed.
    pub(crate) fn download_with(
        &self,
        buffers: &[GpuBuffer],
        take: &mut dyn FnMut(usize, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let inner = &*self.0;
        let most = inner.pool.ledger.shares().read;
        let mut first = 0;
        while first < buffers.len() {
            // As many as share a staging buffer.
            let mut bytes = 0;
            let fits = |buffer: &&GpuBuffer| {
                bytes += padded(buffer.bytes());
                bytes <= most
            };
            let count = buffers[first..].iter().take_while(fits).count().max(1);
            let fetched = inner.fetch(&buffers[first..first + count], &mut |i, bytes| take(first + i, bytes));
            fetched.inspect_err(|_| self.settle())?;
            first += count;
        }
        inner.pipelines.save();
        Ok(())
    }
}

/// Where the next buffer can start in a staging buffer.
fn padded(bytes: u64) -> u64 {
    bytes.next_multiple_of(8)
}

/// A part of a buffer: from where, how many bytes.
type BufferPart<'a> = (&'a GpuBuffer, u64, u64);

impl Inner {
    /// Downloads buffers through one staging buffer; a single one through a small one, where there is no memory for more.
    fn fetch(&self, buffers: &[GpuBuffer], take: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        let parts: Vec<BufferPart<'_>> = buffers.iter().map(|buffer| (buffer, 0, buffer.bytes())).collect();
        let total: u64 = parts.iter().map(|part| padded(part.2)).sum();
        // More than a share would be taken from chunks and uploads, which may need it.
        let ledger = &self.pool.ledger;
        if total > ledger.shares().read && class(total) > ledger.room() {
            return self.fetch_in_parts(&buffers[0], take);
        }
        let staging = match self.read_memory(total) {
            Err(Error::Memory { .. }) if buffers.len() == 1 => return self.fetch_in_parts(&buffers[0], take),
            staging => staging?,
        };
        self.read(staging, &parts, &mut |bytes| {
            let mut rest = bytes;
            for (i, buffer) in buffers.iter().enumerate() {
                let (held, _) = rest.split_at(buffer.bytes() as usize);
                rest = &rest[padded(buffer.bytes()) as usize..];
                host_form(buffer.dtype, held, |bytes| take(i, bytes))?;
            }
            Ok(())
        })
    }

    /// Downloads a buffer piece by piece: so it can leave a device that is full.
    fn fetch_in_parts(&self, buffer: &GpuBuffer, take: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        let most = self.pool.ledger.shares().read & !7;
        let mut all = Vec::with_capacity(buffer.len * buffer.dtype.size());
        let mut start = 0;
        while start < buffer.bytes() {
            let bytes = most.min(buffer.bytes() - start);
            let staging = self.read_memory(bytes)?;
            self.read(staging, &[(buffer, start, bytes)], &mut |held| {
                host_form(buffer.dtype, &held[..bytes as usize], |bytes| all.extend_from_slice(bytes));
                Ok(())
            })?;
            start += bytes;
        }
        take(0, &all)
    }

    /// A staging buffer, with its room; none for no bytes.
    fn read_memory(&self, bytes: u64) -> Result<Option<(Allocation, Moving)>> {
        if bytes == 0 {
            return Ok(None);
        }
        let device = &self.device;
        let allocate = |limit: u64| {
            let room = device.progress.wait_move(Way::Down, class(bytes), limit).map_err(device.lost("download"))?;
            Ok((self.with_memory(|| self.pool.allocate(Kind::Read, bytes))?, room))
        };
        match allocate(2 * self.pool.ledger.shares().read) {
            // Not while others have theirs, perhaps alone.
            Err(Error::Memory { .. }) => allocate(0).map(Some),
            staging => staging.map(Some),
        }
    }

    /// Copies parts to a staging buffer, one after the other, waits, and hands it over.
    fn read(
        &self,
        staging: Option<(Allocation, Moving)>,
        parts: &[BufferPart<'_>],
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let device = &self.device;
        let Some(staging) = staging else {
            return take(&[]);
        };
        // In one piece, so that the memory is given back before the room: who waits for that finds it.
        let staging = &staging.0;
        let total: u64 = parts.iter().map(|part| padded(part.2)).sum();
        let mut recorder = lock(&self.recorder);
        recorder.submit(&self.target(), |encoder| {
            let mut at = 0;
            for (buffer, from, bytes) in parts.iter().filter(|part| part.2 > 0) {
                encoder.copy_buffer_to_buffer(&buffer.memory.buffer, *from, &staging.buffer, at, *bytes);
                at += padded(*bytes);
            }
        })?;
        drop(recorder);
        // After the submission, which may be the one that failed.
        if parts.iter().any(|(buffer, ..)| buffer.memory.is_spoiled()) {
            return Err(device.error("download", SPOILED));
        }
        let mapped = self.map(staging, total)?;
        if device.faults.hit(Point::Download) {
            return Err(device.error("download", "a failure made on purpose"));
        }
        let start = Instant::now();
        let _leave = device.progress.view().map_err(device.lost("download"))?;
        let view = mapped.0.buffer.slice(..total).get_mapped_range();
        let view = view.map_err(|error| device.error("download", error.to_string()))?;
        let taken = take(&view);
        drop(view);
        device.lanes.add(Lane::Download, start, total);
        self.counters.downloaded.fetch_add(parts.iter().map(|part| part.2).sum(), Ordering::Relaxed);
        taken
    }

    /// Maps a staging buffer that a submission fills, and waits for that.
    fn map<'a>(&self, staging: &'a Allocation, bytes: u64) -> Result<Mapped<'a>> {
        const MAPPED: u8 = 1;
        const FAILED: u8 = 2;
        let device = &self.device;
        let state = Arc::new(AtomicU8::new(0));
        let (set, progress) = (state.clone(), device.progress.clone());
        staging.buffer.slice(..bytes).map_async(wgpu::MapMode::Read, move |mapped| {
            set.store(if mapped.is_ok() { MAPPED } else { FAILED }, Ordering::Release);
            progress.notify();
        });
        // wgpu may have looked at the submission before it was asked to map.
        device.progress.kick();
        let wait = device.progress.wait_for_soon(&device.device, || state.load(Ordering::Acquire) != 0);
        wait.map_err(device.lost("download"))?;
        if state.load(Ordering::Acquire) == MAPPED {
            return Ok(Mapped(staging));
        }
        device.check("download")?;
        Err(device.error("download", "the driver did not map the staging buffer"))
    }
}

/// A staging buffer that is mapped; when dropped it is unmapped, and can be used again.
struct Mapped<'a>(&'a Allocation);

impl Drop for Mapped<'_> {
    fn drop(&mut self) {
        self.0.buffer.unmap();
        self.0.keep();
    }
}
