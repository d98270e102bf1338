//! [`Plot`]: a picture, computed and not drawn yet.

use std::fmt;
use std::path::Path;

use crate::diagnostics::ColourMap;
use crate::diagnostics::plot::{Chart, to_svg};
use crate::error::{Error, Result};

/// A picture of an array, computed and not drawn yet. Its methods change how it looks; text is taken as it is and escaped.
#[derive(Clone, PartialEq)]
#[must_use = "save it, or show it in a notebook"]
pub struct Plot {
    pub(super) chart: Chart,
    kind: &'static str,
}

/// Fewest and most pixels of a side.
const SIDES: std::ops::RangeInclusive<u32> = 80..=8192;

impl Plot {
    pub(super) fn new(kind: &'static str, chart: Chart) -> Self {
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
        crate::platform::file::write_bytes(path, bytes).map_err(|source| Error::Io {
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
