//! The fused scalar expression: a small program in single-assignment form that both backends run for each element of a
//! stage's domain. The CPU runs it over strips, the GPU prints it as WGSL.
//!
//! Everything that differs between chunks (places, constants, seeds) is outside the instructions, so one
//! program serves all chunks and its structure is the key of the pipeline cache.

use std::fmt;
use std::sync::Arc;

use crate::dtype::{DType, Scalar};
pub use crate::ops::ElementFunction;
use crate::ops::{BinaryOp, RandomOp, RandomSpec, TernaryOp, UnaryOp};

/// The number of an instruction's value.
pub type ValueId = u16;

/// One instruction. Operands are earlier values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Inst {
    /// The constant number `slot` of [`Program::consts`].
    Const {
        /// Which constant.
        slot: u16,
    },
    /// The element that load number `slot` finds at this point of the domain (see [`super::kernel::Piece::loads`]).
    Load {
        /// Which load.
        slot: u16,
    },
    /// The affine index number `slot` at this point of the domain, as `i32` or `i64`.
    Index {
        /// Which index (see [`super::kernel::Piece::indices`]).
        slot: u16,
    },
    /// A random draw at the affine index number `slot`.
    Random {
        /// What is drawn.
        op: RandomOp,
        /// Which index.
        slot: u16,
        /// Which of [`Program::randoms`].
        spec: u16,
    },
    /// A row of the unary table.
    Unary(UnaryOp, ValueId),
    /// A row of the binary table.
    Binary(BinaryOp, ValueId, ValueId),
    /// A row of the ternary table.
    Ternary(TernaryOp, [ValueId; 3]),
    /// Conversion to this value's dtype.
    Cast(ValueId),
    /// Function number `function` of [`Program::functions`].
    Call {
        /// Which function.
        function: u16,
        /// Its arguments.
        args: Vec<ValueId>,
    },
}

impl Inst {
    /// The values it reads.
    pub fn args(&self) -> impl Iterator<Item = ValueId> + '_ {
        let (few, many): ([Option<ValueId>; 3], &[ValueId]) = match self {
            Self::Const { .. } | Self::Load { .. } | Self::Index { .. } | Self::Random { .. } => ([None; 3], &[]),
            Self::Unary(_, x) | Self::Cast(x) => ([Some(*x), None, None], &[]),
            Self::Binary(_, x, y) => ([Some(*x), Some(*y), None], &[]),
            Self::Ternary(_, xyz) => (xyz.map(Some), &[]),
            Self::Call { args, .. } => ([None; 3], args),
        };
        few.into_iter().flatten().chain(many.iter().copied())
    }
}

/// The program: instructions with the dtype of each value, and what they refer to by number.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The instructions in order; value `i` is the result of instruction `i`.
    pub insts: Vec<Inst>,
    /// The dtype of each value.
    pub dtypes: Vec<DType>,
    /// The values the kernel takes, in its own order (see [`super::kernel::Kernel`]).
    pub outputs: Vec<ValueId>,
    /// Constants.
    pub consts: Vec<Scalar>,
    /// Random arrays.
    pub randoms: Vec<RandomSpec>,
    /// User functions.
    pub functions: Vec<Arc<ElementFunction>>,
    /// The dtype each load reads.
    pub loads: Vec<DType>,
    /// Number of affine indices.
    pub indices: u16,
    /// Number of arrays that the loads read, where some are views of one; 0 where each has its own.
    pub arrays: u16,
}

