//! Selection by a mask, in three dispatches: count each tile's, sum the counts, scatter. Counts of more than a block of tiles are summed in
//! two, block by block and then over the blocks. No workgroup waits for another.

use super::buffer::GpuBuffer;
use super::code::Code;
use super::compose::compose;
use super::job::Job;
use super::map::{self, fill, points};
use super::shader::Shader;
use super::sources::loaded;
use super::wgsl::{bindings, coordinates, held, to_held};
use crate::dtype::DType;
use crate::error::Result;
use crate::plan::capability::Capabilities;
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{Access, Piece};

/// Words of the header: the number of points.
const HEADER: usize = 1;
/// Points of a tile, as `shaders/lib/bits.wgsl` has it.
const TILE: u64 = 2048;
/// Tiles of a block, as it has too. Points have 32 bits: there are at most 1024 blocks, which are one block.
const BLOCK: u64 = 2048;

/// The keys of `shaders/select_*.wgsl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Select {
    /// Counts the selected points of each tile.
    Count(Code),
    /// Sums the counts of each block.
    Scan,
    /// Puts the values to their places.
    Scatter(Code),
}

impl Select {
    /// The three shaders for pieces of `rank` axes.
    pub(crate) fn all(program: &Program, rank: usize) -> [Self; 3] {
        Self::of(Code::new(program, rank, HEADER))
    }

    fn of(code: Code) -> [Self; 3] {
        [Self::Count(code.clone()), Self::Scan, Self::Scatter(code)]
    }
}

impl Shader for Select {
    fn name(&self) -> &'static str {
        match self {
            Self::Count(_) => "select.count",
            Self::Scan => "select.scan",
            Self::Scatter(_) => "select.scatter",
        }
    }

    fn buffers(&self) -> (usize, usize) {
        match self {
            Self::Count(code) => (code.buffers(), 1),
            Self::Scan => (0, 2),
            Self::Scatter(code) => (code.buffers() + 1, 1),
        }
    }

    fn source(&self, caps: &Capabilities) -> Result<String> {
        let (code, template) = match self {
            Self::Scan => {
                let template = include_str!("../../../shaders/select_scan.wgsl");
                return compose(template, &[("bindings", bindings(&[], &["u32", "u32"]))], caps);
            }
            Self::Count(code) => (code, include_str!("../../../shaders/select_count.wgsl")),
            Self::Scatter(code) => (code, include_str!("../../../shaders/select_scatter.wgsl")),
        };
        let axes = 0..code.layout().rank;
        let value = code.output(0);
        let mut inputs = code.inputs();
        let bindings = match self {
            Self::Scatter(_) => {
                inputs.push("u32".to_owned());
                // By its meaning: the selected points before tiles and blocks.
                let name = format!("in{}:", inputs.len() - 1);
                bindings(&inputs, &[held(value)]).replace(&name, "before:")
            }
            Self::Count(_) | Self::Scan => bindings(&inputs, &["u32"]),
        };
        compose(
            template,
            &[
                ("bindings", bindings),
                ("program", code.print(&["value", "mask"], None, caps)?),
                ("coordinates point", coordinates("point", axes)),
                ("element", code.element()),
                ("type", held(value).to_owned()),
                ("value", to_held(value, "e.value")),
            ],
            caps,
        )
    }

    fn code(&self) -> Option<&Code> {
        match self {
            Self::Count(code) | Self::Scatter(code) => Some(code),
            Self::Scan => None,
        }
    }
}

/// Whether results go where points are: point `i` to place `i`.
pub(super) fn in_order(piece: &Piece, out_elements: usize) -> bool {
    let mut next = 1;
    let follows = |(&n, &stride): (&u64, &i64)| {
        let fits = n == 1 || stride == next;
        next *= n as i64;
        fits
    };
    let strides = piece.dims.iter().zip(&piece.out.strides).rev().all(follows);
    strides && piece.out.base == 0 && next == out_elements as i64
}

/// The expression and piece that read values and mask back from two buffers.
fn read_back(value: DType, elements: usize) -> (Program, Piece) {
    let mut program = Program { loads: vec![value, DType::Bool], ..Program::default() };
    let value = program.push(Inst::Load { slot: 0 }, value);
    let mask = program.push(Inst::Load { slot: 1 }, DType::Bool);
    program.outputs = vec![value, mask];
    let access = Access { base: 0, strides: vec![1] };
    let loads = vec![(0, access.clone()), (1, access.clone())];
    (program, Piece { dims: vec![elements as u64], out: access, loads, indices: vec![] })
}

/// The program's values where its mask is true, in order, and their number.
///
/// # Errors
/// [`crate::error::Error::Device`] from the device, [`crate::error::Error::Bug`] for pieces that do not fit their buffers.
pub(crate) fn run(
    gpu: &Job<'_>,
    program: &Program,
    pieces: &[Piece],
    inputs: &[GpuBuffer],
    out_elements: usize,
) -> Result<Vec<GpuBuffer>> {
    let value = program.output_dtype(0);
    match pieces {
        _ if out_elements == 0 => {
            let count = gpu.allocate(DType::U32, 1)?;
            fill(gpu, &count, 0)?;
            Ok(vec![gpu.allocate(value, 0)?, count])
        }
        [piece] if in_order(piece, out_elements) => {
            select(gpu, program, piece.clone().collapsed(), inputs, out_elements)
        }
        _ => {
            // The pieces interleave: values and mask in order first.
            let scratch = map::run(gpu, program, pieces, inputs, out_elements)?;
            let (program, piece) = read_back(value, out_elements);
            select(gpu, &program, piece, &scratch, out_elements)
        }
    }
}

/// The dispatches over one piece whose points are in order.
fn select(
    gpu: &Job<'_>,
    program: &Program,
    piece: Piece,
    inputs: &[GpuBuffer],
    out_elements: usize,
) -> Result<Vec<GpuBuffer>> {
    let points = points(&piece)?;
    let code = Code::new(program, piece.dims.len(), HEADER).bound(&piece, gpu.most);
    let loads = loaded(&code, program, &piece, inputs)?;
    let words = code.layout().pack(&[points], &piece, program)?;
    let [count_tiles, scan, scatter] = Select::of(code);
    let tiles = u64::from(points).div_ceil(TILE);
    let blocks = tiles.div_ceil(BLOCK);
    // The blocks' totals come after the tiles' counts, and what is before all of them after those.
    let before = gpu.allocate(DType::U32, (tiles + blocks + 1) as usize)?;
    let count = gpu.allocate(DType::U32, 1)?;
    let values = gpu.allocate(program.output_dtype(0), out_elements)?;
    let with_loads = |more: &[&'_ GpuBuffer]| -> Vec<GpuBuffer> {
        loads.iter().copied().chain(more.iter().copied()).cloned().collect()
    };
    let launch = |select: Select, words: &[u32], buffers: &[GpuBuffer], groups: u64| {
        gpu.launch(&select, words, &buffers.iter().collect::<Vec<_>>(), [groups, 1])
    };
    launch(count_tiles, &words, &with_loads(&[&before]), tiles)?;
    let counts = [before.clone(), count.clone()];
    launch(scan.clone(), &[0, tiles as u32], &counts, blocks)?;
    if blocks > 1 {
        launch(scan, &[tiles as u32, (tiles + blocks) as u32], &counts, 1)?;
    }
    launch(scatter, &words, &with_loads(&[&before, &values]), tiles)?;
    Ok(vec![values, count])
}
