//! A recording as a trace: the JSON that `chrome://tracing`, Perfetto and Speedscope read. A track a thread, a lane, and one for the runs;
//! device times are the host's (the backend converts them).

use std::collections::HashMap;
use std::io::{self, Seek, SeekFrom, Write};

use serde_json::{Value, json};

use super::record::{Lanes, RunRecord, State};
use super::timeline::{Level, Span, Timeline};

/// What ends the file: it is written over when more comes.
const END: &[u8] = b"\n]}\n";

/// Writes a trace: well-formed after each call.
#[derive(Debug)]
pub(crate) struct TraceWriter<W> {
    to: W,
    first: bool,
    /// Tracks that were named, by process and name.
    tracks: HashMap<(u64, String), u64>,
    /// When the last run of each of a process's tracks of runs ended: runs of several threads overlap, and spans of a track must not.
    run_ends: HashMap<u64, Vec<u64>>,
}

/// Times of a run, in microseconds of the trace.
struct TraceTime {
    started: f64,
}

impl TraceTime {
    fn at(&self, nanos: u64) -> f64 {
        self.started + nanos as f64 / 1e3
    }
}

impl<W: Write + Seek> TraceWriter<W> {
    /// A trace without events.
    ///
    /// # Errors
    /// Those of writing.
    pub(crate) fn new(mut to: W) -> io::Result<Self> {
        to.write_all(b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")?;
        to.write_all(END)?;
        to.flush()?;
        Ok(Self { to, first: true, tracks: HashMap::new(), run_ends: HashMap::new() })
    }
    /// Names a process: a client.
    ///
    /// # Errors
    /// Those of writing.
    pub(crate) fn client(&mut self, process: u64, name: &str) -> io::Result<()> {
        self.append(vec![
            json!({ "ph": "M", "name": "process_name", "pid": process, "tid": 0, "args": { "name": name } }),
        ])
    }
    /// Adds runs of a process; `offset` is the time from the trace's zero to their recorder's.
    ///
    /// # Errors
    /// Those of writing.
    pub(crate) fn runs(&mut self, process: u64, runs: &[RunRecord], offset: u64) -> io::Result<()> {
        for run in runs {
            let events = self.events(process, run, offset);
            self.append(events)?;
        }
        Ok(())
    }

    fn append(&mut self, events: Vec<Value>) -> io::Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        self.to.seek(SeekFrom::End(-(END.len() as i64)))?;
        for event in events {
            self.to.write_all(if std::mem::take(&mut self.first) { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut self.to, &event)?;
        }
        self.to.write_all(END)?;
        self.to.flush()
    }

    /// A track's number; a new one is named.
    fn track(&mut self, process: u64, name: String, events: &mut Vec<Value>) -> u64 {
        let next = self.tracks.len() as u64 + 1;
        *self.tracks.entry((process, name)).or_insert_with_key(|(_, name)| {
            let args = json!({ "name": name });
            events.push(json!({ "ph": "M", "name": "thread_name", "pid": process, "tid": next, "args": args }));
            let args = json!({ "sort_index": next });
            events.push(json!({ "ph": "M", "name": "thread_sort_index", "pid": process, "tid": next, "args": args }));
            next
        })
    }

    fn events(&mut self, process: u64, run: &RunRecord, offset: u64) -> Vec<Value> {
        let mut events = Vec::new();
        let begin = run.started.as_nanos() as u64 + offset;
        let (clock, long) = (TraceTime { started: begin as f64 / 1e3 }, run.wall.as_nanos() as u64);
        let error = match &run.state {
            State::Failed(error) => Some(error.as_str()),
            State::Running | State::Done => None,
        };
        let ends = self.run_ends.entry(process).or_default();
        let free = ends.iter().position(|end| *end <= begin).unwrap_or(ends.len());
        ends.resize(ends.len().max(free + 1), 0);
        ends[free] = begin + long;
        let track = self.track(process, numbered("runs", free), &mut events);
        events.push(json!({
            "ph": "X", "cat": "run", "name": format!("run {}", run.run), "pid": process, "tid": track,
            "ts": clock.at(0), "dur": long as f64 / 1e3,
            "args": {
                "tasks": run.tasks(), "done": run.done(), "error": error, "spans left out": run.dropped(),
                "predicted host bytes": run.planned.host_bytes, "predicted device bytes": run.planned.device_bytes,
            },
        }));
        for row in &run.rows {
            let track = self.track(process, row.name.to_string(), &mut events);
            self.spans(process, track, "task", run, &row.timeline.spans, &clock, &mut events);
        }
        for (name, line) in Lanes::NAMES.iter().zip(&run.lanes.lanes) {
            for (i, spans) in apart(line).into_iter().enumerate() {
                let track = self.track(process, numbered(name, i), &mut events);
                self.spans(process, track, "lane", run, &spans, &clock, &mut events);
            }
        }
        let mut last = None;
        for (i, Level(level)) in run.lanes.memory.buckets().iter().enumerate() {
            let Some([host, device, disk]) = level.filter(|level| last != Some(*level)) else { continue };
            last = *level;
            let at = clock.at(i as u64 * run.lanes.memory.width());
            let args = json!({ "host": host, "device": device, "disk": disk });
            events.push(json!({ "ph": "C", "name": "bytes held", "pid": process, "tid": 0, "ts": at, "args": args }));
        }
        for (at, text) in &run.lanes.notes {
            events.push(json!({
                "ph": "i", "s": "p", "cat": "note", "name": text, "pid": process, "tid": 0, "ts": clock.at(*at),
            }));
        }
        events
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one event")]
    fn spans(
        &self,
        process: u64,
        track: u64,
        kind: &str,
        run: &RunRecord,
        spans: &[Span],
        clock: &TraceTime,
        events: &mut Vec<Value>,
    ) {
        for span in spans {
            let stage = run.stages().get(span.stage as usize);
            let name = stage.map_or("busy", |stage| stage.title.as_str());
            let args = match stage {
                Some(stage) => json!({
                    "run": run.run, "stage": span.stage, "chunk": span.chunk, "bytes": span.bytes, "on": stage.device,
                }),
                None => json!({ "run": run.run, "bytes": span.bytes }),
            };
            events.push(json!({
                "ph": "X", "cat": kind, "name": name, "pid": process, "tid": track,
                "ts": clock.at(span.start), "dur": span.end.saturating_sub(span.start) as f64 / 1e3, "args": args,
            }));
        }
    }
}

fn numbered(name: &str, i: usize) -> String {
    if i == 0 { name.to_owned() } else { format!("{name} {}", i + 1) }
}

/// A lane's spans in as few lists as there are at the same time: several threads copy at once, and spans of a track may not overlap.
fn apart(line: &Timeline) -> Vec<Vec<Span>> {
    let mut spans = line.spans.clone();
    spans.sort_by_key(|span| span.start);
    let mut tracks: Vec<Vec<Span>> = Vec::new();
    for span in spans {
        let free = tracks.iter_mut().find(|track| track.last().is_none_or(|last| last.end <= span.start));
        match free {
            Some(track) => track.push(span),
            None => tracks.push(vec![span]),
        }
    }
    tracks
}

/// Writes runs as a trace.
///
/// # Errors
/// Those of writing.
pub fn write_trace(to: impl Write + Seek, client: &str, runs: &[RunRecord]) -> io::Result<()> {
    let mut writer = TraceWriter::new(to)?;
    writer.client(1, client)?;
    writer.runs(1, runs, 0)
}
