//! The shaders of merges, printed: one merge ([`MergePart`]), and several in one dispatch ([`Merges`]).

use super::compose::{compose, fill, kept, renamed};
use super::fold::{StateArray, Values, fields, parts, text};
use super::shader::Shader;
use super::wgsl::{bindings, held, to_held};
use crate::dtype::DType;
use crate::error::Result;
use crate::ops::{Finish, Fold};
use crate::plan::Finished;
use crate::plan::capability::Capabilities;

/// Threads of a workgroup.
pub(super) const WORKGROUP: u64 = 256;

/// What becomes of the last state, without the numbers that are parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    /// The value; of nothing NaN, or whatever it is.
    Value { nan_empty: bool },
    /// The index.
    Index,
    /// Sum over count.
    Mean,
    /// Squared deviations over count.
    Var { root: bool, few_are_nan: bool },
}

/// One merge of a dispatch: what its part of the shader, `shaders/merge.wgsl`, depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct MergePart {
    pub(super) fold: Fold,
    /// The dtypes of what was folded and of its indices, and whether it was masked.
    pub(super) values: (DType, DType, bool),
    /// How the arrays of a chunk are held.
    pub(super) arrays: Vec<DType>,
    /// For how many chunks it is written.
    pub(super) chunks: usize,
    /// How it ends, and as what; without it states are stored.
    pub(super) end: Option<(End, DType)>,
}

impl MergePart {
    fn values(&self) -> Values {
        let (value, index, masked) = self.values;
        Values { value, index, masked }
    }

    /// The state's arrays.
    pub(super) fn parts(&self, caps: &Capabilities) -> Vec<StateArray> {
        parts(self.fold, self.values(), caps)
    }

    /// Whether sums are of f32 and made of a number and what it lacks: where there is no f64.
    fn in_halves(&self, caps: &Capabilities) -> bool {
        self.fold == Fold::Sum && self.values.0.is_float() && self.parts(caps)[0].dtype == DType::F32
    }

    /// The fold's functions.
    fn text(&self, caps: &Capabilities) -> String {
        if !self.in_halves(caps) {
            return text(self.fold, self.values(), caps);
        }
        let halves = include_str!("../../../shaders/folds/halves.wgsl");
        kept(halves, caps) + include_str!("../../../shaders/folds/sum.wgsl")
    }

