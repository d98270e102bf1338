//! What every row means, once more: integers by std's wrapping arithmetic and 128-bit numbers, floats by std's functions in
//! `f64` (and in their own type where the result is exact). Nothing of the crate is used but the names of the rows.

use gridloom::Element;
use gridloom::dtype::Scalar;
use gridloom::ops::{BinaryOp, TernaryOp, UnaryOp};

use crate::common::Sample;

/// What a result must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Want {
    /// This value, bit by bit.
    Exact(Scalar),
    /// Near this number, or it itself if the row is exact.
    Float(f64),
}

impl Want {
    fn of(value: impl Element) -> Self {
        Self::Exact(value.scalar())
    }
}

/// The meaning of the rows for one type; `None` where a row has none.
pub(super) trait Law: Sample {
    fn unary(op: UnaryOp, x: Self) -> Option<Want>;
    fn binary(op: BinaryOp, x: Self, y: Self) -> Option<Want>;
    fn powi(x: Self, n: i32) -> Option<Want>;
    fn ternary(op: TernaryOp, args: [Self; 3]) -> Option<Want>;
}

/// The comparisons, which every type has.
fn compare<T: gridloom::dtype::Ordered>(op: BinaryOp, x: T, y: T) -> Option<Want> {
    Some(Want::of(match op {
        BinaryOp::Eq => x == y,
        BinaryOp::Ne => x != y,
        BinaryOp::Lt => x < y,
        BinaryOp::Le => x <= y,
        BinaryOp::Gt => x > y,
        BinaryOp::Ge => x >= y,
        _ => return None,
    }))
}

impl Law for bool {
    fn unary(op: UnaryOp, x: Self) -> Option<Want> {
        (op == UnaryOp::Not).then(|| Want::of(!x))
    }
    fn binary(op: BinaryOp, x: Self, y: Self) -> Option<Want> {
        match op {
            BinaryOp::And => Some(Want::of(x && y)),
            BinaryOp::Or => Some(Want::of(x || y)),
            BinaryOp::Xor => Some(Want::of(x != y)),
            _ => compare(op, x, y),
        }
    }
    fn powi(_: Self, _: i32) -> Option<Want> {
        None
    }
    fn ternary(_: TernaryOp, _: [Self; 3]) -> Option<Want> {
        None
    }
}

macro_rules! integer_law {
    ($($t:ty)*) => {$(
        impl Law for $t {
            fn unary(op: UnaryOp, x: Self) -> Option<Want> {
                // In 128 bits nothing overflows, and `as` wraps.
                let w = x as i128;
                Some(Want::of(match op {
                    UnaryOp::Neg => (-w) as $t,
                    UnaryOp::Abs => w.unsigned_abs() as $t,
                    UnaryOp::Sign => w.signum() as $t,
                    UnaryOp::Square => x.wrapping_mul(x),
                    UnaryOp::Reciprocal => if w == 0 { 0 } else { (1 / w) as $t },
                    UnaryOp::Not => (-1 - w) as $t,
                    UnaryOp::CountOnes => {
                        return Some(Want::of((0..<$t>::BITS).filter(|&bit| x >> bit & 1 != 0).count() as u8));
                    }
                    _ => return None,
                }))
            }
            fn binary(op: BinaryOp, x: Self, y: Self) -> Option<Want> {
                let (a, b) = (x as i128, y as i128);
                let bits = <$t>::BITS as i128;
                let floor_div = |a: i128, b: i128| if (a % b != 0) && ((a < 0) != (b < 0)) { a / b - 1 } else { a / b };
                Some(Want::of(match op {
                    BinaryOp::Add => (a + b) as $t,
                    BinaryOp::Sub => (a - b) as $t,
                    BinaryOp::Mul => a.wrapping_mul(b) as $t,
                    BinaryOp::Div => if b == 0 { 0 } else { (a / b) as $t },
                    BinaryOp::Rem => if b == 0 { 0 } else { (a % b) as $t },
                    BinaryOp::FloorDiv => if b == 0 { 0 } else { floor_div(a, b) as $t },
                    BinaryOp::FloorMod => if b == 0 { 0 } else { (a - floor_div(a, b) * b) as $t },
                    BinaryOp::Minimum => if a < b { x } else { y },
                    BinaryOp::Maximum => if a > b { x } else { y },
                    BinaryOp::And => x & y,
                    BinaryOp::Or => x | y,
                    BinaryOp::Xor => x ^ y,
                    // Shifts one bit at a time; past the width nothing is left but the sign.
                    BinaryOp::Shl => if b < 0 || b >= bits { 0 } else { (0..b).fold(x, |v, _| v.wrapping_mul(2)) },
                    BinaryOp::Shr => {
                        let by = if b < 0 || b >= bits { bits } else { b };
                        (0..by).fold(a, |v, _| v.div_euclid(2)) as $t
                    }
                    _ => return compare(op, x, y),
                }))
            }
            fn powi(x: Self, n: i32) -> Option<Want> {
                let value = match (x as i128, n) {
                    (1, _) | (_, 0) => 1,
                    // Not a number that unsigned types have.
                    (-1, n) => (if n % 2 == 0 { 1 } else { -1i128 }) as $t,
                    (_, n) if n < 0 => 0,
                    (_, n) => {
                        // From the highest bit of n down (the crate goes up).
                        (0..32).rev().fold(1 as $t, |v, bit| {
                            let v = v.wrapping_mul(v);
                            if n >> bit & 1 == 1 { v.wrapping_mul(x) } else { v }
                        })
                    }
                };
                Some(Want::of(value))
            }
            fn ternary(op: TernaryOp, [x, y, z]: [Self; 3]) -> Option<Want> {
                Some(Want::of(match op {
                    TernaryOp::Fma => ((x as i128).wrapping_mul(y as i128)).wrapping_add(z as i128) as $t,
                    TernaryOp::Clip => { let low = if x < y { y } else { x }; if low > z { z } else { low } }
                    TernaryOp::Where => return None,
                }))
            }
        }
    )*};
}
integer_law! { u8 u16 u32 u64 i8 i16 i32 i64 }

