//! Functions that look at bits, Bessel's and Kaiser's, angles that go on, dtypes' limits, views of bytes: against plain loops over all
//! kinds of numbers. (NumPy's own values: `python/tests/test_exact.py`.)

use gridloom::dtype::Scalar;
use gridloom::functions::{
    self, Casting, can_cast, common_type, finfo, gcd, iinfo, lcm, ldexp, min_scalar_type, nextafter,
};
use gridloom::{Array, DType, DynArray, Error};
use ndarray::ArrayD;

use crate::common::{assert_array_eq, each_type};

fn dynamic<T: gridloom::Element>(values: &[T]) -> DynArray {
    gridloom::array(values).into()
}
fn bits(x: &DynArray) -> Vec<u64> {
    x.typed::<f64>().unwrap().to_vec().unwrap().into_iter().map(f64::to_bits).collect()
}

/// Zeros, subnormals, ends, infinities, and numbers between them.
const FLOATS: [f64; 14] = [
    0.0,
    -0.0,
    5e-324,
    -3e-320,
    f64::MIN_POSITIVE,
    1.0,
    -1.0,
    0.75,
    -6.5,
    1e300,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

#[test]
fn next_numbers_and_distances_are_those_of_the_standard_library() {
    let x = dynamic(&FLOATS).insert_axis(1).unwrap();
    let y = nextafter(&x, dynamic(&FLOATS).rechunk(3).unwrap()).unwrap();
    let next = |x: f64, y: f64| match x.partial_cmp(&y).unwrap() {
        std::cmp::Ordering::Less => x.next_up(),
        std::cmp::Ordering::Greater => x.next_down(),
        std::cmp::Ordering::Equal => y,
    };
    let want: Vec<u64> = FLOATS.iter().flat_map(|&x| FLOATS.map(|y| next(x, y).to_bits())).collect();
    assert_eq!(bits(&y), want);
    let nan = nextafter(dynamic(&[1.0, f64::NAN]), dynamic(&[f64::NAN, 1.0])).unwrap();
    assert!(nan.isnan().unwrap().all().typed::<bool>().unwrap().item().unwrap());
    let single = nextafter(dynamic(&[1f32, -0.0, f32::MAX]), f64::INFINITY).unwrap();
    assert_eq!(single.typed::<f32>().unwrap().to_vec().unwrap(), [1f32.next_up(), f32::from_bits(1), f32::INFINITY]);
    // Halves: 1 + 2⁻¹⁰.
    let half = nextafter(dynamic(&[1.0]).cast(DType::F16), dynamic(&[2.0]).cast(DType::F16)).unwrap();
    assert_eq!(half.cast(DType::F64).typed::<f64>().unwrap().to_vec().unwrap(), [1.0 + 2f64.powi(-10)]);
    let finite: Vec<f64> = FLOATS.into_iter().filter(|x| x.is_finite()).collect();
    let want: Vec<f64> = finite.iter().map(|&x| if x < 0.0 { x.next_down() - x } else { x.next_up() - x }).collect();
    assert_eq!(dynamic(&finite).spacing().unwrap().typed::<f64>().unwrap().to_vec().unwrap(), want);
    assert!(
        dynamic(&[f64::INFINITY, f64::NAN])
            .spacing()
            .unwrap()
            .typed::<f64>()
            .unwrap()
            .to_vec()
            .unwrap()
            .iter()
            .all(|x| x.is_nan())
    );
}

#[test]
fn parts_make_the_number_again() {
    let x = dynamic(&FLOATS);
    let (fractions, powers) = x.frexp().unwrap();
    assert_eq!(bits(&ldexp(&fractions, &powers).unwrap()), FLOATS.map(f64::to_bits));
    let fractions = fractions.typed::<f64>().unwrap().to_vec().unwrap();
    assert!(fractions.iter().all(|f| *f == 0.0 || f.is_infinite() || (0.5..1.0).contains(&f.abs())), "{fractions:?}");
}

#[test]
fn powers_of_two_round_once() {
    // 1 + 2⁻⁵² far down: halves between two subnormals go to the even one, and what is a little more goes up.
    let x = [1.5, 1.0 + f64::EPSILON, 1.0, 3.0, 5e-324, f64::MAX, -0.0, f64::INFINITY];
    for n in [-5000i64, -2200, -1076, -1075, -1074, -1073, -1023, -54, 0, 1, 1023, 1024, 2098, 5000, i64::MIN, i64::MAX]
    {
        let made = ldexp(dynamic(&x), n).unwrap();
        // By a number that holds all: halves, one after the other, of an integer; rounded by hand.
        let want = x.map(|x| exact(x, n).to_bits());
        assert_eq!(bits(&made), want, "{n}");
    }
    let single = ldexp(dynamic(&[1.5f32, 3.0, 1.0]), dynamic(&[-149, -150, 128])).unwrap();
    assert_eq!(single.typed::<f32>().unwrap().to_vec().unwrap(), [f32::from_bits(2), f32::from_bits(2), f32::INFINITY]);
    assert!(matches!(ldexp(dynamic(&[1.0]), 0.5), Err(Error::DType { op: "ldexp", .. })));
}

/// `x · 2^n`: a whole mantissa shifted by hand, halves to even.
fn exact(x: f64, n: i64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let bits = x.abs().to_bits();
    let (stored, fraction) = ((bits >> 52) as i64, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = if stored == 0 { (fraction, -1074) } else { (fraction | 1 << 52, stored - 1075) };
    let exponent = i128::from(exponent) + i128::from(n);
    let top = 64 - i128::from(mantissa.leading_zeros());
    if top + exponent > 1024 {
        return f64::INFINITY.copysign(x);
    }
    // How many of its bits are below the last one that the result has.
    let lost = (-1074 - exponent).max(0);
    if lost > 60 {
        return 0f64.copysign(x);
    }
    let (kept, rest, half) =
        (mantissa >> lost, mantissa & ((1u64 << lost) - 1), if lost > 0 { 1u64 << (lost - 1) } else { u64::MAX });
    let rounded = kept + u64::from(rest > half || rest == half && kept % 2 == 1);
    let mut value = rounded as f64;
    let mut left = exponent + lost;
    while left != 0 {
        let step = left.clamp(-1000, 1000);
        value *= 2f64.powi(step as i32);
        left -= step;
    }
    value.copysign(x)
}

#[test]
fn divisors_and_multiples_are_those_of_plain_loops() {
    fn divisor(mut x: u128, mut y: u128) -> u128 {
        while y != 0 {
            (x, y) = (y, x % y);
        }
        x
    }
    each_type!([u8 u16 u32 u64 i8 i16 i32 i64], T => {
        let x: Vec<T> = [0i64, 1, 12, 18, 97, 126, -1, -12, i64::MIN, i64::MAX].map(|v| Scalar::from_i64(T::DTYPE, v).get::<T>()).to_vec();
        let a = dynamic(&x).insert_axis(1).unwrap();
        let b = dynamic(&x).rechunk(4).unwrap();
        let pairs = || x.iter().flat_map(|&p| x.iter().map(move |&q| [p, q].map(|v| v.scalar().to_i128().unsigned_abs())));
        let wrapped = |v: u128| Scalar::from_i64(T::DTYPE, v as u64 as i64).get::<T>();
        let of = |f: fn(u128, u128) -> u128| pairs().map(|[p, q]| wrapped(f(p, q))).collect::<Vec<T>>();
        use gridloom::Element;
        assert_eq!(gcd(&a, &b).unwrap().typed::<T>().unwrap().to_vec().unwrap(), of(divisor));
        assert_eq!(lcm(&a, &b).unwrap().typed::<T>().unwrap().to_vec().unwrap(), of(|p, q| p.checked_div(divisor(p, q)).unwrap_or(0) * q));
    });
    for result in [gcd(dynamic(&[1.0]), 2), lcm(dynamic(&[true]), true)] {
        assert!(matches!(result, Err(Error::DType { .. })));
    }
    let unlike = gcd(dynamic(&[1, 2]), dynamic(&[1, 2, 3]));
    assert!(matches!(unlike, Err(Error::Broadcast { op: "gcd", .. })));
    // Of unknown length, by one mask.
    let x = dynamic(&[4, 6, 9]);
    let x = x.filter(&x.gt(4).unwrap()).unwrap();
    assert_eq!(gcd(&x, x.mul(2).unwrap()).unwrap().typed::<i32>().unwrap().to_vec().unwrap(), [6, 9]);
}

#[test]
fn bessels_function_is_its_series() {
    let x: Vec<f64> = (-60..=60).map(|k| f64::from(k) * 0.37).collect();
    let exact = |x: f64| {
        let (mut term, mut sum) = (1.0, 1.0);
        for k in 1..200 {
            term *= (x / 2.0 / f64::from(k)).powi(2);
            sum += term;
        }
        sum
    };
    let made = dynamic(&x).rechunk(17).unwrap().i0().unwrap().typed::<f64>().unwrap().to_vec().unwrap();
    assert!(made.iter().zip(&x).all(|(made, &x)| (made / exact(x) - 1.0).abs() < 1e-14));
    let single: Vec<f32> = x.iter().map(|&x| x as f32).collect();
    let made = dynamic(&single).i0().unwrap().typed::<f32>().unwrap().to_vec().unwrap();
    assert!(made.iter().zip(&single).all(|(&made, &x)| (f64::from(made) / exact(x.into()) - 1.0).abs() < 4e-6));
    let ends = dynamic(&[f64::INFINITY, f64::NAN]).i0().unwrap().typed::<f64>().unwrap().to_vec().unwrap();
    assert!(ends[1].is_nan());
    for n in [0, 1, 2, 7] {
        let window = functions::kaiser(n, 5.0).unwrap().typed::<f64>().unwrap().to_vec().unwrap();
        assert_eq!(window.len(), n);
        let middle = (n as f64 - 1.0) / 2.0;
        for (k, value) in window.iter().enumerate() {
            let at = if n < 2 { 0.0 } else { (k as f64 - middle) / middle };
            assert!((value - exact(5.0 * (1.0 - at * at).sqrt()) / exact(5.0)).abs() < 1e-14);
        }
    }
    assert!(functions::kaiser(3, f64::NAN).is_err());
}

#[test]
fn angles_go_on() {
    let x: Array<f64> =
        gridloom::arange::<f64>(60).reshape([3, 20]).unwrap().mul(0.9).unwrap().rechunk((2, 7)).unwrap();
    let wrapped = x.floor_mod(std::f64::consts::TAU).unwrap();
    let on = DynArray::from(&wrapped)
        .unwrap_phase(std::f64::consts::TAU, None, 1)
        .unwrap()
        .typed::<f64>()
        .unwrap()
        .compute()
        .unwrap();
    let whole = wrapped.compute().unwrap();
    for (on, wrapped) in on.rows().into_iter().zip(whole.rows()) {
        assert!(on.iter().zip(on.iter().skip(1)).all(|(a, b)| (b - a - 0.9).abs() < 1e-12));
        assert!((on[0] - wrapped[0]).abs() < 1e-15);
    }
    let none = dynamic::<f64>(&[]).unwrap_phase(1.0, None, 0).unwrap();
    assert_eq!(none.shape(), Some(vec![0]));
    assert!(dynamic(&[1.0]).unwrap_phase(1.0, None, 1).is_err());
}

#[test]
fn views_are_of_the_same_bytes() {
    let x: Array<u32> =
        gridloom::arange::<u32>(24).mul(0x0101_4001).unwrap().reshape([4, 6]).unwrap().rechunk((3, 5)).unwrap();
    let whole = x.compute().unwrap();
    let bytes: Vec<u8> = whole.iter().flat_map(|value| value.to_le_bytes()).collect();
    let view = |dtype| DynArray::from(&x).reinterpret(dtype).unwrap();
    assert_array_eq(
        &view(DType::U8).typed::<u8>().unwrap(),
        &ArrayD::from_shape_vec(vec![4, 24], bytes.clone()).unwrap(),
    );
    let wide: Vec<u64> = bytes.chunks(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap())).collect();
    assert_array_eq(&view(DType::U64).typed::<u64>().unwrap(), &ArrayD::from_shape_vec(vec![4, 3], wide).unwrap());
    assert_array_eq(&view(DType::F32).reinterpret(DType::U32).unwrap().typed::<u32>().unwrap(), &whole);
    let there = view(DType::U16).reinterpret(DType::I64).unwrap().reinterpret(DType::U32).unwrap();
    assert_array_eq(&there.typed::<u32>().unwrap(), &whole);
    let truth = dynamic(&[0u8, 1, 7]).reinterpret(DType::Bool).unwrap();
    assert_eq!(truth.typed::<bool>().unwrap().to_vec().unwrap(), [false, true, true]);
    assert!(matches!(dynamic(&[1u8, 2, 3]).reinterpret(DType::U16), Err(Error::Parameter { op: "reinterpret", .. })));
    assert!(matches!(
        functions::full((), Scalar::from_i64(DType::U8, 1)).reinterpret(DType::U16),
        Err(Error::Rank { .. })
    ));
    assert_eq!(dynamic::<u8>(&[]).reinterpret(DType::U32).unwrap().shape(), Some(vec![0]));
}

#[test]
fn real_numbers_are_complex_ones_without_an_imaginary_part() {
    let x = dynamic(&[1.5f32, -0.0, -2.0]);
    assert_eq!(x.real().typed::<f32>().unwrap().to_vec().unwrap(), [1.5, 0.0, -2.0]);
    assert_eq!(x.imag().typed::<f32>().unwrap().to_vec().unwrap(), [0.0; 3]);
    assert_eq!(x.conj().dtype(), DType::F32);
    assert_eq!(x.isreal().typed::<bool>().unwrap().to_vec().unwrap(), [true; 3]);
    assert_eq!(x.iscomplex().typed::<bool>().unwrap().to_vec().unwrap(), [false; 3]);
    let pi = std::f32::consts::PI;
    assert_eq!(x.angle().unwrap().typed::<f32>().unwrap().to_vec().unwrap(), [0.0, pi, pi]);
}

#[test]
fn dtypes_have_their_limits() {
    let single = finfo(DType::F32).unwrap();
    assert_eq!((single.eps, single.max), (f32::EPSILON.into(), f32::MAX.into()));
    assert_eq!(
        (single.smallest_normal, single.smallest_subnormal),
        (f32::MIN_POSITIVE.into(), f32::from_bits(1).into())
    );
    let double = finfo(DType::F64).unwrap();
    assert_eq!((double.eps, double.max), (f64::EPSILON, f64::MAX));
    assert_eq!((double.smallest_normal, double.smallest_subnormal), (f64::MIN_POSITIVE, f64::from_bits(1)));
    let half = finfo(DType::F16).unwrap();
    assert_eq!((half.bits, half.max, half.eps), (16, 65504.0, 2f64.powi(-10)));
    assert!(finfo(DType::I32).is_err() && iinfo(DType::F32).is_err() && iinfo(DType::Bool).is_err());
    assert_eq!(iinfo(DType::U64).unwrap(), (0, u64::MAX.into()));
    for &from in DType::ALL {
        for &to in DType::ALL {
            let safe = can_cast(from, to, Casting::Safe);
            assert!(
                can_cast(from, to, Casting::Unsafe) && can_cast(from, to, Casting::No) == (from == to),
                "{from} {to}"
            );
            assert!(!safe || can_cast(from, to, Casting::SameKind), "{from} {to}");
            if safe && from.is_integer() && to.is_integer() {
                let ((a, b), (c, d)) = (iinfo(from).unwrap(), iinfo(to).unwrap());
                assert!(c <= a && b <= d, "{from} {to}");
            }
        }
    }
    assert_eq!(common_type(&[DType::F32, DType::F16]).unwrap(), DType::F32);
    assert!(common_type(&[DType::Bool]).is_err());
    let smallest = |value| min_scalar_type(Scalar::from_i64(DType::I64, value));
    assert_eq!(
        [255, 256, -128, -129, 1 << 40].map(smallest),
        [DType::U8, DType::U16, DType::I8, DType::I16, DType::U64]
    );
    let smallest = |value| min_scalar_type(Scalar::from_f64(DType::F64, value));
    assert_eq!([1.0, 1e30, 1e50, f64::NAN].map(smallest), [DType::F16, DType::F32, DType::F64, DType::F16]);
}
