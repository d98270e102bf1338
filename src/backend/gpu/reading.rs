//! How the elements that a kernel loads come to its threads: point by point, four at once, or through tiles in workgroup memory.

use crate::dtype::DType;
use crate::plan::kernel::{Access, Piece};

/// Points of a tile along each of its two axes.
pub(crate) const SIDE: u64 = 32;
/// Rows of a tile in workgroup memory are one element longer than needed, so that a column is spread over the banks.
pub(super) const STRIDE: u64 = SIDE + 1;
/// Workgroup memory that is left to the kernel's own needs (the tree of one reduction's states), at least.
const OWN_BYTES: u64 = 8 << 10;
/// Instructions up to which an expression is printed four times.
pub(super) const SHORT: usize = 24;

/// How elements come to threads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Reading {
    /// Each point loads its own.
    #[default]
    Points,
    /// Four points that follow each other along the last axis load at once.
    Quads {
        /// What each load does from one to the next.
        loads: Vec<LoadStep>,
        /// For each index, whether the four have all that a block of random words (or two) makes: it is then drawn once.
        blocks: Vec<bool>,
    },
    /// The workgroup loads a square of points, of `axis` and the last axis, before it goes over them: what lies along `axis` in
    /// memory, the `turned` loads, is read along it.
    Tiles {
        /// The axis.
        axis: usize,
        /// For each load, whether it is turned.
        turned: Vec<bool>,
    },
}

/// What a load does from one point of a quad to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LoadStep {
    /// Goes to the next element: the four are one vector, which starts at a multiple of four.
    Next,
    /// Stays.
    Stays,
    /// Goes anywhere.
    Any,
}

/// Whether places are at multiples of four elements where the last coordinate is.
pub(crate) fn is_in_fours(access: &Access) -> bool {
    access
        .strides
        .split_last()
        .is_some_and(|(&last, rest)| last == 1 && access.base % 4 == 0 && rest.iter().all(|stride| stride % 4 == 0))
}

impl Reading {
    /// Quads, if the piece falls into them and a load, the draws of an index, or what `stored` says is a vector then. Where loads are
    /// not `apart`, those of one buffer are read alike. Random words are drawn at the indices that `drawn` says.
    pub(crate) fn quads(piece: &Piece, stored: bool, apart: bool, drawn: impl Fn(usize) -> bool) -> Option<Self> {
        let step = |(_, access): &(usize, Access)| match access.strides.last() {
            Some(0) => LoadStep::Stays,
            _ if is_in_fours(access) => LoadStep::Next,
            _ => LoadStep::Any,
        };
        let mut steps: Vec<LoadStep> = piece.loads.iter().map(step).collect();
        let single: Vec<usize> =
            piece.loads.iter().zip(&steps).filter(|of| *of.1 != LoadStep::Next).map(|of| of.0.0).collect();
        let read = |(step, (input, _)): (&mut LoadStep, &(usize, Access))| {
            if *step == LoadStep::Next && single.contains(input) {
                *step = LoadStep::Any;
            }
        };
        steps.iter_mut().zip(&piece.loads).filter(|_| !apart).for_each(read);
        // A last quad that is not full lies in the padding of its buffer, but what does not go on by one may lie outside.
        let whole = piece.dims.last().is_some_and(|n| n % 4 == 0);
        let fits = whole || (piece.dims.len() == 1 && !steps.contains(&LoadStep::Any));
        let block = |(slot, access): (usize, &Access)| drawn(slot) && is_in_fours(access);
        let blocks: Vec<bool> = piece.indices.iter().enumerate().map(block).collect();
        let gains = stored || steps.contains(&LoadStep::Next) || blocks.contains(&true);
        (fits && gains).then_some(Self::Quads { loads: steps, blocks })
    }

    /// Tiles, if some load runs along another axis than the last one, and workgroup memory of so many bytes holds them beside what the
    /// kernel has of its `own` there.
    pub(crate) fn tiles(piece: &Piece, dtypes: &[DType], bytes: u32, own: u64) -> Option<Self> {
        let last = piece.dims.len().checked_sub(1)?;
        let far = |access: &Access| access.strides[last].unsigned_abs() > 1;
        let along = |axis: usize| move |access: &Access| far(access) && access.strides[axis].unsigned_abs() == 1;
        let long = |axis: usize| piece.dims[axis] >= SIDE / 2;
        let axis = (0..last)
            .find(|&axis| long(axis) && long(last) && piece.loads.iter().any(|(_, access)| along(axis)(access)))?;
        let turned: Vec<bool> = piece.loads.iter().map(|(_, access)| along(axis)(access)).collect();
        let of_tiles =
            |(turned, dtype): (&bool, &DType)| if *turned { SIDE * STRIDE * dtype.device_size() as u64 } else { 0 };
        let needed: u64 = turned.iter().zip(dtypes).map(of_tiles).sum();
        (needed + own.max(OWN_BYTES) <= u64::from(bytes)).then_some(Self::Tiles { axis, turned })
    }
}

