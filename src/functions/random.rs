//! Random arrays: every element is a function of (seed, array, index) alone.

use std::cmp::Ordering as Order;
use std::sync::atomic::{AtomicU32, Ordering};

use super::arguments::IntoShape;
use super::creation::scalar;
use super::dyn_array::DynArray;
use crate::chunks::ChunkSpec;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result, infallible};
use crate::graph::infer;
use crate::ops::{BinaryOp, RandomOp, RandomSpec, UnaryOp};

/// A source of random arrays. Two generators of one seed make the same arrays in the same order.
#[derive(Debug)]
pub struct Generator {
    seed: u64,
    /// Arrays made so far: each is a stream of its own.
    streams: AtomicU32,
    /// Generators made so far.
    children: AtomicU32,
}

/// The attempt whose blocks the seeds of other generators are.
const SPAWNED: u32 = u32::MAX - 1;

/// What is drawn, for [`Generator::draw`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Draw {
    /// Floats in [low, high), each number equally likely: `low + (high - low) · u`, and where rounding leads to `high`, the number
    /// before it. `low` alone where the two are equal, in (high, low] where `high` is below, NaN where one of them is not finite.
    Uniform {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// Normal floats, by Box–Muller from full-width uniforms.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        deviation: f64,
    },
    /// Exponential floats: `-scale · ln(1 - u)`.
    Exponential {
        /// The mean.
        scale: f64,
    },
    /// `true` with probability `p`, within 2⁻³².
    Bernoulli {
        /// The probability, from 0 to 1.
        p: f64,
    },
    /// Integers in [low, high], both included, each equally likely: multiply-shift with rejection, so without bias.
    Integers {
        /// The smallest.
        low: i128,
        /// The largest.
        high: i128,
    },
}

