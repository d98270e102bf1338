//! [`Client`]: what runs arrays. Runs let go of the interpreter's lock; long ones are on a thread of their own, so that the caller can look
//! for Ctrl-C.

use std::mem::ManuallyDrop;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use gridloom::{Backend, ColourBy, DType, DynArray, Progress, RunReport, plot};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use super::arguments::arrays;
use super::error::{OrRaise, raised};
use super::node::Node;
use super::values::to_ndarray;

/// How often a waiting caller looks for signals.
const LOOK: Duration = Duration::from_millis(20);

/// The process in which the first client was made: threads do not live on in one that is forked from it.
static HOME: OnceLock<u32> = OnceLock::new();

/// Whether this process was forked from one that made a client.
pub(crate) fn is_forked() -> bool {
    HOME.get().is_some_and(|&home| home != std::process::id())
}

/// Refuses what needs threads in a process that has none of them.
fn at_home() -> PyResult<()> {
    if *HOME.get_or_init(std::process::id) == std::process::id() {
        return Ok(());
    }
    Err(PyRuntimeError::new_err(
        "gridloom ran before this process was forked, and its threads did not come along: start processes with \
         multiprocessing.get_context(\"spawn\") (or \"forkserver\"), or fork before the first compute",
    ))
}

/// What runs arrays: worker threads, memory, and an adapter where there is one.
#[pyclass(frozen, module = "gridloom._core")]
pub(crate) struct Client {
    /// Not dropped in a forked process, where its threads, for which that would wait, do not exist.
    inner: ManuallyDrop<gridloom::Client>,
}

impl Drop for Client {
    fn drop(&mut self) {
        if at_home().is_ok() {
            // SAFETY: once, here, and it is not used again.
            let inner = unsafe { ManuallyDrop::take(&mut self.inner) };
            // Its threads may be waiting for the interpreter.
            Python::attach(|py| py.detach(|| drop(inner)));
        }
    }
}

