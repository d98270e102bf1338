//! How a piece is cut into strips: runs along its last axis, or, where rows are short, several whole rows together.

use crate::ops::strip::STRIP;
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{Access, Piece};

/// Strips of a piece: `step` places of `axis` each, with all of the axes behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cut {
    axis: usize,
    step: u64,
    /// Points of one place of `axis`.
    row: u64,
    /// Rows whose strips take turns, column by column; 1 for C order.
    pub(super) block: u64,
}

impl Cut {
    /// Strips of a program over a piece, in C order. What is only read where it lies needs no register: those are longer.
    pub(super) fn in_order(program: &Program, piece: &Piece) -> Self {
        const LONG: usize = 8 * STRIP;
        let in_place = |cut: &Self| {
            let loads = program.insts.iter().all(|inst| matches!(inst, Inst::Load { .. }));
            loads && piece.loads.iter().all(|(_, access)| cut.reach(piece, access) == Reach::Line(1))
        };
        let rows = || Self::rows(program, piece, LONG).filter(in_place).or_else(|| Self::rows(program, piece, STRIP));
        let long = Some(Self::columns(piece, LONG)).filter(in_place);
        rows().or(long).unwrap_or_else(|| Self::columns(piece, STRIP))
    }

    /// The same, each of what fits a register.
    pub(super) fn in_strips(program: &Program, piece: &Piece) -> Self {
        Self::rows(program, piece, STRIP).unwrap_or_else(|| Self::columns(piece, STRIP))
    }

    /// Strips of a program over a piece whose order does not matter.
    pub(super) fn any_order(program: &Program, piece: &Piece) -> Self {
        // A load that jumps along the columns and goes on along the rows finds its cache lines again in the next rows.
        let across = |access: &Access| {
            let mut strides = access.strides.iter().rev().map(|s| s.unsigned_abs());
            strides.next().is_some_and(|s| s >= 8) && strides.next().is_some_and(|s| s < 8)
        };
        let cut = Self::in_order(program, piece);
        match cut.row == 1 && piece.loads.iter().any(|(_, access)| across(access)) {
            true => Self { block: 64, ..Self::columns(piece, STRIP / 2) },
            false => cut,
        }
    }

    /// Runs of at most `most` points along the last axis.
    pub(super) fn columns(piece: &Piece, most: usize) -> Self {
        let axis = piece.dims.len() - 1;
        Self { axis, step: piece.dims[axis].min(most as u64), row: 1, block: 1 }
    }

    /// Several whole rows a strip, where that is quicker. A row by itself costs an instruction its call; together they cost
    /// each operand that does not lie point by point as the strip does a look into a table for every point.
    fn rows(program: &Program, piece: &Piece, most: usize) -> Option<Self> {
        /// Points looked up in the time of a call.
        const CALL: u64 = 64;
        let most = most as u64;
        let mut axis = piece.dims.len().checked_sub(2)?;
        let width = piece.dims[axis + 1];
        let mut row = width;
        while axis > 0 && row * piece.dims[axis] <= most / 2 {
            row *= piece.dims[axis];
            axis -= 1;
        }
        let most = most / row;
        if most < 2 {
            return None;
        }
        // As even as can be: the last strip should not be a short one.
        let step = piece.dims[axis].div_ceil(piece.dims[axis].div_ceil(most));
        let cut = Self { axis, step, row, block: 1 };
        let table = |access: &&Access| !cut.is_line(piece, access) && !cut.is_still(piece, access);
        let jumps = |slot: usize| !cut.is_line(piece, &piece.indices[slot]);
        let drawn = |inst: &Inst| matches!(inst, Inst::Random { slot, .. } if jumps(usize::from(*slot)));
        let operands = || piece.loads.iter().map(|(_, access)| access).chain(&piece.indices);
        // From the first point of a strip to the last.
        let span = |access: &Access| {
            let along = |(len, stride): (u64, i64)| stride.unsigned_abs().saturating_mul(len - 1);
            cut.axes(piece, access).map(along).fold(0, u64::saturating_add)
        };
        let fits = operands().chain([&piece.out]).all(|access| span(access) <= i32::MAX as u64);
        let tables = operands().filter(table).count() + usize::from(!cut.is_line(piece, &piece.out));
        let calls = program.insts.iter().filter(|inst| !matches!(inst, Inst::Const { .. })).count() + 1;
        let quicker = calls as u64 * CALL > tables as u64 * width;
        (quicker && fits && !program.insts.iter().any(drawn)).then_some(cut)
    }

