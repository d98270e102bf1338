//! [`View`]: an affine map from the axes an array is seen with to the axes it has. Slices, steps, reversals,
//! transposes, new axes, dropped axes and broadcasting are all views, and views compose; no kernel ever runs for one.

use crate::chunks::{AxisChunks, Chunks};

/// Where one axis of the underlying array comes from: `start + step · (seen axis)`, or just `start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AxisMap {
    /// The axis of the view that moves along this one; `None` holds it at `start`.
    pub axis: Option<usize>,
    /// The index at the view's first element.
    pub start: i64,
    /// The step; 0 where `axis` is `None`.
    pub step: i64,
}

impl AxisMap {
    /// The axis as it is, seen as axis `axis`.
    #[must_use]
    pub const fn whole(axis: usize) -> Self {
        Self { axis: Some(axis), start: 0, step: 1 }
    }
    /// The index that element `at` of the view has on this axis. Views are made of places within their axis, whose lengths are
    /// below 2⁶³: nothing wraps, whichever way the step goes.
    #[must_use]
    pub const fn place(&self, at: u64) -> u64 {
        self.start.cast_unsigned().wrapping_add(self.step.cast_unsigned().wrapping_mul(at))
    }
    /// One index of the axis.
    #[must_use]
    pub const fn at(start: i64) -> Self {
        Self { axis: None, start, step: 0 }
    }
}

/// One [`AxisMap`] for each axis of the underlying array. Axes of the view that none names repeat it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct View(pub Vec<AxisMap>);

impl View {
    /// The array as it is.
    #[must_use]
    pub fn identity(ndim: usize) -> Self {
        Self((0..ndim).map(AxisMap::whole).collect())
    }
    /// The last axes of a view of `ndim` axes onto an array of `dims`, as broadcasting aligns them.
    #[must_use]
    pub fn broadcast(dims: &[Option<u64>], ndim: usize) -> Self {
        let new = ndim - dims.len();
        Self(
            dims.iter()
                .enumerate()
                .map(|(k, &len)| if len == Some(1) { AxisMap::at(0) } else { AxisMap::whole(k + new) })
                .collect(),
        )
    }
    /// `self` seen through `outer`: `outer` maps the axes `self` is seen with to new ones.
    #[must_use]
    pub fn through(&self, outer: &Self) -> Self {
        Self(
            self.0
                .iter()
                .map(|m| match m.axis {
                    None => *m,
                    Some(axis) => {
                        let o = outer.0[axis];
                        AxisMap { axis: o.axis, start: m.start + m.step * o.start, step: m.step * o.step }
                    }
                })
                .collect(),
        )
    }
    /// How a view of lengths `dims` is cut, following the chunks of what it shows.
    #[must_use]
    pub fn chunks(&self, of: &Chunks, dims: &[u64]) -> Chunks {
        let mut axes: Vec<AxisChunks> = dims.iter().map(|&len| AxisChunks::regular(len, len)).collect();
        for (m, axis) in self.0.iter().zip(of.axes()) {
            let Some(seen) = m.axis else { continue };
            axes[seen] = match axis.len() {
                None => axis.clone(),
                Some(len) if m.step == 1 && m.start == 0 && dims[seen] == len => axis.clone(),
                Some(_) => axis.seen(m.start.cast_unsigned(), m.step, dims[seen]),
            };
        }
        Chunks::new(axes)
    }
}

/// The first element of the view after `at` that falls into another chunk of `axis` (or `len`).
pub(crate) fn segment_end(axis: &AxisChunks, m: &AxisMap, at: u64, len: u64) -> u64 {
    let here = m.place(at);
    let (start, end) = axis.range(axis.find(here));
    let steps = match m.step {
        0 => return len,
        step if step > 0 => (end - here).div_ceil(step.unsigned_abs()),
        step => (here - start) / step.unsigned_abs() + 1,
    };
    at.saturating_add(steps).min(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_compose_as_indexing_does() {
        // x[2..10:3].rev() of x: element i is x[8 - 3 i] ([2, 5, 8] reversed).
        let slice = View(vec![AxisMap { axis: Some(0), start: 2, step: 3 }]);
        let reverse = View(vec![AxisMap { axis: Some(0), start: 2, step: -1 }]);
        assert_eq!(slice.through(&reverse), View(vec![AxisMap { axis: Some(0), start: 8, step: -3 }]));
    }

    #[test]
    fn chunks_of_a_stepped_reversed_view_follow_the_chunks_below() {
        let axis = AxisChunks::regular(10, 4); // 0..4 4..8 8..10
        let view = View(vec![AxisMap { axis: Some(0), start: 9, step: -3 }]); // 9 6 3 0
        let chunks = view.chunks(&Chunks::new(vec![axis]), &[4]);
        assert_eq!(chunks, Chunks::new(vec![AxisChunks::from_ends(vec![1, 2, 4])]));
    }
}
