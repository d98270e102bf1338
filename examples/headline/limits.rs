//! What the machine can do at most, measured beside the workloads: reading, copying, multiplying, drawing, counting.
//!
//! On an adapter by its own clock, where it has one, so that what a round trip takes does not count.

use std::hint::black_box;
use std::time::Instant;

use gridloom::host::HostBuffer;
use gridloom::random::Generator;
use gridloom::{Array, Client, DType, Result, ones};
use ndarray::s;

use crate::data::Float;
use crate::listening;

/// One limit: its name, how much in a second, and of what.
pub(crate) struct Limit {
    pub(crate) name: &'static str,
    pub(crate) rate: f64,
    pub(crate) unit: &'static str,
}

/// The machine's limits; copies count what is read and what is written.
pub(crate) struct Limits {
    pub(crate) rows: Vec<Limit>,
}

const BYTES: &str = "GB/s";
const FLOPS: &str = "GFLOP/s";
const ELEMENTS: &str = "10⁹ elements/s";

/// Elements that no cache holds.
const LONG: usize = 1 << 24;
/// Of an adapter: what is read and copied, but for a part of the memory that arrays may take; and chunks of it.
const BYTES_READ: u64 = 1 << 30;
const CHUNK_BYTES: usize = 256 << 20;
/// Bytes that caches of large GPUs hold.
const SHORT_BYTES: usize = 16 << 20;
/// Multiplications and additions of an element.
const STEPS: usize = 256;
/// The best of so many tries.
const TRIES: u64 = 5;

impl Limits {
    /// Measures the processors by plain loops, or an adapter by the simplest kernels; `all`, or those alone that workloads are held
    /// against. The best of so many tries counts, but of no more than [`TRIES`].
    /// `tell` hears of each when it is known.
    pub(crate) fn measure<T: Float>(client: &Client, all: bool, tries: u64, tell: &dyn Fn(&Limit)) -> Result<Self> {
        if client.adapter().is_some() {
            return Self::of_adapter::<T>(client, all, tries.min(TRIES), tell);
        }
        let limits = Self::of_processors(client.workers(), size_of::<T>())?;
        limits.rows.iter().for_each(tell);
        Ok(limits)
    }
    /// The rate of one of them.
    pub(crate) fn of(&self, name: &str) -> f64 {
        self.rows.iter().find(|limit| limit.name == name).map_or(f64::NAN, |limit| limit.rate)
    }

    fn of_processors(threads: usize, size: usize) -> Result<Self> {
        // In the library's own buffers: their pages are large where the system has such.
        let buffer = || HostBuffer::scratch(DType::F64, LONG);
        let (mut source, mut target) = (buffer()?, buffer()?);
        source.stored_mut::<f64>().fill(1.0);
        target.stored_mut::<f64>().fill(1.0);
        let (source, target) = (source.stored::<f64>(), target.stored_mut::<f64>());
        let part = LONG.div_ceil(threads);
        let bytes = (LONG * 8) as f64;
        let read = best(bytes, || {
            std::thread::scope(|scope| {
                for part in source.chunks(part) {
                    scope.spawn(move || black_box(read(part)));
                }
            });
        });
        let copy = best(2.0 * bytes, || {
            std::thread::scope(|scope| {
                for (to, from) in target.chunks_mut(part).zip(source.chunks(part)) {
                    scope.spawn(move || to.copy_from_slice(black_box(from)));
                }
            });
        });
        let rounds = 20_000_000;
        let multiply = best((threads * rounds * 2 * peak::FLOATS) as f64, || {
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(move || black_box(peak::multiply(black_box(rounds))));
                }
            });
        });
        // Registers hold twice as many f32.
        let multiply = multiply * (8 / size) as f64;
        let rows = [("read", read, BYTES), ("copy", copy, BYTES), ("multiply", multiply, FLOPS)];
        Ok(Self { rows: rows.map(|(name, rate, unit)| Limit { name, rate, unit }).into() })
    }

    fn of_adapter<T: Float>(client: &Client, all: bool, tries: u64, tell: &dyn Fn(&Limit)) -> Result<Self> {
        let size = size_of::<T>();
        // What is read and what is written, several times over: results go back to the pool, and come from there.
        let bytes = (client.device_memory_limit().unwrap_or(0) / 8).min(BYTES_READ) as usize;
        let chunked = |elements: usize| ones::<T>(elements).rechunk((CHUNK_BYTES / size).min(elements));
        let x = chunked(bytes / size)?.persist_with(client)?;
        let few = x.slice(s![..LONG.min(bytes / size / 8) as isize])?.persist_with(client)?;
        let length = |x: &Array<T>| x.size().unwrap_or(0) as f64;
        let kept = |x: &Array<T>| x.persist_with(client).map(drop);
        let mut rows = Vec::new();
        let mut add = |name, work: f64, unit, run: &dyn Fn() -> Result<()>| -> Result<()> {
            let limit = Limit { name, rate: fastest(client, work, tries, run)?, unit };
            tell(&limit);
            rows.push(limit);
            Ok(())
        };
        add("read", length(&x) * size as f64, BYTES, &|| client.compute(&x.sum()).map(drop))?;
        add("copy", length(&x) * 2.0 * size as f64, BYTES, &|| kept(&(&x + T::of(1.0))))?;
        // The element by itself: numbers from elsewhere would be loaded in each step. From ones it comes to no more than their count.
        let chain = (0..STEPS).fold(few.clone(), |y, _| y * &few + &few).sum();
        add("multiply", length(&few) * (2 * STEPS) as f64, FLOPS, &|| client.compute(&chain).map(drop))?;
        if all {
            // From the second element on, no four of them are one aligned vector.
            let odd = x.slice(s![1..])?.sum();
            add("read by elements", length(&x) * size as f64, BYTES, &|| client.compute(&odd).map(drop))?;
            let short = x.slice(s![..(SHORT_BYTES / size) as isize])?.persist_with(client)?;
            add("read of 16 MiB", length(&short) * size as f64, BYTES, &|| client.compute(&short.sum()).map(drop))?;
            let drawn = Generator::new(1).uniform(T::of(0.0), T::of(1.0), few.size().unwrap_or(0));
            add("draw", length(&few), ELEMENTS, &|| client.compute(&drawn.sum()).map(drop))?;
            let bins = few.histogram((100, 0.0, 2.0))?.counts;
            add("count", length(&few), ELEMENTS, &|| client.compute(&bins).map(drop))?;
        }
        Ok(Self { rows })
    }
}

