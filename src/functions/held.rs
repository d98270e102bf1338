//! The entries of an axis at places that are computed, where the axis is held whole.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use crate::chunks::{AxisChunks, AxisSpec, ChunkSpec, Chunks};
use crate::dtype::{DType, with_bits};
use crate::error::{Error, Result};
use crate::graph::{HostFunction, HostTask, infer};
use crate::host::HostBuffer;
use crate::width::in_memory;

impl DynArray {
    /// The same as [`take_at`](Self::take_at) of places on one axis, in one run: on the host, which holds the axis whole, and of the places
    /// those of a chunk. For more places than are worth a plan of their own, of what memory has room for.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`]; [`Error::Rank`] for places on another number of axes, [`Error::DType`] for places that are no integers;
    /// [`Error::UnknownLength`]. In a run [`Error::IndexOutOfRange`].
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([[10, 20, 30], [40, 50, 60]]).into();
    /// let places: DynArray = gridloom::array([2, 0, -1, 0]).into();
    /// assert_eq!(x.take_held(&places, 1)?.typed::<i32>()?.to_vec()?, [30, 10, 30, 10, 60, 40, 60, 40]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn take_held(&self, places: &Self, axis: impl Into<Axes>) -> Result<Self> {
        let op = "take_held";
        let axis = self.one_axis(op, axis)?;
        if !places.dtype().is_integer() {
            return Err(Error::DType { op, got: places.dtype(), expected: "integers for places" });
        }
        if places.ndim() != 1 {
            let (given, shape) = ("places of ".to_owned(), places.node().dims());
            return Err(Error::Rank { op, expected: "places on one axis", given, shape });
        }
        let len = self.known_dims(op)?[axis];
        places.known_dims(op)?;
        let along = |chunks: AxisChunks| {
            let mut axes = self.chunks().axes().to_vec();
            axes[axis] = chunks;
            axes
        };
        let whole = along(AxisChunks::regular(len, len)).into_iter().map(AxisSpec::Like).collect();
        let x = self.rechunk(ChunkSpec::Axes(whole))?;
        let others: Vec<usize> = (0..self.ndim()).filter(|&other| other != axis).collect();
        let chunks = Chunks::new(along(places.chunks().axes()[0].clone()));
        let places = places.cast(DType::I64).insert_axis(others)?;
        let run = move |task: &HostTask<'_>| gathered(op, task, axis);
        let inputs = vec![x.node().clone(), places.node().clone()];
        Ok(infer::host(HostFunction::named(op, &axis, run), inputs, self.dtype(), chunks).into())
    }
}

/// The entries of a chunk's axis at its places.
fn gathered(op: &'static str, task: &HostTask<'_>, axis: usize) -> Result<(HostBuffer, Vec<u64>)> {
    let [(values, from), (places, _)] = task.inputs else { return Err(Error::bug("places of an axis")) };
    let (len, inner) = (from[axis], in_memory(from[axis + 1..].iter().product()));
    let (n, places) = (infer::length(op, len)?, places.stored::<i64>());
    let at = |&index: &i64| {
        let at = if index < 0 { index + n } else { index };
        usize::try_from(at).ok().filter(|_| at < n).ok_or(Error::IndexOutOfRange { op, index, axis, len })
    };
    let places = places.iter().map(at).collect::<Result<Vec<usize>>>()?;
    let mut shape = from.clone();
    shape[axis] = places.len() as u64;
    let mut out = HostBuffer::scratch(task.dtype, in_memory(shape.iter().product()))?;
    with_bits!(task.dtype, T => {
        let (from, to): (&[T], &mut [T]) = (values.stored(), out.stored_mut());
        let slabs = from.chunks_exact((in_memory(len) * inner).max(1));
        for (from, to) in slabs.zip(to.chunks_exact_mut((places.len() * inner).max(1))) {
            for (to, &at) in to.chunks_exact_mut(inner.max(1)).zip(&places) {
                to.copy_from_slice(&from[at * inner..][..inner]);
            }
        }
    });
    Ok((out, shape))
}
