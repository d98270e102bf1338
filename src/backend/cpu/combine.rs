//! The host's part of a reduction: merging partial states of any backend in order, and finishing the last one.

use std::sync::Arc;

use crate::dtype::{DType, with_float, with_number};
use crate::error::{Error, Result};
use crate::host::HostBuffer;
use crate::ops::fold::{to_f64, to_i64};
use crate::ops::reduce::{Finish, Fold};
use crate::ops::scalar::Real;
use crate::ops::states::states;
use crate::plan::{Finished, Merge};

/// Merges the states of several chunks, each `[slots, elements]` arrays, into one slot. Where indices count within each chunk, the
/// `lengths` of the chunks before are added.
#[must_use]
pub(crate) fn combine(
    merge: &Merge,
    lengths: &[u64],
    chunks: &[Vec<Arc<HostBuffer>>],
    elements: usize,
) -> Vec<HostBuffer> {
    let &Merge { fold, dtype, counted, positional, .. } = merge;
    let mut all = states(fold, dtype, elements);
    let separate = counted && fold != Fold::Moments;
    let mut counts = vec![0i64; if separate { elements } else { 0 }];
    let mut before = 0;
    for (k, arrays) in chunks.iter().enumerate() {
        let Some((count, own)) = arrays.split_last() else { continue };
        let moved;
        let mut own: Vec<&HostBuffer> = if separate { own } else { arrays }.iter().map(|a| a.as_ref()).collect();
        if positional {
            moved = shifted(own[1], before);
            own[1] = &moved;
            before += lengths[k] as i64;
        }
        all.take_in(&own);
        if separate {
            for slot in to_i64(count).chunks_exact(elements.max(1)) {
                counts.iter_mut().zip(slot).for_each(|(all, count)| *all += count);
            }
        }
    }
    let mut arrays = all.encode(dtype);
    if separate {
        arrays.push(HostBuffer::from_vec::<i64>(counts));
    }
    arrays
}

/// The states of one chunk, where nothing is to be merged with them: in one slot, of the dtypes that the host keeps.
pub(crate) fn single<'a>(
    merge: &Merge,
    chunks: &'a [Vec<Arc<HostBuffer>>],
    elements: usize,
) -> Option<Vec<&'a HostBuffer>> {
    let [arrays] = chunks else { return None };
    let dtypes = merge.fold.states(merge.dtype, merge.counted);
    let kept = arrays.iter().zip(&dtypes).all(|(array, &dtype)| array.dtype() == dtype && array.len() == elements);
    (kept && arrays.len() == dtypes.len()).then(|| arrays.iter().map(AsRef::as_ref).collect())
}

/// Found indices moved on.
fn shifted(indices: &HostBuffer, by: i64) -> HostBuffer {
    HostBuffer::from_vec::<i64>(to_i64(indices).into_iter().map(|i| if i < 0 { i } else { i + by }).collect())
}

/// The result of the last state (one slot), as `dtype`. The last of its arrays are counts, where it is `counted`.
///
/// # Errors
/// [`Error::EmptyReduction`] where an output has no elements and the reduction has no identity; [`Error::Memory`].
pub(crate) fn finish(last: &Finished, counted: bool, arrays: &[&HostBuffer], dtype: DType) -> Result<HostBuffer> {
    let counts: Option<Vec<f64>> = counted.then(|| arrays.last().map(|counts| to_f64(counts)).unwrap_or_default());
    let none = |i: usize| counts.as_ref().map_or(last.count == Some(0.0), |c| c[i] == 0.0);
    let elements = arrays[0].len();
    if let Some(op) = last.refuse_empty
        && (0..elements).any(none)
    {
        return Err(Error::EmptyReduction { op, shape: vec![None] });
    }
    let count = |i: usize| counts.as_ref().map_or(last.count.unwrap_or(f64::NAN), |c| c[i]);
    let floats = |f: &dyn Fn(usize) -> f64| {
        let mut out = HostBuffer::zeros(dtype, elements)?;
        with_float!(dtype.as_float(), T => out.stored_mut::<T>().iter_mut().enumerate().for_each(|(i, o)| *o = T::of(f(i))));
        Ok(out)
    };
    Ok(match last.finish {
        Finish::Index => HostBuffer::from_vec::<i64>(to_i64(arrays[1])),
        Finish::Mean => {
            let sums = to_f64(arrays[0]);
            floats(&|i| sums[i] / count(i))?
        }
        Finish::Var { ddof, root, few_are_nan } => {
            let squares = to_f64(arrays[2]);
            let var = |i: usize| {
                if none(i) || (few_are_nan && count(i) <= ddof) {
                    f64::NAN
                } else {
                    squares[i] / (count(i) - ddof).max(0.0)
                }
            };
            floats(&|i| if root { var(i).sqrt() } else { var(i) })?
        }
        // As they are.
        Finish::Value
            if arrays[0].dtype() == dtype && dtype != DType::Bool && !(last.nan_empty && (0..elements).any(none)) =>
        {
            let mut out = HostBuffer::scratch(dtype, elements)?;
            out.bytes_mut().copy_from_slice(arrays[0].bytes());
            out
        }
        Finish::Value if dtype.is_float() => {
            let values = to_f64(arrays[0]);
            floats(&|i| if last.nan_empty && none(i) { f64::NAN } else { values[i] })?
        }
        Finish::Value => {
            let mut out = HostBuffer::zeros(dtype, elements)?;
            let from = arrays[0];
            if dtype == DType::Bool {
                for (o, &v) in out.stored_mut::<u8>().iter_mut().zip(from.stored::<u8>()) {
                    *o = u8::from(v != 0);
                }
            } else {
                with_number!(dtype, T => {
                    for (o, v) in out.stored_mut::<T>().iter_mut().zip(bytes_as::<T>(from)) {
                        *o = v;
                    }
                });
            }
            out
        }
    })
}

/// The elements as `T`, which has the same size as the buffer's dtype, or converted through `i64`.
fn bytes_as<T: bytemuck::Pod>(buffer: &HostBuffer) -> Vec<T> {
    if buffer.dtype().size() == size_of::<T>() {
        return buffer.stored::<T>().to_vec();
    }
    let wide = to_i64(buffer);
    wide.iter().map(|v| bytemuck::pod_read_unaligned(&v.to_le_bytes()[..size_of::<T>()])).collect()
}
