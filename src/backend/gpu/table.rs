//! [`Table`]: a shader for several pieces at once.

use std::hash::{Hash, Hasher};

use super::code::Code;
use super::shader::Shader;
use crate::error::{Error, Result};
use crate::plan::capability::Capabilities;

/// Where a template finds its words and its workgroup's number.
const ALONE: &str = "    let p = launch.base;\n    let number = group.x + group.y * groups.x;\n";
/// Beyond every workgroup.
const NONE: u32 = u32::MAX;

/// The key of a shader that looks up which piece its workgroup is of, by halves: each piece has workgroups that follow each other.
#[derive(Debug, Eq)]
pub(super) struct TableShader {
    of: Box<dyn Shader>,
    len: usize,
}

impl PartialEq for TableShader {
    fn eq(&self, other: &Self) -> bool {
        *self.of == *other.of && self.len == other.len
    }
}

impl Hash for TableShader {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&*self.of, self.len).hash(state);
    }
}

impl Clone for TableShader {
    fn clone(&self) -> Self {
        Self { of: self.of.boxed(), len: self.len }
    }
}

impl Shader for TableShader {
    fn name(&self) -> &'static str {
        self.of.name()
    }

    fn buffers(&self) -> (usize, usize) {
        self.of.buffers()
    }

    fn source(&self, caps: &Capabilities) -> Result<String> {
        let text = self.of.source(caps)?;
        let (before, after) =
            text.split_once(ALONE).ok_or_else(|| Error::bug(format!("{} has no place of its own", self.name())))?;
        // In steps, and not in a loop over a variable: what barriers stand behind has to be the same for all threads, visibly.
        let mut find = "    // Of several pieces: the last one whose first workgroup is not behind this one.\n    \
             let table = launch.base;\n    let all = group.x + group.y * groups.x;\n    let row0 = table;\n"
            .to_owned();
        let steps = self.len.ilog2();
        for step in 0..steps {
            let half = self.len >> (step + 1);
            find += &format!(
                "    let row{} = row{step} + select(0u, {half}u, all >= params[row{step} + {half}u]);\n",
                step + 1
            );
        }
        find += &format!(
            "    let p = table + params[row{steps} + {}u];\n    let number = all - params[row{steps}];\n",
            self.len
        );
        Ok(format!("{before}{find}{after}"))
    }

    fn code(&self) -> Option<&Code> {
        self.of.code()
    }
}

/// The words of several pieces: the first workgroup of each, where its own words are, and those.
pub(super) struct Table {
    shader: TableShader,
    firsts: Vec<u32>,
    places: Vec<u32>,
    words: Vec<u32>,
    groups: u64,
}

impl Table {
    /// Pieces that shaders are written for: the fewer kinds, the fewer pipelines.
    const SHORT: usize = 8;
    pub(super) const LONG: usize = 64;

    /// One for so many pieces.
    pub(super) fn new(of: Box<dyn Shader>, pieces: usize) -> Self {
        let len = if pieces <= Self::SHORT { Self::SHORT } else { Self::LONG };
        let shader = TableShader { of, len };
        Self { shader, firsts: Vec::new(), places: Vec::new(), words: Vec::new(), groups: 0 }
    }

    /// Appends a piece's words, those `before` them backwards.
    pub(super) fn push(&mut self, before: &[u32], words: &[u32], groups: u64) {
        self.words.extend(before.iter().rev());
        self.firsts.push(self.groups as u32);
        self.places.push((2 * self.shader.len + self.words.len()) as u32);
        self.words.extend(words);
        self.groups += groups;
    }

    /// The shader, the words and the workgroups.
    pub(super) fn finish(mut self) -> (TableShader, Vec<u32>, u64) {
        self.firsts.resize(self.shader.len, NONE);
        self.places.resize(self.shader.len, 0);
        self.firsts.append(&mut self.places);
        self.firsts.append(&mut self.words);
        (self.shader, self.firsts, self.groups)
    }
}
