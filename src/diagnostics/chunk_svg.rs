//! The drawing of an array's chunk grid, in the manner of Dask's `to_svg`.

use svg::Document;
use svg::node::element::{Group, Path, Polygon, Text, Title, path::Data};

use super::chunk_axis::{Axis, AxisCuts, damp};
use super::markup::px;
use crate::text::format_count;

/// How much the depth of a 3-d box is foreshortened.
const FORESHORTEN: f64 = 1.7;
/// Thickness of a 1-d array's bar, as a part of the drawing's size.
const BAR: f64 = 0.21;
const FONT: f64 = 12.0;
/// Width of a digit, a little more than most fonts need.
const DIGIT: f64 = 0.62 * FONT;
/// Room between a label and the edge it belongs to.
const PAD: f64 = 6.0;

// Okabe and Ito's sky blue and blue: told apart by colour-blind readers, and
// of middle lightness, so that they stand out on white and on black alike.
const FILL: &str = "#56b4e9";
const FILL_DENSE: &str = "#3a8fc7";
const LINE: &str = "#00507d";

/// Draws an array's chunk grid as SVG: a bar in 1-d, a rectangle in 2-d, a box
/// in 3-d, and beyond that boxes side by side. `size` is the length in pixels
/// of the longest axis.
///
/// Long axes are drawn shorter than they are, an axis of 20 chunks or more
/// shows only some of its lines on a darker ground, and an array without
/// elements is drawn as a dashed outline. The labels take the text colour of
/// the page that the drawing is put in.
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::{AxisCuts, draw};
///
/// let rows = AxisCuts::Known(vec![500, 500]);
/// let columns = AxisCuts::Unknown(3);
/// let svg = draw(&[rows, columns], 120.0);
/// assert!(svg.starts_with("<svg") && svg.contains("1000"));
/// ```
pub fn draw(axes: &[AxisCuts], size: f64) -> String {
    let size = if size.is_finite() { size.max(20.0) } else { 120.0 };
    let mut axes: Vec<Axis> = axes.iter().map(Axis::new).collect();
    let longest = axes.iter().filter_map(|a| a.length).max().unwrap_or(1).max(1) as f64;
    for axis in &mut axes {
        // An unknown length is drawn as long as the longest known one.
        let length = axis.length.map_or(longest, |n| n as f64).max(0.1);
        axis.pixels = size / damp(longest / length);
    }

    let empty = axes.iter().any(|a| a.length == Some(0));
    let mut document = Document::new().set("role", "img").add(Title::new(summary(&axes)));
    let (mut left, mut height) = (0.0, 0.0f64);
    // The first group takes what the groups of three leave over.
    let (first, rest) = axes.split_at(axes.len() % 3);
    for group in [first].into_iter().chain(rest.chunks(3)).filter(|g| !g.is_empty()) {
        let part = Drawn::new(group, size, empty);
        let place = format!("translate({} 0)", px(left));
        document = document.add(part.group.set("transform", place));
        left += part.width;
        height = height.max(part.height);
    }
    let (width, height) = (left.ceil(), height.ceil());
    document.set("width", width).set("height", height).set("viewBox", (0.0, 0.0, width, height)).to_string()
}

/// The drawing in words, for screen readers and tooltips.
fn summary(axes: &[Axis]) -> String {
    let join = |words: Vec<String>| words.join(" × ");
    if axes.is_empty() {
        return "a single value".to_owned();
    }
    let shape = join(axes.iter().map(|a| a.label.clone()).collect());
    let chunks = join(axes.iter().map(|a| format_count(a.chunks as u64)).collect());
    format!("shape {shape}, in {chunks} chunks")
}

/// The drawing of one to three axes.
struct Drawn {
    group: Group,
    width: f64,
    height: f64,
}

impl Drawn {
    fn new(axes: &[Axis], size: f64, empty: bool) -> Self {
        let (depth, rows, columns) = match axes {
            [depth, rows, columns] => (Some(depth), Some(rows), columns),
            [rows, columns] => (None, Some(rows), columns),
            [columns, ..] => (None, None, columns),
            [] => {
                return Self { group: Group::new(), width: 0.0, height: 0.0 };
            }
        };
        let bar = [0.0, 1.0];
        let row_cuts = rows.map_or(&bar[..], |a| &a.cuts);
        let (w, h) = (columns.pixels, rows.map_or(size * BAR, |a| a.pixels));
        let slant = depth.map_or(0.0, |a| a.pixels / FORESHORTEN);
        let dense = axes.iter().any(Axis::thinned);
        // The depth's label hangs below the left side, and may reach out of it.
        let left = depth.map_or(1.0, |a| (label_width(a) * 0.35 - slant / 2.0 + PAD).max(2.0));
        let (front_x, front_y) = (left + slant, 1.0 + slant);

        let mut group = Group::new();
        if let Some(depth) = depth {
            let back = (left, 1.0);
            let away = Edge { run: (slant, slant), cuts: &depth.cuts };
            let down = Edge { run: (0.0, h), cuts: row_cuts };
            let across = Edge { run: (w, 0.0), cuts: &columns.cuts };
            group = group.add(face(back, &away, &down, dense, empty)).add(face(back, &away, &across, dense, empty));
            let x = left + slant / 2.0 - PAD;
            let y = 1.0 + h + slant / 2.0 + PAD + FONT * 0.6;
            group = group.add(label(depth, x, y, 45.0));
        }
        let across = Edge { run: (w, 0.0), cuts: &columns.cuts };
        let down = Edge { run: (0.0, h), cuts: row_cuts };
        group = group.add(face((front_x, front_y), &across, &down, dense, empty));

        let (right, bottom) = (front_x + w, front_y + h);
        // A narrow box's label is wider than the box: keep it in the drawing,
        // and clear of the depth's label.
        let half = label_width(columns) / 2.0;
        let crowded = depth.is_some() && 2.0 * half > w;
        let below = bottom + PAD + FONT * if crowded { 1.5 } else { 0.8 };
        let middle = (front_x + w / 2.0).max(half + 1.0);
        group = group.add(label(columns, middle, below, 0.0));
        let mut width = right.max(middle + half) + 2.0 * PAD;
        let mut height = below + PAD;
        if let Some(rows) = rows {
            let long = label_width(rows);
            // Only labels of some length are worth reading sideways.
            let upright = long <= 3.0 * DIGIT;
            let (x, angle) = if upright { (right + PAD + long / 2.0, 0.0) } else { (right + PAD + FONT * 0.8, -90.0) };
            let mut y = front_y + h / 2.0 + if upright { FONT * 0.35 } else { 0.0 };
            if !upright {
                y = y.max(long / 2.0 + 1.0);
                height = height.max(y + long / 2.0);
            }
            group = group.add(label(rows, x, y, angle));
            width = width.max(x + if upright { long / 2.0 } else { FONT * 0.3 } + PAD);
        }
        Self { group, width, height }
    }
}

