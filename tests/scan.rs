//! Scans and differences against plain loops: over shapes, axes, chunkings, dtypes and special values.

use gridloom::dtype::Scalar;
use gridloom::graph::infer;
use gridloom::ops::{Fold, ScanOp};
use gridloom::random::Generator;
use gridloom::{Array, DType, Element, Error, arange, array, from_ndarray, full, ones};
use ndarray::{ArrayD, Axis, IxDyn, s};

use crate::common::{
    Sample, assert_array_eq, check_chunks, chunked, chunkings, cycled, data, device, each_type, small_data, words,
};

/// A result, of whichever dtype it is.
fn computed(node: std::sync::Arc<gridloom::graph::Node>) -> gridloom::Result<ArrayD<Scalar>> {
    macro_rules! by_dtype {
        ($($variant:ident $t:ty;)*) => {
            match node.dtype {
                $(DType::$variant => {
                    let array = Array::<$t>::from_node(node)?;
                    check_chunks(&array).unwrap();
                    let values = array.compute()?;
                    assert!(array.shape().is_none_or(|shape| shape == values.shape()), "lazy and computed shape");
                    Ok(values.mapv(Element::scalar))
                })*
                other => panic!("{other}"),
            }
        };
    }
    by_dtype! {
        Bool bool; U8 u8; U16 u16; U32 u32; U64 u64; I8 i8; I16 i16; I32 i32; I64 i64; F32 f32; F64 f64;
    }
}

/// A value of the oracle, and how far from it a result may be.
#[derive(Clone, Copy, Debug)]
enum Want {
    Exactly(Scalar),
    About(f64, f64),
    Anything,
}

impl Want {
    fn holds(self, got: Scalar) -> bool {
        match self {
            // Zeros of both signs are equal.
            Self::Exactly(want) if want.dtype().is_float() => {
                let (got, want) = (got.to_f64(), want.to_f64());
                got == want || (got.is_nan() && want.is_nan())
            }
            Self::Exactly(want) => got == want,
            Self::About(want, by) => {
                let got = got.to_f64();
                got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= by
            }
            Self::Anything => true,
        }
    }
}

/// The scan of one line, by a loop.
fn line(op: ScanOp, values: &[Scalar]) -> Vec<Want> {
    let Some(dtype) = values.first().map(|value| value.dtype()) else { return Vec::new() };
    let (fold, result) = (op.fold(), op.fold().scanned(dtype));
    let nan = |value: &Scalar| dtype.is_float() && value.to_f64().is_nan();
    let better = |new: &Scalar, old: &Scalar| match (nan(old), nan(new)) {
        (true, _) => false,
        (_, true) => true,
        _ if dtype.is_float() && fold == Fold::Max => new.to_f64() > old.to_f64(),
        _ if dtype.is_float() => new.to_f64() < old.to_f64(),
        _ if fold == Fold::Max => new.to_i128() > old.to_i128(),
        _ => new.to_i128() < old.to_i128(),
    };
    match fold {
        Fold::Max | Fold::Min => {
            let mut best = values[0];
            let step = |value: &Scalar| {
                best = if better(value, &best) { *value } else { best };
                Want::Exactly(best)
            };
            values.iter().map(step).collect()
        }
        Fold::Last => {
            let mut last = values[0];
            let step = |value: &Scalar| {
                last = if nan(value) { last } else { *value };
                Want::Exactly(last)
            };
            values.iter().map(step).collect()
        }
        _ if !dtype.is_float() => {
            let mut all = i64::from(fold == Fold::Prod);
            let step = |value: &Scalar| {
                let value = value.to_i64();
                all = if fold == Fold::Prod { all.wrapping_mul(value) } else { all.wrapping_add(value) };
                Want::Exactly(Scalar::from_i64(result, all))
            };
            values.iter().map(step).collect()
        }
        _ => floats(op, dtype, values),
    }
}