impl Client {
    /// Runs a job without the interpreter's lock: here if it is `short`, else on a thread of its own while this one looks for Ctrl-C, and
    /// tells `watch` how far it is.
    fn run<R: Send + 'static>(
        &self,
        py: Python<'_>,
        short: bool,
        watch: Option<&Bound<'_, PyAny>>,
        job: impl FnOnce(&gridloom::Client) -> gridloom::Result<R> + Send + 'static,
    ) -> PyResult<R> {
        at_home()?;
        if short {
            let client = &*self.inner;
            return py.detach(|| job(client)).or_raise();
        }
        let said: Arc<Mutex<Option<Progress>>> = Arc::default();
        let client = match watch {
            Some(_) => {
                let said = said.clone();
                self.inner.with_progress(move |progress| {
                    *said.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress.clone());
                    ControlFlow::Continue(())
                })
            }
            None => (*self.inner).clone(),
        };
        let mut computing = client.spawn(job);
        loop {
            let result = py.detach(|| computing.wait_timeout(LOOK));
            let progress = said.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let (Some(watch), Some(progress)) = (watch, progress) {
                watch.call1((progress.fraction(), progress.to_string()))?;
            }
            match result {
                Ok(Some(value)) => return Ok(value),
                Err(error) => return Err(raised(error)),
                Ok(None) => {}
            }
            if let Err(interrupt) = py.check_signals() {
                computing.cancel();
                // Tasks that have begun end; what takes longer is left to itself.
                let _ = py.detach(|| computing.wait_timeout(2 * LOOK));
                return Err(interrupt);
            }
        }
    }
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (backend, adapter, adapters, workers, memory_limit, device_memory_limit, spill_folder, task_elements, dashboard, progress, record))]
    #[allow(clippy::too_many_arguments, reason = "Python's keywords")]
    fn new(
        py: Python<'_>,
        backend: Option<&str>,
        adapter: Option<String>,
        adapters: Option<Vec<usize>>,
        workers: Option<usize>,
        memory_limit: Option<u64>,
        device_memory_limit: Option<u64>,
        spill_folder: Option<PathBuf>,
        task_elements: Option<u64>,
        dashboard: Option<String>,
        progress: bool,
        record: bool,
    ) -> PyResult<Self> {
        at_home()?;
        let mut builder = gridloom::Client::builder();
        if let Some(word) = backend {
            let refused =
                |_| PyValueError::new_err(format!("backend={word:?} is not one of \"auto\", \"cpu\", \"gpu\""));
            builder = builder.backend(word.parse::<Backend>().map_err(refused)?);
        }
        if let Some(adapter) = adapter {
            builder = builder.adapter(adapter);
        }
        if let Some(adapters) = adapters {
            builder = builder.adapters(adapters);
        }
        if let Some(workers) = workers {
            builder = builder.workers(workers);
        }
        if let Some(bytes) = memory_limit {
            builder = builder.memory_limit(bytes);
        }
        if let Some(bytes) = device_memory_limit {
            builder = builder.device_memory_limit(bytes);
        }
        if let Some(folder) = spill_folder {
            builder = builder.spill_folder(folder);
        }
        if let Some(elements) = task_elements {
            builder = builder.task_elements(elements);
        }
        if let Some(address) = dashboard {
            builder = builder.dashboard(address);
        }
        if record {
            builder = builder.record();
        }
        if !progress {
            builder = builder.no_progress();
        }
        let inner = py.detach(|| builder.build()).or_raise()?;
        Ok(Self { inner: ManuallyDrop::new(inner) })
    }
    /// The process-wide client, made now if there is none.
    #[staticmethod]
    fn get_default(py: Python<'_>) -> PyResult<Self> {
        at_home()?;
        let inner = py.detach(gridloom::Client::get_default).or_raise()?;
        Ok(Self { inner: ManuallyDrop::new(inner) })
    }
    /// Makes this the process-wide client.
    fn set_default(&self, py: Python<'_>) -> PyResult<()> {
        at_home()?;
        py.detach(|| self.inner.set_default());
        Ok(())
    }

    /// The values of several arrays, of one run.
    #[pyo3(signature = (nodes, watch=None))]
    fn compute<'py>(
        &self,
        py: Python<'py>,
        nodes: Vec<Bound<'py, Node>>,
        watch: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let all = arrays(&nodes);
        let short = self.inner.is_small(all.as_slice());
        let values = self.run(py, short, watch, move |client| client.compute(all.as_slice()))?;
        values.into_iter().map(|values| to_ndarray(py, values)).collect()
    }
    /// The same arrays, computed in one run, their chunks kept.
    #[pyo3(signature = (nodes, watch=None))]
    fn persist(
        &self,
        py: Python<'_>,
        nodes: Vec<Bound<'_, Node>>,
        watch: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Node>> {
        let all = arrays(&nodes);
        let kept = self.run(py, false, watch, move |client| client.persist(all.as_slice()))?;
        Ok(kept.into_iter().map(Node::from).collect())
    }
    /// The same array with lengths that are known.
    fn resolve(&self, py: Python<'_>, node: &Node) -> PyResult<Node> {
        let array = node.0.clone();
        Ok(self.run(py, false, None, move |client| array.resolve_with(client))?.into())
    }
    /// Writes an array into a file of NumPy's format.
    #[pyo3(signature = (node, path, watch=None))]
    fn to_npy(&self, py: Python<'_>, node: &Node, path: PathBuf, watch: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let array = node.0.clone();
        self.run(py, false, watch, move |client| array.to_npy_with(client, path))
    }
    /// Waits until the adapter has done all it was given.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        self.run(py, false, None, gridloom::Client::sync)
    }

    /// What would run, in words.
    fn explain(&self, py: Python<'_>, nodes: Vec<Bound<'_, Node>>) -> PyResult<String> {
        let all = arrays(&nodes);
        self.run(py, true, None, move |client| client.explain(all.as_slice()))
    }
    /// What would run, as SVG; coloured by `"order"`, `"memory"` or `"device"`.
    #[pyo3(signature = (node, colours=None))]
    fn drawing(&self, py: Python<'_>, node: &Node, colours: Option<&str>) -> PyResult<String> {
        let array: DynArray = node.0.clone();
        let plan = self.run(py, true, None, move |client| array.plan_with(client))?;
        let colours = match colours {
            None => return Ok(plan.to_svg()),
            Some("order") => ColourBy::Order,
            Some("memory") => ColourBy::Memory,
            Some("device") => ColourBy::Device,
            Some(other) => {
                return Err(PyValueError::new_err(format!("colours={other:?} is not one of order, memory, device")));
            }
        };
        Ok(gridloom::diagnostics::to_svg(&colours.drawing(&plan, "plan")))
    }
    /// A picture of one array, or of two, as SVG: `"line"`, `"hist"`, `"imshow"`, `"scatter"`. Numbers are drawn as float64.
    #[pyo3(signature = (kind, nodes, bins, labels))]
    fn plot(
        &self,
        py: Python<'_>,
        kind: &str,
        nodes: Vec<Bound<'_, Node>>,
        bins: usize,
        labels: [String; 3],
    ) -> PyResult<String> {
        let arrays: Vec<_> = arrays(&nodes).iter().map(|array| array.cast(DType::F64).typed::<f64>()).collect();
        let arrays = arrays.into_iter().collect::<gridloom::Result<Vec<_>>>().or_raise()?;
        let kind = kind.to_owned();
        let picture = self.run(py, false, None, move |client| match (kind.as_str(), arrays.as_slice()) {
            ("line", [y]) => plot::line_with(client, y).map(Some),
            ("hist", [x]) => plot::hist_with(client, x, bins).map(Some),
            ("imshow", [image]) => plot::imshow_with(client, image).map(Some),
            ("scatter", [x, y]) => plot::scatter_with(client, x, y).map(Some),
            _ => Ok(None),
        })?;
        let [title, x, y] = labels;
        let picture = picture.ok_or_else(|| PyValueError::new_err("no such plot"))?;
        Ok(picture.title(title).x_label(x).y_label(y).to_svg())
    }
    /// The last run that ended well, or None.
    fn last_run(&self) -> Option<Report> {
        self.inner.last_run().map(Report)
    }

    #[getter]
    fn workers(&self) -> usize {
        self.inner.workers()
    }
    #[getter]
    fn memory_limit(&self) -> u64 {
        self.inner.memory_limit()
    }
    #[getter]
    fn device_memory_limit(&self) -> Option<u64> {
        self.inner.device_memory_limit()
    }
    #[getter]
    fn adapter(&self) -> Option<String> {
        self.inner.adapter()
    }
    #[getter]
    fn dashboard_link(&self) -> Option<String> {
        self.inner.dashboard_link()
    }
    fn to_html(&self) -> String {
        self.inner.to_html()
    }
    fn __str__(&self) -> String {
        self.inner.to_string()
    }
    /// Saves what was recorded as one HTML file.
    fn save_report(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.run(py, true, None, move |client| client.save_report(path))
    }
}

