//! Conversions between dtypes, a strip at a time.

use half::slice::HalfFloatSliceExt;

use super::strip::{Arg, STRIP, Strip, arg, map1};
use crate::dtype::{DType, bf16, f16, to_odd, with_bits, with_number};

/// `out[i] = x[i]` as another dtype, by the crate's cast law: integers wrap, float to integer saturates and NaN gives 0,
/// any nonzero (NaN too) is `true`.
pub(crate) fn cast(from: DType, to: DType, x: Arg<'_>, n: usize, out: &mut Strip) {
    macro_rules! to_any {
        ($A:ty) => {
            if to == DType::Bool {
                map1(x, n, out, |x: $A| u8::from(x != 0.0))
            } else {
                with_number!(to, R => map1(x, n, out, |x: $A| x as R))
            }
        };
    }
    macro_rules! to_integer {
        ($A:ty) => { with_bits!(to, R => map1(x, n, out, |x: $A| x as R)) };
    }
    // Of an integer's result only the size matters, and the sign of the source only where that is smaller.
    match (from, to) {
        _ if from.is_half() || to.is_half() => of_halves(from, to, x, n, out),
        (DType::F32, _) => to_any!(f32),
        (DType::F64, _) => to_any!(f64),
        (_, DType::Bool) => with_bits!(from, A => map1(x, n, out, |x: A| u8::from(x != 0))),
        (_, DType::F32) => with_number!(from, A => map1(x, n, out, |x: A| x as f32)),
        (_, DType::F64) => with_number!(from, A => map1(x, n, out, |x: A| x as f64)),
        (DType::I8, _) if to.size() > 1 => to_integer!(i8),
        (DType::I16, _) if to.size() > 2 => to_integer!(i16),
        (DType::I32, _) if to.size() > 4 => to_integer!(i32),
        _ => with_bits!(from, A => to_integer!(A)),
    }
}

/// From or to halves: by way of `f32`, which holds them all. (Integers beyond 2²⁴, which `bf16` comes near, are rounded to
/// it first.) What is narrowed from `f64` is rounded once.
fn of_halves(from: DType, to: DType, x: Arg<'_>, n: usize, out: &mut Strip) {
    let mut wide = [0f32; STRIP];
    let wide = &mut wide[..n];
    match from {
        DType::F16 => arg::<f16>(x)[..n].convert_to_f32_slice(wide),
        DType::BF16 => arg::<bf16>(x)[..n].convert_to_f32_slice(wide),
        DType::F32 => wide.copy_from_slice(&arg::<f32>(x)[..n]),
        DType::F64 => {
            for (o, &x) in wide.iter_mut().zip(arg::<f64>(x)) {
                *o = to_odd(x);
            }
        }
        DType::Bool
        | DType::U8
        | DType::U16
        | DType::U32
        | DType::U64
        | DType::I8
        | DType::I16
        | DType::I32
        | DType::I64 => {
            let mut strip = Strip::default();
            cast(from, DType::F32, x, n, &mut strip);
            wide.copy_from_slice(strip.get_mut(n));
        }
    }
    if to == DType::F16 {
        out.get_mut::<f16>(n).convert_from_f32_slice(wide);
    } else if to == DType::BF16 {
        map1(bytemuck::cast_slice(wide), n, out, |x: f32| bf16::from_f32(x));
    } else {
        cast(DType::F32, to, bytemuck::cast_slice(wide), n, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast_one<A: bytemuck::Pod, R: bytemuck::Pod>(from: DType, to: DType, x: A) -> R {
        let mut out = Strip::default();
        cast(from, to, bytemuck::bytes_of(&x), 1, &mut out);
        out.get_mut::<R>(1)[0]
    }

    #[test]
    fn halves_of_f64_are_rounded_once() {
        // Beside the middle of two halves by less than an f32 can tell.
        let middle = 1.0 + 2f64.powi(-11);
        for (x, expected) in [
            (middle, 1.0),
            (middle + 2f64.powi(-40), 1.0 + 2f64.powi(-10)),
            (-middle - 2f64.powi(-40), -1.0 - 2f64.powi(-10)),
            (65_519.999_999_9, 65504.0),
            (65520.0, f64::INFINITY),
            (1e300, f64::INFINITY),
            (-1e300, f64::NEG_INFINITY),
            (2f64.powi(-25), 0.0),
            (2f64.powi(-25) * (1.0 + 1e-12), 2f64.powi(-24)),
            (1e-300, 0.0),
        ] {
            let half: f16 = cast_one(DType::F64, DType::F16, x);
            assert_eq!(half.to_f64(), expected, "{x}");
        }
        assert!(cast_one::<f64, f16>(DType::F64, DType::F16, f64::NAN).is_nan());
        let half: bf16 = cast_one(DType::F64, DType::BF16, 1.0 + 2f64.powi(-8) + 2f64.powi(-40));
        assert_eq!(half.to_f64(), 1.0 + 2f64.powi(-7));
    }

    #[test]
    fn every_half_is_itself_in_f32() {
        for bits in 0..=u16::MAX {
            let (x, y) = (f16::from_bits(bits), bf16::from_bits(bits));
            let wide: f32 = cast_one(DType::F16, DType::F32, x);
            assert!(wide.to_bits() == x.to_f32().to_bits() || x.is_nan() && wide.is_nan());
            let back: f16 = cast_one(DType::F32, DType::F16, wide);
            assert!(back.to_bits() == bits || x.is_nan() && back.is_nan());
            let wide: f32 = cast_one(DType::BF16, DType::F32, y);
            let back: bf16 = cast_one(DType::F32, DType::BF16, wide);
            assert!(back.to_bits() == bits || y.is_nan() && back.is_nan());
        }
    }
}
