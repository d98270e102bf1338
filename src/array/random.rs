//! Random arrays. Every element is a function of (seed, array, index) alone: the same numbers come out for every chunking,
//! slice, thread count and device.
//!
//! ```
//! use gridloom::random::Generator;
//! let rng = Generator::new(42);
//! let x = rng.normal(9.0, 1.0, (1000, 1000));
//! let same = Generator::new(42).normal(9.0, 1.0, (1000, 1000)).rechunk((1, 1000))?;
//! assert_eq!(x.sub(&same)?.count_nonzero().item()?, 0);
//! # Ok::<(), gridloom::Error>(())
//! ```

use std::sync::atomic::{AtomicU32, Ordering};

use rand_distr::Distribution;

use super::create::IntoShape;
use super::typed::Array;
use crate::chunks::{ChunkSpec, Chunks};
use crate::dtype::{DType, Element, Integer, Real, Scalar};
use crate::error::{Error, Result, infallible};
use crate::graph::{HostFunction, Node, infer};
use crate::host::HostBuffer;
use crate::ops::random::philox;
use crate::ops::{BinaryOp, RandomOp, RandomSpec, UnaryOp};

/// A source of random arrays. Two generators of one seed make the same arrays in the same order.
#[derive(Debug)]
pub struct Generator {
    seed: u64,
    /// Arrays made so far: each is a stream of its own.
    streams: AtomicU32,
}

/// NumPy's name for [`Generator::new`].
#[must_use]
pub fn default_rng(seed: u64) -> Generator {
    Generator::new(seed)
}

