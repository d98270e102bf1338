//! Places of elements as arrays: by number in C order and along each axis, of diagonals and triangles, of what is not zero.

use std::sync::Arc;

use super::checks::checked;
use super::creation::{arange, auto};
use super::dyn_array::DynArray;
use super::source;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::node::{Unique, c_strides, structural_key};
use crate::graph::{Layout, Node, Op, Source, infer};
use crate::host::HostBuffer;
use crate::width::{in_memory, signed};

/// What a place beyond an axis is (NumPy's `mode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Beyond {
    /// An error.
    #[default]
    Raise,
    /// Counted on from the other end, as often as it takes.
    Wrap,
    /// The nearest place that is there: negative ones are the first.
    Clip,
}

impl Beyond {
    /// Places of an axis of `len`, which are numbers here.
    pub(super) fn of_list(self, places: &[i64], len: i64) -> Vec<i64> {
        let place = |&place: &i64| match self {
            Self::Raise => place,
            Self::Wrap => place.rem_euclid(len.max(1)),
            Self::Clip => place.clamp(0, (len - 1).max(0)),
        };
        places.iter().map(place).collect()
    }

    /// Places that are an array's elements, as `i64` from 0 to before `len`; those that an error stands for are found when it is computed.
    pub(super) fn of_array(
        self,
        op: &'static str,
        what: &'static str,
        places: &DynArray,
        len: u64,
    ) -> Result<DynArray> {
        let dtype = places.dtype();
        if !dtype.is_integer() && dtype != DType::Bool {
            return Err(Error::DType { op, got: dtype, expected: "integers for places" });
        }
        let len = infer::length(op, len)?;
        let places = places.cast(DType::I64);
        match self {
            Self::Raise => Ok(within(op, what, &places, len)),
            _ if len == 0 && places.size() != Some(0) => {
                let got = "of none".to_owned();
                Err(Error::Parameter { op, what: "number of places", got, expected: "1 or more" })
            }
            Self::Wrap => places.floor_mod(len.max(1)),
            Self::Clip => places.clip(0, (len - 1).max(0)),
        }
    }
}

/// The places themselves, once it was seen that all of them are from 0 to before `len`.
fn within(op: &'static str, what: &'static str, places: &DynArray, len: i64) -> DynArray {
    checked(op, &(what, len), places, move |places| {
        match places.stored::<i64>().iter().find(|at| !(0..len).contains(*at)) {
            None => Ok(()),
            Some(other) => {
                let got = format!("{other}, where there are {len}");
                Err(Error::Parameter { op, what, got, expected: "0 or more, and less than there are" })
            }
        }
    })
}

/// A 1-d array of a few numbers.
pub(super) fn few(numbers: Vec<i64>) -> DynArray {
    source::constants("places", HostBuffer::from_vec::<i64>(numbers))
}

/// How many elements there are.
pub(super) fn count_of(op: &'static str, dims: &[u64]) -> Result<u64> {
    let too_long = || Error::TooLong { op, shape: dims.iter().copied().map(Some).collect() };
    let count = dims.iter().try_fold(1u64, |all, &len| all.checked_mul(len)).ok_or_else(too_long)?;
    infer::length(op, count).map(i64::unsigned_abs)
}

fn lengths(dims: &[usize]) -> Vec<u64> {
    dims.iter().map(|&len| len as u64).collect()
}

/// The places along each axis of `dims` of elements by their numbers in C order (`np.unravel_index`), as `i64`.
///
/// # Errors
/// [`Error::DType`] for numbers that are no integers; [`Error::TooLong`]. Computing fails with [`Error::Parameter`] for a number that no element
/// has; negative ones are of none.
///
/// ```
/// use gridloom::{DynArray, functions::unravel_index};
/// let numbers: DynArray = gridloom::array([5, 1]).into();
/// let places = unravel_index(&numbers, &[2, 3])?;
/// assert_eq!(places[0].typed::<i64>()?.to_vec()?, [1, 0]);
/// assert_eq!(places[1].typed::<i64>()?.to_vec()?, [2, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn unravel_index(numbers: &DynArray, dims: &[usize]) -> Result<Vec<DynArray>> {
    let (op, dims) = ("unravel_index", lengths(dims));
    let numbers = Beyond::Raise.of_array(op, "number of an element", numbers, count_of(op, &dims)?)?;
    let along = |(&len, stride): (&u64, i64)| numbers.floor_div(stride.max(1))?.rem(signed(len.max(1)));
    dims.iter().zip(c_strides(&dims)).map(along).collect()
}

