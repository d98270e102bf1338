//! Statistics of an array that is larger than memory: `y = x - x.mean(axis 0)`, its mean, deviation and histogram in one run.
//!
//! `cargo run --release --example out_of_core -- --bytes 40GiB --memory 1GiB`
//!
//! `x` is generated, or (with `--file`) a `.npy` file of that size. The example ends with an error where the process held more
//! than a tenth over `--memory` at any time, or where the numbers are not those of a normal distribution.

mod input;
mod options;

use std::process::ExitCode;
use std::time::Instant;

use gridloom::CancelToken;
use gridloom::diagnostics::format_bytes;
use gridloom::prelude::*;
use gridloom::schedule::resident_peak;
use ndarray::{Array1, ArrayD};

use input::{COLUMNS, Input};
use options::Options;

/// What may go wrong.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Bins of the histogram, over (-5, 5).
const BINS: usize = 20;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) if options.help => {
            println!("{}", options::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(options) => options,
        Err(problem) => {
            eprintln!("error: {problem}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome<()> {
    let mut builder = Client::builder().memory_limit(options.memory);
    if let Some(backend) = options.backend {
        builder = builder.backend(backend);
    }
    let token = CancelToken::new();
    let client = builder.build()?.with_cancel(&token);
    ctrlc::set_handler(move || token.cancel())?;
    println!("{client}");

    let input = Input::open(&client, options)?;
    let x = input.array();
    println!("x: {x}");
    let y = x.sub(&x.mean_keepdims(0)?)?;
    let (mean, std) = (y.mean(), y.std(0.0)?);
    let histogram = y.histogram((BINS, -5.0, 5.0))?;
    let started = Instant::now();
    let (mean, std, counts) = client.compute((&mean, &std, &histogram.counts))?;
    let seconds = started.elapsed().as_secs_f64();
    let (mean, std) = (mean[[]], std[[]]);
    println!("y: mean {mean:.3e}, standard deviation {std:.6}");
    draw(&counts);
    let bytes = x.nbytes().unwrap_or(0);
    println!("{} in {seconds:.2} s: {:.2} GB/s", format_bytes(bytes as u64), bytes as f64 / 1e9 / seconds);
    if let Some(report) = client.last_run() {
        print!("{}", report.details());
    }
    check_numbers(bytes / 4, mean, std, counts.sum())?;
    check_memory(options.memory, client.last_run().map_or(0, |report| report.predicted_bytes.0))
}

/// The histogram, a line a bin.
fn draw(counts: &ArrayD<i64>) {
    let most = counts.iter().max().copied().unwrap_or(0).max(1);
    let edges = Array1::linspace(-5.0, 5.0, BINS + 1);
    for (count, low) in counts.iter().zip(&edges) {
        let bar = "█".repeat((count * 50 / most) as usize);
        println!("{low:>5.1} {count:>14} {bar}");
    }
}

/// Refuses numbers that a normal distribution of `n` elements, less the mean of each column, does not have.
fn check_numbers(n: usize, mean: f32, std: f32, counted: i64) -> Outcome<()> {
    let rows = (n / COLUMNS) as f64;
    let expected = (1.0 - 1.0 / rows).sqrt();
    // Six standard errors, and what f32 rounds.
    let bound = 6.0 / (2.0 * n as f64).sqrt() + 1e-4;
    if f64::from(mean).abs() > 1e-4 || (f64::from(std) - expected).abs() > bound {
        return Err(format!("mean {mean} and deviation {std} are not 0 and {expected:.6}").into());
    }
    // One in 1.7 million lies beyond ±5.
    let beyond = n as i64 - counted;
    if beyond < 0 || beyond as f64 > 10.0 + n as f64 * 1e-6 {
        return Err(format!("{counted} of {n} elements were counted").into());
    }
    Ok(())
}

/// Refuses a peak of more than a tenth over the limit.
fn check_memory(limit: u64, predicted: u64) -> Outcome<()> {
    let peak = resident_peak();
    let shown = peak.map_or("unknown on this system".into(), format_bytes);
    let [limited, predicted] = [limit, predicted].map(format_bytes);
    println!("memory: limit {limited}, predicted for chunks {predicted}, peak of the process {shown}");
    match peak {
        Some(peak) if peak > limit + limit / 10 => Err(format!("the peak of {shown} is over the limit").into()),
        _ => Ok(()),
    }
}
