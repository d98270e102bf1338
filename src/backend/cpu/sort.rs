//! `sort`, `argsort`: lines by unsigned keys whose order is that of the elements. Short lines go side by side through a network of
//! comparisons, which is a loop over lanes for each; long ones are sorted in parts that are merged.

use super::items::{Item, Narrow, NarrowPlace, Wide, WidePlace};
use super::jobs::{Inputs, each_job};
use super::map;
use super::network::{self, LANES};
use super::parts;
use crate::error::Result;
use crate::host::HostBuffer;
use crate::ops::Sorting;
use crate::ops::sort::{Keys, Word};
use crate::plan::expr::Program;
use crate::plan::kernel::Piece;

/// Elements of a job at least, where lines are short.
const JOB: usize = 1 << 15;

/// Sorts the lines of one chunk in C order: `[outer, along the lines, inner]`.
pub(super) fn run(
    program: &Program,
    sorting: Sorting,
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
    if !sorting.places {
        // Where they lie.
        let bytes = values.bytes_mut();
        match dtype.size() {
            1 => in_place::<u8, Narrow>(keys, sizes, bytes),
            2 => in_place::<u16, Narrow>(keys, sizes, bytes),
            4 => in_place::<u32, Narrow>(keys, sizes, bytes),
            _ => in_place::<u64, Wide>(keys, sizes, bytes),
        }
        return Ok(values);
    }
    let mut out = HostBuffer::scratch(sorting.made(dtype), elements)?;
    let bytes = values.bytes();
    match dtype.size() {
        1 => places::<u8, NarrowPlace>(keys, sizes, bytes, out.stored_mut()),
        2 => places::<u16, NarrowPlace>(keys, sizes, bytes, out.stored_mut()),
        4 => places::<u32, NarrowPlace>(keys, sizes, bytes, out.stored_mut()),
        _ => places::<u64, WidePlace>(keys, sizes, bytes, out.stored_mut()),
    }
    Ok(out)
}

/// Elements of a slab that a job has: all lanes, and more lines where they are few.
fn slab([outer, len, inner]: [usize; 3]) -> usize {
    let own = len * inner;
    if inner == 1 { own * (JOB / own).clamp(1, outer) } else { own }
}

fn in_place<T: Word, I: Item>(keys: Keys, sizes: [usize; 3], bytes: &mut [u8]) {
    let values: &mut [T] = bytemuck::cast_slice_mut(bytes);
    each_job(values.chunks_mut(slab(sizes)).collect(), &|values: &mut [T]| {
        for_each_group::<I>(sizes, values.len(), &mut |group, items, spare| {
            group.gather(keys, values, items);
            let sorted = group.sort(items, spare);
            group.each(&mut |at, item, _| values[at] = T::cut(keys.bits(sorted[item].key())));
        });
    });
}

fn places<T: Word, I: Item>(keys: Keys, sizes: [usize; 3], bytes: &[u8], out: &mut [i64]) {
    let (values, slab): (&[T], _) = (bytemuck::cast_slice(bytes), slab(sizes));
    let jobs = values.chunks(slab).zip(out.chunks_mut(slab)).collect();
    each_job(jobs, &|(values, out): (&[T], &mut [i64])| {
        for_each_group::<I>(sizes, values.len(), &mut |group, items, spare| {
            group.gather(keys, values, items);
            let sorted = group.sort(items, spare);
            group.each(&mut |at, item, _| out[at] = sorted[item].place());
        });
    });
}

/// Lines that are worked on together: where they lie in the elements, and in the items.
#[derive(Clone, Copy)]
struct Group {
    lines: usize,
    len: usize,
    /// The first element; steps from line to line, and along a line.
    first: usize,
    steps: [usize; 2],
    /// The same of items: side by side in a network.
    own: [usize; 2],
}

/// What is done with a group, given memory for its items, and as much again.
type Work<'a, I> = dyn FnMut(Group, &mut Vec<I>, &mut Vec<I>) + 'a;

/// Calls `work` with each group of lines of a job's elements, and memory for items.
fn for_each_group<I: Item>([_, len, inner]: [usize; 3], elements: usize, work: &mut Work<'_, I>) {
    let networked = network::is_for::<I>(len);
    let most = if networked { LANES } else { (JOB / len).clamp(1, 16) };
    let (mut items, mut spare) = (Vec::new(), Vec::new());
    // Of lines that are side by side, or follow each other.
    let (rows, row, steps) =
        if inner == 1 { (1, elements / len, [len, 1]) } else { (elements / (len * inner), inner, [1, inner]) };
    for at in 0..rows {
        for lane in (0..row).step_by(most) {
            let lines = most.min(row - lane);
            let first = at * len * inner + lane * steps[0];
            let own = if networked { [1, lines] } else { [len, 1] };
            items.resize(lines * len, I::default());
            work(Group { lines, len, first, steps, own }, &mut items, &mut spare);
        }
    }
}

impl Group {
    /// Calls `f` with the place of each element, of its item, and along its line: element after element where they lie side by side.
    #[inline(always)]
    fn each(&self, f: &mut impl FnMut(usize, usize, usize)) {
        let [by_line, along] = self.steps;
        if along == 1 {
            for line in 0..self.lines {
                for at in 0..self.len {
                    f(self.first + line * by_line + at, line * self.own[0] + at * self.own[1], at);
                }
            }
        } else {
            for at in 0..self.len {
                for line in 0..self.lines {
                    f(self.first + line * by_line + at * along, line * self.own[0] + at * self.own[1], at);
                }
            }
        }
    }

    fn gather<T: Word, I: Item>(&self, keys: Keys, values: &[T], items: &mut [I]) {
        self.each(&mut |at, item, place| items[item] = I::new(keys.key(values[at].widen()), place));
    }

    /// The items of each line in order.
    fn sort<'a, I: Item>(&self, items: &'a mut Vec<I>, spare: &'a mut Vec<I>) -> &'a [I] {
        if self.own[0] == 1 && self.len > 1 {
            network::sort(items, self.lines, self.len);
        } else if self.lines == 1 {
            return parts::sort(items, spare);
        } else {
            items.chunks_mut(self.len).for_each(<[I]>::sort_unstable);
        }
        items
    }
}
