//! NumPy's distributions: those that are arithmetic against their formulas, all against their distribution functions and moments, and the
//! same numbers for all chunks; permutations and choices.

use gridloom::functions::Law;
use gridloom::random::Generator;
use gridloom::{Array, DType, DynArray, DynOperand, Error};
use ndarray::s;

use crate::common::{Bound, assert_array_close, assert_array_eq};

/// Parameters for each law that has a mean and a deviation, with both.
const MOMENTS: &[(Law, &[f64], f64, f64)] = &[
    (Law::Normal, &[3.0, 2.0], 3.0, 2.0),
    (Law::Uniform, &[-1.0, 5.0], 2.0, 1.732_050_8),
    (Law::Exponential, &[2.0], 2.0, 2.0),
    (Law::Laplace, &[1.0, 2.0], 1.0, 2.828_427_1),
    (Law::Logistic, &[1.0, 2.0], 1.0, 3.627_598_7),
    (Law::Gumbel, &[1.0, 2.0], 2.154_431_3, 2.565_099_7),
    (Law::Rayleigh, &[2.0], 2.506_628_3, 1.310_272_7),
    (Law::Power, &[3.0], 0.75, 0.193_649_2),
    (Law::LogNormal, &[0.5, 0.25], 1.701_057_3, 0.431_998_5),
    (Law::Weibull, &[2.0], 0.886_226_9, 0.463_251_4),
    (Law::Pareto, &[5.0], 0.25, 0.322_748_6),
    (Law::Triangular, &[-1.0, 0.0, 4.0], 1.0, 1.080_123_4),
    (Law::Wald, &[3.0, 2.0], 3.0, 3.674_234_6),
    (Law::Geometric, &[0.25], 4.0, 3.464_101_6),
    (Law::Gamma, &[2.5, 2.0], 5.0, 3.162_277_7),
    (Law::Gamma, &[0.5, 1.0], 0.5, std::f64::consts::FRAC_1_SQRT_2),
    (Law::Beta, &[2.0, 3.0], 0.4, 0.2),
    (Law::ChiSquare, &[3.0], 3.0, 2.449_489_7),
    (Law::NoncentralChiSquare, &[3.0, 2.0], 5.0, 3.741_657_4),
    (Law::NoncentralChiSquare, &[0.5, 2.0], 2.5, 3.0),
    (Law::F, &[4.0, 12.0], 1.2, 1.122_497_2),
    (Law::NoncentralF, &[4.0, 12.0, 2.0], 1.8, 1.615_549_4),
    (Law::StandardT, &[8.0], 0.0, 1.154_700_5),
    (Law::Poisson, &[0.7], 0.7, 0.836_660_0),
    (Law::Poisson, &[100.0], 100.0, 10.0),
    (Law::Binomial, &[10.0, 0.3], 3.0, 1.449_137_7),
    (Law::Binomial, &[1000.0, 0.6], 600.0, 15.491_933),
    (Law::NegativeBinomial, &[3.0, 0.25], 9.0, 6.0),
    (Law::Hypergeometric, &[10.0, 20.0, 6.0], 2.0, 1.050_451_5),
    (Law::Zipf, &[5.0], 1.043_778_8, 0.264_148_1),
    (Law::LogSeries, &[0.5], std::f64::consts::LOG2_E, 0.896_672_4),
];

fn operands(parameters: &[f64]) -> Vec<DynOperand> {
    parameters.iter().map(|&value| value.into()).collect()
}

fn floats(x: &DynArray) -> Vec<f64> {
    x.cast(DType::F64).typed::<f64>().unwrap().to_vec().unwrap()
}