/// Sums and products of floats, and how far off a device may be.
fn floats(op: ScanOp, dtype: DType, values: &[Scalar]) -> Vec<Want> {
    let product = op.fold() == Fold::Prod;
    let ulp = if dtype == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let (least, most) = if dtype == DType::F32 { (1e-30, 1e30) } else { (1e-280, 1e280) };
    // Elements in `f64` have no more digits to add them in than these two.
    let (mut sum, mut rest, mut size, mut all) = (0f64, 0f64, 0f64, 1f64);
    let mut lost = false;
    let step = |(i, value): (usize, &Scalar)| {
        let value = match value.to_f64() {
            nan if nan.is_nan() && op.skips_nan() => f64::from(u8::from(product)),
            value => value,
        };
        if product {
            all *= value;
            lost |= all.is_finite() && all != 0.0 && !(least..most).contains(&all.abs());
            return if lost { Want::Anything } else { Want::About(all, (i + 2) as f64 * ulp * all.abs()) };
        }
        let next = sum + value;
        let part = next - sum;
        rest += if next.is_finite() { (sum - (next - part)) + (value - part) } else { 0.0 };
        (sum, size) = (next, size + value.abs());
        let want = if sum.is_finite() { sum + rest } else { sum };
        // The host adds in more precision than the elements have.
        let by = if device().is_gpu() {
            (9.0 + ((i + 1) as f64).log2()) * ulp * size
        } else {
            ulp * want.abs() + 16.0 * f64::EPSILON * size
        };
        Want::About(want, by)
    };
    values.iter().enumerate().map(step).collect()
}

/// The scan of an array, by loops over its lines.
fn oracle<T: Element>(op: ScanOp, x: &ArrayD<T>, axis: Option<usize>) -> ArrayD<Want> {
    let Some(axis) = axis else {
        let values: Vec<Scalar> = x.iter().map(|&value| value.scalar()).collect();
        return ArrayD::from_shape_vec(IxDyn(&[x.len()]), line(op, &values)).unwrap();
    };
    let mut out = ArrayD::from_elem(x.shape(), Want::Anything);
    for (from, mut to) in x.lanes(Axis(axis)).into_iter().zip(out.lanes_mut(Axis(axis))) {
        let values: Vec<Scalar> = from.iter().map(|&value| value.scalar()).collect();
        to.iter_mut().zip(line(op, &values)).for_each(|(to, want)| *to = want);
    }
    out
}

#[track_caller]
fn check<T: Element>(op: ScanOp, x: &Array<T>, of: &ArrayD<T>, axis: Option<usize>) {
    let got = infer::scan(op, x.node(), axis.map(|axis| axis as i64)).and_then(computed);
    let got = got.unwrap_or_else(|error| panic!("{} of {} in {}: {error}", op.name(), T::DTYPE, x.chunks()));
    let want = oracle(op, of, axis);
    assert_eq!(got.shape(), want.shape(), "{} along {axis:?}", op.name());
    let mut wrong = got.indexed_iter().zip(&want).filter(|((_, got), want)| !want.holds(**got));
    if let Some(((at, got), want)) = wrong.next() {
        let (what, more) = (op.name(), wrong.count());
        panic!("{what} of {} along {axis:?} in {} at {at:?}: {got}, not {want:?}; {more} more", T::DTYPE, x.chunks());
    }
}

/// All axes, and none.
fn axes(shape: &[usize]) -> impl Iterator<Item = Option<usize>> + use<> {
    (0..shape.len()).map(Some).chain([None])
}

/// Every scan of some data in every chunking.
fn check_all<T: Element>(of: &ArrayD<T>) {
    for chunks in chunkings(of.shape()) {
        let x = chunked(of, &chunks);
        for &op in ScanOp::ALL {
            axes(of.shape()).for_each(|axis| check(op, &x, of, axis));
        }
    }
}

#[test]
fn every_scan_of_every_dtype_is_the_loops() {
    each_type!(all, T => check_all(&data::<T>(&[7, 9], 1)));
    each_type!(all, T => check_all(&small_data::<T>(&[300], 2)));
}

#[test]
fn scans_of_every_shape_are_the_loops() {
    let shapes: &[&[usize]] =
        &[&[], &[0], &[1], &[1, 1], &[4, 0, 3], &[2, 3, 4], &[70, 5], &[5, 70], &[3, 1, 40], &[2, 2, 2, 2, 5]];
    for shape in shapes {
        check_all(&data::<f32>(shape, 3));
        check_all(&data::<i32>(shape, 4));
        check_all(&small_data::<u64>(shape, 5));
    }
}

