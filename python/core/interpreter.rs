//! Calls into Python from threads of the library, as long as there is an interpreter.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::client::is_forked;

/// Threads of the library that are in Python, or on their way there.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
static CLOSED: AtomicBool = AtomicBool::new(false);

/// How long an interpreter that ends waits for Python code that the library called.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs Python code on a thread of the library; an error once the interpreter is about to end, which would end the thread with it.
pub(crate) fn called<R>(job: impl FnOnce(Python<'_>) -> PyResult<R>) -> PyResult<R> {
    INSIDE.fetch_add(1, Ordering::SeqCst);
    let result = match CLOSED.load(Ordering::SeqCst) {
        true => Err(PyRuntimeError::new_err("the interpreter ends")),
        false => Python::attach(job),
    };
    INSIDE.fetch_sub(1, Ordering::SeqCst);
    result
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
