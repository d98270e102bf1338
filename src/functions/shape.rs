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
        let all = infer::axis_number(self.ndim()) + 1;
        let at = if axis < 0 { axis + all } else { axis };
        let at = usize::try_from(at).ok().filter(|_| at < all);
        at.ok_or_else(|| Error::AxisOutOfRange { op, axis, shape: self.node().dims() })
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
    /// A new axis of length 1, which is axis `at` of the result (`np.expand_dims`); negative from the end of that.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`].
    #[doc(alias = "expand_dims")]
    pub fn insert_axis(&self, at: impl Into<Axes>) -> Result<Self> {
        let mut dims = self.known_dims("insert_axis")?;
        let at = self.new_axis("insert_axis", at)?;
        dims.insert(at, 1);
        Ok(self.view((0..self.ndim()).map(|k| AxisMap::whole(k + usize::from(k >= at))).collect(), &dims))
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
