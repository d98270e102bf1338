//! Sorts: what is made of each line, and the unsigned keys whose order is that of the elements.

use crate::dtype::{DType, Kind, with_bits};
use crate::host::HostBuffer;

/// What a sort makes of each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sorting {
    /// The places of the elements in their order, and not the elements.
    pub places: bool,
    /// The largest first. NaN is last either way.
    pub descending: bool,
}

impl Sorting {
    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        if self.places { "argsort" } else { "sort" }
    }
    /// Bytes of what is compared for an element of `dtype`: its key, and its place where places are sorted.
    #[must_use]
    pub const fn item_bytes(self, dtype: DType) -> u64 {
        let key = if dtype.size() == 8 { 8 } else { 4 };
        if self.places { 2 * key } else { key }
    }
    /// The dtype of what is made of elements of `dtype`.
    #[must_use]
    pub const fn made(self, dtype: DType) -> DType {
        if self.places { DType::I64 } else { dtype }
    }
}

/// How the bits of elements become keys, and back. Keys of elements are ordered as those are, and of NaN all keys are the largest. The
/// two zeros are one key where places are sorted, which keep their order; where elements are, the negative one is before the other, so
/// that each comes back. All words are as wide as an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// All bits.
    pub all: u64,
    /// The highest bit, where there is a sign.
    pub sign: u64,
    /// Bits that a negative number has the other way round: those of a float below its sign.
    pub turned: u64,
    /// Bits without the sign beyond which is NaN: those of infinity; all where there is none.
    pub infinity: u64,
    /// The key that becomes that of 0: the negative zero's, where zeros are one, and else the one that is it.
    pub zero: u64,
    /// Bits that are turned for the largest to be first.
    pub down: u64,
    /// The NaN that comes back.
    pub nan: u64,
}

impl Keys {
    /// Those of elements of `dtype`.
    #[must_use]
    pub const fn of(dtype: DType, sorting: Sorting) -> Self {
        Self::wide(dtype, sorting, 8 * dtype.size() as u32)
    }
    /// The same of elements that are held in so many bits, as the same number.
    #[must_use]
    pub const fn wide(dtype: DType, sorting: Sorting, bits: u32) -> Self {
        let all = u64::MAX >> (64 - bits);
        let top = 1 << (bits - 1);
        let down = if sorting.descending { all } else { 0 };
        let (sign, turned, infinity) = match dtype.kind() {
            Kind::Bool | Kind::Unsigned => (0, 0, all),
            Kind::Signed => (top, 0, all),
            Kind::Float => (top, all >> 1, infinity(dtype, bits)),
        };
        let is_float = matches!(dtype.kind(), Kind::Float);
        let zero = if is_float && sorting.places { all >> 1 } else { sign };
        // The highest bit below the exponent: the NaN that operations make.
        let quiet = (infinity & infinity.wrapping_neg()) >> 1;
        Self { all, sign, turned, infinity, zero, down, nan: infinity | quiet }
    }
}

/// The bits of infinity in a float of so many bits.
const fn infinity(dtype: DType, bits: u32) -> u64 {
    let exponent = match (dtype, bits) {
        (DType::F16, 16) => 5,
        (_, 16 | 32) => 8,
        _ => 11,
    };
    ((1 << exponent) - 1) << (bits - 1 - exponent)
}

/// An unsigned integer of a key's width.
pub(crate) trait Word: bytemuck::Pod + Ord + Send + Sync + 'static {
    /// The low bits.
    fn cut(word: u64) -> Self;
    /// With zeros before it.
    fn widen(self) -> u64;
}
macro_rules! words { ($($t:ty)*) => {$(
    impl Word for $t {
        #[inline(always)]
        fn cut(word: u64) -> Self { word as Self }
        #[inline(always)]
        fn widen(self) -> u64 { self.into() }
    }
)*}; }
words! { u8 u16 u32 u64 }

impl Keys {
    /// The keys of elements, from their bits.
    #[inline(always)]
    pub(crate) fn key(self, bits: u64) -> u64 {
        let negative = if bits & self.sign != 0 { self.turned } else { 0 };
        let key = bits ^ self.sign ^ negative;
        let key = if key == self.zero { self.sign } else { key };
        if bits & !self.sign & self.all > self.infinity { self.all } else { key ^ self.down }
    }
    /// The bits of the element that has the key.
    #[inline(always)]
    pub(crate) fn bits(self, key: u64) -> u64 {
        if self.turned != 0 && key == self.all {
            return self.nan;
        }
        let key = key ^ self.down;
        let negative = if key & self.sign == 0 { self.turned } else { 0 };
        key ^ self.sign ^ negative
    }
}

/// The keys of a buffer's elements.
pub(crate) fn keys(values: &HostBuffer, sorting: Sorting) -> Vec<u64> {
    let keys = Keys::of(values.dtype(), sorting);
    with_bits!(values.dtype(), T => values.stored::<T>().iter().map(|&bits| keys.key(Word::widen(bits))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Sorting = Sorting { places: false, descending: false };

    #[test]
    fn keys_are_ordered_as_elements_are_and_come_back() {
        let floats = [f32::NEG_INFINITY, -1.5, -1e-45, -0.0, 0.0, 1e-45, 2.0, f32::INFINITY, f32::NAN];
        for sorting in [UP, Sorting { descending: true, ..UP }] {
            let keys = Keys::of(DType::F32, sorting);
            let own: Vec<u64> = floats.iter().map(|x| keys.key(x.to_bits().into())).collect();
            let (numbers, nan) = own.split_at(floats.len() - 1);
            assert!(numbers.is_sorted_by(|a, b| (a < b) != sorting.descending), "{own:x?}");
            assert!(numbers.iter().all(|key| *key < nan[0]));
            for (x, key) in floats.iter().zip(&own) {
                assert_eq!(keys.bits(*key), u64::from(x.to_bits()), "{x}");
            }
            assert_eq!(keys.key((-f32::NAN).to_bits().into()), nan[0]);
            let keys = Keys::of(DType::I16, sorting);
            let own: Vec<u64> = [i16::MIN, -1, 0, i16::MAX].map(|x| keys.key(x.cast_unsigned().into())).into();
            assert!(own.is_sorted_by(|a, b| (a < b) != sorting.descending), "{own:x?}");
            assert_eq!(
                own.iter().map(|key| keys.bits(*key) as u16 as i16).collect::<Vec<_>>(),
                [i16::MIN, -1, 0, i16::MAX]
            );
        }
    }

    #[test]
    fn halves_have_their_own_infinities() {
        for (dtype, infinity, nan) in [(DType::F16, 0x7c00, 0x7e00), (DType::BF16, 0x7f80, 0x7fc0)] {
            let keys = Keys::of(dtype, UP);
            assert_eq!((keys.infinity, keys.nan), (infinity, nan));
        }
        assert_eq!(Keys::of(DType::F64, UP).nan, 0x7ff8_0000_0000_0000);
        assert_eq!(Keys::wide(DType::F16, UP, 32), Keys::of(DType::F32, UP));
    }

    #[test]
    fn zeros_are_one_where_places_are_sorted() {
        for descending in [false, true] {
            let keys = Keys::of(DType::F64, Sorting { places: true, descending });
            assert_eq!(keys.key((-0.0f64).to_bits()), keys.key(0.0f64.to_bits()));
            assert_ne!(keys.key((-1e-300f64).to_bits()), keys.key(0.0f64.to_bits()));
        }
    }
}
