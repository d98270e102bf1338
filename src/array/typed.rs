//! [`Array`]: a [`DynArray`] with its element type.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::chunks::Chunks;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::functions::{DynArray, DynOperand};
use crate::graph::Node;

/// A lazy n-d array in chunks: an expression that [`Array::compute`] runs. Cloning shares it.
///
/// Operators, and comparisons, which are methods (`lt`, `eq`, ...), work between arrays, scalars and ndarrays, broadcast as in NumPy,
/// and panic on shapes that do not fit; other methods return a [`Result`] wherever something can be wrong.
///
/// ```
/// use gridloom::prelude::*;
/// # fn main() -> gridloom::Result<()> {
/// let x = gridloom::arange::<f64>(6).reshape([2, 3])?;
/// let y = (&x * 2.0 + 1.0).sum_axis(0)?;
/// assert_eq!(y.compute()?, ndarray::arr1(&[8.0, 12.0, 16.0]).into_dyn());
/// # Ok(()) }
/// ```
#[must_use = "arrays are lazy: call `compute` to run the graph"]
pub struct Array<T: Element> {
    array: DynArray,
    element: PhantomData<T>,
}

impl<T: Element> Clone for Array<T> {
    fn clone(&self) -> Self {
        Self::wrap(self.array.clone())
    }
}

impl DynArray {
    /// The array with its element type, which must be its dtype: [`cast`](Self::cast) converts.
    ///
    /// # Errors
    /// [`Error::DTypeMismatch`] where `T` is not the dtype.
    pub fn typed<T: Element>(&self) -> Result<Array<T>> {
        checked("typed", self.clone())
    }
}

fn checked<T: Element>(op: &'static str, array: DynArray) -> Result<Array<T>> {
    if array.dtype() == T::DTYPE {
        Ok(Array::wrap(array))
    } else {
        Err(Error::DTypeMismatch { op, got: array.dtype(), expected: T::DTYPE })
    }
}
impl<T: Element> From<Array<T>> for DynArray {
    fn from(array: Array<T>) -> Self {
        array.array
    }
}
impl<T: Element> From<&Array<T>> for DynArray {
    fn from(array: &Array<T>) -> Self {
        array.array.clone()
    }
}
impl<T: Element> From<Array<T>> for DynOperand {
    fn from(array: Array<T>) -> Self {
        Self::Array(array.array)
    }
}
impl<T: Element> From<&Array<T>> for DynOperand {
    fn from(array: &Array<T>) -> Self {
        Self::Array(array.array.clone())
    }
}
impl<T: Element> TryFrom<DynArray> for Array<T> {
    type Error = Error;
    /// [`DynArray::typed`].
    fn try_from(array: DynArray) -> Result<Self> {
        checked("try_from", array)
    }
}

impl<T: Element> Array<T> {
    /// An array whose dtype is known to be `T`.
    pub(crate) fn wrap(array: impl Into<DynArray>) -> Self {
        let array = array.into();
        debug_assert_eq!(array.dtype(), T::DTYPE, "an array of another dtype");
        Self { array, element: PhantomData }
    }
    /// An array over a node of the graph, whose dtype must be `T`.
    ///
    /// # Errors
    /// [`Error::DTypeMismatch`].
    pub fn from_node(node: Arc<Node>) -> Result<Self> {
        checked("from_node", node.into())
    }
    /// The array without its type: what knows dtypes at run time only, and mixes them.
    pub fn as_dyn(&self) -> &DynArray {
        &self.array
    }
    /// The untyped node of the graph.
    #[must_use]
    pub fn node(&self) -> &Arc<Node> {
        self.array.node()
    }
    /// The element type, at run time.
    #[must_use]
    pub fn dtype(&self) -> DType {
        T::DTYPE
    }
    /// Number of axes.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.array.ndim()
    }
    /// The length of each axis, `None` where it is known after computing only.
    #[must_use]
    pub fn dims(&self) -> Vec<Option<usize>> {
        self.array.dims()
    }
    /// The shape, if every length is known.
    #[must_use]
    pub fn shape(&self) -> Option<Vec<usize>> {
        self.array.shape()
    }
    /// Number of elements, if known.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        self.array.size()
    }
    /// Bytes of all elements on the host, if known.
    #[must_use]
    pub fn nbytes(&self) -> Option<usize> {
        self.array.nbytes()
    }
    /// How the array is cut into chunks.
    #[must_use]
    pub fn chunks(&self) -> &Chunks {
        self.array.chunks()
    }
}
