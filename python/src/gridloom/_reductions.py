"""Reductions: NumPy's arguments, and the rows of the library's table that they are."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from . import _core
from ._convert import axes, known, node
from ._convert import axis as one_axis
from ._dtypes import name
from ._handle import into

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axes, Axis, DTypeLike, Out

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "max",
    "mean",
    "min",
    "prod",
    "std",
    "sum",
    "var",
]


def reduced(row, a, axis, keepdims, *, dtype=None, out=None, ddof=0, initial=None, where=True):
    x, over, keepdims = node(a), axes(axis), builtins.bool(keepdims)
    if dtype is not None and row not in ("any", "all"):
        x = x.cast(name(dtype))
    if over is not None and len(x.shape) == 0 and builtins.all(k in (0, -1) for k in over):
        over = None
    if where is not True:
        x = _masked(row, x, node(where).cast("bool"), over, keepdims, initial, ddof)
    elif initial is not None and row in ("min", "max"):
        x = x.reduce({"min": "least", "max": "greatest"}[row], over, keepdims, 0.0)
    else:
        x = x.reduce(row, over, keepdims, float(ddof))
    if initial is not None:
        x = with_initial(row, x, initial)
    if dtype is not None and row not in ("any", "all"):
        x = x.cast(name(dtype))
    return into(out, x, row)


def with_initial(row, x, initial):
    """A result and what it began with, in the result's dtype."""
    rows = {"sum": "add", "prod": "mul", "min": "minimum", "max": "maximum", "nanmin": "fmin", "nanmax": "fmax"}
    rows |= {"nansum": "add", "nanprod": "mul"}
    return _core.binary(rows[row], x, node(initial).cast(x.dtype))


def _masked(row, x, mask, over, keepdims, initial, ddof):
    """A reduction of the elements where a mask is true."""
    if row not in ("min", "max"):
        known(row, x.shape)
        return x.reduce_where(row, mask, over, keepdims, float(ddof))
    if initial is None:
        raise ValueError(f"{row}: where= needs initial=, the result where nothing is true")
    chosen = _core.select(mask.broadcast_to(known(row, x.shape)), x, node(initial).cast(x.dtype))
    return chosen.reduce({"min": "least", "max": "greatest"}[row], over, keepdims, 0.0)


def sum(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    *,
    keepdims: bool = False,
    initial: ArrayLike | None = None,
    where: ArrayLike = True,
) -> Array:
    """The sum of elements.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    dtype : dtype, optional
        What is summed in, and the result's.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    initial : number, optional
        What the result begins with; of nothing it is that.
    where : array_like, optional
        The elements that count; broadcast to the array.

    Returns
    -------
    Array
        0-d over all axes.

    Notes
    -----
    Integers and bool are summed in 64 bits and wrap, floats in their own dtype with partial sums in float64. 0 of nothing; NaN
    where there is one. Sums of a chunk do not depend on the number of threads.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.asarray([[1, 2], [3, 4]])
    >>> x.sum(axis=0).compute()
    array([4, 6])
    >>> x.sum(where=x > 1).compute()
    np.int64(9)
    """
    return reduced("sum", a, axis, keepdims, dtype=dtype, out=out, initial=initial, where=where)


def prod(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    *,
    keepdims: bool = False,
    initial: ArrayLike | None = None,
    where: ArrayLike = True,
) -> Array:
    """The product of elements.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    dtype : dtype, optional
        What is summed in, and the result's.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    initial : number, optional
        What the result begins with; of nothing it is that.
    where : array_like, optional
        The elements that count; broadcast to the array.

    Returns
    -------
    Array

    Notes
    -----
    Integers and bool are multiplied in 64 bits and wrap. 1 of nothing.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.prod(gl.asarray([2, 3, 4])).compute()
    np.int64(24)
    """
    return reduced("prod", a, axis, keepdims, dtype=dtype, out=out, initial=initial, where=where)


def mean(
    a: ArrayLike, axis: Axes = None, dtype: DTypeLike | None = None, out: Out = None, *, keepdims: bool = False, where: ArrayLike = True
) -> Array:
    """The arithmetic mean.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    dtype : dtype, optional
        What is summed in, and the result's.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    where : array_like, optional
        The elements that count; broadcast to the array.

    Returns
    -------
    Array

    Notes
    -----
    Of integers in float64. NaN of nothing, and where there is one (`nanmean` leaves them out).

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.mean(gl.asarray([[1.0, 2.0], [3.0, 8.0]]), axis=1).compute()
    array([1.5, 5.5])
    """
    return reduced("mean", a, axis, keepdims, dtype=dtype, out=out, where=where)


def degrees(ddof, correction):
    if correction is not None:
        if ddof != 0:
            raise ValueError("ddof and correction can't be provided simultaneously.")
        return correction
    return ddof


def std(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    ddof: float = 0,
    *,
    keepdims: bool = False,
    where: ArrayLike = True,
    correction: float | None = None,
) -> Array:
    """The standard deviation, the root of the variance.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    dtype : dtype, optional
        What is summed in, and the result's.
    out : Array, optional
        Is given the result.
    ddof : float
        What the number of elements is lessened by before it divides.
    keepdims : bool
        Whether those axes stay, with length 1.
    where : array_like, optional
        The elements that count; broadcast to the array.
    correction : float, optional
        Another name of `ddof`.

    Returns
    -------
    Array

    Notes
    -----
    By Chan's formula in one pass, which loses no digits of a large mean. Of integers in float64. NaN of nothing.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.std(gl.asarray([1.0, 3.0])).compute()
    np.float64(1.0)
    """
    ddof = degrees(ddof, correction)
    return reduced("std", a, axis, keepdims, dtype=dtype, out=out, ddof=ddof, where=where)