/// The numbers in C order of elements by their places along each axis of `dims` (`np.ravel_multi_index`), broadcast together, as `i64`; `beyond`
/// says for each axis, or for all, what places are that are not there.
///
/// # Errors
/// [`Error::Parameter`] for places along another number of axes, and another number of `beyond`; [`Error::DType`] for places that are no
/// integers; [`Error::Broadcast`], [`Error::TooLong`]. Computing fails with [`Error::Parameter`] for a place that is not there where that is an
/// error; negative ones are not.
///
/// ```
/// use gridloom::{DynArray, functions::{Beyond, ravel_multi_index}};
/// let [rows, columns] = [[0i64, 1], [2, 5]].map(|places| DynArray::from(gridloom::array(places)));
/// let numbers = ravel_multi_index(&[rows, columns], &[2, 3], &[Beyond::Clip])?;
/// assert_eq!(numbers.typed::<i64>()?.to_vec()?, [2, 5]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn ravel_multi_index(places: &[DynArray], dims: &[usize], beyond: &[Beyond]) -> Result<DynArray> {
    let (op, dims) = ("ravel_multi_index", lengths(dims));
    let refuse = |what, count: usize, expected| {
        let got = format!("of {count} for {} axes", dims.len());
        Err(Error::Parameter { op, what, got, expected })
    };
    if places.len() != dims.len() || dims.is_empty() {
        return refuse("the list of places", places.len(), "one array an axis");
    }
    if beyond.len() != 1 && beyond.len() != dims.len() {
        return refuse("the list of modes", beyond.len(), "one for all axes, or one an axis");
    }
    count_of(op, &dims)?;
    let mut sum: Option<DynArray> = None;
    for (k, ((places, &len), stride)) in places.iter().zip(&dims).zip(c_strides(&dims)).enumerate() {
        let mode = beyond[k.min(beyond.len() - 1)];
        let term = mode.of_array(op, "place along an axis", places, len)?.mul(stride)?;
        sum = Some(match sum {
            Some(sum) => sum.add(term)?,
            None => term,
        });
    }
    sum.ok_or_else(|| Error::bug("a sum of no axes"))
}

/// The places of the diagonal of an array with `ndim` axes of length `n` (`np.diag_indices`): the same along each axis.
///
/// ```
/// let places = gridloom::functions::diag_indices(3, 2);
/// assert_eq!(places[1].typed::<i64>()?.to_vec()?, [0, 1, 2]);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[must_use]
pub fn diag_indices(n: usize, ndim: usize) -> Vec<DynArray> {
    vec![arange(DType::I64, n); ndim]
}

/// The places in a matrix at and below its diagonal `k` (`np.tril_indices`), row by row: rows and columns, as `i64`. They are made where they
/// are read.
///
/// # Errors
/// [`Error::TooLong`] for 2⁶³ elements or more.
///
/// ```
/// let [rows, columns] = gridloom::functions::tril_indices(3, 2, 0)?;
/// assert_eq!(rows.typed::<i64>()?.to_vec()?, [0, 1, 1, 2, 2]);
/// assert_eq!(columns.typed::<i64>()?.to_vec()?, [0, 0, 1, 0, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn tril_indices(rows: usize, columns: usize, k: isize) -> Result<[DynArray; 2]> {
    triangle("tril_indices", rows, columns, k, true)
}

/// The places in a matrix at and above its diagonal `k` (`np.triu_indices`): as [`tril_indices`].
///
/// # Errors
/// As there.
pub fn triu_indices(rows: usize, columns: usize, k: isize) -> Result<[DynArray; 2]> {
    triangle("triu_indices", rows, columns, k, false)
}

fn triangle(op: &'static str, rows: usize, columns: usize, k: isize, lower: bool) -> Result<[DynArray; 2]> {
    let [rows, columns] = [rows, columns].map(|len| signed(len as u64));
    count_of(op, &[rows.unsigned_abs(), columns.unsigned_abs()])?;
    // All diagonals beyond the corners are alike.
    let k = super::arguments::signed(k).clamp(-rows - 1, columns + 1);
    Ok([false, true].map(|of_columns| Triangle { rows, columns, k, lower, of_columns }.array()))
}

