"""Histograms and counts."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _convert, _core
from ._convert import is_array, node
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike

__all__ = [
    "bincount",
    "histogram",
    "histogram2d",
    "histogramdd",
]


def histogram(
    a: ArrayLike,
    bins: int | ArrayLike = 10,
    range: tuple[float, float] | None = None,
    density: bool = False,
    weights: ArrayLike | None = None,
) -> tuple[Array, Array]:
    """Counts (sums of weights, densities) of values in bins, and the bins' edges; both lazy.

    Parameters
    ----------
    bins : int or sequence
        A number of equal bins, or the edges of bins.
    range : (low, high), optional
        Where the first bin begins and the last one ends; the smallest and the largest value, which are found first, by default.
    density : bool
        Whether the result integrates to 1.
    weights : array, optional
        What each value counts, in float64.

    Returns
    -------
    counts, edges : Array, Array
        int64, or float64 for weights and densities; float64.

    Examples
    --------
    >>> import gridloom as gl
    >>> counts, edges = gl.histogram(gl.arange(10), bins=2, range=(0, 10))
    >>> counts.compute(), edges.compute()
    (array([5, 5]), array([ 0.,  5., 10.]))
    """
    x = node(a)
    if isinstance(bins, str):
        raise TypeError(f"histogram: bins={bins!r} is not there yet; give a number of bins, or their edges")
    if not isinstance(bins, (int, np.integer)):
        bins = [float(edge) for edge in np.asarray(bins)]
    elif bins < 1:
        raise ValueError("`bins` must be positive, when an integer")
    if range is not None:
        low, high = range
        range = (float(low), float(high))
        if range[0] > range[1]:
            raise ValueError("max must be larger than min in range parameter.")
    counts, edges = x.histogram(bins, range, None if weights is None else node(weights), builtins.bool(density))
    return wrap(counts), wrap(edges)


def bincount(x: ArrayLike, /, weights: ArrayLike | None = None, minlength: int = 0) -> Array:
    """How often each of 0, 1, 2, .. occurs, or the sums of the weights of those.

    Parameters
    ----------
    x : array_like of int
        Of one axis.
    weights : array_like, optional
        What each element counts, summed in float64 in an order that does not depend on threads.
    minlength : int
        How many counts there are at least.

    Returns
    -------
    Array
        Of int64, or float64 with weights, of unknown length.

    Raises
    ------
    ValueError
        For arrays of other than one axis, and weights of another length; when it is computed, for negative elements, and such from 2^24 on.

    Examples
    --------
    >>> import gridloom as gl
    >>> gl.bincount(gl.asarray([0, 2, 2]), weights=[0.5, 1.0, 0.25]).compute()
    array([0.5 , 0.  , 1.25])
    """
    values = node(x)
    if isinstance(x, (list, tuple)) and not len(x):
        values = values.cast("i64")
    elif values.dtype == "bool":
        values = values.cast("u8")
    if len(values.shape) != 1:
        raise ValueError(f"bincount: needs a 1-d array, not one of {len(values.shape)} axes")
    if minlength < 0:
        raise ValueError("'minlength' must not be negative")
    counted = None if weights is None else node(weights)
    if counted is not None and counted.shape != values.shape:
        raise ValueError(f"The weights and list don't have the same length: {counted.shape} and {values.shape}")
    return wrap(values.bincount(minlength, counted))


def histogramdd(
    sample: Any,
    bins: Any = 10,
    range: Sequence[Sequence[float] | None] | None = None,
    density: bool | None = None,
    weights: ArrayLike | None = None,
) -> tuple[Array, tuple[Array, ...]]:
    """Counts (sums of weights, densities) of points in the bins of a grid, and the bins' edges along each axis; all lazy.

    Parameters
    ----------
    sample : array_like
        Points, a row each; or a sequence of their places along each axis.
    bins : int or sequence
        A number of equal bins, of all axes or of each, or for each axis the edges of bins.
    range : sequence, optional
        For each axis where the first bin begins and the last one ends, or None.
    density : bool
        Whether the result integrates to 1.
    weights : array_like, optional
        What each point counts, in float64.

    Returns
    -------
    counts, edges : Array, tuple of Array
        Of float64, with an axis for each of the points' axes.

    Raises
    ------
    ValueError
        For bins and ranges of another number of axes, no bins, more than 2^24 of them in all, and edges that do not ascend.

    Examples
    --------
    >>> import gridloom as gl
    >>> counts, edges = gl.histogramdd(gl.asarray([[0.0, 1.0], [0.0, 3.0], [2.0, 3.0]]), bins=2)
    >>> counts.compute()
    array([[1., 1.],
           [0., 1.]])
    """
    lines = _lines(sample)
    several = list(bins) if hasattr(bins, "__len__") else [bins] * len(lines)
    if len(several) != len(lines):
        raise ValueError("The dimension of bins must be equal to the dimension of the sample x.")
    ranges = [None] * len(lines) if range is None else list(range)
    if len(ranges) != len(lines):
        raise ValueError("range argument must have one entry per dimension")
    spans = [None if one is None else (float(one[0]), float(one[1])) for one in ranges]
    weights = None if weights is None else node(weights)
    counts, edges = _core.histogramdd(lines, [_binning(k, one) for k, one in enumerate(several)], spans, weights, builtins.bool(density))
    return wrap(counts.cast("f64")), tuple(wrap(line) for line in edges)


def _lines(sample):
    """The points' places along each axis."""
    if is_array(sample) or isinstance(sample, np.ndarray):
        points = node(sample)
        if len(points.shape) == 2:
            count = points.shape[1]
            return [points.index((slice(None), k)) for k in builtins.range(count)]
        if len(points.shape) == 1:
            return [points]
        raise ValueError(f"histogramdd: points are rows of an array of two axes, not of {len(points.shape)}")
    return [node(line) for line in sample]


