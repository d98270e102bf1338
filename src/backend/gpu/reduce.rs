//! Reductions: a tree a workgroup where each output has many points, a thread an output where there are many outputs.

use super::buffer::GpuBuffer;
use super::compose::compose;
use super::map::{fill, points};
use super::params::check_bounds;
use super::pipeline::Key;
use super::wgsl::{Code, arguments, bindings, coordinates, held, to_held};
use super::{Inner, check_inputs};
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};
use crate::ops::Fold;
use crate::plan::capability::Capabilities;
use crate::plan::expr::Program;
use crate::plan::kernel::{Access, Piece};

/// Words of the header: kept points, reduced points, parts, points a part, first slot, out elements.
const HEADER: usize = 6;
/// Points of a part below which a further part does not pay, for a workgroup and for a thread.
const GROUP_PART: u64 = 4096;
const THREAD_PART: u64 = 16;
/// Workgroups, or threads, that fill a large device.
const GROUPS: u64 = 1024;
const THREADS: u64 = 1 << 16;

/// The key of `shaders/reduce.wgsl` and `shaders/reduce_columns.wgsl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reduce {
    /// The expression: value, then the index for folds that need it, then the mask if there is one.
    pub(crate) code: Code,
    fold: Fold,
    masked: bool,
    /// How many of the axes, the outer ones, are kept.
    kept: usize,
    /// A thread an output element, not a workgroup.
    columns: bool,
}

/// One of a state's arrays on the device.
struct Part {
    dtype: DType,
    /// Its WGSL type in a buffer.
    held: &'static str,
    /// The expression that is stored, of the structure `state`.
    value: String,
    /// The bits of the fold's identity.
    identity: u64,
}

/// Whether 64-bit sums of the value are made of pairs of words.
fn in_pairs(dtype: DType) -> bool {
    !dtype.is_float() && dtype.size() < 8
}

/// The float type that sums of the value are made in.
fn float(dtype: DType, caps: &Capabilities) -> DType {
    // Reading the elements takes longer than adding them, even where f64 is slow.
    if dtype == DType::F32 && !(caps.f64 && caps.i64) { DType::F32 } else { DType::F64 }
}

/// The dtype that a sum or product is made in.
fn sum_dtype(value: DType, caps: &Capabilities) -> DType {
    if value.is_float() { float(value, caps) } else { value.sum() }
}

/// The value that all others beat or equal, as held: its bits, and its WGSL text, in which `zero` is 0.
fn extreme(dtype: DType, largest: bool) -> (u64, String) {
    let bits = 8 * dtype.size() as u32;
    match dtype.kind() {
        Kind::Bool => (u64::from(largest), largest.to_string()),
        Kind::Float => {
            let infinity = if dtype == DType::F32 { 0x7f80_0000 } else { 0x7ff0_0000_0000_0000 };
            let sign = if largest { 0 } else { 1 << (bits - 1) };
            (infinity | sign, format!("{}infinity_{dtype}(zero)", if largest { "" } else { "-" }))
        }
        Kind::Unsigned => {
            let value = if largest { u64::MAX >> (64 - bits) } else { 0 };
            (value, format!("{}({value:#x}{})", dtype.wgsl(), if dtype.size() == 8 { "lu" } else { "u" }))
        }
        Kind::Signed => {
            let value = if largest { i64::MAX >> (64 - bits) } else { i64::MIN >> (64 - bits) };
            let ty = dtype.wgsl();
            let text = match dtype.size() {
                8 => format!("bitcast<i64>({:#x}lu)", value as u64),
                _ => format!("{ty}({:#x}u)", value as u32),
            };
            (value as u64, text)
        }
    }
}

impl Reduce {
    /// The shader for pieces of `rank` axes, of which the first `kept` are kept.
    pub(crate) fn new(program: &Program, fold: Fold, masked: bool, rank: usize, kept: usize, columns: bool) -> Self {
        Self { code: Code::new(program, rank, HEADER), fold, masked, kept, columns }
    }

