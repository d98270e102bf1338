"""Axes, shapes, chunks and joins."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core
from ._convert import cut, node
from ._dtypes import DTYPES, name
from ._handle import into, wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axes, Axis, Casting, Chunks, DTypeLike, Order, Out, Shape

__all__ = [
    "append",
    "array_split",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "column_stack",
    "concat",
    "concatenate",
    "dsplit",
    "dstack",
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "hsplit",
    "hstack",
    "matrix_transpose",
    "meshgrid",
    "moveaxis",
    "permute_dims",
    "ravel",
    "rechunk",
    "repeat",
    "reshape",
    "roll",
    "rollaxis",
    "rot90",
    "row_stack",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "tile",
    "transpose",
    "tri",
    "tril",
    "triu",
    "unstack",
    "vsplit",
    "vstack",
]


def reshape(a: ArrayLike, /, shape: Shape, order: Order = "C", *, copy: bool | None = None, chunks: Chunks | None = None) -> Array:
    """The same elements in C order in another shape, for any chunking.

    Parameters
    ----------
    a : array_like
    shape : int or tuple of int
        One length may be -1, and is what is left then.
    order : {"C"}
    copy : bool, optional
        Means nothing: nothing is copied.
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".
        Those of the array, as far as they go, by default.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        For another number of elements; for an unknown length (`compute_chunk_sizes` finds it).
    TypeError
        For `order="F"`.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.arange(6, chunks=4).reshape(2, -1).compute()
    array([[0, 1, 2],
           [3, 4, 5]])
    """
    if order not in ("C", "A", "K"):
        raise TypeError(f"reshape: order={order!r} is not there: reshape the transpose in reverse, and transpose that")
    made = node(a).reshape(_convert.shape(shape))
    return wrap(made if chunks is None else made.rechunk(cut(chunks, len(made.shape))))


def _method_reshape(self: Array, *shape: Any, order: Order = "C", copy: bool | None = None, chunks: Chunks | None = None) -> Array:
    """The same elements in C order in another shape, for any chunking; one length may be -1. Nothing is copied."""
    return reshape(self, shape[0] if len(shape) == 1 else shape, order, copy=copy, chunks=chunks)


def ravel(a: ArrayLike, order: Order = "C") -> Array:
    """All elements in C order on one axis."""
    return reshape(a, -1, order=order)


def transpose(a: ArrayLike, axes: Axes = None) -> Array:
    """The axes in another order. Nothing is copied.

    Parameters
    ----------
    a : array_like
    axes : tuple of int, optional
        Which axis of the array comes where; the reverse order by default.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        For axes that are not all of the array's.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.zeros((2, 3, 4)).transpose(1, 0, 2).shape
    (3, 2, 4)
    """
    x = node(a)
    return wrap(x.transpose() if axes is None else x.permute_axes(_convert.shape(axes)))


permute_dims = transpose


def _method_transpose(self: Array, *axes: Any) -> Array:
    """The axes in reverse order, or in the order given."""
    if len(axes) == 0 or axes == (None,):
        return transpose(self)
    return transpose(self, axes[0] if len(axes) == 1 else axes)


def matrix_transpose(x: ArrayLike, /) -> Array:
    """The last two axes exchanged."""
    return wrap(_core.rearranged("matrix_transpose", node(x)))


def swapaxes(a: ArrayLike, axis1: Axis, axis2: Axis) -> Array:
    """Two axes exchanged."""
    return wrap(_core.rearranged("swap_axes", node(a), [_convert.index(axis1)], [_convert.index(axis2)]))


def moveaxis(a: ArrayLike, source: Shape, destination: Shape) -> Array:
    """Axes moved to other places; the others keep their order. Nothing is copied.

    Parameters
    ----------
    a : array_like
    source, destination : int or tuple of int

    Returns
    -------
    Array

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.moveaxis(gl.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    return wrap(_core.rearranged("move_axis", node(a), _convert.shape(source), _convert.shape(destination)))


def rollaxis(a: ArrayLike, axis: Axis, start: int = 0) -> Array:
    """An axis moved to before another one."""
    x = node(a)
    axis, start = _normal(axis, len(x.shape)), _convert.index(start)
    start = start + len(x.shape) if start < 0 else start
    if not 0 <= start <= len(x.shape):
        raise np.exceptions.AxisError(start, len(x.shape))
    return moveaxis(a, axis, start - (axis < start))


def _normal(axis, ndim):
    axis = _convert.index(axis)
    if not -ndim <= axis < ndim:
        raise np.exceptions.AxisError(axis, ndim)
    return axis % ndim


def squeeze(a: ArrayLike, axis: Axes = None) -> Array:
    """Axes of length 1 dropped: all of them, or those named."""
    return wrap(_core.rearranged("squeeze", node(a), *_optional(axis)))


def _optional(axis):
    return () if axis is None else (_convert.shape(axis),)


def expand_dims(a: ArrayLike, axis: Shape = 0) -> Array:
    """New axes of length 1.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int
        Which numbers they have in the result.

    Returns
    -------
    Array

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.expand_dims(gl.zeros((2, 3)), (0, 3)).shape
    (1, 2, 3, 1)
    """
    return wrap(_core.rearranged("expand_dims", node(a), _convert.shape(axis)))


def flip(m: ArrayLike, axis: Axes = None) -> Array:
    """The order of elements reversed along axes, or along all."""
    return wrap(_core.rearranged("flip", node(m), *_optional(axis)))


def flipud(m: ArrayLike) -> Array:
    """The order of the first axis reversed."""
    return flip(m, 0)


def fliplr(m: ArrayLike) -> Array:
    """The order of the second axis reversed."""
    return flip(m, 1)


def roll(a: ArrayLike, shift: Shape, axis: Axes = None) -> Array:
    """Elements moved along axes (or in C order), the last ones to the front."""
    shifts = _convert.shape(shift)
    return wrap(_core.rearranged("roll", node(a), [sum(shifts)] if axis is None else shifts, *_optional(axis)))


def rot90(m: ArrayLike, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """Turned by `k` right angles in the plane of two axes."""
    return wrap(_core.rearranged("rot90", node(m), [_convert.diagonal(k)], _convert.shape(axes)))


def repeat(a: ArrayLike, repeats: ArrayLike, axis: Axis | None = None) -> Array:
    """Each element several times, along an axis or in C order: one count, or one for each place."""
    counts = repeats.compute() if _convert.is_array(repeats) else repeats
    return wrap(_core.rearranged("repeat", node(a), _convert.shape(np.asarray(counts).tolist()), *_optional(axis)))


def tile(A: ArrayLike, reps: Shape) -> Array:
    """The whole array several times along each axis."""
    return wrap(_core.rearranged("tile", node(A), _convert.shape(reps)))


def tril(m: ArrayLike, k: int = 0) -> Array:
    """The elements at and below a diagonal, and zeros above it."""
    return wrap(_core.rearranged("tril", node(m), [_convert.diagonal(k)]))


def triu(m: ArrayLike, k: int = 0) -> Array:
    """The elements at and above a diagonal, and zeros below it."""
    return wrap(_core.rearranged("triu", node(m), [_convert.diagonal(k)]))


def tri(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike | None = float, *, chunks: Chunks = "auto") -> Array:
    """Ones at and below a diagonal, zeros above it."""
    rows, columns = _convert.index(N), _convert.index(N if M is None else M)
    return wrap(_core.tri(rows, columns, _convert.diagonal(k), name(dtype), cut(chunks)))


def _atleast(called: str) -> Callable[..., Any]:
    def call(*arys: ArrayLike) -> Any:
        made = tuple(wrap(_core.rearranged(called, node(array))) for array in arys)
        return made[0] if len(made) == 1 else made

    call.__name__ = call.__qualname__ = called
    call.__doc__ = f"The arrays, with new axes of length 1 so that each has {called[-2]} at least."
    return call


atleast_1d, atleast_2d, atleast_3d = map(_atleast, ("atleast_1d", "atleast_2d", "atleast_3d"))


def _split(called, ary, indices_or_sections, axis):
    places = indices_or_sections.compute() if _convert.is_array(indices_or_sections) else indices_or_sections
    numbers = _convert.shape(np.asarray(places).tolist())
    called = called if np.ndim(places) == 0 else "split_at"
    return [wrap(part) for part in _core.parts(called, node(ary), numbers, _convert.index(axis))]


def split(ary: ArrayLike, indices_or_sections: ArrayLike, axis: Axis = 0) -> list[Array]:
    """The parts of an array along an axis: so many equal ones, or those between places."""
    return _split("split", ary, indices_or_sections, axis)


def array_split(ary: ArrayLike, indices_or_sections: ArrayLike, axis: Axis = 0) -> list[Array]:
    """The parts of an array along an axis: so many, nearly equal ones, or those between places."""
    return _split("array_split", ary, indices_or_sections, axis)


def hsplit(ary: ArrayLike, indices_or_sections: ArrayLike) -> list[Array]:
    """The parts along the second axis, of 1-d arrays along the first."""
    return split(ary, indices_or_sections, 1 if node(ary).ndim > 1 else 0)


def vsplit(ary: ArrayLike, indices_or_sections: ArrayLike) -> list[Array]:
    """The parts along the first axis, of an array of two or more."""
    if node(ary).ndim < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


def dsplit(ary: ArrayLike, indices_or_sections: ArrayLike) -> list[Array]:
    """The parts along the third axis."""
    return split(ary, indices_or_sections, 2)


def unstack(x: ArrayLike, /, *, axis: Axis = 0) -> tuple[Array, ...]:
    """The parts of an array along an axis, which goes."""
    return tuple(wrap(part) for part in _core.parts("unstack", node(x), [], _convert.index(axis)))


def broadcast_to(x: ArrayLike, /, shape: Shape, chunks: Chunks | None = None) -> Array:
    """Repeated along axes of length 1 and along new first axes. Nothing is copied.

    Parameters
    ----------
    x : array_like
    shape : int or tuple of int
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto".

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        For a shape that the array's does not broadcast to.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.broadcast_to([1, 2], (2, 2)).compute()
    array([[1, 2],
           [1, 2]])
    """
    made = node(x).broadcast_to(_convert.shape(shape))
    return wrap(made if chunks is None else made.rechunk(cut(chunks, len(made.shape))))


def broadcast_shapes(*shapes: Shape) -> tuple[int, ...]:
    """The shape that shapes broadcast to."""
    return np.broadcast_shapes(*shapes)


def broadcast_arrays(*arrays: Any) -> tuple[Any, ...]:
    """The arrays, each repeated to the shape that all of them broadcast to; what is no number (None, text) as NumPy's array of objects."""
    is_other = [array is None or isinstance(array, str) for array in arrays]
    made = [node(array) for array, other in zip(arrays, is_other, strict=True) if not other]
    made = [wrap(part) for part in _core.spread("broadcast_arrays", made)] if made else []
    shape = made[0].shape if made else ()
    parts = iter(made)
    return tuple(
        np.broadcast_to(np.asarray(array, dtype=object), shape) if other else next(parts)
        for array, other in zip(arrays, is_other, strict=True)
    )


def meshgrid(*xi: ArrayLike, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Array, ...]:
    """The coordinates of a grid: each 1-d array repeated over the axes of the others; with `sparse`, axes of length 1 instead."""
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    if sparse:
        raise TypeError("meshgrid: sparse=True is not there: expand_dims() of each array broadcasts alike")
    return tuple(wrap(part) for part in _core.spread(indexing, [node(array) for array in xi])) if xi else ()


def rechunk(x: ArrayLike, chunks: Chunks = "auto") -> Array:
    """The same array in other chunks.

    Parameters
    ----------
    x : array_like
    chunks : optional
        How it is cut: a size for all axes, one an axis, lists of sizes, bytes as in "8 MiB", -1 or None for a whole axis, "auto". A dict
        of axes leaves the others as they are.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        For sizes that do not add up, and unknown words.

    Notes
    -----
    Chunks are where results are stored and functions of chunks called; kernels work on as much as suits them.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.zeros((6, 4)).rechunk({0: 2}).chunks
    ((2, 2, 2), (4,))
    >>> gl.zeros((1000, 1000)).rechunk("1 MiB").chunksize
    (334, 336)
    """
    x = node(x)
    if isinstance(chunks, dict):
        named = {_normal(axis, len(x.shape)): size for axis, size in chunks.items()}
        chunks = tuple(named.get(k, own) for k, own in enumerate(x.chunks))
    return wrap(x.rechunk(cut(chunks, len(x.shape))))


# ---- joins


def _parts(op, arrays):
    if _convert.is_array(arrays):
        arrays = list(arrays)
    if not isinstance(arrays, (list, tuple)):
        arrays = list(arrays)
    if not arrays:
        raise ValueError("need at least one array to concatenate" if op == "concatenate" else "need at least one array to stack")
    return [node(array) for array in arrays]


def concatenate(
    arrays: Iterable[ArrayLike],
    /,
    axis: Axis | None = 0,
    out: Out = None,
    *,
    dtype: DTypeLike | None = None,
    casting: Casting = "same_kind",
) -> Array:
    """Arrays one after another along an axis.

    Parameters
    ----------
    arrays : sequence of array_like
        Of one shape but for that axis.
    axis : int or None
        With None they are ravelled first.
    out : Array, optional
        Is given the result.
    dtype, casting
        What they are joined in, which they are cast to by that rule; the dtype that all meet in by default.

    Returns
    -------
    Array
        With the chunks of each. Nothing is copied.

    Raises
    ------
    ValueError
        For no array, 0-d arrays, and other lengths.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.concatenate([gl.arange(3), [7]]).compute()
    array([0, 1, 2, 7])
    """
    nodes = _parts("concatenate", arrays)
    if axis is None:
        nodes, axis = [x.reshape([-1]) for x in nodes], 0
    if _any_scalar(nodes):
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    nodes = _joined_in(dtype, casting, nodes)
    return into(out, _core.concatenate(nodes, operator.index(axis)), "concatenate")


def _joined_in(dtype, casting, nodes):
    """Arrays that are joined in a dtype, which they must be cast to by NumPy's rule."""
    for x in nodes if dtype is not None else ():
        if not np.can_cast(DTYPES[x.dtype], dtype, casting):
            raise TypeError(f"Cannot cast array data from {DTYPES[x.dtype]} to {np.dtype(dtype)} according to the rule '{casting}'")
    return nodes if dtype is None else [x.cast(name(dtype)) for x in nodes]


def _any_scalar(nodes):
    return builtins.any(len(x.shape) == 0 for x in nodes)


concat = concatenate


def stack(
    arrays: Iterable[ArrayLike], /, axis: Axis = 0, out: Out = None, *, dtype: DTypeLike | None = None, casting: Casting = "same_kind"
) -> Array:
    """Arrays of one shape along a new axis.

    Parameters
    ----------
    arrays : sequence of array_like
    axis : int
        Its number in the result.
    out : Array, optional
        Is given the result.
    dtype, casting
        As of `concatenate`.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        For no array, and for several shapes.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.stack([gl.arange(2), [5, 6]], axis=1).compute()
    array([[0, 5],
           [1, 6]])
    """
    nodes = _parts("stack", arrays)
    nodes = _joined_in(dtype, casting, nodes)
    if builtins.any(x.shape != nodes[0].shape for x in nodes):
        raise ValueError("all input arrays must have the same shape")
    return into(out, _core.stack(nodes, operator.index(axis)), "stack")


def _join(called: str, doc: str) -> Callable[..., Array]:
    def call(tup: Iterable[ArrayLike], *, dtype: DTypeLike | None = None, casting: Casting = "same_kind") -> Array:
        nodes = _parts(called, tup)
        nodes = _joined_in(dtype, casting, nodes)
        return wrap(_core.joined(called, nodes))

    call.__name__ = call.__qualname__ = called
    call.__doc__ = doc
    return call


hstack = _join("hstack", "Arrays one after another along their second axis; 1-d ones along their first.")
vstack = _join("vstack", "Arrays one after another along their first axis; 1-d ones are rows.")
dstack = _join("dstack", "Arrays one after another along their third axis.")
column_stack = _join("column_stack", "Arrays beside each other along their second axis; 1-d ones are columns.")
row_stack = vstack


def append(arr: ArrayLike, values: ArrayLike, axis: Axis | None = None) -> Array:
    """Two arrays one after another along an axis; without it, both ravelled."""
    return concatenate((arr, values), axis)
