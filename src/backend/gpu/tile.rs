//! How workgroups share a matrix product, and which way suits which size.

use crate::dtype::DType;

/// Every WebGPU device has this much workgroup memory.
const WORKGROUP_BYTES: u32 = 16 << 10;
/// Workgroups that fill a large device (an H100 has 132 processors), and its half.
const FULL: u64 = 256;
/// Steps along `k` below which sharing them costs more than it gives.
const PART: u32 = 256;

/// How one workgroup shares the work: `bm` x `bn` outputs, `bk` steps of `k` at a time, `tm` x `tn`
/// outputs a thread.
///
/// With `bm == 1` or `bn == 1` it is a matrix · vector kernel: `bn` (or `bm`) outputs, `bk` threads each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tile {
    /// Rows of `c` a workgroup makes.
    pub(crate) bm: u32,
    /// Columns of `c` a workgroup makes.
    pub(crate) bn: u32,
    /// Steps along `k` held in workgroup memory at once.
    pub(crate) bk: u32,
    /// Rows of `c` a thread makes.
    pub(crate) tm: u32,
    /// Columns of `c` a thread makes.
    pub(crate) tn: u32,
}

impl Tile {
    /// Small products: one output a thread, so that even a small chunk has many workgroups.
    pub(crate) const SMALL: Self = Self { bm: 16, bn: 16, bk: 16, tm: 1, tn: 1 };
    /// Products of a few hundred rows and columns.
    pub(crate) const MEDIUM: Self = Self { bm: 64, bn: 64, bk: 16, tm: 4, tn: 4 };
    /// Products with enough tiles to fill a device; the most arithmetic per byte moved.
    pub(crate) const LARGE: Self = Self { bm: 128, bn: 128, bk: 8, tm: 8, tn: 8 };
    /// All shapes for matrices, for trying out. All sum an output's terms in the same order: results do not depend on the shape.
    pub(crate) const SHAPES: [Self; 7] = [
        Self::LARGE,
        Self { bm: 128, bn: 128, bk: 16, tm: 8, tn: 8 },
        Self { bm: 128, bn: 64, bk: 16, tm: 8, tn: 4 },
        Self { bm: 64, bn: 128, bk: 16, tm: 4, tn: 8 },
        Self { bm: 64, bn: 64, bk: 8, tm: 8, tn: 8 },
        Self::MEDIUM,
        Self::SMALL,
    ];

    /// Matrix · vector (`n == 1`): `lines` rows a workgroup of 256 threads. A power of two.
    pub(crate) const fn rows(lines: u32) -> Self {
        Self { bm: lines, bn: 1, bk: 256 / lines, tm: 1, tn: 1 }
    }

    /// Vector · matrix (`m == 1`): `lines` columns a workgroup of 256 threads. A power of two.
    pub(crate) const fn cols(lines: u32) -> Self {
        Self { bm: 1, bn: lines, bk: 256 / lines, tm: 1, tn: 1 }
    }

    /// Workgroups to dispatch, `(x, y)`: tiles across and tiles down.
    pub(crate) const fn grid(self, m: u32, n: u32) -> (u32, u32) {
        (n.div_ceil(self.bn), m.div_ceil(self.bm))
    }

    fn count(self, m: u32, n: u32) -> u64 {
        let (x, y) = self.grid(m, n);
        u64::from(x) * u64::from(y)
    }

    /// Threads in a workgroup.
    pub(crate) const fn threads(self) -> u32 {
        if self.is_vector() { self.bm * self.bn * self.bk } else { (self.bm / self.tm) * (self.bn / self.tn) }
    }

    pub(crate) const fn is_vector(self) -> bool {
        self.bm == 1 || self.bn == 1
    }

    /// Lines moved together: vectors where a thread's outputs allow it.
    pub(crate) const fn width(self) -> u32 {
        if self.tm.is_multiple_of(4) && self.tn.is_multiple_of(4) { 4 } else { 1 }
    }

    /// Quads from one step to the next in workgroup memory: padded where the padding fits.
    pub(crate) const fn strides(self, dtype: DType) -> (u32, u32) {
        let (qa, qb) = (self.bm / self.width(), self.bn / self.width());
        let pad = if self.bytes_of(qa + qb + 2, dtype) <= WORKGROUP_BYTES { 1 } else { 0 };
        (qa + pad, qb + pad)
    }

    const fn bytes_of(self, quads: u32, dtype: DType) -> u32 {
        quads * self.bk * self.width() * dtype.device_size() as u32
    }

    /// Bytes of workgroup memory.
    pub(crate) const fn bytes(self, dtype: DType) -> u32 {
        if self.is_vector() {
            return self.threads() * dtype.device_size() as u32;
        }
        let (a, b) = self.strides(dtype);
        self.bytes_of(a + b, dtype)
    }

