//! Traces and saved reports: well-formed, and of the runs they say.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gridloom::event::{Event, Observer};
use gridloom::random::Generator;
use gridloom::{Client, RunReport};
use serde_json::Value;

/// A span of a trace in microseconds.
#[derive(Debug)]
struct Span {
    track: String,
    category: String,
    start: f64,
    end: f64,
    args: Value,
}

/// The spans of a trace; all its tracks must have names.
fn spans(text: &str) -> Vec<Span> {
    let trace: Value = serde_json::from_str(text).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("events");
    let mut names = HashMap::new();
    for event in events.iter().filter(|event| event["name"] == "thread_name") {
        names.insert(event["tid"].as_u64().unwrap(), event["args"]["name"].as_str().unwrap().to_owned());
    }
    let span = |event: &Value| {
        let start = event["ts"].as_f64().unwrap();
        Span {
            track: names.get(&event["tid"].as_u64().unwrap()).expect("a track with a name").clone(),
            category: event["cat"].as_str().unwrap().to_owned(),
            start,
            end: start + event["dur"].as_f64().unwrap(),
            args: event["args"].clone(),
        }
    };
    events.iter().filter(|event| event["ph"] == "X").map(span).collect()
}

fn run_of(report: &RunReport, spans: &[Span]) -> (f64, f64) {
    let run = spans
        .iter()
        .filter(|span| span.category == "run")
        .find(|span| span.args["tasks"] == report.cpu_tasks + report.gpu_tasks);
    let run = run.expect("the run");
    (run.start, run.end)
}

#[test]
fn a_profile_has_every_task_in_its_threads_track_and_within_its_run() {
    let client = Client::builder().workers(2).no_progress().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let n = 1 << 20;
    // Not recorded.
    client.compute(&gridloom::arange::<f32>(n).sum()).unwrap();
    let unheard = client.last_run().unwrap();
    assert!(unheard.kernels.iter().all(|kernel| kernel.device.is_none()));
    assert!(unheard.kernels.iter().all(|kernel| kernel.bytes_per_second().is_none() == kernel.on_device));
    let profile = client.profile();
    let data = ndarray::Array1::from_shape_fn(n, |i| i as f32);
    let x = gridloom::from_ndarray(data, 1 << 16).unwrap();
    client.compute(&(&x * 2.0 + 1.0).sqrt()).unwrap();
    let report = client.last_run().unwrap();
    profile.save(&path).unwrap();
    let spans = spans(&fs::read_to_string(&path).unwrap());
    let (from, to) = run_of(&report, &spans);
    assert!((to - from) / 1e6 <= report.wall.as_secs_f64() + 0.05, "{report}");
    // On a device, chunks that are there already are brought by tasks of their own.
    let tasks: Vec<&Span> =
        spans.iter().filter(|span| span.category == "task" && span.args["on"] != "memory").collect();
    assert_eq!(tasks.len() as u64, report.cpu_tasks + report.gpu_tasks);
    for span in &spans {
        assert!(span.start >= from - 1.0 && span.end <= to + 1.0 && span.start <= span.end, "{span:?} of {from}..{to}");
    }
    // In a track nothing overlaps.
    let mut tracks: HashMap<&str, Vec<&Span>> = HashMap::new();
    spans.iter().for_each(|span| tracks.entry(&span.track).or_default().push(span));
    for (track, mut spans) in tracks.clone() {
        spans.sort_by(|a, b| a.start.total_cmp(&b.start));
        assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start + 0.01), "{track}: {spans:?}");
    }
    assert!(tracks.keys().all(|name| {
        ["runs", "upload", "compute", "download", "disk", "gridloom"].iter().any(|known| name.starts_with(known))
            || tasks.iter().any(|task| task.track == **name)
    }));
    // Lanes: bytes as reported, and at the same time where the report says that two were.
    let lane = |name: &str| {
        spans.iter().filter(|span| span.category == "lane" && span.track.starts_with(name)).collect::<Vec<_>>()
    };
    let bytes = |name: &str| lane(name).iter().map(|span| span.args["bytes"].as_u64().unwrap()).sum::<u64>();
    if report.gpu_tasks > 0 {
        assert!(bytes("upload") > 0 && bytes("upload") <= report.uploaded_bytes, "{report}");
        assert!(!lane("compute").is_empty() && !lane("download").is_empty());
        // The device's own times, task by task (the software adapters have timestamps between kernels), as the report has them.
        let told: HashSet<_> = lane("compute").iter().map(|span| (&span.args["stage"], &span.args["chunk"])).collect();
        assert_eq!(told.len() as u64, report.gpu_tasks, "{:?}", lane("compute"));
        let on_device = report.kernels.iter().filter(|kernel| kernel.on_device);
        let device: f64 = on_device.map(|kernel| kernel.device.expect("told").as_secs_f64()).sum();
        let drawn: f64 = lane("compute").iter().map(|span| (span.end - span.start) / 1e6).sum();
        assert!(
            device > 0.0 && drawn <= 1.02 * device + 1e-3,
            "{drawn} s drawn, {device} s told: {}",
            report.details()
        );
        assert!(report.details().contains("s on the device, "), "{}", report.details());
        if report.overlap.as_secs_f64() > 0.2 * report.wall.as_secs_f64() {
            // The report's lanes count waiting too (for the device's memory, for what is fetched): a thread that waits shows as its
            // task, or as the kernels that it waits for.
            let busy: Vec<&Span> = spans.iter().filter(|span| span.category != "run").collect();
            let meet = |a: &Span, b: &Span| a.track != b.track && a.start < b.end && b.start < a.end;
            let any = busy.iter().any(|a| busy.iter().any(|b| meet(a, b)));
            assert!(any, "two lanes were busy at once for {:?}, and no two spans are", report.overlap);
        }
    } else {
        assert!(lane("upload").is_empty() && lane("compute").is_empty());
    }
    // Dropped, it records no more.
    drop(profile);
    assert!(fs::read_to_string(&path).unwrap().ends_with("]}\n"));
}

