//! [`Progress`]: how far a run is. A client shows it as a bar on terminals, and tells it to functions
//! ([`Client::with_progress`](super::Client::with_progress)).

use std::collections::HashMap;
use std::fmt;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::event::{Event, Events, Observer, StageInfo};
use crate::schedule::CancelToken;
use crate::text::{format_bytes, format_count};

/// How long a run goes without a bar, and how often it is told and drawn.
const QUIET: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_millis(100);
const STYLE: &str = "{bar:24} {percent:>3} % {msg}";

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// The run, as events number it.
    pub run: u64,
    /// The stage whose task ended last, in a few words; empty before the first.
    pub stage: String,
    /// Tasks that are done.
    pub done: u64,
    /// Tasks of all stages.
    pub total: u64,
    /// Bytes that these tasks read from chunks and wrote to them, about: what is drawn or counted within a kernel is not among them.
    pub bytes: u64,
    /// Since the run began.
    pub elapsed: Duration,
    /// Whether the run is over, well or not: nothing follows.
    pub over: bool,
}

impl Progress {
    /// The part of the tasks that is done, from 0 to 1 (1 where there are none).
    #[must_use]
    pub fn fraction(&self) -> f64 {
        if self.total == 0 { 1.0 } else { self.done as f64 / self.total as f64 }
    }
    /// Bytes read and written in a second so far; 0 before any time has passed.
    #[must_use]
    pub fn bytes_per_second(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.bytes as f64 / seconds } else { 0.0 }
    }
    /// The time left if the tasks to come take as long as those before; `None` before the first is done.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let left = self.total.saturating_sub(self.done) as f64;
        (self.done > 0).then(|| self.elapsed.mul_f64(left / self.done as f64))
    }
}

impl fmt::Display for Progress {
    /// Tasks, speed, times and stage in a line.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a speed in whole bytes")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} tasks", format_count(self.done), format_count(self.total))?;
        if self.bytes > 0 {
            write!(f, ", {}/s", format_bytes(self.bytes_per_second() as u64))?;
        }
        write!(f, ", {}", time(self.elapsed))?;
        if let Some(left) = self.remaining().filter(|_| !self.over) {
            write!(f, " and {} left", time(left))?;
        }
        if !self.stage.is_empty() {
            write!(f, ": {}", self.stage)?;
        }
        Ok(())
    }
}