#[test]
fn long_lines_are_the_loops() {
    for shape in [&[5000][..], &[3, 2500], &[2500, 3], &[300, 70], &[2, 600, 5]] {
        for chunks in chunkings(shape) {
            for axis in axes(shape) {
                let (floats, integers) = (data::<f32>(shape, 6), data::<i32>(shape, 7));
                check(ScanOp::Cumsum, &chunked(&floats, &chunks), &floats, axis);
                check(ScanOp::Cummax, &chunked(&floats, &chunks), &floats, axis);
                check(ScanOp::Cumsum, &chunked(&integers, &chunks), &integers, axis);
            }
        }
    }
}

/// More chunks than a group of prefixes has, and than a group of groups.
#[test]
fn many_chunks_are_merged_by_levels() {
    let x = small_data::<i64>(&[1300], 8);
    let gaps = x.mapv(|v| if v > 0 { f64::NAN } else { v as f64 });
    for size in [1, 2, 20, 65, 100, 163, 650] {
        for &op in ScanOp::ALL {
            check(op, &chunked(&x, &size.into()), &x, None);
            check(op, &chunked(&gaps, &size.into()), &gaps, None);
        }
    }
    let rows = small_data::<f32>(&[90, 6], 9);
    for chunks in [(1, 4), (3, 2), (90, 1), (7, 6)] {
        for &op in ScanOp::ALL {
            axes(&[90, 6]).for_each(|axis| check(op, &chunked(&rows, &chunks.into()), &rows, axis));
        }
    }
}

#[test]
fn nan_and_infinity_are_where_numpy_has_them() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let lines: [&[f64]; 6] = [
        &[1.0, nan, 2.0, inf, nan],
        &[nan, nan, -1.0, nan, 3.0, nan],
        &[inf, 1.0, 2.0],
        &[1.0, -inf, 5.0, inf, 1.0],
        &[0.0, inf, -0.0, 2.0],
        &[nan],
    ];
    for values in lines {
        let x = ndarray::arr1(values).into_dyn();
        for size in 1..=values.len() {
            for &op in ScanOp::ALL {
                check(op, &chunked(&x, &size.into()), &x, None);
                check(op, &chunked(&x.mapv(|v| v as f32), &size.into()), &x.mapv(|v| v as f32), Some(0));
            }
        }
    }
    let x = ndarray::arr1(lines[1]).into_dyn();
    let filled = chunked(&x, &2.into()).ffill().unwrap().to_vec().unwrap();
    assert!(filled[0].is_nan() && filled[1].is_nan() && filled[2..] == [-1.0, -1.0, 3.0, 3.0]);
}

#[test]
fn integers_wrap_in_64_bits() {
    let unsigned = cycled(&[u64::MAX, 3, 1 << 63, u64::MAX / 3], &[20]);
    let signed = cycled(&[i64::MAX, i64::MIN, -3, 1 << 40], &[20]);
    let narrow = cycled(&[i8::MIN, i8::MAX, -1], &[20]);
    for size in [1, 3, 20] {
        for &op in ScanOp::ALL {
            check(op, &chunked(&unsigned, &size.into()), &unsigned, None);
            check(op, &chunked(&signed, &size.into()), &signed, None);
            check(op, &chunked(&narrow, &size.into()), &narrow, None);
        }
    }
    assert_eq!(full(3, 200u8).cumsum().unwrap().to_vec().unwrap(), [200u64, 400, 600]);
}

