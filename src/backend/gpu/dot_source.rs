//! WGSL for the matrix product of two chunks: one source per dtype and [`Tile`], and one that adds up parts.
//!
//! The shaders in `shaders/dot*.wgsl` hold everything that reads well as WGSL. Printed here are the dtype's arithmetic
//! and the inner loops, unrolled because WGSL compilers do not do so reliably (gpu.cpp#11: 475 to
//! 1288 GFLOPS from unrolling alone). Strides arrive at run time, so one pipeline serves every layout.

use std::fmt::Write as _;

use super::tile::Tile;
use crate::dtype::{DType, Kind};

const HEAD: &str = include_str!("../../../shaders/dot.wgsl");
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
/// `bool`, `u8`, `u16` are held as `u32`, `i8`, `i16` as `i32`; 64-bit types need the device's feature. Operands lie in so many `chunks`
/// each: of matrix · vector in one.
pub(crate) fn source(dtype: DType, tile: Tile, chunks: Chunks) -> String {
    let body = if tile.is_vector() { vector(dtype, tile) } else { tiled(dtype, tile, chunks) };
    format!("{}{}{body}", arithmetic(dtype), head(chunks))
}

/// In how many chunks the steps of `a` and of `b` lie.
pub(crate) type Chunks = [usize; 2];

/// What the chunks of an operand are called.
fn names(operand: &str, chunks: usize) -> impl Iterator<Item = String> + '_ {
    (0..chunks).map(move |i| if chunks == 1 { operand.to_owned() } else { format!("{operand}{i}") })
}

/// The head: bindings, and the loads of each chunk.
fn head([a, b]: Chunks) -> String {
    let (mut bindings, mut loads) = (String::new(), String::new());
    for (i, name) in names("a", a).chain(names("b", b)).enumerate() {
        let _ = writeln!(bindings, "@group(0) @binding({}) var<storage, read> {name}: array<Value>;", i + 1);
        let (parameters, inside, place) = if i < a {
            (
                "row: u32, step: u32",
                "row < piece.m && step < piece.k",
                "a_base + i32(row) * piece.a_rs + i32(step) * piece.a_cs",
            )
        } else {
            (
                "step: u32, col: u32",
                "step < piece.k && col < piece.n",
                "b_base + i32(step) * piece.b_rs + i32(col) * piece.b_cs",
            )
        };
        let _ = writeln!(
            loads,
            "fn load_{name}(piece: Piece, {parameters}) -> Value {{\n    let inside = {inside};\n    \
             let place = piece.{place};\n    \
             return select(Value(), decode({name}[select(0, place, inside)]), inside);\n}}\n"
        );
    }
    let _ = writeln!(bindings, "@group(0) @binding({}) var<storage, read_write> c: array<Value>;", a + b + 1);
    fill(HEAD, &[("bindings", &bindings), ("loads", &loads)])
}

