//! Histograms and bin counts: equal to NumPy's, whose results are in `data/histogram_*.csv` (`data/histogram_oracle.py`).

use std::str::FromStr;

use gridloom::dtype::{Integer, Number};
use gridloom::error::Error;
use gridloom::{Array, Bins, DType, array, full};
use ndarray::{ArrayD, IxDyn, s};

use crate::common::{Bound, assert_array_eq, chunked, chunkings, device, each_type, small_data};

/// A line of `histogram_cases.csv`.
struct Case<'a> {
    name: &'a str,
    bins: Bins,
    kind: &'a str,
    values: &'a str,
    weights: Vec<f64>,
    counts: Vec<f64>,
    edges: Vec<f64>,
}

/// Numbers separated by spaces.
fn numbers<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    text.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

/// The cases of one dtype.
fn cases(dtype: DType) -> Vec<Case<'static>> {
    let lines = include_str!("data/histogram_cases.csv").lines().map(|line| line.split(';').collect::<Vec<_>>());
    let own = lines.filter(|fields| fields[1] == dtype.name());
    own.map(|fields| {
        let [name, _, bins, kind, values, weights, counts, edges] = fields[..] else {
            panic!("a line of {} fields", fields.len());
        };
        let (rule, numbers_of) = bins.split_once(' ').unwrap();
        let given: Vec<f64> = numbers(numbers_of);
        let bins = match rule {
            "count" => Bins::Count(given[0] as usize),
            "range" => Bins::Range(given[0] as usize, given[1], given[2]),
            "edges" => Bins::Edges(given),
            other => panic!("unknown bins {other:?}"),
        };
        Case { name, bins, kind, values, weights: numbers(weights), counts: numbers(counts), edges: numbers(edges) }
    })
    .collect()
}

/// Shapes that the values of a case are counted in: flat, and (where it divides) on two axes.
fn shapes(len: usize) -> Vec<Vec<usize>> {
    let mut shapes = vec![vec![len]];
    if len > 0 && len.is_multiple_of(3) {
        shapes.push(vec![len / 3, 3]);
    }
    shapes
}

fn check_cases<T: Number + FromStr<Err: std::fmt::Debug>>() {
    let cases = cases(T::DTYPE);
    assert!(!cases.is_empty());
    for case in cases {
        let values: Vec<T> = numbers(case.values);
        for shape in shapes(values.len()) {
            let data = ArrayD::from_shape_vec(IxDyn(&shape), values.clone()).unwrap();
            for chunks in &chunkings(&shape)[1..4] {
                let x = chunked(&data, chunks);
                let context = || format!("{} of {} {shape:?}, chunks {}", case.name, T::DTYPE, x.chunks());
                let weights = (!case.weights.is_empty()).then(|| {
                    let weights = ArrayD::from_shape_vec(IxDyn(&shape), case.weights.clone()).unwrap();
                    chunked(&weights, chunks)
                });
                let counted = || x.histogram(case.bins.clone()).unwrap();
                let (got, edges) = match (case.kind, &weights) {
                    ("density", None) => counted().density().unwrap().compute().unwrap(),
                    ("density", Some(weights)) => {
                        let sums = x.histogram_weighted(case.bins.clone(), weights).unwrap();
                        sums.density().unwrap().compute().unwrap()
                    }
                    ("weights", Some(weights)) => {
                        x.histogram_weighted(case.bins.clone(), weights).unwrap().compute().unwrap()
                    }
                    _ => {
                        let (counts, edges) = counted().compute().unwrap();
                        (counts.mapv(|c| c as f64), edges)
                    }
                };
                assert_eq!(edges.to_vec(), case.edges, "edges: {}", context());
                // NumPy divides by the same widths and totals, in another order.
                let bound = Bound::Rel(if case.kind == "density" { 4e-7 } else { 0.0 });
                let same = got.len() == case.counts.len()
                    && got.iter().zip(&case.counts).all(|(&g, &w)| bound.holds(DType::F64, g, w));
                assert!(same, "{}:\n got {:?}\nwant {:?}", context(), got.to_vec(), case.counts);
            }
        }
    }
}

