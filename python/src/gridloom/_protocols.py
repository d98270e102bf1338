"""NumPy's protocols: which of its functions stay lazy, and what is said about the others. None gives a NumPy array silently."""

import numbers
from typing import Any

import numpy as np

from . import _elements, _elementwise, _indexing, _products, _reductions, _scans, _special
from ._convert import is_array, node
from ._handle import wrap


def defers(other):
    """Whether an operator is left to the other operand, which knows both (an xarray object, another library's array)."""
    if is_array(other) or isinstance(other, (numbers.Number, np.ndarray, np.generic, list, tuple, np.bool)):
        return False
    if type(other).__module__.partition(".")[0] == "dask":
        raise TypeError("an array of gridloom beside one of Dask: gl.from_dask() makes the other one of ours, gl.to_dask() this one Dask's")
    return not hasattr(other, "__array__") or hasattr(type(other), "__array_ufunc__")


_REDUCE = {
    "add": _reductions.sum, "multiply": _reductions.prod, "minimum": _reductions.min, "maximum": _reductions.max,
    "logical_and": _reductions.all, "logical_or": _reductions.any,
}  # fmt: skip
_ACCUMULATE = {
    "add": _scans.cumsum, "multiply": _scans.cumprod,
    "minimum": lambda a, axis=0, dtype=None, out=None: _scans.cummin(a, axis),
    "maximum": lambda a, axis=0, dtype=None, out=None: _scans.cummax(a, axis),
}  # fmt: skip
#: Functions of two results.
_PAIRS = {"divmod": _elementwise.divmod, "frexp": _special.frexp, "modf": _elementwise.modf}


def array_ufunc(self, ufunc, method, *inputs, out=None, **keywords):
    """A universal function of NumPy's, of lazy arrays and others."""
    if any(_foreign(value) for value in inputs):
        return NotImplemented
    if out is not None and not all(is_array(array) for array in out):
        raise TypeError(f"np.{ufunc.__name__}: a lazy result cannot be written into a NumPy array: compute() it first")
    for keyword in ("order", "subok"):
        keywords.pop(keyword, None)
    name = ufunc.__name__
    if method != "__call__" or name not in _elements.FUNCTIONS:
        # Reductions and products are cast as their `out` asks.
        keywords.pop("casting", None)
    if method == "__call__":
        if name == "matmul":
            return _products.matmul(*inputs, out=out)
        if name in ("matvec", "vecmat") and out is None:
            return getattr(_products, name)(*inputs, **keywords)
        if name == "vecdot" and out is None:
            return _products.vecdot(*inputs, **{"axis": -1, **keywords})
        if name == "clip":
            return _elementwise.clip(*inputs, out=out)
        if name in _PAIRS and out is None and not keywords:
            return _PAIRS[name](*inputs)
        if name in _elements.FUNCTIONS:
            return _elements.FUNCTIONS[name](*inputs, out=out, **keywords)
    elif method == "reduce" and name in _REDUCE:
        return _reduced(name, inputs, out, {"axis": 0, **keywords})
    elif method == "accumulate" and name in _ACCUMULATE:
        return _ACCUMULATE[name](*inputs, out=out, **{"axis": 0, **keywords})
    elif method == "outer" and name in _elements.FUNCTIONS and len(inputs) == 2:
        x, y = (node(value) for value in inputs)
        for _ in y.shape:
            x = x.insert_axis(len(x.shape))
        return _elements.FUNCTIONS[name](wrap(x), wrap(y), out=out, **keywords)
    called = name if method == "__call__" else f"{name}.{method}"
    raise TypeError(_missing(called, inputs))


def _reduced(name, inputs, out, keywords):
    """`np.add.reduce` and the like, whose `dtype` and `initial` not all of our functions have."""
    inputs = [node(value) for value in inputs]
    dtype = keywords.pop("dtype", None) if name not in ("add", "multiply") else None
    if dtype is not None and name in ("maximum", "minimum"):
        inputs = [_elementwise.astype(wrap(inputs[0]), dtype)._node]
    initial = keywords.pop("initial", None) if name in ("logical_and", "logical_or") else None
    made = _REDUCE[name](wrap(inputs[0]), out=None if initial is not None else out, **keywords)
    return made if initial is None else _elements.FUNCTIONS[name](made, bool(initial), out=out)


def _foreign(value):
    """Whether a value is another library's, which is asked next."""
    if is_array(value) or isinstance(value, (np.ndarray, np.generic, numbers.Number)):
        return type(value) is not np.ndarray and isinstance(value, np.ndarray) and not isinstance(value, (np.memmap, np.ma.MaskedArray))
    return hasattr(type(value), "__array_ufunc__")


def _missing(called, args):
    what = next((value for value in args if is_array(value)), None)
    shape = f", of shape {what.shape}," if what is not None else ""
    way = WAYS_OUT.get(called, f"compute() the array{shape} first, if it fits memory")
    return f"np.{called} of lazy arrays is not in gridloom yet: {way}"


#: Better ways out than computing first.
WAYS_OUT = {
    "save": "compute() is not needed: x.to_npy(path) writes chunk by chunk",
    "pad": "compute() is not needed: concatenate() with zeros() or parts of the array",
    "matvec": "compute() is not needed: use @",
    "vecmat": "compute() is not needed: use @",
}


def missing_name(name, module=""):
    """The `AttributeError` of a name that NumPy has and the package, or a module of it, has not."""
    of, theirs = (f".{module}", getattr(np, module)) if module else ("", np)
    if not name.startswith("_") and hasattr(theirs, name):
        return AttributeError(f"gridloom{of} has no {name!r} yet: np{of}.{name} of what compute() gives works where that fits memory")
    return AttributeError(f"module 'gridloom{of}' has no attribute {name!r}")


_FUNCTIONS: dict[Any, Any] = {}


def functions():
    """NumPy's functions that stay lazy, each with ours."""
    if not _FUNCTIONS:
        import gridloom

        for name in dir(gridloom):
            theirs, ours = getattr(np, name, None), getattr(gridloom, name)
            if callable(theirs) and callable(ours) and not isinstance(theirs, (np.ufunc, type)) and not isinstance(ours, type):
                _FUNCTIONS[theirs] = ours
        for name in gridloom.linalg.__all__:
            _FUNCTIONS[getattr(np.linalg, name)] = getattr(gridloom.linalg, name)
        _FUNCTIONS[np.shape] = lambda a: a.shape
        _FUNCTIONS[np.ndim] = lambda a: a.ndim
        _FUNCTIONS[np.size] = lambda a, axis=None: a.size if axis is None else a.shape[axis]
        _FUNCTIONS[np.copy] = lambda a, order="K", subok=False: wrap(node(a))
        _FUNCTIONS[np.compress] = _indexing.compress
        _FUNCTIONS[np.lib.stride_tricks.sliding_window_view] = gridloom.sliding_window_view
    return _FUNCTIONS


def array_function(self, func, types, args, keywords):
    """A function of NumPy's, of lazy arrays and others."""
    for kind in types:
        if not (hasattr(kind, "_gridloom_array") or issubclass(kind, np.ndarray)):
            return NotImplemented
    ours = functions().get(func)
    if ours is None:
        module = func.__module__.removeprefix("numpy").removeprefix(".")
        called = f"{module}.{func.__name__}" if module and not module.startswith("_") else func.__name__
        raise TypeError(_missing(called, args))
    return ours(*args, **keywords)
