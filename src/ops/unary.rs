//! Functions of one element: the table, and what is derived from a row.
//!
//! A row: `Variant method Class |x| Rust text, "WGSL text", [ULP f32, ULP f64], (argument) => (result), "doc";`
//! It makes the enum variant, its [`UnaryInfo`], the CPU strip loop, the method of `Array` with documentation and
//! example, the symbolic method of `Sym`, the parity cases and the benchmark.
//! Classes: `Real` floats; `Num` numbers; `Bits` integers and bool; `Test` floats → bool; `Count` integers → u8.
//! In the WGSL text `{x}` is the operand, `{t}` the suffix of its library functions (`f32`, `i32`, ...).

use super::scalar::{Int, Num, Real};
use super::simd::simd;
use super::strip::{Arg, Strip, arg, map1};
use crate::dtype::{DType, Kind, with_float};

/// Hands every row to the macro `$callback`.
macro_rules! unary_rows {
    ($callback:ident) => { $callback! {
        Neg neg Num |x| Num::neg(x), "neg_{t}({x})", [0, 0], (1.5f64) => (-1.5), "`-x`; integers wrap.";
        Abs abs Num |x| Num::abs(x), "abs_{t}({x})", [0, 0], (-1.5f64) => (1.5), "`|x|`; the most negative integer stays as it is, as in NumPy.";
        Sign sign Num |x| Num::sign(x), "sign_{t}({x})", [0, 0], (-7.0f64) => (-1.0), "-1, 0 or 1 by sign; NaN for NaN.";
        Square square Num |x| Num::mul(x, x), "square_{t}({x})", [0, 0], (3.0f64) => (9.0), "`x²`; integers wrap.";
        Reciprocal reciprocal Num |x| Num::recip(x), "reciprocal_{t}({x})", [3, 0], (4.0f64) => (0.25), "`1/x`; integers truncate, and 1/0 is 0 for them.";
        Sqrt sqrt Real |x| Real::sqrt(x), "sqrt_{t}({x})", [3, 0], (9.0f64) => (3.0), "`√x`; NaN below zero.";
        Cbrt cbrt Real |x| Real::cbrt(x), "cbrt_{t}({x})", [4, 4], (27.0f64) => (3.0), "`∛x`, of either sign.";
        Exp exp Real |x| Real::exp(x), "exp_{t}({x})", [4, 4], (0.0f64) => (1.0), "`e^x`.";
        Exp2 exp2 Real |x| Real::exp2(x), "exp2_{t}({x})", [4, 4], (3.0f64) => (8.0), "`2^x`.";
        Expm1 expm1 Real |x| Real::expm1(x), "expm1_{t}({x})", [4, 4], (0.0f64) => (0.0), "`e^x - 1`, accurate near zero.";
        Ln ln Real |x| Real::ln(x), "ln_{t}({x})", [4, 4], (1.0f64) => (0.0), "The natural logarithm (`np.log`); -∞ at 0, NaN below.";
        Log2 log2 Real |x| Real::log2(x), "log2_{t}({x})", [4, 4], (8.0f64) => (3.0), "The logarithm to base 2.";
        Log10 log10 Real |x| Real::log10(x), "log10_{t}({x})", [4, 4], (1000.0f64) => (3.0), "The logarithm to base 10.";
        Log1p log1p Real |x| Real::log1p(x), "log1p_{t}({x})", [4, 4], (0.0f64) => (0.0), "`ln(1 + x)`, accurate near zero.";
        Sin sin Real |x| Real::sin(x), "sin_{t}({x})", [4, 4], (0.0f64) => (0.0), "The sine of an angle in radians.";
        Cos cos Real |x| Real::cos(x), "cos_{t}({x})", [4, 4], (0.0f64) => (1.0), "The cosine of an angle in radians.";
        Tan tan Real |x| Real::tan(x), "tan_{t}({x})", [8, 8], (0.0f64) => (0.0), "The tangent of an angle in radians.";
        Asin asin Real |x| Real::asin(x), "asin_{t}({x})", [6, 6], (0.0f64) => (0.0), "The inverse sine (`np.arcsin`), in radians; NaN outside [-1, 1].";
        Acos acos Real |x| Real::acos(x), "acos_{t}({x})", [6, 6], (1.0f64) => (0.0), "The inverse cosine (`np.arccos`), in radians; NaN outside [-1, 1].";
        Atan atan Real |x| Real::atan(x), "atan_{t}({x})", [6, 6], (0.0f64) => (0.0), "The inverse tangent (`np.arctan`), in radians.";
        Sinh sinh Real |x| Real::sinh(x), "sinh_{t}({x})", [8, 8], (0.0f64) => (0.0), "The hyperbolic sine.";
        Cosh cosh Real |x| Real::cosh(x), "cosh_{t}({x})", [8, 8], (0.0f64) => (1.0), "The hyperbolic cosine.";
        Tanh tanh Real |x| Real::tanh(x), "tanh_{t}({x})", [8, 8], (0.0f64) => (0.0), "The hyperbolic tangent.";
        Asinh asinh Real |x| Real::asinh(x), "asinh_{t}({x})", [8, 8], (0.0f64) => (0.0), "The inverse hyperbolic sine (`np.arcsinh`).";
        Acosh acosh Real |x| Real::acosh(x), "acosh_{t}({x})", [8, 8], (1.0f64) => (0.0), "The inverse hyperbolic cosine (`np.arccosh`); NaN below 1.";
        Atanh atanh Real |x| Real::atanh(x), "atanh_{t}({x})", [8, 8], (0.0f64) => (0.0), "The inverse hyperbolic tangent (`np.arctanh`); ±∞ at ±1, NaN beyond.";
        Floor floor Real |x| Real::floor(x), "floor_{t}({x})", [0, 0], (1.5f64) => (1.0), "The largest integer not above `x`.";
        Ceil ceil Real |x| Real::ceil(x), "ceil_{t}({x})", [0, 0], (1.5f64) => (2.0), "The smallest integer not below `x`.";
        Round round Real |x| Real::round_even(x), "round_even_{t}({x})", [0, 0], (2.5f64) => (2.0), "The nearest integer, halves to even as in NumPy (`f64::round` rounds them away from zero).";
        Trunc trunc Real |x| Real::trunc(x), "trunc_{t}({x})", [0, 0], (-1.5f64) => (-1.0), "`x` without its fraction.";
        Fract fract Real |x| Real::fract(x), "fract_{t}({x})", [0, 0], (-1.5f64) => (-0.5), "`x - trunc(x)`, with the sign of `x`; 0 for ±∞, as `np.modf` (Rust gives NaN).";
        Degrees degrees Real |x| Num::mul(x, Real::of(180.0 / std::f64::consts::PI)), "degrees_{t}({x})", [1, 1], (0.0f64) => (0.0), "Radians to degrees.";
        Radians radians Real |x| Num::mul(x, Real::of(std::f64::consts::PI / 180.0)), "radians_{t}({x})", [1, 1], (0.0f64) => (0.0), "Degrees to radians.";
        Erf erf Real |x| Real::erf(x), "erf_{t}({x})", [8, 8], (0.0f64) => (0.0), "The error function.";
        Sigmoid sigmoid Real |x| Real::sigmoid(x), "sigmoid_{t}({x})", [8, 8], (0.0f64) => (0.5), "`1 / (1 + e^-x)`.";
        Isnan isnan Test |x| u8::from(Real::isnan(x)), "isnan_{t}({x})", [0, 0], (f64::NAN) => (true), "Whether `x` is NaN.";
        Isinf isinf Test |x| u8::from(Real::isinf(x)), "isinf_{t}({x})", [0, 0], (1.0f64) => (false), "Whether `x` is +∞ or -∞.";
        Isfinite isfinite Test |x| u8::from(Real::isfinite(x)), "isfinite_{t}({x})", [0, 0], (1.0f64) => (true), "Whether `x` is neither NaN nor infinite.";
        Signbit signbit Test |x| u8::from(Real::signbit(x)), "signbit_{t}({x})", [0, 0], (-0.0f64) => (true), "Whether the sign bit is set (-0.0 and negative NaN too).";
        Not not Bits |x| Int::not(x), "not_{t}({x})", [0, 0], (5i32) => (-6), "Bitwise complement of integers, logical not of `bool`.";
        CountOnes count_ones Count |x| Int::ones(x), "count_ones_{t}({x})", [0, 0], (7i32) => (3u8), "The number of one bits (`np.bitwise_count`, but of the two's complement for negative numbers).";
    } };
}
pub(crate) use unary_rows;

