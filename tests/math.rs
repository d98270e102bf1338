//! Each function of `ops::math` against an oracle, within its stated bound: the f32 ones against std's in f64 over sweeps of
//! bit patterns (`MATH_STEP` sets how fine), the f64 ones against `data/math_f64.csv`, which `data/math_oracle.py` made
//! with mpmath. These run on the host; [`crate::parity`] takes them through every device.

use gridloom::ops::math::{m32, m64};

/// The distance of `got` from `want` in units of `want`'s last place.
fn ulp32(got: f32, want: f64) -> f64 {
    if got.is_nan() || want.is_nan() {
        return if got.is_nan() && want.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if want as f32 == got {
        return if got == 0.0 && got.is_sign_negative() != want.is_sign_negative() {
            f64::INFINITY
        } else if got.is_finite() && got != 0.0 {
            (f64::from(got) - want).abs() / unit32(want)
        } else {
            0.0
        };
    }
    if got.is_infinite() {
        // One past the largest number.
        return (2f64.powi(128) - want.abs()).abs() / unit32(want);
    }
    (f64::from(got) - want).abs() / unit32(want)
}

/// One unit in the last place of an f32 near `want`.
fn unit32(want: f64) -> f64 {
    let e = ((want.abs().to_bits() >> 52) as i32 - 1023).clamp(-126, 127);
    2f64.powi(e - 23)
}

/// erf by its series with positive terms only.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return 1f64.copysign(x);
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..150 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    sum * (-x * x).exp() * std::f64::consts::FRAC_2_SQRT_PI
}