/// The best rate of some tries, in 10⁹ a second of the adapter's own time, or of the host's where the adapter ran nothing.
fn fastest(client: &Client, work: f64, tries: u64, run: &dyn Fn() -> Result<()>) -> Result<f64> {
    let mut best = 0.0f64;
    // The first one compiles.
    for _ in 0..=tries {
        client.sync()?;
        let (before, started) = (client.device_stats().unwrap_or_default(), Instant::now());
        listening(client, run)?;
        client.sync()?;
        let wall = started.elapsed().as_secs_f64();
        let busy = client.device_stats().unwrap_or_default().since(before).busy.as_secs_f64();
        best = best.max(work / if busy > 0.0 { busy } else { wall } / 1e9);
    }
    Ok(best)
}

/// The best rate of some tries, in 10⁹ a second.
fn best(work: f64, mut run: impl FnMut()) -> f64 {
    let time = |_| {
        let started = Instant::now();
        run();
        work / started.elapsed().as_secs_f64() / 1e9
    };
    (0..TRIES).map(time).fold(0.0, f64::max)
}

/// Adds up in so many places that only the memory is waited for.
fn read(values: &[f64]) -> f64 {
    let mut sums = [0.0; 64];
    for chunk in values.chunks_exact(64) {
        sums.iter_mut().zip(chunk).for_each(|(sum, value)| *sum += value);
    }
    sums.iter().sum()
}

/// The processor's name.
pub(crate) fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |name| name.trim().to_owned())
}

/// Fused multiply-adds in registers, as wide as the processor has them.
mod peak {
    /// Numbers that are multiplied at once: ten registers of eight, which is more than the units' latency.
    pub(super) const FLOATS: usize = 80;

    #[inline(always)]
    fn body(rounds: usize) -> f64 {
        let mut values = [1.0f64; FLOATS];
        for _ in 0..rounds {
            for value in &mut values {
                *value = value.mul_add(0.999_999, 0.000_001);
            }
        }
        values.iter().sum()
    }

    pub(super) fn multiply(rounds: usize) -> f64 {
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx512f")]
            fn wide(rounds: usize) -> f64 {
                body(rounds)
            }
            #[target_feature(enable = "avx2,fma")]
            fn narrow(rounds: usize) -> f64 {
                body(rounds)
            }
            if is_x86_feature_detected!("avx512f") {
                // SAFETY: the processor has it.
                return unsafe { wide(rounds) };
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                // SAFETY: as above.
                return unsafe { narrow(rounds) };
            }
        }
        body(rounds)
    }
}
