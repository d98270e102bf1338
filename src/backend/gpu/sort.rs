//! Sorts, by bitonic merges of keys, whose every comparison brings the smaller one forward: what lies beyond a line's end needs no
//! memory. A line that a workgroup's memory holds takes one dispatch, and short ones share a workgroup. Of longer ones blocks are
//! sorted; then pairs of sorted runs are merged, by a dispatch for each step that is longer than a block and one for all that are shorter.

use super::buffer::GpuBuffer;
use super::code::Code;
use super::compose::compose;
use super::job::Job;
use super::map::{self, points};
use super::select::in_order;
use super::shader::Shader;
use super::sources::loaded;
use super::wgsl::{bindings, coordinates, held, to_held};
use crate::dtype::DType;
use crate::error::Result;
use crate::ops::Sorting;
use crate::ops::sort::Keys;
use crate::plan::capability::Capabilities;
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{Access, Piece};

/// Words of the header: lines, points of a line, lines side by side, points of a block, blocks of a line.
const HEADER: usize = 5;
/// Bytes of keys, and of places, in workgroup memory, of which every adapter has twice as much.
const BLOCK_BYTES: u64 = 8192;

/// What is sorted, and made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lines {
    dtype: DType,
    sorting: Sorting,
}

/// The keys of `shaders/sort_*.wgsl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sort {
    /// Sorts each block; makes the results, or keys.
    Block(Box<Code>, Lines, bool),
    /// One step of a merge.
    Step(Lines),
    /// The steps of a merge within blocks; makes the results, or keys.
    Merge(Lines, bool),
}

impl Lines {
    /// The dtype of keys in buffers.
    fn key(self) -> DType {
        if self.dtype.size() == 8 { DType::U64 } else { DType::U32 }
    }
    /// Points of a block: a power of two.
    fn block(self) -> u64 {
        let places: u64 = if self.sorting.places { 4 } else { 0 };
        BLOCK_BYTES / (self.key().size() as u64).max(places)
    }
    /// The types of the buffers between dispatches.
    fn items(self) -> Vec<&'static str> {
        let key = self.key().wgsl();
        if self.sorting.places { vec![key, "u32"] } else { vec![key] }
    }
    /// How results are held.
    fn result(self) -> &'static str {
        if self.sorting.places { "vec2<u32>" } else { held(self.dtype) }
    }
    /// Memory of a workgroup, and the functions that go over it.
    fn slots(self) -> Vec<(&'static str, String)> {
        let (key, block) = (self.key().wgsl(), self.block());
        let (memory, before, swap) = if self.sorting.places {
            let memory = format!("var<workgroup> places: array<u32, {block}>;\n");
            let before = "keys[a] < keys[b] || (keys[a] == keys[b] && places[a] < places[b])";
            (memory, before, "let place = places[a];\nplaces[a] = places[b];\nplaces[b] = place;\n")
        } else {
            (String::new(), "keys[a] < keys[b]", "")
        };
        vec![
            ("memory", format!("const SORTED = {block}u;\nvar<workgroup> keys: array<{key}, {block}>;\n{memory}")),
            ("before", before.to_owned()),
            ("swap", format!("let key = keys[a];\nkeys[a] = keys[b];\nkeys[b] = key;\n{swap}")),
        ]
    }
    /// The key of a value, and the value of a key.
    fn keys(self) -> String {
        let (ty, key, bits) = (self.dtype.wgsl(), self.key().wgsl(), 8 * self.key().size() as u32);
        let keys = Keys::wide(self.dtype, self.sorting, bits);
        let suffix = if bits == 64 { "lu" } else { "u" };
        let number = |x: u64| format!("{x}{suffix}");
        let (to, from) = if self.dtype == DType::Bool {
            ("u32(x)".to_owned(), "bits != 0u".to_owned())
        } else {
            (format!("bitcast<{key}>(x)"), format!("bitcast<{ty}>(bits)"))
        };
        let [all, sign, turned, infinity, zero, down, nan] =
            [keys.all, keys.sign, keys.turned, keys.infinity, keys.zero, keys.down, keys.nan].map(number);
        let (none, low) = (number(0), number(keys.all & !keys.sign));
        let of_nan =
            if self.dtype.is_float() { format!("if key == {all} {{ bits = {nan}; }}\n    ") } else { String::new() };
        format!(
            "fn key_of(x: {ty}) -> {key} {{\n    let bits = {to};\n    \
             var key = bits ^ {sign} ^ select({none}, {turned}, (bits & {sign}) != {none});\n    \
             if key == {zero} {{ key = {sign}; }}\n    \
             return select(key ^ {down}, {all}, (bits & {low}) > {infinity});\n}}\n\
             fn value_of(key: {key}) -> {ty} {{\n    let up = key ^ {down};\n    \
             var bits = up ^ {sign} ^ select({none}, {turned}, (up & {sign}) == {none});\n    {of_nan}return {from};\n}}\n"
        )
    }
    /// Stores an item of the block: as the result, or for further steps.
    fn store(self, last: bool) -> String {
        if last {
            let result = match self.sorting.places {
                true => "vec2(places[i], 0u)".to_owned(),
                false => to_held(self.dtype, "value_of(keys[i])"),
            };
            return format!("out0[point] = {result};\n");
        }
        let place = if self.sorting.places { "out1[line * params[p + 1u] + at] = places[i];\n" } else { "" };
        format!("out0[line * params[p + 1u] + at] = keys[i];\n{place}")
    }
}

