//! How the elements that a kernel loads come to its threads: point by point, four at once, or through tiles in workgroup memory.
//!
//! What is printed here is the structure `Loads`, a point's elements, and the functions that fill it.

use std::fmt::Write as _;
use std::ops::Range;

use super::code::Code;
use super::wgsl::{affine, arguments, held, parameters};
use crate::dtype::DType;
use crate::ops::UnaryOp;
use crate::plan::expr::Inst;
use crate::plan::kernel::{Access, Piece};

/// Points of a tile along each of its two axes.
pub(crate) const SIDE: u64 = 32;
/// Rows of a tile in workgroup memory are one element longer than needed, so that a column is spread over the banks.
const STRIDE: u64 = SIDE + 1;
/// Workgroup memory that is left to the kernel's own needs (the tree of a reduction).
const OWN_BYTES: u64 = 8 << 10;
/// Instructions up to which an expression is printed four times.
const SHORT: usize = 24;

/// How elements come to threads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Reading {
    /// Each point loads its own.
    #[default]
    Points,
    /// Four points that follow each other along the last axis load at once.
    Quads(Vec<Step>),
    /// The workgroup loads a square of points, of `axis` and the last axis, before it goes over them: what lies along `axis` in
    /// memory, the `turned` loads, is read along it.
    Tiles {
        /// The axis.
        axis: usize,
        /// For each load, whether it is turned.
        turned: Vec<bool>,
    },
}

/// What a load does from one point of a quad to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Goes to the next element: the four are one vector, which starts at a multiple of four.
    Next,
    /// Stays.
    Stays,
    /// Goes anywhere.
    Any,
}

/// Whether places are at multiples of four elements where the last coordinate is.
pub(crate) fn is_in_fours(access: &Access) -> bool {
    access
        .strides
        .split_last()
        .is_some_and(|(&last, rest)| last == 1 && access.base % 4 == 0 && rest.iter().all(|stride| stride % 4 == 0))
}

impl Reading {
    /// Quads, if the piece falls into them and a load or what `stored` says is a vector then.
    pub(crate) fn quads(piece: &Piece, stored: bool) -> Option<Self> {
        let step = |(_, access): &(usize, Access)| match access.strides.last() {
            Some(0) => Step::Stays,
            _ if is_in_fours(access) => Step::Next,
            _ => Step::Any,
        };
        let steps: Vec<Step> = piece.loads.iter().map(step).collect();
        // A last quad that is not full lies in the padding of its buffer, but what does not go on by one may lie outside.
        let whole = piece.dims.last().is_some_and(|n| n % 4 == 0);
        let fits = whole || (piece.dims.len() == 1 && !steps.contains(&Step::Any));
        (fits && (stored || steps.contains(&Step::Next))).then_some(Self::Quads(steps))
    }

    /// Tiles, if some load runs along another axis than the last one, and workgroup memory of so many bytes holds them.
    pub(crate) fn tiles(piece: &Piece, dtypes: &[DType], bytes: u32) -> Option<Self> {
        let last = piece.dims.len().checked_sub(1)?;
        let far = |access: &Access| access.strides[last].unsigned_abs() > 1;
        let along = |axis: usize| move |access: &Access| far(access) && access.strides[axis].unsigned_abs() == 1;
        let long = |axis: usize| piece.dims[axis] >= SIDE / 2;
        let axis = (0..last)
            .find(|&axis| long(axis) && long(last) && piece.loads.iter().any(|(_, access)| along(axis)(access)))?;
        let turned: Vec<bool> = piece.loads.iter().map(|(_, access)| along(axis)(access)).collect();
        let of_tiles =
            |(turned, dtype): (&bool, &DType)| if *turned { SIDE * STRIDE * dtype.device_size() as u64 } else { 0 };
        let needed: u64 = turned.iter().zip(dtypes).map(of_tiles).sum();
        (needed + OWN_BYTES <= u64::from(bytes)).then_some(Self::Tiles { axis, turned })
    }
}

/// How many tiles a piece has.
pub(crate) fn tiles_of(piece: &Piece, axis: usize) -> u64 {
    let last = piece.dims.len() - 1;
    let along = |(i, &n): (usize, &u64)| if i == axis || i == last { n.div_ceil(SIDE) } else { n };
    piece.dims.iter().enumerate().map(along).product()
}

impl Code {
    /// Whether an expression is so quick that the time goes into its loads: then these go together, and the expression is printed
    /// for each. Random draws have their own way of sharing work between four points.
    pub(crate) fn is_short(&self) -> bool {
        let long = |(inst, dtype): (&Inst, &DType)| match inst {
            Inst::Random { .. } | Inst::Call { .. } => true,
            // A function of the library, of dozens of instructions.
            Inst::Unary(op, _) => dtype.is_float() && UnaryOp::info(*op).wgsl.contains("_{t}("),
            _ => false,
        };
        self.insts.len() <= SHORT && self.layout().loads > 0 && !self.insts.iter().zip(&self.dtypes).any(long)
    }

