//! What is looked up in a whole array, which every task holds: places in a sorted one, membership, lines between points, elements along an
//! axis at places that are computed. Functions of chunks on the host, so that what is looked up may be as long as it likes.

use super::arguments::Axes;
use super::dyn_array::DynArray;
use super::promotion::promote;
use crate::chunks::{AxisChunks, AxisSpec, ChunkSpec, Chunks};
use crate::dtype::{DType, with_bits};
use crate::error::{Error, Result};
use crate::graph::{HostFunction, HostTask, infer};
use crate::host::HostBuffer;
use crate::ops::Sorting;
use crate::ops::sort::{Keys, keys};
use crate::width::in_memory;

/// On which side of equal elements a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Side {
    /// Before them.
    #[default]
    Left,
    /// Behind them.
    Right,
}

/// Keys of which equal elements have one.
const EQUAL: Sorting = Sorting { places: true, descending: false };

impl DynArray {
    /// Where elements would go in this sorted 1-d array so that it stays sorted (`np.searchsorted`): `i64`, cut as they are. NaN is behind all
    /// numbers. The array is held whole; in one that is not sorted places are any.
    ///
    /// # Errors
    /// [`Error::Rank`] for an array of another number of axes; [`Error::UnknownLength`] for one that was filtered.
    ///
    /// ```
    /// use gridloom::{DynArray, functions::Side};
    /// let sorted: DynArray = gridloom::array([1, 3, 3, 7]).into();
    /// let values: DynArray = gridloom::array([3.0, 0.5, 9.0]).into();
    /// assert_eq!(sorted.searchsorted(&values, Side::Left)?.typed::<i64>()?.to_vec()?, [1, 0, 4]);
    /// assert_eq!(sorted.searchsorted(&values, Side::Right)?.typed::<i64>()?.to_vec()?, [3, 0, 4]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn searchsorted(&self, values: &Self, side: Side) -> Result<Self> {
        let run = move |table: &[u64], values: &[u64]| {
            let place = |&value: &u64| match side {
                Side::Left => table.partition_point(|&key| key < value),
                Side::Right => table.partition_point(|&key| key <= value),
            };
            HostBuffer::from_vec::<i64>(values.iter().map(|value| infer::axis_number(place(value))).collect())
        };
        self.looked_up("searchsorted", values, DType::I64, &side, run)
    }

    /// Whether each element is one of a 1-d array's (`np.isin`), which is sorted and held whole; numbers meet in the dtype that NumPy would
    /// choose, and NaN is in none. [`isin`](Self::isin) compares with a few numbers, fused.
    ///
    /// # Errors
    /// As [`searchsorted`](Self::searchsorted).
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::arange::<i32>(5).into();
    /// let set: DynArray = gridloom::array([3, 1, 9]).into();
    /// assert_eq!(x.is_in(&set)?.typed::<bool>()?.to_vec()?, [false, true, false, true, false]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn is_in(&self, set: &Self) -> Result<Self> {
        let dtype = promote(self.dtype(), set.dtype());
        // That of NaN is the largest of its width.
        let nan = dtype.is_float().then(|| Keys::of(dtype, EQUAL).all);
        let run = move |table: &[u64], values: &[u64]| {
            let is_in = |&value: &u64| Some(value) != nan && table.binary_search(&value).is_ok();
            HostBuffer::from_vec::<bool>(values.iter().map(|value| u8::from(is_in(value))).collect())
        };
        let sorted = set.sort_by(Sorting { places: false, descending: false }, Some(0.into()))?;
        sorted.looked_up("isin", self, DType::Bool, &nan, run)
    }

    /// A function of the keys of this whole 1-d array and of each chunk of others.
    fn looked_up(
        &self,
        op: &'static str,
        values: &Self,
        made: DType,
        parameters: &impl std::hash::Hash,
        run: impl Fn(&[u64], &[u64]) -> HostBuffer + Send + Sync + 'static,
    ) -> Result<Self> {
        let dtype = promote(self.dtype(), values.dtype());
        let table = self.cast(dtype).whole(op)?;
        // Once, and not in each task.
        let of_table = |task: &HostTask<'_>| {
            let [(table, shape)] = task.inputs else { return Err(Error::bug("keys of a table")) };
            Ok((HostBuffer::from_vec::<u64>(keys(table, EQUAL)), shape.clone()))
        };
        let of_table = HostFunction::named("keys", &(), of_table);
        let table = infer::host(of_table, vec![table.node().clone()], DType::U64, table.chunks().clone());
        let run = move |task: &HostTask<'_>| {
            let [(values, shape), (table, _)] = task.inputs else { return Err(Error::bug("a search of two arrays")) };
            (task.room)(8 * values.len() as u64)?;
            Ok((run(table.stored(), &keys(values, EQUAL)), shape.clone()))
        };
        let function = HostFunction::named(op, parameters, run);
        let inputs = vec![values.cast(dtype).node().clone(), table];
        Ok(infer::host(function, inputs, made, values.chunks().clone()).into())
    }

    /// A 1-d array in one chunk.
    fn whole(&self, op: &'static str) -> Result<Self> {
        let shape = self.node().dims();
        match shape.as_slice() {
            [Some(_)] => self.rechunk(ChunkSpec::Each(AxisSpec::Whole)),
            [None] => Err(Error::UnknownLength { op, shape, hint: "resolve() it before" }),
            _ => Err(Error::Rank { op, expected: "a 1-d array to look up in", given: String::new(), shape }),
        }
    }

    /// The values at these places of the line through points (`np.interp`): `xp` ascend, `fp` are as many. Places before and behind them have
    /// `left` and `right`, or the first and the last value. `f64`, cut as the places are; points are held whole.
    ///
    /// # Errors
    /// [`Error::Rank`] for points on another number of axes, [`Error::UnknownLength`] for filtered ones; [`Error::Broadcast`] for different
    /// numbers of `xp` and `fp`; [`Error::EmptyReduction`] for no points.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let [x, xp, fp] = [vec![0.5, 3.0], vec![0.0, 1.0, 2.0], vec![0.0, 10.0, 40.0]].map(|x| DynArray::from(gridloom::array(x)));
    /// assert_eq!(x.interp(&xp, &fp, None, None)?.typed::<f64>()?.to_vec()?, [5.0, 40.0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn interp(&self, xp: &Self, fp: &Self, left: Option<f64>, right: Option<f64>) -> Result<Self> {
        let op = "interp";
        let [x, xp, fp] = [self, xp, fp].map(|x| x.cast(DType::F64));
        let (xp, fp) = (xp.whole(op)?, fp.whole(op)?);
        let (lhs, rhs) = (xp.node().dims(), fp.node().dims());
        if lhs != rhs {
            let text =
                |dims: &[Option<u64>]| dims.first().copied().flatten().map_or(String::new(), |len| len.to_string());
            let (left, right) = (text(&lhs), text(&rhs));
            return Err(Error::Broadcast { op, lhs, rhs, axis: 0, left, right });
        }
        if lhs == [Some(0)] {
            return Err(Error::EmptyReduction { op, shape: lhs });
        }
        let run = move |task: &HostTask<'_>| {
            let [(x, shape), (xp, _), (fp, _)] = task.inputs else { return Err(Error::bug("a line of three arrays")) };
            let (xp, fp) = (xp.stored::<f64>(), fp.stored::<f64>());
            let value = |&x: &f64| between(x, xp, fp, left, right);
            Ok((HostBuffer::from_vec::<f64>(x.stored::<f64>().iter().map(value).collect()), shape.clone()))
        };
        let function = HostFunction::named(op, &(left.map(f64::to_bits), right.map(f64::to_bits)), run);
        let inputs = [&x, &xp, &fp].map(|x| x.node().clone());
        Ok(infer::host(function, inputs.into(), DType::F64, x.chunks().clone()).into())
    }

    /// The elements along an axis at places that are an array's elements (`np.take_along_axis`): as `argsort` gives them. Other axes are
    /// broadcast together; the axis is one chunk of both.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`]; [`Error::Rank`] for places on another number of axes, [`Error::DType`] for places that are no integers,
    /// [`Error::Broadcast`]; [`Error::UnknownLength`]. In a run [`Error::IndexOutOfRange`].
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([[3, 1, 2], [9, 7, 8]]).into();
    /// let places: DynArray = gridloom::array([[1i64, -1], [0, 0]]).into();
    /// assert_eq!(x.take_along_axis(&places, 1)?.typed::<i32>()?.to_vec()?, [1, 2, 9, 9]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn take_along_axis(&self, places: &Self, axis: impl Into<Axes>) -> Result<Self> {
        let op = "take_along_axis";
        let axis = self.one_axis(op, axis)?;
        if !places.dtype().is_integer() {
            return Err(Error::DType { op, got: places.dtype(), expected: "integers for places" });
        }
        if places.ndim() != self.ndim() {
            let given = format!("an array of {} axes and places of ", self.ndim());
            let expected = "places on as many axes as the array has";
            return Err(Error::Rank { op, expected, given, shape: places.node().dims() });
        }
        let (len, count) = (self.known_dims(op)?[axis], places.known_dims(op)?[axis]);
        let others = |x: &Self, len: u64| {
            let mut dims = x.known_dims(op)?;
            dims[axis] = len;
            Ok::<_, Error>(dims.into_iter().map(in_memory).collect::<Vec<usize>>())
        };
        let lengths = super::broadcast_shapes(&[&others(self, 1)?, &others(places, 1)?])?;
        let spread = |x: &Self, len: u64| {
            let mut lengths = lengths.clone();
            lengths[axis] = in_memory(len);
            x.broadcast_to(lengths)
        };
        let (x, places) = (spread(self, len)?, spread(places, count)?.cast(DType::I64));
        let whole = |len: u64| {
            let mut axes = x.chunks().axes().to_vec();
            axes[axis] = AxisChunks::regular(len, len);
            axes
        };
        let cut = |x: &Self, axes: Vec<AxisChunks>| {
            x.rechunk(ChunkSpec::Axes(axes.into_iter().map(AxisSpec::Like).collect()))
        };
        let (x, places) = (cut(&x, whole(len))?, cut(&places, whole(count))?);
        let run = move |task: &HostTask<'_>| gathered(op, task, axis);
        let inputs = vec![x.node().clone(), places.node().clone()];
        let chunks = Chunks::new(whole(count));
        Ok(infer::host(HostFunction::named(op, &axis, run), inputs, x.dtype(), chunks).into())
    }
}

