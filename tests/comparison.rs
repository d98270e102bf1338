//! Closeness, equality of whole arrays, logic, tests and functions of a few rows, against plain arithmetic.

use gridloom::functions::{self, logical_and, logical_or, logical_xor};
use gridloom::{Array, DType, DynArray, DynOperand, Error, Tolerance};
use insta::assert_snapshot;
use ndarray::{ArrayD, IxDyn};

use crate::common::{Sample, assert_array_eq, chunked, chunkings, data, device, each_type, same, ulps};

fn refused<R>(result: Result<R, Error>) -> String {
    result.err().expect("an error").to_string()
}
fn truth(array: Result<Array<bool>, Error>) -> bool {
    device();
    array.unwrap().item().unwrap()
}

/// A number that is exact in `f64`.
fn wide<T: Into<f64>>(number: T) -> f64 {
    number.into()
}

/// Values where something changes. Adapters may take subnormal numbers for zero.
fn edges<T: Sample>() -> Vec<T> {
    let least = if T::DTYPE == DType::F32 { f32::MIN_POSITIVE.into() } else { f64::MIN_POSITIVE };
    let mut edges = T::edges();
    let number = |edge: &T| edge.scalar().to_f64();
    edges.retain(|edge| {
        !device().is_gpu() || number(edge) == 0.0 || number(edge).is_nan() || number(edge).abs() >= least
    });
    edges
}

/// Every pair of edge values.
fn pairs<T: Sample>() -> (Vec<T>, Vec<T>) {
    let edges = edges::<T>();
    edges.iter().flat_map(|&x| edges.iter().map(move |&y| (x, y))).unzip()
}

#[test]
fn close_numbers_are_within_both_tolerances() {
    let tolerances = [
        Tolerance::default(),
        Tolerance { relative: 0.5, absolute: 0.0, nan_equal: true },
        Tolerance { relative: 0.0, absolute: 2.0, nan_equal: false },
    ];
    for tolerance in tolerances {
        let Tolerance { relative, absolute, nan_equal } = tolerance;
        let close = |x: f64, y: f64| {
            let near = y.is_finite() && (x - y).abs() <= absolute + relative * y.abs();
            near || x == y || (nan_equal && x.is_nan() && y.is_nan())
        };
        each_type!([u8 i32 f64], T => {
            let (x, y) = pairs::<T>();
            let want: Vec<bool> = x.iter().zip(&y).map(|(&x, &y)| close(wide(x), wide(y))).collect();
            let all = want.iter().all(|&close| close);
            let (x, y) = (gridloom::array(x).rechunk(7).unwrap(), gridloom::array(y));
            assert_array_eq(&x.isclose(&y, tolerance).unwrap(), &ArrayD::from_shape_vec(vec![want.len()], want).unwrap());
            assert_eq!(truth(x.allclose(&y, tolerance)), all);
        });
    }
    let x: DynArray = gridloom::array([1.0f32, 2.0]).into();
    let wide: DynArray = gridloom::array([[1.0f64], [2.0]]).into();
    let close = functions::isclose(&x, &wide, Tolerance::default()).unwrap().typed::<bool>().unwrap();
    assert_array_eq(&close, &ndarray::arr2(&[[true, false], [false, true]]).into_dyn());
    assert!(truth(functions::isclose(1, 1.0 + 1e-9, Tolerance::default()).unwrap().typed()));
    assert!(truth(gridloom::zeros::<f32>((3, 0)).allclose(1.0, Tolerance::default())), "of nothing");
    assert_snapshot!(refused(gridloom::zeros::<f32>(3).isclose(gridloom::zeros(2), Tolerance::default())), @"sub: shapes (3,) and (2,) do not broadcast: axis 0 is 3 against 2; insert an axis of length 1, or slice one of them");
}

