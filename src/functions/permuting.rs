//! Random orders and choices.

use std::sync::Arc;

use super::arguments::{Axes, IntoShape};
use super::creation::from_host;
use super::dyn_array::DynArray;
use super::element_rng::{ElementRng, by_place};
use super::random::{Draw, Generator};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::graph::node::structural_key;
use crate::host::HostBuffer;
use crate::host_array::HostArray;
use crate::ops::permutation::shuffled;
use crate::ops::{RandomOp, Sorting};
use crate::width::in_memory;

/// Numbers that are put in order at once, rather than each by a cipher.
const SHORT: u64 = 4096;
/// Places in their order.
const ORDER: Sorting = Sorting { places: true, descending: false };

impl Generator {
    /// The numbers below `n` in a random order, of `i64` (`np.random.Generator.permutation` of an integer). More than 4,096 are made each from
    /// its place, by a cipher: a slice costs what the slice is long, no list is held, and devices make the same.
    ///
    /// # Errors
    /// [`Error::Parameter`] for more than 2⁶² numbers.
    ///
    /// ```
    /// use ndarray::s;
    /// let order = gridloom::random::Generator::new(1).permutation(1 << 40)?;
    /// let few = order.slice(s![1_000_000_000..1_000_000_005])?.typed::<i64>()?.to_vec()?;
    /// assert!(few.iter().all(|place| (0..1 << 40).contains(place)));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn permutation(&self, n: usize) -> Result<DynArray> {
        let (range, shape) = (n as u64, [n as u64]);
        if range <= SHORT {
            let order = shuffled(&self.spec(1), range).into_iter().map(u64::cast_signed).collect();
            return from_host(HostArray::new(HostBuffer::from_vec::<i64>(order), vec![n])?, "auto");
        }
        if range > 1 << 62 {
            let (op, what, expected) = ("permutation", "n", "at most 2^62");
            return Err(Error::Parameter { op, what, got: n.to_string(), expected });
        }
        let dtype = if range <= u64::from(u32::MAX) { DType::U32 } else { DType::U64 };
        Ok(self.words(RandomOp::Permutation, dtype, range, &shape)?.cast(DType::I64))
    }

    /// An array with the entries of an axis in a random order (`np.random.Generator.shuffle` and `permutation`): arrays do not change, so this is a new
    /// one. Whole entries move; [`permuted`](Self::permuted) moves elements. The axis is held whole.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`].
    ///
    /// ```
    /// use gridloom::{DynArray, random::Generator};
    /// let x: DynArray = gridloom::array([[1, 2], [3, 4], [5, 6]]).into();
    /// let y = Generator::new(1).shuffle(&x, 0)?.typed::<i32>()?.to_vec()?;
    /// assert!(y.chunks(2).all(|row| row[0] + 1 == row[1]) && y.iter().sum::<i32>() == 21);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn shuffle(&self, x: &DynArray, axis: impl Into<Axes>) -> Result<DynArray> {
        let axis = x.one_axis("shuffle", axis)?;
        let order = self.permutation(in_memory(x.known_dims("shuffle")?[axis]))?;
        x.take_held(&order, infer::axis_number(axis))
    }

    /// An array with each line along an axis in a random order of its own (`np.random.Generator.permuted`), or all elements in one.
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`], [`Error::UnknownLength`]; as [`DynArray::sort_by`] and [`DynArray::take_along_axis`].
    ///
    /// ```
    /// use gridloom::{DynArray, random::Generator};
    /// let x: DynArray = gridloom::array([[1, 2, 3], [10, 20, 30]]).into();
    /// let y = Generator::new(1).permuted(&x, Some(1.into()))?;
    /// assert_eq!(y.sum_axis(1)?.typed::<i64>()?.to_vec()?, [6, 60]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn permuted(&self, x: &DynArray, axis: Option<Axes>) -> Result<DynArray> {
        let op = "permuted";
        let shape: Vec<usize> = x.known_dims(op)?.into_iter().map(in_memory).collect();
        let Some(axis) = axis else {
            let shape: Vec<i64> = shape.into_iter().map(infer::axis_number).collect();
            return self.shuffle(&x.reshape([-1])?, 0)?.reshape(shape);
        };
        let axis = infer::axis_number(x.one_axis(op, axis)?);
        let keys = self.draw(Draw::Integers { low: 0, high: u64::MAX.into() }, DType::U64, shape)?;
        x.take_along_axis(&keys.sort_by(ORDER, Some(axis.into()))?, axis)
    }

    /// Numbers below `n` at random (`np.random.Generator.choice` of an integer), of `i64`: each once, or again and again where `replace` is set; each
    /// equally likely, or by probabilities `p`. What they choose of an array is [`DynArray::take_at`].
    ///
    /// Of equal numbers without replacement these are the first ones of a [`permutation`](Self::permutation). By probabilities, with
    /// replacement, an alias table is looked at on the host, and without it all `n` are sorted by exponential waiting times.
    ///
    /// # Errors
    /// [`Error::Parameter`] for more numbers than there are, without replacement; for no `n`, but some places; for probabilities that are not `n`,
    /// negative or NaN, that do not sum to 1, or of which too few are above 0.
    ///
    /// ```
    /// let rng = gridloom::random::Generator::new(1);
    /// let x = rng.choice(3, (50, 20), true, Some(&[0.5, 0.0, 0.5]))?.typed::<i64>()?;
    /// assert_eq!(x.eq(1).count_nonzero().item()?, 0);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn choice(&self, n: usize, shape: impl IntoShape, replace: bool, p: Option<&[f64]>) -> Result<DynArray> {
        let (op, shape) = ("choice", shape.into_shape());
        let count = shape.iter().fold(1u64, |count, &len| count.saturating_mul(len));
        if n == 0 && count > 0 {
            return Err(Error::Parameter { op, what: "a", got: n.to_string(), expected: "above 0" });
        }
        let p = p.map(|p| probabilities(n, p)).transpose()?;
        let positive = p.map_or(n, |p| p.iter().filter(|&&p| p > 0.0).count());
        if !replace && count > positive as u64 {
            let expected = "at most as many as there are of probabilities above 0, without replacement";
            return Err(Error::Parameter { op, what: "size", got: count.to_string(), expected });
        }
        let all: Vec<i64> = shape.iter().map(|&len| infer::length(op, len)).collect::<Result<_>>()?;
        let first = |order: DynArray| order.slice(ndarray::s![..in_memory(count)])?.reshape(all.clone());
        match (p, replace) {
            (None, true) if n == 0 => first(self.permutation(0)?),
            (None, true) => {
                let shape: Vec<usize> = shape.iter().map(|&len| in_memory(len)).collect();
                self.draw(Draw::Integers { low: 0, high: n as i128 - 1 }, DType::I64, shape)
            }
            (None, false) => first(self.permutation(n)?),
            (Some(p), true) => {
                let (alias, key) = (Arc::new(Alias::new(p)), p.iter().map(|p| p.to_bits()).collect::<Vec<_>>());
                let draw = move |rng: &mut ElementRng| alias.draw(rng);
                let key = Some(structural_key(&key));
                Ok(by_place::<i64>("random.choice", key, self.spec(1), &shape, draw).into())
            }
            (Some(p), false) => {
                let p = from_host(HostArray::new(HostBuffer::from_vec::<f64>(p.to_vec()), vec![n])?, "auto")?;
                let waiting = self.draw(Draw::Exponential { scale: 1.0 }, DType::F64, n)?.div(p)?;
                // 0 / 0 would come first or last as it likes.
                first(waiting.nan_to_num(f64::INFINITY, None, None).sort_by(ORDER, None)?)
            }
        }
    }
}

