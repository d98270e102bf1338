//! Sets: what of sorted elements differs from the one before it.

use super::creation::{arange, full};
use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::joining::concatenate;
use super::promotion::promote;
use crate::dtype::{DType, Scalar};
use crate::error::Result;
use crate::graph::infer;
use crate::ops::Sorting;
use crate::width::in_memory;

/// The distinct elements of an array (`np.unique`), in their order: 1-d arrays of one length, which is known after computing only. NaN is one of
/// them; of zeros the negative one, where there is one.
#[derive(Clone)]
pub struct Unique {
    /// The elements.
    pub values: DynArray,
    /// For each, its first place in C order.
    pub indices: DynArray,
    /// For each element of the array, which of the values it is; in the array's shape.
    pub inverse: DynArray,
    /// For each, how often it is there.
    pub counts: DynArray,
}

impl std::fmt::Debug for Unique {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unique of {}", self.values.dtype())
    }
}

const UP: Sorting = Sorting { places: false, descending: false };

impl DynArray {
    /// The distinct elements in their order, NaN once and last: a 1-d array of unknown length.
    ///
    /// # Errors
    /// As [`sort_by`](Self::sort_by) of all elements.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([[3, 1], [3, 2]]).into();
    /// assert_eq!(x.unique()?.typed::<i32>()?.to_vec()?, [1, 2, 3]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn unique(&self) -> Result<Self> {
        self.unique_values(true)
    }
    /// The same, with NaN once, or as often as there is one (`equal_nan` is false; so the Array API's `unique_values`).
    ///
    /// # Errors
    /// As [`unique`](Self::unique).
    pub fn unique_values(&self, equal_nan: bool) -> Result<Self> {
        let sorted = self.sort_by(UP, None)?;
        sorted.filter(&sorted.is_first(equal_nan)?)
    }

    /// The distinct elements, where they are, and how often: what is not computed costs nothing. NaN is one of them once, or as often as there
    /// is one (`equal_nan` is false).
    ///
    /// # Errors
    /// As [`sort_by`](Self::sort_by) of all elements.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([[3, 1], [3, 2]]).into();
    /// let unique = x.unique_all(true)?;
    /// assert_eq!(unique.counts.typed::<i64>()?.to_vec()?, [1, 1, 2]);
    /// assert_eq!(unique.indices.typed::<i64>()?.to_vec()?, [1, 3, 0]);
    /// assert_eq!(unique.inverse.typed::<i64>()?.to_vec()?, [2, 0, 2, 1]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn unique_all(&self, equal_nan: bool) -> Result<Unique> {
        let (op, sorted) = ("unique", self.sort_by(UP, None)?);
        let first = sorted.is_first(equal_nan)?;
        let n = in_memory(sorted.known_dims(op)?[0]);
        let order = self.sort_by(Sorting { places: true, ..UP }, None)?;
        let (place, len) = (arange(DType::I64, n), infer::axis_number(n));
        // The next first one behind each place: the least of all places of such behind it.
        let starts = where_(&first, &place, len)?;
        let behind = if n > 0 { starts.index(&[(1..).into()])? } else { starts.clone() };
        let end = full(usize::from(n > 0), Scalar::from_i64(DType::I64, len));
        let next = concatenate(&[behind, end], 0)?.flip()?.cummin()?.flip()?;
        let group = first.cast(DType::I64).cumsum()?.sub(1)?;
        let inverse = group.take_along_axis(&order.sort_by(Sorting { places: true, ..UP }, None)?, 0)?;
        let lengths: Vec<i64> = self.known_dims(op)?.into_iter().map(u64::cast_signed).collect();
        Ok(Unique {
            values: sorted.filter(&first)?,
            indices: order.filter(&first)?,
            inverse: inverse.reshape(lengths)?,
            counts: next.sub(&place)?.filter(&first)?,
        })
    }

    /// What is in this array or the other (`np.union1d`): as [`unique`](Self::unique).
    ///
    /// # Errors
    /// As there.
    pub fn union1d(&self, other: &Self) -> Result<Self> {
        self.beside(other)?.unique()
    }
    /// What is in both (`np.intersect1d`), as [`unique`](Self::unique), in the dtype of both; NaN is in none. The other one is held whole.
    ///
    /// # Errors
    /// As there.
    pub fn intersect1d(&self, other: &Self) -> Result<Self> {
        let sorted = self.cast(promote(self.dtype(), other.dtype())).sort_by(UP, None)?;
        sorted.filter(&sorted.is_first(true)?.bitand(sorted.is_in(&other.reshape(-1)?)?)?)
    }
    /// What is in this array and not in the other (`np.setdiff1d`), as [`unique`](Self::unique).
    ///
    /// # Errors
    /// As there.
    pub fn setdiff1d(&self, other: &Self) -> Result<Self> {
        let sorted = self.sort_by(UP, None)?;
        let others = sorted.is_in(&other.reshape(-1)?)?.not()?;
        sorted.filter(&sorted.is_first(true)?.bitand(others)?)
    }
    /// What is in one of the two and not in both (`np.setxor1d`), as [`unique`](Self::unique).
    ///
    /// # Errors
    /// As there.
    pub fn setxor1d(&self, other: &Self) -> Result<Self> {
        let sorted = self.beside(other)?.sort_by(UP, None)?;
        let both = sorted.is_in(&self.reshape(-1)?)?.bitand(sorted.is_in(&other.reshape(-1)?)?)?;
        sorted.filter(&sorted.is_first(true)?.bitand(both.not()?)?)
    }

    /// All elements of both, on one axis.
    fn beside(&self, other: &Self) -> Result<Self> {
        concatenate(&[self.reshape(-1)?, other.reshape(-1)?], 0)
    }

    /// Whether each element of a sorted 1-d array is the first of those that equal it; all NaN are one, or each is.
    fn is_first(&self, equal_nan: bool) -> Result<Self> {
        let n = in_memory(self.known_dims("unique")?[0]);
        let start = full(usize::from(n > 0), Scalar::from_i64(DType::Bool, 1));
        if n < 2 {
            return Ok(start);
        }
        let (before, after) = (self.index(&[(..infer::axis_number(n - 1)).into()])?, self.index(&[(1..).into()])?);
        let differs = after.ne(&before)?;
        let differs =
            if equal_nan && self.dtype().is_float() { differs.bitand(before.isnan()?.not()?)? } else { differs };
        concatenate(&[start, differs], 0)
    }
}
