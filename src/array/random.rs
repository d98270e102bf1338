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
use crate::dtype::{DType, Element, Integer, Real};
use crate::error::{Error, Result, infallible};
pub use crate::functions::Generator;
use crate::functions::element_rng::{ElementRng, by_place};
use crate::functions::{Draw, IntoShape, Law};

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
}

/// A method for each law whose draws are floats.
macro_rules! floats {
    ($($name:ident $doc:literal $law:ident ($($p:ident),*);)*) => {
        /// Floats by NumPy's names, with parameters that are numbers; by arrays of them: [`Generator::draw_law`].
        impl Generator {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`Error::Parameter`] for parameters outside their domain.
            pub fn $name<T: Real>(&self, $($p: f64,)* shape: impl IntoShape) -> Result<Array<T>> {
                self.draw_law(Law::$law, &[$($p.into()),*], T::DTYPE, shape).map(Array::wrap)
            }
        )*}
    };
}
floats! {
    laplace "`loc + scale · (± exponential)`: density `e^-|x|` on both sides of 0." Laplace(loc, scale);
    logistic "`loc + scale · ln(u / (1 - u))`." Logistic(loc, scale);
    gumbel "`loc - scale · ln(exponential)`: extreme values." Gumbel(loc, scale);
    rayleigh "`scale · √(2 · exponential)`: lengths of normal vectors of two numbers." Rayleigh(scale);
    power "`u^(1/a)`: density `a x^(a - 1)` between 0 and 1." Power(a);
    lognormal "`e^(mean + sigma · normal)`." LogNormal(mean, sigma);
    weibull "`exponential^(1/a)`." Weibull(a);
    pareto "`e^(exponential / a) - 1`: of Lomax; add 1 for Pareto's own." Pareto(a);
    standard_cauchy "`normal / normal`." StandardCauchy();
    triangular "Between `left` and `right`, with density that rises to `mode` and falls behind it." Triangular(left, mode, right);
    wald "Inverse Gaussian: when a walk with drift first meets a wall." Wald(mean, scale);
    gamma "Sums of `shape` exponential numbers, were it whole, times `scale`; on the host." Gamma(shape_, scale);
    beta "Shares of one gamma number in the sum of two; on the host." Beta(a, b);
    chisquare "Sums of `df` squares of normal numbers; on the host." ChiSquare(df);
    noncentral_chisquare "The same about another centre; on the host." NoncentralChiSquare(df, nonc);
    f "Ratios of two χ² numbers, each divided by its degrees of freedom; on the host." F(dfnum, dfden);
    noncentral_f "The same with a noncentral numerator; on the host." NoncentralF(dfnum, dfden, nonc);
    standard_t "Student's: `normal / √(χ² / df)`; on the host." StandardT(df);
    vonmises "Angles about `mu`, from -π to π; on the host." VonMises(mu, kappa);
}

/// A method for each law whose draws are counts.
macro_rules! counts {
    ($($name:ident $doc:literal $law:ident ($($p:ident),*);)*) => {
        /// Counts by NumPy's names, of `i64`, with parameters that are numbers; by arrays of them: [`Generator::draw_law`].
        impl Generator {$(
            #[doc = $doc]
            ///
            /// # Errors
            /// [`Error::Parameter`] for parameters outside their domain.
            pub fn $name(&self, $($p: f64,)* shape: impl IntoShape) -> Result<Array<i64>> {
                self.draw_law(Law::$law, &[$($p.into()),*], DType::I64, shape).map(Array::wrap)
            }
        )*}
    };
}
counts! {
    geometric "How many trials of probability `p` it takes to succeed, from 1: `⌈exponential / -ln(1 - p)⌉`." Geometric(p);
    poisson "How many events there are where `lam` are expected; on the host." Poisson(lam);
    binomial "How many of `n` trials of probability `p` succeed; on the host." Binomial(n, p);
    negative_binomial "How many trials fail before `n` succeed; on the host." NegativeBinomial(n, p);
    hypergeometric "How many good ones are among `nsample` that are taken out of a bag; on the host." Hypergeometric(ngood, nbad, nsample);
    zipf "`k` with a probability like `k^-a`, from 1; on the host." Zipf(a);
    logseries "`k` with a probability like `p^k / k`, from 1; on the host." LogSeries(p);
}

impl Generator {
    /// Bytes, each equally likely.
    pub fn bytes(&self, n: usize) -> Array<u8> {
        Array::wrap(infallible(self.draw(Draw::Integers { low: 0, high: 255 }, DType::U8, n)))
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
        let value = move |rng: &mut ElementRng| distribution.sample(rng);
        Array::wrap(by_place("random.sample", None, self.spec(1), &shape.into_shape(), value))
    }
}