    /// Whether a device can run it on such a product.
    pub(crate) fn fits(self, dtype: DType, [m, n, _]: [u32; 3], limits: &wgpu::Limits) -> bool {
        let (x, y) = self.grid(m, n);
        x.max(y) <= limits.max_compute_workgroups_per_dimension
            && self.threads() <= limits.max_compute_invocations_per_workgroup
            && self.bytes(dtype) <= limits.max_compute_workgroup_storage_size
    }
}

/// The tile for one product of `m` x `n` outputs with `k` steps, from its size alone.
///
/// The grid stays within `limits` where some tile allows it; ask [`Tile::grid`].
pub(crate) fn pick(dtype: DType, size: [u32; 3], limits: &wgpu::Limits) -> Tile {
    let [m, n, k] = size;
    if m == 1 || n == 1 {
        // 8 lines of 32 threads read whole sectors in either layout. Few long lines want all threads;
        // short lines would leave them idle, and many lines need a smaller grid.
        let outputs = m.max(n);
        let most = limits.max_compute_workgroups_per_dimension;
        let mut lines = if outputs <= 64 && k >= 4096 { 1 } else { 8 };
        while lines < 256 && (outputs.div_ceil(lines) > most || 256 / lines > k.max(8)) {
            lines *= 2;
        }
        return if n == 1 { Tile::rows(lines) } else { Tile::cols(lines) };
    }
    // Long sums are shared between workgroups: they count as more tiles.
    let shared = u64::from(k / PART).max(1);
    // Enough tiles to fill the device, and no side mostly padding.
    let large = Tile::LARGE.count(m, n) >= FULL && m.min(n) > 64;
    let medium = Tile::MEDIUM.count(m, n) * shared >= 16 && m.min(n) > 16;
    let preferred = match (large, medium) {
        (true, _) => Tile::LARGE,
        (_, true) => Tile::MEDIUM,
        _ => Tile::SMALL,
    };
    [preferred, Tile::MEDIUM, Tile::LARGE].into_iter().find(|tile| tile.fits(dtype, size, limits)).unwrap_or(preferred)
}

/// How many parts the steps of a product are cut into, each with workgroups of its own: more than one where there are too few
/// outputs to fill a device. It depends on the size alone, as the rounding of results does on it.
pub(crate) fn parts(dtype: DType, size: [u32; 3], limits: &wgpu::Limits) -> u32 {
    let [m, n, k] = size;
    let tile = pick(dtype, size, limits);
    let rows = tile.grid(m, n).1;
    let wanted = (FULL / tile.count(m, n).max(1)).min(u64::from(k / PART));
    (wanted as u32).min(limits.max_compute_workgroups_per_dimension / rows.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_share_evenly_on_a_plain_webgpu_device() {
        let limits = wgpu::Limits::default();
        for tile in Tile::SHAPES {
            let quads = (tile.bm / tile.width(), tile.bn / tile.width());
            assert!((tile.bk * quads.0).is_multiple_of(tile.threads()), "{tile:?}");
            assert!((tile.bk * quads.1).is_multiple_of(tile.threads()), "{tile:?}");
            assert!(tile.fits(DType::F32, [1000, 1000, 1000], &limits), "{tile:?}");
        }
        for tile in [Tile::SMALL, Tile::MEDIUM, Tile::LARGE] {
            assert!(tile.fits(DType::F64, [1000, 1000, 1000], &limits), "{tile:?}");
        }
        for lines in [1, 2, 4, 8, 16, 32, 64, 128, 256] {
            assert_eq!((Tile::rows(lines).threads(), Tile::cols(lines).threads()), (256, 256));
        }
    }

    #[test]
    fn pick_follows_the_shape_and_the_grid_limit() {
        let limits = wgpu::Limits::default();
        for (m, n, k, tile, shares) in [
            (64, 64, 64, Tile::SMALL, 1),
            (500, 500, 500, Tile::MEDIUM, 1),
            (64, 64, 100_000, Tile::MEDIUM, 256),
            (20, 1000, 2000, Tile::MEDIUM, 7),
            (4096, 4096, 4096, Tile::LARGE, 1),
            (4_000_000, 4, 4, Tile::MEDIUM, 1),
            (8_000_000, 4, 4, Tile::LARGE, 1),
            (10, 1, 1_000_000, Tile::rows(1), 25),
            (1, 4000, 4000, Tile::cols(8), 1),
            (1, 400, 4000, Tile::cols(8), 5),
            (16_000_000, 1, 2, Tile::rows(256), 1),
        ] {
            assert_eq!(pick(DType::F32, [m, n, k], &limits), tile, "{m}x{n}x{k}");
            assert_eq!(parts(DType::F32, [m, n, k], &limits), shares, "{m}x{n}x{k}");
            let (x, y) = tile.grid(m, n);
            assert!(x.max(y * shares) <= limits.max_compute_workgroups_per_dimension);
        }
    }
}
