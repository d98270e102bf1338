//! What becomes of a task.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::device::DeviceBuffer;
use super::store::{Reservation, Ticket};
use super::value::ChunkValue;
use crate::plan::task::ChunkId;

/// What became of a task.
pub(super) enum Performed {
    /// It is made.
    Made(Made),
    /// It is made but for its length, which the device has.
    Uncounted(Uncounted),
}

/// What a task made, and what is left of the bytes it was admitted with.
pub(super) struct Made {
    pub(super) value: Arc<ChunkValue>,
    pub(super) ticket: Option<Ticket>,
}

impl From<Arc<ChunkValue>> for Made {
    fn from(value: Arc<ChunkValue>) -> Self {
        Self { value, ticket: None }
    }
}

/// A selection that a device was given: how many elements it keeps is known once the device has counted them.
pub(super) struct Uncounted {
    pub(super) id: ChunkId,
    /// The box that it selects from.
    pub(super) shape: Vec<u64>,
    /// Room for all elements, of which the first are those that are kept.
    pub(super) values: DeviceBuffer,
    pub(super) count: DeviceBuffer,
    pub(super) notes: Option<Reservation>,
    /// When it began, and how long its task took until here.
    pub(super) started: Instant,
    pub(super) took: Duration,
}

/// Selections that a device is asked about together, at most.
const TOGETHER: usize = 16;

/// Whether to ask now, though there is more to record: they are many, or the room that they take is needed soon.
pub(super) fn many(uncounted: &[Uncounted], budget: u64) -> bool {
    let bytes: u64 = uncounted.iter().map(|one| one.values.bytes()).sum();
    uncounted.len() >= TOGETHER || bytes > budget / 8
}
