//! WGSL for the matrix product of two chunks: one source per dtype and [`Tile`], and one that adds up parts.
//!
//! The shaders in `shaders/dot*.wgsl` hold everything that reads well as WGSL. Printed here are the dtype's arithmetic
//! and the inner loops, unrolled because WGSL compilers do not do so reliably (gpu.cpp#11: 475 to
//! 1288 GFLOPS from unrolling alone). Strides arrive at run time, so one pipeline serves every layout that is loaded one [`Way`].

use std::fmt::Write as _;

use super::dot_loads::{Brought, Loads, Way, fill, head, load_quads};
use super::tile::Tile;
use crate::dtype::{DType, Kind};

const TILE: &str = include_str!("../../../shaders/dot_tile.wgsl");
const VECTOR: &str = include_str!("../../../shaders/dot_vector.wgsl");
const JOIN: &str = include_str!("../../../shaders/dot_join.wgsl");
/// Where steps lie in several chunks: those of one after those of the other, into the same sums.
const SEGMENT: &str = "    for (var segment = 0u; segment < params[launch.base + 16u]; segment++) {
        let at = 17u + 9u * segment;
        let from_a = params[launch.base + at + 1u];
        let from_b = params[launch.base + at + 5u];
        var piece = whole;
        piece.k = params[launch.base + at];
        piece.a_base = word(at + 2u);
        piece.a_rs = word(at + 3u);
        piece.a_cs = word(at + 4u);
        piece.b_base = word(at + 6u);
        piece.b_rs = word(at + 7u);
        piece.b_cs = word(at + 8u);
";

/// The shader that computes `c (+)= a · b` for elements of `dtype`, entry point `main`.
///
/// `bool`, `u8`, `u16` are held as `u32`, `i8`, `i16` as `i32`; 64-bit types need the device's feature. The operands are loaded so.
pub(crate) fn source(dtype: DType, tile: Tile, operands: [Loads; 2]) -> String {
    let body = if tile.is_vector() { vector(dtype, tile, operands) } else { tiled(dtype, tile, operands) };
    format!("{}{}{body}", arithmetic(dtype), head(operands))
}

/// The shader that adds up the parts of a product.
pub(crate) fn join(dtype: DType) -> String {
    format!("{}{}{JOIN}", arithmetic(dtype), head([Loads::PLAIN; 2]))
}

/// The dtype's part of the source: `Value`, `decode`, `encode`, `sum`.
fn arithmetic(dtype: DType) -> String {
    let value = match dtype {
        DType::Bool | DType::U8 | DType::U16 | DType::U32 => "u32",
        DType::I8 | DType::I16 | DType::I32 => "i32",
        DType::I64 => "i64",
        DType::U64 => "u64",
        // Halves are cast before.
        DType::F16 | DType::BF16 | DType::F32 => "f32",
        DType::F64 => "f64",
    };
    let decode = if dtype == DType::Bool { "u32(v != 0u)" } else { "v" };
    let encode = match dtype {
        DType::U8 => "v & 0xffu",
        DType::U16 => "v & 0xffffu",
        DType::I8 => "(v << 24u) >> 24u",
        DType::I16 => "(v << 16u) >> 16u",
        DType::Bool | DType::U32 | DType::U64 | DType::I32 | DType::I64 => "v",
        DType::F16 | DType::BF16 | DType::F32 | DType::F64 => "v",
    };
    let sum = if dtype == DType::Bool { "x | y" } else { "x + y" };
    format!(
        "alias Value = {value};\n\
         fn decode(v: Value) -> Value {{ return {decode}; }}\n\
         fn encode(v: Value) -> Value {{ return {encode}; }}\n\
         fn sum(x: Value, y: Value) -> Value {{ return {sum}; }}\n\n"
    )
}

/// `acc = acc + x * y`, in one rounding for floats.
fn multiply_add(dtype: DType, acc: &str, x: &str, y: &str) -> String {
    match dtype.kind() {
        Kind::Float => format!("{acc} = fma({x}, {y}, {acc});"),
        Kind::Bool => format!("{acc} |= {x} & {y};"),
        Kind::Unsigned | Kind::Signed => format!("{acc} += {x} * {y};"),
    }
}

