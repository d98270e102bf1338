//! Products over axes, diagonals, norms, weighted means, covariances, slopes and areas, against plain loops.

use gridloom::functions::{inner, outer, tensordot, vdot, vecdot};
use gridloom::ops::ReduceOp;
use gridloom::{Array, DType, DynArray, Error, arange};
use insta::assert_snapshot;
use ndarray::{ArrayD, Axis, Dimension, IxDyn};

use crate::common::{Sample, assert_array_eq, chunked, chunkings, device, each_type, small_data};

/// An array of `f` at every place.
fn by_place<T>(shape: &[usize], f: impl Fn(&[usize]) -> T) -> ArrayD<T> {
    ArrayD::from_shape_fn(IxDyn(shape), |at| f(at.slice()))
}
fn refused<R>(result: Result<R, Error>) -> String {
    result.err().expect("an error").to_string()
}
/// Small numbers, of which sums and products are exact.
fn cut<T: Sample>(shape: &[usize], seed: u64, check: impl Fn(&Array<T>, &ArrayD<T>)) {
    let values = small_data::<T>(shape, seed);
    for chunks in chunkings(shape) {
        check(&chunked(&values, &chunks), &values);
    }
}

#[test]
fn products_over_axes_are_sums_of_products() {
    each_type!([i32 u64 f32], T => {
        let b = small_data::<T>(&[5, 4, 3], 2);
        cut::<T>(&[3, 2, 4], 1, |x, a| {
            for chunks in chunkings(&[5, 4, 3]).into_iter().step_by(2) {
                let y = chunked(&b, &chunks);
                let want = by_place(&[2, 5], |at| {
                    let mut sum = T::default();
                    for (i, j) in (0..3).flat_map(|i| (0..4).map(move |j| (i, j))) {
                        sum += a[[i, at[0], j]] * b[[at[1], j, i]];
                    }
                    sum
                });
                assert_array_eq(&gridloom::tensordot(x, &y, [0, -1], [2, 1]).unwrap(), &want);
                assert_array_eq(&gridloom::tensordot(x, &y, [2, 0], [1, 2]).unwrap(), &want);
            }
            let flat: Vec<T> = b.iter().copied().collect();
            let want = by_place(&[24, 60], |at| a.as_slice().unwrap()[at[0]] * flat[at[1]]);
            assert_array_eq(&gridloom::outer(x, &b.clone().into()).unwrap(), &want);
            let none: [i64; 0] = [];
            let all = gridloom::tensordot(x, &b.clone().into(), none, none).unwrap();
            // A sum begins with 0, which takes the sign of -0.0.
            let want = want.mapv(|v| v + T::default());
            assert_array_eq(&all, &want.into_shape_with_order(vec![3, 2, 4, 5, 4, 3]).unwrap());
            let rows = small_data::<T>(&[5, 4], 3);
            let sum = |f: &dyn Fn(usize) -> T| (0..4).map(f).fold(T::default(), |a, b| a + b);
            let want = by_place(&[3, 2, 5], |at| sum(&|k| a[[at[0], at[1], k]] * rows[[at[2], k]]));
            assert_array_eq(&gridloom::inner(x, &rows.clone().into()).unwrap(), &want);
            let line = small_data::<T>(&[2, 4], 4);
            let want = by_place(&[3, 2], |at| sum(&|k| a[[at[0], at[1], k]] * line[[at[1], k]]));
            assert_array_eq(&gridloom::vecdot(x, &line.clone().into(), -1).unwrap(), &want);
            let want = a.iter().zip(a.t().iter()).map(|(&a, &b)| a * b).fold(T::default(), |a, b| a + b);
            assert_array_eq(&gridloom::vdot(x, &x.t()).unwrap(), &by_place(&[], |_| want));
        });
    });
    let truth = gridloom::array([true, false]);
    assert_eq!(gridloom::outer(&truth, &truth).unwrap().to_vec().unwrap(), [true, false, false, false]);
    assert_eq!(gridloom::vecdot(&truth, &truth, 0).unwrap().to_vec().unwrap(), [true]);
    // Dtypes meet; integers wrap in that of both.
    let (small, signed): (DynArray, DynArray) =
        (gridloom::array([200u8, 100]).into(), gridloom::array([2i8, -3]).into());
    for product in
        [vdot(&small, &signed), vecdot(&small, &signed, 0), inner(&small, &signed), tensordot(&small, &signed, 0, 0)]
    {
        assert_eq!(product.unwrap().typed::<i16>().unwrap().item().unwrap(), 100);
    }
    assert_eq!(vecdot(&small, &small, 0).unwrap().typed::<u8>().unwrap().item().unwrap(), 80);
    assert_eq!(inner(&small, &small.max().unwrap()).unwrap().typed::<u8>().unwrap().to_vec().unwrap(), [64, 32]);
    assert_eq!(outer(&small, &signed).unwrap().dtype(), DType::I16);
    let empty: DynArray = gridloom::zeros::<f32>((0, 3)).into();
    assert_eq!(tensordot(&empty, &empty, 0, 0).unwrap().typed::<f32>().unwrap().to_vec().unwrap(), [0.0; 9]);
    assert_eq!(tensordot(&empty, &empty, 1, 1).unwrap().shape().unwrap(), [0, 0]);
    assert_snapshot!(refused(tensordot(&empty, &empty, [0, 1], [1, 0])), @"tensordot: the pairs of axes is [0, 1] with [1, 0], of lengths [0, 3] and [3, 0]; it must be of the same lengths");
    assert_snapshot!(refused(tensordot(&empty, &empty, [0, 1], 1)), @"tensordot: the pairs of axes is [0, 1] with [1], of lengths [0, 3] and [3]; it must be of the same lengths");
    assert_snapshot!(refused(vdot(&small, &empty)), @"dot: shapes (2,) and (0,) do not align: 2 ≠ 0; the last axis of the left meets the last but one of the right, or its only one, so transpose or slice one of them");
}

