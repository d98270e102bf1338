"""Arrays of what NumPy reads at once (text, buffers, iterators), and files that NumPy writes of whole arrays. `from_npy`, `to_npy` and
`fromfile` work chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core, _creation
from ._client import compute
from ._convert import is_array
from ._dtypes import canonical
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Chunks, DTypeLike, Order

__all__ = [
    "asarray_chkfinite",
    "ascontiguousarray",
    "asfortranarray",
    "frombuffer",
    "fromfile",
    "fromiter",
    "fromstring",
    "genfromtxt",
    "loadtxt",
    "savetxt",
    "savez",
    "savez_compressed",
]


def asarray_chkfinite(a: Any, dtype: DTypeLike | None = None, order: Order = None) -> Array:
    """As `asarray`, of finite numbers.

    Raises
    ------
    ValueError
        For NaN and infinities: at once for NumPy's arrays and lists, for lazy ones when they are computed.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.asarray_chkfinite([1.0, 2.0]).compute()
    array([1., 2.])
    """
    if not is_array(a):
        return _creation.asarray(np.asarray_chkfinite(a, dtype))
    made = _creation.asarray(a, dtype)
    return wrap(_core.of_one("checked_finite", made._node)) if made.dtype.kind == "f" else made


def ascontiguousarray(a: Any, dtype: DTypeLike | None = None) -> Array:
    """As `asarray`, of one axis at least: what is computed lies in C order always."""
    made = _creation.asarray(a, dtype)
    return made if made.ndim else made.reshape(1)


def asfortranarray(a: Any, dtype: DTypeLike | None = None) -> Array:
    """As `asarray`: what is computed lies in C order always, and `np.asfortranarray` of that changes it."""
    return _creation.asarray(a, dtype)


def _made(values: Any, chunks: Chunks) -> Array:
    """An array over one of NumPy's that nobody else has."""
    return wrap(_convert.shared(_convert.ndarray(values), _convert.cut(chunks, np.ndim(values))))


def frombuffer(buffer: Any, dtype: DTypeLike = float, count: int = -1, offset: int = 0, *, chunks: Chunks = "auto") -> Array:
    """The numbers in an object's memory (bytes, `array.array`, `mmap`), which is shared.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.frombuffer(bytes([1, 2, 3]), dtype="u1").compute()
    array([1, 2, 3], dtype=uint8)
    """
    return _made(np.frombuffer(buffer, dtype, count, offset), chunks)


def fromiter(iter: Iterable[Any], dtype: DTypeLike, count: int = -1, *, chunks: Chunks = "auto") -> Array:
    """What an iterator gives, which NumPy reads at once.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.fromiter((k * k for k in range(4)), int).compute()
    array([0, 1, 4, 9])
    """
    return _made(np.fromiter(iter, dtype, count), chunks)


def fromfile(
    file: str | PathLike[str] | Any, dtype: DTypeLike = float, count: int = -1, sep: str = "", offset: int = 0, *, chunks: Chunks = "auto"
) -> Array:
    """The numbers in a file without a header.

    Parameters
    ----------
    file : path or file
        Of a path the numbers are read chunk by chunk, when they are needed; a file that is open is read at once by NumPy.
    dtype : dtype
    count : int
        How many numbers; all by default.
    sep : str
        What stands between numbers that are text, which NumPy reads at once.
    offset : int
        How many bytes come before them.
    chunks : optional
        How it is cut.

    Returns
    -------
    Array
        Of one axis.

    Raises
    ------
    OSError
        For a file that is not there.

    Examples
    --------
    >>> import os, tempfile, numpy as np, gridloom as gl
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.raw")
    >>> np.arange(4.0).tofile(path)
    >>> gl.fromfile(path).compute()
    array([0., 1., 2., 3.])
    """
    wanted = np.dtype(dtype)
    if sep or not isinstance(file, (str, PathLike)) or wanted != canonical(wanted):
        values = np.fromfile(file, wanted, count, sep) if sep else np.fromfile(file, wanted, count, offset=offset)
        return _made(values, chunks)
    with open(file, "rb") as opened:
        held = max(0, opened.seek(0, 2) - offset) // wanted.itemsize
    n = held if count < 0 else min(held, count)
    if n == 0:
        return _creation.zeros(0, wanted)
    return _creation.from_array(np.memmap(file, wanted, "r", offset, (n,)), chunks)


def fromstring(string: str, dtype: DTypeLike = float, count: int = -1, *, sep: str, chunks: Chunks = "auto") -> Array:
    """The numbers in a text, which NumPy reads at once.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.fromstring("1 2 3", sep=" ").compute()
    array([1., 2., 3.])
    """
    return _made(np.fromstring(string, dtype, count, sep=sep), chunks)


def loadtxt(fname: Any, *args: Any, chunks: Chunks = "auto", **keywords: Any) -> Array:
    """The numbers in a text file, which `numpy.loadtxt` reads at once: arguments as there.

    Examples
    --------
    >>> import io, gridloom as gl
    >>> gl.loadtxt(io.StringIO("1,2\\n3,4"), delimiter=",").compute()
    array([[1., 2.],
           [3., 4.]])
    """
    return _made(np.loadtxt(fname, *args, **keywords), chunks)


def genfromtxt(fname: Any, *args: Any, chunks: Chunks = "auto", **keywords: Any) -> Array:
    """The numbers in a text file with gaps, which `numpy.genfromtxt` reads at once: arguments as there.

    Examples
    --------
    >>> import io, gridloom as gl
    >>> gl.genfromtxt(io.StringIO("1,\\n3,4"), delimiter=",").compute()
    array([[ 1., nan],
           [ 3.,  4.]])
    """
    return _made(np.genfromtxt(fname, *args, **keywords), chunks)


def savetxt(fname: Any, X: ArrayLike, *args: Any, **keywords: Any) -> None:
    """Writes an array of one axis or two as text: it is computed, and `numpy.savetxt` writes it; arguments as there."""
    (values,) = compute(X)
    np.savetxt(fname, values, *args, **keywords)


def savez(file: Any, *args: ArrayLike, **keywords: Any) -> None:
    """Writes several arrays into one file: they are computed in one run, and `numpy.savez` writes them; arguments as there."""
    values, named = compute(list(args), keywords)
    np.savez(file, *values, **named)


def savez_compressed(file: Any, *args: ArrayLike, **keywords: Any) -> None:
    """As `savez`, compressed."""
    values, named = compute(list(args), keywords)
    np.savez_compressed(file, *values, **named)