/// What is scanned is evaluated in the kernel, through any view.
#[test]
fn expressions_and_views_are_scanned_as_they_are() {
    let of = data::<f32>(&[30, 50], 10);
    for chunks in chunkings(&[30, 50]) {
        let x = chunked(&of, &chunks);
        let doubled = &x * 2.0 + 1.0;
        check(ScanOp::Cumsum, &doubled, &of.mapv(|v| v * 2.0 + 1.0), Some(1));
        let turned = of.t().to_owned().into_dyn();
        axes(&[50, 30]).for_each(|axis| check(ScanOp::Cummin, &x.t(), &turned, axis));
        let part = of.slice(s![3..;2, ..;-3]).to_owned().into_dyn();
        let seen = x.slice(s![3..;2, ..;-3]).unwrap();
        axes(part.shape()).for_each(|axis| check(ScanOp::Cumsum, &seen, &part, axis));
        let wide = x.slice(s![0..1, ..]).unwrap().broadcast_to((4, 50)).unwrap();
        let repeated = of.slice(s![0..1, ..]).broadcast((4, 50)).unwrap().to_owned().into_dyn();
        axes(&[4, 50]).for_each(|axis| check(ScanOp::Cumsum, &wide, &repeated, axis));
        // Scans are materialised, and read as anything is.
        let twice = x.cummax_axis(0).unwrap().cummax_axis(1).unwrap();
        let mut want = of.clone();
        for (i, j) in (0..30).flat_map(|i| (0..50).map(move |j| (i, j))) {
            want[[i, j]] = of.slice(s![..=i, ..=j]).fold(f32::NEG_INFINITY, |a, &b| a.max(b));
        }
        assert_array_eq(&twice, &want);
    }
}

#[test]
fn drawn_numbers_are_the_same_in_each_step() {
    let x = Generator::new(3).integers::<i64>(-50, 50, (64, 40)).unwrap();
    let of = x.compute().unwrap();
    for chunks in [(64, 40), (5, 40), (64, 7), (9, 9)] {
        axes(&[64, 40]).for_each(|axis| check(ScanOp::Cumsum, &x.rechunk(chunks).unwrap(), &of, axis));
    }
}

#[test]
fn a_filtered_array_is_scanned_as_it_is_compacted() {
    let of = data::<i32>(&[500], 11);
    let kept = ArrayD::from_shape_vec(
        IxDyn(&[of.iter().filter(|&&v| v > 0).count()]),
        of.iter().copied().filter(|&v| v > 0).collect(),
    )
    .unwrap();
    for size in [7, 100, 500] {
        let x = chunked(&of, &size.into());
        let filtered = x.filter(&x.gt(0)).unwrap();
        for &op in ScanOp::ALL {
            check(op, &filtered, &kept, None);
            check(op, &filtered, &kept, Some(0));
        }
        let none = x.filter(&x.ne(x.clone())).unwrap();
        assert_eq!(none.cumsum().unwrap().to_vec().unwrap().len(), 0);
    }
}

#[test]
fn only_a_part_of_a_scan_is_made() {
    let of = small_data::<i64>(&[400, 3], 12);
    let x = chunked(&of, &(9, 2).into());
    let all = x.cumsum_axis(0).unwrap();
    let mut want = of.clone();
    (1..400).for_each(|i| (0..3).for_each(|j| want[[i, j]] += want[[i - 1, j]]));
    for (from, to) in [(0, 1), (100, 130), (0, 400), (399, 400), (7, 300)] {
        assert_array_eq(&all.slice(s![from..to, ..]).unwrap(), &want.slice(s![from..to, ..]).to_owned().into_dyn());
        assert_array_eq(&all.slice(s![from..to;7, 1]).unwrap(), &want.slice(s![from..to;7, 1]).to_owned().into_dyn());
    }
}

/// How an array is cut costs the last bits, on whatever adds in more precision than the elements have.
#[test]
fn chunk_borders_cost_the_last_bits() {
    let of: Vec<f64> = words(13).take(100_000).map(f64::ordinary).collect();
    let x = from_ndarray(ndarray::arr1(&of), "auto").unwrap();
    let whole = x.rechunk(100_000).unwrap().cumsum().unwrap().to_vec().unwrap();
    let mut sizes = 0.0;
    let sizes: Vec<f64> = of
        .iter()
        .map(|v| {
            sizes += v.abs();
            sizes
        })
        .collect();
    for size in [999, 1 << 12, 40_000] {
        let cut = x.rechunk(size).unwrap().cumsum().unwrap().to_vec().unwrap();
        for ((a, b), size) in whole.iter().zip(&cut).zip(&sizes) {
            let by = if device().is_gpu() { 26.0 } else { 8.0 } * f64::EPSILON * size;
            assert!((a - b).abs() <= by, "{a} and {b}");
        }
    }
}

