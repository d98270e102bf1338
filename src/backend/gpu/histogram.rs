//! Histograms: counts in workgroup memory, added to the result by whole workgroups. Integer sums are the same in every order.

use super::buffer::GpuBuffer;
use super::check_inputs;
use super::code::Code;
use super::compose::compose;
use super::job::Job;
use super::map::{fill, points};
use super::shader::Shader;
use super::wgsl::{bindings, coordinates, held};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::capability::Capabilities;
use crate::plan::expr::Program;
use crate::plan::kernel::Piece;

/// Words of the header: points, bins, points a workgroup, copies.
const HEADER: usize = 4;
/// Counts that fit the workgroup memory of every adapter (16 KiB); with more bins, workgroups count in the result.
const MOST_PRIVATE: u64 = 4096;
/// Copies of the counts in a workgroup.
const MOST_COPIES: u64 = 8;
/// Points of a workgroup's share: enough to pay for clearing and adding its counts.
const SHARE: u64 = 4096;
/// Workgroups that fill a large device.
const GROUPS: u64 = 2048;

/// The key of `shaders/histogram.wgsl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Histogram {
    /// The expression: value, then the mask if there is one.
    pub(crate) code: Code,
    masked: bool,
    uniform: bool,
    /// The dtype of the edges.
    edges: DType,
    /// Whether workgroups count in their own memory.
    private: bool,
}

impl Histogram {
    /// The shader for pieces of `rank` axes and that many bins.
    ///
    /// # Errors
    /// [`Error::Bug`] for edges that the values cannot be compared with.
    pub(crate) fn new(
        program: &Program,
        (masked, uniform): (bool, bool),
        edges: DType,
        rank: usize,
        bins: u64,
    ) -> Result<Self> {
        let value = program.output_dtype(0);
        let fits = match edges {
            DType::F32 | DType::F64 => edges == value,
            DType::I64 => !value.is_float(),
            DType::I32 => value.wgsl() == "i32" || (!value.is_float() && value.size() < 4),
            DType::U32 => value.wgsl() == "u32" || value == DType::Bool,
            DType::Bool | DType::U8 | DType::U16 | DType::U64 | DType::I8 | DType::I16 => false,
        };
        if !fits {
            return Err(Error::bug(format!("histogram of {value} between edges of {edges}")));
        }
        Ok(Self { code: Code::new(program, rank, HEADER), masked, uniform, edges, private: bins <= MOST_PRIVATE })
    }

    /// The type that values and edges are compared in, and its functions. 64-bit integers are pairs of words, so that every
    /// adapter can count them.
    fn edge(&self, buffer: usize) -> String {
        let (value, edges) = (self.code.output(0), self.edges);
        let t = value.wgsl();
        let text = |ty: &str, edge: &str, of: &str, at_most: &str, distance: &str| {
            format!(
                "alias Edge = {ty};\n\
                 fn edge(i: u32) -> Edge {{ return {edge}; }}\n\
                 fn edge_of(x: {t}) -> Edge {{ return {of}; }}\n\
                 fn at_most(x: Edge, y: Edge) -> bool {{ return {at_most}; }}\n\
                 // From x to y, which is not below it.\n\
                 fn distance(x: Edge, y: Edge) -> f32 {{ return {distance}; }}"
            )
        };
        let plain = format!("in{buffer}[i]");
        match edges {
            DType::I64 => {
                let of = if value == DType::I64 {
                    "words_of(bitcast<u64>(x))".to_owned()
                } else if value == DType::U64 {
                    // Beyond every edge, or at a saturated one.
                    "words_of(select(x, 0x7ffffffffffffffflu, x > 0x7ffffffffffffffflu))".to_owned()
                } else {
                    format!("pair_of_{t}(x)")
                };
                text("vec2<u32>", &plain, &of, "pair_at_most(x, y)", "pair_distance(x, y)")
            }
            DType::I32 | DType::U32 => text(edges.wgsl(), &plain, "Edge(x)", "x <= y", "f32(u32(y) - u32(x))"),
            DType::F32 | DType::F64 => text(edges.wgsl(), &plain, "x", "x <= y", "f32(y - x)"),
            // Refused above.
            DType::Bool | DType::U8 | DType::U16 | DType::U64 | DType::I8 | DType::I16 => String::new(),
        }
    }
}

