//! Histograms: a workgroup counts in its own memory and leaves its counts in a slot of the result, to be merged as states are. Where slots
//! would be as large as what is counted, and where counts do not fit a workgroup, they are added to one. Integer sums are the same in
//! every order.

use super::buffer::GpuBuffer;
use super::code::Code;
use super::compose::{compose, fill as fill_slots};
use super::job::Job;
use super::map::{fill, points};
use super::pieces::{self, PieceLaunch};
use super::reading::Reading;
use super::shader::Shader;
use super::sources::loaded;
use super::wgsl::{bindings, coordinates, held};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::capability::Capabilities;
use crate::plan::expr::Program;
use crate::plan::kernel::Piece;

/// Words of the header: points, bins, points a workgroup, copies, first slot.
const HEADER: usize = 5;
/// Bins whose edges fit the workgroup memory of every adapter (16 KiB) beside their counts: 1024 edges of 8 bytes, 2048 counts.
const MOST_NEAR: u64 = 1023;
const NEAR_COUNTS: u64 = 2048;
/// Counts that fit it alone; with more bins, workgroups count in the result.
const MOST_PRIVATE: u64 = 4096;
/// Copies of the counts in a workgroup.
const MOST_COPIES: u64 = 8;
/// Points of a workgroup's share, and a bin: enough to pay for clearing its counts, and leaving and merging them.
const SHARE: u64 = 4096;
const BIN_SHARE: u64 = 16;
/// Points for each count that workgroups leave in slots, at least.
const COUNT_SHARE: u64 = 4;
/// Workgroups that fill a large device.
const GROUPS: u64 = 2048;

/// Where a workgroup counts, and reads the edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Counts {
    /// Both in its own memory.
    Near,
    /// It counts there, and reads the edges where they are.
    Private,
    /// In the result.
    Shared,
}

impl Counts {
    fn of(bins: u64) -> Self {
        if bins <= MOST_NEAR {
            return Self::Near;
        }
        if bins <= MOST_PRIVATE { Self::Private } else { Self::Shared }
    }

    /// How many there are in a workgroup's memory.
    fn own(self) -> u64 {
        match self {
            Self::Near => NEAR_COUNTS,
            Self::Private => MOST_PRIVATE,
            Self::Shared => 0,
        }
    }

    /// Points of a workgroup's share, at least.
    fn share(self, bins: u64) -> u64 {
        if self == Self::Shared { SHARE } else { SHARE.max(BIN_SHARE * bins) }
    }
}

/// The key of `shaders/histogram.wgsl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Histogram {
    /// The expression: value, then the mask if there is one.
    pub(crate) code: Code,
    masked: bool,
    uniform: bool,
    /// The dtype of the edges.
    edges: DType,
    counts: Counts,
    /// Whether counts are added to one slot, or each workgroup's are left in its own.
    pub(crate) adds: bool,
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
            DType::Bool | DType::U8 | DType::U16 | DType::U64 | DType::I8 | DType::I16 | DType::F16 | DType::BF16 => {
                false
            }
        };
        if !fits {
            return Err(Error::bug(format!("histogram of {value} between edges of {edges}")));
        }
        let counts = Counts::of(bins);
        let adds = counts == Counts::Shared;
        Ok(Self { code: Code::new(program, rank, HEADER), masked, uniform, edges, counts, adds })
    }

    /// The same with another way of reading.
    pub(crate) fn reading(mut self, reading: Reading) -> Self {
        self.code.reading = reading;
        self
    }

    /// How a thread goes over its points.
    fn points(&self) -> Result<String> {
        let axes = 0..self.code.layout().rank;
        let mask = if self.masked { "e.mask && " } else { "" };
        let take = fill_slots(include_str!("../../../shaders/histogram/take.wgsl"), &[("mask", mask.to_owned())])?;
        let mut slots = vec![
            ("take", take),
            ("element", self.code.element()),
            ("coordinates reduced", coordinates("reduced", axes.clone())),
            ("coordinates first", coordinates("first", axes)),
        ];
        slots.extend(self.code.quad_slots());
        let quads = matches!(self.code.reading, Reading::Quads { .. });
        let points = include_str!("../../../shaders/reduce/points.wgsl");
        fill_slots(if quads { include_str!("../../../shaders/reduce/looped.wgsl") } else { points }, &slots)
    }

    /// The type that values and edges are compared in, and its functions. 64-bit integers are pairs of words, so that every
    /// adapter can count them.
    fn edge(&self, buffer: usize) -> String {
        let (value, edges) = (self.code.output(0), self.edges);
        let t = value.wgsl();
        let near = format!(
            "var<workgroup> own_edges: array<Edge, {}>;\n\
             fn bring_edges(lane: u32, bins: u32) {{\n    \
                 for (var i = lane; i <= bins; i += 256u) {{ own_edges[i] = in{buffer}[i]; }}\n\
             }}\n\
             fn edge(i: u32) -> Edge {{ return own_edges[i]; }}",
            MOST_NEAR + 1
        );
        let far = format!("fn edge(i: u32) -> Edge {{ return in{buffer}[i]; }}");
        let edge = if self.counts == Counts::Near { near } else { far };
        let text = |ty: &str, of: &str, at_most: &str, distance: &str| {
            format!(
                "alias Edge = {ty};\n{edge}\n\
                 fn edge_of(x: {t}) -> Edge {{ return {of}; }}\n\
                 fn at_most(x: Edge, y: Edge) -> bool {{ return {at_most}; }}\n\
                 // From x to y, which is not below it.\n\
                 fn distance(x: Edge, y: Edge) -> f32 {{ return {distance}; }}"
            )
        };
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
                text("vec2<u32>", &of, "pair_at_most(x, y)", "pair_distance(x, y)")
            }
            DType::I32 | DType::U32 => text(edges.wgsl(), "Edge(x)", "x <= y", "f32(u32(y) - u32(x))"),
            DType::F32 | DType::F64 => text(edges.wgsl(), "x", "x <= y", "f32(y - x)"),
            // Refused above.
            DType::Bool | DType::U8 | DType::U16 | DType::U64 | DType::I8 | DType::I16 | DType::F16 | DType::BF16 => {
                String::new()
            }
        }
    }
}

