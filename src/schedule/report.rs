//! [`RunReport`]: what one `compute` did.

use std::fmt;
use std::time::Duration;

use crate::diagnostics::format_bytes;

/// What one `compute` did.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// Start to end.
    pub wall: Duration,
    /// Stages of the plan.
    pub stages: usize,
    /// Tasks that ran on the CPU.
    pub cpu_tasks: u64,
    /// Tasks that ran on the adapter.
    pub gpu_tasks: u64,
    /// Bytes sent to the adapter.
    pub uploaded_bytes: u64,
    /// Bytes fetched from it.
    pub downloaded_bytes: u64,
    /// Most bytes of chunks held at one time, on host and device together.
    pub peak_chunk_bytes: u64,
    /// Stages that ran on the CPU beside an adapter, and why.
    pub fallbacks: Vec<(String, String)>,
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.3} s: {} stages, {} tasks on cpu, {} on gpu, {} up, {} down, peak {} in chunks",
            self.wall.as_secs_f64(),
            self.stages,
            self.cpu_tasks,
            self.gpu_tasks,
            format_bytes(self.uploaded_bytes),
            format_bytes(self.downloaded_bytes),
            format_bytes(self.peak_chunk_bytes),
        )?;
        for (stage, reason) in &self.fallbacks {
            write!(f, "\n  on cpu: {stage}: {reason}")?;
        }
        Ok(())
    }
}
