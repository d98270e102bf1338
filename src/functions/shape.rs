//! Axes, shapes and chunks. All but a reshape are views, which cost nothing.

use super::arguments::{Axes, IntoShape, Lengths};
use super::dyn_array::DynArray;
use crate::chunks::ChunkSpec;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, View, infer};

impl DynArray {
    /// The array through a view of lengths `dims`.
    pub(super) fn view(&self, maps: Vec<AxisMap>, dims: &[u64]) -> Self {
        let view = View(maps);
        let own = self.node().dims();
        let same = dims.len() == own.len() && dims.iter().zip(own).all(|(&len, own)| own.is_none_or(|own| own == len));
        if same && view == View::identity(self.ndim()) {
            return self.clone();
        }
        infer::view(self.node(), view, dims).into()
    }
    pub(super) fn known_dims(&self, op: &'static str) -> Result<Vec<u64>> {
        let hint = "transpose before filtering";
        self.chunks().shape().ok_or_else(|| Error::UnknownLength { op, shape: self.node().dims(), hint })
    }
    /// The number of the one axis that is named.
    pub(super) fn one_axis(&self, op: &'static str, axis: impl Into<Axes>) -> Result<usize> {
        infer::normalize_axis(op, axis.into().one(op)?, &self.node().dims())
    }
    /// The number of an axis that the array does not have yet.
    pub(super) fn new_axis(&self, op: &'static str, axis: impl Into<Axes>) -> Result<usize> {
        let axis = axis.into().one(op)?;
        let all = vec![None; self.ndim() + 1];
        let out_of_range = |_| Error::AxisOutOfRange { op, axis, shape: self.node().dims() };
        infer::normalize_axis(op, axis, &all).map_err(out_of_range)
    }

    /// The axes in reverse order; chunks with them.
    #[doc(alias = "transpose")]
    pub fn t(&self) -> Self {
        let axes: Vec<usize> = (0..self.ndim()).rev().collect();
        self.permuted(&axes)
    }
    /// Axis `k` of the result is axis `axes[k]` of the array (`np.transpose`); negative from the end.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`], [`Error::Rank`] for the wrong number of axes.
    #[doc(alias = "transpose")]
    #[doc(alias = "permute_dims")]
    pub fn permute_axes(&self, axes: impl Into<Axes>) -> Result<Self> {
        let op = "permute_axes";
        let axes = axes.into().0;
        let dims = self.node().dims();
        infer::normalize_axes(op, &axes, &dims)?;
        if axes.len() != dims.len() {
            let given = format!("axes {axes:?} of ");
            return Err(Error::Rank { op, expected: "every axis once", given, shape: dims });
        }
        let axes = axes.iter().map(|&axis| infer::normalize_axis(op, axis, &dims)).collect::<Result<Vec<_>>>()?;
        Ok(self.permuted(&axes))
    }
    /// Axis `k` of the result is axis `axes[k]`, each once.
    pub(super) fn permuted(&self, axes: &[usize]) -> Self {
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
        self.view(maps, &dims)
    }
    /// Two axes exchanged; negative from the end.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`].
    #[doc(alias = "swapaxes")]
    pub fn swap_axes(&self, a: impl Into<Axes>, b: impl Into<Axes>) -> Result<Self> {
        let (a, b) = (self.one_axis("swap_axes", a)?, self.one_axis("swap_axes", b)?);
        let mut axes: Vec<usize> = (0..self.ndim()).collect();
        axes.swap(a, b);
        Ok(self.permuted(&axes))
    }
    /// New axes of length 1, which are axes `at` of the result (`np.expand_dims`): one or several, negative from the end of that.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`], [`Error::UnknownLength`]; [`Error::Parameter`] for one of several axes that
    /// the result does not have.
    #[doc(alias = "expand_dims")]
    pub fn insert_axis(&self, at: impl Into<Axes>) -> Result<Self> {
        let (op, at) = ("insert_axis", at.into());
        let mut dims = self.known_dims(op)?;
        let at = match at.0.as_slice() {
            [_] => vec![self.new_axis(op, at)?],
            axes => {
                let all = vec![None; dims.len() + axes.len()];
                infer::normalize_axes(op, axes, &all).map_err(|error| match error {
                    Error::AxisOutOfRange { axis, .. } => Error::Parameter {
                        op,
                        what: "a new axis",
                        got: format!("{axis}, of a result of {} axes", all.len()),
                        expected: "one that the result has",
                    },
                    other => other,
                })?
            }
        };
        at.iter().for_each(|&k| dims.insert(k, 1));
        let kept = (0..dims.len()).filter(|k| !at.contains(k));
        Ok(self.view(kept.map(AxisMap::whole).collect(), &dims))
    }
    /// Axes of length 1 dropped, one or several.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`]; [`Error::Parameter`] where a length is not 1.
    pub fn remove_axis(&self, axes: impl Into<Axes>) -> Result<Self> {
        let (op, own) = ("remove_axis", self.node().dims());
        let axes = infer::normalize_axes(op, &axes.into().0, &own)?;
        if let Some(&at) = axes.iter().find(|&&at| own[at] != Some(1)) {
            return Err(Error::Parameter {
                op,
                what: "the axis' length",
                got: own[at].map_or("unknown".into(), |n| n.to_string()),
                expected: "1",
            });
        }
        Ok(self.without(&axes))
    }
    /// All axes of length 1 dropped (`np.squeeze`).
    pub fn squeeze(&self) -> Self {
        let own = self.node().dims();
        let axes: Vec<usize> = (0..own.len()).filter(|&k| own[k] == Some(1)).collect();
        self.without(&axes)
    }
    /// Without axes of length 1.
    fn without(&self, axes: &[usize]) -> Self {
        let (mut maps, mut dims) = (Vec::new(), Vec::new());
        for (k, len) in self.node().dims().into_iter().enumerate() {
            if axes.contains(&k) {
                maps.push(AxisMap::at(0));
            } else {
                maps.push(AxisMap::whole(dims.len()));
                dims.push(len.unwrap_or(0));
            }
        }
        self.view(maps, &dims)
    }
    /// Repeated along axes of length 1 and along new first axes, to `shape`. Nothing is copied.
    ///
    /// # Errors
    /// [`Error::BroadcastTo`].
    pub fn broadcast_to(&self, shape: impl IntoShape) -> Result<Self> {
        Ok(infer::broadcast_to(self.node(), &shape.into_shape())?.into())
    }
    /// The same elements in C order with another shape, for any chunking; one length may be -1.
    ///
    /// # Errors
    /// [`Error::ReshapeSize`], [`Error::ReshapeInfer`], [`Error::UnknownLength`]; [`Error::TooLong`] for 2⁶³ elements or more.
    pub fn reshape(&self, shape: impl Into<Lengths>) -> Result<Self> {
        Ok(infer::reshape(self.node(), &shape.into().0)?.into())
    }
    /// All elements in C order on one axis.
    ///
    /// # Errors
    /// [`Error::UnknownLength`] for an n-d array of unknown length; [`Error::TooLong`] for 2⁶³ elements or more.
    pub fn ravel(&self) -> Result<Self> {
        self.reshape(-1)
    }
    /// The same array in other chunks: a size for every axis, one an axis, lists, or `"auto"`. Costs nothing by itself.
    ///
    /// # Errors
    /// As [`ChunkSpec::resolve`]; [`Error::UnknownLength`].
    pub fn rechunk(&self, chunks: impl Into<ChunkSpec>) -> Result<Self> {
        Ok(infer::rechunk(self.node(), &chunks.into())?.into())
    }
}