#[test]
fn diagonals_are_views_of_two_axes() {
    for shape in [&[13, 10][..], &[3, 5, 4], &[4, 0], &[1, 2, 3, 4]] {
        cut::<i32>(shape, 6, |x, values| {
            let ndim = shape.len();
            for (rows, columns) in [(0, 1), (1, 0), (ndim - 1, 0), (ndim - 2, ndim - 1)] {
                for offset in [0isize, 1, -1, 3, -2, 100, isize::MIN, isize::MAX] {
                    let down = usize::try_from(-offset.max(-100)).unwrap_or(0).min(shape[rows]);
                    let right = usize::try_from(offset).unwrap_or(0).min(shape[columns]);
                    let len = (shape[rows] - down).min(shape[columns] - right);
                    let mut long: Vec<usize> =
                        (0..ndim).filter(|&k| k != rows && k != columns).map(|k| shape[k]).collect();
                    long.push(len);
                    let want = by_place(&long, |at| {
                        let mut others = at.iter().copied();
                        let place: Vec<usize> = (0..ndim)
                            .map(|k| match k {
                                k if k == rows => at[ndim - 2] + down,
                                k if k == columns => at[ndim - 2] + right,
                                _ => others.next().unwrap(),
                            })
                            .collect();
                        values[&place[..]]
                    });
                    let axes = [rows as i64 - ndim as i64, columns as i64];
                    assert_array_eq(&x.diagonal(offset, axes).unwrap(), &want);
                    let sums = want.map(|&v| i64::from(v)).sum_axis(Axis(ndim - 2));
                    assert_array_eq(&x.trace(offset, axes).unwrap(), &sums);
                    let twice = (x.diagonal(offset, axes).unwrap() + 1).flip().unwrap().sum();
                    assert_eq!(twice.item().unwrap(), sums.sum() + want.len() as i64);
                }
            }
        });
    }
    let x = gridloom::zeros::<u8>((2, 3));
    assert_snapshot!(refused(x.diagonal(0, [0, -2])), @"diagonal: axis -2 is named twice in [0, -2]");
    assert_snapshot!(refused(x.diagonal(0, 0)), @"diagonal: the plane is [0]; it must be two axes");
    assert_snapshot!(refused(arange::<i32>(3).trace(0, [0, 1])), @"diagonal: axis 1 is out of range for an array of shape (3,); it has axes -1 to 0");
}

