//! How values look in a cell: as text, and where there is more to see as HTML.

use gridloom::plan::Plan;
use gridloom::plot::Plot;
use gridloom::{Array, DType, Element, Error, Histogram, RunReport};
use ndarray::ArrayD;

/// A value of a cell.
pub(crate) trait Show {
    /// As it is printed.
    fn text(&self) -> String;
    /// As a notebook shows it, if that is more than the text.
    fn html(&self) -> Option<String> {
        None
    }
}

impl<T: Element> Show for Array<T> {
    fn text(&self) -> String {
        self.to_string()
    }
    fn html(&self) -> Option<String> {
        Some(self.to_html())
    }
}
impl<T: Element> Show for Histogram<T> {
    fn text(&self) -> String {
        format!("counts: {}\nedges: {}", self.counts, self.edges)
    }
    fn html(&self) -> Option<String> {
        Some(self.to_html())
    }
}
impl Show for Plot {
    fn text(&self) -> String {
        self.to_string()
    }
    fn html(&self) -> Option<String> {
        Some(self.to_svg())
    }
}
impl Show for Plan {
    fn text(&self) -> String {
        self.to_string()
    }
    fn html(&self) -> Option<String> {
        Some(self.to_svg())
    }
}
impl Show for RunReport {
    fn text(&self) -> String {
        self.to_string()
    }
    fn html(&self) -> Option<String> {
        Some(self.to_html())
    }
}
impl<T: Element> Show for ArrayD<T> {
    fn text(&self) -> String {
        self.to_string()
    }
}

/// Values that are their text.
macro_rules! plain {
    ($($type:ty)*) => {$(
        impl Show for $type {
            fn text(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
plain! { str String bool i32 i64 f64 usize DType Error }
