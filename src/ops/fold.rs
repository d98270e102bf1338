//! Folds on the host: what a state is, how elements enter it and how two are merged. The GPU has the same in
//! `shaders/reduce.wgsl`; partial states of both meet in [`Folder::combine`]. What goes
//! round these loops sees them through [`super::states`].

use super::scalar::Num;
use super::simd::simd;
use super::strip::STRIP;
use crate::dtype::{DType, with_number};
use crate::host::HostBuffer;

/// A strip's elements: values, indices (for argmin and argmax) and mask.
#[derive(Clone, Copy)]
pub(crate) struct Elements<'a, T> {
    pub(crate) values: &'a [T],
    pub(crate) indices: &'a [i64],
    pub(crate) mask: Option<&'a [u8]>,
}

impl<T: Copy> Elements<'_, T> {
    pub(super) fn taken(&self, i: usize) -> bool {
        self.mask.is_none_or(|m| m[i] != 0)
    }
    pub(super) fn index(&self, i: usize) -> i64 {
        self.indices.get(i).copied().unwrap_or(0)
    }
}

/// One fold over elements of one type.
pub(crate) trait Folder {
    type T: Num;
    type Acc: Copy + Send + Sync + 'static;
    const IDENTITY: Self::Acc;
    /// The state with one more element.
    fn push(acc: Self::Acc, value: Self::T, index: i64) -> Self::Acc;
    /// The state of `a` followed by `b`.
    fn combine(a: Self::Acc, b: Self::Acc) -> Self::Acc;
    /// Whether states of many elements, taken in one by one, are better [`settled`](Self::settled) now and then.
    const SETTLES: bool = false;
    /// The same state, so that more elements enter it without loss.
    fn settled(acc: Self::Acc) -> Self::Acc {
        acc
    }
    /// The state of a strip.
    fn strip(elements: Elements<'_, Self::T>) -> Self::Acc {
        (0..elements.values.len())
            .filter(|&i| elements.taken(i))
            .fold(Self::IDENTITY, |acc, i| Self::push(acc, elements.values[i], elements.index(i)))
    }
    /// Element `i` enters state `i`.
    fn row(accs: &mut [Self::Acc], elements: Elements<'_, Self::T>) {
        if elements.mask.is_none() && elements.indices.is_empty() {
            return Self::plain_row(accs, elements.values);
        }
        for (i, acc) in accs.iter_mut().enumerate() {
            if elements.taken(i) {
                *acc = Self::push(*acc, elements.values[i], elements.index(i));
            }
        }
    }
    /// The same of elements without mask and indices.
    fn plain_row(accs: &mut [Self::Acc], values: &[Self::T]) {
        simd(
            #[inline(always)]
            || {
                for (acc, &value) in accs.iter_mut().zip(values) {
                    *acc = Self::push(*acc, value, 0);
                }
            },
        );
    }
    /// Element `i` of each row enters state `i`, in the order of the rows.
    fn four_rows(accs: &mut [Self::Acc], [a, b, c, d]: [&[Self::T]; 4]) {
        simd(
            #[inline(always)]
            || {
                for ((((acc, &a), &b), &c), &d) in accs.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                    let two = Self::push(Self::push(*acc, a, 0), b, 0);
                    *acc = Self::push(Self::push(two, c, 0), d, 0);
                }
            },
        );
    }
    /// States as the arrays of [`super::Fold::states`], without the count of masked folds.
    fn encode(accs: &[Self::Acc], dtype: DType) -> Vec<HostBuffer>;
    /// States from such arrays, of any dtypes.
    fn decode(arrays: &[&HostBuffer]) -> Vec<Self::Acc>;
}

/// The elements as `f64`.
pub(crate) fn to_f64(buffer: &HostBuffer) -> Vec<f64> {
    with_number!(buffer.dtype(), T => buffer.stored::<T>().iter().map(|&x| x as f64).collect())
}
/// The elements as `i64`; `u64` keeps its bits.
pub(crate) fn to_i64(buffer: &HostBuffer) -> Vec<i64> {
    with_number!(buffer.dtype(), T => buffer.stored::<T>().iter().map(|&x| x as i64).collect())
}
fn stored<T: bytemuck::Pod + Send + Sync>(values: impl Iterator<Item = T>, dtype: DType) -> HostBuffer {
    HostBuffer::from_stored(dtype, values.collect::<Vec<T>>())
}

