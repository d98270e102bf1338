"""What is looked up in whole arrays, and sets. Tables and sets are held whole by each task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import _core, _elementwise
from ._convert import axis as one_axis
from ._convert import is_array, node
from ._handle import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._typing import Array, ArrayLike, Axis

__all__ = [
    "digitize",
    "interp",
    "intersect1d",
    "isin",
    "lexsort",
    "searchsorted",
    "setdiff1d",
    "setxor1d",
    "take_along_axis",
    "union1d",
    "unique",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


def searchsorted(a: ArrayLike, v: ArrayLike, side: str = "left", sorter: ArrayLike | None = None) -> Array:
    """Where elements would go in a sorted array so that it stays sorted.

    Parameters
    ----------
    a : array_like
        Sorted, on one axis; held whole.
    v : array_like
        What is looked for.
    side : {"left", "right"}
        Before or behind equal elements.
    sorter : array_like, optional
        The places that sort `a`.

    Returns
    -------
    Array
        Of int64, in the chunks of `v`.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.searchsorted(gl.asarray([1, 3, 3, 7]), [3, 8], side="right").compute()
    array([3, 4])
    """
    if side not in ("left", "right"):
        raise ValueError(f"search side must be 'left' or 'right' (got {side!r})")
    sorted_ = node(a)
    if sorter is not None:
        if node(sorter).shape != sorted_.shape:
            raise ValueError(f"searchsorted: sorter must have the shape of a, got {node(sorter).shape} for {sorted_.shape}")
        sorted_ = _core.take_along_axis(sorted_, node(sorter), 0)
    return wrap(_core.searchsorted(sorted_, node(v), side == "right"))


def digitize(x: ArrayLike, bins: ArrayLike, right: bool = False) -> Array:
    """Which bin each element is in: behind how many edges.

    Parameters
    ----------
    x : array_like
    bins : array_like
        The edges, ascending or descending; lazy ones are computed.
    right : bool
        Whether bins include their right edge, and not the left one.

    Returns
    -------
    Array
        Of int64.

    Raises
    ------
    ValueError
        For edges that neither ascend nor descend.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.digitize(gl.asarray([0.2, 6.4, 3.0]), [0.0, 1.0, 2.5, 4.0, 10.0]).compute()
    array([1, 4, 3])
    """
    edges = np.asarray(bins.compute() if is_array(bins) else bins)
    if edges.ndim != 1:
        raise ValueError(f"object of too small depth for desired array: bins on {edges.ndim} axes, not on one")
    before, after = edges[:-1], edges[1:]
    side = "left" if right else "right"
    # NaN is behind all, as sorts put it.
    if ((after >= before) | np.isnan(after)).all():
        return searchsorted(edges, x, side)
    if not ((after <= before) | np.isnan(before)).all():
        raise ValueError("bins must be monotonically increasing or decreasing")
    return len(edges) - searchsorted(edges[::-1].copy(), x, side)


def isin(
    element: ArrayLike, test_elements: ArrayLike, assume_unique: bool = False, invert: bool = False, *, kind: str | None = None
) -> Array:
    """Whether each element is one of some values.

    Parameters
    ----------
    element : array_like
    test_elements : array_like
        Up to 64 numbers are compared with, fused; others, and lazy ones, are sorted and held whole.
    assume_unique, kind
        Are taken as NumPy's, and mean nothing.
    invert : bool
        Whether it is none of them instead.

    Returns
    -------
    Array
        Of bool.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.isin(gl.arange(5), [1, 3]).compute()
    array([False,  True, False,  True, False])
    """
    if not is_array(test_elements) and np.size(test_elements) <= 64:
        return _elementwise.is_one_of(element, test_elements, invert)
    made = _core.among("isin", node(element), node(test_elements).reshape([-1]))
    return wrap(made.unary("not") if invert else made)


def interp(
    x: ArrayLike, xp: ArrayLike, fp: ArrayLike, left: float | None = None, right: float | None = None, period: float | None = None
) -> Array:
    """Values of the line through points.

    Parameters
    ----------
    x : array_like
    xp, fp : array_like
        The points, on one axis: places, which ascend, and values. Held whole.
    left, right : float, optional
        The values before and behind all points; the first and the last one by default.
    period : float, optional
        Places count modulo this; then `xp` may be in any order, and points that are lazy are computed.

    Returns
    -------
    Array
        Of float64.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.interp(gl.asarray([0.5, 3.0]), [0, 1, 2], [0, 10, 40]).compute()
    array([ 5., 40.])
    """
    if period is not None:
        if period == 0:
            raise ValueError("period must be a non-zero value")
        period, left, right = abs(float(period)), None, None
        xp, fp = (np.asarray(p.compute() if is_array(p) else p, np.float64) for p in (xp, fp))
        if xp.ndim != 1 or fp.ndim != 1:
            raise ValueError("Data points must be 1-D sequences")
        if xp.shape[0] != fp.shape[0]:
            raise ValueError("fp and xp are not of the same length")
        order = np.argsort(xp % period)
        xp, fp = (xp % period)[order], fp[order]
        xp = np.concatenate((xp[-1:] - period, xp, xp[0:1] + period))
        fp = np.concatenate((fp[-1:], fp, fp[0:1]))
        x = wrap(node(x).cast("f64")) % period
    ends = [None if end is None else float(end) for end in (left, right)]
    return wrap(_core.interp(node(x), node(xp), node(fp), *ends))


def take_along_axis(arr: ArrayLike, indices: ArrayLike, axis: Axis | None = -1) -> Array:
    """The elements along an axis at places that are an array's elements, as `argsort` gives them.

    Parameters
    ----------
    arr : array_like
    indices : array_like
        Integers, lazy or not; negative from the end.
    axis : int, optional
        Which becomes one chunk; with None, of all elements.

    Returns
    -------
    Array

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.asarray([[3, 1, 2], [9, 7, 8]])
    >>> gl.take_along_axis(x, gl.argsort(x, axis=1), axis=1).compute()
    array([[1, 2, 3],
           [7, 8, 9]])
    """
    x, places = node(arr), node(indices)
    if places.dtype[0] not in "iu":
        raise IndexError("`indices` must be an integer array")
    if axis is None:
        if len(places.shape) != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        x, axis = x.reshape([-1]), 0
    return wrap(_core.take_along_axis(x, places, one_axis(axis)))


def lexsort(keys: Sequence[ArrayLike] | Array, axis: Axis = -1) -> Array:
    """The places that order lines by several keys, of which the last is the first to look at.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.lexsort(([2, 1, 1], [7, 7, 5])).compute()
    array([2, 1, 0])
    """
    if is_array(keys):
        keys = [keys[k] for k in range(len(keys))]
    nodes = [node(key) for key in keys]
    if not nodes:
        raise TypeError("need sequence of keys with len > 0 in lexsort")
    if not nodes[0].shape and one_axis(axis) in (-1, 0):
        return wrap(_core.lexsort([key.reshape([1]) for key in nodes], 0).reshape([]))
    return wrap(_core.lexsort(nodes, one_axis(axis)))


class UniqueAllResult(NamedTuple):
    """The results of `unique_all`."""

    values: Array
    indices: Array
    inverse_indices: Array
    counts: Array


class UniqueCountsResult(NamedTuple):
    """The results of `unique_counts`."""

    values: Array
    counts: Array


class UniqueInverseResult(NamedTuple):
    """The results of `unique_inverse`."""

    values: Array
    inverse_indices: Array


def unique(
    ar: ArrayLike,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Axis | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """The distinct elements, in their order.

    Parameters
    ----------
    ar : array_like
    return_index, return_inverse, return_counts : bool
        Whether their first places, which of them each element is, and how often they are there come with them.
    axis : int, optional
        Along which the entries (rows, columns, ...) are compared, and not elements; the array is held whole. NaN is like no other there.
    equal_nan : bool
        Whether all NaN are one.
    sorted : bool
        Is taken as NumPy's: they always are.

    Returns
    -------
    Array, or a tuple of them
        Of a length that is known after computing only (`compute_chunk_sizes()`).

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.unique(gl.asarray([[3, 1], [3, 2]])).compute()
    array([1, 2, 3])
    """
    x = node(ar)
    if axis is not None:
        if not -len(x.shape) <= one_axis(axis) < len(x.shape):
            raise np.exceptions.AxisError(one_axis(axis), len(x.shape))
    along = None if axis is None or len(x.shape) == 1 else one_axis(axis)
    if along is None and not (return_index or return_inverse or return_counts):
        return wrap(_core.unique_values(x, bool(equal_nan)))
    results = [wrap(result) for result in _core.unique(x, bool(equal_nan), along)]
    wanted = [True, return_index, return_inverse, return_counts]
    made = tuple(result for result, is_wanted in zip(results, wanted, strict=True) if is_wanted)
    return made if len(made) > 1 else made[0]


def unique_all(x: ArrayLike) -> UniqueAllResult:
    """The distinct elements in their order, their first places, which of them each element is, and how often they are there.

    Each NaN is an element of its own, here and in `unique_counts`, `unique_inverse` and `unique_values`, as the Array API says.
    """
    return UniqueAllResult(*(wrap(result) for result in _core.unique(node(x), False, None)))


def unique_counts(x: ArrayLike) -> UniqueCountsResult:
    """The distinct elements in their order, and how often they are there."""
    made = unique_all(x)
    return UniqueCountsResult(made.values, made.counts)


def unique_inverse(x: ArrayLike) -> UniqueInverseResult:
    """The distinct elements in their order, and which of them each element is."""
    made = unique_all(x)
    return UniqueInverseResult(made.values, made.inverse_indices)


def unique_values(x: ArrayLike) -> Array:
    """The distinct elements, in their order."""
    return wrap(_core.unique_values(node(x), False))


def _sets(name, ar1, ar2):
    return wrap(_core.among(name, node(ar1), node(ar2)))


def union1d(ar1: ArrayLike, ar2: ArrayLike) -> Array:
    """What is in one or both of two arrays, in order, each once."""
    return _sets("union1d", ar1, ar2)


def intersect1d(ar1: ArrayLike, ar2: ArrayLike, assume_unique: bool = False, return_indices: bool = False) -> Array:
    """What is in both of two arrays, in order, each once."""
    if return_indices:
        raise TypeError("intersect1d: return_indices is not in gridloom yet: compute() the array first, if it fits memory")
    return _sets("intersect1d", ar1, ar2)


def setdiff1d(ar1: ArrayLike, ar2: ArrayLike, assume_unique: bool = False) -> Array:
    """What is in the first of two arrays and not in the second, in order, each once; with `assume_unique` as it lies there."""
    if assume_unique:
        x = wrap(node(ar1).reshape([-1]))
        return x[~isin(x, ar2)]
    return _sets("setdiff1d", ar1, ar2)


def setxor1d(ar1: ArrayLike, ar2: ArrayLike, assume_unique: bool = False) -> Array:
    """What is in one of two arrays and not in both, in order, each once."""
    return _sets("setxor1d", ar1, ar2)
