//! Python's values as the library's arguments.

use gridloom::dtype::Scalar;
use gridloom::{AxisSpec, ChunkSpec, DType, DynArray, DynOperand, Index};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::{PyIndexError, PyMemoryError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyEllipsis, PyFloat, PyInt, PySlice, PyString, PyTuple};

use super::node::Node;

/// A dtype by the library's name for it, which the Python package looks up.
pub(crate) fn dtype(name: &str) -> PyResult<DType> {
    let found = DType::ALL.iter().copied().find(|dtype| dtype.name() == name);
    found.ok_or_else(|| PyTypeError::new_err(format!("no dtype is called {name:?}")))
}

/// The error for a name that none of the library's functions has.
pub(crate) fn no_function(name: &str) -> PyErr {
    PyTypeError::new_err(format!("no function is called {name:?}"))
}

/// The longest list of parts or sizes that is made for Python.
const LONGEST: u64 = 1 << 24;

/// Refuses a list that would take all memory.
pub(crate) fn listable(what: &str, len: u64) -> PyResult<()> {
    if len <= LONGEST {
        return Ok(());
    }
    Err(PyMemoryError::new_err(format!("{what}: a list of {len} entries; at most {LONGEST} are made")))
}

/// An array, or a number without a dtype.
pub(crate) struct Operand(pub(crate) DynOperand);

impl<'py> FromPyObject<'_, 'py> for Operand {
    type Error = PyErr;
    #[cfg(feature = "stubs")]
    const INPUT_TYPE: pyo3::inspect::PyStaticExpr = pyo3::type_hint_identifier!("gridloom._typing", "Operand");
    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(node) = object.cast::<Node>() {
            return Ok(Self(DynOperand::Array(node.get().0.clone())));
        }
        if object.is_instance_of::<PyBool>() {
            return Ok(Self(DynOperand::Bool(object.extract()?)));
        }
        if object.is_instance_of::<PyInt>() {
            let value: Result<i128, _> = object.extract();
            let value = value.map_err(|_| PyOverflowError::new_err(format!("{} is beyond 128 bits", *object)))?;
            return Ok(Self(DynOperand::Int(value)));
        }
        if object.is_instance_of::<PyFloat>() {
            return Ok(Self(DynOperand::Float(object.extract()?)));
        }
        let kind = object.get_type().qualname()?;
        Err(PyTypeError::new_err(format!("an array or a number is needed, not {kind}")))
    }
}

/// A number as one of `dtype`, by the rules of NumPy: integers must fit, floats become integers by truncation only if the caller says so.
pub(crate) fn scalar(value: &DynOperand, dtype: DType) -> PyResult<Scalar> {
    match *value {
        DynOperand::Bool(value) => Ok(Scalar::from_i64(dtype, value.into())),
        DynOperand::Float(value) => Ok(Scalar::from_f64(dtype, value)),
        #[allow(clippy::cast_precision_loss, reason = "a float holds integers rounded")]
        DynOperand::Int(value) if dtype.is_float() => Ok(Scalar::from_f64(dtype, value as f64)),
        DynOperand::Int(value) => {
            let bits = i64::try_from(value).or_else(|_| u64::try_from(value).map(u64::cast_signed));
            let scalar = bits.ok().map(|bits| Scalar::from_i64(dtype, bits));
            let scalar = scalar.filter(|scalar| dtype == DType::Bool || scalar.to_i128() == value);
            let refused = || PyOverflowError::new_err(format!("{value} is no number of {}", dtype.name()));
            scalar.ok_or_else(refused)
        }
        _ => Err(PyTypeError::new_err("a number is needed, not an array")),
    }
}

/// How an array is to be cut, as Dask writes it: a size, `"auto"`, bytes (`"8 MiB"`), -1 or None for a whole axis, a tuple of those or of
/// tuples of sizes.
pub(crate) struct Cuts(pub(crate) ChunkSpec);

impl<'py> FromPyObject<'_, 'py> for Cuts {
    type Error = PyErr;
    #[cfg(feature = "stubs")]
    const INPUT_TYPE: pyo3::inspect::PyStaticExpr = pyo3::type_hint_identifier!("gridloom._typing", "Cuts");
    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(word) = object.cast::<PyString>() {
            return Ok(Self(word.to_string().as_str().into()));
        }
        if object.is_none() || object.is_instance_of::<PyInt>() {
            return Ok(Self(ChunkSpec::Each(cut(&object)?)));
        }
        let axes = object.try_iter()?.map(|axis| cut(&axis?)).collect::<PyResult<Vec<_>>>()?;
        Ok(Self(axes.into()))
    }
}

