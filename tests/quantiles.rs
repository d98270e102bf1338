//! Medians and quantiles against the two order statistics that they are between, by NumPy's rules for its thirteen methods.

use gridloom::functions::QuantileMethod;
use gridloom::{Client, DType, DynArray, Element, Error, arange, array, ones};
use ndarray::{Array1, ArrayD, Axis, IxDyn};

use crate::common::{Sample, chunked, chunkings, data, device, each_type, small_data, words};

/// The quantile of a sorted line: `numpy.lib._function_base_impl._QuantileMethods`, written once more.
fn quantile(method: QuantileMethod, line: &[f64], q: f64) -> f64 {
    let n = line.len() as f64;
    let at = |i: f64| line[i.clamp(0.0, n - 1.0) as usize];
    // Infinity less itself is no number.
    let between = |first: f64, next: f64, part: f64| if first == next { first } else { first + (next - first) * part };
    let continuous = |alpha: f64, beta: f64| {
        let place = n * q + (alpha + q * (1.0 - alpha - beta)) - 1.0;
        if place < 0.0 {
            return line[0];
        }
        let (first, next) = (at(place.floor()), at(place.floor() + 1.0));
        between(first, next, place - place.floor())
    };
    // The first place of `k / n` that is not below q, and whether it is q.
    let steps = n * q;
    match method {
        QuantileMethod::InvertedCdf => at(steps.ceil() - 1.0),
        QuantileMethod::AveragedInvertedCdf if steps == steps.floor() => (at(steps - 1.0) + at(steps)) / 2.0,
        QuantileMethod::AveragedInvertedCdf => at(steps.ceil() - 1.0),
        QuantileMethod::ClosestObservation => {
            let place = steps - 1.5;
            let is_odd = place.floor().rem_euclid(2.0) == 1.0;
            at(if place == place.floor() && is_odd { place } else { place.floor() + 1.0 })
        }
        QuantileMethod::InterpolatedInvertedCdf => continuous(0.0, 1.0),
        QuantileMethod::Hazen => continuous(0.5, 0.5),
        QuantileMethod::Weibull => continuous(0.0, 0.0),
        QuantileMethod::MedianUnbiased => continuous(1.0 / 3.0, 1.0 / 3.0),
        QuantileMethod::NormalUnbiased => continuous(3.0 / 8.0, 3.0 / 8.0),
        QuantileMethod::Lower => at(((n - 1.0) * q).floor()),
        QuantileMethod::Higher => at(((n - 1.0) * q).ceil()),
        QuantileMethod::Nearest => at(((n - 1.0) * q).round_ties_even()),
        QuantileMethod::Linear => {
            let place = (n - 1.0) * q;
            between(at(place.floor()), at(place.floor() + 1.0), place - place.floor())
        }
        QuantileMethod::Midpoint => (at(((n - 1.0) * q).floor()) + at(((n - 1.0) * q).ceil())) / 2.0,
        other => panic!("{other:?}"),
    }
}

/// The same of a line as it is.
fn of_line(method: QuantileMethod, line: &[f64], q: f64, skip_nan: bool) -> f64 {
    let mut sorted: Vec<f64> = line.iter().copied().filter(|x| !(skip_nan && x.is_nan())).collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() || sorted.iter().any(|x| x.is_nan()) { f64::NAN } else { quantile(method, &sorted, q) }
}

#[track_caller]
fn check(got: &DynArray, lines: &[Vec<f64>], q: &[f64], method: QuantileMethod, skip_nan: bool, epsilon: f64) {
    let got = got.cast(DType::F64).typed::<f64>().unwrap().compute().unwrap();
    assert_eq!(got.len(), lines.len() * q.len());
    let want = q.iter().flat_map(|&q| lines.iter().map(move |line| (of_line(method, line, q, skip_nan), line)));
    for (i, (got, (want, line))) in got.iter().zip(want).enumerate() {
        // The place is rounded, and how far two elements are apart.
        let largest = line.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
        let near = (got - want).abs() <= (8.0 * epsilon + f64::EPSILON * line.len() as f64) * largest;
        assert!(
            near || *got == want || (got.is_nan() && want.is_nan()),
            "{method:?} {i}: {got}, not {want}, of {q:?} on {:?}",
            device()
        );
    }
}

