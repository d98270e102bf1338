//! Functions of three elements: the table, and what is derived from a row. Rows as in [`super::binary`]; classes: `Num`
//! three numbers of a dtype → the same; `Select` a `bool` and two elements of any dtype → theirs.

use super::scalar::Num;
use super::strip::{Arg, Strip, map3};
use crate::dtype::{DType, with_bits, with_number};

/// Hands every row to the macro `$callback`.
macro_rules! ternary_rows {
    ($callback:ident) => { $callback! {
        Fma fma Num |x, y, z| Num::fma(x, y, z), "fma_{t}({x}, {y}, {z})", [1, 1], "`x · y + z`, rounded once for floats; integers wrap.";
        Clip clip Num |x, y, z| Num::min(Num::max(x, y), z), "min_{t}(max_{t}({x}, {y}), {z})", [0, 0], "`x` limited to [`y`, `z`]; NaN stays NaN; the upper limit wins where `y > z`, as in NumPy.";
        Where select Select |x, y, z| if x != 0 { y } else { z }, "select({z}, {y}, {x})", [0, 0], "`y` where `x` is true, `z` elsewhere.";
    } };
}

/// Which operands a row takes and what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TernaryClass {
    /// Three numbers of a dtype → the same.
    Num,
    /// A `bool` and two elements of any dtype → theirs.
    Select,
}

/// What a row of the table says.
#[derive(Clone, Copy, Debug)]
pub struct TernaryInfo {
    /// The function's name.
    pub name: &'static str,
    /// Operand and result dtypes.
    pub class: TernaryClass,
    /// WGSL text with `{x}`, `{y}`, `{z}` and `{t}`.
    pub wgsl: &'static str,
    /// How many units in the last place CPU and GPU may be off the exact value, for f32 and f64.
    pub ulp: [u32; 2],
}

macro_rules! strip {
    (Num $dtype:ident $args:ident $n:ident $out:ident [$v:ident $w:ident $u:ident] $rust:expr) => {
        with_number!($dtype, T => map3($args, $n, $out, #[inline(always)] |$v: T, $w: T, $u: T| -> T { $rust }))
    };
    (Select $dtype:ident $args:ident $n:ident $out:ident [$v:ident $w:ident $u:ident] $rust:expr) => {
        with_bits!($dtype, T => map3($args, $n, $out, #[inline(always)] |$v: u8, $w: T, $u: T| -> T { $rust }))
    };
}

macro_rules! define {
    ($($variant:ident $method:ident $class:ident |$x:ident, $y:ident, $z:ident| $rust:expr, $wgsl:literal, $ulp:expr, $doc:literal;)*) => {
        /// A function of three elements.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum TernaryOp { $(#[doc = $doc] $variant,)* }

        impl TernaryOp {
            /// Every row.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// What the row says.
            #[must_use]
            pub const fn info(self) -> TernaryInfo {
                match self {
                    $(Self::$variant => TernaryInfo { name: stringify!($method), class: TernaryClass::$class, wgsl: $wgsl, ulp: $ulp },)*
                }
            }
        }

        /// Applies `op` to strips of `n` elements; `dtype` is the result's.
        pub(crate) fn run(op: TernaryOp, dtype: DType, args: [Arg<'_>; 3], n: usize, out: &mut Strip) {
            match op { $(TernaryOp::$variant => strip!($class dtype args n out [$x $y $z] $rust),)* }
        }
    };
}
ternary_rows!(define);
