//! Merges: the states that reductions made of several chunks become one, and the last of them a result, without leaving the device.
//! The host's twin is [`crate::backend::cpu::combine`]. What a device cannot merge is said by the plan
//! (`family/combine.rs`), which leaves it to the host.

use super::buffer::GpuBuffer;
use super::compose::compose;
use super::fold::{StateArray, Values, fields, parts, text};
use super::job::Job;
use super::shader::Shader;
use super::wgsl::{bindings, held, to_held};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{Finish, Fold};
use crate::plan::capability::Capabilities;
use crate::plan::family::merged_at_a_time;
use crate::plan::{Finished, Merge};

/// Threads of a workgroup, and states that a thread takes at least where there are many.
const WORKGROUP: u64 = 256;
const THREAD_STATES: u64 = 8;
/// Threads that fill a large device.
const THREADS: u64 = 1 << 18;
/// Chunks that a shader is written for: the fewer kinds, the fewer pipelines.
const CHUNKS: [usize; 3] = [4, 16, 64];

/// What becomes of the last state, without the numbers that are parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    /// The value; of nothing NaN, or whatever it is.
    Value { nan_empty: bool },
    /// The index.
    Index,
    /// Sum over count.
    Mean,
    /// Squared deviations over count.
    Var { root: bool, few_are_nan: bool },
}

/// The key of `shaders/merge.wgsl`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct MergeShader {
    fold: Fold,
    values: (DType, DType, bool),
    /// How the arrays of a chunk are held.
    arrays: Vec<DType>,
    /// For how many chunks it is written.
    chunks: usize,
    /// How it ends, and as what; without it states are stored.
    end: Option<(End, DType)>,
}

impl MergeShader {
    fn values(&self) -> Values {
        let (value, index, masked) = self.values;
        Values { value, index, masked }
    }

