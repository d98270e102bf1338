//! Products of vectors and matrices against sums in 64 bits, and what their plans read in place.

use gridloom::dtype::Scalar;
use gridloom::error::Error;
use gridloom::{Array, ChunkSpec, DType, Element, dot};
use ndarray::{Array2, ArrayD, Axis, IxDyn, s};

use crate::common::{Sample, assert_array_eq, check_array, chunked, data, device, each_type, small_data};

/// How many stages of a plan are the kernel of this name.
fn kernels(plan: &str, name: &str) -> usize {
    let titles = plan.lines().filter(|line| line.starts_with('#'));
    titles.filter(|line| line.split_whitespace().nth(2) == Some(name)).count()
}

/// The product of plain matrices: integers wrap, `bool` is "any of both", floats are exact for small data.
fn matmul<T: Element>(a: &ArrayD<T>, b: &ArrayD<T>) -> ArrayD<T> {
    let ([m, k], [_, n]) = (a.shape(), b.shape()) else { panic!("not 2-d") };
    let (m, n, k) = (*m, *n, *k);
    let floats = |x: &ArrayD<T>| -> Vec<f64> { x.iter().map(|v| v.scalar().to_f64()).collect() };
    let whole = |x: &ArrayD<T>| -> Vec<i64> { x.iter().map(|v| v.scalar().to_i64()).collect() };
    let (fa, fb, ia, ib) = (floats(a), floats(b), whole(a), whole(b));
    let value = |i: usize, j: usize| {
        if T::DTYPE.is_float() {
            return Scalar::from_f64(T::DTYPE, (0..k).map(|l| fa[i * k + l] * fb[l * n + j]).sum::<f64>() + 0.0).get();
        }
        let sum = (0..k).fold(0i64, |sum, l| sum.wrapping_add(ia[i * k + l].wrapping_mul(ib[l * n + j])));
        Scalar::from_i64(T::DTYPE, sum).get()
    };
    Array2::from_shape_fn((m, n), |(i, j)| value(i, j)).into_dyn()
}

/// The product of plain arrays of one or two axes.
fn product<T: Element>(a: &ArrayD<T>, b: &ArrayD<T>) -> ArrayD<T> {
    let wide = |x: &ArrayD<T>, axis| {
        if x.ndim() == 1 { x.clone().insert_axis(Axis(axis)) } else { x.clone() }
    };
    let mut result = matmul(&wide(a, 0), &wide(b, 1));
    if b.ndim() == 1 {
        result = result.index_axis_move(Axis(1), 0);
    }
    if a.ndim() == 1 {
        result = result.index_axis_move(Axis(0), 0);
    }
    result
}

/// The oracle's zeros have no sign that a product must keep.
#[track_caller]
fn assert_product<T: Element>(got: &Array<T>, want: &ArrayD<T>) {
    if let Err(problem) = check_array(got, want, |g, w| g == w) {
        panic!("{} {problem}", T::DTYPE);
    }
}

/// Chunk sizes of an axis, by number.
fn size(len: usize, pick: usize) -> usize {
    [len, len.div_ceil(2), 3, len.div_ceil(3) + 1][pick % 4].clamp(1, len.max(1))
}

#[test]
fn products_of_vectors_and_matrices_match_sums_for_any_chunks() {
    fn all<T: Sample>() {
        for (a, b) in [
            (vec![7], vec![7]),
            (vec![9, 7], vec![7]),
            (vec![7], vec![7, 5]),
            (vec![1, 1], vec![1, 1]),
            (vec![9, 7], vec![7, 5]),
            (vec![1, 40], vec![40, 3]),
            (vec![33, 2], vec![2, 18]),
        ] {
            let (left, right) = (small_data::<T>(&a, 60), small_data::<T>(&b, 61));
            let want = product(&left, &right);
            for pick in 0..4 {
                let spec = |shape: &[usize], by: usize| -> ChunkSpec {
                    let sizes: Vec<usize> = shape.iter().enumerate().map(|(k, &d)| size(d, pick + by * k)).collect();
                    sizes.as_slice().into()
                };
                let (x, y) = (chunked(&left, &spec(&a, 1)), chunked(&right, &spec(&b, 2)));
                assert_product(&x.dot(&y).unwrap(), &want);
            }
        }
    }
    device();
    each_type!(all, T => all::<T>());
}

