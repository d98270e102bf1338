//! Parts of arrays: ndarray's slices, NumPy's indices, places along an axis, masks.

use ndarray::{SliceArg, SliceInfoElem};

use super::arguments::{Axes, Indices, signed};
use super::creation::arange;
use super::dyn_array::DynArray;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, infer};
use crate::width::in_memory;

/// One entry between NumPy's brackets.
///
/// ```
/// use gridloom::{DynArray, Index};
/// let x: DynArray = gridloom::arange::<i32>(24).reshape([2, 3, 4])?.into();
/// // x[..., ::-2], x[:, [2, 0], None, 1] (whose list comes first, for it and the 1 are apart), x[:, 1:100], cut as Python cuts,
/// // and x[1, [0, 2], [3, 1]], two elements
/// let reversed = x.index(&[Index::Ellipsis, Index::Slice { start: None, stop: None, step: Some(-2) }])?;
/// assert_eq!(reversed.shape(), Some(vec![2, 3, 2]));
/// let places = x.index(&[Index::ALL, vec![2, 0].into(), Index::NewAxis, 1.into()])?;
/// assert_eq!(places.typed::<i32>()?.to_vec()?, [9, 21, 1, 13]);
/// assert_eq!(x.index(&[Index::ALL, (1..100).into()])?.shape(), Some(vec![2, 2, 4]));
/// let two = x.index(&[1.into(), vec![0, 2].into(), vec![3, 1].into()])?;
/// assert_eq!(two.typed::<i32>()?.to_vec()?, [15, 21]);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Index {
    /// One place, negative from the end; the axis goes.
    Int(i64),
    /// `start:stop:step`, by Python's rules: bounds beyond the axis are cut, negative ones count from the end, a negative step walks
    /// down from `start` to above `stop`.
    Slice {
        /// The first place; the first (or with a negative step the last) of the axis where `None`.
        start: Option<i64>,
        /// The place that ends it and does not belong to it; the axis' end where `None`.
        stop: Option<i64>,
        /// The step, 1 where `None`.
        step: Option<i64>,
    },
    /// `...`: as many whole axes as are left. What is not named behind the last entry is whole, too.
    Ellipsis,
    /// A new axis of length 1.
    NewAxis,
    /// Places along one axis, in any order, negative from the end ([`DynArray::take`]). Several lists, all of one length, name elements
    /// together: the first places of each are one, and so on, and all their axes become one. That stays where the (first) list is, but where
    /// other entries separate lists and [`Int`](Self::Int)s: then it becomes the first, as NumPy's does.
    Places(Vec<i64>),
    /// The elements where a `bool` array of the whole array's shape is true ([`DynArray::filter`]). Alone.
    Mask(DynArray),
}

impl Index {
    /// `:`, the whole axis.
    pub const ALL: Self = Self::Slice { start: None, stop: None, step: None };
}
impl From<i64> for Index {
    fn from(place: i64) -> Self {
        Self::Int(place)
    }
}
impl From<std::ops::Range<i64>> for Index {
    fn from(range: std::ops::Range<i64>) -> Self {
        Self::Slice { start: Some(range.start), stop: Some(range.end), step: None }
    }
}
impl From<std::ops::RangeFull> for Index {
    fn from(_: std::ops::RangeFull) -> Self {
        Self::ALL
    }
}
impl From<std::ops::RangeFrom<i64>> for Index {
    fn from(range: std::ops::RangeFrom<i64>) -> Self {
        Self::Slice { start: Some(range.start), stop: None, step: None }
    }
}
impl From<std::ops::RangeTo<i64>> for Index {
    fn from(range: std::ops::RangeTo<i64>) -> Self {
        Self::Slice { start: None, stop: Some(range.end), step: None }
    }
}
/// A mask.
impl From<DynArray> for Index {
    fn from(mask: DynArray) -> Self {
        Self::Mask(mask)
    }
}
impl From<Vec<i64>> for Index {
    fn from(places: Vec<i64>) -> Self {
        Self::Places(places)
    }
}

