//! Elements given new values where a mask is true.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::dyn_array::DynArray;
use super::elementwise::where_;
use crate::chunks::{AxisSpec, ChunkSpec};
use crate::dtype::{DType, with_bits};
use crate::error::{Error, Result};
use crate::graph::node::HostResult;
use crate::graph::{HostFunction, HostTask, Node, Op, infer, post_order};
use crate::host::HostBuffer;
use crate::ops::ScanOp;
use crate::width::{in_memory, signed};

const OP: &str = "assign";
const WHAT: &str = "value for a mask";

/// `x` with the elements of `value` where `mask` is true: see [`DynArray::assign`].
pub(super) fn assign(x: &DynArray, mask: &DynArray, value: DynArray) -> Result<DynArray> {
    let behind = x.ndim().saturating_sub(mask.ndim());
    if behind > 0 && mask.ndim() > 0 {
        return assign_slabs(x, mask, value, behind);
    }
    // A mask is of the array's shape, as in `filter`.
    let _ = x.filter(mask)?;
    let value = without_first_ones(value, 1)?;
    let value = match value.node().dims().as_slice() {
        [] => value,
        [Some(1)] => value.remove_axis(0)?,
        [Some(_)] => return placed(OP, x, mask, &value),
        [None] => unfiltered(&value, mask).ok_or_else(|| Error::UnknownLength {
            op: OP,
            shape: value.node().dims(),
            hint: "resolve() the value first",
        })?,
        dims => {
            let expected = "one number, or an array of one axis with as many as the mask has true elements";
            return Err(Error::Parameter { op: OP, what: WHAT, got: format!("one of {} axes", dims.len()), expected });
        }
    };
    chosen(x, mask, value)
}

/// An array of more axes than what it is assigned to, without its first axes of length 1, as NumPy takes it.
pub(super) fn without_first_ones(mut value: DynArray, ndim: usize) -> Result<DynArray> {
    while value.ndim() > ndim && value.node().dims()[0] == Some(1) {
        value = value.remove_axis(0)?;
    }
    Ok(value)
}

/// A choice, in the array's chunks.
fn chosen(x: &DynArray, mask: &DynArray, value: DynArray) -> Result<DynArray> {
    let made = where_(mask, value, x)?;
    if x.chunks().has_unknown() { Ok(made) } else { made.rechunk(ChunkSpec::from(x.chunks())) }
}

/// A mask of the first axes, behind each true element of which the value is the same.
fn assign_slabs(x: &DynArray, mask: &DynArray, value: DynArray, behind: usize) -> Result<DynArray> {
    if x.chunks().has_unknown() {
        return Err(Error::UnknownLength {
            op: OP,
            shape: x.node().dims(),
            hint: "assign to what it was filtered from",
        });
    }
    let shape = x.shape().unwrap_or_default();
    let (first, last) = shape.split_at(mask.ndim());
    if mask.dims() != first.iter().map(|&len| Some(len)).collect::<Vec<_>>() {
        // The error of another shape.
        let _ = x.filter(mask)?;
    }
    let value = without_first_ones(value, behind)?;
    if value.ndim() > behind {
        let expected = "the same behind each true element: filter and assign with a mask of the array's shape else";
        return Err(Error::Parameter { op: OP, what: WHAT, got: format!("one of {} axes", value.ndim()), expected });
    }
    let axes: Vec<usize> = (mask.ndim()..x.ndim()).collect();
    chosen(x, &mask.insert_axis(axes)?, value.broadcast_to(last)?)
}

/// What a value of elements that the mask chose is where it did not choose, for values that are made element by element.
fn unfiltered(value: &DynArray, mask: &DynArray) -> Option<DynArray> {
    let mut whole: FxHashMap<u128, Option<Arc<Node>>> = FxHashMap::default();
    for node in post_order(&[value.node().clone()]) {
        let inputs = || node.inputs.iter().map(|input| whole[&input.key].clone()).collect::<Option<Vec<_>>>();
        let made = match &node.op {
            Op::Filter if node.inputs[1].key == mask.node().key => Some(node.inputs[0].clone()),
            _ if !node.chunks.has_unknown() => Some(node.clone()),
            // A number beside an unknown length.
            Op::View(_) if node.inputs[0].ndim() == 0 => Some(node.inputs[0].clone()),
            Op::Unary(_) | Op::Binary(_) | Op::Ternary(_) | Op::Cast | Op::Call(_) => {
                inputs().and_then(|inputs| again(&node, &inputs))
            }
            _ => None,
        };
        whole.insert(node.key, made);
    }
    whole.remove(&value.node().key).flatten().map(DynArray::from)
}

