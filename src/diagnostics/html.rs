//! The table that a notebook shows for an array.

use svg::Node;
use svg::node::Blob;
use svg::node::element::Element;

use super::chunk_axis::AxisCuts;
use super::chunk_svg::draw;
use super::markup::{element, text_element};
use crate::text::{format_bytes, format_count};

/// Length in pixels of the longest axis beside the table, as in Dask.
const DRAWING: f64 = 120.0;

/// What the table of an array says.
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::{AxisCuts, ReprInfo};
///
/// let info = ReprInfo {
///     shape: vec![Some(1000), None],
///     axes: vec![AxisCuts::Known(vec![500, 500]), AxisCuts::Unknown(2)],
///     dtype: "f64".to_owned(),
///     itemsize: 8,
///     array_bytes: None,
///     chunk_bytes: None,
///     chunk_shape: vec![Some(500), None],
///     chunks: 4,
///     stages: 2,
///     tasks: 12,
/// };
/// assert_eq!(info.shape.len(), info.axes.len());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReprInfo {
    /// The length of each axis, `None` where it is not known yet.
    pub shape: Vec<Option<u64>>,
    /// The chunks of each axis.
    pub axes: Vec<AxisCuts>,
    /// The name of the element type.
    pub dtype: String,
    /// Bytes of one element.
    pub itemsize: u64,
    /// Bytes of the whole array, where known.
    pub array_bytes: Option<u64>,
    /// Bytes of the largest chunk, where known.
    pub chunk_bytes: Option<u64>,
    /// The shape of the largest chunk.
    pub chunk_shape: Vec<Option<u64>>,
    /// The number of chunks.
    pub chunks: u64,
    /// The number of stages that compute the array.
    pub stages: u64,
    /// The number of tasks in these stages.
    pub tasks: u64,
}

/// Writes an array's table and, but for a single value, its chunk grid, as one
/// well-formed piece of HTML. All text is escaped.
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::{ReprInfo, html};
///
/// let page = html(&ReprInfo {
///     shape: vec![],
///     axes: vec![],
///     dtype: "Complex<f32>".to_owned(),
///     itemsize: 8,
///     array_bytes: Some(8),
///     chunk_bytes: Some(8),
///     chunk_shape: vec![],
///     chunks: 1,
///     stages: 1,
///     tasks: 1,
/// });
/// assert!(page.contains("1 task in 1 stage") && page.contains("Complex&lt;f32&gt;"));
/// ```
pub fn html(info: &ReprInfo) -> String {
    let count = format!("{} in {}", plural(info.tasks, "task"), plural(info.stages, "stage"));
    let rows = [
        ("Bytes", bytes(info.array_bytes), bytes(info.chunk_bytes)),
        ("Shape", shape(&info.shape), shape(&info.chunk_shape)),
        ("Count", count, plural(info.chunks, "chunk")),
        ("Type", info.dtype.clone(), "ndarray".to_owned()),
    ];
    let item = format!("{} per element", format_bytes(info.itemsize));
    let body = rows.map(|(name, array, chunk)| {
        let tip = [("title", item.as_str())];
        let tip = if name == "Type" { &tip[..] } else { &[] };
        let cells = [
            text_element("th", &[("scope", "row")], name),
            text_element("td", tip, &array),
            text_element("td", &[], &chunk),
        ];
        element("tr", &[], cells)
    });
    let head = ["\u{a0}", "Array", "Chunk"].map(|name| text_element("th", &[("scope", "col")], name));
    let table = element(
        "table",
        &[("style", "border-collapse: collapse")],
        [element("thead", &[], [element("tr", &[], head)]), element("tbody", &[], body)],
    );
    let mut sides = vec![element("div", &[], [table])];
    if !info.axes.is_empty() {
        sides.push(drawing(&info.axes));
    }
    let layout = "display: flex; flex-wrap: wrap; align-items: center; gap: 1.5em";
    element("div", &[("class", "gridloom-array"), ("style", layout)], sides).to_string()
}

/// A table of text as HTML, with a head unless that is empty. The first cell of a row is its name. All text is escaped.
pub(crate) fn plain_table(head: &[&str], rows: &[Vec<String>]) -> String {
    let head = head.iter().map(|name| text_element("th", &[("scope", "col")], name));
    let head = element("thead", &[], [element("tr", &[], head)]);
    let row = |cells: &Vec<String>| {
        let cell = |(i, text): (usize, &String)| match i {
            0 => text_element("th", &[("scope", "row"), ("style", "text-align: left")], text),
            _ => text_element("td", &[], text),
        };
        element("tr", &[], cells.iter().enumerate().map(cell))
    };
    let body = element("tbody", &[], rows.iter().map(row));
    element("table", &[("style", "border-collapse: collapse")], [head, body]).to_string()
}

fn drawing(axes: &[AxisCuts]) -> Element {
    let mut side = element("div", &[], []);
    // The drawing is markup already, and must not be escaped again.
    side.append(Blob::new(draw(axes, DRAWING)));
    side
}

fn bytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(unknown, format_bytes)
}

/// A shape as a tuple: `(2, unknown)`, `(3,)`, `()`.
fn shape(lengths: &[Option<u64>]) -> String {
    let words: Vec<String> = lengths.iter().map(|n| n.map_or_else(unknown, |n| n.to_string())).collect();
    let comma = if words.len() == 1 { "," } else { "" };
    format!("({}{comma})", words.join(", "))
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn plural(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {noun}{s}", format_count(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info() -> ReprInfo {
        ReprInfo {
            shape: vec![Some(1000), None],
            axes: vec![AxisCuts::Known(vec![500, 500]), AxisCuts::Unknown(2)],
            dtype: "f64".to_owned(),
            itemsize: 8,
            array_bytes: Some(200_000_000),
            chunk_bytes: None,
            chunk_shape: vec![Some(500), None],
            chunks: 4,
            stages: 2,
            tasks: 12,
        }
    }

    fn cells(page: &str) -> Vec<String> {
        let tree = roxmltree::Document::parse(page).expect("well-formed");
        tree.descendants().filter(|n| n.has_tag_name("td")).filter_map(|n| n.text().map(str::to_owned)).collect()
    }

    #[test]
    fn the_table_says_what_it_should() {
        let page = html(&info());
        let expected = [
            ["190.73 MiB", "unknown"],
            ["(1000, unknown)", "(500, unknown)"],
            ["12 tasks in 2 stages", "4 chunks"],
            ["f64", "ndarray"],
        ];
        assert_eq!(cells(&page), expected.concat());
        assert!(page.contains("<svg"));
    }

    #[test]
    fn text_is_escaped() {
        let page = html(&ReprInfo { dtype: "<script>&\0".to_owned(), ..info() });
        assert!(!page.contains("<script>"));
        assert!(cells(&page).contains(&"<script>&\u{fffd}".to_owned()));
    }

    #[test]
    fn a_single_value_has_no_drawing() {
        let scalar = ReprInfo { shape: vec![], axes: vec![], chunk_shape: vec![], ..info() };
        let page = html(&scalar);
        assert!(!page.contains("<svg"));
        assert!(cells(&page).contains(&"()".to_owned()));
        assert_eq!(shape(&[Some(3)]), "(3,)");
    }
}
