//! [`Keeper`]: keeps the chunks of a run as they are, where they are.

use std::sync::{Arc, Mutex, PoisonError};

use super::execute::{Target, execute};
use super::handle::Client;
use super::kept::Kept;
use crate::chunks::Chunks;
use crate::error::{Error, Result};
use crate::graph::Node;
use crate::plan::Plan;
use crate::plan::bytes::NOTES;
use crate::schedule::{Access, ChunkValue, Sink, available_memory};
use crate::width::in_memory;

/// What was kept of each node, computed in one run.
///
/// # Errors
/// Whatever the run meets.
pub(super) fn kept(client: &Client, nodes: &[Arc<Node>]) -> Result<Vec<Kept>> {
    let keeper = Arc::new(Keeper { kept: Mutex::default(), limit: client.memory_limit() });
    // As for results.
    execute(client, nodes, keeper.clone()).inspect_err(|_| drop(keeper.take()))?;
    let whole = |(chunks, values): Slots| {
        let values = values.into_iter().collect::<Option<Vec<_>>>();
        Ok(Kept { chunks, values: values.ok_or_else(|| Error::bug("a chunk was not made"))? })
    };
    keeper.take().into_iter().map(whole).collect()
}

/// Keeps chunks as they are, where they are.
struct Keeper {
    /// For each output.
    kept: Mutex<Vec<Slots>>,
    /// The client's memory limit.
    limit: u64,
}

/// A grid, and the chunks of it that were made.
type Slots = (Chunks, Vec<Option<Arc<ChunkValue>>>);

impl Keeper {
    fn take(&self) -> Vec<Slots> {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for Keeper {
    fn take(&self, output: usize, chunk: u64, value: &Arc<ChunkValue>, access: Access<'_>) -> Result<()> {
        access.keep(value);
        if let Some((_, values)) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get_mut(output) {
            values[in_memory(chunk)] = Some(value.clone());
        }
        Ok(())
    }
    fn reads(&self) -> bool {
        false
    }
}
impl Target for Keeper {
    fn begin(&self, plan: &Plan) -> Result<()> {
        let grids: Vec<Chunks> = plan.outputs.iter().map(|&output| plan.stages[output].chunks.clone()).collect();
        // What is noted of a chunk stays in memory wherever its elements go.
        let (count, limit) = (grids.iter().map(Chunks::to_make).fold(0, u64::saturating_add), self.limit);
        let needed = count.saturating_mul(NOTES);
        if needed > limit {
            let doing = format!("persist: notes of {count} chunks");
            let hint = "rechunk() it to larger chunks before, or raise the memory limit";
            return Err(Error::Memory { pool: "host", doing, needed, limit, hint });
        }
        let list = |chunks: Chunks| {
            let mut values = Vec::new();
            let len = in_memory(chunks.to_make());
            values.try_reserve_exact(len).map_err(|_| {
                let (doing, limit) = (format!("persist: a list of {count} chunks"), available_memory());
                let hint = "rechunk() it to larger chunks before";
                Error::Memory { pool: "host", doing, needed, limit, hint }
            })?;
            values.resize(len, None);
            Ok((chunks, values))
        };
        let slots = grids.into_iter().map(list).collect::<Result<_>>()?;
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = slots;
        Ok(())
    }
    fn bytes(&self) -> u64 {
        0
    }
}
