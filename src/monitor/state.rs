//! The recording as JSON: what the pages draw and the endpoint gives. Its size is bounded by threads and stages, not by tasks.

use serde_json::{Value, json};

use super::facts::Facts;
use super::record::{Lanes, Row, RunRecord, State};
use super::recorder::Recorder;
use super::timeline::{BUCKETS, Level, Series, TOLD_APART, Timeline};
use crate::event::Lane;

/// Stages of a run that are listed; of more, those with the most time.
const STAGES: usize = 256;
/// Characters of a stage's title: a fused kernel may have thousands.
const TITLE: usize = 400;

/// All that pages show: the client, the runs that are kept, and one run (the latest, or that of a number) in detail. Times are in
/// nanoseconds, from the recording's start or that of the run.
#[must_use]
pub fn state(recorder: &Recorder, facts: &Facts, run: Option<u64>) -> Value {
    let mut runs = Vec::new();
    recorder.each(|record| runs.push(summary(record)));
    let run = match run {
        Some(number) => recorder.run(number),
        None => recorder.latest(),
    };
    let [host, device, disk] = recorder.held();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "now_ns": nanos(recorder.epoch().elapsed()),
        "client": facts.json(),
        "held": { "host": host, "device": device, "disk": disk },
        "forgotten": recorder.forgotten(),
        "runs": runs,
        "run": run.map(|record| detail(&record)),
    })
}

fn nanos(time: std::time::Duration) -> u64 {
    time.as_nanos() as u64
}

fn summary(record: &RunRecord) -> Value {
    let (state, error) = match &record.state {
        State::Running => ("running", None),
        State::Done => ("done", None),
        State::Failed(error) => ("failed", Some(error.as_str())),
    };
    json!({
        "run": record.run,
        "started_ns": nanos(record.started),
        "wall_ns": nanos(record.wall),
        "state": state,
        "error": error,
        "stages": record.stages().len(),
        "tasks": record.tasks(),
        "done": record.done(),
        "detailed": record.detailed,
        "report": record.report.as_ref().map(ToString::to_string),
    })
}

/// A run with its stages, threads, lanes and memory.
pub(super) fn detail(record: &RunRecord) -> Value {
    let mut value = summary(record);
    let planned = &record.planned;
    let width = width(record);
    let rows: Vec<Value> = if record.detailed { rows(record, width) } else { Vec::new() };
    value["predicted"] = json!({ "host": planned.host_bytes, "device": planned.device_bytes });
    value["kept"] = json!({ "host": planned.kept[0], "device": planned.kept[1] });
    value["limits"] = json!({ "host": planned.host_limit, "device": planned.device_limit });
    value["kernels"] = kernels(record);
    value["width_ns"] = json!(width);
    value["rows"] = json!(rows);
    value["memory"] = memory(&record.lanes, width);
    value["evicted"] = json!({ "device": record.lanes.evicted[0], "host": record.lanes.evicted[1] });
    let notes = record.lanes.notes.iter().map(|(at, text)| json!({ "at_ns": at, "text": text }));
    value["notes"] = notes.collect();
    value["report_details"] = json!(record.report.as_ref().map(crate::schedule::RunReport::details));
    value["numbers"] = json!(record.report.as_ref().map(numbers));
    value
}

/// What the run's report says.
fn numbers(report: &crate::schedule::RunReport) -> Value {
    let busy: serde_json::Map<String, Value> =
        Lane::ALL.iter().zip(&report.busy).map(|(lane, busy)| (lane.name().to_owned(), json!(nanos(*busy)))).collect();
    json!({
        "wall_ns": nanos(report.wall),
        "busy_ns": busy,
        "overlap_ns": nanos(report.overlap),
        "cpu_tasks": report.cpu_tasks,
        "gpu_tasks": report.gpu_tasks,
        "uploaded": report.uploaded_bytes,
        "downloaded": report.downloaded_bytes,
        "spilled": report.spilled_bytes,
        "restored": report.restored_bytes,
        "peak_host": report.peak_host_bytes,
        "peak_device": report.peak_device_bytes,
        "fallbacks": report.fallbacks,
    })
}

