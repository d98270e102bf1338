//! Recording dispatches and submitting them, some dozens at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::buffer::{Allocation, GpuBuffer, Pool};
use super::device::Device;
use super::pipeline::Pipeline;
use crate::error::{Error, Result};

/// Dispatches in a submission. A submission costs tens of microseconds; more of them would let the device wait.
const BATCH: usize = 32;
/// Bytes of uploads and parameters that start a submission: their staging memory is held until then.
const PENDING_BYTES: u64 = 64 << 20;
/// Submissions in flight, which hold the memory of their staging and of released buffers.
const IN_FLIGHT: usize = 4;

/// A buffer of a launch: its memory, and how much of it is bound.
struct Bound {
    memory: Arc<Allocation>,
    bytes: u64,
}

/// One recorded dispatch.
struct Launch {
    pipeline: Arc<Pipeline>,
    buffers: Vec<Bound>,
    /// Where its parameters start.
    base: u32,
    groups: [u32; 2],
}

/// What is recorded and not yet submitted.
#[derive(Default)]
pub(crate) struct Recorder {
    launches: Vec<Launch>,
    words: Vec<u32>,
    pending_bytes: u64,
    in_flight: VecDeque<wgpu::SubmissionIndex>,
}

/// What was done so far.
#[derive(Default)]
pub(crate) struct Counters {
    /// Dispatches recorded.
    pub(crate) dispatches: AtomicU64,
    /// Submissions.
    pub(crate) submits: AtomicU64,
    /// Bytes uploaded.
    pub(crate) uploaded: AtomicU64,
    /// Bytes downloaded.
    pub(crate) downloaded: AtomicU64,
}

/// Workgroups in two dimensions that are at least `groups` in all. Kernels number them row by row.
fn grid(groups: u64, limit: u32) -> Option<[u32; 2]> {
    let rows = groups.div_ceil(u64::from(limit)).max(1);
    let columns = groups.div_ceil(rows);
    (rows <= u64::from(limit)).then_some([columns as u32, rows as u32])
}

/// The device with its pools and counters, as the recorder needs them.
pub(crate) struct Target<'a> {
    /// The device.
    pub(crate) device: &'a Device,
    /// Memory for parameters.
    pub(crate) pool: &'a Arc<Pool>,
    /// What was done so far.
    pub(crate) counters: &'a Counters,
}

impl Recorder {
    /// Records a dispatch of so many workgroups, and submits what is recorded when it is enough.
    ///
    /// # Errors
    /// [`Error::Device`] for a dispatch beyond the device's limits, or from submitting.
    pub(crate) fn record(
        &mut self,
        target: &Target<'_>,
        pipeline: Arc<Pipeline>,
        words: &[u32],
        buffers: &[&GpuBuffer],
        groups: [u64; 2],
    ) -> Result<()> {
        let limit = target.device.max_groups;
        let groups = match groups {
            [columns, rows] if columns <= u64::from(limit) && rows <= u64::from(limit) => {
                Some([columns as u32, rows as u32])
            }
            [columns, 1] => grid(columns, limit),
            _ => None,
        };
        let Some(groups) = groups else {
            return Err(target
                .device
                .error("dispatch", format!("more than {limit}² workgroups; choose smaller chunks")));
        };
        let more = 4 * words.len() as u64;
        if 4 * self.words.len() as u64 + more > target.device.capabilities.max_binding_bytes {
            self.flush(target)?;
        }
        let base = u32::try_from(self.words.len()).map_err(|_| Error::bug("parameters beyond 2³² words"))?;
        self.words.extend_from_slice(words);
        let buffers = buffers
            .iter()
            // An empty buffer cannot be bound: its first element is, which nothing touches.
            .map(|b| Bound { memory: b.memory.clone(), bytes: b.bytes().max(b.dtype.device_size() as u64) })
            .collect();
        self.launches.push(Launch { pipeline, buffers, base, groups });
        target.counters.dispatches.fetch_add(1, Ordering::Relaxed);
        if self.launches.len() >= BATCH {
            self.flush(target)?;
        }
        self.wrote(target, more)
    }

    /// Counts bytes that wait in staging memory, and submits when they are many.
    ///
    /// # Errors
    /// From submitting.
    pub(crate) fn wrote(&mut self, target: &Target<'_>, bytes: u64) -> Result<()> {
        self.pending_bytes += bytes;
        if self.pending_bytes > PENDING_BYTES { self.flush(target).map(|_| ()) } else { Ok(()) }
    }

    /// Submits what is recorded.
    ///
    /// # Errors
    /// [`Error::Device`] if the device failed.
    pub(crate) fn flush(&mut self, target: &Target<'_>) -> Result<()> {
        if !self.launches.is_empty() || self.pending_bytes > 0 {
            self.submit(target, |_| {})?;
        }
        Ok(())
    }

    /// Submits what is recorded, followed by what `after` encodes.
    ///
    /// # Errors
    /// [`Error::Device`] if the device failed.
    pub(crate) fn submit(
        &mut self,
        target: &Target<'_>,
        after: impl FnOnce(&mut wgpu::CommandEncoder),
    ) -> Result<wgpu::SubmissionIndex> {
        let device = target.device;
        // Taken first: after a failure the next submission starts anew.
        let launches = std::mem::take(&mut self.launches);
        let words = std::mem::take(&mut self.words);
        self.pending_bytes = 0;
        let mut encoder = device.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None });
        // Held until all is submitted, as the launches are: a write to a buffer that went back to the pool before that, by
        // another thread's upload, would run ahead of the dispatches that read it.
        let mut held = None;
        if !launches.is_empty() {
            let bytes: &[u8] = bytemuck::cast_slice(&words);
            let params = target.pool.allocate(bytes.len() as u64)?;
            device.queue.write_buffer(&params.buffer, 0, bytes);
            let params = &*held.insert(Bound { memory: params, bytes: (bytes.len() as u64).max(4) });
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for launch in &launches {
                let entries: Vec<_> = std::iter::once(params)
                    .chain(&launch.buffers)
                    .enumerate()
                    .map(|(binding, bound)| wgpu::BindGroupEntry {
                        binding: binding as u32,
                        resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                            buffer: &bound.memory.buffer,
                            offset: 0,
                            size: wgpu::BufferSize::new(bound.bytes),
                        }),
                    })
                    .collect();
                let group = device.device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: None,
                    layout: &launch.pipeline.layout,
                    entries: &entries,
                });
                pass.set_pipeline(&launch.pipeline.pipeline);
                pass.set_bind_group(0, &group, &[]);
                pass.set_immediates(0, &launch.base.to_le_bytes());
                pass.dispatch_workgroups(launch.groups[0], launch.groups[1], 1);
            }
        }
        after(&mut encoder);
        let index = device.queue.submit([encoder.finish()]);
        drop((held, launches));
        target.counters.submits.fetch_add(1, Ordering::Relaxed);
        device.check("submit")?;
        self.in_flight.push_back(index.clone());
        if self.in_flight.len() > IN_FLIGHT {
            device.wait(self.in_flight.pop_front())?;
        }
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use super::grid;

    #[test]
    fn grids_cover_all_groups() {
        assert_eq!(grid(1, 65535), Some([1, 1]));
        assert_eq!(grid(65535, 65535), Some([65535, 1]));
        for groups in [65536, 100_000, 1 << 24, 4_000_000_000] {
            let [x, y] = grid(groups, 65535).unwrap();
            assert!(u64::from(x) * u64::from(y) >= groups && x <= 65535, "{groups}: {x} {y}");
        }
        assert_eq!(grid(1 << 33, 65535), None);
    }
}
