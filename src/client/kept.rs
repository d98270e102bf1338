//! [`Kept`]: the chunks of an array that was computed and kept, as data of later runs.

use std::any::Any;
use std::sync::Arc;

use crate::chunks::Chunks;
use crate::error::{Error, Result};
use crate::graph::{Layout, Source};
use crate::host::HostBuffer;
use crate::schedule::ChunkValue;

/// Kept chunks: where they are when they are read is the store's business.
pub(super) struct Kept {
    pub(super) chunks: Chunks,
    pub(super) values: Vec<Arc<ChunkValue>>,
}

impl Source for Kept {
    fn chunk(&self, _: &[u64], _: &[(u64, u64)]) -> Result<(Arc<HostBuffer>, Layout, Vec<u64>)> {
        Err(Error::bug("a kept chunk is used as it is"))
    }
    fn describe(&self) -> String {
        "persisted".into()
    }
    fn grid(&self) -> Option<Chunks> {
        Some(self.chunks.clone())
    }
    fn kept(&self, coord: &[u64]) -> Option<Arc<dyn Any + Send + Sync>> {
        Some(self.values[crate::width::in_memory(self.chunks.index(coord))].clone())
    }
    fn is_kept(&self) -> bool {
        true
    }
}
