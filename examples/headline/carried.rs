//! Check values that the program carries: at large sizes the plain loops take minutes.
//!
//! `benches/peers/expected.json` holds what `headline expected --size N --dtype T` prints, for each size and type; the peers read it too.

use serde_json::{Map, Value, json};

use crate::Outcome;
use crate::data::{Float, Matrix};
use crate::workloads;

const FILE: &str = include_str!("../../benches/peers/expected.json");
/// How closely the loops agree with what is carried, relative to it: libraries of different systems round functions differently.
const CLOSE: f64 = 1e-13;

fn name<T: Float>() -> &'static str {
    if size_of::<T>() == 8 { "f64" } else { "f32" }
}

/// The value of a workload at a size, if it is carried.
pub(crate) fn value<T: Float>(n: usize, workload: &str) -> Option<f64> {
    let file: Value = serde_json::from_str(FILE).ok()?;
    file[n.to_string()][name::<T>()][workload].as_f64()
}

/// Prints all values of a size, by plain loops on all processors.
///
/// # Errors
/// Where one of them differs from the one that is carried.
pub(crate) fn print<T: Float>(n: usize) -> Outcome<()> {
    let matrix = Matrix::new::<T>(n);
    let table = workloads::table::<T>();
    let values: Vec<(&str, f64)> = std::thread::scope(|scope| {
        let matrix = &matrix;
        let loops: Vec<_> = table
            .iter()
            .map(|w| (w.name, w.expected))
            .map(|(name, f)| (name, scope.spawn(move || f(matrix))))
            .collect();
        loops.into_iter().map(|(name, thread)| (name, thread.join().unwrap_or(f64::NAN))).collect()
    });
    let differ = |&(workload, value): &(&str, f64)| {
        let carried = self::value::<T>(n, workload)?;
        let close = (value - carried).abs() <= CLOSE * carried.abs();
        (!close).then(|| format!("{workload}: {value} by plain loops, {carried} in benches/peers/expected.json"))
    };
    let wrong: Vec<String> = values.iter().filter_map(differ).collect();
    let values: Map<String, Value> = values.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    println!("{}", json!({ n.to_string(): { name::<T>(): values } }));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\nerror: ").into()) }
}