    /// The buffers' elements: vectors where quads are read from them.
    pub(crate) fn inputs(&self) -> Vec<String> {
        let input = |(slot, &dtype): (usize, &DType)| match &self.reading {
            Reading::Quads(steps) if steps[slot] == Step::Next => format!("vec4<{}>", held(dtype)),
            _ => held(dtype).to_owned(),
        };
        self.loads.iter().enumerate().map(input).collect()
    }

    /// `element(q, c0, ...)` at a point that loads for itself.
    pub(crate) fn element(&self) -> String {
        let at = arguments(0..self.layout().rank);
        if self.layout().loads > 0 { format!("element({at}, load({at}))") } else { format!("element({at})") }
    }

    /// `Loads`, and the functions that fill it.
    pub(super) fn loading(&self) -> String {
        let slots = self.layout().loads;
        if slots == 0 {
            return String::new();
        }
        let members: Vec<String> =
            self.loads.iter().enumerate().map(|(slot, dtype)| format!("l{slot}: {}", dtype.wgsl())).collect();
        let head = format!("// What a point loads.\nstruct Loads {{ {} }}\n", members.join(", "));
        head + &match &self.reading {
            Reading::Points => self.load(|slot| format!("in{slot}[{}]", self.place(slot))),
            Reading::Quads(steps) => self.load_quad(steps),
            Reading::Tiles { axis, turned } => self.load_tiled(*axis, turned),
        }
    }

    fn axes(&self) -> Range<usize> {
        0..self.layout().rank
    }

    fn place(&self, slot: usize) -> String {
        affine(&format!("at{slot}"), self.axes())
    }

    /// The function `load`, from what the buffers' elements are called.
    fn load(&self, text: impl Fn(usize) -> String) -> String {
        let values: Vec<String> = (0..self.loads.len()).map(|slot| self.held_as(slot, &text(slot))).collect();
        format!("fn load({}) -> Loads {{\n    return Loads({});\n}}\n\n", parameters(self.axes()), values.join(", "))
    }

    /// A value from how it is held.
    fn held_as(&self, slot: usize, text: &str) -> String {
        if self.loads[slot] == DType::Bool { format!("{text} != 0u") } else { text.to_owned() }
    }

    fn load_quad(&self, steps: &[Step]) -> String {
        let mut body = String::new();
        let last = self.layout().rank - 1;
        for (slot, step) in steps.iter().enumerate() {
            let place = self.place(slot);
            let _ = match step {
                Step::Next => writeln!(body, "    let l{slot} = in{slot}[({place}) / 4u];"),
                Step::Stays => writeln!(body, "    let l{slot} = vec4(in{slot}[{place}]);"),
                Step::Any => {
                    let part = |i: usize| format!("in{slot}[place{slot} + {i}u * q.at{slot}_{last}]");
                    let parts: Vec<String> = (0..4).map(part).collect();
                    writeln!(body, "    let place{slot} = {place};\n    let l{slot} = vec4({});", parts.join(", "))
                }
            };
        }
        let point = |part: &str| {
            let values: Vec<String> =
                (0..steps.len()).map(|slot| self.held_as(slot, &format!("l{slot}.{part}"))).collect();
            format!("Loads({})", values.join(", "))
        };
        let points: Vec<String> = ["x", "y", "z", "w"].map(point).into();
        format!(
            "// What four points that follow each other load.\nstruct Quad {{ p0: Loads, p1: Loads, p2: Loads, p3: Loads }}\n\
             fn load_quad({}) -> Quad {{\n{body}    return Quad({});\n}}\n\n",
            parameters(self.axes()),
            points.join(", ")
        )
    }

    fn load_tiled(&self, axis: usize, turned: &[bool]) -> String {
        let last = self.layout().rank - 1;
        let mut text = String::new();
        let mut body = String::new();
        for (slot, _) in turned.iter().enumerate().filter(|&(_, &turned)| turned) {
            let words = SIDE * STRIDE;
            let _ = writeln!(text, "var<workgroup> tile{slot}: array<{}, {words}>;", held(self.loads[slot]));
            let _ =
                writeln!(body, "            tile{slot}[row * {STRIDE}u + column] = in{slot}[{}];", self.place(slot));
        }
        let _ = writeln!(
            text,
            "// Brings the turned loads of a tile that starts at the given point: neighbouring threads read neighbours.\n\
             fn bring({}, thread: u32) {{\n    \
                 let column = thread % {SIDE}u;\n    \
                 for (var row = thread / {SIDE}u; row < {SIDE}u; row += {}u) {{",
            parameters(self.axes()).replace(" c", " s"),
            256 / SIDE
        );
        for other in self.axes() {
            let _ = match other {
                _ if other == axis => writeln!(text, "        let c{other} = s{other} + column;"),
                _ if other == last => writeln!(text, "        let c{other} = s{other} + row;"),
                _ => writeln!(text, "        let c{other} = s{other};"),
            };
        }
        let _ =
            write!(text, "        if c{axis} < q.n{axis} && c{last} < q.n{last} {{\n{body}        }}\n    }}\n}}\n");
        // Tiles start at multiples of their side.
        text + &self.load(|slot| match turned[slot] {
            true => format!("tile{slot}[c{last} % {SIDE}u * {STRIDE}u + c{axis} % {SIDE}u]"),
            false => format!("in{slot}[{}]", self.place(slot)),
        })
    }
}

