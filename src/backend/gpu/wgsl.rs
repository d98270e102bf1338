//! Prints a fused expression as WGSL: the function `element`, which the templates call for each point.

use std::fmt::Write as _;

use super::compose::Library;
use super::params::Layout;
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};
use crate::ops::random::per_block;
use crate::ops::{BinaryClass, BinaryOp, RandomOp, TernaryOp, UnaryOp};
use crate::plan::capability::Capabilities;
use crate::plan::expr::{Inst, Program, ValueId};

/// All of a program that its WGSL depends on: the part of it that pipelines are cached by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Code {
    insts: Vec<Inst>,
    dtypes: Vec<DType>,
    outputs: Vec<ValueId>,
    loads: Vec<DType>,
    functions: Vec<Function>,
    layout: Layout,
}

/// A user's function: its name and source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Function {
    name: String,
    wgsl: String,
}

/// How a value of the dtype is held in a buffer.
pub(crate) fn held(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "u32",
        _ => dtype.wgsl(),
    }
}

/// The value as it is held in a buffer.
pub(crate) fn to_held(dtype: DType, value: &str) -> String {
    match dtype {
        DType::Bool => format!("u32({value})"),
        _ => value.to_owned(),
    }
}

/// The suffix of the library's functions for the dtype: narrow integers use those of the word they are held in.
fn suffix(dtype: DType) -> &'static str {
    dtype.wgsl()
}

/// Whether values of the dtype are held in a wider word.
fn narrow(dtype: DType) -> bool {
    dtype.is_integer() && dtype.size() < 4
}

/// Declares the buffers: `in0`, `in1`, ... and `out0`, ... of the given element types, and the launch.
pub(crate) fn bindings(inputs: &[&str], outputs: &[&str]) -> String {
    let mut text = "@group(0) @binding(0) var<storage, read> params: array<u32>;\n".to_owned();
    let reads = inputs.iter().enumerate().map(|(i, ty)| ("read", format!("in{i}"), ty));
    let writes = outputs.iter().enumerate().map(|(i, ty)| ("read_write", format!("out{i}"), ty));
    for (binding, (access, name, ty)) in reads.chain(writes).enumerate() {
        let binding = binding + 1;
        let _ = writeln!(text, "@group(0) @binding({binding}) var<storage, {access}> {name}: array<{ty}>;");
    }
    text + "struct Launch { base: u32 }\nvar<immediate> launch: Launch;\n"
}

/// `let c0 = ...; let c1 = ...;`: the coordinates along `axes` of the point with the linear number `number`.
pub(crate) fn coordinates(layout: &Layout, number: &str, axes: std::ops::Range<usize>) -> String {
    let mut text = String::new();
    let mut rest = number.to_owned();
    for axis in axes.clone().skip(1).rev() {
        let dim = layout.dim(axis);
        let _ = writeln!(text, "let c{axis} = {rest} % params[p + {dim}u];");
        let _ = writeln!(text, "let rest{axis} = {rest} / params[p + {dim}u];");
        rest = format!("rest{axis}");
    }
    if !axes.is_empty() {
        let _ = writeln!(text, "let c{} = {rest};", axes.start);
    }
    text
}

/// `c0, c1, ...`
pub(crate) fn arguments(axes: std::ops::Range<usize>) -> String {
    axes.map(|axis| format!("c{axis}")).collect::<Vec<_>>().join(", ")
}

impl Code {
    /// The program's code for pieces of `rank` axes, in a kernel with `header` words of its own.
    pub(crate) fn new(program: &Program, rank: usize, header: usize) -> Self {
        let functions =
            program.functions.iter().map(|f| Function { name: f.name.clone(), wgsl: f.wgsl.clone() }).collect();
        Self {
            insts: program.insts.clone(),
            dtypes: program.dtypes.clone(),
            outputs: program.outputs.clone(),
            loads: program.loads.clone(),
            functions,
            layout: Layout {
                header,
                rank,
                loads: program.loads.len(),
                indices: usize::from(program.indices),
                consts: program.consts.len(),
            },
        }
    }

