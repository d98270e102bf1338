//! Places taken out of an axis and put in (`np.delete`, `np.insert`), arrays of other shapes filled with the elements of one, and blocks.

use super::arguments::{Axes, Indices, IntoShape};
use super::dyn_array::DynArray;
use super::joining::concatenate;
use super::promotion::DynOperand;
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::width::in_memory;

/// Stretches of an axis that are joined; more of them are taken by a list of places.
const MOST_PARTS: usize = 64;

/// Places of a list at most: longer axes are joined of however many stretches.
const MOST_LISTED: i64 = 1 << 27;

/// Stretches of an axis, first and end of each, as one array.
fn of_stretches(x: &DynArray, axis: usize, stretches: &[(i64, i64)]) -> Result<DynArray> {
    let total: i64 = stretches.iter().map(|(start, end)| end - start).sum();
    match stretches {
        [] => Ok(x.span(axis, 0, 0)),
        _ if stretches.len() > MOST_PARTS && total <= MOST_LISTED => {
            x.take(stretches.iter().flat_map(|&(start, end)| start..end).collect::<Vec<i64>>(), axis)
        }
        _ => concatenate(&stretches.iter().map(|&(start, end)| x.span(axis, start, end)).collect::<Vec<_>>(), axis),
    }
}

/// Arrays in nested lists, as [`block`] puts them together.
#[derive(Clone, Debug)]
pub enum Blocks {
    /// An array.
    One(DynArray),
    /// Blocks one after another: along the last axis in the innermost lists, along the one before it in those around them, and so on.
    List(Vec<Self>),
}

impl Blocks {
    /// How many lists are around the arrays.
    fn depth(&self) -> Result<usize> {
        let Self::List(list) = self else { return Ok(0) };
        let depths = list.iter().map(Self::depth).collect::<Result<Vec<_>>>()?;
        let Some(&first) = depths.first() else {
            return Err(Error::JoinNothing { op: "block" });
        };
        if let Some(&other) = depths.iter().find(|depth| **depth != first) {
            let (what, got) = ("the depth of a list", format!("{other} beside one of {first}"));
            return Err(Error::Parameter { op: "block", what, got, expected: "the same for all in a list" });
        }
        Ok(first + 1)
    }
    /// The most axes that an array has.
    fn most_axes(&self) -> usize {
        match self {
            Self::One(array) => array.ndim(),
            Self::List(list) => list.iter().map(Self::most_axes).max().unwrap_or(0),
        }
    }
    /// Put together, so many axes each; lists `depth` deep.
    fn joined(&self, depth: usize, axes: usize) -> Result<DynArray> {
        match self {
            Self::One(array) => array.atleast_nd(axes),
            Self::List(list) => {
                let parts = list.iter().map(|part| part.joined(depth - 1, axes)).collect::<Result<Vec<_>>>()?;
                concatenate(&parts, axes - depth)
            }
        }
    }
}

impl From<DynArray> for Blocks {
    fn from(array: DynArray) -> Self {
        Self::One(array)
    }
}
impl<B: Into<Self>> From<Vec<B>> for Blocks {
    fn from(list: Vec<B>) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

/// Arrays in nested lists as one (`np.block`): those of innermost lists beside each other along the last axis, the lists around them one
/// after another along the one before, and so on. Arrays of fewer axes have first ones of length 1. Nothing is moved.
///
/// # Errors
/// As [`concatenate`]; [`Error::Parameter`] for lists of several depths beside each other.
///
/// ```
/// use gridloom::{DynArray, functions::block};
/// let (x, y): (DynArray, DynArray) = (gridloom::array([[1, 2]]).into(), gridloom::array([[3], [4]]).into());
/// let zero: DynArray = gridloom::zeros::<i32>((2, 1)).into();
/// let all = block(vec![vec![x.clone(), x.clone()], vec![y.clone(), zero, y.clone(), y]])?;
/// assert_eq!(all.typed::<i32>()?.to_vec()?, [1, 2, 1, 2, 3, 0, 3, 3, 4, 0, 4, 4]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn block(blocks: impl Into<Blocks>) -> Result<DynArray> {
    let blocks = blocks.into();
    let depth = blocks.depth()?;
    blocks.joined(depth, depth.max(blocks.most_axes()))
}

