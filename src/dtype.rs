//! Element types: the run-time [`DType`], the compile-time [`Element`], and [`Scalar`], one value of either.
//!
//! One row of the `dtypes!` table is everything the crate knows of a type; what depends on the
//! kind of type (float, signed, ...) asks [`DType`]'s predicates.

use std::fmt::{self, Debug, Display};

pub use half::{bf16, f16};

/// Rounding class of a [`DType`]: what arithmetic means for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Truth values; stored as one byte, 0 or 1, on the host.
    Bool,
    /// Unsigned integers; arithmetic wraps.
    Unsigned,
    /// Two's-complement integers; arithmetic wraps.
    Signed,
    /// IEEE 754 binary floats.
    Float,
}

/// The types an [`Element`] is computed with.
pub trait Element: Copy + PartialEq + Debug + Display + Default + Send + Sync + sealed::Sealed + 'static {
    /// The run-time name of this type.
    const DTYPE: DType;
    /// What `sum` and `prod` give: 64-bit for integers (and `i64` for `bool`), the type itself for floats.
    type Sum: Element;
    /// What `mean`, `var` and `std` give: `f64` for integers and `bool`, the type itself for floats.
    type Mean: Element;
    /// How the host holds it: itself, or `u8` for `bool`.
    type Stored: bytemuck::Pod + PartialEq + Send + Sync;
    /// The value as it is stored.
    fn store(self) -> Self::Stored;
    /// The value back from its stored form (any nonzero byte is `true`).
    fn restore(stored: Self::Stored) -> Self;
    /// Values in their stored form, seen as what they are.
    ///
    /// # Panics
    /// For a stored `bool` that is neither 0 nor 1.
    fn restored(stored: &[Self::Stored]) -> &[Self];
    /// The value as an untyped [`Scalar`].
    fn scalar(self) -> Scalar {
        Scalar::from_stored(Self::DTYPE, bytemuck::bytes_of(&self.store()))
    }
}

