//! [`TraceFile`]: the trace of a process, by the environment. It is whole after each run: default clients are never dropped.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use super::recorder::{Keep, Recorder};
use super::trace::TraceWriter;
use crate::error::{Error, Result};
use crate::event::{Event, Observer};

/// A file that takes the runs of all clients of the process, each as it ends.
#[derive(Debug)]
pub(crate) struct TraceFile {
    writer: Mutex<Writer>,
    epoch: Instant,
}

#[derive(Debug)]
struct Writer {
    trace: TraceWriter<BufWriter<File>>,
    clients: u64,
    failed: bool,
}

impl TraceFile {
    /// The process's trace at `path`, made now if there is none. There is one a process: the first path counts.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be made, or is there and no regular one: a trace goes back to its end after each run.
    pub(crate) fn of_process(path: &Path) -> Result<Arc<Self>> {
        static TRACE: Mutex<OnceLock<Arc<TraceFile>>> = Mutex::new(OnceLock::new());
        let trace = TRACE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = trace.get() {
            return Ok(file.clone());
        }
        let io = |source| Error::Io { op: "GRIDLOOM_TRACE", path: path.display().to_string(), source };
        // A pipe would wait for its reader, and has no end to go back to.
        if path != Path::new("/dev/null") && path.metadata().is_ok_and(|there| !there.is_file()) {
            return Err(io(std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file")));
        }
        let file = File::create(path).map_err(io)?;
        let writer = TraceWriter::new(BufWriter::new(file)).map_err(io)?;
        let writer = Mutex::new(Writer { trace: writer, clients: 0, failed: false });
        Ok(trace.get_or_init(|| Arc::new(Self { writer, epoch: Instant::now() })).clone())
    }
    /// An observer that adds the runs of a client.
    pub(crate) fn client(self: &Arc<Self>, name: &str) -> Arc<dyn Observer> {
        let mut client = 0;
        self.write(|writer| {
            writer.clients += 1;
            client = writer.clients;
            writer.trace.client(client, &format!("{client}: {name}"))
        });
        Arc::new(Traced { file: self.clone(), client, recorder: Recorder::new(Keep::TRACE) })
    }
    fn write(&self, write: impl FnOnce(&mut Writer) -> std::io::Result<()>) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.failed {
            return;
        }
        if let Err(error) = write(&mut writer) {
            // Nobody to return it to, and a run must not fail for it.
            writer.failed = true;
            eprintln!("gridloom: GRIDLOOM_TRACE: the trace ends here: {error}");
        }
    }
}

struct Traced {
    file: Arc<TraceFile>,
    client: u64,
    recorder: Recorder,
}

impl Observer for Traced {
    fn event(&self, event: &Event) {
        self.recorder.event(event);
        if let Event::Finished { .. } = event {
            let runs = self.recorder.take();
            let offset = self.recorder.epoch().saturating_duration_since(self.file.epoch).as_nanos() as u64;
            self.file.write(|writer| writer.trace.runs(self.client, &runs, offset));
        }
    }
}
