//! The library's errors as the exceptions that NumPy's users expect, with the library's words.

use gridloom::Error;
use pyo3::exceptions::{
    PyIndexError, PyMemoryError, PyOSError, PyOverflowError, PyRuntimeError, PyTimeoutError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use super::words::for_python;

/// What the library refuses, as an exception.
pub(crate) trait OrRaise<T> {
    fn or_raise(self) -> PyResult<T>;
}

impl<T> OrRaise<T> for gridloom::Result<T> {
    fn or_raise(self) -> PyResult<T> {
        self.map_err(raised)
    }
}

/// NumPy's exception for axes that are not there: a `ValueError` and an `IndexError`.
fn axis_error(message: String) -> PyErr {
    static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    Python::attach(|py| match TYPE.import(py, "numpy.exceptions", "AxisError") {
        Ok(kind) => PyErr::from_type(kind.clone(), message),
        Err(error) => error,
    })
}

/// An exception that a user's Python code raised inside a run, on its way through the library.
pub(crate) fn carried(op: &'static str, name: String, error: PyErr) -> Error {
    Error::Io { op, path: name, source: std::io::Error::other(error) }
}

/// The exception for an error; one that was [`carried`] is itself.
pub(crate) fn raised(error: Error) -> PyErr {
    let text = for_python(&error.to_string());
    match error {
        Error::AxisOutOfRange { .. } => axis_error(text),
        Error::IndexOutOfRange { .. } | Error::SliceRank { .. } => PyIndexError::new_err(text),
        Error::Rank { op: "index" | "assign", .. } => PyIndexError::new_err(text),
        Error::Broadcast { op: "filter" | "filter_axis", .. } => PyIndexError::new_err(text),
        Error::DType { .. } | Error::DTypeMismatch { .. } => PyTypeError::new_err(text),
        Error::Parameter { what: "number", .. } => PyOverflowError::new_err(text),
        Error::Parameter { op: "index", .. } => PyIndexError::new_err(text),
        Error::Memory { .. } | Error::ChunkTooLarge { .. } => PyMemoryError::new_err(text),
        Error::Deadline { .. } => PyTimeoutError::new_err(text),
        Error::Io { source, .. } => of_file(source, text),
        Error::NoAdapter { .. } | Error::GpuNotBuilt | Error::Device { .. } | Error::DeviceLost { .. } => {
            PyRuntimeError::new_err(text)
        }
        Error::Cancelled { .. } | Error::ResultTaken | Error::UserFunction { .. } | Error::Bug(_) => {
            PyRuntimeError::new_err(text)
        }
        _ => PyValueError::new_err(text),
    }
}

/// A file's error, which is Python's own where the system gave a number.
fn of_file(source: std::io::Error, text: String) -> PyErr {
    let number = source.raw_os_error();
    let kind = source.kind();
    let inner = source.into_inner().map(|inner| inner.downcast::<PyErr>());
    match (inner, number) {
        (Some(Ok(theirs)), _) => *theirs,
        // With a number, Python chooses the subclass: FileNotFoundError, PermissionError, ...
        (_, Some(number)) => PyOSError::new_err((number, text)),
        _ if kind == std::io::ErrorKind::NotFound => PyOSError::new_err((2, text)),
        _ => PyOSError::new_err(text),
    }
}
