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

use rand_distr::Distribution;

use super::typed::Array;
use crate::chunks::{ChunkSpec, Chunks};
use crate::dtype::{DType, Element, Integer, Real};
use crate::error::{Error, Result, infallible};
pub use crate::functions::Generator;
use crate::functions::{Draw, IntoShape};
use crate::graph::{HostFunction, infer};
use crate::host::HostBuffer;
use crate::ops::RandomSpec;
use crate::ops::random::philox;

/// NumPy's name for [`Generator::new`].
#[must_use]
pub fn default_rng(seed: u64) -> Generator {
    Generator::new(seed)
}

impl Generator {
    /// Draws whose parameters fit every shape.
    fn floats<T: Real>(&self, draw: Draw, shape: impl IntoShape) -> Array<T> {
        Array::wrap(infallible(self.draw(draw, T::DTYPE, shape)))
    }
    /// Uniform floats in [0, 1): 24 random bits for `f32`, 53 for `f64`; the same bits on every device.
    pub fn random<T: Real>(&self, shape: impl IntoShape) -> Array<T> {
        self.floats(Draw::Uniform { low: 0.0, high: 1.0 }, shape)
    }
    /// Uniform floats in [low, high): `low + (high - low) · random`, and where rounding leads to `high`, the number before it.
    /// Ranges may be as wide as the type. (`low` alone where the two are equal; in (high, low]
    /// where `high` is below; NaN where one of them is not finite.)
    pub fn uniform<T: Real>(&self, low: T, high: T, shape: impl IntoShape) -> Array<T> {
        self.floats(Draw::Uniform { low: low.scalar().to_f64(), high: high.scalar().to_f64() }, shape)
    }
    /// Standard normal floats, by Box–Muller from full-width uniforms.
    pub fn standard_normal<T: Real>(&self, shape: impl IntoShape) -> Array<T> {
        self.floats(Draw::Normal { mean: 0.0, deviation: 1.0 }, shape)
    }
    /// Normal floats of the given mean and standard deviation: `mean + deviation · standard_normal`.
    pub fn normal<T: Real>(&self, mean: T, deviation: T, shape: impl IntoShape) -> Array<T> {
        let (mean, deviation) = (mean.scalar().to_f64(), deviation.scalar().to_f64());
        self.floats(Draw::Normal { mean, deviation }, shape)
    }
    /// Exponential floats of the given mean (`scale`): `-scale · ln(1 - random)`.
    pub fn exponential<T: Real>(&self, scale: T, shape: impl IntoShape) -> Array<T> {
        self.floats(Draw::Exponential { scale: scale.scalar().to_f64() }, shape)
    }
    /// `true` with probability `p`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a `p` outside [0, 1].
    pub fn bernoulli(&self, p: f64, shape: impl IntoShape) -> Result<Array<bool>> {
        self.draw(Draw::Bernoulli { p }, DType::Bool, shape).map(Array::wrap)
    }
    /// Integers in [low, high), each equally likely: multiply-shift with rejection, so without bias.
    ///
    /// # Errors
    /// [`Error::Parameter`] where the range is empty.
    pub fn integers<T: Integer>(&self, low: T, high: T, shape: impl IntoShape) -> Result<Array<T>> {
        if low >= high {
            let got = format!("[{low}, {high})");
            return Err(Error::Parameter { op: "integers", what: "range", got, expected: "low below high" });
        }
        let (low, high) = (low.scalar().to_i128(), high.scalar().to_i128() - 1);
        self.draw(Draw::Integers { low, high }, T::DTYPE, shape).map(Array::wrap)
    }
    /// Integers in [low, high], the upper bound included: reaches the whole of every type.
    ///
    /// # Errors
    /// [`Error::Parameter`] where `low > high`.
    pub fn integers_inclusive<T: Integer>(&self, low: T, high: T, shape: impl IntoShape) -> Result<Array<T>> {
        let (low, high) = (low.scalar().to_i128(), high.scalar().to_i128());
        self.draw(Draw::Integers { low, high }, T::DTYPE, shape).map(Array::wrap)
    }
    /// NumPy's older name of [`Generator::integers`].
    ///
    /// # Errors
    /// As [`Generator::integers`].
    pub fn randint<T: Integer>(&self, low: T, high: T, shape: impl IntoShape) -> Result<Array<T>> {
        self.integers(low, high, shape)
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
        let function = HostFunction { by_place: true, ..HostFunction::new("random.sample", run) };
        Array::wrap(infer::host(function, vec![], T::DTYPE, chunks))
    }
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
