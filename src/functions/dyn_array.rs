//! [`DynArray`]: a node of the graph, as users hold it.

use std::sync::Arc;

use crate::chunks::Chunks;
use crate::dtype::DType;
use crate::graph::{Node, infer};
use crate::width::in_memory;

/// A lazy n-d array in chunks whose dtype is known at run time: what [`Array<T>`](crate::Array) is without its type. Cloning shares
/// it.
///
/// For code that learns dtypes from files, settings or another language. From an `Array<T>` by `into()`, back by
/// [`typed`](Self::typed) (or `try_into()`); [`compute`](Self::compute) gives a [`HostArray`](crate::HostArray). Methods that can meet
/// a wrong shape, axis or dtype return a [`Result`](crate::Result); the operators `+ - * / %` panic on those, as `Array`'s do.
///
/// ```
/// use gridloom::{Array, DType, DynArray};
/// let x: DynArray = gridloom::arange::<i16>(5).into();
/// let mean = x.mean();
/// assert_eq!(mean.dtype(), DType::F64);
/// let mean: Array<f64> = mean.try_into()?;
/// assert_eq!(mean.item()?, 2.0);
/// assert!(x.typed::<f32>().is_err());
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "arrays are lazy: call `compute` to run the graph"]
pub struct DynArray(Arc<Node>);

impl From<Arc<Node>> for DynArray {
    fn from(node: Arc<Node>) -> Self {
        Self(node)
    }
}

impl DynArray {
    /// The node of the graph.
    #[must_use]
    pub fn node(&self) -> &Arc<Node> {
        &self.0
    }
    /// The dtype of its elements.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }
    /// Number of axes.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.0.ndim()
    }
    /// The length of each axis, `None` where it is known after computing only.
    #[must_use]
    pub fn dims(&self) -> Vec<Option<usize>> {
        self.0.dims().into_iter().map(|d| d.map(in_memory)).collect()
    }
    /// The shape, if every length is known.
    #[must_use]
    pub fn shape(&self) -> Option<Vec<usize>> {
        self.dims().into_iter().collect()
    }
    /// Number of elements, if known.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        self.0.chunks.elements().map(in_memory)
    }
    /// Bytes of all elements on the host, if known.
    #[must_use]
    pub fn nbytes(&self) -> Option<usize> {
        self.size().map(|n| n.saturating_mul(self.dtype().size()))
    }
    /// How the array is cut into chunks.
    #[must_use]
    pub fn chunks(&self) -> &Chunks {
        &self.0.chunks
    }
    /// The elements as another dtype: integers wrap, float → integer truncates and saturates with NaN → 0, nonzero → `true`,
    /// `true` → 1. Keeps shape and chunks; itself where the dtype is the same.
    ///
    /// ```
    /// use gridloom::{DType, DynArray};
    /// let x: DynArray = gridloom::array([1.9, -1.9]).into();
    /// assert_eq!(x.cast(DType::I16).typed::<i16>()?.to_vec()?, [1, -1]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "astype")]
    pub fn cast(&self, dtype: DType) -> Self {
        Self(infer::cast(&self.0, dtype))
    }
}