/// Which operands a row takes and what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnaryClass {
    /// Floats → the same.
    Real,
    /// Numbers → the same.
    Num,
    /// Integers and `bool` → the same.
    Bits,
    /// Floats → `bool`.
    Test,
    /// Integers → `u8`.
    Count,
}

/// What a row of the table says.
#[derive(Clone, Copy, Debug)]
pub struct UnaryInfo {
    /// The method's name.
    pub name: &'static str,
    /// Operand and result dtypes.
    pub class: UnaryClass,
    /// WGSL text with `{x}` and `{t}`.
    pub wgsl: &'static str,
    /// How many units in the last place CPU and GPU may be off the exact value, for f32 and f64.
    pub ulp: [u32; 2],
}

macro_rules! strip {
    (Real $dtype:ident $x:ident $n:ident $out:ident $v:ident $rust:expr) => {
        with_float!($dtype.as_float(), T => map1($x, $n, $out, #[inline(always)] |$v: T| -> T { $rust }))
    };
    (Test $dtype:ident $x:ident $n:ident $out:ident $v:ident $rust:expr) => {
        with_float!($dtype.as_float(), T => map1($x, $n, $out, #[inline(always)] |$v: T| -> u8 { $rust }))
    };
    (Num $dtype:ident $x:ident $n:ident $out:ident $v:ident $rust:expr) => {
        crate::dtype::with_number!($dtype, T => map1($x, $n, $out, #[inline(always)] |$v: T| -> T { $rust }))
    };
    (Bits $dtype:ident $x:ident $n:ident $out:ident $v:ident $rust:expr) => {
        if $dtype == DType::Bool {
            map1($x, $n, $out, #[inline(always)] |$v: u8| -> u8 { $rust & 1 })
        } else {
            super::strip::with_int!($dtype, T => map1($x, $n, $out, #[inline(always)] |$v: T| -> T { $rust }))
        }
    };
    (Count $dtype:ident $x:ident $n:ident $out:ident $v:ident $rust:expr) => {
        super::strip::with_int!($dtype, T => map1($x, $n, $out, #[inline(always)] |$v: T| -> u8 { $rust }))
    };
}

macro_rules! define {
    ($($variant:ident $method:ident $class:ident |$x:ident| $rust:expr, $wgsl:literal, $ulp:expr, ($arg:expr) => ($result:expr), $doc:literal;)*) => {
        /// A function of one element.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum UnaryOp { $(#[doc = $doc] $variant,)* }

        impl UnaryOp {
            /// Every row.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// What the row says.
            #[must_use]
            pub const fn info(self) -> UnaryInfo {
                match self {
                    $(Self::$variant => UnaryInfo { name: stringify!($method), class: UnaryClass::$class, wgsl: $wgsl, ulp: $ulp },)*
                }
            }
        }

        /// Applies `op` to a strip of `n` elements of `dtype`, which the row's class must accept.
        pub(crate) fn run(op: UnaryOp, dtype: DType, x: Arg<'_>, n: usize, out: &mut Strip) {
            if trig(op, dtype, x, n, out) {
                return;
            }
            match op { $(UnaryOp::$variant => strip!($class dtype x n out $x $rust),)* }
        }
    };
}
unary_rows!(define);

/// Sine, cosine and tangent of a strip of moderate angles, which needs no reduction by hundreds of digits of π and so
/// vectorises; `false` where it is not such a strip.
fn trig(op: UnaryOp, dtype: DType, x: Arg<'_>, n: usize, out: &mut Strip) -> bool {
    fn run<T: Real>(op: UnaryOp, x: Arg<'_>, n: usize, out: &mut Strip) -> bool {
        let fits = simd(
            #[inline(always)]
            || arg::<T>(x)[..n].iter().fold(true, |all, &v| all & v.trig_in_range()),
        );
        if !fits {
            return false;
        }
        if op == UnaryOp::Sin {
            map1(
                x,
                n,
                out,
                #[inline(always)]
                |v: T| v.sin_fast(),
            );
        } else if op == UnaryOp::Cos {
            map1(
                x,
                n,
                out,
                #[inline(always)]
                |v: T| v.cos_fast(),
            );
        } else {
            map1(
                x,
                n,
                out,
                #[inline(always)]
                |v: T| v.tan_fast(),
            );
        }
        true
    }
    let Some(float) = dtype.float() else { return false };
    matches!(op, UnaryOp::Sin | UnaryOp::Cos | UnaryOp::Tan) && with_float!(float, T => run::<T>(op, x, n, out))
}

impl UnaryOp {
    /// The dtype of the result, or `None` where the function is not defined for `dtype`, and for halves, which
    /// are computed in `f32`.
    #[must_use]
    pub const fn result(self, dtype: DType) -> Option<DType> {
        match (self.info().class, dtype.kind()) {
            _ if dtype.is_half() => None,
            (UnaryClass::Real, Kind::Float) | (UnaryClass::Num, Kind::Float | Kind::Signed | Kind::Unsigned) => {
                Some(dtype)
            }
            (UnaryClass::Bits, Kind::Bool | Kind::Signed | Kind::Unsigned) => Some(dtype),
            (UnaryClass::Test, Kind::Float) => Some(DType::Bool),
            (UnaryClass::Count, Kind::Signed | Kind::Unsigned) => Some(DType::U8),
            _ => None,
        }
    }
}
