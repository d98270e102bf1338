//! The headline suite: twenty workloads, each checked against an independent computation and then timed, one line a workload.
//!
//! `cargo run --release --example headline -- --help`
//!
//! `benches/compare.sh` runs it side by side with NumPy, Dask, JAX and numexpr, whose scripts (`benches/peers`) do the same work on
//! the same data and take the same options.

mod data;
mod limits;
mod workloads;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use gridloom::{Backend, Client, resident_peak};

use data::{Float, Matrix, agree};
use limits::Limits;
use workloads::{Bench, Bound, Workload};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Times gridloom on the headline workloads. Every value is compared with an independent computation before it is timed.
#[derive(Parser)]
struct Options {
    /// A workload's name, `all`, or `limits` (the machine's bandwidth and multiply peak alone)
    workload: String,
    /// Where kernels run: cpu, gpu (an error without an adapter) or auto
    #[arg(long, default_value = "cpu")]
    backend: Backend,
    /// The type of the elements: f64 or f32
    #[arg(long, default_value = "f64", value_parser = ["f64", "f32"])]
    dtype: String,
    /// The side of the square arrays
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u64).range(10..=100_000))]
    size: u64,
    /// The side of their chunks; by default the library chooses
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    chunk: Option<u64>,
    /// How often each workload is timed, after a run that is checked
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    repeat: u64,
    /// For how many seconds each workload is timed at least: short ones are then timed more often
    #[arg(long, default_value_t = 0.0)]
    seconds: f64,
    /// Worker threads; by default all processors
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    threads: Option<u64>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match options.dtype.as_str() {
        "f32" => suite::<f32>(&options),
        _ => suite::<f64>(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the workloads that were asked for.
fn suite<T: Float>(options: &Options) -> Outcome<()> {
    let all = workloads::table::<T>();
    let chosen: Vec<&Workload<T>> =
        all.iter().filter(|w| options.workload == "all" || options.workload == w.name).collect();
    if chosen.is_empty() && options.workload != "limits" {
        let names: Vec<_> = all.iter().map(|w| w.name).collect();
        return Err(format!("no workload {:?}; there are: {}, limits, all", options.workload, names.join(", ")).into());
    }
    let mut client = Client::builder().backend(options.backend).no_progress();
    if let Some(threads) = options.threads {
        client = client.workers(threads as usize);
    }
    let client = client.build()?;
    let limits = Limits::measure::<T>(&client)?;
    let print = |line: &Line<'_>| println!("{}", if options.json { line.json() } else { line.text() });
    if options.workload == "limits" {
        for (name, gigabytes, gigaflops) in limits.lines() {
            print(&Line { gigabytes, gigaflops, ..Line::new(name, options, &client) });
        }
        return Ok(());
    }
    let matrix = Matrix::new::<T>(options.size as usize);
    let bench = Bench::<T>::new(&client, &matrix, options.chunk.map(|chunk| chunk as usize))?;
    for workload in chosen {
        let mut line = Line::new(workload.name, options, &client);
        time(workload, &bench, &matrix, &limits, (options.repeat as usize, options.seconds), &mut line)?;
        print(&line);
    }
    Ok(())
}

/// Checks a workload, then times it.
fn time<T: Float>(
    workload: &Workload<T>,
    bench: &Bench<T>,
    matrix: &Matrix,
    limits: &Limits,
    (repeat, least): (usize, f64),
    line: &mut Line<'_>,
) -> Outcome<()> {
    let expected = (workload.expected)(matrix);
    let got = (workload.digest)(&(workload.run)(bench)?);
    let tolerance = workload.tolerance.of::<T>(matrix.n);
    if !agree(got, expected, tolerance) {
        return Err(format!(
            "{}: {got}, but the independent computation gives {expected} (± {tolerance:?})",
            workload.name
        )
        .into());
    }
    let mut seconds = Vec::new();
    while seconds.len() < repeat || seconds.iter().sum::<f64>() < least {
        let started = Instant::now();
        let result = (workload.run)(bench)?;
        seconds.push(started.elapsed().as_secs_f64());
        drop(result);
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    let work = (workload.work)(matrix.n as f64, size_of::<T>() as f64);
    line.seconds = Some((median, seconds[0]));
    line.gigabytes = work.bytes.map(|bytes| bytes / median / 1e9);
    line.gigaflops = work.flops.map(|flops| flops / median / 1e9);
    line.share = match work.bound {
        Bound::Read => line.gigabytes.map(|rate| rate / limits.read),
        Bound::Copy => line.gigabytes.map(|rate| rate / limits.copy),
        Bound::Multiply => line.gigaflops.map(|rate| rate / limits.multiply),
        Bound::Other => None,
    };
    line.check = Some(got);
    line.peak = resident_peak();
    Ok(())
}

/// What is said of a workload.
struct Line<'a> {
    workload: &'a str,
    backend: &'static str,
    device: String,
    dtype: &'a str,
    size: u64,
    chunk: Option<u64>,
    threads: usize,
    /// The median and the least.
    seconds: Option<(f64, f64)>,
    gigabytes: Option<f64>,
    gigaflops: Option<f64>,
    share: Option<f64>,
    peak: Option<u64>,
    check: Option<f64>,
}

impl<'a> Line<'a> {
    fn new(workload: &'a str, options: &'a Options, client: &Client) -> Self {
        let adapter = client.adapter();
        Self {
            workload,
            backend: if adapter.is_some() { "gpu" } else { "cpu" },
            device: adapter.unwrap_or_else(limits::processor),
            dtype: &options.dtype,
            size: options.size,
            chunk: options.chunk,
            threads: client.workers(),
            seconds: None,
            gigabytes: None,
            gigaflops: None,
            share: None,
            peak: None,
            check: None,
        }
    }
    fn json(&self) -> String {
        serde_json::json!({
            "workload": self.workload, "backend": self.backend, "device": self.device, "dtype": self.dtype,
            "size": self.size, "chunk": self.chunk, "threads": self.threads,
            "median_s": self.seconds.map(|s| s.0), "min_s": self.seconds.map(|s| s.1),
            "gb_per_s": self.gigabytes, "gflop_per_s": self.gigaflops, "limit_share": self.share,
            "peak_rss_bytes": self.peak, "check": self.check,
        })
        .to_string()
    }
    fn text(&self) -> String {
        let or = |value: Option<String>| value.unwrap_or_default();
        let time = self.seconds.map(|(median, min)| format!("{:9.2} ms (min {:9.2})", median * 1e3, min * 1e3));
        let bytes = self.gigabytes.map(|rate| format!("{rate:8.2} GB/s"));
        let flops = self.gigaflops.map(|rate| format!("{rate:8.1} GFLOP/s"));
        let share = self.share.map(|share| format!("{:4.0} % of the limit", share * 100.0));
        let peak = self.peak.map(|peak| format!("peak {:5} MiB", peak >> 20));
        let check = self.check.map(|check| format!("check {check}"));
        format!(
            "{:14}{} {:28} {:13} {:18} {}  {}",
            self.workload,
            time.unwrap_or_else(|| " ".repeat(30)),
            or(bytes.into_iter().chain(flops).reduce(|a, b| a + b.trim_start())),
            "",
            or(share),
            or(peak),
            or(check)
        )
    }
}
