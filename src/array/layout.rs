//! Indexing, axes, reshape, joins, chunks. Slices, steps, transposes and broadcasting are views: they cost nothing, and a
//! slice of generated data generates only the slice.

use ndarray::{SliceArg, SliceInfoElem};

use super::create::IntoShape;
use super::places::{Axes, Indices};
use super::typed::Array;
use crate::chunks::ChunkSpec;
use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, View, infer};

impl<T: Element> Array<T> {
    /// The part that ndarray's `s![]` names: ranges with steps, negative indices and steps (which reverse the range, as in
    /// ndarray), single indices (which drop the axis) and `NewAxis`. No data moves; chunks are cut where the array's are.
    ///
    /// # Errors
    /// [`Error::SliceRank`], [`Error::IndexOutOfRange`], [`Error::SliceStep`]; [`Error::UnknownLength`] for part of an axis of
    /// unknown length.
    ///
    /// ```
    /// use gridloom::prelude::*;
    /// let x = gridloom::arange::<i32>(10).reshape(&[2, 5])?;
    /// assert_eq!(x.slice(s![.., ..;-2])?.compute()?, ndarray::arr2(&[[4, 2, 0], [9, 7, 5]]).into_dyn());
    /// assert_eq!(x.slice(s![-1, 1..3])?.compute()?, ndarray::arr1(&[6, 7]).into_dyn());
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn slice<I: SliceArg<ndarray::IxDyn>>(&self, info: I) -> Result<Self> {
        let elements: &[SliceInfoElem] = info.as_ref();
        let own = self.node().dims();
        let given = elements.iter().filter(|e| !matches!(e, SliceInfoElem::NewAxis)).count();
        if given != own.len() {
            return Err(Error::SliceRank { given, shape: own });
        }
        let (mut maps, mut dims) = (Vec::new(), Vec::new());
        let mut axis = 0;
        for element in elements {
            match *element {
                SliceInfoElem::NewAxis => dims.push(1),
                SliceInfoElem::Index(index) => {
                    maps.push(AxisMap::at(place("slice", signed(index), axis, self.length(axis)?)?));
                    axis += 1;
                }
                SliceInfoElem::Slice { start: 0, end: None, step: 1 } => {
                    maps.push(AxisMap::whole(dims.len()));
                    dims.push(own[axis].unwrap_or(0));
                    axis += 1;
                }
                SliceInfoElem::Slice { start, end, step } => {
                    let bounds = (signed(start), end.map(signed), signed(step));
                    let (map, len) = range(axis, dims.len(), self.length(axis)?, bounds)?;
                    maps.push(map);
                    dims.push(len);
                    axis += 1;
                }
            }
        }
        Ok(Self::wrap(infer::view(self.node(), View(maps), &dims)))
    }

    /// The length of an axis, which must be known.
    fn length(&self, axis: usize) -> Result<u64> {
        let hint = "index what it was filtered from";
        self.node().dims()[axis].ok_or_else(|| Error::UnknownLength { op: "slice", shape: self.node().dims(), hint })
    }

    fn known_dims(&self, op: &'static str) -> Result<Vec<u64>> {
        let hint = "transpose before filtering";
        self.chunks().shape().ok_or_else(|| Error::UnknownLength { op, shape: self.node().dims(), hint })
    }

    /// Entry `index` (negative from the end) along `axis`, which goes.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::IndexOutOfRange`], [`Error::UnknownLength`].
    pub fn index_axis(&self, axis: impl Into<Axes>, index: isize) -> Result<Self> {
        let at = self.one_axis("index_axis", axis)?;
        let mut dims = self.known_dims("index_axis")?;
        let start = place("index_axis", signed(index), at, dims.remove(at))?;
        let maps = (0..self.ndim())
            .map(|k| if k == at { AxisMap::at(start) } else { AxisMap::whole(k - usize::from(k > at)) })
            .collect();
        Ok(Self::wrap(infer::view(self.node(), View(maps), &dims)))
    }

    fn one_axis(&self, op: &'static str, axis: impl Into<Axes>) -> Result<usize> {
        infer::normalize_axis(op, one(op, axis)?, &self.node().dims())
    }