/// One direction of a face: how far it runs, and where it is cut on the way.
struct Edge<'a> {
    run: (f64, f64),
    cuts: &'a [f64],
}

/// A parallelogram with its chunk lines.
fn face(at: (f64, f64), a: &Edge<'_>, b: &Edge<'_>, dense: bool, empty: bool) -> Group {
    let point = |u: f64, v: f64| {
        let x = at.0 + u * a.run.0 + v * b.run.0;
        let y = at.1 + u * a.run.1 + v * b.run.1;
        (px(x), px(y))
    };
    let corners: Vec<String> = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
        .map(|(u, v)| point(u, v))
        .iter()
        .map(|(x, y)| format!("{x},{y}"))
        .collect();
    let ground = if dense { FILL_DENSE } else { FILL };
    let mut outline = Polygon::new()
        .set("points", corners.join(" "))
        .set("fill", if empty { "none" } else { ground })
        .set("stroke", if empty { "currentColor" } else { LINE })
        .set("stroke-width", 1.5);
    if empty {
        outline = outline.set("stroke-dasharray", "4 3");
        return Group::new().add(outline);
    }
    let inner = |x: &&f64| **x > 0.0 && **x < 1.0;
    let mut lines = Data::new();
    for &u in a.cuts.iter().filter(inner) {
        lines = lines.move_to(point(u, 0.0)).line_to(point(u, 1.0));
    }
    for &v in b.cuts.iter().filter(inner) {
        lines = lines.move_to(point(0.0, v)).line_to(point(1.0, v));
    }
    let group = Group::new().add(outline);
    if lines.is_empty() {
        return group;
    }
    let path = Path::new().set("d", lines).set("fill", "none");
    group.add(path.set("stroke", LINE).set("stroke-width", 0.75))
}

fn label_width(axis: &Axis) -> f64 {
    axis.label.len() as f64 * DIGIT
}

/// An axis's length, its middle at `x`, turned about the foot of the text.
fn label(axis: &Axis, x: f64, y: f64, angle: f64) -> Text {
    let (x, y) = (px(x), px(y));
    let text = Text::new(axis.label.as_str())
        .set("x", x)
        .set("y", y)
        .set("font-size", FONT)
        .set("font-family", "sans-serif")
        .set("text-anchor", "middle")
        .set("fill", "currentColor");
    if angle == 0.0 {
        return text;
    }
    text.set("transform", format!("rotate({angle} {x} {y})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn parse(axes: &[AxisCuts]) -> (usize, Vec<String>) {
        let svg = draw(axes, 120.0);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        let tree = roxmltree::Document::parse(&svg).expect("well-formed");
        let named = |name| tree.descendants().filter(move |n| n.has_tag_name(name));
        let svg_ns = "http://www.w3.org/2000/svg";
        let labels = named((svg_ns, "text")).filter_map(|n| n.text().map(|t| t.trim().to_owned()));
        (named((svg_ns, "polygon")).count(), labels.collect())
    }

    fn even(n: u64, chunk: u64) -> AxisCuts {
        AxisCuts::Known(vec![chunk; (n / chunk) as usize])
    }

    #[test]
    fn every_rank_is_drawn() {
        for (rank, faces) in [(0, 0), (1, 1), (2, 1), (3, 3), (4, 4), (5, 4), (6, 6)] {
            let axes: Vec<_> = (0..rank).map(|i| even(100 * (i + 1), 50)).collect();
            let (drawn, labels) = parse(&axes);
            assert_eq!(drawn, faces, "rank {rank}");
            assert_eq!(labels.len(), rank as usize);
        }
    }

    #[test]
    fn unknown_and_empty_axes_are_drawn() {
        let (_, labels) = parse(&[AxisCuts::Unknown(3), even(10, 5)]);
        assert!(labels.contains(&"?".to_owned()));
        parse(&[AxisCuts::Unknown(0)]);
        parse(&[AxisCuts::Unknown(usize::MAX)]);
        for empty in [vec![], vec![0], vec![0, 0, 0]] {
            let axes = [AxisCuts::Known(empty), even(10, 5)];
            parse(&axes);
            parse(&axes[..1]);
            assert!(draw(&axes, 120.0).contains("dasharray"));
        }
        parse(&[AxisCuts::Known(vec![u64::MAX; 4])]);
    }

    #[test]
    fn a_million_chunks_are_fast() {
        let axes = [even(3_000_000, 3), even(1_000_000, 1)];
        let start = Instant::now();
        assert!(draw(&axes, 120.0).len() < 10_000);
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}
