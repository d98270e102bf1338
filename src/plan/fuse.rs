//! Fusion: an expression of nodes becomes one program over a domain. Elementwise functions, generators and views are
//! written into the program; what is materialised elsewhere becomes a load; a filter becomes the mask of the domain.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::expr::{Inst, Program, ValueId};
use super::pieces::{Affine, LoadRef, Region};
use super::{MadeStage, StageId, joins};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::graph::node::c_strides;
use crate::graph::{Node, Op, View};
use crate::ops::BinaryOp;

/// A finished program and what it refers to.
pub(super) struct Fused {
    pub(super) program: Program,
    pub(super) loads: Vec<LoadRef>,
    /// The stages read.
    pub(super) inputs: Vec<StageId>,
    pub(super) indices: Vec<Affine>,
}

/// Writes nodes into one program.
pub(super) struct Fuser<'a> {
    /// The stages of nodes that are materialised.
    stages: &'a FxHashMap<u128, MadeStage>,
    pub(super) program: Program,
    loads: Vec<LoadRef>,
    inputs: Vec<StageId>,
    indices: Vec<Affine>,
    /// Masks of the filters met, which all hold.
    masks: Vec<ValueId>,
    /// The values of nodes by key, each as it was seen.
    memo: FxHashMap<u128, Vec<(View, ValueId)>>,
    /// Axes of the domain.
    axes: usize,
}

impl<'a> Fuser<'a> {
    pub(super) fn new(stages: &'a FxHashMap<u128, MadeStage>, axes: usize) -> Self {
        Self {
            stages,
            program: Program::default(),
            loads: Vec::new(),
            inputs: Vec::new(),
            indices: Vec::new(),
            masks: Vec::new(),
            memo: FxHashMap::default(),
            axes,
        }
    }

    /// The value of `node` seen through `view` (domain axes → its axes).
    pub(super) fn value(&mut self, node: &Arc<Node>, view: &View) -> Result<ValueId> {
        if let Some(value) = self.known(node, view) {
            return Ok(value);
        }
        // What it is made of first, on a stack of our own: an expression may be deeper than the thread's.
        let mut open = vec![(node.clone(), view.clone(), false)];
        let mut last = None;
        while let Some((node, view, ready)) = open.pop() {
            let made = self.stages.contains_key(&node.key) || matches!(node.op, Op::Concatenate { .. });
            if ready || made || node.inputs.is_empty() {
                last = Some(self.value_of_made(&node, &view)?);
                continue;
            }
            let operands = self.operands(&node, &view);
            open.push((node, view, true));
            let unknown = operands.into_iter().rev().filter(|(node, view)| self.known(node, view).is_none());
            open.extend(unknown.map(|(node, view)| (node, view, false)));
        }
        last.ok_or_else(|| Error::bug("an expression without a value"))
    }

    /// The value of `node` seen through `view` if it is in the program.
    fn known(&self, node: &Node, view: &View) -> Option<ValueId> {
        self.memo.get(&node.key)?.iter().find(|(seen, _)| seen == view).map(|&(_, value)| value)
    }

    /// What `node` seen through `view` is made of, each as it is seen.
    fn operands(&self, node: &Node, view: &View) -> Vec<(Arc<Node>, View)> {
        if let Op::View(inner) = &node.op {
            return vec![(node.inputs[0].clone(), inner.through(view))];
        }
        if matches!(node.op, Op::Filter) {
            let seen = self.filtered_view(node, view);
            return vec![(node.inputs[1].clone(), seen.clone()), (node.inputs[0].clone(), seen)];
        }
        // Element by element: the operands are seen as it is.
        node.inputs.iter().map(|input| (input.clone(), view.clone())).collect()
    }

    /// The value of a node whose operands' values are known.
    fn value_of_made(&mut self, node: &Arc<Node>, view: &View) -> Result<ValueId> {
        if let Some(value) = self.known(node, view) {
            return Ok(value);
        }
        let value = match self.stages.get(&node.key) {
            Some(made) => self.load(node, made, view),
            None => self.write(node, view)?,
        };
        self.memo.entry(node.key).or_default().push((view.clone(), value));
        Ok(value)
    }

    /// How what is filtered, and its mask, are seen. The domain is the mask's: the unknown axis is all of the domain's axes, and the
    /// mask says which count. A mask of what is itself filtered is seen as that is.
    fn filtered_view(&self, node: &Node, view: &View) -> View {
        if node.inputs[1].chunks.has_unknown() { view.clone() } else { View::identity(self.axes) }
    }