impl DynArray {
    /// The part that ndarray's `s![]` names: see [`Array::slice`](crate::Array::slice).
    ///
    /// # Errors
    /// [`Error::SliceRank`], [`Error::IndexOutOfRange`], [`Error::SliceStep`]; [`Error::UnknownLength`] for part of an axis of
    /// unknown length.
    pub fn slice<I: SliceArg<ndarray::IxDyn>>(&self, info: I) -> Result<Self> {
        self.slice_of(info.as_ref())
    }

    fn slice_of(&self, elements: &[SliceInfoElem]) -> Result<Self> {
        let own = self.node().dims();
        let given = elements.iter().filter(|e| !matches!(e, SliceInfoElem::NewAxis)).count();
        if given != own.len() {
            return Err(Error::SliceRank { given, shape: own });
        }
        let mut part = Part::new(self);
        for element in elements {
            match *element {
                SliceInfoElem::NewAxis => part.insert(),
                SliceInfoElem::Index(index) => part.at("slice", signed(index))?,
                SliceInfoElem::Slice { start: 0, end: None, step: 1 } => part.whole(),
                SliceInfoElem::Slice { start, end, step } => {
                    part.range(signed(start), end.map(signed), signed(step))?;
                }
            }
        }
        Ok(part.view())
    }

    /// The part that NumPy's `x[a, b, ...]` is: see [`Index`]. Slices and single places are views; a list of places is a
    /// [`take`](Self::take) along its axis; a mask is a [`filter`](Self::filter).
    ///
    /// # Errors
    /// [`Error::Rank`] for more entries than axes; [`Error::Parameter`] for a second ellipsis, lists of several lengths, or a mask beside
    /// other entries; [`Error::IndexOutOfRange`], [`Error::SliceStep`]; [`Error::UnknownLength`] for part of an axis of unknown length;
    /// [`Error::Broadcast`] for a mask of another shape, [`Error::DTypeMismatch`] for one that is not `bool`.
    pub fn index(&self, indices: &[Index]) -> Result<Self> {
        if let [Index::Mask(mask)] = indices {
            return self.filter(mask);
        }
        let (part, lists) = self.part_named("index", indices)?;
        let view = part.view();
        let (taken, axis) = match lists.as_slice() {
            [] => return Ok(view),
            [(axis, places)] => (view.take(*places, *axis)?, *axis),
            [(axis, _), ..] => (view.together(&lists)?, *axis),
        };
        if !is_apart(indices) {
            return Ok(taken);
        }
        let rest = (0..taken.ndim()).filter(|&k| k != axis);
        taken.permute_axes(std::iter::once(axis).chain(rest).collect::<Vec<_>>())
    }

    /// What lies at places of several axes that belong together; the first of the axes is theirs, the others go.
    fn together(&self, lists: &Lists<'_>) -> Result<Self> {
        let merged = self.with_one_axis(lists)?;
        merged.array.take(merged.places, lists[0].0)
    }

    /// The array with the axes of several lists as one axis, and the lists as one of its places.
    pub(super) fn merged(&self, indices: &[Index]) -> Result<Merged> {
        let (part, lists) = self.part_named("index", indices)?;
        let own = |axis: usize| part.maps.iter().position(|map| map.axis == Some(axis)).unwrap_or(0);
        self.with_one_axis(&lists.iter().map(|(axis, places)| (own(*axis), *places)).collect::<Vec<_>>())
    }

