//! What one element's arithmetic means: the traits the tables' Rust texts are written against.
//!
//! The integer law is written here once, and its WGSL twin in `shaders/lib/int.wgsl`: arithmetic wraps, `x / 0` and
//! `x % 0` are 0, `MIN / -1` wraps, a shift by the width or more gives 0 (or the sign, for a signed `>>`).
//! Booleans are `u8` 0 or 1. Float functions are the crate's own ([`crate::ops::math`]).

use super::math::{m32, m64};

/// Arithmetic of every number type.
pub(crate) trait Num: Copy + PartialOrd + bytemuck::Pod + Send + Sync {
    const ZERO: Self;
    const ONE: Self;
    fn add(self, y: Self) -> Self;
    fn sub(self, y: Self) -> Self;
    fn mul(self, y: Self) -> Self;
    fn div(self, y: Self) -> Self;
    fn rem(self, y: Self) -> Self;
    fn floor_div(self, y: Self) -> Self;
    fn floor_mod(self, y: Self) -> Self;
    fn neg(self) -> Self;
    fn abs(self) -> Self;
    fn sign(self) -> Self;
    fn powi(self, n: i32) -> Self;
    /// NaN if either is NaN.
    fn min(self, y: Self) -> Self;
    /// NaN if either is NaN.
    fn max(self, y: Self) -> Self;
    fn fma(self, y: Self, z: Self) -> Self;
    fn is_nan(self) -> bool;
    fn to_f64(self) -> f64;
    /// As an `i64`, the nearest one.
    fn to_i64_saturating(self) -> i64;
    fn recip(self) -> Self {
        Self::ONE.div(self)
    }
}

/// Bit operations of the integer types and of booleans (where `not` is logical).
pub(crate) trait Int: Num {
    fn and(self, y: Self) -> Self;
    fn or(self, y: Self) -> Self;
    fn xor(self, y: Self) -> Self;
    fn not(self) -> Self;
    fn shl(self, y: Self) -> Self;
    fn shr(self, y: Self) -> Self;
    fn ones(self) -> u8;
}

macro_rules! int {
    ($($t:ident $signed:literal)*) => {$(
        impl Num for $t {
            const ZERO: Self = 0;
            const ONE: Self = 1;
            #[inline(always)] fn add(self, y: Self) -> Self { self.wrapping_add(y) }
            #[inline(always)] fn sub(self, y: Self) -> Self { self.wrapping_sub(y) }
            #[inline(always)] fn mul(self, y: Self) -> Self { self.wrapping_mul(y) }
            #[inline(always)] fn div(self, y: Self) -> Self { if y == 0 { 0 } else { self.wrapping_div(y) } }
            #[inline(always)] fn rem(self, y: Self) -> Self { if y == 0 { 0 } else { self.wrapping_rem(y) } }
            #[inline(always)] fn floor_div(self, y: Self) -> Self {
                let (q, r) = (Num::div(self, y), Num::rem(self, y));
                if r != 0 && (r < 0 as $t) != (y < 0 as $t) { q.wrapping_sub(1) } else { q }
            }
            #[inline(always)] fn floor_mod(self, y: Self) -> Self {
                let r = Num::rem(self, y);
                if r != 0 && (r < 0 as $t) != (y < 0 as $t) { r.wrapping_add(y) } else { r }
            }
            #[inline(always)] fn neg(self) -> Self { self.wrapping_neg() }
            #[inline(always)] fn abs(self) -> Self { if self < 0 as $t { self.wrapping_neg() } else { self } }
            #[inline(always)] fn sign(self) -> Self { (self > 0 as $t) as $t - if self < 0 as $t { 1 } else { 0 } }
            #[inline(always)] fn powi(self, n: i32) -> Self {
                if n >= 0 { return self.wrapping_pow(n as u32); }
                // 1/x rounded to zero: only ±1 have an inverse.
                if self == 1 { 1 } else if $signed && self == (0 as $t).wrapping_sub(1) {
                    if n % 2 == 0 { 1 } else { self }
                } else { 0 }
            }
            #[inline(always)] fn min(self, y: Self) -> Self { Ord::min(self, y) }
            #[inline(always)] fn max(self, y: Self) -> Self { Ord::max(self, y) }
            #[inline(always)] fn fma(self, y: Self, z: Self) -> Self { self.wrapping_mul(y).wrapping_add(z) }
            #[inline(always)] fn is_nan(self) -> bool { false }
            #[inline(always)] fn to_f64(self) -> f64 { self as f64 }
            #[inline(always)] fn to_i64_saturating(self) -> i64 { i64::try_from(self).unwrap_or(i64::MAX) }
        }
        impl Int for $t {
            #[inline(always)] fn and(self, y: Self) -> Self { self & y }
            #[inline(always)] fn or(self, y: Self) -> Self { self | y }
            #[inline(always)] fn xor(self, y: Self) -> Self { self ^ y }
            #[inline(always)] fn not(self) -> Self { !self }
            #[inline(always)] fn shl(self, y: Self) -> Self {
                if (0..Self::BITS as i128).contains(&(y as i128)) { self << y } else { 0 }
            }
            #[inline(always)] fn shr(self, y: Self) -> Self {
                if (0..Self::BITS as i128).contains(&(y as i128)) { self >> y }
                else if self < 0 as $t { !0 } else { 0 }
            }
            #[inline(always)] fn ones(self) -> u8 { self.count_ones() as u8 }
        }
    )*};
}
int! { u8 false u16 false u32 false u64 false i8 true i16 true i32 true i64 true }

