"""Axes, shapes, chunks and joins."""

import builtins
import operator

import numpy as np

from . import _convert, _core
from ._convert import cut, node
from ._dtypes import DTYPES, name
from ._handle import into, wrap


def reshape(a, /, shape, order="C", *, copy=None, chunks=None):
    """The same elements in C order in another shape, for any chunking; one length may be -1. Nothing is copied."""
    if order not in ("C", "A", "K"):
        raise TypeError(f"reshape: order={order!r} is not there: reshape the transpose in reverse, and transpose that")
    made = node(a).reshape(_convert.shape(shape))
    return wrap(made if chunks is None else made.rechunk(cut(chunks, len(made.shape))))


def _method_reshape(self, *shape, order="C", copy=None, chunks=None):
    """The same elements in C order in another shape, for any chunking; one length may be -1. Nothing is copied."""
    return reshape(self, shape[0] if len(shape) == 1 else shape, order, copy=copy, chunks=chunks)


def ravel(a, order="C"):
    """All elements in C order on one axis."""
    return reshape(a, -1, order=order)


def transpose(a, axes=None):
    """The axes in reverse order, or in the order of `axes`."""
    x = node(a)
    return wrap(x.transpose() if axes is None else x.permute_axes(_convert.shape(axes)))


permute_dims = transpose


def _method_transpose(self, *axes):
    """The axes in reverse order, or in the order given."""
    if len(axes) == 0 or axes == (None,):
        return transpose(self)
    return transpose(self, axes[0] if len(axes) == 1 else axes)


def matrix_transpose(x, /):
    """The last two axes exchanged."""
    return wrap(_core.rearranged("matrix_transpose", node(x)))


def swapaxes(a, axis1, axis2):
    """Two axes exchanged."""
    return wrap(_core.rearranged("swap_axes", node(a), [_convert.index(axis1)], [_convert.index(axis2)]))


def moveaxis(a, source, destination):
    """Axes moved to other places; the others keep their order."""
    return wrap(_core.rearranged("move_axis", node(a), _convert.shape(source), _convert.shape(destination)))


def rollaxis(a, axis, start=0):
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


def squeeze(a, axis=None):
    """Axes of length 1 dropped: all of them, or those named."""
    return wrap(_core.rearranged("squeeze", node(a), *_optional(axis)))


def _optional(axis):
    return () if axis is None else (_convert.shape(axis),)


def expand_dims(a, axis=0):
    """New axes of length 1, which have these numbers in the result."""
    return wrap(_core.rearranged("expand_dims", node(a), _convert.shape(axis)))


def flip(m, axis=None):
    """The order of elements reversed along axes, or along all."""
    return wrap(_core.rearranged("flip", node(m), *_optional(axis)))


def flipud(m):
    """The order of the first axis reversed."""
    return flip(m, 0)


def fliplr(m):
    """The order of the second axis reversed."""
    return flip(m, 1)


def roll(a, shift, axis=None):
    """Elements moved along axes (or in C order), the last ones to the front."""
    shifts = _convert.shape(shift)
    return wrap(_core.rearranged("roll", node(a), [sum(shifts)] if axis is None else shifts, *_optional(axis)))


def rot90(m, k=1, axes=(0, 1)):
    """Turned by `k` right angles in the plane of two axes."""
    return wrap(_core.rearranged("rot90", node(m), [_convert.index(k)], _convert.shape(axes)))


def repeat(a, repeats, axis=None):
    """Each element several times, along an axis or in C order: one count, or one for each place."""
    counts = repeats.compute() if _convert.is_array(repeats) else repeats
    return wrap(_core.rearranged("repeat", node(a), _convert.shape(np.asarray(counts).tolist()), *_optional(axis)))


def tile(A, reps):
    """The whole array several times along each axis."""
    return wrap(_core.rearranged("tile", node(A), _convert.shape(reps)))


def tril(m, k=0):
    """The elements at and below a diagonal, and zeros above it."""
    return wrap(_core.rearranged("tril", node(m), [_convert.index(k)]))


def triu(m, k=0):
    """The elements at and above a diagonal, and zeros below it."""
    return wrap(_core.rearranged("triu", node(m), [_convert.index(k)]))


def tri(N, M=None, k=0, dtype=float, *, chunks="auto"):
    """Ones at and below a diagonal, zeros above it."""
    rows, columns = _convert.index(N), _convert.index(N if M is None else M)
    return wrap(_core.tri(rows, columns, _convert.index(k), name(dtype), cut(chunks)))


def _atleast(called):
    def call(*arys):
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


