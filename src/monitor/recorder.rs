//! [`Recorder`]: the observer that keeps what happened. A thread writes into a part of its own, so that tasks of many threads do not
//! wait for each other; what is read is put together from all parts.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use super::record::{Lanes, Planned, Row, RunRecord, StageCount, State};
use super::timeline::{Level, Merge, Span, Timeline};
use crate::event::{Event, Lane, Observer, StageInfo, thread_number};
use crate::schedule::{KernelReport, RunReport};

/// Parts that threads write into: more threads than these share them.
const PARTS: usize = 64;
/// Notes of a run that are kept.
const NOTES: usize = 64;

/// How much a recorder keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Runs of which the sums are kept.
    pub runs: usize,
    /// Runs of which threads, lanes and memory over time are kept: about 30 KiB a thread each, and what `spans` take.
    pub details: usize,
    /// Tasks and copies that are kept one by one, of each thread and lane in each run: 40 bytes each.
    pub spans: usize,
}

impl Keep {
    /// For pages that show the last runs.
    pub const PAGE: Self = Self { runs: 64, details: 16, spans: 256 };
    /// For traces, which show single tasks.
    pub const TRACE: Self = Self { runs: 1 << 14, details: 1 << 14, spans: 1 << 18 };
}

/// Hears a client's events and keeps, in bounded memory, what happened in its last runs.
///
/// ```
/// use gridloom::monitor::{Keep, Recorder};
/// use std::sync::Arc;
/// let client = gridloom::Client::new()?;
/// let recorder = Arc::new(Recorder::new(Keep::PAGE));
/// client.observe(recorder.clone());
/// client.compute(&gridloom::arange::<f64>(1000).sum())?;
/// let run = recorder.latest().unwrap();
/// assert_eq!(run.done(), run.tasks());
/// assert_eq!(run.counts.iter().map(|stage| stage.done).sum::<u64>(), run.rows.iter().map(|row| row.timeline.tasks).sum::<u64>());
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Debug)]
pub struct Recorder {
    epoch: Instant,
    keep: Keep,
    parts: Vec<Shard>,
    active: RwLock<Vec<Arc<Active>>>,
    ended: Mutex<VecDeque<RunRecord>>,
    /// Bytes held on host, device and disk, as told last.
    held: [AtomicU64; 3],
    /// What was told while no run was under way: why the next one is.
    pending: Mutex<Vec<String>>,
    changes: AtomicU64,
    forgotten: AtomicU64,
}

/// What threads of one number write. Aligned, so that they do not share a cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(Mutex<Vec<ShardRow>>);

/// A thread's part of a run.
#[derive(Debug)]
struct ShardRow {
    run: u64,
    thread: u32,
    started: Instant,
    row: Row,
    counts: Vec<StageCount>,
}

