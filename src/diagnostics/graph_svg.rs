//! The drawing of a graph of data and kernels as SVG.

use svg::Document;
use svg::node::element::{Group, Path, Rectangle, Text, Title, path::Data};

use super::graph_draw::{Colouring, DrawGraph, DrawNode, Look, NodeKind};
use super::layered::{Layout, Size, layout};
use super::markup::{clean, columns, px, shorten};
use super::plot::hex;

/// Most columns of a box's label, of an edge's label, and of the title.
const LABEL: usize = 32;
const EDGE_LABEL: usize = 16;
const TITLE: usize = 100;
const FONT: f64 = 12.0;
const SMALL: f64 = 10.0;
/// Width of a monospaced column, as a part of the font's size.
const COLUMN: f64 = 0.61;
const MONO: &str = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const MARGIN: f64 = 12.0;
const HEAD: f64 = 7.0;
/// Room between an edge and its label, and between a box's corners and edges.
const LABEL_GAP: f64 = 4.0;
const INSET: f64 = 6.0;
/// Widest that a box is made for the labels of its edges.
const WIDEST: f64 = 360.0;
/// Narrowest room in which an edge's label is still worth cutting.
const MIN_COLUMNS: usize = 3;

/// A grey that is read on white and on black alike: outside of the boxes, the
/// colour of the page behind a saved file is not known.
const GREY: &str = "#808080";

/// Draws a graph as SVG that needs nothing beside itself, from the top down:
/// boxes for data, rounded boxes for kernels, green where on a device, with
/// tooltips. An edge that closes a cycle is left out.
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::{DrawGraph, DrawNode, NodeKind, to_svg};
///
/// let svg = to_svg(&DrawGraph {
///     title: "one array".to_owned(),
///     nodes: vec![DrawNode {
///         id: 0,
///         label: "x < y".to_owned(),
///         detail: "4 chunks".to_owned(),
///         kind: NodeKind::Data,
///         device: None,
///     }],
///     edges: vec![],
///     colouring: None,
/// });
/// assert!(svg.starts_with("<svg") && svg.contains("x &lt; y"));
/// ```
pub fn to_svg(graph: &DrawGraph) -> String {
    let edges = graph.resolved();
    let pairs: Vec<_> = edges.iter().map(|&(a, b, _)| (a, b)).collect();
    let sizes = sizes(graph, &edges);
    let made = layout(&sizes, &pairs);

    let title = shorten(&graph.title, TITLE);
    let mut top = if title.is_empty() { MARGIN } else { 2.0 * MARGIN + FONT };
    let mut widest = made.width.max(text_width(&title, FONT));
    let legend = graph.colouring.as_ref().map(|colouring| legend(colouring, top));
    if let Some((_, width)) = &legend {
        top += FONT + MARGIN;
        widest = widest.max(*width);
    }
    let width = widest + 2.0 * MARGIN;
    let height = made.height + top + MARGIN;
    let mut document = Document::new()
        .set("role", "img")
        .set("width", width.ceil())
        .set("height", height.ceil())
        .set("viewBox", (0.0, 0.0, width.ceil(), height.ceil()))
        .set("font-family", MONO)
        .set("font-size", FONT)
        .add(Title::new(clean(&graph.title)));
    if !title.is_empty() {
        document = document.add(text(&title, MARGIN, MARGIN + FONT, GREY).set("font-weight", "bold"));
    }
    if let Some((legend, _)) = legend {
        document = document.add(legend);
    }
    let mut body = Group::new().set("transform", format!("translate({MARGIN} {top})"));
    for edge in draw_edges(&edges, &sizes, &made) {
        body = body.add(edge);
    }
    for (i, ((node, size), corner)) in graph.nodes.iter().zip(&sizes).zip(&made.corners).enumerate() {
        body = body.add(draw_node(node, &graph.look(i), *size, *corner));
    }
    document.add(body).to_string()
}

fn text_width(text: &str, font: f64) -> f64 {
    columns(text) as f64 * font * COLUMN
}

/// Boxes wide enough for their labels and, side by side, those of the edges
/// that come in, as far as that stays reasonable.
fn sizes(graph: &DrawGraph, edges: &[(usize, usize, &str)]) -> Vec<Size> {
    let mut slots = vec![(0.0f64, 0.0f64); graph.nodes.len()];
    for &(_, b, label) in edges {
        let width = text_width(&shorten(label, EDGE_LABEL), SMALL);
        slots[b] = (slots[b].0.max(width), slots[b].1 + 1.0);
    }
    let on_device = graph.nodes.iter().any(|n| n.device.is_some());
    let size = |(node, (slot, count)): (&DrawNode, (f64, f64))| {
        let label = text_width(&shorten(&node.label, LABEL), FONT);
        let device = node.device.as_ref().map_or(0.0, |d| text_width(&device_line(d), SMALL));
        let labels = match (slot > 0.0, count > 1.0) {
            (false, _) => 0.0,
            (true, false) => 2.0 * (slot + LABEL_GAP + 2.0),
            (true, true) => (slot + 2.0 * LABEL_GAP + 2.0) * count + 2.0 * INSET,
        };
        Size {
            width: (label.max(device) + 20.0).max(labels.min(WIDEST)).max(48.0),
            height: if on_device { 40.0 } else { 28.0 },
            above: if slot > 0.0 { SMALL + HEAD + 6.0 } else { HEAD + 3.0 },
        }
    };
    graph.nodes.iter().zip(slots).map(size).collect()
}

