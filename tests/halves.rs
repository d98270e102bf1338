//! Floats of two bytes: held as such everywhere, computed in `f32`, rounded after each function of elements. Oracles are loops over
//! the crate `half`.

use gridloom::dtype::Real;
use gridloom::ops::{BinaryOp, UnaryOp};
use gridloom::{Array, Bins, DType, DynArray, bf16, f16, from_ndarray, functions};
use ndarray::{ArrayD, IxDyn, s};

use crate::common::values::words;
use crate::common::{assert_array_eq, chunked, chunkings, device, same};

trait Half: Real<Stored = Self, Sum = Self, Mean = Self> {
    fn from_bits(bits: u16) -> Self;
    fn bits(self) -> u16;
    fn wide(self) -> f32;
    fn of(wide: f32) -> Self;
}
macro_rules! halves {
    ($($t:ty)*) => {$(
        impl Half for $t {
            fn from_bits(bits: u16) -> Self { <$t>::from_bits(bits) }
            fn bits(self) -> u16 { self.to_bits() }
            fn wide(self) -> f32 { self.to_f32() }
            fn of(wide: f32) -> Self { <$t>::from_f32(wide) }
        }
    )*};
}
halves! { f16 bf16 }

/// Every half there is.
fn all<T: Half>() -> ArrayD<T> {
    ArrayD::from_shape_vec(IxDyn(&[256, 256]), (0..=u16::MAX).map(T::from_bits).collect()).unwrap()
}

/// Halves of moderate size, of both signs.
fn some<T: Half>(shape: &[usize], seed: u64) -> ArrayD<T> {
    let n = shape.iter().product();
    let values = words(seed).take(n).map(|word| T::of((word >> 40) as f32 / (1 << 20) as f32 - 8.0)).collect();
    ArrayD::from_shape_vec(IxDyn(shape), values).unwrap()
}

/// What devices need not keep: subnormal numbers of `f32`, which some of bf16's are.
fn kept<T: Half>(x: &ArrayD<T>) -> ArrayD<T> {
    x.mapv(|x| if x.wide().is_subnormal() { T::of(0.0f32.copysign(x.wide())) } else { x })
}

fn every_half_keeps_its_bits<T: Half>() {
    let data = kept(&all::<T>());
    for chunks in chunkings(data.shape()) {
        let x = chunked(&data, &chunks);
        assert_array_eq(&x.cast::<f32>(), &data.mapv(T::wide));
        assert_array_eq(&x.cast::<f32>().cast::<T>(), &data);
        assert_array_eq(&x.cast::<f64>().cast::<T>(), &data);
        assert_array_eq(&x.cast::<i32>(), &data.mapv(|x| x.wide() as i32));
        assert_array_eq(&x.cast::<u8>(), &data.mapv(|x| x.wide() as u8));
        assert_array_eq(&x.cast::<bool>(), &data.mapv(|x| x.wide() != 0.0));
        assert_array_eq(&x.t(), &data.t().to_owned());
        let part = data.slice(s![7..;3, ..;-1]).to_owned().into_dyn();
        assert_array_eq(&x.slice(s![7..;3, ..;-1]).unwrap(), &part);
        let both = gridloom::concatenate(&[x.clone(), x.take([3, 255, 0], 0).unwrap()], 0).unwrap();
        let rows = data.select(ndarray::Axis(0), &[3, 255, 0]);
        assert_array_eq(&both, &ndarray::concatenate(ndarray::Axis(0), &[data.view(), rows.view()]).unwrap());
        let kept: Vec<T> = data.iter().copied().filter(|x| x.wide() > 1.0).collect();
        let got = x.filter(&x.gt(T::of(1.0))).unwrap().to_vec().unwrap();
        assert_eq!(got.iter().map(|x| x.bits()).collect::<Vec<_>>(), kept.iter().map(|x| x.bits()).collect::<Vec<_>>());
    }
}
#[test]
fn every_half_keeps_its_bits_when_it_is_cast_and_moved() {
    every_half_keeps_its_bits::<f16>();
    every_half_keeps_its_bits::<bf16>();
}