impl Sort {
    /// The shaders for pieces of `rank` axes.
    pub(crate) fn all(program: &Program, sorting: Sorting, rank: usize) -> [Self; 5] {
        let (code, lines) =
            (Box::new(Code::new(program, rank, HEADER)), Lines { dtype: program.output_dtype(0), sorting });
        let block = |last| Self::Block(code.clone(), lines, last);
        [block(true), block(false), Self::Step(lines), Self::Merge(lines, false), Self::Merge(lines, true)]
    }

    fn lines(&self) -> Lines {
        match self {
            Self::Block(_, lines, _) | Self::Step(lines) | Self::Merge(lines, _) => *lines,
        }
    }
}

impl Shader for Sort {
    fn name(&self) -> &'static str {
        match self {
            Self::Block(..) => "sort.block",
            Self::Step(_) => "sort.step",
            Self::Merge(..) => "sort.merge",
        }
    }

    fn buffers(&self) -> (usize, usize) {
        let items = self.lines().items().len();
        match self {
            Self::Block(code, _, last) => (code.buffers(), if *last { 1 } else { items }),
            Self::Step(_) | Self::Merge(_, false) => (0, items),
            Self::Merge(_, true) => (items, 1),
        }
    }

    fn source(&self, caps: &Capabilities) -> Result<String> {
        let lines = self.lines();
        let (mut slots, items) = (lines.slots(), lines.items());
        let load = |from: &str| match lines.sorting.places {
            true => format!(
                "keys[i] = {from}0[line * params[p + 1u] + at];\nplaces[i] = {from}1[line * params[p + 1u] + at];\n"
            ),
            false => format!("keys[i] = {from}0[line * params[p + 1u] + at];\n"),
        };
        let nothing = |places| if places { "places[i] = 0xffffffffu;\n" } else { "" };
        let largest = if lines.key() == DType::U64 { "0xfffffffffffffffflu" } else { "0xffffffffu" };
        let (program, point, load, bound, steps, last) = match self {
            Self::Step(_) => {
                let (before, swap) = match lines.sorting.places {
                    true => (
                        "out0[a] < out0[b] || (out0[a] == out0[b] && out1[a] < out1[b])",
                        "let place = out1[a];\nout1[a] = out1[b];\nout1[b] = place;\n",
                    ),
                    false => ("out0[a] < out0[b]", ""),
                };
                let swap = format!("let key = out0[a];\nout0[a] = out0[b];\nout0[b] = key;\n{swap}");
                let slots = [("bindings", bindings(&[], &items)), ("before", before.to_owned()), ("swap", swap)];
                return compose(include_str!("../../../shaders/sort_step.wgsl"), &slots, caps);
            }
            Self::Block(code, _, last) => {
                let place = if lines.sorting.places { "places[i] = at;\n" } else { "" };
                let load = format!("keys[i] = key_of({}.value);\n{place}", code.element());
                let at = coordinates("point", 0..code.layout().rank);
                let program = code.print(&["value"], None, caps)? + "\n" + &lines.keys();
                (program, format!("let q = piece(p);\n{at}"), load, code.inputs(), "sort_block(lane, width);\n", *last)
            }
            Self::Merge(_, last) => {
                let (from, inputs) =
                    if *last { ("in", items.iter().map(|&ty| ty.to_owned()).collect()) } else { ("out", vec![]) };
                (lines.keys(), String::new(), load(from), inputs, "merge_block(lane, width);\n", *last)
            }
        };
        let outputs = if last { vec![lines.result()] } else { items };
        slots.extend([
            ("bindings", bindings(&bound, &outputs)),
            ("program", program),
            ("coordinates", point),
            ("load", load),
            ("beyond", format!("keys[i] = {largest};\n{}", nothing(lines.sorting.places))),
            ("steps", steps.to_owned()),
            ("store", lines.store(last)),
        ]);
        compose(include_str!("../../../shaders/sort_block.wgsl"), &slots, caps)
    }

    fn code(&self) -> Option<&Code> {
        match self {
            Self::Block(code, ..) => Some(code),
            Self::Step(_) | Self::Merge(..) => None,
        }
    }
}

