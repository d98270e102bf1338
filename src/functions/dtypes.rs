//! What dtypes are and hold, and arrays of real numbers where complex ones would be.

use super::creation::full_like;
use super::dyn_array::DynArray;
use super::elementwise::{binary, float_of};
use super::promotion::promote;
use crate::chunks::{AxisChunks, AxisSpec, ChunkSpec, Chunks};
use crate::dtype::{DType, Kind, Scalar};
use crate::error::{Error, Result};
use crate::graph::{HostFunction, HostTask, infer};
use crate::host::HostBuffer;
use crate::ops::BinaryOp;
use crate::width::in_memory;

/// Which casts are allowed: NumPy's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Casting {
    /// None.
    No,
    /// Those that keep every value.
    #[default]
    Safe,
    /// Those, and within a kind; integers to floats, and what has no sign to what has one.
    SameKind,
    /// All.
    Unsafe,
}

/// Whether elements are cast from one dtype to another (`np.can_cast`).
///
/// ```
/// use gridloom::{DType, functions::{Casting, can_cast}};
/// assert!(can_cast(DType::U8, DType::I16, Casting::Safe) && !can_cast(DType::F64, DType::F32, Casting::Safe));
/// assert!(can_cast(DType::F64, DType::F32, Casting::SameKind));
/// ```
#[must_use]
pub fn can_cast(from: DType, to: DType, casting: Casting) -> bool {
    let kind = |dtype: DType| match dtype.kind() {
        Kind::Bool => 0,
        Kind::Unsigned => 1,
        Kind::Signed => 2,
        Kind::Float => 3,
    };
    let safe = promote(from, to) == to;
    match casting {
        Casting::No => from == to,
        Casting::Safe => safe,
        Casting::SameKind => safe || kind(from) <= kind(to),
        Casting::Unsafe => true,
    }
}

/// The limits of a float dtype ([`finfo`]).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct FloatLimits {
    /// Bits of an element.
    pub bits: usize,
    /// From 1 to the next number.
    pub eps: f64,
    /// The largest number; the least is its negative.
    pub max: f64,
    /// The smallest above 0 with all its digits.
    pub smallest_normal: f64,
    /// The smallest above 0.
    pub smallest_subnormal: f64,
}

/// The limits of a float dtype (`np.finfo`).
///
/// # Errors
/// [`Error::DType`].
///
/// ```
/// use gridloom::{DType, functions::finfo};
/// assert_eq!(finfo(DType::F32)?.eps, f64::from(f32::EPSILON));
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn finfo(dtype: DType) -> Result<FloatLimits> {
    // Binary digits, and the power of two of the smallest normal number.
    let (digits, least): (i32, i32) = match dtype {
        DType::F16 => (11, -14),
        DType::BF16 => (8, -126),
        DType::F32 => (24, -126),
        DType::F64 => (53, -1022),
        _ => return Err(Error::DType { op: "finfo", got: dtype, expected: "a float" }),
    };
    let eps = 2f64.powi(1 - digits);
    // (2 - eps) · 2^-least, of which the last step would overflow.
    let max = (2.0 - eps) * 2f64.powi(-least) * 2.0;
    let max = if max.is_finite() { max } else { f64::MAX };
    let smallest_normal = 2f64.powi(least);
    Ok(FloatLimits { bits: 8 * dtype.size(), eps, max, smallest_normal, smallest_subnormal: smallest_normal * eps })
}

/// The least and the largest number of an integer dtype (`np.iinfo`).
///
/// # Errors
/// [`Error::DType`].
///
/// ```
/// use gridloom::{DType, functions::iinfo};
/// assert_eq!(iinfo(DType::I8)?, (-128, 127));
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn iinfo(dtype: DType) -> Result<(i128, i128)> {
    if !dtype.is_integer() {
        return Err(Error::DType { op: "iinfo", got: dtype, expected: "an integer" });
    }
    let end = |value| Scalar::from_f64(dtype, value).to_i128();
    Ok((end(f64::NEG_INFINITY), end(f64::INFINITY)))
}

/// The float dtype that holds the numbers of all (`np.common_type`): `f64` where one is an integer.
///
/// # Errors
/// [`Error::DType`] for `bool`.
///
/// ```
/// use gridloom::{DType, functions::common_type};
/// assert_eq!(common_type(&[DType::F16, DType::F32])?, DType::F32);
/// assert_eq!(common_type(&[DType::F16, DType::U8])?, DType::F64);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn common_type(dtypes: &[DType]) -> Result<DType> {
    dtypes.iter().try_fold(DType::F16, |common, &dtype| match dtype {
        DType::Bool => Err(Error::DType { op: "common_type", got: dtype, expected: "numbers" }),
        dtype => Ok(promote(common, float_of(dtype))),
    })
}

/// The smallest dtype of its kind that holds a number (`np.min_scalar_type`): without a sign, where an integer needs none. Floats may be rounded, not
/// overflow.
///
/// ```
/// use gridloom::{DType, dtype::Scalar, functions::min_scalar_type};
/// assert_eq!(min_scalar_type(Scalar::from_i64(DType::I64, 300)), DType::U16);
/// assert_eq!(min_scalar_type(Scalar::from_i64(DType::I64, -1)), DType::I8);
/// assert_eq!(min_scalar_type(Scalar::from_f64(DType::F64, 1e50)), DType::F64);
/// ```
#[must_use]
pub fn min_scalar_type(value: Scalar) -> DType {
    let dtype = value.dtype();
    let holds = |smaller: &DType| {
        if dtype.is_float() {
            !value.to_f64().is_finite() || value.to_f64().abs() < finfo(*smaller).map_or(0.0, |limits| limits.max)
        } else {
            iinfo(*smaller).is_ok_and(|(least, most)| (least..=most).contains(&value.to_i128()))
        }
    };
    let candidates: &[DType] = match dtype {
        DType::Bool => &[],
        _ if dtype.is_float() => &[DType::F16, DType::F32],
        _ => &[DType::U8, DType::I8, DType::U16, DType::I16, DType::U32, DType::I32, DType::U64],
    };
    candidates.iter().copied().filter(|candidate| candidate.size() <= dtype.size()).find(holds).unwrap_or(dtype)
}

