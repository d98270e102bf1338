//! Sorts, and parts of them.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, infer};
use crate::ops::Sorting;

impl DynArray {
    /// The elements along an axis in their order, or their places; of all elements in C order without an axis, which makes a 1-d array.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`]; [`Error::Parameter`] for more than one axis, and for places in 2³² elements and more;
    /// [`Error::UnknownLength`] for an array that was filtered; [`Error::TooLong`] for 2⁶³ elements or more on several axes.
    pub fn sort_by(&self, sorting: Sorting, axis: Option<Axes>) -> Result<Self> {
        match axis {
            Some(axis) => Ok(infer::sort(sorting, self.node(), axis.one(sorting.name())?, None)?.into()),
            None if self.ndim() == 1 => Ok(infer::sort(sorting, self.node(), 0, None)?.into()),
            None => Ok(infer::sort(sorting, self.reshape(-1)?.node(), 0, None)?.into()),
        }
    }

    /// The `k` largest elements of each line, the largest first, or the `-k` smallest, the smallest first: Dask's `topk`. NaN is the
    /// largest of all in NumPy's order, and last in both of these.
    ///
    /// # Errors
    /// As [`sort_by`](Self::sort_by); [`Error::Parameter`] for more elements than there are.
    pub fn topk(&self, k: isize, axis: impl Into<Axes>) -> Result<Self> {
        self.top("topk", false, k, axis.into())
    }

    /// The places of the elements of [`topk`](Self::topk): of equal ones the first come first.
    ///
    /// # Errors
    /// As [`topk`](Self::topk).
    pub fn argtopk(&self, k: isize, axis: impl Into<Axes>) -> Result<Self> {
        self.top("argtopk", true, k, axis.into())
    }

    /// The same as [`sort_by`](Self::sort_by) at these places of each line, in ascending order; what is at the others may be anything.
    pub(super) fn sorted_at(
        &self,
        sorting: Sorting,
        axis: usize,
        places: impl IntoIterator<Item = u64>,
    ) -> Result<Self> {
        let axis = i64::try_from(axis).unwrap_or(i64::MAX);
        Ok(infer::sort(sorting, self.node(), axis, Some(places.into_iter().collect()))?.into())
    }

    fn top(&self, op: &'static str, places: bool, k: isize, axis: Axes) -> Result<Self> {
        let at = self.one_axis(op, axis)?;
        let (count, mut dims) = (k.unsigned_abs() as u64, self.known_dims(op)?);
        if count > dims[at] {
            let (got, expected) =
                (format!("{k} of {} elements", dims[at]), "at most as many as there are along the axis");
            return Err(Error::Parameter { op, what: "k", got, expected });
        }
        dims[at] = count;
        let sorted = self.sorted_at(Sorting { places, descending: k > 0 }, at, 0..count)?;
        Ok(sorted.view((0..dims.len()).map(AxisMap::whole).collect(), &dims))
    }

    /// Each element of which `kth` is a place stands where it would in the sorted line, what is less before it and what is more behind:
    /// here the whole line is sorted, which is one such order.
    ///
    /// # Errors
    /// As [`sort_by`](Self::sort_by); [`Error::IndexOutOfRange`] for a place that the axis has not.
    pub fn partition(&self, kth: &[i64], axis: impl Into<Axes>) -> Result<Self> {
        self.partitioned("partition", false, kth, axis.into())
    }

    /// The places of the elements of [`partition`](Self::partition).
    ///
    /// # Errors
    /// As there.
    pub fn argpartition(&self, kth: &[i64], axis: impl Into<Axes>) -> Result<Self> {
        self.partitioned("argpartition", true, kth, axis.into())
    }

    fn partitioned(&self, op: &'static str, places: bool, kth: &[i64], axis: Axes) -> Result<Self> {
        let at = self.one_axis(op, axis)?;
        let len = self.known_dims(op)?[at];
        let n = infer::length(op, len)?;
        if let Some(&index) = kth.iter().find(|&&index| !(-n..n).contains(&index)) {
            return Err(Error::IndexOutOfRange { op, index, axis: at, len });
        }
        self.sort_by(Sorting { places, descending: false }, Some(at.into()))
    }
}
