//! Strips of several short rows, folded along their reduced axes: what enters states side by side is brought together first.

use super::cut::{Cut, Reach};
use crate::dtype::{DType, with_bits};
use crate::ops::states::{Bytes, States};
use crate::plan::kernel::Piece;

/// The points of a strip by the state they enter: point `kept[i] + reduced[k]` is number `k` of those that enter state `i`.
pub(super) struct Groups {
    kept: Vec<u32>,
    reduced: Vec<u32>,
    /// Whether all that enters a state lies side by side.
    rows: bool,
    /// Whether the axis that is cut is kept: a strip that is not full has fewer states then, or else fewer elements of each.
    shrinks: bool,
    /// Points of a full strip.
    most: usize,
    /// Room for what enters the states together.
    values: Vec<u64>,
    indices: Vec<i64>,
    mask: Vec<u8>,
}

impl Groups {
    /// For strips that do not enter one state, nor each element its own; where their states lie side by side.
    pub(super) fn of(piece: &Piece, cut: &Cut, reach: &Reach) -> Option<Self> {
        let Reach::Table(states) = reach else { return None };
        let (mut kept, mut reduced) = (vec![0u32], vec![0u32]);
        let mut points = 1;
        for (len, stride) in cut.axes(piece, &piece.out) {
            let offsets = if stride == 0 { &mut reduced } else { &mut kept };
            *offsets = (0..len as u32).flat_map(|i| offsets.iter().map(move |at| at + i * points)).collect();
            points *= len as u32;
        }
        let side_by_side = kept.iter().enumerate().all(|(i, &at)| states[at as usize] == i as i32);
        let shrinks = piece.out.strides[cut.axis()] != 0;
        let rows = reduced.last().is_some_and(|&last| last as usize + 1 == reduced.len());
        let values = vec![0; kept.len()];
        let (indices, mask, most) = (Vec::new(), Vec::new(), cut.most());
        side_by_side.then_some(Self { kept, reduced, rows, shrinks, most, values, indices, mask })
    }

    /// Folds a strip's elements, of a dtype, into the states from `at` on.
    pub(super) fn fold(&mut self, states: &mut dyn States, at: usize, elements: Bytes<'_>, dtype: DType) {
        let size = dtype.size();
        let points = elements.values.len() / size;
        let part = |all: usize| all * points / self.most;
        let (kept, reduced) = match self.shrinks {
            true => (&self.kept[..part(self.kept.len())], self.reduced.as_slice()),
            false => (self.kept.as_slice(), &self.reduced[..part(self.reduced.len())]),
        };
        if self.rows {
            return states.rows(at, reduced.len(), elements);
        }
        let values = &mut bytemuck::cast_slice_mut(&mut self.values)[..kept.len() * size];
        for &first in reduced {
            with_bits!(dtype, T => {
                let (from, to) = (bytemuck::cast_slice::<u8, T>(elements.values), bytemuck::cast_slice_mut(values));
                pick::<T>(from, kept, first, to);
            });
            self.indices.clear();
            // An index counts along the reduced axis alone.
            let index = elements.indices.get(first as usize);
            index.into_iter().for_each(|&index| self.indices.resize(kept.len(), index));
            let mask = elements.mask.map(|mask| {
                self.mask.resize(kept.len(), 0);
                pick(mask, kept, first, &mut self.mask);
                self.mask.as_slice()
            });
            states.row(at, Bytes { values, indices: &self.indices, mask });
        }
    }
}

fn pick<T: Copy>(from: &[T], places: &[u32], first: u32, to: &mut [T]) {
    for (to, &place) in to.iter_mut().zip(places) {
        *to = from[(place + first) as usize];
    }
}
