//! A layered layout of a directed acyclic graph, from the top down: layers by
//! longest path, order within a layer by barycentres, and places by the least
//! squares that keep the order.
//!
//! Edges that skip layers get a *bend* in each, shared by all edges from the
//! same node, so that no edge runs through a box. Parts of the graph that are
//! not connected are laid out apart and packed into shelves.

use std::collections::HashMap;

/// Room between neighbours in a layer, and between parts.
pub(super) const SIDE_GAP: f64 = 16.0;
/// Least room between layers; flat edges get more.
const LAYER_GAP: f64 = 36.0;
pub(super) const BEND_WIDTH: f64 = 2.0;

/// The size of a box, and the room for labels that is kept above it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) above: f64,
}

/// A straight way down through one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bend {
    pub(super) x: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// Where everything lies.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The upper left corner of each box.
    pub(super) corners: Vec<(f64, f64)>,
    /// The bends of each edge; `None` for an edge that closes a cycle.
    pub(super) bends: Vec<Option<Vec<Bend>>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The layered graph: the boxes first, then the bends.
pub(super) struct Layered {
    layer: Vec<usize>,
    pub(super) width: Vec<f64>,
    pub(super) up: Vec<Vec<usize>>,
    pub(super) down: Vec<Vec<usize>>,
    /// Places within the layer; centres once placed.
    pub(super) x: Vec<f64>,
}

/// Lays out boxes that are joined by `edges`, pairs of box numbers.
pub(super) fn layout(sizes: &[Size], edges: &[(usize, usize)]) -> Layout {
    let rank = topological(sizes.len(), edges);
    let runs_down = |&(a, b): &(usize, usize)| rank[a] < rank[b];
    let kept: Vec<_> = edges.iter().copied().filter(runs_down).collect();
    let (mut graph, bends) = Layered::new(sizes, &kept, &rank);

    let mut made = Layout { corners: vec![(0.0, 0.0); sizes.len()], ..Layout::default() };
    let mut tops = vec![(0.0, 0.0); graph.layer.len()];
    let mut parts = graph.components();
    for rows in &mut parts {
        graph.order(rows);
        graph.place(rows);
    }
    // Shelves about as wide as the widest part, or as a square of the whole.
    let widest = parts.iter().map(|rows| graph.extent(rows)).fold(0.0, f64::max);
    let area: f64 = parts.iter().map(|rows| graph.extent(rows) * 80.0 * rows.len() as f64).sum();
    let shelf = widest.max(area.sqrt() * 1.5);
    let (mut left, mut top) = (0.0, 0.0);
    for rows in &parts {
        let width = graph.extent(rows);
        if left > 0.0 && left + width > shelf {
            (left, top) = (0.0, made.height + LAYER_GAP);
        }
        let bottom = graph.stack(rows, sizes, (left, top), &mut tops);
        left += width + SIDE_GAP;
        made.width = made.width.max(left - SIDE_GAP);
        made.height = made.height.max(bottom);
    }

    for (i, size) in sizes.iter().enumerate() {
        made.corners[i] = (graph.x[i] - size.width / 2.0, tops[i].0 + size.above);
    }
    let bend = |&v: &usize| Bend { x: graph.x[v], top: tops[v].0, bottom: tops[v].1 };
    let route = |edge: &(usize, usize)| {
        let chain = bends.get(&edge.0).map_or(&[][..], Vec::as_slice);
        let between = graph.layer[edge.1].saturating_sub(graph.layer[edge.0] + 1);
        runs_down(edge).then(|| chain.iter().take(between).map(bend).collect())
    };
    made.bends = edges.iter().map(route).collect();
    made
}

/// A rank for each node that is greater than those of its sources. Where there
/// is a cycle, its first node is taken as if it had none.
fn topological(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut down = vec![Vec::new(); nodes];
    let mut waits = vec![0; nodes];
    for &(a, b) in edges {
        down[a].push(b);
        waits[b] += 1;
    }
    let mut rank = vec![usize::MAX; nodes];
    let mut ready: Vec<usize> = (0..nodes).rev().filter(|&i| waits[i] == 0).collect();
    let mut first_left = 0;
    for next in 0..nodes {
        while first_left < nodes && rank[first_left] != usize::MAX {
            first_left += 1;
        }
        let node = ready.pop().unwrap_or(first_left);
        rank[node] = next;
        for &b in down[node].iter().rev() {
            waits[b] -= 1;
            if waits[b] == 0 && rank[b] == usize::MAX {
                ready.push(b);
            }
        }
    }
    rank
}

/// Longest-path layers, with sources then let down towards what they feed.
fn layers(rank: &[usize], edges: &[(usize, usize)]) -> Vec<usize> {
    let mut layer = vec![0; rank.len()];
    let mut sorted = edges.to_vec();
    sorted.sort_by_key(|e| rank[e.0]);
    let (mut ins, mut outs) = (vec![0; rank.len()], vec![Vec::new(); rank.len()]);
    for (a, b) in sorted {
        layer[b] = layer[b].max(layer[a] + 1);
        ins[b] += 1;
        outs[a].push(b);
    }
    let mut nodes: Vec<usize> = (0..rank.len()).collect();
    nodes.sort_by_key(|&i| std::cmp::Reverse(rank[i]));
    for i in nodes {
        // With no more edges in than out, going down makes none longer in sum.
        let below = outs[i].iter().map(|&b| layer[b]).min();
        if let Some(below) = below.filter(|_| ins[i] <= outs[i].len()) {
            layer[i] = below - 1;
        }
    }
    layer
}