macro_rules! float_law {
    ($($t:ident)*) => {$(
        impl Law for $t {
            fn unary(op: UnaryOp, x: Self) -> Option<Want> {
                let wide = f64::from(x);
                Some(Want::Float(match op {
                    // Exact, or rounded once, in the type itself.
                    UnaryOp::Neg => f64::from(-x),
                    UnaryOp::Abs => f64::from(x.abs()),
                    UnaryOp::Sign => if x.is_nan() || x == 0.0 { wide } else { wide.signum() },
                    UnaryOp::Square => f64::from(x * x),
                    UnaryOp::Reciprocal => f64::from(1.0 / x),
                    UnaryOp::Sqrt => f64::from(x.sqrt()),
                    UnaryOp::Floor => wide.floor(),
                    UnaryOp::Ceil => wide.ceil(),
                    UnaryOp::Round => wide.round_ties_even(),
                    UnaryOp::Trunc => wide.trunc(),
                    UnaryOp::Fract => (if wide.is_infinite() { 0.0 } else { wide - wide.trunc() }).copysign(wide),
                    UnaryOp::Isnan => return Some(Want::of(x.is_nan())),
                    UnaryOp::Isinf => return Some(Want::of(x.is_infinite())),
                    UnaryOp::Isfinite => return Some(Want::of(x.is_finite())),
                    UnaryOp::Signbit => return Some(Want::of(x.is_sign_negative())),
                    UnaryOp::Not | UnaryOp::CountOnes => return None,
                    _ => return smooth(op, wide).map(Want::Float),
                }))
            }
            fn binary(op: BinaryOp, x: Self, y: Self) -> Option<Want> {
                let (a, b) = (f64::from(x), f64::from(y));
                Some(Want::Float(match op {
                    BinaryOp::Add => f64::from(x + y),
                    BinaryOp::Sub => f64::from(x - y),
                    BinaryOp::Mul => f64::from(x * y),
                    BinaryOp::Div => f64::from(x / y),
                    BinaryOp::Rem => f64::from(x % y),
                    BinaryOp::FloorDiv => f64::from(numpy_divmod(x, y).0),
                    BinaryOp::FloorMod => f64::from(numpy_divmod(x, y).1),
                    BinaryOp::Minimum => if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) },
                    BinaryOp::Maximum => if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) },
                    BinaryOp::Fmin => a.min(b),
                    BinaryOp::Fmax => a.max(b),
                    BinaryOp::Copysign => a.copysign(b),
                    BinaryOp::Pow => a.powf(b),
                    BinaryOp::Hypot => a.hypot(b),
                    BinaryOp::Atan2 => a.atan2(b),
                    _ => return compare(op, x, y),
                }))
            }
            fn powi(x: Self, n: i32) -> Option<Want> {
                Some(Want::Float(f64::from(x).powf(f64::from(n))))
            }
            fn ternary(op: TernaryOp, [x, y, z]: [Self; 3]) -> Option<Want> {
                Some(Want::Float(match op {
                    TernaryOp::Fma => f64::from(x.mul_add(y, z)),
                    TernaryOp::Clip if x.is_nan() || y.is_nan() || z.is_nan() => f64::NAN,
                    TernaryOp::Clip => f64::from(x.max(y).min(z)),
                    TernaryOp::Where => return None,
                }))
            }
        }
    )*};
}
float_law! { f32 f64 }