impl Generator {
    /// A generator with a seed. (All 64 bits count.)
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, streams: AtomicU32::new(0), children: AtomicU32::new(0) }
    }

    /// Generators of seeds of their own (`np.random.Generator.spawn`), others with each call: words that no array of this one is made of.
    #[must_use]
    pub fn spawn(&self, n: usize) -> Vec<Self> {
        let child = |_| {
            let number = self.children.fetch_add(1, Ordering::Relaxed);
            let [a, b, ..] = RandomSpec { seed: self.seed, stream: number, range: 1 }.block(0, SPAWNED);
            Self::new(u64::from(a) << 32 | u64::from(b))
        };
        (0..n).map(child).collect()
    }

    /// The next array's stream, for draws below `range`.
    pub(crate) fn spec(&self, range: u64) -> RandomSpec {
        RandomSpec { seed: self.seed, stream: self.streams.fetch_add(1, Ordering::Relaxed), range }
    }

    /// An array of draws of a dtype that is known at run time; the methods named after distributions give the same numbers.
    ///
    /// # Errors
    /// [`Error::DType`] for a dtype that is not of the draw's kind: floats, integers, or `bool`; [`Error::Parameter`] for a `p` outside
    /// [0, 1], a negative deviation or scale, and for a range of integers that is empty or not within the dtype.
    ///
    /// ```
    /// use gridloom::{DType, functions::Draw, random::Generator};
    /// let x = Generator::new(1).draw(Draw::Integers { low: 1, high: 6 }, DType::U8, (100, 100))?;
    /// assert_eq!(x.max()?.typed::<u8>()?.item()?, 6);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn draw(&self, draw: Draw, dtype: DType, shape: impl IntoShape) -> Result<DynArray> {
        let (what, value) = match draw {
            Draw::Normal { deviation, .. } => ("deviation", deviation),
            Draw::Exponential { scale } => ("scale", scale),
            Draw::Uniform { .. } | Draw::Bernoulli { .. } | Draw::Integers { .. } => ("", 0.0),
        };
        if value < 0.0 {
            return Err(Error::Parameter { op: "draw", what, got: value.to_string(), expected: "0 or more" });
        }
        self.drawn(draw, dtype, &shape.into_shape())
    }

    fn drawn(&self, draw: Draw, dtype: DType, shape: &[u64]) -> Result<DynArray> {
        let (fits, expected) = match draw {
            Draw::Uniform { .. } | Draw::Normal { .. } | Draw::Exponential { .. } => (dtype.is_float(), "a float"),
            Draw::Integers { .. } => (dtype.is_integer(), "an integer"),
            Draw::Bernoulli { .. } => (dtype == DType::Bool, "bool"),
        };
        if !fits {
            return Err(Error::DType { op: "draw", got: dtype, expected });
        }
        if dtype.is_half() {
            let rounded = |end| Scalar::from_f64(dtype, end).to_f64();
            let draw = match draw {
                Draw::Uniform { low, high } => Draw::Uniform { low: rounded(low), high: rounded(high) },
                other => other,
            };
            return halved(&self.drawn(draw, dtype.computed(), shape)?, draw, dtype);
        }
        match draw {
            Draw::Uniform { low, high } => Ok(between(self.words(RandomOp::Uniform, dtype, 1, shape)?, low, high)),
            Draw::Normal { mean, deviation } => {
                Ok(affine(self.words(RandomOp::Normal, dtype, 1, shape)?, mean, deviation))
            }
            Draw::Exponential { scale } => {
                let negative = self.words(RandomOp::Uniform, dtype, 1, shape)?.unary(UnaryOp::Neg)?;
                Ok(affine(negative.unary(UnaryOp::Log1p)?, 0.0, -scale))
            }
            Draw::Bernoulli { p } => self.bernoulli_of(p, shape),
            Draw::Integers { low, high } => self.integers_of(low, high, dtype, shape),
        }
    }

    /// One row of the random table; "auto" chunks fit every shape that has a number of elements.
    pub(super) fn words(&self, op: RandomOp, dtype: DType, range: u64, shape: &[u64]) -> Result<DynArray> {
        Ok(infer::random(op, self.spec(range), dtype, shape, &ChunkSpec::default())?.into())
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2³² by then")]
    fn bernoulli_of(&self, p: f64, shape: &[u64]) -> Result<DynArray> {
        if !(0.0..=1.0).contains(&p) {
            let got = p.to_string();
            return Err(Error::Parameter { op: "bernoulli", what: "p", got, expected: "between 0 and 1" });
        }
        // 32 bits decide: every adapter has those, and p is met within 2⁻³².
        let threshold = (p * 4_294_967_296.0).round();
        let bits = self.words(RandomOp::Bits, DType::U32, 1, shape)?;
        let of = |value: u32| scalar(Scalar::from_i64(DType::U32, value.into()));
        if threshold >= 4_294_967_296.0 { bits.ge(of(0)) } else { bits.lt(of(threshold as u32)) }
    }

    /// `low + (a draw below range)`, wrapped to the dtype; a range of 0 stands for 2⁶⁴.
    fn integers_of(&self, low: i128, high: i128, dtype: DType, shape: &[u64]) -> Result<DynArray> {
        let limits = [f64::NEG_INFINITY, f64::INFINITY].map(|end| Scalar::from_f64(dtype, end).to_i128());
        let refuse = |expected| {
            let got = format!("[{low}, {high}]");
            Err(Error::Parameter { op: "integers", what: "range", got, expected })
        };
        if low > high {
            return refuse("low not above high");
        }
        if low < limits[0] || high > limits[1] {
            return refuse("within the dtype's numbers");
        }
        let drawn = match u64::try_from(high - low + 1).unwrap_or(0) {
            0 => self.words(RandomOp::Bits, DType::U64, 1, shape)?,
            0x1_0000_0000 => self.words(RandomOp::Bits, DType::U32, 1, shape)?,
            range if range > u64::from(u32::MAX) => self.words(RandomOp::Below, DType::U64, range, shape)?,
            range => self.words(RandomOp::Below, DType::U32, range, shape)?,
        };
        let offset = i64::try_from(low).or_else(|_| u64::try_from(low).map(u64::cast_signed)).unwrap_or(0);
        let offset = scalar(Scalar::from_i64(dtype, offset));
        Ok(infer::binary(BinaryOp::Add, drawn.cast(dtype).node(), offset.node())?.into())
    }
}

