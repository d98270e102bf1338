//! Random draws: a function of an index's block makes what all elements of the block have.

use super::code::Code;
use crate::dtype::DType;
use crate::ops::RandomOp;
use crate::ops::random::per_block;
use crate::plan::expr::Inst;

/// A draw of an expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw {
    /// Its instruction.
    pub(super) at: usize,
    pub(super) op: RandomOp,
    /// The index.
    pub(super) slot: usize,
    pub(super) spec: u16,
    pub(super) dtype: DType,
}

impl Draw {
    /// Elements of a block.
    pub(super) fn lanes(self) -> u64 {
        per_block(self.dtype)
    }

    /// A block's values.
    pub(super) fn call(self, block: &str) -> String {
        let Self { op, spec, dtype, .. } = self;
        let bounds = match op {
            RandomOp::Below => format!(", q.range{spec}_{dtype}, q.limit{spec}_{dtype}"),
            RandomOp::Permutation => format!(", q.range{spec}_{dtype}"),
            RandomOp::Bits | RandomOp::Uniform | RandomOp::Normal => String::new(),
        };
        format!("{}_{dtype}(q.spec{spec}, {block}{bounds})", op.name())
    }
}

impl Code {
    /// All draws.
    pub(super) fn draws(&self) -> impl Iterator<Item = Draw> + '_ {
        self.insts.iter().zip(&self.dtypes).enumerate().filter_map(|(at, (inst, &dtype))| {
            let Inst::Random { op, slot, spec } = *inst else { return None };
            Some(Draw { at, op, slot: usize::from(slot), spec, dtype })
        })
    }

    /// Lines that draw for an element, and its value. The values of the last block are kept for the elements that share it.
    pub(super) fn drawn(&self, draw: Draw) -> (Vec<String>, String) {
        let Draw { at, slot, dtype, .. } = draw;
        let lanes = draw.lanes();
        if self.draws_blocks(slot) {
            return (Vec::new(), format!("loaded.r{at}"));
        }
        let lines = vec![
            // No index has such a block.
            format!("var<private> held_block{at}: vec2<u32> = vec2(0xffffffffu);"),
            format!("var<private> held{at}: vec{lanes}<{dtype}>;"),
            format!("let block{at} = block_of_{lanes}(index{slot});"),
            format!("if any(held_block{at} != block{at}) {{"),
            format!("    held_block{at} = block{at};"),
            format!("    held{at} = {};", draw.call(&format!("block{at}"))),
            "}".to_owned(),
        ];
        (lines, format!("pick_{dtype}(held{at}, index{slot}.x)"))
    }
}
