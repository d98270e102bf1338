//! Filters: values in C order, arrays filtered by one mask together, and what is fused into one masked kernel.

use gridloom::error::Error;
use gridloom::{Array, Element, array, concatenate, from_ndarray, full};
use ndarray::{Array1, ArrayD, Axis, IxDyn, NewAxis, s};

use crate::common::{
    Bound, Sample, assert_array_close, assert_array_eq, chunked, chunkings, data, device, each_type, small_data,
};

/// `x[mask]` of plain data.
fn filtered<T: Element>(x: &ArrayD<T>, mask: &ArrayD<bool>) -> ArrayD<T> {
    let kept: Vec<T> = x.iter().zip(mask).filter(|(_, m)| **m).map(|(v, _)| *v).collect();
    Array1::from_vec(kept).into_dyn()
}

/// How many stages of a plan are the kernel of this name.
fn kernels(plan: &str, name: &str) -> usize {
    let titles = plan.lines().filter(|line| line.starts_with('#'));
    titles.filter(|line| line.split_whitespace().nth(2) == Some(name)).count()
}

/// Masks of any density: random, nothing, everything, one element.
fn masks(shape: &[usize]) -> Vec<ArrayD<bool>> {
    let random = small_data::<i32>(shape, 31);
    let n = random.len();
    let mut one = random.mapv(|_| false);
    *one.iter_mut().nth(n * 2 / 3).unwrap() = true;
    vec![random.mapv(|v| v > 2), random.mapv(|_| false), random.mapv(|_| true), one]
}

#[test]
fn filter_keeps_c_order_for_any_rank_and_chunks() {
    fn all<T: Sample>() {
        for shape in [vec![60], vec![9, 14], vec![4, 5, 6]] {
            let values = small_data::<T>(&shape, 30);
            for mask in masks(&shape) {
                for (i, chunks) in chunkings(&shape).iter().enumerate() {
                    let x = chunked(&values, chunks);
                    let m = chunked(&mask, &chunkings(&shape)[(i * 2 + 1) % 5]);
                    let kept = x.filter(&m).unwrap();
                    assert_eq!(kept.dims(), [None]);
                    assert_array_eq(&kept, &filtered(&values, &mask));
                }
            }
        }
    }
    device();
    each_type!([bool i16 u64 f32 f64], T => all::<T>());
}

#[test]
fn filter_reads_expressions_views_and_empty_arrays() {
    let values = small_data::<f32>(&[12, 10], 32);
    for chunks in chunkings(&[12, 10]) {
        let x = chunked(&values, &chunks);
        let turned = x.t().slice(s![..;-1, 2..]).unwrap();
        let plain = values.t().slice_move(s![..;-1, 2..]).to_owned().into_dyn();
        let got = (&turned * 2.0).filter(&turned.gt(1.0)).unwrap();
        assert_array_eq(&got, &filtered(&(&plain * 2.0), &plain.mapv(|v| v > 1.0)));
    }
    let none = gridloom::zeros::<i32>((0, 3));
    assert_array_eq(&none.filter(&none.ge(0)).unwrap(), &ndarray::arr1(&[]).into_dyn());
    let point = Array::from(3i32);
    assert_array_eq(&point.filter(&point.gt(1)).unwrap(), &ndarray::arr1(&[3]).into_dyn());
}

#[test]
fn masks_of_another_shape_are_refused() {
    let x = gridloom::zeros::<f32>((4, 6));
    for shape in [vec![4], vec![6], vec![4, 1], vec![1, 6], vec![4, 6, 1], vec![]] {
        let mask = full(shape.clone(), true);
        assert!(matches!(x.filter(&mask), Err(Error::Broadcast { op: "filter", .. })), "{shape:?}");
    }
    let (a, b) = (x.ge(0.0), x.le(0.0));
    let (a, b) = (x.filter(&a).unwrap(), x.filter(&b).unwrap());
    assert!(matches!(a.add(&b), Err(Error::Broadcast { .. })), "masks differ, even where lengths would agree");
    assert!(matches!(a.filter(&b.gt(0.0)), Err(Error::Broadcast { .. })));
    assert!(matches!(a.add(gridloom::zeros::<f32>(24)), Err(Error::Broadcast { .. })));
    assert!(matches!(a.slice(s![1..]), Err(Error::UnknownLength { .. })));
    assert!(matches!(a.reshape([4, -1]), Err(Error::UnknownLength { .. })));
    assert!(matches!(a.take([0], 0), Err(Error::UnknownLength { .. })));
}

