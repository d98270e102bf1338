//! Reductions, one or several of the same elements: a few threads for each output where there are many outputs, whole workgroups with a tree where there are few.

use super::buffer::GpuBuffer;
use super::code::Code;
use super::compose::{compose, fill as fill_slots};
use super::fold::{StateArray, Values, fields, parts, text};
use super::folds::{several_fields, several_parts, several_text};
use super::job::Job;
use super::loads::tile_slots;
use super::map::{fill, points};
use super::params::check_bounds;
use super::pieces::{self, PieceLaunch};
use super::quads::PARTS;
use super::reading::{Reading, tiles_of};
use super::shader::Shader;
use super::sources::loaded;
use super::wgsl::{arguments, bindings, coordinates, parameters};
use crate::error::{Error, Result};
use crate::ops::Fold;
use crate::plan::capability::Capabilities;
use crate::plan::expr::Program;
use crate::plan::kernel::{Access, FoldTo, Folding, Piece, workgroup_bytes};

/// Words of the header: kept points, reduced points, parts, points a part, first slot, out elements, lanes.
const HEADER: usize = 7;
/// Threads of a workgroup.
const WORKGROUP: u64 = 256;
/// Threads that fill a large device, and points below which a thread does not pay.
const THREADS: u64 = 1 << 18;
const THREAD_PART: u64 = 16;
/// Threads for an output where outputs lie beside each other: a workgroup still reads 16 neighbours at once.
const MOST_ACROSS: u64 = 16;
/// Workgroups that go over tiles.
const TILE_GROUPS: u64 = 1024;

/// Which threads make an output element together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Team {
    /// One alone.
    One,
    /// Neighbours: the reduced points lie beside each other.
    Row,
    /// Some that lie apart, between those of the outputs beside it, as the outputs' points do.
    Across,
}

/// The key of `shaders/reduce.wgsl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reduce {
    /// The expression: of each fold its value, then the index for folds that need it, then the mask if there is one.
    pub(crate) code: Code,
    folds: Vec<Folding>,
    /// How many of the axes, the outer ones, are kept.
    kept: usize,
    team: Team,
}

impl Reduce {
    /// The shader for pieces of `rank` axes, of which the first `kept` are kept.
    pub(crate) fn new(program: &Program, folds: &[Folding], rank: usize, kept: usize, team: Team) -> Self {
        Self { code: Code::new(program, rank, HEADER), folds: folds.to_vec(), kept, team }
    }

    /// The same with another way of reading.
    pub(crate) fn reading(mut self, reading: Reading) -> Self {
        self.code.reading = reading;
        self
    }

    /// What is folded, and how.
    fn folded(&self) -> Vec<(Fold, Values)> {
        let of = |folding: &Folding| match folding.to {
            FoldTo::States(fold) => {
                let (value, index) = (self.code.output(folding.first), self.code.output(folding.first + 1));
                Some((fold, Values { value, index, masked: folding.masked }))
            }
            FoldTo::Bins { .. } => None,
        };
        self.folds.iter().filter_map(of).collect()
    }

    /// The arrays of all states.
    fn states(&self, caps: &Capabilities) -> Vec<StateArray> {
        match self.folded().as_slice() {
            [(fold, values)] => parts(*fold, *values, caps),
            several => several_parts(several, caps),
        }
    }

    /// How a thread goes over its points: functions for one point, and the loops.
    fn points(&self, take: &str) -> Result<(String, String)> {
        let rank = self.code.layout().rank;
        let is_short = self.code.is_short();
        let (load, loads, template) = match &self.code.reading {
            Reading::Quads { .. } if is_short => {
                ("load_quad", "Quad", include_str!("../../../shaders/reduce/quads.wgsl"))
            }
            Reading::Quads { .. } => ("", "", include_str!("../../../shaders/reduce/looped.wgsl")),
            Reading::Points if is_short => ("load", "Loads", include_str!("../../../shaders/reduce/apart.wgsl")),
            Reading::Points => ("", "", include_str!("../../../shaders/reduce/points.wgsl")),
            Reading::Tiles { .. } => ("", "", include_str!("../../../shaders/reduce/tiles.wgsl")),
        };
        let mut slots = vec![
            ("element", self.code.element()),
            ("arguments", arguments(0..rank)),
            ("kept arguments", arguments(0..self.kept)),
            ("kept parameters", parameters(0..self.kept)),
            ("coordinates reduced", coordinates("reduced", self.kept..rank)),
            ("coordinates first", coordinates("first", self.kept..rank)),
            ("take", take.to_owned()),
            ("load", load.to_owned()),
            ("loads", loads.to_owned()),
        ];
        match self.code.reading {
            Reading::Points => {}
            Reading::Quads { .. } => {
                slots.extend(PARTS.map(|part| (part, self.code.quad_part(part))));
                slots.extend(self.code.quad_slots());
            }
            Reading::Tiles { axis, .. } => slots.extend(tile_slots(rank, axis)),
        }
        let step = match load {
            "" => String::new(),
            _ => fill_slots(include_str!("../../../shaders/reduce/step.wgsl"), &slots)?,
        };
        Ok((step, fill_slots(template, &slots)?))
    }
}

