//! Human-readable pictures and numbers of lazy arrays and their graphs.

mod chunk_axis;
mod chunk_svg;
mod graph_draw;
mod graph_svg;
mod html;
mod layered;
mod layered_rows;
mod markup;
pub(crate) mod plot;

pub use crate::text::{format_bytes, format_count};
pub use chunk_axis::AxisCuts;
pub use chunk_svg::draw;
pub use graph_draw::{Colouring, DrawGraph, DrawNode, NodeKind, to_dot};
pub use graph_svg::to_svg;
pub(crate) use html::plain_table;
pub use html::{ReprInfo, html};
pub use plot::ColourMap;