    /// The same of lists that say which of the array's own axes they are of.
    fn with_one_axis(&self, lists: &Lists<'_>) -> Result<Merged> {
        let op = "index";
        let dims = self.known_dims(op)?;
        let mut flat = vec![0i64; lists[0].1.len()];
        for &(axis, places) in lists {
            if places.len() != flat.len() {
                let (what, got) =
                    ("one of the lists of places", format!("of {} places beside one of {}", places.len(), flat.len()));
                return Err(Error::Parameter { op, what, got, expected: "as long as the others" });
            }
            let len = infer::length(op, dims[axis])?;
            for (flat, &index) in flat.iter_mut().zip(places) {
                let at = if index < 0 { index + len } else { index };
                if !(0..len).contains(&at) {
                    return Err(Error::IndexOutOfRange { op, index, axis, len: dims[axis] });
                }
                // Where there are more elements than numbers, the reshape below refuses.
                *flat = flat.wrapping_mul(len).wrapping_add(at);
            }
        }
        // The axes of the lists side by side, then one.
        let is_listed = |k: &usize| lists.iter().any(|(axis, _)| axis == k);
        let (first, others) = (lists[0].0, |from: usize, to: usize| (from..to).filter(|k| !is_listed(k)));
        let listed = lists.iter().map(|(axis, _)| *axis);
        let order: Vec<usize> = others(0, first).chain(listed).chain(others(first, dims.len())).collect();
        let length = |k: usize| infer::length(op, dims[k]);
        let together = lists.iter().try_fold(1u64, |all, (axis, _)| all.checked_mul(dims[*axis]));
        let together = infer::length(op, together.unwrap_or(u64::MAX));
        let shape = others(0, first).map(length).chain([together]).chain(others(first, dims.len()).map(length));
        let shape = shape.collect::<Result<Vec<i64>>>()?;
        let apart = self.permute_axes(order.as_slice())?;
        let own = order.iter().map(|&k| length(k)).collect::<Result<Vec<i64>>>()?;
        Ok(Merged { array: apart.reshape(shape)?, places: flat, order, shape: own })
    }