impl Shader for Histogram {
    fn buffers(&self) -> (usize, usize) {
        (self.code.buffers() + 1, 1)
    }

    fn source(&self, caps: &Capabilities) -> Result<String> {
        let mut inputs = self.code.inputs();
        let buffer = inputs.len();
        inputs.push(if self.edges == DType::I64 { "vec2<u32>" } else { held(self.edges) }.to_owned());
        let fields: &[&str] = if self.masked { &["value", "mask"] } else { &["value"] };
        let keep = if self.adds {
            "if sum != 0u { atomicAdd(&out0[bin], sum); }"
        } else {
            "out0[(slot + params[p + 4u]) * bins + bin] = sum;"
        };
        let (counts, clear, flush) = match self.counts {
            Counts::Near => (
                include_str!("../../../shaders/histogram/private.wgsl"),
                "bring_edges(lane, bins);\nclear_counts(lane, copies * bins);",
                "keep_counts(p, number, lane, copies, bins);",
            ),
            Counts::Private => (
                include_str!("../../../shaders/histogram/private.wgsl"),
                "clear_counts(lane, copies * bins);",
                "keep_counts(p, number, lane, copies, bins);",
            ),
            Counts::Shared => (include_str!("../../../shaders/histogram/shared.wgsl"), "", ""),
        };
        let counts = fill_slots(counts, &[("own", self.counts.own().to_string()), ("keep", keep.to_owned())])?;
        let bin = if self.uniform {
            include_str!("../../../shaders/histogram/uniform.wgsl")
        } else {
            include_str!("../../../shaders/histogram/search.wgsl")
        };
        compose(
            include_str!("../../../shaders/histogram.wgsl"),
            &[
                ("bindings", bindings(&inputs, &[if self.adds { "atomic<u32>" } else { "u32" }])),
                ("program", self.code.print(fields, None, caps)?),
                ("edge", self.edge(buffer)),
                ("counts", counts),
                ("bin", bin.to_owned()),
                ("clear", clear.to_owned()),
                ("flush", flush.to_owned()),
                ("points", self.points()?),
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

    fn with(&self, code: Code) -> Option<Box<dyn Shader>> {
        Some(Box::new(Self { code, ..self.clone() }))
    }
}

/// A piece cut up for launching.
pub(super) struct HistogramLaunch {
    piece: Piece,
    pub(super) histogram: Histogram,
    points: u64,
    /// Points of a workgroup.
    share: u64,
}

impl HistogramLaunch {
    pub(super) fn new(
        program: &Program,
        of: (bool, bool),
        (edges, bins): (DType, u64),
        piece: &Piece,
        most_bound: usize,
    ) -> Result<Self> {
        let piece = piece.clone().collapsed();
        let points = u64::from(points(&piece)?);
        let mut histogram = Histogram::new(program, of, edges, piece.dims.len(), bins)?;
        histogram.code = histogram.code.bound(&piece, most_bound);
        let quads = histogram.code.quads(&piece, false, most_bound);
        let histogram = histogram.reading(quads.unwrap_or_default());
        let groups = (points / histogram.counts.share(bins)).clamp(1, GROUPS);
        // Whole rounds of the workgroup's threads.
        let most = 256 * histogram.code.most_elements();
        let share = points.div_ceil(groups).min(most).next_multiple_of(1024);
        Ok(Self { piece, histogram, points, share })
    }

    fn groups(&self) -> u64 {
        self.points.div_ceil(self.share)
    }
}

/// Counts the program's values over the pieces into the bins between the edges: `[slots, bins]`.
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
    let plan = |piece| HistogramLaunch::new(program, (masked, uniform), (edges.dtype, bins), piece, gpu.most);
    let plans = pieces.iter().filter(|_| bins > 0).map(plan).collect::<Result<Vec<_>>>()?;
    let (groups, points) =
        plans.iter().fold((0, 0), |(groups, points), plan| (groups + plan.groups(), points + plan.points));
    let few = groups == 1 || (groups > 0 && groups * bins <= points / COUNT_SHARE);
    let adds = !few || Counts::of(bins) == Counts::Shared;
    let slots = if adds { 1 } else { groups };
    let counts = gpu.allocate(DType::U32, (slots * bins) as usize)?;
    if adds {
        fill(gpu, &counts, 0)?;
    }
    let mut slot = 0;
    let launch = |plan: HistogramLaunch| {
        let groups = plan.groups();
        let histogram = Histogram { adds, ..plan.histogram };
        let loads = loaded(&histogram.code, program, &plan.piece, inputs)?.into_iter().cloned().collect();
        let copies = (histogram.counts.own() / bins).clamp(1, MOST_COPIES);
        let header = [plan.points, bins, plan.share, copies, slot].map(|v| v as u32);
        let words = histogram.code.layout().pack(&header, &plan.piece, program)?;
        slot += groups;
        Ok(PieceLaunch { shader: Box::new(histogram), words, loads, groups, points: plan.points })
    };
    let launches = plans.into_iter().map(launch).collect::<Result<Vec<_>>>()?;
    pieces::launch(gpu, launches, &[edges, &counts])?;
    Ok(vec![counts])
}