/// The shader that adds up the parts of a product.
pub(crate) fn join(dtype: DType) -> String {
    format!("{}{}{JOIN}", arithmetic(dtype), head([1, 1]))
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

/// Fills a template's `{{name}}` slots.
fn fill(template: &str, slots: &[(&str, &str)]) -> String {
    slots.iter().fold(template.to_owned(), |text, (name, code)| {
        text.replace(&format!("{{{{{name}}}}}"), code.trim_end_matches('\n'))
    })
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

/// The functions that load a quad of each chunk.
fn load_quads(tile: Tile, chunks: Chunks) -> String {
    let width = tile.width();
    let mut text = String::new();
    for (name, apart, parameters, of) in names("a", chunks[0])
        .map(|name| (name, tile.bm / width, "row: u32, step: u32", ["row", "step"]))
        .chain(names("b", chunks[1]).map(|name| (name, tile.bn / width, "step: u32, col: u32", ["step", "col"])))
    {
        let moved = |at: &str, i: u32| if at == "step" { at.to_owned() } else { format!("{at} + {}u", i * apart) };
        let load = |i: u32| format!("load_{name}(piece, {}, {})", moved(of[0], i), moved(of[1], i));
        let loads: Vec<String> = (0..width).map(load).collect();
        let _ = writeln!(
            text,
            "fn load_quad_{name}(piece: Piece, {parameters}) -> Quad {{\n    return Quad({});\n}}",
            loads.join(", ")
        );
    }
    text
}

/// The loads from an operand, `load` with the chunk's name. Those of one chunk stand together, so that they are under way together; which
/// chunk, all threads agree on.
fn loads_of(operand: &str, chunks: usize, load: &str, indent: &str) -> String {
    let lines = |indent: &str, name: &str| -> String {
        load.lines().map(|line| format!("{indent}{}\n", line.replace("CHUNK", name))).collect()
    };
    if chunks == 1 {
        return lines(indent, operand);
    }
    let case = |(i, name): (usize, String)| {
        let label = if i == 0 { "default".to_owned() } else { format!("case {i}u") };
        format!("{indent}    {label}: {{\n{}{indent}    }}\n", lines(&format!("{indent}        "), &name))
    };
    let cases: String = names(operand, chunks).enumerate().map(case).collect();
    format!("{indent}switch from_{operand} {{\n{cases}{indent}}}\n")
}

fn tiled(dtype: DType, tile: Tile, chunks: Chunks) -> String {
    let Tile { bm, bn, bk, tm, tn } = tile;
    let (width, threads) = (tile.width(), tile.threads());
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

    // Quads brought by each thread: unit e of each operand's bk * quads.
    let (mut places, mut put, mut next) = (String::new(), String::new(), String::new());
    // What is loaded from a chunk of each.
    let mut loads = [String::new(), String::new()];
    for (operand, (name, quads, by_line)) in
        [("a", quads_a, "a_by_row"), ("b", quads_b, "!b_by_step")].into_iter().enumerate()
    {
        let units = bk * quads;
        assert!(units.is_multiple_of(threads), "dot: {tile:?} does not share its loads evenly");
        for i in 0..units / threads {
            let (line, step, upper) = (format!("{name}_quad{i}"), format!("{name}_step{i}"), name.to_uppercase());
            let unit = format!("(thread + {}u)", i * threads);
            let _ = writeln!(places, "    let {line} = select({unit} / BK, {unit} % QUADS_{upper}, {by_line});");
            let _ = writeln!(places, "    let {step} = select({unit} % BK, {unit} / QUADS_{upper}, {by_line});");
            let arguments = match name {
                "a" => format!("row0 + {line}, STEP + {step}"),
                _ => format!("STEP + {step}, col0 + {line}"),
            };
            let _ = writeln!(next, "    var next_{name}{i}: Quad;");
            let _ = writeln!(loads[operand], "next_{name}{i} = load_quad_CHUNK(piece, {arguments});");
            let _ = writeln!(put, "        tile_{name}[{step} * STRIDE_{upper} + {line}] = next_{name}{i};");
        }
    }
    let load = |indent: &str, step: &str| -> String {
        let of =
            |operand: usize, name: &str| loads_of(name, chunks[operand], &loads[operand].replace("STEP", step), indent);
        of(0, "a") + &of(1, "b")
    };
    let (load_first, load_next) = (next + &load("    ", "0u"), load("        ", "step + BK"));

    let several = chunks != [1, 1];
    let whole = if several { "whole" } else { "piece" };
    let (mut sums, mut store) = (String::new(), String::new());
    for row in 0..tm {
        let (r, i) = (row / width, row % width);
        for s in 0..cols {
            let _ = writeln!(sums, "    var sum{row}_{s} = Quad();");
            let (down, across) = (r * ty + i * quads_a, s * tx);
            let _ = writeln!(store, "    store_quad({whole}, row0 + y + {down}u, col0 + x + {across}u, sum{row}_{s});");
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
        (0..width).map(|i| format!("    store(piece, row, col + {}u, products{});\n", i * quads_b, part(i))).collect();
    let text = fill(
        TILE,
        &[
            ("load_quads", &load_quads(tile, chunks)),
            ("whole", &format!("    let {whole} = read_piece(tile);")),
            ("store_quad", &store_quad),
            ("places", &places),
            ("sums", &sums),
            ("load_first", &load_first),
            ("put", &put),
            ("load_next", &load_next),
            ("multiply", &multiply),
            ("store", &store),
        ],
    );
    consts + &segmented(&text, several)
}

fn vector(dtype: DType, tile: Tile) -> String {
    let lines = tile.bm.max(tile.bn);
    // b is the vector when c is one column.
    let (line_stride, step_stride, row, col) = if tile.bn == 1 {
        ("piece.a_rs", "piece.a_cs", "tile_row(tile) * LINES + line", "tile.x")
    } else {
        ("piece.b_cs", "piece.b_rs", "tile_row(tile)", "tile.x * LINES + line")
    };
    let mut multiply = String::new();
    for i in 0..4 {
        let step = format!("step + {i}u * LANES");
        let (x, y) = (format!("load_a(piece, row, {step})"), format!("load_b(piece, {step}, col)"));
        let _ = writeln!(multiply, "        {}", multiply_add(dtype, &format!("s{i}"), &x, &y));
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
    consts
        + &fill(
            VECTOR,
            &[
                ("line_stride", line_stride),
                ("step_stride", step_stride),
                ("row", row),
                ("col", col),
                ("multiply", &multiply),
                ("tree", &tree),
            ],
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_slot_is_left_empty() {
        for tile in Tile::SHAPES.into_iter().chain([1, 8, 256].map(Tile::rows)).chain([1, 8, 256].map(Tile::cols)) {
            for dtype in [DType::Bool, DType::F32, DType::F64] {
                for chunks in [[1, 1], [1, 3], [4, 2]] {
                    let chunks = if tile.is_vector() { [1, 1] } else { chunks };
                    assert!(!source(dtype, tile, chunks).contains("{{"), "{tile:?}");
                }
            }
        }
        assert!(!join(DType::U8).contains("{{"));
    }
}
