//! [`RunReport`]: what one `compute` did.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::device::{Device, DeviceStats, DeviceTime, Tag};
use super::store::StoreStats;
use super::surroundings::Surroundings;
use crate::event::Lane;
use crate::plan::findings::Findings;
use crate::plan::task::ChunkId;
use crate::plan::{Place, Plan};
use crate::text::format_bytes;

/// What one `compute` did.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// The run's number in events, from 1 in each process.
    pub run: u64,
    /// Start to end.
    pub wall: Duration,
    /// Stages of the plan.
    pub stages: usize,
    /// Tasks that ran on the CPU.
    pub cpu_tasks: u64,
    /// Tasks that ran on the adapter.
    pub gpu_tasks: u64,
    /// Kernels launched there; those of other runs on the client at the same time are in it, as in the next three.
    pub dispatches: u64,
    /// Submissions: what was handed to the adapter at once.
    pub submissions: u64,
    /// Bytes sent to the adapter.
    pub uploaded_bytes: u64,
    /// Bytes fetched from it.
    pub downloaded_bytes: u64,
    /// Most bytes of chunks held at one time for readers to come, on host and device together.
    pub peak_chunk_bytes: u64,
    /// Most chunks of 4 KiB and more held at one time for readers to come.
    pub peak_chunks: u64,
    /// Most bytes reserved of the client's host memory, kept arrays and other runs' included.
    pub peak_host_bytes: u64,
    /// Most bytes that the device's buffers took, of this client's runs so far.
    pub peak_device_bytes: u64,
    /// What the plan predicted: bytes of chunks on the host and on the device.
    pub predicted_bytes: (u64, u64),
    /// Bytes written to the spill folder.
    pub spilled_bytes: u64,
    /// Bytes read back from there.
    pub restored_bytes: u64,
    /// How long each lane was busy, in the order of [`Lane::ALL`]; threads of one lane count once. Disk and compute are the client's:
    /// those of other runs at the same time are in them.
    pub busy: [Duration; Lane::ALL.len()],
    /// How long two lanes or more were busy at the same time; with a device, at least so long.
    pub overlap: Duration,
    /// For each stage with tasks: what it did.
    pub kernels: Vec<KernelReport>,
    /// What did not run as first planned, and why: stages on the CPU beside an adapter, and runs repeated after a failure.
    pub fallbacks: Vec<(String, String)>,
}

/// What one stage of a run did.
#[derive(Clone, Debug, Default)]
pub struct KernelReport {
    /// The stage in a few words.
    pub title: String,
    /// Tasks.
    pub tasks: u64,
    /// Thread time spent in them, waiting for memory included (on a device: recording them).
    pub busy: Duration,
    /// The device's own time for their kernels: where it has timestamps between kernels, all of them were done when the run ended,
    /// and somebody listened (a dashboard, a trace, any observer): timestamps are written only then, and it is the sum of what was
    /// told.
    pub device: Option<Duration>,
    /// Whether they ran on the device.
    pub on_device: bool,
    /// Bytes read from chunks and written to them.
    pub bytes: u64,
}

impl KernelReport {
    /// Bytes read and written in a second of thread time, or of the device's where they ran there. `None` where that is not known.
    #[must_use]
    pub fn bytes_per_second(&self) -> Option<f64> {
        let time = if self.on_device { self.device? } else { self.busy };
        Some(self.bytes as f64 / time.as_secs_f64().max(1e-9))
    }
    /// The speed in a few words, for a table's cell.
    pub(crate) fn speed(&self) -> String {
        self.bytes_per_second().map_or("–".to_owned(), |speed| format!("{:.2} GB/s", speed / 1e9))
    }
}

/// Counts while a run runs.
pub(super) struct Tally {
    stages: Vec<StageTally>,
    /// What the device tells, by stage.
    device: Arc<[DeviceTime]>,
    clock: Mutex<LaneClock>,
    held: AtomicU64,
    chunks: AtomicU64,
    on_device: DeviceStats,
    on_disk: Duration,
    before: StoreStats,
}

#[derive(Default)]
struct StageTally {
    tasks: AtomicU64,
    nanos: AtomicU64,
    bytes: AtomicU64,
}

/// How many threads are in each lane, and how long lanes were busy.
struct LaneClock {
    active: [u32; Lane::ALL.len()],
    since: Instant,
    busy: [Duration; Lane::ALL.len()],
    overlap: Duration,
}

impl LaneClock {
    fn turn(&mut self, lane: Lane, enter: bool) {
        let now = Instant::now();
        let passed = now - self.since;
        self.since = now;
        let mut lanes = 0;
        for (active, busy) in self.active.iter().zip(&mut self.busy) {
            if *active > 0 {
                *busy += passed;
                lanes += 1;
            }
        }
        if lanes > 1 {
            self.overlap += passed;
        }
        let active = &mut self.active[lane as usize];
        *active = if enter { *active + 1 } else { active.saturating_sub(1) };
    }
}

