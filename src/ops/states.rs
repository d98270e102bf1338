//! States of a fold behind one interface without types: what goes round a fold (pieces, threads, chunks) is compiled once, and
//! only the loops over elements are compiled for each fold and dtype.

use std::any::Any;

use super::fold::{ArgExtreme, Elements, Extreme, Folder, Last, Sum};
use super::moments::Moments;
use super::reduce::Fold;
use crate::dtype::{DType, with_float, with_number};
use crate::host::HostBuffer;

/// A strip's elements as [`Elements`] has them, the values as bytes.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a> {
    pub(crate) values: &'a [u8],
    pub(crate) indices: &'a [i64],
    pub(crate) mask: Option<&'a [u8]>,
}

impl<'a> Bytes<'a> {
    fn typed<T: bytemuck::Pod>(self) -> Elements<'a, T> {
        Elements { values: bytemuck::cast_slice(self.values), indices: self.indices, mask: self.mask }
    }
}

/// The states of some outputs, of one fold over one dtype.
pub(crate) trait States: Send {
    /// A strip of the output whose run of strips is under way.
    fn strip(&mut self, elements: Bytes<'_>);
    /// The run of strips ends: the state of output `at` takes it in.
    fn close(&mut self, at: usize);
    /// Element `i` enters the state of output `at + i`.
    fn row(&mut self, at: usize, elements: Bytes<'_>);
    /// The same with element `i` of four rows, in their order, none masked.
    fn four_rows(&mut self, at: usize, rows: [&[u8]; 4]);
    /// Each `width` elements enter the state of one output, the first of them that of `at`.
    fn rows(&mut self, at: usize, width: usize, elements: Bytes<'_>);
    /// Element `i` enters the state of output `place(i)`.
    fn scatter(&mut self, place: &mut dyn FnMut(usize) -> usize, elements: Bytes<'_>);
    /// Output `at` and those after it take in the states of a later piece of work.
    ///
    /// # Panics
    /// If those are of another fold or dtype.
    fn merge(&mut self, at: usize, later: &dyn States);
    /// The states that arrays hold (see [`Fold::states`], without the count of masked folds): one slot after another.
    fn take_in(&mut self, arrays: &[&HostBuffer]);
    /// The states as such arrays, for values of `dtype`.
    fn encode(&self, dtype: DType) -> Vec<HostBuffer>;
    fn as_any(&self) -> &dyn Any;
}

/// States of nothing for `outputs` outputs.
pub(crate) fn states(fold: Fold, dtype: DType, outputs: usize) -> Box<dyn States> {
    if fold == Fold::Last {
        return with_float!(dtype.as_float(), T => Typed::<Last<T>>::boxed(outputs));
    }
    with_number!(dtype, T => match fold {
        Fold::Sum | Fold::Last => Typed::<Sum<T, false>>::boxed(outputs),
        Fold::Prod => Typed::<Sum<T, true>>::boxed(outputs),
        Fold::Min => Typed::<Extreme<T, false>>::boxed(outputs),
        Fold::Max => Typed::<Extreme<T, true>>::boxed(outputs),
        Fold::Argmin => Typed::<ArgExtreme<T, false>>::boxed(outputs),
        Fold::Argmax => Typed::<ArgExtreme<T, true>>::boxed(outputs),
        Fold::Moments => Typed::<Moments<T>>::boxed(outputs),
    })
}

struct Typed<F: Folder> {
    states: Vec<F::Acc>,
    /// Strips of one output merge as a binary counter does: a tree whose shape depends on their number alone.
    levels: Vec<Option<F::Acc>>,
    /// Elements that entered one by one since states were settled, and how many of each state they may be.
    entered: usize,
    each: usize,
}

impl<F: Folder + 'static> Typed<F> {
    fn boxed(outputs: usize) -> Box<dyn States> {
        Box::new(Self { states: vec![F::IDENTITY; outputs], levels: Vec::new(), entered: 0, each: 8 })
    }
    /// Settles all states, when a few elements entered each: soon at first, and less often as their shifts are good ones.
    fn enter(&mut self, elements: usize) {
        const MOST: usize = 256;
        if !F::SETTLES {
            return;
        }
        self.entered += elements;
        if self.entered >= self.each * self.states.len() {
            (self.entered, self.each) = (0, MOST.min(2 * self.each));
            self.states.iter_mut().for_each(|state| *state = F::settled(*state));
        }
    }
}

impl<F: Folder + 'static> States for Typed<F> {
    fn strip(&mut self, elements: Bytes<'_>) {
        let mut state = F::strip(elements.typed());
        for level in &mut self.levels {
            match level.take() {
                None => return *level = Some(state),
                Some(earlier) => state = F::combine(earlier, state),
            }
        }
        self.levels.push(Some(state));
    }
    fn close(&mut self, at: usize) {
        let mut run = None;
        for earlier in self.levels.drain(..).flatten() {
            run = Some(run.map_or(earlier, |later| F::combine(earlier, later)));
        }
        if let (Some(run), Some(state)) = (run, self.states.get_mut(at)) {
            *state = F::combine(*state, run);
        }
    }
    fn row(&mut self, at: usize, elements: Bytes<'_>) {
        let elements = elements.typed::<F::T>();
        F::row(&mut self.states[at..][..elements.values.len()], elements);
        self.enter(elements.values.len());
    }
    fn four_rows(&mut self, at: usize, [a, b, c, d]: [&[u8]; 4]) {
        let a: &[F::T] = bytemuck::cast_slice(a);
        let rows = [a, bytemuck::cast_slice(b), bytemuck::cast_slice(c), bytemuck::cast_slice(d)];
        F::four_rows(&mut self.states[at..][..a.len()], rows);
        self.enter(4 * a.len());
    }
    fn rows(&mut self, at: usize, width: usize, elements: Bytes<'_>) {
        /// Elements from which on lanes and their tree are quicker than one after another.
        const LONG: usize = 24;
        let elements = elements.typed::<F::T>();
        let plain = elements.mask.is_none() && elements.indices.is_empty();
        let states = self.states[at..].iter_mut().zip(elements.values.chunks(width));
        for (i, (state, values)) in states.enumerate() {
            if plain && width < LONG {
                *state = values.iter().fold(*state, |state, &value| F::push(state, value, 0));
                continue;
            }
            let row = i * width..i * width + values.len();
            let indices = if elements.indices.is_empty() { &[] } else { &elements.indices[row.clone()] };
            let row = Elements { values, indices, mask: elements.mask.map(|mask| &mask[row]) };
            *state = if width < LONG {
                let taken = (0..values.len()).filter(|&i| row.taken(i));
                taken.fold(*state, |state, i| F::push(state, values[i], row.index(i)))
            } else {
                F::combine(*state, F::strip(row))
            };
        }
    }
    fn scatter(&mut self, place: &mut dyn FnMut(usize) -> usize, elements: Bytes<'_>) {
        let elements = elements.typed::<F::T>();
        for (i, &value) in elements.values.iter().enumerate() {
            if elements.taken(i) {
                let state = &mut self.states[place(i)];
                *state = F::push(*state, value, elements.index(i));
            }
        }
        self.enter(elements.values.len());
    }
    fn merge(&mut self, at: usize, later: &dyn States) {
        let later = later.as_any().downcast_ref::<Self>().expect("states of one fold and dtype are merged");
        for (state, &later) in self.states[at..].iter_mut().zip(&later.states) {
            *state = F::combine(*state, later);
        }
    }
    fn take_in(&mut self, arrays: &[&HostBuffer]) {
        for slot in F::decode(arrays).chunks_exact(self.states.len().max(1)) {
            for (state, &later) in self.states.iter_mut().zip(slot) {
                *state = F::combine(*state, later);
            }
        }
    }
    fn encode(&self, dtype: DType) -> Vec<HostBuffer> {
        F::encode(&self.states, dtype)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
