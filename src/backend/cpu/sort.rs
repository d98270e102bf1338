//! `sort`, `argsort`: lines by unsigned words whose order is that of the elements. Short lines go side by side through a network of
//! comparisons, which is a loop over lanes for each; others through a quicksort, long ones in parts that are merged.

use std::sync::atomic::{AtomicU64, Ordering};

use super::jobs::{Inputs, each_job};
use super::lines::{self, JOB, Lines};
use super::packing::Packing;
use super::quick::{Wanted, Words};
use super::{map, parts};
use crate::dtype::{DType, with_bits};
use crate::error::Result;
use crate::host::HostBuffer;
use crate::ops::Sorting;
use crate::ops::sort::{Keys, Word};
use crate::plan::expr::Program;
use crate::plan::kernel::Piece;

/// Sorts the lines of one chunk in C order: `[outer, along the lines, inner]`. Where only some places of each are read, what is at the
/// others may be anything.
pub(super) fn run(
    program: &Program,
    sorting: Sorting,
    wanted: Wanted<'_>,
    pieces: Vec<Piece>,
    lines: [u64; 3],
    inputs: &Inputs<'_>,
) -> Result<HostBuffer> {
    let (dtype, sizes) = (program.output_dtype(0), lines.map(|n| n as usize));
    let elements = sizes.iter().product();
    let mut values = map::run(program, pieces, inputs, elements)?;
    let keys = Keys::of(dtype, sorting);
    if elements == 0 {
        return HostBuffer::zeros(sorting.made(dtype), 0);
    }
    let is_long = sizes[1] == elements && elements > JOB;
    if sorting.places {
        return with_bits!(dtype, T => match is_long {
            true => long_places::<T>(keys, wanted, values.stored()),
            false => places::<T>(keys, sizes, wanted, values.stored()),
        });
    }
    // Where they lie.
    match (dtype.size(), is_long) {
        (8, true) => return long::<u64>(keys, wanted, values),
        (4, true) => return long::<u32>(keys, wanted, values),
        (1, true) => counted::<u8>(keys, values.stored_mut()),
        (2, true) => counted::<u16>(keys, values.stored_mut()),
        (1, _) => in_place::<u8, u32>(keys, sizes, wanted, values.stored_mut()),
        (2, _) => in_place::<u16, u32>(keys, sizes, wanted, values.stored_mut()),
        (4, _) => in_place::<u32, u32>(keys, sizes, wanted, values.stored_mut()),
        _ => in_place::<u64, u64>(keys, sizes, wanted, values.stored_mut()),
    }
    Ok(values)
}

/// Elements of a slab that a job has: all lanes, and more lines where they are few.
fn slab([outer, len, inner]: [usize; 3]) -> usize {
    let own = len * inner;
    if inner == 1 { own * (JOB / own).clamp(1, outer) } else { own }
}

fn in_place<T: Word, W: Words>(keys: Keys, sizes: [usize; 3], wanted: Wanted<'_>, values: &mut [T]) {
    let packing = Packing::elements(keys);
    each_job(values.chunks_mut(slab(sizes)).collect(), &|values: &mut [T]| {
        lines::each::<W>(sizes, values.len(), &mut |lines, words, spare| {
            lines.fill(packing, values, words);
            lines.sort(words, spare, wanted);
            lines.put(words, values, wanted, &|words, out| packing.values(words, out));
        });
    });
}

fn places<T: Word>(keys: Keys, sizes: [usize; 3], wanted: Wanted<'_>, values: &[T]) -> Result<HostBuffer> {
    let (mut made, slab) = (HostBuffer::scratch(DType::I64, values.len())?, slab(sizes));
    let jobs = values.chunks(slab).zip(as_words(&mut made).chunks_mut(slab)).collect();
    each_job(jobs, &|(values, out): (&[T], &mut [u64])| {
        lines::each(sizes, values.len(), &mut |lines, words, spare| {
            let packing = packed(keys, &lines, values, words, sizes[1]);
            let wanted = wanted.filter(|_| packing.is_exact());
            lines.sort(words, spare, wanted);
            lines.settle(packing, values, words);
            lines.put(words, out, wanted, &|words, out: &mut [u64]| {
                out.copy_from_slice(words);
                packing.strip(out);
            });
        });
    });
    Ok(made)
}

