//! Arrays cut into parts, and repeated.

use super::arguments::{Axes, Indices, IntoShape};
use super::dyn_array::DynArray;
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::width::in_memory;

/// How many places [`DynArray::repeat_axis`] lists: a GiB of them.
const LISTED: u128 = 1 << 27;

impl DynArray {
    /// Cut along an axis into `parts` of one length (`np.split`): see [`Array::split`](crate::Array::split).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`]; [`Error::Parameter`] for no parts, and for a length that they do not divide.
    pub fn split(&self, parts: usize, axis: impl Into<Axes>) -> Result<Vec<Self>> {
        let op = "split";
        let at = self.one_axis(op, axis)?;
        let len = self.length_of(op, at)?;
        if len.checked_rem(infer::axis_number(parts)) != Some(0) {
            let got = format!("{parts}, of an axis of length {len}");
            let expected = "one that divides the length: array_split() makes parts that differ by 1";
            return Err(Error::Parameter { op, what: "the number of parts", got, expected });
        }
        self.array_split(parts, at)
    }
    /// Cut along an axis into `parts` whose lengths differ by at most 1, longer ones first (`np.array_split`).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`]; [`Error::Parameter`] for no parts.
    pub fn array_split(&self, parts: usize, axis: impl Into<Axes>) -> Result<Vec<Self>> {
        let op = "array_split";
        let at = self.one_axis(op, axis)?;
        let (len, parts) = (self.length_of(op, at)?, infer::axis_number(parts));
        let (Some(size), Some(longer)) = (len.checked_div(parts), len.checked_rem(parts)) else {
            return Err(Error::Parameter { op, what: "the number of parts", got: "0".into(), expected: "1 or more" });
        };
        let start = |part: i64| part * size + part.min(longer);
        Ok((0..parts).map(|part| self.span(at, start(part), start(part + 1))).collect())
    }
    /// Cut along an axis before each of some places (`np.split` with a list): see [`Array::split_at`](crate::Array::split_at).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`].
    pub fn split_at(&self, places: impl Into<Indices>, axis: impl Into<Axes>) -> Result<Vec<Self>> {
        let op = "split_at";
        let at = self.one_axis(op, axis)?;
        let len = self.length_of(op, at)?;
        let bound = |place: i64| if place < 0 { place.saturating_add(len).max(0) } else { place.min(len) };
        let mut starts = vec![0];
        starts.extend(places.into().0.into_iter().map(bound));
        let ends = starts[1..].iter().copied().chain([len]);
        Ok(starts.iter().zip(ends).map(|(&start, end)| self.span(at, start, end)).collect())
    }
    /// The entries along an axis, which goes (`np.unstack`). Views.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`].
    pub fn unstack(&self, axis: impl Into<Axes>) -> Result<Vec<Self>> {
        let at = self.one_axis("unstack", axis)?;
        let len = self.length_of("unstack", at)?;
        (0..len).map(|k| self.span(at, k, k + 1).remove_axis(at)).collect()
    }

    /// Each element several times, in C order: a 1-d array (`np.repeat` without an axis).
    ///
    /// # Errors
    /// As [`ravel`](Self::ravel) and [`repeat_axis`](Self::repeat_axis).
    pub fn repeat(&self, counts: impl IntoShape) -> Result<Self> {
        self.ravel()?.repeat_axis(counts, 0)
    }
    /// Each entry along an axis several times: see [`Array::repeat_axis`](crate::Array::repeat_axis).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`], [`Error::TooLong`]; [`Error::Parameter`] for several counts that are not as
    /// many as the axis has places, or whose sum is more than 2²⁷.
    pub fn repeat_axis(&self, counts: impl IntoShape, axis: impl Into<Axes>) -> Result<Self> {
        let (op, counts) = ("repeat", counts.into_shape());
        let at = self.one_axis(op, axis)?;
        let len = self.length_of(op, at)?;
        if let [count] = counts[..] {
            let of = |k| if k == at { count } else { 1 };
            return self.copies(op, &(0..self.ndim()).map(of).collect::<Vec<_>>(), true);
        }
        if counts.len() as u64 != len.unsigned_abs() {
            let got = format!("{} for an axis of length {len}", counts.len());
            return Err(Error::Parameter {
                op,
                what: "the number of counts",
                got,
                expected: "1, or one for each place",
            });
        }
        let total: u128 = counts.iter().map(|&count| u128::from(count)).sum();
        if total > LISTED {
            let expected = "at most 2^27: repeat parts by one number each, and join them";
            return Err(Error::Parameter { op, what: "the sum of the counts", got: total.to_string(), expected });
        }
        let copies = |(place, &count): (i64, &u64)| std::iter::repeat_n(place, in_memory(count));
        self.take((0..len).zip(&counts).flat_map(copies).collect::<Vec<i64>>(), at)
    }
    /// The whole array several times along each axis (`np.tile`): see [`Array::tile`](crate::Array::tile).
    ///
    /// # Errors
    /// [`Error::UnknownLength`], [`Error::TooLong`].
    pub fn tile(&self, counts: impl IntoShape) -> Result<Self> {
        let counts = counts.into_shape();
        let ndim = self.ndim().max(counts.len());
        let first = (0..ndim - self.ndim()).collect::<Vec<_>>();
        let x = if first.is_empty() { self.clone() } else { self.insert_axis(first)? };
        let mut all = vec![1; ndim - counts.len()];
        all.extend(counts);
        x.copies("tile", &all, false)
    }
    /// So many copies along each axis: of each entry beside it, or of the whole axis one after another. Copies are an axis that is
    /// broadcast, and then a reshape: no element is stored before it is in its place.
    fn copies(&self, op: &'static str, counts: &[u64], beside: bool) -> Result<Self> {
        let (mut grown, mut new, mut shape) = (Vec::new(), Vec::new(), Vec::new());
        for (len, &count) in self.known_dims(op)?.into_iter().zip(counts) {
            let too_long = || Error::TooLong { op, shape: vec![Some(len), Some(count)] };
            shape.push(i64::try_from(len.checked_mul(count).ok_or_else(too_long)?).map_err(|_| too_long())?);
            let copied = grown.len() + usize::from(beside);
            grown.push(len);
            if count != 1 {
                grown.insert(copied, count);
                new.push(copied);
            }
        }
        let x = if new.is_empty() { self.clone() } else { self.insert_axis(new)? };
        Ok(infer::reshape(&infer::broadcast_to(x.node(), &grown)?, &shape)?.into())
    }
}
