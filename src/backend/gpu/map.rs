//! Kernels that store: the fused expression at every point, and one value everywhere.

use super::buffer::GpuBuffer;
use super::code::Code;
use super::compose::{compose, fill as fill_slots};
use super::job::Job;
use super::loads::tile_slots;
use super::params::check_bounds;
use super::pieces::{self, PieceLaunch};
use super::quads::PARTS;
use super::reading::{Reading, is_in_fours, tiles_of};
use super::shader::Shader;
use super::sources::loaded;
use super::wgsl::{arguments, bindings, coordinates, held, to_held};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::capability::Capabilities;
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{Access, Piece};

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
    /// The shader for pieces of `rank` axes, point by point.
    pub(crate) fn new(program: &Program, rank: usize) -> Self {
        Self { code: Code::new(program, rank, HEADER), outputs: program.outputs.len() }
    }

    /// The shader for a piece whose loads may bind so many buffers, the number of its points or tiles, and the workgroups that go over
    /// them. Beyond a piece that is `all` of the result nobody's elements lie.
    pub(super) fn of(
        program: &Program,
        piece: &Piece,
        caps: &Capabilities,
        most: usize,
        all: bool,
    ) -> Result<(Self, u32, u64)> {
        let map = Self::new(program, piece.dims.len());
        let map = Self { code: map.code.bound(piece, most), ..map };
        let points = points(piece)?;
        let drawn = map.code.run() > 1;
        let tiles = if drawn { None } else { Reading::tiles(piece, &program.loads, caps.max_workgroup_storage, 0) };
        if let Some(reading @ Reading::Tiles { axis, .. }) = tiles {
            let tiles = tiles_of(piece, axis);
            return Ok((map.reading(reading), tiles as u32, tiles));
        }
        let stores = is_in_fours(&piece.out) && (all || piece.dims.last().is_some_and(|n| n % 4 == 0));
        let quads = if stores { map.code.quads(piece, true, most) } else { None };
        let run = if quads.is_some() { 4 } else { map.code.run() };
        let map = map.reading(quads.unwrap_or_default());
        Ok((map, points, u64::from(points).div_ceil(256 * u64::from(run))))
    }

    /// The same with another way of reading.
    pub(crate) fn reading(mut self, reading: Reading) -> Self {
        self.code.reading = reading;
        self
    }

    /// The outputs of four points as vectors, `made0` and `made1`: of a short expression one by one, of others in a loop.
    fn quad(&self, dtypes: &[DType], fields: &[&str]) -> Result<String> {
        let made = |e: &dyn Fn(usize, DType, &str) -> String| -> String {
            let each = |(i, (&dtype, field)): (usize, (&DType, &&str))| e(i, dtype, field);
            dtypes.iter().zip(fields).enumerate().map(each).collect()
        };
        if self.code.is_short() {
            let at = arguments(0..self.code.layout().rank);
            let element = |(i, part): (usize, &&str)| {
                format!("let e{i} = element({at} + {i}u, {});\n", self.code.quad_part(part))
            };
            let elements: String = PARTS.iter().enumerate().map(element).collect();
            let vectors = made(&|i, dtype, field| {
                let parts: Vec<String> = (0..4).map(|at| to_held(dtype, &format!("e{at}.{field}"))).collect();
                format!("let made{i} = vec4<{}>({});\n", held(dtype), parts.join(", "))
            });
            return Ok(format!("let quad = load_quad({at});\n{elements}{vectors}"));
        }
        let vars = made(&|i, dtype, _| format!("var made{i}: vec4<{}>;\n", held(dtype)));
        // The first comes round to the front.
        let sets = made(&|i, dtype, field| {
            format!("made{i} = vec4(made{i}.yzw, {});\n", to_held(dtype, &format!("e.{field}")))
        });
        let slots: Vec<_> = self.code.quad_slots().into_iter().chain([("made", vars), ("set", sets)]).collect();
        fill_slots(include_str!("../../../shaders/map/quad.wgsl"), &slots)
    }
}

