"""Borders around arrays, entries put in and taken out, blocks."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core, _shape
from ._convert import is_array, node
from ._dtypes import DTYPES
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axis, Shape

__all__ = ["block", "delete", "insert", "pad", "resize"]

#: The keywords that each mode takes.
_KEYWORDS = {
    "constant": {"constant_values"},
    "edge": set(),
    "empty": set(),
    "linear_ramp": {"end_values"},
    "maximum": {"stat_length"},
    "mean": {"stat_length"},
    "minimum": {"stat_length"},
    "reflect": {"reflect_type"},
    "symmetric": {"reflect_type"},
    "wrap": set(),
}


def pad(array: ArrayLike, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Array:
    """An array with a border.

    Parameters
    ----------
    array : array_like
    pad_width : int, sequence or dict
        How many elements come before and after each axis: ``((before, after), ...)``, one pair for all axes, one number for all
        sides; or a dict of axes, whose others stay.
    mode : str
        One of ``constant``, ``edge``, ``linear_ramp``, ``maximum``, ``mean``, ``minimum``, ``reflect``, ``symmetric``, ``wrap``,
        ``empty`` (zeros here).
    **kwargs
        `constant_values` of ``constant`` and `end_values` of ``linear_ramp``, written as `pad_width` is; `stat_length` of the
        statistics; `reflect_type`, ``"even"`` or ``"odd"``, of the mirrors.

    Returns
    -------
    Array
        Of the array's dtype. What lies in the border is read from the array where it is, if it is not computed.

    Raises
    ------
    ValueError
        For modes that are not there (``median``, functions), keywords of other modes, negative widths, and an axis of length 0 that is
        to grow by its elements.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.pad([1, 2, 3], (2, 1), "reflect").compute()
    array([3, 2, 1, 2, 3, 2])
    >>> gl.pad([1, 2, 3], 1, constant_values=(7, 9)).compute()
    array([7, 1, 2, 3, 9])
    """
    if not isinstance(mode, str):
        raise ValueError("pad: functions as modes are not there: compute() the array and use NumPy's")
    if mode not in _KEYWORDS:
        raise ValueError(f"mode '{mode}' is not supported")
    if unsupported := set(kwargs) - _KEYWORDS[mode]:
        raise ValueError(f"unsupported keyword arguments for mode '{mode}': {unsupported}")
    x = node(array)
    ndim = len(x.shape)
    widths = _counts(_of_axes(pad_width, ndim), ndim)
    values = _sides(kwargs.get("constant_values", kwargs.get("end_values", 0)), ndim)
    if mode == "constant" and DTYPES[x.dtype].kind in "iu":
        # Numbers that the dtype does not hold wrap, as NumPy's do.
        values = _numbers(np.asarray(values).reshape(-1, 2), DTYPES[x.dtype]).tolist()
    length = kwargs.get("stat_length")
    reflect = kwargs.get("reflect_type", "even")
    before, after = [pair[0] for pair in values], [pair[1] for pair in values]
    lengths = None if length is None else _counts(length, ndim)
    return wrap(_core.padded(x, widths, f"{mode} odd" if reflect == "odd" else mode, before, after, lengths))


def _of_axes(widths: Any, ndim: int) -> Any:
    """Widths by axis as pairs of all axes."""
    if not isinstance(widths, dict):
        return widths
    pairs: list[Any] = [(0, 0)] * ndim
    for axis, width in widths.items():
        pairs[_convert.axis_of(axis, ndim)] = width if isinstance(width, tuple) else (width, width)
    return pairs


def _numbers(values: np.ndarray, dtype: Any) -> np.ndarray:
    """Numbers as a dtype holds them, refused where it holds none of them, as NumPy does: unsigned integers wrap."""
    dtype = np.dtype(dtype)
    if dtype.kind in "iu" and values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise ValueError(f"pad: cannot convert NaN or infinity to {dtype}")
        values = np.array([int(value) for value in values.ravel().tolist()], object).reshape(values.shape)
    if dtype.kind == "i" and not all(np.iinfo(dtype).min <= int(value) <= np.iinfo(dtype).max for value in values.ravel().tolist()):
        raise OverflowError(f"pad: constant_values are out of bounds for {dtype}")
    if values.dtype == object and dtype.kind == "u":
        values = np.array([int(value) & int(np.iinfo(dtype).max) for value in values.ravel().tolist()], dtype).reshape(values.shape)
    return values.astype(dtype)


def _sides(values: Any, ndim: int) -> list[Any]:
    """A pair of numbers an axis, by NumPy's rules of broadcasting."""
    values = values.compute() if is_array(values) else values
    return np.broadcast_to(np.asarray(values), (ndim, 2)).tolist()


def _counts(counts: Any, ndim: int) -> list[tuple[int, int]]:
    """A pair of counts an axis."""
    counts = np.asarray(counts.compute() if is_array(counts) else counts)
    if counts.dtype.kind not in "iu":
        raise TypeError("`pad_width` must be of integral type.")
    if counts.size and counts.min() < 0:
        raise ValueError("index can't contain negative values")
    return [(pair[0], pair[1]) for pair in np.broadcast_to(counts, (ndim, 2)).tolist()]


