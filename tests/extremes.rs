//! Properties of numbers up to each type's limits, of ranges of any width, of many axes and of very long ones.

use gridloom::dtype::{Integer, Number, Real};
use gridloom::ops::ReduceOp;
use gridloom::random::Generator;
use gridloom::{Array, Backend, Client, DType, Element, arange, arange_step, concatenate, from_ndarray, full, stack};
use ndarray::{Array1, ArrayD, IxDyn, SliceInfo, SliceInfoElem, s};
use proptest::prelude::*;

use crate::common::{
    Bound, Dice, Sample, assert_array_close, assert_array_eq, chunked, cycled, device, each_type, small_data, words,
};
use crate::properties::{for_all, settings};
use crate::reductions::{Form, Rows};

/// Values as extreme as the seed has it: any, or all near one.
fn values<T: Sample>(n: usize, seed: u64) -> Vec<T> {
    let near = seed & 3 == 0;
    let first = words(seed).map(T::any).next().unwrap();
    let all = words(seed ^ 1).map(|word| if near && word & 15 != 0 { first } else { T::any(word) });
    all.take(n).collect()
}

/// The array of the values, cut at random.
fn array<T: Element>(values: &[T], seed: u64) -> Array<T> {
    Array::from(values.to_vec()).rechunk(Dice(seed).chunks(&[values.len()])).unwrap()
}

#[test]
fn counts_of_any_data_sum_to_all_of_it() {
    fn check<T: Number + Sample>(n: usize, bins: usize, seed: u64) -> Result<(), TestCaseError> {
        let all = values::<T>(n, seed);
        let x = array(&all, seed);
        // Those above one of them, which may be none.
        let above = x.filter(&x.gt(all[seed as usize % n])).unwrap();
        let most = all.iter().filter(|&&v| v > all[seed as usize % n]).count();
        for (x, n) in [(x, n), (above, most)] {
            let (counts, edges) = x.histogram(bins).unwrap().compute().unwrap();
            prop_assert_eq!(counts.sum(), n as i64, "{} of {:?}: {:?} between {:?}", T::DTYPE, all, counts, edges);
            prop_assert_eq!(edges.len(), bins + 1);
            prop_assert!(edges.iter().all(|e| e.is_finite()), "{} of {:?}: {:?}", T::DTYPE, all, edges);
            prop_assert!(edges.windows(2).into_iter().all(|w| w[0] <= w[1]), "{} of {:?}: {:?}", T::DTYPE, all, edges);
        }
        Ok(())
    }
    for_all(settings(96, 6), (1usize..60, 1usize..40, any::<u64>()), |(n, bins, seed)| {
        each_type!(numbers, T => check::<T>(n, bins, seed)?);
        Ok(())
    });
}

#[test]
fn uniform_draws_stay_in_any_range() {
    fn check<T: Real + Sample>(seed: u64, cpu: &Client) -> Result<(), TestCaseError> {
        let [a, b] = [0, 1].map(|k| values::<T>(3, seed)[k]);
        // Wide, narrow, and as narrow as numbers lie.
        let near = gridloom::dtype::Scalar::from_f64(T::DTYPE, a.scalar().to_f64() + 1.0).get::<T>();
        for (low, high) in [(a, b), (a, near)] {
            let draws = || Generator::new(seed).uniform(low, high, 257);
            let got = draws().compute().unwrap();
            let inside = |v: T| match () {
                () if low < high => low <= v && v < high,
                () if low > high => high < v && v <= low,
                () => v == low,
            };
            // An adapter may take a subnormal number for zero.
            let tiny = |v: T| v.scalar().to_f64().abs() < if T::DTYPE.size() == 4 { 1e-30 } else { 1e-300 };
            if device().is_gpu() && (tiny(low) || tiny(high)) {
                continue;
            }
            prop_assert!(got.iter().all(|&v| inside(v)), "[{}, {}) of {}: {:?}", low, high, T::DTYPE, got);
            if !got.iter().any(|&v| tiny(v)) {
                prop_assert_eq!(&cpu.compute(&draws()).unwrap(), &got, "[{}, {}) of {}", low, high, T::DTYPE);
            }
        }
        Ok(())
    }
    let cpu = Client::builder().backend(Backend::Cpu).workers(1).no_progress().build().unwrap();
    for_all(settings(256, 24), any::<u64>(), |seed| {
        each_type!([f32 f64], T => check::<T>(seed, &cpu)?);
        Ok(())
    });
}