#[test]
fn every_law_has_its_mean_and_deviation() {
    const N: usize = 200_000;
    let rng = Generator::new(7);
    for &(law, parameters, mean, deviation) in MOMENTS {
        for dtype in [DType::F64, DType::F32].into_iter().filter(|&dtype| law.fuses() || dtype == DType::F64) {
            let values = floats(&rng.draw_law(law, &operands(parameters), dtype, N).unwrap());
            let found = values.iter().sum::<f64>() / N as f64;
            assert!(
                (found - mean).abs() < 5.0 * deviation / (N as f64).sqrt(),
                "{law:?} {dtype}: {found} is not {mean}"
            );
            let squares = values.iter().map(|value| (value - mean).powi(2)).collect::<Vec<_>>();
            let variance = squares.iter().sum::<f64>() / N as f64;
            // The error of the sample's variance from the sample itself: fourth moments are many digits.
            let fourth = squares.iter().map(|square| (square - variance).powi(2)).sum::<f64>() / N as f64;
            let off = (variance - deviation * deviation).abs();
            assert!(off < 6.0 * (fourth / N as f64).sqrt(), "{law:?} {dtype}: {variance} is not {deviation}²");
        }
    }
    let without: Vec<&Law> = Law::ALL.iter().filter(|law| !MOMENTS.iter().any(|(with, ..)| with == *law)).collect();
    assert_eq!(without, [&Law::StandardCauchy, &Law::VonMises]);
}

/// The largest distance of a sample's distribution from one (Kolmogorov and Smirnov).
fn distance(mut values: Vec<f64>, exact: impl Fn(f64) -> f64) -> f64 {
    let n = values.len() as f64;
    values.sort_by(f64::total_cmp);
    values.iter().enumerate().map(|(i, &v)| (exact(v) - i as f64 / n).abs()).fold(0.0, f64::max)
}

#[test]
fn laws_follow_their_distribution_functions() {
    const N: usize = 100_000;
    let rng = Generator::new(8);
    type Exact = fn(f64) -> f64;
    let cases: [(Law, &[f64], Exact); 10] = [
        (Law::Laplace, &[0.0, 1.0], |x| if x < 0.0 { 0.5 * x.exp() } else { 1.0 - 0.5 * (-x).exp() }),
        (Law::Logistic, &[0.0, 1.0], |x| 1.0 / (1.0 + (-x).exp())),
        (Law::Gumbel, &[0.0, 1.0], |x| (-(-x).exp()).exp()),
        (Law::Rayleigh, &[1.0], |x| 1.0 - (-x * x / 2.0).exp()),
        (Law::Power, &[0.3], |x| x.powf(0.3)),
        (Law::Weibull, &[0.7], |x| 1.0 - (-x.powf(0.7)).exp()),
        (Law::Pareto, &[1.5], |x| 1.0 - (1.0 + x).powf(-1.5)),
        (Law::StandardCauchy, &[], |x| 0.5 + x.atan() / std::f64::consts::PI),
        (Law::Triangular, &[0.0, 1.0, 3.0], |x| if x < 1.0 { x * x / 3.0 } else { 1.0 - (3.0 - x).powi(2) / 6.0 }),
        (Law::Gamma, &[2.0, 1.0], |x| 1.0 - (1.0 + x) * (-x).exp()),
    ];
    for (law, parameters, exact) in cases {
        for dtype in [DType::F64, DType::F32] {
            let off = distance(floats(&rng.draw_law(law, &operands(parameters), dtype, N).unwrap()), exact);
            // Exceeded once in 10⁶: √(ln(2·10⁶) / 2n).
            assert!(off < ((2e6f64).ln() / (2.0 * N as f64)).sqrt(), "{law:?} {dtype}: {off}");
        }
    }
    // The first moments on the circle, I₁(4) / I₀(4) and 0.
    let angles = floats(&rng.draw_law(Law::VonMises, &operands(&[0.5, 4.0]), DType::F64, N).unwrap());
    let [cosines, sines] =
        [f64::cos, f64::sin].map(|part| angles.iter().map(|&a| part(a - 0.5)).sum::<f64>() / N as f64);
    assert!((cosines - 0.863_522_5).abs() < 0.002 && sines.abs() < 0.008, "{cosines} {sines}");
    assert!(angles.iter().all(|angle| angle.abs() <= std::f64::consts::PI));
    let flat = floats(&rng.draw_law(Law::VonMises, &operands(&[0.5, 0.0]), DType::F64, N).unwrap());
    assert!(distance(flat, |a| a / std::f64::consts::TAU + 0.5) < 0.009);
}

