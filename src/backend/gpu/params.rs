//! The words a launch reads from `params`: where each is ([`ParamWords`]) and writing them ([`ParamWords::pack`]).
//!
//! All that differs between chunks is here — lengths, places, constants, seeds — so one pipeline serves every chunk, the
//! ragged edges included. A launch's words start at `launch.base`:
//!
//! | words | what |
//! |---|---|
//! | header | the kernel's own, as its template says |
//! | rank | lengths of the axes |
//! | 1 + rank | `out`: base and strides |
//! | (1 + rank) a load | base and strides |
//! | 2 (1 + rank) an index | base and strides, low and high word each |
//! | 2 a constant | low and high word |
//! | 8 a random array | seed (2), stream, range (2), limit of 32-bit draws, limit of 64-bit draws (2) |

use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::plan::expr::Program;
use crate::plan::kernel::{Access, Piece};

/// Where a launch's words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ParamWords {
    /// Words of the kernel's own at the start.
    pub(crate) header: usize,
    /// Axes of the piece.
    pub(crate) rank: usize,
    /// Loads of the program.
    pub(crate) loads: usize,
    /// Affine indices of the program.
    pub(crate) indices: usize,
    /// Constants of the program.
    pub(crate) consts: usize,
}

impl ParamWords {
    /// The length of an axis.
    pub(crate) fn dim(&self, axis: usize) -> usize {
        self.header + axis
    }
    /// The place of results: word 0 is the base, word `1 + axis` a stride.
    pub(crate) fn out(&self, word: usize) -> usize {
        self.dim(self.rank) + word
    }
    /// The place of a load, likewise.
    pub(crate) fn load(&self, slot: usize, word: usize) -> usize {
        self.out(1 + self.rank) + slot * (1 + self.rank) + word
    }
    /// An index's low words, likewise; the high ones follow them.
    pub(crate) fn index(&self, slot: usize, word: usize) -> usize {
        self.load(self.loads, 0) + 2 * (slot * (1 + self.rank) + word)
    }
    /// A constant's low word.
    pub(crate) fn constant(&self, slot: usize) -> usize {
        self.index(self.indices, 0) + 2 * slot
    }
    /// A random array's words.
    pub(crate) fn random(&self, slot: usize, word: usize) -> usize {
        self.constant(self.consts) + 8 * slot + word
    }

    /// Writes a launch's words.
    ///
    /// # Errors
    /// [`Error::Bug`] if the piece does not have the axes, loads and indices that the layout has.
    pub(crate) fn pack(&self, header: &[u32], piece: &Piece, program: &Program) -> Result<Vec<u32>> {
        let fits = header.len() == self.header
            && piece.dims.len() == self.rank
            && piece.loads.len() == self.loads
            && piece.indices.len() == self.indices
            && program.consts.len() == self.consts;
        if !fits {
            return Err(Error::bug(format!("a piece does not fit its kernel: {piece:?}, {self:?}")));
        }
        let mut words = header.to_vec();
        words.extend(piece.dims.iter().map(|&n| n as u32));
        // Places are below 2³²: their low words add up to the right place, negative strides included.
        for access in std::iter::once(&piece.out).chain(piece.loads.iter().map(|(_, access)| access)) {
            words.extend(values(access).map(|v| v as u32));
        }
        for access in &piece.indices {
            words.extend(values(access).flat_map(|v| pair(v as u64)));
        }
        words.extend(program.consts.iter().flat_map(|c| match c.dtype().is_float() {
            // Halves are held as an `f32`.
            true if c.dtype().is_half() => pair(Scalar::from_f64(DType::F32, c.to_f64()).bits()),
            true => pair(c.bits()),
            // Narrow integers are held sign-extended.
            false => pair(c.to_i64() as u64),
        }));
        for spec in &program.randoms {
            let range = spec.range.max(1);
            words.extend(pair(spec.seed));
            words.push(spec.stream);
            words.extend(pair(spec.range));
            // 2^32 mod range and 2^64 mod range: draws whose low part is below are rejected.
            words.push(((1 << 32) % range) as u32);
            words.extend(pair(range.wrapping_neg() % range));
        }
        Ok(words)
    }
}

fn values(access: &Access) -> impl Iterator<Item = i64> + '_ {
    std::iter::once(access.base).chain(access.strides.iter().copied())
}

/// Low and high word.
fn pair(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

/// Checks that an access stays within `len` elements over a box of `dims`.
///
/// Shaders run without bounds checks: this is the proof that they do not need them.
///
/// # Errors
/// [`Error::Bug`] if it does not.
pub(crate) fn check_bounds(what: &str, access: &Access, dims: &[u64], len: usize) -> Result<()> {
    let (mut low, mut high) = (i128::from(access.base), i128::from(access.base));
    for (&stride, &n) in access.strides.iter().zip(dims) {
        let reach = i128::from(stride) * i128::from(n.saturating_sub(1));
        low += reach.min(0);
        high += reach.max(0);
    }
    if access.strides.len() == dims.len() && low >= 0 && high < len as i128 {
        return Ok(());
    }
    Err(Error::bug(format!("{what}: places {low} to {high} of {len} elements; {access:?} over {dims:?}")))
}