#[test]
fn integer_draws_stay_in_any_range() {
    fn check<T: Integer + Sample>(seed: u64) -> Result<(), TestCaseError> {
        let [a, b] = [0, 1].map(|k| values::<T>(3, seed)[k]);
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let rng = Generator::new(seed);
        let got = rng.integers_inclusive(low, high, 257).unwrap().compute().unwrap();
        prop_assert!(got.iter().all(|&v| low <= v && v <= high), "[{}, {}]: {:?}", low, high, got);
        if low < high {
            let got = rng.integers(low, high, 257).unwrap().compute().unwrap();
            prop_assert!(got.iter().all(|&v| low <= v && v < high), "[{}, {}): {:?}", low, high, got);
        }
        Ok(())
    }
    for_all(settings(128, 12), any::<u64>(), |seed| {
        each_type!([u8 u16 u32 u64 i8 i16 i32 i64], T => check::<T>(seed)?);
        Ok(())
    });
}

#[test]
fn ranges_of_any_integers_are_exact() {
    fn check<T: Integer + Sample>(seed: u64) -> Result<(), TestCaseError> {
        let values = values::<T>(3, seed);
        let [start, step] = [values[0], values[1]].map(|v| v.scalar().to_i128());
        let limits = [T::edges()[0], T::edges()[T::edges().len() - 1]].map(|v| v.scalar().to_i128());
        // So many steps as fit before the end, and part of one.
        let room = if step < 0 { limits[0] - start } else { limits[1] - start };
        let n = if step == 0 { return Ok(()) } else { (room / step).min(20) };
        let stop = start + n * step;
        let stop = if seed & 16 != 0 { stop - step.signum() * i128::from(n > 0 && step.abs() > 1) } else { stop };
        let of = |v: i128| gridloom::dtype::Scalar::from_i64(T::DTYPE, v as i64).get::<T>();
        let got = arange_step(of(start), of(stop), of(step)).unwrap().compute().unwrap();
        let want: Vec<T> = (0..n).map(|i| of(start + i * step)).collect();
        prop_assert_eq!(got.into_raw_vec_and_offset().0, want, "{}..{} by {} of {}", start, stop, step, T::DTYPE);
        Ok(())
    }
    for_all(settings(256, 8), any::<u64>(), |seed| {
        each_type!([u8 u16 u32 u64 i8 i16 i32 i64], T => check::<T>(seed)?);
        Ok(())
    });
}

#[test]
fn means_of_any_integers_are_near_the_exact_ones() {
    fn check<T: Integer<Mean = f64> + Sample>(n: usize, seed: u64) -> Result<(), TestCaseError> {
        let all = values::<T>(n, seed);
        let x = array(&all, seed);
        let exact =
            |values: &[T]| values.iter().map(|v| v.scalar().to_i128()).sum::<i128>() as f64 / values.len() as f64;
        let size = |values: &[T]| values.iter().map(|v| v.scalar().to_f64().abs()).sum::<f64>() / values.len() as f64;
        // A rounding for each value and each sum.
        let near = |got: f64, values: &[T]| {
            (got - exact(values)).abs() <= (values.len() as f64 + 2.0) * f64::EPSILON * size(values)
        };
        let got = x.mean().item().unwrap();
        prop_assert!(near(got, &all), "{} of {:?}: {} against {}", T::DTYPE, all, got, exact(&all));
        let columns = x.slice(ndarray::s![..(n / 2 * 2) as isize]).unwrap().reshape([-1, 2]).unwrap();
        let got = columns.mean_axis(0).unwrap().compute().unwrap();
        for k in [0, 1] {
            let column: Vec<T> = all[..n / 2 * 2].iter().copied().skip(k).step_by(2).collect();
            prop_assert!(
                near(got[[k]], &column),
                "{} of {:?}: {} against {}",
                T::DTYPE,
                column,
                got[[k]],
                exact(&column)
            );
        }
        Ok(())
    }
    for_all(settings(128, 8), (2usize..80, any::<u64>()), |(n, seed)| {
        each_type!([u8 u16 u32 u64 i8 i16 i32 i64], T => check::<T>(n, seed)?);
        Ok(())
    });
}

/// Shapes of many axes: nearly all of length 1, some of 2 and 3, sometimes one of 0.
fn deep_shape(ndim: usize, seed: u64) -> Vec<usize> {
    let mut dice = Dice(seed);
    let mut shape = vec![1; ndim];
    for _ in 0..6 {
        shape[dice.below(ndim)] = 1 + dice.below(3);
    }
    if dice.below(8) == 0 {
        shape[dice.below(ndim)] = 0;
    }
    shape
}