#[test]
fn larger_products_cross_every_tile() {
    fn all<T: Sample>(chunkings: &[usize]) {
        let (m, k, n) = (131, 150, 137);
        let (left, right) = (small_data::<T>(&[m, k], 62), small_data::<T>(&[k, n], 63));
        let want = product(&left, &right);
        for &c in chunkings {
            let x = chunked(&left, &(c, c + 3).into());
            let y = chunked(&right, &(c.div_ceil(2) + 7, c + 1).into());
            let got = x.dot(&y).unwrap();
            assert_product(&got, &want);
            assert_eq!(got.chunks().axes(), [x.chunks().axes()[0].clone(), y.chunks().axes()[1].clone()]);
        }
    }
    all::<f32>(&[200, 64, 41]);
    all::<f64>(&[200, 50]);
    all::<i32>(&[200, 50]);
    all::<u8>(&[70]);
    all::<i64>(&[70]);
    all::<bool>(&[70]);
}

#[test]
fn integer_products_wrap() {
    fn all<T: Sample>() {
        let (left, right) = (data::<T>(&[12, 30], 64), data::<T>(&[30, 11], 65));
        let want = product(&left, &right);
        for c in [30, 7] {
            assert_product(&chunked(&left, &c.into()).dot(&chunked(&right, &c.into())).unwrap(), &want);
        }
    }
    each_type!([u8 u16 u32 u64 i8 i16 i32 i64], T => all::<T>());
}

#[test]
fn products_of_ordinary_floats_are_within_the_rounding_bound() {
    fn all<T: Sample>(epsilon: f64) {
        let (m, k, n) = (40, 300, 35);
        let (left, right) = (data::<T>(&[m, k], 66), data::<T>(&[k, n], 67));
        let plain = |x: &ArrayD<T>| x.mapv(|v| v.scalar().to_f64());
        let (a, b) = (plain(&left), plain(&right));
        let (exact, size) = (product(&a, &b), product(&a.mapv(f64::abs), &b.mapv(f64::abs)));
        for c in [300, 37] {
            let got = chunked(&left, &c.into()).dot(&chunked(&right, &c.into())).unwrap().compute().unwrap();
            for ((got, want), size) in got.iter().zip(&exact).zip(&size) {
                let error = (got.scalar().to_f64() - want).abs();
                assert!(error <= k as f64 * epsilon * size, "{got} against {want}, chunks of {c}");
            }
        }
    }
    all::<f32>(f64::from(f32::EPSILON));
    all::<f64>(f64::EPSILON);
}

#[test]
fn views_are_multiplied_in_place() {
    fn all<T: Sample>() {
        let (left, right) = (small_data::<T>(&[24, 18], 68), small_data::<T>(&[18, 24], 69));
        for (c, d) in [(24, 18), (7, 5)] {
            let (x, y) = (chunked(&left, &(c, d).into()), chunked(&right, &(d, c).into()));
            let own = |view: ndarray::ArrayViewD<'_, T>| view.as_standard_layout().to_owned();
            let row = left.slice(s![3..4, ..]).broadcast((11, 18)).unwrap().to_owned().into_dyn();
            let cases = [
                (x.t(), y.t(), own(left.t()), own(right.t())),
                (x.clone(), x.t(), left.clone(), own(left.t())),
                (
                    x.slice(s![..;-1, ..]).unwrap(),
                    y.slice(s![.., 4..20;3]).unwrap(),
                    own(left.slice(s![..;-1, ..]).into_dyn()),
                    own(right.slice(s![.., 4..20;3]).into_dyn()),
                ),
                (
                    x.slice(s![2..9, 1..;2]).unwrap(),
                    y.slice(s![1..;-2, ..]).unwrap(),
                    own(left.slice(s![2..9, 1..;2]).into_dyn()),
                    own(right.slice(s![1..;-2, ..]).into_dyn()),
                ),
                (
                    x.t().slice(s![..;-2, 3..]).unwrap(),
                    x.slice(s![3.., ..;-1]).unwrap(),
                    own(left.t().slice_move(s![..;-2, 3..]).into_dyn()),
                    own(left.slice(s![3.., ..;-1]).into_dyn()),
                ),
                (x.index_axis(0, 3).unwrap().broadcast_to((11, 18)).unwrap(), y.clone(), row.clone(), right.clone()),
                (x.index_axis(1, -1).unwrap(), y.t(), own(left.index_axis(Axis(1), 17)), own(right.t())),
                (y.index_axis(1, 5).unwrap(), y.clone(), own(right.index_axis(Axis(1), 5)), right.clone()),
            ];
            for (i, (a, b, plain_a, plain_b)) in cases.iter().enumerate() {
                let got = a.dot(b).unwrap();
                assert_product(&got, &product(plain_a, plain_b));
                // Results of matrices are the product itself; those of vectors are a view of it.
                if a.ndim() == 2 && b.ndim() == 2 {
                    let plan = got.explain().unwrap();
                    assert_eq!((kernels(&plan, "dot"), kernels(&plan, "map")), (1, 0), "case {i}: {plan}");
                }
            }
        }
    }
    each_type!([f32 f64 i32], T => all::<T>());
}

