//! Recording copies and dispatches, and when to submit them: some dozens at a time, or earlier where the device would idle.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use super::allocation::Allocation;
use super::buffer::{GpuBuffer, Pool};
use super::device::Device;
use super::ending::Ending;
use super::pipeline::{Cache, Pipeline};
use super::spans::Tag;
use super::staging::Slot;
use super::timer::{LAUNCHES, Timed, Timers, Took};
use crate::error::{Error, Result};

/// Dispatches and bytes of uploads in a submission, while the device has enough to do. A submission costs tens of microseconds.
pub(super) const BATCH: usize = LAUNCHES;
const BATCH_BYTES: u64 = 64 << 20;
/// Four elements of the widest dtype.
const VECTOR_BYTES: u64 = 32;
/// Submissions in flight that are enough to do, and that there are at most.
const ENOUGH: u64 = 2;
pub(super) const IN_FLIGHT: u64 = 4;
/// What is submitted at once while the device has less to do: so many dispatches on so many bytes, or bytes of uploads. A card
/// that reads 3 TB/s goes over so many bytes in some 200 microseconds: what is less is done before another submission would be. A slower
/// device waits for no more than the recording of [`BATCH`] dispatches, which is some 300 (estimated; no other card was at hand).
const EARLY: usize = 8;
const EARLY_TOUCHED: u64 = 640 << 20;
const EARLY_BYTES: u64 = 16 << 20;

/// A buffer of a launch: its memory, and how much of it is bound.
pub(super) struct Bound {
    pub(super) memory: Arc<Allocation>,
    pub(super) bytes: u64,
}

/// One recorded dispatch.
pub(super) struct Launch {
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) buffers: Vec<Bound>,
    /// How many of them, at the end, it writes.
    pub(super) writes: usize,
    /// Where its parameters start.
    pub(super) base: u32,
    pub(super) groups: [u32; 2],
    /// The task that launched it.
    pub(super) tag: Option<Tag>,
    /// Where its time is told, if somebody asks.
    pub(super) took: Option<Took>,
}

impl Launch {
    /// What a timer has to know of it.
    pub(super) fn timed(&self) -> Timed<'_> {
        let bytes = self.buffers.iter().map(|bound| bound.bytes).sum();
        Timed { tag: self.tag.as_ref(), bytes, took: self.took.as_ref() }
    }
}

/// One recorded upload: the first bytes of a slot to a place in a buffer.
pub(super) struct Copy {
    pub(super) slot: Slot,
    pub(super) bytes: u64,
    /// Gone if nobody will use the buffer: then there is no copy.
    pub(super) to: Weak<Allocation>,
    pub(super) offset: u64,
}

/// What is recorded and not yet submitted. Copies come before the launches: nothing recorded before a copy can use its buffer,
/// for that is new, and memory comes back to the pool after its submission only.
#[derive(Default)]
pub(crate) struct CommandBuffer {
    pub(super) copies: Vec<Copy>,
    pub(super) launches: Vec<Launch>,
    /// Merges that are still to be launched, for others may join them.
    pub(super) endings: Vec<Ending>,
    pub(super) words: Vec<u32>,
    /// Bytes of uploads and parameters.
    copied: u64,
    /// Bytes of the launches' buffers.
    pub(super) touched: u64,
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

/// Of a buffer that a failed submission should have written.
pub(super) const SPOILED: &str = "what it should hold was lost with a submission that failed";

/// The device with its pool and counters, as the recorder needs them.
pub(crate) struct Target<'a> {
    /// The device.
    pub(crate) device: &'a Device,
    /// Memory for parameters.
    pub(crate) pool: &'a Pool,
    /// Those of merges.
    pub(crate) pipelines: &'a Cache,
    /// What was done so far.
    pub(crate) counters: &'a Counters,
    /// Measures submissions, where the device can.
    pub(crate) timers: Option<&'a Arc<Timers>>,
}

/// A dispatch to record.
pub(crate) struct Dispatch<'a> {
    /// The shader.
    pub(crate) pipeline: Arc<Pipeline>,
    /// Its parameters.
    pub(crate) words: &'a [u32],
    /// The buffers it reads, then those it writes.
    pub(crate) buffers: &'a [&'a GpuBuffer],
    /// How many it writes.
    pub(crate) writes: usize,
    /// Workgroups.
    pub(crate) groups: [u64; 2],
    /// The task that launched it.
    pub(crate) tag: Option<Tag>,
    /// Where its time is told, if somebody asks.
    pub(crate) took: Option<Took>,
}

impl CommandBuffer {
    /// Records a dispatch, and submits what is recorded when it is enough.
    ///
    /// # Errors
    /// [`Error::Device`] for a dispatch beyond the device's limits or one that reads what was lost, or from submitting.
    pub(crate) fn record(&mut self, target: &Target<'_>, dispatch: Dispatch<'_>) -> Result<()> {
        self.ready(target, 4 * dispatch.words.len() as u64, dispatch.buffers)?;
        self.push(target, dispatch)?;
        self.flush_enough(target)
    }

