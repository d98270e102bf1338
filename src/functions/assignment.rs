//! NumPy's `x[..] = value`, as an array of its own: arrays do not change.

use super::creation::arange;
use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::indexing::Index;
use super::joining::concatenate;
use super::promotion::DynOperand;
use crate::chunks::ChunkSpec;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::width::{in_memory, signed};

/// The places of an axis that are given new elements: `start, start + step, ..`, so many.
#[derive(Clone, Copy)]
struct Places {
    start: u64,
    step: u64,
    count: u64,
}

impl DynArray {
    /// The array with other elements where `indices` says: NumPy's `x[indices] = value`, of which this is what `x` is then. `value` is
    /// broadcast to what [`index`](Self::index) gives and cast to the array's dtype; shape, dtype and chunks stay. Nothing is copied by
    /// itself: the parts are joined, or chosen from where a slice has a step.
    ///
    /// # Errors
    /// As [`index`](Self::index); [`Error::BroadcastTo`] for a value of another shape; [`Error::Parameter`] for a list of places, which is not
    /// there yet, and for an integer that the dtype does not hold; [`Error::UnknownLength`].
    ///
    /// ```
    /// use gridloom::{DynArray, Index};
    /// let x: DynArray = gridloom::arange::<i32>(6).into();
    /// let every_second = [Index::Slice { start: None, stop: None, step: Some(2) }];
    /// assert_eq!(x.assign(&every_second, -1)?.typed::<i32>()?.to_vec()?, [-1, 1, -1, 3, -1, 5]);
    /// assert_eq!(x.assign(&[x.ge(3)?.into()], 0)?.typed::<i32>()?.to_vec()?, [0, 1, 2, 0, 0, 0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "setitem")]
    pub fn assign(&self, indices: &[Index], value: impl Into<DynOperand>) -> Result<Self> {
        let op = "assign";
        let value = value.into().of_dtype(op, self.dtype())?;
        if let [Index::Mask(mask)] = indices {
            if value.ndim() > 0 {
                let (what, got) = ("value for a mask", format!("an array of {} axes", value.ndim()));
                return Err(Error::Parameter {
                    op,
                    what,
                    got,
                    expected: "one number: where_() takes an array of the mask's shape",
                });
            }
            // A mask is of the array's shape, as in `filter`.
            let _ = self.filter(mask)?;
            return where_(mask, value, self);
        }
        let (part, lists) = self.part_named(op, indices)?;
        if !lists.is_empty() {
            let (what, got) = ("the list of entries", format!("{indices:?}"));
            return Err(Error::Parameter { op, what, got, expected: "slices and single places, or a mask alone" });
        }
        let (maps, dims) = (part.maps, part.dims);
        if self.chunks().has_unknown() {
            let hint = "assign to what it was filtered from";
            return Err(Error::UnknownLength { op, shape: self.node().dims(), hint });
        }
        let seen: Vec<usize> = dims.iter().map(|&len| in_memory(len)).collect();
        let mut value = without_first_ones(value, dims.len())?.broadcast_to(seen)?;
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
            let count = map.axis.map_or(1, |seen| dims[seen]);
            if map.axis.is_none() {
                value = value.insert_axis(axis)?;
            }
            let last = map.start + (signed(count) - 1) * map.step;
            if map.step < 0 {
                value = value.reversed(axis)?;
            }
            places.push(Places {
                start: map.start.min(last).unsigned_abs(),
                step: map.step.unsigned_abs().max(1),
                count,
            });
        }
        replaced(self, value, &places, 0)?.rechunk(ChunkSpec::from(self.chunks()))
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

/// An array of more axes than what it is assigned to, without its first axes of length 1, as NumPy takes it.
fn without_first_ones(mut value: DynArray, ndim: usize) -> Result<DynArray> {
    while value.ndim() > ndim && value.node().dims()[0] == Some(1) {
        value = value.remove_axis(0)?;
    }
    Ok(value)
}

/// `x` with the elements of `value` at the places on axis `axis` and those behind it.
fn replaced(x: &DynArray, value: DynArray, places: &[Places], axis: usize) -> Result<DynArray> {
    let Some(&Places { start, step, count }) = places.get(axis) else { return Ok(value) };
    let len = x.node().dims()[axis].unwrap_or(0);
    let end = start + (count - 1) * step + 1;
    let part = |from: u64, to: u64| x.between(axis, (signed(from)..signed(to)).into());
    let inner = if (start, end) == (0, len) { x.clone() } else { part(start, end)? };
    let inner = if step == 1 {
        replaced(&inner, value, places, axis + 1)?
    } else {
        // Each new element also stands at the places up to the next, where the old ones are chosen.
        let spread: Vec<i64> = (0..end - start).map(|at| signed(at / step)).collect();
        let new = replaced(&inner, value.take(spread, axis)?, places, axis + 1)?;
        let mut mask = arange(DType::I64, in_memory(end - start)).rem(signed(step))?.eq(0)?;
        for _ in axis + 1..places.len() {
            mask = mask.insert_axis(mask.ndim())?;
        }
        where_(&mask, new, inner)?
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