    /// The name in labels and messages.
    pub(crate) fn name(&self) -> &'static str {
        self.fold.name()
    }

    /// How many buffers it reads and writes.
    pub(crate) fn buffers(&self) -> (usize, usize) {
        (self.code.inputs().len(), self.fold.states(self.code.output(0), self.masked).len())
    }

    /// The state's arrays, in the order of [`Fold::states`].
    fn parts(&self, caps: &Capabilities) -> Vec<Part> {
        let value = self.code.output(0);
        let part = |dtype: DType, value: String, identity: u64| Part { dtype, held: held(dtype), value, identity };
        let mut parts = match self.fold {
            Fold::Sum | Fold::Prod => {
                let dtype = sum_dtype(value, caps);
                let one = match dtype {
                    DType::F32 => u64::from(1f32.to_bits()),
                    DType::F64 => 1f64.to_bits(),
                    _ => 1,
                };
                let identity = if self.fold == Fold::Sum { 0 } else { one };
                let held = if in_pairs(value) { "vec2<u32>" } else { held(dtype) };
                vec![Part { held, ..part(dtype, "state.value".to_owned(), identity) }]
            }
            Fold::Min | Fold::Max => {
                vec![part(value, to_held(value, "state.value"), extreme(value, self.fold == Fold::Min).0)]
            }
            Fold::Argmin | Fold::Argmax => {
                let index = self.code.output(1);
                vec![
                    part(value, to_held(value, "state.value"), extreme(value, self.fold == Fold::Argmin).0),
                    part(index, "state.index".to_owned(), u64::MAX),
                ]
            }
            Fold::Moments => {
                let dtype = float(value, caps);
                vec![part(dtype, "state.mean".to_owned(), 0), part(dtype, "state.squares".to_owned(), 0)]
            }
        };
        if self.masked || self.fold == Fold::Moments {
            parts.push(part(DType::U32, "state.count".to_owned(), 0));
        }
        parts
    }

    /// The fold's functions for the value's type.
    fn fold(&self, caps: &Capabilities) -> String {
        let value = self.code.output(0);
        let t = value.wgsl();
        let largest = matches!(self.fold, Fold::Min | Fold::Argmin);
        let extreme = || {
            let (ty, (_, text)) = (value.wgsl(), extreme(value, largest));
            format!("alias Value = {ty};\nfn extreme(zero: u32) -> Value {{ return {text}; }}\n")
        };
        match self.fold {
            Fold::Sum | Fold::Prod => {
                let sum = sum_dtype(value, caps);
                let product = self.fold == Fold::Prod;
                let (ty, of, join, identity) = if in_pairs(value) {
                    let join = if product { "pair_mul(x, y)" } else { "pair_add(x, y)" };
                    ("vec2<u32>", format!("pair_of_{t}(x)"), join, format!("vec2({}u, 0u)", u32::from(product)))
                } else {
                    let ty = sum.wgsl();
                    let join = if product { "x * y" } else { "x + y" };
                    (ty, format!("{ty}(x)"), join, format!("{ty}({})", u32::from(product)))
                };
                format!(
                    "alias Sum = {ty};\n\
                     fn sum_identity() -> Sum {{ return {identity}; }}\n\
                     fn sum_of(x: {t}) -> Sum {{ return {of}; }}\n\
                     fn sum_join(x: Sum, y: Sum) -> Sum {{ return {join}; }}\n\n{}",
                    include_str!("../../../shaders/folds/sum.wgsl")
                )
            }
            Fold::Min | Fold::Max => {
                let join = match (value, self.fold) {
                    (DType::Bool, Fold::Min) => "x && y".to_owned(),
                    (DType::Bool, _) => "x || y".to_owned(),
                    (_, fold) => format!("{}_{t}(x, y)", fold.name()),
                };
                format!(
                    "{}fn join(x: Value, y: Value) -> Value {{ return {join}; }}\n\n{}",
                    extreme(),
                    include_str!("../../../shaders/folds/extreme.wgsl")
                )
            }
            Fold::Argmin | Fold::Argmax => {
                let index = self.code.output(1);
                let nan = if value.is_float() { format!("isnan_{t}(x)") } else { "false".to_owned() };
                let better = match (value, largest) {
                    (DType::Bool, true) => "!x && y",
                    (DType::Bool, false) => "x && !y",
                    (_, true) => "x < y",
                    (_, false) => "x > y",
                };
                format!(
                    "{}alias Index = {};\n\
                     fn is_nan(x: Value) -> bool {{ return {nan}; }}\n\
                     fn better(x: Value, y: Value) -> bool {{ return {better}; }}\n\n{}",
                    extreme(),
                    index.wgsl(),
                    include_str!("../../../shaders/folds/arg.wgsl")
                )
            }
            Fold::Moments => {
                let ty = float(value, caps).wgsl();
                let of = if value == DType::Bool { format!("{ty}(u32(x))") } else { format!("{ty}(x)") };
                format!(
                    "alias Float = {ty};\nfn float_of(x: {t}) -> Float {{ return {of}; }}\n\n{}",
                    include_str!("../../../shaders/folds/moments.wgsl")
                )
            }
        }
    }

    /// The WGSL.
    ///
    /// # Errors
    /// [`Error::Bug`] for an expression that the tables do not allow.
    pub(crate) fn source(&self, caps: &Capabilities) -> Result<String> {
        let template = if self.columns {
            include_str!("../../../shaders/reduce_columns.wgsl")
        } else {
            include_str!("../../../shaders/reduce.wgsl")
        };
        let mut fields = vec!["value"];
        fields.extend(self.fold.indexed().then_some("index"));
        fields.extend(self.masked.then_some("mask"));
        let take = if self.masked { "if e.mask { run = take(run, e); }" } else { "run = take(run, e);" };
        let parts = self.parts(caps);
        let outputs: Vec<&str> = parts.iter().map(|part| part.held).collect();
        let store: String =
            parts.iter().enumerate().map(|(i, part)| format!("out{i}[at] = {};\n", part.value)).collect();
        let layout = self.code.layout();
        compose(
            template,
            &[
                ("bindings", bindings(&self.code.inputs(), &outputs)),
                ("program", self.code.print(&fields, caps)? + &self.code.print_place(0..self.kept)),
                ("fold", self.fold(caps)),
                ("coordinates kept", coordinates(layout, "kept", 0..self.kept)),
                ("coordinates reduced", coordinates(layout, "reduced", self.kept..layout.rank)),
                ("arguments", arguments(0..layout.rank)),
                ("kept arguments", arguments(0..self.kept)),
                ("take", take.to_owned()),
                ("store", store),
            ],
            caps,
        )
    }
}

