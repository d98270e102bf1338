//! Sorts, places, and parts of them against the standard library's stable sort: over shapes, axes, chunkings, dtypes and special values.

use std::cmp::Ordering;

use gridloom::ops::Sorting;
use gridloom::{Array, Backend, Client, DynArray, Element, Error, arange, array, bf16, f16, ones};
use ndarray::{ArrayD, Axis, IxDyn, s};

use crate::common::{Sample, check_chunks, chunked, chunkings, cycled, data, device, each_type, small_data, words};

const ALL: [Sorting; 4] = [
    Sorting { places: false, descending: false },
    Sorting { places: false, descending: true },
    Sorting { places: true, descending: false },
    Sorting { places: true, descending: true },
];

/// NumPy's order of two values.
fn compare<T: Element>(a: T, b: T, descending: bool) -> Ordering {
    let (a, b) = (a.scalar(), b.scalar());
    let number = |x: f64, y: f64| match (x.is_nan(), y.is_nan()) {
        (false, false) if descending => y.partial_cmp(&x).unwrap(),
        (false, false) => x.partial_cmp(&y).unwrap(),
        (x, y) => x.cmp(&y),
    };
    match a.dtype().is_float() {
        true => number(a.to_f64(), b.to_f64()),
        false if descending => b.to_i128().cmp(&a.to_i128()),
        false => a.to_i128().cmp(&b.to_i128()),
    }
}

/// The places of a line in its order.
fn order<T: Element>(line: &[T], descending: bool) -> Vec<usize> {
    let mut places: Vec<usize> = (0..line.len()).collect();
    places.sort_by(|&a, &b| compare(line[a], line[b], descending));
    places
}

/// The bits of a value: those of one NaN for all.
fn bits<T: Element>(value: T) -> u64 {
    let scalar = value.scalar();
    if scalar.dtype().is_float() && scalar.to_f64().is_nan() { u64::MAX } else { scalar.bits() }
}

/// The bits of a line in its order: the negative zero before the other one.
fn in_order<T: Element>(line: &[T], descending: bool) -> Vec<u64> {
    let mut sorted: Vec<T> = order(line, descending).into_iter().map(|at| line[at]).collect();
    let negative = |x: &T| x.scalar().dtype().is_float() && x.scalar().to_f64().is_sign_negative();
    sorted.sort_by(|a, b| {
        compare(*a, *b, descending).then_with(|| {
            let order = negative(b).cmp(&negative(a));
            if descending { order.reverse() } else { order }
        })
    });
    sorted.into_iter().map(bits).collect()
}

#[track_caller]
fn check<T: Element>(sorting: Sorting, x: &Array<T>, of: &ArrayD<T>, axis: Option<usize>) {
    let of = match axis {
        Some(_) => of.clone(),
        None => ArrayD::from_shape_vec(IxDyn(&[of.len()]), of.iter().copied().collect()).unwrap(),
    };
    let got = DynArray::from(x).sort_by(sorting, axis.map(Into::into)).unwrap();
    let along = Axis(axis.unwrap_or(0));
    let what = format!("{sorting:?} of {} in {} along {axis:?} on {:?}", T::DTYPE, x.chunks(), device());
    if sorting.places {
        let got = got.typed::<i64>().unwrap();
        check_chunks(&got).unwrap();
        let got = got.compute().unwrap();
        assert_eq!(got.shape(), of.shape(), "{what}");
        for (line, places) in of.lanes(along).into_iter().zip(got.lanes(along)) {
            let places: Vec<usize> = places.iter().map(|&at| at as usize).collect();
            assert_eq!(places, order(&line.to_vec(), sorting.descending), "{what}");
        }
    } else {
        let got = got.typed::<T>().unwrap();
        check_chunks(&got).unwrap();
        let got = got.compute().unwrap();
        assert_eq!(got.shape(), of.shape(), "{what}");
        for (line, sorted) in of.lanes(along).into_iter().zip(got.lanes(along)) {
            let sorted: Vec<u64> = sorted.iter().map(|&value| bits(value)).collect();
            assert_eq!(sorted, in_order(&line.to_vec(), sorting.descending), "{what}");
        }
    }
}

fn check_all<T: Element>(of: &ArrayD<T>) {
    for chunks in chunkings(of.shape()) {
        let x = chunked(of, &chunks);
        for sorting in ALL {
            (0..of.ndim()).map(Some).chain([None]).for_each(|axis| check(sorting, &x, of, axis));
        }
    }
}

#[test]
fn every_dtype_is_sorted() {
    each_type!(all, T => {
        check_all(&data::<T>(&[7, 9], 1));
        check_all(&small_data::<T>(&[300], 2));
        check_all(&cycled(&T::edges(), &[3, 41]));
    });
    let halves = cycled(&f32::edges(), &[3, 41]);
    check_all(&halves.mapv(f16::from_f32));
    check_all(&halves.mapv(bf16::from_f32));
}

#[test]
fn every_shape_is_sorted() {
    let shapes: &[&[usize]] =
        &[&[], &[0], &[1], &[1, 1], &[4, 0, 3], &[2, 3, 4], &[70, 5], &[5, 70], &[3, 1, 40], &[2, 2, 2, 2, 5]];
    for shape in shapes {
        check_all(&data::<f32>(shape, 3));
        check_all(&small_data::<u64>(shape, 4));
    }
}

/// Lines that a workgroup's memory does not hold, to some runs; on the host those that go through no network.
#[test]
fn long_lines_are_sorted() {
    for shape in [&[5000][..], &[3, 2049], &[2048, 3], &[129, 128], &[2, 1025, 3], &[9000]] {
        for chunks in chunkings(shape) {
            for sorting in ALL {
                let (floats, integers) = (data::<f32>(shape, 6), small_data::<i64>(shape, 7));
                for axis in 0..shape.len() {
                    check(sorting, &chunked(&floats, &chunks), &floats, Some(axis));
                    check(sorting, &chunked(&integers, &chunks), &integers, Some(axis));
                }
            }
        }
    }
}

