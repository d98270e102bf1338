"""Statistics, differences and sums of products that the library makes of reductions, scans and products."""

import builtins

import numpy as np

from . import _convert, _core
from ._convert import axes, node, operand
from ._dtypes import name
from ._handle import into, wrap


def ptp(a, axis=None, out=None, keepdims=False):
    """The largest element less the smallest; integers wrap."""
    x, over = node(a), axes(axis)
    largest, smallest = (x.reduce(row, over, keepdims, 0.0) for row in ("max", "min"))
    return into(out, _core.binary("sub", largest, smallest), "ptp")


def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    """The mean, each element weighed; weights are of the array's shape, or of that of the axes.

    Raises
    ------
    TypeError
        For `returned` and `keepdims`, which are not there: the sum of the weights is `weights.sum(axis)`.
    """
    if returned or keepdims:
        raise TypeError("average: returned= and keepdims= are not there: use weights.sum(axis), and expand_dims()")
    x = node(a)
    if weights is None:
        return wrap(x.reduce("mean", axes(axis), False, 0.0))
    weights = node(weights)
    if axis is None and weights.shape != x.shape:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    return wrap(_core.average(x, weights, axes(axis)))


def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    """The covariances of rows (of columns, with `rowvar` false)."""
    if fweights is not None or aweights is not None:
        raise TypeError("cov: weights are not there yet")
    ddof = (0 if bias else 1) if ddof is None else ddof
    return wrap(_core.covariances("cov", _rows(m, y, rowvar, dtype), float(ddof)))


def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    """The correlation coefficients of rows (of columns, with `rowvar` false)."""
    return wrap(_core.covariances("corrcoef", _rows(x, y, rowvar, dtype), 1.0))


def _rows(m, y, rowvar, dtype):
    def rows(value):
        x = node(value)
        x = x if dtype is None else x.cast(name(dtype))
        return x.transpose() if not rowvar and len(x.shape) > 1 else x

    m = rows(m)
    return m if y is None else _core.joined("vstack", [m, rows(y)])


def ediff1d(ary, to_end=None, to_begin=None):
    """The differences of neighbours in C order, between others."""
    before, after = (None if part is None else node(part) for part in (to_begin, to_end))
    return wrap(_core.ediff1d(node(ary), before, after))


def gradient(f, *varargs, axis=None, edge_order=1):
    """The slope along an axis, or along each in turn, at places so far apart (1 without a number).

    Raises
    ------
    TypeError
        For places of one's own and `edge_order` 2, which are not there yet.
    """
    x = node(f)
    over = list(range(len(x.shape))) if axis is None else axes(axis)
    if edge_order != 1 or builtins.any(np.ndim(value) for value in varargs):
        raise TypeError("gradient: places of one's own and edge_order=2 are not there yet")
    if len(varargs) not in (0, 1, len(over)):
        raise TypeError("invalid number of arguments")
    spacing = [float(value) for value in varargs] or [1.0]
    spacing = spacing * len(over) if len(spacing) == 1 else spacing
    made = tuple(wrap(_core.gradient(x, h, k)) for h, k in zip(spacing, over, strict=True))
    return made[0] if len(made) == 1 else made


def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The area below places along an axis, which are at `x`, or `dx` apart."""
    return wrap(_core.trapezoid(node(y), operand(dx) if x is None else node(x), _convert.axis(axis)))


def _cumulative(called, x, axis, dtype, include_initial):
    a = node(x)
    if axis is None:
        if len(a.shape) != 1:
            raise ValueError(f"cumulative_{called}: axis= is needed for an array of {len(a.shape)} dimensions")
        axis = 0
    a = a if dtype is None else a.cast(name(dtype))
    made = _core.cumulative(called, a, _convert.axis(axis), bool(include_initial))
    return wrap(made if dtype is None else made.cast(name(dtype)))


def cumulative_sum(x, /, *, axis=None, dtype=None, include_initial=False):
    """The sums of the elements up to each along an axis; with `include_initial`, after a zero."""
    return _cumulative("sum", x, axis, dtype, include_initial)


def cumulative_prod(x, /, *, axis=None, dtype=None, include_initial=False):
    """The products of the elements up to each along an axis; with `include_initial`, after a one."""
    return _cumulative("prod", x, axis, dtype, include_initial)


# ---- sums of products


def outer(a, b, out=None):
    """The products of all pairs of elements, of both arrays ravelled."""
    return into(out, _core.contracted("outer", node(a), node(b), [], []), "outer")


def inner(a, b, /):
    """The sum of products of two 1-d arrays."""
    return wrap(_core.contracted("inner", node(a), node(b), [], []))


def vdot(a, b, /):
    """The sum of products of all elements, of both arrays ravelled."""
    return wrap(_core.contracted("vdot", node(a), node(b), [], []))


def vecdot(x1, x2, /, *, axis=-1):
    """The sums of products along an axis, after both are broadcast together."""
    return wrap(_core.contracted("vecdot", node(x1), node(x2), [_convert.axis(axis)], []))


def tensordot(a, b, axes=2):
    """Sums of products over pairs of axes: so many last ones of `a` with first ones of `b`, or those of two lists."""
    x, y = node(a), node(b)
    if np.ndim(axes) == 0:
        count = _convert.index(axes)
        if count < 0 or count > min(len(x.shape), len(y.shape)):
            raise ValueError(f"tensordot: {count} pairs of axes of arrays of {len(x.shape)} and {len(y.shape)}")
        first = list(range(len(x.shape) - count, len(x.shape)))
        return wrap(_core.contracted("tensordot", x, y, first, list(range(count))))
    first, second = axes
    return wrap(_core.contracted("tensordot", x, y, _convert.shape(first), _convert.shape(second)))


def diagonal(a, offset=0, axis1=0, axis2=1):
    """What lies on a diagonal of two axes; a view."""
    return wrap(_core.diagonal("diagonal", node(a), _convert.index(offset), [_convert.index(axis1), _convert.index(axis2)]))


def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """The sum of a diagonal of two axes."""
    x = node(a) if dtype is None else node(a).cast(name(dtype))
    made = _core.diagonal("trace", x, _convert.index(offset), [_convert.index(axis1), _convert.index(axis2)])
    return into(out, made if dtype is None else made.cast(name(dtype)), "trace")


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """The norm of vectors along axes, or of all elements as one vector."""
    return wrap(_core.vector_norm(node(x), float(ord), axes(axis), bool(keepdims)))


def norm(x, ord=None, axis=None, keepdims=False):
    """The norm of vectors, and of matrices the root of the sum of squares (`"fro"`).

    Raises
    ------
    TypeError
        For the other norms of matrices, which are not there yet.
    """
    x = node(x)
    over = axes(axis)
    if ord is None or ord == "fro" or (over is not None and len(over) == 1) or (over is None and len(x.shape) == 1):
        made = _core.vector_norm(x, 2.0 if ord in (None, "fro") else float(ord), over, bool(keepdims))
        return wrap(made)
    raise TypeError(f"linalg.norm: ord={ord!r} of matrices is not there yet")