    /// Where a launch's words are.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }
    /// The dtype of output number `i`.
    pub(crate) fn output(&self, i: usize) -> DType {
        self.outputs.get(i).map_or(DType::Bool, |&v| self.dtypes[usize::from(v)])
    }
    /// How the loads' buffers hold their elements.
    pub(crate) fn inputs(&self) -> Vec<&'static str> {
        self.loads.iter().map(|&dtype| held(dtype)).collect()
    }
    /// Whether it has source that the crate did not write.
    pub(crate) fn has_user_source(&self) -> bool {
        !self.functions.is_empty()
    }
    /// Points that follow each other for one thread: elements next to each other share a block of random words.
    pub(crate) fn run(&self) -> u32 {
        let random = self.insts.iter().any(|inst| matches!(inst, Inst::Random { .. }));
        if random { 4 } else { 1 }
    }

    /// Elements that one thread may look at: so many that it ends within the loop iterations that Mesa's software driver grants
    /// (65535 an invocation, and then goes on with what it has), and within the time that drivers grant.
    pub(crate) fn most_elements(&self) -> u64 {
        let loops = |inst: &Inst, dtype: DType| match inst {
            // Long division, bit by bit.
            Inst::Binary(BinaryOp::Rem | BinaryOp::FloorMod | BinaryOp::FloorDiv, ..) if dtype == DType::F32 => 160,
            Inst::Binary(BinaryOp::Rem | BinaryOp::FloorMod | BinaryOp::FloorDiv, ..) if dtype == DType::F64 => 1100,
            Inst::Binary(BinaryOp::Powi, ..) => 32,
            Inst::Random { op: RandomOp::Below, .. } => 8,
            Inst::Call { .. } => 500,
            _ => 0,
        };
        // The loops over the elements themselves, and a search among a histogram's edges.
        let own = 2 + 24;
        let all: u64 = self.insts.iter().zip(&self.dtypes).map(|(inst, &dtype)| loops(inst, dtype)).sum();
        (60_000 / (own + all)).max(8)
    }

    /// `RUN`, the structure `Element` with the outputs as fields of the given names, and the function `element`.
    ///
    /// # Errors
    /// [`Error::Bug`] for a program that the tables do not allow.
    pub(crate) fn print(&self, fields: &[&str], caps: &Capabilities) -> Result<String> {
        if fields.len() != self.outputs.len() {
            return Err(Error::bug(format!("{} outputs for the fields {fields:?}", self.outputs.len())));
        }
        let layout = &self.layout;
        let mut text = format!("const RUN = {}u;\n\n", self.run());
        for function in &self.functions {
            let _ = writeln!(text, "{}\n", function.wgsl.trim());
        }
        let members: Vec<String> =
            fields.iter().enumerate().map(|(i, name)| format!("{name}: {}", self.output(i).wgsl())).collect();
        let _ = writeln!(text, "struct Element {{ {} }}\n", members.join(", "));

        let mut body = String::new();
        for slot in 0..layout.loads {
            let at = affine((0..=layout.rank).map(|word| format!("params[p + {}u]", layout.load(slot, word))));
            let _ = writeln!(body, "    let at{slot} = {at};");
        }
        for slot in 0..layout.indices {
            let _ = write!(body, "{}", self.index(slot));
        }
        for at in 0..self.insts.len() {
            let (before, value) = self.inst(at, caps)?;
            for line in before.iter().filter(|line| line.starts_with("var<private>")) {
                let _ = writeln!(text, "{line}");
            }
            for line in before.iter().filter(|line| !line.starts_with("var<private>")) {
                let _ = writeln!(body, "    {line}");
            }
            let _ = writeln!(body, "    let v{at} = {value};");
        }
        let outputs: Vec<String> = self.outputs.iter().map(|v| format!("v{v}")).collect();
        let _ = writeln!(
            text,
            "fn element({}) -> Element {{\n    let p = launch.base;\n{body}    return Element({});\n}}",
            parameters(0..layout.rank),
            outputs.join(", ")
        );
        Ok(text)
    }

    /// The function `place`: where results go, by the coordinates along the given axes.
    pub(crate) fn print_place(&self, axes: std::ops::Range<usize>) -> String {
        let words = std::iter::once(0).chain(axes.clone().map(|axis| 1 + axis));
        let place = affine(words.map(|word| format!("params[launch.base + {}u]", self.layout.out(word))));
        format!("\nfn place({}) -> u32 {{\n    return {place};\n}}\n", parameters(axes))
    }

    /// The low word of an index where only that is needed, and the pair of words.
    fn index(&self, slot: usize) -> String {
        let layout = &self.layout;
        let uses = |wide: bool| {
            self.insts.iter().zip(&self.dtypes).any(|(inst, &dtype)| match inst {
                Inst::Index { slot: s } => usize::from(*s) == slot && (dtype == DType::I64) == wide,
                Inst::Random { slot: s, .. } => usize::from(*s) == slot && wide,
                _ => false,
            })
        };
        let mut text = String::new();
        if uses(true) {
            let word = |word: usize| {
                let at = layout.index(slot, word);
                format!("vec2(params[p + {at}u], params[p + {}u])", at + 1)
            };
            let mut sum = word(0);
            for axis in 0..layout.rank {
                sum = format!("pair_add({sum}, pair_scale({}, c{axis}))", word(1 + axis));
            }
            let _ = writeln!(text, "    let index{slot} = {sum};");
        }
        if uses(false) {
            let low = affine((0..=layout.rank).map(|word| format!("params[p + {}u]", layout.index(slot, word))));
            let _ = writeln!(text, "    let low{slot} = {low};");
        }
        text
    }

    /// The value of an instruction, and lines that go before it.
    fn inst(&self, at: usize, caps: &Capabilities) -> Result<(Vec<String>, String)> {
        let dtype = self.dtypes[at];
        let layout = &self.layout;
        let of = |v: ValueId| self.dtypes[usize::from(v)];
        let row = |text: &str, from: DType, operands: &[(&str, String)]| -> Result<String> {
            let text = fill(text, suffix(from), operands, caps)?;
            Ok(if narrow(dtype) { format!("wrap_{dtype}({text})") } else { text })
        };
        let value = match &self.insts[at] {
            Inst::Const { slot } => {
                let word = layout.constant(usize::from(*slot));
                let pair = format!("vec2(params[p + {word}u], params[p + {}u])", word + 1);
                let low = format!("params[p + {word}u]");
                match dtype {
                    DType::Bool => format!("{low} != 0u"),
                    DType::F32 => format!("bitcast<f32>({low})"),
                    DType::F64 => format!("bitcast<f64>(u64_of({pair}))"),
                    DType::I64 => format!("i64_of({pair})"),
                    DType::U64 => format!("u64_of({pair})"),
                    _ if dtype.is_signed() => format!("i32({low})"),
                    _ => low,
                }
            }
            Inst::Load { slot } if dtype == DType::Bool => format!("in{slot}[at{slot}] != 0u"),
            Inst::Load { slot } => format!("in{slot}[at{slot}]"),
            Inst::Index { slot } if dtype == DType::I32 => format!("i32(low{slot})"),
            Inst::Index { slot } if dtype == DType::I64 => format!("i64_of(index{slot})"),
            Inst::Index { .. } => return Err(Error::bug(format!("an index of dtype {dtype}"))),
            Inst::Random { op, slot, spec } => return self.random(at, *op, *slot, usize::from(*spec)),
            Inst::Unary(UnaryOp::CountOnes, x) if narrow(of(*x)) => {
                // Without the copies of the sign bit.
                let bits = (1u32 << (8 * of(*x).size())) - 1;
                format!("count_ones_u32(u32(v{x}) & {bits:#x}u)")
            }
            Inst::Unary(op, x) => row(op.info().wgsl, of(*x), &[("{x}", format!("v{x}"))])?,
            // WGSL's `!=` is false for NaN on some drivers.
            Inst::Binary(BinaryOp::Ne, x, y) if of(*x).is_float() => format!("!(v{x} == v{y})"),
            Inst::Binary(op, x, y) => {
                let bools = op.info().class == BinaryClass::Compare && of(*x) == DType::Bool;
                let text = |v: ValueId| if bools { format!("u32(v{v})") } else { format!("v{v}") };
                row(op.info().wgsl, of(*x), &[("{x}", text(*x)), ("{y}", text(*y))])?
            }
            Inst::Ternary(TernaryOp::Where, [x, y, z]) => format!("select(v{z}, v{y}, v{x})"),
            Inst::Ternary(op, [x, y, z]) => {
                let operands = [("{x}", format!("v{x}")), ("{y}", format!("v{y}")), ("{z}", format!("v{z}"))];
                row(op.info().wgsl, of(*x), &operands)?
            }
            Inst::Cast(x) => cast(of(*x), dtype, &format!("v{x}")),
            Inst::Call { function, args } => {
                let function = self
                    .functions
                    .get(usize::from(*function))
                    .ok_or_else(|| Error::bug(format!("no function {function} in a program")))?;
                let args: Vec<String> = args.iter().map(|v| format!("v{v}")).collect();
                let text = format!("{}({})", function.name, args.join(", "));
                if narrow(dtype) { format!("wrap_{dtype}({text})") } else { text }
            }
        };
        Ok((Vec::new(), value))
    }

    /// A random draw. The values of the last block are kept for the elements that share it.
    fn random(&self, at: usize, op: RandomOp, slot: u16, spec: usize) -> Result<(Vec<String>, String)> {
        let dtype = self.dtypes[at];
        if !op.dtypes().contains(&dtype) {
            return Err(Error::bug(format!("random.{} of dtype {dtype}", op.name())));
        }
        let word = |word: usize| format!("params[p + {}u]", self.layout.random(spec, word));
        let lanes = per_block(dtype);
        // The integers below a bound are made of the block's words.
        let made = if op == RandomOp::Below { RandomOp::Bits } else { op };
        let index = format!("index{slot}");
        let lines = vec![
            // No index has such a block.
            format!("var<private> held_block{at}: vec2<u32> = vec2(0xffffffffu);"),
            format!("var<private> held{at}: vec{lanes}<{dtype}>;"),
            format!("let spec{at} = Spec(vec2({}, {}), {});", word(0), word(1), word(2)),
            format!("let block{at} = block_of_{lanes}({index});"),
            format!("if any(held_block{at} != block{at}) {{"),
            format!("    held_block{at} = block{at};"),
            format!("    held{at} = {}_{dtype}(spec{at}, block{at});", made.name()),
            "}".to_owned(),
        ];
        let value = match (op, dtype) {
            (RandomOp::Below, DType::U32) => {
                format!("below_u32(spec{at}, block{at}, held{at}, {index}.x, {}, {})", word(3), word(5))
            }
            (RandomOp::Below, _) => {
                let pair = |low: usize| format!("u64_of(vec2({}, {}))", word(low), word(low + 1));
                format!("below_u64(spec{at}, block{at}, held{at}, {index}.x, {}, {})", pair(3), pair(6))
            }
            _ => format!("pick_{dtype}(held{at}, {index}.x)"),
        };
        Ok((lines, value))
    }
}

