//! How the operands of a product come to threads: the head of its shader, printed. Elements one by one over any strides, or four that lie
//! next to each other where an operand lies so.

use std::fmt::Write as _;

use super::tile::Tile;

const HEAD: &str = include_str!("../../../shaders/dot.wgsl");

/// Fills a template's `{{name}}` slots.
pub(super) fn fill(template: &str, slots: &[(&str, &str)]) -> String {
    slots.iter().fold(template.to_owned(), |text, (name, code)| {
        text.replace(&format!("{{{{{name}}}}}"), code.trim_end_matches('\n'))
    })
}

/// How an operand is loaded. Its lines are the rows of `a` and the columns of `b`; its steps those along `k`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    /// Element by element.
    #[default]
    One,
    /// Four lines at a step, which lie next to each other.
    Lines,
    /// Four steps of a line.
    Steps,
}

/// Steps from which it is worth it that a thread of matrix · vector loads four: so many that each has that many.
const STEPS: u32 = 4;

impl Way {
    /// How a tile brings an operand of so many lines, whose chunks have these bases, and strides from line to line and from step to step:
    /// four together begin at multiples of four everywhere.
    pub(super) fn of(tile: Tile, lines: u32, steps: u32, mut places: impl Iterator<Item = [u32; 3]> + Clone) -> Self {
        // Of negative strides too: 2³² is a multiple of four.
        let fours = |next: u32, other: u32, only: bool| next == 1 && (only || other.is_multiple_of(4));
        let base = places.clone().all(|[base, ..]| base.is_multiple_of(4));
        let along_lines = places.clone().all(|[_, line, step]| fours(line, step, steps == 1));
        let along_steps = places.all(|[_, line, step]| fours(step, line, lines == 1));
        match (tile.is_vector(), base) {
            (true, true) if along_steps && steps >= STEPS * tile.bk => Self::Steps,
            (false, true) if tile.width() == 4 && along_lines => Self::Lines,
            (false, true) if tile.width() == 4 && along_steps => Self::Steps,
            _ => Self::One,
        }
    }
}

/// In how many chunks the steps of an operand lie, and how they are loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Loads {
    pub(super) chunks: usize,
    pub(super) way: Way,
}

impl Loads {
    /// One chunk, element by element.
    pub(super) const PLAIN: Self = Self { chunks: 1, way: Way::One };

    /// What its chunks are called.
    fn names(self, operand: &str) -> impl Iterator<Item = String> + '_ {
        (0..self.chunks).map(move |i| if self.chunks == 1 { operand.to_owned() } else { format!("{operand}{i}") })
    }

    /// Loads from it, `load` with the chunk's name. Those of one chunk stand together, so that they are under way together; which
    /// chunk, all threads agree on.
    pub(super) fn print(self, operand: &str, load: &str, indent: &str) -> String {
        let lines = |indent: &str, name: &str| -> String {
            load.lines().map(|line| format!("{indent}{}\n", line.replace("CHUNK", name))).collect()
        };
        if self.chunks == 1 {
            return lines(indent, operand);
        }
        let case = |(i, name): (usize, String)| {
            let label = if i == 0 { "default".to_owned() } else { format!("case {i}u") };
            format!("{indent}    {label}: {{\n{}{indent}    }}\n", lines(&format!("{indent}        "), &name))
        };
        let cases: String = self.names(operand).enumerate().map(case).collect();
        format!("{indent}switch from_{operand} {{\n{cases}{indent}}}\n")
    }
}

/// The head: bindings, and the functions that load from each chunk.
pub(super) fn head(operands: [Loads; 2]) -> String {
    let (mut bindings, mut loads, mut binding) = (String::new(), String::new(), 0);
    for (of, (operand, from)) in OPERANDS.iter().zip(["a", "b"].into_iter().zip(operands)) {
        for name in from.names(operand) {
            binding += 1;
            let (ty, load) = match from.way {
                Way::One => ("Value", of.one(&name)),
                Way::Lines | Way::Steps => ("vec4<Value>", of.four(&name, from.way)),
            };
            let _ = writeln!(bindings, "@group(0) @binding({binding}) var<storage, read> {name}: array<{ty}>;");
            let _ = writeln!(loads, "{load}");
        }
    }
    let _ = writeln!(bindings, "@group(0) @binding({}) var<storage, read_write> c: array<Value>;", binding + 1);
    fill(HEAD, &[("bindings", &bindings), ("loads", &loads)])
}

/// What the functions that load from an operand are made of.
struct Operand {
    parameters: [&'static str; 2],
    line: usize,
    inside: &'static str,
    place: &'static str,
}

const OPERANDS: [Operand; 2] = [
    Operand {
        parameters: ["row", "step"],
        line: 0,
        inside: "row < piece.m && step < piece.k",
        place: "piece.a_base + i32(row) * piece.a_rs + i32(step) * piece.a_cs",
    },
    Operand {
        parameters: ["step", "col"],
        line: 1,
        inside: "step < piece.k && col < piece.n",
        place: "piece.b_base + i32(step) * piece.b_rs + i32(col) * piece.b_cs",
    },
];

impl Operand {
    fn start(&self, name: &str, ty: &str) -> String {
        let ([first, second], Self { inside, place, .. }) = (self.parameters, self);
        format!(
            "fn {name}(piece: Piece, {first}: u32, {second}: u32) -> {ty} {{\n    let inside = {inside};\n    \
             let place = {place};\n    "
        )
    }