/// The float functions, from [`m32`] and [`m64`].
macro_rules! real {
    (unary: $($f:ident)*; binary: $($g:ident)*; test: $($p:ident)*;) => {
        /// Functions of floats.
        pub(crate) trait Real: Num {
            $(fn $f(self) -> Self;)*
            $(fn $g(self, y: Self) -> Self;)*
            $(fn $p(self) -> bool;)*
            fn of(value: f64) -> Self;
        }
        real!(@impl f32 m32 [$($f)*] [$($g)*] [$($p)*]);
        real!(@impl f64 m64 [$($f)*] [$($g)*] [$($p)*]);
    };
    (@impl $t:ident $m:ident [$($f:ident)*] [$($g:ident)*] [$($p:ident)*]) => {
        impl Num for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            #[inline(always)] fn add(self, y: Self) -> Self { self + y }
            #[inline(always)] fn sub(self, y: Self) -> Self { self - y }
            #[inline(always)] fn mul(self, y: Self) -> Self { self * y }
            #[inline(always)] fn div(self, y: Self) -> Self { self / y }
            #[inline(always)] fn rem(self, y: Self) -> Self { $m::trunc_rem(self, y) }
            #[inline(always)] fn floor_div(self, y: Self) -> Self { $m::floor_div(self, y) }
            #[inline(always)] fn floor_mod(self, y: Self) -> Self { $m::floor_mod(self, y) }
            #[inline(always)] fn neg(self) -> Self { -self }
            #[inline(always)] fn abs(self) -> Self { self.abs() }
            #[inline(always)] fn sign(self) -> Self { $m::sign(self) }
            #[inline(always)] fn powi(self, n: i32) -> Self { $m::powi(self, n) }
            #[inline(always)] fn min(self, y: Self) -> Self { $m::min(self, y) }
            #[inline(always)] fn max(self, y: Self) -> Self { $m::max(self, y) }
            #[inline(always)] fn fma(self, y: Self, z: Self) -> Self { self.mul_add(y, z) }
            #[inline(always)] fn is_nan(self) -> bool { self != self }
            #[inline(always)] fn to_f64(self) -> f64 { self.into() }
            #[inline(always)] fn to_i64_saturating(self) -> i64 { self as i64 }
        }
        impl Real for $t {
            $(#[inline(always)] fn $f(self) -> Self { $m::$f(self) })*
            $(#[inline(always)] fn $g(self, y: Self) -> Self { $m::$g(self, y) })*
            $(#[inline(always)] fn $p(self) -> bool { $m::$p(self) })*
            #[inline(always)] fn of(value: f64) -> Self { value as Self }
        }
    };
}
real! {
    unary: sqrt cbrt exp exp2 expm1 ln log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
        floor ceil round_even trunc fract erf sigmoid sin_fast cos_fast tan_fast;
    binary: pow hypot atan2 fmin fmax copysign;
    test: isnan isinf isfinite signbit trig_in_range;
}