#[test]
fn whole_arrays_are_equal_in_shape_and_elements() {
    use gridloom::{array_equal, array_equiv};
    each_type!(all, T => {
        for shape in [&[13, 10][..], &[7], &[0, 3], &[]] {
            let values = data::<T>(shape, 5);
            let mut other = values.clone();
            if let Some(last) = other.iter_mut().last() {
                *last = T::edges().into_iter().find(|edge| *edge != *last).unwrap();
            }
            for chunks in chunkings(shape) {
                let x = chunked(&values, &chunks);
                assert!(truth(array_equal(&x, &values.clone().into(), false)));
                assert!(truth(array_equiv(&x, &values.clone().into())));
                assert_eq!(truth(array_equal(&x, &other.clone().into(), false)), values.is_empty());
                assert_eq!(truth(array_equiv(&x, &other.clone().into())), values.is_empty());
                assert!(!truth(array_equal(&x, &x.insert_axis(0).unwrap(), false)));
                assert!(truth(array_equiv(&x, &x.insert_axis(0).unwrap())));
            }
        }
    });
    let x = gridloom::array([1.0, f64::NAN]);
    assert!(!truth(array_equal(&x, &x, false)));
    assert!(truth(array_equal(&x, &x, true)));
    assert!(!truth(array_equal(&x, &gridloom::array([1.0, 2.0]), true)));
    assert!(!truth(array_equiv(&x, &gridloom::zeros(3))));
    // Numbers, not what a common dtype makes of them.
    let odd: DynArray = gridloom::array([(1i64 << 53) + 1]).into();
    let even: DynArray = gridloom::array([1u64 << 53]).into();
    assert!(!truth(functions::array_equal(&odd, &even, false).unwrap().typed()));
    // Lengths that a mask makes.
    let line = gridloom::arange::<i32>(10);
    let [few, others] = [7, 8].map(|limit| line.filter(&line.gt(limit)).unwrap());
    assert!(truth(array_equal(&few, &few, false)));
    assert!(!truth(array_equal(&few, &line.insert_axis(0).unwrap(), false)));
    assert_snapshot!(refused(array_equal(&few, &gridloom::array([9]), false)), @"array_equal: shape (?,) has an unknown length; compute() it and go on from the result, or resolve() it before");
    assert_snapshot!(refused(array_equal(&line, &few, false)), @"array_equal: shape (?,) has an unknown length; compute() it and go on from the result, or resolve() it before");
    assert!(array_equal(&few, &others, false).is_err());
    assert!(array_equiv(&few, &others).is_err());
}

#[test]
fn logic_is_of_what_is_not_zero() {
    each_type!(all, T => {
        let (x, y) = pairs::<T>();
        let on = |v: T| v != T::default();
        let table = |f: fn(bool, bool) -> bool| {
            let want: Vec<bool> = x.iter().zip(&y).map(|(&x, &y)| f(on(x), on(y))).collect();
            ArrayD::from_shape_vec(vec![want.len()], want).unwrap()
        };
        let (a, b) = (gridloom::array(&x).rechunk(5).unwrap(), gridloom::array(&y));
        assert_array_eq(&a.logical_and(&b).unwrap(), &table(|x, y| x && y));
        assert_array_eq(&a.logical_or(&b).unwrap(), &table(|x, y| x || y));
        assert_array_eq(&a.logical_xor(&b).unwrap(), &table(|x, y| x != y));
        assert_array_eq(&a.logical_not(), &table(|x, _| !x));
    });
    let x: DynArray = gridloom::array([0.0, 0.25]).into();
    let values = |x: Result<DynArray, Error>| x.unwrap().typed::<bool>().unwrap().to_vec().unwrap();
    assert_eq!(values(logical_and(&x, 2)), [false, true]);
    assert_eq!(values(logical_or(0.5, &x)), [true, true]);
    assert_eq!(values(logical_xor(&x, true)), [true, false]);
    assert_eq!(values(logical_and(&x, gridloom::array([[0u8], [3]]))), [false, false, false, true]);
}

