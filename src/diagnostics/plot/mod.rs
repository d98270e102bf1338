//! Pictures of numbers: a [`Chart`] (what is drawn over which axes) is laid out as a `Scene` (shapes), and that is written as SVG
//! or, with the feature `png`, as PNG.

mod chart;
mod colour;
mod encode;
#[cfg(feature = "png")]
mod png;
mod scene;
mod svg;
mod ticks;

pub(crate) use chart::{Chart, Mark};
pub use colour::ColourMap;
pub(crate) use colour::{Rgb, hex, luminance};
#[cfg(feature = "png")]
pub(crate) use png::to_png;
pub(crate) use svg::to_svg;
pub(crate) use ticks::range;
