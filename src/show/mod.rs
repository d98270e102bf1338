//! What arrays, plans and clients look like: in words, as drawings, in notebooks.

mod colour;
mod diagnose;
mod notebook;

pub use colour::ColourBy;
pub use diagnose::{explain, visualize};