    /// Makes room for so many bytes of parameters, and launches what waits and makes one of the buffers.
    ///
    /// # Errors
    /// As [`CommandBuffer::record`].
    pub(super) fn ready(&mut self, target: &Target<'_>, bytes: u64, buffers: &[&GpuBuffer]) -> Result<()> {
        if target.device.progress.is_lost() {
            return Err(target.device.error("dispatch", ""));
        }
        let waiting: u64 = self.endings.iter().map(Ending::bytes).sum();
        if 4 * self.words.len() as u64 + waiting + bytes > target.device.capabilities.max_binding_bytes {
            self.flush(target)?;
        }
        if self.endings.iter().any(|ending| buffers.iter().any(|buffer| ending.makes(buffer))) {
            self.end(target)?;
        }
        self.check(target, buffers)
    }

    /// Whether the buffers hold what they should.
    fn check(&self, target: &Target<'_>, buffers: &[&GpuBuffer]) -> Result<()> {
        let spoiled = buffers.iter().any(|buffer| buffer.memory.is_spoiled());
        if spoiled { Err(target.device.error("dispatch", SPOILED)) } else { Ok(()) }
    }

    /// Records a dispatch for whose parameters there is room.
    ///
    /// # Errors
    /// As [`CommandBuffer::record`], but from submitting.
    pub(super) fn push(&mut self, target: &Target<'_>, dispatch: Dispatch<'_>) -> Result<()> {
        let limit = target.device.max_groups;
        let groups = match dispatch.groups {
            [columns, rows] if columns <= u64::from(limit) && rows <= u64::from(limit) => {
                Some([columns as u32, rows as u32])
            }
            [columns, 1] => grid(columns, limit),
            _ => None,
        };
        let Some(groups) = groups else {
            let message = format!("more than {limit}² workgroups; choose smaller chunks");
            return Err(target.device.error("dispatch", message));
        };
        self.check(target, dispatch.buffers)?;
        let base = u32::try_from(self.words.len()).map_err(|_| Error::bug("parameters beyond 2³² words"))?;
        self.words.extend_from_slice(dispatch.words);
        let buffers: Vec<Bound> = dispatch
            .buffers
            .iter()
            // Whole vectors of four: the padding belongs to the buffer. An empty one could not be bound either.
            .map(|b| Bound {
                memory: b.memory.clone(),
                bytes: b.bytes().max(1).next_multiple_of(VECTOR_BYTES).min(b.memory.buffer.size()),
            })
            .collect();
        self.copied += 4 * dispatch.words.len() as u64;
        self.touched += buffers.iter().map(|bound| bound.bytes).sum::<u64>();
        let Dispatch { pipeline, writes, tag, took, .. } = dispatch;
        self.launches.push(Launch { pipeline, buffers, writes, base, groups, tag, took });
        target.counters.dispatches.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Records that the first bytes of a slot go to a place in a buffer, and submits what is recorded when it is enough.
    ///
    /// # Errors
    /// From submitting.
    pub(crate) fn copy_in(
        &mut self,
        target: &Target<'_>,
        (slot, bytes): (Slot, u64),
        (to, offset): (&Arc<Allocation>, u64),
    ) -> Result<()> {
        self.copies.push(Copy { slot, bytes, to: Arc::downgrade(to), offset });
        self.copied += bytes;
        if target.device.progress.is_starved() { self.flush(target) } else { self.flush_enough(target) }
    }

    /// Forgets the copies to a buffer, which will not be used.
    pub(crate) fn forget(&mut self, to: &Arc<Allocation>) {
        self.copies.retain(|copy| copy.to.as_ptr() != Arc::as_ptr(to));
    }

    fn is_empty(&self) -> bool {
        self.launches.is_empty() && self.copies.is_empty() && self.endings.is_empty()
    }

    pub(super) fn flush_enough(&mut self, target: &Target<'_>) -> Result<()> {
        let full = self.launches.len() + self.endings.len() >= BATCH || self.copied >= BATCH_BYTES;
        let early = (self.launches.len() >= EARLY && self.touched >= EARLY_TOUCHED) || self.copied >= EARLY_BYTES;
        if full || (early && target.device.progress.in_flight() < ENOUGH) { self.flush(target) } else { Ok(()) }
    }

    /// Submits what is recorded.
    ///
    /// # Errors
    /// As [`CommandBuffer::submit`].
    pub(crate) fn flush(&mut self, target: &Target<'_>) -> Result<()> {
        if self.is_empty() { Ok(()) } else { self.submit(target, |_| {}) }
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