impl Shader for Map {
    fn name(&self) -> &'static str {
        match &self.code.reading {
            Reading::Points => "map",
            Reading::Quads { .. } => "map.quads",
            Reading::Tiles { .. } => "map.tiles",
        }
    }

    fn buffers(&self) -> (usize, usize) {
        (self.code.buffers(), self.outputs)
    }

    fn source(&self, caps: &Capabilities) -> Result<String> {
        let rank = self.code.layout().rank;
        let axes = 0..rank;
        let fields = FIELDS.get(..self.outputs).ok_or_else(|| Error::bug("map with more than two outputs"))?;
        let dtypes: Vec<DType> = (0..self.outputs).map(|i| self.code.output(i)).collect();
        let outputs = || dtypes.iter().zip(fields).enumerate();
        let value = |dtype: DType, e: &str, field: &str| to_held(dtype, &format!("{e}.{field}"));
        let store: String =
            outputs().map(|(i, (&dtype, field))| format!("out{i}[at] = {};\n", value(dtype, "e", field))).collect();
        let mut slots = vec![
            ("element", self.code.element()),
            ("arguments", arguments(axes.clone())),
            ("coordinates point", coordinates("point", axes.clone())),
            ("coordinates first", coordinates("first", axes.clone())),
        ];
        let (template, store) = match &self.code.reading {
            Reading::Points => (include_str!("../../../shaders/map/points.wgsl"), store),
            Reading::Tiles { axis, .. } => {
                slots.extend(tile_slots(rank, *axis));
                (include_str!("../../../shaders/map/tiles.wgsl"), store)
            }
            Reading::Quads { .. } => {
                slots.push(("values", self.quad(&dtypes, fields)?));
                let store = outputs().map(|(i, _)| format!("out{i}[at] = made{i};\n")).collect();
                (include_str!("../../../shaders/map/quads.wgsl"), store)
            }
        };
        slots.push(("store", store));
        let vector = matches!(self.code.reading, Reading::Quads { .. });
        let held: Vec<String> = dtypes
            .iter()
            .map(|&dtype| if vector { format!("vec4<{}>", held(dtype)) } else { held(dtype).to_owned() })
            .collect();
        compose(
            include_str!("../../../shaders/map.wgsl"),
            &[
                ("bindings", bindings(&self.code.inputs(), &held.iter().map(String::as_str).collect::<Vec<_>>())),
                ("program", self.code.print(fields, Some(axes), caps)?),
                ("points", fill_slots(template, &slots)?),
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

/// Runs the program over the pieces into new buffers, one an output.
///
/// # Errors
/// [`Error::Device`] from the device, [`Error::Bug`] for pieces that do not fit their buffers.
pub(crate) fn run(
    gpu: &Job<'_>,
    program: &Program,
    pieces: &[Piece],
    inputs: &[GpuBuffer],
    out_elements: usize,
) -> Result<Vec<GpuBuffer>> {
    let outputs: Vec<GpuBuffer> = (0..program.outputs.len())
        .map(|i| gpu.allocate(program.output_dtype(i), out_elements))
        .collect::<Result<_>>()?;
    let mut pieces: Vec<Piece> = pieces.iter().map(|piece| piece.clone().collapsed()).collect();
    // Of as many axes, so that they may have one shader.
    let rank = pieces.iter().map(|piece| piece.dims.len()).max().unwrap_or(0);
    pieces.iter_mut().for_each(|piece| piece.widen(rank));
    store(gpu, program, &pieces, inputs, &outputs)?;
    Ok(outputs)
}

/// Runs the program over pieces into buffers.
fn store(
    gpu: &Job<'_>,
    program: &Program,
    pieces: &[Piece],
    inputs: &[GpuBuffer],
    outputs: &[GpuBuffer],
) -> Result<()> {
    let launch = |piece: &Piece| {
        check_bounds("map", &piece.out, &piece.dims, outputs[0].len)?;
        // Those of other pieces, which may be made at the same time.
        let all = piece.points() == outputs[0].len as u64;
        let (map, count, groups) = Map::of(program, piece, &gpu.device.capabilities, gpu.most, all)?;
        let loads = loaded(&map.code, program, piece, inputs)?.into_iter().cloned().collect();
        let words = map.code.layout().pack(&[count], piece, program)?;
        Ok(PieceLaunch { shader: Box::new(map), words, loads, groups, points: piece.points() })
    };
    let launches = pieces.iter().map(launch).collect::<Result<Vec<_>>>()?;
    pieces::launch(gpu, launches, &outputs.iter().collect::<Vec<_>>())
}

/// Copies a box of points from one buffer to places in another.
///
/// # Errors
/// As [`run`].
pub(super) fn copy(
    gpu: &Job<'_>,
    input: &GpuBuffer,
    (dims, from): (&[u64], &Access),
    (out, to): (&GpuBuffer, &Access),
) -> Result<()> {
    let mut program = Program { loads: vec![input.dtype], ..Program::default() };
    program.outputs = vec![program.push(Inst::Load { slot: 0 }, input.dtype)];
    let piece = Piece { dims: dims.to_vec(), out: to.clone(), loads: vec![(0, from.clone())], indices: vec![] };
    store(gpu, &program, &[piece.collapsed()], std::slice::from_ref(input), std::slice::from_ref(out))
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
pub(crate) struct FillShader {
    /// Whether elements are of two words.
    wide: bool,
}

impl Shader for FillShader {
    fn source(&self, caps: &Capabilities) -> Result<String> {
        let (ty, value) =
            if self.wide { ("vec2<u32>", "vec2(params[p + 1u], params[p + 2u])") } else { ("u32", "params[p + 1u]") };
        let template = include_str!("../../../shaders/fill.wgsl");
        compose(template, &[("bindings", bindings(&[], &[ty])), ("value", value.to_owned())], caps)
    }

    fn name(&self) -> &'static str {
        "fill"
    }

    fn buffers(&self) -> (usize, usize) {
        (0, 1)
    }
}

/// Fills a buffer with one value, given by its bits as it is held.
///
/// # Errors
/// [`Error::Device`] from the device.
pub(crate) fn fill(gpu: &Job<'_>, buffer: &GpuBuffer, bits: u64) -> Result<()> {
    if buffer.len == 0 {
        return Ok(());
    }
    let wide = buffer.dtype.device_size() == 8;
    let words = [buffer.len as u32, bits as u32, (bits >> 32) as u32];
    gpu.launch(&FillShader { wide }, &words, &[buffer], [(buffer.len as u64).div_ceil(256), 1])
}