/// Stages: with state, counts and bytes.
fn kernels(record: &RunRecord) -> Value {
    let mut listed: Vec<usize> = (0..record.stages().len()).collect();
    if listed.len() > STAGES {
        listed.sort_by_key(|&stage| std::cmp::Reverse((record.counts[stage].busy, record.counts[stage].started)));
        listed.truncate(STAGES);
        listed.sort_unstable();
    }
    let one = |stage: usize| {
        let (info, count) = (&record.stages()[stage], record.counts[stage]);
        let state = match (&record.state, count) {
            _ if info.tasks == 0 => "there",
            (_, count) if count.done == info.tasks => "done",
            (State::Running, count) if count.started > 0 => "running",
            (State::Running, _) => "waiting",
            (State::Failed(_), count) if count.started > count.done => "failed",
            // Tasks whose chunks nobody needed.
            (State::Done, _) => "done",
            _ => "not run",
        };
        json!({
            "stage": stage,
            "title": shortened(&info.title),
            "device": info.device,
            "inputs": info.inputs,
            "tasks": info.tasks,
            "started": count.started,
            "done": count.done,
            "busy_ns": count.busy,
            "bytes": record.stage_bytes(stage),
            "device_ns": record.lanes.device.get(stage).map_or(0, |(time, _)| *time),
            "device_bytes": record.lanes.device.get(stage).map_or(0, |(_, bytes)| *bytes),
            "state": state,
        })
    };
    listed.into_iter().map(one).collect()
}

fn shortened(title: &str) -> String {
    match title.char_indices().nth(TITLE) {
        Some((at, _)) => format!("{}…", &title[..at]),
        None => title.to_owned(),
    }
}

/// The width of buckets in which all of a run is drawn.
fn width(record: &RunRecord) -> u64 {
    let all = record.rows.iter().map(|row| &row.timeline).chain(&record.lanes.lanes);
    let widest = all.map(|line| line.series.width()).chain([record.lanes.memory.width()]).max().unwrap_or(1);
    let mut width = widest;
    while nanos(record.wall) / width >= BUCKETS as u64 {
        width *= 2;
    }
    width
}

fn rows(record: &RunRecord, width: u64) -> Vec<Value> {
    let threads = record.rows.iter().map(|Row { name, timeline, current }| {
        let now = current.map(|(stage, start)| json!({ "stage": stage, "start_ns": start }));
        row("cpu", name, timeline, now, width)
    });
    let lanes = Lanes::NAMES.iter().zip(&record.lanes.lanes).map(|(name, line)| row(name, name, line, None, width));
    threads.chain(lanes).collect()
}

/// A row of the task stream: buckets as `[number, tasks, bytes, permille of others, stage, permille, ...]` without empty ones, and
/// single spans as `[start, end, stage, chunk, bytes]` where all are known.
fn row(kind: &str, name: &str, line: &Timeline, current: Option<Value>, width: u64) -> Value {
    let series = line.series.clone().at_width(width);
    let permille = |time: u64| (1000.0 * time as f64 / width as f64).round() as u64;
    let busy = series.buckets().iter().enumerate().filter(|(_, bucket)| bucket.busy() > 0 || bucket.bytes > 0);
    let buckets = busy.map(|(i, bucket)| {
        let mut flat = Vec::with_capacity(4 + 2 * TOLD_APART);
        flat.extend([i as u64, bucket.tasks, bucket.bytes, permille(bucket.other)]);
        for (stage, time) in bucket.stages.iter().filter(|(_, time)| *time > 0) {
            flat.extend([u64::from(*stage), permille(*time)]);
        }
        flat
    });
    let buckets: Vec<Vec<u64>> = buckets.collect();
    let spans = (line.dropped == 0).then(|| {
        let flat = line.spans.iter().map(|s| [s.start, s.end, u64::from(s.stage), s.chunk, s.bytes]);
        flat.collect::<Vec<_>>()
    });
    json!({
        "kind": kind,
        "name": name,
        "busy_ns": line.busy,
        "tasks": line.tasks,
        "bytes": line.bytes,
        "current": current,
        "buckets": buckets,
        "spans": spans,
    })
}

/// Bytes held over time: where nothing was told, what was told before. With the peaks.
fn memory(lanes: &Lanes, width: u64) -> Value {
    let series: Series<Level> = lanes.memory.clone().at_width(width);
    let mut last = [0; 3];
    let mut pools: [Vec<u64>; 3] = Default::default();
    for Level(level) in series.buckets() {
        last = level.unwrap_or(last);
        pools.iter_mut().zip(last).for_each(|(pool, held)| pool.push(held));
    }
    let [host, device, disk] = pools;
    let [host_peak, device_peak, disk_peak] = lanes.peaks;
    json!({
        "host": host,
        "device": device,
        "disk": disk,
        "peaks": { "host": host_peak, "device": device_peak, "disk": disk_peak },
    })
}