/// What a template needs to go over tiles: the point where number `tile` starts, that point as arguments, a `thread`'s point in
/// the tile's `row`, and whether the piece has it.
pub(crate) fn tile_slots(rank: usize, axis: usize) -> [(&'static str, String); 4] {
    let start = arguments(0..rank).replace(", c", ", s");
    [
        ("start tile", tile_start("tile", rank, axis)),
        ("start", start),
        ("point", tile_point(rank, axis)),
        ("inside", tile_inside(rank, axis)),
    ]
}

/// The point where tile number `number` starts: `s0`, `s1`, ...
fn tile_start(number: &str, rank: usize, axis: usize) -> String {
    let last = rank - 1;
    let mut text = String::new();
    let mut rest = number.to_owned();
    for at in (0..rank).rev() {
        let tiled = at == axis || at == last;
        let n = if tiled { format!("((q.n{at} + {}u) / {SIDE}u)", SIDE - 1) } else { format!("q.n{at}") };
        let scale = if tiled { format!(" * {SIDE}u") } else { String::new() };
        if at == 0 {
            let _ = writeln!(text, "let s0 = {rest}{scale};");
        } else {
            let _ = writeln!(text, "let s{at} = {rest} % {n}{scale};\nlet rest{at} = {rest} / {n};");
            rest = format!("rest{at}");
        }
    }
    text
}

/// `c0`, `c1`, ... of the point in the tile's row `row` at `thread`'s column.
fn tile_point(rank: usize, axis: usize) -> String {
    let coordinate = |at: usize| match at {
        _ if at == axis => format!("let c{at} = s{at} + row;\n"),
        _ if at == rank - 1 => format!("let c{at} = s{at} + thread % {SIDE}u;\n"),
        _ => format!("let c{at} = s{at};\n"),
    };
    (0..rank).map(coordinate).collect()
}

/// Whether that point is one of the piece's.
fn tile_inside(rank: usize, axis: usize) -> String {
    let last = rank - 1;
    format!("c{axis} < q.n{axis} && c{last} < q.n{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(dims: &[u64], loads: &[(i64, &[i64])]) -> Piece {
        let access = |&(base, strides): &(i64, &[i64])| Access { base, strides: strides.to_vec() };
        Piece {
            dims: dims.to_vec(),
            out: Access { base: 0, strides: vec![0; dims.len()] },
            loads: loads.iter().enumerate().map(|(i, load)| (i, access(load))).collect(),
            indices: vec![],
        }
    }

    #[test]
    fn quads_start_at_multiples_of_four_and_end_in_padding() {
        let quads = |dims: &[u64], loads: &[(i64, &[i64])]| Reading::quads(&piece(dims, loads), false);
        let all = |steps: &[Step]| Some(Reading::Quads(steps.to_vec()));
        assert_eq!(quads(&[10], &[(0, &[1])]), all(&[Step::Next]));
        assert_eq!(quads(&[8], &[(2, &[1])]), None);
        assert_eq!(quads(&[8], &[(2, &[1]), (4, &[1])]), all(&[Step::Any, Step::Next]));
        assert_eq!(quads(&[10], &[(2, &[1]), (4, &[1])]), None, "the last quad would read outside");
        assert_eq!(quads(&[3, 8], &[(0, &[8, 1]), (0, &[1, 0])]), all(&[Step::Next, Step::Stays]));
        assert_eq!(quads(&[3, 8], &[(0, &[9, 1])]), None);
        assert_eq!(quads(&[3, 6], &[(0, &[8, 1])]), None);
    }

    #[test]
    fn tiles_turn_what_lies_along_another_axis() {
        let x: (i64, &[i64]) = (0, &[100, 1]);
        let turned: (i64, &[i64]) = (0, &[1, 100]);
        let tiles = |loads: &[(i64, &[i64])], bytes| {
            Reading::tiles(&piece(&[100, 100], loads), &[DType::F64, DType::F64], bytes)
        };
        assert_eq!(tiles(&[x, turned], 16 << 10), None);
        assert_eq!(tiles(&[x, turned], 32 << 10), Some(Reading::Tiles { axis: 0, turned: vec![false, true] }));
        assert_eq!(tiles(&[x, x], 32 << 10), None);
        assert_eq!(tiles_of(&piece(&[3, 100, 64], &[]), 1), 3 * 4 * 2);
    }
}
