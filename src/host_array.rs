//! [`HostArray`]: computed values of a dtype that is known at run time.

use std::fmt;

use ndarray::ArrayD;

use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::host::HostBuffer;

/// Elements in host memory, in C order, with their dtype and shape: what computing a [`DynArray`](crate::DynArray) gives.
///
/// ```
/// use gridloom::{DType, DynArray};
/// let x: DynArray = gridloom::arange::<u16>(6).reshape([2, 3])?.into();
/// let values = x.compute()?;
/// assert_eq!((values.dtype(), values.shape(), values.bytes().len()), (DType::U16, &[2, 3][..], 12));
/// assert_eq!(values.into_ndarray::<u16>()?, ndarray::arr2(&[[0, 1, 2], [3, 4, 5]]).into_dyn());
/// # Ok::<(), gridloom::Error>(())
/// ```
pub struct HostArray {
    shape: Vec<usize>,
    buffer: HostBuffer,
}

impl HostArray {
    /// The elements of `buffer` in C order, as an array of `shape`.
    ///
    /// # Errors
    /// [`Error::Parameter`] where the buffer has another number of elements, or is of `bool` and has bytes other than 0 and 1; for a shape
    /// that no array has, as its lengths that are not 0 multiply to 2⁶³ or more.
    pub fn new(buffer: HostBuffer, shape: Vec<usize>) -> Result<Self> {
        // As ndarray counts: the other axes of what has no elements, too.
        let lengths = shape.iter().filter(|&&len| len > 0);
        let counted = lengths.copied().try_fold(1, usize::checked_mul).filter(|&n| isize::try_from(n).is_ok());
        let elements = counted.map(|n| if shape.contains(&0) { 0 } else { n });
        if buffer.dtype() == DType::Bool && buffer.bytes().iter().any(|&byte| byte > 1) {
            let got = "a byte that is neither 0 nor 1".to_owned();
            return Err(Error::Parameter { op: "HostArray", what: "buffer of bool", got, expected: "0 and 1" });
        }
        if elements == Some(buffer.len()) {
            return Ok(Self { shape, buffer });
        }
        let got = format!("{shape:?} for {} elements", buffer.len());
        Err(Error::Parameter { op: "HostArray", what: "shape", got, expected: "of as many elements as the buffer has" })
    }
    /// The dtype of its elements.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.buffer.dtype()
    }
    /// The length of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }
    /// The elements in C order, each as its bytes in the machine's order; a `bool` is one byte, 0 or 1.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.buffer.bytes()
    }
    /// The elements.
    #[must_use]
    pub fn into_buffer(self) -> HostBuffer {
        self.buffer
    }
    /// The values as an ndarray of `T`; copies none but `bool`s and those that are shared.
    ///
    /// # Errors
    /// [`Error::DTypeMismatch`] where `T` is not the dtype.
    pub fn into_ndarray<T: Element>(self) -> Result<ArrayD<T>> {
        if self.dtype() != T::DTYPE {
            return Err(Error::DTypeMismatch { op: "into_ndarray", got: self.dtype(), expected: T::DTYPE });
        }
        ArrayD::from_shape_vec(self.shape, self.buffer.into_vec::<T>()).map_err(|error| Error::bug(error.to_string()))
    }
}

impl fmt::Debug for HostArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostArray({} {:?})", self.dtype(), self.shape)
    }
}