#[test]
fn spans_norms_and_weighted_means() {
    device();
    each_type!([i32 f64], T => cut::<T>(&[7, 9], 8, |x, values| {
        let ptp = |line: ndarray::ArrayViewD<'_, T>| {
            let (mut low, mut high) = (line[[0]], line[[0]]);
            line.iter().for_each(|&v| (low, high) = (if v < low { v } else { low }, if v > high { v } else { high }));
            high - low
        };
        assert_array_eq(&x.ptp_axis(0).unwrap(), &by_place(&[9], |at| ptp(values.index_axis(Axis(1), at[0]))));
        assert_array_eq(&x.ptp_axis(-1).unwrap(), &by_place(&[7], |at| ptp(values.index_axis(Axis(0), at[0]))));
        let flat = values.to_shape(63).unwrap().into_dyn();
        assert_array_eq(&x.ptp().unwrap(), &by_place(&[], |_| ptp(flat.view())));
    }));
    let x = gridloom::array([[3.0, f64::NAN], [1.0, 2.0]]);
    assert_eq!(x.ptp_axis(1).unwrap().to_vec().unwrap()[1], 1.0);
    assert!(x.ptp().unwrap().item().unwrap().is_nan());
    assert_snapshot!(refused(gridloom::zeros::<f32>(0).ptp()), @"max: no elements to reduce in an array of shape (0,); max has no identity, so count the elements first");

    cut::<f64>(&[6, 5, 4], 9, |x, values| {
        let weights = small_data::<f64>(&[6, 5, 4], 10).mapv(|w| w.abs() + 1.0);
        let close = |got: Array<f64>, want: ArrayD<f64>| {
            let got = got.compute().unwrap();
            assert_eq!(got.shape(), want.shape());
            got.iter()
                .zip(&want)
                .for_each(|(g, w)| assert!((g - w).abs() <= 1e-13 * (1.0 + w.abs()), "{g} against {w}"));
        };
        let mean = |places: &dyn Fn(&[usize]) -> bool, weight: &dyn Fn(&[usize]) -> f64| {
            let (mut sum, mut all) = (0.0, 0.0);
            for (at, &v) in values.indexed_iter().filter(|(at, _)| places(at.slice())) {
                sum += v * weight(at.slice());
                all += weight(at.slice());
            }
            sum / all
        };
        close(x.average(&weights.clone().into()).unwrap(), by_place(&[], |_| mean(&|_| true, &|at| weights[at])));
        let own = x.average_axis(&weights.clone().into(), [0, 2]).unwrap();
        close(own, by_place(&[5], |k| mean(&|at| at[1] == k[0], &|at| weights[at])));
        // Weights of the axes alone, as they are named.
        let line = gridloom::array([1.0, 2.0, 3.0, 4.0, 5.0]);
        close(
            x.average_axis(&line, -2).unwrap(),
            by_place(&[6, 4], |k| mean(&|at| at[0] == k[0] && at[2] == k[1], &|at| 1.0 + at[1] as f64)),
        );
        let table = by_place(&[4, 6], |at| 1.0 + at[0] as f64 * 10.0 + at[1] as f64);
        close(
            x.average_axis(&table.clone().into(), [2, 0]).unwrap(),
            by_place(&[5], |k| mean(&|at| at[1] == k[0], &|at| table[[at[2], at[0]]])),
        );
        let norm = |order: f64| {
            let sum = |f: &dyn Fn(f64) -> f64| {
                by_place(&[6], |k| values.index_axis(Axis(0), k[0]).iter().map(|&v| f(v)).sum())
            };
            match order {
                2.0 => sum(&|v| v * v).mapv(f64::sqrt),
                1.0 => sum(&f64::abs),
                0.0 => sum(&|v| f64::from(v != 0.0)),
                f64::INFINITY => {
                    by_place(&[6], |k| values.index_axis(Axis(0), k[0]).iter().fold(0.0, |m, v| f64::max(m, v.abs())))
                }
                f64::NEG_INFINITY => {
                    by_place(&[6], |k| values.index_axis(Axis(0), k[0]).iter().fold(1e9, |m, v| f64::min(m, v.abs())))
                }
                order => sum(&|v| v.abs().powf(order)).mapv(|v| v.powf(1.0 / order)),
            }
        };
        for order in [2.0, 1.0, 0.0, f64::INFINITY, f64::NEG_INFINITY, 3.0, 0.5] {
            close(x.vector_norm(order, Some([1, -1].into()), false).unwrap(), norm(order));
        }
        assert_eq!(x.vector_norm(2.0, Some([0, 1].into()), true).unwrap().shape().unwrap(), [1, 1, 4]);
    });
    let x = gridloom::zeros::<f32>((2, 3));
    assert!(x.average(&x).unwrap().item().unwrap().is_nan(), "0 / 0");
    assert_eq!(gridloom::zeros::<f32>(0).vector_norm(2.0, None, false).unwrap().item().unwrap(), 0.0);
    let whole: DynArray = gridloom::array([3, 4]).into();
    assert_eq!(whole.vector_norm(2.0, None, false).unwrap().typed::<f64>().unwrap().item().unwrap(), 5.0);
    assert_eq!(whole.average(&whole).unwrap().typed::<f64>().unwrap().item().unwrap(), 25.0 / 7.0);
    assert_snapshot!(refused(x.average(&gridloom::zeros((2, 1)))), @"average: shapes (2, 3) and (2, 1) do not broadcast: axis 1 is 3 against 1; insert an axis of length 1, or slice one of them");
    assert_snapshot!(refused(x.average_axis(&gridloom::zeros(2), 1)), @"average: shapes (2, 3) and (1, 2) do not broadcast: axis 1 is 3 against 2; insert an axis of length 1, or slice one of them");
    assert_snapshot!(refused(x.average_axis(&gridloom::zeros((2, 3, 1)), 1)), @"average: needs weights of the array's axes, or of those that go, got an array of shape (2, 3) and weights of an array of shape (2, 3, 1)");
    assert_snapshot!(refused(x.vector_norm(f64::NAN, None, false)), @"vector_norm: the order is NaN; it must be a number");
}

