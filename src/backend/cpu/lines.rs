//! Lines that are sorted together: where they lie in the elements, and in the words that are compared.

use super::network::{self, LANES};
use super::packing::Packing;
use super::quick::{self, Wanted, Words};
use crate::ops::sort::Word;

/// Elements of a job at least, where lines are short.
pub(super) const JOB: usize = 1 << 15;

/// Some lines.
#[derive(Clone, Copy)]
pub(super) struct Lines {
    lines: usize,
    len: usize,
    /// The first element; steps from line to line, and along a line.
    first: usize,
    steps: [usize; 2],
    /// The same of words: side by side in a network.
    own: [usize; 2],
}

/// What is done with lines, given memory for their words, and as much again.
type Work<'a, W> = dyn FnMut(Lines, &mut [W], &mut [W]) + 'a;

/// Calls `work` with some lines after others of a job's elements, and memory for their words.
pub(super) fn each<W: Words>([_, len, inner]: [usize; 3], elements: usize, work: &mut Work<'_, W>) {
    // Lines that follow each other are quicker one by one where processors have vectors for it.
    let networked = network::is_for(len) && !(inner == 1 && quick::is_here());
    let most = if networked { LANES } else { (JOB / len).clamp(1, 16) };
    let (rows, row, steps) =
        if inner == 1 { (1, elements / len, [len, 1]) } else { (elements / (len * inner), inner, [1, inner]) };
    let room = most.min(row) * len;
    let (mut words, mut spare) = (vec![W::cut(0); room], vec![W::cut(0); room]);
    for at in 0..rows {
        for lane in (0..row).step_by(most) {
            let lines = most.min(row - lane);
            let first = at * len * inner + lane * steps[0];
            let own = if networked { [1, lines] } else { [len, 1] };
            work(Lines { lines, len, first, steps, own }, &mut words[..lines * len], &mut spare[..lines * len]);
        }
    }
}

impl Lines {
    /// The place of an element, and of its word.
    #[inline(always)]
    fn place(&self, line: usize, at: usize) -> (usize, usize) {
        (self.first + line * self.steps[0] + at * self.steps[1], line * self.own[0] + at * self.own[1])
    }

    /// Calls `row` with runs that lie side by side in both: the first element's place, its word's, how many there are, and where in its
    /// line the first is, and how far each is behind the one before it.
    #[inline(always)]
    fn runs(&self, mut row: impl FnMut([usize; 3], [usize; 2])) {
        let run = |line, at, count| {
            let (value, word) = self.place(line, at);
            [value, word, count]
        };
        match (self.steps, self.own) {
            ([_, 1], [_, 1]) => (0..self.lines).for_each(|line| row(run(line, 0, self.len), [0, 1])),
            ([1, _], [1, _]) => (0..self.len).for_each(|at| row(run(0, at, self.lines), [at, 0])),
            ([1, _], _) => (0..self.len).for_each(|at| (0..self.lines).for_each(|line| row(run(line, at, 1), [at, 0]))),
            _ => (0..self.lines).for_each(|line| (0..self.len).for_each(|at| row(run(line, at, 1), [at, 0]))),
        }
    }

    /// Makes the words of all elements.
    pub(super) fn fill<T: Word, W: Word>(&self, packing: Packing, values: &[T], words: &mut [W]) {
        self.runs(|[value, word, count], [place, step]| {
            packing.fill(&values[value..][..count], &mut words[word..][..count], place, step);
        });
    }

    /// Makes words with places of those that are keys.
    pub(super) fn pack(&self, packing: Packing, words: &mut [u64]) {
        self.runs(|[_, word, count], [place, step]| packing.pack(&mut words[word..][..count], place, step));
    }

    /// Brings the words of each line into order.
    pub(super) fn sort<W: Words>(&self, words: &mut [W], spare: &mut [W], wanted: Wanted<'_>) {
        if self.own[0] == 1 && self.len > 1 {
            return network::sort(words, self.lines, self.len, wanted);
        }
        let lines = words.chunks_mut(self.len).zip(spare.chunks_mut(self.len));
        lines.for_each(|(words, spare)| W::sort(words, spare, wanted));
    }

    /// Looks again at words that agree in all but their places.
    pub(super) fn settle<T: Word>(&self, packing: Packing, values: &[T], words: &mut [u64]) {
        for line in (0..self.lines).filter(|_| !packing.is_exact()) {
            let word_at = |at| self.place(line, at).1;
            if (1..self.len).any(|at| packing.is_tie(words[word_at(at - 1)], words[word_at(at)])) {
                let mut own: Vec<u64> = (0..self.len).map(|at| words[word_at(at)]).collect();
                packing.settle(&mut own, &|at| packing.key(values[self.place(line, at).0]));
                own.into_iter().enumerate().for_each(|(at, word)| words[word_at(at)] = word);
            }
        }
    }

    /// Puts what is made of words where their elements lie, at the places that are read.
    pub(super) fn put<W, O>(&self, words: &[W], out: &mut [O], wanted: Wanted<'_>, put: &dyn Fn(&[W], &mut [O])) {
        let Some(wanted) = wanted else {
            return self.runs(|[value, word, count], _| put(&words[word..][..count], &mut out[value..][..count]));
        };
        for &at in wanted {
            for line in 0..self.lines {
                let (value, word) = self.place(line, at as usize);
                put(&words[word..=word], &mut out[value..=value]);
            }
        }
    }
}
