//! What the machine can do at most, measured beside the workloads: reading, copying, multiplying.

use std::hint::black_box;
use std::time::Instant;

use gridloom::host::HostBuffer;
use gridloom::{Client, DType, Result, ones};
use ndarray::s;

use crate::data::Float;

/// The machine's limits in 10⁹ bytes and operations a second; copies count what is read and what is written.
pub(crate) struct Limits {
    pub(crate) read: f64,
    pub(crate) copy: f64,
    pub(crate) multiply: f64,
}

/// Elements that no cache holds.
const LONG: usize = 1 << 24;
/// Kernels of an adapter in one measurement.
const TOGETHER: usize = 4;
/// The best of so many tries.
const TRIES: usize = 5;

impl Limits {
    /// Measures the processors by plain loops, or an adapter by the simplest kernels.
    pub(crate) fn measure<T: Float>(client: &Client) -> Result<Self> {
        match client.adapter() {
            None => Ok(Self::of_processors(client.workers(), size_of::<T>())),
            Some(_) => Self::of_adapter::<T>(client),
        }
    }

    fn of_processors(threads: usize, size: usize) -> Self {
        // In the library's own buffers: their pages are large where the system has such.
        let buffer = || HostBuffer::scratch(DType::F64, LONG);
        let (mut source, mut target) = (buffer(), buffer());
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
        Self { read, copy, multiply: multiply * (8 / size) as f64 }
    }

    fn of_adapter<T: Float>(client: &Client) -> Result<Self> {
        let x = ones::<T>(LONG).persist_with(client)?;
        let bytes = (LONG * size_of::<T>() * TOGETHER) as f64;
        let mut rates = [0.0f64; 3];
        let mut keep = |at: usize, work: f64, started: Instant| {
            rates[at] = rates[at].max(work / started.elapsed().as_secs_f64() / 1e9);
        };
        let steps = 30;
        let chain = |k: usize| (0..steps).fold(&x + T::of(k as f64), |y, _| y * T::of(0.999) + T::of(0.001)).sum();
        for _ in 0..TRIES {
            // Several in one run, so that waiting for the last one's end counts little.
            let started = Instant::now();
            let [a, b, c, d]: [_; TOGETHER] = std::array::from_fn(|k| (&x + T::of(k as f64)).sum());
            black_box(client.compute((&a, &b, &c, &d))?);
            keep(0, bytes, started);

            let started = Instant::now();
            let copies = (0..TOGETHER).map(|k| (&x + T::of(k as f64)).persist_with(client));
            let copies = copies.collect::<Result<Vec<_>>>()?;
            // They are only recorded so far; the last one's elements are there when all are.
            let last = copies.last().map(|copy| copy.slice(s![..1])).transpose()?;
            black_box(last.map(|last| last.sum().item_with(client)).transpose()?);
            keep(1, 2.0 * bytes, started);

            let started = Instant::now();
            let [a, b, c, d]: [_; TOGETHER] = std::array::from_fn(chain);
            black_box(client.compute((&a, &b, &c, &d))?);
            keep(2, (LONG * 2 * steps * TOGETHER) as f64, started);
        }
        let [read, copy, multiply] = rates;
        Ok(Self { read, copy, multiply })
    }

    /// Each limit by its name: bytes, operations.
    pub(crate) fn lines(&self) -> [(&'static str, Option<f64>, Option<f64>); 3] {
        [("read", Some(self.read), None), ("copy", Some(self.copy), None), ("multiply", None, Some(self.multiply))]
    }
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