/// Seconds, or minutes and hours of longer times.
fn time(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A run that is followed.
struct Followed {
    progress: Progress,
    started: Instant,
    told: Instant,
    stages: Vec<StageInfo>,
}

impl Followed {
    /// What an event says of the run, if it begins one.
    fn begin(event: &Event) -> Option<(u64, Self)> {
        let Event::Planned { run, stages, tasks, .. } = event else { return None };
        let started = Instant::now();
        let progress = Progress { run: *run, total: *tasks, ..Progress::default() };
        Some((*run, Self { progress, started, told: started, stages: stages.clone() }))
    }
    /// Takes in an event of the run; whether it is time to tell it.
    fn hear(&mut self, event: &Event) -> bool {
        let progress = &mut self.progress;
        progress.elapsed = self.started.elapsed();
        match event {
            Event::Ended { stage, bytes, .. } => {
                let Some(stage) = self.stages.get(*stage).filter(|stage| stage.tasks > 0) else { return false };
                progress.done += 1;
                progress.bytes += bytes + stage.reads / stage.tasks;
                if self.told.elapsed() < EVERY {
                    return false;
                }
                self.told = Instant::now();
                progress.stage = stage.title.clone();
            }
            Event::Finished { .. } => progress.over = true,
            _ => {}
        }
        true
    }
}

/// A function that hears how far a run is, and may end it.
pub(super) type Watch = Arc<dyn Fn(&Progress) -> ControlFlow<()> + Send + Sync>;

/// Tells a function of one run.
pub(super) struct Watcher {
    watch: Watch,
    token: CancelToken,
    run: Mutex<Option<Followed>>,
}

impl Watcher {
    /// A watcher for the next run, and what ends that if the function says so.
    pub(super) fn of(watch: Watch) -> (Arc<dyn Observer>, CancelToken) {
        let token = CancelToken::new();
        (Arc::new(Self { watch, token: token.clone(), run: Mutex::default() }), token)
    }
}

impl Observer for Watcher {
    fn event(&self, event: &Event) {
        let progress = {
            let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
            match (event, &mut *run) {
                (Event::Planned { .. }, _) => *run = Followed::begin(event).map(|(_, followed)| followed),
                (Event::Ended { run: number, .. } | Event::Finished { run: number, .. }, Some(run))
                    if run.progress.run == *number =>
                {
                    if !run.hear(event) {
                        return;
                    }
                }
                _ => return,
            }
            run.as_ref().map(|run| run.progress.clone())
        };
        // Not while the lock is held: it may take its time.
        if progress.is_some_and(|progress| (self.watch)(&progress).is_break()) {
            self.token.cancel();
        }
    }
}

/// Hands everything on to a client's own observers.
pub(super) struct Forward(pub(super) Events);

impl Observer for Forward {
    fn event(&self, event: &Event) {
        self.0.tell(|| event.clone());
    }
}

/// The bars of the runs under way, on stderr.
#[derive(Default)]
pub(super) struct ProgressBars {
    runs: Mutex<HashMap<u64, (Followed, Option<ProgressBar>)>>,
}

impl ProgressBars {
    /// Shows progress from now on, if there is a terminal.
    pub(super) fn add_to(events: &Events) {
        if std::io::stderr().is_terminal() {
            events.add(Arc::new(Self::default()));
        }
    }
}

/// A bar of so many tasks.
fn bar(total: u64, target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), target);
    ProgressStyle::with_template(STYLE).map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}

fn draw(bar: &ProgressBar, progress: &Progress) {
    bar.set_message(progress.to_string());
    bar.set_position(progress.done);
}

impl Observer for ProgressBars {
    fn event(&self, event: &Event) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Planned { .. } => {
                runs.extend(Followed::begin(event).map(|(run, followed)| (run, (followed, None))));
            }
            Event::Ended { run, .. } => {
                let Some((followed, shown)) = runs.get_mut(run) else { return };
                if followed.hear(event) && followed.started.elapsed() >= QUIET {
                    let total = followed.progress.total;
                    draw(shown.get_or_insert_with(|| bar(total, ProgressDrawTarget::stderr())), &followed.progress);
                }
            }
            Event::Finished { run, .. } => {
                if let Some((_, Some(bar))) = runs.remove(run) {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::InMemoryTerm;

    #[test]
    fn the_bar_says_stage_tasks_speed_and_time_left() {
        let progress = Progress {
            run: 1,
            stage: "sum ⟵ copy".to_owned(),
            done: 1500,
            total: 6000,
            bytes: 3 << 30,
            elapsed: Duration::from_secs(30),
            over: false,
        };
        let words = "1,500 of 6,000 tasks, 102.40 MiB/s, 30.0 s and 1 min 30 s left: sum ⟵ copy";
        assert_eq!(progress.to_string(), words);
        let terminal = InMemoryTerm::new(4, 120);
        let bar = bar(6000, ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        draw(&bar, &progress);
        bar.tick();
        let drawn = terminal.contents();
        assert!(
            drawn.contains("██████") && drawn.contains(" 25 % 1,500 of 6,000 tasks") && drawn.contains(words),
            "{drawn}"
        );
        bar.finish_and_clear();
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn nothing_yet_and_nothing_to_do_are_numbers_too() {
        let none = Progress::default();
        assert_eq!((none.fraction(), none.bytes_per_second(), none.remaining()), (1.0, 0.0, None));
        assert_eq!(none.to_string(), "0 of 0 tasks, 0.0 s");
        assert_eq!(time(Duration::from_secs(7325)), "2 h 02 min");
    }
}
