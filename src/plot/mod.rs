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
mod picture;
mod scatter;
mod words;

pub use crate::diagnostics::ColourMap;
pub use hist::{hist, hist_with};
pub use imshow::{imshow, imshow_with};
pub use line::{line, line_with};
pub use picture::Plot;
pub use scatter::{scatter, scatter_with};