/// A piece cut up for launching.
struct Plan {
    /// The piece, kept axes first.
    piece: Piece,
    kept_axes: usize,
    kept: u64,
    reduced: u64,
    columns: bool,
    parts: u64,
    part: u64,
    /// The outputs it writes lie within.
    span: (i64, i64),
    slot: u64,
}

impl Plan {
    fn new(piece: &Piece, most_elements: u64) -> Result<Self> {
        let piece = kept_first(&piece.clone().collapsed());
        points(&piece)?;
        let kept_axes = piece.out.strides.iter().filter(|&&s| s != 0).count();
        let kept: u64 = piece.dims[..kept_axes].iter().product();
        let reduced: u64 = piece.dims[kept_axes..].iter().product();
        // Neighbouring threads should read neighbouring elements.
        let stride = |axis: usize| piece.loads.iter().map(|(_, a)| a.strides[axis].unsigned_abs()).max().unwrap_or(1);
        let across = kept_axes > 0 && (kept_axes == piece.dims.len() || stride(kept_axes - 1) < stride(piece.dims.len() - 1));
        let columns = reduced <= 64 || (kept >= 64 && across);
        let (most, least) = if columns { (THREADS, THREAD_PART) } else { (GROUPS, GROUP_PART) };
        let wanted = (most / kept).min(reduced / least).clamp(1, 1024);
        // Whole runs of threads, so that their shares are alike.
        let most = most_elements * if columns { 1 } else { 256 };
        let part = reduced.div_ceil(wanted).min(most).next_multiple_of(4);
        let parts = reduced.div_ceil(part).max(1);
        let reach = |sign: fn(i64) -> bool| -> i64 {
            let far = |(&s, &n): (&i64, &u64)| if sign(s) { s * (n as i64 - 1) } else { 0 };
            piece.out.strides.iter().zip(&piece.dims).map(far).sum::<i64>() + piece.out.base
        };
        let span = (reach(|s| s < 0), reach(|s| s > 0));
        Ok(Self { piece, kept_axes, kept, reduced, columns, parts, part, span, slot: 0 })
    }
}

