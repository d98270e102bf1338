//! A graph of data and kernels as it is drawn, and its form in Graphviz DOT.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::markup::clean;
use super::plot::{Rgb, hex, luminance};

// Okabe and Ito's blue, orange and green, pale inside with dark text, so that
// boxes look alike on light and dark pages. Shape and words tell the same.
const DATA: (&str, &str) = ("#d6ebf8", "#0072b2");
const KERNEL: (&str, &str) = ("#fbe9c4", "#b87700");
const ON_DEVICE: (&str, &str) = ("#cdeee2", "#009e73");

/// What a node stands for.
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::NodeKind;
///
/// assert_ne!(NodeKind::Data, NodeKind::Kernel);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeKind {
    /// Chunks that are held or read: drawn as a box.
    Data,
    /// Work on chunks: drawn as a rounded box.
    Kernel,
}

/// A node of a [`DrawGraph`].
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::{DrawNode, NodeKind};
///
/// let node = DrawNode {
///     id: 7,
///     label: "sum".to_owned(),
///     detail: "4 tasks, f64".to_owned(),
///     kind: NodeKind::Kernel,
///     device: Some("cuda:0".to_owned()),
/// };
/// assert_eq!(node.id, 7);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawNode {
    /// What edges name the node by; of two nodes with one id the later is
    /// drawn without edges.
    pub id: usize,
    /// The text in the box, cut where it is long.
    pub label: String,
    /// More about the node, shown as a tooltip.
    pub detail: String,
    /// What the node stands for.
    pub kind: NodeKind,
    /// The device that the node's work is done on, if it is not the host.
    pub device: Option<String>,
}

/// A directed graph to draw. Edges run from a source to what is made of it,
/// with a label that may be empty; those between unknown nodes are left out.
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::{DrawGraph, to_dot};
///
/// let graph = DrawGraph { title: "nothing".to_owned(), ..DrawGraph::default() };
/// assert!(to_dot(&graph).starts_with("digraph \"nothing\" {"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrawGraph {
    /// A heading.
    pub title: String,
    /// The nodes, in any order.
    pub nodes: Vec<DrawNode>,
    /// The edges as (source, target, label).
    pub edges: Vec<(usize, usize, String)>,
    /// Colours of the nodes' insides in place of those that tell data, kernels and devices.
    pub colouring: Option<Colouring>,
}

/// Colours that say something of the nodes of a [`DrawGraph`], as red, green and blue; text on them is dark or light by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colouring {
    /// What the colours are of.
    pub title: String,
    /// A colour for each node; those beyond the end, and without one, are grey.
    pub fills: Vec<Option<[u8; 3]>>,
    /// What some of the colours mean.
    pub legend: Vec<([u8; 3], String)>,
}

impl DrawGraph {
    /// The edges between known nodes, by their places in `nodes`.
    pub(super) fn resolved(&self) -> Vec<(usize, usize, &str)> {
        let mut places = HashMap::new();
        for (place, node) in self.nodes.iter().enumerate() {
            places.entry(node.id).or_insert(place);
        }
        let place = |id| places.get(id).copied();
        self.edges.iter().filter_map(|(a, b, label)| Some((place(a)?, place(b)?, label.as_str()))).collect()
    }
}

/// How a node looks: its inside, its outline, its text.
pub(super) struct Look {
    pub(super) fill: String,
    pub(super) line: String,
    pub(super) ink: &'static str,
}

const INK: &str = "#1a1a1a";
const LIGHT_INK: &str = "#ffffff";
const NO_COLOUR: Rgb = [232, 232, 232];

impl DrawGraph {
    /// How the node at a place of `nodes` looks.
    pub(super) fn look(&self, place: usize) -> Look {
        let Some(colouring) = &self.colouring else {
            let (fill, line) = self.nodes[place].colours();
            return Look { fill: fill.to_owned(), line: line.to_owned(), ink: INK };
        };
        let fill = colouring.fills.get(place).copied().flatten().unwrap_or(NO_COLOUR);
        Look { fill: hex(fill), line: hex(fill.map(|c| (f64::from(c) * 0.7) as u8)), ink: ink(fill) }
    }
}

/// The text colour that is read on a background: where both contrast alike, luminance is 0.18 (WCAG 2).
pub(super) fn ink(background: Rgb) -> &'static str {
    if luminance(background) > 0.18 { INK } else { LIGHT_INK }
}

impl DrawNode {
    /// The colours of the inside and of the outline.
    fn colours(&self) -> (&'static str, &'static str) {
        match (self.kind, &self.device) {
            (_, Some(_)) => ON_DEVICE,
            (NodeKind::Data, None) => DATA,
            (NodeKind::Kernel, None) => KERNEL,
        }
    }

