//! Elements at places of the order of all, without a sort: a sample says between which two elements they lie, and only what is there is
//! brought into order (Floyd and Rivest, "Expected time bounds for selection", CACM 18 (3), 1975). What lies below is counted, so a place is
//! found exactly or known to be missed; then the two are taken further apart. Everything is one walk over the elements for the counts and
//! one for what lies between, whatever the chunks; memory has to hold what lies between, some n^(2/3) elements.

use std::sync::Arc;

use super::creation::from_host;
use super::dyn_array::DynArray;
use crate::chunks::{AxisSpec, ChunkSpec, Chunks};
use crate::dtype::with_bits;
use crate::error::{Error, Result};
use crate::graph::{AxisMap, HostFunction, Node, infer};
use crate::host::HostBuffer;
use crate::host_array::HostArray;
use crate::ops::sort::{Keys, Word, keys};
use crate::ops::{ReduceOp, Sorting};
use crate::width::in_memory;

/// Elements from which a sample pays.
pub(super) const LARGE: u64 = 1 << 18;
/// Places that are looked for at once.
pub(super) const MOST: usize = 12;
/// Parts of a sample, each of places at other distances from the start.
const PARTS: u64 = 8;
/// How far apart the two elements are taken at first, in standard deviations of a place in the sample, and how much further each time.
const APART: f64 = 4.0;
const FURTHER: f64 = 8.0;
/// Tries before everything is brought into order.
const TRIES: u32 = 3;

/// One chunk.
pub(super) const WHOLE: ChunkSpec = ChunkSpec::Each(AxisSpec::Whole);
const UP: Sorting = Sorting { places: false, descending: false };

/// What is looked for.
#[derive(Clone)]
struct Search {
    x: DynArray,
    /// Places in the order of all elements, ascending.
    places: Arc<[u64]>,
    len: u64,
    /// Whether there is nothing to find where one element is NaN.
    spoiled: bool,
    /// Keys of a sample, in order.
    sample: Arc<[u64]>,
    tries: u32,
}

/// Elements between two, both included: none is the end of all. Which of the places are looked for there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Between {
    low: Option<End>,
    high: Option<End>,
    first: usize,
    end: usize,
}

/// An element, by its key. One that the sample has more than once may be most of all: such are counted, and not held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    key: u64,
    is_often: bool,
}

/// The elements at these places, ascending, of the order of all elements, of which there are so many; NaN is last. Where one is NaN and that
/// spoils what is found, all of them are.
pub(super) fn selected(x: &DynArray, len: u64, places: Vec<u64>, spoiled: bool) -> Result<DynArray> {
    let search = Search { x: x.clone(), places: places.into(), len, spoiled, sample: Arc::new([]), tries: 0 };
    let samples = (0..PARTS).map(|part| search.sampled(part)).collect::<Result<Vec<_>>>()?;
    let dtype = x.dtype();
    search.clone().going_on("sample", samples, move |parts| {
        let mut sample: Vec<u64> = parts.iter().flat_map(|(part, _)| keys(part, UP)).collect();
        sample.sort_unstable();
        if dtype.is_float() {
            // What lies beside NaN is not known of it.
            let nan = Keys::of(dtype, UP).all;
            sample.truncate(sample.partition_point(|&key| key < nan));
        }
        Search { sample: sample.into(), ..search.clone() }.found()
    })
}

impl Search {
    /// A node that is known once the inputs are.
    fn going_on(
        self,
        step: &str,
        inputs: Vec<DynArray>,
        next: impl Fn(&[(Arc<HostBuffer>, Vec<u64>)]) -> Result<DynArray> + Send + Sync + 'static,
    ) -> Result<DynArray> {
        let parameters = (self.x.node().key, &self.places, self.spoiled, step, self.tries);
        let function = HostFunction::going_on("select", &parameters, move |known| Ok(next(known)?.node().clone()));
        let inputs: Vec<Arc<Node>> = inputs.iter().map(|input| input.node().clone()).collect();
        let dims = [self.places.len() as u64];
        Ok(infer::host(function, inputs, self.x.dtype(), Chunks::whole(&dims)).into())
    }

