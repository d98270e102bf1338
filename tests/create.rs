//! Constants and ranges, up to the limits of each type.

use gridloom::dtype::Integer;
use gridloom::{Array, Error, arange, arange_step, eye_offset, full, linspace, ones, zeros};
use ndarray::{ArrayD, arr1, s};

use crate::common::{Sample, assert_array_eq, device, each_type};

/// The values of a range in 128 bits.
fn range_of<T: Integer>(start: T, stop: T, step: T) -> Vec<i128> {
    let [start, stop, step] = [start, stop, step].map(|v| v.scalar().to_i128());
    let values = std::iter::successors(Some(start), |&v| Some(v + step));
    values.take_while(|&v| if step > 0 { v < stop } else { v > stop }).take(300).collect()
}

#[track_caller]
fn check_range<T: Integer>(start: T, stop: T, step: T) {
    let got = arange_step(start, stop, step).unwrap().compute().unwrap();
    let got: Vec<i128> = got.iter().map(|v| v.scalar().to_i128()).collect();
    assert_eq!(got, range_of(start, stop, step), "{start}..{stop} by {step} of {}", T::DTYPE);
}

#[test]
fn ranges_of_64_bit_integers_are_exact() {
    device();
    check_range(1i64 << 53, (1 << 53) + 3, 1);
    check_range(1_700_000_000_000_000_000i64, 1_700_000_000_000_000_010, 1);
    check_range(u64::MAX - 5, u64::MAX, 2);
    check_range(1u64 << 63, (1 << 63) + 7, 3);
    check_range(i64::MAX, i64::MIN, i64::MIN);
    check_range(i64::MIN, i64::MAX, i64::MAX);
    check_range(i64::MIN, i64::MIN + 3, 1);
    check_range(-9i64, 9, 4);
    check_range(9i64, -9, -4);
    check_range(5i64, 5, 1);
    // As many elements as there are, of which a slice is made.
    let all = arange_step(i64::MIN, 0, 1);
    assert!(matches!(all, Err(Error::Parameter { op: "arange", .. })), "2⁶³ are one too many");
    let most = arange_step(i64::MIN, -1, 1).unwrap();
    assert_array_eq(&most.slice(s![-3..]).unwrap(), &arr1(&[-4i64, -3, -2]).into_dyn());
    assert!(arange_step(0u64, u64::MAX, 1).is_err());
}

#[test]
fn ranges_of_narrow_integers_reach_their_ends() {
    check_range(-128i8, 127, 5);
    check_range(127i8, -128, -128);
    check_range(0u8, 255, 1);
    check_range(i32::MIN, i32::MAX, i32::MAX);
    check_range(u32::MAX - 3, u32::MAX, 1);
    check_range(u16::MAX - 9, u16::MAX, 4);
}

#[test]
fn ranges_of_floats_count_as_numpys() {
    assert_eq!(arange_step(0.0f64, 1.0, 0.1).unwrap().shape(), Some(vec![10]));
    assert_eq!(arange_step(0.0f32, 0.3, 0.1).unwrap().shape(), Some(vec![3]));
    assert_eq!(arange_step(0.0f64, 0.3, 0.1).unwrap().shape(), Some(vec![3]));
    assert_eq!(arange_step(f32::MIN, f32::MAX, 1e38).unwrap().shape(), Some(vec![7]));
    assert_eq!(arange_step(1.0f32, 0.0, -0.25).unwrap().compute().unwrap().as_slice().unwrap(), [1.0, 0.75, 0.5, 0.25]);
    for (start, stop, step) in [(0.0, 1e300, 1.0), (-1e308, 1e308, 1e307), (0.0, 1.0, f64::NAN), (0.0, f64::NAN, 1.0)] {
        assert!(
            matches!(arange_step(start, stop, step), Err(Error::Parameter { op: "arange", .. })),
            "{start} {stop} {step}"
        );
    }
    assert_eq!(arange_step(0.0, -1.0, f64::INFINITY).unwrap().shape(), Some(vec![0]));
}

