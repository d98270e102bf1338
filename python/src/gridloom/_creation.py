"""Arrays made of numbers, of NumPy's arrays, of files and of whatever is read by slices.

`order`, the order of elements in memory, is taken as NumPy's users write it, and means nothing here: chunks are in C order.
"""

import operator

import numpy as np

from . import _convert, _core
from ._convert import cut, node
from ._dtypes import DTYPES, FLOAT64, INT64, NAMES, canonical, name
from ._handle import wrap


def _full(shape, value, dtype, chunks):
    lengths = _convert.shape(shape)
    return wrap(_core.full(lengths, value, name(dtype), cut(chunks, len(lengths))))


def full(shape, fill_value, dtype=None, order="C", *, chunks="auto", device=None):
    """An array of one value; its dtype is the value's own where none is given."""
    if _convert.is_array(fill_value) or isinstance(fill_value, (list, tuple, np.ndarray)):
        value = node(fill_value)
        value = value.cast(name(dtype)) if dtype is not None else value
        lengths = _convert.shape(shape)
        return wrap(value.broadcast_to(lengths).rechunk(cut(chunks, len(lengths))))
    value = np.asarray(fill_value)
    if dtype is None:
        dtype = canonical(value.dtype)
    return _full(shape, _as(value, canonical(dtype)), dtype, chunks)


def _as(value, dtype):
    """One of NumPy's numbers as one of Python's that the dtype holds."""
    number = value.item()
    if isinstance(number, complex):
        canonical(value.dtype)
    if dtype.kind in "iu" and isinstance(number, float):
        return int(number)
    return number


def zeros(shape, dtype=float, order="C", *, chunks="auto", device=None):
    """An array of zeros."""
    return _full(shape, 0, dtype, chunks)


def ones(shape, dtype=None, order="C", *, chunks="auto", device=None):
    """An array of ones."""
    return _full(shape, 1, dtype, chunks)


def empty(shape, dtype=float, order="C", *, chunks="auto", device=None):
    """An array of zeros: lazy arrays have no memory that could hold anything else."""
    return _full(shape, 0, dtype, chunks)


def _like(a, value, dtype, shape, chunks):
    a = node(a)
    dtype = DTYPES[a.dtype] if dtype is None else dtype
    lengths = a.shape if shape is None else _convert.shape(shape)
    if None in lengths:
        # Made of the array, so that the length is known to be the same: no element is other than itself, NaN included, by its bits.
        none = _core.binary("ne", a.cast("bool"), a.cast("bool"))
        return wrap(_core.select(none, not value, value).cast(name(dtype)))
    same = shape is None or tuple(lengths) == a.shape
    chunks = (a.chunks if same else "auto") if chunks is None else cut(chunks)
    return wrap(_core.full(list(lengths), value, name(dtype), chunks))


def zeros_like(a, dtype=None, order="K", *, shape=None, chunks=None, device=None):
    """Zeros in the shape, dtype and chunks of another array."""
    return _like(a, 0, dtype, shape, chunks)


def ones_like(a, dtype=None, order="K", *, shape=None, chunks=None, device=None):
    """Ones in the shape, dtype and chunks of another array."""
    return _like(a, 1, dtype, shape, chunks)


def empty_like(a, dtype=None, order="K", *, shape=None, chunks=None, device=None):
    """Zeros in the shape, dtype and chunks of another array."""
    return _like(a, 0, dtype, shape, chunks)


def full_like(a, fill_value, dtype=None, order="K", *, shape=None, chunks=None, device=None):
    """One value in the shape, dtype and chunks of another array."""
    dtype = DTYPES[node(a).dtype] if dtype is None else canonical(dtype)
    return _like(a, _as(np.asarray(fill_value), dtype), dtype, shape, chunks)


def eye(N, M=None, k=0, dtype=float, *, chunks="auto", device=None):
    """Ones on a diagonal, zeros elsewhere; `k` diagonals above (or below) the main one."""
    columns = N if M is None else M
    return wrap(_core.eye(operator.index(N), operator.index(columns), operator.index(k), name(dtype), cut(chunks)))


