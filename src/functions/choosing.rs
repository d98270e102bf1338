//! Elements chosen from several arrays, and arrays with some elements replaced: NumPy's functions that write, as what their array is then.

use super::arguments::{Axes, Indices};
use super::dyn_array::DynArray;
use super::elementwise::where_;
use super::indexing::Index;
use super::masked;
use super::places::{Beyond, count_of};
use super::promotion::{DynOperand, result_type};
use crate::chunks::{AxisChunks, AxisSpec, ChunkSpec};
use crate::dtype::{DType, with_bits};
use crate::error::{Error, Result};
use crate::graph::node::{HostResult, c_strides};
use crate::graph::{HostFunction, HostTask, Node, Op, infer};
use crate::host::HostBuffer;
use crate::width::{in_memory, signed};

/// Of each element the choice beside the first condition that is true, and `default` where none is (`np.select`), in the [`result_type`] of all
/// choices and the default, broadcast together. Fused.
///
/// # Errors
/// [`Error::Parameter`] for no conditions, and another number of choices; [`Error::DType`] for conditions that are not `bool`;
/// [`Error::Broadcast`].
///
/// ```
/// use gridloom::{DynArray, functions::select};
/// let x: DynArray = gridloom::arange::<i32>(6).into();
/// let y = select(&[x.lt(3)?, x.gt(3)?], &[(&x).into(), x.mul(&x)?.into()], 42)?;
/// assert_eq!(y.typed::<i32>()?.to_vec()?, [0, 1, 2, 42, 16, 25]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn select(conditions: &[DynArray], choices: &[DynOperand], default: impl Into<DynOperand>) -> Result<DynArray> {
    let op = "select";
    if conditions.is_empty() || conditions.len() != choices.len() {
        let got = format!("of {} beside {} choices", conditions.len(), choices.len());
        let expected = "one or more, and as many as choices";
        return Err(Error::Parameter { op, what: "the list of conditions", got, expected });
    }
    if let Some(other) = conditions.iter().find(|condition| condition.dtype() != DType::Bool) {
        return Err(Error::DType { op, got: other.dtype(), expected: "bool for conditions" });
    }
    let mut all = choices.to_vec();
    all.push(default.into());
    let all = of_one_dtype(op, &all)?;
    let (default, choices) = all.split_last().ok_or_else(|| Error::bug("no default"))?;
    let pairs = conditions.iter().zip(choices).rev();
    pairs.into_iter().try_fold(default.clone(), |rest, (condition, choice)| where_(condition, choice, rest))
}

fn of_one_dtype(op: &'static str, operands: &[DynOperand]) -> Result<Vec<DynArray>> {
    let dtype = result_type(operands)?;
    operands.iter().map(|operand| operand.of_dtype(op, dtype)).collect()
}

