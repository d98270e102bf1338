//! Arrays with a border (`np.pad`): joins of what lies beside an array with it, axis after axis, so that corners follow from borders.

use super::creation::arange;
use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::joining::concatenate;
use super::promotion::DynOperand;
use super::source::constants;
use crate::chunks::{AxisSpec, ChunkSpec};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::host::HostBuffer;
use crate::ops::ReduceOp;
use crate::width::in_memory;

const OP: &str = "pad";

/// Stretches of an axis that one side of a border is joined of, at most: more of them are copies of a period.
const MOST_TURNS: i64 = 16;

/// Something for each side of each axis, before and after it: one pair for all axes, or one an axis.
///
/// ```
/// let x = gridloom::array([[1, 2], [3, 4]]);
/// let zeros = gridloom::PadMode::constant(0);
/// assert_eq!(x.pad(1, &zeros)?.shape(), Some(vec![4, 4]));
/// assert_eq!(x.pad((1, 0), &zeros)?.shape(), Some(vec![3, 3]));
/// assert_eq!(x.pad([(0, 0), (2, 3)], &zeros)?.shape(), Some(vec![2, 7]));
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sides<T>(Vec<(T, T)>);

impl<T> From<(T, T)> for Sides<T> {
    fn from(pair: (T, T)) -> Self {
        Self(vec![pair])
    }
}
impl<T, const N: usize> From<[(T, T); N]> for Sides<T> {
    fn from(pairs: [(T, T); N]) -> Self {
        Self(pairs.into())
    }
}
impl<T> From<Vec<(T, T)>> for Sides<T> {
    fn from(pairs: Vec<(T, T)>) -> Self {
        Self(pairs)
    }
}
impl From<usize> for Sides<usize> {
    fn from(both: usize) -> Self {
        Self(vec![(both, both)])
    }
}

impl<T: Clone> Sides<T> {
    /// A pair for each of so many axes.
    pub(super) fn of(&self, op: &'static str, what: &'static str, axes: usize) -> Result<Vec<(T, T)>> {
        match self.0.as_slice() {
            [both] => Ok(vec![both.clone(); axes]),
            pairs if pairs.len() == axes => Ok(pairs.to_vec()),
            pairs => {
                let got = format!("of {} pairs for {axes} axes", pairs.len());
                Err(Error::Parameter { op, what, got, expected: "one pair for all axes, or one an axis" })
            }
        }
    }
}

/// What lies beyond an array's edges: NumPy's modes of `np.pad`, but for `median`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PadMode {
    /// A number on each side, as one of the array's dtype.
    Constant(Sides<DynOperand>),
    /// What NumPy leaves undefined; zeros here.
    Empty,
    /// The element at the edge.
    Edge,
    /// The array from its other end, again and again.
    Wrap,
    /// The array mirrored at its edges, again and again.
    Mirror {
        /// Whether the element at the edge is repeated (`symmetric`), or stands in the mirror (`reflect`).
        edge: bool,
        /// Whether it is turned round in value, too: twice the edge less the mirrored element (`reflect_type="odd"`).
        odd: bool,
    },
    /// Steps of one height from a number at the outer end to the edge.
    LinearRamp(Sides<f64>),
    /// What is made of the elements nearest to the edge along the axis: the largest, the smallest or the mean.
    Statistic {
        /// [`ReduceOp::Max`], [`ReduceOp::Min`] or [`ReduceOp::Mean`], whose value is rounded for integers.
        of: ReduceOp,
        /// Of how many elements; of all without it.
        length: Option<Sides<usize>>,
    },
}

impl PadMode {
    /// One number on all sides.
    pub fn constant(value: impl Into<DynOperand>) -> Self {
        let value = value.into();
        Self::Constant((value.clone(), value).into())
    }
    /// `np.pad`'s `reflect`.
    #[must_use]
    pub const fn reflect() -> Self {
        Self::Mirror { edge: false, odd: false }
    }
    /// `np.pad`'s `symmetric`.
    #[must_use]
    pub const fn symmetric() -> Self {
        Self::Mirror { edge: true, odd: false }
    }
}

/// One side of an axis, to be grown by `width`.
#[derive(Clone, Copy)]
struct Side {
    axis: usize,
    width: i64,
    before: bool,
}

impl Side {
    /// What is given for this side.
    fn of<T: Clone>(self, what: &'static str, sides: &Sides<T>, axes: usize) -> Result<T> {
        let (before, after) = sides.of(OP, what, axes)?.swap_remove(self.axis);
        Ok(if self.before { before } else { after })
    }
}

/// How an array goes on beyond its edges.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Wrap,
    Reflect,
    Symmetric,
}