impl DynArray {
    /// Without the entries at `indices` along an axis (`np.delete`): see [`Array::delete`](crate::Array::delete).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::IndexOutOfRange`], [`Error::UnknownLength`].
    pub fn delete(&self, indices: impl Into<Indices>, axis: impl Into<Axes>) -> Result<Self> {
        let op = "delete";
        let at = self.one_axis(op, axis)?;
        let len = self.length_of(op, at)?;
        let mut gone = places(op, &indices.into().0, at, len, len)?;
        gone.sort_unstable();
        gone.dedup();
        let (mut kept, mut next) = (Vec::new(), 0);
        for place in gone.into_iter().chain([len]) {
            if place > next {
                kept.push((next, place));
            }
            next = place + 1;
        }
        of_stretches(self, at, &kept)
    }

    /// With new entries before those at `indices` along an axis (`np.insert`): see [`Array::insert`](crate::Array::insert).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::IndexOutOfRange`], [`Error::UnknownLength`]; [`Error::BroadcastTo`] for values of another shape;
    /// [`Error::Parameter`] for an integer that the dtype does not hold.
    pub fn insert(
        &self,
        indices: impl Into<Indices>,
        values: impl Into<DynOperand>,
        axis: impl Into<Axes>,
    ) -> Result<Self> {
        let op = "insert";
        let at = self.one_axis(op, axis)?;
        let len = self.length_of(op, at)?;
        let places = places(op, &indices.into().0, at, len, len + 1)?;
        let values = values.into().of_dtype(op, self.dtype())?.atleast_nd(self.ndim())?;
        let mut shape = self.known_dims(op)?;
        let new = if places.len() == 1 {
            values.node().dims().get(at).copied().flatten().unwrap_or(1)
        } else {
            places.len() as u64
        };
        shape[at] = new;
        let values: Self = infer::broadcast_to(values.node(), &shape)?.into();
        // Which of the values stands before each place, in order.
        let mut order: Vec<(i64, i64)> = match places[..] {
            [place] => (0..crate::width::signed(new)).map(|which| (place, which)).collect(),
            _ => places.into_iter().zip(0..).collect(),
        };
        order.sort_by_key(|&(place, _)| place);
        // Behind the array in one, so that all are stretches of that.
        let both = concatenate(&[self.clone(), values], at)?;
        let (mut stretches, mut next) = (Vec::new(), 0);
        for (place, which) in order {
            if place > next {
                stretches.push((next, place));
                next = place;
            }
            match stretches.last_mut() {
                Some((_, end)) if *end == len + which && *end > len => *end += 1,
                _ => stretches.push((len + which, len + which + 1)),
            }
        }
        if next < len {
            stretches.push((next, len));
        }
        of_stretches(&both, at, &stretches)
    }

    /// The elements in C order, again and again, in another shape (`np.resize`); zeros where there are none.
    ///
    /// # Errors
    /// [`Error::UnknownLength`], [`Error::TooLong`].
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([1, 2, 3]).into();
    /// assert_eq!(x.resize((2, 4))?.typed::<i32>()?.to_vec()?, [1, 2, 3, 1, 2, 3, 1, 2]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn resize(&self, shape: impl IntoShape) -> Result<Self> {
        let (op, shape) = ("resize", shape.into_shape());
        let too_long = || Error::TooLong { op, shape: shape.iter().copied().map(Some).collect() };
        let size = shape.iter().try_fold(1u64, |all, &len| all.checked_mul(len)).ok_or_else(too_long)?;
        let (size, flat) = (infer::length(op, size)?, self.ravel()?);
        let own = flat.length_of(op, 0)?;
        let lengths = shape.iter().map(|&len| infer::length(op, len)).collect::<Result<Vec<i64>>>()?;
        if own == 0 || size == 0 {
            let zero = super::creation::scalar(crate::dtype::Scalar::from_i64(self.dtype(), 0));
            return Ok(infer::broadcast_to(zero.node(), &shape)?.into());
        }
        let copies = in_memory(size.unsigned_abs().div_ceil(own.unsigned_abs()));
        let long = if copies > 1 { flat.tile(copies)? } else { flat };
        long.span(0, 0, size).reshape(lengths)
    }
}

/// Places of an axis of length `len`, negative ones from its end, which are below `end`.
fn places(op: &'static str, indices: &[i64], axis: usize, len: i64, end: i64) -> Result<Vec<i64>> {
    let place = |&index: &i64| {
        let at = if index < 0 { index.saturating_add(len) } else { index };
        let refused = || Error::IndexOutOfRange { op, index, axis, len: len.unsigned_abs() };
        if (0..end).contains(&at) { Ok(at) } else { Err(refused()) }
    };
    indices.iter().map(place).collect()
}
