//! What of a fused expression its shader depends on, and what launchers ask of it.

use super::params::ParamWords;
use super::reading::Reading;
use crate::dtype::DType;
use crate::ops::{BinaryOp, RandomOp};
use crate::plan::expr::{Inst, Program, ValueId};

/// All of a program that its WGSL depends on: the part of it that pipelines are cached by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Code {
    pub(super) insts: Vec<Inst>,
    pub(super) dtypes: Vec<DType>,
    pub(super) outputs: Vec<ValueId>,
    pub(super) loads: Vec<DType>,
    /// For each load the number of the buffer that it reads (see `sources.rs`).
    pub(super) sources: Vec<u16>,
    /// How many buffers each of these is one of: which, a launch's pieces say.
    pub(super) choices: usize,
    /// How what is loaded comes to the threads.
    pub(super) reading: Reading,
    pub(super) functions: Vec<Function>,
    pub(super) layout: ParamWords,
}

/// A user's function: its name and source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) wgsl: String,
}

impl Function {
    /// Whether there may be loops in it: a word is looked for, in whatever it is a part of.
    fn may_loop(&self) -> bool {
        ["for", "while", "loop"].iter().any(|word| self.wgsl.contains(word))
    }
}

impl Code {
    /// The program's code for pieces of `rank` axes, in a kernel with `header` words of its own.
    pub(crate) fn new(program: &Program, rank: usize, header: usize) -> Self {
        let functions =
            program.functions.iter().map(|f| Function { name: f.name.clone(), wgsl: f.wgsl.clone() }).collect();
        Self {
            insts: program.insts.clone(),
            dtypes: program.dtypes.clone(),
            outputs: program.outputs.clone(),
            loads: program.loads.clone(),
            sources: (0..program.loads.len() as u16).collect(),
            choices: 1,
            reading: Reading::Points,
            functions,
            layout: ParamWords {
                header,
                rank,
                loads: program.loads.len(),
                indices: usize::from(program.indices),
                consts: program.consts.len(),
            },
        }
    }

    /// Where a launch's words are.
    pub(crate) fn layout(&self) -> &ParamWords {
        &self.layout
    }
    /// The dtype of output number `i`.
    pub(crate) fn output(&self, i: usize) -> DType {
        self.outputs.get(i).map_or(DType::Bool, |&v| self.dtypes[usize::from(v)])
    }
    /// Whether it has source that the crate did not write.
    pub(crate) fn has_user_source(&self) -> bool {
        !self.functions.is_empty()
    }
    /// Whether a user's function in it may have loops.
    pub(super) fn may_loop(&self) -> bool {
        self.functions.iter().any(Function::may_loop)
    }
    /// Points that follow each other for one thread: elements next to each other share a block of random words.
    pub(crate) fn run(&self) -> u32 {
        let random = self.insts.iter().any(|inst| matches!(inst, Inst::Random { .. }));
        if random { 4 } else { 1 }
    }

    /// Elements that one thread may look at: so many that it ends within the loop iterations that Mesa's software driver grants
    /// (65535 an invocation, and then goes on with what it has), and within the time that drivers grant.
    pub(crate) fn most_elements(&self) -> u64 {
        // Nobody knows how long a user's loops are: documented with `ElementFn`.
        let call = if self.may_loop() { 7_000 } else { 500 };
        let loops = |inst: &Inst, dtype: DType| match inst {
            // Long division, some bits at a time.
            Inst::Binary(BinaryOp::Rem | BinaryOp::FloorMod | BinaryOp::FloorDiv, ..) if dtype == DType::F32 => 40,
            Inst::Binary(BinaryOp::Rem | BinaryOp::FloorMod | BinaryOp::FloorDiv, ..) if dtype == DType::F64 => 260,
            Inst::Binary(BinaryOp::Powi, ..) => 32,
            Inst::Random { op: RandomOp::Below | RandomOp::Permutation, .. } => 8,
            Inst::Call { .. } => call,
            Inst::Const { .. } | Inst::Load { .. } | Inst::Index { .. } | Inst::Random { .. } => 0,
            Inst::Unary(..) | Inst::Binary(..) | Inst::Ternary(..) | Inst::Cast(_) => 0,
        };
        // The loops over the elements themselves, and a search among a histogram's edges.
        let own = 2 + 24;
        let all: u64 = self.insts.iter().zip(&self.dtypes).map(|(inst, &dtype)| loops(inst, dtype)).sum();
        (60_000 / (own + all)).max(8)
    }

    /// Whether index `slot` is used in 64 bits (`wide`), or in its low word.
    pub(super) fn uses_index(&self, slot: usize, wide: bool) -> bool {
        self.is_counted(slot, wide) || (wide && self.draws().any(|draw| draw.slot == slot))
    }

    /// The same of an element, for which blocks are drawn beforehand.
    pub(super) fn element_uses(&self, slot: usize, wide: bool) -> bool {
        self.is_counted(slot, wide) || (self.uses_index(slot, wide) && !self.draws_blocks(slot))
    }

    /// Whether an index is a value.
    fn is_counted(&self, slot: usize, wide: bool) -> bool {
        self.insts.iter().zip(&self.dtypes).any(|(inst, &dtype)| match inst {
            Inst::Index { slot: s } => usize::from(*s) == slot && (dtype == DType::I64) == wide,
            Inst::Const { .. } | Inst::Load { .. } | Inst::Random { .. } | Inst::Call { .. } => false,
            Inst::Unary(..) | Inst::Binary(..) | Inst::Ternary(..) | Inst::Cast(_) => false,
        })
    }
}
