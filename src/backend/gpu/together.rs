//! Merges that need nothing of each other go in one dispatch: they wait in the recorder until one of their results is read, or what is
//! recorded is submitted. What is launched meanwhile goes ahead of them: it writes buffers of its own, and reads none of theirs. Those
//! that have not come together before, or seldom, go one by one: nearly each mixture is a shader of its own, and most never come again.

use std::hash::BuildHasher as _;

use rustc_hash::FxBuildHasher;

use super::buffer::GpuBuffer;
use super::ending::Ending;
use super::launch::{CommandBuffer, Dispatch, Target};
use super::merge_source::Merges;
use super::shader::Shader as _;
use super::spans::Tag;
use crate::error::Result;
use crate::plan::capability::Capabilities;

/// Merges of a dispatch, and buffers that several bind, at most: a pipeline is compiled for each choice of them.
const MOST: usize = 8;
const MOST_BOUND: usize = 256;

impl CommandBuffer {
    /// Records a merge, which waits for others.
    ///
    /// # Errors
    /// As [`CommandBuffer::record`].
    pub(super) fn merge(&mut self, target: &Target<'_>, ending: Ending) -> Result<()> {
        self.ready(target, ending.bytes(), &ending.reads.iter().collect::<Vec<_>>())?;
        self.endings.push(ending);
        self.flush_enough(target)
    }

    /// Records what waits, in as few dispatches as can be: always in the same order, whichever came first.
    ///
    /// # Errors
    /// As [`CommandBuffer::record`]; what was not recorded is spoiled.
    pub(super) fn end(&mut self, target: &Target<'_>) -> Result<()> {
        let mut endings = std::mem::take(&mut self.endings);
        endings.sort_by_cached_key(|ending| (ending.bound(), FxBuildHasher.hash_one(&ending.part)));
        let mut rest = endings.as_slice();
        while !rest.is_empty() {
            let (some, others) = rest.split_at(together(rest, &target.device.capabilities));
            let at_once = if some.len() > 1 && !target.pipelines.is_worth_it(&shader(some)) { 1 } else { some.len() };
            for few in some.chunks(at_once) {
                if let Err(error) = self.dispatch(target, few) {
                    rest.iter().flat_map(|ending| &ending.writes).for_each(|made| made.memory.spoil());
                    return Err(error);
                }
            }
            rest = others;
        }
        Ok(())
    }

    fn dispatch(&mut self, target: &Target<'_>, endings: &[Ending]) -> Result<()> {
        let shader = shader(endings);
        let (mut words, mut own) = (Vec::new(), Vec::new());
        let mut groups = 0;
        for ending in endings {
            words.extend([groups as u32, (2 * endings.len() + own.len()) as u32]);
            own.extend_from_slice(&ending.words);
            groups += ending.groups;
        }
        words.extend(own);
        let reads = endings.iter().flat_map(|ending| &ending.reads);
        let buffers: Vec<&GpuBuffer> = reads.chain(endings.iter().flat_map(|ending| &ending.writes)).collect();
        let (pipeline, (_, writes)) = (target.pipelines.get(&shader)?, shader.buffers());
        // Told of the first: what is done at once has no times of its own.
        let tag = endings[0].tag.clone();
        tag.iter().for_each(Tag::launched);
        self.push(
            target,
            Dispatch { pipeline, words: &words, buffers: &buffers, writes, groups: [groups, 1], tag, took: None },
        )
    }
}

/// The shader of these in one dispatch.
fn shader(endings: &[Ending]) -> Merges {
    Merges(endings.iter().map(|ending| ending.part.clone()).collect())
}

/// How many of these, the first ones, go in a dispatch: of alike ones so many that there are few shaders.
fn together(endings: &[Ending], caps: &Capabilities) -> usize {
    let most = MOST_BOUND.min(caps.max_storage_buffers as usize);
    let (mut bound, mut bytes) = (1, 0);
    let fits = |ending: &&Ending| {
        bound += ending.bound();
        bytes += ending.part.workgroup_bytes(caps);
        bound <= most && bytes <= u64::from(caps.max_workgroup_storage)
    };
    let count = endings.iter().take(MOST).take_while(fits).count().max(1);
    let alike = endings[..count].iter().all(|ending| ending.part == endings[0].part);
    if alike && matches!(count, 5 | 7) { count - 1 } else { count }
}