/// The places that order lines by several keys along an axis, of which the last is the first to look at (`np.lexsort`); what is equal in all of
/// them keeps its order.
///
/// # Errors
/// [`Error::EmptyReduction`] for no keys, [`Error::Parameter`] for keys of different shapes; as [`DynArray::sort_by`] and [`DynArray::take_along_axis`].
///
/// ```
/// use gridloom::{DynArray, functions};
/// let [name, age] = [[2, 1, 1], [7, 7, 5]].map(|key| DynArray::from(gridloom::array(key)));
/// assert_eq!(functions::lexsort(&[name, age], 0)?.typed::<i64>()?.to_vec()?, [2, 1, 0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn lexsort(keys: &[DynArray], axis: impl Into<Axes>) -> Result<DynArray> {
    let axis = axis.into();
    let order = |key: &DynArray| key.sort_by(EQUAL, Some(axis.clone()));
    let Some((first, rest)) = keys.split_first() else {
        return Err(Error::EmptyReduction { op: "lexsort", shape: vec![Some(0)] });
    };
    let shape = first.node().dims();
    if let Some(other) = rest.iter().map(|key| key.node().dims()).find(|other| *other != shape) {
        let text = |shape: &[Option<u64>]| crate::text::format_shape(shape);
        let got = format!("{} and {}", text(&shape), text(&other));
        return Err(Error::Parameter { op: "lexsort", what: "the pair of shapes of keys", got, expected: "equal" });
    }
    rest.iter().try_fold(order(first)?, |places, key| {
        let next = order(&key.take_along_axis(&places, axis.clone())?)?;
        places.take_along_axis(&next, axis.clone())
    })
}