/// Probabilities of `n` numbers that are some.
fn probabilities(n: usize, p: &[f64]) -> Result<&[f64]> {
    let refuse = |got: String, expected| Err(Error::Parameter { op: "choice", what: "p", got, expected });
    let sum: f64 = p.iter().sum();
    match p.iter().find(|p| **p < 0.0 || p.is_nan()) {
        _ if p.len() != n => refuse(format!("{} probabilities", p.len()), "one for each of a"),
        Some(wrong) => refuse(format!("{wrong} somewhere"), "0 or more everywhere"),
        // As exact as NumPy wants it.
        None if (sum - 1.0).abs() > f64::EPSILON.sqrt() => refuse(format!("of the sum {sum}"), "of the sum 1"),
        None => Ok(p),
    }
}

/// Walker's alias table, as Vose makes it: of a place, what is drawn there below the threshold, and else.
struct Alias {
    table: Vec<(f64, i64)>,
}

impl Alias {
    fn new(p: &[f64]) -> Self {
        let sum: f64 = p.iter().sum();
        let n = p.len() as f64;
        let mut share: Vec<f64> = p.iter().map(|p| p / sum * n).collect();
        let mut table = vec![(1.0, 0); p.len()];
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..p.len()).partition(|&k| share[k] < 1.0);
        while let (Some(&from), Some(k)) = (large.last(), small.pop()) {
            table[k] = (share[k], infer::axis_number(from));
            share[from] -= 1.0 - share[k];
            if share[from] < 1.0 {
                large.pop();
                small.push(from);
            }
        }
        // What rounding leaves is nearly whole; of what cannot be, nothing is drawn.
        let likely = (0..p.len()).find(|&k| p[k] > 0.0).unwrap_or(0);
        for k in small.into_iter().filter(|&k| p[k] == 0.0) {
            table[k] = (0.0, infer::axis_number(likely));
        }
        Self { table }
    }
    fn draw(&self, rng: &mut ElementRng) -> i64 {
        let place = in_memory(rng.below(self.table.len() as u64));
        let (threshold, other) = self.table[place];
        if rng.uniform() < threshold { infer::axis_number(place) } else { other }
    }
}
