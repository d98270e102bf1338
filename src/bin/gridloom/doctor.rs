//! The self-test, and advice.

use std::time::Instant;

use gridloom::diagnostics::format_bytes;
use gridloom::random::Generator;
use gridloom::{Array, Backend, Client, Result, arange};

use crate::vulkan;

/// Checks everything; whether all is well.
pub(crate) fn doctor() -> bool {
    let mut well = true;
    let mut report = |name: &str, outcome: std::result::Result<String, (String, String)>| match outcome {
        Ok(words) => println!("ok       {name}: {words}"),
        Err((problem, advice)) => {
            well = false;
            println!("PROBLEM  {name}: {problem}");
            println!("         {advice}");
        }
    };
    report("settings", settings());
    report(
        "CPU",
        tested(Client::builder().backend(Backend::Cpu), "this is a bug of gridloom: report it with the text above"),
    );
    report("spilling", spilling());
    let adapters = crate::adapters();
    for adapter in &adapters {
        let advice =
            "update its driver; until then set GRIDLOOM_BACKEND=cpu, or GRIDLOOM_ADAPTER to another adapter's name";
        let client = Client::builder().backend(Backend::Gpu).adapter(&adapter.name);
        report(&adapter.line, tested(client, advice));
    }
    if adapters.is_empty() {
        println!("note     adapters: none, kernels run on the CPU");
        for advice in vulkan::advice() {
            println!("         {advice}");
        }
    }
    println!("\n{}", if well { "all is well" } else { "something is wrong: see above" });
    well
}

/// What the environment says must mean something.
fn settings() -> std::result::Result<String, (String, String)> {
    match Client::builder().no_progress().build() {
        Ok(client) => Ok(client.to_string()),
        Err(error) => {
            let set: Vec<String> = std::env::vars()
                .filter(|(name, _)| name.starts_with("GRIDLOOM_") || name.starts_with("WGPU_"))
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let advice = match set.is_empty() {
                true => "the default client cannot be made".to_owned(),
                false => format!("unset or change what is set: {}", set.join(" ")),
            };
            Err((error.to_string(), advice))
        }
    }
}

/// The folder where chunks go when memory is short.
fn spilling() -> std::result::Result<String, (String, String)> {
    let folder = std::env::temp_dir();
    match Client::builder().backend(Backend::Cpu).no_progress().spill_folder(&folder).build() {
        Ok(_) => Ok(format!("{} can be written", folder.display())),
        Err(error) => Err((error.to_string(), "set TMPDIR to a folder on a disk that you may write to".to_owned())),
    }
}

/// A test's name, and whether a client's numbers are right.
type Test = (&'static str, fn(&Client) -> Result<bool>);

/// Computes on a client what the host's own loops know.
fn tested(builder: gridloom::ClientBuilder, advice: &str) -> std::result::Result<String, (String, String)> {
    let advice = |problem: String| (problem, advice.to_owned());
    let client = builder.no_progress().build().map_err(|error| advice(error.to_string()))?;
    let started = Instant::now();
    let mut done = Vec::new();
    let tests: [Test; 6] = [
        ("elementwise", elementwise),
        ("sums", sums),
        ("random", random),
        ("histogram", histogram),
        ("filter", filter),
        ("dot", dot),
    ];
    for (name, test) in tests {
        match test(&client) {
            Ok(true) => done.push(name),
            Ok(false) => return Err(advice(format!("{name}: wrong numbers"))),
            Err(error) => return Err(advice(format!("{name}: {error}"))),
        }
    }
    if let Some(report) = client.last_run().filter(|report| !report.fallbacks.is_empty() && report.gpu_tasks == 0) {
        return Err(advice(format!("kernels ran on the CPU: {report}")));
    }
    let limit = format_bytes(client.memory_limit());
    Ok(format!("{} right in {:.2} s; {limit} host memory", done.join(", "), started.elapsed().as_secs_f64()))
}

const N: usize = 1 << 20;

fn numbers() -> ndarray::Array1<f32> {
    ndarray::Array1::from_iter((0..N).map(|i| (i % 1000) as f32 / 8.0))
}

/// Up, through a kernel, and down again.
fn elementwise(client: &Client) -> Result<bool> {
    let data = numbers();
    let x = gridloom::from_ndarray(data.clone(), "auto")?;
    let there = client.compute(&(&x * 3.0 + 1.5))?;
    Ok(there.iter().zip(&data).all(|(&a, &b)| a == b * 3.0 + 1.5))
}

fn sums(client: &Client) -> Result<bool> {
    let n = N as i32;
    let x: Array<i32> = arange(N);
    let (sum, most) = client.compute((&x.sum(), &x.max()?))?;
    Ok((sum[[]], most[[]]) == (i64::from(n) * i64::from(n - 1) / 2, n - 1))
}

/// The same numbers on every device.
fn random(client: &Client) -> Result<bool> {
    let cpu = Client::builder().backend(Backend::Cpu).no_progress().build()?;
    let x: Array<f32> = Generator::new(7).random(N);
    Ok(client.compute(&x)? == cpu.compute(&x)?)
}

fn histogram(client: &Client) -> Result<bool> {
    let x = gridloom::from_ndarray(numbers(), "auto")?;
    let counts = client.compute(&x.histogram((125, 0.0, 125.0))?.counts)?;
    let expected = |bin: usize| (0..N).filter(|i| i % 1000 / 8 == bin).count() as i64;
    Ok(counts.iter().enumerate().all(|(bin, &count)| bin % 25 > 0 || count == expected(bin))
        && counts.sum() == N as i64)
}

fn filter(client: &Client) -> Result<bool> {
    let x: Array<i32> = arange(N);
    let kept = client.compute(&x.filter(&(&x % 3).eq(0))?)?;
    Ok(kept.len() == N.div_ceil(3) && kept.iter().enumerate().all(|(i, &v)| v == 3 * i as i32))
}

fn dot(client: &Client) -> Result<bool> {
    let n = 128;
    let x: Array<f32> = arange::<f32>(n).reshape([1, -1])?;
    let outer = client.compute(&x.t().dot(&x)?)?;
    Ok(outer.indexed_iter().all(|(at, &v)| v == (at[0] * at[1]) as f32) && outer.len() == n * n)
}
