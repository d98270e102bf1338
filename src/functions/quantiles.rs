//! Quantiles: exact, of sorted lines. Of each only the wanted places are read; where NaN does not count, which those are says each line.

use std::collections::BTreeSet;

use super::arguments::Axes;
use super::creation::{arange, from_host, full};
use super::dyn_array::DynArray;
use super::elementwise::{float_of, where_};
use super::joining::stack;
use super::selection;
use crate::chunks::Chunks;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result};
use crate::graph::{AxisMap, HostFunction, infer};
use crate::host::HostBuffer;
use crate::host_array::HostArray;
use crate::ops::{ReduceOp, Sorting};
use crate::width::in_memory;

macro_rules! methods {
    ($($(#[$attr:meta])* $variant:ident $name:literal $shift:expr, $more:expr, $between:ident, $doc:literal;)*) => {
        /// How a quantile that falls between two elements is made: NumPy's names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
        #[non_exhaustive]
        pub enum QuantileMethod { $($(#[$attr])* #[doc = $doc] $variant,)* }

        impl QuantileMethod {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// NumPy's name.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name),* } }
            /// The place of the quantile `q` of `n` elements is `(n + a) q + b`: `a` and `b`, and what is made there.
            const fn rule(self) -> (f64, f64, Between) { match self { $(Self::$variant => ($shift, $more, Between::$between)),* } }
        }
    };
}
methods! {
    InvertedCdf "inverted_cdf" 0.0, -1.0, Next, "The first element that so many are not above.";
    AveragedInvertedCdf "averaged_inverted_cdf" 0.0, -1.0, NextOrMean, "The same; the mean of two where it is between them.";
    ClosestObservation "closest_observation" 0.0, -1.5, NextOrEven, "The nearest of those, the even one of two.";
    InterpolatedInvertedCdf "interpolated_inverted_cdf" 0.0, -1.0, Line, "On the line through the steps of the distribution.";
    Hazen "hazen" 0.0, -0.5, Line, "Through the middles of the steps.";
    Weibull "weibull" 1.0, -1.0, Line, "Through `k / (n + 1)`.";
    #[default]
    Linear "linear" -1.0, 0.0, Line, "Through `(k - 1) / (n - 1)`: what NumPy does unless it is told.";
    MedianUnbiased "median_unbiased" 1.0 / 3.0, 1.0 / 3.0 - 1.0, Line, "Nearly unbiased for the median, whatever the distribution is.";
    NormalUnbiased "normal_unbiased" 0.25, 0.375 - 1.0, Line, "Nearly unbiased for normal numbers.";
    Lower "lower" -1.0, 0.0, First, "The element before.";
    Higher "higher" -1.0, 0.0, Next, "The element behind.";
    Midpoint "midpoint" -1.0, 0.0, Mean, "The mean of both.";
    Nearest "nearest" -1.0, 0.0, Nearest, "The nearer one, the even one of two.";
}

/// What is made at a place between two elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    /// What lies on the line.
    Line,
    /// The first of them.
    First,
    /// The next, where the place is not the first's.
    Next,
    /// The same; their mean where it is.
    NextOrMean,
    /// The same; where it is, the even one of the two, counted from 1.
    NextOrEven,
    /// Their mean, where the place is not the first's.
    Mean,
    /// The nearer one, the even one of two.
    Nearest,
}

impl Between {
    /// Whether it is always one of the elements.
    const fn is_element(self) -> bool {
        matches!(self, Self::First | Self::Next | Self::NextOrEven | Self::Nearest)
    }
    /// How far it is from the element at `first` to the next, for a place `rest` beyond.
    fn part(self, first: f64, rest: f64) -> f64 {
        let beyond = f64::from(u8::from(rest != 0.0));
        let is_odd = first.rem_euclid(2.0) == 1.0;
        match self {
            Self::Line => rest,
            Self::First => 0.0,
            Self::Next => beyond,
            Self::NextOrMean => beyond.max(0.5),
            Self::NextOrEven => beyond.max(f64::from(u8::from(!is_odd))),
            Self::Mean => beyond / 2.0,
            Self::Nearest => f64::from(u8::from(rest > 0.5 || (rest == 0.5 && is_odd))),
        }
    }
    /// The same of arrays.
    fn parts(self, first: &DynArray, rest: &DynArray) -> Result<DynArray> {
        let number = |condition: &DynArray| condition.cast(DType::F64);
        let beyond = number(&rest.ne(0.0)?);
        let is_odd = first.floor_mod(2.0)?.eq(1.0)?;
        Ok(match self {
            Self::Line => rest.clone(),
            Self::First => rest.mul(0.0)?,
            Self::Next => beyond,
            Self::NextOrMean => beyond.maximum(0.5)?,
            Self::NextOrEven => beyond.maximum(number(&is_odd.not()?))?,
            Self::Mean => beyond.mul(0.5)?,
            Self::Nearest => number(&rest.gt(0.5)?.bitor(rest.eq(0.5)?.bitand(is_odd)?)?),
        })
    }
}

/// Quantiles of all elements.
struct Wanted {
    q: Vec<f64>,
    method: QuantileMethod,
    /// Whether what lies between two elements is their mean: a median.
    mean: bool,
    skip_nan: bool,
}

impl Wanted {
    /// They, of an array with so many elements that count; where NaN spoils them, one is enough.
    fn of(&self, x: &DynArray, len: u64, spoiled: bool) -> Result<DynArray> {
        let beside: Vec<u64> = places(len, &self.q, self.method).into_iter().collect();
        let sorted = selection::selected(x, len, beside.clone(), spoiled)?;
        let lines = Lines { sorted, axis: 0, len, counts: None, mean: self.mean, read: Some(beside) };
        let each = self.q.iter().map(|&q| lines.one(q, self.method)).collect::<Result<Vec<_>>>()?;
        stack(&each, 0)?.rechunk(selection::WHOLE)
    }
}

/// Sorted lines.
struct Lines {
    sorted: DynArray,
    /// The axis along which they are, and how long they are.
    axis: usize,
    len: u64,
    /// Where it is not the whole line that counts: how much of each, on an axis of one place.
    counts: Option<DynArray>,
    /// Whether what lies between two elements is their mean: a median.
    mean: bool,
    /// The places that are there, where not all are; all are NaN then, where one element is.
    read: Option<Vec<u64>>,
}

impl DynArray {
    /// The quantiles `q` of all elements, or over the given axes: on a new first axis, one place each. Exact. Lines along axes are
    /// sorted, so memory has to have room for as much as [`sort_by`](Self::sort_by) says, of some lines; of all elements, where there are
    /// many, those at the places are selected in two walks, and memory holds some `n^(2/3)`. Floats keep their type;
    /// integers and `bool` make `f64`, but with methods that give an element. A line with NaN has NaN.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a `q` that is not from 0 to 1; [`Error::EmptyReduction`] of nothing (NumPy gives NaN);
    /// [`Error::AxisOutOfRange`], [`Error::AxisRepeated`]; [`Error::UnknownLength`] for an array that was filtered.
    ///
    /// ```
    /// use gridloom::{DynArray, functions::QuantileMethod};
    /// let x: DynArray = gridloom::array([[1.0, 5.0], [2.0, 3.0]]).into();
    /// let q = x.quantiles(&[0.0, 0.5], QuantileMethod::Linear, Some(1.into()))?;
    /// assert_eq!(q.typed::<f64>()?.to_vec()?, [1.0, 2.0, 3.0, 2.5]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn quantiles(&self, q: &[f64], method: QuantileMethod, axes: Option<Axes>) -> Result<Self> {
        self.each_quantile("quantile", q, method, axes, false)
    }
    /// The same of the elements that are not NaN; NaN where there are none.
    ///
    /// # Errors
    /// As [`quantiles`](Self::quantiles).
    pub fn nanquantiles(&self, q: &[f64], method: QuantileMethod, axes: Option<Axes>) -> Result<Self> {
        self.each_quantile("nanquantile", q, method, axes, true)
    }
    /// The medians of all elements, or over axes, which go: the mean of the two in the middle where their number is even.
    ///
    /// # Errors
    /// As [`quantiles`](Self::quantiles).
    pub fn median_over(&self, axes: Option<Axes>) -> Result<Self> {
        self.middle("median", axes, false)
    }
    /// The same of the elements that are not NaN.
    ///
    /// # Errors
    /// As [`quantiles`](Self::quantiles).
    pub fn nanmedian_over(&self, axes: Option<Axes>) -> Result<Self> {
        self.middle("nanmedian", axes, true)
    }

    fn middle(&self, op: &'static str, axes: Option<Axes>, skip_nan: bool) -> Result<Self> {
        let (q, method) = (0.5, QuantileMethod::Midpoint);
        if let Some(flat) = self.flat_quantiles(op, &axes, Wanted { q: vec![q], method, mean: true, skip_nan })? {
            return flat.index_axis(0, 0);
        }
        let lines = self.sorted_lines(op, (&[q], method), axes, skip_nan && self.dtype().is_float())?;
        Lines { mean: true, ..lines }.one(q, method)
    }

    fn each_quantile(
        &self,
        op: &'static str,
        q: &[f64],
        method: QuantileMethod,
        axes: Option<Axes>,
        skip_nan: bool,
    ) -> Result<Self> {
        if let Some(q) = q.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            return Err(Error::Parameter { op, what: "q", got: q.to_string(), expected: "from 0 to 1" });
        }
        if let Some(flat) = self.flat_quantiles(op, &axes, Wanted { q: q.to_vec(), method, mean: false, skip_nan })? {
            return Ok(flat);
        }
        let lines = self.sorted_lines(op, (q, method), axes, skip_nan && self.dtype().is_float())?;
        match q {
            [] => {
                let none = lines.one(0.0, method)?.insert_axis(0)?;
                let dims: Vec<u64> = std::iter::once(0).chain(none.known_dims(op)?.into_iter().skip(1)).collect();
                Ok(none.view((0..dims.len()).map(AxisMap::whole).collect(), &dims))
            }
            [q] => lines.one(*q, method)?.insert_axis(0),
            q if q.len() > MANY && lines.counts.is_none() => lines.many(q, method),
            q => stack(&q.iter().map(|&q| lines.one(q, method)).collect::<Result<Vec<_>>>()?, 0),
        }
    }

    /// The quantiles of all of many elements, which are selected and not sorted: on a new axis.
    fn flat_quantiles(&self, op: &'static str, axes: &Option<Axes>, wanted: Wanted) -> Result<Option<Self>> {
        let reduced = axes.as_ref().map(|axes| infer::normalize_axes(op, &axes.0, &self.node().dims())).transpose()?;
        let is_flat = reduced.is_none_or(|reduced| reduced.len() == self.ndim());
        let is_few = (1..=selection::MOST / 2).contains(&wanted.q.len());
        let Some(len) = self.chunks().elements().filter(|&len| is_flat && is_few && len >= selection::LARGE) else {
            return Ok(None);
        };
        if !wanted.skip_nan || !self.dtype().is_float() {
            return wanted.of(self, len, true).map(Some);
        }
        let (numbers, x) = (self.isnan()?.not()?.reduce(ReduceOp::Sum, None, false, 0.0)?, self.clone());
        let q: Vec<u64> = wanted.q.iter().map(|q| q.to_bits()).collect();
        let parameters = (x.node().key, q, wanted.method, wanted.mean);
        let count = wanted.q.len();
        let function = HostFunction::going_on("nanquantile", &parameters, move |known| {
            let found = match known[0].0.stored::<i64>()[0].cast_unsigned() {
                0 => full(count, Scalar::from_f64(x.dtype(), f64::NAN)).rechunk(selection::WHOLE)?,
                len => wanted.of(&x, len, false)?,
            };
            Ok(found.node().clone())
        });
        Ok(Some(
            infer::host(function, vec![numbers.node().clone()], self.dtype(), Chunks::whole(&[count as u64])).into(),
        ))
    }

    /// The lines over the axes, sorted, at the places beside quantiles; several axes as one behind the others.
    fn sorted_lines(
        &self,
        op: &'static str,
        (q, method): (&[f64], QuantileMethod),
        axes: Option<Axes>,
        counted: bool,
    ) -> Result<Lines> {
        let hint = "compute it first, or take the quantiles of what it was filtered from";
        let shape = self.node().dims();
        let dims = self.chunks().shape().ok_or_else(|| Error::UnknownLength { op, shape: shape.clone(), hint })?;
        let reduced = match &axes {
            Some(axes) => infer::normalize_axes(op, &axes.0, &shape)?,
            None => (0..dims.len()).collect(),
        };
        let (lines, axis) = match reduced.as_slice() {
            &[axis] => (self.clone(), axis),
            several => {
                let kept: Vec<usize> = (0..dims.len()).filter(|k| !several.contains(k)).collect();
                let order: Vec<usize> = kept.iter().chain(several).copied().collect();
                let together = several.iter().try_fold(1u64, |all, &k| all.checked_mul(dims[k])).unwrap_or(u64::MAX);
                let lengths = kept.iter().map(|&k| dims[k]).chain([together]);
                let lengths = lengths.map(|len| infer::length(op, len)).collect::<Result<Vec<i64>>>()?;
                (self.permuted(&order).reshape(lengths)?, kept.len())
            }
        };
        let len = lines.known_dims(op)?[axis];
        if len == 0 {
            return Err(Error::EmptyReduction { op, shape });
        }
        let along = Axes::from(axis);
        let counts = match counted {
            true => {
                let is_number = lines.isnan()?.not()?;
                Some(is_number.reduce(ReduceOp::Sum, Some(along.clone()), true, 0.0)?.cast(DType::F64))
            }
            false => None,
        };
        let sorting = Sorting { places: false, descending: false };
        let sorted = match counted {
            true => lines.sort_by(sorting, Some(along))?,
            // NaN is last.
            false => lines.sorted_at(
                sorting,
                axis,
                places(len, q, method).into_iter().chain([len - 1]).collect::<BTreeSet<_>>(),
            )?,
        };
        Ok(Lines { sorted, axis, len, counts, mean: false, read: None })
    }
}

/// The same of all elements, or over axes, which go: [`Array`](crate::Array)'s methods of these names say more.
impl DynArray {
    /// The median of all elements: see [`median_over`](Self::median_over).
    ///
    /// # Errors
    /// As there.
    pub fn median(&self) -> Result<Self> {
        self.median_over(None)
    }
    /// The medians over axes, which go.
    ///
    /// # Errors
    /// As [`median_over`](Self::median_over).
    pub fn median_axis(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.median_over(Some(axes.into()))
    }
    /// The median of the elements that are not NaN.
    ///
    /// # Errors
    /// As [`nanmedian_over`](Self::nanmedian_over).
    pub fn nanmedian(&self) -> Result<Self> {
        self.nanmedian_over(None)
    }
    /// The medians over axes, which go, of the elements that are not NaN.
    ///
    /// # Errors
    /// As [`nanmedian_over`](Self::nanmedian_over).
    pub fn nanmedian_axis(&self, axes: impl Into<Axes>) -> Result<Self> {
        self.nanmedian_over(Some(axes.into()))
    }
    /// One quantile of all elements, on the line between the two beside it.
    ///
    /// # Errors
    /// As [`quantiles`](Self::quantiles).
    pub fn quantile(&self, q: f64) -> Result<Self> {
        self.quantiles(&[q], QuantileMethod::Linear, None)?.index_axis(0, 0)
    }
    /// One quantile over axes, which go.
    ///
    /// # Errors
    /// As [`quantiles`](Self::quantiles).
    pub fn quantile_axis(&self, q: f64, axes: impl Into<Axes>) -> Result<Self> {
        self.quantiles(&[q], QuantileMethod::Linear, Some(axes.into()))?.index_axis(0, 0)
    }
    /// One quantile of the elements that are not NaN.
    ///
    /// # Errors
    /// As [`nanquantiles`](Self::nanquantiles).
    pub fn nanquantile(&self, q: f64) -> Result<Self> {
        self.nanquantiles(&[q], QuantileMethod::Linear, None)?.index_axis(0, 0)
    }
    /// One quantile over axes, which go, of the elements that are not NaN.
    ///
    /// # Errors
    /// As [`nanquantiles`](Self::nanquantiles).
    pub fn nanquantile_axis(&self, q: f64, axes: impl Into<Axes>) -> Result<Self> {
        self.nanquantiles(&[q], QuantileMethod::Linear, Some(axes.into()))?.index_axis(0, 0)
    }
}

/// Quantiles up to which each is a view of the sorted lines; of more, those beside all of them are taken at once.
const MANY: usize = 32;

/// Where a quantile lies: the place before it, and how far it is from there to the next one.
struct Beside {
    place: f64,
    first: f64,
    part: f64,
}

/// Where a quantile of `len` elements lies.
fn beside(len: u64, q: f64, method: QuantileMethod) -> Beside {
    let (shift, more, between) = method.rule();
    let place = (len as f64 + shift) * q + more;
    let first = place.floor();
    Beside { place, first, part: between.part(first, place - first) }
}

/// The places beside quantiles of `len` elements.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places of the line")]
fn places(len: u64, q: &[f64], method: QuantileMethod) -> BTreeSet<u64> {
    let last = len as f64 - 1.0;
    let first = q.iter().map(|&q| beside(len, q, method).first);
    first.flat_map(|first| [first, first + 1.0]).map(|place| place.clamp(0.0, last) as u64).collect()
}

impl Lines {
    fn one(&self, q: f64, method: QuantileMethod) -> Result<DynArray> {
        match &self.counts {
            Some(counts) => self.counted_quantile(counts, q, method),
            None => self.quantile(q, method),
        }
    }

    /// NaN where a line has one: it is last.
    fn or_nan(&self, value: DynArray, is_element: bool) -> Result<DynArray> {
        if !self.sorted.dtype().is_float() {
            return Ok(if is_element { value } else { value.cast(self.made()) });
        }
        if self.read.is_some() {
            return Ok(value);
        }
        let has_nan = self.sorted.index_axis(self.axis, -1)?.isnan()?;
        where_(&has_nan, f64::NAN, &value)
    }

    /// Many quantiles of whole lines, on a new first axis.
    #[expect(clippy::cast_possible_truncation, reason = "places of the line")]
    fn many(&self, q: &[f64], method: QuantileMethod) -> Result<DynArray> {
        let last = self.len as f64 - 1.0;
        let all: Vec<Beside> = q.iter().map(|&q| beside(self.len, q, method)).collect();
        let at = |more: f64| {
            let places: Vec<i64> = all.iter().map(|one| (one.first + more).clamp(0.0, last) as i64).collect();
            self.sorted.take(places, self.axis)?.move_axis(self.axis, 0)
        };
        let is_element = method.rule().2.is_element();
        let (low, high) = (at(0.0)?, at(1.0)?);
        // Beyond the ends both are the last element there.
        let part = |one: &Beside| if one.place < 0.0 || one.place >= last { one.part.round() } else { one.part };
        let parts = HostBuffer::from_vec::<f64>(all.iter().map(part).collect());
        let mut parts = from_host(HostArray::new(parts, vec![q.len()])?, "auto")?;
        for _ in 1..low.ndim() {
            parts = parts.insert_axis(-1)?;
        }
        if is_element {
            return self.or_nan(where_(&parts.eq(1.0)?, &high, &low)?, true);
        }
        let (low, high, parts) = (low.cast(self.made()), high.cast(self.made()), parts.cast(self.made()));
        let step = high.sub(&low)?;
        let line = where_(&parts.lt(0.5)?, low.add(step.mul(&parts)?)?, high.sub(step.mul(parts.neg()?.add(1.0)?)?)?)?;
        let value = where_(&parts.eq(0.0)?, &low, where_(&parts.eq(1.0)?.bitor(low.eq(&high)?)?, &high, &line)?)?;
        self.or_nan(value, false)
    }

    /// The dtype of quantiles that are computed.
    fn made(&self) -> DType {
        float_of(self.sorted.dtype())
    }

    /// A quantile of whole lines.
    fn quantile(&self, q: f64, method: QuantileMethod) -> Result<DynArray> {
        let Beside { place, first, part } = beside(self.len, q, method);
        let last = self.len as f64 - 1.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place of the line")]
        let at = |place: f64| {
            let place = place.clamp(0.0, last) as u64;
            let at = self.read.as_ref().map_or(Ok(in_memory(place)), |read| read.binary_search(&place));
            self.sorted.index_axis(self.axis, at.unwrap_or_default().cast_signed())
        };
        let value = match part {
            0.0 => at(first)?,
            1.0 => at(first + 1.0)?,
            part if place < 0.0 || place >= last => at(place + part)?,
            part => {
                let (low, high) = (at(first)?.cast(self.made()), at(first + 1.0)?.cast(self.made()));
                if self.mean { mean_of_two(&low, &high)? } else { between_two(&low, &high, part)? }
            }
        };
        self.or_nan(value, method.rule().2.is_element())
    }

    /// A quantile of so many elements of each line.
    fn counted_quantile(&self, counts: &DynArray, q: f64, method: QuantileMethod) -> Result<DynArray> {
        let (shift, more, between) = method.rule();
        let place = counts.add(shift)?.mul(q)?.add(more)?;
        let (first, last) = (place.floor()?, counts.sub(1.0)?);
        let part = between.parts(&first, &place.sub(&first)?)?.cast(self.made());
        let mut index = arange(DType::F64, in_memory(self.len));
        for _ in self.axis + 1..self.sorted.ndim() {
            index = index.insert_axis(index.ndim())?;
        }
        // The largest of one element and of what is below all.
        let at = |place: &DynArray| {
            let place = place.clip_low(0.0)?.clip_high(&last)?;
            let found = where_(&index.eq(&place)?, &self.sorted, f64::NEG_INFINITY)?;
            found.reduce(ReduceOp::Max, Some(self.axis.into()), false, 0.0)
        };
        let (low, high) = (at(&first)?, at(&first.add(1.0)?)?);
        let part = part.remove_axis(self.axis)?;
        let step = high.sub(&low)?;
        let line = match self.mean {
            true => mean_of_two(&low, &high)?,
            false => where_(&part.lt(0.5)?, low.add(step.mul(&part)?)?, high.sub(step.mul(part.neg()?.add(1.0)?)?)?)?,
        };
        // Infinity less itself is no number.
        let value = where_(&part.eq(0.0)?, &low, where_(&part.eq(1.0)?.bitor(low.eq(&high)?)?, &high, &line)?)?;
        where_(&counts.remove_axis(self.axis)?.eq(0.0)?, f64::NAN, &value)
    }
}

/// From the nearer end, as NumPy does.
fn between_two(low: &DynArray, high: &DynArray, part: f64) -> Result<DynArray> {
    let step = high.sub(low)?;
    let line = match part < 0.5 {
        true => low.add(step.mul(part)?)?,
        false => high.sub(step.mul(1.0 - part)?)?,
    };
    // Infinity less itself is no number.
    where_(&low.eq(high)?, low, &line)
}

/// Half of their sum, of halves in `f32`, as NumPy's; or the sum of their halves where that is beyond the largest number.
fn mean_of_two(low: &DynArray, high: &DynArray) -> Result<DynArray> {
    let dtype = low.dtype();
    let (low, high) = (low.cast(dtype.computed()), high.cast(dtype.computed()));
    let sum = low.add(&high)?;
    let beyond = sum.isinf()?.bitand(low.isfinite()?.bitand(high.isfinite()?)?)?;
    let mean = where_(&beyond, low.mul(0.5)?.add(high.mul(0.5)?)?, sum.mul(0.5)?)?;
    Ok(mean.cast(dtype))
}
