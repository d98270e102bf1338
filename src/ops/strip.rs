//! Strips: short runs of elements that stay in the first-level cache, and the one loop that applies a function to them.

use super::simd::{simd1, simd2, simd3};
use crate::dtype::{DType, Element};

/// Elements in a strip: 4 KiB of `f64`, so that a dozen live values fit a 48 KiB first-level cache.
pub(crate) const STRIP: usize = 512;

/// One register of the strip machine: up to [`STRIP`] elements of any stored type, aligned for all of them.
#[derive(Debug)]
pub(crate) struct Strip(Option<Box<[u64; STRIP]>>);

thread_local! {
    /// Strips of tasks that ended: small tasks would spend their time on allocating them.
    static SPARE: std::cell::RefCell<Vec<Box<[u64; STRIP]>>> = const { std::cell::RefCell::new(Vec::new()) };
}
/// Strips that a thread keeps.
const KEPT: usize = 64;

/// A strip with anything in it: what runs on it writes before it reads.
impl Default for Strip {
    fn default() -> Self {
        // A thread that ends has none: destructors of its locals may compute all the same.
        let spare = SPARE.try_with(|spare| spare.borrow_mut().pop()).ok().flatten();
        Self(Some(spare.unwrap_or_else(|| Box::new([0; STRIP]))))
    }
}
impl Drop for Strip {
    fn drop(&mut self) {
        let Some(own) = self.0.take() else { return };
        // A thread that ends keeps nothing.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < KEPT {
                spare.push(own);
            }
        });
    }
}

impl Strip {
    /// Takes the register out of its place for a while.
    #[inline]
    pub(crate) fn take(&mut self) -> Self {
        Self(self.0.take())
    }
    /// The first `n` elements as `T`, to be written.
    #[inline]
    pub(crate) fn get_mut<T: bytemuck::Pod>(&mut self, n: usize) -> &mut [T] {
        let words: &mut [u64] = self.0.as_mut().map_or(&mut [], |words| words.as_mut_slice());
        &mut bytemuck::cast_slice_mut(words)[..n]
    }
    /// The bytes of the first `n` elements of `dtype`.
    #[inline]
    pub(crate) fn bytes(&self, dtype: DType, n: usize) -> &[u8] {
        let words: &[u64] = self.0.as_ref().map_or(&[], |words| words.as_slice());
        &bytemuck::cast_slice(words)[..n * dtype.size()]
    }
}

/// An operand: the bytes of a strip's elements, in a register or still in their chunk.
pub(crate) type Arg<'a> = &'a [u8];

/// An operand's elements.
#[inline(always)]
pub(crate) fn arg<T: bytemuck::Pod>(bytes: Arg<'_>) -> &[T] {
    bytemuck::cast_slice(bytes)
}

/// Asks for the cache line at an address that need not be anybody's: the processor's own prefetchers stop at the end of a page.
#[inline(always)]
pub(crate) fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has it; it reads nothing, and no address makes it fail.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}
/// Bytes of a cache line.
pub(crate) const LINE: usize = 64;

/// `out[i] = f(x[i])`.
#[inline(always)]
pub(crate) fn map1<A: bytemuck::Pod, R: bytemuck::Pod>(x: Arg<'_>, n: usize, out: &mut Strip, f: impl Fn(A) -> R) {
    simd1(
        &arg::<A>(x)[..n],
        out.get_mut::<R>(n),
        #[inline(always)]
        |x, out| {
            for (o, &x) in out.iter_mut().zip(x) {
                *o = f(x);
            }
        },
    );
}

/// `out[i] = f(x[i], y[i])`.
#[inline(always)]
pub(crate) fn map2<A: bytemuck::Pod, B: bytemuck::Pod, R: bytemuck::Pod>(
    x: Arg<'_>,
    y: Arg<'_>,
    n: usize,
    out: &mut Strip,
    f: impl Fn(A, B) -> R,
) {
    simd2(
        &arg::<A>(x)[..n],
        &arg::<B>(y)[..n],
        out.get_mut::<R>(n),
        #[inline(always)]
        |x, y, out| {
            for ((o, &x), &y) in out.iter_mut().zip(x).zip(y) {
                *o = f(x, y);
            }
        },
    );
}

/// `out[i] = f(x[i], y[i], z[i])`.
#[inline(always)]
pub(crate) fn map3<A: bytemuck::Pod, B: bytemuck::Pod, C: bytemuck::Pod, R: bytemuck::Pod>(
    [x, y, z]: [Arg<'_>; 3],
    n: usize,
    out: &mut Strip,
    f: impl Fn(A, B, C) -> R,
) {
    simd3(
        &arg::<A>(x)[..n],
        &arg::<B>(y)[..n],
        &arg::<C>(z)[..n],
        out.get_mut::<R>(n),
        #[inline(always)]
        |x, y, z, out| {
            for (((o, &x), &y), &z) in out.iter_mut().zip(x).zip(y).zip(z) {
                *o = f(x, y, z);
            }
        },
    );
}

/// Fills the register with one value.
pub(crate) fn fill<T: Element>(out: &mut Strip, value: T) {
    out.get_mut::<T::Stored>(STRIP).fill(value.store());
}

/// Calls `$body` with `$T` naming the Rust type of an integer `$dtype`.
macro_rules! with_int {
    ($dtype:expr, $T:ident => $body:expr) => {{
        use $crate::dtype::DType as D;
        macro_rules! arm {
            ($t:ty) => {{
                type $T = $t;
                $body
            }};
        }
        match $dtype {
            D::U8 => arm!(u8),
            D::U16 => arm!(u16),
            D::U32 => arm!(u32),
            D::U64 => arm!(u64),
            D::I8 => arm!(i8),
            D::I16 => arm!(i16),
            D::I32 => arm!(i32),
            // Others have no rows that ask for integers.
            D::I64 | D::Bool | D::F16 | D::BF16 | D::F32 | D::F64 => arm!(i64),
        }
    }};
}
pub(crate) use with_int;