#[test]
fn covariances_are_of_rows() {
    device();
    cut::<f64>(&[4, 9], 12, |x, values| {
        let mean = |row: usize| values.index_axis(Axis(0), row).sum() / 9.0;
        for ddof in [0.0, 1.0, 2.5] {
            let covariance = |i: usize, j: usize| {
                (0..9).map(|k| (values[[i, k]] - mean(i)) * (values[[j, k]] - mean(j))).sum::<f64>() / (9.0 - ddof)
            };
            let got = x.cov(ddof).unwrap().compute().unwrap();
            let r = x.corrcoef().unwrap().compute().unwrap();
            for (i, j) in (0..4).flat_map(|i| (0..4).map(move |j| (i, j))) {
                assert!((got[[i, j]] - covariance(i, j)).abs() < 1e-12, "{i} {j}");
                let want = covariance(i, j) / (covariance(i, i) * covariance(j, j)).sqrt();
                assert!((r[[i, j]] - want).abs() < 1e-12 && r[[i, j]].abs() <= 1.0, "{i} {j}");
            }
        }
        let row = x.index_axis(0, 2).unwrap();
        let want = row.var(1.0).unwrap().item().unwrap();
        assert!((row.cov(1.0).unwrap().item().unwrap() - want).abs() < 1e-12);
        assert_eq!(x.slice(ndarray::s![1..2, ..]).unwrap().cov(1.0).unwrap().shape().unwrap(), [0usize; 0]);
        assert_eq!(row.corrcoef().unwrap().item().unwrap(), 1.0);
    });
    let whole: DynArray = gridloom::array([[1u8, 3], [4, 0]]).into();
    assert_eq!(whole.cov(1.0).unwrap().typed::<f64>().unwrap().to_vec().unwrap(), [2.0, -4.0, -4.0, 8.0]);
    assert!(gridloom::array([[1f64]]).cov(1.0).unwrap().item().unwrap().is_nan(), "0 / 0");
    assert_snapshot!(refused(gridloom::zeros::<f32>((2, 2, 2)).cov(1.0)), @"cov: needs a 1-d or 2-d array, got an array of shape (2, 2, 2)");
    assert_snapshot!(refused(gridloom::zeros::<f32>(2).cov(f64::NAN)), @"cov: ddof is NaN; it must be a finite number");
}