/// The lines over the axes, in C order of the others.
fn lines<T: Element>(of: &ArrayD<T>, axes: &[usize]) -> Vec<Vec<f64>> {
    let kept: Vec<usize> = (0..of.ndim()).filter(|k| !axes.contains(k)).collect();
    let order: Vec<usize> = kept.iter().chain(axes).copied().collect();
    let len: usize = axes.iter().map(|&k| of.shape()[k]).product();
    let values: Vec<f64> = of.view().permuted_axes(IxDyn(&order)).iter().map(|x| x.scalar().to_f64()).collect();
    values.chunks(len).map(<[f64]>::to_vec).collect()
}

const Q: [f64; 7] = [0.0, 0.1, 0.25, 0.5, 0.625, 0.9, 1.0];

fn check_all<T: Sample>(of: &ArrayD<T>, epsilon: f64) {
    let all: Vec<usize> = (0..of.ndim()).collect();
    let several: &[&[usize]] = if of.ndim() == 3 { &[&[0], &[1], &[2], &[0, 2], &[0, 1, 2]] } else { &[&all] };
    for chunks in chunkings(of.shape()) {
        let x: DynArray = chunked(of, &chunks).into();
        for &axes in several {
            let own = lines(of, axes);
            for &method in QuantileMethod::ALL {
                let got = x.quantiles(&Q, method, Some(axes.into())).unwrap();
                check(&got, &own, &Q, method, false, epsilon);
            }
            let got = x.median_over(Some(axes.into())).unwrap();
            check(&got, &own, &[0.5], QuantileMethod::Midpoint, false, epsilon);
            let got = x.nanmedian_over(Some(axes.into())).unwrap();
            check(&got, &own, &[0.5], QuantileMethod::Midpoint, true, epsilon);
        }
        check(&x.median_over(None).unwrap(), &lines(of, &all), &[0.5], QuantileMethod::Midpoint, false, epsilon);
    }
}

#[test]
fn quantiles_are_order_statistics() {
    check_all(&data::<f64>(&[5, 4, 6], 1), f64::EPSILON);
    check_all(&data::<f32>(&[37], 2), f32::EPSILON.into());
    check_all(&small_data::<i32>(&[8, 1, 3], 3), f64::EPSILON);
    check_all(&small_data::<u8>(&[20], 4), f64::EPSILON);
}

/// As many as are not NaN, differently many in each line, and none in one.
#[test]
fn nan_does_not_count_where_that_is_asked() {
    let random: Vec<u64> = words(9).take(6 * 11).collect();
    let of = ArrayD::from_shape_fn(IxDyn(&[6, 11]), |at| {
        let word = random[at[0] * 11 + at[1]];
        if at[0] == 2 || (word % 10) < 2 * at[0] as u64 { f64::NAN } else { (word % 1000) as f64 / 8.0 - 60.0 }
    });
    for chunks in chunkings(of.shape()) {
        let x: DynArray = chunked(&of, &chunks).into();
        for axes in [&[1][..], &[0], &[0, 1]] {
            for &method in QuantileMethod::ALL {
                let own = lines(&of, axes);
                let got = x.nanquantiles(&Q, method, Some(axes.into())).unwrap();
                check(&got, &own, &Q, method, true, f64::EPSILON);
                let got = x.quantiles(&Q, method, Some(axes.into())).unwrap();
                check(&got, &own, &Q, method, false, f64::EPSILON);
            }
        }
    }
}

#[test]
fn infinities_are_elements() {
    let inf = f64::INFINITY;
    for line in [vec![inf, inf], vec![-inf, 1.0, inf], vec![-inf, -inf, 0.0, inf]] {
        let x = array(&line);
        let (n, last) = (line.len(), line[line.len() - 1]);
        assert_eq!(x.quantile(1.0).unwrap().item().unwrap(), last);
        assert_eq!(x.nanquantile(1.0).unwrap().item().unwrap(), last);
        assert_eq!(x.quantile(0.0).unwrap().item().unwrap(), line[0]);
        if n % 2 == 1 {
            assert_eq!(x.median().unwrap().item().unwrap(), line[n / 2]);
            assert_eq!(x.nanmedian().unwrap().item().unwrap(), line[n / 2]);
        }
    }
    assert_eq!(array([inf, inf]).median().unwrap().item().unwrap(), inf);
    assert_eq!(array([-inf, -inf]).nanmedian().unwrap().item().unwrap(), -inf);
}