#[test]
fn orders_that_sorts_are_slow_at() {
    let n = 3000usize;
    let lines: [Box<dyn Fn(usize) -> f64>; 7] = [
        Box::new(|_| 1.0),
        Box::new(|i| (i % 2) as f64),
        Box::new(|i| i as f64),
        Box::new(move |i| (n - i) as f64),
        Box::new(move |i| i.min(n - i) as f64),
        Box::new(|_| f64::NAN),
        Box::new(|i| if i % 3 == 0 { f64::NAN } else { -0.0 * (i % 2) as f64 }),
    ];
    for line in lines {
        let of = ndarray::Array1::from_shape_fn(n, line).into_dyn();
        ALL.into_iter().for_each(|sorting| check(sorting, &chunked(&of, &700.into()), &of, Some(0)));
    }
}

/// So long that a thread alone does not sort it.
#[test]
fn a_line_that_threads_share() {
    let of = ndarray::Array1::from_iter(words(5).take(300_001).map(|word| (word % 100_003) as f32 - 5e4)).into_dyn();
    for sorting in ALL {
        check(sorting, &chunked(&of, &300_001.into()), &of, Some(0));
        check(sorting, &chunked(&of, &41_000.into()), &of, Some(0));
    }
}

#[test]
fn expressions_are_sorted_as_they_are_read() {
    let x = arange::<f64>(120).reshape([10, 12]).unwrap().rechunk((3, 5)).unwrap();
    let y = ((&x * 7.0).abs() - x.slice(s![..;-1, ..;-1]).unwrap()).sort_axis(0).unwrap();
    let x = x.compute().unwrap();
    let want = x.mapv(|v| (v * 7.0).abs()) - x.slice(s![..;-1, ..;-1]);
    let got = y.compute().unwrap();
    for (line, sorted) in want.lanes(Axis(0)).into_iter().zip(got.lanes(Axis(0))) {
        let mut line = line.to_vec();
        line.sort_by(f64::total_cmp);
        assert_eq!(sorted.to_vec(), line);
    }
    let random = gridloom::random::Generator::new(3).normal(0.0f64, 1.0, 5000).rechunk(300).unwrap();
    let (sorted, mut want) = (random.sort().unwrap().to_vec().unwrap(), random.to_vec().unwrap());
    want.sort_by(f64::total_cmp);
    assert_eq!(sorted, want);
}

#[test]
fn the_ends_of_a_sorted_line() {
    let x = array([[3, 1, 3, 2], [9, 8, 7, 9]]);
    assert_eq!(x.topk(2, 1).unwrap().to_vec().unwrap(), [3, 3, 9, 9]);
    assert_eq!(x.topk(-2, -1).unwrap().to_vec().unwrap(), [1, 2, 7, 8]);
    assert_eq!(x.argtopk(2, 1).unwrap().to_vec().unwrap(), [0, 2, 0, 3]);
    assert_eq!(x.argtopk(0, 1).unwrap().shape(), Some(vec![2, 0]));
    assert_eq!(x.partition(&[1, -1], 0).unwrap().to_vec().unwrap(), [3, 1, 3, 2, 9, 8, 7, 9]);
    assert_eq!(x.argpartition(&[2], 1).unwrap().to_vec().unwrap(), [1, 3, 0, 2, 2, 1, 0, 3]);
}

#[test]
fn what_is_refused() {
    let x = ones::<f64>([3, 4]);
    assert!(matches!(x.sort_axis(2), Err(Error::AxisOutOfRange { op: "sort", axis: 2, .. })));
    assert!(matches!(x.argsort_axis([0, 1]), Err(Error::Parameter { op: "argsort", what: "axis", .. })));
    assert!(matches!(x.topk(5, 1), Err(Error::Parameter { op: "topk", what: "k", .. })));
    assert!(matches!(x.argtopk(-4, 0), Err(Error::Parameter { op: "argtopk", what: "k", .. })));
    assert!(matches!(x.partition(&[4], 1), Err(Error::IndexOutOfRange { op: "partition", index: 4, axis: 1, len: 4 })));
    let filtered = x.filter(&x.gt(0.0)).unwrap();
    assert!(matches!(filtered.sort(), Err(Error::UnknownLength { op: "sort", .. })));
    let long = ones::<u8>(1usize << 33);
    assert!(matches!(long.argsort(), Err(Error::Parameter { op: "argsort", .. })));
}

/// Of lines along a short axis memory takes some at a time; a line beyond it is refused before the run, with both numbers.
#[test]
fn lines_are_cut_to_fit_memory() {
    let client = Client::builder().backend(Backend::Cpu).workers(2).memory_limit(8 << 20).build().unwrap();
    let x = gridloom::from_fn([64, 100_000], |at| ((at[0] * 7919 + at[1]) % 64) as f64);
    let least = x.sort_axis(0).unwrap().slice(s![0, ..]).unwrap().max().unwrap();
    assert_eq!(client.compute(&least).unwrap().into_raw_vec_and_offset().0, [0.0]);
    let line = gridloom::random::Generator::new(1).normal(0.0f64, 1.0, 1 << 22).sort().unwrap();
    match client.compute(&line.max().unwrap()) {
        Err(Error::Memory { needed, limit, .. }) => assert!(needed > limit && limit <= 8 << 20, "{needed} {limit}"),
        other => panic!("{other:?}"),
    }
}
