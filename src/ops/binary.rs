//! Functions of two elements: the table, and what is derived from a row.
//!
//! A row: `Variant method Class |x, y| Rust text, "WGSL text", [ULP f32, ULP f64], (x, y) => (result), "doc";`
//! Classes: `Num` numbers; `Real` floats; `Bits` integers and bool; `Int` integers; `Equal` any two → bool; `Compare` two with an order → bool;
//! `Powi` a number and an `i32`. `{x}`, `{y}` and `{t}` as in [`super::unary`].

use super::scalar::{Int, Num, Real};
use super::strip::{Arg, Strip, map2, with_int};
use crate::dtype::{DType, Kind, with_float, with_number};

/// Hands every row to the macro `$callback`.
macro_rules! binary_rows {
    ($callback:ident) => { $callback! {
        Add add Num |x, y| Num::add(x, y), "({x} + {y})", [0, 0], (2.0f64, 3.0) => (5.0), "`x + y`; integers wrap.";
        Sub sub Num |x, y| Num::sub(x, y), "({x} - {y})", [0, 0], (2.0f64, 3.0) => (-1.0), "`x - y`; integers wrap.";
        Mul mul Num |x, y| Num::mul(x, y), "({x} * {y})", [0, 0], (2.0f64, 3.0) => (6.0), "`x · y`; integers wrap.";
        Div div Num |x, y| Num::div(x, y), "div_{t}({x}, {y})", [3, 0], (3.0f64, 2.0) => (1.5), "`x / y`; integers truncate as in Rust (`floor_div` rounds down, as NumPy's `//`), and x/0 is 0 for them.";
        Rem rem Num |x, y| Num::rem(x, y), "rem_{t}({x}, {y})", [0, 0], (-7.0f64, 3.0) => (-1.0), "The remainder of truncating division, with the sign of `x` as Rust's `%` (`np.fmod`); x % 0 is 0 for integers.";
        FloorDiv floor_div Num |x, y| Num::floor_div(x, y), "floor_div_{t}({x}, {y})", [0, 0], (-7.0f64, 2.0) => (-4.0), "`⌊x / y⌋`, NumPy's `//`; 0 for an integer divided by 0.";
        FloorMod floor_mod Num |x, y| Num::floor_mod(x, y), "floor_mod_{t}({x}, {y})", [0, 0], (-7.0f64, 3.0) => (2.0), "The remainder of floor division, with the sign of `y`: NumPy's `%` (`np.remainder`); 0 for an integer modulo 0.";
        Minimum minimum Num |x, y| Num::min(x, y), "min_{t}({x}, {y})", [0, 0], (2.0f64, 3.0) => (2.0), "The smaller; NaN if either is NaN.";
        Maximum maximum Num |x, y| Num::max(x, y), "max_{t}({x}, {y})", [0, 0], (2.0f64, 3.0) => (3.0), "The larger; NaN if either is NaN.";
        Fmin fmin Real |x, y| Real::fmin(x, y), "fmin_{t}({x}, {y})", [0, 0], (2.0f64, f64::NAN) => (2.0), "The smaller, or the one that is not NaN.";
        Fmax fmax Real |x, y| Real::fmax(x, y), "fmax_{t}({x}, {y})", [0, 0], (2.0f64, f64::NAN) => (2.0), "The larger, or the one that is not NaN.";
        Pow pow Real |x, y| Real::pow(x, y), "pow_{t}({x}, {y})", [8, 8], (2.0f64, 10.0) => (1024.0), "`x^y`, with C99's special cases.";
        Hypot hypot Real |x, y| Real::hypot(x, y), "hypot_{t}({x}, {y})", [4, 4], (3.0f64, 4.0) => (5.0), "`√(x² + y²)` without overflow.";
        Atan2 atan2 Real |x, y| Real::atan2(x, y), "atan2_{t}({x}, {y})", [6, 6], (0.0f64, 1.0) => (0.0), "The angle of the point (`y`, `x`), in (-π, π]: `np.arctan2(x, y)`, whose first argument is the ordinate.";
        Copysign copysign Real |x, y| Real::copysign(x, y), "copysign_{t}({x}, {y})", [0, 0], (2.0f64, -0.0) => (-2.0), "The magnitude of `x` with the sign of `y`.";
        And bitand Bits |x, y| Int::and(x, y), "and_{t}({x}, {y})", [0, 0], (6i32, 3) => (2), "Bitwise and of integers, logical and of `bool`.";
        Or bitor Bits |x, y| Int::or(x, y), "or_{t}({x}, {y})", [0, 0], (6i32, 3) => (7), "Bitwise or of integers, logical or of `bool`.";
        Xor bitxor Bits |x, y| Int::xor(x, y), "xor_{t}({x}, {y})", [0, 0], (6i32, 3) => (5), "Bitwise exclusive or of integers, logical of `bool`.";
        Shl shl Int |x, y| Int::shl(x, y), "shl_{t}({x}, {y})", [0, 0], (3i32, 2) => (12), "`x · 2^y`, wrapped; 0 for a shift by the width or more (or a negative one).";
        Shr shr Int |x, y| Int::shr(x, y), "shr_{t}({x}, {y})", [0, 0], (-8i32, 1) => (-4), "`⌊x / 2^y⌋`; 0, or -1 for a negative `x`, for a shift by the width or more (or a negative one).";
        Eq eq Equal |x, y| x == y, "({x} == {y})", [0, 0], (1.0f64, 1.0) => (true), "`x = y`; NaN equals nothing.";
        Ne ne Equal |x, y| x != y, "({x} != {y})", [0, 0], (1.0f64, 1.0) => (false), "`x ≠ y`; NaN differs from everything.";
        Lt lt Compare |x, y| x < y, "({x} < {y})", [0, 0], (1.0f64, 2.0) => (true), "`x < y`; false with a NaN.";
        Le le Compare |x, y| x <= y, "({x} <= {y})", [0, 0], (1.0f64, 2.0) => (true), "`x ≤ y`; false with a NaN.";
        Gt gt Compare |x, y| x > y, "({x} > {y})", [0, 0], (1.0f64, 2.0) => (false), "`x > y`; false with a NaN.";
        Ge ge Compare |x, y| x >= y, "({x} >= {y})", [0, 0], (1.0f64, 2.0) => (false), "`x ≥ y`; false with a NaN.";
        Powi powi Powi |x, y| Num::powi(x, y), "powi_{t}({x}, {y})", [32, 32], (2.0f64, 10i32) => (1024.0), "`x^n` for an integer `n` by repeated squaring; integers wrap, and have no inverse but ±1 (0 else).";
    } };
}
pub(crate) use binary_rows;

