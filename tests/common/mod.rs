//! What all test modules share: the device under test, comparison with an oracle, chunkings, and data.
//!
//! The suite runs on one device a process: `GRIDLOOM_TEST_DEVICE` names it (`cpu`, `lavapipe`, `swiftshader`, or `gpu` for
//! any hardware adapter), and the environment of the default client (`GRIDLOOM_BACKEND`, `GRIDLOOM_ADAPTER`) must choose it;
//! [`device`] fails where it does not. `tests/run.sh` sets all of them.
#![allow(dead_code, reason = "a module takes what it needs")]

pub(crate) mod dice;
pub(crate) mod runs;
pub(crate) mod values;

use std::sync::OnceLock;

use gridloom::{Array, AxisSpec, ChunkSpec, Client, DType, Element};
use ndarray::{ArrayD, Dimension, IxDyn};

pub(crate) use dice::Dice;
pub(crate) use values::{Sample, data, small_data, words};

/// Calls `$body` once for each of the types, named `$T` in it: `each_type!([f32 f64], T => check::<T>())`.
macro_rules! each_type {
    ([$($t:ty)*], $T:ident => $body:expr) => {{ $({ type $T = $t; $body; })* }};
    (all, $T:ident => $body:expr) => {
        $crate::common::each_type!([bool u8 u16 u32 u64 i8 i16 i32 i64 f32 f64], $T => $body)
    };
    (numbers, $T:ident => $body:expr) => {
        $crate::common::each_type!([u8 u16 u32 u64 i8 i16 i32 i64 f32 f64], $T => $body)
    };
}
pub(crate) use each_type;

/// The device that the default client must use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TestDevice {
    /// The host's processors.
    Cpu,
    /// Mesa's software adapter: with f64, i64; keeps subnormal numbers or not, as it likes.
    Lavapipe,
    /// Google's software adapter: neither f64 nor i64, whose tasks run on the CPU.
    SwiftShader,
    /// Any hardware adapter.
    Gpu,
}

impl TestDevice {
    /// Whether kernels are WGSL (where the adapter has the dtype).
    pub(crate) fn is_gpu(self) -> bool {
        self != Self::Cpu
    }
    /// Whether kernels on `dtype` are WGSL on this device; on hardware adapters, as far as one can expect.
    pub(crate) fn runs(self, dtype: DType) -> bool {
        let wide = matches!(dtype, DType::F64 | DType::I64 | DType::U64);
        self.is_gpu() && !(wide && self == Self::SwiftShader)
    }
}

/// The device under test. The first call checks that the default client really uses it.
pub(crate) fn device() -> TestDevice {
    static DEVICE: OnceLock<TestDevice> = OnceLock::new();
    *DEVICE.get_or_init(|| {
        let client = Client::get_default().expect("the default client of the environment");
        let adapter = client.adapter().map(|name| name.to_lowercase());
        let has = |part: &str| adapter.as_ref().is_some_and(|name| name.contains(part));
        let named = std::env::var("GRIDLOOM_TEST_DEVICE").unwrap_or_default();
        let (device, right) = match named.as_str() {
            "cpu" => (TestDevice::Cpu, adapter.is_none()),
            "lavapipe" => (TestDevice::Lavapipe, has("llvmpipe")),
            "swiftshader" => (TestDevice::SwiftShader, has("swiftshader")),
            "gpu" => (TestDevice::Gpu, adapter.is_some() && !has("llvmpipe") && !has("swiftshader")),
            "" if has("llvmpipe") => (TestDevice::Lavapipe, true),
            "" if has("swiftshader") => (TestDevice::SwiftShader, true),
            "" if adapter.is_some() => (TestDevice::Gpu, true),
            "" => (TestDevice::Cpu, true),
            other => panic!("GRIDLOOM_TEST_DEVICE={other:?} is not one of cpu, lavapipe, swiftshader, gpu"),
        };
        assert!(right, "GRIDLOOM_TEST_DEVICE={named} but the default client is {client}");
        device
    })
}

/// The number of cases and the seed of a property test: `GRIDLOOM_TEST_CASES` (a number, or `10x` for ten times as many as usual) and
/// `GRIDLOOM_TEST_SEED` draw others.
pub(crate) fn cases_and_seed(cases: u32, seed: u64) -> (u32, u64) {
    let variable = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
    fn number<T: std::str::FromStr>(name: &str, text: &str) -> T {
        text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number"))
    }
    let cases = variable("GRIDLOOM_TEST_CASES").map_or(cases, |text| match text.strip_suffix('x') {
        Some(times) => cases * number::<u32>("GRIDLOOM_TEST_CASES", times),
        None => number("GRIDLOOM_TEST_CASES", &text),
    });
    let seed = variable("GRIDLOOM_TEST_SEED").map_or(seed, |text| number("GRIDLOOM_TEST_SEED", &text));
    (cases, seed)
}