/// What was told of one run: its stages that have tasks, and how long the device took for each.
#[derive(Default)]
struct Told(Mutex<Vec<(usize, Duration)>>);

impl Observer for Told {
    fn event(&self, event: &Event) {
        let mut stages = self.0.lock().unwrap();
        match event {
            Event::Planned { stages: planned, .. } => {
                let with_tasks = planned.iter().enumerate().filter(|(_, stage)| stage.tasks > 0);
                *stages = with_tasks.map(|(id, _)| (id, Duration::ZERO)).collect();
            }
            Event::Device { task: Some((_, id, _)), took, .. } => {
                stages.iter_mut().filter(|(stage, _)| stage == id).for_each(|(_, sum)| *sum += *took);
            }
            // So slow that the device goes on between what was told last and the report.
            Event::Memory { .. } => std::thread::sleep(Duration::from_millis(5)),
            _ => {}
        }
    }
}

#[test]
fn what_a_report_says_of_the_device_was_told() {
    let client = Client::builder().workers(2).no_progress().build().unwrap();
    let told = Arc::new(Told::default());
    client.observe(told.clone());
    let check = || {
        let (report, told) = (client.last_run().unwrap(), told.0.lock().unwrap().clone());
        assert_eq!(report.kernels.len(), told.len());
        for (kernel, (_, sum)) in report.kernels.iter().zip(told) {
            assert!(kernel.device.is_none_or(|known| known == sum), "{sum:?} told:\n{}", report.details());
        }
    };
    for seed in 0..20 {
        let x = Generator::new(seed).normal(0.0f32, 1.0, (700, 300)).rechunk(100).unwrap();
        // Ends while its kernels run: nobody reads what they make.
        let kept = x.persist_with(&client).unwrap();
        check();
        client.compute((&(&kept - &kept.mean_keepdims(0).unwrap()).std(0.0).unwrap(), &kept.max().unwrap())).unwrap();
        check();
    }
}

