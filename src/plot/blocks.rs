//! Arrays reduced to what a picture can show, where their chunks are.

use crate::array::{Array, where_};
use crate::dtype::{DType, Element, Number, Ordered, Real, Scalar};
use crate::error::{Error, Result};

/// What blocks are reduced to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Summary {
    Min,
    Mean,
    Max,
}

/// An array by what it needs: only floats may be something else than finite numbers.
pub(super) enum Typed {
    F32(Array<f32>),
    F64(Array<f64>),
    Integers,
}

impl Typed {
    pub(super) fn of<T: Element>(x: &Array<T>) -> Self {
        match T::DTYPE {
            DType::F32 => Self::F32(Array::wrap(x.node().clone())),
            DType::F64 => Self::F64(Array::wrap(x.node().clone())),
            _ => Self::Integers,
        }
    }
}

/// The lengths of an array that must have so many axes.
pub(super) fn shape<T: Element>(op: &'static str, x: &Array<T>, axes: usize) -> Result<Vec<u64>> {
    if x.ndim() != axes {
        let expected = if axes == 1 { "one axis" } else { "two axes" };
        return Err(Error::Rank { op, expected, given: String::new(), shape: x.node().dims() });
    }
    let hint = "draw its histogram, which needs no length";
    x.node().chunks.shape().ok_or_else(|| Error::UnknownLength { op, shape: x.node().dims(), hint })
}

/// Which elements are finite numbers; `None` where all are.
pub(super) fn finite<T: Element>(x: &Array<T>) -> Option<Array<bool>> {
    match Typed::of(x) {
        Typed::F32(x) => Some(x.isfinite()),
        Typed::F64(x) => Some(x.isfinite()),
        Typed::Integers => None,
    }
}

/// How many elements are not finite numbers: a lazy 0-d array.
pub(super) fn not_finite<T: Element>(x: &Array<T>) -> Array<f64> {
    finite(x).map_or_else(|| super::super::zeros(()), |finite| finite.not().count_nonzero().cast())
}

/// Elements that are finite numbers, and NaN for the others.
fn only_finite<R: Real>(x: &Array<R>) -> Result<Array<R>> {
    where_(&x.isfinite(), x, Scalar::from_f64(R::DTYPE, f64::NAN).get::<R>())
}

fn reals<R: Real>(x: &Array<R>, summary: Summary, axes: &[i64]) -> Result<Array<f64>> {
    let x = only_finite(x)?;
    let reduced = match summary {
        Summary::Min => x.nanmin_axis(axes)?,
        Summary::Mean => x.nanmean_axis(axes)?,
        Summary::Max => x.nanmax_axis(axes)?,
    };
    Ok(reduced.cast())
}

/// Finite elements reduced along axes; NaN where there are none. Reduced in the array's own dtype, so that it need not leave its
/// device, and `f64` after that.
pub(super) fn reduce<T: Number + Ordered>(x: &Array<T>, summary: Summary, axes: &[i64]) -> Result<Array<f64>> {
    match (Typed::of(x), summary) {
        (Typed::F32(x), _) => reals(&x, summary, axes),
        (Typed::F64(x), _) => reals(&x, summary, axes),
        (Typed::Integers, Summary::Min) => Ok(x.min_axis(axes)?.cast()),
        (Typed::Integers, Summary::Mean) => Ok(x.mean_axis(axes)?.cast()),
        (Typed::Integers, Summary::Max) => Ok(x.max_axis(axes)?.cast()),
    }
}

/// The smallest and largest finite element, as lazy 0-d arrays; NaN where there is none.
pub(super) fn ends<T: Number + Ordered>(x: &Array<T>) -> Result<(Array<f64>, Array<f64>)> {
    let axes: Vec<i64> = (0..x.ndim()).map(crate::graph::infer::axis_number).collect();
    Ok((reduce(x, Summary::Min, &axes)?, reduce(x, Summary::Max, &axes)?))
}

/// How an axis is cut into blocks: all of one length but the last, which may be shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blocks {
    /// Elements of the axis, and of a block.
    pub(super) len: u64,
    pub(super) block: u64,
}

impl Blocks {
    /// At most `most` blocks.
    pub(super) fn new(len: u64, most: u64) -> Self {
        Self { len, block: len.div_ceil(most).max(1) }
    }
    /// How many there are, the shorter one included.
    pub(super) fn count(self) -> u64 {
        self.len.div_ceil(self.block)
    }
    /// The whole blocks and the shorter one, as (first element, blocks, elements of a block).
    pub(super) fn parts(self) -> impl Iterator<Item = (u64, u64, u64)> {
        let whole = self.len / self.block;
        let rest = (whole * self.block, 1, self.len - whole * self.block);
        [(0, whole, self.block), rest].into_iter().filter(|(_, blocks, block)| blocks * block > 0)
    }
}