/// Which operands a row takes and what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BinaryClass {
    /// Two numbers of a dtype → the same.
    Num,
    /// Two floats → the same.
    Real,
    /// Two integers or `bool` → the same.
    Bits,
    /// Two integers → the same.
    Int,
    /// Two elements of any dtype → `bool`.
    Equal,
    /// Two elements that have an order → `bool`.
    Compare,
    /// A number and an `i32` → the number's dtype.
    Powi,
}

/// What a row of the table says.
#[derive(Clone, Copy, Debug)]
pub struct BinaryInfo {
    /// The method's name.
    pub name: &'static str,
    /// Operand and result dtypes.
    pub class: BinaryClass,
    /// WGSL text with `{x}`, `{y}` and `{t}`.
    pub wgsl: &'static str,
    /// How many units in the last place CPU and GPU may be off the exact value, for f32 and f64.
    pub ulp: [u32; 2],
}

macro_rules! strip {
    (Num $dtype:ident [$x:ident $y:ident $n:ident $out:ident] $v:ident $w:ident $rust:expr) => {
        with_number!($dtype, T => map2($x, $y, $n, $out, #[inline(always)] |$v: T, $w: T| -> T { $rust }))
    };
    (Real $dtype:ident [$x:ident $y:ident $n:ident $out:ident] $v:ident $w:ident $rust:expr) => {
        with_float!($dtype.as_float(), T => map2($x, $y, $n, $out, #[inline(always)] |$v: T, $w: T| -> T { $rust }))
    };
    (Bits $dtype:ident [$x:ident $y:ident $n:ident $out:ident] $v:ident $w:ident $rust:expr) => {
        if $dtype == DType::Bool {
            map2($x, $y, $n, $out, #[inline(always)] |$v: u8, $w: u8| -> u8 { $rust })
        } else {
            with_int!($dtype, T => map2($x, $y, $n, $out, #[inline(always)] |$v: T, $w: T| -> T { $rust }))
        }
    };
    (Int $dtype:ident [$x:ident $y:ident $n:ident $out:ident] $v:ident $w:ident $rust:expr) => {
        with_int!($dtype, T => map2($x, $y, $n, $out, #[inline(always)] |$v: T, $w: T| -> T { $rust }))
    };
    (Equal $dtype:ident [$x:ident $y:ident $n:ident $out:ident] $v:ident $w:ident $rust:expr) => {
        strip!(Compare $dtype [$x $y $n $out] $v $w $rust)
    };
    (Compare $dtype:ident [$x:ident $y:ident $n:ident $out:ident] $v:ident $w:ident $rust:expr) => {
        with_number!($dtype, T => map2($x, $y, $n, $out, #[inline(always)] |$v: T, $w: T| -> u8 { u8::from($rust) }))
    };
    (Powi $dtype:ident [$x:ident $y:ident $n:ident $out:ident] $v:ident $w:ident $rust:expr) => {
        with_number!($dtype, T => map2($x, $y, $n, $out, #[inline(always)] |$v: T, $w: i32| -> T { $rust }))
    };
}

macro_rules! define {
    ($($variant:ident $method:ident $class:ident |$x:ident, $y:ident| $rust:expr, $wgsl:literal, $ulp:expr, ($($arg:expr),*) => ($result:expr), $doc:literal;)*) => {
        /// A function of two elements.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum BinaryOp { $(#[doc = $doc] $variant,)* }

        impl BinaryOp {
            /// Every row.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// What the row says.
            #[must_use]
            pub const fn info(self) -> BinaryInfo {
                match self {
                    $(Self::$variant => BinaryInfo { name: stringify!($method), class: BinaryClass::$class, wgsl: $wgsl, ulp: $ulp },)*
                }
            }
        }

        /// Applies `op` to strips of `n` elements of `dtype` (the left one's), which the row's class must accept.
        pub(crate) fn run(op: BinaryOp, dtype: DType, x: Arg<'_>, y: Arg<'_>, n: usize, out: &mut Strip) {
            match op { $(BinaryOp::$variant => strip!($class dtype [x y n out] $x $y $rust),)* }
        }
    };
}
binary_rows!(define);

impl BinaryOp {
    /// The dtype of the result, or `None` where the function is not defined for `dtype` on the left, and for halves, which
    /// are computed in `f32`.
    #[must_use]
    pub const fn result(self, dtype: DType) -> Option<DType> {
        match (self.info().class, dtype.kind()) {
            _ if dtype.is_half() => None,
            (BinaryClass::Equal | BinaryClass::Compare, _) => Some(DType::Bool),
            (BinaryClass::Num | BinaryClass::Powi, Kind::Float | Kind::Signed | Kind::Unsigned)
            | (BinaryClass::Real, Kind::Float)
            | (BinaryClass::Bits, Kind::Bool | Kind::Signed | Kind::Unsigned)
            | (BinaryClass::Int, Kind::Signed | Kind::Unsigned) => Some(dtype),
            _ => None,
        }
    }
    /// The dtype of the right operand beside `dtype` on the left.
    #[must_use]
    pub const fn right(self, dtype: DType) -> DType {
        match self.info().class {
            BinaryClass::Powi => DType::I32,
            BinaryClass::Num | BinaryClass::Real | BinaryClass::Bits | BinaryClass::Int => dtype,
            BinaryClass::Equal | BinaryClass::Compare => dtype,
        }
    }
}
