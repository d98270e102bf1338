//! Running states on the host: what a scan's kernel goes on with from element to element. As in [`super::states`], what goes round the
//! loops sees bytes and is compiled once; only the loops are compiled for each fold and type.

use std::marker::PhantomData;

use bytemuck::Pod;

use super::fold::Bounded;
use super::reduce::Fold;
use super::scalar::{Int, Real};
use super::simd::simd_rows;
use crate::dtype::{DType, Float, with_bits, with_float};
use crate::error::{Error, Result};
use crate::host::HostBuffer;

/// The states of some lanes, each of which is scanned by itself.
pub(crate) trait Running {
    /// So many lanes begin: from the states that `carry` holds from `at` on, or from nothing.
    fn begin(&mut self, carry: Option<&HostBuffer>, at: usize, lanes: usize);
    /// Elements of lane 0 that follow each other become what they are scanned to.
    fn line(&mut self, values: &mut [u8]);
    /// The same with an element of each lane from `at` on.
    fn row(&mut self, at: usize, values: &mut [u8]);
}

/// No lanes yet, of a scan whose results are of `dtype`.
///
/// # Errors
/// [`Error::Bug`] for a fold that is not scanned.
pub(crate) fn running(fold: Fold, dtype: DType) -> Result<Box<dyn Running>> {
    Ok(match (fold, dtype.float()) {
        (Fold::Sum, Some(Float::F32)) => Lanes::boxed(SumF32),
        (Fold::Sum, Some(Float::F64)) => Lanes::boxed(SumF64),
        (Fold::Sum, None) => Lanes::boxed(Wrapping::<false>),
        (Fold::Prod, Some(float)) => with_float!(float, T => Lanes::boxed(Product::<T>(PhantomData))),
        (Fold::Prod, None) => Lanes::boxed(Wrapping::<true>),
        (Fold::Min, Some(float)) => with_float!(float, T => Lanes::boxed(Extreme::<T, false>(PhantomData))),
        (Fold::Max, Some(float)) => with_float!(float, T => Lanes::boxed(Extreme::<T, true>(PhantomData))),
        (Fold::Min | Fold::Max, None) => with_bits!(dtype, T => {
            // The order of integers with a sign is that of those without, once the sign is the other one.
            let sign = if dtype.is_signed() { 1 << (T::BITS - 1) } else { 0 };
            Lanes::boxed(Highest::<T> { turn: if fold == Fold::Max { sign } else { !sign } })
        }),
        (Fold::Last, Some(float)) => with_float!(float, T => Lanes::boxed(Last::<T>(PhantomData))),
        (Fold::Last, None) | (Fold::Argmin | Fold::Argmax | Fold::Moments, _) => {
            return Err(Error::bug(format!("a scan by {} of {dtype}", fold.name())));
        }
    })
}

/// A fold as its states follow each other.
trait Scanner: Copy + 'static {
    /// The elements, and the results.
    type T: Pod;
    /// States as chunks hand them on.
    type Carry: Pod;
    /// States while a chunk is scanned.
    type Acc: Copy;
    fn none(self) -> Self::Acc;
    fn of(self, carry: Self::Carry) -> Self::Acc;
    fn push(self, acc: Self::Acc, value: Self::T) -> Self::Acc;
    fn value(self, acc: Self::Acc) -> Self::T;
    /// Elements that follow each other.
    fn line(self, mut acc: Self::Acc, values: &mut [Self::T]) -> Self::Acc {
        for value in values {
            acc = self.push(acc, *value);
            *value = self.value(acc);
        }
        acc
    }
}

struct Lanes<S: Scanner> {
    scanner: S,
    accs: Vec<S::Acc>,
}

impl<S: Scanner> Lanes<S> {
    fn boxed(scanner: S) -> Box<dyn Running> {
        Box::new(Self { scanner, accs: Vec::new() })
    }
}