#[test]
fn infinities_and_nan_are_told_apart_and_replaced() {
    each_type!([f32 f64], T => {
        let values = [T::NAN, T::INFINITY, T::NEG_INFINITY, 0.0, -0.0, 1.5, T::MAX, T::MIN];
        let x = gridloom::array(values).rechunk(3).unwrap();
        let each = |f: &dyn Fn(T) -> T| ArrayD::from_shape_vec(vec![values.len()], values.iter().map(|&v| f(v)).collect()).unwrap();
        let test = |f: &dyn Fn(T) -> bool| ArrayD::from_shape_vec(vec![values.len()], values.iter().map(|&v| f(v)).collect()).unwrap();
        assert_array_eq(&x.isposinf(), &test(&|v| v == T::INFINITY));
        assert_array_eq(&x.isneginf(), &test(&|v| v == T::NEG_INFINITY));
        let replaced = |nan: T, above: T, below: T| move |v: T| {
            if v.is_nan() { nan } else if v == T::INFINITY { above } else if v == T::NEG_INFINITY { below } else { v }
        };
        assert_array_eq(&x.nan_to_num(0.0, None, None), &each(&replaced(0.0, T::MAX, T::MIN)));
        assert_array_eq(&x.nan_to_num(-1.0, Some(2.0), Some(T::NAN)), &each(&replaced(-1.0, 2.0, T::NAN)));
        let (fractions, whole) = x.modf();
        assert_array_eq(&whole, &each(&|v| v.trunc()));
        assert_array_eq(&fractions, &each(&|v| if v.is_infinite() { T::copysign(0.0, v) } else { T::copysign(v - v.trunc(), v) }));
    });
    let whole: DynArray = gridloom::array([3i8, -1]).into();
    assert_eq!(whole.isposinf().typed::<bool>().unwrap().to_vec().unwrap(), [false; 2]);
    assert_eq!(whole.nan_to_num(9.0, None, None).node().key, whole.node().key);
    assert_eq!(whole.modf().1.typed::<f64>().unwrap().to_vec().unwrap(), [3.0, -1.0]);
    assert_eq!(whole.positive().unwrap().node().key, whole.node().key);
    assert_snapshot!(refused(whole.gt(0).unwrap().positive()), @"positive: is not defined for bool; it takes numbers: cast() it to one");
}

#[test]
fn members_of_a_few_values_are_found() {
    each_type!(all, T => {
        let edges = edges::<T>();
        let some: Vec<T> = edges.iter().copied().step_by(2).collect();
        let want: Vec<bool> = edges.iter().map(|edge| some.iter().any(|one| edge == one)).collect();
        let x = gridloom::array(&edges).rechunk(4).unwrap();
        assert_array_eq(&x.isin(&some).unwrap(), &ArrayD::from_shape_vec(vec![edges.len()], want).unwrap());
        assert_array_eq(&x.isin(&[]).unwrap(), &ArrayD::from_elem(vec![edges.len()], false));
    });
    let x: DynArray = gridloom::arange::<u8>(100).into();
    let many: Vec<DynOperand> = (0..65).map(DynOperand::from).collect();
    let found = x.isin(&many[1..]).unwrap().sum().typed::<i64>().unwrap();
    assert_eq!(found.item().unwrap(), 64);
    let beyond = [(-1).into(), 1e9.into(), 99.0.into(), true.into(), DynOperand::from(Array::from(7i64))];
    assert_eq!(x.isin(&beyond).unwrap().sum().typed::<i64>().unwrap().item().unwrap(), 3);
    assert_snapshot!(refused(x.isin(&many)), @"isin: the number of values is 65; it must be at most 64: compare with the ends of ranges, or ask a set of them in map_chunks()");
    assert_snapshot!(refused(x.isin(&[(&x).into()])), @"isin: needs 0-d values, got an array of shape (100,)");
}

