//! [`Piece`]: a product of matrices by address, or a part of one that a thread has for itself.

use std::marker::PhantomData;

use super::super::jobs::{each_job, shared};

/// Where a matrix lies in a slice: element `(i, j)` is at `base + i * rs + j * cs`, counted in elements.
#[derive(Clone, Copy, Debug)]
pub(in crate::backend::cpu) struct Mat {
    /// Index of element `(0, 0)`.
    pub(in crate::backend::cpu) base: i64,
    /// Distance from one row to the next; negative when reversed, zero when broadcast.
    pub(in crate::backend::cpu) rs: i64,
    /// Distance from one column to the next.
    pub(in crate::backend::cpu) cs: i64,
}

/// An element type that [`dot`] multiplies: its sum, its product and its blocked kernel.
pub(in crate::backend::cpu) trait DotElement: Copy + Send + Sync + 'static {
    /// The sum of nothing.
    const ZERO: Self;
    /// Sum: wrapping for integers, `or` for `bool`.
    fn add(self, other: Self) -> Self;
    /// Product: wrapping for integers, `and` for `bool`.
    fn mul(self, other: Self) -> Self;
    /// Computes a piece with `m, n, k >= 1` on the calling thread.
    fn block(piece: Piece<'_, Self>);
}

/// A matrix by address; which elements exist is known to the [`Piece`] that holds it.
pub(super) struct MatrixView<T> {
    pub(super) at: *mut T,
    pub(super) rs: isize,
    pub(super) cs: isize,
}

impl<T> Clone for MatrixView<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for MatrixView<T> {}

impl<T> MatrixView<T> {
    /// The stride along an axis of one element is dropped: any number is legal there, so kernels must
    /// not multiply by it.
    pub(super) fn new(slice: *mut T, rows: usize, cols: usize, v: Mat) -> Self {
        let stride = |len, stride: i64| if len > 1 { stride as isize } else { 0 };
        Self { at: slice.wrapping_offset(v.base as isize), rs: stride(rows, v.rs), cs: stride(cols, v.cs) }
    }

    /// Address of element `(i, j)`.
    #[inline(always)]
    pub(super) fn at(self, i: usize, j: usize) -> *mut T {
        self.at.wrapping_offset(i as isize * self.rs + j as isize * self.cs)
    }

    /// The same matrix from element `(i, j)` on.
    pub(super) fn from(self, i: usize, j: usize) -> Self {
        Self { at: self.at(i, j), ..self }
    }

    pub(super) fn t(self) -> Self {
        Self { at: self.at, rs: self.cs, cs: self.rs }
    }
}

/// One product `c (+)= a · b` for one thread.
///
/// Invariant, set up by [`dot`] and kept by [`Piece::split`]: for `'a`, every element of `a[m, k]` and
/// `b[k, n]` may be read, and every element of `c[m, n]` is distinct and this piece's alone.
pub(in crate::backend::cpu) struct Piece<'a, T> {
    pub(super) m: usize,
    pub(super) n: usize,
    pub(super) k: usize,
    pub(super) a: MatrixView<T>,
    pub(super) b: MatrixView<T>,
    pub(super) c: MatrixView<T>,
    pub(super) accumulate: bool,
    pub(super) slices: PhantomData<(&'a [T], &'a mut [T])>,
}

// SAFETY: a piece is a shared borrow of a and b and an exclusive one of its elements of c.
unsafe impl<T: Send + Sync> Send for Piece<'_, T> {}

impl<T: DotElement> Piece<'_, T> {
    pub(super) fn zero(self) {
        for i in (0..self.m).filter(|_| !self.accumulate) {
            for j in 0..self.n {
                // SAFETY: (i, j) is inside c, which is ours by the invariant.
                unsafe { *self.c.at(i, j) = T::ZERO }
            }
        }
    }

    /// `cᵀ = bᵀ · aᵀ`, the same product.
    pub(super) fn t(self) -> Self {
        Self { m: self.n, n: self.m, a: self.b.t(), b: self.a.t(), c: self.c.t(), ..self }
    }

    pub(super) fn work(&self) -> usize {
        self.m.saturating_mul(self.n).saturating_mul(self.k)
    }

    /// Work of one leaf: two leaves a thread, so that a late thread costs at most half a leaf.
    pub(super) fn grain(&self, least: usize) -> usize {
        match rayon::current_num_threads() {
            _ if !shared() => usize::MAX,
            1 => usize::MAX,
            threads => (self.work() / (2 * threads)).max(least),
        }
    }

    /// Halves the piece down to `grain` and runs `leaf` on the parts, in parallel.
    pub(super) fn split(self, grain: usize, leaf: &(dyn Fn(Self) + Sync)) {
        let mut parts = Vec::new();
        self.halve(grain, &mut parts);
        each_job(parts, leaf);
    }

    fn halve(self, grain: usize, parts: &mut Vec<Self>) {
        // Narrower leaves would pack the other operand too often.
        const NARROW: usize = 64;
        let side = self.m.max(self.n);
        if self.work() <= grain || side <= NARROW {
            return parts.push(self);
        }
        let mid = (side / 2).next_multiple_of(NARROW / 2);
        let (Piece { m, n, a, b, c, .. }, by_rows) = (&self, self.m >= self.n);
        let (x, y) = if by_rows {
            (Self { m: mid, ..self }, Self { m: m - mid, a: a.from(mid, 0), c: c.from(mid, 0), ..self })
        } else {
            (Self { n: mid, ..self }, Self { n: n - mid, b: b.from(0, mid), c: c.from(0, mid), ..self })
        };
        x.halve(grain, parts);
        y.halve(grain, parts);
    }
}
