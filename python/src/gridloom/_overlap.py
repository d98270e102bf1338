"""Functions of chunks with halos and of lines, and sums of products along an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core, _shape, _sources
from ._convert import is_array, node
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axis, DTypeLike

__all__ = ["apply_along_axis", "apply_over_axes", "convolve", "correlate", "map_overlap"]

#: Dask's names of what lies beyond an array's edges, as modes of `pad`.
_BOUNDARIES = {"none": "none", "reflect": "symmetric", "nearest": "edge", "periodic": "wrap"}


def map_overlap(
    func: Callable[..., Any],
    *args: Any,
    depth: Any = None,
    boundary: Any = None,
    trim: bool = True,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    **kwargs: Any,
) -> Array:
    """A function of chunks that sees beyond their edges.

    Parameters
    ----------
    func : callable
        Of a chunk of each array with its halo, as NumPy arrays.
    *args
        Arrays of one shape (they are cut as the first is), and other arguments.
    depth : int, tuple or dict
        How many elements of its neighbours each chunk is given on both sides of every axis: one number, one an axis, or a dict of axes;
        for each axis a number or ``(before, after)``. It may be more than a chunk and than the array are long.
    boundary : str, number, tuple or dict
        What lies beyond the array's edges: ``"none"`` (chunks are not grown there), ``"reflect"`` (the edge is repeated), ``"nearest"``,
        ``"periodic"`` or a number; one for all axes, one an axis or a dict.
    trim : bool
        Whether the halo is cut off what `func` returns; it must return an array of the shape that it was given. With False, `func` cuts it
        off itself, and ``chunks=x.chunks`` says that chunks are the array's again.
    dtype : dtype, optional
        Of the result. If it is not given, `func` is tried on chunks of ones to find it.
    name : str, optional
        What it is called in plans.
    **kwargs
        Handed to `func` by name (a NumPy array among them too, such as a kernel); but `chunks`, `drop_axis`, `new_axis`, `meta` and the
        like mean what they do for `map_blocks`.

    Examples
    --------
    >>> import gridloom as gl, numpy as np
    >>> x = gl.arange(6, chunks=2)
    >>> gl.map_overlap(lambda c: np.convolve(c, [1, 1, 1], "same"), x, depth=1, boundary=0).compute()
    array([ 1,  3,  6,  9, 12,  9])
    """
    at = [k for k, arg in enumerate(args) if is_array(arg) or (isinstance(arg, np.ndarray) and arg.ndim)]
    if not at:
        raise TypeError("map_overlap: one of the arguments must be an array")
    first = node(args[at[0]])
    ndim = len(first.shape)
    widths = _of_axes(0 if depth is None else depth, ndim, 0, "depth")
    depths = [_pair(width) for width in widths]
    sides = _of_axes("none" if boundary is None else boundary, ndim, "none", "boundary")
    modes = [_mode(side) for side in sides]
    values = [0 if isinstance(side, str) or side is None else side for side in sides]
    given = list(args)
    for k in at:
        x = node(args[k])
        if x.shape != first.shape:
            raise ValueError(f"map_overlap: arrays of one shape are needed, not {tuple(first.shape)} and {tuple(x.shape)}")
        x = x if x.chunks == first.chunks else x.rechunk(_convert.cut(first.chunks, ndim))
        given[k] = wrap(_core.overlapped(x, depths, modes, values))
    made = _sources.map_blocks(func, *given, dtype=dtype, name=name, **kwargs)
    return wrap(_core.without_halos(first, node(made), depths, modes, values)) if trim else made


def _of_axes(value: Any, ndim: int, other: Any, called: str) -> list[Any]:
    """One value an axis, of one for all, one each or a dict."""
    if isinstance(value, dict):
        each = [other] * ndim
        for axis, one in value.items():
            each[_convert.axis_of(axis, ndim)] = one
        return each
    if isinstance(value, (tuple, list)):
        if len(value) != ndim:
            raise ValueError(f"map_overlap: {called}={value!r}: of {len(value)} for {ndim} axes")
        return list(value)
    return [value] * ndim


def _pair(width: Any) -> tuple[int, int]:
    """A depth before and one after a chunk."""
    pair = _convert.shape(width) if isinstance(width, (tuple, list)) else [_convert.index(width)] * 2
    if len(pair) != 2 or min(pair) < 0:
        raise ValueError(f"map_overlap: a depth of {width!r}: it is a number from 0 on, or one before and one after")
    return pair[0], pair[1]


def _mode(side: Any) -> str:
    """The mode of `pad` for a boundary."""
    if side is None or isinstance(side, str):
        if (side or "none") not in _BOUNDARIES:
            raise ValueError(f"map_overlap: boundary={side!r} is none of {', '.join(map(repr, _BOUNDARIES))}, and no number")
        return _BOUNDARIES[side or "none"]
    return "constant"


def apply_over_axes(func: Callable[..., Any], a: ArrayLike, axes: Any) -> Array:
    """A function of an array and an axis, applied along one axis after another; axes that it leaves out come back with length 1.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.apply_over_axes(gl.sum, gl.ones((2, 3, 4)), [0, 2]).compute().ravel()
    array([8., 8., 8.])
    """
    x = wrap(node(a))
    for axis in _convert.axes(axes) or []:
        at = axis + x.ndim if axis < 0 else axis
        made = wrap(node(func(x, at)))
        if made.ndim != x.ndim:
            made = _shape.expand_dims(made, at)
        if made.ndim != x.ndim:
            raise ValueError("function is not returning an array of the correct shape")
        x = made
    return x


def apply_along_axis(
    func1d: Callable[..., Any],
    axis: Axis,
    arr: ArrayLike,
    *args: Any,
    dtype: DTypeLike | None = None,
    shape: tuple[int, ...] | None = None,
    **kwargs: Any,
) -> Array:
    """A function of the lines along an axis.

    Parameters
    ----------
    func1d : callable
        Of a line, as a NumPy array.
    axis : int
    arr : array_like
    *args, **kwargs
        Handed to `func1d`.
    dtype, shape : optional
        Of what it makes of a line: of a line of ones, if they are not given.

    Examples
    --------
    >>> import gridloom as gl, numpy as np
    >>> gl.apply_along_axis(np.median, 1, gl.arange(6).reshape(2, 3)).compute()
    array([1., 4.])
    """
    x = wrap(node(arr))
    at = _convert.axis(axis)
    if not -x.ndim <= at < x.ndim:
        raise np.exceptions.AxisError(at, x.ndim)
    at %= x.ndim
    if dtype is None or shape is None:
        probe = np.asarray(func1d(np.ones(_convert.known("apply_along_axis", x.shape)[at], x.dtype), *args, **kwargs))
        dtype = probe.dtype if dtype is None else dtype
        shape = probe.shape if shape is None else shape
    whole = x.rechunk({at: -1})
    chunks = whole.chunks[:at] + tuple((length,) for length in shape) + whole.chunks[at + 1 :]

    def lines(chunk):
        return np.apply_along_axis(func1d, at, chunk, *args, **kwargs)

    called = getattr(func1d, "__name__", "lines")
    new = list(range(at, at + len(shape)))
    return _sources.map_blocks(lines, whole, dtype=dtype, chunks=chunks, drop_axis=[at], new_axis=new, name=f"along {called}")


def _overlap(mode: Any) -> str:
    """The mode by its name, or by NumPy's old number of it."""
    return mode if isinstance(mode, str) else ("valid", "same", "full")[_convert.index(mode)]


def convolve(a: ArrayLike, v: ArrayLike, mode: str = "full") -> Array:
    """The convolution of two 1-d arrays, of which the shorter one has at most 128 elements.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.convolve([1, 2, 3], [0, 1, 0.5]).compute()
    array([0. , 1. , 2.5, 4. , 1.5])
    """
    return wrap(_core.slid("convolve", _line(a), _line(v), _overlap(mode)))


def correlate(a: ArrayLike, v: ArrayLike, mode: str = "valid") -> Array:
    """The cross-correlation of two 1-d arrays, of which the shorter one has at most 128 elements.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.correlate([1, 2, 3], [0, 1, 0.5], "same").compute()
    array([2. , 3.5, 3. ])
    """
    return wrap(_core.slid("correlate", _line(a), _line(v), _overlap(mode)))


def _line(x: ArrayLike) -> _core.Node:
    """An array, of which a number is one of one element."""
    return _core.rearranged("atleast_1d", node(x))
