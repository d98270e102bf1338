//! Copies of slabs by index. They move words: no adapter lacks a dtype for that.

use super::buffer::GpuBuffer;
use super::compose::compose;
use super::job::Job;
use super::params::check_bounds;
use super::shader::Shader;
use super::wgsl::bindings;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::capability::Capabilities;
use crate::plan::kernel::{Access, TakePiece};

/// Words that are moved at once where rows allow it.
const FOUR: u64 = 4;
/// What a thread moves at most, at so many steps.
const STEPS: u64 = 8;

/// Chunks that one dispatch reads at most.
const SOURCES: usize = 64;

/// The key of `shaders/take.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Take {
    /// Words that a step moves: an element of one or two, or several elements.
    words: u64,
    /// Chunks that rows come from.
    sources: usize,
}

impl Take {
    /// The shader that moves elements of the dtype one by one.
    pub(crate) fn new(dtype: DType) -> Self {
        Self { words: dtype.device_size() as u64 / 4, sources: 1 }
    }

    /// The one that moves as many at once as are four words.
    pub(crate) fn fours() -> Self {
        Self { words: FOUR, sources: 1 }
    }

    /// The function that reads one of the chunks.
    fn load(self, ty: &str) -> String {
        let case = |i: usize| format!("        case {i}u: {{ return in{i}[at]; }}\n");
        let cases: String = (1..self.sources).map(case).collect();
        let body = match self.sources {
            1 => "    return in0[at];\n".to_owned(),
            _ => format!("    switch input {{\n{cases}        default: {{ return in0[at]; }}\n    }}\n"),
        };
        format!("fn load(input: u32, at: u32) -> {ty} {{\n{body}}}\n")
    }
}

impl Shader for Take {
    fn source(&self, caps: &Capabilities) -> Result<String> {
        let ty = if self.words == 1 { "u32".to_owned() } else { format!("vec{}<u32>", self.words) };
        let inputs = vec![ty.clone(); self.sources];
        let slots = [
            ("bindings", bindings(&inputs, &[&ty])),
            ("load", self.load(&ty)),
            ("sources", format!("{}u", self.sources)),
            ("steps", format!("{STEPS}u")),
        ];
        compose(include_str!("../../../shaders/take.wgsl"), &slots, caps)
    }

    fn name(&self) -> &'static str {
        "take"
    }

    fn buffers(&self) -> (usize, usize) {
        (self.sources, 1)
    }
}

/// Rows as they are moved: in elements, or in several of them.
pub(super) struct Rows {
    pub(super) take: Take,
    inner: u64,
    /// Of the input and the output.
    accesses: [Access; 2],
}

impl Rows {
    /// By fours, if rows follow each other in whole ones, here and there.
    pub(super) fn of(dtype: DType, piece: &TakePiece) -> Self {
        let [outer, _, inner] = piece.dims;
        let each = FOUR / Take::new(dtype).words;
        let whole = |n: i64| n.unsigned_abs().is_multiple_of(each);
        let in_fours = |access: &Access| {
            let [by_outer, by_slab, by_one] = access.strides[..] else { return false };
            by_one == 1 && whole(access.base) && whole(by_slab) && (outer == 1 || whole(by_outer))
        };
        let accesses = [piece.from.clone(), piece.to.clone()];
        if !inner.is_multiple_of(each) || !accesses.iter().all(in_fours) {
            return Self { take: Take::new(dtype), inner, accesses };
        }
        let in_units = |access: Access| {
            let by = each as i64;
            let strides = access.strides.iter().zip([by, by, 1]).map(|(stride, by)| stride / by).collect();
            Access { base: access.base / by, strides }
        };
        Self { take: Take::fours(), inner: inner / each, accesses: accesses.map(in_units) }
    }

    /// The threads of a part of a row, as a power of two, and how many parts it has.
    fn teams(&self) -> (u32, u64) {
        let power = self.inner.ilog2().min(8);
        (power, self.inner.div_ceil(STEPS << power))
    }
}

/// The access with slab `first` for slab 0.
fn from_slab(access: &Access, first: u32) -> Access {
    let step = access.strides.get(1).copied().unwrap_or(0);
    Access { base: access.base + step * i64::from(first), strides: access.strides.clone() }
}

/// A piece that has something to move, and what it reads.
struct Slabs<'a> {
    piece: &'a TakePiece,
    rows: Rows,
    input: &'a GpuBuffer,
}