/// The half nearest to `x`, the even one of two, by comparing distances.
fn nearest<T: Half>(x: f64) -> T {
    let near = T::of(x as f32);
    if !near.wide().is_finite() && !x.is_finite() || x == 0.0 {
        return near;
    }
    let beside = [near.bits().wrapping_sub(1), near.bits(), near.bits().wrapping_add(1)];
    // Infinity stands where the next number would.
    let largest = f64::from(T::from_bits(T::of(f32::INFINITY).bits() - 1).wide());
    let step = largest - f64::from(T::from_bits(T::of(f32::INFINITY).bits() - 2).wide());
    let value = |half: T| {
        let wide = f64::from(half.wide());
        if wide.is_infinite() { (largest + step).copysign(wide) } else { wide }
    };
    let halves = beside.into_iter().map(T::from_bits).filter(|half| !half.wide().is_nan());
    halves
        .filter(|half| half.wide().is_sign_negative() == x.is_sign_negative())
        .min_by(|a, b| {
            let distance = |half: &T| (value(*half) - x).abs();
            distance(a).total_cmp(&distance(b)).then((a.bits() & 1).cmp(&(b.bits() & 1)))
        })
        .unwrap()
}

fn narrowing_rounds_once<T: Half>() {
    // The middles between halves, what is beside them by less than an f32 can tell, and numbers of any size.
    let mut values: Vec<f64> = Vec::new();
    for bits in (0..=u16::MAX).step_by(7) {
        let [a, b] = [bits, bits.wrapping_add(1)].map(|bits| f64::from(T::from_bits(bits).wide()));
        let middle = (a + b) / 2.0;
        if middle.is_finite() && middle.abs() > 1e-30 {
            values.extend([middle, middle * (1.0 + 1e-12), middle * (1.0 - 1e-12)]);
        }
    }
    values.extend([
        0.0,
        -0.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1e300,
        -1e300,
        65519.999,
        65520.0,
        3.4e38,
        3.3961775e38,
    ]);
    values.extend(
        words(5).take(5000).map(|word| (word as f64 / 2f64.powi(63) - 1.0) * 2f64.powi((word % 40) as i32 - 20)),
    );
    let n = values.len();
    let data = ArrayD::from_shape_vec(IxDyn(&[n]), values).unwrap();
    let x = from_ndarray(data.clone(), 1000).unwrap();
    assert_array_eq(&x.cast::<T>(), &data.mapv(nearest::<T>));
    let wide = data.mapv(|x| x as f32);
    assert_array_eq(&from_ndarray(wide.clone(), 999).unwrap().cast::<T>(), &wide.mapv(T::of));
    let whole = data.mapv(|x| (x * 1000.0) as i64);
    assert_array_eq(&from_ndarray(whole.clone(), 999).unwrap().cast::<T>(), &whole.mapv(|x| nearest::<T>(x as f64)));
}
#[test]
fn what_is_narrowed_is_rounded_once() {
    narrowing_rounds_once::<f16>();
    narrowing_rounds_once::<bf16>();
}

/// What a row gives of two `f32`.
type Exact = fn(f32, f32) -> f32;