/// Numbers with a 64-bit type to sum in.
pub(crate) trait Summed: Num {
    type Acc: Num + Default;
    fn widen(self) -> Self::Acc;
    /// The sum of a strip that is `sum` by lanes, which may be infinite where that of all is not.
    fn settled_sum(elements: Elements<'_, Self>, sum: Self::Acc) -> Self::Acc;
    /// The sum of a strip of elements of at most 16 bits.
    fn narrow_sum(values: &[Self]) -> Self::Acc;
    fn accs(buffer: &HostBuffer) -> Vec<Self::Acc>;
}
macro_rules! summed {
    ($($t:ty => $acc:ty, $dtype:ident, $read:ident;)*) => {$(
        impl Summed for $t {
            type Acc = $acc;
            #[inline(always)] fn widen(self) -> $acc { self as $acc }
            fn settled_sum(elements: Elements<'_, Self>, sum: $acc) -> $acc { summed!(@$dtype elements, sum) }
            #[inline(always)]
            fn narrow_sum(values: &[Self]) -> $acc { values.iter().map(|&x| x as i32).sum::<i32>() as $acc }
            fn accs(buffer: &HostBuffer) -> Vec<$acc> { $read(buffer).into_iter().map(|x| x as $acc).collect() }
        }
    )*};
    (@F64 $elements:ident, $sum:ident) => { if $sum.is_finite() { $sum } else { scaled($elements, $sum) } };
    (@$dtype:ident $elements:ident, $sum:ident) => {{ let _ = $elements; $sum }};
}
summed! {
    u8 => u64, U64, to_i64; u16 => u64, U64, to_i64; u32 => u64, U64, to_i64; u64 => u64, U64, to_i64;
    i8 => i64, I64, to_i64; i16 => i64, I64, to_i64; i32 => i64, I64, to_i64; i64 => i64, I64, to_i64;
    f32 => f64, F64, to_f64; f64 => f64, F64, to_f64;
}

/// A sum of floats whose parts may be beyond the largest number, though it is not.
#[cold]
fn scaled<T: Num>(elements: Elements<'_, T>, sum: f64) -> f64 {
    // Sums of a strip of `f32` are below it, and what is infinite or NaN stays so.
    if size_of::<T>() < size_of::<f64>() || elements.values.iter().any(|value| !value.to_f64().is_finite()) {
        return sum;
    }
    // A strip has fewer elements than that.
    const SMALL: f64 = 1.0 / (1u64 << 32) as f64;
    let taken = (0..elements.values.len()).filter(|&i| elements.taken(i));
    taken.fold(0.0, |sum, i| sum + elements.values[i].to_f64() * SMALL) / SMALL
}

/// The dtype sums of `dtype` are kept in on the host.
fn sum_dtype(dtype: DType) -> DType {
    if dtype.is_float() { DType::F64 } else { dtype.sum() }
}

/// Accumulators of a strip: enough that four registers of the widest kind wait for each other's additions in turn.
pub(super) const LANES: usize = 32;

/// The lanes folded as a tree.
#[inline(always)]
pub(super) fn tree<A: Copy>(mut lanes: [A; LANES], combine: impl Fn(A, A) -> A) -> A {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = combine(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// How many of a strip are not masked.
#[inline(always)]
pub(crate) fn taken(mask: &[u8]) -> u32 {
    mask.iter().map(|&m| u32::from(m != 0)).sum()
}

/// Each lane with `enter` applied to its values.
#[inline(always)]
pub(super) fn enter_all<T: Copy, A: Copy>(all: &mut [A; LANES], values: &[T], enter: impl Fn(A, T) -> A) {
    // A copy stays in registers.
    let mut lanes = *all;
    let blocks = values.chunks_exact(LANES);
    let rest = blocks.remainder();
    for block in blocks {
        for (lane, &v) in lanes.iter_mut().zip(block) {
            *lane = enter(*lane, v);
        }
    }
    for (lane, &v) in lanes.iter_mut().zip(rest) {
        *lane = enter(*lane, v);
    }
    *all = lanes;
}

impl<T: Num> Elements<'_, T> {
    /// Hands out the values converted, `neutral` in place of those that are masked: in a loop of its own, which is vectorised.
    #[inline(always)]
    pub(super) fn each<R: Copy>(self, neutral: R, convert: impl Fn(T) -> R, mut take: impl FnMut(&[R])) {
        let mut room = [neutral; STRIP];
        for (i, values) in self.values.chunks(STRIP).enumerate() {
            let room = &mut room[..values.len()];
            match self.mask {
                Some(mask) => {
                    for ((r, &v), &m) in room.iter_mut().zip(values).zip(&mask[i * STRIP..]) {
                        *r = if m != 0 { convert(v) } else { neutral };
                    }
                }
                None => room.iter_mut().zip(values).for_each(|(r, &v)| *r = convert(v)),
            }
            take(room);
        }
    }
    /// As [`Elements::each`], of the elements as they are: in place where none is masked.
    #[inline(always)]
    fn each_own(self, neutral: T, mut take: impl FnMut(&[T])) {
        match self.mask {
            None => take(self.values),
            Some(_) => self.each(neutral, |v| v, take),
        }
    }
}

/// Sums (`PROD`: products). A strip is summed in interleaved lanes, folded as a tree.
pub(crate) struct Sum<T, const PROD: bool>(std::marker::PhantomData<T>);

impl<T: Summed, const PROD: bool> Folder for Sum<T, PROD> {
    type T = T;
    type Acc = T::Acc;
    const IDENTITY: T::Acc = if PROD { T::Acc::ONE } else { T::Acc::ZERO };
    #[inline(always)]
    fn push(acc: T::Acc, value: T, _: i64) -> T::Acc {
        Self::combine(acc, value.widen())
    }
    #[inline(always)]
    fn combine(a: T::Acc, b: T::Acc) -> T::Acc {
        if PROD { a.mul(b) } else { a.add(b) }
    }
    fn strip(elements: Elements<'_, T>) -> T::Acc {
        simd(
            #[inline(always)]
            || {
                if !PROD && size_of::<T>() <= 2 && elements.mask.is_none() {
                    return elements.values.chunks(STRIP).map(T::narrow_sum).fold(Self::IDENTITY, Self::combine);
                }
                let mut lanes = [Self::IDENTITY; LANES];
                if size_of::<T>() == size_of::<T::Acc>() {
                    let neutral = if PROD { T::ONE } else { T::ZERO };
                    elements
                        .each_own(neutral, |values| enter_all(&mut lanes, values, |lane, v| Self::push(lane, v, 0)));
                } else {
                    elements.each(Self::IDENTITY, T::widen, |values| enter_all(&mut lanes, values, Self::combine));
                }
                let all = tree(lanes, Self::combine);
                if PROD { all } else { T::settled_sum(elements, all) }
            },
        )
    }
    fn encode(accs: &[T::Acc], dtype: DType) -> Vec<HostBuffer> {
        vec![stored(accs.iter().copied(), sum_dtype(dtype))]
    }
    fn decode(arrays: &[&HostBuffer]) -> Vec<T::Acc> {
        T::accs(arrays[0])
    }
}

/// Types with a smallest and a largest value.
pub(crate) trait Bounded: Num {
    const LOWEST: Self;
    const HIGHEST: Self;
    /// NaN; 0 where there is none.
    const NOTHING: Self;
}
macro_rules! bounded {
    ($($t:ident)*; $($f:ident)*) => {
        $(impl Bounded for $t { const LOWEST: Self = Self::MIN; const HIGHEST: Self = Self::MAX; const NOTHING: Self = 0; })*
        $(impl Bounded for $f {
            const LOWEST: Self = Self::NEG_INFINITY;
            const HIGHEST: Self = Self::INFINITY;
            const NOTHING: Self = Self::NAN;
        })*
    };
}
bounded! { u8 u16 u32 u64 i8 i16 i32 i64; f32 f64 }

/// The smallest (`MAX`: the largest); NaN wins.
pub(crate) struct Extreme<T, const MAX: bool>(std::marker::PhantomData<T>);

impl<T: Bounded, const MAX: bool> Folder for Extreme<T, MAX> {
    type T = T;
    type Acc = T;
    const IDENTITY: T = if MAX { T::LOWEST } else { T::HIGHEST };
    #[inline(always)]
    fn push(acc: T, value: T, _: i64) -> T {
        Self::combine(acc, value)
    }
    #[inline(always)]
    fn combine(a: T, b: T) -> T {
        if MAX { a.max(b) } else { a.min(b) }
    }
    fn strip(elements: Elements<'_, T>) -> T {
        simd(
            #[inline(always)]
            || {
                let mut lanes = [Self::IDENTITY; LANES];
                elements.each_own(Self::IDENTITY, |values| enter_all(&mut lanes, values, Self::combine));
                tree(lanes, Self::combine)
            },
        )
    }
    fn encode(accs: &[T], dtype: DType) -> Vec<HostBuffer> {
        vec![stored(accs.iter().copied(), dtype)]
    }
    fn decode(arrays: &[&HostBuffer]) -> Vec<T> {
        arrays[0].stored().to_vec()
    }
}

/// The place of the smallest (`MAX`: the largest): (value, index), index -1 for nothing. The lower index of equals.
pub(crate) struct ArgExtreme<T, const MAX: bool>(std::marker::PhantomData<T>);

impl<T: Bounded, const MAX: bool> Folder for ArgExtreme<T, MAX> {
    type T = T;
    type Acc = (T, i64);
    const IDENTITY: (T, i64) = (Extreme::<T, MAX>::IDENTITY, -1);
    /// What comes later has the higher index: without branches, for which is better cannot be foretold.
    #[inline(always)]
    fn push((best, at): (T, i64), value: T, index: i64) -> (T, i64) {
        let better = if MAX { value > best } else { value < best };
        let takes = (at < 0) | (!best.is_nan() & (better | value.is_nan()));
        (if takes { value } else { best }, if takes { index } else { at })
    }
    /// The extreme value by lanes, then where it is first.
    fn strip(elements: Elements<'_, T>) -> (T, i64) {
        let best = Extreme::<T, MAX>::strip(elements);
        let is_best = |i: &usize| {
            let value = elements.values[*i];
            elements.taken(*i) && (value == best || (best.is_nan() && value.is_nan()))
        };
        let first = (0..elements.values.len()).find(is_best);
        first.map_or(Self::IDENTITY, |i| (elements.values[i], elements.index(i)))
    }
    #[inline(always)]
    fn combine(a: (T, i64), b: (T, i64)) -> (T, i64) {
        if a.1 < 0 || b.1 < 0 {
            return if a.1 < 0 { b } else { a };
        }
        let (first, second) = if a.1 <= b.1 { (a, b) } else { (b, a) };
        let better = if MAX { second.0 > first.0 } else { second.0 < first.0 };
        if !first.0.is_nan() && (better || second.0.is_nan()) { second } else { first }
    }
    // Their elements come with indices: these two are only there to be complete, and not worth three instruction sets.
    fn plain_row(accs: &mut [(T, i64)], values: &[T]) {
        accs.iter_mut().zip(values).for_each(|(acc, &value)| *acc = Self::push(*acc, value, 0));
    }
    fn four_rows(accs: &mut [(T, i64)], rows: [&[T]; 4]) {
        rows.into_iter().for_each(|row| Self::plain_row(accs, row));
    }
    fn encode(accs: &[(T, i64)], dtype: DType) -> Vec<HostBuffer> {
        encode_placed(accs, dtype)
    }
    fn decode(arrays: &[&HostBuffer]) -> Vec<(T, i64)> {
        decode_placed(arrays)
    }
}

/// States of a value and its index, as two arrays.
fn encode_placed<T: Bounded>(accs: &[(T, i64)], dtype: DType) -> Vec<HostBuffer> {
    vec![stored(accs.iter().map(|a| a.0), dtype), HostBuffer::from_vec::<i64>(accs.iter().map(|a| a.1).collect())]
}
fn decode_placed<T: Bounded>(arrays: &[&HostBuffer]) -> Vec<(T, i64)> {
    arrays[0].stored().iter().copied().zip(to_i64(arrays[1])).collect()
}

/// The last that is not NaN: (value, index), index -1 for nothing. The higher index wins, so that order is no matter.
pub(crate) struct Last<T>(std::marker::PhantomData<T>);

impl<T: Bounded> Folder for Last<T> {
    type T = T;
    type Acc = (T, i64);
    const IDENTITY: (T, i64) = (T::NOTHING, -1);
    #[inline(always)]
    fn push(last: (T, i64), value: T, index: i64) -> (T, i64) {
        if value.is_nan() { last } else { Self::combine(last, (value, index)) }
    }
    #[inline(always)]
    fn combine(a: (T, i64), b: (T, i64)) -> (T, i64) {
        if b.1 > a.1 { b } else { a }
    }
    // As those of arguments of extremes.
    fn plain_row(accs: &mut [(T, i64)], values: &[T]) {
        accs.iter_mut().zip(values).for_each(|(acc, &value)| *acc = Self::push(*acc, value, 0));
    }
    fn four_rows(accs: &mut [(T, i64)], rows: [&[T]; 4]) {
        rows.into_iter().for_each(|row| Self::plain_row(accs, row));
    }
    fn encode(accs: &[(T, i64)], dtype: DType) -> Vec<HostBuffer> {
        encode_placed(accs, dtype)
    }
    fn decode(arrays: &[&HostBuffer]) -> Vec<(T, i64)> {
        decode_placed(arrays)
    }
}