    fn one(&self, name: &str) -> String {
        let start = self.start(&format!("load_{name}"), "Value");
        format!("{start}return select(Value(), decode({name}[select(0, place, inside)]), inside);\n}}\n")
    }

    /// Four from a multiple of four on. What is beyond the last line comes to outputs that are not stored, steps beyond the last are zero:
    /// the buffer has padding there.
    fn four(&self, name: &str, way: Way) -> String {
        let start = self.start(&format!("load_four_{name}"), "vec4<Value>");
        let inside = match way {
            Way::Steps => "vec4(inside) & (vec4(step) + vec4(0u, 1u, 2u, 3u) < vec4(piece.k))",
            Way::One | Way::Lines => "inside",
        };
        format!(
            "{start}let four = {name}[select(0, place, inside) / 4];\n    \
             let values = vec4(decode(four.x), decode(four.y), decode(four.z), decode(four.w));\n    \
             return select(vec4<Value>(), values, {inside});\n}}\n"
        )
    }
}

/// The functions that load a quad of each chunk, whose lines lie `apart`, element by element.
pub(super) fn load_quads(tile: Tile, operands: [Loads; 2]) -> String {
    let width = tile.width();
    let mut text = String::new();
    let apart = [tile.bm / width, tile.bn / width];
    for ((of, apart), (operand, from)) in OPERANDS.iter().zip(apart).zip(["a", "b"].into_iter().zip(operands)) {
        for name in from.names(operand).filter(|_| from.way == Way::One) {
            let load = |i: u32| {
                let mut at = of.parameters.map(str::to_owned);
                at[of.line] += &format!(" + {}u", i * apart);
                format!("load_{name}(piece, {}, {})", at[0], at[1])
            };
            let loads: Vec<String> = (0..width).map(load).collect();
            let [first, second] = of.parameters;
            let _ = writeln!(
                text,
                "fn load_quad_{name}(piece: Piece, {first}: u32, {second}: u32) -> Quad {{\n    return Quad({});\n}}",
                loads.join(", ")
            );
        }
    }
    text
}

/// How a thread brings its share of an operand's tile: where each of its units lies, what loads it from `CHUNK` at `STEP`, and
/// what puts it into workgroup memory.
#[derive(Default)]
pub(super) struct Brought {
    pub(super) places: String,
    pub(super) vars: String,
    pub(super) loads: String,
    pub(super) put: String,
}

impl Brought {
    /// Of the operand `a` or `b`.
    pub(super) fn new(name: &str, tile: Tile, way: Way) -> Self {
        let mut made = Self::default();
        let quads = if name == "a" { tile.bm } else { tile.bn } / tile.width();
        let (units, threads, upper) = (tile.bk * quads, tile.threads(), name.to_uppercase());
        assert!(units.is_multiple_of(threads), "dot: {tile:?} does not share its loads evenly");
        let by_line =
            if name == "a" { "abs(piece.a_rs) < abs(piece.a_cs)" } else { "abs(piece.b_cs) <= abs(piece.b_rs)" };
        if way == Way::One {
            let _ = writeln!(
                made.places,
                "    // Neighbouring threads follow the shorter stride.\n    let {name}_by_line = {by_line};"
            );
        }
        for i in 0..units / threads {
            let (line, step, next) = (format!("{name}_line{i}"), format!("{name}_step{i}"), format!("next_{name}{i}"));
            let unit = format!("(thread + {}u)", i * threads);
            let (at_line, at_step) = match way {
                Way::One => (
                    format!("select({unit} / BK, {unit} % QUADS_{upper}, {name}_by_line)"),
                    format!("select({unit} % BK, {unit} / QUADS_{upper}, {name}_by_line)"),
                ),
                Way::Lines => (format!("{unit} % QUADS_{upper}"), format!("{unit} / QUADS_{upper}")),
                Way::Steps => (format!("{unit} / (BK / 4u)"), format!("{unit} % (BK / 4u) * 4u")),
            };
            let _ = writeln!(made.places, "    let {line} = {at_line};\n    let {step} = {at_step};");
            let first = if way == Way::Lines { format!("4u * {line}") } else { line.clone() };
            let arguments = match name {
                "a" => format!("row0 + {first}, STEP + {step}"),
                _ => format!("STEP + {step}, col0 + {first}"),
            };
            let load = if way == Way::One { "load_quad_CHUNK" } else { "load_four_CHUNK" };
            let _ = writeln!(made.vars, "    var {next}: Quad;");
            let _ = writeln!(made.loads, "{next} = {load}(piece, {arguments});");
            if way != Way::Steps {
                let _ = writeln!(made.put, "        tile_{name}[{step} * STRIDE_{upper} + {line}] = {next};");
                continue;
            }
            for part in 0..4 {
                let _ = writeln!(
                    made.put,
                    "        tile_{name}[({step} + {part}u) * STRIDE_{upper} + {line} % QUADS_{upper}][{line} / QUADS_{upper}] = {next}[{part}];"
                );
            }
        }
        made
    }
}