/// Name, function, oracle, range of arguments, bound in ULP.
type Row1 = (&'static str, fn(f32) -> f32, fn(f64) -> f64, f32, f32, f64);

#[rustfmt::skip]
const ONE32: &[Row1] = &[
    ("exp",      m32::exp,      f64::exp,   -110.0, 100.0, 1.5),
    ("exp2",     m32::exp2,     f64::exp2,  -160.0, 140.0, 1.0),
    ("expm1",    m32::expm1,    f64::exp_m1, -110.0, 100.0, 2.0),
    ("sigmoid",  m32::sigmoid,  |x| 1.0 / (1.0 + (-x).exp()), -110.0, 100.0, 2.5),
    ("ln",       m32::ln,       f64::ln,    -1.0, f32::MAX, 1.0),
    ("log2",     m32::log2,     f64::log2,  -1.0, f32::MAX, 1.0),
    ("log10",    m32::log10,    f64::log10, -1.0, f32::MAX, 1.0),
    ("log1p",    m32::log1p,    f64::ln_1p, -2.0, f32::MAX, 1.5),
    ("cbrt",     m32::cbrt,     f64::cbrt,  f32::MIN, f32::MAX, 1.0),
    ("sin",      m32::sin,      f64::sin,   f32::MIN, f32::MAX, 2.0),
    ("cos",      m32::cos,      f64::cos,   f32::MIN, f32::MAX, 2.0),
    ("tan",      m32::tan,      f64::tan,   f32::MIN, f32::MAX, 3.0),
    ("sin_fast", m32::sin_fast, f64::sin,   -131072.0, 131072.0, 2.0),
    ("cos_fast", m32::cos_fast, f64::cos,   -131072.0, 131072.0, 2.0),
    ("tan_fast", m32::tan_fast, f64::tan,   -131072.0, 131072.0, 3.0),
    ("asin",     m32::asin,     f64::asin,  -1.1, 1.1, 2.0),
    ("acos",     m32::acos,     f64::acos,  -1.1, 1.1, 2.0),
    ("atan",     m32::atan,     f64::atan,  f32::MIN, f32::MAX, 2.0),
    ("sinh",     m32::sinh,     f64::sinh,  -100.0, 100.0, 2.0),
    ("cosh",     m32::cosh,     f64::cosh,  -100.0, 100.0, 2.0),
    ("tanh",     m32::tanh,     f64::tanh,  -100.0, 100.0, 2.0),
    ("asinh",    m32::asinh,    asinh,      f32::MIN, f32::MAX, 2.0),
    ("acosh",    m32::acosh,    acosh,      0.5, f32::MAX, 2.5),
    ("atanh",    m32::atanh,    atanh,      -1.1, 1.1, 1.5),
    ("erf",      m32::erf,      erf,        -10.0, 10.0, 1.5),
    ("cos2pi",   |u| m32::sincospi2(u).0, |u| turn(u + 0.25), 0.0, 0.99999994, 2.0),
    ("sin2pi",   |u| m32::sincospi2(u).1, turn, 0.0, 0.99999994, 2.0),
];

/// sin 2 pi u, reduced first.
fn turn(u: f64) -> f64 {
    let q = (u * 4.0).round();
    let r = (u - q * 0.25) * std::f64::consts::TAU;
    match q as i64 % 4 {
        0 => r.sin(),
        1 => r.cos(),
        2 => -r.sin(),
        _ => -r.cos(),
    }
}
// std's inverse hyperbolic functions lose digits near 0.
fn asinh(x: f64) -> f64 {
    let a = x.abs();
    (a + a * a / (1.0 + (a * a + 1.0).sqrt())).ln_1p().copysign(x)
}
fn acosh(x: f64) -> f64 {
    let t = x - 1.0;
    if x < 1.0 { f64::NAN } else { (t + (t * (t + 2.0)).sqrt()).ln_1p() }
}
fn atanh(x: f64) -> f64 {
    0.5 * (2.0 * x / (1.0 - x)).ln_1p()
}

/// Evenly spaced bit patterns of both signs within [lo, hi], the ends too.
fn sweep32(lo: f32, hi: f32, step: usize) -> impl Iterator<Item = f32> {
    (0..=0xff80_0000u32)
        .step_by(step)
        .map(f32::from_bits)
        .filter(move |x| *x >= lo && *x <= hi)
        .chain([lo, hi, -0.0, 0.0].into_iter().filter(move |x| *x >= lo))
}

/// Bit patterns between two of a sweep.
fn step() -> usize {
    std::env::var("MATH_STEP").ok().and_then(|s| s.parse().ok()).unwrap_or(20011)
}

#[test]
fn f32_functions_of_one_argument_keep_their_bounds() {
    let mut failed = Vec::new();
    for &(name, f, oracle, lo, hi, bound) in ONE32 {
        let (mut worst, mut at) = (0.0, 0.0);
        for x in sweep32(lo, hi, step()) {
            let d = ulp32(f(x), oracle(f64::from(x)));
            if d > worst {
                (worst, at) = (d, x);
            }
        }
        println!(
            "f32 {name:9} {worst:.3} ULP at {at:e} (bound {bound}) got {:e} want {:e}",
            f(at),
            oracle(f64::from(at))
        );
        if worst > bound {
            failed.push(name);
        }
        if name.ends_with("2pi") {
            continue;
        }
        assert!(f(f32::NAN).is_nan(), "{name}(NaN)");
        assert!(f(-f32::NAN).is_nan(), "{name}(-NaN)");
        for x in [f32::INFINITY, f32::NEG_INFINITY] {
            let (got, want) = (f64::from(f(x)), oracle(f64::from(x)));
            if name == "erf" || name.ends_with("_fast") || name == "asinh" || name == "atanh" {
                continue;
            }
            assert!(got == f64::from(want as f32) || got.is_nan() && want.is_nan(), "{name}({x}) = {got}, not {want}");
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

/// Name, function, oracle, bound in ULP.
type Row2 = (&'static str, fn(f32, f32) -> f32, fn(f64, f64) -> f64, f64);

#[rustfmt::skip]
const TWO32: &[Row2] = &[
    ("pow",       m32::pow,       f64::powf, 2.0),
    ("atan2",     m32::atan2,     f64::atan2, 2.0),
    ("hypot",     m32::hypot,     f64::hypot, 1.0),
    ("trunc_rem", m32::trunc_rem, |x, y| f64::from(x as f32 % y as f32), 0.0),
    ("floor_mod", m32::floor_mod, floor_mod, 0.0),
    ("floor_div", m32::floor_div, floor_div, 0.0),
];

// NumPy's npy_divmod, in the narrow type.
fn floor_mod(x: f64, y: f64) -> f64 {
    let (a, b) = (x as f32, y as f32);
    let m = a % b;
    f64::from(if m == 0.0 {
        0f32.copysign(b)
    } else if (b < 0.0) != (m < 0.0) {
        m + b
    } else {
        m
    })
}
fn floor_div(x: f64, y: f64) -> f64 {
    let (a, b) = (x as f32, y as f32);
    if b == 0.0 {
        return f64::from(a / b);
    }
    let m = a % b;
    let mut d = (a - m) / b;
    if m != 0.0 && (b < 0.0) != (m < 0.0) {
        d -= 1.0;
    }
    if d == 0.0 {
        return f64::from(0f32.copysign(a / b));
    }
    let f = d.floor();
    f64::from(if d - f > 0.5 { f + 1.0 } else { f })
}

/// Pairs: edge values crossed, then a mix of magnitudes and near ones.
fn pairs32() -> Vec<(f32, f32)> {
    let edges = [
        0.0,
        1.0,
        2.0,
        3.0,
        0.5,
        2.5,
        0.9999999,
        1.0000001,
        1e-45,
        1e-40,
        f32::MIN_POSITIVE,
        16777215.0,
        16777216.0,
        1e10,
        3e38,
        f32::MAX,
        f32::INFINITY,
        f32::NAN,
    ];
    let mut all = Vec::new();
    for x in edges {
        for y in edges {
            all.extend([(x, y), (-x, y), (x, -y), (-x, -y)]);
        }
    }
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 32) as u32
    };
    for i in 0..400_000 {
        let (a, b) = (f32::from_bits(next()), f32::from_bits(next()));
        let u = 1.0 + (next() as f32 / 2f32.powi(32) - 0.5) * [1.0, 0.1, 1e-3][i % 3];
        let v = (next() as f32 / 2f32.powi(32) - 0.5) * 2f32.powi((next() % 30) as i32);
        let w = next() as f32 / 2f32.powi(20);
        all.extend([(a, b), (u, v), (w, v), (v, w), (w, (next() % 41) as f32 - 20.0)]);
    }
    all
}

#[test]
fn f32_functions_of_two_arguments_keep_their_bounds() {
    let mut failed = Vec::new();
    for &(name, f, oracle, bound) in TWO32 {
        let (mut worst, mut at) = (0.0, (0.0, 0.0));
        for (x, y) in pairs32() {
            let d = ulp32(f(x, y), oracle(f64::from(x), f64::from(y)));
            if d > worst {
                (worst, at) = (d, (x, y));
            }
        }
        let (x, y) = at;
        println!(
            "f32 {name:9} {worst:.3} ULP at {at:?} got {:e} want {:e}",
            f(x, y),
            oracle(f64::from(x), f64::from(y))
        );
        if worst > bound {
            failed.push(name);
        }
    }
    let mut worst = 0.0f64;
    for (x, y) in pairs32() {
        let n = y.to_bits() as i32;
        for n in [n, n >> 8, n >> 20, n >> 26] {
            let d = ulp32(m32::powi(x, n), f64::from(x).powf(f64::from(n)));
            worst = worst.max(d);
        }
        if (x / y).abs() < 4e6 {
            assert_eq!(m32::trunc_rem_fast(x, y).to_bits(), (x % y).to_bits(), "{x} % {y}");
        }
    }
    println!("f32 powi      {worst:.3} ULP");
    assert!(failed.is_empty() && worst <= 2.0, "{failed:?}");
}

/// A function of one or two arguments.
enum F64 {
    One(fn(f64) -> f64),
    Two(fn(f64, f64) -> f64),
}
use F64::{One, Two};

#[rustfmt::skip]
const ALL64: &[(&str, F64, f64)] = &[
    ("exp",       One(m64::exp), 1.5),
    ("exp2",      One(m64::exp2), 1.0),
    ("expm1",     One(m64::expm1), 2.0),
    ("sigmoid",   One(m64::sigmoid), 2.5),
    ("ln",        One(m64::ln), 1.0),
    ("log2",      One(m64::log2), 1.0),
    ("log10",     One(m64::log10), 1.0),
    ("log1p",     One(m64::log1p), 1.5),
    ("cbrt",      One(m64::cbrt), 1.0),
    ("sin",       One(m64::sin), 2.0),
    ("cos",       One(m64::cos), 2.0),
    ("tan",       One(m64::tan), 3.0),
    ("asin",      One(m64::asin), 2.0),
    ("acos",      One(m64::acos), 2.0),
    ("atan",      One(m64::atan), 2.0),
    ("sinh",      One(m64::sinh), 2.0),
    ("cosh",      One(m64::cosh), 2.0),
    ("tanh",      One(m64::tanh), 2.0),
    ("asinh",     One(m64::asinh), 2.5),
    ("acosh",     One(m64::acosh), 2.5),
    ("atanh",     One(m64::atanh), 1.5),
    ("erf",       One(m64::erf), 1.5),
    ("cos2pi",    One(|u| m64::sincospi2(u).0), 2.0),
    ("sin2pi",    One(|u| m64::sincospi2(u).1), 2.0),
    ("pow",       Two(m64::pow), 1.5),
    ("powi",      Two(|x, n| m64::powi(x, n as i32)), 1.5),
    ("atan2",     Two(m64::atan2), 2.0),
    ("hypot",     Two(m64::hypot), 1.5),
    ("trunc_rem", Two(m64::trunc_rem), 0.0),
    ("floor_mod", Two(m64::floor_mod), 0.0),
    ("floor_div", Two(m64::floor_div), 0.0),
];

/// The distance in `want`'s last places; zeros must agree in sign, NaN and infinities in kind.
fn ulp64(got: f64, want: f64, rest: f64) -> f64 {
    if got.is_nan() && want.is_nan() {
        return 0.0;
    }
    if got == want {
        return if got == 0.0 && got.is_sign_negative() != want.is_sign_negative() {
            f64::INFINITY
        } else {
            rest.abs()
        };
    }
    if !got.is_finite() || !want.is_finite() || (got < 0.0) != (want < 0.0) {
        return f64::INFINITY;
    }
    (got.to_bits().wrapping_sub(want.to_bits()) as i64 as f64 - rest.copysign(rest * want)).abs()
}

#[test]
fn f64_functions_keep_their_bounds_against_mpmath() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/math_f64.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let number = |s: &str| f64::from_bits(u64::from_str_radix(s, 16).unwrap());
    let mut failed = Vec::new();
    for (name, f, bound) in ALL64 {
        let (mut worst, mut at, mut seen) = (-1.0, (0.0, 0.0, 0.0, 0.0), 0);
        for line in text.lines() {
            let field: Vec<&str> = line.split(',').collect();
            if field[0] != *name {
                continue;
            }
            seen += 1;
            let x = number(field[1]);
            let y = if field[2].is_empty() { 0.0 } else { number(field[2]) };
            let got = match f {
                One(f) => f(x),
                Two(f) => f(x, y),
            };
            let want = number(field[3]);
            let d = ulp64(got, want, field[4].parse().unwrap());
            if d > worst {
                (worst, at) = (d, (x, y, got, want));
            }
        }
        let (x, y, got, want) = at;
        println!("f64 {name:9} {worst:.3} ULP at ({x:e}, {y:e}) got {got:e} want {want:e}");
        if seen == 0 || worst > *bound {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn comparisons_treat_nan_zeros_and_infinities_as_numpy_does() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    assert!(m64::max(nan, 1.0).is_nan() && m64::max(1.0, nan).is_nan());
    assert!(m64::min(nan, 1.0).is_nan() && m64::min(1.0, nan).is_nan());
    assert_eq!((m64::fmax(nan, 1.0), m64::fmax(1.0, nan), m64::fmax(2.0, 1.0)), (1.0, 1.0, 2.0));
    assert_eq!((m64::fmin(nan, 1.0), m64::fmin(1.0, nan), m64::fmin(2.0, 1.0)), (1.0, 1.0, 1.0));
    assert!(m64::fmax(nan, nan).is_nan() && m64::sign(nan).is_nan());
    assert_eq!((m64::max(-inf, 2.0), m64::min(-inf, 2.0)), (2.0, -inf));
    assert_eq!((m64::sign(-3.0), m64::sign(0.0), m64::sign(inf)), (-1.0, 0.0, 1.0));
    assert_eq!((m64::fract(-2.75), m64::fract(2.75), m64::fract(inf)), (-0.75, 0.75, 0.0));
    assert!(m64::fract(-inf).is_sign_negative() && m64::fract(nan).is_nan());
    assert_eq!((m64::round_even(2.5), m64::round_even(-3.5)), (2.0, -4.0));
    assert!(m64::isnan(nan) && m64::isinf(-inf) && m64::isfinite(1.0) && m64::signbit(-0.0));
    assert!(m32::max(f32::NAN, 1.0).is_nan() && m32::fmin(f32::NAN, 1.0) == 1.0);
    assert_eq!(m64::trunc_rem_fast(-7.5, 2.0), -1.5);
    for x in [0.5, 4e5, 1e9] {
        assert!(m64::trig_in_range(x));
        assert_eq!(m64::sin_fast(x), m64::sin(x));
        assert_eq!(m64::cos_fast(x), m64::cos(x));
        assert_eq!(m64::tan_fast(x), m64::tan(x));
    }
}
