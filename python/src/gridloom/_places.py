"""Places of elements as arrays: by number and along each axis, of diagonals and triangles, of what is not zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core, _creation, _indexing
from ._client import compute
from ._convert import is_array, node
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axes, Shape

__all__ = [
    "argwhere",
    "diag_indices",
    "diag_indices_from",
    "ix_",
    "mask_indices",
    "ravel_multi_index",
    "tril_indices",
    "tril_indices_from",
    "trim_zeros",
    "triu_indices",
    "triu_indices_from",
    "unravel_index",
]


def argwhere(a: ArrayLike) -> Array:
    """The places of the elements that are not zero, a row each.

    Returns
    -------
    Array
        Of int64; how many rows it has is known after computing only.

    Raises
    ------
    ValueError
        For an array of no axes.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.argwhere(gl.asarray([[0, 7], [8, 0]])).compute()
    array([[0, 1],
           [1, 0]])
    """
    return wrap(_core.of_one("argwhere", node(a)))


def _in_order(order, op):
    if order not in ("C", "F"):
        raise ValueError(f"{op}: order must be 'C' or 'F', not {order!r}")
    return order == "F"


def unravel_index(indices: ArrayLike, shape: Shape, order: str = "C") -> tuple[Array, ...]:
    """The places along each axis of a shape of elements by their numbers.

    Parameters
    ----------
    indices : array_like of int
    shape : int or tuple of int
    order : {"C", "F"}
        Whether numbers run along the last axis first, or along the first.

    Returns
    -------
    tuple of Array
        Of int64, one an axis.

    Raises
    ------
    ValueError
        When it is computed, for a number that no element has.

    Examples
    --------
    >>> import gridloom as gl
    >>> [places.compute() for places in gl.unravel_index([5, 1], (2, 3))]
    [array([1, 0]), array([2, 1])]
    """
    dims = _convert.shape(shape)
    reverse = _in_order(order, "unravel_index")
    made = _core.unravel_index(node(indices), dims[::-1] if reverse else dims)
    return tuple(wrap(places) for places in (made[::-1] if reverse else made))


def ravel_multi_index(multi_index: Any, dims: Shape, mode: str | Sequence[str] = "raise", order: str = "C") -> Array:
    """The numbers of elements by their places along each axis of a shape.

    Parameters
    ----------
    multi_index : tuple of array_like, or an array with an entry an axis
    dims : int or tuple of int
    mode : {"raise", "wrap", "clip"} or tuple of them
        What places are that are not there, for all axes or for each.
    order : {"C", "F"}
        Whether numbers run along the last axis first, or along the first.

    Returns
    -------
    Array
        Of int64.

    Raises
    ------
    ValueError
        For another number of places than axes. When it is computed, for a place that is not there (a negative one is not).

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.ravel_multi_index(([1, 0], [2, 7]), (2, 3), mode="clip").compute()
    array([5, 2])
    """
    lengths, modes = _convert.shape(dims), [mode] if isinstance(mode, str) else list(mode)
    places = [node(places) for places in multi_index]
    if _in_order(order, "ravel_multi_index"):
        lengths, modes, places = lengths[::-1], modes[::-1], places[::-1]
    return wrap(_core.ravel_multi_index(places, lengths, modes))


def diag_indices(n: int, ndim: int = 2) -> tuple[Array, ...]:
    """The places of the diagonal of an array with `ndim` axes of length `n`: the same along each.

    Examples
    --------
    >>> import gridloom as gl
    >>> [places.compute() for places in gl.diag_indices(3)]
    [array([0, 1, 2]), array([0, 1, 2])]
    """
    return (_creation.arange(n),) * _convert.index(ndim)


def diag_indices_from(arr: ArrayLike) -> tuple[Array, ...]:
    """The places of an array's diagonal, whose axes are of one length."""
    shape = node(arr).shape
    if len(shape) < 2:
        raise ValueError("input array must be at least 2-d")
    if any(length != shape[0] for length in shape):
        raise ValueError("All dimensions of input must be of equal length")
    return diag_indices(_convert.known("diag_indices_from", shape)[0], len(shape))


def _triangle(called, n, k, m):
    rows = _convert.index(n)
    columns = rows if m is None else _convert.index(m)
    made = _core.triangle_indices(called, max(0, rows), max(0, columns), _convert.diagonal(k))
    return tuple(wrap(places) for places in made)


def tril_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Array, ...]:
    """The places in a matrix of `n` rows and `m` columns at and below its diagonal `k`, row by row.

    Returns
    -------
    tuple of Array
        Rows and columns, of int64, made where they are read.

    Examples
    --------
    >>> import gridloom as gl
    >>> [places.compute() for places in gl.tril_indices(2)]
    [array([0, 1, 1]), array([0, 0, 1])]
    """
    return _triangle("tril", n, k, m)