/// χ² of counts against probabilities, as a normal number.
fn excess(values: &[f64], probabilities: &[f64]) -> f64 {
    let n = values.len() as f64;
    let count = |k: usize| values.iter().filter(|&&value| value == k as f64).count() as f64;
    let term = |(k, p): (usize, &f64)| (count(k) - n * p).powi(2) / (n * p);
    let sum: f64 = probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0).map(term).sum();
    (sum - probabilities.len() as f64) / (2.0 * probabilities.len() as f64).sqrt()
}

#[test]
fn counts_follow_their_probabilities() {
    const N: usize = 100_000;
    let rng = Generator::new(9);
    let draw = |law, parameters: &[f64]| floats(&rng.draw_law(law, &operands(parameters), DType::F64, N).unwrap());
    let geometric: Vec<f64> = (0..12).map(|k| if k == 0 { 0.0 } else { 0.4 * 0.6f64.powi(k - 1) }).collect();
    assert!(excess(&draw(Law::Geometric, &[0.4]), &geometric) < 5.0);
    let mut poisson = vec![(-3f64).exp()];
    (1..12).for_each(|k| poisson.push(poisson[k - 1] * 3.0 / k as f64));
    assert!(excess(&draw(Law::Poisson, &[3.0]), &poisson) < 5.0);
    let logarithmic: Vec<f64> =
        (0..10).map(|k| if k == 0 { 0.0 } else { -0.7f64.powi(k) / f64::from(k) / 0.3f64.ln() }).collect();
    assert!(excess(&draw(Law::LogSeries, &[0.7]), &logarithmic) < 5.0);
    let chosen = rng.choice(4, N, true, Some(&[0.1, 0.0, 0.6, 0.3])).unwrap();
    assert!(excess(&floats(&chosen), &[0.1, 0.0, 0.6, 0.3]) < 5.0);
    assert!(floats(&chosen).iter().all(|&place| place != 1.0));
    // Without replacement the first one has the probabilities themselves.
    let firsts: Vec<f64> =
        (0..4000).map(|_| floats(&rng.choice(3, 2, false, Some(&[0.2, 0.5, 0.3])).unwrap())[0]).collect();
    assert!(excess(&firsts, &[0.2, 0.5, 0.3]) < 5.0);
    let outcomes = rng.multinomial(20, &[0.25, 0.25, 0.5], N).unwrap();
    let means = floats(&outcomes.mean_axis(0).unwrap());
    assert!(means.iter().zip([5.0, 5.0, 10.0]).all(|(found, mean)| (found - mean).abs() < 0.04), "{means:?}");
    let colours = rng.multivariate_hypergeometric(&[16, 8, 4], 7, N).unwrap();
    let means = floats(&colours.mean_axis(0).unwrap());
    assert!(means.iter().zip([4.0, 2.0, 1.0]).all(|(found, mean)| (found - mean).abs() < 0.03), "{means:?}");
    for alpha in [[10.0, 5.0, 5.0], [0.02, 0.01, 0.01]] {
        let means = floats(&rng.dirichlet(&alpha, N).unwrap().mean_axis(0).unwrap());
        assert!(means.iter().zip([0.5, 0.25, 0.25]).all(|(found, mean)| (found - mean).abs() < 0.01), "{means:?}");
    }
}