/// What a run did.
#[pyclass(frozen, module = "gridloom._core")]
pub(crate) struct Report(RunReport);

#[pymethods]
impl Report {
    /// Seconds from its start to its end.
    #[getter]
    fn seconds(&self) -> f64 {
        self.0.wall.as_secs_f64()
    }
    /// Tasks on the CPU.
    #[getter]
    fn cpu_tasks(&self) -> u64 {
        self.0.cpu_tasks
    }
    /// Tasks on the adapter.
    #[getter]
    fn gpu_tasks(&self) -> u64 {
        self.0.gpu_tasks
    }
    /// Bytes of host memory that it held at most.
    #[getter]
    fn peak_host_bytes(&self) -> u64 {
        self.0.peak_host_bytes
    }
    /// What did not run as planned, and why.
    #[getter]
    fn fallbacks(&self) -> Vec<(String, String)> {
        self.0.fallbacks.iter().map(|(what, why)| (what.to_string(), why.to_string())).collect()
    }
    fn __str__(&self) -> String {
        self.0.to_string()
    }
    fn __repr__(&self) -> String {
        self.0.to_string()
    }
    fn _repr_html_(&self) -> String {
        self.0.to_html()
    }
}

/// The adapters of this machine: name, driver and the interface they are reached by, in the order of their indices.
#[pyfunction]
pub(crate) fn adapters(py: Python<'_>) -> Vec<(String, String, String)> {
    py.detach(gridloom::adapters).into_iter().map(|adapter| (adapter.name, adapter.driver, adapter.backend)).collect()
}