fn device_line(device: &str) -> String {
    shorten(&format!("on {device}"), LABEL)
}

fn text(content: &str, x: f64, y: f64, colour: &str) -> Text {
    let text = Text::new(clean(content)).set("fill", colour);
    text.set("x", px(x)).set("y", px(y))
}

/// What colours mean, in a line below the title, and how wide it is.
fn legend(colouring: &Colouring, y: f64) -> (Group, f64) {
    let title = shorten(&format!("{}:", colouring.title), LABEL);
    let mut group = Group::new().add(text(&title, MARGIN, y + FONT * 0.8, GREY));
    let mut x = MARGIN + text_width(&title, FONT) + LABEL_GAP * 2.0;
    for (colour, means) in &colouring.legend {
        let means = shorten(means, LABEL);
        let swatch = Rectangle::new().set("x", px(x)).set("y", px(y)).set("width", FONT).set("height", FONT);
        group = group.add(swatch.set("rx", 2).set("fill", hex(*colour)).set("stroke", GREY));
        x += FONT + LABEL_GAP;
        group = group.add(text(&means, x, y + FONT * 0.8, GREY));
        x += text_width(&means, FONT) + LABEL_GAP * 3.0;
    }
    (group, x - MARGIN)
}

fn draw_node(node: &DrawNode, look: &Look, size: Size, (x, y): (f64, f64)) -> Group {
    let round = if node.kind == NodeKind::Kernel { size.height / 2.0 } else { 2.0 };
    let shape = Rectangle::new()
        .set("x", px(x))
        .set("y", px(y))
        .set("width", px(size.width))
        .set("height", px(size.height))
        .set("rx", round)
        .set("fill", look.fill.as_str())
        .set("stroke", look.line.as_str())
        .set("stroke-width", 1.5);
    let centre = x + size.width / 2.0;
    let middle = y + size.height / 2.0 + FONT * 0.35;
    let up = if node.device.is_some() { 6.0 } else { 0.0 };
    let label = text(&shorten(&node.label, LABEL), centre, middle - up, look.ink);
    let group = Group::new().add(Title::new(clean(&node.tooltip()))).add(shape).add(label.set("text-anchor", "middle"));
    let Some(device) = &node.device else {
        return group;
    };
    let device = text(&device_line(device), centre, middle + 8.0, look.ink);
    group.add(device.set("text-anchor", "middle").set("font-size", SMALL))
}

/// Each edge leaves its source at the middle and enters its target at a slot
/// of its own, in the order they come from left to right, so that arrows and
/// labels do not cover each other.
fn draw_edges(edges: &[(usize, usize, &str)], sizes: &[Size], made: &Layout) -> Vec<Group> {
    let foot = |i: usize| {
        let (x, y) = made.corners[i];
        (x + sizes[i].width / 2.0, y + sizes[i].height)
    };
    // Where each edge comes from, seen from its target.
    let mut comes: Vec<Vec<(f64, usize)>> = vec![Vec::new(); sizes.len()];
    for (e, &(a, b, _)) in edges.iter().enumerate() {
        if let Some(bends) = &made.bends[e] {
            let x = bends.last().map_or(foot(a).0, |bend| bend.x);
            comes[b].push((x, e));
        }
    }
    let mut drawn = Vec::new();
    for (b, mut entries) in comes.into_iter().enumerate() {
        entries.sort_by(|a, b| a.0.total_cmp(&b.0));
        let slot = (sizes[b].width - 2.0 * INSET) / entries.len() as f64;
        // A label stands right of its line: one line alone stays in the middle
        // and has half of the box, others share a slot with their label.
        let alone = entries.len() == 1;
        let room = if alone { slot / 2.0 + INSET } else { slot - LABEL_GAP } - LABEL_GAP;
        for (i, (_, e)) in entries.into_iter().enumerate() {
            let (a, _, label) = edges[e];
            let label = Label::new(label, room);
            let aside = if alone { 0.0 } else { label.width() / 2.0 };
            let x = made.corners[b].0 + INSET + slot * (i as f64 + 0.5) - aside;
            // Above the box the edges run straight down, beside their labels.
            let end = made.corners[b].1;
            let start = end - sizes[b].above;
            let mut path = Data::new().move_to(point(foot(a)));
            let mut at = foot(a);
            for bend in made.bends[e].iter().flatten() {
                path = slope(path, at, (bend.x, bend.top));
                at = (bend.x, bend.bottom);
                path = path.line_to(point(at));
            }
            path = slope(path, at, (x, start)).line_to(point((x, end - HEAD)));
            drawn.push(draw_edge(path, (x, end), &label));
        }
    }
    drawn
}

