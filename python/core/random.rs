//! Random arrays.

use gridloom::functions::{Draw, Law};
use gridloom::random::Generator as Inner;
use gridloom::{Axes, DynOperand};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::arguments::{self, Cuts, Operand};
use super::error::OrRaise;
use super::node::{Node, node, row};

/// A source of random arrays: of one seed, the same arrays in the same order.
#[pyclass(frozen, module = "gridloom._core")]
pub(crate) struct Generator(Inner);

/// Refuses a parameter of a law, by its number, that is outside its domain.
#[pyfunction]
pub(crate) fn check_law(name: &str, number: usize, value: f64) -> PyResult<()> {
    row(Law::ALL, name, Law::name)?.check(number, value).or_raise()
}

/// The entries of an axis at places that are computed.
#[pyfunction]
pub(crate) fn take_held(x: &Node, places: &Node, axis: i64) -> PyResult<Node> {
    node(x.0.take_held(&places.0, axis))
}

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
    /// Draws by a law of NumPy's name.
    fn law(&self, name: &str, parameters: Vec<Operand>, dtype: &str, shape: Vec<i64>, chunks: Cuts) -> PyResult<Node> {
        let parameters: Vec<DynOperand> = parameters.into_iter().map(|parameter| parameter.0).collect();
        let law = row(Law::ALL, name, Law::name)?;
        let drawn = self.0.draw_law(law, &parameters, arguments::dtype(dtype)?, arguments::shape(&shape)?);
        node(drawn.and_then(|x| x.rechunk(chunks.0)))
    }
    /// Numbers in a random order.
    fn permutation(&self, n: usize, chunks: Cuts) -> PyResult<Node> {
        node(self.0.permutation(n).and_then(|x| x.rechunk(chunks.0)))
    }
    /// Entries in a random order.
    fn shuffle(&self, x: &Node, axis: i64) -> PyResult<Node> {
        node(self.0.shuffle(&x.0, axis))
    }
    /// Lines in random orders of their own, or all elements in one.
    #[pyo3(signature = (x, axis))]
    fn permuted(&self, x: &Node, axis: Option<i64>) -> PyResult<Node> {
        node(self.0.permuted(&x.0, axis.map(Axes::from)))
    }
    /// Numbers at random, each once or again and again, by probabilities or equally likely.
    #[pyo3(signature = (n, shape, replace, p, chunks))]
    fn choice(&self, n: usize, shape: Vec<i64>, replace: bool, p: Option<Vec<f64>>, chunks: Cuts) -> PyResult<Node> {
        let chosen = self.0.choice(n, arguments::shape(&shape)?, replace, p.as_deref());
        node(chosen.and_then(|x| x.rechunk(chunks.0)))
    }
    /// How often outcomes turn up.
    fn multinomial(&self, n: u64, pvals: Vec<f64>, shape: Vec<i64>, chunks: Cuts) -> PyResult<Node> {
        node(self.0.multinomial(n, &pvals, arguments::shape(&shape)?).and_then(|x| x.rechunk(chunks.0)))
    }
    /// How many of each colour are taken out of a bag.
    fn multivariate_hypergeometric(
        &self,
        colors: Vec<u64>,
        nsample: u64,
        shape: Vec<i64>,
        chunks: Cuts,
    ) -> PyResult<Node> {
        let drawn = self.0.multivariate_hypergeometric(&colors, nsample, arguments::shape(&shape)?);
        node(drawn.and_then(|x| x.rechunk(chunks.0)))
    }
    /// Shares of a whole.
    fn dirichlet(&self, alpha: Vec<f64>, shape: Vec<i64>, chunks: Cuts) -> PyResult<Node> {
        node(self.0.dirichlet(&alpha, arguments::shape(&shape)?).and_then(|x| x.rechunk(chunks.0)))
    }
    /// Normal vectors of a mean and a covariance, in C order.
    fn multivariate_normal(&self, mean: Vec<f64>, cov: Vec<f64>, shape: Vec<i64>, chunks: Cuts) -> PyResult<Node> {
        node(self.0.multivariate_normal(&mean, &cov, arguments::shape(&shape)?).and_then(|x| x.rechunk(chunks.0)))
    }
    /// Generators of seeds of their own.
    fn spawn(&self, n: usize) -> Vec<Self> {
        self.0.spawn(n).into_iter().map(Self).collect()
    }
}