    /// The view that entries without a mask name, and which axes of it lists of places are of.
    pub(super) fn part_named<'a>(&'a self, op: &'static str, indices: &'a [Index]) -> Result<(Part<'a>, Lists<'a>)> {
        let refuse = |expected| {
            let (what, got) = ("the list of entries", format!("{indices:?}"));
            Err(Error::Parameter { op, what, got, expected })
        };
        let count = |is: fn(&Index) -> bool| indices.iter().filter(|index| is(index)).count();
        let named = count(|index| !matches!(index, Index::NewAxis | Index::Ellipsis));
        if count(|index| matches!(index, Index::Mask(_))) > 0 {
            return refuse("a mask alone: filter() what the other entries give");
        }
        if count(|index| matches!(index, Index::Ellipsis)) > 1 {
            return refuse("one with a single ellipsis");
        }
        let rest = self.ndim().checked_sub(named).ok_or_else(|| Error::Rank {
            op,
            expected: "no more entries than axes",
            given: format!("{named} entries for "),
            shape: self.node().dims(),
        })?;
        let (mut part, mut lists, mut left) = (Part::new(self), Vec::new(), rest);
        for index in indices {
            match index {
                Index::NewAxis => part.insert(),
                Index::Ellipsis => (0..std::mem::take(&mut left)).for_each(|_| part.whole()),
                Index::Int(place) => part.at(op, *place)?,
                Index::Slice { start: None, stop: None, step: None | Some(1) } => part.whole(),
                Index::Slice { start, stop, step } => part.python_range(op, *start, *stop, step.unwrap_or(1))?,
                Index::Places(places) => {
                    lists.push((part.dims.len(), places));
                    part.whole();
                }
                Index::Mask(_) => return Err(Error::bug("a mask that was refused")),
            }
        }
        (0..left).for_each(|_| part.whole());
        Ok((part, lists))
    }

    /// The places of the elements that are not zero, in C order: along each axis an `i64` array, all of one unknown length.
    ///
    /// # Errors
    /// [`Error::Rank`] for a 0-d array; [`Error::UnknownLength`] for an array of several axes with an unknown length, and for a filtered
    /// one.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([[0, 7], [8, 0]]).into();
    /// let places = x.nonzero()?;
    /// assert_eq!(places[1].typed::<i64>()?.to_vec()?, [1, 0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn nonzero(&self) -> Result<Vec<Self>> {
        let op = "nonzero";
        let dims = self.known_dims(op)?;
        if dims.is_empty() {
            let (given, shape) = (String::new(), self.node().dims());
            return Err(Error::Rank { op, expected: "an array of one axis or more", given, shape });
        }
        let mask = self.cast(DType::Bool);
        let shape: Vec<usize> = dims.iter().map(|&len| in_memory(len)).collect();
        let places = |axis: usize| {
            let mut line = arange(DType::I64, shape[axis]);
            for _ in axis + 1..shape.len() {
                line = line.insert_axis(line.ndim())?;
            }
            line.broadcast_to(shape.as_slice())?.filter(&mask)
        };
        (0..shape.len()).map(places).collect()
    }

    /// Entry `index` (negative from the end) along `axis`, which goes.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::IndexOutOfRange`], [`Error::UnknownLength`].
    pub fn index_axis(&self, axis: impl Into<Axes>, index: isize) -> Result<Self> {
        let op = "index_axis";
        let at = self.one_axis(op, axis)?;
        self.known_dims(op)?;
        let mut part = Part::new(self);
        (0..at).for_each(|_| part.whole());
        part.at(op, signed(index))?;
        (at + 1..self.ndim()).for_each(|_| part.whole());
        Ok(part.view())
    }

    /// The entries at `indices` (negative from the end, any order, repeats allowed) along `axis`.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::IndexOutOfRange`], [`Error::UnknownLength`].
    pub fn take(&self, indices: impl Into<Indices>, axis: impl Into<Axes>) -> Result<Self> {
        let at = self.one_axis("take", axis)?;
        Ok(infer::take(self.node(), &indices.into().0, infer::axis_number(at))?.into())
    }

    /// The elements where `mask` is true, in C order: a 1-d array of unknown length.
    ///
    /// # Errors
    /// [`Error::Broadcast`] where the shapes differ: a mask is not broadcast; [`Error::DTypeMismatch`] for a mask that is not `bool`;
    /// [`Error::UnknownLength`] for an array of several axes with an unknown length.
    #[doc(alias = "extract")]
    pub fn filter(&self, mask: &Self) -> Result<Self> {
        Ok(infer::filter(self.node(), mask.node())?.into())
    }

    /// What lies at the places of an axis where `mask` is true: see [`Array::filter_axis`](crate::Array::filter_axis).
    ///
    /// # Errors
    /// As there; [`Error::DTypeMismatch`] for a mask that is not `bool`.
    #[doc(alias = "compress")]
    pub fn filter_axis(&self, mask: &Self, axis: impl Into<Axes>) -> Result<Self> {
        let at = self.one_axis("filter_axis", axis)?;
        Ok(infer::filter_axis(self.node(), mask.node(), infer::axis_number(at))?.into())
    }
}

/// Whether a list and single places are separated by other entries.
pub(super) fn is_apart(indices: &[Index]) -> bool {
    let is_place = |index: &Index| matches!(index, Index::Int(_) | Index::Places(_));
    let (first, last) = (indices.iter().position(is_place), indices.iter().rposition(is_place));
    match (first, last) {
        (Some(first), Some(last)) => !indices[first..last].iter().all(is_place),
        _ => false,
    }
}

/// An array with several axes as one.
pub(super) struct Merged {
    pub(super) array: DynArray,
    /// Places of the axis that they are.
    pub(super) places: Vec<i64>,
    /// Which of the array's axes came where, and how long they were, before some became one.
    pub(super) order: Vec<usize>,
    pub(super) shape: Vec<i64>,
}

/// Lists of places, and which axes of a view they are of.
pub(super) type Lists<'a> = Vec<(usize, &'a Vec<i64>)>;

/// A view in the making: what each axis of the array, from the first on, becomes.
pub(super) struct Part<'a> {
    of: &'a DynArray,
    own: Vec<Option<u64>>,
    /// What of each axis is seen.
    pub(super) maps: Vec<AxisMap>,
    /// The lengths that are seen.
    pub(super) dims: Vec<u64>,
}

