//! Random elements that are made on the host: the words that belong to a place, and arrays of what a function makes of them.

use super::creation::auto;
use crate::dtype::{DType, Element};
use crate::graph::node::c_strides;
use crate::graph::{HostFunction, HostTask, Node, infer};
use crate::host::HostBuffer;
use crate::ops::RandomSpec;
use crate::ops::random::philox;
use crate::width::in_memory;
use std::sync::Arc;

/// The random words of one element: Philox blocks counted from its index.
pub(crate) struct ElementRng {
    spec: RandomSpec,
    index: u64,
    block: u32,
    words: [u32; 4],
    used: usize,
}

impl ElementRng {
    pub(crate) fn new(spec: RandomSpec, index: u64) -> Self {
        Self { spec, index, block: 0, words: [0; 4], used: 4 }
    }
    #[expect(clippy::cast_possible_truncation, reason = "words are halves of numbers")]
    fn word(&mut self) -> u32 {
        if self.used == 4 {
            let counter = [self.index as u32, (self.index >> 32) as u32, self.spec.stream, self.block];
            self.words = philox(counter, [self.spec.seed as u32, (self.spec.seed >> 32) as u32]);
            self.block = self.block.wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }
    /// A float in [0, 1), of 53 bits.
    pub(super) fn uniform(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }
    /// An integer below `range`, without bias.
    #[expect(clippy::cast_possible_truncation, reason = "the halves of a product")]
    pub(super) fn below(&mut self, range: u64) -> u64 {
        loop {
            let word = u64::from(self.word()) | u64::from(self.word()) << 32;
            let product = u128::from(word) * u128::from(range);
            if product as u64 >= range.wrapping_neg() % range {
                return (product >> 64) as u64;
            }
        }
    }
}

impl rand::TryRng for ElementRng {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.word())
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from(self.word()) | u64::from(self.word()) << 32)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in out.chunks_mut(4) {
            chunk.copy_from_slice(&self.word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// The numbers, in C order of an array with these strides, of the elements in a region, in C order.
pub(super) fn places(strides: &[i64], region: &[(u64, u64)]) -> impl Iterator<Item = u64> {
    let own: Vec<u64> = region.iter().map(|(start, end)| end - start).collect();
    let local = c_strides(&own);
    let (strides, region) = (strides.to_vec(), region.to_vec());
    (0..own.iter().product()).map(move |i| {
        (0..own.len()).fold(0, |index, k| {
            let at = i / local[k].cast_unsigned() % own[k] + region[k].0;
            index + at * strides[k].cast_unsigned()
        })
    })
}

/// An array of what `value` makes of the words of each place. With a `key`, arrays of one key, spec and shape are one.
pub(crate) fn by_place<T: Element>(
    name: &str,
    key: Option<u128>,
    spec: RandomSpec,
    shape: &[u64],
    value: impl Fn(&mut ElementRng) -> T + Send + Sync + 'static,
) -> Arc<Node> {
    let strides = c_strides(shape);
    let run = move |task: &HostTask<'_>| {
        let own = task.shape();
        let mut values = HostBuffer::scratch(T::DTYPE, in_memory(own.iter().product()))?;
        for (made, index) in values.stored_mut::<T::Stored>().iter_mut().zip(places(&strides, task.region)) {
            *made = value(&mut ElementRng::new(spec, index)).store();
        }
        Ok((values, own))
    };
    let function = match key {
        Some(key) => HostFunction::named(name, &(key, spec, shape), run),
        None => HostFunction::new(name, run),
    };
    infer::host(HostFunction { by_place: true, ..function }, vec![], T::DTYPE, auto(shape, T::DTYPE))
}

/// An array of vectors along a new last axis: `fill` makes one of `len` numbers of the words of each place of `shape`.
pub(super) fn vectors(
    name: &str,
    spec: RandomSpec,
    shape: &[u64],
    len: u64,
    fill: impl Fn(&mut ElementRng, &mut [f64]) + Send + Sync + 'static,
) -> Arc<Node> {
    let strides = c_strides(shape);
    let run = move |task: &HostTask<'_>| {
        let own = task.shape();
        let (last, lead) = task.region.split_last().ok_or_else(|| crate::error::Error::bug("vectors on no axis"))?;
        let part = in_memory(last.0)..in_memory(last.1);
        let mut values = HostBuffer::scratch(DType::F64, in_memory(own.iter().product()))?;
        let mut vector = vec![0.0; in_memory(len)];
        let rows = values.stored_mut::<f64>().chunks_mut(part.len().max(1));
        for (made, index) in rows.zip(places(&strides, lead)) {
            fill(&mut ElementRng::new(spec, index), &mut vector);
            made.copy_from_slice(&vector[part.clone()]);
        }
        Ok((values, own))
    };
    let shape: Vec<u64> = shape.iter().copied().chain([len]).collect();
    let function = HostFunction { by_place: true, ..HostFunction::new(name, run) };
    infer::host(function, vec![], DType::F64, auto(&shape, DType::F64))
}