impl<S: Scanner> Running for Lanes<S> {
    fn begin(&mut self, carry: Option<&HostBuffer>, at: usize, lanes: usize) {
        self.accs.resize(lanes, self.scanner.none());
        self.accs.fill(self.scanner.none());
        if let Some(carry) = carry {
            let states: &[S::Carry] = bytemuck::cast_slice(carry.bytes());
            for lane in 0..lanes {
                self.accs[lane] = self.scanner.of(states[at + lane]);
            }
        }
    }
    fn line(&mut self, values: &mut [u8]) {
        self.accs[0] = self.scanner.line(self.accs[0], bytemuck::cast_slice_mut(values));
    }
    fn row(&mut self, at: usize, values: &mut [u8]) {
        let (scanner, values) = (self.scanner, bytemuck::cast_slice_mut(values));
        let accs = &mut self.accs[at..at + values.len()];
        simd_rows(
            accs,
            values,
            #[inline(always)]
            |accs: &mut [S::Acc], values: &mut [S::T]| {
                // By number: what iterators are made of is compiled for each pair of types.
                for i in 0..values.len().min(accs.len()) {
                    accs[i] = scanner.push(accs[i], values[i]);
                    values[i] = scanner.value(accs[i]);
                }
            },
        );
    }
}

/// Sums of `f32`, in `f64`.
#[derive(Clone, Copy)]
struct SumF32;

impl Scanner for SumF32 {
    type T = f32;
    type Carry = f64;
    type Acc = f64;
    #[inline(always)]
    fn none(self) -> Self::Acc {
        0.0
    }
    #[inline(always)]
    fn of(self, carry: f64) -> f64 {
        carry
    }
    #[inline(always)]
    fn push(self, acc: f64, value: f32) -> f64 {
        acc + f64::from(value)
    }
    #[expect(clippy::cast_possible_truncation, reason = "rounded")]
    #[inline(always)]
    fn value(self, acc: f64) -> f32 {
        acc as f32
    }
}

/// Sums of `f64`, in two of them: the sum, and what rounding took from it so far (Knuth's exact sum of two).
#[derive(Clone, Copy)]
struct SumF64;

/// Elements of a run, and runs that are summed side by side, for each addition waits for the one before it.
const RUN: usize = 64;
const RUNS: usize = 4;

impl Scanner for SumF64 {
    type T = f64;
    type Carry = f64;
    type Acc = (f64, f64);
    #[inline(always)]
    fn none(self) -> Self::Acc {
        (0.0, 0.0)
    }
    #[inline(always)]
    fn of(self, carry: f64) -> (f64, f64) {
        (carry, 0.0)
    }
    #[inline(always)]
    fn push(self, (sum, rest): (f64, f64), value: f64) -> (f64, f64) {
        let next = sum + value;
        let part = next - sum;
        let lost = (sum - (next - part)) + (value - part);
        // Of what is not finite, nothing is lost.
        (next, rest + if lost.is_nan() { 0.0 } else { lost })
    }
    #[inline(always)]
    fn value(self, (sum, rest): (f64, f64)) -> f64 {
        sum + rest
    }
    /// Runs are summed each by itself, and then moved on by what comes before them: all digits are kept from run to run.
    fn line(self, mut acc: (f64, f64), values: &mut [f64]) -> (f64, f64) {
        let mut blocks = values.chunks_exact_mut(RUNS * RUN);
        for block in &mut blocks {
            let mut before = [0.0; RUNS * RUN];
            before.copy_from_slice(block);
            let mut sums = [0f64; RUNS];
            for i in 0..RUN {
                for (run, sum) in sums.iter_mut().enumerate() {
                    *sum += block[run * RUN + i];
                    block[run * RUN + i] = *sum;
                }
            }
            // A run by itself may be beyond the largest number where what it goes on from is on the other side of 0.
            if !sums.iter().all(|sum| sum.is_finite()) {
                for (value, before) in block.iter_mut().zip(before) {
                    acc = self.push(acc, before);
                    *value = self.value(acc);
                }
                continue;
            }
            for (run, sum) in block.chunks_exact_mut(RUN).zip(sums) {
                run.iter_mut().for_each(|value| *value = acc.0 + (acc.1 + *value));
                acc = self.push(acc, sum);
            }
        }
        for value in blocks.into_remainder() {
            acc = self.push(acc, *value);
            *value = self.value(acc);
        }
        acc
    }
}

