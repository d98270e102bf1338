//! Prints a fused expression as WGSL: the functions that the templates call for each point.

use std::fmt::Write as _;
use std::ops::Range;

use super::code::Code;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::RandomOp;
use crate::plan::capability::Capabilities;
use crate::plan::expr::Inst;

/// How a value of the dtype is held in a buffer.
pub(crate) fn held(dtype: DType) -> &'static str {
    if dtype == DType::Bool { "u32" } else { dtype.wgsl() }
}

/// The value as it is held in a buffer.
pub(crate) fn to_held(dtype: DType, value: &str) -> String {
    if dtype == DType::Bool { format!("u32({value})") } else { value.to_owned() }
}

/// Declares the buffers: `in0`, `in1`, ... and `out0`, ... of the given element types, and the launch.
pub(crate) fn bindings(inputs: &[String], outputs: &[&str]) -> String {
    let mut text = "@group(0) @binding(0) var<storage, read> params: array<u32>;\n".to_owned();
    let reads = inputs.iter().enumerate().map(|(i, ty)| ("read", format!("in{i}"), ty.as_str()));
    let writes = outputs.iter().enumerate().map(|(i, ty)| ("read_write", format!("out{i}"), *ty));
    for (binding, (access, name, ty)) in reads.chain(writes).enumerate() {
        let binding = binding + 1;
        let _ = writeln!(text, "@group(0) @binding({binding}) var<storage, {access}> {name}: array<{ty}>;");
    }
    text + "struct Launch { base: u32 }\nvar<immediate> launch: Launch;\n"
}

/// `let c0 = ...; let c1 = ...;`: the coordinates along `axes` of the point with the linear number `number`.
pub(crate) fn coordinates(number: &str, axes: Range<usize>) -> String {
    let mut text = String::new();
    let mut rest = number.to_owned();
    for axis in axes.clone().skip(1).rev() {
        let _ = writeln!(text, "let c{axis} = {rest} % q.n{axis};");
        let _ = writeln!(text, "let rest{axis} = {rest} / q.n{axis};");
        rest = format!("rest{axis}");
    }
    if !axes.is_empty() {
        let _ = writeln!(text, "let c{} = {rest};", axes.start);
    }
    text
}

/// `q, c0, c1, ...`: what `element` and `place` are called with.
pub(crate) fn arguments(axes: Range<usize>) -> String {
    axes.fold("q".to_owned(), |text, axis| format!("{text}, c{axis}"))
}

/// `q: Piece, c0: u32, c1: u32, ...`
pub(crate) fn parameters(axes: Range<usize>) -> String {
    axes.fold("q: Piece".to_owned(), |text, axis| format!("{text}, c{axis}: u32"))
}

/// A member of the structure `Piece`: name, type and how it is read from the parameters.
type Member = (String, &'static str, String);

/// `name`, `name_0`, `name_1`, ...: the base and the strides along `axes`, with the number of each in an access.
fn terms(name: &str, axes: Range<usize>) -> impl Iterator<Item = (String, usize)> + '_ {
    std::iter::once((name.to_owned(), 0)).chain(axes.map(move |axis| (format!("{name}_{axis}"), 1 + axis)))
}

/// `q.name + c0 * q.name_0 + c1 * q.name_1 ...`
pub(crate) fn affine(name: &str, axes: Range<usize>) -> String {
    axes.fold(format!("q.{name}"), |text, axis| format!("{text} + c{axis} * q.{name}_{axis}"))
}

/// The parameter at a word of the launch's.
fn word(at: usize) -> String {
    format!("params[p + {at}u]")
}
/// Two of them.
fn pair(at: usize) -> String {
    format!("vec2({}, {})", word(at), word(at + 1))
}

impl Code {
    /// `RUN`; the structure `Piece`, which holds a launch's parameters, and `piece`, which reads them; the structure `Loads` and the
    /// function that fills it (see `reading.rs`); the structure `Element` with the outputs as fields of the given names; the
    /// function `element`; and the function `place` of the axes that results are placed by, if they are.
    ///
    /// # Errors
    /// [`Error::Bug`] for a program that the tables do not allow.
    pub(crate) fn print(&self, fields: &[&str], placed: Option<Range<usize>>, caps: &Capabilities) -> Result<String> {
        if fields.len() != self.outputs.len() {
            return Err(Error::bug(format!("{} outputs for the fields {fields:?}", self.outputs.len())));
        }
        let axes = 0..self.layout.rank;
        let mut text = format!("const RUN = {}u;\n\n", self.run());
        let members = self.members(placed.clone());
        text.push_str("// The parameters of this launch.\nstruct Piece {\n");
        for (name, ty, _) in &members {
            let _ = writeln!(text, "    {name}: {ty},");
        }
        text.push_str("}\n\nfn piece(p: u32) -> Piece {\n    return Piece(\n");
        for (_, _, value) in &members {
            let _ = writeln!(text, "        {value},");
        }
        text.push_str("    );\n}\n\n");

        let outputs: Vec<String> =
            fields.iter().enumerate().map(|(i, name)| format!("{name}: {}", self.output(i).wgsl())).collect();
        text.push_str(&self.loading());
        let _ = writeln!(text, "struct Element {{ {} }}", outputs.join(", "));
        let mut body = String::new();
        for slot in 0..self.layout.indices {
            if self.element_uses(slot, true) {
                body.push_str(&self.wide_index(slot));
            }
            if self.element_uses(slot, false) {
                let _ = writeln!(body, "    let low{slot} = {};", affine(&format!("low{slot}"), axes.clone()));
            }
        }
        for at in 0..self.insts.len() {
            let (before, value) = self.inst(at, caps)?;
            for line in before {
                let (to, indent) = if line.starts_with("var<private>") { (&mut text, "") } else { (&mut body, "    ") };
                let _ = writeln!(to, "{indent}{line}");
            }
            let _ = writeln!(body, "    let v{at} = {value};");
        }
        let outputs: Vec<String> = self.outputs.iter().map(|v| format!("v{v}")).collect();
        let _ = writeln!(
            text,
            "\nfn element({}{}) -> Element {{\n{body}    return Element({});\n}}",
            parameters(axes),
            if self.is_given() { ", loaded: Loads" } else { "" },
            outputs.join(", ")
        );
        if let Some(placed) = placed {
            let place = affine("out", placed.clone());
            let _ = writeln!(text, "\nfn place({}) -> u32 {{\n    return {place};\n}}", parameters(placed));
        }
        Ok(text)
    }