#[test]
fn linspace_ends_are_the_ends_for_every_range() {
    fn all<T: gridloom::dtype::Real + Sample>() {
        let edges: Vec<T> = T::edges().into_iter().filter(|v| v.scalar().to_f64().is_finite()).collect();
        for (i, &a) in edges.iter().enumerate() {
            let b = edges[(i * 7 + 3) % edges.len()];
            for n in [1, 2, 3, 10] {
                let got = linspace(a, b, n).compute().unwrap();
                let got = got.as_slice().unwrap();
                assert_eq!(got.len(), n);
                let context = format!("{a:?}..{b:?} in {n}: {got:?}");
                assert!(got[0].scalar().to_f64() == a.scalar().to_f64(), "{context}");
                assert!(n == 1 || got[n - 1] == b, "{context}");
                assert!(got.iter().all(|v| v.scalar().to_f64().is_finite()), "{context}");
                assert!(got.windows(2).all(|w| if a < b { w[0] <= w[1] } else { w[0] >= w[1] }), "{context}");
            }
        }
    }
    // Adapters may take subnormal numbers for zero; constants are the host's.
    if !device().is_gpu() {
        each_type!([f32 f64], T => all::<T>());
        // A step that is no number but 0.
        let least = f64::from_bits(1);
        assert_array_eq(&linspace(0.0, least, 5), &arr1(&[0.0, 0.0, 0.0, least, least]).into_dyn());
    }
    let wide = linspace(f64::MIN, f64::MAX, 3);
    assert_array_eq(&wide, &arr1(&[f64::MIN, 0.0, f64::MAX]).into_dyn());
    assert_array_eq(&linspace(-3e38f32, 3e38, 2), &arr1(&[-3e38f32, 3e38]).into_dyn());
    // Only the last of 2²⁵ elements is the end, though an f32 cannot tell their numbers apart.
    let many = linspace(0.0f32, 1.0, 1 << 25).slice(s![-4..]).unwrap().compute().unwrap();
    assert_eq!(
        many.iter().filter(|&&v| v == 1.0).count(),
        many.as_slice().unwrap().iter().rev().take_while(|&&v| v == 1.0).count()
    );
}

#[test]
fn diagonals_far_away_are_empty() {
    for k in [3, -3, 1 << 31, -(1 << 31), 1 << 32, -(1 << 32), (1 << 32) + 1, isize::MAX, isize::MIN] {
        assert_array_eq(&eye_offset::<i32>(3, 3, k), &ArrayD::zeros(vec![3, 3]));
    }
    for k in -4..5 {
        let want = ndarray::Array2::from_shape_fn((3, 4), |(i, j)| i64::from(j as isize - i as isize == k));
        assert_array_eq(&eye_offset::<i64>(3, 4, k), &want.into_dyn());
    }
    let wide = eye_offset::<u8>(2, 1 << 40, (1 << 40) - 1).slice(s![.., -2..]).unwrap();
    assert_array_eq(&wide, &ndarray::arr2(&[[0, 1], [0, 0]]).into_dyn());
}

/// Scalars keep all their bits on every way into an expression.
#[test]
fn scalars_of_64_bits_are_exact_wherever_they_go() {
    fn all<T: Integer + Sample>(one: T) {
        let x = Array::from(T::edges());
        let plain: ArrayD<T> = arr1(&T::edges()).into_dyn();
        for c in T::edges() {
            assert_array_eq(&full(3, c), &ArrayD::from_elem(vec![3], c));
            assert_array_eq(&gridloom::full_like(&x, c), &ArrayD::from_elem(plain.raw_dim(), c));
            assert_array_eq(&x.lt(c), &plain.mapv(|v| v < c));
            assert_array_eq(&x.eq(c), &plain.mapv(|v| v == c));
            assert_array_eq(&x.minimum(c).unwrap(), &plain.mapv(|v| if v < c { v } else { c }));
            assert_array_eq(&x.clip(c, c).unwrap(), &ArrayD::from_elem(plain.raw_dim(), c));
            let picked = gridloom::where_(&x.ge(c), c, &x).unwrap();
            assert_array_eq(&picked, &plain.mapv(|v| if v >= c { c } else { v }));
            let kept = x.filter(&x.eq(c)).unwrap();
            assert_array_eq(&gridloom::full_like(&kept, c), &arr1(&[c]).into_dyn());
            assert_array_eq(&x.map(|v| v.maximum(c)), &plain.mapv(|v| if v > c { v } else { c }));
            let ones = ones::<T>(3).mul(one).unwrap().add(c).unwrap().sub(c).unwrap();
            assert_array_eq(&ones, &ArrayD::from_elem(vec![3], one));
        }
        assert_eq!(x.max().unwrap().item().unwrap(), *T::edges().last().unwrap());
    }
    all::<i64>(1);
    all::<u64>(1);
}

#[test]
fn huge_arrays_are_numbered_or_refused() {
    let huge = zeros::<u8>((1 << 40, 1 << 40));
    assert!(matches!(huge.ravel(), Err(Error::TooLong { op: "reshape", .. })));
    assert!(matches!(huge.reshape([1i64 << 41, 1 << 39]), Err(Error::TooLong { .. })));
    let long = zeros::<u8>(usize::MAX);
    assert!(matches!(long.slice(s![1..]), Err(Error::TooLong { op: "slice", .. })));
    assert!(matches!(long.slice(s![-1]), Err(Error::TooLong { .. })));
    let half = zeros::<u8>(1 << 62);
    assert!(matches!(gridloom::concatenate(&[half.clone(), half], 0), Err(Error::TooLong { op: "concatenate", .. })));
    let far = arange::<i64>(1 << 40).take([-1, 0, (1i64 << 40) - 2], 0).unwrap();
    assert_array_eq(&far, &arr1(&[(1i64 << 40) - 1, 0, (1 << 40) - 2]).into_dyn());
    assert!(matches!(arange::<i64>(5).take([isize::MIN], 0), Err(Error::IndexOutOfRange { index: i64::MIN, .. })));
}