def _places(obj: Any, length: int, what: str) -> tuple[list[int], bool]:
    """Places of an axis from an integer, a slice, a list or a mask; and whether it was one integer."""
    if isinstance(obj, slice):
        return list(range(*obj.indices(length))), False
    places = np.asarray(obj.compute() if is_array(obj) else obj)
    if places.dtype == bool:
        if places.shape != (length,):
            raise ValueError(f"boolean array argument obj to {what} must be one dimensional and match the axis length of {length}")
        places = np.flatnonzero(places)
    if places.size == 0:
        places = places.astype(np.intp)
    if places.dtype.kind not in "iu":
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    if places.ndim > 1:
        raise ValueError(f"index array argument obj to {what} must be one dimensional or scalar")
    return places.ravel().tolist(), places.ndim == 0


def _along(arr: ArrayLike, axis: Axis | None) -> tuple[_core.Node, int, int]:
    """An array, the axis that is meant (of the ravelled array without one) and its length."""
    x = node(arr) if axis is not None else node(_shape.ravel(arr))
    at = -1 if axis is None else _convert.axis(axis)
    if not -len(x.shape) <= at < len(x.shape):
        raise np.exceptions.AxisError(at, len(x.shape))
    return x, at, _convert.known("axis", x.shape)[at]


def delete(arr: ArrayLike, obj: Any, axis: Axis | None = None) -> Array:
    """An array without some entries of an axis, or of the ravelled array.

    Parameters
    ----------
    arr : array_like
    obj : int, slice, sequence of ints or mask
        Which go.
    axis : int, optional

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.delete([10, 20, 30, 40], [1, -1]).compute()
    array([10, 30])
    """
    x, at, length = _along(arr, axis)
    return wrap(_core.rearranged("delete", x, _places(obj, length, "delete")[0], [at]))


def insert(arr: ArrayLike, obj: Any, values: ArrayLike, axis: Axis | None = None) -> Array:
    """An array with new entries before others of an axis, or of the ravelled array.

    Parameters
    ----------
    arr : array_like
    obj : int, slice, sequence of ints or mask
        Before which places of `arr`.
    values : array_like
        Broadcast to as many entries, and cast to the array's dtype.
    axis : int, optional

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.insert([10, 20, 30], [0, 2], [1, 2]).compute()
    array([ 1, 10, 20,  2, 30])
    """
    x, at, length = _along(arr, axis)
    places, single = _places(obj, length, "insert")
    new = node(values)
    if single:
        missing = len(x.shape) - len(new.shape)
        new = new if missing <= 0 else _core.rearranged("expand_dims", new, list(range(missing)))
        new = _core.rearranged("move_axis", new, [0], [at])
    return wrap(_core.inserted(x, places, new, at))


def resize(a: ArrayLike, new_shape: Shape) -> Array:
    """The elements of an array in C order, again and again, in another shape.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.resize([1, 2, 3], (2, 4)).compute()
    array([[1, 2, 3, 1],
           [2, 3, 1, 2]])
    """
    shape = _convert.shape(new_shape)
    if builtins.any(length < 0 for length in shape):
        raise ValueError("all elements of `new_shape` must be non-negative")
    return wrap(_core.rearranged("resize", node(a), shape))


def block(arrays: Any) -> Array:
    """Arrays in nested lists as one: innermost lists along the last axis, those around them along the one before, and so on.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.block([gl.ones(2), 7.0]).compute()
    array([1., 1., 7.])
    """
    depth = _depth(arrays, "arrays")
    nodes = _nodes(arrays)
    ndim = builtins.max([depth, *(len(x.shape) for x in nodes)])
    return wrap(_blocks(arrays, depth, ndim))


def _depth(arrays: Any, called: str, at: int = 0) -> int:
    """How many lists are around the arrays."""
    if isinstance(arrays, tuple):
        raise TypeError(
            f"{called} is a tuple. Only lists can be used to arrange blocks, and np.block does not allow implicit conversion from tuple to"
            " ndarray."
        )
    if not isinstance(arrays, list):
        return 0
    if not arrays:
        raise ValueError(f"List at {called} cannot be empty")
    depths = [_depth(entry, f"{called}[{k}]", at + 1) for k, entry in enumerate(arrays)]
    for k, other in enumerate(depths):
        if other != depths[0]:
            there = f"there is an element at depth {other + at + 1} ({called}[{k}])"
            raise ValueError(f"List depths are mismatched. First element was at depth {depths[0] + at + 1}, but {there}")
    return depths[0] + 1


def _nodes(arrays: Any) -> list[_core.Node]:
    return [x for entry in arrays for x in _nodes(entry)] if isinstance(arrays, list) else [node(arrays)]


def _blocks(arrays: Any, depth: int, ndim: int) -> _core.Node:
    """Put together, of so many axes each."""
    if not isinstance(arrays, list):
        x = node(arrays)
        missing = ndim - len(x.shape)
        return x if missing == 0 else _core.rearranged("expand_dims", x, list(range(missing)))
    return _core.concatenate([_blocks(entry, depth - 1, ndim) for entry in arrays], -depth)
