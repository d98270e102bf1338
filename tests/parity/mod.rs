//! Parity: every row of the element-function tables, on every dtype it is defined for, on the device under test, against
//! oracles ([`oracle`]) that share no code with the crate.
//!
//! This file says when a result is right ([`check_rows`]); the rows are gone through in [`tables`], and [`shapes`], [`casts`]
//! and [`functions`] hold what is not a row.

mod casts;
mod functions;
mod oracle;
mod rewrites;
mod shapes;
mod tables;

use std::sync::Arc;

use gridloom::dtype::Scalar;
use gridloom::graph::Node;
use gridloom::{Array, DType};

use crate::common::{Sample, device, each_type, ulps};
use oracle::Want;

/// What is known of a row, as far as comparing goes.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// The function's name.
    name: &'static str,
    /// How many units in the last place a float may be off; 0 asks for the very value.
    bound: f64,
    /// Whether the sign of a zero is part of the result.
    signed_zero: bool,
}

/// Computes an untyped node to scalars in C order.
fn scalars(node: &Arc<Node>) -> Result<Vec<Scalar>, String> {
    each_type!(all, T => if let Ok(array) = Array::<T>::from_node(node.clone()) {
        crate::common::check_chunks(&array)?;
        let values = array.compute().map_err(|error| format!("compute failed: {error}"))?;
        return Ok(values.iter().map(|&v| gridloom::Element::scalar(v)).collect());
    });
    unreachable!("a dtype without type")
}

/// Compares computed results with the oracle's for each tuple of arguments. Gives the largest distance in ULP found, or
/// says which tuple is wrong.
fn check_rows<T: Sample, const N: usize>(
    row: Row,
    got: &[Scalar],
    args: &[[T; N]],
    oracle: impl Fn([T; N]) -> Want,
) -> Result<f64, String> {
    if got.len() != args.len() {
        return Err(format!("{}: {} results for {} arguments", row.name, got.len(), args.len()));
    }
    let mut most = 0f64;
    for (i, (&got, &args)) in got.iter().zip(args).enumerate() {
        let want = oracle(args);
        if let Some(distance) = distance(row, got, want) {
            most = most.max(distance);
        } else if !(device().runs(T::DTYPE) && right_with_flushing(row, got, args, &oracle)) {
            let off = match want {
                Want::Float(v) => format!(", {} ULP off (bound {})", ulps(got.dtype(), got.to_f64(), v), row.bound),
                Want::Exact(_) => String::new(),
            };
            let name = row.name;
            return Err(format!("{name}({args:?}) of {}: got {got:?}, expected {want:?}{off}; element {i}", T::DTYPE));
        }
    }
    Ok(most)
}

/// The distance of a result from the oracle's in ULP, if it is within the row's bound.
fn distance(row: Row, got: Scalar, want: Want) -> Option<f64> {
    let want = match want {
        Want::Exact(want) => return (got == want).then_some(0.0),
        Want::Float(want) => want,
    };
    if !got.dtype().is_float() {
        return None;
    }
    let value = got.to_f64();
    let off = ulps(got.dtype(), value, want);
    let sign = row.signed_zero && value == 0.0 && want == 0.0 && value.is_sign_negative() != want.is_sign_negative();
    (off <= row.bound && !sign).then_some(off)
}

/// WGSL lets a device take subnormal numbers for zeros, of either sign, where they go into an operation and where they come
/// out of it (<https://www.w3.org/TR/WGSL/#differences-from-ieee754>). This is the one place that allows for it: a result is
/// right if it is the oracle's for some choice of subnormal arguments replaced by zeros; a zero is right for a result that
/// is subnormal (before it is rounded), and a subnormal number for a zero. Functions of several operations (those with a
/// bound) may lose such a number in between: they may be off by the smallest normal one.
fn right_with_flushing<T: Sample, const N: usize>(
    row: Row,
    got: Scalar,
    args: [T; N],
    oracle: impl Fn([T; N]) -> Want,
) -> bool {
    if !T::DTYPE.is_float() {
        return false;
    }
    let least = smallest_normal(T::DTYPE);
    let row = Row { signed_zero: false, ..row };
    // A digit an argument, to base 3: as it is, 0, -0.
    (0..3u32.pow(N as u32)).any(|choice| {
        let mut args = args;
        for (k, arg) in args.iter_mut().enumerate() {
            let digit = choice / 3u32.pow(k as u32) % 3;
            let value = arg.scalar().to_f64();
            if digit > 0 {
                if value == 0.0 || value.is_nan() || value.abs() >= least {
                    return false;
                }
                *arg = Scalar::from_f64(T::DTYPE, if digit == 1 { 0.0 } else { -0.0 }).get();
            }
        }
        let want = oracle(args);
        let Want::Float(exact) = want else {
            return distance(row, got, want).is_some();
        };
        let value = got.to_f64();
        let to_zero = value == 0.0 && exact.abs() <= least;
        let from_zero = exact == 0.0 && value.abs() < least;
        let between = row.bound > 0.0 && (value - exact).abs() <= least;
        // As it is, the sign of a zero was wrong already.
        let again = choice > 0 && distance(row, got, want).is_some();
        (choice > 0 || exact != 0.0 || value != 0.0) && (to_zero || from_zero || between) || again
    })
}

/// Numbers nearer to zero are subnormal.
fn smallest_normal(dtype: DType) -> f64 {
    if dtype == DType::F32 { f32::MIN_POSITIVE.into() } else { f64::MIN_POSITIVE }
}
