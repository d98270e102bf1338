//! NumPy's `x[..] = value`, as an array of its own: arrays do not change.

use super::creation::{arange, from_host};
use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::indexing::{Index, is_apart};
use super::joining::concatenate;
use super::masked::{self, without_first_ones};
use super::promotion::DynOperand;
use crate::chunks::ChunkSpec;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::host::HostBuffer;
use crate::host_array::HostArray;
use crate::width::{in_memory, signed};

/// The places of an axis that are given new elements.
enum Places {
    /// `start, start + step, ..`, so many.
    Steps { start: u64, step: u64, count: u64 },
    /// Ascending, each with the number of the new element that it is given.
    List(Vec<(u64, i64)>),
}

impl Places {
    /// From a list in any order, in which the last of equal places counts, as NumPy's does.
    fn list(op: &'static str, places: &[i64], axis: usize, len: u64) -> Result<Self> {
        let n = infer::length(op, len)?;
        let mut list = Vec::with_capacity(places.len());
        for (which, &index) in places.iter().enumerate() {
            let at = if index < 0 { index + n } else { index };
            if !(0..n).contains(&at) {
                return Err(Error::IndexOutOfRange { op, index, axis, len });
            }
            list.push((at.unsigned_abs(), infer::axis_number(which)));
        }
        list.sort_unstable_by_key(|&(place, which)| (place, std::cmp::Reverse(which)));
        list.dedup_by_key(|(place, _)| *place);
        Ok(Self::List(list))
    }
    /// The first place and the one behind the last.
    fn range(&self) -> (u64, u64) {
        match self {
            Self::Steps { start, step, count } => (*start, start + (count - 1) * step + 1),
            Self::List(list) => {
                (list.first().map_or(0, |(place, _)| *place), list.last().map_or(0, |(place, _)| place + 1))
            }
        }
    }
    /// For each place of the range which new element stands there (the last one before, where none does), and where one does; nothing
    /// where they are all new and in order.
    fn spread(&self) -> Result<Option<(Vec<i64>, DynArray)>> {
        let (start, end) = self.range();
        let len = in_memory(end - start);
        match self {
            Self::Steps { step: 1, .. } => Ok(None),
            Self::Steps { step, .. } => {
                let which = (0..end - start).map(|at| signed(at / step)).collect();
                Ok(Some((which, arange(DType::I64, len).rem(signed(*step))?.eq(0)?)))
            }
            Self::List(list) => {
                let (mut which, mut new) = (vec![0; len], vec![false; len]);
                for (k, &(place, number)) in list.iter().enumerate() {
                    let next = list.get(k + 1).map_or(end, |(place, _)| *place);
                    which[in_memory(place - start)..in_memory(next - start)].fill(number);
                    new[in_memory(place - start)] = true;
                }
                let new = HostArray::new(HostBuffer::from_values(new), vec![len])?;
                Ok(Some((which, from_host(new, "auto")?)))
            }
        }
    }
}

impl DynArray {
    /// The array with other elements where `indices` says: NumPy's `x[indices] = value`, of which this is what `x` is then. `value` is
    /// broadcast to what [`index`](Self::index) gives and cast to the array's dtype; shape, dtype and chunks stay. Nothing is copied by
    /// itself: the parts are joined, or chosen from where a slice has a step and between the places of a list (of which and of that a
    /// number is kept for each place from the first to the last). Of a place that a list names twice, the last element counts.
    ///
    /// A mask is of the array's shape, or of that of its first axes; `value` is broadcast to the elements behind them, or has an axis as
    /// long as the mask has true elements, in C order. Whether it is as long is seen when it is computed; each chunk is then filled in on
    /// the host, from a `value` that is one chunk. A `value` that is made of the array's (or another's) elements by the same mask, as in
    /// `x[mask] = f(x[mask])`, is a choice between arrays.
    ///
    /// # Errors
    /// As [`index`](Self::index); [`Error::BroadcastTo`] for a value of another shape; [`Error::Parameter`] for an integer that the dtype does
    /// not hold, for a value of unknown length that was not made by the mask, and computing fails with it for one of another length than
    /// the mask has true elements; [`Error::UnknownLength`].
    ///
    /// ```
    /// use gridloom::{DynArray, Index};
    /// let x: DynArray = gridloom::arange::<i32>(6).into();
    /// let every_second = [Index::Slice { start: None, stop: None, step: Some(2) }];
    /// assert_eq!(x.assign(&every_second, -1)?.typed::<i32>()?.to_vec()?, [-1, 1, -1, 3, -1, 5]);
    /// assert_eq!(x.assign(&[vec![4, 0, 4].into()], gridloom::array([7, 8, 9]))?.typed::<i32>()?.to_vec()?, [8, 1, 2, 3, 9, 5]);
    /// let mask = x.ge(3)?;
    /// assert_eq!(x.assign(&[mask.clone().into()], 0)?.typed::<i32>()?.to_vec()?, [0, 1, 2, 0, 0, 0]);
    /// assert_eq!(x.assign(&[mask.into()], gridloom::array([7, 8, 9]))?.typed::<i32>()?.to_vec()?, [0, 1, 2, 7, 8, 9]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "setitem")]
    pub fn assign(&self, indices: &[Index], value: impl Into<DynOperand>) -> Result<Self> {
        let op = "assign";
        let value = value.into().of_dtype(op, self.dtype())?;
        if let [Index::Mask(mask)] = indices {
            return masked::assign(self, mask, value);
        }
        if self.chunks().has_unknown() {
            let hint = "assign to what it was filtered from";
            return Err(Error::UnknownLength { op, shape: self.node().dims(), hint });
        }
        let (part, lists) = self.part_named(op, indices)?;
        if lists.len() > 1 {
            return self.assign_together(indices, lists.iter().map(|(axis, _)| *axis).collect(), value);
        }
        let list = lists.first().copied();
        let (maps, mut dims) = (part.maps, part.dims);
        if let Some((axis, places)) = list {
            dims[axis] = places.len() as u64;
        }
        let seen: Vec<usize> = dims.iter().map(|&len| in_memory(len)).collect();
        let mut value = self.broadcast_to_part(indices, list.map(|(axis, _)| axis), value, seen)?;
        let place_of = |axis: usize| maps.iter().position(|map| map.axis == Some(axis));
        let own = list.and_then(|(seen, listed)| Some((place_of(seen)?, listed)));
        let listed = own.map(|(axis, listed)| Places::list(op, listed, axis, self.node().dims()[axis].unwrap_or(0)));
        // Places that are not there are refused where nothing is assigned, too.
        let mut listed = listed.transpose()?;
        if dims.contains(&0) {
            return Ok(self.clone());
        }
        // The value's axes, as the array's are: those that the entries made go, those that they took come back.
        let made = (0..dims.len()).rev().filter(|&axis| maps.iter().all(|map| map.axis != Some(axis)));
        for axis in made {
            value = value.remove_axis(axis)?;
        }
        let mut places = Vec::with_capacity(maps.len());
        for (axis, map) in maps.iter().enumerate() {
            if own.is_some_and(|(own, _)| own == axis) {
                places.extend(listed.take());
                continue;
            }
            let count = map.axis.map_or(1, |seen| dims[seen]);
            if map.axis.is_none() {
                value = value.insert_axis(axis)?;
            }
            let last = map.start + (signed(count) - 1) * map.step;
            if map.step < 0 {
                value = value.reversed(axis)?;
            }
            let (start, step) = (map.start.min(last).unsigned_abs(), map.step.unsigned_abs().max(1));
            places.push(Places::Steps { start, step, count });
        }
        replaced(self, value, &places, 0)?.rechunk(ChunkSpec::from(self.chunks()))
    }