impl DynArray {
    /// The bytes of the elements as those of another dtype (`np.ndarray.view`): of another width, along the last axis, which becomes as many
    /// times longer or shorter. As `bool`, what is not zero is `true`. On the host, in the order of bytes of the machine.
    ///
    /// # Errors
    /// [`Error::Rank`] for another width of a number alone; [`Error::Parameter`] for a last axis that is not whole elements;
    /// [`Error::UnknownLength`] for another width.
    ///
    /// ```
    /// use gridloom::{DType, DynArray};
    /// let x: DynArray = gridloom::array([1.0f32, -2.0]).into();
    /// assert_eq!(x.reinterpret(DType::U32)?.typed::<u32>()?.to_vec()?, [0x3f80_0000, 0xc000_0000]);
    /// assert_eq!(x.reinterpret(DType::U16)?.shape(), Some(vec![4]));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn reinterpret(&self, dtype: DType) -> Result<Self> {
        if dtype == self.dtype() {
            return Ok(self.clone());
        }
        let (from, to) = (self.dtype().size() as u64, dtype.size() as u64);
        let (x, chunks) = if from == to { (self.clone(), self.chunks().clone()) } else { self.of_width(from, to)? };
        let run = move |task: &HostTask<'_>| {
            let [(values, shape)] = task.inputs else { return Err(Error::bug("a view of one array")) };
            let mut shape = shape.clone();
            if let Some(last) = shape.last_mut() {
                *last = *last * from / to;
            }
            let mut out = HostBuffer::scratch(task.dtype, in_memory(shape.iter().product()))?;
            out.bytes_mut().copy_from_slice(values.bytes());
            if task.dtype == DType::Bool {
                out.bytes_mut().iter_mut().for_each(|byte| *byte = u8::from(*byte != 0));
            }
            Ok((out, shape))
        };
        Ok(infer::host(HostFunction::named("reinterpret", &dtype, run), vec![x.node().clone()], dtype, chunks).into())
    }

    /// The array in chunks whose last axes are whole elements of another width, and the chunks of those.
    fn of_width(&self, from: u64, to: u64) -> Result<(Self, Chunks)> {
        let op = "reinterpret";
        let dims = self.known_dims(op)?;
        let Some(&last) = dims.last() else {
            let expected = "an array of one axis or more, for elements of another width";
            return Err(Error::Rank { op, expected, given: String::new(), shape: self.node().dims() });
        };
        if !(last * from).is_multiple_of(to) {
            let (what, expected) = ("the last axis in bytes", "a multiple of the new dtype's");
            return Err(Error::Parameter { op, what, got: (last * from).to_string(), expected });
        }
        let at = dims.len() - 1;
        let cut = self.chunks().axes()[at].max_size().max(1);
        // Both are so many bytes of a chunk: of the least that both divide.
        let unit = from.max(to);
        let bytes = (cut * from).next_multiple_of(unit);
        let like = |axis: AxisChunks| {
            let mut axes = self.chunks().axes().to_vec();
            axes[at] = axis;
            axes
        };
        let own = like(AxisChunks::regular(last, bytes / from));
        let x = self.rechunk(ChunkSpec::Axes(own.into_iter().map(AxisSpec::Like).collect()))?;
        Ok((x, Chunks::new(like(AxisChunks::regular(last * from / to, bytes / to)))))
    }

    /// The real parts (`np.real`): the array. (All arrays are real as yet; so is what follows.)
    pub fn real(&self) -> Self {
        self.clone()
    }
    /// The imaginary parts (`np.imag`): zeros.
    pub fn imag(&self) -> Self {
        full_like(self, Scalar::from_i64(self.dtype(), 0))
    }
    /// The conjugates (`np.conj`): the array.
    pub fn conj(&self) -> Self {
        self.clone()
    }
    /// Whether elements have no imaginary part (`np.isreal`): `true` everywhere.
    pub fn isreal(&self) -> Self {
        full_like(self, Scalar::from_i64(DType::Bool, 1))
    }
    /// Whether elements have an imaginary part (`np.iscomplex`): `false` everywhere.
    pub fn iscomplex(&self) -> Self {
        full_like(self, Scalar::from_i64(DType::Bool, 0))
    }
    /// The angles of elements as complex numbers, in radians (`np.angle`): π below zero and at -0, 0 elsewhere, NaN of NaN. Integers and
    /// `bool` in `f64`.
    ///
    /// # Errors
    /// None that can happen: its steps refuse some arrays, and these are none of them.
    ///
    /// ```
    /// let x = gridloom::DynArray::from(gridloom::array([2.0, -2.0]));
    /// assert_eq!(x.angle()?.typed::<f64>()?.to_vec()?, [0.0, std::f64::consts::PI]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn angle(&self) -> Result<Self> {
        binary(BinaryOp::Atan2, 0.0, self)
    }
}