/// Draws that are arithmetic on one array of uniform numbers, restated in the precision of the host.
#[test]
fn fused_laws_are_their_formulas() {
    const N: usize = 3000;
    let uniform = Generator::new(3).random::<f64>(N).compute().unwrap();
    type Formula = fn(f64) -> f64;
    let cases: [(Law, &[f64], Formula); 7] = [
        (Law::Rayleigh, &[2.0], |u| 2.0 * (-2.0 * (-u).ln_1p()).sqrt()),
        (Law::Power, &[3.0], |u| u.powf(1.0 / 3.0)),
        (Law::Weibull, &[2.0], |u| (-(-u).ln_1p()).powf(0.5)),
        (Law::Pareto, &[3.0], |u| (-(-u).ln_1p() / 3.0).exp_m1()),
        (Law::Gumbel, &[100.0, 2.0], |u| 100.0 - 2.0 * (-(-u).ln_1p()).ln()),
        (Law::Laplace, &[0.0, 2.0], |u| {
            let v = 2.0 * u - 1.0 + f64::EPSILON / 2.0;
            (-2.0 * (-v.abs()).ln_1p()).copysign(v)
        }),
        // (The standard library's loses digits near -1.)
        (Law::Logistic, &[0.0, 2.0], |u| {
            let v = 2.0 * u - 1.0 + f64::EPSILON / 2.0;
            (4.0 * v.abs().atanh()).copysign(v)
        }),
    ];
    for (law, parameters, formula) in cases {
        let x = Generator::new(3).draw_law(law, &operands(parameters), DType::F64, N).unwrap();
        assert_array_close(&x.typed::<f64>().unwrap(), &uniform.mapv(formula), Bound::Ulp(64.0));
    }
}

#[test]
fn every_law_is_the_same_for_all_chunks_and_slices() {
    let rng = Generator::new(5);
    let row: DynArray = gridloom::array([0.3, 0.5, 0.7, 0.9]).into();
    for &(law, parameters, ..) in MOMENTS {
        let mut arrays = vec![rng.draw_law(law, &operands(parameters), DType::F64, (30, 4)).unwrap()];
        // The first parameter as an array, where these numbers are in all domains.
        if parameters.len() < 3 && !matches!(law, Law::Binomial | Law::Zipf) {
            let mut given = operands(parameters);
            given[0] = (&row).into();
            arrays.push(rng.draw_law(law, &given, DType::F64, (30, 4)).unwrap());
        }
        for x in arrays {
            let x = x.cast(DType::F64).typed::<f64>().unwrap();
            let whole = x.compute().unwrap();
            assert!(whole.iter().all(|value| !value.is_nan()), "{law:?}");
            assert_array_eq(&x.rechunk((7, 3)).unwrap(), &whole);
            let part = s![3..;7, ..;-1];
            assert_array_eq(&x.slice(part).unwrap(), &whole.slice(part).to_owned().into_dyn());
        }
    }
    for x in [
        rng.multinomial(20, &[0.5, 0.3, 0.2], 50).unwrap(),
        rng.multivariate_hypergeometric(&[5, 6, 7], 9, 50).unwrap(),
        rng.dirichlet(&[1.0, 2.0, 3.0], 50).unwrap(),
        rng.multivariate_normal(&[1.0, 2.0, 3.0], &[2.0, 1.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0], 50).unwrap(),
        rng.choice(9, (50, 3), true, Some(&[1.0 / 9.0; 9])).unwrap(),
    ] {
        let x = x.cast(DType::F64).typed::<f64>().unwrap();
        let whole = x.compute().unwrap();
        assert_array_eq(&x.rechunk((7, 2)).unwrap(), &whole);
    }
}