impl Layered {
    /// Also gives the bends that each node's edges share, from the top down.
    fn new(sizes: &[Size], edges: &[(usize, usize)], rank: &[usize]) -> (Self, HashMap<usize, Vec<usize>>) {
        let layer = layers(rank, edges);
        let empty = vec![Vec::new(); sizes.len()];
        let mut graph = Self {
            width: sizes.iter().map(|s| s.width).collect(),
            up: empty.clone(),
            down: empty,
            x: vec![0.0; sizes.len()],
            layer,
        };
        let mut bends: HashMap<usize, Vec<usize>> = HashMap::new();
        for &(a, b) in edges {
            let chain = bends.entry(a).or_default();
            for layer in graph.layer[a] + 1 + chain.len()..graph.layer[b] {
                let bend = graph.layer.len();
                graph.layer.push(layer);
                graph.width.push(BEND_WIDTH);
                graph.x.push(0.0);
                graph.up.push(Vec::new());
                graph.down.push(Vec::new());
                graph.join(chain.last().copied().unwrap_or(a), bend);
                chain.push(bend);
            }
            let last = (graph.layer[b] - graph.layer[a]).checked_sub(2);
            let from = last.and_then(|i| chain.get(i).copied()).unwrap_or(a);
            graph.join(from, b);
        }
        (graph, bends)
    }

    fn join(&mut self, above: usize, below: usize) {
        self.down[above].push(below);
        self.up[below].push(above);
    }

    /// The connected parts, each as rows in the order of a depth-first walk.
    fn components(&self) -> Vec<Vec<Vec<usize>>> {
        let mut seen = vec![false; self.layer.len()];
        let mut parts = Vec::new();
        for start in 0..self.layer.len() {
            let (mut stack, mut rows) = (vec![start], Vec::<Vec<usize>>::new());
            while let Some(v) = stack.pop() {
                if std::mem::replace(&mut seen[v], true) {
                    continue;
                }
                rows.resize_with(rows.len().max(self.layer[v] + 1), Vec::new);
                rows[self.layer[v]].push(v);
                stack.extend(self.up[v].iter().chain(&self.down[v]).rev());
            }
            rows.retain(|row| !row.is_empty());
            if !rows.is_empty() {
                parts.push(rows);
            }
        }
        parts
    }

    fn extent(&self, rows: &[Vec<usize>]) -> f64 {
        let edge = |&v: &usize| self.x[v] + self.width[v] / 2.0;
        rows.iter().flatten().map(edge).fold(0.0, f64::max)
    }

    /// Gives each row its top and bottom, moves the part to `corner`, and
    /// returns where it ends.
    fn stack(&mut self, rows: &[Vec<usize>], sizes: &[Size], corner: (f64, f64), tops: &mut [(f64, f64)]) -> f64 {
        let (mut top, mut bottom) = (corner.1, corner.1);
        for row in rows {
            let boxes = || row.iter().filter_map(|&v| sizes.get(v));
            let above = boxes().map(|s| s.above).fold(0.0, f64::max);
            bottom = top + above + boxes().map(|s| s.height).fold(0.0, f64::max);
            for &v in row {
                // A box stands at the foot of the room for labels.
                let spare = sizes.get(v).map_or(0.0, |s| above - s.above);
                tops[v] = (top + spare, bottom);
            }
            let x = &self.x;
            let shift = |&v: &usize| self.down[v].iter().map(move |&b| (x[v] - x[b]).abs());
            let flattest = row.iter().flat_map(shift).fold(0.0, f64::max);
            top = bottom + LAYER_GAP + (flattest * 0.06).min(160.0);
        }
        for &v in rows.iter().flatten() {
            self.x[v] += corner.0;
        }
        bottom
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Size = Size { width: 60.0, height: 20.0, above: 8.0 };

    #[test]
    fn a_long_edge_bends_around_what_it_passes() {
        let made = layout(&[BOX; 3], &[(0, 1), (1, 2), (0, 2)]);
        assert_eq!(made.bends[0], Some(vec![]));
        let bends = made.bends[2].as_deref().unwrap_or_default();
        assert_eq!(bends.len(), 1);
        let beside = (bends[0].x - made.corners[1].0 - BOX.width / 2.0).abs();
        assert!(beside >= BOX.width / 2.0);
        assert!(bends[0].top < made.corners[1].1 && bends[0].bottom >= made.corners[1].1);
    }

    #[test]
    fn boxes_do_not_overlap_and_sources_lie_above() {
        let edges: Vec<_> = (1..60).flat_map(|i| [(i / 2, i), (i * 7 % i, i)]).collect();
        let made = layout(&[BOX; 80], &edges);
        for (i, a) in made.corners.iter().enumerate() {
            assert!(a.0 >= -1e-6 && a.0 + BOX.width <= made.width + 1e-6);
            assert!(a.1 >= 0.0 && a.1 + BOX.height <= made.height + 1e-6);
            for b in &made.corners[..i] {
                let apart = (a.0 - b.0).abs() >= BOX.width || (a.1 - b.1).abs() >= BOX.height;
                assert!(apart, "{a:?} {b:?}");
            }
        }
        assert!(edges.iter().all(|&(a, b)| a == b || made.corners[a].1 < made.corners[b].1));
    }

    #[test]
    fn an_edge_that_closes_a_cycle_has_no_way() {
        let made = layout(&[BOX; 2], &[(0, 1), (1, 0), (1, 1)]);
        assert_eq!(made.bends, [Some(vec![]), None, None]);
    }
}
