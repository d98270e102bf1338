//! The same elements in another order: views, and joins of views.

use super::arguments::{Axes, Shifts};
use super::dyn_array::DynArray;
use super::joining::concatenate;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, infer};

impl DynArray {
    /// The array with the map of one axis replaced by `map`, which shows `len` places.
    fn along(&self, axis: usize, map: AxisMap, len: u64) -> Self {
        let mut maps: Vec<AxisMap> = (0..self.ndim()).map(AxisMap::whole).collect();
        let mut dims: Vec<u64> = self.node().dims().into_iter().map(|d| d.unwrap_or(0)).collect();
        (maps[axis], dims[axis]) = (map, len);
        self.view(maps, &dims)
    }
    /// The places from `start` to before `end` of an axis, which has them.
    pub(super) fn span(&self, axis: usize, start: i64, end: i64) -> Self {
        let len = end.saturating_sub(start).max(0).unsigned_abs();
        let start = if len == 0 { 0 } else { start };
        self.along(axis, AxisMap { axis: Some(axis), start, step: 1 }, len)
    }
    /// The length of an axis, which must be known.
    pub(super) fn length_of(&self, op: &'static str, axis: usize) -> Result<i64> {
        let shape = self.node().dims();
        let hint = "rearrange what it was filtered from";
        let len = shape[axis].ok_or(Error::UnknownLength { op, shape, hint })?;
        infer::length(op, len)
    }
    /// Axes in the order in which they are named, each at most once.
    pub(super) fn axes_in_order(&self, op: &'static str, axes: &[i64]) -> Result<Vec<usize>> {
        let dims = self.node().dims();
        infer::normalize_axes(op, axes, &dims)?;
        axes.iter().map(|&axis| infer::normalize_axis(op, axis, &dims)).collect()
    }

    /// The elements in reverse order along all axes (`np.flip`): see [`Array::flip`](crate::Array::flip).
    ///
    /// # Errors
    /// As [`flip_axis`](Self::flip_axis).
    pub fn flip(&self) -> Result<Self> {
        self.flip_axis((0..self.ndim()).collect::<Vec<_>>())
    }
    /// The elements in reverse order along the given axes: see [`Array::flip_axis`](crate::Array::flip_axis).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`]; [`Error::UnknownLength`] along an axis of unknown length.
    #[doc(alias = "flipud")]
    #[doc(alias = "fliplr")]
    pub fn flip_axis(&self, axes: impl Into<Axes>) -> Result<Self> {
        let op = "flip";
        self.axes_in_order(op, &axes.into().0)?.into_iter().try_fold(self.clone(), |x, axis| {
            let len = x.length_of(op, axis)?;
            let map = AxisMap { axis: Some(axis), start: len - 1, step: -1 };
            Ok(if len < 2 { x } else { x.along(axis, map, len.unsigned_abs()) })
        })
    }

    /// Axes moved to other places, the others in their order (`np.moveaxis`): axis `from[i]` is axis `to[i]` of the result. A view.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`]; [`Error::Parameter`] for lists of different lengths.
    #[doc(alias = "moveaxis")]
    pub fn move_axis(&self, from: impl Into<Axes>, to: impl Into<Axes>) -> Result<Self> {
        let (op, from, to) = ("move_axis", from.into().0, to.into().0);
        if from.len() != to.len() {
            let got = format!("{to:?} for {from:?}");
            return Err(Error::Parameter {
                op,
                what: "the list of new places",
                got,
                expected: "as long as that of axes",
            });
        }
        let (from, to) = (self.axes_in_order(op, &from)?, self.axes_in_order(op, &to)?);
        let mut moved: Vec<(usize, usize)> = to.into_iter().zip(from.iter().copied()).collect();
        moved.sort_unstable();
        let mut order: Vec<usize> = (0..self.ndim()).filter(|k| !from.contains(k)).collect();
        moved.into_iter().for_each(|(to, from)| order.insert(to, from));
        Ok(self.permuted(&order))
    }
    /// The last two axes exchanged (`np.matrix_transpose`): each matrix of a batch transposed. A view.
    ///
    /// # Errors
    /// [`Error::Rank`] for less than 2 axes.
    pub fn matrix_transpose(&self) -> Result<Self> {
        self.at_least_2d("matrix_transpose")?;
        self.swap_axes(-2, -1)
    }
    pub(super) fn at_least_2d(&self, op: &'static str) -> Result<()> {
        let (expected, given, shape) = ("2 axes or more", String::new(), self.node().dims());
        if shape.len() < 2 { Err(Error::Rank { op, expected, given, shape }) } else { Ok(()) }
    }

    /// The elements moved along in C order by a number of places, the last ones to the front (`np.roll` without an axis): see
    /// [`Array::roll`](crate::Array::roll).
    ///
    /// # Errors
    /// As [`roll_axis`](Self::roll_axis) and [`reshape`](Self::reshape).
    pub fn roll(&self, shift: impl Into<i64>) -> Result<Self> {
        let dims = self.known_dims("roll")?;
        let shape = dims.into_iter().map(|d| infer::length("roll", d)).collect::<Result<Vec<i64>>>()?;
        self.ravel()?.roll_axis(shift.into(), 0)?.reshape(shape)
    }
    /// The elements moved along axes, the last ones to the front: see [`Array::roll_axis`](crate::Array::roll_axis).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`]; [`Error::Parameter`] for several numbers that are not as many as the axes;
    /// [`Error::UnknownLength`] along an axis of unknown length.
    pub fn roll_axis(&self, shifts: impl Into<Shifts>, axes: impl Into<Axes>) -> Result<Self> {
        let (op, shifts, axes) = ("roll", shifts.into().0, axes.into().0);
        let pairs: Vec<(i64, i64)> = match (shifts.as_slice(), axes.as_slice()) {
            ([shift], axes) => axes.iter().map(|&axis| (*shift, axis)).collect(),
            (shifts, [axis]) => shifts.iter().map(|&shift| (shift, *axis)).collect(),
            (shifts, axes) if shifts.len() == axes.len() => shifts.iter().copied().zip(axes.iter().copied()).collect(),
            _ => {
                let got = format!("{shifts:?} along axes {axes:?}");
                return Err(Error::Parameter { op, what: "the shift", got, expected: "one, or one an axis" });
            }
        };
        pairs.into_iter().try_fold(self.clone(), |x, (shift, axis)| {
            let at = infer::normalize_axis(op, axis, &x.node().dims())?;
            let len = x.length_of(op, at)?;
            match shift.checked_rem_euclid(len) {
                None | Some(0) => Ok(x),
                Some(shift) => concatenate(&[x.span(at, len - shift, len), x.span(at, 0, len - shift)], at),
            }
        })
    }
    /// Turned by `k` right angles in the plane of two axes, from the first towards the second (`np.rot90`): see
    /// [`Array::rot90`](crate::Array::rot90).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`]; [`Error::Parameter`] for other than two axes; [`Error::UnknownLength`].
    pub fn rot90(&self, k: impl Into<i64>, axes: impl Into<Axes>) -> Result<Self> {
        let (op, axes) = ("rot90", axes.into().0);
        let [a, b] = axes[..] else {
            let got = format!("{axes:?}");
            return Err(Error::Parameter { op, what: "the plane", got, expected: "two axes" });
        };
        self.axes_in_order(op, &axes)?;
        match k.into().rem_euclid(4) {
            0 => Ok(self.clone()),
            1 => self.flip_axis(b)?.swap_axes(a, b),
            2 => self.flip_axis([a, b]),
            _ => self.swap_axes(a, b)?.flip_axis(b),
        }
    }
}
