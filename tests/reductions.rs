//! Reductions: every row of [`ReduceOp::ALL`] through its typed methods, against a fold of plain `f64` lanes.

use gridloom::error::Error;
use gridloom::graph::infer;
use gridloom::ops::ReduceOp;
use gridloom::ops::reduce::Empty;
use gridloom::{Array, Backend, ChunkSpec, Client, DType, Element, from_fn, from_ndarray, full, where_};
use ndarray::{ArrayD, Axis, IxDyn, s};

use crate::common::{
    Bound, Sample, assert_array_close, assert_array_eq, check_chunks, check_values, chunked, chunkings, cycled, data,
    device, each_type, small_data,
};

/// The three forms of a reduction.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form<'a> {
    /// Over everything.
    Whole,
    /// Over these axes, which go.
    Axes(&'a [i64]),
    /// Over these axes, which stay.
    Keep(&'a [i64]),
}

/// What a reduction gave, as `f64`; an error of the graph or the run.
pub(crate) type Outcome = gridloom::Result<ArrayD<f64>>;

/// Computes a reduction and checks its lazy shape and chunks against the values'.
fn outcome<T: Element>(array: gridloom::Result<Array<T>>) -> Outcome {
    let array = array?;
    check_chunks(&array).unwrap();
    let values = array.compute()?;
    assert_eq!(array.shape().unwrap(), values.shape(), "lazy and computed shape");
    Ok(values.mapv(|v| v.scalar().to_f64()))
}

/// Dispatches on the rows of the table; three kinds of signatures, and `any`/`all`, which have no keepdims form.
macro_rules! rows {
    ($op:ident $x:ident $form:ident $ddof:ident: $($variant:ident $kind:ident $all:ident $axis:ident $keep:ident;)*) => {
        match $op {
            $(ReduceOp::$variant => Some(outcome(match $form {
                Form::Whole => rows!(@$kind $x $all $ddof),
                Form::Axes(axes) => rows!(@axes $kind $x $axis axes $ddof),
                Form::Keep(axes) => rows!(@axes $kind $x $keep axes $ddof),
            })),)*
            _ => None,
        }
    };
    (@total $x:ident $all:ident $ddof:ident) => { Ok($x.$all()) };
    (@partial $x:ident $all:ident $ddof:ident) => { $x.$all() };
    (@variance $x:ident $all:ident $ddof:ident) => { $x.$all($ddof) };
    (@axes variance $x:ident $axis:ident $axes:ident $ddof:ident) => { $x.$axis($axes, $ddof) };
    (@axes $kind:ident $x:ident $axis:ident $axes:ident $ddof:ident) => { $x.$axis($axes) };
}

/// Element types with the reductions they have.
pub(crate) trait Rows: Sample {
    /// The reduction, or `None` where the type has not got it.
    fn reduce(op: ReduceOp, x: &Array<Self>, form: Form<'_>, ddof: f64) -> Option<Outcome>;
}

fn common<T: gridloom::dtype::Ordered>(op: ReduceOp, x: &Array<T>, form: Form<'_>, ddof: f64) -> Option<Outcome> {
    if matches!(op, ReduceOp::Least | ReduceOp::Greatest) {
        // Histograms use these; they have no methods.
        let (axes, keep) = match form {
            Form::Whole => (None, false),
            Form::Axes(axes) => (Some(axes), false),
            Form::Keep(axes) => (Some(axes), true),
        };
        return Some(outcome(infer::reduce(op, x.node(), axes, keep, ddof).and_then(Array::<T>::from_node)));
    }
    rows! { op x form ddof:
        Sum total sum sum_axis sum_keepdims;
        Prod total prod prod_axis prod_keepdims;
        Mean total mean mean_axis mean_keepdims;
        Min partial min min_axis min_keepdims;
        Max partial max max_axis max_keepdims;
        Argmin partial argmin argmin_axis argmin_keepdims;
        Argmax partial argmax argmax_axis argmax_keepdims;
        CountNonzero total count_nonzero count_nonzero_axis count_nonzero_keepdims;
    }
}

impl Rows for bool {
    fn reduce(op: ReduceOp, x: &Array<Self>, form: Form<'_>, ddof: f64) -> Option<Outcome> {
        match (op, form) {
            (ReduceOp::Any, Form::Keep(axes)) => Some(outcome(x.any_keepdims(axes))),
            (ReduceOp::All, Form::Keep(axes)) => Some(outcome(x.all_keepdims(axes))),
            (ReduceOp::Any, Form::Whole) => Some(outcome(Ok(x.any()))),
            (ReduceOp::All, Form::Whole) => Some(outcome(Ok(x.all()))),
            (ReduceOp::Any, Form::Axes(axes)) => Some(outcome(x.any_axis(axes))),
            (ReduceOp::All, Form::Axes(axes)) => Some(outcome(x.all_axis(axes))),
            _ => common(op, x, form, ddof),
        }
    }
}
macro_rules! number_rows {
    ($($t:ty)*) => {$(impl Rows for $t {
        fn reduce(op: ReduceOp, x: &Array<Self>, form: Form<'_>, ddof: f64) -> Option<Outcome> {
            common(op, x, form, ddof).or_else(|| rows! { op x form ddof:
                Var variance var var_axis var_keepdims;
                Std variance std std_axis std_keepdims;
            })
        }
    })*};
}
number_rows!(u8 u16 u32 u64 i8 i16 i32 i64);
macro_rules! real_rows {
    ($($t:ty)*) => {$(impl Rows for $t {
        fn reduce(op: ReduceOp, x: &Array<Self>, form: Form<'_>, ddof: f64) -> Option<Outcome> {
            common(op, x, form, ddof).or_else(|| rows! { op x form ddof:
                Var variance var var_axis var_keepdims;
                Std variance std std_axis std_keepdims;
                Nanvar variance nanvar nanvar_axis nanvar_keepdims;
                Nanstd variance nanstd nanstd_axis nanstd_keepdims;
                Nansum total nansum nansum_axis nansum_keepdims;
                Nanprod total nanprod nanprod_axis nanprod_keepdims;
                Nanmean total nanmean nanmean_axis nanmean_keepdims;
                Nanmin total nanmin nanmin_axis nanmin_keepdims;
                Nanmax total nanmax nanmax_axis nanmax_keepdims;
                Nanargmin partial nanargmin nanargmin_axis nanargmin_keepdims;
                Nanargmax partial nanargmax nanargmax_axis nanargmax_keepdims;
            })
        }
    })*};
}
real_rows!(f32 f64);

/// The reduction of one lane, in `f64`.
fn fold(op: ReduceOp, lane: &[f64], ddof: f64) -> f64 {
    let kept: Vec<f64> = lane.iter().copied().filter(|v| !(op.skips_nan() && v.is_nan())).collect();
    let mean = || kept.iter().sum::<f64>() / kept.len() as f64;
    let variance = || {
        let mean = mean();
        kept.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (kept.len() as f64 - ddof)
    };
    let extreme = |better: fn(f64, f64) -> bool| {
        let mut best: Option<(usize, f64)> = None;
        for (i, &v) in lane.iter().enumerate().filter(|(_, v)| !(op.skips_nan() && v.is_nan())) {
            if best.is_none_or(|(_, b)| !b.is_nan() && (v.is_nan() || better(v, b))) {
                best = Some((i, v));
            }
        }
        best.map_or((f64::NAN, f64::NAN), |(i, v)| (i as f64, v))
    };
    let (low, high) = (|| extreme(|a, b| a < b), || extreme(|a, b| a > b));
    match op {
        ReduceOp::Sum | ReduceOp::Nansum => kept.iter().sum(),
        ReduceOp::Prod | ReduceOp::Nanprod => kept.iter().product(),
        ReduceOp::Mean | ReduceOp::Nanmean => mean(),
        ReduceOp::Var | ReduceOp::Nanvar => variance(),
        ReduceOp::Std | ReduceOp::Nanstd => variance().sqrt(),
        ReduceOp::Min | ReduceOp::Nanmin => low().1,
        ReduceOp::Max | ReduceOp::Nanmax => high().1,
        // Of nothing, what no value is beyond; tests with integers have always some.
        ReduceOp::Least => {
            if lane.is_empty() {
                f64::INFINITY
            } else {
                low().1
            }
        }
        ReduceOp::Greatest => {
            if lane.is_empty() {
                f64::NEG_INFINITY
            } else {
                high().1
            }
        }
        ReduceOp::Argmin | ReduceOp::Nanargmin => low().0,
        ReduceOp::Argmax | ReduceOp::Nanargmax => high().0,
        ReduceOp::Any => f64::from(lane.iter().any(|&v| v != 0.0)),
        ReduceOp::All => f64::from(lane.iter().all(|&v| v != 0.0)),
        ReduceOp::CountNonzero => lane.iter().filter(|&&v| v != 0.0).count() as f64,
    }
}

/// The reduction of plain values: lanes are gathered in C order, then folded.
fn oracle(op: ReduceOp, x: &ArrayD<f64>, form: Form<'_>, ddof: f64) -> ArrayD<f64> {
    let reduced = |k: usize| match form {
        Form::Whole => true,
        Form::Axes(axes) | Form::Keep(axes) => axes.iter().any(|&a| a.rem_euclid(x.ndim() as i64) as usize == k),
    };
    let ones: Vec<usize> = (0..x.ndim()).map(|k| if reduced(k) { 1 } else { x.shape()[k] }).collect();
    let mut lanes: ArrayD<Vec<f64>> = ArrayD::from_elem(IxDyn(&ones), vec![]);
    for (at, &v) in x.indexed_iter() {
        let at: Vec<usize> = (0..x.ndim()).map(|k| if reduced(k) { 0 } else { at[k] }).collect();
        lanes[IxDyn(&at)].push(v);
    }
    let mut result = lanes.mapv(|lane| fold(op, &lane, ddof));
    if !matches!(form, Form::Keep(_)) {
        for k in (0..x.ndim()).rev().filter(|&k| reduced(k)) {
            result = result.index_axis_move(Axis(k), 0);
        }
    }
    result
}

/// How near to the oracle a row must be where all sums are exact in the dtype.
fn bound(op: ReduceOp, dtype: DType) -> Bound {
    match op {
        ReduceOp::Mean | ReduceOp::Nanmean => Bound::Ulp(1.0),
        ReduceOp::Var | ReduceOp::Std | ReduceOp::Nanvar | ReduceOp::Nanstd => {
            Bound::Rel(if dtype == DType::F32 { 2e-6 } else { 4e-15 })
        }
        _ => Bound::Ulp(0.0),
    }
}

/// Runs a row on `x` (if the type has it) and compares it with the oracle.
#[track_caller]
pub(crate) fn check<T: Rows>(op: ReduceOp, x: &Array<T>, plain: &ArrayD<f64>, form: Form<'_>, ddof: f64) -> bool {
    let Some(got) = T::reduce(op, x, form, ddof) else {
        return false;
    };
    let context = || format!("{} of {} {form:?}, chunks {}", op.name(), T::DTYPE, x.chunks());
    let got = got.unwrap_or_else(|error| panic!("{}: {error}", context()));
    let (want, dtype) = (oracle(op, plain, form, ddof), op.result(T::DTYPE));
    let bound = bound(op, dtype);
    if let Err(problem) = check_values(&got, &want, |g, w| bound.holds(dtype, g, w)) {
        panic!("{}: {problem}", context());
    }
    true
}

pub(crate) fn plain<T: Element>(x: &ArrayD<T>) -> ArrayD<f64> {
    x.mapv(|v| v.scalar().to_f64())
}

/// Ones, and so few twos that products are exact in every dtype.
fn factors<T: Element>(shape: &[usize]) -> ArrayD<T> {
    let values: Vec<T> =
        (0..97).map(|i| gridloom::dtype::Scalar::from_i64(T::DTYPE, 1 + i64::from(i % 48 == 5)).get()).collect();
    cycled(&values, shape)
}

/// Data on which the row is exact.
pub(crate) fn suited<T: Sample>(op: ReduceOp, shape: &[usize]) -> ArrayD<T> {
    if matches!(op, ReduceOp::Prod | ReduceOp::Nanprod) { factors(shape) } else { small_data(shape, 11) }
}

const FORMS: &[Form<'static>] = &[
    Form::Whole,
    Form::Axes(&[0]),
    Form::Axes(&[1]),
    Form::Axes(&[2]),
    Form::Axes(&[-2]),
    Form::Axes(&[0, 1]),
    Form::Axes(&[2, 0]),
    Form::Axes(&[-1, 1]),
    Form::Axes(&[0, 1, 2]),
    Form::Keep(&[1]),
    Form::Keep(&[-1]),
    Form::Keep(&[0, -1]),
    Form::Keep(&[0, 1, 2]),
];

/// Positions are of one axis or of all of them.
fn defined(op: ReduceOp, form: Form<'_>) -> bool {
    let axes = match form {
        Form::Whole => 3,
        Form::Axes(axes) | Form::Keep(axes) => axes.len(),
    };
    !op.fold().indexed() || axes == 1 || axes == 3
}

#[test]
fn every_reduction_over_any_axes_and_chunks_matches_ndarray() {
    fn all<T: Rows>() {
        let shape = [5, 12, 7];
        for &op in ReduceOp::ALL {
            let values = suited::<T>(op, &shape);
            let plain = plain(&values);
            for chunks in &chunkings(&shape)[1..] {
                let x = chunked(&values, chunks);
                for &form in FORMS.iter().filter(|form| defined(op, **form)) {
                    check(op, &x, &plain, form, 0.0);
                }
            }
        }
    }
    device();
    each_type!([bool i32 f32 f64], T => all::<T>());
}

#[test]
fn every_dtype_reduces_over_outer_middle_and_inner_axes() {
    fn all<T: Rows>() -> Vec<ReduceOp> {
        let shape = [6, 5, 35];
        let rows = ReduceOp::ALL.iter().copied().filter(|&op| {
            let values = suited::<T>(op, &shape);
            let x = chunked(&values, &[4, 2, 20].into());
            let forms = [Form::Whole, Form::Axes(&[0]), Form::Axes(&[1]), Form::Axes(&[2])];
            forms.iter().filter(|&&form| check(op, &x, &plain(&values), form, 0.0)).count() == 4
        });
        rows.collect()
    }
    each_type!([u8 u16 u32 u64 i8 i16 i64], T => assert_eq!(all::<T>().len(), 12, "{}", T::DTYPE));
    let (logical, float) = (all::<bool>(), all::<f32>());
    for op in ReduceOp::ALL {
        assert!(logical.contains(op) || float.contains(op), "{} is tested by no dtype", op.name());
    }
}

/// NaN at every 13th place, so that some lanes have none, some have several, and row (1, 2) is nothing else.
fn with_nan<T: Sample>(op: ReduceOp, nan: T, shape: &[usize; 3]) -> ArrayD<T> {
    let mut values = suited::<T>(op, shape);
    for (i, v) in values.iter_mut().enumerate() {
        if i % 13 == 4 {
            *v = nan;
        }
    }
    values.slice_mut(s![1, 2, ..]).fill(nan);
    values
}

#[test]
fn nan_propagates_and_nan_variants_skip_it() {
    fn all<T: Rows>(nan: T) {
        let shape = [4, 6, 9];
        for &op in ReduceOp::ALL {
            let values = with_nan(op, nan, &shape);
            let refuses = matches!(op, ReduceOp::Nanargmin | ReduceOp::Nanargmax);
            for chunks in &chunkings(&shape)[1..] {
                let x = chunked(&values, chunks);
                for &form in FORMS.iter().filter(|form| defined(op, **form)) {
                    let inner = matches!(form, Form::Axes([2]) | Form::Keep([-1]));
                    if refuses && inner {
                        let error = T::reduce(op, &x, form, 0.0).unwrap().unwrap_err();
                        assert!(matches!(error, Error::EmptyReduction { .. }), "{}: {error}", op.name());
                    } else {
                        check(op, &x, &plain(&values), form, 0.0);
                    }
                }
            }
        }
    }
    all(f32::NAN);
    all(f64::NAN);
}

#[test]
fn all_nan_data_gives_identities_nan_or_an_error() {
    let x = full((3, 4), f64::NAN).rechunk(2).unwrap();
    assert_eq!(x.nansum().item().unwrap(), 0.0);
    assert_eq!(x.nanprod().item().unwrap(), 1.0);
    for nan in [x.nanmean(), x.nanmin(), x.nanmax(), x.nanvar(0.0).unwrap(), x.nanstd(0.0).unwrap()] {
        assert!(nan.item().unwrap().is_nan());
    }
    assert!(matches!(x.nanargmin().unwrap().item(), Err(Error::EmptyReduction { .. })));
    assert!(matches!(x.nanargmax().unwrap().item(), Err(Error::EmptyReduction { .. })));
}

#[test]
fn empty_axes_follow_the_rows_rule() {
    fn all<T: Rows>() {
        for &op in ReduceOp::ALL {
            // What these give for nothing depends on the type.
            if matches!(op, ReduceOp::Least | ReduceOp::Greatest) && !T::DTYPE.is_float() {
                continue;
            }
            for shape in [vec![0], vec![0, 3], vec![3, 0]] {
                let values: ArrayD<T> = ArrayD::from_elem(IxDyn(&shape), T::default());
                let x = chunked(&values, &2.into());
                for form in [Form::Whole, Form::Axes(&[0]), Form::Axes(&[-1]), Form::Keep(&[0])] {
                    let kept_empty = match form {
                        Form::Axes([-1]) => shape[0] == 0 && shape.len() == 2,
                        Form::Axes(_) | Form::Keep(_) => shape.last() == Some(&0) && shape.len() == 2,
                        Form::Whole => false,
                    };
                    let lanes_empty = match form {
                        Form::Axes([-1]) => shape.last() == Some(&0),
                        Form::Axes(_) | Form::Keep(_) => shape[0] == 0,
                        Form::Whole => true,
                    };
                    if op.empty() == Empty::Refuse && lanes_empty && !kept_empty {
                        let Some(result) = T::reduce(op, &x, form, 0.0) else {
                            continue;
                        };
                        let error = result.unwrap_err();
                        assert!(matches!(error, Error::EmptyReduction { .. }), "{} {shape:?}: {error}", op.name());
                    } else {
                        check(op, &x, &plain(&values), form, 0.0);
                    }
                }
            }
        }
    }
    each_type!([bool i32 u64 f32 f64], T => all::<T>());
}

#[test]
fn positions_are_the_first_of_ties_and_of_nan_across_chunks() {
    let mut values: ArrayD<f32> = ArrayD::from_elem(IxDyn(&[7, 300]), 1.0);
    for (row, column) in [(1, 250), (1, 7), (3, 299), (3, 100), (6, 0), (6, 299)] {
        values[[row, column]] = -2.0;
        values[[row, 299 - column]] = 5.0;
    }
    let mut nans = values.clone();
    for (row, column) in [(2, 210), (2, 90), (6, 150)] {
        nans[[row, column]] = f32::NAN;
    }
    for values in [&values, &nans] {
        for chunks in [(7, 300), (1, 300), (2, 64), (7, 9)] {
            let x = chunked(values, &chunks.into());
            for op in [ReduceOp::Argmin, ReduceOp::Argmax, ReduceOp::Nanargmin, ReduceOp::Nanargmax] {
                for form in [Form::Whole, Form::Axes(&[0]), Form::Axes(&[1]), Form::Keep(&[0, 1])] {
                    check(op, &x, &plain(values), form, 0.0);
                }
            }
        }
    }
    let zeros = chunked(&cycled(&[0.0f64, -0.0], &[50]), &7.into());
    assert_eq!(zeros.argmin().unwrap().item().unwrap(), 0, "-0.0 equals 0.0");
    assert_eq!(zeros.argmax().unwrap().item().unwrap(), 0);
}

#[test]
fn ddof_changes_the_divisor_and_must_be_finite() {
    let values = small_data::<f64>(&[6, 8], 3);
    let x = chunked(&values, &(4, 3).into());
    let counts = chunked(&small_data::<i32>(&[6, 8], 4), &(4, 3).into());
    for ddof in [0.0, 1.0, 2.5, -1.0] {
        for op in [ReduceOp::Var, ReduceOp::Std, ReduceOp::Nanvar, ReduceOp::Nanstd] {
            for form in [Form::Whole, Form::Axes(&[1]), Form::Keep(&[0])] {
                check(op, &x, &plain(&values), form, ddof);
            }
        }
        check(ReduceOp::Var, &counts, &plain(&small_data::<i32>(&[6, 8], 4)), Form::Axes(&[0]), ddof);
    }
    // n - ddof = 0: NumPy divides by it; 0/0 for equal values, and infinity for others.
    assert!(full::<f64>(3, 2.0).var(3.0).unwrap().item().unwrap().is_nan());
    assert_eq!(gridloom::array([1.0, 2.0]).var(2.0).unwrap().item().unwrap(), f64::INFINITY);
    for ddof in [f64::NAN, f64::INFINITY] {
        assert!(matches!(x.var(ddof), Err(Error::Parameter { .. })));
        assert!(matches!(x.nanstd_axis(0, ddof), Err(Error::Parameter { .. })));
    }
}

#[test]
fn wrong_axes_are_errors() {
    let x = gridloom::zeros::<f32>((2, 3, 4));
    assert!(matches!(x.sum_axis(3), Err(Error::AxisOutOfRange { axis: 3, .. })));
    assert!(matches!(x.mean_keepdims(-4), Err(Error::AxisOutOfRange { axis: -4, .. })));
    assert!(matches!(x.max_axis([0, -3]), Err(Error::AxisRepeated { .. })));
    assert!(matches!(x.argmin_axis([0, 1]), Err(Error::Rank { .. })));
    assert_array_eq(&x.sum_axis([0i64; 0]).unwrap(), &ArrayD::zeros(IxDyn(&[2, 3, 4])));
}

#[test]
fn integer_sums_and_products_wrap_in_64_bits() {
    let values = [i64::MAX, 5, i64::MAX, -3, i64::MIN, 77];
    let x = chunked(&cycled(&values, &[40]), &7.into());
    let all = || values.iter().cycle().take(40);
    assert_eq!(x.sum().item().unwrap(), all().fold(0i64, |a, &b| a.wrapping_add(b)));
    let odd = [3i64, -7, i64::MAX, 5];
    let product = odd.iter().cycle().take(40).fold(1i64, |a, &b| a.wrapping_mul(b));
    assert_eq!(chunked(&cycled(&odd, &[40]), &7.into()).prod().item().unwrap(), product);
    let x = chunked(&cycled(&[u64::MAX, 12, u64::MAX - 1], &[5, 30]), &(2, 11).into());
    let want: Vec<u64> = vec![10u64.wrapping_mul(u64::MAX.wrapping_add(12).wrapping_add(u64::MAX - 1)); 5];
    assert_array_eq(&x.sum_axis(1).unwrap(), &ndarray::arr1(&want).into_dyn());
}

#[test]
fn sums_of_small_integers_exceed_32_bits() {
    let n = 140_000;
    macro_rules! check {
        ($($t:ty: $value:expr;)*) => {$(
            let x = full(n, $value).rechunk(60_000).unwrap();
            assert_eq!(x.sum().item().unwrap() as i128, n as i128 * $value as i128, stringify!($t));
            let x = chunked(&cycled(&[$value], &[70_000, 2]), &(30_000, 1).into());
            let want = 70_000 * $value as i128;
            assert_eq!(x.sum_axis(0).unwrap().compute().unwrap().mapv(|v| v as i128).into_raw_vec_and_offset().0,
                [want, want], stringify!($t));
        )*};
    }
    check! { u16: u16::MAX; i16: i16::MIN; u32: u32::MAX; i32: i32::MIN; i32: i32::MAX; }
    // 255 · 4200² is over 2³², and so is 2³² of anything in one chunk.
    assert_eq!(full((4200, 4200), 255u8).sum().item().unwrap(), 255 * 4200 * 4200);
    assert_eq!(full((4200, 4200), -128i8).sum().item().unwrap(), -128 * 4200 * 4200);
    assert_eq!(full((3, 70_000), 255u8).prod_axis(1).unwrap().compute().unwrap()[0], 255u64.wrapping_pow(70_000));
}

#[test]
fn variance_of_a_large_mean_does_not_cancel() {
    // Squares of the values have no digits left for a variance near 22, and means of chunks in one word would lose mean/deviation
    // in the last place: 2³⁰/4.7 · 2⁻⁵³ and 2²⁰/4.7 · 2⁻²⁴, relative to the result. In two words they lose nothing.
    let noise = small_data::<f64>(&[3000], 21);
    let want = ArrayD::from_elem(IxDyn(&[]), fold(ReduceOp::Var, noise.as_slice().unwrap(), 0.0));
    for chunks in [3000, 700, 40] {
        let x = chunked(&noise.mapv(|v| v + 2f64.powi(30)), &chunks.into());
        assert_array_close(&x.var(0.0).unwrap(), &want, Bound::Rel(1e-13));
        let x = chunked(&noise.mapv(|v| (v + 2f64.powi(20)) as f32), &chunks.into());
        assert_array_close(&x.var(0.0).unwrap(), &want, Bound::Rel(1e-6));
        assert_array_close(&x.nanvar(0.0).unwrap(), &want, Bound::Rel(1e-6));
        let columns = x.reshape([1500, 2]).unwrap().rechunk((chunks / 2, 1)).unwrap();
        let first = fold(ReduceOp::Std, &noise.iter().step_by(2).copied().collect::<Vec<_>>(), 0.0);
        let second = fold(ReduceOp::Std, &noise.iter().skip(1).step_by(2).copied().collect::<Vec<_>>(), 0.0);
        let want = ndarray::arr1(&[first, second]).into_dyn();
        assert_array_close(&columns.std_axis(0, 0.0).unwrap(), &want, Bound::Rel(1e-6));
    }
}

#[test]
fn a_first_value_far_from_all_others_costs_variances_no_digits() {
    // Deviations are from a shift, which is the first value only until the mean is known better. Rows are taken one by one into the
    // states of their columns, and into those of groups of columns.
    let mut values = small_data::<f64>(&[30_000, 3], 22);
    values.index_axis_mut(Axis(0), 0).fill(-9999.0);
    let column = |k: usize| values.index_axis(Axis(1), k).iter().copied().collect::<Vec<f64>>();
    let want = |op| ndarray::arr1(&[0, 1, 2].map(|k| fold(op, &column(k), 0.0))).into_dyn();
    for chunks in [(30_000, 3), (7000, 3), (30_000, 1)] {
        let x = chunked(&values, &chunks.into());
        assert_array_close(&x.var_axis(0, 0.0).unwrap(), &want(ReduceOp::Var), Bound::Rel(1e-13));
        assert_array_close(&x.nanstd_axis(0, 0.0).unwrap(), &want(ReduceOp::Std), Bound::Rel(1e-13));
        assert_array_close(&(&x + 0.0).var_axis(0, 0.0).unwrap(), &want(ReduceOp::Var), Bound::Rel(1e-13));
    }
}

#[test]
fn values_too_far_apart_for_their_squares_have_infinite_variances_along_any_axis() {
    let values = ArrayD::from_shape_fn(IxDyn(&[100, 3]), |i| if i[0] % 2 == 0 { 1.5e308 } else { -1.5e308 });
    for chunks in [(100, 3), (30, 3)] {
        let far = chunked(&values, &chunks.into()).var_axis(0, 0.0).unwrap().compute().unwrap();
        assert!(device().runs(DType::F64) || far.iter().all(|&v| v == f64::INFINITY), "{far}");
    }
}

#[test]
fn many_chunks_combine_over_several_levels() {
    // 64 states are merged at a time: 4200 chunks make three levels, 150 two.
    let values = small_data::<f32>(&[4200], 5);
    let x = chunked(&values, &1.into());
    let each = Client::builder().task_elements(1).build().unwrap();
    let text = x.sum().explain_with(&each).unwrap();
    assert_eq!(text.matches("combine sum").count(), 3, "{text}");
    // By default small chunks are batched: one task.
    let text = x.sum().explain_with(&Client::builder().task_elements(1 << 16).build().unwrap()).unwrap();
    assert_eq!(text.matches("combine sum").count(), 1, "{text}");
    for op in [ReduceOp::Sum, ReduceOp::Argmax, ReduceOp::Var] {
        check(op, &x, &plain(&values), Form::Whole, 0.0);
    }
    let values = small_data::<i32>(&[3, 150, 4], 6);
    let x = chunked(&values, &(2, 1, 4).into());
    for op in [ReduceOp::Sum, ReduceOp::Min, ReduceOp::Argmin, ReduceOp::Mean, ReduceOp::Var] {
        for form in [Form::Whole, Form::Axes(&[1]), Form::Keep(&[1]), Form::Axes(&[0])] {
            check(op, &x, &plain(&values), form, 0.0);
        }
    }
}

#[test]
fn reductions_read_slices_transposes_and_broadcasts() {
    let values = small_data::<f32>(&[14, 11], 8);
    let small = ["sum", "max", "argmin", "var", "nansum"];
    let ops: Vec<ReduceOp> = ReduceOp::ALL.iter().copied().filter(|op| small.contains(&op.name())).collect();
    for chunks in &chunkings(&[14, 11])[1..] {
        let x = chunked(&values, chunks);
        let views = [
            (x.slice(s![2..12, ..]).unwrap(), values.slice(s![2..12, ..]).into_dyn()),
            (x.slice(s![..;-3, 1..;2]).unwrap(), values.slice(s![..;-3, 1..;2]).into_dyn()),
            (x.t(), values.t().into_dyn()),
            (x.t().slice(s![..;-1, 3..]).unwrap(), values.t().slice_move(s![..;-1, 3..]).into_dyn()),
        ];
        let flat = x.index_axis(0, 3).unwrap();
        let (wide, row) = (flat.broadcast_to((5, 11)).unwrap(), values.index_axis(Axis(0), 3));
        for &op in &ops {
            for form in [Form::Whole, Form::Axes(&[0]), Form::Axes(&[1])] {
                for (view, plain_view) in &views {
                    check(op, view, &plain(&plain_view.to_owned()), form, 0.0);
                }
                let plain_wide = row.broadcast(IxDyn(&[5, 11])).unwrap().to_owned();
                check(op, &wide, &plain(&plain_wide), form, 0.0);
            }
        }
    }
}

#[test]
fn sums_are_bit_identical_from_run_to_run() {
    let values = data::<f32>(&[90, 111], 9);
    for chunks in [(90, 111), (13, 40)] {
        let x = chunked(&values, &chunks.into());
        let run = || {
            let (a, b) = (x.sum().item().unwrap(), x.var_axis(0, 0.0).unwrap().compute().unwrap());
            (a.to_bits(), b.mapv(f32::to_bits))
        };
        let first = run();
        for _ in 0..5 {
            assert_eq!(run(), first);
        }
    }
}

#[test]
fn sums_depend_on_chunks_within_the_rounding_bound_only() {
    fn all<T: Rows>(epsilon: f64) {
        let shape = [57, 83];
        let values = data::<T>(&shape, 10);
        let exact: f64 = plain(&values).iter().sum();
        let size: f64 = plain(&values).iter().map(|v| v.abs()).sum();
        for chunks in chunkings(&shape) {
            let x = chunked(&values, &chunks);
            let bound = 32.0 * epsilon * size;
            let got = T::reduce(ReduceOp::Sum, &x, Form::Whole, 0.0).unwrap().unwrap()[[]];
            assert!((got - exact).abs() <= bound, "{} {}: {got} against {exact}", T::DTYPE, x.chunks());
            let rows = T::reduce(ReduceOp::Sum, &x, Form::Axes(&[0]), 0.0).unwrap().unwrap();
            assert!((rows.sum() - exact).abs() <= bound, "{} {}: by columns", T::DTYPE, x.chunks());
        }
    }
    all::<f32>(f64::from(f32::EPSILON));
    all::<f64>(f64::EPSILON);
}

#[test]
fn a_sum_has_the_same_bits_for_one_thread_and_for_two() {
    // Outputs that two threads share come in parts, the last of which has one output: its sums must end where the others' do.
    let mut values = ndarray::Array3::<f64>::zeros((4, 513, 128));
    values.slice_mut(ndarray::s![.., 512, 0]).assign(&ndarray::arr1(&[1e16, 0.0, 1.0, 1.0]));
    let sums = [1, 2].map(|workers| {
        let client = Client::builder().backend(Backend::Cpu).workers(workers).build().unwrap();
        let x = from_ndarray(values.clone(), (4, 513, 128)).unwrap();
        client.compute(&x.sum_axis([0, 2]).unwrap()).unwrap()
    });
    assert_eq!(sums[0], sums[1]);
}

#[test]
fn a_variance_that_overflows_is_infinite_with_a_mask_too() {
    let client = Client::builder().backend(Backend::Cpu).build().unwrap();
    let x = gridloom::array([1e308, -1e308, f64::NAN]);
    assert_eq!(client.compute(&x.nanvar(0.0).unwrap()).unwrap()[[]], f64::INFINITY);
}

#[test]
fn zero_dimensional_arrays_reduce_to_themselves() {
    let x = Array::from(3i32);
    assert_eq!(x.sum().item().unwrap(), 3);
    assert_eq!(x.argmax().unwrap().item().unwrap(), 0);
    assert_eq!(x.var(0.0).unwrap().item().unwrap(), 0.0);
    let host = from_fn((), |_| 2.5f64);
    assert_eq!(host.max().unwrap().item().unwrap(), 2.5);
    assert!(matches!(host.sum_axis(0), Err(Error::AxisOutOfRange { .. })));
}

#[test]
fn chunks_of_a_reduction_are_those_of_the_other_axes() {
    let x = gridloom::zeros::<f32>((10, 20, 7)).rechunk((4, 20, 3)).unwrap();
    assert_eq!(x.sum_axis(1).unwrap().chunks().to_string(), "(4×2+2, 3×2+1)");
    assert_eq!(x.sum_keepdims([0, 2]).unwrap().chunks().to_string(), "(1, 20, 1)");
    assert_eq!(x.sum().chunks().to_string(), "()");
    let spec: ChunkSpec = vec![vec![1, 9], vec![20], vec![7]].into();
    assert_eq!(x.rechunk(spec).unwrap().max_axis(-1).unwrap().chunks().to_string(), "([1, 9], 20)");
}

/// Bit by bit, also where a piece is cut for threads: columns that are no multiple of a part, rows shorter than a strip.
#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let client = |workers| Client::builder().backend(Backend::Cpu).workers(workers).no_progress().build().unwrap();
    let clients = [1, 2, 3].map(client);
    let shapes: [(&[usize], &[i64]); 6] = [
        (&[2000, 513], &[0]),
        (&[3, 100_003], &[0]),
        (&[200, 515, 24], &[0, 2]),
        (&[100_001, 10], &[1]),
        (&[700, 701], &[0, 1]),
        (&[40, 41, 400], &[1]),
    ];
    for (shape, axes) in shapes {
        let values = small_data::<f64>(shape, 7);
        // A whole array is one task, which threads share; chunks of a function's keep their size.
        let chunks: Vec<usize> = shape.iter().map(|len| len.div_ceil(3)).collect();
        let forms = [from_ndarray(values.clone(), "auto").unwrap(), from_ndarray(values, chunks.as_slice()).unwrap()];
        for x in forms {
            let y = &x * 1.1 + 0.1;
            let masked = where_(&y.gt(0.0), &y, f64::NAN).unwrap();
            let all = (
                &x.sum_axis(axes).unwrap(),
                &y.sum_axis(axes).unwrap(),
                &y.mean_axis(axes).unwrap(),
                &y.var_axis(axes, 0.0).unwrap(),
                &masked.nansum_axis(axes).unwrap(),
            );
            let bits = |client: &Client| {
                let (a, b, c, d, e) = client.compute(all).unwrap();
                [a, b, c, d, e].map(|result| result.iter().map(|v| v.to_bits()).collect::<Vec<_>>())
            };
            let one = bits(&clients[0]);
            assert!(clients[1..].iter().all(|client| bits(client) == one), "{shape:?} along {axes:?}");
        }
    }
}