def var(
    a: ArrayLike,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    out: Out = None,
    ddof: float = 0,
    *,
    keepdims: bool = False,
    where: ArrayLike = True,
    correction: float | None = None,
) -> Array:
    """The variance, the mean square of the distances from the mean.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    dtype : dtype, optional
        What is summed in, and the result's.
    out : Array, optional
        Is given the result.
    ddof : float
        What the number of elements is lessened by before it divides.
    keepdims : bool
        Whether those axes stay, with length 1.
    where : array_like, optional
        The elements that count; broadcast to the array.
    correction : float, optional
        Another name of `ddof`.

    Returns
    -------
    Array

    Notes
    -----
    By Chan's formula in one pass, which loses no digits of a large mean. Of integers in float64. NaN of nothing.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.asarray([1.0, 2.0, 4.0, 5.0])
    >>> float(x.var()), float(x.var(ddof=1))
    (2.5, 3.3333333333333335)
    """
    ddof = degrees(ddof, correction)
    return reduced("var", a, axis, keepdims, dtype=dtype, out=out, ddof=ddof, where=where)


def min(
    a: ArrayLike, axis: Axes = None, out: Out = None, *, keepdims: bool = False, initial: ArrayLike | None = None, where: ArrayLike = True
) -> Array:
    """The smallest element.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    initial : number, optional
        What the result begins with; of nothing it is that.
    where : array_like, optional
        The elements that count; broadcast to the array. Needs `initial`.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        Of nothing, without `initial`.

    Notes
    -----
    NaN if there is one (`nanmin` leaves them out).

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.min(gl.asarray([[3, 1], [2, 5]]), axis=1).compute()
    array([1, 2])
    """
    return reduced("min", a, axis, keepdims, out=out, initial=initial, where=where)


def max(
    a: ArrayLike, axis: Axes = None, out: Out = None, *, keepdims: bool = False, initial: ArrayLike | None = None, where: ArrayLike = True
) -> Array:
    """The largest element.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    initial : number, optional
        What the result begins with; of nothing it is that.
    where : array_like, optional
        The elements that count; broadcast to the array. Needs `initial`.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        Of nothing, without `initial`.

    Notes
    -----
    NaN if there is one (`nanmax` leaves them out).

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.max(gl.asarray([[3, 1], [2, 5]]), axis=1).compute()
    array([3, 5])
    """
    return reduced("max", a, axis, keepdims, out=out, initial=initial, where=where)


amin, amax = min, max


def any(a: ArrayLike, axis: Axes = None, out: Out = None, *, keepdims: bool = False, where: ArrayLike = True) -> Array:
    """Whether any element is true (not zero).

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    where : array_like, optional
        The elements that count; broadcast to the array.

    Returns
    -------
    Array

    Notes
    -----
    False of nothing. NaN is true.

    Examples
    --------
    >>> import gridloom as gl
    >>> bool(gl.any(gl.asarray([0, 2])))
    True
    """
    return reduced("any", a, axis, keepdims, out=out, where=where)


def all(a: ArrayLike, axis: Axes = None, out: Out = None, *, keepdims: bool = False, where: ArrayLike = True) -> Array:
    """Whether all elements are true (not zero).

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.
    where : array_like, optional
        The elements that count; broadcast to the array.

    Returns
    -------
    Array

    Notes
    -----
    True of nothing. NaN is true.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.all(gl.asarray([[1, 0], [2, 3]]), axis=1).compute()
    array([False,  True])
    """
    return reduced("all", a, axis, keepdims, out=out, where=where)


def count_nonzero(a: ArrayLike, axis: Axes = None, *, keepdims: bool = False) -> Array:
    """How many elements are not zero, as int64.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    keepdims : bool
        Whether those axes stay, with length 1.

    Returns
    -------
    Array

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.count_nonzero(gl.asarray([[1, 0], [2, 3]]), axis=0).compute()
    array([2, 1])
    """
    return reduced("count_nonzero", a, axis, keepdims)


def argmin(a: ArrayLike, axis: Axis | None = None, out: Out = None, *, keepdims: bool = False) -> Array:
    """The place of the smallest element, as int64.

    Parameters
    ----------
    a : array_like
    axis : int, optional
        Along which axis, which goes; in the ravelled array without one.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        Of nothing.

    Notes
    -----
    The first one of equal ones; the first NaN where there is one.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.argmin(gl.asarray([3, 1, 1])).compute()
    np.int64(1)
    """
    return reduced("argmin", a, None if axis is None else one_axis(axis), keepdims, out=out)


def argmax(a: ArrayLike, axis: Axis | None = None, out: Out = None, *, keepdims: bool = False) -> Array:
    """The place of the largest element, as int64.

    Parameters
    ----------
    a : array_like
    axis : int, optional
        Along which axis, which goes; in the ravelled array without one.
    out : Array, optional
        Is given the result.
    keepdims : bool
        Whether those axes stay, with length 1.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        Of nothing.

    Notes
    -----
    The first one of equal ones; the first NaN where there is one.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.argmax(gl.asarray([[3, 1], [2, 5]]), axis=0).compute()
    array([0, 1])
    """
    return reduced("argmax", a, None if axis is None else one_axis(axis), keepdims, out=out)