#[test]
fn threads_overlap_where_both_worked() {
    let client =
        Client::builder().backend(gridloom::Backend::Cpu).workers(2).task_elements(1).no_progress().build().unwrap();
    let profile = client.profile();
    let slow = |chunk: ndarray::ArrayViewD<'_, f64>| {
        std::thread::sleep(Duration::from_millis(2));
        chunk.to_owned()
    };
    let x = gridloom::arange::<f64>(100_000).rechunk(2000).unwrap().map_chunks("<b>slow</b>", slow);
    client.compute(&x.sum()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    profile.save(&path).unwrap();
    let spans = spans(&fs::read_to_string(&path).unwrap());
    let tasks: Vec<&Span> = spans.iter().filter(|span| span.category == "task").collect();
    let mut tracks: Vec<&str> = tasks.iter().map(|span| span.track.as_str()).collect();
    tracks.sort_unstable();
    tracks.dedup();
    assert_eq!(tracks.len(), 2, "{tracks:?}");
    let meet = |a: &Span, b: &Span| a.track != b.track && a.start < b.end && b.start < a.end;
    assert!(tasks.iter().any(|a| tasks.iter().any(|b| meet(a, b))), "two threads at once");
}

#[test]
fn a_trace_that_cannot_be_written_is_an_error() {
    let client = Client::builder().backend(gridloom::Backend::Cpu).no_progress().build().unwrap();
    let error = client.profile().save("/no such folder/run.json").unwrap_err();
    assert!(matches!(&error, gridloom::Error::Io { op: "profile", .. }), "{error}");
    let error = client.save_report("/no such folder/run.html").unwrap_err();
    assert!(matches!(&error, gridloom::Error::Io { op: "save_report", .. }), "{error}");
}

/// Run again by the test below, in a process of its own with the variable set.
#[test]
fn child_with_the_environments_trace() {
    if std::env::var_os("GRIDLOOM_TRACE").is_none() {
        return;
    }
    let build = || Client::builder().backend(gridloom::Backend::Cpu).no_progress().build().unwrap();
    let (one, two) = (build(), build());
    for client in [&one, &two, &one] {
        client.compute(&gridloom::arange::<f64>(1000).sum()).unwrap();
    }
    // The last client is never dropped, as a default one.
    std::mem::forget(one);
}

#[test]
fn the_environment_names_a_trace_of_the_whole_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let child = |path: &std::path::Path| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "trace::child_with_the_environments_trace", "--nocapture"])
            .env("GRIDLOOM_TRACE", path);
        command.output().unwrap()
    };
    let output = child(&path);
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&path).unwrap();
    let runs: Vec<Span> = spans(&text).into_iter().filter(|span| span.category == "run").collect();
    assert_eq!(runs.len(), 3);
    assert!(runs.windows(2).all(|pair| pair[0].end <= pair[1].start), "one after another, on one clock: {runs:?}");
    assert_eq!(text.matches("process_name").count(), 2, "two clients");
    let refused = child(std::path::Path::new("/no such folder/run.json"));
    assert!(
        !refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("GRIDLOOM_TRACE"),
        "{refused:?}"
    );
}

/// The data that is frozen in a page.
fn frozen(page: &str) -> Value {
    let from = page.find("const FROZEN = ").expect("data") + "const FROZEN = ".len();
    serde_json::from_str(&page[from..from + page[from..].find(";\n").unwrap()]).expect("JSON")
}

