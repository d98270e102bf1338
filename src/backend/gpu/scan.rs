//! Scans, in three dispatches as selections: fold each part of a line, fold what comes before each part, scan each part from there. A
//! line of one part takes the last alone. No workgroup waits for another.

use super::buffer::GpuBuffer;
use super::code::Code;
use super::compose::{compose, fill};
use super::fold::{Values, latest, parts, text};
use super::job::Job;
use super::map::{self, points};
use super::select::in_order;
use super::shader::Shader;
use super::sources::loaded;
use super::wgsl::{bindings, coordinates, held, to_held};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::Fold;
use crate::plan::capability::Capabilities;
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{Access, Piece};

/// Words of the header: lines, points of a line, lines side by side, points a part, parts a line.
const HEADER: usize = 5;
/// Threads that are enough for a device.
const THREADS: u64 = 1 << 16;
/// Points of a part that is a workgroup's: those of a thread are in `shaders/lib/scanned.wgsl`.
const TILE: u64 = 256 * 8;

/// Who folds a part of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Team {
    /// A thread, beside those of the lines beside it.
    Thread,
    /// A workgroup: the points of the line follow each other in memory.
    Group,
}

/// The keys of `shaders/scan_*.wgsl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scan {
    /// Folds each part.
    Totals(Code, Fold, Team),
    /// Folds the parts before each; with what comes before the lines.
    Before(DType, Fold, bool),
    /// Scans each part; with what comes before it.
    Store(Code, Fold, Team, bool),
}

impl Scan {
    /// The shaders for pieces of `rank` axes, with what comes before.
    pub(crate) fn all(program: &Program, fold: Fold, rank: usize, team: Team) -> [Self; 3] {
        let code = Code::new(program, rank, HEADER);
        let value = program.output_dtype(0);
        [Self::Totals(code.clone(), fold, team), Self::Before(value, fold, true), Self::Store(code, fold, team, true)]
    }

    /// The fold's functions, and how its states are held: read by `state_of`, written by `held_of`.
    fn fold(&self, caps: &Capabilities) -> (String, &'static str) {
        let (value, fold) = match self {
            Self::Totals(code, fold, _) | Self::Store(code, fold, ..) => (code.output(0), *fold),
            Self::Before(value, fold, _) => (*value, *fold),
        };
        let values = Values { value, index: DType::I32, masked: false };
        let state = parts(fold, values, caps).swap_remove(0);
        let of = if value == DType::Bool && state.held == "u32" { "x != 0u" } else { "x" };
        let mut functions = if fold == Fold::Last { latest(value) } else { text(fold, values, caps) };
        if let Self::Before(..) = self {
            // Nothing is evaluated here.
            functions = format!("struct Element {{ value: {} }}\n{functions}", value.wgsl());
        }
        let functions = format!(
            "{functions}\nfn state_of(x: {held}) -> State {{ return State({of}, 0u); }}\n\
             fn held_of(state: State) -> {held} {{ return {}; }}\n",
            state.value,
            held = state.held
        );
        (functions, state.held)
    }

    /// Those and what is a part's, for the kernels that evaluate.
    fn slots(
        code: &Code,
        fold: Fold,
        team: Team,
        caps: &Capabilities,
        functions: String,
    ) -> Result<Vec<(&'static str, String)>> {
        let axes = 0..code.layout().rank;
        let value = code.output(0);
        let unit = match team {
            Team::Thread => include_str!("../../../shaders/scan/threads.wgsl"),
            Team::Group => include_str!("../../../shaders/scan/groups.wgsl"),
        };
        let point =
            "let point = (line / params[p + 2u] * params[p + 1u] + at) * params[p + 2u] + line % params[p + 2u];\n";
        let result = |state: &str| {
            let state = format!("{state}.value");
            match fold.scanned(value) == value {
                // They may be in f64.
                true if value.is_float() => format!("{}({state})", value.wgsl()),
                true => to_held(value, &state),
                false => state,
            }
        };
        Ok(vec![
            ("program", code.print(&["value"], None, caps)?),
            ("fold", functions),
            ("unit", unit.to_owned()),
            ("point", point.to_owned() + &coordinates("point", axes)),
            ("element", code.element()),
            ("result", result("before")),
            ("next", result("next")),
        ])
    }
}