/// Sums and products of integers in 64 bits, with or without a sign.
#[derive(Clone, Copy)]
struct Wrapping<const PROD: bool>;

impl<const PROD: bool> Scanner for Wrapping<PROD> {
    type T = u64;
    type Carry = u64;
    type Acc = u64;
    #[inline(always)]
    fn none(self) -> Self::Acc {
        if PROD { 1 } else { 0 }
    }
    #[inline(always)]
    fn of(self, carry: u64) -> u64 {
        carry
    }
    #[inline(always)]
    fn push(self, acc: u64, value: u64) -> u64 {
        if PROD { acc.wrapping_mul(value) } else { acc.wrapping_add(value) }
    }
    #[inline(always)]
    fn value(self, acc: u64) -> u64 {
        acc
    }
}

/// Products of floats, in `f64`.
#[derive(Clone, Copy)]
struct Product<T>(PhantomData<T>);

impl<T: Real + 'static> Scanner for Product<T> {
    type T = T;
    type Carry = f64;
    type Acc = f64;
    #[inline(always)]
    fn none(self) -> Self::Acc {
        1.0
    }
    #[inline(always)]
    fn of(self, carry: f64) -> f64 {
        carry
    }
    #[inline(always)]
    fn push(self, acc: f64, value: T) -> f64 {
        acc * value.to_f64()
    }
    #[inline(always)]
    fn value(self, acc: f64) -> T {
        T::of(acc)
    }
}

/// The smallest (`MAX`: the largest) float so far; NaN wins.
#[derive(Clone, Copy)]
struct Extreme<T, const MAX: bool>(PhantomData<T>);

impl<T: Bounded + 'static, const MAX: bool> Scanner for Extreme<T, MAX> {
    type T = T;
    type Carry = T;
    type Acc = T;
    #[inline(always)]
    fn none(self) -> Self::Acc {
        if MAX { T::LOWEST } else { T::HIGHEST }
    }
    #[inline(always)]
    fn of(self, carry: T) -> T {
        carry
    }
    #[inline(always)]
    fn push(self, acc: T, value: T) -> T {
        if MAX { acc.max(value) } else { acc.min(value) }
    }
    #[inline(always)]
    fn value(self, acc: T) -> T {
        acc
    }
}

/// The largest integer so far of those that are `turn`ed: without a sign, in an order or the other one.
#[derive(Clone, Copy)]
struct Highest<T> {
    turn: T,
}

impl<T: Int + 'static> Scanner for Highest<T> {
    type T = T;
    type Carry = T;
    type Acc = T;
    #[inline(always)]
    fn none(self) -> T {
        T::ZERO
    }
    #[inline(always)]
    fn of(self, carry: T) -> T {
        carry.xor(self.turn)
    }
    #[inline(always)]
    fn push(self, acc: T, value: T) -> T {
        acc.max(value.xor(self.turn))
    }
    #[inline(always)]
    fn value(self, acc: T) -> T {
        acc.xor(self.turn)
    }
}

/// The last that is not NaN.
#[derive(Clone, Copy)]
struct Last<T>(PhantomData<T>);

impl<T: Real + Bounded + 'static> Scanner for Last<T> {
    type T = T;
    type Carry = T;
    type Acc = T;
    #[inline(always)]
    fn none(self) -> Self::Acc {
        T::NOTHING
    }
    #[inline(always)]
    fn of(self, carry: T) -> T {
        carry
    }
    #[inline(always)]
    fn push(self, acc: T, value: T) -> T {
        if value.is_nan() { acc } else { value }
    }
    #[inline(always)]
    fn value(self, acc: T) -> T {
        acc
    }
}