fn tables<T: Half>() {
    let (x, y) = (some::<T>(&[37, 41], 1), some::<T>(&[37, 41], 2));
    let (a, b) = (chunked(&x, &10.into()), chunked(&y, &17.into()));
    let exact: [(BinaryOp, Exact); 6] = [
        (BinaryOp::Add, |x, y| x + y),
        (BinaryOp::Sub, |x, y| x - y),
        (BinaryOp::Mul, |x, y| x * y),
        (BinaryOp::Div, |x, y| x / y),
        (BinaryOp::Maximum, f32::max),
        (BinaryOp::Minimum, f32::min),
    ];
    for (op, f) in exact {
        let want = ndarray::Zip::from(&x).and(&y).map_collect(|&x, &y| T::of(f(x.wide(), y.wide())));
        assert_array_eq(
            &DynArray::from(a.clone()).binary(op, DynArray::from(b.clone())).unwrap().typed::<T>().unwrap(),
            &want,
        );
    }
    // Rounded after every function: fused is what each by itself is.
    let want = ndarray::Zip::from(&x).and(&y).map_collect(|&x, &y| {
        let product = T::of(x.wide() * y.wide());
        T::of(T::of(product.wide() + x.wide()).wide() * T::of(0.3).wide())
    });
    assert_array_eq(&((&a * &b + &a) * T::of(0.3)), &want);
    for op in [UnaryOp::Neg, UnaryOp::Abs, UnaryOp::Floor, UnaryOp::Sqrt, UnaryOp::Exp, UnaryOp::Sin, UnaryOp::Tanh] {
        // The same function of f32, rounded.
        let wide = DynArray::from(a.cast::<f32>()).unary(op).unwrap().cast(T::DTYPE).typed::<T>().unwrap();
        assert_array_eq(&DynArray::from(a.clone()).unary(op).unwrap().typed::<T>().unwrap(), &wide.compute().unwrap());
    }
    assert_array_eq(&a.lt(&b), &ndarray::Zip::from(&x).and(&y).map_collect(|x, y| x.wide() < y.wide()));
    let clipped = x.mapv(|x| T::of(x.wide().clamp(-1.0, 2.0)));
    assert_array_eq(&a.clip(T::of(-1.0), T::of(2.0)).unwrap(), &clipped);
    let chosen = ndarray::Zip::from(&x).and(&y).map_collect(|&x, &y| if x.wide() < 0.0 { y } else { x });
    assert_array_eq(&gridloom::where_(&a.lt(T::of(0.0)), &b, &a).unwrap(), &chosen);
    assert_array_eq(&a.map(|v| v.exp() * v), &(a.exp() * &a).compute().unwrap());
}
#[test]
fn functions_of_elements_are_those_of_f32_rounded() {
    tables::<f16>();
    tables::<bf16>();
}

fn reductions<T: Half>() {
    let x = some::<T>(&[50, 40], 3);
    let wide = x.mapv(T::wide);
    for chunks in chunkings(x.shape()) {
        let a = chunked(&x, &chunks);
        let near = |got: &ArrayD<T>, want: &ArrayD<f64>| {
            got.iter().zip(want).all(|(got, want)| {
                let (low, high) = (nearest::<T>(want * (1.0 - 1e-5)), nearest::<T>(want * (1.0 + 1e-5)));
                same(*got, low) || same(*got, high) || same(*got, nearest::<T>(*want))
            })
        };
        let precise = wide.mapv(f64::from);
        let sums = a.sum_axis(0).unwrap();
        assert_eq!(sums.dtype(), T::DTYPE);
        assert!(near(&sums.compute().unwrap(), &precise.sum_axis(ndarray::Axis(0))));
        assert!(near(&a.mean_axis(1).unwrap().compute().unwrap(), &precise.mean_axis(ndarray::Axis(1)).unwrap()));
        assert!(near(&a.var_axis(1, 0.0).unwrap().compute().unwrap(), &precise.var_axis(ndarray::Axis(1), 0.0)));
        let most = wide.iter().copied().fold(f32::MIN, f32::max);
        assert_eq!(a.max().unwrap().item().unwrap().wide(), most);
        assert_eq!(a.argmax().unwrap().item().unwrap() as usize, wide.iter().position(|&x| x == most).unwrap());
        assert_eq!(a.count_nonzero().item().unwrap() as usize, wide.iter().filter(|&&x| x != 0.0).count());
        let running = DynArray::from(a.abs()).cumulative_sum(1, false).unwrap().typed::<T>().unwrap();
        let mut upto = precise.mapv(f64::abs);
        upto.accumulate_axis_inplace(ndarray::Axis(1), |&before, here| *here += before);
        assert!(near(&running.compute().unwrap(), &upto));
    }
}
#[test]
fn sums_are_of_f32_and_rounded_at_their_end() {
    reductions::<f16>();
    reductions::<bf16>();
    // 4096 ones and more are no sum that f16 arrives at one by one.
    let ones = gridloom::ones::<f16>(60_000);
    assert_eq!(ones.sum().item().unwrap().to_f32(), 60_000.0);
    assert_eq!(ones.mean().item().unwrap().to_f32(), 1.0);
    // Beyond the largest one there is infinity.
    assert!(gridloom::ones::<f16>(70_000).sum().item().unwrap().is_infinite());
    assert_eq!(gridloom::full(70_000, bf16::ONE).sum().item().unwrap(), nearest::<bf16>(70_000.0));
}