impl Generator {
    /// A generator with a seed. (All 64 bits count.)
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, streams: AtomicU32::new(0) }
    }

    /// The next array's stream, for draws below `range`.
    fn spec(&self, range: u64) -> RandomSpec {
        RandomSpec { seed: self.seed, stream: self.streams.fetch_add(1, Ordering::Relaxed), range }
    }

    fn draw(&self, op: RandomOp, dtype: DType, range: u64, shape: impl IntoShape) -> std::sync::Arc<Node> {
        let shape = shape.into_shape();
        // "auto" chunks fit every shape.
        infer::random(op, self.spec(range), dtype, &shape, &ChunkSpec::default())
            .unwrap_or_else(|_| infer::full(Scalar::from_i64(dtype, 0), Chunks::whole(&shape)))
    }

    /// Uniform floats in [0, 1): 24 random bits for `f32`, 53 for `f64`; the same bits on every device.
    pub fn random<T: Real>(&self, shape: impl IntoShape) -> Array<T> {
        Array::wrap(self.draw(RandomOp::Uniform, T::DTYPE, 1, shape))
    }
    /// Uniform floats in [low, high): `low + (high - low) · random`, and where rounding leads to `high`, the number before it.
    /// Ranges may be as wide as the type. (`low` alone where the two are equal; in (high, low]
    /// where `high` is below; NaN where one of them is not finite.)
    pub fn uniform<T: Real>(&self, low: T, high: T, shape: impl IntoShape) -> Array<T> {
        between(self.random(shape), low.scalar().to_f64(), high.scalar().to_f64())
    }
    /// Standard normal floats, by Box–Muller from full-width uniforms.
    pub fn standard_normal<T: Real>(&self, shape: impl IntoShape) -> Array<T> {
        Array::wrap(self.draw(RandomOp::Normal, T::DTYPE, 1, shape))
    }
    /// Normal floats of the given mean and standard deviation: `mean + deviation · standard_normal`.
    pub fn normal<T: Real>(&self, mean: T, deviation: T, shape: impl IntoShape) -> Array<T> {
        affine(self.standard_normal(shape), mean.scalar().to_f64(), deviation.scalar().to_f64())
    }
    /// Exponential floats of the given mean (`scale`): `-scale · ln(1 - random)`.
    pub fn exponential<T: Real>(&self, scale: T, shape: impl IntoShape) -> Array<T> {
        let u: Array<T> = self.random(shape);
        let negative: Array<T> = u.unary(UnaryOp::Neg);
        affine(negative.unary(UnaryOp::Log1p), 0.0, -scale.scalar().to_f64())
    }
    /// `true` with probability `p`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a `p` outside [0, 1].
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2³² by then")]
    pub fn bernoulli(&self, p: f64, shape: impl IntoShape) -> Result<Array<bool>> {
        if !(0.0..=1.0).contains(&p) {
            return Err(Error::Parameter {
                op: "bernoulli",
                what: "p",
                got: p.to_string(),
                expected: "between 0 and 1",
            });
        }
        // 32 bits decide: every adapter has those, and p is met within 2⁻³².
        let threshold = (p * 4_294_967_296.0).round();
        let bits: Array<u32> = Array::wrap(self.draw(RandomOp::Bits, DType::U32, 1, shape));
        if threshold >= 4_294_967_296.0 { bits.ge(0) } else { bits.lt(threshold as u32) }
    }
    /// Integers in [low, high), each equally likely: multiply-shift with rejection, so without bias.
    ///
    /// # Errors
    /// [`Error::Parameter`] where the range is empty.
    pub fn integers<T: Integer>(&self, low: T, high: T, shape: impl IntoShape) -> Result<Array<T>> {
        let (a, b) = (low.scalar().to_i64(), high.scalar().to_i64());
        // As differences of 64-bit patterns: right for the whole of i64 and u64.
        if low >= high {
            let got = format!("[{low}, {high})");
            return Err(Error::Parameter { op: "integers", what: "range", got, expected: "low below high" });
        }
        Ok(self.integers_from(low, b.wrapping_sub(a).cast_unsigned(), shape))
    }
    /// Integers in [low, high], the upper bound included: reaches the whole of every type.
    ///
    /// # Errors
    /// [`Error::Parameter`] where `low > high`.
    pub fn integers_inclusive<T: Integer>(&self, low: T, high: T, shape: impl IntoShape) -> Result<Array<T>> {
        if low > high {
            let got = format!("[{low}, {high}]");
            return Err(Error::Parameter { op: "integers", what: "range", got, expected: "low not above high" });
        }
        let span = high.scalar().to_i64().wrapping_sub(low.scalar().to_i64()).cast_unsigned();
        // A span of 2⁶⁴ wraps to 0, which stands for all bits.
        Ok(self.integers_from(low, span.wrapping_add(1), shape))
    }
    /// NumPy's older name of [`Generator::integers`].
    ///
    /// # Errors
    /// As [`Generator::integers`].
    pub fn randint<T: Integer>(&self, low: T, high: T, shape: impl IntoShape) -> Result<Array<T>> {
        self.integers(low, high, shape)
    }

    /// `low + (a draw below range)`, wrapped to the type; a range of 0 stands for 2⁶⁴.
    fn integers_from<T: Integer>(&self, low: T, range: u64, shape: impl IntoShape) -> Array<T> {
        let node = match range {
            0 => self.draw(RandomOp::Bits, DType::U64, 1, shape),
            0x1_0000_0000 => self.draw(RandomOp::Bits, DType::U32, 1, shape),
            range if range > u64::from(u32::MAX) => self.draw(RandomOp::Below, DType::U64, range, shape),
            range => self.draw(RandomOp::Below, DType::U32, range, shape),
        };
        let offset = infer::full(low.scalar(), Chunks::new(vec![]));
        let drawn = infer::cast(&node, T::DTYPE);
        Array::wrap(infallible(infer::binary(BinaryOp::Add, &drawn, &offset)))
    }

    /// Draws of any `rand_distr` distribution, made on the host when computed. Each element has a random stream of its own,
    /// so these too are the same for every chunking.
    ///
    /// ```
    /// let rng = gridloom::random::Generator::new(1);
    /// let x = rng.sample(rand_distr::Gamma::new(2.0f64, 3.0).unwrap(), 100_000);
    /// assert!((x.mean().item()? - 6.0).abs() < 0.1);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn sample<T: Element>(
        &self,
        distribution: impl Distribution<T> + Send + Sync + 'static,
        shape: impl IntoShape,
    ) -> Array<T> {
        let shape = shape.into_shape();
        let spec = self.spec(1);
        let strides = crate::graph::node::c_strides(&shape);
        let chunks = ChunkSpec::default().resolve(&shape, T::DTYPE).unwrap_or_else(|_| Chunks::whole(&shape));
        let run = move |task: &crate::graph::HostTask<'_>| {
            let own = task.shape();
            let local = crate::graph::node::c_strides(&own);
            let n: u64 = own.iter().product();
            let mut values = HostBuffer::scratch(T::DTYPE, crate::width::in_memory(n))?;
            for (value, i) in values.stored_mut::<T::Stored>().iter_mut().zip(0..n) {
                let index = (0..own.len()).fold(0, |index, k| {
                    let at = i / local[k].cast_unsigned() % own[k] + task.region[k].0;
                    index + at * strides[k].cast_unsigned()
                });
                *value = distribution.sample(&mut ElementRng::new(spec, index)).store();
            }
            Ok((values, own))
        };
        let function = HostFunction::new("random.sample", run);
        Array::wrap(infer::host(function, vec![], T::DTYPE, chunks))
    }
}

