//! [`Computing`]: a run on a thread of its own, to be awaited on any executor, or waited for.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ndarray::ArrayD;

use super::handle::Client;
use crate::array::Array;
use crate::dtype::Element;
use crate::error::{Error, Result, caught};
use crate::schedule::CancelToken;

/// A run under way. It is a future for any executor (none is needed to make it go on). Dropped, it cancels the run.
#[must_use = "dropping it cancels the run"]
pub struct Computing<R> {
    shared: Arc<Shared<R>>,
    token: CancelToken,
}

struct Shared<R> {
    state: Mutex<State<R>>,
    done: Condvar,
}

struct State<R> {
    end: End<R>,
    waker: Option<Waker>,
}

/// How far a run is.
enum End<R> {
    UnderWay,
    Done(Result<R>),
    /// Whoever awaited it has its result.
    Taken,
}

impl<R> End<R> {
    /// The result, if it is there: once, and an error from then on.
    fn take(&mut self) -> Option<Result<R>> {
        match std::mem::replace(self, Self::Taken) {
            Self::UnderWay => {
                *self = Self::UnderWay;
                None
            }
            Self::Done(result) => Some(result),
            Self::Taken => Some(Err(Error::ResultTaken)),
        }
    }
}

impl<R> std::fmt::Debug for Computing<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "Computing({})", if matches!(state.end, End::UnderWay) { "under way" } else { "done" })
    }
}

impl<R> Computing<R> {
    /// Waits for the result.
    ///
    /// # Errors
    /// Those of the run; [`Error::ResultTaken`] if it was awaited to its end before.
    pub fn wait(self) -> Result<R> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(result) = state.end.take() {
                return result;
            }
            state = self.shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
    /// Waits for the result, but no longer than `timeout`: `None` if the run is still under way then. For those who must look after
    /// something else now and then, as an interpreter after its signals.
    ///
    /// # Errors
    /// Those of the run; [`Error::ResultTaken`] if it was handed out before.
    ///
    /// ```
    /// use std::time::Duration;
    /// let mut sum = gridloom::arange::<i64>(100).sum().compute_async()?;
    /// let sum = loop {
    ///     if let Some(sum) = sum.wait_timeout(Duration::from_millis(50))? {
    ///         break sum; // otherwise: look whether the user has pressed Ctrl-C
    ///     }
    /// };
    /// assert_eq!(sum[[]], 4950);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<R>> {
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = |state: &mut State<R>| matches!(state.end, End::UnderWay);
        let waited = self.shared.done.wait_timeout_while(state, timeout, under_way);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.end.take().transpose()
    }
    /// Cancels the run: it ends with [`Error::Cancelled`].
    pub fn cancel(&self) {
        self.token.cancel();
    }
}

impl<R> Future for Computing<R> {
    type Output = Result<R>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R>> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.end.take() {
            Some(result) => Poll::Ready(result),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<R> Drop for Computing<R> {
    fn drop(&mut self) {
        self.token.cancel();
    }
}

impl Client {
    /// Runs a job with this client on a thread of its own.
    ///
    /// ```
    /// let x = gridloom::arange::<f64>(1000);
    /// let both = gridloom::Client::new()?.spawn(move |client| client.compute((&x.sum(), &x.max()?)));
    /// let (sum, max) = both.wait()?; // or .await
    /// assert_eq!((sum[[]], max[[]]), (499_500.0, 999.0));
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn spawn<R: Send + 'static>(&self, job: impl FnOnce(&Self) -> Result<R> + Send + 'static) -> Computing<R> {
        let token = CancelToken::new();
        let client = self.with_cancel(&token);
        let shared =
            Arc::new(Shared { state: Mutex::new(State { end: End::UnderWay, waker: None }), done: Condvar::new() });
        let end = |shared: &Shared<R>, result| {
            let waker = {
                let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.end = End::Done(result);
                state.waker.take()
            };
            shared.done.notify_all();
            if let Some(waker) = waker {
                // An executor's code: a panic in it is not this thread's end before whoever waits was told.
                let _ = caught(|| waker.wake());
            }
        };
        let theirs = shared.clone();
        let run = move || {
            let result = caught(|| job(&client));
            let panicked = |message| {
                let problem = format!("the job panicked: {message}");
                Err(Error::UserFunction { name: "spawn".into(), problem })
            };
            // The client goes first: whoever waits for the result may want to be its last owner.
            drop(client);
            end(&theirs, result.unwrap_or_else(panicked));
        };
        if let Err(error) = std::thread::Builder::new().name("gridloom-compute".into()).spawn(run) {
            let problem = format!("no thread could be started: {error}");
            end(&shared, Err(Error::UserFunction { name: "spawn".into(), problem }));
        }
        Computing { shared, token }
    }
}

impl<T: Element> Array<T> {
    /// [`Array::compute`] on a thread of its own: a future.
    ///
    /// # Errors
    /// Where there is no default client; the future's are those of the run.
    ///
    /// ```
    /// let sum = gridloom::arange::<i64>(100).sum().compute_async()?;
    /// assert_eq!(sum.wait()?[[]], 4950);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn compute_async(&self) -> Result<Computing<ArrayD<T>>> {
        Ok(self.compute_async_with(&Client::get_default()?))
    }
    /// [`Array::compute_async`] on a client.
    pub fn compute_async_with(&self, client: &Client) -> Computing<ArrayD<T>> {
        let array = self.clone();
        client.spawn(move |client| client.compute(&array))
    }
}