    /// The value of the last state of a sum or an extreme.
    fn value(&self, caps: &Capabilities) -> &'static str {
        if self.in_halves(caps) { "whole_of_halves(state.value)" } else { "state.value" }
    }

    /// What is stored, as which type.
    fn stored(&self, caps: &Capabilities) -> Vec<(&'static str, String)> {
        match self.end {
            None => self.parts(caps).into_iter().map(|part| (part.held, part.value)).collect(),
            Some((end, dtype)) => {
                let of_words = dtype.size() == 8 && !dtype.is_float() && self.is_of_words(end, caps);
                vec![(if of_words { "vec2<u32>" } else { held(dtype) }, "finish(state, p)".to_owned())]
            }
        }
    }

    /// Whether 64-bit integers of the result are made of two words.
    fn is_of_words(&self, end: End, caps: &Capabilities) -> bool {
        match end {
            End::Index => self.values.1 == DType::I32,
            End::Value { .. } | End::Mean | End::Var { .. } => self.parts(caps)[0].held == "vec2<u32>",
        }
    }

    /// The state that chunk `chunk` has at `at`, where those of the first are bound from number `first` on.
    fn state(&self, chunk: usize, first: usize, caps: &Capabilities) -> String {
        let first = first + chunk * self.arrays.len();
        let part = |(i, (part, &dtype)): (usize, (StateArray, &DType))| {
            let read = format!("in{}[at]", first + i);
            match (dtype, part.held) {
                // The counts of a histogram's chunk have one word.
                (DType::U32, "vec2<u32>") => format!("pair_of_u32({read})"),
                (DType::Bool, _) => format!("{read} != 0u"),
                _ if i == 0 && self.in_halves(caps) => format!("sum_of({read})"),
                _ => read,
            }
        };
        let parts: Vec<String> = self.parts(caps).into_iter().zip(&self.arrays).enumerate().map(part).collect();
        let uncounted = if self.values.2 || self.fold == Fold::Moments { "" } else { ", 0u" };
        format!("State({}{uncounted})", parts.join(", "))
    }

    /// The function that makes the result of the last state.
    fn finish(&self, caps: &Capabilities) -> String {
        let Some((end, dtype)) = self.end else { return String::new() };
        let ty = self.stored(caps)[0].0;
        let t = dtype.wgsl();
        let count = if self.values.2 || self.fold == Fold::Moments {
            "f64(state.count)".to_owned()
        } else {
            "f64(params[p + 4u]) * 4294967296.0lf + f64(params[p + 3u])".to_owned()
        };
        let body = match end {
            End::Index if ty == "vec2<u32>" => {
                "return vec2(bitcast<u32>(state.index), bitcast<u32>(state.index >> 31u));".to_owned()
            }
            End::Index => "return state.index;".to_owned(),
            End::Value { nan_empty } if dtype.is_float() => {
                let nan = format!("if state.count == 0u {{ return nan_{t}({t}(p & 0u)); }}\n    ");
                format!("{}return {t}({});", if nan_empty { nan } else { String::new() }, self.value(caps))
            }
            End::Value { .. } => format!("return {};", to_held(dtype, "state.value")),
            End::Mean if self.in_halves(caps) => {
                let count =
                    if self.values.2 { "f32(state.count)" } else { "of_halves(params[p + 3u], params[p + 4u])" };
                format!("return mean_of_halves(state.value, {count});")
            }
            End::Mean => {
                let sum = match (self.parts(caps)[0].held, self.values.0.is_signed()) {
                    ("vec2<u32>", true) => "f64(i32(state.value.y)) * 4294967296.0lf + f64(state.value.x)",
                    ("vec2<u32>", false) => "f64(state.value.y) * 4294967296.0lf + f64(state.value.x)",
                    _ => "f64(state.value)",
                };
                format!("return {t}(({sum}) / ({count}));")
            }
            End::Var { root, few_are_nan } => {
                let few = if few_are_nan { "count <= ddof" } else { "state.count == 0u" };
                let var = if root { "sqrt(var_)" } else { "var_" };
                format!(
                    "let count = {count};\n    \
                     let ddof = bitcast<f64>(u64_of(vec2(params[p + 5u], params[p + 6u])));\n    \
                     if {few} {{ return nan_{t}({t}(p & 0u)); }}\n    \
                     let var_ = f64(state.squares) / max(count - ddof, 0.0lf);\n    \
                     return {t}({var});"
                )
            }
        };
        format!("fn finish(state: State, p: u32) -> {ty} {{\n    {body}\n}}\n")
    }

    /// How many buffers it reads and writes.
    pub(super) fn buffers(&self) -> (usize, usize) {
        let stored = if self.end.is_some() { 1 } else { self.arrays.len() };
        (self.chunks * self.arrays.len(), stored)
    }

    /// Bytes that the states of a workgroup's threads take, at most.
    pub(super) fn workgroup_bytes(&self, caps: &Capabilities) -> u64 {
        let own: usize = self.parts(caps).iter().map(|part| part.dtype.device_size()).sum();
        WORKGROUP * if self.in_halves(caps) { 32 } else { (own as u64 + 4).next_multiple_of(16) }
    }

    /// The types of the buffers that it reads and writes.
    pub(super) fn bound(&self, caps: &Capabilities) -> (Vec<String>, Vec<&'static str>) {
        let wide = |(part, &dtype): (&StateArray, &DType)| {
            if dtype == DType::U32 && part.held == "vec2<u32>" { "u32" } else { part.held }.to_owned()
        };
        let of_chunk: Vec<String> = self.parts(caps).iter().zip(&self.arrays).map(wide).collect();
        let inputs = (0..self.chunks).flat_map(|_| of_chunk.clone()).collect();
        (inputs, self.stored(caps).into_iter().map(|(ty, _)| ty).collect())
    }

    /// Its part of the shader, whose names end with its `number`: its buffers are bound from these numbers on.
    ///
    /// # Errors
    /// [`Error::Bug`] for a slot of the template without text.
    pub(super) fn source(&self, number: usize, (reads, writes): (usize, usize), caps: &Capabilities) -> Result<String> {
        let stored = self.stored(caps);
        let store: String =
            stored.iter().enumerate().map(|(i, (_, value))| format!("out{}[at] = {value};\n", writes + i)).collect();
        let types = [self.values.0.wgsl(), self.values.1.wgsl()];
        let unmasked = Values { masked: false, ..self.values() };
        let element: Vec<String> =
            fields(self.fold, unmasked).zip(types).map(|(field, ty)| format!("{field}: {ty}")).collect();
        let case = |chunk: usize| {
            let label = if chunk == 0 { "default".to_owned() } else { format!("case {chunk}u") };
            format!("{label}: {{ return {}; }}\n", self.state(chunk, reads, caps))
        };
        let slots = [
            ("element", element.join(", ")),
            ("fold", self.text(caps)),
            ("tree", include_str!("../../../shaders/lib/tree.wgsl").to_owned()),
            ("states", (0..self.chunks).map(case).collect()),
            ("finish", self.finish(caps)),
            ("store", store),
        ];
        let text = fill(include_str!("../../../shaders/merge.wgsl"), &slots)?;
        Ok(renamed(&text, |name| format!("{name}_{number}")))
    }
}

/// How a reduction ends.
pub(super) fn end(finished: &Finished, counted: bool) -> (End, f64) {
    match finished.finish {
        // Of nothing that is not counted the plan knows.
        Finish::Value => (End::Value { nan_empty: finished.nan_empty && counted }, 0.0),
        Finish::Index => (End::Index, 0.0),
        Finish::Mean => (End::Mean, 0.0),
        Finish::Var { ddof, root, few_are_nan } => (End::Var { root, few_are_nan }, ddof),
    }
}

/// The key of `shaders/merges.wgsl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Merges(pub(super) Vec<MergePart>);

impl Shader for Merges {
    fn name(&self) -> &'static str {
        "merge"
    }

    fn buffers(&self) -> (usize, usize) {
        let all = self.0.iter().map(MergePart::buffers);
        all.fold((0, 0), |(reads, writes), (read, written)| (reads + read, writes + written))
    }

    fn source(&self, caps: &Capabilities) -> Result<String> {
        let (mut reads, mut writes, mut merges) = (Vec::new(), Vec::new(), String::new());
        for (i, part) in self.0.iter().enumerate() {
            merges += &part.source(i, (reads.len(), writes.len()), caps)?;
            let (read, written) = part.bound(caps);
            reads.extend(read);
            writes.extend(written);
        }
        let which = |i: usize| {
            let call = format!("merged_{i}(number - params[p + {}u], thread, p + params[p + {}u]);", 2 * i, 2 * i + 1);
            if i == 0 { call } else { format!("if number >= params[p + {}u] {{ {call} return; }}\n", 2 * i) }
        };
        let which = (0..self.0.len()).rev().map(which).collect();
        let slots = [("bindings", bindings(&reads, &writes)), ("merges", merges), ("which", which)];
        compose(include_str!("../../../shaders/merges.wgsl"), &slots, caps)
    }
}