/// `c0: u32, c1: u32, ...`
fn parameters(axes: std::ops::Range<usize>) -> String {
    axes.map(|axis| format!("c{axis}: u32")).collect::<Vec<_>>().join(", ")
}

/// `base + c0 * stride0 + ...`
fn affine(words: impl Iterator<Item = String>) -> String {
    let terms: Vec<String> =
        words.enumerate().map(|(i, word)| if i == 0 { word } else { format!("c{} * {word}", i - 1) }).collect();
    terms.join(" + ")
}

/// A row's text with its operands, for the functions of suffix `t`, which must be in the library.
fn fill(text: &str, t: &str, operands: &[(&str, String)], caps: &Capabilities) -> Result<String> {
    for (at, _) in text.match_indices("_{t}") {
        let start = text[..at].rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |i| i + 1);
        let name = format!("{}_{t}", &text[start..at]);
        if !Library::of(caps).has(&name) {
            return Err(Error::bug(format!("shaders/lib has no function {name}, which {text:?} calls")));
        }
    }
    Ok(operands.iter().fold(text.replace("{t}", t), |text, (slot, operand)| text.replace(slot, operand)))
}

/// A conversion: integers wrap, float to integer saturates with NaN to 0, nonzero is true.
pub(crate) fn cast(from: DType, to: DType, x: &str) -> String {
    use Kind::{Bool, Float, Signed, Unsigned};
    if from == to {
        return x.to_owned();
    }
    let wide = |dtype: DType| dtype.size() == 8;
    match (from.kind(), to.kind()) {
        // 64-bit types are made from words.
        (Bool, Float | Signed | Unsigned) if wide(to) => format!("{}(u32({x}))", to.wgsl()),
        (Bool, _) => format!("{}({x})", to.wgsl()),
        (Float, Bool) => format!("cast_{from}_bool({x})"),
        (_, Bool) => format!("({x} != {}(0))", from.wgsl()),
        (Unsigned, Float) if to == DType::F32 && from == DType::U32 => format!("cast_u32_f32({x})"),
        (_, Float) => format!("{}({x})", to.wgsl()),
        (Float, _) => format!("cast_{from}_{to}({x})"),
        (Signed | Unsigned, Signed | Unsigned) => {
            // By way of the unsigned or signed type of the source's width, so that each step either reinterprets or
            // changes the width, never both.
            let text = match (wide(from), wide(to)) {
                (true, false) if from.is_signed() == to.is_signed() => format!("{}({x})", to.wgsl()),
                (true, false) => format!("{}({}({x}))", to.wgsl(), if from.is_signed() { "i32" } else { "u32" }),
                (false, true) => {
                    format!("{}({}({x}))", to.wgsl(), if from.is_signed() { "i64" } else { "u64" })
                }
                _ if from.wgsl() == to.wgsl() => x.to_owned(),
                _ => format!("{}({x})", to.wgsl()),
            };
            // Zero-extended u8 fits every type; others may not fit a narrow one.
            let fits = narrow(from) && from.size() < to.size() && !from.is_signed();
            if narrow(to) && !fits { format!("wrap_{to}({text})") } else { text }
        }
    }
}
