//! Chains of operations on special values: a driver that takes floats for real numbers makes one operation of two, or none. Every
//! pair and some triples, fused into one kernel, against the processor's arithmetic one operation at a time.

use gridloom::dtype::{Real, Scalar};
use gridloom::prelude::*;
use gridloom::{DType, arange, where_};

use super::smallest_normal;
use crate::common::{Dice, TestDevice, device};

/// An expression of `x` and `y`.
#[derive(Clone, Debug)]
enum Chain {
    X,
    Y,
    Number(f64),
    One(Unary, Box<Self>),
    Two(Binary, Box<Self>, Box<Self>),
}
#[derive(Clone, Copy, Debug)]
enum Unary {
    Neg,
    Abs,
    Sqrt,
    Square,
}
#[derive(Clone, Copy, Debug)]
enum Binary {
    Add,
    Sub,
    Mul,
    Div,
}
use Binary::{Add, Div, Mul, Sub};
use Chain::{Number, One, Two, X, Y};
use Unary::{Abs, Neg, Sqrt, Square};

const UNARY: [Unary; 4] = [Neg, Abs, Sqrt, Square];
const BINARY: [Binary; 4] = [Add, Sub, Mul, Div];

fn one(op: Unary, x: &Chain) -> Chain {
    One(op, Box::new(x.clone()))
}
fn two(op: Binary, x: &Chain, y: &Chain) -> Chain {
    Two(op, Box::new(x.clone()), Box::new(y.clone()))
}

/// How the oracle rounds, and whether it takes subnormal numbers for zeros.
#[derive(Clone, Copy)]
struct Rules {
    dtype: DType,
    flush: bool,
}
impl Rules {
    /// The nearest number of the dtype. (An operation on `f32` in `f64` and then rounded is rounded once: Figueroa, *When is double
    /// rounding innocuous?*, 1995.)
    fn round(self, value: f64) -> f64 {
        let value = if self.dtype == DType::F32 { f64::from(value as f32) } else { value };
        if self.flush && value.abs() < smallest_normal(self.dtype) { 0f64.copysign(value) } else { value }
    }
}

impl Chain {
    /// As the library computes it.
    fn array<T: Real>(&self, x: &Array<T>, y: &Array<T>) -> Array<T> {
        match self {
            X => x.clone(),
            Y => y.clone(),
            Number(value) => Array::from(Scalar::from_f64(T::DTYPE, *value).get::<T>()),
            One(op, a) => {
                let a = a.array(x, y);
                match op {
                    Neg => -a,
                    Abs => a.abs(),
                    Sqrt => a.sqrt(),
                    Square => a.square(),
                }
            }
            Two(op, a, b) => {
                let (a, b) = (a.array(x, y), b.array(x, y));
                match op {
                    Add => a + b,
                    Sub => a - b,
                    Mul => a * b,
                    Div => a / b,
                }
            }
        }
    }
    /// One operation at a time.
    fn value(&self, x: f64, y: f64, rules: Rules) -> f64 {
        rules.round(match self {
            X => x,
            Y => y,
            Number(value) => *value,
            One(op, a) => {
                let a = a.value(x, y, rules);
                match op {
                    Neg => -a,
                    Abs => a.abs(),
                    Sqrt => a.sqrt(),
                    Square => a * a,
                }
            }
            Two(op, a, b) => {
                let (a, b) = (a.value(x, y, rules), b.value(x, y, rules));
                match op {
                    Add => a + b,
                    Sub => a - b,
                    Mul => a * b,
                    Div => a / b,
                }
            }
        })
    }
    /// Whether there is an operation in it whose last bits WGSL leaves to the device.
    fn is_loose(&self) -> bool {
        match self {
            X | Y | Number(_) => false,
            One(op, a) => matches!(op, Sqrt) || a.is_loose(),
            Two(op, a, b) => matches!(op, Div) || a.is_loose() || b.is_loose(),
        }
    }
}

/// Every operation on `x` and on what goes with it.
fn firsts() -> Vec<Chain> {
    let unary = UNARY.iter().map(|&op| one(op, &X));
    let binary = BINARY.iter().flat_map(|&op| [two(op, &X, &Y), two(op, &X, &X), two(op, &Number(1.0), &X)]);
    unary.chain(binary).collect()
}

/// Every operation on what came of another.
fn seconds(first: &Chain) -> Vec<Chain> {
    let unary = UNARY.iter().map(|&op| one(op, first));
    let binary = BINARY
        .iter()
        .flat_map(|&op| [two(op, first, &X), two(op, &X, first), two(op, first, &Y), two(op, first, first)]);
    unary.chain(binary).collect()
}

