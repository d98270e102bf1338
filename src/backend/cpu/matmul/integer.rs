//! Cache-blocked product for element types no kernel library covers.
//!
//! The loop nest of Goto and van de Geijn ("Anatomy of High-Performance Matrix Multiplication", 2008):
//! panels of B stay in L2, a sliver of A in L1, a small tile of C in registers. The compiler vectorises
//! the innermost loop; zero-filled edges keep it the same everywhere.

use super::piece::{DotElement, Piece};
use crate::ops::simd::simd;

/// Rows of the register tile.
const MR: usize = 4;
/// Steps of `k` packed at once.
const KC: usize = 256;
/// Columns of B packed at once: `KC * NC` elements are at most 1 MiB. A multiple of every `NR`.
const NC: usize = 512;

/// A register tile: the sum over steps of a column of A times a row of B.
#[inline(always)]
fn multiply<T: DotElement, const NR: usize>(left: &[[T; MR]], right: &[[T; NR]]) -> [[T; NR]; MR] {
    let mut tile = [[T::ZERO; NR]; MR];
    for (column, row) in left.iter().zip(right) {
        for i in 0..MR {
            for j in 0..NR {
                tile[i][j] = tile[i][j].add(column[i].mul(row[j]));
            }
        }
    }
    tile
}

/// Computes one piece; `NR` columns make a row of the register tile.
pub(super) fn block<T: DotElement, const NR: usize>(piece: Piece<'_, T>) {
    simd(
        #[inline(always)]
        || blocks::<T, NR>(piece),
    );
}

#[inline(always)]
fn blocks<T: DotElement, const NR: usize>(piece: Piece<'_, T>) {
    let Piece { m, n, k, a, b, c, accumulate, .. } = piece;
    let mut left = [[T::ZERO; MR]; KC];
    let mut right = vec![[T::ZERO; NR]; KC.min(k) * NC.min(n).div_ceil(NR)];
    for k0 in (0..k).step_by(KC) {
        let (kc, replace) = (KC.min(k - k0), k0 == 0 && !accumulate);
        for n0 in (0..n).step_by(NC) {
            let nc = NC.min(n - n0);
            for (panel, rows) in right.chunks_exact_mut(kc).enumerate().take(nc.div_ceil(NR)) {
                let j0 = n0 + panel * NR;
                for (p, row) in rows.iter_mut().enumerate() {
                    *row = std::array::from_fn(|j| {
                        // SAFETY: read only where (k0 + p, j0 + j) is inside b[k, n].
                        if j0 + j < n { unsafe { *b.at(k0 + p, j0 + j) } } else { T::ZERO }
                    });
                }
            }
            for i0 in (0..m).step_by(MR) {
                for (p, column) in left[..kc].iter_mut().enumerate() {
                    *column = std::array::from_fn(|i| {
                        // SAFETY: read only where (i0 + i, k0 + p) is inside a[m, k].
                        if i0 + i < m { unsafe { *a.at(i0 + i, k0 + p) } } else { T::ZERO }
                    });
                }
                for (panel, rows) in right.chunks_exact(kc).enumerate().take(nc.div_ceil(NR)) {
                    let j0 = n0 + panel * NR;
                    let tile = multiply(&left[..kc], rows);
                    for (i, sums) in tile.iter().enumerate().take(m - i0) {
                        for (j, &sum) in sums.iter().enumerate().take(n - j0) {
                            let at = c.at(i0 + i, j0 + j);
                            // SAFETY: (i0 + i, j0 + j) is inside c[m, n], which is ours.
                            unsafe { *at = if replace { sum } else { (*at).add(sum) } }
                        }
                    }
                }
            }
        }
    }
}