/// How many tiles a piece has.
pub(crate) fn tiles_of(piece: &Piece, axis: usize) -> u64 {
    let last = piece.dims.len() - 1;
    let along = |(i, &n): (usize, &u64)| if i == axis || i == last { n.div_ceil(SIDE) } else { n };
    piece.dims.iter().enumerate().map(along).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(dims: &[u64], loads: &[(i64, &[i64])]) -> Piece {
        let access = |&(base, strides): &(i64, &[i64])| Access { base, strides: strides.to_vec() };
        Piece {
            dims: dims.to_vec(),
            out: Access { base: 0, strides: vec![0; dims.len()] },
            loads: loads.iter().enumerate().map(|(i, load)| (i, access(load))).collect(),
            indices: vec![],
        }
    }

    #[test]
    fn quads_start_at_multiples_of_four_and_end_in_padding() {
        let quads = |dims: &[u64], loads: &[(i64, &[i64])]| Reading::quads(&piece(dims, loads), false, true, |_| false);
        let all = |steps: &[LoadStep]| Some(Reading::Quads { loads: steps.to_vec(), blocks: vec![] });
        assert_eq!(quads(&[10], &[(0, &[1])]), all(&[LoadStep::Next]));
        assert_eq!(quads(&[8], &[(2, &[1])]), None);
        assert_eq!(quads(&[8], &[(2, &[1]), (4, &[1])]), all(&[LoadStep::Any, LoadStep::Next]));
        assert_eq!(quads(&[10], &[(2, &[1]), (4, &[1])]), None, "the last quad would read outside");
        assert_eq!(quads(&[3, 8], &[(0, &[8, 1]), (0, &[1, 0])]), all(&[LoadStep::Next, LoadStep::Stays]));
        assert_eq!(quads(&[3, 8], &[(0, &[9, 1])]), None);
        assert_eq!(quads(&[3, 6], &[(0, &[8, 1])]), None);
    }

    #[test]
    fn blocks_start_at_multiples_of_four() {
        let blocks = |dims: &[u64], indices: &[(i64, &[i64])], drawn: bool| {
            let of_loads = piece(dims, indices);
            let indices = of_loads.loads.into_iter().map(|(_, access)| access).collect();
            let piece = Piece { loads: vec![], indices, ..of_loads };
            match Reading::quads(&piece, false, true, |_| drawn) {
                Some(Reading::Quads { blocks, .. }) => Some(blocks),
                _ => None,
            }
        };
        assert_eq!(blocks(&[10], &[(8, &[1])], true), Some(vec![true]));
        assert_eq!(blocks(&[10], &[(8, &[1])], false), None);
        assert_eq!(blocks(&[8], &[(6, &[1])], true), None);
        assert_eq!(blocks(&[8], &[(6, &[1]), (-4, &[1])], true), Some(vec![false, true]));
        assert_eq!(blocks(&[3, 8], &[(0, &[20, 1])], true), Some(vec![true]));
        assert_eq!(blocks(&[3, 8], &[(0, &[10, 1])], true), None);
        assert_eq!(blocks(&[3, 6], &[(0, &[8, 1])], true), None);
    }

    #[test]
    fn tiles_turn_what_lies_along_another_axis() {
        let x: (i64, &[i64]) = (0, &[100, 1]);
        let turned: (i64, &[i64]) = (0, &[1, 100]);
        let tiles_beside = |loads: &[(i64, &[i64])], bytes, own| {
            Reading::tiles(&piece(&[100, 100], loads), &[DType::F64, DType::F64], bytes, own)
        };
        assert_eq!(tiles_beside(&[x, turned], 16 << 10, 0), None);
        // Not beside the states of several reductions.
        assert_eq!(tiles_beside(&[x, turned], 32 << 10, 24 << 10), None);
        assert_eq!(
            tiles_beside(&[x, turned], 32 << 10, 0),
            Some(Reading::Tiles { axis: 0, turned: vec![false, true] })
        );
        assert_eq!(tiles_beside(&[x, x], 32 << 10, 0), None);
        assert_eq!(tiles_of(&piece(&[3, 100, 64], &[]), 1), 3 * 4 * 2);
    }
}
