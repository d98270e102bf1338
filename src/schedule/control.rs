//! Ending a run before it is done: [`CancelToken`] and deadlines.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// Cancels runs from anywhere: another thread, a signal handler, a dropped future. Cloning shares it.
///
/// ```
/// use gridloom::{CancelToken, Client, Error};
/// let token = CancelToken::new();
/// token.cancel();
/// let client = Client::new()?.with_cancel(&token);
/// assert!(matches!(client.compute(&gridloom::arange::<f64>(10).sum()), Err(Error::Cancelled { .. })));
/// # Ok::<(), gridloom::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that nobody has cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// Ends all runs with this token: no further task begins, and `compute` returns [`Error::Cancelled`].
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
    /// Whether it was cancelled. It stays so.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What can end a run early.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Each cancels it.
    pub tokens: Vec<CancelToken>,
    /// When it must be done, and how long that was from its start.
    pub deadline: Option<(Instant, Duration)>,
}

impl Control {
    /// Whether to go on, after `done` of `total` tasks.
    ///
    /// # Errors
    /// [`Error::Cancelled`], [`Error::Deadline`].
    pub fn check(&self, done: u64, total: u64) -> Result<()> {
        if self.tokens.iter().any(CancelToken::is_cancelled) {
            return Err(Error::Cancelled { done, total });
        }
        match self.deadline {
            Some((at, limit)) if Instant::now() >= at => Err(Error::Deadline { limit, done, total }),
            _ => Ok(()),
        }
    }
}
