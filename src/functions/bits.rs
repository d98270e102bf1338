//! Bits of bytes as elements, and elements as bits of bytes.

use super::arguments::Axes;
use super::creation::scalar;
use super::dyn_array::DynArray;
use super::indexing::Index;
use super::pad::PadMode;
use super::source;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::host::HostBuffer;
use crate::width::in_memory;

/// Which bit of a byte comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BitOrder {
    /// The one that counts most, as digits are written (NumPy's `"big"`).
    #[default]
    Big,
    /// The one that counts least.
    Little,
}

impl BitOrder {
    /// Which bit of a byte the element of this number is.
    fn bit(self, k: u8) -> u8 {
        match self {
            Self::Big => 7 - k,
            Self::Little => k,
        }
    }
}

impl DynArray {
    /// Eight elements along an axis, or of all in C order, as the bits of one `u8`: 1 for what is not zero (`np.packbits`); the last byte is
    /// filled up with 0. Fused.
    ///
    /// # Errors
    /// [`Error::DType`] for floats; [`Error::AxisOutOfRange`], [`Error::UnknownLength`].
    ///
    /// ```
    /// use gridloom::{DynArray, functions::BitOrder};
    /// let x: DynArray = gridloom::array([1, 0, 0, 0, 0, 0, 0, 1, 1]).into();
    /// assert_eq!(x.packbits(None, BitOrder::Big)?.typed::<u8>()?.to_vec()?, [0b1000_0001, 0b1000_0000]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn packbits(&self, axis: Option<Axes>, order: BitOrder) -> Result<Self> {
        let op = "packbits";
        if self.dtype().is_float() {
            return Err(Error::DType { op, got: self.dtype(), expected: "integers or bool: compare() floats first" });
        }
        let (x, axis) = self.along_or_flat(op, axis)?;
        let len = x.length_of(op, axis)?;
        let bits = x.cast(DType::Bool).cast(DType::U8).padded_to(axis, len.unsigned_abs().next_multiple_of(8))?;
        let mut entries = vec![Index::ALL; axis + 1];
        let mut byte: Option<Self> = None;
        for k in 0..8u8 {
            entries[axis] = Index::Slice { start: Some(k.into()), stop: None, step: Some(8) };
            let bit = bits.index(&entries)?.shl(order.bit(k))?;
            byte = Some(match byte {
                Some(byte) => byte.bitor(bit)?,
                None => bit,
            });
        }
        byte.ok_or_else(|| Error::bug("a byte of no bits"))
    }

    /// The bits of each `u8` along an axis, or of all in C order, as eight elements that are 0 or 1 (`np.unpackbits`), or so many of them:
    /// zeros follow where there are less, and negative ones are left out at the end. Fused.
    ///
    /// # Errors
    /// [`Error::DType`] for other dtypes; [`Error::AxisOutOfRange`], [`Error::UnknownLength`]; [`Error::Parameter`] for more to be left out than
    /// there are.
    ///
    /// ```
    /// use gridloom::{DynArray, functions::BitOrder};
    /// let x: DynArray = gridloom::array([0b1010_0000u8]).into();
    /// assert_eq!(x.unpackbits(None, Some(4), BitOrder::Big)?.typed::<u8>()?.to_vec()?, [1, 0, 1, 0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn unpackbits(&self, axis: Option<Axes>, count: Option<i64>, order: BitOrder) -> Result<Self> {
        let op = "unpackbits";
        if self.dtype() != DType::U8 {
            return Err(Error::DType { op, got: self.dtype(), expected: "u8" });
        }
        let (x, axis) = self.along_or_flat(op, axis)?;
        let dims = x.known_dims(op)?;
        let mut lengths = dims.iter().map(|&len| crate::graph::infer::length(op, len)).collect::<Result<Vec<_>>>()?;
        lengths[axis] = lengths[axis].saturating_mul(8);
        let all = lengths[axis];
        let which = source::constants("bits", HostBuffer::from_vec::<u8>((0..8).map(|k| order.bit(k)).collect()));
        let which = which.insert_axis((1..dims.len() - axis).collect::<Vec<_>>())?;
        let bits = x.insert_axis(axis + 1)?.shr(which)?.bitand(1)?.reshape(lengths)?;
        let count = match count {
            None => return Ok(bits),
            Some(count) if count < 0 => count.saturating_add(all),
            Some(count) => count,
        };
        if count < 0 {
            let got = format!("{} of {all} bits", count - all);
            return Err(Error::Parameter { op, what: "count", got, expected: "no more left out than there are" });
        }
        if count <= all { Ok(bits.span(axis, 0, count)) } else { bits.padded_to(axis, count.unsigned_abs()) }
    }

    /// The array and the number of its axis, or all elements on one.
    fn along_or_flat(&self, op: &'static str, axis: Option<Axes>) -> Result<(Self, usize)> {
        match axis {
            Some(axis) => Ok((self.clone(), self.one_axis(op, axis)?)),
            None => Ok((self.ravel()?, 0)),
        }
    }

    /// An axis with zeros behind, up to a length.
    fn padded_to(&self, axis: usize, len: u64) -> Result<Self> {
        let own = self.length_of("pad", axis)?.unsigned_abs();
        if own == len {
            return Ok(self.clone());
        }
        let mut widths = vec![(0, 0); self.ndim()];
        widths[axis].1 = in_memory(len - own);
        self.pad(widths, &PadMode::constant(scalar(Scalar::from_i64(self.dtype(), 0))))
    }
}