def _binning(axis, bins):
    """A number of bins, or edges as a list."""
    if np.ndim(bins) == 0:
        count = _convert.index(bins)
        if count < 1:
            raise ValueError(f"`bins[{axis}]` must be positive, when an integer")
        return count
    edges = np.asarray(bins.compute() if is_array(bins) else bins)
    if edges.ndim != 1:
        raise ValueError(f"`bins[{axis}]` must be a scalar or 1d array")
    return [float(edge) for edge in edges]


def histogram2d(
    x: ArrayLike,
    y: ArrayLike,
    bins: Any = 10,
    range: Sequence[Sequence[float] | None] | None = None,
    density: bool | None = None,
    weights: ArrayLike | None = None,
) -> tuple[Array, Array, Array]:
    """Counts (sums of weights, densities) of points of a plane in the bins of a grid, and the bins' edges along both axes; all lazy.

    Parameters
    ----------
    x, y : array_like
        The points' places, of one length.
    bins : int, sequence of edges, or a pair of one of them for each axis
    range, density, weights
        As `histogramdd` has them.

    Returns
    -------
    counts, xedges, yedges : Array, Array, Array
        Of float64; the first axis of the counts is that of `x`.

    Examples
    --------
    >>> import gridloom as gl
    >>> counts, xedges, yedges = gl.histogram2d([0.0, 0.0, 2.0], [1.0, 3.0, 3.0], bins=(2, [0, 2, 4]))
    >>> counts.compute()
    array([[1., 1.],
           [0., 1.]])
    """
    if node(x).shape != node(y).shape:
        raise ValueError("x and y must have the same length.")
    if hasattr(bins, "__len__") and len(bins) not in (1, 2):
        # The edges of both.
        bins = [bins, bins]
    counts, (xedges, yedges) = histogramdd([x, y], bins, range, density, weights)
    return counts, xedges, yedges