impl Program {
    /// Appends an instruction, or finds the same one already there.
    pub fn push(&mut self, inst: Inst, dtype: DType) -> ValueId {
        let known = self.insts.iter().zip(&self.dtypes).position(|(i, &d)| *i == inst && d == dtype);
        let at = known.unwrap_or_else(|| {
            self.insts.push(inst);
            self.dtypes.push(dtype);
            self.insts.len() - 1
        });
        at as ValueId
    }
    /// A constant.
    pub fn constant(&mut self, value: Scalar) -> ValueId {
        let slot = self.consts.iter().position(|c| *c == value).unwrap_or_else(|| {
            self.consts.push(value);
            self.consts.len() - 1
        });
        self.push(Inst::Const { slot: slot as u16 }, value.dtype())
    }
    /// A random draw at index `slot`.
    pub fn random(&mut self, op: RandomOp, spec: RandomSpec, slot: u16, dtype: DType) -> ValueId {
        let at = self.randoms.iter().position(|s| *s == spec).unwrap_or_else(|| {
            self.randoms.push(spec);
            self.randoms.len() - 1
        });
        self.push(Inst::Random { op, slot, spec: at as u16 }, dtype)
    }
    /// A user function's result.
    pub fn call(&mut self, function: &Arc<ElementFunction>, args: Vec<ValueId>) -> ValueId {
        let at = self.functions.iter().position(|f| Arc::ptr_eq(f, function)).unwrap_or_else(|| {
            self.functions.push(function.clone());
            self.functions.len() - 1
        });
        self.push(Inst::Call { function: at as u16, args }, function.result)
    }
    /// Appends another program, whose loads and indices have these numbers here; the values that its own are here. What is here already
    /// is not made twice.
    pub fn absorb(&mut self, other: &Self, loads: &[u16], indices: &[u16]) -> Vec<ValueId> {
        let mut here: Vec<ValueId> = Vec::with_capacity(other.insts.len());
        for (inst, &dtype) in other.insts.iter().zip(&other.dtypes) {
            let at = |x: &ValueId| here[usize::from(*x)];
            here.push(match inst {
                Inst::Const { slot } => self.constant(other.consts[usize::from(*slot)]),
                Inst::Load { slot } => self.push(Inst::Load { slot: loads[usize::from(*slot)] }, dtype),
                Inst::Index { slot } => self.push(Inst::Index { slot: indices[usize::from(*slot)] }, dtype),
                Inst::Random { op, slot, spec } => {
                    self.random(*op, other.randoms[usize::from(*spec)], indices[usize::from(*slot)], dtype)
                }
                Inst::Unary(op, x) => self.push(Inst::Unary(*op, at(x)), dtype),
                Inst::Binary(op, x, y) => self.push(Inst::Binary(*op, at(x), at(y)), dtype),
                Inst::Ternary(op, xyz) => self.push(Inst::Ternary(*op, [at(&xyz[0]), at(&xyz[1]), at(&xyz[2])]), dtype),
                Inst::Cast(x) => self.push(Inst::Cast(at(x)), dtype),
                Inst::Call { function, args } => {
                    let args = args.iter().map(at).collect();
                    self.call(&other.functions[usize::from(*function)], args)
                }
            });
        }
        here
    }
    /// How many arrays are loaded.
    #[must_use]
    pub fn arrays_loaded(&self) -> usize {
        if self.arrays == 0 { self.loads.len() } else { usize::from(self.arrays) }
    }
    /// The dtype of output number `i`.
    #[must_use]
    pub fn output_dtype(&self, i: usize) -> DType {
        self.dtypes[self.outputs[i] as usize]
    }
    /// Every dtype a value has.
    pub fn dtypes_used(&self) -> impl Iterator<Item = DType> + '_ {
        self.dtypes.iter().copied()
    }
}

impl fmt::Display for Program {
    /// One line, as `explain` shows it: the operations in order, without loads and constants; of very many the first and the last.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Vec::new();
        for (inst, dtype) in self.insts.iter().zip(&self.dtypes) {
            names.push(match inst {
                Inst::Const { .. } | Inst::Load { .. } => continue,
                Inst::Index { .. } => "index".to_owned(),
                Inst::Random { op, .. } => format!("random.{}", op.name()),
                Inst::Unary(op, _) => op.info().name.to_owned(),
                Inst::Binary(op, ..) => op.info().name.to_owned(),
                Inst::Ternary(op, _) => op.info().name.to_owned(),
                Inst::Cast(_) => format!("cast.{dtype}"),
                Inst::Call { function, .. } => self.functions[*function as usize].name.clone(),
            });
        }
        const SHOWN: usize = 64;
        if names.len() > SHOWN {
            let more = format!("{} more", names.len() - SHOWN);
            names.splice(SHOWN / 2..names.len() - SHOWN / 2, [more]);
        }
        if names.is_empty() {
            names.push(if self.loads.is_empty() { "fill" } else { "copy" }.to_owned());
        }
        f.write_str(&names.join(" → "))
    }
}
