//! Matrix · vector: every matrix element is used once, so the matrix is read once, in memory order.

use super::{DotElement, Piece, View, simd};

/// Independent sums of one dot product: so many that they are a loop over memory, which every compiler
/// vectorises (32 sums, unrolled for registers, came out scalar), yet far from each other in time.
const LANES: usize = 128;
/// Rows summed together down the columns; their sums stay in L1.
const ROWS: usize = 1024;
/// Fewer matrix elements than this are not worth a second thread.
const MIN_WORK: usize = 1 << 16;

/// Computes a piece with `m == 1` or `n == 1`.
pub(super) fn run<T: DotElement>(piece: Piece<'_, T>) {
    let mut piece = if piece.n == 1 { piece } else { piece.t() };
    // SAFETY: (p, 0) is inside b[k, 1].
    let mut x: Vec<T> = (0..piece.k).map(|p| unsafe { *piece.b.at(p, 0) }).collect();
    // Walk forward along the nearer axis: a reversed row meets a reversed vector.
    let a = piece.a;
    if a.cs < 0 {
        piece.a = View { cs: -a.cs, ..a.from(0, piece.k - 1) };
        x.reverse();
    }
    if a.rs < 0 {
        piece.a = View { rs: -a.rs, ..piece.a.from(piece.m - 1, 0) };
        piece.c = View { rs: -piece.c.rs, ..piece.c.from(piece.m - 1, 0) };
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

/// The dot product of two adjacent lines, by `LANES` sums that are then added in a tree.
#[inline(always)]
fn multiply<T: DotElement>(u: &[T], v: &[T]) -> T {
    let mut sums = [T::ZERO; LANES];
    let (us, vs) = (u.chunks_exact(4 * LANES), v.chunks_exact(4 * LANES));
    let (u_rest, v_rest) = (us.remainder(), vs.remainder());
    for (u, v) in us.zip(vs) {
        for (l, sum) in sums.iter_mut().enumerate() {
            // Four products a pass: the sums are loaded and stored a quarter as often.
            let at = |q: usize| u[q * LANES + l].mul(v[q * LANES + l]);
            *sum = sum.add(at(0).add(at(1)).add(at(2).add(at(3))));
        }
    }
    for (u, v) in u_rest.chunks(LANES).zip(v_rest.chunks(LANES)) {
        for ((sum, &x), &y) in sums.iter_mut().zip(u).zip(v) {
            *sum = sum.add(x.mul(y));
        }
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        let (low, high) = sums.split_at_mut(width);
        for (sum, &other) in low.iter_mut().zip(&*high) {
            *sum = sum.add(other);
        }
    }
    sums[0]
}

simd! {
    /// One dot product per row: for rows that are contiguous, or nearer so than columns.
    fn rows<T>(piece: Piece<'_, T>, x: &[T]) {
        let Piece { m, k, a, c, accumulate, .. } = piece;
        for i in 0..m {
            let sum = if a.cs == 1 && k >= LANES {
                // SAFETY: row i of a[m, k] is k adjacent elements.
                multiply(unsafe { line(a.at(i, 0), k) }, x)
            } else {
                // Short rows overlap with the next; scattered ones wait for memory anyway.
                // SAFETY: (i, p) is inside a[m, k].
                (0..k).fold(T::ZERO, |sum, p| sum.add(unsafe { *a.at(i, p) }.mul(x[p])))
            };
            // SAFETY: (i, 0) is inside c[m, 1], which is ours.
            unsafe {
                let at = c.at(i, 0);
                *at = if accumulate { (*at).add(sum) } else { sum };
            }
        }
    }
}

simd! {
    /// Adds column by column into a block of sums: for columns that are contiguous, or nearer so.
    fn columns<T>(piece: Piece<'_, T>, x: &[T]) {
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
}
