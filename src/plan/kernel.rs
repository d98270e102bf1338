//! The only language between plan and backends: what a kernel does ([`Kernel`]) and where ([`Piece`]).
//!
//! Every kernel runs over *pieces*: boxes of the stage's domain for which each input lies in a single chunk. Within
//! a piece every place is an affine function of the local coordinates ([`Access`]), so slices, steps, transposes, broadcasting,
//! unaligned chunks and C-order reshape are all strides: nothing is copied to be rearranged.

use std::sync::Arc;

use super::expr::Program;
use crate::dtype::DType;
use crate::ops::{Fold, Sorting};

/// An affine function of a piece's coordinates: `base + Σ strides[k] · i[k]`, in elements.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Access {
    /// The value at the piece's first point.
    pub base: i64,
    /// The step along each axis of the piece.
    pub strides: Vec<i64>,
}

impl Access {
    /// The value at a point.
    #[must_use]
    pub fn at(&self, point: &[u64]) -> i64 {
        self.base + self.strides.iter().zip(point).map(|(s, &i)| s * i as i64).sum::<i64>()
    }
}

/// A box of the domain with everything in it affine.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// Points along each axis; outermost first, the last one varies fastest. Never empty axes.
    pub dims: Vec<u64>,
    /// Where results go, in the output chunk. A reduction has stride 0 along the axes it reduces.
    pub out: Access,
    /// For each load of the program: which of the task's inputs, and where in it.
    pub loads: Vec<(usize, Access)>,
    /// For each affine index of the program: its value (64-bit, wrapping).
    pub indices: Vec<Access>,
}

impl Piece {
    /// Number of points.
    #[must_use]
    pub fn points(&self) -> u64 {
        self.dims.iter().product()
    }

    /// Merges axes that every access walks as one, so that most pieces become one- or two-dimensional, and drops
    /// axes of one point. At least one axis stays.
    #[must_use]
    pub fn collapsed(mut self) -> Self {
        let mut accesses: Vec<&mut Access> = std::iter::once(&mut self.out)
            .chain(self.loads.iter_mut().map(|(_, access)| access))
            .chain(&mut self.indices)
            .collect();
        let mut k = 0;
        while k < self.dims.len() {
            let last = self.dims.len() == 1;
            let drop = self.dims[k] == 1 && !last;
            // Axis k continues axis k + 1: k advances by exactly the whole of k + 1.
            let merge = k + 1 < self.dims.len()
                && accesses.iter().all(|a| a.strides[k] == a.strides[k + 1].wrapping_mul(self.dims[k + 1] as i64));
            if drop || merge {
                if merge && !drop {
                    self.dims[k + 1] *= self.dims[k];
                }
                self.dims.remove(k);
                for access in &mut accesses {
                    access.strides.remove(k);
                }
                k = 0;
            } else {
                k += 1;
            }
        }
        if self.dims.is_empty() {
            self.dims.push(1);
            for access in accesses {
                access.strides.push(0);
            }
        }
        self
    }

    /// Gives it as many axes as `rank`, at least: of one point, before its own.
    pub fn widen(&mut self, rank: usize) {
        let more = rank.saturating_sub(self.dims.len());
        let loads = self.loads.iter_mut().map(|(_, access)| access);
        let accesses = std::iter::once(&mut self.out).chain(loads).chain(&mut self.indices);
        accesses.for_each(|access| drop(access.strides.splice(..0, vec![0; more])));
        self.dims.splice(..0, vec![1; more]);
    }
}

/// Points one part of a reduction's piece has at least: parts are what threads share. Their number depends on the piece alone, so
/// results do not depend on the number of threads.
pub const REDUCE_PART: u64 = 1 << 17;
/// Output elements up to which parts along a reduced axis keep states of their own.
pub const REDUCE_SLOTS: usize = 1 << 12;
/// Outputs whose states parts hold at a time beside those of their task, at most, or as many as the task has.
pub const REDUCE_BESIDE: usize = 1 << 14;

/// Lines side by side whose states a scan holds at a time, at most.
pub const SCAN_LANES: usize = 1 << 13;

/// Tables of counts that a histogram's task fills in turn: neighbouring elements often fall into one bin, and each count waits for
/// the one before it. Of many bins few meet, and the tables of a few leave the cache to the data.
#[must_use]
pub const fn histogram_tables(bins: u64) -> u64 {
    if bins < 1 << 14 { 4 } else { 1 }
}

/// What some of a program's outputs are folded to, from output `first` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Folding {
    /// The first of its outputs.
    pub first: usize,
    /// Whether there is a mask.
    pub masked: bool,
    /// To what.
    pub to: FoldTo,
}

/// States, or counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FoldTo {
    /// As [`Kernel::Reduce`].
    States(Fold),
    /// As [`Kernel::Histogram`], without weights.
    Bins {
        /// How many.
        bins: u64,
        /// Whether they are of equal width.
        uniform: bool,
    },
}

