"""Medians, quantiles and percentiles: exact, of sorted lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import _core
from ._convert import axes, is_array, node
from ._handle import into

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Axes, Out

__all__ = [
    "median",
    "nanmedian",
    "nanpercentile",
    "nanquantile",
    "percentile",
    "quantile",
]

METHODS = (
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull", "linear",
    "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
)  # fmt: skip


def _kept(x, over, made, first, keepdims):
    """The result with the axes that went, behind its first ones."""
    if not keepdims:
        return made
    ndim = len(x.shape)
    for k in range(ndim) if over is None else sorted(axis % ndim for axis in over):
        made = made.insert_axis(first + k)
    return made


def _median(a, axis, out, keepdims, skip_nan, op):
    x, over = node(a), axes(axis)
    return into(out, _kept(x, over, _core.median(x, over, skip_nan), 0, keepdims), op)


def median(a: ArrayLike, axis: Axes = None, out: Out = None, overwrite_input: bool = False, keepdims: bool = False) -> Array:
    """The median: the mean of the two elements in the middle where their number is even.

    Parameters
    ----------
    a : array_like
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    out : Array, optional
        Is given the result.
    overwrite_input : bool
        Is taken as NumPy's, and means nothing.
    keepdims : bool
        Whether those axes stay, with length 1.

    Returns
    -------
    Array

    Raises
    ------
    ValueError
        Of nothing, for which NumPy has NaN.

    Notes
    -----
    Exact. Lines are sorted, so memory has to have room for some of them. NaN where there is one (`nanmedian` leaves them out).

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.median(gl.asarray([[10, 7, 4], [3, 2, 1]]), axis=1).compute()
    array([7., 2.])
    """
    return _median(a, axis, out, keepdims, False, "median")


def nanmedian(a: ArrayLike, axis: Axes = None, out: Out = None, overwrite_input: bool = False, keepdims: bool = False) -> Array:
    """The median of the elements that are not NaN; NaN where there are none. Arguments as `median`."""
    return _median(a, axis, out, keepdims, True, "nanmedian")


def _quantile(a, q, axis, out, method, keepdims, weights, interpolation, skip_nan, op, scale=1):
    if interpolation is not None:
        raise TypeError(f"{op}: interpolation is the old name of method")
    if method not in METHODS:
        raise ValueError(f"{method!r} is not a valid method. Use one of: {', '.join(METHODS)}")
    if is_array(q):
        q = q.compute()
    if np.asarray(q).dtype.kind not in "biuf":
        raise TypeError(f"{op}: q must be real numbers, got {np.asarray(q).dtype}")
    q = np.true_divide(q, scale)
    x, over = node(a), axes(axis)
    numbers = [float(one) for one in q.ravel()]
    if weights is None:
        made = _core.quantiles(x, numbers, method, over, skip_nan)
    else:
        made = _weighted(x, numbers, method, over, node(weights), skip_nan)
    made = _kept(x, over, made, 1, keepdims)
    lengths = [len_ if len_ is not None else -1 for len_ in made.shape[1:]]
    return into(out, made if q.ndim == 1 else made.reshape([*q.shape, *lengths]), op)


def _weighted(x, q, method, over, weights, skip_nan):
    if method != "inverted_cdf":
        raise ValueError(f"Only method 'inverted_cdf' supports weights. Got: {method}.")
    if over is None and weights.shape != x.shape:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    return _core.quantiles_weighted(x, q, weights, over, skip_nan)


def quantile(
    a: ArrayLike,
    q: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: ArrayLike | None = None,
    interpolation: None = None,
) -> Array:
    """Quantiles, from 0 to 1.

    Parameters
    ----------
    a : array_like
    q : array_like
        Which; their axes are the result's first ones. A lazy array of them is computed.
    axis : int or tuple of int, optional
        Over which axes, which go; over all by default.
    out : Array, optional
        Is given the result.
    overwrite_input : bool
        Is taken as NumPy's, and means nothing.
    method : str
        NumPy's thirteen.
    keepdims : bool
        Whether those axes stay, with length 1.
    weights : array_like, optional
        What each element counts, with `method="inverted_cdf"` alone: in the shape of `a`, or of the axes that go.

    Returns
    -------
    Array
        Of the elements' dtype where they are floats, whatever that of `q` is.

    Raises
    ------
    ValueError
        For a `q` below 0 or above 1, or NaN; of nothing; when it is computed, for weights that are negative, not finite, or all 0.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.quantile(gl.asarray([4.0, 1.0, 3.0, 2.0]), [0.25, 0.5]).compute()
    array([1.75, 2.5 ])
    """
    return _quantile(a, q, axis, out, method, keepdims, weights, interpolation, False, "quantile")


def percentile(
    a: ArrayLike,
    q: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: ArrayLike | None = None,
    interpolation: None = None,
) -> Array:
    """Percentiles, from 0 to 100: `quantile` of a hundredth.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.percentile(gl.asarray([4, 1, 3, 2]), 50).item()
    2.5
    """
    return _quantile(a, q, axis, out, method, keepdims, weights, interpolation, False, "percentile", 100)


def nanquantile(
    a: ArrayLike,
    q: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: ArrayLike | None = None,
    interpolation: None = None,
) -> Array:
    """Quantiles of the elements that are not NaN; NaN where there are none. Arguments as `quantile`."""
    return _quantile(a, q, axis, out, method, keepdims, weights, interpolation, True, "nanquantile")


def nanpercentile(
    a: ArrayLike,
    q: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: ArrayLike | None = None,
    interpolation: None = None,
) -> Array:
    """Percentiles of the elements that are not NaN; NaN where there are none. Arguments as `percentile`."""
    return _quantile(a, q, axis, out, method, keepdims, weights, interpolation, True, "nanpercentile", 100)
