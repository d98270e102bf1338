//! Joined arrays: their parts are loads of what reads them, each within a box of its domain, so that nothing is moved to join them. What
//! cannot be read so has a stage that names its parts' chunks again ([`super::family`]'s `joined`): where chunks are seen, lengths unknown,
//! or parts very many.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::links::seen_at;
use super::pieces::{Region, intersection, is_nothing};
use crate::error::{Error, Result};
use crate::graph::{Node, Op, View};

/// Parts of joined arrays that one load reads at most: its reader's tasks are cut at each.
const MOST_PARTS: usize = 1024;

/// The joined arrays of a graph (inputs before those that read them) that are loaded part by part.
pub(super) fn loaded(order: &[Arc<Node>]) -> FxHashSet<u128> {
    let mut parts: FxHashMap<u128, usize> = FxHashMap::default();
    for node in order.iter().filter(|node| matches!(node.op, Op::Concatenate { .. })) {
        let of = |input: &Arc<Node>| parts.get(&behind(input).key).copied().unwrap_or(1);
        let most = node.inputs.iter().map(of).fold(0, usize::saturating_add);
        if node.chunks.has_unknown() {
            continue;
        }
        // Views may show few of the parts of what is behind them.
        let count = if most <= MOST_PARTS { Some(most) } else { seen_parts(node, &parts) };
        parts.extend(count.map(|count| (node.key, count)));
    }
    parts.into_keys().collect()
}

/// How many parts a joined array has, of joined arrays among `parts` too, if it is not more than a load reads.
fn seen_parts(node: &Arc<Node>, parts: &FxHashMap<u128, usize>) -> Option<usize> {
    let mut count = 0;
    let made = |x: &Node| matches!(x.op, Op::Concatenate { .. }) && x.key != node.key && !parts.contains_key(&x.key);
    let counted = for_each_part(node, &View::identity(node.ndim()), node.ndim(), made, |_, _, _| {
        count += 1;
        if count > MOST_PARTS { Err(Error::bug("too many parts of a load")) } else { Ok(()) }
    });
    counted.is_ok().then_some(count)
}

/// Joined arrays whose stages name the chunks of their parts again.
pub(super) struct Named {
    /// Those that have such a stage.
    stages: FxHashSet<u128>,
    /// Those that have none, for they are nothing but a part of another one along the same axis: their parts are its own.
    pub(super) inner: FxHashSet<u128>,
}

impl Named {
    /// Whether its chunks are those of its parts.
    pub(super) fn has(&self, node: &Node) -> bool {
        self.stages.contains(&node.key) || self.inner.contains(&node.key)
    }
}

/// The joined arrays among what is `marked` that need nothing moved: all that they are made of is marked too.
pub(super) fn named(order: &[Arc<Node>], outputs: &[Arc<Node>], marked: &FxHashSet<u128>) -> Named {
    // How often each is read, and the axis along which its reader joins it.
    let mut reads: FxHashMap<u128, (usize, Option<usize>)> = FxHashMap::default();
    let axis = |node: &Node| if let Op::Concatenate { axis } = node.op { Some(axis) } else { None };
    for node in order {
        for input in node.inputs.iter().filter(|input| axis(input).is_some()) {
            let read = reads.entry(input.key).or_insert((0, None));
            *read = (read.0 + 1, axis(node));
        }
    }
    let is_output: FxHashSet<u128> = outputs.iter().map(|output| output.key).collect();
    let part = |node: &Node| !is_output.contains(&node.key) && reads.get(&node.key) == Some(&(1, axis(node)));
    // Inputs come before those that read them.
    let mut whole: FxHashSet<u128> = FxHashSet::default();
    for node in order.iter().filter(|node| axis(node).is_some()) {
        if node.inputs.iter().all(|x| marked.contains(&x.key) || (whole.contains(&x.key) && part(x))) {
            whole.insert(node.key);
        }
    }
    let (mut stages, mut inner): (FxHashSet<u128>, FxHashSet<u128>) = Default::default();
    for node in order.iter().rev().filter(|node| whole.contains(&node.key)) {
        if !inner.contains(&node.key) && !marked.contains(&node.key) {
            continue;
        }
        if !inner.contains(&node.key) {
            stages.insert(node.key);
        }
        inner.extend(node.inputs.iter().filter(|x| whole.contains(&x.key) && part(x)).map(|x| x.key));
    }
    Named { stages, inner }
}

/// What is seen in a part of joined arrays.
pub(super) fn behind(part: &Arc<Node>) -> &Arc<Node> {
    let mut node = part;
    while let Op::View(_) | Op::Rechunk = node.op {
        node = &node.inputs[0];
    }
    node
}

/// Visits the parts of joined arrays that are seen through a view from a domain of so many axes, down to what is `made`: each as it is
/// seen, and the box of the domain in which it is.
///
/// # Errors
/// The first of `visit`.
pub(super) fn for_each_part(
    node: &Arc<Node>,
    view: &View,
    axes: usize,
    made: impl Fn(&Node) -> bool,
    mut visit: impl FnMut(&Arc<Node>, &View, Region) -> Result<()>,
) -> Result<()> {
    let mut open = vec![(node, view.clone(), vec![(0, u64::MAX); axes])];
    while let Some((node, view, within)) = open.pop() {
        if made(node) {
            visit(node, &view, within)?;
        } else if let Op::View(inner) = &node.op {
            open.push((&node.inputs[0], inner.through(&view), within));
        } else if let Op::Rechunk = node.op {
            open.push((&node.inputs[0], view, within));
        } else if let Op::Concatenate { axis } = node.op {
            open.extend(parts_seen(node, axis, &view, &within).into_iter().rev());
        } else {
            visit(node, &view, within)?;
        }
    }
    Ok(())
}

/// A node that is seen through a view within a box of the domain.
type Seen<'a> = (&'a Arc<Node>, View, Region);

/// The parts of a joined array that are seen through a view of it within a box.
fn parts_seen<'a>(node: &'a Node, axis: usize, view: &View, within: &Region) -> Vec<Seen<'a>> {
    let (mut parts, mut start) = (Vec::with_capacity(node.inputs.len()), 0);
    for input in &node.inputs {
        let end = start + input.chunks.axes()[axis].len().unwrap_or(0);
        if let Some(within) = seen_part(view, axis, (start, end), within) {
            let mut view = view.clone();
            view.0[axis].start -= start.cast_signed();
            parts.push((input, view, within));
        }
        start = end;
    }
    parts
}

/// The part of a box of the domain in which a view shows elements `start..end` of an axis, if it does.
fn seen_part(view: &View, axis: usize, (start, end): (u64, u64), within: &Region) -> Option<Region> {
    let map = &view.0[axis];
    let Some(along) = map.axis else {
        let inside = start.cast_signed() <= map.start && map.start < end.cast_signed();
        return inside.then(|| within.clone());
    };
    let mut seen = vec![(0, u64::MAX); within.len()];
    seen[along] = seen_at(map, (start, end), within[along].1.min(i64::MAX.cast_unsigned()))?;
    let part = intersection(&seen, within);
    (!is_nothing(&part)).then_some(part)
}
