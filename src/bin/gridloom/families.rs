//! An expression of each family of operations in each element type, to be planned and not run.

use std::sync::Arc;

use gridloom::graph::Node;
use gridloom::plan::capability::Capabilities;
use gridloom::plan::{Place, StageKind};
use gridloom::random::Generator;
use gridloom::{Array, DType, Element, Result, arange, bf16, eye, f16};

/// The families, in the order of the table.
pub(crate) const FAMILIES: [&str; 12] = [
    "arithmetic, comparison, where_",
    "functions of floats (exp, sin, …)",
    "arange, linspace, eye",
    "random: uniform, normal, integers",
    "sum, prod, mean, min, max, any, …",
    "var, std",
    "dot, matmul",
    "filter",
    "take",
    "histogram, bincount",
    "histogram_weighted",
    "from_fn, map_chunks, sample",
];

/// An expression of a family, or `None` where it is not defined for the type.
pub(crate) fn expression(family: usize, dtype: DType) -> Option<Arc<Node>> {
    match dtype {
        DType::Bool => boolean(family),
        DType::F16 => float::<f16>(family, |rng| rng.normal(f16::ZERO, f16::ONE, 64)),
        DType::BF16 => float::<bf16>(family, |rng| rng.normal(bf16::ZERO, bf16::ONE, 64)),
        DType::F32 => float::<f32>(family, |rng| rng.normal(0.0, 1.0, 64)),
        DType::F64 => float::<f64>(family, |rng| rng.normal(0.0, 1.0, 64)),
        DType::U8 => integer::<u8>(family, |rng| rng.randint(0, 9, 64)),
        DType::U16 => integer::<u16>(family, |rng| rng.randint(0, 9, 64)),
        DType::U32 => integer::<u32>(family, |rng| rng.randint(0, 9, 64)),
        DType::U64 => integer::<u64>(family, |rng| rng.randint(0, 9, 64)),
        DType::I8 => integer::<i8>(family, |rng| rng.randint(0, 9, 64)),
        DType::I16 => integer::<i16>(family, |rng| rng.randint(0, 9, 64)),
        DType::I32 => integer::<i32>(family, |rng| rng.randint(0, 9, 64)),
        DType::I64 => integer::<i64>(family, |rng| rng.randint(0, 9, 64)),
        // A dtype of which this program does not know yet.
        _ => None,
    }
}

fn node<T: Element>(array: Result<Array<T>>) -> Option<Arc<Node>> {
    array.ok().map(|array| array.node().clone())
}

/// Elements in memory.
fn data<T: Element>() -> Array<T> {
    gridloom::from_ndarray(ndarray::Array1::from_elem(64, T::default()), "auto").unwrap_or_else(|_| gridloom::zeros(64))
}

fn boolean(family: usize) -> Option<Arc<Node>> {
    let x = data::<bool>();
    match family {
        0 => node(Ok(x.not())),
        3 => node(Generator::new(1).bernoulli(0.5, 64)),
        4 => node(Ok(x.any())),
        7 => node(x.filter(&x)),
        8 => node(x.take([0], 0)),
        11 => node(Ok(gridloom::from_fn(64, |at| at[0] > 3))),
        _ => None,
    }
}

/// What every number has.
fn number<T: gridloom::dtype::Number + gridloom::dtype::Ordered>(family: usize) -> Option<Arc<Node>> {
    let x = data::<T>();
    match family {
        0 => node(x.add(&x)),
        2 => node(Ok(eye::<T>(8))),
        4 => node(x.max()),
        5 => node(x.var(0.0)),
        6 => node(x.reshape([8, 8]).and_then(|x| x.dot(&x))),
        7 => node(x.filter(&x.lt(&x))),
        8 => node(x.take([0], 0)),
        9 => node(x.histogram((4, 0.0, 1.0)).map(|histogram| histogram.counts)),
        10 => node(x.histogram_weighted((4, 0.0, 1.0), &arange::<f64>(64)).map(|histogram| histogram.counts)),
        11 => node(Ok(gridloom::from_fn(64, |_| T::default()))),
        _ => None,
    }
}

fn integer<T: gridloom::dtype::Integer>(
    family: usize,
    draw: impl Fn(Generator) -> Result<Array<T>>,
) -> Option<Arc<Node>> {
    if family == 3 { node(draw(Generator::new(1))) } else { number::<T>(family) }
}

fn float<T: gridloom::dtype::Real>(family: usize, draw: impl Fn(Generator) -> Array<T>) -> Option<Arc<Node>> {
    match family {
        1 => node(Ok(data::<T>().exp())),
        3 => node(Ok(draw(Generator::new(1)))),
        _ => number::<T>(family),
    }
}

/// Whether an adapter runs the expression's kernels, and why not.
pub(crate) fn placed(node: &Arc<Node>, capabilities: &Capabilities) -> Result<std::result::Result<(), String>> {
    let plan = gridloom::plan::lower::lower(std::slice::from_ref(node), Some(capabilities))?;
    // What the kernels read and merge is made on the host either way.
    let kernels = plan.stages.iter().filter(|stage| matches!(stage.kind, StageKind::Kernel { .. }));
    let refused = kernels.clone().filter(|stage| stage.place == Place::Cpu);
    let reason = refused.map(|stage| stage.fallback.clone().unwrap_or_default()).next();
    match reason {
        Some(reason) => Ok(Err(reason)),
        None if kernels.count() == 0 => Ok(Err("a function of the host's".to_owned())),
        None => Ok(Ok(())),
    }
}