/// How the property test of this thread is run again with the cases that it failed with.
pub(crate) fn how_to_repeat(cases: u32, seed: u64) -> String {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("properties");
    format!(
        "to repeat: GRIDLOOM_TEST_SEED={seed} GRIDLOOM_TEST_CASES={cases} cargo test --test tests -- --exact {name}"
    )
}

/// Whether two elements are the same: bit by bit (0.0 is not -0.0), but NaN is NaN.
#[allow(clippy::eq_op, reason = "a NaN differs from itself")]
pub(crate) fn same<T: Element>(a: T, b: T) -> bool {
    a.scalar() == b.scalar() || (a != a && b != b)
}

/// Computes the array and compares it with `want` element by element, exactly: NaN equals NaN, 0.0 does not equal -0.0.
/// Also checks shape, dtype and chunks.
#[track_caller]
pub(crate) fn assert_array_eq<T: Element>(array: &Array<T>, want: &ArrayD<T>) {
    if let Err(problem) = check_array(array, want, |got, want| same(got, want)) {
        panic!("{problem}");
    }
}

/// How far from the oracle a float may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    /// Units in the last place of the oracle's value, in the array's dtype.
    Ulp(f64),
    /// Relative to the oracle's value.
    Rel(f64),
    /// Absolute difference.
    Abs(f64),
}

impl Bound {
    /// Whether `got`, of `dtype`, is close enough. NaN is close to NaN only, an infinity to itself (and in ULP to the
    /// largest numbers); zeros of either sign are one.
    pub(crate) fn holds(self, dtype: DType, got: f64, want: f64) -> bool {
        if got == want || (got.is_nan() && want.is_nan()) {
            return true;
        }
        match self {
            Self::Ulp(bound) => ulps(dtype, got, want) <= bound,
            Self::Rel(bound) => got.is_finite() && (got - want).abs() <= bound * want.abs(),
            Self::Abs(bound) => got.is_finite() && (got - want).abs() <= bound,
        }
    }
}

/// Computes the array and compares it with an oracle in `f64`, within `bound`; otherwise as [`assert_array_eq`].
#[track_caller]
pub(crate) fn assert_array_close<T: Element>(array: &Array<T>, want: &ArrayD<f64>, bound: Bound) {
    let close = |got: T, want: f64| bound.holds(T::DTYPE, got.scalar().to_f64(), want);
    if let Err(problem) = check_array(array, want, close) {
        panic!("{problem} (bound {bound:?})");
    }
}

/// Computes the array and compares it with `want` by `equal`; says what differs.
pub(crate) fn check_array<T: Element, W: Copy + std::fmt::Debug>(
    array: &Array<T>,
    want: &ArrayD<W>,
    equal: impl Fn(T, W) -> bool,
) -> Result<(), String> {
    device();
    check_chunks(array)?;
    if array.dtype() != T::DTYPE || array.node().dtype != T::DTYPE {
        return Err(format!("dtype is {}, expected {}", array.node().dtype, T::DTYPE));
    }
    let got = array.compute().map_err(|error| format!("compute failed: {error}"))?;
    check_values(&got, want, equal).map_err(|problem| format!("{problem}; chunks {}", array.chunks()))?;
    if let Some(shape) = array.shape()
        && shape != want.shape()
    {
        return Err(format!("lazy shape is {shape:?}, expected {:?}", want.shape()));
    }
    Ok(())
}

/// Compares values that are there already.
pub(crate) fn check_values<T: Element, W: Copy + std::fmt::Debug>(
    got: &ArrayD<T>,
    want: &ArrayD<W>,
    equal: impl Fn(T, W) -> bool,
) -> Result<(), String> {
    if got.shape() != want.shape() {
        return Err(format!("computed shape is {:?}, expected {:?}", got.shape(), want.shape()));
    }
    let mut wrong = got.indexed_iter().zip(want.iter()).filter(|((_, g), w)| !equal(**g, **w));
    let Some(((at, g), w)) = wrong.next() else {
        return Ok(());
    };
    let (at, more) = (at.as_array_view().to_vec(), wrong.count());
    Err(format!("at {at:?}: got {g:?}, expected {w:?} ({} of {} differ)", more + 1, got.len()))
}

