//! Kernels that store: the fused expression at every point, and one value everywhere.

use super::buffer::GpuBuffer;
use super::code::Code;
use super::compose::compose;
use super::params::check_bounds;
use super::pipeline::Key;
use super::wgsl::{arguments, bindings, coordinates, held, to_held};
use super::{Inner, check_inputs};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::capability::Capabilities;
use crate::plan::expr::Program;
use crate::plan::kernel::Piece;

/// Words of the header: the number of points.
const HEADER: usize = 1;
/// The outputs' names, in order.
const FIELDS: [&str; 2] = ["value", "mask"];

/// The key of `shaders/map.wgsl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Map {
    /// The expression, with one output or two.
    pub(crate) code: Code,
    /// Number of outputs.
    outputs: usize,
}

impl Map {
    /// The shader for pieces of `rank` axes.
    pub(crate) fn new(program: &Program, rank: usize) -> Self {
        Self { code: Code::new(program, rank, HEADER), outputs: program.outputs.len() }
    }

    /// How many buffers it reads and writes.
    pub(crate) fn buffers(&self) -> (usize, usize) {
        (self.code.inputs().len(), self.outputs)
    }

    /// The WGSL.
    ///
    /// # Errors
    /// [`Error::Bug`] for an expression that the tables do not allow.
    pub(crate) fn source(&self, caps: &Capabilities) -> Result<String> {
        let axes = 0..self.code.layout().rank;
        let fields = FIELDS.get(..self.outputs).ok_or_else(|| Error::bug("map with more than two outputs"))?;
        let dtypes: Vec<DType> = (0..self.outputs).map(|i| self.code.output(i)).collect();
        let store: String = dtypes
            .iter()
            .zip(fields)
            .enumerate()
            .map(|(i, (&dtype, field))| format!("out{i}[at] = {};\n", to_held(dtype, &format!("e.{field}"))))
            .collect();
        let outputs: Vec<&str> = dtypes.iter().map(|&dtype| held(dtype)).collect();
        compose(
            include_str!("../../../shaders/map.wgsl"),
            &[
                ("bindings", bindings(&self.code.inputs(), &outputs)),
                ("program", self.code.print(fields, Some(axes.clone()), caps)?),
                ("coordinates point", coordinates("point", axes.clone())),
                ("arguments", arguments(axes)),
                ("store", store),
            ],
            caps,
        )
    }
}

/// Runs the program over the pieces into new buffers, one an output.
///
/// # Errors
/// [`Error::Device`] from the device, [`Error::Bug`] for pieces that do not fit their buffers.
pub(crate) fn run(
    gpu: &Inner,
    program: &Program,
    pieces: &[Piece],
    inputs: &[GpuBuffer],
    out_elements: usize,
) -> Result<Vec<GpuBuffer>> {
    let outputs: Vec<GpuBuffer> = (0..program.outputs.len())
        .map(|i| gpu.allocate(program.output_dtype(i), out_elements))
        .collect::<Result<_>>()?;
    for piece in pieces {
        let piece = piece.clone().collapsed();
        let points = points(&piece)?;
        check_bounds("map", &piece.out, &piece.dims, out_elements)?;
        let mut buffers = check_inputs(program, &piece, inputs)?;
        buffers.extend(&outputs);
        let map = Map::new(program, piece.dims.len());
        let words = map.code.layout().pack(&[points], &piece, program)?;
        let threads = u64::from(points).div_ceil(u64::from(map.code.run()));
        gpu.launch(&Key::Map(map), &words, &buffers, [threads.div_ceil(256), 1])?;
    }
    Ok(outputs)
}

/// A piece's number of points, which kernels count in 32 bits.
///
/// # Errors
/// [`Error::Bug`] for more.
pub(crate) fn points(piece: &Piece) -> Result<u32> {
    let points = piece.dims.iter().try_fold(1u64, |n, &dim| n.checked_mul(dim));
    // Some room: threads count in steps beyond the last point.
    points.filter(|&n| n < 1 << 31).map(|n| n as u32).ok_or_else(|| Error::bug(format!("a piece of {:?}", piece.dims)))
}

/// The key of `shaders/fill.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fill {
    /// Whether elements are of two words.
    wide: bool,
}

impl Fill {
    /// The WGSL.
    ///
    /// # Errors
    /// None but from a broken template.
    pub(crate) fn source(self, caps: &Capabilities) -> Result<String> {
        let (ty, value) =
            if self.wide { ("vec2<u32>", "vec2(params[p + 1u], params[p + 2u])") } else { ("u32", "params[p + 1u]") };
        let template = include_str!("../../../shaders/fill.wgsl");
        compose(template, &[("bindings", bindings(&[], &[ty])), ("value", value.to_owned())], caps)
    }
}

/// Fills a buffer with one value, given by its bits as it is held.
///
/// # Errors
/// [`Error::Device`] from the device.
pub(crate) fn fill(gpu: &Inner, buffer: &GpuBuffer, bits: u64) -> Result<()> {
    if buffer.len == 0 {
        return Ok(());
    }
    let wide = buffer.dtype.device_size() == 8;
    let words = [buffer.len as u32, bits as u32, (bits >> 32) as u32];
    gpu.launch(&Key::Fill(Fill { wide }), &words, &[buffer], [(buffer.len as u64).div_ceil(256), 1])
}