impl Tally {
    pub(super) fn new(plan: &Plan, around: &Surroundings) -> Self {
        let clock = LaneClock {
            active: Default::default(),
            since: Instant::now(),
            busy: Default::default(),
            overlap: Duration::ZERO,
        };
        around.store.reset_peak();
        Self {
            stages: plan.stages.iter().map(|_| StageTally::default()).collect(),
            device: plan.stages.iter().map(|_| DeviceTime::default()).collect(),
            clock: Mutex::new(clock),
            held: AtomicU64::new(0),
            chunks: AtomicU64::new(0),
            on_device: around.device.stats(),
            on_disk: around.store.disk_time(),
            before: around.store.stats(),
        }
    }
    /// Runs something that keeps a lane busy.
    pub(super) fn busy<R>(&self, lane: Lane, work: impl FnOnce() -> R) -> R {
        let turn = |enter| self.clock.lock().unwrap_or_else(PoisonError::into_inner).turn(lane, enter);
        turn(true);
        let result = work();
        turn(false);
        result
    }
    pub(super) fn ended(&self, stage: usize, time: Duration, bytes: u64) {
        let tally = &self.stages[stage];
        tally.tasks.fetch_add(1, Ordering::Relaxed);
        tally.nanos.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
        tally.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
    /// Whose kernels a task's are.
    pub(super) fn tag(&self, run: u64, ChunkId { stage, chunk }: ChunkId) -> Tag {
        Tag { run, stage, chunk, times: self.device.clone() }
    }
    pub(super) fn held(&self, bytes: u64, chunks: u64) {
        self.held.fetch_max(bytes, Ordering::Relaxed);
        self.chunks.fetch_max(chunks, Ordering::Relaxed);
    }

    pub(super) fn report(
        &self,
        plan: &Plan,
        findings: &Findings,
        around: &Surroundings,
        started: Instant,
    ) -> RunReport {
        let clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let wall = started.elapsed();
        let (mut busy, mut overlap) = (clock.busy, clock.overlap);
        let did = around.device.stats().since(self.on_device);
        busy[Lane::Disk as usize] = around.store.disk_time().saturating_sub(self.on_disk);
        if !matches!(around.device, Device::Cpu | Device::Null) {
            // The device's own time instead of that of recording; what does not fit into the wall time one after another overlapped.
            busy[Lane::Compute as usize] = did.busy;
            overlap = busy.iter().sum::<Duration>().saturating_sub(wall);
        }
        let store = around.store.stats();
        let with_tasks =
            || plan.stages.iter().zip(&self.stages).enumerate().filter(|(_, (stage, _))| stage.tasks() > 0);
        let placed = |place: Place| {
            let there = with_tasks().filter(|(_, (stage, _))| stage.place == place);
            there.map(|(_, (_, tally))| tally.tasks.load(Ordering::Relaxed)).sum()
        };
        let told = findings.told(plan);
        let kernels = with_tasks().map(|(id, (stage, tally))| {
            let (title, read) = told.stages[id].clone().unwrap_or_default();
            KernelReport {
                title,
                tasks: tally.tasks.load(Ordering::Relaxed),
                busy: Duration::from_nanos(tally.nanos.load(Ordering::Relaxed)),
                device: self.device[id].known(),
                on_device: stage.place == Place::Gpu,
                bytes: read.saturating_add(tally.bytes.load(Ordering::Relaxed)),
            }
        });
        let fallbacks = plan.stages.iter().filter_map(|stage| {
            let reason = stage.fallback.clone()?;
            Some((format!("{:?}", stage.kind), reason))
        });
        RunReport {
            run: 0,
            wall,
            stages: plan.stages.len(),
            cpu_tasks: placed(Place::Cpu),
            gpu_tasks: placed(Place::Gpu),
            dispatches: did.dispatches,
            submissions: did.submissions,
            uploaded_bytes: did.uploaded_bytes,
            downloaded_bytes: did.downloaded_bytes,
            peak_chunk_bytes: self.held.load(Ordering::Relaxed),
            peak_chunks: self.chunks.load(Ordering::Relaxed),
            peak_host_bytes: store.host_peak,
            predicted_bytes: {
                let (host, device) = told.bytes;
                let budget = around.device.budget_of_all();
                (host.min(store.host_limit), device.min(budget))
            },
            spilled_bytes: store.spilled - self.before.spilled,
            restored_bytes: store.restored - self.before.restored,
            busy,
            overlap,
            peak_device_bytes: around.device.device_bytes().1,
            kernels: kernels.collect(),
            fallbacks: fallbacks.collect(),
        }
    }
}

impl RunReport {
    /// All of it: a line a lane, a line a kernel.
    #[must_use]
    pub fn details(&self) -> String {
        let mut text = format!("{self}\n");
        let (host, device) = self.predicted_bytes;
        text += &format!(
            "  memory: host peak {} (chunks predicted {}), device peak {} (predicted {}), spilled {}, read back {}\n",
            format_bytes(self.peak_host_bytes),
            format_bytes(host),
            format_bytes(self.peak_device_bytes),
            format_bytes(device),
            format_bytes(self.spilled_bytes),
            format_bytes(self.restored_bytes)
        );
        for (lane, busy) in Lane::ALL.iter().zip(&self.busy).filter(|(_, busy)| !busy.is_zero()) {
            let share = 100.0 * busy.as_secs_f64() / self.wall.as_secs_f64().max(1e-9);
            text += &format!("  {:<8} busy {:.3} s ({share:.0} %)\n", lane.name(), busy.as_secs_f64());
        }
        text += &format!("  two lanes at once for {:.3} s\n", self.overlap.as_secs_f64());
        for kernel in &self.kernels {
            let time = match kernel.device {
                Some(device) => format!("{:.3} s on the device", device.as_secs_f64()),
                None if kernel.on_device => format!("recorded in {:.3} s", kernel.busy.as_secs_f64()),
                None => format!("{:.3} s, {}", kernel.busy.as_secs_f64(), kernel.speed()),
            };
            let speed = kernel.device.map(|_| format!(", {}", kernel.speed())).unwrap_or_default();
            text += &format!("  {:>8} tasks, {time}{speed}: {}\n", kernel.tasks, kernel.title);
        }
        text
    }
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
        if self.spilled_bytes > 0 {
            write!(f, ", {} spilled", format_bytes(self.spilled_bytes))?;
        }
        for (stage, reason) in &self.fallbacks {
            write!(f, "\n  on cpu: {stage}: {reason}")?;
        }
        Ok(())
    }
}