def split(ary, indices_or_sections, axis=0):
    """The parts of an array along an axis: so many equal ones, or those between places."""
    return _split("split", ary, indices_or_sections, axis)


def array_split(ary, indices_or_sections, axis=0):
    """The parts of an array along an axis: so many, nearly equal ones, or those between places."""
    return _split("array_split", ary, indices_or_sections, axis)


def hsplit(ary, indices_or_sections):
    """The parts along the second axis, of 1-d arrays along the first."""
    return split(ary, indices_or_sections, 1 if node(ary).ndim > 1 else 0)


def vsplit(ary, indices_or_sections):
    """The parts along the first axis, of an array of two or more."""
    if node(ary).ndim < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


def dsplit(ary, indices_or_sections):
    """The parts along the third axis."""
    return split(ary, indices_or_sections, 2)


def unstack(x, /, *, axis=0):
    """The parts of an array along an axis, which goes."""
    return tuple(wrap(part) for part in _core.parts("unstack", node(x), [], _convert.index(axis)))


def broadcast_to(x, /, shape, chunks=None):
    """Repeated along axes of length 1 and along new first axes. Nothing is copied."""
    made = node(x).broadcast_to(_convert.shape(shape))
    return wrap(made if chunks is None else made.rechunk(cut(chunks, len(made.shape))))


def broadcast_shapes(*shapes):
    """The shape that shapes broadcast to."""
    return np.broadcast_shapes(*shapes)


def broadcast_arrays(*arrays):
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


def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """The coordinates of a grid: each 1-d array repeated over the axes of the others; with `sparse`, axes of length 1 instead."""
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    if sparse:
        raise TypeError("meshgrid: sparse=True is not there: expand_dims() of each array broadcasts alike")
    return tuple(wrap(part) for part in _core.spread(indexing, [node(array) for array in xi])) if xi else ()


def rechunk(x, chunks="auto"):
    """The same array in other chunks: a size for all axes, one an axis, lists, `"auto"`, or a dict of axes, which leaves the others."""
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


def concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Arrays one after another along an axis, without it all ravelled; in the dtype that all meet in. Nothing is copied."""
    nodes = _parts("concatenate", arrays)
    if axis is None:
        nodes, axis = [x.reshape([-1]) for x in nodes], 0
    if any_scalar(nodes):
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    nodes = _joined_in(dtype, casting, nodes)
    return into(out, _core.concatenate(nodes, operator.index(axis)), "concatenate")


def _joined_in(dtype, casting, nodes):
    """Arrays that are joined in a dtype, which they must be cast to by NumPy's rule."""
    for x in nodes if dtype is not None else ():
        if not np.can_cast(DTYPES[x.dtype], dtype, casting):
            raise TypeError(f"Cannot cast array data from {DTYPES[x.dtype]} to {np.dtype(dtype)} according to the rule '{casting}'")
    return nodes if dtype is None else [x.cast(name(dtype)) for x in nodes]


def any_scalar(nodes):
    return builtins.any(len(x.shape) == 0 for x in nodes)


concat = concatenate


def stack(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Arrays of one shape along a new axis, in the dtype that all meet in."""
    nodes = _parts("stack", arrays)
    nodes = _joined_in(dtype, casting, nodes)
    if builtins.any(x.shape != nodes[0].shape for x in nodes):
        raise ValueError("all input arrays must have the same shape")
    return into(out, _core.stack(nodes, operator.index(axis)), "stack")


def _join(called, doc):
    def call(tup, *, dtype=None, casting="same_kind"):
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


def append(arr, values, axis=None):
    """Two arrays one after another along an axis; without it, both ravelled."""
    return concatenate((arr, values), axis)


# ---- products


def dot(a, b, out=None):
    """The product of vectors and matrices; with a number on either side, the product of elements.

    Raises
    ------
    ValueError
        For arrays of more than two axes, which are not there yet.
    """
    x, y = node(a), node(b)
    if len(x.shape) == 0 or len(y.shape) == 0:
        return into(out, _core.binary("mul", x, y), "dot")
    return into(out, _core.dot(x, y), "dot")


def matmul(x1, x2, /, out=None):
    """The product of vectors and matrices.

    Raises
    ------
    ValueError
        For numbers; for arrays of more than two axes, which are not there yet.
    """
    x, y = node(x1), node(x2)
    if len(x.shape) == 0 or len(y.shape) == 0:
        raise ValueError("matmul: Input operand does not have enough dimensions (has 0, use * of numbers)")
    return into(out, _core.dot(x, y), "matmul")