#[test]
fn counts_of_floats_equal_numpys() {
    device();
    each_type!([f32 f64], T => check_cases::<T>());
}

#[test]
fn counts_of_integers_equal_numpys() {
    each_type!([i8 u8 i16 u16 i32 u32 i64 u64], T => check_cases::<T>());
}

#[test]
fn bincounts_equal_numpys() {
    fn all<T: Integer + FromStr<Err: std::fmt::Debug>>() {
        let lines = include_str!("data/histogram_bincount.csv").lines().map(|line| line.split(';').collect::<Vec<_>>());
        let mut seen = 0;
        for fields in lines.filter(|fields| fields[1] == T::DTYPE.name()) {
            let (least, values, want): (usize, Vec<T>, Vec<i64>) =
                (fields[2].parse().unwrap(), numbers(fields[3]), numbers(fields[4]));
            for shape in shapes(values.len()) {
                let data = ArrayD::from_shape_vec(IxDyn(&shape), values.clone()).unwrap();
                for chunks in &chunkings(&shape)[1..4] {
                    let got = chunked(&data, chunks).bincount(least).unwrap().compute().unwrap();
                    let context = format!("{} of {} {shape:?}, at least {least}", fields[0], T::DTYPE);
                    assert_eq!(got.iter().copied().collect::<Vec<_>>(), want, "{context}");
                }
            }
            seen += 1;
        }
        assert_eq!(seen, 7, "{}", T::DTYPE);
    }
    each_type!([u8 i8 u16 i32 u32 i64], T => all::<T>());
}

#[test]
fn bincount_refuses_negative_and_huge_values() {
    for chunks in [4, 2] {
        let x = array([3i32, 1, -1, 2]).rechunk(chunks).unwrap();
        let error = x.bincount(0).unwrap().compute().unwrap_err();
        assert!(matches!(error, Error::Parameter { op: "bincount", what: "smallest value", .. }), "{error}");
    }
    let x = array([0i64, 1 << 40]);
    let error = x.bincount(0).unwrap().compute().unwrap_err();
    assert!(matches!(error, Error::Parameter { op: "bincount", what: "largest value", .. }), "{error}");
}

#[test]
fn bincounts_go_on_as_arrays_of_unknown_length() {
    let x = array([4u8, 0, 4, 4, 1]);
    let counts = x.bincount(0).unwrap();
    assert_eq!(counts.dims(), [None]);
    assert_array_eq(&(&counts * 10), &ndarray::arr1(&[10, 10, 0, 0, 30]).into_dyn());
    assert_eq!(counts.sum().item().unwrap(), 5);
    assert_eq!(counts.argmax().unwrap().item().unwrap(), 4);
    let kept = x.filter(&x.gt(0)).unwrap();
    assert_array_eq(&kept.bincount(0).unwrap(), &ndarray::arr1(&[0, 1, 0, 0, 3]).into_dyn());
}

#[test]
fn bins_that_mean_nothing_are_refused() {
    let x = array([1.0, 2.0]);
    let refused = |bins: Bins| {
        let error = x.histogram(bins.clone()).unwrap_err();
        assert!(matches!(error, Error::Parameter { op: "histogram", .. }), "{bins:?}: {error}");
        let weights = gridloom::ones::<f64>(2);
        assert!(x.histogram_weighted(bins, &weights).is_err());
    };
    refused(0.into());
    refused((0, 0.0, 1.0).into());
    refused(((1 << 24) + 1).into());
    for (low, high) in [(1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::NAN), (f64::NEG_INFINITY, 0.0), (0.0, f64::INFINITY)] {
        refused((4, low, high).into());
    }
    for edges in [vec![], vec![1.0], vec![0.0, 2.0, 1.0], vec![0.0, f64::NAN, 1.0], vec![f64::NAN, 1.0], vec![1.0, 0.0]]
    {
        refused(edges.into());
    }
    let weights = gridloom::ones::<f64>(3);
    assert!(x.histogram_weighted(4, &weights).is_err());
    assert!(x.histogram_weighted(4, &gridloom::ones::<f64>(1)).is_err(), "weights are not broadcast");
}

