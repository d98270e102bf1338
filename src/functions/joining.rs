//! Arrays put together.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use super::promotion::{DynOperand, result_type};
use crate::error::{Error, Result};
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
