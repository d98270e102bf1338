//! Products of matrices and vectors.

use super::dyn_array::DynArray;
use super::promotion::promote;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, infer};

impl DynArray {
    /// The product with another array: see [`dot`].
    ///
    /// # Errors
    /// As [`dot`].
    #[doc(alias = "matmul")]
    pub fn dot(&self, rhs: &Self) -> Result<Self> {
        dot(self, rhs)
    }
}

/// The product `(n, k) · (k, m) -> (n, m)`, `(n, k) · (k) -> (n)`, `(k) · (k, m) -> (m)` or `(k) · (k) -> ()` of arrays of any dtypes,
/// which are promoted together: see [`Array::dot`](crate::Array::dot).
///
/// # Errors
/// [`Error::DotAlign`], [`Error::Rank`] for 0-d and n-d operands, [`Error::UnknownLength`].
#[doc(alias = "matmul")]
pub fn dot(a: &DynArray, b: &DynArray) -> Result<DynArray> {
    for x in [a, b] {
        if !(1..=2).contains(&x.ndim()) {
            let (given, shape) = (String::new(), x.node().dims());
            return Err(Error::Rank { op: "dot", expected: "1-d or 2-d arrays", given, shape });
        }
        if x.chunks().has_unknown() {
            let hint = "use (a * b).sum() for 1-d arrays";
            return Err(Error::UnknownLength { op: "dot", shape: x.node().dims(), hint });
        }
    }
    let length = |x: &DynArray, k: usize| x.node().dims()[k].unwrap_or(0);
    let (left, right) = (length(a, a.ndim() - 1), length(b, 0));
    if left != right {
        return Err(Error::DotAlign { lhs: a.node().dims(), rhs: b.node().dims(), left, right });
    }
    let keep: Vec<usize> = (0..2).filter(|&k| [a, b][k].ndim() == 2).collect();
    let dtype = promote(a.dtype(), b.dtype());
    let (a, b) = (a.cast(dtype), b.cast(dtype));
    // Vectors are matrices with an axis of length 1, which the result drops.
    let a = if a.ndim() == 1 { a.insert_axis(0)? } else { a };
    let b = if b.ndim() == 1 { b.insert_axis(1)? } else { b };
    let product = DynArray::from(infer::dot(a.node(), b.node())?);
    if keep.len() == 2 {
        return Ok(product);
    }
    let dims: Vec<u64> = keep.iter().map(|&k| length(&product, k)).collect();
    let maps = (0..2).map(|k| keep.iter().position(|&a| a == k).map_or(AxisMap::at(0), AxisMap::whole)).collect();
    Ok(product.view(maps, &dims))
}