#[test]
fn arrays_filtered_by_one_mask_fit_together() {
    fn all<T: Sample + gridloom::dtype::Number>()
    where
        Array<T>: std::ops::Add<Output = Array<T>>,
    {
        let shape = [8, 15];
        let (a, b) = (small_data::<T>(&shape, 33), small_data::<T>(&shape, 34));
        for mask in masks(&shape) {
            for (i, chunks) in chunkings(&shape).iter().enumerate() {
                let m = chunked(&mask, chunks);
                let x = chunked(&a, &chunkings(&shape)[4 - i]).filter(&m).unwrap();
                let y = chunked(&b, &chunkings(&shape)[i]).filter(&m).unwrap();
                let both: Vec<(T, T)> =
                    filtered(&a, &mask).iter().copied().zip(filtered(&b, &mask).iter().copied()).collect();
                let large = |(x, y): &(T, T)| if x > y { *x } else { *y };
                let want: Array1<T> = both.iter().map(large).collect();
                assert_array_eq(&x.maximum(&y).unwrap(), &want.into_dyn());
                let less: Array1<bool> = both.iter().map(|(x, y)| x < y).collect();
                assert_array_eq(&x.lt(&y), &less.into_dyn());
            }
        }
    }
    each_type!([i32 f32 f64], T => all::<T>());
    // The same mask, written twice.
    let x = array([1.0, -2.0, 3.0]);
    let (kept, twice) = (x.filter(&x.gt(0.0)).unwrap(), (&x * 2.0).filter(&x.gt(0.0)).unwrap());
    assert_array_eq(&(kept + twice), &ndarray::arr1(&[3.0, 9.0]).into_dyn());
}

#[test]
fn scalars_broadcast_with_filtered_arrays() {
    let values = small_data::<f32>(&[70], 35);
    let x = chunked(&values, &16.into());
    let mask = x.gt(0.0);
    let kept = x.filter(&mask).unwrap();
    let plain = filtered(&values, &values.mapv(|v| v > 0.0));
    assert_array_eq(&(&kept * 2.0 - 1.0), &(&plain * 2.0 - 1.0));
    assert_array_eq(&(&kept - kept.max().unwrap()), &(&plain - plain.iter().copied().fold(0.0, f32::max)));
    assert_array_eq(&(1.0f32 - &kept), &(1.0 - &plain));
    assert_array_eq(&(&kept * array([3.0f32])), &(&plain * 3.0));
    let zeros = gridloom::zeros_like(&kept);
    assert_array_eq(&(&zeros + &kept), &plain);
}

#[test]
fn filters_of_filtered_arrays_match_ndarray() {
    let shape = [11, 9];
    let values = small_data::<i32>(&shape, 36);
    for chunks in chunkings(&shape) {
        let x = chunked(&values, &chunks);
        let once = x.filter(&x.gt(-5)).unwrap();
        let twice = (&once * 3).filter(&once.lt(4)).unwrap();
        let plain: Vec<i32> = values.iter().filter(|&&v| v > -5 && v < 4).map(|v| v * 3).collect();
        assert_array_eq(&twice, &Array1::from_vec(plain.clone()).into_dyn());
        assert_eq!(twice.sum().item().unwrap(), plain.iter().map(|&v| i64::from(v)).sum::<i64>());
        let thrice = twice.filter(&twice.ge(0)).unwrap();
        let plain: Vec<i32> = plain.into_iter().filter(|&v| v >= 0).collect();
        assert_eq!(thrice.count_nonzero().item().unwrap(), plain.iter().filter(|&&v| v != 0).count() as i64);
        assert_array_eq(&thrice, &Array1::from_vec(plain).into_dyn());
    }
}

/// Compares a 0-d reduction with its oracle, and checks that no stage compacts.
#[track_caller]
fn fused<T: Element>(got: &Array<T>, want: f64, bound: Bound) {
    assert_array_close(got, &ndarray::arr0(want).into_dyn(), bound);
    let plan = got.explain().unwrap();
    assert_eq!(kernels(&plan, "select") + kernels(&plan, "map"), 0, "{plan}");
}

