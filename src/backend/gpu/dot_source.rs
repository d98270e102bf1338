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

/// The shader that computes `c (+)= a · b` for elements of `dtype`, entry point `main`.
///
/// `bool`, `u8`, `u16` are held as `u32`, `i8`, `i16` as `i32`; 64-bit types need the device's feature.
pub(crate) fn source(dtype: DType, tile: Tile) -> String {
    let body = if tile.is_vector() { vector(dtype, tile) } else { tiled(dtype, tile) };
    format!("{}{HEAD}{body}", arithmetic(dtype))
}

/// The shader that adds up the parts of a product.
pub(crate) fn join(dtype: DType) -> String {
    format!("{}{HEAD}{JOIN}", arithmetic(dtype))
}

/// The dtype's part of the source: `Value`, `decode`, `encode`, `sum`.
fn arithmetic(dtype: DType) -> String {
    let value = match dtype {
        DType::Bool | DType::U8 | DType::U16 | DType::U32 => "u32",
        DType::I8 | DType::I16 | DType::I32 => "i32",
        DType::I64 => "i64",
        DType::U64 => "u64",
        DType::F32 => "f32",
        DType::F64 => "f64",
    };
    let decode = if dtype == DType::Bool { "u32(v != 0u)" } else { "v" };
    let encode = match dtype {
        DType::U8 => "v & 0xffu",
        DType::U16 => "v & 0xffffu",
        DType::I8 => "(v << 24u) >> 24u",
        DType::I16 => "(v << 16u) >> 16u",
        DType::Bool | DType::U32 | DType::U64 | DType::I32 | DType::I64 | DType::F32 | DType::F64 => "v",
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

fn tiled(dtype: DType, tile: Tile) -> String {
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
    let quad = |load: &dyn Fn(u32) -> String| {
        let parts: Vec<String> = (0..width).map(load).collect();
        format!("Quad({})", parts.join(", "))
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
    let (mut places, mut load, mut put) = (String::new(), String::new(), String::new());
    for (name, quads, by_line) in [("a", quads_a, "a_by_row"), ("b", quads_b, "!b_by_step")] {
        let units = bk * quads;
        assert!(units.is_multiple_of(threads), "dot: {tile:?} does not share its loads evenly");
        for i in 0..units / threads {
            let (line, step, upper) = (format!("{name}_quad{i}"), format!("{name}_step{i}"), name.to_uppercase());
            let unit = format!("(thread + {}u)", i * threads);
            let _ = writeln!(places, "    let {line} = select({unit} / BK, {unit} % QUADS_{upper}, {by_line});");
            let _ = writeln!(places, "    let {step} = select({unit} % BK, {unit} / QUADS_{upper}, {by_line});");
            let call = match name {
                "a" => format!("load_quad_a(piece, row0 + {line}, STEP + {step})"),
                _ => format!("load_quad_b(piece, STEP + {step}, col0 + {line})"),
            };
            let _ = writeln!(load, "next_{name}{i} = {call};");
            let _ = writeln!(put, "        tile_{name}[{step} * STRIDE_{upper} + {line}] = next_{name}{i};");
        }
    }
    let load_first: String = load.lines().map(|l| format!("    var {}\n", l.replace("STEP", "0u"))).collect();
    let load_next: String = load.lines().map(|l| format!("        {}\n", l.replace("STEP", "step + BK"))).collect();

    let (mut sums, mut store) = (String::new(), String::new());
    for row in 0..tm {
        let (r, i) = (row / width, row % width);
        for s in 0..cols {
            let _ = writeln!(sums, "    var sum{row}_{s} = Quad();");
            let (down, across) = (r * ty + i * quads_a, s * tx);
            let _ = writeln!(store, "    store_quad(piece, row0 + y + {down}u, col0 + x + {across}u, sum{row}_{s});");
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
    consts
        + &fill(
            TILE,
            &[
                ("load_quad_a", &quad(&|i| format!("load_a(piece, row + {}u, step)", i * quads_a))),
                ("load_quad_b", &quad(&|i| format!("load_b(piece, step, col + {}u)", i * quads_b))),
                ("store_quad", &store_quad),
                ("places", &places),
                ("sums", &sums),
                ("load_first", &load_first),
                ("put", &put),
                ("load_next", &load_next),
                ("multiply", &multiply),
                ("store", &store),
            ],
        )
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
                assert!(!source(dtype, tile).contains("{{"), "{tile:?}");
            }
        }
        assert!(!join(DType::U8).contains("{{"));
    }
}