#[test]
fn differences_are_those_of_neighbours() {
    let of = small_data::<i64>(&[20, 6], 14);
    for chunks in chunkings(&[20, 6]) {
        let x = chunked(&of, &chunks);
        for axis in [0, 1] {
            let mut want = of.clone();
            for n in 0..4 {
                assert_array_eq(&x.diff(n, axis).unwrap(), &want);
                let (later, earlier) =
                    (want.slice_axis(Axis(axis), (1..).into()), want.slice_axis(Axis(axis), (..-1).into()));
                want = &later - &earlier;
            }
            // The differences of sums are what was summed.
            let sums = x.cumsum_axis(axis).unwrap().diff(1, axis).unwrap();
            assert_array_eq(&sums, &of.slice_axis(Axis(axis), (1..).into()).to_owned());
        }
    }
    assert_eq!(array([1u8, 0, 200]).diff(1, -1).unwrap().to_vec().unwrap(), [255, 200]);
    assert_eq!(array([true, true, false]).diff(1, 0).unwrap().to_vec().unwrap(), [false, true]);
    assert_eq!(array([1, 2]).diff(9, 0).unwrap().shape(), Some(vec![0]));
}

#[test]
fn wrong_axes_and_what_an_unknown_length_does_not_allow_are_errors() {
    // Each difference is a part of the graph, but where nothing is left.
    let long = arange::<f64>(1 << 41);
    assert!(matches!(long.diff(1 << 40, 0), Err(Error::Parameter { op: "diff", what: "n", .. })));
    assert_eq!(long.diff(1 << 41, 0).unwrap().shape(), Some(vec![0]));
    assert_eq!(arange::<f64>(9).diff(usize::MAX, 0).unwrap().to_vec().unwrap(), [0.0; 0]);
    let x = ones::<f64>((3, 4));
    let said = |error: Error| error.to_string();
    assert!(matches!(x.cumsum_axis(2), Err(Error::AxisOutOfRange { op: "cumsum", axis: 2, .. })));
    assert!(matches!(x.cummax_axis(-3), Err(Error::AxisOutOfRange { op: "cummax", axis: -3, .. })));
    assert!(matches!(x.cumprod_axis([0, 1]), Err(Error::Parameter { op: "cumprod", .. })));
    assert!(matches!(x.diff(1, 5), Err(Error::AxisOutOfRange { op: "diff", axis: 5, .. })));
    let filtered = x.filter(&x.gt(0.0)).unwrap();
    assert!(matches!(filtered.ffill(), Err(Error::UnknownLength { op: "ffill", .. })));
    assert!(matches!(filtered.diff(1, 0), Err(Error::UnknownLength { op: "diff", .. })));
    assert_eq!(filtered.cumsum().unwrap().to_vec().unwrap().last(), Some(&12.0));
    let long = full((1usize << 40, 1usize << 30), 1u8);
    assert!(
        matches!(long.cumsum(), Err(Error::TooLong { op: "cumsum", .. })),
        "{}",
        said(long.cumsum().err().unwrap())
    );
    assert_eq!(arange::<i64>(5).cumsum_axis(-1).unwrap().to_vec().unwrap(), [0, 1, 3, 6, 10]);
}

#[test]
fn sums_whose_parts_are_beyond_the_largest_number_are_finite() {
    let (most, n) = (f64::MAX, 300);
    // By runs of 64, the second is infinite by itself. (A device's threads sum apart, and say so.)
    if device().runs(DType::F64) {
        return;
    }
    let mut values = ndarray::Array1::<f64>::zeros(n);
    values[0] = -most;
    (values[64], values[65]) = (most, most);
    let x = from_ndarray(values.into_dyn(), n).unwrap();
    let sums = x.cumsum().unwrap().to_vec().unwrap();
    assert!(sums[..64].iter().all(|&sum| sum == -most) && sums[64] == 0.0 && sums[65..].iter().all(|&sum| sum == most));
    // In lanes, as many are summed apart.
    let x = array([most, -most, most]);
    assert_eq!(x.sum().item().unwrap(), most);
    assert_eq!(array([most, -most, most, -most]).mean().item().unwrap(), 0.0);
    assert_eq!(array([most, most]).sum().item().unwrap(), f64::INFINITY);
    assert!(array([f64::INFINITY, -f64::INFINITY]).sum().item().unwrap().is_nan());
}