fn point((x, y): (f64, f64)) -> (f64, f64) {
    (px(x), px(y))
}

/// An S-shaped way that is upright at both ends.
fn slope(path: Data, from: (f64, f64), to: (f64, f64)) -> Data {
    let half = (from.1 + to.1) / 2.0;
    let ((fx, _), (tx, ty)) = (point(from), point(to));
    path.cubic_curve_to((fx, px(half), tx, px(half), tx, ty))
}

/// An edge's label: all of it, and what there is room for.
struct Label<'a> {
    full: &'a str,
    shown: Option<String>,
}

impl<'a> Label<'a> {
    fn new(full: &'a str, room: f64) -> Self {
        // A hair more, as the room was made to measure.
        let room = ((room + 0.01) / (SMALL * COLUMN)) as usize;
        let fits = !full.is_empty() && room >= MIN_COLUMNS.min(columns(full));
        let shown = fits.then(|| shorten(full, EDGE_LABEL.min(room)));
        Label { full, shown }
    }

    fn width(&self) -> f64 {
        let shown = self.shown.as_deref();
        shown.map_or(0.0, |text| text_width(text, SMALL) + LABEL_GAP)
    }
}

fn draw_edge(path: Data, (x, y): (f64, f64), label: &Label<'_>) -> Group {
    let (left, right) = (point((x - 3.5, y - HEAD)), point((x + 3.5, y - HEAD)));
    let head = Data::new().move_to(point((x, y))).line_to(left).line_to(right).close();
    let mut group = Group::new();
    if !label.full.is_empty() {
        group = group.add(Title::new(clean(label.full)));
    }
    let line = Path::new().set("d", path).set("fill", "none").set("stroke", GREY);
    group = group.add(line).add(Path::new().set("d", head).set("fill", GREY));
    let Some(shown) = &label.shown else {
        return group;
    };
    let shown = text(shown, x + LABEL_GAP, y - HEAD - 2.0, GREY);
    group.add(shown.set("font-size", SMALL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::graph_draw::tests::graph;
    use std::time::{Duration, Instant};

    /// The numbers of boxes and edges of a drawing, which must be well formed.
    fn count(graph: &DrawGraph) -> (usize, usize) {
        let svg = to_svg(graph);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        let tree = roxmltree::Document::parse(&svg).expect("well-formed");
        let named = |name| tree.descendants().filter(move |n| n.tag_name().name() == name);
        (named("rect").count(), named("path").count() / 2)
    }

    #[test]
    fn any_graph_is_drawn() {
        assert_eq!(count(&DrawGraph::default()), (0, 0));
        assert_eq!(count(&graph(1, &[])), (1, 0));
        assert_eq!(count(&graph(30, &[])), (30, 0));
        assert_eq!(count(&graph(4, &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)])), (4, 5));
        // Twice the same edge, a loop, a cycle and an unknown node.
        assert_eq!(count(&graph(3, &[(0, 1), (0, 1), (2, 2)])), (3, 2));
        assert_eq!(count(&graph(3, &[(0, 1), (1, 2), (2, 0), (1, 9)])), (3, 2));
    }

    #[test]
    fn text_is_escaped() {
        let mut pair = graph(2, &[(0, 1)]);
        pair.title = "<script>\0".to_owned();
        pair.nodes[0].label = "<script>".to_owned();
        pair.nodes[0].detail = "]]>&".to_owned();
        pair.nodes[1].device = Some("<script>".to_owned());
        pair.edges[0].2 = "<script>".to_owned();
        assert_eq!(count(&pair), (2, 1));
        let svg = to_svg(&pair);
        assert!(!svg.contains("<script>") && svg.contains("on &lt;script&gt;"));
    }

    #[test]
    fn labels_are_cut_to_their_room_or_left_to_the_tooltip() {
        let shown = |label, room| Label::new(label, room).shown;
        assert_eq!(shown("left", 100.0).as_deref(), Some("left"));
        assert_eq!(shown("a long label of an edge", 500.0).map(|s| columns(&s)), Some(EDGE_LABEL));
        assert_eq!(shown("left", 20.0).as_deref(), Some("le…"));
        assert_eq!(shown("left", 9.0), None);
        assert_eq!(shown("", 100.0), None);
        assert_eq!(shown("left", -5.0), None);
    }

    #[test]
    fn large_graphs_are_fast() {
        let deep: Vec<_> = (1..400).flat_map(|i: usize| [(i - 1, i), (i * i % i.div_ceil(2), i)]).collect();
        let wide: Vec<_> = (0..399).map(|i| (i, 399)).collect();
        let start = Instant::now();
        for edges in [deep, wide] {
            assert_eq!(count(&graph(400, &edges)).0, 400);
        }
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
