//! Every row of the three tables, on every dtype: edge values in all combinations, ordinary values, several chunkings.

use gridloom::graph::infer;
use gridloom::ops::{BinaryOp, TernaryOp, UnaryOp};
use gridloom::{Array, ChunkSpec, DType};
use ndarray::Array1;

use super::oracle::{Law, Want};
use super::{Row, check_rows, scalars};
use crate::common::{Sample, TestDevice, chunked, chunkings, device, same, words};

/// Ordinary values beside the edges.
const ORDINARY: usize = 400;

/// The row's bound on this device: on f64 rows also the error of the oracle, which is no better than std. A CPU divides and
/// takes roots as IEEE 754 says, whatever WGSL allows.
fn bound(name: &str, ulp: [u32; 2], dtype: DType) -> f64 {
    let here = f64::from(ulp[usize::from(dtype == DType::F64)]);
    let ieee = ["div", "reciprocal", "sqrt", "fma"].contains(&name);
    match dtype {
        _ if ieee && device() == TestDevice::Cpu => 0.0,
        DType::F64 if here > 1.0 => here + 2.0,
        _ => here,
    }
}

/// A 1-d array of the values, cut in one of several ways.
fn array<T: Sample>(values: Vec<T>, which: usize) -> Array<T> {
    let ways = chunkings(&[values.len()]);
    // Not the one with a task for each few elements: one dispatch each is slow for long arrays.
    let ways: Vec<&ChunkSpec> = ways.iter().enumerate().filter(|(k, _)| *k != 3).map(|(_, way)| way).collect();
    chunked(&Array1::from_vec(values).into_dyn(), ways[which % ways.len()])
}

/// Checks a unary row on one type, if it is defined for it.
fn unary<T: Law>(op: UnaryOp, which: usize) -> Result<bool, String> {
    let info = op.info();
    let Some(result) = op.result(T::DTYPE) else {
        // The oracle knows as little of it.
        return T::unary(op, T::default()).map_or(Ok(false), |_| Err(format!("{} not defined", info.name)));
    };
    let values: Vec<T> = T::edges().into_iter().chain(words(1).map(T::ordinary).take(ORDINARY)).collect();
    let args: Vec<[T; 1]> = values.iter().map(|&v| [v]).collect();
    let node = infer::unary(op, array(values, which).node()).map_err(|error| error.to_string())?;
    if node.dtype != result {
        return Err(format!("{}: dtype {} instead of {result}", info.name, node.dtype));
    }
    let row = Row { name: info.name, bound: bound(info.name, info.ulp, T::DTYPE), signed_zero: op != UnaryOp::Sign };
    check_rows(row, &scalars(&node)?, &args, |[x]| T::unary(op, x).expect("a meaning for every row"))?;
    Ok(true)
}

/// All pairs of edge values, and ordinary pairs.
fn pairs<T: Sample>() -> Vec<[T; 2]> {
    let edges = T::edges();
    let all = edges.iter().flat_map(|&x| edges.iter().map(move |&y| [x, y]));
    let (mut x, mut y) = (words(2).map(T::ordinary), words(3).map(T::ordinary));
    all.chain(std::iter::from_fn(|| Some([x.next()?, y.next()?])).take(ORDINARY)).collect()
}

/// Checks a binary row on one type, if it is defined for it; the operands are cut differently.
fn binary<T: Law>(op: BinaryOp, which: usize) -> Result<bool, String> {
    use BinaryOp::{FloorDiv, FloorMod, Fmax, Fmin, Maximum, Minimum, Powi};
    let info = op.info();
    if op == Powi {
        return powi::<T>(which);
    }
    let Some(result) = op.result(T::DTYPE) else {
        return T::binary(op, T::default(), T::default())
            .map_or(Ok(false), |_| Err(format!("{} not defined", info.name)));
    };
    let args = pairs::<T>();
    let [x, y] = [0, 1].map(|k| array(args.iter().map(|pair| pair[k]).collect(), which + k));
    let node = infer::binary(op, x.node(), y.node()).map_err(|error| error.to_string())?;
    if node.dtype != result || op.right(T::DTYPE) != T::DTYPE {
        return Err(format!("{}: dtype {} instead of {result}", info.name, node.dtype));
    }
    let row = Row {
        name: info.name,
        bound: bound(info.name, info.ulp, T::DTYPE),
        // IEEE leaves it open which of two zeros is the smaller; a quotient's zero has a sign of no use.
        signed_zero: ![Minimum, Maximum, Fmin, Fmax, FloorDiv, FloorMod].contains(&op),
    };
    check_rows(row, &scalars(&node)?, &args, |[x, y]| T::binary(op, x, y).expect("a meaning for every row"))?;
    Ok(true)
}

