//! [`ProgressBars`]: a bar on stderr for each run that takes long, on terminals only.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::event::{Event, Events, Observer};

/// How long a run goes without a bar.
const QUIET: Duration = Duration::from_secs(1);
const STYLE: &str = "{bar:32} {pos}/{len} tasks, {elapsed} + {eta}";

/// The bars of the runs under way.
#[derive(Default)]
pub(super) struct ProgressBars {
    runs: Mutex<HashMap<u64, Progress>>,
}

struct Progress {
    started: Instant,
    done: u64,
    total: u64,
    bar: Option<ProgressBar>,
}

impl ProgressBars {
    /// Shows progress from now on, if there is a terminal.
    pub(super) fn add_to(events: &Events) {
        if std::io::stderr().is_terminal() {
            events.add(Arc::new(Self::default()));
        }
    }
}

impl Observer for ProgressBars {
    fn event(&self, event: &Event) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Planned { run, tasks, .. } => {
                runs.insert(*run, Progress { started: Instant::now(), done: 0, total: *tasks, bar: None });
            }
            Event::Ended { run, .. } => {
                let Some(progress) = runs.get_mut(run) else { return };
                progress.done += 1;
                if progress.started.elapsed() < QUIET {
                    return;
                }
                let total = progress.total;
                let bar = progress.bar.get_or_insert_with(|| {
                    let bar = ProgressBar::new(total);
                    ProgressStyle::with_template(STYLE)
                        .map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
                });
                bar.set_position(progress.done);
            }
            Event::Finished { run, .. } => {
                if let Some(bar) = runs.remove(run).and_then(|progress| progress.bar) {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
    }
}
