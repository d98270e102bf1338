//! The inner part of the layered layout: the order within each layer, and the
//! places across.

use super::layered::{BEND_WIDTH, Layered, SIDE_GAP};

/// Rounds of ordering and of placing: more do not change what one sees.
const ROUNDS: usize = 16;

impl Layered {
    /// Orders each row by the mean place of its neighbours above and below in
    /// turn, and keeps the order with the fewest crossings.
    pub(super) fn order(&mut self, rows: &mut [Vec<usize>]) {
        let mut best: Option<(usize, Vec<Vec<usize>>)> = None;
        for round in 0..=ROUNDS {
            for row in rows.iter() {
                self.number(row);
            }
            let crossings = rows.iter().map(|row| self.crossings(row)).sum();
            if best.as_ref().is_none_or(|(least, _)| crossings < *least) {
                best = Some((crossings, rows.to_vec()));
            }
            if crossings == 0 || round == ROUNDS {
                break;
            }
            for i in 0..rows.len() {
                let downwards = round % 2 == 0;
                let i = if downwards { i } else { rows.len() - 1 - i };
                let near = if downwards { &self.up } else { &self.down };
                let mut keyed: Vec<_> =
                    rows[i].iter().map(|&v| (self.mean(&near[v]).unwrap_or(self.x[v]), v)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                rows[i] = keyed.into_iter().map(|(_, v)| v).collect();
                self.number(&rows[i]);
            }
        }
        if let Some((_, kept)) = best {
            rows.clone_from_slice(&kept);
        }
    }

    fn number(&mut self, row: &[usize]) {
        for (i, &v) in row.iter().enumerate() {
            // Relative to the row's middle, as rows differ in length.
            self.x[v] = i as f64 - row.len() as f64 / 2.0;
        }
    }

    fn mean(&self, near: &[usize]) -> Option<f64> {
        let sum: f64 = near.iter().map(|&u| self.weight(u) * self.x[u]).sum();
        let weight: f64 = near.iter().map(|&u| self.weight(u)).sum();
        (!near.is_empty()).then(|| sum / weight)
    }

    /// Bends give way to boxes, so that the main chains stay straight.
    fn weight(&self, v: usize) -> f64 {
        if self.width[v] == BEND_WIDTH { 1.0 } else { 4.0 }
    }

    /// Crossings of the edges below a row: inversions of their lower ends.
    fn crossings(&self, row: &[usize]) -> usize {
        let mut ends: Vec<f64> = Vec::new();
        let mut crossings = 0;
        for &v in row {
            let known = ends.len();
            for &b in &self.down[v] {
                let right_of = ends[..known].partition_point(|&x| x <= self.x[b]);
                crossings += known - right_of;
            }
            ends.extend(self.down[v].iter().map(|&b| self.x[b]));
            ends.sort_by(f64::total_cmp);
        }
        crossings
    }

    /// Moves each row towards its neighbours above and below in turn.
    pub(super) fn place(&mut self, rows: &[Vec<usize>]) {
        for row in rows {
            self.settle(row, |graph, v| graph.x[v]);
        }
        for round in 0..ROUNDS {
            for i in 0..rows.len() {
                if round % 2 == 0 {
                    self.settle(&rows[rows.len() - 1 - i], |g, v| g.mean(&g.down[v]).unwrap_or(g.x[v]));
                } else {
                    self.settle(&rows[i], |g, v| g.mean(&g.up[v]).unwrap_or(g.x[v]));
                }
            }
        }
        let edge = |&v: &usize| self.x[v] - self.width[v] / 2.0;
        let least = rows.iter().flatten().map(edge).fold(f64::INFINITY, f64::min);
        for &v in rows.iter().flatten() {
            self.x[v] -= least;
        }
    }

    /// Puts a row's vertices as near to where they `want` to be as their order
    /// and widths let them, by pooling those that push against each other.
    fn settle(&mut self, row: &[usize], want: impl Fn(&Self, usize) -> f64) {
        let mut offset = 0.0;
        let mut offsets = Vec::with_capacity(row.len());
        // (weight, weighted sum of wishes, vertices) of each pool.
        let mut pools: Vec<(f64, f64, usize)> = Vec::new();
        for (i, &v) in row.iter().enumerate() {
            if let Some(&left) = i.checked_sub(1).and_then(|i| row.get(i)) {
                offset += (self.width[left] + self.width[v]) / 2.0 + SIDE_GAP;
            }
            offsets.push(offset);
            let weight = self.weight(v);
            let mut pool = (weight, weight * (want(self, v) - offset), 1);
            while let Some(last) = pools.pop_if(|last| last.1 / last.0 >= pool.1 / pool.0) {
                pool = (last.0 + pool.0, last.1 + pool.1, last.2 + pool.2);
            }
            pools.push(pool);
        }
        let starts = pools.iter().flat_map(|p| std::iter::repeat_n(p.1 / p.0, p.2));
        for ((&v, start), offset) in row.iter().zip(starts).zip(offsets) {
            self.x[v] = start + offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::layered::{Size, layout};

    #[test]
    fn crossings_that_can_be_are_undone() {
        let sizes = [Size { width: 10.0, height: 10.0, above: 0.0 }; 6];
        // Two sources, each of two of the four sinks, mixed up.
        let made = layout(&sizes, &[(0, 2), (0, 4), (1, 3), (1, 5), (1, 4)]);
        let x = |i: usize| made.corners[i].0;
        assert_eq!(x(0) < x(1), x(2).max(x(4)) < x(3).min(x(5)));
    }

    #[test]
    fn a_chain_is_straight() {
        let sizes = [Size { width: 10.0, height: 10.0, above: 0.0 }; 5];
        let made = layout(&sizes, &[(0, 1), (1, 2), (2, 3), (3, 4)]);
        assert!(made.corners.iter().all(|c| c.0.abs() < 1e-9));
    }
}
