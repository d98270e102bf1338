//! Looking at arrays: one line, HTML, the plan in words and as a drawing. None of it computes anything.

use std::fmt;
use std::path::Path;

use super::colour::ColourBy;
use crate::array::{Array, Histogram};
use crate::chunks::AxisChunks;
use crate::client::{Client, Compute, nodes, plan};
use crate::diagnostics::{AxisCuts, DrawGraph, ReprInfo, to_dot, to_svg};
use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::functions::DynArray;
use crate::graph::Node;
use crate::optimize;
use crate::plan::{Plan, lower};
use crate::text::format_bytes;
use crate::text::format_shape;

/// The plan for the CPU, for drawings that need no client.
fn cpu_plan(node: &std::sync::Arc<Node>) -> Result<Plan> {
    lower::lower(&optimize::optimize(std::slice::from_ref(node))?, None)
}

impl<T: Element> fmt::Display for Array<T> {
    /// Shape, dtype, chunks, bytes and task count; never data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_dyn(), f)
    }
}
impl<T: Element> fmt::Debug for Array<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_dyn(), f)
    }
}
impl fmt::Display for DynArray {
    /// Shape, dtype, chunks, bytes and task count; never data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.nbytes().map_or("unknown size".to_owned(), |n| format_bytes(n as u64));
        let tasks = cpu_plan(self.node()).map_or(0, |plan| plan.tasks());
        write!(
            f,
            "Array<{}> {}, chunks {}, {bytes}, {tasks} tasks",
            self.dtype(),
            format_shape(&self.node().dims()),
            self.chunks()
        )
    }
}
impl fmt::Debug for DynArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl DynArray {
    /// The array as a table and a drawing of its chunks, in HTML: what a notebook shows.
    #[must_use]
    pub fn to_html(&self) -> String {
        let chunks = self.chunks();
        let plan = cpu_plan(self.node());
        let axes: Vec<AxisCuts> = chunks
            .axes()
            .iter()
            .map(|axis| match axis {
                AxisChunks::Unknown { chunks, .. } => AxisCuts::Unknown(crate::width::in_memory(*chunks)),
                AxisChunks::Regular { len, size } => AxisCuts::Equal { length: *len, size: *size },
                known => AxisCuts::known(crate::width::in_memory(known.count()), |i| {
                    if i as u64 == known.count() { known.len().unwrap_or(0) } else { known.range(i as u64).0 }
                }),
            })
            .collect();
        let item = self.dtype().size() as u64;
        let known = !chunks.has_unknown();
        crate::diagnostics::html(&ReprInfo {
            shape: chunks.dims(),
            axes,
            dtype: self.dtype().name().to_owned(),
            itemsize: item,
            array_bytes: chunks.elements().map(|n| n.saturating_mul(item)),
            chunk_bytes: known.then(|| chunks.max_chunk_elements().saturating_mul(item)),
            chunk_shape: chunks.axes().iter().map(|axis| axis.len().map(|_| axis.max_size())).collect(),
            chunks: chunks.count(),
            stages: plan.as_ref().map_or(0, |p| p.stages.len() as u64),
            tasks: plan.as_ref().map_or(0, Plan::tasks),
        })
    }
    /// What the default client would run, in words: see [`Array::explain`].
    ///
    /// # Errors
    /// Where there is no client; what cannot be planned.
    pub fn explain(&self) -> Result<String> {
        Ok(self.plan_with(&Client::get_default()?)?.to_string())
    }
    /// What a client would run.
    ///
    /// # Errors
    /// What cannot be planned: more chunks than there are numbers for, tasks over several unknown lengths.
    pub fn plan_with(&self, client: &Client) -> Result<Plan> {
        plan(client, &[self.node().clone()])
    }
}

