//! What is looked up in whole arrays, and sets, against plain loops.

use std::collections::{BTreeMap, BTreeSet};

use gridloom::functions::{Side, lexsort};
use gridloom::{DynArray, Element, Error, arange, array, ones};
use ndarray::{Array1, ArrayD, Axis, IxDyn};

use crate::common::{chunked, chunkings, data, device, each_type, small_data, words};

fn values<T: Element>(x: &DynArray) -> Vec<T> {
    x.typed::<T>().unwrap().to_vec().unwrap()
}

#[test]
fn places_in_sorted_arrays_are_counts() {
    each_type!(numbers, T => {
        let mut table = small_data::<T>(&[50], 1).iter().copied().collect::<Vec<_>>();
        table.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let of = small_data::<T>(&[7, 9], 2);
        for chunks in chunkings(&[7, 9]) {
            for size in [1, 13, 50] {
                let sorted = DynArray::from(chunked(&Array1::from_vec(table.clone()).into_dyn(), &size.into()));
                let x = DynArray::from(chunked(&of, &chunks));
                for (side, before) in [(Side::Left, false), (Side::Right, true)] {
                    let got = values::<i64>(&sorted.searchsorted(&x, side).unwrap());
                    let count = |x: &T| table.iter().filter(|at| *at < x || (before && *at == x)).count() as i64;
                    assert_eq!(got, of.iter().map(count).collect::<Vec<_>>());
                }
            }
        }
    });
    let sorted: DynArray = array([-1.0, -0.0, 0.0, f64::NAN]).into();
    let x: DynArray = array([0.0, -0.0, f64::NAN, f64::INFINITY]).into();
    assert_eq!(values::<i64>(&sorted.searchsorted(&x, Side::Left).unwrap()), [1, 1, 3, 3]);
    assert_eq!(values::<i64>(&sorted.searchsorted(&x, Side::Right).unwrap()), [3, 3, 4, 3]);
    // Numbers meet in a dtype that holds both.
    let sorted: DynArray = array([1u8, 200]).into();
    let x: DynArray = array([-1i8, 1, 127]).into();
    assert_eq!(values::<i64>(&sorted.searchsorted(&x, Side::Left).unwrap()), [0, 0, 1]);
}

/// The sets of two arrays by the standard library's.
fn check_sets(a: &ArrayD<i32>, b: &ArrayD<i32>, x: &DynArray, y: &DynArray) {
    let of = |a: &ArrayD<i32>| a.iter().copied().collect::<BTreeSet<i32>>();
    let (left, right) = (of(a), of(b));
    assert_eq!(values::<i32>(&x.unique().unwrap()), left.iter().copied().collect::<Vec<_>>());
    assert_eq!(values::<i32>(&x.union1d(y).unwrap()), left.union(&right).copied().collect::<Vec<_>>());
    assert_eq!(values::<i32>(&x.intersect1d(y).unwrap()), left.intersection(&right).copied().collect::<Vec<_>>());
    assert_eq!(values::<i32>(&x.setdiff1d(y).unwrap()), left.difference(&right).copied().collect::<Vec<_>>());
    let other = left.symmetric_difference(&right).copied().collect::<Vec<_>>();
    assert_eq!(values::<i32>(&x.setxor1d(y).unwrap()), other);
    let is_in = x.is_in(&y.reshape(-1).unwrap()).unwrap();
    assert_eq!(values::<bool>(&is_in), a.iter().map(|x| right.contains(x)).collect::<Vec<_>>());
}

#[test]
fn sets_are_those_of_the_standard_library() {
    for (n, shape) in [(40, vec![5, 8]), (1, vec![1]), (0, vec![0]), (300, vec![300]), (12, vec![2, 3, 2])] {
        let [a, b] = [1, 2].map(|seed| {
            let numbers = words(seed).map(|word| (word % 30) as i32 - 15).take(n).collect();
            ArrayD::from_shape_vec(IxDyn(&shape), numbers).unwrap()
        });
        for chunks in chunkings(&shape) {
            let [x, y] = [&a, &b].map(|of| DynArray::from(chunked(of, &chunks)));
            check_sets(&a, &b, &x, &y);
            let mut seen: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
            for (i, &value) in a.iter().enumerate() {
                seen.entry(value).or_insert((i as i64, 0)).1 += 1;
            }
            let unique = x.unique_all(true).unwrap();
            assert_eq!(values::<i32>(&unique.values), seen.keys().copied().collect::<Vec<_>>());
            assert_eq!(values::<i64>(&unique.indices), seen.values().map(|(first, _)| *first).collect::<Vec<_>>());
            assert_eq!(values::<i64>(&unique.counts), seen.values().map(|(_, count)| *count).collect::<Vec<_>>());
            let place = |value: &i32| seen.keys().position(|key| key == value).unwrap() as i64;
            assert_eq!(values::<i64>(&unique.inverse), a.iter().map(place).collect::<Vec<_>>());
            assert_eq!(unique.inverse.shape(), Some(shape.clone()));
        }
    }
}