/// Draws of `f32` as halves. What is drawn below an end stays below it when it is rounded.
fn halved(drawn: &DynArray, draw: Draw, dtype: DType) -> Result<DynArray> {
    let rounded = drawn.cast(dtype);
    let Draw::Uniform { low, high } = draw else { return Ok(rounded) };
    let [low, high] = [low, high].map(|end| Scalar::from_f64(dtype, end));
    // Bits of halves grow away from zero.
    let before = |end: Scalar, from_above: bool| {
        let bits = match (end.to_f64() == 0.0, (end.to_f64() < 0.0) == from_above) {
            (true, _) => 1 | u64::from(!from_above) << 15,
            (false, true) => end.bits() - 1,
            (false, false) => end.bits() + 1,
        };
        scalar(Scalar::from_stored(dtype, &bits.to_le_bytes()[..2]))
    };
    match high.to_f64().partial_cmp(&low.to_f64()) {
        Some(Order::Greater) => rounded.minimum(before(high, false)),
        Some(Order::Less) => rounded.maximum(before(high, true)),
        _ => Ok(rounded),
    }
}

/// `x op by`; a 0-d operand always broadcasts.
fn with(x: &DynArray, op: BinaryOp, by: f64) -> DynArray {
    let by = scalar(Scalar::from_f64(x.dtype(), by));
    infallible(infer::binary(op, x.node(), by.node())).into()
}

/// `offset + scale · x`, leaving out what does nothing.
fn affine(x: DynArray, offset: f64, scale: f64) -> DynArray {
    let x = if scale == 1.0 { x } else { with(&x, BinaryOp::Mul, scale) };
    if offset == 0.0 { x } else { with(&x, BinaryOp::Add, offset) }
}

/// Draws in [0, 1) led to [low, high).
#[expect(clippy::cast_possible_truncation, reason = "numbers of the dtype")]
fn between(u: DynArray, low: f64, high: f64) -> DynArray {
    let dtype = u.dtype();
    let [low, high] = [low, high].map(|end| Scalar::from_f64(dtype, end).to_f64());
    if !(low.is_finite() && high.is_finite()) {
        return affine(u, f64::NAN, 1.0);
    }
    let width = Scalar::from_f64(dtype, high - low).to_f64();
    let far = !width.is_finite();
    let x = if far {
        // The distance is no number: a mean of both ends, with weights that are exact.
        let rest = affine(u.clone(), 1.0, -1.0);
        let left = with(&rest, BinaryOp::Mul, low);
        let right = with(&u, BinaryOp::Mul, high);
        infallible(infer::binary(BinaryOp::Add, left.node(), right.node())).into()
    } else {
        affine(u, low, width)
    };
    let (reaches, before) = match dtype {
        DType::F32 => end(low as f32, high as f32, width as f32, f32::EPSILON / 2.0, [f32::next_down, f32::next_up]),
        _ => end(low, high, width, f64::EPSILON / 2.0, [f64::next_down, f64::next_up]),
    };
    match high > low {
        _ if !reaches => x,
        true => with(&x, BinaryOp::Minimum, before),
        false => with(&x, BinaryOp::Maximum, before),
    }
}

/// Whether the largest draw, `1 - step`, may be led to the end by rounding (or by a device that rounds the product and the sum at
/// once), and the number before the end.
fn end<F: crate::ops::scalar::Num>(low: F, high: F, width: F, step: F, [down, up]: [fn(F) -> F; 2]) -> (bool, f64) {
    let most = F::ONE.sub(step);
    let far = !width.to_f64().is_finite();
    let lasts = if far {
        [low.mul(step).add(high.mul(most)), high.fma(most, low.mul(step))]
    } else {
        [low.add(width.mul(most)), width.fma(most, low)]
    };
    let (ascends, descends) = (high > low, high < low);
    let reaches = lasts.iter().any(|&last| ascends && last >= high || descends && last <= high);
    (reaches, if ascends { down(high) } else { up(high) }.to_f64())
}