    /// Points of the longest strip.
    pub(super) fn most(&self) -> usize {
        (self.step * self.row) as usize
    }

    /// The axis that is cut.
    pub(super) fn axis(&self) -> usize {
        self.axis
    }

    /// Length and stride of each axis within the longest strip, the last one first.
    pub(super) fn axes<'a>(&'a self, piece: &'a Piece, access: &'a Access) -> impl Iterator<Item = (u64, i64)> + 'a {
        let length = |k: usize| if k == self.axis { self.step } else { piece.dims[k] };
        (self.axis..piece.dims.len()).rev().map(move |k| (length(k), access.strides[k]))
    }

    /// Whether an access goes through a strip in steps of one length.
    fn is_line(&self, piece: &Piece, access: &Access) -> bool {
        let mut expected = None;
        self.axes(piece, access).filter(|&(len, _)| len > 1).all(|(len, stride)| {
            let goes_on = expected.is_none_or(|expected| stride == expected);
            expected = Some(stride.wrapping_mul(len as i64));
            goes_on
        })
    }

    /// Whether an access is at the same places in every strip.
    pub(super) fn is_still(&self, piece: &Piece, access: &Access) -> bool {
        let moves = |k: usize| access.strides[k] != 0 && piece.dims[k] > if k == self.axis { self.step } else { 1 };
        !(0..=self.axis).any(moves)
    }

    /// How an access goes through a strip.
    pub(super) fn reach(&self, piece: &Piece, access: &Access) -> Reach {
        if self.is_line(piece, access) {
            let step = self.axes(piece, access).find(|&(len, _)| len > 1);
            return Reach::Line(step.map_or_else(|| inner(access), |(_, stride)| stride));
        }
        let mut table = vec![0i32];
        for (len, stride) in self.axes(piece, access) {
            table = (0..len as i32).flat_map(|i| table.iter().map(move |at| at + i * stride as i32)).collect();
        }
        Reach::Table(table)
    }

    /// Calls `f` with the start and the points of each strip.
    pub(super) fn for_each(&self, piece: &Piece, f: &mut dyn FnMut(&[u64], usize)) {
        let (outer, width) = (&piece.dims[..self.axis], piece.dims[self.axis]);
        let mut start = vec![0; piece.dims.len()];
        let last = self.axis;
        if piece.points() == 0 {
            return;
        }
        // The axis of the rows; without one there is a single row.
        let axis = last.checked_sub(1);
        let height = axis.map_or(1, |axis| outer[axis]);
        loop {
            let mut row = 0;
            while row < height {
                let block = row..(row + self.block).min(height);
                let mut at = 0;
                while at < width {
                    let n = (width - at).min(self.step);
                    start[last] = at;
                    for row in block.clone() {
                        if let Some(axis) = axis {
                            start[axis] = row;
                        }
                        f(&start, (n * self.row) as usize);
                    }
                    at += n;
                }
                row = block.end;
            }
            start[last] = 0;
            let Some(axis) = axis else { return };
            let Some(k) = (0..axis).rev().find(|&k| start[k] + 1 < outer[k]) else {
                return;
            };
            start[k] += 1;
            start[k + 1..last].fill(0);
        }
    }
}

/// Where the points of a strip are, from its first one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reach {
    /// In steps of one length.
    Line(i64),
    /// For each point.
    Table(Vec<i32>),
}

impl Reach {
    /// Where point `i` is.
    pub(super) fn at(&self, i: usize) -> i64 {
        match self {
            Self::Line(stride) => stride * i as i64,
            Self::Table(table) => table[i].into(),
        }
    }
}

/// The step along the innermost axis.
pub(super) fn inner(access: &Access) -> i64 {
    access.strides.last().copied().unwrap_or(0)
}