#[test]
fn slopes_areas_and_initial_values() {
    each_type!([f32 f64], T => cut::<T>(&[6, 5], 13, |x, values| {
        for axis in 0..2 {
            let len = values.shape()[axis];
            let at = |place: &[usize], k: usize| {
                let mut place = place.to_vec();
                place[axis] = k;
                values[&place[..]]
            };
            // Halves and quarters: all is exact.
            let want = by_place(&[6, 5], |place| {
                let (low, high) = (place[axis].saturating_sub(1), (place[axis] + 1).min(len - 1));
                (at(place, high) - at(place, low)) / (0.5 * (high - low) as T)
            });
            let slopes = x.gradient(0.5, axis).unwrap();
            assert_array_eq(&slopes, &want);
            assert_eq!(slopes.chunks(), x.chunks());
            let long: Vec<usize> = vec![values.shape()[1 - axis]];
            let places: Vec<T> = (0..len).map(|k| (k * k) as T * 0.5).collect();
            let area = |width: &dyn Fn(usize) -> T| by_place(&long, |place| {
                let place = if axis == 0 { [0, place[0]] } else { [place[0], 0] };
                (1..len).map(|k| (at(&place, k) + at(&place, k - 1)) * width(k) * 0.5).sum()
            });
            assert_array_eq(&x.trapezoid(0.25, axis).unwrap(), &area(&|_| 0.25));
            let over = x.trapezoid(gridloom::array(&places), axis as i64 - 2).unwrap();
            assert_array_eq(&over, &area(&|k| places[k] - places[k - 1]));
            let both = by_place(&[6, 5], |place| places[place[axis]]);
            assert_array_eq(&x.trapezoid(Array::from(both), axis).unwrap(), &area(&|k| places[k] - places[k - 1]));
        }
    }));
    each_type!([i64 f64], T => cut::<T>(&[3, 4], 14, |x, values| {
        let sum = |at: &[usize]| (0..at[1]).map(|k| values[[at[0], k]]).fold(T::default(), |a, b| a + b);
        assert_array_eq(&x.cumulative_sum(1, true).unwrap(), &by_place(&[3, 5], sum));
        let product = |at: &[usize]| (0..at[0]).map(|k| values[[k, at[1]]]).fold(1 as T, |a, b| a * b);
        assert_array_eq(&x.cumulative_prod(0, true).unwrap(), &by_place(&[4, 4], product));
        assert_eq!(x.cumulative_sum(-1, false).unwrap().node().key, x.cumsum_axis(1).unwrap().node().key);
        let flat: Vec<T> = values.iter().copied().collect();
        let ends = DynArray::from(gridloom::array([7u8, 8]));
        let mut want: Vec<T> = vec![7 as T, 8 as T];
        want.extend(flat.windows(2).map(|pair| pair[1] - pair[0]));
        let diffs = x.as_dyn().ediff1d(Some(&ends), None).unwrap().typed::<T>().unwrap();
        assert_array_eq(&diffs, &by_place(&[13], |at| want[at[0]]));
    }));
    assert_eq!(gridloom::zeros::<u8>((2, 0)).cumulative_sum(1, true).unwrap().to_vec().unwrap(), [0, 0]);
    assert_eq!(gridloom::zeros::<f64>((2, 0)).trapezoid(1.0, 1).unwrap().to_vec().unwrap(), [0.0, 0.0]);
    assert_eq!(gridloom::ones::<f64>((2, 1)).trapezoid(1.0, 1).unwrap().to_vec().unwrap(), [0.0, 0.0]);
    let whole: DynArray = gridloom::array([1i8, 100, -100]).into();
    assert_eq!(whole.gradient(1.0, 0).unwrap().typed::<f64>().unwrap().to_vec().unwrap(), [99.0, -50.5, -200.0]);
    assert_eq!(whole.trapezoid(1, 0).unwrap().typed::<f64>().unwrap().item().unwrap(), 50.5);
    assert_eq!(whole.ediff1d(None, None).unwrap().typed::<i8>().unwrap().to_vec().unwrap(), [99, 56]);
    assert_snapshot!(refused(gridloom::ones::<f64>((2, 1)).gradient(1.0, 1)), @"gradient: the axis' length is 1; it must be 2 or more: slopes lie between places");
    assert_snapshot!(refused(gridloom::ones::<f64>(3).trapezoid(gridloom::ones(4), 0)), @"mul: shapes (2,) and (3,) do not broadcast: axis 0 is 2 against 3; insert an axis of length 1, or slice one of them");
}

