//! Data that is there already, as the leaves of graphs.

use std::sync::Arc;

use super::dyn_array::DynArray;
use crate::chunks::Chunks;
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::node::{Unique, structural_key};
use crate::graph::{Layout, Node, Op, Source};
use crate::host::HostBuffer;

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

/// An array over data, which is like no other.
pub(crate) fn over(source: impl Source + 'static, dtype: DType, chunks: Chunks) -> DynArray {
    let source: Arc<dyn Source> = Arc::new(source);
    Node::new(Op::Source(Unique::new(source)), vec![], dtype, chunks).into()
}

/// A 1-d array of the library's own numbers in one chunk, equal to every other one of the name and the numbers.
pub(super) fn constants(name: &'static str, buffer: HostBuffer) -> DynArray {
    let (dtype, chunks) = (buffer.dtype(), Chunks::whole(&[buffer.len() as u64]));
    let key = structural_key(&(name, dtype, buffer.bytes()));
    let source: Arc<dyn Source> = Arc::new(Whole { buffer: Arc::new(buffer), strides: vec![1], base: 0, name });
    Node::new(Op::Source(Unique::keyed(source, key)), vec![], dtype, chunks).into()
}
