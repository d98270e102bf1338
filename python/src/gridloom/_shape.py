"""Axes, shapes, chunks and joins."""

import builtins
import operator

import numpy as np

from . import _convert, _core
from ._convert import cut, node
from ._dtypes import name
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
    x = node(x)
    if len(x.shape) < 2:
        raise ValueError(f"Input array must be at least 2-dimensional, but it is {len(x.shape)}")
    last = builtins.range(len(x.shape) - 2)
    return wrap(x.permute_axes([*last, -1, -2]))


def swapaxes(a, axis1, axis2):
    """Two axes exchanged."""
    x = node(a)
    order = list(builtins.range(len(x.shape)))
    first, second = (_normal(axis, len(order), "swapaxes") for axis in (axis1, axis2))
    order[first], order[second] = order[second], order[first]
    return wrap(x.permute_axes(order))


def _normal(axis, ndim, op):
    axis = _convert.index(axis)
    if not -ndim <= axis < ndim:
        raise np.exceptions.AxisError(axis, ndim)
    return axis % ndim


def moveaxis(a, source, destination):
    """Axes moved to other places; the others keep their order."""
    x = node(a)
    sources = [_normal(axis, len(x.shape), "moveaxis") for axis in _convert.shape(source)]
    places = [_normal(axis, len(x.shape), "moveaxis") for axis in _convert.shape(destination)]
    if len(sources) != len(places):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    if len(set(sources)) < len(sources) or len(set(places)) < len(places):
        raise ValueError("repeated axis in `source` or `destination` argument")
    order = [axis for axis in builtins.range(len(x.shape)) if axis not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return wrap(x.permute_axes(order))


def squeeze(a, axis=None):
    """Axes of length 1 dropped: all of them, or those named."""
    x = node(a)
    ndim = len(x.shape)
    if axis is None:
        gone = [k for k, length in enumerate(x.shape) if length == 1]
    else:
        gone = [_normal(k, ndim, "squeeze") for k in _convert.shape(axis)]
        if any_other := [k for k in gone if x.shape[k] != 1]:
            raise ValueError(f"cannot select an axis to squeeze out which has size not equal to one: axis {any_other[0]} of {x.shape}")
        if len(set(gone)) < len(gone):
            raise ValueError("duplicate value in 'axis'")
    for k in sorted(gone, reverse=True):
        x = x.remove_axis(k)
    return wrap(x)


def expand_dims(a, axis=0):
    """New axes of length 1, which have these numbers in the result."""
    x = node(a)
    new = _convert.shape(axis)
    ndim = len(x.shape) + len(new)
    places = [_normal(k, ndim, "expand_dims") for k in new]
    if len(set(places)) < len(places):
        raise ValueError("repeated axis")
    for k in sorted(places):
        x = x.insert_axis(k)
    return wrap(x)


def broadcast_to(x, /, shape, chunks=None):
    """Repeated along axes of length 1 and along new first axes. Nothing is copied."""
    made = node(x).broadcast_to(_convert.shape(shape))
    return wrap(made if chunks is None else made.rechunk(cut(chunks, len(made.shape))))


def broadcast_shapes(*shapes):
    """The shape that shapes broadcast to."""
    return np.broadcast_shapes(*shapes)


def broadcast_arrays(*arrays):
    """The arrays, each repeated to the shape that all of them broadcast to."""
    nodes = [node(array) for array in arrays]
    shape = np.broadcast_shapes(*(x.shape for x in nodes)) if nodes else ()
    return tuple(wrap(x.broadcast_to(list(shape))) for x in nodes)


def rechunk(x, chunks="auto"):
    """The same array in other chunks: a size for all axes, one an axis, lists, `"auto"`, or a dict of axes, which leaves the others."""
    x = node(x)
    if isinstance(chunks, dict):
        named = {_normal(axis, len(x.shape), "rechunk"): size for axis, size in chunks.items()}
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
    if dtype is not None:
        nodes = [x.cast(name(dtype)) for x in nodes]
    return into(out, _core.concatenate(nodes, operator.index(axis)), "concatenate")


def any_scalar(nodes):
    return builtins.any(len(x.shape) == 0 for x in nodes)


concat = concatenate


def stack(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Arrays of one shape along a new axis, in the dtype that all meet in."""
    nodes = _parts("stack", arrays)
    if dtype is not None:
        nodes = [x.cast(name(dtype)) for x in nodes]
    if builtins.any(x.shape != nodes[0].shape for x in nodes):
        raise ValueError("all input arrays must have the same shape")
    return into(out, _core.stack(nodes, operator.index(axis)), "stack")


def flip(m, axis=None):
    """The order of elements reversed along axes, or along all."""
    x = node(m)
    over = builtins.range(len(x.shape)) if axis is None else [_normal(k, len(x.shape), "flip") for k in _convert.shape(axis)]
    key = tuple(slice(None, None, -1) if k in over else slice(None) for k in builtins.range(len(x.shape)))
    return wrap(x.index(key))


def unstack(x, /, *, axis=0):
    """The parts of an array along an axis, which goes."""
    x = node(x)
    axis = _normal(axis, len(x.shape), "unstack")
    if x.shape[axis] is None:
        raise ValueError(f"unstack: axis {axis} has an unknown length: compute_chunk_sizes() first")
    before = (slice(None),) * axis
    return tuple(wrap(x.index((*before, k))) for k in builtins.range(x.shape[axis]))


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
