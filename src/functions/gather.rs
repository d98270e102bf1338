//! Elements at places that are computed.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::graph::{HostFunction, infer};

impl DynArray {
    /// The entries at computed places along an axis (`np.take` with an array): the axes of `places` take its place, and chunks along them
    /// are as long as those of the axis. Nothing is computed yet: with the result the places are, in a run of their own, and then checked.
    ///
    /// # Errors
    /// [`Error::DType`] for places that are no integers; [`Error::AxisOutOfRange`]; [`Error::UnknownLength`] for an axis or places of one;
    /// [`Error::IndexOutOfRange`] for an axis without an entry, and of the run for a place that the axis has not: negative ones are from its end.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([10, 20, 30]).into();
    /// let order: DynArray = gridloom::array([[2, 0], [-1, 1]]).into();
    /// assert_eq!(x.take_at(&order, 0)?.typed::<i32>()?.to_vec()?, [30, 10, 30, 20]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "gather")]
    pub fn take_at(&self, places: &Self, axis: impl Into<Axes>) -> Result<Self> {
        if !places.dtype().is_integer() {
            return Err(Error::DType { op: "take", got: places.dtype(), expected: "an integer" });
        }
        let axis = self.one_axis("take", axis)?;
        let shape = places.known_dims("take")?;
        let dims = self.known_dims("take")?;
        let count = shape.iter().try_fold(1u64, |all, &len| all.checked_mul(len)).unwrap_or(u64::MAX);
        if dims[axis] == 0 && count > 0 {
            return Err(Error::IndexOutOfRange { op: "take", index: 0, axis, len: 0 });
        }
        let lengths = dims[..axis].iter().chain(&shape).chain(&dims[axis + 1..]);
        let lengths = lengths.map(|&len| infer::length("take", len)).collect::<Result<Vec<i64>>>()?;
        let (x, is_one) = (self.clone(), shape.len() == 1);
        let shaped = move |taken: Self| if is_one { Ok(taken) } else { taken.reshape(lengths.clone()) };
        // Which places they are says nothing about shape and chunks.
        let like = infer::full(Scalar::from_f64(self.dtype(), 0.0), infer::taken(self.node(), axis, count));
        let like = shaped(like.into())?;
        let is_beyond = places.dtype() == DType::U64;
        let function = HostFunction::going_on("take", &(self.node().key, axis), move |known| {
            let indices = known[0].0.stored::<i64>();
            if let Some(&index) = indices.iter().find(|&&index| is_beyond && index < 0) {
                let (got, expected) = (index.cast_unsigned().to_string(), "a place of the axis");
                return Err(Error::Parameter { op: "take", what: "an index", got, expected });
            }
            let taken = infer::take(x.node(), indices, infer::axis_number(axis))?;
            Ok(shaped(taken.into())?.node().clone())
        });
        let inputs = vec![places.cast(DType::I64).node().clone()];
        Ok(infer::host(function, inputs, self.dtype(), like.chunks().clone()).into())
    }
}