#[test]
fn reductions_of_filtered_arrays_are_one_masked_kernel() {
    fn all<T: Sample + gridloom::dtype::Real>(loose: f64) {
        let shape = [13, 21];
        let mut values = small_data::<T>(&shape, 37);
        let nan = gridloom::dtype::Scalar::from_f64(T::DTYPE, f64::NAN).get();
        let mask = masks(&shape).swap_remove(0);
        for chunks in &chunkings(&shape)[1..] {
            for has_nan in [false, true] {
                values[[7, 7]] = if has_nan { nan } else { T::default() };
                let mut mask = mask.clone();
                mask[[7, 7]] = true;
                let kept = chunked(&values, chunks).filter(&chunked(&mask, chunks)).unwrap();
                let plain: Vec<f64> = filtered(&values, &mask).iter().map(|v| v.scalar().to_f64()).collect();
                let real: Vec<f64> = plain.iter().copied().filter(|v| !v.is_nan()).collect();
                let (sum, n) = (real.iter().sum::<f64>(), real.len() as f64);
                let (low, high) =
                    (real.iter().copied().fold(f64::MAX, f64::min), real.iter().copied().fold(f64::MIN, f64::max));
                let variance = real.iter().map(|v| (v - sum / n).powi(2)).sum::<f64>() / (n - 1.0);
                let or_nan = |v: f64| if has_nan { f64::NAN } else { v };
                let exact = Bound::Ulp(0.0);
                fused(&kept.sum(), or_nan(sum), exact);
                fused(&kept.mean(), or_nan(sum / n), Bound::Ulp(1.0));
                fused(&kept.min().unwrap(), or_nan(low), exact);
                fused(&kept.max().unwrap(), or_nan(high), exact);
                fused(&kept.var(1.0).unwrap(), or_nan(variance), Bound::Rel(loose));
                fused(&kept.std(1.0).unwrap(), or_nan(variance.sqrt()), Bound::Rel(loose));
                fused(&kept.nansum(), sum, exact);
                fused(&kept.nanmean(), sum / n, Bound::Ulp(1.0));
                fused(&kept.nanmin(), low, exact);
                fused(&kept.nanmax(), high, exact);
                fused(&kept.nanvar(1.0).unwrap(), variance, Bound::Rel(loose));
                fused(&kept.nanstd(1.0).unwrap(), variance.sqrt(), Bound::Rel(loose));
                fused(&kept.count_nonzero(), plain.iter().filter(|&&v| v != 0.0).count() as f64, exact);
                fused(&kept.gt(T::default()).any(), f64::from(plain.iter().any(|&v| v > 0.0)), exact);
                fused(&kept.gt(T::default()).all(), f64::from(plain.iter().all(|&v| v > 0.0)), exact);
                let place = |want: f64| real_or_nan(&plain, want, has_nan);
                for (got, want) in [
                    (kept.argmin(), place(low)),
                    (kept.argmax(), place(high)),
                    (kept.nanargmin(), plain.iter().position(|&v| v == low).unwrap()),
                    (kept.nanargmax(), plain.iter().position(|&v| v == high).unwrap()),
                ] {
                    assert_eq!(got.unwrap().item().unwrap(), want as i64, "a position among what is kept");
                }
                let by_axis = kept.sum_axis(0).unwrap();
                assert_eq!(by_axis.ndim(), 0);
                fused(&by_axis, or_nan(sum), exact);
                let ones = kept.cast::<i32>().mul(0).unwrap().add(2).unwrap();
                let short = ones.filter(&ones.gt(5)).unwrap();
                assert_eq!(short.prod().item().unwrap(), 1);
            }
        }
    }
    all::<f32>(2e-6);
    all::<f64>(4e-15);
}

/// The first place of the value, or of NaN where there is one.
fn real_or_nan(plain: &[f64], want: f64, has_nan: bool) -> usize {
    plain.iter().position(|&v| if has_nan { v.is_nan() } else { v == want }).unwrap()
}

#[test]
fn products_of_filtered_integers_wrap_like_unfiltered_ones() {
    let values = small_data::<i16>(&[200], 38);
    let x = chunked(&values, &30.into());
    let kept = x.filter(&x.ne(0)).unwrap();
    let plain = values.iter().filter(|&&v| v != 0);
    assert_eq!(kept.prod().item().unwrap(), plain.fold(1i64, |p, &v| p.wrapping_mul(i64::from(v))));
}