/// A value of the line through points.
fn between(x: f64, xp: &[f64], fp: &[f64], left: Option<f64>, right: Option<f64>) -> f64 {
    let last = xp.len() - 1;
    if x.is_nan() {
        return x;
    }
    let behind = xp.partition_point(|&at| at <= x);
    if behind == 0 {
        return left.unwrap_or(fp[0]);
    }
    let at = behind - 1;
    if at == last && x > xp[last] {
        return right.unwrap_or(fp[last]);
    }
    // At a point its own value, whatever the next one is.
    if x == xp[at] {
        return fp[at];
    }
    let slope = (fp[at + 1] - fp[at]) / (xp[at + 1] - xp[at]);
    let from = |at: usize| slope * (x - xp[at]) + fp[at];
    // As NumPy does where a point is infinite.
    let value = if from(at).is_nan() { from(at + 1) } else { from(at) };
    if value.is_nan() && fp[at] == fp[at + 1] { fp[at] } else { value }
}

/// Elements along an axis at places.
fn gathered(op: &'static str, task: &HostTask<'_>, axis: usize) -> Result<(HostBuffer, Vec<u64>)> {
    let [(values, from), (places, shape)] = task.inputs else { return Err(Error::bug("places of an array")) };
    let (len, count, inner) = (from[axis], in_memory(shape[axis]), in_memory(shape[axis + 1..].iter().product()));
    let n = infer::length(op, len)?;
    let slab = in_memory(len) * inner;
    let mut out = HostBuffer::scratch(task.dtype, places.len())?;
    with_bits!(task.dtype, T => {
        let (from, to): (&[T], &mut [T]) = (values.stored(), out.stored_mut());
        for (i, (to, &index)) in to.iter_mut().zip(places.stored::<i64>()).enumerate() {
            let at = if index < 0 { index + n } else { index };
            let Some(at) = usize::try_from(at).ok().filter(|_| at < n) else {
                return Err(Error::IndexOutOfRange { op, index, axis, len });
            };
            *to = from[i / (count * inner) * slab + at * inner + i % inner];
        }
    });
    Ok((out, shape.clone()))
}