#[test]
fn arrays_of_up_to_64_axes_are_as_those_of_few() {
    for_all(settings(96, 8), (1usize..65, any::<u64>()), |(ndim, seed)| {
        let (shape, mut dice) = (deep_shape(ndim, seed), Dice(seed ^ 7));
        let n: usize = shape.iter().product();
        let plain = ArrayD::from_shape_vec(IxDyn(&shape), (0..n as i32).collect()).unwrap();
        let x = from_ndarray(plain.clone(), dice.chunks(&shape)).unwrap();
        assert_array_eq(&(&x + 1), &plain.mapv(|v| v + 1));
        assert_array_eq(&x.t(), &plain.t().to_owned());
        prop_assert_eq!(x.sum().item().unwrap(), plain.iter().map(|&v| i64::from(v)).sum::<i64>());
        let axis = dice.below(ndim);
        let sums = plain.map_axis(ndarray::Axis(axis), |lane| lane.iter().map(|&v| i64::from(v)).sum::<i64>());
        assert_array_eq(&x.sum_axis(axis).unwrap(), &sums);
        let elements: Vec<SliceInfoElem> = shape.iter().map(|&n| dice.part(n)).collect();
        let info = || SliceInfo::<_, IxDyn, IxDyn>::try_from(elements.clone()).unwrap();
        assert_array_eq(&x.slice(info()).unwrap(), &plain.slice(info()).to_owned());
        assert_array_eq(&x.ravel().unwrap(), &ndarray::arr1(&plain.iter().copied().collect::<Vec<_>>()).into_dyn());
        let joined = concatenate(&[x.clone(), x.clone()], axis).unwrap();
        let want = ndarray::concatenate(ndarray::Axis(axis), &[plain.view(), plain.view()]).unwrap();
        assert_array_eq(&joined, &want);
        let stacked = stack(&[x.clone(), x.clone()], axis).unwrap();
        assert_array_eq(&stacked, &ndarray::stack(ndarray::Axis(axis), &[plain.view(), plain.view()]).unwrap());
        if n > 0 {
            prop_assert_eq!(x.argmax().unwrap().item().unwrap(), n as i64 - 1);
        }
        Ok(())
    });
}

/// Elements of arrays that no memory holds: slices of slices are at the places that arithmetic in 128 bits says.
#[test]
fn slices_of_very_long_axes_are_where_they_should_be() {
    const LONG: i128 = 1 << 40;
    let step = |mut dice: Dice| -> i128 {
        let size = [1, 2, 3, 1000, 1 << 20, LONG / 3, LONG - 1, LONG, isize::MAX as i128][dice.below(9)];
        if dice.below(2) == 0 { size } else { -size }
    };
    for_all(settings(64, 12), any::<u64>(), |seed| {
        let mut dice = Dice(seed);
        // Where element `i` of the view is: first + i · by, of so many.
        let (mut first, mut by, mut len) = (0, 1, LONG);
        let mut x = arange::<i64>(LONG as usize);
        for round in 0..3 {
            if len == 0 {
                break;
            }
            let ends = [0, 1].map(|_| (dice.below(usize::MAX) as i128) % (len + 1));
            let (start, end) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            let step = step(Dice(seed ^ round));
            let part = SliceInfoElem::Slice { start: start as isize, end: Some(end as isize), step: step as isize };
            x = x.slice(SliceInfo::<_, IxDyn, IxDyn>::try_from(vec![part]).unwrap()).unwrap();
            let from = if step > 0 { start } else { end - 1 };
            let n = (end - start + step.abs() - 1) / step.abs();
            // A step that is never taken may be of any size.
            (first, by, len) = (first + from * by, if n > 1 { by * step } else { 1 }, n);
            prop_assert_eq!(x.size(), Some(len as usize));
        }
        for at in [0, len / 2, len - 1].into_iter().filter(|&at| (0..len).contains(&at)) {
            let got = x.index_axis(0, at as isize).unwrap().item().unwrap();
            prop_assert_eq!(i128::from(got), first + at * by, "element {} of {}", at, len);
        }
        Ok(())
    });
    device();
}

/// `np.var` of numbers near `mean`, in two passes over exact deviations.
fn variance_of(values: &[f64], shift: f64) -> f64 {
    let d: Vec<f64> = values.iter().map(|v| v - shift).collect();
    let mean = d.iter().sum::<f64>() / d.len() as f64;
    d.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / d.len() as f64
}

