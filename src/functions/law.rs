//! [`Law`]: the distributions of NumPy's `Generator`, and what their parameters may be.

use crate::error::{Error, Result};

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Domain {
    Any,
    Positive,
    NotNegative,
    /// 0 to 1.
    Probability,
    /// 0 to 1, but not 0.
    Chance,
    /// 0 to 1, but not 1.
    Share,
    /// A number of things.
    Count,
    AboveOne,
    /// Of counts of 64 bits.
    Mean,
}
use Domain::{AboveOne, Any, Chance, Count, Mean, NotNegative, Positive, Probability, Share};

impl Domain {
    pub(super) fn holds(self, value: f64) -> bool {
        match self {
            Any => true,
            Positive => value > 0.0,
            NotNegative => value >= 0.0 || value.is_nan(),
            Probability => (0.0..=1.0).contains(&value),
            Chance => value > 0.0 && value <= 1.0,
            Share => (0.0..1.0).contains(&value),
            Count => (0.0..9e18).contains(&value) && value.fract() == 0.0,
            AboveOne => value > 1.0,
            Mean => (0.0..=9.2e18).contains(&value),
        }
    }
    const fn expected(self) -> &'static str {
        match self {
            Any => "a number",
            Positive => "above 0",
            NotNegative => "0 or more",
            Probability => "between 0 and 1",
            Chance => "above 0 and at most 1",
            Share => "0 or more and below 1",
            Count => "a whole number, 0 or more",
            AboveOne => "above 1",
            Mean => "0 or more, and below 2^63",
        }
    }
}

/// A row: name, parameters, whether draws are integers, whether they are arithmetic on uniform and normal ones.
type Row = (&'static str, &'static [(&'static str, Domain)], bool, bool);

macro_rules! laws {
    ($($doc:literal $law:ident $name:literal [$(($what:literal, $domain:ident)),*] $counted:literal $fuses:literal;)*) => {
        /// A distribution of NumPy's `Generator`, for [`Generator::draw_law`](super::Generator::draw_law), with its parameters in NumPy's order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Law { $(#[doc = $doc] $law,)* }

        impl Law {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$law),*];

            const fn row(self) -> Row {
                match self {
                    $(Self::$law => ($name, &[$(($what, $domain)),*], $counted, $fuses),)*
                }
            }
        }
    };
}
laws! {
    "`loc`, `scale`." Normal "normal" [("loc", Any), ("scale", NotNegative)] false true;
    "`low`, `high`: from `low` to before `high`." Uniform "uniform" [("low", Any), ("high", Any)] false true;
    "`scale`." Exponential "exponential" [("scale", NotNegative)] false true;
    "`loc`, `scale`: exponential to both sides." Laplace "laplace" [("loc", Any), ("scale", NotNegative)] false true;
    "`loc`, `scale`." Logistic "logistic" [("loc", Any), ("scale", NotNegative)] false true;
    "`loc`, `scale`." Gumbel "gumbel" [("loc", Any), ("scale", NotNegative)] false true;
    "`scale`." Rayleigh "rayleigh" [("scale", NotNegative)] false true;
    "`a`: density `a x^(a - 1)` between 0 and 1." Power "power" [("a", Positive)] false true;
    "`mean`, `sigma` of the logarithm." LogNormal "lognormal" [("mean", Any), ("sigma", NotNegative)] false true;
    "`a`." Weibull "weibull" [("a", NotNegative)] false true;
    "`a`: of Lomax, from 0." Pareto "pareto" [("a", Positive)] false true;
    "No parameter." StandardCauchy "standard_cauchy" [] false true;
    "`left`, `mode`, `right`." Triangular "triangular" [("left", Any), ("mode", Any), ("right", Any)] false true;
    "`mean`, `scale`: inverse Gaussian." Wald "wald" [("mean", Positive), ("scale", Positive)] false true;
    "`p`: how many trials it takes to succeed, from 1." Geometric "geometric" [("p", Chance)] true true;
    "`shape`, `scale`." Gamma "gamma" [("shape", NotNegative), ("scale", NotNegative)] false false;
    "`a`, `b`." Beta "beta" [("a", Positive), ("b", Positive)] false false;
    "`df`." ChiSquare "chisquare" [("df", Positive)] false false;
    "`df`, `nonc`." NoncentralChiSquare "noncentral_chisquare" [("df", Positive), ("nonc", NotNegative)] false false;
    "`dfnum`, `dfden`." F "f" [("dfnum", Positive), ("dfden", Positive)] false false;
    "`dfnum`, `dfden`, `nonc`." NoncentralF "noncentral_f" [("dfnum", Positive), ("dfden", Positive), ("nonc", NotNegative)] false false;
    "`df`." StandardT "standard_t" [("df", Positive)] false false;
    "`mu`, `kappa`: angles from -π to π." VonMises "vonmises" [("mu", Any), ("kappa", NotNegative)] false false;
    "`lam`." Poisson "poisson" [("lam", Mean)] true false;
    "`n`, `p`." Binomial "binomial" [("n", Count), ("p", Probability)] true false;
    "`n`, `p`: failures before `n` successes." NegativeBinomial "negative_binomial" [("n", Positive), ("p", Chance)] true false;
    "`ngood`, `nbad`, `nsample`." Hypergeometric "hypergeometric" [("ngood", Count), ("nbad", Count), ("nsample", Count)] true false;
    "`a`." Zipf "zipf" [("a", AboveOne)] true false;
    "`p`." LogSeries "logseries" [("p", Share)] true false;
}

impl Law {
    /// NumPy's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }
    pub(super) const fn parameters(self) -> &'static [(&'static str, Domain)] {
        self.row().1
    }
    /// Whether draws are integers, of `i64`.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        self.row().2
    }
    /// Whether a draw is arithmetic on uniform and normal ones, which kernels do as they need it; others are made on the host.
    #[must_use]
    pub const fn fuses(self) -> bool {
        self.row().3
    }
    /// Refuses a parameter, by its number, outside its domain.
    ///
    /// # Errors
    /// [`Error::Parameter`].
    pub fn check(self, number: usize, value: f64) -> Result<()> {
        match self.parameters().get(number) {
            Some((what, domain)) if !domain.holds(value) => {
                Err(Error::Parameter { op: self.name(), what, got: value.to_string(), expected: domain.expected() })
            }
            _ => Ok(()),
        }
    }
    /// Refuses parameters that do not go together.
    pub(super) fn check_all(self, values: &[f64]) -> Result<()> {
        values.iter().enumerate().try_for_each(|(number, &value)| self.check(number, value))?;
        let wrong = match (self, values) {
            (Self::Triangular, [left, mode, right]) if left > mode => Some(("mode", mode, "at least left")),
            (Self::Triangular, [_, mode, right]) if mode > right => Some(("mode", mode, "at most right")),
            (Self::Triangular, [left, _, right]) if left == right => Some(("right", right, "above left")),
            (Self::Hypergeometric, [good, bad, sample]) if good + bad < *sample => {
                Some(("nsample", sample, "at most ngood + nbad"))
            }
            _ => None,
        };
        wrong.map_or(Ok(()), |(what, got, expected)| {
            Err(Error::Parameter { op: self.name(), what, got: got.to_string(), expected })
        })
    }
}
