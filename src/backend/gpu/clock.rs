//! [`Clock`]: the device's times as the host's.
//!
//! Nobody tells how the two clocks are set. But what a submission did lies between its submission and the moment at which the host
//! saw it done, so each of them bounds the difference of the clocks from both sides, and all of them together bound it ever closer:
//! on an idle device to the time that submitting and polling take. The middle of what is left is taken. The clocks may run at
//! slightly different speeds, so bounds loosen with time.

use std::time::{Duration, Instant};

/// By how much the clocks' speeds may differ: quartz keeps 20 to 50 parts in a million.
const DRIFT: f64 = 100e-6;

/// What is known of the difference between the device's clock and the host's.
pub(super) struct Clock {
    /// Host times count from here.
    epoch: Instant,
    /// Nanoseconds of a device tick.
    period: f64,
    /// The first tick that was seen: device times count from here.
    base: Option<u64>,
    /// Host time less device time is between these, in nanoseconds; known at this host time.
    bounds: (f64, f64),
    known: f64,
    /// The end of the last span: those of one queue follow each other.
    last: f64,
}

impl Clock {
    /// Of a device whose ticks take so many nanoseconds.
    pub(super) fn new(period: f64) -> Self {
        let bounds = (f64::NEG_INFINITY, f64::INFINITY);
        Self { epoch: Instant::now(), period, base: None, bounds, known: 0.0, last: 0.0 }
    }

    /// The time from each tick to the next.
    pub(super) fn took(&self, ticks: &[u64]) -> Vec<Duration> {
        let time = |pair: &[u64]| (pair[1].saturating_sub(pair[0]) as f64 * self.period) as u64;
        ticks.windows(2).map(|pair| Duration::from_nanos(time(pair))).collect()
    }

    /// The host times of a submission's ticks, which do not go back. It was made at `submitted` and seen done at `seen`.
    pub(super) fn host(&mut self, ticks: &[u64], submitted: Instant, seen: Instant) -> Vec<Instant> {
        let (Some(&first), Some(&last)) = (ticks.first(), ticks.last()) else { return Vec::new() };
        let base = *self.base.get_or_insert(first);
        // The sign first: ticks may be before the base.
        let device = |tick: u64| (tick.wrapping_sub(base) as i64) as f64 * self.period;
        let times: Vec<f64> = ticks.iter().map(|&tick| device(tick)).collect();
        let (first, last) = (device(first), device(last));
        let host = |at: Instant| at.saturating_duration_since(self.epoch).as_nanos() as f64;
        let (submitted, seen) = (host(submitted), host(seen).max(host(submitted)));
        let own = (submitted - first, seen - last);
        let loose = DRIFT * (seen - self.known).abs();
        let (low, high) = ((self.bounds.0 - loose).max(own.0), (self.bounds.1 + loose).min(own.1));
        // A clock that was set anew, or one that does not keep its period.
        self.bounds = if low <= high { (low, high) } else { own };
        self.known = seen;
        let offset = (self.bounds.0 + self.bounds.1) / 2.0;
        let mut host_times = Vec::with_capacity(times.len());
        for time in times {
            self.last = (time + offset).clamp(submitted, seen).max(self.last);
            host_times.push(self.epoch + Duration::from_nanos(self.last as u64));
        }
        host_times
    }

    /// By how many nanoseconds host times may be wrong.
    #[cfg(test)]
    fn uncertain(&self) -> f64 {
        (self.bounds.1 - self.bounds.0) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device whose clock was set otherwise and runs a little fast; kernels of 100 µs, of which the host hears late.
    struct Simulated {
        zero: Instant,
        ahead: u64,
        fast: f64,
        period: f64,
    }

    impl Simulated {
        fn ticks(&self, at: Duration) -> u64 {
            self.ahead.wrapping_add((at.as_nanos() as f64 * (1.0 + self.fast) / self.period) as u64)
        }
        /// The error of the times of one submission, in nanoseconds, made at `at` on an idle device.
        fn error(&self, clock: &mut Clock, at: Duration, begins_after: u64, seen_after: u64) -> f64 {
            let start = at + Duration::from_nanos(begins_after);
            let end = start + Duration::from_micros(100);
            let (submitted, seen) = (self.zero + at, self.zero + end + Duration::from_nanos(seen_after));
            let times = clock.host(&[self.ticks(start), self.ticks(end)], submitted, seen);
            assert!(submitted <= times[0] && times[0] <= times[1] && times[1] <= seen);
            let error = |got: Instant, is: Duration| (got - self.zero).as_nanos() as f64 - is.as_nanos() as f64;
            error(times[0], start).abs().max(error(times[1], end).abs())
        }
    }

    #[test]
    fn times_get_closer_with_each_submission_and_follow_drift() {
        for (ahead, period) in [(0, 1.0), (u64::MAX - 500, 1.0), (1 << 62, 40.0), (77, 0.5)] {
            let mut clock = Clock::new(period);
            let device = Simulated { zero: clock.epoch, ahead, fast: 30e-6, period };
            let mut worst = 0.0_f64;
            for i in 0..2000_u64 {
                // Half a second apart: over a quarter of an hour the clocks part by 30 ms.
                let at = Duration::from_millis(500 * i);
                let error = device.error(&mut clock, at, 5_000 + 7919 * i % 90_000, 5_000 + 104_729 * i % 400_000);
                assert!(error <= clock.uncertain() + 10.0 + period, "{i}: {error} of {}", clock.uncertain());
                if i > 100 {
                    worst = worst.max(error);
                }
            }
            // No closer than what bounds loosen by until the next submission that is quick.
            assert!(worst < 250_000.0, "{worst} ns at {ahead}");
        }
    }

    #[test]
    fn quick_submissions_bound_it_to_their_latency() {
        let mut clock = Clock::new(1.0);
        let device = Simulated { zero: clock.epoch, ahead: 12345, fast: 0.0, period: 1.0 };
        for i in 0..100_u64 {
            device.error(&mut clock, Duration::from_millis(i), 1_000_000, 3_000_000);
        }
        assert!(clock.uncertain() > 1e6);
        assert!(device.error(&mut clock, Duration::from_millis(200), 10_000, 20_000) <= 15_100.0);
        assert!(clock.uncertain() < 16_000.0, "{}", clock.uncertain());
        // Later ones that are slow do not unlearn it.
        assert!(device.error(&mut clock, Duration::from_millis(210), 1_000_000, 9_000_000) < 20_000.0);
    }

    #[test]
    fn a_clock_that_was_set_anew_is_followed() {
        let mut clock = Clock::new(1.0);
        let mut device = Simulated { zero: clock.epoch, ahead: 1 << 40, fast: 0.0, period: 1.0 };
        device.error(&mut clock, Duration::from_millis(1), 10_000, 10_000);
        device.ahead = 5;
        assert!(device.error(&mut clock, Duration::from_millis(2), 10_000, 10_000) <= 10_000.0);
        assert!(clock.host(&[], clock.epoch, clock.epoch).is_empty());
        // Ticks that do not fit between submission and end stay between them, and never go back.
        let (a, b) = (clock.epoch + Duration::from_millis(5), clock.epoch + Duration::from_millis(6));
        let times = clock.host(&[5, 4, 1 << 50], a, b);
        assert!(times.iter().all(|t| (a..=b).contains(t)) && times.is_sorted(), "{times:?}");
    }
}
