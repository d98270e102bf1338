"""Scans and differences. Dask's `method` of scans is taken, and means nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _core
from ._convert import axis as one_axis
from ._convert import known, node
from ._dtypes import name
from ._handle import into, wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axis, DTypeLike, Out

__all__ = [
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "diff",
    "nancumprod",
    "nancumsum",
]


def _scan(row, a, axis, dtype, out):
    x = node(a)
    if dtype is not None:
        x = x.cast(name(dtype))
    x = x.scan(row, None if axis is None else one_axis(axis))
    return into(out, x if dtype is None else x.cast(name(dtype)), row)


def cumsum(a: ArrayLike, axis: Axis | None = None, dtype: DTypeLike | None = None, out: Out = None, *, method: str | None = None) -> Array:
    """The sums of the elements up to each.

    Parameters
    ----------
    a : array_like
    axis : int, optional
        Along which axis; without one, over all elements in C order, on one axis.
    dtype : dtype, optional
        What is summed in, and the result's.
    out : Array, optional
        Is given the result.
    method : str, optional
        Dask's; means nothing here.

    Returns
    -------
    Array
        In the array's chunks along an axis.

    Notes
    -----
    Integers and bool in 64 bits. NaN from the first NaN on.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.cumsum(gl.asarray([[1, 2], [3, 4]]), axis=0).compute()
    array([[1, 2],
           [4, 6]])
    """
    return _scan("cumsum", a, axis, dtype, out)


def cumprod(a: ArrayLike, axis: Axis | None = None, dtype: DTypeLike | None = None, out: Out = None, *, method: str | None = None) -> Array:
    """The products of the elements up to each.

    Parameters
    ----------
    a : array_like
    axis : int, optional
        Along which axis; without one, over all elements in C order, on one axis.
    dtype : dtype, optional
        What is summed in, and the result's.
    out : Array, optional
        Is given the result.
    method : str, optional
        Dask's; means nothing here.

    Returns
    -------
    Array
        In the array's chunks along an axis.

    Notes
    -----
    Integers and bool in 64 bits.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.cumprod(gl.asarray([2, 3, 4])).compute()
    array([ 2,  6, 24])
    """
    return _scan("cumprod", a, axis, dtype, out)


def nancumsum(
    a: ArrayLike, axis: Axis | None = None, dtype: DTypeLike | None = None, out: Out = None, *, method: str | None = None
) -> Array:
    """The sums of the elements up to each that are not NaN."""
    return _scan("nancumsum", a, axis, dtype, out)


def nancumprod(
    a: ArrayLike, axis: Axis | None = None, dtype: DTypeLike | None = None, out: Out = None, *, method: str | None = None
) -> Array:
    """The products of the elements up to each that are not NaN."""
    return _scan("nancumprod", a, axis, dtype, out)


def cummax(a: ArrayLike, axis: Axis | None = None) -> Array:
    """The largest of the elements up to each; NaN from the first NaN on (`np.maximum.accumulate`)."""
    return _scan("cummax", a, axis, None, None)


def cummin(a: ArrayLike, axis: Axis | None = None) -> Array:
    """The smallest of the elements up to each; NaN from the first NaN on (`np.minimum.accumulate`)."""
    return _scan("cummin", a, axis, None, None)


def diff(a: ArrayLike, n: int = 1, axis: Axis = -1, prepend: ArrayLike | None = None, append: ArrayLike | None = None) -> Array:
    """The differences of neighbours along an axis.

    Parameters
    ----------
    a : array_like
    n : int
        How many times.
    axis : int
        Along which axis, which becomes `n` shorter.
    prepend, append : array_like, optional
        What stands before and behind the array first.

    Returns
    -------
    Array

    Raises
    ------
    TypeError
        For bool, whose differences `x[1:] ^ x[:-1]` are.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.diff(gl.asarray([1, 4, 9, 16])).compute()
    array([3, 5, 7])
    >>> gl.diff(gl.asarray([1, 4, 9, 16]), n=2, prepend=0).compute()
    array([2, 2, 2])
    """
    x = node(a)
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    if n == 0:
        return wrap(x)
    if len(x.shape) == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    parts = [_beside(prepend, x, axis), x, _beside(append, x, axis)]
    parts = [part for part in parts if part is not None]
    x = _core.concatenate(parts, axis) if len(parts) > 1 else x
    if x.dtype == "bool" and n > 0:
        raise TypeError("diff: bool has no differences: use x[1:] ^ x[:-1]")
    return wrap(x.diff(n, axis))


def _beside(value, x, axis):
    if value is None:
        return None
    value = node(value)
    if len(value.shape) == 0:
        lengths = [1 if k == axis % len(x.shape) else n for k, n in enumerate(known("diff", x.shape))]
        value = value.broadcast_to(lengths)
    return value