impl<'a> Slabs<'a> {
    fn of(dtype: DType, piece: &'a TakePiece, inputs: &'a [GpuBuffer], out_elements: usize) -> Result<Self> {
        let input = inputs.get(piece.input).filter(|input| input.dtype == dtype);
        let input = input.ok_or_else(|| Error::bug(format!("take of {dtype} from {inputs:?}: {piece:?}")))?;
        let [outer, _, inner] = piece.dims;
        let slabs = |slab: fn(&(u32, u32)) -> u32| {
            let slabs = piece.places.iter().map(slab);
            (slabs.clone().min().unwrap_or(0), slabs.max().unwrap_or(0))
        };
        for (access, len, (first, last)) in
            [(&piece.from, input.len, slabs(|place| place.0)), (&piece.to, out_elements, slabs(|place| place.1))]
        {
            check_bounds("take", &from_slab(access, first), &[outer, u64::from(last - first) + 1, inner], len)?;
        }
        Ok(Self { rows: Rows::of(dtype, piece), piece, input })
    }

    /// Whether rows of both are moved in one way to places of one result.
    fn is_like(&self, other: &Self) -> bool {
        let ([outer, _, inner], [others, _, inners]) = (self.piece.dims, other.piece.dims);
        self.rows.take == other.rows.take && (outer, inner) == (others, inners) && self.piece.to == other.piece.to
    }
}

/// Copies the pieces' slabs into a new buffer.
///
/// # Errors
/// [`Error::Device`] from the device, [`Error::Bug`] for pieces that do not fit their buffers.
pub(crate) fn run(
    gpu: &Job<'_>,
    dtype: DType,
    pieces: &[TakePiece],
    inputs: &[GpuBuffer],
    out_elements: usize,
) -> Result<Vec<GpuBuffer>> {
    let out = gpu.allocate(dtype, out_elements)?;
    let full = |piece: &&TakePiece| !piece.places.is_empty() && piece.dims[0] > 0 && piece.dims[2] > 0;
    let slabs = pieces.iter().filter(full).map(|piece| Slabs::of(dtype, piece, inputs, out_elements));
    let slabs = slabs.collect::<Result<Vec<_>>>()?;
    let mut groups: Vec<Vec<&Slabs<'_>>> = Vec::new();
    for one in &slabs {
        let room = |group: &&mut Vec<&Slabs<'_>>| group.len() < gpu.most.min(SOURCES) && group[0].is_like(one);
        match groups.iter_mut().find(room) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups.iter().try_for_each(|group| launch(gpu, group, &out))?;
    Ok(vec![out])
}

/// Records the dispatch of pieces that are alike.
fn launch(gpu: &Job<'_>, group: &[&Slabs<'_>], out: &GpuBuffer) -> Result<()> {
    let Some(Slabs { piece, rows, .. }) = group.first() else { return Ok(()) };
    let [outer, _, inner] = piece.dims;
    let pairs: u64 = group.iter().map(|slabs| slabs.piece.places.len() as u64).sum();
    let points = outer.checked_mul(pairs).and_then(|n| n.checked_mul(inner)).filter(|&n| n < 1 << 31);
    points.ok_or_else(|| Error::bug(format!("take of {outer} × {pairs} × {inner}")))?;
    // Few kinds of shaders, where so many can be bound.
    let sources = Some(group.len().next_power_of_two()).filter(|&n| n <= gpu.most).unwrap_or(group.len());
    let take = Take { sources, ..rows.take };
    let (power, parts) = rows.teams();
    let mut words = [outer, pairs, rows.inner, u64::from(power), parts].map(|n| n as u32).to_vec();
    let mut place = |access: &Access| {
        words.push(access.base as u32);
        words.extend(access.strides.iter().map(|&s| s as u32));
    };
    place(&rows.accesses[1]);
    // What is bound beyond them is read by no row.
    let bound: Vec<&Slabs<'_>> = (0..sources).map(|i| *group.get(i).unwrap_or(&group[0])).collect();
    bound.iter().for_each(|slabs| place(&slabs.rows.accesses[0]));
    for (source, slabs) in group.iter().enumerate() {
        words.extend(slabs.piece.places.iter().flat_map(|&(from, to)| [source as u32, from, to]));
    }
    let buffers: Vec<&GpuBuffer> = bound.iter().map(|slabs| slabs.input).chain([out]).collect();
    gpu.launch(&take, &words, &buffers, [(outer * pairs * parts).div_ceil(256 >> power), 1])
}