/// Elements that have an order: what comparisons, extremes and places in order ask for.
pub trait Ordered: Element + PartialOrd {}
/// Elements that arithmetic is defined for: all but `bool`.
pub trait Number: Element {}
/// The floating-point elements: `f16`, `bf16`, `f32` and `f64`.
pub trait Real: Number + Ordered {}
/// The integer elements.
pub trait Integer: Number + Bits + Ordered {}
/// The elements bitwise operators are defined for: integers and `bool`.
pub trait Bits: Element {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! dtypes {
    ($($variant:ident $ty:ty, $name:literal, $kind:ident, stored $stored:ty, sum $sum:ty, mean $mean:ty, wgsl $wgsl:literal;)*) => {
        /// The type of an array's elements, known at run time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum DType { $(#[doc = concat!("`", $name, "`")] $variant,)* }

        impl DType {
            /// Every dtype, in order of kind and size.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The Rust name, e.g. `"f32"`.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name),* } }
            /// Bytes an element takes on the host.
            #[must_use]
            pub const fn size(self) -> usize { match self { $(Self::$variant => size_of::<$stored>()),* } }
            /// Boolean, unsigned, signed or float.
            #[must_use]
            pub const fn kind(self) -> Kind { match self { $(Self::$variant => Kind::$kind),* } }
            /// The WGSL type a value of it has inside a kernel.
            #[must_use]
            pub const fn wgsl(self) -> &'static str { match self { $(Self::$variant => $wgsl),* } }
        }
        $(impl sealed::Sealed for $ty {}
        impl Element for $ty {
            const DTYPE: DType = DType::$variant;
            type Sum = $sum;
            type Mean = $mean;
            type Stored = $stored;
            fn store(self) -> $stored { self.into() }
            fn restore(stored: $stored) -> Self { dtypes!(@restore $kind stored) }
            fn restored(stored: &[$stored]) -> &[Self] { dtypes!(@restored $kind stored) }
        })*
    };
    (@restored Bool $x:ident) => { bytemuck::checked::cast_slice($x) };
    (@restored $kind:ident $x:ident) => { $x };
    (@restore Bool $x:ident) => { $x != 0 };
    (@restore $kind:ident $x:ident) => { $x };
}

dtypes! {
    Bool bool, "bool", Bool, stored u8, sum i64, mean f64, wgsl "bool";
    U8 u8, "u8", Unsigned, stored u8, sum u64, mean f64, wgsl "u32";
    U16 u16, "u16", Unsigned, stored u16, sum u64, mean f64, wgsl "u32";
    U32 u32, "u32", Unsigned, stored u32, sum u64, mean f64, wgsl "u32";
    U64 u64, "u64", Unsigned, stored u64, sum u64, mean f64, wgsl "u64";
    I8 i8, "i8", Signed, stored i8, sum i64, mean f64, wgsl "i32";
    I16 i16, "i16", Signed, stored i16, sum i64, mean f64, wgsl "i32";
    I32 i32, "i32", Signed, stored i32, sum i64, mean f64, wgsl "i32";
    I64 i64, "i64", Signed, stored i64, sum i64, mean f64, wgsl "i64";
    F16 f16, "f16", Float, stored f16, sum f16, mean f16, wgsl "f32";
    BF16 bf16, "bf16", Float, stored bf16, sum bf16, mean bf16, wgsl "f32";
    F32 f32, "f32", Float, stored f32, sum f32, mean f32, wgsl "f32";
    F64 f64, "f64", Float, stored f64, sum f64, mean f64, wgsl "f64";
}

macro_rules! mark { ($($trait:ident: $($ty:ty)*;)*) => { $($(impl $trait for $ty {})*)* } }
mark! {
    Ordered: bool u8 u16 u32 u64 i8 i16 i32 i64 f16 bf16 f32 f64;
    Number: u8 u16 u32 u64 i8 i16 i32 i64 f16 bf16 f32 f64;
    Real: f16 bf16 f32 f64;
    Integer: u8 u16 u32 u64 i8 i16 i32 i64;
    Bits: bool u8 u16 u32 u64 i8 i16 i32 i64;
}

/// Calls `$body` with `$T` naming the stored Rust type of `$dtype` (`u8` for `Bool`), of those that are computed with: all but the
/// halves, which are cast first ([`DType::computed`]).
macro_rules! with_number {
    ($dtype:expr, $T:ident => $body:expr) => {{
        use $crate::dtype::DType as D;
        macro_rules! arm {
            ($t:ty) => {{
                type $T = $t;
                $body
            }};
        }
        match $dtype {
            half @ (D::F16 | D::BF16) => unreachable!("{half} is computed in f32"),
            D::Bool | D::U8 => arm!(u8),
            D::U16 => arm!(u16),
            D::U32 => arm!(u32),
            D::U64 => arm!(u64),
            D::I8 => arm!(i8),
            D::I16 => arm!(i16),
            D::I32 => arm!(i32),
            D::I64 => arm!(i64),
            D::F32 => arm!(f32),
            D::F64 => arm!(f64),
        }
    }};
}
pub(crate) use with_number;

/// Calls `$body` with `$T` naming the stored Rust type of `$dtype`, for what moves elements as they are.
macro_rules! with_stored {
    ($dtype:expr, $T:ident => $body:expr) => {{
        macro_rules! arm {
            ($t:ty) => {{
                type $T = $t;
                $body
            }};
        }
        match $dtype {
            $crate::dtype::DType::F16 => arm!(half::f16),
            $crate::dtype::DType::BF16 => arm!(half::bf16),
            other => $crate::dtype::with_number!(other, $T => $body),
        }
    }};
}
pub(crate) use with_stored;

/// Calls `$body` with `$T` naming the unsigned integer as large as an element of `$dtype`: for what moves elements and does not
/// look at them, which is compiled four times then instead of ten.
macro_rules! with_bits {
    ($dtype:expr, $T:ident => $body:expr) => {{
        macro_rules! arm {
            ($t:ty) => {{
                type $T = $t;
                $body
            }};
        }
        match $dtype.size() {
            1 => arm!(u8),
            2 => arm!(u16),
            4 => arm!(u32),
            8 => arm!(u64),
            size => unreachable!("elements of {size} bytes"),
        }
    }};
}
pub(crate) use with_bits;

/// The floats that are computed with, for what differs between them: a `match` over these is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Float {
    F32,
    F64,
}

