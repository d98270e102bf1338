//! Arrays put together.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use super::promotion::{DynOperand, result_type};
use crate::error::{Error, Result, infallible};
use crate::graph::infer;

/// Arrays one after another along `axis`, in their [`result_type`]. Chunks stay as they are along it; arrays of unknown length may be
/// joined along it. No data moves.
///
/// # Errors
/// [`Error::JoinNothing`], [`Error::JoinShape`], [`Error::AxisOutOfRange`]; [`Error::TooLong`] for 2⁶³ elements or more along it.
///
/// ```
/// use gridloom::{DType, DynArray, functions::concatenate};
/// let x: DynArray = gridloom::array([1u8, 2]).into();
/// let y: DynArray = gridloom::array([-1i8]).into();
/// let both = concatenate(&[x, y], 0)?;
/// assert_eq!(both.typed::<i16>()?.to_vec()?, [1, 2, -1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
#[doc(alias = "concat")]
#[doc(alias = "append")]
pub fn concatenate(arrays: &[DynArray], axis: impl Into<Axes>) -> Result<DynArray> {
    let op = "concatenate";
    let axis = axis.into().one(op)?;
    let nodes: Vec<_> = alike(op, arrays)?.iter().map(|array| array.node().clone()).collect();
    Ok(infer::concatenate(&nodes, axis)?.into())
}

/// Arrays of one shape along a new axis `axis` (negative from the end), in their [`result_type`].
///
/// # Errors
/// As [`concatenate`].
pub fn stack(arrays: &[DynArray], axis: impl Into<Axes>) -> Result<DynArray> {
    let op = "stack";
    let first = arrays.first().ok_or(Error::JoinNothing { op })?;
    for (index, array) in arrays.iter().enumerate() {
        let (got, expected) = (array.node().dims(), first.node().dims());
        if got != expected {
            let axis = got.iter().zip(&expected).position(|(a, b)| a != b).unwrap_or(got.len().min(expected.len()));
            return Err(Error::JoinShape { op, index, got, expected, axis });
        }
    }
    let axis = first.new_axis(op, axis)?;
    let arrays = arrays.iter().map(|array| array.insert_axis(axis)).collect::<Result<Vec<_>>>()?;
    concatenate(&arrays, axis)
}

/// Arrays one after another along their second axis, 1-d ones along their only one (`np.hstack`); 0-d ones count as 1-d.
///
/// # Errors
/// As [`concatenate`].
pub fn hstack(arrays: &[DynArray]) -> Result<DynArray> {
    let arrays = each(arrays, |array| array.atleast_nd(1))?;
    let axis = i64::from(arrays.first().is_some_and(|first| first.ndim() > 1));
    join("hstack", &arrays, axis)
}
/// Arrays one after another along their first axis (`np.vstack`); those with less than two axes are rows.
///
/// # Errors
/// As [`concatenate`]; [`Error::UnknownLength`] for 1-d arrays of unknown length.
#[doc(alias = "row_stack")]
pub fn vstack(arrays: &[DynArray]) -> Result<DynArray> {
    join("vstack", &each(arrays, |array| array.atleast_nd(2))?, 0)
}
/// Arrays one after another along their third axis (`np.dstack`), with [`DynArray::atleast_3d`]'s axes.
///
/// # Errors
/// As [`vstack`].
pub fn dstack(arrays: &[DynArray]) -> Result<DynArray> {
    join("dstack", &each(arrays, DynArray::atleast_3d)?, 2)
}
/// Arrays beside each other along their second axis (`np.column_stack`); those with less than two axes are columns.
///
/// # Errors
/// As [`vstack`].
pub fn column_stack(arrays: &[DynArray]) -> Result<DynArray> {
    let column = |array: &DynArray| match array.ndim() {
        0 | 1 => array.atleast_nd(1)?.insert_axis(1),
        _ => Ok(array.clone()),
    };
    join("column_stack", &each(arrays, column)?, 1)
}

fn each(arrays: &[DynArray], shaped: impl Fn(&DynArray) -> Result<DynArray>) -> Result<Vec<DynArray>> {
    arrays.iter().map(shaped).collect()
}
/// [`concatenate`] under another name.
fn join(op: &'static str, arrays: &[DynArray], axis: i64) -> Result<DynArray> {
    if arrays.is_empty() { Err(Error::JoinNothing { op }) } else { concatenate(arrays, axis) }
}

impl DynArray {
    /// With new first axes of length 1, so that there are `ndim` at least.
    pub(super) fn atleast_nd(&self, ndim: usize) -> Result<Self> {
        let missing = ndim.saturating_sub(self.ndim());
        if missing == 0 { Ok(self.clone()) } else { self.insert_axis((0..missing).collect::<Vec<_>>()) }
    }
    /// A 0-d array as one of one element, others as they are (`np.atleast_1d`).
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([1, 2]).into();
    /// assert_eq!(x.sum().atleast_1d().shape(), Some(vec![1]));
    /// assert_eq!((x.atleast_2d()?.shape(), x.atleast_3d()?.shape()), (Some(vec![1, 2]), Some(vec![1, 2, 1])));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn atleast_1d(&self) -> Self {
        // A 0-d array has no length that might be unknown.
        infallible(self.atleast_nd(1))
    }
    /// An array with less than two axes as a row, others as they are (`np.atleast_2d`). A view.
    ///
    /// # Errors
    /// [`Error::UnknownLength`] for a 1-d array of unknown length.
    pub fn atleast_2d(&self) -> Result<Self> {
        self.atleast_nd(2)
    }
    /// With three axes at least (`np.atleast_3d`): `(n)` becomes `(1, n, 1)` and `(n, m)` becomes `(n, m, 1)`. A view.
    ///
    /// # Errors
    /// [`Error::UnknownLength`] where an axis is new beside one of unknown length.
    pub fn atleast_3d(&self) -> Result<Self> {
        match self.ndim() {
            0..=2 => self.atleast_nd(2)?.insert_axis(2),
            _ => Ok(self.clone()),
        }
    }
}

/// The arrays in one dtype.
fn alike(op: &'static str, arrays: &[DynArray]) -> Result<Vec<DynArray>> {
    let first = arrays.first().ok_or(Error::JoinNothing { op })?.dtype();
    if arrays.iter().all(|array| array.dtype() == first) {
        return Ok(arrays.to_vec());
    }
    let operands: Vec<DynOperand> = arrays.iter().map(DynOperand::from).collect();
    let dtype = result_type(&operands)?;
    Ok(arrays.iter().map(|array| array.cast(dtype)).collect())
}