#[test]
fn dtypes_of_quantiles() {
    let x: DynArray = array([3i16, 1, 2, 4]).into();
    let dtype = |method| x.quantiles(&[0.3], method, None).unwrap().dtype();
    for &method in QuantileMethod::ALL {
        let is_element = matches!(
            method,
            QuantileMethod::InvertedCdf
                | QuantileMethod::ClosestObservation
                | QuantileMethod::Lower
                | QuantileMethod::Higher
                | QuantileMethod::Nearest
        );
        assert_eq!(dtype(method), if is_element { DType::I16 } else { DType::F64 }, "{method:?}");
    }
    for (dtype, expected) in [(DType::F16, DType::F16), (DType::F32, DType::F32), (DType::Bool, DType::F64)] {
        assert_eq!(x.cast(dtype).median_over(None).unwrap().dtype(), expected);
        assert_eq!(x.cast(dtype).nanmedian_over(None).unwrap().dtype(), expected);
    }
    assert_eq!(x.quantiles(&[], QuantileMethod::Linear, None).unwrap().shape(), Some(vec![0]));
}

/// As many lines as many tasks have, and lines that go through no network.
#[test]
fn many_lines_and_long_ones() {
    let of = data::<f32>(&[3000, 31], 5);
    let x: DynArray = chunked(&of, &(700, 31).into()).into();
    let own: Vec<Vec<f64>> =
        of.lanes(Axis(1)).into_iter().map(|line| line.iter().map(|&x| x.into()).collect()).collect();
    check(&x.median_over(Some(1.into())).unwrap(), &own, &[0.5], QuantileMethod::Midpoint, false, f32::EPSILON.into());
    let of = Array1::from_iter(words(6).take(30_001).map(|word| (word % 9973) as f64)).into_dyn();
    let x: DynArray = chunked(&of, &4000.into()).into();
    let got = x.quantiles(&Q, QuantileMethod::Linear, None).unwrap();
    check(&got, &lines(&of, &[0]), &Q, QuantileMethod::Linear, false, f64::EPSILON);
}

/// Of more elements than a sample pays for: nothing is sorted, and what is found is the same in all chunkings.
#[test]
fn many_elements_are_selected() {
    let n = 300_000;
    let random: Vec<f64> = words(7).take(n).map(|word| (word >> 11) as f64 / (1u64 << 53) as f64).collect();
    let of = |f: &dyn Fn(usize, f64) -> f64| -> Vec<f64> { random.iter().enumerate().map(|(i, &u)| f(i, u)).collect() };
    let cases = [
        random.clone(),
        // Few values, one value, the two zeros, half of them one.
        of(&|_, u| (u * 3.0).floor()),
        of(&|_, _| -2.5),
        of(&|_, u| if u < 0.5 { -0.0 } else { 0.0 }),
        of(&|_, u| if u < 0.5 { 1.0 } else { u }),
        // In order, and in a step with the sample.
        of(&|i, _| -(i as f64)),
        of(&|i, _| (i % 512) as f64),
        // Infinity, and NaN: some, one, all.
        of(&|_, u| if u < 0.4 { f64::NEG_INFINITY } else { u }),
        of(&|_, u| if u < 0.4 { f64::NAN } else { u }),
        of(&|i, u| if i == 7 { f64::NAN } else { u }),
        of(&|_, _| f64::NAN),
    ];
    for (case, values) in cases.into_iter().enumerate() {
        let array = Array1::from(values).into_dyn();
        let own = lines(&array, &[0]);
        let shaped: ArrayD<f64> = array.to_shape(IxDyn(&[500, 600])).unwrap().to_owned();
        for x in [DynArray::from(chunked(&array, &70_001.into())), chunked(&shaped, &(170, 250).into()).into()] {
            for method in [QuantileMethod::Linear, QuantileMethod::Nearest] {
                let q = [0.001, 0.5, 0.75, 1.0];
                check(&x.quantiles(&q, method, None).unwrap(), &own, &q, method, false, f64::EPSILON);
                check(&x.nanquantiles(&q, method, None).unwrap(), &own, &q, method, true, f64::EPSILON);
            }
            let midpoint = QuantileMethod::Midpoint;
            check(&x.median_over(None).unwrap(), &own, &[0.5], midpoint, false, f64::EPSILON);
            check(&x.nanmedian_over(None).unwrap(), &own, &[0.5], midpoint, true, f64::EPSILON);
        }
        if case == 0 {
            let whole: DynArray = chunked(&array.mapv(|u| (u * 1e9) as i64), &100_000.into()).into();
            let expected: Vec<f64> = own[0].iter().map(|u| (u * 1e9).floor()).collect();
            check(
                &whole.median_over(None).unwrap(),
                &[expected],
                &[0.5],
                QuantileMethod::Midpoint,
                false,
                f64::EPSILON,
            );
        }
    }
}

