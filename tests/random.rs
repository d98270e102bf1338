//! Random arrays: Philox's known answers through the public interface, every draw against its definition restated here,
//! independence of chunks, slices and devices, and statistics with bounds that a right generator misses once in a million.

use gridloom::dtype::Integer;
use gridloom::graph::infer;
use gridloom::ops::random::{per_block, philox};
use gridloom::ops::{RandomOp, RandomSpec};
use gridloom::random::{Generator, default_rng};
use gridloom::{Array, ChunkSpec, Element, Error};
use ndarray::{ArrayD, s};

use crate::common::{Bound, Sample, assert_array_close, assert_array_eq, check_array, each_type};

/// The draws of `op`, from the untyped builder: all parameters are in hand.
fn draws<T: Element>(op: RandomOp, spec: RandomSpec, shape: &[u64], chunks: impl Into<ChunkSpec>) -> Array<T> {
    Array::from_node(infer::random(op, spec, T::DTYPE, shape, &chunks.into()).unwrap()).unwrap()
}

fn spec(seed: u64, stream: u32) -> RandomSpec {
    RandomSpec { seed, stream, range: 1 }
}

/// The words of element `index` at an attempt: its own part of its Philox block.
fn own_words(spec: RandomSpec, index: u64, attempt: u32, per_block: u64) -> ([u32; 4], usize) {
    let block = index / per_block;
    let counter = [block as u32, (block >> 32) as u32, spec.stream, attempt];
    let words = philox(counter, [spec.seed as u32, (spec.seed >> 32) as u32]);
    (words, (index % per_block) as usize)
}
fn word32(spec: RandomSpec, index: u64, attempt: u32) -> u32 {
    let (words, lane) = own_words(spec, index, attempt, 4);
    words[lane]
}
/// The first word of the pair is the high one.
fn word64(spec: RandomSpec, index: u64, attempt: u32) -> u64 {
    let (words, lane) = own_words(spec, index, attempt, 2);
    u64::from(words[2 * lane]) << 32 | u64::from(words[2 * lane + 1])
}

/// A draw below `spec.range` (0 stands for 2⁶⁴), without bias, by the definition of rejection: the product's low half
/// must not be among the `2^bits mod range` lowest.
fn below(spec: RandomSpec, index: u64, bits: u32) -> u64 {
    let range = if spec.range == 0 { 1u128 << 64 } else { u128::from(spec.range) };
    let (attempts, unfair) = (0.., (1u128 << bits) % range);
    for attempt in attempts {
        let word = if bits == 32 { word32(spec, index, attempt).into() } else { word64(spec, index, attempt) };
        let product = u128::from(word) * range;
        if product & ((1u128 << bits) - 1) >= unfair {
            return (product >> bits) as u64;
        }
    }
    unreachable!("an endless range")
}

/// Where a permutation of the numbers below `spec.range` has an index: two digits in turn moved on by words of each other.
fn permuted(spec: RandomSpec, index: u64) -> u64 {
    let bits = (64 - (spec.range - 1).leading_zeros()).div_ceil(2);
    let sizes = [1u64 << bits, ((spec.range - 1) >> bits) + 1];
    let keys = philox([0, 0, spec.stream, u32::MAX], [spec.seed as u32, (spec.seed >> 32) as u32]);
    let folded = |x: u64| (x >> 32) ^ (x & 0xffff_ffff);
    let word = |digit: u64, keys: [u32; 2], lap: u32| {
        let [a, b] =
            [keys[0].wrapping_add(lap.wrapping_mul(0x9E37_79B9)), keys[1].wrapping_add(lap.wrapping_mul(0xBB67_AE85))];
        folded(0xCD9E_8D57 * (folded(0xD251_1F53 * (digit ^ u64::from(a))) ^ u64::from(b)))
    };
    let mut at = index;
    loop {
        let mut digits = [at % sizes[0], at / sizes[0]];
        for lap in 0..6 {
            digits[0] = (digits[0] + ((word(digits[1], [keys[0], keys[1]], lap) * sizes[0]) >> 32)) % sizes[0];
            digits[1] = (digits[1] + ((word(digits[0], [keys[2], keys[3]], lap) * sizes[1]) >> 32)) % sizes[1];
        }
        at = digits[1] * sizes[0] + digits[0];
        if at < spec.range {
            return at;
        }
    }
}