impl DynArray {
    /// With a border of `widths` elements (`np.pad`): see [`Array::pad`](crate::Array::pad).
    ///
    /// # Errors
    /// [`Error::Parameter`] for other than one pair, or one an axis, and for numbers that the dtype does not hold; for an axis of length 0 that
    /// is to grow by what is made of its elements, and the largest of no elements; [`Error::UnknownLength`], [`Error::TooLong`].
    pub fn pad(&self, widths: impl Into<Sides<usize>>, mode: &PadMode) -> Result<Self> {
        let widths = widths.into().of(OP, "the list of widths", self.ndim())?;
        for (axis, widths) in widths.iter().enumerate() {
            let len = if *widths == (0, 0) { 1 } else { self.length_of(OP, axis)? };
            if len == 0 && !matches!(mode, PadMode::Constant(_) | PadMode::Empty) {
                let (what, expected) = ("the length of a padded axis", "1 or more where the mode takes its elements");
                return Err(Error::Parameter { op: OP, what, got: len.to_string(), expected });
            }
        }
        let mut padded = self.clone();
        for (axis, (before, after)) in widths.into_iter().enumerate().filter(|(_, widths)| *widths != (0, 0)) {
            let side = |width: usize, before| Side { axis, width: infer::axis_number(width), before };
            padded = padded.grown(mode, side(before, true), side(after, false))?;
        }
        Ok(padded)
    }

    /// With a border on both sides of one axis.
    fn grown(&self, mode: &PadMode, before: Side, after: Side) -> Result<Self> {
        match mode {
            PadMode::Mirror { edge, odd: true } if self.length_of(OP, before.axis)? > 1 => {
                self.turned_round(before, after, *edge)
            }
            _ => {
                let border = |side: Side| if side.width > 0 { self.border(mode, side).map(Some) } else { Ok(None) };
                self.bordered(border(before)?, border(after)?, before.axis)
            }
        }
    }

    /// What lies on one side.
    fn border(&self, mode: &PadMode, side: Side) -> Result<Self> {
        let mirrored = self.length_of(OP, side.axis)? > 1;
        match mode {
            PadMode::Empty => self.constant_border(&0.into(), side),
            PadMode::Constant(values) => {
                self.constant_border(&side.of("the list of values", values, self.ndim())?, side)
            }
            PadMode::Wrap => self.again(side, Turn::Wrap),
            PadMode::Mirror { edge: true, .. } if mirrored => self.again(side, Turn::Symmetric),
            PadMode::Mirror { edge: false, .. } if mirrored => self.again(side, Turn::Reflect),
            PadMode::Edge | PadMode::Mirror { .. } => self.edge(side)?.repeated(side),
            PadMode::LinearRamp(ends) => self.ramp(side, side.of("the list of ends", ends, self.ndim())?),
            PadMode::Statistic { of, length } => {
                let lengths = length.as_ref();
                let length = lengths.map(|sides| side.of("the list of lengths", sides, self.ndim())).transpose()?;
                self.statistic(*of, side, length)?.repeated(side)
            }
        }
    }

    /// The array between others along an axis, which are cut as it is along the other axes, and into chunks no larger than its.
    fn bordered(&self, before: Option<Self>, after: Option<Self>, axis: usize) -> Result<Self> {
        let cut = |(k, own): (usize, &crate::chunks::AxisChunks)| match k == axis {
            true => AxisSpec::Size(own.max_size().max(1)),
            false => AxisSpec::Like(own.clone()),
        };
        let cut = ChunkSpec::Axes(self.chunks().axes().iter().enumerate().map(cut).collect());
        let before = before.map(|part| part.rechunk(cut.clone())).transpose()?;
        let after = after.map(|part| part.rechunk(cut)).transpose()?;
        concatenate(&[before, Some(self.clone()), after].into_iter().flatten().collect::<Vec<_>>(), axis)
    }

    /// What is one element long along the side's axis, as often as the side is wide.
    fn repeated(&self, side: Side) -> Result<Self> {
        let mut dims = self.known_dims(OP)?;
        dims[side.axis] = side.width.unsigned_abs();
        Ok(infer::broadcast_to(self.node(), &dims)?.into())
    }

    /// A number everywhere: one element that is there, and no stage that makes it.
    fn constant_border(&self, value: &DynOperand, side: Side) -> Result<Self> {
        let mut dims = self.known_dims(OP)?;
        dims[side.axis] = side.width.unsigned_abs();
        Ok(infer::broadcast_to(one_of(value, self.dtype())?.node(), &dims)?.into())
    }

    /// The elements at the edge.
    fn edge(&self, side: Side) -> Result<Self> {
        let len = self.length_of(OP, side.axis)?;
        Ok(if side.before { self.span(side.axis, 0, 1) } else { self.span(side.axis, len - 1, len) })
    }

    /// What is made of the elements nearest to the edge.
    fn statistic(&self, of: ReduceOp, side: Side, length: Option<usize>) -> Result<Self> {
        let len = self.length_of(OP, side.axis)?;
        let taken = length.map_or(len, |length| infer::axis_number(length).min(len));
        if taken == 0 && of != ReduceOp::Mean {
            let (what, expected) = ("the length of a statistic", "1 or more");
            return Err(Error::Parameter { op: OP, what, got: "0".into(), expected });
        }
        let near = if side.before { self.span(side.axis, 0, taken) } else { self.span(side.axis, len - taken, len) };
        let value = near.reduce(of, Some(side.axis.into()), true, 0.0)?;
        let whole = value.dtype().is_float() && !self.dtype().is_float() && self.dtype() != DType::Bool;
        Ok(if whole { value.round()? } else { value }.cast(self.dtype()))
    }