#[test]
fn sums_with_a_transpose_are_multiplied() {
    for c in [20, 6] {
        let values = small_data::<f32>(&[20, 20], 70);
        let a = chunked(&values, &c.into());
        let symmetric = (&values + &values.t()).into_dyn();
        let got = a.dot(&(&a + a.t())).unwrap();
        assert_product(&got, &product(&values, &symmetric));
        let plan = got.explain().unwrap();
        assert_eq!((kernels(&plan, "dot"), kernels(&plan, "map")), (1, 1), "{plan}");
        assert_product(&dot(&a, &got).unwrap().t(), &product(&values, &product(&values, &symmetric)).t().to_owned());
        let trace = (a.matmul(&a).unwrap() * gridloom::eye::<f32>(20)).sum().item().unwrap();
        assert_eq!(trace, product(&values, &values).into_dimensionality::<ndarray::Ix2>().unwrap().diag().sum());
    }
}

#[test]
fn generated_operands_and_wide_vectors_multiply() {
    let n = 10_000;
    let x = gridloom::arange::<f64>(n).rechunk(1500).unwrap();
    assert_eq!(x.dot(&x).unwrap().item().unwrap(), (0..n).map(|i| (i * i) as f64).sum::<f64>());
    let ones = gridloom::ones::<i32>((3, n)).rechunk((2, 700)).unwrap();
    let want = (0..n as i32).sum::<i32>();
    assert_array_eq(&ones.dot(&x.cast()).unwrap(), &ndarray::arr1(&[want; 3]).into_dyn());
    let eye = gridloom::eye::<f32>(90).rechunk(40).unwrap();
    let values = small_data::<f32>(&[90, 4], 71);
    assert_product(&eye.dot(&chunked(&values, &(25, 3).into())).unwrap(), &values);
}

#[test]
fn products_over_nothing_are_zero_and_of_nothing_are_empty() {
    fn all<T: Sample>() {
        let zeros = |shape: &[usize]| Array::<T>::from(ArrayD::from_elem(IxDyn(shape), T::default()));
        let empty = |shape: &[usize]| ArrayD::from_elem(IxDyn(shape), T::default());
        assert_product(&zeros(&[3, 0]).dot(&zeros(&[0, 4])).unwrap(), &empty(&[3, 4]));
        assert_product(&zeros(&[0]).dot(&zeros(&[0])).unwrap(), &empty(&[]));
        assert_product(&zeros(&[0, 5]).dot(&zeros(&[5, 4])).unwrap(), &empty(&[0, 4]));
        assert_product(&zeros(&[3, 5]).dot(&zeros(&[5, 0])).unwrap(), &empty(&[3, 0]));
        assert_product(&zeros(&[3, 0]).dot(&zeros(&[0])).unwrap(), &empty(&[3]));
        assert_product(&zeros(&[0, 5]).dot(&zeros(&[5])).unwrap(), &empty(&[0]));
    }
    each_type!([f32 f64 i32 bool], T => all::<T>());
    assert_eq!(gridloom::zeros::<f32>((2, 2)).dtype(), DType::F32);
}

#[test]
fn operands_that_do_not_align_are_refused() {
    let x = gridloom::zeros::<f32>((4, 5));
    assert!(matches!(x.dot(&x), Err(Error::DotAlign { left: 5, right: 4, .. })));
    assert!(matches!(x.dot(&gridloom::zeros(4)), Err(Error::DotAlign { left: 5, right: 4, .. })));
    assert!(matches!(gridloom::zeros::<f32>(5).dot(&x), Err(Error::DotAlign { left: 5, right: 4, .. })));
    let number = gridloom::zeros::<f32>(vec![]);
    assert!(matches!(x.dot(&number), Err(Error::Rank { op: "dot", .. })));
    assert!(matches!(x.dot(&gridloom::zeros((2, 4, 3))), Err(Error::DotAlign { left: 5, right: 4, .. })));
    assert_eq!(x.dot(&gridloom::zeros((2, 5, 3))).unwrap().shape(), Some(vec![4, 2, 3]));
    let kept = gridloom::arange::<f32>(9);
    let kept = kept.filter(&kept.gt(4.0)).unwrap();
    assert!(matches!(kept.dot(&kept), Err(Error::UnknownLength { op: "dot", .. })));
}
