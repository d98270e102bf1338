//! Data that is there already, as the leaves of graphs.

use std::sync::Arc;

use super::arguments::IntoShape;
use super::dyn_array::DynArray;
use crate::chunks::{ChunkSpec, Chunks};
use crate::dtype::DType;
use crate::error::{Error, Result};
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

/// An array over a [`Source`] of one's own: a file format, a database, another program. Its chunks are read when they are needed, each
/// region by one call of [`Source::chunk`], and what is read counts against the memory limit ([`Source::in_memory`] says if it is not read
/// but there).
///
/// # Errors
/// As [`ChunkSpec::resolve`].
///
/// ```
/// use gridloom::{DType, functions::from_source, graph::{Layout, Source}, host::HostBuffer};
/// use std::sync::Arc;
/// /// The squares of the places.
/// struct Squares;
/// impl Source for Squares {
///     fn chunk(&self, _: &[u64], region: &[(u64, u64)]) -> gridloom::Result<(Arc<HostBuffer>, Layout, Vec<u64>)> {
///         let (start, end) = region[0];
///         let squares: Vec<u64> = (start..end).map(|i| i * i).collect();
///         let shape = vec![end - start];
///         Ok((Arc::new(HostBuffer::from_values(squares)), Layout::c_order(&shape), shape))
///     }
///     fn describe(&self) -> String {
///         "squares".into()
///     }
///     fn in_memory(&self) -> bool {
///         false
///     }
/// }
/// let x = from_source(Squares, DType::U64, 1000, 100)?;
/// assert_eq!(x.sum().typed::<u64>()?.item()?, 332_833_500);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn from_source(
    source: impl Source + 'static,
    dtype: DType,
    shape: impl IntoShape,
    chunks: impl Into<ChunkSpec>,
) -> Result<DynArray> {
    let chunks = chunks.into().resolve(&shape.into_shape(), dtype)?;
    Ok(over(source, dtype, chunks))
}

/// An array over elements of a buffer at any strides, which may be negative or 0: a part of it, transposed, reversed or repeated. Nothing is
/// copied.
///
/// # Errors
/// [`Error::Parameter`] for another number of strides than axes, and for places beyond the buffer; as [`ChunkSpec::resolve`].
///
/// ```
/// use gridloom::{functions::from_strided, graph::Layout, host::HostBuffer};
/// let buffer = HostBuffer::from_values((0..6).collect::<Vec<i32>>());
/// let backwards = from_strided(buffer, Layout { base: 5, strides: vec![-2] }, 3, "auto")?;
/// assert_eq!(backwards.typed::<i32>()?.to_vec()?, [5, 3, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn from_strided(
    buffer: HostBuffer,
    layout: Layout,
    shape: impl IntoShape,
    chunks: impl Into<ChunkSpec>,
) -> Result<DynArray> {
    let (shape, Layout { base, strides }) = (shape.into_shape(), layout);
    let refuse = |what, got, expected| Err(Error::Parameter { op: "from_strided", what, got, expected });
    if strides.len() != shape.len() {
        return refuse("the list of strides", format!("{strides:?}"), "one an axis");
    }
    if !shape.contains(&0) {
        // The places furthest down and up: in a type that holds each step of the way.
        let last = |want_up: bool| {
            let steps = shape.iter().zip(&strides).filter(|(_, stride)| (**stride > 0) == want_up);
            steps
                .map(|(&len, &stride)| i128::from(len - 1) * i128::from(stride))
                .fold(i128::from(base), i128::saturating_add)
        };
        let (low, high) = (last(false), last(true));
        if low < 0 || high >= buffer.len() as i128 {
            let got = format!("{low} to {high} of {} elements", buffer.len());
            return refuse("the range of places", got, "within the buffer");
        }
    }
    let (dtype, chunks) = (buffer.dtype(), chunks.into().resolve(&shape, buffer.dtype())?);
    Ok(over(Whole { buffer: Arc::new(buffer), strides, base, name: "from_strided" }, dtype, chunks))
}

/// A 1-d array of the library's own numbers in one chunk, equal to every other one of the name and the numbers.
pub(super) fn constants(name: &'static str, buffer: HostBuffer) -> DynArray {
    let (dtype, chunks) = (buffer.dtype(), Chunks::whole(&[buffer.len() as u64]));
    let key = structural_key(&(name, dtype, buffer.bytes()));
    let source: Arc<dyn Source> = Arc::new(Whole { buffer: Arc::new(buffer), strides: vec![1], base: 0, name });
    Node::new(Op::Source(Unique::keyed(source, key)), vec![], dtype, chunks).into()
}