#[test]
fn reductions_of_nothing_kept_follow_the_rows_rule() {
    for chunks in [40, 7] {
        let x = chunked(&small_data::<f64>(&[40], 39), &chunks.into());
        let none = x.filter(&x.gt(100.0)).unwrap();
        assert_array_eq(&none, &ndarray::arr1(&[]).into_dyn());
        assert_eq!(none.sum().item().unwrap(), 0.0);
        assert_eq!(none.prod().item().unwrap(), 1.0);
        assert_eq!(none.nansum().item().unwrap(), 0.0);
        assert_eq!(none.count_nonzero().item().unwrap(), 0);
        assert!(!none.gt(0.0).any().item().unwrap());
        assert!(none.gt(0.0).all().item().unwrap());
        for nan in
            [none.mean(), none.nanmean(), none.nanmin(), none.nanmax(), none.var(0.0).unwrap(), none.std(0.0).unwrap()]
        {
            assert!(nan.item().unwrap().is_nan());
        }
        for refused in [none.min(), none.max()] {
            assert!(matches!(refused.unwrap().compute(), Err(Error::EmptyReduction { .. })));
        }
        for refused in [none.argmin(), none.argmax(), none.nanargmin(), none.nanargmax()] {
            assert!(matches!(refused.unwrap().compute(), Err(Error::EmptyReduction { .. })));
        }
    }
    let small = array([1i32, 2, 3]);
    let none = small.filter(&small.gt(5)).unwrap();
    assert!(matches!(none.min().unwrap().item(), Err(Error::EmptyReduction { .. })));
    assert!(none.mean().item().unwrap().is_nan());
}

#[test]
fn histograms_of_filtered_arrays_are_one_masked_kernel() {
    for chunks in chunkings(&[30, 20]) {
        let values = small_data::<f32>(&[30, 20], 40);
        let x = chunked(&values, &chunks);
        let kept = (&x * 2.0).filter(&x.gt(-3.0)).unwrap();
        let plain: Vec<f32> = values.iter().filter(|v| **v > -3.0).map(|v| v * 2.0).collect();
        let histogram = kept.histogram((11, -6.0, 16.0)).unwrap();
        let plan = histogram.counts.explain().unwrap();
        assert_eq!((kernels(&plan, "histogram"), kernels(&plan, "select"), kernels(&plan, "map")), (1, 0, 0), "{plan}");
        let mut want = vec![0i64; 11];
        for &v in plain.iter().filter(|v| (-6.0..=16.0).contains(*v)) {
            want[(((v + 6.0) / 2.0) as usize).min(10)] += 1;
        }
        assert_eq!(histogram.compute().unwrap().0.to_vec(), want);
        let (counts, edges) = kept.histogram(7).unwrap().compute().unwrap();
        assert_eq!(counts.sum(), plain.len() as i64);
        let (low, high) = plain.iter().fold((f32::MAX, f32::MIN), |(l, h), &v| (l.min(v), h.max(v)));
        assert_eq!((edges[0], edges[7]), (f64::from(low), f64::from(high)));
    }
}

#[test]
fn filtered_arrays_join_and_go_on() {
    let (a, b) = (small_data::<f32>(&[50], 41), small_data::<f32>(&[6, 7], 42));
    let fixed = small_data::<f32>(&[5], 43);
    for i in 0..5 {
        let (x, y) = (chunked(&a, &chunkings(&[50])[i]), chunked(&b, &chunkings(&[6, 7])[4 - i]));
        let parts = [
            x.filter(&x.gt(2.0)).unwrap(),
            chunked(&fixed, &2.into()),
            y.filter(&y.lt(0.0)).unwrap(),
            x.filter(&x.gt(100.0)).unwrap(),
        ];
        let mut plain: Vec<f32> = a.iter().copied().filter(|&v| v > 2.0).collect();
        plain.extend(&fixed);
        plain.extend(b.iter().filter(|v| **v < 0.0));
        let joined = concatenate(&parts, 0).unwrap();
        assert_eq!(joined.dims(), [None]);
        let plain = Array1::from_vec(plain).into_dyn();
        assert_array_eq(&joined, &plain);
        assert_array_eq(&(&joined * 2.0 + &joined), &(&plain * 3.0));
        assert_eq!(joined.sum().item().unwrap(), plain.sum());
        let place = plain.iter().position(|v| *v == plain.iter().copied().fold(f32::MAX, f32::min)).unwrap();
        assert_eq!(joined.argmin().unwrap().item().unwrap(), place as i64);
        let again = joined.filter(&joined.lt(3.0)).unwrap();
        assert_array_eq(&again, &filtered(&plain, &plain.mapv(|v| v < 3.0)));
        assert_eq!(again.sum().item().unwrap(), plain.iter().filter(|v| **v < 3.0).sum::<f32>());
        assert_eq!(joined.histogram((4, -8.0, 8.0)).unwrap().compute().unwrap().0.sum(), plain.len() as i64);
    }
}

