"""Arrays made of numbers, of NumPy's arrays, of files and of whatever is read by slices.

`order`, the order of elements in memory, is taken as NumPy's users write it, and means nothing here: chunks are in C order.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core
from ._convert import cut, node
from ._dtypes import DTYPES, FLOAT64, INT64, NAMES, canonical, name
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Chunks, Device, DTypeLike, Order, Shape

__all__ = [
    "arange",
    "array",
    "asanyarray",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_array",
    "from_dlpack",
    "from_npy",
    "fromfunction",
    "full",
    "full_like",
    "identity",
    "linspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


def _full(shape, value, dtype, chunks):
    lengths = _convert.shape(shape)
    return wrap(_core.full(lengths, value, name(dtype), cut(chunks, len(lengths))))


def full(
    shape: Shape,
    fill_value: ArrayLike,
    dtype: DTypeLike | None = None,
    order: Order = "C",
    *,
    chunks: Chunks = "auto",
    device: Device = None,
) -> Array:
    """An array of one value.

    Parameters
    ----------
    shape : int or tuple of int
    fill_value : number or array_like
        The value, or an array that is broadcast.
    dtype : dtype, optional
        The value's own where none is given.
    order, device
        Are taken as NumPy's, and mean nothing: chunks are in C order, results on the host.
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".

    Returns
    -------
    Array

    Raises
    ------
    OverflowError
        For an integer that the dtype does not hold.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.full((2, 2), 7).compute()
    array([[7, 7],
           [7, 7]])
    """
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


def zeros(shape: Shape, dtype: DTypeLike | None = float, order: Order = "C", *, chunks: Chunks = "auto", device: Device = None) -> Array:
    """An array of zeros.

    Parameters
    ----------
    shape : int or tuple of int
    dtype : dtype, optional
    order, device
        Are taken as NumPy's, and mean nothing: chunks are in C order, results on the host.
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".

    Returns
    -------
    Array

    Notes
    -----
    It has no memory: chunks are made where they are needed.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.zeros((1000, 1000), chunks=(100, -1)).numblocks
    (10, 1)
    """
    return _full(shape, 0, dtype, chunks)


def ones(shape: Shape, dtype: DTypeLike | None = None, order: Order = "C", *, chunks: Chunks = "auto", device: Device = None) -> Array:
    """An array of ones.

    Parameters
    ----------
    shape : int or tuple of int
    dtype : dtype, optional
    order, device
        Are taken as NumPy's, and mean nothing: chunks are in C order, results on the host.
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".

    Returns
    -------
    Array

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.ones((4, 4), chunks=(2, 4)).chunks
    ((2, 2), (4,))
    """
    return _full(shape, 1, dtype, chunks)


def empty(shape: Shape, dtype: DTypeLike | None = float, order: Order = "C", *, chunks: Chunks = "auto", device: Device = None) -> Array:
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


def zeros_like(
    a: ArrayLike,
    dtype: DTypeLike | None = None,
    order: Order = "K",
    *,
    shape: Shape | None = None,
    chunks: Chunks | None = None,
    device: Device = None,
) -> Array:
    """Zeros in the shape, dtype and chunks of another array."""
    return _like(a, 0, dtype, shape, chunks)


def ones_like(
    a: ArrayLike,
    dtype: DTypeLike | None = None,
    order: Order = "K",
    *,
    shape: Shape | None = None,
    chunks: Chunks | None = None,
    device: Device = None,
) -> Array:
    """Ones in the shape, dtype and chunks of another array."""
    return _like(a, 1, dtype, shape, chunks)


def empty_like(
    a: ArrayLike,
    dtype: DTypeLike | None = None,
    order: Order = "K",
    *,
    shape: Shape | None = None,
    chunks: Chunks | None = None,
    device: Device = None,
) -> Array:
    """Zeros in the shape, dtype and chunks of another array."""
    return _like(a, 0, dtype, shape, chunks)


def full_like(
    a: ArrayLike,
    fill_value: ArrayLike,
    dtype: DTypeLike | None = None,
    order: Order = "K",
    *,
    shape: Shape | None = None,
    chunks: Chunks | None = None,
    device: Device = None,
) -> Array:
    """One value in the shape, dtype and chunks of another array."""
    dtype = DTYPES[node(a).dtype] if dtype is None else canonical(dtype)
    return _like(a, _as(np.asarray(fill_value), dtype), dtype, shape, chunks)


def eye(
    N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = float, *, chunks: Chunks = "auto", device: Device = None
) -> Array:
    """Ones on a diagonal, zeros elsewhere.

    Parameters
    ----------
    N, M : int
        Rows, and columns (as many where not given).
    k : int
        How many diagonals above the main one; below it where negative.
    dtype : dtype, optional
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".
    order, device
        Are taken as NumPy's, and mean nothing: chunks are in C order, results on the host.

    Returns
    -------
    Array

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.eye(2, 3, k=1, dtype=int).compute()
    array([[0, 1, 0],
           [0, 0, 1]])
    """
    columns = N if M is None else M
    return wrap(_core.eye(operator.index(N), operator.index(columns), _convert.diagonal(k), name(dtype), cut(chunks)))


def identity(n: int, dtype: DTypeLike | None = None, *, chunks: Chunks = "auto") -> Array:
    """Ones on the main diagonal of a square."""
    return eye(n, dtype=dtype, chunks=chunks)


def arange(
    start: Any, stop: Any = None, step: Any = 1, dtype: DTypeLike | None = None, *, chunks: Chunks = "auto", device: Device = None
) -> Array:
    """Numbers from a start on, at equal steps, before an end.

    Parameters
    ----------
    start, stop, step : number
        With one number alone, it is the end, and 0 the start.
    dtype : dtype, optional
        int64 of integers, else float64, where none is given.
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".
    order, device
        Are taken as NumPy's, and mean nothing: chunks are in C order, results on the host.

    Returns
    -------
    Array

    Raises
    ------
    ZeroDivisionError
        For a step of 0.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.arange(4).compute(), gl.arange(1, 2, 0.5).compute()
    (array([0, 1, 2, 3]), array([1. , 1.5]))
    """
    if stop is None:
        start, stop = 0, start
    bounds = [np.asarray(bound).item() for bound in (start, stop, step)]
    if dtype is None:
        dtype = INT64 if all(isinstance(bound, int) for bound in bounds) else FLOAT64
    if step == 0:
        raise ZeroDivisionError("arange: step is 0")
    # Steps are counted in the bounds' own numbers, and made in the dtype.
    if canonical(dtype).kind in "iu" and any(isinstance(bound, float) for bound in bounds):
        begin, end, by = map(float, bounds)
        return wrap(_core.arange(begin, end, by, "f64", cut(chunks, 1)).cast(name(dtype)))
    if canonical(dtype).kind == "b":
        raise TypeError("no fill-function for data-type.")
    wide = {"f16": "f64", "f32": "f64"}.get(name(dtype), name(dtype)) if canonical(dtype).kind == "f" else "i64"
    if canonical(dtype) == np.dtype("uint64") and max(map(abs, bounds)) >= 2**63:
        wide = "u64"
    begin, end, by = bounds
    return wrap(_core.arange(begin, end, by, wide, cut(chunks, 1)).cast(name(dtype)))


def linspace(
    start: float,
    stop: float,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike | None = None,
    *,
    chunks: Chunks = "auto",
    device: Device = None,
) -> Any:
    """Numbers at equal distances.

    Parameters
    ----------
    start, stop : number
    num : int
        How many.
    endpoint : bool
        Whether `stop` is the last one.
    retstep : bool
        Whether the distance is returned, too.
    dtype : dtype, optional
        float64 by default; floors are taken for integers.
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".
    order, device
        Are taken as NumPy's, and mean nothing: chunks are in C order, results on the host.

    Returns
    -------
    Array, or (Array, float)

    Raises
    ------
    ValueError
        For a negative number of them.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.linspace(0, 1, 5).compute()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
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


