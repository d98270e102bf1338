//! [`Kept`]: the chunks of an array that was computed and kept, as data of later runs.

use std::any::Any;
use std::sync::Arc;

use crate::chunks::{AxisChunks, Chunks};
use crate::error::{Error, Result};
use crate::graph::{Layout, Source};
use crate::host::HostBuffer;
use crate::schedule::ChunkValue;

/// Kept chunks: where they are when they are read is the store's business.
pub(super) struct Kept {
    pub(super) chunks: Chunks,
    pub(super) values: Vec<Arc<ChunkValue>>,
}

impl Kept {
    /// The same chunks, cut as they have turned out to be: those that are empty are left out.
    pub(super) fn known(self) -> Self {
        let Self { chunks, values } = self;
        let Some(unknown) = chunks.axes().iter().position(|axis| axis.len().is_none()) else {
            return Self { chunks, values };
        };
        let length = |value: &ChunkValue| value.geometry.shape[unknown];
        let mut grid = chunks.grid();
        let (mut ends, mut filled) = (Vec::new(), Vec::new());
        for at in 0..grid[unknown] {
            let first: Vec<u64> = (0..grid.len()).map(|k| if k == unknown { at } else { 0 }).collect();
            let found = length(&values[crate::width::in_memory(chunks.index(&first))]);
            if found > 0 {
                ends.push(ends.last().unwrap_or(&0) + found);
                filled.push(at);
            }
        }
        // Of nothing but empty chunks, one.
        if filled.is_empty() {
            filled.push(0);
        }
        let known = if ends.is_empty() { AxisChunks::regular(0, 0) } else { AxisChunks::from_ends(ends) };
        grid[unknown] = filled.len() as u64;
        let mut axes = chunks.axes().to_vec();
        axes[unknown] = known;
        let cut = Chunks::new(axes);
        let value = |chunk: u64| {
            let mut coord = cut.coord(chunk);
            coord[unknown] = filled[crate::width::in_memory(coord[unknown])];
            values[crate::width::in_memory(chunks.index(&coord))].clone()
        };
        let values = (0..grid.iter().product()).map(value).collect();
        Self { chunks: cut, values }
    }
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