#[test]
fn persisted_filtered_arrays_keep_their_length_identity() {
    let values = small_data::<f32>(&[9, 11], 44);
    for chunks in chunkings(&[9, 11]) {
        let x = chunked(&values, &chunks);
        let mask = x.gt(-1.0);
        let kept = x.filter(&mask).unwrap();
        let held = kept.persist().unwrap();
        let plain = filtered(&values, &values.mapv(|v| v > -1.0));
        assert_eq!(held.dims(), [None]);
        assert_array_eq(&held, &plain);
        assert_array_eq(&(&held + &held), &(&plain * 2.0));
        assert_array_eq(&(&held + (&x * 3.0).filter(&mask).unwrap()), &(&plain * 4.0));
        assert_eq!(held.sum().item().unwrap(), plain.sum());
        assert_array_eq(&held.filter(&held.gt(4.0)).unwrap(), &filtered(&plain, &plain.mapv(|v| v > 4.0)));
        assert_eq!(held.argmax().unwrap().item().unwrap(), kept.argmax().unwrap().item().unwrap());
    }
}

/// Lengths of joined arrays are one where those of all their parts are: not where one differs, however many there are, nor in another
/// order, but whatever the data is.
#[test]
fn joined_lengths_are_one_where_all_parts_are() {
    let x = gridloom::arange::<i32>(10);
    let (few, many) = (x.lt(2), x.lt(7));
    let kept = |mask: &Array<bool>| x.filter(mask).unwrap();
    let long = |ends: &Array<bool>| {
        let parts: Vec<_> = (0..129).map(|k| kept(if k % 128 == 0 { ends } else { &few })).collect();
        concatenate(&parts, 0).unwrap()
    };
    assert!(matches!(long(&few).add(long(&many)), Err(Error::Broadcast { .. })));
    let pair = |x: &Array<i32>, a: &Array<bool>, b: &Array<bool>| {
        concatenate(&[x.filter(a).unwrap(), x.filter(b).unwrap()], 0).unwrap()
    };
    assert!(matches!(pair(&x, &few, &many).add(pair(&x, &many, &few)), Err(Error::Broadcast { .. })));
    let sum = pair(&x, &few, &many).add(pair(&(&x * 10), &few, &many)).unwrap();
    assert_array_eq(&sum, &ndarray::arr1(&[0, 11, 0, 11, 22, 33, 44, 55, 66]).into_dyn());
}

