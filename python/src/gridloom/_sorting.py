"""Sorts and parts of them. All are stable; NaN is last whichever way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import _core
from ._convert import axis as one_axis
from ._convert import index, node
from ._handle import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._typing import Array, ArrayLike, Axis

__all__ = [
    "argpartition",
    "argsort",
    "argtopk",
    "partition",
    "sort",
    "topk",
]


def _sorted(a, axis, kind, order, stable, places, descending):
    if order is not None:
        raise TypeError("order names fields of a structured array, of which there are none here: leave it out")
    if kind is not None and str(kind).lower() not in ("quicksort", "mergesort", "heapsort", "stable"):
        raise ValueError(f"sort kind must be one of 'quick', 'heap', or 'stable' (got {kind!r})")
    if kind is not None and stable is not None:
        raise ValueError("`kind` and `stable` parameters can't be provided at the same time. Use only one of them.")
    x = node(a)
    if places and not x.shape and axis is not None and one_axis(axis) in (-1, 0):
        # NumPy's places of a number are those of an array with one.
        x = x.reshape([1])
    return wrap(_core.sort(x, None if axis is None else one_axis(axis), places, bool(descending)))


def sort(
    a: ArrayLike,
    axis: Axis | None = -1,
    kind: str | None = None,
    order: None = None,
    *,
    descending: bool = False,
    stable: bool | None = None,
) -> Array:
    """The elements in their order, along an axis.

    Parameters
    ----------
    a : array_like
    axis : int, optional
        Along which axis; with None, of all elements, on one axis.
    kind, stable : optional
        Are taken as NumPy's, and mean nothing: every sort is stable.
    order : None
        Fields are refused: there are none.
    descending : bool
        Whether the largest comes first (the Array API's).

    Returns
    -------
    Array
        Whose axis is one chunk: a task sorts whole lines, so memory has to have room for some of them.

    Notes
    -----
    NaN is last, also where the largest comes first. `-0.0` is before `0.0`.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.sort(gl.asarray([[3, 1], [2, 5]]), axis=0).compute()
    array([[2, 1],
           [3, 5]])
    """
    return _sorted(a, axis, kind, order, stable, False, descending)


def argsort(
    a: ArrayLike,
    axis: Axis | None = -1,
    kind: str | None = None,
    order: None = None,
    *,
    descending: bool = False,
    stable: bool | None = None,
) -> Array:
    """The places of the elements in their order, along an axis; equal elements keep theirs.

    Parameters
    ----------
    a : array_like
    axis : int, optional
        Along which axis; with None, of all elements, in C order.
    kind, stable : optional
        Are taken as NumPy's, and mean nothing: every sort is stable.
    order : None
        Fields are refused: there are none.
    descending : bool
        Whether the largest comes first (the Array API's).

    Returns
    -------
    Array
        Of int64, whose axis is one chunk.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.argsort(gl.asarray([3, 1, 3, 2])).compute()
    array([1, 3, 0, 2])
    """
    return _sorted(a, axis, kind, order, stable, True, descending)


def topk(a: ArrayLike, k: int, axis: Axis = -1, split_every: int | None = None) -> Array:
    """The `k` largest elements along an axis, the largest first; for a negative `k` the smallest, the smallest first (Dask's).

    Parameters
    ----------
    a : array_like
    k : int
        How many: no more than there are.
    axis : int
    split_every : int, optional
        Dask's; means nothing here.

    Returns
    -------
    Array

    Notes
    -----
    NaN comes last, whether the largest are taken or the smallest.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.topk(gl.asarray([4, 9, 1, 7]), 2).compute()
    array([9, 7])
    >>> gl.topk(gl.asarray([4, 9, 1, 7]), -2).compute()
    array([1, 4])
    """
    return wrap(_core.top("topk", node(a), index(k), one_axis(axis)))


def argtopk(a: ArrayLike, k: int, axis: Axis = -1, split_every: int | None = None) -> Array:
    """The places of the elements of `topk`: of equal ones the first come first."""
    return wrap(_core.top("argtopk", node(a), index(k), one_axis(axis)))


def _partitioned(name, a, kth, axis, kind, order):
    if order is not None:
        raise TypeError("order names fields of a structured array, of which there are none here: leave it out")
    if kind != "introselect":
        raise ValueError(f"select kind must be 'introselect' (got {kind!r})")
    x = node(a)
    if axis is None:
        x, axis = x.reshape([-1]), 0
    kth = np.asarray(kth)
    if kth.dtype.kind not in "iu":
        raise TypeError("Partition index must be integer")
    return wrap(_core.partitioned(name, x, [int(place) for place in kth.ravel()], one_axis(axis)))


def partition(a: ArrayLike, kth: int | Sequence[int], axis: Axis | None = -1, kind: str = "introselect", order: None = None) -> Array:
    """The elements in an order in which those at the places `kth` are where they are in the sorted line, with none larger before
    and none smaller behind them. Here the whole line is sorted, which is such an order.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.partition(gl.asarray([4, 9, 1]), 1).compute()[1]
    np.int64(4)
    """
    return _partitioned("partition", a, kth, axis, kind, order)


def argpartition(a: ArrayLike, kth: int | Sequence[int], axis: Axis | None = -1, kind: str = "introselect", order: None = None) -> Array:
    """The places of the elements of `partition`."""
    return _partitioned("argpartition", a, kth, axis, kind, order)