/// Calls `$body` with `$T` naming the Rust type of a [`Float`].
macro_rules! with_float {
    ($float:expr, $T:ident => $body:expr) => {{
        macro_rules! arm {
            ($t:ty) => {{
                type $T = $t;
                $body
            }};
        }
        match $float {
            $crate::dtype::Float::F32 => arm!(f32),
            $crate::dtype::Float::F64 => arm!(f64),
        }
    }};
}
pub(crate) use with_float;

impl DType {
    /// `f16`, `bf16`, `f32` or `f64`.
    #[must_use]
    pub const fn is_float(self) -> bool {
        matches!(self.kind(), Kind::Float)
    }
    /// The floats of two bytes, `f16` and `bf16`. They are held as such and computed in `f32`: each function of elements rounds its
    /// result, sums and the like are rounded once, at their end.
    #[must_use]
    pub const fn is_half(self) -> bool {
        self.is_float() && self.size() == 2
    }
    /// Every dtype that is computed with: all but the halves.
    pub fn all_computed() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|dtype| !dtype.is_half())
    }
    /// The dtype that values of it are computed in: `f32` for halves, itself for others.
    #[must_use]
    pub const fn computed(self) -> Self {
        if self.is_half() { Self::F32 } else { self }
    }
    /// Which float it is, of those that are computed with.
    pub(crate) const fn float(self) -> Option<Float> {
        match self {
            Self::F16 | Self::BF16 => None,
            Self::F32 => Some(Float::F32),
            Self::F64 => Some(Float::F64),
            Self::Bool | Self::U8 | Self::U16 | Self::U32 | Self::U64 => None,
            Self::I8 | Self::I16 | Self::I32 | Self::I64 => None,
        }
    }
    /// The float that values of it are computed in where they become floats: itself, and `f64` for integers and `bool`.
    pub(crate) fn as_float(self) -> Float {
        self.float().unwrap_or(Float::F64)
    }
    /// Any integer, not `bool`.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        matches!(self.kind(), Kind::Signed | Kind::Unsigned)
    }
    /// Integers with a sign, and floats.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self.kind(), Kind::Signed | Kind::Float)
    }
    /// The dtype of a sum or product of elements of this dtype (see [`Element::Sum`]).
    #[must_use]
    pub const fn sum(self) -> Self {
        match self.kind() {
            Kind::Bool | Kind::Signed => Self::I64,
            Kind::Unsigned => Self::U64,
            Kind::Float => self,
        }
    }
    /// The dtype of a mean or variance of elements of this dtype (see [`Element::Mean`]).
    #[must_use]
    pub const fn mean(self) -> Self {
        match self.kind() {
            Kind::Float => self,
            Kind::Bool | Kind::Unsigned | Kind::Signed => Self::F64,
        }
    }
    /// Bytes an element takes in a device buffer: types narrower than 32 bits are held as one 32-bit word, halves as an `f32`.
    #[must_use]
    pub const fn device_size(self) -> usize {
        if self.size() < 4 { 4 } else { self.size() }
    }
}

