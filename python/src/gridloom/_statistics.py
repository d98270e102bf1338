"""Statistics, differences and sums of products that the library makes of reductions, scans and products."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core
from ._convert import axes, node, operand
from ._dtypes import name
from ._handle import into, wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axes, Axis, DTypeLike, Out

__all__ = [
    "average",
    "corrcoef",
    "cov",
    "cumulative_prod",
    "cumulative_sum",
    "diagonal",
    "ediff1d",
    "gradient",
    "ptp",
    "trace",
    "trapezoid",
]


def ptp(a: ArrayLike, axis: Axes = None, out: Out = None, keepdims: bool = False) -> Array:
    """The largest element less the smallest; integers wrap."""
    x, over = node(a), axes(axis)
    largest, smallest = (x.reduce(row, over, keepdims, 0.0) for row in ("max", "min"))
    return into(out, _core.binary("sub", largest, smallest), "ptp")


def average(a: ArrayLike, axis: Axes = None, weights: ArrayLike | None = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """The mean, each element weighed.

    Parameters
    ----------
    a : array_like
        The elements; integers are averaged in float64.
    axis : int or tuple of int, optional
        Over which axes; over all by default.
    weights : array_like, optional
        Of the array's shape, or of that of the axes. Without, all weigh the same.
    returned : bool
        Whether the sums of the weights are returned, too.
    keepdims : bool
        Whether the axes stay, with length 1.

    Returns
    -------
    average, [sum_of_weights] : Array
        In one shape. Where the weights sum to 0 the average is NaN or infinite, and not an error: that is known when it is computed.

    Examples
    --------
    >>> import gridloom as gl
    >>> mean, total = gl.average(gl.asarray([[1.0, 2.0], [3.0, 5.0]]), axis=1, weights=[3, 1], returned=True)
    >>> mean.compute(), total.compute()
    (array([1.25, 3.5 ]), array([4., 4.]))
    """
    x, over = node(a), axes(axis)
    if weights is None:
        mean = x.reduce("mean", over, keepdims, 0.0)
        # How many: what each place of the result was made of.
        count = _core.full([], 1, "f64", "auto").broadcast_to(list(x.shape)).reduce("sum", over, keepdims, 0.0)
        return (wrap(mean), wrap(count.cast(mean.dtype))) if returned else wrap(mean)
    weights = node(weights)
    if axis is None and weights.shape != x.shape:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    mean, sums = _core.average(x, weights, over)
    if keepdims:
        gone = list(range(len(x.shape))) if over is None else [axis % len(x.shape) for axis in over]
        mean, sums = (_core.rearranged("expand_dims", part, gone) for part in (mean, sums))
    return (wrap(mean), wrap(sums)) if returned else wrap(mean)


def cov(
    m: ArrayLike,
    y: ArrayLike | None = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: None = None,
    aweights: None = None,
    *,
    dtype: DTypeLike | None = None,
) -> Array:
    """The covariances of rows (of columns, with `rowvar` false)."""
    if fweights is not None or aweights is not None:
        raise TypeError("cov: weights are not there yet")
    ddof = (0 if bias else 1) if ddof is None else ddof
    return wrap(_core.covariances("cov", _rows(m, y, rowvar, dtype), float(ddof)))


def corrcoef(x: ArrayLike, y: ArrayLike | None = None, rowvar: bool = True, *, dtype: DTypeLike | None = None) -> Array:
    """The correlation coefficients of rows (of columns, with `rowvar` false)."""
    return wrap(_core.covariances("corrcoef", _rows(x, y, rowvar, dtype), 1.0))


def _rows(m, y, rowvar, dtype):
    def rows(value):
        x = node(value)
        # As NumPy's: sums of products are no half's.
        x = x.cast("f64" if dtype is None else name(dtype))
        return x.transpose() if not rowvar and len(x.shape) > 1 else x

    m = rows(m)
    return m if y is None else _core.joined("vstack", [m, rows(y)])


def ediff1d(ary: ArrayLike, to_end: ArrayLike | None = None, to_begin: ArrayLike | None = None) -> Array:
    """The differences of neighbours in C order, between others."""
    before, after = (None if part is None else node(part) for part in (to_begin, to_end))
    return wrap(_core.ediff1d(node(ary), before, after))


def gradient(f: ArrayLike, *varargs: float, axis: Axes = None, edge_order: int = 1) -> Any:
    """The slope along an axis, or along each in turn, at places so far apart (1 without a number).

    Raises
    ------
    TypeError
        For places of one's own and `edge_order` 2, which are not there yet.
    """
    x = node(f)
    over = axes(axis)
    over = list(range(len(x.shape))) if over is None else over
    if edge_order != 1 or builtins.any(np.ndim(value) for value in varargs):
        raise TypeError("gradient: places of one's own and edge_order=2 are not there yet")
    if len(varargs) not in (0, 1, len(over)):
        raise TypeError("invalid number of arguments")
    spacing = [float(value) for value in varargs] or [1.0]
    spacing = spacing * len(over) if len(spacing) == 1 else spacing
    made = tuple(wrap(_core.gradient(x, h, k)) for h, k in zip(spacing, over, strict=True))
    return made[0] if len(made) == 1 else made


def trapezoid(y: ArrayLike, x: ArrayLike | None = None, dx: float = 1.0, axis: Axis = -1) -> Array:
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


def cumulative_sum(x: ArrayLike, /, *, axis: Axis | None = None, dtype: DTypeLike | None = None, include_initial: bool = False) -> Array:
    """The sums of the elements up to each along an axis; with `include_initial`, after a zero."""
    return _cumulative("sum", x, axis, dtype, include_initial)


def cumulative_prod(x: ArrayLike, /, *, axis: Axis | None = None, dtype: DTypeLike | None = None, include_initial: bool = False) -> Array:
    """The products of the elements up to each along an axis; with `include_initial`, after a one."""
    return _cumulative("prod", x, axis, dtype, include_initial)


# ---- diagonals and norms


def diagonal(a: ArrayLike, offset: int = 0, axis1: Axis = 0, axis2: Axis = 1) -> Array:
    """What lies on a diagonal of two axes; a view."""
    return wrap(_core.diagonal("diagonal", node(a), _convert.diagonal(offset), [_convert.index(axis1), _convert.index(axis2)]))


def trace(a: ArrayLike, offset: int = 0, axis1: Axis = 0, axis2: Axis = 1, dtype: DTypeLike | None = None, out: Out = None) -> Array:
    """The sum of a diagonal of two axes."""
    x = node(a) if dtype is None else node(a).cast(name(dtype))
    made = _core.diagonal("trace", x, _convert.diagonal(offset), [_convert.index(axis1), _convert.index(axis2)])
    return into(out, made if dtype is None else made.cast(name(dtype)), "trace")


def vector_norm(x: ArrayLike, /, *, axis: Axes = None, keepdims: bool = False, ord: Any = 2) -> Array:
    """The norm of vectors along axes, or of all elements as one vector."""
    return wrap(_core.vector_norm(node(x), float(ord), axes(axis), bool(keepdims)))


def norm(x: ArrayLike, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Array:
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