impl DynArray {
    /// Of each element, which is a number, the choice of that number (`np.choose`), in the [`result_type`] of all choices, broadcast together.
    /// Fused, each choice a comparison.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no choices; [`Error::DType`] for numbers that are no integers; [`Error::Broadcast`]. Where a number of no choice
    /// is an error, computing fails with [`Error::Parameter`].
    ///
    /// ```
    /// use gridloom::{DynArray, functions::Beyond};
    /// let which: DynArray = gridloom::array([1, 0, 3]).into();
    /// let choices = [gridloom::array([1, 2, 3]).into(), 40.into()].map(|choice: gridloom::DynOperand| choice);
    /// assert_eq!(which.choose(&choices, Beyond::Wrap)?.typed::<i32>()?.to_vec()?, [40, 2, 40]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn choose(&self, choices: &[DynOperand], beyond: Beyond) -> Result<Self> {
        let op = "choose";
        if choices.is_empty() {
            let got = "of none".to_owned();
            return Err(Error::Parameter { op, what: "the list of choices", got, expected: "one or more" });
        }
        let which = beyond.of_array(op, "number of a choice", self, choices.len() as u64)?;
        let choices = of_one_dtype(op, choices)?;
        let (last, others) = choices.split_last().ok_or_else(|| Error::bug("no choices"))?;
        if others.is_empty() {
            // In the shape of both.
            return where_(&which.eq(0)?, last, last);
        }
        let numbered = others.iter().enumerate().rev();
        let is = |k: usize| which.eq(infer::axis_number(k));
        numbered.into_iter().try_fold(last.clone(), |rest, (k, choice)| where_(&is(k)?, choice, rest))
    }

    /// The array with other elements at places in C order (`np.put`, which changes its array: this is what `x` is then). Values are taken again
    /// and again where there are fewer of them than places, and of a place that is named twice the last counts.
    ///
    /// # Errors
    /// As [`assign`](Self::assign); [`Error::IndexOutOfRange`] where places that are not there are errors (negative ones count from the end
    /// then).
    ///
    /// ```
    /// use gridloom::{DynArray, functions::Beyond};
    /// let x: DynArray = gridloom::zeros::<i32>((2, 2)).into();
    /// assert_eq!(x.put([3, 0], gridloom::array([7, 8]), Beyond::Raise)?.typed::<i32>()?.to_vec()?, [8, 0, 0, 7]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn put(&self, places: impl Into<Indices>, values: impl Into<DynOperand>, beyond: Beyond) -> Result<Self> {
        let op = "put";
        let lengths = self.known_dims(op)?.into_iter().map(|len| infer::length(op, len)).collect::<Result<Vec<_>>>()?;
        let values = values.into().of_dtype(op, self.dtype())?;
        let (flat, places) = (self.ravel()?, places.into().0);
        if values.size() == Some(0) || places.is_empty() {
            return Ok(self.clone());
        }
        let len = flat.length_of(op, 0)?;
        let beyond = if len == 0 { Beyond::Raise } else { beyond };
        let values = if values.ndim() == 0 { values } else { values.resize(places.len())? };
        let made = flat.assign(&[Index::Places(beyond.of_list(&places, len))], values)?;
        made.reshape(lengths)?.rechunk(ChunkSpec::from(self.chunks()))
    }

    /// The array with the elements of `values`, one after another and again and again, where `mask` is true, in C order (`np.place`, which changes
    /// its array: this is what `x` is then). Each chunk is filled in on the host, from values that are one chunk.
    ///
    /// # Errors
    /// [`Error::Broadcast`] for a mask of another shape, [`Error::UnknownLength`]. Of no values, computing fails with [`Error::Parameter`]
    /// where the mask is true anywhere.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::arange::<i32>(6).into();
    /// assert_eq!(x.place(&x.gt(1)?, gridloom::array([7, 8, 9]))?.typed::<i32>()?.to_vec()?, [0, 1, 7, 8, 9, 7]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn place(&self, mask: &Self, values: impl Into<DynOperand>) -> Result<Self> {
        let values = values.into().of_dtype("place", self.dtype())?.ravel()?;
        let mask = mask.cast(DType::Bool);
        let _ = self.filter(&mask)?;
        masked::placed("place", self, &mask, &values)
    }

    /// The array with the elements of `values` where `mask` is true (`np.putmask`, which changes its array: this is what `x` is then): at each
    /// place the one of the same number in C order, of values that are repeated to the array's size. Of no values, it is the array.
    ///
    /// # Errors
    /// [`Error::Broadcast`] for a mask of another shape, [`Error::UnknownLength`]; [`Error::Parameter`] for an integer that the dtype does not
    /// hold.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::arange::<i32>(5).into();
    /// assert_eq!(x.putmask(&x.gt(1)?, gridloom::array([-1, -2]))?.typed::<i32>()?.to_vec()?, [0, 1, -1, -2, -1]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn putmask(&self, mask: &Self, values: impl Into<DynOperand>) -> Result<Self> {
        let op = "putmask";
        let shape: Vec<usize> = self.known_dims(op)?.into_iter().map(in_memory).collect();
        let (mask, values) = (mask.cast(DType::Bool), values.into().of_dtype(op, self.dtype())?);
        let _ = self.filter(&mask)?;
        if values.size() == Some(0) {
            return Ok(self.clone());
        }
        let values = if values.ndim() == 0 { values } else { values.resize(shape)? };
        where_(&mask, values, self)?.rechunk(ChunkSpec::from(self.chunks()))
    }

    /// The array with other elements along an axis at places that are an array's elements (`np.put_along_axis`, which changes its array: this is
    /// what `x` is then), as [`take_along_axis`](Self::take_along_axis) reads them. Places are broadcast to the array along other axes, values
    /// to them; of a place that is named twice the last counts. The axis is one chunk of all three.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`]; [`Error::Rank`] for places on another number of axes, [`Error::DType`] for places that are no integers,
    /// [`Error::BroadcastTo`]; [`Error::UnknownLength`]. In a run [`Error::IndexOutOfRange`].
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([[3, 1, 2], [9, 7, 8]]).into();
    /// let places: DynArray = gridloom::array([[0i64], [-1]]).into();
    /// assert_eq!(x.put_along_axis(&places, 5, 1)?.typed::<i32>()?.to_vec()?, [5, 1, 2, 9, 7, 5]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn put_along_axis(&self, places: &Self, values: impl Into<DynOperand>, axis: impl Into<Axes>) -> Result<Self> {
        let op = "put_along_axis";
        let axis = self.one_axis(op, axis)?;
        if !places.dtype().is_integer() {
            return Err(Error::DType { op, got: places.dtype(), expected: "integers for places" });
        }
        if places.ndim() != self.ndim() {
            let given = format!("an array of {} axes and places of ", self.ndim());
            let expected = "places on as many axes as the array has";
            return Err(Error::Rank { op, expected, given, shape: places.node().dims() });
        }
        let (mut dims, count) = (self.known_dims(op)?, places.known_dims(op)?[axis]);
        let whole = |x: &Self, len: u64| {
            let mut axes = self.chunks().axes().to_vec();
            axes[axis] = AxisChunks::regular(len, len);
            x.rechunk(ChunkSpec::Axes(axes.into_iter().map(AxisSpec::Like).collect()))
        };
        let x = whole(self, dims[axis])?;
        dims[axis] = count;
        let lengths: Vec<usize> = dims.into_iter().map(in_memory).collect();
        let places = whole(&places.cast(DType::I64).broadcast_to(lengths.as_slice())?, count)?;
        let values = values.into().of_dtype(op, self.dtype())?.broadcast_to(lengths)?;
        let values = whole(&values, count)?;
        let function = HostFunction::named(op, &axis, move |task| scattered(op, task, axis));
        let inputs = [&x, &places, &values].map(|input| input.node().clone());
        let made: Self = infer::host(function, inputs.into(), x.dtype(), x.chunks().clone()).into();
        made.rechunk(ChunkSpec::from(self.chunks()))
    }

    /// The array with `value` on the diagonal whose places are the same along all axes (`np.fill_diagonal`, which changes its array: arrays do
    /// not change here, and this is what `x` is then). An array's elements are taken in C order, again and again. In a matrix with more rows
    /// than columns the diagonal begins again, one row below where it ended, if it is to `wrap`.
    ///
    /// # Errors
    /// [`Error::Rank`] for less than two axes; [`Error::Parameter`] for more than two of different lengths, for an array of no values, and for
    /// an integer that the dtype does not hold; [`Error::UnknownLength`].
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::zeros::<i32>((2, 3)).into();
    /// assert_eq!(x.fill_diagonal(gridloom::array([7, 8]), false)?.typed::<i32>()?.to_vec()?, [7, 0, 0, 0, 8, 0]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn fill_diagonal(&self, value: impl Into<DynOperand>, wrap: bool) -> Result<Self> {
        let op = "fill_diagonal";
        self.at_least_2d(op)?;
        let dims = self.known_dims(op)?;
        if dims.len() > 2 && dims.iter().any(|&len| len != dims[0]) {
            let got = crate::text::format_shape(&self.node().dims());
            return Err(Error::Parameter {
                op,
                what: "shape",
                got,
                expected: "of one length along all axes, where they are more than two",
            });
        }
        let value = value.into().of_dtype(op, self.dtype())?;
        if value.size() == Some(0) {
            let (what, got) = ("number of values", "0".to_owned());
            return Err(Error::Parameter { op, what, got, expected: "1 or more" });
        }
        count_of(op, &dims)?;
        if dims.contains(&0) {
            return Ok(self.clone());
        }
        let strides = c_strides(&dims);
        let step: i64 = strides.iter().sum();
        let square = signed(dims[1]).saturating_mul(signed(dims[1]));
        let end = if dims.len() == 2 && !wrap { square } else { i64::MAX };
        let number =
            Node::new(Op::Index { weights: strides.clone(), offset: 0 }, vec![], DType::I64, self.chunks().clone());
        let number = Self::from(number);
        let mask = number.rem(step)?.eq(0)?.bitand(number.lt(end)?)?;
        let value = if value.ndim() == 0 { value } else { down_the_rows(&value, &dims, strides[0], step)? };
        where_(&mask, value, self)
    }
}

