//! Matrix products.

use super::typed::Array;
use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, View, infer};

impl<T: Element> Array<T> {
    /// The product `(n, k) · (k, m) -> (n, m)`, `(n, k) · (k) -> (n)`, `(k) · (k, m) -> (m)` or `(k) · (k) -> ()`, for any
    /// chunks on all axes. A transposed or sliced operand is read in place. Integers wrap; `bool` is or-of-ands. Result chunks:
    /// the rows' of the left, the columns' of the right. Each result chunk is summed in the order of `k`: a task reads all of `k`
    /// and holds its rows of the left operand and its columns of the right, apart from those that are in memory already.
    ///
    /// # Errors
    /// [`Error::DotAlign`], [`Error::Rank`] for 0-d and n-d operands, [`Error::UnknownLength`].
    ///
    /// ```
    /// let a = gridloom::array([1.0, 2.0, 3.0]);
    /// assert_eq!(a.dot(&a)?.item()?, 14.0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn dot(&self, rhs: &Self) -> Result<Self> {
        for x in [self, rhs] {
            if !(1..=2).contains(&x.ndim()) {
                return Err(Error::Rank {
                    op: "dot",
                    expected: "1-d or 2-d arrays",
                    given: String::new(),
                    shape: x.node().dims(),
                });
            }
            if x.chunks().has_unknown() {
                let hint = "use (a * b).sum() for 1-d arrays";
                return Err(Error::UnknownLength { op: "dot", shape: x.node().dims(), hint });
            }
        }
        let last = |x: &Self, k: usize| x.node().dims()[k].unwrap_or(0);
        let (left, right) = (last(self, self.ndim() - 1), last(rhs, 0));
        if left != right {
            return Err(Error::DotAlign { lhs: self.node().dims(), rhs: rhs.node().dims(), left, right });
        }
        // Vectors are matrices with an axis of length 1, which the result drops.
        let a = if self.ndim() == 1 { self.insert_axis(0)? } else { self.clone() };
        let b = if rhs.ndim() == 1 { rhs.insert_axis(1)? } else { rhs.clone() };
        let product = Self::wrap(infer::dot(a.node(), b.node())?);
        let keep: Vec<usize> =
            [self.ndim() == 2, rhs.ndim() == 2].iter().enumerate().filter(|(_, k)| **k).map(|(i, _)| i).collect();
        if keep.len() == 2 {
            return Ok(product);
        }
        let dims: Vec<u64> = keep.iter().map(|&k| last(&product, k)).collect();
        let maps = (0..2).map(|k| keep.iter().position(|&a| a == k).map_or(AxisMap::at(0), AxisMap::whole)).collect();
        Ok(Self::wrap(infer::view(product.node(), View(maps), &dims)))
    }
    /// The same as [`Array::dot`], for 1-d and 2-d arrays.
    ///
    /// # Errors
    /// As [`Array::dot`].
    pub fn matmul(&self, rhs: &Self) -> Result<Self> {
        self.dot(rhs)
    }
}

/// [`Array::dot`] as a function.
///
/// # Errors
/// As [`Array::dot`].
pub fn dot<T: Element>(a: &Array<T>, b: &Array<T>) -> Result<Array<T>> {
    a.dot(b)
}