    pub(super) fn tooltip(&self) -> String {
        let mut lines = vec![self.label.as_str(), &self.detail];
        let device = self.device.as_ref().map(|d| format!("on {d}"));
        lines.extend(device.as_deref());
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }
}

/// Writes a graph in Graphviz's DOT language, from the top down.
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::{DrawGraph, DrawNode, NodeKind, to_dot};
///
/// let node = |id, kind, label: &str| DrawNode {
///     id,
///     label: label.to_owned(),
///     detail: String::new(),
///     kind,
///     device: None,
/// };
/// let dot = to_dot(&DrawGraph {
///     title: "mean".to_owned(),
///     nodes: vec![node(0, NodeKind::Data, "x"), node(1, NodeKind::Kernel, "a \"sum\"")],
///     edges: vec![(0, 1, "by rows".to_owned())],
///     colouring: None,
/// });
/// assert!(dot.contains(r#"n0 -> n1 [label="by rows"];"#));
/// assert!(dot.contains(r#"a \"sum\""#));
/// ```
pub fn to_dot(graph: &DrawGraph) -> String {
    let title = quoted(&graph.title);
    let key = graph.colouring.as_ref().map(|colouring| {
        let means = colouring.legend.iter().map(|(colour, word)| format!("{} {word}", hex(*colour)));
        format!("{}\n{}: {}", graph.title, colouring.title, means.collect::<Vec<_>>().join(", "))
    });
    let label = key.as_deref().map_or_else(|| title.clone(), quoted);
    let mut dot = format!("digraph {title} {{\n  label={label}; labelloc=t; rankdir=TB;\n");
    dot.push_str("  node [shape=box, fontname=monospace];\n");
    for (i, node) in graph.nodes.iter().enumerate() {
        let device = node.device.as_ref().map(|d| format!("\non {d}"));
        let label = quoted(&format!("{}{}", node.label, device.unwrap_or_default()));
        let style = match node.kind {
            NodeKind::Data => "filled",
            NodeKind::Kernel => "filled,rounded",
        };
        let Look { fill, line, ink } = graph.look(i);
        let tip = quoted(&node.tooltip());
        let font = if ink == INK { String::new() } else { format!(", fontcolor=\"{ink}\"") };
        // Writing to a string cannot fail.
        let _ = writeln!(
            dot,
            "  n{i} [label={label}, tooltip={tip}, style=\"{style}\", fillcolor=\"{fill}\", color=\"{line}\"{font}];"
        );
    }
    for (a, b, label) in graph.resolved() {
        let _ = match label {
            "" => writeln!(dot, "  n{a} -> n{b};"),
            _ => writeln!(dot, "  n{a} -> n{b} [label={}];", quoted(label)),
        };
    }
    dot.push_str("}\n");
    dot
}

/// A DOT string: with quotes and backslashes escaped, as `\N` and the like
/// have a meaning there, and lines kept.
fn quoted(text: &str) -> String {
    let escaped = clean(text).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace("\r\n", "\n").replace(['\n', '\r'], "\\n"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A graph of nodes `0..n`, data and kernels by turns.
    pub(in super::super) fn graph(n: usize, edges: &[(usize, usize)]) -> DrawGraph {
        let node = |id| DrawNode {
            id,
            label: format!("node {id}"),
            detail: "4 chunks".to_owned(),
            kind: if id % 2 == 0 { NodeKind::Data } else { NodeKind::Kernel },
            device: None,
        };
        DrawGraph {
            title: "a graph".to_owned(),
            nodes: (0..n).map(node).collect(),
            edges: edges.iter().map(|&(a, b)| (a, b, String::new())).collect(),
            colouring: None,
        }
    }

    #[test]
    fn dot_strings_are_escaped() {
        assert_eq!(quoted("a \"b\" \\N\nc\0"), r#""a \"b\" \\N\nc�""#);
        let mut one = graph(1, &[]);
        one.title = "<script>\"\\".to_owned();
        one.nodes[0].device = Some("cuda:0".to_owned());
        let dot = to_dot(&one);
        assert!(dot.starts_with(r#"digraph "<script>\"\\" {"#));
        assert!(dot.contains(r#"label="node 0\non cuda:0", tooltip="node 0\n4 chunks\non cuda:0""#));
    }

    #[test]
    fn unknown_and_doubled_nodes_are_kept_apart() {
        let mut pair = graph(2, &[(0, 1), (0, 9), (7, 1)]);
        pair.nodes.push(pair.nodes[1].clone());
        assert_eq!(pair.resolved(), [(0, 1, "")]);
        assert_eq!(to_dot(&pair).matches("->").count(), 1);
    }
}