impl<T: Element> Array<T> {
    /// The array as a table and a drawing of its chunks, in HTML: what a notebook shows.
    #[must_use]
    pub fn to_html(&self) -> String {
        self.as_dyn().to_html()
    }
    /// What the default client would run: stages with their fused kernels, where each runs (and why not on the adapter), tasks,
    /// bytes read and written, predicted peak memory.
    ///
    /// # Errors
    /// Where there is no client; what cannot be planned.
    ///
    /// ```
    /// let x = gridloom::arange::<f32>(1_000_000);
    /// let text = (&x * 2.0).sum().explain()?;
    /// assert!(text.contains("sum ⟵ index → cast.f32 → mul"), "{text}");
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn explain(&self) -> Result<String> {
        self.explain_with(&Client::get_default()?)
    }
    /// [`Array::explain`] for a client.
    ///
    /// # Errors
    /// What cannot be planned: more chunks than there are numbers for, tasks over several unknown lengths.
    pub fn explain_with(&self, client: &Client) -> Result<String> {
        Ok(self.plan_with(client)?.to_string())
    }
    /// Draws the plan into a file: `.svg` or `.dot`, a node a stage (its chunks are in the tooltip, so that a graph of 10⁶ tasks
    /// stays a drawing).
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Parameter`] for another extension.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()> {
        visualize(self, path)
    }
    /// Draws what the default client would run, as [`Array::visualize`] does, coloured by what is asked for: when stages begin, how
    /// much memory they hold, or where they run.
    ///
    /// # Errors
    /// As [`Array::visualize`]; where there is no client.
    ///
    /// ```
    /// use gridloom::ColourBy;
    /// let x = gridloom::arange::<f32>(1_000_000);
    /// let path = std::env::temp_dir().join("gridloom-order.svg");
    /// (&x - x.mean()).std(0.0)?.visualize_by(ColourBy::Order, &path)?;
    /// assert!(std::fs::read_to_string(&path).unwrap().contains("begins first"));
    /// # std::fs::remove_file(&path).ok();
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn visualize_by(&self, colours: ColourBy, path: impl AsRef<Path>) -> Result<()> {
        write_drawing(&colours.drawing(&self.plan()?, "plan"), path.as_ref())
    }
    /// What the default client would run: what [`Array::explain`] says in words, and what a notebook draws.
    ///
    /// # Errors
    /// Where there is no client; what cannot be planned.
    pub fn plan(&self) -> Result<Plan> {
        self.plan_with(&Client::get_default()?)
    }
    /// [`Array::plan`] for a client.
    ///
    /// # Errors
    /// What cannot be planned: more chunks than there are numbers for, tasks over several unknown lengths.
    pub fn plan_with(&self, client: &Client) -> Result<Plan> {
        self.as_dyn().plan_with(client)
    }
}

/// What the default client would run to compute several arrays together: see [`Array::explain`].
///
/// # Errors
/// Where there is no client; what cannot be planned.
///
/// ```
/// let x = gridloom::random::Generator::new(1).random::<f64>((1000, 1000));
/// let text = gridloom::explain((&x.mean(), &x.std(0.0)?, &x.histogram((10, 0.0, 1.0))?))?;
/// # if gridloom::Client::get_default()?.adapter().is_none() {
/// assert!(text.contains("sum, moments, histogram ⟵ random.uniform"), "{text}");
/// # }
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn explain<C: Compute>(arrays: C) -> Result<String> {
    Client::get_default()?.explain(arrays)
}

impl Client {
    /// What it would run to compute several arrays together: see [`explain`].
    ///
    /// # Errors
    /// What cannot be planned: more chunks than there are numbers for, tasks over several unknown lengths.
    pub fn explain<C: Compute>(&self, arrays: C) -> Result<String> {
        Ok(plan(self, &nodes(&arrays))?.to_string())
    }
}

/// Draws the plan of several arrays into a `.svg` or `.dot` file.
///
/// # Errors
/// As [`Array::visualize`].
pub fn visualize<C: Compute>(arrays: C, path: impl AsRef<Path>) -> Result<()> {
    let plan = lower::lower(&optimize::optimize(&nodes(&arrays))?, None)?;
    write_drawing(&plan.drawing("plan"), path.as_ref())
}

fn write_drawing(drawing: &DrawGraph, path: &Path) -> Result<()> {
    let text = match path.extension().and_then(|e| e.to_str()) {
        Some("svg") => to_svg(drawing),
        Some("dot" | "gv") => to_dot(drawing),
        other => {
            let got = other.unwrap_or("none").to_owned();
            return Err(Error::Parameter { op: "visualize", what: "file extension", got, expected: "svg or dot" });
        }
    };
    crate::platform::file::write_bytes(path, text).map_err(|source| Error::Io {
        op: "visualize",
        path: path.display().to_string(),
        source,
    })
}

impl<C: Element> Histogram<C> {
    /// What the default client would run for it: see [`Array::explain`].
    ///
    /// # Errors
    /// As [`Array::explain`].
    pub fn explain(&self) -> Result<String> {
        self.explain_with(&Client::get_default()?)
    }
    /// [`Histogram::explain`] for a client.
    ///
    /// # Errors
    /// As [`Array::explain`].
    pub fn explain_with(&self, client: &Client) -> Result<String> {
        self.counts.explain_with(client)
    }
}