/// Of what memory has no room for, and without a run before one is asked for.
#[test]
fn medians_of_more_than_memory_holds() {
    let client = Client::builder().memory_limit(4 << 20).no_progress().build().unwrap();
    let x = (arange::<f64>(4_000_000).rechunk(1 << 17).unwrap() * 7.0).floor_mod(4_000_037.0).unwrap();
    let (median, shifted) = (x.median().unwrap(), (&x - x.median().unwrap()).sum());
    assert!(client.last_run().is_none());
    let mut own: Vec<f64> = (0..4_000_000).map(|i| f64::from(i) * 7.0 % 4_000_037.0).collect();
    own.sort_by(f64::total_cmp);
    let expected = f64::midpoint(own[1_999_999], own[2_000_000]);
    assert_eq!(client.compute(&median).unwrap().sum(), expected);
    // What the rest of a graph is made from.
    let sum: f64 = own.iter().map(|x| x - expected).sum();
    assert!((client.compute(&shifted).unwrap().sum() - sum).abs() <= 1e-9 * 4e6 * 4e6);
    let plan = client.explain(&median).unwrap();
    assert!(plan.contains("host function select"), "{plan}");
}

/// One value that is most of all is counted, and not held: where it is between, above and below what is looked for.
#[test]
fn ties_take_no_memory() {
    let client = Client::builder().memory_limit(2 << 20).no_progress().build().unwrap();
    let n = 3_000_000;
    let x = arange::<i64>(n).rechunk(1 << 16).unwrap();
    for (of, expected) in [(1, 0.0), (2, 0.5), (3, 1.0), (4, 1.5), (5, 2.0)] {
        let few = x.map(|x| x % of);
        let got = client.compute(&few.median().unwrap()).unwrap().sum();
        assert_eq!(got, expected, "{of}");
        let got = client.compute(&few.cast::<f32>().nanquantile(0.999).unwrap()).unwrap().sum();
        assert_eq!(f64::from(got), (of - 1) as f64, "{of}");
    }
    // NaN is known before anything is held.
    let spoiled = x.cast::<f64>().map(|x| (x % 3.0 - 1.0).sqrt());
    assert!(client.compute(&spoiled.median().unwrap()).unwrap().sum().is_nan());
    let numbers = client.compute(&spoiled.nanmedian().unwrap()).unwrap().sum();
    assert!((0.0..=1.0).contains(&numbers), "{numbers}");
    // Most of them one value, and the median at its edge, and beside it.
    for edge in [n as i64 / 2 - 3, n as i64 / 2, n as i64 / 2 + 3] {
        let ramp = x.map(|x| (x - edge).maximum(0));
        let at = |place: i64| (place - edge).max(0) as f64;
        let expected = f64::midpoint(at(n as i64 / 2 - 1), at(n as i64 / 2));
        assert_eq!(client.compute(&ramp.median().unwrap()).unwrap().sum(), expected, "{edge}");
    }
}

/// What was found out once is not asked again, however deep it lies.
#[test]
fn graphs_wait_for_data_again_and_again() {
    device();
    let mut scaled = arange::<f64>(300_000).rechunk(70_000).unwrap();
    let mut own: Vec<f64> = (0..300_000).map(f64::from).collect();
    for _ in 0..6 {
        scaled = &scaled - &scaled.median().unwrap();
        scaled = &scaled / &scaled.abs().median().unwrap();
        let median = |values: &[f64]| {
            let mut sorted = values.to_vec();
            sorted.sort_by(f64::total_cmp);
            f64::midpoint(sorted[149_999], sorted[150_000])
        };
        let middle = median(&own);
        own.iter_mut().for_each(|x| *x -= middle);
        let spread = median(&own.iter().map(|x| x.abs()).collect::<Vec<_>>());
        own.iter_mut().for_each(|x| *x /= spread);
    }
    let got = scaled.compute().unwrap();
    assert!(got.iter().zip(&own).all(|(got, want)| (got - want).abs() <= 1e-12 * want.abs().max(1.0)));
    let places = arange::<i64>(100).roll(1).unwrap();
    let mut walked = places.clone();
    for _ in 0..80 {
        walked = places.take_at(&walked, 0).unwrap();
    }
    let expected: Vec<i64> = (0..100).map(|i| (i + 100 - 81) % 100).collect();
    assert_eq!(walked.to_vec().unwrap(), expected);
}

