//! Merges: the states that reductions made of several chunks become one, and the last of them a result, without leaving the device.
//! The host's twin is [`crate::backend::cpu::combine`]. What a device cannot merge is said by the plan
//! (`family/combine.rs`), which leaves it to the host.

use super::buffer::GpuBuffer;
use super::ending::Ending;
use super::job::Job;
use super::merge_source::{MergePart, WORKGROUP, end};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{Finish, Fold};
use crate::plan::family::merged_at_a_time;
use crate::plan::{Finished, Merge};

/// States that a thread takes at least where there are many.
const THREAD_STATES: u64 = 8;
/// Threads that fill a large device.
const THREADS: u64 = 1 << 18;
/// Chunks that a shader is written for: the fewer kinds, the fewer pipelines; the more, the fewer buffers are bound for nothing.
const CHUNKS: [usize; 9] = [1, 2, 3, 4, 6, 8, 16, 32, 64];

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
    let part = MergePart {
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
            let parts = part.parts(caps).into_iter().map(|part| part.dtype);
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
    let unused = std::iter::repeat_n(&chunks[0], part.chunks - chunks.len());
    let reads = chunks.iter().chain(unused).flatten().cloned().collect();
    let groups = (outputs as u64).div_ceil(WORKGROUP / lanes);
    gpu.merge(Ending { part, words, reads, writes: made.clone(), groups, tag: None })?;
    Ok(made)
}

/// Threads for an output: a power of two.
fn lanes(states: u64, outputs: u64) -> u64 {
    let most = (THREADS / outputs.max(1)).min(states / THREAD_STATES);
    1 << most.clamp(1, WORKGROUP).ilog2()
}
