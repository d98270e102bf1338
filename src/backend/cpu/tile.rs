//! Tiles: of an operand that lies across the strips (its neighbours along a column are neighbours in memory) what a block of them reads,
//! turned, so that each strip finds its own in one row. Read strip by strip, each element would wait for a cache line of its own.

use std::cell::RefCell;

use bytemuck::Pod;

use super::cut::{Cut, inner};
use crate::ops::strip::{LINE, STRIP, prefetch};
use crate::plan::kernel::{Access, Piece};

/// Elements from a row of a tile to the next: not a power of two, or all rows would share a few sets of the cache.
const PITCH: usize = STRIP / 2 + 8;
/// Columns that are turned at a time: of the widest elements a cache line.
const SIDE: usize = 8;

thread_local! {
    /// Tiles of tasks that ended.
    static SPARE: RefCell<Vec<Box<[u64]>>> = const { RefCell::new(Vec::new()) };
}

/// What one operand has of a block of strips.
pub(super) struct Tile {
    values: Box<[u64]>,
    /// The axis of the rows, and rows of a block.
    axis: usize,
    block: u64,
    rows: u64,
}

impl Tile {
    /// A tile for an access, where strips take turns and it goes on along the rows and jumps along the columns.
    pub(super) fn of(piece: &Piece, cut: &Cut, access: &Access) -> Option<Self> {
        let axis = piece.dims.len().checked_sub(2)?;
        if cut.block == 1 || access.strides[axis] != 1 || inner(access).unsigned_abs() < SIDE as u64 {
            return None;
        }
        let spare = SPARE.try_with(|spare| spare.borrow_mut().pop()).ok().flatten();
        let values = spare.unwrap_or_else(|| vec![0; cut.block as usize * PITCH].into());
        Some(Self { values, axis, block: cut.block, rows: piece.dims[axis] })
    }

    /// Fills it, where `start` is that of the first strip of a block of `n` columns. `from` is the whole of what is accessed.
    pub(super) fn fill<T: Pod>(&mut self, from: &[T], access: &Access, start: &[u64], n: usize) {
        let row = start[self.axis];
        if !row.is_multiple_of(self.block) {
            return;
        }
        let height = self.block.min(self.rows - row) as usize;
        let (at, stride) = (access.at(start), inner(access));
        let out: &mut [T] = &mut bytemuck::cast_slice_mut(&mut self.values)[..height * PITCH];
        turn(from, at, stride, (height, n), out);
    }

    /// Where in it the elements of the strip at `start` begin.
    pub(super) fn at(&self, start: &[u64]) -> usize {
        (start[self.axis] % self.block) as usize * PITCH
    }

    /// All of it.
    pub(super) fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.values)
    }
}

impl Drop for Tile {
    fn drop(&mut self) {
        let own = std::mem::take(&mut self.values);
        // A thread that ends keeps nothing.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < 4 {
                spare.push(own);
            }
        });
    }
}

/// Columns of `height` elements, `stride` apart, become rows: a few at a time, so that a row gets a whole cache line.
fn turn<T: Pod>(from: &[T], at: i64, stride: i64, (height, width): (usize, usize), out: &mut [T]) {
    let column = |c: usize| &from[(at + stride * c as i64) as usize..][..height];
    let rows = || 0..height;
    let whole = width - width % SIDE;
    for first in (0..whole).step_by(SIDE) {
        // Each column is short, and the next ones are far away: no prefetcher sees them coming.
        for c in (first + SIDE..width).take(SIDE) {
            column(c).chunks(LINE / size_of::<T>()).for_each(|line| prefetch(line.as_ptr()));
        }
        let columns: [&[T]; SIDE] = std::array::from_fn(|c| column(first + c));
        for row in rows() {
            let turned = &mut out[row * PITCH + first..][..SIDE];
            for (value, column) in turned.iter_mut().zip(&columns) {
                *value = column[row];
            }
        }
    }
    for c in whole..width {
        column(c).iter().zip(rows()).for_each(|(&value, row)| out[row * PITCH + c] = value);
    }
}