fn uniform32(word: u32) -> f64 {
    f64::from(word >> 8) / 2f64.powi(24)
}
fn uniform53(word: u64) -> f64 {
    // 27 bits of the high word and 26 of the low one.
    ((word >> 37 << 26) | (word >> 6 & 0x3ff_ffff)) as f64 / 2f64.powi(53)
}
fn uniform(spec: RandomSpec, index: u64, single: bool) -> f64 {
    if single { uniform32(word32(spec, index, 0)) } else { uniform53(word64(spec, index, 0)) }
}

/// Box–Muller in f64, from the words the element's pair shares.
fn normal(spec: RandomSpec, index: u64, single: bool) -> f64 {
    let (words, lane) = own_words(spec, index, 0, if single { 4 } else { 2 });
    let (u1, u2) = if single {
        let first = words[lane & 2];
        // The rounding of this conversion is part of the definition.
        (f64::from((first >> 1) as f32 * 2.0 + 1.0) / 2f64.powi(32), uniform32(words[lane | 1]))
    } else {
        let [a, b, c, d] = words.map(u64::from);
        (uniform53(a << 32 | b) + 2f64.powi(-53), uniform53(c << 32 | d))
    };
    let radius = (-2.0 * u1.ln()).sqrt();
    let (quarter, rest) = ((u2 * 4.0).round(), u2 - (u2 * 4.0).round() / 4.0);
    let (sin, cos) = (rest * std::f64::consts::TAU).sin_cos();
    let (sin, cos) = match quarter as u32 % 4 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    };
    radius * if lane % 2 == 0 { cos } else { sin }
}

/// ULP that normals may be off: half of the logarithm's bound, the root's, those of sine and cosine, and a product.
const NORMAL_ULP: Bound = Bound::Ulp(8.0);

fn array1<T>(n: u64, f: impl Fn(u64) -> T) -> ArrayD<T> {
    (0..n).map(f).collect::<ndarray::Array1<T>>().into_dyn()
}

