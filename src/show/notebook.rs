//! What the evcxr notebook kernel shows: rich forms of arrays, plans, histograms, pictures, clients and reports, in its protocol
//! (lines on standard output, <https://github.com/evcxr/evcxr/blob/main/evcxr_jupyter/README.md>). None of it computes anything.

use std::fmt::Display;

use crate::array::{Array, Histogram};
use crate::client::Client;
use crate::diagnostics::{plain_table, to_svg};
use crate::dtype::Element;
use crate::event::Lane;
use crate::plan::Plan;
use crate::plot::Plot;
use crate::schedule::RunReport;
use crate::text::{format_bytes, format_count};

/// Prints a value for the kernel, as HTML and as text for those who do not see HTML.
fn show(text: &dyn Display, html: &str) {
    #[allow(clippy::print_stdout, reason = "this is how evcxr takes rich output")]
    {
        // One call, so that no other thread's lines come between.
        println!(
            "EVCXR_BEGIN_CONTENT text/html\n{html}\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/plain\n{text}\nEVCXR_END_CONTENT"
        );
    }
}

/// Rows of a name and a value.
fn rows(rows: &[(&str, String)]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]).collect();
    plain_table(&[], &rows)
}

impl<T: Element> Array<T> {
    /// Shown by the evcxr notebook kernel: prints [`Array::to_html`] in its protocol.
    pub fn evcxr_display(&self) {
        show(self, &self.to_html());
    }
}

impl Plot {
    /// Shown by the evcxr notebook kernel: the picture.
    pub fn evcxr_display(&self) {
        show(self, &self.to_svg());
    }
}

impl<C: Element> Histogram<C> {
    /// The lazy counts and edges as tables, in HTML: what a notebook shows. [`Histogram::to_plot`] computes and draws them.
    #[must_use]
    pub fn to_html(&self) -> String {
        format!("<div>{}{}</div>", self.counts.to_html(), self.edges.to_html())
    }
    /// Shown by the evcxr notebook kernel: [`Histogram::to_html`].
    pub fn evcxr_display(&self) {
        show(&format!("Histogram: counts {}; edges {}", self.counts, self.edges), &self.to_html());
    }
}

impl Plan {
    /// The plan as a drawing, in SVG: what a notebook shows, beside the words of its `Display`.
    #[must_use]
    pub fn to_svg(&self) -> String {
        to_svg(&self.drawing("plan"))
    }
    /// Shown by the evcxr notebook kernel: [`Plan::to_svg`].
    pub fn evcxr_display(&self) {
        show(self, &self.to_svg());
    }
}

impl Client {
    /// The client as a table, in HTML: what a notebook shows.
    #[must_use]
    pub fn to_html(&self) -> String {
        let memory = self.memory();
        rows(&[
            ("Adapter", self.adapter().unwrap_or_else(|| "none: kernels run on the CPU".to_owned())),
            ("Workers", self.workers().to_string()),
            ("Memory", format!("{} of {}", format_bytes(memory.host), format_bytes(self.memory_limit()))),
            ("Spilled", format_bytes(memory.disk)),
        ])
    }
    /// Shown by the evcxr notebook kernel: [`Client::to_html`].
    pub fn evcxr_display(&self) {
        show(self, &self.to_html());
    }
}

impl RunReport {
    /// The report as tables, in HTML: what a notebook shows.
    #[must_use]
    pub fn to_html(&self) -> String {
        let seconds = |time: std::time::Duration| format!("{:.3} s", time.as_secs_f64());
        let mut facts = vec![
            ("Time", seconds(self.wall)),
            ("Tasks", format!("{} on CPU, {} on GPU", format_count(self.cpu_tasks), format_count(self.gpu_tasks))),
            (
                "Moved",
                format!("{} up, {} down", format_bytes(self.uploaded_bytes), format_bytes(self.downloaded_bytes)),
            ),
            (
                "Host memory",
                format!(
                    "{} at most, {} of chunks",
                    format_bytes(self.peak_host_bytes),
                    format_bytes(self.peak_chunk_bytes)
                ),
            ),
            ("Device memory", format_bytes(self.peak_device_bytes)),
            (
                "Spilled",
                format!("{}, {} read back", format_bytes(self.spilled_bytes), format_bytes(self.restored_bytes)),
            ),
        ];
        for (lane, busy) in Lane::ALL.iter().zip(&self.busy).filter(|(_, busy)| !busy.is_zero()) {
            facts.push((lane.name(), format!("busy {}", seconds(*busy))));
        }
        facts.extend(self.fallbacks.iter().map(|(what, why)| ("Not as planned", format!("{what}: {why}"))));
        let kernels: Vec<Vec<String>> = self
            .kernels
            .iter()
            .map(|kernel| {
                let device = kernel.device.map_or("–".to_owned(), seconds);
                vec![kernel.title.clone(), format_count(kernel.tasks), seconds(kernel.busy), device, kernel.speed()]
            })
            .collect();
        let kernels = plain_table(&["Stage", "Tasks", "Thread time", "Device time", "Read and written"], &kernels);
        format!("<div>{}{kernels}</div>", rows(&facts))
    }
    /// Shown by the evcxr notebook kernel: [`RunReport::to_html`].
    pub fn evcxr_display(&self) {
        show(self, &self.to_html());
    }
}
