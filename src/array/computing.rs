//! [`Computing`]: a run on a thread of its own, to be awaited on any executor, or waited for.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use ndarray::ArrayD;

use super::{Array, Client};
use crate::dtype::Element;
use crate::error::{Error, Result};
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
    result: Option<Result<R>>,
    waker: Option<Waker>,
}

impl<R> std::fmt::Debug for Computing<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "Computing({})", if state.result.is_some() { "done" } else { "under way" })
    }
}

impl<R> Computing<R> {
    /// Waits for the result.
    ///
    /// # Errors
    /// Those of the run.
    pub fn wait(self) -> Result<R> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(result) = state.result.take() {
                return result;
            }
            state = self.shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
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
        match state.result.take() {
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
        let shared = Arc::new(Shared { state: Mutex::new(State { result: None, waker: None }), done: Condvar::new() });
        let end = |shared: &Shared<R>, result| {
            let waker = {
                let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.result = Some(result);
                state.waker.take()
            };
            shared.done.notify_all();
            if let Some(waker) = waker {
                waker.wake();
            }
        };
        let theirs = shared.clone();
        let run = move || {
            let result = catch_unwind(AssertUnwindSafe(|| job(&client)));
            let panicked = |_| Err(Error::UserFunction { name: "spawn".into(), problem: "the job panicked".into() });
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
