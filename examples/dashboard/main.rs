//! Runs something worth looking at on a client with a dashboard, and stays until its input ends.
//!
//! `cargo run --release --features dashboard --example dashboard -- --help`

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use gridloom::prelude::*;
use gridloom::random::Generator;
use gridloom::{Backend, Result, RunReport};
use serde_json::json;

/// Runs something worth looking at on a client with a dashboard: open the link that it prints.
#[derive(Debug, Parser)]
struct Options {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    address: String,
    /// Where kernels run: cpu, gpu or auto; without it the environment decides.
    #[arg(long)]
    backend: Option<Backend>,
    /// How long to go on computing, in seconds.
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// The array's side.
    #[arg(long, default_value_t = 6000)]
    side: usize,
    /// Memory that the client may take, in MiB.
    #[arg(long, default_value_t = 400)]
    memory: u64,
    /// Waits for a line of input before it computes: time to open the page.
    #[arg(long)]
    wait: bool,
    /// Writes a report page at the end.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Writes a trace at the end.
    #[arg(long)]
    trace: Option<PathBuf>,
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let mut builder = Client::builder().dashboard(&options.address).memory_limit(options.memory << 20).no_progress();
    if let Some(backend) = options.backend {
        builder = builder.backend(backend);
    }
    let client = builder.build()?;
    // One who reads the lines in a program reads JSON.
    let say = |value: serde_json::Value| {
        println!("{value}");
        std::io::stdout().flush()
    };
    say(json!({ "client": client.to_string(), "link": client.dashboard_link() }))?;
    let mut input = std::io::stdin().lock().lines();
    if options.wait {
        input.next();
    }
    let profile = options.trace.as_ref().map(|_| client.profile());
    let start = Instant::now();
    let mut round = 0;
    while round == 0 || start.elapsed() < Duration::from_secs_f64(options.seconds) {
        workload(&client, options.side, round)?;
        round += 1;
    }
    if let Some(path) = &options.report {
        client.save_report(path)?;
    }
    if let (Some(profile), Some(path)) = (&profile, &options.trace) {
        profile.save(path)?;
    }
    say(client.last_run().as_ref().map_or(json!(null), numbers))?;
    // The page stays as long as the client.
    input.for_each(drop);
    Ok(())
}

/// An array that is kept and does not fit into memory, read from a user's own function (of a name that is not to be markup), in several
/// reductions.
fn workload(client: &Client, side: usize, round: u64) -> Result<()> {
    let rng = Generator::new(round);
    let chunk = (side / 12).max(1);
    let x = rng.normal(9.0f32, 1.0, (side, side)).rechunk(chunk)?;
    let own = x.map_chunks("<script>alert(1)</script>", |chunk| chunk.mapv(|v| v.sqrt().mul_add(2.0, 1.0)));
    let kept = own.persist_with(client)?;
    let centred = &kept - &kept.mean_keepdims(0)?;
    let joined = (&centred + &kept.t()) * 0.5;
    let low = kept.filter(&kept.lt(7.0f32))?;
    client.compute((&joined.std(0.0)?, &low.histogram((100, 4.0, 7.0))?.counts, &kept.max()?))?;
    Ok(())
}

/// A report's numbers.
fn numbers(report: &RunReport) -> serde_json::Value {
    let kernels = report.kernels.iter().map(|kernel| {
        json!({
            "title": kernel.title, "tasks": kernel.tasks, "busy_ns": kernel.busy.as_nanos() as u64, "bytes": kernel.bytes,
            "on_device": kernel.on_device, "device_ns": kernel.device.map_or(0, |time| time.as_nanos() as u64),
        })
    });
    json!({
        "run": report.run,
        "wall_ns": report.wall.as_nanos() as u64,
        "tasks": report.cpu_tasks + report.gpu_tasks,
        "peak_host": report.peak_host_bytes,
        "predicted_host": report.predicted_bytes.0,
        "on_device": report.gpu_tasks,
        "downloaded": report.downloaded_bytes,
        "spilled": report.spilled_bytes,
        "uploaded": report.uploaded_bytes,
        "kernels": kernels.collect::<Vec<_>>(),
    })
}