    /// The state's arrays.
    fn parts(&self, caps: &Capabilities) -> Vec<StateArray> {
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
        include_str!("../../../shaders/folds/halves.wgsl").to_owned() + include_str!("../../../shaders/folds/sum.wgsl")
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

    /// The state that chunk `chunk` has at `at`.
    fn state(&self, chunk: usize, caps: &Capabilities) -> String {
        let first = chunk * self.arrays.len();
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
}

impl Shader for MergeShader {
    fn name(&self) -> &'static str {
        "merge"
    }

    fn buffers(&self) -> (usize, usize) {
        let stored = if self.end.is_some() { 1 } else { self.arrays.len() };
        (self.chunks * self.arrays.len(), stored)
    }

    fn source(&self, caps: &Capabilities) -> Result<String> {
        let parts = self.parts(caps);
        let wide = |(part, &dtype): (&StateArray, &DType)| {
            if dtype == DType::U32 && part.held == "vec2<u32>" { "u32" } else { part.held }.to_owned()
        };
        let of_chunk: Vec<String> = parts.iter().zip(&self.arrays).map(wide).collect();
        let inputs: Vec<String> = (0..self.chunks).flat_map(|_| of_chunk.clone()).collect();
        let stored = self.stored(caps);
        let outputs: Vec<&str> = stored.iter().map(|(ty, _)| *ty).collect();
        let store: String =
            stored.iter().enumerate().map(|(i, (_, value))| format!("out{i}[at] = {value};\n")).collect();
        let types = [self.values.0.wgsl(), self.values.1.wgsl()];
        let unmasked = Values { masked: false, ..self.values() };
        let element: Vec<String> =
            fields(self.fold, unmasked).zip(types).map(|(field, ty)| format!("{field}: {ty}")).collect();
        let case = |chunk: usize| {
            let label = if chunk == 0 { "default".to_owned() } else { format!("case {chunk}u") };
            format!("{label}: {{ return {}; }}\n", self.state(chunk, caps))
        };
        compose(
            include_str!("../../../shaders/merge.wgsl"),
            &[
                ("bindings", bindings(&inputs, &outputs)),
                ("element", element.join(", ")),
                ("fold", self.text(caps)),
                ("states", (0..self.chunks).map(case).collect()),
                ("finish", self.finish(caps)),
                ("store", store),
            ],
            caps,
        )
    }
}

/// How a reduction ends.
fn end(finished: &Finished, counted: bool) -> (End, f64) {
    match finished.finish {
        // Of nothing that is not counted the plan knows.
        Finish::Value => (End::Value { nan_empty: finished.nan_empty && counted }, 0.0),
        Finish::Index => (End::Index, 0.0),
        Finish::Mean => (End::Mean, 0.0),
        Finish::Var { ddof, root, few_are_nan } => (End::Var { root, few_are_nan }, ddof),
    }
}

/// The states of chunks, each some slots of `outputs` outputs, merged into one slot, or into the result that `last` says, as which
/// dtype.
///
/// # Errors
/// [`Error::Device`] from the device, [`Error::Memory`] if there is no room, [`Error::Bug`] for states that are not of the merge.
pub(crate) fn run(
    gpu: &Job<'_>,
    merge: &Merge,
    last: Option<(&Finished, DType)>,
    mut chunks: Vec<Vec<GpuBuffer>>,
    outputs: usize,
) -> Result<Vec<GpuBuffer>> {
    let most = merged_at_a_time(merge, &gpu.device.capabilities);
    if most < 2 || chunks.is_empty() {
        return Err(Error::bug(format!("{} states merged {most} at a time", chunks.len())));
    }
    // Levels, where there are more than a kernel can be given.
    while chunks.len() > most {
        let together = chunks.len().div_ceil(chunks.len().div_ceil(most));
        chunks = chunks.chunks(together).map(|some| round(gpu, merge, None, some, outputs)).collect::<Result<_>>()?;
    }
    round(gpu, merge, last, &chunks, outputs)
}

/// What one kernel merges.
fn round(
    gpu: &Job<'_>,
    merge: &Merge,
    last: Option<(&Finished, DType)>,
    chunks: &[Vec<GpuBuffer>],
    outputs: usize,
) -> Result<Vec<GpuBuffer>> {
    let caps = &gpu.device.capabilities;
    let arrays: Vec<DType> = chunks[0].iter().map(|array| array.dtype).collect();
    let slots = chunks.iter().map(|chunk| chunk[0].len / outputs.max(1));
    let total: usize = slots.clone().sum();
    if let (1, [single], Some((Finished { finish: Finish::Value, nan_empty, .. }, dtype))) = (total, chunks, last)
        && single[0].dtype == dtype
        && !(*nan_empty && merge.counted)
    {
        return Ok(vec![single[0].clone()]);
    }
    let words_of_sums = merge.fold == Fold::Sum && merge.dtype.size() == 8 && !merge.dtype.is_float();
    let value = if words_of_sums && (arrays[0] == DType::U32 || !caps.i64) { DType::U32 } else { merge.dtype };
    let index = if merge.fold.indexed() { arrays[1] } else { DType::I32 };
    let masked = merge.counted && merge.fold != Fold::Moments;
    let ended = last.map(|(finished, dtype)| (finished, end(finished, merge.counted), dtype));
    let shader = MergeShader {
        fold: merge.fold,
        values: (value, index, masked),
        arrays,
        chunks: CHUNKS
            .into_iter()
            .find(|&of| of >= chunks.len())
            .unwrap_or(chunks.len())
            .min(merged_at_a_time(merge, caps)),
        end: ended.map(|(_, (end, _), dtype)| (end, dtype)),
    };
    let made: Vec<DType> = match last {
        Some((_, dtype)) => vec![dtype],
        None => {
            let parts = shader.parts(caps).into_iter().map(|part| part.dtype);
            parts.map(|dtype| if words_of_sums { merge.dtype } else { dtype }).collect()
        }
    };
    let made = made.into_iter().map(|dtype| gpu.allocate(dtype, outputs)).collect::<Result<Vec<_>>>()?;
    let lanes = lanes(total as u64, outputs as u64);
    let (count, ddof) =
        ended.map_or((0, 0), |(finished, (_, ddof), _)| (finished.count.unwrap_or(0.0) as u64, ddof.to_bits()));
    let mut words = vec![outputs as u32, lanes as u32, chunks.len() as u32];
    words.extend([count as u32, (count >> 32) as u32, ddof as u32, (ddof >> 32) as u32]);
    let mut first = 0;
    for slots in slots {
        words.extend([first, slots as u32]);
        first += slots as u32;
    }
    // Those that it is written for beyond those that there are.
    let unused = std::iter::repeat_n(&chunks[0], shader.chunks - chunks.len());
    let buffers: Vec<&GpuBuffer> = chunks.iter().chain(unused).flatten().chain(&made).collect();
    gpu.launch(&shader, &words, &buffers, [(outputs as u64).div_ceil(WORKGROUP / lanes), 1])?;
    Ok(made)
}

/// Threads for an output: a power of two.
fn lanes(states: u64, outputs: u64) -> u64 {
    let most = (THREADS / outputs.max(1)).min(states / THREAD_STATES);
    1 << most.clamp(1, WORKGROUP).ilog2()
}