/// `powi`, whose second operand is an `i32` beside any number.
fn powi<T: Law>(which: usize) -> Result<bool, String> {
    let op = BinaryOp::Powi;
    if op.result(T::DTYPE).is_none() {
        return Ok(false);
    }
    let exponents = i32::edges().into_iter().chain([4, 5, 10, 31, -2, -3, -10, 100, -100, 1000]);
    let mut bases = T::edges();
    bases.extend(words(4).map(T::ordinary).take(20));
    let all: Vec<(T, i32)> = exponents.flat_map(|n| bases.iter().map(move |&x| (x, n))).collect();
    let x = array(all.iter().map(|p| p.0).collect(), which);
    let n = array(all.iter().map(|p| p.1).collect(), which + 1);
    let node = infer::binary(op, x.node(), n.node()).map_err(|error| error.to_string())?;
    let got = scalars(&node)?;
    let info = op.info();
    let row = Row { name: info.name, bound: bound(info.name, info.ulp, T::DTYPE), signed_zero: true };
    // One exponent after another: the exponent is no argument that could be flushed.
    for (part, got) in all.chunks(bases.len()).zip(got.chunks(bases.len())) {
        let n = part[0].1;
        let args: Vec<[T; 1]> = part.iter().map(|p| [p.0]).collect();
        check_rows(row, got, &args, |[x]| T::powi(x, n).expect("a meaning for every number"))
            .map_err(|problem| format!("exponent {n}: {problem}"))?;
    }
    Ok(true)
}

/// Checks a ternary row on one type, if it is defined for it.
fn ternary<T: Law>(op: TernaryOp, which: usize) -> Result<bool, String> {
    let info = op.info();
    let row = Row { name: info.name, bound: bound(info.name, info.ulp, T::DTYPE), signed_zero: op != TernaryOp::Clip };
    let nodes = |args: &[[T; 3]]| [0, 1, 2].map(|k| array(args.iter().map(|a| a[k]).collect(), which + k));
    // Every third edge as the third operand: all combinations would be many.
    let thirds: Vec<T> = T::edges().into_iter().step_by(3).collect();
    let args: Vec<[T; 3]> =
        pairs::<T>().into_iter().enumerate().map(|(i, [x, y])| [x, y, thirds[i % thirds.len()]]).collect();
    if op == TernaryOp::Where {
        let [_, y, z] = nodes(&args);
        let condition: Vec<bool> = words(5).map(|w| w & 1 == 0).take(args.len()).collect();
        let mask = array(condition.clone(), which);
        let node = infer::ternary(op, [mask.node(), y.node(), z.node()]).map_err(|error| error.to_string())?;
        // Selection moves bits: nothing rounds, and nothing is flushed.
        for ((&[_, y, z], &chosen), &got) in args.iter().zip(&condition).zip(&scalars(&node)?) {
            let want = if chosen { y } else { z };
            if !same(got.get::<T>(), want) {
                return Err(format!("where({chosen}, {y:?}, {z:?}): got {got:?}"));
            }
        }
        return Ok(true);
    }
    if T::DTYPE == DType::Bool {
        return Ok(false);
    }
    let [x, y, z] = nodes(&args);
    let node = infer::ternary(op, [x.node(), y.node(), z.node()]).map_err(|error| error.to_string())?;
    check_rows(row, &scalars(&node)?, &args, |args| T::ternary(op, args).expect("a meaning for every row"))?;
    Ok(true)
}

/// Goes through all rows of the tables on one type; every failing row is told.
fn all_rows<T: Law>() {
    let mut problems = Vec::new();
    let mut note = |checked: Result<bool, String>| problems.extend(checked.err());
    for (i, &op) in UnaryOp::ALL.iter().enumerate() {
        note(unary::<T>(op, i));
    }
    for (i, &op) in BinaryOp::ALL.iter().enumerate() {
        note(binary::<T>(op, i));
    }
    for (i, &op) in TernaryOp::ALL.iter().enumerate() {
        note(ternary::<T>(op, i));
    }
    assert!(problems.is_empty(), "{} rows differ:\n{}", problems.len(), problems.join("\n"));
}

macro_rules! row_tests {
    ($($name:ident $t:ty;)*) => {$(
        #[test]
        fn $name() {
            all_rows::<$t>();
        }
    )*};
}
row_tests! {
    every_row_of_bool_matches_its_oracle bool;
    every_row_of_u8_matches_its_oracle u8;
    every_row_of_u16_matches_its_oracle u16;
    every_row_of_u32_matches_its_oracle u32;
    every_row_of_u64_matches_its_oracle u64;
    every_row_of_i8_matches_its_oracle i8;
    every_row_of_i16_matches_its_oracle i16;
    every_row_of_i32_matches_its_oracle i32;
    every_row_of_i64_matches_its_oracle i64;
    every_row_of_f32_matches_its_oracle f32;
    every_row_of_f64_matches_its_oracle f64;
}

/// A wrong oracle must be reported: else the tests above would say nothing.
#[test]
fn a_wrong_oracle_is_reported() {
    let values: Vec<f32> = words(6).map(f32::ordinary).take(100).collect();
    let args: Vec<[f32; 1]> = values.iter().map(|&v| [v]).collect();
    let exp = infer::unary(UnaryOp::Exp, array(values, 0).node()).unwrap();
    let got = scalars(&exp).unwrap();
    let row = Row { name: "exp", bound: 4.0, signed_zero: true };
    let right = |[x]: [f32; 1]| Want::Float(f64::from(x).exp());
    check_rows(row, &got, &args, right).unwrap();
    // One element in a hundred off by ten units in the last place.
    let wrong = |[x]: [f32; 1]| {
        let v = f64::from(x).exp();
        Want::Float(if x == args[57][0] { v * (1.0 + 10.0 * f64::from(f32::EPSILON)) } else { v })
    };
    let problem = check_rows(row, &got, &args, wrong).unwrap_err();
    assert!(problem.contains("element 57"), "{problem}");
    let one_short = check_rows(row, &got[1..], &args, right).unwrap_err();
    assert!(one_short.contains("99 results for 100"), "{one_short}");
}
