//! Submitting what is recorded, and giving back what a submission held once it is done.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::device::Device;
use super::groups::Bindings;
use super::launch::{Bound, CommandBuffer, IN_FLIGHT, Launch, Target};
use super::ledger::Kind;
use super::spans::{Lane, Span};
use super::staging::Slot;
use super::timer::Running;
use crate::error::{Error, Result};
use crate::fault::Point;

/// The parameters of a submission's launches.
struct Params {
    /// Where the launches read them.
    bound: Bound,
    /// Where the host wrote them.
    slot: Slot,
}

impl Params {
    fn new(target: &Target<'_>, words: &[u32]) -> Result<Self> {
        let bytes: &[u8] = bytemuck::cast_slice(words);
        let memory = Arc::new(target.pool.allocate(Kind::Params, bytes.len() as u64)?);
        // Outside the upload ring: who fills its slots may be waiting for this submission. There are as few as submissions.
        let slot = Slot::new(target.pool.allocate(Kind::Write, bytes.len() as u64)?, None);
        slot.view(target.device)?.write(target.device, 0, bytes.len(), |mut to| to.copy_from_slice(bytes))?;
        slot.unmap();
        Ok(Self { bound: Bound { memory, bytes: bytes.len() as u64 }, slot })
    }
}

impl CommandBuffer {
    /// Submits what is recorded, followed by what `after` encodes.
    ///
    /// # Errors
    /// [`Error::Memory`] if there is no room for the parameters, and nothing in flight that will make some: all stays recorded, and can be
    /// submitted later.
    /// [`Error::Device`] or [`Error::DeviceLost`] if the device failed: what was recorded is lost, and who uses the
    /// buffers that it would have written is told so.
    pub(crate) fn submit(&mut self, target: &Target<'_>, after: impl FnOnce(&mut wgpu::CommandEncoder)) -> Result<()> {
        let device = target.device;
        self.end(target)?;
        // Held until all is submitted, as the launches are: memory that went back to the pool before that could be written,
        // for another thread, ahead of the dispatches that read it.
        let params = loop {
            let in_flight = device.progress.in_flight();
            let params = ready(device).and_then(|()| match self.launches.is_empty() {
                true => Ok(None),
                false => Params::new(target, &self.words).map(Some),
            });
            // What is in flight holds memory: nobody else may come to submit what is recorded here.
            let wait = matches!(params, Err(Error::Memory { .. })) && in_flight > 0;
            if !wait || device.progress.wait_below(in_flight).is_err() {
                break params;
            }
        };
        let params = match params {
            Err(error @ Error::Memory { .. }) => return Err(error),
            params => params,
        };
        let recorded = std::mem::take(self);
        let targets: Vec<_> = recorded.copies.iter().map(|copy| copy.to.upgrade()).collect();
        let submitted = params.and_then(|params| {
            let encode = |wgpu: &wgpu::Device| {
                let mut encoder = wgpu.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: None });
                for (copy, to) in recorded.copies.iter().zip(&targets) {
                    if let Some(to) = to {
                        let from = copy.slot.buffer();
                        encoder.copy_buffer_to_buffer(from, 0, &to.buffer, copy.offset, copy.bytes);
                    }
                }
                let timer = recorded.encode(target, params.as_ref(), &mut encoder);
                after(&mut encoder);
                let (commands, start) = (encoder.finish(), Instant::now());
                (device.queue.submit([commands]), start, timer)
            };
            let (index, start, timer) = device.scoped(|| "submit".to_owned(), 0, encode)?;
            device.check("submit")?;
            Ok((index, start, timer, params))
        });
        match submitted {
            Ok((index, start, timer, params)) => {
                target.counters.submits.fetch_add(1, Ordering::Relaxed);
                recorded.watch(device, index, start, timer, params);
                Ok(())
            }
            Err(error) => {
                recorded.spoil();
                Err(error)
            }
        }
    }

    /// Encodes the launches, with a timer if there can be one.
    fn encode(
        &self,
        target: &Target<'_>,
        params: Option<&Params>,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Option<Running> {
        let (params, device) = (params?, target.device);
        encoder.copy_buffer_to_buffer(params.slot.buffer(), 0, &params.bound.memory.buffer, 0, params.bound.bytes);
        // A query, its resolving, a copy and a mapping: only while somebody listens, or asks.
        let asked = self.launches.iter().any(|launch| launch.took.is_some());
        let timers = target.timers.filter(|_| asked || device.lanes.recording());
        let timer = timers.and_then(|timers| timers.start(device, self.launches.iter().map(Launch::timed), asked));
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: None,
            timestamp_writes: timer.as_ref().map(Running::writes),
        });
        for (i, launch) in self.launches.iter().enumerate() {
            let bound = std::iter::once(&params.bound).chain(&launch.buffers);
            let buffers = bound.map(|bound| (bound.memory.buffer.clone(), bound.bytes)).collect();
            let bindings = Bindings { writes: launch.writes, buffers };
            let group = target.pool.ledger.groups.get(&device.device, &launch.pipeline.layout, bindings);
            pass.set_pipeline(&launch.pipeline.pipeline);
            pass.set_bind_group(0, &group, &[]);
            pass.set_immediates(0, &launch.base.to_le_bytes());
            pass.dispatch_workgroups(launch.groups[0], launch.groups[1], 1);
            if let Some(timer) = &timer {
                timer.after(i + 1, &mut pass);
            }
        }
        drop(pass);
        if let Some(timer) = &timer {
            timer.resolve(encoder);
        }
        timer
    }

    /// Asks for the callbacks of a submission that was made: the slots' return, the times, and that it is done.
    fn watch(
        self,
        device: &Device,
        index: wgpu::SubmissionIndex,
        start: Instant,
        timer: Option<Running>,
        params: Option<Params>,
    ) {
        let (kernels, timed) = (self.launches.len(), timer.is_some());
        if let Some(timer) = timer {
            timer.read(&device.lanes, start);
        }
        let slots = self.copies.into_iter().map(|copy| copy.slot);
        slots.chain(params.map(|params| params.slot)).for_each(Slot::recycle);
        let (progress, lanes, bytes) = (device.progress.clone(), device.lanes.clone(), self.touched);
        device.progress.watch(index, |number| {
            device.queue.on_submitted_work_done(move || {
                let end = Instant::now();
                let start = progress.finished(number, start, end);
                if kernels > 0 && !timed {
                    let took = end - start;
                    lanes.busy(Lane::Compute, took);
                    lanes.keep(Span { lane: Lane::Compute, start, end, took, bytes, kernels, tag: None });
                }
            });
        });
    }

    /// Tells those who use the buffers that would have been written.
    fn spoil(&self) {
        let written = self.launches.iter().flat_map(|launch| launch.buffers.iter().rev().take(launch.writes));
        written.for_each(|bound| bound.memory.spoil());
        self.copies.iter().filter_map(|copy| copy.to.upgrade()).for_each(|to| to.spoil());
    }
}

/// Waits until there may be one more submission.
fn ready(device: &Device) -> Result<()> {
    device.progress.wait_below(IN_FLIGHT).map_err(device.lost("submit"))?;
    if device.faults.hit(Point::Submit) {
        return Err(device.error("submit", "a failure made on purpose"));
    }
    Ok(())
}
