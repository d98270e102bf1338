//! Pictures of arrays: [`line`](fn@line), [`hist`](fn@hist), [`imshow`](fn@imshow) and [`scatter`](fn@scatter) compute what is seen and
//! no more, and give a [`Plot`] that is shown in a notebook or written as `.svg` or `.png`.
//!
//! A picture has some hundred columns. Arrays of more elements are reduced to them where their chunks are (smallest, largest and
//! mean of blocks, counts of cells): what is fetched does not grow with the array, and neither does memory.
//!
//! What is not a finite number is not drawn: a gap in a line, a grey cell of an image, left out of histograms and scatters; a remark
//! at the foot of the picture says how many there were. Arrays without elements give empty axes; a constant gets an axis with room
//! around it.
//!
//! ```
//! use gridloom::plot;
//! use gridloom::prelude::*;
//! # fn main() -> gridloom::Result<()> {
//! let x = gridloom::random::Generator::new(1).normal(0.0f64, 1.0, 1_000_000);
//! let plot = plot::hist(&x, 60)?.title("A million normal numbers").x_label("x");
//! assert!(plot.to_svg().starts_with("<svg"));
//! # let folder = std::env::temp_dir();
//! # let path = folder.join("gridloom-plot-doc.svg");
//! plot.save(&path)?; // or .png, with the feature `png`
//! # std::fs::remove_file(&path).ok();
//! # Ok(()) }
//! ```

mod blocks;
mod hist;
mod imshow;
mod line;
mod scatter;

pub use crate::diagnostics::ColourMap;
pub use hist::{hist, hist_with};
pub use imshow::{imshow, imshow_with};
pub use line::{line, line_with};
pub use scatter::{scatter, scatter_with};

use std::fmt;
use std::path::Path;

use crate::diagnostics::plot::{Chart, range, to_svg};
use crate::error::{Error, Result};

/// A picture of an array, computed and not drawn yet. Its methods change how it looks; text is taken as it is and escaped.
#[derive(Clone, PartialEq)]
#[must_use = "save it, or show it in a notebook"]
pub struct Plot {
    chart: Chart,
    kind: &'static str,
}

/// Fewest and most pixels of a side.
const SIDES: std::ops::RangeInclusive<u32> = 80..=8192;

impl Plot {
    fn new(kind: &'static str, chart: Chart) -> Self {
        Self { chart, kind }
    }
    /// A heading.
    pub fn title(mut self, text: impl Into<String>) -> Self {
        self.chart.title = text.into();
        self
    }
    /// What the horizontal axis is.
    pub fn x_label(mut self, text: impl Into<String>) -> Self {
        self.chart.x_label = text.into();
        self
    }
    /// What the vertical axis is.
    pub fn y_label(mut self, text: impl Into<String>) -> Self {
        self.chart.y_label = text.into();
        self
    }
    /// What the colours of an image are of.
    pub fn colour_label(mut self, text: impl Into<String>) -> Self {
        self.chart.colour_label = text.into();
        self
    }
    /// The colours of an image: Viridis by default.
    pub fn colours(mut self, map: ColourMap) -> Self {
        self.chart.map = map;
        self
    }
    /// The numbers that have the first and the last colour of an image: by default its smallest and largest.
    ///
    /// # Errors
    /// [`Error::Parameter`] for ends that are not finite and ascending.
    pub fn colour_range(mut self, low: f64, high: f64) -> Result<Self> {
        if !(low.is_finite() && high.is_finite() && low < high) {
            let got = format!("[{low}, {high}]");
            return Err(Error::Parameter { op: "plot", what: "colour range", got, expected: "finite and ascending" });
        }
        self.chart.colours = (low, high);
        Ok(self)
    }
    /// Width and height in pixels: 640 by 400 by default.
    ///
    /// # Errors
    /// [`Error::Parameter`] for sides of fewer than 80 or more than 8192 pixels.
    pub fn size(mut self, width: u32, height: u32) -> Result<Self> {
        if !(SIDES.contains(&width) && SIDES.contains(&height)) {
            let got = format!("{width} × {height}");
            return Err(Error::Parameter {
                op: "plot",
                what: "size in pixels",
                got,
                expected: "80 to 8192 on each side",
            });
        }
        self.chart.size = (width, height);
        Ok(self)
    }
    /// The picture as SVG, which needs nothing beside itself.
    #[must_use]
    pub fn to_svg(&self) -> String {
        to_svg(&self.chart.scene())
    }
    /// The picture as PNG, of twice as many pixels in each direction as [`Plot::size`] says, for dense screens. Its font is part of
    /// the program and has Latin, Greek and Cyrillic letters.
    ///
    /// # Errors
    /// [`Error::Bug`] where it cannot be drawn.
    #[cfg(feature = "png")]
    pub fn to_png(&self) -> Result<Vec<u8>> {
        crate::diagnostics::plot::to_png(&self.chart.scene(), 2.0).ok_or_else(|| Error::bug("a picture without pixels"))
    }
    #[cfg(not(feature = "png"))]
    fn to_png(&self) -> Result<Vec<u8>> {
        let expected = "svg; png needs the feature `png` of gridloom";
        Err(Error::Parameter { op: "plot", what: "file extension", got: "png".into(), expected })
    }
    /// Writes the picture, as `.svg` or `.png` (with the feature `png`).
    ///
    /// # Errors
    /// [`Error::Parameter`] for another extension; [`Error::Io`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let bytes = match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("svg") => self.to_svg().into_bytes(),
            Some("png") => self.to_png()?,
            other => {
                let got = other.unwrap_or("none").to_owned();
                return Err(Error::Parameter { op: "plot", what: "file extension", got, expected: "svg or png" });
            }
        };
        crate::file::write_bytes(path, bytes).map_err(|source| Error::Io {
            op: "plot",
            path: path.display().to_string(),
            source,
        })
    }
}

impl fmt::Display for Plot {
    /// What it is of, in a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Chart { title, note, size: (width, height), .. } = &self.chart;
        write!(f, "Plot: {}, {width} × {height} pixels", self.kind)?;
        for text in [title, note].into_iter().filter(|text| !text.is_empty()) {
            write!(f, ", {text}")?;
        }
        Ok(())
    }
}
impl fmt::Debug for Plot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The smallest and largest finite of some numbers; a range that is none where there are none.
fn extent<'a>(values: impl IntoIterator<Item = &'a f64>) -> (f64, f64) {
    let finite = values.into_iter().filter(|v| v.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)))
}

/// An axis with some room at both ends.
fn roomy((low, high): (f64, f64)) -> (f64, f64) {
    let (low, high) = range(low, high);
    let room = (high - low) * 0.04;
    (low - room, high + room)
}

/// A remark on numbers that are not finite, if there are any.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of elements")]
fn left_out(count: f64) -> Option<String> {
    let count = count as u64;
    let words = if count == 1 { "is not a finite number" } else { "are not finite numbers" };
    (count > 0).then(|| format!("{} {words}", crate::diagnostics::format_count(count)))
}

/// Remarks one after another.
fn remarks(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