/// Operations that [`numpy_divmod`] needs, of both float types.
trait Float: Copy + PartialOrd + std::ops::Rem<Output = Self> + std::ops::Div<Output = Self> {
    fn sub(self, y: Self) -> Self;
    fn add(self, y: Self) -> Self;
    fn floor(self) -> Self;
    fn copysign(self, y: Self) -> Self;
    const ZERO: Self;
    const HALF: Self;
    const ONE: Self;
}
macro_rules! float {
    ($($t:ident)*) => {$(
        impl Float for $t {
            fn sub(self, y: Self) -> Self { self - y }
            fn add(self, y: Self) -> Self { self + y }
            fn floor(self) -> Self { $t::floor(self) }
            fn copysign(self, y: Self) -> Self { $t::copysign(self, y) }
            const ZERO: Self = 0.0;
            const HALF: Self = 0.5;
            const ONE: Self = 1.0;
        }
    )*};
}
float! { f32 f64 }

/// NumPy's `npy_divmod` (`numpy/core/src/npymath/npy_math_internal.h.src`): floor quotient and remainder.
fn numpy_divmod<T: Float>(a: T, b: T) -> (T, T) {
    let mut modulus = a % b;
    if b == T::ZERO {
        return (a / b, modulus);
    }
    let mut quotient = a.sub(modulus) / b;
    if modulus == T::ZERO {
        modulus = T::ZERO.copysign(b);
    } else if (b < T::ZERO) != (modulus < T::ZERO) {
        modulus = modulus.add(b);
        quotient = quotient.sub(T::ONE);
    }
    if quotient == T::ZERO {
        return (T::ZERO.copysign(a / b), modulus);
    }
    let floor = quotient.floor();
    let floor = if quotient.sub(floor) > T::HALF { floor.add(T::ONE) } else { floor };
    (floor, modulus)
}

/// The rows that round, in `f64`.
fn smooth(op: UnaryOp, x: f64) -> Option<f64> {
    Some(match op {
        UnaryOp::Cbrt => x.cbrt(),
        UnaryOp::Exp => x.exp(),
        UnaryOp::Exp2 => x.exp2(),
        UnaryOp::Expm1 => x.exp_m1(),
        UnaryOp::Ln => x.ln(),
        UnaryOp::Log2 => x.log2(),
        UnaryOp::Log10 => x.log10(),
        UnaryOp::Log1p => x.ln_1p(),
        UnaryOp::Sin => x.sin(),
        UnaryOp::Cos => x.cos(),
        UnaryOp::Tan => x.tan(),
        UnaryOp::Asin => x.asin(),
        UnaryOp::Acos => x.acos(),
        UnaryOp::Atan => x.atan(),
        UnaryOp::Sinh => x.sinh(),
        UnaryOp::Cosh => x.cosh(),
        UnaryOp::Tanh => x.tanh(),
        UnaryOp::Asinh => asinh(x),
        UnaryOp::Acosh => acosh(x),
        UnaryOp::Atanh => atanh(x.abs()).copysign(x),
        UnaryOp::Degrees => x * (180.0 / std::f64::consts::PI),
        UnaryOp::Radians => x * (std::f64::consts::PI / 180.0),
        UnaryOp::Erf => erf(x),
        // In the form that does not overflow.
        UnaryOp::Sigmoid if x < 0.0 => x.exp() / (1.0 + x.exp()),
        UnaryOp::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        _ => return None,
    })
}

// std's inverse hyperbolic functions lose digits near 0 and overflow near the largest numbers.
fn asinh(x: f64) -> f64 {
    let a = x.abs();
    let value =
        if a > 1e10 { a.ln() + std::f64::consts::LN_2 } else { (a + a * a / (1.0 + (a * a + 1.0).sqrt())).ln_1p() };
    value.copysign(x)
}
fn acosh(x: f64) -> f64 {
    let t = x - 1.0;
    match x {
        x if x < 1.0 => f64::NAN,
        x if x > 1e10 => x.ln() + std::f64::consts::LN_2,
        _ => (t + (t * (t + 2.0)).sqrt()).ln_1p(),
    }
}
fn atanh(a: f64) -> f64 {
    0.5 * (2.0 * a / (1.0 - a)).ln_1p()
}

/// erf by its series with positive terms only, and from 2 on by erfc's continued fraction.
fn erf(x: f64) -> f64 {
    if x.is_nan() || x.is_infinite() {
        return if x.is_nan() { x } else { 1f64.copysign(x) };
    }
    // The rounding error of x² counts in the exponent.
    let square = x * x;
    let bell = (-square).exp() * (1.0 - x.mul_add(x, -square));
    if x.abs() > 2.0 {
        let a = x.abs();
        let below = (1..80).rev().fold(0.0, |t, k| f64::from(k) / 2.0 / (a + t));
        let erfc = if a > 6.0 { 0.0 } else { bell / (a + below) * std::f64::consts::FRAC_2_SQRT_PI / 2.0 };
        return (1.0 - erfc).copysign(x);
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..100 {
        term *= 2.0 * square / f64::from(2 * n + 1);
        sum += term;
    }
    sum * bell * std::f64::consts::FRAC_2_SQRT_PI
}
