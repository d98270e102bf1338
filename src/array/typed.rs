//! [`Array`]: a node of the graph with its element type.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::chunks::Chunks;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::graph::Node;
use crate::width::in_memory;

/// A lazy n-d array in chunks: an expression that [`Array::compute`] runs. Cloning shares it.
///
/// Arithmetic operators work between arrays, scalars and ndarrays, broadcast as in NumPy, and panic on shapes that do not
/// fit; named methods return a [`Result`] wherever something can be wrong.
///
/// ```
/// use gridloom::prelude::*;
/// # fn main() -> gridloom::Result<()> {
/// let x = gridloom::arange::<f64>(6).reshape(&[2, 3])?;
/// let y = (&x * 2.0 + 1.0).sum_axis(0)?;
/// assert_eq!(y.compute()?, ndarray::arr1(&[8.0, 12.0, 16.0]).into_dyn());
/// # Ok(()) }
/// ```
#[must_use = "arrays are lazy: call `compute` to run the graph"]
pub struct Array<T: Element> {
    node: Arc<Node>,
    element: PhantomData<T>,
}

impl<T: Element> Clone for Array<T> {
    fn clone(&self) -> Self {
        Self::wrap(self.node.clone())
    }
}

impl<T: Element> Array<T> {
    /// An array over a node whose dtype is known to be `T`.
    pub(crate) fn wrap(node: Arc<Node>) -> Self {
        debug_assert_eq!(node.dtype, T::DTYPE, "node of another dtype");
        Self { node, element: PhantomData }
    }
    /// An array over an untyped node, for code that learns dtypes at run time (readers of files, bindings).
    ///
    /// # Errors
    /// [`Error::DTypeMismatch`].
    pub fn from_node(node: Arc<Node>) -> Result<Self> {
        if node.dtype == T::DTYPE {
            Ok(Self::wrap(node))
        } else {
            Err(Error::DTypeMismatch { op: "from_node", got: node.dtype, expected: T::DTYPE })
        }
    }
    /// The untyped node of the graph.
    #[must_use]
    pub fn node(&self) -> &Arc<Node> {
        &self.node
    }
    /// The element type, at run time.
    #[must_use]
    pub fn dtype(&self) -> DType {
        T::DTYPE
    }
    /// Number of axes.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.node.ndim()
    }
    /// The length of each axis, `None` where it is known after computing only.
    #[must_use]
    pub fn dims(&self) -> Vec<Option<usize>> {
        self.node.dims().into_iter().map(|d| d.map(in_memory)).collect()
    }
    /// The shape, if every length is known.
    #[must_use]
    pub fn shape(&self) -> Option<Vec<usize>> {
        self.dims().into_iter().collect()
    }
    /// Number of elements, if known.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        self.node.chunks.elements().map(in_memory)
    }
    /// Bytes of all elements on the host, if known.
    #[must_use]
    pub fn nbytes(&self) -> Option<usize> {
        self.size().map(|n| n.saturating_mul(T::DTYPE.size()))
    }
    /// How the array is cut into chunks.
    #[must_use]
    pub fn chunks(&self) -> &Chunks {
        &self.node.chunks
    }
}