/// FNV-1a over integers.
fn hash(x: &DynArray) -> u64 {
    let values = x.cast(DType::I64).typed::<i64>().unwrap().to_vec().unwrap();
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

/// Snapshots: the same on every device, and in every version from now on.
#[test]
fn permutations_and_choices_are_the_recorded_ones() {
    let rng = Generator::new(2026);
    let got = [
        ("short", hash(&rng.permutation(1000).unwrap())),
        ("long", hash(&rng.permutation(100_003).unwrap())),
        (
            "wide",
            hash(&rng.permutation(1 << 40).unwrap().slice(s![1_000_000_000_000usize..1_000_000_003_000]).unwrap()),
        ),
        ("by probability", hash(&rng.choice(3, 5000, true, Some(&[0.2, 0.5, 0.3])).unwrap())),
        ("poisson", hash(&rng.poisson(4.0, 5000).unwrap().into())),
        ("spawned", hash(&rng.spawn(2)[1].integers(0i64, 1 << 60, 1000).unwrap().into())),
    ];
    let want = [
        ("short", 0x0304_120c_4280_c4a9),
        ("long", 0x5607_44c3_29d5_abad),
        ("wide", 0x7b90_4295_053e_cb80),
        ("by probability", 0xeef8_1a2f_4040_11c6),
        ("poisson", 0xe239_bbd8_3ddc_3367),
        ("spawned", 0x3867_6a1c_d4a5_8e31),
    ];
    assert_eq!(got, want);
}

#[test]
fn permutations_have_every_number_once_and_slices_are_their_parts() {
    for n in [0usize, 1, 2, 4096, 4097, 5000, 65_536, 100_003] {
        let order = Generator::new(n as u64).permutation(n).unwrap().typed::<i64>().unwrap();
        let whole = order.compute().unwrap();
        let mut seen = vec![false; n];
        whole.iter().for_each(|&place| assert!(!std::mem::replace(&mut seen[place as usize], true), "{n} {place}"));
        assert!(seen.iter().all(|&seen| seen));
        assert_array_eq(&order.rechunk(999).unwrap(), &whole);
        let part = s![..;-7];
        assert_array_eq(&order.slice(part).unwrap(), &whole.slice(part).to_owned().into_dyn());
    }
    let rng = Generator::new(1);
    assert_ne!(
        rng.permutation(5000).unwrap().typed::<i64>().unwrap().to_vec().unwrap(),
        rng.permutation(5000).unwrap().typed::<i64>().unwrap().to_vec().unwrap()
    );
    let first = rng.choice(1_000_000, 1000, false, None).unwrap().typed::<i64>().unwrap();
    let mut places = first.to_vec().unwrap();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), 1000);
}