    fn write(&mut self, node: &Arc<Node>, view: &View) -> Result<ValueId> {
        let dtype = node.dtype;
        Ok(match &node.op {
            Op::Full(value) => self.program.constant(*value),
            Op::Index { weights, offset } => {
                let slot = self.index(Affine::of_view(weights, *offset, view, self.axes));
                self.program.push(Inst::Index { slot }, dtype)
            }
            Op::Random(op, spec) => {
                let shape = node.chunks.shape().unwrap_or_default();
                let slot = self.index(Affine::of_view(&c_strides(&shape), 0, view, self.axes));
                self.program.random(*op, *spec, slot, dtype)
            }
            Op::Unary(op) => {
                let x = self.value(&node.inputs[0], view)?;
                self.program.push(Inst::Unary(*op, x), dtype)
            }
            Op::Binary(op) => {
                let x = self.value(&node.inputs[0], view)?;
                let y = self.value(&node.inputs[1], view)?;
                self.program.push(Inst::Binary(*op, x, y), dtype)
            }
            Op::Ternary(op) => {
                let x = self.value(&node.inputs[0], view)?;
                let y = self.value(&node.inputs[1], view)?;
                let z = self.value(&node.inputs[2], view)?;
                self.program.push(Inst::Ternary(*op, [x, y, z]), dtype)
            }
            Op::Cast => {
                let x = self.value(&node.inputs[0], view)?;
                self.program.push(Inst::Cast(x), dtype)
            }
            Op::Call(function) => {
                let args = node.inputs.iter().map(|x| self.value(x, view)).collect::<Result<_>>()?;
                self.program.call(&function.value, args)
            }
            Op::View(inner) => self.value(&node.inputs[0], &inner.through(view))?,
            Op::Rechunk => self.value(&node.inputs[0], view)?,
            Op::Filter => {
                let inner = self.filtered_view(node, view);
                let mask = self.value(&node.inputs[1], &inner)?;
                if !self.masks.contains(&mask) {
                    self.masks.push(mask);
                }
                self.value(&node.inputs[0], &inner)?
            }
            Op::Concatenate { .. } => self.joined(node, view)?,
            Op::Source(_)
            | Op::Reshape
            | Op::Take { .. }
            | Op::FilterAxis { .. }
            | Op::Reduce { .. }
            | Op::Scan { .. }
            | Op::Sort { .. }
            | Op::Dot
            | Op::Histogram { .. }
            | Op::Host(_) => {
                return Err(Error::bug(format!("{} is not fused and has no stage", node.op.name())));
            }
        })
    }

    /// A read of a materialised array.
    fn load(&mut self, node: &Node, made: &MadeStage, view: &View) -> ValueId {
        self.load_part(made, view, None);
        self.loaded(node.dtype)
    }

    /// A read of joined arrays: of each the part that is seen, within the box of the domain where it is.
    fn joined(&mut self, node: &Arc<Node>, view: &View) -> Result<ValueId> {
        let stages = self.stages;
        joins::for_each_part(
            node,
            view,
            self.axes,
            |node| stages.contains_key(&node.key),
            |part, view, within| {
                let made = stages.get(&part.key).ok_or_else(|| Error::bug("a joined array without a stage"))?;
                self.load_part(made, view, Some(within));
                Ok(())
            },
        )?;
        Ok(self.loaded(node.dtype))
    }

    /// What the program's next load reads, within a box or everywhere.
    fn load_part(&mut self, made: &MadeStage, view: &View, within: Option<Region>) {
        let input = self.inputs.iter().position(|&s| s == made.stage).unwrap_or_else(|| {
            self.inputs.push(made.stage);
            self.inputs.len() - 1
        });
        let (slot, view, chunks) = (self.program.loads.len(), view.clone(), made.chunks.clone());
        self.loads.push(LoadRef { slot, input, view, chunks, within });
    }

    /// The value of the program's next load.
    fn loaded(&mut self, dtype: DType) -> ValueId {
        let slot = self.program.loads.len() as u16;
        self.program.loads.push(dtype);
        // A load reads one array at a time, whichever part of joined ones that is.
        self.program.arrays = self.inputs.len().min(self.program.loads.len()) as u16;
        self.program.push(Inst::Load { slot }, dtype)
    }

    fn index(&mut self, affine: Affine) -> u16 {
        let at = self.indices.iter().position(|a| *a == affine).unwrap_or_else(|| {
            self.indices.push(affine);
            self.program.indices += 1;
            self.indices.len() - 1
        });
        at as u16
    }

    /// An index of the domain itself, for argmin and argmax.
    pub(super) fn domain_index(&mut self, weights: Vec<i64>, dtype: DType) -> ValueId {
        let slot = self.index(Affine { base: 0, weights });
        self.program.push(Inst::Index { slot }, dtype)
    }

    /// All masks met so far and `also`, as one value; `None` without any.
    pub(super) fn mask(&mut self, also: Option<ValueId>) -> Option<ValueId> {
        let masks: Vec<ValueId> = self.masks.iter().copied().chain(also).collect();
        masks.into_iter().reduce(|x, y| self.program.push(Inst::Binary(BinaryOp::And, x, y), DType::Bool))
    }

    /// A mask that lets everything through: it makes a kernel count.
    pub(super) fn always(&mut self) -> ValueId {
        self.program.constant(Scalar::from_i64(DType::Bool, 1))
    }

    /// The program, giving `outputs` to its kernel.
    pub(super) fn finish(mut self, outputs: Vec<ValueId>) -> Fused {
        self.program.outputs = outputs;
        Fused { program: self.program, loads: self.loads, inputs: self.inputs, indices: self.indices }
    }
}
