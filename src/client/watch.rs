//! Looking at a client's runs: the dashboard's link, saved reports, traces.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use super::handle::Client;
use crate::error::{Error, Result};
use crate::event::Observer;
use crate::monitor::{self, Keep, Recorder};
use crate::platform::file::write_whole;

impl Client {
    /// Where the dashboard is, with the token that lets in: `http://127.0.0.1:41234/?token=…`. `None` without
    /// `ClientBuilder::dashboard` (feature `dashboard`). Who has the link sees the client's runs and can change nothing.
    #[must_use]
    pub fn dashboard_link(&self) -> Option<String> {
        self.link().map(str::to_owned)
    }

    /// Writes the dashboard's page with the client's last runs frozen into it: one HTML file that needs no server and no network.
    /// Times, memory and lanes over time are those of a client that records: one made with [`record`](crate::ClientBuilder::record) or
    /// with a dashboard. For any other client the page has the numbers of [`Client::last_run`] alone, and says so. Feature `dashboard`
    /// is not needed.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    ///
    /// ```
    /// let client = gridloom::Client::builder().record().build()?;
    /// client.compute(&gridloom::arange::<f64>(1000).sum())?;
    /// let path = std::env::temp_dir().join("gridloom-doc-run.html");
    /// client.save_report(&path)?;
    /// # std::fs::remove_file(path).ok();
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn save_report(&self, path: impl AsRef<Path>) -> Result<()> {
        let (path, facts) = (path.as_ref(), self.facts());
        if let Some(recorder) = self.recorder() {
            return monitor::save_report(recorder, &facts, None, path);
        }
        let recorder = Recorder::new(Keep::PAGE);
        if let Some(report) = self.last_run() {
            recorder.only_report(report);
        }
        let note = "This client did not record its runs: only the sums of the last one are known. Client::builder().record(), or a \
                    dashboard, adds tasks, memory and links over time.";
        monitor::save_report(&recorder, &facts, Some(note), path)
    }

    /// Records every task, copy and submission from now on, until it is saved or dropped.
    ///
    /// ```
    /// let client = gridloom::Client::new()?;
    /// let profile = client.profile();
    /// client.compute(&gridloom::arange::<f64>(1_000_000).sum())?;
    /// let path = std::env::temp_dir().join("gridloom-doc-run.json");
    /// profile.save(&path)?; // for https://ui.perfetto.dev or chrome://tracing
    /// # std::fs::remove_file(path).ok();
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[must_use = "dropped, it records nothing"]
    pub fn profile(&self) -> Profile {
        let recorder = Arc::new(Recorder::new(Keep::TRACE));
        let observer: Arc<dyn Observer> = recorder.clone();
        self.observe(observer.clone());
        Profile { client: self.clone(), recorder, observer }
    }
}

/// A recording of every task of a client: see [`Client::profile`]. It keeps 40 bytes a task or copy, of each thread and link the first
/// 262,144 in a run; the trace says how many more there were. Dropped, it records no more and nothing is written.
pub struct Profile {
    client: Client,
    recorder: Arc<Recorder>,
    observer: Arc<dyn Observer>,
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Profile({:?})", self.client)
    }
}

impl Profile {
    /// Writes the runs that ended since the recording began as a trace in JSON, which Perfetto and `chrome://tracing` show: a track for
    /// each thread, for uploads, the device, downloads and the disk (more where several are at it at once), one for the runs, and bytes
    /// held. Device times are the host's. It goes on recording, and may be saved again.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let mut runs = Vec::new();
        self.recorder.each(|run| {
            if run.state != monitor::State::Running {
                runs.push(run.clone());
            }
        });
        let name = self.client.facts().text;
        let write = |file: &File| monitor::write_trace(BufWriter::new(file), &name, &runs);
        write_whole(path, write).map_err(|source| Error::Io { op: "profile", path: path.display().to_string(), source })
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        self.client.unobserve(&self.observer);
    }
}