/// Checks what holds for every chunk grid: on each axis the chunks follow each other without gap from 0 to the length,
/// `find` leads to the chunk that holds an element, chunk numbers and coordinates are inverse, and the elements of all chunks
/// add up to those of the array.
pub(crate) fn check_chunks<T: Element>(array: &Array<T>) -> Result<(), String> {
    let chunks = array.chunks();
    let wrong = |what: &str| Err(format!("chunks {chunks} of shape {:?}: {what}", array.dims()));
    if chunks.ndim() != array.ndim() {
        return wrong("another number of axes");
    }
    for axis in chunks.axes() {
        let Some(len) = axis.len() else { continue };
        let mut at = 0;
        for i in 0..axis.count() {
            let (start, end) = axis.range(i);
            if start != at || end < start || (end == start && len > 0) {
                return wrong("a gap, an overlap or an empty chunk");
            }
            if end > start && (axis.find(start) != i || axis.find(end - 1) != i) {
                return wrong("`find` leads elsewhere");
            }
            at = end;
        }
        if at != len || axis.sizes().sum::<u64>() != len || axis.max_size() != axis.sizes().max().unwrap_or(0) {
            return wrong("sizes do not add up to the axis");
        }
    }
    if chunks.grid().iter().product::<u64>() != chunks.count() {
        return wrong("the grid is not the number of chunks");
    }
    let Some(elements) = chunks.elements() else {
        return Ok(());
    };
    let mut sum = 0;
    for index in 0..chunks.count() {
        let coord = chunks.coord(index);
        if chunks.index(&coord) != index {
            return wrong("coordinates do not lead back to the chunk's number");
        }
        sum += chunks.region(&coord).iter().map(|(start, end)| end - start).product::<u64>();
    }
    if sum != elements || array.size() != Some(elements as usize) {
        return wrong("elements of the chunks do not add up");
    }
    Ok(())
}

/// The distance of `got`, a value of `dtype` (a float), from `want` in units of `want`'s last place in that dtype. An
/// infinity counts as the number after the largest one; NaN is infinitely far from all but NaN.
pub(crate) fn ulps(dtype: DType, got: f64, want: f64) -> f64 {
    if got == want || (got.is_nan() && want.is_nan()) {
        return 0.0;
    }
    if got.is_nan() || want.is_nan() {
        return f64::INFINITY;
    }
    let single = dtype == DType::F32;
    let (least, most, digits) = if single { (-126, 127, 23) } else { (-1022, 1023, 52) };
    let exponent = ((want.abs().to_bits() >> 52) as i32 - 1023).clamp(least, most);
    // In halves, where a power of two has no place in an f64 itself.
    let scale = |v: f64| v * 2f64.powi(-exponent / 2) * 2f64.powi(-exponent - -exponent / 2) * 2f64.powi(digits);
    let beyond = scale(2f64.powi(most)) * 2.0;
    let finite = |v: f64| {
        if v.is_infinite() || (single && v.abs() >= 2f64.powi(128)) { beyond.copysign(v) } else { scale(v) }
    };
    (finite(got) - finite(want)).abs()
}

/// Several ways to cut `shape`: automatic, one chunk, uneven sizes, single elements on one axis, irregular lists.
pub(crate) fn chunkings(shape: &[usize]) -> Vec<ChunkSpec> {
    let axes = |spec: &dyn Fn(usize, usize) -> AxisSpec| {
        ChunkSpec::Axes(shape.iter().enumerate().map(|(k, &len)| spec(k, len)).collect())
    };
    let size = |n: usize| AxisSpec::Size(n.max(1) as u64);
    let mut all = vec![ChunkSpec::default(), axes(&|_, _| AxisSpec::Whole)];
    if shape.is_empty() {
        return all;
    }
    all.push(axes(&|_, len| size(len * 3 / 7 + 1)));
    // At most 64 chunks along that axis: single elements where they suffice.
    all.push(axes(&|k, len| {
        if k == 0 { size(len.div_ceil(64)) } else { AxisSpec::Whole }
    }));
    all.push(axes(&|k, len| AxisSpec::Sizes(irregular(len, k))));
    all
}

/// Chunk sizes that follow no rule and add up to `len`.
pub(crate) fn irregular(len: usize, seed: usize) -> Vec<u64> {
    let mut left = len;
    let mut sizes = Vec::new();
    for word in words(seed as u64 ^ 0x5eed) {
        if left == 0 || sizes.len() == 5 {
            break;
        }
        let size = 1 + word as usize % left.div_ceil(2);
        sizes.push(size as u64);
        left -= size;
    }
    if left > 0 || sizes.is_empty() {
        sizes.push(left as u64);
    }
    sizes
}

/// An array over a copy of the data, cut as `chunks` says.
pub(crate) fn chunked<T: Element>(data: &ArrayD<T>, chunks: &ChunkSpec) -> Array<T> {
    gridloom::from_ndarray(data.clone(), chunks.clone()).expect("chunks that fit")
}

/// An n-d array of the values, repeated as often as needed.
pub(crate) fn cycled<T: Copy>(values: &[T], shape: &[usize]) -> ArrayD<T> {
    let n = shape.iter().product();
    let values = values.iter().copied().cycle().take(n).collect();
    ArrayD::from_shape_vec(IxDyn(shape), values).expect("as many as the shape has")
}
