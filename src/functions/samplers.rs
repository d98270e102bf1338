//! Draws that are no arithmetic on a few uniform and normal ones: those that reject, on the host. The methods are NumPy's or `rand_distr`'s.

use rand_distr::{Binomial, Distribution, Gamma, Hypergeometric, Poisson, StandardNormal, Zeta};

use super::element_rng::ElementRng;
use super::law::Law;

/// What draws with certain parameters.
pub(super) type Sampler = Box<dyn Fn(&mut ElementRng) -> f64>;

/// A distribution's draws as numbers; NaN where it refuses its parameters.
fn of<D: Distribution<f64> + 'static, E>(distribution: Result<D, E>) -> Sampler {
    match distribution {
        Ok(distribution) => Box::new(move |rng| distribution.sample(rng)),
        Err(_) => Box::new(|_| f64::NAN),
    }
}
/// The same of counts.
#[expect(clippy::cast_precision_loss, reason = "a float holds counts rounded")]
fn counts<D: Distribution<u64> + 'static, E>(distribution: Result<D, E>) -> Sampler {
    match distribution {
        Ok(distribution) => Box::new(move |rng| distribution.sample(rng) as f64),
        Err(_) => Box::new(|_| f64::NAN),
    }
}

/// Gamma draws of scale 1; 0 for the shape 0.
pub(super) fn gamma(shape: f64) -> Sampler {
    if shape == 0.0 { Box::new(|_| 0.0) } else { of(Gamma::new(shape, 1.0)) }
}
fn chi_square(df: f64) -> Sampler {
    let half = gamma(df / 2.0);
    Box::new(move |rng| 2.0 * half(rng))
}
fn normal(rng: &mut ElementRng) -> f64 {
    StandardNormal.sample(rng)
}
fn poisson(mean: f64) -> Sampler {
    if mean == 0.0 { Box::new(|_| 0.0) } else { of(Poisson::new(mean)) }
}
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers, 0 or more")]
pub(super) fn binomial(n: f64, p: f64) -> Sampler {
    counts(Binomial::new(n as u64, p))
}
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers, 0 or more")]
pub(super) fn hypergeometric(good: f64, bad: f64, sample: f64) -> Sampler {
    counts(Hypergeometric::new((good + bad) as u64, good as u64, sample as u64))
}

/// What draws by a law, of checked parameters.
pub(super) fn sampler(law: Law, [a, b, c]: [f64; 3]) -> Sampler {
    match law {
        Law::Gamma => {
            let gamma = gamma(a);
            Box::new(move |rng| b * gamma(rng))
        }
        Law::Beta => of(rand_distr::Beta::new(a, b)),
        Law::ChiSquare => chi_square(a),
        Law::NoncentralChiSquare => noncentral(a, b),
        Law::F | Law::NoncentralF => {
            let (above, below) = (noncentral(a, if law == Law::F { 0.0 } else { c }), chi_square(b));
            Box::new(move |rng| above(rng) * b / (below(rng) * a))
        }
        Law::StandardT => {
            let squares = chi_square(a);
            Box::new(move |rng| normal(rng) * (a / squares(rng)).sqrt())
        }
        Law::VonMises => Box::new(move |rng| vonmises(rng, a, b)),
        Law::Poisson => poisson(a),
        Law::Binomial => binomial(a, b),
        Law::NegativeBinomial => {
            let means = gamma(a);
            Box::new(move |rng| poisson(means(rng) * (1.0 - b) / b)(rng))
        }
        Law::Hypergeometric => hypergeometric(a, b, c),
        Law::Zipf => of(Zeta::new(a)),
        Law::LogSeries => Box::new(move |rng| logseries(rng, a)),
        fused => Box::new(move |_| unreachable!("{fused:?} is arithmetic")),
    }
}

/// χ² about another centre: above one degree of freedom one normal draw is moved; below, a Poisson number of degrees come to it.
fn noncentral(df: f64, centre: f64) -> Sampler {
    if centre == 0.0 {
        return chi_square(df);
    }
    if df > 1.0 {
        let rest = chi_square(df - 1.0);
        return Box::new(move |rng| rest(rng) + (normal(rng) + centre.sqrt()).powi(2));
    }
    let more = poisson(centre / 2.0);
    Box::new(move |rng| chi_square(df + 2.0 * more(rng))(rng))
}

/// Best and Fisher, "Efficient simulation of the von Mises distribution", 1979, with NumPy's care of small and large `kappa`.
fn vonmises(rng: &mut ElementRng, mu: f64, kappa: f64) -> f64 {
    use std::f64::consts::{PI, TAU};
    if kappa.is_nan() {
        return f64::NAN;
    }
    if kappa < 1e-8 {
        return PI * (2.0 * rng.uniform() - 1.0);
    }
    let around = |angle: f64| (angle + PI).rem_euclid(TAU) - PI;
    if kappa > 1e6 {
        return around(mu + (1.0 / kappa).sqrt() * normal(rng));
    }
    let s = if kappa < 1e-5 {
        1.0 / kappa + kappa
    } else {
        let r = 1.0 + (1.0 + 4.0 * kappa * kappa).sqrt();
        let rho = (r - (2.0 * r).sqrt()) / (2.0 * kappa);
        (1.0 + rho * rho) / (2.0 * rho)
    };
    let cosine = loop {
        let z = (PI * rng.uniform()).cos();
        let w = (1.0 + s * z) / (s + z);
        let y = kappa * (s - w);
        let v = rng.uniform();
        if y * (2.0 - y) - v >= 0.0 || (y / v).ln() + 1.0 - y >= 0.0 {
            break w;
        }
    };
    let angle = cosine.clamp(-1.0, 1.0).acos();
    around(mu + if rng.uniform() < 0.5 { -angle } else { angle })
}

/// Kemp, "Efficient generation of logarithmically distributed pseudo-random variables", 1981: LK.
fn logseries(rng: &mut ElementRng, p: f64) -> f64 {
    let r = (-p).ln_1p();
    loop {
        let v = rng.uniform();
        if v >= p {
            return 1.0;
        }
        let q = -(r * rng.uniform()).exp_m1();
        if v > q * q {
            return if v >= q { 1.0 } else { 2.0 };
        }
        let number = (1.0 + v.ln() / q.ln()).floor();
        if number >= 1.0 && v > 0.0 {
            return number;
        }
    }
}