/// Compares with numbers of an f64 oracle, to so many units of `T`'s last place.
macro_rules! assert_near {
    ($T:ty, $got:expr, $want:expr, $ulps:literal) => {
        let (got, want): (Vec<$T>, Vec<f64>) = ($got.to_vec().unwrap(), $want);
        for (k, (&g, &w)) in got.iter().zip(&want).enumerate() {
            let distance = ulps(<$T as gridloom::Element>::DTYPE, wide(g), w);
            assert!(distance <= $ulps, "at {k}: got {g:?}, expected {w:?}: {distance} ulps");
        }
        assert_eq!(got.len(), want.len());
    };
}

#[test]
fn functions_of_a_few_rows_are_what_they_say() {
    device();
    each_type!([f32 f64], T => {
        let some = [0.0, -0.0, 0.5, -3.25, 1.0, 20.0, -80.0, 1e30, T::INFINITY, T::NEG_INFINITY, T::NAN];
        let (x, y): (Vec<T>, Vec<T>) = some.iter().flat_map(|&x| some.iter().map(move |&y| (x, y))).unzip();
        let (a, b) = (gridloom::array(&x).rechunk(10).unwrap(), gridloom::array(&y));
        let both = |f: fn(f64, f64) -> f64| x.iter().zip(&y).map(|(&x, &y)| f(wide(x), wide(y))).collect();
        assert_near!(T, a.heaviside(&b).unwrap(), both(|x, y| if x.is_nan() { x } else if x == 0.0 { y } else { f64::from(x > 0.0) }), 0.0);
        assert_near!(T, a.logaddexp(&b).unwrap(), both(|x, y| {
            if x == y { x + std::f64::consts::LN_2 } else { f64::max(x, y) + (-(x - y).abs()).exp().ln_1p() + nan_of(x, y) }
        }), 4.0);
        assert_near!(T, a.logaddexp2(&b).unwrap(), both(|x, y| {
            if x == y { x + 1.0 } else { f64::max(x, y) + (-(x - y).abs()).exp2().ln_1p() * std::f64::consts::LOG2_E + nan_of(x, y) }
        }), 4.0);
        let (quotients, rest) = a.divmod(&b).unwrap();
        assert_eq!(quotients.node().key, a.floor_div(&b).unwrap().node().key);
        assert_eq!(rest.node().key, a.floor_mod(&b).unwrap().node().key);
        let near = [0.25, 0.5, -0.75, 1.5, 0.1];
        let angle = |v: &T| wide(*v) * std::f64::consts::PI;
        assert_near!(T, gridloom::array(near.map(|v| v as T)).sinc(), near.iter().map(|v| *v as T).map(|v| angle(&v).sin() / angle(&v)).collect::<Vec<f64>>(), 8.0);
        let special: Vec<T> = gridloom::array([0.0, -0.0, T::NAN, T::INFINITY, T::MIN_POSITIVE]).sinc().to_vec().unwrap();
        assert!(special.iter().zip([1.0, 1.0, T::NAN, T::NAN, 1.0]).all(|(&got, want)| same(got, want)), "{special:?}");
    });
    let x: DynArray = gridloom::array([-1i32, 0, 2]).into();
    assert_eq!(functions::heaviside(&x, 1).unwrap().typed::<f64>().unwrap().to_vec().unwrap(), [0.0, 1.0, 1.0]);
    assert_eq!(functions::heaviside(x.cast(DType::F32), 0.5).unwrap().dtype(), DType::F32);
    let (quotients, rest) = functions::divmod(7, &x).unwrap();
    assert_eq!((quotients.dtype(), rest.typed::<i32>().unwrap().to_vec().unwrap()), (DType::I32, vec![0, 0, 1]));
    assert_eq!(functions::logaddexp(&x, 0).unwrap().dtype(), DType::F64);
    let empty: DynArray = Array::from(ArrayD::<f32>::zeros(IxDyn(&[0, 2]))).into();
    assert_eq!(functions::logaddexp2(&empty, 1.0).unwrap().compute().unwrap().shape(), [0, 2]);
}

/// NaN where one is, which a maximum of Rust's leaves out.
fn nan_of(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() { f64::NAN } else { 0.0 }
}
