//! Streaming a host array through a kernel on an adapter: each lane alone, and all of them together.
//!
//! `GRIDLOOM_BACKEND=gpu cargo bench --bench transfer -- [MIB] [REPEATS]` (256 MiB and 5 by default; `GRIDLOOM_ADAPTER` names an
//! adapter). *upload*: every chunk is sent, a kernel reads a column of it. *compute*: the kernel over chunks that are on the device, into chunks that stay there.
//! *download*: those chunks fetched. *stream*: host array → kernel → host array. Rounds are interleaved; medians are shown. The
//! last lines say how many kernels ran while a later chunk was being sent, from the events of one run.
//!
//! On a software adapter the lanes share the processors: give it one (`LP_NUM_THREADS=1`) and compare only there.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gridloom::event::{Event, Lane, Observer};
use gridloom::prelude::*;
use gridloom::{Backend, Result, from_ndarray};

/// Columns of the array; a chunk is 1024 rows: 8 MiB.
const COLUMNS: usize = 2048;
const ROWS: usize = 1024;

/// What is timed.
type Run<'a> = Box<dyn Fn() -> Result<()> + 'a>;

/// When lanes were busy.
#[derive(Default)]
struct Trace(Mutex<Vec<(Lane, Instant, Instant)>>);

impl Observer for Trace {
    fn event(&self, event: &Event) {
        let span = match event {
            Event::Device { start, end, .. } => (Lane::Compute, *start, *end),
            Event::Moved { lane, start, end, .. } => (*lane, *start, *end),
            _ => return,
        };
        self.0.lock().expect("a trace").push(span);
    }
}

fn main() -> Result<()> {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let (mib, repeats) = (numbers.first().copied().unwrap_or(256), numbers.get(1).copied().unwrap_or(5));
    if !std::env::var("GRIDLOOM_BACKEND").is_ok_and(|word| word == "gpu") {
        println!("transfer: no adapter asked for (GRIDLOOM_BACKEND=gpu): nothing is measured");
        return Ok(());
    }
    // What is sent, what is resident, and what a kernel makes: were there less, each upload would put another chunk out.
    let budget = ((4 * mib as u64) << 20).max(1 << 30);
    let client = Client::builder().backend(Backend::Gpu).device_memory_limit(budget).no_progress().build()?;
    let rows = (mib << 20) / 4 / COLUMNS;
    let host = ndarray::Array2::from_shape_fn((rows, COLUMNS), |(i, j)| ((i * 31 + j) % 1000) as f32 * 1e-3);
    let x = from_ndarray(host, (ROWS, COLUMNS))?;
    let kernel = |x: &Array<f32>| (x * 2.0 + 1.0).sqrt();
    let resident = (&x + 0.0).persist_with(&client)?;
    println!("{client}\n{mib} MiB in chunks of {} MiB, {repeats} rounds", (ROWS * COLUMNS * 4) >> 20);

    let column = x.slice(s![.., ..1])?;
    let lanes: [(&str, Run<'_>); 4] = [
        ("upload", Box::new(|| client.compute(&column.sum()).map(drop))),
        ("compute", Box::new(|| kernel(&resident).persist_with(&client).map(drop))),
        ("download", Box::new(|| client.compute(&resident).map(drop))),
        ("stream", Box::new(|| client.compute(&kernel(&x)).map(drop))),
    ];
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); lanes.len()];
    for round in 0..=repeats {
        for (lane, times) in lanes.iter().zip(&mut times) {
            let start = Instant::now();
            lane.1()?;
            // The first round compiles.
            if round > 0 {
                times.push(start.elapsed());
            }
        }
    }
    let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
    for ((name, _), median) in lanes.iter().zip(&medians) {
        println!("{name:<9} {:>8.1} ms  {:>6.2} GB/s", median * 1e3, (mib << 20) as f64 / 1e9 / median);
    }
    let slowest = medians[..3].iter().copied().fold(0.0, f64::max);
    let together: f64 = medians[..3].iter().sum();
    println!(
        "stream / slowest lane = {:.2} (1 is perfect overlap, {:.2} none)",
        medians[3] / slowest,
        together / slowest
    );

    let trace = Arc::new(Trace::default());
    client.observe(trace.clone());
    lanes[3].1()?;
    show(&trace.0.lock().expect("a trace"));
    Ok(())
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// How much of the lanes' work was at the same time, and the first lines of the trace.
fn show(trace: &[(Lane, Instant, Instant)]) {
    let of = |lane: Lane| trace.iter().filter(move |span| span.0 == lane);
    let meet = |a: &(Lane, Instant, Instant), b: &(Lane, Instant, Instant)| a.1 < b.2 && b.1 < a.2;
    let while_sent = of(Lane::Compute).filter(|kernels| of(Lane::Upload).any(|sent| meet(kernels, sent))).count();
    let while_fetched = of(Lane::Compute).filter(|kernels| of(Lane::Download).any(|sent| meet(kernels, sent))).count();
    println!(
        "{while_sent} of {} submissions ran while a later chunk was sent, {while_fetched} while an earlier one was fetched",
        of(Lane::Compute).count()
    );
    let Some(first) = trace.iter().map(|span| span.1).min() else { return };
    let last = trace.iter().map(|span| span.2).max().unwrap_or(first);
    let busy = |lane: Lane| of(lane).map(|span| span.2 - span.1).sum::<Duration>().as_secs_f64() * 1e3;
    let [sent, device, fetched] = [Lane::Upload, Lane::Compute, Lane::Download].map(busy);
    let whole = (last - first).as_secs_f64() * 1e3;
    println!(
        "of {whole:.0} ms: submissions {device:.0} ms (their copies too), sending {sent:.0} ms and reading what came {fetched:.0} ms of threads' time"
    );
    let mut spans: Vec<_> = trace.to_vec();
    spans.sort_by_key(|span| span.1);
    for (lane, start, end) in spans.iter().skip(spans.len() / 2).take(12) {
        let at = |t: &Instant| (*t - first).as_secs_f64() * 1e3;
        println!("  {:>8.2} .. {:>8.2} ms  {}", at(start), at(end), lane.name());
    }
}