impl Shader for Reduce {
    fn name(&self) -> &'static str {
        if let [fold] = self.folds.as_slice() { fold.name() } else { "folds" }
    }

    fn buffers(&self) -> (usize, usize) {
        let states = |(fold, values): &(Fold, Values)| fold.states(values.value, values.masked).len();
        (self.code.buffers(), self.folded().iter().map(states).sum())
    }

    fn source(&self, caps: &Capabilities) -> Result<String> {
        let folds = self.folded();
        let (text, fields) = match folds.as_slice() {
            [(fold, values)] => (text(*fold, *values, caps), fields(*fold, *values).map(str::to_owned).collect()),
            several => (several_text(several, caps), several_fields(several)),
        };
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let masked = folds.len() == 1 && folds.iter().any(|(_, values)| values.masked);
        let take = if masked { "if e.mask { run = take(run, e); }" } else { "run = take(run, e);" };
        let parts = self.states(caps);
        let outputs: Vec<&str> = parts.iter().map(|part| part.held).collect();
        let store: String =
            parts.iter().enumerate().map(|(i, part)| format!("out{i}[at] = {};\n", part.value)).collect();
        let (step, points) = self.points(take)?;
        let (lane, output, state) = match self.team {
            Team::One => ("0u", "thread", "close(run)"),
            Team::Row => ("thread % lanes", "thread / lanes", "tree(thread, lane, lanes, 1u, close(run))"),
            Team::Across => ("thread / outputs", "thread % outputs", "tree(thread, lane, lanes, outputs, close(run))"),
        };
        compose(
            include_str!("../../../shaders/reduce.wgsl"),
            &[
                ("bindings", bindings(&self.code.inputs(), &outputs)),
                ("program", self.code.print(&fields, Some(0..self.kept), caps)?),
                ("fold", text),
                ("step", step),
                ("coordinates kept", coordinates("kept", 0..self.kept)),
                ("kept arguments", arguments(0..self.kept)),
                ("points", points),
                ("lane", lane.to_owned()),
                ("output", output.to_owned()),
                ("state", state.to_owned()),
                ("store", store),
            ],
            caps,
        )
    }

    fn code(&self) -> Option<&Code> {
        Some(&self.code)
    }

    fn with(&self, code: Code) -> Option<Box<dyn Shader>> {
        Some(Box::new(Self { code, ..self.clone() }))
    }
}

/// A piece cut up for launching.
struct ReduceLaunch {
    /// The piece, kept axes first.
    piece: Piece,
    reduce: Reduce,
    kept: u64,
    /// Reduced points, or tiles.
    reduced: u64,
    lanes: u64,
    parts: u64,
    part: u64,
    /// The outputs it writes lie within.
    span: (i64, i64),
    slot: u64,
}

