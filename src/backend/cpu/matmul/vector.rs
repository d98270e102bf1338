//! Matrix · vector: every matrix element is used once, so the matrix is read once, in memory order.

use std::borrow::Cow;

use super::piece::{DotElement, MatrixView, Piece};
use crate::ops::simd::simd;
use crate::ops::strip::{LINE, prefetch};

/// Independent sums of one dot product.
const LANES: usize = 32;
/// Rows whose dot products are made together: as many streams from memory.
const TOGETHER: usize = 4;
/// Bytes by which a line is asked for before it is read.
const AHEAD: usize = 2048;
/// Rows summed together down the columns; their sums stay in L1.
const ROWS: usize = 1024;
/// Fewer matrix elements than this are not worth a second thread.
const MIN_WORK: usize = 1 << 16;

/// Computes a piece with `m == 1` or `n == 1`.
pub(super) fn run<T: DotElement>(piece: Piece<'_, T>) {
    let mut piece = if piece.n == 1 { piece } else { piece.t() };
    let mut x = if piece.b.rs == 1 {
        // SAFETY: b[k, 1] is k adjacent elements.
        Cow::Borrowed(unsafe { line(piece.b.at(0, 0), piece.k) })
    } else {
        // SAFETY: (p, 0) is inside b[k, 1].
        Cow::Owned((0..piece.k).map(|p| unsafe { *piece.b.at(p, 0) }).collect())
    };
    // Walk forward along the nearer axis: a reversed row meets a reversed vector.
    let a = piece.a;
    if a.cs < 0 {
        piece.a = MatrixView { cs: -a.cs, ..a.from(0, piece.k - 1) };
        x.to_mut().reverse();
    }
    if a.rs < 0 {
        piece.a = MatrixView { rs: -a.rs, ..piece.a.from(piece.m - 1, 0) };
        piece.c = MatrixView { rs: -piece.c.rs, ..piece.c.from(piece.m - 1, 0) };
    }
    let grain = piece.grain(MIN_WORK);
    let across = piece.m == 1 || (piece.k > 1 && piece.a.cs <= piece.a.rs);
    piece.split(grain, &|part| {
        if across { rows(part, &x) } else { columns(part, &x) }
    });
}

/// The part of a matrix line that starts at `at`.
///
/// # Safety
/// `len` elements from `at` on must be readable for `'a`.
#[inline(always)]
unsafe fn line<'a, T>(at: *const T, len: usize) -> &'a [T] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(at, len) }
}

/// The dot products of some lines with one, which is loaded once for all. The sums of a line do not depend on the others.
#[inline(always)]
fn multiply<T: DotElement, const N: usize>(us: [&[T]; N], v: &[T]) -> [T; N] {
    let mut sums = [[T::ZERO; LANES]; N];
    let whole = v.len() - v.len() % LANES;
    for at in (0..whole).step_by(LANES) {
        let v = &v[at..at + LANES];
        for (u, sums) in us.iter().zip(&mut sums) {
            let u = &u[at..at + LANES];
            for line in (0..LANES * size_of::<T>()).step_by(LINE) {
                prefetch(u.as_ptr().cast::<u8>().wrapping_add(AHEAD + line));
            }
            // A copy: sums that are stored at each step would be what takes the time.
            let mut own = *sums;
            for l in 0..LANES {
                own[l] = own[l].add(u[l].mul(v[l]));
            }
            *sums = own;
        }
    }
    std::array::from_fn(|r| {
        let rest = (whole..v.len()).fold(T::ZERO, |sum, p| sum.add(us[r][p].mul(v[p])));
        let mut width = LANES;
        let sums = &mut sums[r];
        while width > 1 {
            width /= 2;
            for l in 0..width {
                sums[l] = sums[l].add(sums[l + width]);
            }
        }
        sums[0].add(rest)
    })
}

/// One dot product per row: for rows that are contiguous, or nearer so than columns.
fn rows<T: DotElement>(piece: Piece<'_, T>, x: &[T]) {
    simd(
        #[inline(always)]
        || all_rows(piece, x),
    );
}

#[inline(always)]
fn all_rows<T: DotElement>(piece: Piece<'_, T>, x: &[T]) {
    let Piece { m, k, a, c, accumulate, .. } = piece;
    let near = a.cs == 1 && k >= LANES;
    let put = |i: usize, sum: T| {
        // SAFETY: (i, 0) is inside c[m, 1], which is ours.
        unsafe {
            let at = c.at(i, 0);
            *at = if accumulate { (*at).add(sum) } else { sum };
        }
    };
    // SAFETY: row i of a[m, k] is k adjacent elements, where rows are near.
    let row = |i: usize| unsafe { line(a.at(i, 0), k) };
    let together = if near { m - m % TOGETHER } else { 0 };
    for i in (0..together).step_by(TOGETHER) {
        let sums: [T; TOGETHER] = multiply(std::array::from_fn(|r| row(i + r)), x);
        sums.into_iter().enumerate().for_each(|(r, sum)| put(i + r, sum));
    }
    for i in together..m {
        let sum = if near {
            multiply([row(i)], x)[0]
        } else {
            // Short rows overlap with the next; scattered ones wait for memory anyway.
            // SAFETY: (i, p) is inside a[m, k].
            (0..k).fold(T::ZERO, |sum, p| sum.add(unsafe { *a.at(i, p) }.mul(x[p])))
        };
        put(i, sum);
    }
}

/// Adds column by column into a block of sums: for columns that are contiguous, or nearer so.
fn columns<T: DotElement>(piece: Piece<'_, T>, x: &[T]) {
    simd(
        #[inline(always)]
        || all_columns(piece, x),
    );
}

#[inline(always)]
fn all_columns<T: DotElement>(piece: Piece<'_, T>, x: &[T]) {
    let Piece { m, k, a, c, accumulate, .. } = piece;
    let mut block = [T::ZERO; ROWS];
    for i0 in (0..m).step_by(ROWS) {
        let sums = &mut block[..ROWS.min(m - i0)];
        sums.fill(T::ZERO);
        let whole = if a.rs == 1 { k - k % 4 } else { 0 };
        for p in (0..whole).step_by(4) {
            // Four columns a pass: the sums are loaded and stored a quarter as often.
            // SAFETY: rows i0.. of columns p..p + 4 of a[m, k] are adjacent elements.
            let [u, v, w, z] = std::array::from_fn(|q| unsafe { line(a.at(i0, p + q), sums.len()) });
            for (i, sum) in sums.iter_mut().enumerate() {
                let near = u[i].mul(x[p]).add(v[i].mul(x[p + 1]));
                *sum = sum.add(near.add(w[i].mul(x[p + 2]).add(z[i].mul(x[p + 3]))));
            }
        }
        for (p, &weight) in x.iter().enumerate().skip(whole) {
            for (i, sum) in sums.iter_mut().enumerate() {
                // SAFETY: (i0 + i, p) is inside a[m, k].
                *sum = sum.add(unsafe { *a.at(i0 + i, p) }.mul(weight));
            }
        }
        for (i, &sum) in sums.iter().enumerate() {
            // SAFETY: (i0 + i, 0) is inside c[m, 1], which is ours.
            unsafe {
                let at = c.at(i0 + i, 0);
                *at = if accumulate { (*at).add(sum) } else { sum };
            }
        }
    }
}