impl Shader for Histogram {
    fn buffers(&self) -> (usize, usize) {
        (self.code.layout().loads + 1, 1)
    }

    fn source(&self, caps: &Capabilities) -> Result<String> {
        let axes = 0..self.code.layout().rank;
        let mut inputs = self.code.inputs();
        let buffer = inputs.len();
        inputs.push(if self.edges == DType::I64 { "vec2<u32>" } else { held(self.edges) }.to_owned());
        let fields: &[&str] = if self.masked { &["value", "mask"] } else { &["value"] };
        let (counts, clear, flush) = if self.private {
            (
                include_str!("../../../shaders/histogram/private.wgsl"),
                "clear_counts(lane, copies * bins);",
                "add_counts(lane, copies, bins);",
            )
        } else {
            (include_str!("../../../shaders/histogram/shared.wgsl"), "", "")
        };
        let bin = if self.uniform {
            include_str!("../../../shaders/histogram/uniform.wgsl")
        } else {
            include_str!("../../../shaders/histogram/search.wgsl")
        };
        compose(
            include_str!("../../../shaders/histogram.wgsl"),
            &[
                ("bindings", bindings(&inputs, &["atomic<u32>"])),
                ("program", self.code.print(fields, None, caps)?),
                ("edge", self.edge(buffer)),
                ("counts", counts.to_owned()),
                ("bin", bin.to_owned()),
                ("clear", clear.to_owned()),
                ("flush", flush.to_owned()),
                ("coordinates point", coordinates("point", axes)),
                ("element", self.code.element()),
                ("mask", if self.masked { "e.mask && " } else { "" }.to_owned()),
            ],
            caps,
        )
    }

    fn name(&self) -> &'static str {
        "histogram"
    }

    fn code(&self) -> Option<&Code> {
        Some(&self.code)
    }
}

/// Counts the program's values over the pieces into the bins between the edges.
///
/// # Errors
/// [`Error::Device`] from the device, [`Error::Bug`] for pieces that do not fit their buffers.
pub(crate) fn run(
    gpu: &Job<'_>,
    program: &Program,
    (masked, uniform): (bool, bool),
    pieces: &[Piece],
    inputs: &[GpuBuffer],
) -> Result<Vec<GpuBuffer>> {
    let (edges, inputs) = inputs.split_last().ok_or_else(|| Error::bug("histogram without edges"))?;
    let bins = edges.len.saturating_sub(1) as u64;
    let counts = gpu.allocate(DType::U32, bins as usize)?;
    fill(gpu, &counts, 0)?;
    for piece in pieces.iter().filter(|_| bins > 0) {
        let piece = piece.clone().collapsed();
        let points = points(&piece)?;
        let mut buffers = check_inputs(program, &piece, inputs)?;
        buffers.extend([edges, &counts]);
        let histogram = Histogram::new(program, (masked, uniform), edges.dtype, piece.dims.len(), bins)?;
        let groups = (u64::from(points) / SHARE.max(2 * bins)).clamp(1, GROUPS);
        // Whole rounds of the workgroup's threads.
        let most = 256 * histogram.code.most_elements();
        let share = u64::from(points).div_ceil(groups).min(most).next_multiple_of(1024);
        let copies = (MOST_PRIVATE / bins).clamp(1, MOST_COPIES);
        let header = [points, bins as u32, share as u32, copies as u32];
        let words = histogram.code.layout().pack(&header, &piece, program)?;
        gpu.launch(&histogram, &words, &buffers, [u64::from(points).div_ceil(share), 1])?;
    }
    Ok(vec![counts])
}