/// Resolved arrays are as any other: cut anew, reshaped, sliced; what no mask left is an empty array.
#[test]
fn resolved_lengths_are_known() {
    let values = Array1::from_iter(0..60i32).into_dyn();
    for size in [1, 7, 60] {
        let x = chunked(&values, &size.into());
        for (name, mask, kept) in [
            ("some", (&x % 3).eq(0), 20),
            // Whole chunks are left out.
            ("few", x.ge(50), 10),
            ("none", x.lt(0), 0),
            ("all", x.ge(0), 60),
        ] {
            let selected = x.filter(&mask).unwrap();
            let known = selected.resolve().unwrap();
            assert_eq!(known.shape(), Some(vec![kept]), "{name} in chunks of {size}");
            assert!(known.places().is_some());
            let want = selected.compute().unwrap();
            assert_array_eq(&known, &want);
            let pairs = known.reshape((-1, 2)).unwrap();
            assert_array_eq(&pairs, &want.clone().into_shape_with_order(IxDyn(&[kept / 2, 2])).unwrap());
            assert_array_eq(
                &pairs.rechunk(3).unwrap().t(),
                &want.into_shape_with_order(IxDyn(&[kept / 2, 2])).unwrap().t().to_owned(),
            );
        }
    }
    let (a, b) = (array([1, 2, 3]), array([4, 5]));
    let two = a.filter(&a.gt(1)).unwrap().slice(s![.., NewAxis]).unwrap() + b.filter(&b.gt(4)).unwrap();
    assert!(matches!(two.resolve(), Err(Error::UnknownLength { op: "resolve", .. })));
    let none = full((0, 1), 0i32) + a.filter(&a.gt(1)).unwrap();
    assert!(matches!(none.resolve(), Err(Error::UnknownLength { op: "resolve", .. })));
    let plain = array([1, 2]);
    assert_eq!(plain.resolve().unwrap().node().key, plain.node().key);
    let counts = array([1u8, 3, 3]).bincount(0).unwrap().resolve().unwrap();
    assert_eq!(counts.reshape((2, 2)).unwrap().to_vec().unwrap(), [0, 1, 0, 2]);
}

#[test]
fn results_with_an_unknown_length_on_any_axis_are_put_together() {
    for size in [1, 3, 4, 10] {
        let x = gridloom::arange::<i64>(10).rechunk(size).unwrap();
        let odd = x.filter(&(&x % 2).eq(1)).unwrap();
        let want = ArrayD::from_shape_fn(IxDyn(&[6, 5]), |at| 100 * at[0] as i64 + 2 * at[1] as i64 + 1);
        for rows in [1, 2, 6] {
            let hundreds = (gridloom::arange::<i64>(6) * 100).reshape((6, 1)).unwrap().rechunk((rows, 1)).unwrap();
            let table = &hundreds + &odd;
            assert_eq!(table.dims(), [Some(6), None]);
            assert_eq!(table.compute().unwrap(), want);
            assert_eq!(table.t().compute().unwrap(), want.t());
            assert_eq!(table.resolve().unwrap().compute().unwrap(), want);
        }
    }
    let x = array([1, 2, 3]);
    let two = x.filter(&x.gt(1)).unwrap().slice(s![.., NewAxis]).unwrap() + x.filter(&x.gt(2)).unwrap();
    assert!(matches!(two.compute(), Err(Error::UnknownLength { op: "compute", .. })), "{:?}", two.compute());
    let none = full((0, 1), 0i32) + x.filter(&x.gt(1)).unwrap();
    assert!(matches!(none.compute(), Err(Error::UnknownLength { op: "compute", .. })), "{:?}", none.compute());
}

#[test]
fn places_of_an_axis_are_kept_as_ndarray_selects_them() {
    device();
    let shape = [7, 5, 6];
    let of = data::<f64>(&shape, 3);
    let keeps: [fn(usize) -> bool; 4] = [|i| i % 3 != 1, |i| i < 2, |_| true, |_| false];
    for (case, chunks) in chunkings(&shape).into_iter().enumerate() {
        let x = chunked(&of, &chunks);
        for (axis, len) in shape.into_iter().enumerate() {
            for keep in keeps {
                let kept: Vec<usize> = (0..len).filter(|&i| keep(i)).collect();
                let mask = from_ndarray(Array1::from_shape_fn(len, keep), 1 + case % 4).unwrap();
                let got = x.filter_axis(&mask, axis as isize).unwrap();
                let want = of.select(Axis(axis), &kept);
                assert_eq!(got.dims()[axis], None);
                assert_eq!(got.compute().unwrap(), want, "axis {axis} of {chunks:?}");
                // What is made of it.
                for along in 0..3isize {
                    let sums = got.sum_axis(along).unwrap().compute().unwrap();
                    let close = want.sum_axis(Axis(along as usize));
                    assert!(
                        sums.shape() == close.shape() && sums.iter().zip(&close).all(|(a, b)| (a - b).abs() < 1e-9)
                    );
                }
                assert_eq!((got.t() + 1.0).compute().unwrap(), &want.t() + 1.0);
                if !kept.is_empty() {
                    assert_eq!(
                        got.resolve().unwrap().max().unwrap().item().unwrap(),
                        got.max().unwrap().item().unwrap()
                    );
                }
            }
        }
    }
    // Rows and what is said of each of them.
    let (x, y) =
        (gridloom::arange::<i64>(40).reshape((10, 4)).unwrap().rechunk((3, 3)).unwrap(), gridloom::arange::<i64>(10));
    let mask = (&y % 3).eq(0).rechunk(4).unwrap();
    let rows = x.filter_axis(&mask, 0).unwrap();
    let weighted = rows.t() * y.filter(&mask).unwrap();
    let want = ArrayD::from_shape_fn(IxDyn(&[4, 4]), |at| (3 * at[1] * 4 + at[0]) as i64 * 3 * at[1] as i64);
    assert_eq!(weighted.compute().unwrap(), want);
}

