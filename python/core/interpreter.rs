//! Calls into Python from threads of the library, as long as there is an interpreter.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyRecursionError, PyRuntimeError};
use pyo3::prelude::*;

use super::client::is_forked;

/// Threads of the library that are in Python, or on their way there.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
static CLOSED: AtomicBool = AtomicBool::new(false);

/// How long an interpreter that ends waits for Python code that the library called.
const PATIENCE: Duration = Duration::from_secs(10);

/// Calls within each other: on one thread, whose stack they fill (some 4 KiB each), and on all. Python counts none of them, as each begins a
/// stack of Python's own.
const DEEPEST: usize = 64;
const MOST: usize = 1000;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// One call more, until it ends.
struct Entered {
    depth: usize,
    inside: usize,
}

impl Entered {
    fn new() -> Self {
        let depth = DEPTH.get() + 1;
        DEPTH.set(depth);
        Self { depth, inside: INSIDE.fetch_add(1, Ordering::SeqCst) + 1 }
    }
    /// Refuses calls that have no end.
    fn is_shallow(&self) -> PyResult<()> {
        if self.depth <= DEEPEST && self.inside <= MOST {
            return Ok(());
        }
        let deep = self.depth.max(self.inside);
        Err(PyRecursionError::new_err(format!(
            "{deep} runs within each other: a source or a function of chunks computes an array that is made of its own result"
        )))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        DEPTH.set(self.depth - 1);
        INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Runs Python code on a thread of the library; an error once the interpreter is about to end, which would end the thread with it, and for
/// a job that runs itself again.
pub(crate) fn called<R>(job: impl FnOnce(Python<'_>) -> PyResult<R>) -> PyResult<R> {
    let entered = Entered::new();
    if CLOSED.load(Ordering::SeqCst) {
        return Err(PyRuntimeError::new_err("the interpreter ends"));
    }
    Python::attach(|py| entered.is_shallow().and_then(|()| job(py)))
}

/// Lets no more threads into Python, and waits for those that are there. For `atexit`.
#[pyfunction]
pub(crate) fn close(py: Python<'_>) {
    // Threads that were inside when a process was forked are not in the new one.
    if is_forked() {
        return;
    }
    CLOSED.store(true, Ordering::SeqCst);
    py.detach(|| {
        let start = Instant::now();
        while INSIDE.load(Ordering::SeqCst) > 0 && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}