    /// The line for an index in 64 bits.
    pub(super) fn wide_index(&self, slot: usize) -> String {
        let sum = (0..self.layout.rank).fold(format!("q.index{slot}"), |sum, axis| {
            format!("pair_add({sum}, pair_scale(q.index{slot}_{axis}, c{axis}))")
        });
        format!("    let index{slot} = {sum};\n")
    }

    /// The members of `Piece`: lengths, places, indices, constants and random arrays.
    fn members(&self, placed: Option<Range<usize>>) -> Vec<Member> {
        let layout = &self.layout;
        let axes = 0..layout.rank;
        let mut members: Vec<Member> = Vec::new();
        members.extend(axes.clone().map(|axis| (format!("n{axis}"), "u32", word(layout.dim(axis)))));
        if let Some(placed) = placed {
            members.extend(terms("out", placed).map(|(name, at)| (name, "u32", word(layout.out(at)))));
        }
        for slot in 0..layout.loads {
            let read = |(name, at)| (name, "u32", word(layout.load(slot, at)));
            members.extend(terms(&format!("at{slot}"), axes.clone()).map(read));
        }
        for slot in 0..layout.indices {
            if self.uses_index(slot, true) {
                let read = |(name, at)| (name, "vec2<u32>", pair(layout.index(slot, at)));
                members.extend(terms(&format!("index{slot}"), axes.clone()).map(read));
            }
            if self.uses_index(slot, false) {
                let read = |(name, at)| (name, "u32", word(layout.index(slot, at)));
                members.extend(terms(&format!("low{slot}"), axes.clone()).map(read));
            }
        }
        if self.choices > 1 {
            // Before the launch's words (see `pieces.rs`).
            let from = |source: usize| (format!("from{source}"), "u32", format!("params[p - {}u]", 1 + source));
            members.extend((0..self.reads()).map(from));
        }
        let mut once = |member: Member| {
            if members.iter().all(|(name, ..)| *name != member.0) {
                members.push(member);
            }
        };
        for (inst, &dtype) in self.insts.iter().zip(&self.dtypes) {
            match inst {
                Inst::Const { slot } => {
                    let at = layout.constant(usize::from(*slot));
                    let value = match dtype {
                        DType::Bool => format!("{} != 0u", word(at)),
                        DType::F16 | DType::BF16 | DType::F32 => format!("bitcast<f32>({})", word(at)),
                        DType::F64 => format!("bitcast<f64>(u64_of({}))", pair(at)),
                        DType::I64 => format!("i64_of({})", pair(at)),
                        DType::U64 => format!("u64_of({})", pair(at)),
                        DType::I8 | DType::I16 | DType::I32 => format!("i32({})", word(at)),
                        DType::U8 | DType::U16 | DType::U32 => word(at),
                    };
                    once((format!("const{slot}"), dtype.wgsl(), value));
                }
                Inst::Random { op, spec, .. } => {
                    let at = |word: usize| layout.random(usize::from(*spec), word);
                    once((format!("spec{spec}"), "Spec", format!("Spec({}, {})", pair(at(0)), word(at(2)))));
                    if matches!(op, RandomOp::Below | RandomOp::Permutation) {
                        let (range, limit) = if dtype == DType::U32 {
                            (word(at(3)), word(at(5)))
                        } else {
                            (format!("u64_of({})", pair(at(3))), format!("u64_of({})", pair(at(6))))
                        };
                        once((format!("range{spec}_{dtype}"), dtype.wgsl(), range));
                        if *op == RandomOp::Below {
                            once((format!("limit{spec}_{dtype}"), dtype.wgsl(), limit));
                        }
                    }
                }
                Inst::Load { .. } | Inst::Index { .. } | Inst::Call { .. } => {}
                Inst::Unary(..) | Inst::Binary(..) | Inst::Ternary(..) | Inst::Cast(_) => {}
            }
        }
        members
    }
}