/// A function of elements, of other arrays.
fn again(node: &Node, inputs: &[Arc<Node>]) -> Option<Arc<Node>> {
    match (&node.op, inputs) {
        (Op::Unary(op), [x]) => infer::unary(*op, x).ok(),
        (Op::Cast, [x]) => Some(infer::cast(x, node.dtype)),
        (Op::Binary(op), [x, y]) => infer::binary(*op, x, y).ok(),
        (Op::Ternary(op), [x, y, z]) => infer::ternary(*op, [x, y, z]).ok(),
        (Op::Call(function), _) => infer::call(function, &inputs.iter().collect::<Vec<_>>()).ok(),
        _ => None,
    }
}

/// The elements of a 1-d value, one after another, at the true places in C order: as many as those are, or for another operation than `assign`
/// again and again.
pub(super) fn placed(op: &'static str, x: &DynArray, mask: &DynArray, value: &DynArray) -> Result<DynArray> {
    if x.chunks().has_unknown() {
        return Err(Error::UnknownLength { op, shape: x.node().dims(), hint: "assign to what it was filtered from" });
    }
    let shape = x.shape().unwrap_or_default();
    if x.chunks().is_empty() {
        let len = value.size().unwrap_or(0);
        return if len == 0 || op != OP { Ok(x.clone()) } else { Err(other_count(len, 0)) };
    }
    // How many true elements there are up to each: where its value lies, and one more.
    let own = || ChunkSpec::from(x.chunks());
    let lengths: Vec<i64> = shape.iter().map(|&len| signed(len as u64)).collect();
    let upto = mask.cast(DType::I64).scan(ScanOp::Cumsum, None)?.reshape(lengths)?.rechunk(own())?;
    let whole = value.rechunk(ChunkSpec::Each(AxisSpec::Whole))?;
    let inputs = [x.clone(), mask.rechunk(own())?, upto, whole, mask.sum().cast(DType::I64)];
    let inputs = inputs.iter().map(|input| input.node().clone()).collect();
    let function = HostFunction::named(if op == OP { "assign by mask" } else { op }, &(), move |task| fill(op, task));
    Ok(infer::host(function, inputs, x.dtype(), x.chunks().clone()).into())
}

fn other_count(given: usize, places: i64) -> Error {
    let got = format!("{given} elements for {places} places where the mask is true");
    Error::Parameter { op: OP, what: WHAT, got, expected: "one number, or as many as there are places" }
}

/// A chunk of the array, its mask, how many true elements there are up to each, the whole value, and how many there are in all.
fn fill(op: &'static str, task: &HostTask<'_>) -> HostResult {
    let [(x, shape), (mask, _), (upto, _), (value, _), (all, _)] = task.inputs else {
        return Err(Error::bug("assign by mask without its five inputs"));
    };
    let all = all.stored::<i64>().first().copied().unwrap_or(0);
    if op == OP && all != signed(value.len() as u64) {
        return Err(other_count(value.len(), all));
    }
    if value.is_empty() && all > 0 {
        let got = format!("none for {all} places where the mask is true");
        return Err(Error::Parameter { op, what: "the list of values", got, expected: "one of 1 or more" });
    }
    let mut out = HostBuffer::scratch(task.dtype, x.len())?;
    with_bits!(task.dtype, T => {
        let (old, new) = (x.stored::<T>(), value.stored::<T>());
        // Divided where they begin again alone.
        let nth = |at: usize| if at < new.len() { at } else { at % new.len() };
        let places = mask.stored::<u8>().iter().zip(upto.stored::<i64>());
        for ((to, old), (&is_new, &upto)) in out.stored_mut::<T>().iter_mut().zip(old).zip(places) {
            *to = if is_new == 0 { *old } else { new[nth(in_memory((upto - 1).unsigned_abs()))] };
        }
    });
    Ok((out, shape.clone()))
}