/// Every row over the elements where a mask is true, along an axis and over all, against the row of those elements alone.
#[test]
fn reductions_where_a_mask_is_true() {
    device();
    let all =
        ndarray::Array2::from_shape_fn(
            (5, 6),
            |(i, j)| if (i, j) == (2, 3) { f64::NAN } else { (i * 7 + j * 3 % 11) as f64 },
        );
    let masks = ndarray::Array2::from_shape_fn((5, 6), |(i, j)| i != 4 && (i + j) % 3 != 0);
    let x: DynArray = gridloom::from_ndarray(all.clone(), 4).unwrap().into();
    let mask: DynArray = gridloom::from_ndarray(masks.clone(), 3).unwrap().into();
    let f64s = |x: &DynArray| x.cast(DType::F64).typed::<f64>().unwrap().to_vec().unwrap();
    let close = |got: &[f64], want: &[f64], what: &str| {
        let same =
            got.iter().zip(want).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-12 * b.abs());
        assert!(got.len() == want.len() && same, "{what}: {got:?} for {want:?}");
    };
    for dtype in [DType::F64, DType::I32, DType::Bool] {
        let x = x.cast(dtype);
        for &op in ReduceOp::ALL {
            let name = op.name();
            if x.reduce_where(op, &mask, None, false, 0.0).is_err() {
                assert!(
                    name.contains("min") || name.contains("max") || name == "least" || name == "greatest",
                    "{name}"
                );
                continue;
            }
            let ddof = if name.contains("var") || name.contains("std") { 1.0 } else { 0.0 };
            let rows = x.reduce_where(op, &mask, Some(1.into()), false, ddof).unwrap();
            let kept = x.reduce_where(op, &mask, Some(1.into()), true, ddof).unwrap();
            assert_eq!((rows.shape(), kept.shape()), (Some(vec![5]), Some(vec![5, 1])));
            let row = |k: usize| {
                let (row, mask) = (x.index_axis(0, k as isize).unwrap(), mask.index_axis(0, k as isize).unwrap());
                f64s(&row.filter(&mask).unwrap().reduce(op, None, false, ddof).unwrap())[0]
            };
            let want: Vec<f64> = (0..5).map(row).collect();
            close(&f64s(&rows), &want, &format!("{name} of {dtype}"));
            close(&f64s(&kept), &want, name);
            let whole = x.filter(&mask).unwrap().reduce(op, None, false, ddof).unwrap();
            close(&f64s(&x.reduce_where(op, &mask, None, false, ddof).unwrap()), &f64s(&whole), name);
        }
    }
    let why = x.reduce_where(ReduceOp::Argmin, &mask, None, false, 0.0).expect_err("an error");
    assert_snapshot!(why, @"argmin: is not defined for f64; it takes a reduction that has a result of no elements: where_() with a number of one's own");
    let column: DynArray = gridloom::array([[true], [false]]).into();
    assert_snapshot!(x.reduce_where(ReduceOp::Sum, &column, None, false, 0.0).expect_err("an error"), @"broadcast_to: shape (2, 1) does not broadcast to (5, 6); only axes of length 1 can grow, and new axes come first");
}

/// Limits on one side, decimals, means with the sums of their weights: against the elements' own arithmetic.
#[test]
fn limits_decimals_and_weights() {
    device();
    let x: DynArray = gridloom::array([-300i16, -1, 0, 7, 300]).into();
    let i16s = |x: gridloom::Result<DynArray>| x.unwrap().typed::<i16>().unwrap().to_vec().unwrap();
    assert_eq!(i16s(x.clip_low(-2)), [-2, -1, 0, 7, 300]);
    assert_eq!(i16s(x.clip_high(5)), [-300, -1, 0, 5, 5]);
    assert_eq!(i16s(x.clip_low(-1_000_000)), i16s(x.clip_high(1i64 << 40)));
    assert_eq!(i16s(x.clip_low(1i64 << 40)), [i16::MAX; 5]);
    let halves: DynArray = gridloom::array([0.25, -0.35, 1e300, f64::INFINITY, 12.5]).into();
    let f64s = |x: gridloom::Result<DynArray>| x.unwrap().typed::<f64>().unwrap().to_vec().unwrap();
    assert_eq!(f64s(halves.round_decimals(0)), [0.0, 0.0, 1e300, f64::INFINITY, 12.0]);
    assert_eq!(f64s(halves.round_decimals(1)), [0.2, -0.4, 1e300, f64::INFINITY, 12.5]);
    assert_eq!(f64s(halves.round_decimals(-1)), [0.0, 0.0, 1e300, f64::INFINITY, 10.0]);
    assert_eq!(i16s(x.round_decimals(3)), i16s(Ok(x.clone())));
    assert_snapshot!(x.round_decimals(-1).expect_err("an error"), @"round: is not defined for i16; it takes floats, or decimals of 0 or more: cast() it to f64");
    let (a, w): (DynArray, DynArray) =
        (gridloom::array([[1.0, 2.0], [3.0, 5.0]]).into(), gridloom::array([[1.0], [3.0]]).into());
    let (means, sums) = a.average_and_weights(&w, Some(0.into())).unwrap();
    assert_eq!((f64s(Ok(means)), f64s(Ok(sums))), (vec![2.5, 4.25], vec![4.0, 4.0]));
    assert_eq!(f64s(a.average_and_weights(&a, None).map(|(means, _)| means)), [39.0 / 11.0]);
}