#[test]
fn nan_is_one_value_and_in_no_set() {
    let x: DynArray = array([f64::NAN, 1.0, f64::NAN, 0.0, -0.0]).into();
    let unique = x.unique_all(true).unwrap();
    assert_eq!(format!("{:?}", values::<f64>(&unique.values)), "[-0.0, 1.0, NaN]");
    assert_eq!(values::<i64>(&unique.counts), [2, 1, 2]);
    assert_eq!(values::<i64>(&unique.indices), [3, 1, 0]);
    assert_eq!(values::<i64>(&unique.inverse), [2, 1, 2, 0, 0]);
    assert_eq!(values::<bool>(&x.is_in(&x).unwrap()), [false, true, false, true, true]);
    assert_eq!(values::<f64>(&x.intersect1d(&x).unwrap()), [-0.0, 1.0]);
}

#[test]
fn lines_between_points() {
    let (xp, fp) = ([-1.0, 0.0, 2.0, 2.5], [3.0, 1.0, 5.0, 4.0]);
    let of = Array1::linspace(-2.0, 3.0, 41).into_dyn();
    let points = [&xp, &fp].map(|x| DynArray::from(array(x)));
    let line = |x: f64, left: f64, right: f64| match xp.iter().rposition(|&at| at <= x) {
        None => left,
        Some(3) => {
            if x > xp[3] {
                right
            } else {
                fp[3]
            }
        }
        Some(at) => fp[at] + (fp[at + 1] - fp[at]) * (x - xp[at]) / (xp[at + 1] - xp[at]),
    };
    for chunks in chunkings(&[41]) {
        let x = DynArray::from(chunked(&of, &chunks));
        for (left, right) in [(None, None), (Some(-7.0), Some(8.0))] {
            let got = values::<f64>(&x.interp(&points[0], &points[1], left, right).unwrap());
            for (x, got) in of.iter().zip(got) {
                let want = line(*x, left.unwrap_or(fp[0]), right.unwrap_or(fp[3]));
                assert!((got - want).abs() < 1e-14, "{x}: {got}, not {want}");
            }
        }
    }
}

#[test]
fn infinite_points_are_met_and_left() {
    let inf = f64::INFINITY;
    let [x, xp, fp] = [vec![0.0, 0.5, 1.0, 1.5, 2.0, f64::NAN], vec![0.0, 1.0, 2.0], vec![1.0, inf, 3.0]]
        .map(|x| DynArray::from(array(x)));
    let got = values::<f64>(&x.interp(&xp, &fp, None, None).unwrap());
    assert_eq!(format!("{got:?}"), "[1.0, inf, inf, inf, 3.0, NaN]");
}

#[test]
fn elements_at_places_that_are_computed() {
    let of = data::<f32>(&[6, 10], 3);
    for chunks in chunkings(&[6, 10]) {
        let x = chunked(&of, &chunks);
        for axis in 0..2 {
            let places = DynArray::from(x.argsort_axis(axis).unwrap());
            let got = DynArray::from(&x).take_along_axis(&places, axis).unwrap();
            assert_eq!(values::<f32>(&got), x.sort_axis(axis).unwrap().to_vec().unwrap());
        }
        let one: DynArray = arange::<i64>(3).insert_axis(0).unwrap().into();
        let got = values::<f32>(&DynArray::from(&x).take_along_axis(&one, 1).unwrap());
        assert_eq!(got, of.select(Axis(1), &[0, 1, 2]).iter().copied().collect::<Vec<_>>());
    }
}

#[test]
fn several_keys_order_lines() {
    let [a, b, c] = [4, 5, 6].map(|seed| small_data::<i32>(&[3, 60], seed).mapv(|x| x % 3));
    let keys: Vec<DynArray> = [&a, &b, &c].map(|key| chunked(key, &(2, 25).into()).into()).into();
    let got = values::<i64>(&lexsort(&keys, -1).unwrap());
    for row in 0..3 {
        let mut want: Vec<usize> = (0..60).collect();
        want.sort_by_key(|&i| (c[[row, i]], b[[row, i]], a[[row, i]]));
        assert_eq!(got[row * 60..][..60].iter().map(|&i| i as usize).collect::<Vec<_>>(), want);
    }
}