/// A run under way.
#[derive(Debug)]
struct Active {
    run: u64,
    started: Instant,
    planned: Arc<Planned>,
    lanes: Mutex<Lanes>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nanoseconds from a run's start.
fn since(started: Instant, at: Instant) -> u64 {
    at.saturating_duration_since(started).as_nanos() as u64
}

impl Recorder {
    /// A recorder that has heard nothing.
    #[must_use]
    pub fn new(keep: Keep) -> Self {
        Self {
            epoch: Instant::now(),
            keep,
            parts: (0..PARTS).map(|_| Shard::default()).collect(),
            active: RwLock::default(),
            ended: Mutex::default(),
            held: Default::default(),
            pending: Mutex::default(),
            changes: AtomicU64::new(0),
            forgotten: AtomicU64::new(0),
        }
    }
    /// When it began: what times of runs count from.
    #[must_use]
    pub fn epoch(&self) -> Instant {
        self.epoch
    }
    fn active(&self) -> RwLockReadGuard<'_, Vec<Arc<Active>>> {
        self.active.read().unwrap_or_else(PoisonError::into_inner)
    }
    fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }
    /// A number that is another one where runs began or ended since it was asked; and whether runs are under way.
    #[must_use]
    pub fn changes(&self) -> (u64, bool) {
        (self.changes.load(Ordering::Relaxed), !self.active().is_empty())
    }
    /// Bytes held on host, device and disk, as told last.
    #[must_use]
    pub fn held(&self) -> [u64; 3] {
        std::array::from_fn(|i| self.held[i].load(Ordering::Relaxed))
    }
    /// Runs that ended and are no longer kept.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }

    /// A run that is under way or kept, by its number.
    #[must_use]
    pub fn run(&self, number: u64) -> Option<RunRecord> {
        let active = self.active().iter().find(|active| active.run == number).cloned();
        match active {
            Some(active) => Some(self.look(&active)),
            None => lock(&self.ended).iter().find(|record| record.run == number).cloned(),
        }
    }
    /// The run that began last of those under way, or else the one that ended last.
    #[must_use]
    pub fn latest(&self) -> Option<RunRecord> {
        let active = self.active().iter().max_by_key(|active| active.run).cloned();
        active.map(|active| self.look(&active)).or_else(|| lock(&self.ended).back().cloned())
    }
    /// Looks at all runs that are kept, the oldest first: those that ended, then those under way.
    pub fn each(&self, mut look: impl FnMut(&RunRecord)) {
        lock(&self.ended).iter().for_each(&mut look);
        let active = self.active().clone();
        active.iter().for_each(|active| look(&self.brief(active)));
    }
    /// The runs that ended, which are not kept any longer.
    pub(super) fn take(&self) -> Vec<RunRecord> {
        lock(&self.ended).drain(..).collect()
    }
    /// Adds the report of a run that ended well.
    pub fn report(&self, report: &RunReport) {
        if let Some(record) = lock(&self.ended).iter_mut().rev().find(|record| record.run == report.run) {
            record.report = Some(report.clone());
        }
        self.changed();
    }

    /// A run of which only the report is known.
    pub fn only_report(&self, report: RunReport) {
        let stage = |kernel: &KernelReport| StageInfo {
            title: kernel.title.clone(),
            tasks: kernel.tasks,
            ..StageInfo::default()
        };
        let count = |kernel: &KernelReport| {
            let (done, busy) = (kernel.tasks, kernel.busy.as_nanos() as u64);
            StageCount { started: done, done, busy, bytes: kernel.bytes }
        };
        let planned = Planned {
            stages: report.kernels.iter().map(stage).collect(),
            tasks: report.kernels.iter().map(|kernel| kernel.tasks).sum(),
            host_bytes: report.predicted_bytes.0,
            device_bytes: report.predicted_bytes.1,
            ..Planned::default()
        };
        let record = RunRecord {
            run: report.run,
            started: Duration::ZERO,
            wall: report.wall,
            state: State::Done,
            planned: Arc::new(planned),
            counts: report.kernels.iter().map(count).collect(),
            rows: Vec::new(),
            lanes: Lanes::default(),
            detailed: false,
            report: Some(report),
        };
        lock(&self.ended).push_back(record);
    }

    /// A run under way as it is now.
    fn look(&self, active: &Active) -> RunRecord {
        let mut record = self.brief(active);
        record.detailed = true;
        for part in &self.parts {
            record.rows.extend(lock(&part.0).iter().filter(|row| row.run == active.run).map(|row| row.row.clone()));
        }
        record.rows.sort_by(|a, b| a.name.cmp(&b.name));
        record.lanes = lock(&active.lanes).clone();
        record
    }
    /// Its sums only.
    fn brief(&self, active: &Active) -> RunRecord {
        let mut record = RunRecord {
            run: active.run,
            started: active.started.saturating_duration_since(self.epoch),
            wall: active.started.elapsed(),
            state: State::Running,
            planned: active.planned.clone(),
            counts: vec![StageCount::default(); active.planned.stages.len()],
            rows: Vec::new(),
            lanes: Lanes::default(),
            detailed: false,
            report: None,
        };
        for part in &self.parts {
            for row in lock(&part.0).iter().filter(|row| row.run == active.run) {
                record.counts.iter_mut().zip(&row.counts).for_each(|(all, one)| all.add(one));
            }
        }
        record
    }

    fn planned(&self, run: u64, planned: Planned) {
        let notes = lock(&self.pending).drain(..).map(|text| (0, text)).collect();
        let lanes = Mutex::new(Lanes { notes, ..Lanes::default() });
        let active = Active { run, started: Instant::now(), planned: Arc::new(planned), lanes };
        self.active.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(active));
        self.changed();
    }

    fn finished(&self, run: u64, error: Option<&str>) {
        let wall = |active: &Active| active.started.elapsed();
        let active = {
            let mut all = self.active.write().unwrap_or_else(PoisonError::into_inner);
            let at = all.iter().position(|active| active.run == run);
            at.map(|at| all.remove(at))
        };
        let Some(active) = active else { return };
        let wall: Duration = wall(&active);
        let mut record = self.brief(&active);
        (record.wall, record.detailed) = (wall, true);
        for part in &self.parts {
            let gone = lock(&part.0).extract_if(.., |row| row.run == run).collect::<Vec<_>>();
            record.rows.extend(gone.into_iter().map(|row| Row { current: None, ..row.row }));
        }
        record.rows.sort_by(|a, b| a.name.cmp(&b.name));
        record.lanes = std::mem::take(&mut lock(&active.lanes));
        record.state = error.map_or(State::Done, |error| State::Failed(error.to_owned()));
        let mut ended = lock(&self.ended);
        ended.push_back(record);
        if ended.len() > self.keep.runs {
            ended.pop_front();
            self.forgotten.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(old) = ended.len().checked_sub(self.keep.details + 1) {
            ended[old].forget_details();
        }
        drop(ended);
        self.changed();
    }

    /// This thread's part of a run. Nothing for a run that was not heard from its start.
    fn row(&self, run: u64, write: impl FnOnce(&mut ShardRow)) {
        let thread = thread_number();
        let mut rows = lock(&self.parts[thread as usize % PARTS].0);
        if let Some(row) = rows.iter_mut().find(|row| row.run == run && row.thread == thread) {
            return write(row);
        }
        let Some(active) = self.active().iter().find(|active| active.run == run).cloned() else { return };
        let own = std::thread::current();
        let name = own.name().map_or_else(|| format!("thread {thread}"), str::to_owned);
        let row = Row { name: name.into(), timeline: Timeline::default(), current: None };
        let counts = vec![StageCount::default(); active.planned.stages.len()];
        rows.push(ShardRow { run, thread, started: active.started, row, counts });
        if let Some(row) = rows.last_mut() {
            write(row);
        }
    }

    /// What the device did: for one run's task, or for whoever is under way.
    fn device(&self, task: Option<(u64, usize, u64)>, span: (Instant, Instant), took: Duration, bytes: u64) {
        let (start, end) = span;
        let Some((run, stage, chunk)) = task else { return self.link(Lane::Compute, start, end, bytes) };
        let Some(active) = self.active().iter().find(|active| active.run == run).cloned() else { return };
        let (start, end) = (since(active.started, start), since(active.started, end));
        let lanes = &mut *lock(&active.lanes);
        lanes.lanes[Lanes::COMPUTE].add(Span { start, end, stage: stage as u32, chunk, bytes }, self.keep.spans);
        if lanes.device.len() <= stage {
            lanes.device.resize(stage + 1, (0, 0));
        }
        let (time, sum) = &mut lanes.device[stage];
        (*time, *sum) = (*time + took.as_nanos() as u64, *sum + bytes);
    }

    /// What a link did, or the device for nobody in particular: it serves all runs that are under way. The oldest keeps the span by itself.
    fn link(&self, lane: Lane, start: Instant, end: Instant, bytes: u64) {
        let Some(lane) = Lanes::NAMES.iter().position(|name| *name == lane.name()) else { return };
        let mut keep = self.keep.spans;
        for active in self.active().iter().filter(|active| end > active.started) {
            let (start, end) = (since(active.started, start), since(active.started, end));
            let span = Span { start, end, stage: Span::NO_STAGE, chunk: 0, bytes };
            lock(&active.lanes).lanes[lane].add(span, keep);
            keep = 0;
        }
    }

    fn memory(&self, held: [u64; 3]) {
        self.held.iter().zip(held).for_each(|(known, now)| known.store(now, Ordering::Relaxed));
        let now = Instant::now();
        for active in self.active().iter() {
            let mut lanes = lock(&active.lanes);
            lanes.memory.bucket(since(active.started, now)).merge(&Level(Some(held)));
            lanes.peaks.iter_mut().zip(held).for_each(|(peak, now)| *peak = now.max(*peak));
        }
    }

    /// For each run under way that `run` means (0: all).
    fn lanes(&self, run: u64, mut write: impl FnMut(&mut Lanes, u64)) {
        for active in self.active().iter().filter(|active| run == 0 || active.run == run) {
            write(&mut lock(&active.lanes), since(active.started, Instant::now()));
        }
    }
}