def fromfunction(
    function: Callable[..., Any], shape: Shape, *, dtype: DTypeLike | None = float, chunks: Chunks = "auto", **kwargs: Any
) -> Any:
    """A function of the places of elements.

    Parameters
    ----------
    function : callable
        Is called once, with one lazy array of indices an axis.
    shape : int or tuple of int
    dtype : dtype, optional
        Of the indices.
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".
    **kwargs
        Are handed on.

    Returns
    -------
    What the function gives

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.fromfunction(lambda i, j: 10 * i + j, (2, 3), dtype=int).compute()
    array([[ 0,  1,  2],
           [10, 11, 12]])
    """
    lengths = _convert.shape(shape)
    grid = []
    for k, length in enumerate(lengths):
        line = _core.arange(0, length, 1, "i64", "auto").cast(name(dtype))
        line = line.reshape([length if at == k else 1 for at in range(len(lengths))])
        grid.append(wrap(line.broadcast_to(lengths).rechunk(cut(chunks))))
    return function(*grid, **kwargs)


# ---- of what is there


def asarray(
    a: Any,
    dtype: DTypeLike | None = None,
    *,
    device: Device = None,
    copy: bool | None = None,
    chunks: Chunks = "auto",
    like: Any = None,
    order: Order = None,
) -> Array:
    """A lazy array of NumPy's arrays, lists, numbers, and whatever NumPy makes arrays of.

    Parameters
    ----------
    a : object
    dtype : dtype, optional
    copy : bool, optional
        False shares the memory of NumPy's arrays (as `from_array` does), which must not be written then; else it is copied, so that
        later writes do not reach the lazy array. A lazy array is itself, or with True another handle of the same.
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".
    device, like, order
        Are taken as NumPy's, and mean nothing.

    Returns
    -------
    Array

    Raises
    ------
    TypeError
        For dtypes that there are no arrays of: complex, objects, text.
    ValueError
        For ragged lists; for `copy=False` of what has to be copied.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.asarray([[1, 2], [3, 4]]).T.compute()
    array([[1, 3],
           [2, 4]])
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
        # Python's numbers have to fit, as NumPy's do in a list.
        own = np.asarray(a) if dtype is None or isinstance(a, np.generic) else np.asarray(a, canonical(dtype))
        if copy is False:
            raise ValueError("asarray: a number is no array whose memory could be shared: copy=None")
        return full((), own, own.dtype if dtype is None else dtype)
    if isinstance(a, (list, tuple)) and _any_lazy(a):
        parts = [asarray(part)._node for part in a]
        made = _core.stack(parts, 0)
        return wrap(made if dtype is None else made.cast(name(dtype)))
    is_list = dtype is not None and isinstance(a, (list, tuple))
    values = np.asarray(a, canonical(dtype)) if is_list else _convert.ndarray(a)
    if dtype is not None and values.dtype != canonical(dtype):
        if copy is False:
            raise ValueError(f"asarray: an array of {values.dtype} is not one of {np.dtype(dtype)} without a copy")
        values = values.astype(canonical(dtype))
    elif copy is not False and (values is a or values.base is not None or isinstance(a, np.ndarray)):
        values = values.copy()
    return wrap(_convert.shared(values, cut(chunks, values.ndim)))


def _any_lazy(values):
    return any(_convert.is_array(value) or (isinstance(value, (list, tuple)) and _any_lazy(value)) for value in values)


def array(object: Any, dtype: DTypeLike | None = None, *, copy: bool | None = True, chunks: Chunks = "auto", ndmin: int = 0) -> Array:
    """As `asarray`, of a copy."""
    made = asarray(object, dtype, copy=copy, chunks=chunks)
    while made.ndim < ndmin:
        made = wrap(made._node.insert_axis(0))
    return made


# `from_array` has an argument of the same name, which is Dask's.
asanyarray = _asarray = asarray


def from_array(
    x: Any,
    chunks: Chunks = "auto",
    name: str | bool | None = None,
    *,
    lock: Any = False,
    asarray: bool | None = None,
    fancy: bool = True,
    getitem: Any = None,
    meta: Any = None,
    inline_array: bool = False,
) -> Array:
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
    asarray, fancy, getitem, meta, inline_array
        Are taken as Dask's, and mean nothing.

    Returns
    -------
    Array

    Raises
    ------
    TypeError
        For what has no shape, dtype or `[slices]`, and dtypes that there are no arrays of.

    Examples
    --------
    >>> import numpy as np, gridloom as gl
    >>> gl.from_array(np.arange(6), chunks=2).sum().compute()
    np.int64(15)
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


def from_npy(path: str | PathLike[str], chunks: Chunks = "auto") -> Array:
    """The array in a file of NumPy's format, read chunk by chunk when it is needed.

    Parameters
    ----------
    path : path
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".

    Returns
    -------
    Array

    Raises
    ------
    OSError
        For a file that is not there.
    ValueError
        For one of another format; when it is computed, for one that has changed since.

    Examples
    --------
    >>> import gridloom as gl
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "x.npy"
    >>> gl.arange(6).to_npy(path)
    >>> gl.from_npy(path, chunks=4).chunks
    ((4, 2),)
    """
    return wrap(_core.read_npy(path, cut(chunks)))


def from_dlpack(x: Any, /, *, device: Device = None, copy: bool | None = None) -> Array:
    """An array over memory that another library lends, by way of NumPy."""
    if device not in (None, "cpu"):
        raise ValueError(f"from_dlpack: device {device!r}: the memory is the host's: device=None")
    if _convert.is_array(x):
        return wrap(x._node)
    return asarray(np.from_dlpack(x, copy=copy), copy=False)
