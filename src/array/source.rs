//! Data that is already in memory: user's arrays, shared or owned, and persisted chunks.

use std::any::Any;
use std::sync::Arc;

use crate::chunks::Chunks;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::node::Unique;
use crate::graph::{Layout, Node, Op, Source};
use crate::host::HostBuffer;
use crate::schedule::ChunkValue;

/// One buffer that holds the whole array, at any strides.
pub(crate) struct Whole {
    pub(crate) buffer: Arc<HostBuffer>,
    pub(crate) strides: Vec<i64>,
    pub(crate) base: i64,
    pub(crate) name: &'static str,
}

impl Source for Whole {
    fn chunk(&self, _: &[u64], region: &[(u64, u64)]) -> Result<(Arc<HostBuffer>, Layout, Vec<u64>)> {
        let base = region
            .iter()
            .zip(&self.strides)
            .fold(self.base, |base, ((start, _), s)| base + crate::width::signed(*start) * s);
        let shape = region.iter().map(|(start, end)| end - start).collect();
        Ok((self.buffer.clone(), Layout { base, strides: self.strides.clone() }, shape))
    }
    fn describe(&self) -> String {
        self.name.into()
    }
}

/// The chunks of an array that was computed and kept.
pub(crate) struct Kept {
    pub(crate) chunks: Chunks,
    pub(crate) values: Vec<Arc<ChunkValue>>,
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

/// A node over data.
pub(crate) fn node(source: impl Source + 'static, dtype: DType, chunks: Chunks) -> Arc<Node> {
    let source: Arc<dyn Source> = Arc::new(source);
    Node::new(Op::Source(Unique::new(source)), vec![], dtype, chunks)
}