/// Along the first axis each output has a state of its own, along the last one it is made of strips; neither loses what the other
/// keeps, though the mean is 3.5e8 deviations away.
#[test]
fn variances_along_every_axis_keep_their_digits() {
    const SHIFT: f64 = 1.1e9;
    let noise = small_data::<f64>(&[6000], 22);
    let values = noise.mapv(|v| SHIFT + v / 1.5);
    let plain = values.as_slice().unwrap();
    for chunks in [6000, 1000] {
        let columns = chunked(&values.to_shape(IxDyn(&[3000, 2])).unwrap().to_owned(), &(chunks / 2, 2).into());
        let want = |k: usize| variance_of(&plain.iter().copied().skip(k).step_by(2).collect::<Vec<_>>(), SHIFT);
        let want = ndarray::arr1(&[want(0), want(1)]).into_dyn();
        // Means that are merged between chunks are rounded, and on devices those between threads: 3.5e8 · 2⁻⁵³ at most.
        let bound = Bound::Rel(match device().runs(DType::F64) {
            true => 4e-8,
            false if chunks == 6000 => 1e-12,
            false => 1e-9,
        });
        assert_array_close(&columns.var_axis(0, 0.0).unwrap(), &want, bound);
        assert_array_close(&(&columns + 0.0).var_axis(0, 0.0).unwrap(), &want, bound);
        assert_array_close(&columns.nanvar_axis(0, 0.0).unwrap(), &want, bound);
        assert_array_close(&columns.t().var_axis(1, 0.0).unwrap(), &want, Bound::Rel(4e-8));
    }
}

#[test]
fn equal_values_have_no_variance() {
    fn all<T: Rows>(values: &[T]) {
        for &value in values {
            for (rows, columns, chunks) in [(1, 3, (1, 3)), (700, 9, (211, 4)), (5, 6000, (2, 3500))] {
                let x = chunked(&ArrayD::from_elem(vec![rows, columns], value), &chunks.into());
                for form in [Form::Whole, Form::Axes(&[0]), Form::Axes(&[1])] {
                    for op in [ReduceOp::Var, ReduceOp::Std, ReduceOp::Nanvar] {
                        let got = T::reduce(op, &x, form, 0.0).unwrap().unwrap();
                        assert!(got.iter().all(|&v| v == 0.0), "{} of {value:?} {form:?}: {got}", op.name());
                    }
                }
            }
        }
    }
    all(&[0.1f32, -1e30, 3e38]);
    all(&[0.1, 1e150, -1e300, f64::MAX, f64::MIN_POSITIVE]);
}

#[test]
fn variances_of_far_values_are_infinite_and_of_infinite_ones_nan() {
    fn all<T: Rows>(far: T, infinite: T, less: T) {
        // One by one in strips, in columns, in states of their own that are merged, masked or not.
        let rows = |values: &[T], n: usize| cycled(values, &[n, values.len()]);
        let forms = [Form::Whole, Form::Axes(&[0]), Form::Axes(&[1])];
        for n in [1usize, 4, 700] {
            for chunks in [(n, 2), (n.div_ceil(3), 1)] {
                for op in [ReduceOp::Var, ReduceOp::Std, ReduceOp::Nanvar] {
                    for form in forms {
                        // Down a column all values are equal.
                        let constant = matches!(form, Form::Axes([0]));
                        let got = |values: [T; 2]| {
                            let x = chunked(&rows(&values, n), &chunks.into());
                            T::reduce(op, &x, form, 0.0).unwrap().unwrap()
                        };
                        let context = format!("{} of {} {form:?}, {n} rows in {chunks:?}", op.name(), T::DTYPE);
                        let apart = got([far, less]);
                        let want = if constant { 0.0 } else { f64::INFINITY };
                        let small = T::DTYPE == DType::F32 && apart.iter().all(|v| *v > 1e19 && !constant);
                        assert!(small || apart.iter().all(|&v| v == want), "{context}: {apart}");
                        let infinite = got([infinite, T::default()]);
                        let nan = infinite.iter().filter(|v| v.is_nan()).count();
                        assert_eq!(nan, if constant { 1 } else { infinite.len() }, "{context}: {infinite}");
                    }
                }
            }
        }
    }
    // Powers of two, whose means are exact.
    all(2f32.powi(66), f32::INFINITY, -2f32.powi(66));
    all(2f64.powi(1023), f64::NEG_INFINITY, -2f64.powi(1023));
    let x = gridloom::array([1e20f32, -1e20]);
    assert!(x.std(0.0).unwrap().item().unwrap() >= 1e20, "1e20, or infinity where sums are made in f32");
}

