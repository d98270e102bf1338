//! A picture as a list of shapes, which SVG and PNG are written from alike.

use super::colour::Rgb;

/// Where a text stands from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Words {
    pub(crate) text: String,
    /// The point on the base line.
    pub(crate) at: (f64, f64),
    pub(crate) anchor: Anchor,
    /// Pixels of the font.
    pub(crate) size: f64,
    pub(crate) fill: Rgb,
    /// Written upwards.
    pub(crate) up: bool,
}

/// A grid of cells, each of one colour or none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cells {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// For each cell, row by row from the top, its colour in `palette`.
    pub(crate) cells: Vec<u8>,
    /// At most 256 colours with their opacity.
    pub(crate) palette: Vec<[u8; 4]>,
}

/// What a picture is made of. Lengths are in pixels, from the upper left corner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// A filled box (x, y, width, height), and what a tooltip says of it.
    Box { place: [f64; 4], fill: Rgb, tip: Option<String> },
    /// Lines through points, one for each run of points.
    Lines { runs: Vec<Vec<(f64, f64)>>, stroke: Rgb, width: f64 },
    /// Filled polygons.
    Areas { runs: Vec<Vec<(f64, f64)>>, fill: Rgb, opacity: f64 },
    /// Discs.
    Dots { centres: Vec<(f64, f64)>, radius: f64, fill: Rgb, opacity: f64 },
    /// A grid of cells stretched into a box.
    Image { place: [f64; 4], cells: Cells },
    /// A line of text.
    Text(Words),
}

/// A picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// What it is called, for those who do not see it.
    pub(crate) title: String,
    /// From the back to the front, on white.
    pub(crate) shapes: Vec<Shape>,
}
