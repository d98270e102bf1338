//! What a kernel prints for its way of reading: the structure `Loads`, a point's elements, and the functions that fill it.

use std::fmt::Write as _;
use std::ops::Range;

use super::code::Code;
use super::reading::{LoadStep, Reading, SHORT, SIDE, STRIDE};
use super::wgsl::{affine, arguments, held, parameters};
use crate::dtype::DType;
use crate::ops::UnaryOp;
use crate::plan::expr::Inst;

impl Code {
    /// Whether an expression is so quick that the time goes into its loads: then these go together, and the expression is printed
    /// for each of four points. What takes longer is printed once, in a loop over them.
    pub(crate) fn is_short(&self) -> bool {
        let long = |(inst, dtype): (&Inst, &DType)| match inst {
            Inst::Random { .. } | Inst::Call { .. } => true,
            // A function of the library, of dozens of instructions.
            Inst::Unary(op, _) => dtype.is_float() && UnaryOp::info(*op).wgsl.contains("_{t}("),
            Inst::Const { .. } | Inst::Load { .. } | Inst::Index { .. } => false,
            Inst::Binary(..) | Inst::Ternary(..) | Inst::Cast(_) => false,
        };
        self.insts.len() <= SHORT && self.layout().loads > 0 && !self.insts.iter().zip(&self.dtypes).any(long)
    }

    /// The buffers' elements: vectors where quads are read from them.
    pub(crate) fn inputs(&self) -> Vec<String> {
        let input = |slot: usize| match &self.reading {
            Reading::Quads { loads, .. } if loads[slot] == LoadStep::Next => {
                format!("vec4<{}>", held(self.loads[slot]))
            }
            Reading::Points | Reading::Quads { .. } | Reading::Tiles { .. } => held(self.loads[slot]).to_owned(),
        };
        self.first_loads().flat_map(|slot| std::iter::repeat_n(input(slot), self.choices)).collect()
    }

    /// `element(q, c0, ...)` at a point that loads for itself.
    pub(crate) fn element(&self) -> String {
        let at = arguments(0..self.layout().rank);
        if self.is_given() { format!("element({at}, load({at}))") } else { format!("element({at})") }
    }

    /// Whether an element is made of what was loaded, or drawn, before.
    pub(super) fn is_given(&self) -> bool {
        self.layout().loads > 0 || self.block_draws().next().is_some()
    }

    /// `Loads`, and the functions that fill it: also with what is drawn for four points at once.
    pub(super) fn loading(&self) -> String {
        if !self.is_given() {
            return String::new();
        }
        let loads = self.loads.iter().enumerate().map(|(slot, dtype)| format!("l{slot}: {}", dtype.wgsl()));
        let draws = self.block_draws().map(|draw| format!("r{}: {}", draw.at, draw.dtype));
        let members: Vec<String> = loads.chain(draws).collect();
        let head = format!("// What a point loads.\nstruct Loads {{ {} }}\n{}", members.join(", "), self.readers());
        head + &match &self.reading {
            Reading::Points => self.load(|slot| self.read(slot, &self.place(slot))),
            Reading::Quads { .. } => self.load_quad(),
            Reading::Tiles { axis, turned } => self.load_tiled(*axis, turned),
        }
    }

    pub(super) fn axes(&self) -> Range<usize> {
        0..self.layout().rank
    }

    pub(super) fn place(&self, slot: usize) -> String {
        affine(&format!("at{slot}"), self.axes())
    }

    /// The function `load`, from what the buffers' elements are called.
    fn load(&self, text: impl Fn(usize) -> String) -> String {
        let values: Vec<String> = (0..self.loads.len()).map(|slot| self.held_as(slot, &text(slot))).collect();
        format!("fn load({}) -> Loads {{\n    return Loads({});\n}}\n\n", parameters(self.axes()), values.join(", "))
    }

    /// A value from how it is held.
    pub(super) fn held_as(&self, slot: usize, text: &str) -> String {
        if self.loads[slot] == DType::Bool { format!("{text} != 0u") } else { text.to_owned() }
    }

    fn load_tiled(&self, axis: usize, turned: &[bool]) -> String {
        let last = self.layout().rank - 1;
        let mut text = String::new();
        let mut body = String::new();
        for (slot, _) in turned.iter().enumerate().filter(|&(_, &turned)| turned) {
            let words = SIDE * STRIDE;
            let _ = writeln!(text, "var<workgroup> tile{slot}: array<{}, {words}>;", held(self.loads[slot]));
            let read = self.read(slot, &self.place(slot));
            let _ = writeln!(body, "            tile{slot}[row * {STRIDE}u + column] = {read};");
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
            false => self.read(slot, &self.place(slot)),
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