    /// The entries at `indices` (negative from the end, any order, repeats allowed) along `axis`. The result has chunks as
    /// large as the array's along it.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::IndexOutOfRange`], [`Error::UnknownLength`].
    ///
    /// ```
    /// let x = gridloom::array([10, 20, 30]).take([2, 0, 0, -1], 0)?;
    /// assert_eq!(x.compute()?.as_slice().unwrap(), [30, 10, 10, 30]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn take(&self, indices: impl Into<Indices>, axis: impl Into<Axes>) -> Result<Self> {
        let at = self.one_axis("take", axis)?;
        Ok(Self::wrap(infer::take(self.node(), &indices.into().0, infer::axis_number(at))?))
    }

    /// The axes in reverse order; chunks with them.
    ///
    /// ```
    /// assert_eq!(gridloom::zeros::<f32>((2, 3)).t().shape(), Some(vec![3, 2]));
    /// ```
    #[doc(alias = "transpose")]
    pub fn t(&self) -> Self {
        let n = self.ndim();
        let axes: Vec<usize> = (0..n).rev().collect();
        self.permuted(&axes)
    }

    /// Axis `k` of the result is axis `axes[k]` of the array (`np.transpose`).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`], [`Error::Rank`] for the wrong number of axes.
    #[doc(alias = "transpose")]
    #[doc(alias = "permute_dims")]
    pub fn permute_axes(&self, axes: &[usize]) -> Result<Self> {
        let dims = self.node().dims();
        let numbers: Vec<i64> = axes.iter().map(|&a| infer::axis_number(a)).collect();
        infer::normalize_axes("permute_axes", &numbers, &dims)?;
        if axes.len() != dims.len() {
            return Err(Error::Rank {
                op: "permute_axes",
                expected: "every axis once",
                given: format!("axes {axes:?} of "),
                shape: dims,
            });
        }
        Ok(self.permuted(axes))
    }

    fn permuted(&self, axes: &[usize]) -> Self {
        // An axis of unknown length stands alone, where the order of axes says nothing.
        if self.ndim() < 2 {
            return self.clone();
        }
        let own = self.node().dims();
        let mut maps = vec![AxisMap::whole(0); axes.len()];
        for (k, &axis) in axes.iter().enumerate() {
            maps[axis] = AxisMap::whole(k);
        }
        let dims: Vec<u64> = axes.iter().map(|&axis| own[axis].unwrap_or(0)).collect();
        Self::wrap(infer::view(self.node(), View(maps), &dims))
    }

    /// Two axes exchanged.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`].
    #[doc(alias = "swapaxes")]
    pub fn swap_axes(&self, a: usize, b: usize) -> Result<Self> {
        let dims = self.node().dims();
        let (a, b) = (
            infer::normalize_axis("swap_axes", infer::axis_number(a), &dims)?,
            infer::normalize_axis("swap_axes", infer::axis_number(b), &dims)?,
        );
        let mut axes: Vec<usize> = (0..self.ndim()).collect();
        axes.swap(a, b);
        Ok(self.permuted(&axes))
    }

    /// A new axis of length 1, which is axis `at` of the result (`np.expand_dims`); negative from the end of that.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`].
    #[doc(alias = "expand_dims")]
    pub fn insert_axis(&self, at: impl Into<Axes>) -> Result<Self> {
        let mut dims = self.known_dims("insert_axis")?;
        let at = self.new_axis("insert_axis", at)?;
        dims.insert(at, 1);
        let maps = (0..self.ndim()).map(|k| AxisMap::whole(k + usize::from(k >= at))).collect();
        Ok(Self::wrap(infer::view(self.node(), View(maps), &dims)))
    }

    /// The number of an axis that the array does not have yet.
    fn new_axis(&self, op: &'static str, axis: impl Into<Axes>) -> Result<usize> {
        let axis = one(op, axis)?;
        let all = infer::axis_number(self.ndim()) + 1;
        let at = if axis < 0 { axis + all } else { axis };
        let at = usize::try_from(at).ok().filter(|_| at < all);
        at.ok_or_else(|| Error::AxisOutOfRange { op, axis, shape: self.node().dims() })
    }

    /// An axis of length 1 dropped (`np.squeeze`).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`]; [`Error::Parameter`] where its length is not 1.
    #[doc(alias = "squeeze")]
    pub fn remove_axis(&self, axis: impl Into<Axes>) -> Result<Self> {
        let at = self.one_axis("remove_axis", axis)?;
        match self.node().dims()[at] {
            Some(1) => self.index_axis(at, 0),
            len => Err(Error::Parameter {
                op: "remove_axis",
                what: "the axis' length",
                got: len.map_or("unknown".into(), |n| n.to_string()),
                expected: "1",
            }),
        }
    }

    /// Repeated along axes of length 1 and along new first axes, to `shape`. Nothing is copied.
    ///
    /// # Errors
    /// [`Error::BroadcastTo`].
    pub fn broadcast_to(&self, shape: impl IntoShape) -> Result<Self> {
        Ok(Self::wrap(infer::broadcast_to(self.node(), &shape.into_shape())?))
    }

    /// The same elements in C order with another shape, for any chunking; one length may be -1. The result's chunks are
    /// runs of the C order about as large as the array's: cut along the first axis that is long enough, whole behind it.
    ///
    /// # Errors
    /// [`Error::ReshapeSize`], [`Error::ReshapeInfer`], [`Error::UnknownLength`]; [`Error::TooLong`] for 2⁶³ elements or more.
    ///
    /// ```
    /// let x = gridloom::zeros::<u8>((5000, 5000)).reshape(&[1000, 5000, -1])?;
    /// assert_eq!(x.shape(), Some(vec![1000, 5000, 5]));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn reshape(&self, shape: &[isize]) -> Result<Self> {
        let shape: Vec<i64> = shape.iter().map(|&d| signed(d)).collect();
        Ok(Self::wrap(infer::reshape(self.node(), &shape)?))
    }

    /// All elements in C order on one axis.
    ///
    /// # Errors
    /// [`Error::UnknownLength`] for an n-d array of unknown length; [`Error::TooLong`] for 2⁶³ elements or more.
    pub fn ravel(&self) -> Result<Self> {
        self.reshape(&[-1])
    }

    /// The same array in other chunks: a size for every axis, one an axis, lists, or `"auto"`. Costs nothing by itself:
    /// kernels read unaligned chunks in pieces.
    ///
    /// # Errors
    /// As [`ChunkSpec::resolve`]; [`Error::UnknownLength`].
    ///
    /// ```
    /// let x = gridloom::zeros::<f64>((10, 10)).rechunk((4, 10))?;
    /// assert_eq!(x.chunks().to_string(), "(4×2+2, 10)");
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn rechunk(&self, chunks: impl Into<ChunkSpec>) -> Result<Self> {
        Ok(Self::wrap(infer::rechunk(self.node(), &chunks.into())?))
    }
}