/// The same piece with the axes that `out` walks first.
fn kept_first(piece: &Piece) -> Piece {
    let kept = (0..piece.dims.len()).filter(|&axis| piece.out.strides[axis] != 0);
    let reduced = (0..piece.dims.len()).filter(|&axis| piece.out.strides[axis] == 0);
    let order: Vec<usize> = kept.chain(reduced).collect();
    let ordered = |access: &Access| Access {
        base: access.base,
        strides: order.iter().map(|&axis| access.strides[axis]).collect(),
    };
    Piece {
        dims: order.iter().map(|&axis| piece.dims[axis]).collect(),
        out: ordered(&piece.out),
        loads: piece.loads.iter().map(|(input, access)| (*input, ordered(access))).collect(),
        indices: piece.indices.iter().map(ordered).collect(),
    }
}

/// Gives each plan its first slot: the lowest where no other plan writes the same outputs. Returns the number of slots.
fn assign_slots(plans: &mut [Plan]) -> u64 {
    let mut slots = 1;
    for at in 0..plans.len() {
        let (before, rest) = plans.split_at_mut(at);
        let plan = &mut rest[0];
        let overlaps = before.iter().filter(|other| other.span.0 <= plan.span.1 && plan.span.0 <= other.span.1);
        plan.slot = overlaps.map(|other| other.slot + other.parts).max().unwrap_or(0);
        slots = slots.max(plan.slot + plan.parts);
    }
    slots
}

/// Folds the program over the pieces into the state's arrays, each `[slots, out_elements]`.
///
/// # Errors
/// [`Error::Device`] from the device, [`Error::Bug`] for pieces that do not fit their buffers.
pub(crate) fn run(
    gpu: &Inner,
    program: &Program,
    (fold, masked): (Fold, bool),
    pieces: &[Piece],
    inputs: &[GpuBuffer],
    out_elements: usize,
) -> Result<Vec<GpuBuffer>> {
    let caps = &gpu.device.capabilities;
    let most_elements = Code::new(program, 1, HEADER).most_elements();
    let mut plans = pieces.iter().map(|piece| Plan::new(piece, most_elements)).collect::<Result<Vec<_>>>()?;
    let slots = assign_slots(&mut plans);
    let len = usize::try_from(slots)
        .ok()
        .and_then(|slots| slots.checked_mul(out_elements))
        .filter(|&len| len < 1 << 31)
        .ok_or_else(|| Error::bug(format!("{slots} slots of {out_elements} states")))?;
    let parts = Reduce::new(program, fold, masked, 1, 0, false).parts(caps);
    let states = parts.iter().map(|part| gpu.allocate(part.dtype, len)).collect::<Result<Vec<_>>>()?;
    let written: u64 = plans.iter().map(|plan| plan.kept * plan.parts).sum();
    if written < len as u64 {
        for (state, part) in states.iter().zip(&parts) {
            fill(gpu, state, part.identity)?;
        }
    }
    for plan in &plans {
        let piece = &plan.piece;
        check_bounds("reduce", &piece.out, &piece.dims, out_elements)?;
        let mut buffers = check_inputs(program, piece, inputs)?;
        buffers.extend(&states);
        let reduce = Reduce::new(program, fold, masked, piece.dims.len(), plan.kept_axes, plan.columns);
        let header = [plan.kept, plan.reduced, plan.parts, plan.part, plan.slot, out_elements as u64].map(|v| v as u32);
        let words = reduce.code.layout().pack(&header, piece, program)?;
        let units = plan.kept * plan.parts;
        let groups = if plan.columns { units.div_ceil(256) } else { units };
        gpu.launch(&Key::Reduce(reduce), &words, &buffers, [groups, 1])?;
    }
    Ok(states)
}
