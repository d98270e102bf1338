//! Sets: what of sorted elements differs from the one before it.

use super::arguments::Axes;
use super::creation::{arange, full};
use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::joining::concatenate;
use super::promotion::promote;
use crate::chunks::{AxisSpec, ChunkSpec, Chunks};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::graph::node::HostResult;
use crate::graph::{HostFunction, HostTask, infer};
use crate::host::HostBuffer;
use crate::ops::sort::keys;
use crate::ops::{ReduceOp, Sorting};
use crate::width::{in_memory, signed};

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

/// Where the first of equal elements is, which of the groups of equal ones each element is in, and how many are in each.
struct Groups {
    indices: DynArray,
    inverse: DynArray,
    counts: DynArray,
}

/// The groups of elements whose order is known, and which of them in that order do not equal the one before.
fn groups(order: &DynArray, first: &DynArray) -> Result<Groups> {
    let n = in_memory(order.known_dims("unique")?[0]);
    let (place, len) = (arange(DType::I64, n), infer::axis_number(n));
    // The next first one behind each place: the least of all places of such behind it.
    let starts = where_(first, &place, len)?;
    let behind = if n > 0 { starts.index(&[(1..).into()])? } else { starts.clone() };
    let end = full(usize::from(n > 0), Scalar::from_i64(DType::I64, len));
    let next = concatenate(&[behind, end], 0)?.flip()?.cummin()?.flip()?;
    let group = first.cast(DType::I64).cumsum()?.sub(1)?;
    let inverse = group.take_along_axis(&order.sort_by(Sorting { places: true, ..UP }, None)?, 0)?;
    Ok(Groups { indices: order.filter(first)?, inverse, counts: next.sub(&place)?.filter(first)? })
}

/// The places of a matrix' rows in the order of their elements.
fn order_of_rows(task: &HostTask<'_>) -> HostResult {
    let [(rows, shape)] = task.inputs else { return Err(Error::bug("rows of one array")) };
    let width = in_memory(shape[1]);
    (task.room)(8 * rows.len() as u64)?;
    let keys = keys(rows, Sorting { places: true, ..UP });
    let mut order: Vec<i64> = (0..signed(shape[0])).collect();
    let row = |at: i64| &keys[in_memory(at.unsigned_abs()) * width..][..width];
    order.sort_by(|&a, &b| row(a).cmp(row(b)));
    Ok((HostBuffer::from_vec::<i64>(order), vec![shape[0]]))
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
        let order = self.sort_by(Sorting { places: true, ..UP }, None)?;
        let lengths: Vec<i64> = self.known_dims(op)?.into_iter().map(u64::cast_signed).collect();
        let Groups { indices, inverse, counts } = groups(&order, &first)?;
        Ok(Unique { values: sorted.filter(&first)?, indices, inverse: inverse.reshape(lengths)?, counts })
    }

    /// The distinct entries along an axis (rows, columns, ...) in the order of their elements (`np.unique` with an axis): `values` has the
    /// array's axes, that one of unknown length; `inverse` is of one axis. NaN is like no other. The array is one chunk of a task.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength);
    /// [`Error::Parameter`](crate::Error::Parameter) where another axis has no places.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([[3, 1], [1, 9], [3, 1]]).into();
    /// let unique = x.unique_axis(0)?;
    /// assert_eq!(unique.values.typed::<i32>()?.to_vec()?, [1, 9, 3, 1]);
    /// assert_eq!(unique.counts.typed::<i64>()?.to_vec()?, [1, 2]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn unique_axis(&self, axis: impl Into<Axes>) -> Result<Unique> {
        let op = "unique";
        let axis = self.one_axis(op, axis)?;
        let apart = self.move_axis(axis, 0)?;
        let dims = apart.known_dims(op)?;
        let lengths: Vec<i64> = dims.iter().copied().map(signed).collect();
        let rest = dims[1..].iter().try_fold(1u64, |all, &len| all.checked_mul(len)).unwrap_or(u64::MAX);
        let rows = apart.reshape([lengths[0], signed(rest)])?.rechunk(ChunkSpec::Each(AxisSpec::Whole))?;
        let function = HostFunction::named("order of rows", &(), order_of_rows);
        let chunks = Chunks::whole(&[dims[0]]);
        let order: Self = infer::host(function, vec![rows.node().clone()], DType::I64, chunks).into();
        let sorted = rows.take_along_axis(&order.insert_axis(1)?, 0)?;
        let differs = sorted.span(0, 1, lengths[0]).ne(sorted.span(0, 0, lengths[0] - 1))?;
        let differs = differs.reduce(ReduceOp::Any, Some(1.into()), false, 0.0)?;
        let one = full(usize::from(lengths[0] > 0), Scalar::from_i64(DType::Bool, 1));
        let first = if lengths[0] > 1 { concatenate(&[one, differs], 0)? } else { one };
        let Groups { indices, inverse, counts } = groups(&order, &first)?;
        let values = sorted.reshape(lengths)?.move_axis(0, axis)?.filter_axis(&first, axis)?;
        Ok(Unique { values, indices, inverse, counts })
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
