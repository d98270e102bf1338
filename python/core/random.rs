//! Random arrays.

use gridloom::functions::Draw;
use gridloom::random::Generator as Inner;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::arguments::{self, Cuts};
use super::node::{Node, node};

/// A source of random arrays: of one seed, the same arrays in the same order.
#[pyclass(frozen, module = "gridloom._core")]
pub(crate) struct Generator(Inner);

#[pymethods]
impl Generator {
    #[new]
    fn new(seed: u64) -> Self {
        Self(Inner::new(seed))
    }
    /// Floats: `uniform` between `a` and `b`, `normal` of mean `a` and deviation `b`, `exponential` of mean `a`; `bernoulli` truth values of
    /// probability `a`.
    fn floats(&self, draw: &str, a: f64, b: f64, dtype: &str, shape: Vec<i64>, chunks: Cuts) -> PyResult<Node> {
        let draw = match draw {
            "uniform" => Draw::Uniform { low: a, high: b },
            "normal" => Draw::Normal { mean: a, deviation: b },
            "exponential" => Draw::Exponential { scale: a },
            "bernoulli" => Draw::Bernoulli { p: a },
            other => return Err(PyTypeError::new_err(format!("no distribution is called {other:?}"))),
        };
        let drawn = self.0.draw(draw, arguments::dtype(dtype)?, arguments::shape(&shape)?);
        node(drawn.and_then(|x| x.rechunk(chunks.0)))
    }
    /// Integers from `low` to `high`, both included.
    fn integers(&self, low: i128, high: i128, dtype: &str, shape: Vec<i64>, chunks: Cuts) -> PyResult<Node> {
        let drawn = self.0.draw(Draw::Integers { low, high }, arguments::dtype(dtype)?, arguments::shape(&shape)?);
        node(drawn.and_then(|x| x.rechunk(chunks.0)))
    }
}