/// How results are held: sums of narrow integers as pairs of words.
fn held_result(fold: Fold, value: DType, state: &'static str) -> &'static str {
    if fold.scanned(value) == value { held(value) } else { state }
}

impl Shader for Scan {
    fn name(&self) -> &'static str {
        match self {
            Self::Totals(..) => "scan.totals",
            Self::Before(..) => "scan.before",
            Self::Store(..) => "scan.store",
        }
    }

    fn buffers(&self) -> (usize, usize) {
        match self {
            Self::Totals(code, ..) => (code.buffers(), 1),
            Self::Before(.., carried) => (usize::from(*carried), 1),
            Self::Store(code, .., started) => (code.buffers() + usize::from(*started), 1),
        }
    }

    fn source(&self, caps: &Capabilities) -> Result<String> {
        let (functions, state) = self.fold(caps);
        match self {
            Self::Before(_, _, carried) => {
                let carry = if *carried { vec![state.to_owned()] } else { vec![] };
                let first = if *carried { "state_of(in0[line])" } else { "begin(p)" };
                let slots =
                    [("bindings", bindings(&carry, &[state])), ("fold", functions), ("first", first.to_owned())];
                compose(include_str!("../../../shaders/scan_before.wgsl"), &slots, caps)
            }
            Self::Totals(code, fold, team) => {
                let mut slots = Self::slots(code, *fold, *team, caps, functions)?;
                let total = match team {
                    Team::Thread => "out0[part * params[p] + line] = held_of(state);\n",
                    // The last thread has all before its own, and its own.
                    Team::Group => {
                        "let before = scanned(lane, state);\n\
                         if lane == 255u { out0[part * params[p] + line] = held_of(merge(before, state)); }\n"
                    }
                };
                slots.push(("bindings", bindings(&code.inputs(), &[state])));
                slots.push(("total", total.to_owned()));
                compose(include_str!("../../../shaders/scan_totals.wgsl"), &slots, caps)
            }
            Self::Store(code, fold, team, started) => {
                let mut slots = Self::slots(code, *fold, *team, caps, functions)?;
                let mut inputs = code.inputs();
                let before = format!("in{}", inputs.len());
                inputs.extend(started.then(|| state.to_owned()));
                let first =
                    if *started { format!("state_of({before}[part * params[p] + line])") } else { "begin(p)".into() };
                let store = match team {
                    Team::Thread => include_str!("../../../shaders/scan/one_by_one.wgsl"),
                    Team::Group => include_str!("../../../shaders/scan/together.wgsl"),
                };
                let store = fill(store, &slots)?;
                let result = held_result(*fold, code.output(0), state);
                slots.extend([("bindings", bindings(&inputs, &[result])), ("first", first), ("store", store)]);
                compose(include_str!("../../../shaders/scan_store.wgsl"), &slots, caps)
            }
        }
    }

    fn code(&self) -> Option<&Code> {
        match self {
            Self::Totals(code, ..) | Self::Store(code, ..) => Some(code),
            Self::Before(..) => None,
        }
    }
}

/// Scans the program over the pieces into a new buffer. Where it is `carried`, the last input is what comes before each line.
///
/// # Errors
/// [`Error::Device`] from the device, [`Error::Bug`] for pieces that do not fit their buffers.
pub(crate) fn run(
    gpu: &Job<'_>,
    program: &Program,
    (fold, carried): (Fold, bool),
    pieces: &[Piece],
    lines: [u64; 3],
    inputs: &[GpuBuffer],
) -> Result<Vec<GpuBuffer>> {
    let elements = lines.iter().product::<u64>() as usize;
    let value = program.output_dtype(0);
    let carry = inputs.last().filter(|_| carried);
    if elements == 0 {
        return Ok(vec![gpu.allocate(fold.scanned(value), 0)?]);
    }
    let values = match pieces {
        [piece] if in_order(piece, elements) => {
            return scan(gpu, program, fold, piece.clone().collapsed(), lines, inputs, carry);
        }
        // The pieces interleave: the elements are put in order first.
        _ => map::run(gpu, program, pieces, inputs, elements)?,
    };
    let mut program = Program { loads: vec![value], ..Program::default() };
    let load = program.push(Inst::Load { slot: 0 }, value);
    program.outputs = vec![load];
    let access = Access { base: 0, strides: vec![1] };
    let piece = Piece { dims: vec![elements as u64], out: access.clone(), loads: vec![(0, access)], indices: vec![] };
    scan(gpu, &program, fold, piece, lines, &values, carry)
}

/// The dispatches over one piece whose points are in order.
fn scan(
    gpu: &Job<'_>,
    program: &Program,
    fold: Fold,
    piece: Piece,
    [outer, len, inner]: [u64; 3],
    inputs: &[GpuBuffer],
    carry: Option<&GpuBuffer>,
) -> Result<Vec<GpuBuffer>> {
    points(&piece)?;
    let value = program.output_dtype(0);
    let lines = outer * inner;
    if carry.is_some_and(|carry| carry.len as u64 != lines) {
        return Err(Error::bug(format!("{lines} lines from {carry:?}")));
    }
    let code = Code::new(program, piece.dims.len(), HEADER).bound(&piece, gpu.most);
    let loads = loaded(&code, program, &piece, inputs)?;
    let (team, part) = if inner == 1 && len > 128 {
        (Team::Group, TILE)
    } else {
        let wanted = (THREADS / lines).min(len / 16).max(1);
        (Team::Thread, len.div_ceil(wanted).min(code.most_elements()))
    };
    let count = len.div_ceil(part);
    let header = [lines, len, inner, part, count].map(|v| v as u32);
    let words = code.layout().pack(&header, &piece, program)?;
    let groups = match team {
        Team::Thread => (lines * count).div_ceil(256),
        Team::Group => lines * count,
    };
    let with_loads = |more: &[&GpuBuffer]| -> Vec<GpuBuffer> {
        loads.iter().copied().chain(more.iter().copied()).cloned().collect()
    };
    let launch = |scan: &Scan, words: &[u32], buffers: &[GpuBuffer], groups: u64| {
        gpu.launch(scan, words, &buffers.iter().collect::<Vec<_>>(), [groups, 1])
    };
    let out = gpu.allocate(fold.scanned(value), (lines * len) as usize)?;
    let mut before = carry.cloned();
    if count > 1 {
        let values = Values { value, index: DType::I32, masked: false };
        let state = parts(fold, values, &gpu.device.capabilities).swap_remove(0).dtype;
        let totals = gpu.allocate(state, (lines * count) as usize)?;
        launch(&Scan::Totals(code.clone(), fold, team), &words, &with_loads(&[&totals]), groups)?;
        let buffers: Vec<GpuBuffer> = carry.cloned().into_iter().chain([totals.clone()]).collect();
        launch(&Scan::Before(value, fold, carry.is_some()), &[lines as u32, count as u32], &buffers, lines)?;
        before = Some(totals);
    }
    let store = Scan::Store(code, fold, team, before.is_some());
    let buffers: Vec<&GpuBuffer> = before.iter().chain([&out]).collect();
    launch(&store, &words, &with_loads(&buffers), groups)?;
    Ok(vec![out])
}
