//! Masked arrays against plain loops over what counts.

use gridloom::functions::Masked;
use gridloom::ops::{BinaryOp, ReduceOp, UnaryOp};
use gridloom::{DType, DynArray, Error};

const ROWS: usize = 6;
const COLUMNS: usize = 7;

fn values() -> Vec<f64> {
    (0..ROWS * COLUMNS).map(|i| (i * 37 % 11) as f64 - 4.0).collect()
}
/// A row without any, and one in three elsewhere.
fn mask() -> Vec<bool> {
    (0..ROWS * COLUMNS).map(|i| i / COLUMNS == 2 || i % 3 == 1).collect()
}
fn array() -> Masked {
    let data = gridloom::array(values()).reshape([ROWS as i64, COLUMNS as i64]).unwrap().rechunk((4, 3)).unwrap();
    let mask = gridloom::array(mask()).reshape([ROWS as i64, COLUMNS as i64]).unwrap();
    Masked::masked_array(&data.into(), &mask.into()).unwrap()
}
fn floats(x: &DynArray) -> Vec<f64> {
    x.cast(DType::F64).typed::<f64>().unwrap().to_vec().unwrap()
}
fn truths(x: &DynArray) -> Vec<bool> {
    x.typed::<bool>().unwrap().to_vec().unwrap()
}

/// What a reduction makes of each list of what counts; nothing where none does.
fn check(op: ReduceOp, ddof: f64, expected: impl Fn(&[f64]) -> f64) {
    let (values, mask) = (values(), mask());
    let counting = |places: Vec<usize>| places.into_iter().filter(|&i| !mask[i]).map(|i| values[i]).collect::<Vec<_>>();
    let rows = (0..ROWS).map(|row| (0..COLUMNS).map(|column| row * COLUMNS + column).collect());
    let columns = (0..COLUMNS).map(|column| (0..ROWS).map(|row| row * COLUMNS + column).collect());
    let cases: [(Option<i64>, Vec<Vec<usize>>); 3] =
        [(Some(1), rows.collect()), (Some(0), columns.collect()), (None, vec![(0..ROWS * COLUMNS).collect()])];
    for (axis, lists) in cases {
        let made = array().reduce(op, axis.map(Into::into), false, ddof).unwrap();
        let (got, left_out) = (floats(made.data()), truths(made.mask()));
        for (k, list) in lists.into_iter().map(counting).enumerate() {
            assert_eq!(left_out[k], list.is_empty(), "{op:?} {axis:?} {k}");
            let want = expected(&list);
            assert!(list.is_empty() || (got[k] - want).abs() < 1e-12, "{op:?} {axis:?} {k}: {} is not {want}", got[k]);
        }
    }
}

#[test]
fn reductions_are_of_what_counts() {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let variance =
        |x: &[f64], ddof: f64| x.iter().map(|v| (v - mean(x)).powi(2)).sum::<f64>() / (x.len() as f64 - ddof);
    check(ReduceOp::Sum, 0.0, |x| x.iter().sum());
    check(ReduceOp::Prod, 0.0, |x| x.iter().product());
    check(ReduceOp::Mean, 0.0, mean);
    check(ReduceOp::Var, 0.0, |x| variance(x, 0.0));
    check(ReduceOp::Std, 1.0, |x| variance(x, 1.0).sqrt());
    check(ReduceOp::Min, 0.0, |x| x.iter().copied().fold(f64::INFINITY, f64::min));
    check(ReduceOp::Max, 0.0, |x| x.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let few = array().reduce(ReduceOp::Var, Some(1.into()), false, 5.0).unwrap();
    assert_eq!(truths(few.mask()), [true; ROWS]);
    let counts =
        mask().chunks(COLUMNS).map(|row| row.iter().filter(|left_out| !**left_out).count() as f64).collect::<Vec<_>>();
    assert_eq!(floats(&array().count(Some(1.into()), false).unwrap()), counts);
    assert!(matches!(array().reduce(ReduceOp::Argmax, None, false, 0.0), Err(Error::DType { .. })));
    let weights: DynArray = gridloom::array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).into();
    let (means, sums) = array().average(&weights, Some(1.into())).unwrap();
    let (values, mask) = (values(), mask());
    for row in 0..ROWS {
        let kept = (0..COLUMNS).filter(|column| !mask[row * COLUMNS + column]).collect::<Vec<_>>();
        let total: f64 = kept.iter().map(|&column| column as f64 + 1.0).sum();
        let mean =
            kept.iter().map(|&column| (column as f64 + 1.0) * values[row * COLUMNS + column]).sum::<f64>() / total;
        assert_eq!(truths(means.mask())[row], kept.is_empty());
        assert!(
            kept.is_empty() || (floats(means.data())[row] - mean).abs() < 1e-12 && floats(sums.data())[row] == total
        );
    }
}

