//! Selections on a device. How many elements of a chunk were kept is known once the device has counted them, and asking waits for all that
//! was recorded before: so several chunks are asked about together, when there is nothing else to record or they hold much memory.

use std::sync::Arc;

use super::device::DeviceBuffer;
use super::made::{Made, Uncounted};
use super::perform::kept_shape;
use super::run::Run;
use super::value::ChunkValue;
use crate::error::{Error, Result};

impl Run {
    /// Asks about the selections that wait, if there are any: they can leave the device then.
    ///
    /// # Errors
    /// Those of the device.
    pub(super) fn count_waiting(&self) -> Result<bool> {
        let waiting = self.take_uncounted();
        if waiting.is_empty() {
            return Ok(false);
        }
        self.count(waiting).map(|()| true)
    }

    /// Asks about selections, and keeps what they made.
    ///
    /// # Errors
    /// Those of the device.
    pub(super) fn count(&self, waiting: Vec<Uncounted>) -> Result<()> {
        let counts: Vec<DeviceBuffer> = waiting.iter().map(|one| one.count.clone()).collect();
        let counts = self.around.device.of_task()?.download(&counts)?;
        for (one, count) in waiting.into_iter().zip(counts) {
            let Uncounted { id, shape, mut values, notes, started, took, count: _ } = one;
            let kept = *count.stored::<u32>().first().ok_or_else(|| Error::bug("a selection without a count"))?;
            values.len = values.len.min(kept as usize);
            let shape = kept_shape(&self.plan.stages[id.stage], shape, kept.into());
            let value = Arc::new(ChunkValue::from_gpu(shape, vec![values]).noted(notes));
            self.tell_ended(id, started, started + took, value.bytes());
            self.keep(id, Ok(Made::from(value)));
        }
        Ok(())
    }
}