def identity(n, dtype=None, *, chunks="auto"):
    """Ones on the main diagonal of a square."""
    return eye(n, dtype=dtype, chunks=chunks)


def arange(start, stop=None, step=1, dtype=None, *, chunks="auto", device=None):
    """`start, start + step, ..` up to but not including `stop`, by the rules of NumPy: of integers int64, else float64."""
    if stop is None:
        start, stop = 0, start
    bounds = [np.asarray(bound).item() for bound in (start, stop, step)]
    if dtype is None:
        dtype = INT64 if all(isinstance(bound, int) for bound in bounds) else FLOAT64
    if step == 0:
        raise ZeroDivisionError("arange: step is 0")
    # Steps are counted in the bounds' own numbers, and made in the dtype.
    if canonical(dtype).kind in "iu" and any(isinstance(bound, float) for bound in bounds):
        return wrap(_core.arange(*map(float, bounds), "f64", cut(chunks, 1)).cast(name(dtype)))
    if canonical(dtype).kind == "b":
        raise TypeError("no fill-function for data-type.")
    wide = {"f32": "f64"}.get(name(dtype), name(dtype)) if canonical(dtype).kind == "f" else "i64"
    if canonical(dtype) == np.dtype("uint64") and max(map(abs, bounds)) >= 2**63:
        wide = "u64"
    return wrap(_core.arange(*bounds, wide, cut(chunks, 1)).cast(name(dtype)))


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, *, chunks="auto", device=None):
    """`num` values at equal distances from `start` to `stop`, which is the last one unless `endpoint` is false."""
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    start, stop = float(start), float(stop)
    parts = num - 1 if endpoint else num
    step = (stop - start) / parts if parts > 0 else np.nan
    # Without the end, one value more is made, and the last one left out.
    made = _core.linspace(start, stop, num + (not endpoint), "f64", cut(chunks if endpoint else "auto"))
    if not endpoint:
        made = made.index((slice(num),)).rechunk(cut(chunks))
    if dtype is not None:
        made = made.unary("floor") if canonical(dtype).kind in "iu" else made
        made = made.cast(name(dtype))
    return (wrap(made), step) if retstep else wrap(made)


def fromfunction(function, shape, *, dtype=float, chunks="auto", **kwargs):
    """`function` of arrays of each axis' indices: it is called once, with lazy arrays."""
    lengths = _convert.shape(shape)
    grid = []
    for k, length in enumerate(lengths):
        line = _core.arange(0, length, 1, "i64", "auto").cast(name(dtype))
        line = line.reshape([length if at == k else 1 for at in range(len(lengths))])
        grid.append(wrap(line.broadcast_to(lengths).rechunk(cut(chunks))))
    return function(*grid, **kwargs)


# ---- of what is there


def asarray(a, dtype=None, *, device=None, copy=None, chunks="auto", like=None, order=None):
    """A lazy array of NumPy's arrays, lists, numbers, and whatever NumPy makes arrays of.

    `copy=False` shares the memory of NumPy's arrays (as `from_array` does), which must not be written then; else it is copied, so that
    later writes do not reach the lazy array. A lazy array is itself, or with `copy=True` another handle of the same.
    """
    if _convert.is_array(a):
        if dtype is None or canonical(dtype) == DTYPES[a._node.dtype]:
            return wrap(a._node) if copy else a
        if copy is False:
            raise ValueError(f"asarray: an array of {DTYPES[a._node.dtype]} is not one of {np.dtype(dtype)} without a copy")
        return wrap(a._node.cast(name(dtype)))
    if type(a).__module__.partition(".")[0] == "dask":
        made = from_array(a)
        return made if dtype is None else wrap(made._node.cast(name(dtype)))
    if isinstance(a, np.generic) or _convert.is_number(a):
        own = np.asarray(a)
        if copy is False:
            raise ValueError("asarray: a number is no array whose memory could be shared: copy=None")
        return full((), own, own.dtype if dtype is None else dtype)
    if isinstance(a, (list, tuple)) and _any_lazy(a):
        parts = [asarray(part)._node for part in a]
        made = _core.stack(parts, 0)
        return wrap(made if dtype is None else made.cast(name(dtype)))
    values = _convert.ndarray(a)
    if dtype is not None and values.dtype != canonical(dtype):
        if copy is False:
            raise ValueError(f"asarray: an array of {values.dtype} is not one of {np.dtype(dtype)} without a copy")
        values = values.astype(canonical(dtype))
    elif copy is not False and (values is a or values.base is not None or isinstance(a, np.ndarray)):
        values = values.copy()
    return wrap(_convert.shared(values, cut(chunks, values.ndim)))