/// The rows or the columns of the places of a triangle.
#[derive(Hash)]
struct Triangle {
    rows: i64,
    columns: i64,
    k: i64,
    lower: bool,
    of_columns: bool,
}

impl Triangle {
    fn array(self) -> DynArray {
        let chunks = auto(&[self.before(self.rows).unsigned_abs()], DType::I64);
        let key = structural_key(&("triangle", &self));
        let source: Arc<dyn Source> = Arc::new(self);
        Node::new(Op::Source(Unique::keyed(source, key)), vec![], DType::I64, chunks).into()
    }
    /// The columns of a row that are in the triangle.
    fn columns_of(&self, row: i64) -> std::ops::Range<i64> {
        if self.lower {
            0..(row + self.k + 1).clamp(0, self.columns)
        } else {
            (row + self.k).clamp(0, self.columns)..self.columns
        }
    }
    /// How many places lie before a row.
    fn before(&self, row: i64) -> i64 {
        // Below the diagonal: rows without any, then each with one more, then whole ones.
        let k = if self.lower { self.k } else { self.k - 1 };
        let first = (-k).clamp(0, row);
        let full = (self.columns - k - 1).clamp(first, row);
        let [k, first, full, row, columns] = [k, first, full, row, self.columns].map(i128::from);
        let growing = (full - first) * (k + 1) + (first + full - 1) * (full - first) / 2;
        let below = growing + (row - full) * columns;
        let count = if self.lower { below } else { row * columns - below };
        i64::try_from(count).unwrap_or(i64::MAX)
    }
}

impl Source for Triangle {
    fn chunk(&self, _: &[u64], region: &[(u64, u64)]) -> Result<(Arc<HostBuffer>, Layout, Vec<u64>)> {
        let &[(start, end)] = region else { return Err(Error::bug("places on one axis")) };
        let (start, end) = (signed(start), signed(end));
        // The row of the first place: the last one that begins at or before it.
        let (mut row, mut beyond) = (0, self.rows);
        while beyond - row > 1 {
            let middle = row + (beyond - row) / 2;
            if self.before(middle) <= start { row = middle } else { beyond = middle }
        }
        let mut buffer = HostBuffer::scratch(DType::I64, in_memory((end - start).unsigned_abs()))?;
        let mut out = buffer.stored_mut::<i64>().iter_mut();
        let mut skipped = start - self.before(row);
        while out.len() > 0 {
            let columns = self.columns_of(row);
            let from = columns.start + skipped;
            for (column, out) in (from..columns.end).zip(&mut out) {
                *out = if self.of_columns { column } else { row };
            }
            (row, skipped) = (row + 1, 0);
        }
        let shape = vec![(end - start).unsigned_abs()];
        Ok((Arc::new(buffer), Layout::c_order(&shape), shape))
    }
    fn describe(&self) -> String {
        "places of a triangle".into()
    }
    fn in_memory(&self) -> bool {
        false
    }
}

impl DynArray {
    /// The places of the elements that are not zero, a row each (`np.argwhere`), as `i64`, in C order; the number of rows is known after
    /// computing only.
    ///
    /// # Errors
    /// [`Error::Rank`] for a 0-d array; [`Error::UnknownLength`].
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([[0, 7], [8, 0]]).into();
    /// assert_eq!(x.argwhere()?.typed::<i64>()?.to_vec()?, [0, 1, 1, 0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn argwhere(&self) -> Result<Self> {
        let op = "argwhere";
        let dims = self.known_dims(op)?;
        if dims.is_empty() {
            let (given, shape) = (String::new(), self.node().dims());
            return Err(Error::Rank { op, expected: "an array of one axis or more", given, shape });
        }
        let strides = few(c_strides(&dims).into_iter().map(|stride| stride.max(1)).collect());
        let lengths = few(dims.iter().map(|&len| signed(len.max(1))).collect());
        let count = in_memory(count_of(op, &dims)?);
        let places = arange(DType::I64, count).insert_axis(1)?.floor_div(strides)?.rem(lengths)?;
        places.filter_axis(&self.cast(DType::Bool).ravel()?, 0)
    }
}
