//! Functions of constants are constants.
//!
//! ```text
//! before: mul(full(2.0), add(full(1.0), full(3.0)))
//! after:  full(8.0)
//! ```

use std::sync::Arc;

use super::rule::Rule;
use crate::dtype::{DType, Scalar, with_stored};
use crate::graph::{Node, Op};
use crate::ops::cast::cast;
use crate::ops::strip::Strip;
use crate::ops::{binary, ternary, unary};

/// See the module.
pub(super) struct FoldConstants;

impl Rule for FoldConstants {
    fn name(&self) -> &'static str {
        "fold_constants"
    }
    fn apply(&self, node: &Arc<Node>) -> Option<Arc<Node>> {
        let args: Vec<Scalar> = node
            .inputs
            .iter()
            .map(|input| match input.op {
                Op::Full(value) => Some(value),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let bytes: Vec<[u8; 8]> = args.iter().map(|a| a.bits().to_le_bytes()).collect();
        // The kernels' own arithmetic on a strip of one: folding cannot change a result.
        let strips: Vec<Strip> = bytes.iter().zip(&args).map(|(b, a)| one(b, a.dtype())).collect();
        let arg = |i: usize| strips[i].bytes(args[i].dtype(), 1);
        let mut out = Strip::default();
        match (&node.op, args.as_slice()) {
            (Op::Unary(op), [x]) => unary::run(*op, x.dtype(), arg(0), 1, &mut out),
            (Op::Binary(op), [x, _]) => binary::run(*op, x.dtype(), arg(0), arg(1), 1, &mut out),
            (Op::Ternary(op), [_, _, _]) => ternary::run(*op, node.dtype, [arg(0), arg(1), arg(2)], 1, &mut out),
            (Op::Cast, [x]) => cast(x.dtype(), node.dtype, arg(0), 1, &mut out),
            (Op::View(_) | Op::Rechunk, [x]) => return Some(full(*x, node)),
            _ => return None,
        }
        Some(full(Scalar::from_stored(node.dtype, out.bytes(node.dtype, 1)), node))
    }
}

fn full(value: Scalar, like: &Node) -> Arc<Node> {
    Node::new(Op::Full(value), vec![], like.dtype, like.chunks.clone())
}

fn one(bytes: &[u8; 8], dtype: DType) -> Strip {
    let mut strip = Strip::default();
    with_stored!(dtype, T => strip.get_mut::<T>(1)[0] = bytemuck::pod_read_unaligned(&bytes[..size_of::<T>()]));
    strip
}