#[test]
fn products_histograms_and_draws() {
    device();
    let (x, y) = (some::<f16>(&[33, 21], 4), some::<f16>(&[21, 18], 5));
    let (a, b) = (chunked(&x, &8.into()), chunked(&y, &9.into()));
    let wide = a.cast::<f32>().dot(&b.cast::<f32>()).unwrap().cast::<f16>().compute().unwrap();
    assert_array_eq(&a.dot(&b).unwrap(), &wide);

    let halves = a.histogram(Bins::Range(10, -8.0, 8.0)).unwrap();
    let floats = a.cast::<f32>().histogram(Bins::Range(10, -8.0, 8.0)).unwrap();
    assert_eq!(halves.counts.to_vec().unwrap(), floats.counts.to_vec().unwrap());
    assert_eq!(halves.edges.to_vec().unwrap(), floats.edges.to_vec().unwrap());

    let rng = gridloom::random::Generator::new(9);
    for (low, high) in [(0.0, 1.0), (-1.0, 0.0), (3.0, 2.0), (-2.0, 2.0)] {
        let drawn = rng.uniform(f16::from_f32(low), f16::from_f32(high), 100_000).to_vec().unwrap();
        let (least, most) = (low.min(high), low.max(high));
        assert!(drawn.iter().all(|x| (least..=most).contains(&x.to_f32()) && x.to_f32() != high), "{low} {high}");
        let mean = drawn.iter().map(|x| x.to_f64()).sum::<f64>() / 100_000.0;
        assert!((mean - f64::from(low + high) / 2.0).abs() < 0.02, "{mean}");
    }
    let normal: Array<bf16> = rng.normal(bf16::ZERO, bf16::ONE, 10_000);
    let mean = normal.cast::<f64>().mean().item().unwrap();
    assert!(mean.abs() < 0.05, "{mean}");
}

#[test]
fn ranges_and_dtypes() {
    let half = |x: f64| f16::from_f32(x as f32);
    let line: Vec<f64> = gridloom::linspace(half(0.0), half(1.0), 11).cast::<f64>().to_vec().unwrap();
    assert!(line.iter().enumerate().all(|(i, &x)| x == half(i as f64 / 10.0).to_f64()), "{line:?}");
    // Places beyond 2048 are none of f16's, and count all the same.
    let long = functions::arange(DType::F16, 3000).typed::<f16>().unwrap().to_vec().unwrap();
    assert!(long.iter().enumerate().all(|(i, x)| *x == half(i as f64)));
    for (a, b, both) in [
        (DType::F16, DType::BF16, DType::F32),
        (DType::F16, DType::F32, DType::F32),
        (DType::F16, DType::F64, DType::F64),
        (DType::F16, DType::Bool, DType::F16),
        (DType::F16, DType::I8, DType::F16),
        (DType::BF16, DType::U8, DType::BF16),
        (DType::F16, DType::I16, DType::F32),
        (DType::F16, DType::I32, DType::F64),
        (DType::F16, DType::U64, DType::F64),
    ] {
        assert_eq!((functions::promote(a, b), functions::promote(b, a)), (both, both), "{a} {b}");
    }
    let x: DynArray = gridloom::array([half(1.5), half(2.0)]).into();
    assert_eq!(x.add(0.1).unwrap().dtype(), DType::F16);
    assert_eq!(x.nan_to_num(0.0, None, None).dtype(), DType::F16);
}

#[test]
fn files_hold_f16_and_refuse_bf16() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let data = kept(&all::<f16>());
    from_ndarray(data.clone(), 100).unwrap().to_npy(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert!(String::from_utf8_lossy(&bytes[..80]).contains("'<f2'"));
    assert_eq!(bytes.len(), 128 + 2 * 65536);
    assert_array_eq(&gridloom::read_npy::<f16>(&path, 77).unwrap(), &data);
    let refused = gridloom::ones::<bf16>(3).to_npy(folder.path().join("y.npy")).unwrap_err();
    assert!(refused.to_string().contains("NumPy has no bf16"), "{refused}");
}