#[test]
fn data_without_a_finite_range_is_an_error_when_computed() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for chunks in [3, 1] {
            let x = array([1.0, bad, 2.0]).rechunk(chunks).unwrap();
            let error = x.histogram(4).unwrap().compute().unwrap_err();
            assert!(matches!(error, Error::Parameter { op: "histogram", .. }), "{bad}: {error}");
            assert_eq!(x.histogram((2, 0.0, 4.0)).unwrap().compute().unwrap().0.to_vec(), [1, 1]);
        }
    }
    let x = array([1.0, 2.0]);
    let none = x.filter(&x.gt(5.0)).unwrap();
    assert_eq!(none.histogram((3, 0.0, 1.0)).unwrap().compute().unwrap().0.to_vec(), [0, 0, 0]);
}

#[test]
fn nothing_is_counted_between_0_and_1_whether_that_was_known_or_not() {
    fn check<T: Number>(x: &Array<T>) {
        let none = x.filter(&x.ne(x)).unwrap();
        for (chunks, none) in [none.clone(), none.persist().unwrap(), x.slice(s![..0]).unwrap()].into_iter().enumerate()
        {
            let (counts, edges) = none.histogram(4).unwrap().compute().unwrap();
            assert_eq!((counts.to_vec(), edges.to_vec()), (vec![0; 4], vec![0.0, 0.25, 0.5, 0.75, 1.0]), "{chunks}");
        }
    }
    each_type!(numbers, T => check::<T>(&gridloom::arange::<T>(9).rechunk(4).unwrap()));
    for x in [gridloom::arange::<i32>(9), gridloom::arange::<i32>(9).rechunk(2).unwrap()] {
        let none = x.filter(&x.gt(20)).unwrap();
        assert_array_eq(&none.bincount(0).unwrap(), &ArrayD::zeros(IxDyn(&[0])));
        assert_array_eq(&none.bincount(3).unwrap(), &ArrayD::zeros(IxDyn(&[3])));
    }
}

#[test]
fn integers_of_64_bits_are_counted_up_to_their_limits() {
    let x = array([1u64 << 63, 3, 1 << 62, (1 << 63) + (1 << 62)]);
    let counts = x.histogram((4, 0.0, 1.844_674_407_370_955_2e19)).unwrap().compute().unwrap().0;
    assert_eq!(counts.to_vec(), [1, 1, 1, 1]);
    // All in one place, between numbers that an f64 cannot tell apart.
    let (counts, edges) = array([(1i64 << 60) + 1; 3]).histogram(4).unwrap().compute().unwrap();
    assert_eq!(counts.sum(), 3);
    assert!(edges.iter().all(|&e| e == 2f64.powi(60)));
    let x = array([i64::MIN, -1, 0, i64::MAX, u64::MAX as i64]).rechunk(2).unwrap();
    assert_eq!(x.histogram(2).unwrap().compute().unwrap().0.to_vec(), [3, 2]);
    let x = array([0, 1, u64::MAX, u64::MAX - 1, 1 << 63]).rechunk(2).unwrap();
    assert_eq!(x.histogram(2).unwrap().compute().unwrap().0.to_vec(), [2, 3]);
    // Beyond all integers, on both sides.
    let edges = vec![-1e300, -2f64.powi(63), 0.0, 2f64.powi(63), 2f64.powi(64), 1e300];
    assert_eq!(x.histogram(edges.clone()).unwrap().compute().unwrap().0.to_vec(), [0, 0, 2, 1, 2]);
    let x = array([i64::MIN, -5, 7, i64::MAX]);
    assert_eq!(x.histogram(edges).unwrap().compute().unwrap().0.to_vec(), [0, 2, 1, 1, 0]);
    let below = array([0u64, 5]).histogram(vec![-3.0, -2.0, -1.0]).unwrap().compute().unwrap().0;
    assert_eq!(below.to_vec(), [0, 0]);
}