impl Folding {
    /// The only fold of a program's outputs.
    #[must_use]
    pub const fn only(fold: Fold, masked: bool) -> Self {
        Self { first: 0, masked, to: FoldTo::States(fold) }
    }
    /// Its name in plans.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.to {
            FoldTo::States(fold) => fold.name(),
            FoldTo::Bins { .. } => "histogram",
        }
    }
    /// The dtypes of the arrays that it makes of such a program's values, on the host.
    #[must_use]
    pub fn arrays(&self, program: &Program) -> Vec<DType> {
        match self.to {
            FoldTo::States(fold) => fold.states(program.output_dtype(self.first), self.masked),
            FoldTo::Bins { .. } => vec![DType::I64],
        }
    }
    /// Bytes of those of a chunk whose reductions have so many outputs.
    #[must_use]
    pub fn bytes(&self, program: &Program, outputs: u64) -> u64 {
        let outputs = if let FoldTo::Bins { bins, .. } = self.to { bins } else { outputs };
        outputs.saturating_mul(8 * self.arrays(program).len() as u64)
    }
    /// The number of its outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        let more = match self.to {
            FoldTo::States(fold) => fold.indexed(),
            FoldTo::Bins { .. } => false,
        };
        1 + usize::from(more) + usize::from(self.masked)
    }
}

/// Bytes of the states of a workgroup's threads on a device, at most.
#[must_use]
pub fn workgroup_bytes(program: &Program, folds: &[Folding]) -> u64 {
    const THREADS: u64 = 256;
    let state = |fold: &Folding| {
        // All have a count there, in 32 bits, and are aligned to 64.
        let own: usize = fold.arrays(program).iter().map(|dtype| dtype.size().max(4)).sum();
        let counted = fold.masked || fold.to == FoldTo::States(Fold::Moments);
        (own + if counted { 0 } else { 4 }).next_multiple_of(8) as u64
    };
    THREADS * folds.iter().map(state).sum::<u64>()
}

/// What one chunk kernel does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Kernel {
    /// Stores the program's only output at `out`.
    Map(Program),
    /// Folds the program's outputs into states at `out`: `[value]`, then the element's index for [`Fold::indexed`]
    /// folds, then the mask where `masked`. The result is the state's arrays ([`Fold::states`]), each
    /// `[slots, out elements]`: backends may leave several partial states, which are merged in order.
    Reduce {
        /// The fused expression.
        program: Program,
        /// How states combine.
        fold: Fold,
        /// Whether the last output is a mask.
        masked: bool,
    },
    /// Counts the program's `[value]` (then mask where `masked`, then weight where `weighted`) into bins whose edges are the
    /// task's last input: ascending, in the value's dtype for floats; for integers, `ceil` of the true edges as `i64`.
    /// A value belongs to the last bin whose left edge is not above it; the last bin includes its right edge. Values
    /// outside, and NaN, are left out. The result is `i64` counts, or `f64` sums of weights.
    Histogram {
        /// The fused expression.
        program: Program,
        /// Whether the second output is a mask.
        masked: bool,
        /// Whether the last output is a weight (`f64`).
        weighted: bool,
        /// Whether the bins are of equal width, so that a bin can be estimated by arithmetic and then corrected.
        uniform: bool,
    },
    /// Reductions along the same axes and histograms, made in one walk over the elements: `out` is the reductions'. The result is the
    /// arrays of each in turn, as above. The edges of histograms are the task's last inputs, in their order.
    Folds {
        /// The fused expressions: the outputs of each in turn.
        program: Program,
        /// What they are folded to.
        folds: Vec<Folding>,
    },
    /// Keeps the program's `[value]` where `[mask]` is true, in the order of `out`, which is a bijection onto
    /// `0..out elements`: the chunk's C order. The result is as long as there are true ones.
    Select(Program),
    /// Folds along a line: each result is the fold of all elements of its line up to it. Results go to `out`, a bijection onto the
    /// chunk's C order; sums and products of integers are in 64 bits ([`Fold::scanned`]). Where it is `carried`, the task's last input
    /// holds the fold of what comes before the chunk, an element a line.
    Scan {
        /// The fused expression: the elements.
        program: Program,
        /// What they are folded by.
        fold: Fold,
        /// The axis of the output along which lines are; all of it in C order without one.
        axis: Option<usize>,
        /// Whether something comes before.
        carried: bool,
    },
    /// Brings the program's value into order along lines of the output, each of them whole: what is made of each goes to `out`, a
    /// bijection onto the chunk's C order.
    Sort {
        /// The fused expression: the elements.
        program: Program,
        /// What is made of each line.
        sorting: Sorting,
        /// The axis of the output along which lines are.
        axis: usize,
        /// The places of each line that are read, ascending, where not all are.
        read: Option<Arc<[u64]>>,
    },
    /// Copies slabs by index: `out[i, j, k] = in[i, table[j], k]`, for the pairs of places along the middle axis.
    Take(DType),
    /// Matrix product into a chunk, accumulating over the pieces' inner axis.
    Dot(DType),
}