#[test]
fn masks_of_an_axis_that_do_not_fit_are_errors() {
    let x = gridloom::ones::<f64>((4, 3));
    let of = |n: usize| gridloom::arange::<i32>(n).gt(1);
    assert!(matches!(x.filter_axis(&of(4), 2), Err(Error::AxisOutOfRange { op: "filter_axis", .. })));
    let said = x.filter_axis(&of(4), 1).unwrap_err().to_string();
    assert!(said.starts_with("filter_axis: shapes (4, 3) and (4,) do not broadcast: axis 1 is 3 against 4;"), "{said}");
    assert!(matches!(x.filter_axis(&x.gt(0.0), 0), Err(Error::Rank { op: "filter_axis", .. })));
    let kept = x.filter_axis(&of(4), 0).unwrap();
    assert!(matches!(kept.filter_axis(&of(3), 1), Err(Error::UnknownLength { op: "filter_axis", .. })));
    assert_eq!(kept.resolve().unwrap().filter_axis(&of(3), -1).unwrap().compute().unwrap().shape(), [2, 1]);
    let none = gridloom::ones::<f64>((4, 0));
    assert!(matches!(none.filter_axis(&of(4), 0), Err(Error::Parameter { op: "filter_axis", .. })));
    assert_eq!(none.filter_axis(&full(0, true), 1).unwrap().sum().item().unwrap(), 0.0);
}

fn cut<T: Element>(values: &ArrayD<T>, chunks: &[usize]) -> Array<T> {
    from_ndarray(values.clone(), chunks).unwrap()
}

/// Results of several MiB, which are made in smaller tasks where nobody else reads them, in the order of all elements.
#[test]
fn large_results_are_in_order_however_they_are_made() {
    let (rows, columns) = (900, 700);
    let values = data::<f64>(&[rows, columns], 77);
    let keep = small_data::<i32>(&[rows, columns], 78).mapv(|v| v > 1);
    let want = filtered(&values, &keep);
    assert!(want.len() * 8 > 2 << 20, "{}", want.len());
    for chunks in [vec![rows, columns], vec![400, columns], vec![128, 300]] {
        let (x, mask) = (cut(&values, &chunks), cut(&keep, &chunks));
        let kept = x.filter(&mask).unwrap();
        assert_array_eq(&kept, &want);
        // Beside what reads it, chunk by chunk as the mask is cut.
        let (alone, twice) = gridloom::compute((&kept, &(&kept + &kept))).unwrap();
        assert_eq!((alone, twice), (want.clone(), &want + &want));
        let narrow = x.cast::<f32>().filter(&mask).unwrap();
        assert_array_eq(&narrow, &want.mapv(|v| v as f32));
    }
}

#[test]
fn large_takes_are_in_order_however_they_are_made() {
    let (rows, columns) = (900, 700);
    let values = data::<f64>(&[rows, columns], 79);
    for axis in [0, 1] {
        let n = [rows, columns][axis];
        let places: Vec<usize> = (0..n + 5).map(|i| i * 397 % n).collect();
        let want = values.select(Axis(axis), &places);
        let places: Vec<isize> = places.into_iter().map(|i| i as isize).collect();
        for chunks in [vec![rows, columns], vec![100, columns], vec![rows, 100], vec![256, 300]] {
            let x = cut(&values, &chunks);
            let taken = x.take(&places, axis as i64).unwrap();
            assert_array_eq(&taken, &want);
            let (alone, twice) = gridloom::compute((&taken, &(&taken + &taken))).unwrap();
            assert_eq!((alone, twice), (want.clone(), &want + &want));
        }
    }
}
