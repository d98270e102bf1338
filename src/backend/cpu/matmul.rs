//! Matrix product of two chunks on the CPU, over arbitrary strides.
//!
//! A transposed, stepped, reversed or broadcast operand is only another pair of strides, so nothing is
//! copied before the product. Three ways to compute it:
//! - matrix · vector (`m == 1` or `n == 1`) reads the matrix once at memory speed: [`vector`];
//! - `f32`, `f64`: the BLIS-style kernels of the `matrixmultiply` crate; with the feature `gemm`, those of the
//!   `gemm` crate, 1.3 to 1.6 times as fast with AVX-512, which need rustc 1.89;
//! - integers (wrapping, so that signed ones are multiplied as unsigned ones of their size) and `bool` (or of ands): an own
//!   cache-blocked loop: [`integer`].
//!
//! Threads: the output is halved along its longer side until every rayon thread has work. Each output
//! element is summed by one thread, in an order that depends on `k` alone.

mod integer;
mod piece;
mod vector;

use std::marker::PhantomData;

pub(super) use piece::{DotElement, Mat};
use piece::{MatrixView, Piece};

/// `c[m, n] = a[m, k] · b[k, n]`, or `c += a · b` when `accumulate`.
///
/// `av`, `bv` and `cv` place the three matrices in their slices. With `k == 0` the product is zero.
///
/// # Panics
/// If a view reaches outside its slice, or two elements of `c` share a place. Both are errors of the
/// planner, never of the user's data.
#[expect(clippy::too_many_arguments, reason = "the shape of BLAS gemm")]
pub(super) fn dot<T: DotElement>(
    m: usize,
    n: usize,
    k: usize,
    a: &[T],
    av: Mat,
    b: &[T],
    bv: Mat,
    c: &mut [T],
    cv: Mat,
    accumulate: bool,
) {
    if m == 0 || n == 0 {
        return;
    }
    check("c", m, n, cv, c.len());
    assert!(distinct(m, n, cv), "dot: elements of c overlap: {m}x{n}, {cv:?}");
    if k > 0 {
        check("a", m, k, av, a.len());
        check("b", k, n, bv, b.len());
    }
    let piece = Piece {
        m,
        n,
        k,
        a: MatrixView::new(a.as_ptr().cast_mut(), m, k, av),
        b: MatrixView::new(b.as_ptr().cast_mut(), k, n, bv),
        c: MatrixView::new(c.as_mut_ptr(), m, n, cv),
        accumulate,
        slices: PhantomData,
    };
    if k == 0 {
        piece.zero();
    } else if m == 1 || n == 1 {
        vector::run(piece);
    } else {
        let grain = piece.grain(MIN_WORK);
        piece.split(grain, &T::block);
    }
}

/// Fewer multiplications than this are not worth a second thread (about 50 µs).
const MIN_WORK: usize = 1 << 20;

fn check(name: &str, rows: usize, cols: usize, v: Mat, len: usize) {
    let (base, down, across) =
        (i128::from(v.base), (rows as i128 - 1) * i128::from(v.rs), (cols as i128 - 1) * i128::from(v.cs));
    let (low, high) = (base + down.min(0) + across.min(0), base + down.max(0) + across.max(0));
    assert!(low >= 0 && high < len as i128, "dot: {name} {rows}x{cols} {v:?} leaves its {len} elements");
}

/// Whether the elements lie apart: the longer stride steps over everything the shorter one spans.
fn distinct(rows: usize, cols: usize, v: Mat) -> bool {
    let axis = |len: usize, stride: i64| (u128::from(stride.unsigned_abs()), len as u128);
    let (mut short, mut long) = (axis(rows, v.rs), axis(cols, v.cs));
    if long.1 == 1 || (short.1 > 1 && short.0 > long.0) {
        std::mem::swap(&mut short, &mut long);
    }
    (long.1 == 1 || long.0 > short.0 * (short.1 - 1)) && (short.1 == 1 || short.0 > 0)
}

/// Runs a product of gemm's, which keeps a buffer in a local of the thread. That is gone where a destructor of another of the
/// thread's locals computes: another thread does it then.
#[cfg(feature = "gemm")]
fn with_locals(product: impl FnOnce() + Send) {
    /// Goes before gemm's buffer, since it comes after it.
    struct Alive;
    impl Drop for Alive {
        fn drop(&mut self) {}
    }
    thread_local! {
        static ALIVE: Alive = const { Alive };
        static USED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    if USED.get() && ALIVE.try_with(|_| ()).is_err() {
        std::thread::scope(|scope| {
            scope.spawn(product);
        });
        return;
    }
    product();
    if !USED.replace(true) {
        // Ending already: the buffer was made just now, and stays.
        let _ = ALIVE.try_with(|_| ());
    }
}

macro_rules! floats {
    ($($T:ty: $kernel:path;)*) => {$(
        impl DotElement for $T {
            const ZERO: Self = 0.0;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self + other
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                self * other
            }
            #[cfg(not(feature = "gemm"))]
            fn block(Piece { m, n, k, a, b, c, accumulate, .. }: Piece<'_, Self>) {
                let beta = if accumulate { 1.0 } else { 0.0 };
                // SAFETY: the piece's invariant is what gemm asks: a, b readable; c ours and distinct.
                unsafe {
                    $kernel(m, k, n, 1.0, a.at, a.rs, a.cs, b.at, b.rs, b.cs, beta, c.at, c.rs, c.cs);
                }
            }
            #[cfg(feature = "gemm")]
            fn block(piece: Piece<'_, Self>) {
                with_locals(move || {
                    // The piece as a whole may go to another thread.
                    let piece = piece;
                    let Piece { m, n, k, a, b, c, accumulate, .. } = piece;
                    // SAFETY: as above. `alpha` scales the old c, `beta` the product; threads are ours.
                    unsafe {
                        gemm::gemm(
                            m, n, k, c.at, c.cs, c.rs, accumulate, a.at, a.cs, a.rs, b.at, b.cs, b.rs,
                            1.0, 1.0, false, false, false, gemm::Parallelism::None,
                        );
                    }
                });
            }
        }
    )*};
}
floats! {
    f32: matrixmultiply::sgemm;
    f64: matrixmultiply::dgemm;
}

macro_rules! integers {
    ($($T:ty: $add:ident, $mul:ident, $zero:expr;)*) => {$(
        impl DotElement for $T {
            const ZERO: Self = $zero;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self.$add(other)
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                self.$mul(other)
            }
            fn block(piece: Piece<'_, Self>) {
                // Two AVX2 registers a row of the register tile; one for bytes, whose products widen.
                const LANES: usize = if size_of::<$T>() == 1 { 32 } else { 64 / size_of::<$T>() };
                integer::block::<$T, LANES>(piece);
            }
        }
    )*};
}
integers! {
    bool: bitor, bitand, false;
    u8: wrapping_add, wrapping_mul, 0;
    u16: wrapping_add, wrapping_mul, 0;
    u32: wrapping_add, wrapping_mul, 0;
    u64: wrapping_add, wrapping_mul, 0;
}

use std::ops::{BitAnd as _, BitOr as _};

#[cfg(test)]
mod tests;