    /// Steps of one height from `end` to the edge, in `f64` and by NumPy's arithmetic.
    fn ramp(&self, side: Side, end: f64) -> Result<Self> {
        let places = arange(DType::F64, in_memory(side.width.unsigned_abs()));
        let behind: Vec<usize> = (1..self.ndim() - side.axis).collect();
        let places = if behind.is_empty() { places } else { places.insert_axis(behind)? };
        let width = side.width as f64;
        let height = self.edge(side)?.cast(DType::F64).sub(end)?;
        let step = height.div(width)?;
        // A step too small for a number is taken after it is multiplied; NumPy does so for all if for one.
        let lost = step.eq(0.0)?.any();
        let steps = where_(&lost, places.div(width)?.mul(&height)?, places.mul(&step)?)?;
        let ramp = steps.add(end)?;
        let whole = !self.dtype().is_float() && self.dtype() != DType::Bool;
        let ramp = if whole { ramp.floor()? } else { ramp }.cast(self.dtype());
        if side.before { Ok(ramp) } else { ramp.flip_axis(side.axis) }
    }

    /// What lies there of an array that goes on.
    fn again(&self, side: Side, turn: Turn) -> Result<Self> {
        let (axis, len) = (side.axis, self.length_of(OP, side.axis)?);
        let (from, end) = if side.before { (-side.width, 0) } else { (len, len.saturating_add(side.width)) };
        let stretch = if turn == Turn::Reflect { len - 1 } else { len };
        if side.width / stretch < MOST_TURNS {
            let (mut at, mut parts) = (from, Vec::new());
            while at < end {
                let number = at.div_euclid(stretch);
                let to = ((number + 1) * stretch).min(end);
                let (one, other) = (at - number * stretch, to - number * stretch);
                parts.push(match turn == Turn::Wrap || number % 2 == 0 {
                    true => self.span(axis, one, other),
                    false => self.span(axis, len - other, len - one).flip_axis(axis)?,
                });
                at = to;
            }
            return concatenate(&parts, axis);
        }
        // Very often: copies of a period.
        let period = match turn {
            Turn::Wrap => self.clone(),
            Turn::Symmetric => concatenate(&[self.clone(), self.flip_axis(axis)?], axis)?,
            Turn::Reflect => concatenate(&[self.clone(), self.span(axis, 1, len - 1).flip_axis(axis)?], axis)?,
        };
        let long = period.length_of(OP, axis)?;
        let first = from.rem_euclid(long);
        let last = first.saturating_add(end - from);
        let mut counts = vec![1; self.ndim()];
        counts[axis] = in_memory(last.unsigned_abs().div_ceil(long.unsigned_abs()));
        Ok(period.tile(counts)?.span(axis, first, last))
    }

    /// Mirrored at both edges, and turned round in value there: as often as it takes, each time by what is there then, as NumPy does.
    fn turned_round(&self, before: Side, after: Side, edge: bool) -> Result<Self> {
        let (axis, len) = (before.axis, self.length_of(OP, before.axis)?);
        let (mut grown, mut left, mut right) = (self.clone(), before.width, after.width);
        let (period, skipped) = if edge { (len, 0) } else { (len - 1, 1) };
        while left > 0 || right > 0 {
            let long = grown.length_of(OP, axis)?;
            let most = (long - skipped) / period * period;
            let about = |at: i64, start: i64, end: i64| {
                let mirrored = grown.span(axis, start, end).flip_axis(axis)?;
                Ok::<_, Error>(grown.span(axis, at, at + 1).mul(2)?.sub(mirrored)?.cast(self.dtype()))
            };
            let (one, other) = (left.min(most), right.min(most));
            let part = |width: i64, at, start, end| if width > 0 { about(at, start, end).map(Some) } else { Ok(None) };
            let first = part(one, 0, skipped, skipped + one)?;
            let last = part(other, long - 1, long - skipped - other, long - skipped)?;
            grown = grown.bordered(first, last, axis)?;
            (left, right) = (left - one, right - other);
        }
        Ok(grown)
    }
}

/// A number as an array of one element that is there: equal to every other one of the number, and no stage makes it.
fn one_of(value: &DynOperand, dtype: DType) -> Result<DynArray> {
    let Some(scalar) = value.scalar_of(OP, dtype)? else { return value.of_dtype(OP, dtype) };
    let mut buffer = HostBuffer::zeros(dtype, 1)?;
    buffer.bytes_mut().copy_from_slice(&scalar.bits().to_le_bytes()[..dtype.size()]);
    // Without an axis it broadcasts to any shape.
    constants("constant", buffer).remove_axis(0)
}