/// Special values, all of which are numbers of `f32`.
fn specials() -> Vec<f64> {
    let positive = [0.0, 1.0, 1.5, f64::from(0.1f32), 3.0, 16_777_217.0, 1e-20, 1e20, 1e30, 3e38, f64::INFINITY];
    let small = [1e-45, 1.1e-38, 1.3e-38].map(|v: f64| f64::from(v as f32));
    let large = f64::from(f32::MAX);
    let signed = positive.into_iter().chain(small).chain([large]).map(|v| f64::from(v as f32));
    signed.flat_map(|v| [v, -v]).chain([f64::NAN]).collect()
}

/// What is wrong with a chain's results.
fn wrong<T: Real>(chain: &Chain, results: &[T], places: &[(f64, f64)]) -> Option<String> {
    let loose = chain.is_loose() && device() == TestDevice::Gpu;
    let same = |got: f64, want: f64| {
        if loose {
            return got.is_nan() == want.is_nan() && got.is_infinite() == want.is_infinite();
        }
        got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan()
    };
    results.iter().zip(places).find_map(|(&got, &(x, y))| {
        let got = got.scalar().to_f64();
        let want = |flush| chain.value(x, y, Rules { dtype: T::DTYPE, flush });
        let right = same(got, want(false)) || device().runs(T::DTYPE) && same(got, want(true));
        (!right).then(|| {
            format!("{chain:?} of {} at x = {x:e}, y = {y:e}: got {got:e}, expected {:e}", T::DTYPE, want(false))
        })
    })
}

/// Computes so many chains in one kernel, whose number along the first axis says which of them a row is.
fn check<T: Real>(chains: &[Chain]) -> Vec<String> {
    let values = specials();
    let places: Vec<(f64, f64)> = values.iter().flat_map(|&x| values.iter().map(move |&y| (x, y))).collect();
    let array = |pick: fn(&(f64, f64)) -> f64| {
        let values = places.iter().map(|place| Scalar::from_f64(T::DTYPE, pick(place)).get::<T>());
        Array::from(values.collect::<Vec<_>>()).broadcast_to((chains.len(), places.len())).unwrap()
    };
    let (x, y) = (array(|place| place.0), array(|place| place.1));
    let which = arange::<i32>(chains.len()).reshape((chains.len(), 1)).unwrap();
    let rows = chains.iter().enumerate().skip(1).fold(chains[0].array(&x, &y), |rest, (number, chain)| {
        where_(&which.eq(number as i32), chain.array(&x, &y), rest).unwrap()
    });
    let results = rows.compute().unwrap();
    chains.iter().zip(results.rows()).filter_map(|(chain, row)| wrong(chain, &row.to_vec(), &places)).collect()
}

/// Checks chains by so many in a kernel.
fn check_all<T: Real>(chains: &[Chain]) {
    let wrong: Vec<String> = chains.chunks(24).flat_map(check::<T>).collect();
    let some = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {} chains of {} differ:\n{some}", wrong.len(), chains.len(), T::DTYPE);
}

#[test]
fn no_driver_rewrites_a_pair_of_operations() {
    let pairs: Vec<Chain> = firsts().iter().flat_map(seconds).collect();
    assert_eq!(pairs.len(), 320);
    check_all::<f32>(&pairs);
    check_all::<f64>(&pairs);
}

#[test]
fn nor_where_shaders_are_handed_over_as_text() {
    if !device().is_gpu() {
        return;
    }
    let tests = std::env::current_exe().unwrap();
    let run = std::process::Command::new(tests).arg("no_driver_rewrites").env("GRIDLOOM_WGSL", "1").output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("2 passed"), "{said}");
}

#[test]
fn no_driver_rewrites_three_operations() {
    let (mut dice, firsts) = (Dice(2), firsts());
    let mut any = |from: &[Chain]| from[dice.below(from.len())].clone();
    let triples = (0..120).map(|_| {
        let first = any(&firsts);
        let second = any(&seconds(&first));
        any(&seconds(&second))
    });
    // What a device loses of the last bits in a quotient or a root, a third operation may make the whole result.
    let triples: Vec<Chain> = triples.filter(|chain| device() != TestDevice::Gpu || !chain.is_loose()).collect();
    check_all::<f32>(&triples);
    check_all::<f64>(&triples);
}