#[test]
fn what_is_refused() {
    let (x, table): (DynArray, DynArray) = (ones::<f64>([3, 4]).into(), arange::<i64>(4).into());
    assert!(matches!(x.searchsorted(&table, Side::Left), Err(Error::Rank { op: "searchsorted", .. })));
    assert!(matches!(table.is_in(&x.filter(&x.gt(0.0).unwrap()).unwrap()), Err(Error::UnknownLength { .. })));
    let none: DynArray = arange::<f64>(0).into();
    assert!(matches!(x.interp(&none, &none, None, None), Err(Error::EmptyReduction { op: "interp", .. })));
    assert!(matches!(x.interp(&table, &none, None, None), Err(Error::Broadcast { op: "interp", .. })));
    assert!(matches!(lexsort(&[], 0), Err(Error::EmptyReduction { op: "lexsort", .. })));
    assert!(matches!(x.take_along_axis(&x, 1), Err(Error::DType { op: "take_along_axis", .. })));
    assert!(matches!(x.take_along_axis(&table, 1), Err(Error::Rank { op: "take_along_axis", .. })));
    let beyond = table.take_along_axis(&array([0i64, 4]).into(), 0).unwrap();
    assert!(matches!(beyond.typed::<i64>().unwrap().compute(), Err(Error::IndexOutOfRange { index: 4, len: 4, .. })));
}

/// Places that are computed are known before the rest is planned, whatever the chunks; one that is not there is an error of the run.
#[test]
fn places_that_are_computed() {
    device();
    let of = data::<f32>(&[7, 11], 3);
    let order = |n: i64| (arange::<i64>(12).reshape((3, 4)).unwrap() * 5 % n - 2).rechunk((2, 3)).unwrap();
    for chunks in chunkings(of.shape()) {
        let x = chunked(&of, &chunks);
        for (axis, n) in [(0, 7), (1, 11)] {
            let places = order(n);
            let list: Vec<usize> =
                places.compute().unwrap().iter().map(|&at| usize::try_from((at + n) % n).unwrap()).collect();
            let got = x.take_at(&places, axis as i64).unwrap();
            let taken = of.select(Axis(axis), &list);
            let mut shape = of.shape().to_vec();
            shape.splice(axis..=axis, [3, 4]);
            assert_eq!(got.compute().unwrap(), taken.to_shape(IxDyn(&shape)).unwrap(), "{axis}");
            // In a graph that goes on, twice.
            let sum = (&got + &got.map(|x| x * 2.0)).sum().item().unwrap();
            assert!((sum - 3.0 * taken.sum()).abs() < 1e-3 * taken.iter().map(|x| x.abs()).sum::<f32>());
        }
    }
    let x = chunked(&of, &(3, 4).into());
    let beyond = x.take_at(&order(100), 0).unwrap();
    assert!(matches!(beyond.compute(), Err(Error::IndexOutOfRange { op: "take", index: 8, axis: 0, len: 7 })));
    let wide: DynArray = array([u64::MAX]).into();
    assert!(matches!(
        DynArray::from(&x).take_at(&wide, 0).unwrap().compute(),
        Err(Error::Parameter { op: "take", .. })
    ));
    assert!(matches!(DynArray::from(&x).take_at(&DynArray::from(&x), 0), Err(Error::DType { op: "take", .. })));
    assert_eq!(x.take_at(&arange::<u8>(0), 1).unwrap().shape(), Some(vec![7, 0]));
    // Many entries of a short axis are no many short chunks; an axis that is cut stays cut so.
    let table = array([1.0, 2.0]);
    let many = table.take_at(&arange::<i64>(1000).map(|i| i % 2), 0).unwrap();
    assert_eq!((many.chunks().count(), many.sum().item().unwrap()), (1, 1500.0));
    assert_eq!(table.take(vec![0; 1000], 0).unwrap().chunks().count(), 1);
    assert_eq!(arange::<f64>(100).rechunk(10).unwrap().take(vec![0; 1000], 0).unwrap().chunks().count(), 100);
}

#[test]
fn distinct_rows_are_those_of_a_map() {
    for (rows, columns) in [(60, 2), (30, 1), (9, 3), (1, 4)] {
        let a = small_data::<i32>(&[rows, columns], 5).mapv(|x| x % 3);
        let lines: Vec<Vec<i32>> = a.outer_iter().map(|row| row.iter().copied().collect()).collect();
        let mut places = BTreeMap::<&Vec<i32>, Vec<i64>>::new();
        lines.iter().enumerate().for_each(|(at, line)| places.entry(line).or_default().push(at as i64));
        for chunks in chunkings(&[rows, columns]) {
            let x = DynArray::from(chunked(&a, &chunks));
            let check = |x: &DynArray, axis: usize| {
                let unique = x.unique_axis(axis).unwrap();
                let of_rows = if axis == 0 { unique.values } else { unique.values.t() };
                let expected: Vec<i32> = places.keys().flat_map(|line| line.iter().copied()).collect();
                assert_eq!(values::<i32>(&of_rows), expected);
                assert_eq!(values::<i64>(&unique.indices), places.values().map(|at| at[0]).collect::<Vec<_>>());
                assert_eq!(
                    values::<i64>(&unique.counts),
                    places.values().map(|at| at.len() as i64).collect::<Vec<_>>()
                );
                let which = |line| places.keys().position(|other| *other == line).unwrap() as i64;
                assert_eq!(values::<i64>(&unique.inverse), lines.iter().map(which).collect::<Vec<_>>());
            };
            check(&x, 0);
            check(&x.t(), 1);
        }
    }
}