#[test]
fn a_saved_report_holds_what_was_recorded_or_says_that_nothing_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.html");
    for record in [true, false] {
        let builder = Client::builder().backend(gridloom::Backend::Cpu).workers(2).no_progress();
        let client = if record { builder.record() } else { builder }.build().unwrap();
        let x = gridloom::arange::<f64>(10_000).rechunk(100).unwrap();
        let x = x.map_chunks("</script><script>alert(1)</script>", |chunk| chunk.to_owned());
        client.compute(&x.sum()).unwrap();
        client.compute(&x.max().unwrap()).unwrap();
        client.save_report(&path).unwrap();
        let page = fs::read_to_string(&path).unwrap();
        assert_eq!(page.matches("<script").count(), 1, "names stay text");
        assert_eq!(page.matches("</script>").count(), 1);
        let (data, report) = (frozen(&page), client.last_run().unwrap());
        assert_eq!(data["run"]["run"], report.run);
        assert_eq!(data["run"]["done"], report.cpu_tasks);
        assert_eq!(data["run"]["detailed"], record);
        assert_eq!(data["note"].is_null(), record);
        assert_eq!(data["details"].as_object().unwrap().len(), if record { 2 } else { 1 });
        assert!(data["run"]["kernels"][1]["title"].as_str().is_none_or(|title| !title.is_empty()));
        assert!(page.contains("Content-Security-Policy"));
    }
}

#[cfg(feature = "tracing")]
mod subscriber {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    /// Counts spans by name, and those that were entered.
    #[derive(Default)]
    struct Counting {
        next: AtomicU64,
        seen: Mutex<Vec<(String, Option<Id>, String)>>,
        entered: AtomicU64,
    }
    struct Fields(String);
    impl Visit for Fields {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            self.0 += &format!("{}={value:?};", field.name());
        }
    }
    impl Subscriber for Counting {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() == "gridloom"
        }
        fn new_span(&self, span: &Attributes<'_>) -> Id {
            let mut fields = Fields(String::new());
            span.record(&mut fields);
            self.seen.lock().unwrap().push((span.metadata().name().to_owned(), span.parent().cloned(), fields.0));
            Id::from_u64(self.next.fetch_add(1, Ordering::SeqCst) + 1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {}
        fn enter(&self, _: &Id) {
            self.entered.fetch_add(1, Ordering::SeqCst);
        }
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn a_subscriber_sees_a_span_a_run_and_a_span_a_task_below_it() {
        // In a process of its own: what other tests' threads do settles for all whether anybody listens.
        if std::env::var_os("GRIDLOOM_TEST_CHILD").is_none() {
            let mut child = std::process::Command::new(std::env::current_exe().unwrap());
            let name = "trace::subscriber::a_subscriber_sees_a_span_a_run_and_a_span_a_task_below_it";
            let output = child.args(["--exact", name]).env("GRIDLOOM_TEST_CHILD", "1").output().unwrap();
            assert!(output.status.success(), "{output:?}");
            return;
        }
        let counting = Arc::new(Counting::default());
        // One thread: a subscriber of a test is that of its own thread alone.
        let client =
            gridloom::Client::builder().backend(gridloom::Backend::Cpu).workers(1).no_progress().build().unwrap();
        tracing::subscriber::with_default(counting.clone(), || {
            client.compute(&gridloom::arange::<f64>(1000).rechunk(100).unwrap().sum()).unwrap();
        });
        let tasks = client.last_run().unwrap().cpu_tasks;
        let seen = counting.seen.lock().unwrap();
        assert_eq!(seen[0].0, "run");
        assert!(seen[0].2.contains(&format!("tasks={tasks};")), "{}", seen[0].2);
        assert_eq!(seen.len() as u64, 1 + tasks);
        assert_eq!(counting.entered.load(Ordering::SeqCst), tasks);
        for (name, parent, fields) in &seen[1..] {
            assert!(name == "task" && *parent == Some(Id::from_u64(1)), "{name} {parent:?}");
            assert!(
                fields.contains("stage=") && fields.contains("title=") && fields.contains("on=\"cpu\""),
                "{fields}"
            );
        }
    }
}