/// A number of the machine's width in the graph's, which is no narrower on any target.
fn signed(number: isize) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

/// A possibly negative index as a place on an axis.
fn place(op: &'static str, index: i64, axis: usize, len: u64) -> Result<i64> {
    let n = infer::length(op, len)?;
    // Not below the smallest number: lengths are not negative.
    let at = if index < 0 { index + n } else { index };
    if (0..n).contains(&at) { Ok(at) } else { Err(Error::IndexOutOfRange { op, index, axis, len }) }
}

/// `start..end;step` by ndarray's rules: negative bounds from the end, and a negative step walks the same range backwards.
fn range(axis: usize, seen: usize, len: u64, (start, end, step): (i64, Option<i64>, i64)) -> Result<(AxisMap, u64)> {
    if step == 0 {
        return Err(Error::SliceStep { axis });
    }
    let n = infer::length("slice", len)?;
    let bound = |b: i64| {
        let at = if b < 0 { b + n } else { b };
        if (0..=n).contains(&at) { Ok(at) } else { Err(Error::IndexOutOfRange { op: "slice", index: b, axis, len }) }
    };
    let (start, end) = (bound(start)?, bound(end.unwrap_or(n))?);
    let count = end.saturating_sub(start).max(0).unsigned_abs().div_ceil(step.unsigned_abs());
    let first = if step > 0 { start } else { (end - 1).max(0) };
    // A step that is never taken is none: products of steps stay within the axis.
    let map = match count {
        0 => AxisMap { axis: Some(seen), start: 0, step: 1 },
        1 => AxisMap { axis: Some(seen), start: first, step: 1 },
        _ => AxisMap { axis: Some(seen), start: first, step },
    };
    Ok((map, count))
}

/// The axis, where there is one.
fn one(op: &'static str, axis: impl Into<Axes>) -> Result<i64> {
    let axes = axis.into().0;
    match axes.as_slice() {
        [axis] => Ok(*axis),
        _ => Err(Error::Parameter { op, what: "axis", got: format!("{axes:?}"), expected: "one axis" }),
    }
}

/// Arrays one after another along `axis`. Chunks stay as they are along it; arrays of unknown length may be joined along
/// it. No data moves.
///
/// # Errors
/// [`Error::JoinNothing`], [`Error::JoinShape`], [`Error::AxisOutOfRange`].
///
/// ```
/// use gridloom::{arange, concatenate};
/// let x = concatenate(&[arange::<i32>(3), arange(2)], 0)?;
/// assert_eq!(x.compute()?.as_slice().unwrap(), [0, 1, 2, 0, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[doc(alias = "concat")]
#[doc(alias = "append")]
pub fn concatenate<T: Element>(arrays: &[Array<T>], axis: impl Into<Axes>) -> Result<Array<T>> {
    let nodes: Vec<_> = arrays.iter().map(|a| a.node().clone()).collect();
    let axes = axis.into().0;
    let [axis] = axes.as_slice() else {
        return Err(Error::Parameter {
            op: "concatenate",
            what: "axis",
            got: format!("{axes:?}"),
            expected: "one axis",
        });
    };
    Ok(Array::wrap(infer::concatenate(&nodes, *axis)?))
}

/// Arrays of one shape along a new axis `axis`.
///
/// # Errors
/// As [`concatenate`].
///
/// ```
/// use gridloom::{arange, stack};
/// let x = stack(&[arange::<i32>(3), arange(3)], 0)?;
/// assert_eq!(x.shape(), Some(vec![2, 3]));
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn stack<T: Element>(arrays: &[Array<T>], axis: impl Into<Axes>) -> Result<Array<T>> {
    let first = arrays.first().ok_or(Error::JoinNothing { op: "stack" })?;
    for (index, array) in arrays.iter().enumerate() {
        let (got, expected) = (array.node().dims(), first.node().dims());
        if got != expected {
            let axis = got.iter().zip(&expected).position(|(a, b)| a != b).unwrap_or(got.len().min(expected.len()));
            return Err(Error::JoinShape { op: "stack", index, got, expected, axis });
        }
    }
    let axis = first.new_axis("stack", axis)?;
    let arrays = arrays.iter().map(|a| a.insert_axis(axis)).collect::<Result<Vec<_>>>()?;
    concatenate(&arrays, axis)
}