#[test]
fn what_is_refused() {
    let x = ones::<f64>([3, 4]);
    for q in [-0.1, 1.5, f64::NAN] {
        assert!(matches!(x.quantile(q), Err(Error::Parameter { op: "quantile", what: "q", .. })));
    }
    assert!(matches!(x.median_axis(2), Err(Error::AxisOutOfRange { op: "median", .. })));
    assert!(matches!(x.median_axis([0, 0]), Err(Error::AxisRepeated { op: "median", .. })));
    let none = ones::<f64>([0, 4]);
    assert!(matches!(none.median(), Err(Error::EmptyReduction { op: "median", .. })));
    assert!(matches!(none.nanquantile_axis(0.5, 0), Err(Error::EmptyReduction { op: "nanquantile", .. })));
    assert_eq!(none.median_axis(1).unwrap().shape(), Some(vec![0]));
    let filtered = x.filter(&x.gt(0.0)).unwrap();
    assert!(matches!(filtered.median(), Err(Error::UnknownLength { op: "median", .. })));
}

/// The first element in order up to which weights sum to a share of all of them.
fn of_weights(line: &[f64], weights: &[f64], q: f64) -> f64 {
    let mut order: Vec<usize> = (0..line.len()).collect();
    order.sort_by(|&a, &b| line[a].total_cmp(&line[b]));
    let all: f64 = weights.iter().sum();
    let mut sum = 0.0;
    let is_there = |at: &&usize| {
        sum += weights[**at];
        sum > 0.0 && sum / all >= q
    };
    order.iter().find(is_there).map_or(f64::NAN, |&at| line[at])
}

#[test]
fn quantiles_with_weights_are_sums_of_weights() {
    let q = [0.0, 0.2, 0.5, 0.99, 1.0];
    each_type!([f32 f64 i32 u8], T => {
        let shape = [4, 9];
        let a = small_data::<T>(&shape, 3);
        let weights = small_data::<f64>(&shape, 4).mapv(|x| x.abs().floor() + 1.0);
        for chunks in chunkings(&shape) {
            let (x, w) = (DynArray::from(chunked(&a, &chunks)), DynArray::from(chunked(&weights, &chunks)));
            let line = |a: &ArrayD<T>, k: usize| a.index_axis(Axis(0), k).iter().map(|x| x.scalar().to_f64()).collect::<Vec<_>>();
            let got = x.quantiles_weighted(&q, &w, Some(1.into()), false).unwrap();
            assert_eq!((got.dtype(), got.shape()), (T::DTYPE, Some(vec![5, 4])));
            let got = got.cast(DType::F64).typed::<f64>().unwrap().to_vec().unwrap();
            let of = |q: &f64, k: usize| of_weights(&line(&a, k), &weights.index_axis(Axis(0), k).iter().copied().collect::<Vec<_>>(), *q);
            assert_eq!(got, q.iter().flat_map(|q| (0..4).map(move |k| of(q, k)).collect::<Vec<_>>()).collect::<Vec<_>>());
            let flat: Vec<f64> = a.iter().map(|x| x.scalar().to_f64()).collect();
            let got = x.quantiles_weighted(&q, &w, None, true).unwrap().cast(DType::F64).typed::<f64>().unwrap();
            let all = weights.iter().copied().collect::<Vec<_>>();
            assert_eq!(got.to_vec().unwrap(), q.map(|q| of_weights(&flat, &all, q)));
        }
    });
    let x = DynArray::from(array([f64::NAN, 2.0, 1.0]));
    let weights = DynArray::from(array([5.0, 1.0, 1.0]));
    let of =
        |skip| x.quantiles_weighted(&[0.5], &weights, None, skip).unwrap().typed::<f64>().unwrap().to_vec().unwrap()[0];
    assert!(of(false).is_nan());
    assert_eq!(of(true), 1.0);
}
