//! The WGSL of one value of a fused expression: rows of the tables, conversions, random draws.

use super::code::Code;
use super::compose::Library;
use super::draws::Draw;
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};
use crate::ops::{BinaryClass, BinaryOp, TernaryOp, UnaryOp};
use crate::plan::capability::Capabilities;
use crate::plan::expr::{Inst, ValueId};

/// The suffix of the library's functions for the dtype: narrow integers use those of the word they are held in.
fn suffix(dtype: DType) -> &'static str {
    dtype.wgsl()
}

/// Whether values of the dtype are held in a wider word.
fn narrow(dtype: DType) -> bool {
    dtype.is_integer() && dtype.size() < 4
}

impl Code {
    /// The value of an instruction, and lines that go before it.
    pub(super) fn inst(&self, at: usize, caps: &Capabilities) -> Result<(Vec<String>, String)> {
        let dtype = self.dtypes[at];
        let of = |v: ValueId| self.dtypes[usize::from(v)];
        let row = |text: &str, from: DType, operands: &[(&str, String)]| -> Result<String> {
            let text = fill(text, suffix(from), operands, caps)?;
            Ok(if narrow(dtype) { format!("wrap_{dtype}({text})") } else { text })
        };
        let value = match &self.insts[at] {
            Inst::Const { slot } => format!("q.const{slot}"),
            Inst::Load { slot } => format!("loaded.l{slot}"),
            Inst::Index { slot } if dtype == DType::I32 => format!("i32(low{slot})"),
            Inst::Index { slot } if dtype == DType::I64 => format!("i64_of(index{slot})"),
            Inst::Index { .. } => return Err(Error::bug(format!("an index of dtype {dtype}"))),
            Inst::Random { op, slot, spec } => {
                return self.random(Draw { at, op: *op, slot: usize::from(*slot), spec: *spec, dtype });
            }
            Inst::Unary(UnaryOp::CountOnes, x) if narrow(of(*x)) => {
                // Without the copies of the sign bit.
                let bits = (1u32 << (8 * of(*x).size())) - 1;
                format!("count_ones_u32(u32(v{x}) & {bits:#x}u)")
            }
            Inst::Unary(op, x) => row(op.info().wgsl, of(*x), &[("{x}", format!("v{x}"))])?,
            // WGSL's `!=` is false for NaN on some drivers.
            Inst::Binary(BinaryOp::Ne, x, y) if of(*x).is_float() => format!("!(v{x} == {})", self.other(*y, caps)),
            Inst::Binary(op, x, y) => {
                let compares = matches!(op.info().class, BinaryClass::Equal | BinaryClass::Compare);
                let bools = compares && of(*x) == DType::Bool;
                let text = |v: ValueId| if bools { format!("u32(v{v})") } else { format!("v{v}") };
                // What is equal to itself, and leaves nothing, unless it is NaN or infinite.
                let other = if compares || matches!(op, BinaryOp::Sub | BinaryOp::Div) {
                    if bools { text(*y) } else { self.other(*y, caps) }
                } else {
                    text(*y)
                };
                row(op.info().wgsl, of(*x), &[("{x}", text(*x)), ("{y}", other)])?
            }
            Inst::Ternary(TernaryOp::Where, [x, y, z]) => format!("select(v{z}, v{y}, v{x})"),
            Inst::Ternary(op, [x, y, z]) => {
                let operands = [("{x}", format!("v{x}")), ("{y}", format!("v{y}")), ("{z}", format!("v{z}"))];
                row(op.info().wgsl, of(*x), &operands)?
            }
            Inst::Cast(x) => cast(of(*x), dtype, &format!("v{x}")),
            Inst::Call { function, args } => {
                let name = self
                    .user_name(usize::from(*function))
                    .ok_or_else(|| Error::bug(format!("no function {function} in a program")))?;
                let args: Vec<String> = args.iter().map(|v| format!("v{v}")).collect();
                let text = format!("{name}({})", args.join(", "));
                if narrow(dtype) {
                    format!("wrap_{dtype}({text})")
                } else if dtype.is_half() {
                    format!("cast_f32_{dtype}({text})")
                } else {
                    text
                }
            }
        };
        let operation = matches!(&self.insts[at], Inst::Unary(..) | Inst::Binary(..) | Inst::Ternary(..));
        let kept = caps.rewrites && operation && dtype.is_float();
        Ok((Vec::new(), if kept { format!("kept_{dtype}({value})") } else { value }))
    }

    /// A second operand, which a compiler does not know to be the first one.
    fn other(&self, y: ValueId, caps: &Capabilities) -> String {
        let dtype = self.dtypes[usize::from(y)];
        if caps.rewrites && dtype.is_float() { format!("apart_{dtype}(v{y})") } else { format!("v{y}") }
    }

    fn random(&self, draw: Draw) -> Result<(Vec<String>, String)> {
        if !draw.op.dtypes().contains(&draw.dtype) {
            return Err(Error::bug(format!("random.{} of dtype {}", draw.op.name(), draw.dtype)));
        }
        Ok(self.drawn(draw))
    }
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
fn cast(from: DType, to: DType, x: &str) -> String {
    use Kind::{Bool, Float, Signed, Unsigned};
    if from == to {
        return x.to_owned();
    }
    let wide = |dtype: DType| dtype.size() == 8;
    match (from.kind(), to.kind()) {
        // A half is held as the `f32` that it is.
        _ if from.is_half() => cast(DType::F32, to, x),
        _ if to.is_half() && from == DType::F64 => format!("cast_f64_{to}({x})"),
        _ if to.is_half() => format!("cast_f32_{to}({})", cast(from, DType::F32, x)),
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
