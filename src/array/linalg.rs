//! Matrix products.

use super::typed::Array;
use crate::dtype::Element;
use crate::error::Result;
use crate::functions;

impl<T: Element> Array<T> {
    /// The product `(n, k) · (k, m) -> (n, m)`, `(n, k) · (k) -> (n)`, `(k) · (k, m) -> (m)` or `(k) · (k) -> ()`, for any
    /// chunks on all axes. A transposed or sliced operand is read in place. Integers wrap; `bool` is or-of-ands. Result chunks:
    /// the rows' of the left, the columns' of the right. Each result chunk is summed in the order of `k`: a task reads all of `k`
    /// and holds its rows of the left operand and its columns of the right, apart from those that are in memory already.
    ///
    /// Of more axes it sums over the last one of `self` and the one before the last of `rhs`, for all pairs of their other places.
    ///
    /// # Errors
    /// [`Error::DotAlign`](crate::Error::DotAlign), [`Error::Rank`](crate::Error::Rank) for 0-d operands, [`Error::UnknownLength`](crate::Error::UnknownLength).
    ///
    /// ```
    /// let a = gridloom::array([1.0, 2.0, 3.0]);
    /// assert_eq!(a.dot(&a)?.item()?, 14.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn dot(&self, rhs: &Self) -> Result<Self> {
        functions::dot(self.as_dyn(), rhs.as_dyn()).map(Self::wrap)
    }
    /// Products of matrices (`np.matmul`), `(..., n, k) · (..., k, m) -> (..., n, m)`, the axes before the last two broadcast together; of 1-d
    /// and 2-d arrays it is [`Array::dot`]. See [`functions::matmul`].
    ///
    /// # Errors
    /// As [`functions::matmul`].
    ///
    /// ```
    /// let (a, b) = (gridloom::ones::<f32>((7, 2, 3)), gridloom::ones::<f32>((3, 4)));
    /// assert_eq!(a.matmul(&b)?.shape(), Some(vec![7, 2, 4]));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn matmul(&self, rhs: &Self) -> Result<Self> {
        functions::matmul(self.as_dyn(), rhs.as_dyn()).map(Self::wrap)
    }
}

/// [`Array::dot`] as a function.
///
/// # Errors
/// As [`Array::dot`].
pub fn dot<T: Element>(a: &Array<T>, b: &Array<T>) -> Result<Array<T>> {
    a.dot(b)
}

/// [`Array::matmul`] as a function.
///
/// # Errors
/// As [`Array::matmul`].
pub fn matmul<T: Element>(a: &Array<T>, b: &Array<T>) -> Result<Array<T>> {
    a.matmul(b)
}
