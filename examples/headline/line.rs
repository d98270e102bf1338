//! What is said of one measurement: a line for people, or a JSON object.

use std::time::Duration;

use gridloom::{Client, DeviceStats};
use serde_json::{Value, json};

use crate::{Options, limits};

/// Times of one workload, and what the adapter did in one of its runs.
pub(crate) struct Times {
    pub(crate) median: f64,
    least: f64,
    runs: usize,
    /// Of the adapter: its median time, and the counts of the last run.
    device: Option<DeviceStats>,
}

impl Times {
    /// Of measured times, and of what the adapter did in one of the runs and its own times for some: a part of what is meant, which is
    /// `scale` times as much.
    pub(crate) fn of(mut seconds: Vec<f64>, (device, busy): (Option<DeviceStats>, Vec<Duration>), scale: f64) -> Self {
        let median = |times: &mut [f64]| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        };
        let mut busy: Vec<f64> = busy.iter().map(|busy| busy.as_secs_f64() * scale).collect();
        let times = |count: u64| (count as f64 * scale) as u64;
        let device = device.map(|last| DeviceStats {
            submissions: times(last.submissions),
            dispatches: times(last.dispatches),
            uploaded_bytes: times(last.uploaded_bytes),
            downloaded_bytes: times(last.downloaded_bytes),
            moved_bytes: times(last.moved_bytes),
            buffers: times(last.buffers),
            bind_groups: times(last.bind_groups),
            pipelines: times(last.pipelines),
            busy: Duration::from_secs_f64(median(&mut busy)),
        });
        Self { median: median(&mut seconds), least: seconds[0], runs: seconds.len(), device }
    }
    fn json(&self) -> Value {
        let mut value = json!({"median_s": self.median, "min_s": self.least, "runs": self.runs});
        if let Some(did) = &self.device {
            value["device_s"] = json!(did.busy.as_secs_f64());
            value["dispatches"] = json!(did.dispatches);
            value["submissions"] = json!(did.submissions);
            value["uploaded_bytes"] = json!(did.uploaded_bytes);
            value["downloaded_bytes"] = json!(did.downloaded_bytes);
            value["buffers"] = json!(did.buffers);
        }
        value
    }
    fn text(&self) -> String {
        let device = self.device.map(|did| {
            let (launches, submissions) = (did.dispatches, did.submissions);
            format!(", device {:.3} ms, {launches} kernels in {submissions} submissions", did.busy.as_secs_f64() * 1e3)
        });
        format!("{:.3} ms (min {:.3}{})", self.median * 1e3, self.least * 1e3, device.unwrap_or_default())
    }
}

/// What is said of a workload.
pub(crate) struct Line<'a> {
    pub(crate) workload: &'a str,
    pub(crate) backend: &'static str,
    pub(crate) device: String,
    pub(crate) dtype: &'a str,
    pub(crate) size: u64,
    pub(crate) chunk: Option<u64>,
    pub(crate) threads: usize,
    /// The result in the host's memory.
    pub(crate) host: Option<Times>,
    /// The result on the device.
    pub(crate) resident: Option<Times>,
    pub(crate) gigabytes: Option<f64>,
    pub(crate) gigaflops: Option<f64>,
    /// Of a limit: how much of what in a second.
    pub(crate) rate: Option<(f64, &'static str)>,
    pub(crate) share: Option<f64>,
    pub(crate) peak: Option<u64>,
    pub(crate) check: Option<f64>,
}

impl<'a> Line<'a> {
    pub(crate) fn new(workload: &'a str, options: &'a Options, client: &Client) -> Self {
        let adapter = client.adapter();
        Self {
            workload,
            backend: if adapter.is_some() { "gpu" } else { "cpu" },
            device: adapter.unwrap_or_else(limits::processor),
            dtype: &options.dtype,
            size: options.size,
            chunk: options.chunk,
            threads: client.workers(),
            host: None,
            resident: None,
            gigabytes: None,
            gigaflops: None,
            rate: None,
            share: None,
            peak: None,
            check: None,
        }
    }
    /// `median_s` and `min_s` are those of the result in the host's memory, as in the lines of peers on CPUs.
    pub(crate) fn json(&self) -> String {
        let host = self.host.as_ref();
        json!({
            "workload": self.workload, "backend": self.backend, "device": self.device, "dtype": self.dtype,
            "size": self.size, "chunk": self.chunk, "threads": self.threads,
            "median_s": host.map(|s| s.median), "min_s": host.map(|s| s.least),
            "host": host.map(Times::json), "resident": self.resident.as_ref().map(Times::json),
            "gb_per_s": self.gigabytes, "gflop_per_s": self.gigaflops, "limit_share": self.share,
            "rate": self.rate.map(|r| r.0), "unit": self.rate.map(|r| r.1),
            "peak_rss_bytes": self.peak, "check": self.check,
        })
        .to_string()
    }
    pub(crate) fn text(&self) -> String {
        let resident = self.resident.as_ref().map(|times| format!("resident {}", times.text()));
        let host = self.host.as_ref().map(|times| match self.resident {
            Some(_) => format!("to host {}", times.text()),
            None => times.text(),
        });
        let rate = self.rate.map(|(rate, unit)| format!("{rate:.2} {unit}"));
        let bytes = self.gigabytes.map(|rate| format!("{rate:.2} GB/s"));
        let flops = self.gigaflops.map(|rate| format!("{rate:.1} GFLOP/s"));
        let share = self.share.map(|share| format!("{:.0} % of the limit", share * 100.0));
        let peak = self.peak.map(|peak| format!("peak {} MiB", peak >> 20));
        let check = self.check.map(|check| format!("check {check}"));
        let parts: Vec<String> =
            [resident, host, rate, bytes, flops, share, peak, check].into_iter().flatten().collect();
        format!("{:14} {}", self.workload, parts.join("  "))
    }
}
