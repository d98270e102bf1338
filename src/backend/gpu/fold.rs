//! Folds in WGSL: a state's arrays, and the functions that make and merge states.

use super::wgsl::{held, to_held};
use crate::dtype::{DType, Kind, Scalar};
use crate::ops::Fold;
use crate::plan::capability::Capabilities;

/// What is folded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values {
    /// The values' dtype.
    pub(crate) value: DType,
    /// The dtype of their indices, for folds that need those.
    pub(crate) index: DType,
    /// Whether there is a mask.
    pub(crate) masked: bool,
}

/// One of a state's arrays on the device.
pub(crate) struct StateArray {
    /// Its dtype.
    pub(crate) dtype: DType,
    /// Its WGSL type in a buffer.
    pub(crate) held: &'static str,
    /// The expression that is stored, of the structure `state`.
    pub(crate) value: String,
    /// The bits of the fold's identity.
    pub(crate) identity: u64,
}

/// Whether 64-bit sums of the value are made of pairs of words.
fn in_pairs(dtype: DType) -> bool {
    !dtype.is_float() && dtype.size() < 8
}

/// The float type that sums of the value are made in.
fn float(dtype: DType, caps: &Capabilities) -> DType {
    // Reading the elements takes longer than adding them, even where f64 is slow.
    if dtype == DType::F32 && !(caps.f64 && caps.i64) { DType::F32 } else { DType::F64 }
}

/// The dtype that a sum or product is made in.
fn sum_dtype(value: DType, caps: &Capabilities) -> DType {
    if value.is_float() { float(value, caps) } else { value.sum() }
}

/// The value that all others beat or equal, as held: its bits, and its WGSL text, in which `zero` is 0.
fn extreme(dtype: DType, largest: bool) -> (u64, String) {
    let bits = 8 * dtype.size() as u32;
    match dtype.kind() {
        Kind::Bool => (u64::from(largest), largest.to_string()),
        Kind::Float => {
            let infinity = if dtype == DType::F32 { 0x7f80_0000 } else { 0x7ff0_0000_0000_0000 };
            let sign = if largest { 0 } else { 1 << (bits - 1) };
            (infinity | sign, format!("{}infinity_{dtype}(zero)", if largest { "" } else { "-" }))
        }
        Kind::Unsigned => {
            let value = if largest { u64::MAX >> (64 - bits) } else { 0 };
            (value, format!("{}({value:#x}{})", dtype.wgsl(), if dtype.size() == 8 { "lu" } else { "u" }))
        }
        Kind::Signed => {
            let value = if largest { i64::MAX >> (64 - bits) } else { i64::MIN >> (64 - bits) };
            let ty = dtype.wgsl();
            let text = match dtype.size() {
                8 => format!("bitcast<i64>({:#x}lu)", value as u64),
                _ => format!("{ty}({:#x}u)", value as u32),
            };
            (value as u64, text)
        }
    }
}

/// The fields of an element, as the fold's functions name them.
pub(crate) fn fields(fold: Fold, values: Values) -> impl Iterator<Item = &'static str> {
    ["value"].into_iter().chain(fold.indexed().then_some("index")).chain(values.masked.then_some("mask"))
}

/// The state's arrays, in the order of [`Fold::states`].
pub(crate) fn parts(fold: Fold, values: Values, caps: &Capabilities) -> Vec<StateArray> {
    let Values { value, index, masked } = values;
    let part = |dtype: DType, value: String, identity: u64| StateArray { dtype, held: held(dtype), value, identity };
    let mut parts = match fold {
        Fold::Sum | Fold::Prod => {
            let dtype = sum_dtype(value, caps);
            let identity = Scalar::from_i64(dtype, i64::from(fold == Fold::Prod)).bits();
            let held = if in_pairs(value) { "vec2<u32>" } else { held(dtype) };
            vec![StateArray { held, ..part(dtype, "state.value".to_owned(), identity) }]
        }
        Fold::Min | Fold::Max => {
            vec![part(value, to_held(value, "state.value"), extreme(value, fold == Fold::Min).0)]
        }
        Fold::Argmin | Fold::Argmax => {
            vec![
                part(value, to_held(value, "state.value"), extreme(value, fold == Fold::Argmin).0),
                part(index, "state.index".to_owned(), u64::MAX),
            ]
        }
        Fold::Last => {
            let nan = Scalar::from_f64(value, f64::NAN).bits();
            vec![part(value, "state.value".to_owned(), nan), part(index, "state.index".to_owned(), u64::MAX)]
        }
        Fold::Moments => {
            let dtype = float(value, caps);
            ["shift", "offset", "squares"].map(|name| part(dtype, format!("state.{name}"), 0)).into()
        }
    };
    if masked || fold == Fold::Moments {
        parts.push(part(DType::U32, "state.count".to_owned(), 0));
    }
    parts
}

