//! How fast this machine reads memory: what kernels are compared with.

use std::sync::OnceLock;
use std::time::Instant;

/// Elements that each thread reads: 32 MiB, which is more than its share of most caches.
const ELEMENTS: usize = 4 << 20;
const ROUNDS: usize = 3;

/// Bytes that so many threads read together in a second, measured once in a process (it takes some 50 ms); the best of three rounds.
/// 0 if no thread could be started.
#[must_use]
pub fn host_bandwidth(threads: usize) -> f64 {
    static MEASURED: OnceLock<(usize, f64)> = OnceLock::new();
    let (of, bandwidth) = *MEASURED.get_or_init(|| (threads, measure(threads.max(1))));
    // Another client's number of threads: as good a guess as any.
    bandwidth * (threads as f64 / of.max(1) as f64).min(1.0)
}

fn measure(threads: usize) -> f64 {
    let data: Vec<Vec<u64>> = (0..threads).map(|i| vec![i as u64 + 1; ELEMENTS]).collect();
    let mut best: f64 = 0.0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let read = std::thread::scope(|scope| {
            let all: Vec<_> = data
                .iter()
                .map(|part| std::thread::Builder::new().spawn_scoped(scope, || std::hint::black_box(sum(part))))
                .collect();
            all.into_iter().filter(|thread| thread.is_ok()).count()
        });
        best = best.max((read * ELEMENTS * size_of::<u64>()) as f64 / start.elapsed().as_secs_f64());
    }
    best
}

fn sum(part: &[u64]) -> u64 {
    part.iter().fold(0, |sum, &value| sum.wrapping_add(value))
}

#[cfg(test)]
mod tests {
    use super::host_bandwidth;

    #[test]
    fn memory_is_read_at_a_sensible_speed() {
        let speed = host_bandwidth(2);
        assert!((1e8..1e13).contains(&speed), "{speed}");
        assert_eq!(host_bandwidth(2), speed);
    }
}