/// What stands between the template's marks, once or for each segment.
fn segmented(text: &str, several: bool) -> String {
    let mut parts = text.split("{{segments}}\n");
    let [before, body, after] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    let indented = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
    match several {
        true => format!("{before}{SEGMENT}{}    }}\n{after}", body.lines().map(indented).collect::<String>()),
        false => [before, body, after].concat(),
    }
}

fn tiled(dtype: DType, tile: Tile, operands: [Loads; 2]) -> String {
    let Tile { bm, bn, bk, tm, tn } = tile;
    let width = tile.width();
    let (stride_a, stride_b) = tile.strides(dtype);
    let (quads_a, quads_b) = (bm / width, bn / width);
    let (rows, cols) = (tm / width, tn / width);
    let (tx, ty) = (bn / tn, bm / tm);
    // Component of a quad, with its line's distance from the quad's first.
    let part = |i: u32| {
        if width == 1 { "" } else { [".x", ".y", ".z", ".w"][i as usize] }
    };
    let mut consts = String::from("\n");
    let quad_type = if width == 1 { "Value" } else { "vec4<Value>" };
    let _ = writeln!(consts, "alias Quad = {quad_type};");
    for (name, value) in [
        ("BM", bm),
        ("BN", bn),
        ("BK", bk),
        ("TM", tm),
        ("TN", tn),
        ("WIDTH", width),
        ("STRIDE_A", stride_a),
        ("STRIDE_B", stride_b),
    ] {
        let _ = writeln!(consts, "const {name} = {value}u;");
    }

    let [a, b] = [("a", operands[0]), ("b", operands[1])].map(|(name, from)| Brought::new(name, tile, from.way));
    let load = |indent: &str, step: &str| -> String {
        let of = |from: Loads, name, made: &Brought| from.print(name, &made.loads.replace("STEP", step), indent);
        of(operands[0], "a", &a) + &of(operands[1], "b", &b)
    };
    let load_first = [&a.vars, &b.vars, &load("    ", "0u")].map(String::as_str).concat();

    let several = operands.iter().any(|from| from.chunks > 1);
    let whole = if several { "whole" } else { "piece" };
    // A quad's lines: next to each other, or spread over the tile so that neighbouring threads have neighbours.
    let spread = |from: Loads, quads: u32| if from.way == Way::Lines { (4, 1) } else { (1, quads) };
    let ((each_a, apart_a), (each_b, apart_b)) = (spread(operands[0], quads_a), spread(operands[1], quads_b));
    let (mut sums, mut store) = (String::new(), String::new());
    for row in 0..tm {
        let (r, i) = (row / width, row % width);
        for s in 0..cols {
            let _ = writeln!(sums, "    var sum{row}_{s} = Quad();");
            let (down, across) = (each_a * r * ty + i * apart_a, each_b * s * tx);
            let (y, x) = (scaled("y", each_a), scaled("x", each_b));
            let _ =
                writeln!(store, "    store_quad({whole}, row0 + {y} + {down}u, col0 + {x} + {across}u, sum{row}_{s});");
        }
    }

    let mut multiply = String::new();
    for step in 0..bk {
        let _ = writeln!(multiply, "        {{");
        for r in 0..rows {
            let _ = writeln!(multiply, "            let a{r} = tile_a[y + {}u];", step * stride_a + r * ty);
        }
        for s in 0..cols {
            let _ = writeln!(multiply, "            let b{s} = tile_b[x + {}u];", step * stride_b + s * tx);
        }
        for row in 0..tm {
            let x = format!("Quad(a{}{})", row / width, part(row % width));
            for s in 0..cols {
                let line = multiply_add(dtype, &format!("sum{row}_{s}"), &x, &format!("b{s}"));
                let _ = writeln!(multiply, "            {line}");
            }
        }
        let _ = writeln!(multiply, "        }}");
    }

    let store_quad: String =
        (0..width).map(|i| format!("    store(piece, row, col + {}u, products{});\n", i * apart_b, part(i))).collect();
    let text = fill(
        TILE,
        &[
            ("load_quads", &load_quads(tile, operands)),
            ("whole", &format!("    let {whole} = read_piece(tile);")),
            ("store_quad", &store_quad),
            ("places", &(a.places.clone() + &b.places)),
            ("sums", &sums),
            ("load_first", &load_first),
            ("put", &(a.put.clone() + &b.put)),
            ("load_next", &load("        ", "step + BK")),
            ("multiply", &multiply),
            ("store", &store),
        ],
    );
    consts + &segmented(&text, several)
}