impl Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The `f32` next to `x` whose last bit is odd, or `x` itself: rounded on, it is what `x` would have been rounded to (Boldo and
/// Melquiond, *Emulation of FMA and correctly rounded sums*, 2008), where `x` rounded to `f32` and then on may not be. (The conversions of the crate `half` are of `f32`
/// alone for that.)
#[expect(clippy::cast_possible_truncation, reason = "what is lost is looked at")]
pub(crate) fn to_odd(x: f64) -> f32 {
    let near = x as f32;
    let back = f64::from(near);
    if back == x || x.is_nan() || near.to_bits() & 1 == 1 {
        return near;
    }
    // Towards x, which is never across zero: bits grow away from it.
    let step = if back.abs() < x.abs() { 1 } else { u32::MAX };
    f32::from_bits(near.to_bits().wrapping_add(step))
}

/// One value with its dtype, comparable and hashable by its bits (so `NaN == NaN` here).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scalar {
    dtype: DType,
    /// The stored bytes, little-endian, zero-extended.
    bits: u64,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "the law of casts is written with `as`, which is that law"
)]
impl Scalar {
    /// From the bytes of the stored form of a value of `dtype`.
    #[must_use]
    pub fn from_stored(dtype: DType, bytes: &[u8]) -> Self {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        Self { dtype, bits: u64::from_le_bytes(word) }
    }
    /// From a number, converted to `dtype` by the crate's cast law (float to integer saturates, NaN gives 0).
    #[must_use]
    pub fn from_f64(dtype: DType, value: f64) -> Self {
        match dtype.kind() {
            Kind::Bool => (value != 0.0).scalar(),
            Kind::Float => match dtype {
                DType::F16 => f16::from_f32(to_odd(value)).scalar(),
                DType::BF16 => bf16::from_f32(to_odd(value)).scalar(),
                DType::F32 => (value as f32).scalar(),
                _ => value.scalar(),
            },
            Kind::Signed => {
                let bits = 8 * dtype.size() as u32;
                let (lo, hi) = (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits));
                Self::from_i64(dtype, (value as i64).clamp(lo, hi))
            }
            Kind::Unsigned => Self { dtype, bits: (value as u64).min(u64::MAX >> (64 - 8 * dtype.size() as u32)) },
        }
    }
    /// From an integer, wrapped to `dtype`.
    #[must_use]
    pub fn from_i64(dtype: DType, value: i64) -> Self {
        match dtype.kind() {
            Kind::Float => Self::from_f64(dtype, value as f64),
            Kind::Bool => (value != 0).scalar(),
            Kind::Unsigned | Kind::Signed => {
                Self { dtype, bits: value as u64 & (u64::MAX >> (64 - 8 * dtype.size() as u32)) }
            }
        }
    }
    /// Its dtype.
    #[must_use]
    pub const fn dtype(self) -> DType {
        self.dtype
    }
    /// The stored bytes, little-endian, zero-extended to 64 bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.bits
    }
    /// The value as an `f64`, rounded where a 64-bit integer does not fit.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self.dtype.float() {
            Some(Float::F32) => f32::from_bits(self.bits as u32).into(),
            Some(Float::F64) => f64::from_bits(self.bits),
            None if self.dtype == DType::F16 => f16::from_bits(self.bits as u16).into(),
            None if self.dtype == DType::BF16 => bf16::from_bits(self.bits as u16).into(),
            None if self.dtype.is_signed() => self.to_i64() as f64,
            None => self.bits as f64,
        }
    }
    /// The value as an `i64`: floats saturate, `u64` wraps.
    #[must_use]
    pub fn to_i64(self) -> i64 {
        match self.dtype.kind() {
            Kind::Float => self.to_f64() as i64,
            Kind::Signed => {
                let unused = 64 - 8 * self.dtype.size() as u32;
                (self.bits << unused) as i64 >> unused
            }
            Kind::Bool | Kind::Unsigned => self.bits as i64,
        }
    }
    /// The value as an `i128`: integers as they are, floats truncated and saturated (NaN is 0).
    #[must_use]
    pub fn to_i128(self) -> i128 {
        match self.dtype.kind() {
            Kind::Float => self.to_f64() as i128,
            Kind::Signed => self.to_i64().into(),
            Kind::Bool | Kind::Unsigned => self.bits.into(),
        }
    }
    /// The typed value.
    ///
    /// # Panics
    /// If `T` is not the scalar's dtype.
    #[must_use]
    pub fn get<T: Element>(self) -> T {
        assert_eq!(T::DTYPE, self.dtype, "scalar read as another dtype");
        T::restore(bytemuck::pod_read_unaligned(&self.bits.to_le_bytes()[..size_of::<T::Stored>()]))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the bits of an `f32`")]
impl Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dtype.kind() {
            Kind::Bool => Display::fmt(&(self.bits != 0), f),
            Kind::Unsigned => Display::fmt(&self.bits, f),
            Kind::Signed => Display::fmt(&self.to_i64(), f),
            Kind::Float => match self.dtype {
                DType::F16 => Display::fmt(&f16::from_bits(self.bits as u16), f),
                DType::BF16 => Display::fmt(&bf16::from_bits(self.bits as u16), f),
                DType::F32 => Display::fmt(&f32::from_bits(self.bits as u32), f),
                _ => Display::fmt(&self.to_f64(), f),
            },
        }
    }
}

impl Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}{}", self.dtype)
    }
}