impl ReduceLaunch {
    fn new(
        program: &Program,
        folds: &[Folding],
        piece: &Piece,
        caps: &Capabilities,
        most_bound: usize,
    ) -> Result<Self> {
        let piece = kept_first(&piece.clone().collapsed());
        points(&piece)?;
        let rank = piece.dims.len();
        let kept_axes = piece.out.strides.iter().filter(|&&s| s != 0).count();
        let kept: u64 = piece.dims[..kept_axes].iter().product();
        let reduced: u64 = piece.dims[kept_axes..].iter().product();
        // Neighbouring threads should read neighbouring elements.
        let stride = |axis: usize| piece.loads.iter().map(|(_, a)| a.strides[axis].unsigned_abs()).max().unwrap_or(1);
        let across = kept_axes > 0 && (kept_axes == rank || stride(kept_axes - 1) < stride(rank - 1));
        let power = |n: u64| 1 << n.max(1).ilog2();
        // Threads for an output: as many as read some sixteen points each, and in a row at least a memory sector's worth.
        let (team, lanes) = match reduced / THREAD_PART {
            _ if reduced <= 32 => (Team::One, 1),
            enough if kept >= 64 && across => (Team::Across, power((THREADS / kept).min(enough).min(MOST_ACROSS))),
            enough => (Team::Row, power(enough.clamp(8, WORKGROUP))),
        };
        let team = if lanes == 1 { Team::One } else { team };
        let mut reduce = Reduce::new(program, folds, rank, kept_axes, team);
        reduce.code = reduce.code.bound(&piece, most_bound);
        let most = reduce.code.most_elements() * lanes;
        let wanted = (THREADS / (kept * lanes)).min(reduced / (THREAD_PART * lanes)).clamp(1, 1024);
        // Whole quads, so that the threads' shares are alike.
        let mut part = reduced.div_ceil(wanted).min(most).next_multiple_of(4);
        let (mut reduced, mut lanes) = (reduced, lanes);
        let tiled = kept == 1 && reduce.code.run() == 1;
        let own = workgroup_bytes(program, folds);
        let tiles = || Reading::tiles(&piece, &program.loads, caps.max_workgroup_storage, own);
        let tiles = if tiled { tiles() } else { None };
        if let Some(Reading::Tiles { axis, .. }) = tiles {
            (reduced, lanes, reduce.team) = (tiles_of(&piece, axis), WORKGROUP, Team::Row);
            part = reduced.div_ceil(TILE_GROUPS).min(most / WORKGROUP / 8).max(1);
        }
        let inner = kept_axes < rank;
        if let Some(reading) = tiles.or_else(|| if inner { reduce.code.quads(&piece, false, most_bound) } else { None })
        {
            reduce.code.reading = reading;
        }
        let parts = reduced.div_ceil(part).max(1);
        let reach = |sign: fn(i64) -> bool| -> i64 {
            let far = |(&s, &n): (&i64, &u64)| if sign(s) { s * (n as i64 - 1) } else { 0 };
            piece.out.strides.iter().zip(&piece.dims).map(far).sum::<i64>() + piece.out.base
        };
        let span = (reach(|s| s < 0), reach(|s| s > 0));
        Ok(Self { piece, reduce, kept, reduced, lanes, parts, part, span, slot: 0 })
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
fn assign_slots(plans: &mut [ReduceLaunch]) -> u64 {
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
    gpu: &Job<'_>,
    program: &Program,
    folds: &[Folding],
    pieces: &[Piece],
    inputs: &[GpuBuffer],
    out_elements: usize,
) -> Result<Vec<GpuBuffer>> {
    let caps = &gpu.device.capabilities;
    let plan = |piece| ReduceLaunch::new(program, folds, piece, caps, gpu.most);
    let mut plans = pieces.iter().map(plan).collect::<Result<Vec<_>>>()?;
    let slots = assign_slots(&mut plans);
    let len = usize::try_from(slots)
        .ok()
        .and_then(|slots| slots.checked_mul(out_elements))
        .filter(|&len| len < 1 << 31)
        .ok_or_else(|| Error::bug(format!("{slots} slots of {out_elements} states")))?;
    let parts = Reduce::new(program, folds, 1, 0, Team::One).states(caps);
    let states = parts.iter().map(|part| gpu.allocate(part.dtype, len)).collect::<Result<Vec<_>>>()?;
    let written: u64 = plans.iter().map(|plan| plan.kept * plan.parts).sum();
    if written < len as u64 {
        for (state, part) in states.iter().zip(&parts) {
            fill(gpu, state, part.identity)?;
        }
    }
    let launch = |plan: ReduceLaunch| {
        let piece = &plan.piece;
        check_bounds("reduce", &piece.out, &piece.dims, out_elements)?;
        let loads = loaded(&plan.reduce.code, program, piece, inputs)?.into_iter().cloned().collect();
        let header = [plan.kept, plan.reduced, plan.parts, plan.part, plan.slot, out_elements as u64, plan.lanes]
            .map(|v| v as u32);
        let words = plan.reduce.code.layout().pack(&header, piece, program)?;
        let units = plan.kept * plan.parts;
        let groups = units.div_ceil(WORKGROUP / plan.lanes);
        let points = piece.points();
        Ok(PieceLaunch { shader: Box::new(plan.reduce), words, loads, groups, points })
    };
    let launches = plans.into_iter().map(launch).collect::<Result<Vec<_>>>()?;
    pieces::launch(gpu, launches, &states.iter().collect::<Vec<_>>())?;
    Ok(states)
}