impl Kernel {
    /// The kernel's name in plans and labels.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Map(_) => "map",
            Self::Reduce { fold, .. } => fold.name(),
            Self::Histogram { .. } => "histogram",
            Self::Folds { .. } => "folds",
            Self::Select(_) => "select",
            Self::Scan { fold, .. } => fold.scan_name(),
            Self::Sort { sorting, .. } => sorting.name(),
            Self::Take(_) => "take",
            Self::Dot(_) => "dot",
        }
    }
    /// Buffers that it binds on a device beside what it loads: parameters, results, and what it reads itself.
    #[must_use]
    pub fn binds_beside(&self) -> usize {
        match self {
            Self::Map(program) => 1 + program.outputs.len(),
            // Edges; the places of tiles; what comes before; places beside keys.
            Self::Histogram { .. } | Self::Select(_) | Self::Scan { .. } | Self::Sort { .. } => 3,
            Self::Reduce { program, fold, masked } => 1 + Folding::only(*fold, *masked).arrays(program).len(),
            Self::Folds { program, folds } => 1 + folds.iter().map(|fold| fold.arrays(program).len()).sum::<usize>(),
            Self::Take(_) => 2,
            // All of them.
            Self::Dot(_) => 4,
        }
    }
    /// The fused expression, for kernels that have one.
    #[must_use]
    pub fn program(&self) -> Option<&Program> {
        match self {
            Self::Map(program) | Self::Select(program) => Some(program),
            Self::Reduce { program, .. } | Self::Histogram { program, .. } | Self::Folds { program, .. } => {
                Some(program)
            }
            Self::Scan { program, .. } | Self::Sort { program, .. } => Some(program),
            Self::Take(_) | Self::Dot(_) => None,
        }
    }
    /// The same, to be changed.
    pub(super) fn program_mut(&mut self) -> Option<&mut Program> {
        match self {
            Self::Map(program) | Self::Select(program) => Some(program),
            Self::Reduce { program, .. } | Self::Histogram { program, .. } | Self::Folds { program, .. } => {
                Some(program)
            }
            Self::Scan { program, .. } | Self::Sort { program, .. } => Some(program),
            Self::Take(_) | Self::Dot(_) => None,
        }
    }
}

/// One matrix product of a [`Kernel::Dot`] task: `c[m, n] += a[m, k] · b[k, n]`, by strides.
#[derive(Clone, Debug)]
pub struct DotPiece {
    /// `(m, n, k)`.
    pub size: [u64; 3],
    /// Which input holds `a`, and where: `[row, column]` strides.
    pub a: (usize, Access),
    /// Which input holds `b`.
    pub b: (usize, Access),
    /// Where in the output chunk.
    pub c: Access,
}

/// One copy of a [`Kernel::Take`] task.
#[derive(Clone, Debug)]
pub struct TakePiece {
    /// Which of the task's inputs.
    pub input: usize,
    /// `[outer, places, inner]`.
    pub dims: [u64; 3],
    /// Where slab 0 of the input is, and strides of `[outer, middle axis, inner]`.
    pub from: Access,
    /// Where slab 0 of the output is, and strides of `[outer, middle axis, inner]`.
    pub to: Access,
    /// `(from, to)` positions along the middle axis.
    pub places: Vec<(u32, u32)>,
}

/// Where a task's kernel works.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Work {
    /// For kernels with a program.
    Pieces(Vec<Piece>),
    /// For [`Kernel::Scan`] and [`Kernel::Sort`]: the pieces, and the output chunk as `[outer, along the lines, inner]`.
    Lines(Vec<Piece>, [u64; 3]),
    /// For [`Kernel::Dot`].
    Dot(Vec<DotPiece>),
    /// For [`Kernel::Take`].
    Take(Vec<TakePiece>),
}

impl Work {
    /// Points of all pieces; multiplications of products, elements of takes.
    #[must_use]
    pub fn points(&self) -> u64 {
        match self {
            Self::Pieces(pieces) | Self::Lines(pieces, _) => pieces.iter().map(Piece::points).sum(),
            Self::Dot(pieces) => pieces.iter().map(|piece| piece.size.iter().product::<u64>()).sum(),
            Self::Take(pieces) => pieces.iter().map(|piece| piece.dims.iter().product::<u64>()).sum(),
        }
    }
    /// Bytes that the lists of pieces take, roughly.
    #[must_use]
    pub fn listed_bytes(&self) -> u64 {
        /// What a piece names: its box, and for each load and index where it lies.
        const PIECE: u64 = 384;
        /// A place of a take: from where, to where, and once more while they are brought into order.
        const PLACE: u64 = 32;
        match self {
            Self::Pieces(pieces) | Self::Lines(pieces, _) => PIECE * pieces.len() as u64,
            Self::Dot(pieces) => PIECE * pieces.len() as u64,
            Self::Take(pieces) => pieces.iter().map(|piece| PIECE + PLACE * piece.places.len() as u64).sum(),
        }
    }
    /// Number of pieces: at least that many loops or dispatches.
    #[must_use]
    pub fn pieces(&self) -> usize {
        match self {
            Self::Pieces(pieces) | Self::Lines(pieces, _) => pieces.len(),
            Self::Dot(pieces) => pieces.len(),
            Self::Take(pieces) => pieces.len(),
        }
    }
}
