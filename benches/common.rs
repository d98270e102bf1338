//! Devices, sizes and names that all groups share.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use gridloom::{Array, Backend, Client, Element};

/// Short runs: the whole suite takes a minute or two.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args()
}

/// The CPU, and the adapter where the environment asks for it.
pub(crate) fn devices() -> Vec<(&'static str, Client)> {
    let client = |backend| {
        let client = Client::builder().backend(backend).no_progress().build();
        client.expect("the device that GRIDLOOM_BACKEND asks for must be there")
    };
    let mut devices = vec![("cpu", client(Backend::Cpu))];
    if std::env::var("GRIDLOOM_BACKEND").is_ok_and(|word| word == "gpu") {
        devices.push(("gpu", client(Backend::Gpu)));
    }
    devices
}

/// The side of the square arrays.
pub(crate) fn side() -> usize {
    let word = std::env::var("GRIDLOOM_BENCH_SIDE").unwrap_or_else(|_| "2048".into());
    word.parse().expect("GRIDLOOM_BENCH_SIDE is a number")
}

/// `device/dtype/elements/chunk` for an operand.
pub(crate) fn name<T: Element>(device: &str, operand: &Array<T>) -> String {
    let elements = binary(operand.size().unwrap_or(0) as u64);
    let chunk = binary(operand.chunks().max_chunk_elements());
    format!("{device}/{}/{elements}/{chunk}", T::DTYPE)
}

/// A count in binary units where it is a whole number of them.
pub(crate) fn binary(n: u64) -> String {
    match n {
        n if n >= 1 << 20 && n % (1 << 20) == 0 => format!("{}Mi", n >> 20),
        n if n >= 1 << 10 && n % (1 << 10) == 0 => format!("{}Ki", n >> 10),
        n => n.to_string(),
    }
}

/// Times `run`, which moves `bytes`, as case `id` of the group.
pub(crate) fn case(group: &mut BenchmarkGroup<'_, WallTime>, id: String, bytes: usize, mut run: impl FnMut()) {
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function(id, |bencher| bencher.iter(&mut run));
}

/// Whether two numbers agree within a relative tolerance.
pub(crate) fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}