/// The fold's functions for the value's type.
pub(crate) fn text(fold: Fold, values: Values, caps: &Capabilities) -> String {
    let Values { value, index, masked: _ } = values;
    let t = value.wgsl();
    let largest = matches!(fold, Fold::Min | Fold::Argmin);
    let extreme = || {
        let (ty, (_, text)) = (value.wgsl(), extreme(value, largest));
        format!("alias Value = {ty};\nfn extreme(zero: u32) -> Value {{ return {text}; }}\n")
    };
    match fold {
        Fold::Sum | Fold::Prod => {
            let sum = sum_dtype(value, caps);
            let product = fold == Fold::Prod;
            let (ty, of, join, identity) = if in_pairs(value) {
                let join = if product { "pair_mul(x, y)" } else { "pair_add(x, y)" };
                ("vec2<u32>", format!("pair_of_{t}(x)"), join, format!("vec2({}u, 0u)", u32::from(product)))
            } else {
                let ty = sum.wgsl();
                let join = if product { "x * y" } else { "x + y" };
                (ty, format!("{ty}(x)"), join, format!("{ty}({})", u32::from(product)))
            };
            format!(
                "alias Sum = {ty};\n\
                 fn sum_identity() -> Sum {{ return {identity}; }}\n\
                 fn sum_of(x: {t}) -> Sum {{ return {of}; }}\n\
                 fn sum_join(x: Sum, y: Sum) -> Sum {{ return {join}; }}\n\n{}",
                include_str!("../../../shaders/folds/sum.wgsl")
            )
        }
        Fold::Min | Fold::Max => {
            let join = match (value, fold) {
                (DType::Bool, Fold::Min) => "x && y".to_owned(),
                (DType::Bool, _) => "x || y".to_owned(),
                (_, fold) => format!("{}_{t}(x, y)", fold.name()),
            };
            format!(
                "{}fn join(x: Value, y: Value) -> Value {{ return {join}; }}\n\n{}",
                extreme(),
                include_str!("../../../shaders/folds/extreme.wgsl")
            )
        }
        Fold::Argmin | Fold::Argmax => {
            let nan = if value.is_float() { format!("isnan_{t}(x)") } else { "false".to_owned() };
            let better = match (value, largest) {
                (DType::Bool, true) => "!x && y",
                (DType::Bool, false) => "x && !y",
                (_, true) => "x < y",
                (_, false) => "x > y",
            };
            format!(
                "{}alias Index = {};\n\
                 fn is_nan(x: Value) -> bool {{ return {nan}; }}\n\
                 fn better(x: Value, y: Value) -> bool {{ return {better}; }}\n\n{}",
                extreme(),
                index.wgsl(),
                include_str!("../../../shaders/folds/arg.wgsl")
            )
        }
        Fold::Last => format!(
            "{}alias Index = {};\n\n{}",
            nan(value),
            index.wgsl(),
            include_str!("../../../shaders/folds/last.wgsl")
        ),
        Fold::Moments => {
            let ty = float(value, caps).wgsl();
            let of = if value == DType::Bool { format!("{ty}(u32(x))") } else { format!("{ty}(x)") };
            format!(
                "alias Float = {ty};\n\
                 fn float_of(x: {t}) -> Float {{ return {of}; }}\n\
                 fn is_finite(x: Float) -> bool {{ return isfinite_{ty}(x); }}\n\
                 fn not_a_number(like: Float) -> Float {{ return nan_{ty}(like); }}\n\n{}",
                include_str!("../../../shaders/folds/moments.wgsl")
            )
        }
    }
}

/// What folds to the last that is not NaN are made of.
fn nan(value: DType) -> String {
    let t = value.wgsl();
    format!(
        "alias Value = {t};\n\
         fn is_nan(x: Value) -> bool {{ return isnan_{t}(x); }}\n\
         fn not_a_number(p: u32) -> Value {{ return nan_{t}(Value(p & 0u)); }}\n"
    )
}

/// The functions of a scan to the last that is not NaN, whose states come in order.
pub(crate) fn latest(value: DType) -> String {
    format!("{}\n{}", nan(value), include_str!("../../../shaders/folds/latest.wgsl"))
}