/// Sorts the program's values over the pieces into a new buffer.
///
/// # Errors
/// [`Error::Device`](crate::Error::Device) from the device, [`Error::Bug`](crate::Error::Bug) for pieces that do not fit their buffers.
pub(crate) fn run(
    gpu: &Job<'_>,
    program: &Program,
    sorting: Sorting,
    pieces: &[Piece],
    lines: [u64; 3],
    inputs: &[GpuBuffer],
) -> Result<Vec<GpuBuffer>> {
    let elements = lines.iter().product::<u64>() as usize;
    let value = program.output_dtype(0);
    if elements == 0 {
        return Ok(vec![gpu.allocate(sorting.made(value), 0)?]);
    }
    let values = match pieces {
        [piece] if in_order(piece, elements) => {
            return sort(gpu, program, sorting, piece.clone().collapsed(), lines, inputs);
        }
        // The pieces interleave: the elements are put in order first.
        _ => map::run(gpu, program, pieces, inputs, elements)?,
    };
    let mut program = Program { loads: vec![value], ..Program::default() };
    let load = program.push(Inst::Load { slot: 0 }, value);
    program.outputs = vec![load];
    let access = Access { base: 0, strides: vec![1] };
    let piece = Piece { dims: vec![elements as u64], out: access.clone(), loads: vec![(0, access)], indices: vec![] };
    sort(gpu, &program, sorting, piece, lines, &values)
}

/// The dispatches over one piece whose points are in order.
fn sort(
    gpu: &Job<'_>,
    program: &Program,
    sorting: Sorting,
    piece: Piece,
    [outer, len, inner]: [u64; 3],
    inputs: &[GpuBuffer],
) -> Result<Vec<GpuBuffer>> {
    points(&piece)?;
    let own = Lines { dtype: program.output_dtype(0), sorting };
    let (lines, block) = (outer * inner, own.block());
    let code = Code::new(program, piece.dims.len(), HEADER).bound(&piece, gpu.most);
    let loads = loaded(&code, program, &piece, inputs)?;
    let width = len.next_power_of_two().min(block);
    let blocks = len.div_ceil(width);
    let header = [lines, len, inner, width, blocks].map(|v| v as u32);
    let groups = (lines * blocks).div_ceil(block / width);
    let launch =
        |sort: Sort, words: &[u32], buffers: &[&GpuBuffer], groups: u64| gpu.launch(&sort, words, buffers, [groups, 1]);
    let out = gpu.allocate(sorting.made(own.dtype), (lines * len) as usize)?;
    let words = code.layout().pack(&header, &piece, program)?;
    if blocks == 1 {
        let buffers: Vec<&GpuBuffer> = loads.iter().copied().chain([&out]).collect();
        launch(Sort::Block(Box::new(code), own, true), &words, &buffers, groups)?;
        return Ok(vec![out]);
    }
    let mut items = vec![gpu.allocate(own.key(), (lines * len) as usize)?];
    if sorting.places {
        items.push(gpu.allocate(DType::U32, (lines * len) as usize)?);
    }
    let items: Vec<&GpuBuffer> = items.iter().collect();
    let buffers: Vec<&GpuBuffer> = loads.iter().copied().chain(items.iter().copied()).collect();
    launch(Sort::Block(Box::new(code), own, false), &words, &buffers, groups)?;
    let half = len.next_power_of_two() / 2;
    let mut run = block;
    while run < len {
        // The first step compares the two runs from their ends: what is behind both is the larger half.
        let longer = std::iter::successors(Some(run / 2), |step| Some(step / 2)).take_while(|&step| step >= block);
        for mask in std::iter::once(2 * run - 1).chain(longer) {
            let words = [lines, len, half, mask].map(|v| v as u32);
            launch(Sort::Step(own), &words, &items, (lines * half).div_ceil(256))?;
        }
        run *= 2;
        let last = run >= len;
        let buffers: Vec<&GpuBuffer> = items.iter().copied().chain(last.then_some(&out)).collect();
        launch(Sort::Merge(own, last), &header, &buffers, groups)?;
    }
    Ok(vec![out])
}