    /// One part of a sample: a place in so many, along all axes alike, from another start for each part.
    fn sampled(&self, part: u64) -> Result<DynArray> {
        let dims = self.x.known_dims("quantile")?;
        let wanted = (self.len as f64).powf(2.0 / 3.0) / PARTS as f64;
        let mut rest = self.len as f64 / wanted;
        let mut maps = Vec::new();
        let mut lens = Vec::new();
        for (k, &dim) in dims.iter().enumerate() {
            let own = rest.powf(1.0 / (dims.len() - k) as f64).ceil().min(dim as f64);
            rest = (rest / own).max(1.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the axis' length")]
            let step = own as u64;
            // Starts that are spread evenly, and are not the same along two axes: multiples of the golden ratio.
            let start = (part + 1)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .wrapping_add((k as u64).wrapping_mul(0x517c_c1b7_2722_0a95))
                .rotate_left(32)
                % step;
            maps.push(AxisMap { axis: Some(k), start: start.cast_signed(), step: step.cast_signed() });
            lens.push((dim - start).div_ceil(step));
        }
        self.x.view(maps, &lens).rechunk(WHOLE)
    }

    /// The places as what is between two elements of the sample each.
    fn betweens(&self) -> Vec<Between> {
        let sample = &self.sample;
        let mut betweens: Vec<Between> = Vec::new();
        for (i, &place) in self.places.iter().enumerate() {
            let share = (place as f64 + 0.5) / self.len as f64;
            let at = share * sample.len() as f64;
            let apart = APART * FURTHER.powi(self.tries.cast_signed());
            let by = apart * (sample.len() as f64 * share * (1.0 - share)).sqrt() + apart;
            let (low, high) = ((at - by).floor(), (at + by).ceil());
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the sample")]
            let element = |at: f64| (at >= 0.0).then(|| sample.get(at as usize).copied()).flatten();
            let often =
                |key| sample.partition_point(|&other| other <= key) - sample.partition_point(|&other| other < key) > 1;
            let (low, high) = (element(low), element(high));
            let end = |key: Option<u64>| key.map(|key| End { key, is_often: often(key) });
            let (low, high) = (end(low), end(high));
            match betweens.last_mut() {
                // Of what is between others already, or meets it, all is looked at once.
                Some(last) if last.high.is_none_or(|high| low.is_none_or(|low| low.key <= high.key)) => {
                    (last.high, last.end) = (high, i + 1);
                }
                _ => betweens.push(Between { low, high, first: i, end: i + 1 }),
            }
        }
        betweens
    }

    /// What is found between the elements.
    fn found(self) -> Result<DynArray> {
        if self.tries == TRIES || self.sample.is_empty() {
            return self.sorted();
        }
        let betweens = self.betweens();
        let x = &self.x;
        let (mut inputs, mut among) = (Vec::new(), None);
        for between in &betweens {
            let mut within = None;
            if let Some(low) = between.low {
                let element = self.element(low.key)?;
                inputs.push(count(&x.lt(&element)?)?);
                if low.is_often {
                    inputs.push(count(&x.le(&element)?)?);
                }
                within = Some(if low.is_often { x.gt(&element)? } else { x.ge(&element)? });
            }
            if let Some(high) = between.high {
                let element = self.element(high.key)?;
                if high.is_often {
                    inputs.push(count(&x.le(&element)?)?);
                }
                let below = if high.is_often { x.lt(&element)? } else { x.le(&element)? };
                within = Some(within.map_or_else(|| Ok(below.clone()), |within| within.bitand(&below))?);
            }
            let within = within.map_or_else(|| x.eq(x), Ok)?;
            among = Some(among.map_or_else(|| Ok(within.clone()), |among: DynArray| among.bitor(&within))?);
        }
        let among = among.ok_or_else(|| Error::bug("no place is looked for"))?;
        inputs.push(x.filter(&among)?);
        if x.dtype().is_float() {
            inputs.push(count(&x.eq(x)?)?);
        }
        let search = self.clone();
        self.going_on("between", inputs, move |known| search.read(&betweens, known))
    }

    /// The elements at the places; the next try where one is missed.
    fn read(&self, betweens: &[Between], known: &[(Arc<HostBuffer>, Vec<u64>)]) -> Result<DynArray> {
        let keys_of = Keys::of(self.x.dtype(), UP);
        // Counts, what is between, and how many are numbers.
        let is_float = self.x.dtype().is_float();
        let (counts, rest) = known.split_at(known.len() - 1 - usize::from(is_float));
        let number = |known: &(Arc<HostBuffer>, Vec<u64>)| known.0.stored::<i64>()[0].cast_unsigned();
        let numbers = if is_float { number(&rest[1]) } else { self.len };
        let mut made = vec![keys_of.all; self.places.len()];
        if self.spoiled && numbers < self.len {
            return self.elements(&made);
        }
        let mut among = keys(&rest[0].0, UP);
        among.sort_unstable();
        let mut counts = counts.iter().map(number);
        let mut next = |end: Option<End>, asked: bool| end.filter(|_| asked).and_then(|_| counts.next());
        for between in betweens {
            let below = next(between.low, true).unwrap_or_default();
            let up_to_low = next(between.low, between.low.is_some_and(|low| low.is_often)).unwrap_or(below);
            let up_to_high = next(between.high, between.high.is_some_and(|high| high.is_often));
            let low = between.low.map_or(0, |low| {
                let (least, most) = one_zero(keys_of, low.key);
                among.partition_point(|&key| if low.is_often { key <= most } else { key < least })
            });
            let high = between.high.map_or(among.len(), |high| {
                let (least, most) = one_zero(keys_of, high.key);
                among.partition_point(|&key| if high.is_often { key < least } else { key <= most })
            });
            let held = &among[low.min(high)..high];
            for i in (between.first..between.end).filter(|&i| self.places[i] < numbers) {
                let place = self.places[i];
                made[i] = match (between.low, between.high) {
                    (Some(low), _) if (below..up_to_low).contains(&place) => low.key,
                    _ if (up_to_low..up_to_low + held.len() as u64).contains(&place) => {
                        held[in_memory(place - up_to_low)]
                    }
                    (_, Some(high)) if up_to_high.is_some_and(|up_to| (up_to_low..up_to).contains(&place)) => high.key,
                    _ => return Self { tries: self.tries + 1, ..self.clone() }.found(),
                };
            }
        }
        self.elements(&made)
    }

    /// The elements that have these keys.
    fn elements(&self, of: &[u64]) -> Result<DynArray> {
        let (dtype, keys) = (self.x.dtype(), Keys::of(self.x.dtype(), UP));
        let elements = with_bits!(dtype, T => {
            HostBuffer::from_stored(dtype, of.iter().map(|&key| <T as Word>::cut(keys.bits(key))).collect())
        });
        from_host(HostArray::new(elements, vec![of.len()])?, WHOLE)
    }
    /// The element that has a key.
    fn element(&self, key: u64) -> Result<DynArray> {
        self.elements(&[key])?.index_axis(0, 0)
    }

    /// The same of all elements in order.
    fn sorted(&self) -> Result<DynArray> {
        let all = self.x.reshape(-1)?;
        let last = self.len - 1;
        let sorted = all.sorted_at(
            UP,
            0,
            self.places.iter().copied().chain((last > self.places[self.places.len() - 1]).then_some(last)),
        )?;
        let places: Vec<i64> = self.places.iter().map(|&place| place.cast_signed()).collect();
        let made = sorted.take(places, 0)?.rechunk(WHOLE)?;
        match self.spoiled && self.x.dtype().is_float() {
            true => super::elementwise::where_(&sorted.index_axis(0, -1)?.isnan()?, f64::NAN, &made),
            false => Ok(made),
        }
    }
}

/// The least and the greatest key of elements that compare as equal to this one: two, of the zeros of floats.
const fn one_zero(keys: Keys, key: u64) -> (u64, u64) {
    let is_zero = keys.turned != 0 && (key == keys.sign || key == keys.sign - 1);
    if is_zero { (keys.sign - 1, keys.sign) } else { (key, key) }
}

/// How many are true.
fn count(condition: &DynArray) -> Result<DynArray> {
    condition.reduce(ReduceOp::Sum, None, false, 0.0)
}
