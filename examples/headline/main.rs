//! The headline suite: 22 workloads, each checked against an independent computation and then timed, one line a workload.
//!
//! `cargo run --release --example headline -- --help`
//!
//! On an adapter each is timed twice: *resident* is `persist` and `Client::sync` (the result stays on the device), *to host* is
//! `compute` (it ends up in an ndarray). Beside wall times stand the device's own, and what it was given: kernels, submissions, bytes.
//!
//! `benches/compare.sh` runs it side by side with NumPy, Dask, JAX and numexpr, whose scripts (`benches/peers`) do the same work on
//! the same data and take the same options; `benches/gpu_bundle.sh` packs both for a machine with a GPU.

mod carried;
mod data;
mod latency;
mod limits;
mod line;
mod workloads;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use gridloom::event::{Event, Observer};
use gridloom::{Backend, Client, resident_peak};

use data::{Float, Matrix, agree};
use limits::Limits;
use line::{Line, Times};
use workloads::{Bench, Bound, Workload};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Times gridloom on the headline workloads. Every value is compared with an independent computation before it is timed.
#[derive(Parser)]
struct Options {
    /// A workload's name, or `all`; `limits` (what the machine can do at most), `latency` (what an adapter's kernels and
    /// submissions cost), `adapters` (what there is), `expected` (check values by plain loops, compared with those carried)
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
    /// After so many seconds a workload is not timed once more, however often it was
    #[arg(long, default_value_t = f64::INFINITY)]
    at_most: f64,
    /// Worker threads; by default all processors
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    threads: Option<u64>,
    /// GiB of the adapter's memory that arrays may take; by default what the library takes it to have
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    device_memory: Option<u64>,
    /// Check values by plain loops, even where the program carries them (5000 and 20000: minutes there)
    #[arg(long)]
    loops: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl Options {
    fn client(&self) -> gridloom::Result<Client> {
        let mut client = Client::builder().backend(self.backend).no_progress();
        if let Some(threads) = self.threads {
            client = client.workers(threads as usize);
        }
        if let Some(memory) = self.device_memory {
            client = client.device_memory_limit(memory << 30);
        }
        client.build()
    }
    fn print(&self, line: &Line<'_>) {
        println!("{}", if self.json { line.json() } else { line.text() });
    }
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

/// Does what was asked for.
fn suite<T: Float>(options: &Options) -> Outcome<()> {
    match options.workload.as_str() {
        "expected" => carried::print::<T>(options.size as usize),
        "adapters" => adapters(options),
        "latency" => latency::measure(options),
        "limits" => {
            let client = options.client()?;
            let tell = |limit: &limits::Limit| {
                let rate = Some((limit.rate, limit.unit));
                options.print(&Line { rate, ..Line::new(limit.name, options, &client) });
            };
            Limits::measure::<T>(&client, true, options.repeat, &tell)?;
            Ok(())
        }
        _ => workloads::<T>(options),
    }
}

/// What adapters there are, and what the one that would be taken can do.
fn adapters(options: &Options) -> Outcome<()> {
    #[cfg(feature = "gpu")]
    for adapter in gridloom::adapters() {
        println!("adapter: {} ({}, {:?}), driver {}", adapter.name, adapter.backend, adapter.kind, adapter.driver);
    }
    let client = options.client()?;
    println!("{client}");
    if let Some(capabilities) = client.capabilities() {
        println!("{capabilities:?}");
    }
    Ok(())
}

/// Runs the workloads that were asked for. One that fails is no end of the others.
fn workloads<T: Float>(options: &Options) -> Outcome<()> {
    let all = workloads::table::<T>();
    let chosen: Vec<&Workload<T>> =
        all.iter().filter(|w| options.workload == "all" || options.workload == w.name).collect();
    if chosen.is_empty() {
        let names: Vec<_> = all.iter().map(|w| w.name).collect();
        let (word, others) = (&options.workload, "limits, latency, adapters, expected, all");
        return Err(format!("no workload {word:?}; there are: {}, {others}", names.join(", ")).into());
    }
    let client = options.client()?;
    let limits = Limits::measure::<T>(&client, false, options.repeat, &|_| ())?;
    let matrix = Matrix::new::<T>(options.size as usize);
    let bench = Bench::<T>::new(&client, &matrix, options.chunk.map(|chunk| chunk as usize))?;
    let mut failed = Vec::new();
    for workload in chosen {
        let mut line = Line::new(workload.name, options, &client);
        match time(workload, &bench, &matrix, &limits, options, &mut line) {
            Ok(()) => options.print(&line),
            Err(error) => failed.push(format!("{}: {error}", workload.name)),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\nerror: ").into()) }
}

/// Checks a workload, then times it.
fn time<T: Float>(
    workload: &Workload<T>,
    bench: &Bench<T>,
    matrix: &Matrix,
    limits: &Limits,
    options: &Options,
    line: &mut Line<'_>,
) -> Outcome<()> {
    let carried = if options.loops { None } else { carried::value::<T>(matrix.n, workload.name) };
    let expected = carried.unwrap_or_else(|| (workload.expected)(matrix));
    let got = (workload.digest)(&(workload.run)(bench)?);
    let tolerance = workload.tolerance.of::<T>(matrix.n);
    if !agree(got, expected, tolerance) {
        return Err(format!("{got}, but the independent computation gives {expected} (± {tolerance:?})").into());
    }
    let scale = bench.scale(workload.name);
    let host = repeated(&bench.client, options, scale, || (workload.run)(bench).map(drop))?;
    let resident = match bench.client.adapter() {
        None => None,
        Some(_) => bench.resident(|| repeated(&bench.client, options, scale, || (workload.run)(bench).map(drop)))?,
    };
    let work = (workload.work)(matrix.n as f64, size_of::<T>() as f64);
    let median = resident.as_ref().unwrap_or(&host).median;
    line.gigabytes = work.bytes.map(|bytes| bytes / median / 1e9);
    line.gigaflops = work.flops.map(|flops| flops / median / 1e9);
    line.share = match work.bound {
        Bound::Read => line.gigabytes.map(|rate| rate / limits.of("read")),
        Bound::Copy => line.gigabytes.map(|rate| rate / limits.of("copy")),
        Bound::Multiply => line.gigaflops.map(|rate| rate / limits.of("multiply")),
        Bound::Other => None,
    };
    (line.host, line.resident) = (Some(host), resident);
    line.check = Some(got);
    line.peak = resident_peak();
    Ok(())
}

/// Times something as often as the options say, and what the adapter did for it. It is `scale` times as much as is run at once.
fn repeated(
    client: &Client,
    options: &Options,
    scale: f64,
    mut run: impl FnMut() -> gridloom::Result<()>,
) -> gridloom::Result<Times> {
    let mut seconds = Vec::new();
    let device = loop {
        // What was left open before is not counted here.
        client.sync()?;
        let before = client.device_stats();
        let started = Instant::now();
        run()?;
        seconds.push(started.elapsed().as_secs_f64() * scale);
        client.sync()?;
        let device = client.device_stats().zip(before).map(|(now, before)| now.since(before));
        let spent = seconds.iter().sum::<f64>() / scale;
        let enough = seconds.len() as u64 >= options.repeat && spent >= options.seconds;
        if enough || spent >= options.at_most {
            break device;
        }
    };
    let busy = if client.device_stats().is_some() { observed(client, &mut run)? } else { Vec::new() };
    Ok(Times::of(seconds, (device, busy), scale))
}

/// The adapter's own times for something.
fn observed(client: &Client, run: &mut dyn FnMut() -> gridloom::Result<()>) -> gridloom::Result<Vec<Duration>> {
    let mut once = || {
        client.sync()?;
        let before = client.device_stats().unwrap_or_default();
        run()?;
        client.sync()?;
        Ok(client.device_stats().unwrap_or_default().since(before).busy)
    };
    listening(client, || (0..OBSERVED).map(|_| once()).collect())
}

/// Does something while somebody listens: an adapter reads its clock only then, for that takes time too.
pub(crate) fn listening<R>(client: &Client, work: impl FnOnce() -> R) -> R {
    struct Listener;
    impl Observer for Listener {
        fn event(&self, _: &Event) {}
    }
    let listener: Arc<dyn Observer> = Arc::new(Listener);
    client.observe(listener.clone());
    let done = work();
    client.unobserve(&listener);
    done
}

/// Runs in which an adapter's clock is read.
const OBSERVED: usize = 3;
