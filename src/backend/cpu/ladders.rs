//! Finding ladders in a program: values that only the next operation with a constant reads.

use crate::ops::ladder::{Rung, is_rung};
use crate::plan::expr::{Inst, Program, ValueId};

/// The ladders of a program.
pub(super) struct Ladders {
    /// For each value, the ladder that it is the top of: what the first rung reads, and the rungs.
    tops: Vec<Option<(ValueId, Vec<Rung>)>>,
    /// For each value, whether it is below a top.
    inside: Vec<bool>,
}

impl Ladders {
    pub(super) fn of(program: &Program) -> Self {
        let n = program.insts.len();
        let mut readers = vec![0u32; n];
        program.insts.iter().flat_map(Inst::args).chain(program.outputs.iter().copied()).for_each(|arg| {
            readers[usize::from(arg)] += 1;
        });
        let mut ladders = Self { tops: vec![None; n], inside: vec![false; n] };
        for i in 0..n {
            let Some((x, rung)) = rung(program, i) else { continue };
            let below = usize::from(x);
            // Goes on where nobody else reads what is below.
            let known = ladders.tops[below].take_if(|_| readers[below] == 1);
            let (first, mut rungs) = known.unwrap_or_else(|| (x, Vec::new()));
            ladders.inside[below] |= !rungs.is_empty();
            rungs.push(rung);
            ladders.tops[i] = Some((first, rungs));
        }
        // One operation is as quick in its own loop.
        ladders.tops.iter_mut().for_each(|top| _ = top.take_if(|(_, rungs)| rungs.len() < 2));
        ladders
    }

    /// Whether the value is never made: the ladder goes on from it.
    pub(super) fn is_inside(&self, value: usize) -> bool {
        self.inside[value]
    }

    /// What a ladder that ends in the value starts from, and its rungs.
    pub(super) fn top(&self, value: usize) -> Option<(ValueId, &[Rung])> {
        self.tops[value].as_ref().map(|(x, rungs)| (*x, rungs.as_slice()))
    }
}

/// The operation as a rung, and what stands on it.
fn rung(program: &Program, i: usize) -> Option<(ValueId, Rung)> {
    let Inst::Binary(op, x, y) = program.insts[i] else { return None };
    let constant = |v: ValueId| {
        let Inst::Const { slot } = program.insts[usize::from(v)] else { return None };
        Some(program.consts[usize::from(slot)])
    };
    if !is_rung(op, program.dtypes[i]) {
        return None;
    }
    match (constant(x), constant(y)) {
        (None, Some(constant)) => Some((x, Rung { op, constant, is_left: false })),
        (Some(constant), None) => Some((y, Rung { op, constant, is_left: true })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::{DType, Scalar};
    use crate::ops::BinaryOp;

    #[test]
    fn ladders_end_where_others_read() {
        let mut p = Program { loads: vec![DType::F64], ..Program::default() };
        let x = p.push(Inst::Load { slot: 0 }, DType::F64);
        let c = p.constant(Scalar::from_f64(DType::F64, 3.0));
        let mut step = |op, x, y| p.push(Inst::Binary(op, x, y), DType::F64);
        let a = step(BinaryOp::Mul, x, c);
        let b = step(BinaryOp::Sub, c, a);
        let top = step(BinaryOp::Add, b, c);
        let other = step(BinaryOp::Div, top, c);
        let sum = step(BinaryOp::Add, top, other);
        p.outputs = vec![sum];
        let ladders = Ladders::of(&p);
        let inside = |v: ValueId| ladders.is_inside(v.into());
        let found =
            ladders.top(top.into()).map(|(from, rungs)| (from, rungs.iter().map(|r| (r.op, r.is_left)).collect()));
        let rungs = vec![(BinaryOp::Mul, false), (BinaryOp::Sub, true), (BinaryOp::Add, false)];
        assert_eq!(found, Some((x, rungs)));
        assert_eq!([x, c, a, b, top, other, sum].map(inside), [false, false, true, true, false, false, false]);
        // Alone, and of two values.
        assert!(ladders.top(other.into()).is_none() && ladders.top(sum.into()).is_none());
    }
}