/// A multiple of a variable.
fn scaled(name: &str, by: u32) -> String {
    if by == 1 { name.to_owned() } else { format!("{by}u * {name}") }
}

fn vector(dtype: DType, tile: Tile, operands: [Loads; 2]) -> String {
    let lines = tile.bm.max(tile.bn);
    // b is the vector when c is one column.
    let (line_stride, step_stride, row, col) = if tile.bn == 1 {
        ("piece.a_rs", "piece.a_cs", "tile_row(tile) * LINES + line", "tile.x")
    } else {
        ("piece.b_cs", "piece.b_rs", "tile_row(tile)", "tile.x * LINES + line")
    };
    let several = operands.iter().any(|from| from.chunks > 1);
    // Four steps of a thread follow each other where one operand has them as a vector, else those of all threads do.
    let fours = operands.iter().any(|from| from.way == Way::Steps);
    let (each, next) = if fours { ("4u * ", "") } else { ("", " * LANES") };
    let mut multiply = String::new();
    for (name, from) in [("a", operands[0]), ("b", operands[1])] {
        let at = |step: &str| if name == "a" { format!("row, {step}") } else { format!("{step}, col") };
        let load = match from.way {
            Way::Steps => format!("four_{name} = load_four_CHUNK(piece, {});\n", at("step")),
            Way::One | Way::Lines => {
                let load = |i: usize| format!("load_CHUNK(piece, {})", at(&format!("step + {i}u{next}")));
                format!("four_{name} = vec4({});\n", (0..4).map(load).collect::<Vec<_>>().join(", "))
            }
        };
        multiply += &format!("        var four_{name}: vec4<Value>;\n{}", from.print(name, &load, "        "));
    }
    for (i, part) in ["x", "y", "z", "w"].into_iter().enumerate() {
        let line = multiply_add(dtype, &format!("s{i}"), &format!("four_a.{part}"), &format!("four_b.{part}"));
        let _ = writeln!(multiply, "        {line}");
    }
    let mut tree = String::new();
    let mut half = tile.bk / 2;
    while half > 0 {
        let _ = writeln!(
            tree,
            "    if lane < {half}u {{\n        \
                 let at = line * LANES + lane;\n        \
                 partial[at] = sum(partial[at], partial[at + {half}u]);\n    }}\n    \
             workgroupBarrier();"
        );
        half /= 2;
    }
    let consts = format!("\nconst LINES = {lines}u;\nconst LANES = {}u;\n", tile.bk);
    let whole = if several { "whole" } else { "piece" };
    let text = fill(
        VECTOR,
        &[
            ("read", &format!("    let {whole} = read_piece(tile);")),
            ("whole", whole),
            ("line_stride", &line_stride.replace("piece", whole)),
            ("step_stride", &step_stride.replace("piece", whole)),
            ("row", row),
            ("col", col),
            ("each", each),
            ("multiply", &multiply),
            ("tree", &tree),
        ],
    );
    consts + &segmented(&text, several)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_slot_is_left_empty() {
        for tile in Tile::SHAPES.into_iter().chain([1, 8, 256].map(Tile::rows)).chain([1, 8, 256].map(Tile::cols)) {
            for dtype in [DType::Bool, DType::F32, DType::F64] {
                for chunks in [[1, 1], [1, 3], [4, 2]] {
                    for ways in [[Way::One; 2], [Way::Steps, Way::One], [Way::One, Way::Steps]] {
                        let operands = [0, 1].map(|i| Loads { chunks: chunks[i], way: ways[i] });
                        assert!(!source(dtype, tile, operands).contains("{{"), "{tile:?}");
                    }
                }
            }
        }
        assert!(!join(DType::U8).contains("{{"));
    }
}
