//! Ladders: arithmetic with one constant after another. Each operation by itself is a loop that waits for the first-level
//! cache; together they keep a few vectors in registers and climb.

use super::BinaryOp;
use super::scalar::Num;
use super::simd::simd;
use super::strip::{Arg, Strip, arg};
use crate::dtype::{DType, Scalar, with_float};

/// One operation with a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rung {
    /// Add, subtract, multiply or divide.
    pub(crate) op: BinaryOp,
    /// The constant.
    pub(crate) constant: Scalar,
    /// Whether the constant is the left operand.
    pub(crate) is_left: bool,
}

/// Whether an operation on a dtype can be a rung.
pub(crate) fn is_rung(op: BinaryOp, dtype: DType) -> bool {
    dtype.is_float() && matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div)
}

/// `out[i]` = the last rung of ... of the first rung of `x[i]`, each rounded as by itself.
pub(crate) fn climb(dtype: DType, rungs: &[Rung], x: Arg<'_>, n: usize, out: &mut Strip) {
    with_float!(dtype.as_float(), T => climb_as::<T>(rungs, x, n, out));
}

/// What a rung does, with its constant.
#[derive(Clone, Copy)]
enum RungOp<T> {
    Add(T),
    Sub(T),
    From(T),
    Mul(T),
    Div(T),
    Into(T),
}

/// Elements that climb together: as many as registers hold, and enough to fill the time that each rung takes.
const ABREAST: usize = 32;

fn climb_as<T: Num + crate::dtype::Element + bytemuck::Pod>(rungs: &[Rung], x: Arg<'_>, n: usize, out: &mut Strip) {
    let step = |rung: &Rung| {
        let c: T = rung.constant.get();
        match (rung.op, rung.is_left) {
            (BinaryOp::Add, _) => RungOp::Add(c),
            (BinaryOp::Sub, false) => RungOp::Sub(c),
            (BinaryOp::Sub, true) => RungOp::From(c),
            (BinaryOp::Mul, _) => RungOp::Mul(c),
            (_, false) => RungOp::Div(c),
            (_, true) => RungOp::Into(c),
        }
    };
    let steps: Vec<RungOp<T>> = rungs.iter().map(step).collect();
    let (x, out) = (&arg::<T>(x)[..n], out.get_mut::<T>(n));
    simd(
        #[inline(always)]
        || {
            let (mut from, mut to) = (x.chunks_exact(ABREAST), out.chunks_exact_mut(ABREAST));
            for (x, out) in from.by_ref().zip(to.by_ref()) {
                let mut v = [T::default(); ABREAST];
                v.copy_from_slice(x);
                for &step in &steps {
                    apply(step, &mut v);
                }
                out.copy_from_slice(&v);
            }
            for (&x, out) in from.remainder().iter().zip(to.into_remainder()) {
                let mut v = [x];
                steps.iter().for_each(|&step| apply(step, &mut v));
                *out = v[0];
            }
        },
    );
}

#[inline(always)]
fn apply<T: Num, const N: usize>(step: RungOp<T>, v: &mut [T; N]) {
    match step {
        RungOp::Add(c) => v.iter_mut().for_each(|v| *v = Num::add(*v, c)),
        RungOp::Sub(c) => v.iter_mut().for_each(|v| *v = Num::sub(*v, c)),
        RungOp::From(c) => v.iter_mut().for_each(|v| *v = Num::sub(c, *v)),
        RungOp::Mul(c) => v.iter_mut().for_each(|v| *v = Num::mul(*v, c)),
        RungOp::Div(c) => v.iter_mut().for_each(|v| *v = Num::div(*v, c)),
        RungOp::Into(c) => v.iter_mut().for_each(|v| *v = Num::div(c, *v)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::binary;

    #[test]
    fn each_rung_rounds_as_by_itself() {
        use BinaryOp::{Add, Div, Mul, Sub};
        let ops = [
            (Mul, false, 1.0001),
            (Add, true, 0.5),
            (Sub, false, 0.25),
            (Sub, true, 3.0),
            (Div, false, 7.0),
            (Div, true, 2.0),
        ];
        for dtype in [DType::F32, DType::F64] {
            let scalar = |v: f64| Scalar::from_f64(dtype, v);
            let rungs: Vec<Rung> =
                ops.iter().map(|&(op, is_left, v)| Rung { op, constant: scalar(v), is_left }).collect();
            for n in [0usize, 1, 31, 32, 33, 100, 512] {
                let value = |i: usize| match i {
                    3 => f64::NAN,
                    4 => f64::INFINITY,
                    5 => -0.0,
                    _ => (i as f64 - 40.0) * 0.37,
                };
                let bytes = |v: f64| scalar(v).bits().to_le_bytes()[..dtype.size()].to_vec();
                let strip = |value: &dyn Fn(usize) -> f64| {
                    let mut strip = Strip::default();
                    let all: Vec<u8> = (0..n).flat_map(|i| bytes(value(i))).collect();
                    strip.get_mut::<u8>(all.len()).copy_from_slice(&all);
                    strip
                };
                let x = strip(&value);
                let mut expected = strip(&value);
                for rung in &rungs {
                    let constant = strip(&|_| rung.constant.to_f64());
                    let (a, b) = if rung.is_left { (&constant, &expected) } else { (&expected, &constant) };
                    let mut out = Strip::default();
                    binary::run(rung.op, dtype, a.bytes(dtype, n), b.bytes(dtype, n), n, &mut out);
                    expected = out;
                }
                let mut got = Strip::default();
                climb(dtype, &rungs, x.bytes(dtype, n), n, &mut got);
                assert!(got.bytes(dtype, n) == expected.bytes(dtype, n), "{dtype}, {n} elements");
            }
        }
    }
}