impl Observer for Recorder {
    fn event(&self, event: &Event) {
        match event {
            Event::Started { run, stage, start, .. } => self.row(*run, |row| {
                row.counts[*stage].started += 1;
                row.row.current = Some((*stage as u32, since(row.started, *start)));
            }),
            Event::Ended { run, stage, chunk, start, end, bytes, .. } => self.row(*run, |row| {
                let (start, end) = (since(row.started, *start), since(row.started, *end));
                let count = &mut row.counts[*stage];
                count.done += 1;
                count.busy += end - start;
                count.bytes += bytes;
                row.row.current = None;
                let span = Span { start, end, stage: *stage as u32, chunk: *chunk, bytes: *bytes };
                row.row.timeline.add(span, self.keep.spans);
            }),
            Event::Moved { lane, start, end, bytes, .. } => self.link(*lane, *start, *end, *bytes),
            Event::Device { task, start, end, took, bytes } => self.device(*task, (*start, *end), *took, *bytes),
            Event::Memory { host, device, disk } => self.memory([*host, *device, *disk]),
            Event::Planned { run, stages, tasks, host_bytes, device_bytes, host_limit, device_limit, held } => {
                // The room of its own results is predicted, and not what was held at the end of the run before.
                let before = self.held();
                let planned = Planned {
                    stages: stages.clone(),
                    tasks: *tasks,
                    // A client holds no more than its limits, whatever was predicted.
                    host_bytes: (*host_bytes).min(*host_limit),
                    device_bytes: (*device_bytes).min(*device_limit),
                    host_limit: *host_limit,
                    device_limit: *device_limit,
                    kept: [before[0].min(held.0), before[1].min(held.1)],
                };
                self.planned(*run, planned);
            }
            Event::Evicted { device, bytes } => {
                self.lanes(0, |lanes, _| lanes.evicted[usize::from(!*device)] += bytes);
            }
            Event::Fallback { run, what, reason } => {
                let text = format!("{what}: {reason}");
                // A run is repeated after it has ended.
                if self.active().is_empty() {
                    let mut pending = lock(&self.pending);
                    pending.truncate(NOTES - 1);
                    pending.push(text);
                } else {
                    self.lanes(*run, |lanes, at| {
                        if lanes.notes.len() < NOTES {
                            lanes.notes.push((at, text.clone()));
                        }
                    });
                }
            }
            Event::Finished { run, error } => self.finished(*run, error.as_deref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(run: u64) -> Event {
        let stages = vec![StageInfo { tasks: 4, ..StageInfo::default() }];
        Event::Planned {
            run,
            stages,
            tasks: 4,
            host_bytes: 9,
            device_bytes: 9,
            host_limit: 5,
            device_limit: 0,
            held: (0, 0),
        }
    }
    fn task(recorder: &Recorder, run: u64) {
        recorder.event(&Event::Started { run, stage: 0, chunk: 0, start: Instant::now() });
        let now = Instant::now();
        let end = Event::Ended { run, stage: 0, chunk: 0, lane: Lane::Host, start: now, end: now, bytes: 8 };
        recorder.event(&end);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let recorder = Recorder::new(Keep { runs: 3, details: 1, spans: 2 });
        for run in 1..=5 {
            recorder.event(&plan(run));
            (0..4).for_each(|_| task(&recorder, run));
            recorder.event(&Event::Finished { run, error: None });
        }
        let mut kept = Vec::new();
        recorder.each(|run| kept.push((run.run, run.done(), run.detailed, run.rows.len())));
        assert_eq!(kept, [(3, 4, false, 0), (4, 4, false, 0), (5, 4, true, 1)]);
        assert_eq!(recorder.forgotten(), 2);
        let line = &recorder.latest().unwrap().rows[0].timeline;
        assert_eq!((line.spans.len(), line.dropped, line.tasks, line.bytes), (2, 2, 4, 32));
        assert!(recorder.parts.iter().all(|part| lock(&part.0).is_empty()));
        // No more is predicted than may be held.
        assert_eq!(recorder.latest().unwrap().planned.host_bytes, 5);
    }

    #[test]
    fn a_device_is_believed_how_long_its_kernels_took() {
        let recorder = Recorder::new(Keep::PAGE);
        recorder.event(&plan(1));
        // Converted to the host's time they lie closer together, and the first begins before the run.
        let now = Instant::now();
        let start = now.checked_sub(Duration::from_secs(1)).unwrap_or(now);
        for (start, end, took) in [(start, now, 5), (now, now, 7)] {
            let took = Duration::from_millis(took);
            recorder.event(&Event::Device { task: Some((1, 0, 0)), start, end, took, bytes: 10 });
        }
        assert_eq!(recorder.run(1).unwrap().lanes.device, [(12_000_000, 20)]);
    }

    #[test]
    fn runs_are_told_apart_and_links_serve_them_all() {
        let recorder = Recorder::new(Keep::PAGE);
        recorder.event(&plan(1));
        recorder.event(&plan(2));
        task(&recorder, 1);
        std::thread::scope(|scope| scope.spawn(|| task(&recorder, 1)).join()).unwrap();
        recorder.event(&Event::Started { run: 2, stage: 0, chunk: 3, start: Instant::now() });
        // A task of a run that was not heard from its start.
        task(&recorder, 77);
        let (start, end) = (Instant::now(), Instant::now() + Duration::from_millis(2));
        recorder.event(&Event::Moved { run: 0, lane: Lane::Upload, start, end, bytes: 100 });
        let (one, two) = (recorder.run(1).unwrap(), recorder.run(2).unwrap());
        assert_eq!((one.done(), one.rows.len()), (2, 2));
        assert_eq!((two.done(), two.counts[0].started, two.rows[0].current.is_some()), (0, 1, true));
        assert_eq!([&one, &two].map(|run| run.lanes.lanes[0].bytes), [100, 100]);
        assert_eq!([&one, &two].map(|run| run.lanes.lanes[0].spans.len()), [1, 0]);
        recorder.event(&Event::Finished { run: 2, error: Some("lost".into()) });
        assert_eq!(recorder.run(2).unwrap().state, State::Failed("lost".into()));
        assert!(recorder.run(77).is_none() && recorder.latest().unwrap().run == 1);
    }
}