/// Random123's `kat_vectors` for philox4x32-10.
#[test]
fn philox_gives_random123s_known_answers() {
    let ff = u32::MAX;
    let answers = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([ff; 4], [ff; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];
    for (counter, key, want) in answers {
        assert_eq!(philox(counter, key), want);
    }
}

#[test]
fn the_first_array_of_seed_0_starts_with_the_known_answer() {
    let want = array1(4, |i| [0x6627_e8d5u32, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8][i as usize]);
    let bits = Generator::new(0).integers_inclusive(0, u32::MAX, 4).unwrap();
    assert_array_eq(&bits, &want);
    // Two words make a 64-bit one, the high one first.
    let wide = Generator::new(0).integers_inclusive(0, u64::MAX, 2).unwrap();
    assert_array_eq(&wide, &array1(2, |i| [0x6627_e8d5_e169_c58du64, 0xbc57_ac4c_9b00_dbd8][i as usize]));
}

/// Seeds with words in both halves of the key, streams, and indices on both sides of 2³² blocks; by contiguous, stepped and
/// reversed slices of an array that no memory holds.
#[test]
fn every_draw_is_its_definition_wherever_it_lies() {
    const HUGE: u64 = 1 << 44;
    let starts = [0u64, 1, 3, (1 << 32) - 5, (1 << 34) - 7, (1 << 40) + 2, HUGE - 64];
    for (seed, stream) in [(0, 0), (0xa409_3822_299f_31d0, 0x1319_8a2e), (1 << 32, 1)] {
        let spec = spec(seed, stream);
        for start in starts {
            let at = start as isize;
            let (bits, wide) = (
                draws::<u32>(RandomOp::Bits, spec, &[HUGE], "auto"),
                draws::<u64>(RandomOp::Bits, spec, &[HUGE], "auto"),
            );
            assert_array_eq(&bits.slice(s![at..at + 60]).unwrap(), &array1(60, |i| word32(spec, start + i, 0)));
            assert_array_eq(&bits.slice(s![at..at + 60;7]).unwrap(), &array1(9, |i| word32(spec, start + 7 * i, 0)));
            assert_array_eq(&wide.slice(s![at..at + 60;-1]).unwrap(), &array1(60, |i| word64(spec, start + 59 - i, 0)));
            for range in [1, 2, 10, 1000, 3 << 30, (1 << 32) - 1] {
                let spec = RandomSpec { range, ..spec };
                let small = draws::<u32>(RandomOp::Below, spec, &[HUGE], "auto");
                assert_array_eq(
                    &small.slice(s![at..at + 60]).unwrap(),
                    &array1(60, |i| below(spec, start + i, 32) as u32),
                );
            }
            for range in [1, 3, 1 << 33, 3 << 62, u64::MAX] {
                let spec = RandomSpec { range, ..spec };
                let large = draws::<u64>(RandomOp::Below, spec, &[HUGE], "auto");
                assert_array_eq(&large.slice(s![at..at + 60]).unwrap(), &array1(60, |i| below(spec, start + i, 64)));
            }
            for range in [HUGE, HUGE - (1 << 40), HUGE - 64 + 60] {
                let (spec, op) = (RandomSpec { range, ..spec }, RandomOp::Permutation);
                let order = draws::<u64>(op, spec, &[HUGE], "auto").slice(s![at..at + 60]).unwrap();
                assert_array_eq(&order, &array1(60, |i| permuted(spec, (start + i) % range)));
                let spec = RandomSpec { range: 3_000_000_019, ..spec };
                let order = draws::<u32>(op, spec, &[HUGE], "auto").slice(s![at..at + 60]).unwrap();
                let index = |i: u64| u64::from((start + i) as u32) % spec.range;
                assert_array_eq(&order, &array1(60, |i| permuted(spec, index(i)) as u32));
            }
            let f = draws::<f32>(RandomOp::Uniform, spec, &[HUGE], "auto");
            assert_array_eq(&f.slice(s![at..at + 60]).unwrap(), &array1(60, |i| uniform(spec, start + i, true) as f32));
            let d = draws::<f64>(RandomOp::Uniform, spec, &[HUGE], "auto");
            assert_array_eq(&d.slice(s![at..at + 60]).unwrap(), &array1(60, |i| uniform(spec, start + i, false)));
            let f = draws::<f32>(RandomOp::Normal, spec, &[HUGE], "auto");
            let want = array1(60, |i| normal(spec, start + i, true));
            assert_array_close(&f.slice(s![at..at + 60]).unwrap(), &want, NORMAL_ULP);
            let d = draws::<f64>(RandomOp::Normal, spec, &[HUGE], "auto");
            let want = array1(60, |i| normal(spec, start + i, false));
            assert_array_close(&d.slice(s![at..at + 60]).unwrap(), &want, NORMAL_ULP);
        }
    }
}

/// The table of draws has no row that the test above leaves out.
#[test]
fn every_draw_has_its_definition_here() {
    use RandomOp::{Below, Bits, Normal, Permutation, Uniform};
    assert_eq!(RandomOp::ALL, [Bits, Below, Uniform, Normal, Permutation]);
    for &op in RandomOp::ALL {
        for dtype in op.dtypes() {
            assert_eq!(per_block(dtype), if dtype.size() == 4 { 4 } else { 2 }, "{op:?} {dtype}");
        }
    }
}

#[test]
fn normals_are_near_their_definition_over_a_large_sample() {
    let spec = spec(11, 2);
    let n = 100_000;
    let want = array1(n, |i| normal(spec, i, true));
    assert_array_close(&draws::<f32>(RandomOp::Normal, spec, &[n], 33_333), &want, NORMAL_ULP);
    let want = array1(n, |i| normal(spec, i, false));
    assert_array_close(&draws::<f64>(RandomOp::Normal, spec, &[n], 33_333), &want, NORMAL_ULP);
}

/// `x` in other chunks, in part, and transposed, against all of it.
#[track_caller]
fn assert_one_array<T: Element>(x: &Array<T>) {
    let whole = x.compute().unwrap();
    let [rows, columns] = [whole.shape()[0], whole.shape()[1]];
    for chunks in [(rows, columns), (70, 90), (1, columns), (37, 1000)] {
        assert_array_eq(&x.rechunk(chunks).unwrap(), &whole);
    }
    assert_array_eq(&x.t(), &whole.t().to_owned());
    let part = s![3..;7, ..;-5];
    assert_array_eq(&x.slice(part).unwrap(), &whole.slice(part).to_owned().into_dyn());
    assert_array_eq(
        &x.rechunk((50, 60)).unwrap().slice(part).unwrap().t(),
        &whole.slice(part).t().to_owned().into_dyn(),
    );
    assert_array_eq(&x.slice(s![.., 17]).unwrap(), &whole.slice(s![.., 17]).to_owned().into_dyn());
    assert_array_eq(&x.reshape([-1]).unwrap(), &whole.flatten().to_owned().into_dyn());
}

#[test]
fn a_seed_gives_one_array_for_every_chunking_slice_and_transpose() {
    const SHAPE: (usize, usize) = (150, 220);
    let rng = Generator::new(42);
    assert_one_array(&rng.integers(-100i32, 100, SHAPE).unwrap());
    assert_one_array(&rng.integers(0u64, 3 << 62, SHAPE).unwrap());
    assert_one_array(&rng.random::<f32>(SHAPE));
    assert_one_array(&rng.random::<f64>(SHAPE));
    assert_one_array(&rng.normal::<f32>(9.0, 2.0, SHAPE));
    assert_one_array(&rng.normal::<f64>(9.0, 2.0, SHAPE));
    assert_one_array(&rng.exponential::<f32>(3.0, SHAPE));
    assert_one_array(&rng.bernoulli(0.3, SHAPE).unwrap());
    assert_one_array(&rng.sample(rand_distr::Gamma::new(2.0f64, 3.0).unwrap(), SHAPE));
    assert_one_array(&rng.sample(rand_distr::Poisson::new(4.0f64).unwrap(), SHAPE));
}

/// FNV-1a over the stored bits.
fn hash<T: Element>(x: &Array<T>) -> u64 {
    let bits = x.compute().unwrap().iter().map(|v| v.scalar().bits()).collect::<Vec<_>>();
    bits.iter()
        .flat_map(|b| b.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

/// Snapshots: the same on every device, and in every version from now on.
#[test]
fn streams_are_the_recorded_ones_on_every_device() {
    let rng = Generator::new(2026);
    let shape = (123, 457);
    let got = [
        ("u32 bits", hash(&rng.integers_inclusive(0, u32::MAX, shape).unwrap())),
        ("u64 bits", hash(&rng.integers_inclusive(0, u64::MAX, shape).unwrap())),
        ("u32 below", hash(&rng.integers(0u32, 3 << 30, shape).unwrap())),
        ("u64 below", hash(&rng.integers(0u64, 3 << 62, shape).unwrap())),
        ("i8", hash(&rng.integers(-100i8, 101, shape).unwrap())),
        ("f32 uniform", hash(&rng.random::<f32>(shape))),
        ("f64 uniform", hash(&rng.random::<f64>(shape))),
        ("bernoulli", hash(&rng.bernoulli(0.25, shape).unwrap())),
        ("f32 in a far range", hash(&rng.uniform(1e6f32, 1e6 + 1.0, shape))),
        ("f64 in a wide range", hash(&rng.uniform(-1.5e308f64, 1.7e308, shape))),
        ("f32 in a wide range", hash(&rng.uniform(-3e38f32, 1e38, shape))),
    ];
    let want = [
        ("u32 bits", 0x0189_1350_3d71_d737),
        ("u64 bits", 0x2f8e_dc44_d2e2_358c),
        ("u32 below", 0x2ee9_efcb_6abf_d073),
        ("u64 below", 0x408e_43f1_7de1_55d0),
        ("i8", 0xd6d0_d8f8_1e5c_a3c0),
        ("f32 uniform", 0x9b2f_fa69_4338_14db),
        ("f64 uniform", 0x9a34_ec91_59f3_3475),
        ("bernoulli", 0xbd54_7228_b54a_2825),
        ("f32 in a far range", 0x2aff_870a_80ad_9bf0),
        ("f64 in a wide range", 0xbca8_d9a0_b004_5d08),
        ("f32 in a wide range", 0x179f_23d2_4496_be0e),
    ];
    assert_eq!(got, want);
}

/// Integers of a type: in bounds, by their definition, reaching both ends of the whole type.
fn check_integers<T: Integer + Sample>(least: T, most: T) {
    const N: u64 = 3000;
    let bits = 8 * T::DTYPE.size() as u32;
    let (low, high) = (least.scalar().to_i64(), most.scalar().to_i64());
    let spans = [(low, high, "whole"), (low, low + 1, "low end"), (high - 3, high, "high end")];
    for (stream, (a, b, what)) in spans.into_iter().enumerate() {
        let [from, to] = [a, b].map(|v| gridloom::dtype::Scalar::from_i64(T::DTYPE, v).get::<T>());
        let rng = Generator::new(5);
        for _ in 0..stream {
            let _ = rng.random::<f32>(1);
        }
        // As differences of patterns: u64's largest number is -1 here. 0 stands for 2⁶⁴.
        let range = (b as u64).wrapping_sub(a as u64).wrapping_add(1);
        let spec = RandomSpec { seed: 5, stream: stream as u32, range };
        let wide = range == 0 || range > 1 << 32;
        let want = array1(N, |i| {
            let drawn = below(spec, i, if wide { 64 } else { 32 });
            gridloom::dtype::Scalar::from_i64(T::DTYPE, a.wrapping_add(drawn as i64)).get::<T>()
        });
        let got = rng.integers_inclusive(from, to, N as usize).unwrap();
        assert_array_eq(&got, &want);
        let bits = bits.min(12);
        let values = got.compute().unwrap();
        assert!(values.iter().all(|v| *v >= from && *v <= to), "{what}");
        if what == "whole" {
            // All of the highest bits' combinations of 8 bits turn up, 3000 draws over 256 of them.
            let top = |v: &T| (v.scalar().bits() >> (8 * T::DTYPE.size() - 8)) as u8;
            let mut seen = [false; 256];
            values.iter().for_each(|v| seen[usize::from(top(v))] = true);
            assert!(seen.iter().filter(|s| **s).count() > 250, "{bits}");
        }
    }
}

#[test]
fn integers_of_every_type_follow_their_definition_up_to_the_whole_range() {
    check_integers(u8::MIN, u8::MAX);
    check_integers(u16::MIN, u16::MAX);
    check_integers(u32::MIN, u32::MAX);
    check_integers(u64::MIN, u64::MAX);
    check_integers(i8::MIN, i8::MAX);
    check_integers(i16::MIN, i16::MAX);
    check_integers(i32::MIN, i32::MAX);
    check_integers(i64::MIN, i64::MAX);
}

#[test]
fn the_upper_bound_of_integers_is_left_out_and_of_inclusive_ones_is_not() {
    let rng = Generator::new(1);
    let x = rng.integers(-2i16, 3, 1000).unwrap().compute().unwrap();
    let y = rng.integers_inclusive(-2i16, 3, 1000).unwrap().compute().unwrap();
    assert_eq!((x.iter().min(), x.iter().max()), (Some(&-2), Some(&2)));
    assert_eq!((y.iter().min(), y.iter().max()), (Some(&-2), Some(&3)));
    assert_array_eq(&rng.integers(7u8, 8, 10).unwrap(), &ArrayD::from_elem(vec![10], 7));
    assert_array_eq(&rng.randint(7u64, 8, ()).unwrap(), &ArrayD::from_elem(vec![], 7));
    assert_eq!(rng.integers(0, 9i64, (0, 3)).unwrap().compute().unwrap().shape(), [0, 3]);
}

#[test]
fn uniform_floats_are_below_the_upper_bound_and_those_that_were_stay() {
    /// Every draw: those of the largest and smallest words too, which no sample would meet.
    fn all<T: gridloom::dtype::Real>(low: T, high: T, n: usize) {
        let x = Generator::new(9).uniform(low, high, n).compute().unwrap();
        assert!(x.iter().all(|&v| low <= v && v < high), "[{low}, {high})");
        assert!(x.iter().any(|&v| v != low), "[{low}, {high})");
        // What is not the bound was the plain formula's.
        let u = Generator::new(9).random::<T>(n);
        let [a, b] = [low, high].map(|v| v.scalar().to_f64());
        let width = gridloom::dtype::Scalar::from_f64(T::DTYPE, b - a).get::<T>();
        if width.scalar().to_f64().is_finite() {
            let plain = u.mul(width).unwrap().add(low).unwrap().compute().unwrap();
            assert!(plain.iter().zip(&x).all(|(&p, &v)| p == v || p >= high), "[{low}, {high})");
        }
    }
    all(0.0f32, 1.0, 10_000);
    all(1e6f32, 1e6 + 1.0, 10_000);
    all(-1.0f32, 0.0, 10_000);
    all(9.0f32, 10.0, 10_000);
    all(f32::MIN, f32::MAX, 10_000);
    all(-3e38f32, 3e38, 10_000);
    all(1e16f64, 1e16 + 4.0, 10_000);
    all(f64::MIN, f64::MAX, 10_000);
    all(-1e-300f64, 1e308, 10_000);
    for (low, high) in [(1.0f32, 1.0f32), (f32::MAX, f32::MAX)] {
        assert_array_eq(&Generator::new(1).uniform(low, high, 5), &ArrayD::from_elem(vec![5], low));
    }
    let down = Generator::new(1).uniform(1e6f32 + 1.0, 1e6, 5000).compute().unwrap();
    assert!(down.iter().all(|&v| v > 1e6 && v <= 1e6 + 1.0));
    for (low, high) in [(f64::NAN, 1.0), (0.0, f64::INFINITY), (f64::NEG_INFINITY, 0.0)] {
        assert!(Generator::new(1).uniform(low, high, 5).compute().unwrap().iter().all(|v| v.is_nan()), "{low} {high}");
    }
}

/// Without rejection a range of 3·2³⁰ gives every third number twice as often.
#[test]
fn integers_below_three_quarters_of_a_word_are_without_bias() {
    let n = 300_000usize;
    let x = Generator::new(3).integers(0u32, 3 << 30, n).unwrap().compute().unwrap();
    let mut counts = [[0u32; 3]; 2];
    for v in &x {
        counts[0][(v % 3) as usize] += 1;
        counts[1][(v >> 30) as usize] += 1;
    }
    // Five standard deviations of a binomial count.
    let near = 5.0 * (n as f64 * (1.0 / 3.0) * (2.0 / 3.0)).sqrt();
    for count in counts.as_flattened() {
        assert!((f64::from(*count) - n as f64 / 3.0).abs() < near, "{counts:?}");
    }
}

/// Mean, variance, skewness and excess kurtosis.
fn moments<T: Element>(x: &Array<T>) -> [f64; 4] {
    let values: Vec<f64> = x.compute().unwrap().iter().map(|v| v.scalar().to_f64()).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let central = |k| values.iter().map(|v| (v - mean).powi(k)).sum::<f64>() / n;
    let var = central(2);
    [mean, var, central(3) / var.powf(1.5), central(4) / (var * var) - 3.0]
}

/// Each moment within five standard errors, which are given for one draw.
fn assert_moments<T: Element>(what: &str, x: &Array<T>, want: [f64; 4], errors: [f64; 4]) {
    let got = moments(x);
    let n = (x.size().unwrap() as f64).sqrt();
    for (k, name) in ["mean", "variance", "skewness", "kurtosis"].iter().enumerate() {
        assert!((got[k] - want[k]).abs() < 5.0 * errors[k] / n, "{what}: {name} {} is not {}", got[k], want[k]);
    }
}

#[test]
fn distributions_have_their_moments() {
    const N: usize = 200_000;
    let rng = default_rng(7);
    // Standard errors of a sample's moments, √n taken out: σ, √(μ₄ - σ⁴), and for the normal one √6 and √24.
    let normal = [2.0, 4.0 * 2f64.sqrt(), 6f64.sqrt(), 24f64.sqrt()];
    assert_moments("normal f32", &rng.normal::<f32>(9.0, 2.0, N), [9.0, 4.0, 0.0, 0.0], normal);
    assert_moments("normal f64", &rng.normal::<f64>(9.0, 2.0, N), [9.0, 4.0, 0.0, 0.0], normal);
    // Kurtosis -1.2; the last two errors from the sampling variance of standardized moments, rounded up.
    let flat = [(1f64 / 12.0).sqrt(), (1f64 / 80.0 - 1.0 / 144.0).sqrt(), 2.0, 2.0];
    assert_moments("uniform f32", &rng.random::<f32>(N), [0.5, 1.0 / 12.0, 0.0, -1.2], flat);
    assert_moments("uniform f64", &rng.random::<f64>(N), [0.5, 1.0 / 12.0, 0.0, -1.2], flat);
    // Of mean 3: variance 9, √(μ₄ - σ⁴) = σ² √8, skewness 2, kurtosis 6, which converge slowly.
    let exponential = [3.0, 9.0 * 8f64.sqrt(), 20.0, 250.0];
    assert_moments("exponential f32", &rng.exponential::<f32>(3.0, N), [3.0, 9.0, 2.0, 6.0], exponential);
    assert_moments("exponential f64", &rng.exponential::<f64>(3.0, N), [3.0, 9.0, 2.0, 6.0], exponential);
    for p in [0.0, 1e-3, 0.3, 0.999, 1.0] {
        let mean = moments(&rng.bernoulli(p, N).unwrap())[0];
        assert!((mean - p).abs() <= 5.0 * (p * (1.0 - p) / N as f64).sqrt(), "bernoulli {p}: {mean}");
    }
    let u = rng.uniform::<f32>(-3.0, 5.0, N).compute().unwrap();
    assert!(u.iter().all(|v| (-3.0..=5.0).contains(v)));
}

/// The largest distance between the sample's distribution and the exponential one (Kolmogorov and Smirnov).
#[test]
fn exponentials_follow_their_distribution() {
    let n = 100_000usize;
    let x = Generator::new(8).exponential::<f64>(2.0, n).compute().unwrap();
    let mut x = x.into_raw_vec_and_offset().0;
    x.sort_by(f64::total_cmp);
    let exact = |v: f64| 1.0 - (-v / 2.0).exp();
    let distance = x.iter().enumerate().map(|(i, &v)| (exact(v) - i as f64 / n as f64).abs()).fold(0.0, f64::max);
    // Exceeded once in 10⁶: √(ln(2·10⁶) / 2n).
    assert!(distance < ((2e6f64).ln() / (2.0 * n as f64)).sqrt(), "{distance}");
}

#[test]
fn neighbours_arrays_and_seeds_are_not_correlated() {
    let n = 100_000usize;
    let rng = Generator::new(9);
    let [x, y] = [0, 1].map(|_| rng.standard_normal::<f32>(n).compute().unwrap());
    let z = Generator::new(10).standard_normal::<f32>(n).compute().unwrap();
    let correlation = |a: &[f32], b: &[f32]| {
        let sum: f64 = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        sum / a.len() as f64
    };
    let [x, y, z] = [&x, &y, &z].map(|a| a.as_slice().unwrap());
    for lag in [1, 2, 3, 4, 128] {
        let r = correlation(&x[lag..], &x[..n - lag]);
        assert!(r.abs() < 5.0 / (n as f64).sqrt(), "lag {lag}: {r}");
    }
    for (what, other) in [("array", y), ("seed", z)] {
        let r = correlation(x, other);
        assert!(r.abs() < 5.0 / (n as f64).sqrt(), "next {what}: {r}");
    }
}

#[test]
fn generators_count_their_arrays_and_repeat_them() {
    let make = |seed| {
        let rng = Generator::new(seed);
        [rng.integers(0u32, 1000, 64).unwrap(), rng.integers(0u32, 1000, 64).unwrap()].map(|a| a.compute().unwrap())
    };
    let ([a, b], [c, d], [e, _]) = (make(1), make(1), make(1 | 1 << 40));
    assert_eq!((&a, &b), (&c, &d));
    assert_ne!(a, b);
    // All 64 bits of the seed count.
    assert_ne!(a, e);
    // An array is one thing, however often it is used: x - x is zero.
    let x = Generator::new(3).random::<f32>(1000);
    assert_eq!((&x - &x).compute().unwrap().sum(), 0.0);
}

/// The first word of an element's own stream is the first one of its block.
#[test]
fn host_distributions_draw_from_the_element_s_own_stream() {
    let rng = Generator::new(77);
    let x = rng.sample::<u32>(rand_distr::StandardUniform, (20, 30)).rechunk((7, 11)).unwrap();
    let want = array1(600, |i| philox([i as u32, 0, 0, 0], [77, 0])[0]);
    assert_array_eq(&x, &want.into_shape_with_order(vec![20, 30]).unwrap());
    // Distributions that take many words, and reject, too.
    let make = |chunks: usize| {
        let gamma = Generator::new(4).sample(rand_distr::Gamma::new(0.5f64, 1.0).unwrap(), 5000);
        gamma.rechunk(chunks).unwrap()
    };
    assert_array_eq(&make(171), &make(5000).compute().unwrap());
    let mean = moments(&make(999))[0];
    assert!((mean - 0.5).abs() < 5.0 * (0.5f64 / 5000.0).sqrt(), "{mean}");
}

#[test]
fn empty_ranges_and_impossible_probabilities_are_refused() {
    let rng = Generator::new(0);
    each_type!([u8 u16 u32 u64 i8 i16 i32 i64], T => {
        for result in [rng.integers::<T>(5, 5, 3), rng.integers::<T>(6, 5, 3), rng.integers_inclusive::<T>(6, 5, 3)] {
            assert!(matches!(result, Err(Error::Parameter { op: "integers", what: "range", .. })));
        }
    });
    for p in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert!(matches!(rng.bernoulli(p, 3), Err(Error::Parameter { op: "bernoulli", .. })), "{p}");
    }
}

/// The comparison of draws must see a wrong one.
#[test]
fn a_wrong_stream_is_reported() {
    let x = draws::<u32>(RandomOp::Bits, spec(1, 2), &[500], 123);
    let right = array1(500, |i| word32(spec(1, 2), i, 0));
    assert_array_eq(&x, &right);
    let other = array1(500, |i| word32(spec(1, 3), i, 0));
    assert!(check_array(&x, &other, |a, b| a == b).is_err());
}