impl<'a> Part<'a> {
    fn new(of: &'a DynArray) -> Self {
        Self { of, own: of.node().dims(), maps: Vec::new(), dims: Vec::new() }
    }
    fn view(self) -> DynArray {
        self.of.view(self.maps, &self.dims)
    }
    /// The length of the next axis, which must be known.
    fn length(&self, op: &'static str) -> Result<u64> {
        let hint = "index what it was filtered from";
        self.own[self.maps.len()].ok_or_else(|| Error::UnknownLength { op, shape: self.own.clone(), hint })
    }
    /// A new axis.
    fn insert(&mut self) {
        self.dims.push(1);
    }
    /// The next axis, whole.
    fn whole(&mut self) {
        let len = self.own[self.maps.len()].unwrap_or(0);
        self.maps.push(AxisMap::whole(self.dims.len()));
        self.dims.push(len);
    }
    /// One place of the next axis, negative from the end.
    fn at(&mut self, op: &'static str, index: i64) -> Result<()> {
        let (axis, len) = (self.maps.len(), self.length(op)?);
        let n = infer::length(op, len)?;
        // Not below the smallest number: lengths are not negative.
        let at = if index < 0 { index + n } else { index };
        if !(0..n).contains(&at) {
            return Err(Error::IndexOutOfRange { op, index, axis, len });
        }
        self.maps.push(AxisMap::at(at));
        Ok(())
    }
    /// `start..end;step` of the next axis by ndarray's rules: negative bounds from the end, and a negative step walks the same range
    /// backwards.
    fn range(&mut self, start: i64, end: Option<i64>, step: i64) -> Result<()> {
        let (axis, len) = (self.maps.len(), self.length("slice")?);
        if step == 0 {
            return Err(Error::SliceStep { axis });
        }
        let n = infer::length("slice", len)?;
        let bound = |b: i64| {
            let at = if b < 0 { b + n } else { b };
            if (0..=n).contains(&at) {
                Ok(at)
            } else {
                Err(Error::IndexOutOfRange { op: "slice", index: b, axis, len })
            }
        };
        let (start, end) = (bound(start)?, bound(end.unwrap_or(n))?);
        let count = end.saturating_sub(start).max(0).unsigned_abs().div_ceil(step.unsigned_abs());
        self.steps(if step > 0 { start } else { (end - 1).max(0) }, step, count);
        Ok(())
    }
    /// `start:stop:step` of the next axis by Python's rules.
    fn python_range(&mut self, op: &'static str, start: Option<i64>, stop: Option<i64>, step: i64) -> Result<()> {
        let (axis, len) = (self.maps.len(), self.length(op)?);
        if step == 0 {
            return Err(Error::SliceStep { axis });
        }
        let n = infer::length(op, len)?;
        // Where a walk may begin and end: one before the first place for a walk down.
        let (least, most) = if step > 0 { (0, n) } else { (-1, n - 1) };
        let bound = |b: i64| (if b < 0 { b.saturating_add(n) } else { b }).clamp(least, most);
        let (first, last) = if step > 0 { (least, most) } else { (most, least) };
        let (start, stop) = (start.map_or(first, bound), stop.map_or(last, bound));
        let width = if step > 0 { stop - start } else { start - stop };
        let count = width.max(0).unsigned_abs().div_ceil(step.unsigned_abs());
        self.steps(start.max(0), step, count);
        Ok(())
    }
    /// `count` places of the next axis. A step that is never taken is none: products of steps stay within the axis.
    fn steps(&mut self, first: i64, step: i64, count: u64) {
        let (start, step) = match count {
            0 => (0, 1),
            1 => (first, 1),
            _ => (first, step),
        };
        self.maps.push(AxisMap { axis: Some(self.dims.len()), start, step });
        self.dims.push(count);
    }
}