#[test]
fn ranges_wider_than_a_number_are_binned() {
    for chunks in [3, 1] {
        let x = array([-1e308, 0.0, 1e308]).rechunk(chunks).unwrap();
        let (counts, edges) = x.histogram(4).unwrap().compute().unwrap();
        assert_eq!(counts.to_vec(), [1, 0, 1, 1]);
        assert_eq!(edges.to_vec(), [-1e308, -5e307, 0.0, 5e307, 1e308]);
        assert_eq!(x.histogram((2, f64::MIN, f64::MAX)).unwrap().compute().unwrap().0.to_vec(), [1, 2]);
        let x = array([f32::MIN, 0.0, 1.0, f32::MAX]).rechunk(chunks).unwrap();
        let (counts, edges) = x.histogram(2).unwrap().compute().unwrap();
        assert_eq!(counts.to_vec(), [1, 3]);
        assert_eq!(edges.to_vec(), [f32::MIN.into(), 0.0, f32::MAX.into()]);
    }
}

#[test]
fn histograms_of_expressions_and_views_match_those_of_their_values() {
    let values = small_data::<f32>(&[40, 33], 50);
    for chunks in chunkings(&[40, 33]) {
        let x = chunked(&values, &chunks);
        let views: [(Array<f32>, ArrayD<f32>); 4] = [
            (x.t(), values.t().to_owned()),
            (x.slice(s![..;-3, 5..]).unwrap(), values.slice(s![..;-3, 5..]).to_owned().into_dyn()),
            (&x * 0.5 + 1.0, &values * 0.5 + 1.0),
            (x.slice(s![3..4, ..]).unwrap().broadcast_to((9, 33)).unwrap(), {
                values.slice(s![3..4, ..]).broadcast((9, 33)).unwrap().to_owned().into_dyn()
            }),
        ];
        for (view, plain) in &views {
            let counts = view.histogram((16, -8.0, 8.0)).unwrap().compute().unwrap().0;
            let mut want = vec![0i64; 16];
            for &v in plain {
                want[((v + 8.0) as usize).min(15)] += 1;
            }
            assert_eq!(counts.to_vec(), want, "chunks {}", view.chunks());
        }
    }
}

#[test]
fn many_values_in_few_and_in_many_bins_are_all_counted() {
    // More values than a workgroup's counters see in one go, and more bins than fit in its memory.
    let n = 300_000;
    let x = gridloom::arange::<f32>(n).rechunk(70_000).unwrap();
    for bins in [1, 7, 1000, 20_000, 100_000] {
        let (counts, edges) = x.histogram((bins, 0.0, n as f64)).unwrap().compute().unwrap();
        assert_eq!(counts.sum(), n as i64);
        for (i, &count) in counts.iter().enumerate() {
            // The integers in [left, right): edges are rounded to f32 as the values are compared with.
            let inside = (edges[i + 1].ceil() - edges[i].ceil()) as i64;
            assert_eq!(count, inside, "bin {i} of {bins}: {} to {}", edges[i], edges[i + 1]);
        }
    }
    let same = full(n, 3i32).histogram((10, 0.0, 10.0)).unwrap().compute().unwrap().0;
    assert_eq!(same.to_vec(), [0, 0, 0, n as i64, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn histograms_are_the_same_from_run_to_run_and_shaped_by_their_bins() {
    let x = chunked(&small_data::<f32>(&[1000], 51), &100.into());
    let histogram = x.histogram_weighted((7, -8.0, 8.0), &(x.cast::<f64>() * 0.1)).unwrap();
    assert_eq!((histogram.counts.shape(), histogram.edges.shape()), (Some(vec![7]), Some(vec![8])));
    let first = histogram.compute().unwrap().0.mapv(f64::to_bits);
    for _ in 0..4 {
        assert_eq!(histogram.compute().unwrap().0.mapv(f64::to_bits), first);
    }
    let total: f64 = x.histogram((8, -8.0, 8.0)).unwrap().density().unwrap().compute().unwrap().0.sum();
    assert!((total * 2.0 - 1.0).abs() < 1e-12, "densities times widths of 2 make 1: {total}");
}