def _any_lazy(values):
    return any(_convert.is_array(value) or (isinstance(value, (list, tuple)) and _any_lazy(value)) for value in values)


def array(object, dtype=None, *, copy=True, chunks="auto", ndmin=0):
    """As `asarray`, of a copy."""
    made = asarray(object, dtype, copy=copy, chunks=chunks)
    while made.ndim < ndmin:
        made = wrap(made._node.insert_axis(0))
    return made


# `from_array` has an argument of the same name, which is Dask's.
asanyarray = _asarray = asarray


def from_array(x, chunks="auto", name=None, *, lock=False, asarray=None, fancy=True, getitem=None, meta=None, inline_array=False):
    """An array over what is there: of NumPy's arrays the memory itself, of other objects chunks, each read when it is needed.

    Parameters
    ----------
    x : object
        A NumPy array (which is not copied, and must not be written while something is computed of it), or whatever has `shape`, `dtype`
        and `__getitem__` by slices: a memory map, a variable of an HDF5, netCDF or zarr file. A Dask array is read as `from_dask` does.
    chunks : as everywhere
        A size for all axes, one an axis, lists, or `"auto"`.
    name : str, optional
        What plans call it.
    lock : bool or lock, optional
        Whether one chunk is read at a time. Reading holds the interpreter's lock in any case.
    """
    if _convert.is_array(x):
        return wrap(x._node.rechunk(cut(chunks, x.ndim)))
    if type(x).__module__.partition(".")[0] == "dask":
        from ._dask import from_dask

        return from_dask(x)
    if isinstance(x, np.ndarray) and not isinstance(x, np.memmap):
        return wrap(_convert.shared(_convert.ndarray(x), cut(chunks, x.ndim)))
    if not all(hasattr(x, part) for part in ("shape", "dtype", "__getitem__")):
        if not isinstance(x, (list, tuple, int, float)):
            raise TypeError(f"from_array: needs an array, or an object with shape, dtype and [slices], not {type(x).__qualname__}")
        return _asarray(x, chunks=chunks)
    dtype = canonical(x.dtype)
    title = name if isinstance(name, str) else f"from {type(x).__name__}"
    shape = [operator.index(length) for length in x.shape]
    source = _Locked(x, lock) if lock else x
    return wrap(_core.from_object(source, _convert.elements, title, NAMES[dtype], shape, cut(chunks, len(shape))))


class _Locked:
    """An object that is read under a lock."""

    def __init__(self, source, lock):
        import threading

        self.source, self.lock = source, threading.Lock() if lock is True else lock

    def __getitem__(self, key):
        with self.lock:
            return np.asarray(self.source[key])


def from_npy(path, chunks="auto"):
    """The array in a file of NumPy's format, read chunk by chunk."""
    return wrap(_core.read_npy(path, cut(chunks)))


def from_dlpack(x, /, *, device=None, copy=None):
    """An array over memory that another library lends, by way of NumPy."""
    if device not in (None, "cpu"):
        raise ValueError(f"from_dlpack: device {device!r}: the memory is the host's: device=None")
    if _convert.is_array(x):
        return wrap(x._node)
    return asarray(np.from_dlpack(x, copy=copy), copy=False)