/// Values as a column: of each row the one that goes onto its place of the diagonal.
fn down_the_rows(value: &DynArray, dims: &[u64], stride: i64, step: i64) -> Result<DynArray> {
    // The number of the first place of the diagonal that is not before a row.
    let which = (0..signed(dims[0])).map(|row| (row * stride).div_euclid(step) + i64::from((row * stride) % step != 0));
    let value = value.resize(in_memory(dims[0]))?.take(which.collect::<Vec<i64>>(), 0)?;
    let lengths: Vec<i64> = std::iter::once(-1).chain(dims[1..].iter().map(|_| 1)).collect();
    value.reshape(lengths)
}

/// Elements along an axis with others at places.
fn scattered(op: &'static str, task: &HostTask<'_>, axis: usize) -> HostResult {
    let [(x, shape), (places, from), (values, _)] = task.inputs else { return Err(Error::bug("places in an array")) };
    let (len, count, inner) = (shape[axis], in_memory(from[axis]), in_memory(shape[axis + 1..].iter().product()));
    let n = infer::length(op, len)?;
    let slab = in_memory(len) * inner;
    let mut out = HostBuffer::scratch(task.dtype, x.len())?;
    with_bits!(task.dtype, T => {
        let (values, to): (&[T], &mut [T]) = (values.stored(), out.stored_mut());
        to.copy_from_slice(x.stored());
        for (i, (value, &index)) in values.iter().zip(places.stored::<i64>()).enumerate() {
            let at = if index < 0 { index + n } else { index };
            let Some(at) = usize::try_from(at).ok().filter(|at| signed(*at as u64) < n) else {
                return Err(Error::IndexOutOfRange { op, index, axis, len });
            };
            to[i / (count * inner) * slab + at * inner + i % inner] = *value;
        }
    });
    Ok((out, shape.clone()))
}