#[test]
fn shuffles_move_entries_and_permuted_moves_elements() {
    let x: Array<i32> = gridloom::arange::<i32>(600).reshape([60, 10]).unwrap().rechunk((7, 3)).unwrap();
    let rng = Generator::new(4);
    let rows = rng.shuffle(&(&x).into(), 0).unwrap().typed::<i32>().unwrap().compute().unwrap();
    assert!(rows.rows().into_iter().all(|row| row.iter().enumerate().all(|(k, value)| *value == row[0] + k as i32)));
    let mut first: Vec<i32> = rows.rows().into_iter().map(|row| row[0]).collect();
    assert!(!first.is_sorted());
    first.sort_unstable();
    assert_eq!(first, (0..60).map(|row| 10 * row).collect::<Vec<_>>());
    for axis in [None, Some(1.into())] {
        let y = rng.permuted(&(&x).into(), axis.clone()).unwrap().typed::<i32>().unwrap().compute().unwrap();
        let mut values: Vec<i32> = y.iter().copied().collect();
        assert!(!values.is_sorted());
        if axis.is_some() {
            let of_row =
                |(row, values): (usize, ndarray::ArrayView1<'_, i32>)| values.iter().all(|&v| v as usize / 10 == row);
            assert!(y.rows().into_iter().enumerate().all(of_row));
        }
        values.sort_unstable();
        assert_eq!(values, (0..600).collect::<Vec<_>>());
    }
}

#[test]
fn bad_parameters_are_refused() {
    let rng = Generator::new(0);
    let draw = |law, parameters: &[f64]| rng.draw_law(law, &operands(parameters), DType::F64, 3);
    for (law, parameters) in [
        (Law::Laplace, &[0.0, -1.0][..]),
        (Law::Power, &[0.0]),
        (Law::Power, &[f64::NAN]),
        (Law::Geometric, &[0.0]),
        (Law::Geometric, &[1.5]),
        (Law::LogSeries, &[1.0]),
        (Law::Zipf, &[1.0]),
        (Law::Binomial, &[1.5, 0.5]),
        (Law::Binomial, &[-1.0, 0.5]),
        (Law::Hypergeometric, &[1.0, 2.0, 4.0]),
        (Law::Triangular, &[0.0, 2.0, 1.0]),
        (Law::Triangular, &[0.0, 0.0, 0.0]),
        (Law::Normal, &[0.0]),
    ] {
        assert!(
            matches!(draw(law, parameters), Err(Error::Parameter { op, .. }) if op == law.name()),
            "{law:?} {parameters:?}"
        );
    }
    assert!(matches!(rng.draw_law(Law::Gamma, &operands(&[1.0, 1.0]), DType::I32, 3), Err(Error::DType { .. })));
    // Of arrays, where they are met.
    let wrong: DynArray = gridloom::array([1.0, -1.0, 2.0]).into();
    let fused = rng.draw_law(Law::Rayleigh, &[(&wrong).into()], DType::F64, 3).unwrap();
    assert_eq!(floats(&fused).iter().map(|value| value.is_nan()).collect::<Vec<_>>(), [false, true, false]);
    let made = rng.draw_law(Law::Poisson, &[(&wrong).into()], DType::F64, 3).unwrap();
    let refused = made.typed::<i64>().unwrap().compute();
    assert!(matches!(refused, Err(Error::Parameter { op: "poisson", what: "lam", .. })), "{refused:?}");
    for p in [&[0.5, 0.4][..], &[0.5, 0.5, 0.0], &[1.5, -0.5], &[f64::NAN, 1.0]] {
        assert!(
            matches!(rng.choice(2, 3, true, Some(p)), Err(Error::Parameter { op: "choice", what: "p", .. })),
            "{p:?}"
        );
    }
    assert!(matches!(rng.choice(2, 3, false, None), Err(Error::Parameter { op: "choice", what: "size", .. })));
    assert!(matches!(rng.choice(2, 2, false, Some(&[0.0, 1.0])), Err(Error::Parameter { what: "size", .. })));
    assert!(matches!(rng.choice(0, 1, true, None), Err(Error::Parameter { what: "a", .. })));
    assert!(rng.multinomial(3, &[0.8, 0.8, 0.1], 2).is_err() && rng.multinomial(3, &[], 2).is_err());
    assert!(rng.multivariate_hypergeometric(&[1, 2], 4, 2).is_err());
    assert!(rng.dirichlet(&[1.0, -1.0], 2).is_err());
    for cov in [&[1.0, 2.0, 2.0, 1.0][..], &[1.0, 0.5, 0.4, 1.0], &[1.0], &[-1.0, 0.0, 0.0, 1.0]] {
        assert!(rng.multivariate_normal(&[0.0, 0.0], cov, 2).is_err(), "{cov:?}");
    }
    assert!(rng.shuffle(&wrong, 1).is_err() && rng.permuted(&wrong, Some(2.into())).is_err());
}

#[test]
fn normal_vectors_have_their_covariance() {
    const N: usize = 200_000;
    let x = Generator::new(6)
        .multivariate_normal(&[1.0, -2.0, 0.5], &[4.0, 2.0, 4.0, 2.0, 3.0, 2.0, 4.0, 2.0, 4.0], N)
        .unwrap();
    assert_eq!(x.shape(), Some(vec![N, 3]));
    let mean = floats(&x.mean_axis(0).unwrap());
    assert!(mean.iter().zip([1.0, -2.0, 0.5]).all(|(found, mean)| (found - mean).abs() < 0.03), "{mean:?}");
    let cov = floats(&x.t().cov(1.0).unwrap());
    let want = [4.0, 2.0, 4.0, 2.0, 3.0, 2.0, 4.0, 2.0, 4.0];
    assert!(cov.iter().zip(want).all(|(found, want)| (found - want).abs() < 0.08), "{cov:?}");
}

#[test]
fn children_are_not_their_parents_and_differ() {
    let rng = Generator::new(12);
    let first = rng.random::<f64>(5).compute().unwrap();
    let children = rng.spawn(3);
    let mut arrays: Vec<_> = children.iter().map(|child| child.random::<f64>(5).compute().unwrap()).collect();
    arrays.extend(rng.spawn(1).iter().map(|child| child.random::<f64>(5).compute().unwrap()));
    arrays.push(first);
    for (k, one) in arrays.iter().enumerate() {
        assert!(arrays[..k].iter().all(|other| one != other));
    }
    let again = Generator::new(12).spawn(1)[0].random::<f64>(5).compute().unwrap();
    assert_eq!(again, arrays[0]);
}