/// `x op by`; a 0-d operand always broadcasts.
fn with<T: Real>(x: Array<T>, op: BinaryOp, by: f64) -> Array<T> {
    let by = infer::full(Scalar::from_f64(T::DTYPE, by), Chunks::new(vec![]));
    Array::wrap(infallible(infer::binary(op, x.node(), &by)))
}

/// `offset + scale · x`, leaving out what does nothing.
fn affine<T: Real>(x: Array<T>, offset: f64, scale: f64) -> Array<T> {
    let x = if scale == 1.0 { x } else { with(x, BinaryOp::Mul, scale) };
    if offset == 0.0 { x } else { with(x, BinaryOp::Add, offset) }
}

/// Draws in [0, 1) led to [low, high).
#[expect(clippy::cast_possible_truncation, reason = "numbers that were `f32` before")]
fn between<T: Real>(u: Array<T>, low: f64, high: f64) -> Array<T> {
    if !(low.is_finite() && high.is_finite()) {
        return affine(u, f64::NAN, 1.0);
    }
    let width = Scalar::from_f64(T::DTYPE, high - low).to_f64();
    let far = !width.is_finite();
    let x = if far {
        // The distance is no number: a mean of both ends, with weights that are exact.
        let rest = affine(u.clone(), 1.0, -1.0);
        let left = with(rest, BinaryOp::Mul, low);
        let right = with(u, BinaryOp::Mul, high);
        Array::wrap(infallible(infer::binary(BinaryOp::Add, left.node(), right.node())))
    } else {
        affine(u, low, width)
    };
    let (reaches, before) = match T::DTYPE {
        DType::F32 => end(low as f32, high as f32, width as f32, f32::EPSILON / 2.0, [f32::next_down, f32::next_up]),
        _ => end(low, high, width, f64::EPSILON / 2.0, [f64::next_down, f64::next_up]),
    };
    match high > low {
        _ if !reaches => x,
        true => with(x, BinaryOp::Minimum, before),
        false => with(x, BinaryOp::Maximum, before),
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

/// The random words of one element: Philox blocks counted from its index.
struct ElementRng {
    spec: RandomSpec,
    index: u64,
    block: u32,
    words: [u32; 4],
    used: usize,
}

impl ElementRng {
    fn new(spec: RandomSpec, index: u64) -> Self {
        Self { spec, index, block: 0, words: [0; 4], used: 4 }
    }
    #[expect(clippy::cast_possible_truncation, reason = "words are halves of numbers")]
    fn word(&mut self) -> u32 {
        if self.used == 4 {
            let counter = [self.index as u32, (self.index >> 32) as u32, self.spec.stream, self.block];
            self.words = philox(counter, [self.spec.seed as u32, (self.spec.seed >> 32) as u32]);
            self.block = self.block.wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }
}

impl rand::TryRng for ElementRng {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.word())
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from(self.word()) | u64::from(self.word()) << 32)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in out.chunks_mut(4) {
            chunk.copy_from_slice(&self.word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