/// What is asked for on one axis.
fn cut(object: &Bound<'_, PyAny>) -> PyResult<AxisSpec> {
    if object.is_none() {
        return Ok(AxisSpec::Whole);
    }
    if let Ok(word) = object.cast::<PyString>() {
        let spec = AxisSpec::of_word(&word.to_string());
        let refused = || {
            PyValueError::new_err(format!(
                "chunks: unknown word {word}; use \"auto\", bytes as in \"8 MiB\", a size, or sizes"
            ))
        };
        return spec.ok_or_else(refused);
    }
    if let Ok(size) = object.extract::<i64>() {
        return match size {
            -1 => Ok(AxisSpec::Whole),
            _ => positive(size).map(AxisSpec::Size),
        };
    }
    let sizes = object.try_iter()?.map(|size| positive(size?.extract()?)).collect::<PyResult<Vec<_>>>()?;
    Ok(AxisSpec::Sizes(sizes))
}

fn positive(size: i64) -> PyResult<u64> {
    let refused =
        || PyValueError::new_err(format!("chunks: {size} is no size; use one from 0 on, or -1 for a whole axis"));
    u64::try_from(size).map_err(|_| refused())
}

/// Lengths, none of which may be negative.
pub(crate) fn shape(lengths: &[i64]) -> PyResult<Vec<usize>> {
    let length = |&length: &i64| {
        usize::try_from(length)
            .map_err(|_| PyValueError::new_err(format!("negative dimensions are not allowed: {lengths:?}")))
    };
    let shape = lengths.iter().map(length).collect::<PyResult<Vec<_>>>()?;
    let counted = shape.iter().filter(|&&n| n > 0).try_fold(1usize, |all, &n| all.checked_mul(n));
    let fits = counted.is_some_and(|n| isize::try_from(n).is_ok());
    fits.then_some(shape).ok_or_else(|| PyValueError::new_err(format!("{lengths:?} has 2^63 elements or more")))
}

/// One entry between brackets: a place, a slice, `...`, None, a list of places, or a mask.
pub(crate) fn index(object: &Bound<'_, PyAny>) -> PyResult<Index> {
    if object.is_none() {
        return Ok(Index::NewAxis);
    }
    if object.is_instance_of::<PyEllipsis>() {
        return Ok(Index::Ellipsis);
    }
    if let Ok(slice) = object.cast::<PySlice>() {
        let [start, stop, step] = ["start", "stop", "step"].map(|name| bound(&slice.getattr(name)?));
        return Ok(Index::Slice { start: start?, stop: stop?, step: step? });
    }
    if let Ok(node) = object.cast::<Node>() {
        return Ok(Index::Mask(node.get().0.clone()));
    }
    if object.is_instance_of::<PyInt>() {
        return place(object).map(Index::Int);
    }
    let places: PyReadonlyArray1<'_, i64> = object.extract()?;
    Ok(Index::Places(places.as_slice()?.to_vec()))
}

fn place(object: &Bound<'_, PyAny>) -> PyResult<i64> {
    object.extract().map_err(|_| PyIndexError::new_err(format!("index {object} is out of range for any axis")))
}

/// A bound of a slice: None, or an integer, of which those beyond 64 bits are the last of their sign.
fn bound(object: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
    if object.is_none() {
        return Ok(None);
    }
    let number = object
        .call_method0("__index__")
        .map_err(|_| PyTypeError::new_err("slice indices must be integers or None or have an __index__ method"))?;
    match number.extract() {
        Ok(bound) => Ok(Some(bound)),
        Err(_) => Ok(Some(if number.lt(0)? { i64::MIN } else { i64::MAX })),
    }
}

/// Entries between brackets, in order.
pub(crate) fn indices(entries: &Bound<'_, PyTuple>) -> PyResult<Vec<Index>> {
    entries.iter().map(|entry| index(&entry)).collect()
}

/// The arrays of several nodes.
pub(crate) fn arrays(nodes: &[Bound<'_, Node>]) -> Vec<DynArray> {
    nodes.iter().map(|node| node.get().0.clone()).collect()
}