/// Makes the words of lines, with places; how they are packed.
fn packed<T: Word>(keys: Keys, lines: &Lines, values: &[T], words: &mut [u64], len: usize) -> Packing {
    if size_of::<T>() <= 4 {
        let packing = Packing::narrow(keys);
        lines.fill(packing, values, words);
        return packing;
    }
    lines.fill(Packing::elements(keys), values, words);
    let (least, most) = words.iter().fold((u64::MAX, 0), |(least, most), &key| (key.min(least), key.max(most)));
    let packing = Packing::wide(keys, len, least, most);
    lines.pack(packing, words);
    packing
}

/// One long line of elements as wide as what is compared, where it is and in as much memory again.
fn long<W: Words>(keys: Keys, wanted: Wanted<'_>, mut values: HostBuffer) -> Result<HostBuffer> {
    let mut other = HostBuffer::scratch(values.dtype(), values.len())?;
    let (words, spare) = (bytemuck::cast_slice_mut(values.bytes_mut()), bytemuck::cast_slice_mut(other.bytes_mut()));
    let packing = Packing::elements(keys);
    let turn = |_: usize, words: &mut [W]| packing.turn(words);
    let is_here = parts::sort(words, spare, wanted, &turn, &|words| packing.turn_back(words));
    Ok(if is_here { values } else { other })
}

/// One long line of elements that have few values: how many there are of each.
fn counted<T: Word>(keys: Keys, values: &mut [T]) {
    let mut counts = vec![0usize; 1 << (8 * size_of::<T>())];
    values.iter().for_each(|value| counts[keys.key(value.widen()) as usize] += 1);
    let mut rest = values;
    for (key, count) in (0..).zip(counts) {
        let (same, behind) = std::mem::take(&mut rest).split_at_mut(count);
        same.fill(T::cut(keys.bits(key)));
        rest = behind;
    }
}

/// The places of one long line.
fn long_places<T: Word>(keys: Keys, wanted: Wanted<'_>, values: &[T]) -> Result<HostBuffer> {
    let packing = if size_of::<T>() <= 4 {
        Packing::narrow(keys)
    } else {
        let (least, most) = (AtomicU64::new(u64::MAX), AtomicU64::new(0));
        each_job(values.chunks(JOB).collect(), &|values: &[T]| {
            let mut own = vec![0; values.len()];
            Packing::elements(keys).fill(values, &mut own, 0, 0);
            let (a, b) = own.iter().fold((u64::MAX, 0), |(a, b), &key| (key.min(a), key.max(b)));
            least.fetch_min(a, Ordering::Relaxed);
            most.fetch_max(b, Ordering::Relaxed);
        });
        Packing::wide(keys, values.len(), least.into_inner(), most.into_inner())
    };
    let wanted = wanted.filter(|_| packing.is_exact());
    let (mut made, mut other) =
        (HostBuffer::scratch(DType::I64, values.len())?, HostBuffer::scratch(DType::I64, values.len())?);
    let fill = |start: usize, words: &mut [u64]| packing.fill(&values[start..][..words.len()], words, start, 1);
    let strip = |words: &mut [u64]| {
        if packing.is_exact() {
            packing.strip(words);
        }
    };
    if !parts::sort(as_words(&mut made), as_words(&mut other), wanted, &fill, &strip) {
        std::mem::swap(&mut made, &mut other);
    }
    drop(other);
    if !packing.is_exact() {
        let apart = |word, next| !packing.is_tie(word, next);
        each_job(parts::split(as_words(&mut made), &apart), &|words: &mut [u64]| {
            packing.settle(words, &|place| packing.key(values[place]));
            packing.strip(words);
        });
    }
    Ok(made)
}

/// Places as the words that they are sorted in.
fn as_words(places: &mut HostBuffer) -> &mut [u64] {
    bytemuck::cast_slice_mut(places.bytes_mut())
}