#[test]
fn means_of_64_bit_integers_do_not_wrap() {
    let far = 1_700_000_000_000_000_000i64;
    assert_eq!(full(10, far).mean().item().unwrap(), far as f64);
    for chunks in [2, 1] {
        let low = chunked(&ArrayD::from_elem(IxDyn(&[2, 3]), i64::MIN), &chunks.into());
        assert_array_eq(&low.mean_axis(0).unwrap(), &ArrayD::from_elem(IxDyn(&[3]), i64::MIN as f64));
        let high = chunked(&ArrayD::from_elem(IxDyn(&[70, 3]), u64::MAX), &chunks.into());
        assert_eq!(high.mean().item().unwrap(), u64::MAX as f64);
        assert_array_eq(&high.mean_keepdims(0).unwrap(), &ArrayD::from_elem(IxDyn(&[1, 3]), u64::MAX as f64));
    }
    let kept = full(10, far).filter(&arange::<i32>(10).gt(6)).unwrap();
    assert_eq!(kept.mean().item().unwrap(), far as f64);
    // Narrower ones are summed exactly: no mean of theirs is rounded twice.
    let odd = gridloom::array([(1 << 30) + 1, 1 << 30, i32::MAX]);
    assert_eq!(odd.mean().item().unwrap(), (2.0 * 1_073_741_824.0 + 1.0 + 2_147_483_647.0) / 3.0);
}

/// More than 2³² numbers of 32 bits may not fit 64 bits; not one of them is made to see what is planned.
#[test]
fn means_of_too_many_32_bit_integers_are_planned_as_floats() {
    let (few, many) = (full(1 << 32, u32::MAX), full((1 << 32) + 1, u32::MAX));
    let mask = |x: &Array<u32>| x.gt(5);
    let casts = |x: &Array<u32>| x.mean().node().inputs[0].dtype == DType::F64;
    assert!(!casts(&few) && casts(&many));
    assert!(casts(&many.filter(&mask(&many)).unwrap()) && !casts(&few.slice(s![..5]).unwrap()));
    let few = full(1 << 20, 7u32);
    assert!(!casts(&few.filter(&mask(&few)).unwrap()));
}

#[test]
fn variances_of_few_are_numpys() {
    let x = gridloom::array([1.0, 2.0, f64::NAN]);
    // No more numbers than degrees of freedom.
    assert!(x.nanvar(2.0).unwrap().item().unwrap().is_nan() && x.nanstd(3.0).unwrap().item().unwrap().is_nan());
    assert_eq!(x.nanvar(1.0).unwrap().item().unwrap(), 0.5);
    assert_eq!(gridloom::array([1.0, 2.0]).var(2.0).unwrap().item().unwrap(), f64::INFINITY);
}

/// What chunks add up to may be larger than any number of the dtype on the way, and the whole or the mean none the less be one.
#[test]
fn sums_of_chunks_overflow_where_the_whole_does() {
    let client = Client::builder().workers(2).task_elements(1).build().unwrap();
    let chunked = |values: Vec<f32>| from_ndarray(Array1::from_vec(values).into_dyn(), 1).unwrap();
    let big = 3e38f32;
    let computed = |x: &Array<f32>| client.compute(x).unwrap()[[]];
    assert_eq!(computed(&chunked(vec![big, big]).mean()), big);
    assert_eq!(computed(&chunked(vec![big, big, -big]).sum()), big);
    assert_eq!(computed(&chunked(vec![big, big, big]).sum()), f32::INFINITY);
    assert_eq!(computed(&chunked(vec![big, -f32::INFINITY, big]).sum()), -f32::INFINITY);
    let both: Vec<f32> = (0..40).map(|i| if i < 20 { big } else { -big }).collect();
    assert_eq!(computed(&chunked(both.clone()).sum()), 0.0);
    let masked = chunked(both).filter(&(arange::<i32>(40).rechunk(1).unwrap().lt(3))).unwrap();
    assert_eq!(computed(&masked.mean()), big);
    let lost: Vec<f32> = [1e8f32].into_iter().chain([1.0; 30]).chain([-1e8]).collect();
    assert_eq!(computed(&chunked(lost.clone()).sum()), 30.0);
    assert_eq!(computed(&chunked(lost).mean()), 0.9375);
}