#[test]
fn masks_meet_and_what_is_not_defined_does_not_count() {
    let x = array();
    let other = Masked::masked_by(BinaryOp::Gt, x.data(), 4.0).unwrap();
    let sum = x.binary(BinaryOp::Add, &other).unwrap();
    let (values, mask) = (values(), mask());
    let both = (0..values.len()).map(|i| mask[i] || values[i] > 4.0).collect::<Vec<_>>();
    assert_eq!(truths(sum.mask()), both);
    assert_eq!(floats(sum.data()), values.iter().map(|v| v + v).collect::<Vec<_>>());
    for quotient in [x.true_divide(&x).unwrap(), x.binary(BinaryOp::FloorDiv, &x).unwrap()] {
        assert_eq!(truths(quotient.mask()), (0..values.len()).map(|i| mask[i] || values[i] == 0.0).collect::<Vec<_>>());
    }
    type Outside = fn(f64) -> bool;
    let undefined: [(UnaryOp, Outside); 6] = [
        (UnaryOp::Ln, |v| v <= 0.0),
        (UnaryOp::Sqrt, |v| v < 0.0),
        (UnaryOp::Asin, |v| v.abs() > 1.0),
        (UnaryOp::Acosh, |v| v < 1.0),
        (UnaryOp::Atanh, |v| v.abs() >= 1.0),
        (UnaryOp::Abs, |_| false),
    ];
    for (op, outside) in undefined {
        let made = x.unary(op).unwrap();
        assert_eq!(
            truths(made.mask()),
            (0..values.len()).map(|i| mask[i] || outside(values[i])).collect::<Vec<_>>(),
            "{op:?}"
        );
    }
    let left_out = |i: usize| values[i] < -1.0 || values[i] > 3.0;
    let outside = Masked::masked_inside(x.data(), [3.0, -1.0], true).unwrap();
    assert_eq!(truths(outside.mask()), (0..values.len()).map(left_out).collect::<Vec<_>>());
    let inside = Masked::masked_inside(x.data(), [3.0, -1.0], false).unwrap();
    assert_eq!(truths(inside.mask()), (0..values.len()).map(|i| !left_out(i)).collect::<Vec<_>>());
    let chosen = Masked::where_(&other, &x, &other).unwrap();
    assert_eq!(
        truths(chosen.mask()),
        (0..values.len()).map(|i| values[i] > 4.0 || values[i] != 0.0 && mask[i]).collect::<Vec<_>>()
    );
}

#[test]
fn what_does_not_count_is_filled_or_gone() {
    let x = array();
    let (values, mask) = (values(), mask());
    let filled = (0..values.len()).map(|i| if mask[i] { 9.0 } else { values[i] }).collect::<Vec<_>>();
    assert_eq!(floats(&x.filled(9.0).unwrap()), filled);
    let kept = (0..values.len()).filter(|&i| !mask[i]).map(|i| values[i]).collect::<Vec<_>>();
    assert_eq!(floats(&x.compressed().unwrap()), kept);
    let places = x.nonzero().unwrap();
    let want =
        (0..values.len()).filter(|&i| !mask[i] && values[i] != 0.0).map(|i| (i / COLUMNS) as f64).collect::<Vec<_>>();
    assert_eq!(floats(&places[0]), want);
    let broken: DynArray = gridloom::array([1.0, f64::NAN, f64::INFINITY]).into();
    assert_eq!(truths(Masked::masked_invalid(&broken).unwrap().mask()), [false, true, true]);
    let wrong: DynArray = gridloom::array([true, false]).into();
    assert!(matches!(Masked::masked_array(&broken, &wrong), Err(Error::BroadcastTo { .. })));
    let integers: DynArray = gridloom::array([1u8, 2]).into();
    assert!(Masked::masked_array(&integers, &wrong).unwrap().filled(300).is_err());
}