    /// A value broadcast to the part that it is assigned to, whose list of places (if there is one) is where the list stands.
    fn broadcast_to_part(
        &self,
        indices: &[Index],
        list: Option<usize>,
        value: Self,
        mut seen: Vec<usize>,
    ) -> Result<Self> {
        // Where other entries are between a list and single places, the list's axis is the first of what they name.
        let first = list.filter(|_| is_apart(indices));
        if let Some(axis) = first {
            seen[..=axis].rotate_right(1);
        }
        let value = without_first_ones(value, seen.len())?.broadcast_to(seen)?;
        first.map_or(Ok(value.clone()), |axis| value.move_axis(0, axis))
    }

    /// Several lists of places, which are one of the places of all their axes, as one axis.
    fn assign_together(&self, indices: &[Index], axes: Vec<usize>, value: Self) -> Result<Self> {
        let seen = self.index(indices)?.shape().unwrap_or_default();
        let mut value = without_first_ones(value, seen.len())?.broadcast_to(seen)?;
        let flat = self.merged(indices)?;
        if is_apart(indices) {
            value = value.move_axis(0, axes[0])?;
        }
        let mut entries = Vec::with_capacity(indices.len());
        let mut places = Some(flat.places);
        for index in indices {
            match index {
                Index::Places(_) => entries.extend(places.take().map(Index::Places)),
                other => entries.push(other.clone()),
            }
        }
        // What is left stands as if it were beside the list.
        if is_apart(&entries) {
            value = value.move_axis(axes[0], 0)?;
        }
        let made = flat.array.assign(&entries, value)?.reshape(flat.shape)?;
        let mut back = vec![0; flat.order.len()];
        flat.order.iter().enumerate().for_each(|(k, &axis)| back[axis] = k);
        made.permute_axes(back)?.rechunk(ChunkSpec::from(self.chunks()))
    }

    /// The order along an axis reversed.
    fn reversed(&self, axis: usize) -> Result<Self> {
        self.between(axis, Index::Slice { start: None, stop: None, step: Some(-1) })
    }

    /// A part along one axis.
    fn between(&self, axis: usize, part: Index) -> Result<Self> {
        let mut entries = vec![Index::ALL; axis];
        entries.push(part);
        self.index(&entries)
    }
}

/// `x` with the elements of `value` at the places on axis `axis` and those behind it.
fn replaced(x: &DynArray, value: DynArray, places: &[Places], axis: usize) -> Result<DynArray> {
    let Some(own) = places.get(axis) else { return Ok(value) };
    let len = x.node().dims()[axis].unwrap_or(0);
    let (start, end) = own.range();
    let part = |from: u64, to: u64| x.between(axis, (signed(from)..signed(to)).into());
    let inner = if (start, end) == (0, len) { x.clone() } else { part(start, end)? };
    let inner = match own.spread()? {
        None => replaced(&inner, value, places, axis + 1)?,
        // Each new element also stands at the places up to the next, where the old ones are chosen.
        Some((which, mut mask)) => {
            let new = replaced(&inner, value.take(which, axis)?, places, axis + 1)?;
            for _ in axis + 1..places.len() {
                mask = mask.insert_axis(mask.ndim())?;
            }
            where_(&mask, new, inner)?
        }
    };
    let mut parts = vec![inner];
    if start > 0 {
        parts.insert(0, part(0, start)?);
    }
    if end < len {
        parts.push(part(end, len)?);
    }
    if parts.len() == 1 { Ok(parts.remove(0)) } else { concatenate(&parts, infer::axis_number(axis)) }
}