def triu_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Array, ...]:
    """The places in a matrix of `n` rows and `m` columns at and above its diagonal `k`, row by row."""
    return _triangle("triu", n, k, m)


def _of_matrix(called, arr, k):
    shape = node(arr).shape
    if len(shape) != 2:
        raise ValueError("input array must be 2-d")
    rows, columns = _convert.known(f"{called}_indices_from", shape)
    return _triangle(called, rows, k, columns)


def tril_indices_from(arr: ArrayLike, k: int = 0) -> tuple[Array, ...]:
    """The places in a matrix at and below its diagonal `k`."""
    return _of_matrix("tril", arr, k)


def triu_indices_from(arr: ArrayLike, k: int = 0) -> tuple[Array, ...]:
    """The places in a matrix at and above its diagonal `k`."""
    return _of_matrix("triu", arr, k)


def mask_indices(n: int, mask_func: Callable[..., Any], k: Any = 0) -> tuple[Array, ...]:
    """The places of a matrix of `n` rows and columns where `mask_func`, of ones and `k`, is not zero.

    Examples
    --------
    >>> import numpy as np, gridloom as gl
    >>> [places.compute() for places in gl.mask_indices(3, np.triu, 1)]
    [array([0, 0, 1]), array([1, 2, 2])]
    """
    return _indexing.nonzero(mask_func(_creation.ones((n, n), int), k))


def ix_(*args: ArrayLike) -> tuple[Array, ...]:
    """1-d arrays, each along an axis of its own, so that together they name a grid: `x[gl.ix_([0, 1], [2, 4])]`.

    Parameters
    ----------
    *args : array_like
        Places, or truth values, of which the places that are true are looked for first.

    Returns
    -------
    tuple of Array

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.arange(12).reshape(3, 4)[gl.ix_([0, 2], [True, False, False, True])].compute()
    array([[ 0,  3],
           [ 8, 11]])
    """
    made = []
    for at, entry in enumerate(args):
        x = node(entry)
        if len(x.shape) != 1:
            raise ValueError("Cross index must be 1 dimensional")
        if x.dtype == "bool":
            x = node(np.flatnonzero(entry.compute() if is_array(entry) else entry))
        elif x.size == 0:
            x = x.cast("i64")
        made.append(wrap(x.reshape([-1 if k == at else 1 for k in range(len(args))])))
    return tuple(made)


def trim_zeros(filt: ArrayLike, trim: str = "fb", axis: Axes = None) -> Array:
    """An array without the zeros at its ends.

    Parameters
    ----------
    filt : array_like
    trim : str
        `"f"` for the front, `"b"` for the back, or both.
    axis : int or tuple of int, optional
        Along which axes; all by default. Along several, what is not zero is looked for first, in a run.

    Returns
    -------
    Array
        Along one axis of a length that is known after computing only.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.trim_zeros(gl.asarray([0, 0, 1, 0, 2, 0])).compute()
    array([1, 0, 2])
    """
    ends = trim.lower()
    if ends not in ("fb", "bf", "f", "b"):
        raise ValueError(f"unexpected character(s) in `trim`: {ends!r}")
    x = node(filt)
    ndim = len(x.shape)
    axes = range(ndim) if axis is None else [_convert.axis_of(one, ndim) for one in _convert.axes(axis) or []]
    lines = [_not_zero(x, one) for one in axes]
    if len(lines) == 1 and x.size != 0:
        return wrap(x.filter_axis(_between(lines[0], ends), axes[0]))
    keys: list[slice] = [slice(None)] * ndim
    for one, line in zip(axes, compute(*map(wrap, lines)), strict=True):
        (places,) = np.nonzero(line)
        first, behind = (int(places[0]), int(places[-1]) + 1) if places.size else (0, 0)
        keys[one] = slice(first if "f" in ends or not places.size else None, behind if "b" in ends or not places.size else None)
    return wrap(x.index(tuple(keys)))


def _not_zero(x, axis):
    """Whether anything is not zero at each place of an axis."""
    others = [one for one in range(len(x.shape)) if one != axis]
    mask = x.cast("bool")
    return mask.reduce("any", others, False, 0.0) if others else mask


def _between(mask, ends):
    """Whether each place is between the first and the last that is true, or behind or before one of them."""

    def upto(line):
        return line.cast("u8").scan("cummax", 0).cast("bool")

    kept = upto(mask) if "f" in ends else None
    if "b" in ends:
        back = _core.rearranged("flip", upto(_core.rearranged("flip", mask)))
        kept = back if kept is None else _core.of_two("logical_and", kept, back)
    return kept
